/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_TALLY_H
#define CL_STATS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/engine/traits.h"
#include "stats/table/hist.h"

enum cl_counter {
#define X(id, column, doc) CL_C_##id,
#include "stats/engine/counters.def"
#undef X
	CL_COUNTERS
};

/* Delta distributions of a service. NTP uses the first alone. */
enum cl_delta_kind {
	CL_DELTA_LAST,	/* UDP: to the response's last packet */
	CL_DELTA_FIRST, /* UDP: to its first */
	CL_DELTA_TCP_LAST,
	CL_DELTA_TCP_FIRST,
	CL_DELTAS
};

/* Families of codes that are counted one by one. */
enum cl_code_kind {
	CL_CODE_VERSION,	/* NTP */
	CL_CODE_MODE,		/* NTP */
	CL_CODE_QTYPE,		/* of DNS queries */
	CL_CODE_RCODE,		/* of DNS responses, 12 bits */
	CL_CODE_POLL,		/* of NTP requests: the exponent that they state; CL_POLL_OTHER above 17 */
	CL_CODE_PORT,		/* of requests: enum cl_port_class of the source port */
	CL_CODE_OPCODE,		/* of DNS queries */
	CL_CODE_QUERY_FLAGS,	/* of DNS queries: the header's second word & 0x07f0 (AA TC RD RA Z AD CD) */
	CL_CODE_RESPONSE_FLAGS, /* of DNS responses, the same */
	CL_CODE_BROKEN,		/* DNS messages malformed behind their header: 0 queries, 1 responses */
	CL_CODE_UDP_SIZE,	/* of DNS queries with EDNS: the size that they state, as it stands */
	CL_CODE_ECS,		/* of DNS queries with a client subnet: CL_ECS_ of its prefix length */
	CL_CODE_STRATUM,	/* of NTP responses */
	CL_CODE_AUTH, /* of NTP requests: enum cl_ntp_auth, Autokey as a message authentication code */
	CL_CODE_AUTH_RESPONSE, /* of NTP responses, the same */
	CL_CODE_KINDS
};

#define CL_ECS_V6    256u  /* and the prefix length; an IPv4 one stands as it is */
#define CL_ECS_OTHER 1024u /* of another family, or cut off */

#define CL_POLL_MOST  17u /* MAXPOLL (RFC 5905 section 7.2) */
#define CL_POLL_OTHER 255u

enum cl_port_class {
	CL_PORT_SAME = 1, /* the port that it asks at: 123 or 53 */
	CL_PORT_LOW,	  /* another one below 1024 */
	CL_PORT_HIGH,	  /* 1024 and above */
};

/* Names in the order of enum cl_code_kind, as stored. */
extern const char *const cl_code_kind_names[CL_CODE_KINDS];

struct cl_code {
	uint32_t key; /* kind << 16 | code */
	uint32_t reserved;
	uint64_t n;
};

/* Counts by code: a list, with a limit to each kind (tally.c); the rest as code CL_CODE_REST. */
#define CL_CODE_REST 65535u
struct cl_codes {
	struct cl_code *row;
	uint32_t count, room;
	uint16_t of[CL_CODE_KINDS]; /* how many by kind */
	bool lost;		    /* memory was short for a code: the store will say so */
};

/* DNS responses by QTYPE and RCODE. */
struct cl_answer {
	uint32_t qtype, rcode; /* CL_ANSWER_NONE: no question. CL_ANSWER_REST: any beyond the limit */
	uint64_t n;
};
#define CL_ANSWER_NONE 65536u
#define CL_ANSWER_REST 65537u

/* At most so many, then by RCODE alone, and beyond twice as many without it. */
#define CL_ANSWERS_MAX 128u
struct cl_answers {
	struct cl_answer *row;
	uint32_t count, room;
};

/* As it is stored: -1 no question, -2 the rest. */
static inline int64_t cl_answer_stored(uint32_t v)
{
	return v < CL_ANSWER_NONE ? (int64_t)v : (int64_t)CL_ANSWER_NONE - 1 - v;
}

static inline uint32_t cl_answer_loaded(int64_t v)
{
	return v >= 0 ? (uint32_t)v & 0xffff : v == -1 ? CL_ANSWER_NONE : CL_ANSWER_REST;
}

/* False when memory is short. */
bool cl_answers_add(struct cl_answers *a, uint32_t qtype, uint32_t rcode, uint64_t n);

/* What one service did in a step or a day. */
struct cl_tally {
	int64_t n[CL_COUNTERS]; /* signed: an answer first called bogus can turn out backwards a day later */
	struct cl_hist delta[CL_DELTAS];
	struct cl_codes codes;
	struct cl_traits traits;   /* folded into `codes` and `answers` by cl_tally_fold */
	struct cl_answers answers; /* of well-formed DNS responses */
	struct cl_sizes size[CL_SIZE_KINDS];
	bool lost;		   /* memory was short for a distribution: the store will say so */
	uint64_t version_mode[64]; /* NTP: by version << 3 | mode; folded into `codes` by cl_tally_fold */
};

void cl_codes_add(struct cl_codes *c, enum cl_code_kind kind, uint32_t code, uint64_t n);

/* Moves what was counted by version and mode together, and by trait, into `codes` and `answers`. */
void cl_tally_fold(struct cl_tally *t);

/* The traits alone. */
void cl_tally_fold_traits(struct cl_tally *t);

/* A message of this trait, at once. */
void cl_tally_add_trait(struct cl_tally *t, uint64_t key);

void cl_tally_merge(struct cl_tally *to, const struct cl_tally *from);
bool cl_tally_empty(const struct cl_tally *t);
void cl_tally_clear(struct cl_tally *t);
void cl_tally_free(struct cl_tally *t);

#endif

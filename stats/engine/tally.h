/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_TALLY_H
#define CL_STATS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	CL_CODE_VERSION, /* NTP */
	CL_CODE_MODE,	 /* NTP */
	CL_CODE_QTYPE,	 /* of DNS queries */
	CL_CODE_RCODE,	 /* of DNS responses, 12 bits */
	CL_CODE_POLL,	 /* of NTP requests: the exponent that they state; CL_POLL_OTHER above 17 */
	CL_CODE_PORT,	 /* of requests: enum cl_port_class of the source port */
	CL_CODE_KINDS
};

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

/* Counts by code: few in practice, so a list with the first seen in front; at most so many, the rest as code
 * 65535. */
#define CL_CODES_MAX 256u
struct cl_codes {
	struct cl_code *row;
	uint32_t count, room;
	bool lost; /* memory was short for a code: the store will say so */
};

/* What one service did in a step or a day. */
struct cl_tally {
	int64_t n[CL_COUNTERS]; /* signed: an answer first called bogus can turn out backwards a day later */
	struct cl_hist delta[CL_DELTAS];
	struct cl_codes codes;
	bool lost;		   /* memory was short for a distribution: the store will say so */
	uint64_t version_mode[64]; /* NTP: by version << 3 | mode; folded into `codes` by cl_tally_fold */
};

void cl_codes_add(struct cl_codes *c, enum cl_code_kind kind, uint32_t code, uint64_t n);

/* Moves what was counted by version and mode together into `codes`. */
void cl_tally_fold(struct cl_tally *t);

void cl_tally_merge(struct cl_tally *to, const struct cl_tally *from);
bool cl_tally_empty(const struct cl_tally *t);
void cl_tally_clear(struct cl_tally *t);
void cl_tally_free(struct cl_tally *t);

#endif

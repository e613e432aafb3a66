/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SOFTWARE_STATE_H
#define CL_STATS_SOFTWARE_STATE_H

/* What the parts of software*.c share; nobody else includes it. */
#include "stats/table/arena.h"
#include "stats/table/index.h"
#include "stats/view/softsign.h"
#include "stats/view/software.h"

#define CL_SOFT_VOTES	16u /* requests that vote */
#define CL_SOFT_SLOTS	4u  /* forms of a client that are told apart among them */
#define CL_SOFT_FORMS	65534u
#define CL_SOFT_OTHER	65535u /* the form of those beyond; matches nothing */
#define CL_SOFT_NO_ROW	UINT16_MAX
#define CL_SOFT_NAMELEN 160u

/**
 * A client. Of its last requests, the newest in the lowest bits: what their transmit timestamps look like (4
 * bits), which of its forms they have (2), whether the port was that of the request before (1).
 */
struct cl_soft_client {
	struct cl_addr addr;
	uint64_t seen;
	uint64_t gaps; /* 13 counters of 4 bits, by cl_gap_bucket; all halved when one is full */
	uint32_t slots;
	uint32_t requests;
	uint32_t last;		      /* sixteenths of a second since the first request of all */
	uint32_t xmt;		      /* of the last request: mixed to 32 bits, */
	int32_t offset;		      /* and what it is ahead of the capture's clock */
	uint16_t form[CL_SOFT_SLOTS]; /* 1 + its number; 0: free */
	uint16_t kept;
	uint16_t port;
};
_Static_assert(sizeof(struct cl_soft_client) == 64, "a client is a cache line");
_Static_assert((int)CL_XMT_SEEN <= (int)CL_XMT_SEEN_ROOM, "an observation fits 4 bits");

#define CL_SOFT_GAP_BITS    4u
#define CL_SOFT_VOTED_SHIFT 52u /* of `gaps`: 5 bits, requests that vote */
#define CL_SOFT_AGAIN_SHIFT 57u /* 4 bits: how often the transmit timestamp came again without a break */

static inline unsigned cl_soft_voted(const struct cl_soft_client *c)
{
	return c->gaps >> CL_SOFT_VOTED_SHIFT & 31u;
}

static inline unsigned cl_soft_gap(const struct cl_soft_client *c, unsigned bucket)
{
	return c->gaps >> (CL_SOFT_GAP_BITS * bucket) & 15u;
}

/* What requests have in common: the signature string's content and the rows that fit. */
struct cl_soft_form {
	struct cl_softsign sign;
	struct cl_sig_bits rows;
};

struct cl_soft_pair {
	uint32_t client, server, requests;
};

/* Who sends what nobody becomes a client by, in one mode. */
struct cl_soft_source {
	struct cl_addr addr;
	int64_t first_ns, last_ns, second;
	uint64_t octets, answered_octets;
	uint32_t packets, answers, in_second, peak;
	uint16_t row; /* of the highest rank; CL_SOFT_NO_ROW: none fits */
	uint8_t mode;
};

/* What a client was found to be. */
struct cl_soft_result {
	uint32_t group;
	uint8_t confidence;
};

struct cl_soft_group {
	struct cl_software_group shown;
	char name[CL_SOFT_NAMELEN];
	char signature[CL_SOFTSIGN_LEN];
};

/* What the vote says of one client. */
struct cl_soft_verdict {
	char name[CL_SOFT_NAMELEN];
	const char *versions;
	bool ambiguous, unknown;
	uint8_t kind, confidence;
};

struct cl_software {
	const struct cl_signatures *sigs;
	uint64_t seed;
	int64_t base_ns;
	bool begun;
	struct cl_arena clients, forms, pairs, sources, servers;
	struct cl_index by_client, by_form, by_pair, by_source, by_server;
	uint16_t name_of[CL_SIG_ROWS_MAX]; /* number of a row's name: that of its first row */
	struct cl_software_totals totals;

	/* results */
	bool counted;
	struct cl_arena results, groups, shares;
	struct cl_index by_group, by_share;
	uint8_t *servers_asked; /* of each client, at most 2 are counted */
	const struct cl_software_group **group_order;
	struct cl_software_share *share_order;
	struct cl_software_apart *apart_order;
	size_t group_count, aparts, share_count;
	uint32_t *top;
	size_t top_asked, top_count;
};

/* The vote of a client (software_vote.c). `several`: it asks more than one server, so that ports and gaps
 * between its requests say nothing. */
void cl_soft_vote(const struct cl_software *s, const struct cl_soft_client *c, bool several,
		  struct cl_soft_verdict *v);

/* The signature string that most of its requests have. */
void cl_soft_signature(const struct cl_software *s, const struct cl_soft_client *c,
		       char out[CL_SOFTSIGN_LEN]);

/* A client's number; CL_INDEX_NONE if it is not known. */
uint32_t cl_soft_find(const struct cl_software *s, const struct cl_addr *addr);

void cl_soft_free_results(struct cl_software *s);

#endif

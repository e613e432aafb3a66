/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_REACH_H
#define CL_STATS_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/*
 * Which NTP responses reached their clients, as the clients' later messages say: the origin timestamp of a
 * request is that of the last response its client took (RFC 5905 sec. 8; interleaved: RFC 9769 sec. 2), NTS
 * cookie placeholders ask for what lost responses did not bring (RFC 8915 sec. 5.7), ICMP errors quote what
 * was refused. Kisses-o'-death are not looked at: clients do not take time from them.
 */
enum cl_reach {
	CL_REACH_UNKNOWN,     /* nothing says it: most clients send no origin timestamp */
	CL_REACH_ORIGIN,      /* arrived: a later request has its timestamp */
	CL_REACH_COOKIES,     /* arrived: the next NTS request has no more placeholders than the one before */
	CL_REACH_LOST_ORIGIN, /* lost: a later request has the timestamp of an older response */
	CL_REACH_LOST_COOKIES, /* lost: the next NTS request has more placeholders */
	CL_REACH_LOST_ICMP,    /* an ICMP error about it: not taken, wherever it came to */
	CL_REACHES
};

struct cl_reach_count {
	uint64_t n[CL_REACHES]; /* their sum: the responses */
};

static inline uint64_t cl_reach_arrived(const struct cl_reach_count *c)
{
	return c->n[CL_REACH_ORIGIN] + c->n[CL_REACH_COOKIES];
}

static inline uint64_t cl_reach_lost(const struct cl_reach_count *c)
{
	return c->n[CL_REACH_LOST_ORIGIN] + c->n[CL_REACH_LOST_COOKIES] + c->n[CL_REACH_LOST_ICMP];
}

static inline uint64_t cl_reach_responses(const struct cl_reach_count *c)
{
	return c->n[CL_REACH_UNKNOWN] + cl_reach_arrived(c) + cl_reach_lost(c);
}

/* Responses to a client, or to a network: `length` is 24 or 48 then, else 0. */
struct cl_reach_place {
	struct cl_addr addr;
	uint8_t length;
	struct cl_reach_count count;
};

#define CL_REACH_SIZES_MAX 64u
struct cl_reach_size {
	uint32_t octets; /* of UDP's payload; UINT32_MAX: of those beyond the limit */
	struct cl_reach_count count;
};

/* Opaque. */
struct cl_reached;

/* At most `pairs` pairs of client and server, 256 octets each. NULL when memory is short. */
struct cl_reached *cl_reached_new(size_t pairs, uint64_t seed);
void cl_reached_free(struct cl_reached *r); /* NULL is accepted */

/* Takes NTP exchanges and ICMP errors in their order; others are overlooked. */
void cl_reached_take(struct cl_reached *r, const struct cl_exchange *x);

struct cl_reach_count cl_reached_all(const struct cl_reached *r);

/* Responses to pairs for which there was no room: in no figure. */
uint64_t cl_reached_not_kept(const struct cl_reached *r);

/* By size, rising. */
const struct cl_reach_size *cl_reached_sizes(struct cl_reached *r, size_t *count);

/* Clients or, with `networks`, /24 and /48, of which something is known: by lost responses, then arrived
 * ones, then address. To be freed; NULL when memory is short. */
struct cl_reach_place *cl_reached_places(const struct cl_reached *r, bool networks, size_t *count);

#endif

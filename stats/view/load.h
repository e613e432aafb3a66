/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_LOAD_H
#define CL_STATS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/view/kisses.h"

/*
 * Who loads an NTP server: rates of clients by address, bursts, seconds of the minute, kisses-o'-death and
 * what became of them, requests that were not answered.
 */

#define CL_LOAD_GUARD_NS INT64_C(2000000000) /* least distance of requests (ntpd: discard minimum) */
#define CL_LOAD_AVERAGE_NS                                                                                   \
	INT64_C(8000000000) /* average distance (ntpd: discard average; chronyd: interval) */
#define CL_LOAD_AVERAGED 8u /* requests from which on it is looked at (chronyd: burst) */
#define CL_LOAD_ABUSE_NS INT64_C(30000000000)
#define CL_LOAD_ABUSE	 100u /* requests with a mean distance below it (scripts of the NTP pool) */
#define CL_LOAD_BURST	 10u  /* requests within a second */

/* A client, over all servers. */
struct cl_load_client {
	struct cl_addr addr;
	int64_t first_ns, last_ns; /* of its requests */
	uint64_t requests;
	uint64_t answered, kissed;	  /* kissed: of these */
	uint64_t open;			  /* the capture ended, or there was no room to wait: neither */
	uint64_t close;			  /* requests less than 2 s behind the one before */
	int64_t headway_ns;		  /* least distance; INT64_MAX: one request */
	uint32_t peak;			  /* most requests in a second of the clock */
	uint32_t events, event_most;	  /* poll events; most requests in one */
	int64_t first_event_ns, event_ns; /* the first's and the last's start */
	struct cl_pace pace;
	/* what goes on */
	int64_t recent_ns[CL_LOAD_BURST]; /* a ring: of requests less than 1 s behind each other */
	uint32_t recent;
	uint32_t event_requests, in_second, minute_asked, minute_answered;
	int64_t second, minute;
	uint32_t burst;	  /* 1 + number of that which lasts; UINT32_MAX: it is not listed; 0: none */
	uint32_t payload; /* of the last request: its timestamps as a hash */
	uint16_t other_port, other_payload; /* bits: whether a request differed from the one before; newest
					       lowest */
	uint16_t port;
	bool has_burst;
};

/* Mean distance of requests; -1: there is one. */
int64_t cl_load_mean(const struct cl_load_client *c);
bool cl_load_abusive(const struct cl_load_client *c);

/* Ten requests or more, each the tenth within a second. */
struct cl_load_burst {
	struct cl_addr client, server; /* server: asked by the tenth */
	int64_t first_ns, last_ns;
	uint64_t requests;
	uint64_t ports, payloads; /* requests with another source port than the one before; other octets */
};
#define CL_LOAD_BURSTS_MAX 65536u

struct cl_load_group {
	uint64_t clients, requests;
};

/* Shares of requests that were answered: none, up to 0.3 (chronyd's leak 2), 0.5, 0.9, below 1, all. */
#define CL_LOAD_RATIOS 6u

struct cl_load_totals {
	uint64_t clients, requests, answered, kissed, open;
	uint64_t not_kept; /* requests of clients for which there was no room: in `second` alone */
	struct cl_load_group abusive, guard, average;
	struct cl_load_group ratio[CL_LOAD_RATIOS]; /* of clients with requests that are not open */
	uint64_t minutes, minutes_short, short_requests, short_answered; /* clients' minutes; with silence */
	uint64_t bursts, burst_requests, burst_clients, bursts_not_listed;
	uint64_t second[60]; /* requests by second of the minute, UTC of the capture's clock */
	uint64_t peak;	     /* most requests in a second */
	int64_t peak_ns;     /* that second */
	int64_t first_ns, last_ns;
};

/* Opaque. */
struct cl_load;

/* At most `clients` are kept, 480 octets each. NULL when memory is short. */
struct cl_load *cl_load_new(size_t clients, uint64_t seed);
void cl_load_free(struct cl_load *l); /* NULL is accepted */

/* Takes NTP exchanges in their order; others are overlooked. */
void cl_load_take(struct cl_load *l, const struct cl_exchange *x);

/* Results; nothing may be taken after the first. ------------------------------------------- */

const struct cl_load_totals *cl_load_totals(struct cl_load *l);
const struct cl_kisses *cl_load_kisses(const struct cl_load *l);
const struct cl_load_burst *cl_load_bursts(struct cl_load *l, size_t *count); /* by requests, then time */

/* Clients by requests, then address: all, or abusive ones. Free the array. NULL when memory is short. */
const struct cl_load_client **cl_load_clients(const struct cl_load *l, bool abusive, size_t *count);

/* Limits for a server, from what clients do that are not abusive and made two poll events or more. */
struct cl_load_limits {
	uint64_t ordinary; /* such clients; fewer than CL_LOAD_ORDINARY: the others are defaults */
	int interval;	   /* log2 s: 99 of 100 have a mean distance of poll events of it or more; 0 to 6 */
	unsigned burst;	   /* 99 of 100 make poll events of no more requests; 8 to 255 */
	unsigned leak;	   /* 2; 3 or 4 where abusive clients send more than 1/4, 1/2 of all requests */
	struct cl_load_group limited; /* clients with a smaller mean distance and more requests than burst */
};
#define CL_LOAD_ORDINARY 10u
/* False when memory is short. */
bool cl_load_limits(const struct cl_load *l, struct cl_load_limits *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_CLOCKS_H
#define CL_STATS_CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/exchange/ntpmath.h"
#include "stats/view/deltasplit.h"
#include "stats/view/xmtclass.h"

/*
 * How wrong the clients' clocks are. One way: e1, a request's transmit timestamp minus its time in the
 * capture is the client's error less the way of the request, from the capture's clock. Both ways, of clients
 * that send back what they got: the offset and delay that the client itself computed (RFC 5905 sec. 8).
 */

#define CL_CLOCKS_LAST	   16u /* requests that vote for the class, and whose median is the error */
#define CL_CLOCKS_ENDS	   4u  /* first and last requests that are compared */
#define CL_CLOCKS_POLLS	   8u  /* requests, and CL_CLOCKS_ENDS answers, from which on they are */
#define CL_CLOCKS_SMALL_NS INT64_C(10000000) /* less is not told from the way of the request */

/* Where an error lies; the first that fits. */
enum cl_clock_bucket {
	CL_CLOCK_1MS, /* below 1 ms, as all that follow: either sign */
	CL_CLOCK_10MS,
	CL_CLOCK_100MS,
	CL_CLOCK_LEAP, /* 0.9 to 1.1 s: a leap second, perhaps */
	CL_CLOCK_1S,
	CL_CLOCK_MINUTE,
	CL_CLOCK_HOUR,
	CL_CLOCK_DAY,
	CL_CLOCK_WEEKS, /* 1024 weeks and less than a day: GPS's week number has wrapped, perhaps */
	CL_CLOCK_1900,	/* its clock shows the first year of an era: 1900, or 2036 */
	CL_CLOCK_1970,	/* or of Unix */
	CL_CLOCK_UNIX,	/* it has put seconds since 1970 where those since 1900 belong; less than a day off */
	CL_CLOCK_MORE,
	CL_CLOCK_BUCKETS
};

/* What became of a client's error over its polls. */
enum cl_clock_trend {
	CL_CLOCK_UNTOLD, /* too few requests or answers, a resolution of 1 s, or no clock */
	CL_CLOCK_CLOSE,	 /* below 10 ms at first and in the end */
	CL_CLOCK_FALLS,	 /* 10 ms or more at first, half of it or less in the end: it takes time */
	CL_CLOCK_STAYS,	 /* 10 ms or more at first, neither half nor double in the end */
	CL_CLOCK_GROWS,	 /* 10 ms or more in the end, double or more of what it was at first */
	CL_CLOCK_TRENDS
};

/* Why a client has no error. */
enum cl_clock_why {
	CL_CLOCK_KNOWN,
	CL_CLOCK_ZERO,
	CL_CLOCK_CONST,
	CL_CLOCK_RAND63,
	CL_CLOCK_RANDOM, /* or a clock that is more than a day off and was seen once */
	CL_CLOCK_MIXED,	 /* no class fits its requests */
	CL_CLOCK_NS, /* nanoseconds in the fraction, or a full one: less than 4 requests, or such that come at
			the same place of a second, do not tell */
	CL_CLOCK_WHYS
};

struct cl_clock_sample {
	int64_t e1_ns;	   /* the fraction being one */
	uint32_t fraction; /* as it is */
};

struct cl_clock_estimate;

/* A client, over all servers. */
struct cl_clock_client {
	struct cl_addr addr;
	uint64_t requests, answers; /* answers: no kisses */
	struct cl_xmt_watch watch;
	int64_t last_ns;						    /* time of its last request */
	struct cl_clock_sample first[CL_CLOCKS_ENDS], last[CL_CLOCKS_LAST]; /* last: a ring */
	uint64_t samples;						    /* of requests with a timestamp */
	/* results */
	enum cl_xmt_class class; /* CL_XMT_CLASSES: none */
	enum cl_clock_why why;
	enum cl_clock_bucket bucket;
	enum cl_clock_trend trend;
	int64_t error_ns, at_first_ns, in_the_end_ns; /* the first if why is CL_CLOCK_KNOWN, all if a trend */
};

/* A client's own measurements of a server. */
struct cl_clock_estimate {
	struct cl_addr client, server;
	uint64_t samples;
	struct cl_clock_filter filter; /* of the last eight; times are those of the capture */
};

struct cl_clock_server {
	struct cl_addr addr;
	uint64_t clients, known, ahead, behind; /* that asked it; ahead and behind: by CL_CLOCKS_SMALL_NS */
	uint64_t clients_measured;		/* of which there are estimates */
	struct cl_signed_hist error, offset;	/* of clients; of estimates */
	struct cl_hist delay;
};

struct cl_clock_totals {
	uint64_t clients, requests;
	uint64_t class[CL_XMT_CLASSES + 1]; /* clients */
	uint64_t why[CL_CLOCK_WHYS];
	uint64_t ahead[CL_CLOCK_BUCKETS], behind[CL_CLOCK_BUCKETS]; /* clients; 0 is ahead */
	uint64_t trend[CL_CLOCK_TRENDS];
	struct cl_signed_hist error; /* of clients */
	uint64_t estimates, samples; /* pairs of client and server; measurements */
	uint64_t implausible; /* echoes whose times are not in order: the client's clock was set, or lies */
	struct cl_hist offset_abs, delay; /* of the estimates: the sample of least delay of the last eight */
	struct cl_signed_hist offset;
	uint64_t not_kept, pairs_not_kept; /* requests of clients, exchanges of pairs without room */
};

/* Opaque. */
struct cl_clocks;

struct cl_clocks_limits {
	size_t clients, pairs, estimates, servers; /* about 384, 128, 400 and 200 octets each */
};

/* NULL when memory is short. */
struct cl_clocks *cl_clocks_new(const struct cl_clocks_limits *limits, uint64_t seed);
void cl_clocks_free(struct cl_clocks *c); /* NULL is accepted */

/* Takes NTP exchanges in their order; others are overlooked. */
void cl_clocks_take(struct cl_clocks *c, const struct cl_exchange *x);

/* Results; nothing may be taken after the first. NULL when memory is short. ------------------ */

const struct cl_clock_totals *cl_clocks_totals(struct cl_clocks *c);
/* By clients, then address. */
const struct cl_clock_server *const *cl_clocks_servers(struct cl_clocks *c, size_t *count);
/* Clients with an error by what it is without its sign, the greatest first, then address. */
const struct cl_clock_client *const *cl_clocks_worst(struct cl_clocks *c, size_t *count);
/* Measurements by the offset without its sign, the greatest first, then addresses. */
const struct cl_clock_estimate *cl_clocks_estimates(struct cl_clocks *c, size_t *count);

/* Where an error lies that was found at a time; none lies in a bucket narrower than its resolution. */
enum cl_clock_bucket cl_clock_bucket(int64_t error_ns, int64_t time_ns, int64_t resolution_ns);

#endif

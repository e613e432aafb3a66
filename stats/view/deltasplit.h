/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DELTASPLIT_H
#define CL_STATS_DELTASPLIT_H

#include "stats/exchange/exchange.h"
#include "stats/table/hist.h"

/*
 * What is behind delta times: matched exchanges by what they have in common, the server's own time apart
 * from the rest, and the server's clock against the capture's.
 */

/* By what exchanges are told apart; the last two look at NTP's stamps. */
enum cl_split {
	CL_SPLIT_FAMILY,  /* 4 or 6 */
	CL_SPLIT_AUTH,	  /* NTP: enum cl_ntp_auth of the request */
	CL_SPLIT_MODE,	  /* NTP: modes of request and response, 16 * a + b; DNS: 0 UDP, 1 TCP */
	CL_SPLIT_LENGTH,  /* of the request. NTP: octets; DNS: the power of 2 that they do not exceed */
	CL_SPLIT_TUNNEL,  /* cl_note.tunnel of the request */
	CL_SPLIT_PAIRING, /* enum cl_split_pairing */
	CL_SPLIT_KOD,	  /* NTP: whether the response is a kiss-o'-death */
	CL_SPLIT_TABLES,
	CL_SPLIT_INSIDE = CL_SPLIT_TABLES,
	CL_SPLIT_CLOCK,
	CL_SPLITS
};

#define CL_SPLIT_BIT(split) (1u << (split))

enum cl_split_pairing { CL_SPLIT_BASIC, CL_SPLIT_INTERLEAVED, CL_SPLIT_GUESSED };

/* Values of one split that are kept apart; exchanges of more are those of CL_SPLIT_OTHERS. */
#define CL_SPLIT_VALUES_MAX 32u
#define CL_SPLIT_OTHERS	    UINT32_MAX

struct cl_split_row {
	uint32_t value;
	struct cl_hist delta;
};

struct cl_split_table {
	struct cl_split_row row[CL_SPLIT_VALUES_MAX + 1]; /* in the order in which they came */
	size_t rows;
};

/* Durations with a sign: quantiles within 1 % as those of cl_hist. */
struct cl_signed_hist {
	struct cl_hist above, below; /* below: of those under 0, what they are without their sign */
};

static inline uint64_t cl_signed_n(const struct cl_signed_hist *h)
{
	return h->above.n + h->below.n;
}

/* False when memory is short, as cl_hist_add. */
bool cl_signed_add(struct cl_signed_hist *h, int64_t ns);

/* The ceil(q*n)-th smallest; 0 if there is none. 0 < q <= 1; the smallest of all is that of a q near 0. */
int64_t cl_signed_quantile(const struct cl_signed_hist *h, double q);
void cl_signed_free(struct cl_signed_hist *h);

/* A reading of the server's clock against the capture's: server - capture = theta_ns, wrong by at most
 * bound_ns. */
struct cl_reading {
	int64_t time_ns; /* of the response, by the capture's clock */
	int64_t theta_ns, bound_ns;
	bool is_set;
};

/* Stretches of equal length of which the reading with the least bound is kept. */
#define CL_CLOCK_SLOTS 128u

struct cl_server_clock {
	uint64_t n;
	struct cl_reading first, best; /* best: with the least bound */
	struct cl_signed_hist theta;   /* what it differs from the first */
	int64_t last_ns;	       /* time of the latest */
	struct cl_reading slot[CL_CLOCK_SLOTS];
	int64_t slot_ns; /* a power of 2 times a second */
};

/**
 * Of a server whose stamps say when a request came to it and when its response left: inside is between the
 * two, outside the rest of delta. In interleaved mode the response left when the next response of the same
 * client says (RFC 9769); `unlinked` are those of which none came.
 */
struct cl_split_server {
	struct cl_addr addr;
	uint64_t basic, interleaved, unlinked;
	uint64_t no_stamps; /* kiss-o'-death, guessed, or without stamps: not looked at */
	uint64_t negative_inside, negative_outside; /* of the samples: stamps that contradict each other */
	struct cl_signed_hist inside, outside;
	struct cl_server_clock clock;
};

#define CL_SPLIT_SERVERS_MAX 256u
#define CL_SPLIT_LINKS	     16384u /* interleaved exchanges that wait for the next; a power of 2 */

enum cl_split_proto { CL_SPLIT_NTP, CL_SPLIT_DNS, CL_SPLIT_PROTOS };

struct cl_split_link;

struct cl_deltasplit {
	unsigned splits; /* CL_SPLIT_BIT of those asked for */
	struct cl_split_table table[CL_SPLIT_PROTOS][CL_SPLIT_TABLES];
	struct cl_split_server *server[CL_SPLIT_SERVERS_MAX]; /* in the order in which they came */
	size_t servers;
	uint16_t slot[2 * CL_SPLIT_SERVERS_MAX]; /* 1 + a server's place, by its address; 0: free */
	uint64_t other_servers; /* exchanges of servers beyond the limit: in no row of servers */
	struct cl_split_link *link;
	bool short_of_memory; /* some are missing */
};

/* Free it with cl_deltasplit_free. NULL when memory is short. */
struct cl_deltasplit *cl_deltasplit_new(unsigned splits);
void cl_deltasplit_free(struct cl_deltasplit *d);

/* Takes exchanges in their order; a cl_exchange_fn. Those that are not matched do not count. */
void cl_deltasplit_take(void *deltasplit, const struct cl_exchange *x);

/* The median of theta, within 1 % of what it differs from the first. 0 if there is no reading. */
int64_t cl_clock_median(const struct cl_server_clock *c);

/* The straight line through the readings of the slots, by least squares. */
struct cl_drift {
	unsigned slots;	   /* with a reading; fewer than 3: the rest is 0 */
	double ppm, error; /* how much faster the server's clock is; standard error of it */
	int64_t span_ns;   /* from the first slot's reading to the last one's */
};
struct cl_drift cl_clock_drift(const struct cl_server_clock *c);

#endif

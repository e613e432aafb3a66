/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_PEAKS_H
#define CL_STATS_PEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/*
 * The minutes (of UTC) with most requests to each server, and who asked in them. Exchanges come once, in
 * order: the minute that goes by is kept with all its clients, and given up when it is over unless it is one
 * of the highest so far. What a client did before is known then, what it does later when all has been taken.
 */

enum cl_peak_ports { CL_PEAK_PORT_NTP, CL_PEAK_PORT_LOW, CL_PEAK_PORT_HIGH, CL_PEAK_PORTS };

/* Clients and requests of a kind. */
struct cl_peak_part {
	uint64_t clients, requests;
};

/* Most requests of one /24 (IPv4) or /48 (IPv6), or of one client. */
struct cl_peak_most {
	struct cl_addr addr; /* the network's first */
	uint8_t len;	     /* of the network; a client: 0 */
	uint64_t clients, requests;
};

/* How often what lay `period_s` before and behind a peak, and again, was a peak as well, a minute more or
 * less. */
struct cl_peak_again {
	uint32_t period_s; /* 0: nothing recurs */
	uint32_t of, found;
};

/* A client of a peak minute. */
struct cl_peak_client {
	uint32_t client, requests;
};

struct cl_peak {
	int64_t minute; /* since 1970 */
	uint64_t requests, answered, kiss;
	uint64_t clients;
	bool cut;		       /* some of its clients found no room: the parts below lack them */
	struct cl_peak_part returning; /* asked the server before this minute */
	struct cl_peak_part fresh;     /* did not */
	struct cl_peak_part one_shot;  /* of fresh: did not ask outside this minute */
	struct cl_peak_most network, client;
	uint64_t ports[CL_PEAK_PORTS]; /* requests by source port: 123, other below 1024, others */
	uint32_t second[60];	       /* requests in each */
	int64_t run_first, run_last; /* minutes of peaks that follow each other, and this is the highest of */
	uint64_t run_requests;
	int64_t before_ns, behind_ns; /* from the capture's begin to the minute, and from its end on */
	struct cl_peak_again again;
	struct cl_peak_client *list; /* its clients */
	size_t listed, room;
};

/* A period that requests of a server may have: how much their course over it in every other cycle is that of
 * the others (correlation). */
struct cl_peak_period {
	uint32_t period_s, cycles;
	double strength;
};

#define CL_PEAK_PERIODS	      16u
#define CL_PEAK_PERIOD_CYCLES 4u  /* fewer say nothing */
#define CL_PEAK_PERIOD_STRONG 0.5 /* less is chance */

struct cl_peak_server {
	struct cl_addr server;
	uint64_t requests;
	uint64_t minutes;			  /* from its first request to its last one */
	double usual, usual_clients, usual_fresh; /* medians of these minutes */
	double usual_fresh_requests;
	double threshold;     /* requests of a peak: more. At least 5 roots above the median */
	uint64_t above;	      /* minutes that have */
	struct cl_peak *peak; /* highest of each run, by requests, then time */
	size_t peaks;
	struct cl_peak_period period[CL_PEAK_PERIODS];
	size_t periods;
	const struct cl_peak_period *shortest; /* of those that are strong, within a tenth of the strongest;
						  NULL: none */
};

#define CL_PEAK_SERVERS_MAX 64u
#define CL_PEAK_CLIENTS_MAX (1u << 22) /* pairs of client and server */
#define CL_PEAK_MINUTES_MAX (1u << 18) /* of a server: half a year */
#define CL_PEAK_SECONDS_MAX (1u << 20) /* of a server: 12 days; periods are looked for in these */
#define CL_PEAK_LISTED_MAX  (1u << 22) /* clients in a server's minutes that are kept */

struct cl_peak_losses {
	uint64_t servers, clients, minutes, listed; /* requests of those beyond the limits */
	uint64_t late;				    /* of minutes that were over */
};

struct cl_peaks_config {
	uint64_t seed;
	unsigned most; /* peaks of a server; 4 times as many minutes are kept */
	double times;  /* a peak has more than so many times the median minute's requests */
};

/* Opaque. */
struct cl_peaks;

struct cl_peaks *cl_peaks_new(const struct cl_peaks_config *config); /* NULL when memory is short */
void cl_peaks_free(struct cl_peaks *p);				     /* NULL is accepted */

/* Takes exchanges of CL_X_NTP and CL_X_DNS in their order; only requests of NTP count. */
void cl_peaks_take(struct cl_peaks *p, const struct cl_exchange *x);

/* Counts, once; the capture's first and last time. By requests, then address. NULL when memory is short. */
const struct cl_peak_server *const *cl_peaks_count(struct cl_peaks *p, int64_t first_ns, int64_t last_ns,
						   size_t *n);

/* The address of a listed client. */
const struct cl_addr *cl_peaks_client(const struct cl_peaks *p, uint32_t client);
struct cl_peak_losses cl_peaks_losses(const struct cl_peaks *p);

/* How much a course of counts repeats after `period` of them: cl_peak_period.strength. NaN: fewer than
 * CL_PEAK_PERIOD_CYCLES cycles, or no course. */
double cl_peak_strength(const uint16_t *count, size_t n, uint32_t period);

#endif

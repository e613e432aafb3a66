/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ATLAS_H
#define CL_STATS_ATLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/*
 * Results of RIPE Atlas NTP measurements joined with a capture at the server: for each attempt of a probe,
 * where it was lost. An attempt that was answered is known by server and transmit timestamp, which the probe
 * prints as its origin; one that timed out has no timestamp, and is looked for among the other requests of
 * the probe's address about the time of its result.
 */

/* How far an attempt came. */
enum cl_atlas_leg {
	CL_LEG_RECEIVED,       /* answered, and the probe has the answer */
	CL_LEG_LOST_ON_RETURN, /* answered; the probe never got it */
	CL_LEG_NOT_ANSWERED,   /* it came; the server was silent */
	CL_LEG_NOT_SEEN,       /* it did not come as far as the capture */
	CL_LEG_UNSEEN_ANSWER,  /* the probe has an answer to a request that the capture lacks */
	CL_LEG_OUTSIDE,	       /* another time, or a server that is not in the capture */
	CL_LEGS
};

/* One attempt. Times in nanoseconds since 1970. */
struct cl_atlas_attempt {
	int64_t probe, result;	   /* identifier of the probe; number of its result in the file, from 1 */
	struct cl_addr server;	   /* asked for */
	struct cl_addr from;	   /* the probe as the server sees it; all zero: not known */
	int64_t time_ns;	   /* of the result, whole seconds, by the probe's clock */
	uint64_t origin;	   /* transmit timestamp; 0: timed out */
	int64_t rtt_ns, offset_ns; /* by the probe; of answered ones */
	/* of the join */
	enum cl_atlas_leg leg;
	bool seen;
	int64_t seen_ns;  /* time of its request in the capture, if `seen` */
	int64_t delta_ns; /* of its response; -1: none */
	uint64_t frame;	  /* of the request */
};

/* Requests that are remembered, and sources that are looked at for candidates, at most. */
#define CL_ATLAS_REQUESTS_MAX 4000000u
#define CL_ATLAS_SOURCES_MAX  1000000u

/* Opaque. */
struct cl_atlas;

struct cl_atlas *cl_atlas_new(uint64_t seed); /* NULL when memory is short */
void cl_atlas_free(struct cl_atlas *a);	      /* NULL is accepted */

/* Adds an attempt (what is of the join is set later), before the first exchange. False: memory is short. */
bool cl_atlas_attempt(struct cl_atlas *a, const struct cl_atlas_attempt *one);

/* Takes an exchange of CL_X_NTP. */
void cl_atlas_take(struct cl_atlas *a, const struct cl_exchange *x);

/* Joins; the capture's first and last time. Then the attempts in the order in which they were added. */
const struct cl_atlas_attempt *cl_atlas_join(struct cl_atlas *a, int64_t first_ns, int64_t last_ns,
					     size_t *n);

/* Sources whose every request looks like an Atlas probe's: version 4, mode 3, zero but for a transmit
 * timestamp of whole microseconds. Other programs look alike. */
size_t cl_atlas_candidates(const struct cl_atlas *a);

/* Requests and sources beyond the limits. */
uint64_t cl_atlas_refused(const struct cl_atlas *a);

/**
 * Reads a decimal number of seconds, with any number of digits behind the point, into a 32.32 timestamp,
 * rounded to the nearest nanosecond. False: it is none, or has more than 32 bits of seconds.
 */
bool cl_atlas_timestamp(const char *text, uint64_t *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_UPSTREAM_H
#define CL_STATS_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/exchange/fourtimes.h"
#include "stats/exchange/ntpmath.h"
#include "stats/exchange/said.h"

/*
 * An association as its asker has it, rebuilt from its requests and their answers: reachability, poll, and
 * the clock filter's offset, delay and jitter. t1 and t4 are times of the capture, so they are the asker's
 * where the capture is taken at it, and the offset is from the capture's clock.
 */

#define CL_POLLS_KEPT 8u

/* All zero: nothing asked. */
struct cl_upstream {
	struct cl_addr asker, remote;
	uint64_t requests, answers, unanswered, kisses;
	uint8_t mode; /* of the last request */
	uint8_t stated_poll;
	uint8_t reach; /* as ntpd keeps it: shifted with each poll; requests less than 4 s apart are one */
	uint8_t reach_chrony; /* as chronyd keeps it: shifted with each request that has an outcome */
	bool waiting;	      /* of reach_chrony: the last request has no answer yet */
	int64_t request_ns;   /* of the last one */
	int64_t poll_ns;      /* of the last poll: its first request */
	int64_t answer_ns;    /* of the last answer; valid if answers > 0 */
	int64_t gap_ns[CL_POLLS_KEPT]; /* a ring, between polls */
	unsigned gaps, next_gap;
	uint64_t samples;
	struct cl_clock_filter filter;
	struct cl_filter_sample last; /* if samples > 0 */
	struct cl_times_before before;
	struct cl_statement said; /* its last one to the asker; time_ns 0: none */
};

/* Takes an exchange that has a request. */
void cl_upstream_take(struct cl_upstream *u, const struct cl_exchange *x);

/* Median of the gaps between the last polls; false: there was one poll only. */
bool cl_upstream_interval(const struct cl_upstream *u, int64_t *ns);

/* The poll interval: as requests state it, else the power of two that is nearest to the median gap. */
bool cl_upstream_poll(const struct cl_upstream *u, int64_t *ns);

#endif

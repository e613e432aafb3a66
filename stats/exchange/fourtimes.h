/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_FOURTIMES_H
#define CL_STATS_FOURTIMES_H

#include "stats/exchange/exchange.h"
#include "stats/exchange/ntpmath.h"

/* The answer before, of the same client and server: what an interleaved one speaks of (RFC 9769 sec. 2). All
 * zero: none. */
struct cl_times_before {
	struct cl_onwire times; /* t3 is not set */
	uint64_t rec;		/* 0: none */
};

/**
 * The four times of an answered exchange, t1 and t4 by the capture; of an interleaved one those of the answer
 * before, whose transmit timestamp it carries. False: they are not all known, or the answer was captured
 * first. Remembers this answer either way.
 */
bool cl_four_times(struct cl_times_before *before, const struct cl_exchange *x, struct cl_onwire *w);

#endif

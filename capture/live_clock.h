/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LIVE_CLOCK_H
#define CL_CAPTURE_LIVE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* A clock that is set by less than this is taken to be slewed. */
#define CL_CLOCK_STEP_NS 50000000

/**
 * Watches a clock beside the system's monotonic one for steps. A clock that is read at once is seen exactly;
 * one that only frames tell of is seen too early, by as long as they lay in the kernel's ring.
 */
struct cl_live_clock {
	bool any, exact;
	int64_t ahead_ns; /* of the monotonic clock; if not exact the largest so far */
	int64_t seen_ns, monotonic_ns;
};

void cl_clock_begin(struct cl_live_clock *c, bool exact);

/* The clock says `time_ns`. How far it was stepped since the last time; 0: it was not. */
int64_t cl_clock_step(struct cl_live_clock *c, int64_t time_ns, int64_t monotonic_ns);

#endif

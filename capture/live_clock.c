/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/live_clock.h"

/* What an oscillator may go wrong by: 100 ppm. */
#define DRIFT(ns) ((ns) / 10000)

void cl_clock_begin(struct cl_live_clock *c, bool exact)
{
	*c = (struct cl_live_clock){ .exact = exact };
}

static int64_t exact_step(struct cl_live_clock *c, int64_t ahead)
{
	const int64_t step = ahead - c->ahead_ns;

	c->ahead_ns = ahead;
	return step >= CL_CLOCK_STEP_NS || step <= -CL_CLOCK_STEP_NS ? step : 0;
}

/* Frames come in the order of the ring: one that is much older than the last tells of a step back. None comes
 * before its time: one that is farther ahead than any before tells of a step ahead. */
static int64_t step_of_frames(struct cl_live_clock *c, int64_t ahead, int64_t since_last, int64_t passed)
{
	const int64_t step = ahead - (c->ahead_ns - DRIFT(passed));

	if (since_last <= -CL_CLOCK_STEP_NS) {
		c->ahead_ns = ahead;
		return since_last;
	}
	if (step >= 0)
		c->ahead_ns = ahead;
	else
		c->ahead_ns -= DRIFT(passed);
	return step >= CL_CLOCK_STEP_NS ? step : 0;
}

int64_t cl_clock_step(struct cl_live_clock *c, int64_t time_ns, int64_t monotonic_ns)
{
	const int64_t ahead = time_ns - monotonic_ns, since_last = time_ns - c->seen_ns,
		      passed = monotonic_ns - c->monotonic_ns;
	int64_t step = 0;

	if (!c->any)
		c->ahead_ns = ahead;
	else if (c->exact)
		step = exact_step(c, ahead);
	else
		step = step_of_frames(c, ahead, since_last, passed);
	c->any = true;
	c->seen_ns = time_ns;
	c->monotonic_ns = monotonic_ns;
	return step;
}

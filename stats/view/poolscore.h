/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_POOLSCORE_H
#define CL_STATS_POOLSCORE_H

/*
 * The scoring rule of the NTP Pool's monitors, as its published source has it: each round of a monitor gives
 * a step, and the score is step + 0.95 * old score, for some steps at most a limit. Above 10 a server is in
 * the pool's DNS.
 */

/* What a monitor got in one round. */
enum cl_pool_reply {
	CL_POOL_NO_RESPONSE,
	CL_POOL_RATE,	 /* kiss code RATE */
	CL_POOL_DENIED,	 /* RSTR or DENY */
	CL_POOL_NO_CODE, /* stratum 0 without a code */
	CL_POOL_ERROR,	 /* another kiss code, or a response that is not fit to set a clock */
	CL_POOL_TIME,
	CL_POOL_REPLIES
};

struct cl_pool_step {
	double step;
	double limit; /* the score is at most this behind it */
};

#define CL_POOL_SCORE_MIN -100.0 /* what steps of -5 lead to */
#define CL_POOL_SCORE_MAX 20.0	 /* what steps of +1 lead to */
#define CL_POOL_IN_DNS	  10.0	 /* more is in the pool */

/* `offset_s` and `stratum` matter for CL_POOL_TIME only. */
struct cl_pool_step cl_pool_step(enum cl_pool_reply reply, double offset_s, unsigned stratum);

double cl_pool_score(double old, const struct cl_pool_step *s);

#endif

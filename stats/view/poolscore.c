/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/poolscore.h"

#include <math.h>

#define DECAY 0.95

static struct cl_pool_step of_time(double offset_s, unsigned stratum)
{
	const double x = fabs(offset_s);

	if (x > 3)
		return (struct cl_pool_step){ -4, -20 };
	if (stratum >= 8)
		return (struct cl_pool_step){ -4, CL_POOL_SCORE_MAX };
	if (x > 0.75)
		return (struct cl_pool_step){ -2, CL_POOL_SCORE_MAX };
	if (x > 0.1)
		return (struct cl_pool_step){ -2.308 * x + 0.731, CL_POOL_SCORE_MAX };
	if (x > 0.025)
		return (struct cl_pool_step){ -6.667 * x + 1.167, CL_POOL_SCORE_MAX };
	return (struct cl_pool_step){ 1, CL_POOL_SCORE_MAX };
}

struct cl_pool_step cl_pool_step(enum cl_pool_reply reply, double offset_s, unsigned stratum)
{
	switch (reply) {
	case CL_POOL_NO_RESPONSE:
		return (struct cl_pool_step){ -5, CL_POOL_SCORE_MAX };
	case CL_POOL_RATE:
		return (struct cl_pool_step){ -3.5, CL_POOL_SCORE_MAX };
	case CL_POOL_DENIED:
		return (struct cl_pool_step){ -10, -50 };
	case CL_POOL_NO_CODE:
		return (struct cl_pool_step){ -2, 5 };
	case CL_POOL_TIME:
		return of_time(offset_s, stratum);
	default:
		return (struct cl_pool_step){ -4, CL_POOL_SCORE_MAX };
	}
}

double cl_pool_score(double old, const struct cl_pool_step *s)
{
	const double score = s->step + DECAY * old;

	return score > s->limit ? s->limit : score;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/capture_plan.h"

struct cl_sandbox_plan cl_capture_plan(const struct cl_capture_options *c, const struct cl_options *o,
				       const struct cl_notify *n)
{
	struct cl_sandbox_plan plan = { .devices = c->ninterfaces > 0 };

	plan.writes[plan.nwrites++] = o->output;
	if (c->save != NULL)
		plan.writes[plan.nwrites++] = c->save;
	if (c->replay != NULL)
		plan.reads[plan.nreads++] = c->replay;
	plan.sends[plan.nsends++] = n->fd;
	return plan;
}

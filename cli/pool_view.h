/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_POOL_VIEW_H
#define CL_CLI_POOL_VIEW_H

/* What view_pool.c and view_pool_ramp.c share. */
#include "cli/poolfile.h"
#include "cli/view.h"
#include "stats/poolramp.h"

struct cl_pool_kept {
	struct cl_poolmon *pool;
	struct cl_ramps *ramps;
	const struct cl_labels *labels; /* borrowed */
	struct cl_poolfile_counts log;
};

/* Before and after joining the pool: the member `joining`, and its tables. */
void cl_pool_ramps_json(struct cl_session *s, struct cl_json *j);
void cl_pool_ramps_tables(struct cl_session *s, struct cl_tables *t);

#endif

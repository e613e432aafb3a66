/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_POOL_VIEW_H
#define CL_CLI_POOL_VIEW_H

/* What view_pool.c and view_pool_ramp.c share. */
#include "cli/userfile/poolfile.h"
#include "cli/view/view.h"
#include "stats/view/poolramp.h"

struct cl_pool_kept {
	struct cl_poolmon *pool;
	struct cl_ramps *ramps;
	const struct cl_labels *labels; /* borrowed */
	struct cl_poolfile_counts log;
};

/* Counts; false: nothing is kept, or memory is short. */
bool cl_pool_count(struct cl_session *s);

/* Whether a round is evidence of a drop: by the replay, or by the log. */
bool cl_pool_is_drop(const struct cl_poolmon_round *r);

/* The end of the pairs of the server of pair `from`. */
size_t cl_pool_pairs_of_server(const struct cl_poolmon_pair *pair, size_t n, size_t from);

/* The members of JSON. */
void cl_pool_json(struct cl_session *s, struct cl_json *j);

/* Before and after joining the pool: the member `joining`, and its tables. */
void cl_pool_ramps_json(struct cl_session *s, struct cl_json *j);
void cl_pool_ramps_tables(struct cl_session *s, struct cl_tables *t);

#endif

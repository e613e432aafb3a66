/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of merging, shared by the store_merge*.c files alone. */
#ifndef CL_STATS_STORE_MERGE_STATE_H
#define CL_STATS_STORE_MERGE_STATE_H

#include "stats/store/merge.h"
#include "stats/store/store_state.h"

/* A source of an input as it was when it was looked at. Texts are owned. */
struct cl_merge_source {
	size_t input;
	int64_t id; /* there */
	char *sensor;
	bool empty; /* no packet: no times */
	int64_t first_ns, last_ns;
	char *identity; /* what it was counted from and how far; the same: the same source */
	char *paths;	/* what its files were called, by which one of several is chosen */
};

struct cl_merging {
	const struct cl_merge *merge;
	struct cl_merge_result *result;
	struct cl_store out; /* being written */
	char **converted;    /* by input: a copy of one of an older schema; NULL: as it is. Owned */
	struct cl_merge_source *source; /* in their new order; number i + 1 */
	size_t count;
	bool exchanges; /* all inputs keep them */
	double done;	/* of 1, at least */
	double share;	/* of the step that goes on */
};

/* Looks at all inputs: `source` and `result`. False: the result has an error. */
bool cl_merge_plan(struct cl_merging *m);
void cl_merge_plan_free(struct cl_merging *m);

/* Copies inputs of older schemas, converted, beside the output; removes the copies. */
bool cl_merge_convert(struct cl_merging *m);
void cl_merge_convert_end(struct cl_merging *m);

/* Opens an input beside the output, as the schema `input`, for reading alone, and a transaction. */
bool cl_merge_attach(struct cl_merging *m, size_t input);
bool cl_merge_detach(struct cl_merging *m);

/* Takes the error of the output as the result's. Returns whether there is none. */
bool cl_merge_check(struct cl_merging *m, const char *path);

/* Unique clients over all sources, from rows that are written (store_merge_counts.c). */
bool cl_merge_counts(struct cl_merging *m);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_TIMELINE_H
#define CL_CLI_LIVE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/live/origin.h"
#include "stats/store/store.h"

/**
 * When a capture ran and what it lost then: the stretch of this run, and for each interface and step of the
 * store what its counters said. All of a run is replaced as it goes on: writing twice is writing once.
 */
struct cl_timeline {
	int64_t step_ns;
	bool begun;
	int64_t from_ns, to_ns; /* the run */
	int64_t end_ns;		/* of the step that is open: behind it, counters are to be read */
	struct cl_origin_count before[CL_CAPTURE_INTERFACES_MAX];
	struct cl_timeline_row *row; /* not stored yet, or not over yet */
	size_t rows, room;
};

struct cl_timeline_row {
	struct cl_interval_row row, kept; /* kept: its counts in the last transaction that was kept */
};

/* A timeline of steps of `step_ns`; free it with cl_timeline_free. */
void cl_timeline_begin(struct cl_timeline *t, int64_t step_ns);

/* Whether the step is over at this time: then counters are to be read. */
static inline bool cl_timeline_due(const struct cl_timeline *t, int64_t now_ns)
{
	return now_ns >= t->end_ns;
}

/* Reads the counters. What they counted since the last time is of the step that the last time lies in.
 * False: memory is short, and it stays to be counted. */
bool cl_timeline_read(struct cl_timeline *t, struct cl_origin *o, int64_t now_ns);

/* Writes what is not stored yet. */
void cl_timeline_write(const struct cl_timeline *t, struct cl_store *s);

/* What was written is safe: forgets the steps that are over. */
void cl_timeline_kept(struct cl_timeline *t);

/* From now on another database is written: what is safe stays in the one before. */
void cl_timeline_other(struct cl_timeline *t);

void cl_timeline_free(struct cl_timeline *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_ANALYSE_H
#define CL_CLI_ANALYSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/input.h"
#include "cli/session.h"

/* Frames counted into a session's store, whether they lie in files or come in. Opaque. */
struct cl_analysis;

/* Where frames come in from, at most. */
#define CL_ANALYSIS_FILES 32

/* Of frames that come in. */
struct cl_analysis_live {
	const char *months; /* the database is that of a month: see struct cl_store_live; NULL: it is one for
			       all */
};

/**
 * Goes on where the store's capture ended. `live`: frames come in, and are read once only; borrowed, else
 * NULL. NULL after a line on standard error. The session is borrowed.
 */
struct cl_analysis *cl_analysis_begin(struct cl_session *s, const struct cl_analysis_live *live);

/* Counts frames in time order, at least one. */
void cl_analysis_feed(struct cl_analysis *a, const struct cl_frame *frames, size_t n);

/* Time went on (nanoseconds since 1970) without frames: steps close, requests grow old. */
void cl_analysis_time(struct cl_analysis *a, int64_t time_ns);

/* Whether the store failed: more frames are of no use. */
bool cl_analysis_failed(const struct cl_analysis *a);

/* Clients of the open month in memory; waits until all that came is counted. */
size_t cl_analysis_clients(struct cl_analysis *a);

/* Writes more into the transaction; what it writes may be written again. */
typedef void cl_analysis_also_fn(void *ctx, struct cl_store *s);

/**
 * Of frames that come in: brings the database up to what was counted so far, in one transaction with what
 * `also` writes. `files`: what came from each so far.
 */
enum cl_commit cl_analysis_checkpoint(struct cl_analysis *a, const struct cl_input_file *files, size_t n,
				      cl_analysis_also_fn *also, void *ctx);

/* The same where a month with a database of its own ends at this time. What waits for its other parts gets
 * its fate in the next one. */
enum cl_commit cl_analysis_end_month(struct cl_analysis *a, const struct cl_input_file *files, size_t n,
				     int64_t end_ns, cl_analysis_also_fn *also, void *ctx);

/* Of frames that come in: the database may have been moved away (cl_store_reopen). */
bool cl_analysis_reopen(struct cl_analysis *a);

/* Of frames that come in: no more do. What waits for its other parts is incomplete; checkpoints may follow.
 */
void cl_analysis_stop(struct cl_analysis *a);

/* No more frames come: counts what waits and writes all into the store, which is not committed. `files`: what
 * was read of each. */
void cl_analysis_end(struct cl_analysis *a, const struct cl_input_file *files, size_t n);

/* NULL is accepted. */
void cl_analysis_free(struct cl_analysis *a);

#endif

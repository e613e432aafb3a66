/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_ORIGIN_H
#define CL_CLI_LIVE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/input.h"
#include "cli/live/capture_options.h"

/* Where a service's frames come from: interfaces, or a capture read as if it came in. Opaque. */
struct cl_origin;

/* What one interface counted since the service began. */
struct cl_origin_count {
	const char *interface; /* borrowed from the origin */
	const char *clock;     /* who stamped the packets; "" where it is not known */
	uint64_t received, dropped_kernel, dropped_interface;
	int64_t away_ns; /* how long it was down or gone */
};

/* NULL after a line on standard error. Everything is borrowed. */
struct cl_origin *cl_origin_open(const struct cl_capture_options *c, const struct cl_options *o);

/* Frames of a capture that are known already are passed over: for a capture, before the first cl_origin_next.
 */
void cl_origin_skip(struct cl_origin *o, uint64_t frames);

/**
 * The next frames in time order, valid until the next call; cl_frame.file counts cl_origin_files. 0: nothing
 * came for a tenth of a second, or (`*ended`) nothing more comes.
 */
size_t cl_origin_next(struct cl_origin *o, const struct cl_frame **frames, bool *ended);

/* Counts frames as taken, in their order. */
void cl_origin_taken(struct cl_origin *o, const struct cl_frame *frames, size_t n);

/* What was taken from each interface, or of the capture; the array is owned by the origin and goes on. */
const struct cl_input_file *cl_origin_files(const struct cl_origin *o, size_t *n);

/* How far the clock of the packets has come; false where only packets tell. */
bool cl_origin_clock(const struct cl_origin *o, int64_t *ns);

/* The counters of interface `i`, as many as there are files. Asks the kernel. */
void cl_origin_count(struct cl_origin *o, size_t i, struct cl_origin_count *out);

/* When what comes begins, as far as it is known: now, or the first packet of a capture whose packets are all
 * new. */
bool cl_origin_first(const struct cl_origin *o, int64_t *ns);

/* Says what happened to the interfaces since it was last asked. */
void cl_origin_say(struct cl_origin *o);

/* No more than what has come already. */
void cl_origin_stop(struct cl_origin *o);

/* NULL is accepted. */
void cl_origin_close(struct cl_origin *o);

#endif

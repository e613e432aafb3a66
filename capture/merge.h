/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_MERGE_H
#define CL_CAPTURE_MERGE_H

#include "capture/feed.h"

/* Several files as one stream: always the file whose next frame is the oldest, of two as old the first named.
 */
struct cl_merge {
	struct cl_feed **heap; /* borrowed feeds, the one to read at 0 */
	size_t n;
};

/* Room for `n` feeds; false when memory is short. */
bool cl_merge_init(struct cl_merge *m, size_t n);
void cl_merge_add(struct cl_merge *m, struct cl_feed *f);

/* The next frames, all of one file; 0 at the end of all files. They stay valid until the next call. */
size_t cl_merge_peek(struct cl_merge *m, const struct cl_frame **frames);

/* The first `n` of the frames peeked at are taken. */
void cl_merge_skip(struct cl_merge *m, size_t n);

/* Whether the next peek has to read on, which may wait for a pipe. */
bool cl_merge_waits(const struct cl_merge *m);

void cl_merge_free(struct cl_merge *m);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_QUEUE_H
#define CL_CAPTURE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/feed.h"

struct cl_queued {
	int64_t time_ns;
	struct cl_feed *feed; /* borrowed */
};

/* Files by a time of theirs: the smallest at heap[0], of two as old the one that was named first. */
struct cl_queue {
	struct cl_queued *heap;
	size_t n;
};

/* Room for `n` files; false when memory is short. */
bool cl_queue_init(struct cl_queue *q, size_t n);
void cl_queue_add(struct cl_queue *q, struct cl_feed *f, int64_t time_ns);

/* The first one's time changes. */
void cl_queue_move_first(struct cl_queue *q, int64_t time_ns);
void cl_queue_drop_first(struct cl_queue *q);

/* The one that comes after the first; NULL if there is none. */
const struct cl_queued *cl_queue_second(const struct cl_queue *q);

void cl_queue_free(struct cl_queue *q);

#endif

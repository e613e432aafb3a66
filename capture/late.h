/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LATE_H
#define CL_CAPTURE_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"

/* A frame that came after younger ones, and its turn among such. */
struct cl_late {
	struct cl_frame frame;
	uint64_t seq;
};

/* Late frames: the oldest at heap[0], of two as old the one that came first. */
struct cl_late_heap {
	struct cl_late *heap;
	size_t n, room;
	uint64_t seq;
};

/* Makes room for one more; false when memory is short. */
bool cl_late_room(struct cl_late_heap *h);

/* Adds a frame; there is room. */
void cl_late_push(struct cl_late_heap *h, const struct cl_frame *f);

/* Drops the oldest; there is one. */
void cl_late_pop(struct cl_late_heap *h);

/* Frees the memory, not the frames. */
void cl_late_free(struct cl_late_heap *h);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_REORDER_H
#define CL_CAPTURE_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"
#include "capture/input.h"

/* Packet time a frame may come late by and still be put in its place. */
#define CL_REORDER_NS 1000000000

/* Octets of frames and of blocks held at most, unless one batch is more. */
#define CL_REORDER_HELD (32u * 1024 * 1024)

/* A late frame and when it came. */
struct cl_late {
	struct cl_frame frame;
	uint64_t seq;
};

/**
 * Puts frames in order of time. Those in order wait in a ring, late ones in a heap; a frame goes out when the
 * newest seen is 1 s younger or too much is held. What goes out depends on the frames alone, not on how they
 * were handed in. A frame older than one that is out gets CL_FF_OUT_OF_ORDER and goes out next.
 */
struct cl_reorder {
	struct cl_frame *ring;
	size_t mask, head, tail; /* frames head..tail-1, each modulo the ring's size */
	struct cl_late *heap;	 /* the oldest at 0 */
	size_t nheap, heap_room;
	uint64_t seq;
	int64_t newest, last; /* seen; given */
	uint64_t held;	      /* octets of frames and descriptors in ring and heap */
	bool off, short_of_memory;
	size_t most; /* octets held at most: CL_REORDER_HELD unless set to less */
	const size_t *pool_held;
	struct cl_input_file *files; /* counts out_of_order */
	size_t nout;
	struct cl_frame out[CL_BATCH]; /* a batch that is not a piece of the ring */
};

/* `off`: frames go out as they come. Borrows `files` and `pool_held` (cl_pool.held). False: no memory. */
bool cl_reorder_init(struct cl_reorder *r, struct cl_input_file *files, const size_t *pool_held, bool off);

/* Takes the first k of `n` frames, k given back: fewer when others must go out before (cl_reorder_drain). */
size_t cl_reorder_put(struct cl_reorder *r, const struct cl_frame *frames, size_t n);

/* A full batch, if there is one; `end`: no more frames will come, a smaller one will do. Valid until the next
 * put. */
size_t cl_reorder_take(struct cl_reorder *r, const struct cl_frame **batch, bool end);

/* Moves what must go out now to the batch that is collected; frames in it: CL_BATCH, take it first. */
size_t cl_reorder_drain(struct cl_reorder *r);

/* The batch that is collected, however small. */
size_t cl_reorder_flush(struct cl_reorder *r, const struct cl_frame **batch);

/* Releases the frames inside and frees. */
void cl_reorder_free(struct cl_reorder *r);

#endif

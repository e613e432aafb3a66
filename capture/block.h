/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_BLOCK_H
#define CL_CAPTURE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"

/* Octets of a block, unless a record needs more. */
#define CL_BLOCK_SIZE (256u * 1024)

struct cl_pool;

/**
 * A stretch of a capture's octets that frames borrow from. It goes back to its pool when the
 * source has left it (`filling` false) and the last frame in it is released (`live` 0).
 */
struct cl_block {
	struct cl_block *next; /* in the pool's free list */
	struct cl_pool *pool;
	size_t size, used; /* used <= size */
	uint32_t live;	   /* frames not yet released */
	uint32_t filling;  /* the source still cuts frames from it */
	uint8_t data[];
};

/* Blocks to use again. One thread. */
struct cl_pool {
	struct cl_block *free;
	size_t block_size; /* of those kept for use again */
	size_t held;	   /* octets of blocks that only their frames keep */
};

void cl_pool_init(struct cl_pool *p, size_t block_size);

/* An empty block of at least `size` octets, filling; NULL when memory is short. */
struct cl_block *cl_pool_get(struct cl_pool *p, size_t size);

/* The source has left the block. NULL is accepted. */
void cl_block_leave(struct cl_block *b);

/* Releases `n` frames of the block. */
void cl_block_release(struct cl_block *b, uint32_t n);

/* Releases the blocks' hold by `n` frames. */
void cl_frames_release(const struct cl_frame *frames, size_t n);

/* Frees the blocks in the pool; those still held must have gone back before. */
void cl_pool_free(struct cl_pool *p);

#endif

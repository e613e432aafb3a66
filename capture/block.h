/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_BLOCK_H
#define CL_CAPTURE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/**
 * A stretch of a capture's octets that frames borrow from. It goes back to its pool when the
 * source has left it (`filling` false) and the last frame in it is released (`live` 0).
 */
struct cl_block {
	struct cl_block *next; /* in the pool's free list */
	size_t size, used;     /* used <= size */
	uint32_t live;         /* frames not yet released */
	uint32_t filling;      /* the source still cuts frames from it */
	uint8_t data[];
};

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_PACKED_H
#define CL_STATS_PACKED_H

#include <stddef.h>

#include "stats/exchange/exchange.h"

/*
 * Messages that wait, in blocks of about their size: a note is mostly zero, and of a server with a hundred
 * thousand requests a second a million wait.
 */

/* A message: its event without the part of its union that its kind does not have; behind that the words of
 * its note that are not 0, and the note's data. */
struct cl_packed {
	uint64_t words; /* which of the note's are there, by bits */
	struct cl_event event;
};

/* Octets that any message takes at most. */
#define CL_PACKED_MAX ((sizeof(struct cl_packed) + sizeof(struct cl_note) + 15) & ~(size_t)15)

/* Packs into `to`, which has room for CL_PACKED_MAX; the octets that it takes. */
size_t cl_pack(void *to, const struct cl_message *m);

/* The message again; borrowed from both, `note` being made its note. */
struct cl_message cl_unpack(const struct cl_packed *p, struct cl_note *note);

#define CL_BLOCK_UNIT	 16u
#define CL_BLOCK_MAX	 2048u /* octets of the largest */
#define CL_BLOCK_CLASSES (CL_BLOCK_MAX / CL_BLOCK_UNIT + 1)

struct cl_block;
struct cl_block_region;

/* Blocks of memory by size; those that are given back are used again. All zero: an empty pool. */
struct cl_block_pool {
	struct cl_block *free[CL_BLOCK_CLASSES];
	struct cl_block_region *regions;
	uint8_t *at, *end; /* what is left of the newest */
	size_t octets;	   /* of the blocks in use */
};

/* `size` of 1 to CL_BLOCK_MAX octets, aligned for any of our types. NULL when memory is short. */
void *cl_block_take(struct cl_block_pool *p, size_t size);
void cl_block_give(struct cl_block_pool *p, void *block, size_t size);
void cl_block_pool_free(struct cl_block_pool *p);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_NOTEPOOL_H
#define CL_STATS_NOTEPOOL_H

#include <stddef.h>

#include "dissect/note.h"

#define CL_NOTE_CLASSES 3u

struct cl_note_slab;
struct cl_note_block;

/* Copies of notes, each in a block of about its size; blocks that are given back are used again. All zero: an
 * empty one. */
struct cl_note_pool {
	struct cl_note_block *free[CL_NOTE_CLASSES];
	struct cl_note_slab *slabs;
	size_t octets; /* of the blocks in use */
};

/* NULL when memory is short. */
struct cl_note *cl_note_pool_take(struct cl_note_pool *p, const struct cl_note *note);
void cl_note_pool_give(struct cl_note_pool *p, struct cl_note *note); /* NULL is accepted */
void cl_note_pool_free(struct cl_note_pool *p);

#endif

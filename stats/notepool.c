/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/notepool.h"

#include <stdlib.h>

#define BLOCKS 64u /* that a slab is cut into */

/* Octets of a block of each class: most notes, those with some data, all. */
static const size_t sizes[CL_NOTE_CLASSES] = { offsetof(struct cl_note, data) + 64,
					       offsetof(struct cl_note, data) + 192, sizeof(struct cl_note) };

struct cl_note_block {
	struct cl_note_block *next;
};

struct cl_note_slab {
	struct cl_note_slab *next;
};

/* Rounded up, so that blocks are aligned as a note is. */
static size_t room_of(unsigned class)
{
	return (sizes[class] + 15) & ~(size_t)15;
}

static unsigned class_of(const struct cl_note *note)
{
	unsigned class = 0;

	while (cl_note_size(note) > sizes[class])
		class ++;
	return class;
}

static bool refill(struct cl_note_pool *p, unsigned class)
{
	const size_t head = (sizeof(struct cl_note_slab) + 15) & ~(size_t)15;
	struct cl_note_slab *slab = malloc(head + BLOCKS * room_of(class));

	if (slab == NULL)
		return false;
	slab->next = p->slabs;
	p->slabs = slab;
	for (size_t i = BLOCKS; i-- > 0;) {
		struct cl_note_block *b = (void *)((char *)slab + head + i * room_of(class));

		b->next = p->free[class];
		p->free[class] = b;
	}
	return true;
}

struct cl_note *cl_note_pool_take(struct cl_note_pool *p, const struct cl_note *note)
{
	unsigned class = class_of(note);

	if (p->free[class] == NULL && !refill(p, class))
		return NULL;
	struct cl_note_block *b = p->free[class];
	p->free[class] = b->next;
	p->octets += room_of(class);
	cl_note_copy((struct cl_note *)(void *)b, note);
	return (struct cl_note *)(void *)b;
}

void cl_note_pool_give(struct cl_note_pool *p, struct cl_note *note)
{
	if (note == NULL)
		return;
	unsigned class = class_of(note);
	struct cl_note_block *b = (void *)note;

	p->octets -= room_of(class);
	b->next = p->free[class];
	p->free[class] = b;
}

void cl_note_pool_free(struct cl_note_pool *p)
{
	while (p->slabs != NULL) {
		struct cl_note_slab *next = p->slabs->next;

		free(p->slabs);
		p->slabs = next;
	}
	*p = (struct cl_note_pool){ .octets = 0 };
}

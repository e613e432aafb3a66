/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/block.h"

#include <stdlib.h>

void cl_pool_init(struct cl_pool *p, size_t block_size)
{
	p->free = NULL;
	p->block_size = block_size;
	p->held = 0;
}

struct cl_block *cl_pool_get(struct cl_pool *p, size_t size)
{
	struct cl_block *b = p->free;

	if (size < p->block_size)
		size = p->block_size;
	if (b != NULL && b->size >= size) {
		p->free = b->next;
	} else {
		b = malloc(sizeof(*b) + size);
		if (b == NULL)
			return NULL;
		b->size = size;
	}
	b->next = NULL;
	b->pool = p;
	b->used = 0;
	b->live = 0;
	b->filling = 1;
	return b;
}

/* A block larger than the rest goes back to the system. */
static void give_back(struct cl_block *b)
{
	struct cl_pool *p = b->pool;

	if (b->size != p->block_size) {
		free(b);
		return;
	}
	b->next = p->free;
	p->free = b;
}

void cl_block_leave(struct cl_block *b)
{
	if (b == NULL)
		return;
	b->filling = 0;
	if (b->live == 0)
		give_back(b);
	else
		b->pool->held += b->size;
}

void cl_block_release(struct cl_block *b, uint32_t n)
{
	b->live -= n;
	if (b->live == 0 && !b->filling) {
		b->pool->held -= b->size;
		give_back(b);
	}
}

void cl_frames_release(const struct cl_frame *frames, size_t n)
{
	size_t i = 0;

	while (i < n) {
		struct cl_block *b = frames[i].block;
		uint32_t run = 0;

		for (; i < n && frames[i].block == b; i++)
			run++;
		cl_block_release(b, run);
	}
}

void cl_pool_free(struct cl_pool *p)
{
	struct cl_block *next;

	for (struct cl_block *b = p->free; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	p->free = NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/index.h"

#include "stats/hugemem.h"

#define FIRST_SLOTS 16u

bool cl_index_init(struct cl_index *x)
{
	for (unsigned i = 0; i < CL_INDEX_PARTS; i++)
		x->part[i] = (struct cl_index_part){ .slot = NULL };
	for (unsigned i = 0; i < CL_INDEX_PARTS; i++) {
		x->part[i].slot = cl_huge_alloc(FIRST_SLOTS * sizeof(uint64_t));
		x->part[i].mask = FIRST_SLOTS - 1;
		if (x->part[i].slot == NULL) {
			cl_index_free(x);
			return false;
		}
	}
	return true;
}

void cl_index_free(struct cl_index *x)
{
	for (unsigned i = 0; i < CL_INDEX_PARTS; i++) {
		cl_huge_free(x->part[i].slot, ((size_t)x->part[i].mask + 1) * sizeof(uint64_t));
		x->part[i].slot = NULL;
	}
}

static void place(uint64_t *slot, uint32_t mask, uint64_t value)
{
	uint32_t at = (uint32_t)(value >> 32) & mask;

	while (slot[at] != 0)
		at = (at + 1) & mask;
	slot[at] = value;
}

static bool grow(struct cl_index_part *p)
{
	if (p->mask >= UINT32_MAX / 2)
		return false;
	uint32_t mask = p->mask * 2 + 1;
	uint64_t *slot = cl_huge_alloc(((size_t)mask + 1) * sizeof *slot);

	if (slot == NULL)
		return false;
	for (uint64_t i = 0; i <= p->mask; i++)
		if (p->slot[i] != 0)
			place(slot, mask, p->slot[i]);
	cl_huge_free(p->slot, ((size_t)p->mask + 1) * sizeof *slot);
	p->slot = slot;
	p->mask = mask;
	return true;
}

bool cl_index_add(struct cl_index *x, uint64_t hash, uint32_t number)
{
	struct cl_index_part *p = &x->part[hash >> 61];

	if ((p->used + 1) / 4 * 5 > p->mask && !grow(p)) /* four fifths full */
		if (p->used >= p->mask)
			return false;
	place(p->slot, p->mask, (uint64_t)cl_index_tag(hash) << 32 | (number + 1));
	p->used++;
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/index.h"

#include "stats/table/hugemem.h"

#define FIRST_SLOTS 16u

/* What a part takes from the budget; its first few slots are free. */
static size_t part_octets(uint32_t mask)
{
	return cl_huge_octets(((size_t)mask + 1) * sizeof(uint64_t));
}

bool cl_index_init(struct cl_index *x)
{
	x->budget = NULL;
	x->budget_part = CL_BUDGET_CLIENTS;
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
		struct cl_index_part *p = &x->part[i];

		if (p->slot != NULL && p->mask >= FIRST_SLOTS)
			cl_budget_give(x->budget, x->budget_part, part_octets(p->mask));
		cl_huge_free(p->slot, ((size_t)p->mask + 1) * sizeof(uint64_t));
		p->slot = NULL;
	}
}

static void place(uint64_t *slot, uint32_t mask, uint64_t value)
{
	slot[cl_line_room(slot, (uint32_t)(value >> 32), mask)] = value;
}

/* The new slots and the old ones are there together for a while. */
static bool grow(struct cl_index *x, struct cl_index_part *p)
{
	if (p->mask >= UINT32_MAX / 2)
		return false;
	uint32_t mask = p->mask * 2 + 1;
	if (!cl_budget_take(x->budget, x->budget_part, part_octets(mask)))
		return false;
	uint64_t *slot = cl_huge_alloc(((size_t)mask + 1) * sizeof *slot);
	if (slot == NULL) {
		cl_budget_give(x->budget, x->budget_part, part_octets(mask));
		return false;
	}
	for (uint64_t i = 0; i <= p->mask; i++)
		if (p->slot[i] != 0)
			place(slot, mask, p->slot[i]);
	cl_huge_free(p->slot, ((size_t)p->mask + 1) * sizeof *slot);
	if (p->mask >= FIRST_SLOTS)
		cl_budget_give(x->budget, x->budget_part, part_octets(p->mask));
	p->slot = slot;
	p->mask = mask;
	return true;
}

bool cl_index_add(struct cl_index *x, uint64_t hash, uint32_t number)
{
	struct cl_index_part *p = &x->part[hash >> 61];

	if ((p->used + 1) / 4 * 5 > p->mask && !grow(x, p)) /* four fifths full: fuller ones are slow */
		return false;
	place(p->slot, p->mask, (uint64_t)cl_index_tag(hash) << 32 | (number + 1));
	p->used++;
	return true;
}

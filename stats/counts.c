/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/counts.h"

#include <stdlib.h>

#include "dissect/hash.h"

#define FIRST_SLOTS 64u

/* Where the key is, or would be. */
static struct cl_count *slot_of(const struct cl_counts *c, struct cl_count *slots, size_t mask, uint64_t key)
{
	size_t at = cl_mix(key, c->seed) & mask;

	while (slots[at].n > 0 && slots[at].key != key)
		at = (at + 1) & mask;
	return &slots[at];
}

static bool grow(struct cl_counts *c)
{
	size_t slots = c->slot == NULL ? FIRST_SLOTS : 2 * (c->mask + 1);
	struct cl_count *more = calloc(slots, sizeof *more);

	if (more == NULL)
		return false;
	for (size_t i = 0; c->slot != NULL && i <= c->mask; i++)
		if (c->slot[i].n > 0)
			*slot_of(c, more, slots - 1, c->slot[i].key) = c->slot[i];
	free(c->slot);
	c->slot = more;
	c->mask = slots - 1;
	return true;
}

void cl_counts_add(struct cl_counts *c, uint64_t key, uint64_t n)
{
	if (n == 0)
		return;
	c->total += n;
	if (c->slot == NULL || 2 * c->used > c->mask)
		c->failed = !grow(c) || c->failed;
	struct cl_count *s = c->slot != NULL ? slot_of(c, c->slot, c->mask, key) : NULL;
	if (s == NULL || (s->n == 0 && (c->used == CL_COUNTS_MAX || c->used == c->mask))) {
		c->beyond += n;
		return;
	}
	c->used += s->n == 0;
	s->key = key;
	s->n += n;
}

uint64_t cl_counts_of(const struct cl_counts *c, uint64_t key)
{
	return c->slot != NULL ? slot_of(c, c->slot, c->mask, key)->n : 0;
}

static int by_count(const void *a, const void *b)
{
	const struct cl_count *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

struct cl_count *cl_counts_sorted(const struct cl_counts *c)
{
	struct cl_count *list = c->used > 0 ? malloc(c->used * sizeof *list) : NULL;
	size_t n = 0;

	for (size_t i = 0; list != NULL && i <= c->mask; i++)
		if (c->slot[i].n > 0)
			list[n++] = c->slot[i];
	if (list != NULL)
		qsort(list, n, sizeof *list, by_count);
	return list;
}

void cl_counts_free(struct cl_counts *c)
{
	free(c->slot);
	*c = (struct cl_counts){ .seed = c->seed };
}

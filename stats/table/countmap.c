/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/countmap.h"

#include <stdlib.h>

#include "dissect/hash.h"
#include "stats/table/hugemem.h"

#define SLOTS_FIRST ((size_t)1 << 10)

bool cl_countmap_init(struct cl_countmap *m, size_t most, uint64_t seed)
{
	*m = (struct cl_countmap){ .most = most, .seed = seed, .mask = SLOTS_FIRST - 1 };
	m->slot = cl_huge_alloc(SLOTS_FIRST * sizeof *m->slot);
	return m->slot != NULL;
}

void cl_countmap_free(struct cl_countmap *m)
{
	cl_huge_free(m->slot, (m->mask + 1) * sizeof *m->slot);
	m->slot = NULL;
}

/* The key's slot from `at` on, or the free one where it belongs. */
static struct cl_counted *find(const struct cl_countmap *m, uint64_t key, size_t at)
{
	while (m->slot[at].n != 0 && m->slot[at].key != key)
		at = (at + 1) & m->mask;
	return &m->slot[at];
}

static size_t place_of(const struct cl_countmap *m, uint64_t key)
{
	return cl_mix(m->seed, key) & m->mask;
}

/* At most half full. */
static bool grow(struct cl_countmap *m)
{
	size_t slots = m->mask + 1;
	struct cl_counted *old = m->slot, *more = cl_huge_alloc(slots * 2 * sizeof *more);

	if (more == NULL)
		return false;
	m->slot = more;
	m->mask = slots * 2 - 1;
	for (size_t i = 0; i < slots; i++)
		if (old[i].n != 0)
			*find(m, old[i].key, place_of(m, old[i].key)) = old[i];
	cl_huge_free(old, slots * sizeof *old);
	return true;
}

static void take(struct cl_countmap *m, uint64_t key, uint64_t times, uint64_t weight, size_t at)
{
	struct cl_counted *c = find(m, key, at);

	if (c->n == 0) {
		m->full |= m->used >= m->most;
		if (m->full) {
			m->refused += times;
			return;
		}
		m->used++;
		c->key = key;
	}
	c->n += times;
	c->weight += weight;
}

void cl_countmap_settle(struct cl_countmap *m)
{
	for (unsigned i = 0; i < m->waits; i++)
		take(m, m->waiting[i].key, 1, m->waiting[i].weight, m->waiting[i].at);
	m->waits = 0;
	if ((m->used + CL_COUNTMAP_WAITING) * 2 > m->mask && !m->full)
		m->full = !grow(m);
}

void cl_countmap_add(struct cl_countmap *m, uint64_t key, uint64_t weight)
{
	size_t at = place_of(m, key);

	__builtin_prefetch(&m->slot[at], 1);
	m->waiting[m->waits].key = key;
	m->waiting[m->waits].weight = weight;
	m->waiting[m->waits].at = at;
	if (++m->waits == CL_COUNTMAP_WAITING)
		cl_countmap_settle(m);
}

void cl_countmap_add_n(struct cl_countmap *m, uint64_t key, uint64_t times)
{
	cl_countmap_settle(m);
	take(m, key, times, 0, place_of(m, key));
}

struct cl_counted cl_countmap_get(const struct cl_countmap *m, uint64_t key)
{
	struct cl_counted c = *find(m, key, place_of(m, key));

	c.key = key;
	return c;
}

/* The most ------------------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
	const struct cl_counted *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

static int by_rising_count(const void *a, const void *b)
{
	return by_count(b, a);
}

/* Lets `x` sink from the front of a heap that has the least of n in front. */
static void sink(struct cl_counted *heap, size_t n, struct cl_counted x)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && by_count(&heap[child + 1], &heap[child]) > 0)
			child++;
		if (by_count(&heap[child], &x) < 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = x;
}

struct cl_counted *cl_countmap_top(struct cl_countmap *m, size_t *n)
{
	size_t most = *n, count = 0;

	cl_countmap_settle(m);
	if (most > m->used)
		most = m->used;
	struct cl_counted *top = malloc((most + 1) * sizeof *top);
	if (top == NULL)
		return NULL;
	for (size_t i = 0; i <= m->mask && most > 0; i++) {
		const struct cl_counted *c = &m->slot[i];

		if (c->n == 0)
			continue;
		if (count == most) {
			if (by_count(c, &top[0]) < 0)
				sink(top, most, *c);
			continue;
		}
		top[count++] = *c;
		if (count == most) /* sorted with the least in front, it is a heap */
			qsort(top, count, sizeof *top, by_rising_count);
	}
	qsort(top, count, sizeof *top, by_count);
	*n = count;
	return top;
}

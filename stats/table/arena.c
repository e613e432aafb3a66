/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/arena.h"

#include <sys/mman.h>

#include "stats/table/hugemem.h"

static size_t round_up(size_t n)
{
	return (n + CL_HUGE_PAGE - 1) / CL_HUGE_PAGE * CL_HUGE_PAGE;
}

bool cl_arena_init(struct cl_arena *a, size_t record, size_t limit)
{
	*a = (struct cl_arena){ .record = record, .limit = limit };
	for (; a->limit > 0; a->limit /= 2) {
		a->reserved = round_up(record * a->limit) + CL_HUGE_PAGE;
		uint8_t *p = mmap(NULL, a->reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				  -1, 0);
		if (p != MAP_FAILED) {
			a->map = p;
			a->base = p + (CL_HUGE_PAGE - (uintptr_t)p % CL_HUGE_PAGE) % CL_HUGE_PAGE;
			return true;
		}
	}
	return false;
}

/* Commits an eighth more, at least one huge page. */
static bool grow(struct cl_arena *a)
{
	size_t have = a->committed_octets, more = round_up(have / 8 + 1);

	if (have + more > a->reserved - CL_HUGE_PAGE)
		more = a->reserved - CL_HUGE_PAGE - have;
	if (more > CL_HUGE_PAGE && more > cl_budget_left(a->budget, a->part))
		more = CL_HUGE_PAGE;
	if (more == 0 || !cl_budget_take(a->budget, a->part, more))
		return false;
	if (mprotect(a->base + have, more, PROT_READ | PROT_WRITE) != 0) {
		cl_budget_give(a->budget, a->part, more);
		return false;
	}
#ifdef MADV_HUGEPAGE
	(void)madvise(a->base + have, more, MADV_HUGEPAGE); /* advice: fewer address translations */
#endif
	a->committed_octets = have + more;
	a->committed = a->committed_octets / a->record;
	return true;
}

void *cl_arena_add(struct cl_arena *a)
{
	if (a->count >= a->limit)
		return NULL;
	if (a->count >= a->committed && !grow(a))
		return NULL;
	return a->base + a->count++ * a->record;
}

bool cl_arena_extend(struct cl_arena *a, size_t count)
{
	if (count > a->limit)
		return false;
	while (count > a->committed)
		if (!grow(a))
			return false;
	a->count = count;
	return true;
}

void cl_arena_free(struct cl_arena *a)
{
	cl_budget_give(a->budget, a->part, a->committed_octets);
	if (a->map != NULL)
		(void)munmap(a->map, a->reserved);
	*a = (struct cl_arena){ .record = 0 };
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/budget.h"

#include <stdint.h>

/* Shares of the limit, in 64ths. Open requests have theirs, for matching is among the exact totals. */
static const unsigned char shares[CL_BUDGET_PARTS] = {
	[CL_BUDGET_CLIENTS] = 16, [CL_BUDGET_OPEN] = 16,    [CL_BUDGET_SERVICES] = 4,
	[CL_BUDGET_ICMP] = 4,	  [CL_BUDGET_SKETCHES] = 8, [CL_BUDGET_SORT] = 4,
};

void cl_budget_init(struct cl_budget *b, size_t limit)
{
	*b = (struct cl_budget){ .limit = limit };
	for (unsigned i = 0; i < CL_BUDGET_PARTS; i++)
		b->kept[i] = limit / 64 * shares[i];
}

size_t cl_budget_left(const struct cl_budget *b, enum cl_budget_part part)
{
	size_t spoken_for = b == NULL ? 0 : b->used;

	if (b == NULL || b->limit == 0)
		return SIZE_MAX;
	for (unsigned i = 0; i < CL_BUDGET_PARTS; i++)
		if (i != (unsigned)part && b->kept[i] > b->part[i])
			spoken_for += b->kept[i] - b->part[i];
	return spoken_for < b->limit ? b->limit - spoken_for : 0;
}

bool cl_budget_take(struct cl_budget *b, enum cl_budget_part part, size_t n)
{
	if (b == NULL || b->limit == 0)
		return true;
	if (n > cl_budget_left(b, part))
		return false;
	b->used += n;
	b->part[part] += n;
	return true;
}

void cl_budget_give(struct cl_budget *b, enum cl_budget_part part, size_t n)
{
	if (b == NULL || b->limit == 0)
		return;
	if (n > b->part[part])
		n = b->part[part]; /* what grew without asking */
	b->used -= n;
	b->part[part] -= n;
}

void cl_budget_give_all(struct cl_budget *b, enum cl_budget_part part)
{
	if (b != NULL)
		cl_budget_give(b, part, b->part[part]);
}

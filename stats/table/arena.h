/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ARENA_H
#define CL_STATS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/table/budget.h"

/**
 * Fixed-size records in one stretch of address space that is reserved at once and committed as it fills: a
 * record never moves and growth copies nothing. At most `limit` records; past it cl_arena_add gives NULL.
 */
struct cl_arena {
	uint8_t *base; /* at a huge page's boundary within `map` */
	uint8_t *map;
	size_t record; /* octets each */
	size_t count, committed, limit;
	size_t committed_octets, reserved; /* of address space */
	struct cl_budget *budget;	   /* borrowed; NULL: none. Set before the first record */
	enum cl_budget_part part;
};

/* Reserves room for `limit` records, or fewer where address space is limited. False: not even for one. */
bool cl_arena_init(struct cl_arena *a, size_t record, size_t limit);

/* A new zeroed record, or NULL at the limit or when memory is short. */
void *cl_arena_add(struct cl_arena *a);

/* Makes the records `count`, which are not fewer than before; new ones are zeroed. False: there is no room
 * for them, and there are as many as before. */
bool cl_arena_extend(struct cl_arena *a, size_t count);

static inline void *cl_arena_at(const struct cl_arena *a, size_t i)
{
	return a->base + i * a->record;
}

void cl_arena_free(struct cl_arena *a);

#endif

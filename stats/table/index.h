/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_INDEX_H
#define CL_STATS_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/inline.h"
#include "stats/table/budget.h"
#include "stats/table/slotline.h"

/**
 * From a 64-bit hash to record numbers: lines of slots (slotline.h; 32 bits of the hash, the number plus 1).
 * Split into 8 parts that grow one at a time, so growth never doubles the whole. Entries are not removed.
 */
#define CL_INDEX_PARTS 8u
#define CL_INDEX_NONE  UINT32_MAX

struct cl_index_part {
	uint64_t *slot;
	uint32_t mask, used;
};

struct cl_index {
	struct cl_index_part part[CL_INDEX_PARTS];
	struct cl_budget *budget; /* borrowed; NULL: none. Of what grows from now on */
	enum cl_budget_part budget_part;
};

/* Whether record `number` has the key looked for. */
typedef bool cl_index_eq(const void *records, uint32_t number, const void *key);

bool cl_index_init(struct cl_index *x);
void cl_index_free(struct cl_index *x);

/* Adds a number that is not there yet (< 2^32 - 2). False when memory is short, or the budget is spent. */
bool cl_index_add(struct cl_index *x, uint64_t hash, uint32_t number);

static inline uint32_t cl_index_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 24);
}

CL_IN_LINE void cl_index_prefetch(const struct cl_index *x, uint64_t hash)
{
	const struct cl_index_part *p = &x->part[hash >> 61];

	__builtin_prefetch(&p->slot[cl_index_tag(hash) & p->mask]);
}

#define CL_INDEX_GUESSES 4u

/* A record that probably has the hash (its tag equals), to prefetch it; CL_INDEX_NONE if there is none in the
 * first few places. */
static inline uint32_t cl_index_guess(const struct cl_index *x, uint64_t hash)
{
	const struct cl_index_part *p = &x->part[hash >> 61];
	uint32_t tag = cl_index_tag(hash), at = cl_line_home(tag, p->mask);

	for (unsigned i = 0; i < CL_INDEX_GUESSES; i++, at = cl_line_next(at, tag, p->mask))
		if ((uint32_t)(p->slot[at] >> 32) == tag)
			return (uint32_t)p->slot[at] - 1; /* of an empty slot: CL_INDEX_NONE */
	return CL_INDEX_NONE;
}

static inline uint32_t cl_index_find(const struct cl_index *x, uint64_t hash, cl_index_eq *eq,
				     const void *records, const void *key)
{
	const struct cl_index_part *p = &x->part[hash >> 61];
	uint32_t tag = cl_index_tag(hash);

	for (uint32_t at = cl_line_home(tag, p->mask); p->slot[at] != 0;
	     at = cl_line_next(at, tag, p->mask)) {
		uint32_t number = (uint32_t)p->slot[at] - 1;

		if ((uint32_t)(p->slot[at] >> 32) == tag && eq(records, number, key))
			return number;
	}
	return CL_INDEX_NONE;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_KEYED_H
#define CL_STATS_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/table/arena.h"
#include "stats/table/index.h"

/**
 * Records that are found by the octets that they begin with, numbered in the order in which they came. A key
 * has no padding. Records never move until they are sorted; from then on none can be found.
 */
struct cl_keyed {
	struct cl_arena arena;
	struct cl_index index;
	size_t key; /* octets */
	uint64_t seed;
	bool made;
};

/* False: memory is short; cl_keyed_free takes it all the same, and one that is all zero. */
bool cl_keyed_init(struct cl_keyed *k, size_t record, size_t key, size_t limit, uint64_t seed);
void cl_keyed_free(struct cl_keyed *k);

/* NULL: there is none. */
void *cl_keyed_find(const struct cl_keyed *k, const void *key);

/* The same, made if there is none: all zero but for its key, and `*fresh` set (which may be NULL). NULL at
 * the limit, and when memory is short. */
void *cl_keyed_get(struct cl_keyed *k, const void *key, bool *fresh);

static inline void *cl_keyed_at(const struct cl_keyed *k, size_t number)
{
	return cl_arena_at(&k->arena, number);
}

static inline size_t cl_keyed_count(const struct cl_keyed *k)
{
	return k->arena.count;
}

static inline uint32_t cl_keyed_number(const struct cl_keyed *k, const void *record)
{
	return (uint32_t)((size_t)((const uint8_t *)record - k->arena.base) / k->arena.record);
}

#endif

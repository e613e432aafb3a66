/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_INTERN_H
#define CL_STATS_INTERN_H

#include "stats/table/arena.h"
#include "stats/table/index.h"

/* Records that are found by their first `key` octets, in which there is no padding. */
struct cl_intern {
	struct cl_arena records;
	struct cl_index index;
	size_t key;
	uint64_t seed;
};

/* At most `limit` records of `record` octets. False when memory is short; free it in any case (all zero is
 * freed as well). */
bool cl_intern_init(struct cl_intern *t, size_t record, size_t key, size_t limit, uint64_t seed);
void cl_intern_free(struct cl_intern *t);

/* The record of a key; NULL if there is none. */
void *cl_intern_find(const struct cl_intern *t, const void *key);

/* The same, made of the key and zeros if there is none; *added says so (may be NULL). NULL: no room. */
void *cl_intern_get(struct cl_intern *t, const void *key, bool *added);

static inline size_t cl_intern_count(const struct cl_intern *t)
{
	return t->records.count;
}

static inline void *cl_intern_at(const struct cl_intern *t, size_t i)
{
	return cl_arena_at(&t->records, i);
}

#endif

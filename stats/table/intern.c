/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/intern.h"

#include <string.h>

#include "dissect/hash.h"

bool cl_intern_init(struct cl_intern *t, size_t record, size_t key, size_t limit, uint64_t seed)
{
	*t = (struct cl_intern){ .key = key, .seed = seed };
	return cl_arena_init(&t->records, record, limit) && cl_index_init(&t->index);
}

void cl_intern_free(struct cl_intern *t)
{
	cl_arena_free(&t->records);
	cl_index_free(&t->index);
}

static bool same(const void *records, uint32_t number, const void *key)
{
	const struct cl_intern *t = records;

	return memcmp(cl_arena_at(&t->records, number), key, t->key) == 0;
}

void *cl_intern_find(const struct cl_intern *t, const void *key)
{
	uint32_t number = cl_index_find(&t->index, cl_hash(key, t->key, t->seed), same, t, key);

	return number != CL_INDEX_NONE ? cl_arena_at(&t->records, number) : NULL;
}

void *cl_intern_get(struct cl_intern *t, const void *key, bool *added)
{
	void *record = cl_intern_find(t, key);

	if (added != NULL)
		*added = record == NULL;
	if (record != NULL)
		return record;
	record = cl_arena_add(&t->records);
	if (record == NULL)
		return NULL;
	if (!cl_index_add(&t->index, cl_hash(key, t->key, t->seed), (uint32_t)(t->records.count - 1))) {
		t->records.count--; /* it is the last */
		return NULL;
	}
	memcpy(record, key, t->key);
	return record;
}

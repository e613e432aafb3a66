/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/keyed.h"

#include <string.h>

#include "dissect/hash.h"

bool cl_keyed_init(struct cl_keyed *k, size_t record, size_t key, size_t limit, uint64_t seed)
{
	*k = (struct cl_keyed){ .key = key, .seed = seed };
	if (!cl_arena_init(&k->arena, record, limit))
		return false;
	k->made = true;
	return cl_index_init(&k->index);
}

void cl_keyed_free(struct cl_keyed *k)
{
	if (!k->made)
		return;
	cl_arena_free(&k->arena);
	cl_index_free(&k->index);
	k->made = false;
}

static bool same(const void *keyed, uint32_t number, const void *key)
{
	const struct cl_keyed *k = keyed;

	return memcmp(cl_arena_at(&k->arena, number), key, k->key) == 0;
}

void *cl_keyed_find(const struct cl_keyed *k, const void *key)
{
	uint32_t at = cl_index_find(&k->index, cl_hash(key, k->key, k->seed), same, k, key);

	return at != CL_INDEX_NONE ? cl_arena_at(&k->arena, at) : NULL;
}

void *cl_keyed_get(struct cl_keyed *k, const void *key, bool *fresh)
{
	uint64_t hash = cl_hash(key, k->key, k->seed);
	uint32_t at = cl_index_find(&k->index, hash, same, k, key);

	if (fresh != NULL)
		*fresh = at == CL_INDEX_NONE;
	if (at != CL_INDEX_NONE)
		return cl_arena_at(&k->arena, at);
	void *record = cl_arena_add(&k->arena);
	if (record == NULL)
		return NULL;
	memcpy(record, key, k->key);
	if (!cl_index_add(&k->index, hash, (uint32_t)(k->arena.count - 1))) {
		memset(record, 0, k->key);
		k->arena.count--;
		return NULL;
	}
	return record;
}

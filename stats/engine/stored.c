/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/stored.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/store/store.h"

#define SEED UINT64_C(0x9e3779b97f4a7c15)

void cl_stored_begin(struct cl_stored *s, const struct cl_store *store)
{
	uint64_t undone = cl_store_undone(store), renewed = cl_store_renewed(store);

	s->known = cl_store_is_live(store);
	if (s->rows > 0 && (undone != s->undone || renewed != s->renewed))
		memset(s->hash, 0, s->rows * sizeof *s->hash);
	s->undone = undone;
	s->renewed = renewed;
}

static bool reach(struct cl_stored *s, size_t i)
{
	if (i < s->rows)
		return true;
	size_t rows = (i + 1) * 2;
	uint64_t *hash = realloc(s->hash, rows * sizeof *hash);
	if (hash == NULL)
		return false;
	memset(hash + s->rows, 0, (rows - s->rows) * sizeof *hash);
	s->hash = hash;
	s->rows = rows;
	return true;
}

bool cl_stored_due(struct cl_stored *s, size_t i, const void *row, size_t octets)
{
	if (!s->known || !reach(s, i))
		return true;
	uint64_t hash = cl_hash(row, octets, SEED) | 1;
	bool due = s->hash[i] != hash;

	s->hash[i] = hash;
	return due;
}

void cl_stored_clear(struct cl_stored *s)
{
	free(s->hash);
	*s = (struct cl_stored){ .hash = NULL };
}

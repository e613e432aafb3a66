/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/icmp_steps.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/engine/services.h"
#include "stats/store/store.h"

#define KEY_OCTETS offsetof(struct cl_icmp_step, errors)
#define REST_MAX   (CL_ICMP_STEPS_MAX / 8)

_Static_assert(KEY_OCTETS == 32, "a key without holes");

static const struct cl_addr nobody;

bool cl_icmp_steps_init(struct cl_icmp_steps *s, struct cl_budget *budget)
{
	if (!cl_arena_init(&s->rows, sizeof(struct cl_icmp_step), CL_ICMP_STEPS_MAX + REST_MAX))
		return false;
	if (!cl_index_init(&s->by_key)) {
		cl_arena_free(&s->rows);
		return false;
	}
	s->rows.part = s->by_key.budget_part = CL_BUDGET_ICMP;
	s->rows.budget = s->by_key.budget = budget;
	s->rest = 0;
	s->ready = true;
	return true;
}

void cl_icmp_steps_free(struct cl_icmp_steps *s)
{
	if (!s->ready)
		return;
	s->rows.budget = s->by_key.budget = NULL; /* its owner gives all back */
	cl_stored_clear(&s->stored);
	cl_arena_free(&s->rows);
	cl_index_free(&s->by_key);
	s->ready = false;
}

static bool same_key(const void *records, uint32_t number, const void *key)
{
	return memcmp((const struct cl_icmp_step *)records + number, key, KEY_OCTETS) == 0;
}

static struct cl_icmp_step *row_of(struct cl_icmp_steps *s, const struct cl_icmp_step *key, uint64_t seed)
{
	uint64_t hash = cl_hash(key, KEY_OCTETS, seed);
	uint32_t number = cl_index_find(&s->by_key, hash, same_key, s->rows.base, key);
	bool rest = memcmp(&key->server, &nobody, sizeof nobody) == 0;

	if (number != CL_INDEX_NONE)
		return cl_arena_at(&s->rows, number);
	if (rest ? s->rest >= REST_MAX : s->rows.count - s->rest >= CL_ICMP_STEPS_MAX)
		return NULL;
	number = (uint32_t)s->rows.count;
	struct cl_icmp_step *row = cl_arena_add(&s->rows);
	if (row == NULL)
		return NULL;
	if (!cl_index_add(&s->by_key, hash, number)) {
		s->rows.count--;
		return NULL;
	}
	memcpy(row, key, KEY_OCTETS);
	s->rest += rest;
	return row;
}

bool cl_icmp_steps_add(struct cl_icmp_steps *s, struct cl_icmp_step *key, uint64_t seed)
{
	struct cl_icmp_step *row = row_of(s, key, seed);

	if (row == NULL) {
		key->server = nobody;
		row = row_of(s, key, seed);
	}
	if (row != NULL)
		row->errors += key->errors;
	return row != NULL;
}

struct cl_icmp_step *cl_icmp_steps_from(const struct cl_icmp_steps *s, int64_t t_s, size_t *count)
{
	struct cl_icmp_step *from = NULL;
	size_t n = 0;

	*count = 0;
	if (!s->ready)
		return NULL;
	for (size_t i = 0; i < s->rows.count; i++)
		n += ((const struct cl_icmp_step *)cl_arena_at(&s->rows, i))->t_s >= t_s;
	if (n > 0)
		from = calloc(n, sizeof *from);
	for (size_t i = 0; from != NULL && i < s->rows.count; i++) {
		const struct cl_icmp_step *row = cl_arena_at(&s->rows, i);

		if (row->t_s >= t_s)
			from[(*count)++] = *row;
	}
	return from;
}

/* Storing --------------------------------------------------------------------- */

void cl_icmp_steps_write(struct cl_icmp_steps *s, struct cl_store *store)
{
	struct cl_query *q = cl_query_new(store, "INSERT OR REPLACE INTO icmp_step VALUES(?1, ?2, ?3, ?4, "
						 "?5, ?6, ?7, ?8)");

	cl_stored_begin(&s->stored, store);
	for (size_t i = 0; s->ready && i < s->rows.count; i++) {
		const struct cl_icmp_step *row = cl_arena_at(&s->rows, i);

		if (!cl_stored_due(&s->stored, i, row, sizeof *row))
			continue;
		bool v4 = cl_addr_is_v4(&row->server);
		bool rest = memcmp(&row->server, &nobody, sizeof nobody) == 0;

		cl_query_bind_i64(q, 2, row->t_s);
		cl_query_bind_text(q, 3, cl_proto_names[row->proto]);
		cl_query_bind_blob(q, 4, row->server.b + (v4 ? 12 : 0), rest ? 0 : v4 ? 4 : 16);
		cl_query_bind_i64(q, 5, row->family);
		cl_query_bind_i64(q, 6, row->type);
		cl_query_bind_i64(q, 7, row->code);
		cl_query_bind_i64(q, 8, (int64_t)row->errors);
		cl_query_run(q);
	}
	cl_query_free(q);
}

bool cl_icmp_steps_load(struct cl_icmp_steps *s, struct cl_store *store, int64_t t_s, uint64_t seed)
{
	struct cl_query *q =
		cl_query_new(store, "SELECT t, proto = 'dns', server, family, type, code, errors "
				    "FROM icmp_step WHERE source_id = ?1 AND t >= ?2");
	bool ok = true;

	cl_query_bind_i64(q, 2, t_s);
	while (ok && cl_query_row(q)) {
		struct cl_icmp_step key = { .t_s = cl_query_s(q, 0),
					    .proto = cl_query_i64(q, 1) != 0 ? CL_PROTO_DNS : CL_PROTO_NTP,
					    .family = cl_query_i64(q, 3) == 4 ? 4 : 6,
					    .type = (uint8_t)cl_query_u64(q, 4),
					    .code = (uint8_t)cl_query_u64(q, 5),
					    .errors = cl_query_u64(q, 6) };

		(void)cl_query_addr(q, 2, &key.server);
		ok = cl_icmp_steps_add(s, &key, seed);
	}
	cl_query_free(q);
	return ok;
}

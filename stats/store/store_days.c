/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts of a store in memory: the engine's own tallies, read as the tables `day`, `day_code`, `day_delta`
 * and `day_delta_bucket`. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_state.h"
#include "stats/store/store_vtable.h"

bool cl_days_keep(struct cl_store *s, int64_t day, uint32_t service, const struct cl_tally *tally)
{
	struct cl_days *k = &s->days;

	if (service >= k->services) {
		size_t more = ((size_t)service + 1) * 2;
		const struct cl_tally **grown = realloc(k->of, more * sizeof *grown);

		if (grown == NULL) {
			cl_store_fail(s, CL_ENOMEM);
			return false;
		}
		memset(grown + k->services, 0, (more - k->services) * sizeof *grown);
		k->of = grown;
		k->services = more;
	}
	k->of[service] = tally;
	k->day = day;
	return true;
}

void cl_days_free(struct cl_days *k)
{
	free(k->of);
	*k = (struct cl_days){ .of = NULL };
}

/* The first columns of all four tables. */
enum { COL_SOURCE, COL_DAY, COL_SERVICE, COL_KIND };

#define PLAN_SERVICE 1

struct day_cursor {
	const struct cl_tally *tally;
	size_t service, next, end; /* next: the service after the one that it stands on */
	uint32_t at;		   /* code, or kind of delta */
	uint32_t bucket;
};

static void plan(struct cl_store *s, sqlite3_index_info *info)
{
	int taken = 0, at = cl_vtable_find(info, COL_SERVICE, SQLITE_INDEX_CONSTRAINT_EQ);

	info->estimatedRows = (sqlite3_int64)s->days.services + 1;
	if (at >= 0) {
		cl_vtable_take(info, at, &taken);
		info->idxNum = PLAN_SERVICE;
		info->estimatedRows = 10;
	}
	info->estimatedCost = (double)info->estimatedRows;
}

static bool begin(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv)
{
	struct day_cursor *c = cursor;

	c->end = s->days.services;
	if (plan == PLAN_SERVICE) {
		uint32_t service = cl_store_number_of(s, sqlite3_value_int64(argv[0]));

		c->next = service;
		c->end = service < c->end ? service + 1u : 0;
	}
	return true;
}

static bool next_service(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	while (c->next < c->end) {
		c->service = c->next++;
		c->tally = s->days.of[c->service];
		if (c->tally != NULL)
			return true;
	}
	return false;
}

/* The columns that all four have. */
static void key_column(const struct cl_store *s, const struct day_cursor *c, sqlite3_context *out, int i)
{
	sqlite3_result_int64(out, i == COL_SOURCE ? s->source_id
				  : i == COL_DAY  ? s->days.day
						  : cl_store_service_id(s, (uint32_t)c->service));
}

/* day ------------------------------------------------------------------------- */

static void day_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE)
		key_column(s, c, out, i);
	else
		sqlite3_result_int64(out, c->tally->n[i - COL_SERVICE - 1]);
}

#define KEY "source_id INTEGER, day INTEGER, service_id INTEGER"

static const struct cl_vtable day_table = {
	.name = "day",
#define X(id, column, doc) ", " #column " INTEGER"
	.columns = "CREATE TABLE day(" KEY
#include "stats/engine/counters.def"
		   ")",
#undef X
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_service,
	.column = day_column,
};

/* day_code -------------------------------------------------------------------- */

static bool next_code(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	if (c->tally != NULL && ++c->at < c->tally->codes.count)
		return true;
	c->at = 0;
	while (next_service(s, cursor))
		if (c->tally->codes.count > 0)
			return true;
	return false;
}

static void code_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE) {
		key_column(s, c, out, i);
		return;
	}
	const struct cl_code *code = &c->tally->codes.row[c->at];
	if (i == COL_KIND)
		sqlite3_result_text(out, cl_code_kind_names[code->key >> 16], -1, SQLITE_STATIC);
	else
		sqlite3_result_int64(out, i == COL_KIND + 1 ? code->key & 0xffff : (int64_t)code->n);
}

static const struct cl_vtable code_table = {
	.name = "day_code",
	.columns = "CREATE TABLE day_code(" KEY ", kind TEXT, code INTEGER, n INTEGER)",
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_code,
	.column = code_column,
};

/* day_delta, day_delta_bucket ------------------------------------------------- */

/* The kind after c->at that has samples, of this service or a later one; `at` is one ahead of the kind. */
static bool next_delta(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	while (c->tally != NULL || next_service(s, cursor)) {
		while (c->at < CL_DELTAS)
			if (c->tally->delta[c->at++].n > 0)
				return true;
		c->at = 0;
		c->tally = NULL;
	}
	return false;
}

static const struct cl_hist *delta_of(const struct day_cursor *c)
{
	return &c->tally->delta[c->at - 1];
}

static void delta_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	enum { N = COL_KIND + 1, MIN, MAX };
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE) {
		key_column(s, c, out, i);
		return;
	}
	const struct cl_hist *h = delta_of(c);
	sqlite3_result_int64(out, i == COL_KIND ? (int64_t)c->at - 1
				  : i == N	? (int64_t)h->n
				  : i == MIN	? h->min
				  : i == MAX	? h->max
						: (int64_t)h->sum);
}

static const struct cl_vtable delta_table = {
	.name = "day_delta",
	.columns = "CREATE TABLE day_delta(" KEY
		   ", kind INTEGER, n INTEGER, min_ns INTEGER, max_ns INTEGER, sum_ns INTEGER)",
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_delta,
	.column = delta_column,
};

static bool next_bucket(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	for (;;) {
		if (c->at > 0)
			for (c->bucket++; c->bucket < delta_of(c)->hi; c->bucket++)
				if (delta_of(c)->bucket[c->bucket - delta_of(c)->lo] > 0)
					return true;
		if (!next_delta(s, cursor))
			return false;
		c->bucket = delta_of(c)->lo - 1; /* wraps around at 0, and back */
	}
}

static void bucket_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	enum { BUCKET = COL_KIND + 1, GE, LT };
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE) {
		key_column(s, c, out, i);
		return;
	}
	sqlite3_result_int64(out, i == COL_KIND ? (int64_t)c->at - 1
				  : i == BUCKET ? (int64_t)c->bucket
				  : i == GE	? cl_hist_floor(c->bucket)
				  : i == LT	? cl_hist_floor(c->bucket + 1)
						: (int64_t)delta_of(c)->bucket[c->bucket - delta_of(c)->lo]);
}

static const struct cl_vtable bucket_table = {
	.name = "day_delta_bucket",
	.columns = "CREATE TABLE day_delta_bucket(" KEY
		   ", kind INTEGER, bucket INTEGER, ge_ns INTEGER, lt_ns INTEGER, n INTEGER)",
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_bucket,
	.column = bucket_column,
};

/* day_size, day_qtype_rcode ---------------------------------------------------- */

/* `at` is the kind, `bucket` one ahead of the place in its list. */
static bool next_size(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	while (c->tally != NULL || next_service(s, cursor)) {
		for (; c->at < CL_SIZE_KINDS; c->at++, c->bucket = 0)
			while (c->bucket < c->tally->size[c->at].count)
				if (c->tally->size[c->at].n[c->bucket++] > 0)
					return true;
		c->at = c->bucket = 0;
		c->tally = NULL;
	}
	return false;
}

static void size_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE) {
		key_column(s, c, out, i);
		return;
	}
	const struct cl_sizes *sizes = &c->tally->size[c->at];
	if (i == COL_KIND)
		sqlite3_result_text(out, cl_size_kind_names[c->at], -1, SQLITE_STATIC);
	else
		sqlite3_result_int64(out, i == COL_KIND + 1 ? (int64_t)sizes->lo + c->bucket - 1
							    : (int64_t)sizes->n[c->bucket - 1]);
}

static const struct cl_vtable size_table = {
	.name = "day_size",
	.columns = "CREATE TABLE day_size(" KEY ", kind TEXT, bin INTEGER, n INTEGER)",
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_size,
	.column = size_column,
};

static bool next_answer(struct cl_store *s, void *cursor)
{
	struct day_cursor *c = cursor;

	if (c->tally != NULL && ++c->at < c->tally->answers.count)
		return true;
	c->at = 0;
	while (next_service(s, cursor))
		if (c->tally->answers.count > 0)
			return true;
	return false;
}

static void answer_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct day_cursor *c = cursor;

	if (i <= COL_SERVICE) {
		key_column(s, c, out, i);
		return;
	}
	const struct cl_answer *a = &c->tally->answers.row[c->at];
	sqlite3_result_int64(out, i == COL_KIND	      ? cl_answer_stored(a->qtype)
				  : i == COL_KIND + 1 ? cl_answer_stored(a->rcode)
						      : (int64_t)a->n);
}

static const struct cl_vtable answer_table = {
	.name = "day_qtype_rcode",
	.columns = "CREATE TABLE day_qtype_rcode(" KEY ", qtype INTEGER, rcode INTEGER, n INTEGER)",
	.cursor = sizeof(struct day_cursor),
	.plan = plan,
	.begin = begin,
	.next = next_answer,
	.column = answer_column,
};

bool cl_days_tables(struct cl_store *s)
{
	return cl_vtable_add(s, &day_table) && cl_vtable_add(s, &code_table) &&
	       cl_vtable_add(s, &delta_table) && cl_vtable_add(s, &bucket_table) &&
	       cl_vtable_add(s, &size_table) && cl_vtable_add(s, &answer_table);
}

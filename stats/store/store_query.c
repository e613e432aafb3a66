/* SPDX-License-Identifier: BSD-2-Clause */
/* Statements: questions, and rows that are written at once or, of a live store, wait. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_live.h"

struct cl_query {
	struct cl_store *store;
	sqlite3_stmt *st;
	const char *sql; /* of one that is kept (cl_query_keep): not prepared yet, and borrowed */
	uint32_t waits;	 /* a statement of the backlog plus 1: it writes, and the store is live; else 0 */
	struct cl_value *value; /* by parameter less 1, if rows wait */
	int values;
};

/* The query's statement now: prepared at its first use. NULL: the store has failed. */
static sqlite3_stmt *prepared(struct cl_query *q)
{
	struct cl_store *s = q->store;

	if (q->st != NULL || q->sql == NULL || s->error[0] != '\0')
		return s->error[0] == '\0' ? q->st : NULL;
	if (sqlite3_prepare_v3(s->db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->st, NULL) != SQLITE_OK)
		cl_store_fail_sqlite(s);
	return q->st;
}

static bool writes(const char *sql)
{
	return sqlite3_strnicmp(sql, "SELECT", 6) != 0 && sqlite3_strnicmp(sql, "PRAGMA", 6) != 0 &&
	       sqlite3_strnicmp(sql, "WITH", 4) != 0;
}

/* The value of a parameter of a row that waits; NULL: it does not, or memory is short. */
static struct cl_value *value_at(struct cl_query *q, int at)
{
	if (q == NULL || q->waits == 0 || !cl_store_waits(q->store))
		return NULL;
	if (at > q->values) {
		struct cl_value *more = realloc(q->value, (size_t)at * sizeof *more);

		if (more == NULL) {
			cl_store_fail(q->store, CL_ENOMEM);
			return NULL;
		}
		memset(more + q->values, 0, (size_t)(at - q->values) * sizeof *more);
		q->value = more;
		q->values = at;
	}
	return &q->value[at - 1];
}

static void keep_octets(struct cl_query *q, int at, const void *v, size_t n, bool text)
{
	struct cl_value *value = value_at(q, at);

	if (value == NULL)
		return;
	if (n > value->room) {
		uint8_t *octets = realloc(value->octets, n);

		if (octets == NULL) {
			cl_store_fail(q->store, CL_ENOMEM);
			return;
		}
		value->octets = octets;
		value->room = n;
	}
	if (n > 0)
		memcpy(value->octets, v, n);
	value->n = n;
	value->type = text ? CL_VALUE_TEXT : CL_VALUE_BLOB;
}

static void bind_source(struct cl_query *q)
{
	if (cl_store_waits(q->store) && q->waits != 0)
		cl_query_bind_i64(q, 1, q->store->source_id);
	else if (q->st != NULL && sqlite3_bind_parameter_count(q->st) > 0)
		sqlite3_bind_int64(q->st, 1, q->store->source_id);
}

static void set_waits(struct cl_query *q, const char *sql)
{
	if (q->store->live == NULL || !writes(sql))
		return;
	uint32_t number = cl_backlog_statement(&q->store->live->backlog, sql);
	if (number == UINT32_MAX)
		cl_store_fail(q->store, CL_ENOMEM);
	else
		q->waits = number + 1;
}

struct cl_query *cl_query_keep(struct cl_store *s, const char *sql)
{
	struct cl_query *q = calloc(1, sizeof *q);

	if (q == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return NULL;
	}
	q->store = s;
	q->sql = sql;
	set_waits(q, sql);
	return q;
}

bool cl_query_ready(struct cl_query *q)
{
	if (q == NULL)
		return false;
	if (q->store->live != NULL && q->waits == 0)
		set_waits(q, q->sql);
	return q->waits != 0 && cl_store_waits(q->store) ? q->store->error[0] == '\0' : prepared(q) != NULL;
}

sqlite3_stmt *cl_query_prepared(struct cl_query *q)
{
	return q->st;
}

struct cl_query *cl_query_new(struct cl_store *s, const char *sql)
{
	struct cl_query *q = calloc(1, sizeof *q);

	if (q == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return NULL;
	}
	q->store = s;
	if (s->error[0] != '\0')
		return q;
	set_waits(q, sql);
	if (s->error[0] != '\0')
		return q;
	if (s->db == NULL && (q->waits == 0 || !cl_store_waits(s)))
		return q; /* a live store whose file has gone */
	if ((q->waits == 0 || !cl_store_waits(s)) &&
	    sqlite3_prepare_v2(s->db, sql, -1, &q->st, NULL) != SQLITE_OK)
		cl_store_fail_sqlite(s);
	bind_source(q);
	return q;
}

void cl_query_bind_i64(struct cl_query *q, int at, int64_t v)
{
	struct cl_value *value;

	if (q != NULL && q->st != NULL)
		sqlite3_bind_int64(q->st, at, v);
	if ((value = value_at(q, at)) != NULL) {
		value->type = CL_VALUE_INT;
		value->i = v;
	}
}

void cl_query_bind_null(struct cl_query *q, int at)
{
	struct cl_value *value;

	if (q != NULL && q->st != NULL)
		sqlite3_bind_null(q->st, at);
	if ((value = value_at(q, at)) != NULL)
		value->type = CL_VALUE_NULL;
}

void cl_query_bind_text(struct cl_query *q, int at, const char *v)
{
	if (q != NULL && q->st != NULL)
		sqlite3_bind_text(q->st, at, v, -1, SQLITE_TRANSIENT);
	if (v == NULL)
		cl_query_bind_null(q, at);
	else
		keep_octets(q, at, v, strlen(v), true);
}

void cl_query_bind_blob(struct cl_query *q, int at, const void *v, size_t n)
{
	if (q != NULL && q->st != NULL)
		sqlite3_bind_blob64(q->st, at, v, n, SQLITE_TRANSIENT);
	keep_octets(q, at, v, n, false);
}

bool cl_query_row(struct cl_query *q)
{
	if (q != NULL && q->waits != 0 && cl_store_waits(q->store)) {
		if (q->store->error[0] == '\0')
			cl_backlog_row(&q->store->live->backlog, q->waits - 1, q->value, q->values);
		return false;
	}
	if (q == NULL || q->st == NULL)
		return false;
	int code = sqlite3_step(q->st);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		cl_store_fail_sqlite(q->store);
	return false;
}

void cl_query_run(struct cl_query *q)
{
	while (cl_query_row(q))
		;
	if (q != NULL && q->st != NULL)
		sqlite3_reset(q->st);
}

void cl_query_again(struct cl_query *q)
{
	if (q != NULL && q->st != NULL)
		sqlite3_reset(q->st);
}

int64_t cl_query_i64(struct cl_query *q, int column)
{
	return sqlite3_column_int64(q->st, column);
}

uint64_t cl_query_u64(struct cl_query *q, int column)
{
	return (uint64_t)sqlite3_column_int64(q->st, column);
}

bool cl_query_null(struct cl_query *q, int column)
{
	return sqlite3_column_type(q->st, column) == SQLITE_NULL;
}

#define TIME_MAX_NS (((int64_t)1 << 62) - 1)

static int64_t held(int64_t v, int64_t most)
{
	return v > most ? most : v < -most ? -most : v;
}

int64_t cl_query_held(struct cl_query *q, int column)
{
	return held(cl_query_i64(q, column), TIME_MAX_NS);
}

int64_t cl_query_ns(struct cl_query *q, int column)
{
	return cl_query_held(q, column);
}

int64_t cl_query_s(struct cl_query *q, int column)
{
	return held(cl_query_i64(q, column), TIME_MAX_NS / 1000000000);
}

int64_t cl_query_s_as_ns(struct cl_query *q, int column)
{
	return cl_query_s(q, column) * 1000000000;
}

int64_t cl_query_day(struct cl_query *q, int column)
{
	return held(cl_query_i64(q, column), TIME_MAX_NS / 86400000000000);
}

const char *cl_query_text(struct cl_query *q, int column)
{
	return (const char *)sqlite3_column_text(q->st, column);
}

const char *cl_query_word(struct cl_query *q, int column)
{
	const char *text = cl_query_text(q, column);

	return text != NULL ? text : "";
}

const void *cl_query_blob(struct cl_query *q, int column, size_t *n)
{
	const void *p = sqlite3_column_blob(q->st, column);

	*n = (size_t)sqlite3_column_bytes(q->st, column);
	return p;
}

bool cl_query_addr(struct cl_query *q, int column, struct cl_addr *out)
{
	size_t n;
	const uint8_t *p = cl_query_blob(q, column, &n);

	if (p != NULL && n == 4)
		*out = cl_addr_from_v4(p);
	else if (p != NULL && n == sizeof out->b)
		memcpy(out->b, p, n);
	else
		return false;
	return true;
}

void cl_query_free(struct cl_query *q)
{
	if (q == NULL)
		return;
	sqlite3_finalize(q->st);
	for (int i = 0; i < q->values; i++)
		free(q->value[i].octets);
	free(q->value);
	free(q);
}

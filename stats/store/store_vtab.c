/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of clients: the engine's own records, read as SQL asks for them. */
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_state.h"
#include "stats/store/store_vtable.h"

/* Addresses lie in the engine's records, which stay while the store is used: they are not copied. */
static void result_addr(sqlite3_context *out, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	sqlite3_result_blob(out, a->b + (v4 ? 12 : 0), v4 ? 4 : 16, SQLITE_STATIC);
}

/* client_total ---------------------------------------------------------------- */

struct total_cursor {
	size_t at, count;
	const struct cl_addr *addr;
	const struct cl_seen *seen;
};

static bool total_begin(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv)
{
	struct total_cursor *c = cursor;

	(void)plan;
	(void)argv;
	c->count = s->clients.count != NULL ? s->clients.count(s->clients.ctx) : 0;
	return true;
}

static bool total_next(struct cl_store *s, void *cursor)
{
	struct total_cursor *c = cursor;

	while (c->at < c->count)
		if ((c->addr = s->clients.row(s->clients.ctx, c->at++, &c->seen)) != NULL)
			return true;
	return false;
}

static void total_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	enum { ADDR, SERVICE, REQUESTS, BYTES, FIRST, LAST };
	const struct total_cursor *c = cursor;

	switch (i) {
	case ADDR:
		result_addr(out, c->addr);
		break;
	case SERVICE:
		sqlite3_result_int64(out, cl_store_service_id(s, c->seen->service));
		break;
	case REQUESTS:
		sqlite3_result_int64(out, c->seen->requests);
		break;
	case BYTES:
		sqlite3_result_int64(out, (int64_t)c->seen->bytes);
		break;
	case FIRST:
		sqlite3_result_int64(out, c->seen->first_ns);
		break;
	default:
		sqlite3_result_int64(out, c->seen->last_ns);
	}
}

static const struct cl_vtable client_total = {
	.name = "client_total",
	.columns = "CREATE TABLE client_total(addr BLOB, service_id INTEGER, requests INTEGER, "
		   "bytes INTEGER, first_ns INTEGER, last_ns INTEGER)",
	.cursor = sizeof(struct total_cursor),
	.begin = total_begin,
	.next = total_next,
	.column = total_column,
};

/* talker ---------------------------------------------------------------------- */

enum { TALKER_ADDR, TALKER_FAMILY, TALKER_REQUESTS, TALKER_FIRST, TALKER_LAST, TALKER_GAP };

struct talker_cursor {
	struct cl_talker *talker;
	size_t at, count; /* at: 1 is the first */
};

/* ORDER BY requests DESC, family, addr: as the engine gives them. */
static bool is_own_order(const sqlite3_index_info *info)
{
	static const int columns[] = { TALKER_REQUESTS, TALKER_FAMILY, TALKER_ADDR };
	bool own = info->nOrderBy > 0 && info->nOrderBy <= (int)(sizeof columns / sizeof *columns);

	for (int i = 0; own && i < info->nOrderBy; i++)
		own = info->aOrderBy[i].iColumn == columns[i] && info->aOrderBy[i].desc == (i == 0);
	return own;
}

/* Plan 1: as many as the query's LIMIT says (SQLite from 3.38 on tells it); else all. */
static void talker_plan(struct cl_store *s, sqlite3_index_info *info)
{
	int taken = 0;

	(void)s;
	info->orderByConsumed = is_own_order(info);
#ifdef SQLITE_INDEX_CONSTRAINT_LIMIT
	for (int i = 0; i < info->nConstraint; i++) {
		int op = info->aConstraint[i].op;

		if (op != SQLITE_INDEX_CONSTRAINT_LIMIT)
			return; /* what the limit is of is not known before the rest was looked at */
	}
	if (info->orderByConsumed && info->nConstraint == 1 && info->aConstraint[0].usable != 0) {
		info->aConstraintUsage[0].argvIndex = ++taken; /* SQLite counts too */
		info->idxNum = 1;
	}
#endif
}

static bool talker_begin(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv)
{
	struct talker_cursor *c = cursor;
	int64_t most = plan == 1 ? sqlite3_value_int64(argv[0]) : -1;

	if (s->clients.talkers == NULL)
		return true;
	c->count = most >= 0 ? (size_t)most : s->clients.count(s->clients.ctx);
	c->talker = s->clients.talkers(s->clients.ctx, &c->count);
	return c->talker != NULL;
}

static bool talker_next(struct cl_store *s, void *cursor)
{
	struct talker_cursor *c = cursor;

	(void)s;
	return c->at++ < c->count;
}

static void talker_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	const struct talker_cursor *c = cursor;
	const struct cl_talker *t = &c->talker[c->at - 1];

	(void)s;
	switch (i) {
	case TALKER_ADDR:
		result_addr(out, t->addr);
		break;
	case TALKER_FAMILY:
		sqlite3_result_int(out, cl_addr_is_v4(t->addr) ? 4 : 6);
		break;
	case TALKER_REQUESTS:
		sqlite3_result_int64(out, (int64_t)t->requests);
		break;
	case TALKER_FIRST:
		sqlite3_result_int64(out, t->first_ns);
		break;
	case TALKER_LAST:
		sqlite3_result_int64(out, t->last_ns);
		break;
	default:
		if (t->gap_ns >= 0)
			sqlite3_result_int64(out, t->gap_ns);
	}
}

static void talker_end(void *cursor)
{
	free(((struct talker_cursor *)cursor)->talker);
}

static const struct cl_vtable talker = {
	.name = "talker",
	.columns = "CREATE TABLE talker(addr BLOB, family INTEGER, requests INTEGER, first_ns INTEGER, "
		   "last_ns INTEGER, gap_ns INTEGER)",
	.cursor = sizeof(struct talker_cursor),
	.plan = talker_plan,
	.begin = talker_begin,
	.next = talker_next,
	.column = talker_column,
	.end = talker_end,
};

void cl_store_serve_clients(struct cl_store *s, const struct cl_client_table *table)
{
	s->clients = *table;
}

bool cl_store_census(struct cl_store *s, struct cl_census *census, const struct cl_census_places *places)
{
	if (s->clients.census == NULL || s->clients.census(s->clients.ctx, census, places))
		return true;
	cl_store_fail(s, CL_ENOMEM);
	return false;
}

/* client_rows: a day's rows on their way into a file -------------------------- */

struct rows_cursor {
	const struct cl_addr *addr;
	const struct cl_seen *seen;
	unsigned via;
};

static bool rows_begin(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv)
{
	(void)s;
	(void)cursor;
	(void)plan;
	(void)argv;
	return true;
}

static bool rows_next(struct cl_store *s, void *cursor)
{
	struct rows_cursor *c = cursor;

	c->addr = s->rows != NULL ? s->rows->next(s->rows->ctx, &c->seen, &c->via) : NULL;
	return c->addr != NULL;
}

static void rows_column(struct cl_store *s, void *cursor, sqlite3_context *out, int i)
{
	enum { ADDR, REQUESTS, RESPONSES, BYTES, FIRST, LAST, VIA };
	const struct rows_cursor *c = cursor;

	switch (i) {
	case ADDR:
		result_addr(out, c->addr);
		break;
	case REQUESTS:
		sqlite3_result_int64(out, c->seen->requests);
		break;
	case RESPONSES:
		sqlite3_result_int64(out, c->seen->responses);
		break;
	case BYTES:
		sqlite3_result_int64(out, (int64_t)c->seen->bytes);
		break;
	case FIRST:
		sqlite3_result_int64(out, c->seen->first_ns - s->rows_midnight_ns);
		break;
	case LAST:
		sqlite3_result_int64(out, c->seen->last_ns - s->rows_midnight_ns);
		break;
	default:
		sqlite3_result_int(out, (int)c->via);
	}
}

static const struct cl_vtable client_rows = {
	.name = "client_rows",
	.columns = "CREATE TABLE client_rows(addr BLOB, requests INTEGER, responses INTEGER, bytes INTEGER, "
		   "first_ns INTEGER, last_ns INTEGER, via INTEGER)",
	.cursor = sizeof(struct rows_cursor),
	.begin = rows_begin,
	.next = rows_next,
	.column = rows_column,
};

bool cl_store_vtab_memory(struct cl_store *s)
{
	return cl_vtable_add(s, &client_total) && cl_vtable_add(s, &talker) && cl_steps_tables(s) &&
	       cl_days_tables(s);
}

bool cl_store_vtab_file(struct cl_store *s)
{
	return cl_vtable_add(s, &client_rows);
}

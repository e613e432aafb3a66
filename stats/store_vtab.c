/* SPDX-License-Identifier: BSD-2-Clause */
/* The table client_total of a store in memory: the engine's own records, read as SQL asks for them. */
#include <stdlib.h>
#include <string.h>

#include "stats/store_state.h"

struct table {
	sqlite3_vtab base; /* first: SQLite's view of it */
	struct cl_store *store;
};

struct cursor {
	sqlite3_vtab_cursor base;
	size_t at, count;
	struct cl_addr addr;
	struct cl_seen seen;
};

enum { COL_ADDR, COL_SERVICE, COL_REQUESTS, COL_RESPONSES, COL_BYTES, COL_FIRST, COL_LAST };

static int connect_table(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
			 char **err)
{
	struct table *t = sqlite3_malloc(sizeof *t);

	(void)argc;
	(void)argv;
	(void)err;
	if (t == NULL)
		return SQLITE_NOMEM;
	memset(t, 0, sizeof *t);
	t->store = aux;
	*out = &t->base;
	return sqlite3_declare_vtab(
		db, "CREATE TABLE client_total(addr BLOB, service_id INTEGER, requests INTEGER, "
		    "responses INTEGER, bytes INTEGER, first_ns INTEGER, last_ns INTEGER)");
}

static int disconnect_table(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1e6;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc(sizeof *c);

	(void)t;
	if (c == NULL)
		return SQLITE_NOMEM;
	memset(c, 0, sizeof *c);
	*out = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static const struct cl_store *store_of(sqlite3_vtab_cursor *c)
{
	return ((const struct table *)(const void *)c->pVtab)->store;
}

static const struct cl_client_table *clients_of(sqlite3_vtab_cursor *c)
{
	return &store_of(c)->clients;
}

static void settle(struct cursor *c)
{
	const struct cl_client_table *t = clients_of(&c->base);

	while (c->at < c->count && !t->row(t->ctx, c->at, &c->addr, &c->seen))
		c->at++;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *name, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)(void *)base;
	const struct cl_client_table *t = clients_of(base);

	(void)number;
	(void)name;
	(void)argc;
	(void)argv;
	c->at = 0;
	c->count = t->count != NULL ? t->count(t->ctx) : 0;
	settle(c);
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)(void *)base;

	c->at++;
	settle(c);
	return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *c = (const struct cursor *)(const void *)base;

	return c->at >= c->count;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct cursor *c = (const struct cursor *)(const void *)base;
	bool v4 = cl_addr_is_v4(&c->addr);

	switch (i) {
	case COL_ADDR:
		sqlite3_result_blob(out, c->addr.b + (v4 ? 12 : 0), v4 ? 4 : 16, SQLITE_TRANSIENT);
		break;
	case COL_SERVICE:
		sqlite3_result_int64(out, cl_store_service_id(store_of(base), c->seen.service));
		break;
	case COL_REQUESTS:
		sqlite3_result_int64(out, c->seen.requests);
		break;
	case COL_RESPONSES:
		sqlite3_result_int64(out, c->seen.responses);
		break;
	case COL_BYTES:
		sqlite3_result_int64(out, (int64_t)c->seen.bytes);
		break;
	case COL_FIRST:
		sqlite3_result_int64(out, c->seen.first_ns);
		break;
	default:
		sqlite3_result_int64(out, c->seen.last_ns);
	}
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((const struct cursor *)(const void *)base)->at;
	return SQLITE_OK;
}

bool cl_store_vtab(struct cl_store *s)
{
	static const sqlite3_module module = {
		.xConnect = connect_table,
		.xBestIndex = best_index,
		.xDisconnect = disconnect_table,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next_row,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = rowid,
	};

	/* no xCreate: the table is there under the module's name */
	if (sqlite3_create_module(s->db, "client_total", &module, s) == SQLITE_OK)
		return true;
	cl_store_fail_sqlite(s);
	return false;
}

static void median_gap(sqlite3_context *out, int argc, sqlite3_value **argv)
{
	const struct cl_store *s = sqlite3_user_data(out);
	const uint8_t *p = sqlite3_value_blob(argv[0]);
	int n = sqlite3_value_bytes(argv[0]);
	struct cl_addr addr;

	(void)argc;
	if (p == NULL || s->clients.median_gap_ns == NULL || (n != 4 && n != 16))
		return; /* null */
	if (n == 4)
		addr = cl_addr_from_v4(p);
	else
		memcpy(addr.b, p, sizeof addr.b);
	int64_t ns = s->clients.median_gap_ns(s->clients.ctx, &addr);
	if (ns >= 0)
		sqlite3_result_int64(out, ns);
}

bool cl_store_functions(struct cl_store *s)
{
	if (sqlite3_create_function(s->db, "median_gap_ns", 1, SQLITE_UTF8, s, median_gap, NULL, NULL) ==
	    SQLITE_OK)
		return true;
	cl_store_fail_sqlite(s);
	return false;
}

void cl_store_serve_clients(struct cl_store *s, const struct cl_client_table *table)
{
	s->clients = *table;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/store_vtable.h"

#include <string.h>

#include "stats/store/store_state.h"

/* What SQLite hands to a new connection of the table. */
struct binding {
	struct cl_store *store;
	const struct cl_vtable *def;
};

struct table {
	sqlite3_vtab base; /* first: SQLite's view of it */
	struct binding b;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_int64 row;
	bool at_end, begun;
	int64_t own[]; /* the table's; SQLite gives memory at multiples of 8 octets */
};

static const struct binding *binding_of(sqlite3_vtab_cursor *c)
{
	return &((const struct table *)(const void *)c->pVtab)->b;
}

static int connect_table(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
			 char **err)
{
	const struct binding *b = aux;
	struct table *t = sqlite3_malloc(sizeof *t);

	(void)argc;
	(void)argv;
	(void)err;
	if (t == NULL)
		return SQLITE_NOMEM;
	memset(t, 0, sizeof *t);
	t->b = *b;
	*out = &t->base;
	return sqlite3_declare_vtab(db, b->def->columns);
}

static int disconnect_table(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	const struct binding *b = &((const struct table *)(const void *)t)->b;

	info->estimatedCost = 1e6;
	info->estimatedRows = 1000000;
	if (b->def->plan != NULL)
		b->def->plan(b->store, info);
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	size_t size = sizeof(struct cursor) + ((const struct table *)(const void *)t)->b.def->cursor;
	struct cursor *c = sqlite3_malloc64(size);

	if (c == NULL)
		return SQLITE_NOMEM;
	memset(c, 0, size);
	*out = &c->base;
	return SQLITE_OK;
}

static void end_scan(struct cursor *c)
{
	const struct cl_vtable *def = binding_of(&c->base)->def;

	if (c->begun && def->end != NULL)
		def->end(c->own);
	c->begun = false;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)(void *)base;

	end_scan(c);
	sqlite3_free(c);
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)(void *)base;
	const struct binding *b = binding_of(base);

	c->at_end = !b->def->next(b->store, c->own);
	c->row++;
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *name, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)(void *)base;
	const struct binding *b = binding_of(base);

	(void)name;
	(void)argc;
	end_scan(c);
	memset(c->own, 0, b->def->cursor);
	c->begun = true;
	c->row = 0;
	if (!b->def->begin(b->store, c->own, number, argv))
		return SQLITE_NOMEM;
	return next_row(base);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	return ((const struct cursor *)(const void *)base)->at_end;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	struct cursor *c = (struct cursor *)(void *)base;
	const struct binding *b = binding_of(base);

	b->def->column(b->store, c->own, out, i);
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = ((const struct cursor *)(const void *)base)->row;
	return SQLITE_OK;
}

bool cl_vtable_add(struct cl_store *s, const struct cl_vtable *table)
{
	static const sqlite3_module module = {
		.xConnect = connect_table, /* no xCreate: the table is there under the module's name */
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
	struct binding *b = sqlite3_malloc(sizeof *b);

	if (b == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return false;
	}
	*b = (struct binding){ s, table };
	if (sqlite3_create_module_v2(s->db, table->name, &module, b, sqlite3_free) == SQLITE_OK)
		return true;
	cl_store_fail_sqlite(s); /* and the binding is freed */
	return false;
}

int cl_vtable_find(const sqlite3_index_info *info, int column, int op)
{
	for (int i = 0; i < info->nConstraint; i++)
		if (info->aConstraint[i].usable != 0 && info->aConstraint[i].op == op &&
		    info->aConstraint[i].iColumn == column)
			return i;
	return -1;
}

void cl_vtable_take(sqlite3_index_info *info, int at, int *taken)
{
	info->aConstraintUsage[at].argvIndex = ++*taken;
	info->aConstraintUsage[at].omit = 1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual tables of a store, for the store_*.c files alone: rows that lie elsewhere, read as SQL asks. */
#ifndef CL_STATS_STORE_VTABLE_H
#define CL_STATS_STORE_VTABLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct cl_store;

/**
 * A table: its name, its columns as in CREATE TABLE, and how its rows are found. A cursor is `cursor` octets,
 * all zero before `begin`. `begin` is given what `plan` chose (idxNum, and the values it asked for) and
 * stands before the first row; false: memory is short. `next` goes to the next row; false: there is none.
 * `plan` and `end` may be NULL. What `column` gives as static must stay until the statement ends.
 */
struct cl_vtable {
	const char *name, *columns;
	size_t cursor;
	void (*plan)(struct cl_store *s, sqlite3_index_info *info);
	bool (*begin)(struct cl_store *s, void *cursor, int plan, sqlite3_value **argv);
	bool (*next)(struct cl_store *s, void *cursor);
	void (*column)(struct cl_store *s, void *cursor, sqlite3_context *out, int i);
	void (*end)(void *cursor);
};

/* Makes the table known to the store's connection. False: the store has failed. */
bool cl_vtable_add(struct cl_store *s, const struct cl_vtable *table);

/* The place of a constraint `column op value` that can be used, or -1. */
int cl_vtable_find(const sqlite3_index_info *info, int column, int op);

/* Takes the constraint at a place: its value becomes the next of argv, and SQLite need not look again. */
void cl_vtable_take(sqlite3_index_info *info, int at, int *taken);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that somebody else may have written: what their schema says is not obeyed. */
#include <stdio.h>

#include "stats/store/store_state.h"

/* What no database of ours comes near. */
static const struct {
	int what, most;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 256 << 20 },    { SQLITE_LIMIT_EXPR_DEPTH, 200 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 100 }, { SQLITE_LIMIT_ATTACHED, 1 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },     { SQLITE_LIMIT_WORKER_THREADS, 0 },
};

void cl_store_guard(sqlite3 *db)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		(void)sqlite3_limit(db, limits[i].what, limits[i].most);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
	(void)sqlite3_drop_modules(db, NULL);
	(void)sqlite3_exec(db, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
}

bool cl_store_is_plain(struct cl_store *s)
{
	if (cl_store_number(s,
			    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' OR type = 'table' AND "
			    "(rootpage = 0 OR sql LIKE 'CREATE VIRTUAL%')") > 0)
		snprintf(s->error, sizeof s->error,
			 "has triggers or virtual tables, which no clientele makes: somebody changed it");
	return s->error[0] == '\0';
}

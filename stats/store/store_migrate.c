/* SPDX-License-Identifier: BSD-2-Clause */
/* From older schemas to this one. */
#include <stddef.h>

#include "stats/store/schema.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_state.h"

bool cl_store_make_tables(struct cl_store *s)
{
	return cl_store_exec_all(s, cl_schema_tables) && cl_store_exec_all(s, cl_schema_tunnels) &&
	       cl_store_exec_all(s, cl_schema_counts) && cl_exchange_schema(s);
}

bool cl_store_make_views(struct cl_store *s)
{
	return cl_store_exec(s, cl_schema_client_total) && cl_store_exec_all(s, cl_schema_views) &&
	       cl_store_exec_all(s, cl_schema_tunnel_views) && cl_store_exec_all(s, cl_schema_exchange_views);
}

/* What a new database of this version would have, in memory: only its schema is of interest. */
static bool open_model(struct cl_store *model)
{
	*model = (struct cl_store){ .path = NULL };
	if (sqlite3_open(":memory:", &model->db) != SQLITE_OK)
		cl_store_fail(model, CL_ENOMEM);
	return cl_store_make_tables(model) && cl_store_make_views(model);
}

/* Whether the question, which has one name or two, has a row. */
static bool has(struct cl_store *s, const char *sql, const char *a, const char *b)
{
	struct cl_query *q = cl_query_new(s, sql);

	cl_query_bind_text(q, 1, a);
	if (b != NULL)
		cl_query_bind_text(q, 2, b);
	bool found = cl_query_row(q);
	cl_query_free(q);
	return found;
}

/* A column that came later is 0, or null where it may be: nobody counted. */
static bool add_columns(struct cl_store *s, struct cl_store *model, const char *table)
{
	struct cl_query *q = cl_query_new(
		model, "SELECT 'ALTER TABLE ' || ?1 || ' ADD COLUMN ' || name || ' ' || type || CASE WHEN "
		       "\"notnull\" THEN ' NOT NULL DEFAULT 0' ELSE '' END, name FROM pragma_table_info(?1)");

	cl_query_bind_text(q, 1, table);
	while (cl_query_row(q))
		if (!has(s, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", table,
			 cl_query_text(q, 1)) &&
		    !cl_store_exec(s, cl_query_text(q, 0)))
			break;
	cl_query_free(q);
	return cl_store_error(s) == NULL;
}

/* Tables come before their indexes, as they were made. */
static bool add_missing(struct cl_store *s, struct cl_store *model)
{
	struct cl_query *q = cl_query_new(model, "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT "
						 "NULL AND type <> 'view' ORDER BY rowid");

	while (cl_query_row(q) && cl_store_error(s) == NULL) {
		const char *type = cl_query_text(q, 0), *name = cl_query_text(q, 1);

		if (!has(s, "SELECT 1 FROM sqlite_master WHERE type = ?1 AND name = ?2", type, name))
			(void)cl_store_exec(s, cl_query_text(q, 2));
		else if (type[0] == 't')
			(void)add_columns(s, model, name);
	}
	cl_query_free(q);
	return cl_store_error(s) == NULL;
}

/* Whether all views are there as they are now. */
static bool has_views(struct cl_store *s, struct cl_store *model)
{
	struct cl_query *q = cl_query_new(model, "SELECT name, sql FROM sqlite_master WHERE type = 'view'");
	bool same = true;

	while (same && cl_query_row(q))
		same = has(s, "SELECT 1 FROM sqlite_master WHERE name = ?1 AND sql = ?2", cl_query_text(q, 0),
			   cl_query_text(q, 1));
	cl_query_free(q);
	return same;
}

/* Views are made anew: none of them holds anything. Those that somebody else made stay. */
static bool drop_views(struct cl_store *s, struct cl_store *model)
{
	struct cl_query *q =
		cl_query_new(model, "SELECT 'DROP VIEW IF EXISTS main.' || name FROM sqlite_master "
				    "WHERE type = 'view'");

	while (cl_query_row(q) && cl_store_exec(s, cl_query_text(q, 0)))
		;
	cl_query_free(q);
	return cl_store_error(s) == NULL;
}

static bool take_steps(struct cl_store *s, int64_t version)
{
	for (; version < CL_SCHEMA_VERSION; version++)
		if (cl_schema_steps_from[version] != NULL &&
		    !cl_store_exec_all(s, cl_schema_steps_from[version]))
			return false;
	return true;
}

static bool note_change(struct cl_store *s, int64_t version)
{
	char note[160];

	if (version == CL_SCHEMA_VERSION)
		return true;
	sqlite3_snprintf(sizeof note, note,
			 "INSERT INTO schema_change SELECT source_id, %lld, last_ns FROM source; PRAGMA "
			 "user_version = %d",
			 (long long)version, CL_SCHEMA_VERSION);
	return cl_store_exec(s, note);
}

bool cl_store_convert(struct cl_store *s)
{
	int64_t version = cl_store_number(s, "PRAGMA user_version");
	struct cl_store model;
	bool ok = open_model(&model);

	if (ok && (version < CL_SCHEMA_VERSION || !has_views(s, &model)))
		ok = drop_views(s, &model) && take_steps(s, version) && add_missing(s, &model) &&
		     cl_store_make_views(s) && note_change(s, version);
	else if (ok)
		ok = add_missing(s, &model);
	if (!ok || cl_store_error(&model) != NULL)
		cl_store_fail(s, CL_ENOMEM);
	sqlite3_close(model.db);
	return cl_store_error(s) == NULL;
}

bool cl_store_copy_converted(struct cl_store *s, sqlite3 *old)
{
	sqlite3_backup *copy = sqlite3_backup_init(s->db, "main", old, "main");

	if (copy == NULL || sqlite3_backup_step(copy, -1) != SQLITE_DONE)
		cl_store_fail_sqlite(s);
	(void)sqlite3_backup_finish(copy);
	/* if it fails, there is nothing to go back to */
	return cl_store_exec(s, "PRAGMA synchronous = OFF; BEGIN") && cl_store_convert(s) &&
	       cl_store_exec(s, "COMMIT");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is older than a day goes, a part at a time: tables are found by their columns, so that one that is
 * added is not forgotten here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_live.h"

/* Rows and pages of a part: some hundredths of a second. */
#define ROWS_MOST  4096
#define PAGES_MOST 512

/* Deletes what one statement finds, and leaves how many may still be deleted. ?2: the day, ?3: the first of
 * its month, ?4: how many. */
static void forget_rows(struct cl_store *s, char *sql, int64_t before_day, int *left)
{
	struct cl_query *q = sql != NULL && *left > 0 ? cl_query_new(s, sql) : NULL;

	if (sql == NULL)
		cl_store_fail(s, CL_ENOMEM);
	if (q != NULL) {
		cl_query_bind_i64(q, 2, before_day);
		cl_query_bind_i64(q, 3, cl_month_begin(before_day));
		cl_query_bind_i64(q, 4, *left);
		cl_query_run(q);
		*left -= s->error[0] == '\0' ? sqlite3_changes(s->db) : 0;
	}
	cl_query_free(q);
	sqlite3_free(sql);
}

/* Tables of days, of months, of both, and of steps; with the columns of their keys. */
#define TABLES                                                                                               \
	"SELECT name, keys, CASE WHEN columns GLOB '*,period,*' THEN 'period = ''day'' AND day < ?2 OR "     \
	"period = ''month'' AND day < ?3' WHEN name = 'client_month' THEN 'day < ?3' WHEN columns GLOB "     \
	"'*,day,*' THEN 'day < ?2' ELSE 't <= ?2 * 86400' END FROM (SELECT m.name AS name, "                 \
	"(SELECT group_concat(name) FROM (SELECT '\"' || replace(name, '\"', '\"\"') || '\"' AS name FROM "  \
	"pragma_table_info(m.name) WHERE pk > 0 ORDER BY "                                                   \
	"pk)) AS keys, (SELECT ',' || group_concat(name) || ',' FROM pragma_table_info(m.name)) AS columns " \
	"FROM sqlite_master AS m WHERE m.type = 'table' AND m.name NOT GLOB 'state*') WHERE columns GLOB "   \
	"'*,source_id,*' AND keys GLOB '\"source_id\",*' AND (columns GLOB '*,day,*' OR columns GLOB "       \
	"'*,t,*')"

static void forget_tables(struct cl_store *s, int64_t before_day, int *left)
{
	struct cl_query *tables = cl_query_new(s, TABLES);

	while (*left > 0 && cl_query_row(tables)) {
		const char *keys = cl_query_text(tables, 1);

		forget_rows(
			s,
			sqlite3_mprintf(
				"DELETE FROM \"%w\" WHERE (%s) IN (SELECT %s FROM \"%w\" WHERE source_id = "
				"?1 AND (%s) LIMIT ?4)",
				cl_query_text(tables, 0), keys, keys, cl_query_text(tables, 0),
				cl_query_text(tables, 2)),
			before_day, left);
	}
	cl_query_free(tables);
}

/* They lie in the order of time, but for a few: those behind one that is to stay wait for it. */
static void forget_exchanges(struct cl_store *s, int64_t before_day, int *left)
{
	for (unsigned kind = 0; kind < CL_X_KINDS && cl_store_keeps_exchanges(s); kind++) {
		const struct cl_exchange_table *t = &cl_exchange_tables[kind];

		forget_rows(
			s,
			sqlite3_mprintf("DELETE FROM %s WHERE exchange_id IN (SELECT exchange_id FROM %s "
					"WHERE exchange_id >= ?1 * %lld AND exchange_id < (?1 + 1) * %lld "
					"AND %s < ?2 * 86400000000000 ORDER BY exchange_id LIMIT ?4)",
					t->name, t->name, CL_EXCHANGES_PER_SOURCE, CL_EXCHANGES_PER_SOURCE,
					cl_exchange_time((enum cl_exchange_kind)kind)),
			before_day, left);
	}
}

bool cl_store_forget(struct cl_store *s, int64_t before_day)
{
	char vacuum[64];
	int left = ROWS_MOST;

	if (s->live == NULL || !s->live->open || s->error[0] != '\0')
		return false;
	forget_tables(s, before_day, &left);
	forget_exchanges(s, before_day, &left);
	snprintf(vacuum, sizeof vacuum, "PRAGMA incremental_vacuum(%d)", PAGES_MOST);
	(void)cl_store_exec(s, vacuum);
	return left <= 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Merging knows each table of the schema. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stats/store/merge.h"
#include "stats/store/store.h"
#include "tests/unit/test_cmocka.h"

static char path[] = "/tmp/clientele-merge-XXXXXX";

static int make_database(void **state)
{
	struct cl_store_config config = { .engine = { .timeout_ns = 1000000000,
						      .step_ns = 60000000000,
						      .window_ns = { 60000000000 },
						      .windows = 1 } };
	char err[CL_STORE_ERRLEN];
	bool existed;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	struct cl_store *s = cl_store_write(path, "default", &config, &existed, err);
	assert_non_null(s);
	assert_true(cl_store_commit(s));
	cl_store_close(s);
	return 0;
}

static int remove_database(void **state)
{
	(void)state;
	return unlink(path);
}

static const struct cl_merge_table *find(const char *name)
{
	const struct cl_merge_table *t = cl_merge_tables;

	while (t->name != NULL && strcmp(t->name, name) != 0)
		t++;
	return t->name != NULL ? t : NULL;
}

static int64_t count(sqlite3 *db, const char *sql, const char *name)
{
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static const char has_source[] = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = 'source_id'";
static const char is_table[] = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";

/* A table that is not in the list, or rows of sources that nobody takes over. */
static void each_table_is_listed(void **state)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	unsigned missing = 0, tables = 0;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
				   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT "
				   "LIKE 'sqlite_%'",
				   -1, &st, NULL),
		SQLITE_OK);
	for (; sqlite3_step(st) == SQLITE_ROW; tables++) {
		const char *name = (const char *)sqlite3_column_text(st, 0);

		if (find(name) == NULL)
			printf("# %s is not in cl_merge_tables\n", name), missing++;
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	assert_int_equal(missing, 0);
	assert_true(tables > 30);
}

static void each_listed_one_is_there(void **state)
{
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (const struct cl_merge_table *t = cl_merge_tables; t->name != NULL; t++) {
		bool copied =
			t->how == CL_MERGE_COPY || t->how == CL_MERGE_CLIENTS || t->how == CL_MERGE_EXCHANGE;

		assert_int_equal(count(db, is_table, t->name), 1);
		if (copied)
			assert_int_equal(count(db, has_source, t->name), 1);
		assert_ptr_equal(find(t->name), t); /* once */
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_table_is_listed),
					    cmocka_unit_test(each_listed_one_is_there) };

	return cmocka_run_group_tests(tests, make_database, remove_database);
}

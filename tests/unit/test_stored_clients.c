/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of clients read side by side: what several sources have of a day, service and address is one row. */
#include "stats/store/stored_clients.h"

#include <sqlite3.h>
#include <unistd.h>

#include "tests/unit/vectors.h"

#define SERVICES  3u
#define ADDRESSES 40u
#define DAY	  20605
#define SOURCES	  20u

static const struct cl_store_config config = { .engine = { .timeout_ns = 10000000000,
							   .step_ns = 60000000000,
							   .window_ns = { 60000000000 },
							   .windows = 1,
							   .seed = 42 } };

static char path[] = "/tmp/clientele-clients-XXXXXX";

/* What a service and address should come to. */
static struct sum {
	uint64_t requests;
	int64_t first_ns, last_ns, via;
	unsigned given;
} sums[SERVICES + 1][ADDRESSES];

/* Octets of address i: every second is IPv4, and begins an IPv6 address. */
static int octets_of(unsigned i, uint8_t out[16])
{
	const uint8_t v6[16] = { 32, 1, 13, (uint8_t)(i / 2), 0, 0, 0, (uint8_t)(i % 3) };

	memcpy(out, v6, sizeof v6);
	return i % 2 == 0 ? 4 : 16;
}

static unsigned number_of(const struct cl_addr *a)
{
	uint8_t octets[16];

	for (unsigned i = 0; i < ADDRESSES; i++) {
		struct cl_addr b = { { 0 } };
		int n = octets_of(i, octets);

		memcpy(b.b, octets, sizeof b.b);
		if (n == 4)
			b = cl_addr_from_v4(octets);
		if (memcmp(&b, a, sizeof b) == 0)
			return i;
	}
	fail_msg("an address that was not written");
	return 0;
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static void put(sqlite3_stmt *st, unsigned source, int day, unsigned service, unsigned address,
		const struct sum *row)
{
	uint8_t octets[16];
	const int64_t v[] = { source, day,	     service,	   0,	    (int64_t)row->requests, 0,
			      0,      row->first_ns, row->last_ns, row->via };

	for (int i = 0; i < (int)(sizeof v / sizeof *v); i++)
		sqlite3_bind_int64(st, i + 1, v[i]);
	sqlite3_bind_blob(st, 4, octets, octets_of(address, octets), SQLITE_STATIC);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_reset(st);
}

/* Each of `sources` has about half of all clients, and others of them on the days beside this one. */
static void fill(sqlite3 *db, unsigned sources, uint64_t seed)
{
	sqlite3_stmt *st;

	run(db, "BEGIN; DELETE FROM client_day; DELETE FROM source");
	memset(sums, 0, sizeof sums);
	assert_int_equal(sqlite3_prepare_v2(
				 db, "INSERT INTO client_day VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
				 -1, &st, NULL),
			 SQLITE_OK);
	for (unsigned source = 1; source <= SOURCES; source++) {
		char sql[80];

		snprintf(sql, sizeof sql, "INSERT INTO source(source_id, sensor) VALUES(%u, 's%u')", source,
			 source);
		run(db, sql);
		for (unsigned k = 0; k < SERVICES * ADDRESSES; k++) {
			unsigned service = k / ADDRESSES + 1, address = k % ADDRESSES;
			uint64_t random = next_random(&seed);
			int64_t first = (int64_t)(random >> 40), via = (int64_t)(random >> 10 & 3);
			const struct sum row = { random >> 4 & 63, first,
						 first + (int64_t)(random >> 20 & 0xfffff), via, 0 };
			struct sum *s = &sums[service][address];

			if ((random & 1) == 0)
				continue;
			put(st, source, source <= sources ? DAY : DAY + 1 - 2 * (int)(random >> 1 & 1),
			    service, address, &row);
			if (source > sources)
				continue;
			s->first_ns =
				s->given == 0 || row.first_ns < s->first_ns ? row.first_ns : s->first_ns;
			s->last_ns = row.last_ns > s->last_ns ? row.last_ns : s->last_ns;
			s->requests += row.requests;
			s->via |= row.via;
			s->given = 1;
		}
	}
	sqlite3_finalize(st);
	run(db, "COMMIT");
}

struct seen {
	struct sum of[SERVICES + 1][ADDRESSES];
	int64_t last_service;
};

static void take(void *ctx, const struct cl_stored_client *row)
{
	struct seen *seen = ctx;
	struct sum *s = &seen->of[row->service_id][number_of(&row->addr)];

	assert_in_range(row->service_id, seen->last_service, SERVICES);
	seen->last_service = row->service_id;
	*s = (struct sum){ row->requests, row->first_ns, row->last_ns, row->via, s->given + 1 };
}

/* A damaged database: an address of no length that there is, and times beyond all. */
static void damage(sqlite3 *db)
{
	run(db,
	    "PRAGMA ignore_check_constraints = ON; INSERT INTO client_day VALUES(1, 20605, 1, x'0102', 1, 0, "
	    "0, "
	    "0, 0, 0); INSERT INTO client_day VALUES(1, 20605, 1, 'tex', 1, 0, 0, 0, 0, 0) ON CONFLICT DO "
	    "NOTHING");
}

static void compare(void)
{
	struct cl_store_config read = config;
	char err[CL_STORE_ERRLEN];
	struct cl_store *s = cl_store_read(path, &read, err);
	struct seen seen = { .last_service = 1 };

	assert_non_null(s);
	cl_stored_clients_of_day(s, DAY, take, &seen);
	assert_null(cl_store_error(s));
	for (unsigned service = 1; service <= SERVICES; service++)
		for (unsigned i = 0; i < ADDRESSES; i++) {
			const struct sum *got = &seen.of[service][i], *want = &sums[service][i];

			assert_int_equal(got->given, want->given);
			assert_int_equal(got->requests, want->requests);
			assert_int_equal(got->first_ns, want->first_ns);
			assert_int_equal(got->last_ns, want->last_ns);
			assert_int_equal(got->via, want->via);
		}
	cl_store_close(s);
}

static void test_days(void **state)
{
	static const unsigned sources[] = { 0, 1, 2, 5, 16, 17, SOURCES };
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
		fill(db, sources[i], 20261123 + i);
		if (sources[i] > 0)
			damage(db);
		compare();
	}
	sqlite3_close(db);
}

/* The function is nobody's who does not read clients, and a file cannot name it. */
static void count(void *ctx, const struct cl_stored_client *row)
{
	*(uint64_t *)ctx += row->requests;
}

static void test_statements(void **state)
{
	struct cl_store_config read = config;
	char err[CL_STORE_ERRLEN];
	uint64_t requests = 0, want = 0;
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	fill(db, SOURCES, 7);
	run(db, "CREATE VIEW trap AS SELECT stored_client(1, x'01020304', 1, 1, 1, 1)");
	sqlite3_close(db);
	struct cl_store *s = cl_store_read(path, &read, err);
	assert_non_null(s);
	cl_stored_clients(
		s,
		"SELECT " CL_STORED_CLIENT("service_id", "addr", "requests", "0", "0",
					   "0") " FROM client_day WHERE service_id = ?2 AND day = ?3",
		2, DAY, count, &requests);
	for (unsigned i = 0; i < ADDRESSES; i++)
		want += sums[2][i].requests;
	assert_null(cl_store_error(s));
	assert_int_equal(requests, want);
	struct cl_query *q = cl_query_new(s, "SELECT stored_client(1, x'01020304', 1, 1, 1, 1)");
	cl_query_run(q);
	cl_query_free(q);
	assert_int_equal(requests, want);
	assert_null(cl_store_error(s));
	cl_stored_clients(s, "SELECT * FROM trap", 0, 0, count, &requests);
	assert_non_null(cl_store_error(s));
	assert_int_equal(requests, want);
	cl_store_close(s);
}

static int set_up(void **state)
{
	struct cl_store_config written = config;
	char err[CL_STORE_ERRLEN];
	bool existed;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || close(fd) != 0)
		return -1;
	struct cl_store *s = cl_store_write(path, "default", &written, &existed, err);
	bool ok = s != NULL && cl_store_commit(s);
	cl_store_close(s);
	return ok ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_statements),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

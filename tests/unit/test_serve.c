/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual tables of a store in memory: what they answer by themselves is what SQLite finds when it goes
 * through all rows of client_total and step. */
#include "stats/engine/engine.h"
#include "stats/store/store.h"
#include "tests/unit/vectors.h"

#define SECOND INT64_C(1000000000)
#define START  (1780272000 * SECOND)
#define EVENTS 6000u

static const struct cl_store_config config = { .engine = { .timeout_ns = 10 * SECOND,
							   .step_ns = 60 * SECOND,
							   .window_ns = { 60 * SECOND, 150 * SECOND },
							   .windows = 2,
							   .seed = 42,
							   .series = true,
							   .gaps = true,
							   .networks = true } };

/* Few addresses, so that many ask equally often; IPv4 and IPv6 ones that begin with the same octets. */
static struct cl_addr client_addr(uint64_t r)
{
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };
	uint8_t v4[4] = { 0x20, 0x01, 0x0d, (uint8_t)(0xb7 + r % 3) };

	if (r % 2 == 0) {
		v4[2] = (uint8_t)(r >> 14 & 7);
		v4[3] = (uint8_t)(r >> 8 & 7);
	}
	if (r % 5 < 3)
		return cl_addr_from_v4(v4);
	a.b[5] = (uint8_t)(r >> 8 & 3);
	a.b[7] = (uint8_t)(r >> 10 & 3);
	a.b[15] = (uint8_t)(r >> 12 & 15);
	return a;
}

static struct cl_addr server_addr(unsigned i)
{
	uint8_t v4[4] = { 192, 0, 2, (uint8_t)(1 + i) };

	return cl_addr_from_v4(v4);
}

/* Requests over twenty minutes, to one of four servers; some clients keep to one, others ask several. */
static void make_events(struct cl_event *evs)
{
	uint64_t seed = 9;

	for (unsigned i = 0; i < EVENTS; i++) {
		uint64_t r = next_random(&seed);
		bool dns = (r >> 40) % 7 == 0;

		evs[i] = (struct cl_event){ .time_ns = START + (int64_t)i * SECOND / 5 + (int64_t)(r >> 50),
					    .frame_no = i + 1,
					    .wire_len = 90,
					    .kind = dns ? CL_EV_DNS : CL_EV_NTP,
					    .role = CL_ROLE_REQUEST,
					    .src = client_addr(r),
					    .sport = 40000,
					    .dport = dns ? 53 : 123 };
		evs[i].dst = server_addr((r & 64) != 0 ? (unsigned)(r >> 20 & 3) : evs[i].src.b[15] & 3u);
		if (dns)
			evs[i].u.dns = (struct cl_dns){ .id = (uint16_t)i, .first_ns = evs[i].time_ns };
		else
			evs[i].u.ntp = (struct cl_ntp){ .version = 4, .mode = 3 };
	}
}

struct served {
	struct cl_store *store;
	struct cl_engine *engine;
	struct cl_event evs[EVENTS];
};

static int set_up(void **state)
{
	static struct served rig;
	static struct cl_prepared prepared[EVENTS];
	const struct cl_key_rule rule = { 42, CL_PAIRING_STANDARD, false };

	make_events(rig.evs);
	rig.store = cl_store_memory(&config);
	assert_non_null(rig.store);
	rig.engine = cl_engine_new(&config.engine, rig.store);
	assert_non_null(rig.engine);
	cl_match_prepare(&rule, rig.evs, EVENTS, prepared);
	cl_engine_feed(rig.engine, rig.evs, prepared, NULL, EVENTS);
	cl_engine_finish(rig.engine);
	cl_engine_serve(rig.engine);
	*state = &rig;
	return 0;
}

static int tear_down(void **state)
{
	struct served *rig = *state;

	cl_store_close(rig->store);
	cl_engine_free(rig->engine);
	return 0;
}

/* Both texts give the same rows of `columns` columns; how many rows. */
static unsigned same_rows(struct cl_store *s, const char *sql, const char *expected, int columns,
			  int64_t parameter)
{
	struct cl_query *a = cl_query_new(s, sql), *b = cl_query_new(s, expected);
	unsigned rows = 0;

	cl_query_bind_i64(a, 1, parameter);
	cl_query_bind_i64(b, 1, parameter);
	for (;; rows++) {
		bool more = cl_query_row(a);

		assert_int_equal(more, cl_query_row(b));
		for (int i = 0; more && i < columns; i++) {
			const char *x = cl_query_text(a, i), *y = cl_query_text(b, i);

			assert_int_equal(x == NULL, y == NULL);
			if (x != NULL && strcmp(x, y) != 0)
				fail_msg("%s: row %u, column %d: %s, not %s", sql, rows, i, x, y);
		}
		if (!more)
			break;
	}
	cl_query_free(a);
	cl_query_free(b);
	assert_null(cl_store_error(s));
	return rows;
}

#define TALKERS "SELECT hex(addr), family, requests, first_ns, last_ns FROM talker "
#define ROWS                                                                                                 \
	"SELECT hex(addr), CASE length(addr) WHEN 4 THEN 4 ELSE 6 END, sum(requests) AS n, min(first_ns), "  \
	"max(last_ns) FROM client_total GROUP BY addr "

static void those_who_ask_most_come_first(void **state)
{
	struct cl_store *s = ((struct served *)*state)->store;
	unsigned all = same_rows(s, TALKERS "ORDER BY requests DESC, family, addr LIMIT ?1",
				 ROWS "ORDER BY n DESC, length(addr), addr LIMIT ?1", 5, -1);

	assert_in_range(all, 50, 1000);
	for (int64_t most = 0; most < (int64_t)all + 3; most++)
		assert_int_equal(same_rows(s, TALKERS "ORDER BY requests DESC, family, addr LIMIT ?1",
					   ROWS "ORDER BY n DESC, length(addr), addr LIMIT ?1", 5, most),
				 most < (int64_t)all ? (unsigned)most : all);
	/* questions that it has no answer for by itself */
	same_rows(s, TALKERS "ORDER BY requests, addr LIMIT ?1", ROWS "ORDER BY n, addr LIMIT ?1", 5, -1);
	same_rows(s, TALKERS "ORDER BY requests DESC, family DESC, addr LIMIT ?1",
		  ROWS "ORDER BY n DESC, length(addr) DESC, addr LIMIT ?1", 5, -1);
	same_rows(s, TALKERS "WHERE family = 6 ORDER BY requests DESC, family, addr LIMIT ?1",
		  ROWS "HAVING length(addr) = 16 ORDER BY n DESC, length(addr), addr LIMIT ?1", 5, 20);
	same_rows(s, TALKERS "ORDER BY requests DESC, family, addr LIMIT ?1 OFFSET 7",
		  ROWS "ORDER BY n DESC, length(addr), addr LIMIT ?1 OFFSET 7", 5, 20);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median of a client's gaps, sorted here. */
static int64_t median_gap(const struct served *rig, const struct cl_addr *client)
{
	static int64_t gaps[EVENTS];
	int64_t before = 0;
	size_t n = 0;

	for (unsigned i = 0; i < EVENTS; i++) {
		if (memcmp(&rig->evs[i].src, client, sizeof *client) != 0)
			continue;
		if (before != 0)
			gaps[n++] = rig->evs[i].time_ns - before;
		before = rig->evs[i].time_ns;
	}
	qsort(gaps, n, sizeof *gaps, compare);
	return n == 0 ? -1 : gaps[(n + 1) / 2 - 1];
}

static void intervals_are_medians(void **state)
{
	struct served *rig = *state;
	struct cl_query *q = cl_query_new(
		rig->store, "SELECT addr, gap_ns FROM talker ORDER BY requests DESC, family, addr LIMIT 40");
	unsigned rows = 0;

	for (; cl_query_row(q); rows++) {
		struct cl_addr addr;

		assert_true(cl_query_addr(q, 0, &addr));
		int64_t exact = median_gap(rig, &addr), gap = cl_query_i64(q, 1);
		assert_int_equal(cl_query_null(q, 1), exact < 0);
		assert_in_range(gap, exact - exact / 100 - 1, exact + exact / 100 + 1);
	}
	assert_int_equal(rows, 40);
	cl_query_free(q);
}

/* Networks by the octets of addresses; in what is left of them SQLite sees no family, so one at a time. */
static void networks_are_those_of_the_addresses(void **state)
{
	struct cl_store *s = ((struct served *)*state)->store;

	assert_true(
		same_rows(
			s,
			"SELECT ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count JOIN service "
			"USING(service_id) WHERE kind = 'server' AND ?1 = 0 ORDER BY service_id",
			"SELECT sum(length(addr) = 4), sum(length(addr) = 16), count(DISTINCT CASE "
			"length(addr) WHEN 4 THEN substr(addr, 1, 3) END), count(DISTINCT CASE length(addr) "
			"WHEN 16 THEN substr(addr, 1, 8) END), count(DISTINCT CASE length(addr) WHEN 16 THEN "
			"substr(addr, 1, 6) END) FROM client_total WHERE ?1 = 0 GROUP BY service_id",
			5, 0) >= 4);
}

/* Steps of a service are found as a search through all of them finds them. */
static void steps_are_found(void **state)
{
	static const char *const wheres[][2] = {
		{ "service_id = 3 AND ?1 = 0", "+service_id = 3 AND ?1 = 0" },
		{ "service_id = 4 AND t BETWEEN 1780272120 AND 1780272600 AND ?1 = 0",
		  "+service_id = 4 AND +t BETWEEN 1780272120 AND 1780272600 AND ?1 = 0" },
		{ "service_id = 4 AND t = 1780272180 AND ?1 = 0",
		  "+service_id = 4 AND +t = 1780272180 AND ?1 = 0" },
		{ "service_id = 4 AND t = 1780272181 AND ?1 = 0", "0 AND ?1 = 0" },
		{ "service_id = 4 AND t >= 1780273200 AND ?1 = 0",
		  "+service_id = 4 AND +t >= 1780273200 AND ?1 = 0" },
		{ "service_id = 4 AND t >= 1780272120 AND t = 1780272060 AND ?1 = 0", "0 AND ?1 = 0" },
		{ "service_id = 999 AND ?1 = 0", "0 AND ?1 = 0" },
		{ "t = 1780272180 AND ?1 = 0", "+t = 1780272180 AND ?1 = 0" },
	};
	struct cl_store *s = ((struct served *)*state)->store;
	unsigned rows = 0;
	char a[300], b[300];

	for (size_t i = 0; i < COUNT(wheres); i++) {
		snprintf(a, sizeof a,
			 "SELECT t, service_id, requests FROM step WHERE %s ORDER BY t, +service_id",
			 wheres[i][0]);
		snprintf(b, sizeof b,
			 "SELECT t, service_id, requests FROM step WHERE %s ORDER BY +t, +service_id",
			 wheres[i][1]);
		rows += same_rows(s, a, b, 3, 0);
		snprintf(a, sizeof a,
			 "SELECT t, window_s, clients FROM step_clients WHERE %s ORDER BY t, window_s, "
			 "+service_id",
			 wheres[i][0]);
		snprintf(b, sizeof b,
			 "SELECT t, window_s, clients FROM step_clients WHERE %s ORDER BY +t, +window_s, "
			 "+service_id",
			 wheres[i][1]);
		rows += same_rows(s, a, b, 3, 0);
	}
	assert_true(rows > 100);
	/* each request is in one step of its server, and in one row of its client */
	assert_int_equal(same_rows(s,
				   "SELECT sum(requests) FROM step JOIN service USING(service_id) WHERE kind "
				   "= 'server' AND ?1 = 0",
				   "SELECT sum(requests) FROM client_total WHERE ?1 = 0", 1, 0),
			 1);
	assert_int_equal(same_rows(s,
				   "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE kind "
				   "= 'all' AND ?1 = 0",
				   "SELECT sum(requests) FROM client_total WHERE ?1 = 0", 1, 0),
			 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_who_ask_most_come_first),
		cmocka_unit_test(intervals_are_medians),
		cmocka_unit_test(networks_are_those_of_the_addresses),
		cmocka_unit_test(steps_are_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

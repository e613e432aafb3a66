/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of messages ahead are guesses: however many messages the engine is given at once, one by one
 * or by hundreds, over the end of a month, the database has the same rows.
 */
#include <stdio.h>
#include <unistd.h>

#include "dissect/hash.h"
#include "stats/engine/engine.h"
#include "stats/store/store.h"
#include "tests/unit/vectors.h"

#define SECOND	 1000000000ll
#define MIDNIGHT (1788220800 * SECOND) /* 2026-09-01T00:00:00Z: a month begins */
#define REQUESTS 9000u
#define CLIENTS	 2500u
#define GAP	 (SECOND / 5) /* 15 minutes before midnight, 15 behind */

static struct cl_addr client_addr(uint32_t i)
{
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };
	const uint8_t v4[4] = { 198, 51, (uint8_t)(i >> 8), (uint8_t)i };

	a.b[14] = (uint8_t)(i >> 8);
	a.b[15] = (uint8_t)i;
	return i % 3 == 0 ? a : cl_addr_from_v4(v4);
}

/* Request k: by some clients often and by others once, of two servers, of NTP and DNS. */
static struct cl_event request_at(uint32_t k)
{
	const uint64_t random = cl_hash(&k, sizeof k, 7);
	const uint32_t client =
		random % 4 == 0 ? (uint32_t)(random >> 8) % 20 : (uint32_t)(random >> 8) % CLIENTS;
	const uint8_t server[4] = { 192, 0, 2, (uint8_t)(random >> 50 & 1) };
	const bool dns = (random >> 51 & 1) != 0;
	struct cl_event ev = { .time_ns = MIDNIGHT + ((int64_t)k - REQUESTS / 2) * GAP,
			       .frame_no = 2 * (uint64_t)k + 1,
			       .src = client_addr(client),
			       .dst = cl_addr_from_v4(server),
			       .wire_len = 90,
			       .sport = (uint16_t)(1024 + k % 60000),
			       .dport = dns ? 53 : 123,
			       .kind = dns ? CL_EV_DNS : CL_EV_NTP,
			       .role = CL_ROLE_REQUEST };

	if (dns)
		ev.u.dns = (struct cl_dns){ .id = (uint16_t)k, .first_ns = ev.time_ns };
	else
		ev.u.ntp =
			(struct cl_ntp){ .version = 4, .mode = 3, .xmt = 1 + k, .org = 5, .rec = k / 2 + 9 };
	return ev;
}

static struct cl_event answer_to(const struct cl_event *request)
{
	struct cl_event ev = *request;

	ev.time_ns += SECOND / 10;
	ev.frame_no++;
	ev.src = request->dst;
	ev.dst = request->src;
	ev.sport = request->dport;
	ev.dport = request->sport;
	ev.role = CL_ROLE_RESPONSE;
	if (ev.kind == CL_EV_NTP) {
		ev.u.ntp.mode = 4;
		ev.u.ntp.org = ev.frame_no % 64 == 0 ? request->u.ntp.rec : request->u.ntp.xmt;
	} else {
		ev.u.dns.first_ns = ev.time_ns;
	}
	return ev;
}

static size_t make_events(struct cl_event *evs)
{
	size_t n = 0;

	for (uint32_t k = 0; k < REQUESTS; k++) {
		evs[n++] = request_at(k);
		if (k % 5 == 0)
			continue;
		evs[n] = answer_to(&evs[n - 1]);
		n++;
	}
	return n;
}

static void remove_database(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	char name[64];

	for (unsigned i = 0; i < COUNT(endings); i++) {
		snprintf(name, sizeof name, "%s%s", path, endings[i]);
		(void)unlink(name);
	}
}

/* A database of all of them, given `batch` at a time. */
static struct cl_store *counted(char path[32], size_t batch)
{
	static struct cl_event evs[2 * REQUESTS];
	static struct cl_prepared prepared[2 * REQUESTS];
	struct cl_store_config config = { .engine = { .timeout_ns = 10 * SECOND,
						      .step_ns = 300 * SECOND,
						      .window_ns = { 300 * SECOND, 1000 * SECOND },
						      .windows = 2,
						      .seed = 11,
						      .by_day = true,
						      .series = true,
						      .networks = true } };
	const struct cl_key_rule rule = { 11, CL_PAIRING_STANDARD, false };
	const size_t n = make_events(evs);
	char err[CL_STORE_ERRLEN];
	bool existed;
	int fd;

	strcpy(path, "/tmp/clientele-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	struct cl_store *store = cl_store_write(path, "default", &config, &existed, err);
	assert_non_null(store);
	struct cl_engine *e = cl_engine_new(&config.engine, store);
	assert_non_null(e);
	assert_int_equal(cl_engine_restore(e), CL_OK);
	cl_match_prepare(&rule, evs, n, prepared);
	for (size_t at = 0; at < n; at += batch)
		cl_engine_feed(e, evs + at, prepared + at, NULL, n - at < batch ? n - at : batch);
	cl_engine_feed(e, evs, prepared, NULL, 0);
	cl_engine_finish(e);
	cl_engine_free(e);
	cl_store_source(store, &(struct cl_source_row){ .packets = n });
	if (cl_store_error(store) != NULL)
		fail_msg("%s", cl_store_error(store));
	assert_true(cl_store_commit(store));
	return store;
}

/* All columns of both agree, row by row; how many rows. */
static unsigned same_rows(struct cl_store *a, struct cl_store *b, const char *sql, int columns)
{
	struct cl_query *x = cl_query_new(a, sql), *y = cl_query_new(b, sql);
	unsigned rows = 0;

	for (; cl_query_row(x); rows++) {
		assert_true(cl_query_row(y));
		for (int i = 0; i < columns; i++)
			assert_int_equal(cl_query_i64(x, i), cl_query_i64(y, i));
	}
	assert_false(cl_query_row(y));
	cl_query_free(x);
	cl_query_free(y);
	return rows;
}

static void batches_do_not_matter(void **state)
{
	static const size_t batches[] = { 2, 15, 16, 17, 100, 512, 2 * REQUESTS };
	char path[32], other[32];
	struct cl_store *single = counted(path, 1);

	(void)state;
	for (unsigned i = 0; i < COUNT(batches); i++) {
		struct cl_store *s = counted(other, batches[i]);

		/* two days, each with most of the clients; addresses by their order */
		assert_true(same_rows(single, s,
				      "SELECT day, service_id, rank() OVER (ORDER BY addr), requests, "
				      "responses, bytes, "
				      "first_ns, last_ns FROM client_day ORDER BY day, service_id, addr",
				      8) > 4000);
		assert_true(same_rows(single, s,
				      "SELECT period = 'day', day, service_id, ipv4, ipv6, v4_24, v6_64, "
				      "v6_48 FROM "
				      "client_count ORDER BY period, day, service_id",
				      8) > 10);
		assert_true(same_rows(single, s,
				      "SELECT t, service_id, window_s, clients FROM step_clients ORDER BY t, "
				      "service_id, window_s",
				      4) > 20);
		assert_int_equal(
			same_rows(single, s,
				  "SELECT sum(requests), sum(matched), sum(interleaved), sum(bogus), "
				  "sum(duplicates) FROM day",
				  5),
			1);
		cl_store_close(s);
		remove_database(other);
	}
	cl_store_close(single);
	remove_database(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

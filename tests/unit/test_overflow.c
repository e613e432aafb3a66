/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients beyond the limit: sketches against exact counts; an engine with little memory against one without a
 * limit, over the same events: totals are equal, numbers of clients within four standard errors; a store that
 * goes on against one that read everything at once.
 */
#include "stats/engine/overflow.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "dissect/hash.h"
#include "stats/engine/engine.h"
#include "stats/store/store.h"
#include "tests/unit/vectors.h"

#define SECOND	 1000000000ll
#define MIDNIGHT (1788220800 * SECOND) /* 2026-09-01T00:00:00Z: a month begins */
#define CLIENTS	 150000u
#define REQUESTS 300000u
#define GAP	 (12 * SECOND / 1000) /* all within an hour */
#define LITTLE	 ((size_t)12 << 20)   /* room for about a quarter of the clients */

/* Sketches ---------------------------------------------------------------------- */

static void expect_near(double got, double exact, double error, const char *what)
{
	if (fabs(got - exact) <= 4 * error * exact + 0.5)
		return;
	print_error("%s: %.0f, exactly %.0f\n", what, got, exact);
	fail();
}

static void counts_within_its_error(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 100, 5000, 40000, 300000 };
	struct cl_sketch *s = malloc(sizeof *s);

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		for (unsigned i = 0; i < COUNT(sizes); i++) {
			memset(s, 0, sizeof *s);
			for (uint32_t k = 0; k < 2 * sizes[i]; k++) { /* each twice */
				uint32_t v = k % sizes[i];
				cl_sketch_add(s, cl_hash(&v, sizeof v, seed));
			}
			expect_near((double)cl_sketch_estimate(s), sizes[i], CL_SKETCH_ERROR, "sketch");
		}
	free(s);
}

static void unites_to_the_sketch_of_both(void **state)
{
	struct cl_sketch *s = calloc(3, sizeof *s);

	(void)state;
	for (uint32_t v = 0; v < 60000; v++) {
		uint64_t hash = cl_hash(&v, sizeof v, 3);

		if (v < 40000)
			cl_sketch_add(&s[0], hash);
		if (v >= 20000)
			cl_sketch_add(&s[1], hash);
		cl_sketch_add(&s[2], hash);
	}
	cl_sketch_unite(&s[0], &s[1]);
	assert_memory_equal(&s[0], &s[2], sizeof *s);
	free(s);
}

/* Value v comes in cell 1 + v / 1000, and again 20 cells later if it is even. */
static void counts_what_is_not_too_old(void **state)
{
	struct cl_recent *r = calloc(1, sizeof *r);

	(void)state;
	for (uint32_t cell = 1; cell <= 70; cell++)
		for (uint32_t v = 0; v < 50000; v++)
			if (1 + v / 1000 == cell || (v % 2 == 0 && 21 + v / 1000 == cell)) {
				cl_recent_add(r, cl_hash(&v, sizeof v, 11), cell);
				cl_recent_add(r, cl_hash(&v, sizeof v, 11),
					      cell / 2 + 1); /* older: no matter */
			}
	for (uint32_t from = 1; from <= 72; from++) {
		uint32_t exact = 0;

		for (uint32_t v = 0; v < 50000; v++)
			exact += (v % 2 == 0 ? 21 : 1) + v / 1000 >= from;
		expect_near((double)cl_recent_estimate(r, from), exact, CL_RECENT_ERROR, "recent");
	}
	assert_int_equal(cl_recent_estimate(r, 71), 0);
	free(r);
}

/* Budget ------------------------------------------------------------------------ */

static void keeps_a_share_for_each(void **state)
{
	struct cl_budget b, none;

	(void)state;
	cl_budget_init(&b, 6400);
	cl_budget_init(&none, 0);
	assert_true(cl_budget_take(NULL, CL_BUDGET_OPEN, SIZE_MAX));
	assert_true(cl_budget_take(&none, CL_BUDGET_OPEN, SIZE_MAX));
	size_t left = cl_budget_left(&b, CL_BUDGET_CLIENTS);
	assert_false(cl_budget_take(&b, CL_BUDGET_CLIENTS, left + 1));
	assert_true(cl_budget_take(&b, CL_BUDGET_CLIENTS, left));
	assert_false(cl_budget_take(&b, CL_BUDGET_CLIENTS, 1));
	size_t all = left;
	for (unsigned i = CL_BUDGET_CLIENTS + 1; i < CL_BUDGET_PARTS; i++) {
		size_t share = cl_budget_left(&b, (enum cl_budget_part)i);

		assert_int_equal(share, b.kept[i]);
		assert_true(cl_budget_take(&b, (enum cl_budget_part)i, share));
		all += share;
	}
	assert_int_equal(all, 6400);
	cl_budget_give_all(&b, CL_BUDGET_CLIENTS);
	assert_int_equal(b.used, 6400 - left);
}

/* Who was refused may be counted elsewhere: room that comes free is for nobody, until all begins anew. */
static void once_full_stays_full(void **state)
{
	struct cl_budget b;
	struct cl_clients c;
	struct cl_addr a = { { 0x20 } };
	struct cl_client *client;
	uint32_t n = 0;

	(void)state;
	cl_budget_init(&b, (size_t)8 << 20);
	assert_true(cl_clients_init(&c, 1));
	cl_clients_limit(&c, &b);
	do {
		a.b[14] = (uint8_t)(++n >> 8);
		a.b[15] = (uint8_t)n;
		a.b[13] = (uint8_t)(n >> 16);
		client = cl_clients_get(&c, &a, cl_clients_hash(&c, &a), 1);
	} while (client != NULL && n < 1000000);
	assert_true(n > 10000 && n < 131072);
	b.limit *= 2;
	assert_null(cl_clients_get(&c, &a, cl_clients_hash(&c, &a), 1));
	a.b[13] = a.b[14] = 0;
	a.b[15] = 1; /* one that has a record */
	assert_non_null(cl_clients_get(&c, &a, cl_clients_hash(&c, &a), 1));
	assert_int_equal(c.refused, 2);
	cl_clients_free(&c);
	assert_int_equal(b.used, 0);
}

/* Engines ----------------------------------------------------------------------- */

/* An address of client `i`: half are IPv4, four to a /24; the others two to a /64, eight to a /48. */
static struct cl_addr client_addr(uint32_t i)
{
	struct cl_addr a = { { 0x20, 1 } };
	uint32_t n = i / 2;

	if (i % 2 == 0) {
		uint8_t octets[4] = { (uint8_t)(20 + (n >> 18)), (uint8_t)(n >> 10), (uint8_t)(n >> 2),
				      (uint8_t)(n & 3) };
		return cl_addr_from_v4(octets);
	}
	a.b[3] = (uint8_t)(n >> 19);
	a.b[4] = (uint8_t)(n >> 11);
	a.b[5] = (uint8_t)(n >> 3);
	a.b[7] = (uint8_t)(n >> 1 & 3);
	a.b[15] = (uint8_t)(n & 1);
	return a;
}

/* Request k: clients come one after the other, in an order that does not follow their addresses; each tenth
 * asks both servers. Two of three are answered. */
static struct cl_event request_at(uint32_t k, int64_t first_ns)
{
	uint32_t i = (uint32_t)((uint64_t)k * 7919u % CLIENTS), turn = k / CLIENTS;
	uint8_t server[4] = { 192, 0, 2, (uint8_t)(1 + (i / 3 % 2 + (i % 10 == 0 ? turn : 0)) % 2) };
	struct cl_event ev = { .time_ns = first_ns + k * GAP,
			       .frame_no = k + 1,
			       .src = client_addr(i),
			       .dst = cl_addr_from_v4(server),
			       .wire_len = 90,
			       .sport = (uint16_t)(40000 + k % 20000),
			       .dport = 123,
			       .kind = CL_EV_NTP,
			       .role = CL_ROLE_REQUEST };

	ev.u.ntp.version = 4;
	ev.u.ntp.mode = 3;
	ev.u.ntp.xmt = 1 + k;
	return ev;
}

static struct cl_event answer_to(const struct cl_event *request)
{
	struct cl_event ev = *request;

	ev.time_ns += SECOND / 1000 + (int64_t)(request->u.ntp.xmt % 977) * 1000;
	ev.src = request->dst;
	ev.dst = request->src;
	ev.sport = 123;
	ev.dport = request->sport;
	ev.role = CL_ROLE_RESPONSE;
	ev.u.ntp.mode = 4;
	ev.u.ntp.org = request->u.ntp.xmt;
	return ev;
}

static struct cl_store_config config_with(size_t memory, uint64_t seed, bool by_day)
{
	return (struct cl_store_config){ .engine = { .timeout_ns = 10 * SECOND,
						     .step_ns = 300 * SECOND,
						     .window_ns = { 300 * SECOND, 1000 * SECOND },
						     .windows = 2,
						     .seed = seed,
						     .by_day = by_day,
						     .series = true,
						     .gaps = !by_day,
						     .memory = memory,
						     .networks = true } };
}

typedef struct cl_event request_fn(uint32_t k, int64_t first_ns);

/* Requests `from` to `to` with their answers, to a new engine over the store. */
static struct cl_engine *count_range(struct cl_store *store, const struct cl_engine_config *config,
				     request_fn *request, uint32_t from, uint32_t to, int64_t first_ns)
{
	struct cl_engine *e = cl_engine_new(config, store);
	struct cl_key_rule rule = { config->seed, config->pairing, false };
	struct cl_event evs[256];
	struct cl_prepared prepared[256];
	size_t n = 0;

	assert_non_null(e);
	assert_int_equal(cl_engine_restore(e), CL_OK);
	for (uint32_t k = from; k < to; k++) {
		evs[n++] = request(k, first_ns);
		if (k % 3 != 0) {
			evs[n] = answer_to(&evs[n - 1]);
			n++;
		}
		if (n < 250 && k + 1 < to)
			continue;
		cl_match_prepare(&rule, evs, n, prepared);
		cl_engine_feed(e, evs, prepared, NULL, n);
		n = 0;
	}
	cl_engine_finish(e);
	return e;
}

/* A store in memory reads the engine's tables. */
struct counted {
	struct cl_store *store;
	struct cl_engine *engine;
};

static struct counted counted_with(const struct cl_store_config *config)
{
	struct counted c = { .store = cl_store_memory(config) };

	assert_non_null(c.store);
	c.engine = count_range(c.store, &config->engine, request_at, 0, REQUESTS, MIDNIGHT + 3600 * SECOND);
	if (cl_store_error(c.store) != NULL)
		fail_msg("%s", cl_store_error(c.store));
	return c;
}

static struct counted counted(size_t memory, uint64_t seed)
{
	struct cl_store_config config = config_with(memory, seed, false);

	return counted_with(&config);
}

static void close_counted(struct counted *c)
{
	cl_store_close(c->store);
	cl_engine_free(c->engine);
}

/* All rows of a question as one text. Free it. */
static char *dump(struct cl_store *store, const char *sql, int columns)
{
	struct cl_query *q = cl_query_new(store, sql);
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	while (cl_query_row(q)) {
		for (int i = 0; i < columns; i++) {
			const char *v = cl_query_text(q, i);
			fprintf(f, "%s|", v != NULL ? v : "");
		}
		fputc('\n', f);
	}
	cl_query_free(q);
	fclose(f);
	assert_null(cl_store_error(store));
	return text;
}

static void expect_same(struct cl_store *a, struct cl_store *b, const char *sql, int columns)
{
	char *x = dump(a, sql, columns), *y = dump(b, sql, columns);

	assert_true(strlen(x) > 0);
	if (strcmp(x, y) != 0)
		print_error("%s\n%.2000s--- not\n%.2000s", sql, x, y);
	assert_true(strcmp(x, y) == 0);
	free(x);
	free(y);
}

/* What has to be exact within any limit. */
static void expect_same_totals(struct cl_store *a, struct cl_store *b)
{
	static const struct {
		const char *sql;
		int columns;
	} tables[] = {
		{ "SELECT day, address, kind, requests, responses, matched, duplicates, late, bogus, "
		  "request_bytes FROM day JOIN service USING(service_id) ORDER BY 1, 2, 3",
		  10 },
		{ "SELECT t, address, kind, requests, responses, matched, p50_ns, sum_ns FROM step JOIN "
		  "service USING(service_id) ORDER BY 1, 2, 3",
		  8 },
		{ "SELECT day, address, ge_ns, n FROM day_delta_bucket JOIN service USING(service_id) "
		  "ORDER BY 1, 2, 3",
		  4 },
	};

	for (unsigned i = 0; i < COUNT(tables); i++)
		expect_same(a, b, tables[i].sql, tables[i].columns);
}

static int64_t ask(struct cl_store *store, const char *sql)
{
	struct cl_query *q = cl_query_new(store, sql);
	int64_t v = cl_query_row(q) ? cl_query_i64(q, 0) : -1;

	cl_query_free(q);
	assert_null(cl_store_error(store));
	return v;
}

#define UNIQUE                                                                                               \
	"SELECT c.ipv4, c.ipv6, v4_24, v6_64, v6_48, coalesce(a.ipv4, 0), coalesce(a.ipv6, 0) FROM "         \
	"client_count AS c JOIN service USING(service_id) LEFT JOIN approximation AS a USING(source_id, "    \
	"period, day, service_id) ORDER BY period, day, kind, address"

/* Row by row: those beyond, who are known from the exact number, within four standard errors. */
static unsigned expect_near_clients(struct cl_store *exact, struct cl_store *about)
{
	struct cl_query *x = cl_query_new(exact, UNIQUE), *a = cl_query_new(about, UNIQUE);
	unsigned approximate = 0;

	while (cl_query_row(x)) {
		assert_true(cl_query_row(a));
		for (int i = 0; i < 2; i++) {
			double with_record = (double)(cl_query_i64(a, i) - cl_query_i64(a, 5 + i));

			approximate += cl_query_i64(a, 5 + i) > 0;
			expect_near((double)cl_query_i64(a, 5 + i), (double)cl_query_i64(x, i) - with_record,
				    CL_SKETCH_ERROR, "clients");
		}
		for (int i = 2; i < 5; i++)
			expect_near((double)cl_query_i64(a, i), (double)cl_query_i64(x, i), CL_SKETCH_ERROR,
				    "networks");
	}
	assert_false(cl_query_row(a));
	cl_query_free(x);
	cl_query_free(a);
	return approximate;
}

/* A window may hold a client twice for a while after a month began: no table goes over a month's end. */
static void expect_near_windows(struct cl_store *exact, struct cl_store *about, int64_t but_from_s)
{
	static const char sql[] = "SELECT clients, t, window_s FROM step_clients JOIN service "
				  "USING(service_id) ORDER BY t, kind, address, window_s";
	struct cl_query *x = cl_query_new(exact, sql), *a = cl_query_new(about, sql);
	unsigned rows = 0;

	for (; cl_query_row(x); rows++) {
		int64_t t = cl_query_i64(x, 1);

		assert_true(cl_query_row(a));
		assert_int_equal(cl_query_i64(a, 1), t);
		if (t <= but_from_s || t > but_from_s + 1000)
			expect_near((double)cl_query_i64(a, 0), (double)cl_query_i64(x, 0), CL_RECENT_ERROR,
				    "window");
	}
	assert_true(rows > 20);
	assert_false(cl_query_row(a));
	cl_query_free(x);
	cl_query_free(a);
}

static void is_near_and_totals_are_exact(void **state)
{
	struct counted exact = counted(0, 1);

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct counted about = counted(LITTLE, seed);

		expect_same_totals(exact.store, about.store);
		assert_true(expect_near_clients(exact.store, about.store) >= 6);
		expect_near_windows(exact.store, about.store, 0);
		assert_int_equal(ask(about.store, "SELECT count(*) FROM approximation WHERE error IS NULL"),
				 0);
		close_counted(&about);
	}
	assert_int_equal(ask(exact.store, "SELECT count(*) FROM approximation"), 0);
	close_counted(&exact);
}

/* Steps that a store has no room for are in tables, which are read as those in memory are. */
static void steps_beyond_the_room_are_the_same(void **state)
{
	struct cl_store_config config = config_with(0, 1, false);
	struct counted exact = counted(0, 1), moved;

	(void)state;
	config.cache = 2048; /* about a third of them */
	moved = counted_with(&config);
	assert_int_equal(ask(moved.store, "SELECT count(*) FROM sqlite_master WHERE name = 'step'"), 1);
	assert_int_equal(ask(exact.store, "SELECT count(*) FROM sqlite_master WHERE name = 'step'"), 0);
	expect_same_totals(exact.store, moved.store);
	expect_same(exact.store, moved.store, "SELECT * FROM step ORDER BY service_id, t", 14);
	expect_same(exact.store, moved.store, "SELECT * FROM step_clients ORDER BY service_id, t, window_s",
		    5);
	close_counted(&exact);
	close_counted(&moved);
}

static void is_the_same_where_all_fit(void **state)
{
	struct counted exact = counted(0, 1), about = counted((size_t)256 << 20, 1);

	(void)state;
	expect_same_totals(exact.store, about.store);
	assert_int_equal(ask(about.store, "SELECT count(*) FROM approximation"), 0);
	expect_same(exact.store, about.store, UNIQUE, 7);
	expect_same(exact.store, about.store, "SELECT t, service_id, window_s, clients FROM step_clients", 4);
	close_counted(&exact);
	close_counted(&about);
}

/* Days and months, in a file ------------------------------------------------------ */

static void remove_database(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	char name[128];

	for (unsigned i = 0; i < COUNT(endings); i++) {
		snprintf(name, sizeof name, "%s%s", path, endings[i]);
		(void)unlink(name);
	}
}

/* Counts one part after the other into a database; half an hour of the first month, the rest of the next. */
static struct cl_store *counted_by_day(char path[32], request_fn *request, size_t memory,
				       const uint32_t *ends, unsigned parts)
{
	char err[CL_STORE_ERRLEN];
	struct cl_store *store = NULL;
	int fd;
	bool existed;

	strcpy(path, "/tmp/clientele-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	for (unsigned i = 0; i < parts; i++) {
		struct cl_store_config config = config_with(memory, 5, true);
		struct cl_source_row source = { .packets = 1 };

		cl_store_close(store);
		store = cl_store_write(path, "default", &config, &existed, err);
		assert_non_null(store);
		config.engine.by_day = config.engine.networks = config.engine.series = true;
		config.engine.memory = memory;
		cl_engine_free(count_range(store, &config.engine, request, i == 0 ? 0 : ends[i - 1], ends[i],
					   MIDNIGHT - 1800 * SECOND));
		cl_store_source(store, &source);
		if (cl_store_error(store) != NULL)
			fail_msg("%s", cl_store_error(store));
		assert_true(cl_store_commit(store));
	}
	return store;
}

#define ALL_CLIENTS                                                                                          \
	"SELECT period, day, kind, address, ipv4, ipv6, v4_24, v6_64, v6_48 FROM client_count JOIN service " \
	"USING(service_id) ORDER BY 1, 2, 3, 4"
#define ALL_SAID                                                                                             \
	"SELECT period, day, kind, address, requests, ipv4, ipv6, error FROM approximation JOIN service "    \
	"USING(service_id) ORDER BY 1, 2, 3, 4"
#define ALL_WINDOWS                                                                                          \
	"SELECT t, kind, address, window_s, clients FROM step_clients JOIN service USING(service_id) ORDER " \
	"BY 1, 2, 3, 4"

static void goes_on_where_it_ended(void **state)
{
	static const uint32_t all[] = { REQUESTS }, halves[] = { 90000, 220000, REQUESTS };
	char paths[3][32];
	struct cl_store *exact = counted_by_day(paths[0], request_at, 0, all, 1),
			*once = counted_by_day(paths[1], request_at, LITTLE, all, 1),
			*parts = counted_by_day(paths[2], request_at, LITTLE, halves, 3);

	(void)state;
	expect_same_totals(exact, once);
	assert_true(expect_near_clients(exact, once) >= 18);
	expect_near_windows(exact, once, MIDNIGHT / SECOND);
	expect_same_totals(exact, parts);
	assert_true(expect_near_clients(exact, parts) >= 18);
	expect_near_windows(exact, parts, MIDNIGHT / SECOND);
	assert_true(ask(once, "SELECT count(*) FROM client_day WHERE day = 20696") > 20000);
	assert_true(ask(once, "SELECT count(*) FROM client_day WHERE day = 20697") > 20000);
	assert_int_equal(ask(parts, "SELECT count(DISTINCT period || day) FROM approximation"), 4);
	/* the same clients found room: all is the same */
	expect_same(once, parts, "SELECT count(*), sum(requests) FROM client_day", 2);
	expect_same(once, parts, ALL_CLIENTS, 9);
	expect_same(once, parts, ALL_SAID, 8);
	expect_same(once, parts, ALL_WINDOWS, 5);
	cl_store_close(exact);
	cl_store_close(once);
	cl_store_close(parts);
	for (unsigned i = 0; i < COUNT(paths); i++)
		remove_database(paths[i]);
}

/* Clients of one server that share networks which have to be divided: IPv6 in one /48, most of it in one /64,
 * the others with four to a /64. */
#define OF_ONE_64 32000u
#define OF_OTHERS 12000u
#define OF_ALL	  48000u
static struct cl_event request_of_few_networks(uint32_t k, int64_t first_ns)
{
	uint32_t i = k * 7919u % OF_ALL;
	struct cl_event ev = request_at(k, first_ns);
	uint8_t server[4] = { 192, 0, 2, 1 }, octets[4] = { 20, 1, (uint8_t)(i >> 8), (uint8_t)i };

	ev.dst = cl_addr_from_v4(server);
	ev.src = (struct cl_addr){ { 0x20, 1, 0xd, 0xb8, 0, 0, i < OF_ONE_64 ? 0x80 : 0 } };
	if (i < OF_ONE_64) {
		ev.src.b[14] = (uint8_t)(i >> 8);
		ev.src.b[15] = (uint8_t)i;
	} else if (i < OF_ONE_64 + OF_OTHERS) {
		ev.src.b[6] = (uint8_t)(i >> 10);
		ev.src.b[7] = (uint8_t)(i >> 2);
		ev.src.b[15] = (uint8_t)(i & 3);
	} else {
		ev.src = cl_addr_from_v4(octets);
	}
	return ev;
}

/* All clients find room, but not all at once to be sorted. */
static void parts_count_as_the_whole(void **state)
{
	static const uint32_t all[] = { OF_ALL };
	char paths[2][32];
	struct cl_store *whole = counted_by_day(paths[0], request_of_few_networks, 0, all, 1),
			*parts = counted_by_day(paths[1], request_of_few_networks, LITTLE, all, 1);

	(void)state;
	assert_int_equal(ask(parts, "SELECT count(*) FROM approximation"), 0);
	assert_int_equal(ask(parts, "SELECT max(v6_64) FROM client_count"), 1 + OF_OTHERS / 4);
	assert_int_equal(ask(parts, "SELECT max(v6_48) FROM client_count"), 1);
	expect_same(whole, parts, ALL_CLIENTS, 9);
	expect_same(whole, parts,
		    "SELECT day, service_id, hex(addr), requests, responses, bytes FROM client_day", 6);
	cl_store_close(whole);
	cl_store_close(parts);
	for (unsigned i = 0; i < COUNT(paths); i++)
		remove_database(paths[i]);
}

/* A database whose clients no longer find room when it is gone on with. */
static void goes_on_with_less(void **state)
{
	static const uint32_t all[] = { REQUESTS }, most[] = { REQUESTS - 100 };
	char paths[2][32], err[CL_STORE_ERRLEN];
	struct cl_store *exact = counted_by_day(paths[0], request_at, 0, all, 1),
			*less = counted_by_day(paths[1], request_at, 0, most, 1);
	struct cl_store_config config;
	bool existed;

	(void)state;
	cl_store_close(less);
	less = cl_store_write(paths[1], "default", &config, &existed, err);
	assert_non_null(less);
	config.engine.by_day = config.engine.networks = config.engine.series = true;
	config.engine.memory = LITTLE;
	cl_engine_free(
		count_range(less, &config.engine, request_at, most[0], REQUESTS, MIDNIGHT - 1800 * SECOND));
	assert_null(cl_store_error(less));
	expect_same_totals(exact, less);
	assert_true(expect_near_clients(exact, less) >= 6);
	expect_near_windows(exact, less, MIDNIGHT / SECOND);
	assert_int_equal(ask(less, "SELECT count(DISTINCT period || day) FROM approximation"), 2);
	cl_store_close(exact);
	cl_store_close(less);
	remove_database(paths[0]);
	remove_database(paths[1]);
}

/* Clients that are in the sketches come again when there is room: they stay there. */
static void goes_on_with_more(void **state)
{
	char path[] = "/tmp/clientele-XXXXXX", err[CL_STORE_ERRLEN];
	const int64_t first_ns = MIDNIGHT + 3600 * SECOND;
	struct cl_store *more = NULL;
	int fd = mkstemp(path);
	bool existed;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (unsigned part = 0; part < 2; part++) {
		struct cl_store_config config = config_with(LITTLE, 5, true);

		cl_store_close(more);
		more = cl_store_write(path, "default", &config, &existed, err);
		assert_non_null(more);
		config.engine.by_day = config.engine.networks = config.engine.series = true;
		config.engine.memory = part == 0 ? LITTLE : 0;
		cl_engine_free(count_range(more, &config.engine, request_at, part == 0 ? 0 : 160000,
					   part == 0 ? 160000 : REQUESTS, first_ns));
		if (cl_store_error(more) != NULL)
			fail_msg("%s", cl_store_error(more));
		assert_true(cl_store_commit(more));
	}
	int64_t about = ask(more, "SELECT ipv4 + ipv6 FROM client_count JOIN service USING(service_id) WHERE "
				  "period = 'month' AND kind = 'all' AND proto = 'ntp'");
	expect_near((double)about, CLIENTS, CL_SKETCH_ERROR, "clients");
	assert_int_equal(ask(more, "SELECT sum(requests) FROM day JOIN service USING(service_id) WHERE kind "
				   "= 'all'"),
			 REQUESTS);
	cl_store_close(more);
	remove_database(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_within_its_error),
		cmocka_unit_test(unites_to_the_sketch_of_both),
		cmocka_unit_test(counts_what_is_not_too_old),
		cmocka_unit_test(keeps_a_share_for_each),
		cmocka_unit_test(is_near_and_totals_are_exact),
		cmocka_unit_test(is_the_same_where_all_fit),
		cmocka_unit_test(steps_beyond_the_room_are_the_same),
		cmocka_unit_test(goes_on_where_it_ended),
		cmocka_unit_test(parts_count_as_the_whole),
		cmocka_unit_test(goes_on_with_less),
		cmocka_unit_test(goes_on_with_more),
		cmocka_unit_test(once_full_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

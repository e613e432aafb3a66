/* SPDX-License-Identifier: BSD-2-Clause */
/* Control messages made by hand. */
#include "stats/view/mode6.h"

#include <string.h>

#include "tests/unit/test_cmocka.h"

#define SECOND INT64_C(1000000000)
#define R      0x80u
#define E      0x40u
#define MORE   0x20u

static struct cl_addr v4(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

/* A packet; the server is .1. `octets` of the whole message, of which it has `count` from `offset`. */
struct packet {
	uint8_t client, mode, opcode;
	uint16_t sequence, status, association, offset;
	const char *data; /* NULL: none */
	int64_t s;
	uint32_t length; /* of the message; 0: header and data */
};

static void go(struct cl_mode6 *m, const struct packet *p)
{
	const bool response = (p->opcode & R) != 0;
	struct cl_event e = { .kind = CL_EV_NTP,
			      .src = response ? v4(1) : v4(p->client),
			      .dst = response ? v4(p->client) : v4(1),
			      .sport = response ? 123 : 40000,
			      .dport = response ? 40000 : 123,
			      .time_ns = p->s * SECOND,
			      .u.ntp = { .version = 2, .mode = p->mode } };
	struct cl_note n;
	const size_t length = p->data != NULL ? strlen(p->data) : 0;
	const struct cl_exchange x = { .kind = CL_X_CONTROL, .request = { &e, &n } };

	cl_note_clear(&n);
	n.opcode = p->opcode;
	if (p->mode == 7) {
		n.opcode = (uint8_t)p->sequence; /* the request code */
		n.response = p->opcode & R;
	} else {
		n.sequence = p->sequence;
	}
	n.status = p->status;
	n.association = p->association;
	n.offset = p->offset;
	n.count = (uint16_t)length;
	n.length = p->length != 0 ? p->length : 12 + (uint32_t)length;
	cl_note_put(&n, CL_PIECE_CONTROL, p->data, length);
	cl_mode6_take(m, &x);
}

static const struct cl_mode6_series *find(struct cl_mode6 *m, uint16_t association, enum cl_mode6_kind kind,
					  const char *name)
{
	size_t n;
	const struct cl_mode6_series *v = cl_mode6_series(m, &n);

	for (size_t i = 0; i < n; i++)
		if (v[i].association == association && v[i].kind == (uint8_t)kind &&
		    v[i].name_length == strlen(name) && memcmp(v[i].name, name, strlen(name)) == 0)
			return &v[i];
	return NULL;
}

static struct cl_mode6_series series_of(struct cl_mode6 *m, uint16_t association, enum cl_mode6_kind kind,
					const char *name)
{
	const struct cl_mode6_series *v = find(m, association, kind, name);

	if (v == NULL)
		fail_msg("no series %s", name);
	return v != NULL ? *v : (struct cl_mode6_series){ .n = 0 };
}

static void series(void **state)
{
	static const struct packet packets[] = {
		{ 9, 6, 2, 1, 0, 0, 0, NULL, 0, 0 },
		{ 9, 6, R | 2, 1, 0x0615, 0, 0, "offset=-1.5, stratum=2,\r\nversion=\"a, b=7, c\"", 0, 0 },
		{ 9, 6, R | 2, 1, 0x0615, 0, 0, "offset=-1.5, stratum=2,\r\nversion=\"a, b=7, c\"", 1,
		  0 }, /* again */
		{ 9, 6, 2, 1, 0, 0, 0, NULL, 60, 0 },
		{ 9, 6, R | 2, 1, 0x0615, 0, 0, "offset=2.5, reach=0xf, clock=0xeeae.1", 60, 0 },
		{ 9, 6, R | 2, 2, 0x961a, 77, 0, "srcadr=192.0.2.7, offset=9", 61, 0 },
		{ 9, 6, R | 4, 3, 0x0046, 77, 0, "device=\"DCF\", badformat=4", 62, 0 },
	};
	struct cl_mode6 *m = cl_mode6_new(3);
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		go(m, &packets[i]);
	const struct cl_mode6_series v = series_of(m, 0, CL_MODE6_SYSTEM, "offset");
	assert_int_equal(v.n, 2);
	assert_true(v.first > -1.51 && v.first < -1.49 && v.last > 2.49 && v.last < 2.51);
	assert_true(v.sum > 0.99 && v.sum < 1.01);
	const struct cl_mode6_sample *one = cl_mode6_sample(m, v.head);
	assert_int_equal(one->time_ns, 0);
	one = cl_mode6_sample(m, one->next);
	assert_int_equal(one->time_ns, 60 * SECOND);
	assert_null(cl_mode6_sample(m, one->next));
	assert_int_equal(series_of(m, 0, CL_MODE6_SYSTEM, "reach").last, 15);
	assert_int_equal(series_of(m, 77, CL_MODE6_PEER, "offset").last, 9);
	assert_int_equal(series_of(m, 77, CL_MODE6_CLOCK, "badformat").last, 4);
	assert_null(find(m, 0, CL_MODE6_SYSTEM, "b"));	   /* within quotes */
	assert_null(find(m, 0, CL_MODE6_SYSTEM, "clock")); /* a timestamp */
	assert_int_equal(cl_mode6_totals(m)->duplicates, 1);
	assert_int_equal(cl_mode6_totals(m)->messages, 4);
	const struct cl_mode6_association *a = cl_mode6_associations(m, &n);
	assert_int_equal(n, 3);
	assert_string_equal(a[1].text, "192.0.2.7");
	assert_string_equal(a[2].text, "DCF");
	assert_int_equal(a[2].kind, CL_MODE6_CLOCK);
	cl_mode6_free(m);
}

/* In any order; an overlap does not change what came first; a hole leaves the answer out. */
static void fragments(void **state)
{
	static const struct packet packets[] = {
		{ 9, 6, R | 2, 1, 0, 0, 8, "22, c=3", 1, 0 },	      /* the last */
		{ 9, 6, R | MORE | 2, 1, 0, 0, 4, ", b=9999", 1, 0 }, /* its end is there */
		{ 9, 6, R | MORE | 2, 1, 0, 0, 0, "a=11", 2, 0 },
		{ 9, 6, R | MORE | 2, 2, 0, 0, 0, "lost=1, ", 3, 0 }, /* no end */
		{ 9, 6, R | 2, 3, 0, 0, 4, "hole=1", 4, 0 },	      /* no beginning */
		{ 9, 6, R | 2, 4, 0, 5, 0, NULL, 5, 0 },	      /* nothing to say is whole */
	};
	struct cl_mode6 *m = cl_mode6_new(3);

	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		go(m, &packets[i]);
	assert_int_equal(series_of(m, 0, CL_MODE6_SYSTEM, "a").last, 11);
	assert_int_equal(series_of(m, 0, CL_MODE6_SYSTEM, "b").last, 22);
	assert_int_equal(series_of(m, 0, CL_MODE6_SYSTEM, "c").last, 3);
	assert_int_equal(series_of(m, 0, CL_MODE6_SYSTEM, "a").last_ns, 2 * SECOND);
	assert_null(find(m, 0, CL_MODE6_SYSTEM, "lost"));
	assert_null(find(m, 0, CL_MODE6_SYSTEM, "hole"));
	assert_int_equal(cl_mode6_totals(m)->messages, 2);
	assert_int_equal(cl_mode6_totals(m)->incomplete, 2);
	cl_mode6_free(m);
}

static void add_octets(void *sum, const struct cl_mode6_asked *one)
{
	*(uint64_t *)sum = *(uint64_t *)sum * 1000 + one->n.octets;
}

static void amplification(void **state)
{
	static const struct packet packets[] = {
		{ 20, 7, 0, 42, 0, 0, 0, NULL, 0, 8 },	   { 20, 7, R, 42, 0, 6, 72, NULL, 0, 440 },
		{ 20, 7, R, 42, 0, 6, 72, NULL, 0, 440 },  { 20, 7, 0, 42, 0, 0, 0, NULL, 1, 8 },
		{ 20, 7, R, 42, 4, 0, 0, NULL, 1, 8 }, /* no data */
		{ 21, 6, 2, 1, 0, 0, 0, NULL, 2, 12 },	   { 21, 6, R | E | 2, 1, 0x0700, 0, 0, NULL, 2, 12 },
		{ 22, 6, 10, 1, 0, 0, 0, NULL, 3, 12 },	   { 22, 6, 2, 1, 0, 0, 0, NULL, 3, 12 },
		{ 23, 6, R | 1, 1, 0, 0, 0, NULL, 4, 12 }, { 24, 6, 10, 1, 0, 0, 0, NULL, 5, 12 },
	};
	struct cl_mode6 *m = cl_mode6_new(3);
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		go(m, &packets[i]);
	const struct cl_mode6_totals *all = cl_mode6_totals(m);
	assert_int_equal(all->mode7.octets, 16);
	assert_int_equal(all->mode7.answered_octets, 888);
	assert_int_equal(all->mode7.most_octets, 880);
	assert_int_equal(all->mode7.errors, 1);
	assert_int_equal(all->error[7], 1);
	const struct cl_mode6_source *s = cl_mode6_sources(m, &n);
	assert_int_equal(n, 5);
	assert_int_equal(s[0].addr.b[15], 20);
	assert_int_equal(s[0].asked, CL_MODE6_ASKED_MONLIST);
	assert_int_equal(s[0].first_ns, 0);
	assert_int_equal(s[0].last_ns, SECOND);
	for (size_t i = 1; i < n; i++) {
		static const uint8_t asked[] = { [21] = CL_MODE6_ASKED_VERSION,
						 [22] = CL_MODE6_ASKED_VERSION | CL_MODE6_ASKED_MRU,
						 [23] = 0,
						 [24] = CL_MODE6_ASKED_MRU };

		assert_int_equal(s[i].asked, asked[s[i].addr.b[15]]);
	}
	const struct cl_mode6_operation *o = cl_mode6_operations(m, &n);
	assert_int_equal(n, 4); /* readstat, readvar, read_mru, mon_getlist_1 */
	assert_int_equal(o[3].mode, 7);
	assert_int_equal(o[3].n.requests, 2);
	uint64_t octets = 0;
	const struct cl_addr both = v4(22);
	cl_mode6_asked(m, &both, add_octets, &octets);
	assert_int_equal(octets, 12012); /* readvar, read_mru */
	cl_mode6_free(m);
}

/* Sent as octets: associations and their status words. */
static void statuses(void **state)
{
	static const struct packet packets[] = {
		{ 9, 6, R | 1, 1, 0x0615, 0, 0, "\x01\x02\x96\x1a\x01\x03\x80\x11", 0, 0 },
		{ 9, 6, R | 1, 2, 0x0615, 0, 0, "\x01\x02\x96\x1a\x01\x03\x94\x14", 60, 0 },
		{ 9, 6, R | E | 2, 3, 0x0400, 9, 0, NULL, 61, 0 }, /* an error's is none */
	};
	struct cl_mode6 *m = cl_mode6_new(3);
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		go(m, &packets[i]);
	const struct cl_mode6_association *a = cl_mode6_associations(m, &n);
	assert_int_equal(n, 3);
	assert_int_equal(a[2].association, 0x0103);
	assert_int_equal(a[2].changes, 1);
	assert_int_equal(a[1].changes, 0);
	const struct cl_mode6_event *e = cl_mode6_events(m, &n);
	assert_int_equal(n, 4);
	assert_int_equal(e[3].time_ns, 60 * SECOND);
	assert_int_equal(e[3].status, 0x9414);
	cl_mode6_free(m);
}

/* What NTPsec's ntpq prints of these words; the clock's is that of ntpd, event counter and condition. */
static void words(void **state)
{
	static const struct {
		enum cl_mode6_kind kind;
		uint16_t status;
		const char *want;
	} rows[] = {
		{ CL_MODE6_SYSTEM, 0x0014, "leap_none, sync_unspec, 1 event, freq_mode" },
		{ CL_MODE6_SYSTEM, 0xc6f0, "leap_alarm, sync_ntp, 15 events, unspecified" },
		{ CL_MODE6_SYSTEM, 0x0a00, "leap_none, sync_10, no events, unspecified" },
		{ CL_MODE6_PEER, 0xb61a, "conf, auth, reach, sel_sys.peer, 1 event, sys_peer" },
		{ CL_MODE6_PEER, 0x8013, "conf, sel_reject, 1 event, unreachable" },
		{ CL_MODE6_CLOCK, 0x0040, "4 events, clk_unspec" },
		{ CL_MODE6_CLOCK, 0x0046, "4 events, clk_bad_time" },
		{ CL_MODE6_CLOCK, 0x0017, "1 event, clk_7" },
	};
	char got[CL_MODE6_WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cl_mode6_words(rows[i].kind, rows[i].status, got);
		assert_string_equal(got, rows[i].want);
	}
	cl_mode6_words(CL_MODE6_PEER, 0xffff, got); /* the longest */
	assert_string_equal(cl_mode6_clock(0x0040), "nominal");
	assert_string_equal(cl_mode6_clock(0x0302), "bad format");
	assert_null(cl_mode6_clock(0x000f));
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool is;
		double want;
	} rows[] = {
		{ "1", true, 1 },
		{ "-0.25", true, -0.25 },
		{ "+3.", true, 3 },
		{ "1e3", true, 1000 },
		{ "0x10", true, 16 },
		{ "00", true, 0 },
		{ "1.2.3", false, 0 },
		{ "", false, 0 },
		{ "0x", false, 0 },
		{ "0x1.8", false, 0 },
		{ "1 2", false, 0 },
		{ "nan", false, 0 },
		{ "inf", false, 0 },
		{ "1e999", false, 0 },
		{ "-", false, 0 },
		{ ".", false, 0 },
		{ "1e", false, 0 },
		{ "LOCL", false, 0 },
		{ "0x11111111111111111", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct cl_mode6_item item = { .value = (const uint8_t *)rows[i].text,
						    .value_length = strlen(rows[i].text) };
		double got = 0;

		assert_int_equal(cl_mode6_number(&item, &got), rows[i].is);
		if (rows[i].is)
			assert_true(got > rows[i].want - 1e-9 && got < rows[i].want + 1e-9);
	}
}

/* The sample of a DCF77 clock whose time code was bad for some minutes. */
static void clock_states(void **state)
{
	static const struct packet packet = {
		9,
		6,
		R | 4,
		1,
		0x0040,
		5,
		0,
		"poll=1398, refclock_states=\"*NOMINAL: 1d+00:43:00 (99.54%); BAD FORMAT: 00:06:51 (0.45%); "
		"running time: 1d+00:49:51\"",
		7,
		0
	};
	struct cl_mode6 *m = cl_mode6_new(3);
	size_t n;

	(void)state;
	go(m, &packet);
	const struct cl_mode6_clock_state *c = cl_mode6_states(m, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(c[0].name, "NOMINAL", 7);
	assert_true(c[0].current);
	assert_int_equal(c[0].seconds, 86400 + 43 * 60);
	assert_true(c[0].share > 0.99539 && c[0].share < 0.99541);
	assert_memory_equal(c[1].name, "BAD FORMAT", 10);
	assert_false(c[1].current);
	assert_int_equal(c[1].seconds, 411);
	assert_int_equal(c[2].seconds, 86400 + 49 * 60 + 51);
	assert_true(c[2].share < 0);
	const struct cl_mode6_series v = series_of(m, 5, CL_MODE6_CLOCK, "refclock_states.BAD FORMAT");
	assert_true(v.last > 0.00449 && v.last < 0.00451);
	cl_mode6_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series),	cmocka_unit_test(fragments), cmocka_unit_test(amplification),
		cmocka_unit_test(statuses),	cmocka_unit_test(words),     cmocka_unit_test(numbers),
		cmocka_unit_test(clock_states),
	};

	return cmocka_run_group_tests_name("mode6", tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients' clocks, of exchanges made by hand. */
#include "stats/view/clocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define US     INT64_C(1000)
#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)
#define DAY    (86400 * SECOND)
#define START  (1800000000 * SECOND)
#define EPOCH  INT64_C(2208988800)

static const struct cl_clocks_limits roomy = { 64, 64, 64, 16 };

static struct cl_addr v4(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

/* A time as timestamp, rounded up, so that it is read as what it was. */
static uint64_t stamp(int64_t ns)
{
	const uint64_t rest = (uint64_t)(ns % SECOND);

	return (uint64_t)(ns / SECOND + EPOCH) << 32 | (((rest << 32) + SECOND - 1) / SECOND);
}

struct four {
	uint64_t org, rec;
	int64_t t2, t3; /* 0: not answered */
};

static void ask(struct cl_clocks *c, uint8_t client, int64_t at_ns, uint64_t xmt, const struct four *f)
{
	static const struct four nothing = { 0 };
	const struct four *g = f != NULL ? f : &nothing;
	struct cl_event
		q = { .kind = CL_EV_NTP,
		      .time_ns = at_ns,
		      .src = v4(client),
		      .dst = v4(1),
		      .u.ntp = { .version = 4, .mode = 3, .org = g->org, .rec = g->rec, .xmt = xmt } },
		r = { .kind = CL_EV_NTP,
		      .time_ns = at_ns + MS,
		      .src = v4(1),
		      .dst = v4(client),
		      .u.ntp = { .version = 4,
				 .mode = 4,
				 .org = xmt,
				 .rec = g->t2 != 0 ? stamp(g->t2) : stamp(at_ns),
				 .xmt = g->t3 != 0 ? stamp(g->t3) : stamp(at_ns + MS) } };
	struct cl_note note;
	struct cl_exchange x = { .kind = CL_X_NTP,
				 .fortune = CL_FORTUNE_MATCHED,
				 .request = { &q, &note },
				 .response = { &r, &note } };

	cl_note_clear(&note);
	note.precision = -20;
	cl_clocks_take(c, &x);
}

/* Polls every 64 s with a clock that is `error` off. */
static void polls(struct cl_clocks *c, uint8_t client, int n, int64_t error)
{
	for (int i = 0; i < n; i++) {
		const int64_t at = START + i * 64 * SECOND + client * SECOND + 123457 * i * US;

		ask(c, client, at, stamp(at + error), NULL);
	}
}

static const struct cl_clock_client *worst(struct cl_clocks *c, size_t i)
{
	size_t n;
	const struct cl_clock_client *const *list = cl_clocks_worst(c, &n);

	assert_true(i < n);
	return list[i];
}

static void buckets(void **state)
{
	static const struct {
		int64_t error_ns, resolution;
		enum cl_clock_bucket bucket;
	} cases[] = {
		{ 0, 1, CL_CLOCK_1MS },
		{ MS - 1, 1, CL_CLOCK_1MS },
		{ -MS, 1, CL_CLOCK_10MS },
		{ 10 * MS, 1, CL_CLOCK_100MS },
		{ 100 * MS, 1, CL_CLOCK_1S },
		{ 899 * MS, 1, CL_CLOCK_1S },
		{ 900 * MS, 1, CL_CLOCK_LEAP },
		{ -1100 * MS, 1, CL_CLOCK_LEAP },
		{ -1101 * MS, 1, CL_CLOCK_MINUTE },
		{ 1000 * MS, SECOND, CL_CLOCK_MINUTE }, /* not known well enough for a leap second */
		{ 5 * MS, SECOND, CL_CLOCK_1S },
		{ 60 * SECOND, 1, CL_CLOCK_HOUR },
		{ -3600 * SECOND, 1, CL_CLOCK_DAY },
		{ DAY, 1, CL_CLOCK_MORE },
		{ -1024 * 7 * DAY + DAY - 1, 1, CL_CLOCK_WEEKS },
		{ 1024 * 7 * DAY - 1000, 1, CL_CLOCK_WEEKS },
		{ 1024 * 7 * DAY + 2 * DAY, 1, CL_CLOCK_MORE },
		{ -START + 3600 * SECOND, 1, CL_CLOCK_1970 },
		/* 2^32 s after 1900 it is 2036-02-07 06:28:16 */
		{ ((INT64_C(1) << 32) - EPOCH) * SECOND - START + SECOND, 1, CL_CLOCK_1900 },
		{ -EPOCH * SECOND, 1, CL_CLOCK_UNIX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(cl_clock_bucket(cases[i].error_ns, START, cases[i].resolution),
				 cases[i].bucket);
}

/* Each class that says a time, and those that say none. */
static void classes(void **state)
{
	struct cl_clocks *c = cl_clocks_new(&roomy, 5);
	const struct cl_clock_totals *t;

	(void)state;
	polls(c, 10, 5, 250 * MS);
	polls(c, 11, 5, -3 * SECOND);
	for (int i = 0; i < 6; i++) {
		const int64_t at = START + i * 100 * SECOND + i * 77 * MS;
		const uint64_t whole = (uint64_t)(at / SECOND + EPOCH) << 32;

		ask(c, 12, at, whole | (uint64_t)(at % SECOND + 20 * MS),
		    NULL); /* nanoseconds, 20 ms ahead */
		ask(c, 13, at + 500 * MS, stamp(at) & UINT64_C(0xffffffff00000000), NULL); /* whole seconds */
		ask(c, 14, at, 0, NULL);
		ask(c, 15, at, 0xc54f234b71b152f3, NULL);
		ask(c, 16, at, UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(i + 1), NULL);
	}
	ask(c, 17, START, (uint64_t)(START / SECOND + EPOCH) << 32 | 123456789, NULL); /* nanoseconds? once */
	t = cl_clocks_totals(c);
	assert_int_equal(t->clients, 8);
	assert_int_equal(t->class[CL_XMT_CLOCK_NS], 1);
	assert_int_equal(t->class[CL_XMT_SEC], 1);
	assert_int_equal(t->why[CL_CLOCK_KNOWN], 4);
	assert_int_equal(t->why[CL_CLOCK_ZERO], 1);
	assert_int_equal(t->why[CL_CLOCK_CONST], 1);
	assert_int_equal(t->why[CL_CLOCK_RANDOM], 1);
	assert_int_equal(t->why[CL_CLOCK_NS], 1);
	assert_int_equal(worst(c, 0)->addr.b[15], 11);
	assert_int_equal(worst(c, 0)->bucket, CL_CLOCK_MINUTE);
	assert_int_equal(worst(c, 0)->error_ns, -3 * SECOND);
	/* seconds: 77 ms * i into it, half a second before the capture, 0.5 s to its middle: the third of six
	 */
	assert_int_equal(worst(c, 1)->addr.b[15], 10);
	assert_int_equal(worst(c, 1)->error_ns, 250 * MS);
	assert_int_equal(worst(c, 2)->addr.b[15], 13);
	assert_int_equal(worst(c, 2)->error_ns, -231 * MS);
	assert_int_equal(worst(c, 2)->bucket, CL_CLOCK_1S);
	assert_int_equal(worst(c, 3)->addr.b[15], 12);
	assert_int_equal(worst(c, 3)->error_ns, 20 * MS);
	assert_int_equal(t->ahead[CL_CLOCK_100MS], 1);
	assert_int_equal(t->behind[CL_CLOCK_MINUTE], 1);
	cl_clocks_free(c);
}

/* A clock that is years off is one as soon as it goes. */
static void far_off(void **state)
{
	struct cl_clocks *c = cl_clocks_new(&roomy, 5);

	(void)state;
	polls(c, 10, 3, -START + 5 * SECOND);
	polls(c, 11, 1, -START + 5 * SECOND);
	polls(c, 12, 3, -1024 * 7 * DAY);
	const struct cl_clock_totals *t = cl_clocks_totals(c);
	assert_int_equal(t->why[CL_CLOCK_KNOWN], 2);
	assert_int_equal(t->why[CL_CLOCK_RANDOM], 1);
	assert_int_equal(t->behind[CL_CLOCK_1970], 1);
	assert_int_equal(t->behind[CL_CLOCK_WEEKS], 1);
	assert_int_equal(worst(c, 0)->error_ns, -START + 5 * SECOND);
	cl_clocks_free(c);
}

static void trend(struct cl_clocks *c, uint8_t client, int n, int64_t first, int64_t last)
{
	for (int i = 0; i < n; i++) {
		const int64_t at = START + i * 64 * SECOND + client * SECOND + 123457 * i * US;

		ask(c, client, at, stamp(at + (i < n / 2 ? first : last)), NULL);
	}
}

static void trends(void **state)
{
	struct cl_clocks *c = cl_clocks_new(&roomy, 5);
	const struct cl_clock_totals *t;

	(void)state;
	trend(c, 10, 8, 400 * MS, 200 * MS);
	trend(c, 11, 8, 400 * MS, 201 * MS);
	trend(c, 12, 8, -30 * MS, 60 * MS);
	trend(c, 13, 8, 9 * MS, 1 * MS);
	trend(c, 14, 7, 400 * MS, 1 * MS);
	trend(c, 15, 8, 30 * MS, 59 * MS);
	t = cl_clocks_totals(c);
	assert_int_equal(t->trend[CL_CLOCK_FALLS], 1);
	assert_int_equal(t->trend[CL_CLOCK_STAYS], 2);
	assert_int_equal(t->trend[CL_CLOCK_GROWS], 1);
	assert_int_equal(t->trend[CL_CLOCK_CLOSE], 1);
	assert_int_equal(t->trend[CL_CLOCK_UNTOLD], 1);
	cl_clocks_free(c);
}

/**
 * The client is 5 ms ahead of the server; 3 ms there, 7 ms back, 1 ms in the server. T1 = x + 5, T2 = x + 3,
 * T3 = x + 4, T4 = x + 16: offset ((3 - 5) + (4 - 16)) / 2 = -7 ms (-5 and half of 3 - 7), delay 11 - 1 = 10.
 */
static void both_ways(void **state)
{
	struct cl_clocks *c = cl_clocks_new(&roomy, 5);
	const struct cl_clock_estimate *e;
	struct cl_filtered f;
	struct four one = { .t2 = START + 3 * MS, .t3 = START + 4 * MS }, two;
	size_t n;

	(void)state;
	ask(c, 10, START + 3 * MS, stamp(START + 5 * MS), &one);
	two = (struct four){ .org = stamp(one.t3), .rec = stamp(START + 16 * MS) };
	ask(c, 10, START + 64 * SECOND, stamp(START + 64 * SECOND + 2 * MS), &two);
	ask(c, 10, START + 65 * SECOND, stamp(START + 65 * SECOND + 2 * MS), &two); /* the same echo again */
	e = cl_clocks_estimates(c, &n);
	assert_int_equal(n, 1);
	assert_int_equal(e->samples, 1);
	assert_true(cl_clock_filter_read(&e->filter, &f));
	assert_in_range(f.offset_ns + 8 * MS, MS - 2, MS + 2);
	assert_in_range(f.delay_ns, 10 * MS - 2, 10 * MS + 2);
	const struct cl_clock_totals *t = cl_clocks_totals(c);
	assert_int_equal(t->samples, 1);
	assert_int_equal(t->implausible, 0);
	const struct cl_clock_server *const *s = cl_clocks_servers(c, &n);
	assert_int_equal(n, 1);
	assert_int_equal(s[0]->clients, 1);
	assert_int_equal(s[0]->clients_measured, 1);
	cl_clocks_free(c);
}

/* Received before it was asked, after the next request, or 20 s later: no measurement. */
static void implausible(void **state)
{
	static const int64_t received[] = { -1, 10, 20 }, next[] = { 64, 5, 64 };
	struct cl_clocks *c = cl_clocks_new(&roomy, 5);

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		const int64_t at = START + i * SECOND;
		const struct four one = { .t2 = at, .t3 = at + MS },
				  two = { .org = stamp(at + MS), .rec = stamp(at + received[i] * SECOND) };

		ask(c, 10 + i, at, stamp(at), &one);
		ask(c, 10 + i, at + next[i] * SECOND, stamp(at + next[i] * SECOND), &two);
	}
	assert_int_equal(cl_clocks_totals(c)->implausible, 3);
	assert_int_equal(cl_clocks_totals(c)->samples, 0);
	cl_clocks_free(c);
}

static void limits(void **state)
{
	static const struct cl_clocks_limits one = { 1, 1, 1, 1 };
	struct cl_clocks *c = cl_clocks_new(&one, 5);

	(void)state;
	polls(c, 10, 2, 0);
	polls(c, 11, 2, 0);
	assert_int_equal(cl_clocks_totals(c)->clients, 1);
	assert_int_equal(cl_clocks_totals(c)->requests, 4);
	assert_int_equal(cl_clocks_totals(c)->not_kept, 2);
	assert_int_equal(cl_clocks_totals(c)->pairs_not_kept, 2);
	cl_clocks_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets), cmocka_unit_test(classes),	cmocka_unit_test(far_off),
		cmocka_unit_test(trends),  cmocka_unit_test(both_ways), cmocka_unit_test(implausible),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

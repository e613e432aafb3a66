/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/atlas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define START  (1800000000 * SECOND)
/* 2^-32 s to a microsecond, rounded up */
#define MICROSECOND UINT64_C(4295)

static struct cl_addr v4(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

/* Seconds since 1900 of START and microseconds. */
static uint64_t stamp(int64_t ns, uint32_t us)
{
	return (uint64_t)(ns / SECOND + 2208988800) << 32 | ((uint64_t)us << 32) / 1000000;
}

static void attempt(struct cl_atlas *a, int64_t probe, int64_t result, uint8_t from, int64_t time_ns,
		    uint64_t origin)
{
	struct cl_atlas_attempt one = { .probe = probe,
					.result = result,
					.server = v4(1),
					.from = v4(from),
					.time_ns = time_ns,
					.origin = origin,
					.rtt_ns = 30000000 };

	assert_true(cl_atlas_attempt(a, &one));
}

static void exchange(struct cl_atlas *a, uint8_t from, int64_t time_ns, uint64_t xmt, bool answered)
{
	struct cl_event q = { .kind = CL_EV_NTP,
			      .src = v4(from),
			      .dst = v4(1),
			      .time_ns = time_ns,
			      .frame_no = (uint64_t)from,
			      .u.ntp = { .version = 4, .mode = 3, .xmt = xmt } },
			r = { .kind = CL_EV_NTP };
	struct cl_note note;
	struct cl_exchange x = { .kind = CL_X_NTP,
				 .fortune = answered ? CL_FORTUNE_MATCHED : CL_FORTUNE_UNANSWERED,
				 .request = { &q, &note },
				 .delta_ns = 1000 };

	cl_note_clear(&note);
	note.length = 48;
	if (answered)
		x.response = (struct cl_message){ &r, &note };
	cl_atlas_take(a, &x);
}

/* Each way in which an attempt can end, and two that look alike. */
static void legs(void **state)
{
	struct cl_atlas *a = cl_atlas_new(5);
	const struct cl_atlas_attempt *got;
	size_t n;

	(void)state;
	attempt(a, 1, 1, 10, START + 1 * SECOND, stamp(START + 1 * SECOND, 123456) + MICROSECOND / 2);
	attempt(a, 1, 1, 10, START + 1 * SECOND, 0); /* timed out: seen and answered */
	attempt(a, 1, 1, 10, START + 1 * SECOND, 0); /* timed out: not seen */
	attempt(a, 2, 2, 11, START + 2 * SECOND, 0); /* timed out: seen, not answered */
	attempt(a, 3, 3, 12, START + 3 * SECOND, stamp(START + 3 * SECOND, 5));	 /* the capture lacks it */
	attempt(a, 4, 4, 13, START - 9 * SECOND, 0);				 /* before the capture */
	attempt(a, 5, 5, 14, START + 4 * SECOND, stamp(START + 4 * SECOND, 77)); /* off by 3 us */
	exchange(a, 10, START + 1 * SECOND, stamp(START + 1 * SECOND, 123456), true);
	exchange(a, 10, START + 2 * SECOND, stamp(START + 2 * SECOND, 1), true);
	exchange(a, 11, START + 2 * SECOND, stamp(START + 2 * SECOND, 2), false);
	exchange(a, 14, START + 4 * SECOND, stamp(START + 4 * SECOND, 80), true);
	exchange(a, 99, START + 5 * SECOND, stamp(START + 5 * SECOND, 3), true); /* nobody's */
	got = cl_atlas_join(a, START, START + 100 * SECOND, &n);
	assert_int_equal(n, 7);
	assert_int_equal(got[0].leg, CL_LEG_RECEIVED);
	assert_int_equal(got[0].delta_ns, 1000);
	assert_int_equal(got[0].frame, 10);
	assert_int_equal(got[1].leg, CL_LEG_LOST_ON_RETURN);
	assert_int_equal(got[2].leg, CL_LEG_NOT_SEEN);
	assert_int_equal(got[3].leg, CL_LEG_NOT_ANSWERED);
	assert_int_equal(got[4].leg, CL_LEG_UNSEEN_ANSWER);
	assert_int_equal(got[5].leg, CL_LEG_OUTSIDE);
	assert_int_equal(got[6].leg, CL_LEG_UNSEEN_ANSWER);
	assert_int_equal(cl_atlas_candidates(a), 4);
	cl_atlas_free(a);
}

/* A server that the capture does not have says nothing of its attempts. */
static void another_server(void **state)
{
	struct cl_atlas *a = cl_atlas_new(5);
	size_t n;

	(void)state;
	attempt(a, 1, 1, 10, START + 1 * SECOND, 0);
	assert_int_equal(cl_atlas_join(a, START, START + 100 * SECOND, &n)[0].leg, CL_LEG_OUTSIDE);
	cl_atlas_free(a);
}

/* One request that says more, or has nanoseconds, and the source is none. */
static void candidates(void **state)
{
	struct cl_atlas *a = cl_atlas_new(5);

	(void)state;
	exchange(a, 20, START, stamp(START, 1), true);
	exchange(a, 20, START, stamp(START, 999999), true);
	exchange(a, 21, START, stamp(START, 7), true);
	assert_int_equal(cl_atlas_candidates(a), 2);
	exchange(a, 21, START, stamp(START, 7) + 2000, true);
	assert_int_equal(cl_atlas_candidates(a), 1);
	cl_atlas_free(a);
}

static void timestamps(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} good[] = {
		{ "0", 0 },
		{ "1.5", UINT64_C(0x180000000) },
		{ "4294967295.75", UINT64_C(0xffffffffc0000000) },
		{ "3861234567.000000001", UINT64_C(3861234567) << 32 | 4 },
		{ "2.2500000000", UINT64_C(0x240000000) },
	};
	static const char *const bad[] = { "", ".5", "4294967296", "-1", "1.5x", "1e9" };
	uint64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(cl_atlas_timestamp(good[i].text, &got));
		assert_int_equal(got, good[i].want);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(cl_atlas_timestamp(bad[i], &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legs),
		cmocka_unit_test(another_server),
		cmocka_unit_test(candidates),
		cmocka_unit_test(timestamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

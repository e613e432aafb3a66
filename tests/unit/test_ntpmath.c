/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/ntpmath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define MS     INT64_C(1000000)

/* 2036-02-07T06:28:16Z, where era 1 begins (RFC 5905 fig. 4). */
#define ERA_1 (INT64_C(2085978496) * SECOND)

static void stamps(void **state)
{
	int64_t ns = 7;

	(void)state;
	assert_false(cl_stamp_time(0, 0, &ns));
	assert_int_equal(ns, 7);
	/* 1970-01-01 is 2208988800 (RFC 5905 fig. 4); half a second is the highest bit of the fraction */
	assert_true(cl_stamp_time(UINT64_C(2208988800) << 32 | UINT64_C(0x80000000), 0, &ns));
	assert_int_equal(ns, SECOND / 2);
	/* one second into era 1, seen from both sides of its beginning; and the last second of era 0 */
	assert_true(cl_stamp_time(UINT64_C(1) << 32, ERA_1 - SECOND, &ns));
	assert_int_equal(ns, ERA_1 + SECOND);
	assert_true(cl_stamp_time(UINT64_C(1) << 32, ERA_1 + 10 * SECOND, &ns));
	assert_int_equal(ns, ERA_1 + SECOND);
	assert_true(cl_stamp_time(UINT64_C(0xffffffff) << 32, ERA_1 + 10 * SECOND, &ns));
	assert_int_equal(ns, ERA_1 - SECOND);
	/* before 1970, rounded down */
	assert_true(cl_stamp_time(UINT64_C(2208988799) << 32 | UINT64_C(0xc0000000), -5 * SECOND, &ns));
	assert_int_equal(ns, -SECOND / 4);
	/* a time that no int64_t holds */
	assert_false(cl_stamp_time(UINT64_C(0xc0000000) << 32, INT64_MAX, &ns));
}

static void nearest(uint64_t stamp, int64_t near_ns, int64_t want)
{
	int64_t ns = want + 1;

	assert_true(cl_stamp_nearest(stamp, near_ns, &ns));
	assert_int_equal(ns, want);
}

static void stamps_rounded(void **state)
{
	const int64_t now = INT64_C(1795392000) * SECOND;
	const uint64_t second = (UINT64_C(1795392000) + 2208988800) << 32;
	int64_t ns = 7;

	(void)state;
	nearest(second + (UINT64_C(1) << 31), now, now + SECOND / 2);
	nearest(second + (UINT64_C(1) << 29), now + 20 * 365 * 86400 * SECOND, now + SECOND / 8);
	nearest(UINT64_C(1) << 32, ERA_1 - 10 * SECOND, ERA_1 + SECOND);
	nearest(UINT64_C(0xffffffff) << 32, ERA_1 + 10 * SECOND, ERA_1 - SECOND);
	nearest(1, ERA_1, ERA_1); /* 0.23 ns */
	nearest(3, ERA_1, ERA_1 + 1);
	nearest(second | UINT32_MAX, now, now + SECOND); /* 0.23 ns before it */
	assert_false(cl_stamp_nearest(0, ERA_1, &ns));
	assert_false(cl_stamp_nearest(UINT64_C(0xc0000000) << 32, INT64_MAX, &ns));
	assert_int_equal(ns, 7);
}

static void stamps_of_nanoseconds(void **state)
{
	int64_t ns = 7;

	(void)state;
	assert_true(cl_stamp_time_of_nanoseconds(UINT64_C(2208988800) << 32 | 999999999, 0, &ns));
	assert_int_equal(ns, 999999999);
	assert_false(cl_stamp_time_of_nanoseconds(UINT64_C(2208988800) << 32 | 1000000000, 0, &ns));
}

static void durations(void **state)
{
	(void)state;
	assert_int_equal(cl_short_time(0x00018000), 3 * SECOND / 2);
	assert_int_equal(cl_short_time(1), 15258); /* 2^-16 s is 15258.789 ns */
	assert_int_equal(cl_short_time(UINT32_MAX), 65535999984741);
	assert_int_equal(cl_power_time(-20), 954); /* 953.67 ns */
	assert_int_equal(cl_power_time(6), 64 * SECOND);
	assert_int_equal(cl_power_time(-128), 0);
	assert_int_equal(cl_power_time(127), 131072 * SECOND);
}

/* Asked at 100 s by a clock that is 40 ms behind; 10 ms there, 30 ms back, 1 ms in between. */
static void onwire(void **state)
{
	const struct cl_onwire w = { .t1 = 100 * SECOND,
				     .t2 = 100 * SECOND + 50 * MS,
				     .t3 = 100 * SECOND + 51 * MS,
				     .t4 = 100 * SECOND + 41 * MS };

	(void)state;
	assert_int_equal(cl_onwire_delay(&w), 40 * MS);
	assert_int_equal(cl_onwire_offset(&w), 30 * MS); /* 40 ms, and half of what the ways differ by */
	/* 15 ppm of 41 ms are 615 ns, 2^-20 s 954 */
	assert_int_equal(cl_onwire_dispersion(&w, -20), 615 + 954);
}

static void add(struct cl_clock_filter *f, int64_t time_s, int64_t offset_ms, int64_t delay_ms)
{
	const struct cl_filter_sample one = { .time_ns = time_s * SECOND,
					      .offset_ns = offset_ms * MS,
					      .delay_ns = delay_ms * MS,
					      .dispersion_ns = 1 * MS };

	cl_clock_filter_add(f, &one);
}

static void filter(void **state)
{
	struct cl_clock_filter f = { .count = 0 };
	struct cl_filtered got;

	(void)state;
	assert_false(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.samples, 0);
	add(&f, 0, 5, 20);
	assert_true(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.samples, 1);
	assert_int_equal(got.jitter_ns, 0);
	assert_int_equal(got.offset_ns, 5 * MS);
	add(&f, 100, 2, 10);
	add(&f, 200, 8, 30);
	assert_true(cl_clock_filter_read(&f, &got));
	/* the least delay; sqrt(((5-2)^2 + (8-2)^2) / 2) = sqrt(22.5) */
	assert_int_equal(got.offset_ns, 2 * MS);
	assert_int_equal(got.delay_ns, 10 * MS);
	assert_int_equal(got.time_ns, 100 * SECOND);
	assert_int_equal(got.jitter_ns, 4743416);
	/* 100 s more at 15 ppm */
	assert_int_equal(got.own_dispersion_ns, 1 * MS + 1500000);
	/* by delay 2.5, 4, 1 ms, then 16 s five times: 2.5/2 + 4/4 + 1/8 + 16000 * (1/16 + ... + 1/256) */
	assert_in_range(got.dispersion_ns, 1939875000, 1939875008);
	/* of equals the later; the eighth pushes nothing out, the ninth the first */
	for (int i = 3; i < 8; i++)
		add(&f, 100 * i, i, 10);
	assert_true(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.samples, 8);
	assert_int_equal(got.offset_ns, 7 * MS);
	for (int i = 0; i < 6; i++)
		cl_clock_filter_empty(&f, 800 * SECOND);
	assert_true(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.samples, 2);
	assert_int_equal(got.jitter_ns, 1 * MS);
	cl_clock_filter_empty(&f, 800 * SECOND);
	cl_clock_filter_empty(&f, 800 * SECOND);
	assert_false(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.dispersion_ns / MS, 15937); /* 16 s (1 - 2^-8) */
}

/* Beyond 2048 s a sample counts with its dispersion: 3000 s at 15 ppm are 45 ms. */
static void old_samples(void **state)
{
	struct cl_clock_filter f = { .count = 0 };
	struct cl_filtered got;

	(void)state;
	add(&f, 0, 1, 10);
	add(&f, 2000, 2, 20);
	assert_true(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.offset_ns, 1 * MS);
	add(&f, 3000, 3, 30);
	assert_true(cl_clock_filter_read(&f, &got));
	assert_int_equal(got.offset_ns, 2 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps),
		cmocka_unit_test(stamps_rounded),
		cmocka_unit_test(stamps_of_nanoseconds),
		cmocka_unit_test(durations),
		cmocka_unit_test(onwire),
		cmocka_unit_test(filter),
		cmocka_unit_test(old_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

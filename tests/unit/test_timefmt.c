/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S	 INT64_C(1000000000)
#define MIN	 (60 * S)

struct stamp {
	int64_t ns;
	int digits;
	const char *text;
};

/* Seconds from `date -u -d TEXT +%s`. */
static const struct stamp stamps[] = {
	{ 0, -1, "1970-01-01T00:00:00Z" },
	{ 0, 9, "1970-01-01T00:00:00.000000000Z" },
	{ -1, -1, "1969-12-31T23:59:59.999999999Z" },
	{ -1, 0, "1969-12-31T23:59:59Z" },
	{ -S, -1, "1969-12-31T23:59:59Z" },
	{ -86400 * S, -1, "1969-12-31T00:00:00Z" },
	{ -2208988800 * S, -1, "1900-01-01T00:00:00Z" },
	{ 951782399 * S, -1, "2000-02-28T23:59:59Z" },
	{ 951782400 * S, -1, "2000-02-29T00:00:00Z" },
	{ 951868800 * S, -1, "2000-03-01T00:00:00Z" },
	{ 1714521600 * S + 500000000, -1, "2024-05-01T00:00:00.500Z" },
	{ 1714521600 * S + 500, -1, "2024-05-01T00:00:00.000000500Z" },
	{ 1714521600 * S + 1000, -1, "2024-05-01T00:00:00.000001Z" },
	{ 1714521600 * S + 999999999, 0, "2024-05-01T00:00:00Z" },
	{ 1714521600 * S + 999999999, 3, "2024-05-01T00:00:00.999Z" },
	{ 1714521600 * S + 1234567, 6, "2024-05-01T00:00:00.001234Z" },
	{ 2147483648 * S, -1, "2038-01-19T03:14:08Z" },
	{ 4107542400 * S, -1, "2100-03-01T00:00:00Z" },
	{ 4107456000 * S, -1, "2100-02-28T00:00:00Z" },
	{ INT64_MAX, -1, "2262-04-11T23:47:16.854775807Z" },
	{ INT64_MIN, -1, "1677-09-21T00:12:43.145224192Z" },
};

static void formats_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stamps); i++) {
		char text[CL_TIME_STRLEN];

		assert_int_equal(cl_time_format(text, stamps[i].ns, stamps[i].digits),
				 strlen(stamps[i].text));
		assert_string_equal(text, stamps[i].text);
	}
}

static void reads_what_it_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stamps); i++) {
		char text[CL_TIME_STRLEN];
		int64_t ns = 42;

		cl_time_format(text, stamps[i].ns, -1);
		assert_true(cl_time_parse(text, &ns));
		assert_true(ns == stamps[i].ns);
	}
}

/* Every day of 500 years against a calendar counted up by hand. */
static void knows_the_calendar(void **state)
{
	static const int months[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t day = -86400 * S * 91311; /* 1720-01-01 */

	(void)state;
	for (int y = 1720; y < 2220; y++) {
		for (int m = 1; m <= 12; m++) {
			int leap = m == 2 && (y % 400 == 0 || (y % 4 == 0 && y % 100 != 0));

			for (int d = 1; d <= months[m - 1] + leap; d++, day += 86400 * S) {
				char expected[64], text[CL_TIME_STRLEN];
				int64_t ns = 0;

				snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00Z", y, m, d);
				cl_time_format(text, day, -1);
				assert_string_equal(text, expected);
				expected[10] = '\0';
				assert_true(cl_time_parse(expected, &ns));
				assert_true(ns == day);
			}
		}
	}
}

static void reads_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "2024-05-01", 1714521600 * S },
		{ "2024-02-29", 1709164800 * S },
		{ "2024-05-01t00:00:00z", 1714521600 * S },
		{ "2024-05-01T02:00:00+02:00", 1714521600 * S },
		{ "2024-04-30T19:30:00-04:30", 1714521600 * S },
		{ "2024-05-01T00:00:00-00:00", 1714521600 * S },
		{ "2024-05-01T00:00:00.5Z", 1714521600 * S + 500000000 },
		{ "2024-05-01T00:00:00.000000001Z", 1714521600 * S + 1 },
		{ "1969-12-31T23:59:59.25Z", -750000000 },
		{ "1937-01-01T12:00:27.87+00:20", -1041337173 * S + 870000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t ns = 0;

		assert_true(cl_time_parse(good[i].text, &ns));
		assert_true(ns == good[i].ns);
	}
}

static void refuses_wrong_times(void **state)
{
	static const char *const bad[] = { "",
					   "2024",
					   "2024-05",
					   "2024-5-1",
					   "2024-13-01",
					   "2024-00-01",
					   "2024-04-31",
					   "2024-01-00",
					   "2023-02-29",
					   "1900-02-29",
					   "2024-05-01 ",
					   "2024-05-01Z",
					   "2024-05-01 00:00:00Z",
					   "2024-05-01T00:00:00",
					   "2024-05-01T00:00Z",
					   "2024-05-01T24:00:00Z",
					   "2024-05-01T00:60:00Z",
					   "2024-05-01T23:59:60Z",
					   "2024-05-01T00:00:00.Z",
					   "2024-05-01T00:00:00.1234567890Z",
					   "2024-05-01T00:00:00+0200",
					   "2024-05-01T00:00:00+24:00",
					   "2024-05-01T00:00:00+02:60",
					   "2024-05-01T00:00:00Zx",
					   "2024-05-01T00:00:00,5Z",
					   "-024-05-01",
					   "1600-01-01",
					   "2300-01-01",
					   "9999-12-31",
					   "0000-01-01",
					   "2262-04-11T23:47:16.854775808Z",
					   "1677-09-21T00:12:43.145224191Z",
					   "1714521600",
					   "now" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t ns = 42;

		assert_false(cl_time_parse(bad[i], &ns));
		assert_int_equal(ns, 42);
	}
}

static void formats_durations(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 1, "1 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.00 us" },
		{ 1234, "1.23 us" },
		{ 1235, "1.24 us" },
		{ 9994, "9.99 us" },
		{ 9996, "10.0 us" },
		{ 27120, "27.1 us" },
		{ 99960, "100 us" },
		{ 345678, "346 us" },
		{ 999499, "999 us" },
		{ 999500, "1.00 ms" },
		{ 1500000, "1.50 ms" },
		{ 2 * S, "2.00 s" },
		{ -27120, "-27.1 us" },
		{ 999 * S, "999 s" },
		{ 999 * S + S / 2, "16.7 min" },
		{ 59 * MIN + 56 * S, "59.9 min" },
		{ 59 * MIN + 58 * S, "1.00 h" },
		{ 90 * MIN, "1.50 h" },
		{ 24 * 60 * MIN - S, "1.00 d" },
		{ 1000 * 24 * 60 * MIN, "1000 d" },
		{ INT64_MAX, "106752 d" },
		{ INT64_MIN, "-106752 d" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[CL_TIME_STRLEN];

		assert_int_equal(cl_duration_format(text, cases[i].ns), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void formats_and_reads_seconds(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 27345, "0.000027345" },
		{ 1500000000, "1.5" },
		{ 10 * S, "10" },
		{ 1, "0.000000001" },
		{ 100 * S + 10, "100.00000001" },
		{ INT64_MAX, "9223372036.854775807" },
	};
	static const char *const bad[] = {
		"",	      ".",  ".5", "1.",		  "-1",	 "+1",
		"1e3",	      " 1", "1 ", "1.0000000001", "0x1", "9223372036.854775808",
		"99999999999"
	};
	char text[CL_TIME_STRLEN];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(cl_seconds_format(text, cases[i].ns), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		assert_true(cl_seconds_parse(cases[i].text, &ns));
		assert_true(ns == cases[i].ns);
	}
	cl_seconds_format(text, -500000000);
	assert_string_equal(text, "-0.5");
	cl_seconds_format(text, INT64_MIN);
	assert_string_equal(text, "-9223372036.854775808");
	for (size_t i = 0; i < COUNT(bad); i++) {
		ns = 42;
		assert_false(cl_seconds_parse(bad[i], &ns));
		assert_int_equal(ns, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_times),
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(knows_the_calendar),
		cmocka_unit_test(reads_times),
		cmocka_unit_test(refuses_wrong_times),
		cmocka_unit_test(formats_durations),
		cmocka_unit_test(formats_and_reads_seconds),
	};

	return cmocka_run_group_tests_name("timefmt", tests, NULL, NULL);
}

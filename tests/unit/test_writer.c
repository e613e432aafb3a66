/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/writer.h"
#include "tests/unit/test_cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text;
static size_t length;

static FILE *open_text(void)
{
	FILE *f = open_memstream(&text, &length);

	assert_non_null(f);
	return f;
}

static void close_and_expect(FILE *f, const char *expected)
{
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
}

static void json_lays_out_two_levels(void **state)
{
	FILE *f = open_text();
	struct cl_json *j = cl_json_new(f);

	(void)state;
	cl_json_object(j, NULL);
	cl_json_str(j, "view", "delta");
	cl_json_object(j, "input");
	cl_json_u64(j, "packets", UINT64_MAX);
	cl_json_array(j, "files");
	cl_json_object(j, NULL);
	cl_json_str(j, "path", "a.pcap");
	cl_json_bool(j, "damaged", false);
	cl_json_null(j, "error");
	cl_json_end(j);
	cl_json_end(j);
	cl_json_array(j, "none");
	cl_json_end(j);
	cl_json_end(j);
	cl_json_array(j, "servers");
	for (int i = 0; i < 2; i++) {
		cl_json_object(j, NULL);
		cl_json_i64(j, "requests", -i);
		cl_json_rows(j, "series");
		cl_json_object(j, NULL);
		cl_json_time(j, "t", 0);
		cl_json_seconds(j, "delta_s", 27345);
		cl_json_end(j);
		cl_json_array(j, NULL);
		cl_json_u64(j, NULL, 1);
		cl_json_u64(j, NULL, 2);
		cl_json_end(j);
		cl_json_end(j);
		cl_json_rows(j, "rest");
		cl_json_end(j);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_object(j, "empty");
	cl_json_end(j);
	cl_json_end(j);
	assert_int_equal(cl_json_close(j), 0);
	close_and_expect(f, "{\n"
			    "  \"view\": \"delta\",\n"
			    "  \"input\": {\n"
			    "    \"packets\": 18446744073709551615,\n"
			    "    \"files\": [{\"path\": \"a.pcap\", \"damaged\": false, \"error\": null}],\n"
			    "    \"none\": []\n"
			    "  },\n"
			    "  \"servers\": [\n"
			    "    {\"requests\": 0, \"series\": [\n"
			    "      {\"t\": \"1970-01-01T00:00:00Z\", \"delta_s\": 0.000027345},\n"
			    "      [1, 2]\n"
			    "    ], \"rest\": []},\n"
			    "    {\"requests\": -1, \"series\": [\n"
			    "      {\"t\": \"1970-01-01T00:00:00Z\", \"delta_s\": 0.000027345},\n"
			    "      [1, 2]\n"
			    "    ], \"rest\": []}\n"
			    "  ],\n"
			    "  \"empty\": {}\n"
			    "}\n");
}

static void json_escapes_strings(void **state)
{
	static const char raw[] = "a\0b";
	FILE *f = open_text();
	struct cl_json *j = cl_json_new(f);

	(void)state;
	cl_json_array(j, NULL);
	cl_json_str(j, NULL, "\"\\/\b\f\n\r\t\001\037\177");
	cl_json_str(j, NULL, "h\303\251 \360\237\230\200");
	cl_json_str(j, NULL, "\377\303x\355\240\200");
	cl_json_str(j, NULL, "\302\233\342\200\256");
	cl_json_strn(j, NULL, raw, sizeof(raw) - 1);
	cl_json_strn(j, NULL, "\303\251", 1);
	cl_json_str(j, NULL, "");
	cl_json_str(j, NULL, NULL);
	cl_json_object(j, NULL);
	cl_json_u64(j, "k\"\n", 0);
	cl_json_end(j);
	cl_json_end(j);
	assert_int_equal(cl_json_close(j), 0);
	close_and_expect(f, "[\n"
			    "  \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\",\n"
			    "  \"h\303\251 \360\237\230\200\",\n"
			    "  \"\\ufffd\\ufffdx\\ufffd\\ufffd\\ufffd\",\n"
			    "  \"\\u009b\\u202e\",\n"
			    "  \"a\\u0000b\",\n"
			    "  \"\\ufffd\",\n"
			    "  \"\",\n"
			    "  null,\n"
			    "  {\n"
			    "    \"k\\\"\\n\": 0\n"
			    "  }\n"
			    "]\n");
}

static void json_writes_numbers(void **state)
{
	FILE *f = open_text();
	struct cl_json *j = cl_json_new(f);

	(void)state;
	cl_json_array(j, NULL);
	cl_json_double(j, NULL, 0.25);
	cl_json_double(j, NULL, 1.0 / 3);
	cl_json_double(j, NULL, 0);
	cl_json_double(j, NULL, (double)NAN);
	cl_json_double(j, NULL, (double)INFINITY);
	cl_json_i64(j, NULL, INT64_MIN);
	cl_json_seconds(j, NULL, 1500000000);
	cl_json_seconds(j, NULL, 0);
	cl_json_seconds(j, NULL, -1);
	cl_json_time(j, NULL, 1714521600123456789);
	cl_json_bool(j, NULL, true);
	cl_json_end(j);
	assert_int_equal(cl_json_close(j), 0);
	close_and_expect(
		f,
		"[\n  0.25,\n  0.3333333333,\n  0,\n  null,\n  null,\n  -9223372036854775808,\n  1.5,\n  0,\n"
		"  -0.000000001,\n  \"2024-05-01T00:00:00.123456789Z\",\n  true\n]\n");
}

static void json_takes_the_deepest_nesting(void **state)
{
	FILE *f = open_text();
	struct cl_json *j = cl_json_new(f);

	(void)state;
	for (int i = 0; i < CL_JSON_DEPTH; i++)
		cl_json_array(j, NULL);
	for (int i = 0; i < CL_JSON_DEPTH; i++)
		cl_json_end(j);
	assert_int_equal(cl_json_close(j), 0);
	close_and_expect(
		f, "[\n  [\n    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n  ]\n]\n");
}

static void writers_remember_a_full_disk(void **state)
{
	static const struct cl_column cols[] = { { "N", "n", CL_COL_COUNT } };

	(void)state;
	for (int i = 0; i < 3; i++) {
		FILE *f = fopen("/dev/full", "w");
		int status;

		if (f == NULL)
			return left_out("no /dev/full");
		if (i == 0) {
			struct cl_json *j = cl_json_new(f);

			cl_json_array(j, NULL);
			for (unsigned k = 0; k < 10000; k++)
				cl_json_u64(j, NULL, k);
			cl_json_end(j);
			status = cl_json_close(j);
		} else {
			struct cl_tables *t = cl_tables_new(f, i == 1 ? CL_FORMAT_TABLE : CL_FORMAT_CSV);

			cl_table_begin(t, "Full", cols, 1);
			for (unsigned k = 0; k < 10000; k++) {
				cl_cell_count(t, k);
				cl_table_row_end(t);
			}
			cl_table_end(t);
			status = cl_tables_close(t);
		}
		assert_int_equal(status, -1);
		assert_int_equal(errno, ENOSPC);
		fclose(f);
	}
}

static const struct cl_column columns[] = {
	{ "Server", "server", CL_COL_TEXT }, { "Requests", "requests", CL_COL_COUNT },
	{ "p50", "p50_s", CL_COL_DURATION }, { "Share", "share", CL_COL_SHARE },
	{ "First", "first", CL_COL_TIME },
};

static void write_report(FILE *f, enum cl_format format)
{
	struct cl_tables *t = cl_tables_new(f, format);

	cl_table_begin(t, "Servers", columns, 5);
	cl_cell_text(t, "192.0.2.1");
	cl_cell_count(t, 1234567);
	cl_cell_duration(t, 27100);
	cl_cell_share(t, 0.12345);
	cl_cell_time(t, 1714521600000000000);
	cl_table_row_end(t);
	cl_cell_text(t, "a, \"b\"\033[1m");
	cl_cell_count(t, 0);
	cl_cell_null(t);
	cl_cell_share(t, (double)NAN);
	cl_table_row_end(t);
	cl_cell_text(t, NULL);
	cl_cell_count(t, 999);
	cl_cell_duration(t, -1500000);
	cl_cell_share(t, 1);
	cl_cell_time(t, 500000000);
	cl_table_row_end(t);
	cl_table_end(t);
	cl_tables_note(t, "Windows that began before the capture: 1.");
	cl_list_begin(t, "Totals");
	cl_list_count(t, "packets", "packets", 1000);
	cl_list_text(t, "sensor", "sensor", "h\303\251");
	cl_list_duration(t, "longest delta", "max_s", 2000000000);
	cl_list_time(t, "first", "first", 0);
	cl_list_share(t, "lost", "lost", 0.5);
	cl_list_null(t, "dropped", "dropped");
	cl_list_text(t, "empty", "empty", "");
	cl_list_end(t);
	cl_table_begin(t, "Worst", columns, 2);
	cl_table_end(t);
	assert_int_equal(cl_tables_close(t), 0);
}

static void tables_for_people(void **state)
{
	FILE *f = open_text();

	(void)state;
	write_report(f, CL_FORMAT_TABLE);
	close_and_expect(f, "Servers\n"
			    "Server          Requests       p50    Share  First\n"
			    "192.0.2.1      1,234,567   27.1 us   12.35%  2024-05-01T00:00:00Z\n"
			    "a, \"b\"\\x1B[1m          0         -        -  -\n"
			    "-                    999  -1.50 ms  100.00%  1970-01-01T00:00:00.500Z\n"
			    "Windows that began before the capture: 1.\n"
			    "\n"
			    "Totals\n"
			    "packets         1,000\n"
			    "sensor         h\303\251\n"
			    "longest delta  2.00 s\n"
			    "first          1970-01-01T00:00:00Z\n"
			    "lost           50.00%\n"
			    "dropped             -\n"
			    "empty\n"
			    "\n"
			    "Worst\n"
			    "(none)\n");
}

static void numbers_have_signs(void **state)
{
	static const struct cl_column cols[] = { { "Drift", "drift", CL_COL_NUMBER } };
	static const struct {
		enum cl_format format;
		const char *text;
	} wanted[] = { { CL_FORMAT_TABLE, "  Drift\n-0.1250\n   12.3\n      -\n" },
		       { CL_FORMAT_CSV, "drift\n-0.125\n12.3456\n\n" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		FILE *f = open_text();
		struct cl_tables *t = cl_tables_new(f, wanted[i].format);

		cl_table_begin(t, NULL, cols, 1);
		cl_cell_number(t, -0.125);
		cl_table_row_end(t);
		cl_cell_number(t, 12.3456);
		cl_table_row_end(t);
		cl_cell_number(t, (double)NAN);
		cl_table_row_end(t);
		cl_table_end(t);
		assert_int_equal(cl_tables_close(t), 0);
		close_and_expect(f, wanted[i].text);
	}
}

/* Large numbers as counts are, and one that is not nothing is not shown as it. */
static void numbers_large_and_small(void **state)
{
	static const struct cl_column cols[] = { { "N", "n", CL_COL_NUMBER } };
	static const double values[] = { 999.4,	    999.5,     54321.5, -1234567.0, 0,
					 0.0000049, -0.000049, 0.00005, 0.25,	    1e18 };
	static const struct {
		enum cl_format format;
		const char *text;
	} wanted[] = {
		{ CL_FORMAT_TABLE,
		  "                  N\n                999\n              1,000\n             54,322\n"
		  "         -1,234,567\n             0.0000\n            <0.0001\n           >-0.0001\n"
		  "             0.0001\n             0.2500\n1000000000000000000\n" },
		{ CL_FORMAT_CSV,
		  "n\n999.4\n999.5\n54321.5\n-1234567\n0\n4.9e-06\n-4.9e-05\n5e-05\n0.25\n1e+18\n" }
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		FILE *f = open_text();
		struct cl_tables *t = cl_tables_new(f, wanted[i].format);

		cl_table_begin(t, NULL, cols, 1);
		for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
			cl_cell_number(t, values[k]);
			cl_table_row_end(t);
		}
		cl_table_end(t);
		assert_int_equal(cl_tables_close(t), 0);
		close_and_expect(f, wanted[i].text);
	}
}

static void csv_for_programs(void **state)
{
	FILE *f = open_text();

	(void)state;
	write_report(f, CL_FORMAT_CSV);
	close_and_expect(f, "server,requests,p50_s,share,first\n"
			    "192.0.2.1,1234567,0.0000271,0.12345,2024-05-01T00:00:00Z\n"
			    "\"a, \"\"b\"\"\\x1B[1m\",0,,,\n"
			    ",999,-0.0015,1,1970-01-01T00:00:00.500Z\n"
			    "\n"
			    "key,value\n"
			    "packets,1000\n"
			    "sensor,h\303\251\n"
			    "max_s,2\n"
			    "first,1970-01-01T00:00:00Z\n"
			    "lost,0.5\n"
			    "dropped,\n"
			    "empty,\"\"\n"
			    "\n"
			    "server,requests\n");
}

static void long_headings_break(void **state)
{
	static const struct cl_column wide[] = {
		{ "A rather long heading", "a", CL_COL_COUNT }, { "Open at the end", "b", CL_COL_COUNT },
		{ "Unanswered requests", "c", CL_COL_COUNT },	{ "Responses", "d", CL_COL_COUNT },
		{ "Duplicate responses", "e", CL_COL_COUNT },	{ "Late responses", "f", CL_COL_TEXT },
		{ "Bogus responses or so", "g", CL_COL_COUNT },
	};
	FILE *f = open_text();
	struct cl_tables *t = cl_tables_new(f, CL_FORMAT_TABLE);

	(void)state;
	cl_table_begin(t, NULL, wide, 7);
	for (unsigned i = 0; i < 5; i++)
		cl_cell_count(t, i);
	cl_cell_text(t, "x");
	cl_cell_count(t, 7);
	cl_table_row_end(t);
	cl_table_end(t);
	assert_int_equal(cl_tables_close(t), 0);
	close_and_expect(
		f, "    A rather  Open at  Unanswered             Duplicate  Late                 Bogus\n"
		   "long heading  the end    requests  Responses  responses  responses  responses or so\n"
		   "           0        1           2          3          4  x                        7\n");
}

/* What is wider than a line by its text breaks at marks, first the widest column. */
static void long_texts_break(void **state)
{
	static const struct cl_column cols[] = {
		{ "Client", "c", CL_COL_TEXT },
		{ "Server", "s", CL_COL_TEXT },
		{ "Until", "u", CL_COL_TIME },
		{ "n", "n", CL_COL_COUNT },
	};
	FILE *f = open_text();
	struct cl_tables *t = cl_tables_new(f, CL_FORMAT_TABLE);

	(void)state;
	cl_table_begin(t, NULL, cols, 4);
	cl_cell_text(t, "2001:db8:1111:2222:3333:4444:5555:6666");
	cl_cell_text(t, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff");
	cl_cell_time(t, 1714521600000000001);
	cl_cell_count(t, 123456789);
	cl_table_row_end(t);
	cl_cell_text(t, "192.0.2.1");
	cl_cell_text(t, "2001:db8::1");
	cl_cell_time(t, 0);
	cl_cell_count(t, 7);
	cl_table_row_end(t);
	cl_table_end(t);
	assert_int_equal(cl_tables_close(t), 0);
	close_and_expect(f, "Client                      Server                       Until                "
			    "                     n\n"
			    "2001:db8:1111:2222:3333:    2001:db8:aaaa:bbbb:cccc:     "
			    "2024-05-01T00:00:00.000000001Z  123,456,789\n"
			    " 4444:5555:6666              dddd:eeee:ffff\n"
			    "192.0.2.1                   2001:db8::1                  "
			    "1970-01-01T00:00:00Z                      7\n");
}

/* Without rows a table says so in its own words, or is not there; notes about its columns go with it. */
static void empty_tables_say_why(void **state)
{
	static const struct cl_column one[] = { { "N", "n", CL_COL_COUNT } };
	static const struct {
		enum cl_format format;
		const char *text;
	} wanted[] = { { CL_FORMAT_TABLE, "First\nNobody asked.\n\nAll\nN\n1\nN: a number.\n\nThe end.\n" },
		       { CL_FORMAT_CSV, "n\n\nn\n\nn\n1\n" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		FILE *f = open_text();
		struct cl_tables *t = cl_tables_new(f, wanted[i].format);

		cl_table_begin(t, "First", one, 1);
		cl_table_empty(t, "Nobody asked.");
		cl_table_end(t);
		cl_tables_note(t, "N: a number.");
		cl_table_begin(t, "Second", one, 1);
		cl_table_empty(t, NULL);
		cl_table_end(t);
		cl_tables_note(t, "N: a number.");
		cl_table_begin(t, "All", one, 1);
		cl_table_empty(t, NULL);
		cl_cell_count(t, 1);
		cl_table_row_end(t);
		cl_table_end(t);
		cl_tables_note(t, "N: a number.");
		cl_tables_say(t, "The end.");
		assert_int_equal(cl_tables_close(t), 0);
		close_and_expect(f, wanted[i].text);
	}
}

/* Columns with nothing to show are left out where that is asked for, and only those. */
static void columns_are_left_out(void **state)
{
	static const struct cl_column cols[] = {
		{ "A", "a", CL_COL_TEXT },  { "B", "b", CL_COL_TEXT },	{ "C", "c", CL_COL_COUNT },
		{ "D", "d", CL_COL_COUNT }, { "E", "e", CL_COL_COUNT },
	};
	static const struct {
		enum cl_format format;
		const char *text;
	} wanted[] = { { CL_FORMAT_TABLE, "A  C  E\nx  0  5\ny  0  0\n" },
		       { CL_FORMAT_CSV, "a,b,c,d,e\nx,,0,0,5\ny,\"\",0,,0\n" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		FILE *f = open_text();
		struct cl_tables *t = cl_tables_new(f, wanted[i].format);

		cl_table_begin(t, NULL, cols, 5);
		cl_table_sparse(t, 1U << 1 | 1U << 3 | 1U << 4);
		cl_cell_text(t, "x");
		cl_cell_text(t, NULL);
		cl_cell_count(t, 0);
		cl_cell_count(t, 0);
		cl_cell_count(t, 5);
		cl_table_row_end(t);
		cl_cell_text(t, "y");
		cl_cell_text(t, "");
		cl_cell_count(t, 0);
		cl_cell_null(t);
		cl_cell_count(t, 0);
		cl_table_row_end(t);
		cl_table_end(t);
		assert_int_equal(cl_tables_close(t), 0);
		close_and_expect(f, wanted[i].text);
	}
}

/* More rows than are measured: the later ones keep the widths and may stick out. */
static void long_tables_stream(void **state)
{
	static const struct cl_column two[] = { { "T", "t", CL_COL_TEXT }, { "N", "n", CL_COL_COUNT } };
	FILE *f = open_text();
	struct cl_tables *t = cl_tables_new(f, CL_FORMAT_TABLE);
	const char *p;

	(void)state;
	cl_table_begin(t, NULL, two, 2);
	for (unsigned i = 0; i < CL_TABLE_MEASURED + 2; i++) {
		cl_cell_text(t, i == CL_TABLE_MEASURED ? "wider" : "abc");
		cl_cell_count(t, i == CL_TABLE_MEASURED + 1 ? 1000000 : 7);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	assert_int_equal(cl_tables_close(t), 0);
	fclose(f);
	assert_memory_equal(text, "T    N\nabc  7\nabc  7\n", 21);
	p = text + length - strlen("abc  7\nwider  7\nabc  1,000,000\n");
	assert_string_equal(p, "abc  7\nwider  7\nabc  1,000,000\n");
	free(text);
}

/* Bold headings on a terminal, and none with NO_COLOR. */
static void headings_are_bold_on_a_terminal(void **state)
{
	static const struct cl_column one[] = { { "N", "n", CL_COL_COUNT } };
	static const char *const expected[2] = { "\033[1mN\033[0m\r\n5\r\n", "N\r\n5\r\n" };

	(void)state;
	setenv("TERM", "xterm", 1);
	for (int i = 0; i < 2; i++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
		struct cl_tables *t;
		char seen[64];
		ssize_t n;
		FILE *f;

		if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
			return left_out("no pseudo-terminal");
		slave = open(ptsname(master), O_RDWR | O_NOCTTY);
		assert_true(slave >= 0);
		f = fdopen(slave, "w");
		assert_non_null(f);
		if (i == 1)
			setenv("NO_COLOR", "1", 1);
		else
			unsetenv("NO_COLOR");
		t = cl_tables_new(f, CL_FORMAT_TABLE);
		cl_table_begin(t, NULL, one, 1);
		cl_cell_count(t, 5);
		cl_table_row_end(t);
		cl_table_end(t);
		assert_int_equal(cl_tables_close(t), 0);
		for (size_t got = 0; got < strlen(expected[i]);
		     got += (size_t)n) { /* it comes line by line */
			n = read(master, seen + got, sizeof(seen) - 1 - got);
			assert_true(n > 0);
			seen[got + (size_t)n] = '\0';
		}
		assert_string_equal(seen, expected[i]);
		fclose(f);
		close(master);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_lays_out_two_levels),
		cmocka_unit_test(json_escapes_strings),
		cmocka_unit_test(json_writes_numbers),
		cmocka_unit_test(json_takes_the_deepest_nesting),
		cmocka_unit_test(writers_remember_a_full_disk),
		cmocka_unit_test(tables_for_people),
		cmocka_unit_test(numbers_have_signs),
		cmocka_unit_test(numbers_large_and_small),
		cmocka_unit_test(csv_for_programs),
		cmocka_unit_test(long_headings_break),
		cmocka_unit_test(long_texts_break),
		cmocka_unit_test(empty_tables_say_why),
		cmocka_unit_test(columns_are_left_out),
		cmocka_unit_test(long_tables_stream),
		cmocka_unit_test(headings_are_bold_on_a_terminal),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}

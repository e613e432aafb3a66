/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/progress.h"
#include "tests/unit/redirect.h"

static void say_all(void)
{
	cl_error("a.pcap", "%s", "cut short");
	cl_warn("b.pcap", "read %d times", 2);
	cl_info("c.pcap", "opened");
}

static void levels_choose(void **state)
{
	static const struct {
		enum cl_log_level level;
		const char *text;
	} cases[] = {
		{ CL_LOG_QUIET, "clientele: a.pcap: cut short\n" },
		{ CL_LOG_NORMAL, "clientele: a.pcap: cut short\nclientele: b.pcap: read 2 times\n" },
		{ CL_LOG_VERBOSE, "clientele: a.pcap: cut short\nclientele: b.pcap: read 2 times\n"
				  "clientele: c.pcap: opened\n" },
	};
	static struct redirect r;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		redirect_begin(&r, stderr);
		cl_log_set_level(cases[i].level);
		say_all();
		assert_string_equal(redirect_end(&r), cases[i].text);
	}
	cl_log_set_level(CL_LOG_NORMAL);
}

static void a_message_is_one_line(void **state)
{
	static struct redirect r;

	(void)state;
	redirect_begin(&r, stderr);
	cl_error("evil\033[2J\nname", "why\r%c", 7);
	assert_string_equal(redirect_end(&r), "clientele: evil\\x1B[2J\\x0Aname: why\\x0D\\x07\n");
}

static void a_long_message_is_cut(void **state)
{
	static struct redirect r;
	char what[9000];
	const char *seen;

	(void)state;
	memset(what, 'x', sizeof(what) - 1);
	what[sizeof(what) - 1] = '\0';
	redirect_begin(&r, stderr);
	cl_error(what, "why");
	cl_error("f", "%s", what);
	seen = redirect_end(&r);
	assert_int_equal(strlen(seen), 2 * 4096);
	assert_int_equal(seen[4095], '\n');
	assert_memory_equal(seen + 4096, "clientele: f: xxx", 17);
}

static void messages_stand_above_the_status(void **state)
{
	static struct redirect r;

	(void)state;
	redirect_begin(&r, stderr);
	cl_log_status(NULL);
	cl_log_status("10%");
	cl_error("f", "w");
	cl_log_status("20%");
	cl_log_status(NULL);
	cl_error("g", "w");
	assert_string_equal(redirect_end(&r), "\r\033[K10%"
					      "\r\033[Kclientele: f: w\n10%"
					      "\r\033[K20%"
					      "\r\033[K"
					      "clientele: g: w\n");
}

static void progress_says_how_far(void **state)
{
	static const struct {
		uint64_t done, total, packets;
		int64_t elapsed_ns;
		const char *text;
	} cases[] = {
		{ 0, 1000, 0, 0, "  0% [....................]  0 packets  0/s" },
		{ 250, 1000, 12345678, 3000000000,
		  " 25% [#####...............]  12.3 M packets  4.12 M/s  0:09 left" },
		{ 999, 1000, 999600, 1000000000,
		  " 99% [###################.]  1 M packets  1 M/s  0:00 left" },
		{ 1, 10, 5, 1000000000000, " 10% [##..................]  5 packets  0/s  2:30:00 left" },
		{ 2000, 1000, 7, 1000000000, "100% [####################]  7 packets  7/s  0:00 left" },
		{ 5, 0, 1500, 1000000000, "1.5 k packets  1.5 k/s" },
	};
	char line[CL_PROGRESS_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cl_progress_line(line, cases[i].done, cases[i].total, cases[i].packets, cases[i].elapsed_ns);
		assert_string_equal(line, cases[i].text);
	}
	cl_progress_line(line, UINT64_MAX, UINT64_MAX, UINT64_MAX, INT64_MAX);
	assert_in_range(strlen(line), 40, 79);
}

static void progress_is_silent_without_a_terminal(void **state)
{
	static struct redirect r;
	struct cl_progress p;

	(void)state;
	redirect_begin(&r, stderr);
	cl_progress_begin(&p, true);
	for (unsigned i = 0; i < 1000; i++)
		cl_progress_update(&p, i, 1000, i);
	cl_progress_end(&p);
	assert_string_equal(redirect_end(&r), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_choose),
		cmocka_unit_test(a_message_is_one_line),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(messages_stand_above_the_status),
		cmocka_unit_test(progress_says_how_far),
		cmocka_unit_test(progress_is_silent_without_a_terminal),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

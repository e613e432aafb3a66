/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/write/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void escapes_what_a_terminal_obeys(void **state)
{
	static const struct {
		const char *in, *out;
		size_t columns;
	} cases[] = {
		{ "", "", 0 },
		{ "plain, \"text\" \\", "plain, \"text\" \\", 15 },
		{ "a\nb\tc", "a\\x0Ab\\x09c", 11 },
		{ "\033[31mred", "\\x1B[31mred", 11 },
		{ "\177", "\\x7F", 4 },
		{ "h\303\251", "h\303\251", 2 },
		{ "\342\202\254", "\342\202\254", 1 },
		{ "\360\237\230\200", "\360\237\230\200", 1 },
		{ "\302\233"
		  "31m",
		  "\\xC2\\x9B31m", 11 }, /* C1 control */
		{ "\342\200\256abc",
		  "\\xE2\\x80\\xAE"
		  "abc",
		  15 },			/* right-to-left override */
		{ "\303", "\\xC3", 4 }, /* cut short */
		{ "\342\202", "\\xE2\\x82", 8 },
		{ "\200\277", "\\x80\\xBF", 8 }, /* tails alone */
		{ "\300\200", "\\xC0\\x80", 8 }, /* too long for NUL */
		{ "\340\237\277", "\\xE0\\x9F\\xBF", 12 },
		{ "\360\217\277\277", "\\xF0\\x8F\\xBF\\xBF", 16 },
		{ "\355\240\200", "\\xED\\xA0\\x80", 12 },	    /* surrogate */
		{ "\364\220\200\200", "\\xF4\\x90\\x80\\x80", 16 }, /* past U+10FFFF */
		{ "\364\217\277\277", "\364\217\277\277", 1 },
		{ "\370\210\200\200\200", "\\xF8\\x88\\x80\\x80\\x80", 20 },
		{ "\377x", "\\xFFx", 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[128];
		size_t columns = 99;

		assert_int_equal(cl_text_escape(out, cases[i].in, strlen(cases[i].in), &columns),
				 strlen(cases[i].out));
		assert_string_equal(out, cases[i].out);
		assert_int_equal(columns, cases[i].columns);
	}
}

static void grows_by_four_at_most(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			const char in[2] = { (char)a, (char)b };
			char out[CL_TEXT_GROWTH * 2 + 1];
			size_t n = cl_text_escape(out, in, 2, NULL);

			assert_true(n <= CL_TEXT_GROWTH * 2);
			assert_int_equal(strlen(out), n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_a_terminal_obeys),
		cmocka_unit_test(grows_by_four_at_most),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of dissect/ against those of the C library. */
#include "dissect/format.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_cmocka.h"

static char ours[64], theirs[64];

/* Both with room for 1 to 64 octets; behind it nothing is written. */
#define SAME(...)                                                                                            \
	for (size_t size = 1; size <= sizeof ours; size++) {                                                 \
		memset(ours, '#', sizeof ours);                                                              \
		memset(theirs, '#', sizeof theirs);                                                          \
		int n = snprintf(theirs, size, __VA_ARGS__);                                                 \
		assert_int_equal(cl_format(ours, size, __VA_ARGS__),                                         \
				 (size_t)n < size ? (size_t)n : size - 1);                                   \
		assert_memory_equal(ours, theirs, sizeof ours);                                              \
	}

static void test_words(void **state)
{
	(void)state;
	SAME("no conversion");
	SAME("%s", "");
	SAME("%s and %s, %s", "one", "another", "a third");
	SAME("[%.*s]", 3, "abcdef");
	SAME("[%.*s]", 30, "abcdef");
	SAME("[%.*s]", 0, "abcdef");
}

static void test_numbers(void **state)
{
	static const unsigned numbers[] = { 0, 1, 9, 10, 15, 16, 255, 256, 65535, 65536, INT_MAX, UINT_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		SAME("%u", numbers[i]);
		SAME("%x", numbers[i]);
		SAME("0x%02x 0x%04x %08x", numbers[i], numbers[i], numbers[i]);
		SAME("%s%u-%x %s", "a", numbers[i], numbers[i], "b");
	}
}

static void test_nothing(void **state)
{
	const char *volatile none = NULL; /* unseen by the compiler, which would warn */
	char text[8];

	(void)state;
	assert_int_equal(cl_format(text, sizeof text, "<%s>", none), 2);
	assert_string_equal(text, "<>");
	assert_int_equal(cl_format(text, sizeof text, "<%.*s>", 0, none), 2);
	assert_string_equal(text, "<>");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("texts of dissect", tests, NULL, NULL);
}

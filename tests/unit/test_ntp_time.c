/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/time.h"

#include "tests/unit/test_cmocka.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define S	     INT64_C(1000000000)

/* Stamps of RFC 5905 fig. 4, and around the ends of eras and of the window. */
static const struct {
	uint64_t stamp;
	int64_t pivot_s, expected;
	bool known;
} cases[] = {
	{ 0, 0, 0, false },
	{ 0, 1700000000, 0, false },
	{ 0x83aa7e8000000000, 0, 0, true }, /* 1970-01-01 */
	{ 0x83aa7e8080000000, 0, S / 2, true },
	{ 0x83aa7e7f80000000, 0, -S / 2, true },
	{ 0x83aa7e7f80000000, -1, -S / 2, true },
	{ 0xe8fcb9e200000001, 1700000000, 1699887970 * S, true }, /* less than a nanosecond over */
	{ 0xe8fcb9e2ffffffff, 1700000000, 1699887970 * S + 999999999, true },
	{ 0x0000000000000001, 1700000000, 2085978496 * S, true }, /* 2036-02-07 06:28:16: era 1 */
	{ 0xffffffff00000000, 1700000000, 2085978495 * S, true },
	{ 0xffffffff00000000, 2085978500, 2085978495 * S, true }, /* era 0 seen from era 1 */
	{ 0x0000000a00000000, 2085978500, 2085978506 * S, true },
	{ 0x83aa7e8000000000, INT64_C(4294967296), INT64_C(4294967296) * S, true },
	{ 0x03aa7e7f00000000, 0, INT64_C(2147483647) * S, true },  /* 2^31 - 1 s ahead */
	{ 0x03aa7e8000000000, 0, INT64_C(-2147483648) * S, true }, /* 2^31 s: behind */
	{ 0x03aa7e8100000000, 0, INT64_C(-2147483647) * S, true },
};

static void stamps_take_the_era_of_their_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t ns = 42;

		if (cl_ntp_time(cases[i].stamp, cases[i].pivot_s * S, &ns) != cases[i].known)
			fail_msg("case %zu: known", i);
		if (ns != (cases[i].known ? cases[i].expected : 42))
			fail_msg("case %zu: %lld", i, (long long)ns);
	}
}

static void stamps_at_the_ends_of_64_bits(void **state)
{
	int64_t ns;

	(void)state;
	for (uint64_t s = 1; s < 1u << 8; s++) { /* any result will do */
		cl_ntp_time(s << 56, INT64_MAX, &ns);
		cl_ntp_time(s << 56, INT64_MIN, &ns);
	}
}

static void differences_have_a_sign(void **state)
{
	(void)state;
	assert_int_equal(cl_ntp_difference(0x100000000, 0), S);
	assert_int_equal(cl_ntp_difference(0, 0x180000000), -S * 3 / 2);
	assert_int_equal(cl_ntp_difference(5, 5), 0);
	assert_int_equal(cl_ntp_difference(0x0000000080000000, 0xffffffff80000000), S); /* over an era */
}

static void fixed_point_numbers(void **state)
{
	(void)state;
	assert_int_equal(cl_ntp_fixed_ns(0x00010000, 16), S);
	assert_int_equal(cl_ntp_fixed_ns(0x00018000, 16), S * 3 / 2);
	assert_int_equal(cl_ntp_fixed_ns(0xffffffff, 16), 65535 * S + 999984741);
	assert_int_equal(cl_ntp_fixed_ns(0x10000000, 28), S);
	assert_int_equal(cl_ntp_fixed_ns(0x80000000, 32), S / 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_take_the_era_of_their_packet),
		cmocka_unit_test(stamps_at_the_ends_of_64_bits),
		cmocka_unit_test(differences_have_a_sign),
		cmocka_unit_test(fixed_point_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

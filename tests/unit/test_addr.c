/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	const char *in, *out;
};

/* The right-hand column is RFC 5952's own wording of sections 4 and 5, typed in. */
static const struct pair formats[] = {
	{ "2001:0db8::0001", "2001:db8::1" },
	{ "2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa" },
	{ "0:0:0:0:0:0:0:0", "::" },
	{ "0:0:0:0:0:0:0:1", "::1" },
	{ "1:0:0:0:0:0:0:0", "1::" },
	{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
	{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
	{ "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "::2:3:4:5:6:7", "::2:3:4:5:6:7" },
	{ "::1.2.3.4", "::102:304" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "fe80:0:0:0:10a0:0:0:100f", "fe80::10a0:0:0:100f" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "10.100.9.10", "10.100.9.10" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::ffff:c000:201", "192.0.2.1" },
};

static void formats_as_rfc5952_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char text[CL_ADDR_STRLEN];
		struct cl_addr a;

		assert_true(cl_addr_parse(formats[i].in, &a));
		assert_int_equal(cl_addr_format(&a, text), strlen(formats[i].out));
		assert_string_equal(text, formats[i].out);
	}
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const bad[] = { "",
					   " ",
					   "1.2.3",
					   "1.2.3.4.5",
					   "1.2.3.256",
					   "01.2.3.4",
					   "1.2.3.4 ",
					   "0x1.2.3.4",
					   ":",
					   ":::",
					   "1::2::3",
					   "1:2:3:4:5:6:7",
					   "1:2:3:4:5:6:7:8:9",
					   "12345::",
					   "g::",
					   "fe80::1%eth0",
					   "::1/128",
					   "localhost" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cl_addr a = { { 7 } };

		assert_false(cl_addr_parse(bad[i], &a));
		assert_int_equal(a.b[0], 7);
	}
}

static void holds_ipv4_as_mapped(void **state)
{
	static const uint8_t octets[4] = { 192, 0, 2, 1 };
	static const uint8_t expected[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 };
	struct cl_addr a = cl_addr_from_v4(octets), b;

	(void)state;
	assert_memory_equal(a.b, expected, 16);
	assert_true(cl_addr_is_v4(&a));
	assert_true(cl_addr_parse("::fffe:1.2.3.4", &b));
	assert_false(cl_addr_is_v4(&b));
}

static void orders_ipv4_first(void **state)
{
	static const char *const sorted[] = { "0.0.0.0", "9.255.255.255", "10.0.0.0",	"255.255.255.255",
					      "::",	 "::1",		  "2001:db8::", "ff02::1" };
	const size_t n = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			struct cl_addr a, b;
			int c;

			assert_true(cl_addr_parse(sorted[i], &a) && cl_addr_parse(sorted[j], &b));
			c = cl_addr_cmp(&a, &b);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	}
}

static void reads_prefixes(void **state)
{
	static const struct {
		const char *in, *addr;
		int len;
	} good[] = {
		{ "192.0.2.0/24", "192.0.2.0", 24 },
		{ "192.0.2.255/25", "192.0.2.128", 25 },
		{ "192.0.2.7", "192.0.2.7", 32 },
		{ "10.1.2.3/0", "0.0.0.0", 0 },
		{ "255.255.255.255/1", "128.0.0.0", 1 },
		{ "2001:db8::1", "2001:db8::1", 128 },
		{ "2001:db8:1:ffff::/33", "2001:db8::", 33 },
		{ "2001:db8:1:ffff::/49", "2001:db8:1:8000::", 49 },
		{ "::/0", "::", 0 },
		{ "::ffff:192.0.2.9/120", "192.0.2.0", 24 },
		{ "::ffff:0:0/96", "0.0.0.0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[CL_ADDR_STRLEN];
		struct cl_prefix p;

		assert_true(cl_prefix_parse(good[i].in, &p));
		cl_addr_format(&p.addr, text);
		assert_string_equal(text, good[i].addr);
		assert_int_equal(p.len, good[i].len);
	}
}

static void refuses_wrong_prefixes(void **state)
{
	static const char *const bad[] = { "",
					   "/",
					   "/24",
					   "192.0.2.0/",
					   "192.0.2.0/33",
					   "192.0.2.0/-1",
					   "192.0.2.0/024",
					   "192.0.2.0/24 ",
					   "192.0.2.0/2 4",
					   "192.0.2/24",
					   "2001:db8::/129",
					   "2001:db8::/1000",
					   "::ffff:0:0/95",
					   "192.0.2.0/24/24",
					   "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/4" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cl_prefix p = { { { 7 } }, 9 };

		assert_false(cl_prefix_parse(bad[i], &p));
		assert_int_equal(p.addr.b[0], 7);
		assert_int_equal(p.len, 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_rfc5952_says), cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(holds_ipv4_as_mapped),	   cmocka_unit_test(orders_ipv4_first),
		cmocka_unit_test(reads_prefixes),	   cmocka_unit_test(refuses_wrong_prefixes),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}

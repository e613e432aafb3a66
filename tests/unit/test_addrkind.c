/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/addrkind.h"

#include "tests/unit/vectors.h"

static const struct {
	const char *addr;
	enum cl_addr_kind kind;
} cases[] = {
	{ "2002:c000:204::1", CL_ADDR_6TO4 },
	{ "2002:c000:204:0:21b:21ff:fe01:203", CL_ADDR_6TO4 },	    /* by prefix before all else */
	{ "2001:0:4136:e378:8000:63bf:3fff:fdd2", CL_ADDR_TEREDO }, /* RFC 4380's kind of address */
	{ "2001:1::1", CL_ADDR_LOW_BYTE },			    /* beside the block */
	{ "fe80::5efe:192.0.2.1", CL_ADDR_ISATAP },
	{ "2001:db8::200:5efe:203.0.113.9", CL_ADDR_ISATAP },
	{ "2001:db8::400:5efe:203.0.113.9", CL_ADDR_RANDOM }, /* another bit */
	{ "2001:db8::21b:21ff:fe01:203", CL_ADDR_EUI64 },
	{ "2001:db8::21b:21fe:ff01:203", CL_ADDR_RANDOM }, /* the other way around */
	{ "2001:db8::", CL_ADDR_LOW_BYTE },
	{ "2001:db8::1", CL_ADDR_LOW_BYTE },
	{ "2001:db8::ffff", CL_ADDR_LOW_BYTE },
	{ "2001:db8::123", CL_ADDR_LOW_BYTE },
	{ "2001:db8::1:0", CL_ADDR_PATTERN }, /* 0.1.0.0 is no host */
	{ "2001:db8::192.0.2.1", CL_ADDR_EMBEDDED_IPV4 },
	{ "2001:db8::223.255.255.255", CL_ADDR_EMBEDDED_IPV4 },
	{ "2001:db8::224.0.0.1", CL_ADDR_PATTERN },
	{ "2001:db8::192:0:2:1", CL_ADDR_EMBEDDED_IPV4 }, /* the second half written as IPv4 */
	{ "2001:db8:0:0:192:168:255:1", CL_ADDR_EMBEDDED_IPV4 },
	{ "2001:db8:0:0:192:168:256:1", CL_ADDR_RANDOM },
	{ "2001:db8:0:0:192:168:25a:1", CL_ADDR_RANDOM },
	{ "2001:db8:0:0:1192:168:25:1", CL_ADDR_RANDOM },
	{ "64:ff9b::192.0.2.33", CL_ADDR_EMBEDDED_IPV4 },
	{ "64:ff9b::1", CL_ADDR_EMBEDDED_IPV4 },
	{ "2001:db8::a100:0:0:b2", CL_ADDR_PATTERN },
	{ "2001:db8::a1b2:0:c3:d4e5", CL_ADDR_RANDOM }, /* three zero octets */
	{ "2001:db8:1:2:3c4d:5e6f:7081:92a3", CL_ADDR_RANDOM },
};

static void kinds_by_their_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cl_addr a;

		assert_true(cl_addr_parse(cases[i].addr, &a));
		if (cl_addr_kind_of(&a) != cases[i].kind)
			fail_msg("%s is %s", cases[i].addr, cl_addr_kind_names[cl_addr_kind_of(&a)]);
	}
}

/* RFC 4291 appendix A: 34-56-78-9A-BC-DE becomes 3656:78FF:FE9A:BCDE. */
static void mac_of_the_rfc(void **state)
{
	struct cl_addr a;

	(void)state;
	assert_true(cl_addr_parse("2001:db8::3656:78ff:fe9a:bcde", &a));
	assert_int_equal(cl_addr_kind_of(&a), CL_ADDR_EUI64);
	assert_int_equal(cl_addr_mac(&a), 0x3456789abcde);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_by_their_bits),
		cmocka_unit_test(mac_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

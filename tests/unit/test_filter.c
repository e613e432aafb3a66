/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/test_cmocka.h"

#include <string.h>

#include "capture/filter.h"

/* UDP from 10.0.0.1 port 123 to 10.0.0.2 port 40000, 4 octets of data. */
#define IP_UDP                                                                                               \
	0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 123, 0x9c, 0x40, 0, 12, 0, 0, \
		1, 2, 3, 4

static const struct packet {
	uint16_t linktype;
	size_t len;
	uint8_t data[96];
} packets[] = {
	{ 1, 46, { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, IP_UDP } },
	{ 101, 32, { IP_UDP } },
	{ 228, 32, { IP_UDP } },
	{ 108, 36, { 0, 0, 0, 2, IP_UDP } },
	{ 113, 48, { 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, IP_UDP } },
	{ 276, 52, { 8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, IP_UDP } },
	{ 9, 36, { 0xff, 3, 0, 0x21, IP_UDP } },
	/* What libpcap's own programs for these link types pass over. */
	{ 108, 36, { 0, 0, 0, 2, IP_UDP } },
	{ 0, 36, { 2, 0, 0, 0, IP_UDP } },
	{ 0, 36, { 0, 0, 0, 2, IP_UDP } }, /* of a machine of the other byte order */
	{ 9, 34, { 0, 0x21, IP_UDP } },
	{ 9, 33, { 0x21, IP_UDP } },
	{ 50, 35, { 0xff, 3, 0x21, IP_UDP } },
	{ 50, 36, { 0x0f, 0, 8, 0, IP_UDP } }, /* Cisco's framing */
	{ 104, 36, { 0x8f, 0, 8, 0, IP_UDP } },
	{ 51, 40, { 0x11, 0, 0, 1, 0, 34, 0, 0x21, IP_UDP } },
	{ 219, 40, { 0, 6, 0x40, 64, 0, 6, 0x41, 64, IP_UDP } },
	{ 239, 48, { 2, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0, 36, 0, 9, 0, IP_UDP } },
	{ 239, 48, { 2, 0, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0, 36, 0, 9, IP_UDP } },
	{ 105, 64, { 8, 1, 0, 0, 2, 0, 0, 0,	0,    5, 2, 0, 0, 0, 0, 12,    2,
		     0, 0, 0, 0, 5, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP_UDP } },
	{ 127, 72, { 0, 0, 8,  0, 0, 0, 0, 0, 8, 1, 0, 0,    2,	   0, 0, 0, 0, 5, 2, 0,	    0,
		     0, 0, 12, 2, 0, 0, 0, 0, 5, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP_UDP } },
};

/* UDP over IPv6 from 2001:db8::1 port 123 to 2001:db8::2 port 40000. */
#define IP6_UDP                                                                                              \
	0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0xd,   \
		0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 123, 0x9c, 0x40, 0, 8, 0, 0

static const struct packet packets6[] = {
	{ 101, 48, { IP6_UDP } },
	{ 229, 48, { IP6_UDP } },
	{ 108, 52, { 0, 0, 0, 24, IP6_UDP } },
	{ 0, 52, { 24, 0, 0, 0, IP6_UDP } }, /* OpenBSD, NetBSD */
	{ 0, 52, { 28, 0, 0, 0, IP6_UDP } }, /* FreeBSD */
	{ 0, 52, { 30, 0, 0, 0, IP6_UDP } }, /* Darwin */
	{ 0, 52, { 0, 0, 0, 30, IP6_UDP } },
	{ 9, 52, { 0xff, 3, 0, 0x57, IP6_UDP } },
	{ 9, 49, { 0x57, IP6_UDP } },
	{ 50, 50, { 0, 0x57, IP6_UDP } },
};

/* Neither is IP: LCP, and a header that is cut. */
static const struct packet others[] = {
	{ 9, 8, { 0xff, 3, 0xc0, 0x21, 1, 1, 0, 4 } },
	{ 9, 1, { 0 } },
	{ 9, 0, { 0 } },
	{ 0, 3, { 2, 0, 0 } },
	{ 50, 6, { 0x0f, 0, 8, 6, 0, 1 } },
	{ 219, 8, { 0, 6, 0x41, 64, 0x10, 0, 0, 0 } },
	{ 219, 3, { 0, 6, 0x41 } },
	{ 239, 3, { 2, 0, 0 } },
	{ 239, 12, { 2, 0, 0, 0, 2, 0, 9, 0, 0x45, 0, 0, 0 } },
	{ 239, 10, { 2, 0, 0, 0, 36, 0, 9, 0, 0x25, 0 } },
};

static struct cl_frame frame_of(const struct packet *p)
{
	return (struct cl_frame){ .data = p->data,
				  .cap_len = (uint32_t)p->len,
				  .wire_len = (uint32_t)p->len,
				  .linktype = p->linktype };
}

static void passes(const char *expr, bool expected)
{
	char err[256];
	struct cl_filter *f = cl_filter_new(expr, err, sizeof(err));

	assert_non_null(f);
	for (int round = 0; round < 2; round++) /* the second finds the programs compiled */
		for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
			struct cl_frame frame = frame_of(&packets[i]);

			assert_int_equal(cl_filter_match(f, &frame), expected);
		}
	cl_filter_free(f);
}

static void each_link_type(void **state)
{
	(void)state;
	passes("udp port 123", true);
	passes("host 10.0.0.2", true);
	passes("src host 10.0.0.2", false);
	passes("tcp", false);
	passes("", true);
}

static void ip6_on_each_link_type(void **state)
{
	static const struct {
		const char *expr;
		bool expected;
	} cases[] = { { "ip6", true },
		      { "udp port 123", true },
		      { "src host 2001:db8::1", true },
		      { "ip", false },
		      { "dst host 2001:db8::1", false } };
	char err[256];

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		struct cl_filter *f = cl_filter_new(cases[c].expr, err, sizeof(err));

		assert_non_null(f);
		for (size_t i = 0; i < sizeof(packets6) / sizeof(*packets6); i++) {
			struct cl_frame frame = frame_of(&packets6[i]);

			assert_int_equal(cl_filter_match(f, &frame), cases[c].expected);
		}
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
			struct cl_frame frame = frame_of(&others[i]);

			assert_false(cl_filter_match(f, &frame));
		}
		cl_filter_free(f);
	}
}

static void mistakes_are_named(void **state)
{
	char err[256] = "";

	(void)state;
	assert_null(cl_filter_new("udp prot 123", err, sizeof(err)));
	assert_true(strlen(err) > 0);
	assert_null(strchr(err, '\n'));
}

static void what_cannot_be_compiled_passes_nothing(void **state)
{
	char err[256];
	struct cl_filter *f = cl_filter_new("ether host 02:00:00:00:00:01", err, sizeof(err));
	struct cl_frame ether = frame_of(&packets[0]), raw = frame_of(&packets[1]);

	(void)state;
	assert_non_null(f);
	assert_true(cl_filter_match(f, &ether));
	assert_false(cl_filter_match(f, &raw));
	raw.linktype = 65000;
	assert_false(cl_filter_match(f, &raw));
	cl_filter_free(f);
	cl_filter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_link_type),
		cmocka_unit_test(ip6_on_each_link_type),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(what_cannot_be_compiled_passes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

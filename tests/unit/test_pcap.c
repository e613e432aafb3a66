/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/test_cmocka.h"

#include <stdio.h>

#include "tests/unit/test_walk.h"

#define MICRO	 0xa1b2c3d4u
#define NANO	 0xa1b23c4du
#define MODIFIED 0xa1b2cd34u
#define S	 INT64_C(1000000000)

static struct image m;
static struct walk w;

static void every_magic_in_both_orders(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		for (int nano = 0; nano < 2; nano++) {
			pcap_file(&m, big, nano ? NANO : MICRO, 1);
			pcap_record(&m, 1700000000, 123456, 60, 90, 0xab);
			pcap_record(&m, 1700000001, 999999, 61, 61, 0xcd);
			walk(&w, &m);
			assert_string_equal(w.error, "");
			assert_int_equal(w.n, 2);
			assert_int_equal(w.frames[0].time_ns, 1700000000 * S + (nano ? 123456 : 123456000));
			assert_int_equal(w.frames[0].cap_len, 60);
			assert_int_equal(w.frames[0].wire_len, 90);
			assert_int_equal(w.frames[0].number, 1);
			assert_int_equal(w.frames[0].file, 7);
			assert_int_equal(w.frames[0].linktype, 1);
			assert_int_equal(w.first_octet[0], 0xab);
			assert_int_equal(w.last_octet[1], 0xcd);
			assert_int_equal(w.frames[1].time_ns, 1700000001 * S + (nano ? 999999 : 999999000));
			assert_int_equal(w.frames[1].number, 2);
		}
	}
}

static void modified_headers_have_24_octets(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		pcap_file(&m, big, MODIFIED, 113);
		for (unsigned i = 0; i < 3; i++) {
			pcap_record(&m, 100 + i, 5, 0, 33, 0);
			m.n -= 8; /* the lengths again */
			put32(&m, 32);
			put32(&m, 33);
			put32(&m, 2);	   /* interface */
			put16(&m, 0x0800); /* protocol */
			put16(&m, 0);	   /* packet type, padding */
			put_fill(&m, 0x10 + i, 32);
		}
		walk(&w, &m);
		assert_string_equal(w.error, "");
		assert_int_equal(w.n, 3);
		assert_int_equal(w.frames[2].time_ns, 102 * S + 5000);
		assert_int_equal(w.first_octet[2], 0x12);
		assert_int_equal(w.last_octet[2], 0x12);
		assert_int_equal(w.frames[2].linktype, 113);
	}
}

static void link_types_are_normalised(void **state)
{
	static const uint32_t cases[][2] = {
		{ 12, 101 },	    { 14, 101 },  { 101, 101 },
		{ 0x24000001u, 1 }, { 276, 276 }, { 0xf4000065u, 101 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pcap_file(&m, false, MICRO, cases[i][0]);
		pcap_record(&m, 1, 1, 4, 4, 0);
		walk(&w, &m);
		assert_int_equal(w.n, 1);
		assert_int_equal(w.frames[0].linktype, cases[i][1]);
	}
}

static void lengths_at_the_limits(void **state)
{
	(void)state;
	pcap_file(&m, false, MICRO, 1);
	pcap_record(&m, 1, 0, 0, 0, 0);
	pcap_record(&m, 2, 0, 1, 1, 0x55);
	pcap_record(&m, 3, 0, 262144, 300000, 0x66);
	pcap_record(&m, 4, 0, 8, 3, 0x77); /* fewer on the wire than kept */
	walk(&w, &m);
	assert_string_equal(w.error, "");
	assert_int_equal(w.n, 4);
	assert_int_equal(w.frames[0].cap_len, 0);
	assert_int_equal(w.first_octet[1], 0x55);
	assert_int_equal(w.last_octet[2], 0x66);
	assert_int_equal(w.frames[2].wire_len, 300000);
	assert_int_equal(w.frames[3].wire_len, 8);
	assert_int_equal(w.first_octet[3], 0x77);
}

static void too_long_a_record_is_damage(void **state)
{
	static const uint32_t claims[] = { 262145, 0x7fffffff, 0x80000000u, 0xffffffffu };
	char expected[160];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		pcap_file(&m, i % 2 == 1, MICRO, 1);
		pcap_record(&m, 1, 0, 10, 10, 1);
		pcap_record(&m, 2, 0, 0, 0, 0);
		m.n -= 8;
		put32(&m, claims[i]);
		put32(&m, claims[i]);
		put_fill(&m, 0, 300000);
		walk(&w, &m);
		assert_int_equal(w.n, 1);
		snprintf(expected, sizeof(expected),
			 "record 2 at octet 50 claims %u octets: the file is damaged here", claims[i]);
		assert_string_equal(w.error, expected);
	}
}

static void cut_at_every_octet(void **state)
{
	(void)state;
	pcap_file(&m, false, MICRO, 1);
	pcap_record(&m, 1, 0, 20, 20, 1);
	pcap_record(&m, 2, 0, 20, 20, 2);
	for (size_t len = 0; len < m.n; len++) {
		walk_part(&w, &m, len, 4096);
		assert_int_equal(w.n, len < 60 ? 0 : 1);
		if (len == 0)
			assert_non_null(strstr(w.error, "is empty"));
		else if (len < 4)
			assert_non_null(strstr(w.error,
					       "is not pcap or pcapng, nor a database: first octets are d4"));
		else if (len < 24)
			assert_string_equal(w.error, "cut short in the middle of its header");
		else if (len == 24 || len == 60)
			assert_string_equal(w.error, "");
		else
			assert_string_equal(w.error, len < 60 ? "cut short in the middle of record 1"
							      : "cut short in the middle of record 2");
	}
}

static void blocks_of_any_size_give_the_same(void **state)
{
	(void)state;
	pcap_file(&m, false, MICRO, 1);
	for (unsigned i = 0; i < 90; i++)
		pcap_record(&m, i, 0, 7 * i, 7 * i, i);
	for (size_t size = 24; size < 700; size += 13) {
		walk_part(&w, &m, m.n, size);
		assert_string_equal(w.error, "");
		assert_int_equal(w.n, 90);
		for (unsigned i = 1; i < 90; i++) {
			assert_int_equal(w.frames[i].cap_len, 7 * i);
			assert_int_equal(w.first_octet[i], i);
			assert_int_equal(w.last_octet[i], i);
		}
	}
}

static void seconds_are_unsigned(void **state)
{
	(void)state;
	pcap_file(&m, false, MICRO, 1);
	pcap_record(&m, 0x80000000u, 1, 0, 0, 0); /* 2038-01-19 03:14:08 */
	pcap_record(&m, 0xffffffffu, 999999, 0, 0, 0);
	walk(&w, &m);
	assert_int_equal(w.n, 2);
	assert_true(w.frames[0].time_ns == INT64_C(2147483648) * S + 1000);
	assert_true(w.frames[1].time_ns == INT64_C(4294967295) * S + 999999000);
}

static void lengths_of_old_versions_are_swapped_back(void **state)
{
	(void)state;
	pcap_file(&m, false, MICRO, 1);
	m.data[6] = 2; /* version 2.2 */
	pcap_record(&m, 1, 0, 0, 0, 0);
	m.n -= 8;
	put32(&m, 1500);
	put32(&m, 68);
	put_fill(&m, 0x31, 68);
	pcap_record(&m, 2, 0, 5, 5, 0x32);
	walk(&w, &m);
	assert_string_equal(w.error, "");
	assert_int_equal(w.n, 2);
	assert_int_equal(w.frames[0].cap_len, 68);
	assert_int_equal(w.frames[0].wire_len, 1500);
}

static void unknown_octets_are_named(void **state)
{
	(void)state;
	m.n = 0;
	m.big = true;
	put32(&m, 0x736e6f6f); /* snoop */
	put32(&m, 0x70000000);
	walk(&w, &m);
	assert_non_null(strstr(w.error, "first octets are 73 6e 6f 6f (editcap"));
	m.n = 0;
	put32(&m, 0x425a6839); /* BZh9 */
	put32(&m, 0);
	walk(&w, &m);
	assert_string_equal(w.error, "bzip2 compression is not supported by this build");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_magic_in_both_orders),
		cmocka_unit_test(modified_headers_have_24_octets),
		cmocka_unit_test(link_types_are_normalised),
		cmocka_unit_test(lengths_at_the_limits),
		cmocka_unit_test(too_long_a_record_is_damage),
		cmocka_unit_test(cut_at_every_octet),
		cmocka_unit_test(blocks_of_any_size_give_the_same),
		cmocka_unit_test(seconds_are_unsigned),
		cmocka_unit_test(lengths_of_old_versions_are_swapped_back),
		cmocka_unit_test(unknown_octets_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

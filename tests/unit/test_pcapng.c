/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/test_cmocka.h"

#include "capture/units.h"
#include "tests/unit/test_walk.h"

#define S INT64_C(1000000000)

static struct image m;
static struct walk w;

static void start(bool big)
{
	m.n = 0;
	ng_section(&m, big);
}

static void simple_packet(uint32_t wire, uint32_t cap, unsigned fill)
{
	ng_begin(&m, 3);
	put32(&m, wire);
	put_fill(&m, fill, cap);
	put_fill(&m, 0, (4 - cap % 4) % 4);
	ng_end(&m);
}

static void both_orders(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		start(big);
		ng_interface(&m, 1, 65535, 255, 0);
		ng_packet(&m, 0, 1700000000000001u, 33, 44, 0x61); /* microseconds */
		walk(&w, &m);
		assert_string_equal(w.error, "");
		assert_int_equal(w.n, 1);
		assert_true(w.frames[0].time_ns == 1700000000 * S + 1000);
		assert_int_equal(w.frames[0].cap_len, 33);
		assert_int_equal(w.frames[0].wire_len, 44);
		assert_int_equal(w.frames[0].linktype, 1);
		assert_int_equal(w.frames[0].number, 1);
		assert_int_equal(w.last_octet[0], 0x61);
	}
}

static void interfaces_differ(void **state)
{
	(void)state;
	start(false);
	ng_interface(&m, 1, 96, 9, 0);			  /* 10^-9 s */
	ng_interface(&m, 113, 65535, 0x80 | 20, 1000000); /* 2^-20 s from 1970-01-12 on */
	ng_interface(&m, 14, 0, 3, -5);			  /* 10^-3 s, before 1970 */
	ng_packet(&m, 1, (UINT64_C(3) << 20) + (1 << 19), 10, 10, 1);
	ng_packet(&m, 0, 1700000000123456789u, 12, 12, 2);
	ng_packet(&m, 2, 1, 14, 14, 3);
	walk(&w, &m);
	assert_string_equal(w.error, "");
	assert_int_equal(w.n, 3);
	assert_true(w.frames[0].time_ns == 1000003 * S + S / 2);
	assert_int_equal(w.frames[0].linktype, 113);
	assert_true(w.frames[1].time_ns == INT64_C(1700000000123456789));
	assert_int_equal(w.frames[1].linktype, 1);
	assert_true(w.frames[2].time_ns == -5 * S + 1000000);
	assert_int_equal(w.frames[2].linktype, 101);
}

static void sections_have_their_own_interfaces(void **state)
{
	(void)state;
	start(false);
	ng_interface(&m, 1, 0, 255, 0);
	ng_packet(&m, 0, 1000000, 4, 4, 1);
	ng_section(&m, true);
	ng_interface(&m, 0, 0, 9, 0);
	ng_packet(&m, 0, 2000000000, 5, 5, 2);
	ng_section(&m, false);
	ng_packet(&m, 0, 3, 6, 6, 3); /* this section has no interface */
	walk(&w, &m);
	assert_int_equal(w.n, 2);
	assert_int_equal(w.frames[0].linktype, 1);
	assert_int_equal(w.frames[1].linktype, 0);
	assert_true(w.frames[1].time_ns == 2 * S);
	assert_int_equal(w.frames[1].number, 2);
	assert_non_null(strstr(w.error, "record 3 at octet"));
	assert_non_null(strstr(w.error, "is of interface 0, which is not described"));
}

static void simple_packets(void **state)
{
	(void)state;
	start(false);
	ng_interface(&m, 1, 16, 255, 0);
	simple_packet(7, 7, 0x41);
	ng_packet(&m, 0, 5000000, 8, 8, 0x42);
	simple_packet(100, 16, 0x43); /* cut by the snap length */
	ng_section(&m, true);
	ng_interface(&m, 1, 0, 255, 0); /* no limit */
	simple_packet(9, 9, 0x44);
	walk(&w, &m);
	assert_string_equal(w.error, "");
	assert_int_equal(w.n, 4);
	assert_int_equal(w.frames[3].cap_len, 9);
	assert_true(w.frames[3].time_ns == 0); /* the section has no time yet */
	assert_int_equal(w.frames[0].cap_len, 7);
	assert_true(w.frames[0].time_ns == 0);
	assert_int_equal(w.frames[2].cap_len, 16);
	assert_int_equal(w.frames[2].wire_len, 100);
	assert_true(w.frames[2].time_ns == 5 * S);
	assert_int_equal(w.last_octet[2], 0x43);
}

static void obsolete_packets(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		start(big);
		ng_interface(&m, 1, 0, 255, 0);
		ng_interface(&m, 228, 0, 255, 0);
		ng_begin(&m, 2);
		put16(&m, 1);	   /* interface */
		put16(&m, 0xffff); /* drops not known */
		put32(&m, 0);
		put32(&m, 7000000);
		put32(&m, 5);
		put32(&m, 6);
		put_fill(&m, 0x44, 5);
		put_fill(&m, 0, 3);
		ng_end(&m);
		walk(&w, &m);
		assert_string_equal(w.error, "");
		assert_int_equal(w.n, 1);
		assert_int_equal(w.frames[0].linktype, 228);
		assert_int_equal(w.frames[0].cap_len, 5);
		assert_int_equal(w.frames[0].wire_len, 6);
		assert_true(w.frames[0].time_ns == 7 * S);
	}
}

static void unknown_block(uint32_t type, size_t body)
{
	ng_begin(&m, type);
	put_fill(&m, 0xee, body);
	ng_end(&m);
}

static void unknown_blocks_are_passed_over(void **state)
{
	(void)state;
	start(true);
	unknown_block(0x0bad, 8); /* custom */
	ng_interface(&m, 1, 0, 255, 0);
	unknown_block(0x40000bad, 100000); /* longer than a block of memory */
	ng_packet(&m, 0, 1, 4, 4, 1);
	unknown_block(10, 0); /* decryption secrets */
	unknown_block(0x77777777, 4);
	ng_packet(&m, 0, 2, 4, 4, 2);
	unknown_block(4, 400000);
	walk(&w, &m);
	assert_string_equal(w.error, "");
	assert_int_equal(w.n, 2);
	assert_int_equal(w.first_octet[1], 2);
	m.n -= 5;
	walk(&w, &m);
	assert_int_equal(w.n, 2);
	assert_non_null(strstr(w.error, "cut short in the middle of the block at octet"));
}

static void statistics(uint32_t interface, uint64_t ifdrop, uint64_t osdrop)
{
	ng_begin(&m, 5);
	put32(&m, interface);
	put64(&m, 0);
	put16(&m, 5);
	put16(&m, 8);
	put64(&m, ifdrop);
	put16(&m, 7);
	put16(&m, 8);
	put64(&m, osdrop);
	ng_end(&m);
}

static void drops_are_summed_over_interfaces(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		start(big);
		ng_interface(&m, 1, 0, 255, 0);
		ng_interface(&m, 1, 0, 255, 0);
		statistics(0, 1, 10);
		statistics(1, 2, 20);
		statistics(0, 4, 40); /* the last value counts */
		ng_section(&m, !big);
		ng_interface(&m, 1, 0, 255, 0);
		statistics(0, 100, 1000);
		walk(&w, &m);
		assert_string_equal(w.error, "");
		assert_int_equal(w.dropped_interface, 106);
		assert_int_equal(w.dropped_kernel, 1060);
	}
}

/* A good packet and one whose block's octet at `at` (32 bits) is `value`. */
static void lying_packet(size_t at, uint32_t value)
{
	size_t end;

	start(false);
	ng_interface(&m, 1, 0, 255, 0);
	ng_packet(&m, 0, 1, 4, 4, 1);
	ng_packet(&m, 0, 2, 8, 8, 2);
	end = m.n;
	m.n = m.block + at;
	put32(&m, value);
	m.n = end;
	ng_packet(&m, 0, 3, 4, 4, 3);
	walk(&w, &m);
	assert_int_equal(w.n, 1);
	assert_non_null(strstr(w.error, "damaged here"));
}

static void lengths_that_lie(void **state)
{
	(void)state;
	lying_packet(4, 0);
	lying_packet(4, 8);
	lying_packet(4, 11);
	lying_packet(4, 38);
	lying_packet(4, 42);
	lying_packet(4, 36); /* trailer elsewhere */
	lying_packet(4, 44);
	lying_packet(4, 0xfffffffcu);
	lying_packet(36, 0); /* trailer */
	lying_packet(36, 44);
	lying_packet(20, 9); /* captured length past the block */
	assert_non_null(strstr(w.error, "record 2 at octet"));
	assert_non_null(strstr(w.error, "claims 9 octets"));
	lying_packet(20, 262145);
	lying_packet(20, 0xffffffffu);
	lying_packet(8, 1); /* interface */
}

static void blocks_that_lie(void **state)
{
	(void)state;
	start(false);
	unknown_block(0x77, 6); /* no multiple of 4 */
	walk(&w, &m);
	assert_string_equal(w.error,
			    "the block at octet 28 claims to be 18 octets long: the file is damaged here");
	start(false);
	unknown_block(0x77, 8);
	m.data[m.n - 4]++;
	walk(&w, &m);
	assert_string_equal(w.error,
			    "the block at octet 28 does not end where it says: the file is damaged here");
}

static void options_that_lie(void **state)
{
	(void)state;
	for (unsigned len = 1; len <= 4; len++) { /* just past the block's body, where its length follows */
		start(false);
		ng_begin(&m, 1);
		put32(&m, 1);
		put32(&m, 0);
		put16(&m, 9);
		put16(&m, len);
		ng_end(&m);
		walk(&w, &m);
		assert_non_null(strstr(w.error, "option that is longer than itself"));
	}
	start(false);
	ng_begin(&m, 1);
	put32(&m, 1);
	put32(&m, 0);
	put16(&m, 9);
	put16(&m, 200);
	ng_end(&m);
	walk(&w, &m);
	assert_int_equal(w.n, 0);
	assert_non_null(strstr(w.error, "option that is longer than itself"));
}

static void cut_at_every_octet(void **state)
{
	size_t second;

	(void)state;
	start(false);
	ng_interface(&m, 1, 0, 255, 0);
	ng_packet(&m, 0, 1, 5, 5, 1);
	second = m.n;
	ng_packet(&m, 0, 2, 5, 5, 2);
	for (size_t len = 4; len < m.n; len++) {
		walk_part(&w, &m, len, 4096);
		assert_int_equal(w.n, len < second ? 0 : 1);
		if (len < 28) /* the section's header: no capture to read */
			assert_string_equal(w.error, "cut short in the middle of its header");
		else if (len > second)
			assert_string_equal(w.error, "cut short in the middle of record 2");
		else if (len != 28 && len != m.n && len != second && w.error[0] == '\0')
			assert_int_equal(len, second - 40); /* between interface and packet */
	}
}

static void small_blocks_of_memory(void **state)
{
	(void)state;
	start(false);
	ng_interface(&m, 1, 0, 255, 0);
	for (unsigned i = 0; i < 80; i++)
		ng_packet(&m, 0, i, i, i, i);
	for (size_t size = 28; size < 300; size += 7) {
		walk_part(&w, &m, m.n, size);
		assert_string_equal(w.error, "");
		assert_int_equal(w.n, 80);
		for (unsigned i = 1; i < 80; i++)
			assert_int_equal(w.first_octet[i] == i && w.last_octet[i] == i, 1);
	}
}

static void units(void **state)
{
	struct cl_units u = cl_units_of(6, 0);

	(void)state;
	assert_true(cl_units_ns(&u, 1) == 1000);
	assert_true(cl_units_ns(&u, UINT64_MAX) == CL_TIME_LIMIT_NS);
	u = cl_units_of(0, 0);
	assert_true(cl_units_ns(&u, 3) == 3 * S);
	u = cl_units_of(12, 0);
	assert_true(cl_units_ns(&u, 1999) == 1);
	u = cl_units_of(127, 1);
	assert_true(cl_units_ns(&u, UINT64_MAX) == S);
	u = cl_units_of(0x80 | 32, 0);
	assert_true(cl_units_ns(&u, (UINT64_C(7) << 32) + 0x80000000u) == 7 * S + S / 2);
	u = cl_units_of(0x80 | 63, 0);
	assert_true(cl_units_ns(&u, (UINT64_C(1) << 63) + (UINT64_C(1) << 61)) == S + S / 4);
	u = cl_units_of(0x80 | 64, 0);
	assert_true(cl_units_ns(&u, UINT64_C(1) << 63) == S / 2);
	u = cl_units_of(0xff, 0);
	assert_true(cl_units_ns(&u, UINT64_MAX) == 0);
	u = cl_units_of(0x80, INT64_MAX);
	assert_true(cl_units_ns(&u, UINT64_MAX) == CL_TIME_LIMIT_NS);
	u = cl_units_of(0x80, INT64_MIN);
	assert_true(cl_units_ns(&u, 0) == -CL_TIME_LIMIT_NS);
}

/* Secrets as they came: the last type, and all octets. */
struct secrets {
	uint32_t type;
	size_t n, times;
	uint8_t octets[64];
};

static void take_secrets(void *ctx, uint32_t type, const uint8_t *octets, size_t n)
{
	struct secrets *got = ctx;

	assert_true(got->n + n <= sizeof(got->octets));
	got->type = type;
	memcpy(got->octets + got->n, octets, n);
	got->n += n;
	got->times++;
}

static void secrets_block(uint32_t type, uint32_t claim, unsigned octet, size_t n)
{
	ng_begin(&m, 10);
	put32(&m, type);
	put32(&m, claim);
	put_fill(&m, octet, n);
	ng_end(&m);
}

/* Decryption secrets blocks are given on where somebody asks, those that lie not; packets are read alike. */
static void secrets_are_handed_over(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct secrets got = { 0 };
		struct cl_frame frames[4];
		struct cl_pool pool;
		char error[CL_ERROR_SIZE];

		start(big != 0);
		ng_interface(&m, 1, 0, 255, 0);
		secrets_block(0x544c534b, 5, 'a', 8);
		ng_packet(&m, 0, 1000000, 4, 4, 1);
		secrets_block(0x544c534b, 9, 'b', 8); /* longer than its block */
		secrets_block(0x57474b4c, 4, 'c', 4);
		ng_begin(&m, 10); /* too short for a length */
		put32(&m, 0x544c534b);
		ng_end(&m);
		ng_packet(&m, 0, 2000000, 4, 4, 2);
		cl_pool_init(&pool, 64);
		struct cl_source *s = cl_source_open_memory(m.data, m.n, &pool, 0, error, sizeof(error));
		assert_non_null(s);
		cl_source_secrets(s, take_secrets, &got);
		size_t n = 0, more;
		while ((more = cl_source_next(s, frames, 4)) > 0) {
			n += more;
			cl_frames_release(frames, more);
		}
		assert_null(cl_source_error(s));
		assert_int_equal(n, 2);
		assert_int_equal(got.times, 2);
		assert_int_equal(got.type, 0x57474b4c);
		assert_int_equal(got.n, 9);
		assert_memory_equal(got.octets, "aaaaacccc", 9);
		cl_source_close(s);
		cl_pool_free(&pool);
		walk(&w, &m); /* nobody asks */
		assert_int_equal(w.n, 2);
		assert_string_equal(w.error, "");
	}
}

static void first_block_must_name_its_order(void **state)
{
	(void)state;
	start(false);
	m.data[8] = 0;
	walk(&w, &m);
	assert_non_null(strstr(w.error, "first octets are 0a 0d 0d 0a"));
	start(false);
	m.data[12] = 9; /* version */
	walk(&w, &m);
	assert_string_equal(w.error, "pcapng version 9.0 is not known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_orders),
		cmocka_unit_test(interfaces_differ),
		cmocka_unit_test(sections_have_their_own_interfaces),
		cmocka_unit_test(simple_packets),
		cmocka_unit_test(obsolete_packets),
		cmocka_unit_test(unknown_blocks_are_passed_over),
		cmocka_unit_test(drops_are_summed_over_interfaces),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(blocks_that_lie),
		cmocka_unit_test(options_that_lie),
		cmocka_unit_test(cut_at_every_octet),
		cmocka_unit_test(small_blocks_of_memory),
		cmocka_unit_test(units),
		cmocka_unit_test(secrets_are_handed_over),
		cmocka_unit_test(first_block_must_name_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/cursor.h"

#include <stdlib.h>

#include "tests/unit/test_cmocka.h"

static const uint8_t octets[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
				    0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe };

static void reads_in_network_order(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 16, 16);

	(void)state;
	assert_int_equal(cl_cur_peek(&c), 0x01);
	assert_int_equal(cl_cur_u8(&c), 0x01);
	assert_int_equal(cl_cur_u16(&c), 0x2345);
	assert_int_equal(cl_cur_u32(&c), 0x6789abcd);
	assert_true(cl_cur_u64(&c) == 0xef1032547698badcu);
	assert_int_equal(cl_cur_left(&c), 1);
	assert_int_equal(cl_cur_kept(&c), 1);
	assert_int_equal(cl_cur_u8(&c), 0xfe);
	assert_int_equal(cl_cur_left(&c), 0);
	assert_int_equal(c.err, CL_OK);
}

/* RFC 1035 sec. 3.1: from one length to the next. */
static void takes_the_octet_behind_others(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 5, 8);

	(void)state;
	assert_int_equal(cl_cur_u8_behind(&c, 0), octets[0]);
	assert_int_equal(cl_cur_u8_behind(&c, 2), octets[3]);
	assert_int_equal(c.pos, 4);
	struct cl_cur cut = c, wrong = c;
	assert_int_equal(cl_cur_u8_behind(&cut, 1), 0); /* the sixth was announced, and not kept */
	assert_int_equal(cut.err, CL_ETRUNC);
	assert_int_equal(cl_cur_u8_behind(&wrong, 4), 0);
	assert_int_equal(wrong.err, CL_EMALF);
	assert_int_equal(cl_cur_u8_behind(&c, 0), octets[4]);
	assert_int_equal(c.err, CL_OK);
}

/* Four words of 8 to 32 octets: the ends, and what is beside them. */
static void words_hold_all_octets(void **state)
{
	uint8_t counting[40];

	(void)state;
	for (unsigned i = 0; i < sizeof counting; i++)
		counting[i] = (uint8_t)(i + 1);
	for (uint32_t n = 8; n <= 32; n++) {
		uint8_t *exact = malloc(n), seen[40] = { 0 };

		memcpy(exact, counting, n);
		struct cl_cur c = cl_cur_make(exact, n, n);
		struct cl_cur_words w = cl_cur_words(&c, n);
		for (unsigned i = 0; i < 32; i++)
			seen[(w.word[i / 8] >> i % 8 * 8 & 0xff) - 1] = 1;
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(seen[i], 1);
		assert_int_equal(w.word[0] & 0xff, 1);
		assert_int_equal(w.word[3] >> 56, n);
		assert_int_equal(c.pos, 0);
		free(exact);
	}
}

/* What a read of `n` octets by each of the readers does to a cursor. */
typedef void reader(struct cl_cur *c);

static void read_u8(struct cl_cur *c)
{
	assert_int_equal(cl_cur_u8(c), 0);
}

static void read_u16(struct cl_cur *c)
{
	assert_int_equal(cl_cur_u16(c), 0);
}

static void read_u32(struct cl_cur *c)
{
	assert_int_equal(cl_cur_u32(c), 0);
}

static void read_u64(struct cl_cur *c)
{
	assert_true(cl_cur_u64(c) == 0);
}

static void read_peek(struct cl_cur *c)
{
	assert_int_equal(cl_cur_peek(c), 0);
}

static void read_skip(struct cl_cur *c)
{
	cl_cur_skip(c, 3);
}

static void read_take(struct cl_cur *c)
{
	struct cl_span s = cl_cur_take(c, 3);

	assert_null(s.ptr);
	assert_int_equal(s.len, 0);
}

static void read_copy(struct cl_cur *c)
{
	uint8_t out[3] = { 9, 9, 9 };

	assert_false(cl_cur_copy(c, out, 3));
	assert_int_equal(out[0] + out[1] + out[2], 27);
}

static void read_head(struct cl_cur *c)
{
	assert_null(cl_cur_head(c, 4, "\4"));
}

static const struct {
	reader *read;
	uint32_t octets;
} readers[] = { { read_u8, 1 },	  { read_u16, 2 },  { read_u32, 4 },  { read_u64, 8 }, { read_peek, 1 },
		{ read_skip, 3 }, { read_take, 3 }, { read_copy, 3 }, { read_head, 4 } };

/* One octet too few: truncated if it was announced, malformed if not; the position stays. */
static void tells_truncated_from_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		uint32_t n = readers[i].octets;
		uint8_t *exact = malloc(n > 1 ? n - 1 : 1);

		memcpy(exact, octets, n - 1);
		struct cl_cur cut = cl_cur_make(exact, n - 1, n), lie = cl_cur_make(exact, n - 1, n - 1);
		struct cl_cur both = cl_cur_make(exact, n - 1 > 0 ? n - 2 : 0, n - 1);
		readers[i].read(&cut);
		readers[i].read(&lie);
		readers[i].read(&both);
		assert_int_equal(cut.err, CL_ETRUNC);
		assert_int_equal(lie.err, CL_EMALF);
		assert_int_equal(both.err, CL_EMALF); /* was never announced, kept or not */
		assert_int_equal(cut.pos, 0);
		assert_int_equal(lie.pos, 0);
		free(exact);
	}
}

/* A header taken whole reads as its fields do one by one, and fails as they do. */
static void a_header_is_its_fields(void **state)
{
	static const char widths[] = "\1\2\4\10";

	(void)state;
	for (uint32_t len = 0; len <= 16; len++)
		for (uint32_t kept = 0; kept <= len; kept++) {
			struct cl_cur c = cl_cur_make(octets, kept, len), fields = c;
			CL_HEAD(15) *h = cl_cur_head(&c, sizeof(*h), widths);
			uint8_t a = cl_cur_u8(&fields);
			uint16_t b = cl_cur_u16(&fields);
			uint32_t d = cl_cur_u32(&fields);
			uint64_t e = cl_cur_u64(&fields);
			assert_int_equal(h != NULL, fields.err == CL_OK);
			assert_int_equal(c.err, fields.err);
			assert_int_equal(cl_cur_left(&c), cl_cur_left(&fields));
			assert_int_equal(cl_cur_kept(&c), cl_cur_kept(&fields));
			if (h == NULL)
				continue;
			uint8_t last[8];
			assert_int_equal(c.pos, fields.pos);
			assert_int_equal(CL_HEAD_U8(h, 0), a);
			assert_int_equal(CL_HEAD_U16(h, 1), b);
			assert_int_equal(CL_HEAD_U32(h, 3), d);
			assert_true(CL_HEAD_U64(h, 7) == e);
			CL_HEAD_COPY(h, 7, last);
			assert_memory_equal(last, octets + 7, sizeof(last));
		}
}

/* Words of spans of any length, which end exactly where their memory ends. */
static void a_span_by_words(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= 16; n++) {
		uint8_t *exact = malloc(n);

		memcpy(exact, octets, n);
		for (uint32_t at = 0; at <= n + 1; at++) {
			uint64_t want = 0;

			for (uint32_t i = 0; i < 8 && at + i < n; i++)
				want |= (uint64_t)octets[at + i] << 8 * i;
			assert_true(cl_span_word((struct cl_span){ exact, n }, at) == want);
		}
		free(exact);
	}
}

static void the_first_error_sticks(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 4, 6);

	(void)state;
	cl_cur_skip(&c, 5);
	assert_int_equal(c.err, CL_ETRUNC);
	cl_cur_skip(&c, 100);
	assert_int_equal(c.err, CL_ETRUNC);
	cl_cur_narrow(&c, 1000);
	assert_int_equal(c.err, CL_ETRUNC);
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		readers[i].read(&c);
	assert_int_equal(cl_cur_left(&c), 0);
	assert_int_equal(c.pos, 0);
	assert_int_equal(cl_cur_sub(&c, 1).err, CL_ETRUNC);
}

static void huge_lengths_do_not_wrap(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 16, 16);

	(void)state;
	cl_cur_skip(&c, 8);
	assert_null(cl_cur_take(&c, UINT32_MAX).ptr);
	assert_int_equal(c.err, CL_EMALF);
	c = cl_cur_make(octets, 16, UINT32_MAX);
	cl_cur_skip(&c, UINT32_MAX);
	assert_int_equal(c.err, CL_ETRUNC);
	c = cl_cur_make(octets, 16, 16);
	cl_cur_skip(&c, 8);
	assert_int_equal(cl_cur_sub(&c, UINT32_MAX - 4).err, CL_EMALF);
	c = cl_cur_make(octets, 16, 16);
	cl_cur_skip(&c, 8);
	cl_cur_narrow(&c, UINT32_MAX - 4);
	assert_int_equal(c.err, CL_EMALF);
}

static void keeps_no_more_than_was_announced(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 16, 5);

	(void)state;
	assert_int_equal(cl_cur_kept(&c), 5);
	cl_cur_skip(&c, 6);
	assert_int_equal(c.err, CL_EMALF);
}

static void narrows_and_never_widens(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 16, 16);

	(void)state;
	cl_cur_skip(&c, 2);
	cl_cur_narrow(&c, 6);
	assert_int_equal(cl_cur_left(&c), 6);
	assert_int_equal(cl_cur_kept(&c), 6);
	cl_cur_narrow(&c, 6);
	assert_int_equal(cl_cur_left(&c), 6);
	cl_cur_narrow(&c, 7);
	assert_int_equal(c.err, CL_EMALF);
	c = cl_cur_make(octets, 4, 16); /* cut: what is announced may lie past what is kept */
	cl_cur_narrow(&c, 9);
	assert_int_equal(cl_cur_left(&c), 9);
	assert_int_equal(cl_cur_kept(&c), 4);
	cl_cur_skip(&c, 9);
	assert_int_equal(c.err, CL_ETRUNC);
	c = cl_cur_make(octets, 4, 16);
	cl_cur_narrow(&c, 0);
	assert_int_equal(cl_cur_left(&c), 0);
	assert_int_equal(cl_cur_u8(&c), 0);
	assert_int_equal(c.err, CL_EMALF);
}

static void a_child_ends_where_it_was_told(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 16, 16);

	(void)state;
	cl_cur_skip(&c, 1);
	struct cl_cur child = cl_cur_sub(&c, 3);
	assert_int_equal(cl_cur_u16(&child), 0x2345);
	assert_int_equal(cl_cur_u8(&c), 0x89); /* the parent goes on behind it */
	assert_int_equal(cl_cur_u16(&child), 0);
	assert_int_equal(child.err, CL_EMALF);
	assert_int_equal(c.err, CL_OK);
	child = cl_cur_sub(&c, 0);
	assert_int_equal(child.err, CL_OK);
	assert_int_equal(cl_cur_left(&child), 0);
	child = cl_cur_sub(&c, 12);
	assert_int_equal(child.err, CL_EMALF);
	assert_int_equal(c.err, CL_EMALF);
	assert_int_equal(cl_cur_left(&child), 0);
}

static void a_child_cut_by_the_capture(void **state)
{
	struct cl_cur c = cl_cur_make(octets, 4, 16);

	(void)state;
	cl_cur_skip(&c, 2);
	struct cl_cur child = cl_cur_sub(&c, 8);
	assert_int_equal(c.err, CL_ETRUNC);
	assert_int_equal(child.err, CL_OK);
	assert_int_equal(cl_cur_left(&child), 8);
	assert_int_equal(cl_cur_kept(&child), 2);
	assert_int_equal(cl_cur_u16(&child), 0x4567);
	assert_int_equal(cl_cur_u8(&child), 0);
	assert_int_equal(child.err, CL_ETRUNC);
	c = cl_cur_make(octets, 4, 16); /* kept to its last octet: the parent is not cut yet */
	child = cl_cur_sub(&c, 4);
	assert_int_equal(c.err, CL_OK);
	assert_int_equal(cl_cur_u8(&c), 0);
	assert_int_equal(c.err, CL_ETRUNC);
}

static void every_error_has_its_own_text(void **state)
{
	(void)state;
	for (int i = CL_OK; i <= CL_EIO; i++)
		for (int j = CL_OK; j < i; j++)
			assert_string_not_equal(cl_err_text((enum cl_err)i), cl_err_text((enum cl_err)j));
	assert_string_equal(cl_err_text((enum cl_err)(CL_EIO + 1)), "unknown error");
	assert_string_equal(cl_err_text((enum cl_err) - 1), "unknown error");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_network_order),
		cmocka_unit_test(takes_the_octet_behind_others),
		cmocka_unit_test(words_hold_all_octets),
		cmocka_unit_test(tells_truncated_from_malformed),
		cmocka_unit_test(a_header_is_its_fields),
		cmocka_unit_test(a_span_by_words),
		cmocka_unit_test(the_first_error_sticks),
		cmocka_unit_test(huge_lengths_do_not_wrap),
		cmocka_unit_test(keeps_no_more_than_was_announced),
		cmocka_unit_test(narrows_and_never_widens),
		cmocka_unit_test(a_child_ends_where_it_was_told),
		cmocka_unit_test(a_child_cut_by_the_capture),
		cmocka_unit_test(every_error_has_its_own_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/slotline.h"

#include "tests/unit/vectors.h"

#define LARGEST 64u

static const uint32_t masks[] = { 7, 15, LARGEST - 1 };
static const uint32_t tags[] = { 0, 1, 7, 8, 13, 63, 0x7fffffff, 0x80000008, 0xfffffff8, 0xffffffff };

/* The i-th place that is looked at for a tag: round the line of its home, then round the next one. */
static uint32_t place_of(uint32_t i, uint32_t tag, uint32_t mask)
{
	uint32_t lines = (mask + 1) / 8, line = (tag / 8 + i / 8) % lines;

	return line * 8 + (tag + i) % 8;
}

static void a_look_goes_line_by_line(void **state)
{
	(void)state;
	for (size_t m = 0; m < COUNT(masks); m++)
		for (size_t t = 0; t < COUNT(tags); t++) {
			uint32_t at = cl_line_home(tags[t], masks[m]);

			for (uint32_t i = 0; i < 2 * LARGEST; i++) { /* and round the table again */
				assert_int_equal(at, place_of(i, tags[t], masks[m]));
				at = cl_line_next(at, tags[t], masks[m]);
			}
		}
}

/* In the largest table there is, the number of a slot comes round with its type. */
static void the_last_line_leads_to_the_first(void **state)
{
	(void)state;
	assert_int_equal(cl_line_home(0xffffffff, UINT32_MAX), 0xffffffff);
	assert_int_equal(cl_line_next(0xffffffff, 0xffffffff, UINT32_MAX), 0xfffffff8);
	assert_int_equal(cl_line_next(0xfffffffe, 0xffffffff, UINT32_MAX), 7);
	assert_int_equal(cl_line_next(0xffffffff, 0xfffffff8, UINT32_MAX), 0);
}

static void room_is_the_first_empty_place(void **state)
{
	(void)state;
	for (size_t m = 0; m < COUNT(masks); m++)
		for (size_t t = 0; t < COUNT(tags); t++) {
			uint64_t slot[LARGEST] = { 0 };

			for (uint32_t i = 0; i <= masks[m]; i++) {
				uint32_t at = cl_line_room(slot, tags[t], masks[m]);

				assert_int_equal(at, place_of(i, tags[t], masks[m]));
				slot[at] = (uint64_t)tags[t] << 32 | 1;
			}
			for (uint32_t i = 0; i <= masks[m]; i++) { /* only one is empty */
				slot[i] = 0;
				assert_int_equal(cl_line_room(slot, tags[t], masks[m]), i);
				slot[i] = 1;
			}
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_goes_line_by_line),
		cmocka_unit_test(the_last_line_leads_to_the_first),
		cmocka_unit_test(room_is_the_first_empty_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/arena.h"

#include <string.h>

#include "tests/unit/test_cmocka.h"

/* Records of any size, also ones that do not divide a page, come zeroed, apart from each other, and stay. */
static void records_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 3, 4, 24, 32, 40, 48, 64, 100, 1000, 4097, 100000 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		size_t size = sizes[s], n = (size_t)24000000 / size;
		struct cl_arena a;
		uint8_t *last = NULL;

		assert_true(cl_arena_init(&a, size, n + 10));
		for (size_t i = 0; i < n; i++) {
			uint8_t *r = cl_arena_add(&a);

			assert_non_null(r);
			assert_true(last == NULL || r == last + size);
			assert_true(r[0] == 0 && r[size - 1] == 0);
			memset(r, (int)(i % 255 + 1), size);
			last = r;
		}
		assert_int_equal(a.count, n);
		for (size_t i = 0; i < n; i++) {
			const uint8_t *r = cl_arena_at(&a, i);

			assert_true(r[0] == i % 255 + 1 && r[size - 1] == i % 255 + 1);
		}
		cl_arena_free(&a);
	}
}

static void stops_at_its_limit(void **state)
{
	static const size_t limits[] = { 1, 2, 43690, 43691, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct cl_arena a;

		assert_true(cl_arena_init(&a, 48, limits[i]));
		for (size_t n = 0; n < limits[i]; n++) {
			uint8_t *r = cl_arena_add(&a);

			assert_non_null(r);
			r[47] = 1;
		}
		assert_null(cl_arena_add(&a));
		assert_null(cl_arena_add(&a));
		assert_int_equal(a.count, limits[i]);
		cl_arena_free(&a);
		assert_null(a.base);
		cl_arena_free(&a);
	}
}

/* More than there is address space for: fewer records, and it says how many. */
static void asks_for_less_where_space_is_short(void **state)
{
	struct cl_arena a;

	(void)state;
	assert_true(cl_arena_init(&a, 64, (size_t)1 << 46));
	assert_true(a.limit >= 1 && a.limit < (size_t)1 << 46);
	assert_non_null(cl_arena_add(&a));
	cl_arena_free(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_any_size),
		cmocka_unit_test(stops_at_its_limit),
		cmocka_unit_test(asks_for_less_where_space_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/gaps.h"

#include <math.h>

#include "tests/unit/vectors.h"

#define CLIENTS 60u
#define GAPS	300u

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Gaps of many clients, one among the other; some clients have none, one has a single one. */
static void medians_are_within_a_hundredth(void **state)
{
	static int64_t kept[CLIENTS][GAPS];
	size_t n[CLIENTS] = { 0 };
	uint64_t seed = 1;
	struct cl_gaps g;
	int64_t median;

	(void)state;
	assert_true(cl_gaps_init(&g));
	assert_false(cl_gaps_median(&g, 0, &median));
	for (unsigned i = 0; i < CLIENTS * GAPS / 3; i++) {
		uint32_t client = (uint32_t)(next_random(&seed) % CLIENTS);
		int64_t gap = (int64_t)(next_random(&seed) >> (1 + next_random(&seed) % 50));

		if (client % 7 == 0 || n[client] == GAPS || (client == 13 && n[client] == 1))
			continue;
		cl_gaps_add(&g, client * 1000, gap);
		kept[client][n[client]++] = gap;
	}
	for (uint32_t c = 0; c < CLIENTS; c++) {
		assert_int_equal(cl_gaps_median(&g, c * 1000, &median), n[c] > 0);
		if (n[c] == 0)
			continue;
		qsort(kept[c], n[c], sizeof(int64_t), compare);
		int64_t exact = kept[c][(n[c] + 1) / 2 - 1];
		assert_true(fabs((double)median - (double)exact) <= 0.01 * (double)exact);
	}
	assert_false(cl_gaps_median(&g, 1001, &median));
	assert_false(cl_gaps_median(&g, UINT32_MAX, &median));
	assert_int_equal(g.refused, 0);
	cl_gaps_free(&g);
}

/* The lower of the two in the middle, and no gap counts as none. */
static void medians_by_hand(void **state)
{
	static const int64_t gaps[] = { 0, 64, 32, 100, 5, 1 };
	static const int64_t medians[] = { 0, 0, 32, 32, 32, 5 };
	struct cl_gaps g;
	int64_t median;

	(void)state;
	assert_true(cl_gaps_init(&g));
	for (size_t i = 0; i < COUNT(gaps); i++) {
		cl_gaps_add(&g, 3, gaps[i]);
		assert_true(cl_gaps_median(&g, 3, &median));
		assert_int_equal(median, medians[i]);
	}
	cl_gaps_free(&g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians_are_within_a_hundredth),
		cmocka_unit_test(medians_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/gaps.h"

#include <math.h>

#include "tests/unit/vectors.h"

#define CLIENTS 60u
#define GAPS	300u

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median of one client; whether it has one. */
static bool median_of(struct cl_gaps *g, uint32_t client, int64_t *ns)
{
	assert_true(cl_gaps_medians(g, &client, 1, ns));
	return *ns >= 0;
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
	assert_false(median_of(&g, 0, &median));
	for (unsigned i = 0; i < CLIENTS * GAPS / 3; i++) {
		uint32_t client = (uint32_t)(next_random(&seed) % CLIENTS);
		int64_t gap = (int64_t)(next_random(&seed) >> (1 + next_random(&seed) % 50));

		if (client % 7 == 0 || n[client] == GAPS || (client == 13 && n[client] == 1))
			continue;
		cl_gaps_add(&g, client * 1000, gap);
		kept[client][n[client]++] = gap;
	}
	for (uint32_t c = 0; c < CLIENTS; c++) {
		assert_int_equal(median_of(&g, c * 1000, &median), n[c] > 0);
		if (n[c] == 0)
			continue;
		qsort(kept[c], n[c], sizeof(int64_t), compare);
		int64_t exact = kept[c][(n[c] + 1) / 2 - 1];
		assert_true(fabs((double)median - (double)exact) <= 0.01 * (double)exact);
	}
	assert_false(median_of(&g, 1001, &median));
	assert_false(median_of(&g, UINT32_MAX, &median));
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
		assert_true(median_of(&g, 3, &median));
		assert_int_equal(median, medians[i]);
	}
	cl_gaps_free(&g);
}

/* Several clients in one search, in any order, one of them twice, one unknown. */
static void medians_of_many_at_once(void **state)
{
	static const uint32_t wanted[] = { 900, 5, 77777, 900, 64 };
	static const int64_t expected[] = { 20, 7, -1, 20, 90 };
	int64_t medians[COUNT(wanted)];
	struct cl_gaps g;

	(void)state;
	assert_true(cl_gaps_init(&g));
	for (int64_t i = 0; i < 40; i++) {
		cl_gaps_add(&g, 900, i + 1); /* 1 to 40 */
		cl_gaps_add(&g, 899, 120);
		cl_gaps_add(&g, 5, 7);
		cl_gaps_add(&g, 64, i % 2 == 0 ? 90 : 100);
	}
	assert_true(cl_gaps_medians(&g, wanted, COUNT(wanted), medians));
	assert_memory_equal(medians, expected, sizeof medians);
	cl_gaps_free(&g);
}

/* A full log makes equal gaps one entry: nothing is lost while there are few different ones. */
static void a_full_log_is_thinned(void **state)
{
	struct cl_gaps g;
	int64_t median;

	(void)state;
	assert_true(cl_gaps_init(&g));
	g.log.limit = 1000;
	for (unsigned i = 0; i < 90000; i++) /* each of 100 gaps 300 times a client */
		cl_gaps_add(&g, i % 3, (int64_t)(i % 100 + 10 * (i % 3)));
	assert_int_equal(g.refused, 0);
	assert_true(g.log.count <= 1000);
	for (uint32_t client = 0; client < 3; client++) {
		assert_true(median_of(&g, client, &median));
		assert_int_equal(median, 49 + 10 * client);
	}
	cl_gaps_free(&g);
}

/* The same within a budget that has neither room for more of the log nor for sorting a copy of it. */
static void a_spent_budget_thins_the_log(void **state)
{
	const uint32_t wanted[] = { 2, 0, 1, 900000 };
	int64_t medians[COUNT(wanted)];
	struct cl_budget b;
	struct cl_gaps g;

	(void)state;
	cl_budget_init(&b, (size_t)8 << 20); /* of which the log may have 3.5 MiB */
	assert_true(cl_gaps_init(&g));
	cl_gaps_limit(&g, &b);
	for (unsigned i = 0; i < 900000; i++)
		cl_gaps_add(&g, i % 3, (int64_t)(i % 100 + 10 * (i % 3)));
	assert_int_equal(g.refused, 0);
	assert_true(g.log.count <= ((size_t)2 << 20) / sizeof(uint64_t));
	while (g.log.count < g.log.committed) /* all of it is to be looked through */
		cl_gaps_add(&g, 1, 59);
	size_t used = b.used;
	assert_true(cl_gaps_medians(&g, wanted, COUNT(wanted), medians));
	assert_int_equal(medians[0], 69);
	assert_int_equal(medians[1], 49);
	assert_int_equal(medians[2], 59);
	assert_int_equal(medians[3], -1);
	assert_int_equal(b.used, used);
	cl_gaps_free(&g);
	assert_int_equal(b.used, 0);
}

/* Of gaps that are all different the clients with the fewest lose theirs, and know it. */
static void those_who_asked_least_lose_their_gaps(void **state)
{
	static int64_t busy[20000];
	uint64_t seed = 3, kept = 0;
	struct cl_gaps g;
	int64_t median;

	(void)state;
	assert_true(cl_gaps_init(&g));
	g.log.limit = 5000;
	for (uint32_t i = 0; i < COUNT(busy); i++) {
		busy[i] = (int64_t)(next_random(&seed) % 1000);
		cl_gaps_add(&g, 7, busy[i]);
		cl_gaps_add(&g, 100 + i, (int64_t)i);
	}
	assert_true(g.log.count <= 5000);
	qsort(busy, COUNT(busy), sizeof *busy, compare);
	assert_true(median_of(&g, 7, &median));
	int64_t exact = busy[COUNT(busy) / 2 - 1];
	assert_true(fabs((double)median - (double)exact) <= 0.01 * (double)exact);
	for (uint32_t i = 0; i < COUNT(busy); i++)
		if (median_of(&g, 100 + i, &median)) {
			assert_true(fabs((double)median - (double)i) <= 0.01 * (double)i);
			kept++;
		}
	assert_int_equal(kept + g.refused, COUNT(busy));
	assert_true(kept > 500);
	cl_gaps_free(&g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians_are_within_a_hundredth),
		cmocka_unit_test(medians_by_hand),
		cmocka_unit_test(medians_of_many_at_once),
		cmocka_unit_test(a_full_log_is_thinned),
		cmocka_unit_test(a_spent_budget_thins_the_log),
		cmocka_unit_test(those_who_asked_least_lose_their_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/hist.h"

#include <math.h>

#include "tests/unit/vectors.h"

#define SAMPLES 20000u

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double unit(uint64_t *seed)
{
	return (double)(next_random(seed) >> 11) / 9007199254740992.0;
}

/* Durations of several shapes, in nanoseconds. */
static int64_t sample(unsigned shape, uint64_t *seed)
{
	double u = unit(seed);

	switch (shape) {
	case 0: /* uniform to a second */
		return (int64_t)(u * 1e9);
	case 1: /* exponential around a millisecond */
		return (int64_t)(-log(1 - u) * 1e6);
	case 2: /* over all sizes */
		return (int64_t)exp(u * 43);
	case 3: /* all the same */
		return 123456789;
	case 4: /* two heaps */
		return u < 0.9 ? 50000 + (int64_t)(unit(seed) * 100) : 2000000000;
	case 5: /* tiny */
		return (int64_t)(u * 5);
	case 6: /* about the first bucket that holds two values */
		return 120 + (int64_t)(u * 20);
	default: /* up to the largest */
		return (int64_t)(next_random(seed) >> 1);
	}
}

static const struct {
	double q;
	uint64_t num, den;
} quantiles[] = { { 0.5, 1, 2 },	   { 0.9, 9, 10 }, { 0.99, 99, 100 }, { 0.999, 999, 1000 },
		  { 0.001, 1, 1000 },	   { 0.25, 1, 4 }, { 1.0, 1, 1 },     { 0.0001, 1, 10000 },
		  { 0.9999, 9999, 10000 }, { 0.75, 3, 4 } };

/* The ceil(q*n)-th smallest, by sorting. */
static void assert_quantiles(const struct cl_hist *h, int64_t *values, uint64_t n)
{
	qsort(values, n, sizeof(*values), compare);
	for (size_t i = 0; i < COUNT(quantiles); i++) {
		uint64_t rank = (quantiles[i].num * n + quantiles[i].den - 1) / quantiles[i].den;
		int64_t exact = values[rank - 1], got = cl_hist_quantile(h, quantiles[i].q);

		if (fabs((double)got - (double)exact) > 0.01 * (double)exact)
			fail_msg("n %ju, q %g: %jd, not %jd", (uintmax_t)n, quantiles[i].q, (intmax_t)got,
				 (intmax_t)exact);
		assert_true(got >= values[0] && got <= values[n - 1]);
	}
	assert_int_equal(h->min, values[0]);
	assert_int_equal(h->max, values[n - 1]);
	assert_int_equal(h->n, n);
}

static void quantiles_are_within_a_hundredth(void **state)
{
	static int64_t values[SAMPLES];
	uint64_t seed = 1;

	(void)state;
	for (unsigned shape = 0; shape < 8; shape++)
		for (uint64_t n = 1; n <= SAMPLES; n = n < 40 ? n + 1 : n * 5) {
			struct cl_hist h = { .n = 0 };
			uint64_t sum = 0;

			for (uint64_t i = 0; i < n; i++) {
				values[i] = sample(shape, &seed);
				sum = sum + (uint64_t)values[i] < sum ? UINT64_MAX
								      : sum + (uint64_t)values[i];
				assert_true(cl_hist_add(&h, values[i]));
				if (sum == UINT64_MAX)
					assert_true(h.sum == UINT64_MAX);
			}
			if (shape != 7)
				assert_true(h.sum == sum);
			assert_quantiles(&h, values, n);
			cl_hist_free(&h);
		}
}

/* Ranks at which q*n is whole: the rank is that number, not the next. */
static void whole_ranks_are_not_rounded_up(void **state)
{
	(void)state;
	for (uint64_t n = 10; n <= 1000; n += 10) {
		struct cl_hist h = { .n = 0 };

		for (uint64_t i = 0; i < n; i++) /* the lower nine tenths are 1, the rest 100 */
			cl_hist_add(&h, i < n / 10 * 9 ? 1 : 100);
		assert_int_equal(cl_hist_quantile(&h, 0.9), 1);
		cl_hist_free(&h);
	}
}

/* A few samples by hand: the ceil(q*n)-th smallest. */
static void ranks_by_hand(void **state)
{
	static const int64_t values[] = { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 };
	struct cl_hist h = { .n = 0 };

	(void)state;
	assert_int_equal(cl_hist_quantile(&h, 0.5), 0);
	for (size_t i = 10; i > 0; i--)
		cl_hist_add(&h, values[i - 1]);
	assert_int_equal(cl_hist_quantile(&h, 0.5), 50);
	assert_int_equal(cl_hist_quantile(&h, 0.51), 60);
	assert_int_equal(cl_hist_quantile(&h, 0.1), 10);
	assert_int_equal(cl_hist_quantile(&h, 0.11), 20);
	assert_int_equal(cl_hist_quantile(&h, 0.9), 90);
	assert_int_equal(cl_hist_quantile(&h, 0.99), 100);
	assert_int_equal(h.sum, 550);
	cl_hist_free(&h);
}

/* Buckets follow each other without a gap, and none is wider than 1/64 of where it begins. */
static void buckets_tile_the_line(void **state)
{
	(void)state;
	for (uint32_t b = 0; b + 1 < CL_HIST_BUCKETS; b++) {
		int64_t floor = cl_hist_floor(b), next = cl_hist_floor(b + 1);

		if (next <= floor) /* what no duration reaches */
			break;
		assert_int_equal(cl_hist_bucket(floor), b);
		assert_int_equal(cl_hist_bucket(next - 1), b);
		assert_true(next - floor <= (floor < 128 ? 1 : floor / 64));
	}
	assert_int_equal(cl_hist_bucket(-1), 0);
	assert_int_equal(cl_hist_bucket(INT64_MIN), 0);
	assert_true(cl_hist_bucket(INT64_MAX) < CL_HIST_BUCKETS);
	assert_true(cl_hist_floor(CL_HIST_BUCKETS) > cl_hist_floor(CL_HIST_BUCKETS - 1));
}

static void the_longest_durations(void **state)
{
	struct cl_hist h = { .n = 0 };

	(void)state;
	for (int64_t i = 0; i < 5; i++)
		cl_hist_add(&h, INT64_MAX - i);
	assert_true(cl_hist_quantile(&h, 0.5) >= INT64_MAX - 4);
	cl_hist_free(&h);
}

static void assert_same(const struct cl_hist *a, const struct cl_hist *b)
{
	assert_int_equal(a->n, b->n);
	assert_true(a->sum == b->sum);
	assert_int_equal(a->min, b->min);
	assert_int_equal(a->max, b->max);
	for (uint32_t i = 0; i < CL_HIST_BUCKETS; i++) {
		uint64_t in_a = i >= a->lo && i < a->hi ? a->bucket[i - a->lo] : 0;
		uint64_t in_b = i >= b->lo && i < b->hi ? b->bucket[i - b->lo] : 0;

		assert_int_equal(in_a, in_b);
	}
}

static void merging_equals_adding(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct cl_hist all = { .n = 0 }, part[3] = { { .n = 0 }, { .n = 0 }, { .n = 0 } },
			       sum = { .n = 0 };

		for (unsigned p = 0; p < 3; p++)
			for (uint64_t i = next_random(&seed) % 50; i > 0; i--) {
				int64_t v = sample((round + p) % 7, &seed);

				cl_hist_add(&all, v);
				cl_hist_add(&part[p], v);
			}
		for (unsigned p = 0; p < 3; p++)
			assert_true(cl_hist_merge(&sum, &part[p]));
		assert_same(&sum, &all);
		cl_hist_clear(&sum);
		assert_int_equal(cl_hist_quantile(&sum, 0.5), 0);
		cl_hist_merge(&sum, &all);
		assert_same(&sum, &all);
		for (unsigned p = 0; p < 3; p++)
			cl_hist_free(&part[p]);
		cl_hist_free(&all);
		cl_hist_free(&sum);
		assert_null(sum.bucket);
	}
}

/* A stored histogram read back answers as the first one. */
static void loading_equals_adding(void **state)
{
	struct cl_hist h = { .n = 0 }, back = { .n = 0 };
	uint64_t seed = 3;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		cl_hist_add(&h, sample(2, &seed));
	for (uint32_t b = h.hi; b > h.lo; b--)
		if (h.bucket[b - 1 - h.lo] != 0)
			assert_true(cl_hist_load(&back, b - 1, h.bucket[b - 1 - h.lo]));
	back.n = h.n;
	back.sum = h.sum;
	back.min = h.min;
	back.max = h.max;
	assert_same(&back, &h);
	assert_true(cl_hist_load(&back, UINT32_MAX, 1)); /* a damaged store: still within the table */
	cl_hist_free(&h);
	cl_hist_free(&back);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_within_a_hundredth),
		cmocka_unit_test(whole_ranks_are_not_rounded_up),
		cmocka_unit_test(ranks_by_hand),
		cmocka_unit_test(buckets_tile_the_line),
		cmocka_unit_test(the_longest_durations),
		cmocka_unit_test(merging_equals_adding),
		cmocka_unit_test(loading_equals_adding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

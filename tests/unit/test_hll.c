/* SPDX-License-Identifier: BSD-2-Clause */
/* The sketch of DNS Magnitude: hashes and stored forms that were published, unions, and how far it may err.
 */
#include "stats/table/hll.h"
#include "test_cmocka.h"

static struct cl_addr addr(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

static void add(struct cl_hll *h, const char *text)
{
	struct cl_addr a = addr(text);

	assert_true(cl_hll_add(h, cl_hll_client(&a)));
}

static void published_vectors(void **state)
{
	static const uint8_t one[] = { 0x13, 0x8e, 0x40, 0xcc, 0x48, 0x60 },
			     both[] = { 0x13, 0x8e, 0x40, 0xcc, 0x48, 0x7b, 0x36, 0x8c };
	struct cl_addr v4 = addr("192.0.2.1"), v6 = addr("2001:503:ba3e::2:30");
	struct cl_hll h = { .list = NULL };
	static uint8_t out[CL_HLL_OCTETS];

	(void)state;
	assert_true(cl_hll_client(&v4) == 0xb15ce949ae6f3312);
	assert_true(cl_hll_client(&v6) == 0x1a8286592f9f366d);
	add(&h, "192.0.2.1");
	add(&h, "192.0.2.255"); /* the same network */
	assert_int_equal(cl_hll_put(&h, out), sizeof one);
	assert_memory_equal(out, one, sizeof one);
	add(&h, "2001:503:ba3e:ffff::1");
	assert_int_equal(cl_hll_put(&h, out), sizeof both);
	assert_memory_equal(out, both, sizeof both);
	assert_int_equal(cl_hll_estimate(&h), 2);
	cl_hll_free(&h);
}

/* Clients k, k + step, ... of 10.0.0.0/8's networks. */
static void fill(struct cl_hll *h, uint32_t from, uint32_t to, uint32_t step)
{
	for (uint32_t i = from; i < to; i += step) {
		struct cl_addr a = addr("0.0.0.0");

		a.b[12] = (uint8_t)(i >> 16);
		a.b[13] = (uint8_t)(i >> 8);
		a.b[14] = (uint8_t)i;
		assert_true(cl_hll_add(h, cl_hll_client(&a)));
	}
}

static void estimates_and_unions(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 10, 900, 1500, 9000, 20000, 300000 };
	static uint8_t a[CL_HLL_OCTETS], b[CL_HLL_OCTETS];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct cl_hll whole = { .list = NULL }, even = { .list = NULL }, odd = { .list = NULL };
		struct cl_hll loaded = { .list = NULL };
		double n = sizes[i];

		fill(&whole, 0, sizes[i], 1);
		fill(&even, 0, sizes[i], 2);
		fill(&odd, 1, sizes[i], 2);
		assert_true((double)cl_hll_estimate(&whole) >= n * 0.968 - 0.5); /* four standard errors */
		assert_true((double)cl_hll_estimate(&whole) <= n * 1.032 + 0.5);
		assert_true(cl_hll_unite(&even, &odd));
		size_t octets = cl_hll_put(&whole, a);
		assert_int_equal(cl_hll_put(&even, b), octets);
		assert_memory_equal(a, b, octets);
		assert_true(cl_hll_take(&loaded, a, octets));
		assert_int_equal(cl_hll_put(&loaded, b), octets);
		assert_memory_equal(a, b, octets);
		cl_hll_free(&whole);
		cl_hll_free(&even);
		cl_hll_free(&odd);
		cl_hll_free(&loaded);
	}
}

static void what_is_none(void **state)
{
	static const uint8_t wrong[][4] = {
		{ 0x12, 0x8e, 0x40 }, { 0x13, 0x8d, 0x40 }, { 0x14, 0x8e, 0x40 }, { 0x13, 0x8e, 0x00 }
	};
	struct cl_hll h = { .list = NULL };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(cl_hll_take(&h, wrong[i], 4));
	assert_false(cl_hll_take(&h, wrong[0], 2));
	cl_hll_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(estimates_and_unions),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

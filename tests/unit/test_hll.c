/* SPDX-License-Identifier: BSD-2-Clause */
/* The sketch of DNS Magnitude: hashes and stored forms that were published, unions, and how far it may err.
 * The smaller one, of the windows of several sensors: the same, and its own stored form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/store/windowunion.h"
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

/* The smaller sketch ------------------------------------------------------------- */

#define BITS   10u
#define PACKED CL_HLL_PACKED
#define SMALL()                                                                                              \
	{                                                                                                    \
		.bits = BITS, .fine = 16                                                                     \
	}

static uint64_t any(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* Clients `from` to `to` of a set: addresses of both families. */
static void add_clients(struct cl_hll *h, uint32_t set, uint32_t from, uint32_t to)
{
	struct cl_addr v4 = addr("10.0.0.0"), v6 = addr("2001:db8::");

	for (uint32_t i = from; i < to; i++) {
		struct cl_addr *a = i % 3 != 0 ? &v4 : &v6;

		for (unsigned k = 0; k < 3; k++)
			a->b[13 + k] = (uint8_t)(i >> (16 - 8 * k));
		v6.b[8] = (uint8_t)set;
		v6.b[9] = (uint8_t)(set >> 8);
		v4.b[12] = (uint8_t)(11 + set);
		assert_true(cl_hll_add(h, cl_hll_address(a)));
	}
}

static void same_registers(const struct cl_hll *a, const struct cl_hll *b)
{
	static uint8_t x[PACKED], y[PACKED];
	size_t n = cl_hll_pack(a, x);

	assert_int_equal(cl_hll_pack(b, y), n);
	assert_memory_equal(x, y, n);
}

static void unite(struct cl_hll *h, const struct cl_hll *with)
{
	assert_true(cl_hll_unite(h, with));
}

static void unions_in_any_order(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 5, 60, 65, 200, 3000 };
	const size_t n = sizeof sizes / sizeof *sizes;

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		struct cl_hll a = SMALL(), b = SMALL(), c = SMALL(), left = SMALL(), right = SMALL(),
			      whole = SMALL();
		uint32_t x = sizes[i % n], y = sizes[i / n % n], z = sizes[i / n / n];

		add_clients(&a, 0, 0, x); /* the second has half of the first */
		add_clients(&b, 0, x / 2, x / 2 + y);
		add_clients(&c, 1, 0, z);
		add_clients(&whole, 1, 0, z);
		add_clients(&whole, 0, 0, x > x / 2 + y ? x : x / 2 + y);
		unite(&left, &a);
		unite(&left, &b);
		unite(&left, &c);
		unite(&right, &c);
		unite(&right, &b);
		unite(&right, &a);
		same_registers(&left, &right); /* (a b) c = c (b a) */
		same_registers(&left, &whole);
		unite(&b, &c);
		unite(&a, &b);
		same_registers(&left, &a); /* a (b c) */
		unite(&a, &a);
		unite(&a, &b);
		same_registers(&left, &a); /* once more changes nothing */
		cl_hll_clear(&a);
		assert_true(cl_hll_is_empty(&a));
		assert_int_equal(cl_hll_estimate(&a), 0);
		unite(&a, &whole);
		same_registers(&left, &a);
		cl_hll_free(&a);
		cl_hll_free(&b);
		cl_hll_free(&c);
		cl_hll_free(&left);
		cl_hll_free(&right);
		cl_hll_free(&whole);
	}
}

/* Within four standard errors each, and right in the mean. */
static void errors_of_many_sets(void **state)
{
	static const uint32_t sizes[] = { 1, 3, 20, 64, 150, 700, 2500, 9000, 40000 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const uint32_t sets = sizes[i] < 1000 ? 100 : 20;
		double n = sizes[i], sum = 0,
		       most = n > 64   ? 4 * CL_WINDOW_ERROR * n
			      : n > 20 ? 2
				       : 1; /* of a list: who share a register */

		for (uint32_t set = 0; set < sets; set++) {
			struct cl_hll h = SMALL();

			add_clients(&h, set, 0, sizes[i]);
			double estimate = (double)cl_hll_estimate(&h);
			if (fabs(estimate - n) > most)
				fail_msg("%g of %g", estimate, n);
			sum += estimate;
			cl_hll_free(&h);
		}
		assert_true(fabs(sum / sets - n) <= 4 * CL_WINDOW_ERROR * n / sqrt(sets) + 0.5);
	}
}

static void round_trip(const struct cl_hll *h)
{
	static uint8_t packed[PACKED];
	struct cl_hll back = SMALL();
	size_t n = cl_hll_pack(h, packed);

	assert_true(n <= PACKED);
	/* exactly so many octets: a sanitizer sees who reads behind them */
	uint8_t *copy = malloc(n);
	assert_non_null(copy);
	memcpy(copy, packed, n);
	assert_true(cl_hll_unpack(&back, copy, n));
	same_registers(h, &back);
	assert_int_equal(cl_hll_estimate(h), cl_hll_estimate(&back));
	free(copy);
	cl_hll_free(&back);
}

static void packed_and_back(void **state)
{
	static uint8_t packed[PACKED];
	uint64_t random = 88172645463325252u;

	(void)state;
	for (uint32_t n = 0; n < 20000; n += 1 + n / 7) {
		struct cl_hll h = SMALL();

		add_clients(&h, n, 0, n);
		round_trip(&h);
		assert_true(cl_hll_pack(&h, packed) <= 4 + 2 * n && cl_hll_pack(&h, packed) <= 400);
		cl_hll_free(&h);
	}
	for (unsigned i = 0; i < 2000; i++) { /* values that no set of clients has */
		struct cl_hll h = SMALL();
		uint32_t most = (uint32_t)(any(&random) % 31) + 1, of = (uint32_t)(any(&random) % 5) + 1;

		for (uint32_t reg = 0; reg < 1u << BITS; reg++)
			if (any(&random) % of == 0)
				assert_true(cl_hll_set(&h, reg, (uint32_t)(any(&random) % most) + 1));
		round_trip(&h);
		cl_hll_free(&h);
	}
}

/* Forged octets are refused, or are a sketch; those of a sketch that were cut or go on are refused. */
static void forged(void **state)
{
	static uint8_t packed[PACKED + 2];
	static const uint32_t sizes[] = { 3, 5000 };
	uint64_t random = 1234567;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		size_t n = (size_t)(any(&random) % (i % 10 == 0 ? PACKED : 40));
		uint8_t *octets = malloc(n + 1);
		struct cl_hll h = SMALL();

		assert_non_null(octets);
		for (size_t k = 0; k < n; k++)
			octets[k] = (uint8_t)any(&random);
		if (n > 0 && i % 2 == 0)
			octets[0] = (uint8_t)(octets[0] % 17 + i % 3 * 32);
		taken += cl_hll_unpack(&h, octets, n);
		assert_true(cl_hll_estimate(&h) <= (uint64_t)1e18);
		free(octets);
		cl_hll_free(&h);
	}
	assert_in_range(taken, 1, 19999);
	for (size_t i = 0; i < 2; i++) {
		struct cl_hll h = SMALL(), back = SMALL();

		add_clients(&h, 0, 0, sizes[i]);
		size_t n = cl_hll_pack(&h, packed);
		packed[n] = 0xff;
		assert_false(cl_hll_unpack(&back, packed, n + 1));
		assert_false(cl_hll_unpack(&back, packed, 0));
		if (i == 1) /* what is cut from a list may leave one */
			assert_false(cl_hll_unpack(&back, packed, n - 1));
		cl_hll_free(&h);
		cl_hll_free(&back);
	}
	struct cl_hll full = SMALL(), other = { .bits = BITS + 1 };
	for (uint32_t reg = 0; reg < 1u << BITS; reg++)
		assert_true(cl_hll_set(&full, reg, 31));
	assert_int_equal(cl_hll_estimate(&full), (uint64_t)1e18);
	assert_false(cl_hll_unite(&other, &full));
	cl_hll_free(&full);
	cl_hll_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(estimates_and_unions),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(unions_in_any_order),
		cmocka_unit_test(errors_of_many_sets),
		cmocka_unit_test(packed_and_back),
		cmocka_unit_test(forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

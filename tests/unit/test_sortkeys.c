/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/sortkeys.h"

#include "tests/unit/vectors.h"

static struct cl_addr sorted_addr(const struct cl_sort_key *k)
{
	struct cl_addr a;

	for (unsigned i = 0; i < 8; i++) {
		a.b[i] = (uint8_t)(k->hi >> (56 - 8 * i));
		a.b[8 + i] = (uint8_t)(k->lo >> (56 - 8 * i));
	}
	return a;
}

/* By service, then octets; equal ones as they came. */
static int compare(const void *a, const void *b)
{
	const struct cl_sort_key *x = a, *y = b;
	struct cl_addr ax = sorted_addr(x), ay = sorted_addr(y);
	int c = (x->service > y->service) - (x->service < y->service);

	if (c == 0)
		c = memcmp(ax.b, ay.b, 16);
	return c != 0 ? c : (x->ref > y->ref) - (x->ref < y->ref);
}

/* Addresses that often share their network, in all the kinds that are counted. */
static struct cl_addr random_addr(uint64_t *seed)
{
	struct cl_addr a = { { 0 } };
	uint64_t r = next_random(seed);

	switch (r % 6) {
	case 0: { /* IPv4 in few networks */
		uint8_t octets[4] = { 192, 0, (uint8_t)(r >> 8 & 3), (uint8_t)(r >> 16 & 15) };
		return cl_addr_from_v4(octets);
	}
	case 1: /* ::/64, where mapped IPv4 lies too */
		a.b[15] = (uint8_t)(r >> 8 & 7);
		a.b[8] = (uint8_t)(r >> 16 & 1);
		return a;
	case 2: /* beside ::ffff:0:0/96 */
		a.b[10] = 0xff;
		a.b[11] = (uint8_t)(0xfe | (r >> 8 & 1));
		a.b[9] = (uint8_t)(r >> 9 & 1);
		a.b[15] = (uint8_t)(r >> 16 & 3);
		return a;
	case 3: /* ::/48, other subnets */
		a.b[7] = (uint8_t)(r >> 8 & 3);
		a.b[15] = (uint8_t)(r >> 16 & 3);
		return a;
	default: /* 2001:db8:0-3:0-3::0-3 */
		a.b[0] = 0x20;
		a.b[1] = 0x01;
		a.b[5] = (uint8_t)(r >> 8 & 3);
		a.b[7] = (uint8_t)(r >> 16 & 3);
		a.b[15] = (uint8_t)(r >> 24 & 3);
		return a;
	}
}

static void sorts_as_qsort_does(void **state)
{
	static struct cl_sort_key keys[5000], expected[5000];
	uint64_t seed = 1;

	(void)state;
	for (size_t n = 0; n <= 5000; n = n < 20 ? n + 1 : n * 3) {
		for (size_t i = 0; i < n; i++) {
			struct cl_addr a = random_addr(&seed);

			if (n % 2 == 0 && i % 3 == 0)
				for (unsigned o = 0; o < 16; o++)
					a.b[o] = (uint8_t)next_random(&seed);
			keys[i] = cl_sort_key_of(&a, (uint32_t)(next_random(&seed) >> (i % 4 == 0 ? 32 : 62)),
						 (uint32_t)i);
			struct cl_addr back = sorted_addr(&keys[i]);
			assert_memory_equal(back.b, a.b, 16);
		}
		memcpy(expected, keys, n * sizeof(*keys));
		qsort(expected, n, sizeof(*keys), compare);
		assert_true(cl_sort_keys(keys, n));
		assert_memory_equal(keys, expected, n * sizeof(*keys));
	}
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a >> 20, y = *(const uint64_t *)b >> 20;

	return (x > y) - (x < y);
}

/* By the bits from 20 up; equal ones as they came, which their low bits tell, if there is room for that. */
static void numbers_sort_by_their_high_bits(void **state)
{
	static uint64_t v[3000], expected[3000], tight[3000];
	struct cl_budget spent = { .limit = 1 };
	uint64_t seed = 5;

	(void)state;
	for (size_t n = 0; n <= 3000; n = n < 60 ? n + 1 : n * 3)
		for (unsigned width = 1; width <= 44; width += 7) {
			for (size_t i = 0; i < n; i++)
				v[i] = tight[i] = expected[i] = next_random(&seed) >> (64 - width) << 20 | i;
			cl_sort_u64(v, n, 20, NULL);
			cl_sort_u64(tight, n, 20, &spent);
			qsort(expected, n, sizeof *expected, compare_u64);
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(v[i] >> 20, expected[i] >> 20);
				assert_int_equal(tight[i] >> 20, expected[i] >> 20);
				if (i > 0 && v[i] >> 20 == v[i - 1] >> 20)
					assert_true(v[i] > v[i - 1]);
			}
		}
}

/* Different addresses of a family cut to `bits`, pair by pair. */
static uint64_t count_networks(const struct cl_addr *a, size_t n, bool v4, uint8_t bits)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++) {
		bool first = cl_addr_is_v4(&a[i]) == v4;

		for (size_t j = 0; first && j < i; j++) {
			struct cl_prefix x = cl_prefix_of(&a[i], bits), y = cl_prefix_of(&a[j], bits);

			first = cl_addr_is_v4(&a[j]) != v4 || memcmp(x.addr.b, y.addr.b, 16) != 0;
		}
		count += first;
	}
	return count;
}

static void expect_networks(const struct cl_unique *u, const struct cl_addr *a, size_t n)
{
	assert_int_equal(u->ipv4, count_networks(a, n, true, 32));
	assert_int_equal(u->v4_24, count_networks(a, n, true, 24));
	assert_int_equal(u->ipv6, count_networks(a, n, false, 128));
	assert_int_equal(u->v6_64, count_networks(a, n, false, 64));
	assert_int_equal(u->v6_48, count_networks(a, n, false, 48));
}

/* The same by family, each address once, as the end of a day counts them. */
static void count_by_family(struct cl_unique *u, const struct cl_sort_key *keys, size_t n)
{
	uint64_t v4[60], hi[60];
	size_t n4 = 0, n6 = 0;

	for (size_t i = 0; i < n; i++) {
		struct cl_addr a = sorted_addr(&keys[i]);

		if (i > 0 && keys[i].hi == keys[i - 1].hi && keys[i].lo == keys[i - 1].lo)
			continue;
		if (cl_addr_is_v4(&a))
			v4[n4++] = keys[i].lo << 32;
		else
			hi[n6++] = keys[i].hi;
	}
	cl_unique_v4(u, v4, n4);
	cl_unique_v6(u, hi, n6);
}

static void networks_are_counted_once(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct cl_addr a[60];
		struct cl_sort_key keys[60];
		struct cl_unique u = { .ipv4 = 0 };
		size_t n = next_random(&seed) % (round % 8 == 0 ? 60 : 6);

		for (size_t i = 0; i < n; i++) {
			a[i] = random_addr(&seed);
			keys[i] = cl_sort_key_of(&a[i], 6, 0);
		}
		assert_true(cl_sort_keys(keys, n));
		for (size_t i = 0; i < n; i++)
			cl_unique_add(&u, &keys[i], i == 0 ? NULL : &keys[i - 1]);
		expect_networks(&u, a, n);
		u = (struct cl_unique){ .ipv4 = 0 };
		count_by_family(&u, keys, n);
		expect_networks(&u, a, n);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_as_qsort_does),
		cmocka_unit_test(numbers_sort_by_their_high_bits),
		cmocka_unit_test(networks_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

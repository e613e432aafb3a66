/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/sortkeys.h"

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
		assert_int_equal(u.ipv4, count_networks(a, n, true, 32));
		assert_int_equal(u.v4_24, count_networks(a, n, true, 24));
		assert_int_equal(u.ipv6, count_networks(a, n, false, 128));
		assert_int_equal(u.v6_64, count_networks(a, n, false, 64));
		assert_int_equal(u.v6_48, count_networks(a, n, false, 48));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_as_qsort_does),
		cmocka_unit_test(networks_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/addrset.h"

#include <stdlib.h>

#include "dissect/hash.h"
#include "tests/unit/test_cmocka.h"

#define SEED 0x5eedu

/* The i-th of a row of addresses that differ: IPv4, IPv6 of one network and of many, and odd ones. */
static struct cl_addr addr_at(uint32_t i)
{
	static const struct cl_addr odd[] = {
		{ { 0 } },			       /* :: */
		{ { [10] = 0xff, [11] = 0xff } },      /* 0.0.0.0 */
		{ { [15] = 1 } },		       /* ::1 */
		{ { [12] = 192, 0, 2, 1 } },	       /* ::192.0.2.1 is no IPv4 address here */
		{ { [0] = 0xff, [11] = 0xff, 1, 2 } }, /* nor is this */
	};
	const uint8_t v4[4] = { (uint8_t)(10 + i % 7), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };

	if (i < sizeof odd / sizeof *odd)
		return odd[i];
	if (i % 3 == 0)
		return cl_addr_from_v4(v4);
	a.b[4] = i % 3 == 1 ? (uint8_t)(i >> 8) : 0;
	memcpy(a.b + 12, &i, sizeof i);
	return a;
}

static uint8_t *get(struct cl_addrset *s, const struct cl_addr *a)
{
	struct cl_addrset_key k = cl_addrset_key(a, cl_addr_hash(a, SEED));

	cl_addrset_prefetch(s, &k);
	return cl_addrset_get(s, &k);
}

/* In any order and however often they come, each has the marks that it was given and no others. */
static void has_what_it_was_given(void **state)
{
	const uint32_t n = 60000;
	uint8_t *given = calloc(n, 1);
	struct cl_addrset s;
	uint64_t count = 0;

	(void)state;
	assert_non_null(given);
	assert_true(cl_addrset_init(&s, SEED, NULL));
	for (uint32_t step = 0; step < 5 * n; step++) {
		uint64_t random = cl_hash(&step, sizeof step, 1);
		/* few at first, so that many come again while the set is small */
		uint32_t most = step / 5 + 10, i = (uint32_t)(random >> 8) % (most < n ? most : n);
		struct cl_addr a = addr_at(i);
		uint8_t *marks = get(&s, &a);

		assert_non_null(marks);
		assert_int_equal(*marks, given[i]);
		count += given[i] == 0;
		given[i] |= (uint8_t)(1u << random % 8);
		*marks = given[i];
	}
	assert_int_equal(cl_addrset_count(&s), count);
	for (uint32_t i = 0; i < n; i++)
		if (given[i] != 0) {
			struct cl_addr a = addr_at(i);

			assert_int_equal(*get(&s, &a), given[i]);
		}
	cl_addrset_free(&s);
	free(given);
}

/* Many that belong to the last two lines of each table of up to 64 lines, of IPv4 or not: they go round. */
static void crowds_at_the_end(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct cl_addr crowd[400];
		uint32_t n = 0;
		struct cl_addrset s;

		for (uint32_t i = 100; n < 400; i++) {
			struct cl_addr a = addr_at(i);

			if ((i % 3 != 0) == (v6 != 0) && (cl_addr_hash(&a, SEED) >> 32 & 63) >= 62)
				crowd[n++] = a;
		}
		assert_true(cl_addrset_init(&s, SEED, NULL));
		for (uint32_t k = 0; k < n; k++) {
			uint8_t *marks = get(&s, &crowd[k]);

			assert_int_equal(*marks, 0);
			*marks = (uint8_t)(k % 255 + 1);
			for (uint32_t known = 0; known <= k; known++)
				assert_int_equal(*get(&s, &crowd[known]), known % 255 + 1);
		}
		assert_int_equal(cl_addrset_count(&s), n);
		cl_addrset_free(&s);
	}
}

/* Where memory ends nobody new is taken, of either family, and who is there is found. */
static void ends_with_its_budget(void **state)
{
	struct cl_budget budget;
	struct cl_addrset s;
	uint32_t n = 6, refused;

	(void)state;
	cl_budget_init(&budget, 64 << 20);
	budget.limit = 4 << 20; /* two huge pages: one for each family */
	memset(budget.kept, 0, sizeof budget.kept);
	assert_true(cl_addrset_init(&s, SEED, &budget));
	for (;; n++) {
		struct cl_addr a = addr_at(n);
		uint8_t *marks = get(&s, &a);

		if (marks == NULL)
			break;
		*marks = 1;
	}
	assert_true(budget.used == 4 << 20);
	assert_true(n > 60000); /* two of three of 32 octets each in 2 MiB */
	for (refused = n; refused < n + 1000; refused++) {
		struct cl_addr a = addr_at(refused);

		assert_null(get(&s, &a));
	}
	assert_int_equal(cl_addrset_count(&s), n - 6);
	for (uint32_t i = 6; i < n; i += 7) {
		struct cl_addr a = addr_at(i);

		assert_int_equal(*get(&s, &a), 1);
	}
	cl_addrset_free(&s);
	assert_true(budget.used == 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_what_it_was_given),
		cmocka_unit_test(crowds_at_the_end),
		cmocka_unit_test(ends_with_its_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

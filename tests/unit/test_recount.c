/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/recount.h"

#include "tests/unit/vectors.h"

#define ADDRESSES 20000u
#define SERVICES  3u

/* Address i: every third is IPv4; in few networks. */
static struct cl_addr address(uint32_t i)
{
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0, (uint8_t)(i >> 12), (uint8_t)(i >> 8) } };
	const uint8_t v4[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

	a.b[14] = (uint8_t)(i >> 8);
	a.b[15] = (uint8_t)i;
	return i % 3 == 0 ? cl_addr_from_v4(v4) : a;
}

/* Address i has i % 7 + 1 requests of each service s that divides it, in as many rows. */
static void feed(struct cl_recount *r, uint32_t s)
{
	for (uint32_t k = 0; k < 7; k++)
		for (uint32_t i = 0; i < ADDRESSES; i++) {
			const struct cl_recounted row = { address(i), 1, 1000 + k + s, 2000 + k + s };

			if (i % (s + 1) == 0 && k <= i % 7)
				cl_recount_add(r, &row, 1u << (s == 0 ? CL_SCOPE_NTP : CL_SCOPE_DNS));
		}
}

static uint64_t count_v4(uint32_t divisor, uint32_t other)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < ADDRESSES; i++)
		n += i % 3 == 0 && (i % divisor == 0 || i % other == 0);
	return n;
}

static uint64_t count_all(uint32_t divisor, uint32_t other)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < ADDRESSES; i++)
		n += i % divisor == 0 || i % other == 0;
	return n;
}

static void counts_past_its_first_room(void **state)
{
	struct cl_recount *r = cl_recount_new(7);

	(void)state;
	assert_non_null(r);
	for (uint32_t s = 0; s < SERVICES; s++) {
		cl_recount_begin(r);
		feed(r, s);
		struct cl_unique u = cl_recount_service(r);
		assert_int_equal(u.ipv4, count_v4(s + 1, s + 1));
		assert_int_equal(u.ipv4 + u.ipv6, count_all(s + 1, s + 1));
	}
	struct cl_unique dns = cl_recount_scope(r, CL_SCOPE_DNS);
	assert_int_equal(dns.ipv4, count_v4(2, 3));
	assert_int_equal(dns.ipv4 + dns.ipv6, count_all(2, 3));
	assert_int_equal(cl_recount_addresses(r), ADDRESSES);
	assert_false(cl_recount_failed(r));
	cl_recount_free(r);
}

static void names_those_that_ask_most(void **state)
{
	static struct cl_recounted all[ADDRESSES + 1], few[10];
	struct cl_recount *r = cl_recount_new(7);
	uint64_t sum = 0, requests = 0;

	(void)state;
	assert_non_null(r);
	for (uint32_t s = 0; s < SERVICES; s++) {
		cl_recount_begin(r);
		feed(r, s);
	}
	assert_int_equal(cl_recount_top(r, all, ADDRESSES + 1), ADDRESSES);
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		sum += (uint64_t)(i % 7 + 1) * (1u + (i % 2 == 0) + (i % 3 == 0));
		requests += all[i].requests;
		if (i > 0 && all[i].requests == all[i - 1].requests)
			assert_true(cl_addr_cmp(&all[i - 1].addr, &all[i].addr) < 0);
		else if (i > 0)
			assert_true(all[i].requests < all[i - 1].requests);
	}
	assert_int_equal(requests, sum);
	assert_int_equal(cl_recount_top(r, few, 10), 10);
	assert_memory_equal(few, all, sizeof few);
	assert_int_equal(few[0].requests, 21); /* 7 of each service */
	assert_int_equal(few[0].first_ns, 1000);
	assert_int_equal(few[0].last_ns, 2008);
	assert_int_equal(cl_recount_top(r, few, 0), 0);
	cl_recount_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_past_its_first_room),
		cmocka_unit_test(names_those_that_ask_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/clients.h"

#include "tests/unit/vectors.h"

#define CLIENTS 200000u

/* The i-th address: IPv4 and IPv6 in turn, each once. */
static struct cl_addr addr_of(uint32_t i)
{
	uint8_t octets[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
	struct cl_addr a = cl_addr_from_v4(octets);

	if (i % 2 == 0)
		memcpy(a.b, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0", 12);
	return a;
}

static void add_all(struct cl_clients *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct cl_addr a = addr_of(i);
		struct cl_client *client = cl_clients_get(c, &a, cl_clients_hash(c, &a), 6 + i % 3);

		assert_non_null(client);
		assert_int_equal(cl_client_number(c, client), i);
		assert_int_equal(client->seen.requests, 0);
		client->seen.requests = i;
	}
}

static void finds_each_of_200000(void **state)
{
	struct cl_clients c;

	(void)state;
	assert_true(cl_clients_init(&c, 99));
	add_all(&c, CLIENTS);
	for (uint32_t i = 0; i < CLIENTS + 1000; i++) {
		struct cl_addr a = addr_of(i);
		uint64_t hash = cl_clients_hash(&c, &a);

		assert_int_equal(cl_clients_find(&c, &a, hash), i < CLIENTS ? i : CL_INDEX_NONE);
		if (i >= CLIENTS)
			continue;
		struct cl_client *client = cl_clients_get(&c, &a, hash, 1234); /* it keeps its service */
		assert_int_equal(client->seen.requests, i);
		assert_int_equal(client->seen.service, 6 + i % 3);
		assert_memory_equal(client->addr.b, a.b, 16);
	}
	assert_int_equal(c.records.count, CLIENTS);
	assert_int_equal(c.refused, 0);
	cl_clients_free(&c);
}

/* Different addresses with one hash stay apart. */
static void equal_hashes_are_no_equal_clients(void **state)
{
	struct cl_clients c;

	(void)state;
	assert_true(cl_clients_init(&c, 1));
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 500; i++) {
			struct cl_addr a = addr_of(i);
			struct cl_client *client = cl_clients_get(&c, &a, UINT64_MAX - i % 2, 6);

			assert_int_equal(cl_client_number(&c, client), i);
		}
	assert_int_equal(c.records.count, 500);
	cl_clients_free(&c);
}

static void splitting_moves_what_belongs_to_the_service(void **state)
{
	struct cl_clients c;

	(void)state;
	assert_true(cl_clients_init(&c, 1));
	add_all(&c, 100);
	for (uint32_t i = 0; i < 100; i++) {
		struct cl_client *client = cl_client_at(&c, i);
		bool dns = i % 2 == 0;

		client->seen.cell = 1000 + i;
		client->seen.bytes = 90 * i;
		client->flags = CL_SEEN_TODAY | CL_SEEN_DIRTY | CL_CLIENT_DAY(CL_SCOPE_DNS) |
				CL_CLIENT_MONTH(CL_SCOPE_DNS_TCP);
		struct cl_seen before = client->seen;
		assert_null(cl_pairs_find(&c, i, before.service));
		assert_true(cl_clients_split(&c, client, dns));
		struct cl_pair *pair = cl_pairs_find(&c, i, before.service);
		assert_non_null(pair);
		assert_int_equal(pair->client, i);
		assert_memory_equal(&pair->seen, &before, sizeof(before));
		assert_int_equal(pair->flags, CL_SEEN_TODAY | CL_SEEN_DIRTY);
		assert_int_equal(client->flags,
				 CL_CLIENT_DAY(CL_SCOPE_DNS) | CL_CLIENT_MONTH(CL_SCOPE_DNS_TCP));
		assert_true(client->seen.service == CL_SERVICE_MANY);
		assert_int_equal(client->seen.cell, dns ? 0 : 1000 + i);
		assert_int_equal(client->cell_dns, dns ? 1000 + i : 0);
	}
	assert_int_equal(c.pairs.count, 100);
	cl_clients_free(&c);
}

static void finds_each_of_many_pairs(void **state)
{
	struct cl_clients c;

	(void)state;
	assert_true(cl_clients_init(&c, 5));
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < CLIENTS; i++) {
			struct cl_pair *pair = cl_pairs_get(&c, i / 3, 6 + i % 3);

			assert_non_null(pair);
			assert_int_equal(pair->client, i / 3);
			assert_int_equal(pair->seen.service, 6 + i % 3);
			assert_int_equal(pair->seen.requests, round == 0 ? 0 : i);
			pair->seen.requests = i;
		}
	assert_int_equal(c.pairs.count, CLIENTS);
	assert_null(cl_pairs_find(&c, 0, 9));
	assert_null(cl_pairs_find(&c, CLIENTS, 6));
	cl_clients_free(&c);
}

struct visits {
	uint64_t pairs, requests;
	uint32_t seen[1000][8];
};

static void visit(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct visits *v = ctx;
	uint32_t number = (uint32_t)client->addr.b[14] << 8 | client->addr.b[15];

	assert_true(seen->service >= 6 && seen->service < 14);
	v->pairs++;
	v->requests += seen->requests;
	v->seen[number][seen->service - 6]++;
	*flags |= CL_SEEN_MONTH;
	seen->responses++;
}

/* Clients of one service and of several, each client-service pair once. */
static void each_visits_every_pair_once(void **state)
{
	static struct visits v;
	struct cl_clients c;

	(void)state;
	assert_true(cl_clients_init(&c, 7));
	add_all(&c, 1000);
	for (uint32_t i = 0; i < 1000; i += 3) { /* every third asked servers 6, 10 and 11 */
		assert_true(cl_clients_split(&c, cl_client_at(&c, i), false));
		cl_pairs_get(&c, i, 10)->seen.requests = 1;
		cl_pairs_get(&c, i, 11)->seen.requests = 1;
	}
	cl_clients_each(&c, visit, &v);
	assert_int_equal(v.pairs, 1000 + 2 * 334);
	assert_int_equal(v.requests, 1000 * 999 / 2 + 2 * 334);
	for (uint32_t i = 0; i < 1000; i++)
		for (uint32_t s = 0; s < 8; s++)
			assert_int_equal(v.seen[i][s], s == i % 3 || (i % 3 == 0 && (s == 4 || s == 5)));
	assert_int_equal(cl_client_at(&c, 1)->flags, CL_SEEN_MONTH);
	assert_int_equal(cl_client_at(&c, 0)->flags, 0);
	assert_int_equal(cl_pairs_find(&c, 0, 6)->flags, CL_SEEN_MONTH);
	cl_clients_free(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_of_200000),
		cmocka_unit_test(equal_hashes_are_no_equal_clients),
		cmocka_unit_test(splitting_moves_what_belongs_to_the_service),
		cmocka_unit_test(finds_each_of_many_pairs),
		cmocka_unit_test(each_visits_every_pair_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/census.h"

#include <string.h>

#include "tests/unit/vectors.h"

#define S INT64_C(1000000000)

/* NTP servers 0 and 1, DNS server 2; server 3 has no slot. */
static const struct cl_census_server servers[] = {
	{ CL_PROTO_NTP, 0 }, { CL_PROTO_NTP, 1 }, { CL_PROTO_DNS, 0 }, { CL_PROTO_NTP, CL_CENSUS_NO_SLOT }
};

static struct cl_census *census_of(int64_t step_s, size_t networks)
{
	struct cl_census *c = cl_census_new(&(struct cl_census_config){ .step_ns = step_s * S,
									.servers = servers,
									.count = COUNT(servers),
									.networks = networks,
									.seed = 5 });

	assert_non_null(c);
	return c;
}

static struct cl_addr addr(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

/* A client of one server. */
static void one(struct cl_census *c, const char *client, uint32_t server, uint64_t requests, int64_t first_ns,
		int64_t last_ns)
{
	const struct cl_asked a = { requests, first_ns, last_ns };
	struct cl_asked asked[CL_PROTOS] = { { 0, 0, 0 } };
	struct cl_census_slots slots = { { 0 } };
	struct cl_addr from = addr(client);

	asked[servers[server].proto] = a;
	cl_census_slot(&slots, &servers[server]);
	cl_census_pair(c, server, &a);
	cl_census_client(c, &from, asked, &slots);
}

static void classes_of_requests(void **state)
{
	static const uint64_t from[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 };
	static const uint64_t requests[] = { 1, 1, 2, 4, 5, 9, 10, 19, 20, 4095, 4096, 4097, 5000000000 };
	struct cl_census *c = census_of(300, 100);
	uint64_t sum = 0;

	(void)state;
	for (unsigned i = 0; i < COUNT(from); i++)
		assert_int_equal(cl_census_class_from(i), from[i]);
	for (unsigned i = 0; i < COUNT(requests); i++, sum += requests[i - 1])
		one(c, "192.0.2.1", 0, requests[i], S, 2 * S);
	assert_true(cl_census_finish(c));
	const struct cl_census_proto *p = cl_census_proto(c, CL_PROTO_NTP);
	static const uint64_t clients[] = { 2, 2, 2, 2, 1 };
	for (unsigned i = 0; i < COUNT(clients); i++)
		assert_int_equal(p->class[i].clients, clients[i]);
	assert_int_equal(p->class[1].requests, 6);
	assert_int_equal(p->class[10].clients, 3); /* 2000 to 4999 */
	assert_int_equal(cl_census_class_from(29), 5000000000);
	assert_int_equal(p->class[29].clients, 1);
	assert_int_equal(p->all.requests, sum);
	assert_int_equal(p->rank_requests[0], 5000000000);
	assert_int_equal(p->rank_requests[1], sum - 1 - 1 - 2);
	assert_int_equal(p->rank_requests[2], sum);
	cl_census_free(c);
}

/* By hand: 1, 1, 2, 4 has mean absolute difference 1.25 (ordered pairs of 16: 20/16) and mean 2: 1.25/4. */
static void gini_by_hand(void **state)
{
	static const uint64_t requests[] = { 4, 1, 2, 1 };
	struct cl_census *c = census_of(300, 100);

	(void)state;
	for (unsigned i = 0; i < COUNT(requests); i++)
		one(c, "192.0.2.1", 2, requests[i], S, 2 * S);
	assert_true(cl_census_finish(c));
	assert_true(cl_census_proto(c, CL_PROTO_DNS)->gini > 0.3124999 &&
		    cl_census_proto(c, CL_PROTO_DNS)->gini < 0.3125001);
	assert_int_equal(cl_census_proto(c, CL_PROTO_NTP)->all.clients, 0);
	cl_census_free(c);
}

static unsigned class_of_interval(int64_t interval_ns)
{
	struct cl_census *c = census_of(300, 100);
	unsigned found = CL_CENSUS_INTERVALS;

	one(c, "192.0.2.1", 0, 3, S, S + 2 * interval_ns);
	assert_true(cl_census_finish(c));
	for (unsigned i = 0; i < CL_CENSUS_INTERVALS; i++)
		if (cl_census_proto(c, CL_PROTO_NTP)->interval[i] == 1)
			found = i;
	assert_int_equal(cl_census_proto(c, CL_PROTO_NTP)->intervals, 1);
	cl_census_free(c);
	return found;
}

/* 64 s times and through the square root of 2 are 90.50966799... and 45.25483399... */
static void intervals_to_the_nearest_power(void **state)
{
	(void)state;
	assert_int_equal(class_of_interval(64 * S), CL_CENSUS_SECOND + 6);
	assert_int_equal(class_of_interval(90 * S + 509660000), CL_CENSUS_SECOND + 6);
	assert_int_equal(class_of_interval(90 * S + 509670000), CL_CENSUS_SECOND + 7);
	assert_int_equal(class_of_interval(45 * S + 254840000), CL_CENSUS_SECOND + 6);
	assert_int_equal(class_of_interval(45 * S + 254830000), CL_CENSUS_SECOND + 5);
	assert_int_equal(class_of_interval(0), 0);
	assert_int_equal(class_of_interval(1), 0);
	assert_int_equal(class_of_interval(S / 1000), 0); /* 2^-10 */
	assert_int_equal(class_of_interval(INT64_C(1) << 61), CL_CENSUS_INTERVALS - 1);
}

/* A step holds its end, a day its beginning. */
static void new_in_steps_and_on_days(void **state)
{
	struct cl_census *c = census_of(300, 100);
	uint64_t n;

	(void)state;
	one(c, "192.0.2.1", 0, 1, 86400 * S, 86400 * S);
	one(c, "192.0.2.2", 0, 1, 86400 * S + 1, 86400 * S + 1);
	one(c, "192.0.2.3", 1, 1, 86400 * S - 1, 86400 * S - 1);
	one(c, "192.0.2.4", 0, 1, 86700 * S, 86700 * S);
	one(c, "192.0.2.5", 0, 1, 300, 300); /* back in time */
	one(c, "192.0.2.6", 0, 1, 86400 * S, 86400 * S);
	one(c, "192.0.2.7", 0, 1, -1, -1);
	assert_true(cl_census_finish(c));
	assert_true(cl_census_new_in_step(c, 0, 86400, &n));
	assert_int_equal(n, 2);
	assert_true(cl_census_new_in_step(c, 0, 86700, &n));
	assert_int_equal(n, 2);
	assert_true(cl_census_new_in_step(c, 1, 86400, &n));
	assert_int_equal(n, 1);
	assert_true(cl_census_new_in_step(c, COUNT(servers) + CL_PROTO_NTP, 86400, &n));
	assert_int_equal(n, 3);
	assert_true(cl_census_new_in_step(c, COUNT(servers) + CL_PROTO_DNS, 86400, &n));
	assert_int_equal(n, 0);
	assert_true(cl_census_new_in_step(c, 0, 0, &n)); /* -1 ns */
	assert_int_equal(n, 1);
	assert_true(cl_census_new_on_day(c, 0, 1, &n));
	assert_int_equal(n, 4);
	assert_true(cl_census_new_on_day(c, 0, 0, &n));
	assert_int_equal(n, 1);
	assert_true(cl_census_new_on_day(c, 0, -1, &n));
	assert_int_equal(n, 1);
	assert_true(cl_census_new_on_day(c, 1, 0, &n));
	assert_int_equal(n, 1);
	assert_int_equal(cl_census_one_shot(c, 0), 6);
	cl_census_free(c);
}

static void common_clients_of_servers(void **state)
{
	const struct cl_asked a = { 1, S, S }, both[CL_PROTOS] = { { 3, S, S }, { 1, S, S } };
	struct cl_census_slots slots = { { 0 } };
	struct cl_addr from = addr("192.0.2.9");
	struct cl_census *c = census_of(300, 100);

	(void)state;
	for (uint32_t i = 0; i < COUNT(servers); i++) {
		cl_census_pair(c, i, &a);
		cl_census_slot(&slots, &servers[i]);
	}
	cl_census_client(c, &from, both, &slots);
	one(c, "192.0.2.1", 0, 1, S, S);
	one(c, "192.0.2.2", 3, 1, S, S);
	assert_true(cl_census_finish(c));
	const struct cl_census_proto *p = cl_census_proto(c, CL_PROTO_NTP);
	assert_int_equal(p->common[0][0], 2);
	assert_int_equal(p->common[1][1], 1);
	assert_int_equal(p->common[0][1], 1);
	assert_int_equal(p->common[1][0], 1);
	assert_int_equal(cl_census_proto(c, CL_PROTO_DNS)->common[0][0], 1);
	assert_int_equal(cl_census_proto(c, CL_PROTO_DNS)->all.clients, 1);
	assert_int_equal(p->all.clients, 3);
	cl_census_free(c);
}

static void check_network(struct cl_census *c, enum cl_census_length length, size_t at, const char *text,
			  uint64_t clients, uint64_t requests)
{
	size_t n = 10;
	struct cl_census_network *top = cl_census_networks(c, length, &n);
	struct cl_addr a = addr(text);

	assert_non_null(top);
	assert_true(at < n);
	assert_memory_equal(&top[at].prefix.addr, &a, sizeof a);
	assert_int_equal(top[at].sum.clients, clients);
	assert_int_equal(top[at].sum.requests, requests);
	free(top);
}

static void networks_by_clients(void **state)
{
	struct cl_census *c = census_of(300, 100);
	size_t n = 1;

	(void)state;
	one(c, "192.0.2.1", 0, 5, S, 2 * S);
	one(c, "192.0.2.255", 0, 6, S, 2 * S);
	one(c, "192.0.3.1", 0, 100, S, 2 * S);
	one(c, "2001:db8:1:2::1", 0, 1, S, 2 * S);
	one(c, "2001:db8:1:2:ffff::", 0, 1, S, 2 * S);
	one(c, "2001:db8:1:ffff::1", 0, 1, S, 2 * S);
	one(c, "2001:db8:2::1", 0, 9, S, 2 * S);
	assert_true(cl_census_finish(c));
	check_network(c, CL_CENSUS_24, 0, "192.0.2.0", 2, 11);
	check_network(c, CL_CENSUS_24, 1, "192.0.3.0", 1, 100);
	check_network(c, CL_CENSUS_48, 0, "2001:db8:1::", 3, 3);
	check_network(c, CL_CENSUS_64, 0, "2001:db8:1:2::", 2, 2);
	check_network(c, CL_CENSUS_64, 1, "2001:db8:2::", 1, 9); /* of equals, the one with more requests */
	free(cl_census_networks(c, CL_CENSUS_64, &n));
	assert_int_equal(n, 1);
	assert_int_equal(cl_census_proto(c, CL_PROTO_NTP)->kind[CL_CENSUS_IPV4].clients, 3);
	assert_int_equal(cl_census_proto(c, CL_PROTO_NTP)->kind[CL_ADDR_LOW_BYTE].clients, 3);
	cl_census_free(c);
}

/* What found no room is counted, and what came first stays right. */
static void networks_have_a_limit(void **state)
{
	struct cl_census *c = census_of(300, 2);
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		snprintf(text, sizeof text, "10.%u.%u.1", i % 100 / 10, i % 10);
		one(c, text, 0, 1, S, S);
	}
	assert_true(cl_census_finish(c));
	check_network(c, CL_CENSUS_24, 0, "10.0.0.0", 3, 3);
	check_network(c, CL_CENSUS_24, 1, "10.0.1.0", 3, 3);
	assert_int_equal(cl_census_networks_refused(c, CL_CENSUS_24), 294);
	cl_census_free(c);
}

/* Many keys: more than the first room of a table, and a top that is less than all. */
static void counts_of_many_keys(void **state)
{
	struct cl_countmap m;
	size_t n = 5;

	(void)state;
	assert_true(cl_countmap_init(&m, 1u << 20, 9));
	for (uint64_t key = 0; key < 20000; key++)
		for (uint64_t k = 0; k <= key % 7; k++)
			cl_countmap_add(&m, key, key);
	cl_countmap_settle(&m);
	for (uint64_t key = 0; key < 20000; key++) {
		assert_int_equal(cl_countmap_get(&m, key).n, key % 7 + 1);
		assert_int_equal(cl_countmap_get(&m, key).weight, key * (key % 7 + 1));
	}
	assert_int_equal(cl_countmap_get(&m, 20000).n, 0);
	struct cl_counted *top = cl_countmap_top(&m, &n);
	assert_int_equal(n, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(top[i].key, 19998 - 7 * i);
	free(top);
	cl_countmap_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_requests),
		cmocka_unit_test(gini_by_hand),
		cmocka_unit_test(intervals_to_the_nearest_power),
		cmocka_unit_test(new_in_steps_and_on_days),
		cmocka_unit_test(common_clients_of_servers),
		cmocka_unit_test(networks_by_clients),
		cmocka_unit_test(networks_have_a_limit),
		cmocka_unit_test(counts_of_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

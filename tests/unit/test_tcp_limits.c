/* SPDX-License-Identifier: BSD-2-Clause */
/* What TCP streams may hold: octets, parts, connections, messages that never end. */
#include "dissect/tcp_parts.h"

#include "tests/unit/tcp_rig.h"

/* More than a side, the whole, or the table takes: given up, counted, and no more memory. */
static void test_floods(void **state)
{
	static uint8_t zeros[1400];
	const struct cl_limits limits = {
		.hash_seed = 3, .tcp_connections = 100, .tcp_side_octets = 20000, .tcp_octets = 400000
	};
	struct seen s;
	uint64_t random = 4;

	(void)state;
	seen_open_with(&s, &limits, false);
	for (unsigned i = 0; i < 20000; i++)
		feed(&s, &(struct segment){ .from = CLIENT,
					    .flags = ACK,
					    .seq = (uint32_t)(next_random(&random) % 4000000),
					    .octets = zeros,
					    .n = 1 + next_random(&random) % 1400,
					    .port = (uint16_t)(1 + next_random(&random) % 300) });
	assert_true(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_EVICTED] > 0);
	assert_true(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP] > 0);
	seen_close(&s);
}

/* One octet in two, from the middle of a stream: what waits is bounded by its parts, not only by its octets.
 */
static void test_many_parts(void **state)
{
	static const uint8_t zero[1];
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = SERVER, .flags = ACK, .seq = 9001, .ack = 1001 });
	for (uint32_t i = 0; i < 2000; i++)
		data(&s, CLIENT, 1001 + 2 * i, zero, sizeof zero);
	assert_int_equal(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP], 2000 - 512);
	assert_int_equal(fate(&s, CL_FATE_INCOMPLETE), 2000 - 512);
	seen_close(&s);
}

/* Handshake messages that never end, in all connections that there may be: what TLS holds is within the limit
 * of what waits. */
static void test_endless_handshakes(void **state)
{
	static uint8_t record[5 + 16384] = { 22, 3, 1, 0x40, 0, 1, 0, 0xff, 0 };
	const struct cl_limits limits = { .hash_seed = 3, .tcp_octets = 1u << 20 };
	struct seen s;

	(void)state;
	seen_open_with(&s, &limits, false);
	s.port = 443;
	for (uint16_t i = 1001; i <= 1200; i++) {
		feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000, .port = i });
		feed(&s, &(struct segment){ .from = CLIENT,
					    .flags = ACK,
					    .seq = 1001,
					    .octets = record,
					    .n = sizeof record,
					    .port = i });
	}
	assert_in_range(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP], 200 - 64, 200);
	assert_int_equal(fate(&s, CL_FATE_OTHER), s.frames);
	seen_close(&s);
}

/* A direction holds as many octets as it may. */
static void test_side_limit(void **state)
{
	static const uint8_t head[2] = { 0xff, 0xff };
	static const uint8_t zeros[1000];
	const struct cl_limits limits = { .tcp_side_octets = 20000 };
	struct seen s;

	(void)state;
	seen_open_with(&s, &limits, false);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
	data(&s, CLIENT, 1, head, 2);
	for (uint32_t i = 0; i < 21; i++) {
		if (i == 12)
			assert_int_equal(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP], 0);
		data(&s, CLIENT, 3 + 1000 * i, zeros, sizeof(zeros));
	}
	assert_true(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP] > 0);
	seen_close(&s);
}

/* Of the connections that fit, the one idle longest goes. */
static void test_connection_limit(void **state)
{
	const struct cl_limits limits = { .hash_seed = 3, .tcp_connections = 2 };
	static const struct {
		uint16_t port;
		unsigned connections, evicted;
	} steps[] = { { 1, 1, 0 }, { 2, 2, 0 }, { 1, 2, 0 }, { 3, 3, 1 }, { 1, 3, 1 }, { 2, 4, 2 } };
	struct seen s;

	(void)state;
	seen_open_with(&s, &limits, false);
	for (size_t i = 0; i < COUNT(steps); i++) {
		feed(&s, &(struct segment){ .from = CLIENT, .flags = ACK, .port = steps[i].port });
		assert_int_equal(connections(&s), steps[i].connections);
		assert_int_equal(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_EVICTED], steps[i].evicted);
	}
	seen_close(&s);
}

/* When all that waits is too much, the older half goes and the rest still waits. */
static void test_memory_limit(void **state)
{
	static const struct {
		uint64_t octets;
		unsigned least, most; /* messages of 300 that come whole */
	} rows[] = { { 1 << 20, 100, 230 }, { 100000, 5, 25 } };
	static uint8_t q[2000];
	size_t n = query(q, 7, 5, false);

	(void)state;
	put16(q, 1500);
	n = 1502;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct cl_limits limits = { .hash_seed = 3, .tcp_octets = rows[i].octets };
		struct seen s;

		seen_open_with(&s, &limits, false);
		for (unsigned half = 0; half < 2; half++)
			for (unsigned k = 300; k > 0; k--) /* the newest first in the second turn */
				feed(&s, &(struct segment){ .from = CLIENT,
							    .flags = half ? ACK : SYN,
							    .seq = half ? 1101 : 0,
							    .octets = q + (half ? 1100 : 0),
							    .n = half ? n - 1100 : 1100,
							    .port = (uint16_t)(half ? 301 - k : k) });
		assert_true(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_GIVEN_UP] > 0);
		if (s.n < rows[i].least || s.n > rows[i].most)
			fail_msg("%zu messages of a limit of %u octets", s.n, (unsigned)rows[i].octets);
		seen_close(&s);
	}
}

/* Of what was taken a part is forgotten before numbers come round. */
static void test_taken_is_bounded(void **state)
{
	static const uint8_t octet[1] = { 0 };
	struct cl_ledger ledger = { 0 };
	struct cl_tcp_pool pool = { .limit = 1 << 20, .ledger = &ledger };
	struct cl_tcp_side side = { 0 };
	struct cl_tcp_frame frame = { .time_ns = 1, .frames = 1, .done = true };
	const uint32_t most = 1u << 28, end = 100 + most;

	(void)state;
	struct cl_tcp_part *taken = cl_tcp_taken(&pool, &side, NULL, 100);
	assert_non_null(taken);
	taken->len = most;
	assert_int_equal(cl_tcp_insert(&pool, &side, end, cl_cur_make(octet, 1, 1), &frame).fresh, 1);
	cl_tcp_consume(&pool, &side, taken, 1);
	assert_true(taken->len < most);
	assert_int_equal(cl_tcp_end(taken), end + 1);
	assert_true(side.from_start); /* what was forgotten is old */
	assert_int_equal(cl_tcp_insert(&pool, &side, 100, cl_cur_make(octet, 1, 1), &frame).fresh, 0);
	cl_tcp_clear(&pool, &side);
	cl_tcp_pool_trim(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_endless_handshakes),
		cmocka_unit_test(test_side_limit),
		cmocka_unit_test(test_connection_limit),
		cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_taken_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

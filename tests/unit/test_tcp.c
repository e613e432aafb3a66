/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP streams and the DNS messages in them. Segments are built here; which messages are in a stream is known
 * from how it was built, whatever the order, the cuts and the doubles.
 */
#include "tests/unit/tcp_rig.h"

static void test_handshake_and_exchange(void **state)
{
	struct seen s;
	uint8_t q[100], r[100];
	size_t n = query(q, 7, 5, false), m = query(r, 7, 5, true);

	(void)state;
	seen_open(&s);
	open_connection(&s, 1000, 9000);
	data(&s, CLIENT, 1001, q, n);
	data(&s, SERVER, 9001, r, m);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = FIN | ACK, .seq = 1001 + (uint32_t)n });
	feed(&s, &(struct segment){ .from = SERVER, .flags = FIN | ACK, .seq = 9001 + (uint32_t)m });
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ev[0].role, CL_ROLE_REQUEST);
	assert_int_equal(s.ev[0].dport, 53);
	assert_int_equal(s.ev[0].wire_len, 40 + n);
	assert_true((s.ev[0].u.dns.bits & CL_DNS_TCP) != 0);
	assert_int_equal(s.ev[1].role, CL_ROLE_RESPONSE);
	assert_int_equal(s.ev[1].sport, 53);
	assert_int_equal(s.ev[0].u.dns.connection, 1);
	assert_int_equal(s.ev[1].u.dns.connection, 1);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), 7);
	assert_int_equal(connections(&s), 1);
	seen_close(&s);
}

/* A message in pieces: its time is the last one's, its first time the first one's, its octets all of theirs.
 */
static void test_split_everywhere(void **state)
{
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);

	(void)state;
	for (size_t at = 1; at < n; at++) {
		struct seen s;

		seen_open(&s);
		feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
		data(&s, CLIENT, 1001, q, at);
		assert_int_equal(s.n, 0);
		assert_int_equal(fate(&s, CL_FATE_COUNTED), 1); /* the SYN */
		data(&s, CLIENT, 1001 + (uint32_t)at, q + at, n - at);
		assert_int_equal(s.n, 1);
		assert_int_equal(fate(&s, CL_FATE_COUNTED), 3);
		assert_int_equal(s.ev[0].time_ns, s.now);
		assert_int_equal(s.ev[0].u.dns.first_ns, s.now - 1000000);
		assert_int_equal(s.ev[0].wire_len, 80 + n);
		seen_close(&s);
	}
}

static void test_octet_by_octet(void **state)
{
	struct seen s;
	uint8_t q[600];
	uint64_t random = 1;
	size_t n = stream(q, 6, 100, &random, NULL);

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
	for (size_t i = 0; i < n; i++)
		data(&s, CLIENT, 1001 + (uint32_t)i, q + i, 1);
	assert_ids(&s, 100, 6);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), n + 1);
	seen_close(&s);
}

static void shuffle(uint64_t *random, size_t *order, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = next_random(random) % i, was = order[i - 1];

		order[i - 1] = order[j];
		order[j] = was;
	}
}

/* Cuts of a stream into at most `most` pieces; returns their number, cut[0] = 0 .. cut[pieces] = n. */
static size_t cut_up(uint64_t *random, size_t n, size_t most, size_t *cut)
{
	size_t pieces = 0;

	cut[0] = 0;
	while (cut[pieces] < n) {
		size_t left = n - cut[pieces], take_now = 1 + next_random(random) % (2 * n / most + 1);

		cut[pieces + 1] = cut[pieces] + (take_now < left ? take_now : left);
		pieces++;
	}
	return pieces;
}

/* Any cuts, any order, doubles: the same messages. */
static void shuffled_stream(uint64_t seed, bool with_syn, bool depth)
{
	const struct cl_limits limits = { .hash_seed = 3 };
	uint8_t q[4000];
	size_t cut[400], order[800];
	uint64_t random = seed;
	struct seen s;
	uint32_t isn = (uint32_t)next_random(&random);

	if (seed % 3 == 0)
		isn = (uint32_t)(0u - next_random(&random) % 600); /* wraps */
	unsigned count = 1 + (unsigned)(next_random(&random) % 12);
	size_t n = stream(q, count, 500, &random, NULL);
	size_t pieces = cut_up(&random, n, 1 + next_random(&random) % 30, cut), sent = 0;
	for (size_t i = 0; i < pieces; i++)
		for (uint64_t times = next_random(&random) % 4 == 0 ? 2 : 1; times > 0; times--)
			order[sent++] = i;
	if (with_syn)
		order[sent++] = SIZE_MAX;
	shuffle(&random, order, sent);
	seen_open_with(&s, &limits, depth);
	if (with_syn) /* an answer tells that the other side is seen */
		feed(&s, &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = 5, .ack = isn + 1 });
	for (size_t i = 0; i < sent; i++) {
		size_t k = order[i];

		if (k == SIZE_MAX) {
			feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = isn });
			continue;
		}
		/* with some of the next piece's octets, now and then */
		size_t more = k + 1 < pieces && next_random(&random) % 4 == 0
				      ? next_random(&random) %
						(cut[k + 2 > pieces ? pieces : k + 2] - cut[k + 1] + 1)
				      : 0;
		data(&s, CLIENT, isn + 1 + (uint32_t)cut[k], q + cut[k], cut[k + 1] - cut[k] + more);
	}
	if (s.n != count)
		fail_msg("seed %llu: %zu messages of %u", (unsigned long long)seed, s.n, count);
	assert_ids(&s, 500, count);
	assert_int_equal(connections(&s), 1);
	seen_finish(&s);
	if (fate(&s, CL_FATE_COUNTED) != s.frames)
		fail_msg("seed %llu: %llu of %llu counted", (unsigned long long)seed,
			 (unsigned long long)fate(&s, CL_FATE_COUNTED), (unsigned long long)s.frames);
	raised_free(s.d);
}

static void test_shuffled(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 1500; seed++)
		shuffled_stream(seed, true, seed % 10 == 0);
}

/* Segments of whole messages and from the middle on: found by their looks in any order. */
static void test_all_orders_without_syn(void **state)
{
	static const uint8_t orders[24][4] = {
		{ 0, 1, 2, 3 }, { 0, 1, 3, 2 }, { 0, 2, 1, 3 }, { 0, 2, 3, 1 }, { 0, 3, 1, 2 },
		{ 0, 3, 2, 1 }, { 1, 0, 2, 3 }, { 1, 0, 3, 2 }, { 1, 2, 0, 3 }, { 1, 2, 3, 0 },
		{ 1, 3, 0, 2 }, { 1, 3, 2, 0 }, { 2, 0, 1, 3 }, { 2, 0, 3, 1 }, { 2, 1, 0, 3 },
		{ 2, 1, 3, 0 }, { 2, 3, 0, 1 }, { 2, 3, 1, 0 }, { 3, 0, 1, 2 }, { 3, 0, 2, 1 },
		{ 3, 1, 0, 2 }, { 3, 1, 2, 0 }, { 3, 2, 0, 1 }, { 3, 2, 1, 0 },
	};
	uint8_t q[4000];
	size_t starts[9];
	uint64_t random = 11;
	size_t n = stream(q, 8, 40, &random, starts);

	(void)state;
	starts[8] = n;
	for (unsigned split = 0; split < 2; split++)
		for (unsigned i = 0; i < 24; i++) {
			struct seen s;

			seen_open(&s);
			for (unsigned k = 0; k < 4; k++) {
				unsigned piece = orders[i][k];
				size_t from = starts[2 * piece] + (split && piece > 0 ? 20 : 0);
				size_t to = starts[2 * piece + 2] + (split && piece < 3 ? 20 : 0);

				data(&s, CLIENT, 0xffffff00u + (uint32_t)from, q + from, to - from);
			}
			assert_ids(&s, 40, 8);
			assert_int_equal(fate(&s, CL_FATE_COUNTED), 4);
			seen_close(&s);
		}
}

/* 530 queries in 8 segments, no SYN; from the middle of a message on, too. */
static void test_pipelined_from_the_middle(void **state)
{
	static uint8_t q[60000];
	size_t starts[530];
	uint64_t random = 5;
	size_t n = stream(q, 300, 1000, &random, starts), step = n / 8 + 1;

	(void)state;
	for (unsigned middle = 0; middle < 2; middle++) {
		struct seen s;
		size_t from = middle ? 9 : 0;

		seen_open(&s);
		for (size_t at = from; at < n; at += step)
			data(&s, CLIENT, 77 + (uint32_t)at, q + at, at + step < n ? step : n - at);
		assert_ids(&s, 1000 + middle, 300 - middle);
		seen_finish(&s);
		assert_int_equal(fate(&s, CL_FATE_COUNTED), 8);
		raised_free(s.d);
	}
}

static void test_data_on_the_syn(void **state)
{
	uint8_t q[100], r[100];
	size_t n = query(q, 7, 5, false), m = query(r, 7, 5, true);
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0xffffffffu, .octets = q, .n = n });
	assert_int_equal(s.n, 1);
	feed(&s, &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = 5, .ack = (uint32_t)n });
	data(&s, SERVER, 6, r, m);
	/* once more, as if the server had not taken them */
	data(&s, CLIENT, 0, q, n);
	assert_int_equal(s.n, 2);
	assert_int_equal(connections(&s), 1);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), 4);
	seen_close(&s);
}

/* The answer, which acknowledges the SYN's data, may be captured before the SYN. */
static void test_data_on_a_late_syn(void **state)
{
	uint8_t q[200];
	size_t starts[2], n;
	uint64_t random = 2;

	(void)state;
	n = stream(q, 2, 7, &random, starts);
	for (unsigned depth = 0; depth < 2; depth++)
		for (unsigned order = 0; order < 3; order++) {
			const struct cl_limits limits = { .hash_seed = 3 };
			struct seen s;
			uint32_t first = (uint32_t)starts[1];

			seen_open_with(&s, &limits, depth != 0);
			if (order == 2)
				data(&s, CLIENT, first, q + first, n - first);
			feed(&s,
			     &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = 5, .ack = first });
			if (order == 1)
				data(&s, CLIENT, first, q + first, n - first);
			for (unsigned again = 0; again < 2; again++)
				feed(&s, &(struct segment){ .from = CLIENT,
							    .flags = SYN,
							    .seq = 0xffffffffu,
							    .octets = q,
							    .n = first });
			if (order == 0)
				data(&s, CLIENT, first, q + first, n - first);
			assert_ids(&s, 7, 2);
			assert_int_equal(connections(&s), 1);
			feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0xfffffffeu });
			assert_int_equal(connections(&s), 2); /* another number: another connection */
			seen_finish(&s);
			assert_int_equal(fate(&s, CL_FATE_COUNTED), s.frames);
			raised_free(s.d);
		}
}

static void test_port_reuse(void **state)
{
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 }); /* sent again */
	data(&s, CLIENT, 1001, q, n);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
	assert_int_equal(connections(&s), 1);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 77000 });
	data(&s, CLIENT, 77001, q, n);
	assert_int_equal(connections(&s), 2);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ev[0].u.dns.connection, 1);
	assert_int_equal(s.ev[1].u.dns.connection, 2);
	seen_close(&s);
}

static void test_overlap_first_wins(void **state)
{
	uint8_t q[100], other[100];
	size_t n = query(q, 7, 5, false);
	struct seen s;

	(void)state;
	query(other, 8, 5, false);
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
	data(&s, CLIENT, 1001, q, 12);
	data(&s, CLIENT, 1001, q, 12); /* the same: no anomaly */
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_OVERLAP), 0);
	data(&s, CLIENT, 1001, other, n);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ev[0].u.dns.id, 7);
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_OVERLAP), 1);
	seen_close(&s);
}

static void test_keep_alive_and_window_probe(void **state)
{
	uint8_t q[200];
	uint64_t random = 2;
	size_t starts[2], n = stream(q, 2, 1, &random, starts);
	struct seen s;

	(void)state;
	seen_open(&s);
	open_connection(&s, 1000, 9000);
	data(&s, CLIENT, 1000, (const uint8_t *)"\0", 1); /* keep-alive before anything */
	data(&s, CLIENT, 1001, q, starts[1]);
	data(&s, CLIENT, 1000 + (uint32_t)starts[1], (const uint8_t *)"x", 1); /* keep-alive */
	data(&s, CLIENT, 1001 + (uint32_t)starts[1], q + starts[1], 1);	       /* window probe */
	data(&s, CLIENT, 1001 + (uint32_t)starts[1], q + starts[1], n - starts[1]);
	assert_ids(&s, 1, 2);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), s.frames);
	seen_close(&s);
}

static void test_reset_with_data_and_half_close(void **state)
{
	uint8_t q[100], r[100];
	size_t n = query(q, 7, 5, false), m = query(r, 7, 5, true);
	struct seen s;

	(void)state;
	seen_open(&s);
	open_connection(&s, 1000, 9000);
	feed(&s, &(struct segment){
			 .from = CLIENT, .flags = FIN | ACK, .seq = 1001, .octets = q, .n = n, .ack = 9001 });
	data(&s, SERVER, 9001, r, m); /* the client's side is closed: it may answer */
	assert_int_equal(s.n, 2);
	feed(&s, &(struct segment){ .from = SERVER,
				    .flags = RST,
				    .seq = 9001 + (uint32_t)m,
				    .octets = (const uint8_t *)"no listener",
				    .n = 11 });
	assert_int_equal(s.n, 2);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), s.frames);
	seen_close(&s);
}

/* Captures can hold any times: no difference of two of them goes over. */
static void test_times_of_any_size(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX - SECOND, -1, INT64_MIN, INT64_MAX - SECOND };

	(void)state;
	for (int depth = 0; depth < 2; depth++) {
		const struct cl_limits limits = { .hash_seed = 3 };
		struct seen s;
		uint8_t m[64];
		size_t n = query(m, 1, 3, false);

		seen_open_with(&s, &limits, depth != 0);
		for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
			s.now = times[i];
			feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 999 });
			s.now = times[i];
			feed(&s,
			     &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = 99, .ack = 1000 });
			s.now = times[i] < 0 ? INT64_MAX - SECOND : INT64_MIN;
			data(&s, CLIENT, 1000 + 100 * i, m, n);
		}
		assert_true(s.n > 0);
		seen_close(&s);
	}
}

/* A SYN behind octets of its connection; one whose number is far from them is of another. */
static void test_late_syn(void **state)
{
	static const struct {
		uint32_t first; /* of the octets seen before the SYN of 1000 */
		unsigned connections;
	} rows[] = { { 1001, 1 }, { 1051, 1 },	     { 1001 + (1 << 20) - 1, 1 }, { 1001 + (1 << 20), 2 },
		     { 1000, 2 }, { 0x80000000u, 2 } };
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct seen s;

		seen_open(&s);
		data(&s, CLIENT, rows[i].first, q, n);
		feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
		assert_int_equal(connections(&s), rows[i].connections);
		if (rows[i].first == 1051) /* what came first is still to come */
			data(&s, CLIENT, 1001, q, n);
		assert_int_equal(s.n, rows[i].first == 1051 ? 2 : 1);
		seen_close(&s);
	}
}

/* Octets more than a window away are another stream: nothing waits for what lies between. */
static void test_far_away(void **state)
{
	static const uint32_t steps[] = { 0x40000100u, 0xbfffff00u };
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct seen s;

		seen_open(&s);
		open_connection(&s, 1000, 9000);
		data(&s, CLIENT, 1001, q, n);
		data(&s, CLIENT, 1001 + steps[i], q, n);
		assert_int_equal(s.n, 2);
		seen_close(&s);
	}
}

/* A segment in two fragments is two frames of its message. */
static void test_segment_in_fragments(void **state)
{
	static const char *const frames[] = {
		/* 20 octets of header and 12 of payload in fragments of 24 and 8 */
		"4500002c 0001 2000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50020000 0000 "
		"0000 "
		"001d 1234",
		"4500001c 0001 0003 4006 0000 c0000201 c6336401 0100 0001 0000 0000",
		"4500003b 0002 0000 4006 0000 c0000201 c6336401 9c400035 0000000e 00000000 50100000 0000 "
		"0000 "
		"0000 0765 7861 6d70 6c65 03636f6d 00 0001 0001",
	};
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	r.waits = true;
	for (size_t i = 0; i < COUNT(frames); i++)
		rig_hex(&r, CL_LINKTYPE_RAW, frames[i]);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.last.u.dns.id, 0x1234);
	assert_int_equal(cl_dissector_ledger(r.d)->fate[CL_FATE_COUNTED], 3);
	rig_finish(&r);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake_and_exchange),
		cmocka_unit_test(test_split_everywhere),
		cmocka_unit_test(test_octet_by_octet),
		cmocka_unit_test(test_shuffled),
		cmocka_unit_test(test_all_orders_without_syn),
		cmocka_unit_test(test_pipelined_from_the_middle),
		cmocka_unit_test(test_data_on_the_syn),
		cmocka_unit_test(test_data_on_a_late_syn),
		cmocka_unit_test(test_port_reuse),
		cmocka_unit_test(test_overlap_first_wins),
		cmocka_unit_test(test_keep_alive_and_window_probe),
		cmocka_unit_test(test_reset_with_data_and_half_close),
		cmocka_unit_test(test_times_of_any_size),
		cmocka_unit_test(test_late_syn),
		cmocka_unit_test(test_far_away),
		cmocka_unit_test(test_segment_in_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

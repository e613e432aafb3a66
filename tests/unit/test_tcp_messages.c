/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in a TCP stream: of any length, cut by the capture, found again, told once. */
#include "tests/unit/tcp_rig.h"

/* Lengths of 0 and below a header's are anomalies; the stream goes on. */
static void test_short_messages(void **state)
{
	static const uint8_t empty[] = { 0, 0 }, few[] = { 0, 3, 1, 2, 3 };
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
	data(&s, CLIENT, 1, empty, 2);
	data(&s, CLIENT, 3, few, 4);
	data(&s, CLIENT, 7, few + 4, 1);
	data(&s, CLIENT, 8, q, n);
	assert_int_equal(s.n, 1);
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_DNS_EMPTY), 1);
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_DNS_SHORT), 1);
	assert_int_equal(fate(&s, CL_FATE_MALFORMED), 3);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), 2);
	seen_close(&s);
}

/* A header is a message, and an octet less is none. */
static void test_least_message(void **state)
{
	static const uint8_t least[] = { 0, 12, 0x12, 0x34, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t less[] = { 0, 11, 0x12, 0x34, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
	data(&s, CLIENT, 1, less, sizeof(less));
	assert_int_equal(s.n, 0);
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_DNS_SHORT), 1);
	data(&s, CLIENT, 1 + sizeof(less), least, sizeof(least));
	assert_int_equal(s.n, 1);
	assert_int_equal(anomaly(&s, CL_ANOM_TCP_DNS_SHORT), 1);
	seen_close(&s);
}

/* Cut by the capture: a message whose header is there counts, and what follows is found again. */
static void test_cut_by_the_capture(void **state)
{
	uint8_t q[400];
	uint64_t random = 3;
	size_t starts[4], n = stream(q, 4, 1, &random, starts);

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		struct seen s;
		unsigned here = 0;

		seen_open(&s);
		feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
		s.cut = cut;
		data(&s, CLIENT, 1, q, n);
		s.cut = 0;
		while (here < 4 && starts[here] + 14 <= n - cut)
			here++;
		assert_int_equal(s.n, here);
		assert_int_equal(fate(&s, here > 0 ? CL_FATE_COUNTED : CL_FATE_TRUNCATED), here > 0 ? 2 : 1);
		data(&s, CLIENT, 1 + (uint32_t)n, q, starts[1]);
		assert_int_equal(s.n, here + 1);
		for (unsigned i = 0; i < CL_ANOMALIES; i++)
			assert_int_equal(anomaly(&s, (enum cl_anomaly)i), 0);
		seen_close(&s);
	}
}

/* 65,535 octets, the most there are. */
static void test_largest_message(void **state)
{
	static uint8_t q[70000];
	size_t n = query(q, 7, 5, true);
	struct seen s;

	(void)state;
	put16(q, 65535);
	memset(q + n, 0, sizeof(q) - n);
	query(q + 65537, 8, 5, false);
	seen_open(&s);
	feed(&s, &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = 0xffff0000u });
	for (size_t at = 0; at < 65537 + n; at += 1400)
		data(&s, SERVER, 0xffff0001u + (uint32_t)at, q + at,
		     65537 + n - at < 1400 ? 65537 + n - at : 1400);
	assert_ids(&s, 7, 2);
	assert_int_equal(fate(&s, CL_FATE_COUNTED), s.frames);
	seen_close(&s);
}

static void test_servers_asked_for(void **state)
{
	struct cl_addr asked;
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);

	(void)state;
	for (unsigned ours = 0; ours < 2; ours++) {
		struct seen s;

		assert_true(cl_addr_parse(ours ? "198.51.100.1" : "203.0.113.9", &asked));
		seen_open_with(&s, &(struct cl_limits){ .servers = &asked, .server_count = 1 }, false);
		feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
		data(&s, CLIENT, 1001, q, 10);
		data(&s, CLIENT, 1011, q + 10, n - 10);
		assert_int_equal(s.n, ours);
		assert_int_equal(connections(&s), ours);
		assert_int_equal(fate(&s, ours ? CL_FATE_COUNTED : CL_FATE_FILTERED), 3);
		seen_close(&s);
	}
}

/* Noise on the DNS port from its middle on: nothing is made of it. */
static void test_noise(void **state)
{
	uint8_t noise[1400];
	uint64_t random = 77;
	struct seen s;

	(void)state;
	seen_open(&s);
	for (unsigned i = 0; i < 3000; i++) {
		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = (uint8_t)next_random(&random);
		data(&s, CLIENT, i * 1400u, noise, sizeof(noise));
	}
	assert_int_equal(s.n, 0);
	seen_close(&s);
}

/* Messages behind one that is not whole yet are taken when each comes, at both depths. */
static void test_behind_a_waiting_message(void **state)
{
	static const uint8_t begins[] = { 0x50, 0x00, 0x00, 0x01 };

	(void)state;
	for (int depth = 0; depth < 2; depth++) {
		const struct cl_limits limits = { .hash_seed = 3 };
		struct seen s;
		uint8_t m[2][64];
		size_t n = query(m[0], 1, 3, true);

		assert_int_equal(query(m[1], 2, 3, true), n);
		seen_open_with(&s, &limits, depth != 0);
		feed(&s, &(struct segment){ .from = SERVER, .flags = SYN, .seq = 9000 });
		data(&s, SERVER, 9001, begins, sizeof begins);
		data(&s, SERVER, 9500, m[0], n);
		assert_int_equal(s.n, 1);
		data(&s, SERVER, 9500 + (uint32_t)n, m[1], n);
		assert_int_equal(s.n, 2);
		seen_close(&s);
	}
}

/* Octets of a message are told once, with the first message of their frame. */
static void test_octets_are_told_once(void **state)
{
	uint8_t q[200];
	uint64_t random = 2;
	size_t starts[2], n = stream(q, 2, 1, &random, starts), cut = starts[1] + 5;
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
	data(&s, CLIENT, 1, q, cut);
	data(&s, CLIENT, 1 + (uint32_t)cut, q + cut, n - cut);
	assert_ids(&s, 1, 2);
	assert_int_equal(s.ev[0].wire_len, 40 + cut);
	assert_int_equal(s.ev[1].wire_len, 40 + n - cut);
	seen_close(&s);
}

/* Where the capture cut off a length, the next message is looked for: its place is not known. */
static void test_cut_in_a_length(void **state)
{
	uint8_t q[600];
	uint64_t random = 3;
	size_t starts[5], n = stream(q, 5, 1, &random, starts), end = starts[2] + 10;

	(void)state;
	for (unsigned late = 0; late < 2; late++) { /* the first one comes behind: what was taken is one */
		struct seen s;

		seen_open(&s);
		open_connection(&s, 1000, 9000);
		if (!late)
			data(&s, CLIENT, 1001, q, starts[1]);
		s.cut = end - starts[2] - 1; /* an octet of the third's length is kept */
		data(&s, CLIENT, 1001 + (uint32_t)starts[1], q + starts[1], end - starts[1]);
		s.cut = 0;
		feed(&s, &(struct segment){
				 .from = SERVER, .flags = ACK, .seq = 9001, .ack = 1001 + (uint32_t)end });
		assert_int_equal(s.n, late ? 1 : 2);
		if (late)
			data(&s, CLIENT, 1001, q, starts[1]);
		assert_int_equal(s.n, 2);
		data(&s, CLIENT, 1001 + (uint32_t)end, q + end, n - end);
		assert_int_equal(s.n, 4);
		assert_int_equal(s.ev[2].u.dns.id, 4);
		assert_int_equal(s.ev[3].u.dns.id, 5);
		seen_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_messages),		 cmocka_unit_test(test_least_message),
		cmocka_unit_test(test_cut_by_the_capture),	 cmocka_unit_test(test_largest_message),
		cmocka_unit_test(test_servers_asked_for),	 cmocka_unit_test(test_noise),
		cmocka_unit_test(test_behind_a_waiting_message), cmocka_unit_test(test_octets_are_told_once),
		cmocka_unit_test(test_cut_in_a_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP streams with octets that are missing: how long they are waited for, and who is told. */
#include "tests/unit/tcp_rig.h"

/* A segment that never came: what follows is found when the other side says that it has it. */
static void test_hole(void **state)
{
	uint8_t q[8000];
	size_t starts[40], n;
	uint64_t random = 9;

	(void)state;
	n = stream(q, 40, 1, &random, starts);
	for (unsigned lost = 1; lost < 39; lost++) {
		struct seen s;
		uint32_t ack = 1001 + (uint32_t)n;

		seen_open(&s);
		open_connection(&s, 1000, 9000);
		for (unsigned i = 0; i < 40; i++)
			if (i != lost) /* it ends in the middle of a message */
				data(&s, CLIENT, 1001 + (uint32_t)(starts[i] + (i == lost + 1 ? 10 : 0)),
				     q + starts[i] + (i == lost + 1 ? 10 : 0),
				     (i < 39 ? starts[i + 1] : n) - starts[i] - (i == lost + 1 ? 10 : 0));
		assert_int_equal(s.n, lost);
		feed(&s, &(struct segment){ .from = SERVER, .flags = ACK, .seq = 9001, .ack = ack });
		assert_int_equal(s.n, lost + 1 == 39 ? 38 : 38);
		for (size_t i = 0; i < s.n; i++) { /* under the addresses of those that sent them */
			assert_int_equal(s.ev[i].sport, 40000);
			assert_int_equal(s.ev[i].dport, 53);
		}
		/* should it come after all, nothing is lost */
		data(&s, CLIENT, 1001 + (uint32_t)starts[lost], q + starts[lost],
		     starts[lost + 1] + 10 - starts[lost]);
		assert_ids(&s, 1, 40);
		seen_finish(&s);
		assert_int_equal(fate(&s, CL_FATE_COUNTED), s.frames);
		raised_free(s.d);
	}
}

/* A hole that is not filled for ten seconds behind octets taken is given up, and counted. */
static void test_hole_given_up(void **state)
{
	uint8_t q[400];
	uint64_t random = 9;
	size_t starts[4], n = stream(q, 4, 1, &random, starts);

	(void)state;
	for (unsigned late = 0; late < 2; late++) {
		struct seen s;

		seen_open(&s);
		open_connection(&s, 1000, 9000);
		data(&s, CLIENT, 1001, q, starts[1] + 5); /* the beginning of the second */
		data(&s, CLIENT, 1001 + (uint32_t)starts[2], q + starts[2], starts[3] - starts[2]);
		assert_int_equal(s.n, 1);
		feed(&s,
		     &(struct segment){
			     .from = SERVER, .flags = ACK, .seq = 9001, .ack = 1001 + (uint32_t)starts[3] });
		assert_int_equal(s.n, 2); /* the third; the second may still come */
		s.now += late ? 10 * SECOND : 9 * SECOND;
		data(&s, CLIENT, 1001 + (uint32_t)starts[3], q + starts[3], n - starts[3]);
		assert_int_equal(s.n, 3);
		assert_int_equal(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_HOLES], late);
		data(&s, CLIENT, 1006 + (uint32_t)starts[1], q + starts[1] + 5, starts[2] - starts[1] - 5);
		assert_int_equal(s.n, late ? 3 : 4);
		seen_finish(&s);
		assert_int_equal(fate(&s, CL_FATE_INCOMPLETE), 0);
		raised_free(s.d);
	}
}

/* Without a word of the other side, time tells. */
static void test_hole_by_time(void **state)
{
	uint8_t q[400];
	uint64_t random = 9;
	size_t starts[4], n = stream(q, 4, 1, &random, starts);
	struct seen s;

	(void)state;
	seen_open(&s);
	open_connection(&s, 1000, 9000);
	data(&s, CLIENT, 1001 + (uint32_t)starts[1], q + starts[1], starts[2] - starts[1]);
	s.now += SECOND / 2;
	data(&s, CLIENT, 1001 + (uint32_t)starts[2], q + starts[2], starts[3] - starts[2]);
	assert_int_equal(s.n, 0);
	s.now += SECOND;
	data(&s, CLIENT, 1001 + (uint32_t)starts[3], q + starts[3], n - starts[3]);
	assert_ids(&s, 2, 3);
	seen_close(&s);
}

/* What is waited for at the end is incomplete, a frame at a time. */
static void test_never_whole(void **state)
{
	uint8_t q[100];
	size_t n = query(q, 7, 5, false);
	struct seen s;

	(void)state;
	seen_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 1000 });
	data(&s, CLIENT, 1001, q, 10);
	data(&s, CLIENT, 1011, q + 10, 10);
	data(&s, CLIENT, 1011, q + 10, 10); /* again: counts */
	assert_int_equal(fate(&s, CL_FATE_COUNTED), 2);
	seen_finish(&s);
	assert_int_equal(fate(&s, CL_FATE_INCOMPLETE), 2);
	raised_free(s.d);
	(void)n;
}

/* A test application: takes lines of a length octet and as many more. */
struct lines {
	unsigned taken[2], gaps;
	uint8_t last[2];
};
static struct lines lines;
static unsigned opened, closed;

static void *lines_open(void)
{
	opened++;
	memset(&lines, 0, sizeof(lines));
	return &lines;
}

static void lines_close(void *state)
{
	assert_ptr_equal(state, &lines);
	closed++;
}

static uint32_t lines_take(void *state, struct cl_pkt *p, unsigned direction, struct cl_cur octets, bool gap)
{
	struct lines *l = state;
	uint32_t done = 0;

	assert_int_equal(p->connection, 1);
	if (gap)
		l->gaps++;
	while (cl_cur_left(&octets) > 0) {
		uint8_t n = cl_cur_u8(&octets);

		if (n == 0xff)
			return CL_TCP_ENOUGH;
		if (n > cl_cur_left(&octets))
			break;
		struct cl_span s = cl_cur_take(&octets, n);
		l->last[direction] = n > 0 ? s.ptr[n - 1] : 0;
		l->taken[direction]++;
		done += n + 1u;
	}
	return done;
}

static const struct cl_tcp_app lines_app = { "lines", lines_open, lines_close, lines_take };

/* Makes a dissector whose port 4444 is the test application's. */
static void app_open(struct seen *s)
{
	seen_open(s);
	s->port = 4444;
	opened = closed = 0;
	cl_streams_app(cl_dissector_streams(s->d), 4444, &lines_app);
}

static void test_application(void **state)
{
	static const uint8_t a[] = { 3, 'a', 'b', 'c', 1, 'd', 2, 'e', 'f' };
	struct seen s;

	(void)state;
	app_open(&s);
	feed(&s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = 0 });
	data(&s, CLIENT, 1, a, 2);
	data(&s, CLIENT, 5, a + 4, 5);
	data(&s, SERVER, 100, a, 6); /* from its middle on: a gap before it */
	data(&s, CLIENT, 3, a + 2, 2);
	assert_int_equal(lines.taken[0], 3);
	assert_int_equal(lines.last[0], 'f');
	assert_int_equal(lines.taken[1], 2);
	assert_int_equal(lines.gaps, 1);
	data(&s, CLIENT, 10, (const uint8_t *)"\377", 1); /* enough */
	data(&s, CLIENT, 11, a, 4);
	assert_int_equal(lines.taken[0], 3);
	assert_int_equal(fate(&s, CL_FATE_OTHER), s.frames);
	seen_close(&s);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
}

/* A hole, once it is given up, is said. */
static void test_application_gap(void **state)
{
	static const uint8_t a[] = { 3, 'a', 'b', 'c', 1, 'd', 2, 'e', 'f' };
	struct seen s;

	(void)state;
	app_open(&s);
	open_connection(&s, 0, 50);
	data(&s, CLIENT, 5, a + 4, 2);
	assert_int_equal(lines.taken[0], 0);
	s.now += 2 * SECOND;
	data(&s, CLIENT, 7, a + 6, 3);
	assert_int_equal(lines.taken[0], 2);
	assert_int_equal(lines.gaps, 1);
	seen_close(&s);
}

/* Acknowledgements pass 2^32, and do not go back. */
static void test_hole_acknowledged_past_the_wrap(void **state)
{
	uint8_t q[400];
	uint64_t random = 9;
	size_t starts[3], n = stream(q, 3, 1, &random, starts);
	uint32_t first = 0u - (uint32_t)starts[1] - 1;

	(void)state;
	for (unsigned old_again = 0; old_again < 2; old_again++) {
		struct seen s;

		seen_open(&s);
		open_connection(&s, first - 1, 9000);
		data(&s, CLIENT, first, q, starts[1]);
		feed(&s,
		     &(struct segment){
			     .from = SERVER, .flags = ACK, .seq = 9001, .ack = first + (uint32_t)starts[1] });
		if (!old_again)
			data(&s, CLIENT, first + (uint32_t)starts[2], q + starts[2], n - starts[2]);
		assert_int_equal(s.n, 1);
		feed(&s, &(struct segment){
				 .from = SERVER, .flags = ACK, .seq = 9001, .ack = first + (uint32_t)n });
		if (old_again) {
			feed(&s, &(struct segment){ .from = SERVER,
						    .flags = ACK,
						    .seq = 9001,
						    .ack = first + (uint32_t)starts[1] });
			data(&s, CLIENT, first + (uint32_t)starts[2], q + starts[2], n - starts[2]);
		}
		assert_int_equal(s.n, 2);
		seen_close(&s);
	}
}

/* Behind a FIN nothing comes that fills a hole. */
static void test_hole_before_the_end(void **state)
{
	uint8_t q[400];
	uint64_t random = 9;
	size_t starts[3], n = stream(q, 3, 1, &random, starts);

	(void)state;
	for (unsigned flags = FIN; flags <= RST; flags += RST - FIN) {
		struct seen s;

		seen_open(&s);
		open_connection(&s, 1000, 9000);
		data(&s, CLIENT, 1001 + (uint32_t)starts[1], q + starts[1], n - starts[1]);
		assert_int_equal(s.n, 0);
		feed(&s, &(struct segment){ .from = CLIENT, .flags = flags, .seq = 1001 + (uint32_t)n });
		assert_ids(&s, 2, 2);
		seen_close(&s);
	}
}

/* Many small holes: no more parts than the limit are kept, whatever the time. */
static void test_many_small_holes(void **state)
{
	static uint8_t q[20000];
	static size_t starts[200];
	uint64_t random = 9;
	struct seen s;

	(void)state;
	stream(q, 200, 1, &random, starts);
	seen_open(&s);
	open_connection(&s, 1000, 9000);
	for (unsigned i = 0; i + 2 < 200; i += 2) {
		data(&s, CLIENT, 1001 + (uint32_t)starts[i], q + starts[i], starts[i + 1] - starts[i]);
		feed(&s, &(struct segment){ .from = SERVER,
					    .flags = ACK,
					    .seq = 9001,
					    .ack = 1001 + (uint32_t)starts[i + 1] });
		assert_int_equal(cl_dissector_ledger(s.d)->fact[CL_FACT_TCP_HOLES] > 0,
				 i / 2 > 65); /* 65 before the last */
	}
	assert_int_equal(s.n, 99);
	seen_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_hole_given_up),
		cmocka_unit_test(test_hole_by_time),
		cmocka_unit_test(test_never_whole),
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_application_gap),
		cmocka_unit_test(test_hole_acknowledged_past_the_wrap),
		cmocka_unit_test(test_hole_before_the_end),
		cmocka_unit_test(test_many_small_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

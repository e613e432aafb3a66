/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP streams and the DNS messages in them. Segments are built here; which messages are in a stream is known
 * from how it was built, whatever the order, the cuts and the doubles.
 */
#include "dissect/tcp.h"
#include "dissect/tcp_parts.h"

#include "tests/unit/vectors.h"

#define MESSAGES 512
#define SECOND	 INT64_C(1000000000)

#define FIN 0x01u
#define SYN 0x02u
#define RST 0x04u
#define ACK 0x10u

#define CLIENT 0u
#define SERVER 1u

/* What came out. */
struct seen {
	struct cl_dissector *d;
	struct cl_event ev[MESSAGES + 1];
	size_t n;
	int64_t now;
	uint64_t frames;
	uint16_t port; /* of the service */
	size_t cut;    /* octets at the end of each frame that the capture did not keep */
};

/* A room of one each, and never the same one twice: what comes next cannot lean on what came before. */
static struct cl_event_room take(void *ctx, size_t n)
{
	struct seen *s = ctx;

	assert_true(n <= 1 && s->n + n < COUNT(s->ev));
	s->n += n;
	return (struct cl_event_room){ .events = s->ev + s->n, .count = 1 };
}

static void nothing(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	static struct detail_text text;

	(void)ctx;
	detail_take(&text, f, d);
}

static void seen_open_with(struct seen *s, const struct cl_limits *limits, bool depth)
{
	memset(s, 0, sizeof(*s));
	s->now = SECOND;
	s->port = 53;
	s->d = cl_dissector_new(limits, take, s);
	assert_non_null(s->d);
	if (depth)
		assert_true(cl_dissector_detail(s->d, nothing, NULL));
}

static void seen_open(struct seen *s)
{
	const struct cl_limits limits = { .hash_seed = 3 };

	seen_open_with(s, &limits, false);
}

static uint64_t fate(const struct seen *s, enum cl_fate f)
{
	return cl_dissector_ledger(s->d)->fate[f];
}

static uint64_t anomaly(const struct seen *s, enum cl_anomaly a)
{
	return cl_dissector_ledger(s->d)->anomaly[a];
}

static uint64_t connections(const struct seen *s)
{
	return cl_dissector_ledger(s->d)->fact[CL_FACT_TCP_DNS_CONNECTIONS];
}

/* Ends the input; all frames have a fate now. */
static void seen_finish(struct seen *s)
{
	uint64_t sum = 0;

	cl_dissector_finish(s->d);
	for (unsigned i = 0; i < CL_FATES; i++)
		sum += fate(s, (enum cl_fate)i);
	assert_int_equal(sum, s->frames);
}

static void seen_close(struct seen *s)
{
	seen_finish(s);
	raised_free(s->d);
}

struct segment {
	unsigned from; /* CLIENT or SERVER */
	unsigned flags;
	uint32_t seq, ack;
	const uint8_t *octets;
	size_t n;
	uint16_t port; /* the client's; 0: 40000 */
};

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

/* A raw IPv4 packet between 192.0.2.1 (client) and 198.51.100.1. */
static void feed(struct seen *s, const struct segment *g)
{
	static const uint8_t head[20] = { 0x45, 0, 0,	0, 0, 1, 0,   0,  64,  6,
					  0,	0, 192, 0, 2, 1, 198, 51, 100, 1 };
	size_t n = 40 + g->n;
	uint8_t *f = calloc(1, n);

	assert_non_null(f);
	memcpy(f, head, sizeof(head));
	put16(f + 2, (unsigned)n);
	put16(f + 20, g->port != 0 ? g->port : 40000);
	put16(f + 22, s->port);
	if (g->from == SERVER) {
		memcpy(f + 12, head + 16, 4);
		memcpy(f + 16, head + 12, 4);
		put16(f + 22, g->port != 0 ? g->port : 40000);
		put16(f + 20, s->port);
	}
	put32(f + 24, g->seq);
	put32(f + 28, g->ack);
	f[32] = 0x50;
	f[33] = (uint8_t)g->flags;
	put16(f + 34, 4096);
	if (g->n > 0)
		memcpy(f + 40, g->octets, g->n);
	/* a block of just the size */
	size_t kept = s->cut < n ? n - s->cut : 0;
	uint8_t *exact = malloc(kept > 0 ? kept : 1);
	assert_non_null(exact);
	memcpy(exact, f, kept);
	s->now += 1000000;
	struct cl_frame frame = { .time_ns = s->now,
				  .number = ++s->frames,
				  .linktype = CL_LINKTYPE_RAW,
				  .cap_len = (uint32_t)kept,
				  .wire_len = (uint32_t)n,
				  .data = exact };
	cl_dissector_feed(s->d, &frame, 1);
	free(exact);
	free(f);
}

static void data(struct seen *s, unsigned from, uint32_t seq, const uint8_t *octets, size_t n)
{
	feed(s, &(struct segment){ .from = from, .flags = ACK, .seq = seq, .octets = octets, .n = n });
}

/* A query with its length before it: a name of `label` octets under "example", `id`; its size. */
static size_t query(uint8_t *out, uint16_t id, unsigned label, bool response)
{
	uint8_t *p = out + 2;

	put16(p, id);
	put16(p + 2, response ? 0x8180 : 0x0100);
	put16(p + 4, 1);
	put16(p + 6, 0);
	put32(p + 8, 0);
	p += 12;
	*p++ = (uint8_t)label;
	for (unsigned i = 0; i < label; i++)
		*p++ = (uint8_t)('a' + (id + i) % 26);
	memcpy(p, "\007example\000\000\001\000\001", 13);
	p += 13;
	put16(out, (unsigned)(p - out - 2));
	return (size_t)(p - out);
}

/* A stream of `count` queries with identifiers from `id` on; its size, and where each begins. */
static size_t stream(uint8_t *out, unsigned count, uint16_t id, uint64_t *random, size_t *starts)
{
	size_t n = 0;

	for (unsigned i = 0; i < count; i++) {
		if (starts != NULL)
			starts[i] = n;
		n += query(out + n, (uint16_t)(id + i), 1 + (unsigned)(next_random(random) % 60), false);
	}
	return n;
}

/* Identifiers first .. first + count - 1, each once. */
static void assert_ids(const struct seen *s, unsigned first, unsigned count)
{
	uint8_t times[65536] = { 0 };

	assert_int_equal(s->n, count);
	for (size_t i = 0; i < s->n; i++)
		times[s->ev[i].u.dns.id]++;
	for (unsigned i = 0; i < count; i++)
		if (times[(first + i) & 0xffff] != 1)
			fail_msg("message %u %u times", first + i, times[(first + i) & 0xffff]);
}

static void open_connection(struct seen *s, uint32_t client, uint32_t server)
{
	feed(s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = client });
	feed(s, &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = server, .ack = client + 1 });
	feed(s, &(struct segment){ .from = CLIENT, .flags = ACK, .seq = client + 1, .ack = server + 1 });
}

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

/* Each kind of option: typed from the RFC named in dissect/tcp_options.c. IPv4 and TCP lengths follow. */
static const struct {
	const char *name, *octets, *shows[4];
} options[] = {
	{ "MSS", "020405b4", { "tcp.option_kind=2", "tcp.option_len=4", "tcp.options.mss_val=1460" } },
	{ "window scale",
	  "03030e01",
	  { "tcp.options.wscale.shift=14", "tcp.options.wscale.multiplier=16384" } },
	{ "window scale over the most",
	  "0303ff01",
	  { "tcp.options.wscale.shift=255", "tcp.options.wscale.multiplier=16384" } },
	{ "SACK permitted", "04020101", { "tcp.option_kind=4", "tcp.option_len=2", "tcp.option_kind=1" } },
	{ "SACK",
	  "0101050a0000000500000009",
	  { "tcp.options.sack_le=5", "tcp.options.sack_re=9", "tcp.options.sack.count=1" } },
	{ "echo", "060611223344 0101", { "tcp.options.echo_value=287454020" } },
	{ "echo reply", "070600000001 0101", { "tcp.options.echo_value=1" } },
	{ "timestamps",
	  "0101080a0000000a00000014",
	  { "tcp.options.timestamp.tsval=10", "tcp.options.timestamp.tsecr=20" } },
	{ "CC", "0b0600000007 0101", { "tcp.option_kind=11", "tcp.options.cc_value=7" } },
	{ "CC.NEW", "0c0600000007 0101", { "tcp.option_kind=12", "tcp.options.cc_value=7" } },
	{ "CC.ECHO", "0d0600000007 0101", { "tcp.option_kind=13", "tcp.options.cc_value=7" } },
	{ "MD5",
	  "1312000102030405060708090a0b0c0d0e0f 0101",
	  { "tcp.options.md5.digest=000102030405060708090a0b0c0d0e0f" } },
	{ "quick start", "1b08050600000000", { "tcp.options.qs.rate=5", "tcp.options.qs.ttl_diff=6" } },
	{ "user timeout",
	  "1c048064",
	  { "tcp.options.user_to_granularity=1", "tcp.options.user_to_val=100" } },
	{ "authentication",
	  "1d10010200112233445566778899aabb",
	  { "tcp.options.ao.keyid=1", "tcp.options.ao.rnextkeyid=2",
	    "tcp.options.ao.mac=00112233445566778899aabb" } },
	{ "Fast Open, request", "22020101", { "tcp.options.tfo.request=" } },
	{ "Fast Open, cookie",
	  "220a0011223344556677 0101",
	  { "tcp.options.tfo.cookie=0011223344556677", "tcp.analysis.tfo_syn=" } },
	{ "accurate ECN, order 0",
	  "ac0b000001000002000003 01",
	  { "tcp.options.acc_ecn.ee0b=1", "tcp.options.acc_ecn.eceb=2", "tcp.options.acc_ecn.ee1b=3" } },
	{ "accurate ECN, order 1",
	  "ae0b000001000002000003 01",
	  { "tcp.options.acc_ecn.ee1b=1", "tcp.options.acc_ecn.eceb=2", "tcp.options.acc_ecn.ee0b=3" } },
	{ "experiment 1",
	  "fd0612347788 0101",
	  { "tcp.options.experimental.exid=4660", "tcp.options.experimental.data=7788" } },
	{ "experiment 2, Fast Open", "fe08f989aabbccdd", { "tcp.options.tfo.cookie=aabbccdd" } },
	{ "unknown", "d2040102", { "tcp.option_kind=210", "tcp.options.unknown.payload=0102" } },
	{ "end", "00000000", { "tcp.option_kind=0" } },
	{ "a length of 0", "02000000", { "tcp.option_len=0", "!tcp.bad_option" } },
	{ "a length of 1", "02010000", { "tcp.option_len=1", "!tcp.bad_option" } },
	{ "a length over the header", "02050000", { "tcp.option_len=5", "!tcp.bad_option" } },
	{ "an MSS of three octets", "02030501", { "tcp.option_len=3", "!tcp.bad_option" } },
	{ "SACK of seven octets", "0509000000000000 000001 00", { "tcp.option_len=9", "!tcp.bad_option" } },
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(options); i++) {
		uint8_t f[100] = { 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1 };
		size_t n = unhex(options[i].octets, f + 40);
		struct rig r;

		assert_int_equal(n % 4, 0);
		f[3] = (uint8_t)(40 + n);
		put16(f + 20, 40000);
		put16(f + 22, 53);
		f[27] = 9;
		f[32] = (uint8_t)((20 + n) / 4 << 4);
		f[33] = SYN;
		rig_open_detail(&r);
		r.waits = true;
		assert_int_equal(rig_feed(&r, CL_LINKTYPE_RAW, f, 40 + n, 40 + n), CL_FATE_COUNTED);
		for (size_t k = 0; k < COUNT(options[i].shows) && options[i].shows[k] != NULL; k++)
			assert_shows(&r, options[i].shows[k]);
		bool bad = detail_has(r.text, "!tcp.bad_option");
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_TCP_BAD_OPTION], bad);
		assert_int_equal(bad, options[i].shows[1] != NULL && options[i].shows[1][0] == '!');
		rig_close(&r);
	}
}

/* What a header says, and what those before it make of it: values by hand. */
static void test_header_and_analysis(void **state)
{
	static const char *const frames[] = {
		"4500002c 0001 0000 4006 0000 c0000201 c6336401 9c400035 ffffffff 00000000 6002fff0 0000 "
		"0000 "
		"020405b4",
		"4500002c 0001 0000 4006 0000 c6336401 c0000201 00359c40 00000009 00000000 6012fff0 0000 "
		"0000 "
		"020405b4",
		"45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5010fff0 0000 "
		"0000",
		"4500002a 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5018fff0 0000 "
		"0000 0030",
		"4500002a 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5018fff0 0000 "
		"0000 0030",
	};
	static const char *const shows[COUNT(frames)][16] = {
		{ "tcp.srcport=40000", "tcp.dstport=53", "tcp.stream=0", "tcp.completeness=0", "tcp.seq=0",
		  "tcp.seq_raw=4294967295", "tcp.nxtseq=1", "tcp.ack=0", "tcp.hdr_len=24", "tcp.flags=2",
		  "tcp.flags.syn=1", "tcp.flags.ack=0", "tcp.window_size=65520", "tcp.connection.syn=" },
		{ "tcp.stream=0", "tcp.completeness=1", "tcp.seq=0", "tcp.ack=1", "tcp.flags=18",
		  "tcp.connection.synack=", "tcp.analysis.acks_frame=1", "tcp.analysis.ack_rtt=1" },
		{ "tcp.completeness=3", "tcp.seq=1", "tcp.ack=1", "tcp.len=0", "tcp.time_relative=2",
		  "tcp.time_delta=1", "tcp.analysis.initial_rtt=2", "tcp.window_size_scalefactor=-2" },
		{ "tcp.completeness=7", "tcp.len=2", "tcp.nxtseq=3", "tcp.payload=0030",
		  "tcp.analysis.bytes_in_flight=2", "tcp.analysis.push_bytes_sent=2",
		  "tcp.flags.str=\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7"
		  "AP\xc2\xb7\xc2\xb7\xc2\xb7",
		  "tcp.segment_data=0030" },
		{ "tcp.analysis.flags=", "tcp.analysis.retransmission=", "tcp.analysis.rto_frame=4",
		  "tcp.analysis.rto=1" },
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	r.waits = true;
	for (size_t i = 0; i < COUNT(frames); i++) {
		rig_hex(&r, CL_LINKTYPE_RAW, frames[i]);
		for (size_t k = 0; k < COUNT(shows[i]) && shows[i][k] != NULL; k++)
			assert_shows(&r, shows[i][k]);
	}
	rig_finish(&r);
	rig_close(&r);
}

#define TO_SERVER "0001 0000 4006 0000 c0000201 c6336401 9c400050 "
#define TO_CLIENT "0001 0000 4006 0000 c6336401 c0000201 00509c40 "

/* Selective acknowledgements count (RFC 2018); what an ICMP error quotes is raw, and changes nothing. */
static void test_selective_and_quoted(void **state)
{
	static const struct {
		const char *frame, *shows[4], *hidden;
	} rows[] = {
		{ "4500002c " TO_SERVER "00000100 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=1", "tcp.analysis.bytes_in_flight=4" },
		  "tcp.analysis.initial_rtt" },
		{ "4500002c " TO_SERVER "00000104 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=5", "tcp.analysis.bytes_in_flight=8" },
		  "tcp.analysis.flags" },
		{ "45000034 " TO_CLIENT "00000200 00000100 80101000 0000 0000 0101050a 00000104 00000108",
		  { "tcp.ack=1", "tcp.options.sack_le=5", "tcp.options.sack_re=9" },
		  "tcp.analysis.duplicate_ack" },
		{ "4500002c " TO_SERVER "00000108 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=9", "tcp.analysis.bytes_in_flight=8" },
		  "tcp.analysis.flags" },
		{ "45000028 " TO_CLIENT "00000200 00000100 50101000 0000 0000",
		  { "tcp.analysis.duplicate_ack_num=1", "tcp.analysis.duplicate_ack_frame=3" },
		  "tcp.options" },
		{ "45000044 0001 0000 4001 0000 c6336401 c0000201 0303 0000 00000000"
		  "4500002c " TO_SERVER "00000900 00000200 50101000 0000 0000",
		  { "tcp.stream=0", "tcp.seq=2304", "tcp.ack=512", "tcp.window_size=4096" },
		  "tcp.len" },
		{ "4500002c " TO_SERVER "0000010c 00000200 50101000 0000 0000 61626364",
		  { "tcp.stream=0", "tcp.seq=13", "tcp.ack=1", "tcp.analysis.bytes_in_flight=16" },
		  "tcp.analysis.lost_segment" },
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		rig_hex(&r, CL_LINKTYPE_RAW, rows[i].frame);
		for (size_t k = 0; k < COUNT(rows[i].shows) && rows[i].shows[k] != NULL; k++)
			assert_shows(&r, rows[i].shows[k]);
		assert_null(strstr(r.text->text, rows[i].hidden));
	}
	rig_close(&r);
}

/* The round trip of a handshake ends with its opener's ACK, whatever the other side sends before. */
static void test_handshake_time(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_SERVER "00000001 00000000 50021000 0000 0000");
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_CLIENT "00000009 00000002 50121000 0000 0000");
	rig_hex(&r, CL_LINKTYPE_RAW, "4500002c " TO_CLIENT "0000000a 00000002 50101000 0000 0000 61626364");
	assert_null(strstr(r.text->text, "tcp.analysis.initial_rtt"));
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_SERVER "00000002 0000000e 50101000 0000 0000");
	assert_shows(&r, "tcp.analysis.initial_rtt=3");
	rig_close(&r);
}

/* Two segments of a message: which they were, and what this frame has of it. */
static void test_segments_are_shown(void **state)
{
	static const char *const frames[] = {
		"4500003c 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50120000 0000 "
		"0000 "
		"001d 1234 0100 0001 0000 0000 0000 0765 7861 6d70",
		"45000033 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000016 00000000 50100000 0000 "
		"0000 "
		"6c65 03636f6d 00 0001 0001",
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	r.waits = true;
	rig_hex(&r, CL_LINKTYPE_RAW, frames[0]);
	assert_shows(&r, "tcp.segment_data=001d123401000001000000000000076578616d70");
	rig_hex(&r, CL_LINKTYPE_RAW, frames[1]);
	assert_int_equal(r.events, 1);
	assert_shows(&r, "tcp.pdu.size=31");
	assert_shows(&r, "tcp.segment=1");
	assert_shows(&r, "tcp.segment=2");
	assert_shows(&r, "tcp.segment.count=2");
	assert_shows(&r, "tcp.reassembled.length=31");
	assert_shows(&r, "tcp.segment_data=6c6503636f6d0000010001");
	rig_finish(&r);
	assert_int_equal(cl_dissector_ledger(r.d)->fate[CL_FATE_COUNTED], 2);
	rig_close(&r);
}

/* A header whose length is under 20 octets or over the packet, and a checksum that is wrong. */
static void test_anomalies_of_headers(void **state)
{
	static const struct {
		const char *frame, *shows;
		enum cl_anomaly id;
	} rows[] = {
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 40020000 "
		  "00000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 60020000 "
		  "00000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "4500002b 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 60020000 "
		  "00000000 010101",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000027 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50020000 000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50020000 "
		  "12340000",
		  "!tcp.bad_checksum", CL_ANOM_TCP_BAD_CHECKSUM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_open_detail(&r);
		r.waits = true;
		rig_hex(&r, CL_LINKTYPE_RAW, rows[i].frame);
		assert_shows(&r, rows[i].shows);
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[rows[i].id], 1);
		rig_finish(&r);
		rig_close(&r);
	}
}

/* For the checks of every prefix, octet and length. */
static const struct vector vectors[] = {
	{ "SYN",
	  "4500002800010000400600 00 c0000201 c6336401 9c400035 00000001 00000000 50021000 00000000",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 32, 1 } } },
	{ "a query without SYN",
	  "45000047 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50101000 00000000 "
	  "001d 1234 0100 0001 0000 0000 0000 076578616d706c65 03636f6d 00 0001 0001",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 32, 1 }, { 40, 2 } } },
	{ "options: MSS, SACK permitted, timestamps, window scale",
	  "4500003c 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 a0021000 00000000 "
	  "020405b4 0402 080a0000000100000000 01 030307",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  {
		  { 2, 2 },
		  { 32, 1 },
		  { 41, 1 },
		  { 45, 1 },
	  } },
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		static uint8_t octets[FRAME_ROOM];
		size_t n = unhex(vectors[i].frame, octets);

		for (int depth = 0; depth < 2; depth++) {
			check_flips(&vectors[i], octets, n, depth != 0);
			check_lengths(&vectors[i], octets, n, depth != 0);
		}
		for (size_t cap = 0; cap <= n; cap++) {
			struct rig r;

			rig_open_detail(&r);
			r.waits = true;
			enum cl_fate f = rig_feed(&r, CL_LINKTYPE_RAW, octets, cap, n);
			assert_true(f == CL_FATE_TRUNCATED || f == vectors[i].fate || f == CL_FATES);
			rig_finish(&r);
			rig_close(&r);
		}
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
		cmocka_unit_test(test_handshake_and_exchange),
		cmocka_unit_test(test_split_everywhere),
		cmocka_unit_test(test_octet_by_octet),
		cmocka_unit_test(test_shuffled),
		cmocka_unit_test(test_all_orders_without_syn),
		cmocka_unit_test(test_pipelined_from_the_middle),
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_hole_given_up),
		cmocka_unit_test(test_hole_by_time),
		cmocka_unit_test(test_never_whole),
		cmocka_unit_test(test_data_on_the_syn),
		cmocka_unit_test(test_data_on_a_late_syn),
		cmocka_unit_test(test_port_reuse),
		cmocka_unit_test(test_overlap_first_wins),
		cmocka_unit_test(test_keep_alive_and_window_probe),
		cmocka_unit_test(test_reset_with_data_and_half_close),
		cmocka_unit_test(test_short_messages),
		cmocka_unit_test(test_least_message),
		cmocka_unit_test(test_cut_by_the_capture),
		cmocka_unit_test(test_largest_message),
		cmocka_unit_test(test_servers_asked_for),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_times_of_any_size),
		cmocka_unit_test(test_endless_handshakes),
		cmocka_unit_test(test_behind_a_waiting_message),
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_application_gap),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_header_and_analysis),
		cmocka_unit_test(test_selective_and_quoted),
		cmocka_unit_test(test_handshake_time),
		cmocka_unit_test(test_segments_are_shown),
		cmocka_unit_test(test_anomalies_of_headers),
		cmocka_unit_test(test_octets_are_told_once),
		cmocka_unit_test(test_late_syn),
		cmocka_unit_test(test_far_away),
		cmocka_unit_test(test_hole_acknowledged_past_the_wrap),
		cmocka_unit_test(test_hole_before_the_end),
		cmocka_unit_test(test_many_small_holes),
		cmocka_unit_test(test_cut_in_a_length),
		cmocka_unit_test(test_side_limit),
		cmocka_unit_test(test_connection_limit),
		cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_segment_in_fragments),
		cmocka_unit_test(test_taken_is_bounded),
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

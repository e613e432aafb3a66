/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments of TCP connections, built and fed to a dissector, and what came out. */
#ifndef CL_TESTS_TCP_RIG_H
#define CL_TESTS_TCP_RIG_H

#include "dissect/tcp.h"

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
static inline struct cl_event_room take(void *ctx, size_t n)
{
	struct seen *s = ctx;

	assert_true(n <= 1 && s->n + n < COUNT(s->ev));
	s->n += n;
	return (struct cl_event_room){ .events = s->ev + s->n, .count = 1 };
}

static inline void nothing(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	static struct detail_text text;

	(void)ctx;
	detail_take(&text, f, d);
}

static inline void seen_open_with(struct seen *s, const struct cl_limits *limits, bool depth)
{
	memset(s, 0, sizeof(*s));
	s->now = SECOND;
	s->port = 53;
	s->d = cl_dissector_new(limits, take, s);
	assert_non_null(s->d);
	if (depth)
		assert_true(cl_dissector_detail(s->d, nothing, NULL));
}

static inline void seen_open(struct seen *s)
{
	const struct cl_limits limits = { .hash_seed = 3 };

	seen_open_with(s, &limits, false);
}

static inline uint64_t fate(const struct seen *s, enum cl_fate f)
{
	return cl_dissector_ledger(s->d)->fate[f];
}

static inline uint64_t anomaly(const struct seen *s, enum cl_anomaly a)
{
	return cl_dissector_ledger(s->d)->anomaly[a];
}

static inline uint64_t connections(const struct seen *s)
{
	return cl_dissector_ledger(s->d)->fact[CL_FACT_TCP_DNS_CONNECTIONS];
}

/* Ends the input; all frames have a fate now. */
static inline void seen_finish(struct seen *s)
{
	uint64_t sum = 0;

	cl_dissector_finish(s->d);
	for (unsigned i = 0; i < CL_FATES; i++)
		sum += fate(s, (enum cl_fate)i);
	assert_int_equal(sum, s->frames);
}

static inline void seen_close(struct seen *s)
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

static inline void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static inline void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

/* A raw IPv4 packet between 192.0.2.1 (client) and 198.51.100.1. */
static inline void feed(struct seen *s, const struct segment *g)
{
	static const uint8_t head[20] = { 0x45, 0, 0,	0, 0, 1, 0,   0,  64,  6,
					  0,	0, 192, 0, 2, 1, 198, 51, 100, 1 };
	size_t n = 40 + g->n;
	uint8_t *f = calloc(1, n + 1); /* the place of a payload lies in it, also if there is none */

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

static inline void data(struct seen *s, unsigned from, uint32_t seq, const uint8_t *octets, size_t n)
{
	feed(s, &(struct segment){ .from = from, .flags = ACK, .seq = seq, .octets = octets, .n = n });
}

/* A query with its length before it: a name of `label` octets under "example", `id`; its size. */
static inline size_t query(uint8_t *out, uint16_t id, unsigned label, bool response)
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
static inline size_t stream(uint8_t *out, unsigned count, uint16_t id, uint64_t *random, size_t *starts)
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
static inline void assert_ids(const struct seen *s, unsigned first, unsigned count)
{
	uint8_t times[65536] = { 0 };

	assert_int_equal(s->n, count);
	for (size_t i = 0; i < s->n; i++)
		times[s->ev[i].u.dns.id]++;
	for (unsigned i = 0; i < count; i++)
		if (times[(first + i) & 0xffff] != 1)
			fail_msg("message %u %u times", first + i, times[(first + i) & 0xffff]);
}

static inline void open_connection(struct seen *s, uint32_t client, uint32_t server)
{
	feed(s, &(struct segment){ .from = CLIENT, .flags = SYN, .seq = client });
	feed(s, &(struct segment){ .from = SERVER, .flags = SYN | ACK, .seq = server, .ack = client + 1 });
	feed(s, &(struct segment){ .from = CLIENT, .flags = ACK, .seq = client + 1, .ack = server + 1 });
}

#endif

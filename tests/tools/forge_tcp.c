/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS over TCP: streams cut, lost, doubled and begun in all ways. */
#include "forge.h"

#include <stdio.h>

enum { MESSAGES = 4, QUERY = 29, ANSWER = 45 }; /* octets, each with its length (RFC 1035 section 4.2.2) */

/*
 * One segment. The client's stream is the queries for a.example, b.example, c.example and d.example with the
 * IDs 1 to 4, QUERY octets each, the server's the answers, ANSWER octets each: octets `from` to `to` of it.
 * Numbers of both sides count from the first octet of the stream; what each side's begins with is added.
 */
struct tcp_step {
	int64_t at; /* milliseconds after FG_T0 */
	enum fg_dir dir;
	unsigned flags;
	int seq, ack, from, to;
};

struct tcp_side {
	uint32_t first; /* number of the first octet */
	struct fg_buf stream;
};

#define Q(n) ((n)*QUERY) /* where query n + 1 begins */
#define R(n) ((n)*ANSWER)

static void make_stream(struct fg_buf *out, enum fg_dir dir)
{
	char name[] = "a.example";
	struct fg_buf b;

	out->len = 0;
	for (unsigned i = 0; i < MESSAGES; i++, name[0]++) {
		fg_dns(&b, &(struct fg_dns){ .id = i + 1,
					     .flags = FG_RD | (dir == FG_ANSWER ? FG_QR : 0),
					     .qname = name,
					     .qtype = 1,
					     .addresses = dir == FG_ANSWER });
		fg_u16(out, (unsigned)b.len);
		fg_bytes(out, b.at, b.len);
	}
}

static void send_steps(struct fg_file *f, const struct fg_flow *w, uint32_t client, uint32_t server,
		       const struct tcp_step *steps, size_t n)
{
	struct tcp_side sides[2] = { { .first = client }, { .first = server } };

	make_stream(&sides[FG_ASK].stream, FG_ASK);
	make_stream(&sides[FG_ANSWER].stream, FG_ANSWER);
	for (size_t i = 0; i < n; i++) {
		const struct tcp_step *s = &steps[i];
		const struct tcp_side *own = &sides[s->dir], *other = &sides[1 - s->dir];
		const unsigned acks = s->flags & FG_ACK;
		struct fg_buf payload = { .len = 0 };

		fg_bytes(&payload, own->stream.at + s->from, (size_t)(s->to - s->from));
		fg_send_tcp(f, FG_MS(s->at), w, s->dir,
			    &(struct fg_tcp){ .seq = own->first + (uint32_t)s->seq,
					      .ack = acks ? other->first + (uint32_t)s->ack : 0,
					      .flags = s->flags },
			    &payload);
	}
}

static const struct fg_flow flow4 = { "198.51.100.1", "192.0.2.53", 50001, 53 };
static const struct fg_flow flow6 = { "2001:db8:1::1", "2001:db8::53", 50001, 53 };

#define STEPS(a) a, sizeof(a) / sizeof((a)[0])
#define ASK	 FG_ASK
#define REPLY	 FG_ANSWER
#define DATA	 (FG_ACK | FG_PUSH)

#define HANDSHAKE                                                                                            \
	{ 0, ASK, FG_SYN, -1, 0, 0, 0 }, { 10, REPLY, FG_SYN | FG_ACK, -1, 0, 0, 0 },                        \
	{                                                                                                    \
		20, ASK, FG_ACK, 0, 0, 0, 0                                                                  \
	}

/* Four queries in a segment of a connection whose beginning was not captured; answers cut in the second. */
static void pipelined(const char *path)
{
	static const struct tcp_step steps[] = {
		{ 0, ASK, DATA, 0, 0, Q(0), Q(4) },
		{ 20, REPLY, DATA, 0, Q(4), R(0), R(1) + 20 },
		{ 30, REPLY, DATA, R(1) + 20, Q(4), R(1) + 20, R(4) },
	};
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	send_steps(f, &flow4, 5000, 9000, STEPS(steps));
	fg_close(f);
}

/* The segment with the second query and the beginning of the third is lost, and never sent again for us. */
static void hole(const char *path)
{
	static const struct tcp_step steps[] = {
		HANDSHAKE,
		{ 100, ASK, DATA, Q(0), 0, Q(0), Q(1) },
		{ 110, ASK, DATA, Q(2) + 10, 0, Q(2) + 10, Q(4) },
		{ 120, REPLY, FG_ACK, 0, Q(4), 0, 0 },
		{ 130, REPLY, DATA, R(0), Q(4), R(0), R(4) },
		{ 140, ASK, FG_FIN | FG_ACK, Q(4), R(4), 0, 0 },
		{ 150, REPLY, FG_FIN | FG_ACK, R(4), Q(4) + 1, 0, 0 },
	};
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	send_steps(f, &flow4, 1001, 2001, STEPS(steps));
	fg_close(f);
}

/* Segments in another order and sent again, cut otherwise, both ways. */
static void order(const char *path)
{
	static const struct tcp_step steps[] = {
		HANDSHAKE,
		{ 100, ASK, DATA, Q(2), 0, Q(2), Q(4) },
		{ 110, ASK, DATA, Q(0), 0, Q(0), Q(1) },
		{ 120, ASK, DATA, Q(1), 0, Q(1), Q(2) },
		{ 130, ASK, DATA, Q(0), 0, Q(0), Q(2) + 5 }, /* again, and more at once */
		{ 200, REPLY, DATA, R(3), Q(4), R(3), R(4) },
		{ 210, REPLY, DATA, R(1) + 7, Q(4), R(1) + 7, R(3) },
		{ 220, REPLY, DATA, R(0), Q(4), R(0), R(1) + 10 }, /* overlaps with the same octets */
		{ 230, ASK, FG_ACK, Q(4), R(4), 0, 0 },
	};
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	send_steps(f, &flow6, 1001, 2001, STEPS(steps));
	fg_close(f);
}

/* RFC 7413: a query on the SYN, answered before the handshake ends; sequence numbers pass 2^32 in the second.
 */
static void fast_open(const char *path)
{
	static const struct tcp_step steps[] = {
		{ 0, ASK, FG_SYN, -1, 0, Q(0), Q(1) },
		{ 10, REPLY, FG_SYN | FG_ACK, -1, Q(1), 0, 0 },
		{ 11, REPLY, DATA, 0, Q(1), R(0), R(1) },
		{ 20, ASK, FG_ACK, Q(1), R(1), 0, 0 },
		{ 100, ASK, DATA, Q(1), R(1), Q(1), Q(2) },
		{ 121, REPLY, DATA, R(1), Q(2), R(1), R(2) },
		{ 130, ASK, FG_FIN | FG_ACK, Q(2), R(2), 0, 0 },
		{ 140, REPLY, FG_FIN | FG_ACK, R(2), Q(2) + 1, 0, 0 },
	};
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	send_steps(f, &flow4, 0u - QUERY - 9, 0u - ANSWER - 9, STEPS(steps));
	fg_close(f);
}

/* The same addresses and ports once more, with other numbers; the first ended by a RST that says why. */
static void reuse(const char *path)
{
	static const struct tcp_step first[] = {
		HANDSHAKE,
		{ 30, ASK, FG_SYN, -1, 0, 0, 0 }, /* sent again: no other connection */
		{ 100, ASK, DATA, Q(0), 0, Q(0), Q(1) },
		{ 120, REPLY, DATA, R(0), Q(1), R(0), R(1) },
		{ 130, REPLY, FG_RST | FG_ACK, R(1), Q(1), R(1), R(2) }, /* what a RST carries is no stream */
	};
	static const struct tcp_step second[] = {
		{ 1000, ASK, FG_SYN, -1, 0, 0, 0 },
		{ 1010, REPLY, FG_SYN | FG_ACK, -1, 0, 0, 0 },
		{ 1100, ASK, DATA, Q(0), 0, Q(0), Q(1) },
		{ 1130, REPLY, DATA, R(0), Q(1), R(0), R(1) },
	};
	struct fg_file *f = fg_create(path, FG_ETHERNET, FG_NANO, 262144);

	send_steps(f, &flow4, 1001, 2001, STEPS(first));
	send_steps(f, &flow4, 700001, 2500, STEPS(second));
	fg_close(f);
}

const struct fg_case fg_tcp_cases[] = {
	{ "tcp-fast-open.pcap", fast_open }, { "tcp-hole.pcap", hole },	  { "tcp-order.pcap", order },
	{ "tcp-pipelined.pcap", pipelined }, { "tcp-reuse.pcap", reuse }, { NULL, NULL },
};

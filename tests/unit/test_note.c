/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notes beside events: each member from packets typed by hand. Every room is of one event and holds rubbish
 * before, so that nothing of a note is left from an earlier one.
 */
#include "dissect/hash.h"
#include "dissect/note.h"
#include "tests/unit/tls_vectors.h"
#include "tests/unit/vectors.h"

#define SEED 7u
#define MAX  32u

struct noted {
	struct cl_dissector *d;
	struct cl_event ev[MAX];
	struct cl_note note[MAX];
	size_t n;
	uint64_t frames;
	int64_t now;
};

static struct cl_event_room take(void *ctx, size_t n)
{
	struct noted *t = ctx;

	t->n += n;
	assert_true(t->n < MAX);
	return (struct cl_event_room){ .events = t->ev + t->n, .count = 1, .notes = t->note + t->n };
}

static void open_with(struct noted *t, const struct cl_limits *limits)
{
	memset(t, 0xa5, sizeof(*t));
	t->n = t->frames = 0;
	t->now = 0;
	t->d = cl_dissector_new(limits, take, t);
	assert_non_null(t->d);
}

static void open_plain(struct noted *t)
{
	const struct cl_limits limits = { .hash_seed = SEED, .streams = true };

	open_with(t, &limits);
}

static void close_noted(struct noted *t)
{
	cl_dissector_finish(t->d);
	cl_dissector_free(t->d);
}

/* A second after the one before. */
static void feed(struct noted *t, const uint8_t *octets, size_t n)
{
	struct cl_frame f = { .number = ++t->frames, .linktype = CL_LINKTYPE_RAW };
	uint8_t *exact = malloc(n);

	assert_non_null(exact);
	memcpy(exact, octets, n);
	f.time_ns = t->now += 1000000000;
	f.data = exact;
	f.cap_len = f.wire_len = (uint32_t)n;
	cl_dissector_feed(t->d, &f, 1);
	free(exact);
}

static void feed_hex(struct noted *t, const char *frame)
{
	static uint8_t octets[FRAME_ROOM];

	feed(t, octets, unhex(frame, octets));
}

static void feed_udp(struct noted *t, uint16_t sport, uint16_t dport, const char *payload)
{
	static uint8_t octets[FRAME_ROOM], frame[FRAME_ROOM];
	size_t n = unhex(payload, octets);

	feed(t, frame, wrap_udp(frame, sport, dport, octets, n));
}

/* The note of a single message. */
static struct cl_note note_of(const char *frame)
{
	struct noted t;

	open_plain(&t);
	feed_hex(&t, frame);
	assert_int_equal(t.n, 1);
	close_noted(&t);
	return t.note[0];
}

static struct cl_note note_of_udp(uint16_t sport, uint16_t dport, const char *payload)
{
	struct noted t;

	open_plain(&t);
	feed_udp(&t, sport, dport, payload);
	assert_int_equal(t.n, 1);
	close_noted(&t);
	return t.note[0];
}

static void assert_piece(const struct cl_note *n, enum cl_note_piece piece, const char *hex)
{
	static uint8_t wanted[FRAME_ROOM];
	size_t size = unhex(hex, wanted), length;
	const uint8_t *octets = cl_note_piece(n, piece, &length);

	assert_int_equal(length, size);
	if (size > 0)
		assert_memory_equal(octets, wanted, size);
}

static void assert_addr(const struct cl_addr *a, const char *text)
{
	char said[CL_ADDR_STRLEN];

	cl_addr_format(a, said);
	assert_string_equal(said, text);
}

/* 192.0.2.1 port 1234 asks 198.51.100.1. */
#define UDP48	"04d2007b 00380000 "
#define STAMPS	"a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8 c1c2c3c4c5c6c7c8 "
#define HEADER	"e302ffe9 00010203 04050607 47505300 0102030405060708 " STAMPS
#define CLIENT	"230000ec 00000000 00000000 00000000 0000000000000000 " STAMPS
#define IP4_NTP "45b8004c 00010000 21110000 c0000201 c6336401 " UDP48 HEADER
#define IP6_NTP                                                                                              \
	"6b800000 00381140 20010db8000000000000000000000001 20010db8000000000000000000000002 " UDP48 HEADER

static void assert_header(const struct cl_note *n)
{
	assert_int_equal(n->leap, 3);
	assert_int_equal(n->precision, -23);
	assert_int_equal(n->root_delay, 0x00010203);
	assert_int_equal(n->root_dispersion, 0x04050607);
	assert_int_equal(n->refid, 0x47505300);
	assert_true(n->ref == 0x0102030405060708u);
	assert_int_equal(n->length, 48);
	assert_int_equal(n->auth, CL_NTP_AUTH_PLAIN);
	assert_int_equal(n->fields, 0);
	assert_int_equal(n->data_length, 0);
	assert_int_equal(n->fragments, 0);
	assert_int_equal(n->tunnel, 0);
	assert_int_equal(n->stream, 0);
	assert_addr(&n->outer_src, "::");
}

static void an_ntp_header(void **state)
{
	struct cl_note four = note_of(IP4_NTP), six = note_of(IP6_NTP);

	(void)state;
	assert_header(&four);
	assert_int_equal(four.ip_ttl, 33);
	assert_int_equal(four.ip_tos, 0xb8);
	assert_header(&six);
	assert_int_equal(six.ip_ttl, 64);
	assert_int_equal(six.ip_tos, 0xb8);
}

#define DIGEST "d0d1d2d3 d4d5d6d7 d8d9dadb dcdddedf "

static void what_authenticates(void **state)
{
	struct cl_note mac = note_of_udp(1234, 123, CLIENT "00000007 " DIGEST),
		       nak = note_of_udp(1234, 123, CLIENT "00000000"),
		       autokey = note_of_udp(1234, 123,
					     CLIENT "02010010 00000001 00000002 00000003 00010007" DIGEST),
		       request = note_of_udp(1234, 123,
					     CLIENT "02040010 00000001 00000002 00000003 00010007" DIGEST),
		       bad = note_of_udp(1234, 123, CLIENT "0102030405060708");

	(void)state;
	assert_int_equal(mac.auth, CL_NTP_AUTH_MAC);
	assert_int_equal(mac.key_id, 7);
	assert_int_equal(mac.mac_length, 16);
	assert_int_equal(mac.length, 68);
	assert_int_equal(nak.auth, CL_NTP_AUTH_CRYPTO_NAK);
	assert_int_equal(nak.key_id, 0);
	assert_int_equal(nak.mac_length, 0);
	assert_int_equal(autokey.auth, CL_NTP_AUTH_AUTOKEY);
	assert_int_equal(autokey.key_id, 0x10007);
	assert_int_equal(autokey.fields, 1);
	assert_int_equal(autokey.field[0].type, 0x0201);
	assert_int_equal(autokey.field[0].length, 16);
	assert_int_equal(request.auth, CL_NTP_AUTH_AUTOKEY); /* 0x0204 beside a session key's MAC */
	assert_int_equal(request.cookies, 0);
	assert_int_equal(request.cookie_length, 0);
	assert_int_equal(bad.auth, CL_NTP_AUTH_PLAIN);
}

#define UID32  "00112233445566778899aabbccddeeff 101112131415161718191a1b1c1d1e1f "
#define COOKIE "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf "

static void nts_fields(void **state)
{
	struct cl_note n = note_of_udp(1234, 123,
				       CLIENT "01040024 " UID32 "02040014 " COOKIE "03040014 " COOKIE
					      "03040014 " COOKIE "04040028 " COOKIE COOKIE "00000000");
	uint8_t cookie[16];

	(void)state;
	unhex(COOKIE, cookie);
	assert_int_equal(n.auth, CL_NTP_AUTH_NTS);
	assert_int_equal(n.fields, 5);
	assert_int_equal(n.field[0].type, 0x0104);
	assert_int_equal(n.field[0].length, 36);
	assert_int_equal(n.field[3].type, 0x0304);
	assert_int_equal(n.field[4].type, 0x0404);
	assert_int_equal(n.field[4].length, 40);
	assert_int_equal(n.cookies, 1);
	assert_int_equal(n.placeholders, 2);
	assert_int_equal(n.cookie_length, 16);
	assert_int_equal(n.auth_length, 40);
	assert_true(n.cookie == cl_hash(cookie, 16, SEED));
	assert_piece(&n, CL_PIECE_UID, UID32);
}

static void modes_6_and_7(void **state)
{
	struct cl_note six = note_of_udp(123, 1234, "16a2 0007 0615 0102 0304 0005 613d312c62 000000"),
		       seven = note_of_udp(123, 1234, "d785032a 30040048 0102030405060708");

	(void)state;
	assert_int_equal(six.opcode, 0xa2);
	assert_int_equal(six.sequence, 7);
	assert_int_equal(six.status, 0x0615);
	assert_int_equal(six.association, 0x0102);
	assert_int_equal(six.offset, 0x0304);
	assert_int_equal(six.count, 5);
	assert_piece(&six, CL_PIECE_CONTROL, "613d312c62");
	assert_int_equal(six.length, 20);
	assert_int_equal(seven.response, 0xc0);
	assert_int_equal(seven.sequence, 5);
	assert_int_equal(seven.implementation, 3);
	assert_int_equal(seven.opcode, 0x2a);
	assert_int_equal(seven.status, 3);
	assert_int_equal(seven.association, 4);
	assert_int_equal(seven.offset, 0x48);
	assert_int_equal(seven.count, 8);
	assert_piece(&seven, CL_PIECE_CONTROL, "0102030405060708");
}

#define WWW "03775777 076578616d706c65 00 "

static void a_dns_message(void **state)
{
	struct cl_note n = note_of_udp(
		40000, 53,
		"1234 0120 0001 0002 0003 0001 " WWW "0001 0001 "
		/* two answers and three authorities of the root, without data */
		"00 0001 0001 00000000 0000  00 0001 0001 00000000 0000  00 0001 0001 00000000 0000 "
		"00 0001 0001 00000000 0000  00 0001 0001 00000000 0000 "
		/* OPT: 1232, version 1, DO; EDE 18 "no", ECS 192.0.2.0/24/20, NSID "ns", cookie, EDE 3 */
		"00 0029 04d0 00018000 0033 "
		"000f 0004 0012 6e6f  0008 0007 0001 18 14 c00002  0003 0002 6e73 "
		"000a 0010 0102030405060708 1112131415161718  000f 0002 0003 ");

	(void)state;
	assert_int_equal(n.flags, 0x0120);
	assert_int_equal(n.qdcount, 1);
	assert_int_equal(n.ancount, 2);
	assert_int_equal(n.nscount, 3);
	assert_int_equal(n.arcount, 1);
	assert_int_equal(n.udp_size, 1232);
	assert_int_equal(n.edns_version, 1);
	assert_int_equal(n.edns_flags, 0x8000);
	assert_int_equal(n.fields, 5);
	assert_int_equal(n.field[1].type, 8);
	assert_int_equal(n.field[1].length, 7);
	assert_int_equal(n.field[4].type, 15);
	assert_int_equal(n.ecs_family, 1);
	assert_int_equal(n.ecs_source, 24);
	assert_int_equal(n.ecs_scope, 20);
	assert_addr(&n.ecs_addr, "192.0.2.0");
	assert_int_equal(n.ede, 18);
	assert_int_equal(n.ede_count, 2);
	assert_piece(&n, CL_PIECE_QNAME, WWW);
	assert_piece(&n, CL_PIECE_COOKIE, "0102030405060708 1112131415161718");
	assert_piece(&n, CL_PIECE_NSID, "6e73");
	assert_piece(&n, CL_PIECE_EDE, "6e6f");
	assert_int_equal(n.length, 12 + 17 + 5 * 11 + 11 + 51);
	assert_int_equal(n.data_cut, 0);
}

static void odd_dns(void **state)
{
	/* a name of a pointer into the header's zeros: the root */
	struct cl_note root = note_of_udp(40000, 53, "1234 0100 0001 0000 0000 0000 c004 0001 0001");
	struct cl_note six = note_of_udp(40000, 53,
					 "1234 0100 0000 0000 0000 0001 00 0029 1000 00000000 000b "
					 "0008 0007 0002 18 00 20010d");
	/* more octets than the family has */
	struct cl_note wrong = note_of_udp(40000, 53,
					   "1234 0100 0000 0000 0000 0001 00 0029 1000 00000000 000d "
					   "0008 0009 0001 20 00 c000020101");
	struct cl_note broken = note_of_udp(40000, 53, "1234 0100 0001 0000 0000 0000 45");

	(void)state;
	assert_piece(&root, CL_PIECE_QNAME, "00");
	assert_int_equal(six.ecs_family, 2);
	assert_addr(&six.ecs_addr, "2001:d00::");
	assert_piece(&six, CL_PIECE_QNAME, "");
	assert_int_equal(wrong.ecs_family, 0);
	assert_int_equal(wrong.fields, 1);
	assert_piece(&broken, CL_PIECE_QNAME, "");
	assert_int_equal(broken.qdcount, 1);
}

/* More options than are listed; a text longer than the room. */
static void much_dns(void **state)
{
	static const uint8_t head[] = { 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0 };
	uint8_t m[2000] = { 0 }, frame[2100];
	size_t n = sizeof(head), many = 20 * 4, text = 900;
	struct noted t;

	(void)state;
	memcpy(m, head, n);
	m[n++] = (uint8_t)((many + 4 + text) >> 8);
	m[n++] = (uint8_t)(many + 4 + text);
	for (unsigned i = 0; i < 20; i++, n += 4)
		m[n] = 0xfe; /* each of its own code, empty */
	m[n + 1] = 15;
	m[n + 2] = (uint8_t)(text >> 8);
	m[n + 3] = (uint8_t)text;
	memset(m + n + 4, 'x', text);
	n += 4 + text;
	open_plain(&t);
	feed(&t, frame, wrap_udp(frame, 40000, 53, m, n));
	assert_int_equal(t.n, 1);
	assert_int_equal(t.note[0].fields, CL_NOTE_FIELDS_MAX);
	assert_int_equal(t.note[0].ede_count, 1);
	assert_int_equal(t.note[0].ede, 'x' << 8 | 'x');
	assert_int_equal(t.note[0].piece_length[CL_PIECE_EDE], CL_NOTE_DATA_MAX);
	assert_int_equal(t.note[0].data_cut, 1);
	close_noted(&t);
}

#define QUOTE4 "4500004c 00010000 1d110000 c0000201 c6336401 007b04d2 00380000 " HEADER
#define QUOTE6                                                                                               \
	"60000000 0038111c 20010db8000000000000000000000001 20010db8000000000000000000000002 007b04d2 "      \
	"00380000 " HEADER

static void icmp_errors(void **state)
{
	struct cl_note four = note_of(
			       "45000068 00010000 37010000 cb007109 c0000201 03040000 00000578 " QUOTE4),
		       port = note_of(
			       "45000068 00010000 37010000 cb007109 c0000201 03030000 00000578 " QUOTE4),
		       six = note_of("60000000 00683a37 20010db8000000000000000000000009 "
				     "20010db8000000000000000000000001 02000000 00000500 " QUOTE6),
		       /* TCP, with a header of 24 octets: behind it, four of DNS */
		tcp = note_of("4500004e 00010000 37010000 cb007109 c0000201 03030000 00000000 "
			      "45000046 00010000 1d060000 c0000201 c6336401 9c400035 00000001 00000002 "
			      "60181000 00000000 01010101 001b1234 0100");

	(void)state;
	assert_int_equal(four.mtu, 1400);
	assert_int_equal(four.quoted_ttl, 29);
	assert_int_equal(four.ip_ttl, 55);
	assert_int_equal(four.length, 84);
	assert_piece(&four, CL_PIECE_QUOTE, HEADER);
	assert_int_equal(four.stream, 0);
	assert_int_equal(port.mtu, 0);
	assert_int_equal(six.mtu, 1280);
	assert_int_equal(six.quoted_ttl, 28);
	assert_int_equal(six.ip_ttl, 55);
	assert_piece(&six, CL_PIECE_QUOTE, HEADER);
	assert_piece(&tcp, CL_PIECE_QUOTE, "001b1234 0100");
}

static void tunnels(void **state)
{
	/* IPv6 in IPv4; then that in IPv4 once more */
	struct cl_note one = note_of("45000074 00010000 40290000 cb007101 cb007102 " IP6_NTP),
		       two = note_of("45000088 00010000 40040000 cb007103 cb007104 "
				     "45000074 00010000 40290000 cb007101 cb007102 " IP6_NTP),
		       next = note_of("45000060 00010000 40040000 cb007103 cb007104 " IP4_NTP);

	(void)state;
	assert_int_equal(one.tunnel, 1 + CL_FACT_TUNNEL_6IN4 - CL_FACT_TUNNEL_6IN4);
	assert_addr(&one.outer_src, "203.0.113.1");
	assert_addr(&one.outer_dst, "203.0.113.2");
	assert_int_equal(one.ip_ttl, 64);
	assert_int_equal(one.ip_tos, 0xb8);
	assert_int_equal(two.tunnel, 1);
	assert_addr(&two.outer_src, "203.0.113.3");
	assert_addr(&two.outer_dst, "203.0.113.4");
	assert_int_equal(next.tunnel, 1 + CL_FACT_TUNNEL_4IN4 - CL_FACT_TUNNEL_6IN4);
	assert_int_equal(next.ip_ttl, 33);
}

static void fragments(void **state)
{
	struct noted t;

	(void)state;
	open_plain(&t);
	feed_hex(&t,
		 "4500002c 00092000 21110000 c0000201 c6336401 " UDP48 "e302ffe9 00010203 04050607 47505300");
	feed_hex(&t, "45000034 00090003 21110000 c0000201 c6336401 0102030405060708 " STAMPS);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.note[0].fragments, 2);
	assert_int_equal(t.note[0].refid, 0x47505300);
	assert_true(t.note[0].ref == 0x0102030405060708u);
	close_noted(&t);
}

/* Conversations of others count as well. */
static void streams(void **state)
{
	struct noted t;

	(void)state;
	open_plain(&t);
	feed_udp(&t, 5000, 6000, "00");
	feed_udp(&t, 1234, 123, CLIENT);
	feed_udp(&t, 1235, 123, CLIENT);
	feed_udp(&t, 123, 1234,
		 CLIENT); /* the same addresses: another conversation, of the other direction's ports */
	feed_udp(&t, 1234, 123, CLIENT);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.note[0].stream, 1);
	assert_int_equal(t.note[1].stream, 2);
	assert_int_equal(t.note[2].stream, 3);
	assert_int_equal(t.note[3].stream, 1);
	close_noted(&t);
}

/* Nobody asked for their numbers: all else is there. */
static void no_streams(void **state)
{
	const struct cl_limits limits = { .hash_seed = SEED };
	struct noted t;

	(void)state;
	open_with(&t, &limits);
	feed_udp(&t, 5000, 6000, "00");
	feed_udp(&t, 1234, 123, CLIENT);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.note[0].stream, 0);
	assert_int_equal(t.note[0].length, 48);
	close_noted(&t);
}

/* TCP ------------------------------------------------------------------------ */

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* From the client 192.0.2.1 port 40000 (TTL 61) or from its server 198.51.100.1 (TTL 55). */
static void segment(struct noted *t, bool server, uint16_t port, unsigned flags, uint32_t seq, uint32_t ack,
		    const char *payload)
{
	static uint8_t f[FRAME_ROOM], body[FRAME_ROOM];
	size_t n = unhex(payload, body);
	char head[128];

	snprintf(head, sizeof(head), "4500%04x 00010000 %02x060000 %s %04x%04x %08x %08x 50%02x1000 00000000",
		 (unsigned)n + 40, server ? 55u : 61u, server ? "c6336401 c0000201" : "c0000201 c6336401",
		 server ? port : 40000u, server ? 40000u : port, seq, ack, flags);
	size_t at = unhex(head, f);
	memcpy(f + at, body, n);
	feed(t, f, at + n);
}

#define QUERY(id) "001b" id "0100 0001 0000 0000 0000 0161 0765786d706c6531 00 0001 0001"

static void open_connection(struct noted *t, uint16_t port)
{
	segment(t, false, port, SYN, 100, 0, "");
	segment(t, true, port, SYN | ACK, 500, 101, "");
	segment(t, false, port, ACK, 101, 501, "");
}

static void messages_of_a_segment(void **state)
{
	struct noted t;

	(void)state;
	open_plain(&t);
	feed_udp(&t, 1234, 123, CLIENT);
	segment(&t, false, 80, SYN, 1, 0, ""); /* tcp.stream 0 */
	open_connection(&t, 53);
	segment(&t, false, 53, ACK, 101, 501, QUERY("0001") QUERY("0002"));
	assert_int_equal(t.n, 3);
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(t.ev[i].u.dns.id, i);
		assert_int_equal(t.note[i].stream, 1);
		assert_int_equal(t.note[i].ip_ttl, 61);
		assert_int_equal(t.note[i].length, 27);
		assert_int_equal(t.note[i].flags, 0x0100);
		assert_piece(&t.note[i], CL_PIECE_QNAME, "0161 0765786d706c6531 00");
	}
	close_noted(&t);
}

static void a_connection_that_ends(void **state)
{
	struct noted t;

	(void)state;
	open_plain(&t);
	open_connection(&t, 53);
	segment(&t, false, 53, ACK, 101, 501, QUERY("0001"));
	segment(&t, false, 53, FIN | ACK, 130, 501, "");
	segment(&t, true, 53, FIN | ACK, 501, 131, "");
	assert_int_equal(t.n, 1);
	segment(&t, false, 53, ACK, 131, 502, "");
	assert_int_equal(t.n, 2);
	segment(&t, false, 53, ACK, 131, 502, ""); /* too late */
	const struct cl_event *ev = &t.ev[1];
	const struct cl_note *n = &t.note[1];
	assert_int_equal(ev->kind, CL_EV_CONN);
	assert_int_equal(ev->role, CL_ROLE_APART);
	assert_addr(&ev->src, "192.0.2.1");
	assert_addr(&ev->dst, "198.51.100.1");
	assert_int_equal(ev->sport, 40000);
	assert_int_equal(ev->dport, 53);
	assert_int_equal(ev->frame_no, 1);
	assert_int_equal(ev->time_ns, 7000000000);
	assert_int_equal(n->syn_ns, 1000000000);
	assert_int_equal(n->open_ns, 3000000000);
	assert_int_equal(n->close_ns, 5000000000);
	assert_int_equal(n->hello_ns, 0);
	assert_int_equal(n->bytes_up, 29);
	assert_int_equal(n->bytes_down, 0);
	assert_int_equal(n->packets_up, 5);
	assert_int_equal(n->packets_down, 2);
	assert_int_equal(n->state, CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN | CL_CONN_FIN);
	assert_int_equal(n->service, CL_CONN_DNS);
	assert_int_equal(n->port, 53);
	assert_int_equal(n->ip_ttl, 61);
	assert_int_equal(n->qdcount, 0);
	assert_int_equal(n->data_length, 0);
	close_noted(&t);
	assert_int_equal(t.n, 2); /* once */
}

static void other_ends(void **state)
{
	struct noted t;

	(void)state;
	open_plain(&t);
	segment(&t, false, 853, SYN, 100, 0, "");
	segment(&t, true, 853, RST | ACK, 0, 101, "");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.note[0].state, CL_CONN_SYN | CL_CONN_RST | CL_CONN_REFUSED);
	assert_int_equal(t.note[0].service, CL_CONN_DOT);
	assert_int_equal(t.note[0].close_ns, 2000000000);
	segment(&t, false, 853, SYN, 9000, 0, "");     /* the ports again: a new one */
	segment(&t, false, 853, SYN, 70000000, 0, ""); /* and again, the one before without an end */
	assert_int_equal(t.n, 2);
	assert_int_equal(t.note[1].state, CL_CONN_SYN);
	assert_int_equal(t.note[1].packets_up, 1);
	assert_int_equal(t.ev[1].frame_no, 3);
	segment(&t, false, 443, SYN, 5, 0, ""); /* nobody's: not told */
	segment(&t, true, 53, ACK, 700, 800, "00");
	close_noted(&t);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.ev[2].frame_no, 4);
	assert_int_equal(t.ev[3].dport, 53); /* from its middle on, the server's packet alone */
	assert_int_equal(t.note[3].bytes_down, 1);
	assert_int_equal(t.note[3].state, 0);
	assert_int_equal(t.note[3].ip_ttl, 0);
}

static void a_forgotten_connection(void **state)
{
	const struct cl_limits limits = { .hash_seed = SEED, .streams = true, .tcp_connections = 1 };
	struct noted t;

	(void)state;
	open_with(&t, &limits);
	segment(&t, false, 53, SYN, 100, 0, "");
	segment(&t, false, 853, SYN, 200, 0, "");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.ev[0].dport, 53);
	close_noted(&t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.ev[1].dport, 853);
}

static void servers_asked_for(void **state)
{
	struct cl_addr wanted;
	struct cl_limits limits = {
		.hash_seed = SEED, .streams = true, .servers = &wanted, .server_count = 1
	};
	struct noted t;

	(void)state;
	assert_true(cl_addr_parse("198.51.100.1", &wanted));
	open_with(&t, &limits);
	segment(&t, false, 53, SYN, 100, 0, "");
	close_noted(&t);
	assert_int_equal(t.n, 1);
	assert_true(cl_addr_parse("198.51.100.2", &wanted));
	open_with(&t, &limits);
	segment(&t, false, 53, SYN, 100, 0, "");
	close_noted(&t);
	assert_int_equal(t.n, 0);
}

/* The handshake of RFC 8448 section 3, the server's hello in two segments. */
static void a_tls_connection(void **state)
{
	static char first[128], rest[256];
	struct noted t;

	(void)state;
	snprintf(first, sizeof(first), "%.20s", RFC_SERVER_HELLO);
	snprintf(rest, sizeof(rest), "%s", &RFC_SERVER_HELLO[20]);
	open_plain(&t);
	open_connection(&t, 4460);
	segment(&t, false, 4460, ACK, 101, 501, RFC_CLIENT_HELLO);
	segment(&t, true, 4460, ACK, 501, 302, first);
	segment(&t, true, 4460, ACK, 511, 302, rest);
	segment(&t, false, 4460, RST, 302, 0, "");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.note[0].tls_version, 0x0304);
	assert_int_equal(t.note[0].hello_ns, 6000000000);
	assert_int_equal(t.note[0].service, CL_CONN_NTS_KE);
	assert_int_equal(t.note[0].state,
			 CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN | CL_CONN_HELLO | CL_CONN_RST);
	assert_int_equal(t.note[0].bytes_up, 201);
	assert_int_equal(t.note[0].bytes_down, 95);
	assert_piece(&t.note[0], CL_PIECE_SNI, "736572766572"); /* "server" */
	assert_piece(&t.note[0], CL_PIECE_ALPN, "");
	close_noted(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ntp_header),
		cmocka_unit_test(what_authenticates),
		cmocka_unit_test(nts_fields),
		cmocka_unit_test(modes_6_and_7),
		cmocka_unit_test(a_dns_message),
		cmocka_unit_test(odd_dns),
		cmocka_unit_test(much_dns),
		cmocka_unit_test(icmp_errors),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(fragments),
		cmocka_unit_test(streams),
		cmocka_unit_test(no_streams),
		cmocka_unit_test(messages_of_a_segment),
		cmocka_unit_test(a_connection_that_ends),
		cmocka_unit_test(other_ends),
		cmocka_unit_test(a_forgotten_connection),
		cmocka_unit_test(servers_asked_for),
		cmocka_unit_test(a_tls_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of packets in tunnels: packets put together here, layer by layer. */
#include "dissect/tunnelnote.h"
#include "tests/unit/vectors.h"

#define NOTES_MAX 8u

enum { A = 1, B = 2, ROUTER = 9 }; /* 203.0.113.x, 2001:db8:ff::x */
enum { X = 1, Y = 2 };		   /* 2001:db8::x, 192.0.2.x */

struct packet {
	uint8_t at[2048];
	size_t n;
};

struct told {
	struct cl_tunnel_note note[NOTES_MAX];
	size_t count;
};

static void take(void *ctx, const struct cl_tunnel_note *note)
{
	struct told *t = ctx;

	assert_true(t->count < NOTES_MAX);
	t->note[t->count++] = *note;
}

/* Puts octets of hexadecimal text before the packet. */
static void before(struct packet *p, const char *hex)
{
	uint8_t octets[128];
	size_t n = unhex(hex, octets);

	assert_true(p->n + n <= sizeof(p->at));
	memmove(p->at + n, p->at, p->n);
	memcpy(p->at, octets, n);
	p->n += n;
}

static struct packet of_hex(const char *hex)
{
	struct packet p = { .n = 0 };

	before(&p, hex);
	return p;
}

/* An IPv4 header; word: flags and offset of fragments. */
static void ip4(struct packet *p, unsigned proto, unsigned from, unsigned to, unsigned id, unsigned word,
		unsigned ttl)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "4500%04zx%04x%04x%02x%02x0000cb0071%02xcb0071%02x", p->n + 20, id, word,
		 ttl, proto, from, to);
	before(p, hex);
}

/* An IPv6 header between inner addresses. */
static void ip6(struct packet *p, unsigned next, unsigned from, unsigned to)
{
	char hex[96];

	snprintf(hex, sizeof(hex),
		 "60000000%04zx%02x4020010db80000000000000000000000%02x20010db800000000000000"
		 "00000000%02x",
		 p->n, next, from, to);
	before(p, hex);
}

/* An NTP request of 8 octets, mode 7, from 49153 to 123, with a checksum that holds in IPv6 from X to Y. */
static struct packet ntp6(void)
{
	struct packet p = of_hex("c001007b0010c9b21700032a00000000");

	ip6(&p, 17, X, Y);
	return p;
}

static struct packet in_6in4(struct packet p)
{
	ip4(&p, 41, A, B, 0x1234, 0x4000, 61);
	return p;
}

struct bench {
	struct rig rig;
	struct told told;
};

static void open_bench(struct bench *b)
{
	rig_open(&b->rig, NULL, 0);
	b->told.count = 0;
	assert_true(cl_dissector_tunnels(b->rig.d, take, &b->told));
}

static enum cl_fate feed(struct bench *b, const struct packet *p)
{
	b->told.count = 0;
	return rig_feed(&b->rig, CL_LINKTYPE_RAW, p->at, p->n, p->n);
}

static void assert_addr(const struct cl_addr *a, const char *text)
{
	char got[CL_ADDR_STRLEN];

	cl_addr_format(a, got);
	assert_string_equal(got, text);
}

static void a_packet_in_a_tunnel_is_told(void **state)
{
	struct bench b;
	const struct packet p = in_6in4(ntp6());
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	open_bench(&b);
	assert_int_equal(feed(&b, &p), CL_FATE_COUNTED);
	assert_int_equal(b.told.count, 1);
	assert_int_equal(n->what, CL_TUNNEL_PACKET);
	assert_int_equal(n->kind, 0);
	assert_int_equal(n->level, 1);
	assert_addr(&n->src, "203.0.113.1");
	assert_addr(&n->dst, "203.0.113.2");
	assert_addr(&n->inner_src, "2001:db8::1");
	assert_addr(&n->inner_dst, "2001:db8::2");
	assert_int_equal(n->time_ns, 5000000000);
	assert_int_equal(n->packets, 1);
	assert_int_equal(n->bytes, 76);
	assert_int_equal(n->inner_octets, 56);
	assert_int_equal(n->overhead, 20);
	assert_int_equal(n->ttl, 61);
	assert_int_equal(n->ip_id, 0x1234);
	assert_int_equal(n->bits, CL_TUNNEL_DF | CL_TUNNEL_PORTS);
	assert_int_equal(n->inner_version, 6);
	assert_int_equal(n->inner_proto, 17);
	assert_int_equal(n->sport, 49153);
	assert_int_equal(n->dport, 123);
	assert_int_equal(n->service, CL_TUNNEL_SERVICE_NTP);
	rig_close(&b.rig);
}

static void what_is_plain_is_not_told(void **state)
{
	struct bench b;
	const struct packet six = ntp6(), tunnelled = in_6in4(ntp6());

	(void)state;
	open_bench(&b);
	feed(&b, &tunnelled);
	assert_int_equal(feed(&b, &six), CL_FATE_COUNTED); /* nothing of the one before is told again */
	assert_int_equal(b.told.count, 0);
	rig_close(&b.rig);
}

static void fragments_of_the_outer_packet_are_told_one_by_one(void **state)
{
	struct bench b;
	const struct packet whole = ntp6();
	struct packet first = { .n = 24 }, second = { .n = whole.n - 24 };
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	memcpy(first.at, whole.at, first.n);
	memcpy(second.at, whole.at + 24, second.n);
	ip4(&first, 41, A, B, 7, 0x2000, 61);
	ip4(&second, 41, A, B, 7, 3, 62);
	open_bench(&b);
	b.rig.waits = true;
	feed(&b, &first);
	assert_int_equal(b.told.count, 1);
	assert_int_equal(n[0].what, CL_TUNNEL_FRAGMENT);
	assert_int_equal(n[0].packets, 1);
	assert_int_equal(n[0].bytes, 44);
	assert_int_equal(n[0].bits, CL_TUNNEL_FRAGMENTED);
	assert_int_equal(feed(&b, &second), CL_FATE_COUNTED);
	assert_int_equal(b.told.count, 2);
	assert_int_equal(n[0].what, CL_TUNNEL_FRAGMENT);
	assert_int_equal(n[0].bytes, 52);
	assert_int_equal(n[0].ttl, 62);
	assert_int_equal(n[1].what, CL_TUNNEL_PACKET);
	assert_int_equal(n[1].packets, 0);
	assert_int_equal(n[1].bytes, 0);
	assert_int_equal(n[1].inner_octets, 56);
	assert_int_equal(n[1].overhead, 0);
	assert_int_equal(n[1].dport, 123);
	rig_close(&b.rig);
}

/* GRE in fragments does not show itself: all are told with the whole. */
static void fragments_of_others_are_told_together(void **state)
{
	struct bench b;
	struct packet whole = ntp6(), first = { .n = 24 }, second;
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	before(&whole, "000086dd");
	second = (struct packet){ .n = whole.n - 24 };
	memcpy(first.at, whole.at, first.n);
	memcpy(second.at, whole.at + 24, second.n);
	ip4(&first, 47, A, B, 7, 0x2000, 61);
	ip4(&second, 47, A, B, 7, 3, 61);
	open_bench(&b);
	b.rig.waits = true;
	feed(&b, &first);
	assert_int_equal(b.told.count, 0);
	feed(&b, &second);
	assert_int_equal(b.told.count, 1);
	assert_int_equal(n->kind, CL_FACT_TUNNEL_GRE - CL_FACT_TUNNEL_6IN4);
	assert_int_equal(n->packets, 2);
	assert_int_equal(n->bytes, whole.n + 40);
	assert_int_equal(n->bits & CL_TUNNEL_FRAGMENTED, CL_TUNNEL_FRAGMENTED);
	rig_close(&b.rig);
}

static void an_inner_fragment_is_told_so(void **state)
{
	struct bench b;
	struct packet p = of_hex("1100000100000007"
				 "c001007b0020c9b2");
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	ip6(&p, 44, X, Y);
	p = in_6in4(p);
	open_bench(&b);
	b.rig.waits = true;
	feed(&b, &p);
	assert_int_equal(b.told.count, 1);
	assert_int_equal(n->bits, CL_TUNNEL_DF | CL_TUNNEL_INNER_FRAGMENT);
	assert_int_equal(n->inner_proto, 17);
	assert_int_equal(n->inner_octets, 56);
	assert_addr(&n->inner_dst, "2001:db8::2");
	rig_close(&b.rig);
}

static void each_level_is_a_tunnel(void **state)
{
	struct bench b;
	struct packet p = in_6in4(ntp6());
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	before(&p, "00000800");
	ip4(&p, 47, A, ROUTER, 1, 0, 64);
	open_bench(&b);
	feed(&b, &p);
	assert_int_equal(b.told.count, 2);
	assert_int_equal(n[0].kind, CL_FACT_TUNNEL_GRE - CL_FACT_TUNNEL_6IN4);
	assert_int_equal(n[0].level, 1);
	assert_int_equal(n[0].carried, 1);
	assert_int_equal(n[0].overhead, 24);
	assert_int_equal(n[0].inner_octets, 76);
	assert_addr(&n[0].dst, "203.0.113.9");
	assert_addr(&n[0].inner_dst, "203.0.113.2");
	assert_int_equal(n[1].kind, 0);
	assert_int_equal(n[1].level, 2);
	assert_int_equal(n[1].carried, 0);
	assert_int_equal(n[1].ttl, 61);
	assert_addr(&n[1].inner_dst, "2001:db8::2");
	assert_int_equal(n[1].dport, 123);
	rig_close(&b.rig);
}

static void a_syn_tells_its_segment_size(void **state)
{
	static const struct {
		const char *tcp;
		uint16_t mss;
	} rows[] = {
		{ "c00101bb 00000001 00000000 6002 ffff 0000 0000 020405a0", 1440 },
		{ "c00101bb 00000001 00000000 7012 ffff 0000 0000 01010402 020404c4", 1220 }, /* SYN-ACK */
		{ "c00101bb 00000001 00000000 6010 ffff 0000 0000 020405a0", 0 },	      /* no SYN */
		{ "c00101bb 00000001 00000000 6002 ffff 0000 0000 00020405", 0 }, /* behind the end */
		{ "c00101bb 00000001 00000000 6002 ffff 0000 0000 01020405", 0 }, /* cut */
		{ "c00101bb 00000001 00000000 6002 ffff 0000 0000 05000000", 0 }, /* no length */
		{ "c00101bb 00000001 00000000 f002 ffff 0000 0000 020405a0", 0 }, /* header too long */
	};
	struct bench b;

	(void)state;
	open_bench(&b);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct packet p = of_hex(rows[i].tcp);

		ip6(&p, 6, X, Y);
		p = in_6in4(p);
		feed(&b, &p);
		assert_int_equal(b.told.count, 1);
		if (i < 6)
			assert_int_equal(b.told.note[0].mss, rows[i].mss);
		assert_int_equal(b.told.note[0].sport, 49153);
		assert_int_equal(b.told.note[0].dport, 443);
	}
	rig_close(&b.rig);
}

static void pings_and_too_big_are_told(void **state)
{
	struct bench b;
	struct packet ping = of_hex("8000 0000 1234 0007 6162"), big = ntp6();
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	open_bench(&b);
	ip6(&ping, 58, X, Y);
	ping = in_6in4(ping);
	feed(&b, &ping);
	assert_int_equal(n->icmp_type, 128);
	assert_int_equal(n->icmp_rest, 0x12340007);
	assert_int_equal(n->bits, CL_TUNNEL_DF | CL_TUNNEL_ICMP);
	before(&big, "0200 0000 00000500");
	ip6(&big, 58, Y, X);
	big = in_6in4(big);
	feed(&b, &big);
	assert_int_equal(b.told.count, 1); /* the quote is no tunnel's packet */
	assert_int_equal(n->icmp_type, 2);
	assert_int_equal(n->icmp_rest, 1280);
	assert_addr(&n->inner_src, "2001:db8::2");
	assert_int_equal(n->bits & CL_TUNNEL_PORTS, 0);
	rig_close(&b.rig);
}

static void errors_that_quote_a_tunnel_are_told(void **state)
{
	static const struct {
		const char *head;
		uint8_t type, code;
		uint32_t rest;
	} rows[] = { { "0302 0000 00000000", 3, 2, 0 },
		     { "030d 0000 00000000", 3, 13, 0 },
		     { "0304 0000 000005b4", 3, 4, 1460 } };
	struct bench b;
	const struct cl_tunnel_note *n = b.told.note;

	(void)state;
	open_bench(&b);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct packet p = in_6in4(ntp6());

		p.n = 28; /* as RFC 792 has it */
		before(&p, rows[i].head);
		ip4(&p, 1, ROUTER, A, 1, 0, 60);
		assert_int_equal(feed(&b, &p), CL_FATE_OTHER);
		assert_int_equal(b.told.count, 1);
		assert_int_equal(n->what, CL_TUNNEL_ERROR);
		assert_int_equal(n->kind, 0);
		assert_addr(&n->src, "203.0.113.1");
		assert_addr(&n->dst, "203.0.113.2");
		assert_addr(&n->inner_src, "203.0.113.9");
		assert_int_equal(n->icmp_type, rows[i].type);
		assert_int_equal(n->icmp_code, rows[i].code);
		assert_int_equal(n->icmp_rest, rows[i].rest);
		assert_int_equal(n->family, 4);
	}
	rig_close(&b.rig);
}

static void a_cut_packet_is_told_as_far_as_it_goes(void **state)
{
	struct bench b;
	const struct packet p = in_6in4(ntp6());

	(void)state;
	open_bench(&b);
	for (size_t kept = 0; kept < p.n; kept++) {
		const struct cl_tunnel_note *n = b.told.note;

		b.told.count = 0;
		rig_feed(&b.rig, CL_LINKTYPE_RAW, p.at, kept, p.n);
		assert_int_equal(b.told.count, kept >= 20);
		if (kept < 20)
			continue;
		assert_int_equal(n->bytes, p.n);
		assert_int_equal(n->inner_version, kept >= 60 ? 6 : 0);
		assert_int_equal(n->bits & CL_TUNNEL_PORTS, kept >= 68 ? CL_TUNNEL_PORTS : 0);
	}
	rig_close(&b.rig);
}

/* --inner and --outer. */
static void messages_are_kept_by_where_they_came(void **state)
{
	static const struct {
		enum cl_only only;
		enum cl_fate plain, tunnelled, error, plain_error;
	} rows[] = {
		{ CL_ONLY_ALL, CL_FATE_COUNTED, CL_FATE_COUNTED, CL_FATE_COUNTED, CL_FATE_COUNTED },
		{ CL_ONLY_INNER, CL_FATE_FILTERED, CL_FATE_COUNTED, CL_FATE_COUNTED, CL_FATE_FILTERED },
		{ CL_ONLY_OUTER, CL_FATE_COUNTED, CL_FATE_FILTERED, CL_FATE_FILTERED, CL_FATE_COUNTED },
	};
	const struct packet plain = ntp6(), tunnelled = in_6in4(ntp6());
	struct packet error = tunnelled, plain_error = plain, tunnelled_error;

	(void)state;
	before(&error, "0302 0000 00000000");
	ip4(&error, 1, ROUTER, A, 1, 0, 60);
	before(&plain_error, "0104 0000 00000000");
	ip6(&plain_error, 58, Y, X);
	tunnelled_error = in_6in4(plain_error); /* its quote says nothing of the tunnel */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cl_limits limits = { .only = rows[i].only };
		struct rig r = { .events = 0 };

		r.d = cl_dissector_new(&limits, rig_take, &r);
		assert_non_null(r.d);
#define FATE(p) rig_feed(&r, CL_LINKTYPE_RAW, (p).at, (p).n, (p).n)
		assert_int_equal(FATE(plain), rows[i].plain);
		assert_int_equal(FATE(tunnelled), rows[i].tunnelled);
		assert_int_equal(FATE(error), rows[i].error);
		assert_int_equal(FATE(plain_error), rows[i].plain_error);
		assert_int_equal(FATE(tunnelled_error), rows[i].error);
		rig_close(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_in_a_tunnel_is_told),
		cmocka_unit_test(what_is_plain_is_not_told),
		cmocka_unit_test(fragments_of_the_outer_packet_are_told_one_by_one),
		cmocka_unit_test(fragments_of_others_are_told_together),
		cmocka_unit_test(an_inner_fragment_is_told_so),
		cmocka_unit_test(each_level_is_a_tunnel),
		cmocka_unit_test(a_syn_tells_its_segment_size),
		cmocka_unit_test(pings_and_too_big_are_told),
		cmocka_unit_test(errors_that_quote_a_tunnel_are_told),
		cmocka_unit_test(a_cut_packet_is_told_as_far_as_it_goes),
		cmocka_unit_test(messages_are_kept_by_where_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

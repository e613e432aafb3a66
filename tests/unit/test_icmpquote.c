/* SPDX-License-Identifier: BSD-2-Clause */
/* Which response an ICMP error quotes: exchanges made by hand, told in the order of their first message. */
#include "tests/unit/test_cmocka.h"

#include <string.h>

#include "stats/exchange/sent.h"
#include "stats/view/icmpquote.h"

#define MS INT64_C(1000000)
#define S  (1000 * MS)

static struct cl_icmpquote *q;
static uint64_t told;

static struct cl_addr host(unsigned n)
{
	const uint8_t v4[4] = { 192, 0, (uint8_t)(n >> 8), (uint8_t)n };

	return cl_addr_from_v4(v4);
}

static struct cl_addr host6(unsigned n)
{
	struct cl_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };

	a.b[5] = (uint8_t)n;
	a.b[15] = 1;
	return a;
}

static const struct cl_icmpquote_config plain = { .messages = 4096, .list = 3, .seed = 7 };

static int setup(void **state)
{
	(void)state;
	q = cl_icmpquote_new(&plain);
	told = 0;
	return q == NULL;
}

static int teardown(void **state)
{
	(void)state;
	assert_false(cl_icmpquote_failed(q));
	cl_icmpquote_free(q);
	return 0;
}

/* Exchanges ------------------------------------------------------------------- */

/* An NTP message of client 1 or another with server 9; xmt is `stamp`. */
struct talk {
	unsigned client;
	uint16_t port;
	int64_t request_ns, response_ns; /* -1: there is none */
	uint64_t stamp;
};

static struct cl_event ntp_event(const struct talk *t, bool response, int64_t ns)
{
	struct cl_event ev = { .time_ns = ns, .frame_no = ++told, .kind = CL_EV_NTP };

	ev.src = response ? host(9) : host(t->client);
	ev.dst = response ? host(t->client) : host(9);
	ev.sport = response ? 123 : t->port;
	ev.dport = response ? t->port : 123;
	ev.role = response ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST;
	ev.u.ntp = (struct cl_ntp){ .org = response ? t->stamp : 0,
				    .rec = response ? t->stamp + 1 : 0,
				    .xmt = response ? t->stamp + 2 : t->stamp,
				    .version = 4,
				    .mode = response ? 4 : 3,
				    .stratum = response ? 2 : 0,
				    .poll = 6 };
	return ev;
}

static struct cl_note ntp_note(bool response)
{
	struct cl_note n;

	cl_note_clear(&n);
	n.ip_ttl = 64;
	n.precision = response ? -20 : 0;
	n.root_delay = response ? 0x01020304 : 0;
	n.refid = response ? 0x47505300 : 0;
	n.ref = response ? 0x1122334455667788 : 0;
	return n;
}

static void tell(const struct talk *t)
{
	struct cl_event request = ntp_event(t, false, t->request_ns),
			response = ntp_event(t, true, t->response_ns);
	struct cl_note request_note = ntp_note(false), response_note = ntp_note(true);
	struct cl_exchange x = { .kind = CL_X_NTP, .fortune = CL_FORTUNE_MATCHED };

	if (t->request_ns >= 0)
		x.request = (struct cl_message){ &request, &request_note };
	if (t->response_ns >= 0)
		x.response = (struct cl_message){ &response, &response_note };
	if (t->request_ns < 0 || t->response_ns < 0)
		x.fortune = t->request_ns < 0 ? CL_FORTUNE_BOGUS : CL_FORTUNE_UNANSWERED;
	cl_icmpquote_take(q, &x);
}

/* The octets on the wire, laid out here again (RFC 5905 sec. 7.3). */
static void wire(uint8_t out[48], const struct talk *t, bool response)
{
	static const uint8_t head[24] = {
		0x24, 2,   6,	0xec, 1,    2,	  3,	4,    0,    0,	  0,	0,
		'G',  'P', 'S', 0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
	};

	memset(out, 0, 48);
	if (response)
		memcpy(out, head, sizeof head);
	else
		memcpy(out, (const uint8_t[]){ 0x23, 0, 6, 0 }, 4);
	for (unsigned i = 0; i < 8; i++) {
		out[24 + i] = (uint8_t)(response ? t->stamp >> (56 - 8 * i) : 0);
		out[32 + i] = (uint8_t)(response ? (t->stamp + 1) >> (56 - 8 * i) : 0);
		out[40 + i] = (uint8_t)((t->stamp + (response ? 2 : 0)) >> (56 - 8 * i));
	}
}

struct error {
	const struct talk *about;
	int64_t ns;
	size_t quoted; /* octets of the message */
	unsigned sender;
	uint8_t type, code; /* 0: port unreachable */
	bool request;	    /* is quoted */
	int wrong;	    /* octet that is not as it was sent, from 1 */
	uint8_t ttl;
};

static void fail_with(const struct error *e)
{
	uint8_t octets[48];
	struct cl_note note;
	bool response = !e->request;
	struct cl_event ev = { .time_ns = e->ns, .frame_no = ++told, .kind = CL_EV_ICMP };
	struct cl_event of = ntp_event(e->about, response, 0);

	told--;
	ev.src = host(e->sender != 0 ? e->sender : e->about->client);
	ev.dst = host(9);
	ev.u.icmp = (struct cl_icmp){ .src = of.src,
				      .dst = of.dst,
				      .sport = of.sport,
				      .dport = of.dport,
				      .type = e->type != 0 ? e->type : 3,
				      .code = e->type != 0 ? e->code : 3,
				      .family = 4,
				      .bits = response ? CL_ICMP_RESPONSE : 0,
				      .quoted_len = (uint32_t)e->quoted };
	wire(octets, e->about, response);
	if (e->wrong > 0)
		octets[e->wrong - 1] ^= 1;
	cl_note_clear(&note);
	note.quoted_ttl = e->ttl;
	cl_note_put(&note, CL_PIECE_QUOTE, octets, e->quoted);
	cl_icmpquote_take(q, &(struct cl_exchange){ .kind = CL_X_ICMP, .request = { &ev, &note } });
}

static struct cl_quote_count v4(void)
{
	return cl_icmpquote_count(q, 4);
}

/* Cases ----------------------------------------------------------------------- */

static void whole_quote(void **state)
{
	const struct talk t = { 1, 4000, 1 * S, 1 * S + 2 * MS, 0xabcdef0123456789 };

	(void)state;
	tell(&t);
	fail_with(&(struct error){ .about = &t, .ns = 1 * S + 32 * MS, .quoted = 48 });
	assert_int_equal(v4().matched, 1);
	const struct cl_quote_kind *kind = cl_icmpquote_kind(q, 4, 3, 3);
	assert_int_equal(kind->round_trip.n, 1);
	assert_int_equal(kind->round_trip.min, 30 * MS);
	assert_int_equal(kind->delta.max, 2 * MS);
	const struct cl_quote_closed *c = cl_icmpquote_closed(q);
	assert_int_equal(c->wait.min, 32 * MS);
	assert_int_equal(c->by_wait[3], 1);   /* 20 to 50 ms */
	assert_int_equal(c->by_delta[1], 1);  /* 1 to 5 ms */
	assert_int_equal(c->exchanges[1], 1); /* of as many */
	assert_int_equal(c->clients[3], 1);   /* by its 30 ms */
	assert_int_equal(c->responses[3], 1);
	size_t n;
	const struct cl_quote_error *list = cl_icmpquote_slowest(q, &n);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].response_frame, 2);
	assert_int_equal(list[0].request_frame, 1);
	assert_int_equal(list[0].requests, 1);
	assert_null(cl_icmpquote_kind(q, 6, 1, 4));
}

/* Each octet of the header is compared. */
static void other_octets(void **state)
{
	const struct talk t = { 1, 4000, 1 * S, 1 * S + 2 * MS, 0xabcdef0123456789 };

	(void)state;
	tell(&t);
	for (int i = 1; i <= 48; i++)
		fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 48, .wrong = i });
	assert_int_equal(v4().errors, 48);
	assert_int_equal(v4().matched, 0);
	assert_int_equal(v4().altered, 48);
	fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 47, .wrong = 48 });
	assert_int_equal(v4().matched, 1); /* the wrong one is not quoted */
	size_t n;
	(void)cl_icmpquote_unmatched(q, &n);
	assert_int_equal(n, plain.list);
}

/* A class begins with its edge. */
static void classes(void **state)
{
	(void)state;
	for (unsigned i = 1; i < CL_QUOTE_CLASSES; i++)
		for (int64_t less = 0; less < 2; less++)
			tell(&(struct talk){ 1, 4000, 1 * S, 1 * S + cl_quote_edges_ns[i] - less, i });
	const struct cl_quote_closed *c = cl_icmpquote_closed(q);
	for (unsigned i = 0; i < CL_QUOTE_CLASSES; i++)
		assert_int_equal(c->exchanges[i], 1 + (i > 0 && i + 1 < CL_QUOTE_CLASSES));
}

static void other_ports(void **state)
{
	struct talk t = { 1, 4000, 1 * S, 1 * S + 2 * MS, 5 };

	(void)state;
	tell(&t);
	t.port = 4001;
	fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 0 });
	t.port = 4000;
	t.client = 2;
	fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 0 });
	assert_int_equal(v4().matched, 0);
	assert_int_equal(v4().altered, 0);
	assert_int_equal(cl_icmpquote_clients(q).affected, 0);
}

/* Sixty seconds are in, a nanosecond more is not; what left later is not the cause. */
static void a_minute(void **state)
{
	const struct talk t = { 1, 4000, 1 * S, 2 * S, 5 };

	(void)state;
	tell(&t);
	fail_with(&(struct error){ .about = &t, .ns = 2 * S - 1, .quoted = 48 });
	assert_int_equal(v4().matched, 0);
	fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 48 });
	assert_int_equal(v4().matched, 1);
	fail_with(&(struct error){ .about = &t, .ns = 62 * S, .quoted = 48 });
	assert_int_equal(v4().matched, 2);
	assert_int_equal(v4().repeated, 1);
	fail_with(&(struct error){ .about = &t, .ns = 62 * S + 1, .quoted = 48 });
	assert_int_equal(v4().matched, 2);
}

/* An exchange is told when its request came: its response may come long after others that are told later. */
static void told_before_others(void **state)
{
	const struct talk slow = { 1, 4000, 1 * S, 1 * S + 3000 * S, 5 };

	(void)state;
	tell(&slow); /* with a timeout of an hour */
	for (unsigned i = 0; i < 100; i++)
		tell(&(struct talk){ 2, (uint16_t)(5000 + i), (2 + 29 * (int64_t)i) * S,
				     (2 + 29 * (int64_t)i) * S + 1, i });
	fail_with(&(struct error){ .about = &slow, .ns = 3010 * S, .quoted = 48 });
	assert_int_equal(v4().matched, 1);
	assert_int_equal(cl_icmpquote_kind(q, 4, 3, 3)->round_trip.min, 9 * S);
}

/* Too short to tell: the latest counts as the one, without times. */
static void several_fit(void **state)
{
	const struct talk a = { 1, 123, 1 * S, 1 * S + 1, 5 }, b = { 1, 123, 2 * S, 2 * S + 1, 6 };

	(void)state;
	tell(&a);
	tell(&b);
	fail_with(&(struct error){ .about = &a, .ns = 3 * S, .quoted = 0 });
	assert_int_equal(v4().matched, 1);
	assert_int_equal(v4().several, 1);
	assert_int_equal(cl_icmpquote_kind(q, 4, 3, 3)->round_trip.n, 0);
	fail_with(&(struct error){ .about = &a, .ns = 3 * S, .quoted = 48 });
	assert_int_equal(v4().several, 1);
	assert_int_equal(cl_icmpquote_kind(q, 4, 3, 3)->round_trip.min, 2 * S - 1);
}

static void about_a_request(void **state)
{
	const struct talk t = { 1, 4000, 1 * S, -1, 5 }, never = { 1, 4001, 1 * S, -1, 6 };

	(void)state;
	tell(&t);
	fail_with(&(struct error){ .about = &t, .ns = 2 * S, .quoted = 48, .request = true, .sender = 9 });
	fail_with(&(struct error){ .about = &never, .ns = 2 * S, .quoted = 48, .request = true });
	assert_int_equal(v4().matched, 0);
	assert_int_equal(v4().about_request, 2);
	assert_int_equal(v4().request_seen, 1);
	size_t n;
	(void)cl_icmpquote_unmatched(q, &n);
	assert_int_equal(n, 0); /* a list of responses */
}

/* A router's word on a port says nothing of the client; nor does another kind of error. */
static void closed_by_client_alone(void **state)
{
	const struct talk a = { 1, 4000, 1 * S, 1 * S + 1, 5 }, b = { 1, 4001, 2 * S, 2 * S + 1, 6 };

	(void)state;
	tell(&a);
	tell(&b);
	fail_with(&(struct error){ .about = &a, .ns = 3 * S, .quoted = 48, .sender = 7 });
	fail_with(&(struct error){ .about = &b, .ns = 3 * S, .quoted = 48, .type = 3, .code = 13 });
	assert_int_equal(v4().matched, 2);
	assert_int_equal(cl_icmpquote_closed(q)->wait.n, 0);
}

static void who_comes_back(void **state)
{
	const struct talk answered = { 1, 4000, 1 * S, 1 * S + 1, 5 },
			  refused = { 1, 4001, 2 * S, 2 * S + 1, 6 },
			  again = { 1, 4002, 3000 * S, 3000 * S + 1, 7 },
			  never = { 2, 4000, 4 * S, 4 * S + 1, 8 }, once = { 3, 4000, 5 * S, 5 * S + 1, 9 };

	(void)state;
	tell(&answered);
	tell(&refused);
	fail_with(&(struct error){ .about = &refused, .ns = 3 * S, .quoted = 48 });
	tell(&never);
	tell(&once);
	fail_with(&(struct error){ .about = &never, .ns = 6 * S, .quoted = 48 });
	fail_with(&(struct error){ .about = &once, .ns = 6 * S, .quoted = 48 });
	tell(&(struct talk){ 2, 4001, 7 * S, 7 * S + 1, 10 });
	fail_with(&(struct error){ .about = &(struct talk){ 2, 4001, 0, 0, 10 }, .ns = 8 * S, .quoted = 48 });
	tell(&again);
	struct cl_quote_clients c = cl_icmpquote_clients(q);
	assert_int_equal(c.affected, 3);
	assert_int_equal(c.back, 2);
	assert_int_equal(c.requests, 2);
	assert_int_equal(c.never, 2);
	assert_int_equal(c.never_back, 1);
	assert_int_equal(c.last, 0);
	fail_with(&(struct error){ .about = &again, .ns = 3001 * S, .quoted = 48 });
	assert_int_equal(cl_icmpquote_clients(q).last, 0); /* its first was long before */
}

static void loops(void **state)
{
	const struct talk t = { 1, 4000, 1 * S, 1 * S + 1, 5 }, near = { 0x101, 4000, 1 * S, 1 * S + 1, 6 };
	size_t n;

	(void)state;
	tell(&t);
	tell(&near);
	for (unsigned i = 0; i < 6; i++)
		fail_with(&(struct error){
			.about = &t, .ns = 2 * S, .quoted = 48, .sender = 20 + i, .type = 11, .ttl = 1 });
	fail_with(&(struct error){
		.about = &near, .ns = 2 * S, .quoted = 48, .sender = 20, .type = 11, .ttl = 60 });
	fail_with(&(struct error){
		.about = &near, .ns = 2 * S, .quoted = 48, .sender = 20, .type = 11, .code = 1 });
	const struct cl_quote_network *net = cl_icmpquote_networks(q, &n);
	assert_int_equal(n, 2);
	assert_int_equal(net[0].errors, 6);
	assert_int_equal(net[0].clients, 1);
	assert_int_equal(net[0].routers, CL_QUOTE_ROUTERS);
	assert_true(net[0].more);
	assert_int_equal(net[0].hops_max, 63);
	assert_int_equal(net[1].errors, 1);
	assert_int_equal(net[1].hops_max, 4);
	struct cl_addr expect = host(0x100);
	assert_memory_equal(&net[1].addr, &expect, sizeof expect);
}

/* The longest first, of equals the earlier; no more than were asked for. */
static void the_slowest(void **state)
{
	static const int64_t trips[] = { 5, 9, 2, 9, 7, 1 };
	struct talk t[6];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		t[i] = (struct talk){ i + 1, 4000, 1 * S, 1 * S, i };
		tell(&t[i]);
	}
	for (unsigned i = 0; i < 6; i++)
		fail_with(&(struct error){ .about = &t[i], .ns = 1 * S + trips[i] * MS, .quoted = 48 });
	const struct cl_quote_error *list = cl_icmpquote_slowest(q, &n);
	assert_int_equal(n, 3);
	const struct cl_addr expect[3] = { host(2), host(4), host(5) };
	for (unsigned i = 0; i < 3; i++)
		assert_memory_equal(&list[i].client, &expect[i], sizeof expect[i]);
	assert_int_equal(list[2].round_trip_ns, 7 * MS);
}

/* DNS: identifier, header and question, as far as quoted; a name may be longer than what is compared. */
static void dns(void **state)
{
	static const uint8_t name[] = { 3, 'w', 'w', 'w', 0 };
	static const uint8_t octets[] = { 0x12, 0x34, 0x81, 0x80, 0,   1, 0, 2,	 0, 0, 0,
					  0,	3,    'w',  'w',  'w', 0, 0, 28, 0, 1 };
	struct cl_event ev = {
		.time_ns = 1 * S, .frame_no = 1, .kind = CL_EV_DNS, .sport = 53, .dport = 4000
	};
	struct cl_event error = { .time_ns = 2 * S, .frame_no = 2, .kind = CL_EV_ICMP };
	struct cl_note note, quote;

	(void)state;
	ev.src = host6(1);
	ev.dst = host6(2);
	ev.u.dns = (struct cl_dns){ .id = 0x1234, .qtype = 28, .qclass = 1, .bits = CL_DNS_QUESTION };
	cl_note_clear(&note);
	note.flags = 0x8180;
	note.qdcount = 1;
	note.ancount = 2;
	cl_note_put(&note, CL_PIECE_QNAME, name, sizeof name);
	cl_icmpquote_take(q, &(struct cl_exchange){ .kind = CL_X_DNS,
						    .fortune = CL_FORTUNE_BOGUS,
						    .response = { &ev, &note } });
	error.src = host6(2);
	error.u.icmp = (struct cl_icmp){ .src = ev.src,
					 .dst = ev.dst,
					 .sport = 53,
					 .dport = 4000,
					 .type = 1,
					 .code = 4,
					 .family = 6,
					 .bits = CL_ICMP_RESPONSE | CL_ICMP_DNS };
	for (size_t i = 0; i <= sizeof octets; i++) { /* the last one as it was */
		uint8_t copy[sizeof octets];

		memcpy(copy, octets, sizeof octets);
		if (i < sizeof octets)
			copy[i] ^= 1;
		cl_note_clear(&quote);
		cl_note_put(&quote, CL_PIECE_QUOTE, copy, sizeof copy);
		cl_icmpquote_take(q,
				  &(struct cl_exchange){ .kind = CL_X_ICMP, .request = { &error, &quote } });
		assert_int_equal(cl_icmpquote_count(q, 6).matched, i == sizeof octets);
	}
	assert_int_equal(cl_icmpquote_count(q, 6).altered, sizeof octets);
	assert_int_equal(v4().errors, 0);
	error.u.icmp.bits |= CL_ICMP_TCP; /* nothing left over TCP */
	cl_icmpquote_take(q, &(struct cl_exchange){ .kind = CL_X_ICMP, .request = { &error, &quote } });
	assert_int_equal(cl_icmpquote_count(q, 6).matched, 1);
}

/* A mode 6 answer is a response too. */
static void mode_6(void **state)
{
	struct cl_event ev = { .time_ns = 1 * S, .kind = CL_EV_NTP, .role = CL_ROLE_APART, .frame_no = 1 };
	struct cl_event error = { .time_ns = 2 * S, .kind = CL_EV_ICMP, .frame_no = 2 };
	static const uint8_t octets[12] = { 0x16, 0x82, 0, 7, 0x06, 0x18, 0, 0, 0, 0, 0, 4 };
	struct cl_note note, quote;

	(void)state;
	ev.src = host(9);
	ev.dst = host(1);
	ev.sport = 123;
	ev.dport = 4000;
	ev.u.ntp = (struct cl_ntp){ .version = 2, .mode = 6 };
	cl_note_clear(&note);
	note.opcode = 0x82;
	note.sequence = 7;
	note.status = 0x0618;
	note.count = 4;
	cl_icmpquote_take(q, &(struct cl_exchange){ .kind = CL_X_CONTROL, .request = { &ev, &note } });
	error.src = host(1);
	error.u.icmp = (struct cl_icmp){ .src = ev.src,
					 .dst = ev.dst,
					 .sport = 123,
					 .dport = 4000,
					 .type = 3,
					 .code = 3,
					 .family = 4,
					 .bits = CL_ICMP_RESPONSE };
	cl_note_clear(&quote);
	cl_note_put(&quote, CL_PIECE_QUOTE, octets, sizeof octets);
	cl_icmpquote_take(q, &(struct cl_exchange){ .kind = CL_X_ICMP, .request = { &error, &quote } });
	assert_int_equal(v4().matched, 1);
	assert_int_equal(cl_icmpquote_kind(q, 4, 3, 3)->delta.n, 0); /* of no pair */
}

/* The ring ------------------------------------------------------------------- */

static void tell_ring(struct cl_sent *r, unsigned client, int64_t ns)
{
	const struct talk t = { client, 4000, -1, ns, client };
	struct cl_event ev = ntp_event(&t, true, ns);
	struct cl_note note = ntp_note(true);

	cl_sent_add(r, &(struct cl_exchange){
			       .kind = CL_X_NTP, .fortune = CL_FORTUNE_BOGUS, .response = { &ev, &note } });
}

static bool is_there(struct cl_sent *r, unsigned client, int64_t ns)
{
	struct cl_event error = { .time_ns = ns, .kind = CL_EV_ICMP };

	error.u.icmp = (struct cl_icmp){
		.src = host(9), .dst = host(client), .sport = 123, .dport = 4000, .bits = CL_ICMP_RESPONSE
	};
	return cl_sent_find(r, &(struct cl_message){ &error, NULL }).message != NULL;
}

/* It grows while what it holds is young; old ones make room without being missed; at the limit the oldest
 * give way, and are counted. */
static void ring(void **state)
{
	struct cl_sent *r = cl_sent_new(4096, 1);

	(void)state;
	assert_non_null(r);
	for (unsigned i = 0; i < 4096; i++)
		tell_ring(r, i, 1 * S);
	assert_int_equal(cl_sent_given_up(r), 0);
	for (unsigned i = 0; i < 4096; i++)
		assert_true(is_there(r, i, 2 * S));
	tell_ring(r, 5000, 2 * S);
	tell_ring(r, 5001, 2 * S);
	assert_int_equal(cl_sent_given_up(r), 2);
	assert_false(is_there(r, 0, 2 * S));
	assert_false(is_there(r, 1, 2 * S));
	assert_true(is_there(r, 2, 2 * S));
	assert_true(is_there(r, 5001, 2 * S));
	for (unsigned i = 0; i < 4000; i++)
		tell_ring(r, i, 61 * S + 1);
	assert_int_equal(cl_sent_given_up(r), 2); /* the minute of the first is over */
	assert_true(is_there(r, 3999, 61 * S + 1));
	assert_true(is_there(r, 5001, 61 * S + 1));
	assert_false(is_there(r, 4090, 61 * S + 1));
	cl_sent_free(r);
}

/* A flood on one pair of ports costs a search no more than a bound. */
static void flood(void **state)
{
	struct cl_sent *r = cl_sent_new(4096, 1);
	struct cl_event error = { .time_ns = 2 * S, .kind = CL_EV_ICMP };
	uint8_t wrong[48] = { 0 };
	struct cl_note note;

	(void)state;
	for (unsigned i = 0; i < 2 * CL_SENT_STEPS; i++)
		tell_ring(r, 1, 1 * S);
	error.u.icmp = (struct cl_icmp){
		.src = host(9), .dst = host(1), .sport = 123, .dport = 4000, .bits = CL_ICMP_RESPONSE
	};
	cl_note_clear(&note);
	cl_note_put(&note, CL_PIECE_QUOTE, wrong, sizeof wrong);
	struct cl_sent_found found = cl_sent_find(r, &(struct cl_message){ &error, &note });
	assert_true(found.gave_up);
	assert_true(found.ports_agree);
	assert_null(found.message);
	cl_sent_free(r);
}

/* Times at both ends of what there is. */
static void extreme_times(void **state)
{
	struct cl_sent *r = cl_sent_new(16, 1);

	(void)state;
	tell_ring(r, 1, INT64_MIN);
	assert_true(is_there(r, 1, INT64_MIN));
	assert_false(is_there(r, 1, INT64_MAX));
	tell_ring(r, 2, INT64_MAX);
	assert_true(is_there(r, 2, INT64_MAX));
	assert_false(is_there(r, 2, 0));
	cl_sent_free(r);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(whole_quote),
		CASE(other_octets),
		CASE(classes),
		CASE(other_ports),
		CASE(a_minute),
		CASE(told_before_others),
		CASE(several_fit),
		CASE(about_a_request),
		CASE(closed_by_client_alone),
		CASE(who_comes_back),
		CASE(loops),
		CASE(the_slowest),
		CASE(dns),
		CASE(mode_6),
		cmocka_unit_test(ring),
		cmocka_unit_test(flood),
		cmocka_unit_test(extreme_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

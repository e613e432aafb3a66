/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made of DNS exchanges: names, public suffixes, what belongs together, a resolver's tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/exchange/dnsname.h"
#include "stats/view/dnslevels.h"
#include "stats/view/dnslist.h"
#include "stats/view/dnssum.h"
#include "stats/view/dnstree.h"
#include "stats/view/suffix.h"

#define SECOND	INT64_C(1000000000)
#define START	(1800000000 * SECOND)
#define TIMEOUT (10 * SECOND)
#define A	1u
#define NS	2u

static struct cl_addr v4(unsigned last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = (uint8_t)last;
	return a;
}

static struct cl_addr v6(unsigned last)
{
	struct cl_addr a = { .b = { 0x20, 0x01, 0x0d, 0xb8 } };

	a.b[15] = (uint8_t)last;
	return a;
}

/* Wire form of labels with dots between. */
static size_t wire_of(const char *name, uint8_t out[256])
{
	size_t used = 0;

	for (const char *at = name; *at != '\0';) {
		size_t n = strcspn(at, ".");

		out[used++] = (uint8_t)n;
		memcpy(out + used, at, n);
		used += n;
		at += n + (at[n] == '.');
	}
	out[used++] = 0;
	return used;
}

/* Exchanges -------------------------------------------------------------------------- */

/* A transaction as a test tells it. Times in seconds after START. */
struct told {
	double at, took; /* took < 0: no response */
	const char *name;
	unsigned type, rcode, id;
	struct cl_addr client, server;
	unsigned port, flags; /* of the response */
	bool tcp, tc;
	const char *cookie; /* of the query */
	enum cl_fortune fortune;
};

static int64_t when(double s)
{
	return START + (int64_t)(s * 1e9);
}

static void message(const struct told *x, bool response, struct cl_event *e, struct cl_note *n)
{
	uint8_t wire[256];
	size_t length = wire_of(x->name, wire);

	cl_note_clear(n);
	*e = (struct cl_event){ .kind = CL_EV_DNS,
				.time_ns = when(response ? x->at + x->took : x->at),
				.src = response ? x->server : x->client,
				.dst = response ? x->client : x->server,
				.sport = (uint16_t)(response ? 53 : x->port),
				.dport = (uint16_t)(response ? x->port : 53) };
	e->u.dns.id = (uint16_t)x->id;
	e->u.dns.qtype = (uint16_t)x->type;
	e->u.dns.qclass = 1;
	e->u.dns.bits = (uint8_t)(CL_DNS_QUESTION | (x->tcp ? CL_DNS_TCP : 0u));
	if (response) {
		e->u.dns.rcode = (uint16_t)x->rcode;
		e->u.dns.bits |= x->tc ? CL_DNS_TC : 0;
		n->flags = (uint16_t)(0x8000u | x->flags);
	}
	n->length = response ? 100 : 40;
	cl_note_put(n, CL_PIECE_QNAME, wire, length);
	if (!response && x->cookie != NULL) {
		e->u.dns.bits |= CL_DNS_EDNS | CL_DNS_COOKIE;
		cl_note_put(n, CL_PIECE_COOKIE, x->cookie, strlen(x->cookie));
	}
}

static void tell_to(struct cl_dns_list *l, struct cl_dns_sum *sum, const struct told *told)
{
	struct told x = *told;
	struct cl_event q, r;
	struct cl_note nq, nr;
	struct cl_exchange e = { .kind = CL_X_DNS };

	if (x.type == 0)
		x.type = A;
	if (x.port == 0)
		x.port = 4000;
	if (x.server.b[15] == 0)
		x.server = v4(1);
	if (x.client.b[15] == 0)
		x.client = v4(30);
	message(&x, false, &q, &nq);
	message(&x, true, &r, &nr);
	e.fortune = x.fortune != CL_FORTUNE_ALONE ? x.fortune
		    : x.took < 0		  ? CL_FORTUNE_UNANSWERED
						  : CL_FORTUNE_MATCHED;
	if (e.fortune != CL_FORTUNE_LATE)
		e.request = (struct cl_message){ &q, &nq };
	if (x.took >= 0)
		e.response = (struct cl_message){ &r, &nr };
	e.delta_ns = e.delta_first_ns = x.took >= 0 ? r.time_ns - q.time_ns : 0;
	if (l != NULL)
		cl_dns_list_take(l, &e);
	if (sum != NULL)
		cl_dns_sum_take(sum, &e);
}

#define TELL(l, ...) tell_to(l, NULL, &(struct told){ __VA_ARGS__ })

static void tell_error(struct cl_dns_list *l, double at, bool response, unsigned port, unsigned type,
		       unsigned code)
{
	struct cl_event ev = { .kind = CL_EV_ICMP, .time_ns = when(at) };
	struct cl_note n;
	struct cl_icmp *i = &ev.u.icmp;
	const struct cl_exchange x = { .kind = CL_X_ICMP, .request = { &ev, &n } };

	cl_note_clear(&n);
	i->src = response ? v4(1) : v4(30);
	i->dst = response ? v4(30) : v4(1);
	i->sport = (uint16_t)(response ? 53 : port);
	i->dport = (uint16_t)(response ? port : 53);
	i->type = (uint8_t)type;
	i->code = (uint8_t)code;
	i->family = 4;
	i->bits = (uint8_t)(CL_ICMP_DNS | (response ? CL_ICMP_RESPONSE : 0));
	cl_dns_list_take(l, &x);
}

static void tell_conn(struct cl_dns_list *l, double at, unsigned port, unsigned state)
{
	struct cl_event ev = { .kind = CL_EV_CONN,
			       .time_ns = when(at + 1),
			       .src = v4(30),
			       .dst = v4(1),
			       .sport = (uint16_t)port,
			       .dport = 53 };
	struct cl_note n;
	const struct cl_exchange x = { .kind = CL_X_CONN, .request = { &ev, &n } };

	cl_note_clear(&n);
	n.service = CL_CONN_DNS;
	n.syn_ns = when(at);
	n.packets_up = 6;
	n.packets_down = 4;
	n.state = (uint8_t)state;
	cl_dns_list_take(l, &x);
}

static void begin(struct cl_dns_list *l)
{
	assert_true(cl_dns_list_init(l, TIMEOUT, 7));
}

/* Names ----------------------------------------------------------------------------- */

static void names(void **state)
{
	static const uint8_t odd[] = { 4, 'a', '.', '\\', ' ', 3, 0, 0xff, 'Z', 0 };
	uint8_t wire[256], other[256], folded[256];
	char text[CL_NAME_TEXT];
	size_t n, m;

	(void)state;
	cl_name_text(odd, sizeof odd, text);
	assert_string_equal(text, "a\\.\\\\\\032.\\000\\255Z");
	cl_name_text((const uint8_t *)"", 1, text);
	assert_string_equal(text, ".");
	n = wire_of("wWw.Example", wire);
	assert_true(cl_name_fold(wire, n, folded));
	cl_name_text(folded, n, text);
	assert_string_equal(text, "www.example");
	assert_false(cl_name_fold(folded, n, wire));
	m = wire_of("mail.zone.example", other);
	assert_int_equal(cl_name_common(folded, n, other, m), 1);
	n = wire_of("zone.example", wire);
	assert_int_equal(cl_name_common(wire, n, other, m), 2);
	n = wire_of("xzone.example", wire); /* whole labels only */
	assert_int_equal(cl_name_common(wire, n, other, m), 1);
}

static void domain_is(const struct cl_suffixes *s, const char *name, const char *want)
{
	uint8_t wire[256];
	char text[CL_NAME_TEXT];
	size_t n = wire_of(name, wire), from = cl_suffixes_domain(s, wire, n);

	cl_name_text(wire + from, n - from, text);
	assert_string_equal(text, want);
}

/* The cases of publicsuffix.org's test of an implementation; a suffix alone stays as it is. */
static void suffixes(void **state)
{
	static const char *const rules[] = { "com",
					     "uk.com",
					     "jp",
					     "ac.jp",
					     "kyoto.jp",
					     "ide.kyoto.jp",
					     "*.kobe.jp",
					     "!city.kobe.jp",
					     "*.ck",
					     "!www.ck",
					     "cn",
					     "\xe5\x85\xac\xe5\x8f\xb8.cn",
					     "m\xc3\xbcnchen.example" };
	struct cl_suffixes *s = cl_suffixes_new();

	(void)state;
	for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++)
		assert_null(cl_suffixes_add(s, rules[i]));
	assert_non_null(cl_suffixes_add(s, ""));
	assert_non_null(cl_suffixes_add(s, "a..b"));
	assert_non_null(cl_suffixes_add(s, "\xff.cn"));
	cl_suffixes_settle(s);
	domain_is(s, "", ".");
	domain_is(s, "com", "com");
	domain_is(s, "b.example.com", "example.com");
	domain_is(s, "a.b.example.uk.com", "example.uk.com");
	domain_is(s, "biz", "biz"); /* no rule */
	domain_is(s, "a.b.domain.biz", "domain.biz");
	domain_is(s, "www.test.ac.jp", "test.ac.jp");
	domain_is(s, "b.ide.kyoto.jp", "b.ide.kyoto.jp");
	domain_is(s, "www.test.kyoto.jp", "test.kyoto.jp");
	domain_is(s, "c.kobe.jp", "c.kobe.jp");
	domain_is(s, "a.b.c.kobe.jp", "b.c.kobe.jp");
	domain_is(s, "www.city.kobe.jp", "city.kobe.jp");
	domain_is(s, "kobe.jp", "kobe.jp");
	domain_is(s, "b.test.ck", "b.test.ck");
	domain_is(s, "www.www.ck", "www.ck");
	domain_is(s, "www.shishi.xn--55qx5d.cn", "shishi.xn--55qx5d.cn");
	domain_is(s, "a.b.xn--mnchen-3ya.example", "b.xn--mnchen-3ya.example");
	cl_suffixes_free(s);
}

static void cookies(void **state)
{
	static const uint8_t old[] = "12345678abcdefgh", new[] = "12345678ABCDEFGH",
			     other[] = "87654321abcdefgh";

	(void)state;
	assert_int_equal(cl_cookie_state(NULL, 0, NULL, 0, true, 0), CL_COOKIE_ABSENT);
	assert_int_equal(cl_cookie_state(old, 8, NULL, 0, false, 0), CL_COOKIE_UNANSWERED);
	assert_int_equal(cl_cookie_state(old, 8, NULL, 0, true, 0), CL_COOKIE_IGNORED);
	assert_int_equal(cl_cookie_state(old, 8, old, 8, true, 0), CL_COOKIE_ECHOED);
	assert_int_equal(cl_cookie_state(old, 8, new, 16, true, 0), CL_COOKIE_NEW);
	assert_int_equal(cl_cookie_state(old, 16, old, 16, true, 0), CL_COOKIE_RETURNED);
	assert_int_equal(cl_cookie_state(old, 16, new, 16, true, 0), CL_COOKIE_CHANGED);
	assert_int_equal(cl_cookie_state(old, 16, new, 16, true, 23), CL_COOKIE_BAD);
	assert_int_equal(cl_cookie_state(old, 8, other, 16, true, 0), CL_COOKIE_MISMATCH);
}

/* What belongs together ------------------------------------------------------------------ */

static void retries(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_found f;

	(void)state;
	begin(&l);
	TELL(&l, .at = 0, .took = -1, .name = "a.example");		      /* 0 */
	TELL(&l, .at = 1, .took = -1, .name = "A.example", .port = 4001);     /* 1 repeats 0 */
	TELL(&l, .at = 2, .took = -1, .name = "a.example", .type = NS);	      /* another question */
	TELL(&l, .at = 3, .took = -1, .name = "a.example", .client = v4(31)); /* another client */
	TELL(&l, .at = 4, .took = 0.5, .name = "a.example", .server = v4(2)); /* 4 repeats 1 */
	TELL(&l, .at = 4.2, .took = 0.5, .name = "a.example");		      /* 5 repeats 4, still open */
	TELL(&l, .at = 6, .took = 0.5, .name = "a.example");		      /* asked anew */
	TELL(&l, .at = 50, .took = -1, .name = "b.example");
	TELL(&l, .at = 50 + 10.1, .took = -1, .name = "b.example"); /* behind the timeout */
	assert_true(cl_dns_list_link(&l));
	assert_int_equal(cl_dns_tx(&l, 0)->retry_of, 0);
	assert_int_equal(cl_dns_tx(&l, 1)->retry_of, 1);
	assert_int_equal(cl_dns_tx(&l, 2)->retry_of, 0);
	assert_int_equal(cl_dns_tx(&l, 3)->retry_of, 0);
	assert_int_equal(cl_dns_tx(&l, 4)->retry_of, 2);
	assert_int_equal(cl_dns_tx(&l, 5)->retry_of, 5);
	assert_int_equal(cl_dns_tx(&l, 6)->retry_of, 0);
	assert_int_equal(cl_dns_tx(&l, 8)->retry_of, 0);
	assert_true(cl_dns_find(&l, &f));
	assert_int_equal(f.retries, 3);
	assert_int_equal(f.retried, 3);
	cl_dns_list_free(&l);
}

static void truncation(void **state)
{
	struct cl_dns_list l;

	(void)state;
	begin(&l);
	TELL(&l, .at = 0, .took = 0.01, .name = "a", .tc = true, .cookie = "11111111");	 /* 0 */
	TELL(&l, .at = 1, .took = 0.01, .name = "a", .tcp = true, .cookie = "22222222"); /* another program */
	TELL(&l, .at = 1, .took = 0.01, .name = "a", .tcp = true, .server = v4(2));	 /* another server */
	TELL(&l, .at = 2, .took = 0.01, .name = "a", .tcp = true, .cookie = "11111111cccccccc"); /* 3 */
	TELL(&l, .at = 3, .took = 0.01, .name = "a", .tcp = true,
	     .cookie = "11111111");				   /* has had its retry */
	TELL(&l, .at = 20, .took = 0.01, .name = "b", .tc = true); /* 5: refused */
	tell_conn(&l, 20.5, 5000, CL_CONN_SYN | CL_CONN_RST | CL_CONN_REFUSED);
	TELL(&l, .at = 40, .took = 0.01, .name = "b", .tc = true); /* 6: silence */
	tell_conn(&l, 40.5, 5001, CL_CONN_SYN);
	TELL(&l, .at = 60, .took = 0.01, .name = "b", .tc = true); /* 7: no query */
	tell_conn(&l, 60.5, 5002, CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN);
	TELL(&l, .at = 80, .took = 0.01, .name = "b", .tc = true); /* 8: the try is that of 9 */
	TELL(&l, .at = 81, .took = 0.01, .name = "c", .tc = true); /* 9 */
	tell_conn(&l, 81.5, 5003, CL_CONN_SYN | CL_CONN_RST | CL_CONN_REFUSED);
	assert_true(cl_dns_list_link(&l));
	assert_int_equal(cl_dns_tx(&l, 1)->twin, 0);
	assert_int_equal(cl_dns_tx(&l, 2)->twin, 0);
	assert_int_equal(cl_dns_tx(&l, 3)->twin, 1);
	assert_int_equal(cl_dns_tx(&l, 4)->twin, 0);
	assert_int_equal(cl_dns_tx(&l, 0)->why, CL_WHY_NONE);
	assert_int_equal(cl_dns_tx(&l, 5)->why, CL_WHY_TCP_REFUSED);
	assert_int_equal(cl_dns_tx(&l, 6)->why, CL_WHY_TCP_SILENT);
	assert_int_equal(cl_dns_tx(&l, 7)->why, CL_WHY_TCP_EMPTY);
	assert_int_equal(cl_dns_tx(&l, 8)->why, CL_WHY_NO_TCP);
	assert_int_equal(cl_dns_tx(&l, 9)->why, CL_WHY_TCP_REFUSED);
	cl_dns_list_free(&l);
}

static void unanswered(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_found f;

	(void)state;
	begin(&l);
	TELL(&l, .at = 0, .took = -1, .name = "a", .port = 1);		/* 0: ICMP about the query */
	TELL(&l, .at = 1, .took = 0.1, .name = "b", .port = 2);		/* 1: its response came to nobody */
	TELL(&l, .at = 2, .took = -1, .name = "c", .port = 3);		/* 2: fragments lost */
	TELL(&l, .at = 3, .took = -1, .name = "d", .port = 4, .id = 9); /* 3: late */
	TELL(&l, .at = 4, .took = -1, .name = "e", .port = 5);		/* 4: nothing said */
	TELL(&l, .at = 5, .took = -1, .name = "f", .server = v4(9));	/* 5: nobody home */
	TELL(&l, .at = 6, .took = -1, .name = "g", .port = 6, .fortune = CL_FORTUNE_OPEN_AT_END);
	TELL(&l, .at = 3, .took = 12, .name = "d", .port = 4, .id = 9, .fortune = CL_FORTUNE_LATE);
	tell_error(&l, 0.1, false, 1, 3, 3);
	tell_error(&l, 1.2, true, 2, 3, 3);
	tell_error(&l, 32, true, 3, 11, 1);
	tell_error(&l, 4.1, false, 99, 3, 3); /* of another port */
	tell_error(&l, 4.1, true, 5, 3, 3);   /* of a response that is not here: says nothing of the query */
	assert_true(cl_dns_list_link(&l));
	assert_int_equal(cl_dns_tx(&l, 0)->why, CL_WHY_ICMP);
	assert_int_equal(cl_dns_tx(&l, 1)->why, CL_WHY_NONE);
	assert_int_equal(cl_dns_tx(&l, 1)->error, 2);
	assert_int_equal(cl_dns_tx(&l, 2)->why, CL_WHY_FRAGMENT);
	assert_int_equal(cl_dns_tx(&l, 3)->why, CL_WHY_LATE);
	assert_int_equal(cl_dns_tx(&l, 4)->why, CL_WHY_UNKNOWN);
	assert_int_equal(cl_dns_tx(&l, 5)->why, CL_WHY_SILENT);
	assert_int_equal(cl_dns_tx(&l, 6)->why, CL_WHY_NONE);
	assert_true(cl_dns_find(&l, &f));
	assert_int_equal(f.open_at_end, 1);
	assert_int_equal(f.undelivered, 1);
	assert_int_equal(f.why[CL_WHY_ICMP], 1);
	cl_dns_list_free(&l);
}

/* Sums ------------------------------------------------------------------------------------ */

static void sums(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_sum u;
	struct cl_dns_level *list;
	char text[CL_NAME_TEXT];
	size_t n;

	(void)state;
	begin(&l);
	assert_true(cl_dns_sum_init(&u, 7));
	tell_to(&l, &u, &(struct told){ .took = 0.1, .name = "a.x.example", .cookie = "12345678" });
	tell_to(&l, &u, &(struct told){ .took = 0.3, .name = "b.X.example", .rcode = 3, .client = v4(31) });
	tell_to(&l, &u, &(struct told){ .took = -1, .name = "b.x.example", .client = v4(31), .tcp = true });
	tell_to(&l, &u, &(struct told){ .took = 0.2, .name = "", .type = NS });
	assert_int_equal(u.via[0].queries, 3);
	assert_int_equal(u.via[1].queries, 1);
	assert_int_equal(u.via[0].matched, 3);
	assert_int_equal(u.via[0].delta.max, 300000000);
	assert_int_equal(u.unanswered, 1);
	assert_int_equal(u.clients.count, 2);
	assert_int_equal(u.did[2], 1); /* cookies: one client */
	assert_int_equal(u.cookies[CL_COOKIE_IGNORED], 1);
	cl_countmap_settle(&u.rcodes);
	assert_int_equal(cl_countmap_get(&u.rcodes, A << 16 | 3).n, 1);
	list = cl_dns_levels(&l, CL_LEVEL_TOP, NULL, &n);
	assert_int_equal(n, 2);
	cl_name_text(list[0].wire, list[0].length, text);
	assert_string_equal(text, "example");
	assert_int_equal(list[0].queries, 3);
	assert_int_equal(list[0].nxdomain, 1);
	assert_int_equal(list[0].names, 2);
	assert_int_equal(list[1].length, 1);
	free(list);
	list = cl_dns_levels(&l, CL_LEVEL_SECOND, NULL, &n);
	cl_name_text(list[0].wire, list[0].length, text);
	assert_string_equal(text, "x.example");
	free(list);
	cl_dns_sum_free(&u);
	cl_dns_list_free(&l);
}

/* A resolver ------------------------------------------------------------------------------- */

#define RA 0x0080u

/* tx of UINT32_MAX: there is none. */
static struct cl_dns_cause cause(const struct cl_dns_tree *t, uint32_t tx)
{
	for (size_t i = 0; i < t->causes; i++)
		if (t->cause[i].tx == tx)
			return t->cause[i];
	return (struct cl_dns_cause){ .tx = UINT32_MAX };
}

/* Two clients' questions at once, and what came between. R is 192.0.2.20 and 2001:db8::20. */
static void overlap(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_tree t;
	size_t n;

	(void)state;
	begin(&l);
	TELL(&l, .at = 0, .took = 1, .name = "www.a.example", .client = v4(30), .server = v4(20),
	     .flags = RA);
	TELL(&l, .at = 0.1, .took = 1, .name = "www.b.example", .client = v6(31), .server = v6(20),
	     .flags = RA);
	TELL(&l, .at = 0.2, .took = 0.1, .name = "example", .client = v4(20),
	     .server = v4(40)); /* either's */
	TELL(&l, .at = 0.3, .took = 0.1, .name = "b.example", .client = v4(20), .server = v4(41));
	TELL(&l, .at = 0.4, .took = 0.1, .name = "www.a.example", .client = v6(20), .server = v6(42));
	TELL(&l, .at = 1.05, .took = 0.01, .name = "ns.other", .client = v4(20),
	     .server = v4(42)); /* b waits alone */
	TELL(&l, .at = 1.06, .took = 0.01, .name = "deep.ns.other", .client = v4(20), .server = v4(42));
	TELL(&l, .at = 1.2, .took = 0.01, .name = "www.b.example", .client = v4(20), .server = v4(42));
	assert_true(cl_dns_list_link(&l));
	assert_true(cl_dns_tree_make(&t, &l, NULL, 0));
	assert_int_equal(t.resolvers, 2);
	assert_int_equal(t.clients, 2);
	assert_int_equal(t.background, 1);
	assert_int_equal(t.ambiguous, 1);
	assert_int_equal(cause(&t, 2).client, 1);
	assert_true(cause(&t, 2).ambiguous);
	assert_int_equal(cause(&t, 3).client, 2);
	assert_int_equal(cause(&t, 3).bond, CL_BOND_PARENT);
	assert_false(cause(&t, 3).ambiguous);
	assert_int_equal(cause(&t, 4).client, 1);
	assert_int_equal(cause(&t, 4).bond, CL_BOND_NAME);
	assert_int_equal(cause(&t, 5).client, 2);
	assert_int_equal(cause(&t, 5).bond, CL_BOND_TIME);
	assert_int_equal(cause(&t, 6).client, 2);
	assert_int_equal(cause(&t, 6).bond, CL_BOND_CHAIN);
	assert_int_equal(cause(&t, 7).client, 0);
	const struct cl_dns_cause *of = cl_dns_tree_of(&t, 1, &n);
	assert_int_equal(n, 3);
	struct cl_dns_cost cost = cl_dns_tree_cost(&l, of, n);
	assert_int_equal(cost.packets, 6);
	assert_int_equal(cost.bytes, 3 * 140);
	assert_true(cost.ns > 119000000 && cost.ns < 121000000);
	cl_dns_tree_free(&t);
	cl_dns_list_free(&l);
}

/* A forwarder that asks a resolver: two hosts, and a name server that only asks is none. */
static void chain(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_tree t;
	struct cl_addr given = v4(10);

	(void)state;
	begin(&l);
	TELL(&l, .at = 0, .took = 1, .name = "www.a", .client = v4(30), .server = v4(10), .flags = RA);
	TELL(&l, .at = 0.1, .took = 0.8, .name = "www.a", .client = v4(10), .server = v4(20), .flags = RA);
	TELL(&l, .at = 0.2, .took = 0.5, .name = "www.a", .client = v4(20), .server = v4(40));
	TELL(&l, .at = 0.3, .took = 0.1, .name = "a", .type = 6, .client = v4(40), .server = v4(41));
	assert_true(cl_dns_list_link(&l));
	assert_true(cl_dns_tree_make(&t, &l, NULL, 0));
	assert_int_equal(t.resolvers, 2);
	assert_int_equal(t.clients, 2);
	assert_int_equal(cause(&t, 1).client, 1);
	assert_int_equal(cause(&t, 2).client, 2);
	assert_int_equal(cause(&t, 3).tx, UINT32_MAX);
	cl_dns_tree_free(&t);
	assert_true(cl_dns_tree_make(&t, &l, &given, 1));
	assert_int_equal(t.clients, 1);
	assert_int_equal(t.causes, 1);
	cl_dns_tree_free(&t);
	cl_dns_list_free(&l);
}

/* More wait than are looked at: said. */
static void crowd(void **state)
{
	struct cl_dns_list l;
	struct cl_dns_tree t;

	(void)state;
	begin(&l);
	for (unsigned i = 0; i < CL_TREE_WAITING + 44; i++) {
		char name[32];

		snprintf(name, sizeof name, "n%u.example", i);
		TELL(&l, .at = i * 0.001, .took = 5, .name = name, .server = v4(20), .flags = RA);
	}
	TELL(&l, .at = 1, .took = 1, .name = "n299.example", .client = v4(20), .server = v4(40));
	TELL(&l, .at = 1, .took = 1, .name = "n0.example", .client = v4(20), .server = v4(40));
	assert_true(cl_dns_list_link(&l));
	assert_true(cl_dns_tree_make(&t, &l, NULL, 0));
	assert_int_equal(t.crowded, 44);
	assert_int_equal(cause(&t, 300).client, 300);
	assert_true(cause(&t, 301).ambiguous); /* the one that it belongs to was passed over */
	cl_dns_tree_free(&t);
	cl_dns_list_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),   cmocka_unit_test(suffixes),	 cmocka_unit_test(cookies),
		cmocka_unit_test(retries), cmocka_unit_test(truncation), cmocka_unit_test(unanswered),
		cmocka_unit_test(sums),	   cmocka_unit_test(overlap),	 cmocka_unit_test(chain),
		cmocka_unit_test(crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted of NTS, by exchanges made by hand; the numbers expected are counted by hand too. */
#include "stats/view/nts.h"

#include <string.h>

#include "tests/unit/test_cmocka.h"

#define SECOND INT64_C(1000000000)
#define NTSN   0x4e54534eu

static struct cl_addr v4(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

/* A request with NTS, and what became of it. */
struct step {
	uint8_t client;
	int64_t s;
	uint64_t cookie; /* 0: no NTS at all */
	uint8_t placeholders, uid;
	enum cl_fortune fortune;
	uint32_t answer_length; /* of the message; 0: as the request's */
	uint16_t auth_length;	/* of the answer */
	uint8_t answer_uid;	/* 0: none */
	bool nak, clear;
};

static void put_uid(struct cl_event *e, struct cl_note *n, uint8_t uid)
{
	uint8_t octets[32];

	if (uid == 0)
		return;
	memset(octets, uid, sizeof octets);
	cl_note_put(n, CL_PIECE_UID, octets, sizeof octets);
	e->u.ntp.uid = uid;
	e->u.ntp.flags |= CL_NTP_UID;
}

static void go(struct cl_nts *n, const struct step *s)
{
	struct cl_event q = { .kind = CL_EV_NTP,
			      .src = v4(s->client),
			      .dst = v4(1),
			      .time_ns = s->s * SECOND },
			r = { .kind = CL_EV_NTP, .src = v4(1), .dst = v4(s->client) };
	struct cl_note qn, rn;
	const bool answered = s->fortune == CL_FORTUNE_MATCHED || s->fortune == CL_FORTUNE_BACKWARDS;
	struct cl_exchange x = { .kind = CL_X_NTP, .fortune = s->fortune };

	cl_note_clear(&qn);
	cl_note_clear(&rn);
	qn.length = 48;
	if (s->cookie != 0) {
		q.u.ntp.flags = CL_NTP_NTS;
		qn.auth = CL_NTP_AUTH_NTS;
		qn.cookies = 1;
		qn.cookie = s->cookie;
		qn.cookie_length = 100;
		qn.placeholders = s->placeholders;
		qn.length = 228u + 104u * s->placeholders;
	}
	put_uid(&q, &qn, s->uid);
	rn.length = s->answer_length != 0 ? s->answer_length : qn.length;
	rn.auth_length = s->auth_length;
	rn.auth = s->auth_length != 0 ? CL_NTP_AUTH_NTS : CL_NTP_AUTH_PLAIN;
	rn.cookies = s->clear;
	rn.refid = s->nak ? NTSN : 0;
	r.u.ntp.flags = s->nak ? CL_NTP_KOD : 0;
	put_uid(&r, &rn, s->answer_uid);
	x.request = (struct cl_message){ &q, &qn };
	if (answered)
		x.response = (struct cl_message){ &r, &rn };
	cl_nts_take(n, &x);
}

static void shake(struct cl_nts *n, uint8_t client, int64_t end_s, uint8_t state, int64_t hello_ms)
{
	struct cl_event e = {
		.kind = CL_EV_CONN, .src = v4(client), .dst = v4(1), .time_ns = end_s * SECOND
	};
	struct cl_note c;
	const struct cl_exchange x = { .kind = CL_X_CONN, .request = { &e, &c } };

	cl_note_clear(&c);
	c.service = CL_CONN_NTS_KE;
	c.port = 4460;
	c.state = state;
	c.syn_ns = (state & CL_CONN_SYN) != 0 ? (end_s - 1) * SECOND : 0;
	c.open_ns = (state & CL_CONN_OPEN) != 0 ? c.syn_ns : 0;
	c.hello_ns = hello_ms != 0 ? (end_s - 1) * SECOND + hello_ms * 1000000 : 0;
	c.close_ns = end_s * SECOND;
	if ((state & CL_CONN_HELLO) != 0) {
		cl_note_put(&c, CL_PIECE_SNI, "ntp.example", 11);
		cl_note_put(&c, CL_PIECE_ALPN, "ntske/1", 7);
	}
	cl_nts_take(n, &x);
}

#define M CL_FORTUNE_MATCHED
#define U CL_FORTUNE_UNANSWERED

/* 40 octets beside the cookies: AES-SIV-CMAC-256 (RFC 5297), nonce 16, tag 16. */
#define ROOM(cookies) ((uint16_t)(40 + (cookies)*104))

/* RFC 8915 sec. 5.7: a placeholder for each answer that is missing. */
static void placeholders(void **state)
{
	static const struct step steps[] = {
		{ 10, 0, 1, 0, 1, M, 0, ROOM(1), 1, false, false },  /* lost on its way back */
		{ 10, 8, 2, 1, 2, M, 0, ROOM(2), 2, false, false },  /* again */
		{ 10, 16, 3, 2, 3, U, 0, 0, 0, false, false },	     /* lost before: not seen */
		{ 10, 24, 4, 3, 4, M, 0, ROOM(4), 4, false, false }, /* arrives */
		{ 10, 32, 5, 0, 5, M, 0, ROOM(1), 5, false, false }, /* arrives */
		{ 10, 40, 6, 0, 6, M, 0, 84, 6, true, false },	     /* kiss: without a cookie */
		{ 10, 48, 7, 1, 7, M, 0, ROOM(1), 7, false,
		  false }, /* asked 2, room for 1; the last: not told */
	};
	struct cl_nts *n = cl_nts_new(7);
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		go(n, &steps[i]);
	const struct cl_nts_count *c = &cl_nts_totals(n)->n;
	assert_int_equal(c->nts, 7);
	assert_int_equal(c->answered, 6);
	assert_int_equal(c->unanswered, 1);
	assert_int_equal(c->naks, 1);
	assert_int_equal(c->lost, 3);
	assert_int_equal(c->lost_back, 2);
	assert_int_equal(c->arrived, 2);
	assert_int_equal(c->untold, 1);
	assert_int_equal(c->echoed, 6);
	assert_int_equal(c->asked, 1 + 2 + 4 + 1 + 2);
	assert_int_equal(c->fit, 1 + 2 + 4 + 1 + 1);
	assert_int_equal(c->full, 4);
	assert_int_equal(c->fewer, 1);
	assert_int_equal(c->cookies, 7);
	assert_int_equal(c->reused + c->moved + c->copies, 0);
	const struct cl_nts_server *s = cl_nts_servers(n, &count);
	assert_int_equal(count, 1);
	assert_int_equal(s->n.untold, 1);
	assert_int_equal(s->nts_clients, 1);
	const struct cl_nts_length *l = cl_nts_lengths(n, &count);
	assert_int_equal(count, 4); /* 0 to 3 placeholders */
	assert_int_equal(l[0].length, 228);
	assert_int_equal(l[0].requests, 3);
	assert_int_equal(l[0].told, 2); /* the first, and that which arrived; of the kiss nothing */
	assert_int_equal(l[0].lost, 1);
	cl_nts_free(n);
}

/* Their number stays: the client may have reached its most, or got one cookie for two. */
static void placeholders_stay(void **state)
{
	static const struct step steps[] = {
		{ 10, 0, 1, 2, 1, M, 0, ROOM(3), 1, false, false },
		{ 10, 8, 2, 2, 2, M, 0, ROOM(3), 2, false, false },
		{ 10, 16, 3, 1, 3, U, 0, 0, 0, false, false }, /* fewer: the answer before arrived */
	};
	struct cl_nts *n = cl_nts_new(7);

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		go(n, &steps[i]);
	const struct cl_nts_count *c = &cl_nts_totals(n)->n;
	assert_int_equal(c->lost, 0);
	assert_int_equal(c->untold, 1);
	assert_int_equal(c->arrived, 1);
	cl_nts_free(n);
}

/* After a handshake placeholders begin anew: what they were says nothing. */
static void new_cookies(void **state)
{
	static const struct step before = { 10, 8, 1, 3, 1, M, 0, ROOM(4), 1, false, false },
				 after = { 10, 20, 2, 0, 2, U, 0, 0, 0, false, false };
	struct cl_nts *n = cl_nts_new(7);

	(void)state;
	shake(n, 10, 2, CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN | CL_CONN_HELLO, 5);
	go(n, &before);
	shake(n, 10, 18, CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN | CL_CONN_HELLO, 5);
	go(n, &after);
	const struct cl_nts_totals *all = cl_nts_totals(n);
	assert_int_equal(all->n.untold, 1);
	assert_int_equal(all->n.arrived, 0);
	assert_int_equal(all->ke_followed, 2);
	assert_int_equal(all->ke_clients, 1);
	assert_int_equal(all->nts_without, 0);
	assert_int_equal(all->to_ntp.n, 2);
	assert_int_equal(all->to_ntp.min, 2 * SECOND);
	assert_int_equal(all->to_ntp.max, 6 * SECOND);
	cl_nts_free(n);
}

static void cookies_again(void **state)
{
	static const struct step steps[] = {
		{ 10, 0, 5, 0, 1, M, 0, ROOM(1), 1, false, false },
		{ 10, 0, 5, 0, 1, M, 0, ROOM(1), 1, false, false }, /* the same packet */
		{ 10, 8, 5, 0, 2, M, 0, ROOM(1), 2, false, false }, /* another request */
		{ 10, 16, 5, 0, 3, M, 0, ROOM(1), 3, false, false },
		{ 11, 24, 5, 0, 4, M, 0, ROOM(1), 4, false, false }, /* another address */
		{ 11, 32, 6, 0, 5, M, 0, ROOM(1), 5, false, false },
	};
	struct cl_nts *n = cl_nts_new(7);

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		go(n, &steps[i]);
	const struct cl_nts_totals *all = cl_nts_totals(n);
	assert_int_equal(all->n.cookies, 2);
	assert_int_equal(all->n.copies, 1);
	assert_int_equal(all->n.reused, 2);
	assert_int_equal(all->n.moved, 1);
	assert_int_equal(all->reusing_clients, 1);
	assert_int_equal(all->nts_without, 2);
	cl_nts_free(n);
}

static void answers(void **state)
{
	static const struct step steps[] = {
		{ 10, 0, 1, 0, 1, M, 232, ROOM(1), 1, false, false }, /* longer */
		{ 10, 1, 2, 0, 2, M, 0, ROOM(1), 0, false, false },   /* no identifier */
		{ 10, 2, 3, 0, 3, M, 48, 0, 3, false, false },	      /* without NTS */
		{ 10, 3, 4, 0, 4, M, 0, ROOM(2), 4, false, true }, /* a cookie in the clear; room for two */
		{ 12, 4, 0, 0, 0, M, 0, 0, 0, false, false },	   /* plain */
		{ 13, 5, 0, 0, 0, CL_FORTUNE_OPEN_AT_END, 0, 0, 0, false, false },
	};
	struct cl_nts *n = cl_nts_new(7);

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		go(n, &steps[i]);
	const struct cl_nts_totals *all = cl_nts_totals(n);
	assert_int_equal(all->n.requests, 6);
	assert_int_equal(all->n.nts, 4);
	assert_int_equal(all->n.larger, 1);
	assert_int_equal(all->n.not_echoed, 1);
	assert_int_equal(all->n.plain_answers, 1);
	assert_int_equal(all->n.clear_cookies, 1);
	assert_int_equal(all->n.more, 1);
	assert_int_equal(all->clients, 3);
	assert_int_equal(all->nts_clients, 1);
	assert_int_equal(all->kind[CL_NTP_AUTH_PLAIN].requests, 2);
	assert_int_equal(all->kind[CL_NTP_AUTH_PLAIN].answered, 1);
	assert_int_equal(all->kind[CL_NTP_AUTH_PLAIN].unanswered, 0);
	assert_int_equal(all->kind[CL_NTP_AUTH_NTS].clients, 1);
	assert_int_equal(all->kind[CL_NTP_AUTH_NTS].alike, 3);
	cl_nts_free(n);
}

/* Each way in which a handshake can end. */
static void handshakes(void **state)
{
	const uint8_t open = CL_CONN_SYN | CL_CONN_ANSWER | CL_CONN_OPEN;
	struct cl_nts *n = cl_nts_new(7);
	size_t count;

	(void)state;
	shake(n, 10, 10, open | CL_CONN_HELLO, 30);
	shake(n, 11, 11, open | CL_CONN_HELLO, 50);
	shake(n, 11, 12, open | CL_CONN_HELLO, 0); /* no ServerHello */
	shake(n, 12, 13, open, 0);		   /* not even a ClientHello */
	shake(n, 12, 14, CL_CONN_SYN | CL_CONN_RST | CL_CONN_REFUSED, 0);
	shake(n, 12, 15, CL_CONN_SYN, 0);
	shake(n, 12, 16, CL_CONN_FIN, 0); /* began before */
	const struct cl_nts_ke *k = cl_nts_ke(n, &count);
	assert_int_equal(count, 1);
	assert_int_equal(k->connections, 7);
	assert_int_equal(k->shaken, 2);
	assert_int_equal(k->no_hello, 2);
	assert_int_equal(k->refused, 1);
	assert_int_equal(k->silent, 1);
	assert_int_equal(k->cut, 1);
	assert_int_equal(k->clients, 3);
	assert_int_equal(k->setup.min, 30000000);
	assert_int_equal(k->setup.max, 50000000);
	assert_int_equal(k->duration.max, SECOND);
	const struct cl_nts_name *name = cl_nts_names(n, &count);
	assert_int_equal(count, 1);
	assert_int_equal(name->connections, 3);
	assert_memory_equal(name->sni, "ntp.example", 12);
	assert_int_equal(name->alpn_length, 7);
	assert_int_equal(cl_nts_totals(n)->ke_clients, 2);
	assert_int_equal(cl_nts_totals(n)->ke_followed, 0);
	cl_nts_free(n);
}

/* RFC 8915 sec. 5.6: header 4, lengths 4, nonce, ciphertext with its tag; a cookie field of 4 and its body.
 */
static void fit(void **state)
{
	(void)state;
	assert_int_equal(cl_nts_cookies_fit(40 + 104, 100), 1); /* AES-SIV-CMAC-256: 16 and 16 */
	assert_int_equal(cl_nts_cookies_fit(40 + 8 * 104, 100), 8);
	assert_int_equal(cl_nts_cookies_fit(36 + 2 * 72, 68), 2); /* AES-128-GCM-SIV: 12 and 16 */
	assert_int_equal(cl_nts_cookies_fit(36 + 2 * 72 - 4, 68), 1);
	assert_int_equal(cl_nts_cookies_fit(40, 100), 0);
	assert_int_equal(cl_nts_cookies_fit(0, 0), 0);
	assert_int_equal(cl_nts_cookies_fit(36 + 2 * 104, 97), 2); /* padded to 4 */
}

/* Rows beyond the limit go together; keys of different lengths are different. */
static void keys(void **state)
{
	struct cl_nts *n = cl_nts_new(7);
	size_t count, others = 0;

	(void)state;
	for (uint32_t i = 0; i < CL_NTS_KEYS_MAX + 10; i++) {
		struct cl_event q = { .kind = CL_EV_NTP, .src = v4(10), .dst = v4(1) };
		struct cl_note note;
		const struct cl_exchange x = { .kind = CL_X_NTP, .fortune = U, .request = { &q, &note } };

		cl_note_clear(&note);
		note.length = 68;
		note.auth = CL_NTP_AUTH_MAC;
		note.key_id = 1 + i / 2;
		note.mac_length = i % 2 != 0 ? 16 : 20;
		cl_nts_take(n, &x);
		cl_nts_take(n, &x);
	}
	const struct cl_nts_key *k = cl_nts_keys(n, &count);
	assert_int_equal(count, CL_NTS_KEYS_MAX + 1);
	for (size_t i = 0; i < count; i++) {
		if (k[i].other) {
			others++;
			assert_int_equal(k[i].n.requests, 20);
		} else {
			assert_int_equal(k[i].n.requests, 2);
		}
		assert_int_equal(k[i].n.clients, 1);
	}
	assert_int_equal(others, 1);
	assert_int_equal(cl_nts_totals(n)->kind[CL_NTP_AUTH_MAC].requests, 2 * (CL_NTS_KEYS_MAX + 10));
	cl_nts_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders), cmocka_unit_test(placeholders_stay),
		cmocka_unit_test(new_cookies),	cmocka_unit_test(cookies_again),
		cmocka_unit_test(answers),	cmocka_unit_test(handshakes),
		cmocka_unit_test(fit),		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests_name("nts", tests, NULL, NULL);
}

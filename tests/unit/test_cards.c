/* SPDX-License-Identifier: BSD-2-Clause */
/* Exchanges made by hand: what servers say, whom they ask, and what is asked of them. */
#include "stats/view/ask.h"
#include "stats/view/cards.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define MS     INT64_C(1000000)
#define US     INT64_C(1000)
#define START  (1800000000 * SECOND)
#define GPS    0x47505300u
#define RATE   0x52415445u

static struct cl_addr v4(unsigned last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[14] = (uint8_t)(last >> 8);
	a.b[15] = (uint8_t)last;
	return a;
}

/* 32.32 of nanoseconds since 1970, to the nearest. */
static uint64_t stamp(int64_t ns)
{
	return (uint64_t)(ns / SECOND + 2208988800) << 32 |
	       (((uint64_t)(ns % SECOND) << 32) + SECOND / 2) / (uint64_t)SECOND;
}

/* One exchange, as the fields below say; the answer is 10 ms behind the request. */
static struct {
	struct cl_event q, r;
	struct cl_note qn, rn;
	struct cl_exchange x;
} one;

static struct cl_exchange *exchange(unsigned from, unsigned to, int64_t time_ns, bool answered)
{
	memset(&one, 0, sizeof one);
	one.q = (struct cl_event){ .kind = CL_EV_NTP,
				   .src = v4(from),
				   .dst = v4(to),
				   .time_ns = time_ns,
				   .frame_no = 1,
				   .u.ntp = {
					   .version = 4, .mode = 3, .xmt = UINT64_C(0x0123456789abcdef) } };
	one.r = (struct cl_event){ .kind = CL_EV_NTP,
				   .src = v4(to),
				   .dst = v4(from),
				   .time_ns = time_ns + 10 * MS,
				   .frame_no = 2,
				   .u.ntp = { .version = 4,
					      .mode = 4,
					      .stratum = 1,
					      .poll = 4,
					      .rec = stamp(time_ns + 5 * MS),
					      .xmt = stamp(time_ns + 5 * MS) } };
	one.rn.refid = GPS;
	one.rn.ref = stamp(time_ns - SECOND);
	one.rn.precision = -20;
	one.x = (struct cl_exchange){ .kind = CL_X_NTP,
				      .fortune = answered ? CL_FORTUNE_MATCHED : CL_FORTUNE_UNANSWERED,
				      .request = { &one.q, &one.qn },
				      .delta_ns = 10 * MS };
	if (answered)
		one.x.response = (struct cl_message){ &one.r, &one.rn };
	return &one.x;
}

/* Reachability ---------------------------------------------------------------------- */

/* A burst of four is one poll to ntpd and four to chronyd; then answered, silent, unfit, answered, silent. */
static void reach(void **state)
{
	struct cl_upstream u = { .requests = 0 };
	int64_t ns;

	(void)state;
	for (int i = 0; i < 4; i++)
		cl_upstream_take(&u, exchange(1, 2, START + 2 * i * SECOND, true));
	assert_int_equal(u.reach, 01);
	assert_int_equal(u.reach_chrony, 017);
	cl_upstream_take(&u, exchange(1, 2, START + 64 * SECOND, true));
	cl_upstream_take(&u, exchange(1, 2, START + 128 * SECOND, false));
	assert_int_equal(u.reach, 06);
	assert_int_equal(u.reach_chrony, 037); /* it still waits */
	exchange(1, 2, START + 192 * SECOND, true);
	one.rn.leap = 3;
	cl_upstream_take(&u, &one.x);
	assert_int_equal(u.reach, 014);
	assert_int_equal(u.reach_chrony, 0174);
	cl_upstream_take(&u, exchange(1, 2, START + 256 * SECOND, true));
	cl_upstream_take(&u, exchange(1, 2, START + 320 * SECOND, false));
	assert_int_equal(u.reach, 062);
	assert_int_equal(u.reach_chrony, 0371); /* 037, then 0, 0, 1, in eight bits */
	assert_int_equal(u.requests, 9);
	assert_int_equal(u.answers, 7);
	assert_int_equal(u.unanswered, 2);
	assert_true(cl_upstream_interval(&u, &ns));
	assert_int_equal(ns, 64 * SECOND);
	assert_true(cl_upstream_poll(&u, &ns));
	assert_int_equal(ns, 64 * SECOND);
	/* in vain from now on: unreachable, and samples leave the filter one by one */
	struct cl_filtered f;
	assert_true(cl_clock_filter_read(&u.filter, &f));
	assert_int_equal(f.samples, 6);
	for (int i = 0; i < 9; i++)
		cl_upstream_take(&u, exchange(1, 2, START + (384 + 64 * i) * SECOND, false));
	assert_int_equal(u.reach, 0);
	assert_true(cl_clock_filter_read(&u.filter, &f));
	assert_int_equal(f.samples, 5);
}

/* What makes an answer unfit: leap 3, stratum 0 or 16, a root distance of 16 s. */
static void unfit(void **state)
{
	static const struct {
		uint8_t leap, stratum;
		uint32_t delay, dispersion;
		bool fit;
	} cases[] = {
		{ 0, 1, 0, 0, true },	      { 2, 15, 0, 0, true },
		{ 3, 1, 0, 0, false },	      { 0, 0, 0, 0, false },
		{ 0, 16, 0, 0, false },	      { 0, 2, 0, 16 << 16, false },
		{ 0, 2, 32 << 16, 0, false }, { 0, 2, 2 << 16, (15 << 16) - 1, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct cl_statement st = { .leap = cases[i].leap,
						 .stratum = cases[i].stratum,
						 .root_delay = cases[i].delay,
						 .root_dispersion = cases[i].dispersion };

		assert_int_equal(cl_statement_is_fit(&st), cases[i].fit);
	}
}

/* An interleaved answer carries the transmit timestamp of the one before: 3 ms later than that one said. */
static void interleaved(void **state)
{
	struct cl_upstream u = { .requests = 0 };

	(void)state;
	cl_upstream_take(&u, exchange(1, 2, START, true));
	assert_int_equal(u.samples, 1);
	assert_int_equal(u.last.delay_ns, 10 * MS);
	exchange(1, 2, START + 64 * SECOND, true);
	one.x.interleaved = true;
	one.q.u.ntp.org = stamp(START + 5 * MS); /* the receive timestamp before */
	one.r.u.ntp.xmt = stamp(START + 8 * MS);
	cl_upstream_take(&u, &one.x);
	assert_int_equal(u.samples, 2);
	assert_int_equal(u.last.time_ns, START + 10 * MS);
	assert_in_range(u.last.delay_ns, 7 * MS - 2, 7 * MS + 2);
	assert_in_range(u.last.offset_ns, 3 * MS / 2 - 2, 3 * MS / 2 + 2);
	exchange(1, 2, START + 128 * SECOND, true); /* of another one: nothing is known of its times */
	one.x.interleaved = true;
	one.q.u.ntp.org = 77;
	cl_upstream_take(&u, &one.x);
	assert_int_equal(u.samples, 2);
}

/* What servers say ------------------------------------------------------------------ */

static const struct cl_said_event *next(const struct cl_cards *c, uint32_t *number)
{
	const struct cl_said_event *e = cl_cards_event(c, *number);

	assert_non_null(e);
	*number = e->next;
	return e;
}

/* A clock of GPS that is lost: the reference stands, dispersion grows by 15 ppm, then another is taken. */
static void holdover(void **state)
{
	struct cl_cards *c = cl_cards_new(5, NULL, 0);
	const struct cl_addr server = v4(1);
	const struct cl_card *card;
	const struct cl_said_event *e;
	uint32_t at;

	(void)state;
	for (int i = 0; i <= 20; i++) { /* the reference is set every 16 s until 64 s */
		exchange(9, 1, START + 16 * i * SECOND, true);
		int since = i <= 4 ? 0 : i - 4;
		one.rn.ref = stamp(START + 16 * (i - since) * SECOND);
		one.rn.root_dispersion = (uint32_t)(100 + 65536.0 * 16 * since * 15e-6);
		cl_cards_take(c, &one.x);
	}
	card = cl_cards_find(c, &server);
	assert_non_null(card);
	assert_int_equal(card->said.events, 1);
	assert_true(card->said.has_slope);
	assert_in_range((int)(card->said.slope_ppm * 100), 1480, 1520);
	at = card->said.first_event;
	e = next(c, &at);
	assert_int_equal(e->what, CL_CHANGE_REFERENCE_STOPPED);
	/* older than eight times 16 s, by the 5 ms until it was answered, at 64 s + 128 s */
	assert_int_equal(e->time_ns, START + 192 * SECOND + 10 * MS);
	assert_in_range(e->reference_age_ns, 128 * SECOND + 1, 128 * SECOND + 6 * MS);
	assert_true(e->has_slope);
	exchange(9, 1, START + 400 * SECOND, true);
	one.r.u.ntp.stratum = 2;
	one.rn.refid = 0xc0000207;
	one.rn.leap = 1;
	cl_cards_take(c, &one.x);
	assert_int_equal(card->said.events, 5);
	at = card->said.first_event;
	next(c, &at);
	e = next(c, &at);
	assert_int_equal(e->what, CL_CHANGE_REFERENCE_MOVED);
	assert_in_range(e->reference_age_ns, 256 * SECOND, 256 * SECOND + 6 * MS);
	e = next(c, &at);
	assert_int_equal(e->what, CL_CHANGE_LEAP);
	assert_int_equal(e->from * 10 + e->to, 1);
	e = next(c, &at);
	assert_int_equal(e->what, CL_CHANGE_STRATUM);
	assert_int_equal(e->from * 10 + e->to, 12);
	e = next(c, &at);
	assert_int_equal(e->what, CL_CHANGE_REFID);
	assert_int_equal(e->from, GPS);
	assert_int_equal(e->to, 0xc0000207);
	assert_int_equal(e->from_stratum, 1);
	assert_int_equal(at, 0);
	cl_cards_free(c);
}

/* A kiss changes nothing; INIT is what a server is at; an answer that overtook another changes nothing. */
static void kisses(void **state)
{
	struct cl_cards *c = cl_cards_new(5, NULL, 0);
	const struct cl_addr server = v4(1);

	(void)state;
	cl_cards_take(c, exchange(9, 1, START, true));
	exchange(9, 1, START + SECOND, true);
	one.r.u.ntp.stratum = 0;
	one.rn.refid = RATE;
	cl_cards_take(c, &one.x);
	cl_cards_take(c, &one.x);
	exchange(9, 1, START - SECOND, true);
	one.r.u.ntp.stratum = 7;
	cl_cards_take(c, &one.x);
	const struct cl_said *said = &cl_cards_find(c, &server)->said;
	assert_int_equal(said->answers, 4);
	assert_int_equal(said->kisses, 2);
	assert_int_equal(said->kiss[0].code, RATE);
	assert_int_equal(said->kiss[0].n, 2);
	assert_int_equal(said->events, 0);
	assert_int_equal(said->now.stratum, 1);
	assert_int_equal(said->version[4], 4);
	exchange(9, 1, START + 2 * SECOND, true);
	one.r.u.ntp.stratum = 0;
	one.rn.refid = 0x494e4954; /* INIT */
	cl_cards_take(c, &one.x);
	assert_int_equal(said->events, 2); /* stratum, refid */
	/* answers to nothing seen, and second ones, are nobody's word */
	exchange(9, 1, START + 3 * SECOND, true);
	one.x.request = (struct cl_message){ NULL, NULL };
	one.x.fortune = CL_FORTUNE_BOGUS;
	cl_cards_take(c, &one.x);
	one.x.fortune = CL_FORTUNE_DUPLICATE;
	cl_cards_take(c, &one.x);
	assert_int_equal(said->answers, 5);
	one.x.fortune = CL_FORTUNE_LATE;
	cl_cards_take(c, &one.x);
	assert_int_equal(said->answers, 6);
	cl_cards_free(c);
}

static void kiss_codes(void **state)
{
	(void)state;
	assert_true(cl_is_kiss(0, RATE));
	assert_true(cl_is_kiss(0, 0x58000000)); /* X */
	assert_false(cl_is_kiss(0, 0));
	assert_false(cl_is_kiss(0, 0x53544550)); /* STEP */
	assert_false(cl_is_kiss(0, 0x52000145)); /* no text */
	assert_false(cl_is_kiss(1, RATE));
}

/* Events of one server, and of all, end. */
static void many_events(void **state)
{
	struct cl_cards *c = cl_cards_new(5, NULL, 0);
	const struct cl_addr server = v4(1);

	(void)state;
	for (unsigned i = 0; i < CL_SAID_EVENTS_OF + 10; i++) {
		exchange(9, 1, START + i * SECOND, true);
		one.r.u.ntp.stratum = (uint8_t)(1 + i % 2);
		cl_cards_take(c, &one.x);
	}
	assert_int_equal(cl_cards_find(c, &server)->said.events, CL_SAID_EVENTS_OF);
	assert_int_equal(cl_cards_left_out(c).events, 9);
	cl_cards_free(c);
}

/* Whom they ask --------------------------------------------------------------------- */

/* Of more askers than there is room for, a server's associations stay. */
static void room(void **state)
{
	struct cl_cards *c = cl_cards_new(5, NULL, 0);
	const struct cl_addr server = v4(1);
	const struct cl_upstream **u;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		cl_cards_take(c, exchange(1, 2 + i, START, true));
	for (unsigned i = 0; i < 4 * CL_ASSOCIATION_SETS * CL_ASSOCIATION_WAYS; i++)
		cl_cards_take(c, exchange(256 + i % 65000, 1, START + i * MS, true));
	u = cl_cards_upstreams(c, &server, &n);
	assert_int_equal(n, 5);
	for (unsigned i = 0; i < 5; i++) {
		const struct cl_addr want = v4(2 + i);

		assert_memory_equal(&u[i]->remote, &want, sizeof want);
		assert_int_equal(u[i]->requests, 1);
	}
	free(u);
	assert_true(cl_cards_left_out(c).associations > 0);
	cl_cards_free(c);
}

/* With servers named, cards of these and of whom they ask. */
static void named(void **state)
{
	const struct cl_addr ours = v4(1), theirs = v4(2), other = v4(3);
	struct cl_cards *c = cl_cards_new(5, &ours, 1);
	size_t n;

	(void)state;
	cl_cards_take(c, exchange(1, 2, START, true));
	cl_cards_take(c, exchange(9, 1, START, true));
	cl_cards_take(c, exchange(9, 3, START, true));
	assert_non_null(cl_cards_find(c, &ours));
	assert_non_null(cl_cards_find(c, &theirs));
	assert_null(cl_cards_find(c, &other));
	free(cl_cards_upstreams(c, &ours, &n));
	assert_int_equal(n, 1);
	cl_cards_free(c);
}

/* What is asked of them ------------------------------------------------------------- */

static const struct cl_sample *only(const struct cl_exchange *x, struct cl_asks **a)
{
	struct cl_ask **pair;
	const struct cl_sample *s;
	size_t n;

	*a = cl_asks_new(5);
	cl_asks_take(*a, x);
	pair = cl_asks_sorted(*a, &n);
	assert_int_equal(n, 1);
	s = cl_asks_sample(*a, pair[0]->first);
	free(pair);
	assert_non_null(s);
	return s;
}

/* Sent 2 ms before it was captured, by a clock 5 ms behind the server's less what is said of it. */
static void by_transmit(void **state)
{
	struct cl_asks *a;

	(void)state;
	exchange(9, 1, START, true);
	one.q.u.ntp.xmt = stamp(START - 2 * MS);
	const struct cl_sample *s = only(&one.x, &a);
	assert_true(s->timed && s->good && s->answered);
	assert_int_equal(s->t1, CL_T1_TRANSMIT);
	assert_in_range(s->delay_ns, 12 * MS - 2, 12 * MS + 2);
	assert_in_range(s->offset_ns, 1 * MS - 2, 1 * MS + 2); /* (7 - 5) / 2 */
	assert_in_range(s->wire_delay_ns, 10 * MS - 2, 10 * MS + 2);
	assert_in_range(-s->clock_ns, 2 * MS - 2, 2 * MS + 2);
	assert_int_equal(s->tap, CL_TAP_UNKNOWN);
	cl_asks_free(a);
}

/* A random timestamp, one of another clock, and one of nanoseconds. */
static void by_capture(void **state)
{
	struct cl_asks *a;

	(void)state;
	const struct cl_sample *s = only(exchange(9, 1, START, true), &a);
	assert_false(s->has_clock);
	assert_int_equal(s->t1, CL_T1_CAPTURE);
	assert_in_range(s->delay_ns, 10 * MS - 2, 10 * MS + 2);
	cl_asks_free(a);
	exchange(9, 1, START, true);
	one.q.u.ntp.xmt = stamp(START - 3 * SECOND);
	s = only(&one.x, &a);
	assert_true(s->has_clock);
	assert_int_equal(s->t1, CL_T1_CAPTURE);
	assert_in_range(-s->clock_ns, 3 * SECOND - 2, 3 * SECOND + 2);
	assert_in_range(s->delay_ns, 10 * MS - 2, 10 * MS + 2);
	cl_asks_free(a);
	exchange(9, 1, START + 900 * MS, true);
	one.q.u.ntp.xmt = (uint64_t)(START / SECOND + 2208988800) << 32 | 899990000;
	s = only(&one.x, &a);
	assert_int_equal(s->t1, CL_T1_TRANSMIT_NS);
	assert_int_equal(s->clock_ns, -10 * US);
	cl_asks_free(a);
}

/* By times to live: at the server there is no delay, and the offset is from the arrival. */
static void at_server(void **state)
{
	struct cl_asks *a;

	(void)state;
	exchange(9, 1, START, true);
	one.q.u.ntp.xmt = stamp(START - 40 * MS);
	one.qn.ip_ttl = 57;
	one.rn.ip_ttl = 64;
	const struct cl_sample *s = only(&one.x, &a);
	assert_int_equal(s->tap, CL_TAP_SERVER);
	assert_true(s->timed);
	assert_false(s->good);
	assert_in_range(s->offset_ns, 45 * MS - 2, 45 * MS + 2);
	cl_asks_free(a);
	exchange(9, 1, START, true);
	one.qn.ip_ttl = 64;
	one.rn.ip_ttl = 57;
	assert_int_equal(only(&one.x, &a)->tap, CL_TAP_CLIENT);
	cl_asks_free(a);
}

/* An answer that its client drops: no MAC where one was asked for, a crypto-NAK. */
static void not_authentic(void **state)
{
	struct cl_asks *a;

	(void)state;
	exchange(9, 1, START, true);
	one.qn.auth = CL_NTP_AUTH_MAC;
	one.qn.key_id = 7;
	one.qn.mac_length = 16;
	const struct cl_sample *s = only(&one.x, &a);
	assert_true(s->timed);
	assert_false(s->good);
	assert_int_equal(s->request.key_id, 7);
	cl_asks_free(a);
	one.rn.auth = CL_NTP_AUTH_CRYPTO_NAK;
	assert_false(only(&one.x, &a)->good);
	cl_asks_free(a);
	one.rn.auth = CL_NTP_AUTH_MAC;
	assert_true(only(&one.x, &a)->good);
	cl_asks_free(a);
}

/* Clients by requests; pairs and samples beyond the limits are counted. */
static void limits(void **state)
{
	struct cl_asks *a = cl_asks_new(5);
	struct cl_ask **pair;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < CL_SAMPLES_OF + 3; i++)
		cl_asks_take(a, exchange(7, 1, START + i * SECOND, true));
	for (unsigned i = 0; i < CL_ASKS_MAX + 1; i++)
		cl_asks_take(a, exchange(300 + i, 1, START, true));
	pair = cl_asks_sorted(a, &n);
	assert_int_equal(n, CL_ASKS_MAX);
	const struct cl_addr most = v4(7);
	assert_memory_equal(&pair[0]->client, &most, sizeof most);
	assert_int_equal(pair[0]->requests, CL_SAMPLES_OF + 3);
	assert_int_equal(pair[0]->kept, CL_SAMPLES_OF);
	assert_int_equal(cl_asks_left_out(a).samples, 3);
	assert_int_equal(cl_asks_left_out(a).pairs, 2);
	free(pair);
	cl_asks_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reach),	 cmocka_unit_test(unfit),      cmocka_unit_test(interleaved),
		cmocka_unit_test(holdover),	 cmocka_unit_test(kisses),     cmocka_unit_test(kiss_codes),
		cmocka_unit_test(many_events),	 cmocka_unit_test(room),       cmocka_unit_test(named),
		cmocka_unit_test(by_transmit),	 cmocka_unit_test(by_capture), cmocka_unit_test(at_server),
		cmocka_unit_test(not_authentic), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

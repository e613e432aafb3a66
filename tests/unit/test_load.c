/* SPDX-License-Identifier: BSD-2-Clause */
/* Load of exchanges made by hand. */
#include "stats/view/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)
#define START  (1800000000 * SECOND) /* at :00 */

static struct cl_addr v4(uint32_t host)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 10 } };

	a.b[13] = (uint8_t)(host >> 16);
	a.b[14] = (uint8_t)(host >> 8);
	a.b[15] = (uint8_t)host;
	return a;
}

enum fate { SILENT, ANSWERED, OPEN };

static struct cl_event request(uint32_t client, int64_t at_ns, uint16_t port, uint64_t xmt)
{
	return (struct cl_event){ .kind = CL_EV_NTP,
				  .time_ns = START + at_ns,
				  .src = v4(client),
				  .dst = v4(0),
				  .sport = port,
				  .u.ntp = { .version = 4, .mode = 3, .xmt = xmt } };
}

static void put(struct cl_load *l, const struct cl_event *q, enum fate fate, uint32_t code)
{
	struct cl_event r = { .kind = CL_EV_NTP,
			      .time_ns = q->time_ns + MS,
			      .src = q->dst,
			      .dst = q->src,
			      .u.ntp = { .mode = 4, .flags = code != 0 ? CL_NTP_KOD : 0 } };
	struct cl_note note, answer;
	struct cl_exchange x = { .kind = CL_X_NTP,
				 .fortune = fate == ANSWERED ? CL_FORTUNE_MATCHED
					    : fate == OPEN   ? CL_FORTUNE_OPEN_AT_END
							     : CL_FORTUNE_UNANSWERED,
				 .request = { q, &note } };

	cl_note_clear(&note);
	cl_note_clear(&answer);
	answer.refid = code;
	if (fate == ANSWERED)
		x.response = (struct cl_message){ &r, &answer };
	cl_load_take(l, &x);
}

static void ask(struct cl_load *l, uint32_t client, int64_t at_ns, enum fate fate)
{
	const struct cl_event q = request(client, at_ns, 40000, 0);

	put(l, &q, fate, 0);
}

static void kiss(struct cl_load *l, uint32_t client, int64_t at_ns, uint32_t code)
{
	const struct cl_event q = request(client, at_ns, 40000, 0);

	put(l, &q, ANSWERED, code);
}

/* Medians of ten, of the first ten, and of too few. */
static void medians(void **state)
{
	struct cl_pace_gaps last = { .n = 0 }, first = { .n = 0 };

	(void)state;
	cl_pace_add(&last, 5 * SECOND);
	assert_int_equal(cl_pace_median(&last), -1);
	for (int i = 1; i <= 12; i++) {
		cl_pace_add(&last, i * SECOND);
		cl_pace_add_first(&first, i * SECOND);
	}
	assert_int_equal(cl_pace_median(&last), 7 * SECOND);  /* of 3 to 12 the fifth */
	assert_int_equal(cl_pace_median(&first), 5 * SECOND); /* of 1 to 10 */
}

/* Polls every `before` s, a RATE with the last of them, then every `after` s. */
static struct cl_obedience obedience(int64_t before_ms, int64_t after_ms, unsigned polls_after, int64_t end_s)
{
	struct cl_load *l = cl_load_new(16, 3);
	int64_t at = 0;

	for (unsigned i = 0; i < 11; i++, at += before_ms)
		ask(l, 1, at * MS, ANSWERED);
	kiss(l, 1, at * MS, CL_KISS_RATE);
	for (unsigned i = 0; i < polls_after; i++)
		ask(l, 1, (at += after_ms) * MS, ANSWERED);
	const struct cl_kisses *k = cl_load_kisses(l);
	assert_int_equal(cl_intern_count(&k->clients), 1);
	struct cl_obedience o = cl_kissed_obeyed(cl_intern_at(&k->clients, 0), START + end_s * SECOND);
	cl_load_free(l);
	return o;
}

static void obeyed(void **state)
{
	struct cl_obedience o = obedience(10000, 18000, 5, 1000);

	(void)state;
	assert_int_equal(o.how, CL_OBEYED_HONOURS);
	assert_int_equal(o.before_ns, 10 * SECOND);
	assert_int_equal(o.after_ns, 18 * SECOND);
	assert_false(o.of_requests);
	assert_int_equal(obedience(10000, 17900, 5, 1000).how, CL_OBEYED_SLOWER);
	assert_int_equal(obedience(10000, 12000, 5, 1000).how, CL_OBEYED_IGNORES);
	assert_int_equal(obedience(10000, 8000, 5, 1000).how, CL_OBEYED_IGNORES);
	assert_int_equal(obedience(10000, 7900, 5, 1000).how, CL_OBEYED_WORSE);
	assert_int_equal(obedience(10000, 10000, 1, 1000).how, CL_OBEYED_UNKNOWN);
	/* the kiss came at 110 s */
	assert_int_equal(obedience(10000, 0, 0, 127).how, CL_OBEYED_UNKNOWN);
	assert_int_equal(obedience(10000, 0, 0, 129).how, CL_OBEYED_GONE);
	/* less than 4 s is one poll */
	o = obedience(1000, 2000, 5, 1000);
	assert_true(o.of_requests);
	assert_int_equal(o.how, CL_OBEYED_HONOURS);
}

/* DENY: a request 1 h later, one just before it. */
static void refused(void **state)
{
	struct cl_load *l = cl_load_new(16, 3);

	(void)state;
	kiss(l, 1, 0, CL_KISS_DENY);
	ask(l, 1, 3600 * SECOND, ANSWERED); /* 1 ms less than an hour after the kiss */
	ask(l, 1, 3601 * SECOND, ANSWERED);
	kiss(l, 1, 3602 * SECOND, CL_KISS_RSTR);
	const struct cl_kisses *k = cl_load_kisses(l);
	const struct cl_kissed *c = cl_intern_at(&k->clients, 0);
	assert_int_equal(c->requests_an_hour_after, 2);
	assert_int_equal(c->kisses, 2);
	assert_true(c->rate_ns == INT64_MIN);
	assert_int_equal(cl_kissed_obeyed(c, START + 9999 * SECOND).how, CL_OBEYED_UNKNOWN);
	assert_int_equal(cl_intern_count(&k->rows), 2);
	cl_load_free(l);
}

/* Unique clients of each server and code. */
static void codes(void **state)
{
	struct cl_load *l = cl_load_new(16, 3);
	char text[9];

	(void)state;
	kiss(l, 1, 0, CL_KISS_RATE);
	kiss(l, 1, 1, CL_KISS_RATE);
	kiss(l, 2, 2, CL_KISS_RATE);
	kiss(l, 2, 3, 0x01020304);
	const struct cl_kisses *k = cl_load_kisses(l);
	const struct cl_kiss_row *row = cl_intern_at(&k->rows, 0);
	assert_int_equal(k->kisses, 4);
	assert_int_equal(row->kisses, 3);
	assert_int_equal(row->clients, 2);
	cl_kiss_text(row->key.code, text);
	assert_string_equal(text, "RATE");
	cl_kiss_text(0x01020304, text);
	assert_string_equal(text, "01020304");
	cl_load_free(l);
}

/* Ten within less than a second are a burst, at 1 s they are none; two more follow, then a pause. */
static void bursts(void **state)
{
	struct cl_load *l = cl_load_new(16, 3);
	const struct cl_load_burst *b;
	size_t n;

	(void)state;
	for (int i = 0; i < 10; i++)
		ask(l, 1, i * SECOND / 9, ANSWERED); /* the tenth at 1 s */
	for (int i = 0; i < 12; i++) {
		const struct cl_event q =
			request(2, 100 * SECOND + i * 100 * MS, (uint16_t)(50000 + (i >= 10 ? i : 0)), 7);

		put(l, &q, ANSWERED, 0);
	}
	ask(l, 2, 200 * SECOND, ANSWERED);
	b = cl_load_bursts(l, &n);
	assert_int_equal(n, 1);
	assert_int_equal(b->requests, 12);
	assert_int_equal(b->first_ns, START + 100 * SECOND);
	assert_int_equal(b->last_ns, START + 101 * SECOND + 100 * MS);
	assert_int_equal(b->ports, 2);
	assert_int_equal(b->payloads, 0);
	assert_int_equal(cl_load_totals(l)->bursts, 1);
	assert_int_equal(cl_load_totals(l)->burst_requests, 12);
	assert_int_equal(cl_load_totals(l)->burst_clients, 1);
	cl_load_free(l);
}

/* 100 requests with a mean of 29.9 s, of 30 s, and 99; headway 2 s; 8 requests with a mean below 8 s. */
static void thresholds(void **state)
{
	struct cl_load *l = cl_load_new(16, 3);
	const struct cl_load_totals *t;

	(void)state;
	for (int i = 0; i < 100; i++) {
		ask(l, 1, i * 29900 * MS, ANSWERED);
		ask(l, 2, i * 30000 * MS, ANSWERED);
		if (i < 99)
			ask(l, 3, i * 10000 * MS, ANSWERED);
	}
	for (int i = 0; i < 8; i++) {
		ask(l, 4, i * 7990 * MS, ANSWERED);
		ask(l, 5, i * 8000 * MS, ANSWERED);
		if (i < 7)
			ask(l, 6, i * 2000 * MS, ANSWERED);
	}
	ask(l, 7, 0, ANSWERED);
	ask(l, 7, 1999 * MS, ANSWERED);
	t = cl_load_totals(l);
	assert_int_equal(t->clients, 7);
	assert_int_equal(t->abusive.clients, 1);
	assert_int_equal(t->abusive.requests, 100);
	assert_int_equal(t->guard.clients, 1);
	assert_int_equal(t->average.clients, 1);
	assert_int_equal(t->average.requests, 8);
	cl_load_free(l);
}

/* Client 1: 1 of 4, client 2: all, client 3: none, client 4: 3 of 10 but for one that is open. */
static void answers(void **state)
{
	struct cl_load *l = cl_load_new(16, 3);
	const struct cl_load_totals *t;

	(void)state;
	for (int i = 0; i < 4; i++)
		ask(l, 1, i * 30 * SECOND, i == 0 ? ANSWERED : SILENT);
	ask(l, 2, 0, ANSWERED);
	ask(l, 2, 90 * SECOND, ANSWERED);
	ask(l, 3, 59 * SECOND, SILENT);
	for (int i = 0; i < 11; i++)
		ask(l, 4, i * SECOND, i < 3 ? ANSWERED : i < 10 ? SILENT : OPEN);
	t = cl_load_totals(l);
	assert_int_equal(t->requests, 18);
	assert_int_equal(t->answered, 6);
	assert_int_equal(t->open, 1);
	assert_int_equal(t->ratio[0].clients, 1);
	assert_int_equal(t->ratio[1].clients, 2);
	assert_int_equal(t->ratio[1].requests, 15);
	assert_int_equal(t->ratio[5].clients, 1);
	/* minutes: of client 1 two, of 2 two, of 3 and 4 one each */
	assert_int_equal(t->minutes, 6);
	assert_int_equal(t->minutes_short, 4);
	assert_int_equal(t->short_requests, 15);
	assert_int_equal(t->short_answered, 4);
	assert_int_equal(t->second[0], 4); /* 1 at 0 and 60 s, 2 and 4 at 0 s */
	assert_int_equal(t->second[30], 3);
	assert_int_equal(t->second[59], 1);
	cl_load_free(l);
}

/* 99 clients every 64 s, one every 16 s: 1 of 100 may be quicker. One abuses; it does not decide. */
static void advice(void **state)
{
	struct cl_load *l = cl_load_new(256, 3);
	struct cl_load_limits o;

	(void)state;
	for (uint32_t c = 1; c <= 100; c++)
		for (int i = 0; i < 3; i++)
			for (int k = 0; k < (c == 50 ? 20 : c < 10 ? 12 : 1); k++)
				ask(l, c, i * (c == 100 ? 16 : 64) * SECOND + k * SECOND, ANSWERED);
	for (int i = 0; i < 300; i++)
		ask(l, 101, i * SECOND, ANSWERED);
	assert_true(cl_load_limits(l, &o));
	assert_int_equal(o.ordinary, 100);
	assert_int_equal(o.interval, 6);
	assert_int_equal(o.burst, 12);
	assert_int_equal(o.leak, 3); /* 300 of 300 + 60 + 9 * 36 + 90 * 3 = 954: between 1/4 and 1/2 */
	/* mean below 64 s with more than 12: the abuser, client 50 and the nine */
	assert_int_equal(o.limited.clients, 11);
	cl_load_free(l);
	l = cl_load_new(4, 3);
	ask(l, 1, 0, ANSWERED);
	assert_true(cl_load_limits(l, &o));
	assert_int_equal(o.interval, 3);
	assert_int_equal(o.burst, 8);
	assert_int_equal(o.leak, 2);
	cl_load_free(l);
}

static void limits(void **state)
{
	struct cl_load *l = cl_load_new(1, 3);
	const struct cl_load_client **list;
	size_t n;

	(void)state;
	ask(l, 1, 0, ANSWERED);
	ask(l, 2, SECOND, ANSWERED);
	assert_int_equal(cl_load_totals(l)->clients, 1);
	assert_int_equal(cl_load_totals(l)->requests, 2);
	assert_int_equal(cl_load_totals(l)->not_kept, 1);
	list = cl_load_clients(l, false, &n);
	assert_int_equal(n, 1);
	free(list);
	cl_load_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians), cmocka_unit_test(obeyed), cmocka_unit_test(refused),
		cmocka_unit_test(codes),   cmocka_unit_test(bursts), cmocka_unit_test(thresholds),
		cmocka_unit_test(answers), cmocka_unit_test(advice), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/poolmon.h"
#include "stats/view/poolramp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define START  (1800000000 * SECOND)
#define NEAR   1e-9

static struct cl_addr v4(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

static uint64_t stamp(int64_t ns)
{
	return (uint64_t)(ns / SECOND + 2208988800) << 32 |
	       ((uint64_t)(ns % SECOND) << 32) / (uint64_t)SECOND;
}

/* The rule -------------------------------------------------------------------------------- */

/* By hand from the published rule: x is the offset in seconds. */
static void steps(void **state)
{
	static const struct {
		enum cl_pool_reply reply;
		double offset;
		unsigned stratum;
		double step, old, score;
	} rows[] = {
		{ CL_POOL_TIME, 0, 1, 1, 20, 20 },
		{ CL_POOL_TIME, 0.025, 1, 1, 0, 1 },
		{ CL_POOL_TIME, -0.025, 1, 1, -100, -94 },
		{ CL_POOL_TIME, 0.0251, 1, 0.9996583, 0, 0.9996583 },
		{ CL_POOL_TIME, 0.05, 7, 0.83365, 10, 10.33365 },
		{ CL_POOL_TIME, -0.1, 2, 0.5003, 10, 10.0003 },
		{ CL_POOL_TIME, 0.1001, 2, 0.4999692, 10, 9.9999692 },
		{ CL_POOL_TIME, 0.2, 2, 0.2694, 10, 9.7694 },
		{ CL_POOL_TIME, -0.75, 2, -1, 10, 8.5 },
		{ CL_POOL_TIME, 0.76, 2, -2, 10, 7.5 },
		{ CL_POOL_TIME, 3, 2, -2, 10, 7.5 },
		{ CL_POOL_TIME, 3.1, 2, -4, 20, -20 },
		{ CL_POOL_TIME, -3.1, 2, -4, -90, -89.5 },
		{ CL_POOL_TIME, 0, 8, -4, 20, 15 },
		{ CL_POOL_TIME, 0.8, 8, -4, 20, 15 },
		{ CL_POOL_TIME, 3.1, 8, -4, 20, -20 },
		{ CL_POOL_NO_RESPONSE, 0, 0, -5, 20, 14 },
		{ CL_POOL_NO_RESPONSE, 0, 0, -5, -100, -100 },
		{ CL_POOL_RATE, 0, 0, -3.5, 20, 15.5 },
		{ CL_POOL_DENIED, 0, 0, -10, 20, -50 },
		{ CL_POOL_DENIED, 0, 0, -10, -60, -67 },
		{ CL_POOL_NO_CODE, 0, 0, -2, 20, 5 },
		{ CL_POOL_NO_CODE, 0, 0, -2, 2, -0.1 },
		{ CL_POOL_ERROR, 0, 1, -4, 20, 15 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cl_pool_step s = cl_pool_step(rows[i].reply, rows[i].offset, rows[i].stratum);

		assert_true(fabs(s.step - rows[i].step) < NEAR);
		assert_true(fabs(cl_pool_score(rows[i].old, &s) - rows[i].score) < NEAR);
	}
}

/* From full score, six rounds without a response leave the pool: 20 * 0.95^n - 100 * (1 - 0.95^n). */
static void out_of_the_pool(void **state)
{
	struct cl_pool_step lost = cl_pool_step(CL_POOL_NO_RESPONSE, 0, 0);
	double score = 20;

	(void)state;
	score = cl_pool_score(score, &lost);
	assert_true(score > CL_POOL_IN_DNS);
	score = cl_pool_score(score, &lost);
	assert_true(fabs(score - 8.3) < NEAR);
	for (int i = 2; i < 10; i++)
		score = cl_pool_score(score, &lost);
	assert_true(fabs(score - (120 * pow(0.95, 10) - 100)) < NEAR);
}

/* Rounds ---------------------------------------------------------------------------------- */

struct sent {
	uint8_t client;
	int64_t time_ns, delta_ns; /* delta_ns < 0: no answer */
	uint8_t stratum, leap;
	uint32_t refid;
	bool kiss;
	int64_t theta_ns;
};

static uint64_t number;

static void send(void *pool, void (*take)(void *, const struct cl_exchange *), const struct sent *m)
{
	number++;

	struct cl_event q = { .kind = CL_EV_NTP,
			      .src = v4(m->client),
			      .dst = v4(1),
			      .time_ns = m->time_ns,
			      .frame_no = number,
			      .wire_len = 90,
			      .sport = 40000,
			      .u.ntp = { .version = 4, .mode = 3, .xmt = number } },
			r = { .kind = CL_EV_NTP,
			      .src = v4(1),
			      .dst = v4(m->client),
			      .time_ns = m->time_ns + m->delta_ns,
			      .wire_len = 90,
			      .u.ntp = { .mode = 4,
					 .stratum = m->stratum,
					 .flags = m->kiss ? CL_NTP_KOD : 0,
					 .rec = stamp(m->time_ns + m->delta_ns / 4 + m->theta_ns),
					 .xmt = stamp(m->time_ns + m->delta_ns * 3 / 4 + m->theta_ns) } };
	struct cl_note note, answer;
	struct cl_exchange x = { .number = number,
				 .kind = CL_X_NTP,
				 .fortune = m->delta_ns < 0 ? CL_FORTUNE_UNANSWERED : CL_FORTUNE_MATCHED,
				 .request = { &q, &note },
				 .delta_ns = m->delta_ns };

	cl_note_clear(&note);
	note.length = 48;
	note.precision = 32;
	cl_note_clear(&answer);
	answer.leap = m->leap;
	answer.refid = m->refid;
	if (m->delta_ns >= 0)
		x.response = (struct cl_message){ &r, &answer };
	take(pool, &x);
}

static void take_pool(void *pool, const struct cl_exchange *x)
{
	cl_poolmon_take(pool, x);
}

static void take_ramps(void *ramps, const struct cl_exchange *x)
{
	cl_ramps_take(ramps, x);
}

static void round_of(struct cl_poolmon *p, int64_t time_ns, unsigned n, int64_t delta_ns)
{
	for (unsigned i = 0; i < n; i++)
		send(p, take_pool,
		     &(struct sent){ 10, time_ns + i * 2 * SECOND, delta_ns, .stratum = 1, .refid = 1 });
}

static struct cl_poolmon *new_pool(void)
{
	struct cl_poolmon *p = cl_poolmon_new(3);
	struct cl_addr monitor = v4(10);

	assert_non_null(p);
	assert_true(cl_poolmon_monitor(p, &monitor, "ten"));
	return p;
}

static const struct cl_poolmon_pair *only_pair(struct cl_poolmon *p, int64_t until_ns)
{
	size_t n;

	assert_true(cl_poolmon_count(p, START, until_ns, NULL));
	const struct cl_poolmon_pair *pair = cl_poolmon_pairs(p, &n);
	assert_int_equal(n, 1);
	return pair;
}

/* A silence of more than 30 s ends a round; gaps of one and a half periods hold lost ones. */
static void missing(void **state)
{
	static const int minutes[] = {
		0, 10, 20, 30, 60, 70, 80, 94, 104
	}; /* 40 and 50 are lost, 94 is late */
	struct cl_poolmon *p = new_pool();

	(void)state;
	for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
		round_of(p, START + minutes[i] * 60 * SECOND, 3, 1000000);
	const struct cl_poolmon_pair *pair = only_pair(p, START + 7200 * SECOND);
	assert_int_equal(pair->rounds, 11);
	assert_int_equal(pair->seen, 9);
	assert_int_equal(pair->period_ns, 600 * SECOND);
	assert_true(pair->regular);
	assert_int_equal(pair->verdict[CL_POOL_NOT_SEEN], 2);
	assert_int_equal(pair->round[4].verdict, CL_POOL_NOT_SEEN);
	assert_int_equal(pair->round[4].time_ns, START + 2400 * SECOND);
	assert_int_equal(pair->round[5].time_ns, START + 3000 * SECOND);
	assert_int_equal(pair->silent_ns, 7200 * SECOND - (104 * 60 + 4) * SECOND);
	assert_string_equal(pair->name, "ten");
	/* the whole range of scores, by hand: 4 good, 2 lost, 5 good */
	assert_true(pair->round[3].score_max == 20);
	assert_true(fabs(pair->round[5].score_max - 8.3) < NEAR);
	cl_poolmon_free(p);
}

/* Without a period nothing is said to be missing. */
static void irregular(void **state)
{
	static const int minutes[] = { 0, 1, 3, 20, 21, 60, 62, 200, 201, 260 };
	struct cl_poolmon *p = new_pool();

	(void)state;
	for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
		round_of(p, START + minutes[i] * 60 * SECOND, 3, 1000000);
	const struct cl_poolmon_pair *pair = only_pair(p, START + 20000 * SECOND);
	assert_int_equal(pair->rounds, 10);
	assert_false(pair->regular);
	cl_poolmon_free(p);
}

/* What decides a round. */
static void decisions(void **state)
{
	struct cl_poolmon *p = new_pool();
	int64_t t = START;
	const struct {
		struct sent first, second;
		enum cl_poolmon_verdict verdict;
		double step;
	} rows[] = {
		/* one answer is enough */
		{ { .delta_ns = -1 }, { .delta_ns = 1000000, .stratum = 1 }, CL_POOL_PARTLY, 1 },
		/* one 3 s late and one not */
		{ { .delta_ns = 3 * SECOND + 1 },
		  { .delta_ns = 3 * SECOND, .stratum = 1 },
		  CL_POOL_PARTLY,
		  1 },
		{ { .delta_ns = 3 * SECOND + 1, .stratum = 1 }, { .delta_ns = -1 }, CL_POOL_LATE, -5 },
		/* a kiss code behind a good answer */
		{ { .delta_ns = 5000, .stratum = 1 },
		  { .delta_ns = 5000, .kiss = true, .refid = 0x52415445 },
		  CL_POOL_KISS,
		  -3.5 },
		{ { .delta_ns = 5000, .stratum = 1 }, { .delta_ns = 5000, .kiss = true }, CL_POOL_KISS, -2 },
		/* a code that the rule does not know */
		{ { .delta_ns = -1 },
		  { .delta_ns = 5000, .kiss = true, .refid = 0x58585858 },
		  CL_POOL_UNFIT,
		  -4 },
		/* not synchronized, then it is */
		{ { .delta_ns = 5000, .stratum = 16, .leap = 3 },
		  { .delta_ns = 5000, .stratum = 2 },
		  CL_POOL_GOOD,
		  1 },
		/* the clock of the answer of less bound counts */
		{ { .delta_ns = 900000, .stratum = 1, .theta_ns = SECOND },
		  { .delta_ns = 5000, .stratum = 1, .theta_ns = -50000000 },
		  CL_POOL_OFFSET,
		  0.83365 },
		{ { .delta_ns = 5000, .stratum = 9 },
		  { .delta_ns = 5000, .stratum = 9 },
		  CL_POOL_STRATUM,
		  -4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, t += 600 * SECOND) {
		struct sent a = rows[i].first, b = rows[i].second;

		a.client = b.client = 10;
		a.time_ns = t;
		b.time_ns = t + 2 * SECOND;
		send(p, take_pool, &a);
		send(p, take_pool, &b);
	}
	const struct cl_poolmon_pair *pair = only_pair(p, t);
	assert_int_equal(pair->rounds, sizeof rows / sizeof *rows);
	for (size_t i = 0; i < pair->rounds; i++) {
		assert_int_equal(pair->round[i].verdict, rows[i].verdict);
		assert_true(fabs(pair->round[i].step.step - rows[i].step) < 1e-7);
	}
	cl_poolmon_free(p);
}

/* A log's row joins the round before it; one of none is a round that never came. */
static void with_log(void **state)
{
	struct cl_poolmon *p = new_pool();
	struct cl_poolmon_row row = { .offset_s = NAN, .step = 1, .score = 12 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		row.time_ns = START + (i * 600 + 15) * SECOND;
		row.failed = i == 2;
		assert_int_equal(cl_poolmon_log(p, "ten", &row), 1);
		if (i != 1)
			round_of(p, START + i * 600 * SECOND, 3, 1000000);
	}
	assert_int_equal(cl_poolmon_log(p, "eleven", &row), 0);
	const struct cl_poolmon_pair *pair = only_pair(p, START + 3600 * SECOND);
	assert_int_equal(pair->rounds, 4);
	assert_int_equal(pair->round[1].verdict, CL_POOL_NOT_SEEN);
	assert_int_equal(pair->round[2].verdict, CL_POOL_LOST_ON_RETURN);
	assert_true(pair->round[0].score_min == 12 && pair->round[0].score_max == 12);
	assert_true(fabs(pair->round[1].score_min - 6.4) < NEAR);
	assert_int_equal(cl_poolmon_rows(p).within, 4);
	assert_int_equal(cl_poolmon_rows(p).seen, 3);
	cl_poolmon_free(p);
}

/* Three requests, 2 s behind each answer, and silence; anything else and it is none. */
static void candidates(void **state)
{
	struct cl_poolmon *p = new_pool();
	size_t n;

	(void)state;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++) {
			int64_t t = START + (i * 600 + k * 2) * SECOND;

			send(p, take_pool, &(struct sent){ 20, t, 1000000, .stratum = 1 });
			send(p, take_pool,
			     &(struct sent){ 21, t + (i == 2 && k == 1) * SECOND * 20, 1000000,
					     .stratum = 1 });
			send(p, take_pool, &(struct sent){ 22, t + k * SECOND / -2, 1000000, .stratum = 1 });
		}
	for (int i = 0; i < 12; i++)
		send(p, take_pool, &(struct sent){ 23, START + i * 64 * SECOND, 1000000, .stratum = 1 });
	assert_true(cl_poolmon_count(p, START, START + 3600 * SECOND, NULL));
	const struct cl_poolmon_candidate *c = cl_poolmon_candidates(p, &n);
	assert_int_equal(n, 1);
	assert_int_equal(c->source.b[15], 20);
	assert_int_equal(c->rounds, 3);
	assert_int_equal(c->full, 3);
	cl_poolmon_free(p);
}

/* Joining --------------------------------------------------------------------------------- */

static enum cl_ramp_who who(const void *ctx, const struct cl_addr *source)
{
	(void)ctx;
	if (source->b[15] == 10)
		return CL_RAMP_MONITOR;
	return source->b[15] < 10 ? CL_RAMP_KNOWN : CL_RAMP_STRANGER;
}

static void joining(void **state)
{
	static const struct sent list[] = {
		{ 30, START + 1 * SECOND, 1000, .stratum = 1 },	  /* a stranger before */
		{ 5, START + 2 * SECOND, 1000, .stratum = 1 },	  /* known */
		{ 10, START + 400 * SECOND, 1000, .stratum = 1 }, /* a monitor */
		{ 30, START + 410 * SECOND, 1000, .stratum = 1 }, /* no stranger any more */
		{ 6, START + 420 * SECOND, -1, .stratum = 1 },	  /* known */
		{ 31, START + 900 * SECOND, 2000,
		  .stratum = 1 }, /* the first stranger, at the end of a step */
		{ 31, START + 901 * SECOND, -1, .stratum = 1 },
	};
	struct cl_ramps *r = cl_ramps_new(1, 300 * SECOND, who, NULL);
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		send(r, take_ramps, &list[i]);
	const struct cl_ramp *const *ramp = cl_ramps_sorted(r, &n);
	assert_int_equal(n, 1);
	assert_int_equal(ramp[0]->first_probe_ns, START + 400 * SECOND);
	assert_int_equal(ramp[0]->first_stranger_ns, START + 900 * SECOND);
	assert_int_equal(ramp[0]->first_stranger.b[15], 31);
	assert_int_equal(ramp[0]->phase[CL_RAMP_BEFORE].requests, 2);
	assert_int_equal(ramp[0]->phase[CL_RAMP_WATCHED].requests, 2);
	assert_int_equal(ramp[0]->phase[CL_RAMP_WATCHED].answered, 1);
	assert_int_equal(ramp[0]->phase[CL_RAMP_JOINED].requests, 2);
	assert_int_equal(ramp[0]->phase[CL_RAMP_JOINED].clients, 1);
	assert_int_equal(ramp[0]->phase[CL_RAMP_JOINED].delta.max, 2000);
	assert_int_equal(ramp[0]->steps, 4);
	assert_int_equal(ramp[0]->step[2].requests, 1);
	assert_int_equal(ramp[0]->step[2].fresh, 1);
	assert_int_equal(ramp[0]->step[3].fresh, 0);
	assert_int_equal(ramp[0]->step[3].clients, 1);
	cl_ramps_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps),      cmocka_unit_test(out_of_the_pool), cmocka_unit_test(missing),
		cmocka_unit_test(irregular),  cmocka_unit_test(decisions),	 cmocka_unit_test(with_log),
		cmocka_unit_test(candidates), cmocka_unit_test(joining),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

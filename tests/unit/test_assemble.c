/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/exchange/assemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TOLD_MAX   64
#define MS	   INT64_C(1000000)
#define TIMEOUT_NS (10000 * MS)

/* What was told, in that order: frames of request and response (0: none), and what else is looked at. */
struct told {
	struct {
		uint64_t number, request, response;
		enum cl_exchange_kind kind;
		enum cl_fortune fortune;
		int64_t delta_ns;
		uint8_t request_ttl, response_ttl;
	} one[TOLD_MAX];
	size_t n;
};

static void note_told(void *ctx, const struct cl_exchange *x)
{
	struct told *t = ctx;
	bool q = x->request.event != NULL, r = x->response.event != NULL;

	assert_true(t->n < TOLD_MAX);
	t->one[t->n].number = x->number;
	t->one[t->n].kind = x->kind;
	t->one[t->n].fortune = x->fortune;
	t->one[t->n].delta_ns = x->delta_ns;
	t->one[t->n].request = q ? x->request.event->frame_no : 0;
	t->one[t->n].response = r ? x->response.event->frame_no : 0;
	t->one[t->n].request_ttl = q ? x->request.note->ip_ttl : 0;
	t->one[t->n].response_ttl = r ? x->response.note->ip_ttl : 0;
	t->n++;
}

static struct cl_addr addr(uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2 } };

	a.b[15] = last;
	return a;
}

/* A message between the client 192.0.2.`client` and the server 192.0.2.1; its note's TTL is its frame. */
struct message {
	struct cl_event ev;
	struct cl_note note;
};

static struct message message(enum cl_role role, uint8_t client, uint64_t frame, int64_t time_ns)
{
	bool response = role == CL_ROLE_RESPONSE;
	struct message m = { .ev = { .kind = CL_EV_NTP, .role = (uint8_t)role } };

	cl_note_clear(&m.note);
	m.note.ip_ttl = (uint8_t)frame;
	m.ev.frame_no = frame;
	m.ev.time_ns = time_ns;
	m.ev.src = addr(response ? 1 : client);
	m.ev.dst = addr(response ? client : 1);
	m.ev.sport = response ? 123 : 4000;
	m.ev.dport = response ? 4000 : 123;
	m.ev.u.ntp.mode = response ? 4 : 3;
	return m;
}

static void request(struct cl_assembly *a, uint8_t client, uint64_t frame, int64_t time_ns)
{
	struct message m = message(CL_ROLE_REQUEST, client, frame, time_ns);

	m.ev.u.ntp.xmt = frame;
	cl_assembly_take(a, &(struct cl_tapped){ &m.ev, &m.note, NULL, false });
}

/* The answer to frame `to`, which came `delta_ns` before. */
static void response(struct cl_assembly *a, uint8_t client, uint64_t frame, int64_t time_ns, uint64_t to,
		     int64_t delta_ns, enum cl_outcome outcome)
{
	struct message m = message(CL_ROLE_RESPONSE, client, frame, time_ns);
	struct cl_verdict v = { .outcome = outcome,
				.delta_ns = delta_ns,
				.delta_first_ns = delta_ns,
				.request_place = cl_req_place(0, to) };

	m.ev.u.ntp.org = to;
	cl_assembly_take(a, &(struct cl_tapped){ &m.ev, &m.note, &v, false });
}

static struct cl_assembly *fresh(struct told *t, size_t octets)
{
	struct cl_assembly *a = cl_assembly_new(TIMEOUT_NS, 7, octets, note_told, t);

	memset(t, 0, sizeof *t);
	assert_non_null(a);
	return a;
}

/* The later exchange is answered first and waits behind the earlier one. */
static void order_is_that_of_requests(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);

	(void)state;
	request(a, 10, 1, 0);
	request(a, 11, 2, 1 * MS);
	response(a, 11, 3, 2 * MS, 2, 1 * MS, CL_OUT_MATCHED);
	assert_int_equal(t.n, 0);
	response(a, 10, 4, 9 * MS, 1, 9 * MS, CL_OUT_MATCHED);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.one[0].request, 1);
	assert_int_equal(t.one[0].response, 4);
	assert_int_equal(t.one[0].delta_ns, 9 * MS);
	assert_int_equal(t.one[0].request_ttl, 1);
	assert_int_equal(t.one[0].response_ttl, 4);
	assert_int_equal(t.one[1].request, 2);
	assert_int_equal(t.one[1].number, 2);
	cl_assembly_free(a);
}

/* One nanosecond beyond the timeout nothing waits any more; at the end what is younger is open. */
static void unanswered_and_open(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);

	(void)state;
	request(a, 10, 1, 0);
	request(a, 11, 2, TIMEOUT_NS);
	assert_int_equal(t.n, 0);
	request(a, 12, 3, TIMEOUT_NS + 1);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.one[0].fortune, CL_FORTUNE_UNANSWERED);
	response(a, 10, 4, TIMEOUT_NS + 5, 1, TIMEOUT_NS + 5, CL_OUT_LATE);
	cl_assembly_finish(a, 2 * TIMEOUT_NS);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.one[1].fortune, CL_FORTUNE_UNANSWERED);
	assert_int_equal(t.one[2].fortune, CL_FORTUNE_OPEN_AT_END);
	assert_int_equal(t.one[3].fortune, CL_FORTUNE_LATE);
	assert_int_equal(t.one[3].request, 0);
	assert_int_equal(t.one[3].delta_ns, TIMEOUT_NS + 5);
	cl_assembly_free(a);
}

static void lone_responses(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);

	(void)state;
	request(a, 10, 1, 0);
	response(a, 10, 2, 1 * MS, 1, 1 * MS, CL_OUT_MATCHED);
	response(a, 10, 3, 2 * MS, 0, 0, CL_OUT_DUPLICATE);
	response(a, 10, 4, 3 * MS, 77, 0, CL_OUT_BOGUS);
	cl_assembly_finish(a, 1000 * MS);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.one[1].fortune, CL_FORTUNE_DUPLICATE);
	assert_int_equal(t.one[1].response, 3);
	assert_int_equal(t.one[2].fortune, CL_FORTUNE_BOGUS);
	cl_assembly_free(a);
}

/* Its answer was there first: one exchange, at the answer's place. */
static void backwards(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);
	struct message q = message(CL_ROLE_REQUEST, 10, 3, 2 * MS);

	(void)state;
	response(a, 10, 1, 0, 3, 0, CL_OUT_BOGUS); /* says origin 3 */
	response(a, 11, 2, 1 * MS, 3, 0, CL_OUT_BOGUS);
	q.ev.u.ntp.xmt = 3;
	cl_assembly_take(a, &(struct cl_tapped){ &q.ev, &q.note, NULL, true });
	cl_assembly_finish(a, 1000 * MS);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.one[0].fortune, CL_FORTUNE_BACKWARDS);
	assert_int_equal(t.one[0].request, 3);
	assert_int_equal(t.one[0].response, 1);
	assert_int_equal(t.one[1].fortune, CL_FORTUNE_BOGUS);
	cl_assembly_free(a);
}

/* Thousands wait in lists that have grown meanwhile; each answer finds its own. */
static void many_wait(void **state)
{
	enum { N = 5000 };
	struct told t;
	struct cl_assembly *a = fresh(&t, 64 << 20);

	(void)state;
	for (uint64_t i = 1; i <= N; i++)
		request(a, (uint8_t)(2 + i % 200), i, (int64_t)i);
	for (uint64_t i = N; i > 1; i--)
		response(a, (uint8_t)(2 + i % 200), N + i, N + 1, i, N + 1 - (int64_t)i, CL_OUT_MATCHED);
	assert_int_equal(t.n, 0);
	assert_int_equal(cl_assembly_given_up(a), 0);
	cl_assembly_free(a);
}

/* Without room the oldest requests are given up, and counted; nothing is lost from the telling. */
static void no_room(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 4 << 10);

	(void)state;
	for (uint64_t i = 1; i <= 40; i++)
		request(a, 10, i, (int64_t)i);
	uint64_t given_up = cl_assembly_given_up(a);
	assert_true(given_up > 0);
	assert_int_equal(t.n, given_up);
	cl_assembly_finish(a, INT64_MAX);
	assert_int_equal(t.n, 40);
	for (uint64_t i = 0; i < 40; i++) {
		assert_int_equal(t.one[i].request, i + 1);
		assert_int_equal(t.one[i].fortune,
				 i < given_up ? CL_FORTUNE_GIVEN_UP : CL_FORTUNE_UNANSWERED);
	}
	cl_assembly_free(a);
}

/* A zone transfer's exchange is told with its end; other messages of it are no exchanges. */
static void transfers(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);
	struct message q = message(CL_ROLE_REQUEST, 10, 1, 0), r = message(CL_ROLE_RESPONSE, 10, 2, 5 * MS);
	struct cl_verdict v = { .outcome = CL_OUT_MATCHED,
				.more = true,
				.delta_ns = 5 * MS,
				.request_place = cl_req_place(0, 1) };

	(void)state;
	q.ev.kind = r.ev.kind = CL_EV_DNS;
	q.ev.u.dns.id = r.ev.u.dns.id = 9;
	cl_assembly_take(a, &(struct cl_tapped){ &q.ev, &q.note, NULL, false });
	cl_assembly_take(a, &(struct cl_tapped){ &r.ev, &r.note, &v, false });
	for (int i = 1; i <= 3; i++) { /* beyond the timeout of the first */
		r.ev.time_ns = 5 * MS + i * (TIMEOUT_NS - MS);
		v.outcome = CL_OUT_TRANSFER;
		v.delta_ns = r.ev.time_ns;
		v.ended = i == 3;
		assert_int_equal(t.n, 0);
		cl_assembly_take(a, &(struct cl_tapped){ &r.ev, &r.note, &v, false });
	}
	assert_int_equal(t.n, 1);
	assert_int_equal(t.one[0].kind, CL_X_DNS);
	assert_int_equal(t.one[0].fortune, CL_FORTUNE_MATCHED);
	assert_int_equal(t.one[0].response, 2);
	assert_int_equal(t.one[0].delta_ns, 5 * MS + 3 * (TIMEOUT_NS - MS));
	cl_assembly_free(a);
}

/* Who wants no exchanges of NTP is told none, and nothing waits for them; the order of the others stays. */
static void only_wanted(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);
	struct message q = message(CL_ROLE_REQUEST, 20, 2, 1 * MS),
		       apart = message(CL_ROLE_APART, 21, 3, 2 * MS);

	(void)state;
	q.ev.kind = CL_EV_DNS;
	cl_assembly_want(a, CL_X_BIT(CL_X_DNS) | CL_X_BIT(CL_X_CONTROL));
	request(a, 10, 1, 0);
	cl_assembly_take(a, &(struct cl_tapped){ &q.ev, &q.note, NULL, false });
	cl_assembly_take(a, &(struct cl_tapped){ &apart.ev, &apart.note, NULL, false });
	assert_int_equal(t.n, 0);
	response(a, 10, 4, TIMEOUT_NS + 2 * MS, 1, TIMEOUT_NS + 2 * MS, CL_OUT_LATE);
	assert_int_equal(t.n, 2); /* its time tells what is older */
	assert_int_equal(t.one[0].request, 2);
	assert_int_equal(t.one[1].request, 3);
	assert_int_equal(t.one[1].kind, CL_X_CONTROL);
	cl_assembly_finish(a, INT64_MAX);
	assert_int_equal(t.n, 2);
	cl_assembly_free(a);
}

/* Alone and with nothing before it, it does not wait. */
static void told_at_once(void **state)
{
	struct told t;
	struct cl_assembly *a = fresh(&t, 1 << 20);
	struct message m = message(CL_ROLE_APART, 21, 3, 2 * MS);

	(void)state;
	cl_assembly_take(a, &(struct cl_tapped){ &m.ev, &m.note, NULL, false });
	assert_int_equal(t.n, 1);
	assert_int_equal(t.one[0].number, 1);
	assert_int_equal(t.one[0].fortune, CL_FORTUNE_ALONE);
	assert_int_equal(t.one[0].request_ttl, 3);
	request(a, 10, 4, 3 * MS);
	m.ev.frame_no = 5;
	cl_assembly_take(a, &(struct cl_tapped){ &m.ev, &m.note, NULL, false });
	assert_int_equal(t.n, 1);
	cl_assembly_finish(a, 4 * MS);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.one[2].request, 5);
	cl_assembly_free(a);
}

static void resume(void *into, const struct cl_exchange *x)
{
	cl_assembly_resume(into, x);
}

/* What ended open goes on: the same exchanges as if the capture had been one. */
static void resumed(void **state)
{
	struct told t;
	struct cl_assembly *second = fresh(&t, 1 << 20);
	struct cl_assembly *first = cl_assembly_new(TIMEOUT_NS, 7, 1 << 20, resume, second);

	(void)state;
	request(first, 10, 1, 0);
	request(first, 11, 2, 1 * MS);
	response(first, 11, 3, 2 * MS, 2, 1 * MS, CL_OUT_MATCHED);
	cl_assembly_finish(first, 2 * MS);
	cl_assembly_free(first);
	assert_int_equal(t.n, 0);
	response(second, 10, 1, 3 * MS, 1, 3 * MS, CL_OUT_MATCHED);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.one[0].fortune, CL_FORTUNE_MATCHED);
	assert_int_equal(t.one[1].fortune, CL_FORTUNE_MATCHED);
	assert_int_equal(t.one[1].response, 3);
	cl_assembly_free(second);
}

static void count_told(void *ctx, const struct cl_exchange *x)
{
	uint64_t *n = ctx;

	n[x->fortune]++;
}

/* A capture can give all packets of one flow the same time: each still costs the same. With lists that are
 * searched this takes minutes. */
static void all_at_once(void **state)
{
	enum { MANY = 200000 };
	uint64_t n[CL_FORTUNES] = { 0 };
	struct cl_assembly *a = cl_assembly_new(TIMEOUT_NS, 7, (size_t)1 << 30, count_told, n);

	(void)state;
	assert_non_null(a);
	for (uint64_t i = 1; i <= MANY; i++)
		request(a, 10, i, 0);
	for (uint64_t i = 1; i <= MANY / 2; i++)
		response(a, 10, MANY + i, 0, i, 0, CL_OUT_MATCHED);
	for (uint64_t i = 1; i <= MANY; i++)
		response(a, 11, 2 * MANY + i, 0, 0, 0, CL_OUT_BOGUS);
	cl_assembly_finish(a, TIMEOUT_NS);
	assert_int_equal(n[CL_FORTUNE_MATCHED], MANY / 2);
	assert_int_equal(n[CL_FORTUNE_UNANSWERED], MANY / 2);
	assert_int_equal(n[CL_FORTUNE_BOGUS], MANY);
	cl_assembly_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_that_of_requests),
		cmocka_unit_test(unanswered_and_open),
		cmocka_unit_test(lone_responses),
		cmocka_unit_test(backwards),
		cmocka_unit_test(many_wait),
		cmocka_unit_test(no_room),
		cmocka_unit_test(transfers),
		cmocka_unit_test(only_wanted),
		cmocka_unit_test(told_at_once),
		cmocka_unit_test(resumed),
		cmocka_unit_test(all_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

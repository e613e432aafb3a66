/* SPDX-License-Identifier: BSD-2-Clause */
/* Which responses reached their clients, of exchanges made by hand. */
#include "stats/view/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static struct cl_addr v4(uint8_t net, uint8_t last)
{
	struct cl_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51 } };

	a.b[14] = net;
	a.b[15] = last;
	return a;
}

/* A request and, 1 ms later, its response, whose timestamps are 100 * k + 1 and + 2. */
struct step {
	int64_t at_s;
	uint64_t k, org;
	uint16_t port;
	uint8_t client;
	bool kiss, silent;
	uint8_t placeholders;
	bool nts;
	uint16_t length;
};

static void play(struct cl_reached *r, const struct step *s)
{
	struct cl_event q = { .kind = CL_EV_NTP,
			      .time_ns = s->at_s * SECOND,
			      .src = v4(1, s->client),
			      .dst = v4(0, 1),
			      .sport = s->port,
			      .dport = 123,
			      .u.ntp = { .version = 4, .mode = 3, .org = s->org, .xmt = 100 * s->k } },
			a = { .kind = CL_EV_NTP,
			      .time_ns = s->at_s * SECOND + 1000000,
			      .src = v4(0, 1),
			      .dst = v4(1, s->client),
			      .sport = 123,
			      .dport = s->port,
			      .u.ntp = { .version = 4,
					 .mode = 4,
					 .org = 100 * s->k,
					 .rec = 100 * s->k + 1,
					 .xmt = 100 * s->k + 2,
					 .flags = s->kiss ? CL_NTP_KOD : 0 } };
	struct cl_note note, answer;
	struct cl_exchange x = { .kind = CL_X_NTP,
				 .fortune = s->silent ? CL_FORTUNE_UNANSWERED : CL_FORTUNE_MATCHED,
				 .request = { &q, &note } };

	cl_note_clear(&note);
	cl_note_clear(&answer);
	note.auth = answer.auth = s->nts ? CL_NTP_AUTH_NTS : CL_NTP_AUTH_PLAIN;
	note.placeholders = s->placeholders;
	answer.length = s->length > 0 ? s->length : 48;
	if (!s->silent)
		x.response = (struct cl_message){ &a, &answer };
	cl_reached_take(r, &x);
}

static void play_all(struct cl_reached *r, const struct step *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		play(r, &s[i]);
}

static void icmp(struct cl_reached *r, int64_t at_s, uint8_t client, uint16_t port, uint8_t bits)
{
	struct cl_event e = { .kind = CL_EV_ICMP,
			      .time_ns = at_s * SECOND,
			      .src = v4(1, client),
			      .dst = v4(0, 1),
			      .u.icmp = {
				      .src = v4(0, 1), .dst = v4(1, client), .sport = 123, .dport = port } };
	struct cl_note note;

	e.u.icmp.bits = bits;
	cl_note_clear(&note);
	const struct cl_exchange x = { .kind = CL_X_ICMP, .request = { &e, &note } };
	cl_reached_take(r, &x);
}

static void counts(struct cl_reached *r, const uint64_t want[CL_REACHES])
{
	struct cl_reach_count all = cl_reached_all(r);

	for (unsigned i = 0; i < CL_REACHES; i++)
		assert_int_equal(all.n[i], want[i]);
}

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/* 1 is echoed; 2 and 3 are not, as 1 is echoed again; 4 is echoed by its receive timestamp; 5 is the last. */
static void origin(void **state)
{
	static const struct step steps[] = {
		{ .at_s = 1, .k = 1, .port = 123 },
		{ .at_s = 10, .k = 2, .org = 102, .port = 123 },
		{ .at_s = 20, .k = 3, .org = 102, .port = 123 },
		{ .at_s = 30, .k = 4, .org = 102, .port = 123 },
		{ .at_s = 40, .k = 5, .org = 401, .port = 123 },
	};
	struct cl_reached *r = cl_reached_new(16, 7);

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	counts(r, (const uint64_t[CL_REACHES]){
			  [CL_REACH_UNKNOWN] = 1, [CL_REACH_ORIGIN] = 2, [CL_REACH_LOST_ORIGIN] = 2 });
	cl_reached_free(r);
}

/* Two hosts behind one address: the other's port says nothing of this one. A new port each time does. */
static void ports(void **state)
{
	static const struct step hosts[] = {
		{ .at_s = 1, .k = 1, .port = 1001 },
		{ .at_s = 2, .k = 2, .port = 1002 },
		{ .at_s = 10, .k = 3, .org = 102, .port = 1001 }, /* 1 arrived; 2 was not to it */
	};
	static const struct step one[] = {
		{ .at_s = 1, .k = 1, .port = 2001 },
		{ .at_s = 2, .k = 2, .port = 2002 },
		{ .at_s = 10, .k = 3, .org = 102, .port = 2003 }, /* 1 arrived, 2 did not */
	};
	struct cl_reached *r = cl_reached_new(16, 7);

	(void)state;
	play_all(r, hosts, COUNT_OF(hosts));
	counts(r, (const uint64_t[CL_REACHES]){ [CL_REACH_UNKNOWN] = 2, [CL_REACH_ORIGIN] = 1 });
	cl_reached_free(r);
	r = cl_reached_new(16, 7);
	play_all(r, one, COUNT_OF(one));
	counts(r, (const uint64_t[CL_REACHES]){
			  [CL_REACH_UNKNOWN] = 1, [CL_REACH_ORIGIN] = 1, [CL_REACH_LOST_ORIGIN] = 1 });
	cl_reached_free(r);
}

/* Kisses and requests without an answer are no responses; an unknown origin says nothing. */
static void nothing(void **state)
{
	static const struct step steps[] = {
		{ .at_s = 1, .k = 1, .port = 123, .kiss = true },
		{ .at_s = 10, .k = 2, .org = 102, .port = 123, .silent = true },
		{ .at_s = 20, .k = 3, .org = 999, .port = 123 },
		{ .at_s = 30, .k = 4, .org = 888, .port = 123, .silent = true },
	};
	struct cl_reached *r = cl_reached_new(16, 7);

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	counts(r, (const uint64_t[CL_REACHES]){ [CL_REACH_UNKNOWN] = 1 });
	cl_reached_free(r);
}

/* Placeholders: 0, 0 arrived; 1 lost; 1 again says nothing; 0 arrived. Silence is no loss. */
static void cookies(void **state)
{
	static const struct step steps[] = {
		{ .at_s = 1, .k = 1, .port = 1, .nts = true, .length = 200 },
		{ .at_s = 2, .k = 2, .port = 2, .nts = true, .length = 200 },
		{ .at_s = 3, .k = 3, .port = 3, .nts = true, .placeholders = 1, .length = 300 },
		{ .at_s = 4, .k = 4, .port = 4, .nts = true, .placeholders = 1, .length = 300 },
		{ .at_s = 5, .k = 5, .port = 5, .nts = true, .silent = true },
		{ .at_s = 6, .k = 6, .port = 6, .nts = true, .placeholders = 1, .length = 300 },
	};
	struct cl_reached *r = cl_reached_new(16, 7);
	const struct cl_reach_size *size;
	size_t n;

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	counts(r, (const uint64_t[CL_REACHES]){
			  [CL_REACH_UNKNOWN] = 2, [CL_REACH_COOKIES] = 2, [CL_REACH_LOST_COOKIES] = 1 });
	size = cl_reached_sizes(r, &n);
	assert_int_equal(n, 2);
	assert_int_equal(size[0].octets, 200);
	assert_int_equal(size[0].count.n[CL_REACH_COOKIES], 1);
	assert_int_equal(size[0].count.n[CL_REACH_LOST_COOKIES], 1);
	assert_int_equal(size[1].count.n[CL_REACH_COOKIES], 1);
	assert_int_equal(size[1].count.n[CL_REACH_UNKNOWN], 2);
	cl_reached_free(r);
}

/* An ICMP error is about the response to its port; not one of DNS, nor one about a request. */
static void errors(void **state)
{
	static const struct step steps[] = { { .at_s = 1, .k = 1, .port = 1001, .client = 5 },
					     { .at_s = 2, .k = 2, .port = 1002, .client = 5 } };
	struct cl_reached *r = cl_reached_new(16, 7);
	struct cl_reach_place *list;
	size_t n;

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	icmp(r, 3, 5, 1001, CL_ICMP_RESPONSE | CL_ICMP_DNS);
	icmp(r, 3, 5, 1001, 0);
	icmp(r, 3, 5, 1003, CL_ICMP_RESPONSE);
	counts(r, (const uint64_t[CL_REACHES]){ [CL_REACH_UNKNOWN] = 2 });
	icmp(r, 3, 5, 1001, CL_ICMP_RESPONSE);
	icmp(r, 3, 5, 1001, CL_ICMP_RESPONSE);
	counts(r, (const uint64_t[CL_REACHES]){ [CL_REACH_UNKNOWN] = 1, [CL_REACH_LOST_ICMP] = 1 });
	list = cl_reached_places(r, true, &n);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].length, 24);
	assert_int_equal(list[0].addr.b[15], 0);
	assert_int_equal(cl_reach_lost(&list[0].count), 1);
	free(list);
	cl_reached_free(r);
}

/* By losses, then arrivals; a network is the sum of its clients; who is not known is not listed. */
static void places(void **state)
{
	static const struct step steps[] = {
		{ .at_s = 1, .k = 1, .port = 123, .client = 1 },
		{ .at_s = 2, .k = 2, .port = 123, .client = 2 },
		{ .at_s = 3, .k = 3, .port = 123, .client = 3 },
		{ .at_s = 4, .k = 4, .org = 102, .port = 123, .client = 1, .silent = true },
		{ .at_s = 5, .k = 5, .org = 202, .port = 123, .client = 2 },
		{ .at_s = 6, .k = 6, .org = 202, .port = 123, .client = 2, .silent = true },
	};
	struct cl_reached *r = cl_reached_new(16, 7);
	struct cl_reach_place *list;
	size_t n;

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	list = cl_reached_places(r, false, &n);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].addr.b[15], 2);
	assert_int_equal(cl_reach_lost(&list[0].count), 1);
	assert_int_equal(list[1].addr.b[15], 1);
	free(list);
	list = cl_reached_places(r, true, &n);
	assert_int_equal(n, 1);
	assert_int_equal(cl_reach_responses(&list[0].count), 4);
	assert_int_equal(cl_reach_arrived(&list[0].count), 2);
	free(list);
	cl_reached_free(r);
}

static void limits(void **state)
{
	static const struct step steps[] = { { .at_s = 1, .k = 1, .port = 123, .client = 1 },
					     { .at_s = 2, .k = 2, .port = 123, .client = 2 },
					     { .at_s = 3, .k = 3, .port = 123, .client = 2 } };
	struct cl_reached *r = cl_reached_new(1, 7);

	(void)state;
	play_all(r, steps, COUNT_OF(steps));
	counts(r, (const uint64_t[CL_REACHES]){ [CL_REACH_UNKNOWN] = 1 });
	assert_int_equal(cl_reached_not_kept(r), 2);
	cl_reached_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origin),  cmocka_unit_test(ports),  cmocka_unit_test(nothing),
		cmocka_unit_test(cookies), cmocka_unit_test(errors), cmocka_unit_test(places),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

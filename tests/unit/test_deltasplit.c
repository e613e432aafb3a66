/* SPDX-License-Identifier: BSD-2-Clause */
/* Values are worked out by hand from the definitions: inside = T3 - T2, outside = (T4 - T1) - inside,
 * theta = ((T2 - T1) + (T3 - T4)) / 2, bound = outside / 2. Stamps have binary fractions, so all is exact. */
#include "stats/view/deltasplit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vectors.h"

#define S	INT64_C(1000000000)
#define MS	INT64_C(1000000)
#define T0	(INT64_C(1795392000) * S) /* 2026-11-23 */
#define NTP(s)	((UINT64_C(1795392000) + 2208988800 + (uint64_t)(s)) << 32)
#define HALF	(UINT64_C(1) << 31)
#define PART(k) (UINT64_C(1) << (32 - (k))) /* 2^-k s */
#define ALL	(CL_SPLIT_BIT(CL_SPLITS) - 1)

/* An exchange with its messages, and the arrows that bind them. */
struct pair {
	struct cl_event q, r;
	struct cl_note nq, nr;
	struct cl_exchange x;
};

static struct cl_addr addr(unsigned last)
{
	uint8_t v4[4] = { 192, 0, (uint8_t)(last >> 8), (uint8_t)last };

	return cl_addr_from_v4(v4);
}

static void ntp(struct pair *g, int64_t request_ns, int64_t response_ns, uint64_t rec, uint64_t xmt)
{
	*g = (struct pair){
		.q = { .kind = CL_EV_NTP, .time_ns = request_ns, .src = addr(1), .dst = addr(2) },
		.r = { .kind = CL_EV_NTP, .time_ns = response_ns, .src = addr(2), .dst = addr(1) },
		.x = { .kind = CL_X_NTP, .fortune = CL_FORTUNE_MATCHED }
	};
	g->q.u.ntp = (struct cl_ntp){ .xmt = 77, .version = 4, .mode = 3 };
	g->r.u.ntp =
		(struct cl_ntp){ .org = 77, .rec = rec, .xmt = xmt, .version = 4, .mode = 4, .stratum = 1 };
	g->nq.length = g->nr.length = 48;
	g->x.delta_ns = response_ns - request_ns;
}

static void take(struct cl_deltasplit *d, struct pair *g)
{
	g->x.request = (struct cl_message){ &g->q, &g->nq };
	g->x.response = (struct cl_message){ &g->r, &g->nr };
	cl_deltasplit_take(d, &g->x);
}

static const struct cl_split_row *row(const struct cl_deltasplit *d, enum cl_split_proto p, enum cl_split s,
				      uint32_t value)
{
	for (size_t i = 0; i < d->table[p][s].rows; i++)
		if (d->table[p][s].row[i].value == value)
			return &d->table[p][s].row[i];
	return NULL;
}

static uint64_t count(const struct cl_deltasplit *d, enum cl_split_proto p, enum cl_split s, uint32_t value)
{
	const struct cl_split_row *r = row(d, p, s, value);

	return r != NULL ? r->delta.n : 0;
}

static int64_t smallest(const struct cl_signed_hist *h)
{
	return cl_signed_quantile(h, 1e-18);
}

/* 0: asked; 0.125: T2; 0.25: T3; 0.5: answered. */
static void test_basic(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	ntp(&g, T0, T0 + 500 * MS, NTP(0) + PART(3), NTP(0) + PART(2));
	take(d, &g);
	assert_int_equal(d->servers, 1);
	const struct cl_split_server *v = d->server[0];
	assert_memory_equal(&v->addr, &g.q.dst, sizeof v->addr);
	assert_int_equal(v->basic, 1);
	assert_int_equal(smallest(&v->inside), 125 * MS);
	assert_int_equal(smallest(&v->outside), 375 * MS);
	assert_int_equal(v->clock.n, 1);
	assert_int_equal(v->clock.best.theta_ns, -62500000);
	assert_int_equal(v->clock.best.bound_ns, 187500000);
	assert_int_equal(v->clock.best.time_ns, T0 + 500 * MS);
	assert_int_equal(cl_clock_median(&v->clock), -62500000);
	assert_int_equal(v->negative_inside + v->negative_outside + v->no_stamps + v->unlinked, 0);
	cl_deltasplit_free(d);
}

/* A server 10 s ahead, the network half a second each way: theta is exact, the bound half a second. */
static void test_ahead(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(CL_SPLIT_BIT(CL_SPLIT_CLOCK));
	struct pair g;

	(void)state;
	ntp(&g, T0, T0 + 1250 * MS, NTP(10) + HALF, NTP(10) + HALF + PART(2));
	take(d, &g);
	assert_int_equal(d->server[0]->clock.best.theta_ns, 10 * S);
	assert_int_equal(d->server[0]->clock.best.bound_ns, 500 * MS);
	assert_int_equal(cl_signed_n(&d->server[0]->inside), 0); /* not asked for */
	assert_int_equal(d->table[CL_SPLIT_NTP][CL_SPLIT_FAMILY].rows, 0);
	cl_deltasplit_free(d);
}

/* Stamps that say more than delta has, and a transmit stamp before the receive stamp. */
static void test_negative(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	ntp(&g, T0, T0 + 125 * MS, NTP(0), NTP(0) + HALF);
	take(d, &g);
	ntp(&g, T0, T0 + 125 * MS, NTP(0) + HALF, NTP(0));
	take(d, &g);
	const struct cl_split_server *v = d->server[0];
	assert_int_equal(v->negative_outside, 1);
	assert_int_equal(v->negative_inside, 1);
	assert_int_equal(cl_signed_n(&v->inside), 2);
	assert_int_equal(smallest(&v->inside), -500 * MS);
	assert_int_equal(smallest(&v->outside), -375 * MS);
	assert_int_equal(cl_signed_quantile(&v->outside, 1), 625 * MS);
	assert_int_equal(v->clock.n, 0); /* no bound holds */
	assert_int_equal(cl_clock_median(&v->clock), 0);
	cl_deltasplit_free(d);
}

static void test_no_stamps(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	ntp(&g, T0, T0 + S, NTP(0), NTP(0));
	g.r.u.ntp.flags = CL_NTP_KOD;
	take(d, &g);
	ntp(&g, T0, T0 + S, NTP(0), NTP(0));
	g.x.guessed = true;
	take(d, &g);
	ntp(&g, T0, T0 + S, 0, NTP(0));
	take(d, &g);
	ntp(&g, T0, T0 + S, NTP(0), 0);
	take(d, &g);
	ntp(&g, T0, T0 + S, NTP(0), NTP(0));
	g.r.u.ntp.org = 78; /* paired by Wireshark's rule */
	take(d, &g);
	assert_int_equal(d->server[0]->no_stamps, 5);
	assert_int_equal(cl_signed_n(&d->server[0]->inside), 0);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_KOD, 1), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_KOD, 0), 4);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_PAIRING, CL_SPLIT_GUESSED), 1);
	cl_deltasplit_free(d);
}

/* Interleaved: request n has the receive stamp of response n - 1 as its origin; response n has request n's
 * receive stamp as its origin, and says when response n - 1 left. The port is new each time. */
static void interleaved(struct pair *g, unsigned n, uint64_t before_rec, uint64_t rec, uint64_t before_xmt)
{
	int64_t at = T0 + (int64_t)n * 64 * S;

	ntp(g, at, at + 500 * MS, rec, before_xmt);
	g->q.sport = (uint16_t)(40000 + n);
	g->q.u.ntp.org = before_rec;
	g->q.u.ntp.rec = 1000 + n;
	g->r.u.ntp.org = 1000 + n;
	g->x.interleaved = true;
}

static void test_interleaved(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	interleaved(&g, 0, NTP(0) - 1, NTP(0) + PART(3), NTP(0) - PART(1)); /* follows what was not seen */
	take(d, &g);
	const struct cl_split_server *v = d->server[0];
	assert_int_equal(cl_signed_n(&v->inside), 0);
	assert_int_equal(v->unlinked, 1);
	/* says that the one above left at 0.375: inside 0.25, outside 0.25; theta (0.125 - 0.125) / 2 */
	interleaved(&g, 1, NTP(0) + PART(3), NTP(64) + PART(4), NTP(0) + PART(2) + PART(3));
	take(d, &g);
	assert_int_equal(v->interleaved, 1);
	assert_int_equal(v->unlinked, 1);
	assert_int_equal(cl_signed_n(&v->inside), 1);
	assert_int_equal(smallest(&v->inside), 250 * MS);
	assert_int_equal(smallest(&v->outside), 250 * MS);
	assert_int_equal(v->clock.best.theta_ns, 0);
	assert_int_equal(v->clock.best.bound_ns, 125 * MS);
	assert_int_equal(v->clock.best.time_ns, T0 + 500 * MS); /* of the one before */
	/* a request that names no response seen: the chain breaks */
	interleaved(&g, 2, NTP(64) + PART(5), NTP(128), NTP(64) + PART(2));
	take(d, &g);
	assert_int_equal(v->interleaved, 1);
	assert_int_equal(v->unlinked, 2);
	/* another client with the same stamps is no next one */
	interleaved(&g, 3, NTP(128), NTP(192), NTP(128) + PART(2));
	g.q.src = g.r.dst = addr(9);
	take(d, &g);
	assert_int_equal(v->interleaved, 1);
	assert_int_equal(v->unlinked, 3);
	assert_int_equal(v->basic, 0);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_PAIRING, CL_SPLIT_INTERLEAVED), 4);
	cl_deltasplit_free(d);
}

static void test_tables(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	ntp(&g, T0, T0 + 2 * MS, NTP(0), NTP(0));
	g.nq.auth = CL_NTP_AUTH_NTS;
	g.nq.length = 228;
	g.nq.tunnel = 1;
	take(d, &g);
	ntp(&g, T0, T0 + 6 * MS, NTP(0), NTP(0));
	g.nq.auth = CL_NTP_AUTH_MAC;
	g.nq.length = 68;
	g.q.u.ntp.mode = 1;
	g.r.u.ntp.mode = 2;
	memset(&g.q.src, 0x20, sizeof g.q.src);
	take(d, &g);
	ntp(&g, T0, T0 + 6 * MS, NTP(0), NTP(0));
	g.x.fortune = CL_FORTUNE_LATE; /* no sample */
	take(d, &g);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_FAMILY, 4), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_FAMILY, 6), 1);
	const struct cl_split_row *six = row(d, CL_SPLIT_NTP, CL_SPLIT_FAMILY, 6);
	assert_true(six != NULL && six->delta.max == 6 * MS);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_AUTH, CL_NTP_AUTH_NTS), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_AUTH, CL_NTP_AUTH_MAC), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_AUTH, CL_NTP_AUTH_PLAIN), 0);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_MODE, 0x34), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_MODE, 0x12), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_LENGTH, 228), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_LENGTH, 68), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_TUNNEL, 1), 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_TUNNEL, 0), 1);
	cl_deltasplit_free(d);
}

static void test_dns(void **state)
{
	static const struct {
		uint32_t length, value;
	} lengths[] = { { 1, 32 }, { 32, 32 }, { 33, 64 }, { 64, 64 }, { 65, 128 }, { 65535, 65536 } };
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		ntp(&g, T0, T0 + MS, 0, 0);
		g.x.kind = CL_X_DNS;
		memset(&g.q.u, 0, sizeof g.q.u);
		memset(&g.r.u, 0, sizeof g.r.u);
		g.q.u.dns.bits = i == 0 ? CL_DNS_TCP : 0;
		g.nq.length = lengths[i].length;
		take(d, &g);
		assert_non_null(row(d, CL_SPLIT_DNS, CL_SPLIT_LENGTH, lengths[i].value));
	}
	assert_int_equal(count(d, CL_SPLIT_DNS, CL_SPLIT_LENGTH, 64), 2);
	assert_int_equal(count(d, CL_SPLIT_DNS, CL_SPLIT_MODE, 1), 1);
	assert_int_equal(count(d, CL_SPLIT_DNS, CL_SPLIT_MODE, 0), 5);
	assert_int_equal(d->table[CL_SPLIT_DNS][CL_SPLIT_AUTH].rows, 0); /* of NTP alone */
	assert_int_equal(d->servers, 0);
	cl_deltasplit_free(d);
}

static void test_limits(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		ntp(&g, T0, T0 + MS, NTP(0), NTP(0));
		g.nq.length = 48 + i % 50 * 4;
		g.q.dst = g.r.src = addr(100 + i);
		take(d, &g);
	}
	assert_int_equal(d->servers, CL_SPLIT_SERVERS_MAX);
	assert_int_equal(d->other_servers, 400 - CL_SPLIT_SERVERS_MAX);
	assert_int_equal(d->table[CL_SPLIT_NTP][CL_SPLIT_LENGTH].rows, CL_SPLIT_VALUES_MAX + 1);
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_LENGTH, CL_SPLIT_OTHERS),
			 8 * (50 - CL_SPLIT_VALUES_MAX));
	assert_int_equal(count(d, CL_SPLIT_NTP, CL_SPLIT_LENGTH, 48), 8);
	for (unsigned i = 0; i < CL_SPLIT_SERVERS_MAX; i++) {
		struct cl_addr want = addr(100 + i);

		assert_memory_equal(&d->server[i]->addr, &want, sizeof want);
		assert_int_equal(d->server[i]->basic, 1);
	}
	cl_deltasplit_free(d);
}

/* A clock that gains 1 ms in 8 s: 125 ppm. Each fourth exchange is quick and tells it exactly; the others
 * are slow one way, which shifts theta but never beyond their bound. */
static void test_drift(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;
	uint64_t seed = 4;

	(void)state;
	for (int64_t i = 0; i < 2500; i++) {
		int64_t at = T0 + i * 8 * S, slow = i % 4 == 0 ? 0 : (int64_t)(next_random(&seed) % 50) * MS;
		int64_t server_ns = at + S / 16 + slow + i * MS; /* when it came, by the server's clock */
		uint64_t stamp = ((uint64_t)(server_ns / S + 2208988800) << 32) +
				 (((uint64_t)(server_ns % S) << 32) + S / 2) / S;

		ntp(&g, at, at + S / 8 + slow, stamp, stamp);
		take(d, &g);
	}
	const struct cl_server_clock *c = &d->server[0]->clock;
	assert_int_equal(c->n, 2500);
	assert_int_equal(c->slot_ns, 256 * S); /* 128 of 128 s do not reach over 20000 s */
	struct cl_drift drift = cl_clock_drift(c);
	assert_int_equal(drift.slots, 79); /* 19992 s / 256 s, rounded up */
	assert_true(fabs(drift.ppm - 125) <= 0.01);
	assert_true(drift.error < 0.001);
	assert_int_equal(c->best.bound_ns, S / 16);
	cl_deltasplit_free(d);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The middle one by sorting, for clocks ahead, behind and about the first. */
static void test_median(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 60; n++) {
		struct cl_deltasplit *d = cl_deltasplit_new(CL_SPLIT_BIT(CL_SPLIT_CLOCK));
		int64_t theta[60];
		uint64_t seed = n;

		for (unsigned i = 0; i < n; i++) {
			int64_t eighths = (int64_t)(next_random(&seed) % 64) - (int64_t)(n % 64);
			struct pair g;

			theta[i] = eighths * (S / 8);
			uint64_t stamp = NTP(100) + (uint64_t)(eighths * (INT64_C(1) << 29));
			ntp(&g, T0 + 100 * S, T0 + 100 * S, stamp, stamp);
			take(d, &g);
		}
		int64_t first = theta[0];
		qsort(theta, n, sizeof *theta, compare);
		int64_t want = theta[(n + 1) / 2 - 1], got = cl_clock_median(&d->server[0]->clock);
		assert_true(llabs(got - want) <= llabs(want - first) / 100);
		cl_deltasplit_free(d);
	}
}

static void test_few(void **state)
{
	struct cl_deltasplit *d = cl_deltasplit_new(ALL);
	struct pair g;

	(void)state;
	for (int64_t i = 0; i < 2; i++) {
		ntp(&g, T0 + i * 4 * S, T0 + i * 4 * S + MS, NTP(i * 4), NTP(i * 4));
		take(d, &g);
	}
	assert_int_equal(cl_clock_drift(&d->server[0]->clock).slots, 2);
	assert_true(cl_clock_drift(&d->server[0]->clock).ppm == 0);
	cl_deltasplit_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basic),	    cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_negative),    cmocka_unit_test(test_no_stamps),
		cmocka_unit_test(test_interleaved), cmocka_unit_test(test_tables),
		cmocka_unit_test(test_dns),	    cmocka_unit_test(test_limits),
		cmocka_unit_test(test_drift),	    cmocka_unit_test(test_median),
		cmocka_unit_test(test_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

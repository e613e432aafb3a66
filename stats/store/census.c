/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/store/census.h"

#include <stdlib.h>
#include <string.h>

#include "stats/table/sortkeys.h"

#define NS_PER_S   1000000000
#define NS_PER_DAY 86400000000000

const uint64_t cl_census_ranks[CL_CENSUS_RANKS] = { 1, 10, 100, 1000 };

/* Clients by number of requests: small numbers have a place each, larger ones a list. */
#define SMALL 4096u
struct spread {
	uint64_t small[SMALL];
	uint64_t *large;
	size_t count, room;
};

/* Steps, and days, in which somebody is new: as many as there are, up to this. */
#define TIMES_MOST ((size_t)1 << 22)
#define MACS_MOST  ((size_t)1 << 20)

/* The step and the day in which the last clients were new: many follow each other. */
struct recent {
	int64_t step_after, step_until, day_from,
		day_until;	  /* step: after < t <= until; day: from <= t < until */
	uint64_t in_step, on_day; /* not yet in `times` */
};

struct cl_census {
	struct cl_census_config config;
	struct cl_census_proto proto[CL_PROTOS];
	struct spread spread[CL_PROTOS];
	uint64_t *one_shot;
	struct recent *recent; /* by server, then by protocol */
	struct cl_countmap times;
	struct cl_countmap networks[CL_CENSUS_LENGTHS];
	struct cl_countmap macs;
	bool failed;
};

struct cl_census *cl_census_new(const struct cl_census_config *config)
{
	struct cl_census *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->config = *config;
	c->one_shot = calloc((size_t)config->count + 1, sizeof *c->one_shot);
	c->recent = calloc((size_t)config->count + CL_PROTOS, sizeof *c->recent);
	bool ok = c->one_shot != NULL && c->recent != NULL &&
		  cl_countmap_init(&c->times, TIMES_MOST, config->seed) &&
		  cl_countmap_init(&c->macs, MACS_MOST, config->seed);
	for (unsigned i = 0; ok && i < CL_CENSUS_LENGTHS; i++)
		ok = cl_countmap_init(&c->networks[i], config->networks, config->seed);
	if (ok)
		return c;
	cl_census_free(c);
	return NULL;
}

void cl_census_free(struct cl_census *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < CL_PROTOS; i++)
		free(c->spread[i].large);
	for (unsigned i = 0; i < CL_CENSUS_LENGTHS; i++)
		cl_countmap_free(&c->networks[i]);
	cl_countmap_free(&c->times);
	cl_countmap_free(&c->macs);
	free(c->one_shot);
	free(c->recent);
	free(c);
}

/* Rows ------------------------------------------------------------------------- */

/* Rounded down, and up. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t ceil_div(int64_t a, int64_t b)
{
	return a / b + (a % b > 0);
}

/* A step or a day of a server, as a key: server, which of both, and its number in 39 bits. */
static uint64_t time_key(uint32_t server, bool day, int64_t number)
{
	return (uint64_t)server << 40 | (uint64_t)day << 39 | ((uint64_t)number & ((UINT64_C(1) << 39) - 1));
}

static void keep_step(struct cl_census *c, uint32_t server)
{
	struct recent *r = &c->recent[server];

	if (r->in_step > 0)
		cl_countmap_add_n(&c->times, time_key(server, false, r->step_until / c->config.step_ns),
				  r->in_step);
	r->in_step = 0;
}

static void keep_day(struct cl_census *c, uint32_t server)
{
	struct recent *r = &c->recent[server];

	if (r->on_day > 0)
		cl_countmap_add_n(&c->times, time_key(server, true, floor_div(r->day_from, NS_PER_DAY)),
				  r->on_day);
	r->on_day = 0;
}

static inline void add_new(struct cl_census *c, uint32_t server, int64_t first_ns)
{
	struct recent *r = &c->recent[server];

	if (first_ns <= r->step_after || first_ns > r->step_until) {
		keep_step(c, server);
		r->step_until = ceil_div(first_ns, c->config.step_ns) * c->config.step_ns;
		r->step_after = r->step_until - c->config.step_ns;
	}
	r->in_step++;
	if (first_ns < r->day_from || first_ns >= r->day_until) {
		keep_day(c, server);
		r->day_from = floor_div(first_ns, NS_PER_DAY) * NS_PER_DAY;
		r->day_until = r->day_from + NS_PER_DAY;
	}
	r->on_day++;
}

#define SQRT_2	      1.4142135623730951
#define EXPONENT_AT   52
#define EXPONENT_OF_1 1023

/* The power of two below times sqrt(2) is the one that is nearest, as factors go. */
static unsigned interval_class(int64_t ns)
{
	double above = (double)ns / NS_PER_S * SQRT_2;
	uint64_t bits;

	memcpy(&bits, &above, sizeof bits); /* IEEE 754: positive or 0 */
	int class = ns > 0 ? (int)(bits >> EXPONENT_AT) - EXPONENT_OF_1 + (int)CL_CENSUS_SECOND : 0;

	return class < 0 ? 0 : class >= (int)CL_CENSUS_INTERVALS ? CL_CENSUS_INTERVALS - 1 : (unsigned)class;
}

void cl_census_pair(struct cl_census *c, uint32_t server, const struct cl_asked *asked)
{
	struct cl_census_proto *p = &c->proto[c->config.servers[server].proto];

	add_new(c, server, asked->first_ns);
	if (asked->requests == 1) {
		c->one_shot[server]++;
		return;
	}
	p->interval[interval_class((asked->last_ns - asked->first_ns) / (int64_t)(asked->requests - 1))]++;
	p->intervals++;
}

uint64_t cl_census_class_from(unsigned i)
{
	static const unsigned first[] = { 1, 2, 5 };
	uint64_t from = first[i % 3];

	for (unsigned k = 3; k <= i; k += 3)
		from *= 10;
	return from;
}

static unsigned class_of(uint64_t requests)
{
	unsigned class = 0;

	while (class + 1 < CL_CENSUS_CLASSES && requests >= cl_census_class_from(class + 1))
		class ++;
	return class;
}

static void spread_add(struct cl_census *c, struct spread *s, uint64_t requests)
{
	if (requests < SMALL) {
		s->small[requests]++;
		return;
	}
	if (s->count == s->room) {
		size_t room = s->room == 0 ? 64 : s->room * 2;
		uint64_t *more = realloc(s->large, room * sizeof *more);

		if (more == NULL) {
			c->failed = true;
			return;
		}
		s->large = more;
		s->room = room;
	}
	s->large[s->count++] = requests;
}

static void add_common(struct cl_census_proto *p, unsigned bits)
{
	for (unsigned a = bits; a != 0; a &= a - 1)
		for (unsigned b = bits; b != 0; b &= b - 1)
			p->common[__builtin_ctz(a)][__builtin_ctz(b)]++;
}

static void add_proto(struct cl_census *c, enum cl_proto proto, const struct cl_asked *asked, unsigned kind,
		      unsigned slots)
{
	struct cl_census_proto *p = &c->proto[proto];

	p->all.clients++;
	p->all.requests += asked->requests;
	p->kind[kind].clients++;
	p->kind[kind].requests += asked->requests;
	spread_add(c, &c->spread[proto], asked->requests);
	add_new(c, c->config.count + proto, asked->first_ns);
	add_common(p, slots);
}

static void add_networks(struct cl_census *c, const struct cl_addr *addr, unsigned kind, uint64_t requests)
{
	if (kind == CL_CENSUS_IPV4) {
		cl_countmap_add(&c->networks[CL_CENSUS_24],
				(uint64_t)addr->b[12] << 16 | (uint64_t)addr->b[13] << 8 | addr->b[14],
				requests);
		return;
	}
	uint64_t hi = cl_addr_half(addr, 0);
	cl_countmap_add(&c->networks[CL_CENSUS_64], hi, requests);
	cl_countmap_add(&c->networks[CL_CENSUS_48], hi >> 16, requests);
	if (kind == CL_ADDR_EUI64)
		cl_countmap_add(&c->macs, cl_addr_mac(addr) >> 12, requests);
}

void cl_census_client(struct cl_census *c, const struct cl_addr *addr, const struct cl_asked asked[CL_PROTOS],
		      const struct cl_census_slots *slots)
{
	bool v4 = cl_addr_half(addr, 0) == 0 && cl_addr_half(addr, 1) >> 32 == 0xffff; /* ::ffff:0:0/96 */
	unsigned kind = v4 ? CL_CENSUS_IPV4 : (unsigned)cl_addr_kind_of(addr);
	uint64_t requests = 0;

	for (unsigned i = 0; i < CL_PROTOS; i++) {
		if (asked[i].requests == 0)
			continue;
		requests += asked[i].requests;
		add_proto(c, (enum cl_proto)i, &asked[i], kind, slots->bits[i]);
		if (c->config.each != NULL)
			c->config.each(c->config.ctx, (enum cl_proto)i, addr, &asked[i]);
	}
	if (requests > 0)
		add_networks(c, addr, kind, requests);
}

/* Figures ---------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Clients that ask the same, in falling order of requests. */
struct walk {
	struct cl_census_proto *p;
	uint64_t rank;	      /* clients so far */
	long double weighted; /* sum of rank * requests */
};

static void walk_group(struct walk *w, uint64_t requests, uint64_t clients)
{
	struct cl_census_sum *class = &w->p->class[class_of(requests)];

	class->clients += clients;
	class->requests += clients * requests;
	for (unsigned i = 0; i < CL_CENSUS_RANKS; i++) {
		uint64_t left = cl_census_ranks[i] > w->rank ? cl_census_ranks[i] - w->rank : 0;

		w->p->rank_requests[i] += requests * (clients < left ? clients : left);
	}
	w->weighted += (long double)requests * ((long double)clients * (long double)w->rank +
						(long double)clients * ((long double)clients + 1) / 2);
	w->rank += clients;
}

/* With x of rank i falling from 1: G = (n + 1 - 2 * sum(i * x) / sum(x)) / n. */
static void describe(struct cl_census_proto *p, struct spread *s)
{
	struct walk w = { .p = p };

	if (s->count > 0)
		qsort(s->large, s->count, sizeof *s->large, by_number);
	for (size_t i = s->count; i-- > 0;)
		walk_group(&w, s->large[i], 1);
	for (unsigned i = SMALL; i-- > 1;)
		if (s->small[i] > 0)
			walk_group(&w, i, s->small[i]);
	if (p->all.clients > 0) {
		long double n = (long double)p->all.clients;

		p->gini = (double)((n + 1 - 2 * w.weighted / (long double)p->all.requests) / n);
	}
}

bool cl_census_finish(struct cl_census *c)
{
	for (unsigned i = 0; i < CL_PROTOS; i++)
		describe(&c->proto[i], &c->spread[i]);
	for (uint32_t i = 0; i < c->config.count + CL_PROTOS; i++) {
		keep_step(c, i);
		keep_day(c, i);
	}
	cl_countmap_settle(&c->times);
	return !c->failed;
}

const struct cl_census_proto *cl_census_proto(const struct cl_census *c, enum cl_proto proto)
{
	return &c->proto[proto];
}

uint64_t cl_census_one_shot(const struct cl_census *c, uint32_t server)
{
	return c->one_shot[server];
}

static bool new_at(const struct cl_census *c, uint64_t key, uint64_t *n)
{
	*n = cl_countmap_get(&c->times, key).n;
	return c->times.refused == 0;
}

bool cl_census_new_in_step(const struct cl_census *c, uint32_t server, int64_t t_s, uint64_t *n)
{
	return new_at(c, time_key(server, false, t_s / (c->config.step_ns / NS_PER_S)), n);
}

bool cl_census_new_on_day(const struct cl_census *c, uint32_t server, int64_t day, uint64_t *n)
{
	return new_at(c, time_key(server, true, day), n);
}

static struct cl_prefix prefix_of(enum cl_census_length length, uint64_t key)
{
	const uint8_t v4[4] = { (uint8_t)(key >> 16), (uint8_t)(key >> 8), (uint8_t)key, 0 };
	struct cl_addr a = { { 0 } };

	if (length == CL_CENSUS_24)
		return (struct cl_prefix){ cl_addr_from_v4(v4), 24 };
	if (length == CL_CENSUS_48)
		key <<= 16;
	for (int i = 7; i >= 0; i--, key >>= 8)
		a.b[i] = (uint8_t)key;
	return (struct cl_prefix){ a, length == CL_CENSUS_48 ? 48 : 64 };
}

struct cl_census_network *cl_census_networks(struct cl_census *c, enum cl_census_length length, size_t *n)
{
	struct cl_counted *top = cl_countmap_top(&c->networks[length], n);
	struct cl_census_network *found = top != NULL ? malloc((*n + 1) * sizeof *found) : NULL;

	for (size_t i = 0; found != NULL && i < *n; i++)
		found[i] = (struct cl_census_network){ prefix_of(length, top[i].key),
						       { top[i].n, top[i].weight } };
	free(top);
	return found;
}

uint64_t cl_census_networks_refused(const struct cl_census *c, enum cl_census_length length)
{
	return c->networks[length].refused;
}

struct cl_counted *cl_census_macs(struct cl_census *c, size_t *n)
{
	return cl_countmap_top(&c->macs, n);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/overflow.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/engine/engine_state.h"

/* Apart from what the hash tables and a division of work by clients make of a hash. Theirs is a
 * multiplication, which spreads addresses of one network too evenly for a sketch. */
#define SALT 0x6265796f6e64u

static uint64_t network_hash(uint64_t network, uint64_t seed)
{
	return cl_hash(&network, sizeof network, seed ^ SALT);
}

void cl_overflow_init(struct cl_overflow *o, struct cl_budget *budget)
{
	*o = (struct cl_overflow){ .budget = budget };
}

void cl_overflow_free(struct cl_overflow *o)
{
	for (uint32_t i = 0; i < o->services; i++)
		free(o->service[i].sketches);
	free(o->service);
	*o = (struct cl_overflow){ .budget = NULL };
}

/* Services ---------------------------------------------------------------------- */

/* The row of a service; NULL when memory is short. Their number is limited by that of services, which are
 * charged for it. */
static struct cl_beyond *beyond_of(struct cl_overflow *o, uint32_t service)
{
	if (service >= o->services) {
		uint32_t more = service < 32 ? 64 : service * 2;
		struct cl_beyond *grown = realloc(o->service, more * sizeof *grown);

		if (grown == NULL)
			return NULL;
		memset(grown + o->services, 0, (more - o->services) * sizeof *grown);
		o->service = grown;
		o->services = more;
	}
	return &o->service[service];
}

static struct cl_beyond_sketches *sketches_of(struct cl_overflow *o, struct cl_beyond *b)
{
	const size_t octets = sizeof *b->sketches;

	if (b->sketches != NULL || b->refused)
		return b->sketches;
	if (o->sketched < CL_SKETCHED_MAX && cl_budget_take(o->budget, CL_BUDGET_SKETCHES, octets)) {
		b->sketches = calloc(1, octets);
		if (b->sketches == NULL)
			cl_budget_give(o->budget, CL_BUDGET_SKETCHES, octets);
	}
	o->sketched += b->sketches != NULL;
	b->refused = b->sketches == NULL;
	return b->sketches;
}

struct cl_beyond *cl_overflow_at(struct cl_overflow *o, uint32_t service, bool sketches)
{
	struct cl_beyond *b = beyond_of(o, service);

	if (b != NULL && sketches)
		(void)sketches_of(o, b);
	return b;
}

/* Adding ------------------------------------------------------------------------ */

/* A client as the sketches see it. */
struct outsider {
	uint64_t hash;	 /* of its address, salted */
	uint64_t key[2]; /* its address */
	bool v4, networks;
	uint32_t cell; /* 0: counts in no window */
	uint64_t requests, seed;
};

static struct outsider outsider_of(const struct cl_engine *e, const struct cl_addr *addr, uint32_t cell)
{
	struct cl_sort_key key = cl_sort_key_of(addr, 0, 0);

	return (struct outsider){ .hash = cl_hash(addr->b, sizeof addr->b, e->config.seed ^ SALT),
				  .key = { key.hi, key.lo },
				  .v4 = cl_addr_is_v4(addr),
				  .networks = e->config.networks,
				  .cell = cell,
				  .requests = 1,
				  .seed = e->config.seed };
}

static void add_networks(struct cl_sketch *sets, uint64_t hi, uint64_t lo, bool v4, uint64_t seed)
{
	if (v4) {
		cl_sketch_add(&sets[CL_BEYOND_V4_24], network_hash(lo >> 8, seed));
		return;
	}
	cl_sketch_add(&sets[CL_BEYOND_V6_64], network_hash(hi, seed));
	cl_sketch_add(&sets[CL_BEYOND_V6_48], network_hash(hi >> 16, seed));
}

static void add_outsider(struct cl_overflow *o, uint32_t service, enum cl_beyond_span span,
			 const struct outsider *c)
{
	struct cl_beyond *b = beyond_of(o, service);

	if (b == NULL)
		return;
	o->any = true;
	b->requests[span] += c->requests;
	struct cl_beyond_sketches *s = sketches_of(o, b);
	if (s == NULL)
		return;
	cl_sketch_add(&s->set[span][c->v4 ? CL_BEYOND_V4 : CL_BEYOND_V6], c->hash);
	if (c->networks)
		add_networks(s->set[span], c->key[0], c->key[1], c->v4, c->seed);
	if (c->cell != 0)
		cl_recent_add(&s->recent, c->hash, c->cell);
}

/* Adds to the windows alone. */
static void add_recent(struct cl_overflow *o, uint32_t service, const struct outsider *c)
{
	struct cl_beyond *b = beyond_of(o, service);
	struct cl_beyond_sketches *s = b != NULL ? sketches_of(o, b) : NULL;

	if (s != NULL && c->cell != 0)
		cl_recent_add(&s->recent, c->hash, c->cell);
}

/* The sketch of the open cell, which holds clients with records and those without. */
static void add_to_cell(struct cl_engine *e, uint32_t service, const struct cl_addr *addr, uint32_t cell)
{
	if (cell == e->moment.cell && cell != 0)
		cl_engine_sketch(e, service, addr);
}

_Static_assert((int)CL_SERVICE_ALL_DNS_TCP == (int)CL_SCOPE_DNS_TCP, "a scope's number is its service's");

static void add_to_scopes(struct cl_overflow *o, uint32_t scopes, enum cl_beyond_span span,
			  const struct outsider *c)
{
	for (uint32_t scope = 0; scope < CL_SCOPES; scope++)
		if ((scopes >> scope & 1) != 0)
			add_outsider(o, scope, span, c);
}

static uint32_t cell_of(const struct cl_engine *e, const struct cl_event *ev)
{
	return (ev->flags & CL_EVF_OUT_OF_ORDER) == 0 ? e->moment.cell : 0;
}

void cl_overflow_client(struct cl_engine *e, const struct cl_event *ev, uint32_t service)
{
	struct outsider c = outsider_of(e, &ev->src, cell_of(e, ev));

	add_to_cell(e, service, &ev->src, c.cell);
	add_to_scopes(&e->overflow, cl_scopes_of(ev), CL_BEYOND_DAY, &c);
	add_outsider(&e->overflow, service, CL_BEYOND_DAY, &c);
}

/* Whether its only service keeps a client in a window over all servers of the protocol that was asked. */
static bool in_a_window(const struct cl_engine *e, const struct cl_client *client, enum cl_proto proto)
{
	if (cl_service_at(&e->services, client->seen.service)->proto != proto || client->seen.cell == 0)
		return false;
	for (uint32_t i = 0; i < e->windows.n; i++)
		if (cl_windows_covers(&e->windows, client->seen.cell, i, e->moment.instant))
			return true;
	return false;
}

/* The windows over all servers of one that has a record but not with the service it asked. A client of one
 * service has one cell, which is that service's: docs/adr/0027. */
static void add_apart(struct cl_engine *e, const struct cl_client *client, enum cl_proto proto,
		      const struct outsider *c)
{
	if (client->seen.service != CL_SERVICE_MANY && !in_a_window(e, client, proto))
		add_recent(&e->overflow, proto == CL_PROTO_DNS ? CL_SERVICE_ALL_DNS : CL_SERVICE_ALL_NTP, c);
}

void cl_overflow_pair(struct cl_engine *e, const struct cl_client *client, const struct cl_event *ev,
		      uint32_t service)
{
	struct outsider c = outsider_of(e, &ev->src, cell_of(e, ev));

	add_to_cell(e, service, &ev->src, c.cell);
	add_outsider(&e->overflow, service, CL_BEYOND_DAY, &c);
	add_apart(e, client, ev->kind == CL_EV_DNS ? CL_PROTO_DNS : CL_PROTO_NTP, &c);
}

void cl_overflow_restored(struct cl_engine *e, const struct cl_overflow_row *row)
{
	struct cl_overflow *o = &e->overflow;
	struct outsider c = outsider_of(e, row->addr, row->cell);
	enum cl_proto proto = cl_service_at(&e->services, row->service)->proto;
	enum cl_beyond_span span = row->today ? CL_BEYOND_DAY : CL_BEYOND_MONTH;

	c.requests = row->requests;
	add_to_cell(e, row->service, row->addr, c.cell);
	if (row->today || row->this_month)
		add_outsider(o, row->service, span, &c);
	else
		add_recent(o, row->service, &c);
	if (row->client != NULL)
		add_apart(e, row->client, proto, &c);
	else if (row->today || row->this_month)
		add_to_scopes(o, row->scopes, span, &c);
	else
		add_recent(o, proto == CL_PROTO_DNS ? CL_SERVICE_ALL_DNS : CL_SERVICE_ALL_NTP, &c);
}

/* Windows ----------------------------------------------------------------------- */

/* The first cell whose requests are in window `i` at an instant: cells are in the order of time. */
static uint32_t first_cell(const struct cl_windows *w, uint32_t i, uint32_t instant)
{
	uint32_t least = 1, most = (instant + 2) * w->phases;

	while (least < most) {
		uint32_t middle = least + (most - least) / 2;

		if (cl_windows_covers(w, middle, i, instant))
			most = middle;
		else
			least = middle + 1;
	}
	return least;
}

static bool holds(const struct cl_recent *r, uint32_t from)
{
	for (unsigned i = 0; i < CL_RECENT_RANKS; i++)
		if (r->newest[i] >= from)
			return true;
	return false;
}

bool cl_overflow_step(const struct cl_engine *e, uint32_t service, uint32_t instant, uint32_t *unique)
{
	const struct cl_overflow *o = &e->overflow;
	bool any = false;

	if (service >= o->services || o->service[service].sketches == NULL)
		return false;
	const struct cl_recent *r = &o->service[service].sketches->recent;
	for (uint32_t i = 0; i < e->windows.n; i++) {
		uint32_t from = first_cell(&e->windows, i, instant);

		if (!holds(r, from))
			continue;
		unique[i] += (uint32_t)cl_recent_estimate(r, from);
		any = true;
	}
	return any;
}

void cl_overflow_forget_windows(struct cl_overflow *o)
{
	for (uint32_t i = 0; i < o->services; i++)
		if (o->service[i].sketches != NULL)
			memset(&o->service[i].sketches->recent, 0, sizeof(struct cl_recent));
}

/* Days and months --------------------------------------------------------------- */

static enum cl_beyond_span span_of(bool month)
{
	return month ? CL_BEYOND_MONTH : CL_BEYOND_DAY;
}

struct cl_sketch *cl_overflow_networks(const struct cl_engine *e, uint32_t service, bool month)
{
	const struct cl_overflow *o = &e->overflow;

	if (!e->config.networks || service >= o->services ||
	    o->service[service].requests[span_of(month)] == 0 || o->service[service].sketches == NULL)
		return NULL;
	return o->service[service].sketches->set[span_of(month)];
}

void cl_overflow_add_networks(struct cl_sketch *sets, const struct cl_engine *e,
			      const struct cl_sort_key *key)
{
	bool v4 = key->hi == 0 && key->lo >> 32 == 0xffff;

	add_networks(sets, key->hi, key->lo, v4, e->config.seed);
}

static uint64_t at_least(uint64_t least, uint64_t estimate)
{
	return estimate > least ? estimate : least;
}

bool cl_overflow_unique(struct cl_overflow *o, uint32_t service, bool month, struct cl_unique *u,
			struct cl_approximation *out)
{
	struct cl_beyond *b = service < o->services ? &o->service[service] : NULL;

	if (b == NULL || b->requests[span_of(month)] == 0)
		return false;
	b->written = true;
	*out = (struct cl_approximation){ .requests = b->requests[span_of(month)],
					  .estimated = b->sketches != NULL };
	if (b->sketches == NULL)
		return true;
	const struct cl_sketch *set = b->sketches->set[span_of(month)];
	out->ipv4 = cl_sketch_estimate(&set[CL_BEYOND_V4]);
	out->ipv6 = cl_sketch_estimate(&set[CL_BEYOND_V6]);
	u->ipv4 += out->ipv4;
	u->ipv6 += out->ipv6;
	u->v4_24 = at_least(u->v4_24, cl_sketch_estimate(&set[CL_BEYOND_V4_24]));
	u->v6_64 = at_least(u->v6_64, cl_sketch_estimate(&set[CL_BEYOND_V6_64]));
	u->v6_48 = at_least(u->v6_48, cl_sketch_estimate(&set[CL_BEYOND_V6_48]));
	return true;
}

uint32_t cl_overflow_next(struct cl_overflow *o, uint32_t from, uint32_t to, bool month)
{
	for (uint32_t i = from; i < o->services && i < to; i++)
		if (o->service[i].requests[span_of(month)] != 0 && !o->service[i].written)
			return i;
	for (uint32_t i = 0; i < o->services; i++)
		o->service[i].written = false;
	return CL_INDEX_NONE;
}

static void add_day(struct cl_beyond *b)
{
	b->requests[CL_BEYOND_MONTH] += b->requests[CL_BEYOND_DAY];
	for (unsigned k = 0; b->sketches != NULL && k < CL_BEYOND_SETS; k++)
		cl_sketch_unite(&b->sketches->set[CL_BEYOND_MONTH][k], &b->sketches->set[CL_BEYOND_DAY][k]);
}

void cl_overflow_end_day(struct cl_overflow *o)
{
	for (uint32_t i = 0; i < o->services; i++) {
		struct cl_beyond *b = &o->service[i];

		if (b->requests[CL_BEYOND_DAY] == 0)
			continue;
		add_day(b);
		b->requests[CL_BEYOND_DAY] = 0;
		if (b->sketches != NULL)
			memset(b->sketches->set[CL_BEYOND_DAY], 0, sizeof b->sketches->set[CL_BEYOND_DAY]);
	}
}

void cl_overflow_end_month(struct cl_overflow *o)
{
	for (uint32_t i = 0; i < o->services; i++) {
		struct cl_beyond *b = &o->service[i];

		b->requests[CL_BEYOND_MONTH] = 0;
		if (b->sketches != NULL)
			memset(b->sketches->set, 0, sizeof b->sketches->set);
	}
	o->any = false;
}

/* The month as it was, of the services in their order. */
struct cl_overflow_month {
	uint64_t requests;
	struct cl_sketch set[CL_BEYOND_SETS];
};

struct cl_overflow_month *cl_overflow_lend_day(struct cl_overflow *o)
{
	struct cl_overflow_month *before = o->any ? calloc(o->services, sizeof *before) : NULL;

	for (uint32_t i = 0; before != NULL && i < o->services; i++) {
		struct cl_beyond *b = &o->service[i];

		before[i].requests = b->requests[CL_BEYOND_MONTH];
		if (b->sketches != NULL)
			memcpy(before[i].set, b->sketches->set[CL_BEYOND_MONTH], sizeof before[i].set);
		add_day(b);
	}
	return before;
}

void cl_overflow_return_day(struct cl_overflow *o, struct cl_overflow_month *before)
{
	for (uint32_t i = 0; before != NULL && i < o->services; i++) {
		struct cl_beyond *b = &o->service[i];

		b->requests[CL_BEYOND_MONTH] = before[i].requests;
		if (b->sketches != NULL)
			memcpy(b->sketches->set[CL_BEYOND_MONTH], before[i].set, sizeof before[i].set);
	}
	free(before);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when a step, a day or a month ends: rows go to the store and counts start anew. */
#include <stdlib.h>
#include <string.h>

#include "stats/engine_state.h"
#include "stats/restore.h"

int64_t cl_day_of(int64_t ns)
{
	return ns / CL_NS_PER_DAY - (ns % CL_NS_PER_DAY < 0);
}

/* Days of the month before a day: years counted from March, in eras of 400. */
static int64_t day_of_month(int64_t day)
{
	int64_t shifted = day + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return of_year - (153 * month + 2) / 5;
}

int64_t cl_month_begin(int64_t day)
{
	return day - day_of_month(day);
}

/* Steps ----------------------------------------------------------------------- */

static uint32_t all_of(const struct cl_service *s)
{
	return s->proto == CL_PROTO_NTP ? CL_SERVICE_ALL_NTP : CL_SERVICE_ALL_DNS;
}

static void name_service(struct cl_engine *e, uint32_t number)
{
	struct cl_service *s = cl_service_at(&e->services, number);

	if (s->stored)
		return;
	cl_store_service(e->store, number, s);
	s->stored = true;
}

/* A step that a midnight cuts: its first part goes to the old day. */
static void settle_step(struct cl_engine *e)
{
	for (uint32_t i = 0; i < e->services.live_count; i++) {
		struct cl_service *s = cl_service_at(&e->services, e->services.live[i]);

		cl_tally_merge(&s->day, &s->step);
		cl_tally_merge(&s->part, &s->step);
		cl_tally_clear(&s->step);
	}
}

/* The sums over all servers, of the step alone: those of the day are made when it is written. */
static void sum_step(struct cl_engine *e)
{
	uint32_t count = e->services.live_count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = e->services.live[i];
		struct cl_service *s = cl_service_at(&e->services, number);

		if (number < CL_SERVICE_REST_NTP)
			continue;
		cl_tally_merge(&s->day, &s->step);
		cl_tally_merge(&s->part, &s->step);
		cl_tally_clear(&s->step);
		cl_services_wake(&e->services, all_of(s));
		cl_tally_merge(&cl_service_at(&e->services, all_of(s))->part, &s->part);
	}
}

static void end_step(struct cl_engine *e, uint32_t instant)
{
	int64_t t_s = cl_windows_instant_ns(&e->windows, instant) / CL_NS_PER_S;
	uint32_t kept = 0;

	sum_step(e);
	for (uint32_t i = 0; i < e->services.live_count; i++) {
		uint32_t number = e->services.live[i];
		struct cl_service *s = cl_service_at(&e->services, number);
		bool live = cl_windows_pass(&e->windows, &s->windows, instant);
		uint32_t unique[CL_WINDOWS_MAX];

		memcpy(unique, s->windows.running, e->windows.n * sizeof *unique);
		live |= cl_overflow_step(e, number, instant, unique);

		if (live || !cl_tally_empty(&s->part)) {
			name_service(e, number);
			cl_store_step(e->store, number, t_s, &s->part, unique);
		}
		cl_tally_clear(&s->part);
		s->live = live;
		if (live)
			e->services.live[kept++] = number;
	}
	e->services.live_count = kept;
}

void cl_periods_pass(struct cl_engine *e, const struct cl_moment *moment)
{
	for (uint32_t i = e->moment.instant; i != moment->instant && e->services.live_count > 0; i++)
		end_step(e, i);
	e->moment = *moment;
}

static void forget_cell(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	(void)ctx;
	(void)flags;
	client->cell_dns = 0;
	client->seen.cell = 0;
	seen->cell = 0;
}

void cl_periods_rebase(struct cl_engine *e, int64_t time_ns)
{
	for (uint32_t i = e->moment.instant; e->services.live_count > 0; i++)
		end_step(e, i);
	cl_clients_each(&e->clients, forget_cell, NULL);
	cl_overflow_forget_windows(&e->overflow);
	cl_windows_rebase(&e->windows, time_ns);
	e->moment = cl_windows_at(&e->windows, time_ns);
}

/* Clients --------------------------------------------------------------------- */

/**
 * Keys of clients in their order: all at once, or as many at a time as there is room for, the least of those
 * that were not there yet. Each time all clients are looked at.
 */
struct gather {
	struct cl_sort_key *keys;
	size_t count, room, piece; /* keys: twice `room` in all; `piece` of them are wanted */
	struct cl_sort_key last;   /* of the pieces before, if `later` */
	bool later, more;	   /* more: some found no place */
	uint32_t flag;
	bool month, scopes;
	const struct cl_clients *clients;
};

#define REF_PAIR 0x80000000u

static void gather_key(struct gather *g, struct cl_sort_key key)
{
	if (g->later && !cl_sort_key_less(&g->last, &key))
		return;
	if (g->count == g->room) {
		cl_select_keys(g->keys, g->count, g->piece, g->count);
		g->count = g->piece;
		g->more = true;
	}
	g->keys[g->count++] = key;
}

static void gather_pair(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct gather *g = ctx;

	if ((*flags & g->flag) == 0)
		return;
	uint32_t ref = cl_client_number(g->clients, client);
	if (seen != &client->seen)
		ref = REF_PAIR | (uint32_t)((const struct cl_pair *)(const void *)seen -
					    (const struct cl_pair *)(const void *)g->clients->pairs.base);
	gather_key(g, cl_sort_key_of(&client->addr, seen->service, ref));
}

_Static_assert(offsetof(struct cl_pair, seen) == 0, "a pair begins with what was seen");

/* Keys of the clients in each scope over all servers, by day or by month. */
static void gather_scopes(struct gather *g)
{
	for (size_t i = 0; i < g->clients->records.count; i++) {
		const struct cl_client *client = cl_client_at(g->clients, i);

		for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
			uint32_t bit = g->month ? CL_CLIENT_MONTH(scope) : CL_CLIENT_DAY(scope);

			if ((client->flags & bit) != 0)
				gather_key(g, cl_sort_key_of(&client->addr, scope, (uint32_t)i));
		}
	}
}

/* The next keys, sorted. False: there are none. */
static bool gather_piece(struct cl_engine *e, struct gather *g)
{
	if (g->later && !g->more)
		return false;
	g->count = 0;
	g->more = false;
	if (g->scopes)
		gather_scopes(g);
	else
		cl_clients_each(&e->clients, gather_pair, g);
	if (g->more && g->count > g->piece) {
		cl_select_keys(g->keys, g->count, g->piece, g->count);
		g->count = g->piece;
	}
	cl_sort_keys_in(g->keys, g->count, g->keys + g->room);
	if (g->count == 0)
		return false;
	g->last = g->keys[g->count - 1];
	g->later = true;
	return true;
}

/* Room for sorting all keys, or as many as the budget has; never fewer than PIECE_LEAST. */
#define PIECE_LEAST 4096u
static bool gather_begin(struct cl_engine *e, struct gather *g, size_t keys)
{
	size_t left = cl_budget_left(&e->budget, CL_BUDGET_SORT) / (2 * sizeof *g->keys);

	g->room = keys < left ? keys + 1 : left > PIECE_LEAST ? left : PIECE_LEAST;
	g->piece = g->room / 2;
	g->keys = malloc(2 * g->room * sizeof *g->keys);
	if (g->keys == NULL)
		cl_store_fail(e->store, CL_ENOMEM);
	return g->keys != NULL;
}

static void write_row(struct cl_engine *e, const struct cl_sort_key *k)
{
	struct cl_seen *seen;
	uint32_t *flags;
	const struct cl_addr *addr;

	if ((k->ref & REF_PAIR) != 0) {
		struct cl_pair *pair = cl_pair_at(&e->clients, k->ref & ~REF_PAIR);
		seen = &pair->seen;
		flags = &pair->flags;
		addr = &cl_client_at(&e->clients, pair->client)->addr;
	} else {
		struct cl_client *client = cl_client_at(&e->clients, k->ref);
		seen = &client->seen;
		flags = &client->flags;
		addr = &client->addr;
	}
	if ((*flags & CL_SEEN_DIRTY) == 0)
		return;
	name_service(e, k->service);
	cl_store_client(e->store, e->day, k->service, addr, seen,
			(unsigned)((*flags & CL_SEEN_UDP) != 0) | (unsigned)((*flags & CL_SEEN_TCP) != 0)
									  << 1);
	*flags &= ~CL_SEEN_DIRTY;
}

/* A service's clients: those with records, and about how many are beyond the limit. */
static void store_unique(struct cl_engine *e, enum cl_period period, int64_t start_day, uint32_t service,
			 struct cl_unique *u)
{
	struct cl_approximation a;

	name_service(e, service);
	if (cl_overflow_unique(&e->overflow, service, period == CL_PERIOD_MONTH, u, &a))
		cl_store_approximation(e->store, period, start_day, service, &a);
	cl_store_unique(e->store, period, start_day, service, u);
}

/* Services from `from` on of which nobody has a record. */
static void store_beyond(struct cl_engine *e, enum cl_period period, int64_t start_day, uint32_t from,
			 uint32_t to)
{
	uint32_t service = from;

	while ((service = cl_overflow_next(&e->overflow, service, to, period == CL_PERIOD_MONTH)) !=
	       CL_INDEX_NONE) {
		struct cl_unique none = { .ipv4 = 0 };

		store_unique(e, period, start_day, service, &none);
	}
}

/* Counts keys service by service, as they come in their order, a piece at a time. */
struct count {
	enum cl_period period;
	int64_t start_day;
	struct cl_unique unique;
	struct cl_sort_key last; /* of the pieces before, if `any` */
	bool any;
	struct cl_sketch *networks; /* of the last key's service */
};

static void end_service(struct cl_engine *e, struct count *c)
{
	if (c->any)
		store_unique(e, c->period, c->start_day, c->last.service, &c->unique);
}

static void count_key(struct cl_engine *e, struct count *c, const struct cl_sort_key *k)
{
	bool first = !c->any || k->service != c->last.service;

	if (first) {
		end_service(e, c);
		c->unique = (struct cl_unique){ .ipv4 = 0 };
		c->networks = cl_overflow_networks(e, k->service, c->period == CL_PERIOD_MONTH);
	}
	cl_unique_add(&c->unique, k, first ? NULL : &c->last);
	if (c->networks != NULL)
		cl_overflow_add_networks(c->networks, e, k);
	c->last = *k;
	c->any = true;
}

enum unique_rows { ROWS_NONE, ROWS_WRITE };

static void count_keys(struct cl_engine *e, struct gather *g, struct count *c, enum unique_rows rows)
{
	while (gather_piece(e, g))
		for (size_t i = 0; i < g->count; i++) {
			if (rows == ROWS_WRITE)
				write_row(e, &g->keys[i]);
			count_key(e, c, &g->keys[i]);
		}
	end_service(e, c);
}

static size_t keys_at_most(const struct cl_engine *e)
{
	size_t pairs = e->clients.records.count + e->clients.pairs.count,
	       scopes = e->clients.records.count * CL_SCOPES;

	return pairs > scopes ? pairs : scopes;
}

static void count_unique(struct cl_engine *e, enum cl_period period, int64_t start_day, enum unique_rows rows)
{
	bool month = period == CL_PERIOD_MONTH;
	struct gather g = { .flag = month ? CL_SEEN_MONTH : CL_SEEN_TODAY,
			    .month = month,
			    .clients = &e->clients };

	if (!gather_begin(e, &g, keys_at_most(e)))
		return;
	struct count services = { .period = period, .start_day = start_day }, scopes = services;
	count_keys(e, &g, &services, rows);
	store_beyond(e, period, start_day, CL_SCOPES, UINT32_MAX);
	g.scopes = true;
	g.later = false;
	count_keys(e, &g, &scopes, ROWS_NONE);
	store_beyond(e, period, start_day, 0, CL_SCOPES);
	free(g.keys);
}

/* Addresses alone, without networks: no order is needed. */
static void count_addresses(struct cl_engine *e)
{
	struct cl_unique u[CL_SCOPES] = { { .ipv4 = 0 } };

	for (size_t i = 0; i < e->clients.records.count; i++) {
		const struct cl_client *client = cl_client_at(&e->clients, i);
		bool v4 = cl_addr_is_v4(&client->addr);

		for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
			bool in = (client->flags & CL_CLIENT_DAY(scope)) != 0;

			u[scope].ipv4 += in && v4;
			u[scope].ipv6 += in && !v4;
		}
	}
	for (unsigned scope = 0; scope < CL_SCOPES; scope++) {
		store_unique(e, CL_PERIOD_ALL, e->day, scope, &u[scope]);
	}
	(void)cl_overflow_next(&e->overflow, 0, 0, false);
}

/* Days and months ------------------------------------------------------------- */

static void write_days(struct cl_engine *e)
{
	cl_tally_clear(&cl_service_at(&e->services, CL_SERVICE_ALL_NTP)->day);
	cl_tally_clear(&cl_service_at(&e->services, CL_SERVICE_ALL_DNS)->day);
	for (uint32_t i = CL_SERVICE_REST_NTP; i < e->services.count; i++) {
		struct cl_service *s = cl_service_at(&e->services, i);

		if (cl_tally_empty(&s->day))
			continue;
		cl_tally_fold(&s->day);
		name_service(e, i);
		cl_store_day(e->store, e->day, i, &s->day);
		cl_tally_merge(&cl_service_at(&e->services, all_of(s))->day, &s->day);
	}
	for (uint32_t i = CL_SERVICE_ALL_NTP; i <= CL_SERVICE_ALL_DNS; i++) {
		struct cl_service *s = cl_service_at(&e->services, i);

		if (cl_tally_empty(&s->day))
			continue;
		name_service(e, i);
		cl_store_day(e->store, e->day, i, &s->day);
	}
}

static void write_day(struct cl_engine *e)
{
	write_days(e);
	cl_icmp_write(&e->icmp, e->store, e->day);
	if (!e->config.by_day && !e->config.networks) {
		count_addresses(e);
		return;
	}
	count_unique(e, e->config.by_day ? CL_PERIOD_DAY : CL_PERIOD_ALL, e->day,
		     e->config.by_day ? ROWS_WRITE : ROWS_NONE);
}

static void forget_day(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	(void)ctx;
	client->flags &= ~CL_CLIENT_DAY_ALL;
	seen->requests = seen->responses = 0;
	seen->bytes = 0;
	*flags &= ~(CL_SEEN_TODAY | CL_SEEN_DIRTY | CL_SEEN_UDP | CL_SEEN_TCP);
}

/* Copies a client that a window may still hold into the table of the new month. */
static void keep_recent(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct cl_clients *to = ctx;

	(void)flags;
	if (seen->cell == 0)
		return;
	uint64_t hash = cl_clients_hash(to, &client->addr);
	struct cl_client *copy = cl_clients_get(to, &client->addr, hash, client->seen.service);
	if (copy == NULL)
		return;
	if (client->seen.service != CL_SERVICE_MANY) {
		copy->seen = *seen;
		return;
	}
	copy->seen = client->seen;
	copy->cell_dns = client->cell_dns;
	struct cl_pair *pair = cl_pairs_get(to, cl_client_number(to, copy), seen->service);
	if (pair != NULL)
		pair->seen = *seen;
}

/* Forgets cells that no window reaches any more, so that their clients need not be kept. */
static void forget_old_cell(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	const struct cl_engine *e = ctx;

	(void)client;
	(void)flags;
	if (seen->cell == 0)
		return;
	for (uint32_t i = 0; i < e->windows.n; i++)
		if (cl_windows_covers(&e->windows, seen->cell, i, e->moment.instant))
			return;
	seen->cell = 0;
}

static void new_month(struct cl_engine *e)
{
	struct cl_clients fresh;

	if (!cl_clients_init(&fresh, e->clients.seed)) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	cl_clients_limit(&fresh, &e->budget);
	fresh.refused = e->clients.refused;
	cl_clients_each(&e->clients, forget_old_cell, e);
	cl_clients_each(&e->clients, keep_recent, &fresh);
	cl_clients_free(&e->clients);
	e->clients = fresh;
	e->clients.full = e->clients.pairs_full = false; /* there is room again */
	cl_overflow_end_month(&e->overflow);
}

struct flag_count {
	size_t today, month;
	bool scopes_differ; /* a client asked this month in a way it did not today */
};

static void count_flags(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct flag_count *c = ctx;

	(void)seen;
	c->scopes_differ |= (client->flags & CL_CLIENT_DAY_ALL) << 4 != (client->flags & CL_CLIENT_MONTH_ALL);
	c->today += (*flags & CL_SEEN_TODAY) != 0;
	c->month += (*flags & CL_SEEN_MONTH) != 0;
}

/* A month of which the current day is the only one so far has that day's figures. */
static void write_month(struct cl_engine *e)
{
	struct flag_count c = { 0, 0, false };
	int64_t begin = cl_month_begin(e->day);

	cl_clients_each(&e->clients, count_flags, &c);
	if (c.today == c.month && !c.scopes_differ && !e->overflow.any)
		cl_store_unique_copy(e->store, e->day, begin);
	else
		count_unique(e, CL_PERIOD_MONTH, begin, ROWS_NONE);
}

void cl_periods_new_day(struct cl_engine *e, int64_t time_ns)
{
	int64_t day = cl_day_of(time_ns);

	if (!e->config.by_day)
		return;
	settle_step(e);
	write_day(e);
	cl_overflow_end_day(&e->overflow);
	if (cl_month_begin(day) != cl_month_begin(e->day))
		write_month(e);
	for (uint32_t i = 0; i < e->services.count; i++)
		cl_tally_clear(&cl_service_at(&e->services, i)->day);
	cl_icmp_clear(&e->icmp);
	cl_clients_each(&e->clients, forget_day, NULL);
	if (cl_month_begin(day) != cl_month_begin(e->day))
		new_month(e);
	e->day = day;
	e->day_end_ns = (day + 1) * CL_NS_PER_DAY;
}

/* The end --------------------------------------------------------------------- */

struct open_count {
	struct cl_engine *e;
	uint64_t *by_service;
};

static void count_open(void *ctx, const struct cl_req *req, int64_t since_ns)
{
	struct open_count *c = ctx;

	(void)since_ns;
	if (req->kind == CL_REQ_REQUEST && !cl_match_is_answered(req) &&
	    req->time_ns > c->e->now_ns - c->e->config.timeout_ns)
		c->by_service[req->service]++;
}

static void write_open(struct cl_engine *e)
{
	struct open_count c = { e, calloc(e->services.count, sizeof *c.by_service) };

	if (c.by_service == NULL) {
		cl_store_fail(e->store, CL_ENOMEM);
		return;
	}
	if (e->config.by_day) {
		struct cl_query *clear =
			cl_query_new(e->store, "DELETE FROM open_at_end WHERE source_id = ?1");

		cl_query_run(clear); /* what was open where the source ended before */
		cl_query_free(clear);
	}
	cl_openreq_each(&e->matcher.open, count_open, NULL, &c);
	for (uint32_t i = CL_SERVICE_REST_NTP; i < e->services.count; i++)
		if (c.by_service[i] != 0) {
			uint32_t all = all_of(cl_service_at(&e->services, i));

			name_service(e, i);
			cl_store_open_at_end(e->store, i, c.by_service[i]);
			c.by_service[all] += c.by_service[i];
		}
	for (uint32_t i = CL_SERVICE_ALL_NTP; i <= CL_SERVICE_ALL_DNS; i++) {
		name_service(e, i);
		cl_store_open_at_end(e->store, i, c.by_service[i]);
	}
	free(c.by_service);
}

void cl_periods_flush(struct cl_engine *e)
{
	cl_openreq_expire(&e->matcher.open, e->now_ns);
	settle_step(e);
	if (e->config.by_day)
		cl_restore_save(e);
	write_open(e);
	cl_matcher_free(&e->matcher); /* its room is wanted for sorting */
	if (e->config.by_day) {	      /* nobody looks a client up any more */
		cl_index_free(&e->clients.by_addr);
		cl_index_free(&e->clients.by_pair);
	}
	end_step(e, e->moment.instant);
	write_day(e);
	cl_overflow_end_day(&e->overflow);
	if (e->config.by_day)
		write_month(e);
}

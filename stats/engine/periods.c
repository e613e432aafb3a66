/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when a step, a day or a month ends: rows go to the store and counts start anew. */
#include <stdlib.h>
#include <string.h>

#include "stats/engine/engine_state.h"
#include "stats/engine/restore.h"
#include "stats/engine/unique.h"

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

void cl_periods_name(struct cl_engine *e, uint32_t number)
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

/* Writes a service's sketch of the open cell, unless it is empty. */
static void write_sketch(struct cl_engine *e, uint32_t number)
{
	const struct cl_service *s = cl_service_at(&e->services, number);

	if (!e->services.sketches || cl_hll_is_empty(&s->sketch))
		return;
	cl_periods_name(e, number);
	cl_store_sketch(e->store, number, e->moment.until_ns / CL_NS_PER_S, &s->sketch);
}

static void end_sketch(struct cl_engine *e, uint32_t number)
{
	write_sketch(e, number);
	cl_hll_clear(&cl_service_at(&e->services, number)->sketch);
}

/* Ends a cell within a step. */
static void end_cell(struct cl_engine *e)
{
	for (uint32_t i = 0; e->services.sketches && i < e->services.live_count; i++)
		end_sketch(e, e->services.live[i]);
}

/* `over`: the step is; else it may go on with the next file. */
static void end_step(struct cl_engine *e, uint32_t instant, bool over)
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

		if (over)
			cl_watch_step(e, number, t_s);
		if (live || !cl_tally_empty(&s->part)) {
			cl_periods_name(e, number);
			cl_store_step(e->store, number, t_s, &s->part, unique);
		}
		end_sketch(e, number);
		cl_tally_clear(&s->part);
		s->live = live;
		if (live)
			e->services.live[kept++] = number;
	}
	e->services.live_count = kept;
	if (over)
		cl_watch_steps_end(e);
}

void cl_periods_pass(struct cl_engine *e, const struct cl_moment *moment)
{
	if (moment->instant == e->moment.instant)
		end_cell(e);
	for (uint32_t i = e->moment.instant;
	     e->config.series && i != moment->instant && e->services.live_count > 0; i++)
		end_step(e, i, true);
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
	for (uint32_t i = e->moment.instant; e->config.series && e->services.live_count > 0; i++)
		end_step(e, i, true);
	cl_clients_each(&e->clients, forget_cell, NULL);
	cl_overflow_forget_windows(&e->overflow);
	cl_windows_rebase(&e->windows, time_ns);
	e->moment = cl_windows_at(&e->windows, time_ns);
}

/* The open step as it stands. What it adds to the sums over all servers goes again. */
static void write_open_step(struct cl_engine *e)
{
	uint32_t instant = e->moment.instant, count = e->services.live_count;
	int64_t t_s = cl_windows_instant_ns(&e->windows, instant) / CL_NS_PER_S;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = e->services.live[i];
		struct cl_service *s = cl_service_at(&e->services, number);

		if (number < CL_SERVICE_REST_NTP)
			continue;
		cl_services_wake(&e->services, all_of(s));
		cl_tally_merge(&cl_service_at(&e->services, all_of(s))->part, &s->part);
	}
	for (uint32_t i = 0; i < e->services.live_count; i++) {
		uint32_t number = e->services.live[i];
		struct cl_service *s = cl_service_at(&e->services, number);
		uint32_t unique[CL_WINDOWS_MAX];
		bool live = cl_windows_peek(&e->windows, &s->windows, instant, unique);

		live |= cl_overflow_step(e, number, instant, unique);
		if (live || !cl_tally_empty(&s->part)) {
			cl_periods_name(e, number);
			cl_store_step(e->store, number, t_s, &s->part, unique);
		}
		write_sketch(e, number);
		if (number < CL_SERVICE_REST_NTP)
			cl_tally_clear(&s->part);
	}
}

/* Days and months ------------------------------------------------------------- */

/* A number that differs when a day's counts do: each message adds to a counter, none takes from one alone. */
static uint64_t sum_of(const struct cl_tally *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CL_COUNTERS; i++)
		sum += (uint64_t)t->n[i] * (2 * (uint64_t)i + 1);
	for (unsigned i = 0; i < CL_DELTAS; i++)
		sum += t->delta[i].n << 32; /* transfers end later than they are counted */
	return sum | (uint64_t)1 << 63;
}

/* Whether a service's day is to be written: it has changed, or all of it is to be. */
static bool is_due(struct cl_service *s, bool all)
{
	uint64_t sum = sum_of(&s->day);
	bool due = all || sum != s->day_stored;

	s->day_stored = sum;
	return due;
}

/* Days of the services that have changed since they were stored, or of all. */
static void write_days(struct cl_engine *e, bool whole)
{
	cl_tally_clear(&cl_service_at(&e->services, CL_SERVICE_ALL_NTP)->day);
	cl_tally_clear(&cl_service_at(&e->services, CL_SERVICE_ALL_DNS)->day);
	for (uint32_t i = CL_SERVICE_REST_NTP; i < e->services.count; i++) {
		struct cl_service *s = cl_service_at(&e->services, i);

		if (cl_tally_empty(&s->day))
			continue;
		cl_tally_fold(&s->day);
		if (is_due(s, whole)) {
			cl_periods_name(e, i);
			cl_store_day(e->store, e->day, i, &s->day);
		}
		cl_tally_merge(&cl_service_at(&e->services, all_of(s))->day, &s->day);
	}
	for (uint32_t i = CL_SERVICE_ALL_NTP; i <= CL_SERVICE_ALL_DNS; i++) {
		struct cl_service *s = cl_service_at(&e->services, i);

		if (cl_tally_empty(&s->day) || !is_due(s, whole))
			continue;
		cl_periods_name(e, i);
		cl_store_day(e->store, e->day, i, &s->day);
	}
}

static void write_day(struct cl_engine *e)
{
	write_days(e, true);
	cl_icmp_write(&e->icmp, e->store, e->day);
	if (!e->config.by_day && !e->config.networks) {
		cl_unique_store_addresses(e);
		return;
	}
	cl_unique_store(e, e->config.by_day ? CL_PERIOD_DAY : CL_PERIOD_ALL, e->day, e->config.by_day);
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

void cl_periods_new_day(struct cl_engine *e, int64_t time_ns)
{
	int64_t day = cl_day_of(time_ns);

	if (!e->config.by_day) {
		cl_unique_store_date(e);
		e->date = day;
		e->day_end_ns = (day + 1) * CL_NS_PER_DAY;
		return;
	}
	cl_checkpoints_recall(e);
	settle_step(e);
	write_day(e);
	cl_watch_write_days(e);
	cl_store_month_add(e->store, e->day, cl_month_begin(e->day));
	cl_overflow_end_day(&e->overflow);
	if (cl_month_begin(day) != cl_month_begin(e->day))
		cl_unique_store_month(e, cl_month_begin(e->day));
	for (uint32_t i = 0; i < e->services.count; i++) {
		cl_tally_clear(&cl_service_at(&e->services, i)->day);
		cl_service_at(&e->services, i)->day_stored = 0;
	}
	cl_icmp_new_day(&e->icmp, day);
	cl_clients_each(&e->clients, forget_day, NULL);
	cl_store_month(e->store, cl_month_begin(day),
		       cl_windows_instant_ns(&e->windows, e->moment.instant) / CL_NS_PER_S,
		       e->moment.until_ns / CL_NS_PER_S);
	if (cl_month_begin(day) != cl_month_begin(e->day))
		new_month(e);
	cl_restore_forget_recent(e);
	e->day = day;
	e->day_end_ns = (day + 1) * CL_NS_PER_DAY;
}

/* The end --------------------------------------------------------------------- */

struct open_count {
	struct cl_engine *e;
	uint64_t *by_service;
};

static void count_open(void *ctx, const struct cl_req *req)
{
	struct open_count *c = ctx;

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
	cl_openreq_each(&e->matcher.open, count_open, &c);
	for (uint32_t i = CL_SERVICE_REST_NTP; i < e->services.count; i++)
		if (c.by_service[i] != 0) {
			uint32_t all = all_of(cl_service_at(&e->services, i));

			cl_periods_name(e, i);
			cl_store_open_at_end(e->store, i, c.by_service[i]);
			c.by_service[all] += c.by_service[i];
		}
	for (uint32_t i = CL_SERVICE_ALL_NTP; i <= CL_SERVICE_ALL_DNS; i++) {
		cl_periods_name(e, i);
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
	cl_watch_write(e);
	write_open(e);
	cl_matcher_free(&e->matcher); /* its room is wanted for sorting */
	if (e->config.by_day) {	      /* nobody looks a client up any more */
		cl_index_free(&e->clients.by_addr);
		cl_index_free(&e->clients.by_pair);
	}
	if (e->config.series)
		end_step(e, e->moment.instant, false);
	bool one_date = e->config.days && !e->config.by_day && e->date == e->day;
	if (e->config.days && !e->config.by_day && !one_date)
		cl_unique_store_date(e);
	write_day(e);
	if (one_date)
		cl_store_unique_date(e->store, e->day);
	cl_overflow_end_day(&e->overflow);
	if (e->config.by_day)
		cl_unique_store_month(e, cl_month_begin(e->day));
	cl_watch_write_days(e);
}

static void count_clients(struct cl_engine *e)
{
	struct cl_overflow_month *before = cl_overflow_lend_day(&e->overflow);

	cl_unique_store(e, CL_PERIOD_DAY, e->day, false);
	cl_unique_store_month(e, cl_month_begin(e->day));
	cl_overflow_return_day(&e->overflow, before);
}

void cl_periods_checkpoint(struct cl_engine *e, bool count)
{
	cl_openreq_expire(&e->matcher.open, e->now_ns);
	settle_step(e);
	cl_restore_save(e);
	cl_watch_write(e);
	write_open(e);
	if (e->config.series)
		write_open_step(e);
	write_days(e, false);
	cl_icmp_write(&e->icmp, e->store, e->day);
	cl_unique_store_rows(e);
	if (count)
		count_clients(e);
	cl_watch_write_days(e);
}

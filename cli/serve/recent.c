/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/serve/recent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000

static int64_t floor_to(int64_t a, int64_t b)
{
	return (a / b - (a % b < 0)) * b;
}

/* A database of captures that were read from files has nothing of interfaces. */
static bool has_ledger(struct cl_store *s)
{
	struct cl_query *q = cl_query_new(s, "SELECT 1 FROM capture_interval LIMIT 1");
	bool found = cl_query_row(q);
	cl_query_free(q);
	return found;
}

static void find_service(struct cl_recent *r, int p)
{
	struct cl_query *q = cl_query_new(
		r->store, r->server == NULL ? "SELECT service_id FROM service WHERE proto = ?2 AND "
					      "kind = 'all'"
					    : "SELECT service_id FROM service WHERE proto = ?2 AND "
					      "kind = 'server' AND addr = ?3");

	cl_query_bind_text(q, 2, p == CL_RECENT_NTP ? "ntp" : "dns");
	if (r->server != NULL) {
		bool v4 = cl_addr_is_v4(r->server);

		cl_query_bind_blob(q, 3, r->server->b + (v4 ? 12 : 0), v4 ? 4 : 16);
	}
	r->has[p] = cl_query_row(q);
	if (r->has[p])
		r->service_id[p] = cl_query_i64(q, 0);
	cl_query_free(q);
}

bool cl_recent_open(struct cl_recent *r, const char *path, const struct cl_addr *server,
		    char err[CL_STORE_ERRLEN])
{
	*r = (struct cl_recent){ .server = server };
	r->store = cl_store_read(path, &r->config, err);
	if (r->store == NULL)
		return false;
	struct cl_query *q = cl_query_new(r->store, "SELECT min(first_ns), max(last_ns) FROM source");
	r->any = cl_query_row(q) && !cl_query_null(q, 1);
	if (r->any) {
		r->first_ns = cl_query_ns(q, 0);
		r->last_ns = cl_query_ns(q, 1);
	}
	cl_query_free(q);
	r->step_s = r->config.engine.step_ns / NS_PER_S;
	r->ledger = has_ledger(r->store);
	for (int p = 0; p < CL_RECENT_PROTOS; p++)
		find_service(r, p);
	return true;
}

int64_t cl_recent_last(const struct cl_recent *r)
{
	return floor_to(r->last_ns, r->config.engine.step_ns) / NS_PER_S;
}

/* Steps -------------------------------------------------------------------------- */

static void read_counts(struct cl_query *q, struct cl_recent_counts *c)
{
	if (!cl_query_row(q) || cl_query_null(q, 0))
		return;
	c->requests = cl_query_u64(q, 0);
	c->responses = cl_query_u64(q, 1);
	c->matched = cl_query_u64(q, 2);
	c->delta_n = cl_query_u64(q, 3);
	c->p50_ns = cl_query_ns(q, 4);
	c->p90_ns = cl_query_ns(q, 5);
	c->p99_ns = cl_query_ns(q, 6);
	c->max_ns = cl_query_ns(q, 7);
}

/* Unique clients of one sensor are known; those of several cannot be added. */
static void read_unique(const struct cl_recent *r, struct cl_query *q, struct cl_recent_counts *c)
{
	for (uint32_t w = 0; w < r->config.engine.windows; w++)
		c->known[w] = true;
	while (cl_query_row(q))
		for (uint32_t w = 0; w < r->config.engine.windows; w++)
			if (r->config.engine.window_ns[w] / NS_PER_S == cl_query_i64(q, 0)) {
				c->unique[w] = cl_query_u64(q, 1);
				c->known[w] = cl_query_i64(q, 2) == 1;
			}
}

/* The steps read, and behind them the one that is not over. */
static void read_steps(struct cl_recent *r)
{
	struct cl_query *counts = cl_query_new(
		r->store, "SELECT sum(requests), sum(responses), sum(matched), sum(delta_n), "
			  "max(p50_ns), max(p90_ns), max(p99_ns), max(max_ns) FROM source CROSS JOIN "
			  "step ON step.source_id = source.source_id AND t = ?2 AND service_id = ?3");
	struct cl_query *clients =
		cl_query_new(r->store, "SELECT window_s, sum(clients), count(*) FROM source CROSS JOIN "
				       "step_clients AS c ON c.source_id = source.source_id AND t = ?2 AND "
				       "service_id = ?3 GROUP BY window_s");

	for (size_t i = 0; i < (r->n + 1) * CL_RECENT_PROTOS; i++) {
		size_t at = i / CL_RECENT_PROTOS, p = i % CL_RECENT_PROTOS;
		struct cl_recent_step *step = at < r->n ? &r->step[at] : &r->now;

		if (!r->has[p])
			continue;
		cl_query_again(counts);
		cl_query_again(clients);
		cl_query_bind_i64(counts, 2, step->t);
		cl_query_bind_i64(counts, 3, r->service_id[p]);
		cl_query_bind_i64(clients, 2, step->t);
		cl_query_bind_i64(clients, 3, r->service_id[p]);
		read_counts(counts, &step->of[p]);
		read_unique(r, clients, &step->of[p]);
	}
	cl_query_free(counts);
	cl_query_free(clients);
}

/* The step that a time lies in; NULL: none of those read. */
static struct cl_recent_step *step_at(struct cl_recent *r, int64_t t)
{
	int64_t end = floor_to(t - 1, r->step_s) + r->step_s;

	if (end == r->now.t)
		return &r->now;
	if (r->n == 0 || end < r->step[0].t || end > r->step[r->n - 1].t)
		return NULL;
	return &r->step[(size_t)((end - r->step[0].t) / r->step_s)];
}

static void read_icmp(struct cl_recent *r, int64_t from_t, int64_t to_t)
{
	bool v4 = r->server != NULL && cl_addr_is_v4(r->server);
	struct cl_query *q = cl_query_new(
		r->store, "SELECT t, proto, sum(errors) FROM source CROSS JOIN icmp_step AS i ON "
			  "i.source_id = source.source_id AND t > ?2 AND t <= ?3 WHERE ?4 IS NULL "
			  "OR server = ?4 GROUP BY t, proto");

	cl_query_bind_i64(q, 2, from_t);
	cl_query_bind_i64(q, 3, to_t);
	if (r->server != NULL)
		cl_query_bind_blob(q, 4, r->server->b + (v4 ? 12 : 0), v4 ? 4 : 16);
	while (cl_query_row(q)) {
		struct cl_recent_step *step = step_at(r, cl_query_s(q, 0));

		if (step != NULL)
			step->of[strcmp(cl_query_word(q, 1), "dns") == 0].icmp_errors += cl_query_u64(q, 2);
	}
	cl_query_free(q);
}

static void read_ledger(struct cl_recent *r, int64_t from_t, int64_t to_t)
{
	struct cl_query *q = cl_query_new(
		r->store, "SELECT t, sum(received), sum(c.dropped_kernel) + sum(c.dropped_interface) "
			  "FROM source CROSS JOIN capture_interval AS c ON c.source_id = "
			  "source.source_id AND t > ?2 AND t <= ?3 GROUP BY t");

	cl_query_bind_i64(q, 2, from_t);
	cl_query_bind_i64(q, 3, to_t);
	while (cl_query_row(q)) {
		struct cl_recent_step *step = step_at(r, cl_query_s(q, 0));

		if (step == NULL)
			continue;
		step->received += cl_query_u64(q, 1);
		step->lost += cl_query_u64(q, 2);
	}
	cl_query_free(q);
}

bool cl_recent_read(struct cl_recent *r, int64_t from_t, int64_t to_t)
{
	int64_t first_t = floor_to(r->first_ns, r->config.engine.step_ns) / NS_PER_S + r->step_s,
		last_t = cl_recent_last(r);

	free(r->step);
	r->step = NULL;
	r->n = 0;
	if (!r->any)
		return true;
	r->now = (struct cl_recent_step){ .t = last_t + r->step_s };
	r->now_s = (double)(r->last_ns - last_t * NS_PER_S) / NS_PER_S;
	from_t = floor_to(from_t, r->step_s) + r->step_s;
	to_t = floor_to(to_t, r->step_s);
	from_t = from_t < first_t ? first_t : from_t;
	to_t = to_t > last_t ? last_t : to_t;
	if (from_t <= to_t)
		r->n = (size_t)((to_t - from_t) / r->step_s) + 1;
	if (r->n > CL_RECENT_STEPS)
		r->n = CL_RECENT_STEPS;
	from_t = to_t - ((int64_t)r->n - 1) * r->step_s;
	r->step = calloc(r->n + 1, sizeof *r->step);
	if (r->step == NULL) {
		r->n = 0;
		cl_store_fail(r->store, CL_ENOMEM);
		return false;
	}
	for (size_t i = 0; i < r->n; i++)
		r->step[i].t = from_t + (int64_t)i * r->step_s;
	read_steps(r);
	read_icmp(r, from_t - r->step_s, r->now.t);
	if (r->ledger)
		read_ledger(r, from_t - r->step_s, r->now.t);
	return cl_store_error(r->store) == NULL;
}

void cl_recent_close(struct cl_recent *r)
{
	cl_store_close(r->store);
	free(r->step);
	*r = (struct cl_recent){ .store = NULL };
}

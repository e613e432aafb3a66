/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000

/* Where stretches of a sensor begin that know nothing of the one before. */
static void read_seams(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT first_ns FROM source AS s WHERE EXISTS (SELECT 1 FROM source AS o WHERE o.sensor = "
		"s.sensor AND o.first_ns < s.first_ns) AND NOT EXISTS (SELECT 1 FROM source AS o WHERE "
		"o.sensor = s.sensor AND o.last_ns = s.first_ns AND s.first_ns % 86400000000000 = 0) ORDER "
		"BY first_ns");

	free(s->seam);
	s->seam = NULL;
	s->seams = 0;
	while (cl_query_row(q)) {
		int64_t *more = realloc(s->seam, (s->seams + 1) * sizeof *more);

		if (more == NULL) {
			cl_store_fail(s->store, CL_ENOMEM);
			break;
		}
		s->seam = more;
		s->seam[s->seams++] = cl_query_ns(q, 0);
	}
	cl_query_free(q);
}

bool cl_instants_of(struct cl_session *s, struct cl_instants *i)
{
	int64_t first_ns, last_ns, step_ns = s->config.engine.step_ns;

	if (!cl_view_span(s, &first_ns, &last_ns))
		return false;
	i->step_s = step_ns / NS_PER_S;
	i->first_t = (cl_floor_div(first_ns, step_ns) + 1) * i->step_s;
	i->last_t = cl_floor_div(last_ns, step_ns) * i->step_s;
	struct cl_query *q = cl_query_new(s->store, "SELECT min(first_ns) FROM source");
	i->begin_ns = cl_query_row(q) ? cl_query_ns(q, 0) : first_ns;
	if (!s->database && first_ns > i->begin_ns) /* frames before --from were not analysed */
		i->begin_ns = first_ns;
	cl_query_free(q);
	read_seams(s);
	return true;
}

/* The last seam that is not after a time; INT64_MIN: none. */
static int64_t seam_before(const struct cl_session *s, int64_t ns)
{
	size_t lo = 0, hi = s->seams;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (s->seam[middle] <= ns)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo > 0 ? s->seam[lo - 1] : INT64_MIN;
}

bool cl_is_warming_up(const struct cl_session *s, const struct cl_instants *i, int64_t t, uint32_t w)
{
	int64_t from_ns = t * NS_PER_S - s->config.engine.window_ns[w];

	return from_ns < i->begin_ns || from_ns < seam_before(s, t * NS_PER_S);
}

static void read_row(struct cl_query *steps, struct cl_step_row *r)
{
	*r = (struct cl_step_row){ .t = cl_query_s(steps, 0),
				   .requests = cl_query_u64(steps, 1),
				   .responses = cl_query_u64(steps, 2),
				   .delta_n = cl_query_u64(steps, 3),
				   .min_ns = cl_query_ns(steps, 4),
				   .p50_ns = cl_query_ns(steps, 5),
				   .p90_ns = cl_query_ns(steps, 6),
				   .p99_ns = cl_query_ns(steps, 7),
				   .p999_ns = cl_query_ns(steps, 8),
				   .max_ns = cl_query_ns(steps, 9),
				   .sum_ns = cl_query_u64(steps, 10) };
}

static void fill(const struct cl_instants *i, int64_t *t, int64_t until, cl_step_fn *fn, void *ctx)
{
	for (; *t < until; *t += i->step_s)
		fn(ctx, &(struct cl_step_row){ .t = *t }); /* nobody, exactly */
}

/* A database finds steps by time: of many services they are put in the order of these, once. */
#define SERVICES_FEW 4

static const char *table_of_steps(struct cl_session *s)
{
	static const char *const make[] = {
		"CREATE TEMP TABLE IF NOT EXISTS step_of AS SELECT step.* FROM step JOIN span ON t BETWEEN "
		"t_from AND t_to ORDER BY service_id, t",
		"CREATE INDEX IF NOT EXISTS temp.step_of_service ON step_of(service_id, t)",
	};
	struct cl_query *q = cl_query_new(s->store, "SELECT count(*) FROM chosen");
	bool many = s->database && cl_query_row(q) && cl_query_i64(q, 0) > SERVICES_FEW;

	cl_query_free(q);
	for (size_t i = 0; many && i < sizeof make / sizeof *make; i++) {
		q = cl_query_new(s->store, make[i]);
		cl_query_run(q);
		cl_query_free(q);
	}
	return many ? "step_of" : "step";
}

void cl_series_open(struct cl_series *r, struct cl_session *s, const struct cl_instants *i,
		    enum cl_series_of of)
{
	char sql[512];

	*r = (struct cl_series){ .s = s, .instants = i };
	snprintf(sql, sizeof sql,
		 "SELECT t, sum(requests), sum(responses), sum(delta_n), min(min_ns), max(p50_ns), "
		 "max(p90_ns), max(p99_ns), max(p999_ns), max(max_ns), sum(sum_ns) FROM %s WHERE service_id "
		 "= ?2 AND t BETWEEN ?3 AND ?4 GROUP BY t ORDER BY t",
		 table_of_steps(s));
	r->steps = cl_query_new(s->store, sql);
	cl_query_bind_i64(r->steps, 3, i->first_t);
	cl_query_bind_i64(r->steps, 4, i->last_t);
	if (of == CL_SERIES_CLIENTS)
		r->clients = cl_window_union_new(s->store, &s->config.engine);
}

void cl_series_close(struct cl_series *r)
{
	cl_query_free(r->steps);
	cl_window_union_free(r->clients);
	*r = (struct cl_series){ .s = NULL };
}

bool cl_series_read(struct cl_series *r, int64_t service_id, cl_step_fn *fn, void *ctx)
{
	const struct cl_instants *i = r->instants;
	bool sparse = (i->last_t - i->first_t) / i->step_s > CL_INSTANTS_MAX;
	int64_t t = i->first_t;

	cl_query_bind_i64(r->steps, 2, service_id);
	if (r->clients != NULL)
		cl_window_union_of(r->clients, service_id);
	while (cl_query_row(r->steps)) {
		struct cl_step_row row;

		read_row(r->steps, &row);
		/* a step of clients' windows alone: there are none of these where nobody asked for clients */
		if (sparse && r->clients == NULL && row.requests + row.responses + row.delta_n == 0)
			continue;
		if (r->clients != NULL)
			cl_window_union_at(r->clients, row.t, row.unique);
		if (!sparse)
			fill(i, &t, row.t, fn, ctx);
		fn(ctx, &row);
		t = row.t + i->step_s;
	}
	cl_query_again(r->steps);
	if (!sparse)
		fill(i, &t, i->last_t + 1, fn, ctx);
	return sparse;
}

bool cl_series_each(struct cl_session *s, const struct cl_instants *i, int64_t service_id,
		    enum cl_series_of of, cl_step_fn *fn, void *ctx)
{
	struct cl_series r;

	cl_series_open(&r, s, i, of);
	bool sparse = cl_series_read(&r, service_id, fn, ctx);
	cl_series_close(&r);
	return sparse;
}

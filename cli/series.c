/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/series.h"

#include <string.h>

#define NS_PER_S 1000000000

bool cl_instants_of(struct cl_session *s, struct cl_instants *i)
{
	int64_t first_ns, last_ns, step_ns = s->config.engine.step_ns;

	if (!cl_view_span(s, &first_ns, &last_ns))
		return false;
	i->step_s = step_ns / NS_PER_S;
	i->first_t = (cl_floor_div(first_ns, step_ns) + 1) * i->step_s;
	i->last_t = cl_floor_div(last_ns, step_ns) * i->step_s;
	struct cl_query *q = cl_query_new(s->store, "SELECT min(first_ns) FROM source");
	i->begin_ns = cl_query_row(q) ? cl_query_i64(q, 0) : first_ns;
	if (!s->database && first_ns > i->begin_ns) /* frames before --from were not analysed */
		i->begin_ns = first_ns;
	cl_query_free(q);
	return true;
}

bool cl_is_warming_up(const struct cl_session *s, const struct cl_instants *i, int64_t t, uint32_t w)
{
	return t * NS_PER_S - s->config.engine.window_ns[w] < i->begin_ns;
}

/* Unique clients of one source are known; those of several cannot be added. */
static void read_clients(struct cl_session *s, struct cl_query *q, struct cl_step_row *r)
{
	bool several[CL_WINDOWS_MAX] = { false };

	cl_query_bind_i64(q, 3, r->t);
	while (cl_query_row(q))
		for (uint32_t w = 0; w < s->config.engine.windows; w++)
			if (s->config.engine.window_ns[w] / NS_PER_S == cl_query_i64(q, 0)) {
				r->unique[w] = several[w] ? 0 : cl_query_u64(q, 1);
				r->known[w] = !several[w];
				several[w] = true;
			}
	cl_query_again(q);
}

static void read_row(struct cl_query *steps, struct cl_step_row *r)
{
	*r = (struct cl_step_row){ .t = cl_query_i64(steps, 0),
				   .requests = cl_query_u64(steps, 1),
				   .responses = cl_query_u64(steps, 2),
				   .delta_n = cl_query_u64(steps, 3),
				   .min_ns = cl_query_i64(steps, 4),
				   .p50_ns = cl_query_i64(steps, 5),
				   .p90_ns = cl_query_i64(steps, 6),
				   .p99_ns = cl_query_i64(steps, 7),
				   .p999_ns = cl_query_i64(steps, 8),
				   .max_ns = cl_query_i64(steps, 9),
				   .sum_ns = cl_query_u64(steps, 10) };
}

static void fill(struct cl_session *s, const struct cl_instants *i, int64_t *t, int64_t until, cl_step_fn *fn,
		 void *ctx)
{
	for (; *t < until; *t += i->step_s) {
		struct cl_step_row empty = { .t = *t };

		for (uint32_t w = 0; w < s->config.engine.windows; w++)
			empty.known[w] = true;
		fn(ctx, &empty);
	}
}

bool cl_series_each(struct cl_session *s, const struct cl_instants *i, int64_t service_id,
		    enum cl_series_of of, cl_step_fn *fn, void *ctx)
{
	struct cl_query *steps =
		cl_query_new(s->store, "SELECT t, sum(requests), sum(responses), sum(delta_n), min(min_ns), "
				       "max(p50_ns), max(p90_ns), "
				       "max(p99_ns), max(p999_ns), max(max_ns), sum(sum_ns) FROM step WHERE "
				       "service_id = ?2 AND t BETWEEN ?3 "
				       "AND ?4 GROUP BY t ORDER BY t");
	struct cl_query *clients =
		cl_query_new(s->store, "SELECT window_s, clients FROM source CROSS JOIN step_clients "
				       "USING(source_id) WHERE t = ?3 AND service_id = ?2");
	bool sparse = (i->last_t - i->first_t) / i->step_s > CL_INSTANTS_MAX;
	int64_t t = i->first_t;

	cl_query_bind_i64(steps, 2, service_id);
	cl_query_bind_i64(steps, 3, i->first_t);
	cl_query_bind_i64(steps, 4, i->last_t);
	cl_query_bind_i64(clients, 2, service_id);
	while (cl_query_row(steps)) {
		struct cl_step_row row;

		read_row(steps, &row);
		/* a step of clients' windows alone: there are none of these where nobody asked for clients */
		if (sparse && of == CL_SERIES_COUNTS && row.requests + row.responses + row.delta_n == 0)
			continue;
		if (of == CL_SERIES_CLIENTS)
			read_clients(s, clients, &row);
		if (!sparse)
			fill(s, i, &t, row.t, fn, ctx);
		fn(ctx, &row);
		t = row.t + i->step_s;
	}
	if (!sparse)
		fill(s, i, &t, i->last_t + 1, fn, ctx);
	cl_query_free(steps);
	cl_query_free(clients);
	return sparse;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing tallies: rows of steps and days. */
#include "stats/store/schema.h"
#include "stats/store/store_live.h"

/* A tally that could not hold all is no figure. */
static void check_whole(struct cl_store *s, const struct cl_tally *t)
{
	if (t->lost || t->codes.lost)
		cl_store_fail(s, CL_ENOMEM);
}

/* The distribution to the response's last packet, over UDP and TCP. */
static const struct cl_hist *step_delta(struct cl_store *s, const struct cl_tally *t, struct cl_hist *sum)
{
	if (t->delta[CL_DELTA_TCP_LAST].n == 0)
		return &t->delta[CL_DELTA_LAST];
	if (!cl_hist_merge(sum, &t->delta[CL_DELTA_LAST]) ||
	    !cl_hist_merge(sum, &t->delta[CL_DELTA_TCP_LAST]))
		cl_store_fail(s, CL_ENOMEM);
	return sum;
}

static void fill_step(struct cl_store *s, struct cl_step *step, const struct cl_tally *t)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999 };
	struct cl_hist sum = { .n = 0 };
	const struct cl_hist *h = step_delta(s, t, &sum);

	step->requests = (uint64_t)t->n[CL_C_REQUESTS];
	step->responses = (uint64_t)t->n[CL_C_RESPONSES];
	step->matched = (uint64_t)t->n[CL_C_MATCHED];
	step->delta_n = h->n;
	if (h->n > 0) {
		step->min_ns = h->min;
		cl_hist_quantiles(h, quantiles, 4, step->quantile_ns);
		step->max_ns = h->max;
		step->sum_ns = h->sum;
	}
	cl_hist_free(&sum);
}

static void write_step(struct cl_store *s, const struct cl_step *step)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_STEP),
			*clients = cl_store_statement(s, CL_ST_STEP_CLIENTS);
	int64_t service_id = cl_store_service_row(s, step->service);

	if (st == NULL || clients == NULL)
		return;
	cl_query_bind_all(st,
			  (const int64_t[]){ s->source_id, step->t, service_id, (int64_t)step->requests,
					     (int64_t)step->responses, (int64_t)step->matched,
					     (int64_t)step->delta_n, step->min_ns, step->quantile_ns[0],
					     step->quantile_ns[1], step->quantile_ns[2], step->quantile_ns[3],
					     step->max_ns, (int64_t)step->sum_ns },
			  14);
	for (int i = 8; i <= 14 && step->delta_n == 0; i++)
		cl_query_bind_null(st, i);
	cl_query_run(st);
	for (uint32_t i = 0; i < s->config.engine.windows; i++) {
		cl_query_bind_all(clients,
				  (const int64_t[]){ s->source_id, step->t, service_id,
						     s->config.engine.window_ns[i] / 1000000000,
						     step->unique[i] },
				  5);
		cl_query_run(clients);
	}
}

/* To tables, which are named as the virtual ones and take their place: a store with a limit is a file. */
static void move_steps(struct cl_store *s)
{
	if (!cl_store_exec_all(s, cl_schema_steps))
		return;
	for (size_t i = 0; i < s->steps.rows.count; i++)
		write_step(s, cl_arena_at(&s->steps.rows, i));
	cl_steps_free(&s->steps);
	s->steps.moved = true;
}

void cl_store_step(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_tally *t,
		   const uint32_t *unique)
{
	/* room for all windows behind the step */
	union {
		struct cl_step step;
		uint8_t octets[CL_STEP_SIZE(CL_WINDOWS_MAX)];
	} u = { .step = { .t = t_s, .service = number } };

	check_whole(s, t);
	fill_step(s, &u.step, t);
	for (uint32_t i = 0; i < s->config.engine.windows; i++)
		u.step.unique[i] = unique[i];
	if (s->path == NULL && !s->steps.moved && cl_steps_full(s))
		move_steps(s);
	if (s->path == NULL && !s->steps.moved)
		cl_steps_keep(s, &u.step);
	else
		write_step(s, &u.step);
}

void cl_store_sketch(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_hll *clients)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_SKETCH);
	uint8_t packed[CL_HLL_PACKED];

	if (st == NULL)
		return;
	cl_query_bind_all(st, (const int64_t[]){ s->source_id, t_s, cl_store_service_row(s, number) }, 3);
	cl_query_bind_blob(st, 4, packed, cl_hll_pack(clients, packed));
	cl_query_run(st);
}

static void day_deltas(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	struct cl_query *total = cl_store_statement(s, CL_ST_DAY_DELTA),
			*bucket = cl_store_statement(s, CL_ST_DAY_BUCKET);

	if (total == NULL || bucket == NULL)
		return;
	for (unsigned k = 0; k < CL_DELTAS; k++) {
		const struct cl_hist *h = &t->delta[k];

		if (h->n == 0)
			continue;
		cl_query_bind_all(total,
				  (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number), k,
						     (int64_t)h->n, h->min, h->max, (int64_t)h->sum },
				  8);
		cl_query_run(total);
		for (uint32_t b = h->lo; b < h->hi; b++) {
			if (h->bucket[b - h->lo] == 0)
				continue;
			cl_query_bind_all(bucket,
					  (const int64_t[]){ s->source_id, day,
							     cl_store_service_row(s, number), k, b,
							     cl_hist_floor(b), cl_hist_floor(b + 1),
							     (int64_t)h->bucket[b - h->lo] },
					  8);
			cl_query_run(bucket);
		}
	}
}

static void day_messages(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	struct cl_query *size = cl_store_statement(s, CL_ST_DAY_SIZE),
			*answer = cl_store_statement(s, CL_ST_DAY_ANSWER);
	int64_t service_id = cl_store_service_row(s, number);

	if (size == NULL || answer == NULL)
		return;
	for (unsigned k = 0; k < CL_SIZE_KINDS; k++)
		for (uint32_t i = 0; i < t->size[k].count; i++) {
			if (t->size[k].n[i] == 0)
				continue;
			cl_query_bind_all(size,
					  (const int64_t[]){ s->source_id, day, service_id, 0,
							     t->size[k].lo + i, (int64_t)t->size[k].n[i] },
					  6);
			cl_query_bind_text(size, 4, cl_size_kind_names[k]);
			cl_query_run(size);
		}
	for (uint32_t i = 0; i < t->answers.count; i++) {
		const struct cl_answer *a = &t->answers.row[i];

		cl_query_bind_all(answer,
				  (const int64_t[]){ s->source_id, day, service_id,
						     cl_answer_stored(a->qtype), cl_answer_stored(a->rcode),
						     (int64_t)a->n },
				  6);
		cl_query_run(answer);
	}
}

void cl_store_day(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *t)
{
	check_whole(s, t);
	if (s->path == NULL) {
		cl_days_keep(s, day, number, t);
		return;
	}
	struct cl_query *st = cl_store_statement(s, CL_ST_DAY), *code = cl_store_statement(s, CL_ST_DAY_CODE);

	if (st == NULL || code == NULL)
		return;
	cl_query_bind_all(st, (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
	for (int i = 0; i < (int)CL_COUNTERS; i++)
		cl_query_bind_i64(st, 4 + i, t->n[i]);
	cl_query_run(st);
	for (uint32_t i = 0; i < t->codes.count; i++) {
		const struct cl_code *c = &t->codes.row[i];

		cl_query_bind_all(code,
				  (const int64_t[]){ s->source_id, day, cl_store_service_row(s, number) }, 3);
		cl_query_bind_text(code, 4, cl_code_kind_names[c->key >> 16]);
		cl_query_bind_i64(code, 5, c->key & 0xffff);
		cl_query_bind_i64(code, 6, (int64_t)c->n);
		cl_query_run(code);
	}
	day_deltas(s, day, number, t);
	day_messages(s, day, number, t);
}

void cl_store_worst(struct cl_store *s, const struct cl_worst *w)
{
	struct cl_query *st = cl_store_statement(s, CL_ST_WORST);

	if (st == NULL)
		return;
	cl_query_bind_all(st,
			  (const int64_t[]){ s->source_id, cl_store_service_row(s, w->service), w->delta_ns,
					     w->time_ns, 0, 0, w->request_file, (int64_t)w->request_frame,
					     w->response_file, (int64_t)w->response_frame },
			  10);
	cl_query_bind_addr(st, 5, &w->client);
	cl_query_bind_addr(st, 6, &w->server);
	cl_query_run(st);
}

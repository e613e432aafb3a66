/* SPDX-License-Identifier: BSD-2-Clause */
/* clients for monitoring systems: a number a line, or update lines for rrdtool. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/log.h"
#include "cli/view/clients.h"

#define NS_PER_S 1000000000

struct plain {
	struct cl_session *s;
	struct cl_instants instants;
	struct cl_step_row last;
	bool rrd;
	bool estimated; /* some number */
};

/* The series over all chosen servers of a protocol. False, and said: there is none. `*service_id` is 0 where
 * nobody was asked anything. */
static bool find_service(struct plain *p, const char *proto, int64_t *service_id)
{
	struct cl_query *q = cl_query_new(
		p->s->store, "SELECT count(*), min(service_id) FROM (SELECT DISTINCT service_id FROM total "
			     "JOIN step USING(service_id) WHERE proto = ?1)");
	int64_t n;

	cl_query_bind_text(q, 1, proto);
	n = cl_query_row(q) ? cl_query_i64(q, 0) : 0;
	*service_id = n == 1 ? cl_query_i64(q, 1) : 0;
	cl_query_free(q);
	if (n <= 1)
		return true;
	cl_error("--server", "a database keeps the clients of each server and of all by step, not of some "
			     "together: name one, or none");
	return false;
}

static void put_known(const struct plain *p, const struct cl_step_row *row, uint32_t w)
{
	if (row->unique[w].kind != CL_WINDOW_UNKNOWN && !cl_is_warming_up(p->s, &p->instants, row->t, w))
		printf(":%" PRIu64, row->unique[w].n);
	else
		printf(":U");
}

static void take_step(void *ctx, const struct cl_step_row *row)
{
	struct plain *p = ctx;

	p->last = *row;
	for (uint32_t w = 0; w < p->s->config.engine.windows; w++)
		p->estimated |= row->unique[w].kind == CL_WINDOW_ESTIMATED;
	if (!p->rrd)
		return;
	printf("%" PRId64 ":%" PRIu64, row->t, row->requests);
	for (uint32_t w = 0; w < p->s->config.engine.windows; w++)
		put_known(p, row, w);
	printf("\n");
}

/* Which of the windows lasts so long, or one too many. */
static uint32_t window_of(const struct plain *p, uint32_t seconds)
{
	uint32_t w = 0;

	while (w < p->s->config.engine.windows &&
	       p->s->config.engine.window_ns[w] != (int64_t)seconds * NS_PER_S)
		w++;
	return w;
}

static bool put_numbers(const struct plain *p)
{
	const struct cl_options *o = p->s->options;

	for (size_t i = 0; i < o->nplain; i++) {
		uint32_t w = window_of(p, o->plain_s[i]);
		char text[32];

		snprintf(text, sizeof text, "%" PRIu32 " s", o->plain_s[i]);
		if (w == p->s->config.engine.windows) {
			cl_error("--plain", "%s is not among the windows (--window)", text);
			return false;
		}
		const struct cl_window_count *n = &p->last.unique[w];

		if (n->kind == CL_WINDOW_UNKNOWN) {
			cl_error("--plain", "unique clients of several sensors are not added");
			return false;
		}
		if (n->kind == CL_WINDOW_ESTIMATED)
			cl_warn("--plain",
				"clients in %s are an estimate over several sensors: 19 of 20 such lie "
				"between %" PRIu64 " and %" PRIu64,
				text, n->low, n->high);
		if (cl_is_warming_up(p->s, &p->instants, p->last.t, w))
			cl_warn("--plain", "the window of %s began before the capture did", text);
	}
	for (size_t i = 0; i < o->nplain; i++)
		printf("%" PRIu64 "\n", p->last.unique[window_of(p, o->plain_s[i])].n);
	return true;
}

static bool read_series(struct plain *p, const char *proto)
{
	struct cl_series series;
	int64_t service_id;

	if (!find_service(p, proto, &service_id))
		return false;
	cl_series_open(&series, p->s, &p->instants, CL_SERIES_CLIENTS);
	cl_series_read(&series, service_id, take_step, p);
	cl_series_close(&series);
	if (p->rrd && p->estimated)
		cl_warn("--rrd",
			"clients at times that several sensors saw are estimates, with a standard error of "
			"%.2f %%",
			100 * CL_WINDOW_ERROR);
	return cl_store_error(p->s->store) == NULL;
}

bool cl_clients_plain(struct cl_session *s, int *status)
{
	const struct cl_options *o = s->options;
	struct plain p = { .s = s, .rrd = o->rrd };
	bool dns = o->rrd ? o->rrd_dns : o->plain_dns;

	if (!o->rrd && o->nplain == 0)
		return false;
	*status = CL_EXIT_FAILED;
	if (!cl_instants_of(s, &p.instants) || p.instants.first_t > p.instants.last_t)
		cl_error(o->inputs[0], "holds no whole step (--step)");
	else if (read_series(&p, cl_proto_names[dns ? CL_PROTO_DNS : CL_PROTO_NTP]) &&
		 (o->rrd || put_numbers(&p)))
		*status = s->status;
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Who decodes which TCP port, DNS apart, and how octets get there. */
#include "dissect/tcp_state.h"

#define GIVEN_MAX 65536u /* octets given at once */

/* Rows as { port, &app }, by port. */
static const struct {
	uint16_t port;
	const struct cl_tcp_app *app;
} apps[] = {
	{ 123, &cl_tls_app },  { 443, &cl_tls_app },  { 853, &cl_tls_app },
	{ 4430, &cl_tls_app }, { 4460, &cl_tls_app },
};

const struct cl_tcp_app *cl_tcp_app_find(uint16_t port)
{
	for (unsigned i = 0; i < sizeof apps / sizeof *apps; i++)
		if (apps[i].port == port)
			return apps[i].app;
	return NULL;
}

void cl_streams_app(struct cl_streams *s, uint16_t port, const struct cl_tcp_app *app)
{
	s->extra.port = port;
	s->extra.app = app;
}

static const struct cl_tcp_app *find(const struct cl_streams *s, uint16_t port)
{
	if (s->extra.app != NULL && s->extra.port == port)
		return s->extra.app;
	return cl_tcp_app_find(port);
}

bool cl_tcp_kind_of(const struct cl_pkt *p, struct cl_tcp_kind *out)
{
	uint16_t sport = p->ev->sport, dport = p->ev->dport;

	out->app = NULL;
	out->dns = cl_tcp_is_dns(p->limits, sport, dport);
	if (out->dns) {
		out->to_service = cl_tcp_is_dns(p->limits, dport, dport);
		return true;
	}
	out->app = find(p->streams, dport);
	out->to_service = out->app != NULL;
	if (out->app == NULL)
		out->app = find(p->streams, sport);
	return out->app != NULL;
}

/* The octets behind `taken` in a row; in place, or put there. */
static bool octets_at(struct cl_tcp_work *w, const struct cl_tcp_part *run, struct cl_cur *out)
{
	uint32_t n = cl_tcp_run(run, GIVEN_MAX);
	uint8_t *line;

	if (n == run->len && (run->block == NULL || w->p->detail == NULL)) {
		*out = cl_cur_make(run->octets, run->kept, run->kept);
		return true;
	}
	line = cl_streams_line(w->s, n);
	if (line == NULL)
		return false;
	n = cl_tcp_gather(run, line, n);
	*out = cl_cur_make(line, n, n);
	if (w->p->detail == NULL || n == 0)
		return true;
	struct cl_span s = cl_detail_keep(w->p->detail, line, n);
	*out = cl_cur_make(s.ptr, n, n);
	return s.ptr != NULL;
}

/* Up to what the capture has cut off; false: it has not. */
static bool pass_cut(struct cl_tcp_work *w, struct cl_tcp_part *taken)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	uint32_t n = 0, at = cl_tcp_end(taken);

	for (const struct cl_tcp_part *p = taken->next; p != NULL && p->frame != NULL && p->seq == at;
	     p = p->next) {
		n += p->len;
		at += p->len;
		if (p->kept < p->len) {
			cl_tcp_consume(&w->s->pool, side, taken, n);
			side->gap = true;
			return true;
		}
	}
	return false;
}

/* Gives on what is there once; false: nothing more to do. */
static bool give(struct cl_tcp_work *w, struct cl_tcp_part *taken)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_tcp_part *run = taken->next;
	struct cl_cur octets;

	if (run == NULL)
		return false;
	if (run->seq != cl_tcp_end(taken)) {
		if (!cl_tcp_may_skip(w, taken, run, true))
			return false;
		taken->seq = run->seq;
		taken->len = 0;
		side->gap = true;
	}
	if (!octets_at(w, run, &octets))
		return false;
	if (cl_cur_kept(&octets) == 0)
		return pass_cut(w, taken);
	w->p->first_ns = run->frame->time_ns;
	w->p->connection = w->c->number;
	w->p->history = w->c->history;
	uint32_t n = w->c->app->take(w->c->state, w->p, w->dir, octets, side->gap);
	if (n == CL_TCP_ENOUGH) {
		cl_tcp_clear(&w->s->pool, side);
		side->enough = true;
		return false;
	}
	if (n == 0)
		return pass_cut(w, taken);
	side->gap = false;
	cl_tcp_consume(&w->s->pool, side, taken, n < cl_cur_kept(&octets) ? n : cl_cur_kept(&octets));
	return true;
}

void cl_tcp_app(struct cl_tcp_work *w)
{
	struct cl_tcp_side *side = &w->c->side[w->dir];
	struct cl_conn *c = w->c;

	if (c->state == NULL)
		c->state = c->app->open();
	if (c->state == NULL) {
		side->enough = true;
		cl_tcp_clear(&w->s->pool, side);
		return;
	}
	if (side->first->frame != NULL) { /* seen from its middle on */
		if (cl_tcp_taken(&w->s->pool, side, NULL, side->first->seq) == NULL)
			return;
		side->from_start = side->has_start = side->gap = true;
		side->start = side->first->seq;
	}
	while (give(w, side->first)) /* takes an octet or more a turn */
		;
}

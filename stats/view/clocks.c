/* SPDX-License-Identifier: BSD-2-Clause */
/* Timestamps of clients as they come; what is made of them is in clocks_results.c. */
#include "stats/view/clocks.h"

#include <stdlib.h>

#include "stats/view/clocks_state.h"

#define NS_PER_S    INT64_C(1000000000)
#define ECHO_MOST_S 16 /* RFC 5905's MAXDISP: who waits longer does not use it */

struct cl_clocks *cl_clocks_new(const struct cl_clocks_limits *m, uint64_t seed)
{
	struct cl_clocks *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	if (cl_intern_init(&c->clients, sizeof(struct cl_clock_client), sizeof(struct cl_addr), m->clients,
			   seed) &&
	    cl_intern_init(&c->pairs, sizeof(struct cl_clock_pair), sizeof(struct cl_clock_pair_key),
			   m->pairs, seed) &&
	    cl_intern_init(&c->servers, sizeof(struct cl_clock_server), sizeof(struct cl_addr), m->servers,
			   seed) &&
	    cl_arena_init(&c->estimates, sizeof(struct cl_clock_estimate), m->estimates))
		return c;
	cl_clocks_free(c);
	return NULL;
}

static void free_servers(struct cl_clocks *c)
{
	for (size_t i = 0; i < cl_intern_count(&c->servers); i++) {
		struct cl_clock_server *s = cl_intern_at(&c->servers, i);

		cl_signed_free(&s->error);
		cl_signed_free(&s->offset);
		cl_hist_free(&s->delay);
	}
	cl_intern_free(&c->servers);
}

void cl_clocks_free(struct cl_clocks *c)
{
	if (c == NULL)
		return;
	free_servers(c);
	cl_intern_free(&c->clients);
	cl_intern_free(&c->pairs);
	cl_arena_free(&c->estimates);
	cl_signed_free(&c->totals.error);
	cl_signed_free(&c->totals.offset);
	cl_hist_free(&c->totals.offset_abs);
	cl_hist_free(&c->totals.delay);
	free(c->worst);
	free(c->server_order);
	free(c);
}

static void count_sample(struct cl_clock_client *c, const struct cl_event *e)
{
	struct cl_clock_sample one = { .fraction = (uint32_t)e->u.ntp.xmt };
	int64_t time_ns;

	if (!cl_stamp_time(e->u.ntp.xmt, e->time_ns, &time_ns) ||
	    __builtin_sub_overflow(time_ns, e->time_ns, &one.e1_ns))
		return;
	if (c->samples < CL_CLOCKS_ENDS)
		c->first[c->samples] = one;
	c->last[c->samples++ % CL_CLOCKS_LAST] = one;
}

static void take_request(struct cl_clocks *c, const struct cl_event *e, bool answered)
{
	struct cl_clock_client *client = cl_intern_get(&c->clients, &e->src, NULL);

	c->totals.requests++;
	if (client == NULL) {
		c->totals.not_kept++;
		return;
	}
	const bool first = client->requests++ == 0;
	cl_xmt_watch(&client->watch, e->u.ntp.xmt, e->time_ns, first,
		     !first && e->time_ns - client->last_ns >= NS_PER_S);
	client->last_ns = e->time_ns;
	client->answers += answered;
	count_sample(client, e);
}

/* Echoes -------------------------------------------------------------------------- */

static bool in_order(uint64_t a, uint64_t b)
{
	return (int64_t)(b - a) >= 0;
}

/* The four times of an answer that the client received at t4. False: they are no measurement. */
static bool four_times(const struct cl_clock_answer *a, const struct cl_event *next, struct cl_onwire *w)
{
	const uint64_t t4 = next->u.ntp.rec;

	return in_order(a->t1, t4) && in_order(t4, next->u.ntp.xmt) && in_order(a->t2, a->t3) &&
	       (t4 - a->t1) >> 32 < ECHO_MOST_S && cl_stamp_time(a->t1, a->asked_ns, &w->t1) &&
	       cl_stamp_time(a->t2, a->asked_ns, &w->t2) && cl_stamp_time(a->t3, a->asked_ns, &w->t3) &&
	       cl_stamp_time(t4, a->asked_ns, &w->t4);
}

static void measure(struct cl_clocks *c, struct cl_clock_pair *p, const struct cl_clock_answer *a,
		    const struct cl_event *next)
{
	struct cl_clock_estimate *e;
	struct cl_onwire w;

	if (!four_times(a, next, &w)) {
		c->totals.implausible++;
		return;
	}
	if (p->estimate == 0) {
		e = cl_arena_add(&c->estimates);
		if (e == NULL) {
			c->totals.pairs_not_kept++;
			return;
		}
		e->client = p->key.client;
		e->server = p->key.server;
		p->estimate = (uint32_t)c->estimates.count;
	}
	e = cl_arena_at(&c->estimates, p->estimate - 1);
	e->samples++;
	c->totals.samples++;
	const struct cl_filter_sample one = { .time_ns = a->answered_ns,
					      .offset_ns = cl_onwire_offset(&w),
					      .delay_ns = cl_onwire_delay(&w),
					      .dispersion_ns = cl_onwire_dispersion(&w, a->precision) };
	cl_clock_filter_add(&e->filter, &one);
}

static void take_echo(struct cl_clocks *c, struct cl_clock_pair *p, const struct cl_event *e)
{
	const struct cl_ntp *q = &e->u.ntp;

	if (q->org == 0 || q->rec == 0)
		return;
	for (unsigned i = 0; i < CL_CLOCK_ANSWERS; i++) {
		struct cl_clock_answer *a = &p->answer[i];

		if (a->t3 == q->org && a->answered_ns < e->time_ns) {
			measure(c, p, a, e);
			a->t3 = 0; /* each counts once */
			return;
		}
	}
}

static void take_answer(struct cl_clock_pair *p, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event, *r = x->response.event;

	if (q->u.ntp.xmt == 0 || r->u.ntp.rec == 0 || x->interleaved)
		return;
	p->answer[p->next++ % CL_CLOCK_ANSWERS] =
		(struct cl_clock_answer){ .t1 = q->u.ntp.xmt,
					  .t2 = r->u.ntp.rec,
					  .t3 = r->u.ntp.xmt,
					  .asked_ns = q->time_ns,
					  .answered_ns = r->time_ns,
					  .precision = x->response.note->precision };
}

void cl_clocks_take(struct cl_clocks *c, const struct cl_exchange *x)
{
	if (x->kind != CL_X_NTP || x->request.event == NULL)
		return;
	const struct cl_event *q = x->request.event, *r = x->response.event;
	const bool answered = r != NULL && (r->u.ntp.flags & CL_NTP_KOD) == 0;
	const struct cl_clock_pair_key key = { q->src, q->dst };

	take_request(c, q, answered);
	struct cl_clock_pair *p = cl_intern_get(&c->pairs, &key, NULL);
	if (p == NULL) {
		c->totals.pairs_not_kept++;
		return;
	}
	take_echo(c, p, q);
	if (answered)
		take_answer(p, x);
}

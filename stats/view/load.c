/* SPDX-License-Identifier: BSD-2-Clause */
/* Load as it comes; what is made of it is in load_results.c. */
#include "stats/view/load.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/view/load_state.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US 1000
#define US_PER_S  1000000u
#define MINUTE_NS (60 * NS_PER_S)
#define UNLISTED  UINT32_MAX

struct cl_load *cl_load_new(size_t clients, uint64_t seed)
{
	struct cl_load *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->second = INT64_MIN;
	if (cl_intern_init(&l->clients, sizeof(struct cl_load_client), sizeof(struct cl_addr), clients,
			   seed) &&
	    cl_arena_init(&l->bursts, sizeof(struct cl_load_burst), CL_LOAD_BURSTS_MAX) &&
	    cl_kisses_init(&l->kisses, seed))
		return l;
	cl_load_free(l);
	return NULL;
}

void cl_load_free(struct cl_load *l)
{
	if (l == NULL)
		return;
	cl_intern_free(&l->clients);
	cl_arena_free(&l->bursts);
	cl_kisses_free(&l->kisses);
	free(l);
}

/* Bursts ------------------------------------------------------------------------ */

static uint32_t payload_of(const struct cl_event *e)
{
	const uint64_t stamps[3] = { e->u.ntp.org, e->u.ntp.rec, e->u.ntp.xmt };

	return (uint32_t)cl_hash(stamps, sizeof stamps, 1);
}

/* Keeps the time of a request. Whether it is the tenth, or a later one, within a second; gap_ns -1: it is the
 * first of all. */
static bool is_burst(struct cl_load_client *c, int64_t time_ns, int64_t gap_ns)
{
	if (gap_ns < 0 || gap_ns >= NS_PER_S)
		c->recent = 0;
	c->recent_ns[c->recent % CL_LOAD_BURST] = time_ns;
	if (++c->recent == 4 * CL_LOAD_BURST)
		c->recent = 2 * CL_LOAD_BURST;
	return c->recent >= CL_LOAD_BURST && time_ns - c->recent_ns[c->recent % CL_LOAD_BURST] < NS_PER_S;
}

static unsigned ones(uint16_t history)
{
	return (unsigned)__builtin_popcount(history & ((1u << (CL_LOAD_BURST - 1)) - 1));
}

static void begin_burst(struct cl_load *l, struct cl_load_client *c, const struct cl_event *e)
{
	struct cl_load_burst *b = cl_arena_add(&l->bursts);

	l->totals.bursts++;
	l->totals.burst_requests += CL_LOAD_BURST;
	l->totals.burst_clients += !c->has_burst;
	c->has_burst = true;
	if (b == NULL) {
		l->totals.bursts_not_listed++;
		c->burst = UNLISTED;
		return;
	}
	c->burst = (uint32_t)l->bursts.count;
	*b = (struct cl_load_burst){ .client = c->addr,
				     .server = e->dst,
				     .first_ns = c->recent_ns[c->recent % CL_LOAD_BURST],
				     .last_ns = e->time_ns,
				     .requests = CL_LOAD_BURST,
				     .ports = ones(c->other_port),
				     .payloads = ones(c->other_payload) };
}

static void count_burst(struct cl_load *l, struct cl_load_client *c, const struct cl_event *e, int64_t gap_ns)
{
	const uint32_t payload = payload_of(e);
	const bool first = gap_ns < 0;

	c->other_port = (uint16_t)(c->other_port << 1 | (!first && c->port != e->sport));
	c->other_payload = (uint16_t)(c->other_payload << 1 | (!first && c->payload != payload));
	c->port = e->sport;
	c->payload = payload;
	if (!is_burst(c, e->time_ns, gap_ns)) {
		c->burst = 0;
	} else if (c->burst == 0) {
		begin_burst(l, c, e);
	} else {
		l->totals.burst_requests++;
		if (c->burst == UNLISTED)
			return;
		struct cl_load_burst *b = cl_arena_at(&l->bursts, c->burst - 1);
		b->requests++;
		b->last_ns = e->time_ns;
		b->ports += c->other_port & 1u;
		b->payloads += c->other_payload & 1u;
	}
}

/* Requests ------------------------------------------------------------------------ */

void cl_load_end_minute(struct cl_load *l, struct cl_load_client *c)
{
	if (c->minute_asked == 0)
		return;
	l->totals.minutes++;
	if (c->minute_answered < c->minute_asked) {
		l->totals.minutes_short++;
		l->totals.short_requests += c->minute_asked;
		l->totals.short_answered += c->minute_answered;
	}
	c->minute_asked = c->minute_answered = 0;
}

/* A poll event goes on, or another begins: then the time since the start of the one before. */
static int64_t count_event(struct cl_load_client *c, int64_t time_ns, int64_t gap_ns)
{
	int64_t since = -1;

	if (gap_ns < 0 || gap_ns >= CL_PACE_EVENT_NS) {
		since = gap_ns < 0 ? -1 : time_ns - c->event_ns;
		if (gap_ns < 0)
			c->first_event_ns = time_ns;
		c->event_ns = time_ns;
		c->events += c->events < UINT32_MAX;
		c->event_requests = 0;
	}
	c->event_requests += c->event_requests < UINT32_MAX;
	if (c->event_requests > c->event_most)
		c->event_most = c->event_requests;
	return since;
}

static void count_fortune(struct cl_load *l, struct cl_load_client *c, const struct cl_exchange *x)
{
	const int64_t minute = x->request.event->time_ns / MINUTE_NS;
	const bool answered = x->fortune == CL_FORTUNE_MATCHED && x->response.event != NULL;

	c->requests++;
	if (x->fortune == CL_FORTUNE_OPEN_AT_END || x->fortune == CL_FORTUNE_GIVEN_UP) {
		c->open++;
		return;
	}
	c->answered += answered;
	c->kissed += answered && (x->response.event->u.ntp.flags & CL_NTP_KOD) != 0;
	if (c->minute != minute)
		cl_load_end_minute(l, c);
	c->minute = minute;
	c->minute_asked++;
	c->minute_answered += answered;
}

static void count_times(struct cl_load *l, struct cl_load_client *c, const struct cl_event *e, bool first)
{
	/* what comes out of order comes at once */
	const int64_t time_ns = first || e->time_ns > c->last_ns ? e->time_ns : c->last_ns,
		      second = time_ns / NS_PER_S;
	struct cl_gap gap = { .time_ns = time_ns, .request_ns = first ? -1 : time_ns - c->last_ns };

	count_burst(l, c, e, gap.request_ns);
	gap.event_ns = count_event(c, time_ns, gap.request_ns);
	if (!first) {
		cl_pace_add(&c->pace.request, gap.request_ns);
		if (gap.event_ns >= 0)
			cl_pace_add(&c->pace.event, gap.event_ns);
		c->close += gap.request_ns < CL_LOAD_GUARD_NS;
		if (gap.request_ns < c->headway_ns)
			c->headway_ns = gap.request_ns;
		cl_kisses_request(&l->kisses, &c->addr, &gap);
	}
	c->in_second = !first && c->second == second ? c->in_second + 1 : 1;
	c->second = second;
	if (c->in_second > c->peak)
		c->peak = c->in_second;
	c->last_ns = time_ns;
}

/* All requests, those of clients without room too. */
static void count_second(struct cl_load *l, int64_t time_ns)
{
	struct cl_load_totals *t = &l->totals;
	const int64_t second = time_ns / NS_PER_S;

	if (t->requests++ == 0)
		t->first_ns = t->last_ns = time_ns;
	if (time_ns < t->first_ns)
		t->first_ns = time_ns;
	if (time_ns > t->last_ns)
		t->last_ns = time_ns;
	t->second[second >= 0 ? second % 60 : (60 + second % 60) % 60]++;
	l->in_second = l->second == second ? l->in_second + 1 : 1;
	l->second = second;
	if (l->in_second > t->peak) {
		t->peak = l->in_second;
		t->peak_ns = second * NS_PER_S;
	}
}

static const struct cl_pace *take_request(struct cl_load *l, const struct cl_exchange *x)
{
	const struct cl_event *e = x->request.event;
	bool first;

	count_second(l, e->time_ns);
	struct cl_load_client *c = cl_intern_get(&l->clients, &e->src, &first);
	if (c == NULL) {
		l->totals.not_kept++;
		return NULL;
	}
	if (first) {
		c->headway_ns = INT64_MAX;
		c->first_ns = e->time_ns;
	}
	count_times(l, c, e, first);
	count_fortune(l, c, x);
	return &c->pace;
}

void cl_load_take(struct cl_load *l, const struct cl_exchange *x)
{
	const struct cl_event *r = x->response.event;
	const struct cl_pace *pace = NULL;

	if (x->kind != CL_X_NTP)
		return;
	if (x->request.event != NULL)
		pace = take_request(l, x);
	if (r == NULL || (r->u.ntp.flags & CL_NTP_KOD) == 0)
		return;
	if (pace == NULL) {
		const struct cl_load_client *c = cl_intern_find(&l->clients, &r->dst);

		pace = c != NULL ? &c->pace : NULL;
	}
	cl_kisses_add(&l->kisses, &r->dst, &r->src, x->response.note->refid, r->time_ns, pace);
}

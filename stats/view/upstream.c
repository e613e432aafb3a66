/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/upstream.h"

#include <math.h>
#include <stdlib.h>

#define NS_PER_S INT64_C(1000000000)
/* Requests closer than this are one poll (a burst has 2 s between them). */
#define BURST_NS (4 * NS_PER_S)
#define POLL_MIN 1u
#define POLL_MAX 17u

/* Reachability ---------------------------------------------------------------------- */

static void note_gap(struct cl_upstream *u, int64_t ns)
{
	u->gap_ns[u->next_gap] = ns;
	u->next_gap = (u->next_gap + 1) % CL_POLLS_KEPT;
	u->gaps += u->gaps < CL_POLLS_KEPT;
}

static void note_request(struct cl_upstream *u, const struct cl_event *q)
{
	bool first = u->requests == 0;

	if (first || q->time_ns - u->request_ns >= BURST_NS) {
		if (!first)
			note_gap(u, q->time_ns - u->poll_ns);
		u->poll_ns = q->time_ns;
		u->reach = (uint8_t)(u->reach << 1);
		if (!first && u->reach == 0)
			cl_clock_filter_empty(&u->filter, q->time_ns);
	}
	if (u->waiting)
		u->reach_chrony = (uint8_t)(u->reach_chrony << 1);
	u->waiting = true;
	u->requests++;
	u->request_ns = q->time_ns;
	u->mode = q->u.ntp.mode;
	u->stated_poll = q->u.ntp.poll;
}

static void note_reach(struct cl_upstream *u, bool fit)
{
	if (fit)
		u->reach |= 1;
	u->reach_chrony = (uint8_t)(u->reach_chrony << 1 | fit);
	u->waiting = false;
}

/* Samples --------------------------------------------------------------------------- */

static void note_sample(struct cl_upstream *u, const struct cl_onwire *w, int8_t precision)
{
	u->last = (struct cl_filter_sample){ .time_ns = w->t4,
					     .offset_ns = cl_onwire_offset(w),
					     .delay_ns = cl_onwire_delay(w),
					     .dispersion_ns = cl_onwire_dispersion(w, precision) };
	u->samples++;
	cl_clock_filter_add(&u->filter, &u->last);
}

void cl_upstream_take(struct cl_upstream *u, const struct cl_exchange *x)
{
	struct cl_onwire w;

	note_request(u, x->request.event);
	if (x->response.event == NULL) {
		u->unanswered++;
		return;
	}
	struct cl_statement now = cl_statement_of(&x->response);

	u->answers++;
	u->answer_ns = now.time_ns;
	if (cl_is_kiss(now.stratum, now.refid)) {
		u->kisses++;
		return;
	}
	bool fit = cl_statement_is_fit(&now);
	u->said = now;
	note_reach(u, fit);
	if (cl_four_times(&u->before, x, &w) && fit)
		note_sample(u, &w, now.precision);
}

/* Poll ------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

bool cl_upstream_interval(const struct cl_upstream *u, int64_t *ns)
{
	int64_t sorted[CL_POLLS_KEPT];

	if (u->gaps == 0)
		return false;
	for (unsigned i = 0; i < u->gaps; i++)
		sorted[i] = u->gap_ns[i];
	qsort(sorted, u->gaps, sizeof *sorted, by_value);
	*ns = sorted[(u->gaps - 1) / 2];
	return true;
}

bool cl_upstream_poll(const struct cl_upstream *u, int64_t *ns)
{
	int64_t gap;

	if (u->requests > 0 && u->stated_poll >= POLL_MIN && u->stated_poll <= POLL_MAX) {
		*ns = cl_power_time(u->stated_poll);
		return true;
	}
	if (!cl_upstream_interval(u, &gap) || gap <= 0)
		return false;
	*ns = cl_power_time((int)lround(log2((double)gap / (double)NS_PER_S)));
	return true;
}

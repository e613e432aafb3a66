/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "stats/view/load_state.h"

#define NS_PER_S INT64_C(1000000000)

int64_t cl_load_mean(const struct cl_load_client *c)
{
	return c->requests > 1 ? (c->last_ns - c->first_ns) / (int64_t)(c->requests - 1) : -1;
}

bool cl_load_abusive(const struct cl_load_client *c)
{
	return c->requests >= CL_LOAD_ABUSE && cl_load_mean(c) < CL_LOAD_ABUSE_NS;
}

static void add(struct cl_load_group *g, const struct cl_load_client *c)
{
	g->clients++;
	g->requests += c->requests;
}

/* Class of a client by its share of answers; CL_LOAD_RATIOS: nothing is known. */
static unsigned ratio_of(const struct cl_load_client *c)
{
	static const unsigned tenths[] = { 0, 3, 5, 9 };
	const uint64_t asked = c->requests - c->open;
	unsigned k = 0;

	if (asked == 0)
		return CL_LOAD_RATIOS;
	if (c->answered == asked)
		return CL_LOAD_RATIOS - 1;
	while (k < sizeof tenths / sizeof *tenths && c->answered * 10 > tenths[k] * asked)
		k++;
	return k;
}

static void settle(struct cl_load *l)
{
	struct cl_load_totals *t = &l->totals;

	l->settled = true;
	t->clients = cl_intern_count(&l->clients);
	for (size_t i = 0; i < cl_intern_count(&l->clients); i++) {
		struct cl_load_client *c = cl_intern_at(&l->clients, i);
		const unsigned ratio = ratio_of(c);

		cl_load_end_minute(l, c);
		t->answered += c->answered;
		t->kissed += c->kissed;
		t->open += c->open;
		if (cl_load_abusive(c))
			add(&t->abusive, c);
		if (c->close > 0)
			add(&t->guard, c);
		if (c->requests >= CL_LOAD_AVERAGED && cl_load_mean(c) < CL_LOAD_AVERAGE_NS)
			add(&t->average, c);
		if (ratio < CL_LOAD_RATIOS)
			add(&t->ratio[ratio], c);
	}
}

const struct cl_load_totals *cl_load_totals(struct cl_load *l)
{
	if (!l->settled)
		settle(l);
	return &l->totals;
}

const struct cl_kisses *cl_load_kisses(const struct cl_load *l)
{
	return &l->kisses;
}

static int by_size(const void *a, const void *b)
{
	const struct cl_load_burst *p = a, *q = b;

	if (p->requests != q->requests)
		return p->requests < q->requests ? 1 : -1;
	if (p->first_ns != q->first_ns)
		return p->first_ns > q->first_ns ? 1 : -1;
	return cl_addr_cmp(&p->client, &q->client);
}

const struct cl_load_burst *cl_load_bursts(struct cl_load *l, size_t *count)
{
	struct cl_load_burst *list = cl_arena_at(&l->bursts, 0);

	*count = l->bursts.count;
	if (*count > 0)
		qsort(list, *count, sizeof *list, by_size);
	return list;
}

static int by_requests(const void *a, const void *b)
{
	const struct cl_load_client *p = *(const struct cl_load_client *const *)a,
				    *q = *(const struct cl_load_client *const *)b;

	if (p->requests != q->requests)
		return p->requests < q->requests ? 1 : -1;
	return cl_addr_cmp(&p->addr, &q->addr);
}

const struct cl_load_client **cl_load_clients(const struct cl_load *l, bool abusive, size_t *count)
{
	const size_t n = cl_intern_count(&l->clients);
	const struct cl_load_client **list = malloc((n + 1) * sizeof *list);

	*count = 0;
	for (size_t i = 0; list != NULL && i < n; i++) {
		const struct cl_load_client *c = cl_intern_at(&l->clients, i);

		if (!abusive || cl_load_abusive(c))
			list[(*count)++] = c;
	}
	if (*count > 0)
		qsort(list, *count, sizeof *list, by_requests);
	return list;
}

/* Limits -------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The largest power of 2 seconds that is not above, 0 to 6. */
static int power_below(int64_t ns)
{
	int k = 0;

	while (k < 6 && (2 * NS_PER_S << k) <= ns)
		k++;
	return k;
}

static void choose(struct cl_load_limits *o, int64_t *distance, int64_t *most)
{
	const size_t n = o->ordinary, odd = n / 100;

	if (n < CL_LOAD_ORDINARY)
		return;
	qsort(distance, n, sizeof *distance, by_value);
	qsort(most, n, sizeof *most, by_value);
	o->interval = power_below(distance[odd]);
	o->burst = most[n - 1 - odd] > 255 ? 255 : most[n - 1 - odd] > 8 ? (unsigned)most[n - 1 - odd] : 8;
}

bool cl_load_limits(const struct cl_load *l, struct cl_load_limits *o)
{
	const size_t n = cl_intern_count(&l->clients);
	int64_t *distance = malloc((n + 1) * sizeof *distance), *most = malloc((n + 1) * sizeof *most);
	uint64_t abusive = 0, all = 0;

	*o = (struct cl_load_limits){ .interval = 3, .burst = 8, .leak = 2 };
	for (size_t i = 0; distance != NULL && most != NULL && i < n; i++) {
		const struct cl_load_client *c = cl_intern_at(&l->clients, i);

		all += c->requests;
		if (cl_load_abusive(c)) {
			abusive += c->requests;
		} else if (c->events > 1) {
			distance[o->ordinary] = (c->event_ns - c->first_event_ns) / (c->events - 1);
			most[o->ordinary++] = c->event_most;
		}
	}
	const bool ok = distance != NULL && most != NULL;
	if (ok)
		choose(o, distance, most);
	free(distance);
	free(most);
	if (abusive > all / 4)
		o->leak = abusive > all / 2 ? 4 : 3;
	for (size_t i = 0; i < n; i++) {
		const struct cl_load_client *c = cl_intern_at(&l->clients, i);

		if (c->requests > o->burst && cl_load_mean(c) < NS_PER_S << o->interval)
			add(&o->limited, c);
	}
	return ok;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/kisses.h"

#include <stdio.h>
#include <string.h>

#define PAIRS_MAX  (1u << 20)
#define NS_PER_US  1000
#define LEAST_GAPS 2u
#define GONE_NS	   INT64_C(1024000000000) /* the longest poll interval of most clients, 2^10 s */

/* Gaps --------------------------------------------------------------------------- */

static uint32_t microseconds(int64_t gap_ns)
{
	int64_t us = gap_ns / NS_PER_US;

	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void cl_pace_add(struct cl_pace_gaps *g, int64_t gap_ns)
{
	g->us[g->n % CL_PACE_GAPS] = microseconds(gap_ns);
	if (++g->n == UINT32_MAX / CL_PACE_GAPS * CL_PACE_GAPS)
		g->n = CL_PACE_GAPS;
}

void cl_pace_add_first(struct cl_pace_gaps *g, int64_t gap_ns)
{
	if (g->n < CL_PACE_GAPS)
		cl_pace_add(g, gap_ns);
}

int64_t cl_pace_median(const struct cl_pace_gaps *g)
{
	uint32_t sorted[CL_PACE_GAPS];
	unsigned n = g->n < CL_PACE_GAPS ? g->n : CL_PACE_GAPS;

	if (n < LEAST_GAPS)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = i;

		for (; at > 0 && sorted[at - 1] > g->us[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = g->us[i];
	}
	return (int64_t)sorted[(n - 1) / 2] * NS_PER_US;
}

static enum cl_obeyed compare(int64_t before, int64_t after)
{
	if (after * 10 >= before * 18)
		return CL_OBEYED_HONOURS;
	if (after * 10 > before * 12)
		return CL_OBEYED_SLOWER;
	return after * 10 >= before * 8 ? CL_OBEYED_IGNORES : CL_OBEYED_WORSE;
}

static bool stopped(const struct cl_kissed *k, int64_t before_ns, int64_t end_ns)
{
	const int64_t since = end_ns - k->rate_ns;

	return k->requests_after == 0 &&
	       (since >= GONE_NS || (before_ns >= 0 && since >= before_ns / 10 * 18));
}

struct cl_obedience cl_kissed_obeyed(const struct cl_kissed *k, int64_t end_ns)
{
	struct cl_obedience o = { .how = CL_OBEYED_UNKNOWN,
				  .before_ns = cl_pace_median(&k->before.event),
				  .after_ns = cl_pace_median(&k->after.event) };

	if (o.before_ns < 0 || o.after_ns < 0) {
		o.of_requests = true;
		o.before_ns = cl_pace_median(&k->before.request);
		o.after_ns = cl_pace_median(&k->after.request);
	}
	if (k->rate_ns == INT64_MIN)
		return o;
	if (stopped(k, o.before_ns, end_ns))
		o.how = CL_OBEYED_GONE;
	else if (o.before_ns >= 0 && o.after_ns >= 0)
		o.how = compare(o.before_ns, o.after_ns);
	return o;
}

/* Kisses -------------------------------------------------------------------------- */

bool cl_kisses_init(struct cl_kisses *k, uint64_t seed)
{
	return cl_intern_init(&k->clients, sizeof(struct cl_kissed), sizeof(struct cl_addr),
			      CL_KISS_CLIENTS_MAX, seed) &&
	       cl_intern_init(&k->rows, sizeof(struct cl_kiss_row), sizeof(struct cl_kiss_key),
			      CL_KISS_ROWS_MAX, seed) &&
	       cl_intern_init(&k->pairs, 2 * sizeof(uint64_t), 2 * sizeof(uint64_t), PAIRS_MAX, seed);
}

void cl_kisses_free(struct cl_kisses *k)
{
	cl_intern_free(&k->clients);
	cl_intern_free(&k->rows);
	cl_intern_free(&k->pairs);
}

static size_t number(const struct cl_intern *t, const void *record)
{
	return (size_t)((const uint8_t *)record - t->records.base) / t->records.record;
}

static void count(struct cl_kisses *k, struct cl_kissed *c, struct cl_kiss_row *row)
{
	const uint64_t pair[2] = { number(&k->clients, c), number(&k->rows, row) };
	bool added;

	c->kisses++;
	row->kisses++;
	if (cl_intern_get(&k->pairs, pair, &added) != NULL && added)
		row->clients++;
}

void cl_kisses_add(struct cl_kisses *k, const struct cl_addr *client, const struct cl_addr *server,
		   uint32_t code, int64_t time_ns, const struct cl_pace *pace)
{
	const struct cl_kiss_key key = { .server = *server, .code = code };
	bool added;

	k->kisses++;
	struct cl_kissed *c = cl_intern_get(&k->clients, client, &added);
	struct cl_kiss_row *row = c != NULL ? cl_intern_get(&k->rows, &key, NULL) : NULL;
	if (c != NULL && added)
		c->rate_ns = c->refused_ns = INT64_MIN;
	if (row == NULL) {
		k->not_kept++;
		return;
	}
	count(k, c, row);
	if (code == CL_KISS_RATE && c->rate_ns == INT64_MIN) {
		c->rate_ns = time_ns;
		if (pace != NULL)
			c->before = *pace;
	}
	if ((code == CL_KISS_DENY || code == CL_KISS_RSTR) && c->refused_ns == INT64_MIN)
		c->refused_ns = time_ns;
}

void cl_kisses_request(struct cl_kisses *k, const struct cl_addr *client, const struct cl_gap *gap)
{
	struct cl_kissed *c = cl_intern_find(&k->clients, client);

	if (c == NULL)
		return;
	if (c->rate_ns != INT64_MIN) {
		c->requests_after++;
		cl_pace_add_first(&c->after.request, gap->request_ns);
		if (gap->event_ns >= 0)
			cl_pace_add_first(&c->after.event, gap->event_ns);
	}
	c->requests_an_hour_after += c->refused_ns != INT64_MIN && gap->time_ns - c->refused_ns >= CL_HOUR_NS;
}

void cl_kiss_text(uint32_t code, char out[9])
{
	bool printable = true;

	for (unsigned i = 0; i < 4; i++) {
		const uint8_t c = (uint8_t)(code >> (24 - 8 * i));

		printable = printable && c > ' ' && c < 0x7f;
		out[i] = (char)c;
	}
	out[4] = '\0';
	if (!printable)
		snprintf(out, 9, "%08x", (unsigned)code);
}

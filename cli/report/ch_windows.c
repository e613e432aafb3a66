/* SPDX-License-Identifier: BSD-2-Clause */
/* Unique clients in short windows: what a monitor would have read every few minutes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"
#include "cli/view/series.h"

static const struct cl_column window_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Window, s", "window_s", CL_COL_COUNT },
	{ "Instants", "instants", CL_COL_COUNT },
	{ "Median", "median", CL_COL_COUNT },
	{ "Mean", "mean", CL_COL_NUMBER },
	{ "Most", "max", CL_COL_COUNT },
	{ "At", "max_t", CL_COL_TIME },
	{ "Estimated", "estimated", CL_COL_COUNT },
};

static const struct cl_column time_columns[] = {
	{ "Until", "t", CL_COL_TIME },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Window, s", "window_s", CL_COL_COUNT },
	{ "Most clients", "max", CL_COL_COUNT },
	{ "Estimated", "estimated", CL_COL_COUNT },
};

/* Values of one server and window: captured instants alone. */
struct values {
	struct cl_report *r;
	uint32_t *at[CL_WINDOWS_MAX];
	size_t n, room;
	uint32_t most[CL_WINDOWS_MAX];
	int64_t most_t[CL_WINDOWS_MAX];
	size_t unknown;			  /* instants that several sensors saw, without sketches */
	size_t estimated[CL_WINDOWS_MAX]; /* with them */
	/* the table of parts of the time; NULL: none */
	struct cl_doc_table *parts;
	enum cl_proto proto;
	int64_t part_s, begin_s, part_end;
	uint32_t part_most[CL_WINDOWS_MAX];
	size_t part_estimated[CL_WINDOWS_MAX];
	bool part_any;
};

/* Whether all of a window was captured. */
static bool was_captured(const struct cl_report *r, int64_t t, int64_t window_s)
{
	int64_t from_ns = (t - window_s) * 1000000000, to_ns = t * 1000000000;

	for (size_t i = 0; i < r->stretches; i++)
		if (r->stretch[i].from_ns <= from_ns + r->step_s * 1000000000 && r->stretch[i].to_ns >= to_ns)
			return true;
	return false;
}

static bool room_for(struct values *v)
{
	if (v->n < v->room)
		return true;
	v->room = v->room > 0 ? v->room * 2 : 1024;
	for (size_t w = 0; w < CL_WINDOWS_MAX; w++) {
		uint32_t *more = realloc(v->at[w], v->room * sizeof *more);

		if (more == NULL) {
			cl_store_fail(v->r->s->store, CL_ENOMEM);
			return false;
		}
		v->at[w] = more;
	}
	return true;
}

static void end_part(struct values *v)
{
	const struct cl_engine_config *c = &v->r->s->config.engine;

	for (uint32_t w = 0; v->parts != NULL && w < c->windows; w++) {
		cl_doc_time(v->parts, v->part_end * 1000000000);
		cl_doc_text(v->parts, cl_report_proto[v->proto]);
		cl_doc_count(v->parts, (uint64_t)(c->window_ns[w] / 1000000000));
		if (v->part_any)
			cl_doc_count(v->parts, v->part_most[w]);
		else
			cl_doc_null(v->parts);
		cl_doc_count(v->parts, v->part_estimated[w]);
	}
	v->part_end += v->part_s;
	v->part_any = false;
	memset(v->part_most, 0, sizeof v->part_most);
	memset(v->part_estimated, 0, sizeof v->part_estimated);
}

/* A cl_step_fn. */
static void take(void *ctx, const struct cl_step_row *row)
{
	struct values *v = ctx;
	const struct cl_engine_config *c = &v->r->s->config.engine;

	while (row->t > v->part_end)
		end_part(v);
	if (!was_captured(v->r, row->t, v->r->step_s))
		return;
	for (uint32_t w = 0; w < c->windows; w++)
		if (row->unique[w].kind == CL_WINDOW_UNKNOWN) {
			v->unknown++;
			return;
		}
	if (!room_for(v))
		return;
	v->part_any = true;
	for (uint32_t w = 0; w < c->windows; w++) {
		uint32_t n = (uint32_t)row->unique[w].n,
			 estimated = row->unique[w].kind == CL_WINDOW_ESTIMATED;

		v->at[w][v->n] = n;
		if (n > v->most[w] || v->n == 0) {
			v->most[w] = n;
			v->most_t[w] = row->t;
		}
		v->estimated[w] += estimated;
		v->part_estimated[w] += estimated;
		v->part_most[w] = n > v->part_most[w] ? n : v->part_most[w];
	}
	v->n++;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void window_rows(struct cl_report *r, struct cl_doc_table *t, const struct cl_report_subject *u,
			struct values *v)
{
	const struct cl_engine_config *c = &r->s->config.engine;

	for (uint32_t w = 0; v->n > 0 && w < c->windows; w++) {
		double sum = 0;

		for (size_t i = 0; i < v->n; i++)
			sum += v->at[w][i];
		qsort(v->at[w], v->n, sizeof *v->at[w], by_value);
		cl_doc_text(t, u->name);
		cl_doc_text(t, cl_report_proto[u->proto]);
		cl_doc_count(t, (uint64_t)(c->window_ns[w] / 1000000000));
		cl_doc_count(t, v->n);
		cl_doc_count(t, v->at[w][(v->n - 1) / 2]);
		cl_doc_number(t, sum / (double)v->n);
		cl_doc_count(t, v->most[w]);
		cl_doc_time(t, v->most_t[w] * 1000000000);
		cl_doc_count(t, v->estimated[w]);
	}
}

/* What is so of some windows. */
struct inexact {
	bool unknown, estimated;
};

static void subject_rows(struct cl_report *r, struct cl_series *series, struct cl_doc_table *t,
			 struct cl_doc_table *parts, const struct cl_report_subject *u, struct inexact *some)
{
	struct values v = { .r = r,
			    .parts = u->all ? parts : NULL,
			    .proto = u->proto,
			    .part_s = cl_report_part_s(r),
			    .begin_s = cl_report_day_ns(r, 0) / 1000000000 };

	if (u->service_id == 0) {
		some->unknown = true;
		return;
	}
	v.part_end = v.begin_s + v.part_s;
	cl_series_read(series, u->service_id, take, &v);
	while (v.part_end <= cl_report_day_ns(r, r->days) / 1000000000)
		end_part(&v);
	window_rows(r, t, u, &v);
	some->unknown |= v.unknown > 0;
	for (size_t w = 0; w < CL_WINDOWS_MAX; w++) {
		some->estimated |= v.estimated[w] > 0;
		free(v.at[w]);
	}
}

static void say_inexact(struct cl_report *r, const struct inexact *some)
{
	if (some->unknown)
		cl_doc_say(r->d,
			   "Windows of several sensors without sketches of their clients, or of some servers "
			   "together, are not known: clients of different rows may be the same.");
	if (some->estimated)
		cl_doc_say(r->d,
			   "Estimated: that many instants were seen by several sensors. Their clients are "
			   "united from "
			   "sketches, with a standard error of %.2f %%; 19 of 20 numbers are within %.1f %%, "
			   "none is "
			   "below that of the sensor with most, nor above all together.",
			   100 * CL_WINDOW_ERROR, 196 * CL_WINDOW_ERROR);
}

/* The series of a plot: a column for each window, of the parts. */
static void plot_windows(struct cl_report *r, const struct cl_doc_table *parts, enum cl_proto proto)
{
	const struct cl_engine_config *c = &r->s->config.engine;
	int64_t part_s = cl_report_part_s(r);
	char words[32], label[64];

	snprintf(label, sizeof label, "most in %s", cl_report_part_words(r, words));

	for (uint32_t w = 0; w < c->windows; w++) {
		char title[96], window[24];
		int64_t window_s = c->window_ns[w] / 1000000000;

		if (window_s % 60 == 0)
			snprintf(title, sizeof title, "%s: clients in %lld minutes", cl_report_proto[proto],
				 (long long)(window_s / 60));
		else
			snprintf(title, sizeof title, "%s: clients in %lld s", cl_report_proto[proto],
				 (long long)window_s);
		snprintf(window, sizeof window, "%lld", (long long)window_s);
		struct cl_doc_plot *p = cl_doc_plot(r->d, parts,
						    &(struct cl_doc_plot_of){ .title = title,
									      .x_label = "time",
									      .before_s = (double)part_s,
									      .where = 1,
									      .is = cl_report_proto[proto],
									      .where_count = 2,
									      .count = (uint64_t)window_s });
		cl_doc_panel(p, "unique clients", CL_UNIT_NUMBER, false);
		cl_doc_series(p, part_s > r->step_s ? label : "clients", CL_SHAPE_LINE, 3, CL_FOLD_MAX);
	}
}

void cl_report_windows(struct cl_report *r)
{
	struct cl_instants instants;
	struct cl_series series;
	struct inexact some = { .unknown = false };

	if (r->subjects == 0 || r->s->config.engine.windows == 0)
		return;
	cl_doc_chapter(r->d, "windows", "Clients in short windows");
	if (!cl_instants_of(r->s, &instants) || instants.first_t > instants.last_t) {
		cl_doc_say(r->d, "The time captured is shorter than a step of %lld s.", (long long)r->step_s);
		return;
	}
	struct cl_doc_table *t =
		cl_doc_table(r->d, "windows", "Unique clients that a monitor would have read", window_columns,
			     9, CL_DOC_SHOWN);
	struct cl_doc_table *parts =
		cl_doc_table(r->d, "series", "Most clients over the time", time_columns, 5, CL_DOC_FOLDED);
	cl_series_open(&series, r->s, &instants, CL_SERIES_CLIENTS);
	for (size_t i = 0; i < r->subjects; i++)
		if (r->subject[i].n[CL_C_REQUESTS] > 0)
			subject_rows(r, &series, t, parts, &r->subject[i], &some);
	cl_series_close(&series);
	cl_doc_table_sparse(t, 1u << 8);
	cl_doc_table_sparse(parts, 1u << 4);
	say_inexact(r, &some);
	if (cl_doc_rows(t) == 0)
		return;
	for (unsigned p = 0; p < CL_PROTOS; p++)
		plot_windows(r, parts, (enum cl_proto)p);
	cl_doc_say(r->d,
		   "At every multiple of the step of %lld s that was captured, the different clients of the "
		   "window "
		   "before it. A client that asks every 1024 s is in a window of 300 s at 29 %% of them.",
		   (long long)r->step_s);
}

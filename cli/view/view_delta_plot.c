/* SPDX-License-Identifier: BSD-2-Clause */
/* delta --plot and --svg: histogram, series beside the load, and delta against the load, of each server. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/view/delta.h"
#include "cli/view/series.h"
#include "cli/write/timefmt.h"

/* Servers that are drawn: those with the most samples. */
#define SERVERS_MAX 12u
#define NS_PER_S    1e9

/* Columns of a series' points. */
enum { RATE, P50, P99, MAX, COLUMNS };

struct plots {
	struct cl_session *s;
	struct cl_plots *to;
	struct cl_instants instants;
	bool any;
	uint64_t most[SERVERS_MAX]; /* samples of those to be drawn, falling */
	size_t servers;
	uint64_t left_out;
	size_t drawn; /* servers with as many as the last of `most` may be more than there is room */
	struct cl_points *points; /* room for one plot's */
};

/* Which servers --------------------------------------------------------------- */

static void rank(void *ctx, const struct cl_delta_server *v)
{
	struct plots *p = ctx;
	size_t i = p->servers < SERVERS_MAX ? p->servers++ : SERVERS_MAX;

	if (v->delta.n == 0) {
		p->servers -= i < SERVERS_MAX;
		return;
	}
	if (i == SERVERS_MAX) {
		p->left_out++;
		if (v->delta.n <= p->most[--i])
			return;
	}
	for (; i > 0 && p->most[i - 1] < v->delta.n; i--)
		p->most[i] = p->most[i - 1];
	p->most[i] = v->delta.n;
}

static bool is_drawn(struct plots *p, const struct cl_delta_server *v)
{
	return v->delta.n > 0 && v->delta.n >= p->most[p->servers - 1] && p->drawn++ < p->servers;
}

/* Plots ------------------------------------------------------------------------ */

static void draw_histogram(struct plots *p, const struct cl_delta_server *v, const char *of)
{
	static const struct cl_plot_series series[] = { { "exchanges", CL_SHAPE_BAR, 0, 0 } };
	static const struct cl_plot_panel panel = { "exchanges", CL_UNIT_NUMBER, false, series, 1 };
	const struct cl_plot plot = { .title = "How long answers took",
				      .of = of,
				      .x_label = "delta",
				      .x_unit = CL_UNIT_DURATION,
				      .x_log = true,
				      .points = p->points,
				      .panels = &panel,
				      .panel_count = 1 };

	cl_points_hist(p->points, &v->delta);
	cl_plots_put(p->to, &plot);
}

static void add_step(void *ctx, const struct cl_step_row *r)
{
	struct plots *p = ctx;
	double step = (double)p->instants.step_s,
	       values[COLUMNS] = { (double)r->requests / step, NAN, NAN, NAN };

	if (r->delta_n > 0) {
		values[P50] = (double)r->p50_ns / NS_PER_S;
		values[P99] = (double)r->p99_ns / NS_PER_S;
		values[MAX] = (double)r->max_ns / NS_PER_S;
	}
	cl_points_add(p->points, (double)r->t - step, (double)r->t, values);
}

static void draw_series(struct plots *p, const char *of)
{
	static const struct cl_plot_series deltas[] = { { "p50", CL_SHAPE_LINE, P50, 0 },
							{ "p99", CL_SHAPE_LINE, P99, 0 },
							{ "max", CL_SHAPE_LINE, MAX, 0 } };
	static const struct cl_plot_series load[] = { { "requests", CL_SHAPE_BAR, RATE, 0 } };
	static const struct cl_plot_panel panels[] = {
		{ "delta", CL_UNIT_DURATION, true, deltas, 3 },
		{ "requests a second", CL_UNIT_RATE, false, load, 1 },
	};
	const struct cl_plot plot = { .title = "Delta beside the load",
				      .of = of,
				      .note = p->points->rows > 1 ? "Of merged steps: the largest quantiles, "
								    "the mean rate."
								  : NULL,
				      .x_label = "time",
				      .x_unit = CL_UNIT_TIME,
				      .points = p->points,
				      .panels = panels,
				      .panel_count = 2 };

	cl_plots_put(p->to, &plot);
}

static void draw_scatter(struct plots *p, const char *of)
{
	static const struct cl_plot_series deltas[] = { { "p50", CL_SHAPE_DOT, P50, 0 },
							{ "p99", CL_SHAPE_DOT, P99, 0 } };
	static const struct cl_plot_panel panel = { "delta", CL_UNIT_DURATION, true, deltas, 2 };
	const struct cl_plot plot = { .title = "Delta against the load",
				      .of = of,
				      .note = "Each dot is a step.",
				      .x_label = "requests a second",
				      .x_unit = CL_UNIT_RATE,
				      .scatter = true,
				      .x_column = RATE,
				      .own_unit = CL_UNIT_TIME,
				      .points = p->points,
				      .panels = &panel,
				      .panel_count = 1 };

	cl_plots_put(p->to, &plot);
}

static size_t known_points(const struct cl_points *p, size_t column)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += isnan(p->value[column][i]) ? 0 : 1;
	return n;
}

static void draw_server(void *ctx, const struct cl_delta_server *v)
{
	struct plots *p = ctx;
	char text[CL_ADDR_STRLEN], of[CL_ADDR_STRLEN + 320];

	if (!is_drawn(p, v))
		return;
	snprintf(of, sizeof of, "%.300s (%s)", cl_delta_name(p->s, v, text), v->proto);
	draw_histogram(p, v, of);
	*p->points = (struct cl_points){ .columns = COLUMNS,
					 .fold = { [RATE] = CL_FOLD_MEAN,
						   [P50] = CL_FOLD_MAX,
						   [P99] = CL_FOLD_MAX,
						   [MAX] = CL_FOLD_MAX } };
	if (p->any)
		cl_series_each(p->s, &p->instants, v->service_id, CL_SERIES_COUNTS, add_step, p);
	if (known_points(p->points, P50) > 0)
		draw_series(p, of);
	if (known_points(p->points, P50) > 2)
		draw_scatter(p, of);
}

/* The server's clock, with the bound around it --------------------------------- */

static void draw_clock(struct plots *p, const struct cl_split_server *v)
{
	enum { THETA, LOW, HIGH };
	static const struct cl_plot_series series[] = { { "best reading", CL_SHAPE_LINE, THETA, 0 },
							{ "its bound", CL_SHAPE_BAND, HIGH, LOW } };
	static const struct cl_plot_panel panel = { "server - capture, from the median", CL_UNIT_DURATION,
						    false, series, 2 };
	const struct cl_server_clock *c = &v->clock;
	double median = (double)cl_clock_median(c), slot = (double)c->slot_ns / NS_PER_S;
	char text[CL_ADDR_STRLEN], note[CL_TIME_STRLEN + 32], duration[CL_TIME_STRLEN];

	*p->points = (struct cl_points){ .columns = 3 };
	for (size_t i = 0; i < CL_CLOCK_SLOTS; i++) {
		const struct cl_reading *r = &c->slot[i];
		double from = (double)c->first.time_ns / NS_PER_S + (double)i * slot,
		       theta = ((double)r->theta_ns - median) / NS_PER_S,
		       bound = (double)r->bound_ns / NS_PER_S,
		       values[] = { theta, theta - bound, theta + bound }, none[] = { NAN, NAN, NAN };

		if ((double)i * slot <= (double)(c->last_ns - c->first.time_ns) / NS_PER_S)
			cl_points_add(p->points, from, from + slot, r->is_set ? values : none);
	}
	cl_duration_format(duration, (int64_t)median);
	snprintf(note, sizeof note, "The median is %s.", duration);
	const struct cl_plot plot = { .title = "Server's clock against the capture's",
				      .of = cl_session_name(p->s, &v->addr, text),
				      .note = note,
				      .x_label = "time",
				      .x_unit = CL_UNIT_TIME,
				      .points = p->points,
				      .panels = &panel,
				      .panel_count = 1 };
	cl_plots_put(p->to, &plot);
}

static void draw_clocks(struct plots *p)
{
	const struct cl_deltasplit *d = p->s->kept;
	size_t drawn = 0;

	if (d == NULL || (d->splits & CL_SPLIT_BIT(CL_SPLIT_CLOCK)) == 0)
		return;
	for (size_t i = 0; i < d->servers; i++)
		if (d->server[i]->clock.n > 1 && drawn++ < SERVERS_MAX)
			draw_clock(p, d->server[i]);
	if (drawn > SERVERS_MAX)
		cl_warn("plots", "the clocks of %zu servers are not drawn; --server chooses",
			drawn - SERVERS_MAX);
}

void cl_delta_plots(struct cl_session *s, struct cl_plots *to)
{
	struct plots p = { .s = s, .to = to, .points = malloc(sizeof *p.points) };

	if (p.points == NULL) {
		cl_store_fail(s->store, CL_ENOMEM);
		return;
	}
	p.any = cl_instants_of(s, &p.instants);
	cl_delta_each_server(s, rank, &p);
	if (p.servers > 0)
		cl_delta_each_server(s, draw_server, &p);
	draw_clocks(&p);
	if (p.left_out > 0)
		cl_warn("plots", "%llu servers with fewer samples are not drawn; --server chooses",
			(unsigned long long)p.left_out);
	free(p.points);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PLOT_SCALE_H
#define CL_CLI_PLOT_SCALE_H

#include "cli/plot/plot.h"

#define CL_TICKS_MAX   24u
#define CL_TICK_STRLEN 64

/* An axis: its ends, and where numbers stand on it. */
struct cl_scale {
	double low, high; /* low < high */
	bool log;
	enum cl_unit unit;
	double tick[CL_TICKS_MAX]; /* rising, from low to high */
	size_t ticks;
	double step; /* of linear ticks */
};

/**
 * For values from `low` to `high` (log: both above 0; anything else is mended), with at most `want` ticks (2
 * to CL_TICKS_MAX) at round values: 1, 2 or 5 times a power of ten, of times the round parts of days, months
 * and years. `widen`: the ends move out to round values.
 */
struct cl_scale cl_scale_of(enum cl_unit unit, bool log, double low, double high, bool widen, size_t want);

/* Where a value lies: 0 at the low end, 1 at the high one, never outside. */
double cl_scale_place(const struct cl_scale *s, double v);

/* A tick's label, as short as the step allows. */
void cl_tick_label(const struct cl_scale *s, double v, char out[CL_TICK_STRLEN]);

/* A value by itself, with three significant digits; times whole. */
void cl_value_label(enum cl_unit unit, double v, char out[CL_TICK_STRLEN]);

/* What a plot needs to be drawn, by either renderer ---------------------------- */

/* Ends of what is known: of the stretches, of a column, of what a panel shows. False: nothing is. */
bool cl_plot_x_range(const struct cl_plot *plot, double *low, double *high);
bool cl_plot_y_range(const struct cl_plot *plot, const struct cl_plot_panel *panel, double *low,
		     double *high);

/* What the bar of a name reaches: the sum of its stack, or the first series. */
double cl_plot_total(const struct cl_plot *plot, size_t i);

/* Both axes as they are drawn. */
struct cl_scale cl_plot_x_scale(const struct cl_plot *plot, size_t want);
struct cl_scale cl_plot_y_scale(const struct cl_plot *plot, const struct cl_plot_panel *panel, size_t want);

/* Words below the horizontal axis: its label, of times the dates and UTC. */
void cl_plot_x_caption(const struct cl_plot *plot, char *out, size_t size);

/* The shade that a stretch meets, or NULL. */
const struct cl_plot_shade *cl_plot_shade_at(const struct cl_plot *plot, double from, double until);

/* Says what shades mean, if any lies within the axis: "WORDS: ...", `sign` before it. Else empty. */
void cl_plot_shade_words(const struct cl_plot *plot, const char *sign, char *out, size_t size);

/* Says that points were merged; empty if they were not. */
void cl_plot_merged(const struct cl_plot *plot, char *out, size_t size);

#endif

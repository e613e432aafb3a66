/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PLOT_H
#define CL_CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "stats/table/hist.h"

/*
 * Plots: series over a common axis, drawn in a terminal or as SVG. What is drawn is bounded whatever the
 * input: a table of points merges neighbours when it is full.
 */

/* What the numbers of an axis are. */
enum cl_unit {
	CL_UNIT_NUMBER,
	CL_UNIT_DURATION, /* seconds */
	CL_UNIT_TIME,	  /* seconds since 1970, shown in UTC */
	CL_UNIT_RATE,	  /* a second */
	CL_UNIT_SHARE,	  /* 1 is 100 % */
	CL_UNIT_BYTES
};

/* What becomes of the values of neighbours that are merged. What is not known does not take part. */
enum cl_fold {
	CL_FOLD_MAX,
	CL_FOLD_MIN,
	CL_FOLD_SUM,
	CL_FOLD_MEAN /* weighted by the lengths of their stretches */
};

#define CL_PLOT_POINTS	512u /* even */
#define CL_PLOT_COLUMNS 8u
#define CL_PLOT_PANELS	4u

/**
 * Points in the rising order of the axis, each for a stretch of it, with the values of some columns; NAN: not
 * known. Zeroed but for `columns` and `fold` it is empty.
 */
struct cl_points {
	size_t columns; /* in use */
	enum cl_fold fold[CL_PLOT_COLUMNS];
	size_t n;
	uint64_t rows;	  /* merged in each point, the last may have fewer; 0 as 1 */
	uint64_t pending; /* in the last */
	double from[CL_PLOT_POINTS], until[CL_PLOT_POINTS];
	double value[CL_PLOT_COLUMNS][CL_PLOT_POINTS];
};

/* Adds a row of `columns` values behind the others. */
void cl_points_add(struct cl_points *p, double from, double until, const double *values);

/* Makes it the one column of a histogram's counts over seconds, in at most 64 parts. */
void cl_points_hist(struct cl_points *p, const struct cl_hist *h);

enum cl_shape {
	CL_SHAPE_LINE,
	CL_SHAPE_BAND, /* from the column `low` to `column` */
	CL_SHAPE_BAR,
	CL_SHAPE_STACK, /* bars on those of the series before it */
	CL_SHAPE_DOT
};

/* Texts are borrowed, may hold anything, and are escaped where they are drawn. */
struct cl_plot_series {
	const char *label; /* in the legend */
	enum cl_shape shape;
	unsigned column, low;
};

/* Series over one vertical axis. */
struct cl_plot_panel {
	const char *label; /* of the axis, with its unit where numbers do not say it */
	enum cl_unit unit;
	bool log;
	const struct cl_plot_series *series;
	size_t count;
};

/* A stretch of a horizontal axis of time that is not like the rest, and why; texts as above. */
struct cl_plot_shade {
	double from, until; /* seconds since 1970 */
	const char *words;
};

struct cl_plot {
	const char *title;
	const char *of;	  /* whose it is; may be NULL */
	const char *note; /* a line below; may be NULL */
	const char *x_label;
	enum cl_unit x_unit;
	bool x_log;
	/* Of a scatter, its horizontal values are those of a column; own_unit is what stretches are then. */
	bool scatter;
	unsigned x_column;
	enum cl_unit own_unit;
	/* Bars with a name each instead of an axis: as many as points; else NULL. */
	const char *const *names;
	const struct cl_points *points;
	const struct cl_plot_panel *panels; /* one above the other, over one horizontal axis */
	size_t panel_count;		    /* at most CL_PLOT_PANELS; 1 of a scatter and with names */
	const struct cl_plot_shade *shades; /* marked in each panel; where they meet, the first speaks */
	size_t shade_count;
};

/* Terminal -------------------------------------------------------------------- */

#define CL_TERM_MIN 40u
#define CL_TERM_MAX 200u

struct cl_term {
	unsigned width; /* columns, CL_TERM_MIN to CL_TERM_MAX */
	bool utf8, color;
};

/* From COLUMNS or the terminal (80 where neither says it), the locale's names, NO_COLOR and TERM. */
struct cl_term cl_term_of(FILE *out);

/* Draws it. What cannot be written shows in ferror(out). */
void cl_plot_term(FILE *out, const struct cl_plot *plot, const struct cl_term *term);

/* SVG ------------------------------------------------------------------------- */

/* Plots one below the other in one picture. Opaque. */
struct cl_svg;

enum cl_svg_form {
	CL_SVG_FILE,  /* a file of its own */
	CL_SVG_INLINE /* an element for a page that holds cl_svg_style once */
};

/* NULL when memory is short. `title` is borrowed. */
struct cl_svg *cl_svg_new(const char *title);
void cl_svg_add(struct cl_svg *s, const struct cl_plot *plot);

/* False: memory was short, or `out` failed (errno says why). */
bool cl_svg_write(struct cl_svg *s, FILE *out, enum cl_svg_form form);
void cl_svg_free(struct cl_svg *s);

/* The rules of style that pictures need, in light and dark; for a <style> element. */
void cl_svg_style(FILE *out);

#endif

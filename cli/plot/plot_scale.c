/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/plot/plot_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/write/timefmt.h"

#define DAY_S	   86400.0
#define MONTH_S	   (28 * DAY_S)
#define TIME_MAX_S 9.2e9 /* what nanoseconds in 64 bits hold */

/* Ticks ------------------------------------------------------------------------ */

static void add_tick(struct cl_scale *s, double v)
{
	if (s->ticks < CL_TICKS_MAX)
		s->tick[s->ticks++] = v;
}

/* The smallest of 1, 2 and 5 times a power of ten that is not below v. */
static double round_up(double v)
{
	double power = pow(10, floor(log10(v)));

	for (unsigned i = 0; i < 3; i++) {
		static const double steps[] = { 1, 2, 5 };

		if (v <= power * steps[i] * (1 + 1e-9))
			return power * steps[i];
	}
	return power * 10;
}

/* The largest that is not above v. */
static double round_down(double v)
{
	double up = round_up(v);

	return up <= v * (1 + 1e-9) ? up : round_up(up / 2.6);
}

static void linear_ticks(struct cl_scale *s, bool widen, size_t want)
{
	double low, high;

	s->step = round_up((s->high - s->low) / (double)want);
	for (;; s->step = round_up(s->step * 1.5)) {
		low = s->low / s->step;
		high = s->high / s->step;
		low = widen ? floor(low + 1e-9) : ceil(low - 1e-9);
		high = widen ? ceil(high - 1e-9) : floor(high + 1e-9);
		if (high - low < (double)want)
			break;
	}
	if (widen) {
		s->low = low * s->step;
		s->high = high * s->step;
	}
	for (double k = low; k <= high; k++)
		add_tick(s, k * s->step);
}

/* Every `decades`th power of ten between the ends. */
static void power_ticks(struct cl_scale *s, int decades)
{
	int first = (int)ceil(log10(s->low) - 1e-9), last = (int)floor(log10(s->high) + 1e-9);

	for (int k = first; k <= last; k++)
		if (k % decades == 0)
			add_tick(s, pow(10, k));
}

static void log_ticks(struct cl_scale *s, bool widen, size_t want)
{
	size_t all = 0;

	if (widen) {
		s->low = round_down(s->low);
		s->high = round_up(s->high);
		if (s->low >= s->high * (1 - 1e-9)) { /* one value: it stands in the middle */
			s->low = round_down(s->low / 1.01);
			s->high = round_up(s->high * 1.01);
		}
	}
	for (double v = round_up(s->low); v <= s->high * (1 + 1e-9); v = round_up(v * 1.01))
		all++;
	if (all <= want) {
		for (double v = round_up(s->low); v <= s->high * (1 + 1e-9); v = round_up(v * 1.01))
			add_tick(s, v);
		return;
	}
	double decades = log10(s->high / s->low);
	power_ticks(s, decades < (double)want ? 1 : (int)ceil((decades + 1) / (double)want));
}

/* Times ------------------------------------------------------------------------ */

struct month {
	int year, month; /* 0 to 11 */
};

static struct month month_of(double t)
{
	char text[CL_TIME_STRLEN];

	cl_time_format(text, (int64_t)t * INT64_C(1000000000), 0);
	return (struct month){ (int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10) - 1 };
}

static double month_begin(struct month m)
{
	char text[CL_TIME_STRLEN];
	int64_t ns = 0;

	snprintf(text, sizeof text, "%04d-%02d-01", m.year, m.month + 1);
	return cl_time_parse(text, &ns) ? (double)(ns / INT64_C(1000000000)) : INFINITY;
}

static void month_ticks(struct cl_scale *s, size_t want)
{
	static const int steps[] = { 1, 2, 3, 6, 12, 24, 60, 120 };
	int step = 0;

	for (size_t i = 0; step == 0; i++)
		if (i + 1 == sizeof steps / sizeof *steps ||
		    (s->high - s->low) / (30.4 * DAY_S * steps[i]) <= (double)want - 1)
			step = steps[i];
	s->step = step * MONTH_S;
	struct month m = month_of(s->low);
	m.month = m.month / step * step; /* of steps in whole years, 0 */
	for (double t; (t = month_begin(m)) <= s->high && s->ticks < want;) {
		if (t >= s->low)
			add_tick(s, t);
		m.month += step;
		m.year += m.month / 12;
		m.month %= 12;
	}
}

static void time_ticks(struct cl_scale *s, size_t want)
{
	static const double steps[] = { 1,     2,     5,     10,    15,	       30,	  60,
					120,   300,   600,   900,   1800,      3600,	  7200,
					10800, 21600, 43200, DAY_S, 2 * DAY_S, 5 * DAY_S, 7 * DAY_S };
	double span = s->high - s->low;

	if (span < (double)want - 1) { /* parts of a second */
		linear_ticks(s, false, want);
		return;
	}
	s->step = 0;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && s->step <= 0; i++)
		if (span / steps[i] <= (double)want - 1)
			s->step = steps[i];
	if (s->step <= 0) {
		month_ticks(s, want);
		return;
	}
	/* steps of several days count from the first midnight */
	double unit = s->step > DAY_S ? DAY_S : s->step;
	for (double t = ceil(s->low / unit) * unit; t <= s->high; t += s->step)
		add_tick(s, t);
}

/* Scales ----------------------------------------------------------------------- */

struct cl_scale cl_scale_of(enum cl_unit unit, bool log, double low, double high, bool widen, size_t want)
{
	struct cl_scale s = { .low = low, .high = high, .log = log && unit != CL_UNIT_TIME, .unit = unit };

	want = want < 2 ? 2 : want > CL_TICKS_MAX ? CL_TICKS_MAX : want;
	bool far = unit == CL_UNIT_TIME && !(low > -TIME_MAX_S && high < TIME_MAX_S);
	if (!isfinite(low) || !isfinite(high) || high < low || (s.log && low <= 0) || far) {
		s.low = s.log ? 1 : 0;
		s.high = s.log ? 10 : 1;
	}
	if (!s.log && s.high - s.low <= fabs(s.high) * 1e-12)
		s.high = s.low + (s.low != 0 && unit != CL_UNIT_TIME ? fabs(s.low) : 1);
	if (s.log && !widen && s.high <= s.low * (1 + 1e-9)) {
		s.low /= 2;
		s.high *= 2;
	}
	if (unit == CL_UNIT_TIME)
		time_ticks(&s, want);
	else if (s.log)
		log_ticks(&s, widen, want);
	else
		linear_ticks(&s, widen, want);
	return s;
}

double cl_scale_place(const struct cl_scale *s, double v)
{
	double at = s->log ? (v > 0 ? (log(v) - log(s->low)) / (log(s->high) - log(s->low)) : 0)
			   : (v - s->low) / (s->high - s->low);

	return at > 1 ? 1 : at > 0 ? at : 0;
}

/* Labels ----------------------------------------------------------------------- */

/* The value in the largest of the units that leaves 1 or more before the point. */
static void scaled(double v, const char *const *names, const double *sizes, size_t n,
		   char out[CL_TICK_STRLEN])
{
	double size = fabs(v);
	size_t i = 0;

	while (i + 1 < n && size < sizes[i] * (1 - 5e-4))
		i++;
	if (size == 0)
		i = n - 1;
	v /= sizes[i];
	snprintf(out, CL_TICK_STRLEN, fabs(v) < 999.5 || fabs(v) >= 1e9 ? "%.3g%s" : "%.0f%s", v, names[i]);
}

static void duration_label(double v, char out[CL_TICK_STRLEN])
{
	static const char *const names[] = { " s", " ms", " us", " ns" };
	static const double sizes[] = { 1, 1e-3, 1e-6, 1e-9 };

	if (v == 0)
		snprintf(out, CL_TICK_STRLEN, "0 s");
	else
		scaled(v, names, sizes, 4, out);
}

static void number_label(double v, const char *unit, char out[CL_TICK_STRLEN])
{
	static const char *const names[] = { "T", "G", "M", "k", "" };
	static const double sizes[] = { 1e12, 1e9, 1e6, 1e3, 1 };
	char text[CL_TICK_STRLEN];

	scaled(v, names, sizes, 5, text);
	snprintf(out, CL_TICK_STRLEN, "%.40s%s", text, unit);
}

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Nearest nanosecond; times far away end at what can be said. */
static int64_t ns_of(double s)
{
	return s > TIME_MAX_S ? INT64_MAX : s < -TIME_MAX_S ? INT64_MIN : (int64_t)llround(s * 1e9);
}

static void time_label(const struct cl_scale *s, double v, char out[CL_TICK_STRLEN])
{
	char text[CL_TIME_STRLEN];
	int digits = s->step >= 1 ? 0 : s->step >= 1e-3 ? 3 : 6;

	cl_time_format(text, ns_of(round(v * 1e6) / 1e6), digits);
	if (strlen(text) < 20)
		return;
	const char *month = months[(strtol(text + 5, NULL, 10) + 11) % 12];
	if (s->step >= MONTH_S)
		snprintf(out, CL_TICK_STRLEN, "%s %.4s", month, text);
	else if (s->step >= DAY_S || (s->step >= 1 && strncmp(text + 11, "00:00:00", 8) == 0))
		snprintf(out, CL_TICK_STRLEN, "%s %ld", month, strtol(text + 8, NULL, 10));
	else if (s->step >= 60)
		snprintf(out, CL_TICK_STRLEN, "%.5s", text + 11);
	else
		snprintf(out, CL_TICK_STRLEN, "%.*s", digits > 0 ? 9 + digits : 8, text + 11);
}

void cl_tick_label(const struct cl_scale *s, double v, char out[CL_TICK_STRLEN])
{
	if (s->unit == CL_UNIT_TIME) {
		out[0] = '\0';
		time_label(s, v, out);
	} else {
		if (!s->log && fabs(v) < s->step * 1e-6)
			v = 0;
		cl_value_label(s->unit, v, out);
	}
}

void cl_value_label(enum cl_unit unit, double v, char out[CL_TICK_STRLEN])
{
	char text[CL_TIME_STRLEN];

	switch (unit) {
	case CL_UNIT_DURATION:
		duration_label(v, out);
		break;
	case CL_UNIT_TIME:
		cl_time_format(text, ns_of(round(v * 1e6) / 1e6), -1);
		snprintf(out, CL_TICK_STRLEN, "%s", text);
		break;
	case CL_UNIT_RATE:
		number_label(v, "/s", out);
		break;
	case CL_UNIT_SHARE:
		snprintf(out, CL_TICK_STRLEN, "%.3g %%", v * 100);
		break;
	case CL_UNIT_BYTES:
		number_label(v, "B", out);
		break;
	case CL_UNIT_NUMBER:
		number_label(v, "", out);
		break;
	}
}

/* Plots ------------------------------------------------------------------------ */

static void reach(double v, bool log, double *low, double *high, bool *any)
{
	if (!isfinite(v) || (log && v <= 0))
		return;
	*low = *any ? fmin(*low, v) : v;
	*high = *any ? fmax(*high, v) : v;
	*any = true;
}

bool cl_plot_x_range(const struct cl_plot *plot, double *low, double *high)
{
	const struct cl_points *p = plot->points;
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		reach(plot->scatter ? p->value[plot->x_column][i] : p->from[i], plot->x_log, low, high, &any);
		if (!plot->scatter)
			reach(p->until[i], plot->x_log, low, high, &any);
	}
	return any;
}

bool cl_plot_y_range(const struct cl_plot *plot, const struct cl_plot_panel *panel, double *low, double *high)
{
	const struct cl_points *p = plot->points;
	bool any = false, bars = false;

	for (size_t i = 0; i < p->n; i++) {
		double sum = 0;

		for (size_t k = 0; k < panel->count; k++) {
			const struct cl_plot_series *s = &panel->series[k];
			double v = p->value[s->column][i];

			bars |= s->shape == CL_SHAPE_BAR || s->shape == CL_SHAPE_STACK;
			sum += s->shape == CL_SHAPE_STACK && isfinite(v) ? v : 0;
			reach(v, panel->log, low, high, &any);
			if (s->shape == CL_SHAPE_BAND)
				reach(p->value[s->low][i], panel->log, low, high, &any);
			if (s->shape == CL_SHAPE_STACK)
				reach(sum, panel->log, low, high, &any);
		}
	}
	if (any && bars && !panel->log) {
		*low = fmin(*low, 0);
		*high = fmax(*high, 0);
	}
	return any;
}

double cl_plot_total(const struct cl_plot *plot, size_t i)
{
	const struct cl_plot_panel *panel = plot->panels;
	double sum = 0;

	for (size_t k = 0; k < panel->count; k++) {
		double v = plot->points->value[panel->series[k].column][i];

		sum += isfinite(v) && (k == 0 || panel->series[k].shape == CL_SHAPE_STACK) ? v : 0;
	}
	return sum;
}

struct cl_scale cl_plot_x_scale(const struct cl_plot *plot, size_t want)
{
	double low = NAN, high = NAN;

	cl_plot_x_range(plot, &low, &high);
	if (plot->scatter && !plot->x_log && low > 0)
		low = 0;
	return cl_scale_of(plot->x_unit, plot->x_log, low, high, plot->scatter || plot->x_log, want);
}

struct cl_scale cl_plot_y_scale(const struct cl_plot *plot, const struct cl_plot_panel *panel, size_t want)
{
	double low = NAN, high = NAN;

	cl_plot_y_range(plot, panel, &low, &high);
	if (!panel->log && low > 0)
		low = 0;
	return cl_scale_of(panel->unit, panel->log, low, high, true, want);
}

void cl_plot_x_caption(const struct cl_plot *plot, char *out, size_t size)
{
	char from[CL_TICK_STRLEN], to[CL_TICK_STRLEN];
	double low = 0, high = 0;

	snprintf(out, size, "%s", plot->x_label);
	if (plot->x_unit != CL_UNIT_TIME || !cl_plot_x_range(plot, &low, &high))
		return;
	cl_value_label(CL_UNIT_TIME, low, from);
	cl_value_label(CL_UNIT_TIME, high, to);
	if (strncmp(from, to, 10) == 0)
		snprintf(out, size, "%s, %.10s UTC", plot->x_label, from);
	else
		snprintf(out, size, "%s, %.10s to %.10s UTC", plot->x_label, from, to);
}

const struct cl_plot_shade *cl_plot_shade_at(const struct cl_plot *plot, double from, double until)
{
	for (size_t i = 0; i < plot->shade_count; i++)
		if (plot->shades[i].from < until && from < plot->shades[i].until)
			return &plot->shades[i];
	return NULL;
}

void cl_plot_shade_words(const struct cl_plot *plot, const char *sign, char *out, size_t size)
{
	double low = 0, high = 0;

	out[0] = '\0';
	if (plot->x_unit != CL_UNIT_TIME || !cl_plot_x_range(plot, &low, &high))
		return;
	for (size_t i = 0; i < plot->shade_count; i++) {
		const struct cl_plot_shade *x = &plot->shades[i];
		size_t used = strlen(out), before = 0;

		while (before < i && strcmp(plot->shades[before].words, x->words) != 0)
			before++;
		if (before == i && x->from < high && low < x->until)
			snprintf(out + used, size - used, "%s %s", used == 0 ? sign : ";", x->words);
	}
	if (out[0] != '\0')
		snprintf(out + strlen(out), size - strlen(out), ".");
}

void cl_plot_merged(const struct cl_plot *plot, char *out, size_t size)
{
	out[0] = '\0';
	if (plot->points->rows > 1)
		snprintf(out, size, "Each point stands for %llu steps.",
			 (unsigned long long)plot->points->rows);
}

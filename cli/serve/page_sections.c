/* SPDX-License-Identifier: BSD-2-Clause */
/* The figures of the page: the last step, and plots beside their tables. */
#include "cli/serve/page_sections.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/write/timefmt.h"
#include "cli/write/xml.h"

#define NS_PER_S INT64_C(1000000000)

/* Rows of the longest table. */
#define ROWS_MAX 1440u

/* Figures ------------------------------------------------------------------------ */

enum figure { REQUESTS, ANSWERED, WINDOW_0, WINDOW_1, P50, P90, P99, ICMP, LOST, RECEIVED };

struct column {
	const char *label;
	enum cl_recent_proto proto;
	enum figure figure;
};

/* False: not known. Durations in nanoseconds. */
static bool figure_of(const struct cl_recent_step *s, const struct column *c, int64_t *v)
{
	const struct cl_recent_counts *n = &s->of[c->proto];
	bool known = true;

	switch (c->figure) {
	case REQUESTS:
		*v = (int64_t)n->requests;
		break;
	case ANSWERED:
		*v = (int64_t)n->matched;
		break;
	case WINDOW_0:
	case WINDOW_1:
		*v = (int64_t)n->unique[c->figure - WINDOW_0];
		known = n->known[c->figure - WINDOW_0];
		break;
	case P50:
	case P90:
	case P99:
		*v = c->figure == P50 ? n->p50_ns : c->figure == P90 ? n->p90_ns : n->p99_ns;
		known = n->delta_n > 0;
		break;
	case ICMP:
		*v = (int64_t)n->icmp_errors;
		break;
	case LOST:
		*v = (int64_t)s->lost;
		break;
	case RECEIVED:
		*v = (int64_t)s->received;
		break;
	}
	return known;
}

static bool is_duration(const struct column *c)
{
	return c->figure == P50 || c->figure == P90 || c->figure == P99;
}

/* 1,234,567 */
static void parted(int64_t v, char out[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%" PRId64, v), k = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = digits[i];
	}
	out[k] = '\0';
}

/* A number for people and, as its value, exactly for programs. */
static void put_value(FILE *out, bool duration, bool known, int64_t v)
{
	char exact[CL_TIME_STRLEN], text[CL_TIME_STRLEN];

	if (!known) {
		fputs("<td>not known</td>", out);
		return;
	}
	if (duration) {
		cl_seconds_format(exact, v);
		cl_duration_format(text, v);
	} else {
		snprintf(exact, sizeof exact, "%" PRId64, v);
		parted(v, text);
	}
	fprintf(out, "<td><data value=\"%s\">%s</data></td>", exact, text);
}

static void put_time(FILE *out, int64_t t, const char *element)
{
	char text[CL_TIME_STRLEN];

	cl_time_format(text, t * NS_PER_S, 0);
	fprintf(out, "<%s><time datetime=\"%s\">%.10s %.5s</time></%s>", element, text, text, text + 11,
		element);
}

/* Sections ------------------------------------------------------------------------ */

#define COLUMNS_MAX 6u

struct panel {
	const char *label;
	enum cl_unit unit;
	bool log;
	enum cl_shape shape;
	unsigned count;
	struct column column[COLUMNS_MAX];
};

struct section {
	const char *id, *title;
	unsigned panels;
	struct panel panel[2];
};

static const struct section sections[] = {
	{ "requests",
	  "Requests a second",
	  2,
	  { { "NTP requests a second",
	      CL_UNIT_RATE,
	      false,
	      CL_SHAPE_LINE,
	      2,
	      { { "requests", CL_RECENT_NTP, REQUESTS }, { "answered", CL_RECENT_NTP, ANSWERED } } },
	    { "DNS queries a second",
	      CL_UNIT_RATE,
	      false,
	      CL_SHAPE_LINE,
	      2,
	      { { "queries", CL_RECENT_DNS, REQUESTS }, { "answered", CL_RECENT_DNS, ANSWERED } } } } },
	{ "clients",
	  "Unique clients",
	  2,
	  { { "NTP clients",
	      CL_UNIT_NUMBER,
	      false,
	      CL_SHAPE_LINE,
	      2,
	      { { "", CL_RECENT_NTP, WINDOW_0 }, { "", CL_RECENT_NTP, WINDOW_1 } } },
	    { "DNS clients",
	      CL_UNIT_NUMBER,
	      false,
	      CL_SHAPE_LINE,
	      2,
	      { { "", CL_RECENT_DNS, WINDOW_0 }, { "", CL_RECENT_DNS, WINDOW_1 } } } } },
	{ "ntp-delta",
	  "How long NTP answers took",
	  1,
	  { { "delta",
	      CL_UNIT_DURATION,
	      true,
	      CL_SHAPE_LINE,
	      3,
	      { { "p50", CL_RECENT_NTP, P50 },
		{ "p90", CL_RECENT_NTP, P90 },
		{ "p99", CL_RECENT_NTP, P99 } } } } },
	{ "dns-delta",
	  "How long DNS answers took",
	  1,
	  { { "delta",
	      CL_UNIT_DURATION,
	      true,
	      CL_SHAPE_LINE,
	      3,
	      { { "p50", CL_RECENT_DNS, P50 },
		{ "p90", CL_RECENT_DNS, P90 },
		{ "p99", CL_RECENT_DNS, P99 } } } } },
	{ "icmp",
	  "ICMP errors about answers",
	  1,
	  { { "errors",
	      CL_UNIT_NUMBER,
	      false,
	      CL_SHAPE_STACK,
	      2,
	      { { "NTP", CL_RECENT_NTP, ICMP }, { "DNS", CL_RECENT_DNS, ICMP } } } } },
	{ "lost",
	  "Packets lost before they were read",
	  1,
	  { { "packets", CL_UNIT_NUMBER, false, CL_SHAPE_BAR, 1, { { "lost", CL_RECENT_NTP, LOST } } } } },
};

#define SECTIONS (sizeof sections / sizeof *sections)

/* "5 minutes" of the store's windows. */
static const char *window_label(const struct cl_page *p, enum figure figure, char text[32])
{
	int64_t s = p->r.config.engine.window_ns[figure - WINDOW_0] / NS_PER_S;

	if (s % 60 == 0)
		snprintf(text, 32, "%" PRId64 " minutes", s / 60);
	else
		snprintf(text, 32, "%" PRId64 " s", s);
	return text;
}

static bool has_column(const struct cl_page *p, const struct column *c)
{
	if (c->figure == LOST || c->figure == RECEIVED)
		return p->r.ledger;
	if (c->figure == WINDOW_1 && p->r.config.engine.windows < 2)
		return false;
	if (c->figure == WINDOW_0 && p->r.config.engine.windows < 1)
		return false;
	return p->r.has[c->proto];
}

/* A section as this database has it: columns it knows, with their labels. */
struct shown {
	const struct section *of;
	struct column column[2 * COLUMNS_MAX];
	char label[2 * COLUMNS_MAX][48]; /* in tables: "NTP, 5 minutes" */
	char series_label[2 * COLUMNS_MAX][32];
	unsigned panel[2 * COLUMNS_MAX]; /* that it is in */
	unsigned columns;
};

static void show_column(const struct cl_page *p, struct shown *s, unsigned panel, const struct column *c)
{
	unsigned k = s->columns++;
	char window[32];
	const char *label = c->figure == WINDOW_0 || c->figure == WINDOW_1
				    ? window_label(p, c->figure, window)
				    : c->label;

	s->column[k] = *c;
	s->panel[k] = panel;
	snprintf(s->series_label[k], sizeof s->series_label[k], "%s", label);
	if (s->of->panels > 1 || c->figure == ICMP)
		snprintf(s->label[k], sizeof s->label[k], "%s %s", c->proto == CL_RECENT_NTP ? "NTP" : "DNS",
			 c->figure == ICMP ? "errors" : label);
	else
		snprintf(s->label[k], sizeof s->label[k], "%s", label);
}

static void show(const struct cl_page *p, const struct section *of, struct shown *s)
{
	*s = (struct shown){ .of = of };
	for (unsigned i = 0; i < of->panels; i++)
		for (unsigned k = 0; k < of->panel[i].count; k++)
			if (has_column(p, &of->panel[i].column[k]))
				show_column(p, s, i, &of->panel[i].column[k]);
}

/* Plots ----------------------------------------------------------------------------- */

static double plotted(const struct cl_page *p, const struct shown *s, unsigned k,
		      const struct cl_recent_step *step)
{
	enum cl_unit unit = s->of->panel[s->panel[k]].unit;
	int64_t v;

	if (!figure_of(step, &s->column[k], &v))
		return NAN;
	return unit == CL_UNIT_RATE	  ? (double)v / (double)p->r.step_s
	       : unit == CL_UNIT_DURATION ? (double)v / (double)NS_PER_S
					  : (double)v;
}

static void fill_points(struct cl_page *p, const struct shown *s)
{
	*p->points = (struct cl_points){ .columns = s->columns };
	for (unsigned k = 0; k < s->columns; k++)
		p->points->fold[k] = s->of->panel[s->panel[k]].unit == CL_UNIT_RATE ? CL_FOLD_MEAN
				     : s->column[k].figure == ICMP || s->column[k].figure == LOST
					     ? CL_FOLD_SUM
					     : CL_FOLD_MAX;
	for (size_t i = 0; i < p->r.n; i++) {
		double values[CL_PLOT_COLUMNS];

		for (unsigned k = 0; k < s->columns; k++)
			values[k] = plotted(p, s, k, &p->r.step[i]);
		cl_points_add(p->points, (double)(p->r.step[i].t - p->r.step_s), (double)p->r.step[i].t,
			      values);
	}
}

/* False: memory is short. */
static bool put_plot(struct cl_page *p, const struct shown *s)
{
	struct cl_plot_series series[2 * COLUMNS_MAX];
	struct cl_plot_panel panels[2];
	struct cl_plot plot = { .title = s->of->title,
				.x_label = "time",
				.x_unit = CL_UNIT_TIME,
				.points = p->points,
				.panels = panels };
	struct cl_svg *svg = cl_svg_new(s->of->title);
	bool ok;

	if (svg == NULL)
		return false;
	for (unsigned i = 0, k = 0; i < s->of->panels; i++) {
		const struct panel *of = &s->of->panel[i];
		struct cl_plot_panel *to = &panels[plot.panel_count];

		*to = (struct cl_plot_panel){ of->label, of->unit, of->log, &series[k], 0 };
		for (; k < s->columns && s->panel[k] == i; k++, to->count++)
			series[k] = (struct cl_plot_series){
				s->series_label[k],
				of->shape == CL_SHAPE_STACK && to->count == 0 ? CL_SHAPE_BAR : of->shape, k, 0
			};
		plot.panel_count += to->count > 0;
	}
	cl_svg_add(svg, &plot);
	ok = cl_svg_write(svg, p->out, CL_SVG_INLINE);
	cl_svg_free(svg);
	return ok;
}

/* Tables ------------------------------------------------------------------------------ */

static void put_ends(struct cl_page *p, const struct shown *s, unsigned k)
{
	int64_t v = 0, low = 0, high = 0;
	bool any = false, last = false;

	for (size_t i = 0; i < p->r.n; i++) {
		last = figure_of(&p->r.step[i], &s->column[k], &v);
		if (!last)
			continue;
		low = !any || v < low ? v : low;
		high = !any || v > high ? v : high;
		any = true;
	}
	fputs("<tr><th scope=\"row\">", p->out);
	cl_xml_text(p->out, s->label[k]);
	fputs("</th>", p->out);
	put_value(p->out, is_duration(&s->column[k]), last, v);
	put_value(p->out, is_duration(&s->column[k]), any, low);
	put_value(p->out, is_duration(&s->column[k]), any, high);
	fputs("</tr>\n", p->out);
}

static void put_summary(struct cl_page *p, const struct shown *s)
{
	fprintf(p->out,
		"<table class=\"ends\"><caption>%s of each step of %" PRId64 " s</caption>\n"
		"<thead><tr><td></td><th scope=\"col\">last</th><th scope=\"col\">least</th>"
		"<th scope=\"col\">most</th></tr></thead><tbody>\n",
		s->of->panel[0].unit == CL_UNIT_RATE ? "Numbers" : "Figures", p->r.step_s);
	for (unsigned k = 0; k < s->columns; k++)
		put_ends(p, s, k);
	fputs("</tbody></table>\n", p->out);
}

static void put_steps(struct cl_page *p, const struct shown *s)
{
	size_t first = p->r.n > ROWS_MAX ? p->r.n - ROWS_MAX : 0;

	fprintf(p->out,
		"<details><summary>All steps</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"All steps\"><table class=\"steps\" id=\"%s-steps\">\n<thead><tr><th "
		"scope=\"col\">until (UTC)</th>",
		s->of->id);
	for (unsigned k = 0; k < s->columns; k++) {
		fputs("<th scope=\"col\">", p->out);
		cl_xml_text(p->out, s->label[k]);
		fputs("</th>", p->out);
	}
	fputs("</tr></thead><tbody>\n", p->out);
	for (size_t i = p->r.n; i > first; i--) {
		const struct cl_recent_step *step = &p->r.step[i - 1];

		fputs("<tr>", p->out);
		put_time(p->out, step->t, "td");
		for (unsigned k = 0; k < s->columns; k++) {
			int64_t v = 0;
			bool known = figure_of(step, &s->column[k], &v);

			put_value(p->out, is_duration(&s->column[k]), known, v);
		}
		fputs("</tr>\n", p->out);
	}
	fputs("</tbody></table></div></details>\n", p->out);
}

static uint64_t sum_of(const struct cl_page *p, const struct shown *s)
{
	uint64_t sum = 0;
	int64_t v = 0;

	for (size_t i = 0; i < p->r.n; i++)
		for (unsigned k = 0; k < s->columns; k++)
			sum += figure_of(&p->r.step[i], &s->column[k], &v) ? (uint64_t)v : 0;
	return sum;
}

/* Whether a section is there with nothing but zeros, which one line says. */
static const char *nothing_of(const struct cl_page *p, const struct shown *s)
{
	if (strcmp(s->of->id, "lost") == 0 && sum_of(p, s) == 0)
		return "None: the interfaces and the kernel report no loss in this time.";
	if (strcmp(s->of->id, "icmp") == 0 && sum_of(p, s) == 0)
		return "None in this time.";
	return NULL;
}

static bool put_section(struct cl_page *p, const struct section *of)
{
	struct shown s;
	const char *nothing;
	bool ok = true;

	show(p, of, &s);
	if (s.columns == 0)
		return true;
	fprintf(p->out, "<section id=\"%s\"><h2>%s</h2>\n", of->id, of->title);
	nothing = nothing_of(p, &s);
	if (nothing != NULL) {
		fprintf(p->out, "<p>%s</p></section>\n", nothing);
		return true;
	}
	fill_points(p, &s);
	fputs("<div class=\"plot\">\n", p->out);
	ok = put_plot(p, &s);
	fputs("</div><div class=\"beside\">\n", p->out);
	put_summary(p, &s);
	put_steps(p, &s);
	fputs("</div></section>\n", p->out);
	return ok;
}

/* Now ---------------------------------------------------------------------------------- */

static void put_rate(struct cl_page *p, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "%.3g", (double)n / (double)p->r.step_s);
	fprintf(p->out, "<td><data value=\"%.10g\">%s</data></td>", (double)n / (double)p->r.step_s, text);
}

static void put_now_row(struct cl_page *p, const struct cl_recent_step *step, int proto)
{
	const struct cl_recent_counts *n = &step->of[proto];

	fprintf(p->out, "<tr><th scope=\"row\">%s</th>", proto == CL_RECENT_NTP ? "NTP" : "DNS");
	put_rate(p, n->requests);
	put_rate(p, n->matched);
	for (uint32_t w = 0; w < p->r.config.engine.windows && w < 2; w++)
		put_value(p->out, false, n->known[w], (int64_t)n->unique[w]);
	put_value(p->out, true, n->delta_n > 0, n->p50_ns);
	put_value(p->out, true, n->delta_n > 0, n->p99_ns);
	fputs("</tr>\n", p->out);
}

void cl_page_now(struct cl_page *p)
{
	const struct cl_recent_step *step = &p->r.step[p->r.n - 1];
	char text[32], at[CL_TIME_STRLEN];

	cl_time_format(at, step->t * NS_PER_S, 0);
	fprintf(p->out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The last step\"><table "
		"class=\"now\"><caption>The last step that is over, until %.10s %.5s "
		"UTC</caption>\n<thead><tr>"
		"<td></td><th scope=\"col\">requests a second</th><th scope=\"col\">answered a second</th>",
		at, at + 11);
	for (uint32_t w = 0; w < p->r.config.engine.windows && w < 2; w++)
		fprintf(p->out, "<th scope=\"col\">clients in %s</th>",
			window_label(p, w == 0 ? WINDOW_0 : WINDOW_1, text));
	fputs("<th scope=\"col\">delta, median</th><th scope=\"col\">delta, p99</th></tr></thead><tbody>\n",
	      p->out);
	for (int proto = 0; proto < CL_RECENT_PROTOS; proto++)
		if (p->r.has[proto])
			put_now_row(p, step, proto);
	fputs("</tbody></table></div>\n", p->out);
}

bool cl_page_sections(struct cl_page *p)
{
	bool ok = true;

	for (size_t i = 0; ok && i < SECTIONS; i++)
		ok = put_section(p, &sections[i]);
	return ok;
}

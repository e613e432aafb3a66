/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots as SVG 1.1: no script, no font, nothing to be loaded. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot/plot_scale.h"
#include "cli/write/xml.h"

/* Units of the drawing; it is shown at up to 960 pixels and down to 360. */
#define WIDTH	 760.0
#define LEFT	 84.0
#define RIGHT	 24.0
#define INNER	 (WIDTH - LEFT - RIGHT)
#define TOP	 16.0
#define LINE	 28.0 /* of words */
#define PANEL	 150.0
#define TALL	 220.0 /* one alone */
#define BAR_LINE 30.0  /* of bars with names */
#define SERIES	 6u

struct cl_svg {
	const char *title;
	FILE *out; /* the plots, until they are written */
	char *body;
	size_t size;
	double y; /* where the next begins */
	size_t plots;
};

struct drawing {
	struct cl_svg *svg;
	FILE *out;
	const struct cl_plot *plot;
	struct cl_scale x, y;
	double top, height; /* of the panel */
};

/* Text ------------------------------------------------------------------------- */

static void words(struct drawing *d, const char *class, double x, double y, const char *s)
{
	fprintf(d->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	cl_xml_text(d->out, s);
	fputs("</text>\n", d->out);
}

/* Places ----------------------------------------------------------------------- */

static double x_of(const struct drawing *d, double v)
{
	return LEFT + cl_scale_place(&d->x, v) * INNER;
}

static double y_of(const struct drawing *d, double v)
{
	return d->top + d->height * (1 - cl_scale_place(&d->y, v));
}

/* The horizontal value of a point's dot. */
static double across(const struct drawing *d, size_t i)
{
	const struct cl_points *p = d->plot->points;

	return d->plot->scatter ? p->value[d->plot->x_column][i] : p->from[i];
}

static bool shown(const struct drawing *d, double v)
{
	return isfinite(v) && (!d->y.log || v > 0);
}

/* Shapes ----------------------------------------------------------------------- */

/* A value holds for its stretch: lines are level there. */
static void line(struct drawing *d, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = d->plot->points;
	bool pen = false;

	fprintf(d->out, "<path class=\"line s%zu\" d=\"", k % SERIES);
	for (size_t i = 0; i < p->n; i++) {
		double v = p->value[s->column][i];

		if (!shown(d, v)) {
			pen = false;
			continue;
		}
		if (pen && p->from[i] <= p->until[i - 1])
			fprintf(d->out, "V%.1f", y_of(d, v));
		else
			fprintf(d->out, "M%.1f %.1f", x_of(d, p->from[i]), y_of(d, v));
		fprintf(d->out, "H%.1f", x_of(d, p->until[i]));
		pen = true;
	}
	fputs("\"/>\n", d->out);
}

static void band(struct drawing *d, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = d->plot->points;

	fprintf(d->out, "<path class=\"band s%zu\" d=\"", k % SERIES);
	for (size_t i = 0; i < p->n; i++) {
		double low = p->value[s->low][i], high = p->value[s->column][i];

		if (shown(d, low) && shown(d, high))
			fprintf(d->out, "M%.1f %.1fH%.1fV%.1fH%.1fz", x_of(d, p->from[i]), y_of(d, high),
				x_of(d, p->until[i]), y_of(d, low), x_of(d, p->from[i]));
	}
	fputs("\"/>\n", d->out);
}

/* The sum of the stack below series k. */
static double below(const struct drawing *d, const struct cl_plot_panel *panel, size_t k, size_t i)
{
	double sum = 0;

	for (size_t s = 0; s < k; s++) {
		double v = d->plot->points->value[panel->series[s].column][i];

		sum += panel->series[s].shape == CL_SHAPE_STACK && isfinite(v) ? v : 0;
	}
	return sum;
}

static void bars(struct drawing *d, const struct cl_plot_panel *panel, size_t k)
{
	const struct cl_points *p = d->plot->points;
	const struct cl_plot_series *s = &panel->series[k];

	fprintf(d->out, "<path class=\"bar s%zu\" d=\"", k % SERIES);
	for (size_t i = 0; i < p->n; i++) {
		double v = p->value[s->column][i], x = x_of(d, p->from[i]), width = x_of(d, p->until[i]) - x,
		       base = s->shape == CL_SHAPE_STACK ? below(d, panel, k, i) : 0,
		       foot = d->y.log && base <= 0 ? d->top + d->height : y_of(d, base);

		if (!shown(d, v) || v == 0)
			continue;
		double top = y_of(d, base + v);
		if (fabs(foot - top) < 1) /* what is there shows */
			top = foot - 1;
		width = width > 3 ? width - 0.6 : width < 1 ? 1 : width;
		fprintf(d->out, "M%.1f %.1fV%.1fh%.1fV%.1fz", x, foot, top, width, foot);
	}
	fputs("\"/>\n", d->out);
}

static void dots(struct drawing *d, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = d->plot->points;

	fprintf(d->out, "<g class=\"dot s%zu\">\n", k % SERIES);
	for (size_t i = 0; i < p->n; i++) {
		double v = p->value[s->column][i], x = across(d, i);
		char from[CL_TICK_STRLEN], at[CL_TICK_STRLEN], value[CL_TICK_STRLEN];

		if (!shown(d, v) || !isfinite(x))
			continue;
		cl_value_label(d->plot->own_unit, p->from[i], from);
		cl_value_label(d->plot->x_unit, x, at);
		cl_value_label(d->y.unit, v, value);
		fprintf(d->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>", x_of(d, x), y_of(d, v));
		if (d->plot->scatter)
			fprintf(d->out, "%s: ", from);
		fprintf(d->out, "%s, ", at);
		cl_xml_text(d->out, s->label);
		fprintf(d->out, " %s</title></circle>\n", value);
	}
	fputs("</g>\n", d->out);
}

static void shapes(struct drawing *d, const struct cl_plot_panel *panel)
{
	for (size_t k = panel->count; k-- > 0;) {
		const struct cl_plot_series *s = &panel->series[k];

		switch (s->shape) {
		case CL_SHAPE_LINE:
			line(d, s, k);
			break;
		case CL_SHAPE_BAND:
			band(d, s, k);
			break;
		case CL_SHAPE_BAR:
		case CL_SHAPE_STACK:
			bars(d, panel, k);
			break;
		case CL_SHAPE_DOT:
			dots(d, s, k);
			break;
		}
	}
}

/* What is not like the rest lies behind all else. */
static void shades(struct drawing *d)
{
	for (size_t i = 0; i < d->plot->shade_count; i++) {
		const struct cl_plot_shade *shade = &d->plot->shades[i];
		double x = x_of(d, shade->from), width = x_of(d, shade->until) - x;

		if (shade->until <= d->x.low || shade->from >= d->x.high)
			continue;
		fprintf(d->out,
			"<rect class=\"shade\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
			x, d->top, width < 1 ? 1 : width, d->height);
		cl_xml_text(d->out, shade->words);
		fputs("</title></rect>\n", d->out);
	}
}

/* A place for the pointer over each point, that says its values. */
static void hits(struct drawing *d, const struct cl_plot_panel *panel)
{
	const struct cl_points *p = d->plot->points;

	if (d->plot->scatter)
		return;
	fputs("<g class=\"hit\">\n", d->out);
	for (size_t i = 0; i < p->n; i++) {
		double x = x_of(d, p->from[i]), width = x_of(d, p->until[i]) - x;
		char from[CL_TICK_STRLEN], until[CL_TICK_STRLEN], value[CL_TICK_STRLEN];

		cl_value_label(d->plot->x_unit, p->from[i], from);
		cl_value_label(d->plot->x_unit, p->until[i], until);
		fprintf(d->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s to %s",
			x, d->top, width < 0.5 ? 0.5 : width, d->height, from, until);
		for (size_t k = 0; k < panel->count; k++) {
			double v = p->value[panel->series[k].column][i];

			snprintf(value, sizeof value, "not known");
			if (isfinite(v))
				cl_value_label(panel->unit, v, value);
			fputs(k == 0 ? ": " : ", ", d->out);
			cl_xml_text(d->out, panel->series[k].label);
			fprintf(d->out, " %s", value);
		}
		const struct cl_plot_shade *shade = cl_plot_shade_at(d->plot, p->from[i], p->until[i]);
		if (shade != NULL) {
			fputs("; ", d->out);
			cl_xml_text(d->out, shade->words);
		}
		fputs("</title></rect>\n", d->out);
	}
	fputs("</g>\n", d->out);
}

/* Frame ------------------------------------------------------------------------ */

static void y_axis(struct drawing *d)
{
	for (size_t i = 0; i < d->y.ticks; i++) {
		char label[CL_TICK_STRLEN];
		double y = y_of(d, d->y.tick[i]);

		cl_tick_label(&d->y, d->y.tick[i], label);
		fprintf(d->out, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y, WIDTH - RIGHT);
		words(d, "tick end", LEFT - 8, y + 5, label);
	}
}

/* Labels of every second tick are left out where it is narrow. */
static void x_axis(struct drawing *d, bool labels)
{
	double floor = d->top + d->height;

	for (size_t i = 0; i < d->x.ticks; i++) {
		char label[CL_TICK_STRLEN];
		double x = x_of(d, d->x.tick[i]);

		fprintf(d->out, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", x, d->top, floor);
		if (!labels)
			continue;
		cl_tick_label(&d->x, d->x.tick[i], label);
		const char *class = x > WIDTH - 2 * RIGHT ? "tick end" : "tick mid";
		fprintf(d->out, i % 2 == 1 && d->x.ticks > 4 ? "<g class=\"alt\">" : "<g>");
		words(d, class, x > WIDTH - 2 * RIGHT ? WIDTH - 4 : x, floor + 24, label);
		fputs("</g>\n", d->out);
	}
	fprintf(d->out, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, floor, WIDTH - RIGHT);
}

/* What a text takes at most, with the widest letters. */
static double width_of(const char *s)
{
	return 11.5 * (double)strlen(s);
}

static void key(struct drawing *d, const struct cl_plot_series *s, size_t k, double x, double y)
{
	if (s->shape == CL_SHAPE_LINE)
		fprintf(d->out, "<path class=\"line s%zu\" d=\"M%.1f %.1fh24\"/>\n", k % SERIES, x, y - 5);
	else
		fprintf(d->out,
			"<rect class=\"%s s%zu\" x=\"%.1f\" y=\"%.1f\" width=\"24\" height=\"12\"/>\n",
			s->shape == CL_SHAPE_BAND ? "band" : "bar", k % SERIES, x, y - 11);
	words(d, "label", x + 30, y, s->label);
}

/* The axis' words at the left, the series behind them, on as many lines as they need. */
static void legend(struct drawing *d, const struct cl_plot_panel *panel, double left)
{
	double x = left + 30 + width_of(panel->label);

	d->svg->y += LINE;
	words(d, "label", left, d->svg->y - 6, panel->label);
	for (size_t k = 0; panel->count > 1 && k < panel->count; k++) {
		double width = 52 + width_of(panel->series[k].label);

		if (x + width > WIDTH && x > left) {
			d->svg->y += LINE;
			x = left;
		}
		key(d, &panel->series[k], k, x, d->svg->y - 6);
		x += width;
	}
}

static void panel_of(struct drawing *d, const struct cl_plot_panel *panel, bool last)
{
	d->y = cl_plot_y_scale(d->plot, panel, d->plot->panel_count > 1 ? 6 : 7);
	legend(d, panel, LEFT);
	d->top = d->svg->y + 4;
	d->height = d->plot->panel_count > 1 ? PANEL : TALL;
	shades(d);
	y_axis(d);
	x_axis(d, last);
	shapes(d, panel);
	hits(d, panel);
	d->svg->y = d->top + d->height + (last ? 0 : 12);
}

static void small_words(struct drawing *d, const char *s)
{
	d->svg->y += LINE;
	words(d, "label", LEFT, d->svg->y - 4, s);
}

static void put_panels(struct drawing *d)
{
	char caption[256];

	d->x = cl_plot_x_scale(d->plot, 9);
	for (size_t i = 0; i < d->plot->panel_count; i++)
		panel_of(d, &d->plot->panels[i], i + 1 == d->plot->panel_count);
	d->svg->y += 24;
	cl_plot_x_caption(d->plot, caption, sizeof caption);
	small_words(d, caption);
	cl_plot_shade_words(d->plot, "Shaded:", caption, sizeof caption);
	if (caption[0] != '\0')
		small_words(d, caption);
}

/* Bars with names -------------------------------------------------------------- */

#define NAME_LEFT  12
#define NAME_WIDTH (WIDTH * 0.4 - NAME_LEFT - 8)
#define NAME_SIZE  128

/* A name as far as there is room for it before the bars; the bar's title has all of it. */
static const char *name_of(const char *name, char out[NAME_SIZE])
{
	size_t n = strlen(name);

	if (width_of(name) <= NAME_WIDTH)
		return name;
	do {
		n = n < NAME_SIZE - 4 ? n - 1 : NAME_SIZE - 5;
		while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80) /* within a character */
			n--;
		memcpy(out, name, n);
		memcpy(out + n, "\xe2\x80\xa6", 4);
	} while (n > 1 && width_of(out) > NAME_WIDTH);
	return out;
}

static void named_bar(struct drawing *d, size_t i, double highest)
{
	const struct cl_plot_panel *panel = d->plot->panels;
	double sum = 0, y = d->svg->y;
	char value[CL_TICK_STRLEN], name[NAME_SIZE];

	words(d, "tick", NAME_LEFT, y + 20, name_of(d->plot->names[i], name));
	for (size_t k = 0; k < panel->count; k++) {
		double v = d->plot->points->value[panel->series[k].column][i],
		       x = WIDTH * 0.4 + (highest > 0 ? sum / highest : 0) * WIDTH * 0.45;

		if (!isfinite(v) || (k > 0 && panel->series[k].shape != CL_SHAPE_STACK))
			continue;
		cl_value_label(panel->unit, v, value);
		fprintf(d->out,
			"<rect class=\"bar s%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"20\"><title>",
			k % SERIES, x, y + 5,
			highest > 0 ? fmax(v / highest * WIDTH * 0.45, v > 0 ? 1 : 0) : 0);
		cl_xml_text(d->out, d->plot->names[i]);
		fputs(": ", d->out);
		cl_xml_text(d->out, panel->series[k].label);
		fprintf(d->out, " %s</title></rect>\n", value);
		sum += v;
	}
	cl_value_label(panel->unit, sum, value);
	words(d, "tick", WIDTH * 0.4 + (highest > 0 ? sum / highest : 0) * WIDTH * 0.45 + 8, y + 20, value);
	d->svg->y += BAR_LINE;
}

static void put_names(struct drawing *d)
{
	double highest = 0;

	for (size_t i = 0; i < d->plot->points->n; i++)
		highest = fmax(highest, cl_plot_total(d->plot, i));
	legend(d, d->plot->panels, NAME_LEFT);
	for (size_t i = 0; i < d->plot->points->n; i++)
		named_bar(d, i, highest);
}

/* Pictures --------------------------------------------------------------------- */

struct cl_svg *cl_svg_new(const char *title)
{
	struct cl_svg *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->title = title;
	s->out = open_memstream(&s->body, &s->size);
	if (s->out != NULL)
		return s;
	free(s);
	return NULL;
}

/* What a reader who does not see the picture is told: each series' ends. */
static void describe(struct drawing *d)
{
	const struct cl_plot *plot = d->plot;
	char low_text[CL_TICK_STRLEN], high_text[CL_TICK_STRLEN];

	fputs("<g class=\"plot\" role=\"img\" aria-label=\"", d->out);
	cl_xml_text(d->out, plot->title);
	if (plot->of != NULL) {
		fputs(", ", d->out);
		cl_xml_text(d->out, plot->of);
	}
	for (size_t i = 0; i < plot->panel_count; i++) {
		for (size_t k = 0; k < plot->panels[i].count; k++) {
			struct cl_plot_panel one = {
				.unit = plot->panels[i].unit,
				.log = plot->panels[i].log,
				.series = &(
					struct cl_plot_series){ .column = plot->panels[i].series[k].column },
				.count = 1
			};
			double low, high;

			if (!cl_plot_y_range(plot, &one, &low, &high))
				continue;
			cl_value_label(one.unit, low, low_text);
			cl_value_label(one.unit, high, high_text);
			fputs("; ", d->out);
			cl_xml_text(d->out, plot->panels[i].series[k].label);
			fprintf(d->out, " from %s to %s", low_text, high_text);
		}
	}
	fputs("\">\n", d->out);
}

void cl_svg_add(struct cl_svg *s, const struct cl_plot *plot)
{
	struct drawing d = { .svg = s, .out = s->out, .plot = plot };
	char merged[96];

	if (plot->points->n == 0)
		return;
	s->plots++;
	describe(&d);
	s->y += TOP + LINE;
	words(&d, "title", 12, s->y - 4, plot->title);
	if (plot->of != NULL) {
		s->y += LINE;
		words(&d, "of", 12, s->y - 4, plot->of);
	}
	if (plot->names != NULL)
		put_names(&d);
	else
		put_panels(&d);
	cl_plot_merged(plot, merged, sizeof merged);
	if (merged[0] != '\0')
		small_words(&d, merged);
	if (plot->note != NULL)
		small_words(&d, plot->note);
	s->y += TOP;
	fputs("</g>\n", s->out);
}

void cl_svg_style(FILE *out)
{
	static const char light[] = "--bg:#fff;--ink:#1b1f24;--dim:#57606a;--grid:#dfe3e8;--s0:#0b62c4;"
				    "--s1:#c2560c;--s2:#8046c6;--s3:#1a7f37;--s4:#0f7f8c;--s5:#b32d5e";
	static const char dark[] = "--bg:#14181d;--ink:#e6e9ed;--dim:#9aa4af;--grid:#2b323a;--s0:#6cb2ff;"
				   "--s1:#f0964b;--s2:#c79bff;--s3:#5fc97a;--s4:#4ec9d6;--s5:#ff8fb3";

	fprintf(out,
		"svg.cl-plot{%s;display:block;width:min(100%%,960px);height:auto;margin:0 auto;"
		"background:var(--bg);font:15px system-ui,sans-serif;color-scheme:light dark}\n",
		light);
	fprintf(out, "@media screen and (prefers-color-scheme:dark){svg.cl-plot{%s}}\n", dark);
	fputs(".cl-plot .paper{fill:var(--bg)}.cl-plot text{fill:var(--ink)}"
	      ".cl-plot .title{font-size:18px;font-weight:600}.cl-plot .of{font-size:16px}"
	      ".cl-plot .tick,.cl-plot .label{fill:var(--dim);font-variant-numeric:tabular-nums}"
	      ".cl-plot .end{text-anchor:end}.cl-plot .mid{text-anchor:middle}"
	      ".cl-plot .grid{stroke:var(--grid)}.cl-plot .axis{stroke:var(--dim)}\n"
	      ".cl-plot .line{fill:none;stroke:var(--s);stroke-width:2;stroke-linejoin:round;"
	      "stroke-linecap:round}.cl-plot .bar,.cl-plot .dot{fill:var(--s)}"
	      ".cl-plot .shade{fill:var(--dim);fill-opacity:.2}"
	      ".cl-plot .band{fill:var(--s);fill-opacity:.25}.cl-plot .dot{fill-opacity:.55}\n",
	      out);
	for (unsigned i = 0; i < SERIES; i++)
		fprintf(out, ".cl-plot .s%u{--s:var(--s%u)}", i, i);
	fputs("\n.cl-plot .line.s1{stroke-dasharray:7 4}.cl-plot .line.s2{stroke-dasharray:2 4}"
	      ".cl-plot .hit{fill:transparent}.cl-plot .hit rect:hover{fill:var(--ink);fill-opacity:.09}"
	      ".cl-plot circle:hover{fill-opacity:1}\n"
	      "@media (max-width:560px){.cl-plot text{font-size:21px}.cl-plot .title{font-size:25px}"
	      ".cl-plot .of{font-size:22px}.cl-plot .alt{display:none}}\n"
	      "@media print{.cl-plot .plot{break-inside:avoid}}\n",
	      out);
}

bool cl_svg_write(struct cl_svg *s, FILE *out, enum cl_svg_form form)
{
	double height = s->plots > 0 ? s->y : 60;

	if (fflush(s->out) != 0) {
		errno = ENOMEM;
		return false;
	}
	if (form == CL_SVG_FILE)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	fprintf(out,
		"<svg%s class=\"cl-plot\" viewBox=\"0 0 %.0f %.0f\" "
		"width=\"%.0f\" height=\"%.0f\">\n<title>",
		form == CL_SVG_FILE ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", WIDTH, height, WIDTH,
		height);
	cl_xml_text(out, s->title);
	fprintf(out, "</title>\n<desc>%zu plot%s; times are UTC; each point says its values.</desc>\n",
		s->plots, s->plots == 1 ? "" : "s");
	if (form == CL_SVG_FILE) {
		fputs("<style>\n", out);
		cl_svg_style(out);
		fputs("</style>\n", out);
	}
	fprintf(out, "<rect class=\"paper\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	if (s->plots == 0)
		fputs("<text class=\"title\" x=\"12\" y=\"36\">nothing to draw</text>\n", out);
	fwrite(s->body, 1, s->size, out);
	fputs("</svg>\n", out);
	return fflush(out) == 0 && ferror(out) == 0;
}

void cl_svg_free(struct cl_svg *s)
{
	if (s == NULL)
		return;
	fclose(s->out);
	free(s->body);
	free(s);
}

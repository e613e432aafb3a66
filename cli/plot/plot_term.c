/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots in a terminal: a grid of characters a panel, of Unicode blocks or of plain ASCII. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/plot/plot_scale.h"
#include "cli/write/text.h"

#define MARGIN	  10u /* left of the grid: a label, a blank and the axis */
#define SHADE	  "/" /* what is not like the rest, in either kind of terminal */
#define ROWS_ONE  10u
#define ROWS_MANY 7u
#define ROWS_MAX  ROWS_ONE
#define GRID_MAX  (CL_TERM_MAX - MARGIN)
#define COLORS	  6u
#define STACKED	  6u

/* Characters of one kind of terminal. */
struct glyphs {
	const char *line[4], *stack[STACKED], *dot[3], *eighth[8], *band;
	const char *tick, *side, *corner, *floor, *down, *bar;
};

static const struct glyphs blocks = { { "━", "─", "╌", "┈" },
				      { "█", "▓", "▒", "░", "▚", "▖" },
				      { "·", "•", "●" },
				      { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
				      "░",
				      "┤",
				      "│",
				      "└",
				      "─",
				      "┬",
				      "█" };
static const struct glyphs ascii = { { "=", "-", ".", ":" },
				     { "#", "+", "-", ".", "x", "," },
				     { ".", "o", "@" },
				     { "_", "_", ".", ".", ":", ":", "#", "#" },
				     ":",
				     "+",
				     "|",
				     "+",
				     "-",
				     "+",
				     "#" };

struct cell {
	const char *glyph; /* NULL: blank */
	uint8_t color;	   /* of a series */
};

struct canvas {
	FILE *out;
	const struct cl_term *term;
	const struct glyphs *glyphs;
	const struct cl_plot *plot;
	unsigned width, rows;
	struct cl_scale x, y;
	struct cell cell[ROWS_MAX][GRID_MAX]; /* the lowest row first */
};

/* Terminal -------------------------------------------------------------------- */

static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = "";

	for (size_t i = 0; i < 3 && locale[0] == '\0'; i++)
		if (getenv(names[i]) != NULL)
			locale = getenv(names[i]);
	return strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL;
}

struct cl_term cl_term_of(FILE *out)
{
	const char *columns = getenv("COLUMNS"), *no_color = getenv("NO_COLOR"), *name = getenv("TERM");
	unsigned long width = columns != NULL ? strtoul(columns, NULL, 10) : 0;
	struct winsize size;
	int fd = fileno(out);
	bool terminal = fd >= 0 && isatty(fd);

	if (width == 0 && terminal && ioctl(fd, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width == 0)
		width = 80;
	width = width < CL_TERM_MIN ? CL_TERM_MIN : width > CL_TERM_MAX ? CL_TERM_MAX : width;
	return (struct cl_term){ .width = (unsigned)width,
				 .utf8 = is_utf8(),
				 .color = terminal && (no_color == NULL || no_color[0] == '\0') &&
					  name != NULL && strcmp(name, "dumb") != 0 };
}

/* Words ----------------------------------------------------------------------- */

static void put(struct canvas *c, const char *s)
{
	fputs(s, c->out);
}

static void spaces(struct canvas *c, size_t n)
{
	for (; n > 0; n--)
		putc(' ', c->out);
}

/* Writes at most `room` columns of a text, escaped; returns those it took. */
static size_t put_text(struct canvas *c, const char *s, size_t room)
{
	char shown[CL_TEXT_GROWTH * 256 + 1];
	size_t columns, len = strnlen(s, 256);

	do
		cl_text_escape(shown, s, len, &columns);
	while (columns > room && len-- > 0);
	put(c, shown);
	return columns;
}

static void color(struct canvas *c, size_t series)
{
	static const char *const codes[COLORS] = { "\033[34m", "\033[33m", "\033[35m",
						   "\033[32m", "\033[36m", "\033[31m" };

	if (c->term->color)
		put(c, codes[series % COLORS]);
}

static void plain(struct canvas *c)
{
	if (c->term->color)
		put(c, "\033[0m");
}

/* Grid ------------------------------------------------------------------------ */

static unsigned column_of(const struct canvas *c, double x)
{
	unsigned at = (unsigned)(cl_scale_place(&c->x, x) * c->width);

	return at < c->width ? at : c->width - 1;
}

static unsigned row_of(const struct canvas *c, double y)
{
	double above = ceil(cl_scale_place(&c->y, y) * c->rows - 1e-9) - 1; /* where a bar as high ends */

	return above > 0 ? (unsigned)above : 0;
}

static void set(struct canvas *c, unsigned row, unsigned column, const char *glyph, size_t series)
{
	c->cell[row][column] = (struct cell){ glyph, (uint8_t)(series % COLORS) };
}

/* Columns that a point's stretch covers: `*to` is the last. */
static void columns_of(const struct canvas *c, size_t i, unsigned *from, unsigned *to)
{
	const struct cl_points *p = c->plot->points;

	*from = column_of(c, p->from[i]);
	*to = column_of(c, p->until[i]);
	if (*to > *from && cl_scale_place(&c->x, p->until[i]) < 1)
		--*to; /* where the next begins */
}

/* A column of blocks from the height `low` to `high`, in eighths of a row. */
static void fill(struct canvas *c, unsigned column, unsigned low, unsigned high, const char *full,
		 size_t series)
{
	for (unsigned row = low / 8; row < c->rows && row * 8 < high; row++) {
		unsigned top = high - row * 8;

		set(c, row, column,
		    top >= 8		     ? full
		    : full == c->glyphs->bar ? c->glyphs->eighth[top - 1]
					     : full,
		    series);
	}
}

/* A height in eighths of a row; what is there at all shows. */
static unsigned eighths(const struct canvas *c, double v, double base)
{
	unsigned n = (unsigned)lround(cl_scale_place(&c->y, v) * c->rows * 8);

	return n == 0 && v > base ? 1 : n;
}

/* The highest that a stack reaches in each column, up to series k. */
static void draw_bars(struct canvas *c, const struct cl_plot_panel *panel, size_t k)
{
	const struct cl_points *p = c->plot->points;
	bool stack = panel->series[k].shape == CL_SHAPE_STACK;
	double base = panel->log ? 0 : c->y.low > 0 ? c->y.low : 0, highest[GRID_MAX];

	for (unsigned x = 0; x < c->width; x++)
		highest[x] = NAN;
	for (size_t i = 0; i < p->n; i++) {
		unsigned from, to;
		double sum = p->value[panel->series[k].column][i];

		for (size_t s = 0; stack && s < k; s++)
			sum += isnan(p->value[panel->series[s].column][i])
				       ? 0
				       : p->value[panel->series[s].column][i];
		columns_of(c, i, &from, &to);
		for (unsigned x = from; x <= to; x++)
			highest[x] = fmax(highest[x], sum);
	}
	for (unsigned x = 0; x < c->width; x++)
		if (!isnan(highest[x]))
			fill(c, x, 0, eighths(c, highest[x], base),
			     stack ? c->glyphs->stack[k % STACKED] : c->glyphs->bar, k);
}

static void draw_line(struct canvas *c, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = c->plot->points;

	for (size_t i = 0; i < p->n; i++) {
		unsigned from, to;
		double v = p->value[s->column][i];

		if (!isfinite(v) || (c->y.log && v <= 0))
			continue;
		columns_of(c, i, &from, &to);
		for (unsigned x = from; x <= to; x++)
			set(c, row_of(c, v), x, c->glyphs->line[k % 4], k);
	}
}

static void draw_band(struct canvas *c, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = c->plot->points;

	for (size_t i = 0; i < p->n; i++) {
		unsigned from, to;
		double low = p->value[s->low][i], high = p->value[s->column][i];

		if (!isfinite(low) || !isfinite(high))
			continue;
		columns_of(c, i, &from, &to);
		for (unsigned x = from; x <= to; x++)
			for (unsigned row = row_of(c, low); row <= row_of(c, high); row++)
				set(c, row, x, c->glyphs->band, k);
	}
}

/* A heavier dot where more points lie. */
static void draw_dots(struct canvas *c, const struct cl_plot_series *s, size_t k)
{
	const struct cl_points *p = c->plot->points;

	for (size_t i = 0; i < p->n; i++) {
		double x = c->plot->scatter ? p->value[c->plot->x_column][i] : p->from[i],
		       v = p->value[s->column][i];

		if (!isfinite(x) || !isfinite(v) || (c->y.log && v <= 0))
			continue;
		const char *glyph = c->glyphs->dot[0];
		struct cell *cell = &c->cell[row_of(c, v)][column_of(c, x)];
		for (unsigned d = 0; d < 3; d++)
			if (cell->glyph == c->glyphs->dot[d])
				glyph = c->glyphs->dot[d < 2 ? d + 1 : 2];
		*cell = (struct cell){ glyph, (uint8_t)(k % COLORS) };
	}
}

/* What is not like the rest, where nothing else stands. */
static void draw_shades(struct canvas *c)
{
	double width = (c->x.high - c->x.low) / c->width;

	for (unsigned x = 0; x < c->width; x++) {
		double from = c->x.low + x * width;

		if (cl_plot_shade_at(c->plot, from, from + width) == NULL)
			continue;
		for (unsigned row = 0; row < c->rows; row++)
			if (c->cell[row][x].glyph == NULL)
				set(c, row, x, SHADE, 0);
	}
}

/* The first series of a kind lies on top, but a stack's lowest. */
static void draw(struct canvas *c, const struct cl_plot_panel *panel)
{
	memset(c->cell, 0, sizeof c->cell);
	for (size_t k = panel->count; k-- > 0;) {
		const struct cl_plot_series *s = &panel->series[k];

		switch (s->shape) {
		case CL_SHAPE_LINE:
			draw_line(c, s, k);
			break;
		case CL_SHAPE_BAND:
			draw_band(c, s, k);
			break;
		case CL_SHAPE_BAR:
		case CL_SHAPE_STACK:
			draw_bars(c, panel, k);
			break;
		case CL_SHAPE_DOT:
			draw_dots(c, s, k);
			break;
		}
	}
	if (c->plot->shade_count > 0)
		draw_shades(c);
}

/* Frame ----------------------------------------------------------------------- */

static const char *sample(const struct canvas *c, const struct cl_plot_series *s, size_t k)
{
	switch (s->shape) {
	case CL_SHAPE_LINE:
		return c->glyphs->line[k % 4];
	case CL_SHAPE_BAND:
		return c->glyphs->band;
	case CL_SHAPE_STACK:
		return c->glyphs->stack[k % STACKED];
	case CL_SHAPE_BAR:
		return c->glyphs->bar;
	case CL_SHAPE_DOT:
		break;
	}
	return c->glyphs->dot[1];
}

/* The axis' words, and what each series is if there are several. */
static void legend(struct canvas *c, const struct cl_plot_panel *panel)
{
	size_t used = put_text(c, panel->label, c->term->width);

	for (size_t k = 0; panel->count > 1 && k < panel->count; k++) {
		if (used + 6 + strlen(panel->series[k].label) > c->term->width) {
			put(c, "\n");
			used = 0;
		}
		put(c, used > 0 ? "   " : "  ");
		color(c, k);
		put(c, sample(c, &panel->series[k], k));
		plain(c);
		put(c, " ");
		used += 5 + put_text(c, panel->series[k].label, c->term->width - 6);
	}
	put(c, "\n");
}

/* The label of the tick that lies on a row, if one does. */
static void row_label(const struct canvas *c, unsigned row, char out[CL_TICK_STRLEN])
{
	out[0] = '\0';
	for (size_t i = 0; i < c->y.ticks; i++)
		if (row_of(c, c->y.tick[i]) == row)
			cl_tick_label(&c->y, c->y.tick[i], out);
}

static void put_rows(struct canvas *c)
{
	for (unsigned row = c->rows; row-- > 0;) {
		char label[CL_TICK_STRLEN];
		unsigned last = c->width;

		row_label(c, row, label);
		fprintf(c->out, "%8.8s %s", label, label[0] != '\0' ? c->glyphs->tick : c->glyphs->side);
		while (last > 0 && c->cell[row][last - 1].glyph == NULL)
			last--;
		for (unsigned x = 0; x < last; x++) {
			const struct cell *cell = &c->cell[row][x];
			bool begins = x == 0 || cell[-1].glyph == NULL || cell[-1].color != cell->color;
			bool ends = x + 1 == last || cell[1].glyph == NULL || cell[1].color != cell->color;

			if (cell->glyph != NULL && begins)
				color(c, cell->color);
			put(c, cell->glyph != NULL ? cell->glyph : " ");
			if (cell->glyph != NULL && ends)
				plain(c);
		}
		put(c, "\n");
	}
}

static void put_floor(struct canvas *c, bool ticks)
{
	spaces(c, MARGIN - 1);
	put(c, c->glyphs->corner);
	for (unsigned x = 0; x < c->width; x++) {
		bool tick = false;

		for (size_t i = 0; ticks && i < c->x.ticks; i++)
			tick |= column_of(c, c->x.tick[i]) == x;
		put(c, tick ? c->glyphs->down : c->glyphs->floor);
	}
	put(c, "\n");
}

/* Labels below their ticks; one that would meet the one before is left out. */
static void put_x_labels(struct canvas *c)
{
	size_t at = 0;

	for (size_t i = 0; i < c->x.ticks; i++) {
		char label[CL_TICK_STRLEN];

		cl_tick_label(&c->x, c->x.tick[i], label);
		size_t len = strlen(label), middle = MARGIN + column_of(c, c->x.tick[i]),
		       from = middle > len / 2 ? middle - len / 2 : 0;
		if (from + len > c->term->width)
			from = c->term->width - len;
		if (at > 0 && from < at + 1)
			continue;
		spaces(c, from - at);
		put(c, label);
		at = from + len;
	}
	put(c, "\n");
}

static void put_caption(struct canvas *c)
{
	char words[256], merged[96];

	cl_plot_x_caption(c->plot, words, sizeof words);
	cl_plot_merged(c->plot, merged, sizeof merged);
	spaces(c, MARGIN);
	put_text(c, words, c->width);
	put(c, "\n");
	cl_plot_shade_words(c->plot, SHADE, words, sizeof words);
	if (words[0] != '\0') {
		spaces(c, MARGIN);
		fprintf(c->out, "%s\n", words);
	}
	if (merged[0] != '\0')
		fprintf(c->out, "%s\n", merged);
}

static void put_panels(struct canvas *c)
{
	const struct cl_plot *plot = c->plot;

	c->width = c->term->width - MARGIN;
	c->rows = plot->panel_count > 1 ? ROWS_MANY : ROWS_ONE;
	c->x = cl_plot_x_scale(plot, c->width / 8);
	for (size_t i = 0; i < plot->panel_count; i++) {
		c->y = cl_plot_y_scale(plot, &plot->panels[i], c->rows / 2);
		legend(c, &plot->panels[i]);
		draw(c, &plot->panels[i]);
		put_rows(c);
		put_floor(c, i + 1 == plot->panel_count);
	}
	put_x_labels(c);
	put_caption(c);
}

/* Names ----------------------------------------------------------------------- */

/* A bar along the line, in halves where there are such characters. */
static void put_bar(struct canvas *c, size_t i, double highest, unsigned room)
{
	const struct cl_plot_panel *panel = c->plot->panels;
	double sum = 0;
	unsigned at = 0;

	for (size_t k = 0; k < panel->count; k++) {
		double v = c->plot->points->value[panel->series[k].column][i];
		bool stack = panel->series[k].shape == CL_SHAPE_STACK;

		if (!isfinite(v) || (k > 0 && !stack))
			continue;
		sum += v;
		unsigned end = highest > 0 ? (unsigned)lround(sum / highest * room) : 0;
		if (end == at && v > 0 && k == 0)
			end = at + 1;
		color(c, k);
		for (; at < end && at < room; at++)
			put(c, stack ? c->glyphs->stack[k % STACKED] : c->glyphs->bar);
		plain(c);
	}
}

static size_t columns_of_text(const char *s)
{
	char shown[CL_TEXT_GROWTH * 256 + 1];
	size_t columns;

	cl_text_escape(shown, s, strnlen(s, 256), &columns);
	return columns;
}

static void put_names(struct canvas *c)
{
	const struct cl_plot *plot = c->plot;
	size_t label = 0, most = c->term->width / 3;
	double highest = 0;

	for (size_t i = 0; i < plot->points->n; i++) {
		size_t columns = columns_of_text(plot->names[i]);

		label = columns > label ? columns : label;
		highest = fmax(highest, cl_plot_total(plot, i));
	}
	label = label < most ? label : most;
	legend(c, plot->panels);
	for (size_t i = 0; i < plot->points->n; i++) {
		char value[CL_TICK_STRLEN];

		spaces(c, label - put_text(c, plot->names[i], label));
		put(c, " ");
		cl_value_label(plot->panels->unit, cl_plot_total(plot, i), value);
		fprintf(c->out, "%9s ", value);
		put_bar(c, i, highest, c->term->width - (unsigned)label - 12);
		put(c, "\n");
	}
}

void cl_plot_term(FILE *out, const struct cl_plot *plot, const struct cl_term *term)
{
	struct canvas c = { .out = out, .term = term, .glyphs = term->utf8 ? &blocks : &ascii, .plot = plot };

	if (plot->points->n == 0)
		return;
	size_t used = put_text(&c, plot->title, term->width);
	if (plot->of != NULL && used + 2 < term->width) {
		put(&c, ": ");
		put_text(&c, plot->of, term->width - used - 2);
	}
	put(&c, "\n");
	if (plot->names != NULL)
		put_names(&c);
	else
		put_panels(&c);
	if (plot->note != NULL) {
		put_text(&c, plot->note, term->width);
		put(&c, "\n");
	}
}

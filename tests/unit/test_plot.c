/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/plot/plot.h"
#include "tests/unit/test_cmocka.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot/plot_scale.h"
#include "tests/unit/vectors.h"

#define DAY			 1795392000.0 /* 2026-11-23, a Monday */
#define assert_near(a, b, error) assert_true(fabs((a) - (b)) <= (error))

/* Scales ----------------------------------------------------------------------- */

/* The labels of all ticks with a blank between. */
static void labels(const struct cl_scale *s, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->ticks; i++) {
		char label[CL_TICK_STRLEN];

		cl_tick_label(s, s->tick[i], label);
		at += (size_t)snprintf(out + at, size - at, "%s%s", i > 0 ? "|" : "", label);
	}
}

static void test_ticks(void **state)
{
	static const struct {
		enum cl_unit unit;
		bool log;
		double low, high;
		bool widen;
		size_t want;
		const char *labels;
	} cases[] = {
		{ CL_UNIT_NUMBER, false, 0, 97, true, 6, "0|20|40|60|80|100" },
		{ CL_UNIT_NUMBER, false, 0, 100, true, 6, "0|20|40|60|80|100" },
		{ CL_UNIT_NUMBER, false, 0, 0.25, true, 6, "0|0.05|0.1|0.15|0.2|0.25" },
		{ CL_UNIT_NUMBER, false, -3, 8, true, 8, "-4|-2|0|2|4|6|8" },
		{ CL_UNIT_NUMBER, false, 0, 1500000, true, 5, "0|500k|1M|1.5M" },
		{ CL_UNIT_NUMBER, false, 3, 97, false, 6, "20|40|60|80" },
		{ CL_UNIT_RATE, false, 0, 11, true, 4, "0/s|5/s|10/s|15/s" },
		{ CL_UNIT_SHARE, false, 0, 1, true, 6, "0 %|20 %|40 %|60 %|80 %|100 %" },
		{ CL_UNIT_BYTES, false, 0, 4000, true, 5, "0B|1kB|2kB|3kB|4kB" },
		{ CL_UNIT_DURATION, false, 0, 0.003, true, 4, "0 s|1 ms|2 ms|3 ms" },
		{ CL_UNIT_DURATION, true, 35e-6, 1.68e-3, true, 9,
		  "20 us|50 us|100 us|200 us|500 us|1 ms|2 ms" },
		{ CL_UNIT_DURATION, true, 3e-9, 2.5, true, 12,
		  "10 ns|100 ns|1 us|10 us|100 us|1 ms|10 ms|100 ms|1 s" },
		{ CL_UNIT_DURATION, true, 1e-9, 1e3, true, 7, "10 ns|1 us|100 us|10 ms|1 s|100 s" },
		{ CL_UNIT_DURATION, true, 1e-3, 1e-3, true, 9, "500 us|1 ms|2 ms" },
		{ CL_UNIT_TIME, false, DAY, DAY + 86400, false, 9,
		  "Nov 23|03:00|06:00|09:00|12:00|15:00|18:00|21:00|Nov 24" },
		{ CL_UNIT_TIME, false, DAY + 3660, DAY + 6000, false, 9,
		  "01:05|01:10|01:15|01:20|01:25|01:30|01:35|01:40" },
		{ CL_UNIT_TIME, false, DAY + 30, DAY + 70, false, 9,
		  "00:00:30|00:00:35|00:00:40|00:00:45|00:00:50|00:00:55|00:01:00|00:01:05|00:01:10" },
		{ CL_UNIT_TIME, false, DAY + 0.1, DAY + 0.52, false, 5,
		  "00:00:00.100|00:00:00.200|00:00:00.300|00:00:00.400|00:00:00.500" },
		{ CL_UNIT_TIME, false, DAY - 22 * 86400, DAY + 8 * 86400, false, 9,
		  "Nov 1|Nov 6|Nov 11|Nov 16|Nov 21|Nov 26|Dec 1" },
		{ CL_UNIT_TIME, false, DAY - 22 * 86400, DAY + 200 * 86400, false, 9,
		  "Nov 2026|Dec 2026|Jan 2027|Feb 2027|Mar 2027|Apr 2027|May 2027|Jun 2027" },
		{ CL_UNIT_TIME, false, DAY, DAY + 3000 * 86400.0, false, 9,
		  "Jan 2028|Jan 2030|Jan 2032|Jan 2034" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cl_scale s = cl_scale_of(cases[i].unit, cases[i].log, cases[i].low, cases[i].high,
						cases[i].widen, cases[i].want);
		char text[CL_TICKS_MAX * CL_TICK_STRLEN];

		labels(&s, text, sizeof text);
		assert_string_equal(text, cases[i].labels);
	}
}

/* Whatever the ends: as many ticks as wanted at most, rising, within the ends, which hold the values. */
static void test_any_range(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		enum cl_unit unit = (enum cl_unit)(next_random(&seed) % 6);
		bool log = next_random(&seed) % 2 == 0, widen = next_random(&seed) % 2 == 0;
		size_t want = 2 + next_random(&seed) % (CL_TICKS_MAX - 1);
		double low = exp((double)(next_random(&seed) % 6000) / 100 - 30),
		       high = low + low * exp((double)(next_random(&seed) % 3000) / 100 - 12);

		if (unit == CL_UNIT_TIME)
			low = DAY + fmod(low, 1e9), high = low + fmod(high, 1e9);
		struct cl_scale s = cl_scale_of(unit, log, low, high, widen && unit != CL_UNIT_TIME, want);
		assert_true(s.ticks <= want);
		assert_true(s.low <= low * (1 + 1e-9) && s.high >= high * (1 - 1e-9) && s.low < s.high);
		for (size_t k = 0; k < s.ticks; k++) {
			char label[CL_TICK_STRLEN];

			assert_true(s.tick[k] >= s.low * (1 - 1e-9) - s.step * 1e-6);
			assert_true(s.tick[k] <= s.high * (1 + 1e-9) + s.step * 1e-6);
			assert_true(k == 0 || s.tick[k] > s.tick[k - 1]);
			cl_tick_label(&s, s.tick[k], label);
			assert_true(strlen(label) > 0 && strlen(label) < 32);
		}
		double at = cl_scale_place(&s, low + (high - low) / 2);
		assert_true(at >= 0 && at <= 1);
	}
}

static void test_odd_ranges(void **state)
{
	static const double odd[] = { 0, -1, 1, NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e-300, 5 };

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		for (size_t k = 0; k < COUNT(odd); k++) {
			for (unsigned how = 0; how < 24; how++) {
				struct cl_scale s = cl_scale_of((enum cl_unit)(how % 6), how / 6 % 2 == 1,
								odd[i], odd[k], how / 12 == 1, 6);

				assert_true(isfinite(s.low) && isfinite(s.high) && s.low < s.high);
				assert_true(s.ticks <= 6);
				double at = cl_scale_place(&s, odd[i]);
				assert_true(isnan(odd[i]) || (at >= 0 && at <= 1));
			}
		}
	}
}

static void test_place(void **state)
{
	struct cl_scale log = cl_scale_of(CL_UNIT_DURATION, true, 1e-6, 1e-2, true, 9),
			linear = cl_scale_of(CL_UNIT_NUMBER, false, 0, 50, true, 6);

	(void)state;
	assert_near(cl_scale_place(&log, 1e-4), 0.5, 1e-9);
	assert_near(cl_scale_place(&log, 1e-5), 0.25, 1e-9);
	assert_near(cl_scale_place(&log, 0), 0, 0);
	assert_near(cl_scale_place(&log, 1), 1, 0);
	assert_near(cl_scale_place(&linear, 10), 0.2, 1e-9);
}

/* Points ----------------------------------------------------------------------- */

static struct cl_points *points(size_t columns)
{
	struct cl_points *p = calloc(1, sizeof *p);

	assert_non_null(p);
	p->columns = columns;
	return p;
}

/* Merging loses neither sums nor ends, whatever their number. */
static void test_merge(void **state)
{
	static const size_t numbers[] = { 1, 2, 511, 512, 513, 514, 1023, 1024, 1025, 5000, 100000 };

	(void)state;
	for (size_t c = 0; c < COUNT(numbers); c++) {
		struct cl_points *p = points(4);
		double sum = 0, got = 0, most = 0, mean = 0;
		uint64_t seed = c;

		p->fold[0] = CL_FOLD_SUM;
		p->fold[1] = CL_FOLD_MAX;
		p->fold[2] = CL_FOLD_MIN;
		p->fold[3] = CL_FOLD_MEAN;
		for (size_t i = 0; i < numbers[c]; i++) {
			double v = (double)(next_random(&seed) % 1000), values[] = { v, v, v, v };

			sum += v;
			cl_points_add(p, (double)i, (double)i + 1, values);
		}
		assert_true(p->n <= CL_PLOT_POINTS &&
			    (numbers[c] <= CL_PLOT_POINTS || p->n > CL_PLOT_POINTS / 2));
		for (size_t i = 0; i < p->n; i++) {
			got += p->value[0][i];
			most = fmax(most, p->value[1][i]);
			mean += p->value[3][i] * (p->until[i] - p->from[i]);
			assert_true(p->value[2][i] <= p->value[3][i] && p->value[3][i] <= p->value[1][i]);
			assert_true(p->from[i] == (i > 0 ? p->until[i - 1] : 0));
		}
		assert_near(got, sum, 1e-6);
		assert_near(mean, sum, sum * 1e-9);
		assert_true(p->until[p->n - 1] == (double)numbers[c]);
		free(p);
	}
}

/* What is not known takes no part; where nothing is, it stays so. */
static void test_merge_unknown(void **state)
{
	struct cl_points *p = points(1);

	(void)state;
	p->fold[0] = CL_FOLD_MAX;
	for (size_t i = 0; i < 2 * CL_PLOT_POINTS; i++) {
		double v = i % 4 == 1 ? 7 : (double)NAN;

		cl_points_add(p, (double)i, (double)i + 1, &v);
	}
	assert_int_equal(p->n, CL_PLOT_POINTS);
	assert_int_equal(p->rows, 2);
	for (size_t i = 0; i < p->n; i++)
		assert_true(i % 2 == 0 ? p->value[0][i] == 7 : isnan(p->value[0][i]));
	free(p);
}

/* Each part holds the samples that lie in it, by counting them. */
static void test_histogram(void **state)
{
	static int64_t samples[3000];

	(void)state;
	for (unsigned shape = 0; shape < 6; shape++) {
		static const double widths[] = { 0, 0.1, 2, 12, 20, 40 };
		struct cl_points *p = points(1);
		struct cl_hist h = { .n = 0 };
		uint64_t seed = shape;
		double total = 0;

		for (size_t i = 0; i < COUNT(samples); i++) {
			samples[i] = (int64_t)exp(widths[shape] * (double)(next_random(&seed) % 1000) / 1000 +
						  (shape == 5 ? 0 : 8));
			assert_true(cl_hist_add(&h, samples[i]));
		}
		cl_points_hist(p, &h);
		assert_true(p->n >= 1 && p->n <= 64);
		for (size_t k = 0; k < p->n; k++) {
			double n = 0;

			for (size_t i = 0; i < COUNT(samples); i++)
				n += (double)samples[i] / 1e9 >= p->from[k] - 1e-13 &&
						     (double)samples[i] / 1e9 < p->until[k] - 1e-13
					     ? 1
					     : 0;
			assert_near(p->value[0][k], n, 0);
			total += n;
		}
		assert_near(total, (double)COUNT(samples), 0);
		cl_hist_free(&h);
		free(p);
	}
}

/* Terminal --------------------------------------------------------------------- */

static char *text;
static size_t length;

static void draw_term(const struct cl_plot *plot, struct cl_term term)
{
	FILE *f = open_memstream(&text, &length);

	assert_non_null(f);
	cl_plot_term(f, plot, &term);
	fclose(f);
}

static const struct cl_plot_series one_bar[] = { { "n", CL_SHAPE_BAR, 0, 0 } };
static const struct cl_plot_panel bar_panel = { "things", CL_UNIT_NUMBER, false, one_bar, 1 };

/* Drawn by hand: forty columns for four stretches of 10, heights 0 to 40 over ten rows, so that 40 is ten
 * rows, 20 is five and 2 is half a row. Labels stand at the rows nearest to their values. */
static void test_term_bars(void **state)
{
	struct cl_points *p = points(1);
	const struct cl_plot plot = { .title = "Bars",
				      .of = "a\033[31mb",
				      .x_label = "where",
				      .points = p,
				      .panels = &bar_panel,
				      .panel_count = 1 };
	static const double values[] = { 40, 20, 2, 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		cl_points_add(p, (double)i * 10, (double)i * 10 + 10, &values[i]);
	draw_term(&plot, (struct cl_term){ .width = 50 });
	assert_string_equal(text, "Bars: a\\x1B[31mb\n"
				  "things\n"
				  "      40 +##########\n"
				  "         |##########\n"
				  "      30 +##########\n"
				  "         |##########\n"
				  "         |##########\n"
				  "      20 +####################\n"
				  "         |####################\n"
				  "      10 +####################\n"
				  "         |####################\n"
				  "       0 +####################..........\n"
				  "         ++---------+---------+---------+--------+\n"
				  "          0        10        20        30       40\n"
				  "          where\n");
	free(text);
	draw_term(&plot, (struct cl_term){ .width = 50, .utf8 = true });
	assert_non_null(strstr(text, "       0 ┤████████████████████▄▄▄▄▄▄▄▄▄▄\n"));
	assert_null(strchr(text, '\033'));
	free(text);
	draw_term(&plot, (struct cl_term){ .width = 50, .color = true });
	assert_non_null(strstr(text, "\033[34m##########\033[0m\n"));
	free(text);
	free(p);
}

static void test_term_names(void **state)
{
	struct cl_points *p = points(2);
	static const struct cl_plot_series stacked[] = { { "udp", CL_SHAPE_STACK, 0, 0 },
							 { "tcp", CL_SHAPE_STACK, 1, 0 } };
	static const struct cl_plot_panel panel = { "queries", CL_UNIT_NUMBER, false, stacked, 2 };
	static const char *const names[] = { "A", "AAAA", "a name that is far too long to be shown" };
	const struct cl_plot plot = { .title = "Types",
				      .x_label = "",
				      .names = names,
				      .points = p,
				      .panels = &panel,
				      .panel_count = 1 };
	static const double values[][2] = { { 10, 5 }, { 0, 5 }, { 15, 0 } };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		cl_points_add(p, (double)i, (double)i + 1, values[i]);
	draw_term(&plot, (struct cl_term){ .width = 40 });
	/* 15 columns for 15 */
	assert_string_equal(text, "Types\n"
				  "queries   # udp   + tcp\n"
				  "A                    15 ##########+++++\n"
				  "AAAA                  5 +++++\n"
				  "a name that i        15 ###############\n");
	free(text);
	free(p);
}

static void test_term_stack_of_six(void **state)
{
	struct cl_points *p = points(6);
	static const struct cl_plot_series stacked[] = {
		{ "a", CL_SHAPE_STACK, 0, 0 }, { "b", CL_SHAPE_STACK, 1, 0 }, { "c", CL_SHAPE_STACK, 2, 0 },
		{ "d", CL_SHAPE_STACK, 3, 0 }, { "e", CL_SHAPE_STACK, 4, 0 }, { "f", CL_SHAPE_STACK, 5, 0 }
	};
	static const struct cl_plot_panel panel = { "clients", CL_UNIT_NUMBER, false, stacked, 6 };
	static const char *const names[] = { "A" };
	const struct cl_plot plot = {
		.title = "T", .x_label = "", .names = names, .points = p, .panels = &panel, .panel_count = 1
	};
	static const double values[] = { 4, 4, 4, 4, 4, 4 };

	(void)state;
	cl_points_add(p, 0, 1, values);
	draw_term(&plot, (struct cl_term){ .width = 60 });
	/* no two alike */
	assert_non_null(strstr(text, "clients   # a   + b   - c   . d   x e   , f\n"));
	free(text);
	free(p);
}

/* SVG -------------------------------------------------------------------------- */

/* Whether it is well-formed XML of one element, as far as we use XML: no CDATA, no DTD. */
static bool well_formed(const char *s)
{
	char stack[16][16];
	size_t depth = 0, elements = 0;

	if (strncmp(s, "<?xml ", 6) == 0)
		s = strstr(s, "?>") + 2;
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' && *s != '\n')
			return false;
		if (*s == '&' && strncmp(s, "&lt;", 4) != 0 && strncmp(s, "&gt;", 4) != 0 &&
		    strncmp(s, "&amp;", 5) != 0 && strncmp(s, "&quot;", 6) != 0)
			return false;
		if (*s == '>')
			return false;
		if (*s != '<') {
			if (depth == 0 && *s != '\n')
				return false;
			continue;
		}
		bool closes = *++s == '/', quoted = false;
		size_t n = strcspn(s + closes, " />");
		if (n == 0 || n > 15)
			return false;
		if (closes) {
			if (depth == 0 || strlen(stack[--depth]) != n || memcmp(stack[depth], s + 1, n) != 0)
				return false;
		} else if (depth == 16 || (depth == 0 && elements++ > 0)) {
			return false;
		} else {
			memcpy(stack[depth], s, n);
			stack[depth++][n] = '\0';
		}
		for (; *s != '\0' && (quoted || *s != '>'); s++) {
			if (*s == '<')
				return false;
			quoted ^= *s == '"';
		}
		if (*s == '\0')
			return false;
		if (s[-1] == '/')
			depth--;
	}
	return depth == 0 && elements == 1;
}

static void draw_svg(const struct cl_plot *plot, size_t times, enum cl_svg_form form)
{
	struct cl_svg *svg = cl_svg_new("A <title> & \"more\" \x01\xff");
	FILE *f = open_memstream(&text, &length);

	assert_non_null(svg);
	assert_non_null(f);
	for (size_t i = 0; i < times; i++)
		cl_svg_add(svg, plot);
	assert_true(cl_svg_write(svg, f, form));
	fclose(f);
	cl_svg_free(svg);
	assert_true(well_formed(text));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "href"));
	assert_null(strstr(text, "\x01"));
}

static void test_checker(void **state)
{
	(void)state;
	assert_true(well_formed("<a><b c=\"d>\"/>&lt;</a>\n"));
	assert_false(well_formed("<a><b></a>"));
	assert_false(well_formed("<a>&</a>"));
	assert_false(well_formed("<a>\x01</a>"));
	assert_false(well_formed("<a/><b/>"));
	assert_false(well_formed("<a b=\"<\"/>"));
}

/* A bar is as high as its value is on the axis: 220 units for 40, from 0. */
static void test_svg_bars(void **state)
{
	struct cl_points *p = points(1);
	const struct cl_plot plot = { .title = "Bars <b>",
				      .of = "a & b",
				      .note = "\"note\"",
				      .x_label = "where",
				      .points = p,
				      .panels = &bar_panel,
				      .panel_count = 1 };
	static const double values[] = { 40, 20, 0 };
	double x, foot, top, width;
	const char *path;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		cl_points_add(p, (double)i * 10, (double)i * 10 + 10, &values[i]);
	draw_svg(&plot, 1, CL_SVG_FILE);
	path = strstr(text, "<path class=\"bar s0\" d=\"");
	assert_non_null(path);
	path += strlen("<path class=\"bar s0\" d=\"");
	assert_int_equal(sscanf(path, "M%lf %lfV%lfh%lf", &x, &foot, &top, &width), 4);
	assert_near(foot - top, 220, 0.11);
	assert_near(x, 84, 0.11);
	path = strchr(path, 'z') + 1;
	assert_int_equal(sscanf(path, "M%lf %lfV%lfh%lf", &x, &foot, &top, &width), 4);
	assert_near(foot - top, 110, 0.11);
	assert_near(x, 84 + 652.0 / 3, 0.11);
	assert_memory_equal(strchr(path, 'z') + 1, "\"/>", 3); /* of 0 there is no bar */
	assert_non_null(strstr(text, "<title>10 to 20: n 20</title>"));
	assert_non_null(strstr(text, "Bars &lt;b&gt;"));
	assert_non_null(strstr(text, "prefers-color-scheme:dark"));
	free(text);
	draw_svg(&plot, 3, CL_SVG_INLINE);
	assert_null(strstr(text, "<style>"));
	assert_null(strstr(text, "<?xml"));
	free(text);
	free(p);
}

/* Every shape with values that cannot be drawn among others, and with nothing at all. */
static void test_svg_odd(void **state)
{
	static const double odd[] = { 0, -1, 1, NAN, INFINITY, -INFINITY, 1e300, 1e-300, 5, 7 };
	static const enum cl_shape shapes[] = { CL_SHAPE_LINE, CL_SHAPE_BAND, CL_SHAPE_BAR, CL_SHAPE_STACK,
						CL_SHAPE_DOT };

	(void)state;
	for (unsigned how = 0; how < 5 * 2 * 2 * 11; how++) {
		struct cl_points *p = points(3);
		const struct cl_plot_series series[] = { { "<&>", shapes[how % 5], 1, 0 },
							 { "b", shapes[how % 5], 2, 0 } };
		const struct cl_plot_panel panels[] = {
			{ "x", CL_UNIT_DURATION, how / 5 % 2 == 1, series, 2 },
			{ "y", CL_UNIT_RATE, how / 5 % 2 == 0, series, 1 },
		};
		const struct cl_plot plot = { .title = "t",
					      .x_label = "x",
					      .x_unit = how / 10 % 2 == 1 ? CL_UNIT_TIME : CL_UNIT_NUMBER,
					      .x_log = how / 5 % 2 == 1,
					      .scatter = shapes[how % 5] == CL_SHAPE_DOT,
					      .points = p,
					      .panels = panels,
					      .panel_count = shapes[how % 5] == CL_SHAPE_DOT ? 1 : 2 };

		for (size_t i = 0; i < how / 20; i++) {
			const double values[] = { odd[i % 10], odd[(i + how) % 10], odd[(i * 3 + how) % 10] };

			cl_points_add(p, (double)i, (double)i + 1, values);
		}
		draw_svg(&plot, 1, CL_SVG_FILE);
		assert_true((strstr(text, "nothing to draw") != NULL) == (how / 20 == 0));
		free(text);
		for (unsigned k = 0; k < 2; k++) {
			draw_term(&plot, (struct cl_term){ .width = 60, .utf8 = k == 1 });
			for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
				size_t columns = 0;

				for (const char *c = line; *c != '\0'; c++)
					columns += ((unsigned char)*c & 0xc0) == 0x80 ? 0 : 1;
				assert_true(columns <= 60);
			}
			free(text);
		}
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks),	   cmocka_unit_test(test_any_range),
		cmocka_unit_test(test_odd_ranges), cmocka_unit_test(test_place),
		cmocka_unit_test(test_merge),	   cmocka_unit_test(test_merge_unknown),
		cmocka_unit_test(test_histogram),  cmocka_unit_test(test_term_bars),
		cmocka_unit_test(test_term_names), cmocka_unit_test(test_term_stack_of_six),
		cmocka_unit_test(test_checker),	   cmocka_unit_test(test_svg_bars),
		cmocka_unit_test(test_svg_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

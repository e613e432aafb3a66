/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/plot/plot.h"

#include <math.h>
#include <string.h>

#define HIST_PARTS 64u
#define NS_PER_S   1e9

/* Points ---------------------------------------------------------------------- */

static double fold(enum cl_fold how, double a, double length_a, double b, double length_b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) ? b : a;
	switch (how) {
	case CL_FOLD_MAX:
		return fmax(a, b);
	case CL_FOLD_MIN:
		return fmin(a, b);
	case CL_FOLD_SUM:
		return a + b;
	case CL_FOLD_MEAN:
		break;
	}
	return length_a + length_b > 0 ? (a * length_a + b * length_b) / (length_a + length_b) : (a + b) / 2;
}

/* Lets point `i` take in a stretch behind it. */
static void merge_into(struct cl_points *p, size_t i, double from, double until, const double *values)
{
	double length = p->until[i] - p->from[i];

	for (size_t c = 0; c < p->columns; c++)
		p->value[c][i] = fold(p->fold[c], p->value[c][i], length, values[c], until - from);
	p->until[i] = until;
}

static void read_row(const struct cl_points *p, size_t i, double *values)
{
	for (size_t c = 0; c < p->columns; c++)
		values[c] = p->value[c][i];
}

static void write_row(struct cl_points *p, size_t i, double from, double until, const double *values)
{
	p->from[i] = from;
	p->until[i] = until;
	for (size_t c = 0; c < p->columns; c++)
		p->value[c][i] = values[c];
}

static void halve(struct cl_points *p)
{
	double values[CL_PLOT_COLUMNS];

	for (size_t i = 0; i < p->n / 2; i++) {
		read_row(p, 2 * i, values);
		write_row(p, i, p->from[2 * i], p->until[2 * i], values);
		read_row(p, 2 * i + 1, values);
		merge_into(p, i, p->from[2 * i + 1], p->until[2 * i + 1], values);
	}
	p->n /= 2;
	p->rows *= 2;
	p->pending = p->rows;
}

void cl_points_add(struct cl_points *p, double from, double until, const double *values)
{
	if (p->rows == 0)
		p->rows = 1;
	if (p->n > 0 && p->pending < p->rows) {
		merge_into(p, p->n - 1, from, until, values);
		p->pending++;
		return;
	}
	if (p->n == CL_PLOT_POINTS)
		halve(p);
	write_row(p, p->n++, from, until, values);
	p->pending = 1;
}

/* Whether it takes at most HIST_PARTS parts, `each` to a doubling. */
static bool fits(const struct cl_hist *h, double each)
{
	double low = h->min > 1 ? (double)h->min : 1, high = h->max > 1 ? (double)h->max : 1;

	return floor(log2(high) * each) - floor(log2(low) * each) < HIST_PARTS;
}

/* Parts are as wide as each other on the axis, as far as the histogram's own buckets allow. */
void cl_points_hist(struct cl_points *p, const struct cl_hist *h)
{
	double each = 16;

	*p = (struct cl_points){ .columns = 1, .fold = { CL_FOLD_SUM } };
	if (h->n == 0)
		return;
	while (each > 1 && !fits(h, each))
		each /= 2;
	uint32_t last = cl_hist_bucket(h->max), b = 0, end;
	double at = h->min > 1 ? floor(log2((double)h->min) * each) : -1;
	if (at >= 0)
		b = cl_hist_bucket((int64_t)exp2(at / each));
	for (; b <= last; b = end) {
		double count = 0;

		do
			end = cl_hist_bucket((int64_t)exp2(++at / each));
		while (end <= b);
		for (uint32_t i = b > h->lo ? b : h->lo; i < end && i < h->hi; i++)
			count += (double)h->bucket[i - h->lo];
		cl_points_add(p, (double)cl_hist_floor(b) / NS_PER_S, (double)cl_hist_floor(end) / NS_PER_S,
			      &count);
	}
}

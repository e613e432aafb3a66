/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/hist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t cl_hist_floor(uint32_t bucket)
{
	if (bucket < 2 * CL_HIST_SUB)
		return bucket;
	if (bucket >= CL_HIST_BUCKETS)
		return INT64_MAX;
	uint32_t shift = bucket / CL_HIST_SUB - 1;
	return (int64_t)((uint64_t)(bucket - shift * CL_HIST_SUB) << shift);
}

/* Widens the allocated range to hold the buckets [lo, hi), by whole doublings. */
static bool widen(struct cl_hist *h, uint32_t lo, uint32_t hi)
{
	lo = lo / CL_HIST_SUB * CL_HIST_SUB;
	hi = (hi + CL_HIST_SUB - 1) / CL_HIST_SUB * CL_HIST_SUB;
	if (h->bucket != NULL) {
		lo = lo < h->lo ? lo : h->lo;
		hi = hi > h->hi ? hi : h->hi;
	}
	uint64_t *wider = calloc(hi - lo, sizeof *wider);
	if (wider == NULL)
		return false;
	if (h->bucket != NULL)
		memcpy(wider + (h->lo - lo), h->bucket, (h->hi - h->lo) * sizeof *wider);
	free(h->bucket);
	h->bucket = wider;
	h->lo = lo;
	h->hi = hi;
	return true;
}

static bool holds(const struct cl_hist *h, uint32_t lo, uint32_t hi)
{
	return h->bucket != NULL && lo >= h->lo && hi <= h->hi;
}

bool cl_hist_load(struct cl_hist *h, uint32_t bucket, uint64_t count)
{
	if (bucket >= CL_HIST_BUCKETS)
		bucket = CL_HIST_BUCKETS - 1;
	if (!holds(h, bucket, bucket + 1) && !widen(h, bucket, bucket + 1))
		return false;
	h->bucket[bucket - h->lo] += count;
	return true;
}

static void note(struct cl_hist *h, uint64_t n, uint64_t sum, int64_t min, int64_t max)
{
	if (h->n == 0 || min < h->min)
		h->min = min;
	if (h->n == 0 || max > h->max)
		h->max = max;
	h->n += n;
	h->sum = h->sum > UINT64_MAX - sum ? UINT64_MAX : h->sum + sum;
}

bool cl_hist_add(struct cl_hist *h, int64_t ns)
{
	note(h, 1, ns > 0 ? (uint64_t)ns : 0, ns, ns);
	return cl_hist_load(h, cl_hist_bucket(ns), 1);
}

bool cl_hist_merge(struct cl_hist *h, const struct cl_hist *from)
{
	if (from->n == 0)
		return true;
	note(h, from->n, from->sum, from->min, from->max);
	if (from->bucket == NULL)
		return true;
	if (!holds(h, from->lo, from->hi) && !widen(h, from->lo, from->hi))
		return false;
	for (uint32_t b = from->lo; b < from->hi; b++)
		h->bucket[b - h->lo] += from->bucket[b - from->lo];
	return true;
}

/* The middle of a bucket, within what was seen. */
static int64_t middle_of(const struct cl_hist *h, uint32_t bucket)
{
	int64_t floor = cl_hist_floor(bucket), middle = floor + (cl_hist_floor(bucket + 1) - floor) / 2;

	if (middle < h->min)
		return h->min;
	return middle > h->max ? h->max : middle;
}

void cl_hist_quantiles(const struct cl_hist *h, const double *q, size_t n, int64_t *out)
{
	uint64_t seen = 0; /* in the buckets below b */
	uint32_t b = h->lo;

	for (size_t i = 0; i < n; i++) {
		uint64_t rank = (uint64_t)ceil(q[i] * (double)h->n);

		if (rank <= 1 || rank >= h->n) {
			out[i] = rank <= 1 ? h->min : h->max;
			continue;
		}
		while (b < h->hi && seen + h->bucket[b - h->lo] < rank)
			seen += h->bucket[b++ - h->lo];
		out[i] = b < h->hi ? middle_of(h, b) : h->max;
	}
}

int64_t cl_hist_quantile(const struct cl_hist *h, double q)
{
	int64_t ns = 0;

	if (h->n > 0)
		cl_hist_quantiles(h, &q, 1, &ns);
	return ns;
}

void cl_hist_clear(struct cl_hist *h)
{
	if (h->n == 0)
		return;
	if (h->bucket != NULL)
		memset(h->bucket, 0, (h->hi - h->lo) * sizeof *h->bucket);
	h->n = h->sum = 0;
	h->min = h->max = 0;
}

void cl_hist_free(struct cl_hist *h)
{
	free(h->bucket);
	*h = (struct cl_hist){ .n = 0 };
}

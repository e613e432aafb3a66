/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/hist.h"

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

/* Widens the allocated range to hold `bucket`, by whole doublings. */
static bool widen(struct cl_hist *h, uint32_t bucket)
{
	uint32_t lo = bucket / CL_HIST_SUB * CL_HIST_SUB, hi = lo + CL_HIST_SUB;

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

bool cl_hist_load(struct cl_hist *h, uint32_t bucket, uint64_t count)
{
	if (bucket >= CL_HIST_BUCKETS)
		bucket = CL_HIST_BUCKETS - 1;
	if ((h->bucket == NULL || bucket < h->lo || bucket >= h->hi) && !widen(h, bucket))
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
	bool ok = true;

	if (from->n == 0)
		return true;
	note(h, from->n, from->sum, from->min, from->max);
	for (uint32_t b = from->lo; b < from->hi; b++)
		if (from->bucket[b - from->lo] != 0)
			ok &= cl_hist_load(h, b, from->bucket[b - from->lo]);
	return ok;
}

int64_t cl_hist_quantile(const struct cl_hist *h, double q)
{
	if (h->n == 0)
		return 0;
	uint64_t rank = (uint64_t)ceil(q * (double)h->n), seen = 0;
	if (rank <= 1)
		return h->min;
	if (rank >= h->n)
		return h->max;
	for (uint32_t b = h->lo; b < h->hi; b++) {
		seen += h->bucket[b - h->lo];
		if (seen >= rank) {
			int64_t floor = cl_hist_floor(b), middle = floor + (cl_hist_floor(b + 1) - floor) / 2;
			if (middle < h->min)
				return h->min;
			return middle > h->max ? h->max : middle;
		}
	}
	return h->max;
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

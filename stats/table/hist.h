/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_HIST_H
#define CL_STATS_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A histogram of durations in nanoseconds: 64 buckets to each doubling, so a quantile is within 1 % (half a
 * bucket, 0.8 %); exact below 128 ns. Count, minimum, maximum and sum are exact. Only the range in use is
 * allocated.
 */
struct cl_hist {
	uint64_t n;
	uint64_t sum; /* saturates */
	int64_t min, max;
	uint64_t *bucket; /* [lo, hi) */
	uint32_t lo, hi;
};

#define CL_HIST_SUB	64u
#define CL_HIST_BUCKETS (CL_HIST_SUB * 58u)

/* The bucket of a duration; negative ones count as 0. */
static inline uint32_t cl_hist_bucket(int64_t ns)
{
	uint64_t v = ns > 0 ? (uint64_t)ns : 0;

	if (v < 2 * CL_HIST_SUB)
		return (uint32_t)v;
	uint32_t shift = 63u - (uint32_t)__builtin_clzll(v) - 6u;
	return shift * CL_HIST_SUB + (uint32_t)(v >> shift);
}

/* The smallest duration of a bucket; that of the next bucket ends it (INT64_MAX behind the last). */
int64_t cl_hist_floor(uint32_t bucket);

/* Adds one sample. False when memory is short: the sample then counts in n, min, max and sum alone. */
bool cl_hist_add(struct cl_hist *h, int64_t ns);

/* The same, in line, for a sample within what was seen before. False: it is not, and was not added. */
static inline bool cl_hist_add_seen(struct cl_hist *h, int64_t ns)
{
	uint32_t bucket = cl_hist_bucket(ns);
	uint64_t sum = h->sum, span = (uint64_t)h->max - (uint64_t)h->min;

	if ((uint64_t)ns - (uint64_t)h->min > span || ((uint64_t)ns | sum) > (uint64_t)INT64_MAX ||
	    bucket - h->lo >= h->hi - h->lo)
		return false;
	h->n++; /* of an empty one min and max are 0, and a sample of 0 leaves them so */
	h->sum = sum + (uint64_t)ns;
	h->bucket[bucket - h->lo]++;
	return true;
}

/* Whether a sample's bucket has memory. */
static inline bool cl_hist_reaches(const struct cl_hist *h, int64_t ns)
{
	uint32_t bucket = cl_hist_bucket(ns);

	return bucket - h->lo < h->hi - h->lo;
}

/* Adds `count` samples to one bucket without touching n, sum, min and max: for a stored histogram. */
bool cl_hist_load(struct cl_hist *h, uint32_t bucket, uint64_t count);

/* Adds all of `from`. */
bool cl_hist_merge(struct cl_hist *h, const struct cl_hist *from);

/* The ceil(q*n)-th smallest sample within 1 %, never outside [min, max]; 0 if there is none. 0 < q <= 1. */
int64_t cl_hist_quantile(const struct cl_hist *h, double q);

/* The same for `n` rising values of q, in one search. */
void cl_hist_quantiles(const struct cl_hist *h, const double *q, size_t n, int64_t *out);

/* Empties it and keeps its memory. */
void cl_hist_clear(struct cl_hist *h);

void cl_hist_free(struct cl_hist *h);

#endif

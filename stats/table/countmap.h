/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_COUNTMAP_H
#define CL_STATS_COUNTMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is counted under a key. */
struct cl_counted {
	uint64_t key;
	uint64_t n;	 /* how often it was added; 0: a free place */
	uint64_t weight; /* sum of what was added */
};

/* Additions that wait for their place to come from memory. */
#define CL_COUNTMAP_WAITING 16u

/**
 * Counts by key, in a hash table of 48 to 96 octets a key. Beyond `most` keys, and when memory is short, what
 * comes with a new key is counted in `refused`; from the first refusal on no key is added.
 */
struct cl_countmap {
	struct cl_counted *slot;
	size_t mask; /* slots less 1 */
	size_t used, most;
	uint64_t seed;
	uint64_t refused;
	bool full;
	unsigned waits;
	struct {
		uint64_t key, weight;
		size_t at;
	} waiting[CL_COUNTMAP_WAITING];
};

bool cl_countmap_init(struct cl_countmap *m, size_t most, uint64_t seed);
void cl_countmap_free(struct cl_countmap *m);

void cl_countmap_add(struct cl_countmap *m, uint64_t key, uint64_t weight);

/* The same `times` over, without weight; for keys that seldom come. */
void cl_countmap_add_n(struct cl_countmap *m, uint64_t key, uint64_t times);

/* Counts what waits: before `slot` is looked through. */
void cl_countmap_settle(struct cl_countmap *m);

/* How often a key was added, and its weight; n is 0 if it was not. After cl_countmap_settle. */
struct cl_counted cl_countmap_get(const struct cl_countmap *m, uint64_t key);

/**
 * The `*n` keys that were added most often (of equals, those with more weight, then the smaller key), in this
 * order; fewer if there are fewer. To be freed; NULL when memory is short.
 */
struct cl_counted *cl_countmap_top(struct cl_countmap *m, size_t *n);

#endif

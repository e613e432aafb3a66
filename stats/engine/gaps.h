/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_GAPS_H
#define CL_STATS_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/table/arena.h"

/**
 * Gaps between the requests of each client, for the median of the few that are shown. A gap is its histogram
 * bucket (within 1 %), written behind the last one with the client's number, 8 octets: nothing is looked up
 * while requests are counted. When `log` is full (256 MiB, or the budget), equal entries become one; if
 * that gives too little room, the clients with the fewest gaps lose theirs, and then have no median.
 */
struct cl_gaps {
	struct cl_arena log;
	struct cl_arena given_up; /* a bit for each client that lost gaps, by its number */
	uint64_t refused;	  /* gaps that were not kept */
	bool lost;		  /* memory was short even for such a bit: no median is known */
};

bool cl_gaps_init(struct cl_gaps *g);
void cl_gaps_free(struct cl_gaps *g);

/* Lets the log draw on a budget, which is borrowed: it is full where that is spent. */
void cl_gaps_limit(struct cl_gaps *g, struct cl_budget *budget);

/* Adds a gap of a client (number below 2^30). */
void cl_gaps_add(struct cl_gaps *g, uint32_t client, int64_t gap_ns);

/**
 * The median gap of each of n clients in one search: the ceil(k/2)-th smallest of its k gaps; -1 if it has
 * none or not all are known. False when memory is short. It may change the order of the log.
 */
bool cl_gaps_medians(struct cl_gaps *g, const uint32_t *client, size_t n, int64_t *median_ns);

#endif

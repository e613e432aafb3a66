/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_GAPS_H
#define CL_STATS_GAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/arena.h"

/**
 * Gaps between the requests of each client, for their median: 2 octets a gap (its histogram bucket, within 1
 * %). A client whose gaps found the table full has no median.
 */
struct cl_gaps {
	struct cl_arena chunks;
	struct cl_arena heads; /* by client number */
	uint64_t refused;
};

bool cl_gaps_init(struct cl_gaps *g);
void cl_gaps_free(struct cl_gaps *g);

/* Lets all growth draw on a budget, which is borrowed. */
void cl_gaps_limit(struct cl_gaps *g, struct cl_budget *budget);

/* Adds a gap of a client. */
void cl_gaps_add(struct cl_gaps *g, uint32_t client, int64_t gap_ns);

/* The median gap: the ceil(n/2)-th smallest. False if there is none or it is not known. */
bool cl_gaps_median(const struct cl_gaps *g, uint32_t client, int64_t *ns);

#endif

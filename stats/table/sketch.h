/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SKETCH_H
#define CL_STATS_SKETCH_H

#include <stdint.h>

/**
 * How many different hashes were added, about: HyperLogLog with Ertl's estimator (arXiv:1702.01284), which
 * needs no correction for small counts. Two sketches unite to what one of both would be. Hashes are of 64
 * bits, evenly spread, and a secret from those who might choose addresses.
 */
#define CL_SKETCH_OCTETS 16384u
#define CL_SKETCH_ERROR	 0.0081 /* relative standard error: 1.04 / sqrt(CL_SKETCH_OCTETS) */

struct cl_sketch {
	uint8_t rank[CL_SKETCH_OCTETS]; /* the largest seen of each register; all 0 when empty */
};

void cl_sketch_add(struct cl_sketch *s, uint64_t hash);
void cl_sketch_unite(struct cl_sketch *s, const struct cl_sketch *with);
uint64_t cl_sketch_estimate(const struct cl_sketch *s);

/* The same from how many of so many registers have each rank, 0 (empty) to `top`. */
uint64_t cl_sketch_estimate_ranks(const uint32_t *count, unsigned top, double registers);

/**
 * The same for trailing windows of any length: each register keeps for every rank the newest cell
 * (stats/engine/windows.h) in which it was seen. What a sketch of a window would hold is read off from the
 * cells that are not too old, exactly; the window's length costs nothing.
 */
#define CL_RECENT_REGISTERS 4096u
#define CL_RECENT_RANKS	    20u
#define CL_RECENT_ERROR	    0.0163 /* 1.04 / sqrt(CL_RECENT_REGISTERS) */

struct cl_recent {
	uint32_t newest[CL_RECENT_RANKS]; /* cell of any register of the rank; 0: none */
	uint32_t cell[CL_RECENT_RANKS][CL_RECENT_REGISTERS];
};

void cl_recent_add(struct cl_recent *r, uint64_t hash, uint32_t cell);

/* How many different hashes were added at `from` (not 0) or later cells. */
uint64_t cl_recent_estimate(const struct cl_recent *r, uint32_t from);

#endif

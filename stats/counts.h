/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_COUNTS_H
#define CL_STATS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often each of some numbers occurred: a small table, its keys perhaps of a peer's choice. */

#define CL_COUNTS_MAX 4096u /* different keys; more are counted as `beyond` */

struct cl_count {
	uint64_t key, n;
};

struct cl_counts {
	struct cl_count *slot; /* of those with n > 0 */
	size_t used, mask;
	uint64_t total, beyond;
	uint64_t seed;
	bool failed; /* memory was short: what it had no room for is in `beyond` */
};

void cl_counts_add(struct cl_counts *c, uint64_t key, uint64_t n);
uint64_t cl_counts_of(const struct cl_counts *c, uint64_t key);

/* Those there are, the largest first, then by key; `used` of them, owned by the caller. NULL: none, or memory
 * is short. */
struct cl_count *cl_counts_sorted(const struct cl_counts *c);

void cl_counts_free(struct cl_counts *c);

#endif

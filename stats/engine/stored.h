/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_STORED_H
#define CL_STATS_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cl_store;

/* Which rows of a table a live store has as they are: by a hash of each as it was written last. Of another
 * store, nothing is known: all are written. */
struct cl_stored {
	uint64_t *hash; /* by row; 0: not written */
	size_t rows;
	uint64_t undone, renewed; /* of the store */
	bool known;
};

/* Before rows are written: what the store has lost since is forgotten. */
void cl_stored_begin(struct cl_stored *s, const struct cl_store *store);

/* Whether row `i` is to be written; then it counts as written. `octets` at `row` are all that is of it. */
bool cl_stored_due(struct cl_stored *s, size_t i, const void *row, size_t octets);

/* The table begins anew. */
void cl_stored_clear(struct cl_stored *s);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_RECOUNT_H
#define CL_STATS_RECOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/clients.h"
#include "stats/store/census.h"
#include "stats/table/sortkeys.h"

/**
 * Unique clients and those that ask most, counted from rows of clients: for what no stored figure answers.
 * Rows come service by service, in any order within one. Memory: about 64 to 128 octets for each different
 * address, and 48 for each of one service. At most 2^31 addresses. Opaque.
 */
struct cl_recount;

/* What the rows of one address add up to; times in nanoseconds since the epoch. */
struct cl_recounted {
	struct cl_addr addr;
	uint64_t requests;
	int64_t first_ns, last_ns;
};

/* NULL when memory is short. `seed`: of its hash table. */
struct cl_recount *cl_recount_new(uint64_t seed);

/* The rows that follow are of another service than all before. */
void cl_recount_begin(struct cl_recount *r);

/* A row; `scopes` has a bit for each cl_scope that it counts in. */
void cl_recount_add(struct cl_recount *r, const struct cl_recounted *row, uint32_t scopes);

/**
 * For a census: keeps what each client asked of each service, 88 octets more for each different address. Call
 * it before the first row. False when memory is short.
 */
bool cl_recount_for_census(struct cl_recount *r);

/* Tells the census the rows since cl_recount_begin, of the server at `place` there. Before
 * cl_recount_service. */
void cl_recount_tell(struct cl_recount *r, struct cl_census *census, const struct cl_census_server *server,
		     uint32_t place);

/* Tells it the clients, after the last row. */
void cl_recount_tell_clients(struct cl_recount *r, struct cl_census *census);

/* Unique clients of the rows since cl_recount_begin; call it once, before the next. */
struct cl_unique cl_recount_service(struct cl_recount *r);

/* Unique clients of all rows in a scope. */
struct cl_unique cl_recount_scope(struct cl_recount *r, enum cl_scope scope);

/* Writes those with most requests, equal ones by address, the first `n` at most; returns how many. */
size_t cl_recount_top(struct cl_recount *r, struct cl_recounted *top, size_t n);

/* Different addresses so far. */
size_t cl_recount_addresses(struct cl_recount *r);

/* Whether memory was short at any time: then the figures are none. */
bool cl_recount_failed(const struct cl_recount *r);

/* NULL is accepted. */
void cl_recount_free(struct cl_recount *r);

#endif

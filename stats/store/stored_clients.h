/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_STORED_CLIENTS_H
#define CL_STATS_STORED_CLIENTS_H

#include "stats/store/store.h"

/* Rows of clients of a database, millions of them (store_clients.c). */

/* A row of client_day or client_month. */
struct cl_stored_client {
	int64_t service_id;
	struct cl_addr addr;
	uint64_t requests;
	int64_t first_ns, last_ns; /* as cl_query_ns gives them */
	int64_t via;
};

/* Takes a row. It must not ask the store. */
typedef void cl_stored_client_fn(void *ctx, const struct cl_stored_client *row);

/**
 * Gives `fn` every row that a statement finds, in its order, but for those without an address. What the
 * statement selects is CL_STORED_CLIENT of one or several of its tables' columns, in this order, and nothing
 * else. ?1 is as in cl_query_new; ?2 and ?3 are `a` and `b`, if they stand in it. Half as dear as
 * cl_query_row.
 */
#define CL_STORED_CLIENT(service_id, addr, requests, first_ns, last_ns, via)                                 \
	"stored_client(" service_id ", " addr ", " requests ", " first_ns ", " last_ns ", " via ")"
void cl_stored_clients(struct cl_store *s, const char *sql, int64_t a, int64_t b, cl_stored_client_fn *fn,
		       void *ctx);

/**
 * Gives `fn` the rows of a day (since 1970) by service and address: what several sources have of both is one
 * row. Times since the day's midnight. Sources are read side by side, so memory does not grow with them.
 */
void cl_stored_clients_of_day(struct cl_store *s, int64_t day, cl_stored_client_fn *fn, void *ctx);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_POPULATION_H
#define CL_STATS_POPULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/services.h"

/**
 * The clients of some days, counted from rows of clients: who is new, who came back, whom each asked. A
 * client is new on the first day that it has a row of, days before those counted included
 * (cl_population_before). Memory: 112 octets and 16 to 32 of index for each different address, those of
 * before included. Opaque.
 */
struct cl_population;

/* Servers that are told apart; of further ones, rows count in the sums of their protocol alone. */
#define CL_POPULATION_SERVERS 64u
#define CL_POPULATION_NONE    UINT32_MAX

/* A client is called abusive if on some day it sent one server so many requests, with less between two of
 * them in the mean. */
#define CL_POPULATION_ABUSIVE_REQUESTS 100u
#define CL_POPULATION_ABUSIVE_NS       INT64_C(30000000000)

/* `days` days, each of which gets its counts. NULL when memory is short. */
struct cl_population *cl_population_new(uint64_t seed, size_t days);
void cl_population_free(struct cl_population *p);

/* Whether memory was short at any time: then the figures are none. */
bool cl_population_failed(const struct cl_population *p);

/* A client that asked a server (0 to CL_POPULATION_SERVERS - 1, or CL_POPULATION_NONE) before the days. */
void cl_population_before(struct cl_population *p, const struct cl_addr *addr, enum cl_proto proto,
			  uint32_t server);

/* A client's row of a day (from 0, rising) and a server; one for each. Times since 1970. */
struct cl_population_row {
	struct cl_addr addr;
	enum cl_proto proto;
	uint32_t server;
	size_t day;
	uint64_t requests;
	int64_t first_ns, last_ns;
};
void cl_population_add(struct cl_population *p, const struct cl_population_row *row);

/* Clients of a day; those that come for the first time are `fresh`. */
struct cl_population_count {
	uint64_t clients, fresh, abusive;
};
struct cl_population_count cl_population_proto(const struct cl_population *p, size_t day,
					       enum cl_proto proto);
struct cl_population_count cl_population_server(const struct cl_population *p, size_t day, uint32_t server);

/* Of all the days; fields of one protocol are 0 if it did not ask that. */
struct cl_population_client {
	struct cl_addr addr;
	uint64_t requests[CL_PROTOS];
	uint64_t servers; /* that it asked: bits */
	uint64_t busiest; /* most requests to one server on a day */
	int64_t first_ns, last_ns;
	size_t first_day[CL_PROTOS]; /* from 0, of the days */
	bool abusive[CL_PROTOS];
	bool before[CL_PROTOS]; /* it asked before the days too */
};

/* Clients, in no order: `i` below cl_population_size. False: it did not ask in the days. */
size_t cl_population_size(const struct cl_population *p);
bool cl_population_client(const struct cl_population *p, size_t i, struct cl_population_client *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ASKERS_H
#define CL_STATS_ASKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/engine/clients.h"
#include "stats/table/addrset.h"
#include "stats/table/budget.h"

/**
 * Clients where nothing is wanted of them but that they asked (config.count_only): their number, by scope and
 * family. They are counted beside the engine, by whichever thread has time (worker.c), so they have a
 * budget of their own: who is refused does not depend on which is ahead.
 */
struct cl_askers {
	struct cl_addrset set; /* marks: bits of enum cl_scope */
	struct cl_budget budget;
	uint64_t ipv4[CL_SCOPES], ipv6[CL_SCOPES];
	uint64_t refused; /* requests of clients that found no room */
};

/* `memory`: octets that they may take; 0: no limit. NULL when memory is short. */
struct cl_askers *cl_askers_new(uint64_t seed, size_t memory);
void cl_askers_free(struct cl_askers *a);

/* Counts the clients of requests. Where there is no room, and in symmetric active mode (1), of which only the
 * engine knows what is a request, the event gets CL_EVF_CLIENT_LEFT. */
void cl_askers_take(struct cl_askers *a, struct cl_event *evs, size_t n);

/* Counts a client in scopes (bits of enum cl_scope, not 0). False: there is no room. */
bool cl_askers_add(struct cl_askers *a, const struct cl_addr *addr, uint32_t scopes);

#endif

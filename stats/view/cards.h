/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_CARDS_H
#define CL_STATS_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/said.h"
#include "stats/view/upstream.h"

/*
 * A card for each server: what it says in its answers, and the associations in which it asks others, which
 * have cards too. Any address that asks may turn out to be a server later, so all associations are kept while
 * there is room; then those of addresses that are no server so far make room first.
 */

#define CL_CARDS_MAX 65536u
/* Associations at most: sets of which each holds a few. */
#define CL_ASSOCIATION_SETS 2048u
#define CL_ASSOCIATION_WAYS 8u

struct cl_card {
	struct cl_addr server;
	struct cl_said said;
};

/* Opaque. */
struct cl_cards;

/* Cards of these servers and of those that they ask, or of all if there is none; `servers` is borrowed, by
 * cl_addr_cmp. NULL: memory is short. */
struct cl_cards *cl_cards_new(uint64_t seed, const struct cl_addr *servers, size_t n);
void cl_cards_free(struct cl_cards *c); /* NULL is accepted */

/* Takes an exchange of CL_X_NTP. */
void cl_cards_take(struct cl_cards *c, const struct cl_exchange *x);

/* NULL: nothing was asked of it or answered by it. */
const struct cl_card *cl_cards_find(const struct cl_cards *c, const struct cl_addr *server);

/* Those that it asks, by address; how many they are. The array is to be freed; NULL if memory is short. */
const struct cl_upstream **cl_cards_upstreams(const struct cl_cards *c, const struct cl_addr *server,
					      size_t *n);

/* Event by number plus 1, of cl_said.first_event and cl_said_event.next; NULL for 0. */
const struct cl_said_event *cl_cards_event(const struct cl_cards *c, uint32_t number);

struct cl_cards_limits {
	uint64_t servers;      /* exchanges of servers beyond CL_CARDS_MAX */
	uint64_t associations; /* that made room for others, or found none */
	uint64_t events;
};

struct cl_cards_limits cl_cards_left_out(const struct cl_cards *c);

#endif

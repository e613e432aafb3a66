/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ICMP_H
#define CL_STATS_ICMP_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/event.h"
#include "stats/engine/icmp_steps.h"
#include "stats/engine/stored.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

struct cl_store;

/* What a row of a day counts. */
enum cl_icmp_role {
	CL_ICMP_ROLE_NONE,    /* the errors of a kind about a server */
	CL_ICMP_ROLE_SENDER,  /* of these, from one address */
	CL_ICMP_ROLE_AFFECTED /* of these, about responses to one address */
};

/* All but the counts is its key; padded so that the key has no holes. */
struct cl_icmp_row {
	struct cl_addr server; /* of the quoted packet; all zero: beyond the limit, together */
	struct cl_addr addr;   /* all zero without a role */
	uint8_t proto, family, type, code, role;
	uint8_t zero[3];
	uint64_t errors;
	uint64_t responses;   /* of these, about responses */
	uint64_t from_client; /* of these, sent by the client itself; others are a router's */
};

/* Rows a day at most; then addresses are not told apart any more (errors are counted still). */
#define CL_ICMP_ADDRESSES_MAX 2000000u

/* Further ones for the errors themselves. */
#define CL_ICMP_KINDS_MAX 65536u

/* ICMP errors about NTP and DNS (clientele(1), DEFINITIONS): kinds, senders, affected clients of a UTC day.
 */
struct cl_icmp_stats {
	struct cl_arena rows; /* of struct cl_icmp_row */
	struct cl_index by_key;
	struct cl_icmp_steps steps;
	int64_t step_s; /* of a step; 0: none are counted */
	bool ready;	/* made with the first error */
	uint64_t kinds;
	uint64_t seed;
	struct cl_budget *budget; /* borrowed; NULL: none */
	struct cl_stored stored;
	uint64_t refused; /* senders, clients and steps beyond the limit, each time they came */
};

/* Counts an event of kind CL_EV_ICMP. False when memory is short. */
bool cl_icmp_count(struct cl_icmp_stats *s, const struct cl_event *ev);

/* Writes the rows of the day; cl_icmp_load reads them back, to go on. */
void cl_icmp_write(struct cl_icmp_stats *s, struct cl_store *store, int64_t day);
bool cl_icmp_load(struct cl_icmp_stats *s, struct cl_store *store, int64_t day);

/* Forgets the day; cl_icmp_new_day keeps what is counted of the step that goes on into `day`. */
void cl_icmp_clear(struct cl_icmp_stats *s);
void cl_icmp_new_day(struct cl_icmp_stats *s, int64_t day);

#endif

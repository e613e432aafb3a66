/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_OVERFLOW_H
#define CL_STATS_OVERFLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/event.h"
#include "stats/engine/clients.h"
#include "stats/table/budget.h"
#include "stats/table/sketch.h"
#include "stats/table/sortkeys.h"

struct cl_engine;

/**
 * Clients that found the table of clients full (clients beyond the limit). Their requests are in all totals;
 * they themselves are counted in sketches, by service and over all servers. A client with a record is in no
 * sketch of that service: so a number of clients is that of the records, which is exact, and an estimate of
 * the others. Of networks, which both kinds of clients can share, the estimate is of all.
 */
enum cl_beyond_set {
	CL_BEYOND_V4,
	CL_BEYOND_V6,
	CL_BEYOND_V4_24,
	CL_BEYOND_V6_64,
	CL_BEYOND_V6_48,
	CL_BEYOND_SETS
};

/* The current day (of a store in memory: all of the capture), and the days before it in its month. */
enum cl_beyond_span { CL_BEYOND_DAY, CL_BEYOND_MONTH, CL_BEYOND_SPANS };

struct cl_beyond_sketches {
	struct cl_sketch set[CL_BEYOND_SPANS][CL_BEYOND_SETS];
	struct cl_recent recent; /* IPv4 and IPv6, for the trailing windows */
};

/* Services with sketches at most; of others it is known how many requests came from clients beyond. */
#define CL_SKETCHED_MAX 64u

struct cl_beyond {
	uint64_t requests[CL_BEYOND_SPANS];
	struct cl_beyond_sketches *sketches; /* NULL: none, for want of room */
	bool refused;			     /* they were asked for */
	bool written;			     /* see cl_overflow_next */
};

struct cl_overflow {
	struct cl_beyond *service; /* by number */
	uint32_t services, sketched;
	bool any; /* anybody this month */
	struct cl_budget *budget;
};

/* `budget` is borrowed. */
void cl_overflow_init(struct cl_overflow *o, struct cl_budget *budget);
void cl_overflow_free(struct cl_overflow *o);

/* The row of a service, with sketches if there is room for them and they are asked for. NULL when memory is
 * short. Valid until the next call. */
struct cl_beyond *cl_overflow_at(struct cl_overflow *o, uint32_t service, bool sketches);

/* Counts the request of a client without a record. */
void cl_overflow_client(struct cl_engine *e, const struct cl_event *ev, uint32_t service);

/* The same for one that has a record but could have none with this service. */
void cl_overflow_pair(struct cl_engine *e, const struct cl_client *client, const struct cl_event *ev,
		      uint32_t service);

/**
 * A client of a store's row that found the table full while the store is read back; `client`: its record, if
 * it has one, but not with this service. `scopes`: bits of enum cl_scope.
 */
struct cl_overflow_row {
	const struct cl_addr *addr;
	uint32_t service, scopes, cell;
	uint64_t requests;
	bool today, this_month;
	const struct cl_client *client;
};
void cl_overflow_restored(struct cl_engine *e, const struct cl_overflow_row *row);

/* Adds to each window's number of clients at an instant. Whether any window holds one beyond. */
bool cl_overflow_step(const struct cl_engine *e, uint32_t service, uint32_t instant, uint32_t *unique);

/* Where the networks of a service's clients with records belong before cl_overflow_unique; NULL: nowhere. */
struct cl_sketch *cl_overflow_networks(const struct cl_engine *e, uint32_t service, bool month);
void cl_overflow_add_networks(struct cl_sketch *sets, const struct cl_engine *e,
			      const struct cl_sort_key *key);

/* What is said of a number that is approximate. */
struct cl_approximation {
	uint64_t requests;   /* of clients beyond the limit */
	uint64_t ipv4, ipv6; /* the part of the number that is estimated */
	bool estimated;	     /* else the number is a lower bound */
};

/* Adds the clients beyond to those with records. False: there are none. */
bool cl_overflow_unique(struct cl_overflow *o, uint32_t service, bool month, struct cl_unique *u,
			struct cl_approximation *out);

/* The next service from `from` on with clients beyond that cl_overflow_unique was not asked for since the
 * last time this gave CL_INDEX_NONE. */
uint32_t cl_overflow_next(struct cl_overflow *o, uint32_t from, uint32_t to, bool month);

/* Adds the day to its month, and begins the next; forgets the month. */
void cl_overflow_end_day(struct cl_overflow *o);
void cl_overflow_end_month(struct cl_overflow *o);

/**
 * For as long as the month's clients are counted in the middle of a day: adds the day to the month, and
 * takes it out again. NULL: nobody is beyond, or memory is short. The day stays as it is.
 */
struct cl_overflow_month *cl_overflow_lend_day(struct cl_overflow *o);
void cl_overflow_return_day(struct cl_overflow *o, struct cl_overflow_month *before);

/* Windows are counted anew: forgets what they held. */
void cl_overflow_forget_windows(struct cl_overflow *o);

/* Keeps all of it in the store's `state`, and reads it back. */
void cl_overflow_save(const struct cl_engine *e);
void cl_overflow_load(struct cl_engine *e);

#endif

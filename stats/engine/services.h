/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SERVICES_H
#define CL_STATS_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/tally.h"
#include "stats/engine/watch.h"
#include "stats/engine/windows.h"
#include "stats/table/hll.h"
#include "stats/table/index.h"

enum cl_proto { CL_PROTO_NTP, CL_PROTO_DNS, CL_PROTOS };

/* Names in the order of enum cl_proto. */
extern const char *const cl_proto_names[CL_PROTOS];

/**
 * The first numbers are no servers: what is summed over all servers (in the order of enum cl_scope), then
 * what is beyond CL_SERVICES_MAX.
 */
enum cl_service_number {
	CL_SERVICE_ALL_NTP,
	CL_SERVICE_ALL_DNS,
	CL_SERVICE_ALL_DNS_UDP, /* unique clients alone */
	CL_SERVICE_ALL_DNS_TCP, /* unique clients alone */
	CL_SERVICE_REST_NTP,
	CL_SERVICE_REST_DNS,
	CL_SERVICE_FIRST /* first real server */
};
#define CL_SERVICES_MAX 262144u

/* Bits of a service's sketch, and of its list (stats/table/hll.h). */
#define CL_SKETCH_BITS 10u
#define CL_SKETCH_FINE 16u

/* A server's address with a protocol. */
struct cl_service {
	struct cl_addr addr;
	enum cl_proto proto;
	bool live;	      /* in the list of those with something in this step or in a window */
	bool stored;	      /* its row is in the store */
	struct cl_tally step; /* what is not in `part` and not in `day` yet */
	struct cl_tally part; /* of the step, but of the day before: in `day` then */
	struct cl_tally day;  /* but for what is in `step` */
	uint64_t day_stored;  /* a sum over `day` as it was stored last; 0: it was not */
	struct cl_window_ring windows;
	struct cl_watch *watch; /* NULL: it is not watched (watch.h) */
	struct cl_hll sketch; /* clients of the open cell, where a database keeps them */
};

struct cl_services {
	struct cl_service **row; /* by number */
	uint32_t count, room;
	uint32_t *live; /* numbers; as much room as `row` */
	uint32_t live_count;
	struct cl_index by_addr;
	uint64_t seed;
	uint64_t refused;		  /* events of servers beyond the limit */
	struct cl_budget *budget;	  /* borrowed; NULL: none */
	bool spent;			  /* the budget: distributions grow no wider */
	uint64_t moved;			  /* samples that are in the distribution of the rest instead */
	bool sketches;			  /* services have them */
	const struct cl_windows *windows; /* borrowed; set before the first real server comes */
};

bool cl_services_init(struct cl_services *s, const struct cl_windows *windows, uint64_t seed, bool sketches);
void cl_services_free(struct cl_services *s);

/* Number of a server, added if it is new; the REST number beyond the limit, at the end of the budget, or when
 * memory is short. */
uint32_t cl_services_get(struct cl_services *s, const struct cl_addr *addr, enum cl_proto proto);

static inline struct cl_service *cl_service_at(const struct cl_services *s, uint32_t number)
{
	return s->row[number];
}

/* What cl_services_delta does with a sample that is not within what was seen before. */
bool cl_services_delta_new(struct cl_services *s, uint32_t number, struct cl_hist *h, enum cl_delta_kind kind,
			   int64_t ns);

/**
 * Adds a sample to `h`, a distribution of kind `kind` of service `number`; where the budget is spent and the
 * distribution has no room for it, to that of the servers beyond the limit. False when memory is short.
 */
static inline bool cl_services_delta(struct cl_services *s, uint32_t number, struct cl_hist *h,
				     enum cl_delta_kind kind, int64_t ns)
{
	return cl_hist_add_seen(h, ns) || cl_services_delta_new(s, number, h, kind, ns);
}

/* What cl_services_trait and cl_services_size do where a message is not like any before. */
void cl_services_trait_new(struct cl_services *s, uint32_t number, uint64_t key);
void cl_services_size_new(struct cl_services *s, uint32_t number, enum cl_size_kind kind, uint32_t bin);

/* Counts a message of the service's day by its trait. */
static inline void cl_services_trait(struct cl_services *s, uint32_t number, uint64_t key)
{
	if (!cl_traits_add(&s->row[number]->day.traits, key))
		cl_services_trait_new(s, number, key);
}

/* Counts a message of the service's day by its octets; of a service that finds no room for it, at that of the
 * servers beyond the limit. */
static inline void cl_services_size(struct cl_services *s, uint32_t number, enum cl_size_kind kind,
				    uint32_t octets)
{
	struct cl_sizes *sizes = &s->row[number]->day.size[kind];
	uint32_t bin = cl_size_bin(octets);

	if (cl_sizes_reach(sizes, bin))
		sizes->n[bin - sizes->lo]++;
	else
		cl_services_size_new(s, number, kind, bin);
}

/* Puts a service into the list of live ones. */
void cl_services_wake(struct cl_services *s, uint32_t number);

#endif

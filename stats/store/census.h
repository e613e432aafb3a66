/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_CENSUS_H
#define CL_STATS_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "stats/engine/services.h"
#include "stats/store/addrkind.h"
#include "stats/table/countmap.h"

/**
 * All clients looked at once, each with what it asked of each server: how their requests are distributed,
 * who is new when, who asks several servers, from which networks they come. The rows come from the engine's
 * records or from a database's, in any order; the figures are the same.
 */
struct cl_census;

/* What a client asked of a server, or of all of a protocol. Times in nanoseconds since the epoch. */
struct cl_asked {
	uint64_t requests; /* 0: nothing, and the rest does not hold */
	int64_t first_ns, last_ns;
};

static inline void cl_asked_add(struct cl_asked *sum, const struct cl_asked *a)
{
	if (sum->requests == 0 || a->first_ns < sum->first_ns)
		sum->first_ns = a->first_ns;
	if (sum->requests == 0 || a->last_ns > sum->last_ns)
		sum->last_ns = a->last_ns;
	sum->requests += a->requests;
}

/* Servers of a protocol whose common clients are counted. */
#define CL_CENSUS_SERVERS 16u
#define CL_CENSUS_NO_SLOT CL_CENSUS_SERVERS

/* A server, in the order in which its numbers are asked for. */
struct cl_census_server {
	enum cl_proto proto;
	uint8_t slot; /* among those of its protocol whose common clients are counted; or CL_CENSUS_NO_SLOT */
};

/* Takes each client of a protocol. */
typedef void cl_census_fn(void *ctx, enum cl_proto proto, const struct cl_addr *addr,
			  const struct cl_asked *asked);

struct cl_census_config {
	int64_t step_ns;
	const struct cl_census_server *servers; /* borrowed */
	uint32_t count;
	size_t networks; /* of each length that are kept at most */
	uint64_t seed;
	cl_census_fn *each; /* may be NULL */
	void *ctx;
};

/* NULL when memory is short. Free with cl_census_free, which takes NULL. */
struct cl_census *cl_census_new(const struct cl_census_config *config);
void cl_census_free(struct cl_census *c);

/* Rows: each client of each server once ------------------------------------------ */

/* What one client asked of a server (its place in the configuration). */
void cl_census_pair(struct cl_census *c, uint32_t server, const struct cl_asked *asked);

/* The slots of the servers that a client asked, a bit each, by protocol. */
struct cl_census_slots {
	uint16_t bits[CL_PROTOS];
};
static inline void cl_census_slot(struct cl_census_slots *s, const struct cl_census_server *server)
{
	s->bits[server->proto] |= (uint16_t)(1u << server->slot); /* CL_CENSUS_NO_SLOT: none */
}

/* Where the rows' servers stand in the configuration. */
struct cl_census_places {
	const struct cl_census_server *servers;
	const uint32_t *place; /* by the engine's number of a service; not below `count`: it has none */
	uint32_t numbers;      /* of `place` */
	uint32_t count;	       /* of `servers` */
};

/* A client, with what it asked of all servers of each protocol. */
void cl_census_client(struct cl_census *c, const struct cl_addr *addr, const struct cl_asked asked[CL_PROTOS],
		      const struct cl_census_slots *slots);

/* All were told. False: memory was short, and there are no figures. */
bool cl_census_finish(struct cl_census *c);

/* Figures ------------------------------------------------------------------------- */

/* Classes of requests a client: 1, 2-4, 5-9, then 10-19, 20-49, 50-99 and so on. */
#define CL_CENSUS_CLASSES 30u
uint64_t cl_census_class_from(unsigned i); /* its smallest number */

/* Intervals by powers of two: class i holds those of 2^(i-CL_CENSUS_SECOND) s, from 2^-0.5 to 2^0.5 times
 * that; the first also all shorter ones, the last all longer ones. */
#define CL_CENSUS_INTERVALS 36u
#define CL_CENSUS_SECOND    10u

/* Ranks of which the share is told: so many clients ask most. */
#define CL_CENSUS_RANKS 4u
extern const uint64_t cl_census_ranks[CL_CENSUS_RANKS];

/* Of IPv6 kinds, and IPv4 behind them. */
#define CL_CENSUS_KINDS (CL_ADDR_KINDS + 1u)
#define CL_CENSUS_IPV4	((unsigned)CL_ADDR_KINDS)

struct cl_census_sum {
	uint64_t clients, requests;
};

/* Of a protocol. */
struct cl_census_proto {
	struct cl_census_sum all;
	struct cl_census_sum class[CL_CENSUS_CLASSES];
	uint64_t interval[CL_CENSUS_INTERVALS]; /* clients of a server: two of one client count twice */
	uint64_t intervals;			/* their sum */
	struct cl_census_sum kind[CL_CENSUS_KINDS];
	uint64_t rank_requests[CL_CENSUS_RANKS]; /* of the clients that ask most */
	double gini; /* of requests over clients: 0 all ask the same, near 1 one asks nearly all */
	uint64_t common[CL_CENSUS_SERVERS][CL_CENSUS_SERVERS]; /* clients of both slots */
};
const struct cl_census_proto *cl_census_proto(const struct cl_census *c, enum cl_proto proto);

/* Clients of a server that asked it once. */
uint64_t cl_census_one_shot(const struct cl_census *c, uint32_t server);

/**
 * Clients whose first request of a server, or of any of a protocol (server: count + protocol), lies in the
 * step that ends at t_s, or on a day. False: there were too many steps to keep.
 */
bool cl_census_new_in_step(const struct cl_census *c, uint32_t server, int64_t t_s, uint64_t *n);
bool cl_census_new_on_day(const struct cl_census *c, uint32_t server, int64_t day, uint64_t *n);

/* Networks of clients by length: /24 of IPv4, /48 and /64 of IPv6; of all protocols together. */
enum cl_census_length { CL_CENSUS_24, CL_CENSUS_48, CL_CENSUS_64, CL_CENSUS_LENGTHS };
struct cl_census_network {
	struct cl_prefix prefix;
	struct cl_census_sum sum;
};

/* The `*n` networks with most clients (of equals, with most requests), fewer if there are fewer; to be freed,
 * NULL when memory is short. */
struct cl_census_network *cl_census_networks(struct cl_census *c, enum cl_census_length length, size_t *n);

/* Clients in networks that found no room. */
uint64_t cl_census_networks_refused(const struct cl_census *c, enum cl_census_length length);

/* The `*n` first halves (36 bits) of MAC addresses with most clients, as keys; NULL when memory is short. */
struct cl_counted *cl_census_macs(struct cl_census *c, size_t *n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_CLIENTS_H
#define CL_STATS_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "dissect/event.h"
#include "dissect/hash.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

/* A client of more than one service: what it did with each is in pairs. */
#define CL_SERVICE_MANY UINT32_MAX

/* Flags of a client with one service, or of a pair. */
#define CL_SEEN_TODAY 0x01u /* asked on the current day */
#define CL_SEEN_MONTH 0x02u /* asked in the current month */
#define CL_SEEN_DIRTY 0x04u /* its row of the current day changed since it was stored */
#define CL_SEEN_UDP   0x08u /* asked over UDP today */
#define CL_SEEN_TCP   0x10u /* asked over TCP today (DNS) */
#define CL_SEEN_DATE  0x20u /* asked on this UTC day; the marks above are of a period, perhaps of all days */

/* Scopes over all servers; a client's flags hold them by day and by month. */
enum cl_scope { CL_SCOPE_NTP, CL_SCOPE_DNS, CL_SCOPE_DNS_UDP, CL_SCOPE_DNS_TCP, CL_SCOPES };

/* Of a request: bits of the scopes that its client asks in. */
static inline uint32_t cl_scopes_of(const struct cl_event *ev)
{
	if (ev->kind == CL_EV_NTP)
		return 1u << CL_SCOPE_NTP;
	return 1u << CL_SCOPE_DNS |
	       1u << ((ev->u.dns.bits & CL_DNS_TCP) != 0 ? CL_SCOPE_DNS_TCP : CL_SCOPE_DNS_UDP);
}

#define CL_CLIENT_DAY(scope)   (0x100u << (scope))
#define CL_CLIENT_MONTH(scope) (0x1000u << (scope))
#define CL_CLIENT_DAY_ALL      0xf00u
#define CL_CLIENT_MONTH_ALL    0xf000u
#define CL_CLIENT_DATE(scope)  (0x10000u << (scope)) /* as CL_SEEN_DATE, of NTP and DNS alone */
#define CL_CLIENT_DATE_ALL     0x30000u

/* What is known of a client's requests to one service, in the current period (a UTC day, or the whole
 * capture). */
struct cl_seen {
	int64_t first_ns,
		last_ns; /* last_ns also tells the gap to the next request: it outlives the period */
	uint64_t bytes;	 /* of the frames with its requests */
	uint32_t requests, responses;
	uint32_t service; /* number, or CL_SERVICE_MANY in a client */
	uint32_t cell;	  /* of the windows, see cl_windows; 0: none */
};

/* A source address of requests: one cache line. */
struct cl_client {
	struct cl_addr addr;
	struct cl_seen seen; /* its only service; with CL_SERVICE_MANY: `cell` is that of all NTP servers */
	uint32_t flags;
	uint32_t cell_dns; /* of all DNS servers, with CL_SERVICE_MANY */
};

/* A client and one of its services, if it has several. */
struct cl_pair {
	struct cl_seen seen;
	uint32_t client; /* number of its record */
	uint32_t flags;
};

/* All clients of a worker. */
struct cl_clients {
	struct cl_arena records, pairs; /* of struct cl_client, struct cl_pair */
	struct cl_index by_addr, by_pair;
	uint64_t seed;
	uint64_t refused; /* requests of new clients and pairs that found the table full */
	/* set by the first refusal: from then on nobody is added, for who was refused is counted elsewhere */
	bool full, pairs_full;
};

bool cl_clients_init(struct cl_clients *c, uint64_t seed);
void cl_clients_free(struct cl_clients *c);

/* Lets all growth from now on draw on a budget, which is borrowed. */
void cl_clients_limit(struct cl_clients *c, struct cl_budget *budget);

/* Hash of an address: seeded, so that addresses cannot be chosen to collide. */
static inline uint64_t cl_clients_hash(const struct cl_clients *c, const struct cl_addr *a)
{
	return cl_addr_hash(a, c->seed);
}

/* Number of the client with this address and hash, or CL_INDEX_NONE. */
uint32_t cl_clients_find(const struct cl_clients *c, const struct cl_addr *a, uint64_t hash);

/* The same; adds it if it is not there. NULL when the table is full (counted in `refused`). */
struct cl_client *cl_clients_get(struct cl_clients *c, const struct cl_addr *a, uint64_t hash,
				 uint32_t service);

/* Hash of a pair's key. */
static inline uint64_t cl_pair_hash(const struct cl_clients *c, uint32_t client, uint32_t service)
{
	return cl_mix(c->seed, (uint64_t)client << 32 | service);
}

/* The pair of a client that has many services, or NULL. */
struct cl_pair *cl_pairs_find(const struct cl_clients *c, uint32_t client, uint32_t service);

/* The same; adds it if it is not there. NULL when the table is full. */
struct cl_pair *cl_pairs_get(struct cl_clients *c, uint32_t client, uint32_t service);

/**
 * Makes a client of one service (of scope NTP or DNS as `dns` says) one of many: its record goes into a pair.
 * False when the table is full; the client is then as before.
 */
bool cl_clients_split(struct cl_clients *c, struct cl_client *client, bool dns);

static inline struct cl_client *cl_client_at(const struct cl_clients *c, size_t i)
{
	return cl_arena_at(&c->records, i);
}

static inline struct cl_pair *cl_pair_at(const struct cl_clients *c, size_t i)
{
	return cl_arena_at(&c->pairs, i);
}

static inline uint32_t cl_client_number(const struct cl_clients *c, const struct cl_client *client)
{
	return (uint32_t)(client - (const struct cl_client *)(const void *)c->records.base);
}

/* Visits each client-service pair. `client` and `seen` may be changed, keys not. */
typedef void cl_pair_fn(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags);
void cl_clients_each(struct cl_clients *c, cl_pair_fn *fn, void *ctx);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of struct cl_tunnels, for tunnels.c and tunnels_store.c alone. */
#ifndef CL_STATS_TUNNELS_STATE_H
#define CL_STATS_TUNNELS_STATE_H

#include "stats/engine/stored.h"
#include "stats/engine/tunnels.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

/* Records that begin with their key. */
struct cl_tunnel_table {
	struct cl_arena rows;
	struct cl_index by_key;
	size_t key_octets, record;
	uint32_t limit, room; /* records; there is address space for `room` */
	bool ready;	      /* made with the first record */
	struct cl_stored stored;
};

/* An echo request that waits. */
struct cl_tunnel_echo {
	int64_t time_ns; /* the rest holds if `waits` */
	struct cl_addr a, b, src, dst;
	uint32_t rest; /* identifier and sequence number */
	uint8_t kind, way, version;
	bool waits;
};

struct cl_tunnels {
	uint64_t seed;
	struct cl_tunnel_table tunnels, prefixes, protocols, errors;
	struct cl_tunnel_echo *echo; /* CL_TUNNEL_ECHOES; NULL until the first */
	int64_t now_ns;		     /* the latest time */
	bool any;
	bool failed; /* memory was short */
	bool wrote;  /* to the store: the latest day then, and cl_store_undone */
	int64_t written_day;
	uint64_t undone;
};

/* The record with this key, added if need be; NULL if there is no room. `added` may be NULL. */
void *cl_tunnel_table_at(struct cl_tunnels *t, struct cl_tunnel_table *table, const void *key, bool *added);

/* The tunnel's row, added if need be; beyond the limit that of its kind and day. NULL when memory is short.
 */
struct cl_tunnel_row *cl_tunnels_row(struct cl_tunnels *t, const struct cl_tunnel_key *key);

/* Forgets what is of days before one. */
void cl_tunnels_forget(struct cl_tunnels *t, int64_t before_day);

/* Keeps an echo request. True: an older one gave way that might have been answered. */
bool cl_tunnels_wait(struct cl_tunnels *t, const struct cl_tunnel_echo *echo);

#endif

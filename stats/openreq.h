/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_OPENREQ_H
#define CL_STATS_OPENREQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/arena.h"

#define CL_REQ_NONE UINT32_MAX

enum cl_req_state {
	CL_REQ_OPEN,
	CL_REQ_MATCHED,
	CL_REQ_ANSWERED_LATE,
	CL_REQ_CLAIMED /* an unmatched response that a later request showed to be early */
};

/* What an entry is found by. */
enum cl_req_kind {
	CL_REQ_REQUEST,  /* its own key */
	CL_REQ_ALIAS,    /* a second key of the request `target` */
	CL_REQ_RESPONSE, /* an unmatched response, waiting for a request behind it */
	CL_REQ_RESPONSE_ALIAS
};

/**
 * A request that may still be answered, or was and may be again; or a response that found none. Entries with one
 * key form a list in the order they came. One cache line.
 */
struct cl_req {
	uint64_t key;
	uint64_t aux; /* NTP: hash of the unique identifier, 0 none. DNS: hash of the question, 0 none */
	int64_t time_ns;
	uint64_t frame_no;
	uint32_t file, service;
	uint32_t next, prev; /* same key; CL_REQ_NONE ends */
	uint32_t tail, open; /* in the first of a key: its last, and one before which none is open */
	uint32_t target;     /* itself unless an alias */
	uint8_t kind, state, extra, reserved; /* extra: the protocol's own (NTP mode) */
};

struct cl_req_queue {
	struct cl_req_wait {
		int64_t since_ns; /* packet time of the newest packet when it came */
		uint64_t key;
		uint32_t number;
	} *ring;
	uint32_t mask;
	uint64_t head, count;
};

/**
 * Requests by key, bounded in time and number. A matched request is kept for `timeout`, an unmatched one for
 * `horizon` (to tell a late answer from a bogus one), an unmatched response for CL_REQ_EARLY_NS.
 */
struct cl_openreq {
	struct cl_arena pool; /* of struct cl_req */
	uint64_t *slot;       /* index: 32 bits of the key, number plus 1 */
	uint32_t free_list, slot_mask, slots_used;
	struct cl_req_queue young, old, early;
	int64_t timeout_ns, horizon_ns;
	uint64_t live;    /* entries */
	uint64_t dropped; /* requests given up before their time, for lack of room */
};

/* An answer may be captured this long before its request. */
#define CL_REQ_EARLY_NS 100000000

/* At most so many entries. */
#define CL_REQ_MAX ((size_t)1 << 24)

bool cl_openreq_init(struct cl_openreq *o, int64_t timeout_ns, int64_t horizon_ns);
void cl_openreq_free(struct cl_openreq *o);

static inline struct cl_req *cl_req_at(const struct cl_openreq *o, uint32_t number)
{
	return (struct cl_req *)cl_arena_at(&o->pool, number);
}

static inline void cl_openreq_prefetch(const struct cl_openreq *o, uint64_t key)
{
	__builtin_prefetch(&o->slot[key >> 32 & o->slot_mask]);
}

/**
 * Adds an entry (key, aux, time_ns, frame_no, file, service, kind, extra of `what`; target for an alias) that came at
 * packet time `now_ns`. Its number, valid until it expires; CL_REQ_NONE when memory is short (counted).
 */
uint32_t cl_openreq_add(struct cl_openreq *o, const struct cl_req *what, int64_t now_ns);

/* The entry that `e` stands for: itself, or an alias' request; NULL if that is gone. */
struct cl_req *cl_openreq_target(const struct cl_openreq *o, struct cl_req *e);

/* First entry of a key, or CL_REQ_NONE. */
uint32_t cl_openreq_find(const struct cl_openreq *o, uint64_t key);

/* Drops what is too old at packet time `now_ns`. */
void cl_openreq_expire(struct cl_openreq *o, int64_t now_ns);

/* Forgets an entry now, before its time. */
void cl_openreq_forget(struct cl_openreq *o, uint32_t number);

/* Visits all entries in the order they came, young ones last. */
typedef void cl_req_fn(void *ctx, const struct cl_req *req, int64_t since_ns);
void cl_openreq_each(const struct cl_openreq *o, cl_req_fn *fn, void *ctx);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_OPENREQ_H
#define CL_STATS_OPENREQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/inline.h"
#include "stats/table/arena.h"
#include "stats/table/budget.h"

#define CL_REQ_NONE UINT32_MAX

/* Requests whose second key is given a slot later, since few are found by it and most are answered soon. */
#define CL_REQ_UNLISTED 256u

enum cl_req_kind {
	CL_REQ_FREE,
	CL_REQ_REQUEST,
	CL_REQ_RESPONSE, /* found no request, and waits for one that comes behind it */
	CL_REQ_ALIAS	 /* a further key of another, where several entries have that key */
};

/**
 * An open request, or an early response; nothing has answered it yet. Entries with one key form a ring in the
 * order they came (the first one's `prev` is the last). One cache line.
 */
struct cl_req {
	uint64_t key;
	union {
		uint64_t second;  /* a further key; once listed its slot leads here, and it is nobody else's;
				     0: none */
		int64_t since_ns; /* if `late`: packet time at which it came */
	};
	int64_t time_ns;
	uint64_t place; /* number of its file << 40 | of its frame there */
	uint32_t aux;	/* NTP: of the unique identifier, 0 none. DNS: of the question, 0 none */
	uint32_t service;
	uint32_t next, prev; /* same key; next of the last: CL_REQ_NONE */
	uint32_t alias;	     /* records of further keys, CL_REQ_NONE ends */
	uint32_t older;	     /* in its list by arrival; of an alias: what it stands for */
	uint32_t newer;
	uint8_t kind : 2;
	uint8_t late : 1;     /* came behind its time; its further keys are records */
	uint8_t shared : 1;   /* has or had others beside it under its key, or records of further keys */
	uint8_t unlisted : 1; /* its second key has no slot yet */
	uint8_t extra;	      /* the protocol's own (NTP mode; DNS: a zone transfer) */
	uint16_t
		connection; /* lower bits of the number of its TCP connection; 0: none, or of a file before */
};

/* Lists in the order of arrival: what is to be dropped when its time is over. Each is a ring whose ends meet
 * in a record of this number. */
enum { CL_REQ_LIST_REQUESTS, CL_REQ_LIST_EARLY, CL_REQ_LISTS };

/**
 * What is open by key, bounded in time and number: a request for `horizon` (to tell a late answer from a
 * bogus one), an early response for CL_REQ_EARLY_NS. Of what was answered a mark stays for `timeout`, to know
 * second answers: a slot of the index, no record, so that the records in use are few and near. Old marks go
 * out together, when room is wanted.
 */
struct cl_openreq {
	struct cl_arena pool; /* of struct cl_req */
	uint64_t *slot;	      /* tag (upper half of the key), 2 bits of state, 30 of number or mark */
	uint32_t slot_mask, slots_used, free_list;
	int64_t timeout_ns, horizon_ns;
	int64_t now_ns;	     /* packet time of the last entry */
	int64_t swept_ns;    /* and of the last sweep: marks have come round by 64 timeouts later */
	unsigned mark_shift; /* unit of a mark's time */
	uint64_t dropped;    /* requests given up before their time, for lack of room */
	struct {
		uint32_t number, check; /* of a record, and lower half of its second key */
	} unlisted[CL_REQ_UNLISTED];	/* a ring: second keys that have no slot yet, unless answered since */
	uint32_t unlisted_first, unlisted_end; /* counted on and on */
};

/* An answer may be captured this long before its request. */
#define CL_REQ_EARLY_NS 100000000

/* At most so many open requests. */
#define CL_REQ_MAX ((size_t)1 << 24)

bool cl_openreq_init(struct cl_openreq *o, int64_t timeout_ns, int64_t horizon_ns);

/* `dropped` stays known. */
void cl_openreq_free(struct cl_openreq *o);

/* Lets all growth from now on draw on a budget, which is borrowed. At its end what waited longest is given up
 * (counted in `dropped`). */
void cl_openreq_limit(struct cl_openreq *o, struct cl_budget *budget);

static inline struct cl_req *cl_req_at(const struct cl_openreq *o, uint32_t number)
{
	return (struct cl_req *)(void *)o->pool.base + number;
}

/* The oldest of a list; the list's own number: it is empty. */
static inline uint32_t cl_req_oldest(const struct cl_openreq *o, uint32_t list)
{
	return cl_req_at(o, list)->newer;
}

CL_IN_LINE void cl_openreq_prefetch(const struct cl_openreq *o, uint64_t key)
{
	__builtin_prefetch(&o->slot[key >> 32 & o->slot_mask], 1);
}

/* What an entry is, or stands for. */
static inline struct cl_req *cl_req_target(const struct cl_openreq *o, struct cl_req *e)
{
	return e->kind == CL_REQ_ALIAS ? cl_req_at(o, e->older) : e;
}

/* Packet time at which it came. */
static inline int64_t cl_req_since(const struct cl_req *e)
{
	return e->late ? e->since_ns : e->time_ns;
}

/* Its second key, 0 for none. */
static inline uint64_t cl_req_second(const struct cl_req *e)
{
	return e->late ? 0 : e->second;
}

/* File and frame in one word; beyond its room they are cut. */
static inline uint64_t cl_req_place(uint32_t file, uint64_t frame_no)
{
	return (uint64_t)file << 40 | (frame_no & 0xffffffffffu);
}

static inline uint32_t cl_req_file(uint64_t place)
{
	return (uint32_t)(place >> 40);
}

static inline uint64_t cl_req_frame(uint64_t place)
{
	return place & 0xffffffffffu;
}

/**
 * A new record of a kind that is no alias, with its key and time; the caller fills aux, place, service, extra
 * and connection. It came at packet time `now_ns`. NULL when there is no room (counted).
 */
struct cl_req *cl_openreq_add(struct cl_openreq *o, enum cl_req_kind kind, uint64_t key, int64_t time_ns,
			      int64_t now_ns);

/* Gives an entry a further key. Left out when there is no room. */
void cl_openreq_alias(struct cl_openreq *o, struct cl_req *req, uint64_t key);

/* The same for a key that is seldom asked for: it is found only after cl_openreq_list. */
void cl_openreq_alias_later(struct cl_openreq *o, struct cl_req *req, uint64_t key);
void cl_openreq_list(struct cl_openreq *o);

/* What is known of a key: its first open entry (an alias perhaps), or whether it was answered of late. */
struct cl_req_found {
	struct cl_req *first; /* NULL: none */
	bool answered;
	bool second; /* `first` is known by its second key, and alone there */
};
struct cl_req_found cl_openreq_find(const struct cl_openreq *o, uint64_t key, uint32_t check, int64_t now_ns);

/* A check of a mark: 1 to this; 0 agrees with all. A mark with another check is passed over. */
#define CL_REQ_CHECK_MAX 0xfffu

/* The entry behind one that was found under a key, or NULL. */
static inline struct cl_req *cl_req_next(const struct cl_openreq *o, const struct cl_req_found *f,
					 const struct cl_req *e)
{
	return f->second || e->next == CL_REQ_NONE ? NULL : cl_req_at(o, e->next);
}

/* Takes out an entry that was answered through `key`, and marks that if nothing else is open there. */
void cl_openreq_answer(struct cl_openreq *o, struct cl_req *req, uint64_t key, uint32_t check,
		       int64_t now_ns);

/* Makes a request one of `time_ns` that came now. It must have no further keys. */
void cl_openreq_renew(struct cl_openreq *o, struct cl_req *req, int64_t time_ns, int64_t now_ns);

/* Forgets an entry that is no alias, and its further keys, before its time. */
void cl_openreq_drop(struct cl_openreq *o, struct cl_req *req);

/* Drops entries that are too old at packet time `now_ns`. */
void cl_openreq_expire(struct cl_openreq *o, int64_t now_ns);

/* Takes out old marks as packet time goes from `before_ns` on to `now_ns`. */
void cl_openreq_sweep(struct cl_openreq *o, int64_t before_ns, int64_t now_ns);

/* The packet time beyond which nothing may be asked for or answered without a sweep. */
int64_t cl_openreq_sweep_due(const struct cl_openreq *o);

/* Visits all open entries that are no aliases in the order they came; their further keys, the oldest first.
 */
typedef void cl_req_fn(void *ctx, const struct cl_req *req);
void cl_openreq_each(const struct cl_openreq *o, cl_req_fn *fn, void *ctx);
#define CL_REQ_KEYS_MAX 4u
unsigned cl_openreq_further(const struct cl_openreq *o, const struct cl_req *req,
			    uint64_t key[CL_REQ_KEYS_MAX]);

/* Visits the marks that hold at `now_ns`, with the time of the answer (as coarse as the mark's): to store
 * them. */
typedef void cl_req_mark_fn(void *ctx, uint32_t tag, uint32_t mark, int64_t since_ns);
void cl_openreq_marks(const struct cl_openreq *o, int64_t now_ns, cl_req_mark_fn *fn, void *ctx);

/* Puts a stored mark back. */
void cl_openreq_mark(struct cl_openreq *o, uint32_t tag, uint32_t mark);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/openreq.h"

#include <stdlib.h>

#include "stats/hugemem.h"

#define FIRST_QUEUE 1024u
#define FIRST_SLOTS 4096u
#define AHEAD	    96 /* prefetch distance in a queue: about a batch */

/* Lower half of a slot: state and payload; 0 is an empty slot. */
#define STATE_OPEN     0x40000000u /* payload: number of the first record with the key */
#define STATE_ANSWERED 0x80000000u /* payload: mark, a coarse time and 12 bits of what the request said */
#define STATE_MASK     0xc0000000u
#define PAYLOAD	       0x3fffffffu

#define LONGEST_NS (INT64_MAX / 4)

/* A mark's upper 18 bits count units of 2^MARK_SHIFT ns, 2 to 4 thousand of them a timeout; its lower 12 are
 * a check. */
#define MARK_TIME    0x3ffffu
#define MARK_CHECK   CL_REQ_CHECK_MAX
#define MARK_TIME_AT 12

_Static_assert(sizeof(struct cl_req) == 64, "a request is a cache line");

/* Queues ---------------------------------------------------------------------- */

static bool queue_init(struct cl_req_queue *q)
{
	q->ring = malloc(FIRST_QUEUE * sizeof *q->ring);
	q->mask = FIRST_QUEUE - 1;
	return q->ring != NULL;
}

static bool queue_grow(struct cl_req_queue *q)
{
	size_t size = ((size_t)q->mask + 1) * 2;
	if (!cl_budget_take(q->budget, CL_BUDGET_OPEN, size * sizeof *q->ring))
		return false;
	struct cl_req_wait *ring = malloc(size * sizeof *ring);
	if (ring == NULL) {
		cl_budget_give(q->budget, CL_BUDGET_OPEN, size * sizeof *ring);
		return false;
	}
	for (uint64_t i = 0; i < q->count; i++)
		ring[i] = q->ring[(q->head + i) & q->mask];
	free(q->ring);
	cl_budget_give(q->budget, CL_BUDGET_OPEN, size / 2 * sizeof *ring);
	q->ring = ring;
	q->head = 0;
	q->mask = (uint32_t)size - 1;
	return true;
}

static inline bool queue_push(struct cl_req_queue *q, struct cl_req_wait w)
{
	if (q->count > q->mask && !queue_grow(q))
		return false;
	q->ring[(q->head + q->count++) & q->mask] = w;
	return true;
}

static inline struct cl_req_wait queue_pop(struct cl_req_queue *q)
{
	struct cl_req_wait w = q->ring[q->head++ & q->mask];

	q->count--;
	return w;
}

static inline bool due(const struct cl_req_queue *q, int64_t now_ns, int64_t keep_ns)
{
	return q->count > 0 && now_ns - q->ring[q->head & q->mask].since_ns > keep_ns;
}

/* Slots ----------------------------------------------------------------------- */

static inline uint32_t tag_of(uint64_t key)
{
	return (uint32_t)(key >> 32);
}

static inline uint32_t time_mark(const struct cl_openreq *o, int64_t now_ns)
{
	return (uint32_t)((uint64_t)now_ns >> o->mark_shift) & MARK_TIME;
}

static inline uint32_t mark_of(const struct cl_openreq *o, uint32_t check, int64_t now_ns)
{
	return STATE_ANSWERED | time_mark(o, now_ns) << MARK_TIME_AT | check;
}

/* Whether a second answer with this check finds the mark. */
static inline bool mark_holds(const struct cl_openreq *o, uint32_t mark, uint32_t check, int64_t now_ns)
{
	uint32_t age = (time_mark(o, now_ns) - (mark >> MARK_TIME_AT & MARK_TIME)) & MARK_TIME;
	uint32_t kept = mark & MARK_CHECK;

	return age <= (uint64_t)o->timeout_ns >> o->mark_shift && (kept == 0 || check == 0 || kept == check);
}

static void slots_place(struct cl_openreq *o, uint64_t value)
{
	uint32_t at = (uint32_t)(value >> 32) & o->slot_mask;

	while (o->slot[at] != 0)
		at = (at + 1) & o->slot_mask;
	o->slot[at] = value;
}

static bool slots_grow(struct cl_openreq *o)
{
	uint64_t *old = o->slot, old_mask = o->slot_mask;
	size_t octets = cl_huge_octets((old_mask + 1) * 2 * sizeof *old);

	if (!cl_budget_take(o->pool.budget, CL_BUDGET_OPEN, octets))
		return false;
	uint64_t *slot = cl_huge_alloc((old_mask + 1) * 2 * sizeof *slot);
	if (slot == NULL) {
		cl_budget_give(o->pool.budget, CL_BUDGET_OPEN, octets);
		return false;
	}
	o->slot = slot;
	o->slot_mask = (uint32_t)(old_mask * 2 + 1);
	for (uint64_t i = 0; i <= old_mask; i++)
		if (old[i] != 0)
			slots_place(o, old[i]);
	cl_huge_free(old, (old_mask + 1) * sizeof *old);
	cl_budget_give(o->pool.budget, CL_BUDGET_OPEN, cl_huge_octets((old_mask + 1) * sizeof *old));
	return true;
}

/* Takes a slot out and closes the gap, so that searches may end at an empty slot. */
static void slot_remove(struct cl_openreq *o, uint32_t hole)
{
	for (uint32_t at = (hole + 1) & o->slot_mask; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t home = (uint32_t)(o->slot[at] >> 32) & o->slot_mask;

		if (((at - home) & o->slot_mask) >= ((at - hole) & o->slot_mask)) {
			o->slot[hole] = o->slot[at];
			hole = at;
		}
	}
	o->slot[hole] = 0;
	o->slots_used--;
}

/* Position of the slot with exactly this value; it is there. */
static inline uint32_t slot_of(const struct cl_openreq *o, uint64_t value)
{
	uint32_t at = (uint32_t)(value >> 32) & o->slot_mask;

	while (o->slot[at] != value)
		at = (at + 1) & o->slot_mask;
	return at;
}

static inline uint64_t open_value(uint32_t tag, uint32_t number)
{
	return (uint64_t)tag << 32 | STATE_OPEN | number;
}

/**
 * The slot of a key: that of its open entries; else one that may be taken, of an answered request with the
 * same tag or an empty one.
 */
static uint32_t slot_for(const struct cl_openreq *o, uint64_t key)
{
	uint32_t tag = tag_of(key), at = tag & o->slot_mask, reuse = UINT32_MAX;

	for (; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t low = (uint32_t)o->slot[at];

		if ((uint32_t)(o->slot[at] >> 32) != tag)
			continue;
		if ((low & STATE_MASK) == STATE_ANSWERED)
			reuse = at;
		else if (cl_req_at(o, low & PAYLOAD)->key == key)
			return at;
	}
	return reuse != UINT32_MAX ? reuse : at;
}

/* Records --------------------------------------------------------------------- */

bool cl_openreq_init(struct cl_openreq *o, int64_t timeout_ns, int64_t horizon_ns)
{
	*o = (struct cl_openreq){ .timeout_ns = timeout_ns < LONGEST_NS ? timeout_ns : LONGEST_NS,
				  .horizon_ns = horizon_ns < LONGEST_NS ? horizon_ns : LONGEST_NS,
				  .free_list = CL_REQ_NONE };
	while (o->timeout_ns >> o->mark_shift > MARK_TIME >> 6)
		o->mark_shift++;
	o->slot = cl_huge_alloc(FIRST_SLOTS * sizeof *o->slot);
	o->slot_mask = FIRST_SLOTS - 1;
	if (o->slot != NULL && cl_arena_init(&o->pool, sizeof(struct cl_req), CL_REQ_MAX) &&
	    queue_init(&o->young) && queue_init(&o->old) && queue_init(&o->early) && queue_init(&o->answered))
		return true;
	cl_openreq_free(o);
	return false;
}

void cl_openreq_limit(struct cl_openreq *o, struct cl_budget *budget)
{
	struct cl_req_queue *queues[] = { &o->young, &o->old, &o->early, &o->answered };

	o->pool.budget = budget;
	o->pool.part = CL_BUDGET_OPEN;
	for (unsigned i = 0; i < sizeof queues / sizeof *queues; i++) {
		queues[i]->budget = budget; /* what it has is taken; to be given back when it grows */
		(void)cl_budget_take(budget, CL_BUDGET_OPEN, FIRST_QUEUE * sizeof *queues[i]->ring);
	}
	(void)cl_budget_take(budget, CL_BUDGET_OPEN, FIRST_SLOTS * sizeof *o->slot);
}

void cl_openreq_free(struct cl_openreq *o)
{
	struct cl_budget *budget = o->pool.budget;

	cl_arena_free(&o->pool);
	cl_budget_give_all(budget, CL_BUDGET_OPEN);
	cl_huge_free(o->slot, ((size_t)o->slot_mask + 1) * sizeof *o->slot);
	free(o->young.ring);
	free(o->old.ring);
	free(o->early.ring);
	free(o->answered.ring);
	*o = (struct cl_openreq){ .slot = NULL };
}

static struct cl_req *record_take(struct cl_openreq *o, uint32_t *number)
{
	if (o->free_list != CL_REQ_NONE) {
		struct cl_req *e = cl_req_at(o, o->free_list);

		*number = o->free_list;
		o->free_list = e->next;
		return e;
	}
	*number = (uint32_t)o->pool.count;
	return cl_arena_add(&o->pool);
}

/* The usual case of taking a record: there is a used one, and room for its slot. */
static inline struct cl_req *record_quick(struct cl_openreq *o, uint32_t *number)
{
	if (o->free_list == CL_REQ_NONE || o->slots_used >= o->slot_mask / 2)
		return NULL;
	struct cl_req *e = cl_req_at(o, o->free_list);
	*number = o->free_list;
	o->free_list = e->next;
	return e;
}

static inline void record_give(struct cl_openreq *o, struct cl_req *e, uint32_t number)
{
	e->kind = CL_REQ_FREE;
	e->generation++;
	e->next = o->free_list;
	o->free_list = number;
}

/* Puts a record under its key: behind those with the same, or into a slot of its own. */
static inline void link_in(struct cl_openreq *o, struct cl_req *e, uint32_t number)
{
	uint32_t at = tag_of(e->key) & o->slot_mask;

	e->next = CL_REQ_NONE;
	if (o->slot[at] == 0) { /* most often */
		e->prev = number;
		o->slots_used++;
		o->slot[at] = open_value(tag_of(e->key), number);
		return;
	}
	at = slot_for(o, e->key);
	uint32_t low = (uint32_t)o->slot[at];
	if ((low & STATE_MASK) == STATE_OPEN) {
		struct cl_req *first = cl_req_at(o, low & PAYLOAD);

		e->prev = first->prev;
		cl_req_at(o, first->prev)->next = number;
		first->prev = number;
		return;
	}
	e->prev = number;
	o->slots_used += low == 0;
	o->slot[at] = open_value(tag_of(e->key), number);
}

/* Takes a record from under its key. Its slot becomes `left` (0: none) if it was the only one. */
static inline void link_out(struct cl_openreq *o, struct cl_req *e, uint32_t number, uint32_t left)
{
	uint32_t tag = tag_of(e->key);

	if (e->prev == number) { /* alone */
		uint32_t at = slot_of(o, open_value(tag, number));

		if (left != 0)
			o->slot[at] = (uint64_t)tag << 32 | left;
		else
			slot_remove(o, at);
		return;
	}
	if (cl_req_at(o, e->prev)->next == CL_REQ_NONE) { /* the first: its prev is the last */
		cl_req_at(o, e->next)->prev = e->prev;
		o->slot[slot_of(o, open_value(tag, number))] = open_value(tag, e->next);
		return;
	}
	cl_req_at(o, e->prev)->next = e->next;
	if (e->next != CL_REQ_NONE) {
		cl_req_at(o, e->next)->prev = e->prev;
		return;
	}
	/* the last: the first must know the new one */
	uint32_t at = slot_for(o, e->key);
	cl_req_at(o, (uint32_t)o->slot[at] & PAYLOAD)->prev = e->prev;
}

static inline uint32_t number_of(const struct cl_openreq *o, const struct cl_req *e)
{
	return (uint32_t)(e - cl_req_at(o, 0));
}

static void drop_aliases(struct cl_openreq *o, struct cl_req *e)
{
	while (e->alias != CL_REQ_NONE) {
		uint32_t number = e->alias;
		struct cl_req *alias = cl_req_at(o, number);

		e->alias = alias->alias;
		link_out(o, alias, number, 0);
		record_give(o, alias, number);
	}
}

static void drop(struct cl_openreq *o, uint32_t number)
{
	struct cl_req *e = cl_req_at(o, number);

	drop_aliases(o, e);
	link_out(o, e, number, 0);
	record_give(o, e, number);
}

void cl_openreq_drop(struct cl_openreq *o, struct cl_req *req)
{
	drop(o, number_of(o, req));
}

static bool is_current(const struct cl_openreq *o, struct cl_req_wait w)
{
	return cl_req_at(o, w.a)->generation == w.b;
}

/* Makes room by giving up the entry that waited longest. False: there is none. */
static bool drop_oldest(struct cl_openreq *o)
{
	struct cl_req_queue *queues[] = { &o->old, &o->young, &o->early };

	for (unsigned i = 0; i < 3; i++)
		while (queues[i]->count > 0) {
			struct cl_req_wait w = queue_pop(queues[i]);

			if (!is_current(o, w))
				continue;
			o->dropped += cl_req_at(o, w.a)->kind == CL_REQ_REQUEST;
			drop(o, w.a);
			return true;
		}
	return false;
}

static void unmark(struct cl_openreq *o, uint32_t tag, uint32_t mark);

/* Gives up what is worth least: what is late already, the oldest mark, the oldest request. */
static bool give_up_one(struct cl_openreq *o)
{
	if (o->old.count == 0 && o->answered.count > 0) {
		struct cl_req_wait w = queue_pop(&o->answered);

		unmark(o, w.a, w.b);
		return true;
	}
	return drop_oldest(o);
}

/* There is no room for another: the one in front gives way. */
static bool push_for_first(struct cl_openreq *o, struct cl_req_queue *q, struct cl_req_wait w)
{
	struct cl_req_wait first = queue_pop(q);

	if (q == &o->answered) {
		unmark(o, first.a, first.b);
	} else if (is_current(o, first)) {
		o->dropped += cl_req_at(o, first.a)->kind == CL_REQ_REQUEST;
		drop(o, first.a);
	}
	return queue_push(q, w);
}

static inline bool queue_push_by_force(struct cl_openreq *o, struct cl_req_queue *q, struct cl_req_wait w)
{
	return queue_push(q, w) || push_for_first(o, q, w);
}

static struct cl_req *take_or_make_room(struct cl_openreq *o, uint32_t *number)
{
	if (o->slots_used >= o->slot_mask / 2 && !slots_grow(o))
		while (o->slots_used >= o->slot_mask - o->slot_mask / 4 && give_up_one(o))
			; /* a fuller table is slow */
	struct cl_req *e = record_take(o, number);

	while (e == NULL && drop_oldest(o))
		e = record_take(o, number);
	return e;
}

struct cl_req *cl_openreq_add(struct cl_openreq *o, enum cl_req_kind kind, uint64_t key, int64_t time_ns,
			      int64_t now_ns)
{
	uint32_t number;
	struct cl_req *e = record_quick(o, &number);

	if (e == NULL)
		e = take_or_make_room(o, &number);
	if (e == NULL || !queue_push_by_force(o, kind == CL_REQ_RESPONSE ? &o->early : &o->young,
					      (struct cl_req_wait){ now_ns, number, e->generation })) {
		if (e != NULL)
			record_give(o, e, number);
		o->dropped++;
		return NULL;
	}
	e->key = key;
	e->time_ns = time_ns;
	e->kind = (uint8_t)kind;
	e->alias = CL_REQ_NONE;
	e->target = number;
	link_in(o, e, number);
	return e;
}

void cl_openreq_alias(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	uint32_t target = number_of(o, req), generation = req->generation, number;
	struct cl_req *e = record_quick(o, &number);

	if (e == NULL)
		e = take_or_make_room(o, &number);
	if (e == NULL)
		return;
	if (req->generation != generation) { /* given up to make room */
		record_give(o, e, number);
		return;
	}
	e->key = key;
	e->kind = CL_REQ_ALIAS;
	e->target = target;
	e->alias = req->alias;
	req->alias = number;
	link_in(o, e, number);
}

struct cl_req_found cl_openreq_find(const struct cl_openreq *o, uint64_t key, uint32_t check, int64_t now_ns)
{
	uint32_t tag = tag_of(key), at = tag & o->slot_mask;
	struct cl_req_found f = { NULL, false };

	for (; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t low = (uint32_t)o->slot[at];

		if ((uint32_t)(o->slot[at] >> 32) != tag)
			continue;
		if ((low & STATE_MASK) == STATE_ANSWERED) {
			f.answered |= mark_holds(o, low, check, now_ns);
			continue;
		}
		struct cl_req *e = cl_req_at(o, low & PAYLOAD);
		if (e->key == key) {
			f.first = e;
			return f;
		}
	}
	return f;
}

void cl_openreq_answer(struct cl_openreq *o, struct cl_req *req, uint64_t key, uint32_t check, int64_t now_ns)
{
	uint32_t mark = mark_of(o, check, now_ns), number = number_of(o, req);
	bool kept = queue_push_by_force(o, &o->answered, (struct cl_req_wait){ now_ns, tag_of(key), mark });

	while (req->alias != CL_REQ_NONE) {
		uint32_t next = req->alias;
		struct cl_req *alias = cl_req_at(o, next);

		req->alias = alias->alias;
		link_out(o, alias, next, kept && alias->key == key ? mark : 0);
		record_give(o, alias, next);
	}
	link_out(o, req, number, kept && req->key == key ? mark : 0);
	record_give(o, req, number);
}

/* Takes a mark away if it still stands. */
static void unmark(struct cl_openreq *o, uint32_t tag, uint32_t mark)
{
	uint64_t value = (uint64_t)tag << 32 | mark;

	for (uint32_t at = tag & o->slot_mask; o->slot[at] != 0; at = (at + 1) & o->slot_mask)
		if (o->slot[at] == value) {
			slot_remove(o, at);
			return;
		}
}

void cl_openreq_expire(struct cl_openreq *o, int64_t now_ns)
{
	while (due(&o->young, now_ns, o->timeout_ns)) {
		struct cl_req_wait w = queue_pop(&o->young);

		if (is_current(o, w) && !queue_push(&o->old, w)) {
			o->dropped += cl_req_at(o, w.a)->kind == CL_REQ_REQUEST;
			drop(o, w.a);
		}
	}
	while (due(&o->old, now_ns, o->horizon_ns)) {
		struct cl_req_wait w = queue_pop(&o->old);

		if (is_current(o, w))
			drop(o, w.a);
	}
	while (due(&o->early, now_ns, CL_REQ_EARLY_NS)) {
		struct cl_req_wait w = queue_pop(&o->early);

		if (is_current(o, w))
			drop(o, w.a);
	}
	while (due(&o->answered, now_ns, o->timeout_ns + ((int64_t)2 << o->mark_shift))) {
		struct cl_req_wait w = queue_pop(&o->answered);

		if (o->answered.count > AHEAD)
			__builtin_prefetch(
				&o->slot[o->answered.ring[(o->answered.head + AHEAD) & o->answered.mask].a &
					 o->slot_mask],
				1);
		unmark(o, w.a, w.b);
	}
}

/* Storing --------------------------------------------------------------------- */

static void each_open(const struct cl_openreq *o, const struct cl_req_queue *q, cl_req_fn *fn, void *ctx)
{
	for (uint64_t i = 0; i < q->count; i++) {
		struct cl_req_wait w = q->ring[(q->head + i) & q->mask];

		if (is_current(o, w))
			fn(ctx, cl_req_at(o, w.a), w.since_ns);
	}
}

void cl_openreq_each(const struct cl_openreq *o, cl_req_fn *fn, cl_req_mark_fn *mark, void *ctx)
{
	each_open(o, &o->old, fn, ctx);
	each_open(o, &o->young, fn, ctx);
	each_open(o, &o->early, fn, ctx);
	for (uint64_t i = 0; mark != NULL && i < o->answered.count; i++) {
		struct cl_req_wait w = o->answered.ring[(o->answered.head + i) & o->answered.mask];

		mark(ctx, w.a, w.b, w.since_ns);
	}
}

void cl_openreq_mark(struct cl_openreq *o, uint32_t tag, uint32_t mark, int64_t since_ns)
{
	if ((mark & STATE_MASK) != STATE_ANSWERED || (o->slots_used >= o->slot_mask / 2 && !slots_grow(o)))
		return;
	if (!queue_push(&o->answered, (struct cl_req_wait){ since_ns, tag, mark }))
		return;
	slots_place(o, (uint64_t)tag << 32 | mark);
	o->slots_used++;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/openreq.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_QUEUE 1024u
#define FIRST_SLOTS 4096u
#define FREED 0xffu /* kind of an entry that was forgotten; its place is free when its queue comes to it */

_Static_assert(sizeof(struct cl_req) == 64, "a request is a cache line");

static bool queue_init(struct cl_req_queue *q)
{
	q->ring = malloc(FIRST_QUEUE * sizeof *q->ring);
	q->mask = FIRST_QUEUE - 1;
	return q->ring != NULL;
}

static bool queue_push(struct cl_req_queue *q, int64_t since_ns, uint32_t number)
{
	if (q->count > q->mask) {
		size_t size = ((size_t)q->mask + 1) * 2;
		struct cl_req_wait *ring = malloc(size * sizeof *ring);

		if (ring == NULL)
			return false;
		for (uint64_t i = 0; i < q->count; i++)
			ring[i] = q->ring[(q->head + i) & q->mask];
		free(q->ring);
		q->ring = ring;
		q->head = 0;
		q->mask = (uint32_t)size - 1;
	}
	q->ring[(q->head + q->count++) & q->mask] = (struct cl_req_wait){ since_ns, number };
	return true;
}

static struct cl_req_wait queue_pop(struct cl_req_queue *q)
{
	struct cl_req_wait w = q->ring[q->head & q->mask];

	q->head++;
	q->count--;
	return w;
}

bool cl_openreq_init(struct cl_openreq *o, int64_t timeout_ns, int64_t horizon_ns)
{
	*o = (struct cl_openreq){ .timeout_ns = timeout_ns, .horizon_ns = horizon_ns, .free_list = CL_REQ_NONE };
	o->slot = calloc(FIRST_SLOTS, sizeof *o->slot);
	o->slot_mask = FIRST_SLOTS - 1;
	if (o->slot != NULL && cl_arena_init(&o->pool, sizeof(struct cl_req), CL_REQ_MAX) && queue_init(&o->young) && queue_init(&o->old) && queue_init(&o->early))
		return true;
	cl_openreq_free(o);
	return false;
}

void cl_openreq_free(struct cl_openreq *o)
{
	cl_arena_free(&o->pool);
	free(o->slot);
	free(o->young.ring);
	free(o->old.ring);
	free(o->early.ring);
	*o = (struct cl_openreq){ .slot = NULL };
}

/* The index -------------------------------------------------------------------------------------------------- */

static uint32_t home(const struct cl_openreq *o, uint64_t value)
{
	return (uint32_t)(value >> 32) & o->slot_mask;
}

static bool slots_grow(struct cl_openreq *o)
{
	uint64_t *old = o->slot, old_mask = o->slot_mask;
	uint64_t *slot = calloc((old_mask + 1) * 2, sizeof *slot);

	if (slot == NULL)
		return false;
	o->slot = slot;
	o->slot_mask = (uint32_t)(old_mask * 2 + 1);
	for (uint64_t i = 0; i <= old_mask; i++) {
		if (old[i] == 0)
			continue;
		uint32_t at = home(o, old[i]);
		while (slot[at] != 0)
			at = (at + 1) & o->slot_mask;
		slot[at] = old[i];
	}
	free(old);
	return true;
}

/* Position of the slot that holds an entry which is the first of its key. */
static uint32_t slot_of(const struct cl_openreq *o, uint64_t key, uint32_t number)
{
	uint32_t at = (uint32_t)(key >> 32) & o->slot_mask;

	while ((uint32_t)o->slot[at] != number + 1)
		at = (at + 1) & o->slot_mask;
	return at;
}

/* Takes a slot out and closes the gap, so that searches may end at an empty slot. */
static void slot_remove(struct cl_openreq *o, uint32_t hole)
{
	for (uint32_t at = (hole + 1) & o->slot_mask; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t distance = (at - home(o, o->slot[at])) & o->slot_mask;

		if (distance >= ((at - hole) & o->slot_mask)) {
			o->slot[hole] = o->slot[at];
			hole = at;
		}
	}
	o->slot[hole] = 0;
	o->slots_used--;
}

uint32_t cl_openreq_find(const struct cl_openreq *o, uint64_t key)
{
	uint32_t tag = (uint32_t)(key >> 32), at = tag & o->slot_mask;

	for (; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t number = (uint32_t)o->slot[at] - 1;

		if ((uint32_t)(o->slot[at] >> 32) == tag && cl_req_at(o, number)->key == key)
			return number;
	}
	return CL_REQ_NONE;
}

/* Entries ---------------------------------------------------------------------------------------------------- */

static uint32_t pool_take(struct cl_openreq *o)
{
	uint32_t number = o->free_list;

	if (number != CL_REQ_NONE) {
		o->free_list = cl_req_at(o, number)->next;
		return number;
	}
	struct cl_req *fresh = cl_arena_add(&o->pool);
	return fresh == NULL ? CL_REQ_NONE : (uint32_t)(o->pool.count - 1);
}

static bool is_gone(const struct cl_openreq *o, uint32_t number)
{
	return cl_req_at(o, number)->kind == FREED;
}

static void append(struct cl_openreq *o, uint32_t first, uint32_t number)
{
	struct cl_req *head = cl_req_at(o, first), *e = cl_req_at(o, number);

	e->prev = head->tail;
	cl_req_at(o, head->tail)->next = number;
	head->tail = number;
	if (head->open == CL_REQ_NONE)
		head->open = number;
}

void cl_openreq_forget(struct cl_openreq *o, uint32_t number)
{
	struct cl_req *e = cl_req_at(o, number);
	uint32_t next = e->next;

	if (e->prev == CL_REQ_NONE) { /* the first of its key */
		uint32_t at = slot_of(o, e->key, number);

		if (next == CL_REQ_NONE) {
			slot_remove(o, at);
		} else {
			struct cl_req *head = cl_req_at(o, next);

			head->prev = CL_REQ_NONE;
			head->tail = e->tail;
			head->open = e->open == number ? next : e->open;
			o->slot[at] = (o->slot[at] & ~(uint64_t)UINT32_MAX) | (next + 1);
		}
	} else {
		struct cl_req *head = cl_req_at(o, cl_openreq_find(o, e->key));

		cl_req_at(o, e->prev)->next = next;
		if (next != CL_REQ_NONE)
			cl_req_at(o, next)->prev = e->prev;
		else
			head->tail = e->prev;
		if (head->open == number)
			head->open = next;
	}
	e->kind = FREED;
	o->live--;
}

/* Frees the place of an entry that no queue holds any more. */
static void retire(struct cl_openreq *o, uint32_t number)
{
	if (!is_gone(o, number))
		cl_openreq_forget(o, number);
	cl_req_at(o, number)->next = o->free_list;
	o->free_list = number;
}

/* Makes room by giving up the entry that waited longest. */
static bool drop_oldest(struct cl_openreq *o)
{
	struct cl_req_queue *q = o->old.count > 0 ? &o->old : o->young.count > 0 ? &o->young : &o->early;

	if (q->count == 0)
		return false;
	uint32_t number = queue_pop(q).number;
	o->dropped += cl_req_at(o, number)->kind == CL_REQ_REQUEST && cl_req_at(o, number)->state == CL_REQ_OPEN;
	retire(o, number);
	return true;
}

static bool is_response(const struct cl_req *e)
{
	return e->kind == CL_REQ_RESPONSE || e->kind == CL_REQ_RESPONSE_ALIAS;
}

uint32_t cl_openreq_add(struct cl_openreq *o, const struct cl_req *what, int64_t now_ns)
{
	if (o->slots_used >= o->slot_mask / 3 * 2 && !slots_grow(o) && !drop_oldest(o))
		return CL_REQ_NONE;
	uint32_t number = pool_take(o);
	while (number == CL_REQ_NONE && drop_oldest(o))
		number = pool_take(o);
	if (number == CL_REQ_NONE) {
		o->dropped++;
		return CL_REQ_NONE;
	}
	struct cl_req *e = cl_req_at(o, number);
	*e = *what;
	e->next = e->prev = CL_REQ_NONE;
	e->tail = e->open = number;
	if (e->kind == CL_REQ_REQUEST || e->kind == CL_REQ_RESPONSE)
		e->target = number;
	o->live++;
	uint32_t tag = (uint32_t)(e->key >> 32), at = tag & o->slot_mask;
	for (; o->slot[at] != 0; at = (at + 1) & o->slot_mask) {
		uint32_t first = (uint32_t)o->slot[at] - 1;

		if ((uint32_t)(o->slot[at] >> 32) == tag && cl_req_at(o, first)->key == e->key) {
			append(o, first, number);
			break;
		}
	}
	if (o->slot[at] == 0) {
		o->slot[at] = (uint64_t)tag << 32 | (number + 1);
		o->slots_used++;
	}
	if (!queue_push(is_response(e) ? &o->early : &o->young, now_ns, number)) {
		retire(o, number);
		o->dropped++;
		return CL_REQ_NONE;
	}
	return number;
}

struct cl_req *cl_openreq_target(const struct cl_openreq *o, struct cl_req *e)
{
	struct cl_req *target = cl_req_at(o, e->target);

	if (target == e)
		return e;
	/* an alias: its request may have been given up and its place taken */
	bool kept = (target->kind == CL_REQ_REQUEST || target->kind == CL_REQ_RESPONSE) &&
	            target->frame_no == e->frame_no && target->file == e->file && target->time_ns == e->time_ns;
	return kept ? target : NULL;
}

/* Whether a late answer to it is still possible. */
static bool unanswered(const struct cl_openreq *o, struct cl_req *e)
{
	const struct cl_req *target = cl_openreq_target(o, e);

	return target != NULL && target->state != CL_REQ_MATCHED;
}

static bool due(const struct cl_req_queue *q, int64_t now_ns, int64_t keep_ns)
{
	return q->count > 0 && now_ns - q->ring[q->head & q->mask].since_ns > keep_ns;
}

void cl_openreq_expire(struct cl_openreq *o, int64_t now_ns)
{
	while (due(&o->young, now_ns, o->timeout_ns)) {
		struct cl_req_wait w = queue_pop(&o->young);

		if (o->young.count > 16) {
			uint32_t ahead = o->young.ring[(o->young.head + 16) & o->young.mask].number;
			__builtin_prefetch(cl_req_at(o, ahead));
		}
		if (o->young.count > 8)
			cl_openreq_prefetch(o, cl_req_at(o, o->young.ring[(o->young.head + 8) & o->young.mask].number)->key);
		if (is_gone(o, w.number) || !unanswered(o, cl_req_at(o, w.number)) ||
		    !queue_push(&o->old, w.since_ns, w.number))
			retire(o, w.number);
	}
	while (due(&o->old, now_ns, o->horizon_ns))
		retire(o, queue_pop(&o->old).number);
	while (due(&o->early, now_ns, CL_REQ_EARLY_NS))
		retire(o, queue_pop(&o->early).number);
}

static void each(const struct cl_openreq *o, const struct cl_req_queue *q, cl_req_fn *fn, void *ctx)
{
	for (uint64_t i = 0; i < q->count; i++) {
		const struct cl_req_wait *w = &q->ring[(q->head + i) & q->mask];

		if (!is_gone(o, w->number))
			fn(ctx, cl_req_at(o, w->number), w->since_ns);
	}
}

void cl_openreq_each(const struct cl_openreq *o, cl_req_fn *fn, void *ctx)
{
	each(o, &o->old, fn, ctx);
	each(o, &o->young, fn, ctx);
	each(o, &o->early, fn, ctx);
}

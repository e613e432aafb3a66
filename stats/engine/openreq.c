/* SPDX-License-Identifier: BSD-2-Clause */
/* Open requests: their records, keys and order. Their index is openreq_slots.c. */
#include "stats/engine/openreq.h"

/* Records --------------------------------------------------------------------- */

static bool lists_init(struct cl_openreq *o)
{
	for (uint32_t list = 0; list < CL_REQ_LISTS; list++) {
		struct cl_req *end = cl_arena_add(&o->pool);

		if (end == NULL)
			return false;
		end->older = end->newer = list;
	}
	return true;
}

bool cl_openreq_init(struct cl_openreq *o, int64_t timeout_ns, int64_t horizon_ns)
{
	*o = (struct cl_openreq){ .timeout_ns = timeout_ns < LONGEST_NS ? timeout_ns : LONGEST_NS,
				  .horizon_ns = horizon_ns < LONGEST_NS ? horizon_ns : LONGEST_NS,
				  .free_list = CL_REQ_NONE,
				  .now_ns = INT64_MIN,
				  .swept_ns = INT64_MIN };
	while (o->timeout_ns >> o->mark_shift > MARK_TIME >> 6)
		o->mark_shift++;
	o->slot = cl_huge_alloc(FIRST_SLOTS * sizeof *o->slot);
	o->slot_mask = FIRST_SLOTS - 1;
	if (o->slot != NULL && cl_arena_init(&o->pool, sizeof(struct cl_req), CL_REQ_MAX) && lists_init(o))
		return true;
	cl_openreq_free(o);
	return false;
}

void cl_openreq_limit(struct cl_openreq *o, struct cl_budget *budget)
{
	o->pool.budget = budget;
	o->pool.part = CL_BUDGET_OPEN;
	/* what is there already is taken; to be given back when it grows or goes */
	(void)cl_budget_take(budget, CL_BUDGET_OPEN,
			     FIRST_SLOTS * sizeof *o->slot + o->pool.committed_octets);
}

void cl_openreq_free(struct cl_openreq *o)
{
	struct cl_budget *budget = o->pool.budget;

	cl_arena_free(&o->pool);
	cl_budget_give_all(budget, CL_BUDGET_OPEN);
	cl_huge_free(o->slot, ((size_t)o->slot_mask + 1) * sizeof *o->slot);
	*o = (struct cl_openreq){ .dropped = o->dropped };
}

static inline uint32_t number_of(const struct cl_openreq *o, const struct cl_req *e)
{
	return (uint32_t)(e - cl_req_at(o, 0));
}

/* The record that stands at both ends of the list of a kind. */
static inline uint32_t list_of(enum cl_req_kind kind)
{
	return kind == CL_REQ_REQUEST ? CL_REQ_LIST_REQUESTS : CL_REQ_LIST_EARLY;
}

static inline void list_append(struct cl_openreq *o, uint32_t list, struct cl_req *e, uint32_t number)
{
	struct cl_req *end = cl_req_at(o, list);

	e->older = end->older;
	e->newer = list;
	cl_req_at(o, end->older)->newer = number;
	end->older = number;
}

static inline void list_remove(struct cl_openreq *o, const struct cl_req *e)
{
	cl_req_at(o, e->older)->newer = e->newer;
	cl_req_at(o, e->newer)->older = e->older;
}

static inline void record_give(struct cl_openreq *o, struct cl_req *e, uint32_t number)
{
	e->kind = CL_REQ_FREE;
	e->next = o->free_list;
	o->free_list = number;
}

static void second_to_alias(struct cl_openreq *o, struct cl_req *e);

/* The slot of a key when another has its tag. */
static void link_in_slowly(struct cl_openreq *o, struct cl_req *e, uint32_t number)
{
	uint32_t tag = tag_of(e->key), at = slot_for(o, e->key), low = (uint32_t)o->slot[at];

	if ((low & STATE_MASK) == STATE_SECOND) {
		second_to_alias(o, cl_req_at(o, low & PAYLOAD));
		at = slot_for(o, e->key);
		low = (uint32_t)o->slot[at];
	}
	if ((low & STATE_MASK) == STATE_OPEN) {
		struct cl_req *first = cl_req_at(o, low & PAYLOAD);

		e->prev = first->prev;
		cl_req_at(o, first->prev)->next = number;
		first->prev = number;
		first->shared = e->shared = true;
		return;
	}
	o->slots_used += low == 0;
	o->slot[at] = slot_value(tag, STATE_OPEN, number);
}

/* Puts a record under its key: behind those with the same, or into a slot of its own. */
static inline void link_in(struct cl_openreq *o, struct cl_req *e, uint32_t number)
{
	uint32_t tag = tag_of(e->key), at = probe(o, tag);

	e->next = CL_REQ_NONE;
	e->prev = number;
	if (o->slot[at] != 0) {
		link_in_slowly(o, e, number);
		return;
	}
	o->slots_used++;
	o->slot[at] = slot_value(tag, STATE_OPEN, number);
}

/* Takes a record from under its key. Its slot becomes `left` (0: none) if it was the only one. */
static inline void link_out(struct cl_openreq *o, struct cl_req *e, uint32_t number, uint32_t left)
{
	uint32_t tag = tag_of(e->key);

	if (e->prev == number) { /* alone */
		uint32_t at = slot_of(o, slot_value(tag, STATE_OPEN, number));

		if (left != 0)
			o->slot[at] = (uint64_t)tag << 32 | left;
		else
			slot_remove(o, at);
		return;
	}
	if (cl_req_at(o, e->prev)->next == CL_REQ_NONE) { /* the first: its prev is the last */
		cl_req_at(o, e->next)->prev = e->prev;
		o->slot[slot_of(o, slot_value(tag, STATE_OPEN, number))] =
			slot_value(tag, STATE_OPEN, e->next);
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

/* Takes out the second key; its slot becomes `left` (0: none). */
static inline void drop_second(struct cl_openreq *o, struct cl_req *e, uint32_t number, uint32_t left)
{
	if (e->unlisted) {
		e->unlisted = false;
		e->second = 0;
		return;
	}
	uint32_t at = slot_of(o, slot_value(tag_of(e->second), STATE_SECOND, number));

	if (left != 0)
		o->slot[at] = (uint64_t)tag_of(e->second) << 32 | left;
	else
		slot_remove(o, at);
	e->second = 0;
}

/* Takes out the records of an entry's further keys; the slot of `key` becomes `left`. */
static void drop_aliases(struct cl_openreq *o, struct cl_req *e, uint64_t key, uint32_t left)
{
	while (e->alias != CL_REQ_NONE) {
		uint32_t number = e->alias;
		struct cl_req *alias = cl_req_at(o, number);

		e->alias = alias->alias;
		link_out(o, alias, number, alias->key == key ? left : 0);
		record_give(o, alias, number);
	}
}

static void drop(struct cl_openreq *o, struct cl_req *e)
{
	uint32_t number = number_of(o, e);

	drop_aliases(o, e, 0, 0);
	if (cl_req_second(e) != 0)
		drop_second(o, e, number, 0);
	list_remove(o, e);
	link_out(o, e, number, 0);
	record_give(o, e, number);
}

void cl_openreq_drop(struct cl_openreq *o, struct cl_req *req)
{
	drop(o, req);
}

/* Gives up the first of a list. */
static void drop_first(struct cl_openreq *o, uint32_t list)
{
	o->dropped += list == CL_REQ_LIST_REQUESTS;
	drop(o, cl_req_at(o, cl_req_oldest(o, list)));
}

/* Makes room by giving up the early response that waited longest, or else the request. False: there is none.
 */
static bool drop_oldest(struct cl_openreq *o)
{
	for (uint32_t list = CL_REQ_LISTS; list-- > 0;) {
		if (cl_req_oldest(o, list) == list)
			continue;
		drop_first(o, list);
		return true;
	}
	return false;
}

/* A record to use, with room for its slot; NULL: there is none. */
static inline struct cl_req *record_take(struct cl_openreq *o, int64_t now_ns)
{
	if (slots_are_full(o) && !slots_make_room(o, now_ns))
		return NULL;
	if (o->free_list == CL_REQ_NONE)
		return cl_arena_add(&o->pool);
	struct cl_req *e = cl_req_at(o, o->free_list);
	o->free_list = e->next;
	return e;
}

/* When it was sent, and when it came. */
static inline void set_time(struct cl_req *e, int64_t time_ns, int64_t now_ns)
{
	e->time_ns = time_ns;
	e->late = time_ns < now_ns;
	e->second = 0;
	if (e->late)
		e->since_ns = now_ns;
}

static bool is_due(const struct cl_openreq *o, uint32_t list, int64_t now_ns, int64_t keep_ns)
{
	uint32_t number = cl_req_oldest(o, list);

	return number != list && now_ns - cl_req_since(cl_req_at(o, number)) > keep_ns;
}

#define AGE_BITS 6u
#define AGES	 ((MARK_TIME >> 6 >> AGE_BITS) + 1)

/* How old marks may be (as sweep takes it) so that `wanted` of them go, or all. */
static int64_t age_to_keep(const struct cl_openreq *o, int64_t now_ns, size_t wanted)
{
	size_t by_age[AGES] = { 0 }, sum = 0;

	for (uint64_t i = 0; i <= o->slot_mask; i++) {
		uint32_t low = (uint32_t)o->slot[i];

		if ((low & STATE_MASK) != STATE_ANSWERED)
			continue;
		uint32_t age = mark_age(o, low, now_ns) >> AGE_BITS;
		by_age[age < AGES ? age : AGES - 1]++;
	}
	for (unsigned age = AGES; age-- > 1;)
		if ((sum += by_age[age]) >= wanted)
			return ((int64_t)age << AGE_BITS) - 1;
	return -1;
}

/**
 * Gives up what is worth least: requests that are late, the oldest marks, early responses, the oldest
 * requests. Marks go out by looking at all slots, so at least a sixteenth of the slots comes free with them.
 */
static void give_way(struct cl_openreq *o, int64_t now_ns)
{
	uint32_t most = o->slot_mask / 4 * 3, least = o->slot_mask / 16 * 11;

	while (o->slots_used >= most && is_due(o, CL_REQ_LIST_REQUESTS, now_ns, o->timeout_ns))
		drop_first(o, CL_REQ_LIST_REQUESTS);
	if (o->slots_used < most)
		return;
	int64_t keep = age_to_keep(o, now_ns, o->slot_mask / 8);
	sweep(o, now_ns, keep < mark_keeps(o) ? keep : mark_keeps(o));
	while (o->slots_used >= least && drop_oldest(o))
		;
}

/* A record to use, if need be of an entry that gives way. NULL (counted): there is none. */
static struct cl_req *record_make(struct cl_openreq *o, int64_t now_ns)
{
	if (slots_are_full(o) && !slots_make_room(o, now_ns))
		give_way(o, now_ns);
	struct cl_req *e = record_take(o, now_ns);

	while (e == NULL && drop_oldest(o))
		e = record_take(o, now_ns);
	o->dropped += e == NULL;
	return e;
}

CL_IN_LINE struct cl_req *add_entry(struct cl_openreq *o, enum cl_req_kind kind, uint64_t key,
				    int64_t time_ns, int64_t now_ns)
{
	struct cl_req *e;

	if (o->free_list != CL_REQ_NONE && !slots_are_full(o)) {
		e = cl_req_at(o, o->free_list);
		o->free_list = e->next;
	} else if ((e = record_make(o, now_ns)) == NULL) {
		return NULL;
	}
	o->now_ns = now_ns;
	uint32_t number = number_of(o, e);
	e->key = key;
	set_time(e, time_ns, now_ns);
	e->alias = CL_REQ_NONE;
	e->kind = (unsigned)kind & 3u;
	e->shared = e->unlisted = false;
	list_append(o, list_of(kind), e, number);
	link_in(o, e, number);
	return e;
}

struct cl_req *cl_openreq_add(struct cl_openreq *o, enum cl_req_kind kind, uint64_t key, int64_t time_ns,
			      int64_t now_ns)
{
	return add_entry(o, kind, key, time_ns, now_ns);
}

void cl_openreq_renew(struct cl_openreq *o, struct cl_req *req, int64_t time_ns, int64_t now_ns)
{
	list_remove(o, req);
	list_append(o, list_of((enum cl_req_kind)req->kind), req, number_of(o, req));
	set_time(req, time_ns, now_ns);
}

/* A further key in a record of its own, behind those with the same. */
static void add_alias(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	uint32_t target = number_of(o, req);
	struct cl_req *e = record_take(o, o->now_ns);

	if (e == NULL)
		return;
	uint32_t number = number_of(o, e);
	e->key = key;
	e->second = 0;
	e->late = false;
	e->kind = CL_REQ_ALIAS;
	e->older = target;
	e->alias = req->alias;
	req->alias = number;
	req->shared = true;
	link_in(o, e, number);
}

/* Gives an entry a record for its second key instead of a slot, so that others can stand behind it. */
static void second_to_alias(struct cl_openreq *o, struct cl_req *e)
{
	uint64_t key = e->second;

	drop_second(o, e, number_of(o, e), 0);
	add_alias(o, e, key);
}

static void alias_slowly(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	if (slots_are_full(o) && !slots_make_room(o, o->now_ns))
		return;
	uint32_t tag = tag_of(key), at = slot_for(o, key), low = (uint32_t)o->slot[at];
	uint32_t state = low & STATE_MASK;
	bool free = state != STATE_OPEN && state != STATE_SECOND;
	if (free && req->kind == CL_REQ_REQUEST && !req->late && req->second == 0 && key != 0) {
		o->slots_used += low == 0;
		o->slot[at] = slot_value(tag, STATE_SECOND, number_of(o, req));
		req->second = key;
		return;
	}
	if (state == STATE_SECOND)
		second_to_alias(o, cl_req_at(o, low & PAYLOAD));
	add_alias(o, req, key);
}

static inline void give_alias(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	uint64_t *place = &o->slot[probe(o, tag_of(key))];

	if (*place != 0 || slots_are_full(o) || req->second != 0 || key == 0 || req->kind != CL_REQ_REQUEST ||
	    req->late) {
		alias_slowly(o, req, key);
		return;
	}
	o->slots_used++;
	*place = slot_value(tag_of(key), STATE_SECOND, number_of(o, req));
	req->second = key;
}

void cl_openreq_alias(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	give_alias(o, req, key);
}

/* Gives the longest unlisted second key its slot, if its request is still open. */
static void list_first(struct cl_openreq *o)
{
	uint32_t at = o->unlisted_first++ % CL_REQ_UNLISTED;
	struct cl_req *e = cl_req_at(o, o->unlisted[at].number);

	if (!e->unlisted || (uint32_t)e->second != o->unlisted[at].check)
		return;
	uint64_t key = e->second;
	e->unlisted = false;
	e->second = 0;
	give_alias(o, e, key);
}

void cl_openreq_list(struct cl_openreq *o)
{
	while (o->unlisted_first != o->unlisted_end)
		list_first(o);
}

CL_IN_LINE void give_alias_later(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	if (req->second != 0 || key == 0 || req->kind != CL_REQ_REQUEST || req->late) {
		cl_openreq_list(o); /* those that came before stand before it */
		alias_slowly(o, req, key);
		return;
	}
	if (o->unlisted_end - o->unlisted_first == CL_REQ_UNLISTED)
		list_first(o);
	uint32_t at = o->unlisted_end++ % CL_REQ_UNLISTED;
	o->unlisted[at].number = number_of(o, req);
	o->unlisted[at].check = (uint32_t)key;
	req->second = key;
	req->unlisted = true;
}

void cl_openreq_alias_later(struct cl_openreq *o, struct cl_req *req, uint64_t key)
{
	give_alias_later(o, req, key);
}

/* The usual answer: its request stands alone under the key, and this key is its first. */
CL_IN_LINE struct cl_req *quick_find(const struct cl_openreq *o, uint64_t key, uint32_t *at)
{
	*at = probe(o, tag_of(key));
	uint32_t low = (uint32_t)o->slot[*at];

	if ((low & STATE_MASK) != STATE_OPEN)
		return NULL;
	struct cl_req *e = cl_req_at(o, low & PAYLOAD);
	bool plain = (e->kind == CL_REQ_REQUEST) & !e->late & !e->shared;
	return plain && e->key == key ? e : NULL;
}

/* Takes out what quick_find found there. */
CL_IN_LINE void quick_answer(struct cl_openreq *o, struct cl_req *e, uint32_t at, uint32_t check,
			     int64_t now_ns)
{
	uint32_t number = number_of(o, e);

	o->slot[at] = (uint64_t)tag_of(e->key) << 32 | mark_of(o, check, now_ns);
	if (e->second != 0)
		drop_second(o, e, number, 0);
	list_remove(o, e);
	record_give(o, e, number);
}

struct cl_req_found cl_openreq_find(const struct cl_openreq *o, uint64_t key, uint32_t check, int64_t now_ns)
{
	uint32_t tag = tag_of(key), at = cl_line_home(tag, o->slot_mask);
	struct cl_req_found f = { NULL, false, false };

	for (; o->slot[at] != 0; at = cl_line_next(at, tag, o->slot_mask)) {
		uint32_t low = (uint32_t)o->slot[at];

		if ((uint32_t)(o->slot[at] >> 32) != tag)
			continue;
		if ((low & STATE_MASK) == STATE_ANSWERED) {
			f.answered |= mark_holds(o, low, check, now_ns);
			continue;
		}
		struct cl_req *e = cl_req_at(o, low & PAYLOAD);
		bool second = (low & STATE_MASK) == STATE_SECOND;
		if ((second ? e->second : e->key) == key) {
			f.first = e;
			f.second = second;
			return f;
		}
	}
	return f;
}

void cl_openreq_answer(struct cl_openreq *o, struct cl_req *req, uint64_t key, uint32_t check, int64_t now_ns)
{
	uint32_t mark = mark_of(o, check, now_ns), number = number_of(o, req);

	if (req->alias != CL_REQ_NONE)
		drop_aliases(o, req, key, mark);
	if (cl_req_second(req) != 0)
		drop_second(o, req, number, req->second == key ? mark : 0);
	list_remove(o, req);
	link_out(o, req, number, req->key == key ? mark : 0);
	record_give(o, req, number);
}

int64_t cl_openreq_sweep_due(const struct cl_openreq *o)
{
	int64_t due;

	if (o->swept_ns == INT64_MIN)
		return INT64_MIN;
	if (__builtin_add_overflow(
		    o->swept_ns,
		    o->timeout_ns > LONGEST_NS / SWEEP_TIMEOUTS ? LONGEST_NS : o->timeout_ns * SWEEP_TIMEOUTS,
		    &due))
		return INT64_MAX;
	return due;
}

/* Marks of before a pause longer than they last are all void, whatever their times seem to be. */
void cl_openreq_sweep(struct cl_openreq *o, int64_t before_ns, int64_t now_ns)
{
	int64_t pause;
	bool over = __builtin_sub_overflow(now_ns, before_ns, &pause) ||
		    pause > o->timeout_ns + ((int64_t)2 << o->mark_shift);

	if (o->slots_used > 0)
		sweep(o, now_ns, over ? -1 : mark_keeps(o));
	else
		o->swept_ns = now_ns;
}

void cl_openreq_expire(struct cl_openreq *o, int64_t now_ns)
{
	while (is_due(o, CL_REQ_LIST_REQUESTS, now_ns, o->horizon_ns))
		drop(o, cl_req_at(o, cl_req_oldest(o, CL_REQ_LIST_REQUESTS)));
	while (is_due(o, CL_REQ_LIST_EARLY, now_ns, CL_REQ_EARLY_NS))
		drop(o, cl_req_at(o, cl_req_oldest(o, CL_REQ_LIST_EARLY)));
}

/* Storing --------------------------------------------------------------------- */

void cl_openreq_each(const struct cl_openreq *o, cl_req_fn *fn, void *ctx)
{
	for (uint32_t list = 0; list < CL_REQ_LISTS; list++)
		for (uint32_t number = cl_req_oldest(o, list); number != list;
		     number = cl_req_at(o, number)->newer)
			fn(ctx, cl_req_at(o, number));
}

unsigned cl_openreq_further(const struct cl_openreq *o, const struct cl_req *req,
			    uint64_t key[CL_REQ_KEYS_MAX])
{
	unsigned n = 0, room = CL_REQ_KEYS_MAX - (cl_req_second(req) != 0);

	for (uint32_t a = req->alias; a != CL_REQ_NONE && n < room; a = cl_req_at(o, a)->alias)
		key[n++] = cl_req_at(o, a)->key;
	for (unsigned i = 0; i < n / 2; i++) { /* the newest stands in front of the list */
		uint64_t k = key[i];

		key[i] = key[n - 1 - i];
		key[n - 1 - i] = k;
	}
	if (cl_req_second(req) != 0)
		key[n++] = req->second;
	return n;
}

void cl_openreq_marks(const struct cl_openreq *o, int64_t now_ns, cl_req_mark_fn *fn, void *ctx)
{
	for (uint64_t i = 0; i <= o->slot_mask; i++) {
		uint32_t low = (uint32_t)o->slot[i];

		if ((low & STATE_MASK) == STATE_ANSWERED && mark_is_young(o, low, now_ns))
			fn(ctx, (uint32_t)(o->slot[i] >> 32), low,
			   now_ns - ((int64_t)mark_age(o, low, now_ns) << o->mark_shift));
	}
}

void cl_openreq_mark(struct cl_openreq *o, uint32_t tag, uint32_t mark)
{
	if ((mark & STATE_MASK) != STATE_ANSWERED || (slots_are_full(o) && !slots_grow(o)))
		return;
	slots_place(o, (uint64_t)tag << 32 | mark);
	o->slots_used++;
}

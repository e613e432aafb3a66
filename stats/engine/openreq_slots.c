/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of open requests: slots of 8 octets, and the marks of what was answered. */
#include "stats/engine/openreq.h"

#include <stdlib.h>
#include <string.h>

#include "stats/table/hugemem.h"
#include "stats/table/slotline.h"

#define FIRST_SLOTS 4096u

/* Lower half of a slot: state and payload; 0 is an empty slot. */
#define STATE_OPEN     0x40000000u /* payload: number of the first record with the key */
#define STATE_ANSWERED 0x80000000u /* payload: mark, a coarse time and 12 bits of what the request said */
#define STATE_SECOND   0xc0000000u /* payload: number of the record whose second key it is */
#define STATE_MASK     0xc0000000u
#define PAYLOAD	       0x3fffffffu

#define LONGEST_NS (INT64_MAX / 4)

/* A mark's upper 18 bits count units of 2^MARK_SHIFT ns, 2 to 4 thousand of them a timeout; its lower 12 are
 * a check. */
#define MARK_TIME    0x3ffffu
#define MARK_CHECK   CL_REQ_CHECK_MAX
#define MARK_TIME_AT 12

/* Marks are swept every so many timeouts, before their time comes round (64 timeouts or more). */
#define SWEEP_TIMEOUTS 16

_Static_assert(sizeof(struct cl_req) == 64, "a request is a cache line");
_Static_assert(FIRST_SLOTS % 1024 == 0, "a sweep takes so many slots at once");

/* Marks ----------------------------------------------------------------------- */

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

static inline uint32_t mark_age(const struct cl_openreq *o, uint32_t mark, int64_t now_ns)
{
	return (time_mark(o, now_ns) - (mark >> MARK_TIME_AT & MARK_TIME)) & MARK_TIME;
}

static inline bool mark_is_young(const struct cl_openreq *o, uint32_t mark, int64_t now_ns)
{
	return mark_age(o, mark, now_ns) <= (uint64_t)o->timeout_ns >> o->mark_shift;
}

/* Whether a second answer with this check finds the mark. */
static inline bool mark_holds(const struct cl_openreq *o, uint32_t mark, uint32_t check, int64_t now_ns)
{
	uint32_t kept = mark & MARK_CHECK;

	return mark_is_young(o, mark, now_ns) && (kept == 0 || check == 0 || kept == check);
}

/* Slots ----------------------------------------------------------------------- */

static inline uint64_t slot_value(uint32_t tag, uint32_t state, uint32_t payload)
{
	return (uint64_t)tag << 32 | state | payload;
}

static inline void slots_place(struct cl_openreq *o, uint64_t value)
{
	o->slot[cl_line_room(o->slot, (uint32_t)(value >> 32), o->slot_mask)] = value;
}

static bool slots_grow(struct cl_openreq *o)
{
	uint64_t *old = o->slot, old_mask = o->slot_mask;
	size_t octets = cl_huge_octets((old_mask + 1) * 2 * sizeof *old);

	if (old_mask >= UINT32_MAX / 2)
		return false;
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

/* Of the line that begins there. */
static bool line_is_full(const struct cl_openreq *o, uint32_t line)
{
	bool full = true;

	for (uint32_t i = 0; i < CL_LINE_SLOTS; i++)
		full &= o->slot[line + i] != 0;
	return full;
}

static inline int64_t mark_keeps(const struct cl_openreq *o)
{
	return o->timeout_ns >> o->mark_shift;
}

#define SWEPT_AT_ONCE 1024u

/* Empties n slots from `at` on and keeps what is to stay. What comes is not foreseen, so there is no jump. */
static size_t take_slots(struct cl_openreq *o, uint32_t at, uint32_t n, int64_t now_ns, int64_t keep,
			 uint64_t kept[SWEPT_AT_ONCE])
{
	size_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t *slot = &o->slot[(at + i) & o->slot_mask];
		uint32_t low = (uint32_t)*slot;
		bool mark = (low & STATE_MASK) == STATE_ANSWERED;
		bool old = mark & ((int64_t)mark_age(o, low, now_ns) > keep);

		kept[count] = *slot;
		count += (*slot != 0) & !old;
		o->slots_used -= old;
		*slot = 0;
	}
	return count;
}

/**
 * Takes out marks older than `keep` (in units of their time; -1: all of them): whole lines of slots are laid
 * anew in their order, in place, from behind one that is not full on, since an entry can only move to a line
 * nearer to its home.
 */
static void sweep(struct cl_openreq *o, int64_t now_ns, int64_t keep)
{
	uint64_t kept[SWEPT_AT_ONCE];
	uint32_t start = 0;

	while (line_is_full(o, start))
		start += CL_LINE_SLOTS;
	for (uint32_t done = 0; done <= o->slot_mask; done += SWEPT_AT_ONCE) {
		size_t n = take_slots(o, start + CL_LINE_SLOTS + done, SWEPT_AT_ONCE, now_ns, keep, kept);

		for (size_t i = 0; i < n; i++)
			slots_place(o, kept[i]);
	}
	o->swept_ns = now_ns;
}

static inline bool slots_are_full(const struct cl_openreq *o)
{
	return o->slots_used >= o->slot_mask / 8 * 5;
}

/* Room for one more slot. False: there is no memory, and fuller slots would be slow: there are always some
 * empty ones, at which searches and sweeps end. */
static bool slots_make_room(struct cl_openreq *o, int64_t now_ns)
{
	if (now_ns - o->timeout_ns / 2 > o->swept_ns)
		sweep(o, now_ns, mark_keeps(o));
	if (o->slots_used >= o->slot_mask / 16 * 7)
		slots_grow(o);
	return o->slots_used < o->slot_mask / 4 * 3;
}

/* Takes out all slots of a line and puts them back: those that are there because a place before them was
 * taken move up. */
static void settle_line(struct cl_openreq *o, uint32_t line)
{
	uint64_t slot[CL_LINE_SLOTS];

	memcpy(slot, &o->slot[line], sizeof slot);
	memset(&o->slot[line], 0, sizeof slot);
	for (uint32_t i = 0; i < CL_LINE_SLOTS; i++)
		if (slot[i] != 0)
			slots_place(o, slot[i]);
}

/* Takes a slot out and closes the gap, so that searches may end at an empty slot. */
static void slot_remove(struct cl_openreq *o, uint32_t hole)
{
	uint32_t line = hole & ~(CL_LINE_SLOTS - 1);
	bool full = line_is_full(o, line);

	o->slot[hole] = 0;
	o->slots_used--;
	settle_line(o, line);
	while (full) { /* others may have gone past it */
		line = (line + CL_LINE_SLOTS) & o->slot_mask;
		full = line_is_full(o, line);
		settle_line(o, line);
	}
}

/* Position of the slot with exactly this value; it is there. */
static inline uint32_t slot_of(const struct cl_openreq *o, uint64_t value)
{
	uint32_t tag = (uint32_t)(value >> 32), at = cl_line_home(tag, o->slot_mask);

	while (o->slot[at] != value)
		at = cl_line_next(at, tag, o->slot_mask);
	return at;
}

/* The first slot with a tag, or the empty one at which the search for it ends. */
CL_IN_LINE uint32_t probe(const struct cl_openreq *o, uint32_t tag)
{
	uint32_t at = cl_line_home(tag, o->slot_mask);

	while (o->slot[at] != 0 && (uint32_t)(o->slot[at] >> 32) != tag)
		at = cl_line_next(at, tag, o->slot_mask);
	return at;
}

/* The slot of a key: that of its open entries; else a mark with the same tag, which may be taken, or an empty
 * one. */
static uint32_t slot_for(const struct cl_openreq *o, uint64_t key)
{
	uint32_t tag = tag_of(key), at = cl_line_home(tag, o->slot_mask), reuse = UINT32_MAX;

	for (; o->slot[at] != 0; at = cl_line_next(at, tag, o->slot_mask)) {
		uint32_t low = (uint32_t)o->slot[at], state = low & STATE_MASK;

		if ((uint32_t)(o->slot[at] >> 32) != tag)
			continue;
		if (state == STATE_ANSWERED) {
			reuse = at;
			continue;
		}
		const struct cl_req *e = cl_req_at(o, low & PAYLOAD);
		if ((state == STATE_SECOND ? e->second : e->key) == key)
			return at;
	}
	return reuse != UINT32_MAX ? reuse : at;
}

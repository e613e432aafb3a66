/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/reorder.h"

#include <stdlib.h>
#include <string.h>

#include "capture/block.h"

#define RING_START 4096u
#define HEAP_START 64u

bool cl_reorder_init(struct cl_reorder *r, struct cl_input_file *files, const size_t *pool_held, bool off)
{
	memset(r, 0, sizeof(*r));
	r->ring = malloc(RING_START * sizeof(*r->ring));
	r->mask = RING_START - 1;
	r->heap = malloc(HEAP_START * sizeof(*r->heap));
	r->heap_room = HEAP_START;
	r->newest = r->last = INT64_MIN;
	r->off = off;
	r->most = CL_REORDER_HELD;
	r->files = files;
	r->pool_held = pool_held;
	return r->ring != NULL && r->heap != NULL;
}

static inline uint64_t weight(const struct cl_frame *f)
{
	return sizeof(*f) + f->cap_len;
}

static inline bool too_much(const struct cl_reorder *r)
{
	return r->held > r->most || *r->pool_held > 2 * r->most || r->short_of_memory;
}

/* Frames up to this time are to go out. */
static inline int64_t ripe_time(const struct cl_reorder *r, bool end)
{
	if (end || r->off)
		return INT64_MAX;
	return r->newest < INT64_MIN + CL_REORDER_NS ? INT64_MIN : r->newest - CL_REORDER_NS;
}

/* The heap ------------------------------------------------------------------- */

static bool later(const struct cl_late *a, const struct cl_late *b)
{
	if (a->frame.time_ns != b->frame.time_ns)
		return a->frame.time_ns > b->frame.time_ns;
	return a->seq > b->seq;
}

static bool heap_room(struct cl_reorder *r)
{
	size_t room = 2 * r->heap_room;
	struct cl_late *grown;

	if (r->nheap < r->heap_room)
		return true;
	grown = realloc(r->heap, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	r->heap = grown;
	r->heap_room = room;
	return true;
}

static void heap_push(struct cl_reorder *r, const struct cl_late *late)
{
	size_t i = r->nheap++;

	while (i > 0 && later(&r->heap[(i - 1) / 2], late)) {
		r->heap[i] = r->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	r->heap[i] = *late;
}

static void heap_pop(struct cl_reorder *r)
{
	const struct cl_late *last = &r->heap[--r->nheap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < r->nheap) {
		if (child + 1 < r->nheap && later(&r->heap[child], &r->heap[child + 1]))
			child++;
		if (!later(last, &r->heap[child]))
			break;
		r->heap[i] = r->heap[child];
		i = child;
	}
	r->heap[i] = *last;
}

/* In -------------------------------------------------------------------------- */

static bool ring_grow(struct cl_reorder *r)
{
	size_t n = r->tail - r->head, size = r->mask + 1;
	struct cl_frame *grown = malloc(2 * size * sizeof(*grown));

	if (grown == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		grown[i] = r->ring[(r->head + i) & r->mask];
	free(r->ring);
	r->ring = grown;
	r->mask = 2 * size - 1;
	r->head = 0;
	r->tail = n;
	return true;
}

static bool ripe(const struct cl_reorder *r)
{
	int64_t t = ripe_time(r, false);

	return (r->head != r->tail && r->ring[r->head & r->mask].time_ns <= t) ||
	       (r->nheap > 0 && r->heap[0].frame.time_ns <= t);
}

/* A frame older than the newest; false if others have to go out before one can tell what becomes of it. */
static bool put_late(struct cl_reorder *r, const struct cl_frame *f)
{
	struct cl_late late = { .frame = *f };

	if (ripe(r))
		return false;
	if (!heap_room(r)) {
		r->short_of_memory = true;
		return false;
	}
	if (f->time_ns < r->last) {
		late.frame.flags |= CL_FF_OUT_OF_ORDER;
		r->files[f->file].out_of_order++;
	}
	late.seq = r->seq++;
	heap_push(r, &late);
	return true;
}

size_t cl_reorder_put(struct cl_reorder *r, const struct cl_frame *frames, size_t n)
{
	size_t i;

	for (i = 0; i < n && !too_much(r); i++) {
		const struct cl_frame *f = &frames[i];

		if (r->tail - r->head > r->mask && !ring_grow(r)) {
			r->short_of_memory = true;
			break;
		}
		if (f->time_ns >= r->newest || r->off) {
			r->newest = f->time_ns;
			r->ring[r->tail++ & r->mask] = *f;
		} else if (!put_late(r, f)) {
			break;
		}
		r->held += weight(f);
	}
	return i;
}

/* Out ------------------------------------------------------------------------- */

/* The oldest of ring and heap, NULL if both are empty; of two as old, the ring's came first. */
static const struct cl_frame *oldest(const struct cl_reorder *r, bool *in_heap)
{
	const struct cl_frame *f = r->head != r->tail ? &r->ring[r->head & r->mask] : NULL;

	*in_heap = r->nheap > 0 && (f == NULL || r->heap[0].frame.time_ns < f->time_ns);
	return *in_heap ? &r->heap[0].frame : f;
}

static size_t collect(struct cl_reorder *r, bool end)
{
	const int64_t t = ripe_time(r, end);
	const struct cl_frame *f;
	bool in_heap;

	while (r->nout < CL_BATCH && (f = oldest(r, &in_heap)) != NULL) {
		if (f->time_ns > t && !too_much(r))
			break;
		r->short_of_memory = false;
		r->held -= weight(f);
		if (f->time_ns > r->last)
			r->last = f->time_ns;
		r->out[r->nout++] = *f;
		if (in_heap)
			heap_pop(r);
		else
			r->head++;
	}
	return r->nout;
}

/* The next batch's octets have left the nearest cache since they were read. */
static void prefetch(const struct cl_reorder *r)
{
	size_t n = r->tail - r->head;

	n = n < CL_BATCH ? n : CL_BATCH;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = r->ring[(r->head + i) & r->mask].data;

		__builtin_prefetch(p);
		__builtin_prefetch(p + 64);
	}
}

/* A piece of the ring as it lies there, if a whole batch of it is ripe. */
static size_t take_piece(struct cl_reorder *r, const struct cl_frame **batch)
{
	size_t at = r->head & r->mask, n = r->tail - r->head;

	if (n > CL_BATCH)
		n = CL_BATCH;
	if (n > r->mask + 1 - at)
		n = r->mask + 1 - at;
	else if (n < CL_BATCH)
		return 0;
	if (n == 0 || (!r->off && r->ring[at + n - 1].time_ns > ripe_time(r, false) && !too_much(r)))
		return 0;
	for (size_t i = 0; i < n; i++)
		r->held -= weight(&r->ring[at + i]);
	r->head += n;
	if (!r->off)
		r->last = r->ring[at + n - 1].time_ns;
	r->short_of_memory = false;
	prefetch(r);
	*batch = &r->ring[at];
	return n;
}

size_t cl_reorder_flush(struct cl_reorder *r, const struct cl_frame **batch)
{
	size_t n = r->nout;

	*batch = r->out;
	r->nout = 0;
	return n;
}

size_t cl_reorder_take(struct cl_reorder *r, const struct cl_frame **batch, bool end)
{
	size_t n;

	if (r->nout == 0 && r->nheap == 0 && (n = take_piece(r, batch)) > 0)
		return n;
	if (!end && r->nout == 0 && r->nheap == 0)
		return 0;
	if (collect(r, end) == CL_BATCH || end)
		return cl_reorder_flush(r, batch);
	return 0;
}

size_t cl_reorder_drain(struct cl_reorder *r)
{
	return collect(r, false);
}

void cl_reorder_free(struct cl_reorder *r)
{
	cl_frames_release(r->out, r->nout);
	for (; r->head != r->tail; r->head++)
		cl_frames_release(&r->ring[r->head & r->mask], 1);
	for (size_t i = 0; i < r->nheap; i++)
		cl_frames_release(&r->heap[i].frame, 1);
	free(r->ring);
	free(r->heap);
}

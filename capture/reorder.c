/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/reorder.h"

#include <string.h>

bool cl_reorder_init(struct cl_reorder *r, size_t n, const struct cl_pool *pool, struct cl_input_file *files,
		     bool off)
{
	memset(r, 0, sizeof(*r));
	r->last = INT64_MIN;
	r->off = off;
	r->most = CL_REORDER_HELD;
	r->late_ns = CL_REORDER_NS;
	r->pool = pool;
	r->files = files;
	return cl_queue_init(&r->reading, n) && cl_queue_init(&r->giving, n);
}

static uint64_t weight(const struct cl_run *run)
{
	return run->n * (uint64_t)CL_FRAME_WEIGHT + run->kept;
}

void cl_reorder_add(struct cl_reorder *r, struct cl_feed *f)
{
	if (!cl_feed_empty(f))
		r->held += weight(cl_feed_run(f));
	if (!r->off)
		cl_queue_add(&r->reading, f, f->newest);
	if (!cl_feed_empty(f) || r->off)
		cl_queue_add(&r->giving, f, f->first_ns);
}

/* The file to look at next: without order, that whose next record is not known. */
struct cl_feed *cl_reorder_next(const struct cl_reorder *r)
{
	const struct cl_queue *q = r->off ? &r->giving : &r->reading;

	return q->n > 0 ? q->heap[0].feed : NULL;
}

/* What goes out ------------------------------------------------------------------ */

/* Frames up to `ripe` are to go out, and after them those up to `known` until `excess` of weight is gone: no
 * file will give an older one in order. */
struct due {
	int64_t ripe, known;
	uint32_t known_index; /* of the file that may give more of the time `known` */
	uint64_t excess;
};

/* Weight held beyond what may be. Of several files that are read side by side a block each is looked at
 * before its time. */
static uint64_t excess(const struct cl_reorder *r)
{
	const uint64_t blocks = r->giving.n > 1 ? (r->giving.n - 1) * (uint64_t)r->pool->block_size : 0;

	if (r->held > r->most + blocks)
		return r->held - r->most - blocks;
	return r->pool->held > 2 * (uint64_t)r->most + blocks || r->short_of_memory;
}

static struct due what_is_due(const struct cl_reorder *r)
{
	const struct cl_queued *q = r->reading.heap;

	if (r->reading.n == 0)
		return (struct due){ .ripe = INT64_MAX };
	return (struct due){
		.ripe = q->time_ns < INT64_MIN + r->late_ns ? INT64_MIN : q->time_ns - r->late_ns,
		.known = r->short_of_memory ? INT64_MAX : q->time_ns,
		.known_index = r->short_of_memory ? UINT32_MAX : q->feed->index,
		.excess = excess(r),
	};
}

static void hold(struct cl_batch *b, struct cl_block *block, uint32_t n)
{
	if (b->nholds == 0 || b->holds[b->nholds - 1].block != block) {
		b->holds[b->nholds].block = block;
		b->holds[b->nholds++].n = 0;
	}
	b->holds[b->nholds - 1].n += n;
	b->n += n;
}

static void give_late(struct cl_reorder *r, struct cl_batch *b)
{
	const struct cl_frame *f = &r->late.heap[0].frame;

	r->held -= CL_FRAME_WEIGHT + f->cap_len;
	if (f->time_ns > r->last)
		r->last = f->time_ns;
	b->frames[b->n] = *f;
	hold(b, f->block, 1);
	cl_late_pop(&r->late);
}

/* How far the first file may go before another, or a late frame, comes. */
static int64_t until_others(const struct cl_reorder *r)
{
	const struct cl_queued *first = r->giving.heap, *second = cl_queue_second(&r->giving);
	int64_t until = INT64_MAX;

	if (second != NULL)
		until = first->feed->index < second->feed->index ? second->time_ns : second->time_ns - 1;
	if (r->late.n > 0 && r->late.heap[0].frame.time_ns < until)
		until = r->late.heap[0].frame.time_ns;
	return until;
}

/* The first file's next run has gone out as far as it may for now. */
static void settle_first(struct cl_reorder *r, struct cl_feed *f)
{
	if (cl_feed_run(f)->n == 0)
		cl_feed_next(f);
	if (!cl_feed_empty(f))
		cl_queue_move_first(&r->giving, cl_run_time(cl_feed_run(f)));
	else if (!r->off)
		cl_queue_drop_first(&r->giving);
}

/* Cuts frames of the first file's next run up to `until`, the first of them in any case. */
static void give_run(struct cl_reorder *r, struct cl_batch *b, int64_t until, uint64_t enough)
{
	struct cl_feed *f = r->giving.heap[0].feed;
	struct cl_run *run = cl_feed_run(f);
	const uint64_t before = weight(run);
	size_t n;

	if (run->last_ns <= until && enough == UINT64_MAX)
		n = cl_run_cut(run, b->frames + b->n, CL_BATCH - b->n);
	else
		n = cl_run_cut_until(run, b->frames + b->n, CL_BATCH - b->n, until, enough);
	r->last = b->frames[b->n + n - 1].time_ns;
	r->held -= before - weight(run);
	hold(b, run->block, (uint32_t)n);
	settle_first(r, f);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Gives the next frame or more; false if none is due. */
static bool give_some(struct cl_reorder *r, struct cl_batch *b, const struct due *due)
{
	const struct cl_queued *first = r->giving.n > 0 ? r->giving.heap : NULL;
	const struct cl_frame *late = r->late.n > 0 ? &r->late.heap[0].frame : NULL;
	int64_t known;

	if (late != NULL && (first == NULL || late->time_ns < first->time_ns)) {
		if (late->time_ns > due->ripe && due->excess == 0)
			return false;
		give_late(r, b);
		return true;
	}
	if (first == NULL || cl_feed_empty(first->feed))
		return false;
	known = first->feed->index <= due->known_index ? due->known : due->known - 1;
	if (first->time_ns <= due->ripe)
		give_run(r, b, least(due->ripe, until_others(r)), UINT64_MAX);
	else if (due->excess > 0 && first->time_ns <= known)
		give_run(r, b, least(known, until_others(r)), due->excess);
	else
		return false;
	return true;
}

void cl_reorder_give(struct cl_reorder *r, struct cl_batch *b)
{
	const size_t before = b->n;
	struct due due = what_is_due(r);

	while (b->n < CL_BATCH && give_some(r, b, &due))
		if (due.excess > 0)
			due.excess = excess(r);
	if (b->n > before)
		r->short_of_memory = false;
}

/* What comes in ------------------------------------------------------------------- */

/* All that is ripe is out, so it can be told whether the frame is too late. */
static void take_late(struct cl_reorder *r, struct cl_frame *f)
{
	if (f->time_ns < r->last) {
		f->flags |= CL_FF_OUT_OF_ORDER;
		r->files[f->file].out_of_order++;
	}
	r->held += CL_FRAME_WEIGHT + f->cap_len;
	cl_late_push(&r->late, f);
}

static void take_run(struct cl_reorder *r, struct cl_feed *f)
{
	const struct cl_run *run = &f->runs[(f->tail - 1) & f->mask];

	r->held += weight(run);
	if (r->off) {
		cl_queue_move_first(&r->giving, cl_run_time(run));
		return;
	}
	cl_queue_move_first(&r->reading, f->newest);
	if (f->tail - f->head == 1)
		cl_queue_add(&r->giving, f, cl_run_time(run));
}

bool cl_reorder_read(struct cl_reorder *r)
{
	struct cl_feed *f = cl_reorder_next(r);
	struct cl_frame late;

	if (f == NULL)
		return false;
	if (!cl_late_room(&r->late)) {
		r->short_of_memory = true;
		return r->held > 0;
	}
	switch (cl_feed_read(f, !r->off, &late)) {
	case CL_FEED_RUN:
		take_run(r, f);
		break;
	case CL_FEED_LATE:
		take_late(r, &late);
		break;
	case CL_FEED_END:
		cl_queue_drop_first(r->off ? &r->giving : &r->reading);
		break;
	case CL_FEED_FULL:
		r->short_of_memory = true;
		return r->held > 0;
	}
	return true;
}

void cl_reorder_pass(struct cl_reorder *r, int64_t time_ns)
{
	struct cl_feed *f = r->reading.heap[0].feed;

	if (time_ns <= f->newest)
		return;
	f->newest = time_ns;
	cl_queue_move_first(&r->reading, time_ns);
}

bool cl_reorder_waits(const struct cl_reorder *r)
{
	const struct cl_feed *f = cl_reorder_next(r);

	return f != NULL && cl_feed_waits(f);
}

void cl_batch_release(struct cl_batch *b)
{
	for (size_t i = 0; i < b->nholds; i++)
		cl_block_release(b->holds[i].block, b->holds[i].n);
	b->n = b->nholds = 0;
}

void cl_reorder_free(struct cl_reorder *r)
{
	for (size_t i = 0; i < r->late.n; i++)
		cl_frames_release(&r->late.heap[i].frame, 1);
	cl_late_free(&r->late);
	cl_queue_free(&r->reading);
	cl_queue_free(&r->giving);
}

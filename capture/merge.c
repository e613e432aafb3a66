/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/merge.h"

#include <stdlib.h>

bool cl_merge_init(struct cl_merge *m, size_t n)
{
	m->n = 0;
	m->heap = calloc(n > 0 ? n : 1, sizeof(*m->heap));
	return m->heap != NULL;
}

static bool after(const struct cl_feed *a, const struct cl_feed *b)
{
	int64_t ta = cl_feed_time(a), tb = cl_feed_time(b);

	return ta > tb || (ta == tb && a->index > b->index);
}

/* Moves the feed at 0 to its place. */
static void sift_down(struct cl_merge *m)
{
	struct cl_feed *f = m->heap[0];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < m->n) {
		if (child + 1 < m->n && after(m->heap[child], m->heap[child + 1]))
			child++;
		if (!after(f, m->heap[child]))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = f;
}

void cl_merge_add(struct cl_merge *m, struct cl_feed *f)
{
	size_t i = m->n++;

	while (i > 0 && after(m->heap[(i - 1) / 2], f)) {
		m->heap[i] = m->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	m->heap[i] = f;
}

static void drop_first(struct cl_merge *m)
{
	m->heap[0] = m->heap[--m->n];
	if (m->n > 0)
		sift_down(m);
}

/* The file that comes after the first one; NULL if there is but one. */
static const struct cl_feed *second(const struct cl_merge *m)
{
	if (m->n < 2)
		return NULL;
	return m->n > 2 && after(m->heap[1], m->heap[2]) ? m->heap[2] : m->heap[1];
}

/* Frames of `f` that come before those of `other`; the first one does. */
static size_t run_before(const struct cl_feed *f, const struct cl_feed *other)
{
	int64_t limit = cl_feed_time(other);
	size_t i = f->at + 1;

	if (f->index < other->index)
		while (i < f->n && f->frames[i].time_ns <= limit)
			i++;
	else
		while (i < f->n && f->frames[i].time_ns < limit)
			i++;
	return i - f->at;
}

size_t cl_merge_peek(struct cl_merge *m, const struct cl_frame **frames)
{
	struct cl_feed *f;

	while (m->n > 0 && m->heap[0]->at == m->heap[0]->n) {
		if (cl_feed_fill(m->heap[0]))
			sift_down(m);
		else
			drop_first(m);
	}
	if (m->n == 0)
		return 0;
	f = m->heap[0];
	*frames = f->frames + f->at;
	return m->n > 1 ? run_before(f, second(m)) : f->n - f->at;
}

void cl_merge_skip(struct cl_merge *m, size_t n)
{
	struct cl_feed *f = m->heap[0];

	f->at += n;
	if (f->at < f->n)
		sift_down(m);
}

bool cl_merge_waits(const struct cl_merge *m)
{
	const struct cl_feed *f = m->n > 0 ? m->heap[0] : NULL;

	return f != NULL && f->at == f->n && f->n < CL_BATCH;
}

void cl_merge_free(struct cl_merge *m)
{
	free(m->heap);
}

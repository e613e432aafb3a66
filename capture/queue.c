/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/queue.h"

#include <stdlib.h>

bool cl_queue_init(struct cl_queue *q, size_t n)
{
	q->n = 0;
	q->heap = calloc(n > 0 ? n : 1, sizeof(*q->heap));
	return q->heap != NULL;
}

static inline bool after(const struct cl_queued *a, const struct cl_queued *b)
{
	return a->time_ns > b->time_ns || (a->time_ns == b->time_ns && a->feed->index > b->feed->index);
}

/* Finds the place of `e`, from the first one on. */
static void sift_down(struct cl_queue *q, struct cl_queued e)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n && after(&q->heap[child], &q->heap[child + 1]))
			child++;
		if (!after(&e, &q->heap[child]))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = e;
}

void cl_queue_add(struct cl_queue *q, struct cl_feed *f, int64_t time_ns)
{
	const struct cl_queued e = { time_ns, f };
	size_t i = q->n++;

	while (i > 0 && after(&q->heap[(i - 1) / 2], &e)) {
		q->heap[i] = q->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	q->heap[i] = e;
}

void cl_queue_move_first(struct cl_queue *q, int64_t time_ns)
{
	sift_down(q, (struct cl_queued){ time_ns, q->heap[0].feed });
}

void cl_queue_drop_first(struct cl_queue *q)
{
	q->n--;
	if (q->n > 0)
		sift_down(q, q->heap[q->n]);
}

const struct cl_queued *cl_queue_second(const struct cl_queue *q)
{
	if (q->n < 2)
		return NULL;
	return q->n > 2 && after(&q->heap[1], &q->heap[2]) ? &q->heap[2] : &q->heap[1];
}

void cl_queue_free(struct cl_queue *q)
{
	free(q->heap);
	q->heap = NULL;
}

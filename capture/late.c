/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/late.h"

#include <stdlib.h>

#define ROOM_START 64u

static bool later(const struct cl_late *a, const struct cl_late *b)
{
	if (a->frame.time_ns != b->frame.time_ns)
		return a->frame.time_ns > b->frame.time_ns;
	return a->seq > b->seq;
}

bool cl_late_room(struct cl_late_heap *h)
{
	size_t room = h->room > 0 ? 2 * h->room : ROOM_START;
	struct cl_late *grown;

	if (h->n < h->room)
		return true;
	grown = realloc(h->heap, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	h->heap = grown;
	h->room = room;
	return true;
}

void cl_late_push(struct cl_late_heap *h, const struct cl_frame *f)
{
	const struct cl_late late = { *f, h->seq++ };
	size_t i = h->n++;

	while (i > 0 && later(&h->heap[(i - 1) / 2], &late)) {
		h->heap[i] = h->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->heap[i] = late;
}

void cl_late_pop(struct cl_late_heap *h)
{
	const struct cl_late *last = &h->heap[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && later(&h->heap[child], &h->heap[child + 1]))
			child++;
		if (!later(last, &h->heap[child]))
			break;
		h->heap[i] = h->heap[child];
		i = child;
	}
	h->heap[i] = *last;
}

void cl_late_free(struct cl_late_heap *h)
{
	free(h->heap);
	h->heap = NULL;
	h->n = h->room = 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "capture/reorder.h"
#include "capture/tap.h"

/* How long cl_live_next waits for something to come. */
#define WAIT_NS 100000000

struct cl_live {
	struct cl_live_options options;
	struct cl_tap_hub hub;
	struct cl_tap *taps;
	struct cl_input_file *files;
	size_t n;
	struct cl_pool pool;
	struct cl_reorder reorder;
	struct cl_batch batch; /* given, to be released */
	bool started, ended;
};

/* Opening --------------------------------------------------------------------- */

static bool begin_hub(struct cl_tap_hub *h)
{
	pthread_condattr_t a;

	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&a);
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	pthread_cond_init(&h->news, &a);
	pthread_condattr_destroy(&a);
	h->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return h->wake >= 0;
}

static bool begin_tap(struct cl_live *l, uint32_t i, const char *interface)
{
	struct cl_tap *t = &l->taps[i];

	pthread_cond_init(&t->room, NULL);
	t->interface = t->counts.interface = interface;
	t->options = &l->options;
	t->hub = &l->hub;
	t->index = i;
	t->counts.state = CL_LIVE_GONE;
	t->opened.state = CL_LIVE_GONE;
	t->newest = t->pass_ns = INT64_MIN;
	l->files[i].path = interface;
	l->files[i].opened = true;
	t->feed = (struct cl_feed){ .file = &l->files[i],
				    .index = i,
				    .pool = &l->pool,
				    .source = cl_source_tap(t, i),
				    .newest = INT64_MIN,
				    .opened = true };
	return t->feed.source != NULL;
}

static bool allocate(struct cl_live *l, const char *const *interfaces, size_t n)
{
	bool ok;

	l->taps = calloc(n, sizeof *l->taps);
	l->files = calloc(n, sizeof *l->files);
	if (l->taps == NULL || l->files == NULL)
		return false;
	cl_pool_init(&l->pool, CL_BLOCK_SIZE);
	ok = cl_reorder_init(&l->reorder, n, &l->pool, l->files, false);
	l->hub.taps = (uint32_t)n;
	for (uint32_t i = 0; i < n; i++, l->n++)
		ok = begin_tap(l, i, interfaces[i]) && ok;
	l->reorder.late_ns = CL_LIVE_LATE_NS;
	if (l->options.held > 0)
		l->reorder.most = l->options.held;
	return ok;
}

static bool open_all(struct cl_live *l, char *err, size_t size)
{
	for (size_t i = 0; i < l->n; i++) {
		struct cl_tap *t = &l->taps[i];

		if (cl_tap_open(t) || (l->options.may_be_absent && t->opened.absent)) {
			if (t->handle == NULL)
				cl_tap_tell(t, CL_LIVE_WENT_AWAY, 0, t->opened.error);
			continue;
		}
		snprintf(err, size, "%s: %s", t->interface, t->opened.error);
		return false;
	}
	return true;
}

struct cl_live *cl_live_open(const char *const *interfaces, size_t n, const struct cl_live_options *o,
			     char *err, size_t size)
{
	struct cl_live *l;

	if (n == 0 || n > CL_LIVE_INTERFACES) {
		snprintf(err, size, "takes 1 to %d interfaces", CL_LIVE_INTERFACES);
		return NULL;
	}
	l = calloc(1, sizeof *l);
	if (l == NULL) {
		snprintf(err, size, "out of memory");
		return NULL;
	}
	l->options = *o;
	if (!begin_hub(&l->hub) || !allocate(l, interfaces, n)) {
		snprintf(err, size, "out of memory");
		cl_live_close(l);
		return NULL;
	}
	if (!open_all(l, err, size)) {
		cl_live_close(l);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		cl_reorder_add(&l->reorder, &l->taps[i].feed);
	return l;
}

/* Reading --------------------------------------------------------------------- */

static void start(struct cl_live *l)
{
	l->started = true;
	for (size_t i = 0; i < l->n; i++) {
		struct cl_tap *t = &l->taps[i];

		cl_tap_supply(t, &l->pool);
		if (cl_tap_start(t))
			continue;
		cl_tap_tell(t, CL_LIVE_CANNOT_OPEN, 0, "the system has no thread for it");
		t->ended = true;
	}
}

static struct timespec deadline(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += WAIT_NS;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

/* Waits until the tap has a message, or has ended. False: it is too late. */
static bool wait_for(struct cl_live *l, struct cl_tap *t, const struct timespec *until)
{
	int late = 0;

	pthread_mutex_lock(&l->hub.lock);
	while (t->head == t->tail && !t->ended && late == 0)
		late = pthread_cond_timedwait(&l->hub.news, &l->hub.lock, until);
	late = late != 0 || (t->head == t->tail && !t->ended);
	pthread_mutex_unlock(&l->hub.lock);
	return late == 0;
}

/* Looks at what comes next, in time or for good. False: nothing yet. */
static bool look(struct cl_live *l, struct cl_tap *t)
{
	switch (cl_tap_look(t, t->feed.newest)) {
	case CL_TAP_NOTHING:
		return false;
	case CL_TAP_PASSED:
		cl_reorder_pass(&l->reorder, t->pass_ns);
		break;
	case CL_TAP_SOMETHING:
		cl_reorder_read(&l->reorder);
		break;
	}
	return true;
}

size_t cl_live_next(struct cl_live *l, const struct cl_frame **frames)
{
	struct cl_batch *b = &l->batch;
	struct timespec until = { 0 };

	cl_batch_release(b);
	*frames = b->frames;
	if (!l->started)
		start(l);
	for (;;) {
		struct cl_feed *f;

		cl_reorder_give(&l->reorder, b);
		if (b->n == CL_BATCH)
			break;
		f = cl_reorder_next(&l->reorder);
		if (f == NULL) {
			l->ended = b->n == 0;
			break;
		}
		if (look(l, &l->taps[f->index])) {
			cl_tap_supply(&l->taps[f->index], &l->pool);
			continue;
		}
		if (b->n > 0)
			break;
		if (until.tv_sec == 0)
			until = deadline();
		if (!wait_for(l, &l->taps[f->index], &until))
			break;
	}
	return b->n;
}

void cl_live_stop(struct cl_live *l)
{
	const uint64_t one = 1;
	const int before = errno;

	atomic_store(&l->hub.stopping, true);
	if (write(l->hub.wake, &one, sizeof one) < 0)
		errno = before;
}

bool cl_live_ended(const struct cl_live *l)
{
	return l->ended;
}

/* What is told ------------------------------------------------------------------ */

int64_t cl_live_clock_ns(const struct cl_live *l)
{
	return l->reorder.reading.n > 0 ? l->reorder.reading.heap[0].time_ns : l->reorder.last;
}

bool cl_live_event(struct cl_live *l, struct cl_live_event *out)
{
	struct cl_tap_hub *h = &l->hub;
	bool any;

	pthread_mutex_lock(&h->lock);
	any = h->event_count > 0;
	if (any) {
		*out = h->events[h->first_event];
		h->first_event = (h->first_event + 1) % CL_TAP_EVENTS;
		h->event_count--;
	}
	pthread_mutex_unlock(&h->lock);
	return any;
}

void cl_live_counts(struct cl_live *l, size_t i, struct cl_live_counts *out)
{
	pthread_mutex_lock(&l->hub.lock);
	*out = l->taps[i].counts;
	pthread_mutex_unlock(&l->hub.lock);
	out->out_of_order = l->files[i].out_of_order;
}

size_t cl_live_interfaces(const struct cl_live *l)
{
	return l->n;
}

void cl_live_close(struct cl_live *l)
{
	if (l == NULL)
		return;
	atomic_store(&l->hub.closing, true);
	if (l->hub.wake >= 0)
		cl_live_stop(l);
	pthread_mutex_lock(&l->hub.lock);
	for (size_t i = 0; i < l->n; i++)
		pthread_cond_broadcast(&l->taps[i].room);
	pthread_mutex_unlock(&l->hub.lock);
	cl_batch_release(&l->batch);
	for (size_t i = 0; i < l->n; i++)
		cl_tap_close(&l->taps[i]);
	if (l->reorder.reading.heap != NULL)
		cl_reorder_free(&l->reorder);
	for (size_t i = 0; i < l->n; i++)
		cl_feed_close(&l->taps[i].feed);
	cl_pool_free(&l->pool);
	if (l->hub.wake >= 0)
		close(l->hub.wake);
	free(l->taps);
	free(l->files);
	free(l);
}

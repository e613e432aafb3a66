/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread of an interface: takes frames from the kernel's ring at once, so that it does not fill, watches
 * the interface and its clock, and opens it again. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "capture/tap.h"

#define NS_PER_MS 1000000
#define NS_PER_S  INT64_C(1000000000)

/* Between two looks at what came without a wake-up; others wait to hear that nothing came. */
#define IDLE_MS	       50
#define IDLE_OTHERS_MS 10

/* Once the ring had nothing, frames older than this have all been there. */
#define PASSED_NS ((int64_t)2 * CL_LIVE_RETIRE_MS * NS_PER_MS)

/* How long a capture that is to stop goes on at most, to take what is there. */
#define STOP_NS (5 * NS_PER_S)

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Messages ---------------------------------------------------------------------- */

/* Waits until there is room for a message; false: nothing is wanted any more. The lock is held. */
static bool wait_for_room(struct cl_tap *t)
{
	while (t->tail - t->head == CL_TAP_MESSAGES && !t->hub->closing)
		pthread_cond_wait(&t->room, &t->hub->lock);
	return !t->hub->closing;
}

static void post(struct cl_tap *t, const struct cl_tap_message *m)
{
	pthread_mutex_lock(&t->hub->lock);
	if (wait_for_room(t)) {
		t->messages[t->tail++ % CL_TAP_MESSAGES] = *m;
		t->counts.received = t->number;
		t->counts.bytes = t->bytes;
		pthread_cond_signal(&t->hub->news);
	} else if (m->what == CL_TAP_LEFT) {
		t->block = m->block; /* to be left with the tap */
	}
	pthread_mutex_unlock(&t->hub->lock);
}

static void post_run(struct cl_tap *t)
{
	const struct cl_tap_message m = { .what = CL_TAP_RUN, .run = t->run };

	if (t->run.n > 0)
		post(t, &m);
	t->run.n = 0;
}

static void post_pass(struct cl_tap *t, int64_t time_ns)
{
	const struct cl_tap_message m = { .what = CL_TAP_PASS, .pass_ns = time_ns };

	post(t, &m);
}

/* Leaves the block, if there is one, and takes an empty one. False: nothing is wanted any more. */
static bool next_block(struct cl_tap *t)
{
	const struct cl_tap_message left = { .what = CL_TAP_LEFT, .block = t->block };

	post_run(t);
	t->block = NULL;
	if (left.block != NULL)
		post(t, &left);
	if (t->block != NULL)
		return false;
	pthread_mutex_lock(&t->hub->lock);
	while (t->empty_count == 0 && !t->hub->closing)
		pthread_cond_wait(&t->room, &t->hub->lock);
	if (!t->hub->closing)
		t->block = t->empty[--t->empty_count];
	pthread_mutex_unlock(&t->hub->lock);
	t->used = 0;
	return t->block != NULL;
}

/* Frames ------------------------------------------------------------------------ */

static void begin_run(struct cl_tap *t)
{
	t->run = (struct cl_run){ .block = t->block,
				  .at = t->block->data + t->used,
				  .number = t->number + 1,
				  .last_ns = INT64_MIN,
				  .linktype = t->opened.linktype,
				  .dense = true };
}

static void watch(struct cl_tap *t, int64_t time_ns)
{
	const int64_t step = cl_clock_step(&t->clock, time_ns, clock_ns(CLOCK_MONOTONIC));

	if (step != 0)
		cl_tap_tell(t, CL_LIVE_CLOCK_STEPPED, step, "");
}

static bool own_clock(const struct cl_tap *t)
{
	return strncmp(t->opened.clock, "host", 4) == 0;
}

/* Every packet passes here. */
static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *octets)
{
	struct cl_tap *t = (struct cl_tap *)(void *)user;
	const uint32_t most = CL_BLOCK_SIZE - CL_RECORD_HEAD, cap = h->caplen < most ? h->caplen : most;
	const int64_t time_ns = (int64_t)h->ts.tv_sec * NS_PER_S + h->ts.tv_usec;
	uint8_t *p;

	if (t->block == NULL || t->block->size - t->used < CL_RECORD_HEAD + cap) {
		if (!next_block(t))
			return;
		begin_run(t);
	}
	if (time_ns < t->run.last_ns) {
		if (!own_clock(t))
			watch(t, time_ns);
		post_run(t);
	}
	if (t->run.n == 0)
		begin_run(t);
	p = t->block->data + t->used;
	cl_record_put(p, time_ns, cap, h->len > cap ? h->len : cap);
	memcpy(p + CL_RECORD_HEAD, octets, cap);
	t->used += CL_RECORD_HEAD + cap;
	t->run.last_ns = time_ns;
	t->run.octets += h->len;
	t->run.kept += cap;
	t->run.n++;
	t->number++;
	t->bytes += h->len;
	t->newest = time_ns;
}

/* The interface ----------------------------------------------------------------- */

static void publish(struct cl_tap *t)
{
	pthread_mutex_lock(&t->hub->lock);
	t->counts.received = t->number;
	t->counts.bytes = t->bytes;
	t->counts.dropped_kernel = t->sums.dropped_kernel;
	t->counts.dropped_interface = t->sums.dropped_interface;
	t->counts.opened = t->openings;
	t->counts.state = t->opened.state;
	t->counts.linktype = t->opened.linktype;
	t->counts.filtered = t->opened.filtered;
	memcpy(t->counts.clock, t->opened.clock, sizeof t->counts.clock);
	pthread_mutex_unlock(&t->hub->lock);
}

static void take_stats(struct cl_tap *t)
{
	struct pcap_stat s;

	if (t->handle != NULL && pcap_stats(t->handle, &s) == 0)
		cl_live_sums_add(&t->sums, s.ps_drop, s.ps_ifdrop);
}

bool cl_tap_open(struct cl_tap *t)
{
	char text[CL_ERROR_SIZE];

	t->handle = cl_live_device_open(t->interface, t->options, &t->opened);
	if (t->handle == NULL)
		return false;
	cl_live_sums_reopened(&t->sums);
	cl_clock_begin(&t->clock, own_clock(t));
	t->told_error = false;
	t->openings++;
	publish(t);
	snprintf(text, sizeof text, "link type %u", t->opened.linktype);
	cl_tap_tell(t, t->opened.state == CL_LIVE_UP ? CL_LIVE_CAME_UP : CL_LIVE_WENT_DOWN, 0, text);
	if (t->opened.no_filter[0] != '\0')
		cl_tap_tell(t, CL_LIVE_NO_FILTER, 0, t->opened.no_filter);
	if (t->opened.other_clock[0] != '\0')
		cl_tap_tell(t, CL_LIVE_CLOCK_OTHER, 0, t->opened.other_clock);
	return true;
}

/* The handle is of no more use. */
static void lose(struct cl_tap *t, const char *why)
{
	take_stats(t);
	cl_tap_tell(t, CL_LIVE_WENT_AWAY, 0, why);
	pcap_close(t->handle);
	t->handle = NULL;
	t->opened.state = CL_LIVE_GONE;
	publish(t);
}

static void look_at_state(struct cl_tap *t)
{
	const enum cl_live_state state = cl_live_device_state(t->handle, t->interface, t->opened.index);

	if (state == CL_LIVE_GONE) {
		lose(t, "it is not there any more");
	} else if (state != t->opened.state) {
		t->opened.state = state;
		publish(t);
		cl_tap_tell(t, state == CL_LIVE_UP ? CL_LIVE_CAME_UP : CL_LIVE_WENT_DOWN, 0, "");
	}
}

static void try_again(struct cl_tap *t)
{
	if (cl_tap_open(t))
		return;
	publish(t);
	if (!t->opened.absent && !t->told_error)
		cl_tap_tell(t, CL_LIVE_CANNOT_OPEN, 0, t->opened.error);
	t->told_error = t->told_error || !t->opened.absent;
}

/* Once a second. */
static void tick(struct cl_tap *t, int64_t monotonic)
{
	t->tick_ns = monotonic + NS_PER_S;
	if (t->handle == NULL)
		try_again(t);
	else
		look_at_state(t);
	if (t->handle == NULL)
		return;
	take_stats(t);
	publish(t);
	if (own_clock(t))
		watch(t, clock_ns(CLOCK_REALTIME));
}

/* The loop ---------------------------------------------------------------------- */

/* The capture's time, if the system's clock says `now`: the interface's may be another. */
static int64_t capture_time(struct cl_tap *t, int64_t now)
{
	return own_clock(t) || t->number == 0 ? now : now + t->offset_ns;
}

/* Takes what the ring has ready, a block of it at the most. Whether there was something. */
static bool take_ready(struct cl_tap *t)
{
	const int64_t before = clock_ns(CLOCK_REALTIME);
	const int n = t->handle != NULL ? pcap_dispatch(t->handle, -1, take, (u_char *)t) : 0;

	post_run(t);
	if (n > 0 && !own_clock(t)) {
		watch(t, t->newest);
		t->offset_ns = t->newest - clock_ns(CLOCK_REALTIME);
	}
	if (n == PCAP_ERROR)
		lose(t, pcap_geterr(t->handle));
	if (n <= 0)
		post_pass(t, capture_time(t, before) - PASSED_NS);
	return n > 0;
}

static void wait_for_more(struct cl_tap *t)
{
	const bool stopping = t->hub->stopping;
	struct pollfd fds[2] = { { .fd = -1, .events = POLLIN },
				 { .fd = stopping ? -1 : t->hub->wake, .events = POLLIN } };

	if (t->handle != NULL)
		fds[0].fd = pcap_get_selectable_fd(t->handle);
	poll(fds, 2, stopping || t->hub->taps > 1 ? IDLE_OTHERS_MS : IDLE_MS);
	if ((fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		t->tick_ns = 0;
}

/* Whether all has come that was there at the stop. */
static bool is_over(struct cl_tap *t, bool more, int64_t monotonic)
{
	if (t->stop_ns == 0) {
		t->stop_ns = monotonic;
		t->stop_clock_ns = clock_ns(CLOCK_REALTIME);
		return t->handle == NULL;
	}
	if (t->handle == NULL || monotonic - t->stop_ns >= STOP_NS)
		return true;
	if (own_clock(t) && t->newest > t->stop_clock_ns)
		return true;
	return !more && monotonic - t->stop_ns >= PASSED_NS;
}

static void end(struct cl_tap *t)
{
	take_stats(t);
	publish(t);
	pthread_mutex_lock(&t->hub->lock);
	t->ended = true;
	pthread_cond_signal(&t->hub->news);
	pthread_mutex_unlock(&t->hub->lock);
}

static void *run(void *ctx)
{
	struct cl_tap *t = ctx;

	while (!t->hub->closing) {
		const bool more = take_ready(t);
		const int64_t monotonic = clock_ns(CLOCK_MONOTONIC);

		if (monotonic >= t->tick_ns && !t->hub->stopping)
			tick(t, monotonic);
		if (t->hub->stopping && is_over(t, more, monotonic))
			break;
		if (!more)
			wait_for_more(t);
	}
	end(t);
	return NULL;
}

bool cl_tap_start(struct cl_tap *t)
{
	sigset_t all, before;

	/* signals are for the thread that reads */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	t->running = pthread_create(&t->thread, NULL, run, t) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return t->running;
}

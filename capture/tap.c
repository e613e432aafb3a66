/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies between the thread of an interface and who reads it: the reader's side. */
#include "capture/tap.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t system_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void cl_tap_tell(struct cl_tap *t, enum cl_live_what what, int64_t step_ns, const char *text)
{
	struct cl_tap_hub *h = t->hub;
	struct cl_live_event *e;

	pthread_mutex_lock(&h->lock);
	/* when too many wait, the last one gives way */
	if (h->event_count < CL_TAP_EVENTS)
		h->event_count++;
	e = &h->events[(h->first_event + h->event_count - 1) % CL_TAP_EVENTS];
	*e = (struct cl_live_event){
		.what = what, .interface = t->index, .time_ns = system_ns(), .step_ns = step_ns
	};
	snprintf(e->text, sizeof e->text, "%s", text);
	pthread_cond_signal(&h->news);
	pthread_mutex_unlock(&h->lock);
}

/* The next message; false if there is none. The lock is held. */
static bool take_message(struct cl_tap *t, struct cl_tap_message *out)
{
	if (t->head == t->tail)
		return false;
	*out = t->messages[t->head++ % CL_TAP_MESSAGES];
	if (out->what == CL_TAP_LEFT)
		t->out--;
	pthread_cond_signal(&t->room);
	return true;
}

enum cl_tap_got cl_tap_look(struct cl_tap *t, int64_t newest)
{
	enum cl_tap_got got = CL_TAP_NOTHING;
	struct cl_tap_message m;

	if (t->next.n > 0)
		return CL_TAP_SOMETHING;
	pthread_mutex_lock(&t->hub->lock);
	while (got == CL_TAP_NOTHING && take_message(t, &m)) {
		if (m.what == CL_TAP_LEFT) {
			cl_block_leave(m.block);
		} else if (m.what == CL_TAP_PASS) {
			t->pass_ns = m.pass_ns;
			got = m.pass_ns > newest ? CL_TAP_PASSED : CL_TAP_NOTHING;
		} else {
			t->next = m.run;
			got = CL_TAP_SOMETHING;
		}
	}
	if (got == CL_TAP_NOTHING && t->ended)
		got = CL_TAP_SOMETHING;
	pthread_mutex_unlock(&t->hub->lock);
	return got;
}

struct cl_run *cl_tap_run(struct cl_tap *t)
{
	return t->next.n > 0 ? &t->next : NULL;
}

void cl_tap_taken(struct cl_tap *t)
{
	t->next.n = 0;
}

void cl_tap_cut(struct cl_tap *t, struct cl_run *run)
{
	struct cl_run rest = *run;
	struct cl_frame first;

	cl_run_cut(&rest, &first, 1);
	run->n = 1;
	run->last_ns = first.time_ns;
	run->octets = first.wire_len;
	run->kept = first.cap_len;
	rest.octets -= first.wire_len;
	t->next = rest;
}

void cl_tap_supply(struct cl_tap *t, struct cl_pool *pool)
{
	pthread_mutex_lock(&t->hub->lock);
	while (t->out < CL_TAP_BLOCKS) {
		struct cl_block *b = cl_pool_get(pool, CL_BLOCK_SIZE);

		if (b == NULL)
			break;
		t->empty[t->empty_count++] = b;
		t->out++;
		pthread_cond_signal(&t->room);
	}
	pthread_mutex_unlock(&t->hub->lock);
}

void cl_tap_close(struct cl_tap *t)
{
	struct cl_tap_message m;

	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
	pthread_mutex_lock(&t->hub->lock);
	while (take_message(t, &m))
		if (m.what == CL_TAP_LEFT)
			cl_block_leave(m.block);
	while (t->empty_count > 0)
		cl_block_leave(t->empty[--t->empty_count]);
	pthread_mutex_unlock(&t->hub->lock);
	cl_block_leave(t->block);
	t->block = NULL;
	if (t->handle != NULL)
		pcap_close(t->handle);
	t->handle = NULL;
}

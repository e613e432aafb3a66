/* SPDX-License-Identifier: BSD-2-Clause */
/* The service: frames come in, the database is brought up to date now and then, signals are obeyed. */
#include "cli/live/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/analyse.h"
#include "cli/live/capture_plan.h"
#include "cli/live/notify.h"
#include "cli/live/origin.h"
#include "cli/live/signals.h"
#include "cli/live/timeline.h"
#include "cli/log.h"

#define NS_PER_S INT64_C(1000000000)

/* A look at the clock, at counters and at what is due. */
#define TICK_NS NS_PER_S

struct service {
	const struct cl_capture_options *capture;
	const struct cl_options *options;
	struct cl_origin *origin;
	struct cl_notify notify;
	struct cl_session session;
	struct cl_analysis *analysis;
	struct cl_timeline timeline;
	uint64_t packets;
	int64_t last_ns; /* how far the capture has come */
	int64_t tick_ns; /* when the next one is due, and the next commit: by the monotonic clock */
	int64_t commit_ns;
};

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The database ------------------------------------------------------------------- */

static bool open_database(struct service *s)
{
	size_t n;
	const struct cl_input_file *files = cl_origin_files(s->origin, &n);

	if (cl_session_write(&s->session, s->options) != CL_EXIT_OK)
		return false;
	s->analysis = cl_analysis_begin(&s->session, files, n, true);
	if (s->analysis == NULL)
		return false;
	cl_timeline_begin(&s->timeline, s->session.config.engine.step_ns);
	return true;
}

static void write_timeline(void *service, struct cl_store *store)
{
	cl_timeline_write(&((struct service *)service)->timeline, store);
}

static void read_counters(struct service *s, int64_t capture_ns)
{
	if (!cl_timeline_read(&s->timeline, s->origin, capture_ns))
		cl_warn("memory", "too short for the counters of the interfaces");
}

/* All that came is in the database then. */
static bool close_database(struct service *s)
{
	size_t n;
	const struct cl_input_file *files = cl_origin_files(s->origin, &n);
	bool ok = true;

	if (s->analysis != NULL) {
		if (s->timeline.begun)
			read_counters(s, s->last_ns);
		cl_analysis_end(s->analysis, files, n);
		write_timeline(s, s->session.store);
		ok = cl_store_error(s->session.store) == NULL && cl_store_commit(s->session.store);
		if (!ok)
			cl_error(s->options->output, "%s", cl_store_error(s->session.store));
	}
	cl_analysis_free(s->analysis);
	s->analysis = NULL;
	cl_timeline_free(&s->timeline);
	cl_session_close(&s->session);
	return ok;
}

/* The loop ----------------------------------------------------------------------- */

static void tick(struct service *s, int64_t now_ns)
{
	int64_t capture_ns;

	s->tick_ns = now_ns + TICK_NS;
	if (cl_origin_clock(s->origin, &capture_ns))
		cl_analysis_time(s->analysis, capture_ns);
	if (now_ns >= s->commit_ns)
		s->commit_ns = now_ns + s->capture->commit_s * NS_PER_S;
}

/* False: it is to end. */
static bool obey(struct service *s)
{
	struct cl_signals asked = cl_signals_take();

	(void)s;
	return !asked.stop;
}

static void take_frames(struct service *s, const struct cl_frame *frames, size_t n)
{
	int64_t time_ns = frames[n - 1].time_ns;

	if (!s->timeline.begun)
		read_counters(s, frames[0].time_ns);
	cl_analysis_feed(s->analysis, frames, n);
	s->packets += n;
	s->last_ns = time_ns > s->last_ns ? time_ns : s->last_ns;
	if (cl_timeline_due(&s->timeline, time_ns))
		read_counters(s, time_ns);
}

static bool capture(struct service *s)
{
	bool ended = false;

	while (!ended) {
		const struct cl_frame *frames;
		size_t n = cl_origin_next(s->origin, &frames, &ended);

		if (n > 0)
			take_frames(s, frames, n);
		if (cl_signals_any() && !obey(s))
			break;
		int64_t now_ns = monotonic_ns();
		cl_notify_alive(&s->notify, now_ns);
		if (now_ns >= s->tick_ns)
			tick(s, now_ns);
	}
	return true;
}

/* Nothing is opened by a user who is to be left, and nothing is read with rights that are not needed for it;
 * a capture is opened within the sandbox, as what inflates it is a thread. */
static bool open_confined(struct service *s)
{
	const struct cl_sandbox_options *limits = &s->capture->sandbox;
	const struct cl_sandbox_plan plan = cl_capture_plan(s->capture, s->options, &s->notify);

	if (!cl_sandbox_begin(limits, &plan) || (!plan.devices && !cl_sandbox_enter(limits, &plan)))
		return false;
	s->origin = cl_origin_open(s->capture, s->options);
	return s->origin != NULL && (!plan.devices || cl_sandbox_enter(limits, &plan)) && open_database(s);
}

int cl_service_run(const struct cl_capture_options *c, const struct cl_options *o)
{
	struct service s = { .capture = c, .options = o };
	bool ok;

	if (!cl_signals_begin()) {
		cl_error("signals", "%s", strerror(errno));
		return CL_EXIT_FAILED;
	}
	if (!cl_notify_open(&s.notify))
		cl_warn("NOTIFY_SOCKET", "%s", strerror(errno));
	ok = open_confined(&s);
	if (ok) {
		cl_notify(&s.notify, "READY=1");
		ok = capture(&s);
	}
	cl_notify(&s.notify, "STOPPING=1");
	ok = (s.origin == NULL || close_database(&s)) && ok;
	cl_origin_close(s.origin);
	cl_notify_close(&s.notify);
	return ok ? CL_EXIT_OK : CL_EXIT_FAILED;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The service: frames come in, the database is brought up to date now and then, signals are obeyed. */
#include "cli/live/service.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/save.h"
#include "cli/analyse.h"
#include "cli/live/capture_plan.h"
#include "cli/live/notify.h"
#include "cli/live/origin.h"
#include "cli/live/signals.h"
#include "cli/live/timeline.h"
#include "cli/log.h"
#include "cli/write/timefmt.h"

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)

/* A look at the clock, at counters and at what is due. */
#define TICK_NS NS_PER_S

/* A clock that is so much behind what the database has is not set yet. */
#define BEHIND_NS (60 * NS_PER_S)

/* How long the end waits for a database that cannot be written to. */
#define LAST_TRIES  50
#define LAST_TRY_NS 200000000

/* A month of --keep. */
#define MONTH_DAYS 31

struct service {
	const struct cl_capture_options *capture;
	const struct cl_options *options;
	struct cl_options monthly; /* of --rotate: the options, with the path of the first month's database */
	char path[PATH_MAX];
	int64_t month_end_ns; /* --rotate; 0: nothing came yet */
	uint64_t earlier;     /* --rotate and --replay: packets that the databases of earlier months have */
	int64_t swept_day;    /* --rotate and --keep: files of old months were looked for */
	struct cl_notify notify;
	struct cl_origin *origin;
	struct cl_session session;
	struct cl_analysis *analysis;
	struct cl_analysis_live live;
	struct cl_timeline timeline;
	const char *names[CL_CAPTURE_INTERFACES_MAX]; /* of interfaces, as the saved packets have them */
	struct cl_save *save;			      /* NULL: the last packets are not kept */
	int statm;				      /* /proc/self/statm; -1: not to be had */
	uint64_t packets;
	int64_t last_ns; /* how far the capture has come */
	int64_t tick_ns; /* when the next one is due, and the next commit: by the monotonic clock */
	int64_t commit_ns;
	int64_t kept_ns;       /* the last one that was kept; 0: none */
	uint64_t said_packets; /* at the last status line */
	int64_t said_ns;
	bool stopping;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The database ------------------------------------------------------------------- */

static int64_t keep_days(const struct cl_capture_options *c)
{
	return c->keep_days > 0 ? (int64_t)c->keep_days : (int64_t)c->keep_months * MONTH_DAYS;
}

/* What goes into a transaction beside what was counted. */
static void write_more(void *service, struct cl_store *store)
{
	struct service *s = service;
	int64_t days = keep_days(s->capture);

	cl_timeline_write(&s->timeline, store);
	if (days > 0 && s->timeline.begun && s->live.months == NULL)
		cl_store_forget(store, s->last_ns / NS_PER_DAY - days);
}

static void read_counters(struct service *s, int64_t capture_ns)
{
	if (!cl_timeline_read(&s->timeline, s->origin, capture_ns))
		cl_warn("memory", "too short for the counters of the interfaces");
}

/* Packets of a capture that earlier runs have in the database. */
static uint64_t known_packets(struct service *s, const char *path)
{
	struct cl_query *q =
		cl_query_new(s->session.store,
			     "SELECT coalesce(sum(packets), 0) FROM file WHERE source_id = ?1 AND path = ?2");

	cl_query_bind_text(q, 2, path);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

/* What comes has to follow what is there. */
static bool follows(struct service *s)
{
	struct cl_source_row source;
	char text[CL_TIME_STRLEN];
	int64_t first_ns;

	if (!cl_store_source_get(s->session.store, &source) || !cl_origin_first(s->origin, &first_ns) ||
	    first_ns >= source.last_ns ||
	    (s->capture->replay == NULL && first_ns > source.last_ns - BEHIND_NS))
		return true;
	cl_time_format(text, source.last_ns, 0);
	if (s->capture->replay != NULL)
		cl_error(s->capture->replay, "precedes what %s has of sensor %s, which is up to %s",
			 s->options->output, s->options->sensor, text);
	else
		cl_error(s->options->output,
			 "has packets of sensor %s up to %s, later than this machine's clock: set the clock, "
			 "or "
			 "name another database",
			 s->options->sensor, text);
	return false;
}

/* Counts begin, or go on where they ended. */
static bool begin_analysis(struct service *s)
{
	s->analysis = cl_analysis_begin(&s->session, &s->live);
	cl_timeline_begin(&s->timeline, s->session.config.engine.step_ns);
	return s->analysis != NULL;
}

static void say_commit(struct service *s, enum cl_commit c)
{
	struct cl_store *store = s->session.store;
	const char *trouble = cl_store_trouble(store);
	uint64_t lost = cl_store_given_up(store);

	if (c == CL_COMMIT_FAILED)
		cl_error(s->options->output, "%s; what is counted waits in memory",
			 trouble != NULL ? trouble : "cannot be written to");
	else if (c == CL_COMMIT_AGAIN && lost == 0)
		cl_warn(s->options->output, "is written to again; nothing was lost");
	else if (c == CL_COMMIT_AGAIN)
		cl_warn(s->options->output, "is written to again; %llu rows found no room and were lost",
			(unsigned long long)lost);
}

/* Once a day: files of months that are to be kept no longer. */
static void sweep_months(struct service *s)
{
	int64_t day = s->last_ns / NS_PER_DAY, days = keep_days(s->capture);

	if (s->live.months == NULL || days == 0 || !s->timeline.begun || day == s->swept_day)
		return;
	s->swept_day = day;
	unsigned n = cl_store_remove_months(s->live.months, (day - days) * NS_PER_DAY);
	if (n > 0)
		cl_info(s->live.months, "%u databases of months that are to be kept no longer were removed",
			n);
}

/* One every so many seconds; if each takes long, no more than half of the time goes into them. */
static void plan_commit(struct service *s, int64_t begun_ns)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC), least_ns = now_ns + (now_ns - begun_ns);

	s->commit_ns = begun_ns + s->capture->commit_s * NS_PER_S;
	if (s->commit_ns < least_ns)
		s->commit_ns = least_ns;
}

/* What was written, from `begun_ns` on, is kept, or waits. Whether it is kept. */
static bool committed(struct service *s, int64_t begun_ns, enum cl_commit c)
{
	bool kept = c == CL_COMMIT_KEPT || c == CL_COMMIT_AGAIN;

	if (kept) {
		s->kept_ns = clock_ns(CLOCK_REALTIME);
		cl_timeline_kept(&s->timeline);
	}
	say_commit(s, c);
	sweep_months(s);
	plan_commit(s, begun_ns);
	return kept;
}

static bool commit(struct service *s)
{
	int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	size_t n;
	const struct cl_input_file *files = cl_origin_files(s->origin, &n);

	if (s->timeline.begun)
		read_counters(s, s->last_ns);
	return committed(s, begun_ns, cl_analysis_checkpoint(s->analysis, files, n, write_more, s));
}

/* All that came is in the database then, unless it cannot be written to. */
static bool end_analysis(struct service *s)
{
	bool kept = false;

	if (s->analysis == NULL)
		return true;
	cl_analysis_stop(s->analysis);
	for (int i = 0; i < LAST_TRIES && !kept; i++) {
		if (i > 0)
			nanosleep(&(struct timespec){ .tv_nsec = LAST_TRY_NS }, NULL);
		kept = commit(s);
	}
	if (!kept)
		cl_error(s->options->output, "%s: what came since the last commit is lost",
			 cl_store_trouble(s->session.store));
	cl_analysis_free(s->analysis);
	s->analysis = NULL;
	cl_timeline_free(&s->timeline);
	return kept;
}

/* The last packets ----------------------------------------------------------------- */

static bool open_save(struct service *s)
{
	const struct cl_capture_options *c = s->capture;
	char err[512];

	if (c->save == NULL)
		return true;
	s->names[0] = c->replay;
	for (size_t i = 0; i < c->ninterfaces; i++)
		s->names[i] = c->interfaces[i];
	s->save = cl_save_open(
		c->save,
		&(struct cl_save_options){ .bytes = c->save_bytes,
					   .interfaces = s->names,
					   .interface_count = c->replay != NULL ? 1 : c->ninterfaces,
					   .filter = s->options->filter,
					   .snaplen = c->snaplen,
					   .wait = c->replay != NULL },
		err, sizeof err);
	if (s->save == NULL)
		cl_error(c->save, "%s", err);
	return s->save != NULL;
}

/* Once a second: counters go into the files, what is there to the disk. */
static void tend_save(struct service *s)
{
	char text[512];
	size_t n;
	const struct cl_input_file *files = cl_origin_files(s->origin, &n);

	if (s->save == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		cl_save_drops(s->save, i, files[i].dropped_kernel, files[i].dropped_interface);
	cl_save_flush(s->save);
	while (cl_save_event(s->save, text, sizeof text))
		cl_warn(s->capture->save, "%s", text);
}

/* The database may have been moved away, or another one put in its place; of the saved packets a new file
 * begins. */
static bool reopen(struct service *s)
{
	cl_notify_reloading(&s->notify);
	if (cl_analysis_reopen(s->analysis))
		cl_info(s->options->output, "was opened anew");
	commit(s);
	cl_save_close(s->save);
	s->save = NULL;
	bool ok = open_save(s);
	cl_notify(&s->notify, "READY=1");
	return ok;
}

/* The status line ----------------------------------------------------------------- */

/* Octets in memory; 0: not known. */
static uint64_t resident(const struct service *s)
{
	char text[128];
	ssize_t n = s->statm >= 0 ? pread(s->statm, text, sizeof text - 1, 0) : 0;
	unsigned long long pages = 0;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return sscanf(text, "%*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void say_status(struct service *s)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	double seconds = (double)(now_ns - s->said_ns) / NS_PER_S;
	uint64_t kernel = 0, interface = 0;
	char kept[CL_TIME_STRLEN] = "never";
	size_t n;

	(void)cl_origin_files(s->origin, &n);
	for (size_t i = 0; i < n; i++) {
		struct cl_origin_count c;

		cl_origin_count(s->origin, i, &c);
		kernel += c.dropped_kernel;
		interface += c.dropped_interface;
	}
	if (s->kept_ns != 0)
		cl_time_format(kept, s->kept_ns, 0);
	cl_error("status",
		 "%llu packets, %.0f a second; %llu dropped by the kernel, %llu by interfaces; %llu clients "
		 "this "
		 "month; last commit %s; %.1f MiB of memory",
		 (unsigned long long)s->packets,
		 seconds > 0 ? (double)(s->packets - s->said_packets) / seconds : 0,
		 (unsigned long long)kernel, (unsigned long long)interface,
		 (unsigned long long)cl_analysis_clients(s->analysis), kept, (double)resident(s) / (1 << 20));
	s->said_packets = s->packets;
	s->said_ns = now_ns;
}

/* The loop ----------------------------------------------------------------------- */

/* When the month after that of `ns` begins. */
static int64_t next_month_ns(int64_t ns)
{
	time_t t = (time_t)(ns / NS_PER_S);
	struct tm at;

	gmtime_r(&t, &at);
	at = (struct tm){ .tm_year = at.tm_year, .tm_mon = at.tm_mon + 1, .tm_mday = 1 };
	return (int64_t)timegm(&at) * NS_PER_S;
}

/* What came before the month's end is in its database. */
static void end_month(struct service *s)
{
	int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	size_t n;
	const struct cl_input_file *files = cl_origin_files(s->origin, &n);

	read_counters(s, s->month_end_ns); /* its last step is over */
	committed(s, begun_ns, cl_analysis_end_month(s->analysis, files, n, s->month_end_ns, write_more, s));
	cl_timeline_other(&s->timeline);
}

static void tick(struct service *s, int64_t now_ns)
{
	int64_t capture_ns;

	s->tick_ns = now_ns + TICK_NS;
	cl_notify_alive(&s->notify, now_ns);
	cl_origin_say(s->origin);
	if (cl_origin_clock(s->origin, &capture_ns)) {
		if (s->month_end_ns != 0 && capture_ns >= s->month_end_ns) {
			end_month(s);
			s->month_end_ns = next_month_ns(capture_ns);
		}
		cl_analysis_time(s->analysis, capture_ns);
		s->last_ns = capture_ns > s->last_ns ? capture_ns : s->last_ns;
	}
	if (s->timeline.begun)
		read_counters(s, s->last_ns);
	tend_save(s);
	if (now_ns < s->commit_ns)
		return;
	commit(s);
	if (s->kept_ns != 0)
		cl_notify(&s->notify, "STATUS=%llu packets", (unsigned long long)s->packets);
}

/* False: it is to end at once. */
static bool obey(struct service *s)
{
	struct cl_signals asked = cl_signals_take();

	if (asked.status)
		say_status(s);
	if (asked.stop && !s->stopping) {
		s->stopping = true;
		cl_notify(&s->notify, "STOPPING=1");
		cl_origin_stop(s->origin);
	}
	return !asked.reopen || s->stopping || reopen(s);
}

static void feed(struct service *s, const struct cl_frame *frames, size_t n)
{
	int64_t time_ns = frames[n - 1].time_ns;

	if (s->save != NULL)
		cl_save_put(s->save, frames, n);
	cl_analysis_feed(s->analysis, frames, n);
	cl_origin_taken(s->origin, frames, n);
	s->packets += n;
	s->last_ns = time_ns > s->last_ns ? time_ns : s->last_ns;
}

/* Counters are read where a step ends. */
static void take_some(struct service *s, const struct cl_frame *frames, size_t n)
{
	size_t of_step = 0;

	if (!s->timeline.begun)
		read_counters(s, frames[0].time_ns);
	for (size_t i = 0; i < n; i++, of_step++) {
		if (!cl_timeline_due(&s->timeline, frames[i].time_ns))
			continue;
		if (of_step > 0)
			feed(s, frames + i - of_step, of_step);
		of_step = 0;
		read_counters(s, frames[i].time_ns);
	}
	feed(s, frames + n - of_step, of_step);
}

/* The database of a month takes nothing of the next one. */
static void take_frames(struct service *s, const struct cl_frame *frames, size_t n)
{
	size_t before = 0;

	if (s->live.months != NULL && frames[n - 1].time_ns >= s->month_end_ns) {
		while (frames[before].time_ns < s->month_end_ns)
			before++;
		if (before > 0)
			take_some(s, frames, before);
		if (s->month_end_ns != 0)
			end_month(s);
		s->month_end_ns = next_month_ns(frames[n - 1].time_ns);
	}
	take_some(s, frames + before, n - before);
}

static void capture(struct service *s)
{
	bool ended = false;

	s->said_ns = clock_ns(CLOCK_MONOTONIC);
	s->commit_ns = s->said_ns + s->capture->commit_s * NS_PER_S;
	if (s->capture->replay == NULL) {
		s->last_ns = clock_ns(CLOCK_REALTIME);
		read_counters(s, s->last_ns);
	}
	while (!ended) {
		const struct cl_frame *frames;
		size_t n = cl_origin_next(s->origin, &frames, &ended);

		if (n > 0)
			take_frames(s, frames, n);
		if (cl_signals_any() && !obey(s))
			break;
		int64_t now_ns = clock_ns(CLOCK_MONOTONIC_COARSE);
		if (now_ns >= s->tick_ns || now_ns >= s->commit_ns)
			tick(s, now_ns);
	}
}

/* Beginning and end -------------------------------------------------------------- */

/* The database is that of the month of a time. */
static bool choose_month(struct service *s, int64_t ns)
{
	const char *base = s->live.months != NULL ? s->live.months : s->options->output;

	if (!cl_store_month_path(base, ns, s->path, sizeof s->path)) {
		cl_error(base, "is too long a path");
		return false;
	}
	cl_store_end_months(base, ns);
	if (s->live.months == NULL)
		s->monthly = *s->options;
	s->live.months = base;
	s->monthly.output = s->path;
	s->options = &s->monthly;
	return true;
}

/* Whether earlier runs had come to the end of the month that is open. */
static bool month_is_over(struct service *s, int64_t ns)
{
	struct cl_source_row source;

	return cl_store_source_get(s->session.store, &source) && source.last_ns >= next_month_ns(ns);
}

/* The next month that has a database; if none of two years has, the next month. */
static int64_t later_month(const struct service *s, int64_t ns)
{
	char path[PATH_MAX];
	int64_t next_ns = next_month_ns(ns), at_ns = next_ns;

	for (int i = 0; i < 24; i++, at_ns = next_month_ns(at_ns))
		if (cl_store_month_path(s->live.months, at_ns, path, sizeof path) && access(path, F_OK) == 0)
			return at_ns;
	return next_ns;
}

/* With --rotate, that of the month in which the capture begins; one that is replayed goes on in the last
 * month that earlier runs had come to. */
static bool open_database(struct service *s)
{
	int64_t ns;
	size_t n;

	if (!s->capture->rotate || !cl_origin_first(s->origin, &ns))
		return cl_session_write(&s->session, s->options) == CL_EXIT_OK;
	for (;; ns = later_month(s, ns)) {
		if (!choose_month(s, ns) || cl_session_write(&s->session, s->options) != CL_EXIT_OK)
			return false;
		uint64_t known = s->capture->replay != NULL
					 ? known_packets(s, cl_origin_files(s->origin, &n)[0].path)
					 : 0;
		if (known == 0 || !month_is_over(s, ns))
			return true;
		s->earlier += known;
		cl_session_close(&s->session);
		s->session = (struct cl_session){ .options = NULL };
	}
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

/* The kernel lets only packets of the ports pass that the options name. */
static bool has_ports(const struct service *s, const char *option, const char *ports, size_t named)
{
	if (ports[0] == '\0' || named > 0)
		return true;
	cl_error(s->options->output, "was written with %s %s: name them here too", option, ports);
	return false;
}

static bool begin(struct service *s)
{
	const struct cl_store_config *config = &s->session.config;
	const struct cl_options *o = s->options;
	size_t n;

	if (!open_confined(s) || !has_ports(s, "--dns-port", config->dns_ports, o->ndns_ports) ||
	    !has_ports(s, "--ntp-port", config->ntp_ports, o->nntp_ports) || !open_save(s))
		return false;
	if (s->capture->replay != NULL)
		cl_origin_skip(s->origin,
			       s->earlier + known_packets(s, cl_origin_files(s->origin, &n)[0].path));
	return follows(s) && begin_analysis(s);
}

static int run(struct service *s)
{
	bool ok = begin(s);

	if (ok) {
		cl_notify(&s->notify, "READY=1");
		capture(s);
		ok = end_analysis(s);
		tend_save(s);
	}
	cl_save_close(s->save);
	cl_analysis_free(s->analysis);
	cl_timeline_free(&s->timeline);
	cl_session_close(&s->session);
	cl_origin_close(s->origin);
	return ok ? CL_EXIT_OK : CL_EXIT_FAILED;
}

int cl_service_run(const struct cl_capture_options *c, const struct cl_options *o)
{
	struct service s = { .capture = c, .options = o };

	if (!cl_signals_begin()) {
		cl_error("signals", "%s", strerror(errno));
		return CL_EXIT_FAILED;
	}
	if (!cl_notify_open(&s.notify))
		cl_warn("NOTIFY_SOCKET", "%s", strerror(errno));
	s.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	int status = run(&s);
	cl_notify_close(&s.notify);
	if (s.statm >= 0)
		close(s.statm);
	return status;
}

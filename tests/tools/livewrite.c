/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a capture file into a database as a service writes live packets: with a checkpoint and a commit
 * every so many frames. What the database has already (source.packets, or -S) is passed over.
 *
 * usage: livewrite [-n FRAMES] [-s STOP] [-S SKIP] [-k] [-t] [-K] [-m] [-d DAYS] [-b OCTETS] [-l FROM:TO] [-g
 * FROM:TO] CAPTURE DATABASE
 *
 *  -n   frames between commits; 1000
 *  -s   stop before this frame, counted from 0
 *  -S   pass over so many frames
 *  -k   do not end in order: be killed
 *  -t   count in a thread
 *  -K   keep single messages
 *  -m   a file for each month: DATABASE-YYYY-MM.db
 *  -d   keep so many days before the current one
 *  -b   octets that rows may take while they wait; 64 MiB
 *  -l   from this commit to that, no file may grow (the first is 0)
 *  -g   from this commit to that, the database is gone (it has another name)
 *  -p   print how long each took, and octets of the write-ahead log
 *
 * Prints a line for each event, and "kept FRAMES" at the end. Exit status: 0; 1 usage; 2 it failed.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "capture/input.h"
#include "dissect/dissect.h"
#include "stats/engine/tunnels.h"
#include "stats/engine/worker.h"
#include "stats/engine/zones.h"
#include "stats/exchange/assemble.h"
#include "stats/store/store.h"

struct span {
	uint64_t from, to;
	bool given;
};

struct options {
	uint64_t every, stop, skip;
	bool kill, threaded, exchanges, months, print;
	int64_t keep_days;
	size_t octets;
	struct span full, gone;
	const char *capture, *path;
};

struct writer {
	struct options o;
	struct cl_store_config config;
	struct cl_input *input;
	struct cl_store *store;
	struct cl_engine *engine;
	struct cl_worker *worker;
	struct cl_dissector *dissector;
	struct cl_tunnels *tunnels;
	struct cl_zones *zones;
	struct cl_assembly *assembly;
	struct cl_source_row run;
	uint64_t frames, commits, kept;
	int64_t last_ns;
};

static bool span_of(const char *text, struct span *s)
{
	s->given = sscanf(text, "%" SCNu64 ":%" SCNu64, &s->from, &s->to) == 2;
	return s->given;
}

static bool parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
		.every = 1000, .stop = UINT64_MAX, .skip = UINT64_MAX, .octets = (size_t)64 << 20
	};
	while ((c = getopt(argc, argv, "n:s:S:ktKmpd:b:l:g:")) != -1) {
		if (c == 'n')
			o->every = strtoull(optarg, NULL, 10);
		else if (c == 's')
			o->stop = strtoull(optarg, NULL, 10);
		else if (c == 'S')
			o->skip = strtoull(optarg, NULL, 10);
		else if (c == 'k')
			o->kill = true;
		else if (c == 't')
			o->threaded = true;
		else if (c == 'K')
			o->exchanges = true;
		else if (c == 'm')
			o->months = true;
		else if (c == 'p')
			o->print = true;
		else if (c == 'd')
			o->keep_days = strtoll(optarg, NULL, 10);
		else if (c == 'b')
			o->octets = strtoull(optarg, NULL, 10);
		else if (c == '?' || !span_of(optarg, c == 'l' ? &o->full : &o->gone))
			return false;
	}
	if (argc - optind != 2 || o->every == 0)
		return false;
	o->capture = argv[optind];
	o->path = argv[optind + 1];
	return true;
}

/* What goes wrong -------------------------------------------------------------- */

static bool within(const struct span *s, uint64_t at)
{
	return s->given && at >= s->from && at < s->to;
}

static void limit_files(const struct writer *w)
{
	static const char *const endings[] = { "", "-wal" };
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char name[4096];
	struct stat st;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (within(&w->o.full, w->commits)) {
		limit.rlim_cur = 0;
		for (unsigned i = 0; i < 2; i++) {
			snprintf(name, sizeof name, "%s%s", w->o.path, endings[i]);
			if (stat(name, &st) == 0 && (rlim_t)st.st_size > limit.rlim_cur)
				limit.rlim_cur = (rlim_t)st.st_size;
		}
		if (limit.rlim_cur > 8192) /* what the log has room for already is not refused */
			limit.rlim_cur = 8192;
	}
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void move_away(const struct writer *w)
{
	char away[4096];

	snprintf(away, sizeof away, "%s.away", w->o.path);
	if (w->o.gone.given && w->commits == w->o.gone.from)
		(void)rename(w->o.path, away);
	if (w->o.gone.given && w->commits == w->o.gone.to)
		(void)rename(away, w->o.path);
}

/* Writing ----------------------------------------------------------------------- */

static void take_exchange(void *ctx, const struct cl_exchange *x)
{
	cl_store_exchange(((struct writer *)ctx)->store, x);
}

static void write_all(struct writer *w)
{
	struct cl_engine_losses losses = cl_engine_losses(w->engine);

	w->run.mdns = cl_engine_apart(w->engine, CL_EV_MDNS);
	w->run.llmnr = cl_engine_apart(w->engine, CL_EV_LLMNR);
	w->run.losses = losses;
	cl_engine_checkpoint(w->engine);
	if (w->assembly != NULL)
		cl_assembly_so_far(w->assembly, w->last_ns);
	if (!cl_tunnels_write(w->tunnels, w->store) || !cl_zones_write(w->zones, w->store))
		cl_store_fail(w->store, CL_ENOMEM);
	if (w->o.keep_days > 0)
		(void)cl_store_forget(w->store, w->last_ns / 86400000000000 - w->o.keep_days);
	cl_store_progress(w->store, &w->run, cl_dissector_ledger(w->dissector));
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void commit(struct writer *w)
{
	static const char *const words[] = { NULL, "again", "failed", NULL };
	double begin = now_s();

	cl_worker_time(w->worker, w->last_ns);
	cl_worker_wait(w->worker);
	double waited = now_s();
	limit_files(w);
	move_away(w);
	if (cl_store_begin(w->store))
		write_all(w);
	double written = now_s();
	enum cl_commit c = cl_store_commit_on(w->store);
	if (words[c] != NULL)
		printf("%s at %" PRIu64 "%s%s\n", words[c], w->frames, c == CL_COMMIT_FAILED ? ": " : "",
		       c == CL_COMMIT_FAILED ? cl_store_trouble(w->store) : "");
	if (c == CL_COMMIT_KEPT || c == CL_COMMIT_AGAIN)
		w->kept = w->frames;
	if (w->o.print)
		printf("wait %.3f write %.3f commit %.3f\n", waited - begin, written - waited,
		       now_s() - written);
	w->commits++;
}

/* Opening ------------------------------------------------------------------------ */

static bool open_store(struct writer *w)
{
	char err[CL_STORE_ERRLEN];
	bool existed;
	static char path[4096];
	struct cl_store_live live = { .octets = w->o.octets, .months = w->o.months ? w->o.path : NULL };
	int64_t first_ns;

	w->config = (struct cl_store_config){ .engine = { .pairing = CL_PAIRING_STANDARD,
							  .timeout_ns = 10000000000,
							  .step_ns = 300000000000,
							  .window_ns = { 300000000000, 1200000000000 },
							  .windows = 2,
							  .seed = 1 },
					      .live = true };
	if (w->o.months) {
		if (!cl_input_first(w->input, 0, &first_ns) ||
		    !cl_store_month_path(w->o.path, first_ns, path, sizeof path))
			return false;
		w->o.path = path;
	}
	w->store = cl_store_write(w->o.path, "default", &w->config, &existed, err);
	if (w->store == NULL) {
		fprintf(stderr, "%s: %s\n", w->o.path, err);
		return false;
	}
	struct cl_engine_config *c = &w->config.engine;
	c->by_day = c->series = c->networks = c->codes = true;
	if (w->o.exchanges && !cl_store_keep_exchanges(w->store))
		return false;
	return cl_store_go_live(w->store, &live);
}

static bool begin(struct writer *w)
{
	const struct cl_limits limits = { .hash_seed = w->config.engine.seed, .streams = w->o.exchanges };

	w->engine = cl_engine_new(&w->config.engine, w->store);
	w->tunnels = cl_tunnels_new(1);
	w->zones = cl_zones_new(1);
	if (w->engine == NULL || w->tunnels == NULL || w->zones == NULL ||
	    cl_engine_restore(w->engine) != CL_OK || !cl_tunnels_load(w->tunnels, w->store) ||
	    !cl_zones_load(w->zones, w->store))
		return false;
	if (w->o.exchanges) {
		w->assembly =
			cl_assembly_new(w->config.engine.timeout_ns, 1, (size_t)1 << 28, take_exchange, w);
		cl_engine_tap(w->engine, cl_assembly_take, w->assembly);
		cl_store_exchanges_reopen(w->store, cl_assembly_resume, w->assembly);
	}
	w->worker = cl_worker_new(w->engine, w->o.threaded, w->assembly != NULL);
	w->dissector = cl_dissector_new(&limits, cl_worker_room, w->worker);
	if (w->dissector != NULL)
		cl_dissector_zones(w->dissector, cl_zones_note, w->zones, cl_zones_answers(w->zones));
	return w->worker != NULL && w->dissector != NULL &&
	       cl_dissector_tunnels(w->dissector, cl_tunnels_note, w->tunnels);
}

/* Reading ------------------------------------------------------------------------ */

static void take_frame(struct writer *w, const struct cl_frame *f)
{
	cl_dissector_feed(w->dissector, f, 1);
	if (w->run.packets++ == 0)
		w->run.first_ns = f->time_ns;
	w->run.bytes += f->wire_len;
	w->run.out_of_order += (f->flags & CL_FF_OUT_OF_ORDER) != 0;
	if (w->run.packets == 1 || f->time_ns > w->last_ns)
		w->run.last_ns = w->last_ns = f->time_ns;
}

static void read_all(struct writer *w, struct cl_input *in, uint64_t skip)
{
	const struct cl_frame *frames;
	size_t n;

	while ((n = cl_input_next(in, &frames)) > 0)
		for (size_t i = 0; i < n; i++) {
			if (w->frames == w->o.stop)
				return;
			if (w->frames >= skip)
				take_frame(w, &frames[i]);
			w->frames++;
			if (w->frames > skip && w->frames % w->o.every == 0)
				commit(w);
		}
}

static void end(struct writer *w)
{
	cl_dissector_finish(w->dissector);
	commit(w);
	if (cl_store_given_up(w->store) > 0)
		printf("given up %" PRIu64 "\n", cl_store_given_up(w->store));
	printf("kept %" PRIu64 "\n", w->kept);
	fflush(stdout);
	cl_worker_finish(w->worker);
	cl_assembly_free(w->assembly);
	cl_tunnels_free(w->tunnels);
	cl_zones_free(w->zones);
	cl_dissector_free(w->dissector);
	cl_store_close(w->store);
	cl_engine_free(w->engine);
}

int main(int argc, char **argv)
{
	struct writer w = { .frames = 0 };
	struct cl_source_row source = { .packets = 0 };
	const struct cl_input_opts opts = { .hash = false };

	if (!parse(&w.o, argc, argv))
		return 1;
	signal(SIGXFSZ, SIG_IGN);
	w.input = cl_input_open(&w.o.capture, 1, &opts);
	if (w.input == NULL || !open_store(&w) || !begin(&w))
		return 2;
	(void)cl_store_source_get(w.store, &source);
	read_all(&w, w.input, w.o.skip != UINT64_MAX ? w.o.skip : source.packets);
	if (w.o.kill) {
		printf("kept %" PRIu64 "\n", w.kept);
		fflush(stdout);
		kill(getpid(), SIGKILL);
	}
	end(&w);
	cl_input_close(w.input);
	return 0;
}

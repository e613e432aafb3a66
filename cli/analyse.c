/* SPDX-License-Identifier: BSD-2-Clause */
/* From frames to the store: messages, statistics, what was read. */
#include "cli/analyse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/daily.h"
#include "cli/intake.h"
#include "cli/log.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "dissect/dissect.h"
#include "stats/engine/tunnels.h"
#include "stats/engine/worker.h"
#include "stats/engine/zones.h"
#include "stats/exchange/assemble.h"

struct cl_analysis {
	struct cl_session *session;
	struct cl_dissector *dissector;
	struct cl_worker *worker;
	struct cl_assembly *assembly; /* NULL: nobody wants single messages */
	struct cl_tunnels *tunnels;   /* NULL: nobody wants them */
	struct cl_zones *zones;	      /* the same */
	struct cl_intake intake;
	struct cl_addr *servers; /* NULL: all are wanted */
	size_t server_count;
	uint16_t dns_ports[CL_PORTS_MAX], ntp_ports[CL_PORTS_MAX];
	int64_t last_ns; /* of the frames that passed, if `any` did */
	int64_t told_ns; /* the engine */
	bool any;
	const struct cl_analysis_live
		*live; /* frames come in, and what is written of them is written again; else NULL */
	struct cl_source_row before; /* what the store had of the source, if `timed` */
	bool timed;
	bool month_ends; /* what waits gets its fate in the next one */
	/* of frames that come in: what the databases of earlier months have of this run's files */
	struct cl_input_file earlier[CL_ANALYSIS_FILES];
	struct cl_input_file kept[CL_ANALYSIS_FILES]; /* of them at the last transaction that was kept */
};

/* The servers that the store was written for. */
static bool parse_servers(struct cl_analysis *a, const char *text)
{
	char *copy = strdup(text), *rest = copy, *one;

	if (copy == NULL)
		return false;
	if (text[0] != '\0')
		a->servers = calloc(strlen(text) + 1, sizeof *a->servers);
	while (a->servers != NULL && (one = strsep(&rest, ",")) != NULL)
		if (cl_addr_parse(one, &a->servers[a->server_count]))
			a->server_count++;
	free(copy);
	return text[0] == '\0' || a->servers != NULL;
}

/* The ports that the store was written for; how many they are. */
static size_t parse_ports(const char *text, uint16_t ports[CL_PORTS_MAX])
{
	size_t n = 0;
	char *end;

	for (; n < CL_PORTS_MAX; text = end + 1) {
		unsigned long port = strtoul(text, &end, 10);

		if (end == text || port > UINT16_MAX)
			break;
		ports[n++] = (uint16_t)port;
		if (*end != ',')
			break;
	}
	return n;
}

/* A source goes on where it ended, or at the same instant: a capture is cut between any two packets. */
static bool follows(const struct cl_analysis *a, const struct cl_input *in)
{
	const struct cl_options *o = a->session->options;
	size_t n;
	const struct cl_input_file *files = cl_input_files(in, &n);

	if (o->output == NULL || !a->timed)
		return true;
	for (size_t i = 0; i < n; i++) {
		int64_t first_ns;

		if (!cl_input_first(in, i, &first_ns) || first_ns >= a->before.last_ns)
			continue;
		cl_error(strcmp(files[i].path, "-") == 0 ? "standard input" : files[i].path,
			 "overlaps or precedes what %s already has of sensor %s; read captures in the order "
			 "of time",
			 o->output, o->sensor);
		return false;
	}
	return true;
}

/* Whether counting gets a thread of its own beside the one that reads and dissects. */
static bool has_thread(const struct cl_options *o)
{
	return o->workers != 0 ? o->workers > 1 : sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* Octets that exchanges may take while they wait for their responses. */
#define ASSEMBLY_OCTETS ((size_t)1 << 30)

/* Single messages, if somebody wants them. False: memory is short. */
static bool begin_exchanges(struct cl_analysis *a)
{
	struct cl_session *s = a->session;

	if (s->needs.exchanges == 0 && !s->keeps && s->daily == NULL)
		return true;
	a->assembly = cl_assembly_new(s->config.engine.timeout_ns, s->config.engine.seed, ASSEMBLY_OCTETS,
				      cl_session_exchange, s);
	if (a->assembly == NULL)
		return false;
	if (!s->keeps)
		cl_assembly_want(a->assembly,
				 s->needs.exchanges | (s->daily != NULL ? cl_daily_kinds(s->daily) : 0));
	cl_engine_tap(s->engine, cl_assembly_take, a->assembly);
	if (s->keeps)
		cl_store_exchanges_reopen(s->store, cl_assembly_resume, a->assembly);
	return true;
}

/* Tunnels, if somebody wants them; a database does. False: memory is short. */
static bool begin_tunnels(struct cl_analysis *a)
{
	struct cl_session *s = a->session;

	if (!s->needs.tunnels && s->options->output == NULL)
		return true;
	a->tunnels = cl_tunnels_new(s->config.engine.seed);
	return a->tunnels != NULL && cl_tunnels_load(a->tunnels, s->store);
}

/* Serial numbers of zones, if there is a database. False: memory is short. */
static bool begin_zones(struct cl_analysis *a)
{
	struct cl_session *s = a->session;

	if (s->options->output == NULL)
		return true;
	a->zones = cl_zones_new(s->config.engine.seed);
	return a->zones != NULL && cl_zones_load(a->zones, s->store);
}

/* Octets of rows that wait for a database that cannot be written to. */
#define BACKLOG_OCTETS ((size_t)256 << 20)

/* The engine goes on where the store's capture ended. */
static bool begin_engine(struct cl_analysis *a)
{
	struct cl_session *s = a->session;

	if (a->live != NULL &&
	    !cl_store_go_live(s->store, &(struct cl_store_live){ .octets = BACKLOG_OCTETS,
								 .months = a->live->months })) {
		cl_error(s->options->output, "%s", cl_store_error(s->store));
		return false;
	}
	s->engine = cl_engine_new(&s->config.engine, s->store);
	enum cl_err err = s->engine != NULL ? cl_engine_restore(s->engine) : CL_ENOMEM;
	if (err == CL_EMALF)
		cl_error(s->options->output, "does not say where its capture ends: it is damaged");
	else if (err != CL_OK)
		cl_error("memory", "not enough to begin");
	return err == CL_OK;
}

static bool begin_dissector(struct cl_analysis *a, bool threaded)
{
	struct cl_session *s = a->session;
	struct cl_memory_plan plan = cl_memory_plan(s->options->max_memory);
	struct cl_limits limits = { .hash_seed = s->config.engine.seed,
				    .frag_bytes = plan.frag_bytes,
				    .tcp_octets = plan.tcp_octets,
				    .tcp_connections = plan.tcp_connections,
				    .servers = a->servers,
				    .server_count = a->server_count,
				    .only = s->config.only,
				    .asked = s->needs.asked,
				    .streams = s->needs.streams || s->keeps,
				    .dns_ports = a->dns_ports,
				    .ntp_ports = a->ntp_ports };

	limits.dns_port_count = parse_ports(s->config.dns_ports, a->dns_ports);
	limits.ntp_port_count = parse_ports(s->config.ntp_ports, a->ntp_ports);
	a->worker = cl_worker_new(s->engine, threaded, a->assembly != NULL);
	a->dissector = cl_dissector_new(&limits, cl_worker_room, a->worker);
	if (a->dissector == NULL || a->worker == NULL)
		return false;
	if (a->zones != NULL)
		cl_dissector_zones(a->dissector, cl_zones_note, a->zones, cl_zones_answers(a->zones));
	return a->tunnels == NULL || cl_dissector_tunnels(a->dissector, cl_tunnels_note, a->tunnels);
}

struct cl_analysis *cl_analysis_begin(struct cl_session *s, const struct cl_analysis_live *live)
{
	struct cl_analysis *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->session = s;
	a->live = live;
	a->timed = cl_store_source_get(s->store, &a->before);
	if (!cl_intake_open(&a->intake, s->config.filter, s->options) ||
	    !parse_servers(a, s->config.servers) || !begin_engine(a) || !begin_exchanges(a) ||
	    !begin_tunnels(a) || !begin_zones(a) || !begin_dissector(a, has_thread(s->options))) {
		cl_analysis_free(a);
		return NULL;
	}
	return a;
}

void cl_analysis_free(struct cl_analysis *a)
{
	if (a == NULL)
		return;
	cl_worker_finish(a->worker);
	cl_assembly_free(a->assembly);
	cl_tunnels_free(a->tunnels);
	cl_zones_free(a->zones);
	cl_dissector_free(a->dissector);
	cl_intake_close(&a->intake);
	free(a->servers);
	free(a);
}

/* Time goes on without messages of ours too; now and then is enough, and at the end. */
void cl_analysis_time(struct cl_analysis *a, int64_t time_ns)
{
	/* the capture goes on until --to: windows that hold clients end there, and requests grow old */
	if (time_ns >= a->intake.to_ns)
		time_ns = a->intake.to_ns - 1;
	if (time_ns < a->intake.from_ns)
		return;
	if (!a->any || time_ns > a->last_ns)
		a->last_ns = time_ns;
	if (!a->any || time_ns - a->told_ns >= 1000000000) {
		cl_worker_time(a->worker, time_ns);
		a->told_ns = time_ns;
	}
	a->any = true;
}

void cl_analysis_feed(struct cl_analysis *a, const struct cl_frame *frames, size_t n)
{
	cl_intake_feed(&a->intake, a->dissector, frames, n);
	cl_analysis_time(a, frames[n - 1].time_ns);
}

bool cl_analysis_failed(const struct cl_analysis *a)
{
	return cl_worker_failed(a->worker);
}

/* No more frames come. */
static void end_frames(struct cl_analysis *a)
{
	cl_dissector_finish(a->dissector);
	if (a->any)
		cl_worker_time(a->worker, a->last_ns);
	cl_worker_finish(a->worker);
	a->worker = NULL;
	if (a->assembly != NULL) {
		cl_assembly_finish(a->assembly, a->any ? a->last_ns : INT64_MIN);
		a->session->given_up = cl_assembly_given_up(a->assembly);
		if (a->session->daily != NULL)
			cl_daily_finish(a->session->daily);
	}
}

/* What was read --------------------------------------------------------------- */

static void merge_times(struct cl_source_row *to, bool *timed, int64_t first_ns, int64_t last_ns)
{
	if (!*timed || first_ns < to->first_ns)
		to->first_ns = first_ns;
	if (!*timed || last_ns > to->last_ns)
		to->last_ns = last_ns;
	*timed = true;
}

/**
 * A source's stretch is what was analysed of it: a database knows nothing of instants outside --from and
 * --to. If all files lie outside, it is theirs.
 */
static void merge_stretch(const struct cl_analysis *a, struct cl_source_row *source,
			  const struct cl_input_file *files, size_t n)
{
	bool clip = a->intake.ranged && !cl_store_is_memory(a->session->store), timed = a->timed;

	for (int pass = 0; pass < 2 && (pass == 0 || !timed); pass++)
		for (size_t i = 0; i < n; i++) {
			const struct cl_input_file *f = &files[i];
			bool clipped = clip && pass == 0;
			int64_t first =
				clipped && a->intake.from_ns > f->first_ns ? a->intake.from_ns : f->first_ns;
			int64_t last =
				clipped && a->intake.to_ns <= f->last_ns ? a->intake.to_ns - 1 : f->last_ns;

			if (!f->duplicate && f->packets > 0 && first <= last)
				merge_times(source, &timed, first, last);
		}
}

/* An empty capture is like any other: it is noted once. */
static bool is_known(struct cl_analysis *a, const struct cl_input_file *f)
{
	char before[8];

	return !cl_store_is_memory(a->session->store) && f->opened &&
	       cl_store_knows_file(a->session->store, f->hash, before, sizeof before);
}

/* What of a file is of the database that is open: all but what earlier months' have. */
static struct cl_input_file file_since(const struct cl_input_file *f, const struct cl_input_file *earlier)
{
	struct cl_input_file d = *f;

	d.packets -= earlier->packets;
	d.bytes -= earlier->bytes;
	d.out_of_order -= earlier->out_of_order;
	if (earlier->packets > 0 && d.first_ns < earlier->last_ns)
		d.first_ns = earlier->last_ns;
	return d;
}

static void write_file(struct cl_analysis *a, const struct cl_input_file *f, size_t i)
{
	struct cl_store *store = a->session->store;
	struct cl_file_row row = { .path = f->path,
				   .error = f->error,
				   .packets = f->packets,
				   .bytes = f->bytes,
				   .out_of_order = f->out_of_order,
				   .first_ns = f->first_ns,
				   .last_ns = f->last_ns,
				   .damaged = f->damaged };

	memcpy(row.hash, f->hash, sizeof row.hash);
	row.live = a->live != NULL;
	if (cl_store_is_memory(store) || a->session->keeps ||
	    a->live) /* messages name it, or it is replaced */
		row.number = cl_store_file_base(store) + 1 + (int64_t)i;
	cl_store_file(store, &row);
}

static void add_counts(struct cl_source_row *to, const struct cl_input_file *f)
{
	to->packets += f->packets;
	to->bytes += f->bytes;
	to->out_of_order += f->out_of_order;
	to->dropped_kernel += f->dropped_kernel;
	to->dropped_interface += f->dropped_interface;
}

static void write_files(struct cl_analysis *a, struct cl_source_row *source,
			const struct cl_input_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct cl_input_file *f = &files[i];

		if (f->duplicate || (f->packets == 0 && is_known(a, f)))
			continue;
		write_file(a, f, i);
		if (f->packets > 0)
			add_counts(source, f);
	}
}

/* What this run has seen. Fragments and segments that wait have no fate yet: it would be this one if the
 * capture ended here. */
static void write_progress(struct cl_analysis *a, const struct cl_input_file *files, size_t n)
{
	struct cl_source_row run = { .mdns = cl_engine_apart(a->session->engine, CL_EV_MDNS),
				     .llmnr = cl_engine_apart(a->session->engine, CL_EV_LLMNR),
				     .losses = cl_engine_losses(a->session->engine) };
	struct cl_ledger ledger = *cl_dissector_ledger(a->dissector);
	bool timed = false;
	uint64_t fated = 0;

	for (size_t i = 0; i < n; i++) {
		const struct cl_input_file *f = &files[i];

		if (f->packets == 0)
			continue;
		merge_times(&run, &timed, f->first_ns, f->last_ns);
		const struct cl_input_file since = file_since(f, &a->earlier[i]);
		if (since.packets > 0)
			write_file(a, &since, i);
		add_counts(&run, f);
	}
	for (unsigned i = 0; i < CL_FATES; i++)
		fated += ledger.fate[i];
	if (!a->month_ends && run.packets > fated)
		ledger.fate[CL_FATE_INCOMPLETE] += run.packets - fated;
	cl_store_progress(a->session->store, &run, &ledger);
}

/* What the dissector told of. */
static void write_tables(struct cl_analysis *a)
{
	struct cl_store *store = a->session->store;

	if ((a->tunnels != NULL && !cl_tunnels_write(a->tunnels, store)) ||
	    (a->zones != NULL && !cl_zones_write(a->zones, store)))
		cl_store_fail(store, CL_ENOMEM);
}

enum cl_commit cl_analysis_checkpoint(struct cl_analysis *a, const struct cl_input_file *files, size_t n,
				      cl_analysis_also_fn *also, void *ctx)
{
	struct cl_store *store = a->session->store;

	if (a->any)
		cl_worker_time(a->worker, a->last_ns);
	cl_worker_wait(a->worker);
	if (cl_store_begin(store)) {
		if (a->assembly != NULL)
			cl_assembly_so_far(a->assembly, a->any ? a->last_ns : INT64_MIN);
		cl_engine_checkpoint(a->session->engine);
		write_tables(a);
		write_progress(a, files, n);
		also(ctx, store);
	}
	enum cl_commit c = cl_store_commit_on(store);
	if (c == CL_COMMIT_KEPT || c == CL_COMMIT_AGAIN)
		memcpy(a->kept, files, (n < CL_ANALYSIS_FILES ? n : CL_ANALYSIS_FILES) * sizeof *files);
	return c;
}

enum cl_commit cl_analysis_end_month(struct cl_analysis *a, const struct cl_input_file *files, size_t n,
				     int64_t end_ns, cl_analysis_also_fn *also, void *ctx)
{
	a->month_ends = true;
	enum cl_commit c = cl_analysis_checkpoint(a, files, n, also, ctx);
	a->month_ends = false;
	for (size_t i = 0; i < n && i < CL_ANALYSIS_FILES; i++) {
		a->earlier[i] = a->kept[i]; /* if this was not kept, the next month's has the rest */
		a->earlier[i].last_ns = end_ns;
	}
	return c;
}

bool cl_analysis_reopen(struct cl_analysis *a)
{
	cl_worker_wait(a->worker);
	return cl_store_reopen(a->session->store);
}

size_t cl_analysis_clients(struct cl_analysis *a)
{
	cl_worker_wait(a->worker);
	return cl_engine_clients(a->session->engine);
}

void cl_analysis_stop(struct cl_analysis *a)
{
	cl_dissector_finish(a->dissector);
}

static void write_source(struct cl_analysis *a, const struct cl_input_file *files, size_t n)
{
	struct cl_session *s = a->session;
	struct cl_source_row source = a->before;
	struct cl_engine_losses losses = cl_engine_losses(s->engine);

	merge_stretch(a, &source, files, n);
	write_files(a, &source, files, n);
	source.mdns += cl_engine_apart(s->engine, CL_EV_MDNS);
	source.llmnr += cl_engine_apart(s->engine, CL_EV_LLMNR);
	source.losses.clients += losses.clients;
	source.losses.services += losses.services;
	source.losses.open_requests += losses.open_requests;
	source.losses.gaps += losses.gaps;
	source.losses.icmp += losses.icmp;
	cl_store_source(s->store, &source);
	cl_store_ledger(s->store, cl_dissector_ledger(a->dissector));
}

void cl_analysis_end(struct cl_analysis *a, const struct cl_input_file *files, size_t n)
{
	struct cl_session *s = a->session;

	end_frames(a);
	cl_engine_finish(s->engine);
	if (cl_store_is_memory(s->store))
		cl_engine_serve(s->engine);
	write_source(a, files, n);
	write_tables(a);
}

/* Captures that are there ------------------------------------------------------ */

static void read_all(struct cl_analysis *a, struct cl_input *in)
{
	const struct cl_frame *frames;
	struct cl_progress progress;
	uint64_t packets = 0;
	size_t n;

	cl_progress_begin(&progress, !a->session->options->no_progress && !a->session->options->quiet);
	while ((n = cl_input_next(in, &frames)) > 0) {
		uint64_t done, total;

		cl_analysis_feed(a, frames, n);
		packets += n;
		cl_input_progress(in, &done, &total);
		cl_progress_update(&progress, done, total, packets);
		if (cl_analysis_failed(a))
			break;
	}
	cl_progress_end(&progress);
}

static bool report_files(struct cl_analysis *a, const struct cl_input *in)
{
	struct cl_session *s = a->session;
	size_t n;
	const struct cl_input_file *files = cl_input_files(in, &n);
	bool any = cl_intake_report(&a->intake, in, "counted", &s->status) || s->duplicate_count > 0;

	for (size_t i = 0; i < n; i++)
		if (files[i].duplicate)
			cl_session_duplicate(s, files[i].path);
	return any;
}

bool cl_analyse(struct cl_session *s, const char *const *paths, size_t n)
{
	/* a store in memory asks for hashes only where two of several files might be one */
	struct cl_input_opts opts = { .hash = s->options->output != NULL,
				      .held = cl_memory_plan(s->options->max_memory).held };
	struct cl_input *in = cl_input_open(paths, n, &opts);
	size_t count = 0;
	const struct cl_input_file *files = in != NULL ? cl_input_files(in, &count) : NULL;
	struct cl_analysis *a = in != NULL ? cl_analysis_begin(s, NULL) : NULL;
	bool ok = a != NULL && follows(a, in);

	if (in == NULL)
		cl_error("memory", "not enough to begin");
	if (ok) {
		read_all(a, in);
		ok = report_files(a, in);
	}
	if (ok) {
		cl_analysis_end(a, files, count);
		cl_intake_check(cl_dissector_ledger(a->dissector), &s->status);
	}
	cl_analysis_free(a);
	cl_input_close(in);
	return ok;
}

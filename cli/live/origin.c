/* SPDX-License-Identifier: BSD-2-Clause */
/* Interfaces, or a capture read as if it came in. */
#include "cli/live/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/live.h"
#include "cli/live/interfaces.h"
#include "cli/log.h"
#include "cli/memory.h"
#include "cli/write/timefmt.h"
#include "dissect/dissect.h"

#define NS_PER_S INT64_C(1000000000)
#define PAUSE_NS INT64_C(100000000)

/* Ports of ours and of tunnels: those of the options, and a score. */
#define PORTS_MAX (2 * CL_PORTS_MAX + 128)

struct cl_origin {
	struct cl_live *live;	/* of interfaces; else NULL */
	struct cl_input *input; /* of a capture; else NULL */
	char *name[CL_CAPTURE_INTERFACES_MAX];
	struct cl_input_file file[CL_CAPTURE_INTERFACES_MAX];
	size_t files;
	struct cl_origin_count base[CL_CAPTURE_INTERFACES_MAX]; /* of the packets passed over */
	bool stopped;
	/* of interfaces */
	uint16_t udp[PORTS_MAX], tcp[PORTS_MAX]; /* ports that the kernel lets pass */
	bool was_up[CL_CAPTURE_INTERFACES_MAX];
	int64_t away_ns[CL_CAPTURE_INTERFACES_MAX];
	int64_t looked_ns[CL_CAPTURE_INTERFACES_MAX]; /* by the monotonic clock */
	char clock[CL_CAPTURE_INTERFACES_MAX][CL_LIVE_NAME];
	/* of a capture */
	uint64_t skip; /* frames still to pass over */
	uint32_t rate;
	const struct cl_frame *waiting; /* frames that wait for their turn */
	size_t nwaiting;
	uint64_t given;
	int64_t begun_ns;
};

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The name that the database has for what comes from there. */
static bool add_file(struct cl_origin *o, const char *kind, const char *name)
{
	size_t size = strlen(kind) + strlen(name) + 1;
	char *text = malloc(size);

	if (text == NULL) {
		cl_error("memory", "not enough to begin");
		return false;
	}
	snprintf(text, size, "%s%s", kind, name);
	o->name[o->files] = text;
	o->file[o->files] = (struct cl_input_file){ .path = text, .opened = true };
	o->files++;
	return true;
}

/* Interfaces ---------------------------------------------------------------------- */

static void say_not_opened(const char *why)
{
	char names[512];

	if (strstr(why, "no such interface") != NULL) {
		cl_interfaces_names(names, sizeof names);
		cl_error("-i", "%s; there are: %s", why, names[0] != '\0' ? names : "none");
	} else if (strstr(why, "CAP_NET_RAW") != NULL) {
		cl_error("-i", "%s: a systemd unit, or setcap cap_net_raw+ep on the program, gives it", why);
	} else {
		cl_error("-i", "%s", why);
	}
}

static bool open_interfaces(struct cl_origin *o, const struct cl_capture_options *c,
			    const struct cl_options *opts)
{
	const struct cl_limits limits = { .dns_ports = opts->dns_ports,
					  .dns_port_count = opts->ndns_ports,
					  .ntp_ports = opts->ntp_ports,
					  .ntp_port_count = opts->nntp_ports };
	const char *names[CL_CAPTURE_INTERFACES_MAX];
	char err[512];

	const struct cl_live_options how = { .buffer = (size_t)c->buffer,
					     .snaplen = c->snaplen,
					     .immediate = c->immediate,
					     .not_promiscuous = c->no_promiscuous,
					     .clock = c->timestamp,
					     .filter = opts->filter,
					     .udp_ports = o->udp,
					     .udp_port_count = cl_udp_ports(&limits, o->udp, PORTS_MAX),
					     .tcp_ports = o->tcp,
					     .tcp_port_count = cl_tcp_ports(&limits, o->tcp, PORTS_MAX),
					     .held = cl_memory_plan(opts->max_memory).held };

	for (size_t i = 0; i < c->ninterfaces; i++) {
		names[i] = c->interfaces[i];
		if (!add_file(o, "live:", names[i]))
			return false;
	}
	o->live = cl_live_open(names, c->ninterfaces, &how, err, sizeof err);
	if (o->live == NULL)
		say_not_opened(err);
	return o->live != NULL;
}

static void say_stepped(const char *name, int64_t step_ns)
{
	char by[CL_TIME_STRLEN];

	cl_duration_format(by, step_ns < 0 ? -step_ns : step_ns);
	if (step_ns < 0)
		cl_warn(name,
			"its clock was set back by %s: until it is where it was, packets count in totals, "
			"not "
			"in series",
			by);
	else
		cl_warn(name, "its clock was set forward by %s", by);
}

static void say_event(struct cl_origin *o, const struct cl_live_event *e)
{
	const char *name = o->name[e->interface] + strlen("live:");

	switch (e->what) {
	case CL_LIVE_CAME_UP:
		if (o->was_up[e->interface])
			cl_warn(name, "is back%s%s", e->text[0] != '\0' ? ": " : "", e->text);
		else
			cl_info(name, "is listened on: %s", e->text);
		o->was_up[e->interface] = true;
		break;
	case CL_LIVE_WENT_DOWN:
		o->was_up[e->interface] = true;
		cl_warn(name, "is down: it is waited for");
		break;
	case CL_LIVE_WENT_AWAY:
		o->was_up[e->interface] = true;
		cl_warn(name, "went away (%s): it is waited for", e->text);
		break;
	case CL_LIVE_CANNOT_OPEN:
		cl_warn(name, "is there and cannot be opened (%s): it is tried again", e->text);
		break;
	case CL_LIVE_NO_FILTER:
		cl_warn(name, "the kernel passes on all packets: %s", e->text);
		break;
	case CL_LIVE_CLOCK_STEPPED:
		say_stepped(name, e->step_ns);
		break;
	case CL_LIVE_CLOCK_OTHER:
		cl_warn(name, "has no such time stamps: those of type %s are taken", e->text);
		break;
	}
}

void cl_origin_say(struct cl_origin *o)
{
	struct cl_live_event e;

	while (o->live != NULL && cl_live_event(o->live, &e))
		say_event(o, &e);
}

static void count_of_interface(struct cl_origin *o, size_t i, struct cl_origin_count *out)
{
	struct cl_live_counts c;
	int64_t now = monotonic_ns();

	cl_live_counts(o->live, i, &c);
	if (c.state != CL_LIVE_UP && o->looked_ns[i] != 0)
		o->away_ns[i] += now - o->looked_ns[i];
	o->looked_ns[i] = now;
	memcpy(o->clock[i], c.clock, sizeof o->clock[i]);
	*out = (struct cl_origin_count){ .clock = o->clock[i],
					 .received = c.received,
					 .dropped_kernel = c.dropped_kernel,
					 .dropped_interface = c.dropped_interface,
					 .away_ns = o->away_ns[i] };
}

static size_t next_of_interfaces(struct cl_origin *o, const struct cl_frame **frames, bool *ended)
{
	size_t n = cl_live_next(o->live, frames);

	*ended = n == 0 && o->stopped && cl_live_ended(o->live);
	return n;
}

/* A capture ----------------------------------------------------------------------- */

static bool open_capture(struct cl_origin *o, const struct cl_capture_options *c,
			 const struct cl_options *opts)
{
	const struct cl_input_opts how = { .held = cl_memory_plan(opts->max_memory).held };
	size_t n;

	o->rate = c->rate;
	o->begun_ns = monotonic_ns();
	o->input = cl_input_open(&c->replay, 1, &how);
	if (o->input == NULL) {
		cl_error("memory", "not enough to begin");
		return false;
	}
	if (!add_file(o, "replay:", c->replay))
		return false;
	const struct cl_input_file *f = cl_input_files(o->input, &n);
	if (f->error != NULL && !f->opened) {
		cl_error(c->replay, "%s", f->error);
		return false;
	}
	return true;
}

void cl_origin_skip(struct cl_origin *o, uint64_t frames)
{
	o->skip = frames;
}

/* How many of `n` frames may go now; waits a little if none. */
static size_t in_turn(struct cl_origin *o, size_t n)
{
	int64_t now = monotonic_ns(), next;
	double due = (double)(now - o->begun_ns) / NS_PER_S * o->rate;

	if (due >= (double)(o->given + 1)) {
		uint64_t ready = (uint64_t)due - o->given;

		return ready < n ? (size_t)ready : n;
	}
	next = o->begun_ns + (int64_t)((double)(o->given + 1) / o->rate * NS_PER_S) - now;
	next = next < PAUSE_NS ? next : PAUSE_NS;
	if (next > 0)
		nanosleep(&(struct timespec){ .tv_nsec = next }, NULL);
	return 0;
}

static void raw_count_of_capture(const struct cl_origin *o, struct cl_origin_count *out)
{
	size_t n;
	const struct cl_input_file *f = cl_input_files(o->input, &n);

	*out = (struct cl_origin_count){ .clock = "",
					 .received = o->file[0].packets, /* more is read ahead */
					 .dropped_kernel = f->dropped_kernel,
					 .dropped_interface = f->dropped_interface };
}

/* Passes over what is known, as far as it reaches. */
static void pass_over(struct cl_origin *o)
{
	size_t n = o->skip < o->nwaiting ? (size_t)o->skip : o->nwaiting;

	if (n == 0)
		return;
	o->waiting += n;
	o->nwaiting -= n;
	o->skip -= n;
	raw_count_of_capture(o, &o->base[0]);
}

static size_t next_of_capture(struct cl_origin *o, const struct cl_frame **frames, bool *ended)
{
	size_t n;

	*ended = o->stopped;
	while (o->nwaiting == 0 && !*ended) {
		o->nwaiting = cl_input_next(o->input, &o->waiting);
		*ended = o->nwaiting == 0;
		pass_over(o);
	}
	if (*ended)
		return 0;
	n = o->rate == 0 ? o->nwaiting : in_turn(o, o->nwaiting);
	*frames = o->waiting;
	o->waiting += n;
	o->nwaiting -= n;
	o->given += n;
	return n;
}

/* What is wrong with it shows at its end. */
static void count_of_capture(struct cl_origin *o, struct cl_origin_count *out)
{
	size_t n;
	const struct cl_input_file *f = cl_input_files(o->input, &n);

	raw_count_of_capture(o, out);
	o->file[0].damaged = f->damaged;
	o->file[0].error = f->error;
}

bool cl_origin_first(const struct cl_origin *o, int64_t *ns)
{
	struct timespec now;

	if (o->input != NULL)
		return o->skip == 0 && cl_input_first(o->input, 0, ns);
	clock_gettime(CLOCK_REALTIME, &now);
	*ns = (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
	return true;
}

/* Both ---------------------------------------------------------------------------- */

struct cl_origin *cl_origin_open(const struct cl_capture_options *c, const struct cl_options *opts)
{
	struct cl_origin *o = calloc(1, sizeof *o);

	if (o == NULL) {
		cl_error("memory", "not enough to begin");
		return NULL;
	}
	if (c->replay != NULL ? open_capture(o, c, opts) : open_interfaces(o, c, opts))
		return o;
	cl_origin_close(o);
	return NULL;
}

void cl_origin_taken(struct cl_origin *o, const struct cl_frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct cl_input_file *f = &o->file[frames[i].file];

		if (f->packets++ == 0)
			f->first_ns = f->last_ns = frames[i].time_ns;
		f->bytes += frames[i].wire_len;
		f->out_of_order += frames[i].flags & CL_FF_OUT_OF_ORDER;
		f->first_ns = frames[i].time_ns < f->first_ns ? frames[i].time_ns : f->first_ns;
		f->last_ns = frames[i].time_ns > f->last_ns ? frames[i].time_ns : f->last_ns;
	}
}

size_t cl_origin_next(struct cl_origin *o, const struct cl_frame **frames, bool *ended)
{
	return o->live != NULL ? next_of_interfaces(o, frames, ended) : next_of_capture(o, frames, ended);
}

const struct cl_input_file *cl_origin_files(const struct cl_origin *o, size_t *n)
{
	*n = o->files;
	return o->file;
}

bool cl_origin_clock(const struct cl_origin *o, int64_t *ns)
{
	if (o->live == NULL)
		return false;
	*ns = cl_live_clock_ns(o->live);
	return *ns != INT64_MIN;
}

static void raw_count(struct cl_origin *o, size_t i, struct cl_origin_count *out)
{
	if (o->live != NULL)
		count_of_interface(o, i, out);
	else
		count_of_capture(o, out);
	out->interface = o->name[i];
}

void cl_origin_count(struct cl_origin *o, size_t i, struct cl_origin_count *out)
{
	const struct cl_origin_count *base = &o->base[i];

	raw_count(o, i, out);
	out->received -= base->received;
	out->dropped_kernel -= base->dropped_kernel;
	out->dropped_interface -= base->dropped_interface;
	out->away_ns -= base->away_ns;
	o->file[i].dropped_kernel = out->dropped_kernel;
	o->file[i].dropped_interface = out->dropped_interface;
}

void cl_origin_stop(struct cl_origin *o)
{
	o->stopped = true;
	if (o->live != NULL)
		cl_live_stop(o->live);
}

void cl_origin_close(struct cl_origin *o)
{
	if (o == NULL)
		return;
	cl_live_close(o->live);
	cl_input_close(o->input);
	for (size_t i = 0; i < o->files; i++)
		free(o->name[i]);
	free(o);
}

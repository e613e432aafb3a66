/* SPDX-License-Identifier: BSD-2-Clause */
/* Interfaces, or a capture read as if it came in. */
#include "cli/live/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/log.h"
#include "cli/memory.h"

#define NS_PER_S INT64_C(1000000000)
#define PAUSE_NS INT64_C(100000000)

struct cl_origin {
	struct cl_input *input; /* of a capture */
	char *name[CL_CAPTURE_INTERFACES_MAX];
	struct cl_input_file file[CL_CAPTURE_INTERFACES_MAX];
	size_t files;
	uint64_t skip;				    /* frames still to pass over */
	uint64_t skipped_kernel, skipped_interface; /* drops that the capture tells of these */
	/* --replay-rate: frames that wait for their turn */
	uint32_t rate;
	const struct cl_frame *waiting;
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

	if (text == NULL)
		return false;
	snprintf(text, size, "%s%s", kind, name);
	o->name[o->files] = text;
	o->file[o->files] = (struct cl_input_file){ .path = text, .opened = true };
	o->files++;
	return true;
}

/* A capture ---------------------------------------------------------------------- */

static bool open_capture(struct cl_origin *o, const struct cl_capture_options *c,
			 const struct cl_options *opts)
{
	const struct cl_input_opts how = { .held = cl_memory_plan(opts->max_memory).held };
	size_t n;

	o->rate = c->rate;
	o->begun_ns = monotonic_ns();
	o->input = cl_input_open(&c->replay, 1, &how);
	if (o->input == NULL || !add_file(o, "replay:", c->replay)) {
		cl_error("memory", "not enough to begin");
		return false;
	}
	const struct cl_input_file *f = cl_input_files(o->input, &n);
	if (f->error != NULL && !f->opened) {
		cl_error(c->replay, "%s", f->error);
		return false;
	}
	o->file[0].packed = f->packed;
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

	if (o->rate == 0)
		return n;
	if (due >= (double)(o->given + 1)) {
		uint64_t ready = (uint64_t)due - o->given;

		return ready < n ? (size_t)ready : n;
	}
	next = o->begun_ns + (int64_t)((double)(o->given + 1) / o->rate * NS_PER_S);
	next = next - now < PAUSE_NS ? next - now : PAUSE_NS;
	if (next > 0)
		nanosleep(&(struct timespec){ .tv_nsec = next }, NULL);
	return 0;
}

/* Passes over what is known, as far as it reaches. */
static void pass_over(struct cl_origin *o)
{
	size_t n = o->skip < o->nwaiting ? (size_t)o->skip : o->nwaiting;

	o->waiting += n;
	o->nwaiting -= n;
	o->skip -= n;
	if (n > 0 && o->skip == 0) {
		const struct cl_input_file *f = cl_input_files(o->input, &n);

		o->skipped_kernel = f->dropped_kernel;
		o->skipped_interface = f->dropped_interface;
	}
}

static size_t next_of_capture(struct cl_origin *o, const struct cl_frame **frames, bool *ended)
{
	size_t n;

	while (o->nwaiting == 0) {
		o->nwaiting = cl_input_next(o->input, &o->waiting);
		if (o->nwaiting == 0) {
			*ended = true;
			return 0;
		}
		pass_over(o);
	}
	n = in_turn(o, o->nwaiting);
	*frames = o->waiting;
	o->waiting += n;
	o->nwaiting -= n;
	o->given += n;
	return n;
}

static void count_of_capture(struct cl_origin *o, struct cl_origin_count *out)
{
	size_t n;
	const struct cl_input_file *f = cl_input_files(o->input, &n);

	*out = (struct cl_origin_count){ .interface = o->name[0],
					 .clock = "",
					 .received = o->file[0].packets,
					 .dropped_kernel = f->dropped_kernel - o->skipped_kernel,
					 .dropped_interface = f->dropped_interface - o->skipped_interface };
	o->file[0].damaged = f->damaged;
	o->file[0].error = f->error;
}

/* Both ---------------------------------------------------------------------------- */

struct cl_origin *cl_origin_open(const struct cl_capture_options *c, const struct cl_options *opts)
{
	struct cl_origin *o = calloc(1, sizeof *o);

	if (o == NULL) {
		cl_error("memory", "not enough to begin");
		return NULL;
	}
	if (c->replay == NULL)
		cl_error("-i", "live interfaces are not in this build yet: --replay FILE");
	else if (open_capture(o, c, opts))
		return o;
	cl_origin_close(o);
	return NULL;
}

static void count_frames(struct cl_origin *o, const struct cl_frame *frames, size_t n)
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
	*ended = false;
	size_t n = next_of_capture(o, frames, ended);

	count_frames(o, *frames, n);
	return n;
}

const struct cl_input_file *cl_origin_files(const struct cl_origin *o, size_t *n)
{
	*n = o->files;
	return o->file;
}

bool cl_origin_clock(const struct cl_origin *o, int64_t *ns)
{
	(void)o;
	(void)ns;
	return false;
}

void cl_origin_count(struct cl_origin *o, size_t i, struct cl_origin_count *out)
{
	(void)i;
	count_of_capture(o, out);
	o->file[i].dropped_kernel = out->dropped_kernel;
	o->file[i].dropped_interface = out->dropped_interface;
}

void cl_origin_close(struct cl_origin *o)
{
	if (o == NULL)
		return;
	cl_input_close(o->input);
	for (size_t i = 0; i < o->files; i++)
		free(o->name[i]);
	free(o);
}

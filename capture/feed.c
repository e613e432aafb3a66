/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/block.h"

/* A look needs no more than a first record. */
#define LOOK_SIZE (16u * 1024)

/* Runs that wait in a feed. */
#define RUNS_START 8u
#define RUNS_MOST  (1u << 24)

/* What the system says of the path; false with a reason if it is none to open. */
static bool examine(struct cl_feed *f)
{
	struct stat st;
	const char *path = f->file->path;

	if ((strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st)) != 0) {
		snprintf(f->error, sizeof(f->error), "%s", strerror(errno));
		return false;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->regular = S_ISREG(st.st_mode) && strcmp(path, "-") != 0;
	f->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	if (S_ISDIR(st.st_mode)) {
		snprintf(f->error, sizeof(f->error), "is a directory: name the captures in it");
		return false;
	}
	return true;
}

/* Copies the source's last words. */
static void settle(struct cl_feed *f)
{
	const char *why = cl_source_error(f->source);

	f->raw = cl_source_raw(f->source);
	cl_source_drops(f->source, &f->file->dropped_kernel, &f->file->dropped_interface);
	if (f->hash != NULL)
		cl_rechash_value(f->hash, f->file->hash);
	if (why != NULL) {
		f->file->damaged = true;
		snprintf(f->error, sizeof(f->error), "%s", why);
		f->file->error = f->error;
	}
}

static bool open_source(struct cl_feed *f, struct cl_pool *pool)
{
	f->source = cl_source_open(f->file->path, pool, f->index, f->error, sizeof(f->error));
	if (f->source == NULL)
		f->file->error = f->error;
	else
		f->file->opened = true;
	if (f->source != NULL)
		cl_source_secrets(f->source, f->secrets, f->secrets_ctx);
	return f->source != NULL;
}

static void close_source(struct cl_feed *f)
{
	cl_source_close(f->source);
	f->source = NULL;
}

/* Adds what was just looked at to what is known of the file. */
static void account(struct cl_feed *f, const struct cl_run *run)
{
	struct cl_input_file *file = f->file;
	int64_t first_ns = cl_run_time(run);

	if (file->packets == 0 || first_ns < file->first_ns)
		file->first_ns = first_ns;
	if (file->packets == 0 || run->last_ns > file->last_ns)
		file->last_ns = run->last_ns;
	file->bytes += run->octets;
	file->linktypes |= file->packets > 0 && file->linktype != run->linktype;
	file->linktype = run->linktype;
	file->packets += run->n;
	if (f->hash != NULL)
		cl_rechash_add(f->hash, run);
}

/* The file has no more to look at. */
static void end_source(struct cl_feed *f)
{
	if (f->source != NULL)
		settle(f);
	close_source(f);
	cl_rechash_free(f->hash);
	f->hash = NULL;
	f->ended = true;
}

static void remember(struct cl_feed *f, const struct cl_run *first)
{
	struct cl_rechash *h = cl_rechash_new();
	struct cl_run rest = *first, one = *first;
	struct cl_frame frame;

	f->has_record = true;
	f->first_ns = f->newest = cl_run_time(first);
	cl_run_cut(&rest, &frame, 1);
	one.n = 1;
	one.kept = frame.cap_len;
	if (h != NULL) {
		cl_rechash_add(h, &one);
		cl_rechash_value(h, f->first_hash);
	}
	cl_rechash_free(h);
	f->first_lengths[0] = frame.cap_len;
	f->first_lengths[1] = frame.wire_len;
}

/* Reads one record with blocks of its own and closes the file again. */
static void look_and_close(struct cl_feed *f)
{
	struct cl_pool pool;
	struct cl_run run;

	cl_pool_init(&pool, LOOK_SIZE);
	if (open_source(f, &pool)) {
		if (cl_source_scout(f->source, &run, 1, INT64_MIN)) {
			remember(f, &run);
			cl_block_release(run.block, run.n);
		} else {
			settle(f);
		}
		close_source(f);
	}
	cl_pool_free(&pool);
}

/* Reads the first records and leaves them to be given. */
static void look_and_keep(struct cl_feed *f)
{
	if (!open_source(f, f->pool))
		return;
	f->opened = true;
	f->newest = INT64_MIN;
	if (f->asked_hash)
		f->hash = cl_rechash_new();
	if (cl_feed_read(f, false, NULL) == CL_FEED_RUN) {
		const struct cl_run *run = cl_feed_run(f);

		remember(f, run);
		f->newest = run->last_ns;
	}
}

void cl_feed_look(struct cl_feed *f, bool keep)
{
	if (!examine(f))
		f->file->error = f->error;
	else if (keep || !f->regular)
		look_and_keep(f);
	else
		look_and_close(f);
}

static bool open_again(struct cl_feed *f)
{
	f->opened = true;
	if (!open_source(f, f->pool)) {
		f->file->damaged = true;
		return false;
	}
	if (f->asked_hash)
		f->hash = cl_rechash_new();
	return true;
}

/* Makes room for one run more. */
static bool ring_room(struct cl_feed *f)
{
	const uint32_t size = f->runs != NULL ? f->mask + 1 : 0, n = f->tail - f->head;
	const uint32_t room = size > 0 ? 2 * size : RUNS_START;
	struct cl_run *grown;

	if (n < size)
		return true;
	grown = room <= RUNS_MOST ? malloc(room * sizeof(*grown)) : NULL;
	if (grown == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
		grown[i] = f->runs[(f->head + i) & f->mask];
	free(f->runs);
	f->runs = grown;
	f->mask = room - 1;
	f->head = 0;
	f->tail = n;
	return true;
}

enum cl_feed_got cl_feed_read(struct cl_feed *f, bool ordered, struct cl_frame *late)
{
	struct cl_run run;

	if (!ring_room(f))
		return CL_FEED_FULL;
	if ((f->source == NULL && !open_again(f)) ||
	    !cl_source_scout(f->source, &run, SIZE_MAX, ordered ? f->newest : INT64_MIN)) {
		end_source(f);
		return CL_FEED_END;
	}
	account(f, &run);
	if (ordered && run.last_ns < f->newest) {
		cl_run_cut(&run, late, 1);
		return CL_FEED_LATE;
	}
	f->newest = run.last_ns;
	f->runs[f->tail++ & f->mask] = run;
	return CL_FEED_RUN;
}

bool cl_feed_waits(const struct cl_feed *f)
{
	return f->source == NULL || cl_source_dry(f->source);
}

uint64_t cl_feed_raw(const struct cl_feed *f)
{
	return f->source != NULL ? cl_source_raw(f->source) : f->raw;
}

void cl_feed_close(struct cl_feed *f)
{
	for (; !cl_feed_empty(f); cl_feed_next(f))
		cl_block_release(cl_feed_run(f)->block, cl_feed_run(f)->n);
	end_source(f);
	free(f->runs);
	f->runs = NULL;
	f->head = f->tail = f->mask = 0;
}

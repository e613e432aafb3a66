/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/block.h"

/* A look needs no more than a first record. */
#define LOOK_SIZE (16u * 1024)

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
		snprintf(f->error, sizeof(f->error), "is a directory");
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

/* Adds frames just read to what is known of the file. */
static void account(struct cl_feed *f, const struct cl_frame *frames, size_t n)
{
	struct cl_input_file *file = f->file;
	int64_t first = file->packets > 0 ? file->first_ns : INT64_MAX;
	int64_t last = file->packets > 0 ? file->last_ns : INT64_MIN;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		first = frames[i].time_ns < first ? frames[i].time_ns : first;
		last = frames[i].time_ns > last ? frames[i].time_ns : last;
		bytes += frames[i].wire_len;
	}
	file->first_ns = first;
	file->last_ns = last;
	file->bytes += bytes;
	file->packets += n;
	if (f->hash != NULL)
		cl_rechash_add(f->hash, frames, n);
}

static void remember(struct cl_feed *f, const struct cl_frame *first)
{
	struct cl_rechash *h = cl_rechash_new();

	f->has_record = true;
	f->first_ns = first->time_ns;
	f->first_lengths[0] = first->cap_len;
	f->first_lengths[1] = first->wire_len;
	if (h != NULL) {
		cl_rechash_add(h, first, 1);
		cl_rechash_value(h, f->first_hash);
	}
	cl_rechash_free(h);
}

/* Reads one record with blocks of its own and closes the file again. */
static void look_and_close(struct cl_feed *f)
{
	struct cl_pool pool;
	struct cl_frame frame;

	cl_pool_init(&pool, LOOK_SIZE);
	if (open_source(f, &pool)) {
		if (cl_source_next(f->source, &frame, 1) == 1) {
			remember(f, &frame);
			cl_frames_release(&frame, 1);
		} else {
			settle(f);
		}
		close_source(f);
	}
	cl_pool_free(&pool);
}

/* Reads one record and leaves it to be given. */
static void look_and_keep(struct cl_feed *f)
{
	if (!open_source(f, f->pool))
		return;
	if (f->asked_hash)
		f->hash = cl_rechash_new();
	if (cl_feed_fill(f))
		remember(f, &f->frames[0]);
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
	if (!open_source(f, f->pool)) {
		f->file->damaged = true;
		return false;
	}
	if (f->asked_hash)
		f->hash = cl_rechash_new();
	return true;
}

bool cl_feed_fill(struct cl_feed *f)
{
	if (f->source == NULL && !open_again(f))
		return false;
	f->at = 0;
	f->n = cl_source_next(f->source, f->frames, CL_BATCH);
	account(f, f->frames, f->n);
	if (f->n > 0)
		return true;
	cl_feed_close(f);
	return false;
}

int64_t cl_feed_time(const struct cl_feed *f)
{
	return f->at < f->n ? f->frames[f->at].time_ns : f->first_ns;
}

uint64_t cl_feed_raw(const struct cl_feed *f)
{
	return f->source != NULL ? cl_source_raw(f->source) : f->raw;
}

void cl_feed_close(struct cl_feed *f)
{
	cl_frames_release(f->frames + f->at, f->n - f->at);
	f->at = f->n = 0;
	if (f->source != NULL)
		settle(f);
	close_source(f);
	cl_rechash_free(f->hash);
	f->hash = NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/input.h"

#include <stdlib.h>
#include <string.h>

#include "capture/block.h"
#include "capture/feed.h"
#include "capture/reorder.h"

/* With more files than this that may be read side by side, each has smaller blocks. */
#define MANY_FILES	 64u
#define SMALL_BLOCK_SIZE (64u * 1024)

struct cl_input {
	struct cl_input_file *files;
	struct cl_feed *feeds;
	size_t n;
	struct cl_pool pool;
	struct cl_reorder reorder;
	struct cl_batch batch; /* given, to be released */
};

/* Duplicates ------------------------------------------------------------------ */

static bool same_start(const struct cl_feed *a, const struct cl_feed *b)
{
	return a->has_record && b->has_record && a->regular && b->regular && a->first_ns == b->first_ns &&
	       memcmp(a->first_lengths, b->first_lengths, sizeof(a->first_lengths)) == 0 &&
	       memcmp(a->first_hash, b->first_hash, sizeof(a->first_hash)) == 0;
}

static bool same_file(const struct cl_feed *a, const struct cl_feed *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* The hash of a whole file, read once for all comparisons. */
static bool whole_hash(struct cl_feed *f, struct cl_input_file *cache, bool *cached)
{
	if (!*cached)
		*cached = cl_file_hash(f->file->path, cache);
	return *cached;
}

/* Whether the file has the records of an earlier one. */
static bool is_duplicate(struct cl_input *in, size_t i, struct cl_input_file *hashes, bool *cached)
{
	for (size_t j = 0; j < i; j++) {
		if (!in->files[j].opened || in->files[j].duplicate)
			continue;
		if (same_file(&in->feeds[i], &in->feeds[j]))
			return true;
		if (same_start(&in->feeds[i], &in->feeds[j]) &&
		    whole_hash(&in->feeds[i], &hashes[i], &cached[i]) &&
		    whole_hash(&in->feeds[j], &hashes[j], &cached[j]) &&
		    hashes[i].packets == hashes[j].packets &&
		    memcmp(hashes[i].hash, hashes[j].hash, sizeof(hashes[i].hash)) == 0)
			return true;
	}
	return false;
}

/* A file named twice must not be opened twice if it is a pipe: the second look would take from the first. */
static bool named_before(const struct cl_input *in, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(in->files[i].path, in->files[j].path) == 0 && in->files[j].opened)
			return true;
	return false;
}

static void mark_duplicate(struct cl_input_file *file)
{
	file->duplicate = true;
	file->opened = false;
}

static bool find_duplicates(struct cl_input *in)
{
	struct cl_input_file *hashes = calloc(in->n + 1, sizeof(*hashes));
	bool *cached = calloc(in->n + 1, sizeof(*cached));

	for (size_t i = 1; i < in->n && hashes != NULL && cached != NULL; i++)
		if (in->files[i].opened && is_duplicate(in, i, hashes, cached))
			mark_duplicate(&in->files[i]);
	free(hashes);
	free(cached);
	return hashes != NULL && cached != NULL;
}

/* Opening --------------------------------------------------------------------- */

static bool allocate(struct cl_input *in, size_t n, const struct cl_input_opts *opts)
{
	in->n = n;
	in->files = calloc(n + 1, sizeof(*in->files));
	in->feeds = calloc(n + 1, sizeof(*in->feeds));
	cl_pool_init(&in->pool, n > MANY_FILES ? SMALL_BLOCK_SIZE : CL_BLOCK_SIZE);
	if (!cl_reorder_init(&in->reorder, n, &in->pool, in->files, opts != NULL && opts->no_reorder))
		return false;
	if (opts != NULL && opts->held > 0)
		in->reorder.most = opts->held;
	return in->files != NULL && in->feeds != NULL;
}

static void look_at_all(struct cl_input *in, const char *const *paths, const struct cl_input_opts *opts)
{
	for (size_t i = 0; i < in->n; i++) {
		struct cl_feed *f = &in->feeds[i];

		f->file = &in->files[i];
		f->index = (uint32_t)i;
		f->pool = &in->pool;
		f->asked_hash = opts != NULL && opts->hash;
		f->secrets = opts != NULL ? opts->secrets : NULL;
		f->secrets_ctx = opts != NULL ? opts->secrets_ctx : NULL;
		in->files[i].path = paths[i];
		if (named_before(in, i))
			mark_duplicate(&in->files[i]);
		else
			cl_feed_look(f, in->n == 1);
	}
}

struct cl_input *cl_input_open(const char *const *paths, size_t n, const struct cl_input_opts *opts)
{
	struct cl_input *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	if (!allocate(in, n, opts)) {
		cl_input_close(in);
		return NULL;
	}
	look_at_all(in, paths, opts);
	if (!find_duplicates(in)) {
		cl_input_close(in);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (in->files[i].duplicate)
			cl_feed_close(&in->feeds[i]);
		else if (in->feeds[i].has_record)
			cl_reorder_add(&in->reorder, &in->feeds[i]);
	}
	return in;
}

/* Reading --------------------------------------------------------------------- */

size_t cl_input_next(struct cl_input *in, const struct cl_frame **frames)
{
	struct cl_batch *b = &in->batch;

	cl_batch_release(b);
	for (;;) {
		cl_reorder_give(&in->reorder, b);
		if (b->n == CL_BATCH || (b->n > 0 && cl_reorder_waits(&in->reorder)))
			break;
		if (!cl_reorder_read(&in->reorder))
			break;
	}
	if (b->n == 0) /* the end: its blocks are of no more use */
		cl_pool_free(&in->pool);
	*frames = b->frames;
	return b->n;
}

bool cl_input_first(const struct cl_input *in, size_t i, int64_t *first_ns)
{
	if (!in->feeds[i].has_record || in->files[i].duplicate)
		return false;
	*first_ns = in->feeds[i].first_ns;
	return true;
}

const struct cl_input_file *cl_input_files(const struct cl_input *in, size_t *n)
{
	*n = in->n;
	return in->files;
}

void cl_input_progress(const struct cl_input *in, uint64_t *done, uint64_t *total)
{
	bool known = true;

	*done = *total = 0;
	for (size_t i = 0; i < in->n; i++) {
		if (!in->files[i].opened)
			continue;
		*done += cl_feed_raw(&in->feeds[i]);
		*total += in->feeds[i].size;
		known = known && in->feeds[i].size > 0;
	}
	if (!known)
		*total = 0;
}

void cl_input_close(struct cl_input *in)
{
	if (in == NULL)
		return;
	cl_batch_release(&in->batch);
	cl_reorder_free(&in->reorder);
	for (size_t i = 0; i < in->n && in->feeds != NULL; i++)
		if (in->feeds[i].file != NULL)
			cl_feed_close(&in->feeds[i]);
	cl_pool_free(&in->pool);
	free(in->feeds);
	free(in->files);
	free(in);
}

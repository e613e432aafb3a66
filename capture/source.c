/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/run.h"
#include "capture/source_impl.h"

/* A block with room for `need` octets from `pos` on; what is left of the old one is moved to its start. */
static bool make_room(struct cl_source *s, size_t need)
{
	struct cl_block *b = s->block, *to = b;
	size_t left = cl_source_left(s);

	if (b->size - s->pos >= need)
		return true;
	if (b->live > 0 || b->size < need)
		to = cl_pool_get(s->pool, need);
	if (to == NULL)
		return false;
	memmove(to->data, cl_source_at(s), left);
	to->used = left;
	s->base += s->pos;
	s->pos = 0;
	s->block = to;
	if (to != b)
		cl_block_leave(b);
	return true;
}

/**
 * What is inflated comes in whole blocks; what is left of the old one goes in front of it. Not while the old
 * one is nearly empty: blocks that are held would hold little.
 */
static bool take_block(struct cl_source *s)
{
	const size_t left = cl_source_left(s);
	struct cl_block *b = s->block, *to;

	if (left > CL_BYTES_ROOM || (b->used > 0 && b->used < b->size / 4))
		return false;
	to = cl_bytes_take(s->bytes);
	if (to == NULL)
		return false;
	memcpy(to->data + CL_BYTES_ROOM - left, cl_source_at(s), left);
	s->base += s->pos;
	s->pos = CL_BYTES_ROOM - left;
	s->base -= s->pos;
	s->block = to;
	cl_block_leave(b);
	return true;
}

bool cl_source_more(struct cl_source *s, size_t need)
{
	size_t got;

	while (cl_source_left(s) < need) {
		if (take_block(s))
			continue;
		if (!make_room(s, need)) {
			cl_source_fail(s, "out of memory");
			return false;
		}
		got = cl_bytes_read(s->bytes, s->block->data + s->block->used,
				    s->block->size - s->block->used);
		if (got == 0) {
			if (cl_bytes_error(s->bytes) != NULL)
				cl_source_fail(s, "%s", cl_bytes_error(s->bytes));
			return false;
		}
		s->block->used += got;
	}
	return true;
}

bool cl_source_skip(struct cl_source *s, uint64_t n)
{
	while (n > cl_source_left(s)) {
		n -= cl_source_left(s);
		s->pos = s->block->used;
		if (!cl_source_more(s, 1))
			return false;
	}
	s->pos += (size_t)n;
	return true;
}

void cl_source_fail(struct cl_source *s, const char *fmt, ...)
{
	va_list ap;

	s->ended = true;
	if (s->error[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
}

/* Neither format took it. */
static void say_no_capture(const struct cl_source *s, char *err, size_t size)
{
	const uint8_t *p = cl_source_at(s);
	size_t n = cl_source_left(s) < 4 ? cl_source_left(s) : 4;
	char hex[16] = "";

	if (n < 4 && cl_bytes_error(s->bytes) != NULL) {
		snprintf(err, size, "%s", cl_bytes_error(s->bytes));
	} else if (n == 0) {
		snprintf(err, size, "is empty: nothing was captured into it, or not yet written");
	} else {
		for (size_t i = 0; i < n; i++)
			snprintf(hex + 3 * i, sizeof(hex) - 3 * i, " %02x", p[i]);
		snprintf(err, size,
			 "is not pcap or pcapng, nor a database: first octets are%s (editcap converts other "
			 "captures)",
			 hex);
	}
}

static struct cl_source *source_new(struct cl_bytes *bytes, struct cl_pool *pool, uint32_t file, char *err,
				    size_t size)
{
	struct cl_source *s;

	if (bytes == NULL)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		cl_bytes_close(bytes);
		snprintf(err, size, "out of memory");
		return NULL;
	}
	s->bytes = bytes;
	s->pool = pool;
	s->file = file;
	s->block = cl_pool_get(pool, pool->block_size);
	if (s->block == NULL) {
		snprintf(err, size, "out of memory");
	} else {
		(void)cl_source_more(s, 4);
		bool begun = cl_pcap_begin(s) || cl_pcapng_begin(s);

		if (begun && s->error[0] == '\0')
			return s;
		if (begun) /* its header is cut: nothing can be read */
			snprintf(err, size, "%s", s->error);
		else
			say_no_capture(s, err, size);
	}
	cl_source_close(s);
	return NULL;
}

struct cl_source *cl_source_open(const char *path, struct cl_pool *pool, uint32_t file, char *err,
				 size_t size)
{
	return source_new(cl_bytes_open(path, pool, err, size), pool, file, err, size);
}

struct cl_source *cl_source_open_memory(const uint8_t *p, size_t n, struct cl_pool *pool, uint32_t file,
					char *err, size_t size)
{
	return source_new(cl_bytes_memory(p, n, pool, err, size), pool, file, err, size);
}

void cl_source_secrets(struct cl_source *s, cl_secrets_fn fn, void *ctx)
{
	s->secrets = fn;
	s->secrets_ctx = ctx;
}

bool cl_source_scout(struct cl_source *s, struct cl_run *run, size_t max, int64_t newest)
{
	memset(run, 0, sizeof(*run));
	if (s->ended || max == 0)
		return false;
	run->file = s->file;
	run->last_ns = newest;
	run->dense = true;
	s->scout(s, run, max);
	if (run->n == 0) {
		s->ended = true;
		return false;
	}
	run->block = s->block;
	run->block->live += run->n;
	return true;
}

bool cl_source_dry(const struct cl_source *s)
{
	return s->dry;
}

size_t cl_source_next(struct cl_source *s, struct cl_frame *out, size_t max)
{
	struct cl_run run;

	return cl_source_scout(s, &run, max, INT64_MIN) ? cl_run_cut(&run, out, max) : 0;
}

const char *cl_source_error(const struct cl_source *s)
{
	return s->error[0] != '\0' ? s->error : NULL;
}

void cl_source_drops(const struct cl_source *s, uint64_t *kernel, uint64_t *interface)
{
	*kernel = s->dropped_kernel;
	*interface = s->dropped_interface;
	if (s->ng != NULL)
		cl_pcapng_drops(s->ng, kernel, interface);
}

uint64_t cl_source_raw(const struct cl_source *s)
{
	return s->bytes != NULL ? cl_bytes_raw(s->bytes) : 0;
}

void cl_source_close(struct cl_source *s)
{
	if (s == NULL)
		return;
	if (s->tap == NULL)
		cl_block_leave(s->block);
	cl_bytes_close(s->bytes);
	cl_pcapng_free(s->ng);
	free(s);
}

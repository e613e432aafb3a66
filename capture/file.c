/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about one file as a whole. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/block.h"
#include "capture/bytes.h"
#include "capture/feed.h"
#include "capture/input.h"

#define START	  16u /* the longest magic: SQLite's */
#define LOOK_SIZE (16u * 1024)

static bool is_capture(const uint8_t *p, size_t n)
{
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};

	for (size_t i = 0; n >= 4 && i < sizeof(magics) / sizeof(*magics); i++)
		if (memcmp(p, magics[i], 4) == 0)
			return true;
	return false;
}

static enum cl_file_kind kind_of(struct cl_bytes *b)
{
	uint8_t p[START];
	size_t n = 0, got;

	while (n < START && (got = cl_bytes_read(b, p + n, START - n)) > 0)
		n += got;
	if (is_capture(p, n))
		return CL_FILE_CAPTURE;
	if (n == START && memcmp(p, "SQLite format 3", START) == 0)
		return CL_FILE_SQLITE;
	return n == 0 && cl_bytes_error(b) == NULL ? CL_FILE_EMPTY : CL_FILE_UNKNOWN;
}

enum cl_file_kind cl_file_kind(const char *path)
{
	enum cl_file_kind kind;
	struct cl_bytes *b;
	struct cl_pool pool;
	struct stat st;
	char err[CL_ERROR_SIZE];

	if (stat(path, &st) != 0)
		return CL_FILE_UNREADABLE;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return CL_FILE_UNREADABLE;
	}
	if (!S_ISREG(st.st_mode)) /* a look would take octets from a pipe */
		return CL_FILE_CAPTURE;
	cl_pool_init(&pool, LOOK_SIZE);
	b = cl_bytes_open(path, &pool, err, sizeof(err));
	if (b != NULL)
		kind = kind_of(b);
	else
		kind = errno != 0 ? CL_FILE_UNREADABLE : CL_FILE_UNKNOWN;
	cl_bytes_close(b);
	cl_pool_free(&pool);
	return kind;
}

bool cl_file_hash(const char *path, struct cl_input_file *out)
{
	struct cl_pool pool;
	struct cl_feed feed = { .file = out, .pool = &pool, .asked_hash = true };

	memset(out, 0, sizeof(*out));
	out->path = path;
	cl_pool_init(&pool, CL_BLOCK_SIZE);
	while (cl_feed_read(&feed, false, NULL) == CL_FEED_RUN) {
		cl_block_release(cl_feed_run(&feed)->block, cl_feed_run(&feed)->n);
		cl_feed_next(&feed);
	}
	cl_feed_close(&feed);
	cl_pool_free(&pool);
	out->error = NULL; /* it was the feed's */
	return out->opened;
}

bool cl_file_first(const char *path, int64_t *first_ns)
{
	struct cl_pool pool;
	struct cl_input_file file = { .path = path };
	struct cl_feed feed = { .file = &file, .pool = &pool };

	cl_pool_init(&pool, CL_BLOCK_SIZE);
	cl_feed_look(&feed, false);
	*first_ns = feed.first_ns;
	cl_feed_close(&feed);
	cl_pool_free(&pool);
	return feed.has_record;
}

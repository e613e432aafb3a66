/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/inflate.h"

#define HEAD	  CL_UNPACK_MAGIC
#define READ_MOST (1u << 30)

struct cl_bytes {
	size_t (*read)(struct cl_bytes *b, uint8_t *buf, size_t n);
	int fd;		    /* -1: memory */
	const uint8_t *mem; /* what is left of it */
	size_t mem_len;
	uint8_t head[HEAD]; /* read to find the magic, given again */
	size_t head_len, head_pos;
	uint64_t raw;
	bool ended;
	char error[96];		    /* "" if none */
	struct cl_inflate *inflate; /* NULL: the file is not compressed */
};

static void fail(struct cl_bytes *b, const char *text)
{
	snprintf(b->error, sizeof(b->error), "%s", text);
}

static size_t system_read(struct cl_bytes *b, uint8_t *buf, size_t n)
{
	ssize_t got;

	if (b->fd < 0) {
		n = n < b->mem_len ? n : b->mem_len;
		if (n > 0)
			memcpy(buf, b->mem, n);
		b->mem += n;
		b->mem_len -= n;
		return n;
	}
	do {
		got = read(b->fd, buf, n < READ_MOST ? n : READ_MOST);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		fail(b, strerror(errno));
		return 0;
	}
	return (size_t)got;
}

/* As in the file: first what was read for the magic, then the rest. */
static size_t raw_read(struct cl_bytes *b, uint8_t *buf, size_t n)
{
	size_t got = b->head_len - b->head_pos;

	if (got > 0) {
		got = got < n ? got : n;
		memcpy(buf, b->head + b->head_pos, got);
		b->head_pos += got;
	} else {
		got = system_read(b, buf, n);
	}
	b->raw += got;
	return got;
}

/* Compressed: a thread inflates; what it takes from the file is its own. */

static size_t compressed_read(void *ctx, uint8_t *buf, size_t n, int stop_fd)
{
	struct cl_bytes *b = ctx;
	struct pollfd wait[2] = { { b->fd, POLLIN, 0 }, { stop_fd, POLLIN, 0 } };
	int ready = 1;

	if (b->fd >= 0 && b->head_pos == b->head_len)
		while ((ready = poll(wait, 2, stop_fd < 0 ? 0 : -1)) < 0 && errno == EINTR)
			;
	if (ready == 0)
		return CL_INFLATE_LATER;
	return wait[1].revents != 0 ? 0 : raw_read(b, buf, n);
}

static size_t inflated_read(struct cl_bytes *b, uint8_t *buf, size_t n)
{
	return cl_inflate_read(b->inflate, buf, n);
}

struct cl_block *cl_bytes_take(struct cl_bytes *b)
{
	_Static_assert(CL_BYTES_ROOM == CL_INFLATE_ROOM, "the same room");

	return b->inflate != NULL && !b->ended ? cl_inflate_take(b->inflate) : NULL;
}

/* Opening ---------------------------------------------------------------- */

/* Reads the first octets and chooses the reader by them. */
static bool begin(struct cl_bytes *b, struct cl_pool *pool, char *err, size_t size)
{
	const struct cl_unpack *how;
	size_t got;

	errno = 0;
	while (b->head_len < HEAD && (got = system_read(b, b->head + b->head_len, HEAD - b->head_len)) > 0)
		b->head_len += got;
	if (b->error[0] != '\0') {
		snprintf(err, size, "%s", b->error);
		return false;
	}
	b->read = raw_read;
	how = cl_unpack_find(b->head, b->head_len);
	if (how == NULL)
		return true;
	if (how->open == NULL) {
		snprintf(err, size, "%s compression is not supported by this build", how->name);
		return false;
	}
	b->read = inflated_read;
	b->inflate = cl_inflate_open(how, pool, compressed_read, b);
	if (b->inflate == NULL)
		snprintf(err, size, "out of memory");
	return b->inflate != NULL;
}

static struct cl_bytes *bytes_new(int fd, const uint8_t *p, size_t n, struct cl_pool *pool, char *err,
				  size_t size)
{
	struct cl_bytes *b = calloc(1, sizeof(*b));
	int saved;

	if (b == NULL) {
		snprintf(err, size, "out of memory");
		if (fd > STDIN_FILENO)
			close(fd);
		return NULL;
	}
	b->fd = fd;
	b->mem = p;
	b->mem_len = n;
	if (begin(b, pool, err, size))
		return b;
	saved = errno;
	cl_bytes_close(b);
	errno = saved;
	return NULL;
}

struct cl_bytes *cl_bytes_open(const char *path, struct cl_pool *pool, char *err, size_t size)
{
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		snprintf(err, size, "%s", strerror(errno));
		return NULL;
	}
#ifdef HAVE_POSIX_FADVISE
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
	return bytes_new(fd, NULL, 0, pool, err, size);
}

struct cl_bytes *cl_bytes_memory(const uint8_t *p, size_t n, struct cl_pool *pool, char *err, size_t size)
{
	return bytes_new(-1, p, n, pool, err, size);
}

size_t cl_bytes_read(struct cl_bytes *b, uint8_t *buf, size_t n)
{
	size_t got;

	if (b->ended || n == 0)
		return 0;
	got = b->read(b, buf, n);
	if (got == 0)
		b->ended = true;
	return got;
}

const char *cl_bytes_error(const struct cl_bytes *b)
{
	if (b->error[0] != '\0')
		return b->error;
	return b->inflate != NULL ? cl_inflate_error(b->inflate) : NULL;
}

uint64_t cl_bytes_raw(const struct cl_bytes *b)
{
	return b->inflate != NULL ? cl_inflate_raw(b->inflate) : b->raw;
}

void cl_bytes_close(struct cl_bytes *b)
{
	if (b == NULL)
		return;
	cl_inflate_close(b->inflate);
	if (b->fd > STDIN_FILENO)
		close(b->fd);
	free(b);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define HEAD	  6u		/* the longest magic */
#define IN_SIZE	  (256u * 1024) /* compressed octets read at once */
#define READ_MOST (1u << 30)

struct cl_bytes {
	size_t (*read)(struct cl_bytes *b, uint8_t *buf, size_t n);
	void (*end)(struct cl_bytes *b);
	int fd;		    /* -1: memory */
	const uint8_t *mem; /* what is left of it */
	size_t mem_len;
	uint8_t head[HEAD]; /* read to find the magic, given again */
	size_t head_len, head_pos;
	uint64_t raw;
	bool ended;
	char error[96]; /* "" if none */
	z_stream z;
	uint8_t *in;
	bool in_member; /* gzip: a member is begun and not ended */
};

static void fail(struct cl_bytes *b, const char *text)
{
	b->ended = true;
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

/* gzip ------------------------------------------------------------------- */

static void gzip_fill(struct cl_bytes *b)
{
	b->z.next_in = b->in;
	b->z.avail_in = (uInt)raw_read(b, b->in, IN_SIZE);
}

/* What follows a member must be another one. */
static bool gzip_next_member(struct cl_bytes *b)
{
	if (*b->z.next_in != 0x1f) {
		fail(b, "octets that are not gzip follow the last gzip member");
		return false;
	}
	inflateReset(&b->z);
	b->in_member = true;
	return true;
}

/* Without input, inflate may still have octets to give: only when it has none the file ends too early. */
static bool gzip_step(struct cl_bytes *b)
{
	int rc = inflate(&b->z, Z_NO_FLUSH);

	if (rc == Z_STREAM_END)
		b->in_member = false;
	else if (rc == Z_BUF_ERROR && b->z.avail_in == 0 && b->error[0] == '\0')
		fail(b, "cut short in a gzip member");
	else if (rc != Z_OK && b->error[0] == '\0')
		fail(b, rc == Z_MEM_ERROR ? "out of memory" : "damaged in a gzip member");
	return rc == Z_OK || rc == Z_STREAM_END;
}

static size_t gzip_read(struct cl_bytes *b, uint8_t *buf, size_t n)
{
	uInt room = (uInt)(n < READ_MOST ? n : READ_MOST);

	b->z.next_out = buf;
	b->z.avail_out = room;
	while (b->z.avail_out == room) {
		if (b->z.avail_in == 0)
			gzip_fill(b);
		if (!b->in_member && (b->z.avail_in == 0 || !gzip_next_member(b)))
			break;
		if (!gzip_step(b))
			break;
	}
	return room - b->z.avail_out;
}

static void gzip_end(struct cl_bytes *b)
{
	inflateEnd(&b->z);
	free(b->in);
}

static bool gzip_begin(struct cl_bytes *b)
{
	b->in = malloc(IN_SIZE);
	if (b->in == NULL || inflateInit2(&b->z, 15 + 16) != Z_OK) {
		free(b->in);
		return false;
	}
	b->in_member = true;
	b->read = gzip_read;
	b->end = gzip_end;
	return true;
}

/* Opening ---------------------------------------------------------------- */

/* What a compressed file begins with; without `begin` this build cannot inflate it. */
static const struct packing {
	const char *name;
	uint8_t len, magic[HEAD];
	bool (*begin)(struct cl_bytes *b);
} packings[] = {
	{ "gzip", 2, { 0x1f, 0x8b }, gzip_begin },	       /* RFC 1952, 2.3.1 */
	{ "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd }, NULL },       /* RFC 8878, 3.1.1 */
	{ "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, NULL }, /* xz file format, 2.1.1.1 */
	{ "lz4", 4, { 0x04, 0x22, 0x4d, 0x18 }, NULL },	       /* LZ4 frame format */
	{ "bzip2", 3, { 'B', 'Z', 'h' }, NULL },
};

static const struct packing *packing_find(const struct cl_bytes *b)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++)
		if (b->head_len >= packings[i].len &&
		    memcmp(b->head, packings[i].magic, packings[i].len) == 0)
			return &packings[i];
	return NULL;
}

/* Reads the first octets and chooses the reader by them. */
static bool begin(struct cl_bytes *b, char *err, size_t size)
{
	const struct packing *p;
	size_t got;

	errno = 0;
	while (b->head_len < HEAD && (got = system_read(b, b->head + b->head_len, HEAD - b->head_len)) > 0)
		b->head_len += got;
	if (b->error[0] != '\0') {
		snprintf(err, size, "%s", b->error);
		return false;
	}
	b->read = raw_read;
	p = packing_find(b);
	if (p == NULL)
		return true;
	if (p->begin == NULL)
		snprintf(err, size, "%s compression is not supported by this build", p->name);
	else if (p->begin(b))
		return true;
	else
		snprintf(err, size, "out of memory");
	return false;
}

static struct cl_bytes *bytes_new(int fd, const uint8_t *p, size_t n, char *err, size_t size)
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
	if (begin(b, err, size))
		return b;
	saved = errno;
	cl_bytes_close(b);
	errno = saved;
	return NULL;
}

struct cl_bytes *cl_bytes_open(const char *path, char *err, size_t size)
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
	return bytes_new(fd, NULL, 0, err, size);
}

struct cl_bytes *cl_bytes_memory(const uint8_t *p, size_t n, char *err, size_t size)
{
	return bytes_new(-1, p, n, err, size);
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
	return b->error[0] != '\0' ? b->error : NULL;
}

uint64_t cl_bytes_raw(const struct cl_bytes *b)
{
	return b->raw;
}

void cl_bytes_close(struct cl_bytes *b)
{
	if (b == NULL)
		return;
	if (b->end != NULL)
		b->end(b);
	if (b->fd > STDIN_FILENO)
		close(b->fd);
	free(b);
}

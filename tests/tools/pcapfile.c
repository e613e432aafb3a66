/* SPDX-License-Identifier: BSD-2-Clause */
/* A small writer of classic pcap files, and the octet runs they are made of. */
#include "forge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fg_file {
	FILE *out;
	const char *path;
	unsigned flags;
	uint32_t snaplen;
};

void fg_die(const char *what, const char *why)
{
	fprintf(stderr, "mkpcap: %s: %s\n", what, why);
	exit(2);
}

void fg_bytes(struct fg_buf *b, const void *src, size_t n)
{
	if (n > sizeof(b->at) - b->len)
		fg_die("packet", "too long");
	if (n > 0)
		memcpy(b->at + b->len, src, n);
	b->len += n;
}

void fg_u8(struct fg_buf *b, unsigned v)
{
	const uint8_t o = (uint8_t)v;

	fg_bytes(b, &o, 1);
}

void fg_u16(struct fg_buf *b, unsigned v)
{
	fg_u8(b, (v >> 8) & 0xff);
	fg_u8(b, v & 0xff);
}

void fg_u32(struct fg_buf *b, uint32_t v)
{
	fg_u16(b, v >> 16);
	fg_u16(b, v & 0xffff);
}

void fg_u64(struct fg_buf *b, uint64_t v)
{
	fg_u32(b, (uint32_t)(v >> 32));
	fg_u32(b, (uint32_t)v);
}

void fg_zeros(struct fg_buf *b, size_t n)
{
	while (n-- > 0)
		fg_u8(b, 0);
}

void fg_fill(struct fg_buf *b, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		fg_u8(b, 1 + (seed * 37 + (unsigned)i * 11) % 255);
}

void fg_insert(struct fg_buf *b, size_t pos, const struct fg_buf *what)
{
	if (pos > b->len || what->len > sizeof(b->at) - b->len)
		fg_die("packet", "no room to insert");
	memmove(b->at + pos + what->len, b->at + pos, b->len - pos);
	memcpy(b->at + pos, what->at, what->len);
	b->len += what->len;
}

void fg_set16(struct fg_buf *b, size_t pos, unsigned v)
{
	if (pos + 2 > b->len)
		fg_die("packet", "no field there");
	b->at[pos] = (uint8_t)(v >> 8);
	b->at[pos + 1] = (uint8_t)v;
}

void fg_octets(struct fg_file *f, const void *src, size_t n)
{
	if (fwrite(src, 1, n, f->out) != n)
		fg_die(f->path, strerror(errno));
}

static void put32(struct fg_file *f, uint32_t v)
{
	const int big = (f->flags & FG_BIG) != 0;
	uint8_t o[4];

	for (unsigned i = 0; i < 4; i++)
		o[i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
	fg_octets(f, o, sizeof(o));
}

struct fg_file *fg_create_raw(const char *path)
{
	struct fg_file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		fg_die(path, "out of memory");
	f->path = path;
	f->snaplen = 262144;
	f->out = fopen(path, "wb");
	if (f->out == NULL)
		fg_die(path, strerror(errno));
	return f;
}

struct fg_file *fg_create(const char *path, enum fg_linktype link, unsigned flags, uint32_t snaplen)
{
	struct fg_file *f = fg_create_raw(path);

	f->flags = flags;
	f->snaplen = snaplen;
	put32(f, flags & FG_NANO ? 0xa1b23c4du : 0xa1b2c3d4u);
	put32(f, flags & FG_BIG ? 2u << 16 | 4u : 4u << 16 | 2u); /* version 2.4, two 16-bit fields */
	put32(f, 0);
	put32(f, 0);
	put32(f, snaplen);
	put32(f, (uint32_t)link);
	return f;
}

static void put_record(struct fg_file *f, const uint32_t head[4], const struct fg_buf *frame)
{
	for (unsigned i = 0; i < 4; i++)
		put32(f, head[i]);
	fg_octets(f, frame->at, head[2] < frame->len ? head[2] : frame->len);
}

void fg_write_lengths(struct fg_file *f, int64_t t, const struct fg_buf *frame, uint32_t cap, uint32_t wire)
{
	const int64_t ns = (int64_t)FG_T0 * 1000000000 + t;
	const int64_t frac = ns % 1000000000;
	const uint32_t head[4] = { (uint32_t)(ns / 1000000000),
				   (uint32_t)(f->flags & FG_NANO ? frac : frac / 1000), cap, wire };

	put_record(f, head, frame);
}

void fg_write(struct fg_file *f, int64_t t, const struct fg_buf *frame)
{
	const uint32_t wire = (uint32_t)frame->len;

	fg_write_lengths(f, t, frame, wire < f->snaplen ? wire : f->snaplen, wire);
}

void fg_write_at(struct fg_file *f, uint32_t sec, uint32_t frac, const struct fg_buf *frame)
{
	const uint32_t head[4] = { sec, frac, (uint32_t)frame->len, (uint32_t)frame->len };

	put_record(f, head, frame);
}

void fg_close(struct fg_file *f)
{
	if (fclose(f->out) != 0)
		fg_die(f->path, strerror(errno));
	free(f);
}

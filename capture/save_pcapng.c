/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian. */
#include <string.h>

#include "capture/octets.h"
#include "capture/save_impl.h"

#define SECTION	   0x0a0d0d0au
#define INTERFACE  1u
#define STATISTICS 5u
#define PACKET	   6u

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static size_t put_option(uint8_t *p, uint32_t code, const void *value, size_t n)
{
	put16(p, code);
	put16(p + 2, (uint32_t)n);
	memset(p + 4 + (n & ~(size_t)3), 0, padded(n) - (n & ~(size_t)3));
	memcpy(p + 4, value, n);
	return 4 + padded(n);
}

static size_t put_text(uint8_t *p, uint32_t code, const char *text)
{
	const size_t n = strlen(text);

	return put_option(p, code, text, n < CL_SAVE_TEXT ? n : CL_SAVE_TEXT);
}

static size_t put_count(uint8_t *p, uint32_t code, uint64_t n)
{
	uint8_t octets[8];

	cl_put64(octets, n);
	return put_option(p, code, octets, sizeof octets);
}

/* The upper half comes first. */
static void put_time(uint8_t *p, int64_t time_ns)
{
	cl_put32(p, (uint32_t)((uint64_t)time_ns >> 32));
	cl_put32(p + 4, (uint32_t)(uint64_t)time_ns);
}

/* Ends the options, and the block of `n` octets until here. */
static size_t close_block(uint8_t *p, uint32_t type, size_t n, bool options)
{
	if (options) {
		memset(p + n, 0, 4);
		n += 4;
	}
	n += 4;
	cl_put32(p, type);
	cl_put32(p + 4, (uint32_t)n);
	cl_put32(p + n - 4, (uint32_t)n);
	return n;
}

size_t cl_save_section(uint8_t *p)
{
	size_t n = 24;

	cl_put32(p + 8, 0x1a2b3c4du);
	put16(p + 12, 1);
	put16(p + 14, 0);
	cl_put64(p + 16, UINT64_MAX); /* length: not known */
	n += put_text(p + n, 4, "clientele");
	return close_block(p, SECTION, n, true);
}

size_t cl_save_interface(uint8_t *p, uint16_t linktype, uint32_t snaplen, const char *name,
			 const char *filter)
{
	static const uint8_t nanoseconds = 9;
	size_t n = 16;

	put16(p + 8, linktype);
	put16(p + 10, 0);
	cl_put32(p + 12, snaplen);
	n += put_text(p + n, 2, name);
	n += put_option(p + n, 9, &nanoseconds, 1);
	if (filter != NULL && filter[0] != '\0') {
		char text[CL_SAVE_TEXT + 1] = { 0 }; /* an expression of libpcap's */

		strncpy(text + 1, filter, sizeof text - 2);
		n += put_option(p + n, 11, text, 1 + strlen(text + 1));
	}
	return close_block(p, INTERFACE, n, true);
}

/* Every packet passes here. */
size_t cl_save_packet(uint8_t *p, uint32_t id, const struct cl_frame *f)
{
	const size_t room = padded(f->cap_len);

	cl_put32(p + 8, id);
	put_time(p + 12, f->time_ns);
	cl_put32(p + 20, f->cap_len);
	cl_put32(p + 24, f->wire_len);
	if (room > f->cap_len)
		memset(p + 28 + room - 4, 0, 4);
	memcpy(p + 28, f->data, f->cap_len);
	return close_block(p, PACKET, 28 + room, false);
}

size_t cl_save_statistics(uint8_t *p, uint32_t id, const struct cl_save_statistics *st)
{
	uint8_t time[8];
	size_t n = 20;

	cl_put32(p + 8, id);
	put_time(p + 12, st->last_ns);
	put_time(time, st->first_ns);
	n += put_option(p + n, 2, time, sizeof time);
	put_time(time, st->last_ns);
	n += put_option(p + n, 3, time, sizeof time);
	n += put_count(p + n, 4, st->received);
	n += put_count(p + n, 5, st->dropped_interface);
	n += put_count(p + n, 7, st->dropped_kernel);
	n += put_count(p + n, 8, st->delivered);
	return close_block(p, STATISTICS, n, true);
}

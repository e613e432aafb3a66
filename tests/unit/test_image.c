/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/test_image.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SLOTS 16

static char paths[SLOTS][64];

void put8(struct image *m, unsigned v)
{
	assert(m->n < sizeof(m->data));
	m->data[m->n++] = (uint8_t)v;
}

static void put_number(struct image *m, uint64_t v, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		put8(m, (unsigned)(v >> (8 * (m->big ? octets - 1 - i : i))) & 0xffu);
}

void put16(struct image *m, unsigned v)
{
	put_number(m, v, 2);
}

void put32(struct image *m, uint32_t v)
{
	put_number(m, v, 4);
}

void put64(struct image *m, uint64_t v)
{
	put_number(m, v, 8);
}

void put_fill(struct image *m, unsigned octet, size_t n)
{
	while (n-- > 0)
		put8(m, octet);
}

void pcap_file(struct image *m, bool big, uint32_t magic, uint32_t linktype)
{
	m->n = 0;
	m->big = big;
	put32(m, magic);
	put16(m, 2); /* version 2.4 */
	put16(m, 4);
	put32(m, 0);
	put32(m, 0);
	put32(m, 262144); /* snap length */
	put32(m, linktype);
}

void pcap_record(struct image *m, uint32_t s, uint32_t fraction, uint32_t cap, uint32_t wire, unsigned fill)
{
	put32(m, s);
	put32(m, fraction);
	put32(m, cap);
	put32(m, wire);
	put_fill(m, fill, cap);
}

void ng_begin(struct image *m, uint32_t type)
{
	m->block = m->n;
	put32(m, type);
	put32(m, 0);
}

void ng_end(struct image *m)
{
	size_t end = m->n;
	uint32_t len = (uint32_t)(end - m->block + 4);

	m->n = m->block + 4;
	put32(m, len);
	m->n = end;
	put32(m, len);
}

void ng_option(struct image *m, unsigned code, const void *value, unsigned len)
{
	const uint8_t *p = value;

	put16(m, code);
	put16(m, len);
	for (unsigned i = 0; i < len; i++)
		put8(m, p[i]);
	put_fill(m, 0, (4 - len % 4) % 4);
}

void ng_section(struct image *m, bool big)
{
	m->big = big;
	ng_begin(m, 0x0a0d0d0a);
	put32(m, 0x1a2b3c4d);
	put16(m, 1); /* version 1.0 */
	put16(m, 0);
	put64(m, UINT64_MAX); /* length not known */
	ng_end(m);
}

void ng_interface(struct image *m, unsigned linktype, uint32_t snaplen, unsigned tsresol, int64_t tsoffset)
{
	uint8_t resol = (uint8_t)tsresol;

	ng_begin(m, 1);
	put16(m, linktype);
	put16(m, 0);
	put32(m, snaplen);
	ng_option(m, 2, "eth0", 4); /* if_name */
	if (tsresol != 255)
		ng_option(m, 9, &resol, 1);
	if (tsoffset != 0) {
		put16(m, 14);
		put16(m, 8);
		put64(m, (uint64_t)tsoffset);
	}
	ng_option(m, 0, NULL, 0);
	ng_end(m);
}

void ng_packet(struct image *m, uint32_t interface, uint64_t stamp, uint32_t cap, uint32_t wire,
	       unsigned fill)
{
	ng_begin(m, 6);
	put32(m, interface);
	put32(m, (uint32_t)(stamp >> 32));
	put32(m, (uint32_t)stamp);
	put32(m, cap);
	put32(m, wire);
	put_fill(m, fill, cap);
	put_fill(m, 0, (4 - cap % 4) % 4);
	ng_end(m);
}

void gzip_from(struct image *m, size_t from)
{
	static uint8_t out[1 << 20];
	z_stream z = { .next_in = m->data + from, .avail_in = (uInt)(m->n - from), .next_out = out };
	int rc;

	z.avail_out = sizeof(out);
	rc = deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	rc = deflate(&z, Z_FINISH);
	assert(rc == Z_STREAM_END);
	(void)rc;
	memcpy(m->data + from, out, z.total_out);
	m->n = from + z.total_out;
	deflateEnd(&z);
}

const char *image_file(const struct image *m, unsigned slot)
{
	ssize_t n;
	int fd;

	if (paths[slot][0] != '\0')
		unlink(paths[slot]);
	snprintf(paths[slot], sizeof(paths[slot]), "test_image.XXXXXX");
	fd = mkstemp(paths[slot]);
	assert(fd >= 0);
	n = write(fd, m->data, m->n);
	assert(n == (ssize_t)m->n);
	(void)n;
	close(fd);
	return paths[slot];
}

void remove_files(void)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (paths[i][0] != '\0')
			unlink(paths[i]);
}

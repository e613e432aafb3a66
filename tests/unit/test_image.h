/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_TEST_IMAGE_H
#define CL_TESTS_UNIT_TEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A capture file written octet by octet from the specifications, with nothing of the code under test. */
struct image {
	uint8_t data[1 << 20];
	size_t n;
	bool big;     /* byte order of the numbers */
	size_t block; /* where the pcapng block begun last starts */
};

void put8(struct image *m, unsigned v);
void put16(struct image *m, unsigned v);
void put32(struct image *m, uint32_t v);
void put64(struct image *m, uint64_t v);
void put_fill(struct image *m, unsigned octet, size_t n);

/* Starts anew. */
void pcap_file(struct image *m, bool big, uint32_t magic, uint32_t linktype);

/* A record whose octets are `cap` times `fill`. */
void pcap_record(struct image *m, uint32_t s, uint32_t fraction, uint32_t cap, uint32_t wire, unsigned fill);

/* A block: its type and a length that ng_end puts right, with the trailing length. */
void ng_begin(struct image *m, uint32_t type);
void ng_end(struct image *m);
void ng_option(struct image *m, unsigned code, const void *value, unsigned len);
void ng_section(struct image *m, bool big);

/* An interface; tsresol 255 and tsoffset 0: without the option. */
void ng_interface(struct image *m, unsigned linktype, uint32_t snaplen, unsigned tsresol, int64_t tsoffset);
void ng_packet(struct image *m, uint32_t interface, uint64_t stamp, uint32_t cap, uint32_t wire,
	       unsigned fill);

/* Compresses the octets from `from` on as a gzip member in their place. */
void gzip_from(struct image *m, size_t from);

/* Writes it to a new file; the path is kept until the next call with the same slot (0 to 15). */
const char *image_file(const struct image *m, unsigned slot);
void remove_files(void);

#endif

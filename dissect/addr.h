/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ADDR_H
#define CL_DISSECT_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any address as text, its NUL included. */
#define CL_ADDR_STRLEN 46

/* An address in network byte order; IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2). */
struct cl_addr {
	uint8_t b[16];
};

/* A block of addresses; the bits past `len` are 0. `len` counts in the block's own family: 0 to 32 or 128. */
struct cl_prefix {
	struct cl_addr addr;
	uint8_t len;
};

/* The four octets of an IPv4 address as an address. */
struct cl_addr cl_addr_from_v4(const uint8_t octets[4]);

bool cl_addr_is_v4(const struct cl_addr *a);

/* Less than, equal to or greater than 0: IPv4 before IPv6, then by octets. */
int cl_addr_cmp(const struct cl_addr *a, const struct cl_addr *b);

/* Writes the text of RFC 5952 (IPv4: dotted quad) and its NUL; returns the length without it. */
size_t cl_addr_format(const struct cl_addr *a, char out[CL_ADDR_STRLEN]);

/* Reads a whole string as an address; no zone, no short IPv4 forms. `out` is untouched on failure. */
bool cl_addr_parse(const char *text, struct cl_addr *out);

/**
 * Reads a whole string as ADDR/LEN, or ADDR alone for a block of one. Bits past the length are cleared.
 * A block within ::ffff:0:0/96 is IPv4; one that spans it and more is refused. `out` is untouched on failure.
 */
bool cl_prefix_parse(const char *text, struct cl_prefix *out);

/* The block of `len` bits (at most 32 or 128, by family) that `a` lies in. */
struct cl_prefix cl_prefix_of(const struct cl_addr *a, uint8_t len);

#endif

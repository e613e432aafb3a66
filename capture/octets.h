/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_OCTETS_H
#define CL_CAPTURE_OCTETS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Numbers of a capture's headers, which are in the order of the host that wrote it: `swap` if not ours. */

static inline uint16_t cl_get16(const uint8_t *p, bool swap)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap16(v) : v;
}

static inline uint32_t cl_get32(const uint8_t *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap32(v) : v;
}

static inline uint64_t cl_get64(const uint8_t *p, bool swap)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap64(v) : v;
}

/* Numbers that we write into a block are little-endian: to be read with this for `swap`. */
#define CL_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static inline void cl_put32(uint8_t *p, uint32_t v)
{
	v = CL_BIG_ENDIAN ? __builtin_bswap32(v) : v;
	memcpy(p, &v, sizeof(v));
}

static inline void cl_put64(uint8_t *p, uint64_t v)
{
	v = CL_BIG_ENDIAN ? __builtin_bswap64(v) : v;
	memcpy(p, &v, sizeof(v));
}

#endif

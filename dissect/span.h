/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_SPAN_H
#define CL_DISSECT_SPAN_H

#include <stdint.h>
#include <string.h>

/* Octets borrowed from a packet. */
struct cl_span {
	const uint8_t *ptr;
	uint32_t len;
};

/* The octets from `at` on as a number, the first one lowest: eight, or as many as there are; 0 for the rest.
 */
static inline uint64_t cl_span_word(struct cl_span s, uint32_t at)
{
	const uint32_t n = at < s.len ? s.len - at : 0, whole = sizeof(uint64_t);
	uint64_t v = 0;

	if (s.len < whole) {
		for (uint32_t i = 0; i < n; i++)
			v |= (uint64_t)s.ptr[at + i] << 8 * i;
		return v;
	}
	if (n == 0)
		return 0;
	memcpy(&v, s.ptr + (n >= whole ? at : s.len - whole), sizeof v); /* the last ones with some before */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return n >= whole ? v : v >> (64 - 8 * n);
}

#endif

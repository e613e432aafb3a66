/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SLOTLINE_H
#define CL_STATS_SLOTLINE_H

#include <stdint.h>

/*
 * Hash tables of slots of 8 octets, of which 0 is an empty one. Who looks for a tag begins at its home and
 * goes round the line of eight slots that this lies in, and on to the next line only if all are taken: a line
 * costs a wait for memory, its slots do not. An empty slot ends a search. `mask` is a table's slots less 1;
 * they are a power of two, and eight or more.
 */
#define CL_LINE_SLOTS 8u

static inline uint32_t cl_line_home(uint32_t tag, uint32_t mask)
{
	return tag & mask;
}

/* Where to look after `at`. */
static inline uint32_t cl_line_next(uint32_t at, uint32_t tag, uint32_t mask)
{
	const uint32_t within = CL_LINE_SLOTS - 1;
	uint32_t next = (at & ~within) | ((at + 1) & within);

	return ((next ^ tag) & within) != 0 ? next : (next + CL_LINE_SLOTS) & mask;
}

/* The first empty slot for a tag; there is one. */
static inline uint32_t cl_line_room(const uint64_t *slot, uint32_t tag, uint32_t mask)
{
	uint32_t at = cl_line_home(tag, mask);

	while (slot[at] != 0)
		at = cl_line_next(at, tag, mask);
	return at;
}

#endif

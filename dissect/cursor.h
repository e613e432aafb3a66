/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_CURSOR_H
#define CL_DISSECT_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dissect/err.h"
#include "dissect/span.h"

/**
 * The only reader of packet octets. Fetch and check are one act; the first error sticks and later reads
 * give 0. Reading past `len` (announced by the enclosing header) is CL_EMALF; past what the capture kept,
 * CL_ETRUNC. Invariant: pos <= end <= len; end is what
 * was kept of what was announced, and pos after an error, so that one comparison checks both.
 */
struct cl_cur {
	const uint8_t *base; /* borrowed */
	uint32_t pos, end, len;
	enum cl_err err;
};

/* A cursor over `kept` octets of something `len` octets long. */
static inline struct cl_cur cl_cur_make(const uint8_t *base, uint32_t kept, uint32_t len)
{
	return (struct cl_cur){ base, 0, kept < len ? kept : len, len, CL_OK };
}

/* Records the first error: malformed if `n` more octets were never announced, else truncated. */
void cl_cur_fail(struct cl_cur *c, uint32_t n);

static inline bool cl_cur_has(struct cl_cur *c, uint32_t n)
{
	if (__builtin_expect(n <= c->end - c->pos, 1))
		return true;
	cl_cur_fail(c, n);
	return false;
}

static inline uint8_t cl_cur_u8(struct cl_cur *c)
{
	if (!cl_cur_has(c, 1))
		return 0;
	return c->base[c->pos++];
}

static inline uint16_t cl_cur_u16(struct cl_cur *c)
{
	uint8_t p[2];

	if (!cl_cur_has(c, sizeof p))
		return 0;
	memcpy(p, c->base + c->pos, sizeof p);
	c->pos += 2;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cl_cur_u32(struct cl_cur *c)
{
	uint8_t p[4];

	if (!cl_cur_has(c, sizeof p))
		return 0;
	memcpy(p, c->base + c->pos, sizeof p);
	c->pos += 4;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t cl_cur_u64(struct cl_cur *c)
{
	uint8_t p[8];

	if (!cl_cur_has(c, sizeof p))
		return 0;
	memcpy(p, c->base + c->pos, sizeof p);
	c->pos += 8;
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* The next octet without taking it. */
static inline uint8_t cl_cur_peek(struct cl_cur *c)
{
	if (!cl_cur_has(c, 1))
		return 0;
	return c->base[c->pos];
}

static inline void cl_cur_skip(struct cl_cur *c, uint32_t n)
{
	if (cl_cur_has(c, n))
		c->pos += n;
}

/* Borrows the next n octets; {NULL, 0} if they are not there. */
static inline struct cl_span cl_cur_take(struct cl_cur *c, uint32_t n)
{
	if (!cl_cur_has(c, n))
		return (struct cl_span){ NULL, 0 };
	struct cl_span s = { c->base + c->pos, n };
	c->pos += n;
	return s;
}

/* Copies the next n octets; leaves `out` alone if they are not there. */
static inline bool cl_cur_copy(struct cl_cur *c, void *out, uint32_t n)
{
	if (!cl_cur_has(c, n))
		return false;
	memcpy(out, c->base + c->pos, n);
	c->pos += n;
	return true;
}

/* Octets announced and not yet read, whether kept or not; 0 after an error. */
static inline uint32_t cl_cur_left(const struct cl_cur *c)
{
	return c->err == CL_OK ? c->len - c->pos : 0;
}

/* Octets kept and not yet read. */
static inline uint32_t cl_cur_kept(const struct cl_cur *c)
{
	return c->end - c->pos;
}

/**
 * Narrows the cursor so that n octets are announced from here on: an inner header can shorten what is left
 * and never lengthen it. n beyond what is left is CL_EMALF.
 */
static inline void cl_cur_narrow(struct cl_cur *c, uint32_t n)
{
	if (c->err != CL_OK)
		return;
	if (n > c->len - c->pos) {
		cl_cur_fail(c, n);
		return;
	}
	c->len = c->pos + n;
	if (c->end > c->len)
		c->end = c->len;
}

/**
 * A child over the next n octets, which the parent skips. n beyond what is left is CL_EMALF in both; if the
 * capture cut the child, the parent is CL_ETRUNC from here on and the child reads what was kept.
 */
struct cl_cur cl_cur_sub(struct cl_cur *c, uint32_t n);

#endif

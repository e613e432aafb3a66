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

/* Records the first error: malformed if `n` more octets were never announced, else truncated. In line, so
 * that a cursor that nobody points to can stay in registers. */
static inline void cl_cur_fail(struct cl_cur *c, uint32_t n)
{
	if (c->err != CL_OK)
		return;
	c->err = n > c->len - c->pos ? CL_EMALF : CL_ETRUNC;
	c->end = c->pos;
}

static inline bool cl_cur_has(struct cl_cur *c, uint32_t n)
{
	if (__builtin_expect(n <= c->end - c->pos, 1))
		return true;
	cl_cur_fail(c, n);
	return false;
}

/* Numbers in network byte order. */
static inline uint16_t cl_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t cl_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t cl_be64(const uint8_t *at)
{
	return (uint64_t)cl_be32(at) << 32 | cl_be32(at + 4);
}

static inline uint8_t cl_cur_u8(struct cl_cur *c)
{
	if (!cl_cur_has(c, 1))
		return 0;
	return c->base[c->pos++];
}

/* Skips n octets and takes the one behind them, as one field of n + 1. */
static inline uint8_t cl_cur_u8_behind(struct cl_cur *c, uint32_t n)
{
	if (__builtin_expect(n >= c->end - c->pos, 0)) {
		cl_cur_fail(c, n + 1);
		return 0;
	}
	c->pos += n + 1;
	return c->base[c->pos - 1];
}

static inline uint16_t cl_cur_u16(struct cl_cur *c)
{
	if (!cl_cur_has(c, 2))
		return 0;
	c->pos += 2;
	return cl_be16(c->base + c->pos - 2);
}

static inline uint32_t cl_cur_u32(struct cl_cur *c)
{
	if (!cl_cur_has(c, 4))
		return 0;
	c->pos += 4;
	return cl_be32(c->base + c->pos - 4);
}

static inline uint64_t cl_cur_u64(struct cl_cur *c)
{
	if (!cl_cur_has(c, 8))
		return 0;
	c->pos += 8;
	return cl_be64(c->base + c->pos - 8);
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

/* The octets of a header of a fixed size, see cl_cur_head. The type knows the size: a field that is read
 * beyond it does not compile. */
#define CL_HEAD(n)                                                                                           \
	const struct {                                                                                       \
		uint8_t octet[n];                                                                            \
	}
#define CL_HEAD_AT(head, at, width)                                                                          \
	((head)->octet + (at) * sizeof(char[(at) + (width) <= sizeof *(head) ? 1 : -1]))
#define CL_HEAD_U8(head, at)	    (*CL_HEAD_AT(head, at, 1))
#define CL_HEAD_U16(head, at)	    cl_be16(CL_HEAD_AT(head, at, 2))
#define CL_HEAD_U32(head, at)	    cl_be32(CL_HEAD_AT(head, at, 4))
#define CL_HEAD_U64(head, at)	    cl_be64(CL_HEAD_AT(head, at, 8))
#define CL_HEAD_COPY(head, at, out) memcpy(out, CL_HEAD_AT(head, at, sizeof(out)), sizeof(out))

/* The rare end of cl_cur_head: the cursor with the error of the first field that does not fit. */
struct cl_cur cl_cur_head_failed(struct cl_cur c, const char *widths);

/**
 * Takes a header of n octets by one check for all of it; NULL if not all are there. `widths`, a string, has
 * the octets of each of its fields in order, n in all: as if each were read for itself, the first one that
 * does not fit says whether the header is cut or malformed.
 *
 *      CL_HEAD(8) *h = cl_cur_head(c, sizeof *h, "\4\4");
 */
static inline const void *cl_cur_head(struct cl_cur *c, uint32_t n, const char *widths)
{
	if (__builtin_expect(n > c->end - c->pos, 0)) {
		*c = cl_cur_head_failed(*c, widths);
		return NULL;
	}
	const void *head = c->base + c->pos;
	if (head == NULL || c->err != CL_OK) /* never, with one octet or more; the compiler does not know */
		__builtin_unreachable();
	c->pos += n;
	return head;
}

/**
 * The n octets that come next, 8 to 32 that were kept, as four numbers, the first octet of each lowest: the
 * first eight and the eight behind them, and the last sixteen. Of fewer than 32 they overlap. No jump depends
 * on n.
 */
struct cl_cur_words {
	uint64_t word[4];
};

static inline uint64_t cl_le64(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline struct cl_cur_words cl_cur_words(const struct cl_cur *c, uint32_t n)
{
	const uint8_t *first = c->base + c->pos, *last = first + n - 8;
	uint32_t within = n < 16 ? n - 8 : 8; /* from the ends */

	return (struct cl_cur_words){ { cl_le64(first), cl_le64(first + within), cl_le64(last - within),
					cl_le64(last) } };
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
static inline struct cl_cur cl_cur_sub(struct cl_cur *c, uint32_t n)
{
	struct cl_cur child = { c->base + c->pos, 0, 0, 0, c->err };

	if (c->err == CL_OK && n > c->len - c->pos) {
		cl_cur_fail(c, n);
		child.err = c->err;
	}
	if (c->err != CL_OK)
		return child;
	uint32_t kept = c->end - c->pos;
	child.len = n;
	child.end = kept < n ? kept : n;
	if (kept < n)
		c->err = CL_ETRUNC; /* the parent has nothing left to read */
	c->pos += child.end;
	if (c->err != CL_OK)
		c->end = c->pos;
	return child;
}

#endif

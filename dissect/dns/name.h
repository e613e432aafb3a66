/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_NAME_H
#define CL_DISSECT_DNS_NAME_H

#include "dissect/cursor.h"
#include "dissect/hash.h"
#include "dissect/inline.h"

#define CL_DNS_NAME_MAX	 255u /* octets of a name on the wire, expanded (RFC 1035 sec. 3.1) */
#define CL_DNS_LABEL_MAX 63u
#define CL_DNS_POINTER	 0xc0u

/* A name in wire form, ASCII letters folded to lower case (RFC 4343) unless said otherwise. */
struct cl_dns_name {
	uint8_t len; /* 1 (the root) to 255 */
	uint8_t wire[CL_DNS_NAME_MAX];
};

/**
 * Reads a name, following compression pointers (RFC 1035 sec. 4.1.4) that each land before every earlier one.
 * `c` runs from the start of the message, so that pointers count from its base, and ends behind the name.
 * False: the cursor's error says why; `out` is then undefined.
 */
bool cl_dns_name_read(struct cl_cur *c, struct cl_dns_name *out);

/* The same with its letters as they were sent. */
bool cl_dns_name_as_sent(struct cl_cur *c, struct cl_dns_name *out);

/* Not 0 if one of eight octets is from 40 to 5f, where ASCII's capital letters are. */
static inline uint64_t cl_dns_capitals(uint64_t octets)
{
	return octets & ~(octets << 1) & 0x4040404040404040u;
}

/* Eight octets with their ASCII letters in lower case, all at once. Lengths of labels are no letters. */
static inline uint64_t cl_dns_fold(uint64_t octets)
{
	const uint64_t each = 0x0101010101010101u;

	if (__builtin_expect(cl_dns_capitals(octets) == 0, 1))
		return octets;
	uint64_t low = octets & 0x7f * each;
	uint64_t from_a = low + (0x80 - 'A') * each, past_z = low + (0x7f - 'Z') * each; /* in the top bits */
	return octets | ((from_a & ~past_z & ~octets & 0x80 * each) >> 2);
}

/* A round of a name's hash, over sixteen octets. Octets of a peer's choice meet the seed
 * before they meet anything known, so they cannot be made to collide. */
static inline uint64_t cl_dns_name_round(uint64_t h, uint64_t first, uint64_t second, uint64_t seed)
{
	return cl_mix(first ^ seed, second ^ h);
}

/* What a hash begins with: names of different lengths may be the same words. */
static inline uint64_t cl_dns_name_begin(uint32_t octets, uint64_t seed)
{
	return (seed << 32 | seed >> 32) + octets;
}

/* Hash of a name's wire form, whatever the case of its letters: sixteen octets a round, the last sixteen in
 * the last, and two rounds at least. Of fewer octets a round has some twice. */
uint64_t cl_dns_name_mix(struct cl_span wire, uint64_t seed);

/* The same of a name of 8 to 32 octets at the cursor. */
static inline uint64_t cl_dns_name_mix_short(const struct cl_cur *c, uint32_t octets, uint64_t seed)
{
	struct cl_cur_words name = cl_cur_words(c, octets);
	uint64_t *w = name.word;

	if (__builtin_expect((cl_dns_capitals(w[0]) | cl_dns_capitals(w[1]) | cl_dns_capitals(w[2]) |
			      cl_dns_capitals(w[3])) != 0,
			     0))
		for (unsigned i = 0; i < 4; i++)
			w[i] = cl_dns_fold(w[i]);
	uint64_t h = cl_dns_name_round(cl_dns_name_begin(octets, seed), w[0], w[1], seed);
	return cl_dns_name_round(h, w[2], w[3], seed);
}

/* The hash of the name at the cursor where it is long, short, compressed, or cannot be read: see
 * cl_dns_name_hash. `plain` octets long, if that is not 0. */
struct cl_cur cl_dns_name_hash_other(struct cl_cur c, uint32_t plain, uint64_t seed, uint64_t *hash);

/**
 * Reads a name as cl_dns_name_read does, for its hash alone. In line, so that the cursor stays in registers.
 */
CL_IN_LINE bool cl_dns_name_hash(struct cl_cur *c, uint64_t seed, uint64_t *hash)
{
	struct cl_cur at = cl_cur_make(c->base + c->pos, cl_cur_kept(c), CL_DNS_NAME_MAX);
	uint8_t length = cl_cur_u8(&at);

	while (length - 1u < CL_DNS_LABEL_MAX) /* takes 2 octets or more a turn */
		length = cl_cur_u8_behind(&at, length);
	uint32_t octets = at.pos;
	if (__builtin_expect(length != 0 || at.err != CL_OK, 0))
		octets = 0;
	if (__builtin_expect(octets - 8 <= 32 - 8, 1)) {
		*hash = cl_dns_name_mix_short(c, octets, seed);
		c->pos += octets;
		return true;
	}
	uint64_t other = 0;
	*c = cl_dns_name_hash_other(*c, octets, seed, &other);
	*hash = other;
	return c->err == CL_OK;
}

/* Moves past a name without expanding it. The cursor's error says if it could not. */
static inline void cl_dns_name_skip(struct cl_cur *c)
{
	for (uint32_t octets = 0; octets < CL_DNS_NAME_MAX;) {
		uint8_t length = cl_cur_u8(c);

		if (length == 0)
			return; /* the root, or an error */
		if (length > CL_DNS_LABEL_MAX) {
			if ((length & CL_DNS_POINTER) != CL_DNS_POINTER)
				cl_cur_fail(c, UINT32_MAX);
			cl_cur_skip(c, 1);
			return;
		}
		cl_cur_skip(c, length);
		octets += length + 1u;
	}
	cl_cur_fail(c, UINT32_MAX);
}

#endif

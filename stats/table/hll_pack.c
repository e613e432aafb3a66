/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our own stored form. The first octet says what follows, in bits, most significant first:
 *
 * 0 to 31: a list of the fine registers, as in memory. Of each that is set the distance from the one before
 * in Golomb-Rice code with so many bits of remainder; then, unless its number is beyond those of all
 * registers, its value less 1 in unary. Ones fill the last octet, which are no whole element.
 *
 * 32 to 63: the same of all registers, with 32 less bits of remainder.
 *
 * 64 and more: all registers, each by how far its value is above the octet's less 66, in a prefix code.
 */
#include <assert.h>

#include "stats/table/hll.h"

#define VALUE_BITS 5u
#define VALUE_MAX  31u
#define COARSE	   32u
#define ALL	   64u
#define BELOW	   2 /* the first value of a code lies so far below 0 at most: there zeros have short codes */

/* Bits, most significant first ------------------------------------------------- */

struct bits {
	uint8_t *out;
	const uint8_t *in;
	size_t n;      /* octets that are written; octets to read */
	uint64_t held; /* bits on their way out, or in */
	unsigned count;
	size_t at; /* bits read */
};

/* Writes n <= 32 bits. */
static void put(struct bits *b, uint32_t v, unsigned n)
{
	b->held = b->held << n | v;
	for (b->count += n; b->count >= 8; b->count -= 8)
		b->out[b->n++] = (uint8_t)(b->held >> (b->count - 8));
}

/* Ones and a zero behind them. */
static void put_unary(struct bits *b, uint32_t ones)
{
	for (; ones >= 16; ones -= 16)
		put(b, 0xffff, 16);
	put(b, (1u << (ones + 1)) - 2, ones + 1);
}

static void fill(struct bits *b)
{
	if (b->count > 0)
		put(b, (1u << (8 - b->count)) - 1, 8 - b->count);
}

/* Whether there are n <= 16 more bits: then they are in *v. */
static bool take(struct bits *b, unsigned n, uint32_t *v)
{
	if (b->at + n > b->n * 8)
		return false;
	for (*v = 0; n > 0; n--, b->at++)
		*v = *v << 1 | (b->in[b->at / 8] >> (7 - b->at % 8) & 1u);
	return true;
}

/* Counts ones up to a zero. */
static bool take_unary(struct bits *b, uint32_t most, uint32_t *ones)
{
	uint32_t bit;

	for (*ones = 0; take(b, 1, &bit); (*ones)++)
		if (bit == 0 || *ones == most)
			return bit == 0;
	return false;
}

/* A list ----------------------------------------------------------------------- */

/* Bits of remainder that suit so many of so many registers: the logarithm of the mean distance, times ln 2.
 */
static unsigned remainder_of(uint32_t set, uint32_t registers)
{
	unsigned k = 0;

	while (((uint64_t)set << (k + 1)) * 3 <= (uint64_t)registers * 2 && (1u << k) < registers)
		k++;
	return k;
}

/* Registers of a list as in memory, of which those below `valued` have values. */
struct listed {
	const uint32_t *at;
	uint32_t n, valued;
};

static size_t bits_listed(const struct listed *l, unsigned k)
{
	size_t bits = 0;

	for (uint32_t i = 0, next = 0; i < l->n; i++) {
		uint32_t reg = l->at[i] >> VALUE_BITS;

		bits += ((reg - next) >> k) + 1 + k + (reg < l->valued ? l->at[i] & VALUE_MAX : 0);
		next = reg + 1;
	}
	return bits;
}

static void put_list(struct bits *b, const struct listed *l, unsigned k)
{
	for (uint32_t i = 0, next = 0; i < l->n; i++) {
		uint32_t reg = l->at[i] >> VALUE_BITS;

		put_unary(b, (reg - next) >> k);
		put(b, (reg - next) & ((1u << k) - 1), k);
		if (reg < l->valued)
			put_unary(b, (l->at[i] & VALUE_MAX) - 1u);
		next = reg + 1;
	}
}

/* Whether all that is left are ones of an octet. */
static bool is_filling(const struct bits *b, size_t from)
{
	size_t left = b->n * 8 - from, ones = ((size_t)1 << (left & 7)) - 1;

	return left < 8 && (b->in[b->n - 1] & ones) == ones;
}

typedef bool set_fn(struct cl_hll *h, uint32_t reg, uint32_t value);

static bool take_list(struct cl_hll *h, struct bits *b, unsigned k, uint32_t registers, set_fn *set)
{
	uint32_t next = 0;

	if (1u << k > registers)
		return false;
	for (;;) {
		size_t from = b->at;
		uint32_t far, rest, value = 0;

		if (!take_unary(b, registers >> k, &far) || !take(b, k, &rest))
			return is_filling(b, from);
		next += (far << k) + rest;
		if (next < cl_hll_registers(h) && !take_unary(b, VALUE_MAX - 1, &value))
			return is_filling(b, from);
		if (next >= registers || !set(h, next++, value + 1))
			return false;
	}
}

/* All registers ---------------------------------------------------------------- */

/* Codes of what lies 0, 1, ... above the base; about as long as a value is rare where the base is two below
 * the commonest. The last one stands before a value of 5 bits. */
static const struct code {
	uint8_t code, bits;
} codes[] = { { 0x3c, 6 }, { 0x5, 3 }, { 0x0, 2 },  { 0x1, 2 },	 { 0x4, 3 },
	      { 0x6, 3 },  { 0xe, 4 }, { 0x3d, 6 }, { 0x3e, 6 }, { 0x3f, 6 } };
#define OTHER 9

static const struct code *code_of(int value, int base)
{
	int d = value - base;

	return &codes[d >= 0 && d < OTHER ? d : OTHER];
}

static size_t bits_all(const uint32_t count[VALUE_MAX + 1], int base)
{
	size_t bits = 0;

	for (unsigned v = 0; v <= VALUE_MAX; v++) {
		const struct code *c = code_of((int)v, base);

		bits += (size_t)count[v] * (c->bits + (c == &codes[OTHER] ? VALUE_BITS : 0));
	}
	return bits;
}

/* The base with which they are shortest. */
static int best_base(const uint32_t count[VALUE_MAX + 1])
{
	int best = -BELOW;

	for (int base = 1 - BELOW; base < (int)VALUE_MAX; base++)
		if (bits_all(count, base) < bits_all(count, best))
			best = base;
	return best;
}

static void put_all(struct bits *b, const uint8_t *value, uint32_t registers, int base)
{
	for (uint32_t i = 0; i < registers; i++) {
		const struct code *c = code_of(value[i], base);

		put(b, c->code, c->bits);
		if (c == &codes[OTHER])
			put(b, value[i], VALUE_BITS);
	}
}

/* By the next six bits: the code that they begin with. */
static void fill_table(uint8_t table[64])
{
	for (uint8_t d = 0; d <= OTHER; d++)
		for (unsigned rest = 0; rest < 1u << (6 - codes[d].bits); rest++)
			table[(unsigned)codes[d].code << (6 - codes[d].bits) | rest] = d;
}

/* The next six bits; zeros behind the end. */
static unsigned peek(const struct bits *b)
{
	size_t i = b->at / 8;
	unsigned two = (i < b->n ? b->in[i] * 256u : 0) | (i + 1 < b->n ? b->in[i + 1] : 0);

	return two >> (10 - b->at % 8) & 63;
}

static bool take_code(struct bits *b, const uint8_t table[64], int *d)
{
	*d = table[peek(b)];
	b->at += codes[*d].bits;
	return b->at <= b->n * 8;
}

static bool take_all(struct cl_hll *h, struct bits *b, int base)
{
	uint8_t table[64];

	fill_table(table);
	for (uint32_t i = 0; i < cl_hll_registers(h); i++) {
		uint32_t other;
		int d;

		if (!take_code(b, table, &d))
			return false;
		int value = base + d;
		if (d == OTHER) {
			if (!take(b, VALUE_BITS, &other))
				return false;
			value = (int)other;
		}
		if (value < 0 || value > (int)VALUE_MAX || (value > 0 && !cl_hll_set(h, i, (uint32_t)value)))
			return false;
	}
	return is_filling(b, b->at);
}

/* Either ----------------------------------------------------------------------- */

static uint32_t fine_registers(const struct cl_hll *h)
{
	return h->fine != 0 ? 1u << h->fine : cl_hll_registers(h);
}

static size_t pack_list(struct bits *b, const struct listed *l, unsigned k, unsigned first)
{
	b->out[0] = (uint8_t)(first + k);
	put_list(b, l, k);
	fill(b);
	return b->n;
}

size_t cl_hll_pack(const struct cl_hll *h, uint8_t *out)
{
	uint32_t set[1u << CL_HLL_PACK_BITS], count[VALUE_MAX + 1] = { 0 }, registers = cl_hll_registers(h);
	struct listed fine = { h->list, h->n, registers }, coarse = { set, 0, registers };
	struct bits b = { .out = out, .n = 1 };

	assert(registers <= 1u << CL_HLL_PACK_BITS);
	if (h->all == NULL)
		return pack_list(&b, &fine, remainder_of(h->n, fine_registers(h)), 0);
	for (uint32_t i = 0; i < registers; i++) {
		count[h->all[i]]++;
		if (h->all[i] != 0)
			set[coarse.n++] = i << VALUE_BITS | h->all[i];
	}
	unsigned k = remainder_of(coarse.n, registers);
	int base = best_base(count);
	if (bits_listed(&coarse, k) <= bits_all(count, base))
		return pack_list(&b, &coarse, k, COARSE);
	out[0] = (uint8_t)((int)ALL + BELOW + base);
	put_all(&b, h->all, registers, base);
	fill(&b);
	return b.n;
}

bool cl_hll_unpack(struct cl_hll *h, const uint8_t *packed, size_t n)
{
	struct bits b = { .in = packed, .n = n, .at = 8 };

	if (n == 0 || packed[0] >= ALL + BELOW + VALUE_MAX)
		return false;
	if (packed[0] >= ALL)
		return take_all(h, &b, (int)(packed[0] - ALL) - BELOW);
	if (packed[0] >= COARSE)
		return take_list(h, &b, packed[0] - COARSE, cl_hll_registers(h), cl_hll_set);
	return take_list(h, &b, packed[0], fine_registers(h), cl_hll_set_listed);
}

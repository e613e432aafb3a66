/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/hll.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/table/sketch.h"

#define VALUE_BITS 5u
#define VALUE_MAX  31u
#define WORD_BITS  19u /* of a register that is listed */

/* Of the stored form (storage specification, version 1): version and type, what it was made with. */
enum { TYPE_EMPTY = 0x11, TYPE_SPARSE = 0x13, TYPE_FULL = 0x14 };
#define WIDTHS 0x8e /* (5 - 1) << 5 | 14 */
#define CUTOFF 0x40 /* sparse, no explicit list */

uint64_t cl_hll_client(const struct cl_addr *client)
{
	struct cl_addr net = *client;

	if (cl_addr_is_v4(client))
		net.b[15] = 0;
	else
		memset(net.b + 6, 0, 10);
	return cl_hash(net.b, sizeof net.b, 0);
}

static unsigned bits_of(const struct cl_hll *h)
{
	return h->bits != 0 ? h->bits : CL_HLL_BITS;
}

/* Of registers that are listed. */
static unsigned fine_of(const struct cl_hll *h)
{
	return h->fine > bits_of(h) ? h->fine : bits_of(h);
}

void cl_hll_free(struct cl_hll *h)
{
	free(h->list);
	free(h->all);
	*h = (struct cl_hll){ .bits = h->bits, .fine = h->fine };
}

void cl_hll_clear(struct cl_hll *h)
{
	free(h->all);
	h->all = NULL;
	h->n = 0;
}

size_t cl_hll_held(const struct cl_hll *h)
{
	return h->all != NULL ? cl_hll_registers(h) : h->room * sizeof *h->list;
}

static void raise(struct cl_hll *h, uint32_t reg, uint32_t value)
{
	if (h->all[reg] < value)
		h->all[reg] = (uint8_t)value;
}

/* Puts one that was listed among all: what its number has more of bits comes before what gave its value. */
static void raise_listed(struct cl_hll *h, uint32_t reg, uint32_t value)
{
	unsigned bits = bits_of(h), more = fine_of(h) - bits;
	uint32_t rest = reg >> bits;

	value = rest != 0 ? (uint32_t)__builtin_ctz(rest) + 1 : more + value;
	raise(h, reg & (cl_hll_registers(h) - 1), value < VALUE_MAX ? value : VALUE_MAX);
}

/* From a list to all registers. */
static bool widen(struct cl_hll *h)
{
	uint32_t *list = h->list;

	h->all = calloc(cl_hll_registers(h), 1);
	if (h->all == NULL)
		return false;
	for (uint32_t i = 0; i < h->n; i++)
		raise_listed(h, list[i] >> VALUE_BITS, list[i] & VALUE_MAX);
	free(list);
	h->list = NULL;
	h->n = h->room = 0;
	return true;
}

/* Where a register is, or would be. */
static uint32_t place_of(const struct cl_hll *h, uint32_t reg)
{
	uint32_t lo = 0, hi = h->n;

	while (lo < hi) {
		uint32_t middle = (lo + hi) / 2;

		if (h->list[middle] >> VALUE_BITS < reg)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static bool list(struct cl_hll *h, uint32_t at, uint32_t entry)
{
	if (h->n == h->room) {
		uint32_t room = h->room == 0 ? 4 : h->room * 2;
		uint32_t *more = realloc(h->list, room * sizeof *more);

		if (more == NULL)
			return false;
		h->list = more;
		h->room = room;
	}
	memmove(h->list + at + 1, h->list + at, (h->n - at) * sizeof *h->list);
	h->list[at] = entry;
	h->n++;
	return true;
}

bool cl_hll_set_listed(struct cl_hll *h, uint32_t reg, uint32_t value)
{
	if (h->all != NULL) {
		raise_listed(h, reg, value);
		return true;
	}
	if (reg >> bits_of(h) != 0)
		value = 1; /* the number says all */
	uint32_t at = place_of(h, reg);
	if (at < h->n && h->list[at] >> VALUE_BITS == reg) {
		if ((h->list[at] & VALUE_MAX) < value)
			h->list[at] = reg << VALUE_BITS | value;
		return true;
	}
	if (h->n == cl_hll_registers(h) / CL_HLL_SPARSE)
		return widen(h) && cl_hll_set_listed(h, reg, value);
	return list(h, at, reg << VALUE_BITS | value);
}

bool cl_hll_set(struct cl_hll *h, uint32_t reg, uint32_t value)
{
	if (h->all == NULL && !widen(h))
		return false;
	raise(h, reg, value);
	return true;
}

/* The value that the bits of a hash beyond the register's number give. */
static uint32_t value_of(uint64_t rest)
{
	uint32_t value = rest == 0 ? VALUE_MAX : (uint32_t)__builtin_ctzll(rest) + 1;

	return value < VALUE_MAX ? value : VALUE_MAX;
}

bool cl_hll_add(struct cl_hll *h, uint64_t hash)
{
	unsigned bits = h->all != NULL ? bits_of(h) : fine_of(h);
	uint32_t reg = (uint32_t)hash & ((1u << bits) - 1), value = value_of(hash >> bits);

	if (h->all == NULL)
		return cl_hll_set_listed(h, reg, value);
	raise(h, reg, value);
	return true;
}

/* Both have all registers. */
static void unite_all(uint8_t *restrict into, const uint8_t *restrict with, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		into[i] = with[i] > into[i] ? with[i] : into[i];
}

bool cl_hll_unite(struct cl_hll *h, const struct cl_hll *with)
{
	if (bits_of(h) != bits_of(with) || fine_of(h) != fine_of(with) ||
	    (with->all != NULL && h->all == NULL && !widen(h)))
		return false;
	if (with->all != NULL && h != with)
		unite_all(h->all, with->all, cl_hll_registers(h));
	bool ok = true;
	for (uint32_t i = 0; ok && i < with->n; i++)
		ok = cl_hll_set_listed(h, with->list[i] >> VALUE_BITS, with->list[i] & VALUE_MAX);
	return ok;
}

uint64_t cl_hll_estimate(const struct cl_hll *h)
{
	uint32_t count[VALUE_MAX + 1] = { 0 },
				   registers = h->all != NULL ? cl_hll_registers(h) : 1u << fine_of(h);

	for (uint32_t i = 0; i < h->n; i++)
		count[h->list[i] & VALUE_MAX]++;
	for (uint32_t i = 0; h->all != NULL && i < registers; i++)
		count[h->all[i]]++;
	if (h->all == NULL)
		count[0] = registers - h->n;
	return cl_sketch_estimate_ranks(count, VALUE_MAX, registers);
}

/* Magnitude's stored form ------------------------------------------------------ */

/* Bits, most significant first. */
struct bits {
	uint8_t *out;
	const uint8_t *in;
	size_t at;
};

static void put_bits(struct bits *b, uint32_t v, unsigned n)
{
	for (unsigned i = n; i-- > 0; b->at++)
		b->out[b->at / 8] |= (uint8_t)((v >> i & 1) << (7 - b->at % 8));
}

static uint32_t take_bits(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < n; i++, b->at++)
		v = v << 1 | (b->in[b->at / 8] >> (7 - b->at % 8) & 1);
	return v;
}

size_t cl_hll_put(const struct cl_hll *h, uint8_t *out)
{
	struct bits b = { .out = out, .at = 24 };
	uint32_t used = h->n;

	for (uint32_t i = 0; h->all != NULL && i < CL_HLL_REGISTERS; i++)
		used += h->all[i] != 0;
	bool full = used * WORD_BITS > CL_HLL_REGISTERS * VALUE_BITS;
	memset(out, 0, CL_HLL_OCTETS);
	out[0] = used == 0 ? TYPE_EMPTY : full ? TYPE_FULL : TYPE_SPARSE;
	out[1] = WIDTHS;
	out[2] = CUTOFF;
	for (uint32_t i = 0; i < h->n; i++)
		put_bits(&b, h->list[i], WORD_BITS);
	for (uint32_t i = 0; h->all != NULL && i < CL_HLL_REGISTERS; i++)
		if (full)
			put_bits(&b, h->all[i], VALUE_BITS);
		else if (h->all[i] != 0)
			put_bits(&b, i << VALUE_BITS | h->all[i], WORD_BITS);
	return (b.at + 7) / 8;
}

bool cl_hll_take(struct cl_hll *h, const uint8_t *stored, size_t n)
{
	struct bits b = { .in = stored, .at = 24 };

	if (n < 3 || stored[1] != WIDTHS || stored[2] != CUTOFF)
		return false;
	if (stored[0] == TYPE_EMPTY)
		return n == 3;
	if (stored[0] == TYPE_FULL) {
		if (n != 3 + CL_HLL_REGISTERS * VALUE_BITS / 8)
			return false;
		for (uint32_t i = 0; i < CL_HLL_REGISTERS; i++) {
			uint32_t value = take_bits(&b, VALUE_BITS);

			if (value != 0 && !cl_hll_set(h, i, value))
				return false;
		}
		return true;
	}
	if (stored[0] != TYPE_SPARSE || n > CL_HLL_OCTETS)
		return false;
	while (b.at + WORD_BITS <= n * 8) {
		uint32_t word = take_bits(&b, WORD_BITS);

		if ((word & VALUE_MAX) != 0 && !cl_hll_set_listed(h, word >> VALUE_BITS, word & VALUE_MAX))
			return false;
	}
	return true;
}

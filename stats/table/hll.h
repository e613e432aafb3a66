/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_HLL_H
#define CL_STATS_HLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "dissect/hash.h"

/**
 * A sketch of clients: HyperLogLog, which keeps of each of its registers the largest value that was seen, 1
 * to
 * 31. Little as long as few registers are set: these are listed. Two that have as many registers unite to
 * what one of both would be, in any order and however often.
 *
 * As DNS Magnitude exchanges it: 2^14 registers, stored in Aggregate Knowledge's format, version 1; a client
 * is its network, /24 or /48. For the windows of several sensors (stats/store/windowunion.h): 2^10 registers,
 * in a form of our own; a client is its address. Hashes have no secret, so that sketches of all who write
 * them unite: who chooses addresses can make a sketch say more or less than there is.
 */
#define CL_HLL_BITS	 14u
#define CL_HLL_REGISTERS (1u << CL_HLL_BITS)
#define CL_HLL_SPARSE	 16u /* one in so many registers is listed at most */
#define CL_HLL_OCTETS	 (3u + CL_HLL_REGISTERS * 19u / 8u + 1u) /* stored, at most: sparse of all */

struct cl_hll {
	uint32_t *list; /* register << 5 | value, rising */
	uint8_t *all;	/* by register; then there is no list */
	uint32_t n, room;
	uint8_t bits; /* of a register's number, at most CL_HLL_BITS; 0: CL_HLL_BITS */
	uint8_t fine; /* of one that is listed, not less; 0: as many */
};

static inline uint32_t cl_hll_registers(const struct cl_hll *h)
{
	return 1u << (h->bits != 0 ? h->bits : CL_HLL_BITS);
}

/* Hash of a client's network: XXH3 of its 16 octets. */
uint64_t cl_hll_client(const struct cl_addr *client);

/* Hash of a client's address, alike. */
static inline uint64_t cl_hll_address(const struct cl_addr *client)
{
	return cl_hash(client->b, sizeof client->b, 0);
}

/* False when memory is short: it is as it was. */
bool cl_hll_add(struct cl_hll *h, uint64_t hash);
uint64_t cl_hll_estimate(const struct cl_hll *h);
void cl_hll_free(struct cl_hll *h);

/* Adds all of another one. False: memory is short, or that has another number of registers. */
bool cl_hll_unite(struct cl_hll *h, const struct cl_hll *with);

/**
 * Sets a register that is listed, or one of all, to a value of 1 to 31, unless it has a larger one. False
 * when memory is short. For stored forms.
 */
bool cl_hll_set_listed(struct cl_hll *h, uint32_t reg, uint32_t value);
bool cl_hll_set(struct cl_hll *h, uint32_t reg, uint32_t value);

/* Empties it. */
void cl_hll_clear(struct cl_hll *h);

static inline bool cl_hll_is_empty(const struct cl_hll *h)
{
	return h->n == 0 && h->all == NULL;
}

/* How many octets it takes in memory; and at most, with so many bits. */
size_t cl_hll_held(const struct cl_hll *h);
#define CL_HLL_HELD_MAX(bits)                                                                                \
	(((size_t)1 << (bits)) + ((size_t)1 << (bits)) / CL_HLL_SPARSE * sizeof(uint32_t))

/* Magnitude's stored form, of CL_HLL_BITS bits; `out` has room for CL_HLL_OCTETS. */
size_t cl_hll_put(const struct cl_hll *h, uint8_t *out);

/* Unites with a stored one. False: it is none, or memory is short. */
bool cl_hll_take(struct cl_hll *h, const uint8_t *stored, size_t n);

/**
 * Our own form (hll_pack.c), of 2^10 registers at most: a list, or all registers with short codes for values
 * that are near each other. The same clients give the same octets. `out` has room for CL_HLL_PACKED.
 */
#define CL_HLL_PACK_BITS 10u
#define CL_HLL_PACKED	 (2u + 11u * (1u << CL_HLL_PACK_BITS) / 8u)
size_t cl_hll_pack(const struct cl_hll *h, uint8_t *out);

/* Unites with a packed one. False: it is none of so many registers (some of it may be in `h` then), or memory
 * is short. */
bool cl_hll_unpack(struct cl_hll *h, const uint8_t *packed, size_t n);

#endif

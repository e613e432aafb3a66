/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_HASH_H
#define CL_DISSECT_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
/* The library's header does not pass our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include <xxhash.h>
#pragma GCC diagnostic pop

#include "dissect/addr.h"

/* XXH3, 64 bits, seeded: what a peer chooses cannot be made to collide. */
static inline uint64_t cl_hash(const void *octets, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(octets, n, seed);
}

/* Mixes two words into one (a 64 by 64 multiplication folded). */
static inline uint64_t cl_mix(uint64_t a, uint64_t b)
{
	return XXH3_mul128_fold64(a ^ 0x9e3779b97f4a7c15u, b ^ 0xe7037ed1a0b428dbu);
}

/* Hash of an address. */
static inline uint64_t cl_addr_hash(const struct cl_addr *a, uint64_t seed)
{
	uint64_t half[2];

	memcpy(half, a->b, sizeof half);
	return cl_mix(half[0] ^ seed, half[1] + seed);
}

#endif

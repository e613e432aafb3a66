/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_HLL_H
#define CL_STATS_HLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"

/*
 * A sketch of clients as DNS Magnitude exchanges it: HyperLogLog of 2^14 registers of 5 bits, stored as
 * Aggregate Knowledge's format, version 1, has it. A client is its network, /24 or /48, hashed without a
 * secret, so that sketches of all who write them unite. Little as long as it has few registers.
 */
#define CL_HLL_REGISTERS 16384u
#define CL_HLL_SPARSE	 1024u					 /* registers that are listed at most */
#define CL_HLL_OCTETS	 (3u + CL_HLL_REGISTERS * 19u / 8u + 1u) /* stored, at most: sparse of all */

struct cl_hll {
	uint32_t *list; /* register << 5 | value, rising */
	uint8_t *all;	/* by register; then there is no list */
	uint32_t n, room;
};

/* Hash of a client's network: XXH3 of its 16 octets. */
uint64_t cl_hll_client(const struct cl_addr *client);

/* False when memory is short: it is as it was. */
bool cl_hll_add(struct cl_hll *h, uint64_t hash);
bool cl_hll_unite(struct cl_hll *h, const struct cl_hll *with);
uint64_t cl_hll_estimate(const struct cl_hll *h);
void cl_hll_free(struct cl_hll *h);

/* How many octets it takes in memory. */
size_t cl_hll_held(const struct cl_hll *h);

/* Stored form; `out` has room for CL_HLL_OCTETS. */
size_t cl_hll_put(const struct cl_hll *h, uint8_t *out);

/* Unites with a stored one. False: it is none, or memory is short. */
bool cl_hll_take(struct cl_hll *h, const uint8_t *stored, size_t n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SORTKEYS_H
#define CL_STATS_SORTKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/addr.h"
#include "stats/table/budget.h"

/* A client's address as two numbers that sort as its octets do, with what it belongs to. */
struct cl_sort_key {
	uint64_t hi, lo;
	uint32_t service, ref;
};

/* Unique addresses and networks among sorted keys. */
struct cl_unique {
	uint64_t ipv4, ipv6, v4_24, v6_64, v6_48;
	bool zero_64, zero_48; /* ::/64 and ::/48 are counted */
};

/* The first (0) or the second 8 octets of an address as a number. */
static inline uint64_t cl_addr_half(const struct cl_addr *a, unsigned half)
{
	uint64_t v;

	memcpy(&v, a->b + 8 * half, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

struct cl_sort_key cl_sort_key_of(const struct cl_addr *a, uint32_t service, uint32_t ref);

/* Sorts by service, then address. False when memory is short (needs n keys more). */
bool cl_sort_keys(struct cl_sort_key *keys, size_t n);

/* Sorts numbers by their bits from `low` up; equal ones as they came if there is room for n more, in memory
 * and in the budget (CL_BUDGET_SORT; NULL: no limit). Else more slowly, where they lie. */
void cl_sort_u64(uint64_t *v, size_t n, unsigned low, struct cl_budget *budget);

/* IPv4 addresses, sorted, in the high halves of `v`, none twice; IPv6 addresses by their first 8 octets,
 * sorted. Adds them and their networks to the counts. */
void cl_unique_v4(struct cl_unique *u, const uint64_t *v, size_t n);
void cl_unique_v6(struct cl_unique *u, const uint64_t *hi, size_t n);

/* Adds the key at `at` to the counts, given the one before it of the same service (or NULL). */
void cl_unique_add(struct cl_unique *u, const struct cl_sort_key *at, const struct cl_sort_key *before);

#endif

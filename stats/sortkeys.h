/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SORTKEYS_H
#define CL_STATS_SORTKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"

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

struct cl_sort_key cl_sort_key_of(const struct cl_addr *a, uint32_t service, uint32_t ref);

/* Sorts by service, then address. False when memory is short (needs n keys more). */
bool cl_sort_keys(struct cl_sort_key *keys, size_t n);

/* The same with room for n keys given. */
void cl_sort_keys_in(struct cl_sort_key *keys, size_t n, struct cl_sort_key *room);

/* Whether `a` comes before `b`: by service, then address, then ref. */
bool cl_sort_key_less(const struct cl_sort_key *a, const struct cl_sort_key *b);

/* Moves the `least` least keys of n to the front, in any order. `random` is any number. */
void cl_select_keys(struct cl_sort_key *keys, size_t n, size_t least, uint64_t random);

/* Adds the key at `at` to the counts, given the one before it of the same service (or NULL). */
void cl_unique_add(struct cl_unique *u, const struct cl_sort_key *at, const struct cl_sort_key *before);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/sortkeys.h"

#include <stdlib.h>
#include <string.h>

#define RADIX_BITS 8
#define RADIX	   (1u << RADIX_BITS)
#define MAPPED_LO  0x0000ffff00000000u /* ::ffff:0:0/96 */

struct cl_sort_key cl_sort_key_of(const struct cl_addr *a, uint32_t service, uint32_t ref)
{
	return (struct cl_sort_key){ cl_addr_half(a, 0), cl_addr_half(a, 1), service, ref };
}

static uint64_t word_of(const struct cl_sort_key *k, unsigned word)
{
	return word == 0 ? k->lo : word == 1 ? k->hi : k->service;
}

/* One stable pass over 8 bits of one word. */
static void pass(const struct cl_sort_key *from, struct cl_sort_key *to, size_t n, unsigned word,
		 unsigned shift)
{
	size_t at[RADIX] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[word_of(&from[i], word) >> shift & (RADIX - 1)]++;
	for (unsigned r = 0; r < RADIX; r++) {
		size_t count = at[r];
		at[r] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[word_of(&from[i], word) >> shift & (RADIX - 1)]++] = from[i];
}

/* Least significant digit first; digits that are the same in all keys are passed over. */
static void sort_keys_with(struct cl_sort_key *keys, size_t n, struct cl_sort_key *room)
{
	uint64_t differ[3] = { 0, 0, 0 };

	for (size_t i = 1; i < n; i++)
		for (unsigned w = 0; w < 3; w++)
			differ[w] |= word_of(&keys[i], w) ^ word_of(&keys[0], w);
	struct cl_sort_key *from = keys, *to = room;
	for (unsigned w = 0; w < 3; w++)
		for (unsigned shift = 0; shift < 64; shift += RADIX_BITS) {
			if ((differ[w] >> shift & (RADIX - 1)) == 0)
				continue;
			pass(from, to, n, w, shift);
			struct cl_sort_key *swap = from;
			from = to;
			to = swap;
		}
	if (from != keys)
		for (size_t i = 0; i < n; i++)
			keys[i] = from[i];
}

bool cl_sort_keys(struct cl_sort_key *keys, size_t n)
{
	struct cl_sort_key *room = n < 2 ? NULL : malloc(n * sizeof *room);

	if (n < 2)
		return true;
	if (room == NULL)
		return false;
	sort_keys_with(keys, n, room);
	free(room);
	return true;
}

#define FEW 48u /* not worth a count of digits */

static void sort_few(uint64_t *v, size_t n, unsigned low)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t at = i;

		for (; at > 0 && v[at - 1] >> low > x >> low; at--)
			v[at] = v[at - 1];
		v[at] = x;
	}
}

static void pass_u64(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t at[RADIX] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & (RADIX - 1)]++;
	for (unsigned r = 0; r < RADIX; r++) {
		size_t count = at[r];
		at[r] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & (RADIX - 1)]++] = from[i];
}

/* By the bits below `end`, down to `low`; no deeper than they are many. */
static void sort_in_place(uint64_t *v, size_t n, unsigned low, unsigned end)
{
	while (n > FEW && end > low) {
		size_t zeros = 0;

		end--;
		for (size_t i = 0; i < n; i++)
			if ((v[i] >> end & 1) == 0) {
				uint64_t x = v[i];

				v[i] = v[zeros];
				v[zeros++] = x;
			}
		sort_in_place(v, zeros, low, end);
		v += zeros;
		n -= zeros;
	}
	sort_few(v, n, low);
}

static void sort_with(uint64_t *v, size_t n, unsigned low, uint64_t *other)
{
	uint64_t differ = 0, *from = v, *to = other;

	for (size_t i = 1; i < n; i++)
		differ |= v[i] ^ v[0];
	for (unsigned shift = low; shift < 64; shift += RADIX_BITS) {
		if ((differ >> shift & (RADIX - 1)) == 0)
			continue;
		pass_u64(from, to, n, shift);
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof *v);
}

void cl_sort_u64(uint64_t *v, size_t n, unsigned low, struct cl_budget *budget)
{
	size_t octets = n * sizeof *v;

	if (n <= FEW) {
		sort_few(v, n, low);
		return;
	}
	bool room = cl_budget_take(budget, CL_BUDGET_SORT, octets);
	uint64_t *other = room ? malloc(octets) : NULL;
	if (other != NULL)
		sort_with(v, n, low, other);
	else
		sort_in_place(v, n, low, 64);
	free(other);
	if (room)
		cl_budget_give(budget, CL_BUDGET_SORT, octets);
}

void cl_unique_v4(struct cl_unique *u, const uint64_t *v, size_t n)
{
	u->ipv4 += n;
	for (size_t i = 0; i < n; i++)
		u->v4_24 += i == 0 || v[i] >> 40 != v[i - 1] >> 40;
}

void cl_unique_v6(struct cl_unique *u, const uint64_t *hi, size_t n)
{
	u->ipv6 += n;
	for (size_t i = 0; i < n; i++) {
		u->v6_64 += i == 0 || hi[i] != hi[i - 1];
		u->v6_48 += i == 0 || hi[i] >> 16 != hi[i - 1] >> 16;
	}
}

void cl_unique_add(struct cl_unique *u, const struct cl_sort_key *at, const struct cl_sort_key *before)
{
	if (before != NULL && before->hi == at->hi && before->lo == at->lo)
		return;
	if (at->hi == 0 && at->lo >> 32 == MAPPED_LO >> 32) {
		bool first = before == NULL || before->hi != 0 || before->lo >> 8 != at->lo >> 8;

		u->ipv4++;
		u->v4_24 += first;
	} else {
		/* IPv4 addresses sort among those of ::/64, so these networks are remembered */
		u->ipv6++;
		u->v6_64 += at->hi == 0 ? !u->zero_64 : before == NULL || before->hi != at->hi;
		u->v6_48 +=
			at->hi >> 16 == 0 ? !u->zero_48 : before == NULL || before->hi >> 16 != at->hi >> 16;
		u->zero_64 |= at->hi == 0;
		u->zero_48 |= at->hi >> 16 == 0;
	}
}

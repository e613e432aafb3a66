/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/sortkeys.h"

#include <stdlib.h>

#define RADIX_BITS 8
#define RADIX	   (1u << RADIX_BITS)
#define MAPPED_LO  0x0000ffff00000000u /* ::ffff:0:0/96 */

static uint64_t load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

struct cl_sort_key cl_sort_key_of(const struct cl_addr *a, uint32_t service, uint32_t ref)
{
	return (struct cl_sort_key){ load64(a->b), load64(a->b + 8), service, ref };
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
void cl_sort_keys_in(struct cl_sort_key *keys, size_t n, struct cl_sort_key *room)
{
	uint64_t differ[3] = { 0, 0, 0 };

	if (n < 2)
		return;
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
	cl_sort_keys_in(keys, n, room);
	free(room);
	return true;
}

bool cl_sort_key_less(const struct cl_sort_key *a, const struct cl_sort_key *b)
{
	if (a->service != b->service)
		return a->service < b->service;
	if (a->hi != b->hi)
		return a->hi < b->hi;
	return a->lo != b->lo ? a->lo < b->lo : a->ref < b->ref;
}

static void swap_keys(struct cl_sort_key *a, struct cl_sort_key *b)
{
	struct cl_sort_key key = *a;

	*a = *b;
	*b = key;
}

/* Puts a random key of n at its place among them: less before it, others behind. Returns the place. */
static size_t split(struct cl_sort_key *keys, size_t n, uint64_t random)
{
	size_t place = 0;

	swap_keys(&keys[random % n], &keys[n - 1]);
	for (size_t i = 0; i + 1 < n; i++)
		if (cl_sort_key_less(&keys[i], &keys[n - 1]))
			swap_keys(&keys[i], &keys[place++]);
	swap_keys(&keys[place], &keys[n - 1]);
	return place;
}

void cl_select_keys(struct cl_sort_key *keys, size_t n, size_t least, uint64_t random)
{
	while (n > 1 && least > 0 && least < n) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t place = split(keys, n, random >> 16);

		if (place >= least) {
			n = place;
			continue;
		}
		keys += place + 1; /* these and the one between are among the least */
		n -= place + 1;
		least -= place + 1;
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

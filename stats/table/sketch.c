/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/sketch.h"

#include <math.h>
#include <string.h>

#define SKETCH_BITS 14u
#define SKETCH_TOP  (64u - SKETCH_BITS + 1) /* the largest rank */
#define RECENT_BITS 12u

/* Of registers that are all full, which only a forged sketch has. */
#define ESTIMATE_MAX 1e18

_Static_assert(1u << SKETCH_BITS == CL_SKETCH_OCTETS, "an octet a register");
_Static_assert(1u << RECENT_BITS == CL_RECENT_REGISTERS, "a cell a register and rank");

/* One more than the zeros in front of what follows the register's bits. */
static inline unsigned rank_of(uint64_t hash, unsigned bits)
{
	return (unsigned)__builtin_clzll(hash << bits | (uint64_t)1 << (bits - 1)) + 1;
}

/* The two series of Ertl's estimator, for registers that are empty and for those that are full. */
static double sigma(double x)
{
	double y = 1, z = x, before;

	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

uint64_t cl_sketch_estimate_ranks(const uint32_t *count, unsigned top, double registers)
{
	double z = registers * tau(1 - count[top] / registers);

	if (count[0] >= registers)
		return 0;
	for (unsigned k = top - 1; k > 0; k--)
		z = (z + count[k]) / 2;
	z += registers * sigma(count[0] / registers);
	double n = registers * registers / (2 * log(2.0) * z) + 0.5;
	return n < ESTIMATE_MAX ? (uint64_t)n : (uint64_t)ESTIMATE_MAX;
}

void cl_sketch_add(struct cl_sketch *s, uint64_t hash)
{
	uint8_t *rank = &s->rank[hash >> (64 - SKETCH_BITS)], r = (uint8_t)rank_of(hash, SKETCH_BITS);

	if (r > *rank)
		*rank = r;
}

void cl_sketch_unite(struct cl_sketch *s, const struct cl_sketch *with)
{
	for (unsigned i = 0; i < CL_SKETCH_OCTETS; i++)
		if (with->rank[i] > s->rank[i])
			s->rank[i] = with->rank[i];
}

uint64_t cl_sketch_estimate(const struct cl_sketch *s)
{
	uint32_t count[SKETCH_TOP + 1] = { 0 };

	for (unsigned i = 0; i < CL_SKETCH_OCTETS; i++)
		count[s->rank[i] < SKETCH_TOP ? s->rank[i] : SKETCH_TOP]++;
	return cl_sketch_estimate_ranks(count, SKETCH_TOP, CL_SKETCH_OCTETS);
}

void cl_recent_add(struct cl_recent *r, uint64_t hash, uint32_t cell)
{
	unsigned rank = rank_of(hash, RECENT_BITS);

	if (rank > CL_RECENT_RANKS)
		rank = CL_RECENT_RANKS;
	uint32_t *at = &r->cell[rank - 1][hash >> (64 - RECENT_BITS)];
	if (cell > *at)
		*at = cell;
	if (cell > r->newest[rank - 1])
		r->newest[rank - 1] = cell;
}

uint64_t cl_recent_estimate(const struct cl_recent *r, uint32_t from)
{
	uint8_t rank[CL_RECENT_REGISTERS];
	uint32_t count[CL_RECENT_RANKS + 1] = { 0 };

	memset(rank, 0, sizeof rank);
	for (unsigned k = 0; k < CL_RECENT_RANKS; k++)
		for (unsigned i = 0; r->newest[k] >= from && i < CL_RECENT_REGISTERS; i++)
			rank[i] = r->cell[k][i] >= from ? (uint8_t)(k + 1) : rank[i];
	for (unsigned i = 0; i < CL_RECENT_REGISTERS; i++)
		count[rank[i]]++;
	return cl_sketch_estimate_ranks(count, CL_RECENT_RANKS, CL_RECENT_REGISTERS);
}

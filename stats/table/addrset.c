/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/table/addrset.h"

#include "dissect/hash.h"

#define FIRST_LINES 16u
#define MOST_LINES  ((size_t)1 << 28)

/* Addresses a line on average when lines double: fuller ones often lead to the next line. */
#define FILL_V4 9u
#define FILL_V6 2u

_Static_assert(sizeof(struct cl_addrset_v4) == CL_ADDRSET_LINE, "a line is a cache line");
_Static_assert(sizeof(struct cl_addrset_v6) == CL_ADDRSET_LINE, "a line is a cache line");

static bool lines_init(struct cl_addrset_lines *p, struct cl_budget *budget)
{
	*p = (struct cl_addrset_lines){ .mask = FIRST_LINES - 1 };
	if (!cl_arena_init(&p->lines, CL_ADDRSET_LINE, MOST_LINES))
		return false;
	p->lines.budget = budget;
	p->lines.part = CL_BUDGET_CLIENTS;
	return cl_arena_extend(&p->lines, FIRST_LINES);
}

bool cl_addrset_init(struct cl_addrset *s, uint64_t seed, struct cl_budget *budget)
{
	*s = (struct cl_addrset){ .seed = seed };
	if (lines_init(&s->v4, budget) && lines_init(&s->v6, budget))
		return true;
	cl_addrset_free(s);
	return false;
}

void cl_addrset_free(struct cl_addrset *s)
{
	cl_arena_free(&s->v4.lines);
	cl_arena_free(&s->v6.lines);
}

uint64_t cl_addrset_count(const struct cl_addrset *s)
{
	return (uint64_t)s->v4.used + s->v6.used;
}

/* Lines ------------------------------------------------------------------------ */

static uint32_t next_line(const struct cl_addrset_lines *p, uint32_t line)
{
	return (line + 1) & p->mask;
}

/* The place of an address or, if it is not there, the first empty one at which the search for it ends. */
static uint8_t *seek_v4(const struct cl_addrset_lines *p, uint64_t hash, uint32_t v4)
{
	for (uint32_t i = cl_addrset_line(p, hash);; i = next_line(p, i)) {
		struct cl_addrset_v4 *line = cl_addrset_v4_at(p, i);
		uint32_t at = cl_addrset_in_v4(line, v4);

		for (uint32_t k = 0; at == 0 && k < CL_ADDRSET_V4; k++)
			if (line->marks[k] == 0) {
				line->addr[k] = v4;
				at = k + 1;
			}
		if (at != 0)
			return &line->marks[at - 1];
	}
}

static uint8_t *seek_v6(const struct cl_addrset_lines *p, uint64_t hash, uint64_t hi, uint64_t lo)
{
	for (uint32_t i = cl_addrset_line(p, hash);; i = next_line(p, i)) {
		struct cl_addrset_v6 *line = cl_addrset_v6_at(p, i);
		uint32_t at = cl_addrset_in_v6(line, hi, lo);

		for (uint32_t k = 0; at == 0 && k < CL_ADDRSET_V6; k++)
			if (line->marks[k] == 0) {
				line->hi[k] = hi;
				line->lo[k] = lo;
				at = k + 1;
			}
		if (at != 0)
			return &line->marks[at - 1];
	}
}

static uint8_t *seek(const struct cl_addrset_lines *p, const struct cl_addrset_key *k)
{
	return k->v4 != 0 ? seek_v4(p, k->hash, k->v4) : seek_v6(p, k->hash, k->hi, k->lo);
}

/* Growth ----------------------------------------------------------------------- */

static bool line_is_full(const struct cl_addrset_lines *p, uint32_t line, bool v4)
{
	return v4 ? cl_addrset_v4_at(p, line)->marks[CL_ADDRSET_V4 - 1] != 0
		  : cl_addrset_v6_at(p, line)->marks[CL_ADDRSET_V6 - 1] != 0;
}

/* Takes the addresses out of a line and puts them where they now belong. */
static void lay_anew_v4(struct cl_addrset_lines *p, uint32_t i, uint64_t seed)
{
	const struct cl_addrset_v4 line = *cl_addrset_v4_at(p, i);

	*cl_addrset_v4_at(p, i) = (struct cl_addrset_v4){ .marks = { 0 } };
	for (uint32_t k = 0; k < CL_ADDRSET_V4 && line.marks[k] != 0; k++) {
		uint8_t octets[sizeof line.addr[k]];

		memcpy(octets, &line.addr[k], sizeof octets);
		struct cl_addr a = cl_addr_from_v4(octets);
		*seek_v4(p, cl_addr_hash(&a, seed), line.addr[k]) = line.marks[k];
	}
}

static void lay_anew_v6(struct cl_addrset_lines *p, uint32_t i, uint64_t seed)
{
	const struct cl_addrset_v6 line = *cl_addrset_v6_at(p, i);

	*cl_addrset_v6_at(p, i) = (struct cl_addrset_v6){ .marks = { 0 } };
	for (uint32_t k = 0; k < CL_ADDRSET_V6 && line.marks[k] != 0; k++) {
		struct cl_addr a;

		memcpy(a.b, &line.hi[k], sizeof line.hi[k]);
		memcpy(a.b + sizeof line.hi[k], &line.lo[k], sizeof line.lo[k]);
		*seek_v6(p, cl_addr_hash(&a, seed), line.hi[k], line.lo[k]) = line.marks[k];
	}
}

/**
 * Doubles the lines in place. They are laid anew in their order, from behind one that is not full on: so
 * nobody there is in a line before its own, and each goes into a line that is done, the one at hand, or among
 * the new ones.
 */
static bool grow(struct cl_addrset *s, struct cl_addrset_lines *p, bool v4)
{
	uint32_t before = p->mask + 1, start = 0;

	if (!cl_arena_extend(&p->lines, 2 * (size_t)before))
		return false;
	while (line_is_full(p, start, v4))
		start++;
	p->mask = 2 * before - 1;
	for (uint32_t i = 1; i <= before; i++)
		if (v4)
			lay_anew_v4(p, (start + i) & (before - 1), s->seed);
		else
			lay_anew_v6(p, (start + i) & (before - 1), s->seed);
	return true;
}

/* Whether an address is there. */
static bool is_known(const struct cl_addrset_lines *p, const struct cl_addrset_key *k)
{
	bool v4 = k->v4 != 0;

	for (uint32_t i = cl_addrset_line(p, k->hash);; i = next_line(p, i)) {
		uint32_t at = v4 ? cl_addrset_in_v4(cl_addrset_v4_at(p, i), k->v4)
				 : cl_addrset_in_v6(cl_addrset_v6_at(p, i), k->hi, k->lo);

		if (at != 0 || !line_is_full(p, i, v4))
			return at != 0;
	}
}

uint8_t *cl_addrset_seek(struct cl_addrset *s, const struct cl_addrset_key *k)
{
	bool v4 = k->v4 != 0;
	struct cl_addrset_lines *p = v4 ? &s->v4 : &s->v6;
	bool room =
		!s->full && (p->used < ((uint64_t)p->mask + 1) * (v4 ? FILL_V4 : FILL_V6) || grow(s, p, v4));

	if (!room && !is_known(p, k)) {
		s->full = true;
		return NULL;
	}
	uint8_t *marks = seek(p, k);
	p->used += *marks == 0;
	return marks;
}

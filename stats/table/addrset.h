/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ADDRSET_H
#define CL_STATS_ADDRSET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dissect/addr.h"
#include "dissect/inline.h"
#include "stats/table/arena.h"
#include "stats/table/budget.h"

/**
 * A set of addresses, exact, each with a few marks: 7 to 14 octets for one of IPv4, 32 to 64 of IPv6, and one
 * wait for memory. Lines of twelve addresses or three are filled from their front; who finds no room in the
 * line that the hash says is in the first one behind it that has some. Lines double in place: memory that was
 * never touched costs most. Addresses are not removed.
 */
#define CL_ADDRSET_V4	12u
#define CL_ADDRSET_V6	3u
#define CL_ADDRSET_LINE 64u /* octets */

/* Marks of 0: the place is empty. IPv4 addresses are in network byte order; 0.0.0.0 is among those of IPv6,
 * so that it is nobody's place here. */
struct cl_addrset_v4 {
	uint32_t addr[CL_ADDRSET_V4];
	uint8_t marks[CL_ADDRSET_V4];
	uint8_t spare[4];
};

struct cl_addrset_v6 {
	uint64_t hi[CL_ADDRSET_V6], lo[CL_ADDRSET_V6]; /* the halves as they lie in memory */
	uint8_t marks[CL_ADDRSET_V6];
	uint8_t spare[13];
};

struct cl_addrset_lines {
	struct cl_arena lines; /* of struct cl_addrset_v4 or cl_addrset_v6 */
	uint32_t mask;	       /* lines less 1; a power of two */
	uint32_t used;	       /* addresses */
};

struct cl_addrset {
	struct cl_addrset_lines v4, v6;
	uint64_t seed;
	bool full; /* memory ended: nobody is added any more */
};

/* An address as the set holds it. */
struct cl_addrset_key {
	uint64_t hi, lo;
	uint64_t hash; /* cl_addr_hash with the set's seed */
	uint32_t v4;   /* 0: it is not among those of IPv4 */
};

/* `budget` (borrowed) is charged as CL_BUDGET_CLIENTS for all that it grows to. False when memory is short.
 */
bool cl_addrset_init(struct cl_addrset *s, uint64_t seed, struct cl_budget *budget);
void cl_addrset_free(struct cl_addrset *s);

/* Addresses in it. */
uint64_t cl_addrset_count(const struct cl_addrset *s);

static inline struct cl_addrset_key cl_addrset_key(const struct cl_addr *a, uint64_t hash)
{
	static const uint8_t mapped[4] = { 0, 0, 0xff, 0xff };
	struct cl_addrset_key k = { .hash = hash };
	uint32_t third, last, prefix;

	memcpy(&k.hi, a->b, sizeof k.hi);
	memcpy(&k.lo, a->b + 8, sizeof k.lo);
	memcpy(&third, a->b + 8, sizeof third);
	memcpy(&last, a->b + 12, sizeof last);
	memcpy(&prefix, mapped, sizeof prefix);
	k.v4 = last & -(uint32_t)((k.hi == 0) & (third == prefix));
	return k;
}

CL_IN_LINE uint32_t cl_addrset_line(const struct cl_addrset_lines *p, uint64_t hash)
{
	return (uint32_t)(hash >> 32) & p->mask;
}

static inline struct cl_addrset_v4 *cl_addrset_v4_at(const struct cl_addrset_lines *p, uint32_t line)
{
	return (struct cl_addrset_v4 *)(void *)p->lines.base + line;
}

static inline struct cl_addrset_v6 *cl_addrset_v6_at(const struct cl_addrset_lines *p, uint32_t line)
{
	return (struct cl_addrset_v6 *)(void *)p->lines.base + line;
}

/* Asks for the line that the address is probably in. */
CL_IN_LINE void cl_addrset_prefetch(const struct cl_addrset *s, const struct cl_addrset_key *k)
{
	const struct cl_addrset_lines *p = k->v4 != 0 ? &s->v4 : &s->v6;

	__builtin_prefetch(p->lines.base + (size_t)cl_addrset_line(p, k->hash) * CL_ADDRSET_LINE, 1);
}

/* One more than the place of an address in a line, or 0. No address is in a line twice, so what is found is
 * not jumped at. */
CL_IN_LINE uint32_t cl_addrset_in_v4(const struct cl_addrset_v4 *line, uint32_t v4)
{
	typedef uint32_t four __attribute__((vector_size(16)));
	const four wanted = { v4, v4, v4, v4 };
	four has[CL_ADDRSET_V4 / 4], at;
	uint32_t lane[4];

	memcpy(has, line->addr, sizeof has);
	at = ((four)(has[0] == wanted) & (four){ 1, 2, 3, 4 }) |
	     ((four)(has[1] == wanted) & (four){ 5, 6, 7, 8 }) |
	     ((four)(has[2] == wanted) & (four){ 9, 10, 11, 12 });
	memcpy(lane, &at, sizeof lane);
	return lane[0] | lane[1] | lane[2] | lane[3];
}

CL_IN_LINE uint32_t cl_addrset_in_v6(const struct cl_addrset_v6 *line, uint64_t hi, uint64_t lo)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < CL_ADDRSET_V6; i++)
		at |= (i + 1) &
		      -(uint32_t)((((line->hi[i] ^ hi) | (line->lo[i] ^ lo)) == 0) & (line->marks[i] != 0));
	return at;
}

/* cl_addrset_get of an address that is not in its own line. */
uint8_t *cl_addrset_seek(struct cl_addrset *s, const struct cl_addrset_key *k);

/**
 * The marks of an address. Where they are 0 it is new, and the caller gives it some before the next call, up
 * to which they are valid. NULL: it is not in the set, which has no room.
 */
CL_IN_LINE uint8_t *cl_addrset_get(struct cl_addrset *s, const struct cl_addrset_key *k)
{
	if (k->v4 != 0) {
		const struct cl_addrset_lines *p = &s->v4;
		struct cl_addrset_v4 *line = cl_addrset_v4_at(p, cl_addrset_line(p, k->hash));
		uint32_t at = cl_addrset_in_v4(line, k->v4);

		return at != 0 ? &line->marks[at - 1] : cl_addrset_seek(s, k);
	}
	const struct cl_addrset_lines *p = &s->v6;
	struct cl_addrset_v6 *line = cl_addrset_v6_at(p, cl_addrset_line(p, k->hash));
	uint32_t at = cl_addrset_in_v6(line, k->hi, k->lo);

	return at != 0 ? &line->marks[at - 1] : cl_addrset_seek(s, k);
}

#endif

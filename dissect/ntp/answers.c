/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/answers.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 66000u /* an offset of 16 bits and a part */

struct piece {
	uint32_t from, to;
};

struct answer {
	struct cl_ntp_answer_key key;
	int64_t time_ns; /* of its last part */
	bool used;
	bool has_end;
	uint32_t end;
	unsigned pieces;
	struct piece piece[CL_NTP_ANSWER_PARTS]; /* by `from`, apart from each other */
	uint8_t *octets;			 /* ROOM of them */
};

struct cl_ntp_answers {
	uint64_t lost;
	struct answer row[CL_NTP_ANSWERS];
};

struct cl_ntp_answers *cl_ntp_answers_new(void)
{
	return calloc(1, sizeof(struct cl_ntp_answers));
}

void cl_ntp_answers_free(struct cl_ntp_answers *a)
{
	if (a == NULL)
		return;
	for (unsigned i = 0; i < CL_NTP_ANSWERS; i++)
		free(a->row[i].octets);
	free(a);
}

uint64_t cl_ntp_answers_lost(const struct cl_ntp_answers *a)
{
	return a->lost;
}

static bool same(const struct cl_ntp_answer_key *x, const struct cl_ntp_answer_key *y)
{
	return x->sequence == y->sequence && x->sport == y->sport && x->dport == y->dport &&
	       x->association == y->association && x->opcode == y->opcode &&
	       memcmp(x->src.b, y->src.b, sizeof x->src.b) == 0 &&
	       memcmp(x->dst.b, y->dst.b, sizeof x->dst.b) == 0;
}

static void give_up(struct cl_ntp_answers *a, struct answer *r)
{
	a->lost++;
	r->used = false;
}

static bool is_old(const struct answer *r, int64_t time_ns)
{
	int64_t age;

	return __builtin_sub_overflow(time_ns, r->time_ns, &age) || age > CL_NTP_ANSWER_WAIT ||
	       age < -CL_NTP_ANSWER_WAIT;
}

/* The answer of this key, or a row for it; old ones go. */
static struct answer *row_for(struct cl_ntp_answers *a, const struct cl_ntp_answer_key *key, int64_t time_ns)
{
	struct answer *free_row = NULL, *oldest = &a->row[0];

	for (unsigned i = 0; i < CL_NTP_ANSWERS; i++) {
		struct answer *r = &a->row[i];

		if (r->used && is_old(r, time_ns))
			give_up(a, r);
		if (r->used && same(&r->key, key))
			return r;
		if (!r->used)
			free_row = r;
		else if (r->time_ns < oldest->time_ns)
			oldest = r;
	}
	if (free_row == NULL) {
		give_up(a, oldest);
		free_row = oldest;
	}
	if (free_row->octets == NULL)
		free_row->octets = malloc(ROOM);
	if (free_row->octets == NULL)
		return NULL;
	free_row->key = *key;
	free_row->used = true;
	free_row->has_end = false;
	free_row->pieces = 0;
	return free_row;
}

/* Copies what of the part is new, and says whether what is not new is the same. */
static bool copy(struct answer *r, uint32_t from, struct cl_span part)
{
	uint32_t to = from + part.len;
	bool equal = true;

	for (unsigned i = 0; i < r->pieces; i++) {
		uint32_t lo = r->piece[i].from > from ? r->piece[i].from : from;
		uint32_t hi = r->piece[i].to < to ? r->piece[i].to : to;

		if (lo < hi && memcmp(r->octets + lo, part.ptr + (lo - from), hi - lo) != 0)
			equal = false;
	}
	uint32_t at = from;
	for (unsigned i = 0; i < r->pieces && at < to; i++) {
		if (r->piece[i].to <= at)
			continue;
		if (r->piece[i].from > at) {
			uint32_t hi = r->piece[i].from < to ? r->piece[i].from : to;

			memcpy(r->octets + at, part.ptr + (at - from), hi - at);
		}
		at = r->piece[i].to;
	}
	if (at < to)
		memcpy(r->octets + at, part.ptr + (at - from), to - at);
	return equal;
}

/* Adds a stretch to those there are; those that touch become one. False if there are too many. */
static bool cover(struct answer *r, uint32_t from, uint32_t to)
{
	struct piece new = { from, to };
	unsigned kept = 0, at;

	if (from == to)
		return true;
	for (unsigned i = 0; i < r->pieces; i++) {
		struct piece p = r->piece[i];

		if (p.to < new.from || p.from > new.to) {
			r->piece[kept++] = p;
			continue;
		}
		new.from = p.from < new.from ? p.from : new.from;
		new.to = p.to > new.to ? p.to : new.to;
	}
	if (kept == CL_NTP_ANSWER_PARTS)
		return false;
	for (at = kept; at > 0 && r->piece[at - 1].from > new.from; at--)
		r->piece[at] = r->piece[at - 1];
	r->piece[at] = new;
	r->pieces = kept + 1;
	return true;
}

static bool is_whole(const struct answer *r)
{
	return r->has_end && r->pieces == 1 && r->piece[0].from == 0 && r->piece[0].to >= r->end;
}

enum cl_ntp_join cl_ntp_answers_add(struct cl_ntp_answers *a, const struct cl_ntp_answer_key *key,
				    int64_t time_ns, uint16_t offset, struct cl_span part, bool more,
				    struct cl_span *whole, bool *differs)
{
	struct answer *r;

	*differs = false;
	if (offset + part.len > ROOM || part.len == 0)
		return CL_NTP_JOIN_GIVEN_UP;
	r = row_for(a, key, time_ns);
	if (r == NULL)
		return CL_NTP_JOIN_GIVEN_UP;
	r->time_ns = time_ns;
	*differs = !copy(r, offset, part);
	if (!cover(r, offset, offset + part.len)) {
		give_up(a, r);
		return CL_NTP_JOIN_GIVEN_UP;
	}
	if (!more) {
		r->has_end = true;
		r->end = offset + part.len;
	}
	if (!is_whole(r))
		return CL_NTP_JOIN_WAITS;
	r->used = false;
	*whole = (struct cl_span){ r->octets, r->end };
	return CL_NTP_JOIN_WHOLE;
}

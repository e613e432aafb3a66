/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"

#define ALLOCATION 16u /* what a block of memory costs beside its octets */

/* The first piece that ends behind `at`. */
static uint32_t find(const struct cl_pieces *s, uint32_t at)
{
	uint32_t from = 0, to = s->n;

	if (to > 0 && s->row[to - 1].to <= at) /* mostly they come in order */
		return to;
	while (from < to) {
		uint32_t mid = (from + to) / 2;

		if (s->row[mid].to <= at)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

enum cl_pieces_fit cl_pieces_fit(const struct cl_pieces *s, uint32_t from, uint32_t to, const uint8_t *octets)
{
	uint32_t i = find(s, from);
	enum cl_pieces_fit fit = CL_FIT_NEW;

	if (i < s->n && s->row[i].from == from && s->row[i].to == to)
		return memcmp(s->row[i].octets, octets, to - from) == 0 ? CL_FIT_DUPLICATE : CL_FIT_CONFLICT;
	for (; i < s->n && s->row[i].from < to; i++) {
		const struct cl_piece *r = &s->row[i];
		uint32_t begin = larger(r->from, from), end = smaller(r->to, to);

		if (memcmp(r->octets + (begin - r->from), octets + (begin - from), end - begin) != 0)
			return CL_FIT_CONFLICT;
		fit = CL_FIT_OVERLAP;
	}
	return fit;
}

/* Puts a copy of [from, to) before row `i`. */
static bool insert(struct cl_pieces *s, uint32_t i, uint32_t from, uint32_t to, const uint8_t *octets)
{
	uint8_t *copy = malloc(to - from);

	if (copy != NULL && s->n == s->room) {
		uint32_t room = s->room == 0 ? 4 : s->room * 2;
		struct cl_piece *grown = realloc(s->row, room * sizeof *grown);

		if (grown != NULL) {
			s->row = grown;
			s->room = room;
		}
	}
	if (copy == NULL || s->n == s->room) {
		free(copy);
		return false;
	}
	memcpy(copy, octets, to - from);
	memmove(s->row + i + 1, s->row + i, (s->n - i) * sizeof *s->row);
	s->row[i] = (struct cl_piece){ from, to, copy, 0 };
	s->n++;
	s->covered += to - from;
	return true;
}

bool cl_pieces_add(struct cl_pieces *s, uint32_t from, uint32_t to, const uint8_t *octets, bool over)
{
	uint32_t at = from;

	for (uint32_t i = find(s, from); at < to; i++) {
		uint32_t gap_end = i < s->n ? smaller(s->row[i].from, to) : to;

		if (at < gap_end) {
			if (!insert(s, i, at, gap_end, octets + (at - from)))
				return false;
			at = gap_end;
			continue;
		}
		uint32_t end = smaller(s->row[i].to, to);
		if (over)
			memcpy(s->row[i].octets + (at - s->row[i].from), octets + (at - from), end - at);
		at = end;
	}
	return true;
}

uint32_t cl_pieces_end(const struct cl_pieces *s)
{
	return s->n > 0 ? s->row[s->n - 1].to : 0;
}

void cl_pieces_join(const struct cl_pieces *s, uint8_t *out)
{
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t n = s->row[i].to - s->row[i].from;

		memcpy(out, s->row[i].octets, n);
		out += n;
	}
}

void cl_pieces_forget(struct cl_pieces *s, uint64_t seed)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct cl_piece *r = &s->row[i];

		r->hash = cl_hash(r->octets, r->to - r->from, seed);
		free(r->octets);
		r->octets = NULL;
	}
	s->covered = 0;
}

bool cl_pieces_known(const struct cl_pieces *s, uint32_t from, uint32_t to, const uint8_t *octets,
		     uint64_t seed)
{
	uint32_t i = find(s, from);

	return i < s->n && s->row[i].from == from && s->row[i].to == to &&
	       s->row[i].hash == cl_hash(octets, to - from, seed);
}

size_t cl_pieces_size(const struct cl_pieces *s)
{
	return s->covered + s->n * ALLOCATION + s->room * sizeof *s->row;
}

void cl_pieces_clear(struct cl_pieces *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		free(s->row[i].octets);
	free(s->row);
	*s = (struct cl_pieces){ NULL, 0, 0, 0 };
}

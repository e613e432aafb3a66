/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_PIECES_H
#define CL_DISSECT_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The octets [from, to) of a datagram. */
struct cl_piece {
	uint32_t from, to;
	uint8_t *octets; /* owned; NULL once forgotten */
	uint64_t hash;	 /* once forgotten */
};

/* What has come of a datagram: pieces in their order, none over another. */
struct cl_pieces {
	struct cl_piece *row;
	uint32_t n, room;
	uint32_t covered; /* octets in all of them */
};

/* How octets stand to what is there. */
enum cl_pieces_fit {
	CL_FIT_NEW,
	CL_FIT_DUPLICATE, /* just such a piece, octet by octet */
	CL_FIT_OVERLAP,	  /* partly there, and the same as far as it is */
	CL_FIT_CONFLICT	  /* partly there, and other octets */
};

enum cl_pieces_fit cl_pieces_fit(const struct cl_pieces *s, uint32_t from, uint32_t to,
				 const uint8_t *octets);

/* Copies what is not there yet; `over`: and puts it over what is. False, with nothing lost, when memory is
 * short. */
bool cl_pieces_add(struct cl_pieces *s, uint32_t from, uint32_t to, const uint8_t *octets, bool over);

/* Where the last piece ends. */
uint32_t cl_pieces_end(const struct cl_pieces *s);

/* Writes the octets of pieces without a gap one after the other: `covered` octets. */
void cl_pieces_join(const struct cl_pieces *s, uint8_t *out);

/* Keeps hashes of the octets only: for cl_pieces_known. */
void cl_pieces_forget(struct cl_pieces *s, uint64_t seed);

/* Whether such a piece was among those forgotten. */
bool cl_pieces_known(const struct cl_pieces *s, uint32_t from, uint32_t to, const uint8_t *octets,
		     uint64_t seed);

/* Octets of memory that they take. */
size_t cl_pieces_size(const struct cl_pieces *s);

void cl_pieces_clear(struct cl_pieces *s);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_FRAGNOTE_H
#define CL_DISSECT_FRAGNOTE_H

#include "dissect/attr.h"
#include "dissect/pieces.h"

/* The fragments of a datagram, as the detail of the frame lists them that completes it. */
struct cl_fragnotes {
	struct cl_fragnote {
		uint64_t frame;
		uint32_t from, length;
		enum cl_pieces_fit fit;
	} * row;
	uint32_t n, room;
};

/* Left out when memory is short. */
void cl_fragnotes_add(struct cl_fragnotes *notes, const struct cl_fragnote *one);

/* Puts them by offset, and what they make, in the current layer, of IPv4 or of IPv6. */
void cl_fragnotes_put(struct cl_detail *d, struct cl_fragnotes *notes, unsigned ip_version,
		      struct cl_span whole);

void cl_fragnotes_clear(struct cl_fragnotes *notes);

#endif

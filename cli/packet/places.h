/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PLACES_H
#define CL_CLI_PLACES_H

#include <stdint.h>

#include "dissect/attr.h"

/* Descriptions by their address. They are static, within some hundred KiB, and at least 16 octets apart: few
 * of them, if any, share a place. Whoever keeps something of each numbers what it keeps, and where a place is
 * taken by another description lets the new one have number and place: so that grows no more than this. */
#define CL_PLACES 16384u

struct cl_places {
	uint16_t at[CL_PLACES]; /* a number of 1 to CL_PLACES, or 0: nobody's yet */
};

static inline uint16_t *cl_place(struct cl_places *p, const struct cl_field *f)
{
	return &p->at[(uintptr_t)f >> 4 & (CL_PLACES - 1)];
}

#endif

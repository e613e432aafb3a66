/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/cursor.h"

struct cl_cur cl_cur_head_failed(struct cl_cur c, const char *widths)
{
	struct cl_cur field = c;

	for (; field.err == CL_OK && *widths != 0; widths++)
		cl_cur_skip(&field, (uint8_t)*widths);
	c.err = field.err;
	c.end = c.pos;
	return c;
}

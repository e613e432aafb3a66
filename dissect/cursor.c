/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/cursor.h"

void cl_cur_fail(struct cl_cur *c, uint32_t n)
{
	if (c->err != CL_OK)
		return;
	c->err = n > c->len - c->pos ? CL_EMALF : CL_ETRUNC;
	c->end = c->pos;
}

struct cl_cur cl_cur_sub(struct cl_cur *c, uint32_t n)
{
	struct cl_cur child = { c->base + c->pos, 0, 0, 0, c->err };

	if (c->err == CL_OK && n > c->len - c->pos) {
		cl_cur_fail(c, n);
		child.err = c->err;
	}
	if (c->err != CL_OK)
		return child;
	uint32_t kept = c->end - c->pos;
	child.len = n;
	child.end = kept < n ? kept : n;
	if (kept < n)
		c->err = CL_ETRUNC; /* the parent has nothing left to read */
	c->pos += child.end;
	if (c->err != CL_OK)
		c->end = c->pos;
	return child;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/fragnote.h"

#include <stdlib.h>

/* The fields of one version. */
struct fields {
	struct cl_field group, fragment, error, overlap, conflict, count, length, data;
};

#define FIELDS(ip, name)                                                                                       \
	{                                                                                                      \
		.group = { NULL, "Fragments", CL_V_GROUP, CL_DEC, 0, NULL },                                   \
		.fragment = { ip ".fragment", "Frame", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL },             \
		.error = { ip ".fragment.error",                                                               \
			   "Defragmentation error in frame",                                                   \
			   CL_V_UINT,                                                                          \
			   CL_DEC,                                                                             \
			   CL_FD_GENERATED,                                                                    \
			   NULL },                                                                             \
		.overlap = { ip ".fragment.overlap",                                                           \
			     "Fragment overlap",                                                               \
			     CL_V_BOOL,                                                                        \
			     CL_DEC,                                                                           \
			     CL_FD_GENERATED,                                                                  \
			     NULL },                                                                           \
		.conflict = { ip ".fragment.overlap.conflict",                                                 \
			      "Conflicting data in fragment overlap",                                          \
			      CL_V_BOOL,                                                                       \
			      CL_DEC,                                                                          \
			      CL_FD_GENERATED,                                                                 \
			      NULL },                                                                          \
		.count = { ip ".fragment.count", "Fragment count", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL }, \
		.length = { ip ".reassembled.length",                                                          \
			    "Reassembled " name " length",                                                     \
			    CL_V_UINT,                                                                         \
			    CL_DEC,                                                                            \
			    CL_FD_GENERATED,                                                                   \
			    NULL },                                                                            \
		.data = { ip ".reassembled.data",                                                              \
			  "Reassembled " name " data",                                                         \
			  CL_V_BYTES,                                                                          \
			  CL_DEC,                                                                              \
			  CL_FD_GENERATED,                                                                     \
			  NULL },                                                                              \
	}

static const struct fields fields4 = FIELDS("ip", "IPv4");
static const struct fields fields6 = FIELDS("ipv6", "IPv6");

void cl_fragnotes_add(struct cl_fragnotes *notes, const struct cl_fragnote *one)
{
	if (notes->n == notes->room) {
		uint32_t room = notes->room == 0 ? 8 : notes->room * 2;
		struct cl_fragnote *grown = realloc(notes->row, room * sizeof *grown);

		if (grown == NULL)
			return;
		notes->row = grown;
		notes->room = room;
	}
	notes->row[notes->n++] = *one;
}

/* Of the same offset the earlier one first. */
static int by_offset(const void *a, const void *b)
{
	const struct cl_fragnote *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->frame > y->frame) - (x->frame < y->frame);
}

void cl_fragnotes_put(struct cl_detail *d, struct cl_fragnotes *notes, unsigned ip_version,
		      struct cl_span whole)
{
	const struct fields *f = ip_version == 4 ? &fields4 : &fields6;
	uint32_t end = 0;

	if (notes->n > 0)
		qsort(notes->row, notes->n, sizeof *notes->row, by_offset);
	cl_put_group(d, &f->group, "%u, %u octets", notes->n, whole.len);
	for (uint32_t i = 0; i < notes->n; i++) {
		const struct cl_fragnote *one = &notes->row[i];
		bool conflict = one->fit == CL_FIT_CONFLICT;
		bool overlap = one->fit != CL_FIT_DUPLICATE && one->from < end &&
			       (conflict || one->from + one->length > end);

		cl_put_uint(d, overlap ? &f->error : &f->fragment, one->frame);
		if (overlap)
			cl_put_uint(d, &f->overlap, 1);
		if (conflict)
			cl_put_uint(d, &f->conflict, 1);
		if (one->from + one->length > end)
			end = one->from + one->length;
	}
	cl_put_uint(d, &f->count, notes->n);
	cl_put_uint(d, &f->length, whole.len);
	cl_put_bytes(d, &f->data, whole);
	cl_put_end(d);
}

void cl_fragnotes_clear(struct cl_fragnotes *notes)
{
	free(notes->row);
	*notes = (struct cl_fragnotes){ NULL, 0, 0 };
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet as a tree of words. */
#include <string.h>

#include "cli/dissect.h"

#define INDENT_MAX 16 /* what is nested deeper stands there */

static void put_indent(struct cl_out *out, unsigned depth)
{
	static const char blanks[] = "                                                                ";

	cl_out_octets(out, blanks, 4 * (size_t)(depth < INDENT_MAX ? depth : INDENT_MAX));
}

static void put_frame(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d)
{
	cl_out_str(out, "Frame ");
	cl_out_u64(out, f->number);
	cl_out_str(out, ": ");
	cl_out_time(out, f->time_ns);
	cl_out_str(out, ", ");
	cl_out_u64(out, f->wire_len);
	cl_out_str(out, " octets on the wire, ");
	cl_out_u64(out, f->cap_len);
	cl_out_str(out, " captured, ");
	cl_out_str(out, cl_fate_names[d->fate]);
	if (d->fate == CL_FATE_UNDECODED) {
		cl_out_str(out, " (");
		cl_show_reason(out, d);
		cl_out_char(out, ')');
	}
	cl_out_char(out, '\n');
}

static void put_title(struct cl_out *out, const struct cl_layer *l)
{
	cl_out_str(out, l->proto->title);
	if ((l->flags & CL_LF_TUNNELLED) != 0)
		cl_out_str(out, " [tunnelled]");
	if ((l->flags & CL_LF_QUOTED) != 0)
		cl_out_str(out, " [quoted]");
	if ((l->flags & CL_LF_REASSEMBLED) != 0)
		cl_out_str(out, " [reassembled]");
	cl_out_char(out, '\n');
}

/* `Label: value`, in brackets if it was not on the wire. */
static void put_attr(struct cl_out *out, const struct cl_attr *a, int64_t frame_ns)
{
	const struct cl_field *f = a->field;
	bool group = f->type == CL_V_GROUP || f->type == CL_V_OBJECT;
	bool value = group ? a->v.bytes.len > 0 : f->type != CL_V_NONE;

	if ((f->flags & CL_FD_GENERATED) != 0)
		cl_out_char(out, '[');
	if (f->label != NULL)
		cl_out_str(out, f->label);
	if (f->label != NULL && value)
		cl_out_str(out, ": ");
	if (group)
		cl_out_safe(out, (const char *)a->v.bytes.ptr, a->v.bytes.len);
	else
		cl_show_value(out, a, frame_ns);
	if ((f->flags & CL_FD_GENERATED) != 0)
		cl_out_char(out, ']');
	cl_out_char(out, '\n');
}

/* Whether the next value says the same to people: once flat and once in an object, or under two names. */
static bool is_said_next(const struct cl_detail *d, uint32_t at, uint32_t end)
{
	const struct cl_attr *a = &d->attr[at], *next = at + 1 < end ? a + 1 : NULL;

	if (next == NULL || a->field == next->field || a->field->label == NULL ||
	    next->field->label == NULL || strcmp(a->field->label, next->field->label) != 0)
		return false;
	if ((a->field->flags & CL_FD_OBJECT) != 0 && (next->field->flags & CL_FD_FLAT) != 0)
		return true;
	return a->field->type == CL_V_UINT && next->field->type == CL_V_UINT && a->v.u == next->v.u;
}

/* A group with nothing in it and no text; or what has no label, and is for programs only. */
static bool is_nothing(const struct cl_detail *d, uint32_t at, uint32_t end)
{
	const struct cl_attr *a = &d->attr[at];

	if (a->field->type != CL_V_GROUP && a->field->type != CL_V_OBJECT)
		return a->field->label == NULL;
	return a->v.bytes.len == 0 && at + 1 < end && a[1].field->type == CL_V_END;
}

static void put_finding(struct cl_out *out, enum cl_anomaly id)
{
	const struct cl_anomaly_desc *a = &cl_anomalies[id];

	cl_out_str(out, "    [Anomaly ");
	cl_out_str(out, a->name);
	cl_out_str(out, ": ");
	cl_out_str(out, a->doc);
	cl_out_str(out, " (");
	cl_out_str(out, a->reference);
	cl_out_str(out, ")]\n");
}

static void put_layer(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d,
		      const struct cl_layer *l)
{
	unsigned depth = 1;

	put_title(out, l);
	for (uint32_t i = l->attr; i < l->attr + l->attrs; i++) {
		const struct cl_attr *a = &d->attr[i];

		if (a->field->type == CL_V_END) {
			depth -= depth > 1;
			continue;
		}
		if (is_nothing(d, i, l->attr + l->attrs)) {
			i += a->field->label != NULL; /* its end */
			continue;
		}
		if (is_said_next(d, i, l->attr + l->attrs))
			continue;
		put_indent(out, depth);
		put_attr(out, a, f->time_ns);
		depth += a->field->type == CL_V_GROUP || a->field->type == CL_V_OBJECT;
	}
}

void cl_show_tree(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d)
{
	uint32_t finding = 0;

	put_frame(out, f, d);
	for (uint32_t i = 0; i < d->layers; i++) {
		put_layer(out, f, d, &d->layer[i]);
		for (; finding < d->findings && d->finding[finding].layer <= i; finding++)
			put_finding(out, d->finding[finding].id);
	}
	for (; finding < d->findings; finding++)
		put_finding(out, d->finding[finding].id);
	if (d->full)
		cl_out_str(out, "[Not all of it: too much for one packet]\n");
	cl_out_char(out, '\n');
}

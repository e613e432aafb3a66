/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet in a line. */
#include <string.h>

#include "cli/packet/dissect.h"

#define NUMBER_WIDTH   6
#define ADDRESS_WIDTH  21
#define PROTOCOL_WIDTH 6
#define LENGTH_WIDTH   5

/* A field of a layer by its name, one of few that have the type; or NULL. */
static const struct cl_attr *find(const struct cl_detail *d, const struct cl_layer *l, enum cl_vtype type,
				  const char *name)
{
	for (const struct cl_attr *a = d->attr + l->attr; a < d->attr + l->attr + l->attrs; a++)
		if (a->field->type == type && a->field->name != NULL && strcmp(a->field->name, name) == 0)
			return a;
	return NULL;
}

/* Fills up with blanks from `from` on to the width. */
static void pad(struct cl_out *out, size_t from, size_t width)
{
	size_t n = out->used - from < width ? width - (out->used - from) : 0;
	char *p = cl_out_room(out, n);

	if (p == NULL)
		return;
	memset(p, ' ', n);
	out->used += n;
}

/* Blanks before a number. */
static void put_right(struct cl_out *out, uint64_t v, unsigned width)
{
	unsigned digits = 1;

	for (uint64_t rest = v; rest >= 10; rest /= 10)
		digits++;
	for (; digits < width; digits++)
		cl_out_char(out, ' ');
	cl_out_u64(out, v);
}

/* The innermost addresses that are not in a quote: of IP, else of the link. */
static void put_addresses(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d)
{
	static const struct {
		const char *name, *src, *dst;
		enum cl_vtype type;
	} kinds[] = { { "ip", "ip.src", "ip.dst", CL_V_IP4 },
		      { "ipv6", "ipv6.src", "ipv6.dst", CL_V_IP6 },
		      { "eth", "eth.src", "eth.dst", CL_V_ETHER } };
	const struct cl_attr *src = NULL, *dst = NULL;
	size_t from = out->used;

	for (uint32_t i = 0; i < d->layers; i++)
		for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			const struct cl_layer *l = &d->layer[i];

			if ((l->flags & CL_LF_QUOTED) != 0 || strcmp(l->proto->name, kinds[k].name) != 0 ||
			    (k == 2 && i > 0 && src != NULL))
				continue;
			const struct cl_attr *from_here = find(d, l, kinds[k].type, kinds[k].src);

			if (from_here == NULL)
				continue; /* cut, or broken: what is around it says more */
			src = from_here;
			dst = find(d, l, kinds[k].type, kinds[k].dst);
		}
	if (src != NULL)
		cl_show_value(out, src, f->time_ns);
	pad(out, from, ADDRESS_WIDTH);
	cl_out_str(out, " -> ");
	from = out->used;
	if (dst != NULL)
		cl_show_value(out, dst, f->time_ns);
	pad(out, from, ADDRESS_WIDTH);
}

/* The innermost protocol that is not in a quote, without what part of it (`ipv6.fraghdr`). */
static void put_protocol(struct cl_out *out, const struct cl_detail *d)
{
	size_t from = out->used;
	const char *name = NULL;

	for (uint32_t i = 0; i < d->layers; i++)
		if ((d->layer[i].flags & CL_LF_QUOTED) == 0)
			name = d->layer[i].proto->name;
	for (; name != NULL && *name != '\0' && *name != '.'; name++) {
		bool version = name[0] == 'v' && name[1] >= '0' && name[1] <= '9';

		cl_out_char(out,
			    *name >= 'a' && *name <= 'z' && !version ? (char)(*name - 'a' + 'A') : *name);
	}
	pad(out, from, PROTOCOL_WIDTH);
}

static void put_remarks(struct cl_out *out, const struct cl_detail *d)
{
	if (d->fate != CL_FATE_COUNTED) {
		cl_out_str(out, " [");
		cl_out_str(out, cl_fate_names[d->fate]);
		if (d->fate == CL_FATE_UNDECODED) {
			cl_out_str(out, ": ");
			cl_show_reason(out, d);
		}
		cl_out_char(out, ']');
	}
	for (uint32_t i = 0; i < d->findings; i++) {
		cl_out_str(out, " [!");
		cl_out_str(out, cl_anomalies[d->finding[i].id].name);
		cl_out_char(out, ']');
	}
}

void cl_show_line(struct cl_out *out, const struct cl_frame *f, const struct cl_detail *d)
{
	put_right(out, f->number, NUMBER_WIDTH);
	cl_out_char(out, ' ');
	cl_out_time(out, f->time_ns);
	cl_out_char(out, ' ');
	put_addresses(out, f, d);
	cl_out_char(out, ' ');
	put_protocol(out, d);
	cl_out_char(out, ' ');
	put_right(out, f->wire_len, LENGTH_WIDTH);
	if (d->info.len > 0) {
		cl_out_char(out, ' ');
		cl_out_safe(out, (const char *)d->info.ptr, d->info.len);
	}
	put_remarks(out, d);
	cl_out_char(out, '\n');
}

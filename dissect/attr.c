/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/attr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_CHUNK 16384u
#define FORMAT_MAX 1024
#define INFO_MAX   512u

/* Texts of one packet: chunks that stay for the next. The first in the list is being filled. */
struct cl_detail_text {
	struct cl_detail_text *next;
	size_t used, room;
	char octets[];
};

struct cl_detail *cl_detail_new(void)
{
	return calloc(1, sizeof(struct cl_detail));
}

static void free_text(struct cl_detail_text *t)
{
	while (t != NULL) {
		struct cl_detail_text *next = t->next;

		free(t);
		t = next;
	}
}

void cl_detail_free(struct cl_detail *d)
{
	if (d == NULL)
		return;
	free_text(d->text);
	free(d->layer);
	free(d->attr);
	free(d->finding);
	free(d);
}

void cl_detail_clear(struct cl_detail *d)
{
	d->layers = d->attrs = d->findings = 0;
	d->full = false;
	d->info = (struct cl_span){ NULL, 0 };
	if (d->text != NULL) {
		free_text(d->text->next);
		d->text->next = NULL;
		d->text->used = 0;
	}
}

/* Room for one more of `count` elements; at most `limit`. */
static bool grow(struct cl_detail *d, void **rows, uint32_t count, uint32_t *room, size_t size,
		 uint32_t limit)
{
	if (count < *room)
		return true;
	uint32_t more = *room == 0 ? 64 : *room * 2;
	void *larger = count < limit ? realloc(*rows, more * size) : NULL;

	if (larger == NULL) {
		d->full = true;
		return false;
	}
	*rows = larger;
	*room = more;
	return true;
}

void cl_put_layer(struct cl_detail *d, const struct cl_protocol *proto, uint8_t flags)
{
	if (d == NULL ||
	    !grow(d, (void **)&d->layer, d->layers, &d->layer_room, sizeof *d->layer, CL_DETAIL_ATTRS))
		return;
	d->layer[d->layers++] = (struct cl_layer){ proto, d->attrs, 0, flags };
}

static struct cl_attr *add(struct cl_detail *d, const struct cl_field *f)
{
	if (d == NULL || d->layers == 0 ||
	    !grow(d, (void **)&d->attr, d->attrs, &d->attr_room, sizeof *d->attr, CL_DETAIL_ATTRS))
		return NULL;
	struct cl_attr *a = &d->attr[d->attrs++];
	a->field = f;
	d->layer[d->layers - 1].attrs++;
	return a;
}

void cl_put_none(struct cl_detail *d, const struct cl_field *f)
{
	struct cl_attr *a = add(d, f);

	if (a != NULL)
		a->v.u = 0;
}

void cl_put_uint(struct cl_detail *d, const struct cl_field *f, uint64_t v)
{
	struct cl_attr *a = add(d, f);

	if (a != NULL)
		a->v.u = v;
}

void cl_put_int(struct cl_detail *d, const struct cl_field *f, int64_t v)
{
	struct cl_attr *a = add(d, f);

	if (a != NULL)
		a->v.i = v;
}

void cl_put_real(struct cl_detail *d, const struct cl_field *f, double v)
{
	struct cl_attr *a = add(d, f);

	if (a != NULL)
		a->v.f = v;
}

void cl_put_bytes(struct cl_detail *d, const struct cl_field *f, struct cl_span v)
{
	struct cl_attr *a = add(d, f);

	if (a != NULL)
		a->v.bytes = v;
}

struct cl_span cl_detail_keep(struct cl_detail *d, const void *octets, size_t n)
{
	struct cl_detail_text *t = d != NULL ? d->text : NULL;

	if (d == NULL || n == 0)
		return (struct cl_span){ NULL, 0 };
	if (t == NULL || n > t->room - t->used) {
		size_t room = n > TEXT_CHUNK ? n : TEXT_CHUNK;

		t = malloc(sizeof *t + room);
		if (t == NULL) {
			d->full = true;
			return (struct cl_span){ NULL, 0 };
		}
		*t = (struct cl_detail_text){ d->text, 0, room };
		d->text = t;
	}
	char *to = t->octets + t->used;
	memcpy(to, octets, n);
	t->used += n;
	return (struct cl_span){ (const uint8_t *)to, (uint32_t)n };
}

void cl_put_string(struct cl_detail *d, const struct cl_field *f, const char *s)
{
	if (d != NULL)
		cl_put_bytes(d, f, cl_detail_keep(d, s, strlen(s)));
}

static struct cl_span keep_format(struct cl_detail *d, const char *format, va_list args)
{
	char text[FORMAT_MAX];
	int n = vsnprintf(text, sizeof text, format, args);

	if (n < 0)
		n = 0;
	return cl_detail_keep(d, text, n < FORMAT_MAX ? (size_t)n : FORMAT_MAX - 1);
}

void cl_put_format(struct cl_detail *d, const struct cl_field *f, const char *format, ...)
{
	va_list args;

	if (d == NULL)
		return;
	va_start(args, format);
	cl_put_bytes(d, f, keep_format(d, format, args));
	va_end(args);
}

void cl_put_group(struct cl_detail *d, const struct cl_field *f, const char *format, ...)
{
	struct cl_span text = { NULL, 0 };
	va_list args;

	if (d == NULL)
		return;
	if (format != NULL) {
		va_start(args, format);
		text = keep_format(d, format, args);
		va_end(args);
	}
	cl_put_bytes(d, f, text);
}

void cl_put_end(struct cl_detail *d)
{
	static const struct cl_field end = { .type = CL_V_END };

	cl_put_none(d, &end);
}

void cl_put_info(struct cl_detail *d, const char *format, ...)
{
	char text[FORMAT_MAX];
	int n = 0, m;
	va_list args;

	if (d == NULL || d->info.len >= INFO_MAX) /* of hundreds of messages the first will do */
		return;
	if (d->info.len > 0)
		n = snprintf(text, sizeof text, "%.*s, ", (int)d->info.len, (const char *)d->info.ptr);
	va_start(args, format);
	m = vsnprintf(text + n, sizeof text - (size_t)n, format, args);
	va_end(args);
	if (m < 0)
		return;
	n += m;
	d->info = cl_detail_keep(d, text, n < FORMAT_MAX ? (size_t)n : FORMAT_MAX - 1);
}

void cl_put_finding(struct cl_detail *d, enum cl_anomaly id)
{
	if (d == NULL || !grow(d, (void **)&d->finding, d->findings, &d->finding_room, sizeof *d->finding,
			       CL_DETAIL_ATTRS))
		return;
	d->finding[d->findings++] = (struct cl_finding){ id, d->layers > 0 ? d->layers - 1 : 0 };
}

static uint64_t read_number(struct cl_cur *c, unsigned width)
{
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | cl_cur_u8(c);
	return v;
}

static void put_row(struct cl_detail *d, struct cl_cur c, const struct cl_header_row *r)
{
	const struct cl_field *f = &r->field;

	cl_cur_skip(&c, r->at);
	switch (f->type) {
	case CL_V_BYTES:
	case CL_V_TEXT:
	case CL_V_IP6:
	case CL_V_ETHER: {
		struct cl_span v = cl_cur_take(&c, r->width);

		if (c.err == CL_OK)
			cl_put_bytes(d, f, v);
		return;
	}
	default: {
		uint64_t v = read_number(&c, r->width);

		if (c.err != CL_OK)
			return;
		if (r->mask != 0)
			v = (v & r->mask) >> __builtin_ctzll(r->mask);
		if (f->type == CL_V_BOOL)
			v = v != 0;
		if (f->type == CL_V_INT && r->width > 0 && r->width < 8 && (v >> (8 * r->width - 1) & 1) != 0)
			v |= ~0ull << 8 * r->width;
		cl_put_uint(d, f, v);
		return;
	}
	}
}

void cl_put_header(struct cl_detail *d, struct cl_cur header, const struct cl_header_row *rows, size_t n)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].field.type == CL_V_GROUP)
			cl_put_group(d, &rows[i].field, NULL);
		else if (rows[i].field.type == CL_V_END)
			cl_put_end(d);
		else
			put_row(d, header, &rows[i]);
	}
}

const char *cl_name_find(const struct cl_name *rows, size_t n, uint64_t value)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (rows[at].value == value)
			return rows[at].name;
		if (rows[at].value < value)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

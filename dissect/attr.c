/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/attr.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/format.h"

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
	d->current = NULL;
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
	d->current = &d->layer[d->layers++];
	*d->current = (struct cl_layer){ proto, d->attrs, 0, flags };
}

static inline struct cl_attr *add(struct cl_detail *d, const struct cl_field *f)
{
	if (d == NULL || d->current == NULL)
		return NULL;
	if (__builtin_expect(d->attrs == d->attr_room, 0) &&
	    !grow(d, (void **)&d->attr, d->attrs, &d->attr_room, sizeof *d->attr, CL_DETAIL_ATTRS))
		return NULL;
	struct cl_attr *a = &d->attr[d->attrs++];
	a->field = f;
	d->current->attrs++;
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

__attribute__((format(printf, 2, 0))) static struct cl_span keep_format(struct cl_detail *d,
									const char *format, va_list args)
{
	char text[FORMAT_MAX];

	return cl_detail_keep(d, text, cl_format_args(text, sizeof text, format, args));
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

static const struct cl_field end_of_group = { .type = CL_V_END };

void cl_put_end(struct cl_detail *d)
{
	cl_put_none(d, &end_of_group);
}

void cl_put_info(struct cl_detail *d, const char *format, ...)
{
	char text[FORMAT_MAX];
	size_t n = 0;
	va_list args;

	if (d == NULL || d->bundled ||
	    d->info.len >= INFO_MAX) /* of hundreds of messages the first will do */
		return;
	if (d->info.len > 0)
		n = cl_format(text, sizeof text, "%.*s, ", (int)d->info.len, (const char *)d->info.ptr);
	va_start(args, format);
	n += cl_format_args(text + n, sizeof text - n, format, args);
	va_end(args);
	d->info = cl_detail_keep(d, text, n);
}

void cl_put_finding(struct cl_detail *d, enum cl_anomaly id)
{
	if (d == NULL || !grow(d, (void **)&d->finding, d->findings, &d->finding_room, sizeof *d->finding,
			       CL_DETAIL_ATTRS))
		return;
	d->finding[d->findings++] = (struct cl_finding){ id, d->layers > 0 ? d->layers - 1 : 0 };
}

/* The next octets, as many as `width` (up to 8), which the cursor holds: most are read together with some
 * behind them. */
static inline uint64_t read_number(struct cl_cur *c, unsigned width)
{
	uint64_t v = 0;

	if (__builtin_expect(cl_cur_kept(c) >= 8 && width > 0, 1))
		return cl_cur_u64(c) >> (64 - 8 * width);
	while (width-- > 0)
		v = v << 8 | cl_cur_u8(c);
	return v;
}

static inline uint64_t row_number(const struct cl_header_row *r, struct cl_cur *c)
{
	uint64_t v = read_number(c, r->width);

	if (r->mask != 0)
		v = (v & r->mask) >> __builtin_ctzll(r->mask);
	if (r->field.type == CL_V_BOOL)
		v = v != 0;
	else if (r->field.type == CL_V_INT && r->width > 0 && r->width < 8 &&
		 (v >> (8 * r->width - 1) & 1) != 0)
		v |= ~0ull << 8 * r->width;
	return v;
}

/* The value of a row whose octets the cursor holds, at their place. */
static inline void read_row(struct cl_attr *a, const struct cl_header_row *r, struct cl_cur *c)
{
	uint8_t type = r->field.type;

	a->field = &r->field;
	if (__builtin_expect(type == CL_V_UINT || type == CL_V_BOOL || type == CL_V_NTP_TIME, 1)) {
		a->v.u = row_number(r, c);
	} else if (type == CL_V_BYTES || type == CL_V_TEXT || type == CL_V_IP6 || type == CL_V_ETHER) {
		a->v.bytes = cl_cur_take(c, r->width);
	} else if (type == CL_V_GROUP) {
		a->v.bytes = (struct cl_span){ NULL, 0 };
	} else if (type == CL_V_END) {
		a->field = &end_of_group;
		a->v.u = 0;
	} else {
		a->v.u = row_number(r, c);
	}
}

/* A packet has up to a hundred such rows: room is seen to once, and what was added is counted once. */
void cl_put_header(struct cl_detail *d, struct cl_cur header, const struct cl_header_row *rows, size_t n)
{
	if (d == NULL || d->current == NULL)
		return;
	uint32_t kept = cl_cur_kept(&header), start = header.pos, attrs = d->attrs;

	for (const struct cl_header_row *r = rows; r < rows + n; r++) {
		if (__builtin_expect((uint32_t)r->at + r->width > kept, 0) && r->width > 0)
			continue;
		bool bundle = r->field.type == CL_V_ROWS;
		if (bundle && !d->bundled)
			continue;
		if (__builtin_expect(attrs == d->attr_room, 0) &&
		    !grow(d, (void **)&d->attr, attrs, &d->attr_room, sizeof *d->attr, CL_DETAIL_ATTRS))
			break;
		struct cl_attr *a = &d->attr[attrs++];
		header.pos = start + r->at;
		if (!bundle) {
			read_row(a, r, &header);
			continue;
		}
		a->field = &r->field;
		a->v.u = read_number(&header, r->width);
		r += r->mask;
	}
	d->current->attrs += attrs - d->attrs;
	d->attrs = attrs;
}

void cl_put_bundle(struct cl_detail *d, const struct cl_bundle *b, uint64_t number)
{
	if (d != NULL && d->bundled)
		cl_put_uint(d, &b->field, number);
	else if (d != NULL)
		b->put(d, number);
}

/* The rows behind that of a bundle, from its octets at their place. */
static void open_rows(struct cl_detail *d, const struct cl_header_row *bundle, uint64_t number)
{
	uint8_t octets[UINT8_MAX + 16] = { 0 };
	uint32_t n = bundle->at;

	if (bundle->at > UINT8_MAX)
		return;
	for (unsigned left = bundle->width; left-- > 0;)
		octets[n++] = (uint8_t)(number >> 8 * left);
	struct cl_span kept = cl_detail_keep(d, octets, n + 7); /* rows may take more than they show */
	cl_put_header(d, cl_cur_make(kept.ptr, kept.len, kept.len), bundle + 1, bundle->mask);
}

void cl_detail_open(struct cl_detail *d, const struct cl_attr *bundle)
{
	static const struct cl_protocol none = { "", "" };
	const void *of = bundle->field;

	cl_detail_clear(d);
	cl_put_layer(d, &none, 0);
	if (bundle->field->type == CL_V_ROWS)
		open_rows(d, of, bundle->v.u);
	else
		((const struct cl_bundle *)of)->put(d, bundle->v.u);
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

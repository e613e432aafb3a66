/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet as a tree of words. */
#include <stdlib.h>
#include <string.h>

#include "cli/dissect.h"
#include "cli/places.h"

#define INDENT_MAX 16u /* what is nested deeper stands there */
#define INDENT	   4u
#define INDENT_ALL (INDENT * INDENT_MAX)

/* What stands before the values of a description, ready to be copied whole: a cache line. */
struct words {
	const struct cl_field *field;
	uint8_t n, bare; /* of `Label: `, and without ": " where no value follows; n 0: it is too long */
	char text[54];	 /* with the bracket that opens */
};

struct cl_show_tree {
	struct cl_places places;
	struct words *words; /* those needed so far, in the order they were */
	uint32_t count, room;
};

struct cl_show_tree *cl_show_tree_new(void)
{
	return calloc(1, sizeof(struct cl_show_tree));
}

void cl_show_tree_free(struct cl_show_tree *t)
{
	if (t != NULL)
		free(t->words);
	free(t);
}

static void make_words(struct words *w, const struct cl_field *f)
{
	bool generated = (f->flags & CL_FD_GENERATED) != 0;
	size_t n = f->label != NULL ? strlen(f->label) : 0;

	w->field = f;
	w->n = w->bare = 0;
	if (generated + n + 2 > sizeof(w->text))
		return;
	w->text[0] = '[';
	memcpy(w->text + generated, f->label != NULL ? f->label : "", n);
	w->bare = w->n = (uint8_t)(generated + n);
	if (f->label != NULL) {
		memcpy(w->text + w->n, ": ", 2);
		w->n = (uint8_t)(w->n + 2);
	}
}

static const struct words *add_words(struct cl_show_tree *t, uint16_t *at, const struct cl_field *f)
{
	if (*at == 0 && t->count == t->room) {
		uint32_t room = t->room == 0 ? 256 : 2 * t->room;
		struct words *larger = realloc(t->words, room * sizeof(*larger));

		if (larger == NULL)
			return NULL;
		t->words = larger;
		t->room = room;
	}
	if (*at == 0)
		*at = (uint16_t)++t->count;
	make_words(&t->words[*at - 1], f);
	return &t->words[*at - 1];
}

/* NULL: memory is short. */
static inline const struct words *words_of(struct cl_show_tree *t, const struct cl_field *f)
{
	uint16_t *at = cl_place(&t->places, f);

	if (__builtin_expect(*at != 0 && t->words[*at - 1].field == f, 1))
		return &t->words[*at - 1];
	return add_words(t, at, f);
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

/* What stands before a value, of what was not kept ready. */
static void put_label(struct cl_out *out, const struct cl_field *f, bool value)
{
	if ((f->flags & CL_FD_GENERATED) != 0)
		cl_out_char(out, '[');
	if (f->label != NULL)
		cl_out_str(out, f->label);
	if (f->label != NULL && value)
		cl_out_str(out, ": ");
}

static bool is_group(const struct cl_field *f)
{
	return f->type == CL_V_GROUP || f->type == CL_V_OBJECT;
}

/* `Label: value`, in brackets if it was not on the wire. Blanks and words are copied in whole, and what is
 * too much of them is written over. */
static void put_attr(struct cl_show_tree *t, struct cl_out *out, const struct cl_attr *a, unsigned depth,
		     int64_t frame_ns)
{
	const struct cl_field *f = a->field;
	const struct words *w = words_of(t, f);
	bool group = is_group(f), value = group ? a->v.bytes.len > 0 : f->type != CL_V_NONE;
	char *p = cl_out_room(out, INDENT_ALL + sizeof(w->text));

	if (p == NULL)
		return;
	memset(p, ' ', INDENT_ALL);
	p += INDENT * (depth < INDENT_MAX ? depth : INDENT_MAX);
	if (w != NULL && w->n > 0) {
		memcpy(p, w->text, sizeof(w->text));
		p += value ? w->n : w->bare;
	}
	out->used = (size_t)(p - out->at);
	if (w == NULL || w->n == 0)
		put_label(out, f, value);
	if (group)
		cl_out_safe(out, (const char *)a->v.bytes.ptr, a->v.bytes.len);
	else
		cl_show_value(out, a, frame_ns);
	p = cl_out_room(out, 2);
	if (p == NULL)
		return;
	if ((f->flags & CL_FD_GENERATED) != 0)
		*p++ = ']';
	*p++ = '\n';
	out->used = (size_t)(p - out->at);
}

/* Whether the next value says the same to people: once flat and once in an object, or under two names. */
static inline bool is_said_next(const struct cl_attr *a, const struct cl_attr *end)
{
	const struct cl_attr *next = a + 1;

	if (next == end)
		return false;
	const struct cl_field *f = a->field, *g = next->field;
	bool twice = (f->flags & CL_FD_OBJECT) != 0 && (g->flags & CL_FD_FLAT) != 0;
	bool equal = f->type == CL_V_UINT && g->type == CL_V_UINT && a->v.u == next->v.u;

	return (twice || equal) && f != g && f->label != NULL && g->label != NULL &&
	       f->label[0] == g->label[0] && strcmp(f->label, g->label) == 0;
}

/* A group with nothing in it and no text; or what has no label, and is for programs only. */
static inline bool is_nothing(const struct cl_attr *a, const struct cl_attr *end)
{
	if (!is_group(a->field))
		return a->field->label == NULL;
	return a->v.bytes.len == 0 && a + 1 < end && a[1].field->type == CL_V_END;
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

static void put_layer(struct cl_show_tree *t, struct cl_out *out, const struct cl_frame *f,
		      const struct cl_detail *d, const struct cl_layer *l)
{
	const struct cl_attr *end = d->attr + l->attr + l->attrs;
	unsigned depth = 1;

	put_title(out, l);
	for (const struct cl_attr *a = d->attr + l->attr; a < end; a++) {
		if (a->field->type == CL_V_END) {
			depth -= depth > 1;
		} else if (is_nothing(a, end)) {
			a += a->field->label != NULL; /* its end */
		} else if (!is_said_next(a, end)) {
			put_attr(t, out, a, depth, f->time_ns);
			depth += is_group(a->field);
		}
	}
}

void cl_show_tree(struct cl_show_tree *t, struct cl_out *out, const struct cl_frame *f,
		  const struct cl_detail *d)
{
	uint32_t finding = 0;

	put_frame(out, f, d);
	for (uint32_t i = 0; i < d->layers; i++) {
		put_layer(t, out, f, d, &d->layer[i]);
		for (; finding < d->findings && d->finding[finding].layer <= i; finding++)
			put_finding(out, d->finding[finding].id);
	}
	for (; finding < d->findings; finding++)
		put_finding(out, d->finding[finding].id);
	if (d->full)
		cl_out_str(out, "[Not all of it: too much for one packet]\n");
	cl_out_char(out, '\n');
}

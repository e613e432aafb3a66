/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet as a tree of words. */
#include <stdlib.h>
#include <string.h>

#include "cli/packet/dissect.h"
#include "cli/packet/places.h"
#include "cli/write/digits.h"

#define INDENT_MAX 16u /* what is nested deeper stands there */
#define INDENT	   4u
#define INDENT_ALL (INDENT * INDENT_MAX)
#define INDENT_FEW 16u	/* most have no more */
#define VALUE_ROOM 72u	/* of ": ", values that have no more than 64 octets, and the end */
#define KEPT	   512u /* bundles whose text is kept */
#define TITLES	   64u
#define KEPT_TEXT  500u
/* The most that is written without asking for room again. */
#define LINE_ROOM (INDENT_ALL + sizeof(((struct words *)0)->text) + VALUE_ROOM + KEPT_TEXT)

/* What to do with a value. */
enum kind {
	KIND_BUNDLE,
	KIND_END,
	KIND_UNSAID,  /* for programs only */
	KIND_GROUP,   /* an object too */
	KIND_NONE,    /* words alone */
	KIND_DECIMAL, /* numbers without names */
	KIND_HEX,
	KIND_TRUTH,
	KIND_NAMED, /* numbers that may have names, and truths */
	KIND_IP4,
	KIND_DURATION,
	KIND_OTHER
};

/* What stands before the values of a description, ready to be copied whole. Many say the same in one packet
 * after the other: of what may have a name the last text is kept beside it. */
struct words {
	const struct cl_field *field;
	uint8_t kind, flags;
	uint8_t bare;	/* length of `Label`; 0: there is none, or it is too long */
	char text[53];	/* with the bracket that opens */
	uint64_t value; /* the last one, if `shown` */
	uint8_t shown;	/* length of its text, or 0 */
	char name[55];
};

/* The lines that a bundle has with a number; by both. */
struct kept {
	const struct cl_field *field; /* NULL: none yet */
	uint64_t number;
	uint16_t n, depth;
};
struct kept_text {
	char at[KEPT_TEXT];
};

struct title {
	const struct cl_protocol *proto;
	uint8_t flags, n;
	char text[54];
};

struct cl_show_tree {
	struct title titles[TITLES];
	struct cl_places places;
	struct kept kept[KEPT];
	struct kept_text *texts; /* beside `kept` */
	struct cl_detail *open;	 /* of the bundle at hand */
	struct words *words;	 /* those needed so far, in the order they were */
	uint32_t count, room;
	struct words spare; /* where memory is short */
};

struct cl_show_tree *cl_show_tree_new(void)
{
	struct cl_show_tree *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->open = cl_detail_new();
	t->texts = calloc(KEPT, sizeof(*t->texts));
	if (t->open != NULL && t->texts != NULL)
		return t;
	cl_show_tree_free(t);
	return NULL;
}

void cl_show_tree_free(struct cl_show_tree *t)
{
	if (t == NULL)
		return;
	cl_detail_free(t->open);
	free(t->texts);
	free(t->words);
	free(t);
}

static enum kind kind_of(const struct cl_field *f)
{
	switch (f->type) {
	case CL_V_ROWS:
	case CL_V_BUNDLE:
		return KIND_BUNDLE;
	case CL_V_END:
		return KIND_END;
	case CL_V_GROUP:
	case CL_V_OBJECT:
		return KIND_GROUP;
	default:
		break;
	}
	if (f->label == NULL)
		return KIND_UNSAID;
	switch (f->type) {
	case CL_V_NONE:
		return KIND_NONE;
	case CL_V_UINT:
		return f->text != NULL ? KIND_NAMED : f->base == CL_DEC ? KIND_DECIMAL : KIND_HEX;
	case CL_V_INT:
		return f->text != NULL ? KIND_NAMED : KIND_OTHER;
	case CL_V_BOOL:
		return f->text != NULL ? KIND_NAMED : KIND_TRUTH;
	case CL_V_IP4:
		return KIND_IP4;
	case CL_V_DURATION:
		return KIND_DURATION;
	default:
		return KIND_OTHER;
	}
}

static void make_words(struct words *w, const struct cl_field *f)
{
	bool generated = (f->flags & CL_FD_GENERATED) != 0;
	size_t n = f->label != NULL ? strlen(f->label) : 0;

	*w = (struct words){ .field = f, .kind = (uint8_t)kind_of(f), .flags = f->flags };
	if (generated + n > sizeof(w->text))
		return;
	w->text[0] = '[';
	memcpy(w->text + generated, f->label != NULL ? f->label : "", n);
	w->bare = (uint8_t)(generated + n);
}

static struct words *add_words(struct cl_show_tree *t, uint16_t *at, const struct cl_field *f)
{
	struct words *w = &t->spare;

	if (*at == 0 && t->count == t->room) {
		uint32_t room = t->room == 0 ? 256 : 2 * t->room;
		struct words *larger = realloc(t->words, room * sizeof(*larger));

		if (larger != NULL) {
			t->words = larger;
			t->room = room;
		}
	}
	if (*at == 0 && t->count < t->room)
		*at = (uint16_t)++t->count;
	if (*at != 0)
		w = &t->words[*at - 1];
	make_words(w, f);
	return w;
}

/* Valid until the next call. */
static inline struct words *words_of(struct cl_show_tree *t, const struct cl_field *f)
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

static void make_title(struct cl_out *out, const struct cl_layer *l)
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

/* Titles are few: the last of each place is kept. */
static void put_title(struct cl_show_tree *t, struct cl_out *out, const struct cl_layer *l)
{
	struct title *k = &t->titles[((uintptr_t)l->proto >> 4 ^ l->flags) % TITLES];
	size_t from = out->used, n;

	if (k->proto == l->proto && k->flags == l->flags) {
		cl_out_octets(out, k->text, k->n);
		return;
	}
	make_title(out, l);
	n = out->used - from;
	if (out->failed || n > sizeof(k->text))
		return;
	*k = (struct title){ .proto = l->proto, .flags = l->flags, .n = (uint8_t)n };
	memcpy(k->text, out->at + from, n);
}

/* Lines are written at a place of their own, and counted as written now and then: what is written up to `p`
 * counts, and there is room for a line behind it. NULL: memory was short. */
static char *turn(struct cl_out *out, const char *p)
{
	out->used = (size_t)(p - out->at);
	return cl_out_room(out, LINE_ROOM);
}

/* Values that take more room than there is for certain, or are rare. */
static char *put_other(struct cl_out *out, const char *p, const struct cl_attr *a, int64_t frame_ns)
{
	out->used = (size_t)(p - out->at);
	if (a->field->type == CL_V_GROUP || a->field->type == CL_V_OBJECT)
		cl_out_safe(out, (const char *)a->v.bytes.ptr, a->v.bytes.len);
	else
		cl_show_value(out, a, frame_ns);
	return cl_out_room(out, LINE_ROOM);
}

static char *put_new_name(struct cl_out *out, const char *p, struct words *w, const struct cl_attr *a,
			  int64_t frame_ns)
{
	size_t from = (size_t)(p - out->at), n;
	char *behind = put_other(out, p, a, frame_ns);

	n = out->used - from;
	if (behind != NULL && n <= sizeof(w->name)) {
		memcpy(w->name, out->at + from, n);
		w->value = a->v.u;
		w->shown = (uint8_t)n;
	}
	return behind;
}

static inline char *put_value(struct cl_out *out, char *p, struct words *w, const struct cl_attr *a,
			      int64_t frame_ns)
{
	switch (w->kind) {
	case KIND_DECIMAL:
		return cl_digits_u64(p, a->v.u);
	case KIND_HEX:
		memcpy(p, "0x", 2);
		return cl_digits_hexadecimal(p + 2, a->v.u, w->field->base);
	case KIND_TRUTH:
		memcpy(p, a->v.u != 0 ? "yes" : "no ", 3);
		return p + 2 + (a->v.u != 0);
	case KIND_NAMED:
		if (w->shown == 0 || w->value != a->v.u)
			return put_new_name(out, p, w, a, frame_ns);
		memcpy(p, w->name, sizeof(w->name));
		return p + w->shown;
	case KIND_IP4:
		return cl_digits_ip4(p, (uint32_t)a->v.u);
	case KIND_DURATION:
		p = cl_digits_seconds(p, a->v.i);
		memcpy(p, " s", 2);
		return p + 2;
	default:
		return put_other(out, p, a, frame_ns);
	}
}

/* A label that was too long to be kept ready. */
static char *put_label(struct cl_out *out, const char *p, const struct cl_field *f)
{
	out->used = (size_t)(p - out->at);
	if ((f->flags & CL_FD_GENERATED) != 0)
		cl_out_char(out, '[');
	cl_out_str(out, f->label);
	return cl_out_room(out, LINE_ROOM);
}

/* `Label: value`, in brackets if it was not on the wire. Blanks and words are copied in whole, and what is
 * too much of them is written over. */
static inline char *put_line(struct cl_out *out, char *p, struct words *w, const struct cl_attr *a,
			     unsigned indent, int64_t frame_ns)
{
	memset(p, ' ', INDENT_FEW);
	if (__builtin_expect(indent > INDENT_FEW, 0))
		memset(p + INDENT_FEW, ' ', INDENT_ALL - INDENT_FEW);
	p += indent;
	memcpy(p, w->text, sizeof(w->text));
	p += w->bare;
	if (__builtin_expect(w->bare == 0 && w->field->label != NULL, 0)) {
		p = put_label(out, p, w->field);
		if (p == NULL)
			return NULL;
	}
	if (w->kind > KIND_NONE || (w->kind == KIND_GROUP && a->v.bytes.len > 0)) {
		if (w->field->label != NULL) {
			memcpy(p, ": ", 2);
			p += 2;
		}
		p = put_value(out, p, w, a, frame_ns);
		if (p == NULL)
			return NULL;
	}
	if ((w->flags & CL_FD_GENERATED) != 0)
		*p++ = ']';
	*p++ = '\n';
	return p;
}

/* Whether the next value says the same to people: once flat and once in an object, or under two names. */
static inline bool is_said_next(const struct words *w, const struct cl_attr *a)
{
	const struct cl_field *f = w->field, *g = a[1].field;
	bool twice = (w->flags & CL_FD_OBJECT) != 0 && (g->flags & CL_FD_FLAT) != 0;

	if (!twice && (a[0].v.u != a[1].v.u || f->type != CL_V_UINT || g->type != CL_V_UINT))
		return false;
	return f != g && f->label != NULL && g->label != NULL && f->label[0] == g->label[0] &&
	       f->label[1] == g->label[1] && strcmp(f->label, g->label) == 0;
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

/* A group with nothing in it and no text. */
static inline bool is_nothing(const struct words *w, const struct cl_attr *a)
{
	return w->kind == KIND_GROUP && a->v.bytes.len == 0 && a[1].field->type == CL_V_END;
}

static char *put_bundle(struct cl_show_tree *t, struct cl_out *out, char *p, const struct cl_attr *a,
			unsigned depth, int64_t frame_ns);

/* Lines of values up to `end`, from `p` on. NULL: memory was short. */
static char *put_lines(struct cl_show_tree *t, struct cl_out *out, char *p, const struct cl_attr *a,
		       const struct cl_attr *end, unsigned depth, int64_t frame_ns)
{
	for (; a < end && p != NULL; a++) {
		struct words *w = words_of(t, a->field);

		if (w->kind == KIND_END) {
			depth -= depth > 1;
			continue;
		} else if (w->kind == KIND_BUNDLE) {
			p = put_bundle(t, out, p, a, depth, frame_ns);
		} else if (w->kind == KIND_UNSAID) {
			continue;
		} else if (a + 1 < end && is_nothing(w, a)) {
			a += w->field->label != NULL; /* its end */
			continue;
		} else if (a + 1 == end || !is_said_next(w, a)) {
			p = put_line(out, p, w, a, INDENT * (depth < INDENT_MAX ? depth : INDENT_MAX),
				     frame_ns);
			depth += w->kind == KIND_GROUP;
		}
		if (p != NULL && __builtin_expect(p > out->at + (out->room - LINE_ROOM), 0))
			p = turn(out, p);
	}
	return p;
}

/* The lines of a bundle whose number is new here; they are kept, if they are few enough. */
static char *put_new_bundle(struct cl_show_tree *t, struct cl_out *out, char *p, const struct cl_attr *a,
			    unsigned depth, int64_t frame_ns, size_t slot)
{
	struct cl_detail *d = t->open;
	size_t from = (size_t)(p - out->at), n;

	cl_detail_open(d, a);
	p = put_lines(t, out, p, d->attr, d->attr + d->attrs, depth, frame_ns);
	n = p != NULL ? (size_t)(p - out->at) - from : SIZE_MAX;
	if (n > KEPT_TEXT || depth > UINT16_MAX || d->full)
		return p;
	memcpy(t->texts[slot].at, out->at + from, n);
	t->kept[slot] = (struct kept){ a->field, a->v.u, (uint16_t)n, (uint16_t)depth };
	return p;
}

static char *put_bundle(struct cl_show_tree *t, struct cl_out *out, char *p, const struct cl_attr *a,
			unsigned depth, int64_t frame_ns)
{
	uint64_t h = ((uintptr_t)a->field >> 3 ^ a->v.u) * UINT64_C(0x9e3779b97f4a7c15);
	size_t slot = (size_t)(h >> 32) % KEPT;
	const struct kept *k = &t->kept[slot];

	if (k->field != a->field || k->number != a->v.u || k->depth != depth)
		return put_new_bundle(t, out, p, a, depth, frame_ns, slot);
	memcpy(p, t->texts[slot].at, k->n);
	return p + k->n;
}

static void put_layer(struct cl_show_tree *t, struct cl_out *out, const struct cl_frame *f,
		      const struct cl_detail *d, const struct cl_layer *l)
{
	const struct cl_attr *a = d->attr + l->attr;
	char *p;

	put_title(t, out, l);
	p = cl_out_room(out, LINE_ROOM);
	if (p != NULL)
		p = put_lines(t, out, p, a, a + l->attrs, 1, f->time_ns);
	if (p != NULL)
		out->used = (size_t)(p - out->at);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet as a JSON object. */
#include <stdlib.h>
#include <string.h>

#include "cli/packet/dissect.h"
#include "cli/packet/places.h"
#include "cli/write/digits.h"

#define NONE	  UINT32_MAX
#define DEPTH_MAX 8 /* of objects within objects: decoders use two */

/* A name, as flat fields have it or as an object's member: its key as JSON, ready to be copied whole. */
struct key {
	uint8_t n;     /* of the text; 0: it is too long, and put together each time */
	char text[63]; /* `, "name": ` */
};

/* The chain being linked of values with a key. */
struct chain {
	uint64_t turn;
	uint32_t tail; /* if turn is the present one */
};

/* A description: its keys. */
struct known {
	const struct cl_field *field;
	uint32_t flat, member;
};

/* The first of a chain of values. */
struct first {
	uint32_t at, key;
};

struct cl_show_json {
	struct cl_places places;
	struct known *known;
	uint32_t knowns, known_room;
	struct key *keys;
	struct chain *chains; /* by the key */
	const char **names;   /* by the key */
	uint32_t nkeys, key_room;
	uint32_t *key_slots; /* by the name; 0 is free, else the key's number and 1 */
	size_t key_slot_count;
	uint32_t *next;	     /* by value: the next with the same key, or NONE */
	struct first *flats; /* of a layer; as many as there are values at most */
	struct first
		*inner; /* objects of a layer, with members of those being shown behind: no value twice */
	uint32_t inners;
	size_t values; /* room for */
	uint64_t turn;
	const char *clash;
	bool failed;
};

struct cl_show_json *cl_show_json_new(void)
{
	return calloc(1, sizeof(struct cl_show_json));
}

void cl_show_json_free(struct cl_show_json *j)
{
	if (j == NULL)
		return;
	free(j->known);
	free(j->keys);
	free(j->chains);
	free(j->names);
	free(j->key_slots);
	free(j->next);
	free(j->flats);
	free(j->inner);
	free(j);
}

const char *cl_show_json_clash(const struct cl_show_json *j)
{
	return j->clash;
}

/* Names and descriptions: their number is the program's, not the input's --------- */

static size_t hash_name(const char *s)
{
	uint64_t h = 1469598103934665603u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

static bool grow_key_slots(struct cl_show_json *j)
{
	size_t count = j->key_slot_count == 0 ? 1024 : j->key_slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < j->nkeys; i++) {
		size_t at = hash_name(j->names[i]) & (count - 1);

		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(j->key_slots);
	j->key_slots = slots;
	j->key_slot_count = count;
	return true;
}

/* An array with room for more; the same and `*whole` false if memory is short. */
static void *larger(void *rows, size_t count, size_t size, bool *whole)
{
	void *more = realloc(rows, count * size);

	*whole = *whole && more != NULL;
	return more != NULL ? more : rows;
}

static void make_key(struct key *k, const char *name)
{
	struct cl_out text = { .at = NULL };

	k->n = 0;
	cl_out_str(&text, ", ");
	cl_out_json(&text, name, strlen(name));
	cl_out_str(&text, ": ");
	if (!text.failed && text.used <= sizeof(k->text)) {
		memcpy(k->text, text.at, text.used);
		k->n = (uint8_t)text.used;
	}
	cl_out_free(&text);
}

static uint32_t add_key(struct cl_show_json *j, const char *name)
{
	if (j->nkeys == j->key_room) {
		uint32_t room = j->key_room == 0 ? 512 : j->key_room * 2;

		bool whole = true;

		j->keys = larger(j->keys, room, sizeof(*j->keys), &whole);
		j->chains = larger(j->chains, room, sizeof(*j->chains), &whole);
		j->names = larger(j->names, room, sizeof(*j->names), &whole);
		if (!whole)
			return NONE;
		j->key_room = room;
	}
	make_key(&j->keys[j->nkeys], name);
	j->chains[j->nkeys] = (struct chain){ 0, 0 };
	j->names[j->nkeys] = name;
	return j->nkeys++;
}

/* The key of a name: one for equal names. */
static uint32_t key_of(struct cl_show_json *j, const char *name)
{
	if ((size_t)j->nkeys * 2 >= j->key_slot_count && !grow_key_slots(j))
		return NONE;
	size_t at = hash_name(name) & (j->key_slot_count - 1);
	for (; j->key_slots[at] != 0; at = (at + 1) & (j->key_slot_count - 1))
		if (strcmp(j->names[j->key_slots[at] - 1], name) == 0)
			return j->key_slots[at] - 1;
	uint32_t k = add_key(j, name);
	if (k != NONE)
		j->key_slots[at] = k + 1;
	return k;
}

/* Whether a name is described elsewhere too. */
static bool described(const struct cl_show_json *j, uint32_t flat)
{
	for (uint32_t i = 0; i < j->knowns; i++)
		if (j->known[i].flat == flat)
			return true;
	return false;
}

static const struct known *add_known(struct cl_show_json *j, uint16_t *place, const struct cl_field *f)
{
	const char *point = strrchr(f->name, '.');
	struct known k = { f, key_of(j, f->name), key_of(j, point != NULL ? point + 1 : f->name) };

	if (k.flat == NONE || k.member == NONE) {
		j->failed = true;
		return NULL;
	}
	if (described(j, k.flat))
		j->clash = f->name;
	if (*place == 0 && j->knowns == j->known_room) {
		uint32_t room = j->known_room == 0 ? 256 : j->known_room * 2;
		bool whole = true;

		j->known = larger(j->known, room, sizeof(*j->known), &whole);
		if (!whole) {
			j->failed = true;
			return NULL;
		}
		j->known_room = room;
	}
	if (*place == 0)
		*place = (uint16_t)++j->knowns;
	j->known[*place - 1] = k;
	return &j->known[*place - 1];
}

/* NULL: memory was short. */
static inline const struct known *known_of(struct cl_show_json *j, const struct cl_field *f)
{
	uint16_t *place = cl_place(&j->places, f);

	if (__builtin_expect(*place != 0 && j->known[*place - 1].field == f, 1))
		return &j->known[*place - 1];
	return add_known(j, place, f);
}

/* Values ----------------------------------------------------------------------- */

static inline char *put_words(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}
#define PUT_WORDS(p, words) put_words(p, words, sizeof(words) - 1)

static void put_ntp_time(struct cl_out *o, uint64_t stamp, int64_t frame_ns)
{
	char *p = cl_out_room(o, 2 * CL_DIGITS_MAX + 64);
	int64_t ns;

	if (p == NULL)
		return;
	p = PUT_WORDS(p, "{\"seconds\": ");
	p = cl_digits_u64(p, stamp >> 32);
	p = PUT_WORDS(p, ", \"fraction\": ");
	p = cl_digits_u64(p, stamp & UINT32_MAX);
	p = PUT_WORDS(p, ", \"time\": ");
	if (cl_show_ntp_time(stamp, frame_ns, &ns)) {
		*p++ = '"';
		o->used = (size_t)(p - o->at);
		cl_out_time(o, ns);
		cl_out_octets(o, "\"}", 2);
	} else {
		p = PUT_WORDS(p, "null}");
		o->used = (size_t)(p - o->at);
	}
}

/* Octets, and times: what has no quotes of its own. */
static void put_quoted(struct cl_out *o, const struct cl_attr *a)
{
	cl_out_char(o, '"');
	switch (a->field->type) {
	case CL_V_IP4:
		cl_out_ip4(o, (uint32_t)a->v.u);
		break;
	case CL_V_IP6:
		cl_out_ip6(o, a->v.bytes);
		break;
	case CL_V_ETHER:
		cl_out_bytes(o, a->v.bytes, ':');
		break;
	case CL_V_TIME:
		cl_out_time(o, a->v.i);
		break;
	default:
		cl_out_bytes(o, a->v.bytes, 0);
		break;
	}
	cl_out_char(o, '"');
}

static void put_value(struct cl_out *o, const struct cl_attr *a, int64_t frame_ns)
{
	switch (a->field->type) {
	case CL_V_UINT:
		cl_out_u64(o, a->v.u);
		break;
	case CL_V_INT:
		cl_out_i64(o, a->v.i);
		break;
	case CL_V_BOOL:
		if (a->v.u != 0)
			cl_out_octets(o, "true", 4);
		else
			cl_out_octets(o, "false", 5);
		break;
	case CL_V_TEXT:
		cl_out_json(o, (const char *)a->v.bytes.ptr, a->v.bytes.len);
		break;
	case CL_V_REAL:
		cl_out_real(o, a->v.f);
		break;
	case CL_V_DURATION:
		cl_out_seconds(o, a->v.i);
		break;
	case CL_V_NTP_TIME:
		put_ntp_time(o, a->v.u, frame_ns);
		break;
	case CL_V_NONE: /* it is there, that is all */
		cl_out_octets(o, "true", 4);
		break;
	default:
		put_quoted(o, a);
		break;
	}
}

/* `, "name": `, without what parts it from the member before if there is none. Copied in whole: what is too
 * much is written over. */
static inline void put_key(const struct cl_show_json *j, struct cl_out *o, uint32_t key, bool parted)
{
	const struct key *k = &j->keys[key];
	char *p = cl_out_room(o, sizeof(k->text));

	if (p == NULL)
		return;
	if (__builtin_expect(k->n == 0, 0)) {
		cl_out_str(o, parted ? ", " : "");
		cl_out_json(o, j->names[key], strlen(j->names[key]));
		cl_out_str(o, ": ");
	} else if (parted) {
		memcpy(p, k->text, sizeof(k->text));
		o->used += k->n;
	} else {
		memcpy(p, k->text + 2, sizeof(k->text) - 2);
		o->used += k->n - 2u;
	}
}

/* Chains of values with the same key ------------------------------------------- */

/* The place behind the group or object that begins at `at`. */
static uint32_t behind(const struct cl_detail *d, uint32_t at, uint32_t end)
{
	uint32_t depth = 0;

	do {
		uint8_t type = d->attr[at].field->type;

		depth += type == CL_V_GROUP || type == CL_V_OBJECT;
		depth -= type == CL_V_END && depth > 0;
		at++;
	} while (depth > 0 && at < end);
	return at;
}

/* Puts a value into the chain of its key. Whether it is the first. */
static inline bool link_value(struct cl_show_json *j, uint32_t key, uint32_t at)
{
	struct chain *c = &j->chains[key];
	bool first = c->turn != j->turn;

	j->next[at] = NONE;
	if (!first)
		j->next[c->tail] = at;
	c->tail = at;
	c->turn = j->turn;
	return first;
}

static bool room_for(struct cl_show_json *j, uint32_t values)
{
	if (values <= j->values)
		return true;
	size_t room = j->values == 0 ? 256 : j->values;
	while (room < values)
		room *= 2;
	bool whole = true;
	j->next = larger(j->next, room, sizeof(*j->next), &whole);
	j->flats = larger(j->flats, room, sizeof(*j->flats), &whole);
	j->inner = larger(j->inner, room, sizeof(*j->inner), &whole);
	if (whole)
		j->values = room;
	return whole;
}

/* Whether a value has a member of its own in an object. */
static inline bool is_member(const struct cl_field *f)
{
	return f->name != NULL && f->type != CL_V_GROUP && f->type != CL_V_END &&
	       (f->flags & CL_FD_FLAT) == 0;
}

/* Whether a value stands among its layer's. */
static inline bool is_flat(const struct cl_field *f)
{
	return f->name != NULL && f->type < CL_V_GROUP && (f->flags & CL_FD_OBJECT) == 0;
}

/* Objects ---------------------------------------------------------------------- */

/* Members behind the objects and members there are. */
static void link_members(struct cl_show_json *j, const struct cl_detail *d, uint32_t from, uint32_t end)
{
	j->turn++;
	for (uint32_t at = from; at < end;) {
		const struct cl_field *f = d->attr[at].field;

		if (is_member(f)) {
			const struct known *k = known_of(j, f);

			if (k != NULL && link_value(j, k->member, at))
				j->inner[j->inners++] = (struct first){ at, k->member };
		}
		at = f->type == CL_V_OBJECT ? behind(d, at, end) : at + 1;
	}
}

static void put_object(struct cl_show_json *j, struct cl_out *o, const struct cl_detail *d, uint32_t at,
		       uint32_t end, int64_t frame_ns, unsigned depth);

static void put_one(struct cl_show_json *j, struct cl_out *o, const struct cl_detail *d, uint32_t at,
		    uint32_t end, int64_t frame_ns, unsigned depth)
{
	if (d->attr[at].field->type == CL_V_OBJECT)
		put_object(j, o, d, at, end, frame_ns, depth + 1);
	else
		put_value(o, &d->attr[at], frame_ns);
}

/* The values of a chain: one alone, or an array. */
static void put_chain(struct cl_show_json *j, struct cl_out *o, const struct cl_detail *d, uint32_t at,
		      uint32_t end, int64_t frame_ns, unsigned depth, bool array)
{
	array = array || j->next[at] != NONE;
	if (array)
		cl_out_char(o, '[');
	for (uint32_t one = at; one != NONE; one = j->next[one]) {
		if (one != at)
			cl_out_str(o, ", ");
		put_one(j, o, d, one, end, frame_ns, depth);
	}
	if (array)
		cl_out_char(o, ']');
}

/* An object whole. Recursion is bounded: what is nested deeper than decoders do is left out. */
static void put_object(struct cl_show_json *j, struct cl_out *o, const struct cl_detail *d, uint32_t at,
		       uint32_t end, int64_t frame_ns, unsigned depth)
{
	uint32_t to = behind(d, at, end), from = j->inners;

	cl_out_char(o, '{');
	if (depth <= DEPTH_MAX)
		link_members(j, d, at + 1, to);
	for (uint32_t i = from, behind_last = j->inners; i < behind_last; i++) {
		struct first m = j->inner[i];

		put_key(j, o, m.key, i > from);
		put_chain(j, o, d, m.at, to, frame_ns, depth, false);
	}
	j->inners = from;
	cl_out_char(o, '}');
}

/* Layers ----------------------------------------------------------------------- */

/* Values of the layer, and objects of the layer itself, not those within others. The number of flat values,
 * those with the same key as one. */
static uint32_t link_layer(struct cl_show_json *j, const struct cl_detail *d, const struct cl_layer *l)
{
	uint32_t end = l->attr + l->attrs, inside = l->attr, flats = 0;

	j->turn++;
	j->inners = 0;
	for (uint32_t at = l->attr; at < end; at++) {
		const struct cl_field *f = d->attr[at].field;
		bool object = f->type == CL_V_OBJECT && f->name != NULL && at >= inside;

		if (f->type == CL_V_OBJECT && at >= inside)
			inside = behind(d, at, end);
		if (!object && !is_flat(f))
			continue;
		const struct known *k = known_of(j, f);
		if (k == NULL || !link_value(j, k->flat, at))
			continue;
		if (object)
			j->inner[j->inners++] = (struct first){ at, k->flat };
		else
			j->flats[flats++] = (struct first){ at, k->flat };
	}
	return flats;
}

/* Names of anomalies of findings from `from` on that are of the layer (NONE: of any); how many were passed.
 */
static uint32_t put_anomalies(struct cl_out *o, const struct cl_detail *d, uint32_t from, uint32_t layer)
{
	uint32_t i = from;

	cl_out_str(o, "\"anomalies\": [");
	for (; i < d->findings && (layer == NONE || d->finding[i].layer == layer); i++) {
		cl_out_str(o, i > from ? ", \"" : "\"");
		cl_out_str(o, cl_anomalies[d->finding[i].id].name);
		cl_out_char(o, '"');
	}
	cl_out_char(o, ']');
	return i;
}

/* Flat values first: linking the members of objects takes their places in the chains. */
static void put_fields(struct cl_show_json *j, struct cl_out *o, const struct cl_detail *d,
		       const struct cl_layer *l, int64_t frame_ns)
{
	uint32_t end = l->attr + l->attrs, flats = link_layer(j, d, l), objects = j->inners;

	for (uint32_t i = 0; i < flats; i++) {
		put_key(j, o, j->flats[i].key, true);
		put_chain(j, o, d, j->flats[i].at, end, frame_ns, 0, false);
	}
	for (uint32_t i = 0; i < objects; i++) {
		put_key(j, o, j->inner[i].key, true);
		put_chain(j, o, d, j->inner[i].at, end, frame_ns, 0, true);
	}
}

static void put_layers(struct cl_show_json *j, struct cl_out *o, const struct cl_frame *f,
		       const struct cl_detail *d)
{
	uint32_t finding = 0;

	cl_out_str(o, "\"layers\": [");
	for (uint32_t i = 0; i < d->layers; i++) {
		const struct cl_layer *l = &d->layer[i];

		cl_out_str(o, i > 0 ? ", {\"layer\": \"" : "{\"layer\": \"");
		cl_out_str(o, l->proto->name);
		cl_out_char(o, '"');
		if ((l->flags & CL_LF_TUNNELLED) != 0)
			cl_out_str(o, ", \"tunnelled\": true");
		if ((l->flags & CL_LF_QUOTED) != 0)
			cl_out_str(o, ", \"quoted\": true");
		if ((l->flags & CL_LF_REASSEMBLED) != 0)
			cl_out_str(o, ", \"reassembled\": true");
		if (finding < d->findings && d->finding[finding].layer == i) {
			cl_out_str(o, ", ");
			finding = put_anomalies(o, d, finding, i);
		}
		put_fields(j, o, d, l, f->time_ns);
		cl_out_char(o, '}');
	}
	cl_out_char(o, ']');
}

static void put_head(struct cl_out *o, const struct cl_frame *f, const struct cl_detail *d, const char *file)
{
	cl_out_str(o, "{\"frame.number\": ");
	cl_out_u64(o, f->number);
	cl_out_str(o, ", \"frame.time_epoch\": \"");
	cl_out_epoch(o, f->time_ns);
	cl_out_str(o, "\", \"frame.len\": ");
	cl_out_u64(o, f->wire_len);
	cl_out_str(o, ", \"frame.cap_len\": ");
	cl_out_u64(o, f->cap_len);
	if (file != NULL) {
		cl_out_str(o, ", \"file\": ");
		cl_out_json(o, file, strlen(file));
	}
	cl_out_str(o, ", \"fate\": \"");
	cl_out_str(o, cl_fate_names[d->fate]);
	cl_out_str(o, "\", ");
	if (d->fate == CL_FATE_UNDECODED) {
		cl_out_str(o, "\"reason\": \"");
		cl_show_reason(o, d);
		cl_out_str(o, "\", ");
	}
	put_anomalies(o, d, 0, NONE);
	if (d->info.len > 0) {
		cl_out_str(o, ", \"info\": ");
		cl_out_json(o, (const char *)d->info.ptr, d->info.len);
	}
	if (d->full)
		cl_out_str(o, ", \"cut\": true");
	cl_out_str(o, ", ");
}

bool cl_show_json(struct cl_show_json *j, struct cl_out *out, const struct cl_frame *f,
		  const struct cl_detail *d, const char *file)
{
	size_t before = out->used;

	if (!room_for(j, d->attrs))
		return false;
	put_head(out, f, d, file);
	put_layers(j, out, f, d);
	cl_out_str(out, "}\n");
	if (!out->failed && !j->failed)
		return true;
	out->used = before;
	return false;
}

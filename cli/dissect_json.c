/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet as a JSON object. */
#include <stdlib.h>
#include <string.h>

#include "cli/dissect.h"

#define NONE	  UINT32_MAX
#define DEPTH_MAX 8 /* of objects within objects: decoders use two */

/* A name, as flat fields have it or as an object's member: its key as JSON, and the chain being linked. */
struct key {
	const char *name;
	char *text; /* `"name": `, owned */
	size_t len;
	uint64_t turn;
	uint32_t head, tail; /* if turn is the present one */
};

/* A description: its keys. */
struct known {
	const struct cl_field *field;
	uint32_t flat, member;
};

struct cl_show_json {
	struct known *known; /* by the description's address; NULL fields are free */
	size_t slots, used;
	struct key *keys;
	size_t nkeys, key_room;
	uint32_t *key_slots; /* by the name; 0 is free, else the key's number and 1 */
	size_t key_slot_count;
	uint32_t *next; /* by value: the next with the same key, or NONE */
	bool *first;	/* by value: the first with its key */
	size_t values;
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
	for (size_t i = 0; i < j->nkeys; i++)
		free(j->keys[i].text);
	free(j->known);
	free(j->keys);
	free(j->key_slots);
	free(j->next);
	free(j->first);
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

static size_t hash_field(const struct cl_field *f)
{
	uint64_t h = (uint64_t)(uintptr_t)f * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> 32);
}

static bool grow_key_slots(struct cl_show_json *j)
{
	size_t count = j->key_slot_count == 0 ? 1024 : j->key_slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < j->nkeys; i++) {
		size_t at = hash_name(j->keys[i].name) & (count - 1);

		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(j->key_slots);
	j->key_slots = slots;
	j->key_slot_count = count;
	return true;
}

static uint32_t add_key(struct cl_show_json *j, const char *name)
{
	struct cl_out text = { .at = NULL };

	if (j->nkeys == j->key_room) {
		size_t room = j->key_room == 0 ? 512 : j->key_room * 2;
		struct key *larger = realloc(j->keys, room * sizeof(*larger));

		if (larger == NULL)
			return NONE;
		j->keys = larger;
		j->key_room = room;
	}
	cl_out_json(&text, name, strlen(name));
	cl_out_str(&text, ": ");
	if (text.failed)
		return NONE;
	j->keys[j->nkeys] = (struct key){ name, realloc(text.at, text.used), text.used, 0, 0, 0 };
	return (uint32_t)j->nkeys++;
}

/* The key of a name: one for equal names. */
static uint32_t key_of(struct cl_show_json *j, const char *name)
{
	if (j->nkeys * 2 >= j->key_slot_count && !grow_key_slots(j))
		return NONE;
	size_t at = hash_name(name) & (j->key_slot_count - 1);
	for (; j->key_slots[at] != 0; at = (at + 1) & (j->key_slot_count - 1))
		if (strcmp(j->keys[j->key_slots[at] - 1].name, name) == 0)
			return j->key_slots[at] - 1;
	uint32_t k = add_key(j, name);
	if (k != NONE)
		j->key_slots[at] = k + 1;
	return k;
}

static bool grow_known(struct cl_show_json *j)
{
	size_t slots = j->slots == 0 ? 1024 : j->slots * 2;
	struct known *larger = calloc(slots, sizeof(*larger));

	if (larger == NULL)
		return false;
	for (size_t i = 0; i < j->slots; i++) {
		size_t at = hash_field(j->known[i].field) & (slots - 1);

		if (j->known[i].field == NULL)
			continue;
		while (larger[at].field != NULL)
			at = (at + 1) & (slots - 1);
		larger[at] = j->known[i];
	}
	free(j->known);
	j->known = larger;
	j->slots = slots;
	return true;
}

/* Whether a name is described elsewhere too. */
static bool described(const struct cl_show_json *j, uint32_t flat)
{
	for (size_t i = 0; i < j->slots; i++)
		if (j->known[i].field != NULL && j->known[i].flat == flat)
			return true;
	return false;
}

static const struct known *add_known(struct cl_show_json *j, const struct cl_field *f)
{
	const char *point = strrchr(f->name, '.');
	struct known k = { f, key_of(j, f->name), key_of(j, point != NULL ? point + 1 : f->name) };

	if (k.flat == NONE || k.member == NONE || (j->used * 2 >= j->slots && !grow_known(j))) {
		j->failed = true;
		return NULL;
	}
	if (described(j, k.flat))
		j->clash = f->name;
	size_t at = hash_field(f) & (j->slots - 1);
	while (j->known[at].field != NULL)
		at = (at + 1) & (j->slots - 1);
	j->known[at] = k;
	j->used++;
	return &j->known[at];
}

static const struct known *known_of(struct cl_show_json *j, const struct cl_field *f)
{
	if (j->slots > 0) {
		size_t at = hash_field(f) & (j->slots - 1);

		for (; j->known[at].field != NULL; at = (at + 1) & (j->slots - 1))
			if (j->known[at].field == f)
				return &j->known[at];
	}
	return add_known(j, f);
}

/* Values ----------------------------------------------------------------------- */

static void put_ntp_time(struct cl_out *o, uint64_t stamp, int64_t frame_ns)
{
	int64_t ns;

	cl_out_str(o, "{\"seconds\": ");
	cl_out_u64(o, stamp >> 32);
	cl_out_str(o, ", \"fraction\": ");
	cl_out_u64(o, stamp & UINT32_MAX);
	cl_out_str(o, ", \"time\": ");
	if (cl_show_ntp_time(stamp, frame_ns, &ns)) {
		cl_out_char(o, '"');
		cl_out_time(o, ns);
		cl_out_str(o, "\"}");
	} else {
		cl_out_str(o, "null}");
	}
}

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
		cl_out_str(o, a->v.u != 0 ? "true" : "false");
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
		cl_out_str(o, "true");
		break;
	default:
		put_quoted(o, a);
		break;
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

static void link_value(struct cl_show_json *j, uint32_t key, uint32_t at)
{
	struct key *k = &j->keys[key];

	j->next[at] = NONE;
	j->first[at] = k->turn != j->turn;
	if (k->turn == j->turn)
		j->next[k->tail] = at;
	else
		k->head = at;
	k->tail = at;
	k->turn = j->turn;
}

static bool room_for(struct cl_show_json *j, uint32_t values)
{
	if (values <= j->values)
		return true;
	size_t room = j->values == 0 ? 256 : j->values;
	while (room < values)
		room *= 2;
	uint32_t *next = realloc(j->next, room * sizeof(*next));
	if (next != NULL)
		j->next = next;
	bool *first = realloc(j->first, room * sizeof(*first));
	if (first != NULL)
		j->first = first;
	if (next == NULL || first == NULL)
		return false;
	j->values = room;
	return true;
}

/* Whether a value has a member of its own in an object. */
static bool is_member(const struct cl_field *f)
{
	return f->name != NULL && f->type != CL_V_GROUP && f->type != CL_V_END &&
	       (f->flags & CL_FD_FLAT) == 0;
}

/* Whether a value stands among its layer's. */
static bool is_flat(const struct cl_field *f)
{
	return f->name != NULL && f->type < CL_V_GROUP && (f->flags & CL_FD_OBJECT) == 0;
}

/* Objects ---------------------------------------------------------------------- */

static void link_members(struct cl_show_json *j, const struct cl_detail *d, uint32_t from, uint32_t end)
{
	j->turn++;
	for (uint32_t at = from; at < end;) {
		const struct cl_field *f = d->attr[at].field;

		j->first[at] = false;
		if (is_member(f)) {
			const struct known *k = known_of(j, f);

			if (k != NULL)
				link_value(j, k->member, at);
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
	uint32_t to = behind(d, at, end);
	bool filled = false;

	cl_out_char(o, '{');
	if (depth <= DEPTH_MAX)
		link_members(j, d, at + 1, to);
	for (uint32_t i = at + 1; depth <= DEPTH_MAX && i < to;) {
		const struct cl_field *f = d->attr[i].field;

		if (j->first[i]) {
			const struct known *k = known_of(j, f);

			if (filled)
				cl_out_str(o, ", ");
			filled = true;
			cl_out_octets(o, j->keys[k->member].text, j->keys[k->member].len);
			put_chain(j, o, d, i, to, frame_ns, depth, false);
		}
		i = f->type == CL_V_OBJECT ? behind(d, i, to) : i + 1;
	}
	cl_out_char(o, '}');
}

/* Layers ----------------------------------------------------------------------- */

/* Objects of the layer itself, not those within others. */
static void link_layer(struct cl_show_json *j, const struct cl_detail *d, const struct cl_layer *l)
{
	uint32_t end = l->attr + l->attrs, inside = l->attr;

	j->turn++;
	for (uint32_t at = l->attr; at < end; at++) {
		const struct cl_field *f = d->attr[at].field;
		bool object = f->type == CL_V_OBJECT && f->name != NULL && at >= inside;

		j->first[at] = false;
		if (f->type == CL_V_OBJECT && at >= inside)
			inside = behind(d, at, end);
		if (object || is_flat(f)) {
			const struct known *k = known_of(j, f);

			if (k != NULL)
				link_value(j, k->flat, at);
		}
	}
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
	uint32_t end = l->attr + l->attrs;

	for (int objects = 0; objects < 2; objects++)
		for (uint32_t at = l->attr; at < end;) {
			const struct cl_field *f = d->attr[at].field;
			bool object = f->type == CL_V_OBJECT;

			if (j->first[at] && object == (objects != 0)) {
				const struct known *k = known_of(j, f);

				cl_out_str(o, ", ");
				cl_out_octets(o, j->keys[k->flat].text, j->keys[k->flat].len);
				put_chain(j, o, d, at, end, frame_ns, 0, object);
			}
			at = object && objects != 0 ? behind(d, at, end) : at + 1;
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
		link_layer(j, d, l);
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

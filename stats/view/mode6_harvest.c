/* SPDX-License-Identifier: BSD-2-Clause */
/* What answers of mode 6 tell: status words, variables, states of reference clocks. */
#include <stdio.h>
#include <string.h>

#include "stats/view/mode6_state.h"

/* An association's identifier and its status word in the answer to read status (RFC 9327 sec. 4). */
#define STATUS_ROW 4u

static struct cl_mode6_association *association_of(struct cl_mode6 *m, const struct cl_addr *server,
						   uint16_t association, enum cl_mode6_kind kind)
{
	const struct cl_mode6_association key = { .server = *server,
						  .association = association,
						  .kind = (uint8_t)kind };
	struct cl_mode6_association *a = cl_keyed_get(&m->associations, &key, NULL);

	if (a == NULL)
		m->refused.associations++;
	return a;
}

static void note_status(struct cl_mode6 *m, struct cl_mode6_association *a, uint16_t status, int64_t time_ns)
{
	if (a == NULL)
		return;
	a->last_ns = time_ns;
	if (a->has_status && a->status == status)
		return;
	a->changes += a->has_status;
	a->has_status = true;
	a->status = status;
	struct cl_mode6_event *e = cl_arena_add(&m->events);
	if (e == NULL) {
		m->refused.events++;
		return;
	}
	*e = (struct cl_mode6_event){ time_ns, cl_keyed_number(&m->associations, a), status };
}

static enum cl_mode6_kind kind_of(unsigned opcode, uint16_t association)
{
	if (opcode == MODE6_READCLOCK || opcode == MODE6_WRITECLOCK)
		return CL_MODE6_CLOCK;
	return association == 0 ? CL_MODE6_SYSTEM : CL_MODE6_PEER;
}

void cl_mode6_harvest_status(struct cl_mode6 *m, const struct cl_message *r)
{
	const struct cl_note *n = r->note;
	const struct cl_addr *server = &r->event->src;
	const unsigned opcode = n->opcode & MODE6_OPCODE;
	size_t length;
	const uint8_t *p = cl_note_piece(n, CL_PIECE_CONTROL, &length);

	if (opcode < MODE6_READSTAT || opcode > MODE6_WRITECLOCK)
		return;
	note_status(m, association_of(m, server, n->association, kind_of(opcode, n->association)), n->status,
		    r->event->time_ns);
	if (opcode != MODE6_READSTAT || n->association != 0 || n->offset % STATUS_ROW != 0)
		return;
	for (; p != NULL && length >= STATUS_ROW; p += STATUS_ROW, length -= STATUS_ROW) {
		const uint16_t association = (uint16_t)(p[0] << 8 | p[1]),
			       status = (uint16_t)(p[2] << 8 | p[3]);

		if (association != 0)
			note_status(m, association_of(m, server, association, CL_MODE6_PEER), status,
				    r->event->time_ns);
	}
}

/* Variables -------------------------------------------------------------------------------- */

static void add_sample(struct cl_mode6 *m, struct cl_mode6_series *s, int64_t time_ns, double value)
{
	if (s->n == 0) {
		s->first_ns = time_ns;
		s->first = s->min = s->max = value;
	}
	s->n++;
	s->last_ns = time_ns;
	s->last = value;
	s->sum += value;
	s->min = value < s->min ? value : s->min;
	s->max = value > s->max ? value : s->max;
	struct cl_mode6_sample *one = cl_arena_add(&m->samples);
	if (one == NULL) {
		m->refused.samples++;
		return;
	}
	*one = (struct cl_mode6_sample){ time_ns, value, 0 };
	const uint32_t place = (uint32_t)m->samples.count;
	if (s->tail > 0)
		((struct cl_mode6_sample *)cl_arena_at(&m->samples, s->tail - 1))->next = place;
	else
		s->head = place;
	s->tail = place;
}

static uint8_t copy_name(char to[CL_MODE6_NAME_MAX], const uint8_t *name, size_t length)
{
	if (length > CL_MODE6_NAME_MAX)
		length = CL_MODE6_NAME_MAX;
	memcpy(to, name, length);
	return (uint8_t)length;
}

static void add_value(struct cl_mode6 *m, const struct mode6_message *w, const uint8_t *name, size_t length,
		      double value)
{
	struct cl_mode6_series key = { .server = w->server,
				       .association = w->association,
				       .kind = (uint8_t)kind_of(w->opcode, w->association) };

	key.name_length = copy_name(key.name, name, length);
	struct cl_mode6_series *s = cl_keyed_get(&m->series, &key, NULL);
	if (s != NULL)
		add_sample(m, s, w->last_ns, value);
	else
		m->refused.series++;
}

/* refclock_states: the share of each state, as a series of its own and as it is now. */
static void add_states(struct cl_mode6 *m, const struct mode6_message *w, const struct cl_mode6_item *item)
{
	struct cl_mode6_state state;
	size_t at = 0;

	while (cl_mode6_state(item->value, item->value_length, &at, &state)) {
		struct cl_mode6_clock_state key = { .server = w->server, .association = w->association };
		char name[CL_MODE6_NAME_MAX + 32];

		key.name_length = copy_name(key.name, state.name, state.name_length);
		struct cl_mode6_clock_state *s = cl_keyed_get(&m->states, &key, NULL);
		if (s == NULL) {
			m->refused.states++;
			return;
		}
		s->time_ns = w->last_ns;
		s->seconds = state.seconds;
		s->share = state.share;
		s->current = state.current;
		int n = snprintf(name, sizeof name, "refclock_states.%.*s", (int)key.name_length, key.name);
		if (n > 0 && state.share >= 0)
			add_value(m, w, (const uint8_t *)name, (size_t)n, state.share);
	}
}

static bool is_named(const struct cl_mode6_item *item, const char *name)
{
	return item->name_length == strlen(name) && memcmp(item->name, name, item->name_length) == 0;
}

/* What an association is known by: a peer's address, a clock's device or else its name. */
static void add_text(struct cl_mode6 *m, const struct mode6_message *w, const struct cl_mode6_item *item)
{
	const enum cl_mode6_kind kind = kind_of(w->opcode, w->association);
	size_t length = item->value_length;

	if (kind == CL_MODE6_PEER
		    ? !is_named(item, "srcadr")
		    : kind == CL_MODE6_SYSTEM || (!is_named(item, "device") && !is_named(item, "name")))
		return;
	struct cl_mode6_association *a = association_of(m, &w->server, w->association, kind);
	if (a == NULL || (is_named(item, "name") && a->text[0] != '\0'))
		return;
	if (length > CL_MODE6_TEXT_MAX)
		length = CL_MODE6_TEXT_MAX;
	memcpy(a->text, item->value, length);
	a->text[length] = '\0';
}

void cl_mode6_harvest(struct cl_mode6 *m, const struct mode6_message *whole)
{
	struct cl_mode6_item item;
	size_t at = 0;
	double value;

	while (cl_mode6_item(whole->data, whole->end, &at, &item)) {
		if (cl_mode6_number(&item, &value))
			add_value(m, whole, item.name, item.name_length, value);
		else if (is_named(&item, "refclock_states"))
			add_states(m, whole, &item);
		else
			add_text(m, whole, &item);
	}
}

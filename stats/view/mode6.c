/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/mode6.h"

#include <stdlib.h>
#include <string.h>

#include "stats/view/mode6_state.h"

#define MODE7_RESPONSE	    0x80u
#define MODE7_MON_GETLIST   20u
#define MODE7_MON_GETLIST_1 42u

struct cl_mode6 *cl_mode6_new(uint64_t seed)
{
	struct cl_mode6 *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->has_events = cl_arena_init(&m->events, sizeof(struct cl_mode6_event), CL_MODE6_EVENTS_MAX);
	m->has_samples = cl_arena_init(&m->samples, sizeof(struct cl_mode6_sample), CL_MODE6_SAMPLES_MAX);
	if (m->has_events && m->has_samples &&
	    cl_keyed_init(&m->sources, sizeof(struct cl_mode6_source), sizeof(struct cl_addr),
			  CL_MODE6_SOURCES_MAX, seed) &&
	    cl_keyed_init(&m->asked, sizeof(struct cl_mode6_asked), sizeof(struct cl_addr) + 2,
			  CL_MODE6_ASKED_MAX, seed) &&
	    cl_keyed_init(&m->operations, sizeof(struct cl_mode6_operation), sizeof(struct cl_addr) + 2,
			  CL_MODE6_OPERATIONS_MAX, seed) &&
	    cl_keyed_init(&m->associations, sizeof(struct cl_mode6_association), sizeof(struct cl_addr) + 4,
			  CL_MODE6_ASSOCIATIONS_MAX, seed) &&
	    cl_keyed_init(&m->series, sizeof(struct cl_mode6_series),
			  offsetof(struct cl_mode6_series, name) + CL_MODE6_NAME_MAX, CL_MODE6_SERIES_MAX,
			  seed) &&
	    cl_keyed_init(&m->states, sizeof(struct cl_mode6_clock_state),
			  offsetof(struct cl_mode6_clock_state, name) + CL_MODE6_NAME_MAX,
			  CL_MODE6_STATES_MAX, seed))
		return m;
	cl_mode6_free(m);
	return NULL;
}

void cl_mode6_free(struct cl_mode6 *m)
{
	if (m == NULL)
		return;
	if (m->has_events)
		cl_arena_free(&m->events);
	if (m->has_samples)
		cl_arena_free(&m->samples);
	cl_keyed_free(&m->sources);
	cl_keyed_free(&m->asked);
	cl_keyed_free(&m->operations);
	cl_keyed_free(&m->associations);
	cl_keyed_free(&m->series);
	cl_keyed_free(&m->states);
	free(m);
}

/* Who asks, and how much is answered ------------------------------------------------------- */

static void count(struct cl_mode6_count *c, const struct cl_note *n, bool response, bool error)
{
	if (!response) {
		c->requests++;
		c->octets += n->length;
		c->now_octets = 0;
		return;
	}
	c->responses++;
	c->answered_octets += n->length;
	c->errors += error;
	c->now_octets += n->length;
	if (c->now_octets > c->most_octets)
		c->most_octets = c->now_octets;
}

static uint8_t what_is_asked(unsigned mode, const struct cl_note *n)
{
	const unsigned opcode = n->opcode & MODE6_OPCODE;

	if (mode == 7)
		return n->opcode == MODE7_MON_GETLIST || n->opcode == MODE7_MON_GETLIST_1
			       ? CL_MODE6_ASKED_MONLIST
			       : CL_MODE6_ASKED_OTHER;
	if (opcode == MODE6_READVAR && n->association == 0)
		return CL_MODE6_ASKED_VERSION;
	return opcode == MODE6_READ_MRU ? CL_MODE6_ASKED_MRU : CL_MODE6_ASKED_OTHER;
}

static void count_source(struct cl_mode6 *m, const struct cl_message *x, unsigned mode, bool response,
			 bool error)
{
	const struct cl_event *e = x->event;
	bool fresh;
	struct cl_mode6_source *s = cl_keyed_get(&m->sources, response ? &e->dst : &e->src, &fresh);

	if (s == NULL) {
		m->refused.packets++;
		return;
	}
	if (fresh)
		s->first_ns = e->time_ns;
	s->last_ns = e->time_ns;
	if (!response)
		s->asked |= what_is_asked(mode, x->note);
	count(mode == 6 ? &s->mode6 : &s->mode7, x->note, response, error);
}

/* By mode and opcode: of the server, and of the source. */
static void count_operation(struct cl_mode6 *m, const struct cl_message *x, unsigned mode, bool response,
			    bool error)
{
	const unsigned opcode = mode == 6 ? x->note->opcode & MODE6_OPCODE : x->note->opcode;
	const struct cl_addr *src = &x->event->src, *dst = &x->event->dst;
	const struct cl_mode6_operation of_server = { .server = response ? *src : *dst,
						      .mode = (uint8_t)mode,
						      .opcode = (uint8_t)opcode };
	const struct cl_mode6_asked of_source = { .source = response ? *dst : *src,
						  .mode = (uint8_t)mode,
						  .opcode = (uint8_t)opcode };
	struct cl_mode6_operation *o = cl_keyed_get(&m->operations, &of_server, NULL);
	struct cl_mode6_asked *a = cl_keyed_get(&m->asked, &of_source, NULL);

	if (o != NULL)
		count(&o->n, x->note, response, error);
	if (a != NULL)
		count(&a->n, x->note, response, error);
	m->refused.packets += o == NULL || a == NULL;
}

/* Fragments -------------------------------------------------------------------------------- */

static bool is_of(const struct mode6_message *w, const struct cl_message *r)
{
	const struct cl_event *e = r->event;

	return w->used && w->sequence == r->note->sequence && w->port == e->dport &&
	       w->association == r->note->association && w->opcode == (r->note->opcode & MODE6_OPCODE) &&
	       cl_addr_cmp(&w->server, &e->src) == 0 && cl_addr_cmp(&w->client, &e->dst) == 0;
}

static void drop(struct cl_mode6 *m, struct mode6_message *w)
{
	if (w->used && !w->told)
		m->all.incomplete++;
	w->used = false;
}

/* The message that a fragment is of; a new one takes a free place, or the oldest's. */
static struct mode6_message *message_of(struct cl_mode6 *m, const struct cl_message *r)
{
	struct mode6_message *oldest = &m->message[0];

	for (size_t i = 0; i < CL_MODE6_MESSAGES; i++) {
		struct mode6_message *w = &m->message[i];

		if (is_of(w, r)) {
			if (r->event->time_ns - w->first_ns <= CL_MODE6_MESSAGE_NS)
				return w;
			drop(m, w);
		}
		if (oldest->used && (!w->used || w->first_ns < oldest->first_ns))
			oldest = w;
	}
	drop(m, oldest);
	memset(oldest->came, 0, sizeof oldest->came);
	oldest->server = r->event->src;
	oldest->client = r->event->dst;
	oldest->port = r->event->dport;
	oldest->sequence = r->note->sequence;
	oldest->association = r->note->association;
	oldest->opcode = r->note->opcode & MODE6_OPCODE;
	oldest->first_ns = r->event->time_ns;
	oldest->used = true;
	oldest->told = oldest->ended = false;
	oldest->octets = oldest->end = oldest->fragments = 0;
	return oldest;
}

/* Puts what is new of a fragment; the first that came holds. Whether any was. */
static bool put(struct mode6_message *w, const struct cl_note *n)
{
	size_t length;
	const uint8_t *data = cl_note_piece(n, CL_PIECE_CONTROL, &length);
	const uint32_t before = w->octets;

	for (size_t i = 0, at = n->offset; i < length && at < CL_MODE6_MESSAGE_MAX; i++, at++) {
		const uint8_t bit = (uint8_t)(1u << at % 8);

		if ((w->came[at / 8] & bit) != 0)
			continue;
		w->came[at / 8] |= bit;
		w->data[at] = data[i];
		w->octets++;
	}
	return w->octets > before;
}

static void take_fragment(struct cl_mode6 *m, const struct cl_message *r)
{
	const struct cl_note *n = r->note;
	const uint32_t end = (uint32_t)n->offset + n->count;
	struct mode6_message *w = message_of(m, r);

	if (w->told || (!put(w, n) && n->count > 0)) {
		m->all.duplicates++;
		return;
	}
	w->last_ns = r->event->time_ns;
	w->fragments++;
	if ((n->opcode & MODE6_MORE) == 0) {
		w->end = end;
		w->ended = true;
	}
	if (!w->ended || w->end > CL_MODE6_MESSAGE_MAX || w->octets < w->end)
		return;
	w->told = true;
	m->all.messages++;
	m->all.fragments += w->fragments;
	cl_mode6_harvest(m, w);
}

/* A request is answered anew. */
static void forget(struct cl_mode6 *m, const struct cl_message *q)
{
	struct cl_event turned = *q->event;
	const struct cl_message as_response = { &turned, q->note };

	turned.src = q->event->dst;
	turned.dst = q->event->src;
	turned.dport = q->event->sport;
	for (size_t i = 0; i < CL_MODE6_MESSAGES; i++)
		if (is_of(&m->message[i], &as_response))
			drop(m, &m->message[i]);
}

static void take_mode6(struct cl_mode6 *m, const struct cl_message *x, bool response, bool error)
{
	const unsigned opcode = x->note->opcode & MODE6_OPCODE;
	const bool variables = opcode == MODE6_READVAR || opcode == MODE6_READCLOCK;

	if (!response) {
		if (variables)
			forget(m, x);
	} else if (error) {
		m->all.error[x->note->status >> 8 & 7u]++;
	} else {
		cl_mode6_harvest_status(m, x);
		if (variables)
			take_fragment(m, x);
	}
}

void cl_mode6_take(void *mode6, const struct cl_exchange *x)
{
	struct cl_mode6 *m = mode6;
	const struct cl_message *r = &x->request;
	const unsigned mode = r->event->u.ntp.mode;

	if (mode != 6 && mode != 7)
		return;
	const bool response = mode == 6 ? (r->note->opcode & MODE6_RESPONSE) != 0
					: (r->note->response & MODE7_RESPONSE) != 0;
	const bool error =
		response && (mode == 6 ? (r->note->opcode & MODE6_ERROR) != 0 : r->note->status != 0);
	count(mode == 6 ? &m->all.mode6 : &m->all.mode7, r->note, response, error);
	count_source(m, r, mode, response, error);
	count_operation(m, r, mode, response, error);
	if (mode == 6)
		take_mode6(m, r, response, error);
}

/* Results ---------------------------------------------------------------------------------- */

static uint64_t answered(const struct cl_mode6_source *s)
{
	return s->mode6.answered_octets + s->mode7.answered_octets;
}

static uint64_t asked(const struct cl_mode6_source *s)
{
	return s->mode6.octets + s->mode7.octets;
}

static int by_octets(const void *a, const void *b)
{
	const struct cl_mode6_source *p = a, *q = b;

	if (answered(p) != answered(q))
		return answered(p) < answered(q) ? 1 : -1;
	if (asked(p) != asked(q))
		return asked(p) < asked(q) ? 1 : -1;
	return cl_addr_cmp(&p->addr, &q->addr);
}

static int by_operation(const void *a, const void *b)
{
	const struct cl_mode6_operation *p = a, *q = b;
	int c = cl_addr_cmp(&p->server, &q->server);

	if (c != 0)
		return c;
	return p->mode != q->mode ? p->mode - q->mode : p->opcode - q->opcode;
}

static int by_variable(const void *a, const void *b)
{
	const struct cl_mode6_series *p = a, *q = b;
	int c = cl_addr_cmp(&p->server, &q->server);

	if (c != 0)
		return c;
	if (p->kind != q->kind)
		return p->kind - q->kind;
	if (p->association != q->association)
		return p->association - q->association;
	return memcmp(p->name, q->name, sizeof p->name);
}

const struct cl_mode6_totals *cl_mode6_totals(struct cl_mode6 *m)
{
	for (size_t i = 0; !m->settled && i < CL_MODE6_MESSAGES; i++)
		drop(m, &m->message[i]);
	m->settled = true;
	return &m->all;
}

struct cl_mode6_refused cl_mode6_refused(const struct cl_mode6 *m)
{
	return m->refused;
}

static const void *sorted(struct cl_keyed *k, size_t *n, int (*compare)(const void *a, const void *b))
{
	*n = cl_keyed_count(k);
	if (*n > 0)
		qsort(k->arena.base, *n, k->arena.record, compare);
	return k->arena.base;
}

const struct cl_mode6_source *cl_mode6_sources(struct cl_mode6 *m, size_t *n)
{
	return sorted(&m->sources, n, by_octets);
}

void cl_mode6_asked(const struct cl_mode6 *m, const struct cl_addr *source,
		    void (*fn)(void *ctx, const struct cl_mode6_asked *one), void *ctx)
{
	for (unsigned mode = 6; mode <= 7; mode++)
		for (unsigned opcode = 0; opcode <= UINT8_MAX; opcode++) {
			const struct cl_mode6_asked key = { .source = *source,
							    .mode = (uint8_t)mode,
							    .opcode = (uint8_t)opcode };
			const struct cl_mode6_asked *one = cl_keyed_find(&m->asked, &key);

			if (one != NULL)
				fn(ctx, one);
		}
}

const struct cl_mode6_operation *cl_mode6_operations(struct cl_mode6 *m, size_t *n)
{
	return sorted(&m->operations, n, by_operation);
}

const struct cl_mode6_series *cl_mode6_series(struct cl_mode6 *m, size_t *n)
{
	return sorted(&m->series, n, by_variable);
}

const struct cl_mode6_association *cl_mode6_association(const struct cl_mode6 *m, uint32_t number)
{
	return cl_keyed_at(&m->associations, number);
}

const struct cl_mode6_association *cl_mode6_associations(const struct cl_mode6 *m, size_t *n)
{
	*n = cl_keyed_count(&m->associations);
	return cl_keyed_at(&m->associations, 0);
}

const struct cl_mode6_event *cl_mode6_events(const struct cl_mode6 *m, size_t *n)
{
	*n = m->events.count;
	return cl_arena_at(&m->events, 0);
}

const struct cl_mode6_clock_state *cl_mode6_states(const struct cl_mode6 *m, size_t *n)
{
	*n = cl_keyed_count(&m->states);
	return cl_keyed_at(&m->states, 0);
}

const struct cl_mode6_sample *cl_mode6_sample(const struct cl_mode6 *m, uint32_t place)
{
	return place > 0 ? cl_arena_at(&m->samples, place - 1) : NULL;
}

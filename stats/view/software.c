/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients and sources as they come; what is made of them is in software_vote.c and software_results.c. */
#include "stats/view/software.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/view/software_state.h"

#define CLIENTS_MAX ((size_t)1 << 22)
#define PAIRS_MAX   ((size_t)1 << 23)
#define SOURCES_MAX ((size_t)1 << 20)
#define SERVERS_MAX ((size_t)1 << 16)

#define TICK_NS	  62500000
#define TICKS_1S  16u
#define SLOT_BITS 2u
#define NS_PER_S  1000000000

/* Numbers names, so that rows of one can be taken together. */
static void number_names(struct cl_software *s)
{
	for (size_t i = 0; i < s->sigs->rows; i++) {
		size_t k = 0;

		while (strcmp(s->sigs->row[k].name, s->sigs->row[i].name) != 0)
			k++;
		s->name_of[i] = (uint16_t)k;
	}
}

struct cl_software *cl_software_new(const struct cl_signatures *sigs, uint64_t seed,
				    const struct cl_software_limits *limits)
{
	static const struct cl_software_limits defaults = { 0 };
	const struct cl_software_limits *l = limits != NULL ? limits : &defaults;
	struct cl_software *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->sigs = sigs;
	s->seed = seed;
	number_names(s);
	bool ok =
		cl_arena_init(&s->clients, sizeof(struct cl_soft_client),
			      l->clients > 0 ? l->clients : CLIENTS_MAX) &&
		cl_arena_init(&s->forms, sizeof(struct cl_soft_form), CL_SOFT_FORMS) &&
		cl_arena_init(&s->pairs, sizeof(struct cl_soft_pair), l->pairs > 0 ? l->pairs : PAIRS_MAX) &&
		cl_arena_init(&s->sources, sizeof(struct cl_soft_source),
			      l->sources > 0 ? l->sources : SOURCES_MAX) &&
		cl_arena_init(&s->servers, sizeof(struct cl_addr), SERVERS_MAX) &&
		cl_index_init(&s->by_client) && cl_index_init(&s->by_form) && cl_index_init(&s->by_pair) &&
		cl_index_init(&s->by_source) && cl_index_init(&s->by_server);
	if (ok)
		return s;
	cl_software_free(s);
	return NULL;
}

void cl_software_free(struct cl_software *s)
{
	if (s == NULL)
		return;
	cl_soft_free_results(s);
	cl_arena_free(&s->clients);
	cl_arena_free(&s->forms);
	cl_arena_free(&s->pairs);
	cl_arena_free(&s->sources);
	cl_arena_free(&s->servers);
	cl_index_free(&s->by_client);
	cl_index_free(&s->by_form);
	cl_index_free(&s->by_pair);
	cl_index_free(&s->by_source);
	cl_index_free(&s->by_server);
	free(s);
}

/* Finding and adding ---------------------------------------------------------- */

static bool same_client(const void *records, uint32_t number, const void *key)
{
	const struct cl_soft_client *c = cl_arena_at(records, number);

	return memcmp(&c->addr, key, sizeof c->addr) == 0;
}

static bool same_form(const void *records, uint32_t number, const void *key)
{
	return memcmp(cl_arena_at(records, number), key, sizeof(struct cl_soft_form)) == 0;
}

static bool same_pair(const void *records, uint32_t number, const void *key)
{
	const struct cl_soft_pair *p = cl_arena_at(records, number), *k = key;

	return p->client == k->client && p->server == k->server;
}

static bool same_source(const void *records, uint32_t number, const void *key)
{
	const struct cl_soft_source *r = cl_arena_at(records, number), *k = key;

	return r->mode == k->mode && memcmp(&r->addr, &k->addr, sizeof r->addr) == 0;
}

static bool same_server(const void *records, uint32_t number, const void *key)
{
	return memcmp(cl_arena_at(records, number), key, sizeof(struct cl_addr)) == 0;
}

/* The number of a record, which is made if it is not there; CL_INDEX_NONE if there is no room. */
static uint32_t intern(struct cl_arena *records, struct cl_index *index, uint64_t hash, cl_index_eq *eq,
		       const void *key)
{
	uint32_t number = cl_index_find(index, hash, eq, records, key);
	void *record;

	if (number != CL_INDEX_NONE)
		return number;
	number = (uint32_t)records->count;
	record = cl_arena_add(records);
	if (record == NULL)
		return CL_INDEX_NONE;
	if (!cl_index_add(index, hash, number)) {
		records->count--; /* it is the last */
		return CL_INDEX_NONE;
	}
	memcpy(record, key, records->record);
	return number;
}

uint32_t cl_soft_find(const struct cl_software *s, const struct cl_addr *addr)
{
	return cl_index_find(&s->by_client, cl_addr_hash(addr, s->seed), same_client, &s->clients, addr);
}

/* A form's number and 1, or CL_SOFT_OTHER. */
static uint16_t form_of(struct cl_software *s, const struct cl_event *e, const struct cl_note *n,
			const struct cl_sig_bits *rows)
{
	struct cl_soft_form form;

	memset(&form, 0, sizeof form);
	form.sign = cl_softsign_of(e, n);
	form.rows = *rows;
	uint32_t number =
		intern(&s->forms, &s->by_form, cl_hash(&form, sizeof form, s->seed), same_form, &form);

	return number == CL_INDEX_NONE ? CL_SOFT_OTHER : (uint16_t)(number + 1);
}

/* Clients --------------------------------------------------------------------- */

/* The slot of a form among those of the last requests. A fifth shares the fourth with all others. */
static unsigned slot_of(struct cl_soft_client *c, uint16_t form)
{
	bool used[CL_SOFT_SLOTS] = { false };
	unsigned voted = cl_soft_voted(c), older = voted < CL_SOFT_VOTES ? voted : CL_SOFT_VOTES - 1;

	for (unsigned k = 0; k < CL_SOFT_SLOTS; k++)
		if (c->form[k] == form)
			return k;
	for (unsigned i = 0; i < older; i++)
		used[c->slots >> (SLOT_BITS * i) & 3u] = true;
	for (unsigned k = 0; k < CL_SOFT_SLOTS; k++) {
		if (!used[k]) {
			c->form[k] = form;
			return k;
		}
	}
	c->form[CL_SOFT_SLOTS - 1] = CL_SOFT_OTHER;
	return CL_SOFT_SLOTS - 1;
}

static void count_gap(struct cl_soft_client *c, uint32_t ticks)
{
	const unsigned shift = CL_SOFT_GAP_BITS * cl_gap_bucket((int64_t)ticks * TICK_NS);

	if ((c->gaps >> shift & 15u) == 15u) {
		uint64_t counters = c->gaps & ((UINT64_C(1) << CL_SOFT_VOTED_SHIFT) - 1);

		c->gaps = (c->gaps & ~counters) | (counters >> 1 & UINT64_C(0x7777777777777));
	}
	c->gaps += UINT64_C(1) << shift;
}

static void look(struct cl_soft_client *c, uint64_t xmt, int64_t time_ns, uint32_t ticks)
{
	struct cl_xmt_watch w = { .seen = c->seen,
				  .xmt = c->xmt,
				  .offset = c->offset,
				  .again = c->gaps >> CL_SOFT_AGAIN_SHIFT & 15u };

	cl_xmt_watch(&w, xmt, time_ns, c->requests == 0, ticks >= TICKS_1S);
	c->seen = w.seen;
	c->xmt = w.xmt;
	c->offset = w.offset;
	c->gaps = (c->gaps & ~(UINT64_C(15) << CL_SOFT_AGAIN_SHIFT)) | (uint64_t)w.again
									       << CL_SOFT_AGAIN_SHIFT;
}

static void count_request(struct cl_software *s, struct cl_soft_client *c, const struct cl_event *e,
			  uint16_t form)
{
	const int64_t since = (e->time_ns - s->base_ns) / TICK_NS;
	const uint32_t now = since < 0 ? 0 : since > UINT32_MAX ? UINT32_MAX : (uint32_t)since;
	const uint32_t ticks = c->requests > 0 && now > c->last ? now - c->last : 0;
	const unsigned slot = slot_of(c, form), voted = cl_soft_voted(c);

	look(c, e->u.ntp.xmt, e->time_ns, ticks);
	if (c->requests > 0)
		count_gap(c, ticks);
	c->slots = c->slots << SLOT_BITS | slot;
	c->kept = (uint16_t)(c->kept << 1 | (c->requests > 0 && c->port == e->sport));
	c->port = e->sport;
	c->last = now;
	if (voted < CL_SOFT_VOTES)
		c->gaps += UINT64_C(1) << CL_SOFT_VOTED_SHIFT;
	if (c->requests < UINT32_MAX)
		c->requests++;
}

static void count_pair(struct cl_software *s, uint32_t client, const struct cl_addr *server)
{
	struct cl_soft_pair pair = { .client = client };

	pair.server = intern(&s->servers, &s->by_server, cl_addr_hash(server, s->seed), same_server, server);
	if (pair.server == CL_INDEX_NONE) {
		s->totals.pairs_given_up++;
		return;
	}
	uint32_t number = intern(&s->pairs, &s->by_pair,
				 cl_mix((uint64_t)client << 32 | pair.server, s->seed), same_pair, &pair);
	if (number == CL_INDEX_NONE) {
		s->totals.pairs_given_up++;
		return;
	}
	struct cl_soft_pair *p = cl_arena_at(&s->pairs, number);
	if (p->requests < UINT32_MAX)
		p->requests++;
}

static void take_client(struct cl_software *s, const struct cl_message *m, const struct cl_sig_bits *rows)
{
	struct cl_soft_client new = { .addr = m->event->src };
	uint32_t number =
		intern(&s->clients, &s->by_client, cl_addr_hash(&new.addr, s->seed), same_client, &new);

	if (number == CL_INDEX_NONE) {
		s->totals.given_up++;
		return;
	}
	s->totals.requests++;
	count_request(s, cl_arena_at(&s->clients, number), m->event, form_of(s, m->event, m->note, rows));
	count_pair(s, number, &m->event->dst);
}

/* Sources apart --------------------------------------------------------------- */

/* The row of the highest rank that fits; of equal ones the first. */
static uint16_t best_row(const struct cl_software *s, const struct cl_sig_bits *rows, uint32_t in_second,
			 bool proven_alone)
{
	uint16_t best = CL_SOFT_NO_ROW;

	for (size_t i = 0; i < s->sigs->rows; i++) {
		const struct cl_signature *row = &s->sigs->row[i];

		if (!cl_sig_has(rows, i) || row->rate > in_second)
			continue;
		if (proven_alone && (!row->exact || row->kind < CL_SIG_SCANNER))
			continue;
		if (best == CL_SOFT_NO_ROW || row->rank > s->sigs->row[best].rank)
			best = (uint16_t)i;
	}
	return best;
}

static uint64_t source_hash(const struct cl_software *s, const struct cl_addr *addr, uint8_t mode)
{
	return cl_addr_hash(addr, s->seed ^ (uint64_t)(mode + 1) << 32);
}

static struct cl_soft_source *find_source(struct cl_software *s, const struct cl_addr *addr, uint8_t mode)
{
	struct cl_soft_source key = { .addr = *addr, .mode = mode };
	uint32_t number =
		cl_index_find(&s->by_source, source_hash(s, addr, mode), same_source, &s->sources, &key);

	return number != CL_INDEX_NONE ? cl_arena_at(&s->sources, number) : NULL;
}

static void count_answer(struct cl_soft_source *r, const struct cl_note *n)
{
	if (r->answers < UINT32_MAX)
		r->answers++;
	r->answered_octets += n->length;
}

static void count_rate(struct cl_soft_source *r, int64_t time_ns)
{
	const int64_t second = time_ns / NS_PER_S;

	if (r->packets == 0 || second != r->second)
		r->in_second = 0;
	r->second = second;
	if (++r->in_second > r->peak)
		r->peak = r->in_second;
}

static struct cl_soft_source *take_source(struct cl_software *s, const struct cl_message *m,
					  const struct cl_sig_bits *rows, bool proven_alone)
{
	const uint8_t mode = m->event->u.ntp.mode;
	struct cl_soft_source new = {
		.addr = m->event->src, .mode = mode, .row = CL_SOFT_NO_ROW, .first_ns = m->event->time_ns
	};
	uint32_t number =
		intern(&s->sources, &s->by_source, source_hash(s, &new.addr, mode), same_source, &new);

	if (number == CL_INDEX_NONE) {
		s->totals.given_up++;
		return NULL;
	}
	struct cl_soft_source *r = cl_arena_at(&s->sources, number);
	count_rate(r, m->event->time_ns);
	uint16_t row = best_row(s, rows, r->in_second, proven_alone);
	if (row != CL_SOFT_NO_ROW &&
	    (r->row == CL_SOFT_NO_ROW || s->sigs->row[row].rank > s->sigs->row[r->row].rank))
		r->row = row;
	r->last_ns = m->event->time_ns;
	r->octets += m->note->length;
	if (r->packets < UINT32_MAX)
		r->packets++;
	return r;
}

static void take_ntp(struct cl_software *s, const struct cl_exchange *x)
{
	const struct cl_message *q = &x->request, *a = &x->response;

	if (q->event == NULL) { /* a second or late answer */
		struct cl_soft_source *r =
			a->note != NULL ? find_source(s, &a->event->dst, a->event->u.ntp.mode == 2 ? 1 : 3)
					: NULL;

		if (r != NULL)
			count_answer(r, a->note);
		return;
	}
	if (q->note == NULL)
		return;
	if (!s->begun)
		s->base_ns = q->event->time_ns;
	s->begun = true;
	struct cl_sig_bits rows = cl_signatures_match(s->sigs, q->event, q->note);
	if (best_row(s, &rows, UINT32_MAX, true) == CL_SOFT_NO_ROW) {
		take_client(s, q, &rows);
		return;
	}
	struct cl_soft_source *r = take_source(s, q, &rows, true);
	if (r != NULL && a->event != NULL && a->note != NULL)
		count_answer(r, a->note);
}

static void take_control(struct cl_software *s, const struct cl_message *m)
{
	const uint8_t mode = m->event->u.ntp.mode;
	const bool answer = mode == 6 ? (m->note->opcode & 0x80) != 0 : (m->note->response & 0x80) != 0;

	if (mode != 6 && mode != 7)
		return;
	if (answer) {
		struct cl_soft_source *r = find_source(s, &m->event->dst, mode);

		if (r != NULL)
			count_answer(r, m->note);
		else
			s->totals.unasked++;
		return;
	}
	struct cl_sig_bits rows = cl_signatures_match(s->sigs, m->event, m->note);
	take_source(s, m, &rows, false);
}

void cl_software_take(struct cl_software *s, const struct cl_exchange *x)
{
	if (x->kind == CL_X_NTP)
		take_ntp(s, x);
	else if (x->kind == CL_X_CONTROL && x->request.event != NULL && x->request.note != NULL)
		take_control(s, &x->request);
}

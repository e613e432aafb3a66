/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/dnslist.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hash.h"
#include "stats/exchange/dnsname.h"

#define CLIENT_COOKIE	8u
#define RCODE_BADCOOKIE 23u
#define RCODE_NXDOMAIN	3u

bool cl_dns_list_init(struct cl_dns_list *l, int64_t timeout_ns, uint64_t seed)
{
	const struct {
		struct cl_arena *arena;
		size_t record, limit;
	} arenas[] = {
		{ &l->tx, sizeof(struct cl_dnstx), CL_DNS_LIST_MAX },
		{ &l->options, sizeof(struct cl_dnstx_options), CL_DNS_LIST_MAX },
		{ &l->names, sizeof(struct cl_dns_asked), CL_DNS_NAMES_MAX },
		{ &l->errors, sizeof(struct cl_dns_error), CL_DNS_ERRORS_MAX },
		{ &l->conns, sizeof(struct cl_dns_conn), CL_DNS_CONNS_MAX },
	};
	const unsigned count = sizeof arenas / sizeof *arenas;

	*l = (struct cl_dns_list){ .seed = seed, .timeout_ns = timeout_ns, .octets_used = 1 };
	while (l->arenas < count &&
	       cl_arena_init(arenas[l->arenas].arena, arenas[l->arenas].record, arenas[l->arenas].limit))
		l->arenas++;
	if (l->arenas == count && cl_index_init(&l->by_name))
		return true;
	cl_dns_list_free(l);
	return false;
}

void cl_dns_list_free(struct cl_dns_list *l)
{
	struct cl_arena *arenas[] = { &l->tx, &l->options, &l->names, &l->errors, &l->conns };

	for (unsigned i = 0; i < l->arenas; i++)
		cl_arena_free(arenas[i]);
	cl_index_free(&l->by_name);
	free(l->octets);
	*l = (struct cl_dns_list){ .arenas = 0 };
}

/* Octets ----------------------------------------------------------------------- */

/* Makes room for `n` more octets. */
static bool reserve(struct cl_dns_list *l, size_t n)
{
	size_t room = l->octets_room;

	if (n <= room - l->octets_used && room > 0)
		return true;
	if (n > CL_DNS_OCTETS_MAX - l->octets_used)
		return false;
	room = room == 0 ? 65536 : room;
	while (room - l->octets_used < n)
		room *= 2;
	uint8_t *more = realloc(l->octets, room);
	if (more == NULL)
		return false;
	l->octets = more;
	l->octets_room = room;
	return true;
}

/* Puts octets for which there is room; where they begin. */
static uint64_t put(struct cl_dns_list *l, const void *octets, size_t n)
{
	uint64_t at = l->octets_used;

	if (n > 0)
		memcpy(l->octets + at, octets, n);
	l->octets_used += n;
	return at;
}

/* Names ------------------------------------------------------------------------ */

struct name_key {
	const struct cl_dns_list *list;
	const uint8_t *wire;
	size_t n;
};

static bool same_name(const void *records, uint32_t number, const void *key)
{
	const struct cl_dns_asked *a = (const struct cl_dns_asked *)records + number;
	const struct name_key *k = key;

	return a->length == k->n && memcmp(k->list->octets + a->at, k->wire, k->n) == 0;
}

/* The number of a folded name + 1, made if it is not there; 0: there is no room. */
static uint32_t name_number(struct cl_dns_list *l, const uint8_t *wire, size_t n)
{
	uint64_t hash = cl_hash(wire, n, l->seed);
	struct name_key key = { l, wire, n };
	uint32_t at = cl_index_find(&l->by_name, hash, same_name, l->names.base, &key);

	if (at != CL_INDEX_NONE)
		return at + 1;
	struct cl_dns_asked *a = reserve(l, n) ? cl_arena_add(&l->names) : NULL;
	if (a == NULL || !cl_index_add(&l->by_name, hash, (uint32_t)(l->names.count - 1))) {
		if (a != NULL)
			l->names.count--;
		return 0;
	}
	a->length = (uint8_t)n;
	a->at = put(l, wire, n);
	return (uint32_t)l->names.count;
}

/* Gives the transaction its name. False: there is no room. */
static bool take_name(struct cl_dns_list *l, struct cl_dnstx *t, const struct cl_note *note)
{
	uint8_t folded[CL_NAME_OCTETS];
	size_t n;
	const uint8_t *wire = cl_note_piece(note, CL_PIECE_QNAME, &n);

	if (wire == NULL || n > sizeof folded)
		return true;
	bool differs = cl_name_fold(wire, n, folded);
	t->name = name_number(l, folded, n);
	if (t->name == 0 || (differs && !reserve(l, n)))
		return false;
	if (differs)
		t->sent_name = put(l, wire, n);
	struct cl_dns_asked *a = cl_arena_at(&l->names, t->name - 1);
	a->queries += (t->bits & CL_TX_QUERY) != 0;
	a->nxdomain += (t->bits & CL_TX_RESPONSE) != 0 && t->rcode == RCODE_NXDOMAIN;
	return true;
}

const uint8_t *cl_dns_folded_name(const struct cl_dns_list *l, const struct cl_dnstx *t, size_t *n)
{
	*n = 0;
	if (t->name == 0)
		return NULL;
	const struct cl_dns_asked *a = cl_arena_at(&l->names, t->name - 1);
	*n = a->length;
	return l->octets + a->at;
}

const uint8_t *cl_dns_sent_name(const struct cl_dns_list *l, const struct cl_dnstx *t, size_t *n)
{
	const uint8_t *folded = cl_dns_folded_name(l, t, n);

	return t->sent_name != 0 ? l->octets + t->sent_name : folded;
}

/* Options ---------------------------------------------------------------------- */

static bool take_edns(struct cl_dns_list *l, struct cl_dnstx_edns *e, const struct cl_message *m)
{
	static const enum cl_note_piece pieces[] = { CL_PIECE_COOKIE, CL_PIECE_NSID, CL_PIECE_EDE };
	const struct cl_note *n = m->note;
	size_t length[3], all = 0;
	const uint8_t *from[3];

	e->there = true;
	e->udp_size = n->udp_size;
	e->flags = n->edns_flags;
	e->version = n->edns_version;
	e->ede = n->ede;
	e->ede_count = n->ede_count;
	e->ecs_family = n->ecs_family;
	e->ecs_source = n->ecs_source;
	e->ecs_scope = n->ecs_scope;
	e->ecs_addr = n->ecs_addr;
	for (unsigned i = 0; i < 3; i++) {
		from[i] = cl_note_piece(n, pieces[i], &length[i]);
		all += length[i];
	}
	if (!reserve(l, all + 2u * CL_NOTE_FIELDS_MAX))
		return false;
	e->at = l->octets_used;
	for (unsigned i = 0; i < 3; i++)
		put(l, from[i], length[i]);
	for (; e->options < n->fields && e->options < CL_NOTE_FIELDS_MAX; e->options++) {
		uint16_t code = n->field[e->options].type;

		put(l, &code, sizeof code);
	}
	e->cookie = (uint16_t)length[0];
	e->nsid = (uint16_t)length[1];
	e->text = (uint16_t)length[2];
	return true;
}

static bool has_edns(const struct cl_message *m)
{
	return m->event != NULL && (m->event->u.dns.bits & CL_DNS_EDNS) != 0;
}

/* False: there is no room. */
static bool take_options(struct cl_dns_list *l, struct cl_dnstx *t, const struct cl_exchange *x)
{
	bool query = has_edns(&x->request), response = has_edns(&x->response);

	if (!query && !response)
		return true;
	struct cl_dnstx_options *o = cl_arena_add(&l->options);
	if (o == NULL)
		return false;
	t->options = (uint32_t)l->options.count;
	return (!query || take_edns(l, &o->query, &x->request)) &&
	       (!response || take_edns(l, &o->response, &x->response));
}

const struct cl_dnstx_options *cl_dns_tx_options(const struct cl_dns_list *l, const struct cl_dnstx *t)
{
	return t->options != 0 ? cl_arena_at(&l->options, t->options - 1) : NULL;
}

const uint8_t *cl_dns_piece(const struct cl_dns_list *l, const struct cl_dnstx_edns *e,
			    enum cl_dns_piece piece, size_t *n)
{
	const size_t lengths[] = { e->cookie, e->nsid, e->text, e->options * sizeof(uint16_t) };
	uint64_t at = e->at;

	for (unsigned i = 0; i < (unsigned)piece; i++)
		at += lengths[i];
	*n = lengths[piece];
	return *n > 0 ? l->octets + at : NULL;
}

enum cl_cookie_state cl_cookie_state(const uint8_t *query, size_t nq, const uint8_t *response, size_t nr,
				     bool answered, uint16_t rcode)
{
	if (nq == 0 && nr == 0)
		return CL_COOKIE_ABSENT;
	if (!answered)
		return CL_COOKIE_UNANSWERED;
	if (nr == 0)
		return CL_COOKIE_IGNORED;
	if (nq < CLIENT_COOKIE || nr < CLIENT_COOKIE || memcmp(query, response, CLIENT_COOKIE) != 0)
		return CL_COOKIE_MISMATCH;
	if (rcode == RCODE_BADCOOKIE)
		return CL_COOKIE_BAD;
	if (nr == CLIENT_COOKIE)
		return CL_COOKIE_ECHOED;
	if (nq == CLIENT_COOKIE)
		return CL_COOKIE_NEW;
	return nq == nr && memcmp(query, response, nq) == 0 ? CL_COOKIE_RETURNED : CL_COOKIE_CHANGED;
}

enum cl_cookie_state cl_dns_cookie_state(const struct cl_dns_list *l, const struct cl_dnstx *t)
{
	const struct cl_dnstx_options *o = cl_dns_tx_options(l, t);
	size_t nq = 0, nr = 0;

	if (o == NULL)
		return CL_COOKIE_ABSENT;
	const uint8_t *q = cl_dns_piece(l, &o->query, CL_DNS_COOKIE_PIECE, &nq);
	const uint8_t *r = cl_dns_piece(l, &o->response, CL_DNS_COOKIE_PIECE, &nr);
	return cl_cookie_state(q, nq, r, nr, (t->bits & CL_TX_RESPONSE) != 0, t->rcode);
}

/* Taking ----------------------------------------------------------------------- */

static void take_query(struct cl_dnstx *t, const struct cl_message *m)
{
	t->bits |= CL_TX_QUERY;
	t->query_ns = m->event->time_ns;
	t->query_bytes = m->note->length;
	t->query_flags = m->note->flags;
	t->query_fragments = m->note->fragments;
	if ((m->event->u.dns.bits & CL_DNS_DO) != 0)
		t->bits |= CL_TX_QUERY_DO;
}

static void take_response(struct cl_dnstx *t, const struct cl_message *m)
{
	const struct cl_dns *dns = &m->event->u.dns;

	t->bits |= CL_TX_RESPONSE;
	t->end_ns = m->event->time_ns;
	t->response_bytes = m->note->length;
	t->response_flags = m->note->flags;
	t->response_fragments = m->note->fragments;
	t->rcode = dns->rcode;
	if ((dns->bits & CL_DNS_TC) != 0)
		t->bits |= CL_TX_TC;
	if ((dns->bits & CL_DNS_DO) != 0)
		t->bits |= CL_TX_ANSWER_DO;
}

static void take_transaction(struct cl_dns_list *l, const struct cl_exchange *x)
{
	const struct cl_message *first = cl_exchange_first(x);
	const struct cl_event *e = first->event;
	const struct cl_dns *dns = &e->u.dns;
	bool query = x->request.event != NULL;
	struct cl_dnstx *t = cl_arena_add(&l->tx);

	if (t == NULL) {
		l->unlisted++;
		return;
	}
	t->time_ns = e->time_ns;
	if (x->fortune == CL_FORTUNE_BACKWARDS && x->response.event != NULL)
		t->time_ns = x->response.event->time_ns;
	t->client = *cl_exchange_client(x);
	t->server = *cl_exchange_server(x);
	t->client_port = query ? e->sport : e->dport;
	t->server_port = query ? e->dport : e->sport;
	t->id = dns->id;
	t->qtype = dns->qtype;
	t->qclass = dns->qclass;
	t->opcode = dns->opcode;
	t->stream = first->note->stream;
	t->fortune = (uint8_t)x->fortune;
	t->delta_ns = x->delta_ns;
	t->delta_first_ns = x->delta_first_ns;
	if ((dns->bits & CL_DNS_TCP) != 0)
		t->bits |= CL_TX_TCP;
	if (query)
		take_query(t, &x->request);
	if (x->response.event != NULL)
		take_response(t, &x->response);
	bool question = (dns->bits & CL_DNS_QUESTION) != 0; /* a name may be there, and its type cut off */
	if ((question && !take_name(l, t, first->note)) || !take_options(l, t, x)) {
		l->tx.count--;
		memset(t, 0, sizeof *t);
		l->unlisted++;
	}
}

static void take_error(struct cl_dns_list *l, const struct cl_event *e)
{
	const struct cl_icmp *i = &e->u.icmp;
	bool response = (i->bits & CL_ICMP_RESPONSE) != 0;

	if ((i->bits & CL_ICMP_DNS) == 0)
		return;
	struct cl_dns_error *to = cl_arena_add(&l->errors);
	if (to == NULL) {
		l->lost_errors++;
		return;
	}
	*to = (struct cl_dns_error){ .time_ns = e->time_ns,
				     .client = response ? i->dst : i->src,
				     .server = response ? i->src : i->dst,
				     .client_port = response ? i->dport : i->sport,
				     .server_port = response ? i->sport : i->dport,
				     .type = i->type,
				     .code = i->code,
				     .family = i->family,
				     .response = response,
				     .tcp = (i->bits & CL_ICMP_TCP) != 0 };
}

static void take_part(struct cl_dns_list *l, const struct cl_event *e)
{
	bool response = e->role == CL_ROLE_RESPONSE;
	struct cl_dns_error *to = cl_arena_add(&l->errors);

	if (to == NULL) {
		l->lost_errors++;
		return;
	}
	*to = (struct cl_dns_error){ .time_ns = e->time_ns,
				     .client = response ? e->dst : e->src,
				     .server = response ? e->src : e->dst,
				     .client_port = response ? e->dport : e->sport,
				     .server_port = response ? e->sport : e->dport,
				     .response = response,
				     .part = true,
				     .id = e->u.dns.id };
}

static void take_conn(struct cl_dns_list *l, const struct cl_message *m)
{
	const struct cl_note *n = m->note;

	if (n->service != CL_CONN_DNS)
		return;
	struct cl_dns_conn *to = cl_arena_add(&l->conns);
	if (to == NULL) {
		l->lost_errors++;
		return;
	}
	*to = (struct cl_dns_conn){ .syn_ns = n->syn_ns,
				    .open_ns = n->open_ns,
				    .close_ns = n->close_ns,
				    .last_ns = m->event->time_ns,
				    .client = m->event->src,
				    .server = m->event->dst,
				    .client_port = m->event->sport,
				    .server_port = m->event->dport,
				    .stream = n->stream,
				    .packets = n->packets_up + n->packets_down,
				    .state = n->state };
}

void cl_dns_list_take(struct cl_dns_list *l, const struct cl_exchange *x)
{
	if (x->kind == CL_X_DNS)
		take_transaction(l, x);
	else if (x->kind == CL_X_ICMP)
		take_error(l, x->request.event);
	else if (x->kind == CL_X_CONN)
		take_conn(l, &x->request);
	else if (x->kind == CL_X_PART)
		take_part(l, x->request.event);
}

uint64_t cl_dns_packets(const struct cl_dns_list *l, const struct cl_dnstx *t)
{
	uint64_t n = 0;

	if ((t->bits & CL_TX_TCP) != 0) {
		const struct cl_dns_conn *c = t->conn != 0 ? cl_arena_at(&l->conns, t->conn - 1) : NULL;

		return c != NULL && (t->bits & CL_TX_FIRST) != 0 ? c->packets : 0;
	}
	if ((t->bits & CL_TX_QUERY) != 0)
		n += t->query_fragments > 0 ? t->query_fragments : 1;
	if ((t->bits & CL_TX_RESPONSE) != 0)
		n += t->response_fragments > 0 ? t->response_fragments : 1;
	return n;
}

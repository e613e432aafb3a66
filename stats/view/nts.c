/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/nts.h"

#include <stdlib.h>
#include <string.h>

#include "stats/view/nts_state.h"

#define NTSN	    0x4e54534eu /* "NTSN" as a reference identifier */
#define NTS_KE_PORT 4460u	/* RFC 8915 sec. 7.1 */
#define FIELD	    4u		/* octets of an extension field's header */
#define AUTH_LEAD   4u		/* of the two lengths that an authenticator's body begins with */
#define NONCE	    12u
#define TAG	    16u

struct cl_nts *cl_nts_new(uint64_t seed)
{
	struct cl_nts *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	if (cl_keyed_init(&n->servers, sizeof(struct cl_nts_server), sizeof(struct cl_addr),
			  CL_NTS_SERVERS_MAX, seed) &&
	    cl_keyed_init(&n->clients, sizeof(struct nts_client), sizeof(struct cl_addr), CL_NTS_CLIENTS_MAX,
			  seed) &&
	    cl_keyed_init(&n->pairs, sizeof(struct nts_pair), 8, CL_NTS_PAIRS_MAX, seed) &&
	    cl_keyed_init(&n->cookies, sizeof(struct nts_cookie), 8, CL_NTS_COOKIES_MAX, seed) &&
	    cl_keyed_init(&n->seen, sizeof(uint64_t), 8, CL_NTS_PAIRS_MAX, seed) &&
	    cl_keyed_init(&n->keys, sizeof(struct cl_nts_key), 8, CL_NTS_KEYS_MAX + NTS_OTHERS, seed) &&
	    cl_keyed_init(&n->lengths, sizeof(struct cl_nts_length), 4, CL_NTS_LENGTHS_MAX + NTS_OTHERS,
			  seed) &&
	    cl_keyed_init(&n->fields, sizeof(struct cl_nts_field), 6, CL_NTS_FIELDS_MAX + NTS_OTHERS, seed) &&
	    cl_keyed_init(&n->ke, sizeof(struct cl_nts_ke), sizeof(struct cl_addr) + 2, CL_NTS_KE_MAX,
			  seed) &&
	    cl_keyed_init(&n->names, sizeof(struct cl_nts_name),
			  offsetof(struct cl_nts_name, alpn) + CL_NTS_NAME_MAX, CL_NTS_NAMES_MAX, seed))
		return n;
	cl_nts_free(n);
	return NULL;
}

void cl_nts_free(struct cl_nts *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; n->ke.made && i < cl_keyed_count(&n->ke); i++) {
		struct cl_nts_ke *k = cl_keyed_at(&n->ke, i);

		cl_hist_free(&k->setup);
		cl_hist_free(&k->duration);
	}
	cl_hist_free(&n->all.to_ntp);
	cl_keyed_free(&n->servers);
	cl_keyed_free(&n->clients);
	cl_keyed_free(&n->pairs);
	cl_keyed_free(&n->cookies);
	cl_keyed_free(&n->seen);
	cl_keyed_free(&n->keys);
	cl_keyed_free(&n->lengths);
	cl_keyed_free(&n->fields);
	cl_keyed_free(&n->ke);
	cl_keyed_free(&n->names);
	free(n);
}

uint64_t cl_nts_cookies_fit(uint32_t length, uint32_t body)
{
	uint32_t overhead = FIELD + AUTH_LEAD + NONCE + TAG;

	return length > overhead ? (length - overhead) / (FIELD + (body + 3) / 4 * 4) : 0;
}

/* The record of a key, or, where the table has its fill, that of `other`, for which room is kept. */
static void *row_of(struct cl_keyed *k, const void *key, const void *other, size_t most)
{
	void *row = cl_keyed_find(k, key);

	if (row != NULL)
		return row;
	return cl_keyed_get(k, cl_keyed_count(k) < most ? key : other, NULL);
}

bool cl_nts_first_time(struct cl_nts *n, enum nts_seen what, uint32_t row, uint32_t client)
{
	const uint64_t key = (uint64_t)what << 60 | (uint64_t)row << 32 | client;
	bool fresh;

	if (cl_keyed_get(&n->seen, &key, &fresh) == NULL)
		n->refused.requests++;
	return fresh;
}

struct nts_client *cl_nts_client(struct cl_nts *n, const struct cl_addr *addr)
{
	return cl_keyed_get(&n->clients, addr, NULL);
}

/* What is counted of one exchange, at its server and in all -------------------------------- */

static void sum(struct cl_nts_count *to, const struct cl_nts_count *one)
{
#define X(name, doc) to->name += one->name;
	CL_NTS_COUNTS(X)
#undef X
}

static bool is_answered(const struct cl_exchange *x)
{
	return x->fortune == CL_FORTUNE_MATCHED;
}

/* A database may say anything. */
static uint8_t auth_of(const struct cl_exchange *x)
{
	const uint8_t auth = x->request.note->auth;

	return auth < CL_NTP_AUTHS ? auth : CL_NTP_AUTH_PLAIN;
}

static bool is_nak(const struct cl_message *r)
{
	return (r->event->u.ntp.flags & CL_NTP_KOD) != 0 && r->note->refid == NTSN;
}

/* How an answer's identifier stands to its request's. */
static void count_echo(struct cl_nts_count *one, const struct cl_exchange *x)
{
	size_t asked, said;
	const uint8_t *q = cl_note_piece(x->request.note, CL_PIECE_UID, &asked),
		      *r = cl_note_piece(x->response.note, CL_PIECE_UID, &said);

	if (q == NULL)
		return;
	if (r != NULL && asked == said && memcmp(q, r, said) == 0)
		one->echoed++;
	else
		one->not_echoed++;
}

static void count_cookies(struct cl_nts_count *one, const struct cl_note *q, const struct cl_note *r)
{
	const uint64_t asked = 1u + q->placeholders,
		       fit = cl_nts_cookies_fit(r->auth_length, q->cookie_length);

	one->asked += asked;
	one->fit += fit;
	if (fit < asked)
		one->fewer++;
	else if (fit > asked)
		one->more++;
	else
		one->full++;
}

static void count_answer(struct cl_nts_count *one, const struct cl_exchange *x)
{
	const struct cl_note *q = x->request.note, *r = x->response.note;

	one->answered++;
	count_echo(one, x);
	if (r->length > q->length)
		one->larger++;
	if (r->cookies > 0)
		one->clear_cookies++;
	if (is_nak(&x->response))
		one->naks++;
	else if (r->auth_length == 0)
		one->plain_answers++;
	else if (q->cookies > 0)
		count_cookies(one, q, r);
}

/* Cookies that come again (RFC 8915 sec. 5.7, 9.1); true: the packet itself came before. */
static bool count_cookie(struct cl_nts *n, struct cl_nts_count *one, const struct cl_message *q,
			 uint32_t client)
{
	const struct cl_ntp *ntp = &q->event->u.ntp;
	const uint64_t identity = (ntp->flags & CL_NTP_UID) != 0 ? ntp->uid : ntp->xmt;
	bool fresh;

	if (q->note->cookies == 0)
		return false;
	struct nts_cookie *c = cl_keyed_get(&n->cookies, &q->note->cookie, &fresh);
	if (c == NULL) {
		n->refused.cookies++;
		return false;
	}
	bool copy = !fresh && c->identity == identity;
	if (fresh)
		one->cookies++;
	else if (copy)
		one->copies++;
	else if (c->client == client) {
		struct nts_client *who = cl_keyed_at(&n->clients, client);

		one->reused++;
		n->all.reusing_clients += !who->reuses;
		who->reuses = true;
	} else
		one->moved++;
	c->identity = identity;
	c->client = client;
	return copy;
}

/* What a client says of its last request's answer ------------------------------------------ */

static void told(struct cl_nts *n, const struct nts_pair *p, bool lost)
{
	struct cl_nts_length *row = p->length > 0 ? cl_keyed_at(&n->lengths, p->length - 1) : NULL;

	if (row != NULL)
		row->told++;
	if (row != NULL && lost)
		row->lost++;
}

static void count_told(struct cl_nts *n, struct cl_nts_count *one, const struct nts_pair *p,
		       uint8_t placeholders, uint32_t handshakes)
{
	const bool seen = p->fate == NTS_SEEN;

	if (p->fate == NTS_NONE)
		return;
	if (p->handshakes != handshakes) { /* new cookies */
		one->untold += seen;
		return;
	}
	if (placeholders > p->placeholders) {
		if (p->fate == NTS_REFUSED) /* the kiss has no cookie */
			return;
		one->lost += (uint64_t)(placeholders - p->placeholders);
		one->lost_back += seen;
		if (seen)
			told(n, p, true);
	} else if (placeholders < p->placeholders || placeholders == 0) {
		one->arrived += seen;
		if (seen)
			told(n, p, false);
	} else {
		one->untold += seen;
	}
}

static enum nts_fate fate_of(const struct cl_exchange *x)
{
	if (!is_answered(x))
		return NTS_MISSING;
	return is_nak(&x->response) ? NTS_REFUSED : NTS_SEEN;
}

static void count_pair(struct cl_nts *n, struct cl_nts_count *one, struct nts_pair *p,
		       const struct nts_client *client, const struct cl_exchange *x,
		       const struct cl_nts_length *row)
{
	const uint8_t placeholders = x->request.note->placeholders;

	count_told(n, one, p, placeholders, client->handshakes);
	p->placeholders = placeholders;
	p->handshakes = client->handshakes;
	p->fate = (uint8_t)fate_of(x);
	p->length = row != NULL ? (uint16_t)(cl_keyed_number(&n->lengths, row) + 1) : 0;
}

/* By kind, key, length and field ------------------------------------------------------------- */

static void count_kind(struct cl_nts_kind *k, const struct cl_exchange *x, bool first)
{
	k->requests++;
	k->clients += first;
	k->unanswered += x->fortune == CL_FORTUNE_UNANSWERED;
	if (!is_answered(x))
		return;
	k->answered++;
	k->alike += x->response.note->auth == auth_of(x);
	k->crypto_naks += x->response.note->auth == CL_NTP_AUTH_CRYPTO_NAK;
}

static void count_key(struct cl_nts *n, const struct cl_exchange *x, uint32_t client)
{
	const struct cl_note *q = x->request.note;
	const struct cl_nts_key key = { .auth = q->auth,
					.digest = q->mac_length,
					.key_id = q->auth == CL_NTP_AUTH_MAC ? q->key_id : 0 },
				other = { .auth = q->auth, .other = true };

	if (q->auth != CL_NTP_AUTH_MAC && q->auth != CL_NTP_AUTH_AUTOKEY)
		return;
	struct cl_nts_key *row = row_of(&n->keys, &key, &other, CL_NTS_KEYS_MAX);
	if (row != NULL)
		count_kind(&row->n, x,
			   cl_nts_first_time(n, NTS_SEEN_KEY, cl_keyed_number(&n->keys, row), client));
}

static struct cl_nts_length *count_length(struct cl_nts *n, const struct cl_exchange *x)
{
	const struct cl_note *q = x->request.note;
	const struct cl_nts_length key = { .auth = auth_of(x),
					   .length = (uint16_t)(q->length < UINT16_MAX ? q->length
										       : UINT16_MAX) },
				   other = { .auth = auth_of(x), .other = true };
	struct cl_nts_length *row = row_of(&n->lengths, &key, &other, CL_NTS_LENGTHS_MAX);

	if (row == NULL)
		return NULL;
	row->requests++;
	row->unanswered += x->fortune == CL_FORTUNE_UNANSWERED;
	if (is_answered(x)) {
		row->answered++;
		row->larger += x->response.note->length > q->length;
	}
	return row;
}

static void count_fields(struct cl_nts *n, const struct cl_message *m, bool response)
{
	if (m->event == NULL)
		return;
	for (unsigned i = 0; i < m->note->fields; i++) {
		const struct cl_nts_field key = { .response = response,
						  .type = m->note->field[i].type,
						  .length = m->note->field[i].length },
					  other = { .response = response, .other = true };
		struct cl_nts_field *row = row_of(&n->fields, &key, &other, CL_NTS_FIELDS_MAX);

		if (row != NULL)
			row->fields++;
	}
}

/* Exchanges -------------------------------------------------------------------------------- */

/* The first NTS request of a client after a handshake. */
static void follow(struct cl_nts *n, struct nts_client *client, int64_t now_ns)
{
	if (client->follows) {
		n->all.ke_followed += client->shaken;
		(void)cl_hist_add(&n->all.to_ntp, now_ns - client->ke_ns);
	}
	n->all.nts_without += !client->nts && client->handshakes == 0;
	n->all.nts_clients += !client->nts;
	client->nts = true;
	client->follows = false;
	client->shaken = 0;
	client->last_ns = now_ns;
}

/* A request of a client that has a record; `server` NULL: there was no room for it. */
static void count_client(struct cl_nts *n, struct cl_nts_count *one, struct cl_nts_server *server,
			 struct nts_client *client, const struct cl_exchange *x)
{
	const uint8_t auth = auth_of(x);
	const uint32_t number = cl_keyed_number(&n->clients, client);
	const unsigned bit = 1u << auth;
	struct cl_nts_length *row = count_length(n, x);
	bool copy = false;

	n->all.clients += client->auths == 0;
	count_kind(&n->all.kind[auth], x, (client->auths & bit) == 0);
	client->auths |= (uint8_t)bit;
	count_key(n, x, number);
	if (one->nts > 0) {
		copy = count_cookie(n, one, &x->request, number);
		follow(n, client, x->request.event->time_ns);
	}
	if (server == NULL)
		return;
	const uint32_t key[2] = { cl_keyed_number(&n->servers, server), number };
	bool fresh;
	struct nts_pair *pair = cl_keyed_get(&n->pairs, key, &fresh);
	if (pair == NULL) {
		n->refused.requests++;
		return;
	}
	server->clients += fresh;
	if (one->nts == 0)
		return;
	server->nts_clients += !pair->nts;
	pair->nts = true;
	if (!copy)
		count_pair(n, one, pair, client, x, row);
}

static void take_request(struct cl_nts *n, const struct cl_exchange *x, struct cl_nts_count *one,
			 struct cl_nts_server *server)
{
	struct nts_client *client = cl_nts_client(n, cl_exchange_client(x));

	one->requests = 1;
	one->nts = (x->request.event->u.ntp.flags & CL_NTP_NTS) != 0;
	if (one->nts > 0) {
		one->unanswered = x->fortune == CL_FORTUNE_UNANSWERED;
		if (is_answered(x))
			count_answer(one, x);
	}
	if (client != NULL) {
		count_client(n, one, server, client, x);
		return;
	}
	n->refused.requests++;
	count_kind(&n->all.kind[auth_of(x)], x, false);
	(void)count_length(n, x);
}

static void take_ntp(struct cl_nts *n, const struct cl_exchange *x)
{
	struct cl_nts_count one = { 0 };
	struct cl_nts_server *server = cl_keyed_get(&n->servers, cl_exchange_server(x), NULL);

	count_fields(n, &x->request, false);
	count_fields(n, &x->response, true);
	if (server == NULL)
		n->refused.requests++;
	if (x->request.event != NULL)
		take_request(n, x, &one, server);
	else if (x->fortune == CL_FORTUNE_BOGUS && (x->response.event->u.ntp.flags & CL_NTP_UID) != 0)
		one.unknown_echo++;
	sum(&n->all.n, &one);
	if (server != NULL)
		sum(&server->n, &one);
}

void cl_nts_take(void *nts, const struct cl_exchange *x)
{
	struct cl_nts *n = nts;

	if (x->kind == CL_X_NTP)
		take_ntp(n, x);
	else if (x->kind == CL_X_CONN &&
		 (x->request.note->service == CL_CONN_NTS_KE || x->request.note->port == NTS_KE_PORT))
		cl_nts_take_ke(n, &x->request);
}

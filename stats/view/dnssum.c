/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/dnssum.h"

#include <stdlib.h>

#include "dissect/hash.h"

/* Flags of the second word of a header (RFC 1035 sec. 4.1.1, RFC 4035 sec. 3). */
#define FLAG_AA 0x0400u
#define FLAG_RD 0x0100u
#define FLAG_RA 0x0080u
#define FLAG_AD 0x0020u
#define FLAG_CD 0x0010u

#define CLIENT_COOKIE 8u

struct client {
	struct cl_addr addr;
	uint8_t did;
};

#define MAPS 5u

static void maps_of(struct cl_dns_sum *s, struct cl_countmap *maps[MAPS])
{
	struct cl_countmap *const all[MAPS] = { &s->rcodes, &s->sizes, &s->ecs, &s->scopes, &s->errors };

	for (unsigned i = 0; i < MAPS; i++)
		maps[i] = all[i];
}

bool cl_dns_sum_init(struct cl_dns_sum *s, uint64_t seed)
{
	*s = (struct cl_dns_sum){ .seed = seed };
	struct cl_countmap *maps[MAPS];
	bool ok = true;

	maps_of(s, maps);
	for (unsigned i = 0; i < MAPS; i++)
		ok = cl_countmap_init(maps[i], CL_DNS_KEYS_MAX, seed) && ok;
	s->has_clients = cl_arena_init(&s->clients, sizeof(struct client), CL_DNS_CLIENTS_MAX);
	if (ok && s->has_clients && cl_index_init(&s->by_client))
		return true;
	cl_dns_sum_free(s);
	return false;
}

void cl_dns_sum_free(struct cl_dns_sum *s)
{
	struct cl_countmap *maps[MAPS];

	maps_of(s, maps);
	for (unsigned i = 0; i < MAPS; i++)
		cl_countmap_free(maps[i]);
	for (unsigned i = 0; i < 2; i++) {
		cl_hist_free(&s->via[i].query_bytes);
		cl_hist_free(&s->via[i].response_bytes);
		cl_hist_free(&s->via[i].delta);
	}
	if (s->has_clients)
		cl_arena_free(&s->clients);
	cl_index_free(&s->by_client);
	*s = (struct cl_dns_sum){ .seed = 0 };
}

/* Clients ------------------------------------------------------------------------ */

static bool same_client(const void *records, uint32_t number, const void *key)
{
	return cl_addr_cmp(&((const struct client *)records)[number].addr, key) == 0;
}

static struct client *client_of(struct cl_dns_sum *s, const struct cl_addr *addr)
{
	uint64_t hash = cl_addr_hash(addr, s->seed);
	uint32_t at = cl_index_find(&s->by_client, hash, same_client, s->clients.base, addr);

	if (at != CL_INDEX_NONE)
		return cl_arena_at(&s->clients, at);
	struct client *c = cl_arena_add(&s->clients);
	if (c != NULL && !cl_index_add(&s->by_client, hash, (uint32_t)(s->clients.count - 1))) {
		s->clients.count--;
		c = NULL;
	}
	if (c != NULL)
		*c = (struct client){ .addr = *addr };
	return c;
}

static void note_client(struct cl_dns_sum *s, const struct cl_addr *addr, uint8_t did)
{
	struct client *c = client_of(s, addr);

	if (c == NULL) {
		s->uncounted++;
		return;
	}
	for (unsigned i = 0; i < CL_DIDS; i++)
		s->did[i] += (did & ~c->did) >> i & 1;
	c->did |= did;
}

/* Messages ----------------------------------------------------------------------- */

static uint64_t by_family(uint8_t family, uint8_t length)
{
	return (uint64_t)family << 16 | length;
}

static void take_query(struct cl_dns_sum *s, const struct cl_message *m)
{
	const struct cl_dns *dns = &m->event->u.dns;
	const struct cl_note *n = m->note;
	bool tcp = (dns->bits & CL_DNS_TCP) != 0, edns = (dns->bits & CL_DNS_EDNS) != 0;
	struct cl_dns_via *via = &s->via[tcp];
	uint8_t did = 0;

	via->queries++;
	if (!cl_hist_add(&via->query_bytes, n->length))
		s->failed = true;
	s->edns += edns;
	s->with_do += (dns->bits & CL_DNS_DO) != 0;
	s->with_ecs += (dns->bits & CL_DNS_ECS) != 0;
	s->with_cookie += (dns->bits & CL_DNS_COOKIE) != 0;
	s->rd += (n->flags & FLAG_RD) != 0;
	s->cd += (n->flags & FLAG_CD) != 0;
	s->ad += (n->flags & FLAG_AD) != 0;
	if (edns && !tcp)
		cl_countmap_add_n(&s->sizes, n->udp_size, 1);
	if (n->ecs_family != 0)
		cl_countmap_add_n(&s->ecs, by_family(n->ecs_family, n->ecs_source), 1);
	did |= edns ? CL_DID_EDNS : 0;
	did |= (dns->bits & CL_DNS_DO) != 0 ? CL_DID_DO : 0;
	did |= (dns->bits & CL_DNS_COOKIE) != 0 ? CL_DID_COOKIE : 0;
	did |= n->piece_length[CL_PIECE_COOKIE] > CLIENT_COOKIE ? CL_DID_RETURN : 0;
	did |= (dns->bits & CL_DNS_ECS) != 0 ? CL_DID_ECS : 0;
	did |= tcp ? CL_DID_TCP : 0;
	did |= (n->flags & FLAG_RD) != 0 ? CL_DID_RD : 0;
	note_client(s, &m->event->src, did);
}

static void take_response(struct cl_dns_sum *s, const struct cl_message *m)
{
	const struct cl_dns *dns = &m->event->u.dns;
	const struct cl_note *n = m->note;
	bool tcp = (dns->bits & CL_DNS_TCP) != 0;
	struct cl_dns_via *via = &s->via[tcp];

	via->responses++;
	via->truncated += (dns->bits & CL_DNS_TC) != 0;
	via->fragmented += n->fragments > 0;
	if (!cl_hist_add(&via->response_bytes, n->length))
		s->failed = true;
	uint32_t qtype = (dns->bits & CL_DNS_QUESTION) != 0 ? dns->qtype : UINT16_MAX + 1u;
	cl_countmap_add_n(&s->rcodes, (uint64_t)qtype << 16 | dns->rcode, 1);
	s->aa += (n->flags & FLAG_AA) != 0;
	s->authentic += (n->flags & FLAG_AD) != 0;
	s->ra += (n->flags & FLAG_RA) != 0;
	if (n->ede_count > 0)
		cl_countmap_add_n(&s->errors, n->ede, 1);
	if (n->ecs_family != 0)
		cl_countmap_add_n(&s->scopes, by_family(n->ecs_family, n->ecs_scope), 1);
}

static void take_cookies(struct cl_dns_sum *s, const struct cl_exchange *x)
{
	size_t nq = 0, nr = 0;
	const struct cl_message *q = &x->request, *r = &x->response;
	const uint8_t *query = q->event != NULL ? cl_note_piece(q->note, CL_PIECE_COOKIE, &nq) : NULL;
	const uint8_t *response = r->event != NULL ? cl_note_piece(r->note, CL_PIECE_COOKIE, &nr) : NULL;

	if (q->event != NULL)
		s->cookies[cl_cookie_state(query, nq, response, nr, r->event != NULL,
					   r->event != NULL ? r->event->u.dns.rcode : 0)]++;
}

static void take_fortune(struct cl_dns_sum *s, const struct cl_exchange *x)
{
	uint64_t *const of[CL_FORTUNES] = { [CL_FORTUNE_UNANSWERED] = &s->unanswered,
					    [CL_FORTUNE_OPEN_AT_END] = &s->open_at_end,
					    [CL_FORTUNE_GIVEN_UP] = &s->given_up,
					    [CL_FORTUNE_BACKWARDS] = &s->backwards,
					    [CL_FORTUNE_DUPLICATE] = &s->duplicates,
					    [CL_FORTUNE_LATE] = &s->late,
					    [CL_FORTUNE_BOGUS] = &s->bogus };
	struct cl_dns_via *via = &s->via[(cl_exchange_first(x)->event->u.dns.bits & CL_DNS_TCP) != 0];

	if (of[x->fortune] != NULL)
		++*of[x->fortune];
	if (x->fortune != CL_FORTUNE_MATCHED)
		return;
	via->matched++;
	if (!cl_hist_add(&via->delta, x->delta_ns))
		s->failed = true;
	const uint16_t asked = x->request.note->flags, got = x->response.note->flags;
	bool wants = (asked & FLAG_AD) != 0 || (x->request.event->u.dns.bits & CL_DNS_DO) != 0;
	s->secure += wants && (got & FLAG_AD) != 0;
}

void cl_dns_sum_take(struct cl_dns_sum *s, const struct cl_exchange *x)
{
	if (x->kind != CL_X_DNS)
		return;
	if (x->request.event != NULL)
		take_query(s, &x->request);
	if (x->response.event != NULL)
		take_response(s, &x->response);
	take_cookies(s, x);
	take_fortune(s, x);
}

/* What the list knows ------------------------------------------------------------- */

static void find_one(const struct cl_dnstx *t, struct cl_dns_found *f)
{
	bool answered = (t->bits & CL_TX_RESPONSE) != 0;

	f->retries += t->retry_of != 0;
	f->why[t->why]++;
	if ((t->bits & (CL_TX_QUERY | CL_TX_TCP | CL_TX_TC)) == (CL_TX_QUERY | CL_TX_TC)) {
		f->truncated++;
		f->tcp += (t->bits & CL_TX_RETRIED) != 0;
	}
	f->backwards += answered && t->fortune == CL_FORTUNE_BACKWARDS && (t->bits & CL_TX_QUERY) != 0;
	f->undelivered += answered && t->error != 0;
	if (!answered && t->why == CL_WHY_NONE) {
		f->open_at_end += t->fortune == CL_FORTUNE_OPEN_AT_END;
		f->given_up += t->fortune == CL_FORTUNE_GIVEN_UP;
	}
}

bool cl_dns_find(const struct cl_dns_list *l, struct cl_dns_found *f)
{
	size_t n = l->tx.count;
	uint8_t *seen = calloc(n + 1, 1);

	*f = (struct cl_dns_found){ .retries = 0 };
	if (seen == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct cl_dnstx *t = cl_dns_tx(l, i);

		find_one(t, f);
		if (t->retry_of != 0 && !seen[t->retry_of - 1]) {
			seen[t->retry_of - 1] = 1;
			f->retried++;
		}
	}
	free(seen);
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The connections on ports of ours: a hash table of bounded size, the one idle longest goes first. */
#include <stdlib.h>

#include "dissect/hash.h"
#include "dissect/tcp_state.h"

#define CONNECTIONS 131072u		 /* at most, if nothing else is asked for */
#define SIDE_LIMIT  (512u << 10)	 /* octets that wait in a direction */
#define POOL_LIMIT  (UINT64_C(64) << 20) /* and in all */

struct cl_streams *cl_streams_new(const struct cl_limits *limits)
{
	struct cl_streams *s = calloc(1, sizeof(struct cl_streams));

	if (s == NULL)
		return NULL;
	s->limit = limits->tcp_connections != 0 ? limits->tcp_connections : CONNECTIONS;
	s->side_limit = limits->tcp_side_octets != 0 ? limits->tcp_side_octets : SIDE_LIMIT;
	s->pool.limit = limits->tcp_octets != 0 ? limits->tcp_octets : POOL_LIMIT;
	return s;
}

static void close_app(struct cl_conn *c)
{
	if (c->state != NULL)
		c->app->close(c->state);
	c->state = NULL;
}

void cl_streams_tell(struct cl_streams *s, struct cl_pkt *p)
{
	for (struct cl_conn *c = s->oldest; c != NULL; c = c->newer)
		cl_tcp_history_tell(p, c);
}

static unsigned holes(const struct cl_tcp_side *side)
{
	unsigned n = 0;

	for (const struct cl_tcp_part *p = side->first; p != NULL && p->next != NULL; p = p->next)
		n += p->next->seq != cl_tcp_end(p);
	return n;
}

/* Ends what it carried; what waits is given up. */
static void empty(struct cl_streams *s, struct cl_conn *c)
{
	close_app(c);
	cl_tcp_history_free(s, c);
	c->told = false;
	for (unsigned i = 0; i < 2; i++) {
		if (c->dns && s->pool.ledger != NULL)
			s->pool.ledger->fact[CL_FACT_TCP_HOLES] += holes(&c->side[i]);
		cl_tcp_clear(&s->pool, &c->side[i]);
		c->side[i] = (struct cl_tcp_side){ 0 };
	}
	c->syn_ns = c->answer_ns = c->handshake_ns = 0;
}

void cl_streams_finish(struct cl_streams *s, struct cl_ledger *l)
{
	s->pool.ledger = l;
	for (struct cl_conn *c = s->oldest; c != NULL; c = c->newer)
		empty(s, c);
}

void cl_streams_free(struct cl_streams *s)
{
	struct cl_ledger nobody = { 0 };

	if (s == NULL)
		return;
	cl_streams_finish(s, &nobody);
	cl_tcp_pool_trim(&s->pool);
	while (s->oldest != NULL) {
		struct cl_conn *c = s->oldest;

		s->oldest = c->newer;
		free(c);
	}
	cl_conversations_free(s->all);
	free(s->index);
	free(s->line);
	free(s);
}

struct cl_conversations *cl_streams_conversations(struct cl_streams *s)
{
	if (s->all == NULL)
		s->all = cl_conversations_new();
	return s->all;
}

uint8_t *cl_streams_line(struct cl_streams *s, uint32_t n)
{
	if (n > s->line_room) {
		uint32_t room = n < 65537u ? 65537u : n;
		uint8_t *more = realloc(s->line, room);

		if (more == NULL)
			return NULL;
		s->line = more;
		s->line_room = room;
	}
	return s->line;
}

static void unlink_age(struct cl_streams *s, struct cl_conn *c)
{
	if (c->older != NULL)
		c->older->newer = c->newer;
	else
		s->oldest = c->newer;
	if (c->newer != NULL)
		c->newer->older = c->older;
	else
		s->newest = c->older;
}

static void link_newest(struct cl_streams *s, struct cl_conn *c)
{
	c->older = s->newest;
	c->newer = NULL;
	if (s->newest != NULL)
		s->newest->newer = c;
	else
		s->oldest = c;
	s->newest = c;
}

/* The same for both directions. */
static struct cl_conn **list_of(struct cl_streams *s, const struct cl_tcp_end_point *a,
				const struct cl_tcp_end_point *b, uint64_t seed)
{
	uint64_t h =
		cl_mix(cl_addr_hash(&a->addr, seed), a->port) + cl_mix(cl_addr_hash(&b->addr, seed), b->port);

	return &s->index[(h ^ h >> 32) & ((1u << s->bits) - 1)];
}

static bool make_index(struct cl_streams *s)
{
	if (s->index != NULL)
		return true;
	for (s->bits = 4; (1u << s->bits) < s->limit && s->bits < 31;)
		s->bits++;
	s->index = calloc((size_t)1 << s->bits, sizeof(struct cl_conn *));
	return s->index != NULL;
}

/* A connection without its place in the index: a new one, or the one idle longest. */
static struct cl_conn *fresh_connection(struct cl_streams *s, struct cl_pkt *p)
{
	struct cl_conn *c = NULL;

	if (s->connections < s->limit)
		c = calloc(1, sizeof *c);
	if (c != NULL) {
		s->connections++;
		return c;
	}
	c = s->oldest;
	if (c == NULL)
		return NULL;
	struct cl_conn **at = list_of(s, &c->end[0], &c->end[1], p->limits->hash_seed);
	while (*at != c)
		at = &(*at)->same_hash;
	*at = c->same_hash;
	unlink_age(s, c);
	cl_tcp_history_tell(p, c);
	empty(s, c);
	p->ledger->fact[CL_FACT_TCP_EVICTED]++;
	return c;
}

static bool is_end(const struct cl_tcp_end_point *e, const struct cl_tcp_end_point *x)
{
	return e->port == x->port && memcmp(e->addr.b, x->addr.b, sizeof x->addr.b) == 0;
}

static void count_connection(struct cl_streams *s, struct cl_conn *c, struct cl_pkt *p)
{
	c->number = ++s->numbers;
	if (c->dns && cl_pkt_wanted(p))
		p->ledger->fact[CL_FACT_TCP_DNS_CONNECTIONS]++;
}

void cl_conn_renew(struct cl_streams *s, struct cl_conn *c, struct cl_pkt *p)
{
	cl_tcp_history_tell(p, c);
	empty(s, c);
	count_connection(s, c, p);
}

/* Ends an application in the middle of its connection. */
static void let_pass(struct cl_streams *s, struct cl_conn *c)
{
	uint64_t used = s->pool.used;

	if (c->state == NULL)
		return;
	close_app(c);
	c->side[0].enough = c->side[1].enough = true;
	s->pool.ledger->fact[CL_FACT_TCP_GIVEN_UP] += s->pool.used < used;
}

bool cl_streams_hold(struct cl_streams *s, uint32_t n)
{
	if (s->pool.allocated + n > s->pool.limit)
		return false;
	s->pool.used += n;
	s->pool.allocated += n;
	return true;
}

void cl_streams_release(struct cl_streams *s, uint32_t n)
{
	s->pool.used -= n;
	s->pool.allocated -= n;
}

void cl_conn_relieve(struct cl_streams *s, const struct cl_conn *but)
{
	for (struct cl_conn *c = s->oldest; c != NULL; c = c->newer) {
		if (s->pool.used < s->pool.limit / 2)
			break;
		if (c == but)
			continue;
		for (unsigned i = 0; i < 2; i++) {
			s->pool.ledger->fact[CL_FACT_TCP_GIVEN_UP] += c->side[i].waiting > 0;
			cl_tcp_clear(&s->pool, &c->side[i]);
			c->side[i].from_start = false;
		}
		let_pass(s, c);
	}
	cl_tcp_pool_trim(&s->pool);
}

struct cl_conn *cl_conn_find(struct cl_streams *s, struct cl_pkt *p, const struct cl_tcp_kind *kind,
			     unsigned *dir)
{
	struct cl_tcp_end_point from = { p->ev->src, p->ev->sport }, to = { p->ev->dst, p->ev->dport };
	struct cl_conn **list, *c;

	if (!make_index(s))
		return NULL;
	list = list_of(s, &from, &to, p->limits->hash_seed);
	for (c = *list; c != NULL; c = c->same_hash) {
		*dir = is_end(&c->end[0], &from) && is_end(&c->end[1], &to) ? 0 : 1;
		if (*dir == 0 || (is_end(&c->end[1], &from) && is_end(&c->end[0], &to))) {
			if (s->newest != c) {
				unlink_age(s, c);
				link_newest(s, c);
			}
			return c;
		}
	}
	c = fresh_connection(s, p);
	if (c == NULL)
		return NULL;
	*dir = kind->to_service ? 0 : 1;
	c->end[*dir] = from;
	c->end[1 - *dir] = to;
	c->dns = kind->dns;
	c->app = kind->app;
	link_newest(s, c);
	list = list_of(s, &from, &to, p->limits->hash_seed);
	c->same_hash = *list;
	*list = c;
	count_connection(s, c, p);
	return c;
}

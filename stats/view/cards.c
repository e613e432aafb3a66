/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/cards.h"

#include <stdlib.h>

#include "dissect/hash.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

struct cl_cards {
	uint64_t seed;
	const struct cl_addr *servers; /* borrowed, rising */
	size_t server_count;
	struct cl_arena cards;
	bool has_cards, has_events;
	struct cl_index by_server;
	struct cl_said_log log;
	struct cl_upstream *association; /* CL_ASSOCIATION_SETS of CL_ASSOCIATION_WAYS */
	struct cl_cards_limits left_out;
};

struct cl_cards *cl_cards_new(uint64_t seed, const struct cl_addr *servers, size_t n)
{
	struct cl_cards *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->seed = seed;
	c->servers = servers;
	c->server_count = n;
	c->has_cards = cl_arena_init(&c->cards, sizeof(struct cl_card), CL_CARDS_MAX);
	c->has_events = cl_said_log_init(&c->log);
	c->association = calloc((size_t)CL_ASSOCIATION_SETS * CL_ASSOCIATION_WAYS, sizeof *c->association);
	if (!c->has_cards || !c->has_events || !cl_index_init(&c->by_server) || c->association == NULL) {
		cl_cards_free(c);
		return NULL;
	}
	return c;
}

void cl_cards_free(struct cl_cards *c)
{
	if (c == NULL)
		return;
	if (c->has_cards)
		cl_arena_free(&c->cards);
	if (c->has_events)
		cl_said_log_free(&c->log);
	cl_index_free(&c->by_server);
	free(c->association);
	free(c);
}

/* Servers --------------------------------------------------------------------------- */

static int compare_addr(const void *a, const void *b)
{
	return cl_addr_cmp(a, b);
}

static bool is_wanted(const struct cl_cards *c, const struct cl_addr *a)
{
	return c->server_count == 0 ||
	       bsearch(a, c->servers, c->server_count, sizeof *a, compare_addr) != NULL;
}

static bool same_server(const void *records, uint32_t number, const void *key)
{
	const struct cl_card *card = records;

	return cl_addr_cmp(&card[number].server, key) == 0;
}

static struct cl_card *find(const struct cl_cards *c, const struct cl_addr *server)
{
	uint32_t at = cl_index_find(&c->by_server, cl_addr_hash(server, c->seed), same_server, c->cards.base,
				    server);

	return at != CL_INDEX_NONE ? cl_arena_at(&c->cards, at) : NULL;
}

static struct cl_card *find_or_add(struct cl_cards *c, const struct cl_addr *server)
{
	struct cl_card *card = find(c, server);

	if (card != NULL)
		return card;
	card = cl_arena_add(&c->cards);
	if (card == NULL)
		return NULL;
	card->server = *server;
	cl_index_add(&c->by_server, cl_addr_hash(server, c->seed), (uint32_t)(c->cards.count - 1));
	return card;
}

/* Associations ---------------------------------------------------------------------- */

static struct cl_upstream *set_of(const struct cl_cards *c, const struct cl_addr *asker,
				  const struct cl_addr *remote)
{
	uint64_t hash = cl_mix(cl_addr_hash(asker, c->seed), cl_addr_hash(remote, ~c->seed));

	return &c->association[hash % CL_ASSOCIATION_SETS * CL_ASSOCIATION_WAYS];
}

/* The place for an association: its own, a free one, or the one longest silent of those that are not of a
 * server. NULL: all are of servers. */
static struct cl_upstream *place_of(struct cl_cards *c, const struct cl_addr *asker,
				    const struct cl_addr *remote)
{
	struct cl_upstream *set = set_of(c, asker, remote), *oldest = NULL;

	for (unsigned i = 0; i < CL_ASSOCIATION_WAYS; i++) {
		if (set[i].requests == 0)
			return &set[i];
		if (cl_addr_cmp(&set[i].asker, asker) == 0 && cl_addr_cmp(&set[i].remote, remote) == 0)
			return &set[i];
	}
	c->left_out.associations++;
	for (unsigned i = 0; i < CL_ASSOCIATION_WAYS; i++)
		if ((oldest == NULL || set[i].request_ns < oldest->request_ns) &&
		    find(c, &set[i].asker) == NULL)
			oldest = &set[i];
	if (oldest != NULL)
		*oldest = (struct cl_upstream){ .requests = 0 };
	return oldest;
}

static void take_request(struct cl_cards *c, const struct cl_exchange *x)
{
	const struct cl_event *q = x->request.event;
	struct cl_upstream *u = is_wanted(c, &q->src) ? place_of(c, &q->src, &q->dst) : NULL;

	if (u == NULL)
		return;
	u->asker = q->src;
	u->remote = q->dst;
	cl_upstream_take(u, x);
}

void cl_cards_take(struct cl_cards *c, const struct cl_exchange *x)
{
	const struct cl_addr *server = cl_exchange_server(x);
	bool of_seen = x->request.event != NULL || x->fortune == CL_FORTUNE_LATE;

	if (is_wanted(c, server) || is_wanted(c, cl_exchange_client(x))) {
		struct cl_card *card = find_or_add(c, server);

		if (card == NULL)
			c->left_out.servers++;
		else if (x->response.event != NULL && of_seen)
			cl_said_take(&card->said, &c->log, &x->response);
	}
	if (x->request.event != NULL)
		take_request(c, x);
}

/* Reading --------------------------------------------------------------------------- */

const struct cl_card *cl_cards_find(const struct cl_cards *c, const struct cl_addr *server)
{
	return find(c, server);
}

static int by_remote(const void *a, const void *b)
{
	return cl_addr_cmp(&(*(const struct cl_upstream *const *)a)->remote,
			   &(*(const struct cl_upstream *const *)b)->remote);
}

const struct cl_upstream **cl_cards_upstreams(const struct cl_cards *c, const struct cl_addr *server,
					      size_t *n)
{
	const size_t all = (size_t)CL_ASSOCIATION_SETS * CL_ASSOCIATION_WAYS;
	const struct cl_upstream **list;
	size_t count = 0;

	for (size_t i = 0; i < all; i++)
		count += c->association[i].requests > 0 && cl_addr_cmp(&c->association[i].asker, server) == 0;
	list = malloc((count + 1) * sizeof *list);
	*n = 0;
	for (size_t i = 0; list != NULL && i < all; i++)
		if (c->association[i].requests > 0 && cl_addr_cmp(&c->association[i].asker, server) == 0)
			list[(*n)++] = &c->association[i];
	if (list != NULL)
		qsort(list, *n, sizeof *list, by_remote);
	return list;
}

const struct cl_said_event *cl_cards_event(const struct cl_cards *c, uint32_t number)
{
	return number > 0 ? cl_arena_at(&c->log.events, number - 1) : NULL;
}

struct cl_cards_limits cl_cards_left_out(const struct cl_cards *c)
{
	struct cl_cards_limits l = c->left_out;

	l.events = c->log.left_out;
	return l;
}

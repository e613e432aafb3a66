/* SPDX-License-Identifier: BSD-2-Clause */
/* What a store in memory is drawn from beside its tables: the engine's clients, those that asked most and the
 * gaps between their requests. */
#include <stdlib.h>

#include "dissect/inline.h"
#include "stats/engine/engine_state.h"

static size_t table_count(void *ctx)
{
	const struct cl_engine *e = ctx;

	return e->clients.records.count + e->clients.pairs.count;
}

static const struct cl_addr *table_row(void *ctx, size_t i, const struct cl_seen **seen)
{
	const struct cl_clients *c = &((const struct cl_engine *)ctx)->clients;
	const struct cl_client *client;

	if (i < c->records.count) {
		client = cl_client_at(c, i);
		*seen = &client->seen;
	} else {
		const struct cl_pair *pair = cl_pair_at(c, i - c->records.count);

		client = cl_client_at(c, pair->client);
		*seen = &pair->seen;
	}
	return (*seen)->service != CL_SERVICE_MANY && (*seen)->requests > 0 ? &client->addr : NULL;
}

/* Who asked most -------------------------------------------------------------- */

struct candidate {
	uint64_t requests;
	int64_t first_ns, last_ns;
	uint32_t client;
};

/* The best so far, in a heap with the least of them in front. */
struct selection {
	const struct cl_clients *clients;
	struct candidate *heap;
	size_t count, most;
};

static bool less(const struct cl_clients *c, const struct candidate *a, const struct candidate *b)
{
	if (a->requests != b->requests)
		return a->requests < b->requests;
	return cl_addr_cmp(&cl_client_at(c, a->client)->addr, &cl_client_at(c, b->client)->addr) > 0;
}

/* Lets `x` sink from the front of n elements to its place. */
static void sink(const struct selection *s, size_t n, struct candidate x)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && less(s->clients, &s->heap[child + 1], &s->heap[child]))
			child++;
		if (!less(s->clients, &s->heap[child], &x))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = x;
}

static void consider(struct selection *s, const struct candidate *x)
{
	if (s->count == s->most) {
		if (s->most > 0 && less(s->clients, &s->heap[0], x))
			sink(s, s->count, *x);
		return;
	}
	size_t at = s->count++;
	for (; at > 0 && less(s->clients, x, &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
		s->heap[at] = s->heap[(at - 1) / 2];
	s->heap[at] = *x;
}

/* Takes the least out again and again: the most stand in front then. */
static void sort_selection(struct selection *s)
{
	for (size_t n = s->count; n > 1; n--) {
		struct candidate last = s->heap[n - 1];

		s->heap[n - 1] = s->heap[0];
		sink(s, n - 1, last);
	}
}

static void add_seen(struct candidate *x, const struct cl_seen *seen)
{
	if (seen->requests == 0)
		return;
	if (x->requests == 0 || seen->first_ns < x->first_ns)
		x->first_ns = seen->first_ns;
	if (x->requests == 0 || seen->last_ns > x->last_ns)
		x->last_ns = seen->last_ns;
	x->requests += seen->requests;
}

static void select_of_one(struct selection *s)
{
	for (size_t i = 0; i < s->clients->records.count; i++) {
		const struct cl_client *client = cl_client_at(s->clients, i);
		struct candidate x = { .client = (uint32_t)i };

		if (client->seen.service == CL_SERVICE_MANY)
			continue;
		add_seen(&x, &client->seen);
		if (x.requests > 0)
			consider(s, &x);
	}
}

/* Clients of several services: their pairs lie anywhere, so they are put side by side, each as its client's
 * number and its own. NULL when memory is short. */
static const uint64_t *pairs_by_client(struct cl_engine *e)
{
	size_t n = e->clients.pairs.count;

	if (e->pairs_by_client != NULL)
		return e->pairs_by_client;
	uint64_t *by_client = malloc((n + 1) * sizeof *by_client);
	for (size_t i = 0; by_client != NULL && i < n; i++)
		by_client[i] = (uint64_t)cl_pair_at(&e->clients, i)->client << 32 | i;
	if (by_client != NULL)
		cl_sort_u64(by_client, n, 32, &e->budget);
	e->pairs_by_client = by_client;
	return by_client;
}

static bool select_of_many(struct selection *s, struct cl_engine *e)
{
	size_t n = s->clients->pairs.count;
	const uint64_t *by_client = pairs_by_client(e);

	if (by_client == NULL)
		return false;
	for (size_t i = 0; i < n;) {
		struct candidate x = { .client = (uint32_t)(by_client[i] >> 32) };

		for (; i < n && by_client[i] >> 32 == x.client; i++)
			add_seen(&x, &cl_pair_at(s->clients, (uint32_t)by_client[i])->seen);
		if (x.requests > 0)
			consider(s, &x);
	}
	return true;
}

static bool add_gaps(struct cl_engine *e, const struct selection *s, struct cl_talker *talker)
{
	uint32_t *client = malloc((s->count + 1) * sizeof *client);
	int64_t *gap_ns = malloc((s->count + 1) * sizeof *gap_ns);
	bool ok = client != NULL && gap_ns != NULL;

	for (size_t i = 0; ok && i < s->count; i++)
		client[i] = s->heap[i].client;
	ok = ok && cl_gaps_medians(&e->gaps, client, s->count, gap_ns);
	for (size_t i = 0; ok && i < s->count; i++)
		talker[i].gap_ns = gap_ns[i];
	free(client);
	free(gap_ns);
	return ok;
}

static struct cl_talker *as_talkers(struct cl_engine *e, const struct selection *s)
{
	struct cl_talker *talker = malloc((s->count + 1) * sizeof *talker);

	for (size_t i = 0; talker != NULL && i < s->count; i++) {
		const struct candidate *x = &s->heap[i];

		talker[i] = (struct cl_talker){ &cl_client_at(&e->clients, x->client)->addr, x->requests,
						x->first_ns, x->last_ns, -1 };
	}
	if (talker != NULL && e->config.gaps && !add_gaps(e, s, talker)) {
		free(talker);
		return NULL;
	}
	return talker;
}

static struct cl_talker *talkers(void *ctx, size_t *n)
{
	struct cl_engine *e = ctx;
	size_t all = e->clients.records.count;
	struct selection s = { .clients = &e->clients, .most = *n < all ? *n : all };
	struct cl_talker *talker = NULL;

	s.heap = malloc((s.most + 1) * sizeof *s.heap);
	if (s.heap != NULL) {
		select_of_one(&s);
		if (select_of_many(&s, e)) {
			sort_selection(&s);
			talker = as_talkers(e, &s);
		}
	}
	free(s.heap);
	*n = s.count;
	return talker;
}

/* Census ---------------------------------------------------------------------- */

/* What a client asked, put together from its rows. */
struct told {
	struct cl_asked asked[CL_PROTOS];
	struct cl_census_slots slots;
};

static inline void tell(struct cl_census *census, const struct cl_census_places *p,
			const struct cl_seen *seen, struct told *t)
{
	const struct cl_asked asked = { seen->requests, seen->first_ns, seen->last_ns };
	uint32_t place = seen->service < p->numbers ? p->place[seen->service] : CL_INDEX_NONE;

	if (asked.requests == 0 || place >= p->count)
		return;
	cl_census_pair(census, place, &asked);
	cl_census_slot(&t->slots, &p->servers[place]);
	cl_asked_add(&t->asked[p->servers[place].proto], &asked);
}

/* How far ahead pairs are asked for. */
#define AHEAD 16u

CL_IN_LINE void look_ahead(const struct cl_clients *c, const uint64_t *pair, size_t i)
{
	if (i + AHEAD >= c->pairs.count)
		return;
	__builtin_prefetch(cl_pair_at(c, (uint32_t)pair[i + AHEAD]));
	__builtin_prefetch(cl_client_at(c, pair[i + AHEAD] >> 32));
}

static bool take_census(void *ctx, struct cl_census *census, const struct cl_census_places *places)
{
	struct cl_engine *e = ctx;
	const struct cl_clients *c = &e->clients;
	const uint64_t *pair = pairs_by_client(e);

	if (pair == NULL)
		return false;
	for (size_t i = 0; i < c->records.count; i++) {
		const struct cl_client *client = cl_client_at(c, i);
		struct told t = { .slots = { { 0 } } };

		if (client->seen.service == CL_SERVICE_MANY)
			continue;
		tell(census, places, &client->seen, &t);
		cl_census_client(census, &client->addr, t.asked, &t.slots);
	}
	for (size_t i = 0; i < c->pairs.count;) {
		const struct cl_client *client = cl_client_at(c, pair[i] >> 32);
		struct told t = { .slots = { { 0 } } };

		for (uint64_t number = pair[i] >> 32; i < c->pairs.count && pair[i] >> 32 == number; i++) {
			look_ahead(c, pair, i);
			tell(census, places, &cl_pair_at(c, (uint32_t)pair[i])->seen, &t);
		}
		cl_census_client(census, &client->addr, t.asked, &t.slots);
	}
	return true;
}

void cl_engine_serve(struct cl_engine *e)
{
	cl_store_serve_clients(e->store,
			       &(struct cl_client_table){ e, table_count, table_row, talkers, take_census });
	for (size_t i = 0; i < e->worst_count; i++)
		cl_store_worst(e->store, &e->worst[i]);
}

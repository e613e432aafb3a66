/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/clients.h"

/* Limits: numbers are 32 bits, and address space is reserved, not memory. */
#define CLIENTS_MAX ((size_t)1 << 30)
#define PAIRS_MAX   ((size_t)1 << 30)

_Static_assert(sizeof(struct cl_client) == 64, "a client is a cache line");

bool cl_clients_init(struct cl_clients *c, uint64_t seed)
{
	*c = (struct cl_clients){ .seed = seed };
	if (cl_arena_init(&c->records, sizeof(struct cl_client), CLIENTS_MAX) &&
	    cl_arena_init(&c->pairs, sizeof(struct cl_pair), PAIRS_MAX) && cl_index_init(&c->by_addr) &&
	    cl_index_init(&c->by_pair))
		return true;
	cl_clients_free(c);
	return false;
}

void cl_clients_free(struct cl_clients *c)
{
	cl_arena_free(&c->records);
	cl_arena_free(&c->pairs);
	cl_index_free(&c->by_addr);
	cl_index_free(&c->by_pair);
}

void cl_clients_limit(struct cl_clients *c, struct cl_budget *budget)
{
	c->records.budget = c->pairs.budget = c->by_addr.budget = c->by_pair.budget = budget;
	c->records.part = c->pairs.part = CL_BUDGET_CLIENTS;
	c->by_addr.budget_part = c->by_pair.budget_part = CL_BUDGET_CLIENTS;
}

static bool same_addr(const void *records, uint32_t number, const void *key)
{
	const struct cl_client *client = (const struct cl_client *)records + number;

	return memcmp(client->addr.b, ((const struct cl_addr *)key)->b, sizeof client->addr.b) == 0;
}

uint32_t cl_clients_find(const struct cl_clients *c, const struct cl_addr *a, uint64_t hash)
{
	return cl_index_find(&c->by_addr, hash, same_addr, c->records.base, a);
}

struct cl_client *cl_clients_get(struct cl_clients *c, const struct cl_addr *a, uint64_t hash,
				 uint32_t service)
{
	uint32_t number = cl_clients_find(c, a, hash);

	if (number != CL_INDEX_NONE)
		return cl_client_at(c, number);
	number = (uint32_t)c->records.count;
	struct cl_client *client = c->full ? NULL : cl_arena_add(&c->records);
	if (client != NULL && !cl_index_add(&c->by_addr, hash, number)) {
		c->records.count--;
		client = NULL;
	}
	if (client == NULL) {
		c->full = true;
		c->refused++;
		return NULL;
	}
	client->addr = *a;
	client->seen.service = service;
	return client;
}

struct pair_key {
	uint32_t client, service;
};

static bool same_pair(const void *records, uint32_t number, const void *key)
{
	const struct cl_pair *pair = (const struct cl_pair *)records + number;
	const struct pair_key *k = key;

	return pair->client == k->client && pair->seen.service == k->service;
}

struct cl_pair *cl_pairs_find(const struct cl_clients *c, uint32_t client, uint32_t service)
{
	struct pair_key key = { client, service };
	uint32_t number =
		cl_index_find(&c->by_pair, cl_pair_hash(c, client, service), same_pair, c->pairs.base, &key);

	return number == CL_INDEX_NONE ? NULL : cl_pair_at(c, number);
}

struct cl_pair *cl_pairs_get(struct cl_clients *c, uint32_t client, uint32_t service)
{
	struct cl_pair *pair = cl_pairs_find(c, client, service);
	uint32_t number = (uint32_t)c->pairs.count;

	if (pair != NULL)
		return pair;
	pair = c->pairs_full ? NULL : cl_arena_add(&c->pairs);
	if (pair != NULL && !cl_index_add(&c->by_pair, cl_pair_hash(c, client, service), number)) {
		c->pairs.count--;
		pair = NULL;
	}
	if (pair == NULL) {
		c->pairs_full = true;
		c->refused++;
		return NULL;
	}
	pair->client = client;
	pair->seen.service = service;
	return pair;
}

bool cl_clients_split(struct cl_clients *c, struct cl_client *client, bool dns)
{
	struct cl_pair *pair = cl_pairs_get(c, cl_client_number(c, client), client->seen.service);

	if (pair == NULL)
		return false;
	pair->seen = client->seen;
	pair->flags = client->flags & ~(CL_CLIENT_DAY_ALL | CL_CLIENT_MONTH_ALL | CL_CLIENT_DATE_ALL);
	client->flags &= CL_CLIENT_DAY_ALL | CL_CLIENT_MONTH_ALL | CL_CLIENT_DATE_ALL;
	client->cell_dns = dns ? client->seen.cell : 0;
	if (dns)
		client->seen.cell = 0;
	client->seen.service = CL_SERVICE_MANY;
	return true;
}

void cl_clients_each(struct cl_clients *c, cl_pair_fn *fn, void *ctx)
{
	for (size_t i = 0; i < c->records.count; i++) {
		struct cl_client *client = cl_client_at(c, i);

		if (client->seen.service != CL_SERVICE_MANY)
			fn(ctx, client, &client->seen, &client->flags);
	}
	for (size_t i = 0; i < c->pairs.count; i++) {
		struct cl_pair *pair = cl_pair_at(c, i);

		fn(ctx, cl_client_at(c, pair->client), &pair->seen, &pair->flags);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a store in memory is drawn from beside its tables: the engine's clients, the gaps between their
 * requests. */
#include "stats/engine_state.h"

static size_t table_count(void *ctx)
{
	const struct cl_engine *e = ctx;

	return e->clients.records.count + e->clients.pairs.count;
}

static bool table_row(void *ctx, size_t i, struct cl_addr *addr, struct cl_seen *seen)
{
	const struct cl_clients *c = &((const struct cl_engine *)ctx)->clients;

	if (i < c->records.count) {
		const struct cl_client *client = cl_client_at(c, i);

		*addr = client->addr;
		*seen = client->seen;
		return seen->service != CL_SERVICE_MANY && seen->requests > 0;
	}
	const struct cl_pair *pair = cl_pair_at(c, i - c->records.count);
	*addr = cl_client_at(c, pair->client)->addr;
	*seen = pair->seen;
	return seen->requests > 0;
}

static int64_t median_gap(void *ctx, const struct cl_addr *addr)
{
	const struct cl_engine *e = ctx;
	uint32_t number = cl_clients_find(&e->clients, addr, cl_clients_hash(&e->clients, addr));
	int64_t ns;

	if (!e->config.gaps || number == CL_INDEX_NONE || !cl_gaps_median(&e->gaps, number, &ns))
		return -1;
	return ns;
}

void cl_engine_serve(struct cl_engine *e)
{
	cl_store_serve_clients(e->store, &(struct cl_client_table){ e, table_count, table_row, median_gap });
	for (size_t i = 0; i < e->worst_count; i++)
		cl_store_worst(e->store, &e->worst[i]);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/gaps.h"

#include "stats/hist.h"

#define CHUNKS_MAX ((size_t)8 << 20) /* 256 MiB */
#define CHUNK_GAPS 13u
#define HEADS_MAX  ((size_t)1 << 30)
#define INCOMPLETE UINT32_MAX

struct chunk {
	uint32_t before; /* number of the chunk before plus 1; 0: none */
	uint16_t used;
	uint16_t bucket[CHUNK_GAPS];
};

_Static_assert(sizeof(struct chunk) == 32, "two chunks a cache line");

bool cl_gaps_init(struct cl_gaps *g)
{
	g->refused = 0;
	if (!cl_arena_init(&g->chunks, sizeof(struct chunk), CHUNKS_MAX))
		return false;
	if (cl_arena_init(&g->heads, sizeof(uint32_t), HEADS_MAX))
		return true;
	cl_arena_free(&g->chunks);
	return false;
}

void cl_gaps_free(struct cl_gaps *g)
{
	cl_arena_free(&g->chunks);
	cl_arena_free(&g->heads);
}

void cl_gaps_limit(struct cl_gaps *g, struct cl_budget *budget)
{
	g->chunks.budget = g->heads.budget = budget;
	g->chunks.part = g->heads.part = CL_BUDGET_CLIENTS;
}

/* A client's newest chunk plus 1, 0 for none; NULL when memory is short. */
static uint32_t *head_of(struct cl_gaps *g, uint32_t client)
{
	while (g->heads.count <= client)
		if (cl_arena_add(&g->heads) == NULL)
			return NULL;
	return cl_arena_at(&g->heads, client);
}

void cl_gaps_add(struct cl_gaps *g, uint32_t client, int64_t gap_ns)
{
	uint32_t *head = head_of(g, client);

	if (head == NULL || *head == INCOMPLETE) {
		g->refused++;
		return;
	}
	struct chunk *c = *head == 0 ? NULL : cl_arena_at(&g->chunks, *head - 1);
	if (c == NULL || c->used == CHUNK_GAPS) {
		uint32_t before = *head;

		c = cl_arena_add(&g->chunks);
		if (c == NULL) {
			*head = INCOMPLETE;
			g->refused++;
			return;
		}
		c->before = before;
		*head = (uint32_t)g->chunks.count;
	}
	c->bucket[c->used++] = (uint16_t)cl_hist_bucket(gap_ns);
}

bool cl_gaps_median(const struct cl_gaps *g, uint32_t client, int64_t *ns)
{
	struct cl_hist h = { .n = 0 };
	uint32_t head = client < g->heads.count ? *(const uint32_t *)cl_arena_at(&g->heads, client) : 0;

	if (head == 0 || head == INCOMPLETE)
		return false;
	bool ok = true;
	for (; head != 0; head = ((const struct chunk *)cl_arena_at(&g->chunks, head - 1))->before) {
		const struct chunk *c = cl_arena_at(&g->chunks, head - 1);

		for (unsigned i = 0; i < c->used; i++) {
			int64_t floor = cl_hist_floor(c->bucket[i]);
			ok &= cl_hist_add(&h, floor + (cl_hist_floor(c->bucket[i] + 1u) - floor) / 2);
		}
	}
	*ns = cl_hist_quantile(&h, 0.5);
	cl_hist_free(&h);
	return ok;
}

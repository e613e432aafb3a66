/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a capture stands, written again and again while it goes on. What a checkpoint writes is either
 * written whole each time, or marked as written: a store that has lost a transaction says so, and the marks
 * go.
 */
#include <stdlib.h>

#include "stats/engine/engine_state.h"
#include "stats/engine/restore.h"

/* While there are many clients, they are counted once in this time. */
#define COUNT_NS ((int64_t)60 * CL_NS_PER_S)

bool cl_checkpoints_note(struct cl_engine *e, uint32_t ref, uint32_t service)
{
	struct cl_checkpoints *c = &e->checkpoints;

	if (c->count == c->room) {
		size_t room = c->room == 0 ? 1024 : c->room * 2;
		struct cl_written *row = realloc(c->row, room * sizeof *row);

		if (row == NULL)
			return false;
		c->row = row;
		c->room = room;
	}
	c->row[c->count++] = (struct cl_written){ ref, service };
	return true;
}

/* Flags of the row's client and service: they may have gone into a pair since. NULL: there is none. */
static uint32_t *flags_of(const struct cl_clients *c, const struct cl_written *w)
{
	if ((w->ref & CL_REF_PAIR) != 0)
		return &cl_pair_at(c, w->ref & ~CL_REF_PAIR)->flags;
	struct cl_client *client = cl_client_at(c, w->ref);
	if (client->seen.service == w->service)
		return &client->flags;
	struct cl_pair *pair = cl_pairs_find(c, w->ref, w->service);
	return pair != NULL ? &pair->flags : NULL;
}

static void mark_today(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	(void)ctx;
	(void)client;
	(void)seen;
	if ((*flags & CL_SEEN_TODAY) != 0)
		*flags |= CL_SEEN_DIRTY;
}

void cl_checkpoints_recall(struct cl_engine *e)
{
	struct cl_checkpoints *c = &e->checkpoints;
	uint64_t undone = cl_store_undone(e->store), renewed = cl_store_renewed(e->store);

	for (size_t i = 0; undone != c->undone && i < c->count; i++) {
		uint32_t *flags = flags_of(&e->clients, &c->row[i]);

		if (flags != NULL)
			*flags |= CL_SEEN_DIRTY;
	}
	if (renewed != c->renewed && c->active)
		cl_clients_each(&e->clients, mark_today, NULL);
	c->recent = c->recent && undone != c->undone;
	if (undone != c->undone || renewed != c->renewed) {
		c->services = 0;
		c->counted_ns = INT64_MIN;
		for (uint32_t i = 0; i < e->services.count; i++)
			cl_service_at(&e->services, i)->day_stored = 0;
		cl_watch_recall(e);
	}
	c->count = 0;
	c->undone = undone;
	c->renewed = renewed;
}

/* Whether unique clients are counted now. */
static bool is_time_to_count(struct cl_engine *e)
{
	struct cl_checkpoints *c = &e->checkpoints;
	bool few = e->clients.records.count + e->clients.pairs.count <= CL_CHECKPOINT_CLIENTS;

	if (c->active && !few && e->now_ns >= c->counted_ns && e->now_ns - COUNT_NS < c->counted_ns)
		return false;
	c->counted_ns = e->now_ns;
	return true;
}

void cl_engine_checkpoint(struct cl_engine *e)
{
	if (!e->started || !e->config.by_day)
		return;
	bool renewed = cl_store_renewed(e->store) != e->checkpoints.renewed;

	cl_checkpoints_recall(e);
	cl_periods_checkpoint(e, is_time_to_count(e));
	if (renewed || e->checkpoints.recent) { /* until it is safe */
		cl_restore_save_recent(e);
		e->checkpoints.recent = true;
	}
	e->checkpoints.active = true;
}

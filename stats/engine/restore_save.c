/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps in the store where a capture ends; restore.c reads it back. */
#include <stdio.h>
#include <stdlib.h>

#include "stats/engine/restore_octets.h"

/* Octets to store: numbers of 8, little endian. */
struct octets {
	uint8_t *at;
	size_t used, room;
	const struct cl_openreq *open;
	struct cl_store *store;
	const char *key; /* of its rows in `state`, which are numbered */
	unsigned row;
	bool failed;
};

/* A row holds about so many; few at a time are in memory. */
#define ROW_OCTETS ((size_t)256 << 10)

static void put(struct octets *o, uint64_t v)
{
	if (o->used + 8 > o->room) {
		size_t room = o->room == 0 ? 4096 : o->room * 2;
		uint8_t *at = realloc(o->at, room);

		if (at == NULL) {
			o->failed = true;
			return;
		}
		o->at = at;
		o->room = room;
	}
	for (unsigned i = 0; i < 8; i++)
		o->at[o->used++] = (uint8_t)(v >> 8 * i);
}

static void put_request(struct octets *o, const struct cl_req *r)
{
	uint64_t keys[CL_REQ_KEYS_MAX];
	unsigned n = cl_openreq_further(o->open, r, keys);

	put(o, r->key);
	put(o, r->aux);
	put(o, (uint64_t)r->time_ns);
	put(o, (uint64_t)cl_req_since(r));
	put(o, r->service);
	put(o, (uint64_t)r->kind | (uint64_t)r->extra << 8 | (uint64_t)n << 16);
	for (unsigned i = 0; i < n; i++)
		put(o, keys[i]);
}

static void save_row(struct octets *o)
{
	struct cl_query *q = cl_query_new(o->store, "INSERT INTO state VALUES(?1, ?2, ?3)");
	char key[64];

	snprintf(key, sizeof key, "%s.%06u", o->key, o->row++);
	cl_query_bind_text(q, 2, key);
	cl_query_bind_blob(q, 3, o->at, o->used);
	cl_query_run(q);
	cl_query_free(q);
	o->used = 0;
}

static void put_stored_request(void *ctx, const struct cl_req *r)
{
	put_request(ctx, r);
	if (((struct octets *)ctx)->used >= ROW_OCTETS)
		save_row(ctx);
}

static void put_stored_mark(void *ctx, uint32_t tag, uint32_t mark, int64_t since_ns)
{
	put(ctx, (uint64_t)mark << 32 | tag);
	put(ctx, (uint64_t)since_ns);
	if (((struct octets *)ctx)->used >= ROW_OCTETS)
		save_row(ctx);
}

static void end_octets(struct octets *o)
{
	if (o->failed)
		cl_store_fail(o->store, CL_ENOMEM);
	else if (o->used > 0)
		save_row(o);
	free(o->at);
}

static void save_requests(struct cl_engine *e)
{
	struct octets requests = { .open = &e->matcher.open, .store = e->store, .key = CL_RESTORE_OPEN };
	struct octets marks = { .open = &e->matcher.open, .store = e->store, .key = CL_RESTORE_ANSWERED };
	struct cl_query *clear =
		cl_query_new(e->store, "DELETE FROM state WHERE source_id = ?1 AND typeof(value) = 'blob' "
				       "AND key NOT GLOB 'recent.*'");

	cl_query_run(clear);
	cl_query_free(clear);
	cl_openreq_each(&e->matcher.open, put_stored_request, &requests);
	end_octets(&requests);
	cl_openreq_marks(&e->matcher.open, e->now_ns, put_stored_mark, &marks);
	end_octets(&marks);
}

static void save_step_row(struct cl_query *q, uint32_t number, const char *kind, int64_t a, int64_t b,
			  int64_t n)
{
	cl_query_bind_i64(q, 2, number);
	cl_query_bind_text(q, 3, kind);
	cl_query_bind_i64(q, 4, a);
	cl_query_bind_i64(q, 5, b);
	cl_query_bind_i64(q, 6, n);
	cl_query_run(q);
}

static void save_step_delta(struct cl_query *q, uint32_t number, int64_t kind, const struct cl_hist *h)
{
	save_step_row(q, number, "sum", kind, 0, (int64_t)h->sum);
	save_step_row(q, number, "min", kind, 0, h->min);
	save_step_row(q, number, "max", kind, 0, h->max);
	save_step_row(q, number, "n", kind, 0, (int64_t)h->n);
	for (uint32_t b = h->lo; b < h->hi; b++)
		if (h->bucket[b - h->lo] != 0)
			save_step_row(q, number, "bucket", kind, b, (int64_t)h->bucket[b - h->lo]);
}

static void save_step(struct cl_engine *e)
{
	struct cl_query *clear = cl_query_new(e->store, "DELETE FROM state_step WHERE source_id = ?1");
	struct cl_query *q = cl_query_new(e->store, "INSERT INTO state_step VALUES(?1,?2,?3,?4,?5,?6)");

	cl_query_run(clear);
	cl_query_free(clear);
	for (uint32_t i = 0; i < e->services.live_count; i++) {
		uint32_t number = e->services.live[i];
		const struct cl_tally *t = &cl_service_at(&e->services, number)->part;

		for (unsigned c = 0; c < CL_COUNTERS; c++)
			if (t->n[c] != 0)
				save_step_row(q, number, "counter", c, 0, t->n[c]);
		for (unsigned k = 0; k < CL_DELTAS; k++)
			if (t->delta[k].n != 0)
				save_step_delta(q, number, k, &t->delta[k]);
	}
	cl_query_free(q);
}

/* The engine's numbers of services, which the rows above carry. */
static void save_services(struct cl_engine *e)
{
	struct cl_query *clear =
		cl_query_new(e->store, "DELETE FROM state_service WHERE source_id = ?1 AND number >= ?2");
	struct cl_query *q = cl_query_new(e->store, "INSERT INTO state_service VALUES(?1,?2,?3,?4)");
	uint32_t from = e->checkpoints.services; /* those before are there */

	cl_query_bind_i64(clear, 2, from);
	cl_query_run(clear);
	cl_query_free(clear);
	for (uint32_t i = from > CL_SERVICE_FIRST ? from : CL_SERVICE_FIRST; i < e->services.count; i++) {
		const struct cl_service *s = cl_service_at(&e->services, i);

		cl_query_bind_i64(q, 2, i);
		cl_query_bind_i64(q, 3, s->proto);
		cl_query_bind_blob(q, 4, s->addr.b, sizeof s->addr.b);
		cl_query_run(q);
	}
	cl_query_free(q);
	e->checkpoints.services = e->services.count;
}

struct recent {
	struct octets octets;
	const struct cl_engine *engine;
};

static void put_recent(void *ctx, struct cl_client *client, struct cl_seen *seen, uint32_t *flags)
{
	struct recent *r = ctx;

	if ((*flags & CL_SEEN_TODAY) != 0 || !cl_restore_in_window(r->engine, seen->cell))
		return;
	put(&r->octets, seen->service);
	put(&r->octets, (uint64_t)seen->last_ns);
	put(&r->octets, cl_restore_number(client->addr.b));
	put(&r->octets, cl_restore_number(client->addr.b + 8));
	if (r->octets.used >= ROW_OCTETS)
		save_row(&r->octets);
}

void cl_restore_forget_recent(struct cl_engine *e)
{
	struct cl_query *q =
		cl_query_new(e->store, "DELETE FROM state WHERE source_id = ?1 AND key GLOB 'recent.*'");

	cl_query_run(q);
	cl_query_free(q);
}

void cl_restore_save_recent(struct cl_engine *e)
{
	struct recent r = { .octets = { .store = e->store, .key = CL_RESTORE_RECENT }, .engine = e };

	cl_restore_forget_recent(e);
	cl_clients_each(&e->clients, put_recent, &r);
	end_octets(&r.octets);
}

void cl_restore_save(struct cl_engine *e)
{
	struct cl_query *q = cl_query_new(e->store, "INSERT OR REPLACE INTO state VALUES(?1, ?2, ?3)");

	cl_query_bind_text(q, 2, "now_ns");
	cl_query_bind_i64(q, 3, e->now_ns);
	cl_query_run(q);
	cl_query_free(q);
	save_services(e);
	save_step(e);
	save_requests(e);
	cl_watch_save(e);
	cl_overflow_save(e);
}

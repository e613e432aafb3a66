/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "stats/engine/engine_state.h"

#define CHUNK_EVENTS 512u
#define CHUNK_NOTED  128u /* of events with notes, so that they stay near */
#define CHUNKS	     16u  /* a power of two; all chunks take 1.2 MiB */

/* A thread that waits is woken when so many chunks are full, or free again: each waking costs more than a
 * chunk's counting. */
#define CHUNKS_HALF (CHUNKS / 2)

/* After so many chunks it is decided anew which thread counts who asked. */
#define CHUNKS_SETTLED 256u

/* A time to be told once the events before `at` are counted. */
struct told {
	size_t at;
	int64_t time_ns;
};
#define TOLD_MAX 8u

struct chunk {
	size_t count;
	size_t counted; /* of them, by cl_worker_wait */
	bool asked;	/* the caller counts who asked, if that is wanted alone; else the engine's thread */
	size_t told_count;
	struct told told[TOLD_MAX];
	struct cl_event events[CHUNK_EVENTS];
	struct cl_prepared prepared[CHUNK_EVENTS]; /* where the engine has no askers */
	struct cl_note *notes;			   /* as many; NULL: nobody asked for them */
};

struct cl_worker {
	struct cl_engine *engine;
	struct cl_key_rule rule;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	unsigned head, count;		     /* chunks from head on are full; guarded by lock */
	bool ended;			     /* no more will come; guarded by lock */
	bool awaited;			     /* the caller waits until all are empty; guarded by lock */
	unsigned caller_waits, engine_waits; /* since it was settled who counts who asked; guarded by lock */
	unsigned handed;		     /* chunks */
	bool asks;			     /* the caller does */
	atomic_bool failed;
	struct cl_note *notes; /* of all chunks */
	size_t room;	       /* events a chunk takes */
	struct chunk *filling; /* the caller's: not handed over yet */
	struct chunk chunks[CHUNKS];
};

static void count_some(struct cl_worker *w, const struct chunk *c, size_t from, size_t to)
{
	const struct cl_note *notes = c->notes != NULL ? c->notes + from : NULL;

	cl_engine_feed(w->engine, c->events + from, w->engine->askers != NULL ? NULL : c->prepared + from,
		       notes, to - from);
}

static void count_chunk(struct cl_worker *w, struct chunk *c)
{
	size_t from = c->counted;

	if (!c->asked)
		cl_askers_take(w->engine->askers, c->events + from, c->count - from);
	for (size_t i = 0; i < c->told_count; i++) {
		count_some(w, c, from, c->told[i].at);
		cl_engine_time(w->engine, c->told[i].time_ns);
		from = c->told[i].at;
	}
	count_some(w, c, from, c->count);
	if (cl_store_error(w->engine->store) != NULL)
		atomic_store(&w->failed, true);
}

static void *run(void *arg)
{
	struct cl_worker *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		if (w->count == 0) {
			w->engine_waits++;
			while (w->count < CHUNKS_HALF && !w->ended && !(w->awaited && w->count > 0))
				pthread_cond_wait(&w->filled, &w->lock);
		}
		if (w->count == 0)
			break;
		struct chunk *c = &w->chunks[w->head];
		pthread_mutex_unlock(&w->lock);
		count_chunk(w, c);
		pthread_mutex_lock(&w->lock);
		w->head = (w->head + 1) % CHUNKS;
		if (--w->count == CHUNKS_HALF || (w->awaited && w->count == 0))
			pthread_cond_signal(&w->emptied);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void begin_chunk(const struct cl_worker *w, struct chunk *c)
{
	c->count = c->counted = 0;
	c->told_count = 0;
	c->asked = w->asks;
}

/* Room for notes beside all events. */
static bool add_notes(struct cl_worker *w)
{
	w->notes = malloc(CHUNKS * CHUNK_NOTED * sizeof *w->notes);
	for (unsigned i = 0; i < CHUNKS && w->notes != NULL; i++)
		w->chunks[i].notes = w->notes + i * CHUNK_NOTED;
	return w->notes != NULL;
}

struct cl_worker *cl_worker_new(struct cl_engine *engine, bool threaded, bool notes)
{
	struct cl_worker *w = calloc(1, sizeof *w);

	if (w == NULL || (notes && !add_notes(w))) {
		free(w);
		return NULL;
	}
	w->engine = engine;
	w->rule = (struct cl_key_rule){ engine->config.seed, engine->config.pairing, !engine->config.by_day };
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->filled, NULL);
	pthread_cond_init(&w->emptied, NULL);
	w->room = notes ? CHUNK_NOTED : CHUNK_EVENTS;
	w->filling = &w->chunks[0];
	w->asks = true;
	begin_chunk(w, w->filling);
	w->threaded = threaded && pthread_create(&w->thread, NULL, run, w) == 0;
	return w;
}

/* With the lock: waits until the engine has counted all that it was given. */
static void drain(struct cl_worker *w)
{
	w->awaited = true;
	pthread_cond_signal(&w->filled);
	while (w->count > 0)
		pthread_cond_wait(&w->emptied, &w->lock);
	w->awaited = false;
}

/* Who asked is counted by the thread that waited more often for the other one. The set of who asked changes
 * hands with the chunks, in their order, so that it does not matter to it who counts. */
static void settle(struct cl_worker *w)
{
	if (w->engine->askers == NULL || ++w->handed % CHUNKS_SETTLED != 0)
		return;
	if (w->caller_waits > w->engine_waits && !w->asks) {
		drain(w);
		w->asks = true;
	} else if (w->caller_waits < w->engine_waits) {
		w->asks = false;
	}
	w->caller_waits = w->engine_waits = 0;
}

/* Gives the chunk to the engine and takes the next free one. */
static void hand_over(struct cl_worker *w)
{
	if (!w->threaded) {
		count_chunk(w, w->filling);
		begin_chunk(w, w->filling);
		return;
	}
	pthread_mutex_lock(&w->lock);
	if (++w->count == CHUNKS_HALF)
		pthread_cond_signal(&w->filled);
	if (w->count == CHUNKS) { /* the next one is being counted */
		w->caller_waits++;
		while (w->count > CHUNKS_HALF)
			pthread_cond_wait(&w->emptied, &w->lock);
	}
	settle(w);
	w->filling = &w->chunks[(w->head + w->count) % CHUNKS];
	pthread_mutex_unlock(&w->lock);
	begin_chunk(w, w->filling);
}

struct cl_event_room cl_worker_room(void *worker, size_t n)
{
	struct cl_worker *w = worker;
	struct chunk *c = w->filling;

	if (w->engine->askers == NULL)
		cl_match_prepare(&w->rule, c->events + c->count, n, c->prepared + c->count);
	else if (c->asked)
		cl_askers_take(w->engine->askers, c->events + c->count, n);
	c->count += n;
	if (c->count == w->room) {
		hand_over(w);
		c = w->filling;
	}
	return (struct cl_event_room){ .events = c->events + c->count,
				       .notes = c->notes != NULL ? c->notes + c->count : NULL,
				       .count = w->room - c->count };
}

/* The room is the dissector's: a time cannot end the chunk. Beyond TOLD_MAX the events tell it a little
 * later. */
void cl_worker_time(struct cl_worker *w, int64_t time_ns)
{
	struct chunk *c = w->filling;

	if (c->count > 0 && c->events[c->count - 1].time_ns >= time_ns)
		return; /* the events tell it */
	if (c->told_count == 0 || (c->told[c->told_count - 1].at != c->count && c->told_count < TOLD_MAX))
		c->told_count++;
	c->told[c->told_count - 1] = (struct told){ c->count, time_ns };
}

bool cl_worker_failed(const struct cl_worker *w)
{
	return atomic_load(&w->failed);
}

void cl_worker_wait(struct cl_worker *w)
{
	if (w->threaded) {
		pthread_mutex_lock(&w->lock);
		drain(w);
		pthread_mutex_unlock(&w->lock);
	}
	/* the rest of this chunk is the dissector's room: it stays where it is */
	count_chunk(w, w->filling);
	w->filling->counted = w->filling->count;
	w->filling->told_count = 0;
}

void cl_worker_finish(struct cl_worker *w)
{
	if (w == NULL)
		return;
	hand_over(w);
	if (w->threaded) {
		pthread_mutex_lock(&w->lock);
		w->ended = true;
		pthread_cond_signal(&w->filled);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	pthread_cond_destroy(&w->emptied);
	pthread_cond_destroy(&w->filled);
	pthread_mutex_destroy(&w->lock);
	free(w->notes);
	free(w);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "stats/engine_state.h"

#define CHUNK_EVENTS 512u
#define CHUNKS	     16u /* a power of two; all chunks take 1.3 MiB */

struct chunk {
	size_t count;
	bool timed; /* `time_ns` is to be told after the events */
	int64_t time_ns;
	struct cl_event events[CHUNK_EVENTS];
	struct cl_prepared prepared[CHUNK_EVENTS];
};

struct cl_worker {
	struct cl_engine *engine;
	struct cl_key_rule rule;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	unsigned head, count; /* chunks from head on are full; guarded by lock */
	bool ended;	      /* no more will come; guarded by lock */
	atomic_bool failed;
	struct chunk *filling; /* the caller's: not handed over yet */
	struct chunk chunks[CHUNKS];
	struct cl_event room[64];
};

static void count_chunk(struct cl_worker *w, const struct chunk *c)
{
	cl_engine_feed(w->engine, c->events, c->prepared, c->count);
	if (c->timed)
		cl_engine_time(w->engine, c->time_ns);
	if (cl_store_error(w->engine->store) != NULL)
		atomic_store(&w->failed, true);
}

static void *run(void *arg)
{
	struct cl_worker *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->count == 0 && !w->ended)
			pthread_cond_wait(&w->filled, &w->lock);
		if (w->count == 0)
			break;
		const struct chunk *c = &w->chunks[w->head];
		pthread_mutex_unlock(&w->lock);
		count_chunk(w, c);
		pthread_mutex_lock(&w->lock);
		w->head = (w->head + 1) % CHUNKS;
		w->count--;
		pthread_cond_signal(&w->emptied);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void begin_chunk(struct chunk *c)
{
	c->count = 0;
	c->timed = false;
}

struct cl_worker *cl_worker_new(struct cl_engine *engine)
{
	struct cl_worker *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->engine = engine;
	w->rule = (struct cl_key_rule){ engine->config.seed, engine->config.pairing };
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->filled, NULL);
	pthread_cond_init(&w->emptied, NULL);
	w->filling = &w->chunks[0];
	w->threaded = pthread_create(&w->thread, NULL, run, w) == 0;
	return w;
}

/* Gives the chunk to the engine and takes the next free one. */
static void hand_over(struct cl_worker *w)
{
	if (!w->threaded) {
		count_chunk(w, w->filling);
		begin_chunk(w->filling);
		return;
	}
	pthread_mutex_lock(&w->lock);
	w->count++;
	pthread_cond_signal(&w->filled);
	while (w->count == CHUNKS) /* the next one is being counted */
		pthread_cond_wait(&w->emptied, &w->lock);
	w->filling = &w->chunks[(w->head + w->count) % CHUNKS];
	pthread_mutex_unlock(&w->lock);
	begin_chunk(w->filling);
}

void cl_worker_feed(void *worker, const struct cl_event *evs, size_t n)
{
	struct cl_worker *w = worker;

	while (n > 0) {
		struct chunk *c = w->filling;
		size_t room = CHUNK_EVENTS - c->count, part = n < room ? n : room;

		if (c->timed || part == 0) { /* what came before the time must stay before it */
			hand_over(w);
			continue;
		}
		memcpy(c->events + c->count, evs, part * sizeof *evs);
		cl_engine_prepare(&w->rule, evs, part, c->prepared + c->count);
		c->count += part;
		evs += part;
		n -= part;
	}
}

struct cl_event_room cl_worker_room(void *worker, size_t n)
{
	struct cl_worker *w = worker;

	cl_worker_feed(w, w->room, n);
	return (struct cl_event_room){ w->room, sizeof w->room / sizeof *w->room };
}

void cl_worker_time(struct cl_worker *w, int64_t time_ns)
{
	struct chunk *c = w->filling;

	if (c->count > 0 && !c->timed && c->events[c->count - 1].time_ns >= time_ns)
		return; /* the events tell it */
	c->timed = true;
	c->time_ns = time_ns;
}

bool cl_worker_failed(const struct cl_worker *w)
{
	return atomic_load(&w->failed);
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
	free(w);
}

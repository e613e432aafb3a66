/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_WORKER_H
#define CL_STATS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"
#include "stats/engine.h"

/**
 * A thread of its own for an engine: the caller reads and dissects while the engine counts what came before.
 * Events are handed over in their order and in chunks, so the figures are those of one thread. Opaque.
 */
struct cl_worker;

/**
 * Starts the thread; the engine (borrowed), its store included, is the worker's until cl_worker_finish. Where
 * no thread is to be had the caller's is used. NULL when memory is short.
 */
struct cl_worker *cl_worker_new(struct cl_engine *engine);

/* Takes copies of n events. Blocks while the engine is far behind. */
void cl_worker_feed(void *worker, const struct cl_event *evs, size_t n);

/* The same for those in the room that it gave last. A cl_events_fn. */
struct cl_event_room cl_worker_room(void *worker, size_t n);

/* Time goes on, without events of ours. */
void cl_worker_time(struct cl_worker *w, int64_t time_ns);

/* Whether the engine's store failed: more events are of no use. */
bool cl_worker_failed(const struct cl_worker *w);

/* Waits until all events are counted, ends the thread and frees; NULL is accepted. */
void cl_worker_finish(struct cl_worker *w);

#endif

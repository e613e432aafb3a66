/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_WORKER_H
#define CL_STATS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/event.h"
#include "stats/engine/engine.h"

/**
 * Hands events to an engine in chunks, at best to a thread of its own: the caller reads and dissects while
 * the engine counts what came before. The order is kept, so the figures are those of one thread. Opaque.
 */
struct cl_worker;

/**
 * The engine (borrowed), its store included, is the worker's until cl_worker_finish. Without `threaded`, and
 * where no thread is to be had, the caller's is used. With `notes` events have notes, for an engine with a
 * tap. NULL when memory is short.
 */
struct cl_worker *cl_worker_new(struct cl_engine *engine, bool threaded, bool notes);

/* Takes the events in the room that it gave last. Blocks while the engine is far behind. A cl_events_fn. */
struct cl_event_room cl_worker_room(void *worker, size_t n);

/* Time goes on, without events of ours. */
void cl_worker_time(struct cl_worker *w, int64_t time_ns);

/* Whether the engine's store failed: more events are of no use. */
bool cl_worker_failed(const struct cl_worker *w);

/* Waits until all events are counted: the engine and its store are then the caller's until the next event. */
void cl_worker_wait(struct cl_worker *w);

/* Waits until all events are counted, ends the thread and frees; NULL is accepted. */
void cl_worker_finish(struct cl_worker *w);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ENGINE_H
#define CL_STATS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/err.h"
#include "dissect/event.h"
#include "dissect/note.h"
#include "stats/engine/match.h"
#include "stats/engine/windows.h"

struct cl_store;

/* How messages are counted. A store keeps it and takes no other. */
struct cl_engine_config {
	enum cl_pairing pairing;
	int64_t timeout_ns;
	int64_t step_ns;
	int64_t window_ns[CL_WINDOWS_MAX];
	uint32_t windows;
	uint64_t seed;	 /* of all hash tables; of the store when it is continued */
	bool by_day;	 /* rows of clients by UTC day, as a database keeps them; else one row over all,
			  * without the responses to them */
	bool series;	 /* steps and windows; else counts over all */
	bool gaps;	 /* keep the gaps between a client's requests */
	bool networks;	 /* count /24, /64 and /48 too */
	bool codes;	 /* count messages by more than version, mode, QTYPE and RCODE: by the other traits
			  * of traits.h; by_day also by what NTP responses show, and by their octets */
	bool days;	 /* unique clients of each UTC day too; by_day counts them anyway */
	bool count_only; /* of a client, that it asked at all: not whom, when and how much. Not with the above
			  */
	size_t memory;	 /* octets that its tables may take; 0: no limit. Of a run, not of a store */
};

/* One of the slowest exchanges. */
struct cl_worst {
	int64_t time_ns, delta_ns; /* of the response */
	struct cl_addr client, server;
	uint64_t request_frame, response_frame;
	uint32_t request_file, response_file;
	uint32_t service;
};
#define CL_WORST_MAX 20u

/* From messages to statistics. Opaque. */
struct cl_engine;

/**
 * `store` is borrowed and takes the rows as steps and days close. NULL when memory is short. With a store
 * that already holds a part of the capture, cl_engine_restore goes on from there before the first event.
 */
struct cl_engine *cl_engine_new(const struct cl_engine_config *config, struct cl_store *store);

/* A message as it was counted; borrowed until the receiver returns. */
struct cl_tapped {
	const struct cl_event *event; /* its role as the engine saw it: a symmetric peer may answer */
	const struct cl_note *note;
	const struct cl_verdict *verdict; /* of a response, else NULL */
	bool backwards;			  /* a request whose answer was captured before it */
};
typedef void (*cl_tap_fn)(void *ctx, const struct cl_tapped *t);

/* Tells `fn` of each message from now on, in the order in which they are fed: they must have notes then. */
void cl_engine_tap(struct cl_engine *e, cl_tap_fn fn, void *ctx);

/* Reads back where the store's capture ended. Store errors stay in the store. CL_EMALF: it cannot have ended
 * there. */
enum cl_err cl_engine_restore(struct cl_engine *e);

/**
 * Takes events in time order (but for those flagged out of order) with their hashes (NULL: it computes them).
 * Some hundreds at a time let it look ahead; the figures do not depend on how many. `notes`: as many, or
 * NULL.
 */
void cl_engine_feed(struct cl_engine *e, const struct cl_event *evs, const struct cl_prepared *prepared,
		    const struct cl_note *notes, size_t n);

/* Counts a time at which nothing ours came, so that steps close as the capture goes on. */
void cl_engine_time(struct cl_engine *e, int64_t time_ns);

/**
 * Writes to the store where the capture stands, and goes on: after it and cl_store_commit_on the store holds
 * what cl_engine_finish of a capture that ended here would have written. Between cl_store_begin and
 * cl_store_commit_on, of a store that is live; with counting by day alone (config.by_day). Costs what has
 * changed since the last one. Unique clients of the open day and month are counted each time while this month
 * has CL_CHECKPOINT_CLIENTS at most, else once a minute of the capture and when a day ends.
 */
#define CL_CHECKPOINT_CLIENTS 65536u
void cl_engine_checkpoint(struct cl_engine *e);

/* Writes out what is open. The engine takes no more events; it still serves the store's table of clients. */
void cl_engine_finish(struct cl_engine *e);

/**
 * Lets a store in memory draw its table of clients from the engine, which must then outlive the store's use,
 * and writes the slowest exchanges. After cl_engine_finish.
 */
void cl_engine_serve(struct cl_engine *e);

/* mDNS and LLMNR messages. */
uint64_t cl_engine_apart(const struct cl_engine *e, enum cl_event_kind kind);

/* What tables had to turn away: requests of new clients, messages of new servers, open requests given up,
 * addresses of ICMP errors. */
struct cl_engine_losses {
	uint64_t clients, services, open_requests, gaps, icmp;
};
struct cl_engine_losses cl_engine_losses(const struct cl_engine *e);

/* Clients that it knows: of the open month, of messages read into memory all. */
size_t cl_engine_clients(const struct cl_engine *e);

void cl_engine_free(struct cl_engine *e);

#endif

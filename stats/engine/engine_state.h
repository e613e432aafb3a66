/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's inside, for the files that are parts of it alone: those that include this. */
#ifndef CL_STATS_ENGINE_STATE_H
#define CL_STATS_ENGINE_STATE_H

#include "stats/engine/askers.h"
#include "stats/engine/clients.h"
#include "stats/engine/engine.h"
#include "stats/engine/gaps.h"
#include "stats/engine/icmp.h"
#include "stats/engine/overflow.h"
#include "stats/engine/services.h"
#include "stats/store/store.h"
#include "stats/table/budget.h"

#define CL_NS_PER_S   1000000000
#define CL_NS_PER_DAY (86400LL * CL_NS_PER_S)

#define CL_RECENT_SERVICES 64u

/* A client's row that was written since the last commit. */
struct cl_written {
	uint32_t ref;	  /* its number, or a pair's with CL_REF_PAIR */
	uint32_t service; /* that the row is of */
};
#define CL_REF_PAIR 0x80000000u

/* What was written at the last checkpoint, which the store may have lost since (checkpoint.c). */
struct cl_checkpoints {
	struct cl_written *row;
	size_t count, room;
	uint64_t undone;    /* cl_store_undone when they were written */
	uint64_t renewed;   /* cl_store_renewed */
	uint32_t services;  /* in state_service up to here; 0: none */
	int64_t counted_ns; /* when unique clients were counted last */
	bool active;
	bool recent; /* cl_restore_save_recent was called, and perhaps lost */
};

struct cl_engine {
	struct cl_engine_config config;
	struct cl_store *store;
	bool started; /* a time was seen: the members below hold */
	int64_t now_ns;
	int64_t quiet_until_ns;	 /* no step, day or cell ends before */
	int64_t rebase_ns;	 /* time at which instants are counted anew */
	int64_t date;		 /* the current day where `day` is the first one: not by_day */
	int64_t day, day_end_ns; /* UTC days since the epoch; time at which the next one begins */
	struct cl_windows windows;
	struct cl_moment moment;
	struct cl_services services;
	struct cl_clients clients;
	struct cl_askers *askers;  /* with config.count_only; else NULL. Of whom the worker says */
	uint64_t *pairs_by_client; /* sorted when first asked for, at the end (serve.c); else NULL */
	uint32_t recent[CL_RECENT_SERVICES]; /* numbers of services by a few bits of their address; 0: none */
	struct cl_matcher matcher;
	struct cl_gaps gaps;
	struct cl_budget budget; /* of the tables here */
	struct cl_overflow overflow;
	struct cl_icmp_stats icmp;
	struct cl_watches watches;
	uint64_t apart[CL_EV_KINDS];
	struct cl_worst worst[CL_WORST_MAX]; /* a heap, the least in front */
	size_t worst_count;
	int64_t worst_from_ns; /* shorter exchanges are none of them */
	cl_tap_fn tap;	       /* NULL: nobody wants messages */
	void *tap_ctx;
	const struct cl_note *note; /* of the message at hand, if there is a tap */
	struct cl_checkpoints checkpoints;
};

/* Day of a time: floor, also before the epoch. */
int64_t cl_day_of(int64_t ns);

/* First day of the month that a day lies in. */
int64_t cl_month_begin(int64_t day);

/* Gives a service its row in the store, before any other row that has it. */
void cl_periods_name(struct cl_engine *e, uint32_t number);

/* Adds a client to its service's sketch of the open cell, if there are any. */
static inline void cl_engine_sketch(struct cl_engine *e, uint32_t service, const struct cl_addr *client)
{
	if (e->services.sketches &&
	    !cl_hll_add(&cl_service_at(&e->services, service)->sketch, cl_hll_address(client)))
		cl_store_fail(e->store, CL_ENOMEM);
}

/* Ends the steps before `moment` and makes it the current one. */
void cl_periods_pass(struct cl_engine *e, const struct cl_moment *moment);

/* Ends all steps that hold anything and counts instants anew from `time_ns`. */
void cl_periods_rebase(struct cl_engine *e, int64_t time_ns);

/* Ends the current day and begins that of `time_ns`. */
void cl_periods_new_day(struct cl_engine *e, int64_t time_ns);

/* Writes the open step, day and month as they stand; for the end of the input. */
void cl_periods_flush(struct cl_engine *e);

/* The same and the engine goes on: of days and clients what has changed. `count`: unique clients too. */
void cl_periods_checkpoint(struct cl_engine *e, bool count);

/* Marks what the store has lost since the last checkpoint as not written (checkpoint.c). */
void cl_checkpoints_recall(struct cl_engine *e);

/* Notes a row of a client as written. False: memory is short. */
bool cl_checkpoints_note(struct cl_engine *e, uint32_t ref, uint32_t service);

#endif

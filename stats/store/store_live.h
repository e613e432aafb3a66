/* SPDX-License-Identifier: BSD-2-Clause */
/* What a store that is live knows, shared by the store_*.c files alone. */
#ifndef CL_STATS_STORE_LIVE_H
#define CL_STATS_STORE_LIVE_H

#include <sys/stat.h>

#include "stats/store/store_backlog.h"
#include "stats/store/store_state.h"

struct cl_live {
	struct cl_store_live options;
	struct cl_backlog backlog;
	char *sensor;
	uint64_t seed;
	int64_t queued_month; /* that rows are of which wait now */
	bool begun;	      /* cl_store_begin was called: nothing is read back any more */
	bool open;	      /* between cl_store_begin and cl_store_commit_on: rows are written */
	bool locked;	      /* a transaction is begun, so that no other program writes */
	bool failing;	      /* the last transaction was not kept */
	uint64_t undone, renewed;
	char trouble[CL_STORE_ERRLEN];
	struct cl_service_name *service; /* by the engine's number */
	size_t services;
	uint32_t *fresh; /* numbers of services that got their row in this transaction */
	size_t fresh_count, fresh_room;
	struct cl_source_row run,
		run_kept; /* cl_store_progress: in this transaction, in the last that was kept */
	struct cl_ledger ledger, ledger_kept;
	bool rotated; /* the file is of the month that begins on month_day */
	int64_t month_day;
	bool progress; /* `run` and `ledger` were given in this transaction */
};

/* Whether rows wait now. */
static inline bool cl_store_waits(const struct cl_store *s)
{
	return s->live != NULL && !s->live->open;
}

void cl_live_free(struct cl_live *l);

/* Remembers what a service is called. False: the store has failed. */
bool cl_live_name(struct cl_store *s, uint32_t number, const struct cl_service_name *name);

/* Ends the month's file, up to the month that begins on `day`; then goes on to that one's. False: the store
 * has failed, and its file is as it was. */
bool cl_live_end_month(struct cl_store *s, int64_t day);
bool cl_live_next_month(struct cl_store *s, int64_t day);

/* Whether the file is that of the month that begins on `day`. */
bool cl_live_has_month(struct cl_store *s, int64_t day);

/* Opens the file at the store's path; none is open. False: the store has failed. */
bool cl_live_open_again(struct cl_store *s);

/* What the store says is wrong becomes its trouble. */
void cl_live_trouble(struct cl_store *s);

/* Remembers that a service got its row in this transaction. */
void cl_live_fresh(struct cl_store *s, uint32_t number);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions of a store that is written for months: what fails is undone, said, and tried again. */
#include "stats/store/store_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/store/store_exchange.h"

#define BUSY_MS 100

/* Services ---------------------------------------------------------------------- */

bool cl_live_name(struct cl_store *s, uint32_t number, const struct cl_service_name *name)
{
	struct cl_live *l = s->live;

	if (l == NULL)
		return true;
	if (number >= l->services) {
		size_t more = ((size_t)number + 1) * 2;
		struct cl_service_name *grown = realloc(l->service, more * sizeof *grown);

		if (grown == NULL) {
			cl_store_fail(s, CL_ENOMEM);
			return false;
		}
		memset(grown + l->services, 0, (more - l->services) * sizeof *grown);
		l->service = grown;
		l->services = more;
	}
	l->service[number] = *name;
	return true;
}

void cl_live_fresh(struct cl_store *s, uint32_t number)
{
	struct cl_live *l = s->live;

	if (l == NULL)
		return;
	if (l->fresh_count == l->fresh_room) {
		size_t room = l->fresh_room * 2 + 16;
		uint32_t *fresh = realloc(l->fresh, room * sizeof *fresh);

		if (fresh == NULL) {
			cl_store_fail(s, CL_ENOMEM); /* and undone, with all the others */
			return;
		}
		l->fresh = fresh;
		l->fresh_room = room;
	}
	l->fresh[l->fresh_count++] = number;
}

static void forget_service(struct cl_store *s, uint32_t number)
{
	int64_t id = cl_store_service_id(s, number);

	if (id == 0)
		return;
	s->service_id[number] = 0;
	s->service_number[id] = 0;
}

/* Transactions ------------------------------------------------------------------ */

void cl_live_trouble(struct cl_store *s)
{
	struct cl_live *l = s->live;

	if (s->error[0] != '\0')
		memcpy(l->trouble, s->error, sizeof l->trouble);
	s->error[0] = '\0';
}

/* Nothing of the transaction was kept. */
static void undo(struct cl_store *s)
{
	struct cl_live *l = s->live;

	cl_live_trouble(s);
	if (s->db != NULL && sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	for (size_t i = 0; i < l->fresh_count; i++)
		forget_service(s, l->fresh[i]);
	l->fresh_count = 0;
	l->locked = l->open = l->progress = false;
	l->undone++;
}

/* Whether the file is still where it was: SQLite itself would go on writing to one that was removed. */
static bool is_there(struct cl_store *s)
{
	int moved = 0;

	if (s->db == NULL)
		return cl_live_open_again(s);
	(void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved != 0)
		snprintf(s->error, sizeof s->error,
			 "is not where it was; what is counted waits in memory until it is back");
	return moved == 0;
}

static bool lock(struct cl_store *s)
{
	if (!s->live->locked)
		s->live->locked = cl_store_exec(s, "BEGIN IMMEDIATE");
	return s->live->locked;
}

static bool know_sensor(struct cl_store *s)
{
	struct cl_query *q = cl_query_new(s, "SELECT sensor FROM source WHERE source_id = ?1");
	const char *sensor = cl_query_row(q) ? cl_query_text(q, 0) : NULL;

	if (sensor != NULL && (s->live->sensor = strdup(sensor)) == NULL)
		cl_store_fail(s, CL_ENOMEM);
	cl_query_free(q);
	return s->live->sensor != NULL;
}

bool cl_store_go_live(struct cl_store *s, const struct cl_store_live *options)
{
	if (s->path == NULL || !s->writing || s->live != NULL || !cl_store_exec(s, "COMMIT"))
		return false;
	s->committed = true;
	s->live = calloc(1, sizeof *s->live);
	if (s->live == NULL) {
		cl_store_fail(s, CL_ENOMEM);
		return false;
	}
	s->live->options = *options;
	s->live->seed = s->config.engine.seed;
	s->live->queued_month = INT64_MIN;
	if (!know_sensor(s))
		return false;
	s->live->backlog.limit = options->octets;
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return cl_store_exec(s, "PRAGMA journal_size_limit = 67108864") && lock(s);
}

bool cl_store_begin(struct cl_store *s)
{
	struct cl_live *l = s->live;

	if (l->open)
		return true;
	l->begun = true;
	cl_live_trouble(s); /* of rows that wait: it went with them */
	if (!is_there(s) || !lock(s)) {
		undo(s);
		return false;
	}
	l->open = true;
	cl_exchanges_begin(s);
	if (s->error[0] == '\0' && cl_backlog_play(s)) {
		cl_exchanges_shown(s->exchanges);
		return true;
	}
	undo(s);
	return false;
}

static enum cl_commit failed(struct cl_live *l)
{
	bool before = l->failing;

	l->failing = true;
	return before ? CL_COMMIT_FAILING : CL_COMMIT_FAILED;
}

/* All that was given is in the database. */
static enum cl_commit kept(struct cl_store *s)
{
	struct cl_live *l = s->live;
	bool before = l->failing;

	l->locked = l->open = l->failing = false;
	l->fresh_count = 0;
	cl_backlog_clear(&l->backlog);
	cl_exchanges_kept(s->exchanges);
	if (l->progress) {
		l->run_kept = l->run;
		l->ledger_kept = l->ledger;
	}
	l->progress = false;
	l->trouble[0] = '\0';
	if (!lock(s)) /* another program was faster: the next transaction waits for it */
		s->error[0] = '\0';
	return before ? CL_COMMIT_AGAIN : CL_COMMIT_KEPT;
}

enum cl_commit cl_store_commit_on(struct cl_store *s)
{
	struct cl_live *l = s->live;

	if (!l->open)
		return failed(l);
	if (cl_store_exec(s, "COMMIT"))
		return kept(s);
	undo(s);
	return failed(l);
}

/* What it says ------------------------------------------------------------------ */

bool cl_store_is_live(const struct cl_store *s)
{
	return s->live != NULL;
}

const char *cl_store_trouble(const struct cl_store *s)
{
	return s->live != NULL && s->live->trouble[0] != '\0' ? s->live->trouble : NULL;
}

uint64_t cl_store_given_up(const struct cl_store *s)
{
	return s->live != NULL ? s->live->backlog.given_up : 0;
}

size_t cl_store_waiting(const struct cl_store *s)
{
	return s->live != NULL ? s->live->backlog.octets : 0;
}

uint64_t cl_store_undone(const struct cl_store *s)
{
	return s->live != NULL ? s->live->undone : 0;
}

uint64_t cl_store_renewed(const struct cl_store *s)
{
	return s->live != NULL ? s->live->renewed : 0;
}

void cl_live_free(struct cl_live *l)
{
	if (l == NULL)
		return;
	cl_backlog_free(&l->backlog);
	free(l->service);
	free(l->fresh);
	free(l->sensor);
	free(l);
}

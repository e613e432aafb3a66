/* SPDX-License-Identifier: BSD-2-Clause */
/* A live store goes from one file to another: that of the next month, or the one that has its name now. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stats/store/schema.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_live.h"

#define NS_PER_S      1000000000
#define SECONDS_A_DAY 86400

/* Changing files ------------------------------------------------------------------ */

/* What belongs to a file that is open. */
struct opened {
	sqlite3 *db;
	char *path;
	struct cl_store_config config;
	int64_t source_id;
};

static void forget_statements(struct cl_store *s)
{
	for (unsigned i = 0; i < CL_STATEMENTS; i++) {
		cl_query_free(s->statement[i]);
		s->statement[i] = NULL;
	}
	cl_exchanges_end(s->exchanges);
	cl_backlog_end(&s->live->backlog);
}

static void free_config(struct cl_store_config *c)
{
	free(c->filter);
	free(c->servers);
	free(c->dns_ports);
	free(c->ntp_ports);
	c->filter = c->servers = c->dns_ports = c->ntp_ports = NULL;
}

static void remove_file(const char *path, bool whole)
{
	static const char *const endings[] = { "-wal", "-shm", "-journal", "" };
	char name[4096];

	for (unsigned i = 0; i < 3u + whole; i++)
		if ((size_t)snprintf(name, sizeof name, "%s%s", path, endings[i]) < sizeof name)
			(void)unlink(name);
}

/* What every file of a run says alike: its hashes are the engine's. */
static bool say_alike(struct cl_store *s)
{
	struct cl_query *q = cl_query_new(s, "INSERT OR REPLACE INTO meta VALUES('seed', ?1)");

	cl_query_bind_i64(q, 1, (int64_t)s->live->seed);
	cl_query_run(q);
	cl_query_free(q);
	return s->exchanges == NULL || !s->exchanges->keeps ||
	       cl_store_exec(s, "INSERT OR REPLACE INTO meta VALUES('keep', 'transactions')");
}

/* Opens the file at `path` (owned) in place of the one that is open, which is left in `old`, with its schema
 * kept, and begins a transaction. False: the store has failed, and is as it was. */
static bool open_other(struct cl_store *s, char *path, struct opened *old)
{
	struct cl_store_config config = s->config;
	bool absent = access(path, F_OK) != 0, existed;

	*old = (struct opened){ s->db, s->path, s->config, s->source_id };
	config.live = true;
	forget_statements(s);
	s->db = NULL;
	s->path = path;
	s->config = (struct cl_store_config){ .live = true };
	s->live->open = true; /* what is written now is not to wait */
	if (cl_store_open_write(s, s->live->sensor, &config, &existed) && say_alike(s) &&
	    cl_store_exec(s, "COMMIT") && cl_store_exec(s, "BEGIN IMMEDIATE")) {
		s->config.engine = config.engine;
		return true;
	}
	forget_statements(s);
	sqlite3_close(s->db);
	if (absent)
		remove_file(path, true);
	free(path);
	free_config(&s->config);
	s->db = old->db;
	s->path = old->path;
	s->config = old->config;
	s->source_id = old->source_id;
	s->live->open = false;
	return false;
}

/* Nothing is known of the new file's rows. */
static void begin_anew(struct cl_store *s)
{
	struct cl_live *l = s->live;

	if (s->service_id != NULL)
		memset(s->service_id, 0, s->services * sizeof *s->service_id);
	if (s->service_number != NULL)
		memset(s->service_number, 0, s->service_rows * sizeof *s->service_number);
	l->fresh_count = 0;
	l->locked = true;
	l->renewed++;
}

static void free_old(struct opened *old)
{
	sqlite3_close(old->db);
	free(old->path);
	free_config(&old->config);
}

/* Months ---------------------------------------------------------------------------- */

bool cl_store_month_path(const char *base, int64_t time_ns, char *path, size_t size)
{
	time_t t = (time_t)(time_ns / NS_PER_S - (time_ns % NS_PER_S < 0));
	const char *slash = strrchr(base, '/'), *dot = strrchr(base, '.');
	size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) && dot != base ? (size_t)(dot - base)
										       : strlen(base);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return false;
	int n = snprintf(path, size, "%.*s-%04d-%02d%s", (int)stem, base, tm.tm_year + 1900, tm.tm_mon + 1,
			 base + stem);
	return n > 0 && (size_t)n < size;
}

void cl_store_month(struct cl_store *s, int64_t month_day, int64_t open_s, int64_t cell_s)
{
	const struct {
		const char *sql;
		int64_t from_s;
	} open_steps[] = {
		{ "DELETE FROM step WHERE source_id = ?1 AND t >= ?2", open_s },
		{ "DELETE FROM step_clients WHERE source_id = ?1 AND t >= ?2", open_s },
		{ "DELETE FROM client_sketch WHERE source_id = ?1 AND t >= ?2", cell_s },
		{ "DELETE FROM icmp_step WHERE source_id = ?1 AND t >= ?2", month_day * SECONDS_A_DAY },
	};
	struct cl_live *l = s->live;

	if (l == NULL || l->options.months == NULL || month_day == l->queued_month)
		return;
	/* the open step is in the new file, with ICMP errors of midnight; where the engine begins, none is */
	for (size_t i = 0; i < sizeof open_steps / sizeof *open_steps && open_s != INT64_MAX; i++) {
		struct cl_query *q = cl_query_new(s, open_steps[i].sql);

		cl_query_bind_i64(q, 2, open_steps[i].from_s);
		cl_query_run(q);
		cl_query_free(q);
	}
	if (cl_backlog_month(&l->backlog, month_day))
		l->queued_month = month_day; /* else the next day tries again */
}

/* The file is over: where the capture stands is in the next one. Its steps go on to the month's end. */
static bool end_month(struct cl_store *s, int64_t end_ns)
{
	static const char *const state[] = { "state", "state_service", "state_step", "state_tunnel_echo",
					     "open_at_end" };
	struct cl_query *q =
		cl_query_new(s, "UPDATE source SET last_ns = ?2 WHERE source_id = ?1 AND first_ns < ?2");

	cl_query_bind_i64(q, 2, end_ns);
	cl_query_run(q);
	cl_query_free(q);
	for (unsigned i = 0; i < sizeof state / sizeof *state; i++) {
		char *sql = sqlite3_mprintf("DELETE FROM %s WHERE source_id = %lld", state[i], s->source_id);

		if (sql == NULL)
			cl_store_fail(s, CL_ENOMEM);
		else
			(void)cl_store_exec(s, sql);
		sqlite3_free(sql);
	}
	return cl_store_exec(s, "COMMIT");
}

bool cl_live_end_month(struct cl_store *s, int64_t day)
{
	if (!end_month(s, day * SECONDS_A_DAY * NS_PER_S))
		return false;
	s->live->locked = false;
	cl_exchanges_played(s->exchanges);
	return true;
}

/* Path of the month's file, owned. NULL: the store has failed. */
static char *month_path(struct cl_store *s, int64_t day)
{
	size_t size = strlen(s->live->options.months) + 32;
	char *path = malloc(size);

	if (path != NULL &&
	    cl_store_month_path(s->live->options.months, day * SECONDS_A_DAY * NS_PER_S, path, size))
		return path;
	free(path);
	cl_store_fail(s, CL_ENOMEM);
	return NULL;
}

bool cl_live_has_month(struct cl_store *s, int64_t day)
{
	char *path = month_path(s, day);
	bool same = path != NULL && strcmp(path, s->path) == 0;

	free(path);
	return same;
}

bool cl_live_next_month(struct cl_store *s, int64_t day)
{
	char *path = month_path(s, day);
	struct opened old;

	if (path == NULL)
		return false;
	if (!open_other(s, path, &old))
		return false;
	(void)sqlite3_exec(old.db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	free_old(&old);
	begin_anew(s);
	return true;
}

int64_t cl_store_first_day(const struct cl_store *s)
{
	return s->live != NULL && s->live->rotated ? s->live->month_day : INT64_MIN;
}

/* Another file at the same place -------------------------------------------------------- */

/* The file that was opened keeps all that was written, and nothing at its path is touched: that is another's.
 */
static void leave(struct cl_store *s)
{
	int on = 1;

	forget_statements(s);
	(void)sqlite3_exec(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	(void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	sqlite3_close(s->db);
	s->db = NULL;
	if (access(s->path, F_OK) != 0)
		remove_file(s->path, false);
}

bool cl_live_open_again(struct cl_store *s)
{
	struct opened old;
	char *path = strdup(s->path);

	if (path == NULL || !open_other(s, path, &old))
		return false;
	s->live->open = false;
	free_old(&old);
	begin_anew(s);
	cl_exchanges_shown(s->exchanges);
	return true;
}

bool cl_store_reopen(struct cl_store *s)
{
	struct cl_live *l = s->live;

	if (l->open)
		return false;
	if (s->db != NULL) {
		int moved = 0;

		(void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
		if (moved == 0)
			return true;
		if (l->locked)
			(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		l->locked = false;
		leave(s);
	}
	if (cl_live_open_again(s))
		return true;
	cl_live_trouble(s);
	return false;
}

/* All files of months -------------------------------------------------------------------- */

/* Whether a name is BASE-YYYY-MM.END; then the month as YYYY * 12 + MM - 1. */
static bool is_month_of(const char *name, const char *base, int *month)
{
	char path[4096];
	const char *dot = strrchr(base, '.');
	size_t stem = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
	int year, of_year, end = 0;

	if (strncmp(name, base, stem) != 0 || sscanf(name + stem, "-%4d-%2d%n", &year, &of_year, &end) != 2 ||
	    of_year < 1 || of_year > 12)
		return false;
	snprintf(path, sizeof path, "%.*s-%04d-%02d%s", (int)stem, base, year, of_year, base + stem);
	*month = year * 12 + of_year - 1;
	return strcmp(path, name) == 0;
}

/* Whether a file is a database of ours: by its header (application_id, sqlite.org/fileformat2.html). */
static bool is_ours(const char *path)
{
	uint8_t head[72];
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool ours = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
		    memcmp(head, "SQLite format 3", 16) == 0 &&
		    ((uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 |
		     head[71]) == CL_APPLICATION_ID;

	if (fd >= 0)
		close(fd);
	return ours;
}

typedef bool month_fn(const char *path);

/* Calls `fn` with each file of a month before that of a time; how many it says yes to. */
static unsigned each_month(const char *base, int64_t before_ns, month_fn *fn)
{
	const char *slash = strrchr(base, '/'), *name = slash != NULL ? slash + 1 : base;
	time_t t = (time_t)(before_ns / NS_PER_S);
	struct tm tm;
	char folder[4096], path[4096];
	unsigned n = 0;
	int month;

	snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - base + 1) : 2,
		 slash != NULL ? base : "./");
	DIR *dir = gmtime_r(&t, &tm) != NULL ? opendir(folder) : NULL;
	for (struct dirent *d; dir != NULL && (d = readdir(dir)) != NULL;)
		if (is_month_of(d->d_name, name, &month) && month < (tm.tm_year + 1900) * 12 + tm.tm_mon &&
		    (size_t)snprintf(path, sizeof path, "%s%s", folder, d->d_name) < sizeof path &&
		    is_ours(path))
			n += fn(path);
	if (dir != NULL)
		closedir(dir);
	return n;
}

static bool end_one(const char *path)
{
	sqlite3 *db = NULL;
	bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK;

	if (ok) {
		cl_store_guard(db);
		ok = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK;
	}
	sqlite3_close(db);
	return ok;
}

void cl_store_end_months(const char *base, int64_t time_ns)
{
	(void)each_month(base, time_ns, end_one);
}

static bool remove_one(const char *path)
{
	remove_file(path, false);
	return unlink(path) == 0;
}

unsigned cl_store_remove_months(const char *base, int64_t before_ns)
{
	return each_month(base, before_ns, remove_one);
}

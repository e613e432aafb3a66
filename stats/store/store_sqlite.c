/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, transactions, errors and questions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stats/store/schema.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_live.h"
#include "stats/store/store_state.h"

#define BUSY_MS 2000

/* Numbers of exchanges (CL_EXCHANGES_PER_SOURCE) have room for so many. */
#define SOURCES_MOST 9000000

/* A store is used by one thread at a time: no lock is needed within SQLite. */
#define ONE_THREAD SQLITE_OPEN_NOMUTEX

void cl_store_fail_sqlite(struct cl_store *s)
{
	int code = sqlite3_errcode(s->db);

	if (s->error[0] != '\0')
		return;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		snprintf(s->error, sizeof s->error,
			 "is locked by another program; try again when it is done");
	else if (code == SQLITE_FULL)
		snprintf(s->error, sizeof s->error, "the disk is full; nothing was kept");
	else if (code == SQLITE_NOTADB)
		snprintf(s->error, sizeof s->error, "is not an SQLite database");
	else if (code == SQLITE_READONLY)
		snprintf(s->error, sizeof s->error, "cannot be written: %s", sqlite3_errmsg(s->db));
	else
		snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
}

void cl_store_fail(struct cl_store *s, enum cl_err err)
{
	if (s->error[0] == '\0')
		snprintf(s->error, sizeof s->error, "%s", cl_err_text(err));
}

const char *cl_store_error(const struct cl_store *s)
{
	return s->error[0] == '\0' ? NULL : s->error;
}

bool cl_store_is_memory(const struct cl_store *s)
{
	return s->path == NULL;
}

bool cl_store_exec(struct cl_store *s, const char *sql)
{
	if (s->error[0] != '\0')
		return false;
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	cl_store_fail_sqlite(s);
	return false;
}

bool cl_store_exec_all(struct cl_store *s, const char *const *sql)
{
	for (; *sql != NULL; sql++)
		if (!cl_store_exec(s, *sql))
			return false;
	return true;
}

/* Opening --------------------------------------------------------------------- */

bool cl_store_make_schema(struct cl_store *s)
{
	char pragma[80];

	snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 CL_APPLICATION_ID, CL_SCHEMA_VERSION);
	if (!cl_store_exec(s, pragma))
		return false;
	if (s->path != NULL)
		return cl_store_make_tables(s) && cl_store_make_views(s);
	return cl_store_exec_all(s, cl_schema_tables) && cl_store_exec_all(s, cl_schema_tunnels) &&
	       cl_store_exec(s, cl_schema_by_service) && cl_store_vtab_memory(s);
}

static bool add_source(struct cl_store *s, const char *sensor)
{
	struct cl_query *q = cl_query_new(s, "INSERT INTO source(sensor) SELECT ?2 WHERE NOT EXISTS "
					     "(SELECT 1 FROM source WHERE sensor = ?2)");

	cl_query_bind_text(q, 2, sensor);
	cl_query_run(q);
	cl_query_free(q);
	q = cl_query_new(s, "SELECT source_id FROM source WHERE sensor = ?2 ORDER BY last_ns DESC");
	cl_query_bind_text(q, 2, sensor);
	if (cl_query_row(q))
		s->source_id = cl_query_i64(q, 0);
	cl_query_free(q);
	if (s->error[0] == '\0' && (s->source_id < 1 || s->source_id > SOURCES_MOST))
		snprintf(s->error, sizeof s->error, "has a source without a number: it is damaged");
	return s->error[0] == '\0';
}

/* The path as SQLite takes it for a file's: to it :memory: and file: are something else. Owned. */
static char *copy_path(const char *path)
{
	bool special = path[0] == ':' || strncmp(path, "file:", 5) == 0;
	size_t size = strlen(path) + sizeof "./";
	char *copy = malloc(size);

	if (copy != NULL)
		snprintf(copy, size, "%s%s", special ? "./" : "", path);
	return copy;
}

static struct cl_store *store_alloc(const char *path)
{
	struct cl_store *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	/* counts of its memory, under a lock, which nobody reads; refused where SQLite was used before */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (path != NULL && (s->path = copy_path(path)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static char *copy_text(const char *text)
{
	return strdup(text != NULL ? text : "");
}

static bool take_config(struct cl_store *s, const struct cl_store_config *config)
{
	s->config = *config;
	s->config.filter = copy_text(config->filter);
	s->config.servers = copy_text(config->servers);
	s->config.dns_ports = copy_text(config->dns_ports);
	s->config.ntp_ports = copy_text(config->ntp_ports);
	return s->config.filter != NULL && s->config.servers != NULL && s->config.dns_ports != NULL &&
	       s->config.ntp_ports != NULL;
}

/* Pages that SQLite keeps, in KiB. A store without a file needs no journal. */
static bool set_cache(struct cl_store *s)
{
	char pragma[96];

	if (s->config.cache == 0)
		return true; /* SQLite's own */
	snprintf(pragma, sizeof pragma, "PRAGMA cache_size = -%zu%s", s->config.cache / 1024,
		 s->path == NULL ? "; PRAGMA journal_mode = OFF" : "");
	return cl_store_exec(s, pragma);
}

struct cl_store *cl_store_memory(const struct cl_store_config *config)
{
	struct cl_store *s = store_alloc(NULL);

	if (s == NULL)
		return NULL;
	/* with a limit: a file without a name, which is written only if the cache does not hold it */
	if (sqlite3_open_v2(config->cache > 0 ? "" : ":memory:", &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | ONE_THREAD, NULL) != SQLITE_OK ||
	    !take_config(s, config) || !set_cache(s)) {
		cl_store_close(s);
		return NULL;
	}
	s->writing = true;
	if (!cl_store_make_schema(s) || !cl_store_exec(s, "BEGIN") || !add_source(s, "default")) {
		cl_store_close(s);
		return NULL;
	}
	cl_store_meta_write(s);
	return s;
}

int64_t cl_store_number(struct cl_store *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s, sql);
	int64_t v = cl_query_row(q) ? cl_query_i64(q, 0) : -1;

	cl_query_free(q);
	return v;
}

/* A database in which nothing is: what is left of a first run that was killed. */
static bool is_blank(struct cl_store *s)
{
	return cl_store_number(s, "PRAGMA application_id") == 0 &&
	       cl_store_number(s, "SELECT count(*) FROM sqlite_master") == 0;
}

/* Refuses what is not ours, and what is newer. */
static bool is_ours(struct cl_store *s)
{
	int64_t id = cl_store_number(s, "PRAGMA application_id"),
		version = cl_store_number(s, "PRAGMA user_version");

	if (s->error[0] != '\0')
		return false;
	if (id != CL_APPLICATION_ID && is_blank(s))
		snprintf(s->error, sizeof s->error, "is an empty database");
	else if (id != CL_APPLICATION_ID)
		snprintf(s->error, sizeof s->error, "is an SQLite database of another program");
	else if (version > CL_SCHEMA_VERSION)
		snprintf(s->error, sizeof s->error,
			 "was written by a newer clientele (schema %lld, this one knows %d)",
			 (long long)version, CL_SCHEMA_VERSION);
	else if (version < 1)
		snprintf(s->error, sizeof s->error, "has a schema that no release wrote (%lld)",
			 (long long)version);
	return s->error[0] == '\0' && cl_store_is_plain(s);
}

static struct cl_store *give_up(struct cl_store *s, char err[CL_STORE_ERRLEN])
{
	if (s == NULL) {
		snprintf(err, CL_STORE_ERRLEN, "out of memory");
		return NULL;
	}
	snprintf(err, CL_STORE_ERRLEN, "%s", s->error[0] != '\0' ? s->error : "out of memory");
	cl_store_close(s);
	return NULL;
}

/* Why the system does not open the file; 0 if it does. SQLite tries twice and only keeps the second reason.
 */
static int refusal(const char *path, int flags)
{
	int fd = open(path, (flags & SQLITE_OPEN_CREATE) != 0 ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY, 0666);
	int reason = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && (flags & SQLITE_OPEN_CREATE) != 0)
		(void)unlink(path);
	return reason != EEXIST ? reason : 0;
}

static bool open_file(struct cl_store *s, int flags)
{
	if (sqlite3_open_v2(s->path, &s->db, flags | ONE_THREAD, NULL) != SQLITE_OK) {
		int reason = refusal(s->path, flags);

		if (reason == 0 && s->db != NULL)
			reason = sqlite3_system_errno(s->db);
		snprintf(s->error, sizeof s->error, "%s",
			 reason != 0	 ? strerror(reason)
			 : s->db != NULL ? sqlite3_errmsg(s->db)
					 : "out of memory");
		return false;
	}
	cl_store_guard(s->db);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return true;
}

/* Whether the file holds nothing yet: absent or empty. */
static bool is_new(const char *path, bool *absent)
{
	struct stat st;

	*absent = stat(path, &st) != 0 && errno == ENOENT;
	return *absent || (S_ISREG(st.st_mode) && st.st_size == 0);
}

/* What was merged does not say where captures go on. */
static bool is_merged(struct cl_store *s)
{
	if (cl_store_number(s, "SELECT count(*) FROM meta WHERE key = 'merged'") == 0)
		return false;
	if (s->error[0] == '\0')
		snprintf(s->error, sizeof s->error,
			 "was merged: read into another database, and merge that with it");
	return true;
}

static bool open_write(struct cl_store *s, const char *sensor, const struct cl_store_config *config,
		       bool *new)
{
	if (!open_file(s, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
		return false;
	*new = *new || is_blank(s);
	if (!*new && !is_ours(s))
		return false; /* and not written to when it is closed */
	s->writing = true;
	if (!cl_store_vtab_file(s))
		return false;
	if (*new && config->live && !cl_store_exec(s, "PRAGMA auto_vacuum = INCREMENTAL"))
		return false;
	if (!cl_store_exec(
		    s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; "
		       "BEGIN IMMEDIATE"))
		return false;
	s->config.cache = config->cache < 16u << 20 ? config->cache : 0;
	if (!set_cache(s))
		return false;
	if (*new) {
		if (!take_config(s, config))
			return false;
		if (!cl_store_make_schema(s))
			return false;
		cl_store_meta_write(s);
	} else if (!cl_store_meta_read(s) || !cl_store_convert(s) || is_merged(s)) {
		return false;
	}
	return cl_store_exec_all(s, cl_schema_own_views) && add_source(s, sensor);
}

bool cl_store_open_write(struct cl_store *s, const char *sensor, const struct cl_store_config *config,
			 bool *existed)
{
	bool new = is_new(s->path, &s->created);
	bool ok = open_write(s, sensor, config, &new);

	*existed = !new;
	return ok;
}

struct cl_store *cl_store_write(const char *path, const char *sensor, struct cl_store_config *config,
				bool *existed, char err[CL_STORE_ERRLEN])
{
	struct cl_store *s = store_alloc(path);

	if (s == NULL)
		return give_up(NULL, err);
	if (!cl_store_open_write(s, sensor, config, existed))
		return give_up(s, err);
	*config = s->config;
	return s;
}

/* An older database is not touched: a copy without a name is converted, and goes when it is closed. */
static bool read_older(struct cl_store *s)
{
	sqlite3 *old = s->db;

	if (cl_store_number(s, "PRAGMA user_version") == CL_SCHEMA_VERSION)
		return true;
	s->db = NULL;
	if (sqlite3_open_v2("", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | ONE_THREAD, NULL) !=
	    SQLITE_OK)
		cl_store_fail(s, CL_ENOMEM);
	else
		cl_store_guard(s->db);
	bool ok = cl_store_error(s) == NULL && cl_store_copy_converted(s, old);
	sqlite3_close(old);
	return ok;
}

/* Whether a database in WAL mode, of which there is no log, lies in a folder that may not be written: then
 * nobody writes it, and SQLite needs to be told that it will not change. */
static bool is_left_alone(struct cl_store *s)
{
	char log[4096];
	bool refused = sqlite3_exec(s->db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL) != SQLITE_OK &&
		       sqlite3_errcode(s->db) == SQLITE_CANTOPEN;

	return refused && (size_t)snprintf(log, sizeof log, "%s-wal", s->path) < sizeof log &&
	       access(log, F_OK) != 0 && errno == ENOENT;
}

/* SQLite's own name of a file that does not change. */
static bool open_unchanging(struct cl_store *s)
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0, size = 3 * strlen(s->path) + sizeof "file:?immutable=1";
	char *name = malloc(size);

	if (name == NULL)
		return false;
	memcpy(name, "file:", 5);
	at = 5;
	for (const unsigned char *c = (const unsigned char *)s->path; *c != '\0'; c++) {
		bool plain = *c > ' ' && *c < 0x7f && strchr("%?#", *c) == NULL;

		if (plain) {
			name[at++] = (char)*c;
			continue;
		}
		name[at++] = '%';
		name[at++] = hex[*c >> 4];
		name[at++] = hex[*c & 15];
	}
	memcpy(name + at, "?immutable=1", sizeof "?immutable=1");
	sqlite3_close(s->db);
	s->db = NULL;
	bool ok = sqlite3_open_v2(name, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | ONE_THREAD, NULL) ==
		  SQLITE_OK;
	if (ok)
		cl_store_guard(s->db);
	free(name);
	return ok;
}

struct cl_store *cl_store_read(const char *path, struct cl_store_config *config, char err[CL_STORE_ERRLEN])
{
	struct cl_store *s = store_alloc(path);

	if (s == NULL)
		return give_up(NULL, err);
	if (!open_file(s, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX))
		return give_up(s, err);
	if ((is_left_alone(s) && !open_unchanging(s)) || !is_ours(s) || !read_older(s) ||
	    !cl_store_meta_read(s) || !cl_store_exec_all(s, cl_schema_own_views) ||
	    !cl_store_exec(s, "BEGIN"))
		return give_up(s, err);
	*config = s->config;
	return s;
}

/* Ends the write-ahead log too, so that the file stands alone and anybody may read it. */
bool cl_store_commit(struct cl_store *s)
{
	if (!cl_store_exec(s, "COMMIT"))
		return false;
	s->committed = true;
	for (unsigned i = 0; i < CL_STATEMENTS; i++) {
		cl_query_free(s->statement[i]);
		s->statement[i] = NULL;
	}
	cl_exchanges_end(s->exchanges);
	if (s->path != NULL) /* a reader may hold it: then the log stays until the next time */
		(void)sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return true;
}

static void remove_unfinished(const struct cl_store *s)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	char name[4096];

	for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++)
		if ((size_t)snprintf(name, sizeof name, "%s%s", s->path, endings[i]) < sizeof name)
			(void)unlink(name);
}

void cl_store_close(struct cl_store *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < CL_STATEMENTS; i++)
		cl_query_free(s->statement[i]);
	cl_exchanges_free(s->exchanges);
	bool open = s->writing && (!s->committed || s->live != NULL);
	cl_live_free(s->live);
	if (open && s->db != NULL) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		if (s->path != NULL)
			(void)sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	}
	sqlite3_close(s->db);
	if (s->writing && !s->committed && s->created)
		remove_unfinished(s);
	free(s->config.filter);
	free(s->config.servers);
	free(s->config.dns_ports);
	free(s->config.ntp_ports);
	free(s->service_id);
	free(s->service_number);
	cl_steps_free(&s->steps);
	cl_days_free(&s->days);
	free(s->path);
	free(s);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's inside, shared by the store_*.c files alone. */
#ifndef CL_STATS_STORE_STATE_H
#define CL_STATS_STORE_STATE_H

#include <sqlite3.h>

#include "stats/store/store.h"
#include "stats/store/stored_clients.h"
#include "stats/table/arena.h"

/* Statements that are prepared once and kept. */
enum cl_statement {
	CL_ST_SOURCE,
	CL_ST_FILE,
	CL_ST_LEDGER,
	CL_ST_SERVICE,
	CL_ST_SERVICE_ID,
	CL_ST_STEP,
	CL_ST_STEP_CLIENTS,
	CL_ST_SKETCH,
	CL_ST_DAY,
	CL_ST_DAY_CODE,
	CL_ST_DAY_DELTA,
	CL_ST_DAY_BUCKET,
	CL_ST_DAY_SIZE,
	CL_ST_DAY_ANSWER,
	CL_ST_CLIENT,
	CL_ST_UNIQUE,
	CL_ST_WORST,
	CL_ST_OPEN,
	CL_STATEMENTS
};

/* The steps of a service, by number of their row, in the order of time. */
struct cl_steps_of {
	uint32_t *row;
	uint32_t count, room;
};

/* What a store in memory keeps of steps: the tables `step` and `step_clients` (store_steps.c). */
struct cl_steps {
	struct cl_arena rows;	/* struct cl_step with its windows */
	struct cl_steps_of *of; /* by service number */
	size_t services;
	bool ready;
	bool moved; /* all are in tables as of a file */
};

/* The counts of a store in memory (store_days.c). */
struct cl_days {
	const struct cl_tally **of; /* by service number; borrowed */
	size_t services;
	int64_t day; /* of the one row of each */
};

/* Stands for a service's row in rows that wait: what it is in the database is known when they are written. */
#define CL_SERVICE_ROW(number) (INT64_MIN + (int64_t)(number))

/* What a service is called. */
struct cl_service_name {
	struct cl_addr addr;
	uint8_t proto;
	bool named; /* else there is none */
};

struct cl_live;

/* Who takes rows of clients (store_clients.c). */
struct cl_taker {
	cl_stored_client_fn *fn; /* NULL: nobody now */
	void *ctx;
	bool made; /* SQLite knows the function */
};

struct cl_store {
	sqlite3 *db;
	char *path;   /* NULL: in memory */
	bool created; /* by this store: removed if it is never committed */
	bool writing, committed;
	int64_t source_id;
	struct cl_store_config config;
	struct cl_query *statement[CL_STATEMENTS];
	struct cl_live *live; /* store_live.h; NULL: all is written at once */
	int64_t *service_id;  /* by the engine's number; 0: none */
	size_t services;
	uint32_t *service_number; /* by row of service: the engine's number plus 1; 0: none */
	size_t service_rows;
	struct cl_client_table clients;	   /* in memory */
	const struct cl_client_rows *rows; /* being written; else NULL */
	int64_t rows_midnight_ns;	   /* of their day */
	struct cl_steps steps;		   /* in memory */
	struct cl_days days;		   /* in memory */
	struct cl_exchanges *exchanges;	   /* store_exchange.h; NULL: nobody asked */
	struct cl_taker taker;
	char error[CL_STORE_ERRLEN]; /* empty: none */
};

/* Records what SQLite says, unless an error is known already. */
void cl_store_fail_sqlite(struct cl_store *s);

/* A statement that is kept and run many times, prepared at its first use; its parameters are bound by who
 * runs it. `sql` is borrowed. */
struct cl_query *cl_query_keep(struct cl_store *s, const char *sql);

/* Whether it can be bound and run. */
bool cl_query_ready(struct cl_query *q);

/* The prepared statement; NULL: rows wait. */
sqlite3_stmt *cl_query_prepared(struct cl_query *q);

/* The statement, kept (cl_query_keep); NULL: rows wait, or the store has failed. */
struct cl_query *cl_store_statement(struct cl_store *s, enum cl_statement which);

void cl_query_bind_null(struct cl_query *q, int at);

/* Binds `n` whole numbers from the first parameter on. */
void cl_query_bind_all(struct cl_query *q, const int64_t *v, int n);

/* 4 octets of IPv4, 16 of IPv6. */
void cl_query_bind_addr(struct cl_query *q, int at, const struct cl_addr *a);

/**
 * Of a connection that was just opened to a file: views, triggers and virtual tables of its schema are not
 * obeyed, and there are limits. Views that are asked by this program are cl_schema_own_views.
 */
void cl_store_guard(sqlite3 *db);

/* Whether its schema has no triggers and no virtual tables. False: the store has failed. */
bool cl_store_is_plain(struct cl_store *s);

/* Runs one statement without rows. */
bool cl_store_exec(struct cl_store *s, const char *sql);

/* Runs the null-ended statements. */
bool cl_store_exec_all(struct cl_store *s, const char *const *sql);

/* What PRAGMA and the like answer; -1: nothing. */
int64_t cl_store_number(struct cl_store *s, const char *sql);

/* Makes an empty database one of ours: all tables and views. */
bool cl_store_make_schema(struct cl_store *s);

/* All tables and indexes of a file; all its views (store_migrate.c). */
bool cl_store_make_tables(struct cl_store *s);
bool cl_store_make_views(struct cl_store *s);

/* Fills the store, which is empty, with what `old` has, and converts it. */
bool cl_store_copy_converted(struct cl_store *s, sqlite3 *old);

/* Brings a file of this or an older version up to this one, within the transaction. */
bool cl_store_convert(struct cl_store *s);

/* Row of the service that the engine calls `number`; 0 if it has none. */
int64_t cl_store_service_id(const struct cl_store *s, uint32_t number);

/* The same for a row that is to be written; of one that waits CL_SERVICE_ROW. */
int64_t cl_store_service_row(struct cl_store *s, uint32_t number);

/* Opens or makes the file at s->path for writing and begins a transaction; of one that exists, s->config is
 * what it was written with. False: the store has failed. */
bool cl_store_open_write(struct cl_store *s, const char *sensor, const struct cl_store_config *config,
			 bool *existed);

/* Makes the virtual tables: of a store in memory, and what a file is written through. */
bool cl_store_vtab_memory(struct cl_store *s);
bool cl_store_vtab_file(struct cl_store *s);

/* A step as it is stored; times in seconds, durations in nanoseconds and 0 where delta_n is 0. */
struct cl_step {
	int64_t t;
	uint64_t requests, responses, matched, delta_n, sum_ns;
	int64_t min_ns, quantile_ns[4], max_ns; /* quantiles 0.5, 0.9, 0.99, 0.999 */
	uint32_t service;			/* its number */
	uint32_t unique[];			/* by window */
};
#define CL_STEP_SIZE(windows) ((sizeof(struct cl_step) + (windows) * sizeof(uint32_t) + 7) / 8 * 8)

/* Keeps a step; one of the same service and time is replaced. False: the store has failed. */
bool cl_steps_keep(struct cl_store *s, const struct cl_step *step);
void cl_steps_free(struct cl_steps *k);

/* Whether they are more than a limited store keeps: as many octets as its cache. */
bool cl_steps_full(const struct cl_store *s);
bool cl_steps_tables(struct cl_store *s);

/* Keeps where a service's tally is. False: the store has failed. */
bool cl_days_keep(struct cl_store *s, int64_t day, uint32_t service, const struct cl_tally *tally);
void cl_days_free(struct cl_days *k);
bool cl_days_tables(struct cl_store *s);

/* Writes and reads the configuration (store_meta.c). */
void cl_store_meta_write(struct cl_store *s);
bool cl_store_meta_read(struct cl_store *s);

#endif

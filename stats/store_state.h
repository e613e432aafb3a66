/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's inside, shared by the store_*.c files alone. */
#ifndef CL_STATS_STORE_STATE_H
#define CL_STATS_STORE_STATE_H

#include <sqlite3.h>

#include "stats/store.h"

/* Statements that are prepared once and kept. */
enum cl_statement {
	CL_ST_SOURCE,
	CL_ST_FILE,
	CL_ST_LEDGER,
	CL_ST_SERVICE,
	CL_ST_SERVICE_ID,
	CL_ST_STEP,
	CL_ST_STEP_CLIENTS,
	CL_ST_DAY,
	CL_ST_DAY_CODE,
	CL_ST_DAY_DELTA,
	CL_ST_DAY_BUCKET,
	CL_ST_CLIENT,
	CL_ST_UNIQUE,
	CL_ST_WORST,
	CL_ST_OPEN,
	CL_STATEMENTS
};

struct cl_store {
	sqlite3 *db;
	char *path;   /* NULL: in memory */
	bool created; /* by this store: removed if it is never committed */
	bool writing, committed;
	int64_t source_id;
	struct cl_store_config config;
	sqlite3_stmt *statement[CL_STATEMENTS];
	int64_t *service_id; /* by the engine's number; 0: none */
	size_t services;
	uint32_t *service_number; /* by row of service: the engine's number plus 1; 0: none */
	size_t service_rows;
	struct cl_client_table clients;
	char error[CL_STORE_ERRLEN]; /* empty: none */
};

/* Records what SQLite says, unless an error is known already. */
void cl_store_fail_sqlite(struct cl_store *s);

/* Runs one statement without rows. */
bool cl_store_exec(struct cl_store *s, const char *sql);

/* Runs the null-ended statements. */
bool cl_store_exec_all(struct cl_store *s, const char *const *sql);

/* Row of the service that the engine calls `number`; 0 if it has none. */
int64_t cl_store_service_id(const struct cl_store *s, uint32_t number);

/* Makes the virtual table client_total of a store in memory. */
bool cl_store_vtab(struct cl_store *s);

/* Makes the function median_gap_ns(addr); null in a file. */
bool cl_store_functions(struct cl_store *s);

/* Writes and reads the configuration (store_meta.c). */
void cl_store_meta_write(struct cl_store *s);
bool cl_store_meta_read(struct cl_store *s);

#endif

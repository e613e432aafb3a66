/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that wait in memory, in their order, for a transaction that keeps them; for the store_*.c files alone.
 */
#ifndef CL_STATS_STORE_BACKLOG_H
#define CL_STATS_STORE_BACKLOG_H

#include "stats/store/store_state.h"

/* A value of a row: as SQLite has them. */
struct cl_value {
	enum { CL_VALUE_NULL, CL_VALUE_INT, CL_VALUE_TEXT, CL_VALUE_BLOB } type;
	int64_t i;
	uint8_t *octets; /* owned: of texts and blobs */
	size_t n, room;
};

/* A statement that rows that wait name. */
struct cl_backlog_text {
	char *sql;
	sqlite3_stmt *st; /* NULL: not prepared */
};

/* Entries of a head and octets each, in blocks. */
struct cl_backlog_block {
	struct cl_backlog_block *next;
	size_t used, room;
	_Alignas(16) uint8_t octets[];
};

struct cl_backlog {
	struct cl_backlog_block *first, *last;
	size_t from;	      /* of the first block: where its first entry is */
	size_t octets, limit; /* of all entries */
	uint64_t given_up;    /* rows that found no room */
	struct cl_backlog_text *text;
	uint32_t texts;
	struct cl_note *note; /* two, of the exchange that is being written */
};

void cl_backlog_free(struct cl_backlog *q);

/* Number of a statement, by which rows name it. UINT32_MAX: memory is short. */
uint32_t cl_backlog_statement(struct cl_backlog *q, const char *sql);

/* A row: a statement and its values from parameter 1 on. */
void cl_backlog_row(struct cl_backlog *q, uint32_t statement, const struct cl_value *value, int values);

/* Rows of clients of a day and an engine's service. */
void cl_backlog_clients(struct cl_backlog *q, int64_t day, uint32_t service,
			const struct cl_client_rows *rows);

/* An exchange with its number. */
void cl_backlog_exchange(struct cl_backlog *q, const struct cl_exchange *x, int64_t number);

/* From here on rows are of the file of the month that begins on `day`. False: memory is short. */
bool cl_backlog_month(struct cl_backlog *q, int64_t day);

/* Writes all entries, in their order. They stay, but for those before a month's end that are safe in its
 * file. False: the store has failed. */
bool cl_backlog_play(struct cl_store *s);

/* All are safe. */
void cl_backlog_clear(struct cl_backlog *q);

/* Ends the statements, before the database is closed. */
void cl_backlog_end(struct cl_backlog *q);

#endif

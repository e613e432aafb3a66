/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of exchanges, shared by the store_*.c files alone: their columns are stats/store/event.def's and
 * dissect/note.def's. */
#ifndef CL_STATS_STORE_EXCHANGE_H
#define CL_STATS_STORE_EXCHANGE_H

#include "stats/exchange/exchange.h"
#include "stats/store/store_state.h"

/* exchange_id = source_id * this + number: rows lie in the order of their source and number. */
#define CL_EXCHANGES_PER_SOURCE INT64_C(1000000000000)

/* What a message has, by kind of exchange. */
enum cl_column_group {
	CL_GROUP_EVENT,
	CL_GROUP_EVENT_NTP,
	CL_GROUP_EVENT_DNS,
	CL_GROUP_EVENT_ICMP,
	CL_GROUP_ANY,
	CL_GROUP_NTP,
	CL_GROUP_CONTROL,
	CL_GROUP_DNS,
	CL_GROUP_ICMP,
	CL_GROUP_CONN
};

enum cl_column_type {
	CL_COLUMN_64, /* as SQLite holds it: signed */
	CL_COLUMN_U32,
	CL_COLUMN_U16,
	CL_COLUMN_U8,
	CL_COLUMN_I8,
	CL_COLUMN_ADDR
};

/* A member of an event or a note. */
struct cl_column {
	const char *name;
	uint16_t at; /* in its struct */
	uint8_t group, type;
};
extern const struct cl_column cl_event_columns[];
extern const size_t cl_event_column_count;
extern const struct cl_column cl_note_columns[];
extern const size_t cl_note_column_count;

/* The note's pieces: a column each. */
struct cl_piece_column {
	const char *name;
	uint8_t group;
};
extern const struct cl_piece_column cl_piece_columns[CL_PIECES];

struct cl_exchange_table {
	const char *name;
	unsigned groups; /* bits 1 << enum cl_column_group */
	bool pair;	 /* has responses */
	bool named;	 /* has the text of the question's name */
};
extern const struct cl_exchange_table cl_exchange_tables[CL_X_KINDS];

static inline bool cl_exchange_has(enum cl_exchange_kind kind, uint8_t group)
{
	return (cl_exchange_tables[kind].groups >> group & 1) != 0;
}

/* A message as it is read: events and notes of both sides. */
struct cl_exchange_room {
	struct cl_event event[2];
	struct cl_note note[2];
};

struct cl_file_name {
	int64_t file_id;
	char *path;
};

/* What a store knows of its exchanges. */
struct cl_exchanges {
	bool known, keeps;    /* known: keeps was looked up */
	bool numbered, based; /* last and file_base were looked up */
	int64_t last;	      /* number of the current source's last one */
	int64_t safe;	      /* of a live store: of the last that will not change, and is in the database */
	int64_t played;	      /* of a live store: of the last that was written of those that waited */
	int64_t shown;	      /* of a live store: number of the last, as things stand */
	int64_t file_base;    /* the largest file_id when the run began */
	sqlite3_stmt *insert[CL_X_KINDS];
	struct cl_file_name *files; /* by file_id; NULL: not asked for */
	size_t file_count;
};

/* The columns' names with commas between, `prefix` before the messages'; to be given to sqlite3_free. NULL
 * when memory is short. `types`: with their types, as a table is made. */
char *cl_exchange_column_list(enum cl_exchange_kind kind, bool types);
int cl_exchange_column_number(enum cl_exchange_kind kind);

/* The column, or expression, of an exchange's time. */
const char *cl_exchange_time(enum cl_exchange_kind kind);

/* Makes tables, indexes and views of exchanges. */
bool cl_exchange_schema(struct cl_store *s);

/* The number of the current source's last exchange, of any kind; of a store that knows whether it keeps them.
 */
int64_t cl_exchange_last(struct cl_store *s);

/* Writes one with this number. */
void cl_exchange_write(struct cl_store *s, const struct cl_exchange *x, int64_t number);

/* Of a live store, in a transaction: takes out what was written as things stood. */
void cl_exchanges_begin(struct cl_store *s);

/* What comes now is as things stand, behind those that will not change. */
void cl_exchanges_shown(struct cl_exchanges *x);

/* Those that will not change are safe: after a commit; or those that were written of them. */
void cl_exchanges_kept(struct cl_exchanges *x);
void cl_exchanges_played(struct cl_exchanges *x);

void cl_exchanges_end(struct cl_exchanges *x); /* statements, before a commit */
void cl_exchanges_free(struct cl_exchanges *x);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_STORE_H
#define CL_STATS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"
#include "dissect/err.h"
#include "dissect/ledger.h"
#include "stats/engine/clients.h"
#include "stats/engine/engine.h"
#include "stats/engine/match.h"
#include "stats/engine/services.h"
#include "stats/engine/tally.h"
#include "stats/exchange/exchange.h"
#include "stats/store/census.h"
#include "stats/table/sortkeys.h"

/**
 * The SQLite store: the one place that calls SQLite (store_*.c). Every view is drawn from its tables
 * (docs/schema.md), whether they lie in a file or, where no database was named, in memory. Errors stick:
 * after the first nothing more is written, and cl_store_error says what it was. Opaque.
 */
struct cl_store;

/* What a database is written with; a view or a later capture that asks for something else is refused. */
struct cl_store_config {
	struct cl_engine_config engine;
	size_t cache; /* octets of its pages in memory; 0: as SQLite has it. Of a run, not of a store. As much
		       * again for steps of a store in memory */
	char *filter; /* of -f; "" none. Owned by the store */
	char *servers;		     /* of --server, joined by commas; "" none. Owned by the store */
	char *dns_ports, *ntp_ports; /* beside 53 and 123, the same */
	enum cl_only only;	     /* --inner, --outer */
	bool live; /* a new one is made so that it can give back room bit by bit (cl_store_go_live) */
};

#define CL_STORE_ERRLEN 512

/* A store in memory for one run. NULL when memory is short. */
struct cl_store *cl_store_memory(const struct cl_store_config *config);

/**
 * Opens or makes a database for writing and begins a transaction; no other writer may hold it. A new one
 * takes `config`; of one that exists, *config is what it was written with (texts owned by the store). NULL:
 * `err` says in one line why; nothing was changed.
 */
struct cl_store *cl_store_write(const char *path, const char *sensor, struct cl_store_config *config,
				bool *existed, char err[CL_STORE_ERRLEN]);

/* Opens a database for reading alone. NULL: `err` says why. */
struct cl_store *cl_store_read(const char *path, struct cl_store_config *config, char err[CL_STORE_ERRLEN]);

/* Keeps all that was written. False: cl_store_error says why, and nothing of it is kept. */
bool cl_store_commit(struct cl_store *s);

/* Closes; what was not committed is gone, a database made by this store and never committed too. NULL is
 * accepted. */
void cl_store_close(struct cl_store *s);

/* Records an error from outside, such as CL_ENOMEM. */
void cl_store_fail(struct cl_store *s, enum cl_err err);

/* NULL, or the first error in words. */
const char *cl_store_error(const struct cl_store *s);

/* Whether the store lies in memory. */
bool cl_store_is_memory(const struct cl_store *s);

/* Written for months ---------------------------------------------------------- */

/**
 * A store that is live is written while a capture goes on. A transaction is begun (cl_store_begin), is given
 * what there is to write as things stand (cl_engine_checkpoint, cl_tunnels_write, cl_store_progress), and
 * ends (cl_store_commit_on). If any of it fails, nothing of it was kept, and the next one is given it anew:
 * what is written in it may be written again. What is written at other times (steps, days and months that are
 * over, exchanges) waits in memory until a transaction has kept it. So no failure of the disk loses what
 * memory can hold. The engine is not fed from cl_store_begin to cl_store_commit_on.
 */
struct cl_store_live {
	size_t octets; /* that rows take at most while they wait; what comes then is given up */
	/**
	 * A file for each UTC month, named after this one (cl_store_month_path); the store is that of some
	 * month. With the first packet of another the file ends and that of the new month goes on. NULL: one
	 * file for all. Borrowed.
	 */
	const char *months;
};

/**
 * Keeps what was written so far, and makes the store live: before cl_engine_restore. False: the store has
 * failed.
 */
bool cl_store_go_live(struct cl_store *s, const struct cl_store_live *live);

/* Begins a transaction with the rows that wait. False: not now (cl_store_trouble); then nothing is to be
 * written until the next one, and cl_store_commit_on says what is new. Waits 0.1 s for another program. */
bool cl_store_begin(struct cl_store *s);

enum cl_commit {
	CL_COMMIT_KEPT,
	CL_COMMIT_AGAIN,  /* kept, after one or more that were not: one event */
	CL_COMMIT_FAILED, /* not kept, after one that was: one event */
	CL_COMMIT_FAILING /* not kept, as the one before */
};

/* Ends the transaction, so that all of it is kept or nothing; readers see it from now on. */
enum cl_commit cl_store_commit_on(struct cl_store *s);

/**
 * Opens the file at the store's path anew, or makes it, if there is another one than was opened, or none:
 * as a service is asked to by SIGHUP. What is written goes there from now on; what was kept before stays in
 * the file that was opened. Not within a transaction. False: the store waits as before (cl_store_trouble).
 */
bool cl_store_reopen(struct cl_store *s);

/* The path of the file of the month that a time lies in: of DIR/NAME.db it is DIR/NAME-YYYY-MM.db. False: it
 * is too long. */
bool cl_store_month_path(const char *base, int64_t time_ns, char *path, size_t size);

/* Ends the files of months before that of `time_ns` that a run has left without ending them, so that anybody
 * may read them. Those that another program has open stay as they are. */
void cl_store_end_months(const char *base, int64_t time_ns);

/* Removes the files of months that ended before `before_ns`. Ours alone. How many. */
unsigned cl_store_remove_months(const char *base, int64_t before_ns);

/**
 * Removes some of what is of days before `before_day`, and gives back some room of the file: a part that
 * costs little, in a transaction. Whether there is more. Days of months that go on stay in the sums by month.
 */
bool cl_store_forget(struct cl_store *s, int64_t before_day);

/* Whether it is. */
bool cl_store_is_live(const struct cl_store *s);

/* Why the last transaction was not kept, in words for an event; NULL: it was. */
const char *cl_store_trouble(const struct cl_store *s);

/* Rows and exchanges that found no room while they waited, and were lost. */
uint64_t cl_store_given_up(const struct cl_store *s);

/* Octets of rows that wait. */
size_t cl_store_waiting(const struct cl_store *s);

/* Transactions that were lost; databases that were begun after the first one: nothing of today is there. */
uint64_t cl_store_undone(const struct cl_store *s);
uint64_t cl_store_renewed(const struct cl_store *s);

struct cl_source_row;
/**
 * What this run has seen so far: counts of packets, and frames by fate. What is new since the last
 * transaction that was kept is added to the source's row, to the ledger, to facts and anomalies. Within a
 * transaction, once.
 */
void cl_store_progress(struct cl_store *s, const struct cl_source_row *run, const struct cl_ledger *ledger);

/* Writing: rows of the source that was opened. Rows with the same key are replaced. ---- */

/* Times in nanoseconds since the epoch; counts of packets. */
struct cl_source_row {
	int64_t first_ns, last_ns;
	uint64_t packets, bytes, out_of_order, dropped_kernel, dropped_interface;
	uint64_t mdns, llmnr;
	struct cl_engine_losses losses;
};
void cl_store_source(struct cl_store *s, const struct cl_source_row *row);
bool cl_store_source_get(struct cl_store *s, struct cl_source_row *row);

struct cl_file_row {
	int64_t number;		  /* its file_id, by which `worst` names it; 0: the next that is free */
	const char *path, *error; /* error: NULL if there is none */
	uint64_t hash[2], packets, bytes, out_of_order;
	int64_t first_ns, last_ns;
	bool damaged;
	bool live; /* no file that could be read again: it has no hash */
};
void cl_store_file(struct cl_store *s, const struct cl_file_row *row);

/* A run of a capture: it stood ready for packets from one time to the other. A run is known by when it began.
 */
void cl_store_stretch(struct cl_store *s, int64_t from_ns, int64_t to_ns);

/* What an interface counted in a step of a run. Texts are borrowed. */
struct cl_interval_row {
	int64_t run_ns;	       /* when the run began */
	int64_t end_ns;	       /* of the step */
	const char *interface; /* as the path of its `file` */
	const char *clock;     /* "" where it is not known */
	uint64_t received, dropped_kernel, dropped_interface;
	int64_t away_ns; /* how long the interface was down or gone */
};
void cl_store_interval(struct cl_store *s, const struct cl_interval_row *row);

/* Whether a file with this hash was read; then `path` (of `size` octets) is what it was called. */
bool cl_store_knows_file(struct cl_store *s, const uint64_t hash[2], char *path, size_t size);

/* Adds to the counts of frames by fate, to the facts and to the anomalies. */
void cl_store_ledger(struct cl_store *s, const struct cl_ledger *ledger);

/* Names the engine's service `number`, before any row that has it. */
void cl_store_service(struct cl_store *s, uint32_t number, const struct cl_service *service);

/* The same for one that may have no rows yet: nothing is added. Whether the store has it. */
bool cl_store_find_service(struct cl_store *s, uint32_t number, const struct cl_service *service);

/* A step that ends at t_s (seconds since the epoch), and the unique clients of the windows that end there. */
void cl_store_step(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_tally *tally,
		   const uint32_t *unique);

/* The clients of a part of a step (a cell, stats/engine/windows.h) that ends at t_s, as a service has them:
 * in a database alone. */
void cl_store_sketch(struct cl_store *s, uint32_t number, int64_t t_s, const struct cl_hll *clients);

/* A store in memory borrows the tally until it is closed. */
void cl_store_day(struct cl_store *s, int64_t day, uint32_t number, const struct cl_tally *tally);

/* Rows of a day's clients of one service, in the order of their addresses' octets, the shorter first: a row
 * at a time. NULL at the end; what it gives stays until the statement ends. `via`: 1 UDP, 2 TCP. */
struct cl_client_rows {
	void *ctx;
	const struct cl_addr *(*next)(void *ctx, const struct cl_seen **seen, unsigned *via);
};
void cl_store_clients(struct cl_store *s, int64_t day, uint32_t number, const struct cl_client_rows *rows);

enum cl_period { CL_PERIOD_DAY, CL_PERIOD_MONTH, CL_PERIOD_ALL };
void cl_store_unique(struct cl_store *s, enum cl_period period, int64_t start_day, uint32_t number,
		     const struct cl_unique *u);

/* Says that the number of clients of the same period and service is approximate. */
struct cl_approximation;
void cl_store_approximation(struct cl_store *s, enum cl_period period, int64_t start_day, uint32_t number,
			    const struct cl_approximation *a);

/* Makes the day's unique clients those of the month that begins on `month_day`. */
void cl_store_unique_copy(struct cl_store *s, int64_t day, int64_t month_day);

/* Makes the unique clients of all that was read those of the only day. */
void cl_store_unique_date(struct cl_store *s, int64_t day);

/* The engine's time is in the month that begins on `month_day`: rows from now on are of its file, if there is
 * one for each. `open_s`, `cell_s`: end of the open step and cell, in seconds since the epoch; INT64_MAX: the
 * engine begins. */
void cl_store_month(struct cl_store *s, int64_t month_day, int64_t open_s, int64_t cell_s);

/* The first day that the file is for; INT64_MIN: it is for all. */
int64_t cl_store_first_day(const struct cl_store *s);

/* A day is over and its clients are written: adds them to the month that begins on `month_day`. */
void cl_store_month_add(struct cl_store *s, int64_t day, int64_t month_day);

/* An event of a server on a day, and what is known of such a day (watch.h); the first takes one back. */
struct cl_server_event;
struct cl_server_event_day;
void cl_store_server_event_forget(struct cl_store *s, int64_t day, uint32_t number,
				  const struct cl_server_event *event);
void cl_store_server_event(struct cl_store *s, int64_t day, uint32_t number,
			   const struct cl_server_event *event);
void cl_store_server_event_day(struct cl_store *s, int64_t day, uint32_t number,
			       const struct cl_server_event_day *counters);

void cl_store_open_at_end(struct cl_store *s, uint32_t number, uint64_t requests);

/* One of the slowest exchanges; for a store in memory. */
void cl_store_worst(struct cl_store *s, const struct cl_worst *w);

/* Questions ------------------------------------------------------------------- */

/* A prepared statement. A wrong one is a store error, after which it gives no rows. */
struct cl_query;

/* `?1` of the text is the current source's number. */
struct cl_query *cl_query_new(struct cl_store *s, const char *sql);
void cl_query_bind_i64(struct cl_query *q, int at, int64_t v);
void cl_query_bind_text(struct cl_query *q, int at, const char *v);
void cl_query_bind_blob(struct cl_query *q, int at, const void *v, size_t n);
bool cl_query_row(struct cl_query *q);	 /* the next row; false at the end or on an error */
void cl_query_run(struct cl_query *q);	 /* runs it to its end and makes it ready again */
void cl_query_again(struct cl_query *q); /* makes it ready for other values */
int64_t cl_query_i64(struct cl_query *q, int column);
uint64_t cl_query_u64(struct cl_query *q, int column);
bool cl_query_null(struct cl_query *q, int column);

/* A time as nanoseconds, of a column of these or of seconds; what is farther from 1970 than 2^62 - 1, as only
 * in a damaged file, is that far: two of them can be subtracted, and hours be added. */
int64_t cl_query_ns(struct cl_query *q, int column);
int64_t cl_query_s_as_ns(struct cl_query *q, int column);

/* Seconds and days since 1970, held to the same times; a count with a sign, held to 2^62 - 1. */
int64_t cl_query_s(struct cl_query *q, int column);
int64_t cl_query_day(struct cl_query *q, int column);
int64_t cl_query_held(struct cl_query *q, int column);

const char *cl_query_text(struct cl_query *q, int column); /* borrowed until the next row; NULL for null */
const char *cl_query_word(struct cl_query *q,
			  int column); /* "" for null, which a damaged file has anywhere */
const void *cl_query_blob(struct cl_query *q, int column, size_t *n);
bool cl_query_addr(struct cl_query *q, int column, struct cl_addr *out); /* of 4 or 16 octets */
void cl_query_free(struct cl_query *q);

/* The number that the current source's engine has for a service of the store, or CL_INDEX_NONE. */
uint32_t cl_store_number_of(const struct cl_store *s, int64_t service_id);

/* Exchanges: single messages, of databases that keep them -------------------- */

/* Whether the database keeps them: it was begun so (cl_store_keep_exchanges). Not in memory. */
bool cl_store_keeps_exchanges(struct cl_store *s);

/* Makes a database keep them from its first capture on. False, and nothing is changed: it has captures
 * without, or lies in memory, or the store has failed. Once begun, it keeps those of every capture. */
bool cl_store_keep_exchanges(struct cl_store *s);

/**
 * Appends to the current source; its number follows the source's last one, whatever x->number is. Of an
 * event's `file`, counted from 0 in this run, the row has cl_store_file_base + 1 + file. Members that no
 * message of its kind has (event.def, note.def: groups) are not kept. Nothing if the store does not keep
 * them.
 */
void cl_store_exchange(struct cl_store *s, const struct cl_exchange *x);

/* The largest file_id before this run: its files are numbered from the next one on (cl_file_row.number). To
 * be asked before the run's first row of a file. 0 in memory. */
int64_t cl_store_file_base(struct cl_store *s);

/* What the file with this file_id was called; NULL if there is none. Borrowed until the store is closed; of
 * files that were there when it was first asked. */
const char *cl_store_file_path(struct cl_store *s, int64_t file_id);

/* Which exchanges. */
struct cl_exchange_filter {
	unsigned kinds;	   /* CL_X_BIT */
	int64_t source_id; /* 0: of all sources */
	/* Time of the first message; to_ns itself is outside. All: INT64_MIN and INT64_MAX. */
	int64_t from_ns, to_ns;
	const struct cl_addr *servers; /* NTP, DNS: the server is one of them; others: one of the addresses */
	size_t server_count;	       /* 0: all */
	bool asked;		       /* NTP: or the client is one of them */
};

/**
 * Gives them in the order of their numbers; of several sources, by time of their first message, of equals by
 * source. Numbers are of their source. An event's `file` is a file_id. All is borrowed until `fn` returns,
 * which must not write exchanges. False: the store has failed (cl_store_error).
 */
bool cl_store_exchanges_each(struct cl_store *s, const struct cl_exchange_filter *f, cl_exchange_fn fn,
			     void *ctx);

/**
 * Gives, in their order, and removes those of the current source that its next capture may change: all from
 * the first one that waits for a response at the capture's end, or whose early response may get a request,
 * on. As in cl_store_exchanges_each, but an event's `file` counts from this run's first (below 0 it wraps),
 * so that it stays the same file_id if it is stored again, which `fn` may do: it takes the removed ones'
 * numbers.
 */
bool cl_store_exchanges_reopen(struct cl_store *s, cl_exchange_fn fn, void *ctx);

/* What a store in memory is drawn from ----------------------------------------- */

/* A client and what it asked of all servers together. */
struct cl_talker {
	const struct cl_addr *addr; /* borrowed */
	uint64_t requests;
	int64_t first_ns, last_ns;
	int64_t gap_ns; /* median of the gaps between its requests; -1: not known */
};

/**
 * The engine's clients: the tables `client_total` and `talker` of a store in memory. Nothing is copied: what
 * is given out stays where it is while the store is used.
 */
struct cl_client_table {
	void *ctx;
	size_t (*count)(void *ctx);
	/* Address of row i and what was seen; NULL if it is none. */
	const struct cl_addr *(*row)(void *ctx, size_t i, const struct cl_seen **seen);
	/* The *n clients that asked most, most first, of equals IPv4 first, then by address; fewer if there
	 * are fewer. To be freed; NULL when memory is short. */
	struct cl_talker *(*talkers)(void *ctx, size_t *n);
	/* Tells the census each client; false when memory is short. */
	bool (*census)(void *ctx, struct cl_census *census, const struct cl_census_places *places);
};
void cl_store_serve_clients(struct cl_store *s, const struct cl_client_table *table);

/* Tells the census all clients of a store in memory. False: the store has failed. */
bool cl_store_census(struct cl_store *s, struct cl_census *census, const struct cl_census_places *places);

#endif

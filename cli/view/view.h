/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_VIEW_H
#define CL_CLI_VIEW_H

#include <math.h>

#include "cli/plot/plot.h"
#include "cli/session.h"
#include "cli/write/writer.h"
#include "stats/store/recount.h"
#include "stats/table/hist.h"
#include "stats/table/sortkeys.h"

/* Where plots go that --plot and --svg ask for. */
struct cl_plots {
	FILE *out; /* NULL: no --plot */
	struct cl_term term;
	struct cl_svg *svg; /* NULL: no --svg */
};

/* Draws a plot wherever it is asked for. */
void cl_plots_put(struct cl_plots *p, const struct cl_plot *plot);

/* A question answered from the store: one file a view, and its line in views.def. Each format draws the same
 * figures. */
struct cl_view {
	const char *name;
	const char *summary; /* one line, for help texts */
	const char *example; /* whole lines */
	uint64_t takes;	     /* options beside CL_OPTS_VIEW */
	struct cl_needs needs;
	bool of_others; /* it has something to say of a capture without NTP and DNS */
	/* What the options ask for besides; NULL: nothing. */
	void (*ask)(const struct cl_options *o, struct cl_needs *needs);
	/* Of a view of single messages, else all NULL: `begin` makes what it keeps of them (NULL: memory is
	 * short; with errno 0: after a line on standard error), `take` is given those of needs.exchanges in
	 * their order, perhaps by another thread that has ended before anything is drawn, `end` frees it.
	 * What `begin` returned is s->kept then. */
	void *(*begin)(const struct cl_session *s);
	cl_exchange_fn take;
	void (*end)(void *kept);
	/* Writes to standard output what is asked for in a form of its own, and sets the exit status; false:
	 * the formats below are asked for. May be NULL. */
	bool (*alone)(struct cl_session *s, int *status);
	void (*json)(struct cl_session *s, struct cl_json *j);	   /* the members after `input` */
	void (*tables)(struct cl_session *s, struct cl_tables *t); /* for table and CSV */
	/* Of a view that takes CL_OPT_PLOT and CL_OPT_SVG, else NULL. */
	void (*plots)(struct cl_session *s, struct cl_plots *p);
};

#define X(name) extern const struct cl_view cl_view_##name;
#include "cli/view/views.def"
#undef X

/* Opens the inputs, writes the view to standard output, closes. The exit status. */
int cl_view_run(const struct cl_view *view, const struct cl_options *o);

/* n / of; of nothing it is NAN, which is shown as null. */
static inline double cl_ratio(uint64_t n, uint64_t of)
{
	return of > 0 ? (double)n / (double)of : (double)NAN;
}

/* a / b rounded down, b > 0. */
static inline int64_t cl_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Whether a file is one of the inputs, which nothing overwrites. */
bool cl_view_is_input(const char *path, const struct cl_options *o);

/* What all views share (view.c) ----------------------------------------------- */

/**
 * Temporary tables that views join: `chosen` (service_id, rank, proto, address, addr) the servers asked for,
 * in the order they are shown; `total` (service_id, proto) whose sums are those of all chosen servers; `span`
 * (day_from, day_to, t_from, t_to) the days and the ends of steps asked for, all inclusive; `ending`
 * (source_id) the sources whose capture ends in these days; `dates` (source_id, day) the days asked for that
 * there are, to find rows by their keys; `stored` the unique clients over all sources that are stored, as in
 * client_count; `counted` (period, day) the period of it, at most
 * one, that holds these days and no others.
 */
bool cl_view_prepare(struct cl_session *s);

/* Delta distribution of all rows that `where` (after day_delta AS d JOIN span) chooses. Free with
 * cl_hist_free. */
struct cl_hist cl_view_hist(struct cl_session *s, const char *where, int64_t parameter);

/* Unique clients of a server, or of all chosen ones of a protocol; `via`: 0 any, 1 UDP, 2 TCP. */
struct cl_unique cl_view_unique(struct cl_session *s, int64_t service_id);
struct cl_unique cl_view_unique_all(struct cl_session *s, const char *proto, int via);

/* Conditions of SQL: rows of service over all servers of the protocol ?1, by `via`. */
extern const char *const cl_view_all_kinds[3];

/* Whether unique clients of what was asked for are stored. */
bool cl_view_counted(struct cl_session *s);

/**
 * The same from rows of clients (view_recount.c), of databases, where nothing stored says it: of a service of
 * `chosen` (only without cl_view_counted), of all chosen ones, and the `n` clients that ask most (free it).
 */
/* Tells a census all clients, `place` being where a service stands among its servers; before the others. */
struct cl_census;
struct cl_census_server;
typedef uint32_t cl_place_fn(void *ctx, int64_t service_id);
void cl_view_recount_census(struct cl_session *s, struct cl_census *census,
			    const struct cl_census_server *servers, cl_place_fn *place, void *ctx);
struct cl_unique cl_view_recount_service(struct cl_session *s, int64_t service_id);
struct cl_unique cl_view_recount_scope(struct cl_session *s, enum cl_scope scope);
struct cl_recounted *cl_view_recount_top(struct cl_session *s, size_t n, size_t *count);
void cl_view_recount_free(struct cl_session *s);

/* {n, min, p50, p90, p99, p999, max, mean}; all but n null if there is none. */
void cl_json_delta(struct cl_json *j, const char *key, const struct cl_hist *h);

/* First and last time of the capture as the view shows it. False: it has no packet. */
bool cl_view_span(struct cl_session *s, int64_t *first_ns, int64_t *last_ns);

/* Of a table of steps just begun: says why it has none, or (no `services` at all) leaves it out. */
void cl_view_no_steps(struct cl_session *s, struct cl_tables *t, bool services);

/* The cell of an address: its name, for people with the middle left out of one longer than `width` octets (at
 * most 64). */
void cl_cell_name(struct cl_session *s, struct cl_tables *t, const struct cl_addr *a, size_t width);

/* The same of a client, in tables with its label in brackets as far as there is room. */
void cl_cell_client(struct cl_session *s, struct cl_tables *t, const struct cl_addr *a, size_t width);

/* The keys `client` and `label` (--labels; null: none). */
void cl_json_client(struct cl_session *s, struct cl_json *j, const struct cl_addr *a);

/* Says that the database does not keep what a view of single messages is made of. */
void cl_view_not_kept(struct cl_tables *t);

/* Says that `more` of them are not shown because of --top; nothing if there are none. */
void cl_view_more(struct cl_tables *t, size_t more, const char *of_what);

/* The `input` object, and its table, which says too where nothing of it is NTP or DNS: false then. */
void cl_input_json(struct cl_session *s, struct cl_json *j);
bool cl_input_tables(struct cl_session *s, struct cl_tables *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SESSION_H
#define CL_CLI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/input.h"
#include "cli/options.h"
#include "cli/userfile/labels.h"
#include "cli/userfile/names.h"
#include "cli/userfile/vendors.h"
#include "stats/exchange/exchange.h"
#include "stats/store/store.h"
#include "stats/view/signatures.h"

/* Exit statuses (clientele(1), EXIT STATUS). */
#define CL_EXIT_OK	0
#define CL_EXIT_PARTIAL 1 /* results, but of a damaged, cut or missing input */
#define CL_EXIT_FAILED	2 /* no result */

/* What a view is drawn from beside totals and addresses: what no view asks for costs nothing. */
struct cl_needs {
	bool series;	    /* steps */
	bool clients;	    /* whom each client asked, how much, and unique clients in windows */
	bool networks;	    /* unique /24, /64 and /48 */
	bool tunnels;	    /* tables of tunnels */
	bool codes;	    /* polls and source ports of requests */
	bool days;	    /* unique clients of each UTC day */
	bool gaps;	    /* between the requests of those who ask most */
	unsigned exchanges; /* single messages: CL_X_BIT of their kinds */
	bool streams;	    /* and the numbers of their conversations */
	bool asked;	    /* with --server, what these servers ask of others too */
};

struct cl_view;
struct cl_daily;

/**
 * What a command works on: a store with the answers, whether the inputs were captures (analysed into a store
 * in memory, or into the database of -o) or a database.
 */
struct cl_session {
	const struct cl_options *options; /* borrowed */
	struct cl_needs needs;
	struct cl_store *store;
	struct cl_engine *engine; /* of captures read into memory: the store draws on it */
	struct cl_store_config config;
	bool approximate; /* the store says that some number is: see cli/view/approx.h */
	bool live;	  /* the database has runs of a live capture: see cli/view/missed.h */
	bool database;	  /* the input was one, or was written by -o: its totals are by UTC day */
	struct cl_names *names;
	struct cl_labels *labels;
	struct cl_signatures *signatures; /* for views that take --signatures; else NULL */
	struct cl_vendors *vendors;
	const char **duplicates; /* captures that were known already; texts borrowed from the options */
	size_t duplicate_count;
	struct cl_view_recount *recount; /* what a view had to count anew; NULL until it does */
	bool merged;			 /* the database has counts over its sources: client_count_all */
	int64_t *seam; /* where stretches of a sensor begin, rising (cli/view/series.c); owned */
	size_t seams;
	const struct cl_view *view; /* which `take`s exchanges as they come; may be NULL */
	void *kept;		    /* what it made of them; NULL: the database does not keep them */
	struct cl_daily *daily;	    /* tables by day that were asked for; else NULL */
	bool keeps;		    /* the database that is being written keeps single messages */
	uint64_t given_up;	    /* exchanges for which there was no room to wait */
	int status;		    /* CL_EXIT_OK or CL_EXIT_PARTIAL, once it is open */
};

/* Opens the inputs for a view, reading captures to their end for what it needs. CL_EXIT_OK or _PARTIAL;
 * CL_EXIT_FAILED after a line on standard error. Close it in any case. */
int cl_session_open(struct cl_session *s, const struct cl_options *o, const struct cl_view *view);

/* Opens or makes the database of -o to be written to, without a view. CL_EXIT_OK, or CL_EXIT_FAILED after a
 * line on standard error. Close it in any case. */
int cl_session_write(struct cl_session *s, const struct cl_options *o);

void cl_session_close(struct cl_session *s);

/* Reads captures into the session's store by its engine; used by cl_session_open. False: an error was said.
 */
bool cl_analyse(struct cl_session *s, const char *const *paths, size_t n);

/* Gives an exchange to those who asked: the database that keeps them, the view. A cl_exchange_fn. */
void cl_session_exchange(void *session, const struct cl_exchange *x);

/* Path of the file that an exchange's event names; borrowed from the store, NULL if it is not known. */
const char *cl_session_file(const struct cl_session *s, uint32_t file);

/* Notes that a capture's records were known already; `path` is borrowed. False: memory is short. */
bool cl_session_duplicate(struct cl_session *s, const char *path);

/* A secret of this run, for hash tables. */
uint64_t cl_random_seed(void);

/* A name for an address: of --names, or its text in `text`. */
const char *cl_session_name(const struct cl_session *s, const struct cl_addr *a, char text[CL_ADDR_STRLEN]);

#endif

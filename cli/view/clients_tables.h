/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_CLIENTS_TABLES_H
#define CL_CLI_CLIENTS_TABLES_H

#include "cli/view/clients.h"

/* What the tables of the view `clients` share: clients_tables.c of its servers and of who asks most,
 * clients_steps.c by day and by step, clients_who.c of who they are. */

struct cl_clients_ctx {
	struct cl_clients_view *v;
	struct cl_session *s;
	struct cl_tables *t;
	struct cl_series series;
	const struct cl_subject *subject;
	bool people, warmup;
	bool several;		 /* sensors: numbers of windows may be estimates */
	bool estimated, unknown; /* some of them */
	struct cl_approx worst;	 /* of the sums over servers, to say what is so of some number here */
};

#define COLUMNS(c) (sizeof(c) / sizeof *(c))

/* Begins a table that is left out where nobody asked. */
void cl_clients_begin(struct cl_clients_ctx *c, const char *title, const struct cl_column *columns, size_t n);

/* The address or name of a server, or what stands for several. */
const char *cl_clients_name(struct cl_session *s, const struct cl_subject *u, char text[CL_ADDR_STRLEN]);

/* Two cells: the same, and its protocol. */
void cl_clients_put_names(struct cl_clients_ctx *c, const struct cl_subject *u);

/* Four cells: clients and requests, each with its share of `of`. */
void cl_clients_put_sum(struct cl_clients_ctx *c, const struct cl_census_sum *sum,
			const struct cl_census_sum *of);
#define SUM_COLUMNS                                                                                          \
	{ "Clients", "clients", CL_COL_COUNT }, { "Share", "clients_share", CL_COL_SHARE },                  \
		{ "Requests", "requests", CL_COL_COUNT },                                                    \
	{                                                                                                    \
		"Share", "requests_share", CL_COL_SHARE                                                      \
	}

/* A cell: `n` of the `of` requests that say something of it. None do in a database from before it was
 * counted: null. */
void cl_clients_put_code(struct cl_clients_ctx *c, uint64_t n, uint64_t of);

/* Tables by day and by step. */
void cl_clients_put_steps(struct cl_clients_ctx *c);

/* Tables of who they are: by number of requests, interval, kind of address, label, network and server. */
void cl_clients_put_who(struct cl_clients_ctx *c);

#endif

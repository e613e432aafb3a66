/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DELTA_H
#define CL_CLI_DELTA_H

#include "cli/view/view.h"

/* Parts of the view `delta`. */

#define CL_DELTA_COUNTS 11u
#define CL_DELTA_OVERS	3u

/* A server as the view tells of it. */
struct cl_delta_server {
	int64_t service_id;
	char proto[8];
	bool has_address;
	struct cl_addr addr;
	int64_t count[CL_DELTA_COUNTS], over[CL_DELTA_OVERS];
	struct cl_hist delta;
};

/* Gives each server chosen, in the order of their addresses; borrowed until `fn` returns. */
typedef void cl_delta_server_fn(void *ctx, const struct cl_delta_server *v);
void cl_delta_each_server(struct cl_session *s, cl_delta_server_fn *fn, void *ctx);

/* Its name or address; of what has none, "others". */
const char *cl_delta_name(const struct cl_session *s, const struct cl_delta_server *v,
			  char text[CL_ADDR_STRLEN]);

/* What --split asked for (view_delta_split.c): nothing if it did not. */
void cl_delta_split_json(struct cl_session *s, struct cl_json *j);
void cl_delta_split_tables(struct cl_session *s, struct cl_tables *t);

/* Plots (view_delta_plot.c). */
void cl_delta_plots(struct cl_session *s, struct cl_plots *p);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_LOAD_STATE_H
#define CL_STATS_LOAD_STATE_H

/* What load.c and load_results.c share; nobody else includes it. */
#include "stats/table/intern.h"
#include "stats/view/load.h"

struct cl_load {
	struct cl_intern clients; /* struct cl_load_client */
	struct cl_arena bursts;	  /* struct cl_load_burst */
	struct cl_kisses kisses;
	struct cl_load_totals totals;
	int64_t second; /* the last that a request came in */
	uint64_t in_second;
	bool settled;
};

/* A client's minute is over. */
void cl_load_end_minute(struct cl_load *l, struct cl_load_client *c);

#endif

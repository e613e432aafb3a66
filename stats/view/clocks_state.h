/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_CLOCKS_STATE_H
#define CL_STATS_CLOCKS_STATE_H

/* What clocks.c and clocks_results.c share; nobody else includes it. */
#include "stats/table/intern.h"
#include "stats/view/clocks.h"

#define CL_CLOCK_ANSWERS 2u /* of a pair, that a later request may echo */

/* An answered exchange. */
struct cl_clock_answer {
	uint64_t t1, t2, t3; /* raw; t3 0: none */
	int64_t asked_ns, answered_ns;
	int8_t precision;
};

struct cl_clock_pair_key {
	struct cl_addr client, server;
};

struct cl_clock_pair {
	struct cl_clock_pair_key key;
	struct cl_clock_answer answer[CL_CLOCK_ANSWERS]; /* a ring */
	uint32_t next;
	uint32_t estimate; /* 1 + its number; 0: none */
};

struct cl_clocks {
	struct cl_intern clients; /* struct cl_clock_client */
	struct cl_intern pairs;	  /* struct cl_clock_pair */
	struct cl_intern servers; /* struct cl_clock_server; made with the results */
	struct cl_arena estimates;
	struct cl_clock_totals totals;
	const struct cl_clock_client **worst;
	const struct cl_clock_server **server_order;
	size_t worst_count;
	bool settled, failed, sorted;
};

#endif

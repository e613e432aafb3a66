/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_BUDGET_H
#define CL_STATS_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

/* Who takes memory. */
enum cl_budget_part {
	CL_BUDGET_CLIENTS,  /* records, pairs, gaps and their indexes */
	CL_BUDGET_OPEN,	    /* open requests and marks of answered ones */
	CL_BUDGET_SERVICES, /* tallies of servers */
	CL_BUDGET_ICMP,
	CL_BUDGET_SKETCHES, /* of clients beyond the limit */
	CL_BUDGET_SORT,	    /* keys at the end of a day */
	CL_BUDGET_PARTS
};

/**
 * Octets that tables which grow with traffic share. Each part has a share that is kept for it; what is over
 * goes to whoever comes first. A table asks before it grows, also for the copy it makes while it does.
 */
struct cl_budget {
	size_t limit; /* 0: none */
	size_t used;
	size_t part[CL_BUDGET_PARTS], kept[CL_BUDGET_PARTS];
};

void cl_budget_init(struct cl_budget *b, size_t limit);

/* What a part may still take. */
size_t cl_budget_left(const struct cl_budget *b, enum cl_budget_part part);

/* Takes n octets. False: there are none left, and nothing was taken. NULL and a limit of 0 give all. */
bool cl_budget_take(struct cl_budget *b, enum cl_budget_part part, size_t n);
void cl_budget_give(struct cl_budget *b, enum cl_budget_part part, size_t n);

/* Gives back all that a part has. */
void cl_budget_give_all(struct cl_budget *b, enum cl_budget_part part);

#endif

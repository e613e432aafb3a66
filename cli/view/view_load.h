/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_VIEW_LOAD_H
#define CL_CLI_VIEW_LOAD_H

/* What the parts of view_load*.c share; nobody else includes it. */
#include "cli/view/view.h"
#include "stats/view/load.h"
#include "stats/view/reach.h"

struct load_kept {
	struct cl_load *load;
	struct cl_reached *reached;
};

/* Everything that a view of load shows, in its order. */
struct load_shown {
	const struct cl_load_totals *totals;
	const struct cl_kisses *kisses;
	const struct cl_kissed **kissed;
	const struct cl_kiss_row **row;
	size_t kissed_count, row_count;
	uint64_t rated, obeyed[CL_OBEYED_WAYS];				   /* clients that were sent a RATE */
	uint64_t refused, refused_still, refused_untold, refused_requests; /* a DENY or RSTR */
	const struct cl_load_burst *burst;
	size_t bursts;
	const struct cl_load_client **client, **abusive;
	size_t clients, abusives;
	struct cl_load_limits limits;
	struct cl_reach_count reach;
	uint64_t reach_not_kept;
	const struct cl_reach_size *size;
	size_t sizes;
	struct cl_reach_place *reach_client, *reach_network;
	size_t reach_clients, reach_networks;
};

/* False: nothing is kept, or memory is short (which is said at the end). load_hide frees. */
bool load_show(struct cl_session *s, struct load_shown *v);
void load_hide(struct load_shown *v);

extern const char *const load_obeyed_keys[CL_OBEYED_WAYS];
extern const char *const load_reach_keys[CL_REACHES];

void load_json(struct cl_session *s, struct cl_json *j);
void load_tables(struct cl_session *s, struct cl_tables *t);

/* chronyd's line. */
void load_chrony(const struct cl_load_limits *l, char *out, size_t size);

/* Lines of an nftables ruleset, one after another, without line feeds. */
typedef void load_line_fn(void *ctx, const char *line);
void load_nftables(const struct load_shown *v, load_line_fn *line, void *ctx);

/* Requests per second; of a burst that has a length. */
static inline double load_burst_rate(const struct cl_load_burst *b)
{
	return (double)(b->requests - 1) / ((double)(b->last_ns - b->first_ns) / 1e9);
}

/* Networks in its sets at most. */
#define LOAD_SET_MAX 1000u

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_WINDOWUNION_H
#define CL_STATS_WINDOWUNION_H

#include "stats/engine/engine.h"

/**
 * Unique clients of the trailing windows over all sources of a database. Where one source has an instant, its
 * number is exact. Where several have it, the sketches of their clients (table client_sketch) are united: an
 * estimate, which is never below the largest of their numbers nor above their sum. None is given where the
 * sketches of a sensor do not bear out its own exact number within five standard errors: some are missing,
 * from before they were kept, or somebody chose his addresses by the hash (docs/adr/0051-merging.md).
 */
enum cl_window_kind { CL_WINDOW_EXACT, CL_WINDOW_ESTIMATED, CL_WINDOW_UNKNOWN };

#define CL_WINDOW_ERROR 0.0325 /* relative standard error of an estimate: 1.04 / sqrt(2^10) */

struct cl_window_count {
	enum cl_window_kind kind;
	uint64_t n;		    /* unless it is unknown */
	uint64_t at_least, at_most; /* unless it is exact: the largest, and the sum */
	uint64_t low, high;	    /* of an estimate: 19 of 20 lie between */
};

struct cl_window_union;

/* `s` is borrowed; of a store in memory there is one source. NULL: the store has failed. */
struct cl_window_union *cl_window_union_new(struct cl_store *s, const struct cl_engine_config *config);
void cl_window_union_free(struct cl_window_union *u);

/* How many sources the database has. */
size_t cl_window_union_sources(const struct cl_window_union *u);

/* Asks of a service from now on; times are asked for from any one on. */
void cl_window_union_of(struct cl_window_union *u, int64_t service_id);

/* The windows that end at t (seconds since the epoch, a multiple of the step), later than the t before, by
 * window of the configuration. */
void cl_window_union_at(struct cl_window_union *u, int64_t t, struct cl_window_count count[CL_WINDOWS_MAX]);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SERIES_H
#define CL_CLI_SERIES_H

#include "cli/view/view.h"
#include "stats/store/windowunion.h"

/* Instants of a series: every multiple t of the step with first < t <= last (clientele(1), DEFINITIONS). */
struct cl_instants {
	int64_t first_t, last_t, step_s; /* seconds; none if first_t > last_t */
	int64_t begin_ns;		 /* of the capture: windows that reach before it are warming up */
};

/* A row of a step as stored. */
struct cl_step_row {
	int64_t t;
	uint64_t requests, responses;
	struct cl_window_count unique[CL_WINDOWS_MAX];
	uint64_t delta_n;
	int64_t min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
	uint64_t sum_ns;
};

/* Above so many instants only those with something in them are listed. */
#define CL_INSTANTS_MAX 1000000

/* False: the input holds no packet. */
bool cl_instants_of(struct cl_session *s, struct cl_instants *i);

/* The questions that a series asks, to ask them of one service after the other. */
struct cl_series {
	struct cl_session *s;
	const struct cl_instants *instants; /* borrowed */
	struct cl_query *steps;
	struct cl_window_union *clients; /* NULL: not asked for */
};
enum cl_series_of { CL_SERIES_COUNTS, CL_SERIES_CLIENTS }; /* with unique clients, or they are not read */
void cl_series_open(struct cl_series *r, struct cl_session *s, const struct cl_instants *i,
		    enum cl_series_of of);
void cl_series_close(struct cl_series *r);

typedef void cl_step_fn(void *ctx, const struct cl_step_row *row);

/* As cl_series_each. */
bool cl_series_read(struct cl_series *r, int64_t service_id, cl_step_fn *fn, void *ctx);

/**
 * Calls `fn` for each instant of a service in order, with zeros where nothing is stored (but see
 * CL_INSTANTS_MAX). Returns whether the empty ones were left out.
 */
bool cl_series_each(struct cl_session *s, const struct cl_instants *i, int64_t service_id,
		    enum cl_series_of of, cl_step_fn *fn, void *ctx);

/**
 * Whether window `w` of the configuration had not all of its time captured at t: it reaches before the
 * capture, or before a stretch of a sensor that does not go on from the one before (those of --rotate do, at
 * midnight).
 */
bool cl_is_warming_up(const struct cl_session *s, const struct cl_instants *i, int64_t t, uint32_t w);

#endif

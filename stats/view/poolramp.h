/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_POOLRAMP_H
#define CL_STATS_POOLRAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/hist.h"

/*
 * A server before and after it joined the pool: from the first request of a listed monitor on it is watched,
 * from the first stranger behind that on it has the pool's clients. A stranger is a source of an NTP request
 * that is neither a monitor nor known, and that did not ask before the first monitor did.
 */
enum cl_ramp_phase {
	CL_RAMP_BEFORE,	 /* before the first monitor's request; all, if there was none */
	CL_RAMP_WATCHED, /* before the first stranger */
	CL_RAMP_JOINED,
	CL_RAMP_PHASES
};

struct cl_ramp_count {
	uint64_t requests, answered, kiss; /* of clients, monitors not */
	uint64_t bytes_in, bytes_out;	   /* of the frames of requests and responses */
	uint64_t clients;		   /* that asked in this phase */
	int64_t first_ns, last_ns;	   /* of its messages; if requests > 0 */
	struct cl_hist delta;		   /* of matched requests */
	/* modes 6 and 7, of sources that are neither monitors nor known */
	uint64_t control_requests[2], control_answers[2], control_bytes_in[2], control_bytes_out[2];
};

/* A step of the ramp: (t - step, t]. */
struct cl_ramp_step {
	uint64_t bytes_in, bytes_out;
	uint32_t requests, answered, clients, fresh; /* fresh: clients that had not asked before */
};

struct cl_ramp {
	struct cl_addr server;
	int64_t first_probe_ns, first_stranger_ns; /* INT64_MIN: none */
	struct cl_addr first_monitor, first_stranger;
	struct cl_ramp_count phase[CL_RAMP_PHASES];
	int64_t step_number; /* of step[0]: it ends at step_number * step_ns since 1970 */
	struct cl_ramp_step *step;
	size_t steps, step_room;
};

#define CL_RAMP_SERVERS_MAX 64u
#define CL_RAMP_CLIENTS_MAX (1u << 22) /* pairs of client and server */
#define CL_RAMP_STEPS_MAX   (1u << 16)

struct cl_ramp_losses {
	uint64_t servers, clients, steps; /* messages of those beyond the limits */
};

/* Who a source is. */
enum cl_ramp_who { CL_RAMP_STRANGER, CL_RAMP_KNOWN, CL_RAMP_MONITOR };
typedef enum cl_ramp_who cl_ramp_who_fn(const void *ctx, const struct cl_addr *source);

/* Opaque. */
struct cl_ramps;

/* NULL when memory is short. */
struct cl_ramps *cl_ramps_new(uint64_t seed, int64_t step_ns, cl_ramp_who_fn *who, const void *ctx);
void cl_ramps_free(struct cl_ramps *r); /* NULL is accepted */

/* Takes exchanges of CL_X_NTP and CL_X_CONTROL in their order. */
void cl_ramps_take(struct cl_ramps *r, const struct cl_exchange *x);

/* Servers by address; sorts them. */
const struct cl_ramp *const *cl_ramps_sorted(struct cl_ramps *r, size_t *n);
struct cl_ramp_losses cl_ramps_losses(const struct cl_ramps *r);

#endif

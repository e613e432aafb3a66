/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ASSEMBLE_H
#define CL_STATS_ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/engine/engine.h"
#include "stats/exchange/exchange.h"

/**
 * Makes exchanges of an engine's messages: each is told once what became of its request is known, in the
 * order of their first messages; so all wait behind a request that does, for the timeout at most. Opaque.
 */
struct cl_assembly;

/**
 * `octets`: what waits takes no more, but for one exchange; beyond, requests are given up, the oldest first.
 * NULL when memory is short.
 */
struct cl_assembly *cl_assembly_new(int64_t timeout_ns, uint64_t seed, size_t octets, cl_exchange_fn fn,
				    void *ctx);

/* From now on takes only messages of exchanges of these kinds (CL_X_BIT); without this, of all. */
void cl_assembly_want(struct cl_assembly *a, unsigned kinds);

/* Takes a message as the engine counts it. A cl_tap_fn. */
void cl_assembly_take(void *assembly, const struct cl_tapped *t);

/* Takes an exchange that was told before its fortune was known (open_at_end), or one behind such, to go on:
 * before any message, in their order. */
void cl_assembly_resume(void *assembly, const struct cl_exchange *x);

/* Tells all; the capture ends at this time. */
void cl_assembly_finish(struct cl_assembly *a, int64_t end_ns);

/* Tells all as cl_assembly_finish would, and goes on as if it had not: they are told again, under the same
 * numbers, when what became of them is known. */
void cl_assembly_so_far(struct cl_assembly *a, int64_t end_ns);

/* Requests given up for want of room, messages that memory was too short for. */
uint64_t cl_assembly_given_up(const struct cl_assembly *a);

void cl_assembly_free(struct cl_assembly *a); /* NULL is accepted */

#endif

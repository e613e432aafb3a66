/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_WINDOWS_H
#define CL_STATS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#define CL_WINDOWS_MAX 8u

/**
 * Unique clients in trailing windows (t - W, t] at every multiple t of a step, exactly and without a set a
 * window: a request at time s puts its client into the windows that end at a(s) = ceil(s/step) ...
 * ceil((s+W)/step) - 1. What the client's last request already covered is left out, so each instant counts it
 * once. The range is added to a ring of differences; its running sum is the count at the next instant.
 *
 * Times at which the range is the same form a cell, numbered upwards; a client remembers the cell of its last
 * request (4 octets), and a second request in the same cell costs one comparison.
 */
struct cl_windows {
	int64_t step_ns;
	int64_t window_ns[CL_WINDOWS_MAX];
	int64_t base; /* instant number that relative instants count from */
	uint32_t n;
	uint32_t ring;			      /* slots of a ring less 1; a power of two less 1 */
	uint32_t phases;		      /* cells in a step */
	int64_t boundary[CL_WINDOWS_MAX + 1]; /* of the cells in a step, rising */
	uint32_t reach[CL_WINDOWS_MAX + 1]
		      [CL_WINDOWS_MAX]; /* [phase][window]: last instant covered less a(s) */
};

/* A point of time as the windows see it. Instants count from cl_windows.base. */
struct cl_moment {
	uint32_t instant; /* a(s) */
	uint32_t phase;
	uint32_t cell;		    /* never 0 */
	int64_t after_ns, until_ns; /* the cell is (after, until] */
};

/* One service's differences and running sums. */
struct cl_window_ring {
	int32_t *diff;	   /* [window][ring + 1] */
	uint32_t *running; /* [window]: clients at the instant last passed */
};

/* Sets step and windows, all > 0 ns, n <= CL_WINDOWS_MAX; `first_ns` is the earliest time that will be asked
 * for. */
void cl_windows_init(struct cl_windows *w, int64_t step_ns, const int64_t *window_ns, uint32_t n,
		     int64_t first_ns);

/* The moment of a time at or after first_ns; cell 0 for an earlier one. */
struct cl_moment cl_windows_at(const struct cl_windows *w, int64_t ns);

/* The end of an instant: base-relative number to nanoseconds since the epoch. */
static inline int64_t cl_windows_instant_ns(const struct cl_windows *w, uint32_t instant)
{
	return (w->base + (int64_t)instant) * w->step_ns;
}

/* Gives a ring its memory, all zero. False when it is short. */
bool cl_window_ring_init(const struct cl_windows *w, struct cl_window_ring *r);
void cl_window_ring_free(struct cl_window_ring *r);

/* Counts a request of a client whose last one was in *cell (0: none); at a cell not before it. */
static inline void cl_windows_count(const struct cl_windows *w, struct cl_window_ring *r,
				    const struct cl_moment *m, uint32_t *cell)
{
	uint32_t old = *cell;

	if (old == m->cell)
		return;
	*cell = m->cell;
	uint32_t old_instant = 0, old_phase = 0;
	if (old != 0) {
		old_instant = w->phases == 1 ? old - 1 : (old - 1) / w->phases;
		old_phase = w->phases == 1 ? 0 : (old - 1) % w->phases;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t from = m->instant, to = m->instant + w->reach[m->phase][i];
		int32_t *diff = r->diff + (uint64_t)i * (w->ring + 1);

		if (old != 0 && old_instant + w->reach[old_phase][i] + 1 > from)
			from = old_instant + w->reach[old_phase][i] + 1;
		if (from <= to) {
			diff[from & w->ring]++;
			diff[(to + 1) & w->ring]--;
		}
	}
}

/* Whether a request in `cell` (not 0) put its client into window `i` at `instant` or later. */
bool cl_windows_covers(const struct cl_windows *w, uint32_t cell, uint32_t i, uint32_t instant);

/* Puts a client whose last request was in `cell` into the windows from `instant` on: to go on where a store
 * ended. */
void cl_windows_resume(const struct cl_windows *w, struct cl_window_ring *r, uint32_t cell, uint32_t instant);

/* Counts instants anew from the step of `ns`. Cells and rings from before no longer mean anything. */
void cl_windows_rebase(struct cl_windows *w, int64_t ns);

/**
 * Passes an instant: running[] becomes the number of clients in each window that ends there. Instants are
 * passed one after the other. Returns whether any window holds a client or will.
 */
bool cl_windows_pass(const struct cl_windows *w, struct cl_window_ring *r, uint32_t instant);

/* What running[] would be then; the instant is not passed. Returns as cl_windows_pass. */
bool cl_windows_peek(const struct cl_windows *w, const struct cl_window_ring *r, uint32_t instant,
		     uint32_t unique[CL_WINDOWS_MAX]);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/windows.h"

#include <stdlib.h>

static int64_t ceil_div(int64_t a, int64_t b)
{
	return a / b + (a % b > 0);
}

/* Where in a step (0, step] a new cell begins: behind 0, and behind step - W mod step for each window. */
static void find_boundaries(struct cl_windows *w)
{
	w->phases = 1;
	w->boundary[0] = 0;
	for (uint32_t i = 0; i < w->n; i++) {
		int64_t rest = w->window_ns[i] % w->step_ns, at = w->step_ns - rest;
		uint32_t k = 1;

		if (rest == 0)
			continue;
		while (k < w->phases && w->boundary[k] < at)
			k++;
		if (k < w->phases && w->boundary[k] == at)
			continue;
		for (uint32_t j = w->phases; j > k; j--)
			w->boundary[j] = w->boundary[j - 1];
		w->boundary[k] = at;
		w->phases++;
	}
}

void cl_windows_init(struct cl_windows *w, int64_t step_ns, const int64_t *window_ns, uint32_t n,
		     int64_t first_ns)
{
	int64_t longest = 0;

	*w = (struct cl_windows){ .step_ns = step_ns, .n = n };
	for (uint32_t i = 0; i < n; i++) {
		w->window_ns[i] = window_ns[i];
		longest = window_ns[i] > longest ? window_ns[i] : longest;
	}
	find_boundaries(w);
	for (uint32_t phase = 0; phase < w->phases; phase++)
		for (uint32_t i = 0; i < n; i++) {
			int64_t whole = window_ns[i] / step_ns, rest = window_ns[i] % step_ns;
			bool late = rest > 0 && w->boundary[phase] >= step_ns - rest;

			w->reach[phase][i] = (uint32_t)(whole + late) -
					     1u; /* wraps to -1: a window shorter than the step */
		}
	w->ring = 3;
	while (w->ring < longest / step_ns + 3)
		w->ring = w->ring * 2 + 1;
	cl_windows_rebase(w, first_ns);
}

void cl_windows_rebase(struct cl_windows *w, int64_t ns)
{
	w->base = ceil_div(ns, w->step_ns) - 2;
}

static uint32_t last_covered(const struct cl_windows *w, uint32_t cell, uint32_t i)
{
	return (cell - 1) / w->phases + w->reach[(cell - 1) % w->phases][i];
}

bool cl_windows_covers(const struct cl_windows *w, uint32_t cell, uint32_t i, uint32_t instant)
{
	return (int32_t)(last_covered(w, cell, i) - instant) >= 0;
}

void cl_windows_resume(const struct cl_windows *w, struct cl_window_ring *r, uint32_t cell, uint32_t instant)
{
	for (uint32_t i = 0; i < w->n; i++) {
		int32_t *diff = r->diff + (uint64_t)i * (w->ring + 1);

		if (!cl_windows_covers(w, cell, i, instant))
			continue;
		diff[instant & w->ring]++;
		diff[(last_covered(w, cell, i) + 1) & w->ring]--;
	}
}

struct cl_moment cl_windows_at(const struct cl_windows *w, int64_t ns)
{
	int64_t instant = ceil_div(ns, w->step_ns);
	struct cl_moment m = { .phase = w->phases - 1 };

	if (instant <= w->base)
		return (struct cl_moment){ .cell = 0 };
	int64_t begin = (instant - 1) * w->step_ns;
	while (m.phase > 0 && ns - begin <= w->boundary[m.phase])
		m.phase--;
	m.instant = (uint32_t)(instant - w->base);
	m.cell = m.instant * w->phases + m.phase + 1;
	m.after_ns = begin + w->boundary[m.phase];
	m.until_ns = m.phase + 1 < w->phases ? begin + w->boundary[m.phase + 1] : begin + w->step_ns;
	return m;
}

bool cl_window_ring_init(const struct cl_windows *w, struct cl_window_ring *r)
{
	/* one more: where there are no windows, some systems' calloc gives NULL for nothing */
	r->diff = calloc((size_t)w->n * (w->ring + 1) + 1, sizeof *r->diff);
	r->running = calloc((size_t)w->n + 1, sizeof *r->running);
	if (r->diff != NULL && r->running != NULL)
		return true;
	cl_window_ring_free(r);
	return false;
}

void cl_window_ring_free(struct cl_window_ring *r)
{
	free(r->diff);
	free(r->running);
	r->diff = NULL;
	r->running = NULL;
}

bool cl_windows_pass(const struct cl_windows *w, struct cl_window_ring *r, uint32_t instant)
{
	bool live = false;

	for (uint32_t i = 0; i < w->n; i++) {
		int32_t *diff = &r->diff[(uint64_t)i * (w->ring + 1) + (instant & w->ring)];

		r->running[i] = (uint32_t)((int64_t)r->running[i] + *diff);
		*diff = 0;
		live |= r->running[i] != 0;
	}
	return live;
}

bool cl_windows_peek(const struct cl_windows *w, const struct cl_window_ring *r, uint32_t instant,
		     uint32_t unique[CL_WINDOWS_MAX])
{
	bool live = false;

	for (uint32_t i = 0; i < w->n; i++) {
		int32_t diff = r->diff[(uint64_t)i * (w->ring + 1) + (instant & w->ring)];

		unique[i] = (uint32_t)((int64_t)r->running[i] + diff);
		live |= unique[i] != 0;
	}
	return live;
}

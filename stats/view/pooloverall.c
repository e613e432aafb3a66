/* SPDX-License-Identifier: BSD-2-Clause */
/* The score of a server over all its monitors. */
#include <stdlib.h>

#include "stats/view/poolmon_state.h"

struct latest {
	int64_t time_ns;
	double low, high;
};

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, uint32_t n)
{
	qsort(v, n, sizeof *v, by_number);
	return n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* The pair whose next round comes first; `to` if none has one. */
static size_t next_of(const struct cl_poolmon *p, const size_t *next, size_t from, size_t to)
{
	size_t best = to;

	for (size_t i = from; i < to; i++) {
		const struct cl_poolmon_pair *pair = &p->pair[i];

		if (next[i - from] < pair->rounds &&
		    (best == to ||
		     pair->round[next[i - from]].time_ns < p->pair[best].round[next[best - from]].time_ns))
			best = i;
	}
	return best;
}

struct cl_poolmon_overall *cl_poolmon_overall(const struct cl_poolmon *p, size_t from, size_t to, size_t *n)
{
	size_t total = 0, pairs = to - from;

	*n = 0;
	for (size_t i = from; i < to; i++)
		total += p->pair[i].rounds;
	if (total == 0)
		return NULL;
	struct cl_poolmon_overall *all = malloc(total * sizeof *all);
	size_t *next = calloc(pairs, sizeof *next);
	struct latest *latest = calloc(pairs, sizeof *latest);
	double *low = malloc(pairs * sizeof *low), *high = malloc(pairs * sizeof *high);
	bool ok = all != NULL && next != NULL && latest != NULL && low != NULL && high != NULL;

	for (size_t i; ok && (i = next_of(p, next, from, to)) < to;) {
		const struct cl_poolmon_round *r = &p->pair[i].round[next[i - from]++];
		uint32_t active = 0;

		latest[i - from] = (struct latest){ r->time_ns, r->score_min, r->score_max };
		for (size_t k = 0; k < pairs; k++) {
			if (next[k] == 0 || r->time_ns - latest[k].time_ns > CL_POOL_ACTIVE_NS)
				continue;
			low[active] = latest[k].low;
			high[active++] = latest[k].high;
		}
		all[(*n)++] = (struct cl_poolmon_overall){ r->time_ns, median(low, active),
							   median(high, active), active };
	}
	free(next);
	free(latest);
	free(low);
	free(high);
	if (!ok) {
		free(all);
		return NULL;
	}
	return all;
}

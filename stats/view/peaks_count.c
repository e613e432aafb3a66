/* SPDX-License-Identifier: BSD-2-Clause */
/* Who asked in the minutes that were kept, and whether they recur. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/view/peaks_state.h"

#define NS_PER_MIN   INT64_C(60000000000)
#define BINS_MAX     128u
#define AGAIN_MIN    3u
#define AGAIN_CHANCE 0.01
/* What chance adds to a median at most, in roots of it. */
#define CHANCE 5

/* Polls of clients (2^6 to 2^12 s), and the distances that people write into timetables. */
static const uint32_t periods[] = { 60,	  64,	128,  256,  300,  512,	600,  900,
				    1024, 1200, 1800, 2048, 3600, 4096, 4200, 86400 };
_Static_assert(sizeof periods / sizeof *periods == CL_PEAK_PERIODS, "a place for each");

/* Medians ---------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double median(uint32_t *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return n % 2 != 0 ? v[n / 2] : ((double)v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool find_usual(const struct cl_peaks *p, struct cl_peak_state *s)
{
	const size_t n = s->minutes;
	uint32_t *v = malloc((n + 1) * sizeof *v);
	double *out[] = { &s->shown.usual, &s->shown.usual_clients, &s->shown.usual_fresh,
			  &s->shown.usual_fresh_requests };

	if (v == NULL || n == 0) {
		free(v);
		return n == 0;
	}
	for (size_t k = 0; k < sizeof out / sizeof *out; k++) {
		for (size_t i = 0; i < n; i++) {
			const struct cl_peak_minute *m = &s->minute[i];
			const uint32_t of[] = { m->requests, m->clients, m->fresh, m->fresh_requests };

			v[i] = of[k];
		}
		*out[k] = median(v, n);
	}
	free(v);
	s->shown.minutes = n;
	double chance = s->shown.usual + CHANCE * sqrt(s->shown.usual > 1 ? s->shown.usual : 1);
	s->shown.threshold = fmax(s->shown.usual * p->config.times, chance);
	for (size_t i = 0; i < n; i++)
		s->shown.above += s->minute[i].requests > s->shown.threshold;
	return true;
}

/* Periods ------------------------------------------------------------------------------------ */

/* Roots of counts: one great burst weighs less, and the noise of small and great counts is alike. */
double cl_peak_strength(const uint16_t *count, size_t n, uint32_t period)
{
	const uint32_t width = (period + BINS_MAX - 1) / BINS_MAX, bins = (period + width - 1) / width;
	const size_t cycles = n / period;
	double sum[2][BINS_MAX] = { { 0 } }, mean[2] = { 0 }, xy = 0, xx = 0, yy = 0;

	if (cycles < CL_PEAK_PERIOD_CYCLES)
		return NAN;
	for (size_t i = 0; i < cycles / 2 * 2 * period; i++)
		sum[i / period % 2][i % period / width] += sqrt(count[i]);
	/* the last bin may be narrower than the others: alike in both halves, so it is left out */
	const uint32_t whole = period % width != 0 ? bins - 1 : bins;
	for (uint32_t i = 0; i < whole; i++) {
		mean[0] += sum[0][i] / whole;
		mean[1] += sum[1][i] / whole;
	}
	for (uint32_t i = 0; i < whole; i++) {
		double x = sum[0][i] - mean[0], y = sum[1][i] - mean[1];

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

static void find_periods(struct cl_peak_state *s)
{
	double best = 0;

	for (size_t i = 0; i < CL_PEAK_PERIODS; i++) {
		double r = cl_peak_strength(s->second, s->seconds, periods[i]);

		if (isnan(r))
			continue;
		s->shown.period[s->shown.periods++] =
			(struct cl_peak_period){ periods[i], (uint32_t)(s->seconds / periods[i]), r };
		best = r > best ? r : best;
	}
	for (size_t i = 0; i < s->shown.periods && s->shown.shortest == NULL; i++)
		if (s->shown.period[i].strength >= CL_PEAK_PERIOD_STRONG &&
		    s->shown.period[i].strength >= 0.9 * best)
			s->shown.shortest = &s->shown.period[i];
}

static bool is_above(const struct cl_peak_state *s, int64_t minute)
{
	int64_t at = minute - s->first_minute;

	return at >= 0 && at < (int64_t)s->minutes && s->minute[at].requests > s->shown.threshold;
}

static struct cl_peak_again count_again(const struct cl_peak_state *s, const struct cl_peak *peak,
					uint32_t distance)
{
	const int64_t last = s->first_minute + (int64_t)s->minutes - 1;
	struct cl_peak_again a = { .period_s = distance * 60 };

	for (int64_t m = peak->minute - (peak->minute - s->first_minute) / distance * distance; m <= last;
	     m += distance) {
		if (m == peak->minute)
			continue;
		a.of++;
		a.found += is_above(s, m - 1) || is_above(s, m) || is_above(s, m + 1);
	}
	return a;
}

/* The probability that chance alone has `found` or more of `of`, each with probability `p`. */
static double by_chance(uint32_t found, uint32_t of, double p)
{
	double tail = 0, term = pow(1 - p, of);

	if (p >= 1)
		return 1;
	for (uint32_t k = 0; k <= of; k++) {
		if (k >= found)
			tail += term;
		term *= (double)(of - k) / (k + 1) * p / (1 - p);
	}
	return tail;
}

/* The distance at which least is chance: three of four at least, and less than once in a hundred. */
static void find_again(const struct cl_peak_state *s, struct cl_peak *peak)
{
	static const uint32_t distances[] = { 5, 10, 15, 20, 30, 60, 70, 1440 };
	double chance = 3 * (double)s->shown.above / (double)s->minutes, least = AGAIN_CHANCE;

	for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
		struct cl_peak_again a = count_again(s, peak, distances[i]);
		double p = by_chance(a.found, a.of, chance < 1 ? chance : 1);

		if (a.of < AGAIN_MIN || 4 * a.found < 3 * a.of || p >= least)
			continue;
		least = p;
		peak->again = a;
	}
}

/* Who asked ----------------------------------------------------------------------------------- */

struct network {
	struct cl_prefix prefix;
	uint32_t requests;
};

static int by_network(const void *a, const void *b)
{
	return cl_addr_cmp(&((const struct network *)a)->prefix.addr,
			   &((const struct network *)b)->prefix.addr);
}

static bool find_network(const struct cl_peaks *p, struct cl_peak *peak)
{
	struct network *list = malloc((peak->listed + 1) * sizeof *list);

	if (list == NULL)
		return false;
	for (size_t i = 0; i < peak->listed; i++) {
		const struct cl_addr *a = cl_peaks_client(p, peak->list[i].client);

		list[i] = (struct network){ cl_prefix_of(a, cl_addr_is_v4(a) ? 24 : 48),
					    peak->list[i].requests };
	}
	qsort(list, peak->listed, sizeof *list, by_network);
	for (size_t i = 0, n; i < peak->listed; i += n) {
		uint64_t requests = 0;

		for (n = 0; i + n < peak->listed && by_network(&list[i], &list[i + n]) == 0; n++)
			requests += list[i + n].requests;
		if (requests > peak->network.requests)
			peak->network =
				(struct cl_peak_most){ list[i].prefix.addr, list[i].prefix.len, n, requests };
	}
	free(list);
	return true;
}

static bool explain(const struct cl_peaks *p, const struct cl_peak_state *s, struct cl_peak *peak,
		    int64_t first_ns, int64_t last_ns)
{
	for (size_t i = 0; i < peak->listed; i++) {
		const struct cl_peak_client *one = &peak->list[i];
		const struct cl_peak_asker *c = cl_arena_at(&p->clients, one->client);
		struct cl_peak_part *part = c->first_minute < peak->minute ? &peak->returning : &peak->fresh;

		part->clients++;
		part->requests += one->requests;
		if (part == &peak->fresh && c->requests == one->requests) {
			peak->one_shot.clients++;
			peak->one_shot.requests += one->requests;
		}
		if (one->requests > peak->client.requests ||
		    (one->requests == peak->client.requests && cl_addr_cmp(&c->addr, &peak->client.addr) < 0))
			peak->client = (struct cl_peak_most){ c->addr, 0, 1, one->requests };
	}
	peak->run_first = peak->run_last = peak->minute;
	while (is_above(s, peak->run_first - 1))
		peak->run_first--;
	while (is_above(s, peak->run_last + 1))
		peak->run_last++;
	for (int64_t m = peak->run_first; m <= peak->run_last; m++)
		peak->run_requests += s->minute[m - s->first_minute].requests;
	peak->before_ns = peak->minute * NS_PER_MIN > first_ns ? peak->minute * NS_PER_MIN - first_ns : 0;
	int64_t end = (peak->minute + 1) * NS_PER_MIN;
	peak->behind_ns = last_ns > end ? last_ns - end : 0;
	find_again(s, peak);
	return find_network(p, peak);
}

static int by_requests(const void *a, const void *b)
{
	const struct cl_peak *x = a, *y = b;

	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return (x->minute > y->minute) - (x->minute < y->minute);
}

static bool in_runs(const struct cl_peak *before, size_t n, int64_t minute)
{
	for (size_t i = 0; i < n; i++)
		if (minute >= before[i].run_first && minute <= before[i].run_last)
			return true;
	return false;
}

static bool count_server(struct cl_peaks *p, struct cl_peak_state *s, int64_t first_ns, int64_t last_ns)
{
	size_t peaks = 0;

	cl_peaks_end_minute(p, s);
	if (!find_usual(p, s))
		return false;
	find_periods(s);
	qsort(s->kept, s->kept_count, sizeof *s->kept, by_requests);
	for (size_t i = 0; i < s->kept_count && peaks < p->config.most; i++) {
		if ((double)s->kept[i].requests <= s->shown.threshold)
			break;
		if (in_runs(s->kept, peaks, s->kept[i].minute))
			continue;
		struct cl_peak swap = s->kept[i];
		s->kept[i] = s->kept[peaks];
		s->kept[peaks] = swap;
		if (!explain(p, s, &s->kept[peaks++], first_ns, last_ns))
			return false;
	}
	s->shown.peak = s->kept;
	s->shown.peaks = peaks;
	return true;
}

static int by_server(const void *a, const void *b)
{
	const struct cl_peak_server *x = *(const struct cl_peak_server *const *)a,
				    *y = *(const struct cl_peak_server *const *)b;

	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return cl_addr_cmp(&x->server, &y->server);
}

const struct cl_peak_server *const *cl_peaks_count(struct cl_peaks *p, int64_t first_ns, int64_t last_ns,
						   size_t *n)
{
	*n = p->servers;
	for (size_t i = 0; !p->counted && i < p->servers; i++) {
		p->short_of_memory |= !count_server(p, p->server[i], first_ns, last_ns);
		p->sorted[i] = &p->server[i]->shown;
	}
	if (!p->counted && p->servers > 0)
		qsort(p->sorted, p->servers, sizeof *p->sorted, by_server);
	p->counted = true;
	return p->short_of_memory ? NULL : p->sorted;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "stats/table/hist.h"
#include "stats/table/sortkeys.h"

/* An entry, from its highest bit: the client's number, the bucket, how many gaps less one. */
#define COUNT_BITS  22u
#define BUCKET_BITS 12u
#define CLIENT_BITS 30u
#define COUNT_MASK  ((1u << COUNT_BITS) - 1)
#define CLIENT_AT   (BUCKET_BITS + COUNT_BITS)

_Static_assert(CL_HIST_BUCKETS <= 1u << BUCKET_BITS, "a bucket fits its bits");
_Static_assert(CLIENT_BITS + BUCKET_BITS + COUNT_BITS == 64, "an entry is 8 octets");

#define LOG_MAX	       ((size_t)32 << 20) /* 256 MiB */
#define WORD_BITS      64u
#define GIVEN_UP_WORDS (((size_t)1 << CLIENT_BITS) / WORD_BITS)

bool cl_gaps_init(struct cl_gaps *g)
{
	*g = (struct cl_gaps){ .refused = 0 };
	if (cl_arena_init(&g->log, sizeof(uint64_t), LOG_MAX) &&
	    cl_arena_init(&g->given_up, sizeof(uint64_t), GIVEN_UP_WORDS))
		return true;
	cl_gaps_free(g);
	return false;
}

void cl_gaps_free(struct cl_gaps *g)
{
	cl_arena_free(&g->log);
	cl_arena_free(&g->given_up);
}

/* A bit beside a client's record is little: it is not asked for. */
void cl_gaps_limit(struct cl_gaps *g, struct cl_budget *budget)
{
	g->log.budget = budget;
	g->log.part = CL_BUDGET_CLIENTS;
}

static uint32_t client_of(uint64_t entry)
{
	return (uint32_t)(entry >> CLIENT_AT);
}

static uint64_t gaps_of(uint64_t entry)
{
	return (entry & COUNT_MASK) + 1;
}

static bool is_given_up(const struct cl_gaps *g, uint32_t client)
{
	size_t word = client / WORD_BITS;

	return word < g->given_up.count &&
	       (*(const uint64_t *)cl_arena_at(&g->given_up, word) >> client % WORD_BITS & 1) != 0;
}

/* When the log is full -------------------------------------------------------- */

static bool give_up(struct cl_gaps *g, uint32_t client)
{
	while (g->given_up.count <= client / WORD_BITS)
		if (cl_arena_add(&g->given_up) == NULL)
			return false;
	*(uint64_t *)cl_arena_at(&g->given_up, client / WORD_BITS) |= (uint64_t)1 << client % WORD_BITS;
	return true;
}

/* Makes equal entries one, as far as a count holds them. Returns how many are left. */
static size_t merge_equal(uint64_t *entry, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t sum = kept == 0 ? 0 : gaps_of(entry[kept - 1]) + gaps_of(entry[i]) - 1;

		if (kept > 0 && entry[kept - 1] >> COUNT_BITS == entry[i] >> COUNT_BITS && sum <= COUNT_MASK)
			entry[kept - 1] = entry[kept - 1] >> COUNT_BITS << COUNT_BITS | sum;
		else
			entry[kept++] = entry[i];
	}
	return kept;
}

/* One client's entries among sorted ones. */
struct run {
	size_t entries;
	uint64_t gaps;
};

static struct run run_at(const uint64_t *entry, size_t n)
{
	struct run r = { 0, 0 };

	for (; r.entries < n && client_of(entry[r.entries]) == client_of(entry[0]); r.entries++)
		r.gaps += gaps_of(entry[r.entries]);
	return r;
}

#define GAPS_SEEN 4096u

/* So many gaps a client must have that those with fewer hold half of the entries. */
static uint64_t too_few(const uint64_t *entry, size_t n)
{
	size_t by_gaps[GAPS_SEEN] = { 0 }, sum = 0;

	for (size_t i = 0; i < n;) {
		struct run r = run_at(entry + i, n - i);

		by_gaps[r.gaps < GAPS_SEEN ? r.gaps : GAPS_SEEN - 1] += r.entries;
		i += r.entries;
	}
	for (uint64_t gaps = 0; gaps < GAPS_SEEN; gaps++)
		if ((sum += by_gaps[gaps]) >= n / 2)
			return gaps + 1;
	return GAPS_SEEN;
}

static size_t drop_least(struct cl_gaps *g, uint64_t *entry, size_t n)
{
	uint64_t least = too_few(entry, n);
	size_t kept = 0;

	for (size_t i = 0; i < n;) {
		struct run r = run_at(entry + i, n - i);

		if (r.gaps < least && give_up(g, client_of(entry[i]))) {
			g->refused += r.gaps;
		} else {
			memmove(entry + kept, entry + i, r.entries * sizeof *entry);
			kept += r.entries;
		}
		i += r.entries;
	}
	return kept;
}

/* Makes room. False: there is none to be had. */
static bool thin(struct cl_gaps *g)
{
	uint64_t *entry = (void *)g->log.base;
	size_t n = g->log.count;

	cl_sort_u64(entry, n, COUNT_BITS, g->log.budget);
	g->log.count = merge_equal(entry, n);
	if (g->log.count > n / 4 * 3)
		g->log.count = drop_least(g, entry, g->log.count);
	return g->log.count < n;
}

void cl_gaps_add(struct cl_gaps *g, uint32_t client, int64_t gap_ns)
{
	if (g->given_up.count > 0 && is_given_up(g, client)) {
		g->refused++;
		return;
	}
	uint64_t *entry = cl_arena_add(&g->log);
	if (entry == NULL && g->log.count > 0 && thin(g)) {
		cl_gaps_add(g, client, gap_ns); /* it may have been given up just now */
		return;
	}
	if (entry != NULL) {
		*entry = (uint64_t)client << CLIENT_AT | (uint64_t)cl_hist_bucket(gap_ns) << COUNT_BITS;
		return;
	}
	g->refused++;
	g->lost |= !give_up(g, client);
}

/* Medians --------------------------------------------------------------------- */

/* The clients that are looked for, a bit each; behind the last one a bit that is not set. */
struct wanted {
	uint64_t *bits;
	uint32_t most;
};

/* 0 or 1, without a jump: nothing foresees whose gap comes next. */
static inline size_t is_wanted(const struct wanted *w, uint32_t client)
{
	uint32_t beyond = -(uint32_t)(client > w->most), bit = (client & ~beyond) | ((w->most + 1) & beyond);

	return w->bits[bit / WORD_BITS] >> bit % WORD_BITS & 1;
}

static bool want(struct wanted *w, const uint32_t *client, size_t n)
{
	w->most = 0;
	for (size_t i = 0; i < n; i++)
		if (client[i] >> CLIENT_BITS == 0 && client[i] > w->most)
			w->most = client[i];
	w->bits = calloc((w->most + 1) / WORD_BITS + 1, sizeof *w->bits);
	if (w->bits == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (client[i] <= w->most)
			w->bits[client[i] / WORD_BITS] |= (uint64_t)1 << client[i] % WORD_BITS;
	return true;
}

/* Entries of all that are looked for, sorted; perhaps of others, too. */
struct entries {
	const uint64_t *entry;
	size_t n;
	uint64_t *copy; /* to be freed; NULL: they lie in the log */
	size_t octets;	/* that the copy took from the budget */
};

/* Where there is no room for a copy, the whole log is sorted. */
static struct entries entries_of(struct cl_gaps *g, const struct wanted *w)
{
	uint64_t *entry = (void *)g->log.base;
	struct entries found = { entry, g->log.count, NULL, 0 };
	size_t kept = 0;

	for (size_t i = 0; i < g->log.count; i++)
		kept += is_wanted(w, client_of(entry[i]));
	size_t octets = (kept + 1) * sizeof *entry;
	if (cl_budget_take(g->log.budget, CL_BUDGET_SORT, octets)) {
		found.copy = malloc(octets);
		found.octets = octets;
	}
	if (found.copy != NULL) {
		found.entry = found.copy;
		found.n = 0;
		for (size_t i = 0; i < g->log.count; i++) {
			found.copy[found.n] = entry[i]; /* the last of `kept + 1` takes what nobody wants */
			found.n += is_wanted(w, client_of(entry[i]));
		}
	}
	cl_sort_u64(found.copy != NULL ? found.copy : entry, found.n, COUNT_BITS, g->log.budget);
	return found;
}

static int64_t median_of(const struct cl_gaps *g, uint32_t client, const uint64_t *entry, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) { /* the first of this client or of a later one */
		size_t middle = lo + (hi - lo) / 2;

		if (client_of(entry[middle]) < client)
			lo = middle + 1;
		else
			hi = middle;
	}
	if (lo == n || client_of(entry[lo]) != client || g->lost || is_given_up(g, client))
		return -1;
	uint64_t rank = (run_at(entry + lo, n - lo).gaps + 1) / 2;
	for (; rank > gaps_of(entry[lo]); lo++)
		rank -= gaps_of(entry[lo]);
	uint32_t bucket = (uint32_t)(entry[lo] >> COUNT_BITS) & ((1u << BUCKET_BITS) - 1);
	int64_t floor = cl_hist_floor(bucket);
	return floor + (cl_hist_floor(bucket + 1) - floor) / 2;
}

bool cl_gaps_medians(struct cl_gaps *g, const uint32_t *client, size_t n, int64_t *median_ns)
{
	struct wanted w;

	if (!want(&w, client, n))
		return false;
	struct entries found = entries_of(g, &w);
	for (size_t i = 0; i < n; i++)
		median_ns[i] = median_of(g, client[i], found.entry, found.n);
	free(w.bits);
	free(found.copy);
	cl_budget_give(g->log.budget, CL_BUDGET_SORT, found.octets);
	return true;
}

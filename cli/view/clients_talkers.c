/* SPDX-License-Identifier: BSD-2-Clause */
/* clients: who asks most. */
#include <math.h>
#include <stdlib.h>

#include "cli/view/clients.h"
#include "stats/view/software.h"

#define NS_PER_S 1000000000

bool cl_clients_keeps_requests(struct cl_session *s)
{
	return !s->database || cl_store_keeps_exchanges(s->store);
}

struct telling {
	struct cl_clients_view *v;
	cl_clients_talker_fn *fn;
	void *ctx;
	uint64_t all, sum;
};

static double part(uint64_t n, uint64_t of)
{
	return of > 0 ? (double)n / (double)of : 0;
}

static void tell(struct telling *to, struct cl_clients_talker *t)
{
	const struct cl_session *s = to->v->s;

	to->sum += t->requests;
	t->sum = to->sum;
	t->share = part(t->requests, to->all);
	t->cumulative = part(to->sum, to->all);
	t->rate = t->last_ns > t->first_ns
			  ? (double)(t->requests - 1) * NS_PER_S / (double)(t->last_ns - t->first_ns)
			  : NAN;
	t->label = cl_labels_find(s->labels, &t->addr);
	t->software = s->kept != NULL ? cl_software_of(s->kept, &t->addr) : NULL;
	to->fn(to->ctx, t);
}

/* Gaps between requests, of databases that keep these ------------------------------- */

/* A client and its gaps so far. */
struct gaps {
	int64_t *gap;
	size_t count, room;
	int64_t last_ns;
};

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* As the engine tells it (stats/engine/gaps.h): the middle of the bucket that holds the median. */
static int64_t median_of(struct gaps *g)
{
	if (g->count == 0)
		return -1;
	qsort(g->gap, g->count, sizeof *g->gap, by_length);
	uint32_t bucket = cl_hist_bucket(g->gap[(g->count + 1) / 2 - 1]);
	int64_t floor = cl_hist_floor(bucket);

	return floor + (cl_hist_floor(bucket + 1) - floor) / 2;
}

static bool add_gap(struct gaps *g, int64_t ns)
{
	if (g->count == g->room) {
		size_t room = g->room > 0 ? g->room * 2 : 256;
		int64_t *more = realloc(g->gap, room * sizeof *more);

		if (more == NULL)
			return false;
		g->gap = more;
		g->room = room;
	}
	g->gap[g->count++] = ns;
	return true;
}

static void run(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

static void want_gaps(struct cl_session *s, const struct cl_recounted *top, size_t n)
{
	run(s, "CREATE TEMP TABLE talked(at INTEGER NOT NULL, addr BLOB PRIMARY KEY) WITHOUT ROWID");
	struct cl_query *q = cl_query_new(s->store, "INSERT INTO talked VALUES(?2, ?3)");
	for (size_t i = 0; i < n; i++) {
		bool v4 = cl_addr_is_v4(&top[i].addr);

		cl_query_bind_i64(q, 2, (int64_t)i);
		cl_query_bind_blob(q, 3, top[i].addr.b + (v4 ? 12 : 0), v4 ? 4 : 16);
		cl_query_run(q);
		cl_query_again(q);
	}
	cl_query_free(q);
}

#define REQUESTS_OF(table, proto)                                                                            \
	"SELECT talked.at AS at, q_time_ns AS t FROM " table " AS x JOIN talked ON talked.addr = x.q_src "   \
	"JOIN span ON q_time_ns BETWEEN CASE WHEN day_from > -100000 THEN day_from * 86400000000000 ELSE "   \
	"q_time_ns END AND CASE WHEN day_to < 100000 THEN day_to * 86400000000000 + 86399999999999 ELSE "    \
	"q_time_ns END WHERE q_event_flags & 1 = 0 AND q_dst IN (SELECT addr FROM chosen WHERE proto = "     \
	"'" proto "')"

/* Writes the median gap of each of the clients, whose requests are kept. */
static void find_gaps(struct cl_session *s, const struct cl_recounted *top, size_t n, int64_t *gap_ns)
{
	struct gaps g = { .gap = NULL };
	int64_t at = -1;

	want_gaps(s, top, n);
	struct cl_query *q =
		cl_query_new(s->store, REQUESTS_OF("ntp_exchange", "ntp") " UNION ALL " REQUESTS_OF(
					       "dns_exchange", "dns") " ORDER BY at, t");
	while (cl_query_row(q)) {
		int64_t next = cl_query_i64(q, 0), time_ns = cl_query_ns(q, 1);

		if (next == at && !add_gap(&g, time_ns - g.last_ns))
			cl_store_fail(s->store, CL_ENOMEM);
		if (next != at && at >= 0)
			gap_ns[at] = median_of(&g);
		if (next != at)
			g.count = 0;
		at = next;
		g.last_ns = time_ns;
	}
	if (at >= 0)
		gap_ns[at] = median_of(&g);
	cl_query_free(q);
	run(s, "DROP TABLE talked");
	free(g.gap);
}

static void tell_stored(struct telling *to)
{
	size_t count;
	struct cl_session *s = to->v->s;
	struct cl_recounted *top = cl_view_recount_top(s, s->options->top, &count);
	int64_t *gap_ns = malloc((count + 1) * sizeof *gap_ns);

	for (size_t i = 0; gap_ns != NULL && i < count; i++)
		gap_ns[i] = -1;
	if (gap_ns != NULL && cl_store_keeps_exchanges(s->store))
		find_gaps(s, top, count, gap_ns);
	for (size_t i = 0; gap_ns != NULL && i < count; i++)
		tell(to, &(struct cl_clients_talker){ .addr = top[i].addr,
						      .requests = top[i].requests,
						      .first_ns = top[i].first_ns,
						      .last_ns = top[i].last_ns,
						      .gap_ns = gap_ns[i] });
	if (gap_ns == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	free(gap_ns);
	free(top);
}

/* In memory all that was read is meant. */
static void tell_in_memory(struct telling *to)
{
	struct cl_query *q = cl_query_new(
		to->v->s->store, "SELECT addr, requests, first_ns, last_ns, gap_ns FROM talker ORDER BY "
				 "requests DESC, family, addr LIMIT ?1");

	cl_query_bind_i64(q, 1, to->v->s->options->top);
	while (cl_query_row(q)) {
		struct cl_clients_talker t = { .requests = cl_query_u64(q, 1),
					       .first_ns = cl_query_ns(q, 2),
					       .last_ns = cl_query_ns(q, 3),
					       .gap_ns = cl_query_null(q, 4) ? -1 : cl_query_ns(q, 4) };

		if (cl_query_addr(q, 0, &t.addr))
			tell(to, &t);
	}
	cl_query_free(q);
}

void cl_clients_each_talker(struct cl_clients_view *v, cl_clients_talker_fn *fn, void *ctx)
{
	struct telling to = { .v = v, .fn = fn, .ctx = ctx };

	for (size_t i = 0; i < v->servers; i++)
		to.all += v->subject[i].requests;
	if (v->s->database)
		tell_stored(&to);
	else
		tell_in_memory(&to);
}

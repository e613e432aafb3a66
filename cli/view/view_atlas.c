/* SPDX-License-Identifier: BSD-2-Clause */
/* atlas: where the attempts of RIPE Atlas probes were lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/atlasfile.h"
#include "cli/view/view.h"

/* How far an attempt came, in the order that a packet takes. */
static const struct {
	const char *key, *words;
	enum cl_atlas_leg leg;
} legs[] = {
	{ "received", "answer received", CL_LEG_RECEIVED },
	{ "not_seen", "request lost before the capture", CL_LEG_NOT_SEEN },
	{ "not_answered", "seen, not answered", CL_LEG_NOT_ANSWERED },
	{ "lost_on_return", "answer lost on its way back", CL_LEG_LOST_ON_RETURN },
	{ "unseen_answer", "answered, but not in the capture", CL_LEG_UNSEEN_ANSWER },
	{ "outside", "another time or server", CL_LEG_OUTSIDE },
};
#define LEGS (sizeof legs / sizeof *legs)

struct kept {
	struct cl_atlas *atlas;
	struct cl_atlas_file file;
};

/* Attempts that have something in common: a probe, a country, a network. */
struct group {
	int64_t probe;
	const char *word; /* borrowed; NULL: a probe */
	struct cl_addr from;
	uint64_t attempts, leg[CL_LEGS];
};

struct sums {
	struct group all;
	struct group *probe, *place; /* owned; each by what fails most */
	size_t probes, places;
	struct cl_hist rtt, delta, path;
	int64_t *offset; /* rising; owned */
	size_t offsets;
};

static uint64_t failed(const struct group *g)
{
	return g->leg[CL_LEG_NOT_SEEN] + g->leg[CL_LEG_NOT_ANSWERED] + g->leg[CL_LEG_LOST_ON_RETURN];
}

/* What is kept of exchanges ------------------------------------------------------- */

static void end(void *state)
{
	struct kept *k = state;

	cl_atlas_free(k->atlas);
	cl_atlas_file_free(&k->file);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct kept *k = calloc(1, sizeof *k);
	const struct cl_options *o = s->options;

	if (k == NULL)
		return NULL;
	k->atlas = cl_atlas_new(s->config.engine.seed);
	if (k->atlas != NULL &&
	    (o->results == NULL || cl_atlas_file_read(&k->file, s->store, o->results, k->atlas)) &&
	    (o->probes == NULL || cl_atlas_file_probes(&k->file, s->store, o->probes)))
		return k;
	if (k->atlas != NULL)
		errno = 0; /* it has been said */
	end(k);
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	cl_atlas_take(((struct kept *)state)->atlas, x);
}

/* Sums ------------------------------------------------------------------------ */

static int by_probe(const void *a, const void *b)
{
	int64_t x = (*(const struct cl_atlas_attempt *const *)a)->probe,
		y = (*(const struct cl_atlas_attempt *const *)b)->probe;

	return (x > y) - (x < y);
}

static int by_failed(const void *a, const void *b)
{
	const struct group *p = a, *q = b;
	uint64_t x = failed(p), y = failed(q);

	if (x != y)
		return x < y ? 1 : -1;
	if (p->attempts != q->attempts)
		return p->attempts < q->attempts ? 1 : -1;
	if (p->word != NULL)
		return strcmp(p->word, q->word);
	return (p->probe > q->probe) - (p->probe < q->probe);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void add(struct group *g, const struct cl_atlas_attempt *one)
{
	g->attempts++;
	g->leg[one->leg]++;
}

static bool add_times(struct sums *u, const struct cl_atlas_attempt *one)
{
	if (one->leg != CL_LEG_RECEIVED)
		return true;
	u->offset[u->offsets++] = one->offset_ns;
	return cl_hist_add(&u->rtt, one->rtt_ns) && cl_hist_add(&u->delta, one->delta_ns) &&
	       cl_hist_add(&u->path, one->rtt_ns - one->delta_ns);
}

/* A country's or network's sums, made if they are not there. */
static struct group *place_of(struct sums *u, const char *word)
{
	for (size_t i = 0; i < u->places; i++)
		if (strcmp(u->place[i].word, word) == 0)
			return &u->place[i];
	u->place[u->places] = (struct group){ .word = word };
	return &u->place[u->places++];
}

static bool sum_up(struct sums *u, const struct kept *k, const struct cl_atlas_attempt *list, size_t n)
{
	const struct cl_atlas_attempt **sorted = malloc((n + 1) * sizeof *sorted);
	bool ok = sorted != NULL;

	u->probe = calloc(n + 1, sizeof *u->probe);
	u->place = calloc(n + 1, sizeof *u->place);
	u->offset = malloc((n + 1) * sizeof *u->offset);
	ok = ok && u->probe != NULL && u->place != NULL && u->offset != NULL;
	for (size_t i = 0; ok && i < n; i++)
		sorted[i] = &list[i];
	if (ok)
		qsort(sorted, n, sizeof *sorted, by_probe);
	for (size_t i = 0; ok && i < n; i++) {
		const struct cl_atlas_attempt *one = sorted[i];

		if (i == 0 || one->probe != sorted[i - 1]->probe)
			u->probe[u->probes++] = (struct group){ .probe = one->probe, .from = one->from };
		add(&u->all, one);
		add(&u->probe[u->probes - 1], one);
		if (k->file.places > 0)
			add(place_of(u, cl_atlas_file_place(&k->file, one->probe)), one);
		ok = add_times(u, one);
	}
	free(sorted);
	if (!ok)
		return false;
	qsort(u->probe, u->probes, sizeof *u->probe, by_failed);
	qsort(u->place, u->places, sizeof *u->place, by_failed);
	qsort(u->offset, u->offsets, sizeof *u->offset, by_value);
	return true;
}

static void forget(struct sums *u)
{
	free(u->probe);
	free(u->place);
	free(u->offset);
	cl_hist_free(&u->rtt);
	cl_hist_free(&u->delta);
	cl_hist_free(&u->path);
}

/* False: nothing is kept, or memory is short. */
static bool gather(struct cl_session *s, struct sums *u)
{
	struct kept *k = s->kept;
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
	size_t n;

	*u = (struct sums){ .probes = 0 };
	if (k == NULL)
		return false;
	cl_view_span(s, &first_ns, &last_ns);
	const struct cl_atlas_attempt *list = cl_atlas_join(k->atlas, first_ns, last_ns, &n);
	if (sum_up(u, k, list, n))
		return true;
	cl_store_fail(s->store, CL_ENOMEM);
	return false;
}

/* Of n rising values the ceil(n/2)-th. */
static int64_t median(const int64_t *v, size_t n)
{
	return v[(n - 1) / 2];
}

/* JSON ------------------------------------------------------------------------ */

static void json_legs(struct cl_json *j, const struct group *g)
{
	cl_json_u64(j, "attempts", g->attempts);
	for (size_t i = 0; i < LEGS; i++)
		cl_json_u64(j, legs[i].key, g->leg[legs[i].leg]);
}

static void json_offset(struct cl_json *j, const struct sums *u)
{
	cl_json_object(j, "offset_s");
	cl_json_u64(j, "n", u->offsets);
	if (u->offsets > 0) {
		cl_json_seconds(j, "min", u->offset[0]);
		cl_json_seconds(j, "p50", median(u->offset, u->offsets));
		cl_json_seconds(j, "max", u->offset[u->offsets - 1]);
	} else {
		cl_json_null(j, "min");
		cl_json_null(j, "p50");
		cl_json_null(j, "max");
	}
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	const struct kept *k = s->kept;
	char text[CL_ADDR_STRLEN];
	struct sums u;

	bool any = gather(s, &u);
	cl_json_str(j, "results", s->options->results);
	if (any)
		cl_json_u64(j, "candidates", cl_atlas_candidates(k->atlas));
	else
		cl_json_null(j, "candidates");
	cl_json_u64(j, "refused", any ? cl_atlas_refused(k->atlas) : 0);
	cl_json_u64(j, "not_sent", any ? k->file.not_sent : 0);
	cl_json_u64(j, "probes", u.probes);
	cl_json_object(j, "legs");
	json_legs(j, &u.all);
	cl_json_end(j);
	cl_json_delta(j, "rtt_s", &u.rtt);
	cl_json_delta(j, "delta_s", &u.delta);
	cl_json_delta(j, "path_s", &u.path);
	json_offset(j, &u);
	cl_json_array(j, "by_place");
	for (size_t i = 0; i < u.places; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "place", u.place[i].word);
		json_legs(j, &u.place[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_array(j, "failed");
	for (size_t i = 0; i < u.probes && i < s->options->top && failed(&u.probe[i]) > 0; i++) {
		cl_json_object(j, NULL);
		cl_json_i64(j, "probe", u.probe[i].probe);
		cl_addr_format(&u.probe[i].from, text);
		cl_json_str(j, "from", text);
		cl_json_str(j, "place", any ? cl_atlas_file_place(&k->file, u.probe[i].probe) : NULL);
		json_legs(j, &u.probe[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
	forget(&u);
}

/* Tables ---------------------------------------------------------------------- */

static void table_legs(struct cl_tables *t, const struct sums *u)
{
	static const struct cl_column columns[] = {
		{ "Attempts of probes", "leg", CL_COL_TEXT },
		{ "Count", "attempts", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
	};
	uint64_t within = u->all.attempts - u->all.leg[CL_LEG_OUTSIDE];

	cl_table_begin(t, "How far they came", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < LEGS; i++) {
		cl_cell_text(t, legs[i].words);
		cl_cell_count(t, u->all.leg[legs[i].leg]);
		if (legs[i].leg != CL_LEG_OUTSIDE && within > 0)
			cl_cell_share(t, (double)u->all.leg[legs[i].leg] / (double)within);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(
		t, "A probe's attempt is found by server and transmit timestamp; one that timed out has "
		   "none, and is looked for among the probe's other requests about the time of its result.");
}

static void table_times(struct cl_tables *t, const struct sums *u)
{
	const struct {
		const char *words;
		const struct cl_hist *h;
	} rows[] = { { "round trip, by the probe", &u->rtt },
		     { "in the server, by the capture", &u->delta },
		     { "on the path, both ways", &u->path } };
	static const struct cl_column columns[] = {
		{ "Time", "time", CL_COL_TEXT },   { "n", "n", CL_COL_COUNT },
		{ "min", "min", CL_COL_DURATION }, { "p50", "p50", CL_COL_DURATION },
		{ "p90", "p90", CL_COL_DURATION }, { "p99", "p99", CL_COL_DURATION },
		{ "max", "max", CL_COL_DURATION },
	};

	cl_table_begin(t, "Times of received answers", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct cl_hist *h = rows[i].h;

		cl_cell_text(t, rows[i].words);
		cl_cell_count(t, h->n);
		if (h->n > 0) {
			cl_cell_duration(t, h->min);
			cl_cell_duration(t, cl_hist_quantile(h, 0.5));
			cl_cell_duration(t, cl_hist_quantile(h, 0.9));
			cl_cell_duration(t, cl_hist_quantile(h, 0.99));
			cl_cell_duration(t, h->max);
		}
		cl_table_row_end(t);
	}
	if (u->offsets > 0) {
		cl_cell_text(t, "probe's clock before the server's");
		cl_cell_count(t, u->offsets);
		cl_cell_duration(t, u->offset[0]);
		cl_cell_duration(t, median(u->offset, u->offsets));
		cl_cell_null(t);
		cl_cell_null(t);
		cl_cell_duration(t, u->offset[u->offsets - 1]);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_groups(struct cl_session *s, struct cl_tables *t, const struct group *g, size_t n,
			 bool probes)
{
	static const struct cl_column of_probe[] = {
		{ "Probe", "probe", CL_COL_TEXT },
		{ "From", "from", CL_COL_TEXT },
		{ "Attempts", "attempts", CL_COL_COUNT },
		{ "Received", "received", CL_COL_COUNT },
		{ "Not seen", "not_seen", CL_COL_COUNT },
		{ "Silent", "not_answered", CL_COL_COUNT },
		{ "Lost back", "lost_on_return", CL_COL_COUNT },
	};
	static const struct cl_column of_place[] = {
		{ "Country, network", "place", CL_COL_TEXT }, { "Attempts", "attempts", CL_COL_COUNT },
		{ "Received", "received", CL_COL_COUNT },     { "Not seen", "not_seen", CL_COL_COUNT },
		{ "Silent", "not_answered", CL_COL_COUNT },   { "Lost back", "lost_on_return", CL_COL_COUNT },
	};
	const size_t columns =
		probes ? sizeof of_probe / sizeof *of_probe : sizeof of_place / sizeof *of_place;

	cl_table_begin(t, probes ? "Probes that lost most" : "By country and network",
		       probes ? of_probe : of_place, columns);
	for (size_t i = 0; i < n && (!probes || (i < s->options->top && failed(&g[i]) > 0)); i++) {
		char text[CL_ADDR_STRLEN], number[24];

		if (probes) {
			snprintf(number, sizeof number, "%lld", (long long)g[i].probe);
			cl_cell_text(t, number);
			cl_cell_text(t, cl_session_name(s, &g[i].from, text));
		} else {
			cl_cell_text(t, g[i].word);
		}
		cl_cell_count(t, g[i].attempts);
		cl_cell_count(t, g[i].leg[CL_LEG_RECEIVED]);
		cl_cell_count(t, g[i].leg[CL_LEG_NOT_SEEN]);
		cl_cell_count(t, g[i].leg[CL_LEG_NOT_ANSWERED]);
		cl_cell_count(t, g[i].leg[CL_LEG_LOST_ON_RETURN]);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	const struct kept *k = s->kept;
	struct sums u;

	if (k == NULL) {
		cl_view_not_kept(t);
		return;
	}
	if (gather(s, &u)) {
		cl_list_begin(t, "RIPE Atlas");
		cl_list_count(t, "sources that look like probes", "candidates",
			      cl_atlas_candidates(k->atlas));
		if (s->options->results != NULL) {
			cl_list_count(t, "probes with results", "probes", u.probes);
			cl_list_count(t, "attempts that were not sent", "not_sent", k->file.not_sent);
		}
		if (cl_atlas_refused(k->atlas) > 0)
			cl_list_count(t, "requests beyond the limits", "refused", cl_atlas_refused(k->atlas));
		cl_list_end(t);
		cl_tables_note(t, "Other programs send the same requests: only results (--results) tell "
				  "which sources are probes.");
		if (s->options->results != NULL) {
			table_legs(t, &u);
			table_times(t, &u);
			if (u.places > 0)
				table_groups(s, t, u.place, u.places, false);
			table_groups(s, t, u.probe, u.probes, true);
		}
	}
	forget(&u);
}

const struct cl_view cl_view_atlas = {
	.name = "atlas",
	.summary = "where packets of RIPE Atlas probes were lost, from their results",
	.example = "  clientele atlas --results RIPE-Atlas-measurement.json monday.pcap\n",
	.takes = CL_OPT_TOP | CL_OPT_RESULTS | CL_OPT_PROBES,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) },
	.of_others = true, /* probes have results even so */
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};

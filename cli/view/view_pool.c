/* SPDX-License-Identifier: BSD-2-Clause */
/* pool: rounds of the NTP Pool's monitors, the score that follows from them, and joining the pool. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view/pool_view.h"

static const char *const verdict_words[CL_POOL_VERDICTS] = {
	[CL_POOL_GOOD] = "good",
	[CL_POOL_PARTLY] = "partly lost",
	[CL_POOL_OFFSET] = "clock off",
	[CL_POOL_STRATUM] = "stratum",
	[CL_POOL_UNFIT] = "unfit answer",
	[CL_POOL_KISS] = "kiss",
	[CL_POOL_LATE] = "answered late",
	[CL_POOL_NOT_ANSWERED] = "not answered",
	[CL_POOL_NOT_SEEN] = "never came here",
	[CL_POOL_LOST_ON_RETURN] = "lost on return",
};

/* Begin and end --------------------------------------------------------------------------- */

static void end(void *state)
{
	struct cl_pool_kept *k = state;

	cl_poolmon_free(k->pool);
	cl_ramps_free(k->ramps);
	free(k);
}

/* A cl_ramp_who_fn. */
static enum cl_ramp_who who_is(const void *ctx, const struct cl_addr *source)
{
	const struct cl_pool_kept *k = ctx;

	if (cl_poolmon_is_monitor(k->pool, source))
		return CL_RAMP_MONITOR;
	return cl_labels_find(k->labels, source) != NULL ? CL_RAMP_KNOWN : CL_RAMP_STRANGER;
}

static void *begin(const struct cl_session *s)
{
	const struct cl_options *o = s->options;
	struct cl_pool_kept *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->labels = s->labels;
	k->pool = cl_poolmon_new(s->config.engine.seed);
	k->ramps = cl_ramps_new(s->config.engine.seed, s->config.engine.step_ns, who_is, k);
	bool room = k->pool != NULL && k->ramps != NULL;
	if (room && (o->monitors == NULL || cl_poolfile_monitors(k->pool, o->monitors)) &&
	    (o->scores == NULL || cl_poolfile_scores(k->pool, o->scores, &k->log)))
		return k;
	errno = room ? 0 : ENOMEM; /* 0: it has been said */
	int reason = errno;
	end(k);
	errno = reason;
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	struct cl_pool_kept *k = state;

	cl_poolmon_take(k->pool, x);
	cl_ramps_take(k->ramps, x);
}

bool cl_pool_count(struct cl_session *s)
{
	const struct cl_pool_kept *k = s->kept;
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;

	if (k == NULL)
		return false;
	cl_view_span(s, &first_ns, &last_ns);
	if (cl_poolmon_count(k->pool, first_ns, last_ns,
			     s->options->nservers == 1 ? s->options->servers : NULL))
		return true;
	cl_store_fail(s->store, CL_ENOMEM);
	return false;
}

bool cl_pool_is_drop(const struct cl_poolmon_round *r)
{
	return r->step.step < 0 || (r->row != NULL && r->row->step < 0);
}

size_t cl_pool_pairs_of_server(const struct cl_poolmon_pair *pair, size_t n, size_t from)
{
	size_t to = from;

	while (to < n && cl_addr_cmp(&pair[to].server, &pair[from].server) == 0)
		to++;
	return to;
}

/* Tables ---------------------------------------------------------------------------------- */

static bool for_people(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_TABLE;
}

static void cell_score(struct cl_tables *t, double v)
{
	cl_cell_number(t, round(v * 10) / 10);
}

/* To milliseconds where people read it. */
static void cell_when(struct cl_session *s, struct cl_tables *t, int64_t ns)
{
	cl_cell_time(t, for_people(s) ? cl_floor_div(ns, 1000000) * 1000000 : ns);
}

static void cell_monitor(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_pair *p)
{
	if (p->name != NULL && for_people(s)) {
		char name[40];

		snprintf(name, sizeof name, strlen(p->name) > 28 ? "%.25s..." : "%s", p->name);
		cl_cell_text(t, name);
		return;
	}
	cl_cell_name(s, t, &p->monitor, 28);
}

static void table_candidates(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Source", "source", CL_COL_TEXT },	  { "Server", "server", CL_COL_TEXT },
		{ "Listed", "listed", CL_COL_TEXT },	  { "Rounds", "rounds", CL_COL_COUNT },
		{ "Of three", "of_three", CL_COL_COUNT },
	};
	const struct cl_pool_kept *k = s->kept;
	size_t n;
	const struct cl_poolmon_candidate *c = cl_poolmon_candidates(k->pool, &n);

	cl_table_begin(t, "Sources that ask as monitors do", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		cl_cell_name(s, t, &c[i].source, 36);
		cl_cell_name(s, t, &c[i].server, 30);
		cl_cell_text(t, cl_poolmon_is_monitor(k->pool, &c[i].source) ? "yes" : "no");
		cl_cell_count(t, c[i].rounds);
		cl_cell_count(t, c[i].full);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Rounds of three plain requests, 2 s behind each answer, then silence. Other "
			  "programs may ask");
	cl_tables_note(t, "alike: only a list (--monitors) tells which are the pool's.");
}

static void table_pairs(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_pair *pair,
			size_t from, size_t to)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Monitor", "monitor", CL_COL_TEXT },
		{ "Rounds", "rounds", CL_COL_COUNT },
		{ "Every", "period", CL_COL_DURATION },
		{ "Never came", "not_seen", CL_COL_COUNT },
		{ "Silent", "not_answered", CL_COL_COUNT },
		{ "Back lost", "lost_on_return", CL_COL_COUNT },
		{ "Partly", "partly", CL_COL_COUNT },
		{ "Other", "other", CL_COL_COUNT },
		{ "Score >=", "score_min", CL_COL_NUMBER },
		{ "<=", "score_max", CL_COL_NUMBER },
	};
	const size_t skip = for_people(s) ? 1 : 0;
	char text[CL_ADDR_STRLEN], title[512];

	snprintf(title, sizeof title, "Monitors of %s", cl_session_name(s, &pair[from].server, text));
	cl_table_begin(t, title, columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = from; i < to; i++) {
		const struct cl_poolmon_pair *p = &pair[i];
		const uint64_t *v = p->verdict;

		if (skip == 0)
			cl_cell_name(s, t, &p->server, 64);
		cell_monitor(s, t, p);
		cl_cell_count(t, p->rounds);
		if (p->period_ns > 0)
			cl_cell_duration(t, p->period_ns);
		else
			cl_cell_null(t);
		cl_cell_count(t, v[CL_POOL_NOT_SEEN]);
		cl_cell_count(t, v[CL_POOL_NOT_ANSWERED]);
		cl_cell_count(t, v[CL_POOL_LOST_ON_RETURN]);
		cl_cell_count(t, v[CL_POOL_PARTLY]);
		cl_cell_count(t, v[CL_POOL_OFFSET] + v[CL_POOL_STRATUM] + v[CL_POOL_UNFIT] + v[CL_POOL_KISS] +
					 v[CL_POOL_LATE]);
		cell_score(t, p->round[p->rounds - 1].score_min);
		cell_score(t, p->round[p->rounds - 1].score_max);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

/* The score over all monitors: where it is surely in the pool's DNS, surely out, and how low it was. */
static void list_overall(struct cl_session *s, struct cl_tables *t, size_t from, size_t to)
{
	const struct cl_pool_kept *k = s->kept;
	size_t n, lowest = 0, out = 0, in = 0;
	struct cl_poolmon_overall *all = cl_poolmon_overall(k->pool, from, to, &n);
	char text[32];

	if (all == NULL) {
		cl_store_fail(s->store, CL_ENOMEM);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		lowest = all[i].score_max < all[lowest].score_max ? i : lowest;
		out += all[i].score_max <= CL_POOL_IN_DNS;
		in += all[i].score_min > CL_POOL_IN_DNS;
	}
	cl_list_begin(t, NULL);
	cl_list_count(t, "rounds after which the score was above 10", "above_10", in);
	cl_list_count(t, "at or below 10: out of the pool's DNS", "below_10", out);
	cl_list_count(t, "not known: it began before the capture", "unknown_10", n - in - out);
	snprintf(text, sizeof text, "%.1f to %.1f", all[lowest].score_min, all[lowest].score_max);
	cl_list_text(t, "lowest score", "lowest", text);
	cl_list_time(t, "at", "lowest_t", all[lowest].time_ns);
	cl_list_end(t);
	free(all);
}

static void evidence(const struct cl_poolmon_round *r, char *out, size_t room)
{
	size_t at = (size_t)snprintf(out, room, "%s", verdict_words[r->verdict]);

	if (r->kiss != 0 && at < room) {
		out[at++] = ' ';
		for (int shift = 24; shift >= 0 && at + 1 < room; shift -= 8) {
			char c = (char)(r->kiss >> shift & 0xff);

			out[at++] = c >= ' ' && c <= '~' ? c : '.';
		}
		out[at] = '\0';
	}
	if (r->icmp > 0 && at < room)
		snprintf(out + at, room - at, ", ICMP %u/%u", r->icmp_type, r->icmp_code);
}

static void row_drop(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_pair *p,
		     const struct cl_poolmon_round *r)
{
	char words[64];

	if (!for_people(s))
		cl_cell_name(s, t, &r->server, 64);
	cell_when(s, t, r->time_ns);
	cell_monitor(s, t, p);
	cl_cell_count(t, r->requests);
	cl_cell_count(t, r->answered);
	cl_cell_number(t, round(r->step.step * 100) / 100);
	cl_cell_number(t, r->row != NULL ? round(r->row->step * 100) / 100 : NAN);
	if (r->row != NULL)
		cell_score(t, r->row->score);
	else
		cl_cell_null(t);
	evidence(r, words, sizeof words);
	cl_cell_text(t, words);
	cl_table_row_end(t);
}

static void table_drops(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_pair *pair,
			size_t from, size_t to)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	      { "Time", "t", CL_COL_TIME },
		{ "Monitor", "monitor", CL_COL_TEXT },	      { "Asked", "requests", CL_COL_COUNT },
		{ "Answ", "answered", CL_COL_COUNT },	      { "Step", "step", CL_COL_NUMBER },
		{ "Log", "log_step", CL_COL_NUMBER },	      { "Score", "log_score", CL_COL_NUMBER },
		{ "What was seen", "evidence", CL_COL_TEXT },
	};
	const size_t skip = for_people(s) ? 1 : 0;

	cl_table_begin(t, "Rounds that cost points", columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = from; i < to; i++)
		for (size_t k = 0; k < pair[i].rounds; k++)
			if (cl_pool_is_drop(&pair[i].round[k]))
				row_drop(s, t, &pair[i], &pair[i].round[k]);
	cl_table_end(t);
}

static void row_round(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_round *r)
{
	char words[64];

	if (!for_people(s)) {
		cl_cell_name(s, t, &r->server, 64);
		cl_cell_name(s, t, &r->monitor, 64);
	}
	cell_when(s, t, r->time_ns);
	cl_cell_count(t, r->requests);
	cl_cell_count(t, r->answered);
	if (r->delta_ns >= 0)
		cl_cell_duration(t, r->delta_ns);
	else
		cl_cell_null(t);
	if (r->timed) {
		cl_cell_duration(t, r->theta_ns);
		cl_cell_duration(t, r->bound_ns);
	} else {
		cl_cell_null(t);
		cl_cell_null(t);
	}
	cl_cell_number(t, round(r->step.step * 100) / 100);
	cell_score(t, r->score_min);
	cell_score(t, r->score_max);
	evidence(r, words, sizeof words);
	cl_cell_text(t, words);
	cl_table_row_end(t);
}

static void table_rounds(struct cl_session *s, struct cl_tables *t, const struct cl_poolmon_pair *p)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "Monitor", "monitor", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },
		{ "Asked", "requests", CL_COL_COUNT },
		{ "Answ", "answered", CL_COL_COUNT },
		{ "Delta", "delta", CL_COL_DURATION },
		{ "Offset", "offset", CL_COL_DURATION },
		{ "+/-", "bound", CL_COL_DURATION },
		{ "Step", "step", CL_COL_NUMBER },
		{ ">=", "score_min", CL_COL_NUMBER },
		{ "<=", "score_max", CL_COL_NUMBER },
		{ "What", "evidence", CL_COL_TEXT },
	};
	const size_t skip = for_people(s) ? 2 : 0;
	char text[CL_ADDR_STRLEN], title[1200];

	cl_addr_format(&p->monitor, text);
	snprintf(title, sizeof title, "Probes of %s%s%s%s", p->name != NULL ? p->name : text,
		 p->name != NULL ? " (" : "", p->name != NULL ? text : "", p->name != NULL ? ")" : "");
	cl_table_begin(t, title, columns + skip, sizeof columns / sizeof *columns - skip);
	for (size_t i = 0; i < p->rounds; i++)
		row_round(s, t, &p->round[i]);
	cl_table_end(t);
}

static void list_log(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_pool_kept *k = s->kept;
	const struct cl_poolmon_rows rows = cl_poolmon_rows(k->pool);
	const struct cl_addr *scored = cl_poolmon_scored(k->pool);
	char text[CL_ADDR_STRLEN];

	if (s->options->scores == NULL)
		return;
	cl_list_begin(t, "The pool's log");
	cl_list_text(t, "is of server", "log.server",
		     scored != NULL ? cl_session_name(s, scored, text) : NULL);
	cl_list_count(t, "rows of listed monitors", "log.rows", k->log.rows);
	cl_list_count(t, "rows of other monitors", "log.unlisted", k->log.unlisted);
	cl_list_count(t, "rows within the capture's time", "log.within", rows.within);
	cl_list_count(t, "of these, the round was seen", "log.joined", rows.seen);
	cl_list_end(t);
	if (scored == NULL)
		cl_tables_note(t, "It is of one server: name it with --server.");
}

static void list_losses(struct cl_tables *t, const struct cl_poolmon_losses *l)
{
	if (l->requests + l->errors + l->candidates + l->inferred == 0)
		return;
	cl_list_begin(t, "Given up for lack of room");
	cl_list_count(t, "requests of monitors beyond 4000000", "given_up.requests", l->requests);
	cl_list_count(t, "ICMP errors beyond 100000", "given_up.errors", l->errors);
	cl_list_count(t, "requests of sources beyond 1000000", "given_up.candidates", l->candidates);
	cl_list_count(t, "missing rounds beyond 100000", "given_up.inferred", l->inferred);
	cl_list_end(t);
}

static void notes(struct cl_tables *t)
{
	cl_tables_note(t, "Score: replayed by the pool's published rule, from all that it may have been at "
			  "first (-100 to");
	cl_tables_note(t, "20); from the log's first row on, if there is one. An answer within 3 s is taken "
			  "as received.");
	cl_tables_note(t, "Offset: server's clock against the capture's, wrong by +/- at most; a monitor's "
			  "own differs by");
	cl_tables_note(t, "half of what its two ways differ, and by its clock's error. Never came here: no "
			  "request where");
	cl_tables_note(
		t, "the monitor's period, or the log, has a round: lost before the capture, or not sent.");
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_pool_kept *k = s->kept;
	size_t n;

	if (k == NULL) {
		cl_view_not_kept(t);
		return;
	}
	if (!cl_pool_count(s))
		return;
	const struct cl_poolmon_pair *pair = cl_poolmon_pairs(k->pool, &n);
	const struct cl_poolmon_losses lost = cl_poolmon_losses(k->pool);
	if (s->options->monitors == NULL)
		table_candidates(s, t);
	list_log(s, t);
	for (size_t i = 0, to; i < n; i = to) {
		to = cl_pool_pairs_of_server(pair, n, i);
		table_pairs(s, t, pair, i, to);
		list_overall(s, t, i, to);
		table_drops(s, t, pair, i, to);
		for (size_t m = i; m < to; m++)
			table_rounds(s, t, &pair[m]);
	}
	if (n > 0)
		notes(t);
	else if (s->options->monitors != NULL)
		cl_tables_note(t, "No listed monitor asked any server.");
	list_losses(t, &lost);
	cl_pool_ramps_tables(s, t);
}

const struct cl_view cl_view_pool = {
	.name = "pool",
	.summary = "what monitors of the NTP Pool got, the score, and joining the pool",
	.example = "  clientele pool --monitors monitors.txt --scores log.csv april.pcap\n",
	.takes = CL_OPT_MONITORS | CL_OPT_SCORES,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_CONTROL) | CL_X_BIT(CL_X_ICMP) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = cl_pool_json,
	.tables = tables,
};

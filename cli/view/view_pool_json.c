/* SPDX-License-Identifier: BSD-2-Clause */
/* pool, as JSON. */
#include <stdlib.h>

#include "cli/view/pool_view.h"

static const char *const verdict_keys[CL_POOL_VERDICTS] = {
	[CL_POOL_GOOD] = "good",	 [CL_POOL_PARTLY] = "partly",
	[CL_POOL_OFFSET] = "offset",	 [CL_POOL_STRATUM] = "stratum",
	[CL_POOL_UNFIT] = "unfit",	 [CL_POOL_KISS] = "kiss",
	[CL_POOL_LATE] = "late",	 [CL_POOL_NOT_ANSWERED] = "not_answered",
	[CL_POOL_NOT_SEEN] = "not_seen", [CL_POOL_LOST_ON_RETURN] = "lost_on_return",
};

static void json_addr(struct cl_json *j, const char *key, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	cl_json_str(j, key, text);
}

static void json_icmp(struct cl_json *j, const struct cl_poolmon_round *r)
{
	if (r->icmp == 0) {
		cl_json_null(j, "icmp");
		return;
	}
	cl_json_object(j, "icmp");
	cl_json_u64(j, "errors", r->icmp);
	cl_json_u64(j, "family", r->icmp_family);
	cl_json_u64(j, "type", r->icmp_type);
	cl_json_u64(j, "code", r->icmp_code);
	json_addr(j, "sender", &r->icmp_sender);
	cl_json_end(j);
}

static void json_log(struct cl_json *j, const struct cl_poolmon_row *row)
{
	if (row == NULL) {
		cl_json_null(j, "log");
		return;
	}
	cl_json_object(j, "log");
	cl_json_time(j, "t", row->time_ns);
	cl_json_double(j, "step", row->step);
	cl_json_double(j, "score", row->score);
	cl_json_double(j, "offset_s", row->offset_s);
	cl_json_str(j, "error", row->error[0] != '\0' ? row->error : NULL);
	cl_json_end(j);
}

static void json_answer(struct cl_session *s, struct cl_json *j, const struct cl_poolmon_round *r)
{
	if (r->delta_ns >= 0)
		cl_json_seconds(j, "delta_s", r->delta_ns);
	else
		cl_json_null(j, "delta_s");
	if (r->timed) {
		cl_json_seconds(j, "offset_s", r->theta_ns);
		cl_json_seconds(j, "bound_s", r->bound_ns);
	} else {
		cl_json_null(j, "offset_s");
		cl_json_null(j, "bound_s");
	}
	if (r->answered > 0)
		cl_json_u64(j, "stratum", r->stratum);
	else
		cl_json_null(j, "stratum");
	if (r->frame > 0) {
		cl_json_u64(j, "frame", r->frame);
		cl_json_str(j, "file", cl_session_file(s, r->file));
	} else {
		cl_json_null(j, "frame");
		cl_json_null(j, "file");
	}
}

static void json_round(struct cl_session *s, struct cl_json *j, const struct cl_poolmon_round *r, bool whose)
{
	cl_json_object(j, NULL);
	cl_json_time(j, "t", r->time_ns);
	if (whose) {
		json_addr(j, "server", &r->server);
		json_addr(j, "monitor", &r->monitor);
	}
	cl_json_str(j, "verdict", verdict_keys[r->verdict]);
	cl_json_u64(j, "requests", r->requests);
	cl_json_u64(j, "missing", r->missing);
	cl_json_u64(j, "answered", r->answered);
	cl_json_u64(j, "late", r->late);
	json_answer(s, j, r);
	json_icmp(j, r);
	cl_json_double(j, "step", r->step.step);
	cl_json_double(j, "score_min", r->score_min);
	cl_json_double(j, "score_max", r->score_max);
	json_log(j, r->row);
	cl_json_end(j);
}

static void json_pair(struct cl_session *s, struct cl_json *j, const struct cl_poolmon_pair *p)
{
	const struct cl_poolmon_round *last = &p->round[p->rounds - 1];

	cl_json_object(j, NULL);
	json_addr(j, "monitor", &p->monitor);
	cl_json_str(j, "name", p->name);
	cl_json_u64(j, "rounds", p->rounds);
	cl_json_u64(j, "rounds_seen", p->seen);
	cl_json_u64(j, "requests", p->requests);
	cl_json_u64(j, "usual_requests", p->usual);
	cl_json_u64(j, "missing", p->missing);
	cl_json_u64(j, "answered", p->answered);
	cl_json_u64(j, "late", p->late);
	cl_json_u64(j, "icmp", p->icmp);
	if (p->period_ns > 0) {
		cl_json_seconds(j, "period_s", p->period_ns);
		cl_json_seconds(j, "period_p10_s", p->early_ns);
		cl_json_seconds(j, "period_p90_s", p->late_ns);
	} else {
		cl_json_null(j, "period_s");
		cl_json_null(j, "period_p10_s");
		cl_json_null(j, "period_p90_s");
	}
	cl_json_bool(j, "regular", p->regular);
	cl_json_seconds(j, "silent_s", p->silent_ns);
	cl_json_object(j, "verdicts");
	for (size_t i = 0; i < CL_POOL_VERDICTS; i++)
		cl_json_u64(j, verdict_keys[i], p->verdict[i]);
	cl_json_end(j);
	cl_json_double(j, "score_min", last->score_min);
	cl_json_double(j, "score_max", last->score_max);
	cl_json_rows(j, "probes");
	for (size_t i = 0; i < p->rounds; i++)
		json_round(s, j, &p->round[i], false);
	cl_json_end(j);
	cl_json_end(j);
}

static void json_overall(struct cl_session *s, struct cl_json *j, size_t from, size_t to)
{
	const struct cl_pool_kept *k = s->kept;
	size_t n;
	struct cl_poolmon_overall *all = cl_poolmon_overall(k->pool, from, to, &n);

	if (all == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	cl_json_rows(j, "score");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		cl_json_time(j, "t", all[i].time_ns);
		cl_json_double(j, "min", all[i].score_min);
		cl_json_double(j, "max", all[i].score_max);
		cl_json_u64(j, "monitors", all[i].monitors);
		cl_json_end(j);
	}
	cl_json_end(j);
	free(all);
}

static void json_servers(struct cl_session *s, struct cl_json *j, const struct cl_poolmon_pair *pair,
			 size_t n)
{
	cl_json_array(j, "servers");
	for (size_t i = 0, to; i < n; i = to) {
		to = cl_pool_pairs_of_server(pair, n, i);
		cl_json_object(j, NULL);
		json_addr(j, "server", &pair[i].server);
		cl_json_str(j, "name", cl_names_find(s->names, &pair[i].server));
		json_overall(s, j, i, to);
		cl_json_array(j, "monitors");
		for (size_t k = i; k < to; k++)
			json_pair(s, j, &pair[k]);
		cl_json_end(j);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_rows(j, "drops");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < pair[i].rounds; k++)
			if (cl_pool_is_drop(&pair[i].round[k]))
				json_round(s, j, &pair[i].round[k], true);
	cl_json_end(j);
}

static void json_candidates(struct cl_session *s, struct cl_json *j)
{
	const struct cl_pool_kept *k = s->kept;
	size_t n;
	const struct cl_poolmon_candidate *c = cl_poolmon_candidates(k->pool, &n);

	cl_json_array(j, "candidates");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		json_addr(j, "source", &c[i].source);
		json_addr(j, "server", &c[i].server);
		cl_json_bool(j, "listed", cl_poolmon_is_monitor(k->pool, &c[i].source));
		cl_json_u64(j, "rounds", c[i].rounds);
		cl_json_u64(j, "of_three", c[i].full);
		cl_json_time(j, "first", c[i].first_ns);
		cl_json_time(j, "last", c[i].last_ns);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_scores(struct cl_session *s, struct cl_json *j)
{
	const struct cl_pool_kept *k = s->kept;
	const struct cl_poolmon_rows rows = cl_poolmon_rows(k->pool);
	const struct cl_addr *scored = cl_poolmon_scored(k->pool);
	size_t n;
	const struct cl_poolmon_row *all = cl_poolmon_logged_overall(k->pool, &n);

	cl_json_object(j, "log");
	cl_json_str(j, "file", s->options->scores);
	if (scored != NULL)
		json_addr(j, "server", scored);
	else
		cl_json_null(j, "server");
	cl_json_u64(j, "rows", k->log.rows);
	cl_json_u64(j, "unlisted", k->log.unlisted);
	cl_json_u64(j, "within", rows.within);
	cl_json_u64(j, "joined", rows.seen);
	cl_json_rows(j, "score");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		cl_json_time(j, "t", all[i].time_ns);
		cl_json_double(j, "score", all[i].score);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_losses(struct cl_json *j, const struct cl_poolmon_losses *l)
{
	cl_json_object(j, "given_up");
	cl_json_u64(j, "requests", l->requests);
	cl_json_u64(j, "errors", l->errors);
	cl_json_u64(j, "candidates", l->candidates);
	cl_json_u64(j, "inferred", l->inferred);
	cl_json_end(j);
}

void cl_pool_json(struct cl_session *s, struct cl_json *j)
{
	static const char *const keys[] = { "listed", "candidates", "servers", "drops", "log", "given_up" };
	const struct cl_pool_kept *k = s->kept;
	size_t n;

	cl_json_str(j, "monitors_file", s->options->monitors);
	if (cl_pool_count(s)) {
		const struct cl_poolmon_pair *pair = cl_poolmon_pairs(k->pool, &n);
		const struct cl_poolmon_losses lost = cl_poolmon_losses(k->pool);

		cl_json_u64(j, "listed", cl_poolmon_monitors(k->pool));
		json_candidates(s, j);
		json_servers(s, j, pair, n);
		json_scores(s, j);
		json_losses(j, &lost);
	} else {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
	}
	cl_pool_ramps_json(s, j);
}

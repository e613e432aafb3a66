/* SPDX-License-Identifier: BSD-2-Clause */
/* load as JSON. */
#include "cli/view/view_load.h"

static void addr(struct cl_session *s, struct cl_json *j, const char *key, const struct cl_addr *a)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(a, text);
	cl_json_str(j, key, text);
	cl_json_str(j, "name", cl_names_find(s->names, a));
}

static void client(struct cl_session *s, struct cl_json *j, const struct cl_addr *a)
{
	cl_json_client(s, j, a);
	cl_json_str(j, "name", cl_names_find(s->names, a));
}

static void seconds_or_null(struct cl_json *j, const char *key, int64_t ns)
{
	if (ns >= 0)
		cl_json_seconds(j, key, ns);
	else
		cl_json_null(j, key);
}

static void share(struct cl_json *j, const char *key, uint64_t n, uint64_t of)
{
	if (of > 0)
		cl_json_double(j, key, (double)n / (double)of);
	else
		cl_json_null(j, key);
}

static size_t top(const struct cl_session *s, size_t n)
{
	return n < s->options->top ? n : s->options->top;
}

static void json_group(struct cl_json *j, const char *key, const struct cl_load_group *g)
{
	cl_json_object(j, key);
	cl_json_u64(j, "clients", g->clients);
	cl_json_u64(j, "requests", g->requests);
	cl_json_end(j);
}

/* Kisses -------------------------------------------------------------------------- */

static void json_kissed(struct cl_session *s, struct cl_json *j, const struct cl_kissed *k, int64_t end_ns)
{
	const struct cl_obedience o = cl_kissed_obeyed(k, end_ns);
	const bool rated = k->rate_ns != INT64_MIN;

	cl_json_object(j, NULL);
	client(s, j, &k->addr);
	cl_json_u64(j, "kisses", k->kisses);
	cl_json_str(j, "obeyed", rated ? load_obeyed_keys[o.how] : NULL);
	seconds_or_null(j, "before_s", rated ? o.before_ns : -1);
	seconds_or_null(j, "after_s", rated ? o.after_ns : -1);
	if (rated && o.before_ns > 0 && o.after_ns >= 0)
		cl_json_double(j, "ratio", (double)o.after_ns / (double)o.before_ns);
	else
		cl_json_null(j, "ratio");
	cl_json_str(j, "gaps", !rated ? NULL : o.of_requests ? "requests" : "polls");
	cl_json_u64(j, "requests_an_hour_after_refusal", k->requests_an_hour_after);
	cl_json_end(j);
}

static void json_kisses(struct cl_session *s, struct cl_json *j, const struct load_shown *v)
{
	char code[9];

	cl_json_object(j, "kisses");
	cl_json_u64(j, "kisses", v->kisses->kisses);
	cl_json_u64(j, "not_kept", v->kisses->not_kept);
	cl_json_rows(j, "by_code");
	for (size_t i = 0; i < v->row_count; i++) {
		cl_json_object(j, NULL);
		addr(s, j, "server", &v->row[i]->key.server);
		cl_kiss_text(v->row[i]->key.code, code);
		cl_json_str(j, "code", code);
		cl_json_u64(j, "kisses", v->row[i]->kisses);
		cl_json_u64(j, "clients", v->row[i]->clients);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_object(j, "rate");
	cl_json_u64(j, "clients", v->rated);
	for (size_t i = CL_OBEYED_WAYS; i-- > 0;)
		cl_json_u64(j, load_obeyed_keys[i], v->obeyed[i]);
	cl_json_end(j);
	cl_json_object(j, "refused");
	cl_json_u64(j, "clients", v->refused);
	cl_json_u64(j, "after_an_hour", v->refused_still);
	cl_json_u64(j, "too_short", v->refused_untold);
	cl_json_u64(j, "requests_after_an_hour", v->refused_requests);
	cl_json_end(j);
	cl_json_rows(j, "top");
	for (size_t i = 0; i < top(s, v->kissed_count); i++)
		json_kissed(s, j, v->kissed[i], v->totals->last_ns);
	cl_json_end(j);
	cl_json_end(j);
}

/* Rates --------------------------------------------------------------------------- */

static void json_client(struct cl_session *s, struct cl_json *j, const struct load_shown *v,
			const struct cl_load_client *c)
{
	cl_json_object(j, NULL);
	client(s, j, &c->addr);
	cl_json_u64(j, "requests", c->requests);
	share(j, "share", c->requests, v->totals->requests);
	seconds_or_null(j, "mean_s", cl_load_mean(c));
	seconds_or_null(j, "headway_s", c->headway_ns == INT64_MAX ? -1 : c->headway_ns);
	cl_json_u64(j, "peak", c->peak);
	share(j, "answered_share", c->answered, c->requests - c->open);
	cl_json_u64(j, "kisses", c->kissed);
	cl_json_bool(j, "abusive", cl_load_abusive(c));
	cl_json_end(j);
}

static void json_bursts(struct cl_session *s, struct cl_json *j, const struct load_shown *v)
{
	cl_json_object(j, "bursts");
	cl_json_u64(j, "bursts", v->totals->bursts);
	cl_json_u64(j, "requests", v->totals->burst_requests);
	cl_json_u64(j, "clients", v->totals->burst_clients);
	cl_json_u64(j, "not_listed", v->totals->bursts_not_listed);
	cl_json_rows(j, "top");
	for (size_t i = 0; i < top(s, v->bursts); i++) {
		const struct cl_load_burst *b = &v->burst[i];

		cl_json_object(j, NULL);
		client(s, j, &b->client);
		cl_json_time(j, "t", b->first_ns);
		cl_json_seconds(j, "length_s", b->last_ns - b->first_ns);
		cl_json_u64(j, "requests", b->requests);
		if (b->last_ns > b->first_ns)
			cl_json_double(j, "rate", load_burst_rate(b));
		else
			cl_json_null(j, "rate");
		share(j, "port_changes", b->ports, b->requests - 1);
		share(j, "payload_changes", b->payloads, b->requests - 1);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_minute(struct cl_json *j, const struct cl_load_totals *t)
{
	cl_json_object(j, "second_of_minute");
	cl_json_array(j, "requests");
	for (size_t i = 0; i < 60; i++)
		cl_json_u64(j, NULL, t->second[i]);
	cl_json_end(j);
	share(j, "first_share", t->second[0], t->requests);
	cl_json_end(j);
	cl_json_object(j, "peak");
	cl_json_u64(j, "requests", t->peak);
	if (t->peak > 0)
		cl_json_time(j, "t", t->peak_ns);
	else
		cl_json_null(j, "t");
	cl_json_end(j);
}

static void json_answers(struct cl_json *j, const struct cl_load_totals *t)
{
	static const char *const keys[CL_LOAD_RATIOS] = { "none",     "up_to_30",  "up_to_50",
							  "up_to_90", "below_100", "all" };

	cl_json_object(j, "answer_ratio");
	for (size_t i = 0; i < CL_LOAD_RATIOS; i++)
		json_group(j, keys[i], &t->ratio[i]);
	cl_json_object(j, "minutes");
	cl_json_u64(j, "minutes", t->minutes);
	cl_json_u64(j, "short", t->minutes_short);
	cl_json_u64(j, "short_requests", t->short_requests);
	cl_json_u64(j, "short_answered", t->short_answered);
	cl_json_end(j);
	cl_json_end(j);
}

static void json_rates(struct cl_session *s, struct cl_json *j, const struct load_shown *v)
{
	const struct cl_load_totals *t = v->totals;

	cl_json_object(j, "thresholds");
	json_group(j, "abusive", &t->abusive);
	json_group(j, "headway", &t->guard);
	json_group(j, "average", &t->average);
	cl_json_end(j);
	json_bursts(s, j, v);
	json_minute(j, t);
	json_answers(j, t);
	cl_json_array(j, "top");
	for (size_t i = 0; i < top(s, v->clients); i++)
		json_client(s, j, v, v->client[i]);
	cl_json_end(j);
}

static void json_line(void *ctx, const char *line)
{
	cl_json_str(ctx, NULL, line);
}

static void json_limits(struct cl_json *j, const struct load_shown *v)
{
	const struct cl_load_limits *l = &v->limits;
	char line[80];

	cl_json_object(j, "limits");
	cl_json_u64(j, "ordinary", l->ordinary);
	cl_json_bool(j, "derived", l->ordinary >= CL_LOAD_ORDINARY);
	json_group(j, "limited", &l->limited);
	load_chrony(l, line, sizeof line);
	cl_json_str(j, "chrony", line);
	cl_json_rows(j, "nftables");
	load_nftables(v, json_line, j);
	cl_json_end(j);
	cl_json_u64(j, "nftables_not_listed", v->abusives > LOAD_SET_MAX ? v->abusives - LOAD_SET_MAX : 0);
	cl_json_end(j);
}

/* Responses that arrived ------------------------------------------------------------ */

static void json_reach(struct cl_json *j, const struct cl_reach_count *c)
{
	const uint64_t known = cl_reach_arrived(c) + cl_reach_lost(c);

	cl_json_u64(j, "responses", cl_reach_responses(c));
	for (size_t i = 1; i < CL_REACHES; i++)
		cl_json_u64(j, load_reach_keys[i], c->n[i]);
	cl_json_u64(j, load_reach_keys[CL_REACH_UNKNOWN], c->n[CL_REACH_UNKNOWN]);
	share(j, "lost_share", cl_reach_lost(c), known);
}

static void json_places(struct cl_session *s, struct cl_json *j, const char *key,
			const struct cl_reach_place *p, size_t n)
{
	cl_json_rows(j, key);
	for (size_t i = 0; i < top(s, n); i++) {
		cl_json_object(j, NULL);
		addr(s, j, "address", &p[i].addr);
		cl_json_u64(j, "prefix",
			    p[i].length > 0		? p[i].length
			    : cl_addr_is_v4(&p[i].addr) ? 32
							: 128);
		json_reach(j, &p[i].count);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_reached(struct cl_session *s, struct cl_json *j, const struct load_shown *v)
{
	cl_json_object(j, "reached");
	json_reach(j, &v->reach);
	cl_json_u64(j, "not_kept", v->reach_not_kept);
	cl_json_rows(j, "by_size");
	for (size_t i = 0; i < v->sizes; i++) {
		cl_json_object(j, NULL);
		if (v->size[i].octets < UINT32_MAX)
			cl_json_u64(j, "octets", v->size[i].octets);
		else
			cl_json_null(j, "octets");
		json_reach(j, &v->size[i].count);
		cl_json_end(j);
	}
	cl_json_end(j);
	json_places(s, j, "by_client", v->reach_client, v->reach_clients);
	json_places(s, j, "by_network", v->reach_network, v->reach_networks);
	cl_json_end(j);
}

void load_json(struct cl_session *s, struct cl_json *j)
{
	static const char *const keys[] = { "clients", "requests",     "answered", "not_kept",
					    "kisses",  "thresholds",   "bursts",   "second_of_minute",
					    "peak",    "answer_ratio", "top",	   "limits",
					    "reached" };
	struct load_shown v;

	if (!load_show(s, &v)) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
		return;
	}
	cl_json_u64(j, "clients", v.totals->clients);
	cl_json_u64(j, "requests", v.totals->requests);
	cl_json_u64(j, "answered", v.totals->answered);
	cl_json_u64(j, "not_kept", v.totals->not_kept);
	json_kisses(s, j, &v);
	json_rates(s, j, &v);
	json_limits(j, &v);
	json_reached(s, j, &v);
	load_hide(&v);
}

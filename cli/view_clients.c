/* SPDX-License-Identifier: BSD-2-Clause */
/* clients: how many, when, and who asks most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/approx.h"
#include "cli/log.h"
#include "cli/series.h"

#define NS_PER_S 1000000000

/* A server, or all servers of a protocol. */
struct subject {
	int64_t service_id; /* whose series it is; 0: it has none */
	char proto[8];
	bool is_server, has_address;
	struct cl_addr addr;
	uint64_t requests;
	struct cl_unique clients;
	struct cl_approx approx; /* of these */
};

typedef void subject_fn(void *ctx, const struct subject *subject);

static bool read_subject(struct cl_query *q, struct subject *u)
{
	*u = (struct subject){ .service_id = cl_query_i64(q, 0),
			       .is_server = true,
			       .requests = cl_query_u64(q, 3) };
	snprintf(u->proto, sizeof u->proto, "%s", cl_query_text(q, 1));
	u->has_address = cl_query_addr(q, 2, &u->addr);
	return u->requests > 0;
}

static void each_server(struct cl_session *s, subject_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT service_id, proto, addr, sum(requests) FROM chosen JOIN day USING(service_id) "
		"JOIN span ON day BETWEEN day_from AND day_to GROUP BY service_id ORDER BY rank");
	struct subject u;

	while (cl_query_row(q))
		if (read_subject(q, &u)) {
			u.clients = cl_view_unique(s, u.service_id);
			u.approx = cl_approx_of(s, u.service_id);
			fn(ctx, &u);
		}
	cl_query_free(q);
}

/* The sum over servers; its series is stored for all of them together, and is that of the only one if it is
 * alone. */
static void each_total(struct cl_session *s, subject_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT CASE count(DISTINCT service_id) WHEN 1 THEN min(service_id) ELSE 0 END, proto, "
		"NULL, sum(requests) FROM total JOIN day USING(service_id) JOIN span ON day BETWEEN "
		"day_from AND day_to GROUP BY proto ORDER BY proto DESC");
	struct subject u;

	while (cl_query_row(q))
		if (read_subject(q, &u)) {
			u.is_server = false;
			u.clients = cl_view_unique_all(s, u.proto, 0);
			u.approx = cl_approx_of_all(s, u.proto, 0);
			fn(ctx, &u);
		}
	cl_query_free(q);
}

/* Who asks most --------------------------------------------------------------- */

struct talker {
	struct cl_addr addr;
	uint64_t requests;
	double share;
	int64_t first_ns, last_ns, gap_ns; /* gap_ns: -1 not known */
};

typedef void talker_fn(void *ctx, const struct talker *t);

static double share_of(uint64_t requests, uint64_t all)
{
	return all > 0 ? (double)requests / (double)all : 0;
}

static void each_stored_talker(struct cl_session *s, uint64_t all, talker_fn *fn, void *ctx)
{
	size_t count;
	struct cl_recounted *top = cl_view_recount_top(s, s->options->top, &count);

	for (size_t i = 0; i < count; i++) {
		const struct talker t = { .addr = top[i].addr,
					  .requests = top[i].requests,
					  .share = share_of(top[i].requests, all),
					  .first_ns = top[i].first_ns,
					  .last_ns = top[i].last_ns,
					  .gap_ns = -1 };

		fn(ctx, &t);
	}
	free(top);
}

/* In memory all that was read is meant. */
static void each_talker_in_memory(struct cl_session *s, uint64_t all, talker_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT addr, requests, first_ns, last_ns, gap_ns FROM talker ORDER BY "
			  "requests DESC, family, addr LIMIT ?1");

	cl_query_bind_i64(q, 1, s->options->top);
	while (cl_query_row(q)) {
		struct talker t = { .requests = cl_query_u64(q, 1),
				    .first_ns = cl_query_i64(q, 2),
				    .last_ns = cl_query_i64(q, 3),
				    .gap_ns = cl_query_null(q, 4) ? -1 : cl_query_i64(q, 4) };

		if (!cl_query_addr(q, 0, &t.addr))
			continue;
		t.share = share_of(t.requests, all);
		fn(ctx, &t);
	}
	cl_query_free(q);
}

static void each_talker(struct cl_session *s, talker_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT sum(requests) FROM chosen JOIN day USING(service_id) JOIN span ON "
			  "day BETWEEN day_from AND day_to");
	uint64_t all = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	if (s->database)
		each_stored_talker(s, all, fn, ctx);
	else
		each_talker_in_memory(s, all, fn, ctx);
}

/* JSON ------------------------------------------------------------------------ */

struct json_ctx {
	struct cl_session *s;
	struct cl_json *j;
	struct cl_instants instants;
	bool any; /* instants hold */
};

static void json_step(void *ctx, const struct cl_step_row *row)
{
	struct json_ctx *c = ctx;
	const struct cl_engine_config *config = &c->s->config.engine;
	char key[24];

	cl_json_object(c->j, NULL);
	cl_json_time(c->j, "t", row->t * NS_PER_S);
	cl_json_u64(c->j, "requests", row->requests);
	cl_json_object(c->j, "unique");
	for (uint32_t w = 0; w < config->windows; w++) {
		snprintf(key, sizeof key, "%lld", (long long)(config->window_ns[w] / NS_PER_S));
		if (row->known[w])
			cl_json_u64(c->j, key, row->unique[w]);
		else
			cl_json_null(c->j, key);
	}
	cl_json_end(c->j);
	cl_json_array(c->j, "warmup");
	for (uint32_t w = 0; w < config->windows; w++)
		if (cl_is_warming_up(c->s, &c->instants, row->t, w))
			cl_json_i64(c->j, NULL, config->window_ns[w] / NS_PER_S);
	cl_json_end(c->j);
	cl_json_end(c->j);
}

static void json_unique(struct cl_json *j, const struct cl_unique *u, const struct cl_approx *a)
{
	cl_json_object(j, "clients");
	cl_json_u64(j, "ipv4", u->ipv4);
	cl_json_u64(j, "ipv6", u->ipv6);
	cl_json_u64(j, "total", u->ipv4 + u->ipv6);
	cl_json_u64(j, "v4_24", u->v4_24);
	cl_json_u64(j, "v6_64", u->v6_64);
	cl_json_u64(j, "v6_48", u->v6_48);
	cl_json_approx(j, "approximate", a);
	cl_json_end(j);
}

static void json_series(struct json_ctx *c, const struct subject *u)
{
	bool sparse = false;

	if (u->service_id == 0) {
		cl_json_null(c->j, "series"); /* not stored for a choice of servers */
		return;
	}
	cl_json_rows(c->j, "series");
	if (c->any)
		sparse = cl_series_each(c->s, &c->instants, u->service_id, CL_SERIES_CLIENTS, json_step, c);
	cl_json_end(c->j);
	if (sparse)
		cl_json_bool(c->j, "sparse", true);
}

static void json_subject(void *ctx, const struct subject *u)
{
	struct json_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_json_object(c->j, NULL);
	if (u->is_server) {
		if (u->has_address)
			cl_addr_format(&u->addr, text);
		cl_json_str(c->j, "server", u->has_address ? text : NULL);
		cl_json_str(c->j, "name", u->has_address ? cl_names_find(c->s->names, &u->addr) : NULL);
	}
	cl_json_str(c->j, "proto", u->proto);
	cl_json_u64(c->j, "requests", u->requests);
	json_unique(c->j, &u->clients, &u->approx);
	json_series(c, u);
	cl_json_end(c->j);
}

static void json_talker(void *ctx, const struct talker *t)
{
	struct json_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_addr_format(&t->addr, text);
	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "client", text);
	cl_json_str(c->j, "label", cl_labels_find(c->s->labels, &t->addr));
	cl_json_u64(c->j, "requests", t->requests);
	cl_json_double(c->j, "share", t->share);
	cl_json_time(c->j, "first", t->first_ns);
	cl_json_time(c->j, "last", t->last_ns);
	if (t->gap_ns >= 0)
		cl_json_seconds(c->j, "interval_s", t->gap_ns);
	else
		cl_json_null(c->j, "interval_s");
	cl_json_null(c->j, "software");
	cl_json_end(c->j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct json_ctx c = { .s = s, .j = j };

	c.any = cl_instants_of(s, &c.instants);
	cl_json_i64(j, "step", s->config.engine.step_ns / NS_PER_S);
	cl_json_array(j, "windows");
	for (uint32_t w = 0; w < s->config.engine.windows; w++)
		cl_json_i64(j, NULL, s->config.engine.window_ns[w] / NS_PER_S);
	cl_json_end(j);
	cl_json_array(j, "servers");
	each_server(s, json_subject, &c);
	cl_json_end(j);
	cl_json_array(j, "all");
	each_total(s, json_subject, &c);
	cl_json_end(j);
	cl_json_array(j, "top");
	each_talker(s, json_talker, &c);
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

struct table_ctx {
	struct cl_session *s;
	struct cl_tables *t;
	struct cl_instants instants;
	const struct subject *subject;
	bool any, warmup;
	struct cl_approx worst; /* of the sums over servers, to say what is so of some number here */
};

static const char *subject_name(struct cl_session *s, const struct subject *u, char text[CL_ADDR_STRLEN])
{
	if (!u->is_server)
		return "all";
	return u->has_address ? cl_session_name(s, &u->addr, text) : "others";
}

static void table_subject(void *ctx, const struct subject *u)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, subject_name(c->s, u, text));
	cl_cell_text(c->t, u->proto);
	cl_cell_count(c->t, u->requests);
	cl_cell_count(c->t, u->clients.ipv4 + u->clients.ipv6);
	cl_cell_count(c->t, u->clients.ipv4);
	cl_cell_count(c->t, u->clients.ipv6);
	cl_cell_count(c->t, u->clients.v4_24);
	cl_cell_count(c->t, u->clients.v6_64);
	cl_cell_count(c->t, u->clients.v6_48);
	if (c->worst.any)
		cl_cell_text(c->t, cl_approx_word(&u->approx));
	cl_table_row_end(c->t);
}

static void find_worst(void *ctx, const struct subject *u)
{
	struct table_ctx *c = ctx;

	if (u->approx.any)
		c->worst = u->approx;
}

static void note_subject(void *ctx, const struct subject *u)
{
	struct table_ctx *c = ctx;

	cl_approx_note(c->t, strcmp(u->proto, "ntp") == 0 ? "of NTP" : "of DNS", &u->approx);
}

static void table_subjects(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Clients", "total", CL_COL_COUNT },
		{ "IPv4", "ipv4", CL_COL_COUNT },	  { "IPv6", "ipv6", CL_COL_COUNT },
		{ "/24", "v4_24", CL_COL_COUNT },	  { "/64", "v6_64", CL_COL_COUNT },
		{ "/48", "v6_48", CL_COL_COUNT },	  { "", "approximate", CL_COL_TEXT },
	};

	cl_table_begin(c->t, "Unique clients", columns, sizeof columns / sizeof *columns - !c->worst.any);
	each_server(c->s, table_subject, c);
	each_total(c->s, table_subject, c);
	cl_table_end(c->t);
	each_total(c->s, note_subject, c);
}

static void table_step(void *ctx, const struct cl_step_row *row)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];
	bool warmup = false;

	cl_cell_time(c->t, row->t * NS_PER_S);
	cl_cell_text(c->t, subject_name(c->s, c->subject, text));
	cl_cell_text(c->t, c->subject->proto);
	cl_cell_count(c->t, row->requests);
	for (uint32_t w = 0; w < c->s->config.engine.windows; w++) {
		if (row->known[w])
			cl_cell_count(c->t, row->unique[w]);
		else
			cl_cell_null(c->t);
		warmup |= cl_is_warming_up(c->s, &c->instants, row->t, w);
	}
	cl_cell_text(c->t, warmup ? "warm-up" : "");
	if (c->worst.any)
		cl_cell_text(c->t, cl_approx_word(&c->subject->approx));
	c->warmup |= warmup;
	cl_table_row_end(c->t);
}

static void table_series(void *ctx, const struct subject *u)
{
	struct table_ctx *c = ctx;

	c->subject = u;
	if (u->service_id != 0 && c->any &&
	    cl_series_each(c->s, &c->instants, u->service_id, CL_SERIES_CLIENTS, table_step, c))
		cl_warn("series", "too long to list its empty steps: they are left out");
}

static void table_all_series(struct table_ctx *c)
{
	const struct cl_engine_config *config = &c->s->config.engine;
	struct cl_column columns[6 + CL_WINDOWS_MAX] = {
		{ "Until", "t", CL_COL_TIME },
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
	};
	char titles[CL_WINDOWS_MAX][40], keys[CL_WINDOWS_MAX][40];

	for (uint32_t w = 0; w < config->windows; w++) {
		long long window_s = (long long)(config->window_ns[w] / NS_PER_S);

		if (window_s % 60 == 0)
			snprintf(titles[w], sizeof titles[w], "Clients %lld min", window_s / 60);
		else
			snprintf(titles[w], sizeof titles[w], "Clients %lld s", window_s);
		snprintf(keys[w], sizeof keys[w], "unique_%lld", window_s);
		columns[4 + w] = (struct cl_column){ titles[w], keys[w], CL_COL_COUNT };
	}
	columns[4 + config->windows] = (struct cl_column){ "", "warmup", CL_COL_TEXT };
	columns[5 + config->windows] = (struct cl_column){ "", "approximate", CL_COL_TEXT };
	cl_table_begin(c->t, "Unique clients in trailing windows", columns,
		       5 + config->windows + c->worst.any);
	each_server(c->s, table_series, c);
	each_total(c->s, table_series, c);
	cl_table_end(c->t);
	if (c->warmup)
		cl_tables_note(
			c->t,
			"warm-up: a window began before the capture did, and holds fewer than it might.");
}

static void table_talker(void *ctx, const struct talker *t)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &t->addr, text));
	cl_cell_text(c->t, cl_labels_find(c->s->labels, &t->addr));
	cl_cell_count(c->t, t->requests);
	cl_cell_share(c->t, t->share);
	/* whole seconds: a table for people */
	bool people = c->s->options->format == CL_FORMAT_TABLE;
	cl_cell_time(c->t, people ? t->first_ns / NS_PER_S * NS_PER_S : t->first_ns);
	cl_cell_time(c->t, people ? t->last_ns / NS_PER_S * NS_PER_S : t->last_ns);
	if (t->gap_ns >= 0)
		cl_cell_duration(c->t, t->gap_ns);
	else
		cl_cell_null(c->t);
	cl_table_row_end(c->t);
}

static void table_talkers(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Client", "client", CL_COL_TEXT },
		{ "Label", "label", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
		{ "First", "first", CL_COL_TIME },
		{ "Last", "last", CL_COL_TIME },
		{ "Interval", "interval_s", CL_COL_DURATION },
	};

	cl_table_begin(c->t, "Clients that ask most", columns, sizeof columns / sizeof *columns);
	each_talker(c->s, table_talker, c);
	cl_table_end(c->t);
	if (c->worst.any)
		cl_tables_note(c->t, "Of the clients that found room within --max-memory: one that came late "
				     "may be missing.");
	if (c->s->database)
		cl_tables_note(c->t, "Interval: the median gap is known of captures alone, a database does "
				     "not keep every request.");
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	struct table_ctx c = { .s = s, .t = t };

	c.any = cl_instants_of(s, &c.instants);
	each_server(s, find_worst, &c);
	each_total(s, find_worst, &c);
	table_subjects(&c);
	table_all_series(&c);
	table_talkers(&c);
}

const struct cl_view cl_view_clients = {
	.name = "clients",
	.summary = "unique clients in trailing windows, by server, and who asks most",
	.example = "  clientele clients --window 300,1200 monday.pcap\n"
		   "  clientele clients --format csv may.db\n",
	.takes = CL_OPT_TOP,

	.needs = { .series = true, .clients = true, .networks = true, .gaps = true },
	.json = json,
	.tables = tables
};

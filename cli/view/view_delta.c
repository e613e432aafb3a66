/* SPDX-License-Identifier: BSD-2-Clause */
/* delta: how long servers took to answer. */
#include <stdio.h>
#include <string.h>

#include "cli/log.h"
#include "cli/view/delta.h"
#include "cli/view/series.h"

#define NS_PER_S 1000000000

/* What the view says of a server, in the order it is said. */
static const struct {
	const char *key, *sql, *title;
} counts[] = {
	{ "requests", "sum(requests)", "Requests" },
	{ "responses", "sum(responses)", NULL },
	{ "matched", "sum(matched)", NULL },
	{ "unanswered", "max(0, sum(requests - matched))", "Unanswered" },
	{ "open_at_end", NULL, NULL },
	{ "duplicates", "sum(duplicates)", NULL },
	{ "late", "sum(late)", NULL },
	{ "backwards", "sum(backwards)", NULL },
	{ "bogus", "max(0, sum(bogus))", NULL },
	{ "guessed", "sum(guessed)", NULL },
	{ "interleaved", "sum(interleaved)", NULL },
};
_Static_assert(sizeof counts / sizeof *counts == CL_DELTA_COUNTS, "each has its place");

static const struct {
	const char *key, *sql;
} thresholds[] = {
	{ "0.001", "sum(over_1ms)" },
	{ "0.01", "sum(over_10ms)" },
	{ "0.1", "sum(over_100ms)" },
};
_Static_assert(sizeof thresholds / sizeof *thresholds == CL_DELTA_OVERS, "each has its place");

static int64_t open_at_end(struct cl_session *s, int64_t service_id)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT sum(requests) FROM open_at_end JOIN ending USING(source_id) "
				       "WHERE service_id = ?1");
	int64_t n;

	cl_query_bind_i64(q, 1, service_id);
	n = cl_query_row(q) ? cl_query_i64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

static void read_server(struct cl_session *s, struct cl_query *q, struct cl_delta_server *v)
{
	int column = 3;

	*v = (struct cl_delta_server){ .service_id = cl_query_i64(q, 0) };
	snprintf(v->proto, sizeof v->proto, "%s", cl_query_word(q, 1));
	v->has_address = cl_query_addr(q, 2, &v->addr);
	for (size_t i = 0; i < CL_DELTA_COUNTS; i++)
		v->count[i] =
			counts[i].sql != NULL ? cl_query_i64(q, column++) : open_at_end(s, v->service_id);
	for (size_t i = 0; i < CL_DELTA_OVERS; i++)
		v->over[i] = cl_query_i64(q, column++);
	v->delta = cl_view_hist(s, "service_id = ?1 AND kind IN (0, 2)", v->service_id);
}

void cl_delta_each_server(struct cl_session *s, cl_delta_server_fn *fn, void *ctx)
{
	char sql[1024];
	size_t at = (size_t)snprintf(sql, sizeof sql, "SELECT service_id, proto, addr");

	for (size_t i = 0; i < CL_DELTA_COUNTS; i++)
		if (counts[i].sql != NULL)
			at += (size_t)snprintf(sql + at, sizeof sql - at, ", %s", counts[i].sql);
	for (size_t i = 0; i < CL_DELTA_OVERS; i++)
		at += (size_t)snprintf(sql + at, sizeof sql - at, ", %s", thresholds[i].sql);
	snprintf(sql + at, sizeof sql - at,
		 " FROM chosen JOIN day USING(service_id) JOIN span ON day BETWEEN day_from AND day_to GROUP "
		 "BY service_id "
		 "HAVING sum(requests) + sum(responses) > 0 ORDER BY rank");
	struct cl_query *q = cl_query_new(s->store, sql);
	while (cl_query_row(q)) {
		struct cl_delta_server v;

		read_server(s, q, &v);
		fn(ctx, &v);
		cl_hist_free(&v.delta);
	}
	cl_query_free(q);
}

/* The slowest exchanges name packets: of captures read now, or of a database that keeps single messages. */
struct worst {
	int64_t time_ns, delta_ns;
	struct cl_addr client, server;
	const char *request_file, *response_file;
	uint64_t request_frame, response_frame;
};

typedef void worst_fn(void *ctx, const struct worst *w);

#define WORST_OF(table)                                                                                      \
	"SELECT r_time_ns AS time_ns, delta_ns, q_src, q_dst, q_file, q_frame, r_file, r_frame FROM " table  \
	" WHERE fortune = 4 AND q_time_ns >= ?2 AND q_time_ns < ?3 AND (NOT EXISTS (SELECT 1 FROM wanted) "  \
	"OR q_dst IN (SELECT addr FROM wanted))"
_Static_assert(CL_FORTUNE_MATCHED == 4, "as the text has it");

static const char worst_noted[] = "SELECT time_ns, delta_ns, client, server, a.path, request_frame, b.path, "
				  "response_frame FROM worst LEFT JOIN file AS a ON a.file_id = "
				  "request_file + 1 LEFT JOIN file AS b ON b.file_id = response_file + 1 "
				  "WHERE time_ns >= ?2 AND time_ns < ?3 "
				  "ORDER BY delta_ns DESC, time_ns, response_frame";
static const char worst_kept[] =
	"SELECT time_ns, delta_ns, q_src, q_dst, a.path, q_frame, b.path, r_frame FROM (" WORST_OF(
		"ntp_exchange") " UNION ALL " WORST_OF("dns_exchange") " ORDER BY delta_ns DESC, time_ns, "
								       "r_frame LIMIT 20) LEFT JOIN file AS "
								       "a ON a.file_id = q_file LEFT JOIN "
								       "file AS b ON b.file_id = r_file "
								       "ORDER BY delta_ns DESC, time_ns, "
								       "r_frame";
_Static_assert(CL_WORST_MAX == 20, "as the text has it");

/* Whether there is a list at all. */
static bool knows_worst(struct cl_session *s)
{
	return !s->database || cl_store_keeps_exchanges(s->store);
}

static void each_worst(struct cl_session *s, worst_fn *fn, void *ctx)
{
	const struct cl_options *o = s->options;
	struct cl_query *q = cl_query_new(s->store, s->database ? worst_kept : worst_noted);

	cl_query_bind_i64(q, 2, s->database && (o->given & CL_OPT_FROM) != 0 ? o->from_ns : INT64_MIN);
	cl_query_bind_i64(q, 3, s->database && (o->given & CL_OPT_TO) != 0 ? o->to_ns : INT64_MAX);
	while (cl_query_row(q)) {
		struct worst w = { .time_ns = cl_query_ns(q, 0),
				   .delta_ns = cl_query_ns(q, 1),
				   .request_file = cl_query_text(q, 4),
				   .request_frame = cl_query_u64(q, 5),
				   .response_file = cl_query_text(q, 6),
				   .response_frame = cl_query_u64(q, 7) };

		if (cl_query_addr(q, 2, &w.client) && cl_query_addr(q, 3, &w.server))
			fn(ctx, &w);
	}
	cl_query_free(q);
}

/* JSON ------------------------------------------------------------------------ */

struct json_ctx {
	struct cl_session *s;
	struct cl_json *j;
	struct cl_instants instants;
	bool any;
};

static void json_histogram(struct cl_json *j, const struct cl_hist *h)
{
	cl_json_array(j, "histogram");
	for (uint32_t b = h->lo; b < h->hi; b++) {
		if (h->bucket[b - h->lo] == 0)
			continue;
		cl_json_object(j, NULL);
		cl_json_seconds(j, "ge_s", cl_hist_floor(b));
		cl_json_seconds(j, "lt_s", cl_hist_floor(b + 1));
		cl_json_u64(j, "count", h->bucket[b - h->lo]);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_step(void *ctx, const struct cl_step_row *r)
{
	struct json_ctx *c = ctx;
	const struct {
		const char *key;
		int64_t ns;
	} values[] = { { "min", r->min_ns }, { "p50", r->p50_ns },   { "p90", r->p90_ns },
		       { "p99", r->p99_ns }, { "p999", r->p999_ns }, { "max", r->max_ns } };

	cl_json_object(c->j, NULL);
	cl_json_time(c->j, "t", r->t * NS_PER_S);
	cl_json_u64(c->j, "requests", r->requests);
	cl_json_object(c->j, "delta_s");
	cl_json_u64(c->j, "n", r->delta_n);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		if (r->delta_n > 0)
			cl_json_seconds(c->j, values[i].key, values[i].ns);
		else
			cl_json_null(c->j, values[i].key);
	}
	if (r->delta_n > 0)
		cl_json_double(c->j, "mean", (double)r->sum_ns / (double)r->delta_n / NS_PER_S);
	else
		cl_json_null(c->j, "mean");
	cl_json_end(c->j);
	cl_json_end(c->j);
}

static void json_server(void *ctx, const struct cl_delta_server *v)
{
	struct json_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_json_object(c->j, NULL);
	if (v->has_address)
		cl_addr_format(&v->addr, text);
	cl_json_str(c->j, "server", v->has_address ? text : NULL);
	cl_json_str(c->j, "name", v->has_address ? cl_names_find(c->s->names, &v->addr) : NULL);
	cl_json_str(c->j, "proto", v->proto);
	for (size_t i = 0; i < CL_DELTA_COUNTS; i++)
		cl_json_i64(c->j, counts[i].key, v->count[i]);
	cl_json_delta(c->j, "delta_s", &v->delta);
	cl_json_object(c->j, "over");
	for (size_t i = 0; i < CL_DELTA_OVERS; i++)
		cl_json_i64(c->j, thresholds[i].key, v->over[i]);
	cl_json_end(c->j);
	json_histogram(c->j, &v->delta);
	cl_json_rows(c->j, "series");
	bool sparse =
		c->any && cl_series_each(c->s, &c->instants, v->service_id, CL_SERIES_COUNTS, json_step, c);
	cl_json_end(c->j);
	if (sparse)
		cl_json_bool(c->j, "sparse", true);
	cl_json_end(c->j);
}

static void json_worst(void *ctx, const struct worst *w)
{
	struct json_ctx *c = ctx;
	char server[CL_ADDR_STRLEN];

	cl_addr_format(&w->server, server);
	cl_json_object(c->j, NULL);
	cl_json_time(c->j, "t", w->time_ns);
	cl_json_client(c->s, c->j, &w->client);
	cl_json_str(c->j, "server", server);
	cl_json_seconds(c->j, "delta_s", w->delta_ns);
	cl_json_u64(c->j, "request_frame", w->request_frame);
	cl_json_u64(c->j, "response_frame", w->response_frame);
	cl_json_str(c->j, "request_file", w->request_file);
	cl_json_str(c->j, "response_file", w->response_file);
	cl_json_end(c->j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct json_ctx c = { .s = s, .j = j };

	c.any = cl_instants_of(s, &c.instants);
	cl_json_array(j, "servers");
	cl_delta_each_server(s, json_server, &c);
	cl_json_end(j);
	if (knows_worst(s)) {
		cl_json_array(j, "worst");
		each_worst(s, json_worst, &c);
		cl_json_end(j);
	} else {
		cl_json_null(j, "worst"); /* names single packets */
	}
	cl_delta_split_json(s, j);
}

/* Tables ---------------------------------------------------------------------- */

struct table_ctx {
	struct cl_session *s;
	struct cl_tables *t;
	struct cl_instants instants;
	bool any;
	uint64_t servers;
	bool odd; /* something is in the columns of MAY_NOT_OCCUR */
	const struct cl_delta_server *server;
};

const char *cl_delta_name(const struct cl_session *s, const struct cl_delta_server *v,
			  char text[CL_ADDR_STRLEN])
{
	return v->has_address ? cl_session_name(s, &v->addr, text) : "others";
}

static void quantile_cells(struct cl_tables *t, const struct cl_hist *h)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999 };

	cl_cell_count(t, h->n);
	if (h->n == 0)
		return;
	cl_cell_duration(t, h->min);
	for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
		cl_cell_duration(t, cl_hist_quantile(h, quantiles[i]));
	cl_cell_duration(t, h->max);
	cl_cell_duration(t, (int64_t)(h->sum / h->n));
}

static void table_delta(void *ctx, const struct cl_delta_server *v)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_delta_name(c->s, v, text));
	cl_cell_text(c->t, v->proto);
	quantile_cells(c->t, &v->delta);
	c->servers++;
	cl_table_row_end(c->t);
}

static void table_counts(void *ctx, const struct cl_delta_server *v)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_delta_name(c->s, v, text));
	cl_cell_text(c->t, v->proto);
	for (size_t i = 0; i < CL_DELTA_COUNTS; i++) {
		cl_cell_count(c->t, (uint64_t)v->count[i]);
		c->odd |= i >= 4 && v->count[i] != 0;
	}
	for (size_t i = 0; i < CL_DELTA_OVERS; i++)
		cl_cell_count(c->t, (uint64_t)v->over[i]);
	cl_table_row_end(c->t);
}

/* Columns of the second table from the sixth: kinds of requests and responses of which there need be none. */
#define MAY_NOT_OCCUR (((1U << 7) - 1) << 6)

static void tables_of_servers(struct table_ctx *c)
{
	static const struct cl_column deltas[] = {
		{ "Server", "server", CL_COL_TEXT }, { "", "proto", CL_COL_TEXT },
		{ "n", "n", CL_COL_COUNT },	     { "min", "min", CL_COL_DURATION },
		{ "p50", "p50", CL_COL_DURATION },   { "p90", "p90", CL_COL_DURATION },
		{ "p99", "p99", CL_COL_DURATION },   { "p99.9", "p999", CL_COL_DURATION },
		{ "max", "max", CL_COL_DURATION },   { "mean", "mean", CL_COL_DURATION },
	};
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Responses", "responses", CL_COL_COUNT },
		{ "Matched", "matched", CL_COL_COUNT },
		{ "Not answered", "unanswered", CL_COL_COUNT },
		{ "Open at end", "open_at_end", CL_COL_COUNT },
		{ "Duplicates", "duplicates", CL_COL_COUNT },
		{ "Late", "late", CL_COL_COUNT },
		{ "Backwards", "backwards", CL_COL_COUNT },
		{ "Bogus", "bogus", CL_COL_COUNT },
		{ "Guessed", "guessed", CL_COL_COUNT },
		{ "Interleaved", "interleaved", CL_COL_COUNT },
		{ "Over 1 ms", "over_0.001", CL_COL_COUNT },
		{ "Over 10 ms", "over_0.01", CL_COL_COUNT },
		{ "Over 0.1 s", "over_0.1", CL_COL_COUNT },
	};

	cl_table_begin(c->t, "Time between request and response", deltas, sizeof deltas / sizeof *deltas);
	cl_table_empty(c->t, "No requests, and no responses.");
	cl_delta_each_server(c->s, table_delta, c);
	cl_table_end(c->t);
	cl_tables_note(c->t,
		       "Quantiles within 1 %; n, min, max and mean exact; by the clock of the capture.");
	cl_table_begin(c->t, "Requests and responses", columns, sizeof columns / sizeof *columns);
	cl_table_empty(c->t, NULL);
	cl_table_sparse(c->t, MAY_NOT_OCCUR);
	cl_delta_each_server(c->s, table_counts, c);
	cl_table_end(c->t);
	if (!c->odd) {
		cl_tables_note(c->t, "None open at the end, duplicate, late, backwards, bogus, guessed or "
				     "interleaved.");
		return;
	}
	cl_tables_note(c->t, "Open at end: of the unanswered, too young to tell. Duplicates: second answers. "
			     "Late: after the timeout. Backwards: before their request. Bogus: to nothing "
			     "seen. Guessed: no stamps to go by.");
	cl_tables_note(c->t, "Of these and of interleaved ones, kinds that did not occur have no column.");
}

static void table_step(void *ctx, const struct cl_step_row *r)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_time(c->t, r->t * NS_PER_S);
	cl_cell_text(c->t, cl_delta_name(c->s, c->server, text));
	cl_cell_text(c->t, c->server->proto);
	cl_cell_count(c->t, r->requests);
	cl_cell_count(c->t, r->delta_n);
	if (r->delta_n > 0) {
		cl_cell_duration(c->t, r->p50_ns);
		cl_cell_duration(c->t, r->p99_ns);
		cl_cell_duration(c->t, r->max_ns);
	}
	cl_table_row_end(c->t);
}

static void table_series(void *ctx, const struct cl_delta_server *v)
{
	struct table_ctx *c = ctx;

	c->server = v;
	if (c->any && cl_series_each(c->s, &c->instants, v->service_id, CL_SERIES_COUNTS, table_step, c))
		cl_warn("series", "too long to list its empty steps: they are left out");
}

static void table_histogram(void *ctx, const struct cl_delta_server *v)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	for (uint32_t b = v->delta.lo; b < v->delta.hi; b++) {
		if (v->delta.bucket[b - v->delta.lo] == 0)
			continue;
		cl_cell_text(c->t, cl_delta_name(c->s, v, text));
		cl_cell_text(c->t, v->proto);
		cl_cell_duration(c->t, cl_hist_floor(b));
		cl_cell_duration(c->t, cl_hist_floor(b + 1));
		cl_cell_count(c->t, v->delta.bucket[b - v->delta.lo]);
		cl_table_row_end(c->t);
	}
}

/* Frames are numbered in their file: with one, people know which. */
static bool names_files(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_CSV || s->options->ninputs > 1;
}

static void table_worst(void *ctx, const struct worst *w)
{
	struct table_ctx *c = ctx;
	char server[CL_ADDR_STRLEN];

	cl_cell_duration(c->t, w->delta_ns);
	cl_cell_time(c->t, w->time_ns);
	cl_cell_client(c->s, c->t, &w->client, CL_ADDR_STRLEN);
	cl_cell_text(c->t, cl_session_name(c->s, &w->server, server));
	cl_cell_count(c->t, w->request_frame);
	cl_cell_count(c->t, w->response_frame);
	if (names_files(c->s)) {
		cl_cell_text(c->t, w->request_file);
		cl_cell_text(c->t, w->response_file);
	}
	cl_table_row_end(c->t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column steps[] = {
		{ "Until", "t", CL_COL_TIME },	   { "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },	   { "Requests", "requests", CL_COL_COUNT },
		{ "n", "n", CL_COL_COUNT },	   { "p50", "p50", CL_COL_DURATION },
		{ "p99", "p99", CL_COL_DURATION }, { "max", "max", CL_COL_DURATION },
	};
	static const struct cl_column buckets[] = {
		{ "Server", "server", CL_COL_TEXT }, { "", "proto", CL_COL_TEXT },
		{ "from", "ge_s", CL_COL_DURATION }, { "below", "lt_s", CL_COL_DURATION },
		{ "Count", "count", CL_COL_COUNT },
	};
	static const struct cl_column worst[] = {
		{ "Delta", "delta_s", CL_COL_DURATION },     { "Response at", "t", CL_COL_TIME },
		{ "Client", "client", CL_COL_TEXT },	     { "Server", "server", CL_COL_TEXT },
		{ "Req #", "request_frame", CL_COL_COUNT },  { "Resp #", "response_frame", CL_COL_COUNT },
		{ "Req file", "request_file", CL_COL_TEXT }, { "Resp file", "response_file", CL_COL_TEXT },
	};
	struct table_ctx c = { .s = s, .t = t };

	c.any = cl_instants_of(s, &c.instants);
	tables_of_servers(&c);
	cl_table_begin(t, "Delta beside the load", steps, sizeof steps / sizeof *steps);
	cl_view_no_steps(s, t, c.servers > 0);
	cl_delta_each_server(s, table_series, &c);
	cl_table_end(t);
	if (s->options->format == CL_FORMAT_CSV) {
		cl_table_begin(t, "Histogram", buckets, sizeof buckets / sizeof *buckets);
		cl_delta_each_server(s, table_histogram, &c);
		cl_table_end(t);
	}
	if (knows_worst(s)) {
		cl_table_begin(t, "Slowest exchanges", worst,
			       sizeof worst / sizeof *worst - (names_files(s) ? 0 : 2));
		cl_table_empty(t, NULL);
		each_worst(s, table_worst, &c);
		cl_table_end(t);
	} else {
		cl_tables_say(t, "The slowest exchanges name single packets, which this database does not "
				 "keep: ask the captures.");
	}
	cl_delta_split_tables(s, t);
}

/* Splits look at single exchanges. */
static void ask(const struct cl_options *o, struct cl_needs *needs)
{
	if (o->split != 0)
		needs->exchanges = CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_DNS);
}

static void *begin(const struct cl_session *s)
{
	return cl_deltasplit_new(s->options->split);
}

static void end(void *kept)
{
	cl_deltasplit_free(kept);
}

const struct cl_view cl_view_delta = {
	.name = "delta",
	.summary = "how long each server took to answer, beside its load, and the slowest exchanges",
	.example = "  clientele delta --names hosts monday.pcap\n"
		   "  clientele delta --split auth,inside,clock monday.pcap\n"
		   "  clientele delta --plot --svg delta.svg monday.pcap\n"
		   "  clientele delta --pairing wireshark monday.pcap\n",
	.takes = CL_OPT_SPLIT | CL_OPT_PLOT | CL_OPT_SVG,
	.needs = { .series = true },
	.ask = ask,
	.begin = begin,
	.take = cl_deltasplit_take,
	.end = end,
	.json = json,
	.tables = tables,
	.plots = cl_delta_plots
};

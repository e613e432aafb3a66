/* SPDX-License-Identifier: BSD-2-Clause */
/* clients, as tables for people and as CSV: its servers, who asks most, and the rest (clients_tables.h). */
#include <stdio.h>
#include <string.h>

#include "cli/view/clients_tables.h"

#define NS_PER_S 1000000000

void cl_clients_begin(struct cl_clients_ctx *c, const char *title, const struct cl_column *columns, size_t n)
{
	cl_table_begin(c->t, title, columns, n);
	cl_table_empty(c->t, NULL);
}

const char *cl_clients_name(struct cl_session *s, const struct cl_subject *u, char text[CL_ADDR_STRLEN])
{
	if (!u->is_server)
		return "all";
	return u->has_address ? cl_session_name(s, &u->addr, text) : "others";
}

void cl_clients_put_names(struct cl_clients_ctx *c, const struct cl_subject *u)
{
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_clients_name(c->s, u, text));
	cl_cell_text(c->t, cl_proto_names[u->proto]);
}

void cl_clients_put_sum(struct cl_clients_ctx *c, const struct cl_census_sum *sum,
			const struct cl_census_sum *of)
{
	cl_cell_count(c->t, sum->clients);
	cl_cell_share(c->t, cl_ratio(sum->clients, of->clients));
	cl_cell_count(c->t, sum->requests);
	cl_cell_share(c->t, cl_ratio(sum->requests, of->requests));
}

void cl_clients_put_code(struct cl_clients_ctx *c, uint64_t n, uint64_t of)
{
	if (of > 0)
		cl_cell_count(c->t, n);
	else
		cl_cell_null(c->t);
}

/* Servers ---------------------------------------------------------------------- */

static void put_subject(struct cl_clients_ctx *c, const struct cl_subject *u)
{
	cl_clients_put_names(c, u);
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

static void put_subjects(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Clients", "total", CL_COL_COUNT },
		{ "IPv4", "ipv4", CL_COL_COUNT },	  { "IPv6", "ipv6", CL_COL_COUNT },
		{ "/24", "v4_24", CL_COL_COUNT },	  { "/64", "v6_64", CL_COL_COUNT },
		{ "/48", "v6_48", CL_COL_COUNT },	  { "", "approximate", CL_COL_TEXT },
	};

	cl_clients_begin(c, "Unique clients", columns, COLUMNS(columns) - !c->worst.any);
	cl_table_empty(c->t, "No requests: nobody is a client.");
	for (size_t i = 0; i < c->v->count; i++)
		put_subject(c, &c->v->subject[i]);
	cl_table_end(c->t);
	for (size_t i = c->v->servers; i < c->v->count; i++)
		cl_approx_note(c->t, c->v->subject[i].proto == CL_PROTO_NTP ? "of NTP" : "of DNS",
			       &c->v->subject[i].approx);
}

static void put_once(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Asked once", "one_shot", CL_COL_COUNT },
		{ "Share", "one_shot_share", CL_COL_SHARE },
		{ "123 or 53", "port_same", CL_COL_COUNT },
		{ "Other below 1024", "port_below_1024", CL_COL_COUNT },
		{ "1024 and above", "port_from_1024", CL_COL_COUNT },
	};

	cl_clients_begin(c, "Clients that asked once, and requests by their source port", columns,
			 COLUMNS(columns));
	for (size_t i = 0; i < c->v->count; i++) {
		const struct cl_subject *u = &c->v->subject[i];

		cl_clients_put_names(c, u);
		cl_cell_count(c->t, u->one_shot);
		cl_cell_share(c->t, cl_ratio(u->one_shot, u->clients.ipv4 + u->clients.ipv6));
		cl_clients_put_code(c, u->codes.port[CL_PORT_SAME], u->codes.ports);
		cl_clients_put_code(c, u->codes.port[CL_PORT_LOW], u->codes.ports);
		cl_clients_put_code(c, u->codes.port[CL_PORT_HIGH], u->codes.ports);
		cl_table_row_end(c->t);
	}
	cl_table_end(c->t);
}

/* Who asks most ------------------------------------------------------------------ */

/* A name that several programs make long is cut for people. */
static void put_software(struct cl_clients_ctx *c, const char *name)
{
	char text[25];

	snprintf(text, sizeof text, "%s", name != NULL ? name : "");
	if (c->people && name != NULL && strlen(name) >= sizeof text)
		memcpy(text + sizeof text - sizeof "...", "...", sizeof "...");
	cl_cell_text(c->t, c->people && name != NULL ? text : name);
}

static void put_talker(void *ctx, const struct cl_clients_talker *t)
{
	struct cl_clients_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &t->addr, text));
	cl_cell_text(c->t, t->label);
	cl_cell_count(c->t, t->requests);
	cl_cell_share(c->t, t->share);
	if (!c->people) {
		cl_cell_time(c->t, t->first_ns);
		cl_cell_time(c->t, t->last_ns);
	}
	if (t->gap_ns >= 0)
		cl_cell_duration(c->t, t->gap_ns);
	else
		cl_cell_null(c->t);
	cl_cell_share(c->t, t->cumulative);
	cl_cell_number(c->t, t->rate);
	put_software(c, t->software);
	cl_table_row_end(c->t);
}

static void put_talker_times(void *ctx, const struct cl_clients_talker *t)
{
	struct cl_clients_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &t->addr, text));
	cl_cell_time(c->t, t->first_ns / NS_PER_S * NS_PER_S); /* whole seconds: a table for people */
	cl_cell_time(c->t, t->last_ns / NS_PER_S * NS_PER_S);
	cl_table_row_end(c->t);
}

/* People get the times in a table of their own: a line has 100 columns. */
static void put_talkers(struct cl_clients_ctx *c)
{
	static const struct cl_column people[] = { { "Client", "client", CL_COL_TEXT },
						   { "Label", "label", CL_COL_TEXT },
						   { "Requests", "requests", CL_COL_COUNT },
						   { "Share", "share", CL_COL_SHARE },
						   { "Interval", "interval_s", CL_COL_DURATION },
						   { "Cumulative", "cumulative_share", CL_COL_SHARE },
						   { "Per second", "rate", CL_COL_NUMBER },
						   { "Software", "software", CL_COL_TEXT } },
				      csv[] = { { "Client", "client", CL_COL_TEXT },
						{ "Label", "label", CL_COL_TEXT },
						{ "Requests", "requests", CL_COL_COUNT },
						{ "Share", "share", CL_COL_SHARE },
						{ "First", "first", CL_COL_TIME },
						{ "Last", "last", CL_COL_TIME },
						{ "Interval", "interval_s", CL_COL_DURATION },
						{ "Cumulative", "cumulative_share", CL_COL_SHARE },
						{ "Per second", "rate", CL_COL_NUMBER },
						{ "Software", "software", CL_COL_TEXT } },
				      times[] = { { "Client", "client", CL_COL_TEXT },
						  { "First", "first", CL_COL_TIME },
						  { "Last", "last", CL_COL_TIME } };

	cl_clients_begin(c, "Clients that ask most", c->people ? people : csv,
			 c->people ? COLUMNS(people) : COLUMNS(csv));
	cl_table_sparse(c->t, c->people ? 1U << 1 | 1U << 7 : 0);
	cl_clients_each_talker(c->v, put_talker, c);
	cl_table_end(c->t);
	if (c->worst.any)
		cl_tables_note(c->t, "Of the clients that found room within --max-memory: one that came late "
				     "may be missing.");
	if (c->s->options->software && c->s->kept == NULL)
		cl_tables_note(c->t,
			       "Software is told by single messages, which this database does not keep.");
	if (!cl_clients_keeps_requests(c->s))
		cl_tables_note(
			c->t,
			"Interval: the median gap needs requests one by one (read --keep transactions).");
	if (!c->people)
		return;
	cl_clients_begin(c, "When they asked", times, COLUMNS(times));
	cl_clients_each_talker(c->v, put_talker_times, c);
	cl_table_end(c->t);
}

static void put_tables(struct cl_clients_ctx *c)
{
	put_subjects(c);
	put_once(c);
	cl_clients_put_steps(c);
	cl_clients_put_who(c);
	put_talkers(c);
}

void cl_clients_tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_clients_view v;
	struct cl_clients_ctx c = {
		.v = &v, .s = s, .t = t, .people = s->options->format == CL_FORMAT_TABLE
	};

	if (cl_clients_open(&v, s)) {
		for (size_t i = 0; i < v.count; i++)
			if (v.subject[i].approx.any)
				c.worst = v.subject[i].approx;
		cl_series_open(&c.series, s, &v.instants, CL_SERIES_CLIENTS);
		c.several = c.series.clients != NULL && cl_window_union_sources(c.series.clients) > 1;
		put_tables(&c);
		cl_series_close(&c.series);
	}
	cl_clients_close(&v);
}

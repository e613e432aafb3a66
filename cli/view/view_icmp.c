/* SPDX-License-Identifier: BSD-2-Clause */
/* icmp: what came back as errors, from whom, about whose responses. */
#include "cli/view/icmp_view.h"

#define NS_PER_S 1000000000

/* JSON ------------------------------------------------------------------------ */

struct json_ctx {
	struct cl_session *s;
	struct cl_json *j;
	const struct cl_icmp_both *all;
};

static void json_figures(struct cl_json *j, const struct cl_icmp_figures *f, bool of_all)
{
	cl_json_u64(j, "requests", f->requests);
	cl_json_u64(j, "clients", f->clients);
	cl_json_u64(j, "errors", f->errors);
	cl_json_u64(j, "senders", f->senders);
	cl_json_u64(j, "affected_clients", f->affected);
	cl_json_double(j, "affected_share", cl_icmp_share(f->affected, f->clients));
	cl_json_double(j, "sender_share", cl_icmp_share(f->senders, f->clients));
	if (of_all && f->unmatched_known)
		cl_json_u64(j, "unmatched", f->unmatched);
	else if (of_all)
		cl_json_null(j, "unmatched");
	cl_json_u64(j, "about_responses", f->responses);
	cl_json_u64(j, "from_client", f->from_client);
	cl_json_u64(j, "from_server", f->from_server);
	cl_json_u64(j, "from_router", cl_icmp_from_router(f->errors, f->from_client, f->from_server));
}

static void json_families(struct cl_json *j, const char *key, const struct cl_icmp_both *b, bool of_all)
{
	cl_json_object(j, key);
	for (size_t i = 0; i < 2; i++) {
		cl_json_object(j, cl_icmp_family(cl_icmp_families[i]));
		json_figures(j, &b->family[i], of_all);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_kind(void *ctx, const struct cl_icmp_kind *row)
{
	struct json_ctx *c = ctx;
	const struct cl_icmp_figures *of = &c->all->family[row->family == 4];
	char text[CL_ADDR_STRLEN + 4];

	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "family", cl_icmp_family(row->family));
	cl_json_u64(c->j, "type", row->type);
	cl_json_u64(c->j, "code", row->code);
	cl_json_str(c->j, "name", cl_icmp_kind_name(row->family, row->type, row->code, text));
	cl_json_u64(c->j, "errors", row->errors);
	cl_json_double(c->j, "share", cl_icmp_share(row->errors, of->errors));
	cl_json_u64(c->j, "senders", row->senders);
	cl_json_u64(c->j, "affected_clients", row->affected);
	cl_json_double(c->j, "affected_share", cl_icmp_share(row->affected, of->clients));
	cl_json_u64(c->j, "from_client", row->from_client);
	cl_json_u64(c->j, "from_server", row->from_server);
	cl_json_u64(c->j, "from_router",
		    cl_icmp_from_router(row->errors, row->from_client, row->from_server));
	if (row->top_sender_errors > 0)
		cl_addr_format(&row->top_sender, text);
	cl_json_str(c->j, "top_sender", row->top_sender_errors > 0 ? text : NULL);
	cl_json_u64(c->j, "top_sender_errors", row->top_sender_errors);
	cl_json_str(c->j, "top_network",
		    row->top_network_errors > 0 ? cl_icmp_network(&row->top_network, text) : NULL);
	cl_json_u64(c->j, "top_network_errors", row->top_network_errors);
	cl_json_u64(c->j, "top_network_clients", row->top_network_clients);
	cl_icmp_quotes_kind_json(
		c->j,
		c->s->kept != NULL ? cl_icmpquote_kind(c->s->kept, row->family, row->type, row->code) : NULL,
		c->s->kept != NULL);
	cl_json_end(c->j);
}

static void json_meaning(void *ctx, const struct cl_icmp_meaning_row *row)
{
	struct json_ctx *c = ctx;

	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "meaning", row->name);
	for (size_t i = 0; i < 2; i++) {
		cl_json_object(c->j, cl_icmp_family(cl_icmp_families[i]));
		cl_json_u64(c->j, "errors", row->errors[i]);
		cl_json_u64(c->j, "senders", row->senders[i]);
		cl_json_u64(c->j, "affected_clients", row->affected[i]);
		cl_json_double(c->j, "affected_share",
			       cl_icmp_share(row->affected[i], c->all->family[i].clients));
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
}

static void json_hour(void *ctx, const struct cl_icmp_hour *h)
{
	struct json_ctx *c = ctx;

	cl_json_object(c->j, NULL);
	cl_json_time(c->j, "t", h->t_s * NS_PER_S);
	for (size_t i = 0; i < 2; i++) {
		cl_json_object(c->j, cl_icmp_family(cl_icmp_families[i]));
		cl_json_u64(c->j, "requests", h->requests[i]);
		cl_json_u64(c->j, "errors", h->errors[i]);
		cl_json_double(c->j, "share", cl_icmp_share(h->errors[i], h->requests[i]));
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
}

static bool is_there(const struct cl_icmp_both *b)
{
	return b->sum.requests + b->sum.errors > 0;
}

static const char *const protos[] = { "ntp", "dns" };

static void json(struct cl_session *s, struct cl_json *j)
{
	bool has_steps = cl_icmp_prepare(s);
	struct cl_icmp_both all = cl_icmp_both_of(s, NULL, NULL);
	struct json_ctx c = { s, j, &all };

	json_figures(j, &all.sum, true);
	json_families(j, "families", &all, true);
	cl_json_object(j, "protocols");
	for (size_t i = 0; i < 2; i++) {
		struct cl_icmp_both of = cl_icmp_both_of(s, protos[i], NULL);

		if (is_there(&of))
			json_families(j, protos[i], &of, false);
	}
	cl_json_end(j);
	cl_json_array(j, "types");
	cl_icmp_each_kind(s, json_kind, &c);
	cl_json_end(j);
	cl_json_array(j, "meanings");
	cl_icmp_each_meaning(s, json_meaning, &c);
	cl_json_end(j);
	if (has_steps) {
		cl_json_array(j, "series");
		cl_icmp_each_hour(s, json_hour, &c);
		cl_json_end(j);
	} else {
		cl_json_null(j, "series");
	}
	cl_icmp_quotes_json(s, j);
}

/* Tables ---------------------------------------------------------------------- */

struct table_ctx {
	struct cl_session *s;
	struct cl_tables *t;
	const struct cl_icmp_both *all;
};

static void table_figures(struct cl_tables *t, const char *name, const struct cl_icmp_figures *f)
{
	cl_cell_text(t, name);
	cl_cell_count(t, f->requests);
	cl_cell_count(t, f->clients);
	cl_cell_count(t, f->errors);
	cl_cell_count(t, f->senders);
	cl_cell_share(t, cl_icmp_share(f->senders, f->clients));
	cl_cell_count(t, f->affected);
	cl_cell_share(t, cl_icmp_share(f->affected, f->clients));
	if (f->unmatched_known)
		cl_cell_count(t, f->unmatched);
	else
		cl_cell_null(t);
	cl_table_row_end(t);
}

static void table_both(struct cl_tables *t, const char *title, const struct cl_icmp_both *b)
{
	static const struct cl_column columns[] = {
		{ "", "family", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
		{ "Clients", "clients", CL_COL_COUNT },
		{ "Errors", "errors", CL_COL_COUNT },
		{ "Senders", "senders", CL_COL_COUNT },
		{ "Senders / clients", "sender_share", CL_COL_SHARE },
		{ "Affected clients", "affected_clients", CL_COL_COUNT },
		{ "Affected / clients", "affected_share", CL_COL_SHARE },
		{ "Unmatched", "unmatched", CL_COL_COUNT },
	};

	cl_table_begin(t, title, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < 2; i++)
		table_figures(t, cl_icmp_families[i] == 4 ? "IPv4" : "IPv6", &b->family[i]);
	table_figures(t, "both", &b->sum);
	cl_table_end(t);
}

static void table_meaning(void *ctx, const struct cl_icmp_meaning_row *row)
{
	const struct table_ctx *c = ctx;

	cl_cell_text(c->t, row->name);
	for (size_t i = 0; i < 2; i++) {
		cl_cell_count(c->t, row->errors[i]);
		cl_cell_count(c->t, row->senders[i]);
		cl_cell_count(c->t, row->affected[i]);
		cl_cell_share(c->t, cl_icmp_share(row->affected[i], c->all->family[i].clients));
	}
	cl_table_row_end(c->t);
}

static void table_kind(void *ctx, const struct cl_icmp_kind *row)
{
	const struct table_ctx *c = ctx;
	const struct cl_icmp_figures *of = &c->all->family[row->family == 4];
	char text[32];

	cl_cell_text(c->t, cl_icmp_kind_number(row->family, row->type, row->code, text));
	cl_cell_text(c->t, cl_icmp_kind_name(row->family, row->type, row->code, text));
	cl_cell_count(c->t, row->errors);
	cl_cell_share(c->t, cl_icmp_share(row->errors, of->errors));
	cl_cell_count(c->t, row->senders);
	cl_cell_count(c->t, row->affected);
	cl_table_row_end(c->t);
}

static void table_from(void *ctx, const struct cl_icmp_kind *row)
{
	const struct table_ctx *c = ctx;
	const struct cl_icmp_figures *of = &c->all->family[row->family == 4];
	char text[CL_ADDR_STRLEN + 4];

	cl_cell_text(c->t, cl_icmp_kind_number(row->family, row->type, row->code, text));
	cl_cell_share(c->t, cl_icmp_share(row->affected, of->clients));
	cl_cell_count(c->t, row->from_client);
	cl_cell_count(c->t, cl_icmp_from_router(row->errors, row->from_client, row->from_server));
	cl_cell_count(c->t, row->from_server);
	if (row->top_network_errors > 0) {
		cl_cell_text(c->t, cl_icmp_network(&row->top_network, text));
		cl_cell_count(c->t, row->top_network_errors);
		cl_cell_count(c->t, row->top_network_clients);
	}
	cl_table_row_end(c->t);
}

static void table_top_sender(void *ctx, const struct cl_icmp_kind *row)
{
	const struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN + 4];

	if (row->top_sender_errors == 0)
		return;
	cl_cell_text(c->t, cl_icmp_kind_number(row->family, row->type, row->code, text));
	cl_cell_text(c->t, cl_session_name(c->s, &row->top_sender, text));
	cl_cell_count(c->t, row->top_sender_errors);
	cl_cell_share(c->t, cl_icmp_share(row->top_sender_errors, row->errors));
	cl_table_row_end(c->t);
}

static void table_hour(void *ctx, const struct cl_icmp_hour *h)
{
	const struct table_ctx *c = ctx;

	cl_cell_time(c->t, h->t_s * NS_PER_S);
	for (size_t i = 0; i < 2; i++) {
		cl_cell_count(c->t, h->requests[i]);
		cl_cell_count(c->t, h->errors[i]);
		cl_cell_share(c->t, cl_icmp_share(h->errors[i], h->requests[i]));
	}
	cl_table_row_end(c->t);
}

static void tables_of_types(struct table_ctx *c)
{
	static const struct cl_column meaning_columns[] = {
		{ "", "meaning", CL_COL_TEXT },
		{ "v6 errors", "ipv6_errors", CL_COL_COUNT },
		{ "v6 senders", "ipv6_senders", CL_COL_COUNT },
		{ "v6 affected", "ipv6_affected_clients", CL_COL_COUNT },
		{ "of v6 clients", "ipv6_affected_share", CL_COL_SHARE },
		{ "v4 errors", "ipv4_errors", CL_COL_COUNT },
		{ "v4 senders", "ipv4_senders", CL_COL_COUNT },
		{ "v4 affected", "ipv4_affected_clients", CL_COL_COUNT },
		{ "of v4 clients", "ipv4_affected_share", CL_COL_SHARE },
	};
	static const struct cl_column kind_columns[] = {
		{ "Type", "type", CL_COL_TEXT },	{ "", "name", CL_COL_TEXT },
		{ "Errors", "errors", CL_COL_COUNT },	{ "Share", "share", CL_COL_SHARE },
		{ "Senders", "senders", CL_COL_COUNT }, { "Affected", "affected_clients", CL_COL_COUNT },
	};
	static const struct cl_column from_columns[] = {
		{ "Type", "type", CL_COL_TEXT },
		{ "Affected / clients", "affected_share", CL_COL_SHARE },
		{ "By client", "from_client", CL_COL_COUNT },
		{ "By router", "from_router", CL_COL_COUNT },
		{ "By server", "from_server", CL_COL_COUNT },
		{ "Top network", "top_network", CL_COL_TEXT },
		{ "Errors", "top_network_errors", CL_COL_COUNT },
		{ "Clients", "top_network_clients", CL_COL_COUNT },
	};
	static const struct cl_column sender_columns[] = {
		{ "Type", "type", CL_COL_TEXT },
		{ "Top sender", "top_sender", CL_COL_TEXT },
		{ "Errors", "top_sender_errors", CL_COL_COUNT },
		{ "Share", "top_sender_share", CL_COL_SHARE },
	};

	cl_table_begin(c->t, "What came back, IPv6 beside IPv4", meaning_columns,
		       sizeof meaning_columns / sizeof *meaning_columns);
	cl_icmp_each_meaning(c->s, table_meaning, c);
	cl_table_end(c->t);
	cl_table_begin(c->t, "By type and code", kind_columns, sizeof kind_columns / sizeof *kind_columns);
	cl_icmp_each_kind(c->s, table_kind, c);
	cl_table_end(c->t);
	cl_table_begin(c->t, "Who sent them, about whom", from_columns,
		       sizeof from_columns / sizeof *from_columns);
	cl_icmp_each_kind(c->s, table_from, c);
	cl_table_end(c->t);
	cl_tables_note(c->t, "By client: the client's own address sent it; router: another address, which "
			     "may be a firewall.");
	cl_table_begin(c->t, "Top senders", sender_columns, sizeof sender_columns / sizeof *sender_columns);
	cl_icmp_each_kind(c->s, table_top_sender, c);
	cl_table_end(c->t);
}

static void table_hours(struct table_ctx *c, bool has_steps)
{
	static const struct cl_column columns[] = {
		{ "Until", "t", CL_COL_TIME },
		{ "v6 requests", "ipv6_requests", CL_COL_COUNT },
		{ "v6 errors", "ipv6_errors", CL_COL_COUNT },
		{ "of v6 requests", "ipv6_share", CL_COL_SHARE },
		{ "v4 requests", "ipv4_requests", CL_COL_COUNT },
		{ "v4 errors", "ipv4_errors", CL_COL_COUNT },
		{ "of v4 requests", "ipv4_share", CL_COL_SHARE },
	};

	if (!has_steps) {
		cl_tables_say(c->t,
			      "This database was written before errors were counted by step: no hours.");
		return;
	}
	cl_table_begin(c->t, "By hour", columns, sizeof columns / sizeof *columns);
	cl_icmp_each_hour(c->s, table_hour, c);
	cl_table_end(c->t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	bool has_steps = cl_icmp_prepare(s);
	struct cl_icmp_both all = cl_icmp_both_of(s, NULL, NULL), of[2];
	struct table_ctx c = { s, t, &all };

	for (size_t i = 0; i < 2; i++)
		of[i] = cl_icmp_both_of(s, protos[i], NULL);
	table_both(t, "ICMP errors about NTP and DNS", &all);
	if (all.sum.errors == 0 && s->options->format != CL_FORMAT_CSV) {
		cl_tables_note(t, "No ICMP error quotes NTP or DNS.");
		return;
	}
	cl_tables_note(t, "Affected: clients to which the quoted responses were going. Unmatched: quotes of "
			  "no response seen.");
	if (s->options->format == CL_FORMAT_CSV || (is_there(&of[0]) && is_there(&of[1]))) {
		table_both(t, "About NTP", &of[0]);
		table_both(t, "About DNS", &of[1]);
	}
	tables_of_types(&c);
	table_hours(&c, has_steps);
	cl_icmp_quotes_tables(s, t);
}

const struct cl_view cl_view_icmp = {
	.name = "icmp",
	.summary = "ICMP errors about NTP and DNS: types, senders, affected clients, what they quote",
	.example = "  clientele icmp monday.pcap\n"
		   "  clientele icmp --top 20 --format json monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .series = true,
		   .clients = true,
		   .exchanges = CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_DNS) | CL_X_BIT(CL_X_CONTROL) |
				CL_X_BIT(CL_X_ICMP) },
	.begin = cl_icmp_quotes_begin,
	.take = cl_icmpquote_take,
	.end = cl_icmp_quotes_end,
	.json = json,
	.tables = tables
};

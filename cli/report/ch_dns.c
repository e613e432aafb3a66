/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS: types, codes, transport, EDNS. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"
#include "cli/view/summary.h"
#include "dissect/dns/codes.h"

static const struct cl_column type_columns[] = {
	{ "Query type", "qtype", CL_COL_TEXT },
	{ "Queries", "queries", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
};
static const struct cl_column code_columns[] = {
	{ "Response code", "rcode", CL_COL_TEXT },
	{ "Responses", "responses", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
};

static struct cl_doc_table *table_codes(struct cl_report *r, const char *kind, const char *key,
					const char *title, const struct cl_column *columns)
{
	struct cl_doc_table *t = cl_doc_table(r->d, key, title, columns, 3, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT code, n, sum(n) OVER () FROM (SELECT code, sum(c.n) AS n FROM dates CROSS JOIN "
		"day_code AS c ON c.source_id = dates.source_id AND c.day = dates.day JOIN total "
		"USING(service_id) WHERE c.kind = ?2 GROUP BY code) ORDER BY n DESC, code");
	char text[24];

	cl_query_bind_text(q, 2, kind);
	while (cl_query_row(q)) {
		cl_doc_text(t, cl_summary_code_name(kind, (uint32_t)cl_query_i64(q, 0), text));
		cl_doc_count(t, cl_query_u64(q, 1));
		cl_report_share(t, q, 1, 2);
	}
	cl_query_free(q);
	return t;
}

static void plot_codes(struct cl_report *r, const struct cl_doc_table *t, const char *title, const char *what)
{
	struct cl_doc_plot *p = cl_doc_plot(
		r->d, t, &(struct cl_doc_plot_of){ .title = title, .x = 0, .where = -1, .most = 16 });

	cl_doc_panel(p, what, CL_UNIT_SHARE, false);
	cl_doc_series(p, what, CL_SHAPE_BAR, 2, CL_FOLD_SUM);
}

static void list_queries(struct cl_report *r, const struct cl_report_subject *all)
{
	struct cl_doc_table *t = cl_doc_list(r->d, "queries", "Queries and responses");
	uint64_t queries = (uint64_t)all->n[CL_C_REQUESTS], tcp = (uint64_t)all->n[CL_C_TCP_REQUESTS],
		 udp_responses =
			 (uint64_t)cl_summary_count(all->n[CL_C_RESPONSES] - all->n[CL_C_TCP_RESPONSES]);
	static const struct {
		const char *label, *key, *share_label, *share_key;
		enum cl_counter counter;
	} lines[] = {
		{ "queries with EDNS", "edns", "  share", "edns_share", CL_C_EDNS },
		{ "queries with DO", "do", "  share", "do_share", CL_C_DNSSEC_OK },
		{ "queries with a client subnet", "ecs", "  share", "ecs_share", CL_C_ECS },
		{ "queries with a cookie", "cookie", "  share", "cookie_share", CL_C_COOKIE },
	};

	cl_doc_item_count(t, "queries", "queries", queries);
	cl_doc_item_count(t, "  over UDP", "udp_queries", queries > tcp ? queries - tcp : 0);
	cl_doc_item_count(t, "  over TCP", "tcp_queries", tcp);
	cl_doc_item_share(t, "  share over TCP", "tcp_share", cl_report_part((double)tcp, (double)queries));
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		cl_doc_item_count(t, lines[i].label, lines[i].key, (uint64_t)all->n[lines[i].counter]);
		cl_doc_item_share(t, lines[i].share_label, lines[i].share_key,
				  cl_report_part((double)all->n[lines[i].counter], (double)queries));
	}
	cl_doc_item_count(t, "responses over UDP", "udp_responses", udp_responses);
	cl_doc_item_count(t, "  truncated", "truncated", (uint64_t)all->n[CL_C_TRUNCATED]);
	cl_doc_item_share(t, "  share truncated", "truncated_share",
			  cl_report_part((double)all->n[CL_C_TRUNCATED], (double)udp_responses));
}

/* Transport by day ---------------------------------------------------------------- */

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Queries", "queries", CL_COL_COUNT },
	{ "UDP", "udp", CL_COL_COUNT },
	{ "TCP", "tcp", CL_COL_COUNT },
	{ "EDNS share", "edns_share", CL_COL_SHARE },
	{ "DO share", "do_share", CL_COL_SHARE },
	{ "Truncated", "truncated", CL_COL_COUNT },
};

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "days", "Transport and EDNS by day", day_columns, 8, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT sum(requests), sum(tcp_requests), sum(edns), sum(dnssec_ok), sum(truncated) FROM "
		"day JOIN total USING(service_id) WHERE proto = 'dns' AND day = ?2");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, r->o->day_from + (int64_t)i);
		cl_report_day_cells(r, t, i);
		if (cl_query_row(q) && (!cl_query_null(q, 0) || r->day[i].captured != CL_REPORT_NONE)) {
			uint64_t queries = cl_query_u64(q, 0), tcp = cl_query_u64(q, 1);

			cl_doc_count(t, queries);
			cl_doc_count(t, queries > tcp ? queries - tcp : 0);
			cl_doc_count(t, tcp);
			cl_doc_share(t, cl_report_part((double)cl_query_i64(q, 2), (double)queries));
			cl_doc_share(t, cl_report_part((double)cl_query_i64(q, 3), (double)queries));
			cl_doc_count(t, cl_query_u64(q, 4));
		} else {
			for (int k = 0; k < 6; k++)
				cl_doc_null(t);
		}
		cl_query_again(q);
	}
	cl_query_free(q);
	if (r->days < 2)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "DNS: transport and EDNS", NULL);
	cl_doc_panel(p, "queries a day", CL_UNIT_NUMBER, false);
	cl_doc_series(p, "UDP", CL_SHAPE_STACK, 3, CL_FOLD_MEAN);
	cl_doc_series(p, "TCP", CL_SHAPE_STACK, 4, CL_FOLD_MEAN);
	cl_doc_panel(p, "share of queries", CL_UNIT_SHARE, false);
	cl_doc_series(p, "EDNS", CL_SHAPE_LINE, 5, CL_FOLD_MEAN);
	cl_doc_series(p, "DO", CL_SHAPE_LINE, 6, CL_FOLD_MEAN);
}

/* Sizes --------------------------------------------------------------------------- */

static const struct cl_column size_columns[] = {
	{ "Message", "kind", CL_COL_TEXT },
	{ "Octets", "octets", CL_COL_TEXT },
	{ "Messages", "messages", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
};

/* Of a kind: messages by powers of two of their octets; 4096 and more lie together. */
static void size_rows(struct cl_report *r, struct cl_doc_table *t, const char *kind)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT CASE WHEN bin < 4 THEN 0 WHEN bin < 8 THEN 64 "
						       "WHEN bin < 16 THEN 128 WHEN bin < 32 THEN 256 "
						       "WHEN bin < 64 THEN 512 WHEN bin < 77 THEN 1024 WHEN "
						       "bin < 128 THEN 1232 WHEN bin < 256 THEN 2048 "
						       "ELSE 4096 END AS low, CASE WHEN bin < 4 THEN 63 WHEN "
						       "bin < 8 THEN 127 WHEN bin < 16 THEN 255 WHEN bin "
						       "< 32 THEN 511 WHEN bin < 64 THEN 1023 WHEN bin < 77 "
						       "THEN 1231 WHEN bin < 128 THEN 2047 WHEN bin < "
						       "256 THEN 4095 END AS high, sum(n), (sum(sum(n)) OVER "
						       "()) FROM dates CROSS JOIN day_size AS d ON "
						       "d.source_id = dates.source_id AND d.day = dates.day "
						       "JOIN total USING(service_id) WHERE proto = 'dns' "
						       "AND d.kind = ?2 GROUP BY low ORDER BY low");
	char text[48];

	cl_query_bind_text(q, 2, kind);
	while (cl_query_row(q)) {
		if (cl_query_null(q, 1))
			snprintf(text, sizeof text, "%lld and more", (long long)cl_query_i64(q, 0));
		else
			snprintf(text, sizeof text, "%lld to %lld", (long long)cl_query_i64(q, 0),
				 (long long)cl_query_i64(q, 1));
		cl_doc_text(t, kind);
		cl_doc_text(t, text);
		cl_doc_count(t, cl_query_u64(q, 2));
		cl_report_share(t, q, 2, 3);
	}
	cl_query_free(q);
}

static void table_sizes(struct cl_report *r)
{
	static const char *const kinds[] = { "udp query", "udp response", "tcp query", "tcp response" };
	struct cl_doc_table *t =
		cl_doc_table(r->d, "sizes", "Octets of messages", size_columns, 4, CL_DOC_SHOWN);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		size_rows(r, t, kinds[i]);
	if (cl_doc_rows(t) == 0) {
		cl_doc_say(r->d, "Octets of messages: not counted in this database on these days.");
		return;
	}
	cl_doc_say(
		r->d,
		"Of DNS messages without headers of lower layers, put together from fragments and segments.");
	struct cl_doc_plot *p = cl_doc_plot(
		r->d, t,
		&(struct cl_doc_plot_of){
			.title = "DNS: octets of UDP responses", .x = 1, .where = 0, .is = "udp response" });
	cl_doc_panel(p, "share of UDP responses", CL_UNIT_SHARE, false);
	cl_doc_series(p, "responses", CL_SHAPE_BAR, 3, CL_FOLD_SUM);
}

/* Response codes of each type ---------------------------------------------------- */

static const struct cl_column answer_columns[] = {
	{ "Query type", "qtype", CL_COL_TEXT },
	{ "Response code", "rcode", CL_COL_TEXT },
	{ "Responses", "responses", CL_COL_COUNT },
	{ "Share of the type's", "share", CL_COL_SHARE },
};

/* A code's name, or what day_qtype_rcode says with a number below 0. */
static const char *answer_name(const char *kind, int64_t code, char text[24])
{
	if (code < 0)
		return code == -1 ? "no question" : "others";
	return cl_summary_code_name(kind, (uint32_t)code, text);
}

static void table_answers(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "qtype_rcodes", "Response codes by query type",
					      answer_columns, 4, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT qtype, rcode, n, sum(n) OVER (PARTITION BY qtype) AS of_type FROM (SELECT qtype, "
		"rcode, sum(c.n) AS n FROM dates CROSS JOIN day_qtype_rcode AS c ON c.source_id = "
		"dates.source_id AND c.day = dates.day JOIN total USING(service_id) GROUP BY qtype, rcode) "
		"ORDER BY of_type DESC, qtype, n DESC, rcode");

	while (cl_query_row(q)) {
		char text[24];

		cl_doc_text(t, answer_name("qtype", cl_query_i64(q, 0), text));
		cl_doc_text(t, answer_name("rcode", cl_query_i64(q, 1), text));
		cl_doc_count(t, cl_query_u64(q, 2));
		cl_report_share(t, q, 2, 3);
	}
	cl_query_free(q);
	if (cl_doc_rows(t) == 0)
		cl_doc_say(r->d,
			   "Response codes by query type: not counted in this database on these days, or no "
			   "response was seen.");
}

void cl_report_dns(struct cl_report *r)
{
	const struct cl_report_subject *all = cl_report_all(r, CL_PROTO_DNS);

	if (all == NULL)
		return;
	cl_doc_chapter(r->d, "dns", "DNS");
	list_queries(r, all);
	table_days(r);
	struct cl_doc_table *t = table_codes(r, "qtype", "qtypes", "Query types", type_columns);
	plot_codes(r, t, "DNS query types", "share of queries");
	t = table_codes(r, "rcode", "rcodes", "Response codes", code_columns);
	plot_codes(r, t, "DNS response codes", "share of responses");
	table_answers(r);
	table_sizes(r);
}

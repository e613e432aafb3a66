/* SPDX-License-Identifier: BSD-2-Clause */
/* Software of NTP clients, of databases that are read with --keep software. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"
#include "stats/view/signatures.h"

/* Rows of the days together, and of each day; what is less frequent is summed up. */
#define SOFTWARE_MOST	  40
#define SOFTWARE_DAY_MOST 8

/* Over sources and, without `key`, days: a client is what most of its requests were found to be, and its
 * requests are what they were found to be. */
#define FOUND(key)                                                                                           \
	"WITH found AS (SELECT " key "addr, software_id, name, kind, sum(requests) AS n FROM dates CROSS "   \
	"JOIN client_software_day USING(source_id, day) JOIN software USING(software_id) GROUP BY " key      \
	"addr, software_id), placed AS (SELECT " key "software_id, name, kind, n, row_number() OVER "        \
	"(PARTITION BY " key "addr ORDER BY n DESC, name, kind) AS place FROM found) SELECT " key            \
	"software_id, name, kind, sum(place = 1) AS clients, sum(n) AS requests FROM placed GROUP BY " key   \
	"software_id"

/* Of one source each client of a day has one row. */
#define FOUND_BY_DAY_ONE                                                                                     \
	"SELECT day, software_id, name, kind, clients, requests FROM (SELECT day, software_id, count(*) AS " \
	"clients, sum(requests) AS requests FROM dates CROSS JOIN client_software_day USING(source_id, "     \
	"day) GROUP BY day, software_id) JOIN software USING(software_id)"

static void make_tables(struct cl_report *r)
{
	cl_report_sql(r, r->sources == 1 ? "CREATE TEMP TABLE software_by_day AS " FOUND_BY_DAY_ONE
					 : "CREATE TEMP TABLE software_by_day AS " FOUND("day, "));
	cl_report_sql(
		r, "CREATE TEMP TABLE software_of_all AS SELECT *, row_number() OVER (ORDER BY clients DESC, "
		   "requests DESC, name, kind) AS rank FROM (" FOUND("") ")");
}

/* The time together ----------------------------------------------------------- */

static const struct cl_column software_columns[] = {
	{ "Software", "software", CL_COL_TEXT },  { "Kind", "kind", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },	  { "Share", "share", CL_COL_SHARE },
	{ "Requests", "requests", CL_COL_COUNT }, { "Share", "requests_share", CL_COL_SHARE },
};

static void table_all(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "software", "Client software", software_columns, 6, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT CASE WHEN rank <= ?2 THEN name ELSE 'others' END, CASE WHEN rank <= ?2 THEN kind "
		"END, sum(clients), sum(sum(clients)) OVER (), sum(requests), sum(sum(requests)) OVER () "
		"FROM software_of_all GROUP BY min(rank, ?2 + 1) ORDER BY min(rank, ?2 + 1)");

	cl_query_bind_i64(q, 2, SOFTWARE_MOST);
	while (cl_query_row(q)) {
		cl_doc_text(t, cl_query_text(q, 0));
		cl_doc_text(t, cl_query_text(q, 1));
		for (int i = 2; i <= 4; i += 2) {
			cl_doc_count(t, cl_query_u64(q, i));
			cl_report_share(t, q, i, i + 1);
		}
	}
	cl_query_free(q);
	struct cl_doc_plot *p =
		cl_doc_plot(r->d, t,
			    &(struct cl_doc_plot_of){
				    .title = "NTP: software of clients", .x = 0, .where = -1, .most = 16 });
	cl_doc_panel(p, "share of clients", CL_UNIT_SHARE, false);
	cl_doc_series(p, "clients", CL_SHAPE_BAR, 3, CL_FOLD_SUM);
}

/* By day ---------------------------------------------------------------------- */

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "Client", "client", CL_COL_COUNT },
	{ "Tool", "tool", CL_COL_COUNT },
	{ "Scanner", "scanner", CL_COL_COUNT },
	{ "Attack", "attack", CL_COL_COUNT },
	{ "Not known", "unknown", CL_COL_COUNT },
};
#define UNKNOWN "name LIKE 'unknown:%'"

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "days", "Clients by day and kind of software",
					      day_columns, 8, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT sum(clients), sum(clients) FILTER (WHERE kind = 'client' AND NOT " UNKNOWN
		"), sum(clients) FILTER (WHERE kind = 'tool' AND NOT " UNKNOWN
		"), sum(clients) FILTER (WHERE kind = 'scanner' AND NOT " UNKNOWN
		"), sum(clients) FILTER (WHERE kind = 'attack' AND NOT " UNKNOWN
		"), sum(clients) FILTER (WHERE " UNKNOWN ") FROM software_by_day WHERE day = ?2");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, r->o->day_from + (int64_t)i);
		cl_report_day_cells(r, t, i);
		bool any = cl_query_row(q) && !cl_query_null(q, 0);
		for (int k = 0; k < 6; k++) {
			if (any)
				cl_doc_count(t, cl_query_u64(q, k));
			else
				cl_doc_null(t);
		}
		cl_query_again(q);
	}
	cl_query_free(q);
	if (r->days < 2)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "NTP: clients by software", NULL);
	cl_doc_panel(p, "clients a day", CL_UNIT_NUMBER, false);
	for (unsigned k = 3; k < 8; k++)
		cl_doc_series(p, day_columns[k].title, CL_SHAPE_STACK, k, CL_FOLD_MEAN);
}

static const struct cl_column software_day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Software", "software", CL_COL_TEXT },
	{ "Kind", "kind", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
	{ "Requests", "requests", CL_COL_COUNT },
};

static void table_software_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "software_days", "Client software by day",
					      software_day_columns, 7, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT d.day, CASE WHEN rank <= ?2 THEN d.name ELSE 'others' END, CASE WHEN rank <= ?2 THEN "
		"d.kind END, sum(d.clients), sum(sum(d.clients)) OVER (PARTITION BY d.day), sum(d.requests) "
		"FROM software_by_day AS d JOIN software_of_all USING(software_id) GROUP BY d.day, min(rank, "
		"?2 + 1) ORDER BY d.day, min(rank, ?2 + 1)");

	cl_query_bind_i64(q, 2, SOFTWARE_DAY_MOST);
	while (cl_query_row(q)) {
		cl_report_day_cells(r, t, (size_t)(cl_query_i64(q, 0) - r->o->day_from));
		cl_doc_text(t, cl_query_text(q, 1));
		cl_doc_text(t, cl_query_text(q, 2));
		cl_doc_count(t, cl_query_u64(q, 3));
		cl_report_share(t, q, 3, 4);
		cl_doc_count(t, cl_query_u64(q, 5));
	}
	cl_query_free(q);
}

static bool is_kept(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT 1 FROM dates CROSS JOIN client_software_day USING(source_id, day) LIMIT 1");
	bool kept = cl_query_row(q);

	cl_query_free(q);
	return kept;
}

void cl_report_software(struct cl_report *r)
{
	const struct cl_report_subject *all = cl_report_all(r, CL_PROTO_NTP);

	if (all == NULL || all->n[CL_C_REQUESTS] == 0)
		return;
	cl_doc_chapter(r->d, "software", "Client software");
	if (!is_kept(r)) {
		cl_doc_say(r->d,
			   "What software the clients run was not kept on these days. 'clientele read --keep "
			   "software' keeps it by day from the next capture on; 'clientele software' finds "
			   "it in "
			   "captures.");
		return;
	}
	make_tables(r);
	table_all(r);
	table_days(r);
	table_software_days(r);
	cl_doc_say(
		r->d,
		"Found by how requests look (signatures), which clients can imitate. A client is an address, "
		"over all servers, and counts once: as what most of its requests were found to be, on that "
		"day or in the whole time. Behind one address there may be several.");
	uint64_t without = cl_report_days_without(r, CL_PROTO_NTP, "client_software_day");
	if (without > 0)
		cl_doc_say(r->d,
			   "On %llu day%s with requests (of each sensor) no software was kept: they are in "
			   "no figure here.",
			   (unsigned long long)without, without == 1 ? "" : "s");
	if (r->s->options->nservers > 0)
		cl_doc_say(r->d, "Software is of clients of all servers, whatever --server chooses.");
}

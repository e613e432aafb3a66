/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that DNS queries ask for, of databases that are read with --keep names. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"
#include "stats/table/hll.h"

#define NAMES_MOST     40
#define NAMES_DAY_MOST 10

/* Rows of the report's days. */
#define OF_DATES "FROM dates CROSS JOIN name_day USING(source_id, day) "

static const char *name_text(const char *name)
{
	return name == NULL || *name == '\0' ? "beyond the limit" : name;
}

/* Networks of clients: of the sketches of a query's rows. Null if one of them is damaged. */
static void networks_cell(struct cl_doc_table *t, struct cl_query *q)
{
	struct cl_hll h = { .list = NULL };
	bool ok = true;

	while (cl_query_row(q)) {
		size_t n;
		const uint8_t *sketch = cl_query_blob(q, 0, &n);

		ok = ok && sketch != NULL && cl_hll_take(&h, sketch, n);
	}
	if (ok)
		cl_doc_count(t, cl_hll_estimate(&h));
	else
		cl_doc_null(t);
	cl_hll_free(&h);
	cl_query_again(q);
}

/* The time together ----------------------------------------------------------- */

static const struct cl_column name_columns[] = {
	{ "Name", "name", CL_COL_TEXT },
	{ "Queries", "queries", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
	{ "NXDOMAIN", "nxdomain", CL_COL_COUNT },
	{ "Client networks, about", "networks", CL_COL_COUNT },
};

static void table_level(struct cl_report *r, const char *level, const char *key, const char *title)
{
	struct cl_doc_table *t = cl_doc_table(r->d, key, title, name_columns, 5, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store, "SELECT name, n, (SELECT sum(queries) " OF_DATES
			     "WHERE level = 'all'), nx FROM name_rank WHERE level = ?2 AND (rank <= ?3 OR "
			     "name = '') ORDER BY name = '', rank");
	struct cl_query *sketches =
		cl_query_new(r->s->store, "SELECT sketch " OF_DATES "WHERE level = ?2 AND name = ?3");

	cl_query_bind_text(q, 2, level);
	cl_query_bind_i64(q, 3, NAMES_MOST);
	while (cl_query_row(q)) {
		cl_doc_text(t, name_text(cl_query_text(q, 0)));
		cl_doc_count(t, cl_query_u64(q, 1));
		cl_report_share(t, q, 1, 2);
		cl_doc_count(t, cl_query_u64(q, 3));
		cl_query_bind_text(sketches, 2, level);
		cl_query_bind_text(sketches, 3, cl_query_text(q, 0));
		networks_cell(t, sketches);
	}
	cl_query_free(q);
	cl_query_free(sketches);
	struct cl_doc_plot *p = cl_doc_plot(
		r->d, t, &(struct cl_doc_plot_of){ .title = title, .x = 0, .where = -1, .most = 16 });
	cl_doc_panel(p, "share of queries", CL_UNIT_SHARE, false);
	cl_doc_series(p, "queries", CL_SHAPE_BAR, 2, CL_FOLD_SUM);
}

/* By day ---------------------------------------------------------------------- */

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Queries", "queries", CL_COL_COUNT },
	{ "NXDOMAIN", "nxdomain", CL_COL_COUNT },
	{ "NXDOMAIN share", "nxdomain_share", CL_COL_SHARE },
	{ "Last labels", "top_names", CL_COL_COUNT },
	{ "Last two labels", "second_names", CL_COL_COUNT },
	{ "Client networks, about", "networks", CL_COL_COUNT },
};

static void day_cells(struct cl_doc_table *t, struct cl_query *q, struct cl_query *sketches)
{
	cl_doc_count(t, cl_query_u64(q, 0));
	cl_doc_count(t, cl_query_u64(q, 1));
	cl_report_share(t, q, 1, 0);
	for (int i = 2; i <= 3; i++) {
		if (cl_query_null(q, i))
			cl_doc_null(t);
		else
			cl_doc_count(t, cl_query_u64(q, i));
	}
	networks_cell(t, sketches);
}

/* How many names of a level there are; null if some were beyond the limit. */
#define DIFFERENT(level)                                                                                     \
	"CASE WHEN count(*) FILTER (WHERE level = '" level                                                   \
	"' AND name = '') = 0 THEN count(DISTINCT CASE WHEN level = '" level "' THEN name END) END"

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "days", "Names by day", day_columns, 8, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT sum(queries) FILTER (WHERE level = 'all'), sum(nxdomain) FILTER (WHERE "
		"level = 'all'), " DIFFERENT("top") ", " DIFFERENT("second") " " OF_DATES "WHERE day = ?2");
	struct cl_query *sketches =
		cl_query_new(r->s->store, "SELECT sketch " OF_DATES "WHERE level = 'all' AND day = ?2");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, r->o->day_from + (int64_t)i);
		cl_query_bind_i64(sketches, 2, r->o->day_from + (int64_t)i);
		cl_report_day_cells(r, t, i);
		if (cl_query_row(q) && !cl_query_null(q, 0))
			day_cells(t, q, sketches);
		else {
			for (int k = 0; k < 6; k++)
				cl_doc_null(t);
		}
		cl_query_again(q);
	}
	cl_query_free(q);
	cl_query_free(sketches);
}

static const struct cl_column name_day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Of", "level", CL_COL_TEXT },
	{ "Name", "name", CL_COL_TEXT },
	{ "Queries", "queries", CL_COL_COUNT },
	{ "NXDOMAIN", "nxdomain", CL_COL_COUNT },
};

static void table_name_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "name_days", "The names asked for most, by day",
					      name_day_columns, 6, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT day, level, name, sum(queries), sum(nxdomain) " OF_DATES
		"JOIN name_rank USING(level, name) WHERE rank <= ?2 AND name <> '' GROUP BY day, level, name "
		"ORDER BY day, level DESC, rank");

	cl_query_bind_i64(q, 2, NAMES_DAY_MOST);
	while (cl_query_row(q)) {
		cl_report_day_cells(r, t, (size_t)(cl_query_i64(q, 0) - r->o->day_from));
		cl_doc_text(t, cl_query_text(q, 1));
		cl_doc_text(t, cl_query_text(q, 2));
		cl_doc_count(t, cl_query_u64(q, 3));
		cl_doc_count(t, cl_query_u64(q, 4));
	}
	cl_query_free(q);
}

static bool is_kept(struct cl_report *r)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT 1 " OF_DATES "LIMIT 1");
	bool kept = cl_query_row(q);

	cl_query_free(q);
	return kept;
}

void cl_report_names(struct cl_report *r)
{
	const struct cl_report_subject *all = cl_report_all(r, CL_PROTO_DNS);

	if (all == NULL || all->n[CL_C_REQUESTS] == 0)
		return;
	cl_doc_chapter(r->d, "names", "Names asked for");
	if (!is_kept(r)) {
		cl_doc_say(
			r->d,
			"The names that were asked for were not kept on these days. 'clientele read --keep "
			"names' keeps them by day from the next capture on; 'clientele dns' lists them from "
			"captures.");
		return;
	}
	cl_report_sql(
		r, "CREATE TEMP TABLE name_rank AS SELECT level, name, n, nx, row_number() OVER "
		   "(PARTITION BY level ORDER BY name = '', n DESC, name) AS rank FROM (SELECT level, name, "
		   "sum(queries) AS n, sum(nxdomain) AS nx " OF_DATES
		   "WHERE level <> 'all' GROUP BY level, name)");
	table_level(r, "top", "top", "Last label");
	table_level(r, "second", "second", "Last two labels");
	table_level(r, "registered", "registered", "Registered names");
	table_days(r);
	table_name_days(r);
	cl_doc_say(
		r->d,
		"Of queries to all servers. Client networks are the /24 and /48 that asked, estimated with a "
		"standard error of 0.81 %%. A day keeps 20000 names of each kind; queries for others are "
		"summed up as beyond the limit.");
	uint64_t without = cl_report_days_without(r, CL_PROTO_DNS, "name_day");
	if (without > 0)
		cl_doc_say(r->d,
			   "On %llu day%s with requests (of each sensor) no names were kept: they are in no "
			   "figure here.",
			   (unsigned long long)without, without == 1 ? "" : "s");
}

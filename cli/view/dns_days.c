/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/dns_days.h"

#include <stdio.h>

#include "stats/table/hll.h"

/* As name_day has them, as JSON does, as people do. */
static const struct {
	const char *level, *key, *title;
} levels[] = { { "top", "tlds", "Top-level domains" },
	       { "second", "second_level", "Second level" },
	       { "registered", "registered", "Registered domains" } };

#define LEVELS (sizeof levels / sizeof *levels)

/* Rows of the days asked for; ?2: a level. */
#define OF_LEVEL " FROM dates CROSS JOIN name_day AS n USING(source_id, day) WHERE level = ?2 "

/* What was asked for on these days: all, or names of a level. */
struct asked {
	uint64_t queries, nxdomain, networks; /* networks: estimated */
	bool known;
};

bool cl_dns_days_kept(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT 1 FROM name_day LIMIT 1");
	bool kept = s->options->nservers == 0 && cl_query_row(q);

	cl_query_free(q);
	return kept;
}

/* Networks of a name over the rows that `q`, of which column 0 is a sketch, has: how many differ. */
static uint64_t united(struct cl_query *q)
{
	struct cl_hll all = { .list = NULL };
	uint64_t n;

	while (cl_query_row(q)) {
		size_t octets;
		const uint8_t *sketch = cl_query_blob(q, 0, &octets);

		if (sketch != NULL)
			cl_hll_take(&all, sketch, octets);
	}
	cl_query_again(q);
	n = cl_hll_estimate(&all);
	cl_hll_free(&all);
	return n;
}

/* Of all days asked for, or of one; -1: all. */
static struct asked whole(struct cl_session *s, int64_t day)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT sum(queries), sum(nxdomain)" OF_LEVEL "AND ?3 IN (-1, n.day)");
	struct cl_query *sketches = cl_query_new(s->store, "SELECT sketch" OF_LEVEL "AND ?3 IN (-1, n.day)");
	struct asked a = { .known = false };

	cl_query_bind_text(q, 2, "all");
	cl_query_bind_i64(q, 3, day);
	cl_query_bind_text(sketches, 2, "all");
	cl_query_bind_i64(sketches, 3, day);
	if (cl_query_row(q) && !cl_query_null(q, 0))
		a = (struct asked){ .queries = cl_query_u64(q, 0),
				    .nxdomain = cl_query_u64(q, 1),
				    .networks = united(sketches),
				    .known = true };
	cl_query_free(q);
	cl_query_free(sketches);
	return a;
}

/* Different names of a level (those beyond the limit of a day are not among them); `*beyond`: their queries.
 */
static uint64_t different(struct cl_session *s, const char *level, uint64_t *beyond)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT count(DISTINCT nullif(name, '')), "
				       "sum(CASE name WHEN '' THEN queries ELSE 0 END)" OF_LEVEL);
	uint64_t n = 0;

	*beyond = 0;
	cl_query_bind_text(q, 2, level);
	if (cl_query_row(q)) {
		n = cl_query_u64(q, 0);
		*beyond = cl_query_u64(q, 1);
	}
	cl_query_free(q);
	return n;
}

typedef void (*name_fn)(void *out, const char *name, const struct asked *a, uint64_t all);

/* The names of a level that were asked for most; as many as --top says. */
static void each_name(struct cl_session *s, const char *level, uint64_t all, name_fn fn, void *out)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT name, sum(queries), sum(nxdomain)" OF_LEVEL
				       "AND name <> '' GROUP BY name ORDER BY 2 DESC, name LIMIT ?3");
	struct cl_query *sketches = cl_query_new(s->store, "SELECT sketch" OF_LEVEL "AND name = ?3");

	cl_query_bind_text(q, 2, level);
	cl_query_bind_i64(q, 3, s->options->top);
	cl_query_bind_text(sketches, 2, level);
	while (cl_query_row(q)) {
		struct asked a = { .queries = cl_query_u64(q, 1),
				   .nxdomain = cl_query_u64(q, 2),
				   .known = true };

		cl_query_bind_text(sketches, 3, cl_query_text(q, 0));
		a.networks = united(sketches);
		fn(out, cl_query_text(q, 0), &a, all);
	}
	cl_query_free(q);
	cl_query_free(sketches);
}

/* Days with queries of which no names were kept. */
static uint64_t days_without(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT count(DISTINCT d.day) FROM dates CROSS JOIN day AS d USING(source_id, day) JOIN "
		"service USING(service_id) WHERE proto = 'dns' AND d.requests > 0 AND NOT EXISTS (SELECT 1 "
		"FROM name_day AS n WHERE n.source_id = d.source_id AND n.day = d.day)");
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

/* Days asked for; column 1 in words. */
static struct cl_query *days_of(struct cl_session *s)
{
	return cl_query_new(s->store,
			    "SELECT DISTINCT day, date(day * 86400, 'unixepoch') FROM dates ORDER BY day");
}

/* JSON ------------------------------------------------------------------------ */

static void json_name(void *out, const char *name, const struct asked *a, uint64_t all)
{
	struct cl_json *j = out;

	cl_json_object(j, NULL);
	cl_json_str(j, "name", name);
	cl_json_u64(j, "queries", a->queries);
	cl_json_double(j, "share", cl_ratio(a->queries, all));
	cl_json_u64(j, "nxdomain", a->nxdomain);
	cl_json_null(j, "names");
	cl_json_u64(j, "networks", a->networks);
	cl_json_end(j);
}

static void json_level(struct cl_session *s, struct cl_json *j, size_t level, uint64_t all)
{
	uint64_t beyond, n = different(s, levels[level].level, &beyond);

	if (n == 0) {
		cl_json_null(j, levels[level].key);
		return;
	}
	cl_json_object(j, levels[level].key);
	if (beyond > 0)
		cl_json_null(j, "different");
	else
		cl_json_u64(j, "different", n);
	cl_json_u64(j, "beyond", beyond);
	cl_json_array(j, "top");
	each_name(s, levels[level].level, all, json_name, j);
	cl_json_end(j);
	cl_json_end(j);
}

static void json_days(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = days_of(s);

	cl_json_array(j, "days");
	while (cl_query_row(q)) {
		struct asked a = whole(s, cl_query_i64(q, 0));

		if (!a.known)
			continue;
		cl_json_object(j, NULL);
		cl_json_str(j, "day", cl_query_text(q, 1));
		cl_json_u64(j, "queries", a.queries);
		cl_json_u64(j, "nxdomain", a.nxdomain);
		cl_json_u64(j, "networks", a.networks);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

void cl_dns_days_json(struct cl_session *s, struct cl_json *j)
{
	struct asked all = whole(s, -1);

	cl_json_object(j, "names");
	cl_json_null(j, "different");
	for (size_t i = 0; i < LEVELS; i++)
		json_level(s, j, i, all.queries);
	cl_json_u64(j, "queries", all.queries);
	cl_json_u64(j, "nxdomain", all.nxdomain);
	cl_json_u64(j, "networks", all.networks);
	cl_json_u64(j, "days_without", days_without(s));
	json_days(s, j);
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

static void table_name(void *out, const char *name, const struct asked *a, uint64_t all)
{
	struct cl_tables *t = out;

	cl_cell_text(t, name);
	cl_cell_count(t, a->queries);
	cl_cell_share(t, cl_ratio(a->queries, all));
	cl_cell_count(t, a->nxdomain);
	cl_cell_count(t, a->networks);
	cl_table_row_end(t);
}

static void table_level(struct cl_session *s, struct cl_tables *t, size_t level, uint64_t all)
{
	static const struct cl_column columns[] = {
		{ "Name", "name", CL_COL_TEXT },	  { "Queries", "queries", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },	  { "NXDOMAIN", "nxdomain", CL_COL_COUNT },
		{ "Networks", "networks", CL_COL_COUNT },
	};
	uint64_t beyond, n = different(s, levels[level].level, &beyond);
	char text[160];

	cl_table_begin(t, levels[level].title, columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	each_name(s, levels[level].level, all, table_name, t);
	cl_table_end(t);
	if (n > s->options->top) {
		snprintf(text, sizeof text, "The first %u of %llu (--top).", s->options->top,
			 (unsigned long long)n);
		cl_tables_note(t, text);
	}
	if (beyond > 0) {
		snprintf(text, sizeof text,
			 "%llu queries for names beyond the limit of a day are not by name: names may be too "
			 "low.",
			 (unsigned long long)beyond);
		cl_tables_note(t, text);
	}
}

static void table_days(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Day", "day", CL_COL_TEXT },
		{ "Queries", "queries", CL_COL_COUNT },
		{ "NXDOMAIN", "nxdomain", CL_COL_COUNT },
		{ "Networks", "networks", CL_COL_COUNT },
	};
	struct cl_query *q = days_of(s);

	cl_table_begin(t, "Queries with a name, by day", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	while (cl_query_row(q)) {
		struct asked a = whole(s, cl_query_i64(q, 0));

		if (!a.known)
			continue;
		cl_cell_text(t, cl_query_text(q, 1));
		cl_cell_count(t, a.queries);
		cl_cell_count(t, a.nxdomain);
		cl_cell_count(t, a.networks);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t,
		       "Over all servers. NXDOMAIN: responses. Networks: of clients (/24 and /48), estimated "
		       "(standard error 0.8 %).");
	cl_query_free(q);
}

void cl_dns_days_tables(struct cl_session *s, struct cl_tables *t)
{
	struct asked all = whole(s, -1);
	uint64_t without = days_without(s);
	char text[160];

	table_days(s, t);
	for (size_t i = 0; i < LEVELS; i++)
		table_level(s, t, i, all.queries);
	if (without > 0) {
		snprintf(text, sizeof text,
			 "Days with queries of which no names are kept: %llu. They were read "
			 "without --keep names.",
			 (unsigned long long)without);
		cl_tables_say(t, text);
	}
	cl_tables_say(t,
		      "Transactions, other sums and what a resolver asked are told by single messages, which "
		      "this database does not keep (--keep transactions).");
}

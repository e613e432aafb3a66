/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/view/software_days.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of rows with a client each; two columns stand before them. */
#define SUMS                                                                                                 \
	"sum(length(addr) = 4), sum(length(addr) = 16), sum(requests), sum(confidence = 0), sum(confidence " \
	"= 1), sum(confidence = 2)"

/* A client is what it was on the day with most of its requests, of equals with more confidence, then later.
 */
#define CLIENTS                                                                                              \
	"(SELECT c.addr, software_id, confidence, max((c.requests * 4 + confidence) * 65536 + c.day), "      \
	"sum(c.requests) AS requests FROM dates CROSS JOIN client_software_day AS c USING(source_id, day) "  \
	"GROUP BY c.addr)"

/* The same of one day, ?2: of several sources the one with most requests. */
#define CLIENTS_OF_DAY                                                                                       \
	"(SELECT c.addr, software_id, confidence, max(c.requests * 4 + confidence), sum(c.requests) AS "     \
	"requests FROM dates CROSS JOIN client_software_day AS c USING(source_id, day) WHERE c.day = ?2 "    \
	"GROUP BY c.addr)"

#define GROUPS(clients)                                                                                      \
	"SELECT name, kind, " SUMS " FROM " clients " JOIN software USING(software_id) WHERE (kind = "       \
	"'client') = ?3 GROUP BY software_id ORDER BY count(*) DESC, sum(requests) DESC, name, kind"

#define TOTALS(clients)                                                                                      \
	"SELECT 0, 0, " SUMS " FROM " clients " JOIN software USING(software_id) WHERE kind = 'client'"

/* A row of these. */
struct sums {
	uint64_t v4, v6, requests, confidence[CL_SIG_CONFIDENCES];
};

static struct sums sums_of(struct cl_query *q)
{
	struct sums u = { .v4 = cl_query_u64(q, 2),
			  .v6 = cl_query_u64(q, 3),
			  .requests = cl_query_u64(q, 4) };

	for (int i = 0; i < (int)CL_SIG_CONFIDENCES; i++)
		u.confidence[i] = cl_query_u64(q, 5 + i);
	return u;
}

static struct sums totals(struct cl_session *s, const char *sql, int64_t day)
{
	struct cl_query *q = cl_query_new(s->store, sql);
	struct sums u = { .v4 = 0 };

	cl_query_bind_i64(q, 2, day);
	if (cl_query_row(q))
		u = sums_of(q);
	cl_query_free(q);
	return u;
}

static double share(const struct sums *part, const struct sums *all)
{
	return all->v4 + all->v6 > 0 ? (double)(part->v4 + part->v6) / (double)(all->v4 + all->v6)
				     : (double)NAN;
}

bool cl_software_days_kept(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT 1 FROM client_software_day LIMIT 1");
	bool kept = s->options->nservers == 0 && cl_query_row(q);

	cl_query_free(q);
	return kept;
}

/* Days asked for on which clients asked, but of which nobody found what they are. */
static uint64_t days_without(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT count(DISTINCT d.day) FROM dates CROSS JOIN day AS d USING(source_id, day) JOIN "
		"service USING(service_id) WHERE proto = 'ntp' AND d.requests > 0 AND NOT EXISTS (SELECT 1 "
		"FROM client_software_day AS c WHERE c.source_id = d.source_id AND c.day = d.day)");
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

/* JSON ------------------------------------------------------------------------ */

static void json_families(struct cl_json *j, const char *key, const struct sums *u)
{
	cl_json_object(j, key);
	cl_json_u64(j, "ipv4", u->v4);
	cl_json_u64(j, "ipv6", u->v6);
	cl_json_u64(j, "total", u->v4 + u->v6);
	cl_json_end(j);
}

static void json_group(struct cl_json *j, struct cl_query *q, const struct sums *all)
{
	struct sums u = sums_of(q);
	const char *name = cl_query_text(q, 0);

	cl_json_object(j, NULL);
	cl_json_str(j, "software", name);
	cl_json_null(j, "versions");
	cl_json_bool(j, "ambiguous", strstr(name, " or ") != NULL);
	cl_json_bool(j, "unknown", strncmp(name, "unknown", strlen("unknown")) == 0);
	cl_json_null(j, "signature");
	json_families(j, "clients", &u);
	cl_json_double(j, "share", share(&u, all));
	cl_json_u64(j, "requests", u.requests);
	cl_json_object(j, "confidence");
	for (unsigned i = CL_SIG_CONFIDENCES; i-- > 0;)
		cl_json_u64(j, cl_sig_confidences[i], u.confidence[i]);
	cl_json_end(j);
	cl_json_end(j);
}

static void json_groups(struct cl_session *s, struct cl_json *j, const char *sql, int64_t day,
			const struct sums *all)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_bind_i64(q, 2, day);
	cl_query_bind_i64(q, 3, 1);
	cl_json_array(j, "software");
	while (cl_query_row(q))
		json_group(j, q, all);
	cl_json_end(j);
	cl_query_free(q);
}

static void json_days(struct cl_session *s, struct cl_json *j)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT DISTINCT day, date(day * 86400, 'unixepoch') FROM dates ORDER BY day");

	cl_json_array(j, "days");
	while (cl_query_row(q)) {
		int64_t day = cl_query_i64(q, 0);
		struct sums all = totals(s, TOTALS(CLIENTS_OF_DAY), day);

		if (all.v4 + all.v6 == 0)
			continue;
		cl_json_object(j, NULL);
		cl_json_str(j, "day", cl_query_text(q, 1));
		json_families(j, "clients", &all);
		cl_json_u64(j, "requests", all.requests);
		json_groups(s, j, GROUPS(CLIENTS_OF_DAY), day, &all);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

/* Programs that are no clients by what they are; what single packets prove is not kept by day. */
static void json_apart(struct cl_session *s, struct cl_json *j)
{
	static const char *const unknown[] = { "octets", "answers", "answer_octets", "amplification",
					       "peak",	 "first",   "last" };
	struct cl_query *q = cl_query_new(s->store, GROUPS(CLIENTS));

	cl_query_bind_i64(q, 3, 0);
	cl_json_array(j, "apart");
	while (cl_query_row(q)) {
		struct sums u = sums_of(q);

		cl_json_object(j, NULL);
		cl_json_str(j, "name", cl_query_text(q, 0));
		cl_json_str(j, "kind", cl_query_text(q, 1));
		cl_json_null(j, "confidence");
		json_families(j, "sources", &u);
		cl_json_u64(j, "packets", u.requests);
		for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
			cl_json_null(j, unknown[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_query_free(q);
}

void cl_software_days_json(struct cl_session *s, struct cl_json *j)
{
	static const char *const unknown[] = { "given_up", "servers_given_up", "unasked" };
	struct sums all = totals(s, TOTALS(CLIENTS), 0);

	json_families(j, "clients", &all);
	cl_json_u64(j, "requests", all.requests);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		cl_json_null(j, unknown[i]);
	json_groups(s, j, GROUPS(CLIENTS), 0, &all);
	json_apart(s, j);
	cl_json_null(j, "servers");
	cl_json_null(j, "top");
	cl_json_u64(j, "days_without", days_without(s));
	json_days(s, j);
}

/* Tables ---------------------------------------------------------------------- */

static void cells_group(struct cl_tables *t, const struct sums *u, const struct sums *all)
{
	cl_cell_count(t, u->v4 + u->v6);
	cl_cell_share(t, share(u, all));
	cl_cell_count(t, u->v4);
	cl_cell_count(t, u->v6);
	cl_cell_count(t, u->requests);
	for (unsigned i = CL_SIG_CONFIDENCES; i-- > 0;)
		cl_cell_count(t, u->confidence[i]);
	cl_table_row_end(t);
}

#define SUM_COLUMNS                                                                                          \
	{ "Clients", "clients", CL_COL_COUNT }, { "Share", "share", CL_COL_SHARE },                          \
		{ "IPv4", "ipv4", CL_COL_COUNT }, { "IPv6", "ipv6", CL_COL_COUNT },                          \
		{ "Requests", "requests", CL_COL_COUNT }, { "High", "high", CL_COL_COUNT },                  \
		{ "Medium", "medium", CL_COL_COUNT },                                                        \
	{                                                                                                    \
		"Low", "low", CL_COL_COUNT                                                                   \
	}

static void table_clients(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = { { "Software", "software", CL_COL_TEXT }, SUM_COLUMNS };
	struct cl_query *q = cl_query_new(s->store, GROUPS(CLIENTS));
	const struct sums all = totals(s, TOTALS(CLIENTS), 0);

	cl_query_bind_i64(q, 3, 1);
	cl_table_begin(t, "Software of NTP clients", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, "No NTP clients on these days.");
	while (cl_query_row(q)) {
		const struct sums u = sums_of(q);

		cl_cell_text(t, cl_query_text(q, 0));
		cells_group(t, &u, &all);
	}
	cl_table_end(t);
	cl_query_free(q);
	cl_tables_note(t, "By UTC day (read --keep software), over all servers; a client of several days "
			  "counts once, as what it was on the day with most of its requests. High, Medium, "
			  "Low: how many are named with which confidence.");
}

static void table_apart(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "What", "name", CL_COL_TEXT },
		{ "Kind", "kind", CL_COL_TEXT },
		{ "Sources", "sources", CL_COL_COUNT },
		{ "Packets", "packets", CL_COL_COUNT },
	};
	struct cl_query *q = cl_query_new(s->store, GROUPS(CLIENTS));

	cl_query_bind_i64(q, 3, 0);
	cl_table_begin(t, "Not clients, by all that they sent", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	while (cl_query_row(q)) {
		const struct sums u = sums_of(q);

		cl_cell_text(t, cl_query_text(q, 0));
		cl_cell_text(t, cl_query_text(q, 1));
		cl_cell_count(t, u.v4 + u.v6);
		cl_cell_count(t, u.requests);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_query_free(q);
}

static void table_days(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Day", "day", CL_COL_TEXT },
		{ "Software", "software", CL_COL_TEXT },
		SUM_COLUMNS,
	};
	struct cl_query *days = cl_query_new(s->store, "SELECT DISTINCT day, date(day * 86400, 'unixepoch') "
						       "FROM dates ORDER BY day");
	struct cl_query *q = cl_query_new(s->store, GROUPS(CLIENTS_OF_DAY));
	const bool csv = s->options->format == CL_FORMAT_CSV;

	cl_query_bind_i64(q, 3, 1);
	cl_table_begin(t, "By day", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	while (cl_query_row(days)) {
		const struct sums all = totals(s, TOTALS(CLIENTS_OF_DAY), cl_query_i64(days, 0));

		cl_query_bind_i64(q, 2, cl_query_i64(days, 0));
		for (size_t i = 0; cl_query_row(q); i++) {
			const struct sums u = sums_of(q);

			if (!csv && i >= s->options->top)
				continue;
			cl_cell_text(t, i == 0 || csv ? cl_query_text(days, 1) : "");
			cl_cell_text(t, cl_query_text(q, 0));
			cells_group(t, &u, &all);
		}
		cl_query_again(q);
	}
	cl_table_end(t);
	cl_query_free(q);
	cl_query_free(days);
}

void cl_software_days_tables(struct cl_session *s, struct cl_tables *t)
{
	const uint64_t without = days_without(s);
	char text[160];

	table_clients(s, t);
	table_apart(s, t);
	table_days(s, t);
	if (without > 0) {
		snprintf(text, sizeof text,
			 "Days with requests of which nobody is named: %llu. They were read "
			 "without --keep software, or had none but scanners.",
			 (unsigned long long)without);
		cl_tables_say(t, text);
	}
	cl_tables_say(t,
		      "Servers, versions, single clients, scanners and attacks are told by single messages, "
		      "which this database does not keep (--keep transactions).");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the figures stand on: what was captured, what was lost, what is approximate. */
#include <inttypes.h>
#include <string.h>

#include "cli/report/report.h"

/* What of each day was captured. */
static size_t count_days(const struct cl_report *r, enum cl_report_captured captured)
{
	size_t n = 0;

	for (size_t i = 0; i < r->days; i++)
		n += r->day[i].captured == captured;
	return n;
}

static const char *missing_words(size_t none, size_t part, char out[96])
{
	int n = 0;

	if (none > 0)
		n = snprintf(out, 96, "%zu %s not captured at all%s", none, none == 1 ? "was" : "were",
			     part > 0 ? " and " : "");
	if (part > 0)
		snprintf(out + n, 96 - (size_t)n, "%zu %s", part,
			 none > 0    ? "only in part"
			 : part == 1 ? "was captured only in part"
				     : "were captured only in part");
	return out;
}

static void say_days(struct cl_report *r)
{
	char words[96];
	size_t none = count_days(r, CL_REPORT_NONE), part = count_days(r, CL_REPORT_PART);

	if (none == r->days)
		cl_doc_say(r->d, "Nothing was captured on %s: there is nothing to report.",
			   r->days == 1 ? "this day" : "these days");
	else if (none + part > 0)
		cl_doc_say(r->d,
			   "Of %zu day%s, %s: totals are of what was captured, and mean rates are over the "
			   "captured time. Plots shade what is missing.",
			   r->days, r->days == 1 ? "" : "s", missing_words(none, part, words));
}

/* A day that one of several sensors does not have falls behind others, and nothing else says so. */
static void say_sensors(struct cl_report *r)
{
	size_t fewer = 0, captured = r->days - count_days(r, CL_REPORT_NONE);

	for (size_t i = 0; i < r->days; i++)
		fewer += r->day[i].sensors > 0 && r->day[i].sensors < (uint64_t)r->sensors;
	if (fewer > 0)
		cl_doc_say(r->d,
			   "On %zu of the %zu days that were captured not all of the %" PRId64
			   " sensors have packets: what the others saw on these days is missing.",
			   fewer, captured, r->sensors);
}

static void list_captured(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_list(r->d, "captured", "Captured");
	int64_t first_ns, last_ns;

	if (cl_view_span(r->s, &first_ns, &last_ns)) {
		cl_doc_item_time(t, "first packet of these days", "first", first_ns);
		cl_doc_item_time(t, "last packet", "last", last_ns);
	}
	cl_doc_item_count(t, "days", "days", r->days);
	cl_doc_item_count(t, "  captured whole", "days_whole", count_days(r, CL_REPORT_WHOLE));
	cl_doc_item_count(t, "  captured in part", "days_part", count_days(r, CL_REPORT_PART));
	cl_doc_item_count(t, "  not captured", "days_none", count_days(r, CL_REPORT_NONE));
	cl_doc_item_share(t, "share of the time", "share",
			  (double)r->captured_ns / ((double)r->days * 86400e9));
}

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Share of the day", "captured_share", CL_COL_SHARE },
	{ "Sensors", "sensors", CL_COL_COUNT },
};

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "days", "Days", day_columns, 4, CL_DOC_FOLDED);

	for (size_t i = 0; i < r->days; i++) {
		cl_report_day_cells(r, t, i);
		cl_doc_share(t, (double)r->day[i].captured_ns / 86400e9);
		cl_doc_count(t, r->day[i].sensors);
	}
	if (count_days(r, CL_REPORT_WHOLE) == r->days || count_days(r, CL_REPORT_NONE) == r->days)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "Captured by day", NULL);
	cl_doc_panel(p, "share of the day", CL_UNIT_SHARE, false);
	cl_doc_series(p, "captured", CL_SHAPE_BAR, 2, CL_FOLD_MEAN);
}

static const struct cl_column fate_columns[] = {
	{ "Packets became", "fate", CL_COL_TEXT },
	{ "Why", "reason", CL_COL_TEXT },
	{ "Packets", "packets", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
};

/* The ledger is of whole sensors: it says whose days it is of. */
static void table_fates(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "fates", "What became of the packets", fate_columns, 4, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT fate, reason, sum(packets), (SELECT sum(packets) FROM ledger) FROM ledger GROUP BY "
		"fate, "
		"reason ORDER BY CASE fate WHEN 'counted' THEN 0 WHEN 'other' THEN 1 WHEN 'filtered' THEN 2 "
		"ELSE 3 END, fate, sum(packets) DESC, reason");

	cl_doc_table_empty(t, "No packet was read.");
	cl_doc_table_sparse(t, 2);
	while (cl_query_row(q)) {
		cl_doc_text(t, cl_query_text(q, 0));
		cl_doc_text(t, cl_query_text(q, 1));
		cl_doc_count(t, cl_query_u64(q, 2));
		cl_report_share(t, q, 2, 3);
	}
	cl_query_free(q);
}

static const struct cl_column sensor_columns[] = {
	{ "Sensor", "sensor", CL_COL_TEXT },
	{ "First", "first", CL_COL_TIME },
	{ "Last", "last", CL_COL_TIME },
	{ "Packets", "packets", CL_COL_COUNT },
	{ "Dropped, kernel", "dropped_kernel", CL_COL_COUNT },
	{ "Dropped, interface", "dropped_interface", CL_COL_COUNT },
	{ "Out of order", "out_of_order", CL_COL_COUNT },
};

static uint64_t table_sensors(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "sensors", "Sensors", sensor_columns, 7, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(r->s->store, "SELECT sensor, first_ns, last_ns, packets, "
						       "dropped_kernel, dropped_interface, out_of_order FROM "
						       "source ORDER BY sensor");
	uint64_t dropped = 0;

	cl_doc_table_empty(t, "None.");
	while (cl_query_row(q)) {
		cl_doc_text(t, cl_query_text(q, 0));
		for (int i = 1; i <= 2; i++) {
			if (cl_query_null(q, i))
				cl_doc_null(t);
			else /* whole seconds are enough, and fit */
				cl_doc_time(t, cl_floor_div(cl_query_ns(q, i), 1000000000) * 1000000000);
		}
		for (int i = 3; i <= 6; i++)
			cl_doc_count(t, cl_query_u64(q, i));
		dropped += cl_query_u64(q, 4) + cl_query_u64(q, 5);
	}
	cl_query_free(q);
	return dropped;
}

/* Drops by day ---------------------------------------------------------------- */

static const struct cl_column drop_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Received", "received", CL_COL_COUNT },
	{ "Dropped, kernel", "dropped_kernel", CL_COL_COUNT },
	{ "Dropped, interface", "dropped_interface", CL_COL_COUNT },
	{ "Without the interface", "away_s", CL_COL_DURATION },
};

/* A day with drops is marked in all plots. */
static void mark(struct cl_report *r, int64_t day)
{
	cl_doc_shade(r->d, (double)day * 86400, (double)(day + 1) * 86400, "packets were dropped");
}

/* Of live captures, which say when. */
static void table_drops(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "drops", "Interfaces by day", drop_columns, 6, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store, "SELECT (t - 1) / 86400 AS day, sum(received), sum(dropped_kernel), "
			     "sum(dropped_interface), sum(away_ns) FROM capture_interval WHERE t > ?2 * "
			     "86400 AND t <= ?3 * "
			     "86400 GROUP BY 1 ORDER BY 1");
	uint64_t dropped = 0;

	cl_query_bind_i64(q, 2, r->o->day_from);
	cl_query_bind_i64(q, 3, r->o->day_to + 1);
	while (cl_query_row(q)) {
		cl_report_day_cells(r, t, (size_t)(cl_query_i64(q, 0) - r->o->day_from));
		for (int i = 1; i <= 3; i++)
			cl_doc_count(t, cl_query_u64(q, i));
		cl_doc_duration(t, cl_query_ns(q, 4));
		dropped += cl_query_u64(q, 2) + cl_query_u64(q, 3);
		if (cl_query_u64(q, 2) + cl_query_u64(q, 3) > 0)
			mark(r, cl_query_i64(q, 0));
	}
	cl_query_free(q);
	if (dropped == 0 || cl_doc_rows(t) < 2)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "Packets dropped", NULL);
	cl_doc_panel(p, "packets a day", CL_UNIT_NUMBER, false);
	cl_doc_series(p, "by the kernel", CL_SHAPE_STACK, 3, CL_FOLD_SUM);
	cl_doc_series(p, "by the interface", CL_SHAPE_STACK, 4, CL_FOLD_SUM);
}

static const struct {
	const char *column, *words;
} losses[] = {
	{ "lost_clients", "requests of new clients that found no room: clients are estimated beyond it" },
	{ "lost_services", "messages of servers beyond the limit: counted under \"others\"" },
	{ "lost_open_requests", "requests given up before their time: count as unanswered" },
	{ "lost_icmp", "ICMP errors of which an address or step found no room" },
};

static const struct cl_column loss_columns[] = {
	{ "What was given up", "what", CL_COL_TEXT },
	{ "Times", "n", CL_COL_COUNT },
};

static void table_losses(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "given_up", "Given up for want of memory", loss_columns, 2, CL_DOC_SHOWN);
	struct cl_query *q = cl_query_new(
		r->s->store, "SELECT sum(lost_clients), sum(lost_services), sum(lost_open_requests), "
			     "sum(lost_icmp) FROM source");

	if (cl_query_row(q))
		for (int i = 0; i < 4; i++)
			if (cl_query_u64(q, i) > 0) {
				cl_doc_text(t, losses[i].words);
				cl_doc_count(t, cl_query_u64(q, i));
			}
	cl_query_free(q);
}

static const struct cl_column approx_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Requests beyond the limit", "requests", CL_COL_COUNT },
	{ "Clients estimated", "clients", CL_COL_COUNT },
	{ "Standard error of these", "error", CL_COL_SHARE },
};

static void table_approximations(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "approximate", "Approximate numbers of clients",
					      approx_columns, 5, CL_DOC_SHOWN);

	for (size_t i = 0; i < r->subjects; i++) {
		const struct cl_report_subject *u = &r->subject[i];

		if (!u->approx.any)
			continue;
		cl_doc_text(t, u->name);
		cl_doc_text(t, cl_report_proto[u->proto]);
		cl_doc_count(t, u->approx.requests);
		if (u->approx.estimated) {
			cl_doc_count(t, u->approx.clients);
			cl_doc_share(t, u->approx.error);
		} else {
			cl_doc_null(t);
			cl_doc_null(t);
		}
	}
	if (cl_doc_rows(t) > 0)
		cl_doc_say(r->d,
			   "Where no estimate stands, the number of clients is a lower bound. Clients by "
			   "day, new "
			   "and returning, by place and by behaviour leave out those beyond the limit.");
	else if (r->people_short)
		cl_doc_say(r->d, "The database no longer has the rows of all clients of these days: clients "
				 "by day, new "
				 "and returning, by place and by behaviour are of those that it has.");
}

void cl_report_ledger(struct cl_report *r)
{
	cl_doc_chapter(r->d, "ledger", "What this stands on");
	say_days(r);
	list_captured(r);
	table_days(r);
	uint64_t dropped = table_sensors(r);
	if (r->sensors > 1)
		cl_doc_say(
			r->d,
			"Sensors were added: a packet that two of them saw counts twice. Clients by day and "
			"month are united: each counts once.");
	say_sensors(r);
	if (dropped == 0 && r->sources > 0)
		cl_doc_say(r->d, "No drops are recorded. Captures in pcap format do not say what was "
				 "dropped; then this is "
				 "no proof that nothing was.");
	else if (dropped > 0)
		cl_doc_say(r->d, "Packets were dropped before they could be counted: all counts are too low "
				 "by an unknown "
				 "part of these.");
	table_drops(r);
	table_fates(r);
	if (r->sources > 0)
		cl_doc_say(r->d, "Sensors and fates are of all that the database was read from, not of these "
				 "days alone.");
	table_losses(r);
	table_approximations(r);
}

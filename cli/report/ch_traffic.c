/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests, answers and octets: by server, by day, by hour. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column server_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Responses", "responses", CL_COL_COUNT },
	{ "Answered", "answered_share", CL_COL_SHARE },
	{ "Octets in", "request_bytes", CL_COL_COUNT },
	{ "Octets out", "response_bytes", CL_COL_COUNT },
};

static const struct cl_column rate_columns[] = {
	{ "Server", "server", CL_COL_TEXT },	  { "Proto", "proto", CL_COL_TEXT },
	{ "Mean/s", "mean_rate", CL_COL_NUMBER }, { "Peak/s", "peak_rate", CL_COL_NUMBER },
	{ "Peak/mean", "times", CL_COL_NUMBER },  { "Peak step ends", "peak_t", CL_COL_TIME },
};

/* What is not seen is not 0: without a response in the capture, nothing is known of answers. */
static void server_row(struct cl_doc_table *t, const struct cl_report_subject *u)
{
	bool answers = u->n[CL_C_RESPONSES] > 0;

	cl_doc_text(t, u->name);
	cl_doc_text(t, cl_report_proto[u->proto]);
	cl_doc_count(t, (uint64_t)u->n[CL_C_REQUESTS]);
	cl_doc_count(t, (uint64_t)u->n[CL_C_RESPONSES]);
	cl_doc_share(t, answers ? cl_report_part((double)u->n[CL_C_MATCHED], (double)u->n[CL_C_REQUESTS])
				: (double)NAN);
	cl_doc_count(t, (uint64_t)u->n[CL_C_REQUEST_BYTES]);
	cl_doc_count(t, (uint64_t)u->n[CL_C_RESPONSE_BYTES]);
}

static void rate_row(struct cl_report *r, struct cl_doc_table *t, const struct cl_report_subject *u)
{
	double mean = cl_report_part((double)u->n[CL_C_REQUESTS], (double)r->captured_ns / 1e9),
	       peak = (double)u->peak / (double)r->step_s;

	cl_doc_text(t, u->name);
	cl_doc_text(t, cl_report_proto[u->proto]);
	cl_doc_number(t, mean);
	if (u->peak > 0) {
		cl_doc_number(t, peak);
		cl_doc_number(t, cl_report_part(peak, mean));
		cl_doc_time(t, u->peak_t * 1000000000);
	} else {
		for (int i = 0; i < 3; i++)
			cl_doc_null(t);
	}
}

static void table_servers(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "servers", "Servers", server_columns, 7, CL_DOC_SHOWN);

	cl_doc_table_empty(t, "No NTP or DNS messages on these days.");
	for (size_t i = 0; i < r->subjects; i++)
		server_row(t, &r->subject[i]);
	t = cl_doc_table(r->d, "server_rates", "Rates of servers", rate_columns, 6, CL_DOC_SHOWN);
	for (size_t i = 0; i < r->subjects; i++)
		if (r->subject[i].n[CL_C_REQUESTS] > 0)
			rate_row(r, t, &r->subject[i]);
}

/* One-sided captures are told apart from servers that do not answer, as far as that can be known. */
static void say_answers(struct cl_report *r)
{
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		const struct cl_report_subject *all = cl_report_all(r, (enum cl_proto)p);
		size_t silent = 0;

		for (size_t i = 0; i < r->subjects; i++)
			silent += !r->subject[i].all && (unsigned)r->subject[i].proto == p &&
				  r->subject[i].n[CL_C_REQUESTS] > 0 && r->subject[i].n[CL_C_RESPONSES] == 0;
		if (all == NULL || all->n[CL_C_REQUESTS] + all->n[CL_C_RESPONSES] == 0)
			continue;
		if (all->n[CL_C_RESPONSES] == 0)
			cl_doc_say(r->d,
				   "%s: the capture holds requests and not one response. Either nobody "
				   "answered, or it saw "
				   "one direction alone: answered shares and response times are not known.",
				   cl_report_proto[p]);
		else if (all->n[CL_C_REQUESTS] == 0)
			cl_doc_say(r->d,
				   "%s: the capture holds responses and not one request: it saw one "
				   "direction alone. "
				   "Clients are those that ask, so there are none to count.",
				   cl_report_proto[p]);
		else if (silent > 0)
			cl_doc_say(r->d, "%s: %zu server%s asked and never seen to answer.",
				   cl_report_proto[p], silent, silent == 1 ? " was" : "s were");
	}
}

/* By day ---------------------------------------------------------------------- */

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Responses", "responses", CL_COL_COUNT },
	{ "Answered", "answered_share", CL_COL_SHARE },
	{ "Octets in", "request_bytes", CL_COL_COUNT },
	{ "Octets out", "response_bytes", CL_COL_COUNT },
};

static void day_row(struct cl_report *r, struct cl_doc_table *t, struct cl_query *q, enum cl_proto proto,
		    size_t day)
{
	cl_query_bind_i64(q, 3, r->o->day_from + (int64_t)day);
	bool found = cl_query_row(q) && !cl_query_null(q, 0);

	cl_report_day_cells(r, t, day);
	cl_doc_text(t, cl_report_proto[proto]);
	if (found || r->day[day].captured != CL_REPORT_NONE) {
		uint64_t requests = found ? cl_query_u64(q, 0) : 0,
			 responses = found ? cl_query_u64(q, 1) : 0;

		cl_doc_count(t, requests);
		cl_doc_count(t, responses);
		cl_doc_share(t, responses > 0 && requests > 0 ? (double)cl_query_i64(q, 2) / (double)requests
							      : (double)NAN);
		cl_doc_count(t, found ? cl_query_u64(q, 3) : 0);
		cl_doc_count(t, found ? cl_query_u64(q, 4) : 0);
	} else {
		for (int i = 0; i < 5; i++)
			cl_doc_null(t);
	}
	cl_query_again(q);
}

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "days", "Requests and responses by day", day_columns, 8, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT sum(requests), sum(responses), sum(matched), sum(request_bytes), "
		"sum(response_bytes) FROM dates CROSS JOIN day ON day.source_id = dates.source_id "
		"AND day.day = dates.day JOIN total USING(service_id) WHERE proto = ?2 AND "
		"dates.day = ?3");

	for (unsigned p = 0; p < CL_PROTOS; p++) {
		cl_query_bind_text(q, 2, cl_proto_names[p]);
		for (size_t i = 0; i < r->days && cl_report_all(r, (enum cl_proto)p) != NULL; i++)
			day_row(r, t, q, (enum cl_proto)p, i);
	}
	cl_query_free(q);
	for (unsigned p = 0; p < CL_PROTOS && r->days > 1; p++) {
		struct cl_doc_plot *plot = cl_report_plot_days(
			r, t, p == CL_PROTO_NTP ? "NTP: requests by day" : "DNS: queries by day",
			cl_report_proto[p]);
		cl_doc_panel(plot, p == CL_PROTO_NTP ? "requests a day" : "queries a day", CL_UNIT_NUMBER,
			     false);
		cl_doc_series(plot, "requests", CL_SHAPE_BAR, 3, CL_FOLD_SUM);
		cl_doc_panel(plot, "share answered", CL_UNIT_SHARE, false);
		cl_doc_series(plot, "answered", CL_SHAPE_LINE, 5, CL_FOLD_MEAN);
	}
}

/* By parts of the time --------------------------------------------------------------------- */

static const struct cl_column part_columns[] = {
	{ "Until", "t", CL_COL_TIME },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Mean/s", "mean_rate", CL_COL_NUMBER },
	{ "Busiest step/s", "peak_rate", CL_COL_NUMBER },
};

static void part_row(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto, int64_t until_s,
		     const uint64_t *n)
{
	int64_t until_ns = until_s * 1000000000,
		captured_ns = cl_report_captured_ns(r, until_ns - cl_report_part_s(r) * 1000000000, until_ns);

	cl_doc_time(t, until_ns);
	cl_doc_text(t, cl_report_proto[proto]);
	if (n[0] > 0 || captured_ns >= 0) {
		cl_doc_count(t, n[0]);
		cl_doc_number(t, cl_report_part((double)n[0], (double)captured_ns / 1e9));
		cl_doc_number(t, (double)n[1] / (double)r->step_s);
	} else {
		for (int i = 0; i < 3; i++)
			cl_doc_null(t);
	}
}

/* All parts of the time: nothing came in some that were captured, and some were not. */
static void parts_of(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto)
{
	static const uint64_t nothing[2];
	int64_t part_s = cl_report_part_s(r), begin_s = cl_report_day_ns(r, 0) / 1000000000,
		at = begin_s + part_s, end = cl_report_day_ns(r, r->days) / 1000000000;
	struct cl_query *q =
		cl_query_new(r->s->store, "SELECT (t - ?4 + ?2 - 1) / ?2 * ?2 + ?4 AS h, sum(n), max(n) FROM "
					  "(SELECT t, sum(requests) AS n FROM "
					  "total CROSS JOIN step USING(service_id) JOIN span ON t BETWEEN "
					  "t_from AND t_to WHERE proto = ?3 "
					  "GROUP BY t) GROUP BY h ORDER BY h");

	cl_query_bind_i64(q, 2, part_s);
	cl_query_bind_text(q, 3, cl_proto_names[proto]);
	cl_query_bind_i64(q, 4, begin_s);
	while (cl_query_row(q)) {
		const uint64_t n[2] = { cl_query_u64(q, 1), cl_query_u64(q, 2) };

		for (; at < cl_query_i64(q, 0); at += part_s)
			part_row(r, t, proto, at, nothing);
		part_row(r, t, proto, at, n);
		at += part_s;
	}
	cl_query_free(q);
	for (; at <= end; at += part_s)
		part_row(r, t, proto, at, nothing);
}

static void table_parts(struct cl_report *r)
{
	char words[32], title[64];

	snprintf(title, sizeof title, "Rates, each %s", cl_report_part_words(r, words));
	struct cl_doc_table *t = cl_doc_table(r->d, "rates", title, part_columns, 5, CL_DOC_FOLDED);
	for (unsigned p = 0; p < CL_PROTOS; p++)
		if (cl_report_all(r, (enum cl_proto)p) != NULL)
			parts_of(r, t, (enum cl_proto)p);
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		struct cl_doc_plot *plot = cl_doc_plot(
			r->d, t,
			&(struct cl_doc_plot_of){ .title = p == CL_PROTO_NTP ? "NTP: requests a second"
									     : "DNS: queries a second",
						  .x_label = "time",
						  .before_s = (double)cl_report_part_s(r),
						  .where = 1,
						  .is = cl_report_proto[p] });

		snprintf(title, sizeof title, "mean of the %s", words);
		cl_doc_panel(plot, "rate", CL_UNIT_RATE, false);
		if (cl_report_part_s(r) > r->step_s)
			cl_doc_series(plot, "their busiest step", CL_SHAPE_LINE, 4, CL_FOLD_MAX);
		cl_doc_series(plot, title, CL_SHAPE_LINE, 3, CL_FOLD_MEAN);
	}
}

void cl_report_traffic(struct cl_report *r)
{
	cl_doc_chapter(r->d, "traffic", "Requests and answers");
	table_servers(r);
	if (r->subjects == 0)
		return;
	cl_doc_say(r->d,
		   "Answered: requests with a response in time. Octets are those of frames. The mean rate is "
		   "over the "
		   "captured time (%.2f days); the peak is that of the busiest step of %lld s.",
		   (double)r->captured_ns / 86400e9, (long long)r->step_s);
	say_answers(r);
	table_days(r);
	table_parts(r);
}

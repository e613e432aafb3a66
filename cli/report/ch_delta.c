/* SPDX-License-Identifier: BSD-2-Clause */
/* Time between request and response: by server, and by day beside the load. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column server_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "n", "n", CL_COL_COUNT },
	{ "min", "min_s", CL_COL_DURATION },
	{ "p50", "p50_s", CL_COL_DURATION },
	{ "p90", "p90_s", CL_COL_DURATION },
	{ "p99", "p99_s", CL_COL_DURATION },
	{ "p99.9", "p999_s", CL_COL_DURATION },
	{ "max", "max_s", CL_COL_DURATION },
	{ "over 1 ms", "over_1ms", CL_COL_COUNT },
	{ "over 10 ms", "over_10ms", CL_COL_COUNT },
	{ "over 100 ms", "over_100ms", CL_COL_COUNT },
};

static struct cl_hist hist_of(struct cl_report *r, const struct cl_report_subject *u, const char *and)
{
	char where[256];

	if (u->all)
		snprintf(where, sizeof where,
			 "d.service_id IN (SELECT service_id FROM total WHERE proto = '%s') AND ?1 = 0 AND "
			 "kind IN "
			 "(0, 2)%s",
			 cl_proto_names[u->proto], and);
	else
		snprintf(where, sizeof where, "d.service_id = ?1 AND kind IN (0, 2)%s", and);
	return cl_view_hist(r->s, where, u->all ? 0 : u->service_id);
}

static void quantile_cells(struct cl_doc_table *t, const struct cl_hist *h, const double *q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (h->n == 0)
			cl_doc_null(t);
		else
			cl_doc_duration(t, q[i] > 0 ? cl_hist_quantile(h, q[i]) : h->min);
	}
	if (h->n == 0)
		cl_doc_null(t);
	else
		cl_doc_duration(t, h->max);
}

static void table_servers(struct cl_report *r)
{
	static const double q[] = { 0, 0.5, 0.9, 0.99, 0.999 };
	struct cl_doc_table *t =
		cl_doc_table(r->d, "servers", "Response time", server_columns, 12, CL_DOC_SHOWN);

	cl_doc_table_sparse(t, 7u << 9);
	for (size_t i = 0; i < r->subjects; i++) {
		const struct cl_report_subject *u = &r->subject[i];
		struct cl_hist h = hist_of(r, u, "");

		if (h.n > 0) {
			cl_doc_text(t, u->name);
			cl_doc_text(t, cl_report_proto[u->proto]);
			cl_doc_count(t, h.n);
			quantile_cells(t, &h, q, 5);
			cl_doc_count(t, (uint64_t)u->n[CL_C_OVER_1MS]);
			cl_doc_count(t, (uint64_t)u->n[CL_C_OVER_10MS]);
			cl_doc_count(t, (uint64_t)u->n[CL_C_OVER_100MS]);
		}
		cl_hist_free(&h);
	}
}

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "n", "n", CL_COL_COUNT },
	{ "p50", "p50_s", CL_COL_DURATION },
	{ "p90", "p90_s", CL_COL_DURATION },
	{ "p99", "p99_s", CL_COL_DURATION },
	{ "max", "max_s", CL_COL_DURATION },
	{ "Requests/s", "rate", CL_COL_NUMBER },
};

static double rate_of(struct cl_report *r, enum cl_proto proto, size_t day)
{
	struct cl_query *q = cl_query_new(r->s->store, "SELECT sum(requests) FROM day JOIN total "
						       "USING(service_id) WHERE proto = ?2 AND day = ?3");

	cl_query_bind_text(q, 2, cl_proto_names[proto]);
	cl_query_bind_i64(q, 3, r->o->day_from + (int64_t)day);
	double n = cl_query_row(q) ? (double)cl_query_i64(q, 0) : 0;
	cl_query_free(q);
	return cl_report_part(n, (double)r->day[day].captured_ns / 1e9);
}

static void day_row(struct cl_report *r, struct cl_doc_table *t, const struct cl_report_subject *u,
		    size_t day)
{
	static const double q[] = { 0.5, 0.9, 0.99 };
	char and[64];

	snprintf(and, sizeof and, " AND d.day = %lld", (long long)(r->o->day_from + (int64_t)day));
	struct cl_hist h = hist_of(r, u, and);
	cl_report_day_cells(r, t, day);
	cl_doc_text(t, cl_report_proto[u->proto]);
	if (h.n > 0 || r->day[day].captured != CL_REPORT_NONE)
		cl_doc_count(t, h.n);
	else
		cl_doc_null(t);
	quantile_cells(t, &h, q, 3);
	cl_doc_number(t, rate_of(r, u->proto, day));
	cl_hist_free(&h);
}

static void plot_days(struct cl_report *r, const struct cl_doc_table *t, enum cl_proto proto)
{
	struct cl_doc_plot *p =
		cl_report_plot_days(r, t,
				    proto == CL_PROTO_NTP ? "NTP: response time beside the load"
							  : "DNS: response time beside the load",
				    cl_report_proto[proto]);

	cl_doc_panel(p, "response time", CL_UNIT_DURATION, true);
	cl_doc_series(p, "p50", CL_SHAPE_LINE, 4, CL_FOLD_MEAN);
	cl_doc_series(p, "p90", CL_SHAPE_LINE, 5, CL_FOLD_MEAN);
	cl_doc_series(p, "p99", CL_SHAPE_LINE, 6, CL_FOLD_MEAN);
	cl_doc_panel(p, "requests a second, mean of the day", CL_UNIT_RATE, false);
	cl_doc_series(p, "requests", CL_SHAPE_BAR, 8, CL_FOLD_MEAN);
}

void cl_report_delta(struct cl_report *r)
{
	int64_t matched = 0;

	for (size_t i = 0; i < r->subjects; i++)
		matched += r->subject[i].all ? r->subject[i].n[CL_C_MATCHED] : 0;
	if (r->subjects == 0)
		return;
	cl_doc_chapter(r->d, "delta", "Response time");
	if (matched == 0) {
		cl_doc_say(r->d, "No request was seen answered: there is no response time.");
		return;
	}
	table_servers(r);
	struct cl_doc_table *t =
		cl_doc_table(r->d, "days", "Response time by day", day_columns, 9, CL_DOC_FOLDED);
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		const struct cl_report_subject *all = cl_report_all(r, (enum cl_proto)p);

		for (size_t i = 0; all != NULL && all->n[CL_C_MATCHED] > 0 && i < r->days; i++)
			day_row(r, t, all, i);
		if (all != NULL && r->days > 1)
			plot_days(r, t, (enum cl_proto)p);
	}
	cl_doc_say(r->d, "From the request's last packet to the response's last, by the clock of the capture "
			 "and at its "
			 "place: what lies between it and the server is in it. Quantiles are within 1 %%; n, "
			 "min and max are "
			 "exact.");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* NTP: versions, modes, authentication, poll intervals, software. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column code_columns[] = {
	{ "Value", "value", CL_COL_TEXT },
	{ "Packets", "packets", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
};

/* Counts of one kind by code, most first; `name` may be NULL: the number. */
static struct cl_doc_table *table_codes(struct cl_report *r, const char *kind, const char *key,
					const char *title, void (*name)(uint32_t code, char out[32]),
					const char *order)
{
	char sql[512];
	struct cl_doc_table *t = cl_doc_table(r->d, key, title, code_columns, 3, CL_DOC_SHOWN);

	snprintf(sql, sizeof sql,
		 "SELECT code, n, sum(n) OVER () FROM (SELECT code, sum(c.n) AS n FROM dates CROSS JOIN "
		 "day_code AS c "
		 "ON c.source_id = dates.source_id AND c.day = dates.day JOIN total USING(service_id) WHERE "
		 "c.kind = ?2 GROUP BY code) ORDER BY %s",
		 order);
	struct cl_query *q = cl_query_new(r->s->store, sql);
	cl_query_bind_text(q, 2, kind);
	while (cl_query_row(q)) {
		char text[32];

		name((uint32_t)cl_query_i64(q, 0), text);
		cl_doc_text(t, text);
		cl_doc_count(t, cl_query_u64(q, 1));
		cl_report_share(t, q, 1, 2);
	}
	cl_query_free(q);
	return t;
}

static void name_number(uint32_t code, char out[32])
{
	snprintf(out, 32, code == 65535 ? "others" : "%u", code);
}

static void name_mode(uint32_t code, char out[32])
{
	static const char *const names[] = { "reserved", "symmetric active", "symmetric passive", "client",
					     "server",	 "broadcast",	     "control",		  "private" };

	if (code < 8)
		snprintf(out, 32, "%u %s", code, names[code]);
	else
		name_number(code, out);
}

static void name_poll(uint32_t code, char out[32])
{
	if (code > CL_POLL_MOST)
		snprintf(out, 32, "above 2^17 s");
	else
		snprintf(out, 32, "2^%u = %llu s", code, 1ull << code);
}

static void plot_codes(struct cl_report *r, const struct cl_doc_table *t, const char *title, const char *what)
{
	struct cl_doc_plot *p = cl_doc_plot(
		r->d, t, &(struct cl_doc_plot_of){ .title = title, .x = 0, .where = -1, .most = 24 });

	cl_doc_panel(p, what, CL_UNIT_SHARE, false);
	cl_doc_series(p, what, CL_SHAPE_BAR, 2, CL_FOLD_SUM);
}

/* Authentication by day --------------------------------------------------------- */

static const struct cl_column auth_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Plain", "plain", CL_COL_COUNT },
	{ "MAC", "mac", CL_COL_COUNT },
	{ "NTS", "nts", CL_COL_COUNT },
	{ "MAC share", "mac_share", CL_COL_SHARE },
	{ "NTS share", "nts_share", CL_COL_SHARE },
};

static void auth_cells(struct cl_doc_table *t, uint64_t requests, uint64_t mac, uint64_t nts)
{
	uint64_t plain = mac + nts < requests ? requests - mac - nts : 0;

	cl_doc_count(t, requests);
	cl_doc_count(t, plain);
	cl_doc_count(t, mac);
	cl_doc_count(t, nts);
	cl_doc_share(t, cl_report_part((double)mac, (double)requests));
	cl_doc_share(t, cl_report_part((double)nts, (double)requests));
}

static void table_auth(struct cl_report *r, const struct cl_report_subject *all)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "auth_days", "Authentication by day", auth_columns, 8, CL_DOC_FOLDED);
	struct cl_query *q =
		cl_query_new(r->s->store, "SELECT sum(requests), sum(mac), sum(nts) FROM day JOIN "
					  "total USING(service_id) WHERE proto = 'ntp' AND day = ?2");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, r->o->day_from + (int64_t)i);
		cl_report_day_cells(r, t, i);
		if (cl_query_row(q) && (!cl_query_null(q, 0) || r->day[i].captured != CL_REPORT_NONE))
			auth_cells(t, cl_query_u64(q, 0), cl_query_u64(q, 1), cl_query_u64(q, 2));
		else
			for (int k = 0; k < 6; k++)
				cl_doc_null(t);
		cl_query_again(q);
	}
	cl_query_free(q);
	if (r->days < 2 || all->n[CL_C_MAC] + all->n[CL_C_NTS] == 0)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "NTP: authenticated requests", NULL);
	cl_doc_panel(p, "share of requests", CL_UNIT_SHARE, false);
	cl_doc_series(p, "NTS", CL_SHAPE_LINE, 7, CL_FOLD_MEAN);
	cl_doc_series(p, "MAC", CL_SHAPE_LINE, 6, CL_FOLD_MEAN);
}

static void list_requests(struct cl_report *r, const struct cl_report_subject *all)
{
	struct cl_doc_table *t = cl_doc_list(r->d, "requests", "Requests and responses");
	double requests = (double)all->n[CL_C_REQUESTS];
	int64_t plain = all->n[CL_C_REQUESTS] - all->n[CL_C_MAC] - all->n[CL_C_NTS];

	cl_doc_item_count(t, "requests", "requests", (uint64_t)all->n[CL_C_REQUESTS]);
	cl_doc_item_count(t, "  not authenticated", "plain", plain > 0 ? (uint64_t)plain : 0);
	cl_doc_item_count(t, "  with a MAC", "mac", (uint64_t)all->n[CL_C_MAC]);
	cl_doc_item_count(t, "  with NTS", "nts", (uint64_t)all->n[CL_C_NTS]);
	cl_doc_item_share(t, "share with NTS", "nts_share",
			  cl_report_part((double)all->n[CL_C_NTS], requests));
	cl_doc_item_count(t, "answered in interleaved mode", "interleaved",
			  (uint64_t)all->n[CL_C_INTERLEAVED]);
	cl_doc_item_count(t, "kiss-o'-death responses", "kod", (uint64_t)all->n[CL_C_KOD]);
	cl_doc_item_count(t, "neither request nor response (modes 0, 5, 6, 7)", "apart",
			  (uint64_t)all->n[CL_C_APART]);
}

void cl_report_ntp(struct cl_report *r)
{
	const struct cl_report_subject *all = cl_report_all(r, CL_PROTO_NTP);

	if (all == NULL)
		return;
	cl_doc_chapter(r->d, "ntp", "NTP");
	list_requests(r, all);
	table_auth(r, all);
	struct cl_doc_table *t =
		table_codes(r, "version", "versions", "Versions, all packets", name_number, "n DESC, code");
	plot_codes(r, t, "NTP versions", "share of packets");
	table_codes(r, "mode", "modes", "Modes, all packets", name_mode, "n DESC, code");
	t = table_codes(r, "poll", "polls", "Poll interval that requests state", name_poll, "code");
	if (cl_doc_rows(t) > 0) {
		plot_codes(r, t, "Poll interval that NTP requests state", "share of requests");
		cl_doc_say(r->d, "What a client states need not be how often it asks; many simple clients "
				 "state 0 or what "
				 "they were built with.");
	}
}

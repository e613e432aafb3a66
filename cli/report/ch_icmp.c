/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors about NTP and DNS: IPv6 and IPv4 beside each other. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"
#include "cli/view/icmp_view.h"

static const struct cl_column family_columns[] = {
	{ "Family", "family", CL_COL_TEXT },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "Errors", "errors", CL_COL_COUNT },
	{ "Senders", "senders", CL_COL_COUNT },
	{ "Affected clients", "affected_clients", CL_COL_COUNT },
	{ "Senders per client", "sender_share", CL_COL_SHARE },
	{ "Clients affected", "affected_share", CL_COL_SHARE },
};

static void family_row(struct cl_doc_table *t, const char *name, const struct cl_icmp_figures *f)
{
	cl_doc_text(t, name);
	cl_doc_count(t, f->requests);
	cl_doc_count(t, f->clients);
	cl_doc_count(t, f->errors);
	cl_doc_count(t, f->senders);
	cl_doc_count(t, f->affected);
	cl_doc_share(t, cl_icmp_share(f->senders, f->clients));
	cl_doc_share(t, cl_icmp_share(f->affected, f->clients));
}

static const struct cl_column kind_columns[] = {
	{ "Type", "type", CL_COL_TEXT },
	{ "Meaning", "name", CL_COL_TEXT },
	{ "Errors", "errors", CL_COL_COUNT },
	{ "Senders", "senders", CL_COL_COUNT },
	{ "Affected clients", "affected_clients", CL_COL_COUNT },
	{ "From the client", "from_client", CL_COL_COUNT },
};

/* A cl_icmp_kind_fn. */
static void kind_row(void *ctx, const struct cl_icmp_kind *row)
{
	struct cl_doc_table *t = ctx;
	char text[32];

	cl_doc_text(t, cl_icmp_kind_number(row->family, row->type, row->code, text));
	cl_doc_text(t, cl_icmp_kind_name(row->family, row->type, row->code, text));
	cl_doc_count(t, row->errors);
	cl_doc_count(t, row->senders);
	cl_doc_count(t, row->affected);
	cl_doc_count(t, row->from_client);
}

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "IPv6 errors", "ipv6", CL_COL_COUNT },
	{ "IPv4 errors", "ipv4", CL_COL_COUNT },
};

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "days", "Errors by day", day_columns, 4, CL_DOC_FOLDED);
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT coalesce(sum(errors) FILTER (WHERE family = 6), 0), coalesce(sum(errors) FILTER "
		"(WHERE family = 4), 0) FROM icmp_day WHERE day = ?2 AND (NOT EXISTS (SELECT 1 FROM "
		"wanted) OR server IN (SELECT addr FROM wanted))");

	for (size_t i = 0; i < r->days; i++) {
		cl_query_bind_i64(q, 2, r->o->day_from + (int64_t)i);
		cl_report_day_cells(r, t, i);
		if (cl_query_row(q) &&
		    (r->day[i].captured != CL_REPORT_NONE || cl_query_u64(q, 0) + cl_query_u64(q, 1) > 0)) {
			cl_doc_count(t, cl_query_u64(q, 0));
			cl_doc_count(t, cl_query_u64(q, 1));
		} else {
			cl_doc_null(t);
			cl_doc_null(t);
		}
		cl_query_again(q);
	}
	cl_query_free(q);
	if (r->days < 2)
		return;
	struct cl_doc_plot *p = cl_report_plot_days(r, t, "ICMP errors about NTP and DNS", NULL);
	cl_doc_panel(p, "errors a day", CL_UNIT_NUMBER, false);
	cl_doc_series(p, "IPv6", CL_SHAPE_STACK, 2, CL_FOLD_MEAN);
	cl_doc_series(p, "IPv4", CL_SHAPE_STACK, 3, CL_FOLD_MEAN);
}

void cl_report_icmp(struct cl_report *r)
{
	if (r->subjects == 0)
		return;
	cl_icmp_prepare(r->s);
	struct cl_icmp_both b = cl_icmp_both_of(r->s, NULL, &r->clients);
	cl_doc_chapter(r->d, "icmp", "ICMP errors");
	struct cl_doc_table *t = cl_doc_table(r->d, "families", "Errors about NTP and DNS packets",
					      family_columns, 8, CL_DOC_SHOWN);
	for (size_t i = 0; i < 2; i++)
		family_row(t, cl_icmp_families[i] == 6 ? "IPv6" : "IPv4", &b.family[i]);
	if (b.sum.errors == 0) {
		cl_doc_say(r->d, "There was no ICMP error about an NTP or DNS packet.");
		return;
	}
	cl_doc_say(r->d, "Senders: addresses that sent errors, routers among them. Affected: clients to "
			 "which the quoted "
			 "response was going. Anyone can send such errors: whether a quote is of a packet "
			 "that was sent is "
			 "told by 'clientele icmp' where single messages are kept.");
	table_days(r);
	t = cl_doc_table(r->d, "types", "Types", kind_columns, 6, CL_DOC_SHOWN);
	cl_icmp_each_kind(r->s, kind_row, t);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The month beside those before it. */
#include <math.h>
#include <string.h>

#include "cli/report/report.h"

#define MONTHS 13u /* this one, and the twelve before */

static const struct cl_column month_columns[] = {
	{ "Month", "month", CL_COL_TEXT },	    { "Proto", "proto", CL_COL_TEXT },
	{ "Days with data", "days", CL_COL_COUNT }, { "Requests", "requests", CL_COL_COUNT },
	{ "Responses", "responses", CL_COL_COUNT }, { "Answered", "answered_share", CL_COL_SHARE },
	{ "Clients", "clients", CL_COL_COUNT },	    { "IPv4", "ipv4", CL_COL_COUNT },
	{ "IPv6", "ipv6", CL_COL_COUNT },
};

enum { REQUESTS, RESPONSES, CLIENTS, IPV4, IPV6, FIGURES };
static const char *const figure_names[FIGURES] = { "requests", "responses", "clients", "IPv4 clients",
						   "IPv6 clients" };

struct month {
	char name[8];
	bool there, clients_known;
	uint64_t days, n[FIGURES], matched;
};

/* The first day of the month `back` months before the report's. */
static int64_t month_begin(const struct cl_report *r, unsigned back)
{
	char text[CL_TIME_STRLEN];
	int64_t ns = 0;
	int year, month;

	cl_time_format(text, cl_report_day_ns(r, 0), 0);
	if (sscanf(text, "%4d-%2d", &year, &month) != 2)
		return 0;
	int at = year * 12 + month - 1 - (int)back;
	snprintf(text, sizeof text, "%04d-%02d-01", (at / 12) % 10000, at % 12 + 1);
	cl_time_parse(text, &ns);
	return cl_floor_div(ns, INT64_C(86400000000000));
}

static void read_counts(struct cl_report *r, enum cl_proto proto, int64_t begin, int64_t end, struct month *m)
{
	struct cl_query *q = cl_query_new(
		r->s->store,
		"SELECT count(DISTINCT day), sum(requests), sum(responses), sum(matched) FROM day JOIN "
		"total USING(service_id) WHERE proto = ?2 AND day >= ?3 AND day < ?4");

	cl_query_bind_text(q, 2, cl_proto_names[proto]);
	cl_query_bind_i64(q, 3, begin);
	cl_query_bind_i64(q, 4, end);
	if (cl_query_row(q) && cl_query_u64(q, 0) > 0) {
		m->there = true;
		m->days = cl_query_u64(q, 0);
		m->n[REQUESTS] = cl_query_u64(q, 1);
		m->n[RESPONSES] = cl_query_u64(q, 2);
		m->matched = cl_query_u64(q, 3);
	}
	cl_query_free(q);
}

/* Clients of other months are stored, of several sources where `merge` has united them. */
static void read_clients(struct cl_report *r, enum cl_proto proto, unsigned back, struct month *m)
{
	const struct cl_report_subject *all = cl_report_all(r, proto);

	if (back == 0 && all != NULL) {
		m->clients_known = true;
		m->n[IPV4] = all->clients.ipv4;
		m->n[IPV6] = all->clients.ipv6;
	} else if (back > 0 && r->s->options->nservers == 0) {
		struct cl_query *q = cl_query_new(
			r->s->store,
			"SELECT ipv4, ipv6 FROM unique_clients_of_all_by_month WHERE kind = 'all' AND "
			"proto = ?2 AND month = ?3");

		cl_query_bind_text(q, 2, cl_proto_names[proto]);
		cl_query_bind_text(q, 3, m->name);
		m->clients_known = cl_query_row(q);
		if (m->clients_known) {
			m->n[IPV4] = cl_query_u64(q, 0);
			m->n[IPV6] = cl_query_u64(q, 1);
		}
		cl_query_free(q);
	}
	m->n[CLIENTS] = m->n[IPV4] + m->n[IPV6];
}

static void read_month(struct cl_report *r, enum cl_proto proto, unsigned back, struct month *m)
{
	int64_t begin = month_begin(r, back), end = back > 0 ? month_begin(r, back - 1) : r->o->day_to + 1;
	char text[CL_TIME_STRLEN];

	*m = (struct month){ .there = false };
	cl_time_format(text, begin * INT64_C(86400000000000), 0);
	snprintf(m->name, sizeof m->name, "%.7s", text);
	read_counts(r, proto, begin, end, m);
	if (m->there)
		read_clients(r, proto, back, m);
}

static void month_row(struct cl_doc_table *t, enum cl_proto proto, const struct month *m)
{
	cl_doc_text(t, m->name);
	cl_doc_text(t, cl_report_proto[proto]);
	cl_doc_count(t, m->days);
	cl_doc_count(t, m->n[REQUESTS]);
	cl_doc_count(t, m->n[RESPONSES]);
	cl_doc_share(t, m->n[RESPONSES] > 0 ? cl_report_part((double)m->matched, (double)m->n[REQUESTS])
					    : (double)NAN);
	for (int i = CLIENTS; i < FIGURES; i++) {
		if (m->clients_known)
			cl_doc_count(t, m->n[i]);
		else
			cl_doc_null(t);
	}
}

static const struct cl_column change_columns[] = {
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Figure", "figure", CL_COL_TEXT },
	{ "This month", "this", CL_COL_COUNT },
	{ "Month before", "before", CL_COL_COUNT },
	{ "Change", "change", CL_COL_SHARE },
	{ "Mean of months before", "mean", CL_COL_NUMBER },
	{ "Change", "change_to_mean", CL_COL_SHARE },
	{ "Months", "months", CL_COL_COUNT },
};

static void change_row(struct cl_doc_table *t, enum cl_proto proto, unsigned figure, const struct month *m)
{
	double sum = 0;
	uint64_t months = 0;

	for (unsigned i = 1; i < MONTHS; i++)
		if (m[i].there && (figure < CLIENTS || m[i].clients_known)) {
			sum += (double)m[i].n[figure];
			months++;
		}
	bool before = m[1].there && (figure < CLIENTS || m[1].clients_known);
	double now = (double)m[0].n[figure], mean = months > 0 ? sum / (double)months : (double)NAN;
	cl_doc_text(t, cl_report_proto[proto]);
	cl_doc_text(t, figure_names[figure]);
	cl_doc_count(t, m[0].n[figure]);
	if (before)
		cl_doc_count(t, m[1].n[figure]);
	else
		cl_doc_null(t);
	cl_doc_share(t, before && m[1].n[figure] > 0 ? now / (double)m[1].n[figure] - 1 : (double)NAN);
	cl_doc_number(t, mean);
	cl_doc_share(t, mean > 0 ? now / mean - 1 : (double)NAN);
	cl_doc_count(t, months);
}

void cl_report_compare(struct cl_report *r)
{
	struct month m[CL_PROTOS][MONTHS];
	bool before = false;

	if (!r->o->month || r->subjects == 0)
		return;
	cl_doc_chapter(r->d, "compare", "Beside the months before");
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (unsigned i = 0; i < MONTHS; i++) {
			read_month(r, (enum cl_proto)p, i, &m[p][i]);
			before |= i > 0 && m[p][i].there;
		}
	if (!before) {
		cl_doc_say(r->d, "The database has none of the twelve months before this one.");
		return;
	}
	struct cl_doc_table *t = cl_doc_table(r->d, "changes", "Changes", change_columns, 8, CL_DOC_SHOWN);
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (unsigned i = 0; i < FIGURES && m[p][0].there; i++)
			change_row(t, (enum cl_proto)p, i, m[p]);
	cl_doc_say(r->d,
		   "The mean is over those of the twelve months before that the database has, each as far as "
		   "it was "
		   "captured: a month of which days are missing counts as it stands.");
	t = cl_doc_table(r->d, "months", "Months", month_columns, 9, CL_DOC_SHOWN);
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (unsigned i = MONTHS; i-- > 0;)
			if (m[p][i].there)
				month_row(t, (enum cl_proto)p, &m[p][i]);
}

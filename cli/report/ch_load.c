/* SPDX-License-Identifier: BSD-2-Clause */
/* Who asks most, who asks too much, and the busiest steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column client_columns[] = {
	{ "Client", "client", CL_COL_TEXT }, { "Label", "label", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },   { "Requests", "requests", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },  { "Most on a day", "busiest_day", CL_COL_COUNT },
	{ "Rate/s", "rate", CL_COL_NUMBER }, { "Abusive", "abusive", CL_COL_TEXT },
};

struct busy {
	struct cl_population_client c;
	uint64_t requests;
};

/* Most requests first, of equals IPv4 first, then by address. */
static int by_requests(const void *a, const void *b)
{
	const struct busy *x = a, *y = b;

	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return cl_addr_cmp(&x->c.addr, &y->c.addr);
}

/* Keeps the `most` clients that ask most among twice as many. */
static size_t settle(struct busy *list, size_t n, size_t most)
{
	if (n > 0)
		qsort(list, n, sizeof *list, by_requests);
	return n < most ? n : most;
}

static size_t find_busy(const struct cl_report *r, enum cl_proto proto, struct busy *list, size_t most)
{
	size_t n = 0;
	const struct busy *least = NULL; /* of those kept so far */

	for (size_t i = 0; i < cl_population_size(r->people); i++) {
		struct busy x;

		if (!cl_population_client(r->people, i, &x.c) || x.c.requests[proto] == 0)
			continue;
		x.requests = x.c.requests[proto];
		if (least != NULL && by_requests(&x, least) > 0)
			continue;
		list[n++] = x;
		if (n == most * 2) {
			n = settle(list, n, most);
			least = &list[n - 1];
		}
	}
	return settle(list, n, most);
}

static void client_row(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto, const struct busy *x)
{
	const struct cl_report_subject *all = cl_report_all(r, proto);
	char text[CL_REPORT_CLIENT_STRLEN];
	double span_s = (double)(x->c.last_ns - x->c.first_ns) / 1e9;
	uint64_t both = x->c.requests[CL_PROTO_NTP] + x->c.requests[CL_PROTO_DNS];

	cl_report_client(r, &x->c.addr, text);
	cl_doc_text(t, text);
	cl_doc_text(t, cl_labels_find(r->s->labels, &x->c.addr));
	cl_doc_text(t, cl_report_proto[proto]);
	cl_doc_count(t, x->requests);
	cl_doc_share(t, all != NULL ? cl_report_part((double)x->requests, (double)all->n[CL_C_REQUESTS])
				    : (double)NAN);
	cl_doc_count(t, x->c.busiest);
	/* first and last are of both protocols */
	cl_doc_number(t, span_s > 0 ? (double)(both - 1) / span_s : (double)NAN);
	cl_doc_text(t, x->c.abusive[proto] ? "yes" : "no");
}

static void table_clients(struct cl_report *r)
{
	size_t most = r->s->options->top;
	struct cl_doc_table *t = cl_doc_table(r->d, "top", "Who asks most", client_columns, 8, CL_DOC_SHOWN);
	struct busy *list = calloc(most * 2 + 1, sizeof *list);

	cl_doc_table_sparse(t, 1u << 1);
	if (list == NULL) {
		cl_store_fail(r->s->store, CL_ENOMEM);
		return;
	}
	for (unsigned p = 0; p < CL_PROTOS; p++) {
		size_t n = find_busy(r, (enum cl_proto)p, list, most);

		for (size_t i = 0; i < n; i++)
			client_row(r, t, (enum cl_proto)p, &list[i]);
	}
	free(list);
}

static const struct cl_column abusive_columns[] = {
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Abusive clients", "clients", CL_COL_COUNT },
	{ "Of all", "share", CL_COL_SHARE },
	{ "Requests of these", "requests", CL_COL_COUNT },
	{ "Of all", "requests_share", CL_COL_SHARE },
};

static void table_abusive(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "abusive", "Abusive clients", abusive_columns, 5, CL_DOC_SHOWN);

	for (unsigned p = 0; p < CL_PROTOS; p++) {
		uint64_t clients = 0, requests = 0, all = 0, all_requests = 0;
		struct cl_population_client c;

		for (size_t i = 0; i < cl_population_size(r->people); i++) {
			if (!cl_population_client(r->people, i, &c) || c.requests[p] == 0)
				continue;
			all++;
			all_requests += c.requests[p];
			clients += c.abusive[p];
			requests += c.abusive[p] ? c.requests[p] : 0;
		}
		if (all == 0)
			continue;
		cl_doc_text(t, cl_report_proto[p]);
		cl_doc_count(t, clients);
		cl_doc_share(t, (double)clients / (double)all);
		cl_doc_count(t, requests);
		cl_doc_share(t, (double)requests / (double)all_requests);
	}
}

static const struct cl_column peak_columns[] = {
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Step ends", "t", CL_COL_TIME },
	{ "Requests", "requests", CL_COL_COUNT },
	{ "Rate/s", "rate", CL_COL_NUMBER },
	{ "Times the median", "times", CL_COL_NUMBER },
	{ "Clients in it", "clients", CL_COL_COUNT },
	{ "Clients new that day", "new_share", CL_COL_SHARE },
};

/* Steps with most requests, with what the tables say of them. */
static bool peak_rows(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto)
{
	bool unknown = false;
	struct cl_query *q = cl_query_new(
		r->s->store,
		"WITH s AS (SELECT t, sum(requests) AS n FROM total CROSS JOIN "
		"step USING(service_id) JOIN span ON t "
		"BETWEEN t_from AND t_to WHERE proto = ?2 GROUP BY t HAVING n > 0), "
		"top AS (SELECT t, n FROM s ORDER BY n DESC, t LIMIT 5) SELECT t, n, (SELECT n FROM s "
		"ORDER BY n LIMIT 1 OFFSET (SELECT (count(*) - 1) / 2 FROM s)), "
		"(SELECT CASE count(*) WHEN 1 THEN "
		"sum(clients) END FROM source CROSS JOIN step_clients "
		"USING(source_id) JOIN total USING(service_id) WHERE "
		"step_clients.t = top.t AND "
		"proto = ?2 AND window_s = ?3) FROM top ORDER BY n DESC, t");

	cl_query_bind_text(q, 2, cl_proto_names[proto]);
	cl_query_bind_i64(q, 3, r->step_s);
	while (cl_query_row(q)) {
		int64_t t_s = cl_query_s(q, 0), day = cl_floor_div(t_s - 1, 86400) - r->o->day_from;
		struct cl_population_count n = { .clients = 0 };

		if (day >= 0 && (size_t)day < r->days)
			n = cl_population_proto(r->people, (size_t)day, proto);
		cl_doc_text(t, cl_report_proto[proto]);
		cl_doc_time(t, t_s * 1000000000);
		cl_doc_count(t, cl_query_u64(q, 1));
		cl_doc_number(t, (double)cl_query_i64(q, 1) / (double)r->step_s);
		cl_doc_number(t, cl_report_part((double)cl_query_i64(q, 1), (double)cl_query_i64(q, 2)));
		unknown |= cl_query_null(q, 3);
		if (cl_query_null(q, 3))
			cl_doc_null(t);
		else
			cl_doc_count(t, cl_query_u64(q, 3));
		cl_doc_share(t, cl_report_part((double)n.fresh, (double)n.clients));
	}
	cl_query_free(q);
	return unknown;
}

void cl_report_load(struct cl_report *r)
{
	bool any = false, unknown = false;

	for (unsigned p = 0; p < CL_PROTOS; p++) {
		const struct cl_report_subject *all = cl_report_all(r, (enum cl_proto)p);

		any |= all != NULL && all->n[CL_C_REQUESTS] > 0;
	}
	if (!any)
		return;
	cl_doc_chapter(r->d, "load", "Who asks most, and peaks");
	table_clients(r);
	cl_doc_say(r->d,
		   "Rate: requests after the first over the time from the first to the last, NTP and DNS "
		   "together. "
		   "Abusive: on some day %u requests or more to one server, with less than %d s between two "
		   "in the mean; "
		   "one address can be many hosts.",
		   CL_POPULATION_ABUSIVE_REQUESTS, (int)(CL_POPULATION_ABUSIVE_NS / 1000000000));
	table_abusive(r);
	struct cl_doc_table *t = cl_doc_table(r->d, "peaks", "Busiest steps", peak_columns, 7, CL_DOC_SHOWN);
	cl_doc_table_empty(t, "The time captured is shorter than a step.");
	for (unsigned p = 0; p < CL_PROTOS; p++)
		unknown |= peak_rows(r, t, (enum cl_proto)p);
	cl_doc_say(r->d, "The share of new clients is that of the peak's whole day. Peaks of each server "
			 "follow, with what is known of who made them.");
	if (unknown && r->sensors > 1)
		cl_doc_say(r->d,
			   "Clients of a step that several sensors saw are not known exactly: see clients in "
			   "short windows.");
}

void cl_report_limits(struct cl_report *r)
{
	cl_doc_chapter(r->d, "limits", "What cannot be seen from here");
	cl_doc_say(r->d,
		   "How many hosts are behind one address, and how many addresses are one host; requests and "
		   "responses that were lost before the place of the capture, and whether a response "
		   "arrived; what "
		   "is inside encrypted DNS; who used a forged source address.");
	cl_doc_say(r->d,
		   "Clients are addresses that sent a request. Definitions of all figures are in the manual, "
		   "clientele(1), DEFINITIONS and report.");
}

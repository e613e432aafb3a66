/* SPDX-License-Identifier: BSD-2-Clause */
/* Unique clients: of the time, by day, new and returning, how much each asks, and whom. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/report.h"

static const struct cl_column unique_columns[] = {
	{ "Server", "server", CL_COL_TEXT },	{ "Proto", "proto", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT }, { "IPv4", "ipv4", CL_COL_COUNT },
	{ "IPv6", "ipv6", CL_COL_COUNT },	{ "IPv4 /24", "v4_24", CL_COL_COUNT },
	{ "IPv6 /64", "v6_64", CL_COL_COUNT },	{ "IPv6 /48", "v6_48", CL_COL_COUNT },
	{ "", "approximate", CL_COL_TEXT },
};

static void table_unique(struct cl_report *r)
{
	struct cl_doc_table *t =
		cl_doc_table(r->d, "unique", "Unique clients", unique_columns, 9, CL_DOC_SHOWN);

	cl_doc_table_sparse(t, 1u << 8);
	for (size_t i = 0; i < r->subjects; i++) {
		const struct cl_report_subject *u = &r->subject[i];

		if (u->n[CL_C_REQUESTS] == 0)
			continue;
		cl_doc_text(t, u->name);
		cl_doc_text(t, cl_report_proto[u->proto]);
		cl_doc_count(t, u->clients.ipv4 + u->clients.ipv6);
		cl_doc_count(t, u->clients.ipv4);
		cl_doc_count(t, u->clients.ipv6);
		cl_doc_count(t, u->clients.v4_24);
		cl_doc_count(t, u->clients.v6_64);
		cl_doc_count(t, u->clients.v6_48);
		cl_doc_text(t, u->approx.any ? cl_approx_word(&u->approx) : NULL);
	}
}

/* By day ---------------------------------------------------------------------- */

static const struct cl_column day_columns[] = {
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "New", "new", CL_COL_COUNT },
	{ "Returning", "returning", CL_COL_COUNT },
	{ "New share", "new_share", CL_COL_SHARE },
	{ "So far", "cumulative", CL_COL_COUNT },
	{ "Abusive", "abusive", CL_COL_COUNT },
};

/* Clients of the days that asked before them too count in the growth on the first day they come. */
static uint64_t *growth_of(const struct cl_report *r, enum cl_proto proto)
{
	uint64_t *first = calloc(r->days + 1, sizeof *first);
	struct cl_population_client c;

	for (size_t i = 0; first != NULL && i < cl_population_size(r->people); i++)
		if (cl_population_client(r->people, i, &c) && c.requests[proto] > 0)
			first[c.first_day[proto]]++;
	return first;
}

static void day_rows(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto)
{
	uint64_t *first = growth_of(r, proto), sum = 0;

	for (size_t i = 0; first != NULL && i < r->days; i++) {
		struct cl_population_count n = cl_population_proto(r->people, i, proto);

		sum += first[i];
		cl_report_day_cells(r, t, i);
		cl_doc_text(t, cl_report_proto[proto]);
		if (n.clients == 0 && r->day[i].captured == CL_REPORT_NONE) {
			for (int k = 0; k < 6; k++)
				cl_doc_null(t);
			continue;
		}
		cl_doc_count(t, n.clients);
		cl_doc_count(t, n.fresh);
		cl_doc_count(t, n.clients - n.fresh);
		cl_doc_share(t, cl_report_part((double)n.fresh, (double)n.clients));
		cl_doc_count(t, sum);
		cl_doc_count(t, n.abusive);
	}
	if (first == NULL)
		cl_store_fail(r->s->store, CL_ENOMEM);
	free(first);
}

static void plot_days(struct cl_report *r, const struct cl_doc_table *t, enum cl_proto proto)
{
	struct cl_doc_plot *p = cl_report_plot_days(
		r, t, proto == CL_PROTO_NTP ? "NTP: clients by day" : "DNS: clients by day",
		cl_report_proto[proto]);

	cl_doc_panel(p, "clients a day", CL_UNIT_NUMBER, false);
	cl_doc_series(p, "returning", CL_SHAPE_STACK, 5, CL_FOLD_MEAN);
	cl_doc_series(p, "new", CL_SHAPE_STACK, 4, CL_FOLD_MEAN);
	cl_doc_panel(p, "different clients so far", CL_UNIT_NUMBER, false);
	cl_doc_series(p, "so far", CL_SHAPE_LINE, 7, CL_FOLD_MAX);
}

static void say_new(struct cl_report *r)
{
	char from[CL_TIME_STRLEN];

	cl_time_format(from, r->known_from * INT64_C(86400000000000), 0);
	if (r->known_from >= r->o->day_from)
		cl_doc_say(r->d,
			   "New: not seen by this database on any earlier day. It begins on %.10s, so "
			   "nothing is known of "
			   "before: on the first days nearly all clients are new, and a client that comes "
			   "every few days "
			   "is taken for new once.",
			   from);
	else
		cl_doc_say(r->d, "New: not seen by this database on any earlier day; it begins on %.10s.",
			   from);
	cl_doc_say(r->d, "A client is an address. Behind one IPv4 address there may be many, and an IPv6 "
			 "host may come "
			 "with a new one each day.");
}

static void table_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "days", "Clients by day, new and returning", day_columns,
					      9, CL_DOC_FOLDED);

	for (unsigned p = 0; p < CL_PROTOS; p++)
		if (cl_report_all(r, (enum cl_proto)p) != NULL)
			day_rows(r, t, (enum cl_proto)p);
	for (unsigned p = 0; p < CL_PROTOS && r->days > 1; p++)
		if (cl_report_all(r, (enum cl_proto)p) != NULL)
			plot_days(r, t, (enum cl_proto)p);
}

static const struct cl_column server_day_columns[] = {
	{ "Server", "server", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Day", "t", CL_COL_TIME },
	{ "Captured", "captured", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "New", "new", CL_COL_COUNT },
	{ "Returning", "returning", CL_COL_COUNT },
};

static void table_server_days(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "server_days", "Clients of each server by day",
					      server_day_columns, 7, CL_DOC_FOLDED);
	size_t left_out = 0;

	for (size_t i = 0; i < r->subjects; i++) {
		const struct cl_report_subject *u = &r->subject[i];

		left_out += !u->all && u->place == CL_POPULATION_NONE;
		for (size_t k = 0; !u->all && u->place != CL_POPULATION_NONE && k < r->days; k++) {
			struct cl_population_count n = cl_population_server(r->people, k, u->place);

			if (n.clients == 0)
				continue;
			cl_doc_text(t, u->name);
			cl_doc_text(t, cl_report_proto[u->proto]);
			cl_doc_time(t, cl_report_day_ns(r, k));
			cl_doc_text(t, cl_report_captured_words[r->day[k].captured]);
			cl_doc_count(t, n.clients);
			cl_doc_count(t, n.fresh);
			cl_doc_count(t, n.clients - n.fresh);
		}
	}
	if (left_out > 0)
		cl_doc_say(
			r->d,
			"Of %zu more servers, those least asked, days are not told apart: --server chooses.",
			left_out);
}

/* How much each asks ---------------------------------------------------------- */

static const struct cl_column amount_columns[] = {
	{ "Requests in the time", "requests", CL_COL_TEXT },
	{ "Proto", "proto", CL_COL_TEXT },
	{ "Clients", "clients", CL_COL_COUNT },
	{ "Share", "share", CL_COL_SHARE },
	{ "Their requests", "their_requests", CL_COL_COUNT },
	{ "Share", "requests_share", CL_COL_SHARE },
};

/* The last of each class; above the last: the rest. */
static const struct {
	uint64_t most;
	const char *words;
} amounts[] = {
	{ 1, "1" },
	{ 4, "2 to 4" },
	{ 10, "5 to 10" },
	{ 100, "11 to 100" },
	{ 1000, "101 to 1000" },
	{ 10000, "1001 to 10000" },
	{ UINT64_MAX, "more than 10000" },
};
#define AMOUNTS (sizeof amounts / sizeof *amounts)

static void amount_rows(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto)
{
	uint64_t clients[AMOUNTS] = { 0 }, requests[AMOUNTS] = { 0 }, all = 0, all_requests = 0;
	struct cl_population_client c;

	for (size_t i = 0; i < cl_population_size(r->people); i++) {
		size_t k = 0;

		if (!cl_population_client(r->people, i, &c) || c.requests[proto] == 0)
			continue;
		while (c.requests[proto] > amounts[k].most)
			k++;
		clients[k]++;
		requests[k] += c.requests[proto];
		all++;
		all_requests += c.requests[proto];
	}
	for (size_t k = 0; k < AMOUNTS; k++) {
		if (clients[k] == 0)
			continue;
		cl_doc_text(t, amounts[k].words);
		cl_doc_text(t, cl_report_proto[proto]);
		cl_doc_count(t, clients[k]);
		cl_doc_share(t, (double)clients[k] / (double)all);
		cl_doc_count(t, requests[k]);
		cl_doc_share(t, (double)requests[k] / (double)all_requests);
	}
}

static void table_amounts(struct cl_report *r)
{
	struct cl_doc_table *t = cl_doc_table(r->d, "requests_per_client", "How much a client asks",
					      amount_columns, 6, CL_DOC_SHOWN);

	for (unsigned p = 0; p < CL_PROTOS; p++)
		amount_rows(r, t, (enum cl_proto)p);
}

static bool nobody(struct cl_report *r)
{
	bool any = false;

	for (size_t i = 0; i < r->subjects; i++)
		any |= r->subject[i].n[CL_C_REQUESTS] > 0;
	return !any;
}

void cl_report_clients(struct cl_report *r)
{
	if (r->subjects == 0)
		return;
	cl_doc_chapter(r->d, "clients", "Clients");
	if (nobody(r)) {
		cl_doc_say(r->d, "No request was captured: clients are those that ask.");
		return;
	}
	table_unique(r);
	table_days(r);
	say_new(r);
	table_server_days(r);
	table_amounts(r);
}

/* Overlap --------------------------------------------------------------------- */

/* Servers of a protocol, the busiest, that are held against each other. */
#define OVERLAP_MOST 16u

static const struct cl_column overlap_columns[] = {
	{ "Proto", "proto", CL_COL_TEXT },	   { "Server", "server", CL_COL_TEXT },
	{ "Other", "other", CL_COL_TEXT },	   { "Clients of both", "clients", CL_COL_COUNT },
	{ "Of the first", "share", CL_COL_SHARE }, { "Of the other", "other_share", CL_COL_SHARE },
};

struct overlap {
	const struct cl_report_subject *server[OVERLAP_MOST];
	size_t n;
	uint64_t both[OVERLAP_MOST][OVERLAP_MOST];
};

static void count_overlap(const struct cl_report *r, struct overlap *o)
{
	struct cl_population_client c;

	for (size_t i = 0; i < cl_population_size(r->people); i++) {
		if (!cl_population_client(r->people, i, &c))
			continue;
		for (size_t a = 0; a < o->n; a++)
			for (size_t b = 0; (c.servers >> o->server[a]->place & 1) != 0 && b <= a; b++)
				o->both[a][b] += c.servers >> o->server[b]->place & 1;
	}
}

/* An address asks servers of its own family alone. */
static bool never_both(const struct cl_report_subject *a, const struct cl_report_subject *b)
{
	return a->has_address && b->has_address && cl_addr_is_v4(&a->addr) != cl_addr_is_v4(&b->addr);
}

static size_t overlap_rows(struct cl_report *r, struct cl_doc_table *t, enum cl_proto proto)
{
	struct overlap o = { .n = 0 };
	size_t left_out = 0;

	for (size_t i = 0; i < r->subjects; i++) {
		const struct cl_report_subject *u = &r->subject[i];

		if (u->all || u->proto != proto || u->n[CL_C_REQUESTS] == 0)
			continue;
		if (o.n < OVERLAP_MOST && u->place != CL_POPULATION_NONE)
			o.server[o.n++] = u;
		else
			left_out++;
	}
	if (o.n < 2)
		return 0;
	count_overlap(r, &o);
	for (size_t b = 0; b < o.n; b++)
		for (size_t a = b + 1; a < o.n; a++) {
			if (never_both(o.server[a], o.server[b]))
				continue;
			cl_doc_text(t, cl_report_proto[proto]);
			cl_doc_text(t, o.server[b]->name);
			cl_doc_text(t, o.server[a]->name);
			cl_doc_count(t, o.both[a][b]);
			cl_doc_share(t, cl_report_part((double)o.both[a][b], (double)o.both[b][b]));
			cl_doc_share(t, cl_report_part((double)o.both[a][b], (double)o.both[a][a]));
		}
	return left_out;
}

void cl_report_overlap(struct cl_report *r)
{
	size_t servers = 0, left_out = 0;

	for (size_t i = 0; i < r->subjects; i++)
		servers += !r->subject[i].all;
	if (servers < 2)
		return;
	cl_doc_chapter(r->d, "overlap", "Clients of several servers");
	struct cl_doc_table *t =
		cl_doc_table(r->d, "pairs", "Clients that asked both", overlap_columns, 6, CL_DOC_SHOWN);
	cl_doc_table_empty(t, "No two servers of a family were asked the same protocol.");
	for (unsigned p = 0; p < CL_PROTOS; p++)
		left_out += overlap_rows(r, t, (enum cl_proto)p);
	cl_doc_say(r->d, "In the whole time, not at once. Servers of one address family: a client is an "
			 "address, and asks "
			 "no other.");
	if (left_out > 0)
		cl_doc_say(
			r->d,
			"The %u busiest servers of each protocol are held against each other, %zu are not.",
			OVERLAP_MOST, left_out);
}

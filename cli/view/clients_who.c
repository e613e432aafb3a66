/* SPDX-License-Identifier: BSD-2-Clause */
/* clients, as tables: who they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/view/clients_tables.h"

static const struct cl_census_proto *of(const struct cl_clients_ctx *c, size_t subject)
{
	return cl_census_proto(c->v->census, c->v->subject[subject].proto);
}

static void put_class(struct cl_clients_ctx *c, unsigned i, const char *proto,
		      const struct cl_census_proto *p)
{
	cl_cell_count(c->t, cl_census_class_from(i));
	cl_cell_count(c->t, cl_census_class_from(i + 1) - 1);
	cl_cell_text(c->t, proto);
	cl_clients_put_sum(c, &p->class[i], &p -> all);
	cl_table_row_end(c->t);
}

static void put_distribution(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "From", "from", CL_COL_COUNT },
		{ "To", "to", CL_COL_COUNT },
		{ "", "proto", CL_COL_TEXT },
		SUM_COLUMNS,
	};

	cl_clients_begin(c, "Clients by number of requests", columns, COLUMNS(columns));
	for (size_t s = c->v->servers; s < c->v->count; s++) {
		const struct cl_census_proto *p = of(c, s);
		unsigned most = 0;

		for (unsigned i = 0; i < CL_CENSUS_CLASSES; i++)
			most = p->class[i].clients > 0 ? i + 1 : most;
		for (unsigned i = 0; i < most; i++)
			put_class(c, i, cl_proto_names[c->v->subject[s].proto], p);
	}
	cl_table_end(c->t);
}

static void put_concentration(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "", "proto", CL_COL_TEXT },		{ "Gini", "gini", CL_COL_NUMBER },
		{ "Busiest", "top_1", CL_COL_SHARE },	{ "Top 10", "top_10", CL_COL_SHARE },
		{ "Top 100", "top_100", CL_COL_SHARE }, { "Top 1000", "top_1000", CL_COL_SHARE },
	};

	cl_clients_begin(c, "Share of requests of the clients that ask most", columns, COLUMNS(columns));
	for (size_t s = c->v->servers; s < c->v->count; s++) {
		const struct cl_census_proto *p = of(c, s);

		cl_cell_text(c->t, cl_proto_names[c->v->subject[s].proto]);
		cl_cell_number(c->t, p->all.clients > 0 ? p->gini : NAN);
		for (unsigned i = 0; i < CL_CENSUS_RANKS; i++)
			cl_cell_share(c->t, cl_ratio(p->rank_requests[i], p->all.requests));
		cl_table_row_end(c->t);
	}
	cl_table_end(c->t);
	cl_tables_note(c->t, "Gini: 0 when all ask as often as each other, near 1 when few ask nearly all.");
}

/* Stated polls are 0 to 17; what is seen may be any. */
static void put_interval(struct cl_clients_ctx *c, const struct cl_subject *u, unsigned i,
			 const struct cl_census_proto *p)
{
	bool stated = u->proto == CL_PROTO_NTP && u->codes.polls > 0 && i >= CL_CENSUS_SECOND &&
		      i - CL_CENSUS_SECOND <= CL_POLL_MOST;
	uint64_t requests = stated ? u->codes.poll[i - CL_CENSUS_SECOND] : 0;

	if (requests == 0 && p->interval[i] == 0)
		return;
	if (c->people && u->proto != CL_PROTO_NTP) /* a resolver does not poll */
		return;
	cl_cell_number(c->t, cl_clients_interval(i));
	cl_cell_text(c->t, cl_proto_names[u->proto]);
	cl_clients_put_code(c, requests, stated);
	cl_cell_share(c->t, stated ? cl_ratio(requests, u->codes.polls) : NAN);
	cl_cell_count(c->t, p->interval[i]);
	cl_cell_share(c->t, cl_ratio(p->interval[i], p->intervals));
	cl_table_row_end(c->t);
}

/* What the shares of stated polls lack to 100 %. */
static void note_other_polls(struct cl_clients_ctx *c)
{
	char line[160];

	for (size_t s = c->v->servers; s < c->v->count; s++) {
		const struct cl_subject *u = &c->v->subject[s];
		uint64_t other = u->codes.poll[CL_CLIENTS_POLL_OTHER];

		if (u->proto != CL_PROTO_NTP || other == 0)
			continue;
		snprintf(line, sizeof line,
			 "In no row: %.2f %% of the requests state an exponent below 0 or above %u.",
			 100 * cl_ratio(other, u->codes.polls), CL_POLL_MOST);
		cl_tables_note(c->t, line);
	}
}

static void put_intervals(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Seconds", "interval_s", CL_COL_NUMBER },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests that state it", "stated_requests", CL_COL_COUNT },
		{ "Share", "stated_share", CL_COL_SHARE },
		{ "Clients seen at it", "seen_clients", CL_COL_COUNT },
		{ "Share", "seen_share", CL_COL_SHARE },
	};

	cl_clients_begin(c, "Poll interval, stated and seen, to the nearest power of two", columns,
			 COLUMNS(columns));
	for (size_t s = c->v->servers; s < c->v->count; s++)
		for (unsigned i = 0; i < CL_CENSUS_INTERVALS; i++)
			put_interval(c, &c->v->subject[s], i, of(c, s));
	cl_table_end(c->t);
	cl_tables_note(c->t, "Stated: the poll exponent in NTP requests; many programs send 0 (1 s) and mean "
			     "nothing by it.");
	note_other_polls(c);
	cl_tables_note(c->t, "Seen: mean gap of each client of a server with two requests or more; bursts "
			     "shorten it.");
}

static void put_kinds(struct cl_clients_ctx *c)
{
	static const char *const titles[CL_CENSUS_KINDS] = {
		[CL_ADDR_6TO4] = "6to4",
		[CL_ADDR_TEREDO] = "Teredo",
		[CL_ADDR_ISATAP] = "ISATAP",
		[CL_ADDR_EUI64] = "EUI-64 (from a MAC address)",
		[CL_ADDR_LOW_BYTE] = "low byte (set by hand, DHCPv6)",
		[CL_ADDR_EMBEDDED_IPV4] = "embedded IPv4",
		[CL_ADDR_PATTERN] = "pattern (many zeros)",
		[CL_ADDR_RANDOM] = "random (privacy, opaque)",
		[CL_CENSUS_IPV4] = "IPv4",
	};
	static const struct cl_column columns[] = { { "Kind", "kind", CL_COL_TEXT },
						    { "", "proto", CL_COL_TEXT },
						    SUM_COLUMNS };

	cl_clients_begin(c, "Kinds of addresses, as far as their bits tell", columns, COLUMNS(columns));
	for (size_t s = c->v->servers; s < c->v->count; s++)
		for (unsigned i = 0; i < CL_CENSUS_KINDS; i++) {
			const struct cl_census_proto *p = of(c, s);

			if (p->kind[i].clients == 0 ||
			    (c->people && p->kind[CL_CENSUS_IPV4].clients == p->all.clients))
				continue;
			cl_cell_text(c->t, c->people		 ? titles[i]
					   : i == CL_CENSUS_IPV4 ? "ipv4"
								 : cl_addr_kind_names[i]);
			cl_cell_text(c->t, cl_proto_names[c->v->subject[s].proto]);
			cl_clients_put_sum(c, &p->kind[i], &p->all);
			cl_table_row_end(c->t);
		}
	cl_table_end(c->t);
}

static struct cl_census_sum all_clients(const struct cl_clients_ctx *c)
{
	struct cl_census_sum sum = { 0, 0 };

	for (unsigned i = 0; i < CL_PROTOS; i++)
		sum.requests += cl_census_proto(c->v->census, (enum cl_proto)i)->all.requests;
	return sum;
}

static void put_network(struct cl_clients_ctx *c, const struct cl_census_network *n, uint64_t requests)
{
	char text[CL_CLIENTS_PREFIX_STRLEN];

	cl_clients_prefix(text, &n->prefix);
	cl_cell_text(c->t, text);
	cl_cell_text(c->t, cl_labels_find(c->s->labels, &n->prefix.addr));
	cl_cell_count(c->t, n->sum.clients);
	cl_cell_count(c->t, n->sum.requests);
	cl_cell_share(c->t, cl_ratio(n->sum.requests, requests));
	cl_table_row_end(c->t);
}

static void put_networks(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Network", "prefix", CL_COL_TEXT },	     { "Label", "label", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },	     { "Requests", "requests", CL_COL_COUNT },
		{ "Share", "requests_share", CL_COL_SHARE },
	};
	uint64_t requests = all_clients(c).requests;

	cl_clients_begin(c, "Networks with most clients", columns, COLUMNS(columns));
	cl_table_sparse(c->t, 1U << 1);
	for (unsigned i = 0; i < CL_CENSUS_LENGTHS; i++) {
		size_t n = c->s->options->top;
		struct cl_census_network *top =
			cl_census_networks(c->v->census, (enum cl_census_length)i, &n);

		for (size_t k = 0; top != NULL && k < n; k++)
			put_network(c, &top[k], requests);
		free(top);
	}
	cl_table_end(c->t);
	if (cl_clients_refused(c->v) > 0)
		cl_tables_note(c->t, "There were more networks than the table of networks holds: one that "
				     "came late may be missing.");
}

static void put_names_of(struct cl_clients_ctx *c, const char *title, const struct cl_column *columns,
			 const struct cl_clients_names *names, bool vendors)
{
	size_t most = vendors ? c->s->options->top : SIZE_MAX;

	cl_clients_begin(c, title, columns, vendors ? 3 : 6);
	for (size_t i = 0; i < names->count && i < most; i++) {
		const struct cl_clients_name *n = &names->row[i];

		cl_cell_text(c->t, n->name);
		if (vendors) {
			cl_cell_count(c->t, n->sum.clients);
			cl_cell_count(c->t, n->sum.requests);
		} else {
			cl_cell_text(c->t, cl_proto_names[n->proto]);
			cl_clients_put_sum(c, &n->sum, &cl_census_proto(c->v->census, n->proto)->all);
		}
		cl_table_row_end(c->t);
	}
	cl_table_end(c->t);
}

static void put_labels(struct cl_clients_ctx *c)
{
	static const struct cl_column labels[] = { { "Label", "label", CL_COL_TEXT },
						   { "", "proto", CL_COL_TEXT },
						   SUM_COLUMNS },
				      vendors[] = { { "Vendor", "vendor", CL_COL_TEXT },
						    { "Clients", "clients", CL_COL_COUNT },
						    { "Requests", "requests", CL_COL_COUNT } };

	if (c->s->labels != NULL)
		put_names_of(c, "Clients by label", labels, &c->v->labels, false);
	if (c->v->s->vendors != NULL)
		put_names_of(c, "Vendors of the MAC addresses in EUI-64 addresses", vendors, &c->v->vendors,
			     true);
}

static void put_common(struct cl_clients_ctx *c, enum cl_proto proto, uint32_t a, uint32_t b)
{
	const struct cl_census_proto *p = cl_census_proto(c->v->census, proto);
	const struct cl_subject *of_a = &c->v->subject[c->v->busiest[proto][a]],
				*of_b = &c->v->subject[c->v->busiest[proto][b]];
	char text[CL_ADDR_STRLEN];

	if (c->people && p->common[a][b] == 0)
		return;
	cl_cell_text(c->t, cl_clients_name(c->s, of_a, text));
	cl_cell_text(c->t, cl_clients_name(c->s, of_b, text));
	cl_cell_text(c->t, cl_proto_names[proto]);
	cl_cell_count(c->t, p->common[a][b]);
	cl_cell_share(c->t, cl_ratio(p->common[a][b], p->common[a][a]));
	cl_cell_share(c->t, cl_ratio(p->common[a][b], p->common[b][b]));
	cl_table_row_end(c->t);
}

static void put_overlap(struct cl_clients_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "a", CL_COL_TEXT },
		{ "and server", "b", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Clients of both", "clients", CL_COL_COUNT },
		{ "Of the first", "share_a", CL_COL_SHARE },
		{ "Of the second", "share_b", CL_COL_SHARE },
	};

	if (c->v->slots[CL_PROTO_NTP] < 2 && c->v->slots[CL_PROTO_DNS] < 2)
		return;
	cl_clients_begin(c, "Clients that two servers have in common", columns, COLUMNS(columns));
	cl_table_empty(c->t, "No client asked two of them.");
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (uint32_t a = 0; a < c->v->slots[p]; a++)
			for (uint32_t b = a + 1; b < c->v->slots[p]; b++)
				put_common(c, (enum cl_proto)p, a, b);
	cl_table_end(c->t);
	if (c->v->servers > c->v->slots[CL_PROTO_NTP] + c->v->slots[CL_PROTO_DNS])
		cl_tables_note(c->t, "Of the 16 busiest servers of each protocol.");
}

void cl_clients_put_who(struct cl_clients_ctx *c)
{
	put_distribution(c);
	put_concentration(c);
	put_intervals(c);
	put_kinds(c);
	put_labels(c);
	put_networks(c);
	put_overlap(c);
}

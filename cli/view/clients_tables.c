/* SPDX-License-Identifier: BSD-2-Clause */
/* clients, as tables for people and as CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/view/clients.h"

#define NS_PER_S 1000000000

#define COLUMNS(c) (sizeof(c) / sizeof *(c))

struct table_ctx {
	struct cl_clients_view *v;
	struct cl_session *s;
	struct cl_tables *t;
	struct cl_series series;
	const struct cl_subject *subject;
	bool people, warmup;
	bool several;		 /* sensors: numbers of windows may be estimates */
	bool estimated, unknown; /* some of them */
	struct cl_approx worst;	 /* of the sums over servers, to say what is so of some number here */
};

/* A table that is left out where nobody asked. */
static void begin(struct table_ctx *c, const char *title, const struct cl_column *columns, size_t n)
{
	cl_table_begin(c->t, title, columns, n);
	cl_table_empty(c->t, NULL);
}

static const char *name_of(struct cl_session *s, const struct cl_subject *u, char text[CL_ADDR_STRLEN])
{
	if (!u->is_server)
		return "all";
	return u->has_address ? cl_session_name(s, &u->addr, text) : "others";
}

static void put_names(struct table_ctx *c, const struct cl_subject *u)
{
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, name_of(c->s, u, text));
	cl_cell_text(c->t, cl_proto_names[u->proto]);
}

static void put_sum(struct table_ctx *c, const struct cl_census_sum *sum, const struct cl_census_sum *of)
{
	cl_cell_count(c->t, sum->clients);
	cl_cell_share(c->t, cl_ratio(sum->clients, of->clients));
	cl_cell_count(c->t, sum->requests);
	cl_cell_share(c->t, cl_ratio(sum->requests, of->requests));
}
#define SUM_COLUMNS                                                                                          \
	{ "Clients", "clients", CL_COL_COUNT }, { "Share", "clients_share", CL_COL_SHARE },                  \
		{ "Requests", "requests", CL_COL_COUNT },                                                    \
	{                                                                                                    \
		"Share", "requests_share", CL_COL_SHARE                                                      \
	}

/* Servers ---------------------------------------------------------------------- */

static void put_subject(struct table_ctx *c, const struct cl_subject *u)
{
	put_names(c, u);
	cl_cell_count(c->t, u->requests);
	cl_cell_count(c->t, u->clients.ipv4 + u->clients.ipv6);
	cl_cell_count(c->t, u->clients.ipv4);
	cl_cell_count(c->t, u->clients.ipv6);
	cl_cell_count(c->t, u->clients.v4_24);
	cl_cell_count(c->t, u->clients.v6_64);
	cl_cell_count(c->t, u->clients.v6_48);
	if (c->worst.any)
		cl_cell_text(c->t, cl_approx_word(&u->approx));
	cl_table_row_end(c->t);
}

static void put_subjects(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT }, { "Clients", "total", CL_COL_COUNT },
		{ "IPv4", "ipv4", CL_COL_COUNT },	  { "IPv6", "ipv6", CL_COL_COUNT },
		{ "/24", "v4_24", CL_COL_COUNT },	  { "/64", "v6_64", CL_COL_COUNT },
		{ "/48", "v6_48", CL_COL_COUNT },	  { "", "approximate", CL_COL_TEXT },
	};

	begin(c, "Unique clients", columns, COLUMNS(columns) - !c->worst.any);
	cl_table_empty(c->t, "No requests: nobody is a client.");
	for (size_t i = 0; i < c->v->count; i++)
		put_subject(c, &c->v->subject[i]);
	cl_table_end(c->t);
	for (size_t i = c->v->servers; i < c->v->count; i++)
		cl_approx_note(c->t, c->v->subject[i].proto == CL_PROTO_NTP ? "of NTP" : "of DNS",
			       &c->v->subject[i].approx);
}

/* Requests that say nothing of it, in a database from before it was counted, are null. */
static void put_code(struct table_ctx *c, uint64_t n, uint64_t of)
{
	if (of > 0)
		cl_cell_count(c->t, n);
	else
		cl_cell_null(c->t);
}

static void put_once(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Asked once", "one_shot", CL_COL_COUNT },
		{ "Share", "one_shot_share", CL_COL_SHARE },
		{ "123 or 53", "port_same", CL_COL_COUNT },
		{ "Other below 1024", "port_below_1024", CL_COL_COUNT },
		{ "1024 and above", "port_from_1024", CL_COL_COUNT },
	};

	begin(c, "Clients that asked once, and requests by their source port", columns, COLUMNS(columns));
	for (size_t i = 0; i < c->v->count; i++) {
		const struct cl_subject *u = &c->v->subject[i];

		put_names(c, u);
		cl_cell_count(c->t, u->one_shot);
		cl_cell_share(c->t, cl_ratio(u->one_shot, u->clients.ipv4 + u->clients.ipv6));
		put_code(c, u->codes.port[CL_PORT_SAME], u->codes.ports);
		put_code(c, u->codes.port[CL_PORT_LOW], u->codes.ports);
		put_code(c, u->codes.port[CL_PORT_HIGH], u->codes.ports);
		cl_table_row_end(c->t);
	}
	cl_table_end(c->t);
}

/* Days and steps --------------------------------------------------------------- */

static void put_known(struct table_ctx *c, bool known, uint64_t n)
{
	if (known)
		cl_cell_count(c->t, n);
	else
		cl_cell_null(c->t);
}

static void put_day(struct table_ctx *c, const struct cl_subject *u, const struct cl_clients_day *d)
{
	char day[32];
	uint64_t n;
	bool known = cl_census_new_on_day(c->v->census, u->place, d->day, &n);

	cl_clients_date(day, d->day);
	cl_cell_text(c->t, day);
	put_names(c, u);
	put_known(c, d->known, d->clients);
	put_known(c, known, n);
	put_known(c, known && d->known, d->clients > n ? d->clients - n : 0);
	cl_table_row_end(c->t);
}

static void put_days(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Day", "day", CL_COL_TEXT },	{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },	{ "Clients", "clients", CL_COL_COUNT },
		{ "New", "new", CL_COL_COUNT }, { "Returning", "returning", CL_COL_COUNT },
	};

	begin(c, "New and returning clients", columns, COLUMNS(columns));
	for (size_t i = 0; i < c->v->count; i++)
		for (size_t k = c->v->subject[i].days_from; k < c->v->subject[i].days_to; k++)
			put_day(c, &c->v->subject[i], &c->v->day[k]);
	cl_table_end(c->t);
	cl_tables_note(c->t, "New: its first request of all that was read is on this day.");
}

/* "estimate" if a window's number is one; of CSV the bounds of each. */
static void put_estimates(struct table_ctx *c, const struct cl_step_row *row)
{
	bool any = false;

	for (uint32_t w = 0; w < c->s->config.engine.windows; w++) {
		const struct cl_window_count *n = &row->unique[w];
		bool estimated = n->kind == CL_WINDOW_ESTIMATED, inexact = n->kind != CL_WINDOW_EXACT;

		any |= estimated;
		c->unknown |= n->kind == CL_WINDOW_UNKNOWN;
		if (c->people)
			continue;
		put_known(c, inexact, estimated ? n->low : n->at_least);
		put_known(c, inexact, estimated ? n->high : n->at_most);
	}
	cl_cell_text(c->t, any ? "estimate" : "");
	c->estimated |= any;
}

static void put_step(void *ctx, const struct cl_step_row *row)
{
	struct table_ctx *c = ctx;
	bool warmup = false;
	uint64_t n;

	cl_cell_time(c->t, row->t * NS_PER_S);
	put_names(c, c->subject);
	cl_cell_count(c->t, row->requests);
	for (uint32_t w = 0; w < c->s->config.engine.windows; w++) {
		put_known(c, row->unique[w].kind != CL_WINDOW_UNKNOWN, row->unique[w].n);
		warmup |= cl_is_warming_up(c->s, &c->v->instants, row->t, w);
	}
	bool known = cl_census_new_in_step(c->v->census, c->subject->place, row->t, &n);
	put_known(c, known, n);
	cl_cell_text(c->t, warmup ? "warm-up" : "");
	if (c->worst.any)
		cl_cell_text(c->t, cl_approx_word(&c->subject->approx));
	if (c->several)
		put_estimates(c, row);
	c->warmup |= warmup;
	cl_table_row_end(c->t);
}

static void put_all_steps(struct table_ctx *c)
{
	for (size_t i = 0; i < c->v->count; i++) {
		c->subject = &c->v->subject[i];
		if (c->subject->service_id != 0 && c->v->any &&
		    cl_series_read(&c->series, c->subject->service_id, put_step, c))
			cl_warn("series", "too long to list its empty steps: they are left out");
	}
}

/* Words of the columns of a window: its number, and the bounds of it. */
struct window_words {
	char title[40], key[40], low[48], high[48];
};

static void name_window(struct window_words *words, int64_t window_ns)
{
	long long window_s = (long long)(window_ns / NS_PER_S);

	if (window_s % 60 == 0)
		snprintf(words->title, sizeof words->title, "Clients %lld min", window_s / 60);
	else
		snprintf(words->title, sizeof words->title, "Clients %lld s", window_s);
	snprintf(words->key, sizeof words->key, "unique_%lld", window_s);
	snprintf(words->low, sizeof words->low, "unique_%lld_low", window_s);
	snprintf(words->high, sizeof words->high, "unique_%lld_high", window_s);
}

/* What is so of some number in the series. */
static void put_series_notes(struct table_ctx *c)
{
	char line[160];

	if (c->warmup)
		cl_tables_note(
			c->t,
			"warm-up: a window began before the capture did, and holds fewer than it might.");
	if (c->estimated) {
		snprintf(line, sizeof line,
			 "estimate: of several sensors, from sketches; standard error %.2f %%, 19 of 20 "
			 "within "
			 "%.1f %%.",
			 100 * CL_WINDOW_ERROR, 196 * CL_WINDOW_ERROR);
		cl_tables_note(c->t, line);
	}
	if (c->unknown)
		cl_tables_note(
			c->t, "No number: several sensors, of which not all have sketches of their clients.");
}

static void put_series(struct table_ctx *c)
{
	const struct cl_engine_config *config = &c->s->config.engine;
	struct cl_column columns[8 + 3 * CL_WINDOWS_MAX] = {
		{ "Until", "t", CL_COL_TIME },
		{ "Server", "server", CL_COL_TEXT },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },
	};
	struct window_words words[CL_WINDOWS_MAX];
	size_t n = 4;

	for (uint32_t w = 0; w < config->windows; w++) {
		name_window(&words[w], config->window_ns[w]);
		columns[n++] = (struct cl_column){ words[w].title, words[w].key, CL_COL_COUNT };
	}
	columns[n++] = (struct cl_column){ "New", "new", CL_COL_COUNT };
	columns[n++] = (struct cl_column){ "", "warmup", CL_COL_TEXT };
	if (c->worst.any)
		columns[n++] = (struct cl_column){ "", "approximate", CL_COL_TEXT };
	for (uint32_t w = 0; c->several && !c->people && w < config->windows; w++) {
		columns[n++] = (struct cl_column){ words[w].low, words[w].low, CL_COL_COUNT };
		columns[n++] = (struct cl_column){ words[w].high, words[w].high, CL_COL_COUNT };
	}
	if (c->several)
		columns[n++] = (struct cl_column){ "", "estimated", CL_COL_TEXT };
	begin(c, "Unique clients in trailing windows", columns, n);
	cl_view_no_steps(c->s, c->t, c->v->count > 0);
	put_all_steps(c);
	cl_table_end(c->t);
	put_series_notes(c);
}

/* Who they are ------------------------------------------------------------------ */

static const struct cl_census_proto *of(const struct table_ctx *c, size_t subject)
{
	return cl_census_proto(c->v->census, c->v->subject[subject].proto);
}

static void put_class(struct table_ctx *c, unsigned i, const char *proto, const struct cl_census_proto *p)
{
	cl_cell_count(c->t, cl_census_class_from(i));
	cl_cell_count(c->t, cl_census_class_from(i + 1) - 1);
	cl_cell_text(c->t, proto);
	put_sum(c, &p->class[i], &p -> all);
	cl_table_row_end(c->t);
}

static void put_distribution(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "From", "from", CL_COL_COUNT },
		{ "To", "to", CL_COL_COUNT },
		{ "", "proto", CL_COL_TEXT },
		SUM_COLUMNS,
	};

	begin(c, "Clients by number of requests", columns, COLUMNS(columns));
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

static void put_concentration(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "", "proto", CL_COL_TEXT },		{ "Gini", "gini", CL_COL_NUMBER },
		{ "Busiest", "top_1", CL_COL_SHARE },	{ "Top 10", "top_10", CL_COL_SHARE },
		{ "Top 100", "top_100", CL_COL_SHARE }, { "Top 1000", "top_1000", CL_COL_SHARE },
	};

	begin(c, "Share of requests of the clients that ask most", columns, COLUMNS(columns));
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
static void put_interval(struct table_ctx *c, const struct cl_subject *u, unsigned i,
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
	put_code(c, requests, stated);
	cl_cell_share(c->t, stated ? cl_ratio(requests, u->codes.polls) : NAN);
	cl_cell_count(c->t, p->interval[i]);
	cl_cell_share(c->t, cl_ratio(p->interval[i], p->intervals));
	cl_table_row_end(c->t);
}

/* What the shares of stated polls lack to 100 %. */
static void note_other_polls(struct table_ctx *c)
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

static void put_intervals(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Seconds", "interval_s", CL_COL_NUMBER },
		{ "", "proto", CL_COL_TEXT },
		{ "Requests that state it", "stated_requests", CL_COL_COUNT },
		{ "Share", "stated_share", CL_COL_SHARE },
		{ "Clients seen at it", "seen_clients", CL_COL_COUNT },
		{ "Share", "seen_share", CL_COL_SHARE },
	};

	begin(c, "Poll interval, stated and seen, to the nearest power of two", columns, COLUMNS(columns));
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

static void put_kinds(struct table_ctx *c)
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

	begin(c, "Kinds of addresses, as far as their bits tell", columns, COLUMNS(columns));
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
			put_sum(c, &p->kind[i], &p->all);
			cl_table_row_end(c->t);
		}
	cl_table_end(c->t);
}

static struct cl_census_sum all_clients(const struct table_ctx *c)
{
	struct cl_census_sum sum = { 0, 0 };

	for (unsigned i = 0; i < CL_PROTOS; i++)
		sum.requests += cl_census_proto(c->v->census, (enum cl_proto)i)->all.requests;
	return sum;
}

static void put_network(struct table_ctx *c, const struct cl_census_network *n, uint64_t requests)
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

static void put_networks(struct table_ctx *c)
{
	static const struct cl_column columns[] = {
		{ "Network", "prefix", CL_COL_TEXT },	     { "Label", "label", CL_COL_TEXT },
		{ "Clients", "clients", CL_COL_COUNT },	     { "Requests", "requests", CL_COL_COUNT },
		{ "Share", "requests_share", CL_COL_SHARE },
	};
	uint64_t requests = all_clients(c).requests;

	begin(c, "Networks with most clients", columns, COLUMNS(columns));
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

static void put_names_of(struct table_ctx *c, const char *title, const struct cl_column *columns,
			 const struct cl_clients_names *names, bool vendors)
{
	size_t most = vendors ? c->s->options->top : SIZE_MAX;

	begin(c, title, columns, vendors ? 3 : 6);
	for (size_t i = 0; i < names->count && i < most; i++) {
		const struct cl_clients_name *n = &names->row[i];

		cl_cell_text(c->t, n->name);
		if (vendors) {
			cl_cell_count(c->t, n->sum.clients);
			cl_cell_count(c->t, n->sum.requests);
		} else {
			cl_cell_text(c->t, cl_proto_names[n->proto]);
			put_sum(c, &n->sum, &cl_census_proto(c->v->census, n->proto)->all);
		}
		cl_table_row_end(c->t);
	}
	cl_table_end(c->t);
}

static void put_labels(struct table_ctx *c)
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

static void put_common(struct table_ctx *c, enum cl_proto proto, uint32_t a, uint32_t b)
{
	const struct cl_census_proto *p = cl_census_proto(c->v->census, proto);
	const struct cl_subject *of_a = &c->v->subject[c->v->busiest[proto][a]],
				*of_b = &c->v->subject[c->v->busiest[proto][b]];
	char text[CL_ADDR_STRLEN];

	if (c->people && p->common[a][b] == 0)
		return;
	cl_cell_text(c->t, name_of(c->s, of_a, text));
	cl_cell_text(c->t, name_of(c->s, of_b, text));
	cl_cell_text(c->t, cl_proto_names[proto]);
	cl_cell_count(c->t, p->common[a][b]);
	cl_cell_share(c->t, cl_ratio(p->common[a][b], p->common[a][a]));
	cl_cell_share(c->t, cl_ratio(p->common[a][b], p->common[b][b]));
	cl_table_row_end(c->t);
}

static void put_overlap(struct table_ctx *c)
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
	begin(c, "Clients that two servers have in common", columns, COLUMNS(columns));
	cl_table_empty(c->t, "No client asked two of them.");
	for (unsigned p = 0; p < CL_PROTOS; p++)
		for (uint32_t a = 0; a < c->v->slots[p]; a++)
			for (uint32_t b = a + 1; b < c->v->slots[p]; b++)
				put_common(c, (enum cl_proto)p, a, b);
	cl_table_end(c->t);
	if (c->v->servers > c->v->slots[CL_PROTO_NTP] + c->v->slots[CL_PROTO_DNS])
		cl_tables_note(c->t, "Of the 16 busiest servers of each protocol.");
}

/* Who asks most ------------------------------------------------------------------ */

/* People get the times in a table of their own: a line has 100 columns. */
/* A name that several programs make long is cut for people. */
static void put_software(struct table_ctx *c, const char *name)
{
	char text[25];

	snprintf(text, sizeof text, "%s", name != NULL ? name : "");
	if (c->people && name != NULL && strlen(name) >= sizeof text)
		memcpy(text + sizeof text - sizeof "...", "...", sizeof "...");
	cl_cell_text(c->t, c->people && name != NULL ? text : name);
}

static void put_talker(void *ctx, const struct cl_clients_talker *t)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &t->addr, text));
	cl_cell_text(c->t, t->label);
	cl_cell_count(c->t, t->requests);
	cl_cell_share(c->t, t->share);
	if (!c->people) {
		cl_cell_time(c->t, t->first_ns);
		cl_cell_time(c->t, t->last_ns);
	}
	if (t->gap_ns >= 0)
		cl_cell_duration(c->t, t->gap_ns);
	else
		cl_cell_null(c->t);
	cl_cell_share(c->t, t->cumulative);
	cl_cell_number(c->t, t->rate);
	put_software(c, t->software);
	cl_table_row_end(c->t);
}

static void put_talker_times(void *ctx, const struct cl_clients_talker *t)
{
	struct table_ctx *c = ctx;
	char text[CL_ADDR_STRLEN];

	cl_cell_text(c->t, cl_session_name(c->s, &t->addr, text));
	cl_cell_time(c->t, t->first_ns / NS_PER_S * NS_PER_S); /* whole seconds: a table for people */
	cl_cell_time(c->t, t->last_ns / NS_PER_S * NS_PER_S);
	cl_table_row_end(c->t);
}

static void put_talkers(struct table_ctx *c)
{
	static const struct cl_column people[] = { { "Client", "client", CL_COL_TEXT },
						   { "Label", "label", CL_COL_TEXT },
						   { "Requests", "requests", CL_COL_COUNT },
						   { "Share", "share", CL_COL_SHARE },
						   { "Interval", "interval_s", CL_COL_DURATION },
						   { "Cumulative", "cumulative_share", CL_COL_SHARE },
						   { "Per second", "rate", CL_COL_NUMBER },
						   { "Software", "software", CL_COL_TEXT } },
				      csv[] = { { "Client", "client", CL_COL_TEXT },
						{ "Label", "label", CL_COL_TEXT },
						{ "Requests", "requests", CL_COL_COUNT },
						{ "Share", "share", CL_COL_SHARE },
						{ "First", "first", CL_COL_TIME },
						{ "Last", "last", CL_COL_TIME },
						{ "Interval", "interval_s", CL_COL_DURATION },
						{ "Cumulative", "cumulative_share", CL_COL_SHARE },
						{ "Per second", "rate", CL_COL_NUMBER },
						{ "Software", "software", CL_COL_TEXT } },
				      times[] = { { "Client", "client", CL_COL_TEXT },
						  { "First", "first", CL_COL_TIME },
						  { "Last", "last", CL_COL_TIME } };

	begin(c, "Clients that ask most", c->people ? people : csv,
	      c->people ? COLUMNS(people) : COLUMNS(csv));
	cl_table_sparse(c->t, c->people ? 1U << 1 | 1U << 7 : 0);
	cl_clients_each_talker(c->v, put_talker, c);
	cl_table_end(c->t);
	if (c->worst.any)
		cl_tables_note(c->t, "Of the clients that found room within --max-memory: one that came late "
				     "may be missing.");
	if (c->s->options->software && c->s->kept == NULL)
		cl_tables_note(c->t,
			       "Software is told by single messages, which this database does not keep.");
	if (!cl_clients_keeps_requests(c->s))
		cl_tables_note(
			c->t,
			"Interval: the median gap needs requests one by one (read --keep transactions).");
	if (!c->people)
		return;
	begin(c, "When they asked", times, COLUMNS(times));
	cl_clients_each_talker(c->v, put_talker_times, c);
	cl_table_end(c->t);
}

static void put_tables(struct table_ctx *c)
{
	put_subjects(c);
	put_once(c);
	put_days(c);
	put_series(c);
	put_distribution(c);
	put_concentration(c);
	put_intervals(c);
	put_kinds(c);
	put_labels(c);
	put_networks(c);
	put_overlap(c);
	put_talkers(c);
}

void cl_clients_tables(struct cl_session *s, struct cl_tables *t)
{
	struct cl_clients_view v;
	struct table_ctx c = { .v = &v, .s = s, .t = t, .people = s->options->format == CL_FORMAT_TABLE };

	if (cl_clients_open(&v, s)) {
		for (size_t i = 0; i < v.count; i++)
			if (v.subject[i].approx.any)
				c.worst = v.subject[i].approx;
		cl_series_open(&c.series, s, &v.instants, CL_SERIES_CLIENTS);
		c.several = c.series.clients != NULL && cl_window_union_sources(c.series.clients) > 1;
		put_tables(&c);
		cl_series_close(&c.series);
	}
	cl_clients_close(&v);
}

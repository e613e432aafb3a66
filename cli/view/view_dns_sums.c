/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums over the transactions of the view dns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/view/view_dns.h"
#include "dissect/dns/codes.h"
#include "stats/exchange/dnsname.h"
#include "stats/view/dnslevels.h"

#define NO_QTYPE (UINT16_MAX + 1u)
#define REFUSED	 5u

static const char *const vias[2] = { "udp", "tcp" };

/* What clients did, by place of the bit. */
static const char *const did_keys[CL_DIDS] = {
	"edns", "do", "cookie", "cookie_returned", "ecs", "tcp", "rd"
};
static const char *const did_words[CL_DIDS] = {
	"EDNS", "DO", "cookie", "returned a server's cookie", "client subnet", "TCP", "recursion desired"
};

static const char *const level_keys[CL_LEVELS] = { "tlds", "second_level", "registered" };
static const char *const level_titles[CL_LEVELS] = { "Top-level domains", "Second level",
						     "Registered domains" };

/* Datagrams whose fragments did not all come, of any protocol and day. */
static uint64_t incomplete(struct cl_session *s)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT coalesce(sum(n), 0) FROM fact WHERE name = 'fragment_incomplete'");
	uint64_t n = cl_query_row(q) ? (uint64_t)cl_query_i64(q, 0) : 0;

	cl_query_free(q);
	return n;
}

static uint64_t queries(struct cl_dns_sum *u)
{
	return u->via[0].queries + u->via[1].queries;
}

/* All that was counted, most often first; `*n` of them. To be freed. */
static struct cl_counted *sorted(struct cl_countmap *m, size_t *n)
{
	*n = CL_DNS_KEYS_MAX;
	struct cl_counted *list = cl_countmap_top(m, n);
	if (list == NULL)
		*n = 0;
	return list;
}

static const char *qtype_word(uint64_t key, char text[CL_DNS_WORD])
{
	return key >> 16 == NO_QTYPE ? NULL : cl_dns_qtype_word((uint32_t)(key >> 16), text);
}

/* Counters that both forms show, in their order ------------------------------------- */

struct number {
	const char *key, *words;
	uint64_t n;
};

#define NUMBERS 16u

/* Of flags and options: of queries, then of responses. */
static size_t flag_numbers(struct cl_dns_sum *u, struct number out[NUMBERS])
{
	const struct number all[] = {
		{ "rd", "queries with RD", u->rd },
		{ "cd", "queries with CD", u->cd },
		{ "query_ad", "queries with AD", u->ad },
		{ "edns", "queries with EDNS", u->edns },
		{ "do", "queries with DO", u->with_do },
		{ "ecs", "queries with a client subnet", u->with_ecs },
		{ "cookie", "queries with a cookie", u->with_cookie },
		{ "aa", "responses with AA", u->aa },
		{ "ra", "responses with RA", u->ra },
		{ "ad", "responses with AD", u->authentic },
		{ "ad_asked", "of them to queries with DO or AD", u->secure },
	};
	const size_t n = sizeof all / sizeof *all;

	for (size_t i = 0; i < n; i++)
		out[i] = all[i];
	return n;
}

static size_t fate_numbers(struct cl_dns_kept *k, struct number out[NUMBERS])
{
	const struct number all[] = {
		{ "truncated", "responses with TC, over UDP", k->found.truncated },
		{ "tcp_retried", "of them asked again over TCP", k->found.tcp },
		{ "retries", "queries that repeat one without an answer yet", k->found.retries },
		{ "retried", "queries that were repeated so", k->found.retried },
		{ "undelivered", "responses with an ICMP error about them", k->found.undelivered },
		{ "refused", "responses REFUSED", 0 },
	};
	const size_t n = sizeof all / sizeof *all;
	size_t rcodes;

	for (size_t i = 0; i < n; i++)
		out[i] = all[i];
	struct cl_counted *list = sorted(&k->sum.rcodes, &rcodes);
	for (size_t i = 0; i < rcodes; i++)
		if ((list[i].key & 0xffff) == REFUSED)
			out[n - 1].n += list[i].n;
	free(list);
	return n;
}

/* JSON --------------------------------------------------------------------------- */

static void json_numbers(struct cl_json *j, const char *key, const struct number *list, size_t n)
{
	cl_json_object(j, key);
	for (size_t i = 0; i < n; i++)
		cl_json_u64(j, list[i].key, list[i].n);
	cl_json_end(j);
}

/* A distribution of octets. */
static void json_octets(struct cl_json *j, const char *key, const struct cl_hist *h)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };

	cl_json_object(j, key);
	cl_json_u64(j, "n", h->n);
	if (h->n > 0)
		cl_json_i64(j, "min", h->min);
	else
		cl_json_null(j, "min");
	for (unsigned i = 0; i < 3; i++)
		if (h->n > 0)
			cl_json_i64(j, quantiles[i].key, cl_hist_quantile(h, quantiles[i].q));
		else
			cl_json_null(j, quantiles[i].key);
	if (h->n > 0)
		cl_json_i64(j, "max", h->max);
	else
		cl_json_null(j, "max");
	cl_json_double(j, "mean", h->n > 0 ? (double)h->sum / (double)h->n : (double)NAN);
	cl_json_end(j);
}

static void json_transports(struct cl_json *j, struct cl_dns_sum *u)
{
	cl_json_array(j, "transports");
	for (unsigned i = 0; i < 2; i++) {
		const struct cl_dns_via *v = &u->via[i];

		cl_json_object(j, NULL);
		cl_json_str(j, "transport", vias[i]);
		cl_json_u64(j, "queries", v->queries);
		cl_json_double(j, "share", cl_ratio(v->queries, queries(u)));
		cl_json_u64(j, "responses", v->responses);
		cl_json_u64(j, "matched", v->matched);
		cl_json_u64(j, "truncated", v->truncated);
		cl_json_u64(j, "fragmented", v->fragmented);
		json_octets(j, "query_bytes", &v->query_bytes);
		json_octets(j, "response_bytes", &v->response_bytes);
		cl_json_delta(j, "delta_s", &v->delta);
		cl_json_end(j);
	}
	cl_json_end(j);
}

/* A row of a table of counts; `draw` writes its members or cells before the count. */
static void json_rcodes(struct cl_json *j, struct cl_dns_sum *u)
{
	size_t n;
	struct cl_counted *list = sorted(&u->rcodes, &n);
	char type[CL_DNS_WORD], code[CL_DNS_WORD];

	cl_json_array(j, "rcodes");
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "qtype", qtype_word(list[i].key, type));
		cl_json_str(j, "rcode", cl_dns_rcode_word((uint32_t)(list[i].key & 0xffff), code));
		cl_json_u64(j, "responses", list[i].n);
		cl_json_end(j);
	}
	cl_json_end(j);
	free(list);
}

static void json_counts(struct cl_json *j, const char *key, struct cl_countmap *c, const char *of,
			bool family, const char *count)
{
	size_t n;
	struct cl_counted *list = sorted(c, &n);

	cl_json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		cl_json_object(j, NULL);
		if (family)
			cl_json_u64(j, "family", list[i].key >> 16);
		cl_json_u64(j, of, list[i].key & 0xffff);
		cl_json_u64(j, count, list[i].n);
		cl_json_end(j);
	}
	cl_json_end(j);
	free(list);
}

static void json_level(struct cl_session *s, struct cl_dns_kept *k, struct cl_json *j,
		       enum cl_dns_level_kind kind)
{
	size_t n = 0;
	struct cl_dns_level *list = cl_dns_levels(&k->list, kind, k->suffixes, &n);
	char text[CL_NAME_TEXT];

	if (list == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	cl_json_object(j, level_keys[kind]);
	cl_json_u64(j, "different", n);
	cl_json_array(j, "top");
	for (size_t i = 0; i < n && i < s->options->top; i++) {
		cl_json_object(j, NULL);
		cl_name_text(list[i].wire, list[i].length, text);
		cl_json_str(j, "name", text);
		cl_json_u64(j, "queries", list[i].queries);
		cl_json_double(j, "share", cl_ratio(list[i].queries, queries(&k->sum)));
		cl_json_u64(j, "nxdomain", list[i].nxdomain);
		cl_json_u64(j, "names", list[i].names);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
	free(list);
}

static void json_names(struct cl_session *s, struct cl_dns_kept *k, struct cl_json *j)
{
	cl_json_object(j, "names");
	cl_json_u64(j, "different", k->list.names.count);
	json_level(s, k, j, CL_LEVEL_TOP);
	json_level(s, k, j, CL_LEVEL_SECOND);
	if (k->suffixes != NULL)
		json_level(s, k, j, CL_LEVEL_REGISTERED);
	else
		cl_json_null(j, level_keys[CL_LEVEL_REGISTERED]);
	cl_json_end(j);
}

static void json_clients(struct cl_json *j, struct cl_dns_sum *u)
{
	cl_json_object(j, "clients");
	cl_json_u64(j, "total", u->clients.count);
	for (unsigned i = 0; i < CL_DIDS; i++)
		cl_json_u64(j, did_keys[i], u->did[i]);
	cl_json_u64(j, "uncounted", u->uncounted);
	cl_json_end(j);
}

static void json_unanswered(struct cl_json *j, struct cl_dns_kept *k)
{
	cl_json_object(j, "unanswered");
	for (unsigned i = CL_WHY_ICMP; i <= CL_WHY_UNKNOWN; i++)
		cl_json_u64(j, cl_dns_why_keys[i], k->found.why[i]);
	cl_json_u64(j, "open_at_end", k->found.open_at_end);
	cl_json_u64(j, "given_up", k->found.given_up);
	cl_json_u64(j, "backwards", k->found.backwards);
	cl_json_end(j);
	cl_json_object(j, "tc_without_retry");
	for (unsigned i = CL_WHY_TCP_REFUSED; i <= CL_WHY_NO_TCP; i++)
		cl_json_u64(j, cl_dns_why_keys[i], k->found.why[i]);
	cl_json_end(j);
}

void cl_dns_sums_json(struct cl_session *s, struct cl_dns_kept *k, struct cl_json *j)
{
	struct cl_dns_sum *u = &k->sum;
	struct number list[NUMBERS];

	cl_json_object(j, "sums");
	json_transports(j, u);
	json_numbers(j, "messages", list, flag_numbers(u, list));
	json_rcodes(j, u);
	json_names(s, k, j);
	json_counts(j, "udp_sizes", &u->sizes, "udp_size", false, "queries");
	json_counts(j, "ecs", &u->ecs, "source", true, "queries");
	json_counts(j, "ecs_scopes", &u->scopes, "scope", true, "responses");
	cl_json_object(j, "cookies");
	for (unsigned i = CL_COOKIE_UNANSWERED; i < CL_COOKIE_STATES; i++)
		cl_json_u64(j, cl_dns_cookie_keys[i], u->cookies[i]);
	cl_json_end(j);
	json_counts(j, "ede", &u->errors, "code", false, "responses");
	json_clients(j, u);
	json_numbers(j, "found", list, fate_numbers(k, list));
	json_unanswered(j, k);
	cl_json_u64(j, "incomplete_datagrams", incomplete(s));
	cl_json_u64(j, "beyond",
		    u->rcodes.refused + u->sizes.refused + u->ecs.refused + u->scopes.refused +
			    u->errors.refused);
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

static void table_transports(struct cl_tables *t, struct cl_dns_sum *u)
{
	static const struct cl_column columns[] = {
		{ "Transport", "transport", CL_COL_TEXT },
		{ "Queries", "queries", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
		{ "Responses", "responses", CL_COL_COUNT },
		{ "Matched", "matched", CL_COL_COUNT },
		{ "TC", "truncated", CL_COL_COUNT },
		{ "In fragments", "fragmented", CL_COL_COUNT },
		{ "Bytes p50", "response_bytes_p50", CL_COL_COUNT },
		{ "Bytes p99", "response_bytes_p99", CL_COL_COUNT },
		{ "Bytes max", "response_bytes_max", CL_COL_COUNT },
		{ "Answer p50", "delta_p50_s", CL_COL_DURATION },
		{ "Answer p99", "delta_p99_s", CL_COL_DURATION },
	};

	cl_table_begin(t, "Transports", columns, sizeof columns / sizeof *columns);
	for (unsigned i = 0; i < 2; i++) {
		const struct cl_dns_via *v = &u->via[i];
		const struct cl_hist *h = &v->response_bytes;

		cl_cell_text(t, vias[i]);
		cl_cell_count(t, v->queries);
		cl_cell_share(t, cl_ratio(v->queries, queries(u)));
		cl_cell_count(t, v->responses);
		cl_cell_count(t, v->matched);
		cl_cell_count(t, v->truncated);
		cl_cell_count(t, v->fragmented);
		for (unsigned q = 0; q < 2; q++)
			if (h->n > 0)
				cl_cell_count(t, (uint64_t)cl_hist_quantile(h, q == 0 ? 0.5 : 0.99));
			else
				cl_cell_null(t);
		if (h->n > 0)
			cl_cell_count(t, (uint64_t)h->max);
		else
			cl_cell_null(t);
		if (v->delta.n > 0) {
			cl_cell_duration(t, cl_hist_quantile(&v->delta, 0.5));
			cl_cell_duration(t, cl_hist_quantile(&v->delta, 0.99));
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void list_numbers(struct cl_tables *t, const char *title, const struct number *list, size_t n)
{
	cl_list_begin(t, title);
	for (size_t i = 0; i < n; i++)
		cl_list_count(t, list[i].words, list[i].key, list[i].n);
	cl_list_end(t);
}

/* Rows of a table for people: the largest; of CSV all. */
static size_t rows_of(const struct cl_session *s, size_t n)
{
	return s->options->format == CL_FORMAT_CSV || n < s->options->top ? n : s->options->top;
}

static void table_rcodes(struct cl_session *s, struct cl_tables *t, struct cl_dns_sum *u)
{
	static const struct cl_column columns[] = { { "QTYPE", "qtype", CL_COL_TEXT },
						    { "RCODE", "rcode", CL_COL_TEXT },
						    { "Responses", "responses", CL_COL_COUNT },
						    { "Share", "share", CL_COL_SHARE } };
	size_t n;
	struct cl_counted *list = sorted(&u->rcodes, &n);
	char type[CL_DNS_WORD], code[CL_DNS_WORD];

	cl_table_begin(t, "RCODE by QTYPE", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < rows_of(s, n); i++) {
		cl_cell_text(t, qtype_word(list[i].key, type));
		cl_cell_text(t, cl_dns_rcode_word((uint32_t)(list[i].key & 0xffff), code));
		cl_cell_count(t, list[i].n);
		cl_cell_share(t, cl_ratio(list[i].n, u->via[0].responses + u->via[1].responses));
		cl_table_row_end(t);
	}
	cl_table_end(t);
	free(list);
}

static void table_level(struct cl_session *s, struct cl_tables *t, struct cl_dns_kept *k,
			enum cl_dns_level_kind kind)
{
	static const struct cl_column columns[] = {
		{ "Name", "name", CL_COL_TEXT },
		{ "Queries", "queries", CL_COL_COUNT },
		{ "Share", "share", CL_COL_SHARE },
		{ "NXDOMAIN", "nxdomain", CL_COL_COUNT },
		{ "Different names", "names", CL_COL_COUNT },
	};
	size_t n = 0;
	struct cl_dns_level *list = cl_dns_levels(&k->list, kind, k->suffixes, &n);
	char text[CL_NAME_TEXT];

	if (list == NULL)
		cl_store_fail(s->store, CL_ENOMEM);
	cl_table_begin(t, level_titles[kind], columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < n && i < s->options->top; i++) {
		size_t length = cl_name_text(list[i].wire, list[i].length, text);

		if (s->options->format != CL_FORMAT_CSV && length > 50)
			snprintf(text + 48, 3, "..");
		cl_cell_text(t, text);
		cl_cell_count(t, list[i].queries);
		cl_cell_share(t, cl_ratio(list[i].queries, queries(&k->sum)));
		cl_cell_count(t, list[i].nxdomain);
		cl_cell_count(t, list[i].names);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	if (n > s->options->top) {
		snprintf(text, sizeof text, "The first %u of %zu (--top).", s->options->top, n);
		cl_tables_note(t, text);
	}
	free(list);
}

/* A table of counts by number, `family` before it. */
static void table_counts(struct cl_session *s, struct cl_tables *t, const char *title, struct cl_countmap *c,
			 const struct cl_column *columns, bool family)
{
	size_t n;
	struct cl_counted *list = sorted(c, &n);
	uint64_t total = c->refused;

	for (size_t i = 0; i < n; i++)
		total += list[i].n;
	if (n > 0) {
		cl_table_begin(t, title, columns, 3);
		for (size_t i = 0; i < rows_of(s, n); i++) {
			if (family)
				cl_cell_text(t, list[i].key >> 16 == 1 ? "IPv4" : "IPv6");
			cl_cell_count(t, list[i].key & 0xffff);
			cl_cell_count(t, list[i].n);
			if (!family)
				cl_cell_share(t, cl_ratio(list[i].n, total));
			cl_table_row_end(t);
		}
		cl_table_end(t);
	}
	free(list);
}

static void table_options(struct cl_session *s, struct cl_tables *t, struct cl_dns_sum *u)
{
	static const struct cl_column sizes[] = { { "UDP size", "udp_size", CL_COL_COUNT },
						  { "Queries", "queries", CL_COL_COUNT },
						  { "Share", "share", CL_COL_SHARE } };
	static const struct cl_column ecs[] = { { "Family", "family", CL_COL_TEXT },
						{ "Prefix", "source", CL_COL_COUNT },
						{ "Queries", "queries", CL_COL_COUNT } };
	static const struct cl_column scopes[] = { { "Family", "family", CL_COL_TEXT },
						   { "Scope", "scope", CL_COL_COUNT },
						   { "Responses", "responses", CL_COL_COUNT } };
	static const struct cl_column errors[] = { { "Error", "code", CL_COL_COUNT },
						   { "Meaning", "name", CL_COL_TEXT },
						   { "Responses", "responses", CL_COL_COUNT } };
	size_t n;
	struct cl_counted *list = sorted(&u->errors, &n);

	table_counts(s, t, "UDP payload sizes of EDNS", &u->sizes, sizes, false);
	table_counts(s, t, "Client subnets: source prefix lengths", &u->ecs, ecs, true);
	table_counts(s, t, "Client subnets: scopes", &u->scopes, scopes, true);
	if (n > 0) {
		cl_table_begin(t, "Extended errors", errors, 3);
		for (size_t i = 0; i < rows_of(s, n); i++) {
			cl_cell_count(t, list[i].key);
			cl_cell_text(t, cl_dns_ede_text(list[i].key));
			cl_cell_count(t, list[i].n);
			cl_table_row_end(t);
		}
		cl_table_end(t);
	}
	free(list);
}

static void table_clients(struct cl_tables *t, struct cl_dns_sum *u)
{
	static const struct cl_column columns[] = { { "Clients with", "with", CL_COL_TEXT },
						    { "Clients", "clients", CL_COL_COUNT },
						    { "Share", "share", CL_COL_SHARE } };
	static const struct cl_column cookies[] = { { "Cookies", "cookie_state", CL_COL_TEXT },
						    { "Queries", "queries", CL_COL_COUNT } };

	cl_table_begin(t, "Clients", columns, 3);
	for (unsigned i = 0; i < CL_DIDS; i++) {
		cl_cell_text(t, did_words[i]);
		cl_cell_count(t, u->did[i]);
		cl_cell_share(t, cl_ratio(u->did[i], u->clients.count));
		cl_table_row_end(t);
	}
	cl_cell_text(t, "all");
	cl_cell_count(t, u->clients.count);
	cl_table_row_end(t);
	cl_table_end(t);
	if (u->uncounted > 0)
		cl_tables_note(t, "Clients beyond the first 4000000 are not among them.");
	if (u->with_cookie == 0)
		return;
	cl_table_begin(t, "Cookies", cookies, 2);
	for (unsigned i = CL_COOKIE_UNANSWERED; i < CL_COOKIE_STATES; i++) {
		if (u->cookies[i] == 0)
			continue;
		cl_cell_text(t, cl_dns_cookie_keys[i]);
		cl_cell_count(t, u->cookies[i]);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_unanswered(struct cl_session *s, struct cl_tables *t, struct cl_dns_kept *k)
{
	const uint64_t datagrams = incomplete(s);
	char text[128];
	static const struct cl_column columns[] = { { "Why", "why", CL_COL_TEXT },
						    { "Queries", "queries", CL_COL_COUNT } };

	cl_table_begin(t, "Unanswered queries, and truncated answers without a retry", columns, 2);
	for (unsigned i = CL_WHY_ICMP; i < CL_WHYS; i++) {
		if (k->found.why[i] == 0)
			continue;
		cl_cell_text(t, cl_dns_why_words[i]);
		cl_cell_count(t, k->found.why[i]);
		cl_table_row_end(t);
	}
	if (k->found.open_at_end > 0) {
		cl_cell_text(t, "capture ended before the timeout");
		cl_cell_count(t, k->found.open_at_end);
		cl_table_row_end(t);
	}
	if (k->found.given_up > 0) {
		cl_cell_text(t, "no room to wait for the response");
		cl_cell_count(t, k->found.given_up);
		cl_table_row_end(t);
	}
	if (k->found.backwards > 0) {
		cl_cell_text(t, "response captured before the query");
		cl_cell_count(t, k->found.backwards);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	if (datagrams > 0) {
		snprintf(text, sizeof text,
			 "%llu datagrams of any protocol stayed incomplete: responses may be among them.",
			 (unsigned long long)datagrams);
		cl_tables_note(t, text);
	}
	cl_tables_note(t, "What the capture shows: a response lost before the tap and a query lost behind it "
			  "look the same.");
}

void cl_dns_sums_tables(struct cl_session *s, struct cl_dns_kept *k, struct cl_tables *t)
{
	struct cl_dns_sum *u = &k->sum;
	struct number list[NUMBERS];

	table_transports(t, u);
	list_numbers(t, "Flags and options", list, flag_numbers(u, list));
	table_rcodes(s, t, u);
	table_level(s, t, k, CL_LEVEL_TOP);
	table_level(s, t, k, CL_LEVEL_SECOND);
	if (k->suffixes != NULL)
		table_level(s, t, k, CL_LEVEL_REGISTERED);
	table_options(s, t, u);
	table_clients(t, u);
	list_numbers(t, "Retries", list, fate_numbers(k, list));
	table_unanswered(s, t, k);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* summary: how much of what, how many clients, how fast. */
#include <stdio.h>
#include <string.h>

#include "cli/view/approx.h"
#include "cli/view/missed.h"
#include "cli/view/summary.h"
#include "cli/view/view.h"
#include "dissect/dns/codes.h"
#include "stats/engine/tally.h"

/* Totals of one protocol over the chosen servers. */
struct totals {
	int64_t n[CL_COUNTERS];
	uint64_t open_at_end;
	struct cl_unique clients;
	struct cl_approx approx; /* of these */
};

int64_t cl_summary_count(int64_t n)
{
	const int64_t most = INT64_MAX / 8;

	return n < 0 ? 0 : n > most ? most : n;
}

static struct totals totals_of(struct cl_session *s, const char *proto)
{
	struct totals t = { .open_at_end = 0 };
	struct cl_query *q = cl_query_new(
		s->store, "SELECT 0"
#define X(id, column, doc) ", coalesce(sum(" #column "), 0)"
#include "stats/engine/counters.def"
#undef X
			  " FROM day JOIN total USING(service_id) JOIN span ON day BETWEEN day_from "
			  "AND day_to WHERE proto = ?1");

	cl_query_bind_text(q, 1, proto);
	if (cl_query_row(q))
		for (int i = 0; i < (int)CL_COUNTERS; i++)
			t.n[i] = cl_summary_count(cl_query_i64(q, i + 1));
	cl_query_free(q);
	q = cl_query_new(s->store, "SELECT sum(requests) FROM open_at_end JOIN total USING(service_id) "
				   "JOIN ending USING(source_id) WHERE proto = ?1");
	cl_query_bind_text(q, 1, proto);
	if (cl_query_row(q))
		t.open_at_end = cl_query_u64(q, 0);
	cl_query_free(q);
	t.clients = cl_view_unique_all(s, proto, 0);
	t.approx = cl_approx_of_all(s, proto, 0);
	return t;
}

/* Of a few days it can be that more was answered than asked: by requests of the day before. */
static int64_t unanswered(const struct totals *t)
{
	int64_t asked = t->n[CL_C_REQUESTS], matched = t->n[CL_C_MATCHED];

	return asked > matched ? asked - matched : 0;
}

static struct cl_query *codes_of(struct cl_session *s, const char *kind)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT code, sum(n) AS total FROM day_code JOIN total USING(service_id) "
			  "JOIN span ON day BETWEEN day_from AND day_to WHERE kind = ?1 GROUP BY code "
			  "ORDER BY total DESC, code");

	cl_query_bind_text(q, 1, kind);
	return q;
}

const char *cl_summary_code_name(const char *kind, uint32_t code, char text[24])
{
	const char *name = NULL;

	if (strcmp(kind, "qtype") == 0) {
		name = cl_dns_type_name(code);
		snprintf(text, 24, "TYPE%u", code);
	} else if (strcmp(kind, "rcode") == 0) {
		name = cl_dns_rcode_name(code);
		snprintf(text, 24, "RCODE%u", code);
	} else {
		snprintf(text, 24, "%u", code);
	}
	return name != NULL ? name : text;
}

static struct cl_hist delta_of(struct cl_session *s, const char *proto, const char *kinds)
{
	char where[160];

	snprintf(where, sizeof where,
		 "service_id IN (SELECT service_id FROM total WHERE proto = '%s') AND ?1 = 0 AND kind %s",
		 proto, kinds);
	return cl_view_hist(s, where, 0);
}

struct cl_icmp_sums {
	uint64_t errors, senders, affected;
};

#define ICMP_CHOSEN                                                                                          \
	" JOIN span ON day BETWEEN day_from AND day_to WHERE (NOT EXISTS (SELECT 1 FROM wanted) OR server "  \
	"IN (SELECT addr FROM wanted))"

static uint64_t icmp_addresses(struct cl_session *s, const char *role)
{
	struct cl_query *q = cl_query_new(
		s->store, "SELECT count(DISTINCT addr) FROM icmp_address_day" ICMP_CHOSEN " AND role = ?1");

	cl_query_bind_text(q, 1, role);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

static struct cl_icmp_sums icmp_of(struct cl_session *s)
{
	struct cl_query *q =
		cl_query_new(s->store, "SELECT coalesce(sum(errors), 0) FROM icmp_day" ICMP_CHOSEN);
	struct cl_icmp_sums x = { .errors = 0 };

	if (cl_query_row(q))
		x.errors = (uint64_t)cl_summary_count(cl_query_i64(q, 0));
	cl_query_free(q);
	x.senders = icmp_addresses(s, "sender");
	x.affected = icmp_addresses(s, "affected");
	return x;
}

/* JSON ------------------------------------------------------------------------ */

static void json_codes(struct cl_session *s, struct cl_json *j, const char *key, const char *kind)
{
	struct cl_query *q = codes_of(s, kind);
	char text[24];

	cl_json_object(j, key);
	while (cl_query_row(q))
		cl_json_u64(j, cl_summary_code_name(kind, (uint32_t)cl_query_i64(q, 0), text),
			    cl_query_u64(q, 1));
	cl_json_end(j);
	cl_query_free(q);
}

static void json_clients(struct cl_json *j, const struct totals *t)
{
	cl_json_object(j, "clients");
	cl_json_u64(j, "ipv4", t->clients.ipv4);
	cl_json_u64(j, "ipv6", t->clients.ipv6);
	cl_json_u64(j, "total", t->clients.ipv4 + t->clients.ipv6);
	cl_json_approx(j, "approximate", &t->approx);
	cl_json_end(j);
}

static void json_counters(struct cl_json *j, const struct totals *t, const char *requests)
{
	cl_json_i64(j, requests, t->n[CL_C_REQUESTS]);
	cl_json_i64(j, "responses", t->n[CL_C_RESPONSES]);
	cl_json_i64(j, "matched", t->n[CL_C_MATCHED]);
	cl_json_i64(j, "unanswered", unanswered(t));
	cl_json_u64(j, "open_at_end", t->open_at_end);
	cl_json_i64(j, "duplicates", t->n[CL_C_DUPLICATES]);
	cl_json_i64(j, "late", t->n[CL_C_LATE]);
	cl_json_i64(j, "backwards", t->n[CL_C_BACKWARDS]);
	cl_json_i64(j, "bogus", t->n[CL_C_BOGUS]);
}

static void json_hist(struct cl_session *s, struct cl_json *j, const char *key, const char *proto,
		      const char *kinds)
{
	struct cl_hist h = delta_of(s, proto, kinds);

	cl_json_delta(j, key, &h);
	cl_hist_free(&h);
}

static void json_ntp(struct cl_session *s, struct cl_json *j)
{
	struct totals t = totals_of(s, "ntp");

	cl_json_object(j, "ntp");
	cl_json_i64(j, "packets", t.n[CL_C_REQUESTS] + t.n[CL_C_RESPONSES] + t.n[CL_C_APART]);
	json_counters(j, &t, "requests");
	cl_json_i64(j, "guessed", t.n[CL_C_GUESSED]);
	cl_json_i64(j, "interleaved", t.n[CL_C_INTERLEAVED]);
	cl_json_i64(j, "kod", t.n[CL_C_KOD]);
	cl_json_i64(j, "mac", t.n[CL_C_MAC]);
	cl_json_i64(j, "nts", t.n[CL_C_NTS]);
	json_clients(j, &t);
	json_codes(s, j, "versions", "version");
	json_codes(s, j, "modes", "mode");
	json_hist(s, j, "delta_s", "ntp", "= 0");
	cl_json_end(j);
}

static void json_tcp(struct cl_session *s, struct cl_json *j, const struct totals *t)
{
	struct cl_unique tcp = cl_view_unique_all(s, "dns", 2);
	struct cl_approx approx = cl_approx_of_all(s, "dns", 2);

	cl_json_object(j, "tcp");
	cl_json_i64(j, "queries", t->n[CL_C_TCP_REQUESTS]);
	cl_json_i64(j, "responses", t->n[CL_C_TCP_RESPONSES]);
	cl_json_u64(j, "clients", tcp.ipv4 + tcp.ipv6);
	cl_json_approx(j, "clients_approximate", &approx);
	cl_json_u64(j, "connections", cl_summary_fact(s, "tcp_dns_connections"));
	json_hist(s, j, "delta_s", "dns", "= 2");
	json_hist(s, j, "delta_first_s", "dns", "= 3");
	cl_json_end(j);
}

static void json_dns(struct cl_session *s, struct cl_json *j)
{
	struct totals t = totals_of(s, "dns");
	struct cl_unique udp = cl_view_unique_all(s, "dns", 1);
	struct cl_approx approx = cl_approx_of_all(s, "dns", 1);

	cl_json_object(j, "dns");
	json_counters(j, &t, "queries");
	cl_json_i64(j, "apart", t.n[CL_C_APART]);
	json_clients(j, &t);
	cl_json_object(j, "udp");
	cl_json_i64(j, "queries", t.n[CL_C_REQUESTS] - t.n[CL_C_TCP_REQUESTS]);
	cl_json_i64(j, "responses", t.n[CL_C_RESPONSES] - t.n[CL_C_TCP_RESPONSES]);
	cl_json_u64(j, "clients", udp.ipv4 + udp.ipv6);
	cl_json_approx(j, "clients_approximate", &approx);
	json_hist(s, j, "delta_s", "dns", "= 0");
	json_hist(s, j, "delta_first_s", "dns", "= 1");
	cl_json_end(j);
	json_tcp(s, j, &t);
	json_codes(s, j, "qtypes", "qtype");
	json_codes(s, j, "rcodes", "rcode");
	cl_json_i64(j, "edns", t.n[CL_C_EDNS]);
	cl_json_i64(j, "do", t.n[CL_C_DNSSEC_OK]);
	cl_json_i64(j, "ecs", t.n[CL_C_ECS]);
	cl_json_i64(j, "cookie", t.n[CL_C_COOKIE]);
	cl_json_i64(j, "truncated", t.n[CL_C_TRUNCATED]);
	json_hist(s, j, "delta_s", "dns", "IN (0, 2)");
	cl_json_end(j);
}

static void json_icmp(struct cl_session *s, struct cl_json *j)
{
	struct cl_icmp_sums x = icmp_of(s);

	cl_json_object(j, "icmp");
	cl_json_u64(j, "errors", x.errors);
	cl_json_u64(j, "senders", x.senders);
	cl_json_u64(j, "affected_clients", x.affected);
	cl_json_end(j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	json_ntp(s, j);
	json_dns(s, j);
	json_icmp(s, j);
	cl_summary_facts_json(s, j);
}

/* Tables ---------------------------------------------------------------------- */

struct line {
	const char *label, *key;
	enum cl_counter counter;
	bool always;
};

/* Keys of a list are paths in the JSON form. */
static const char *path_of(char out[80], const char *proto, const char *key)
{
	snprintf(out, 80, "%s.%s", proto, key);
	return out;
}

static void list_counters(struct cl_tables *t, const char *proto, const struct totals *x,
			  const struct line *lines, size_t n)
{
	char path[80];

	for (size_t i = 0; i < n; i++)
		if (lines[i].always || x->n[lines[i].counter] != 0)
			cl_list_count(t, lines[i].label, path_of(path, proto, lines[i].key),
				      (uint64_t)x->n[lines[i].counter]);
}

static void list_exchange(struct cl_tables *t, const char *proto, const struct totals *x,
			  const char *requests)
{
	static const struct line lines[] = {
		{ "  second answers (duplicates)", "duplicates", CL_C_DUPLICATES, false },
		{ "  answers after the timeout (late)", "late", CL_C_LATE, false },
		{ "  answers before their request (backwards)", "backwards", CL_C_BACKWARDS, false },
		{ "  answers to nothing seen (bogus)", "bogus", CL_C_BOGUS, false },
	};
	char path[80], label[64];
	int64_t asked = x->n[CL_C_REQUESTS], matched = x->n[CL_C_MATCHED];

	cl_list_count(t, requests, path_of(path, proto, requests), (uint64_t)asked);
	cl_list_count(t, "  answered", path_of(path, proto, "matched"), (uint64_t)matched);
	if (asked > 0)
		cl_list_share(t, "  share answered", path_of(path, proto, "answered_share"),
			      (double)matched / (double)asked);
	cl_list_count(t, "  unanswered", path_of(path, proto, "unanswered"), (uint64_t)unanswered(x));
	if (x->open_at_end > 0)
		cl_list_count(t, "    of these still open at the end", path_of(path, proto, "open_at_end"),
			      x->open_at_end);
	cl_list_count(t, "responses", path_of(path, proto, "responses"), (uint64_t)x->n[CL_C_RESPONSES]);
	list_counters(t, proto, x, lines, sizeof lines / sizeof *lines);
	cl_list_count(t, cl_approx_label(label, "unique clients", &x->approx),
		      path_of(path, proto, "clients.total"), x->clients.ipv4 + x->clients.ipv6);
	cl_list_count(t, cl_approx_label(label, "  IPv4", &x->approx), path_of(path, proto, "clients.ipv4"),
		      x->clients.ipv4);
	cl_list_count(t, cl_approx_label(label, "  IPv6", &x->approx), path_of(path, proto, "clients.ipv6"),
		      x->clients.ipv6);
	cl_approx_list(t, path_of(path, proto, "clients.approximate"), &x->approx);
}

static void list_codes(struct cl_session *s, struct cl_tables *t, const char *what, const char *kind,
		       const char *path)
{
	struct cl_query *q = codes_of(s, kind);
	char text[24], label[64], key[64];

	while (cl_query_row(q)) {
		const char *name = cl_summary_code_name(kind, (uint32_t)cl_query_i64(q, 0), text);

		snprintf(label, sizeof label, "%s %s", what, name);
		snprintf(key, sizeof key, "%s.%s", path, name);
		cl_list_count(t, label, key, cl_query_u64(q, 1));
	}
	cl_query_free(q);
}

static void table_delta_row(struct cl_tables *t, const char *name, const struct cl_hist *h)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999 };

	cl_cell_text(t, name);
	cl_cell_count(t, h->n);
	if (h->n > 0) {
		cl_cell_duration(t, h->min);
		for (unsigned i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
			cl_cell_duration(t, cl_hist_quantile(h, quantiles[i]));
		cl_cell_duration(t, h->max);
		cl_cell_duration(t, (int64_t)(h->sum / h->n));
	}
	cl_table_row_end(t);
}

static void table_delta(struct cl_session *s, struct cl_tables *t, const char *name, const char *proto,
			const char *kinds)
{
	struct cl_hist h = delta_of(s, proto, kinds);

	table_delta_row(t, name, &h);
	cl_hist_free(&h);
}

static void table_deltas(struct cl_session *s, struct cl_tables *t, bool ntp, bool dns, bool tcp)
{
	static const struct cl_column columns[] = {
		{ "Server delta", "delta", CL_COL_TEXT }, { "n", "n", CL_COL_COUNT },
		{ "min", "min", CL_COL_DURATION },	  { "p50", "p50", CL_COL_DURATION },
		{ "p90", "p90", CL_COL_DURATION },	  { "p99", "p99", CL_COL_DURATION },
		{ "p99.9", "p999", CL_COL_DURATION },	  { "max", "max", CL_COL_DURATION },
		{ "mean", "mean", CL_COL_DURATION },
	};

	cl_table_begin(t, "Time between request and response", columns, sizeof columns / sizeof *columns);
	if (ntp)
		table_delta(s, t, "NTP", "ntp", "= 0");
	if (dns)
		table_delta(s, t, "DNS", "dns", "IN (0, 2)");
	if (tcp) {
		table_delta(s, t, "  over UDP", "dns", "= 0");
		table_delta(s, t, "  over TCP", "dns", "= 2");
	}
	cl_table_end(t);
	cl_tables_note(t, "Quantiles within 1 %; n, min, max and mean exact; by the clock of the capture.");
}

static void table_ntp(struct cl_session *s, struct cl_tables *t, const struct totals *x)
{
	static const struct line lines[] = {
		{ "matched without time stamps (guessed)", "guessed", CL_C_GUESSED, false },
		{ "matched in interleaved mode", "interleaved", CL_C_INTERLEAVED, false },
		{ "kiss-o'-death responses", "kod", CL_C_KOD, false },
		{ "requests with a MAC", "mac", CL_C_MAC, false },
		{ "requests with NTS", "nts", CL_C_NTS, false },
		{ "neither request nor response (modes 0, 5, 6, 7)", "apart", CL_C_APART, false },
	};

	cl_list_begin(t, "NTP");
	cl_list_count(t, "packets", "ntp.packets",
		      (uint64_t)(x->n[CL_C_REQUESTS] + x->n[CL_C_RESPONSES] + x->n[CL_C_APART]));
	list_exchange(t, "ntp", x, "requests");
	list_counters(t, "ntp", x, lines, sizeof lines / sizeof *lines);
	list_codes(s, t, "version", "version", "ntp.versions");
	list_codes(s, t, "mode", "mode", "ntp.modes");
	cl_list_end(t);
	cl_approx_note(t, "of NTP", &x->approx);
}

static bool has_tcp(struct cl_session *s, const struct totals *x)
{
	return x->n[CL_C_TCP_REQUESTS] + x->n[CL_C_TCP_RESPONSES] > 0 ||
	       cl_summary_fact(s, "tcp_dns_connections") > 0;
}

static void list_tcp(struct cl_session *s, struct cl_tables *t, const struct totals *x)
{
	struct cl_unique tcp = cl_view_unique_all(s, "dns", 2);
	struct cl_approx approx = cl_approx_of_all(s, "dns", 2);
	char label[64];

	cl_list_count(t, "over TCP: connections", "dns.tcp.connections",
		      cl_summary_fact(s, "tcp_dns_connections"));
	cl_list_count(t, "  queries", "dns.tcp.queries", (uint64_t)x->n[CL_C_TCP_REQUESTS]);
	cl_list_count(t, "  responses", "dns.tcp.responses", (uint64_t)x->n[CL_C_TCP_RESPONSES]);
	cl_list_count(t, cl_approx_label(label, "  unique clients", &approx), "dns.tcp.clients",
		      tcp.ipv4 + tcp.ipv6);
	cl_approx_list(t, "dns.tcp.clients_approximate", &approx);
}

static void table_dns(struct cl_session *s, struct cl_tables *t, const struct totals *x)
{
	static const struct line lines[] = {
		{ "queries with EDNS", "edns", CL_C_EDNS, true },
		{ "queries with DO", "do", CL_C_DNSSEC_OK, true },
		{ "queries with a client subnet", "ecs", CL_C_ECS, false },
		{ "queries with a cookie", "cookie", CL_C_COOKIE, false },
		{ "truncated responses", "truncated", CL_C_TRUNCATED, false },
		{ "neither query nor response", "apart", CL_C_APART, false },
	};

	cl_list_begin(t, "DNS");
	list_exchange(t, "dns", x, "queries");
	if (has_tcp(s, x))
		list_tcp(s, t, x);
	list_counters(t, "dns", x, lines, sizeof lines / sizeof *lines);
	list_codes(s, t, "query type", "qtype", "dns.qtypes");
	list_codes(s, t, "response code", "rcode", "dns.rcodes");
	cl_list_end(t);
	cl_approx_note(t, "of DNS", &x->approx);
}

static void table_icmp(struct cl_session *s, struct cl_tables *t)
{
	struct cl_icmp_sums x = icmp_of(s);

	if (x.errors == 0)
		return;
	cl_list_begin(t, "ICMP errors about NTP and DNS");
	cl_list_count(t, "errors", "icmp.errors", x.errors);
	cl_list_count(t, "senders", "icmp.senders", x.senders);
	cl_list_count(t, "affected clients", "icmp.affected_clients", x.affected);
	cl_list_end(t);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	const unsigned chosen = CL_OPT_SERVER | CL_OPT_FROM | CL_OPT_TO;
	struct totals ntp = totals_of(s, "ntp"), dns = totals_of(s, "dns");
	bool has_ntp = ntp.n[CL_C_REQUESTS] + ntp.n[CL_C_RESPONSES] + ntp.n[CL_C_APART] > 0;
	bool has_dns =
		dns.n[CL_C_REQUESTS] + dns.n[CL_C_RESPONSES] + dns.n[CL_C_APART] > 0 || has_tcp(s, &dns);

	if (has_ntp)
		table_ntp(s, t, &ntp);
	if (has_dns)
		table_dns(s, t, &dns);
	if (has_ntp || has_dns)
		table_deltas(s, t, has_ntp, has_dns, dns.n[CL_C_TCP_RESPONSES] > 0);
	else
		cl_tables_note(t, s->database && (s->options->given & chosen) != 0
					  ? "No NTP or DNS messages of these servers and days."
					  : "No NTP or DNS messages were counted.");
	table_icmp(s, t);
	cl_summary_facts_tables(s, t);
	cl_missed_summary_tables(s, t);
}

const struct cl_view cl_view_summary = {
	.name = "summary",
	.summary = "how many packets, clients and servers, and how fast the answers were",
	.example = "  clientele summary monday.pcap\n"
		   "  clientele summary --format json may.db\n",
	.json = json,
	.tables = tables
};

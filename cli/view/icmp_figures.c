/* SPDX-License-Identifier: BSD-2-Clause */
/* icmp: its figures, as the tables of errors have them. */
#include "cli/view/icmp_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dissect/icmp_names.h"
#include "stats/store/recount.h"
#include "stats/store/stored_clients.h"

#define NS_PER_S 1000000000
#define HOUR_S	 3600

/* Words ----------------------------------------------------------------------- */

const char *cl_icmp_kind_name(uint8_t family, uint8_t type, uint8_t code, char text[32])
{
	const char *name = family == 4 ? cl_icmp_meaning(type, code) : cl_icmp6_meaning(type, code);

	if (name == NULL)
		snprintf(text, 32, "type %u code %u", type, code);
	return name != NULL ? name : text;
}

const char *cl_icmp_kind_number(uint8_t family, uint8_t type, uint8_t code, char text[32])
{
	snprintf(text, 32, "v%u %u/%u", family, type, code);
	return text;
}

const char *cl_icmp_network(const struct cl_addr *a, char text[CL_ADDR_STRLEN + 4])
{
	char addr[CL_ADDR_STRLEN];

	cl_addr_format(a, addr);
	snprintf(text, CL_ADDR_STRLEN + 4, "%s/%d", addr, cl_addr_is_v4(a) ? 24 : 48);
	return text;
}

double cl_icmp_share(uint64_t a, uint64_t b)
{
	return b > 0 ? (double)a / (double)b : NAN;
}

const char *cl_icmp_family(uint8_t family)
{
	return family == 4 ? "ipv4" : "ipv6";
}

/* What both families have a code for, in the order of the table. The first row that fits holds; code
 * 255: all. */
static const struct {
	const char *meaning;
	uint8_t family, type, code;
} meanings[] = {
	{ "port unreachable", 6, 1, 4 },
	{ "port unreachable", 4, 3, 3 },
	{ "address unreachable", 6, 1, 3 },
	{ "address unreachable", 4, 3, 1 },
	{ "address unreachable", 4, 3, 7 },
	{ "address unreachable", 4, 3, 12 },
	{ "no route", 6, 1, 0 },
	{ "no route", 4, 3, 0 },
	{ "no route", 4, 3, 6 },
	{ "no route", 4, 3, 11 },
	{ "prohibited", 6, 1, 1 },
	{ "prohibited", 6, 1, 5 },
	{ "prohibited", 6, 1, 6 },
	{ "prohibited", 4, 3, 9 },
	{ "prohibited", 4, 3, 10 },
	{ "prohibited", 4, 3, 13 },
	{ "packet too big", 6, 2, 255 },
	{ "packet too big", 4, 3, 4 },
	{ "hops exceeded", 6, 3, 0 },
	{ "hops exceeded", 4, 11, 0 },
	{ "reassembly timed out", 6, 3, 1 },
	{ "reassembly timed out", 4, 11, 1 },
	{ "parameter problem", 6, 4, 255 },
	{ "parameter problem", 4, 12, 255 },
};
#define MEANINGS (sizeof meanings / sizeof *meanings)

/* Its place among `meanings`; MEANINGS: other. */
static size_t meaning_of(uint8_t family, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < MEANINGS; i++)
		if (meanings[i].family == family && meanings[i].type == type &&
		    (meanings[i].code == code || meanings[i].code == 255)) {
			while (i > 0 && strcmp(meanings[i - 1].meaning, meanings[i].meaning) == 0)
				i--;
			return i;
		}
	return MEANINGS;
}

/* Rows asked for -------------------------------------------------------------- */

#define CHOSEN                                                                                               \
	" JOIN span ON day BETWEEN day_from AND day_to WHERE (NOT EXISTS (SELECT 1 FROM wanted) OR server "  \
	"IN (SELECT addr FROM wanted))"

static void run(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

static void add_meanings(struct cl_session *s)
{
	run(s, "CREATE TEMP TABLE icmp_meaning(family, type, code, place, PRIMARY KEY(family, type, code))");
	struct cl_query *kinds = cl_query_new(s->store, "SELECT DISTINCT family, type, code FROM icmp_kinds");
	struct cl_query *add = cl_query_new(s->store, "INSERT INTO icmp_meaning VALUES(?1, ?2, ?3, ?4)");

	while (cl_query_row(kinds)) {
		uint8_t family = (uint8_t)cl_query_u64(kinds, 0), type = (uint8_t)cl_query_u64(kinds, 1),
			code = (uint8_t)cl_query_u64(kinds, 2);

		cl_query_bind_i64(add, 1, family);
		cl_query_bind_i64(add, 2, type);
		cl_query_bind_i64(add, 3, code);
		cl_query_bind_i64(add, 4, (int64_t)meaning_of(family, type, code));
		cl_query_run(add);
	}
	cl_query_free(add);
	cl_query_free(kinds);
}

bool cl_icmp_prepare(struct cl_session *s)
{
	run(s, "CREATE TEMP TABLE icmp_kinds AS SELECT proto, family, type, code, sum(errors) AS errors, "
	       "sum(responses) AS responses, sum(from_client) AS from_client FROM icmp_day" CHOSEN
	       " GROUP BY proto, family, type, code");
	run(s, "CREATE TEMP TABLE icmp_who AS SELECT proto, family, type, code, role, addr, sum(errors) AS "
	       "errors, sum(CASE WHEN addr = server THEN errors ELSE 0 END) AS from_server FROM "
	       "icmp_address_day" CHOSEN " GROUP BY proto, family, type, code, role, addr");
	run(s, "CREATE INDEX temp.icmp_who_kind ON icmp_who(family, type, code, role)");
	add_meanings(s);
	struct cl_query *q = cl_query_new(s->store, "SELECT 1 FROM sqlite_master WHERE name = 'icmp_step'");
	bool has = cl_query_row(q);
	cl_query_free(q);
	return has;
}

/* Figures --------------------------------------------------------------------- */

const uint8_t cl_icmp_families[2] = { 6, 4 };

static uint64_t number(struct cl_session *s, const char *sql, const char *proto, uint8_t family)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	if (proto != NULL)
		cl_query_bind_text(q, 2, proto);
	cl_query_bind_i64(q, 3, family);
	uint64_t n = cl_query_row(q) ? cl_query_u64(q, 0) : 0;
	cl_query_free(q);
	return n;
}

/* A cl_stored_client_fn. */
static void take_client(void *ctx, const struct cl_stored_client *row)
{
	if (row->requests > 0)
		cl_recount_add(ctx, &(struct cl_recounted){ .addr = row->addr, .requests = row->requests },
			       1u << CL_SCOPE_NTP);
}

#define ASKED CL_STORED_CLIENT("0", "c.addr", "requests", "0", "0", "0")

/* Clients of both protocols, each once, counted from their rows. */
static struct cl_unique count_both(struct cl_session *s)
{
	bool part = s->database && (s->options->given & (CL_OPT_FROM | CL_OPT_TO)) != 0;
	struct cl_recount *r = cl_recount_new(cl_random_seed());

	if (r == NULL) {
		cl_store_fail(s->store, CL_ENOMEM);
		return (struct cl_unique){ .ipv4 = 0 };
	}
	cl_recount_begin(r);
	cl_stored_clients(s->store,
			  part ? "SELECT " ASKED " FROM dates CROSS JOIN client_day AS c ON c.source_id = "
				 "dates.source_id AND c.day = dates.day JOIN chosen USING(service_id)"
			       : "SELECT " ASKED
				 " FROM chosen CROSS JOIN client_total AS c USING(service_id)",
			  0, 0, take_client, r);
	struct cl_unique u = cl_recount_scope(r, CL_SCOPE_NTP);
	if (cl_recount_failed(r))
		cl_store_fail(s->store, CL_ENOMEM);
	cl_recount_free(r);
	return u;
}

static struct cl_unique unique_of(struct cl_session *s, const char *proto, const struct cl_unique *counted)
{
	if (proto != NULL)
		return cl_view_unique_all(s, proto, 0);
	struct cl_unique ntp = cl_view_unique_all(s, "ntp", 0), dns = cl_view_unique_all(s, "dns", 0);

	if (ntp.ipv4 + ntp.ipv6 == 0 || dns.ipv4 + dns.ipv6 == 0)
		return ntp.ipv4 + ntp.ipv6 == 0 ? dns : ntp;
	struct cl_unique both = counted != NULL ? *counted : count_both(s);
	/* rows are fewer where clients beyond --max-memory are estimated */
	if (both.ipv4 < ntp.ipv4 || both.ipv4 < dns.ipv4)
		both.ipv4 = ntp.ipv4 > dns.ipv4 ? ntp.ipv4 : dns.ipv4;
	if (both.ipv6 < ntp.ipv6 || both.ipv6 < dns.ipv6)
		both.ipv6 = ntp.ipv6 > dns.ipv6 ? ntp.ipv6 : dns.ipv6;
	return both;
}

#define OF_PROTO " (?2 IS NULL OR proto = ?2) "

static struct cl_icmp_figures figures_of(struct cl_session *s, const char *proto, uint8_t family,
					 const struct cl_unique *clients)
{
	struct cl_icmp_figures f = { .clients = family == 4 ? clients->ipv4 : clients->ipv6 };
	struct cl_query *q =
		cl_query_new(s->store, "SELECT sum(errors), sum(responses), sum(from_client) FROM icmp_kinds "
				       "WHERE" OF_PROTO "AND family = ?3");

	if (proto != NULL)
		cl_query_bind_text(q, 2, proto);
	cl_query_bind_i64(q, 3, family);
	if (cl_query_row(q)) {
		f.errors = cl_query_u64(q, 0);
		f.responses = cl_query_u64(q, 1);
		f.from_client = cl_query_u64(q, 2);
	}
	cl_query_free(q);
	f.requests = number(s,
			    "SELECT sum(requests) FROM chosen JOIN day USING(service_id) JOIN span ON day "
			    "BETWEEN day_from AND day_to WHERE" OF_PROTO
			    "AND length(addr) = CASE ?3 WHEN 4 THEN 4 ELSE 16 END",
			    proto, family);
	f.from_server = number(s,
			       "SELECT sum(from_server) FROM icmp_who WHERE" OF_PROTO
			       "AND family = ?3 AND role = 'sender'",
			       proto, family);
	f.senders = number(s,
			   "SELECT count(DISTINCT addr) FROM icmp_who WHERE" OF_PROTO
			   "AND family = ?3 AND role = 'sender'",
			   proto, family);
	f.affected = number(s,
			    "SELECT count(DISTINCT addr) FROM icmp_who WHERE" OF_PROTO
			    "AND role = 'affected' AND length(addr) = CASE ?3 WHEN 4 THEN 4 ELSE 16 END",
			    proto, family);
	if (s->kept != NULL && proto == NULL) {
		struct cl_quote_count count = cl_icmpquote_count(s->kept, family);

		f.unmatched_known = true;
		f.unmatched = count.errors - count.matched;
	}
	return f;
}

static void add_figures(struct cl_icmp_figures *to, const struct cl_icmp_figures *f)
{
	to->requests += f->requests;
	to->clients += f->clients;
	to->errors += f->errors;
	to->responses += f->responses;
	to->senders += f->senders;
	to->affected += f->affected;
	to->from_client += f->from_client;
	to->from_server += f->from_server;
	to->unmatched_known = f->unmatched_known;
	to->unmatched += f->unmatched;
}

struct cl_icmp_both cl_icmp_both_of(struct cl_session *s, const char *proto, const struct cl_unique *counted)
{
	struct cl_unique clients = unique_of(s, proto, counted);
	struct cl_icmp_both b = { .sum = { .requests = 0 } };

	for (size_t i = 0; i < 2; i++) {
		b.family[i] = figures_of(s, proto, cl_icmp_families[i], &clients);
		add_figures(&b.sum, &b.family[i]);
	}
	return b;
}

/* Types ----------------------------------------------------------------------- */

/* Of the first octets of an address, what it names: the rest is 0. */
static bool read_prefix(struct cl_query *q, int column, struct cl_addr *out)
{
	size_t n;
	const uint8_t *octets = cl_query_blob(q, column, &n);
	uint8_t v4[4] = { 0 };

	*out = (struct cl_addr){ { 0 } };
	if (octets == NULL || n > sizeof out->b)
		return false;
	if (n > sizeof v4) {
		memcpy(out->b, octets, n);
		return true;
	}
	memcpy(v4, octets, n);
	*out = cl_addr_from_v4(v4);
	return true;
}

static uint64_t find_top(struct cl_session *s, const char *sql, const struct cl_icmp_kind *row,
			 struct cl_addr *addr, uint64_t *clients)
{
	struct cl_query *q = cl_query_new(s->store, sql);
	uint64_t errors = 0;

	cl_query_bind_i64(q, 2, row->family);
	cl_query_bind_i64(q, 3, row->type);
	cl_query_bind_i64(q, 4, row->code);
	if (cl_query_row(q) && read_prefix(q, 0, addr)) {
		errors = cl_query_u64(q, 1);
		*clients = cl_query_u64(q, 2);
	}
	cl_query_free(q);
	return errors;
}

#define OF_KIND "FROM icmp_who WHERE family = ?2 AND type = ?3 AND code = ?4 AND role = "

static void find_tops(struct cl_session *s, struct cl_icmp_kind *row)
{
	uint64_t one;

	row->top_sender_errors = find_top(s,
					  "SELECT addr, sum(errors) AS n, 1 " OF_KIND
					  "'sender' GROUP BY addr ORDER BY n DESC, addr LIMIT 1",
					  row, &row->top_sender, &one);
	row->top_network_errors = find_top(
		s,
		"SELECT substr(addr, 1, CASE length(addr) WHEN 4 THEN 3 ELSE 6 END) AS network, sum(errors) "
		"AS n, count(DISTINCT addr) " OF_KIND
		"'affected' GROUP BY network ORDER BY n DESC, network LIMIT 1",
		row, &row->top_network, &row->top_network_clients);
}

void cl_icmp_each_kind(struct cl_session *s, cl_icmp_kind_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT family, type, code, n, client, coalesce(sum(w.from_server), 0), count(DISTINCT CASE "
		"role WHEN 'sender' THEN addr END), count(DISTINCT CASE role WHEN 'affected' THEN addr END) "
		"FROM (SELECT family, type, code, sum(errors) AS n, sum(from_client) AS client FROM "
		"icmp_kinds GROUP BY family, type, code) LEFT JOIN (SELECT family, type, code, role, addr, "
		"CASE role WHEN 'sender' THEN from_server ELSE 0 END AS from_server FROM icmp_who) AS w "
		"USING(family, type, code) GROUP BY family, type, code ORDER BY family DESC, n DESC, type, "
		"code");

	while (cl_query_row(q)) {
		struct cl_icmp_kind row = { .family = (uint8_t)cl_query_u64(q, 0),
					    .type = (uint8_t)cl_query_u64(q, 1),
					    .code = (uint8_t)cl_query_u64(q, 2),
					    .errors = cl_query_u64(q, 3),
					    .from_client = cl_query_u64(q, 4),
					    .from_server = cl_query_u64(q, 5),
					    .senders = cl_query_u64(q, 6),
					    .affected = cl_query_u64(q, 7) };

		find_tops(s, &row);
		fn(ctx, &row);
	}
	cl_query_free(q);
}

/* Meanings -------------------------------------------------------------------- */

void cl_icmp_each_meaning(struct cl_session *s, cl_icmp_meaning_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT place, family, sum(errors), (SELECT count(DISTINCT addr) FROM icmp_who JOIN "
		"icmp_meaning AS n USING(family, type, code) WHERE n.place = m.place AND family = "
		"m.family AND role = 'sender'), (SELECT count(DISTINCT addr) FROM icmp_who JOIN "
		"icmp_meaning AS n USING(family, type, code) WHERE n.place = m.place AND family = "
		"m.family AND role = 'affected') FROM icmp_meaning AS m JOIN icmp_kinds "
		"USING(family, type, code) GROUP BY place, family ORDER BY place, family DESC");
	struct cl_icmp_meaning_row row = { .name = NULL };
	uint64_t place = UINT64_MAX;

	while (cl_query_row(q)) {
		if (cl_query_u64(q, 0) != place && row.name != NULL)
			fn(ctx, &row);
		if (cl_query_u64(q, 0) != place)
			row = (struct cl_icmp_meaning_row){ .name = "other" };
		place = cl_query_u64(q, 0);
		if (place < MEANINGS)
			row.name = meanings[place].meaning;
		size_t i = cl_query_i64(q, 1) == 4;
		row.errors[i] = cl_query_u64(q, 2);
		row.senders[i] = cl_query_u64(q, 3);
		row.affected[i] = cl_query_u64(q, 4);
	}
	if (row.name != NULL)
		fn(ctx, &row);
	cl_query_free(q);
}

/* Hours ----------------------------------------------------------------------- */

void cl_icmp_each_hour(struct cl_session *s, cl_icmp_hour_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT h, sum(r6), sum(r4), sum(e6), sum(e4) FROM (SELECT (t + ?2 - 1) / ?2 * ?2 AS h, CASE "
		"length(addr) WHEN 16 THEN requests ELSE 0 END AS r6, CASE length(addr) WHEN 4 THEN requests "
		"ELSE 0 END AS r4, 0 AS e6, 0 AS e4 FROM chosen CROSS JOIN step USING(service_id) JOIN span "
		"ON t BETWEEN t_from AND t_to UNION ALL SELECT (t + ?2 - 1) / ?2 * ?2, 0, 0, CASE family "
		"WHEN 6 THEN errors ELSE 0 END, CASE family WHEN 4 THEN errors ELSE 0 END FROM icmp_step "
		"JOIN span ON t BETWEEN t_from AND t_to WHERE (NOT EXISTS (SELECT 1 FROM wanted) OR server "
		"IN (SELECT addr FROM wanted))) GROUP BY h HAVING sum(r6) + sum(r4) + sum(e6) + sum(e4) > 0 "
		"ORDER BY h");
	int64_t step_s = s->config.engine.step_ns / NS_PER_S;

	cl_query_bind_i64(q, 2, step_s > HOUR_S ? step_s : HOUR_S);
	while (cl_query_row(q)) {
		const struct cl_icmp_hour h = { .t_s = cl_query_s(q, 0),
						.requests = { cl_query_u64(q, 1), cl_query_u64(q, 2) },
						.errors = { cl_query_u64(q, 3), cl_query_u64(q, 4) } };

		fn(ctx, &h);
	}
	cl_query_free(q);
}

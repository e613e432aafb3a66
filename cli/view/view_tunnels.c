/* SPDX-License-Identifier: BSD-2-Clause */
/* tunnels: who tunnels to whom, what travels inside, and what is wrong with it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/view/tunnel_findings.h"
#include "cli/view/view.h"

static void run(struct cl_session *s, const char *sql)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_run(q);
	cl_query_free(q);
}

/* How days of a way make a whole; what only serves to go on is of no use here. */
#define ALL_SUM(name)  ", sum(w." #name ")"
#define ALL_MAX(name)  ", max(w." #name ")"
#define ALL_MIN(name)  ", coalesce(min(w." #name "), -1)"
#define ALL_LAST(name) ", -1"

/* Tables beside the store's: the tunnels asked for by number, and what is in each. */
static void prepare(struct cl_session *s)
{
	run(s, "CREATE TEMP TABLE tunnel_shown(number INTEGER PRIMARY KEY, kind, a, b, UNIQUE(kind, a, b))");
	run(s, "INSERT INTO tunnel_shown(kind, a, b) SELECT kind, a, b FROM tunnel_way_day JOIN span ON day "
	       "BETWEEN day_from AND day_to GROUP BY kind, a, b ORDER BY length(a) = 0, sum(packets) DESC, "
	       "kind, a, b");
	run(s, "CREATE TEMP TABLE tunnel_prefix(number, prefix, length, packets, at_a, at_b, PRIMARY "
	       "KEY(number, prefix, length)) WITHOUT ROWID");
	run(s, "INSERT INTO tunnel_prefix SELECT number, prefix, length, sum(packets), sum(at_a), sum(at_b) "
	       "FROM tunnel_prefix_day JOIN tunnel_shown USING(kind, a, b) JOIN span ON day BETWEEN day_from "
	       "AND day_to GROUP BY number, prefix, length");
	run(s, "CREATE TEMP TABLE tunnel_protocol(number, protocol, packets_ab, packets_ba, octets_ab, "
	       "octets_ba, PRIMARY KEY(number, protocol)) WITHOUT ROWID");
	run(s, "INSERT INTO tunnel_protocol SELECT number, protocol, sum(packets_ab), sum(packets_ba), "
	       "sum(octets_ab), sum(octets_ba) FROM tunnel_protocol_day JOIN tunnel_shown USING(kind, a, b) "
	       "JOIN span ON day BETWEEN day_from AND day_to GROUP BY number, protocol");
	run(s, "CREATE TEMP TABLE tunnel_error(number, way, family, type, code, sender, errors, mtu, PRIMARY "
	       "KEY(number, way, family, type, code, sender)) WITHOUT ROWID");
	run(s, "INSERT INTO tunnel_error SELECT number, way, family, type, code, sender, sum(errors), "
	       "min(mtu) FROM tunnel_error_day JOIN tunnel_shown USING(kind, a, b) JOIN span ON day BETWEEN "
	       "day_from AND day_to GROUP BY number, way, family, type, code, sender");
}

static void read_ways(struct cl_query *q, struct cl_tunnel_way way[CL_TUNNEL_WAYS])
{
	while (cl_query_row(q)) {
		struct cl_tunnel_way *w = &way[cl_query_i64(q, 0) != 0 ? CL_TUNNEL_BA : CL_TUNNEL_AB];
		int column = 1;

#define X(merge, name, doc) w->name = cl_query_held(q, column++);
#include "stats/engine/tunnels.def"
#undef X
	}
	cl_query_again(q);
}

typedef void tunnel_fn(void *ctx, const struct cl_tunnel_shown *t);

static void each_tunnel(struct cl_session *s, tunnel_fn *fn, void *ctx)
{
	struct cl_query *q = cl_query_new(
		s->store,
		"SELECT number, kind, a, b, min(first_ns), max(last_ns), sum(prefixes_lost), "
		"sum(protocols_lost), sum(echoes_lost), sum(errors_lost) FROM tunnel_shown JOIN "
		"tunnel_day USING(kind, a, b) JOIN span ON day BETWEEN day_from AND day_to GROUP BY "
		"number ORDER BY number");
	struct cl_query *ways = cl_query_new(s->store, "SELECT way = 'ba'"
#define X(merge, name, doc) ALL_##merge(name)
#include "stats/engine/tunnels.def"
#undef X
						       " FROM tunnel_shown JOIN tunnel_way_day AS w "
						       "USING(kind, a, b) JOIN span ON day BETWEEN day_from "
						       "AND day_to WHERE number = ?1 GROUP BY way");

	while (cl_query_row(q)) {
		struct cl_tunnel_shown t = { .number = cl_query_i64(q, 0),
					     .timed = !cl_query_null(q, 4),
					     .first_ns = cl_query_ns(q, 4),
					     .last_ns = cl_query_ns(q, 5),
					     .prefixes_lost = cl_query_held(q, 6),
					     .protocols_lost = cl_query_held(q, 7),
					     .echoes_lost = cl_query_held(q, 8),
					     .errors_lost = cl_query_held(q, 9) };
		const char *kind = cl_query_text(q, 1);

		snprintf(t.kind, sizeof t.kind, "%s", kind != NULL ? kind : "");
		t.others = !cl_query_addr(q, 2, &t.a) || !cl_query_addr(q, 3, &t.b);
		cl_query_bind_i64(ways, 1, t.number);
		read_ways(ways, t.way);
		fn(ctx, &t);
	}
	cl_query_free(ways);
	cl_query_free(q);
}

static struct cl_query *of_tunnel(struct cl_session *s, const char *sql, const struct cl_tunnel_shown *t)
{
	struct cl_query *q = cl_query_new(s->store, sql);

	cl_query_bind_i64(q, 1, t->number);
	return q;
}

#define PREFIXES                                                                                             \
	"SELECT prefix, length, packets, at_a, at_b FROM tunnel_prefix WHERE number = ?1 ORDER BY "          \
	"length(prefix), prefix, length"
#define PROTOCOLS                                                                                            \
	"SELECT protocol, packets_ab, packets_ba, octets_ab, octets_ba FROM tunnel_protocol WHERE number = " \
	"?1 ORDER BY packets_ab + packets_ba DESC, protocol"
#define ERRORS                                                                                               \
	"SELECT way = 'ba', family, type, code, sender, errors, coalesce(mtu, -1) FROM tunnel_error WHERE "  \
	"number = ?1 ORDER BY errors DESC, way, family, type, code, sender"

static bool prefix_text(struct cl_query *q, char text[CL_ADDR_STRLEN + 8])
{
	struct cl_addr a;
	bool known = cl_query_addr(q, 0, &a);
	size_t at = known ? cl_addr_format(&a, text) : 0;

	snprintf(text + at, 8, "/%u", (unsigned)cl_query_u64(q, 1) & 0xffu);
	return known;
}

static struct cl_tunnel_error_shown read_error(struct cl_query *q)
{
	struct cl_tunnel_error_shown e = { .way = cl_query_i64(q, 0) != 0,
					   .family = (unsigned)cl_query_u64(q, 1) & 0xffu,
					   .type = (unsigned)cl_query_u64(q, 2) & 0xffu,
					   .code = (unsigned)cl_query_u64(q, 3) & 0xffu,
					   .errors = cl_query_held(q, 5),
					   .mtu = cl_query_held(q, 6) };

	(void)cl_query_addr(q, 4, &e.sender);
	return e;
}

/* All findings of a tunnel, errors about it first but for its state. */
static void each_finding(struct cl_session *s, const struct cl_tunnel_shown *t, cl_finding_fn *fn, void *ctx)
{
	struct cl_query *q = of_tunnel(s, ERRORS, t);

	cl_tunnel_findings(t, fn, ctx);
	while (cl_query_row(q)) {
		struct cl_tunnel_error_shown e = read_error(q);

		cl_tunnel_error_finding(t, &e, fn, ctx);
	}
	cl_query_free(q);
}

/* Frames in no tunnel; false where days were chosen: what was read is known of the whole alone. */
static bool rest(struct cl_session *s, uint64_t *packets)
{
	struct cl_query *q = cl_query_new(s->store, "SELECT (SELECT coalesce(sum(packets), 0) FROM source) - "
						    "(SELECT coalesce(sum(packets - nested), 0) FROM "
						    "tunnel_way_day)");
	int64_t n = cl_query_row(q) ? cl_query_held(q, 0) : 0;

	cl_query_free(q);
	*packets = n > 0 ? (uint64_t)n : 0;
	return !s->database || (s->options->given & (CL_OPT_FROM | CL_OPT_TO)) == 0;
}

/* JSON ------------------------------------------------------------------------ */

struct json_ctx {
	struct cl_session *s;
	struct cl_json *j;
};

static void json_known(struct cl_json *j, const char *key, int64_t v, bool known)
{
	if (known)
		cl_json_i64(j, key, v);
	else
		cl_json_null(j, key);
}

static void json_pings(struct cl_json *j, const struct cl_tunnel_way *w)
{
	const bool any = w->echo_answered > 0;
	const struct {
		const char *key;
		int64_t ns;
	} values[] = { { "min", w->rtt_min_ns },
		       { "mean", any ? w->rtt_sum_ns / w->echo_answered : 0 },
		       { "max", w->rtt_max_ns } };

	cl_json_object(j, "pings");
	cl_json_i64(j, "requests", w->echo_requests);
	cl_json_i64(j, "answered", w->echo_answered);
	cl_json_object(j, "rtt_s");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		if (any)
			cl_json_seconds(j, values[i].key, values[i].ns);
		else
			cl_json_null(j, values[i].key);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_way(struct cl_json *j, const char *key, const struct cl_tunnel_way *w)
{
	cl_json_object(j, key);
	cl_json_i64(j, "packets", w->packets);
	cl_json_i64(j, "bytes", w->bytes);
	cl_json_i64(j, "nested", w->nested);
	cl_json_i64(j, "fragments", w->fragments);
	cl_json_i64(j, "dont_fragment", w->dont_fragment);
	cl_json_i64(j, "id_zero", w->id_zero);
	cl_json_object(j, "ttl");
	json_known(j, "min", w->ttl_min, w->packets > 0);
	json_known(j, "max", w->ttl_max, w->packets > 0);
	cl_json_i64(j, "changes", w->ttl_changes);
	cl_json_end(j);
	cl_json_seconds(j, "alone_s", w->alone_ns);
	json_known(j, "inner_max", w->inner_max, w->inner_max > 0);
	json_known(j, "overhead", w->overhead, w->overhead > 0);
	cl_json_i64(j, "syns", w->syns);
	cl_json_i64(j, "syns_over", w->syns_over);
	json_known(j, "mss_max", w->mss_max, w->syns > 0);
	cl_json_i64(j, "too_big", w->too_big);
	json_known(j, "too_big_mtu", w->too_big_mtu, w->too_big_mtu >= 0);
	json_pings(j, w);
	cl_json_end(j);
}

static void json_ends(struct json_ctx *c, const struct cl_tunnel_shown *t)
{
	const struct {
		const char *key, *name;
		const struct cl_addr *addr;
	} ends[] = { { "a", "a_name", &t->a }, { "b", "b_name", &t->b } };
	char text[CL_ADDR_STRLEN];

	for (unsigned i = 0; i < 2; i++) {
		cl_addr_format(ends[i].addr, text);
		cl_json_str(c->j, ends[i].key, t->others ? NULL : text);
	}
	for (unsigned i = 0; i < 2; i++)
		cl_json_str(c->j, ends[i].name, t->others ? NULL : cl_names_find(c->s->names, ends[i].addr));
}

static void json_prefixes(struct json_ctx *c, const struct cl_tunnel_shown *t)
{
	struct cl_query *q = of_tunnel(c->s, PREFIXES, t);
	char text[CL_ADDR_STRLEN + 8];

	cl_json_rows(c->j, "inner");
	while (cl_query_row(q)) {
		if (!prefix_text(q, text))
			continue;
		cl_json_object(c->j, NULL);
		cl_json_str(c->j, "prefix", text);
		cl_json_i64(c->j, "packets", cl_query_i64(q, 2));
		cl_json_i64(c->j, "at_a", cl_query_i64(q, 3));
		cl_json_i64(c->j, "at_b", cl_query_i64(q, 4));
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
	cl_query_free(q);
}

static void json_protocols(struct json_ctx *c, const struct cl_tunnel_shown *t)
{
	static const char *const keys[] = { "packets_ab", "packets_ba", "octets_ab", "octets_ba" };
	struct cl_query *q = of_tunnel(c->s, PROTOCOLS, t);

	cl_json_object(c->j, "protocols");
	while (cl_query_row(q)) {
		cl_json_object(c->j, cl_query_word(q, 0));
		for (int i = 0; i < 4; i++)
			cl_json_i64(c->j, keys[i], cl_query_i64(q, 1 + i));
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
	cl_query_free(q);
}

static void json_errors(struct json_ctx *c, const struct cl_tunnel_shown *t)
{
	struct cl_query *q = of_tunnel(c->s, ERRORS, t);
	char sender[CL_ADDR_STRLEN];

	cl_json_array(c->j, "errors");
	while (cl_query_row(q)) {
		struct cl_tunnel_error_shown e = read_error(q);

		cl_addr_format(&e.sender, sender);
		cl_json_object(c->j, NULL);
		cl_json_str(c->j, "way", e.way == CL_TUNNEL_AB ? "ab" : "ba");
		cl_json_u64(c->j, "family", e.family);
		cl_json_u64(c->j, "type", e.type);
		cl_json_u64(c->j, "code", e.code);
		cl_json_str(c->j, "sender", sender);
		cl_json_i64(c->j, "errors", e.errors);
		json_known(c->j, "mtu", e.mtu, e.mtu >= 0);
		cl_json_end(c->j);
	}
	cl_json_end(c->j);
	cl_query_free(q);
}

static void json_finding(void *ctx, const char *finding, const char *text)
{
	struct json_ctx *c = ctx;

	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "finding", finding);
	cl_json_str(c->j, "text", text);
	cl_json_end(c->j);
}

static void json_lost(struct cl_json *j, const struct cl_tunnel_shown *t)
{
	cl_json_object(j, "lost");
	cl_json_i64(j, "prefixes", t->prefixes_lost);
	cl_json_i64(j, "protocols", t->protocols_lost);
	cl_json_i64(j, "pings", t->echoes_lost);
	cl_json_i64(j, "errors", t->errors_lost);
	cl_json_end(j);
}

static void json_tunnel(void *ctx, const struct cl_tunnel_shown *t)
{
	struct json_ctx *c = ctx;
	const struct cl_tunnel_way *ab = &t->way[CL_TUNNEL_AB], *ba = &t->way[CL_TUNNEL_BA];

	cl_json_object(c->j, NULL);
	cl_json_str(c->j, "kind", t->kind);
	json_ends(c, t);
	cl_json_i64(c->j, "packets_ab", ab->packets);
	cl_json_i64(c->j, "packets_ba", ba->packets);
	cl_json_i64(c->j, "bytes_ab", ab->bytes);
	cl_json_i64(c->j, "bytes_ba", ba->bytes);
	cl_json_str(c->j, "state", cl_tunnel_state(t));
	if (t->timed) {
		cl_json_time(c->j, "first", t->first_ns);
		cl_json_time(c->j, "last", t->last_ns);
	} else {
		cl_json_null(c->j, "first");
		cl_json_null(c->j, "last");
	}
	json_way(c->j, "ab", ab);
	json_way(c->j, "ba", ba);
	json_prefixes(c, t);
	json_protocols(c, t);
	json_errors(c, t);
	cl_json_array(c->j, "findings");
	each_finding(c->s, t, json_finding, c);
	cl_json_end(c->j);
	json_lost(c->j, t);
	cl_json_end(c->j);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct json_ctx c = { s, j };
	uint64_t packets;

	prepare(s);
	cl_json_array(j, "tunnels");
	each_tunnel(s, json_tunnel, &c);
	cl_json_end(j);
	cl_json_object(j, "rest");
	if (rest(s, &packets))
		cl_json_u64(j, "packets", packets);
	else
		cl_json_null(j, "packets");
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

struct table_ctx {
	struct cl_session *s;
	struct cl_tables *t;
	const struct cl_tunnel_shown *tunnel; /* that findings are of */
	uint64_t rows;
};

static void cell_number(struct table_ctx *c, const struct cl_tunnel_shown *t)
{
	cl_cell_count(c->t, (uint64_t)t->number);
}

static void cell_known(struct cl_tables *t, int64_t v, bool known)
{
	if (known)
		cl_cell_count(t, (uint64_t)v);
	else
		cl_cell_null(t);
}

static void cell_second(struct cl_tables *t, int64_t ns, bool known)
{
	if (known)
		cl_cell_time(t, ns / 1000000000 * 1000000000);
	else
		cl_cell_null(t);
}

/* A row an end: what it sent. */
static void row_ends(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;
	const struct cl_addr *ends[] = { &t->a, &t->b };
	char text[CL_ADDR_STRLEN];

	for (unsigned i = 0; i < CL_TUNNEL_WAYS; i++) {
		cell_number(c, t);
		cl_cell_text(c->t, t->kind);
		cl_cell_text(c->t, i == CL_TUNNEL_AB ? "A" : "B");
		cl_cell_text(c->t, t->others ? "others" : cl_session_name(c->s, ends[i], text));
		cl_cell_count(c->t, (uint64_t)t->way[i].packets);
		cl_cell_count(c->t, (uint64_t)t->way[i].bytes);
		cl_cell_text(c->t, cl_tunnel_state(t));
		cl_table_row_end(c->t);
	}
	c->rows++;
}

static void row_headers(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;

	for (unsigned i = 0; i < CL_TUNNEL_WAYS; i++) {
		const struct cl_tunnel_way *w = &t->way[i];

		if (w->packets == 0)
			continue;
		cell_number(c, t);
		cl_cell_text(c->t, i == CL_TUNNEL_AB ? "A" : "B");
		cl_cell_count(c->t, (uint64_t)w->ttl_min);
		cl_cell_count(c->t, (uint64_t)w->ttl_max);
		cl_cell_count(c->t, (uint64_t)w->dont_fragment);
		cl_cell_count(c->t, (uint64_t)w->id_zero);
		cl_cell_count(c->t, (uint64_t)w->fragments);
		cell_known(c->t, w->overhead, w->overhead > 0);
		cell_known(c->t, w->inner_max, w->inner_max > 0);
		cell_known(c->t, w->mss_max, w->syns > 0);
		cell_second(c->t, t->first_ns, t->timed);
		cell_second(c->t, t->last_ns, t->timed);
		cl_table_row_end(c->t);
	}
}

static void row_prefixes(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;
	struct cl_query *q = of_tunnel(c->s, PREFIXES, t);
	char text[CL_ADDR_STRLEN + 8];

	while (cl_query_row(q)) {
		if (!prefix_text(q, text))
			continue;
		cell_number(c, t);
		cl_cell_text(c->t, text);
		for (int i = 2; i <= 4; i++)
			cl_cell_count(c->t, cl_query_u64(q, i));
		cl_table_row_end(c->t);
	}
	cl_query_free(q);
}

static void row_protocols(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;
	struct cl_query *q = of_tunnel(c->s, PROTOCOLS, t);

	while (cl_query_row(q)) {
		cell_number(c, t);
		cl_cell_text(c->t, cl_query_text(q, 0));
		for (int i = 1; i <= 4; i++)
			cl_cell_count(c->t, cl_query_u64(q, i));
		cl_table_row_end(c->t);
	}
	cl_query_free(q);
}

static void row_pings(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;

	for (unsigned i = 0; i < CL_TUNNEL_WAYS; i++) {
		const struct cl_tunnel_way *w = &t->way[i];

		if (w->echo_requests + w->echo_answered == 0)
			continue;
		cell_number(c, t);
		cl_cell_text(c->t, i == CL_TUNNEL_AB ? "A" : "B");
		cl_cell_count(c->t, (uint64_t)w->echo_requests);
		cl_cell_count(c->t, (uint64_t)w->echo_answered);
		if (w->echo_answered > 0) {
			cl_cell_duration(c->t, w->rtt_min_ns);
			cl_cell_duration(c->t, w->rtt_sum_ns / w->echo_answered);
			cl_cell_duration(c->t, w->rtt_max_ns);
		}
		cl_table_row_end(c->t);
	}
}

static void table_finding(void *ctx, const char *finding, const char *text)
{
	struct table_ctx *c = ctx;

	cell_number(c, c->tunnel);
	if (c->s->options->format == CL_FORMAT_CSV)
		cl_cell_text(c->t, finding);
	cl_cell_text(c->t, text);
	cl_table_row_end(c->t);
}

static void row_findings(void *ctx, const struct cl_tunnel_shown *t)
{
	struct table_ctx *c = ctx;

	c->tunnel = t;
	each_finding(c->s, t, table_finding, c);
}

static void table_rest(struct table_ctx *c)
{
	uint64_t packets;

	cl_list_begin(c->t, "In no tunnel");
	if (rest(c->s, &packets))
		cl_list_count(c->t, "packets", "rest.packets", packets);
	else
		cl_list_null(c->t, "packets", "rest.packets");
	cl_list_end(c->t);
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void table(struct table_ctx *c, const char *title, const struct cl_column *columns, size_t n,
		  tunnel_fn *fn)
{
	cl_table_begin(c->t, title, columns, n);
	cl_table_empty(c->t, fn == row_findings ? "Nothing wrong seen."
			     : c->rows == 0	? "No tunnels in this capture."
						: NULL);
	each_tunnel(c->s, fn, c);
	cl_table_end(c->t);
}

static void table_findings(struct table_ctx *c)
{
	static const struct cl_column csv[] = { { "#", "tunnel", CL_COL_COUNT },
						{ "Finding", "finding", CL_COL_TEXT },
						{ "", "text", CL_COL_TEXT } };
	static const struct cl_column people[] = { { "#", "tunnel", CL_COL_COUNT },
						   { "Finding", "text", CL_COL_TEXT } };

	if (c->s->options->format == CL_FORMAT_CSV)
		table(c, "Findings", csv, COUNT_OF(csv), row_findings);
	else
		table(c, "Findings", people, COUNT_OF(people), row_findings);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column ends[] = {
		{ "#", "tunnel", CL_COL_COUNT },
		{ "Kind", "kind", CL_COL_TEXT },
		{ "", "end", CL_COL_TEXT },
		{ "End", "address", CL_COL_TEXT },
		{ "Packets", "packets", CL_COL_COUNT },
		{ "Bytes", "bytes", CL_COL_COUNT },
		{ "State", "state", CL_COL_TEXT },
	};
	static const struct cl_column headers[] = {
		{ "#", "tunnel", CL_COL_COUNT },
		{ "From", "from", CL_COL_TEXT },
		{ "TTL from", "ttl_min", CL_COL_COUNT },
		{ "TTL to", "ttl_max", CL_COL_COUNT },
		{ "DF", "dont_fragment", CL_COL_COUNT },
		{ "ID 0", "id_zero", CL_COL_COUNT },
		{ "IP frags", "fragments", CL_COL_COUNT },
		{ "Outer octets", "overhead", CL_COL_COUNT },
		{ "Inner octets", "inner_max", CL_COL_COUNT },
		{ "MSS", "mss_max", CL_COL_COUNT },
		{ "First", "first", CL_COL_TIME },
		{ "Last", "last", CL_COL_TIME },
	};
	static const struct cl_column prefixes[] = {
		{ "#", "tunnel", CL_COL_COUNT },	{ "Network", "prefix", CL_COL_TEXT },
		{ "Packets", "packets", CL_COL_COUNT }, { "At A", "at_a", CL_COL_COUNT },
		{ "At B", "at_b", CL_COL_COUNT },
	};
	static const struct cl_column protocols[] = {
		{ "#", "tunnel", CL_COL_COUNT },
		{ "Protocol", "protocol", CL_COL_TEXT },
		{ "A to B", "packets_ab", CL_COL_COUNT },
		{ "B to A", "packets_ba", CL_COL_COUNT },
		{ "Octets A to B", "octets_ab", CL_COL_COUNT },
		{ "B to A", "octets_ba", CL_COL_COUNT },
	};
	static const struct cl_column pings[] = {
		{ "#", "tunnel", CL_COL_COUNT },	   { "From", "from", CL_COL_TEXT },
		{ "Pings", "requests", CL_COL_COUNT },	   { "Answered", "answered", CL_COL_COUNT },
		{ "RTT min", "rtt_min", CL_COL_DURATION }, { "mean", "rtt_mean", CL_COL_DURATION },
		{ "max", "rtt_max", CL_COL_DURATION },
	};
	struct table_ctx c = { .s = s, .t = t };

	prepare(s);
	table(&c, "Tunnels, and what each end sent", ends, COUNT_OF(ends), row_ends);
	if (c.rows > 0 && s->options->format == CL_FORMAT_TABLE)
		table_findings(&c);
	if (c.rows > 0 || s->options->format == CL_FORMAT_CSV) {
		table(&c, "Outer headers, and the largest inner packet", headers, COUNT_OF(headers),
		      row_headers);
		cl_tables_note(t, "DF, ID 0: packets with them. Outer octets: what the tunnel takes. MSS: "
				  "the largest in inner SYNs.");
		table(&c, "Networks inside: packets with an address of it, and at which end", prefixes,
		      COUNT_OF(prefixes), row_prefixes);
		table(&c, "Protocols inside", protocols, COUNT_OF(protocols), row_protocols);
		table(&c, "Pings inside", pings, COUNT_OF(pings), row_pings);
		if (s->options->format == CL_FORMAT_CSV)
			table_findings(&c);
	}
	table_rest(&c);
	if (c.rows > 0)
		cl_tables_note(t,
			       "Protocols by their ports. Not seen: how the ends are configured, and what is "
			       "encrypted.");
}

const struct cl_view cl_view_tunnels = {
	.name = "tunnels",
	.summary = "who tunnels to whom, what travels inside, what is wrong with it",
	.example = "  clientele tunnels monday.pcap\n"
		   "  clientele tunnels --names hosts --format json may.db\n",
	.needs = { .tunnels = true },
	.of_others = true,
	.json = json,
	.tables = tables,
};

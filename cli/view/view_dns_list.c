/* SPDX-License-Identifier: BSD-2-Clause */
/* The transactions of the view dns for people, and as CSV. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/view/icmp_view.h"
#include "cli/view/view_dns.h"
#include "cli/write/timefmt.h"
#include "dissect/dns/codes.h"

/* Transactions that the table shows; JSON and CSV have all. */
#define SHOWN 100u
/* Columns of the table's widest part. */
#define QUESTION 50u

/* CSV ----------------------------------------------------------------------------- */

static const char *flags_text(uint16_t word, bool with_do, char *out)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < CL_DNS_FLAGS; i++)
		if ((word & cl_dns_flags[i].bit) != 0)
			used += (size_t)sprintf(out + used, "%s%s", used > 0 ? " " : "",
						cl_dns_flags[i].word);
	if (with_do)
		sprintf(out + used, "%sdo", used > 0 ? " " : "");
	return out;
}

static const char *shown_flags(const struct cl_dnstx *t, char *out)
{
	return cl_dns_answered(t) ? flags_text(t->response_flags, (t->bits & CL_TX_ANSWER_DO) != 0, out)
				  : flags_text(t->query_flags, (t->bits & CL_TX_QUERY_DO) != 0, out);
}

static void cell_count(struct cl_tables *t, bool known, uint64_t n)
{
	if (known)
		cl_cell_count(t, n);
	else
		cl_cell_null(t);
}

static void cell_duration(struct cl_tables *t, bool known, int64_t ns)
{
	if (known)
		cl_cell_duration(t, ns);
	else
		cl_cell_null(t);
}

static void cell_hex(struct cl_tables *t, const uint8_t *octets, size_t n)
{
	char text[CL_DNS_HEX];

	cl_cell_text(t, n > 0 ? cl_dns_hex(octets, n, text) : NULL);
}

/* ADDRESS/SOURCE/SCOPE as dig prints it; NULL if there is none. */
static const char *subnet_text(const struct cl_dnstx_options *o, char out[CL_ADDR_STRLEN + 16])
{
	const struct cl_dnstx_edns *e;
	char text[CL_ADDR_STRLEN];

	if (o == NULL)
		return NULL;
	e = o->query.ecs_family != 0 ? &o->query : &o->response;
	if (e->ecs_family == 0)
		return NULL;
	cl_addr_format(&e->ecs_addr, text);
	if (o->response.ecs_family != 0)
		snprintf(out, CL_ADDR_STRLEN + 16, "%s/%u/%u", text, e->ecs_source, o->response.ecs_scope);
	else
		snprintf(out, CL_ADDR_STRLEN + 16, "%s/%u", text, e->ecs_source);
	return out;
}

static const struct cl_column csv_columns[] = {
	{ "", "number", CL_COL_COUNT },
	{ "", "t", CL_COL_TIME },
	{ "", "transport", CL_COL_TEXT },
	{ "", "stream", CL_COL_COUNT },
	{ "", "client", CL_COL_TEXT },
	{ "", "client_port", CL_COL_COUNT },
	{ "", "server", CL_COL_TEXT },
	{ "", "server_port", CL_COL_COUNT },
	{ "", "id", CL_COL_COUNT },
	{ "", "qname", CL_COL_TEXT },
	{ "", "qtype", CL_COL_TEXT },
	{ "", "flags", CL_COL_TEXT },
	{ "", "rcode", CL_COL_TEXT },
	{ "", "query_bytes", CL_COL_COUNT },
	{ "", "response_bytes", CL_COL_COUNT },
	{ "", "udp_size", CL_COL_COUNT },
	{ "", "ecs", CL_COL_TEXT },
	{ "", "cookie_sent", CL_COL_TEXT },
	{ "", "cookie_given", CL_COL_TEXT },
	{ "", "cookie_state", CL_COL_TEXT },
	{ "", "nsid", CL_COL_TEXT },
	{ "", "ede", CL_COL_COUNT },
	{ "", "fragments", CL_COL_COUNT },
	{ "", "tcp_retry_of", CL_COL_COUNT },
	{ "", "retry_of", CL_COL_COUNT },
	{ "", "delta_s", CL_COL_DURATION },
	{ "", "delta_first_s", CL_COL_DURATION },
	{ "", "handshake_s", CL_COL_DURATION },
	{ "", "close_s", CL_COL_DURATION },
	{ "", "outcome", CL_COL_TEXT },
	{ "", "reason", CL_COL_TEXT },
};

static void csv_edns(struct cl_tables *t, const struct cl_dns_kept *k, const struct cl_dnstx *x)
{
	static const struct cl_dnstx_options nothing = { .query = { .there = false } };
	const struct cl_dnstx_options *o = cl_dns_tx_options(&k->list, x);
	char text[CL_ADDR_STRLEN + 16];
	const uint8_t *at;
	size_t n;

	if (o == NULL)
		o = &nothing;
	cell_count(t, o->query.there, o->query.udp_size);
	cl_cell_text(t, subnet_text(o, text));
	at = cl_dns_piece(&k->list, &o->query, CL_DNS_COOKIE_PIECE, &n);
	cell_hex(t, at, n);
	at = cl_dns_piece(&k->list, &o->response, CL_DNS_COOKIE_PIECE, &n);
	cell_hex(t, at, n);
	enum cl_cookie_state state = cl_dns_cookie_state(&k->list, x);
	cl_cell_text(t, state != CL_COOKIE_ABSENT ? cl_dns_cookie_keys[state] : NULL);
	at = cl_dns_piece(&k->list, &o->response, CL_DNS_NSID_PIECE, &n);
	cell_hex(t, at, n);
	cell_count(t, o->response.ede_count > 0, o->response.ede);
}

static void csv_one(struct cl_tables *t, const struct cl_dns_kept *k, size_t i)
{
	const struct cl_dnstx *x = cl_dns_tx(&k->list, i), *twin = cl_dns_numbered(k, x->twin);
	struct cl_dns_tcp_times times = cl_dns_tcp_times(k, x);
	char text[1024], word[CL_DNS_WORD];

	cl_cell_count(t, i + 1);
	cl_cell_time(t, x->time_ns);
	cl_cell_text(t, (x->bits & CL_TX_TCP) != 0 ? "tcp" : "udp");
	cl_cell_count(t, x->stream);
	cl_addr_format(&x->client, text);
	cl_cell_text(t, text);
	cl_cell_count(t, x->client_port);
	cl_addr_format(&x->server, text);
	cl_cell_text(t, text);
	cl_cell_count(t, x->server_port);
	cl_cell_count(t, x->id);
	cl_cell_text(t, cl_dns_question(k, x, text));
	cl_cell_text(t, x->name != 0 ? cl_dns_qtype_word(x->qtype, word) : NULL);
	cl_cell_text(t, shown_flags(x, text));
	cl_cell_text(t, cl_dns_answered(x) ? cl_dns_rcode_word(x->rcode, word) : NULL);
	cell_count(t, cl_dns_asked(x), x->query_bytes);
	cell_count(t, cl_dns_answered(x), x->response_bytes);
	csv_edns(t, k, x);
	cell_count(t, cl_dns_answered(x), x->response_fragments);
	cell_count(t, twin != NULL, twin != NULL ? twin->stream : 0);
	cell_count(t, x->retry_of != 0, x->retry_of);
	cell_duration(t, cl_dns_has_delta(x), x->delta_ns);
	cell_duration(t, cl_dns_has_delta(x), x->delta_first_ns);
	cell_duration(t, times.handshake_ns >= 0, times.handshake_ns);
	cell_duration(t, times.close_ns >= 0, times.close_ns);
	cl_cell_text(t, cl_dns_outcome(x));
	cl_cell_text(t, cl_dns_why_keys[x->why]);
	cl_table_row_end(t);
}

/* For people ------------------------------------------------------------------------ */

/* All are text, their numbers aligned by hand: a transaction takes several lines. */
static const struct cl_column columns[] = {
	{ "   After", "after_s", CL_COL_TEXT },	     { "Stream", "stream", CL_COL_TEXT },
	{ "Question", "question", CL_COL_TEXT },     { "RCODE", "rcode", CL_COL_TEXT },
	{ " Bytes", "response_bytes", CL_COL_TEXT }, { "  Answer", "delta_s", CL_COL_TEXT },
};

static void line(struct cl_tables *t, const char *after, const char *stream, const char *question,
		 const char *rcode, const char *bytes, const char *delta)
{
	const char *const cells[] = { after, stream, question, rcode, bytes, delta };

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		cl_cell_text(t, cells[i]);
	cl_table_row_end(t);
}

/* Cuts a text of ASCII in its middle to `width` columns. */
static char *shorten(char *text, size_t width)
{
	size_t n = strlen(text), tail = width / 2;

	if (n <= width)
		return text;
	memmove(text + width - tail, text + n - tail, tail + 1);
	memcpy(text + width - tail - 2, "..", 2);
	return text;
}

/* Items with commas between, on lines as wide as the column. */
struct items {
	struct cl_tables *t;
	char line[QUESTION + 1];
	size_t used;
};

static void flush_items(struct items *it)
{
	if (it->used > 0)
		line(it->t, "", "", it->line, "", "", "");
	it->used = 0;
}

__attribute__((format(printf, 2, 3))) static void item(struct items *it, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	shorten(text, QUESTION - 2);
	if (it->used > 0 && it->used + 2 + strlen(text) > QUESTION)
		flush_items(it);
	it->used += (size_t)snprintf(it->line + it->used, sizeof it->line - it->used, "%s%s",
				     it->used > 0 ? ", " : "  ", text);
}

static void parties(struct items *it, struct cl_session *s, const struct cl_dnstx *x)
{
	char client[CL_ADDR_STRLEN], server[CL_ADDR_STRLEN];
	const char *from = cl_session_name(s, &x->client, client),
		   *to = cl_session_name(s, &x->server, server);

	if (strlen(from) + strlen(to) + 5 <= QUESTION) {
		item(it, "%s > %s", from, to);
		return;
	}
	item(it, "%s", from);
	flush_items(it);
	item(it, "> %s", to);
}

static void edns_items(struct items *it, const struct cl_dns_kept *k, const struct cl_dnstx *x)
{
	const struct cl_dnstx_options *o = cl_dns_tx_options(&k->list, x);
	char text[CL_DNS_HEX];
	const uint8_t *nsid;
	size_t n;

	if (o == NULL)
		return;
	if (o->query.there && o->query.version != 0)
		item(it, "EDNS version %u", o->query.version);
	if (o->query.there)
		item(it, "EDNS %u", o->query.udp_size);
	if (subnet_text(o, text) != NULL)
		item(it, "ECS %s", text);
	enum cl_cookie_state state = cl_dns_cookie_state(&k->list, x);
	if (state != CL_COOKIE_ABSENT && state != CL_COOKIE_UNANSWERED)
		item(it, "cookie %s", cl_dns_cookie_keys[state]);
	nsid = cl_dns_piece(&k->list, &o->response, CL_DNS_NSID_PIECE, &n);
	if (nsid != NULL && cl_dns_is_text(nsid, n))
		item(it, "NSID %.*s", (int)n, (const char *)nsid);
	else if (nsid != NULL)
		item(it, "NSID %s", cl_dns_hex(nsid, n, text));
	if (o->response.ede_count > 0) {
		const char *name = cl_dns_ede_text(o->response.ede);

		item(it, "EDE %u %s", o->response.ede, name != NULL ? name : "");
	}
}

static void tcp_items(struct items *it, const struct cl_dns_kept *k, const struct cl_dnstx *x)
{
	const struct cl_dns_tcp_times times = cl_dns_tcp_times(k, x);
	const struct cl_dnstx *twin = cl_dns_numbered(k, x->twin);
	char text[CL_TIME_STRLEN];

	if (twin != NULL)
		item(it, "retry of udp %u (TC)", twin->stream);
	if (times.handshake_ns >= 0) {
		cl_duration_format(text, times.handshake_ns);
		item(it, "handshake %s", text);
	}
	if (times.close_ns >= 0) {
		cl_duration_format(text, times.close_ns);
		item(it, "closed %s later", text);
	}
}

static void fortune_items(struct items *it, const struct cl_dns_kept *k, const struct cl_dnstx *x)
{
	if (x->query_fragments > 0)
		item(it, "query in %u fragments", x->query_fragments);
	if (x->response_fragments > 0)
		item(it, "%u fragments", x->response_fragments);
	if (x->retry_of != 0)
		item(it, "repeats udp %u", cl_dns_numbered(k, x->retry_of)->stream);
	if (x->fortune != CL_FORTUNE_MATCHED)
		item(it, "%s", cl_dns_outcome(x));
	if (x->error != 0) {
		const struct cl_dns_error *e = cl_arena_at(&k->list.errors, x->error - 1);
		char name[32];

		item(it, "ICMP about the %s: %s", e->response ? "response" : "query",
		     cl_icmp_kind_name(e->family, e->type, e->code, name));
	} else if (x->why != CL_WHY_NONE) {
		item(it, "%s", cl_dns_why_words[x->why]);
	}
}

static void question(const struct cl_dns_kept *k, const struct cl_dnstx *x, char out[1024 + CL_DNS_WORD])
{
	char name[1024], word[CL_DNS_WORD];

	if (cl_dns_question(k, x, name) == NULL) {
		strcpy(out, "(no question)");
		return;
	}
	const char *type = cl_dns_qtype_word(x->qtype, word);
	sprintf(out, "%s %s", shorten(name, QUESTION - strlen(type) - 1), type);
}

static void show(struct cl_session *s, struct cl_tables *t, const struct cl_dns_kept *k, size_t i)
{
	const struct cl_dnstx *x = cl_dns_tx(&k->list, i);
	char after[CL_TIME_STRLEN + 8], stream[24], asks[1024 + CL_DNS_WORD], word[CL_DNS_WORD], bytes[24];
	char delta[CL_TIME_STRLEN + 8], text[CL_TIME_STRLEN];
	struct items it = { .t = t };

	cl_duration_format(text, x->time_ns - cl_dns_tx(&k->list, 0)->time_ns);
	snprintf(after, sizeof after, "%8s", text);
	snprintf(stream, sizeof stream, "%s %u", (x->bits & CL_TX_TCP) != 0 ? "tcp" : "udp", x->stream);
	question(k, x, asks);
	snprintf(bytes, sizeof bytes, "%6u", x->response_bytes);
	if (cl_dns_has_delta(x))
		cl_duration_format(text, x->delta_ns);
	snprintf(delta, sizeof delta, "%8s", cl_dns_has_delta(x) ? text : "-");
	line(t, after, stream, asks, cl_dns_answered(x) ? cl_dns_rcode_word(x->rcode, word) : "-",
	     cl_dns_answered(x) ? bytes : "     -", delta);
	parties(&it, s, x);
	shown_flags(x, asks);
	if (asks[0] != '\0')
		item(&it, "%s", asks);
	edns_items(&it, k, x);
	tcp_items(&it, k, x);
	fortune_items(&it, k, x);
	flush_items(&it);
}

void cl_dns_list_tables(struct cl_session *s, const struct cl_dns_kept *k, struct cl_tables *t)
{
	size_t n = k->list.tx.count;
	char text[128];

	if (s->options->format == CL_FORMAT_CSV) {
		cl_table_begin(t, NULL, csv_columns, sizeof csv_columns / sizeof *csv_columns);
		for (size_t i = 0; i < n; i++)
			csv_one(t, k, i);
		cl_table_end(t);
		return;
	}
	cl_table_begin(t, "Transactions", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < n && i < SHOWN; i++)
		show(s, t, k, i);
	cl_table_end(t);
	if (n > SHOWN) {
		snprintf(text, sizeof text, "The first %u of %zu; --format json and csv have all.", SHOWN, n);
		cl_tables_note(t, text);
	}
	if (k->list.unlisted > 0) {
		snprintf(text, sizeof text, "%llu transactions are beyond the limits, in the sums alone.",
			 (unsigned long long)k->list.unlisted);
		cl_tables_note(t, text);
	}
}

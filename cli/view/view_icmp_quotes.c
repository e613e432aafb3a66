/* SPDX-License-Identifier: BSD-2-Clause */
/* icmp: the responses that errors quote, and what became of their clients. */
#include <math.h>
#include <stdio.h>

#include "cli/view/icmp_view.h"

/* Messages of the last minute that are kept at most, and the part of --max-memory that they may take. */
#define MESSAGES_MAX   (1u << 20)
#define MESSAGE_OCTETS 128u
#define MEMORY_PART    8u

void *cl_icmp_quotes_begin(const struct cl_session *s)
{
	struct cl_icmpquote_config config = { .messages = MESSAGES_MAX,
					      .list = s->options->top,
					      .seed = cl_random_seed() };
	uint64_t most = s->options->max_memory / MEMORY_PART / MESSAGE_OCTETS;

	if (s->options->max_memory > 0 && most < config.messages)
		config.messages = (size_t)most;
	return cl_icmpquote_new(&config);
}

void cl_icmp_quotes_end(void *kept)
{
	cl_icmpquote_free(kept);
}

/* Words ----------------------------------------------------------------------- */

static const struct {
	const char *key;
	size_t at;
} counts[] = {
	{ "matched", offsetof(struct cl_quote_count, matched) },
	{ "ambiguous", offsetof(struct cl_quote_count, several) },
	{ "repeated", offsetof(struct cl_quote_count, repeated) },
	{ "altered", offsetof(struct cl_quote_count, altered) },
	{ "about_requests", offsetof(struct cl_quote_count, about_request) },
	{ "requests_matched", offsetof(struct cl_quote_count, request_seen) },
};
#define COUNTS (sizeof counts / sizeof *counts)

static uint64_t count_at(const struct cl_quote_count *c, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)c + counts[i].at);
}

static bool names_files(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_CSV || s->options->ninputs > 1;
}

/* JSON ------------------------------------------------------------------------ */

void cl_icmp_quotes_kind_json(struct cl_json *j, const struct cl_quote_kind *kind, bool known)
{
	static const struct cl_hist none;
	static const struct cl_quote_count zero;
	const struct cl_quote_count *c = kind != NULL ? &kind->count : &zero;

	if (!known) {
		cl_json_null(j, "unmatched");
		for (size_t i = 0; i < COUNTS; i++)
			cl_json_null(j, counts[i].key);
		cl_json_null(j, "round_trip_s");
		cl_json_null(j, "delta_s");
		return;
	}
	cl_json_u64(j, "unmatched", c->errors - c->matched);
	for (size_t i = 0; i < COUNTS; i++)
		cl_json_u64(j, counts[i].key, count_at(c, i));
	cl_json_delta(j, "round_trip_s", kind != NULL ? &kind->round_trip : &none);
	cl_json_delta(j, "delta_s", kind != NULL ? &kind->delta : &none);
}

static void json_quotes(struct cl_session *s, struct cl_json *j)
{
	cl_json_object(j, "quotes");
	for (size_t k = 0; k < 2; k++) {
		struct cl_quote_count c = cl_icmpquote_count(s->kept, k == 0 ? 6 : 4);

		cl_json_object(j, k == 0 ? "ipv6" : "ipv4");
		cl_json_u64(j, "errors", c.errors);
		cl_json_u64(j, "unmatched", c.errors - c.matched);
		for (size_t i = 0; i < COUNTS; i++)
			cl_json_u64(j, counts[i].key, count_at(&c, i));
		cl_json_end(j);
	}
	cl_json_end(j);
}

/* The bounds of a class; the last is open. */
static void json_class(struct cl_json *j, size_t i)
{
	cl_json_seconds(j, "ge_s", cl_quote_edges_ns[i]);
	if (i + 1 < CL_QUOTE_CLASSES)
		cl_json_seconds(j, "lt_s", cl_quote_edges_ns[i + 1]);
	else
		cl_json_null(j, "lt_s");
}

static void json_closed(struct cl_session *s, struct cl_json *j)
{
	const struct cl_quote_closed *c = cl_icmpquote_closed(s->kept);

	cl_json_object(j, "closed_port");
	cl_json_delta(j, "wait_s", &c->wait);
	cl_json_rows(j, "classes");
	for (size_t i = 0; i < CL_QUOTE_CLASSES; i++) {
		cl_json_object(j, NULL);
		json_class(j, i);
		cl_json_u64(j, "by_wait", c->by_wait[i]);
		cl_json_u64(j, "by_delta", c->by_delta[i]);
		cl_json_u64(j, "exchanges", c->exchanges[i]);
		cl_json_double(j, "share_of_exchanges", cl_icmp_share(c->by_delta[i], c->exchanges[i]));
		cl_json_u64(j, "clients", c->clients[i]);
		cl_json_u64(j, "responses", c->responses[i]);
		cl_json_u64(j, "by_round_trip", c->errors[i]);
		cl_json_double(j, "share_of_responses", cl_icmp_share(c->errors[i], c->responses[i]));
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_end(j);
}

static void json_clients(struct cl_session *s, struct cl_json *j)
{
	struct cl_quote_clients c = cl_icmpquote_clients(s->kept);

	cl_json_object(j, "returning");
	cl_json_u64(j, "clients", c.affected);
	cl_json_u64(j, "came_back", c.back);
	cl_json_double(j, "came_back_share", cl_icmp_share(c.back, c.affected));
	cl_json_u64(j, "requests_after", c.requests);
	cl_json_u64(j, "never_answered", c.never);
	cl_json_u64(j, "never_answered_came_back", c.never_back);
	cl_json_u64(j, "first_error_at_end", c.last);
	cl_json_end(j);
}

static void json_network(struct cl_json *j, const struct cl_quote_network *n)
{
	char text[CL_ADDR_STRLEN + 4];

	cl_json_object(j, NULL);
	cl_json_str(j, "network", cl_icmp_network(&n->addr, text));
	cl_json_u64(j, "errors", n->errors);
	cl_json_u64(j, "clients", n->clients);
	cl_json_time(j, "first", n->first_ns);
	cl_json_time(j, "last", n->last_ns);
	cl_json_u64(j, "hop_limit_min", n->ttl_min);
	cl_json_u64(j, "hop_limit_max", n->ttl_max);
	if (n->hops_known) {
		cl_json_u64(j, "hops_min", n->hops_min);
		cl_json_u64(j, "hops_max", n->hops_max);
		cl_json_bool(j, "loop", n->hops_max >= CL_QUOTE_LOOP_HOPS);
	} else {
		cl_json_null(j, "hops_min");
		cl_json_null(j, "hops_max");
		cl_json_null(j, "loop");
	}
	cl_json_array(j, "routers");
	for (uint32_t i = 0; i < n->routers; i++) {
		cl_addr_format(&n->router[i], text);
		cl_json_str(j, NULL, text);
	}
	cl_json_end(j);
	cl_json_bool(j, "more_routers", n->more);
	cl_json_end(j);
}

static void json_loops(struct cl_session *s, struct cl_json *j)
{
	size_t count;
	const struct cl_quote_network *n = cl_icmpquote_networks(s->kept, &count);

	cl_json_u64(j, "hops_exceeded_networks", count);
	cl_json_array(j, "hops_exceeded");
	for (size_t i = 0; i < count && i < s->options->top; i++)
		json_network(j, &n[i]);
	cl_json_end(j);
}

static void json_ns(struct cl_json *j, const char *key, int64_t ns)
{
	if (ns < 0)
		cl_json_null(j, key);
	else
		cl_json_seconds(j, key, ns);
}

static void json_frame(struct cl_session *s, struct cl_json *j, const char *key, const char *file_key,
		       uint64_t frame, uint32_t file)
{
	if (frame == 0) {
		cl_json_null(j, key);
		cl_json_null(j, file_key);
		return;
	}
	cl_json_u64(j, key, frame);
	cl_json_str(j, file_key, cl_session_file(s, file));
}

static void json_errors(struct cl_session *s, struct cl_json *j, const char *key,
			const struct cl_quote_error *list, size_t count)
{
	char text[CL_ADDR_STRLEN];

	cl_json_array(j, key);
	for (size_t i = 0; i < count; i++) {
		const struct cl_quote_error *x = &list[i];

		cl_json_object(j, NULL);
		cl_json_time(j, "t", x->time_ns);
		cl_json_str(j, "family", x->family == 4 ? "ipv4" : "ipv6");
		cl_json_u64(j, "type", x->type);
		cl_json_u64(j, "code", x->code);
		cl_addr_format(&x->sender, text);
		cl_json_str(j, "sender", text);
		cl_json_client(s, j, &x->client);
		cl_addr_format(&x->server, text);
		cl_json_str(j, "server", text);
		cl_json_u64(j, "client_requests", x->requests);
		json_ns(j, "round_trip_s", x->round_trip_ns);
		json_ns(j, "delta_s", x->delta_ns);
		json_frame(s, j, "frame", "file", x->frame, x->file);
		json_frame(s, j, "response_frame", "response_file", x->response_frame, x->response_file);
		json_frame(s, j, "request_frame", "request_file", x->request_frame, x->request_file);
		cl_json_end(j);
	}
	cl_json_end(j);
}

void cl_icmp_quotes_json(struct cl_session *s, struct cl_json *j)
{
	static const char *const keys[] = { "quotes",		"closed_port",
					    "returning",	"hops_exceeded_networks",
					    "hops_exceeded",	"slowest",
					    "latest_unmatched", "given_up" };
	const struct cl_quote_error *list;
	size_t count;

	if (s->kept == NULL) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			cl_json_null(j, keys[i]);
		return;
	}
	if (cl_icmpquote_failed(s->kept))
		cl_store_fail(s->store, CL_ENOMEM);
	json_quotes(s, j);
	json_closed(s, j);
	json_clients(s, j);
	json_loops(s, j);
	list = cl_icmpquote_slowest(s->kept, &count);
	json_errors(s, j, "slowest", list, count);
	list = cl_icmpquote_unmatched(s->kept, &count);
	json_errors(s, j, "latest_unmatched", list, count);
	struct cl_quote_losses losses = cl_icmpquote_losses(s->kept);
	cl_json_object(j, "given_up");
	cl_json_u64(j, "messages", losses.messages);
	cl_json_u64(j, "searches", losses.searches);
	cl_json_u64(j, "clients", cl_icmpquote_clients(s->kept).not_counted);
	cl_json_u64(j, "networks", losses.networks);
	cl_json_end(j);
}

/* Tables ---------------------------------------------------------------------- */

/* Each kind that came, as cl_icmpquote_kind finds it: IPv6 first, by type and code. */
typedef void kind_fn(void *ctx, const struct cl_quote_kind *kind);

static void each_kind(struct cl_session *s, kind_fn *fn, void *ctx)
{
	for (unsigned family = 6; family >= 4; family -= 2)
		for (unsigned type = 0; type < 13; type++)
			for (unsigned code = 0; code < 256; code++) {
				const struct cl_quote_kind *kind = cl_icmpquote_kind(
					s->kept, (uint8_t)family, (uint8_t)type, (uint8_t)code);

				if (kind != NULL)
					fn(ctx, kind);
			}
}

static void cell_kind(struct cl_tables *t, uint8_t family, uint8_t type, uint8_t code)
{
	char text[32];

	cl_cell_text(t, cl_icmp_kind_number(family, type, code, text));
}

static void table_quote(void *ctx, const struct cl_quote_kind *kind)
{
	struct cl_tables *t = ctx;

	cell_kind(t, kind->family, kind->type, kind->code);
	cl_cell_count(t, kind->count.errors);
	cl_cell_count(t, kind->count.errors - kind->count.matched);
	for (size_t i = 0; i < COUNTS; i++)
		cl_cell_count(t, count_at(&kind->count, i));
	cl_table_row_end(t);
}

static void table_times(void *ctx, const struct cl_quote_kind *kind)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99 };
	const struct cl_hist *h = &kind->round_trip, *delta = &kind->delta;
	struct cl_tables *t = ctx;

	cell_kind(t, kind->family, kind->type, kind->code);
	cl_cell_count(t, h->n);
	if (h->n > 0) {
		cl_cell_duration(t, h->min);
		for (size_t i = 0; i < 3; i++)
			cl_cell_duration(t, cl_hist_quantile(h, quantiles[i]));
		cl_cell_duration(t, h->max);
		if (delta->n > 0)
			cl_cell_duration(t, cl_hist_quantile(delta, 0.5));
		if (delta->n > 0)
			cl_cell_duration(t, cl_hist_quantile(delta, 0.9));
	}
	cl_table_row_end(t);
}

/* Columns of the first table from the fifth: quotes that need a word of their own. */
#define MAY_NOT_OCCUR (((1U << 5) - 1) << 4)

static void tables_of_kinds(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column quotes[] = {
		{ "Type", "type", CL_COL_TEXT },
		{ "Errors", "errors", CL_COL_COUNT },
		{ "Unmatched", "unmatched", CL_COL_COUNT },
		{ "Matched", "matched", CL_COL_COUNT },
		{ "Ambig.", "ambiguous", CL_COL_COUNT },
		{ "Repeated", "repeated", CL_COL_COUNT },
		{ "Altered", "altered", CL_COL_COUNT },
		{ "Of requests", "about_requests", CL_COL_COUNT },
		{ "seen", "requests_matched", CL_COL_COUNT },
	};
	static const struct cl_column times[] = {
		{ "Type", "type", CL_COL_TEXT },	 { "n", "n", CL_COL_COUNT },
		{ "min", "min", CL_COL_DURATION },	 { "p50", "p50", CL_COL_DURATION },
		{ "p90", "p90", CL_COL_DURATION },	 { "p99", "p99", CL_COL_DURATION },
		{ "max", "max", CL_COL_DURATION },	 { "delta p50", "delta_p50", CL_COL_DURATION },
		{ "p90", "delta_p90", CL_COL_DURATION },
	};

	cl_table_begin(t, "What they quote", quotes, sizeof quotes / sizeof *quotes);
	cl_table_sparse(t, MAY_NOT_OCCUR);
	each_kind(s, table_quote, t);
	cl_table_end(t);
	cl_tables_note(
		t,
		"Unmatched: no such response left in the minute before: spoofed, lost before the capture, or "
		"of a request. Ambig.: several responses fit, no times. Altered: ports fit, octets do not.");
	cl_table_begin(t, "From response to error, and what the server took", times,
		       sizeof times / sizeof *times);
	cl_table_empty(t, "No error quotes a response of this capture.");
	each_kind(s, table_times, t);
	cl_table_end(t);
}

static void cell_class(struct cl_tables *t, size_t i)
{
	cl_cell_duration(t, cl_quote_edges_ns[i]);
	if (i + 1 < CL_QUOTE_CLASSES)
		cl_cell_duration(t, cl_quote_edges_ns[i + 1]);
	else
		cl_cell_null(t);
}

static void table_closed(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "from", "ge_s", CL_COL_DURATION },	     { "below", "lt_s", CL_COL_DURATION },
		{ "Waited", "by_wait", CL_COL_COUNT },	     { "Delta", "by_delta", CL_COL_COUNT },
		{ "of answers", "exchanges", CL_COL_COUNT }, { "share", "share_of_exchanges", CL_COL_SHARE },
		{ "RTT clients", "clients", CL_COL_COUNT },  { "errors", "by_round_trip", CL_COL_COUNT },
		{ "of resp.", "responses", CL_COL_COUNT },   { "share", "share_of_responses", CL_COL_SHARE },
	};
	const struct cl_quote_closed *c = cl_icmpquote_closed(s->kept);

	cl_table_begin(t, "Closed its port before the answer came? Port unreachable, by the client itself",
		       columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, "No client's own address sent one.");
	for (size_t i = 0; i < CL_QUOTE_CLASSES; i++) {
		if (s->options->format == CL_FORMAT_TABLE &&
		    c->by_wait[i] + c->by_delta[i] + c->errors[i] == 0)
			continue;
		cell_class(t, i);
		cl_cell_count(t, c->by_wait[i]);
		cl_cell_count(t, c->by_delta[i]);
		cl_cell_count(t, c->exchanges[i]);
		cl_cell_share(t, cl_icmp_share(c->by_delta[i], c->exchanges[i]));
		cl_cell_count(t, c->clients[i]);
		cl_cell_count(t, c->errors[i]);
		cl_cell_count(t, c->responses[i]);
		cl_cell_share(t, cl_icmp_share(c->errors[i], c->responses[i]));
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Waited: from request to error, as long as the client had waited. Delta: the "
			  "server's part of it.");
	cl_tables_note(t, "RTT: of each client its shortest time from response to error; clients without "
			  "errors have none.");
}

static void list_clients(struct cl_session *s, struct cl_tables *t)
{
	struct cl_quote_clients c = cl_icmpquote_clients(s->kept);

	cl_list_begin(t, "Clients with a matched quote");
	cl_list_count(t, "clients", "returning.clients", c.affected);
	cl_list_count(t, "asked again after it", "returning.came_back", c.back);
	cl_list_share(t, "share", "returning.came_back_share", cl_icmp_share(c.back, c.affected));
	cl_list_count(t, "requests after it", "returning.requests_after", c.requests);
	cl_list_count(t, "each answer drew an error", "returning.never_answered", c.never);
	cl_list_count(t, "of these, asked again", "returning.never_answered_came_back", c.never_back);
	cl_list_count(t, "first error at the end", "returning.first_error_at_end", c.last);
	cl_list_end(t);
	cl_tables_note(t, "At the end: in the last 1024 s that were seen, too late to come back. An answer "
			  "lost without an error looks like one that arrived.");
}

static void table_loops(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Network", "network", CL_COL_TEXT },	 { "Errors", "errors", CL_COL_COUNT },
		{ "Clients", "clients", CL_COL_COUNT },	 { "Left", "hop_limit_min", CL_COL_COUNT },
		{ "to", "hop_limit_max", CL_COL_COUNT }, { "Hops", "hops_min", CL_COL_COUNT },
		{ "to", "hops_max", CL_COL_COUNT },	 { "Loop", "loop", CL_COL_TEXT },
		{ "Routers", "routers", CL_COL_COUNT },	 { "First router", "router", CL_COL_TEXT },
	};
	size_t count;
	const struct cl_quote_network *n = cl_icmpquote_networks(s->kept, &count);

	cl_table_begin(t, "Hops exceeded", columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < count && i < s->options->top; i++) {
		char text[CL_ADDR_STRLEN + 4];

		cl_cell_text(t, cl_icmp_network(&n[i].addr, text));
		cl_cell_count(t, n[i].errors);
		cl_cell_count(t, n[i].clients);
		cl_cell_count(t, n[i].ttl_min);
		cl_cell_count(t, n[i].ttl_max);
		if (n[i].hops_known) {
			cl_cell_count(t, n[i].hops_min);
			cl_cell_count(t, n[i].hops_max);
			cl_cell_text(t, n[i].hops_max >= CL_QUOTE_LOOP_HOPS ? "yes" : "no");
		} else {
			cl_cell_null(t);
			cl_cell_null(t);
			cl_cell_null(t);
		}
		cl_cell_count(t, n[i].routers);
		cl_cell_text(t, cl_session_name(s, &n[i].router[0], text));
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "Left: hop limit as quoted. Hops: from here to where it ran out; a way of 32 or "
			  "more is a loop.");
}

static void cell_frame(struct cl_session *s, struct cl_tables *t, uint64_t frame, uint32_t file, bool names)
{
	if (frame == 0)
		cl_cell_null(t);
	else
		cl_cell_count(t, frame);
	if (names)
		cl_cell_text(t, frame == 0 ? NULL : cl_session_file(s, file));
}

static void cell_ns(struct cl_tables *t, int64_t ns)
{
	if (ns < 0)
		cl_cell_null(t);
	else
		cl_cell_duration(t, ns);
}

/* In CSV and of several inputs with the files that the frames are of, and all addresses. */
static void table_errors(struct cl_session *s, struct cl_tables *t, const char *title,
			 const struct cl_quote_error *list, size_t count)
{
	static const struct cl_column columns[] = {
		{ "At", "t", CL_COL_TIME },
		{ "Type", "type", CL_COL_TEXT },
		{ "Client", "client", CL_COL_TEXT },
		{ "RTT", "round_trip_s", CL_COL_DURATION },
		{ "Delta", "delta_s", CL_COL_DURATION },
		{ "Error #", "frame", CL_COL_COUNT },
		{ "Resp #", "response_frame", CL_COL_COUNT },
		{ "Req #", "request_frame", CL_COL_COUNT },
	};
	static const struct cl_column wide[] = {
		{ "At", "t", CL_COL_TIME },
		{ "Type", "type", CL_COL_TEXT },
		{ "Client", "client", CL_COL_TEXT },
		{ "RTT", "round_trip_s", CL_COL_DURATION },
		{ "Delta", "delta_s", CL_COL_DURATION },
		{ "Error #", "frame", CL_COL_COUNT },
		{ "file", "file", CL_COL_TEXT },
		{ "Resp #", "response_frame", CL_COL_COUNT },
		{ "file", "response_file", CL_COL_TEXT },
		{ "Req #", "request_frame", CL_COL_COUNT },
		{ "file", "request_file", CL_COL_TEXT },
		{ "Sender", "sender", CL_COL_TEXT },
		{ "Server", "server", CL_COL_TEXT },
		{ "Requests", "client_requests", CL_COL_COUNT },
	};
	bool files = names_files(s);

	if (files)
		cl_table_begin(t, title, wide, sizeof wide / sizeof *wide);
	else
		cl_table_begin(t, title, columns, sizeof columns / sizeof *columns);
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct cl_quote_error *x = &list[i];
		char text[CL_ADDR_STRLEN];

		cl_cell_time(t, x->time_ns);
		cell_kind(t, x->family, x->type, x->code);
		cl_cell_text(t, cl_session_name(s, &x->client, text));
		cell_ns(t, x->round_trip_ns);
		cell_ns(t, x->delta_ns);
		cell_frame(s, t, x->frame, x->file, files);
		cell_frame(s, t, x->response_frame, x->response_file, files);
		cell_frame(s, t, x->request_frame, x->request_file, files);
		if (files) {
			cl_cell_text(t, cl_session_name(s, &x->sender, text));
			cl_cell_text(t, cl_session_name(s, &x->server, text));
			cl_cell_count(t, x->requests);
		}
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void note_losses(struct cl_session *s, struct cl_tables *t)
{
	struct cl_quote_losses losses = cl_icmpquote_losses(s->kept);

	if (s->options->format == CL_FORMAT_TABLE &&
	    losses.messages + losses.searches + losses.networks + cl_icmpquote_clients(s->kept).not_counted ==
		    0)
		return;
	cl_list_begin(t, "Given up for lack of room");
	cl_list_count(t, "messages before their minute was over", "given_up.messages", losses.messages);
	cl_list_count(t, "searches that were too long", "given_up.searches", losses.searches);
	cl_list_count(t, "messages of clients beyond 1048576", "given_up.clients",
		      cl_icmpquote_clients(s->kept).not_counted);
	cl_list_count(t, "errors of networks beyond 4096", "given_up.networks", losses.networks);
	cl_list_end(t);
}

void cl_icmp_quotes_tables(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_quote_error *list;
	size_t count;

	if (s->kept == NULL) {
		cl_tables_say(t, "What errors quote, round trips, loops and returning clients are of single "
				 "packets, which this database does not keep: ask the captures, or read them "
				 "with --keep transactions.");
		return;
	}
	if (cl_icmpquote_failed(s->kept))
		cl_store_fail(s->store, CL_ENOMEM);
	tables_of_kinds(s, t);
	table_closed(s, t);
	list_clients(s, t);
	table_loops(s, t);
	list = cl_icmpquote_slowest(s->kept, &count);
	table_errors(s, t, "Longest from response to error", list, count);
	list = cl_icmpquote_unmatched(s->kept, &count);
	table_errors(s, t, "Latest that quote no response seen", list, count);
	note_losses(s, t);
}

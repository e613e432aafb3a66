/* SPDX-License-Identifier: BSD-2-Clause */
/* The transactions of the view dns as JSON. */
#include <stdio.h>
#include <string.h>

#include "cli/view/icmp_view.h"
#include "cli/view/view_dns.h"
#include "dissect/dns/codes.h"

static uint16_t number_at(const uint8_t *list, size_t i)
{
	uint16_t v;

	memcpy(&v, list + i * sizeof v, sizeof v);
	return v;
}

/* JSON --------------------------------------------------------------------------- */

static void json_duration(struct cl_json *j, const char *key, bool known, int64_t ns)
{
	if (known)
		cl_json_seconds(j, key, ns);
	else
		cl_json_null(j, key);
}

static void json_count(struct cl_json *j, const char *key, bool known, uint64_t n)
{
	if (known)
		cl_json_u64(j, key, n);
	else
		cl_json_null(j, key);
}

static void json_flags(struct cl_json *j, const char *key, bool known, uint16_t word, bool with_do)
{
	if (!known) {
		cl_json_null(j, key);
		return;
	}
	cl_json_array(j, key);
	for (size_t i = 0; i < CL_DNS_FLAGS; i++)
		if ((word & cl_dns_flags[i].bit) != 0)
			cl_json_str(j, NULL, cl_dns_flags[i].word);
	if (with_do)
		cl_json_str(j, NULL, "do");
	cl_json_end(j);
}

static void json_opt(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx_edns *e)
{
	size_t n = 0;
	const uint8_t *codes = cl_dns_piece(&k->list, e, CL_DNS_OPTIONS_PIECE, &n);

	json_count(j, "version", e->there, e->version);
	json_count(j, "udp_size", e->there, e->udp_size);
	if (e->there)
		cl_json_bool(j, "do", (e->flags & 0x8000u) != 0);
	else
		cl_json_null(j, "do");
	cl_json_array(j, "options");
	for (size_t i = 0; i < n / sizeof(uint16_t); i++)
		cl_json_u64(j, NULL, number_at(codes, i));
	cl_json_end(j);
}

static void json_subnet(struct cl_json *j, const struct cl_dnstx_options *o)
{
	const struct cl_dnstx_edns *e = o->query.ecs_family != 0 ? &o->query : &o->response;
	char text[CL_ADDR_STRLEN];

	if (e->ecs_family == 0) {
		cl_json_null(j, "ecs");
		return;
	}
	cl_json_object(j, "ecs");
	cl_json_u64(j, "family", e->ecs_family);
	cl_json_u64(j, "source", e->ecs_source);
	json_count(j, "scope", o->response.ecs_family != 0, o->response.ecs_scope);
	cl_addr_format(&e->ecs_addr, text);
	cl_json_str(j, "address", text);
	cl_json_end(j);
}

/* The server's part of a cookie, or null. */
static void json_server_cookie(struct cl_json *j, const char *key, const uint8_t *cookie, size_t n)
{
	char text[CL_DNS_HEX];

	cl_json_str(j, key, n > 8 ? cl_dns_hex(cookie + 8, n - 8, text) : NULL);
}

static void json_cookie(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx *t,
			const struct cl_dnstx_options *o)
{
	enum cl_cookie_state state = cl_dns_cookie_state(&k->list, t);
	char text[CL_DNS_HEX];
	size_t nq, nr;
	const uint8_t *q = cl_dns_piece(&k->list, &o->query, CL_DNS_COOKIE_PIECE, &nq);
	const uint8_t *r = cl_dns_piece(&k->list, &o->response, CL_DNS_COOKIE_PIECE, &nr);

	if (state == CL_COOKIE_ABSENT) {
		cl_json_null(j, "cookie");
		return;
	}
	cl_json_object(j, "cookie");
	cl_json_str(j, "client",
		    cl_dns_hex(nq > 0 ? q : r, (nq > 0 ? nq : nr) < 8 ? (nq > 0 ? nq : nr) : 8, text));
	json_server_cookie(j, "server", nr > 0 ? r : q, nr > 0 ? nr : nq);
	json_server_cookie(j, "sent", q, nq);
	cl_json_str(j, "state", cl_dns_cookie_keys[state]);
	cl_json_end(j);
}

static void json_nsid(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx_edns *e)
{
	size_t n;
	const uint8_t *nsid = cl_dns_piece(&k->list, e, CL_DNS_NSID_PIECE, &n);
	char text[CL_DNS_HEX];

	if (nsid == NULL) {
		cl_json_null(j, "nsid");
		return;
	}
	cl_json_object(j, "nsid");
	cl_json_str(j, "hex", cl_dns_hex(nsid, n, text));
	if (cl_dns_is_text(nsid, n))
		cl_json_strn(j, "text", (const char *)nsid, n);
	else
		cl_json_null(j, "text");
	cl_json_end(j);
}

static void json_errors(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx_edns *e)
{
	size_t n;
	const uint8_t *text = cl_dns_piece(&k->list, e, CL_DNS_TEXT_PIECE, &n);

	cl_json_array(j, "ede");
	if (e->ede_count > 0) {
		cl_json_object(j, NULL);
		cl_json_u64(j, "code", e->ede);
		cl_json_str(j, "name", cl_dns_ede_text(e->ede));
		if (text != NULL)
			cl_json_strn(j, "text", (const char *)text, n);
		else
			cl_json_null(j, "text");
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_u64(j, "ede_count", e->ede_count);
}

static void json_edns(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	const struct cl_dnstx_options *o = cl_dns_tx_options(&k->list, t);

	if (o == NULL) {
		cl_json_null(j, "edns");
		return;
	}
	cl_json_object(j, "edns");
	json_opt(j, k, &o->query);
	if (o->response.there) {
		cl_json_object(j, "response");
		json_opt(j, k, &o->response);
		cl_json_end(j);
	} else {
		cl_json_null(j, "response");
	}
	json_subnet(j, o);
	json_cookie(j, k, t, o);
	json_nsid(j, k, &o->response);
	json_errors(j, k, &o->response);
	cl_json_end(j);
}

static void json_tcp(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	const struct cl_dns_conn *c = cl_dns_conn_of(k, t);
	struct cl_dns_tcp_times times = cl_dns_tcp_times(k, t);

	if ((t->bits & CL_TX_TCP) == 0) {
		cl_json_null(j, "tcp");
		return;
	}
	cl_json_object(j, "tcp");
	json_duration(j, "handshake_s", times.handshake_ns >= 0, times.handshake_ns);
	json_duration(j, "query_s", times.query_ns >= 0, times.query_ns);
	json_duration(j, "close_s", times.close_ns >= 0, times.close_ns);
	json_count(j, "packets", c != NULL, c != NULL ? c->packets : 0);
	cl_json_end(j);
}

static void json_icmp(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	char name[32];

	if (t->error == 0) {
		cl_json_null(j, "icmp");
		return;
	}
	const struct cl_dns_error *e = cl_arena_at(&k->list.errors, t->error - 1);
	cl_json_object(j, "icmp");
	cl_json_u64(j, "type", e->type);
	cl_json_u64(j, "code", e->code);
	cl_json_str(j, "name", cl_icmp_kind_name(e->family, e->type, e->code, name));
	cl_json_str(j, "about", e->response ? "response" : "query");
	cl_json_end(j);
}

static void json_question(struct cl_json *j, const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	char text[1024], word[CL_DNS_WORD];
	const char *class = cl_dns_class_text(t->qclass);

	cl_json_str(j, "qname", cl_dns_question(k, t, text));
	cl_json_str(j, "qtype", t->name != 0 ? cl_dns_qtype_word(t->qtype, word) : NULL);
	snprintf(word, sizeof word, "CLASS%u", t->qclass);
	cl_json_str(j, "qclass", t->name == 0 ? NULL : class != NULL ? class : word);
	cl_json_u64(j, "opcode", t->opcode);
}

static void json_answer(struct cl_json *j, const struct cl_dnstx *t)
{
	char word[CL_DNS_WORD];
	bool got = cl_dns_answered(t);

	json_flags(j, "flags", true, got ? t->response_flags : t->query_flags,
		   (t->bits & (got ? CL_TX_ANSWER_DO : CL_TX_QUERY_DO)) != 0);
	json_flags(j, "query_flags", cl_dns_asked(t), t->query_flags, (t->bits & CL_TX_QUERY_DO) != 0);
	cl_json_str(j, "rcode", got ? cl_dns_rcode_word(t->rcode, word) : NULL);
	json_count(j, "query_bytes", cl_dns_asked(t), t->query_bytes);
	json_count(j, "response_bytes", got, t->response_bytes);
}

static void json_one(struct cl_session *s, struct cl_json *j, const struct cl_dns_kept *k, size_t i)
{
	const struct cl_dnstx *t = cl_dns_tx(&k->list, i), *twin = cl_dns_numbered(k, t->twin);
	char text[CL_ADDR_STRLEN];

	cl_json_object(j, NULL);
	cl_json_u64(j, "number", i + 1);
	cl_json_time(j, "t", t->time_ns);
	cl_json_str(j, "transport", (t->bits & CL_TX_TCP) != 0 ? "tcp" : "udp");
	cl_json_u64(j, "stream", t->stream);
	cl_json_client(s, j, &t->client);
	cl_json_u64(j, "client_port", t->client_port);
	cl_addr_format(&t->server, text);
	cl_json_str(j, "server", text);
	cl_json_u64(j, "server_port", t->server_port);
	cl_json_u64(j, "id", t->id);
	json_question(j, k, t);
	json_answer(j, t);
	json_edns(j, k, t);
	json_count(j, "query_fragments", cl_dns_asked(t), t->query_fragments);
	json_count(j, "fragments", cl_dns_answered(t), t->response_fragments);
	json_count(j, "tcp_retry_of", twin != NULL, twin != NULL ? twin->stream : 0);
	json_count(j, "tcp_retry_of_number", twin != NULL, t->twin);
	json_count(j, "retry_of", t->retry_of != 0, t->retry_of);
	json_duration(j, "delta_s", cl_dns_has_delta(t), t->delta_ns);
	json_duration(j, "delta_first_s", cl_dns_has_delta(t), t->delta_first_ns);
	json_tcp(j, k, t);
	json_icmp(j, k, t);
	cl_json_str(j, "outcome", cl_dns_outcome(t));
	cl_json_str(j, "reason", cl_dns_why_keys[t->why]);
	cl_json_end(j);
}

void cl_dns_list_json(struct cl_session *s, const struct cl_dns_kept *k, struct cl_json *j)
{
	cl_json_array(j, "transactions");
	for (size_t i = 0; i < k->list.tx.count; i++)
		json_one(s, j, k, i);
	cl_json_end(j);
}

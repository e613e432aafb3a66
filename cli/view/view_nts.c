/* SPDX-License-Identifier: BSD-2-Clause */
/* nts: Network Time Security (RFC 8915) as it shows on the wire, and what else authenticates NTP. */
#include <stdlib.h>

#include "cli/view/nts_view.h"
#include "dissect/ntp/extfields.h"

const char *const cl_nts_auth_names[CL_NTP_AUTHS] = {
	[CL_NTP_AUTH_PLAIN] = "plain",	   [CL_NTP_AUTH_MAC] = "mac", [CL_NTP_AUTH_CRYPTO_NAK] = "crypto-nak",
	[CL_NTP_AUTH_AUTOKEY] = "autokey", [CL_NTP_AUTH_NTS] = "nts",
};

const char *cl_nts_field_name(const struct cl_nts_field *f)
{
	const struct cl_ntp_ext *e = cl_ntp_ext_find(f->type);

	return e != NULL && !f->other ? e->name : NULL;
}

static void *begin(const struct cl_session *s)
{
	(void)s;
	return cl_nts_new(cl_random_seed());
}

static void take(void *kept, const struct cl_exchange *x)
{
	cl_nts_take(kept, x);
}

static void end(void *kept)
{
	cl_nts_free(kept);
}

/* JSON ------------------------------------------------------------------------ */

static void json_server(struct cl_session *s, struct cl_json *j, const struct cl_addr *server)
{
	char text[CL_ADDR_STRLEN];

	cl_addr_format(server, text);
	cl_json_str(j, "server", text);
	cl_json_str(j, "name", cl_names_find(s->names, server));
}

static void json_counts(struct cl_json *j, const struct cl_nts_count *n)
{
#define X(name, doc) cl_json_u64(j, #name, n->name);
	CL_NTS_COUNTS(X)
#undef X
}

static void json_name(struct cl_json *j, const char *key, const char *octets, uint8_t length)
{
	if (length > 0)
		cl_json_strn(j, key, octets, length);
	else
		cl_json_null(j, key);
}

static void json_names(struct cl_json *j, const struct cl_nts_ke *k, const struct cl_nts_name *names,
		       size_t n)
{
	cl_json_array(j, "names");
	for (size_t i = 0; i < n; i++) {
		if (names[i].ke != k->number)
			continue;
		cl_json_object(j, NULL);
		json_name(j, "sni", names[i].sni, names[i].sni_length);
		json_name(j, "alpn", names[i].alpn, names[i].alpn_length);
		cl_json_u64(j, "connections", names[i].connections);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_handshakes(struct cl_session *s, struct cl_json *j)
{
	size_t n, names;
	const struct cl_nts_ke *k = cl_nts_ke(s->kept, &n);
	const struct cl_nts_name *name = cl_nts_names(s->kept, &names);

	cl_json_array(j, "handshakes");
	for (size_t i = 0; i < n && i < s->options->top; i++, k++) {
		cl_json_object(j, NULL);
		json_server(s, j, &k->addr);
		cl_json_u64(j, "port", k->port);
		cl_json_u64(j, "connections", k->connections);
		cl_json_u64(j, "shaken", k->shaken);
		cl_json_u64(j, "failed", cl_nts_ke_failed(k));
		cl_json_u64(j, "refused", k->refused);
		cl_json_u64(j, "silent", k->silent);
		cl_json_u64(j, "no_hello", k->no_hello);
		cl_json_u64(j, "cut", k->cut);
		cl_json_u64(j, "clients", k->clients);
		cl_json_delta(j, "setup_s", &k->setup);
		cl_json_delta(j, "duration_s", &k->duration);
		json_names(j, k, name, names);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_servers(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_nts_server *server = cl_nts_servers(s->kept, &n);

	cl_json_array(j, "servers");
	for (size_t i = 0; i < n && i < s->options->top; i++, server++) {
		cl_json_object(j, NULL);
		json_server(s, j, &server->addr);
		cl_json_u64(j, "clients", server->clients);
		cl_json_u64(j, "nts_clients", server->nts_clients);
		json_counts(j, &server->n);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_u64(j, "more_servers", n > s->options->top ? n - s->options->top : 0);
}

static void json_kind(struct cl_json *j, const struct cl_nts_kind *k)
{
	cl_json_u64(j, "requests", k->requests);
	cl_json_u64(j, "clients", k->clients);
	cl_json_u64(j, "answered", k->answered);
	cl_json_u64(j, "unanswered", k->unanswered);
	cl_json_u64(j, "alike", k->alike);
	cl_json_u64(j, "crypto_naks", k->crypto_naks);
}

static void json_authentication(struct cl_session *s, struct cl_json *j, const struct cl_nts_totals *all)
{
	size_t n;
	const struct cl_nts_key *key = cl_nts_keys(s->kept, &n);

	cl_json_array(j, "authentication");
	for (size_t i = 0; i < CL_NTP_AUTHS; i++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "auth", cl_nts_auth_names[i]);
		json_kind(j, &all->kind[i]);
		cl_json_end(j);
	}
	cl_json_end(j);
	cl_json_array(j, "keys");
	for (size_t i = 0; i < n && i < s->options->top; i++, key++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "auth", cl_nts_auth_names[key->auth]);
		if (key->auth == CL_NTP_AUTH_MAC && !key->other)
			cl_json_u64(j, "key_id", key->key_id);
		else
			cl_json_null(j, "key_id");
		if (key->other)
			cl_json_null(j, "digest_bytes");
		else
			cl_json_u64(j, "digest_bytes", key->digest);
		json_kind(j, &key->n);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_lengths(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_nts_length *l = cl_nts_lengths(s->kept, &n);

	cl_json_array(j, "lengths");
	for (size_t i = 0; i < n; i++, l++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "auth", cl_nts_auth_names[l->auth]);
		if (l->other)
			cl_json_null(j, "length");
		else
			cl_json_u64(j, "length", l->length);
		cl_json_u64(j, "requests", l->requests);
		cl_json_u64(j, "answered", l->answered);
		cl_json_u64(j, "unanswered", l->unanswered);
		cl_json_u64(j, "larger", l->larger);
		cl_json_u64(j, "told", l->told);
		cl_json_u64(j, "lost", l->lost);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_fields(struct cl_session *s, struct cl_json *j)
{
	size_t n;
	const struct cl_nts_field *f = cl_nts_fields(s->kept, &n);

	cl_json_array(j, "fields");
	for (size_t i = 0; i < n; i++, f++) {
		cl_json_object(j, NULL);
		cl_json_str(j, "in", f->response ? "response" : "request");
		if (f->other) {
			cl_json_null(j, "type");
			cl_json_null(j, "length");
		} else {
			cl_json_u64(j, "type", f->type);
			cl_json_u64(j, "length", f->length);
		}
		cl_json_str(j, "name", cl_nts_field_name(f));
		cl_json_u64(j, "fields", f->fields);
		cl_json_end(j);
	}
	cl_json_end(j);
}

static void json_refused(const struct cl_session *s, struct cl_json *j)
{
	const struct cl_nts_refused r = cl_nts_refused(s->kept);

	cl_json_object(j, "given_up");
	cl_json_u64(j, "exchanges", s->given_up);
	cl_json_u64(j, "requests", r.requests);
	cl_json_u64(j, "cookies", r.cookies);
	cl_json_u64(j, "names", r.names);
	cl_json_u64(j, "connections", r.connections);
	cl_json_end(j);
}

/* Of a database that does not keep single messages. */
static void json_nothing(struct cl_json *j)
{
	static const char *const keys[] = { "clients",	       "nts_clients",	 "all",
					    "reusing_clients", "servers",	 "handshakes",
					    "ke_clients",      "ke_followed",	 "nts_without_ke",
					    "to_ntp_s",	       "authentication", "keys",
					    "lengths",	       "fields",	 "given_up" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		cl_json_null(j, keys[i]);
}

static void json(struct cl_session *s, struct cl_json *j)
{
	if (s->kept == NULL) {
		json_nothing(j);
		return;
	}
	const struct cl_nts_totals *all = cl_nts_totals(s->kept);
	cl_json_u64(j, "clients", all->clients);
	cl_json_u64(j, "nts_clients", all->nts_clients);
	cl_json_object(j, "all");
	json_counts(j, &all->n);
	cl_json_end(j);
	cl_json_u64(j, "reusing_clients", all->reusing_clients);
	json_servers(s, j);
	json_handshakes(s, j);
	cl_json_u64(j, "ke_clients", all->ke_clients);
	cl_json_u64(j, "ke_followed", all->ke_followed);
	cl_json_u64(j, "nts_without_ke", all->nts_without);
	cl_json_delta(j, "to_ntp_s", &all->to_ntp);
	json_authentication(s, j, all);
	json_lengths(s, j);
	json_fields(s, j);
	json_refused(s, j);
}

const struct cl_view cl_view_nts = {
	.name = "nts",
	.summary = "Network Time Security: handshakes, share, cookies, lost answers",
	.example = "  clientele nts monday.pcap\n",
	.takes = CL_OPT_TOP,
	.needs = { .exchanges = CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_CONN) },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = cl_nts_tables,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* dns: each transaction, sums over them, and what a resolver asked because it was asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/userfile/suffixfile.h"
#include "cli/view/dns_days.h"
#include "cli/view/view_dns.h"
#include "dissect/dns/codes.h"
#include "stats/exchange/dnsname.h"

/* Words ------------------------------------------------------------------------- */

const char *const cl_dns_why_keys[CL_WHYS] = {
	[CL_WHY_ICMP] = "icmp",
	[CL_WHY_FRAGMENT] = "fragment_lost",
	[CL_WHY_LATE] = "late",
	[CL_WHY_CLOSED] = "tcp_closed",
	[CL_WHY_SILENT] = "server_silent",
	[CL_WHY_UNKNOWN] = "not_known",
	[CL_WHY_TCP_REFUSED] = "tcp_refused",
	[CL_WHY_TCP_SILENT] = "tcp_unanswered",
	[CL_WHY_TCP_EMPTY] = "tcp_no_query",
	[CL_WHY_NO_TCP] = "no_tcp",
};

const char *const cl_dns_why_words[CL_WHYS] = {
	[CL_WHY_ICMP] = "ICMP error about the query",
	[CL_WHY_FRAGMENT] = "fragments of the response lost",
	[CL_WHY_LATE] = "response behind the timeout",
	[CL_WHY_CLOSED] = "TCP closed before the response",
	[CL_WHY_SILENT] = "server answered nobody",
	[CL_WHY_UNKNOWN] = "not known: server answered others",
	[CL_WHY_TCP_REFUSED] = "TC, TCP refused",
	[CL_WHY_TCP_SILENT] = "TC, TCP handshake unanswered",
	[CL_WHY_TCP_EMPTY] = "TC, connected without a query",
	[CL_WHY_NO_TCP] = "TC, TCP not tried",
};

const char *const cl_dns_cookie_keys[CL_COOKIE_STATES] = {
	[CL_COOKIE_ABSENT] = "absent",	   [CL_COOKIE_UNANSWERED] = "unanswered",
	[CL_COOKIE_IGNORED] = "ignored",   [CL_COOKIE_ECHOED] = "echoed",
	[CL_COOKIE_NEW] = "new",	   [CL_COOKIE_RETURNED] = "returned",
	[CL_COOKIE_CHANGED] = "changed",   [CL_COOKIE_BAD] = "BADCOOKIE",
	[CL_COOKIE_MISMATCH] = "mismatch",
};

const char *cl_dns_qtype_word(uint32_t qtype, char text[CL_DNS_WORD])
{
	const char *name = cl_dns_type_name(qtype);

	snprintf(text, CL_DNS_WORD, "TYPE%u", qtype);
	return name != NULL ? name : text;
}

const char *cl_dns_rcode_word(uint32_t rcode, char text[CL_DNS_WORD])
{
	const char *name = cl_dns_rcode_name(rcode);

	snprintf(text, CL_DNS_WORD, "RCODE%u", rcode);
	return name != NULL ? name : text;
}

const char *cl_dns_outcome(const struct cl_dnstx *t)
{
	static const char *const words[CL_FORTUNES] = {
		[CL_FORTUNE_ALONE] = "alone",
		[CL_FORTUNE_UNANSWERED] = "unanswered",
		[CL_FORTUNE_OPEN_AT_END] = "open_at_end",
		[CL_FORTUNE_GIVEN_UP] = "given_up",
		[CL_FORTUNE_MATCHED] = "matched",
		[CL_FORTUNE_BACKWARDS] = "backwards",
		[CL_FORTUNE_DUPLICATE] = "duplicate",
		[CL_FORTUNE_LATE] = "late",
		[CL_FORTUNE_BOGUS] = "bogus",
	};

	return words[t->fortune];
}

const char *cl_dns_question(const struct cl_dns_kept *k, const struct cl_dnstx *t, char text[1024])
{
	size_t n;
	const uint8_t *wire = cl_dns_sent_name(&k->list, t, &n);

	if (wire == NULL)
		return NULL;
	cl_name_text(wire, n, text);
	return text;
}

const struct cl_dns_flag cl_dns_flags[CL_DNS_FLAGS] = {
	{ 0x0400, "aa" }, { 0x0200, "tc" }, { 0x0100, "rd" },
	{ 0x0080, "ra" }, { 0x0020, "ad" }, { 0x0010, "cd" }
};

const char *cl_dns_hex(const uint8_t *octets, size_t n, char *out)
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", octets[i]);
	return out;
}

bool cl_dns_is_text(const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (octets[i] < ' ' || octets[i] > '~')
			return false;
	return n > 0;
}

struct cl_dns_tcp_times cl_dns_tcp_times(const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	const struct cl_dns_conn *c = cl_dns_conn_of(k, t);
	struct cl_dns_tcp_times got = { -1, -1, -1 };

	if (c == NULL)
		return got;
	if (c->syn_ns != 0 && c->open_ns != 0)
		got.handshake_ns = c->open_ns - c->syn_ns;
	if (c->open_ns != 0 && cl_dns_asked(t))
		got.query_ns = t->query_ns - c->open_ns;
	if (c->close_ns != 0 && cl_dns_answered(t) && c->close_ns >= t->end_ns)
		got.close_ns = c->close_ns - t->end_ns;
	return got;
}

/* What is kept of exchanges ------------------------------------------------------- */

static void end(void *state)
{
	struct cl_dns_kept *k = state;

	cl_dns_list_free(&k->list);
	cl_dns_sum_free(&k->sum);
	cl_dns_tree_free(&k->tree);
	cl_suffixes_free(k->suffixes);
	free(k);
}

static void *begin(const struct cl_session *s)
{
	struct cl_dns_kept *k = calloc(1, sizeof *k);
	const struct cl_options *o = s->options;

	if (k == NULL)
		return NULL;
	bool room = cl_dns_list_init(&k->list, s->config.engine.timeout_ns, s->config.engine.seed) &&
		    cl_dns_sum_init(&k->sum, s->config.engine.seed);
	if (room && (o->suffixes == NULL || (k->suffixes = cl_suffixfile_read(o->suffixes)) != NULL))
		return k;
	if (room)
		errno = 0; /* it has been said */
	end(k);
	return NULL;
}

static void take(void *state, const struct cl_exchange *x)
{
	struct cl_dns_kept *k = state;

	cl_dns_sum_take(&k->sum, x);
	cl_dns_list_take(&k->list, x);
}

/* Joins what was kept, once. NULL: nothing is kept, or memory is short. */
static struct cl_dns_kept *ready(struct cl_session *s)
{
	struct cl_dns_kept *k = s->kept;
	const struct cl_options *o = s->options;

	if (k == NULL || k->ready)
		return k;
	k->ready = cl_dns_list_link(&k->list) && cl_dns_find(&k->list, &k->found) &&
		   cl_dns_tree_make(&k->tree, &k->list, o->resolvers, o->nresolvers);
	if (k->ready)
		return k;
	cl_store_fail(s->store, CL_ENOMEM);
	return NULL;
}

static void json(struct cl_session *s, struct cl_json *j)
{
	struct cl_dns_kept *k = ready(s);

	if (k == NULL) {
		cl_json_null(j, "transactions");
		cl_json_null(j, "unlisted");
		if (s->kept == NULL && cl_dns_days_kept(s)) {
			cl_json_object(j, "sums");
			cl_dns_days_json(s, j);
			cl_json_end(j);
		} else {
			cl_json_null(j, "sums");
		}
		cl_json_null(j, "resolver");
		return;
	}
	cl_dns_list_json(s, k, j);
	cl_json_u64(j, "unlisted", k->list.unlisted);
	cl_dns_sums_json(s, k, j);
	cl_dns_tree_json(s, k, j);
}

static void tables(struct cl_session *s, struct cl_tables *t)
{
	if (s->kept == NULL) {
		if (cl_dns_days_kept(s))
			cl_dns_days_tables(s, t);
		else
			cl_view_not_kept(t);
		return;
	}
	struct cl_dns_kept *k = ready(s);
	if (k == NULL)
		return;
	cl_dns_list_tables(s, k, t);
	cl_dns_sums_tables(s, k, t);
	cl_dns_tree_tables(s, k, t);
}

const struct cl_view cl_view_dns = {
	.name = "dns",
	.summary = "DNS transactions one by one, their sums, what a resolver asked for its clients",
	.example = "  clientele dns --suffixes public_suffix_list.dat resolver.pcap\n",
	.takes = CL_OPT_TOP | CL_OPT_SUFFIXES | CL_OPT_RESOLVER,
	.needs = { .exchanges = CL_X_BIT(CL_X_DNS) | CL_X_BIT(CL_X_ICMP) | CL_X_BIT(CL_X_CONN) |
				CL_X_BIT(CL_X_PART),
		   .streams = true },
	.begin = begin,
	.take = take,
	.end = end,
	.json = json,
	.tables = tables,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the view `icmp` share: view_icmp.c, with the figures of icmp_figures.c (from tables), and
 * view_icmp_quotes.c (from single messages). */
#ifndef CL_CLI_ICMP_VIEW_H
#define CL_CLI_ICMP_VIEW_H

#include "cli/view/view.h"
#include "stats/view/icmpquote.h"

/* "Port unreachable", or "type 1 code 9" in `text`. */
const char *cl_icmp_kind_name(uint8_t family, uint8_t type, uint8_t code, char text[32]);

/* "v6 1/4" */
const char *cl_icmp_kind_number(uint8_t family, uint8_t type, uint8_t code, char text[32]);

/* "2001:db8:1::/48", or "192.0.2.0/24" */
const char *cl_icmp_network(const struct cl_addr *a, char text[CL_ADDR_STRLEN + 4]);

/* a / b; not finite if b is 0. */
double cl_icmp_share(uint64_t a, uint64_t b);

/* 6 and 4, in the order in which they are shown; "ipv6", "ipv4". */
extern const uint8_t cl_icmp_families[2];
const char *cl_icmp_family(uint8_t family);

/* From tables (icmp_figures.c) ------------------------------------------------- */

/* Makes the temporary tables that the others read. Whether the store has errors by step: databases from
 * before may not. */
bool cl_icmp_prepare(struct cl_session *s);

/* Of a family (0: both), and of a protocol or all. */
struct cl_icmp_figures {
	uint64_t requests, clients, errors, responses, senders, affected, from_client, from_server;
	bool unmatched_known;
	uint64_t unmatched;
};

/* Both families of a protocol or of all, and their sum. */
struct cl_icmp_both {
	struct cl_icmp_figures family[2], sum;
};

/* proto NULL: of both. `counted`: the clients of both, each once (ipv4, ipv6), from who has counted them
 * already; NULL: their rows are read. */
struct cl_icmp_both cl_icmp_both_of(struct cl_session *s, const char *proto, const struct cl_unique *counted);

/* What was sent neither by the client nor by the server; addresses beyond the table's limit have no row. */
static inline uint64_t cl_icmp_from_router(uint64_t errors, uint64_t from_client, uint64_t from_server)
{
	return from_client + from_server < errors ? errors - from_client - from_server : 0;
}

/* Errors of one type and code. */
struct cl_icmp_kind {
	uint8_t family, type, code;
	uint64_t errors, from_client, from_server, senders, affected;
	struct cl_addr top_sender, top_network;
	uint64_t top_sender_errors, top_network_errors, top_network_clients; /* 0: there is none */
};

typedef void cl_icmp_kind_fn(void *ctx, const struct cl_icmp_kind *row);
/* IPv6 first, in each family most errors first. */
void cl_icmp_each_kind(struct cl_session *s, cl_icmp_kind_fn *fn, void *ctx);

/* Of types and codes that mean the same in both families. */
struct cl_icmp_meaning_row {
	const char *name;
	uint64_t errors[2], senders[2], affected[2]; /* as cl_icmp_families */
};

typedef void cl_icmp_meaning_fn(void *ctx, const struct cl_icmp_meaning_row *row);
void cl_icmp_each_meaning(struct cl_session *s, cl_icmp_meaning_fn *fn, void *ctx);

/* As many steps as end in (t - 3600, t], or one step if that is longer. */
struct cl_icmp_hour {
	int64_t t_s;
	uint64_t requests[2], errors[2];
};

typedef void cl_icmp_hour_fn(void *ctx, const struct cl_icmp_hour *h);
void cl_icmp_each_hour(struct cl_session *s, cl_icmp_hour_fn *fn, void *ctx);

/* From single messages (view_icmp_quotes.c) ------------------------------------ */

/* The view's members of single messages. `kept` NULL: the database does not keep them. */
void *cl_icmp_quotes_begin(const struct cl_session *s);
void cl_icmp_quotes_end(void *kept);
void cl_icmp_quotes_json(struct cl_session *s, struct cl_json *j);
void cl_icmp_quotes_tables(struct cl_session *s, struct cl_tables *t);

/* Of a type's row: counts and quantiles; null without a kind. */
void cl_icmp_quotes_kind_json(struct cl_json *j, const struct cl_quote_kind *kind, bool known);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the view dns share. */
#ifndef CL_CLI_VIEW_DNS_H
#define CL_CLI_VIEW_DNS_H

#include "cli/view/view.h"
#include "stats/view/dnslist.h"
#include "stats/view/dnssum.h"
#include "stats/view/dnstree.h"
#include "stats/view/suffix.h"

/* What is made of the exchanges; the lower half once all are there. */
struct cl_dns_kept {
	struct cl_dns_list list;
	struct cl_dns_sum sum;
	struct cl_suffixes *suffixes; /* NULL: none were given */
	bool ready;
	struct cl_dns_found found;
	struct cl_dns_tree tree;
};

/* The parts of the view: transactions, sums over them, what a resolver asked. */
void cl_dns_list_json(struct cl_session *s, const struct cl_dns_kept *k, struct cl_json *j);
void cl_dns_list_tables(struct cl_session *s, const struct cl_dns_kept *k, struct cl_tables *t);
void cl_dns_sums_json(struct cl_session *s, struct cl_dns_kept *k, struct cl_json *j);
void cl_dns_sums_tables(struct cl_session *s, struct cl_dns_kept *k, struct cl_tables *t);
void cl_dns_tree_json(struct cl_session *s, const struct cl_dns_kept *k, struct cl_json *j);
void cl_dns_tree_tables(struct cl_session *s, const struct cl_dns_kept *k, struct cl_tables *t);

/* Words for values: a mnemonic, or a number behind its kind, in `text`. */
#define CL_DNS_WORD 24
const char *cl_dns_qtype_word(uint32_t qtype, char text[CL_DNS_WORD]);
const char *cl_dns_rcode_word(uint32_t rcode, char text[CL_DNS_WORD]);

/* Key, and words for people, of what says why (stats/view/dnslist.h); of CL_WHY_NONE both NULL. */
extern const char *const cl_dns_why_keys[CL_WHYS], *const cl_dns_why_words[CL_WHYS];
extern const char *const cl_dns_cookie_keys[CL_COOKIE_STATES];

/* What became of a query, as one word. */
const char *cl_dns_outcome(const struct cl_dnstx *t);

/* The name asked for as it was sent, in presentation form; NULL if there is none. */
const char *cl_dns_question(const struct cl_dns_kept *k, const struct cl_dnstx *t, char text[1024]);

static inline bool cl_dns_answered(const struct cl_dnstx *t)
{
	return (t->bits & CL_TX_RESPONSE) != 0;
}

static inline bool cl_dns_asked(const struct cl_dnstx *t)
{
	return (t->bits & CL_TX_QUERY) != 0;
}

static inline bool cl_dns_has_delta(const struct cl_dnstx *t)
{
	return t->fortune == CL_FORTUNE_MATCHED || t->fortune == CL_FORTUNE_LATE;
}

/* Its connection, or NULL. */
static inline const struct cl_dns_conn *cl_dns_conn_of(const struct cl_dns_kept *k, const struct cl_dnstx *t)
{
	return t->conn != 0 ? cl_arena_at(&k->list.conns, t->conn - 1) : NULL;
}

/* The transaction of a number, from 1; NULL for 0. */
static inline const struct cl_dnstx *cl_dns_numbered(const struct cl_dns_kept *k, uint32_t number)
{
	return number != 0 ? cl_dns_tx(&k->list, number - 1) : NULL;
}

/* Flags of a header's second word (RFC 1035 sec. 4.1.1, RFC 4035 sec. 3), in the order that dig prints. */
struct cl_dns_flag {
	uint16_t bit;
	const char *word;
};
#define CL_DNS_FLAGS 6u
extern const struct cl_dns_flag cl_dns_flags[CL_DNS_FLAGS];

/* Octets in hexadecimal; `out` has room for 2 * n + 1, CL_DNS_HEX for any of a note. */
#define CL_DNS_HEX (2u * CL_NOTE_DATA_MAX + 1u)
const char *cl_dns_hex(const uint8_t *octets, size_t n, char *out);

/* Whether octets are printable ASCII, and there are any. */
bool cl_dns_is_text(const uint8_t *octets, size_t n);

/* Durations of a transaction over TCP beside that of its answer; -1: not known. */
struct cl_dns_tcp_times {
	int64_t handshake_ns; /* SYN to the ACK that completes it */
	int64_t query_ns;     /* from there to the query */
	int64_t close_ns;     /* from the response to the first FIN or RST */
};
struct cl_dns_tcp_times cl_dns_tcp_times(const struct cl_dns_kept *k, const struct cl_dnstx *t);

#endif

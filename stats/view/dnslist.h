/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DNSLIST_H
#define CL_STATS_DNSLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/arena.h"
#include "stats/table/index.h"

/*
 * DNS transactions in the order of the capture, each with what belongs to it: the TCP retry of a truncated
 * answer, the connection it came over, ICMP errors about it, the query that it repeats.
 */

/* What is kept at most; what is beyond is counted. */
#define CL_DNS_LIST_MAX	  10000000u
#define CL_DNS_NAMES_MAX  8000000u
#define CL_DNS_ERRORS_MAX 1000000u
#define CL_DNS_CONNS_MAX  4000000u
#define CL_DNS_OCTETS_MAX ((size_t)1 << 30) /* names, cookies, identifiers, texts */

/* Bits of a transaction. */
#define CL_TX_QUERY	0x01u /* there is a query */
#define CL_TX_RESPONSE	0x02u
#define CL_TX_TCP	0x04u
#define CL_TX_TC	0x08u /* of the response */
#define CL_TX_RETRIED	0x10u /* over TCP: a truncated answer's */
#define CL_TX_FIRST	0x20u /* the first one of its connection */
#define CL_TX_QUERY_DO	0x40u
#define CL_TX_ANSWER_DO 0x80u

/* What in this capture says why a query stayed unanswered, or a truncated answer without retry. */
enum cl_dns_why {
	CL_WHY_NONE,	 /* nothing to explain */
	CL_WHY_ICMP,	 /* an ICMP error about the query */
	CL_WHY_FRAGMENT, /* fragments did not all come: in this capture, or an ICMP error says so of the
			    response */
	CL_WHY_LATE,	 /* the response came after the timeout */
	CL_WHY_CLOSED,	 /* the TCP connection was reset, or closed, before */
	CL_WHY_SILENT,	 /* the server answered nothing in this capture */
	CL_WHY_UNKNOWN,	 /* the server answered others: lost, or not answered */
	/* Of truncated answers. */
	CL_WHY_TCP_REFUSED, /* the client's SYN was answered with RST */
	CL_WHY_TCP_SILENT,  /* its SYN was not answered */
	CL_WHY_TCP_EMPTY,   /* it connected, and no query was seen */
	CL_WHY_NO_TCP,	    /* the client did not try TCP */
	CL_WHYS
};

/* Of each message of a transaction with an OPT record. Pieces are at `at` + 1 and on, in this order. */
struct cl_dnstx_edns {
	struct cl_addr ecs_addr;
	uint64_t at; /* in the list's octets; 0: no pieces */
	uint16_t udp_size, flags;
	uint16_t ede; /* if ede_count > 0 */
	uint16_t cookie, nsid, text;
	uint8_t version;
	uint8_t ecs_family, ecs_source, ecs_scope; /* ecs_family 0: none */
	uint8_t ede_count, options;		   /* options: two octets each, behind the others */
	bool there;				   /* an OPT record */
};

/* Both messages'. */
struct cl_dnstx_options {
	struct cl_dnstx_edns query, response;
};

/* One transaction: a query with its response, or either alone. Times in nanoseconds. */
struct cl_dnstx {
	int64_t time_ns;  /* of its first message */
	int64_t query_ns; /* of the query's last packet */
	int64_t end_ns;	  /* of the response's last packet */
	int64_t delta_ns, delta_first_ns;
	struct cl_addr client, server;
	uint64_t sent_name; /* in the list's octets: the name with its letters as sent; 0: as `name` has them
			     */
	uint32_t name;	    /* number of its name + 1; 0: no question */
	uint32_t options;   /* of its EDNS + 1; 0: none */
	uint32_t stream;
	uint32_t query_bytes, response_bytes;
	uint32_t twin;	   /* of a TCP query: the truncated UDP transaction + 1 */
	uint32_t retry_of; /* transaction + 1 of which it repeats the query */
	uint32_t conn;	   /* of its connection + 1 */
	uint32_t error;	   /* of an ICMP error about its query or response + 1 */
	uint16_t client_port, server_port;
	uint16_t id, qtype, qclass, rcode;
	uint16_t query_flags, response_flags; /* second words of the headers */
	uint8_t query_fragments, response_fragments;
	uint8_t fortune, bits, why, opcode;
};

/* A name that was asked for, folded. */
struct cl_dns_asked {
	uint64_t at; /* in the list's octets */
	uint64_t queries, nxdomain;
	uint8_t length;
};

/* An ICMP error that quotes DNS: of the quoted packet, the sender of the query, and where it went. */
/* An ICMP error; or a message of which not all fragments came (`part`): then it has an ID and no type. */
struct cl_dns_error {
	int64_t time_ns;
	struct cl_addr client, server;
	uint16_t client_port, server_port;
	uint8_t type, code, family;
	bool response; /* it quotes a response, or is one */
	bool tcp;
	bool part;
	uint16_t id;
};

struct cl_dns_conn {
	int64_t syn_ns, open_ns, close_ns; /* 0: not seen */
	int64_t last_ns;
	struct cl_addr client, server;
	uint32_t stream, packets, users; /* users: transactions that came over it */
	bool taken;			 /* it was the try behind a truncated answer */
	uint16_t client_port, server_port;
	uint8_t state; /* bits CL_CONN_ */
};

struct cl_dns_list {
	struct cl_arena tx, options, names, errors, conns;
	unsigned arenas; /* that were made */
	struct cl_index by_name;
	uint8_t *octets;
	size_t octets_used, octets_room;
	uint64_t seed;
	uint64_t unlisted;    /* transactions beyond the limits */
	uint64_t lost_errors; /* ICMP errors and connections beyond them */
	int64_t timeout_ns;
};

bool cl_dns_list_init(struct cl_dns_list *l, int64_t timeout_ns, uint64_t seed);
void cl_dns_list_free(struct cl_dns_list *l);

/* Takes DNS exchanges, ICMP errors, connections. */
void cl_dns_list_take(struct cl_dns_list *l, const struct cl_exchange *x);

/* Joins what belongs together (stats/view/dnslink.c), once, behind the last exchange. False: memory is short.
 */
bool cl_dns_list_link(struct cl_dns_list *l);

static inline struct cl_dnstx *cl_dns_tx(const struct cl_dns_list *l, size_t i)
{
	return cl_arena_at(&l->tx, i);
}

/* The name as it was sent, and its octets; NULL if it has none. Borrowed from the list. */
const uint8_t *cl_dns_sent_name(const struct cl_dns_list *l, const struct cl_dnstx *t, size_t *n);

/* The same folded. */
const uint8_t *cl_dns_folded_name(const struct cl_dns_list *l, const struct cl_dnstx *t, size_t *n);

/* Its options, or NULL. */
const struct cl_dnstx_options *cl_dns_tx_options(const struct cl_dns_list *l, const struct cl_dnstx *t);

/* A message's octets of an option; NULL if it has none. */
enum cl_dns_piece { CL_DNS_COOKIE_PIECE, CL_DNS_NSID_PIECE, CL_DNS_TEXT_PIECE, CL_DNS_OPTIONS_PIECE };
const uint8_t *cl_dns_piece(const struct cl_dns_list *l, const struct cl_dnstx_edns *e,
			    enum cl_dns_piece piece, size_t *n);

/* What became of a cookie (RFC 7873). */
enum cl_cookie_state {
	CL_COOKIE_ABSENT,     /* in neither message */
	CL_COOKIE_UNANSWERED, /* sent; no response */
	CL_COOKIE_IGNORED,    /* sent; the response has none */
	CL_COOKIE_ECHOED,     /* the response has the client's part alone */
	CL_COOKIE_NEW,	      /* client's part alone, and the server gave its part */
	CL_COOKIE_RETURNED,   /* the client sent a server's part, and the response has the same */
	CL_COOKIE_CHANGED,    /* and the response has another one */
	CL_COOKIE_BAD,	      /* BADCOOKIE: the server asks for the one that it gives now */
	CL_COOKIE_MISMATCH,   /* the response does not have the client's part */
	CL_COOKIE_STATES
};
enum cl_cookie_state cl_dns_cookie_state(const struct cl_dns_list *l, const struct cl_dnstx *t);

/* What became of the two cookies; of the messages alone. Lengths 0: none. */
enum cl_cookie_state cl_cookie_state(const uint8_t *query, size_t nq, const uint8_t *response, size_t nr,
				     bool answered, uint16_t rcode);

/* Packets and octets of DNS messages. Packets of TCP are the whole connection's, at its first transaction. */
uint64_t cl_dns_packets(const struct cl_dns_list *l, const struct cl_dnstx *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_NTS_H
#define CL_STATS_NTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/hist.h"

/*
 * Network Time Security (RFC 8915) as it shows on the wire: handshakes, who uses it, cookies, and what
 * clients say by them of answers that never came; beside it what else authenticates NTP packets. Requests
 * with NTS are those of clientele(1), DEFINITIONS. What is encrypted (the cookies of answers, which
 * algorithms were agreed) and whether anything verifies is not seen.
 */

/**
 * X(name, what it counts): of a server, or of all. A request is answered by the first response matched to it.
 * Placeholders: as many as answers that the client lacks since it last got one (RFC 8915 sec. 5.7); where
 * their number rises from one request of a client to the next, the client lacks the answer to the former.
 */
#define CL_NTS_COUNTS(X)                                                                                     \
	X(requests, "NTP requests, with NTS or not")                                                         \
	X(nts, "requests with NTS")                                                                          \
	X(answered, "of these, answered, a kiss included")                                                   \
	X(unanswered, "of these, not answered within the timeout")                                           \
	X(naks, "NTSN kisses: answered, the cookie was refused (sec. 5.7)")                                  \
	X(echoed, "answers with the request's unique identifier (sec. 5.3)")                                 \
	X(not_echoed, "answers without an identifier to requests with one")                                  \
	X(unknown_echo, "responses with an identifier that match no request")                                \
	X(larger, "answers to NTS requests that are longer than the request")                                \
	X(plain_answers, "answers to NTS requests that carry neither NTS nor an NTSN kiss")                  \
	X(clear_cookies, "answers with a cookie in the clear (sec. 5.7 wants them encrypted)")               \
	X(asked, "cookies asked for by answered requests: one, and one a placeholder; kisses left out")      \
	X(fit, "cookies as long as the request's that fit into the answers to them, at most")                \
	X(full, "of these answers, those into which exactly as many fit as were asked for")                  \
	X(fewer, "of these, those into which fewer fit")                                                     \
	X(more, "of these, those into which more fit")                                                       \
	X(cookies, "different cookies sent")                                                                 \
	X(reused, "requests with a cookie that the same client had sent in another request")                 \
	X(moved, "requests with a cookie that another address had sent in another request")                  \
	X(copies, "requests seen again: cookie and identifier are those of one before")                      \
	X(lost, "answers that clients lack, by their placeholders")                                          \
	X(lost_back, "of these, that were seen on their way")                                                \
	X(arrived, "answers seen on their way that clients have, by their placeholders")                     \
	X(untold, "answers seen of which the next request does not tell, or that no request followed")

struct cl_nts_count {
#define X(name, doc) uint64_t name;
	CL_NTS_COUNTS(X)
#undef X
};

struct cl_nts_server {
	struct cl_addr addr;
	uint64_t clients, nts_clients; /* unique source addresses of requests */
	struct cl_nts_count n;
};

/* Requests of one kind: CL_NTP_AUTHS of them. */
struct cl_nts_kind {
	uint64_t requests, clients, answered, unanswered;
	uint64_t alike;	      /* answers authenticated in the same way */
	uint64_t crypto_naks; /* answers that are crypto-NAKs (RFC 5905 sec. 9.2) */
};

/* Of MAC and Autokey by key; `key_id` is 0 for Autokey, whose session keys are of one use. */
struct cl_nts_key {
	uint8_t auth; /* enum cl_ntp_auth */
	bool other;   /* those beyond the limit, together */
	uint16_t digest;
	uint32_t key_id;
	struct cl_nts_kind n;
};

/* Requests by authentication and length. */
struct cl_nts_length {
	uint8_t auth;
	bool other; /* those beyond the limit, together */
	uint16_t length;
	uint64_t requests, answered, unanswered, larger;
	uint64_t told, lost; /* of answered ones: of which the client told, and that it lacks */
};

/* Extension fields by type and length. */
struct cl_nts_field {
	bool response, other;
	uint16_t type, length; /* with its header */
	uint64_t fields;
};

/* NTS-KE (sec. 4) by server and port: TCP connections that offer ntske/1, or are to its port (4460). */
struct cl_nts_ke {
	struct cl_addr addr;
	uint16_t port;
	uint32_t number; /* its place before they were sorted: names say it */
	uint64_t connections;
	uint64_t shaken;	 /* with a TLS ServerHello: what follows is encrypted */
	uint64_t refused;	 /* failed: the port is closed */
	uint64_t silent;	 /* failed: no answer to the SYN */
	uint64_t no_hello;	 /* failed: opened, and no ServerHello came */
	uint64_t cut;		 /* began before the capture, or ServerHello not seen for that: neither */
	struct cl_hist setup;	 /* from the first SYN to the ServerHello */
	struct cl_hist duration; /* from the first SYN to the first FIN or RST */
	uint64_t clients;	 /* unique */
};

#define CL_NTS_NAME_MAX 64u /* octets of a name that are kept */
struct cl_nts_name {
	uint32_t ke; /* `number` of its server */
	uint8_t sni_length, alpn_length;
	char sni[CL_NTS_NAME_MAX], alpn[CL_NTS_NAME_MAX]; /* as sent, no NUL; cut */
	uint64_t connections;
};

/* Limits; what goes beyond is counted in struct cl_nts_refused, or in rows `other`. */
#define CL_NTS_SERVERS_MAX 65536u
#define CL_NTS_CLIENTS_MAX (UINT32_C(1) << 21)
#define CL_NTS_PAIRS_MAX   (UINT32_C(1) << 22)
#define CL_NTS_COOKIES_MAX (UINT32_C(1) << 22)
#define CL_NTS_KEYS_MAX	   1024u
#define CL_NTS_LENGTHS_MAX 512u
#define CL_NTS_FIELDS_MAX  1024u
#define CL_NTS_KE_MAX	   4096u
#define CL_NTS_NAMES_MAX   4096u

struct cl_nts_refused {
	uint64_t requests; /* of servers or clients for which there was no room; they are in sums alone */
	uint64_t cookies;  /* that are not compared with later ones */
	uint64_t names, connections;
};

/* Of all. */
struct cl_nts_totals {
	struct cl_nts_count n;
	uint64_t clients, nts_clients;
	uint64_t reusing_clients; /* that reused a cookie */
	struct cl_nts_kind kind[CL_NTP_AUTHS];
	uint64_t ke_clients;   /* unique, of shaken handshakes */
	uint64_t ke_followed;  /* shaken handshakes after which the client sent NTS requests */
	uint64_t nts_without;  /* NTS clients without a handshake before their first NTS request */
	struct cl_hist to_ntp; /* from the end of a handshake's connection to the client's next NTS request */
};

/* Opaque. */
struct cl_nts;

/* NULL when memory is short. Free with cl_nts_free; NULL is accepted there. */
struct cl_nts *cl_nts_new(uint64_t seed);
void cl_nts_free(struct cl_nts *n);

/* A cl_exchange_fn: takes NTP exchanges and connections. */
void cl_nts_take(void *n, const struct cl_exchange *x);

/* Cookies of `body` octets that fit into an authenticator field of `length` with its header, at most: with
 * the shortest nonce and tag of the algorithms registered, 12 and 16 octets (RFC 8452), and no padding. */
uint64_t cl_nts_cookies_fit(uint32_t length, uint32_t body);

/* Results, once all was taken; borrowed. ---------------------------------------------- */

const struct cl_nts_totals *cl_nts_totals(struct cl_nts *n);
struct cl_nts_refused cl_nts_refused(const struct cl_nts *n);

/* Sorts them: servers by NTS requests, then by requests; keys and lengths by kind, then by requests or
 * length; fields requests first, by type and length; NTS-KE by connections, names the same. */
const struct cl_nts_server *cl_nts_servers(struct cl_nts *n, size_t *count);
const struct cl_nts_key *cl_nts_keys(struct cl_nts *n, size_t *count);
const struct cl_nts_length *cl_nts_lengths(struct cl_nts *n, size_t *count);
const struct cl_nts_field *cl_nts_fields(struct cl_nts *n, size_t *count);
const struct cl_nts_ke *cl_nts_ke(struct cl_nts *n, size_t *count);

const struct cl_nts_name *cl_nts_names(struct cl_nts *n, size_t *count); /* by `ke` first */

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ICMPQUOTE_H
#define CL_STATS_ICMPQUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/hist.h"

/*
 * ICMP errors held against the messages that they quote: which response drew each, how long after it, and
 * what became of its client. A matched quote is a response that left at most a minute before, with the quoted
 * addresses and ports and, as far as quoted and known, octets (stats/exchange/sent.h).
 */

/* Errors of one type and code, or of a family. */
struct cl_quote_count {
	uint64_t errors;
	uint64_t matched;  /* the quoted response was seen */
	uint64_t several;  /* of these, several responses agree: such have no times */
	uint64_t repeated; /* of these, the response had drawn an error before */
	uint64_t altered;  /* of the others, a response had these addresses and ports, but other octets */
	uint64_t about_request; /* of the others, a request is quoted */
	uint64_t request_seen;	/* of these, it was seen */
};

struct cl_quote_kind {
	uint8_t family, type, code;
	struct cl_quote_count count;
	struct cl_hist round_trip; /* from the response to the error */
	struct cl_hist delta;	   /* of the exchange, from request to response */
};

/* Durations by class: class i is [edge i, edge i + 1), the first from 0, the last open. */
#define CL_QUOTE_CLASSES 12u
extern const int64_t cl_quote_edges_ns[CL_QUOTE_CLASSES];

/**
 * Port unreachable, sent by the client itself (no tables of routers hide behind it), the first about a
 * response, with one response that agrees. `wait` is the time from request to error, both at the place of
 * capture: as long as the client had waited when the response reached it, whatever the way there and back.
 */
struct cl_quote_closed {
	struct cl_hist wait;
	uint64_t by_wait[CL_QUOTE_CLASSES];
	uint64_t by_delta[CL_QUOTE_CLASSES], exchanges[CL_QUOTE_CLASSES]; /* of all answered requests */
	/* of clients that sent any, by the shortest time from response to error of each: */
	uint64_t clients[CL_QUOTE_CLASSES], errors[CL_QUOTE_CLASSES], responses[CL_QUOTE_CLASSES];
};

/* What became of clients with a matched quote. */
struct cl_quote_clients {
	uint64_t affected;
	uint64_t last;	      /* of these, the first error came in the last CL_QUOTE_LAST_NS that were seen */
	uint64_t back;	      /* asked again after their first error */
	uint64_t requests;    /* of these, after it */
	uint64_t never;	      /* each response that they were sent drew an error */
	uint64_t never_back;  /* of these, asked again */
	uint64_t not_counted; /* messages of clients beyond CL_QUOTE_CLIENTS_MAX */
};
#define CL_QUOTE_LAST_NS     INT64_C(1024000000000) /* the longest poll interval of most clients, 2^10 s */
#define CL_QUOTE_CLIENTS_MAX (1u << 20)

/* A network whose messages ran out of hops (RFC 792 type 11, RFC 4443 sec. 3.3; code 0). */
#define CL_QUOTE_ROUTERS      4u
#define CL_QUOTE_NETWORKS_MAX 4096u
#define CL_QUOTE_LOOP_HOPS    32u /* more than ways through the Internet have */
struct cl_quote_network {
	struct cl_addr addr; /* of its /48 or /24 */
	struct cl_addr router[CL_QUOTE_ROUTERS];
	uint64_t errors, clients;
	int64_t first_ns, last_ns;
	uint32_t routers;	    /* that are in `router` */
	bool more;		    /* others sent errors as well */
	uint8_t ttl_min, ttl_max;   /* as quoted */
	uint8_t hops_min, hops_max; /* from here to where it ran out, of matched quotes */
	bool hops_known;
};

/* An error, for lists. Times in nanoseconds; -1: not known. */
struct cl_quote_error {
	uint64_t number; /* in the order in which they came */
	int64_t time_ns, round_trip_ns, delta_ns;
	uint64_t frame, response_frame, request_frame; /* 0: none */
	uint32_t file, response_file, request_file;
	struct cl_addr sender, client, server;
	uint64_t requests; /* of its client, in all that was seen */
	uint8_t family, type, code;
	bool about_request;
};

/* Opaque. */
struct cl_icmpquote;

struct cl_icmpquote_config {
	size_t messages; /* that may have been sent in the last minute: 128 octets each */
	size_t list;	 /* errors in each list, at most */
	uint64_t seed;
};

/* NULL when memory is short. */
struct cl_icmpquote *cl_icmpquote_new(const struct cl_icmpquote_config *config);
void cl_icmpquote_free(struct cl_icmpquote *q);

/* A cl_exchange_fn: takes NTP, DNS, control and ICMP exchanges. */
void cl_icmpquote_take(void *q, const struct cl_exchange *x);

/* Results; once all was taken. ------------------------------------------------- */

/* Whether memory was short at any time: then the figures are none. */
bool cl_icmpquote_failed(const struct cl_icmpquote *q);

/* Sums; family 4 or 6. */
struct cl_quote_count cl_icmpquote_count(const struct cl_icmpquote *q, uint8_t family);

/* NULL if there was none of it. */
const struct cl_quote_kind *cl_icmpquote_kind(const struct cl_icmpquote *q, uint8_t family, uint8_t type,
					      uint8_t code);

/* Both look at every client. */
const struct cl_quote_closed *cl_icmpquote_closed(struct cl_icmpquote *q);
struct cl_quote_clients cl_icmpquote_clients(const struct cl_icmpquote *q);

/* The networks with most errors first, of equals by address; sorts them. */
const struct cl_quote_network *cl_icmpquote_networks(struct cl_icmpquote *q, size_t *count);

/* Messages that gave way before a minute had passed, searches given up, networks not listed. */
struct cl_quote_losses {
	uint64_t messages, searches, networks;
};
struct cl_quote_losses cl_icmpquote_losses(const struct cl_icmpquote *q);

/* Errors about responses: those with the longest round trips, longest first; the latest without a match,
 * latest first. Sorted and filled in when asked. */
const struct cl_quote_error *cl_icmpquote_slowest(struct cl_icmpquote *q, size_t *count);
const struct cl_quote_error *cl_icmpquote_unmatched(struct cl_icmpquote *q, size_t *count);

#endif

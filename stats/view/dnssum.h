/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DNSSUM_H
#define CL_STATS_DNSSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/arena.h"
#include "stats/table/countmap.h"
#include "stats/table/hist.h"
#include "stats/table/index.h"
#include "stats/view/dnslist.h"

/* Sums over DNS transactions, taken as they come: also of those that no list has room for. */

#define CL_DNS_CLIENTS_MAX 4000000u
#define CL_DNS_KEYS_MAX	   4096u /* different ones of each table of counts */

/* What a client has done (cl_dns_client.did). */
#define CL_DID_EDNS   0x01u
#define CL_DID_DO     0x02u
#define CL_DID_COOKIE 0x04u
#define CL_DID_RETURN 0x08u /* sent a server's cookie */
#define CL_DID_ECS    0x10u
#define CL_DID_TCP    0x20u
#define CL_DID_RD     0x40u
#define CL_DIDS	      7u

/* Over UDP, or over TCP. */
struct cl_dns_via {
	uint64_t queries, responses, matched, truncated, fragmented;
	struct cl_hist query_bytes, response_bytes; /* octets, not nanoseconds */
	struct cl_hist delta;			    /* of matched ones */
};

struct cl_dns_sum {
	struct cl_dns_via via[2];  /* TCP the second */
	struct cl_countmap rcodes; /* qtype << 16 | rcode, of responses */
	struct cl_countmap sizes;  /* of OPT records, of queries over UDP */
	struct cl_countmap ecs;	   /* family << 16 | source prefix length, of queries */
	struct cl_countmap scopes; /* family << 16 | scope, of responses */
	struct cl_countmap errors; /* extended errors, of responses */
	uint64_t cookies[CL_COOKIE_STATES];
	uint64_t edns, with_do, with_ecs, with_cookie, rd, cd, ad; /* of queries */
	uint64_t aa, authentic, ra;				   /* of responses: AA, AD, RA */
	uint64_t secure;					   /* AD, the query had DO or AD */
	uint64_t unanswered, open_at_end, given_up;
	uint64_t late, duplicates, backwards, bogus;
	struct cl_arena clients;
	struct cl_index by_client;
	bool has_clients;
	uint64_t did[CL_DIDS]; /* clients, by place of the bit */
	uint64_t uncounted;    /* queries of clients beyond the limit */
	uint64_t seed;
	bool failed; /* memory was short for a distribution */
};

bool cl_dns_sum_init(struct cl_dns_sum *s, uint64_t seed);
void cl_dns_sum_free(struct cl_dns_sum *s);

/* Takes DNS exchanges. */
void cl_dns_sum_take(struct cl_dns_sum *s, const struct cl_exchange *x);

/* Counted at the end, over what a list holds. */
struct cl_dns_found {
	uint64_t retries;      /* queries over UDP that repeat one without an answer yet */
	uint64_t retried;      /* queries that were repeated so, each once */
	uint64_t why[CL_WHYS]; /* of unanswered queries and truncated answers */
	uint64_t open_at_end;  /* unanswered without a reason: the capture ended too early */
	uint64_t given_up;
	uint64_t backwards;	 /* queries whose response was captured before them */
	uint64_t truncated, tcp; /* truncated answers with a query, and those asked again over TCP */
	uint64_t undelivered;	 /* answered, and an ICMP error says that the response did not arrive */
};
/* False: memory is short. */
bool cl_dns_find(const struct cl_dns_list *l, struct cl_dns_found *f);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SENT_H
#define CL_STATS_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/* How long before an ICMP error what it quotes may have been sent (clientele(1), DEFINITIONS). */
#define CL_SENT_NS INT64_C(60000000000)

/* Octets of a message that are compared with a quote: all of an NTP header. */
#define CL_SENT_HEAD 48u

/* Messages of one pair of ports that a search looks at. */
#define CL_SENT_STEPS 1024u

/* A message of an exchange, as an ICMP error may quote it. */
struct cl_sent_message {
	uint64_t key;		  /* hash of addresses, ports and protocol */
	int64_t time_ns, told_ns; /* its own; and that of its exchange's first message */
	int64_t request_ns;	  /* of the request that it answers, if request_frame is not 0 */
	uint64_t frame, request_frame;
	uint32_t file, request_file;
	uint64_t known; /* a bit for each octet of `head` that is known, the lowest for the first */
	uint8_t head[CL_SENT_HEAD];
	uint32_t older; /* number of the message before it in its chain, its low bits */
	uint8_t ttl;	/* as it was captured; 0: not known */
	bool response;
	bool drew; /* an error has quoted it */
};

/**
 * The messages of the last minute, in the order in which they are told. A ring that grows up to `limit`
 * messages of 128 octets; then the oldest give way before their time, which `given_up` counts. Opaque.
 */
struct cl_sent;

/* `limit` is rounded down to a power of two, 16 at least; `seed`: of hashes. NULL when memory is short. */
struct cl_sent *cl_sent_new(size_t limit, uint64_t seed);
void cl_sent_free(struct cl_sent *r);

/* The messages of an NTP, DNS or control exchange. */
void cl_sent_add(struct cl_sent *r, const struct cl_exchange *x);

/* What a search for the message that an error quotes found. */
struct cl_sent_found {
	struct cl_sent_message *message; /* the latest that agrees, sent at most a minute before; or NULL */
	bool several;			 /* others agree as well: the quote is too short to tell */
	bool ports_agree;		 /* there was one with these addresses and ports, and other octets */
	bool gave_up;			 /* more messages than CL_SENT_STEPS */
};

/* `error` is the message of an exchange of kind CL_X_ICMP. */
struct cl_sent_found cl_sent_find(struct cl_sent *r, const struct cl_message *error);

uint64_t cl_sent_given_up(const struct cl_sent *r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SOFTWARE_H
#define CL_STATS_SOFTWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/view/signatures.h"

/**
 * Which software asks: each client's last 16 NTP requests are held against the rows of signatures, and vote.
 * Packets that one row of a scanner or an attack proves, and messages of modes 6 and 7, are kept apart by
 * source. Opaque. 64 octets a client, and what it takes to find it.
 */
struct cl_software;

/* What it keeps at most; 0: the defaults (2^22 clients, 2^23 pairs of client and server, 2^20 sources). */
struct cl_software_limits {
	size_t clients, pairs, sources;
};

/* The signatures are borrowed. NULL when memory is short. */
struct cl_software *cl_software_new(const struct cl_signatures *sigs, uint64_t seed,
				    const struct cl_software_limits *limits);
void cl_software_free(struct cl_software *s); /* NULL is accepted */

/* Takes exchanges of the kinds CL_X_NTP and CL_X_CONTROL, in their order; others are overlooked. */
void cl_software_take(struct cl_software *s, const struct cl_exchange *x);

#define CL_SOFTWARE_KINDS (CL_X_BIT(CL_X_NTP) | CL_X_BIT(CL_X_CONTROL))

/* Results: the first call of any of these counts the votes; nothing may be taken after it. ---- */

/* Clients for which the same was found. */
struct cl_software_group {
	const char *name; /* "A or B" if several rows fit, "A and B" if it runs several; or unknown:HASH */
	const char *versions;  /* NULL: not known */
	const char *signature; /* the signature string of most requests of one of them */
	bool ambiguous, unknown;
	uint8_t kind; /* enum cl_sig_kind */
	uint64_t clients4, clients6, requests;
	uint64_t confidence[CL_SIG_CONFIDENCES]; /* clients */
};

/* By clients, then requests, then name. NULL past the last, and when memory is short. */
const struct cl_software_group *cl_software_group(struct cl_software *s, size_t i);

/* A client: what it was found to be, and how sure that is. */
struct cl_software_client {
	struct cl_addr addr;
	const struct cl_software_group *group;
	const char *versions; /* borrowed until the next call */
	uint64_t requests;    /* at most 2^32 - 1 are counted */
	uint8_t confidence;   /* enum cl_sig_confidence */
	uint8_t voted;	      /* of its requests: 1 to 16 */
	char signature[64];
};

/* The i-th by requests, then address, of those that ask most: at most `n` can be asked for, and each call
 * with another n sorts again. False past the last. */
bool cl_software_top(struct cl_software *s, size_t n, size_t i, struct cl_software_client *out);

/* A name for a client, borrowed; NULL if it is not known. */
const char *cl_software_of(struct cl_software *s, const struct cl_addr *client);

/* Clients of a group that asked a server. */
struct cl_software_share {
	struct cl_addr server;
	const struct cl_software_group *group;
	uint64_t clients, requests;
};

/* By server's address, then clients, requests, name. NULL past the last. */
const struct cl_software_share *cl_software_share(struct cl_software *s, size_t i);

/* Who is no client, by name of scanner, attack or tool. */
struct cl_software_apart {
	const char *name;
	uint8_t kind, confidence;
	uint64_t sources, sources4, packets, octets, answers, answered_octets; /* of UDP's payload */
	int64_t first_ns, last_ns;
	uint32_t peak;	/* most packets of one source in one second of the clock */
	bool unweighed; /* of some only their number is known: seen to be such when all was over */
};

/* By packets, then name. NULL past the last. */
const struct cl_software_apart *cl_software_apart(struct cl_software *s, size_t i);

struct cl_software_totals {
	uint64_t clients, clients4, clients6, requests;
	uint64_t given_up;	 /* requests of clients, or packets of sources, that found no room */
	uint64_t pairs_given_up; /* requests that are missing by server */
	uint64_t unasked;	 /* answers of modes 6 and 7 to an address that did not ask */
};
void cl_software_totals(struct cl_software *s, struct cl_software_totals *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ITHI_H
#define CL_STATS_ITHI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"
#include "stats/table/keyed.h"

/* What ICANN's Identifier Technology Health Indicators ask of single DNS messages: which clients use what,
 * and how often each asks for the same top-level domain again. Malformed messages count nowhere. */

#define CL_ITHI_OPTIONS 64u /* codes of EDNS options that are told apart: below */

enum cl_ithi_use { CL_ITHI_EDNS, CL_ITHI_DO, CL_ITHI_RD, CL_ITHI_USES };

/* Responses without an error, or NXDOMAIN: the first one of a client and top-level domain, and further ones.
 */
struct cl_ithi_pairs {
	uint64_t first, further;
};

struct cl_ithi {
	struct cl_keyed clients,
		pairs; /* pairs: of a client, a top-level domain (its hash) and NXDOMAIN or not */
	uint64_t seed;
	uint64_t queries;
	uint64_t rcode0, rcode3;      /* messages with them, queries too */
	uint64_t users[CL_ITHI_USES]; /* clients that did so at least once */
	uint64_t option_users[CL_ITHI_OPTIONS], option_queries[CL_ITHI_OPTIONS];
	struct cl_ithi_pairs found, missing; /* NOERROR, NXDOMAIN */
	uint64_t refused;		     /* messages whose client or pair found no room */
	uint64_t beyond; /* options of codes beyond, or beyond those that a message lists */
};

/* False when memory is short; cl_ithi_free takes it all the same. At most `limit` clients, and pairs; 0:
 * 2^22. */
bool cl_ithi_init(struct cl_ithi *h, size_t limit, uint64_t seed);
void cl_ithi_free(struct cl_ithi *h);

/* Takes a DNS exchange; others are overlooked. */
void cl_ithi_take(struct cl_ithi *h, const struct cl_exchange *x);

static inline size_t cl_ithi_clients(const struct cl_ithi *h)
{
	return cl_keyed_count(&h->clients);
}

#endif

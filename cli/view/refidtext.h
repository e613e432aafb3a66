/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_REFIDTEXT_H
#define CL_CLI_REFIDTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/exchange/exchange.h"

/*
 * Reference identifiers in words (RFC 5905 sec. 7.3). Those of IPv6 servers are hashes: found among the
 * addresses that were seen, servers first.
 */

/* Opaque. */
struct cl_refidtext;

struct cl_refidtext *cl_refidtext_new(uint64_t seed); /* NULL when memory is short */
void cl_refidtext_free(struct cl_refidtext *r);	      /* NULL is accepted */

/* Sees the addresses of an exchange. */
void cl_refidtext_see(struct cl_refidtext *r, const struct cl_exchange *x);

/* IPv6 addresses for which there was no room. */
uint64_t cl_refidtext_refused(const struct cl_refidtext *r);

#define CL_REFIDTEXT_LEN 16

/* A code's letters, or else four numbers as of an IPv4 address. True: it is a code. */
bool cl_refidtext_format(uint32_t refid, uint8_t mode, uint8_t stratum, char out[CL_REFIDTEXT_LEN]);

#define CL_REFIDMEANS_LEN 80

/* What it stands for; false: for nothing but itself. `r` NULL: no address was seen. */
bool cl_refidtext_means(const struct cl_refidtext *r, uint32_t refid, uint8_t mode, uint8_t stratum,
			char out[CL_REFIDMEANS_LEN]);

/* Whether it stands for that server. */
bool cl_refidtext_is(const struct cl_refidtext *r, uint32_t refid, uint8_t stratum,
		     const struct cl_addr *server);

/* Leap indicator in the words of ntpdig: no-leap, add-leap, del-leap, unsync. */
const char *cl_leap_text(unsigned leap);

#endif

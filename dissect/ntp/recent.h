/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_RECENT_H
#define CL_DISSECT_NTP_RECENT_H

#include <stdbool.h>
#include <stdint.h>

/* Requests that an answer can only be understood by. A newer one takes the place of an older one with the
 * same remainder, so that what is remembered stays bounded. */
#define CL_NTP_RECENT 4096u

struct cl_ntp_recent {
	uint64_t ms[CL_NTP_RECENT]; /* transmit stamps of MS-SNTP requests; 0: free */
	struct {
		uint64_t uid; /* hash of the unique identifier */
		uint32_t length;
	} nts[CL_NTP_RECENT]; /* requests with NTS; length 0: free */
};

static inline void cl_ntp_recent_ms(struct cl_ntp_recent *r, uint64_t xmt)
{
	r->ms[xmt % CL_NTP_RECENT] = xmt;
}

/* Whether an answer with this origin stamp is to a request of MS-SNTP. */
static inline bool cl_ntp_recent_is_ms(const struct cl_ntp_recent *r, uint64_t org)
{
	return org != 0 && r->ms[org % CL_NTP_RECENT] == org;
}

static inline void cl_ntp_recent_nts(struct cl_ntp_recent *r, uint64_t uid, uint32_t length)
{
	r->nts[uid % CL_NTP_RECENT].uid = uid;
	r->nts[uid % CL_NTP_RECENT].length = length;
}

/* Octets of the request with this identifier; 0 if it is not known. */
static inline uint32_t cl_ntp_recent_length(const struct cl_ntp_recent *r, uint64_t uid)
{
	return r->nts[uid % CL_NTP_RECENT].uid == uid ? r->nts[uid % CL_NTP_RECENT].length : 0;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_PLAUSIBLE_H
#define CL_DISSECT_DNS_PLAUSIBLE_H

#include "dissect/cursor.h"

/* Whether octets in the middle of a stream are a DNS message. */
enum cl_plausible {
	CL_PLAUSIBLE_NOT,
	CL_PLAUSIBLE_SO_FAR, /* nothing against it, and not all is here */
	CL_PLAUSIBLE_WHOLE,  /* nothing against it, and its length is here */
	CL_PLAUSIBLE_EXACT   /* its records end where its length says */
};

/**
 * Judges what begins at the cursor: the 2-octet length of RFC 1035 sec. 4.2.2 and a message behind it, of
 * which less may be here than that. `length` is set to the message's, without the two octets. Each record
 * looked at is taken off `budget`; without any left it is at best whole.
 */
enum cl_plausible cl_dns_plausible(struct cl_cur c, uint32_t *length, uint32_t *budget);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_TAIL_H
#define CL_DISSECT_NTP_TAIL_H

#include "dissect/cursor.h"

/* Extension field types (IANA ntp-parameters-3; RFC 8915 sec. 7.5). */
#define CL_NTP_EF_UNIQUE_ID  0x0104u
#define CL_NTP_EF_NTS_COOKIE 0x0204u
#define CL_NTP_EF_NTS_AUTH   0x0404u

/* What stands behind an NTP header, as counting needs it. */
struct cl_ntp_tail {
	struct cl_span uid; /* body of the first unique identifier; ptr NULL if there is none */
	unsigned fields;    /* extension fields */
	bool mac;	    /* message authentication code, crypto-NAK not */
	bool crypto_nak;
	bool nts_cookie, nts_auth;
	bool bad; /* fits no rule; what came before is kept */
};

/**
 * Tells extension fields from message authentication codes (RFC 7822 sec. 3; RFC 5905 sec. 7.3 and 9.2): the
 * test of the rest's length comes before any field is tried. `c` stands behind the header and ends with the
 * message.
 */
struct cl_ntp_tail cl_ntp_tail_read(struct cl_cur *c, unsigned version);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_TAIL_H
#define CL_DISSECT_NTP_TAIL_H

#include "dissect/anomaly.h"
#include "dissect/cursor.h"

/* Extension field types (IANA ntp-parameters-3; RFC 8915 sec. 7.5). */
#define CL_NTP_EF_UNIQUE_ID	  0x0104u
#define CL_NTP_EF_NTS_COOKIE	  0x0204u
#define CL_NTP_EF_NTS_PLACEHOLDER 0x0304u
#define CL_NTP_EF_NTS_AUTH	  0x0404u

/* What stands behind an NTP header, as counting needs it. */
struct cl_ntp_tail {
	struct cl_span uid; /* body of the first unique identifier; ptr NULL if there is none */
	unsigned fields;    /* extension fields */
	enum cl_anomaly why;
	bool mac; /* message authentication code, crypto-NAK not */
	bool crypto_nak;
	bool nts_cookie, nts_auth;
	bool bad; /* fits no rule: `why`; what came before is kept */
};

enum cl_ntp_part_kind {
	CL_NTP_PART_FIELD,
	CL_NTP_PART_MAC, /* key identifier and digest */
	CL_NTP_PART_NAK,
	CL_NTP_PART_BAD /* the rest, which fits no rule */
};

/* A part of the tail, in order. */
struct cl_ntp_part {
	enum cl_ntp_part_kind kind;
	uint16_t type; /* of a field */
	struct cl_cur
		octets; /* stands at its first octet, a field's type, and ends with it, without padding */
};

typedef void cl_ntp_part_fn(void *ctx, const struct cl_ntp_part *part);

/**
 * Tells extension fields from message authentication codes (RFC 7822 sec. 3; RFC 5905 sec. 7.3 and 9.2): the
 * test of the rest's length comes before any field is tried. `c` stands behind the header and ends with the
 * message. `fn` (NULL: nobody) gets each part.
 */
struct cl_ntp_tail cl_ntp_tail_walk(struct cl_cur *c, unsigned version, cl_ntp_part_fn *fn, void *ctx);

static inline struct cl_ntp_tail cl_ntp_tail_read(struct cl_cur *c, unsigned version)
{
	return cl_ntp_tail_walk(c, version, NULL, NULL);
}

#endif

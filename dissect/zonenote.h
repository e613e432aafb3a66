/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ZONENOTE_H
#define CL_DISSECT_ZONENOTE_H

#include <stdint.h>

#include "dissect/addr.h"

/* What a note tells of a zone. */
enum cl_zone_what {
	CL_ZONE_NOTIFY, /* a NOTIFY request with the SOA (RFC 1996): dst is told of it */
	CL_ZONE_ANSWER, /* an authoritative answer with the SOA, as answer or authority: src has the serial */
	CL_ZONE_TRANSFER /* a message over TCP that may be one of an AXFR response (RFC 5936), from src */
};

/* Of CL_ZONE_TRANSFER. */
#define CL_ZONE_BEGINS                                                                                       \
	0x01u		   /* the question asks for AXFR, the first answer is the SOA: zone and serial hold */
#define CL_ZONE_ENDS 0x02u /* an error, or no answers */

/* All values but the name are copies; numbers in host byte order. */
struct cl_zone_note {
	int64_t time_ns;
	struct cl_addr src, dst;
	const uint8_t *zone;	      /* its name in wire form, lower case; borrowed */
	uint32_t serial;	      /* of the SOA */
	uint32_t soa_first, soa_last; /* of a transfer: as in struct cl_dns */
	uint32_t octets;	      /* of the message, without TCP's two of length */
	uint32_t connection;	      /* number of the TCP connection */
	uint32_t gaps; /* messages of this side of it that did not follow the one before them */
	uint16_t id;
	uint8_t zone_octets;	      /* 1 (the root) to 255 */
	uint8_t what, bits, transfer; /* transfer: CL_DNS_XFR_ */
};

/* Takes a note; borrowed until it returns. Only of messages that are counted. */
typedef void (*cl_zone_fn)(void *ctx, const struct cl_zone_note *note);

#endif

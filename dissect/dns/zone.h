/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_ZONE_H
#define CL_DISSECT_DNS_ZONE_H

#include "dissect/packet.h"

#define CL_DNS_OPCODE_NOTIFY 4u

/* Whether a message that was read into `dns` may tell of a zone: NOTIFY, answers with authority if they are
 * asked for, and what comes over TCP. */
static inline bool cl_dns_tells_of_zone(const struct cl_pkt *p, const struct cl_dns *dns)
{
	const bool response = (dns->flags & 0x8000u) != 0, authority = (dns->flags & 0x0400u) != 0;

	if (dns->opcode != 0)
		return dns->opcode == CL_DNS_OPCODE_NOTIFY && !response;
	return response && ((dns->bits & CL_DNS_TCP) != 0 || (authority && *p->zones->answers));
}

/* Gives the message at p->cur on, as cl_pkt_message does, and then tells what it says of a zone. */
enum cl_next cl_dns_zone_message(struct cl_pkt *p);

#endif

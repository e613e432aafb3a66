/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_FRAGTELL_H
#define CL_DISSECT_FRAGTELL_H

#include "dissect/packet.h"

/* What the first fragment of a DNS datagram says of it, so that it can be told of should the others not come.
 */
struct cl_fragfirst {
	uint64_t frame;
	uint32_t file;
	uint16_t sport, dport, id; /* id: of the DNS header */
	bool known;		   /* it is of DNS, and the rest holds */
	bool response;
};

/* Looks at the octets of a fragment that is the first of its datagram, if notes are wanted. */
void cl_fragfirst_look(const struct cl_pkt *p, struct cl_span s, uint8_t proto, struct cl_fragfirst *out);

/* Gives on an event of kind CL_EV_PART, at the time of the datagram's first fragment. The packet's own event
 * stays as it is. */
void cl_fragfirst_tell(struct cl_pkt *p, const struct cl_fragfirst *first, const struct cl_addr *src,
		       const struct cl_addr *dst, int64_t time_ns);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMPv6 (RFC 4443). */
#include "dissect/icmp.h"

enum { UNREACHABLE = 1, PACKET_TOO_BIG = 2, TIME_EXCEEDED = 3, PARAMETER_PROBLEM = 4 };

/* RFC 4884 sec. 4: octet 4 counts the quote in units of 8. */
static uint32_t quote_length(const struct cl_icmp_head *h)
{
	return h->type == UNREACHABLE || h->type == TIME_EXCEEDED ? (h->rest >> 24) * 8 : 0;
}

enum cl_next cl_icmp6(struct cl_pkt *p)
{
	struct cl_icmp_head h;

	if (!cl_icmp_head(p, &h))
		return CL_NEXT_DONE;
	if (h.type >= UNREACHABLE && h.type <= PARAMETER_PROBLEM)
		return cl_icmp_error(p, &h, quote_length(&h), CL_NEXT_IP6);
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

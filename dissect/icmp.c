/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP (RFC 792). */
#include "dissect/icmp.h"

enum { UNREACHABLE = 3, SOURCE_QUENCH = 4, REDIRECT = 5, TIME_EXCEEDED = 11, PARAMETER_PROBLEM = 12 };

/* RFC 4884 sec. 4: octet 5 counts the quote in units of 4. */
static uint32_t quote_length(const struct cl_icmp_head *h)
{
	switch (h->type) {
	case UNREACHABLE:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return (h->rest >> 16 & 0xff) * 4;
	default:
		return 0;
	}
}

enum cl_next cl_icmp(struct cl_pkt *p)
{
	struct cl_icmp_head h;

	if (!cl_icmp_head(p, &h))
		return CL_NEXT_DONE;
	switch (h.type) {
	case UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return cl_icmp_error(p, &h, quote_length(&h), CL_NEXT_IP4);
	default:
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP (RFC 792) and ICMPv6 (RFC 4443). */
#include "dissect/packet.h"

static enum cl_next message(struct cl_pkt *p, bool error)
{
	if (p->cur.err != CL_OK)
		return cl_pkt_failed(p, &p->cur);
	if (error)
		return cl_pkt_undecoded(p, CL_UND_ICMP_ERROR, p->ip_version);
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

enum cl_next cl_icmp(struct cl_pkt *p)
{
	uint8_t type = cl_cur_u8(&p->cur);

	return message(p, type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

enum cl_next cl_icmp6(struct cl_pkt *p)
{
	uint8_t type = cl_cur_u8(&p->cur);

	return message(p, type >= 1 && type <= 4);
}

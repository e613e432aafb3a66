/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 (RFC 8200), and what IP carries. */
#include "dissect/ip.h"
#include "dissect/packet.h"

void cl_pkt_enclose(struct cl_pkt *p)
{
	struct cl_cur src = cl_cur_make(p->ev->src.b, 16, 16), dst = cl_cur_make(p->ev->dst.b, 16, 16);

	while (cl_cur_left(&src) > 0) {
		cl_pkt_within(p, cl_cur_u64(&src));
		cl_pkt_within(p, cl_cur_u64(&dst));
	}
}

enum cl_next cl_ip6(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	cl_ip_enter(p);
	uint32_t first = cl_cur_u32(c), payload = cl_cur_u16(c);
	p->proto = cl_cur_u8(c);
	cl_cur_skip(c, 1); /* hop limit */
	cl_cur_copy(c, p->ev->src.b, 16);
	cl_cur_copy(c, p->ev->dst.b, 16);
	if (c->err != CL_OK)
		return cl_pkt_failed(p, c);
	if (first >> 28 != 6)
		return cl_pkt_malformed(p, CL_ANOM_IPV6_BAD_VERSION);
	p->ip_version = 6;
	if (payload != 0) /* 0: a jumbogram (RFC 2675) or left to the sender's hardware */
		cl_cur_narrow(c, payload);
	return c->err == CL_OK ? CL_NEXT_IP_PROTO : cl_pkt_failed_by(p, c, CL_ANOM_IPV6_BAD_LENGTH);
}

enum cl_next cl_ip_proto(struct cl_pkt *p)
{
	if (p->proto == IP_UDP)
		return CL_NEXT_UDP;
	if (p->proto == IP_AH || (p->ip_version == 6 && cl_ip6_is_extension(p->proto)))
		return cl_ip6_extensions(p);
	switch (p->proto) {
	case IP_TCP:
		return CL_NEXT_TCP;
	case IP_ICMP:
		return CL_NEXT_ICMP;
	case IP_ICMP6:
		return CL_NEXT_ICMP6;
	case IP_GRE:
		return CL_NEXT_GRE;
	case IP_IPIP:
	case IP_IPV6:
		return cl_pkt_undecoded(p, CL_UND_IP_PROTO, p->proto);
	default:
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 and its extension headers (RFC 8200), and what IP carries. */
#include "dissect/packet.h"

/* Protocol numbers (IANA). */
enum {
	IP_HOPOPTS = 0,
	IP_ICMP = 1,
	IP_IPIP = 4,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_IPV6 = 41,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_GRE = 47,
	IP_AH = 51,
	IP_ICMP6 = 58,
	IP_DSTOPTS = 60,
	IP_L2TP = 115,
	IP_MOBILITY = 135,
	IP_MPLS = 137,
	IP_HIP = 139,
	IP_SHIM6 = 140
};

enum cl_next cl_ip6(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t first = cl_cur_u32(c), payload = cl_cur_u16(c);

	p->proto = cl_cur_u8(c);
	cl_cur_skip(c, 1); /* hop limit */
	cl_cur_copy(c, p->ev->src.b, 16);
	cl_cur_copy(c, p->ev->dst.b, 16);
	if (c->err != CL_OK)
		return cl_pkt_failed(p, c);
	if (first >> 28 != 6)
		return cl_pkt_fate(p, CL_FATE_MALFORMED);
	p->ip_version = 6;
	if (payload != 0) /* 0: a jumbogram (RFC 2675) or left to the sender's hardware */
		cl_cur_narrow(c, payload);
	return c->err == CL_OK ? CL_NEXT_IP_PROTO : cl_pkt_failed(p, c);
}

/* Walks the extension headers (each consumes 8 octets or more); false when the packet is done for. */
static bool skip_extensions(struct cl_pkt *p, struct cl_cur *c, bool *fragment)
{
	for (;;) {
		uint32_t next, length;

		switch (p->proto) {
		case IP_HOPOPTS:
		case IP_ROUTING:
		case IP_DSTOPTS:
		case IP_MOBILITY:
		case IP_HIP:
		case IP_SHIM6:
			next = cl_cur_u8(c);
			length = (cl_cur_u8(c) + 1u) * 8;
			break;
		case IP_AH: /* RFC 4302 sec. 2.2: in units of 4, minus 2 */
			next = cl_cur_u8(c);
			length = (cl_cur_u8(c) + 2u) * 4;
			break;
		case IP_FRAGMENT:
			next = cl_cur_u8(c);
			cl_cur_skip(c, 1);
			if ((cl_cur_u16(c) & 0xfff9) != 0) { /* not atomic (RFC 6946) */
				*fragment = true;
				p->proto = next;
				return c->err == CL_OK;
			}
			cl_cur_skip(c, 4);
			if (c->err != CL_OK)
				return false;
			p->proto = next;
			continue;
		default:
			return true;
		}
		cl_cur_skip(c, length - 2);
		if (c->err != CL_OK)
			return false;
		p->proto = next;
	}
}

enum cl_next cl_ip_proto(struct cl_pkt *p)
{
	bool fragment = false;

	if (p->proto == IP_UDP)
		return CL_NEXT_UDP;
	if (p->ip_version == 6 || p->proto == IP_AH) {
		if (!skip_extensions(p, &p->cur, &fragment))
			return cl_pkt_failed(p, &p->cur);
		if (fragment)
			cl_tunnel_in_fragment(p);
		if (fragment)
			return cl_pkt_undecoded(p, CL_UND_FRAGMENT, 6);
	}
	switch (p->proto) {
	case IP_UDP:
		return CL_NEXT_UDP;
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
		return cl_ip_in_ip(p);
	case IP_L2TP:
		return CL_NEXT_L2TP_IP;
	case IP_MPLS:
		return CL_NEXT_MPLS_OVER;
	default:
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
}

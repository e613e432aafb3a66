/* SPDX-License-Identifier: BSD-2-Clause */
/* What all tunnels share, and IP in IP (RFC 2003, RFC 2473, RFC 4213), which needs no more. */
#include "dissect/ip.h"
#include "dissect/packet.h"
#include "dissect/tunnelnotes.h"

_Static_assert(CL_FACT_TUNNEL_MPLS - CL_FACT_TUNNEL_6IN4 < 16, "a bit each in cl_pkt.tunnels");

void cl_tunnel_seen(struct cl_pkt *p, enum cl_fact kind)
{
	const uint32_t bit = 1u << (kind - CL_FACT_TUNNEL_6IN4);

	if (cl_pkt_quoted(p) || (p->tunnels & bit) != 0)
		return;
	p->tunnels = (uint16_t)(p->tunnels | bit);
	p->ledger->fact[kind]++;
}

void cl_tunnel_enter(struct cl_pkt *p, enum cl_fact kind)
{
	cl_tunnel_seen(p, kind);
	if (p->tunnel_notes != NULL)
		cl_tunnel_note_enter(p, kind);
	if (p->note != NULL && !cl_pkt_quoted(p))
		p->note->tunnel = (uint8_t)(1 + kind - CL_FACT_TUNNEL_6IN4);
	p->flags |= CL_LF_TUNNELLED;
	p->layers++;
}

void cl_pkt_note_outer(struct cl_pkt *p)
{
	static const struct cl_addr none;

	if (cl_pkt_quoted(p) || (p->flags & CL_LF_TUNNELLED) == 0 ||
	    memcmp(&p->note->outer_src, &none, sizeof none) != 0)
		return;
	p->note->outer_src = p->ev->src;
	p->note->outer_dst = p->ev->dst;
}

enum cl_fact cl_tunnel_kind(const struct cl_pkt *p)
{
	if (p->proto == IP_IPV6)
		return p->ip_version == 4 ? CL_FACT_TUNNEL_6IN4 : CL_FACT_TUNNEL_6IN6;
	return p->ip_version == 4 ? CL_FACT_TUNNEL_4IN4 : CL_FACT_TUNNEL_4IN6;
}

void cl_tunnel_in_fragment(struct cl_pkt *p)
{
	if (p->tunnel_notes != NULL)
		cl_tunnel_note_fragment(p);
	if (p->proto == IP_IPIP || p->proto == IP_IPV6)
		cl_tunnel_seen(p, cl_tunnel_kind(p));
}

enum cl_next cl_ip_in_ip(struct cl_pkt *p)
{
	cl_tunnel_enter(p, cl_tunnel_kind(p));
	return p->proto == IP_IPV6 ? CL_NEXT_IP6 : CL_NEXT_IP4;
}

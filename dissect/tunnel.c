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
	p->flags |= CL_LF_TUNNELLED;
	p->layers++;
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

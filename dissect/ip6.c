/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 (RFC 8200), and what IP carries. */
#include "dissect/ip.h"
#include "dissect/ntp/state.h"

#define ADDRESSES_AT 8u

static const struct cl_protocol ip6 = { "ipv6", "Internet Protocol Version 6" };

static const struct cl_header_row rows[] = {
	{ { "ipv6.version", "Version", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0xf0 },
	CL_ROWS(0, 2, 3),
	{ { "ipv6.tclass", "Traffic Class", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 4, 0x0ff00000 },
	{ { "ipv6.tclass.dscp", "Differentiated Services Codepoint", CL_V_UINT, CL_DEC, 0, cl_ip_dscp_name },
	  0,
	  4,
	  0x0fc00000 },
	{ { "ipv6.tclass.ecn", "Explicit Congestion Notification", CL_V_UINT, CL_DEC, 0, cl_ip_ecn_name },
	  0,
	  4,
	  0x00300000 },
	{ { "ipv6.flow", "Flow Label", CL_V_UINT, CL_HEX24, 0, NULL }, 0, 4, 0x000fffff },
	{ { "ipv6.plen", "Payload Length", CL_V_UINT, CL_DEC, 0, NULL }, 4, 2, 0 },
	CL_ROWS(6, 2, 2),
	{ { "ipv6.nxt", "Next Header", CL_V_UINT, CL_DEC, 0, cl_ip_proto_name }, 6, 1, 0 },
	{ { "ipv6.hlim", "Hop Limit", CL_V_UINT, CL_DEC, 0, NULL }, 7, 1, 0 },
	{ { "ipv6.src", "Source Address", CL_V_IP6, CL_DEC, 0, NULL }, 8, 16, 0 },
	{ { "ipv6.dst", "Destination Address", CL_V_IP6, CL_DEC, 0, NULL }, 24, 16, 0 },
};

#define DERIVED(var, name, label, type)                                                                      \
	static const struct cl_field var = { name, label, type, CL_DEC, CL_FD_GENERATED, NULL }

DERIVED(src_mac, "ipv6.src_slaac_mac", "Source SLAAC MAC", CL_V_ETHER);
DERIVED(dst_mac, "ipv6.dst_slaac_mac", "Destination SLAAC MAC", CL_V_ETHER);
DERIVED(src_isatap, "ipv6.src_isatap_ipv4", "Source ISATAP IPv4", CL_V_IP4);
DERIVED(dst_isatap, "ipv6.dst_isatap_ipv4", "Destination ISATAP IPv4", CL_V_IP4);
DERIVED(src_6to4, "ipv6.src_6to4_gw_ipv4", "Source 6to4 Gateway IPv4", CL_V_IP4);
DERIVED(dst_6to4, "ipv6.dst_6to4_gw_ipv4", "Destination 6to4 Gateway IPv4", CL_V_IP4);
DERIVED(src_sla, "ipv6.src_6to4_sla_id", "Source 6to4 SLA ID", CL_V_UINT);
DERIVED(dst_sla, "ipv6.dst_6to4_sla_id", "Destination 6to4 SLA ID", CL_V_UINT);
DERIVED(src_server, "ipv6.src_ts_ipv4", "Source Teredo Server IPv4", CL_V_IP4);
DERIVED(dst_server, "ipv6.dst_ts_ipv4", "Destination Teredo Server IPv4", CL_V_IP4);
DERIVED(src_port, "ipv6.src_tc_port", "Source Teredo Port", CL_V_UINT);
DERIVED(dst_port, "ipv6.dst_tc_port", "Destination Teredo Port", CL_V_UINT);
DERIVED(src_client, "ipv6.src_tc_ipv4", "Source Teredo Client IPv4", CL_V_IP4);
DERIVED(dst_client, "ipv6.dst_tc_ipv4", "Destination Teredo Client IPv4", CL_V_IP4);
DERIVED(src_embedded, "ipv6.src_embed_ipv4", "Source Embedded IPv4", CL_V_IP4);
DERIVED(dst_embedded, "ipv6.dst_embed_ipv4", "Destination Embedded IPv4", CL_V_IP4);

/* What an address says of how it was made. */
struct derived {
	const struct cl_field *mac, *isatap, *gateway, *sla, *server, *port, *client, *embedded;
};

/* RFC 4291 app. A: ff:fe in the middle, and the universal bit turned. */
static void put_mac(struct cl_pkt *p, const struct cl_field *f, uint64_t identifier)
{
	uint8_t mac[6];

	if ((identifier >> 24 & 0xffff) != 0xfffe || (identifier >> 57 & 1) == 0)
		return;
	for (unsigned i = 0; i < 3; i++) {
		mac[i] = (uint8_t)(identifier >> (56 - 8 * i));
		mac[3 + i] = (uint8_t)(identifier >> (16 - 8 * i));
	}
	mac[0] ^= 2;
	cl_put_bytes(p->detail, f, cl_detail_keep(p->detail, mac, sizeof mac));
}

static void put_derived(struct cl_pkt *p, struct cl_cur c, const struct derived *f)
{
	uint64_t prefix = cl_cur_u64(&c), identifier = cl_cur_u64(&c);
	uint32_t low = (uint32_t)identifier;

	if (c.err != CL_OK || prefix >> 56 == 0xff)
		return;
	if (prefix >> 32 == 0x20010000) { /* Teredo (RFC 4380 sec. 4) */
		cl_put_uint(p->detail, f->server, prefix & 0xffffffff);
		cl_put_uint(p->detail, f->port, (~identifier >> 32) & 0xffff);
		cl_put_uint(p->detail, f->client, ~low);
		return;
	}
	if (prefix >> 48 == 0x2002) { /* 6to4 (RFC 3056 sec. 2) */
		cl_put_uint(p->detail, f->gateway, prefix >> 16 & 0xffffffff);
		cl_put_uint(p->detail, f->sla, prefix & 0xffff);
	}
	if (prefix == 0x0064ff9b00000000 && identifier >> 32 == 0) /* RFC 6052 sec. 2.1 */
		cl_put_uint(p->detail, f->embedded, low);
	else if ((identifier >> 32 & ~0x02000000ull) == 0x00005efe) /* RFC 5214 sec. 6.1 */
		cl_put_uint(p->detail, f->isatap, low);
	else
		put_mac(p, f->mac, identifier);
}

void cl_ip6_put(struct cl_pkt *p, struct cl_cur header)
{
	static const struct derived source = { &src_mac,    &src_isatap, &src_6to4,   &src_sla,
					       &src_server, &src_port,	 &src_client, &src_embedded };
	static const struct derived destination = { &dst_mac,	 &dst_isatap, &dst_6to4,   &dst_sla,
						    &dst_server, &dst_port,   &dst_client, &dst_embedded };
	struct cl_cur c = header;
	uint32_t version = cl_cur_peek(&c) >> 4;

	if (c.err != CL_OK)
		return;
	cl_pkt_layer(p, &ip6);
	cl_put_uint(p->detail, &cl_ip_version, version);
	if (version != 6)
		return;
	CL_PUT_HEADER(p->detail, header, rows);
	cl_cur_skip(&c, ADDRESSES_AT);
	put_derived(p, c, &source);
	cl_cur_skip(&c, 16);
	put_derived(p, c, &destination);
}

void cl_pkt_enclose(struct cl_pkt *p)
{
	struct cl_cur src = cl_cur_make(p->ev->src.b, 16, 16), dst = cl_cur_make(p->ev->dst.b, 16, 16);

	while (cl_cur_left(&src) > 0) {
		cl_pkt_within(p, cl_cur_u64(&src));
		cl_pkt_within(p, cl_cur_u64(&dst));
	}
}

enum cl_next cl_ip_proto_other(struct cl_pkt *p)
{
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
		return cl_ip_in_ip(p);
	case IP_L2TP:
		return CL_NEXT_L2TP_IP;
	case IP_MPLS:
		return CL_NEXT_MPLS_OVER;
	default:
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
}

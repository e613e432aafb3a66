/* SPDX-License-Identifier: BSD-2-Clause */
/* VXLAN (RFC 7348), with its group policy bits, and the generic protocol extension. */
#include "dissect/link.h"

#define VXLAN_HEADER 8u

static const struct cl_protocol vxlan = { "vxlan", "Virtual extensible LAN" };

static const struct cl_field vni_field = { "vxlan.vni", "Network identifier", CL_V_UINT, 0, 0, NULL },
			     reserved_field = { "vxlan.reserved8", "Reserved", CL_V_UINT, 0, 0, NULL },
			     flags_field = { "vxlan.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL },
			     unused_field = {
				     "vxlan.flags_reserved", "Reserved flags", CL_V_UINT, CL_HEX16, 0, NULL
			     };

/* The network identifier and what follows it, 4 octets into the header. */
static void put_network(struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	cl_cur_skip(&c, 4);
	uint32_t last = cl_cur_u32(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &vni_field, last >> 8);
	cl_put_uint(p->detail, &reserved_field, last & 0xff);
}

static void put_plain(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "vxlan.flag_g", "Group policy", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x8000 },
		{ { "vxlan.flag_i", "Network identifier valid", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x0800 },
		{ { "vxlan.flag_d", "Don't learn", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x0040 },
		{ { "vxlan.flag_a", "Policy applied", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x0008 },

		{ { "vxlan.gbp", "Group policy ID", CL_V_UINT, 0, 0, NULL }, 2, 2, 0 },
	};
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &vxlan);
	uint32_t flags = cl_cur_u16(&c);
	cl_put_uint(p->detail, &flags_field, flags);
	cl_put_uint(p->detail, &unused_field, flags & 0x77b7);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	put_network(p);
}

/* A port alone says little: the flag that makes the identifier valid has to be set, reserved ones must not.
 */
enum cl_next cl_vxlan(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	struct cl_cur peek = *c;
	uint32_t flags = cl_cur_u16(&peek);

	if (peek.err == CL_OK && ((flags & 0x0800) == 0 || (flags & 0x77b7) != 0))
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (peek.err == CL_EMALF)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (p->detail != NULL)
		put_plain(p);
	cl_cur_skip(c, VXLAN_HEADER);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_VXLAN);
	return CL_NEXT_ETHERNET;
}

static const char *next_name(uint64_t v)
{
	static const struct cl_name names[] = {
		{ 1, "IPv4" }, { 2, "IPv6" }, { 3, "Ethernet" }, { 4, "NSH" }, { 5, "MPLS" }
	};

	return cl_name_find(names, sizeof names / sizeof *names, v);
}

static void put_generic(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "vxlan.ver", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x30 },
		{ { "vxlan.i_bit", "Network identifier valid", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x08 },
		{ { "vxlan.p_bit", "Next protocol valid", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x04 },
		{ { "vxlan.o_bit", "Maintenance", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x01 },
		{ { "vxlan.reserved_16", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL }, 1, 2, 0 },
		{ { "vxlan.next_proto", "Next protocol", CL_V_UINT, 0, 0, next_name }, 3, 1, 0 },
	};
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &vxlan);
	uint32_t flags = cl_cur_u8(&c);
	cl_put_uint(p->detail, &flags_field, flags);
	cl_put_uint(p->detail, &unused_field, (flags & 0xc2) >> 1);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	put_network(p);
}

/* draft-ietf-nvo3-vxlan-gpe-12 sec. 3: as VXLAN, but any protocol may follow. */
enum cl_next cl_vxlan_gpe(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	struct cl_cur peek = *c;
	uint32_t flags = cl_cur_u8(&peek);

	cl_cur_skip(&peek, 2);
	uint32_t next = cl_cur_u8(&peek);
	if (peek.err == CL_EMALF || (peek.err == CL_OK && ((flags & 0xf0) != 0 || (flags & 0x08) == 0)))
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (p->detail != NULL)
		put_generic(p);
	cl_cur_skip(c, VXLAN_HEADER);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_VXLAN);
	if ((flags & 0x04) == 0 || next == 3)
		return CL_NEXT_ETHERNET;
	if (next == 5)
		return CL_NEXT_MPLS;
	if (next == 0)
		return cl_pkt_malformed(p, CL_ANOM_VXLAN_BAD_PROTOCOL);
	return next == 1 ? CL_NEXT_IP4 : next == 2 ? CL_NEXT_IP6 : cl_pkt_fate(p, CL_FATE_OTHER);
}

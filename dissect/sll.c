/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux cooked captures, versions 1 and 2 (www.tcpdump.org/linktypes.html). */
#include "dissect/link.h"

#define ARPHRD_IPGRE 778u

static const char *type_name(uint64_t v)
{
	static const char *const names[] = { "to us", "broadcast", "multicast", "to another host",
					     "sent by us" };

	return v < sizeof names / sizeof *names ? names[v] : NULL;
}

static const struct cl_protocol sll = { "sll", "Linux cooked capture" };

static const struct cl_field packet_type = { "sll.pkttype", "Packet type", CL_V_UINT, 0, 0, type_name },
			     hardware = { "sll.hatype", "Link-layer address type", CL_V_UINT, 0, 0, NULL },
			     address_length = { "sll.halen", "Link-layer address length", CL_V_UINT, 0, 0,
						NULL },
			     interface = { "sll.ifindex", "Interface index", CL_V_UINT, 0, 0, NULL };

/* 8 octets of room for the address; shorter ones leave some unused. */
static void put_address(struct cl_pkt *p, struct cl_cur c, uint32_t length)
{
	static const struct cl_field ether = { "sll.src.eth", "Source", CL_V_ETHER, 0, 0, NULL },
				     ip4 = { "sll.src.ipv4", "Source", CL_V_IP4, 0, 0, NULL },
				     other = { "sll.src.other", "Source", CL_V_BYTES, 0, 0, NULL },
				     unused = { "sll.unused", "Unused", CL_V_BYTES, 0, 0, NULL };

	length = length < 8 ? length : 8;
	struct cl_cur v = c;
	struct cl_span octets = cl_cur_take(&c, length), rest = cl_cur_take(&c, 8 - length);
	if (c.err != CL_OK)
		return;
	if (length == 6)
		cl_put_bytes(p->detail, &ether, octets);
	else if (length == 4)
		cl_put_uint(p->detail, &ip4, cl_cur_u32(&v));
	else if (length > 0)
		cl_put_bytes(p->detail, &other, octets);
	if (rest.len > 0)
		cl_put_bytes(p->detail, &unused, rest);
}

/* Small numbers are Linux's own kinds of packets, and so is all below netlink and GRE. */
static void put_protocol(struct cl_pkt *p, uint32_t arphrd, uint32_t protocol)
{
	static const struct cl_field type = { "sll.etype", "Protocol", CL_V_UINT,
					      CL_HEX16,	   0,	       cl_ethertype_name },
				     gre = { "sll.gretype", "Protocol", CL_V_UINT,
					     CL_HEX16,	    0,		cl_ethertype_name },
				     own = { "sll.ltype", "Protocol", CL_V_UINT, CL_HEX16, 0, NULL };

	if (arphrd == ARPHRD_IPGRE)
		cl_put_uint(p->detail, &gre, protocol);
	else
		cl_put_uint(p->detail, protocol < CL_ETHERTYPE_MIN ? &own : &type, protocol);
}

static void put_first(struct cl_pkt *p, struct cl_cur c)
{
	cl_pkt_layer(p, &sll);
	uint32_t kind = cl_cur_u16(&c), arphrd = cl_cur_u16(&c), length = cl_cur_u16(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &packet_type, kind);
	cl_put_uint(p->detail, &hardware, arphrd);
	cl_put_uint(p->detail, &address_length, length);
	put_address(p, c, length);
	cl_cur_skip(&c, 8);
	uint32_t protocol = cl_cur_u16(&c);
	if (c.err == CL_OK)
		put_protocol(p, arphrd, protocol);
}

static void put_second(struct cl_pkt *p, struct cl_cur c)
{
	cl_pkt_layer(p, &sll);
	uint32_t protocol = cl_cur_u16(&c);
	cl_cur_skip(&c, 2);
	uint32_t index = cl_cur_u32(&c), arphrd = cl_cur_u16(&c), kind = cl_cur_u8(&c),
		 length = cl_cur_u8(&c);
	if (c.err != CL_OK)
		return;
	put_protocol(p, arphrd, protocol);
	cl_put_uint(p->detail, &interface, index);
	cl_put_uint(p->detail, &hardware, arphrd);
	cl_put_uint(p->detail, &packet_type, kind);
	cl_put_uint(p->detail, &address_length, length);
	put_address(p, c, length);
}

static enum cl_next below(struct cl_pkt *p)
{
	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
	if (p->proto == 4) /* IEEE 802.2 */
		return CL_NEXT_LLC;
	return p->proto < CL_ETHERTYPE_MIN ? cl_pkt_fate(p, CL_FATE_OTHER) : CL_NEXT_ETHERTYPE;
}

/* Packet type, ARPHRD type, address length, address (8), protocol. */
enum cl_next cl_sll(struct cl_pkt *p)
{
	if (p->detail != NULL)
		put_first(p, p->cur);
	cl_cur_skip(&p->cur, 14);
	p->proto = cl_cur_u16(&p->cur);
	return below(p);
}

/* Protocol, reserved, interface, ARPHRD type, packet type, address length, address (8). */
enum cl_next cl_sll2(struct cl_pkt *p)
{
	if (p->detail != NULL)
		put_second(p, p->cur);
	p->proto = cl_cur_u16(&p->cur);
	cl_cur_skip(&p->cur, 18);
	return below(p);
}

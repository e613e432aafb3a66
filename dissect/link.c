/* SPDX-License-Identifier: BSD-2-Clause */
/* Link layers. Values: www.tcpdump.org/linktypes.html, IEEE 802 numbers (IANA). */
#include "capture/linktype.h"
#include "dissect/packet.h"

#define ETHERTYPE_IP4	     0x0800u
#define ETHERTYPE_IP6	     0x86ddu
#define ETHERTYPE_MAX_LENGTH 1500u /* IEEE 802.3: below, a length and not a type */

enum cl_next cl_link_start(const struct cl_pkt *p)
{
	static const struct {
		uint16_t linktype, first;
	} starts[] = {
		{ CL_LINKTYPE_ETHERNET, CL_NEXT_ETHERNET }, { CL_LINKTYPE_RAW, CL_NEXT_RAW },
		{ CL_LINKTYPE_LINUX_SLL, CL_NEXT_SLL },	    { CL_LINKTYPE_LINUX_SLL2, CL_NEXT_SLL2 },
		{ CL_LINKTYPE_IPV4, CL_NEXT_RAW },	    { CL_LINKTYPE_IPV6, CL_NEXT_RAW },
		{ CL_LINKTYPE_NULL, CL_NEXT_NULL },	    { CL_LINKTYPE_LOOP, CL_NEXT_LOOP },
		{ CL_LINKTYPE_PPP, CL_NEXT_PPP },	    { CL_LINKTYPE_PPP_HDLC, CL_NEXT_PPP },
	};
	for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++)
		if (starts[i].linktype == p->frame->linktype)
			return (enum cl_next)starts[i].first;
	return CL_NEXT_DONE;
}

static bool is_vlan_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

/* IEEE 802.3: destination, source, type; then any stack of 802.1Q and 802.1ad tags. */
enum cl_next cl_ethernet(struct cl_pkt *p)
{
	cl_cur_skip(&p->cur, 12);
	p->proto = cl_cur_u16(&p->cur);
	return p->cur.err == CL_OK ? CL_NEXT_ETHERTYPE : cl_pkt_failed(p, &p->cur);
}

enum cl_next cl_ethertype(struct cl_pkt *p)
{
	for (unsigned tags = 0; is_vlan_tag((uint16_t)p->proto); tags++) {
		if (tags == CL_LAYERS_MAX)
			return cl_pkt_fate(p, CL_FATE_MALFORMED);
		cl_pkt_within(p, cl_cur_u16(&p->cur) & 0xfffu); /* VLAN identifier */
		p->proto = cl_cur_u16(&p->cur);
		if (p->cur.err != CL_OK)
			return cl_pkt_failed(p, &p->cur);
	}
	switch (p->proto) {
	case ETHERTYPE_IP4:
		return CL_NEXT_IP4;
	case ETHERTYPE_IP6:
		return CL_NEXT_IP6;
	case 0x0806: /* ARP */
	case 0x8035: /* RARP */
	case 0x809b: /* AppleTalk */
	case 0x80f3: /* AARP */
	case 0x8137: /* IPX */
	case 0x8808: /* pause frames */
	case 0x8809: /* slow protocols (LACP) */
	case 0x8863: /* PPPoE discovery */
	case 0x888e: /* EAPOL */
	case 0x88cc: /* LLDP */
	case 0x88f7: /* PTP */
	case 0x9000: /* loopback test */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	default:
		if (p->proto <= ETHERTYPE_MAX_LENGTH) /* LLC: spanning tree and the like */
			return cl_pkt_fate(p, CL_FATE_OTHER);
		return cl_pkt_undecoded(p, CL_UND_ETHERTYPE, p->proto);
	}
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD type, address length, address (8), protocol. */
enum cl_next cl_sll(struct cl_pkt *p)
{
	cl_cur_skip(&p->cur, 14);
	p->proto = cl_cur_u16(&p->cur);
	return p->cur.err == CL_OK ? CL_NEXT_ETHERTYPE : cl_pkt_failed(p, &p->cur);
}

/* LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD type, packet type, address length, address (8).
 */
enum cl_next cl_sll2(struct cl_pkt *p)
{
	p->proto = cl_cur_u16(&p->cur);
	cl_cur_skip(&p->cur, 18);
	return p->cur.err == CL_OK ? CL_NEXT_ETHERTYPE : cl_pkt_failed(p, &p->cur);
}

/* AF_INET is 2 everywhere; AF_INET6 differs by system: NetBSD, OpenBSD, BSD/OS 24, FreeBSD 28, Darwin 30. */
static enum cl_next address_family(struct cl_pkt *p, uint32_t family)
{
	if (family == 2)
		return CL_NEXT_IP4;
	if (family == 24 || family == 28 || family == 30 || family == 10)
		return CL_NEXT_IP6;
	return cl_pkt_undecoded(p, CL_UND_NULL_AF, family);
}

/* LINKTYPE_NULL: the family in the byte order of the machine that captured; families are below 65536. */
enum cl_next cl_null(struct cl_pkt *p)
{
	uint32_t family = cl_cur_u32(&p->cur);

	if (p->cur.err != CL_OK)
		return cl_pkt_failed(p, &p->cur);
	return address_family(p, family > 0xffff ? __builtin_bswap32(family) : family);
}

/* LINKTYPE_LOOP: the same in network byte order. */
enum cl_next cl_loop(struct cl_pkt *p)
{
	uint32_t family = cl_cur_u32(&p->cur);

	return p->cur.err == CL_OK ? address_family(p, family) : cl_pkt_failed(p, &p->cur);
}

/* RFC 1661, RFC 1662: address and control (ff 03) may be left out, the protocol may be one octet if it is
 * odd. */
enum cl_next cl_ppp(struct cl_pkt *p)
{
	uint32_t proto = cl_cur_u8(&p->cur);

	if (proto == 0xff && cl_cur_peek(&p->cur) == 0x03) {
		cl_cur_skip(&p->cur, 1);
		proto = cl_cur_u8(&p->cur);
	}
	if ((proto & 1) == 0)
		proto = proto << 8 | cl_cur_u8(&p->cur);
	if (p->cur.err != CL_OK)
		return cl_pkt_failed(p, &p->cur);
	if (proto == 0x0021)
		return CL_NEXT_IP4;
	if (proto == 0x0057)
		return CL_NEXT_IP6;
	if (proto >= 0x8000) /* control protocols: LCP, IPCP, PAP */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	return cl_pkt_undecoded(p, CL_UND_PPP, proto);
}

/* Bare IP: the version says which. */
enum cl_next cl_raw(struct cl_pkt *p)
{
	uint8_t version = cl_cur_peek(&p->cur) >> 4;

	if (p->cur.err != CL_OK)
		return cl_pkt_failed(p, &p->cur);
	if (version == 4)
		return CL_NEXT_IP4;
	return version == 6 ? CL_NEXT_IP6 : cl_pkt_fate(p, CL_FATE_MALFORMED);
}

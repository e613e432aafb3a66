/* SPDX-License-Identifier: BSD-2-Clause */
/* Link layers. Values: www.tcpdump.org/linktypes.html, IEEE 802 numbers (IANA). */
#include "dissect/link.h"

#include "capture/linktype.h"

#define ETHERTYPE_ARP	     0x0806u
#define ETHERTYPE_MAX_LENGTH 1500u /* IEEE 802.3: below, a length and not a type */
#define ETHERNET_MIN	     60u   /* octets of a frame without its check sequence */

static enum cl_next start_of(uint16_t linktype)
{
	static const struct {
		uint16_t linktype, first;
	} starts[] = {
		{ CL_LINKTYPE_ETHERNET, CL_NEXT_ETHERNET },
		{ CL_LINKTYPE_RAW, CL_NEXT_RAW },
		{ CL_LINKTYPE_LINUX_SLL, CL_NEXT_SLL },
		{ CL_LINKTYPE_LINUX_SLL2, CL_NEXT_SLL2 },
		{ CL_LINKTYPE_IPV4, CL_NEXT_RAW },
		{ CL_LINKTYPE_IPV6, CL_NEXT_RAW },
		{ CL_LINKTYPE_NULL, CL_NEXT_NULL },
		{ CL_LINKTYPE_LOOP, CL_NEXT_LOOP },
		{ CL_LINKTYPE_PPP, CL_NEXT_HDLC },
		{ CL_LINKTYPE_PPP_HDLC, CL_NEXT_HDLC },
		{ CL_LINKTYPE_C_HDLC, CL_NEXT_HDLC },
		{ CL_LINKTYPE_PPP_ETHER, CL_NEXT_PPPOE },
		{ CL_LINKTYPE_NFLOG, CL_NEXT_NFLOG },
		{ CL_LINKTYPE_IEEE802_11, CL_NEXT_WLAN },
		{ CL_LINKTYPE_IEEE802_11_RADIOTAP, CL_NEXT_RADIOTAP },
		{ CL_LINKTYPE_PPI, CL_NEXT_PPI },
		{ CL_LINKTYPE_MPLS, CL_NEXT_MPLS },
	};
	for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++)
		if (starts[i].linktype == linktype)
			return (enum cl_next)starts[i].first;
	return CL_NEXT_DONE;
}

enum cl_next cl_link_start(const struct cl_pkt *p)
{
	return start_of(p->frame->linktype);
}

bool cl_dissects(uint16_t linktype)
{
	return start_of(linktype) != CL_NEXT_DONE;
}

const char *cl_ethertype_name(uint64_t type)
{
	static const struct cl_name names[] = {
		{ CL_ETHERTYPE_IP4, "IPv4" },
		{ ETHERTYPE_ARP, "ARP" },
		{ 0x22eb, "ERSPAN III" },
		{ 0x6558, "transparent Ethernet bridging" },
		{ 0x8035, "RARP" },
		{ 0x809b, "AppleTalk" },
		{ 0x80f3, "AppleTalk ARP" },
		{ 0x8100, "802.1Q VLAN" },
		{ 0x8137, "IPX" },
		{ CL_ETHERTYPE_IP6, "IPv6" },
		{ 0x8808, "Ethernet flow control" },
		{ 0x8809, "slow protocols" },
		{ 0x880b, "PPP" },
		{ 0x8847, "MPLS" },
		{ 0x8848, "MPLS, upstream label" },
		{ 0x8863, "PPPoE discovery" },
		{ 0x8864, "PPPoE session" },
		{ 0x888e, "802.1X" },
		{ 0x88a8, "802.1ad VLAN" },
		{ 0x88be, "ERSPAN I, II" },
		{ 0x88cc, "LLDP" },
		{ 0x88f7, "PTP" },
		{ 0x9000, "loopback test" },
		{ 0x9100, "old VLAN" },
		{ 0x9200, "old VLAN" },
		{ 0x9300, "old VLAN" },
	};
	return cl_name_find(names, sizeof names / sizeof *names, type);
}

bool cl_looks_ethernet(struct cl_cur c, uint32_t at)
{
	cl_cur_skip(&c, at);
	uint32_t type = cl_cur_u16(&c);

	if (c.err != CL_OK)
		return false;
	return type == CL_ETHERTYPE_IP4 || type == CL_ETHERTYPE_IP6 || type == ETHERTYPE_ARP ||
	       cl_vlan_is_tag(type) || type == 0x8847 || type == 0x8864;
}

/* Octets of the packet of this type that begins at the cursor; 0: not known. */
static uint32_t payload_length(struct cl_cur c, uint32_t type)
{
	uint32_t length = 0;

	if (type == CL_ETHERTYPE_IP4) {
		cl_cur_skip(&c, 2);
		length = cl_cur_u16(&c);
	} else if (type == CL_ETHERTYPE_IP6) {
		cl_cur_skip(&c, 4);
		length = cl_cur_u16(&c);
		length = length > 0 ? length + 40 : 0;
	} else if (type == ETHERTYPE_ARP) {
		cl_cur_skip(&c, 4);
		length = 2u * cl_cur_u8(&c);
		length += 2u * cl_cur_u8(&c) + 8;
	} else if (type <= ETHERTYPE_MAX_LENGTH) {
		length = type;
	}
	return c.err == CL_OK ? length : 0;
}

static bool all_zero(struct cl_span s)
{
	struct cl_cur c = cl_cur_make(s.ptr, s.len, s.len);

	while (cl_cur_left(&c) > 0)
		if (cl_cur_u8(&c) != 0)
			return false;
	return true;
}

/* What follows the packet within the frame: zeros up to the least length are padding, the rest is a trailer.
 * `c` is at the frame's first octet, all of it captured. */
static void put_trailer(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_field padding = { "eth.padding", "Padding", CL_V_BYTES, 0, 0, NULL },
				     trailer = { "eth.trailer", "Trailer", CL_V_BYTES, 0, 0, NULL },
				     tagged = { "vlan.trailer", "Trailer", CL_V_BYTES, 0, 0, NULL };
	const uint32_t start = c.pos;
	uint32_t type, tags = 0;

	cl_cur_skip(&c, 12);
	for (type = cl_cur_u16(&c); cl_vlan_is_tag(type) && tags < CL_LAYERS_MAX; tags++) {
		cl_cur_skip(&c, 2);
		type = cl_cur_u16(&c);
	}
	uint32_t length = payload_length(c, type);
	if (length == 0 || length >= cl_cur_left(&c) || cl_cur_kept(&c) < cl_cur_left(&c))
		return;
	cl_cur_skip(&c, length);
	uint32_t at = c.pos - start, short_of = at < ETHERNET_MIN ? ETHERNET_MIN - at : 0;
	struct cl_cur rest = c;
	struct cl_span pad = cl_cur_take(&c, short_of < cl_cur_left(&c) ? short_of : cl_cur_left(&c));
	if (pad.len > 0 && all_zero(pad))
		cl_put_bytes(d, &padding, pad);
	else
		c = rest;
	if (cl_cur_left(&c) > 0)
		cl_put_bytes(d, tags > 0 ? &tagged : &trailer, cl_cur_take(&c, cl_cur_left(&c)));
}

void cl_ethernet_put(struct cl_pkt *p, struct cl_cur c)
{
	static const struct cl_protocol proto = { "eth", "Ethernet" };
	static const struct cl_header_row rows[] = {
		CL_ROWS(0, 6, 4),
		{ { "eth.dst", "Destination", CL_V_ETHER, 0, 0, NULL }, 0, 6, 0 },
		{ { "eth.dst.oui", "Destination OUI", CL_V_UINT, CL_HEX24, 0, NULL }, 0, 3, 0 },
		{ { "eth.dst.lg", "Locally administered", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x02 },
		{ { "eth.dst.ig", "Group address", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x01 },
		CL_ROWS(6, 6, 4),
		{ { "eth.src", "Source", CL_V_ETHER, 0, 0, NULL }, 6, 6, 0 },
		{ { "eth.src.oui", "Source OUI", CL_V_UINT, CL_HEX24, 0, NULL }, 6, 3, 0 },
		{ { "eth.src.lg", "Locally administered", CL_V_BOOL, 0, 0, NULL }, 6, 1, 0x02 },
		{ { "eth.src.ig", "Group address", CL_V_BOOL, 0, 0, NULL }, 6, 1, 0x01 },
	};
	static const struct cl_field type = { "eth.type", "Type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name },
				     length = { "eth.len", "Length", CL_V_UINT, 0, 0, NULL };
	const struct cl_cur start = c;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, c, rows);
	cl_cur_skip(&c, 12);
	uint32_t what = cl_cur_u16(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, what <= ETHERTYPE_MAX_LENGTH ? &length : &type, what);
	put_trailer(p->detail, start);
}

/* IEEE 802.3: a length, and LLC (IEEE 802.2); Novell's packets follow without it. */
static enum cl_next with_length(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->proto > cl_cur_left(c))
		cl_pkt_anomaly(p, CL_ANOM_ETH_BAD_LENGTH);
	else
		cl_cur_narrow(c, p->proto);
	struct cl_cur first = *c;
	return cl_cur_u16(&first) == 0xffff ? cl_pkt_fate(p, CL_FATE_OTHER) : CL_NEXT_LLC;
}

enum cl_next cl_ethertype_other(struct cl_pkt *p)
{
	if (cl_vlan_is_tag(p->proto) && !cl_vlan_tags(p))
		return CL_NEXT_DONE;
	switch (p->proto) {
	case CL_ETHERTYPE_IP4:
		return CL_NEXT_IP4;
	case CL_ETHERTYPE_IP6:
		return CL_NEXT_IP6;
	case 0x6558: /* transparent Ethernet bridging */
		return CL_NEXT_ETHERNET;
	case 0x8847:
	case 0x8848:
		return CL_NEXT_MPLS;
	case 0x8864:
		return CL_NEXT_PPPOE;
	case ETHERTYPE_ARP:
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
		if (p->proto <= ETHERTYPE_MAX_LENGTH)
			return with_length(p);
		return cl_pkt_undecoded(p, CL_UND_ETHERTYPE, p->proto);
	}
}

static void put_null(struct cl_pkt *p, uint32_t family)
{
	static const struct cl_protocol proto = { "null", "BSD loopback" };
	static const struct cl_field field = { "null.family", "Family", CL_V_UINT, 0, 0, NULL };

	cl_pkt_layer(p, &proto);
	if (p->cur.err == CL_OK)
		cl_put_uint(p->detail, &field, family);
}

/* AF_INET is 2 everywhere; AF_INET6 differs by system: NetBSD, OpenBSD, BSD/OS 24, FreeBSD 28, Darwin 30. */
static enum cl_next address_family(struct cl_pkt *p, uint32_t family)
{
	if (p->detail != NULL)
		put_null(p, family);
	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
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

	return address_family(p, family > 0xffff ? __builtin_bswap32(family) : family);
}

/* LINKTYPE_LOOP: the same in network byte order. */
enum cl_next cl_loop(struct cl_pkt *p)
{
	return address_family(p, cl_cur_u32(&p->cur));
}

/* Bare IP: the version says which. */
enum cl_next cl_raw(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "raw", "Raw packet data" };
	uint8_t version = cl_cur_peek(&p->cur) >> 4;

	if (p->frame->linktype == CL_LINKTYPE_RAW)
		cl_pkt_layer(p, &proto);
	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
	if (version == 4)
		return CL_NEXT_IP4;
	return version == 6 ? CL_NEXT_IP6 : cl_pkt_malformed(p, CL_ANOM_RAW_BAD_VERSION);
}

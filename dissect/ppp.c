/* SPDX-License-Identifier: BSD-2-Clause */
/* PPP (RFC 1661) and framing like HDLC (RFC 1662), also Cisco's. */
#include "dissect/link.h"

const char *cl_ppp_name(uint64_t protocol)
{
	static const struct cl_name names[] = {
		{ 0x0021, "IPv4" },
		{ 0x002d, "Van Jacobson compressed TCP/IP" },
		{ 0x002f, "Van Jacobson uncompressed TCP/IP" },
		{ 0x0031, "bridging" },
		{ 0x003d, "multilink" },
		{ 0x0057, "IPv6" },
		{ 0x00fd, "compressed datagram" },
		{ 0x0281, "MPLS" },
		{ 0x0283, "MPLS, upstream label" },
		{ 0x8021, "IP control" },
		{ 0x8057, "IPv6 control" },
		{ 0x80fd, "compression control" },
		{ 0xc021, "link control" },
		{ 0xc023, "password authentication" },
		{ 0xc025, "link quality report" },
		{ 0xc223, "challenge handshake authentication" },
		{ 0xc227, "extensible authentication" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, protocol);
}

static const struct cl_protocol ppp = { "ppp", "Point-to-Point Protocol" };

static void put_framing(struct cl_detail *d)
{
	static const struct cl_field address = { "ppp.address", "Address", CL_V_UINT, CL_HEX8, 0, NULL },
				     control = { "ppp.control", "Control", CL_V_UINT, CL_HEX8, 0, NULL };

	cl_put_uint(d, &address, 0xff);
	cl_put_uint(d, &control, 0x03);
}

/* Address and control (ff 03) may be left out, the protocol may be one octet if it is odd. */
enum cl_next cl_ppp(struct cl_pkt *p)
{
	static const struct cl_field field = {
		"ppp.protocol", "Protocol", CL_V_UINT, CL_HEX16, 0, cl_ppp_name
	};
	struct cl_cur *c = &p->cur;
	uint32_t proto = cl_cur_u8(c);

	cl_pkt_layer(p, &ppp);
	if (proto == 0xff && cl_cur_peek(c) == 0x03) {
		cl_cur_skip(c, 1);
		put_framing(p->detail);
		proto = cl_cur_u8(c);
	}
	if ((proto & 1) == 0)
		proto = proto << 8 | cl_cur_u8(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	cl_put_uint(p->detail, &field, proto);
	if (proto == 0x0021)
		return CL_NEXT_IP4;
	if (proto == 0x0057)
		return CL_NEXT_IP6;
	if (proto == 0x0281 || proto == 0x0283) /* RFC 3032 sec. 4.3 */
		return CL_NEXT_MPLS;
	if (proto >= 0x8000) /* control protocols: LCP, IPCP, PAP */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	return cl_pkt_undecoded(p, CL_UND_PPP, proto);
}

/* Cisco's: address 0f (unicast) or 8f (multicast), control 00, an EtherType. */
static enum cl_next cisco(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "chdlc", "Cisco HDLC" };
	static const struct cl_header_row rows[] = {
		{ { "chdlc.address", "Address", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "chdlc.control", "Control", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "chdlc.protocol", "Protocol", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name }, 2, 2, 0 },
	};
	struct cl_cur *c = &p->cur;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, *c, rows);
	cl_cur_skip(c, 2);
	p->proto = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if (p->proto < CL_ETHERTYPE_MIN || p->proto == 0x2000) /* CDP */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	return CL_NEXT_ETHERTYPE;
}

enum cl_next cl_hdlc(struct cl_pkt *p)
{
	struct cl_cur first = p->cur;
	uint32_t head = cl_cur_u16(&first);

	if (first.err == CL_ETRUNC)
		return cl_pkt_failed(p, &first);
	return head == 0x0f00 || head == 0x8f00 ? cisco(p) : CL_NEXT_PPP;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DATAGRAM_H
#define CL_DISSECT_DATAGRAM_H

/* Nearly every packet: Ethernet without tags, IP without options, extension headers or fragments, and a UDP
 * datagram on a port of NTP or DNS. In line for dissect/path.c, whose steps, one for each header, take all
 * others. */

#include "dissect/inline.h"
#include "dissect/ip.h"
#include "dissect/link.h"
#include "dissect/packet.h"
#include "dissect/udp.h"

#define CL_ETHERNET_HEADER 14u

#define CL_DATAGRAM_IN_IP4 (CL_ETHERNET_HEADER + CL_IP4_HEADER)
#define CL_DATAGRAM_IN_IP6 (CL_ETHERNET_HEADER + CL_IP6_HEADER)

/* Source and destination of an IPv4 header, as they stand there. */
CL_IN_LINE void cl_ip4_addresses(struct cl_event *ev, const uint8_t octets[8])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }; /* RFC 4291 sec. 2.5.5.2 */

	memcpy(ev->src.b, mapped, sizeof mapped);
	memcpy(ev->src.b + sizeof mapped, octets, 4);
	memcpy(ev->dst.b, mapped, sizeof mapped);
	memcpy(ev->dst.b + sizeof mapped, octets + 4, 4);
}

/* What is asked of headers that were taken together. */
struct cl_datagram {
	uint32_t at;	 /* of the UDP header, in the frame */
	uint32_t length; /* as that header has it */
	uint16_t sport, dport;
};

typedef CL_HEAD(CL_DATAGRAM_IN_IP6 + CL_UDP_HEADER) cl_datagram_head;

/* Of the IP packet in `left` octets, by the questions that dissect/path.c's ip4 and udp ask; false: not all
 * are answered as usual. */
CL_IN_LINE bool cl_datagram_in_ip4(cl_datagram_head *h, uint32_t left, struct cl_event *ev,
				   struct cl_datagram *d)
{
	const uint32_t fragment_proto =
		CL_HEAD_U32(h, CL_ETHERNET_HEADER + 6); /* time to live between them */
	const uint32_t total = CL_HEAD_U16(h, CL_ETHERNET_HEADER + 2);

	d->at = CL_DATAGRAM_IN_IP4;
	d->length = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP4 + 4);
	d->sport = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP4);
	d->dport = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP4 + 2);
	cl_ip4_addresses(ev, CL_HEAD_AT(h, CL_ETHERNET_HEADER + 12, 8));
	/* less than the headers is more than anything */
	return (fragment_proto & (CL_IP4_FRAGMENT << 16 | 0xffu)) == IP_UDP &&
	       total - CL_IP4_HEADER - CL_UDP_HEADER <= left - CL_IP4_HEADER - CL_UDP_HEADER &&
	       d->length - CL_UDP_HEADER <= total - CL_IP4_HEADER - CL_UDP_HEADER;
}

/* The same. Without a payload length, or a checksum, it is unusual. */
CL_IN_LINE bool cl_datagram_in_ip6(cl_datagram_head *h, uint32_t left, struct cl_event *ev,
				   struct cl_datagram *d)
{
	const uint32_t payload = CL_HEAD_U16(h, CL_ETHERNET_HEADER + 4);

	d->at = CL_DATAGRAM_IN_IP6;
	d->length = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP6 + 4);
	d->sport = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP6);
	d->dport = CL_HEAD_U16(h, CL_DATAGRAM_IN_IP6 + 2);
	CL_HEAD_COPY(h, CL_ETHERNET_HEADER + 8, ev->src.b);
	CL_HEAD_COPY(h, CL_ETHERNET_HEADER + 24, ev->dst.b);
	return CL_HEAD_U8(h, CL_ETHERNET_HEADER + 6) == IP_UDP &&
	       payload - CL_UDP_HEADER <= left - CL_IP6_HEADER - CL_UDP_HEADER &&
	       d->length - CL_UDP_HEADER <= payload - CL_UDP_HEADER &&
	       CL_HEAD_U16(h, CL_DATAGRAM_IN_IP6 + 6) != 0;
}

/**
 * Takes these headers at the start of a frame: the service that follows. CL_NEXT_DONE: it is not such a
 * packet, the cursor stands where it stood, and of p->ev addresses and ports may have been written. Nothing
 * else is left in `p`: what the steps leave there of these headers is for details, for notes and for what
 * lies within them.
 */
CL_IN_LINE enum cl_next cl_datagram_take(struct cl_pkt *p, struct cl_cur *c)
{
	struct cl_event *const ev = p->ev;
	struct cl_cur at = *c;
	struct cl_datagram d;

	if (cl_rare(cl_cur_kept(c) < sizeof(cl_datagram_head)))
		return CL_NEXT_DONE;
	cl_datagram_head *h = cl_cur_head(&at, sizeof *h, "");
	const uint32_t left = c->len - CL_ETHERNET_HEADER;
	const uint32_t kind = CL_HEAD_U32(h, CL_ETHERNET_HEADER - 2); /* and what IP begins with */
	if ((kind & 0xffffff00u) == (CL_ETHERTYPE_IP4 << 16 | 0x4500u)) {
		if (cl_rare(!cl_datagram_in_ip4(h, left, ev, &d)))
			return CL_NEXT_DONE;
	} else if ((kind & 0xfffff000u) == (CL_ETHERTYPE_IP6 << 16 | 0x6000u)) {
		if (cl_rare(!cl_datagram_in_ip6(h, left, ev, &d)))
			return CL_NEXT_DONE;
	} else {
		return CL_NEXT_DONE;
	}
	ev->sport = d.sport;
	ev->dport = d.dport;
	enum cl_next next = CL_NEXT_NTP;
	if (!cl_port_either(d.sport, d.dport, CL_PORT_NTP))
		next = cl_port_either(d.sport, d.dport, CL_PORT_DNS) ? CL_NEXT_DNS : CL_NEXT_DONE;
	if (cl_rare(next == CL_NEXT_DONE))
		return next;
	c->pos = d.at + CL_UDP_HEADER;
	c->len = d.at + d.length;
	if (c->end > c->len)
		c->end = c->len;
	return next;
}

#endif

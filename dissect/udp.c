/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP (RFC 768) and its checksum. */
#include "dissect/checksum.h"
#include "dissect/packet.h"
#include "dissect/tls/quic.h"

#define UDP_HEADER 8u

/* Fragments of different datagrams, or forged ones (RFC 4963, RFC 7739): the checksum tells, and then no
 * message in them counts. */
static bool is_spoilt(struct cl_pkt *p)
{
	if (cl_udp_checksum(p) != CL_SUM_BAD)
		return false;
	cl_pkt_malformed(p, CL_ANOM_FRAG_BAD_CHECKSUM);
	if (!cl_pkt_quoted(p))
		p->barred = CL_FATE_MALFORMED;
	return p->detail == NULL;
}

enum cl_next cl_udp(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	p->udp_at = c->pos;
	uint16_t sport = cl_cur_u16(c), dport = cl_cur_u16(c);
	uint32_t length = cl_cur_u16(c);
	p->udp_sum = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed(p, c);
	if (length == 0 && p->ip_version == 6) /* RFC 2675 sec. 4: as long as the IP payload */
		length = c->len - c->pos + UDP_HEADER;
	if (length < UDP_HEADER)
		return cl_pkt_malformed(p, CL_ANOM_UDP_BAD_LENGTH);
	p->udp_length = length;
	p->ev->sport = sport;
	p->ev->dport = dport;
	if ((p->flags & CL_LF_REASSEMBLED) != 0 && is_spoilt(p))
		return CL_NEXT_DONE;
	enum cl_next next = cl_udp_service(p->limits, sport, dport);
	if (next == CL_NEXT_DONE && cl_quic_port(sport, dport))
		next = CL_NEXT_QUIC;
	if (next == CL_NEXT_DONE)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	cl_cur_narrow(c, length - UDP_HEADER);
	return c->err == CL_OK ? next : cl_pkt_failed_by(p, c, CL_ANOM_UDP_BAD_LENGTH);
}

enum cl_checksum cl_udp_checksum(const struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	c.pos = p->udp_at;
	return cl_checksum_l4(p, c, p->udp_length, 17, p->udp_sum);
}

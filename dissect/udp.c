/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP (RFC 768) and its checksum. */
#include "dissect/packet.h"

#define UDP_HEADER	8u
#define UDP_CHECKSUM_AT 6u

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
		return cl_pkt_fate(p, CL_FATE_MALFORMED);
	p->udp_length = length;
	p->ev->sport = sport;
	p->ev->dport = dport;
	enum cl_next next = cl_udp_service(p->limits, sport, dport);
	if (cl_pkt_quoted(p)) {
		cl_cur_narrow(c, length - UDP_HEADER);
		return cl_icmp_quote(p, sport, dport, 17) ? next : CL_NEXT_DONE;
	}
	if (next == CL_NEXT_DONE)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	cl_cur_narrow(c, length - UDP_HEADER);
	return c->err == CL_OK ? next : cl_pkt_failed(p, c);
}

/* Sums 16-bit words in network order; an odd last octet is padded with zero (RFC 1071). */
static uint64_t add_words(struct cl_cur *c, uint32_t n)
{
	uint64_t sum = 0;

	for (; n >= 2; n -= 2)
		sum += cl_cur_u16(c);
	if (n == 1)
		sum += (uint32_t)cl_cur_u8(c) << 8;
	return sum;
}

static uint32_t fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

static uint64_t address_words(const struct cl_pkt *p, const struct cl_addr *a)
{
	struct cl_cur c = cl_cur_make(a->b, 16, 16);

	if (p->ip_version == 4)
		cl_cur_skip(&c, 12);
	return add_words(&c, p->ip_version == 4 ? 4 : 16);
}

enum cl_checksum cl_udp_checksum(const struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	c.pos = p->udp_at;
	if (p->udp_sum == 0)
		return CL_SUM_NONE;
	if (cl_cur_kept(&c) < p->udp_length)
		return CL_SUM_UNCHECKED;
	uint32_t pseudo =
		fold(address_words(p, &p->ev->src) + address_words(p, &p->ev->dst) + 17 + p->udp_length);
	if (fold(add_words(&c, p->udp_length) + pseudo) == 0xffff)
		return CL_SUM_GOOD;
	return p->udp_sum == pseudo ? CL_SUM_PARTIAL : CL_SUM_BAD;
}

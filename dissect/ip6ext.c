/* SPDX-License-Identifier: BSD-2-Clause */
/* The extension headers of IPv6 (RFC 8200 sec. 4) and the authentication header (RFC 4302). */
#include "dissect/frag.h"
#include "dissect/ip.h"

#define FRAGMENT_OFFSET 0xfff8u
#define FRAGMENT_MORE	1u

bool cl_ip6_is_extension(uint32_t proto)
{
	switch (proto) {
	case IP_HOPOPTS:
	case IP_ROUTING:
	case IP_FRAGMENT:
	case IP_AH:
	case IP_DSTOPTS:
	case IP_MOBILITY:
	case IP_HIP:
	case IP_SHIM6:
		return true;
	default:
		return false;
	}
}

/* Octets of the header whose first two octets are given, they included. */
static uint32_t header_length(uint32_t proto, uint8_t length)
{
	if (proto == IP_FRAGMENT)
		return 8;
	return proto == IP_AH ? (length + 2u) * 4 : (length + 1u) * 8; /* RFC 4302 sec. 2.2 */
}

/* RFC 7112 sec. 5: whether all headers are there, that of the upper layer included. */
static bool has_header_chain(struct cl_cur c, uint32_t proto)
{
	while (cl_ip6_is_extension(proto)) {
		uint8_t next = cl_cur_u8(&c), length = cl_cur_u8(&c);

		cl_cur_skip(&c, header_length(proto, length) - 2);
		if (c.err != CL_OK)
			return false;
		proto = next;
	}
	switch (proto) {
	case IP_UDP:
		return cl_cur_left(&c) >= 8;
	case IP_TCP:
	case IP_IPIP:
		return cl_cur_left(&c) >= 20;
	case IP_IPV6:
		return cl_cur_left(&c) >= 40;
	case IP_ICMP6:
		return cl_cur_left(&c) >= 4;
	default:
		return true;
	}
}

/* `before`: octets of extension headers before this one. CL_NEXT_IP_PROTO: an atomic one (RFC 6946). */
static enum cl_next fragment_header(struct cl_pkt *p, uint32_t before)
{
	struct cl_cur *c = &p->cur;
	uint8_t next = cl_cur_u8(c);

	cl_cur_skip(c, 1);
	uint32_t field = cl_cur_u16(c), id = cl_cur_u32(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_IPV6_BAD_EXTENSION);
	struct cl_fragment g = { .id = id,
				 .from = field & FRAGMENT_OFFSET,
				 .header = before,
				 .proto = next,
				 .more = (field & FRAGMENT_MORE) != 0 };
	bool nested = p->fragmented;
	p->fragmented = true;
	if (nested)
		return cl_pkt_malformed(p, CL_ANOM_FRAG_NESTED);
	if (g.from == 0 && !g.more) {
		p->proto = next;
		return CL_NEXT_IP_PROTO;
	}
	if (g.from == 0 && cl_cur_kept(c) == cl_cur_left(c) && !has_header_chain(*c, next) &&
	    !cl_pkt_quoted(p))
		return cl_pkt_malformed(p, CL_ANOM_FRAG_HEADER_CHAIN);
	return cl_frags_take(p, &g);
}

static void keep_final(struct cl_pkt *p, struct cl_cur address)
{
	if (cl_cur_copy(&address, p->final_addr, 16))
		p->final_dst = p->final_addr;
}

/* Where the packet goes at last (RFC 8200 sec. 8.1); `c` is over the header. */
static void final_destination(struct cl_pkt *p, struct cl_cur c)
{
	uint32_t length = cl_cur_left(&c);

	cl_cur_skip(&c, 2);
	uint8_t type = cl_cur_u8(&c), left = cl_cur_u8(&c);
	if (left == 0)
		return;
	if (type == 0 && length >= 24) /* RFC 5095: deprecated */
		cl_cur_skip(&c, (length - 24) / 16 * 16 + 4);
	else if (type == 2 || type == 4) /* RFC 6275 sec. 6.4; RFC 8754 sec. 2: the first is the last */
		cl_cur_skip(&c, 4);
	else
		return;
	keep_final(p, c);
}

/* Hop-by-hop options come first (RFC 8200 sec. 4.1), `before` counts what was. */
static void put_layer(struct cl_pkt *p, struct cl_cur header, uint32_t before)
{
	struct cl_cur c = header;

	cl_cur_skip(&c, 1);
	uint32_t length = header_length(p->proto, cl_cur_u8(&c));
	if (c.err != CL_OK)
		return;
	if (cl_cur_left(&header) >= length)
		cl_cur_narrow(&header, length);
	cl_ip6_put_extension(p, p->proto, header);
	if (p->proto == IP_HOPOPTS && before > 0)
		cl_pkt_anomaly(p, CL_ANOM_IPV6_LATE_HOPOPTS);
}

enum cl_next cl_ip6_extensions(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t start = c->pos;

	while (p->proto == IP_AH || (p->ip_version == 6 && cl_ip6_is_extension(p->proto))) {
		struct cl_cur header = *c;

		if (p->detail != NULL)
			put_layer(p, header, c->pos - start);
		if (p->proto == IP_FRAGMENT) {
			enum cl_next then = fragment_header(p, c->pos - start);

			if (then != CL_NEXT_IP_PROTO || c->base != header.base)
				return then;
			continue;
		}
		uint8_t next = cl_cur_u8(c), units = cl_cur_u8(c);
		uint32_t length = header_length(p->proto, units);
		cl_cur_skip(c, length - 2);
		if (c->err != CL_OK)
			return cl_pkt_failed_by(p, c, CL_ANOM_IPV6_BAD_EXTENSION);
		cl_cur_narrow(&header, length);
		if (p->proto == IP_ROUTING)
			final_destination(p, header);
		p->proto = next;
	}
	return CL_NEXT_IP_PROTO;
}

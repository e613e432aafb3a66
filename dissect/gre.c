/* SPDX-License-Identifier: BSD-2-Clause */
/* GRE (RFC 2784, RFC 2890), and its version 1, which carries PPP (PPTP: RFC 2637 sec. 4). */
#include "dissect/link.h"

#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING  0x4000u
#define GRE_KEY	     0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACK	     0x0080u

enum { GRE_KEEPALIVE = 0, GRE_ERSPAN3 = 0x22eb, GRE_PPP = 0x880b, GRE_ERSPAN = 0x88be };

static const struct cl_field
	checksum_field = { "gre.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL },
	offset_field = { "gre.offset", "Offset", CL_V_UINT, 0, 0, NULL },
	key_field = { "gre.key", "Key", CL_V_UINT, CL_HEX32, 0, NULL },
	length_field = { "gre.key.payload_length", "Payload length", CL_V_UINT, 0, 0, NULL },
	call_field = { "gre.key.call_id", "Call ID", CL_V_UINT, 0, 0, NULL },
	sequence_field = { "gre.sequence_number", "Sequence number", CL_V_UINT, 0, 0, NULL },
	ack_field = { "gre.ack_number", "Acknowledgment number", CL_V_UINT, 0, 0, NULL };

static void put_gre(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "gre", "Generic routing encapsulation" };
	static const struct cl_header_row rows[] = {
		{ { "gre.flags_and_version", "Flags and version", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
		{ { "gre.flags.checksum", "Checksum", CL_V_BOOL, 0, 0, NULL }, 0, 2, GRE_CHECKSUM },
		{ { "gre.flags.routing", "Routing", CL_V_BOOL, 0, 0, NULL }, 0, 2, GRE_ROUTING },
		{ { "gre.flags.key", "Key", CL_V_BOOL, 0, 0, NULL }, 0, 2, GRE_KEY },
		{ { "gre.flags.sequence_number", "Sequence number", CL_V_BOOL, 0, 0, NULL },
		  0,
		  2,
		  GRE_SEQUENCE },
		{ { "gre.flags.strict_source_route", "Strict source route", CL_V_BOOL, 0, 0, NULL },
		  0,
		  2,
		  0x0800 },
		{ { "gre.flags.recursion_control", "Recursion control", CL_V_UINT, 0, 0, NULL },
		  0,
		  2,
		  0x0700 },
	};
	static const struct cl_field reserved = { "gre.flags.reserved", "Reserved", CL_V_UINT, 0, 0, NULL };
	static const struct cl_header_row second[] = {
		{ { "gre.flags.ack", "Acknowledgment", CL_V_BOOL, 0, 0, NULL }, 0, 2, GRE_ACK },
	};
	static const struct cl_header_row last[] = {
		{ { "gre.flags.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 2, 0x0007 },
		{ { "gre.proto", "Protocol type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name }, 2, 2, 0 },
	};
	struct cl_cur c = p->cur;
	uint32_t flags = cl_cur_u16(&c);
	bool enhanced = (flags & 7u) == 1;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	if (enhanced)
		CL_PUT_HEADER(p->detail, p->cur, second);
	if (c.err == CL_OK)
		cl_put_uint(p->detail, &reserved, flags >> 3 & (enhanced ? 0x0fu : 0x1fu));
	CL_PUT_HEADER(p->detail, p->cur, last);
}

/* The Internet checksum of all from here on: 0xffff if it is right. All has to be there. */
static uint32_t checksum(struct cl_cur c)
{
	uint64_t sum = 0;

	while (cl_cur_left(&c) >= 2)
		sum += cl_cur_u16(&c);
	if (cl_cur_left(&c) == 1)
		sum += (uint32_t)cl_cur_u8(&c) << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

static void check(struct cl_pkt *p, const struct cl_cur *header)
{
	static const struct cl_field field = {
		"gre.checksum.status", "Checksum status", CL_V_UINT, 0, CL_FD_GENERATED, NULL
	};
	enum { BAD, GOOD, UNVERIFIED };
	unsigned status = UNVERIFIED;

	if (cl_cur_kept(header) == cl_cur_left(header))
		status = checksum(*header) == 0xffff ? GOOD : BAD;
	cl_put_uint(p->detail, &field, status);
	if (status == BAD)
		cl_pkt_anomaly(p, CL_ANOM_GRE_BAD_CHECKSUM);
}

static enum cl_next payload(struct cl_pkt *p, uint32_t flags)
{
	if (p->proto == GRE_ERSPAN && (flags & GRE_SEQUENCE) == 0) { /* type I: no header of its own */
		cl_tunnel_enter(p, CL_FACT_TUNNEL_ERSPAN);
		return CL_NEXT_ETHERNET;
	}
	if (p->proto == GRE_ERSPAN || p->proto == GRE_ERSPAN3)
		return CL_NEXT_ERSPAN;
	cl_tunnel_enter(p, CL_FACT_TUNNEL_GRE);
	if (p->proto == GRE_KEEPALIVE)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (p->proto == GRE_PPP)
		return CL_NEXT_PPP;
	if (p->proto < CL_ETHERTYPE_MIN)
		return cl_pkt_undecoded(p, CL_UND_ETHERTYPE, p->proto);
	return CL_NEXT_ETHERTYPE;
}

static enum cl_next version0(struct cl_pkt *p, const struct cl_cur *header, uint32_t flags)
{
	struct cl_cur *c = &p->cur;

	if ((flags & GRE_ROUTING) != 0) /* RFC 1701: gone */
		return cl_pkt_undecoded(p, CL_UND_IP_PROTO, 47);
	uint32_t sum = (flags & GRE_CHECKSUM) != 0 ? cl_cur_u32(c) : 0;
	uint32_t key = (flags & GRE_KEY) != 0 ? cl_cur_u32(c) : 0;
	uint32_t sequence = (flags & GRE_SEQUENCE) != 0 ? cl_cur_u32(c) : 0;
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	if ((flags & GRE_CHECKSUM) != 0) {
		cl_put_uint(p->detail, &checksum_field, sum >> 16);
		check(p, header);
		cl_put_uint(p->detail, &offset_field, sum & 0xffff);
	}
	if ((flags & GRE_KEY) != 0)
		cl_put_uint(p->detail, &key_field, key);
	if ((flags & GRE_SEQUENCE) != 0)
		cl_put_uint(p->detail, &sequence_field, sequence);
	return payload(p, flags);
}

static enum cl_next version1(struct cl_pkt *p, uint32_t flags)
{
	struct cl_cur *c = &p->cur;
	uint32_t length = cl_cur_u16(c), call = cl_cur_u16(c);

	if (p->proto != GRE_PPP || (flags & GRE_KEY) == 0)
		return cl_pkt_malformed(p, CL_ANOM_GRE_BAD_PPTP);
	uint32_t sequence = (flags & GRE_SEQUENCE) != 0 ? cl_cur_u32(c) : 0;
	uint32_t ack = (flags & GRE_ACK) != 0 ? cl_cur_u32(c) : 0;
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_put_uint(p->detail, &length_field, length);
	cl_put_uint(p->detail, &call_field, call);
	if ((flags & GRE_SEQUENCE) != 0)
		cl_put_uint(p->detail, &sequence_field, sequence);
	if ((flags & GRE_ACK) != 0)
		cl_put_uint(p->detail, &ack_field, ack);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_PPTP);
	if ((flags & GRE_SEQUENCE) == 0) /* acknowledges alone */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	cl_cur_narrow(c, length);
	return c->err == CL_OK ? CL_NEXT_PPP : cl_pkt_failed_by(p, c, CL_ANOM_GRE_BAD_PPTP);
}

enum cl_next cl_gre(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	const struct cl_cur header = *c;

	if (p->detail != NULL)
		put_gre(p);
	uint32_t flags = cl_cur_u16(c);
	p->proto = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	if ((flags & 7) == 0)
		return version0(p, &header, flags);
	if ((flags & 7) == 1)
		return version1(p, flags);
	return cl_pkt_malformed(p, CL_ANOM_GRE_BAD_VERSION);
}

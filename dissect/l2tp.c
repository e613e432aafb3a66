/* SPDX-License-Identifier: BSD-2-Clause */
/* L2TP version 2 (RFC 2661), and as far as its sessions can be told version 3 (RFC 3931). */
#include "dissect/ip.h"
#include "dissect/link.h"

#define L2TP_CONTROL  0x8000u
#define L2TP_LENGTH   0x4000u
#define L2TP_SEQUENCE 0x0800u
#define L2TP_OFFSET   0x0200u
#define L2TP_RESERVED 0x34f0u

static const struct cl_protocol l2tp = { "l2tp", "Layer 2 tunneling protocol" };

static const struct cl_field
	length_field = { "l2tp.length", "Length", CL_V_UINT, 0, 0, NULL },
	tunnel_field = { "l2tp.tunnel", "Tunnel", CL_V_UINT, 0, 0, NULL },
	session_field = { "l2tp.session", "Session", CL_V_UINT, 0, 0, NULL },
	sent_field = { "l2tp.Ns", "Ns", CL_V_UINT, 0, 0, NULL },
	received_field = { "l2tp.Nr", "Nr", CL_V_UINT, 0, 0, NULL },
	offset_field = { "l2tp.offset", "Offset", CL_V_UINT, 0, 0, NULL },
	padding_field = { "l2tp.offset_padding", "Offset padding", CL_V_BYTES, 0, 0, NULL },
	empty_field = { "l2tp.zero_length_body_message", "No body", CL_V_NONE, 0, 0, NULL },
	connection_field = { "l2tp.ccid", "Control connection", CL_V_UINT, CL_HEX32, 0, NULL },
	reserved_field = { "l2tp.res", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL },
	long_session_field = { "l2tp.sid", "Session", CL_V_UINT, CL_HEX32, 0, NULL };

static const char *type_name(uint64_t v)
{
	return v != 0 ? "control" : "data";
}

static void put_flags(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "l2tp.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
		{ { "l2tp.type", "Type", CL_V_UINT, 0, 0, type_name }, 0, 2, L2TP_CONTROL },
		{ { "l2tp.length_bit", "Length", CL_V_BOOL, 0, 0, NULL }, 0, 2, L2TP_LENGTH },
		{ { "l2tp.seq_bit", "Sequence", CL_V_BOOL, 0, 0, NULL }, 0, 2, L2TP_SEQUENCE },

		{ { "l2tp.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 2, 0x000f },
	};

	static const struct cl_header_row second[] = {
		{ { "l2tp.offset_bit", "Offset", CL_V_BOOL, 0, 0, NULL }, 0, 2, L2TP_OFFSET },
		{ { "l2tp.priority", "Priority", CL_V_BOOL, 0, 0, NULL }, 0, 2, 0x0100 },
	};
	struct cl_cur c = p->cur;

	CL_PUT_HEADER(p->detail, c, rows);
	if ((cl_cur_u16(&c) & 15) == 2)
		CL_PUT_HEADER(p->detail, p->cur, second);
}

/* Known to be one; what it says is about sessions. */
static enum cl_next control_message(struct cl_pkt *p)
{
	if (cl_cur_left(&p->cur) == 0)
		cl_put_none(p->detail, &empty_field);
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

static enum cl_next version2(struct cl_pkt *p, uint32_t flags)
{
	struct cl_cur *c = &p->cur;
	const uint32_t start = c->pos;

	cl_cur_skip(c, 2);
	if ((flags & L2TP_LENGTH) != 0) {
		uint32_t length = cl_cur_u16(c), taken = c->pos - start;

		cl_put_uint(p->detail, &length_field, length);
		if (c->err == CL_OK && length < taken)
			return cl_pkt_malformed(p, CL_ANOM_L2TP_BAD_LENGTH);
		cl_cur_narrow(c, length - taken);
	}
	uint32_t tunnel = cl_cur_u16(c), session = cl_cur_u16(c);
	cl_put_uint(p->detail, &tunnel_field, tunnel);
	cl_put_uint(p->detail, &session_field, session);
	if ((flags & L2TP_SEQUENCE) != 0) {
		cl_put_uint(p->detail, &sent_field, cl_cur_u16(c));
		cl_put_uint(p->detail, &received_field, cl_cur_u16(c));
	}
	if ((flags & L2TP_OFFSET) != 0) {
		uint32_t offset = cl_cur_u16(c);

		cl_put_uint(p->detail, &offset_field, offset);
		struct cl_span padding = cl_cur_take(c, offset);
		if (padding.len > 0)
			cl_put_bytes(p->detail, &padding_field, padding);
	}
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_L2TP_BAD_LENGTH);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_L2TP);
	return (flags & L2TP_CONTROL) != 0 ? control_message(p) : CL_NEXT_PPP;
}

/* Version 3's header of control messages (RFC 3931 sec. 3.2.1). */
static enum cl_next control3(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->detail != NULL)
		put_flags(p);
	cl_cur_skip(c, 2);
	uint32_t length = cl_cur_u16(c), connection = cl_cur_u32(c);
	uint32_t sent = cl_cur_u16(c), received = cl_cur_u16(c);
	if (c->err == CL_OK && length < 12)
		return cl_pkt_malformed(p, CL_ANOM_L2TP_BAD_LENGTH);
	cl_cur_narrow(c, length - 12);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_L2TP_BAD_LENGTH);
	cl_put_uint(p->detail, &length_field, length);
	cl_put_uint(p->detail, &connection_field, connection);
	cl_put_uint(p->detail, &sent_field, sent);
	cl_put_uint(p->detail, &received_field, received);
	return control_message(p);
}

/**
 * A session of version 3. Its cookie (0, 4 or 8 octets) and sublayer (0 or 4) were agreed on elsewhere, and
 * so was what it carries: an Ethernet frame is told by its type.
 */
static enum cl_next session(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t id = cl_cur_u32(c);

	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_put_uint(p->detail, &long_session_field, id);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_L2TP);
	if (id == 0) /* RFC 3931 sec. 4.1.1.2 */
		return control3(p);
	for (uint32_t skip = 0; skip <= 12; skip += 4)
		if (cl_looks_ethernet(*c, skip + 12)) {
			cl_cur_skip(c, skip);
			return CL_NEXT_ETHERNET;
		}
	if (cl_cur_kept(c) < 26 && cl_cur_kept(c) < cl_cur_left(c))
		return cl_pkt_fate(p, CL_FATE_TRUNCATED);
	return cl_pkt_undecoded(p, CL_UND_IP_PROTO, IP_L2TP);
}

/* Over UDP; a port alone says little: the version and the reserved bits have to be right. */
enum cl_next cl_l2tp(struct cl_pkt *p)
{
	struct cl_cur peek = p->cur;
	uint32_t flags = cl_cur_u16(&peek), version = flags & 15;
	bool control = (flags & L2TP_CONTROL) != 0;

	if (peek.err == CL_ETRUNC)
		return cl_pkt_failed(p, &peek);
	if ((flags & L2TP_RESERVED) != 0 || (version != 2 && version != 3) || cl_cur_left(&peek) < 4)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (control && (flags & (L2TP_LENGTH | L2TP_SEQUENCE)) != (L2TP_LENGTH | L2TP_SEQUENCE))
		return cl_pkt_fate(p, CL_FATE_OTHER);
	cl_pkt_layer(p, &l2tp);
	if (version == 3 && control) {
		cl_tunnel_enter(p, CL_FACT_TUNNEL_L2TP);
		return control3(p);
	}
	if (p->detail != NULL)
		put_flags(p);
	if (version == 2)
		return version2(p, flags);
	cl_cur_skip(&p->cur, 2);
	uint32_t reserved = cl_cur_u16(&p->cur);
	if (p->cur.err == CL_OK)
		cl_put_uint(p->detail, &reserved_field, reserved);
	return session(p);
}

/* Version 3 over IP (RFC 3931 sec. 4.1.1). */
enum cl_next cl_l2tp_ip(struct cl_pkt *p)
{
	cl_pkt_layer(p, &l2tp);
	return session(p);
}

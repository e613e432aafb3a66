/* SPDX-License-Identifier: BSD-2-Clause */
/* Geneve (RFC 8926). */
#include "dissect/link.h"

static void put_header(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "geneve", "Geneve" };
	static const struct cl_field length = { "geneve.option.length", "Length", CL_V_UINT, 0, 0, NULL };
	static const struct cl_header_row first[] = {
		{ { "geneve.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0xc0 },
	};
	static const struct cl_header_row rows[] = {
		{ { "geneve.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "geneve.flags.oam", "Control packet", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x80 },
		{ { "geneve.flags.critical", "Critical options", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x40 },
		{ { "geneve.flags.reserved", "Reserved", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x3f },
		{ { "geneve.proto_type", "Protocol type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name },
		  2,
		  2,
		  0 },
		{ { "geneve.vni", "Network identifier", CL_V_UINT, CL_HEX24, 0, NULL }, 4, 3, 0 },
		{ { "geneve.reserved", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 7, 1, 0 },
	};
	static const struct cl_header_row option[] = {
		{ { "geneve.option.class", "Class", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
		{ { "geneve.option.type", "Type", CL_V_UINT, CL_HEX8, 0, NULL }, 2, 1, 0 },
		{ { "geneve.option.type.critical", "Critical", CL_V_BOOL, 0, 0, NULL }, 2, 1, 0x80 },
		{ { "geneve.option.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 3, 1, 0xe0 },
		{ { "geneve.option.flags.reserved", "Reserved", CL_V_BOOL, 0, 0, NULL }, 3, 1, 0xe0 },
	};
	static const struct cl_field options = { "geneve.options", "Options", CL_V_BYTES, 0, 0, NULL },
				     one = { "geneve.option", "Option", CL_V_BYTES, 0, 0, NULL },
				     data = { "geneve.option.unknown.data", "Data", CL_V_BYTES, 0, 0, NULL };
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, c, first);
	uint32_t octets = (cl_cur_u8(&c) & 0x3fu) * 4;
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &length, octets);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	cl_cur_skip(&c, 7);
	struct cl_cur all = c, o = cl_cur_sub(&c, octets);
	struct cl_span whole = cl_cur_take(&all, octets);
	if (whole.len > 0)
		cl_put_bytes(p->detail, &options, whole);
	while (cl_cur_left(&o) > 0) {
		const struct cl_cur start = o;
		uint32_t n;

		cl_cur_skip(&o, 3);
		n = (cl_cur_u8(&o) & 0x1fu) * 4;
		struct cl_span body = cl_cur_take(&o, n);
		if (o.err != CL_OK)
			return;
		all = start;
		cl_put_bytes(p->detail, &one, cl_cur_take(&all, n + 4));
		CL_PUT_HEADER(p->detail, start, option);
		cl_put_uint(p->detail, &length, n + 4);
		if (n > 0)
			cl_put_bytes(p->detail, &data, body);
	}
}

/* Walks the options (each takes 4 octets or more): together they have to be as long as announced. */
static bool options_fit(struct cl_cur *o)
{
	while (cl_cur_left(o) > 0) {
		cl_cur_skip(o, 3);
		cl_cur_skip(o, (cl_cur_u8(o) & 0x1fu) * 4);
	}
	return o->err == CL_OK;
}

enum cl_next cl_geneve(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	struct cl_cur peek = *c;
	uint32_t first = cl_cur_u16(&peek);

	p->proto = cl_cur_u16(&peek);
	if (peek.err == CL_EMALF ||
	    (peek.err == CL_OK && ((first & 0xc03f) != 0 || p->proto < CL_ETHERTYPE_MIN)))
		return cl_pkt_fate(p,
				   CL_FATE_OTHER); /* a port alone says little: version 0, reserved bits 0 */
	if (p->detail != NULL)
		put_header(p);
	cl_cur_skip(c, 8);
	struct cl_cur options = cl_cur_sub(c, (first >> 8 & 0x3fu) * 4);
	if (options.err == CL_OK && !options_fit(&options))
		return cl_pkt_failed_by(p, &options, CL_ANOM_GENEVE_BAD_OPTION);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_GENEVE);
	return CL_NEXT_ETHERTYPE;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Mirrored frames: ERSPAN II and III (draft-foschiano-erspan-03). Type I has no header: see gre.c. */
#include "dissect/link.h"

enum { ERSPAN3 = 0x22eb };

#define TRUNCATED 0x0400u /* the mirror cut the frame */

static const struct cl_protocol erspan = { "erspan", "Mirrored frame (ERSPAN)" };

static void put_start(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "erspan.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 2, 0xf000 },
		{ { "erspan.vlan", "VLAN", CL_V_UINT, 0, 0, NULL }, 0, 2, 0x0fff },
		{ { "erspan.cos", "Class of service", CL_V_UINT, 0, 0, NULL }, 2, 2, 0xe000 },
		{ { "erspan.truncated", "Truncated", CL_V_UINT, 0, 0, NULL }, 2, 2, TRUNCATED },
		{ { "erspan.spanid", "Session", CL_V_UINT, 0, 0, NULL }, 2, 2, 0x03ff },
	};

	cl_pkt_layer(p, &erspan);
	CL_PUT_HEADER(p->detail, p->cur, rows);
}

static void put_second(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "erspan.encap", "Encapsulation", CL_V_UINT, 0, 0, NULL }, 2, 2, 0x1800 },
		{ { "erspan.reserved", "Reserved", CL_V_UINT, 0, 0, NULL }, 4, 4, 0xfff00000 },
		{ { "erspan.index", "Index", CL_V_UINT, 0, 0, NULL }, 4, 4, 0x000fffff },
	};

	CL_PUT_HEADER(p->detail, p->cur, rows);
}

static void put_third(struct cl_pkt *p)
{
	static const struct cl_header_row rows[] = {
		{ { "erspan.bso", "Bad, short or oversized", CL_V_UINT, 0, 0, NULL }, 2, 2, 0x1800 },
		{ { "erspan.timestamp", "Timestamp", CL_V_UINT, 0, 0, NULL }, 4, 4, 0 },
		{ { "erspan.sgt", "Security group", CL_V_UINT, 0, 0, NULL }, 8, 2, 0 },
		{ { "erspan.p", "Has an Ethernet frame", CL_V_UINT, 0, 0, NULL }, 10, 2, 0x8000 },
		{ { "erspan.ft", "Frame type", CL_V_UINT, 0, 0, NULL }, 10, 2, 0x7c00 },
		{ { "erspan.hw", "Hardware", CL_V_UINT, 0, 0, NULL }, 10, 2, 0x03f0 },
		{ { "erspan.direction", "Direction", CL_V_BOOL, 0, 0, NULL }, 10, 2, 0x0008 },
		{ { "erspan.gra", "Timestamp granularity", CL_V_UINT, 0, 0, NULL }, 10, 2, 0x0006 },
		{ { "erspan.o", "Has a subheader", CL_V_UINT, 0, 0, NULL }, 10, 2, 0x0001 },
	};

	static const struct cl_header_row subheader[] = {
		{ { "erspan.platid", "Platform", CL_V_UINT, 0, 0, NULL }, 12, 4, 0xfc000000 },
	};
	struct cl_cur c = p->cur;

	CL_PUT_HEADER(p->detail, c, rows);
	cl_cur_skip(&c, 11);
	if ((cl_cur_u8(&c) & 1) != 0)
		CL_PUT_HEADER(p->detail, p->cur, subheader);
}

/* An IP packet alone may be in type III (frame type 2), else an Ethernet frame. */
static enum cl_next third(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->detail != NULL)
		put_third(p);
	cl_cur_skip(c, 10);
	uint32_t last = cl_cur_u16(c);
	if ((last & 1) != 0)
		cl_cur_skip(c, 8);
	return (last >> 10 & 0x1f) == 2 ? CL_NEXT_RAW : CL_NEXT_ETHERNET;
}

enum cl_next cl_erspan(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	const bool is_third = p->proto == ERSPAN3;
	struct cl_cur peek = *c;
	uint32_t version = (uint32_t)cl_cur_u16(&peek) >> 12, session = cl_cur_u16(&peek);
	enum cl_next next = CL_NEXT_ETHERNET;

	if (p->detail != NULL)
		put_start(p);
	if (peek.err == CL_OK && version != (is_third ? 2u : 1u))
		return cl_pkt_malformed(p, CL_ANOM_ERSPAN_BAD_VERSION);
	if (is_third)
		next = third(p);
	else if (p->detail != NULL)
		put_second(p);
	if (!is_third)
		cl_cur_skip(c, 8);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_TUNNEL_BAD_HEADER);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_ERSPAN);
	if ((session & TRUNCATED) != 0) /* cut on its way to us, as if by the snap length */
		c->len = c->end + 0xffff;
	return next;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* PPP over Ethernet, session stage (RFC 2516). */
#include "dissect/link.h"

enum cl_next cl_pppoe(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "pppoes", "PPPoE session" };
	static const struct cl_header_row rows[] = {
		{ { "pppoe.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0xf0 },
		{ { "pppoe.type", "Type", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x0f },
		{ { "pppoe.code", "Code", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "pppoe.session_id", "Session", CL_V_UINT, CL_HEX16, 0, NULL }, 2, 2, 0 },
		{ { "pppoe.payload_length", "Payload length", CL_V_UINT, 0, 0, NULL }, 4, 2, 0 },
	};
	struct cl_cur *c = &p->cur;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, *c, rows);
	uint32_t head = cl_cur_u16(c);
	cl_cur_skip(c, 2); /* session */
	uint32_t length = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if (head != 0x1100)
		return cl_pkt_malformed(p, CL_ANOM_PPPOE_BAD_HEADER);
	cl_cur_narrow(c, length);
	return c->err == CL_OK ? CL_NEXT_PPP : cl_pkt_failed_by(p, c, CL_ANOM_PPPOE_BAD_LENGTH);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux netfilter's log (LINKTYPE_NFLOG): a header and attributes, one of which is the packet. */
#include "dissect/packet.h"

enum { NFULA_PAYLOAD = 9, AF_IP4 = 2, AF_IP6 = 10 };

static void put_header(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "nflog", "Linux netfilter log" };
	static const struct cl_header_row rows[] = {
		{ { "nflog.family", "Family", CL_V_UINT, 0, 0, NULL }, 0, 1, 0 },
		{ { "nflog.version", "Version", CL_V_UINT, 0, 0, NULL }, 1, 1, 0 },
		{ { "nflog.res_id", "Group", CL_V_UINT, 0, 0, NULL }, 2, 2, 0 },
	};

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
}

/* Lengths and types are in the byte order of the machine that captured: the first length tells which. */
static bool is_little(struct cl_cur c)
{
	uint16_t big = cl_cur_u16(&c), little = __builtin_bswap16(big);

	return little >= 4 && little < big;
}

static uint32_t number(struct cl_cur *c, bool little)
{
	uint16_t v = cl_cur_u16(c);

	return little ? __builtin_bswap16(v) : v;
}

enum cl_next cl_nflog(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->detail != NULL)
		put_header(p);
	uint8_t family = cl_cur_u8(c);
	cl_cur_skip(c, 3);
	const bool little = is_little(*c);
	while (cl_cur_left(c) > 0) {
		uint32_t length = number(c, little), type = number(c, little) & 0x7fffu;

		if (c->err == CL_OK && length < 4)
			return cl_pkt_malformed(p, CL_ANOM_LINK_BAD_HEADER);
		if (c->err != CL_OK)
			break;
		if (type == NFULA_PAYLOAD) {
			cl_cur_narrow(c, length - 4);
			if (c->err != CL_OK)
				break;
			if (family == AF_IP4)
				return CL_NEXT_IP4;
			return family == AF_IP6 ? CL_NEXT_IP6 : cl_pkt_undecoded(p, CL_UND_NULL_AF, family);
		}
		uint32_t pad = (4 - length % 4) % 4;
		cl_cur_skip(c, length - 4);
		cl_cur_skip(c, pad < cl_cur_left(c) ? pad : cl_cur_left(c));
	}
	return c->err == CL_OK ? cl_pkt_fate(p, CL_FATE_OTHER)
			       : cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
}

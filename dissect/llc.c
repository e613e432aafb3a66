/* SPDX-License-Identifier: BSD-2-Clause */
/* Logical link control (IEEE 802.2) and SNAP, where they carry IP. */
#include "dissect/link.h"

#define SAP_IP	     0x06u
#define SAP_SNAP     0xaau
#define CONTROL_UI   0x03u
#define OUI_ETHER    0x000000u
#define OUI_ETHER_IS 0x0000f8u /* IEEE 802.1H bridge tunnel */
#define OUI_BRIDGED  0x0080c2u /* RFC 2427 */

static const char *sap_name(uint64_t v)
{
	static const struct cl_name names[] = { { 0x03, "IP" }, { 0x21, "spanning tree" }, { 0x55, "SNAP" } };

	return cl_name_find(names, sizeof names / sizeof *names, v);
}

static const char *frame_name(uint64_t v)
{
	return v == 3 ? "unnumbered" : v == 1 ? "supervisory" : "information";
}

static void put_control(struct cl_detail *d, uint32_t control, bool response)
{
	static const struct cl_field
		all = { "llc.control", "Control", CL_V_UINT, CL_HEX16, 0, NULL },
		command = { "llc.control.u_modifier_cmd", "Command", CL_V_UINT, CL_HEX8, 0, NULL },
		answer = { "llc.control.u_modifier_resp", "Response", CL_V_UINT, CL_HEX8, 0, NULL },
		type = { "llc.control.ftype", "Frame type", CL_V_UINT, CL_HEX16, 0, frame_name };

	cl_put_uint(d, &all, control);
	if ((control & 3) == 3)
		cl_put_uint(d, response ? &answer : &command, control & 0xec);
	cl_put_uint(d, &type, (control & 1) == 0 ? 0 : control & 3);
}

static void put_snap(struct cl_detail *d, uint32_t oui, uint32_t protocol)
{
	static const struct cl_field
		organisation = { "llc.oui", "Organization", CL_V_UINT, CL_HEX24, 0, NULL },
		type = { "llc.type", "Type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name },
		other = { "llc.pid", "Protocol ID", CL_V_UINT, CL_HEX16, 0, NULL };

	cl_put_uint(d, &organisation, oui);
	cl_put_uint(d, oui == OUI_ETHER || oui == OUI_ETHER_IS ? &type : &other, protocol);
}

static void put_llc(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "llc", "Logical link control" };
	static const struct cl_header_row rows[] = {
		{ { "llc.dsap", "DSAP", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "llc.dsap.sap", "SAP", CL_V_UINT, 0, 0, sap_name }, 0, 1, 0xfe },
		{ { "llc.dsap.ig", "Group", CL_V_BOOL, 0, 0, NULL }, 0, 1, 0x01 },
		{ { "llc.ssap", "SSAP", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "llc.ssap.sap", "SAP", CL_V_UINT, 0, 0, sap_name }, 1, 1, 0xfe },
		{ { "llc.ssap.cr", "Response", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x01 },
	};
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, c, rows);
	uint32_t saps = cl_cur_u16(&c), control = cl_cur_u8(&c);
	if (c.err != CL_OK)
		return;
	if ((control & 3) == 3)
		put_control(p->detail, control, (saps & 1) != 0);
	if (saps != (SAP_SNAP << 8 | SAP_SNAP) || control != CONTROL_UI)
		return;
	uint32_t oui = (uint32_t)cl_cur_u16(&c) << 8;
	oui |= cl_cur_u8(&c);
	uint32_t protocol = cl_cur_u16(&c);
	if (c.err == CL_OK)
		put_snap(p->detail, oui, protocol);
}

/* RFC 2427 sec. 4.2: a bridged Ethernet frame, with its check sequence (1) or without (7). */
static enum cl_next bridged(struct cl_pkt *p, uint32_t kind)
{
	struct cl_cur *c = &p->cur;

	if (kind != 1 && kind != 7)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (kind == 1 && cl_cur_left(c) >= 4)
		cl_cur_narrow(c, cl_cur_left(c) - 4);
	return CL_NEXT_ETHERNET;
}

static enum cl_next snap(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t oui = (uint32_t)cl_cur_u16(c) << 8;

	oui |= cl_cur_u8(c);
	p->proto = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if (oui == OUI_BRIDGED)
		return bridged(p, p->proto);
	if ((oui == OUI_ETHER || oui == OUI_ETHER_IS) && p->proto >= CL_ETHERTYPE_MIN)
		return CL_NEXT_ETHERTYPE;
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

enum cl_next cl_llc(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;

	if (p->detail != NULL)
		put_llc(p);
	uint32_t saps = cl_cur_u16(c), control = cl_cur_u8(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if (control == CONTROL_UI && saps == (SAP_SNAP << 8 | SAP_SNAP))
		return snap(p);
	if (control == CONTROL_UI && saps == (SAP_IP << 8 | SAP_IP))
		return CL_NEXT_IP4;
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

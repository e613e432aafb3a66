/* SPDX-License-Identifier: BSD-2-Clause */
/* Logical link control (IEEE 802.2) and SNAP, where they carry IP. */
#include "dissect/link.h"

#define SAP_IP	     0x06u
#define SAP_SNAP     0xaau
#define CONTROL_UI   0x03u
#define OUI_ETHER    0x000000u
#define OUI_CISCO    0x00000cu
#define OUI_ETHER_IS 0x0000f8u /* IEEE 802.1H bridge tunnel */
#define OUI_BRIDGED  0x0080c2u /* RFC 2684 */

static const char *sap_name(uint64_t v)
{
	static const struct cl_name names[] = { { 0x03, "IP" }, { 0x21, "spanning tree" }, { 0x55, "SNAP" } };

	return cl_name_find(names, sizeof names / sizeof *names, v);
}

static const char *frame_name(uint64_t v)
{
	return v == 3 ? "unnumbered" : v == 1 ? "supervisory" : "information";
}

/* Numbered frames have a control field of two octets, in little-endian order. */
static void put_control(struct cl_detail *d, struct cl_cur c, bool response)
{
	static const struct cl_field
		all = { "llc.control", "Control", CL_V_UINT, CL_HEX16, 0, NULL },
		received = { "llc.control.n_r", "N(R)", CL_V_UINT, 0, 0, NULL },
		sent = { "llc.control.n_s", "N(S)", CL_V_UINT, 0, 0, NULL },
		poll = { "llc.control.p", "Poll", CL_V_BOOL, 0, 0, NULL },
		final = { "llc.control.f", "Final", CL_V_BOOL, 0, 0, NULL },
		supervisory = { "llc.control.s_ftype", "Supervisory type", CL_V_UINT, CL_HEX16, 0, NULL },
		command = { "llc.control.u_modifier_cmd", "Command", CL_V_UINT, CL_HEX8, 0, NULL },
		answer = { "llc.control.u_modifier_resp", "Response", CL_V_UINT, CL_HEX8, 0, NULL },
		type = { "llc.control.ftype", "Frame type", CL_V_UINT, CL_HEX16, 0, frame_name };
	struct cl_cur one = c;
	uint32_t control = cl_cur_u8(&one);
	bool numbered = (control & 3) != 3;

	if (numbered)
		control = __builtin_bswap16(cl_cur_u16(&c));
	if (c.err != CL_OK || one.err != CL_OK)
		return;
	cl_put_uint(d, &all, control);
	if (numbered)
		cl_put_uint(d, &received, control >> 9);
	if (numbered && (control & 1) == 0)
		cl_put_uint(d, &sent, control >> 1 & 0x7f);
	if ((control & (numbered ? 0x100u : 0x10u)) != 0)
		cl_put_uint(d, response ? &final : &poll, 1);
	if (numbered && (control & 1) != 0)
		cl_put_uint(d, &supervisory, control >> 2 & 3);
	if (!numbered)
		cl_put_uint(d, response ? &answer : &command, (control & 0xec) >> 2);
	cl_put_uint(d, &type, (control & 1) == 0 ? 0 : control & 3);
}

static void put_snap(struct cl_detail *d, uint32_t oui, uint32_t protocol)
{
	static const struct cl_field
		organisation = { "llc.oui", "Organization", CL_V_UINT, CL_HEX24, 0, NULL },
		type = { "llc.type", "Type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name },
		cisco = { "llc.cisco_pid", "Protocol ID", CL_V_UINT, CL_HEX16, 0, NULL },
		other = { "llc.pid", "Protocol ID", CL_V_UINT, CL_HEX16, 0, NULL };

	cl_put_uint(d, &organisation, oui);
	bool ether = oui == OUI_ETHER || oui == OUI_ETHER_IS;
	cl_put_uint(d, ether ? &type : oui == OUI_CISCO ? &cisco : &other, protocol);
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
	uint32_t saps = cl_cur_u16(&c);
	const struct cl_cur octets = c;
	uint32_t control = cl_cur_u8(&c);
	if (c.err != CL_OK)
		return;
	put_control(p->detail, octets, (saps & 1) != 0);
	if (saps != (SAP_SNAP << 8 | SAP_SNAP) || control != CONTROL_UI)
		return;
	uint32_t oui = (uint32_t)cl_cur_u16(&c) << 8;
	oui |= cl_cur_u8(&c);
	uint32_t protocol = cl_cur_u16(&c);
	if (c.err == CL_OK)
		put_snap(p->detail, oui, protocol);
}

/* RFC 2684 sec. 5.2: after two octets of padding an Ethernet frame, with its check sequence (1) or without.
 */
static enum cl_next bridged(struct cl_pkt *p, uint32_t kind)
{
	struct cl_cur *c = &p->cur;

	if (kind != 1 && kind != 7)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	cl_cur_skip(c, 2);
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

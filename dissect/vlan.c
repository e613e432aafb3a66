/* SPDX-License-Identifier: BSD-2-Clause */
/* VLAN tags: IEEE 802.1Q, and of providers (802.1ad). */
#include "dissect/link.h"

static const char *priority_name(uint64_t v)
{
	static const char *const names[] = { "best effort (default)", "background",	"excellent effort",
					     "critical applications", "video",		"voice",
					     "internetwork control",  "network control" };

	return v < sizeof names / sizeof *names ? names[v] : NULL;
}

static const char *dei_name(uint64_t v)
{
	return v != 0 ? "may be dropped" : "ineligible";
}

static void put_provider(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "ieee8021ad", "802.1ad provider VLAN" };
	static const struct cl_header_row rows[] = {
		{ { "ieee8021ad.priority", "Priority", CL_V_UINT, 0, 0, priority_name }, 0, 2, 0xe000 },
		{ { "ieee8021ad.dei", "DEI", CL_V_UINT, 0, 0, dei_name }, 0, 2, 0x1000 },
		{ { "ieee8021ad.id", "ID", CL_V_UINT, 0, 0, NULL }, 0, 2, 0x0fff },
		{ { "ieee8021ah.etype", "Type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name }, 2, 2, 0 },
	};

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
}

static void put_tag(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "vlan", "802.1Q virtual LAN" };
	static const struct cl_header_row rows[] = {
		{ { "vlan.priority", "Priority", CL_V_UINT, 0, 0, priority_name }, 0, 2, 0xe000 },
		{ { "vlan.dei", "DEI", CL_V_BOOL, 0, 0, dei_name }, 0, 2, 0x1000 },
		{ { "vlan.id", "ID", CL_V_UINT, 0, 0, NULL }, 0, 2, 0x0fff },
	};
	static const struct cl_field
		type = { "vlan.etype", "Type", CL_V_UINT, CL_HEX16, 0, cl_ethertype_name },
		length = { "vlan.len", "Length", CL_V_UINT, 0, 0, NULL };
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, c, rows);
	cl_cur_skip(&c, 2);
	uint32_t what = cl_cur_u16(&c);
	if (c.err == CL_OK)
		cl_put_uint(p->detail, what < CL_ETHERTYPE_MIN ? &length : &type, what);
}

bool cl_vlan_tags(struct cl_pkt *p)
{
	for (unsigned tags = 0; cl_vlan_is_tag(p->proto); tags++) {
		if (tags == CL_LAYERS_MAX) {
			cl_pkt_malformed(p, CL_ANOM_VLAN_TOO_DEEP);
			return false;
		}
		if (p->detail != NULL && p->proto == 0x88a8)
			put_provider(p);
		else if (p->detail != NULL)
			put_tag(p);
		cl_pkt_within(p, cl_cur_u16(&p->cur) & 0xfffu); /* VLAN identifier */
		p->proto = cl_cur_u16(&p->cur);
		if (p->cur.err != CL_OK) {
			cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
			return false;
		}
	}
	return true;
}

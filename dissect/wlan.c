/* SPDX-License-Identifier: BSD-2-Clause */
/* IEEE 802.11 data frames (sec. 9.2, 9.3.2). */
#include "dissect/wlan.h"

#define FC_TYPE	     0x000cu
#define FC_DATA	     0x0008u
#define FC_NO_DATA   0x0040u /* of a data frame: null, and what is not said with data */
#define FC_QOS	     0x0080u
#define FC_TO_DS     0x0100u
#define FC_FROM_DS   0x0200u
#define FC_MORE	     0x0400u
#define FC_PROTECTED 0x4000u
#define FC_ORDER     0x8000u
#define QOS_AMSDU    0x0080u

/* Values of CL_UND_WLAN. */
enum { ENCRYPTED = 1, FRAGMENT = 2, AGGREGATE = 3 };

static const char *type_name(uint64_t v)
{
	static const char *const names[] = { "management", "control", "data", "extension" };

	return v < sizeof names / sizeof *names ? names[v] : NULL;
}

static const char *kind_name(uint64_t v)
{
	static const struct cl_name names[] = {
		{ 0x08, "beacon" }, { 0x1b, "RTS" },  { 0x1c, "CTS" },	    { 0x1d, "acknowledgment" },
		{ 0x20, "data" },   { 0x24, "null" }, { 0x28, "QoS data" }, { 0x2c, "QoS null" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, v);
}

static void put_control(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "wlan", "IEEE 802.11" };
	static const struct cl_header_row rows[] = {
		{ { "wlan.fc", "Frame control", CL_V_UINT, CL_HEX16, 0, NULL }, 0, 2, 0 },
		{ { "wlan.fc.version", "Version", CL_V_UINT, 0, 0, NULL }, 0, 1, 0x03 },
		{ { "wlan.fc.type", "Type", CL_V_UINT, 0, 0, type_name }, 0, 1, 0x0c },
		{ { "wlan.fc.subtype", "Subtype", CL_V_UINT, 0, 0, NULL }, 0, 1, 0xf0 },
		{ { "wlan.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "wlan.fc.ds", "Distribution system", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0x03 },
		{ { "wlan.fc.tods", "To it", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x01 },
		{ { "wlan.fc.fromds", "From it", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x02 },
		{ { "wlan.fc.frag", "More fragments", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x04 },
		{ { "wlan.fc.retry", "Retry", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x08 },
		{ { "wlan.fc.pwrmgt", "Power management", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x10 },
		{ { "wlan.fc.moredata", "More data", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x20 },
		{ { "wlan.fc.protected", "Protected", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x40 },
		{ { "wlan.fc.order", "Order", CL_V_BOOL, 0, 0, NULL }, 1, 1, 0x80 },
	};
	static const struct cl_field kind = { "wlan.fc.type_subtype",
					      "Type and subtype",
					      CL_V_UINT,
					      CL_HEX8,
					      0,
					      kind_name },
				     duration = { "wlan.duration", "Duration", CL_V_UINT, 0, 0, NULL };
	struct cl_cur c = p->cur;

	cl_pkt_layer(p, &proto);
	uint32_t fc = cl_wlan_u16(&c), time = cl_wlan_u16(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &kind, (fc & FC_TYPE) << 2 | (fc >> 4 & 15));
	CL_PUT_HEADER(p->detail, p->cur, rows);
	cl_put_uint(p->detail, &duration, time & 0x7fff);
}

static void put_qos(struct cl_detail *d, uint32_t qos, uint32_t fc)
{
	static const struct cl_field
		all = { "wlan.qos", "QoS control", CL_V_UINT, CL_HEX16, 0, NULL },
		tid = { "wlan.qos.tid", "Traffic", CL_V_UINT, 0, 0, NULL },
		priority = { "wlan.qos.priority", "Priority", CL_V_UINT, 0, 0, NULL },
		end = { "wlan.qos.eosp", "End of service period", CL_V_BOOL, 0, 0, NULL },
		bit4 = { "wlan.qos.bit4", "Bit 4", CL_V_BOOL, 0, 0, NULL },
		ack = { "wlan.qos.ack", "Acknowledgment policy", CL_V_UINT, CL_HEX16, 0, NULL },
		amsdu = { "wlan.qos.amsdupresent", "Aggregate", CL_V_BOOL, 0, 0, NULL };

	cl_put_uint(d, &all, qos);
	cl_put_uint(d, &tid, qos & 15);
	cl_put_uint(d, &priority, qos & 7);
	cl_put_uint(d, (fc & FC_FROM_DS) != 0 ? &end : &bit4, qos >> 4 & 1);
	cl_put_uint(d, &ack, qos >> 5 & 3);
	cl_put_uint(d, &amsdu, (qos & QOS_AMSDU) != 0);
}

static const struct cl_field destination = { "wlan.da", "Destination", CL_V_ETHER, 0, 0, NULL },
			     source = { "wlan.sa", "Source", CL_V_ETHER, 0, 0, NULL };

/* Addresses by the bits to and from the distribution system (table 9-30). */
static void put_addresses(struct cl_detail *d, struct cl_cur c, uint32_t fc)
{
	static const struct cl_field receiver = { "wlan.ra", "Receiver", CL_V_ETHER, 0, 0, NULL },
				     transmitter = { "wlan.ta", "Transmitter", CL_V_ETHER, 0, 0, NULL },

				     network = { "wlan.bssid", "BSS", CL_V_ETHER, 0, 0, NULL },
				     station = { "wlan.staa", "Station", CL_V_ETHER, 0, 0, NULL },
				     fragment = { "wlan.frag", "Fragment", CL_V_UINT, 0, 0, NULL },
				     sequence = { "wlan.seq", "Sequence number", CL_V_UINT, 0, 0, NULL };
	static const struct {
		uint8_t da, sa, bss, sta; /* which address, from 0; 9: none */
	} roles[] = { { 0, 1, 2, 9 }, { 2, 1, 0, 1 }, { 0, 2, 1, 0 }, { 2, 3, 9, 9 } };
	struct cl_span a[4];

	for (unsigned i = 0; i < 3; i++)
		a[i] = cl_cur_take(&c, 6);
	uint32_t number = cl_wlan_u16(&c);
	unsigned way = fc >> 8 & 3;
	if (way == 3)
		a[3] = cl_cur_take(&c, 6);
	if (c.err != CL_OK)
		return;
	cl_put_bytes(d, &receiver, a[0]);
	cl_put_bytes(d, &transmitter, a[1]);
	bool each = (fc & FC_QOS) != 0 && (cl_wlan_u16(&c) & QOS_AMSDU) != 0; /* a subframe has its own */
	if (!each || roles[way].da < 2)
		cl_put_bytes(d, &destination, a[roles[way].da]);
	if (!each || roles[way].sa < 2)
		cl_put_bytes(d, &source, a[roles[way].sa]);
	if (roles[way].bss < 4)
		cl_put_bytes(d, &network, a[roles[way].bss]);
	if (roles[way].sta < 4)
		cl_put_bytes(d, &station, a[roles[way].sta]);
	cl_put_uint(d, &fragment, number & 15);
	cl_put_uint(d, &sequence, number >> 4);
}

static void put_fcs(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_field fcs = { "wlan.fcs", "Check sequence", CL_V_UINT, CL_HEX32, 0, NULL };

	cl_cur_skip(&c, cl_cur_left(&c) - 4);
	uint32_t value = cl_wlan_u32(&c);
	if (c.err == CL_OK)
		cl_put_uint(d, &fcs, value);
}

/* An aggregate of one (sec. 9.3.2.2): destination, source, length; more of them come with more packets than a
 * frame can be here. */
static enum cl_next aggregate(struct cl_pkt *p)
{
	static const struct cl_field field = {
		"wlan_aggregate.a_mdsu.length", "Subframe's length", CL_V_UINT, 0, 0, NULL
	};
	struct cl_cur *c = &p->cur;

	struct cl_span to = cl_cur_take(c, 6), from = cl_cur_take(c, 6);
	uint32_t length = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_WLAN_BAD_SUBFRAME);
	cl_put_bytes(p->detail, &destination, to);
	cl_put_bytes(p->detail, &source, from);
	cl_put_uint(p->detail, &field, length);
	if (length > cl_cur_left(c))
		return cl_pkt_malformed(p, CL_ANOM_WLAN_BAD_SUBFRAME);
	if (cl_cur_left(c) - length > 3)
		return cl_pkt_undecoded(p, CL_UND_WLAN, AGGREGATE);
	cl_cur_narrow(c, length);
	return CL_NEXT_LLC;
}

/* What follows the three addresses and the sequence control. */
static enum cl_next body(struct cl_pkt *p, uint32_t start, uint32_t fc, unsigned flags)
{
	struct cl_cur *c = &p->cur;
	uint32_t qos = 0;

	if ((fc & (FC_TO_DS | FC_FROM_DS)) == (FC_TO_DS | FC_FROM_DS))
		cl_cur_skip(c, 6);
	if ((fc & FC_QOS) != 0) {
		qos = cl_wlan_u16(c);
		if (p->detail != NULL && c->err == CL_OK)
			put_qos(p->detail, qos, fc);
		if ((fc & FC_ORDER) != 0) /* HT control */
			cl_cur_skip(c, 4);
	}
	if ((flags & CL_WLAN_PADDED) != 0)
		cl_cur_skip(c, (4 - (c->pos - start) % 4) % 4);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if ((fc & FC_NO_DATA) != 0)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if ((fc & FC_PROTECTED) != 0)
		return cl_pkt_undecoded(p, CL_UND_WLAN, ENCRYPTED);
	return (qos & QOS_AMSDU) != 0 ? aggregate(p) : CL_NEXT_LLC;
}

enum cl_next cl_wlan_frame(struct cl_pkt *p, unsigned flags)
{
	struct cl_cur *c = &p->cur;
	const uint32_t start = c->pos;

	if (p->detail != NULL)
		put_control(p);
	if ((flags & CL_WLAN_DAMAGED) != 0)
		return cl_pkt_malformed(p, CL_ANOM_WLAN_BAD_FCS);
	if ((flags & CL_WLAN_FCS) != 0 && cl_cur_left(c) >= 4) {
		if (p->detail != NULL)
			put_fcs(p->detail, *c);
		cl_cur_narrow(c, cl_cur_left(c) - 4);
	}
	uint32_t fc = cl_wlan_u16(c);
	cl_cur_skip(c, 2); /* duration */
	if (c->err == CL_OK && (fc & FC_TYPE) != FC_DATA)
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (p->detail != NULL && c->err == CL_OK)
		put_addresses(p->detail, *c, fc);
	cl_cur_skip(c, 18);
	uint32_t number = cl_wlan_u16(c);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	if ((fc & FC_MORE) != 0 || (number & 15) != 0)
		return cl_pkt_undecoded(p, CL_UND_WLAN, FRAGMENT);
	return body(p, start, fc, flags);
}

enum cl_next cl_wlan(struct cl_pkt *p)
{
	return cl_wlan_frame(p, 0);
}

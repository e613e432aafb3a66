/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension headers of IPv6 as layers (RFC 8200 sec. 4, RFC 4302, RFC 6275, RFC 7401, RFC 5533). */
#include "dissect/ip.h"

#define FIELD(var, name, label, type, base)                                                                  \
	static const struct cl_field var = { name, label, type, base, 0, NULL }
#define NEXT(name)                                                                                           \
	{                                                                                                    \
		{ name, "Next Header", CL_V_UINT, CL_DEC, 0, cl_ip_proto_name }, 0, 1, 0                     \
	}
#define LENGTH(name)                                                                                         \
	{                                                                                                    \
		{ name, "Length", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0                                      \
	}

/* `octets`: the length field in octets, the first eight included; NULL: not shown. */
struct extension {
	uint32_t proto;
	struct cl_protocol layer;
	const struct cl_header_row *rows;
	size_t row_count;
	const struct cl_field *octets;
	void (*rest)(struct cl_pkt *p, struct cl_cur header);
};

static void put_options(struct cl_pkt *p, struct cl_cur header)
{
	cl_cur_skip(&header, 2);
	cl_ip6_options(p, header);
}

static void put_addresses(struct cl_pkt *p, struct cl_cur c, const struct cl_field *f)
{
	while (cl_cur_kept(&c) >= 16)
		cl_put_bytes(p->detail, f, cl_cur_take(&c, 16));
}

/* RFC 8200 sec. 4.4, RFC 5095: deprecated. */
static void put_source_route(struct cl_pkt *p, struct cl_cur c)
{
	FIELD(reserved, "ipv6.routing.src.reserved", "Reserved", CL_V_BYTES, CL_DEC);
	FIELD(address, "ipv6.routing.src.addr", "Address", CL_V_IP6, CL_DEC);

	cl_put_bytes(p->detail, &reserved, cl_cur_take(&c, 4));
	put_addresses(p, c, &address);
}

/* RFC 6275 sec. 6.4. */
static void put_mobile_route(struct cl_pkt *p, struct cl_cur c)
{
	FIELD(reserved, "ipv6.routing.mipv6.reserved", "Reserved", CL_V_BYTES, CL_DEC);
	FIELD(home, "ipv6.routing.mipv6.home_address", "Home Address", CL_V_IP6, CL_DEC);

	cl_put_bytes(p->detail, &reserved, cl_cur_take(&c, 4));
	if (cl_cur_kept(&c) >= 16)
		cl_put_bytes(p->detail, &home, cl_cur_take(&c, 16));
}

/* Addresses of which the first octets, left out, are those of the destination (RFC 6554 sec. 3). */
static void put_rpl_addresses(struct cl_pkt *p, struct cl_cur c, uint32_t left_out, uint32_t last_left_out,
			      uint32_t count)
{
	FIELD(compressed, "ipv6.routing.rpl.address", "Address", CL_V_BYTES, CL_DEC);
	static const struct cl_field full = {
		"ipv6.routing.rpl.full_address", "Full Address", CL_V_IP6, CL_DEC, CL_FD_GENERATED, NULL
	};
	uint8_t address[16];

	memcpy(address, p->ev->dst.b, sizeof address);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t out = i + 1 == count ? last_left_out : left_out;
		struct cl_cur again = c;

		if (cl_cur_kept(&c) < 16 - out)
			return;
		cl_put_bytes(p->detail, &compressed, cl_cur_take(&c, 16 - out));
		cl_cur_copy(&again, address + out, 16 - out);
		cl_put_bytes(p->detail, &full, cl_detail_keep(p->detail, address, sizeof address));
	}
}

static void put_rpl_route(struct cl_pkt *p, struct cl_cur c)
{
	static const struct cl_header_row rpl[] = {
		{ { "ipv6.routing.rpl.cmprI", "Compression of intermediate addresses", CL_V_UINT, CL_DEC, 0,
		    NULL },
		  0,
		  4,
		  0xf0000000 },
		{ { "ipv6.routing.rpl.cmprE", "Compression of the last address", CL_V_UINT, CL_DEC, 0, NULL },
		  0,
		  4,
		  0x0f000000 },
		{ { "ipv6.routing.rpl.pad", "Padding Bytes", CL_V_UINT, CL_DEC, 0, NULL }, 0, 4, 0x00f00000 },
		{ { "ipv6.routing.rpl.reserved", "Reserved", CL_V_UINT, CL_DEC, 0, NULL }, 0, 4, 0x000fffff },
	};
	static const struct cl_field number = {
		"ipv6.routing.rpl.addr_count", "Address Count", CL_V_INT, CL_DEC, CL_FD_GENERATED, NULL
	};

	CL_PUT_HEADER(p->detail, c, rpl);
	uint32_t word = cl_cur_u32(&c), left_out = word >> 28, last = word >> 24 & 15u;
	uint32_t padding = word >> 20 & 15u, octets = cl_cur_left(&c);
	if (c.err != CL_OK)
		return;
	if (octets < padding + 16 - last) {
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_ROUTING);
		return;
	}
	uint32_t count = (octets - padding - (16 - last)) / (16 - left_out) + 1;
	cl_put_int(p->detail, &number, count);
	put_rpl_addresses(p, c, left_out, last, count);
}

/* RFC 8754 sec. 2. */
static void put_segment_route(struct cl_pkt *p, struct cl_cur c)
{
	static const struct cl_header_row srh[] = {
		{ { "ipv6.routing.srh.last_entry", "Last Entry", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0 },
		{ { "ipv6.routing.srh.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "ipv6.routing.srh.tag", "Tag", CL_V_BYTES, CL_DEC, 0, NULL }, 2, 2, 0 },
	};
	FIELD(address, "ipv6.routing.srh.addr", "Address", CL_V_IP6, CL_DEC);
	FIELD(tlvs, "ipv6.routing.srh.tlvs", "TLVs", CL_V_BYTES, CL_DEC);

	CL_PUT_HEADER(p->detail, c, srh);
	uint32_t entries = cl_cur_u8(&c) + 1u;
	cl_cur_skip(&c, 3);
	for (; entries > 0 && cl_cur_kept(&c) >= 16; entries--)
		cl_put_bytes(p->detail, &address, cl_cur_take(&c, 16));
	if (entries > 0 && c.end == c.len)
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_ROUTING);
	else if (cl_cur_kept(&c) > 0)
		cl_put_bytes(p->detail, &tlvs, cl_cur_take(&c, cl_cur_kept(&c)));
}

/* draft-bonica-6man-comp-rtg-hdr: identifiers of 16 or 32 bits. */
static void put_compact_route(struct cl_pkt *p, struct cl_cur c, bool wide, uint32_t left)
{
	FIELD(current16, "ipv6.routing.crh16.current_sid", "Current SID", CL_V_UINT, CL_DEC);
	FIELD(current32, "ipv6.routing.crh32.current_sid", "Current SID", CL_V_UINT, CL_DEC);
	FIELD(sid16, "ipv6.routing.crh16.sid", "SID", CL_V_UINT, CL_DEC);
	FIELD(sid32, "ipv6.routing.crh32.sid", "SID", CL_V_UINT, CL_DEC);
	struct cl_cur at = c;

	cl_cur_skip(&at, left * (wide ? 4 : 2));
	uint32_t current = wide ? cl_cur_u32(&at) : cl_cur_u16(&at);
	if (at.err == CL_OK)
		cl_put_uint(p->detail, wide ? &current32 : &current16, current);
	while (cl_cur_kept(&c) >= (wide ? 4u : 2u))
		cl_put_uint(p->detail, wide ? &sid32 : &sid16, wide ? cl_cur_u32(&c) : cl_cur_u16(&c));
}

static void put_routing(struct cl_pkt *p, struct cl_cur header)
{
	FIELD(unknown, "ipv6.routing.unknown_data", "Type-Specific Data", CL_V_BYTES, CL_DEC);

	cl_cur_skip(&header, 2);
	uint8_t type = cl_cur_u8(&header), left = cl_cur_u8(&header);
	if (header.err != CL_OK)
		return;
	switch (type) {
	case 0:
		put_source_route(p, header);
		break;
	case 2:
		put_mobile_route(p, header);
		break;
	case 3:
		put_rpl_route(p, header);
		break;
	case 4:
		put_segment_route(p, header);
		break;
	case 5:
	case 6:
		put_compact_route(p, header, type == 6, left);
		break;
	default:
		cl_put_bytes(p->detail, &unknown, cl_cur_take(&header, cl_cur_kept(&header)));
		break;
	}
}

static void put_icv(struct cl_pkt *p, struct cl_cur header)
{
	FIELD(icv, "ah.icv", "AH ICV", CL_V_BYTES, CL_DEC);

	cl_cur_skip(&header, 12);
	if (header.err == CL_OK && cl_cur_kept(&header) > 0)
		cl_put_bytes(p->detail, &icv, cl_cur_take(&header, cl_cur_kept(&header)));
}

static const char *routing_type_name(uint64_t type)
{
	static const struct cl_name names[] = {
		{ 0, "Source Route" },	   { 1, "Nimrod" },	     { 2, "Type 2 Routing Header" },
		{ 3, "RPL Source Route" }, { 4, "Segment Routing" }, { 5, "CRH-16" },
		{ 6, "CRH-32" },	   { 253, "Experiment 1" },  { 254, "Experiment 2" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, type);
}

static const struct cl_header_row hopopts_rows[] = { NEXT("ipv6.hopopts.nxt"), LENGTH("ipv6.hopopts.len") };
static const struct cl_header_row dstopts_rows[] = { NEXT("ipv6.dstopts.nxt"), LENGTH("ipv6.dstopts.len") };
static const struct cl_header_row routing_rows[] = {
	NEXT("ipv6.routing.nxt"),
	LENGTH("ipv6.routing.len"),
	{ { "ipv6.routing.type", "Type", CL_V_UINT, CL_DEC, 0, routing_type_name }, 2, 1, 0 },
	{ { "ipv6.routing.segleft", "Segments Left", CL_V_UINT, CL_DEC, 0, NULL }, 3, 1, 0 },
};
static const struct cl_header_row fragment_rows[] = {
	NEXT("ipv6.fraghdr.nxt"),
	{ { "ipv6.fraghdr.reserved_octet", "Reserved octet", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
	{ { "ipv6.fraghdr.offset", "Offset (in 8 octets)", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0xfff8 },
	{ { "ipv6.fraghdr.reserved_bits", "Reserved bits", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0x0006 },
	{ { "ipv6.fraghdr.more", "More Fragments", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 0x0001 },
	{ { "ipv6.fraghdr.ident", "Identification", CL_V_UINT, CL_HEX32, 0, NULL }, 4, 4, 0 },
};
static const struct cl_header_row ah_rows[] = {
	NEXT("ah.next_header"),
	LENGTH("ah.length"),
	{ { "ah.reserved", "Reserved", CL_V_BYTES, CL_DEC, 0, NULL }, 2, 2, 0 },
	{ { "ah.spi", "AH SPI", CL_V_UINT, CL_HEX32, 0, NULL }, 4, 4, 0 },
	{ { "ah.sequence", "AH Sequence", CL_V_UINT, CL_DEC, 0, NULL }, 8, 4, 0 },
};
static const struct cl_header_row mobility_rows[] = {
	{ { "mip6.proto", "Payload protocol", CL_V_UINT, CL_DEC, 0, cl_ip_proto_name }, 0, 1, 0 },
	{ { "mip6.hlen", "Header length", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "mip6.mhtype", "Mobility Header Type", CL_V_UINT, CL_DEC, 0, NULL }, 2, 1, 0 },
	{ { "mip6.reserved", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 3, 1, 0 },
	{ { "mip6.csum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 4, 2, 0 },
};
static const struct cl_header_row hip_rows[] = {
	{ { "hip.proto", "Payload Protocol", CL_V_UINT, CL_DEC, 0, cl_ip_proto_name }, 0, 1, 0 },
	{ { "hip.hdr_len", "Header Length", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
	{ { "hip.packet_type", "Packet Type", CL_V_UINT, CL_DEC, 0, NULL }, 2, 1, 0x7f },
	{ { "hip.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 4, 2, 0 },
	{ { "hip.controls", "HIP Controls", CL_V_UINT, CL_HEX16, 0, NULL }, 6, 2, 0 },
};
static const struct cl_header_row shim6_rows[] = {
	NEXT("shim6.nxt"),
	LENGTH("shim6.len"),
	{ { "shim6.p", "P Bit", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 1, 0x80 },
};

FIELD(hopopts_octets, "ipv6.hopopts.len_oct", "Length in octets", CL_V_UINT, CL_DEC);
FIELD(dstopts_octets, "ipv6.dstopts.len_oct", "Length in octets", CL_V_UINT, CL_DEC);
FIELD(routing_octets, "ipv6.routing.len_oct", "Length in octets", CL_V_UINT, CL_DEC);
FIELD(shim6_octets, "shim6.len_oct", "Length in octets", CL_V_UINT, CL_DEC);

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)

/* By protocol number. */
static const struct extension extensions[] = {
	{ IP_HOPOPTS,
	  { "ipv6.hopopts", "IPv6 Hop-by-Hop Options" },
	  ROWS(hopopts_rows),
	  &hopopts_octets,
	  put_options },
	{ IP_ROUTING,
	  { "ipv6.routing", "Routing Header for IPv6" },
	  ROWS(routing_rows),
	  &routing_octets,
	  put_routing },
	{ IP_FRAGMENT, { "ipv6.fraghdr", "Fragment Header for IPv6" }, ROWS(fragment_rows), NULL, NULL },
	{ IP_AH, { "ah", "Authentication Header" }, ROWS(ah_rows), NULL, put_icv },
	{ IP_DSTOPTS,
	  { "ipv6.dstopts", "Destination Options for IPv6" },
	  ROWS(dstopts_rows),
	  &dstopts_octets,
	  put_options },
	{ IP_MOBILITY, { "mipv6", "Mobile IPv6" }, ROWS(mobility_rows), NULL, NULL },
	{ IP_HIP, { "hip", "Host Identity Protocol" }, ROWS(hip_rows), NULL, NULL },
	{ IP_SHIM6, { "shim6", "Shim6 Protocol" }, ROWS(shim6_rows), &shim6_octets, NULL },
};

void cl_ip6_put_extension(struct cl_pkt *p, uint32_t proto, struct cl_cur header)
{
	const struct extension *e = extensions;
	struct cl_cur c = header;

	while (e->proto != proto)
		e++;
	cl_pkt_layer(p, &e->layer);
	cl_put_header(p->detail, header, e->rows, e->row_count);
	cl_cur_skip(&c, 1);
	if (e->octets != NULL)
		cl_put_uint(p->detail, e->octets, (cl_cur_u8(&c) + 1u) * 8);
	if (e->rest != NULL)
		e->rest(p, header);
}

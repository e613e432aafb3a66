/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP (RFC 792, 950, 1256, 1191, 4884, 8335; Mobile IP: RFC 5944). */
#include "dissect/icmp.h"
#include "dissect/checksum.h"
#include "dissect/icmp_names.h"

enum {
	UNREACHABLE = 3,
	SOURCE_QUENCH = 4,
	REDIRECT = 5,
	ROUTER_ADVERTISEMENT = 9,
	TIME_EXCEEDED = 11,
	PARAMETER_PROBLEM = 12,
	EXTENDED_ECHO = 42
};
#define FRAGMENTATION_NEEDED 4u /* code of UNREACHABLE */

static const char *type_name(uint64_t type);

static const char *reply_state(uint64_t v)
{
	static const struct cl_name names[] = { { 1, "Incomplete" }, { 2, "Reachable" }, { 3, "Stale" },
						{ 4, "Delay" },	     { 5, "Probe" },	 { 6, "Failed" } };

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const struct cl_protocol proto = { "icmp", "Internet Control Message Protocol" };

static const struct cl_field
	f_type = { "icmp.type", "Type", CL_V_UINT, CL_DEC, 0, type_name },
	f_code = { "icmp.code", "Code", CL_V_UINT, CL_DEC, 0, NULL },
	f_checksum = { "icmp.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL },
	f_status = { "icmp.checksum.status", "Checksum Status",	     CL_V_UINT, CL_DEC,
		     CL_FD_GENERATED,	     cl_checksum_status_name },
	f_unused = { "icmp.unused", "Unused", CL_V_BYTES, 0, 0, NULL },
	f_mtu = { "icmp.mtu", "MTU of next hop", CL_V_UINT, CL_DEC, 0, NULL },
	f_length = { "icmp.length", "Length", CL_V_UINT, CL_DEC, 0, NULL },
	f_original = { "icmp.length.original_datagram",
		       "Length of original datagram",
		       CL_V_UINT,
		       CL_DEC,
		       CL_FD_GENERATED,
		       NULL },
	f_gateway = { "icmp.redir_gw", "Gateway Address", CL_V_IP4, 0, 0, NULL },
	f_pointer = { "icmp.pointer", "Pointer", CL_V_UINT, CL_DEC, 0, NULL },
	f_ident = { "icmp.ident", "Identifier (BE)", CL_V_UINT, CL_DEC, 0, NULL },
	f_ident_le = { "icmp.ident_le", "Identifier (LE)", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL },
	f_seq = { "icmp.seq", "Sequence Number (BE)", CL_V_UINT, CL_DEC, 0, NULL },
	f_seq_le = { "icmp.seq_le", "Sequence Number (LE)", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL },
	f_originate = { "icmp.originate_timestamp", "Originate Timestamp", CL_V_UINT, CL_DEC, 0, NULL },
	f_receive = { "icmp.receive_timestamp", "Receive Timestamp", CL_V_UINT, CL_DEC, 0, NULL },
	f_transmit = { "icmp.transmit_timestamp", "Transmit Timestamp", CL_V_UINT, CL_DEC, 0, NULL },
	f_mask = { "icmp.address_mask", "Address Mask", CL_V_IP4, 0, 0, NULL },
	f_routers = { "icmp.num_addrs", "Number of addresses", CL_V_UINT, CL_DEC, 0, NULL },
	f_entry_size = { "icmp.addr_entry_size", "Address entry size", CL_V_UINT, CL_DEC, 0, NULL },
	f_lifetime = { "icmp.lifetime", "Lifetime", CL_V_UINT, CL_DEC, 0, NULL },
	f_router = { "icmp.router_address", "Router address", CL_V_IP4, 0, 0, NULL },
	f_preference = { "icmp.pref_level", "Preference level", CL_V_INT, CL_DEC, 0, NULL },
	f_data = { NULL, "Data", CL_V_BYTES, 0, 0, NULL },
	f_echo_seq = { "icmp.ext.echo.seq", "Sequence Number", CL_V_UINT, CL_DEC, 0, NULL },
	f_echo_reserved = { "icmp.ext.echo.req.res", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL },
	f_echo_local = { "icmp.ext.echo.req.local", "Local bit", CL_V_BOOL, 0, 0, NULL },
	f_reply_state = { "icmp.ext.echo.rsp.state", "State", CL_V_UINT, CL_DEC, 0, reply_state },
	f_reply_reserved = { "icmp.ext.echo.rsp.res", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL },
	f_reply_active = { "icmp.ext.echo.rsp.active", "Active bit", CL_V_BOOL, 0, 0, NULL },
	f_reply_ip4 = { "icmp.ext.echo.rsp.ipv4", "IPv4 bit", CL_V_BOOL, 0, 0, NULL },
	f_reply_ip6 = { "icmp.ext.echo.rsp.ipv6", "IPv6 bit", CL_V_BOOL, 0, 0, NULL },
	f_mip = { NULL, "Extension", CL_V_GROUP, 0, 0, NULL },
	f_mip_type = { "icmp.mip.type", "Extension Type", CL_V_UINT, CL_DEC, 0, NULL },
	f_mip_length = { "icmp.mip.length", "Length", CL_V_UINT, CL_DEC, 0, NULL },
	f_mip_prefix = { "icmp.mip.prefixlength", "Prefix Length", CL_V_UINT, CL_DEC, 0, NULL },
	f_mip_seq = { "icmp.mip.seq", "Sequence Number", CL_V_UINT, CL_DEC, 0, NULL },
	f_mip_life = { "icmp.mip.life", "Registration Lifetime", CL_V_UINT, CL_DEC, 0, NULL },
	f_mip_flags = { "icmp.mip.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL },
	f_mip_r = { "icmp.mip.r", "Registration Required", CL_V_BOOL, 0, 0, NULL },
	f_mip_b = { "icmp.mip.b", "Busy", CL_V_BOOL, 0, 0, NULL },
	f_mip_h = { "icmp.mip.h", "Home Agent", CL_V_BOOL, 0, 0, NULL },
	f_mip_f = { "icmp.mip.f", "Foreign Agent", CL_V_BOOL, 0, 0, NULL },
	f_mip_m = { "icmp.mip.m", "Minimal Encapsulation", CL_V_BOOL, 0, 0, NULL },
	f_mip_g = { "icmp.mip.g", "GRE", CL_V_BOOL, 0, 0, NULL },
	f_mip_v = { "icmp.mip.v", "VJ Comp", CL_V_BOOL, 0, 0, NULL },
	f_mip_rt = { "icmp.mip.rt", "Reverse tunneling", CL_V_BOOL, 0, 0, NULL },
	f_mip_u = { "icmp.mip.u", "UDP tunneling", CL_V_BOOL, 0, 0, NULL },
	f_mip_x = { "icmp.mip.x", "Revocation support", CL_V_BOOL, 0, 0, NULL },
	f_mip_reserved = { "icmp.mip.reserved", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL },
	f_mip_coa = { "icmp.mip.coa", "Care-Of-Address", CL_V_IP4, 0, 0, NULL },
	f_mip_challenge = { "icmp.mip.challenge", "Challenge", CL_V_BYTES, 0, 0, NULL };

/* Places count from the message's first octet. */
static const struct cl_icmp_row head_rows[] = { { &f_type, 0, 1, 0 },
						{ &f_code, 1, 1, 0 },
						{ &f_checksum, 2, 2, 0 } };
static const struct cl_icmp_row redirect_rows[] = { { &f_gateway, 4, 4, 0 } };
static const struct cl_icmp_row too_big_rows[] = { { &f_unused, 4, 2, 0 }, { &f_mtu, 6, 2, 0 } };
#define EXCHANGE                                                                                             \
	{ &f_ident, 4, 2, 0 }, { &f_ident_le, 4, 2, 0 }, { &f_seq, 6, 2, 0 },                                \
	{                                                                                                    \
		&f_seq_le, 6, 2, 0                                                                           \
	}
static const struct cl_icmp_row exchange_rows[] = { EXCHANGE };
static const struct cl_icmp_row echo_rows[] = { EXCHANGE, { &f_data, 8, 0, 0 } };
static const struct cl_icmp_row stamp_rows[] = {
	EXCHANGE, { &f_originate, 8, 4, 0 }, { &f_receive, 12, 4, 0 }, { &f_transmit, 16, 4, 0 }
};
static const struct cl_icmp_row mask_rows[] = { EXCHANGE, { &f_mask, 8, 4, 0 } };
static const struct cl_icmp_row router_rows[] = { { &f_routers, 4, 1, 0 },
						  { &f_entry_size, 5, 1, 0 },
						  { &f_lifetime, 6, 2, 0 } };
static const struct cl_icmp_row ext_echo_rows[] = { { &f_ident, 4, 2, 0 },
						    { &f_ident_le, 4, 2, 0 },
						    { &f_echo_seq, 6, 1, 0 },
						    { &f_echo_reserved, 7, 1, 0xfe },
						    { &f_echo_local, 7, 1, 1 } };
static const struct cl_icmp_row ext_reply_rows[] = {
	{ &f_ident, 4, 2, 0 },		{ &f_ident_le, 4, 2, 0 },	   { &f_echo_seq, 6, 1, 0 },
	{ &f_reply_state, 7, 1, 0xe0 }, { &f_reply_reserved, 7, 1, 0x18 }, { &f_reply_active, 7, 1, 4 },
	{ &f_reply_ip4, 7, 1, 2 },	{ &f_reply_ip6, 7, 1, 1 },
};

#define ROWS(rows) CL_COUNT_OF(rows), rows

static const struct cl_icmp_kind types[] = {
	{ 0, ROWS(echo_rows), "Echo reply" },
	{ 3, 0, NULL, "Destination unreachable" },
	{ 4, 0, NULL, "Source quench" },
	{ 5, ROWS(redirect_rows), "Redirect" },
	{ 6, 0, NULL, "Alternate host address" },
	{ 8, ROWS(echo_rows), "Echo request" },
	{ 9, ROWS(router_rows), "Router advertisement" },
	{ 10, 0, NULL, "Router solicitation" },
	{ 11, 0, NULL, "Time exceeded" },
	{ 12, 0, NULL, "Parameter problem" },
	{ 13, ROWS(stamp_rows), "Timestamp request" },
	{ 14, ROWS(stamp_rows), "Timestamp reply" },
	{ 15, ROWS(exchange_rows), "Information request" },
	{ 16, ROWS(exchange_rows), "Information reply" },
	{ 17, ROWS(mask_rows), "Address mask request" },
	{ 18, ROWS(mask_rows), "Address mask reply" },
	{ 30, 0, NULL, "Traceroute" },
	{ 31, 0, NULL, "Datagram conversion error" },
	{ 32, 0, NULL, "Mobile host redirect" },
	{ 33, 0, NULL, "IPv6 where-are-you" },
	{ 34, 0, NULL, "IPv6 I-am-here" },
	{ 35, 0, NULL, "Mobile registration request" },
	{ 36, 0, NULL, "Mobile registration reply" },
	{ 37, 0, NULL, "Domain name request" },
	{ 38, 0, NULL, "Domain name reply" },
	{ 39, 0, NULL, "SKIP" },
	{ 40, 0, NULL, "Photuris" },
	{ 41, 0, NULL, "Experimental mobility protocols" },
	{ 42, ROWS(ext_echo_rows), "Extended echo request" },
	{ 43, ROWS(ext_reply_rows), "Extended echo reply" },
	{ 253, 0, NULL, "Experiment 1" },
	{ 254, 0, NULL, "Experiment 2" },
};

/* By type << 8 | code. */
static const struct cl_name codes[] = {
	{ 0x300, "Network unreachable" },
	{ 0x301, "Host unreachable" },
	{ 0x302, "Protocol unreachable" },
	{ 0x303, "Port unreachable" },
	{ 0x304, "Fragmentation needed" },
	{ 0x305, "Source route failed" },
	{ 0x306, "Destination network unknown" },
	{ 0x307, "Destination host unknown" },
	{ 0x308, "Source host isolated" },
	{ 0x309, "Network administratively prohibited" },
	{ 0x30a, "Host administratively prohibited" },
	{ 0x30b, "Network unreachable for TOS" },
	{ 0x30c, "Host unreachable for TOS" },
	{ 0x30d, "Communication administratively prohibited" },
	{ 0x30e, "Host precedence violation" },
	{ 0x30f, "Precedence cutoff in effect" },
	{ 0x500, "Redirect for network" },
	{ 0x501, "Redirect for host" },
	{ 0x502, "Redirect for TOS and network" },
	{ 0x503, "Redirect for TOS and host" },
	{ 0x600, "Alternate address for host" },
	{ 0x900, "Normal router advertisement" },
	{ 0x910, "Does not route common traffic" },
	{ 0xb00, "Time to live exceeded in transit" },
	{ 0xb01, "Fragment reassembly time exceeded" },
	{ 0xc00, "Pointer indicates the error" },
	{ 0xc01, "Required option missing" },
	{ 0xc02, "Bad length" },
	{ 0x2800, "Bad SPI" },
	{ 0x2801, "Authentication failed" },
	{ 0x2802, "Decompression failed" },
	{ 0x2803, "Decryption failed" },
	{ 0x2804, "Need authentication" },
	{ 0x2805, "Need authorization" },
	{ 0x2b00, "No error" },
	{ 0x2b01, "Malformed query" },
	{ 0x2b02, "No such interface" },
	{ 0x2b03, "No such table entry" },
	{ 0x2b04, "Multiple interfaces satisfy query" },
};

static const char *type_name(uint64_t type)
{
	const struct cl_icmp_kind *kind = cl_icmp_kind_find(types, CL_COUNT_OF(types), (unsigned)type);

	return kind != NULL ? kind->name : NULL;
}

const char *cl_icmp_meaning(uint8_t type, uint8_t code)
{
	const char *name = cl_name_find(codes, CL_COUNT_OF(codes), (unsigned)type << 8 | code);

	return name != NULL ? name : type_name(type);
}

/* Of a number as its little-endian senders meant it. */
static uint64_t swapped(uint64_t v)
{
	return (v & 0xff) << 8 | v >> 8;
}

static bool has_length(uint8_t type)
{
	return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
}

/* RFC 4884 sec. 4: octet 5 counts the quote in units of 4. */
static uint32_t quote_length(const struct cl_icmp_head *h)
{
	return has_length(h->type) ? (h->rest >> 16 & 0xff) * 4 : 0;
}

/* The four octets that errors leave unused, but for what came later. */
static void put_error(struct cl_detail *d, const struct cl_icmp_head *h)
{
	static const struct cl_icmp_row all[] = { { &f_unused, 4, 4, 0 } },
					first[] = { { &f_unused, 4, 1, 0 } },
					pointer[] = { { &f_pointer, 4, 1, 0 } },
					length[] = { { &f_length, 5, 1, 0 } },
					last[] = { { &f_unused, 6, 2, 0 } },
					rest[] = { { &f_unused, 5, 3, 0 } };
	bool said = quote_length(h) != 0, problem = h->type == PARAMETER_PROBLEM;

	if (h->type == UNREACHABLE && h->code == FRAGMENTATION_NEEDED) {
		cl_icmp_put(d, h->start, too_big_rows, CL_COUNT_OF(too_big_rows));
		return;
	}
	if (problem)
		cl_icmp_put(d, h->start, pointer, 1);
	else
		cl_icmp_put(d, h->start, said ? first : all, 1);
	if (said) {
		cl_icmp_put(d, h->start, length, 1);
		cl_put_uint(d, &f_original, quote_length(h));
	}
	if (said || problem)
		cl_icmp_put(d, h->start, said ? last : rest, 1);
}

/* RFC 5944 sec. 2.1: extensions behind a router advertisement. */
static void put_agent(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_icmp_row rows[] = {
		{ &f_mip_seq, 0, 2, 0 },    { &f_mip_life, 2, 2, 0 },	       { &f_mip_flags, 4, 2, 0 },
		{ &f_mip_r, 4, 2, 0x8000 }, { &f_mip_b, 4, 2, 0x4000 },	       { &f_mip_h, 4, 2, 0x2000 },
		{ &f_mip_f, 4, 2, 0x1000 }, { &f_mip_m, 4, 2, 0x0800 },	       { &f_mip_g, 4, 2, 0x0400 },
		{ &f_mip_v, 4, 2, 0x0200 }, { &f_mip_rt, 4, 2, 0x0100 },       { &f_mip_u, 4, 2, 0x0080 },
		{ &f_mip_x, 4, 2, 0x0040 }, { &f_mip_reserved, 4, 2, 0x003f },
	};

	cl_icmp_put(d, c, rows, CL_COUNT_OF(rows));
	for (cl_cur_skip(&c, 6); cl_cur_left(&c) >= 4;) {
		uint32_t address = cl_cur_u32(&c);

		if (c.err == CL_OK)
			cl_put_uint(d, &f_mip_coa, address);
	}
}

static void put_mobile_extensions(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_icmp_row prefix[] = { { &f_mip_prefix, 0, 1, 0 } },
					challenge[] = { { &f_mip_challenge, 0, 0, 0 } };

	while (cl_cur_left(&c) > 0) { /* takes one octet or more a turn */
		uint8_t type = cl_cur_u8(&c);

		if (c.err != CL_OK)
			return;
		cl_put_group(d, &f_mip, NULL);
		cl_put_uint(d, &f_mip_type, type);
		if (type != 0) { /* 0: padding of one octet */
			uint8_t n = cl_cur_u8(&c);
			struct cl_cur body = cl_cur_sub(&c, n);

			if (c.err != CL_EMALF)
				cl_put_uint(d, &f_mip_length, n);
			if (type == 16)
				put_agent(d, body);
			else if (type == 24)
				cl_icmp_put(d, body, challenge, 1);
			for (; type == 19 && cl_cur_left(&body) > 0; cl_cur_skip(&body, 1))
				cl_icmp_put(d, body, prefix, 1);
		}
		cl_put_end(d);
		if (c.err != CL_OK)
			return;
	}
}

/* RFC 1256 sec. 3. */
static void put_routers(struct cl_detail *d, const struct cl_icmp_head *h)
{
	static const struct cl_icmp_row rows[] = { { &f_router, 0, 4, 0 }, { &f_preference, 4, 4, 0 } };
	struct cl_cur c = h->start;
	uint32_t size = (h->rest >> 16 & 0xff) * 4;

	cl_cur_skip(&c, 8);
	for (uint32_t n = h->rest >> 24; n > 0 && size >= 8 && cl_cur_left(&c) >= size; n--) {
		cl_icmp_put(d, c, rows, CL_COUNT_OF(rows));
		cl_cur_skip(&c, size);
	}
	put_mobile_extensions(d, c);
}

static void put_checksum(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	enum cl_checksum sum = CL_SUM_UNCHECKED;

	if (!cl_pkt_quoted(p)) /* a quote may have been changed on its way */
		sum = cl_checksum_plain(h->start, cl_cur_left(&h->start));
	cl_put_uint(p->detail, &f_status, cl_checksum_status(sum));
	if (sum == CL_SUM_BAD)
		cl_pkt_anomaly(p, CL_ANOM_ICMP_BAD_CHECKSUM);
}

/* What the quote leaves of the message, if it says how long it is. */
static void put_behind_quote(struct cl_pkt *p, const struct cl_icmp_head *h, uint32_t length)
{
	struct cl_cur c = h->start;

	cl_cur_skip(&c, 8);
	if (length > cl_cur_left(&c)) {
		cl_pkt_anomaly(p, CL_ANOM_ICMP_BAD_LENGTH);
		return;
	}
	cl_cur_skip(&c, length);
	cl_icmp_put_extensions(p, c);
}

static void put_rows(struct cl_detail *d, const struct cl_icmp_head *h, const struct cl_icmp_kind *kind)
{
	for (unsigned i = 0; i < kind->count; i++) {
		const struct cl_icmp_row *row = &kind->rows[i];

		if (row->field == &f_ident_le && cl_cur_left(&h->start) >= 8)
			cl_put_uint(d, &f_ident_le, swapped(h->rest >> 16));
		else if (row->field == &f_seq_le && cl_cur_left(&h->start) >= 8)
			cl_put_uint(d, &f_seq_le, swapped(h->rest & 0xffff));
		else
			cl_icmp_put(d, h->start, row, 1);
	}
}

static void put_message(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	const struct cl_icmp_kind *kind = cl_icmp_kind_find(types, CL_COUNT_OF(types), h->type);
	struct cl_cur body = h->start;

	cl_pkt_layer(p, &proto);
	cl_icmp_put(p->detail, h->start, head_rows, CL_COUNT_OF(head_rows));
	put_checksum(p, h);
	cl_icmp_put_meaning(p->detail, kind != NULL ? kind->name : NULL,
			    cl_name_find(codes, CL_COUNT_OF(codes), (unsigned)h->type << 8 | h->code));
	if (kind != NULL)
		put_rows(p->detail, h, kind);
	if (has_length(h->type))
		put_error(p->detail, h);
	if (quote_length(h) != 0)
		put_behind_quote(p, h, quote_length(h));
	if (h->type == ROUTER_ADVERTISEMENT)
		put_routers(p->detail, h);
	cl_cur_skip(&body, 8);
	if (h->type == EXTENDED_ECHO)
		cl_icmp_put_extensions(p, body);
}

enum cl_next cl_icmp(struct cl_pkt *p)
{
	struct cl_icmp_head h;

	if (!cl_icmp_head(p, &h))
		return CL_NEXT_DONE;
	if (p->detail != NULL)
		put_message(p, &h);
	if (p->note != NULL && !cl_pkt_quoted(p) && h.type == UNREACHABLE && h.code == FRAGMENTATION_NEEDED)
		p->note->mtu = h.rest & 0xffff;
	switch (h.type) {
	case UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return cl_icmp_error(p, &h, quote_length(&h), CL_NEXT_IP4);
	default:
		return cl_pkt_fate(p, CL_FATE_OTHER);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMPv6 (RFC 4443, 4861, 2710, 3810, 4884, 8335 and the registry's others). */
#include "dissect/checksum.h"
#include "dissect/icmp.h"
#include "dissect/icmp_names.h"

enum {
	UNREACHABLE = 1,
	TOO_BIG = 2,
	TIME_EXCEEDED = 3,
	PARAMETER_PROBLEM = 4,
	LISTENER_QUERY = 130,
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	NEIGHBOR_SOLICITATION = 135,
	NEIGHBOR_ADVERTISEMENT = 136,
	REDIRECT = 137,
	NODE_QUERY = 139,
	NODE_REPLY = 140,
	INVERSE_SOLICITATION = 141,
	INVERSE_ADVERTISEMENT = 142,
	LISTENER_REPORT_2 = 143,
	HOME_AGENT_REPLY = 145,
	MOBILE_PREFIX = 147,
	EXTENDED_ECHO = 160
};

#define IP_ICMP6    58u
#define QUERY_2_MIN 28u /* octets of an MLDv2 query (RFC 3810 sec. 8.1) */

static const char *type_name(uint64_t type);

static const char *router_preference(uint64_t v)
{
	static const char *const names[] = { "Medium", "High", "Reserved", "Low" };

	return v < 4 ? names[v] : NULL;
}

static const char *record_name(uint64_t v)
{
	static const struct cl_name names[] = { { 1, "Include" },
						{ 2, "Exclude" },
						{ 3, "Changed to include" },
						{ 4, "Changed to exclude" },
						{ 5, "Allow new sources" },
						{ 6, "Block old sources" } };

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const char *node_query_name(uint64_t v)
{
	static const struct cl_name names[] = {
		{ 0, "NOOP" }, { 2, "Node Name" }, { 3, "Node Addresses" }, { 4, "IPv4 Addresses" }
	};

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const char *reply_state(uint64_t v)
{
	static const struct cl_name names[] = { { 1, "Incomplete" }, { 2, "Reachable" }, { 3, "Stale" },
						{ 4, "Delay" },	     { 5, "Probe" },	 { 6, "Failed" } };

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const struct cl_protocol proto = { "icmpv6", "Internet Control Message Protocol v6" };

#define UINT(name, label, base)                                                                              \
	{                                                                                                    \
		"icmpv6." name, label, CL_V_UINT, base, 0, NULL                                              \
	}
#define NAMED(name, label, text)                                                                             \
	{                                                                                                    \
		"icmpv6." name, label, CL_V_UINT, CL_DEC, 0, text                                            \
	}
#define BOOL(name, label)                                                                                    \
	{                                                                                                    \
		"icmpv6." name, label, CL_V_BOOL, 0, 0, NULL                                                 \
	}
#define BYTES(name, label)                                                                                   \
	{                                                                                                    \
		"icmpv6." name, label, CL_V_BYTES, 0, 0, NULL                                                \
	}
#define IP6(name, label)                                                                                     \
	{                                                                                                    \
		"icmpv6." name, label, CL_V_IP6, 0, 0, NULL                                                  \
	}

const struct cl_field cl_icmp6_reserved = BYTES("reserved", "Reserved");

static const struct cl_field f_type = NAMED("type", "Type", type_name), f_code = UINT("code", "Code", CL_DEC),
			     f_checksum = UINT("checksum", "Checksum", CL_HEX16),
			     f_status = { "icmpv6.checksum.status", "Checksum Status",	    CL_V_UINT, CL_DEC,
					  CL_FD_GENERATED,	    cl_checksum_status_name },
			     f_length = UINT("length", "Length of original datagram", CL_DEC),
			     f_mtu = UINT("mtu", "MTU", CL_DEC),
			     f_pointer = UINT("pointer", "Pointer", CL_DEC),
			     f_ident = UINT("echo.identifier", "Identifier", CL_HEX16),
			     f_seq = UINT("echo.sequence_number", "Sequence", CL_DEC),
			     f_data = { NULL, "Data", CL_V_BYTES, 0, 0, NULL };

/* Multicast listener discovery. */
static const struct cl_field f_delay = UINT("mld.maximum_response_delay", "Maximum Response Delay", CL_DEC),
			     f_response = UINT("mld.maximum_response_code", "Maximum Response Code", CL_DEC),
			     f_group = IP6("mld.multicast_address", "Multicast Address"),
			     f_flags = UINT("mld.flag", "Flags", CL_HEX8),
			     f_suppress = BOOL("mld.flag.s", "Suppress Router-Side Processing"),
			     f_robustness = UINT("mld.flag.qrv", "Querier's Robustness Variable", CL_DEC),
			     f_flags_reserved = UINT("mld.flag.reserved", "Reserved", CL_DEC),
			     f_interval = UINT("mld.qqi", "Querier's Query Interval", CL_DEC),
			     f_sources = UINT("mld.nb_sources", "Number of Sources", CL_DEC),
			     f_source = IP6("mld.source_address", "Source Address"),
			     f_records = UINT("mldr.nb_mcast_records", "Number of Multicast Address Records",
					      CL_DEC),
			     f_record = { NULL, "Multicast Address Record", CL_V_GROUP, 0, 0, NULL },
			     f_record_type = NAMED("mldr.mar.record_type", "Record Type", record_name),
			     f_aux_length = UINT("mldr.mar.aux_data_len", "Aux Data Len", CL_DEC),
			     f_record_sources = UINT("mldr.mar.nb_sources", "Number of Sources", CL_DEC),
			     f_record_group = IP6("mldr.mar.multicast_address", "Multicast Address"),
			     f_record_source = IP6("mldr.mar.source_address", "Source Address"),
			     f_aux = BYTES("mldr.mar.auxiliary_data", "Auxiliary Data");

/* Neighbour discovery. */
static const struct cl_field f_hops = UINT("nd.ra.cur_hop_limit", "Cur hop limit", CL_DEC),
			     f_ra_flags = UINT("nd.ra.flag", "Flags", CL_HEX8),
			     f_managed = BOOL("nd.ra.flag.m", "Managed address configuration"),
			     f_other = BOOL("nd.ra.flag.o", "Other configuration"),
			     f_home = BOOL("nd.ra.flag.h", "Home Agent"),
			     f_preference = NAMED("nd.ra.flag.prf", "Prf (Default Router Preference)",
						  router_preference),
			     f_proxy = BOOL("nd.ra.flag.p", "ND Proxy"),
			     f_ra_reserved = UINT("nd.ra.flag.rsv", "Reserved", CL_DEC),
			     f_router_lifetime = UINT("nd.ra.router_lifetime", "Router lifetime (s)", CL_DEC),
			     f_reachable = UINT("nd.ra.reachable_time", "Reachable time (ms)", CL_DEC),
			     f_retrans = UINT("nd.ra.retrans_timer", "Retrans timer (ms)", CL_DEC),
			     f_ns_target = IP6("nd.ns.target_address", "Target Address"),
			     f_na_flags = UINT("nd.na.flag", "Flags", CL_HEX32),
			     f_router = BOOL("nd.na.flag.r", "Router"),
			     f_solicited = BOOL("nd.na.flag.s", "Solicited"),
			     f_override = BOOL("nd.na.flag.o", "Override"),
			     f_na_reserved = UINT("nd.na.flag.rsv", "Reserved", CL_DEC),
			     f_na_target = IP6("nd.na.target_address", "Target Address"),
			     f_rd_target = IP6("nd.rd.target_address", "Target Address"),
			     f_rd_destination = IP6("rd.na.destination_address", "Destination Address");

/* Node information (RFC 4620), Mobile IPv6 (RFC 6275), SEND (RFC 3971), and others. */
static const struct cl_field
	f_qtype = NAMED("ni.qtype", "Qtype", node_query_name),
	f_ni_flags = UINT("ni.flag", "Flags", CL_HEX16), f_ni_g = BOOL("ni.flag.g", "Global-scope Addresses"),
	f_ni_s = BOOL("ni.flag.s", "Site-local Addresses"),
	f_ni_l = BOOL("ni.flag.l", "Link-local Addresses"), f_ni_c = BOOL("ni.flag.c", "Compat Addresses"),
	f_ni_a = BOOL("ni.flag.a", "All Unicast Addresses"), f_ni_t = BOOL("ni.flag.t", "Truncated"),
	f_ni_reserved = UINT("ni.flag.rsv", "Reserved", CL_HEX16),
	f_ni_nonce = UINT("ni.nonce", "Nonce", CL_HEX64),
	f_subject_ip6 = IP6("ni.query.subject_ipv6", "IPv6 subject address"),
	f_subject_ip4 = { "icmpv6.ni.query.subject_ipv4", "IPv4 subject address", CL_V_IP4, 0, 0, NULL },
	f_node_ttl = UINT("ni.reply.node_ttl", "TTL", CL_DEC),
	f_node_ip6 = IP6("ni.reply.node_address", "IPv6 Node address"),
	f_node_ip4 = { "icmpv6.ni.reply.ipv4_address", "IPv4 Node address", CL_V_IP4, 0, 0, NULL },
	f_mip_ident = UINT("mip6.identifier", "Identifier", CL_DEC),
	f_home_agent = IP6("mip6.home_agent_address", "Home Agent Address"),
	f_mip_flags = UINT("mip6.flag", "Flags", CL_HEX16),
	f_mip_managed = BOOL("mip6.flag.m", "Managed Address Configuration"),
	f_mip_other = BOOL("mip6.flag.o", "Other stateful configuration"),
	f_mip_reserved = UINT("mip6.flag.rsv", "Reserved", CL_DEC),
	f_send_ident = UINT("send.identifier", "Identifier", CL_DEC),
	f_send_all = UINT("send.all_components", "All Components", CL_DEC),
	f_send_component = UINT("send.component", "Component", CL_DEC),
	f_mrd_interval = UINT("mcast_ra.query_interval", "Query Interval", CL_DEC),
	f_mrd_robustness = UINT("mcast_ra.robustness_variable", "Robustness Variable", CL_DEC),
	f_fmip_subtype = UINT("fmip6.subtype", "Subtype", CL_DEC),
	f_fmip_ident = UINT("fmip6.identifier", "Identifier", CL_DEC),
	f_rr_seq = UINT("rr.sequence_number", "Sequence Number", CL_DEC),
	f_rr_segment = UINT("rr.segment_number", "Segment Number", CL_DEC),
	f_rr_flags = UINT("rr.flag", "Flags", CL_HEX8), f_rr_t = BOOL("rr.flag.t", "Test command"),
	f_rr_r = BOOL("rr.flag.r", "Result requested"), f_rr_a = BOOL("rr.flag.a", "All interfaces"),
	f_rr_s = BOOL("rr.flag.s", "Site-specific"), f_rr_p = BOOL("rr.flag.p", "Processed previously"),
	f_rr_reserved = UINT("rr.flag.rsv", "Reserved", CL_DEC),
	f_rr_delay = UINT("rr.maxdelay", "Max Delay", CL_DEC),
	f_da_status = UINT("6lowpannd.da.status", "Status", CL_DEC),
	f_da_reserved = UINT("6lowpannd.da.rsv", "Reserved", CL_DEC),
	f_da_lifetime = UINT("6lowpannd.da.lifetime", "Lifetime", CL_DEC),
	f_da_eui = { "icmpv6.6lowpannd.da.eui64", "EUI-64", CL_V_ETHER, 0, 0, NULL },
	f_da_address = IP6("6lowpannd.da.reg_addr", "Registered Address"),
	f_echo_seq = UINT("ext.echo.seq", "Sequence Number", CL_DEC),
	f_echo_reserved = UINT("ext.echo.req.res", "Reserved", CL_HEX8),
	f_echo_local = BOOL("ext.echo.req.local", "Local bit"),
	f_reply_state = NAMED("ext.echo.rsp.state", "State", reply_state),
	f_reply_reserved = UINT("ext.echo.rsp.res", "Reserved", CL_HEX8),
	f_reply_active = BOOL("ext.echo.rsp.active", "Active bit"),
	f_reply_ip4 = BOOL("ext.echo.rsp.ipv4", "IPv4 bit"),
	f_reply_ip6 = BOOL("ext.echo.rsp.ipv6", "IPv6 bit");

/* Places count from the message's first octet. */
static const struct cl_icmp_row head_rows[] = { { &f_type, 0, 1, 0 },
						{ &f_code, 1, 1, 0 },
						{ &f_checksum, 2, 2, 0 } };
static const struct cl_icmp_row unused_rows[] = { { &cl_icmp6_reserved, 4, 4, 0 } };
static const struct cl_icmp_row too_big_rows[] = { { &f_mtu, 4, 4, 0 } };
static const struct cl_icmp_row pointer_rows[] = { { &f_pointer, 4, 4, 0 } };
static const struct cl_icmp_row echo_rows[] = { { &f_ident, 4, 2, 0 },
						{ &f_seq, 6, 2, 0 },
						{ &f_data, 8, 0, 0 } };
static const struct cl_icmp_row listener_rows[] = { { &f_delay, 4, 2, 0 },
						    { &cl_icmp6_reserved, 6, 2, 0 },
						    { &f_group, 8, 16, 0 } };
static const struct cl_icmp_row report_rows[] = { { &cl_icmp6_reserved, 4, 2, 0 }, { &f_records, 6, 2, 0 } };
static const struct cl_icmp_row ra_rows[] = {
	{ &f_hops, 4, 1, 0 },	   { &f_ra_flags, 5, 1, 0 },	   { &f_managed, 5, 1, 0x80 },
	{ &f_other, 5, 1, 0x40 },  { &f_home, 5, 1, 0x20 },	   { &f_preference, 5, 1, 0x18 },
	{ &f_proxy, 5, 1, 0x04 },  { &f_ra_reserved, 5, 1, 0x03 }, { &f_router_lifetime, 6, 2, 0 },
	{ &f_reachable, 8, 4, 0 }, { &f_retrans, 12, 4, 0 },
};
static const struct cl_icmp_row ns_rows[] = { { &cl_icmp6_reserved, 4, 4, 0 }, { &f_ns_target, 8, 16, 0 } };
static const struct cl_icmp_row na_rows[] = {
	{ &f_na_flags, 4, 4, 0 },
	{ &f_router, 4, 4, 0x80000000 },
	{ &f_solicited, 4, 4, 0x40000000 },
	{ &f_override, 4, 4, 0x20000000 },
	{ &f_na_reserved, 4, 4, 0x1fffffff },
	{ &f_na_target, 8, 16, 0 },
};
static const struct cl_icmp_row rd_rows[] = { { &cl_icmp6_reserved, 4, 4, 0 },
					      { &f_rd_target, 8, 16, 0 },
					      { &f_rd_destination, 24, 16, 0 } };
static const struct cl_icmp_row rr_rows[] = {
	{ &f_rr_seq, 4, 4, 0 },	   { &f_rr_segment, 8, 1, 0 },	     { &f_rr_flags, 9, 1, 0 },
	{ &f_rr_t, 9, 1, 0x80 },   { &f_rr_r, 9, 1, 0x40 },	     { &f_rr_a, 9, 1, 0x20 },
	{ &f_rr_s, 9, 1, 0x10 },   { &f_rr_p, 9, 1, 0x08 },	     { &f_rr_reserved, 9, 1, 0x07 },
	{ &f_rr_delay, 10, 2, 0 }, { &cl_icmp6_reserved, 12, 4, 0 },
};
static const struct cl_icmp_row ni_rows[] = {
	{ &f_qtype, 4, 2, 0 },	  { &f_ni_flags, 6, 2, 0 }, { &f_ni_g, 6, 2, 0x20 },
	{ &f_ni_s, 6, 2, 0x10 },  { &f_ni_l, 6, 2, 0x08 },  { &f_ni_c, 6, 2, 0x04 },
	{ &f_ni_a, 6, 2, 0x02 },  { &f_ni_t, 6, 2, 0x01 },  { &f_ni_reserved, 6, 2, 0xffc0 },
	{ &f_ni_nonce, 8, 8, 0 },
};
static const struct cl_icmp_row mip_rows[] = { { &f_mip_ident, 4, 2, 0 }, { &cl_icmp6_reserved, 6, 2, 0 } };
static const struct cl_icmp_row prefix_rows[] = { { &f_mip_ident, 4, 2, 0 },
						  { &f_mip_flags, 6, 2, 0 },
						  { &f_mip_managed, 6, 2, 0x8000 },
						  { &f_mip_other, 6, 2, 0x4000 },
						  { &f_mip_reserved, 6, 2, 0x3fff } };
static const struct cl_icmp_row send_rows[] = { { &f_send_ident, 4, 2, 0 }, { &f_send_component, 6, 2, 0 } };
static const struct cl_icmp_row path_rows[] = { { &f_send_ident, 4, 2, 0 },
						{ &f_send_all, 6, 2, 0 },
						{ &f_send_component, 8, 2, 0 },
						{ &cl_icmp6_reserved, 10, 2, 0 } };
static const struct cl_icmp_row mrd_rows[] = { { &f_mrd_interval, 4, 2, 0 }, { &f_mrd_robustness, 6, 2, 0 } };
static const struct cl_icmp_row fmip_rows[] = { { &f_fmip_subtype, 4, 1, 0 },
						{ &cl_icmp6_reserved, 5, 1, 0 },
						{ &f_fmip_ident, 6, 2, 0 } };
static const struct cl_icmp_row da_rows[] = { { &f_da_status, 4, 1, 0 },
					      { &f_da_reserved, 5, 1, 0 },
					      { &f_da_lifetime, 6, 2, 0 },
					      { &f_da_eui, 8, 8, 0 },
					      { &f_da_address, 16, 16, 0 } };
static const struct cl_icmp_row ext_echo_rows[] = { { &f_ident, 4, 2, 0 },
						    { &f_echo_seq, 6, 1, 0 },
						    { &f_echo_reserved, 7, 1, 0xfe },
						    { &f_echo_local, 7, 1, 1 } };
static const struct cl_icmp_row ext_reply_rows[] = {
	{ &f_ident, 4, 2, 0 },		{ &f_echo_seq, 6, 1, 0 },
	{ &f_reply_state, 7, 1, 0xe0 }, { &f_reply_reserved, 7, 1, 0x18 },
	{ &f_reply_active, 7, 1, 4 },	{ &f_reply_ip4, 7, 1, 2 },
	{ &f_reply_ip6, 7, 1, 1 },
};

#define ROWS(rows) CL_COUNT_OF(rows), rows

static const struct cl_icmp_kind types[] = {
	{ 0, 0, NULL, "Reserved" },
	{ 1, 0, NULL, "Destination Unreachable" },
	{ 2, ROWS(too_big_rows), "Packet Too Big" },
	{ 3, 0, NULL, "Time Exceeded" },
	{ 4, ROWS(pointer_rows), "Parameter Problem" },
	{ 100, 0, NULL, "Private experimentation" },
	{ 101, 0, NULL, "Private experimentation" },
	{ 127, 0, NULL, "Reserved for expansion of error messages" },
	{ 128, ROWS(echo_rows), "Echo request" },
	{ 129, ROWS(echo_rows), "Echo reply" },
	{ 130, 0, NULL, "Multicast Listener Query" },
	{ 131, ROWS(listener_rows), "Multicast Listener Report" },
	{ 132, ROWS(listener_rows), "Multicast Listener Done" },
	{ 133, ROWS(unused_rows), "Router Solicitation" },
	{ 134, ROWS(ra_rows), "Router Advertisement" },
	{ 135, ROWS(ns_rows), "Neighbor Solicitation" },
	{ 136, ROWS(na_rows), "Neighbor Advertisement" },
	{ 137, ROWS(rd_rows), "Redirect" },
	{ 138, ROWS(rr_rows), "Router Renumbering" },
	{ 139, ROWS(ni_rows), "Node Information Query" },
	{ 140, ROWS(ni_rows), "Node Information Reply" },
	{ 141, ROWS(unused_rows), "Inverse Neighbor Discovery Solicitation" },
	{ 142, ROWS(unused_rows), "Inverse Neighbor Discovery Advertisement" },
	{ 143, ROWS(report_rows), "Multicast Listener Report v2" },
	{ 144, ROWS(mip_rows), "Home Agent Address Discovery Request" },
	{ 145, ROWS(mip_rows), "Home Agent Address Discovery Reply" },
	{ 146, ROWS(mip_rows), "Mobile Prefix Solicitation" },
	{ 147, ROWS(prefix_rows), "Mobile Prefix Advertisement" },
	{ 148, ROWS(send_rows), "Certification Path Solicitation" },
	{ 149, ROWS(path_rows), "Certification Path Advertisement" },
	{ 150, ROWS(fmip_rows), "Experimental Mobility" },
	{ 151, ROWS(mrd_rows), "Multicast Router Advertisement" },
	{ 152, 0, NULL, "Multicast Router Solicitation" },
	{ 153, 0, NULL, "Multicast Router Termination" },
	{ 154, ROWS(fmip_rows), "FMIPv6" },
	{ 155, 0, NULL, "RPL Control" },
	{ 156, 0, NULL, "Locator Update" },
	{ 157, ROWS(da_rows), "Duplicate Address Request" },
	{ 158, ROWS(da_rows), "Duplicate Address Confirmation" },
	{ 159, 0, NULL, "MPL Control" },
	{ 160, ROWS(ext_echo_rows), "Extended Echo request" },
	{ 161, ROWS(ext_reply_rows), "Extended Echo reply" },
	{ 200, 0, NULL, "Private experimentation" },
	{ 201, 0, NULL, "Private experimentation" },
	{ 255, 0, NULL, "Reserved for expansion of informational messages" },
};

/* By type << 8 | code. */
static const struct cl_name codes[] = {
	{ 0x100, "No route to destination" },
	{ 0x101, "Administratively prohibited" },
	{ 0x102, "Beyond scope of source address" },
	{ 0x103, "Address unreachable" },
	{ 0x104, "Port unreachable" },
	{ 0x105, "Source address failed ingress/egress policy" },
	{ 0x106, "Reject route to destination" },
	{ 0x107, "Error in Source Routing Header" },
	{ 0x108, "Headers too long" },
	{ 0x300, "Hop limit exceeded in transit" },
	{ 0x301, "Fragment reassembly time exceeded" },
	{ 0x400, "Erroneous header field encountered" },
	{ 0x401, "Unrecognized Next Header type encountered" },
	{ 0x402, "Unrecognized IPv6 option encountered" },
	{ 0x403, "First fragment has incomplete header chain" },
	{ 0x404, "SR upper-layer header error" },
	{ 0x405, "Unrecognized Next Header type by intermediate node" },
	{ 0x406, "Extension header too big" },
	{ 0x407, "Extension header chain too long" },
	{ 0x408, "Too many extension headers" },
	{ 0x409, "Too many options in extension header" },
	{ 0x40a, "Option too big" },
	{ 0x8a00, "Command" },
	{ 0x8a01, "Result" },
	{ 0x8aff, "Sequence Number Reset" },
	{ 0x8b00, "Subject is an IPv6 address" },
	{ 0x8b01, "Subject is a name or empty" },
	{ 0x8b02, "Subject is an IPv4 address" },
	{ 0x8c00, "Successful" },
	{ 0x8c01, "Refused" },
	{ 0x8c02, "Unknown query type" },
	{ 0xa100, "No error" },
	{ 0xa101, "Malformed query" },
	{ 0xa102, "No such interface" },
	{ 0xa103, "No such table entry" },
	{ 0xa104, "Multiple interfaces satisfy query" },
};

static const char *type_name(uint64_t type)
{
	const struct cl_icmp_kind *kind = cl_icmp_kind_find(types, CL_COUNT_OF(types), (unsigned)type);

	return kind != NULL ? kind->name : NULL;
}

const char *cl_icmp6_meaning(uint8_t type, uint8_t code)
{
	const char *name = cl_name_find(codes, CL_COUNT_OF(codes), (unsigned)type << 8 | code);

	return name != NULL ? name : type_name(type);
}

static bool has_length(uint8_t type)
{
	return type == UNREACHABLE || type == TIME_EXCEEDED;
}

/* RFC 4884 sec. 4: octet 4 counts the quote in units of 8. */
static uint32_t quote_length(const struct cl_icmp_head *h)
{
	return has_length(h->type) ? (h->rest >> 24) * 8 : 0;
}

static void put_addresses(struct cl_detail *d, struct cl_cur *c, const struct cl_field *f, uint32_t n)
{
	for (; n > 0 && cl_cur_left(c) >= 16; n--) {
		struct cl_span s = cl_cur_take(c, 16);

		if (c->err == CL_OK)
			cl_put_bytes(d, f, s);
	}
}

/* RFC 3810 sec. 5.1.3 and 5.1.9: beyond a limit an exponent and a mantissa. */
static uint32_t response_time(uint32_t code)
{
	return code < 0x8000 ? code : ((code & 0xfff) | 0x1000) << ((code >> 12 & 7) + 3);
}

static uint32_t query_interval(uint32_t code)
{
	return code < 0x80 ? code : ((code & 0xf) | 0x10) << ((code >> 4 & 7) + 3);
}

static void put_query(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	static const struct cl_icmp_row rows[] = {
		{ &cl_icmp6_reserved, 6, 2, 0 }, { &f_group, 8, 16, 0 },
		{ &f_flags, 24, 1, 0 },		 { &f_suppress, 24, 1, 8 },
		{ &f_robustness, 24, 1, 7 },	 { &f_flags_reserved, 24, 1, 0xf0 },
	};
	struct cl_cur c = h->start;

	if (cl_cur_left(&c) < QUERY_2_MIN) {
		cl_icmp_put(p->detail, c, listener_rows, CL_COUNT_OF(listener_rows));
		return;
	}
	if (cl_cur_kept(&c) >= 8)
		cl_put_uint(p->detail, &f_response, response_time(h->rest >> 16));
	cl_icmp_put(p->detail, c, rows, CL_COUNT_OF(rows));
	cl_cur_skip(&c, 25);
	uint8_t interval = cl_cur_u8(&c);
	uint16_t sources = cl_cur_u16(&c);
	if (c.err != CL_OK)
		return;
	cl_put_uint(p->detail, &f_interval, query_interval(interval));
	cl_put_uint(p->detail, &f_sources, sources);
	if (sources * 16u > cl_cur_left(&c))
		cl_pkt_anomaly(p, CL_ANOM_ICMPV6_BAD_RECORDS);
	put_addresses(p->detail, &c, &f_source, sources);
}

/* One record of an MLDv2 report (RFC 3810 sec. 5.2.4 and on); false at the end. */
static bool put_record(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_icmp_row rows[] = { { &f_record_type, 0, 1, 0 },
						   { &f_aux_length, 1, 1, 0 },
						   { &f_record_sources, 2, 2, 0 },
						   { &f_record_group, 4, 16, 0 } };
	struct cl_cur start = *c;

	cl_cur_skip(c, 1);
	uint32_t aux = cl_cur_u8(c) * 4u, sources = cl_cur_u16(c);
	cl_cur_skip(c, 16);
	if (c->err == CL_OK && sources * 16 + aux > cl_cur_left(c))
		cl_cur_fail(c, UINT32_MAX);
	if (c->err == CL_EMALF)
		cl_pkt_anomaly(p, CL_ANOM_ICMPV6_BAD_RECORDS);
	cl_put_group(p->detail, &f_record, NULL);
	cl_icmp_put(p->detail, start, rows, CL_COUNT_OF(rows));
	put_addresses(p->detail, c, &f_record_source, sources);
	struct cl_span s = aux > 0 ? cl_cur_take(c, aux) : (struct cl_span){ NULL, 0 };
	if (s.len > 0)
		cl_put_bytes(p->detail, &f_aux, s);
	cl_put_end(p->detail);
	return c->err == CL_OK;
}

static void put_report(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	struct cl_cur c = h->start;

	cl_cur_skip(&c, 8);
	for (uint32_t n = h->rest & 0xffff; n > 0; n--)
		if (!put_record(p, &c))
			return;
}

static void put_node(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	struct cl_cur c = h->start;
	uint32_t type = h->rest >> 16;
	bool reply = h->type == NODE_REPLY;

	cl_cur_skip(&c, 16);
	if (!reply && h->code == 0)
		put_addresses(p->detail, &c, &f_subject_ip6, 1);
	if (reply && type != 0 && cl_cur_kept(&c) >= 4)
		cl_put_uint(p->detail, &f_node_ttl, cl_cur_u32(&c));
	if (reply && type == 3)
		put_addresses(p->detail, &c, &f_node_ip6, UINT32_MAX);
	while ((reply ? type == 4 : h->code == 2) && cl_cur_kept(&c) >= 4)
		cl_put_uint(p->detail, reply ? &f_node_ip4 : &f_subject_ip4, cl_cur_u32(&c));
}

/* Where the options of neighbour discovery begin; 0: the type has none. */
static uint32_t options_at(uint8_t type)
{
	switch (type) {
	case ROUTER_SOLICITATION:
	case INVERSE_SOLICITATION:
	case INVERSE_ADVERTISEMENT:
	case MOBILE_PREFIX:
		return 8;
	case ROUTER_ADVERTISEMENT:
		return 16;
	case NEIGHBOR_SOLICITATION:
	case NEIGHBOR_ADVERTISEMENT:
		return 24;
	case REDIRECT:
		return 40;
	default:
		return 0;
	}
}

static void put_checksum(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	enum cl_checksum sum = CL_SUM_UNCHECKED;

	if (!cl_pkt_quoted(p)) /* a quote may have been changed on its way */
		sum = cl_checksum_l4(p, h->start, cl_cur_left(&h->start), IP_ICMP6, h->checksum);
	cl_put_uint(p->detail, &f_status, cl_checksum_status(sum));
	if (sum == CL_SUM_BAD)
		cl_pkt_anomaly(p, CL_ANOM_ICMPV6_BAD_CHECKSUM);
}

/* The quote's length, and what it leaves of the message. */
static void put_unused(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	static const struct cl_icmp_row said[] = { { &f_length, 4, 1, 0 }, { &cl_icmp6_reserved, 5, 3, 0 } };
	struct cl_cur c = h->start;
	uint32_t length = quote_length(h);

	if (length == 0) {
		cl_icmp_put(p->detail, h->start, unused_rows, CL_COUNT_OF(unused_rows));
		return;
	}
	cl_icmp_put(p->detail, h->start, said, CL_COUNT_OF(said));
	cl_cur_skip(&c, 8);
	if (length > cl_cur_left(&c)) {
		cl_pkt_anomaly(p, CL_ANOM_ICMP_BAD_LENGTH);
		return;
	}
	cl_cur_skip(&c, length);
	cl_icmp_put_extensions(p, c);
}

/* What the type's own table does not say; the packet that a redirect carries. */
static struct cl_cur put_rest(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	const struct cl_cur none = cl_cur_make(NULL, 0, 0);
	struct cl_cur c = h->start;
	uint32_t options = options_at(h->type);

	switch (h->type) {
	case UNREACHABLE:
	case TIME_EXCEEDED:
		put_unused(p, h);
		return none;
	case LISTENER_QUERY:
		put_query(p, h);
		return none;
	case LISTENER_REPORT_2:
		put_report(p, h);
		return none;
	case NODE_QUERY:
	case NODE_REPLY:
		put_node(p, h);
		return none;
	case HOME_AGENT_REPLY:
		cl_cur_skip(&c, 8);
		put_addresses(p->detail, &c, &f_home_agent, UINT32_MAX);
		return none;
	case EXTENDED_ECHO:
		cl_cur_skip(&c, 8);
		cl_icmp_put_extensions(p, c);
		return none;
	default:
		break;
	}
	if (options == 0 || cl_cur_left(&c) <= options)
		return none;
	cl_cur_skip(&c, options);
	return cl_icmp6_put_options(p, c);
}

static struct cl_cur put_message(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	const struct cl_icmp_kind *kind = cl_icmp_kind_find(types, CL_COUNT_OF(types), h->type);

	cl_pkt_layer(p, &proto);
	cl_icmp_put(p->detail, h->start, head_rows, CL_COUNT_OF(head_rows));
	put_checksum(p, h);
	cl_icmp_put_meaning(p->detail, kind != NULL ? kind->name : NULL,
			    cl_name_find(codes, CL_COUNT_OF(codes), (unsigned)h->type << 8 | h->code));
	if (kind != NULL)
		cl_icmp_put(p->detail, h->start, kind->rows, kind->count);
	return put_rest(p, h);
}

enum cl_next cl_icmp6(struct cl_pkt *p)
{
	struct cl_icmp_head h;

	if (!cl_icmp_head(p, &h))
		return CL_NEXT_DONE;
	struct cl_cur carried = cl_cur_make(NULL, 0, 0);
	if (p->detail != NULL)
		carried = put_message(p, &h);
	if (p->note != NULL && !cl_pkt_quoted(p) && h.type == TOO_BIG)
		p->note->mtu = h.rest;
	if (h.type >= UNREACHABLE && h.type <= PARAMETER_PROBLEM)
		return cl_icmp_error(p, &h, quote_length(&h), CL_NEXT_IP6);
	return cl_icmp_shown(p, &carried, CL_NEXT_IP6);
}

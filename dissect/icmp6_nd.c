/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of neighbour discovery (RFC 4861 sec. 4.6, and those that came later). */
#include "dissect/icmp.h"

enum {
	SOURCE_LINK = 1,
	TARGET_LINK = 2,
	PREFIX = 3,
	REDIRECTED = 4,
	TIMESTAMP = 13,
	ROUTE = 24,
	SERVERS = 25,
	SEARCH_LIST = 31,
	PORTAL = 37,
	PREF64 = 38
};

static const char *option_name(uint64_t type);

static const char *preference_name(uint64_t v)
{
	static const char *const names[] = { "Medium", "High", "Reserved", "Low" };

	return v < 4 ? names[v] : NULL;
}

/* RFC 8781 sec. 4.1: the prefix length code. */
static const char *length_code_name(uint64_t v)
{
	static const char *const names[] = {
		"96 bits", "64 bits", "56 bits", "48 bits", "40 bits", "32 bits"
	};

	return v < 6 ? names[v] : NULL;
}

#define UINT(name, label, base)                                                                              \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_UINT, base, 0, NULL                                          \
	}
#define NAMED(name, label, text)                                                                             \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_UINT, CL_DEC, 0, text                                        \
	}
#define BOOL(name, label)                                                                                    \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_BOOL, 0, 0, NULL                                             \
	}
#define BYTES(name, label)                                                                                   \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_BYTES, 0, 0, NULL                                            \
	}
#define IP6(name, label)                                                                                     \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_IP6, 0, 0, NULL                                              \
	}
#define ETHER(name, label)                                                                                   \
	{                                                                                                    \
		"icmpv6.opt." name, label, CL_V_ETHER, 0, 0, NULL                                            \
	}

static const struct cl_field
	f_option = { NULL, "Option", CL_V_GROUP, 0, 0, NULL },
	f_type = NAMED("type", "Type", option_name), f_length = UINT("length", "Length (8 octets)", CL_DEC),
	f_data = { NULL, "Data", CL_V_BYTES, 0, 0, NULL }, f_link = BYTES("linkaddr", "Link-layer address"),
	f_source_link = BYTES("src_linkaddr", "Source Link-layer address"),
	f_target_link = BYTES("target_linkaddr", "Target Link-layer address"),
	f_reserved = BYTES("reserved", "Reserved"),
	f_prefix_length = UINT("prefix.length", "Prefix Length", CL_DEC),
	f_prefix_flags = UINT("prefix.flag", "Flags", CL_HEX8), f_on_link = BOOL("prefix.flag.l", "On-link"),
	f_autonomous = BOOL("prefix.flag.a", "Autonomous address-configuration"),
	f_router = BOOL("prefix.flag.r", "Router Address"),
	f_prefix_reserved = UINT("prefix.flag.reserved", "Reserved", CL_DEC),
	f_valid = UINT("prefix.valid_lifetime", "Valid Lifetime", CL_DEC),
	f_preferred = UINT("prefix.preferred_lifetime", "Preferred Lifetime", CL_DEC),
	f_prefix = IP6("prefix", "Prefix"), f_mtu = UINT("mtu", "MTU", CL_DEC),
	f_shortcut = UINT("nbma.shortcut_limit", "Shortcut Limit", CL_DEC),
	f_advertisement = UINT("advertisement_interval", "Advertisement Interval", CL_DEC),
	f_agent_preference = UINT("home_agent_preference", "Home Agent Preference", CL_DEC),
	f_agent_lifetime = UINT("home_agent_lifetime", "Home Agent Lifetime", CL_DEC),
	f_timestamp = { "icmpv6.opt.timestamp", "Timestamp", CL_V_TIME, 0, 0, NULL },
	f_nonce = BYTES("nonce", "Nonce"), f_route_flags = UINT("route_info.flag", "Flags", CL_HEX8),
	f_route_preference = NAMED("route_info.flag.route_preference", "Route Preference", preference_name),
	f_route_reserved = UINT("route_info.flag.reserved", "Reserved", CL_DEC),
	f_route_lifetime = UINT("route_lifetime", "Route Lifetime", CL_DEC),
	f_servers_lifetime = UINT("rdnss.lifetime", "Lifetime", CL_DEC),
	f_server = IP6("rdnss", "Recursive DNS Server"),
	f_more_flags = UINT("efo", "Flags Expansion", CL_HEX16),
	f_more_m = BOOL("efo.m", "Managed address configuration"),
	f_more_o = BOOL("efo.o", "Other configuration"), f_more_h = BOOL("efo.h", "Home Agent"),
	f_more_preference = NAMED("efo.prf", "Prf (Default Router Preference)", preference_name),
	f_more_p = BOOL("efo.p", "ND Proxy"), f_more_reserved = UINT("efo.rsv", "Reserved", CL_DEC),
	f_list_lifetime = UINT("dnssl.lifetime", "Lifetime", CL_DEC),
	f_domain = { "icmpv6.opt.dnssl", "Domain Name", CL_V_TEXT, 0, 0, NULL },
	f_aro_status = UINT("aro.status", "Status", CL_DEC),
	f_aro_lifetime = UINT("aro.registration_lifetime", "Registration Lifetime", CL_DEC),
	f_aro_eui = ETHER("aro.eui64", "EUI-64"),
	f_context_length = UINT("6co.context_length", "Context Length", CL_DEC),
	f_context_flags = UINT("6co.flag", "Flags", CL_HEX8),
	f_context_c = BOOL("6co.flag.c", "Compression Flag"),
	f_context_id = UINT("6co.flag.cid", "Context Identifier", CL_DEC),
	f_context_reserved = UINT("6co.flag.reserved", "Reserved", CL_DEC),
	f_context_lifetime = UINT("6co.valid_lifetime", "Valid Lifetime", CL_DEC),
	f_context_prefix = IP6("6co.context_prefix", "Context Prefix"),
	f_border_low = UINT("abro.version_low", "Version Low", CL_DEC),
	f_border_high = UINT("abro.version_high", "Version High", CL_DEC),
	f_border_lifetime = UINT("abro.valid_lifetime", "Valid Lifetime", CL_DEC),
	f_border_address = IP6("abro.6lbr_address", "6LBR Address"),
	f_capability_1 = UINT("6cio.unassigned1", "Unassigned", CL_HEX16),
	f_capability_g = UINT("6cio.flag_g", "G Flag", CL_HEX16),
	f_capability_2 = UINT("6cio.unassigned2", "Unassigned", CL_HEX32),
	f_portal = { "icmpv6.opt.captive_portal", "Captive Portal", CL_V_TEXT, 0, 0, NULL },
	f_scaled = UINT("pref64.scaled_lifetime", "Scaled Lifetime", CL_DEC),
	f_length_code = { "icmpv6.opt.pref64.plc", "Prefix Length Code", CL_V_UINT, CL_HEX16, 0,
			  length_code_name },
	f_pref64 = IP6("pref64.prefix", "Prefix");

/* Places count from the option's first octet. */
static const struct cl_icmp_row prefix_rows[] = {
	{ &f_prefix_length, 2, 1, 0 }, { &f_prefix_flags, 3, 1, 0 }, { &f_on_link, 3, 1, 0x80 },
	{ &f_autonomous, 3, 1, 0x40 }, { &f_router, 3, 1, 0x20 },    { &f_prefix_reserved, 3, 1, 0x1f },
	{ &f_valid, 4, 4, 0 },	       { &f_preferred, 8, 4, 0 },    { &f_reserved, 12, 4, 0 },
	{ &f_prefix, 16, 16, 0 },
};
static const struct cl_icmp_row mtu_rows[] = { { &f_reserved, 2, 2, 0 }, { &f_mtu, 4, 4, 0 } };
static const struct cl_icmp_row shortcut_rows[] = { { &f_shortcut, 2, 1, 0 },
						    { &f_reserved, 3, 1, 0 },
						    { &f_reserved, 4, 4, 0 } };
static const struct cl_icmp_row interval_rows[] = { { &f_reserved, 2, 2, 0 }, { &f_advertisement, 4, 4, 0 } };
static const struct cl_icmp_row agent_rows[] = { { &f_reserved, 2, 2, 0 },
						 { &f_agent_preference, 4, 2, 0 },
						 { &f_agent_lifetime, 6, 2, 0 } };
static const struct cl_icmp_row nonce_rows[] = { { &f_nonce, 2, 0, 0 } };
static const struct cl_icmp_row route_rows[] = { { &f_prefix_length, 2, 1, 0 },
						 { &f_route_flags, 3, 1, 0 },
						 { &f_route_preference, 3, 1, 0x18 },
						 { &f_route_reserved, 3, 1, 0xe7 },
						 { &f_route_lifetime, 4, 4, 0 } };
static const struct cl_icmp_row servers_rows[] = { { &f_reserved, 2, 2, 0 },
						   { &f_servers_lifetime, 4, 4, 0 } };
static const struct cl_icmp_row more_rows[] = {
	{ &f_more_flags, 2, 2, 0 },	    { &f_more_m, 2, 2, 0x8000 },	  { &f_more_o, 2, 2, 0x4000 },
	{ &f_more_h, 2, 2, 0x2000 },	    { &f_more_preference, 2, 2, 0x1800 }, { &f_more_p, 2, 2, 0x0400 },
	{ &f_more_reserved, 2, 2, 0x03ff },
};
static const struct cl_icmp_row list_rows[] = { { &f_reserved, 2, 2, 0 }, { &f_list_lifetime, 4, 4, 0 } };
static const struct cl_icmp_row aro_rows[] = { { &f_aro_status, 2, 1, 0 },
					       { &f_reserved, 3, 3, 0 },
					       { &f_aro_lifetime, 6, 2, 0 },
					       { &f_aro_eui, 8, 8, 0 } };
static const struct cl_icmp_row context_rows[] = {
	{ &f_context_length, 2, 1, 0 },	  { &f_context_flags, 3, 1, 0 },       { &f_context_c, 3, 1, 0x10 },
	{ &f_context_id, 3, 1, 0x0f },	  { &f_context_reserved, 3, 1, 0xe0 }, { &f_reserved, 4, 2, 0 },
	{ &f_context_lifetime, 6, 2, 0 }, { &f_context_prefix, 8, 16, 0 },
};
static const struct cl_icmp_row border_rows[] = { { &f_border_low, 2, 2, 0 },
						  { &f_border_high, 4, 2, 0 },
						  { &f_border_lifetime, 6, 2, 0 },
						  { &f_border_address, 8, 16, 0 } };
static const struct cl_icmp_row capability_rows[] = { { &f_capability_1, 2, 2, 0xfffe },
						      { &f_capability_g, 2, 2, 1 },
						      { &f_capability_2, 4, 4, 0 } };
static const struct cl_icmp_row pref64_rows[] = { { &f_scaled, 2, 2, 0xfff8 }, { &f_length_code, 2, 2, 7 } };
static const struct cl_icmp_row redirected_rows[] = { { &f_reserved, 2, 6, 0 } };
static const struct cl_icmp_row timestamp_rows[] = { { &f_reserved, 2, 6, 0 } };
static const struct cl_icmp_row other_rows[] = { { &f_data, 2, 0, 0 } };

#define ROWS(rows) CL_COUNT_OF(rows), rows

static const struct cl_icmp_kind options[] = {
	{ 1, 0, NULL, "Source link-layer address" },
	{ 2, 0, NULL, "Target link-layer address" },
	{ 3, ROWS(prefix_rows), "Prefix information" },
	{ 4, ROWS(redirected_rows), "Redirected header" },
	{ 5, ROWS(mtu_rows), "MTU" },
	{ 6, ROWS(shortcut_rows), "NBMA Shortcut Limit" },
	{ 7, ROWS(interval_rows), "Advertisement Interval" },
	{ 8, ROWS(agent_rows), "Home Agent Information" },
	{ 13, ROWS(timestamp_rows), "Timestamp" },
	{ 14, ROWS(nonce_rows), "Nonce" },
	{ 24, ROWS(route_rows), "Route Information" },
	{ 25, ROWS(servers_rows), "Recursive DNS Server" },
	{ 26, ROWS(more_rows), "RA Flags Extension" },
	{ 31, ROWS(list_rows), "DNS Search List" },
	{ 33, ROWS(aro_rows), "Address Registration" },
	{ 34, ROWS(context_rows), "6LoWPAN Context" },
	{ 35, ROWS(border_rows), "Authoritative Border Router" },
	{ 36, ROWS(capability_rows), "6LoWPAN Capability Indication" },
	{ 37, 0, NULL, "Captive-Portal" },
	{ 38, ROWS(pref64_rows), "PREF64" },
};

static const char *option_name(uint64_t type)
{
	const struct cl_icmp_kind *kind = cl_icmp_kind_find(options, CL_COUNT_OF(options), (unsigned)type);

	return kind != NULL ? kind->name : NULL;
}

/* The rest of the option: how long an address is, the link says, not the option (RFC 4861 sec. 4.6.1). */
static void put_link(struct cl_detail *d, struct cl_cur c, bool source)
{
	struct cl_span s = cl_cur_take(&c, cl_cur_left(&c));

	if (c.err != CL_OK)
		return;
	cl_put_bytes(d, &f_link, s);
	cl_put_bytes(d, source ? &f_source_link : &f_target_link, s);
}

/* RFC 3971 sec. 5.3.1: seconds since 1970 in 48 bits, and 16 of fraction. */
static void put_timestamp(struct cl_detail *d, struct cl_cur c)
{
	cl_cur_skip(&c, 6);
	uint64_t v = cl_cur_u64(&c), seconds = v >> 16;

	if (c.err == CL_OK && seconds <= INT64_MAX / 1000000000 - 1)
		cl_put_int(d, &f_timestamp,
			   (int64_t)(seconds * 1000000000 + (v & 0xffff) * 1000000000 / 65536));
}

/* A prefix of up to 16 octets, of which the last may be left out. */
static void put_short_prefix(struct cl_detail *d, const struct cl_field *f, struct cl_cur c, uint32_t most)
{
	uint8_t address[16] = { 0 };
	uint32_t n = cl_cur_left(&c) < most ? cl_cur_left(&c) : most;

	if (n > 0 && cl_cur_copy(&c, address, n))
		cl_put_bytes(d, f, cl_detail_keep(d, address, sizeof address));
}

static void put_servers(struct cl_detail *d, struct cl_cur c)
{
	while (cl_cur_left(&c) >= 16) {
		struct cl_span s = cl_cur_take(&c, 16);

		if (c.err == CL_OK)
			cl_put_bytes(d, &f_server, s);
	}
}

/* RFC 8106 sec. 5.2: names without compression, padded with zeros. False: one ends behind the option. */
static bool put_domains(struct cl_detail *d, struct cl_cur c)
{
	char text[256];
	uint32_t n = 0;

	while (cl_cur_left(&c) > 0) { /* takes one octet or more a turn */
		uint8_t length = cl_cur_u8(&c);
		struct cl_span label = cl_cur_take(&c, length);

		if (c.err != CL_OK || (length & 0xc0) != 0 || n + length + 1 > sizeof text)
			return c.err == CL_ETRUNC;
		if (length == 0) {
			if (n > 0)
				cl_put_bytes(d, &f_domain, cl_detail_keep(d, text, n - 1));
			n = 0;
			continue;
		}
		memcpy(text + n, label.ptr, label.len);
		n += length;
		text[n++] = '.';
	}
	return n == 0;
}

static void put_portal(struct cl_detail *d, struct cl_cur c)
{
	struct cl_span s = cl_cur_take(&c, cl_cur_kept(&c));

	while (s.len > 0 && s.ptr[s.len - 1] == 0)
		s.len--;
	if (s.len > 0)
		cl_put_bytes(d, &f_portal, s);
}

static void put_special(struct cl_pkt *p, uint8_t type, struct cl_cur c)
{
	struct cl_detail *d = p->detail;
	struct cl_cur behind_8 = c;

	cl_cur_skip(&c, 2);
	cl_cur_skip(&behind_8, 8);
	if (type == SOURCE_LINK || type == TARGET_LINK)
		put_link(d, c, type == SOURCE_LINK);
	else if (type == TIMESTAMP)
		put_timestamp(d, c);
	else if (type == ROUTE)
		put_short_prefix(d, &f_prefix, behind_8, 16);
	else if (type == SERVERS)
		put_servers(d, behind_8);
	else if (type == SEARCH_LIST && !put_domains(d, behind_8))
		cl_pkt_anomaly(p, CL_ANOM_ICMPV6_BAD_OPTION);
	else if (type == PORTAL)
		put_portal(d, c);
	else if (type == PREF64) {
		cl_cur_skip(&c, 2);
		put_short_prefix(d, &f_pref64, c, 12);
	}
}

struct cl_cur cl_icmp6_put_options(struct cl_pkt *p, struct cl_cur c)
{
	struct cl_cur redirected = cl_cur_make(NULL, 0, 0);

	while (cl_cur_left(&c) > 0) { /* takes 8 octets or more a turn */
		struct cl_cur start = c;
		uint8_t type = cl_cur_u8(&c);
		uint32_t length = cl_cur_u8(&c) * 8u;

		if (c.err == CL_OK && (length == 0 || length > cl_cur_left(&start)))
			cl_cur_fail(&c, UINT32_MAX);
		if (c.err == CL_EMALF)
			cl_pkt_anomaly(p, CL_ANOM_ICMPV6_BAD_OPTION);
		if (c.err != CL_OK)
			break;
		struct cl_cur option = cl_cur_sub(&start, length);
		const struct cl_icmp_kind *kind = cl_icmp_kind_find(options, CL_COUNT_OF(options), type);
		cl_put_group(p->detail, &f_option, "%s", kind != NULL ? kind->name : "unknown");
		cl_put_uint(p->detail, &f_type, type);
		cl_put_uint(p->detail, &f_length, length / 8);
		if (kind != NULL)
			cl_icmp_put(p->detail, option, kind->rows, kind->count);
		else
			cl_icmp_put(p->detail, option, other_rows, CL_COUNT_OF(other_rows));
		put_special(p, type, option);
		cl_put_end(p->detail);
		if (type == REDIRECTED) {
			redirected = option;
			cl_cur_skip(&redirected, 8);
		}
		c = start;
		if (c.err != CL_OK)
			break;
	}
	return redirected;
}

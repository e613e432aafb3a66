/* SPDX-License-Identifier: BSD-2-Clause */
/* Records whose layout depends on what is in them: addresses, gateways, places, prefixes. */

#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

#define CLASS_CH 3u

static uint8_t put_u8(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	uint8_t v = cl_cur_u8(c);

	if (c->err == CL_OK)
		cl_put_uint(m->d, f, v);
	return v;
}

static uint32_t put_u32(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	uint32_t v = cl_cur_u32(c);

	if (c->err == CL_OK)
		cl_put_uint(m->d, f, v);
	return v;
}

static void put_octets(struct cl_dns_msg *m, struct cl_cur *c, uint32_t n, const struct cl_field *f)
{
	struct cl_span octets = cl_cur_take(c, n);

	if (c->err == CL_OK)
		cl_put_bytes(m->d, f, octets);
}

static void put_rest(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	if (cl_cur_left(c) > 0)
		put_octets(m, c, cl_cur_left(c), f);
}

/* In class CH a domain and an address of 16 bits in octal (RFC 1034 sec. 3.6, RFC 1035 sec. 3.4.1). */
void cl_dns_rr_a(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_a, "dns.a", "Address", CL_V_IP4, 0, 0, NULL);
	FIELD(f_domain, "dns.a.ch.domain", "Domain", CL_V_TEXT, 0, 0, NULL);
	FIELD(f_address, "dns.a.ch.address", "Address", CL_V_UINT, CL_DEC, 0, NULL);

	if (m->rr.class != CLASS_CH) {
		put_u32(m, c, &f_a);
		return;
	}
	cl_dns_put_name(m, c, CL_DNS_COMPRESSED, &f_domain);
	uint16_t address = cl_cur_u16(c);
	if (c->err == CL_OK)
		cl_put_uint(m->d, &f_address, address);
}

/* A bit for each port, the top bit of the first octet is port 0. */
void cl_dns_rr_wks(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_bits, "dns.wks.bits", "Bits", CL_V_UINT, CL_HEX8, CL_FD_FLAT, NULL);
	FIELD(f_port, "dns.wks.port", "Port", CL_V_UINT, CL_DEC, CL_FD_OBJECT, NULL);

	for (uint32_t i = 0; cl_cur_left(c) > 0; i++) {
		uint8_t bits = cl_cur_u8(c);

		for (uint32_t bit = 0; bit < 8; bit++)
			if ((bits & 0x80u >> bit) != 0) {
				cl_put_uint(m->d, &f_bits, 0x80u >> bit);
				cl_put_uint(m->d, &f_port, i * 8 + bit);
			}
	}
}

/* A size or precision: two digits of four bits, the second a power of ten, in centimetres. */
static double metres(struct cl_dns_msg *m, uint8_t coded)
{
	double v = coded >> 4;

	if (coded >> 4 > 9 || (coded & 15) > 9)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_LOC);
	for (uint32_t i = coded & 15u; i > 0; i--)
		v *= 10;
	return v / 100;
}

static double degrees(uint32_t coded)
{
	return ((double)coded - 2147483648.0) / 3600000.0;
}

static void put_place(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_size, "dns.loc.size", "Size", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_h, "dns.loc.horizontal_precision", "Horizontal Precision", CL_V_UINT, CL_DEC, CL_FD_FLAT,
	      NULL);
	FIELD(f_v, "dns.loc.vertical_precision", "Vertical Precision", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_lat, "dns.loc.latitude", "Latitude", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_lon, "dns.loc.longitude", "Longitude", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_alt, "dns.loc.altitude", "Altitude", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_size_m, "dns.loc.size_m", "Size in metres", CL_V_REAL, 0, CL_FD_OBJECT, NULL);
	FIELD(f_h_m, "dns.loc.horizontal_m", "Horizontal precision in metres", CL_V_REAL, 0, CL_FD_OBJECT,
	      NULL);
	FIELD(f_v_m, "dns.loc.vertical_m", "Vertical precision in metres", CL_V_REAL, 0, CL_FD_OBJECT, NULL);
	FIELD(f_lat_d, "dns.loc.latitude_deg", "Degrees north", CL_V_REAL, 0, CL_FD_OBJECT, NULL);
	FIELD(f_lon_d, "dns.loc.longitude_deg", "Degrees east", CL_V_REAL, 0, CL_FD_OBJECT, NULL);
	FIELD(f_alt_m, "dns.loc.altitude_m", "Altitude in metres", CL_V_REAL, 0, CL_FD_OBJECT, NULL);
	uint8_t size = put_u8(m, c, &f_size), horizontal = put_u8(m, c, &f_h), vertical = put_u8(m, c, &f_v);
	uint32_t latitude = put_u32(m, c, &f_lat), longitude = put_u32(m, c, &f_lon);
	uint32_t altitude = put_u32(m, c, &f_alt);

	if (c->err != CL_OK)
		return;
	cl_put_real(m->d, &f_size_m, metres(m, size));
	cl_put_real(m->d, &f_h_m, metres(m, horizontal));
	cl_put_real(m->d, &f_v_m, metres(m, vertical));
	cl_put_real(m->d, &f_lat_d, degrees(latitude));
	cl_put_real(m->d, &f_lon_d, degrees(longitude));
	cl_put_real(m->d, &f_alt_m, (double)altitude / 100 - 100000);
}

void cl_dns_rr_loc(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_version, "dns.loc.version", "Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_unknown, "dns.loc.unknown_data", "Unknown data", CL_V_BYTES, 0, 0, NULL);
	uint8_t version = cl_cur_u8(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_version, version);
	if (version == 0) {
		put_place(m, c);
		return;
	}
	*c = m->rr.data; /* the version is part of it, as Wireshark has it */
	put_rest(m, c, &f_unknown);
}

/* What follows order, preference and three strings. */
void cl_dns_rr_naptr(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_length, "dns.naptr.replacement_length", "Replacement Length", CL_V_UINT, CL_DEC, CL_FD_FLAT,
	      NULL);
	FIELD(f_name, "dns.naptr.replacement", "Replacement", CL_V_TEXT, 0, 0, NULL);
	struct cl_dns_shown name;

	if (!cl_dns_show_name(m, c, CL_DNS_COMPRESSED, &name) || name.octets == 0) {
		m->rr.bad = true;
		return;
	}
	cl_put_uint(m->d, &f_length, name.octets > 1 ? name.octets - 2u : 0);
	cl_put_bytes(m->d, &f_name, name.text);
}

void cl_dns_rr_a6(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_length, "dns.a6.prefix_len", "Prefix len", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_suffix, "dns.a6.address_suffix", "Address Suffix", CL_V_IP6, 0, 0, NULL);
	FIELD(f_name, "dns.a6.prefix_name", "Prefix name", CL_V_TEXT, 0, 0, NULL);
	uint8_t length = cl_cur_u8(c), address[16] = { 0 };

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_length, length);
	if (length > 128) {
		cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
		cl_cur_skip(c, cl_cur_left(c));
		return;
	}
	uint32_t octets = 16u - length / 8u;
	if (octets > 0 && cl_cur_copy(c, address + 16 - octets, octets))
		cl_put_bytes(m->d, &f_suffix, cl_detail_keep(m->d, address, sizeof address));
	if (length % 8 != 0 && c->err == CL_OK && (address[length / 8] >> (8 - length % 8)) != 0)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
	if (length > 0 && c->err == CL_OK)
		cl_dns_put_name(m, c, CL_DNS_PLAIN, &f_name);
}

/* The address part of a prefix: as many octets as are there, zeros behind. */
static void put_prefix_address(struct cl_dns_msg *m, struct cl_cur *c, uint16_t family, uint32_t n)
{
	FIELD(f_ip4, "dns.apl.afdpart.ipv4", "Address", CL_V_IP4, 0, 0, NULL);
	FIELD(f_ip6, "dns.apl.afdpart.ipv6", "Address", CL_V_IP6, 0, 0, NULL);
	FIELD(f_data, "dns.apl.afdpart.data", "Address", CL_V_BYTES, 0, 0, NULL);
	uint8_t address[16] = { 0 };

	if (family != 1 && family != 2) {
		put_octets(m, c, n, &f_data);
		return;
	}
	if (n > (family == 1 ? 4u : 16u)) {
		cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
		put_octets(m, c, n, &f_data);
		return;
	}
	if (!cl_cur_copy(c, address, n))
		return;
	if (n > 0 && address[n - 1] == 0) /* trailing zeros are left out */
		cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
	if (family == 1)
		cl_put_uint(m->d, &f_ip4,
			    (uint32_t)address[0] << 24 | (uint32_t)address[1] << 16 |
				    (uint32_t)address[2] << 8 | address[3]);
	else
		cl_put_bytes(m->d, &f_ip6, cl_detail_keep(m->d, address, sizeof address));
}

void cl_dns_rr_apl(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_item, "dns.apl.item", "Prefix", CL_V_OBJECT, 0, 0, NULL);
	FIELD(f_family, "dns.apl.address_family", "Address Family", CL_V_UINT, CL_DEC, 0, cl_dns_family_text);
	FIELD(f_prefix, "dns.apl.coded_prefix", "Prefix Length", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_negation, "dns.apl.negation", "Negation Flag", CL_V_BOOL, 0, 0, NULL);
	FIELD(f_length, "dns.apl.afdlength", "Address Length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);

	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t family = cl_cur_u16(c);
		uint8_t prefix = cl_cur_u8(c), length = cl_cur_u8(c);

		if (c->err != CL_OK)
			return;
		cl_put_bytes(m->d, &f_item, (struct cl_span){ NULL, 0 });
		cl_put_uint(m->d, &f_family, family);
		cl_put_uint(m->d, &f_prefix, prefix);
		cl_put_uint(m->d, &f_negation, length >> 7);
		cl_put_uint(m->d, &f_length, length & 0x7f);
		if ((family == 1 && prefix > 32) || (family == 2 && prefix > 128))
			cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
		put_prefix_address(m, c, family, length & 0x7f);
		cl_put_end(m->d);
	}
}

static bool is_tag(struct cl_span tag)
{
	for (uint32_t i = 0; i < tag.len; i++) {
		uint8_t o = tag.ptr[i] | 0x20;

		if (!(o >= 'a' && o <= 'z') && !(tag.ptr[i] >= '0' && tag.ptr[i] <= '9'))
			return false;
	}
	return tag.len > 0;
}

static bool tag_is(struct cl_span tag, const char *word)
{
	return tag.len == strlen(word) && memcmp(tag.ptr, word, tag.len) == 0;
}

void cl_dns_rr_caa(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_length, "dns.caa.tag_length", "Tag length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_tag, "dns.caa.tag", "Tag", CL_V_TEXT, 0, 0, NULL);
	FIELD(f_value, "dns.caa.value", "Value", CL_V_TEXT, 0, 0, NULL);
	FIELD(f_issue, "dns.caa.issue", "Issue", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
	FIELD(f_wild, "dns.caa.issuewild", "Issue Wildcard", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
	FIELD(f_iodef, "dns.caa.iodef", "Report URL", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
	FIELD(f_unknown, "dns.caa.unknown", "Unknown tag", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
	uint8_t length = cl_cur_u8(c);
	struct cl_span tag = cl_cur_take(c, length);
	struct cl_span value = cl_cur_take(c, cl_cur_left(c));

	if (c->err != CL_OK)
		return;
	cl_put_bytes(m->d,
		     tag_is(tag, "issue")	? &f_issue
		     : tag_is(tag, "issuewild") ? &f_wild
		     : tag_is(tag, "iodef")	? &f_iodef
						: &f_unknown,
		     value);
	cl_put_uint(m->d, &f_length, length);
	cl_put_bytes(m->d, &f_tag, tag);
	cl_put_bytes(m->d, &f_value, value);
	if (!is_tag(tag))
		cl_dns_bad_rdata(m, CL_ANOM_DNS_CAA_TAG);
}

/* A gateway or relay: none, an address, or a name that is not compressed (RFC 4025 sec. 2.5). */
static void put_gateway(struct cl_dns_msg *m, struct cl_cur *c, uint8_t type, const struct cl_field *f)
{
	if (type == 1)
		put_u32(m, c, &f[0]);
	else if (type == 2)
		put_octets(m, c, 16, &f[1]);
	else if (type == 3)
		cl_dns_put_name(m, c, CL_DNS_PLAIN, &f[2]);
}

/* What follows the precedence. */
void cl_dns_rr_ipseckey(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_type, "dns.ipseckey.gateway_type", "Gateway Type", CL_V_UINT, CL_DEC, 0, cl_dns_gateway_text);
	FIELD(f_algorithm, "dns.ipseckey.gateway_algorithm", "Gateway Algorithm", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_key, "dns.ipseckey.public_key", "Public Key", CL_V_BYTES, 0, 0, NULL);
	static const struct cl_field gateways[] = {
		{ "dns.ipseckey.gateway_ipv4", "IPv4 Gateway", CL_V_IP4, 0, 0, NULL },
		{ "dns.ipseckey.gateway_ipv6", "IPv6 Gateway", CL_V_IP6, 0, 0, NULL },
		{ "dns.ipseckey.gateway_dns", "DNS Gateway", CL_V_TEXT, 0, 0, NULL },
	};
	uint8_t type = cl_cur_u8(c), algorithm = cl_cur_u8(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_type, type);
	cl_put_uint(m->d, &f_algorithm, algorithm);
	put_gateway(m, c, type, gateways);
	put_rest(m, c, &f_key);
}

/* What follows the precedence; relay types beyond 3 are opaque (RFC 8777 sec. 4.2.3). */
void cl_dns_rr_amtrelay(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_discovery, "dns.amtrelay.discovery", "Discovery optional", CL_V_BOOL, 0, 0, NULL);
	FIELD(f_type, "dns.amtrelay.type", "Relay type", CL_V_UINT, CL_DEC, 0, cl_dns_gateway_text);
	FIELD(f_opaque, "dns.amtrelay.relay", "Relay", CL_V_BYTES, 0, 0, NULL);
	static const struct cl_field relays[] = {
		{ "dns.amtrelay.ipv4", "IPv4 relay", CL_V_IP4, 0, 0, NULL },
		{ "dns.amtrelay.ipv6", "IPv6 relay", CL_V_IP6, 0, 0, NULL },
		{ "dns.amtrelay.name", "Relay's name", CL_V_TEXT, 0, 0, NULL },
	};
	uint8_t type = cl_cur_u8(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_discovery, type >> 7);
	cl_put_uint(m->d, &f_type, type & 0x7f);
	put_gateway(m, c, type & 0x7f, relays);
	if ((type & 0x7f) > 3)
		put_rest(m, c, &f_opaque);
}

void cl_dns_rr_hip(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_hit_length, "dns.hip.hit.length", "HIT length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_algorithm, "dns.hip.hit.pk.algo", "PK algorithm", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_key_length, "dns.hip.pk.length", "PK length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
	FIELD(f_hit, "dns.hip.hit", "Host Identity Tag", CL_V_BYTES, 0, 0, NULL);
	FIELD(f_key, "dns.hip.pk", "HIP Public Key", CL_V_BYTES, 0, 0, NULL);
	FIELD(f_server, "dns.hip.rendezvous_server", "Rendezvous Server", CL_V_TEXT, 0, 0, NULL);
	uint8_t hit_length = cl_cur_u8(c), algorithm = cl_cur_u8(c);
	uint16_t key_length = cl_cur_u16(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_hit_length, hit_length);
	cl_put_uint(m->d, &f_algorithm, algorithm);
	cl_put_uint(m->d, &f_key_length, key_length);
	put_octets(m, c, hit_length, &f_hit);
	put_octets(m, c, key_length, &f_key);
	while (cl_cur_left(c) > 0) /* each takes an octet or more, or fails */
		cl_dns_put_name(m, c, CL_DNS_PLAIN, &f_server);
}

void cl_dns_rr_xpf(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_version, "dns.xpf.ip_version", "IP Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_protocol, "dns.xpf.protocol", "Protocol", CL_V_UINT, CL_DEC, 0, cl_dns_protocol_text);
	FIELD(f_source4, "dns.xpf.source_ipv4", "IPv4 Source", CL_V_IP4, 0, 0, NULL);
	FIELD(f_target4, "dns.xpf.destination_ipv4", "IPv4 Destination", CL_V_IP4, 0, 0, NULL);
	FIELD(f_source6, "dns.xpf.source_ipv6", "IPv6 Source", CL_V_IP6, 0, 0, NULL);
	FIELD(f_target6, "dns.xpf.destination_ipv6", "IPv6 Destination", CL_V_IP6, 0, 0, NULL);
	FIELD(f_sport, "dns.xpf.sport", "Source port", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_dport, "dns.xpf.dport", "Destination port", CL_V_UINT, CL_DEC, 0, NULL);
	uint8_t version = cl_cur_u8(c) & 15, protocol = cl_cur_u8(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_version, version);
	cl_put_uint(m->d, &f_protocol, protocol);
	if (version == 4) {
		put_u32(m, c, &f_source4);
		put_u32(m, c, &f_target4);
	} else if (version == 6) {
		put_octets(m, c, 16, &f_source6);
		put_octets(m, c, 16, &f_target6);
	} else {
		cl_dns_bad_rdata(m, CL_ANOM_DNS_ADDRESS);
		cl_cur_skip(c, cl_cur_left(c));
		return;
	}
	uint16_t sport = cl_cur_u16(c), dport = cl_cur_u16(c);
	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f_sport, sport);
	cl_put_uint(m->d, &f_dport, dport);
}

#define TYPE_WINS  65281u
#define WINS_LOCAL 0x10000u

/* Where a server asks NetBIOS: the addresses of WINS servers, or the domain that answers are in. */
void cl_dns_rr_wins(struct cl_dns_msg *m, struct cl_cur *c)
{
	static const struct cl_field f[2][3] = {
		{ { "dns.wins.local_flag", "Local Flag", CL_V_BOOL, 0, 0, NULL },
		  { "dns.wins.lookup_timeout", "Lookup timeout", CL_V_UINT, CL_DEC, 0, NULL },
		  { "dns.wins.cache_timeout", "Cache timeout", CL_V_UINT, CL_DEC, 0, NULL } },
		{ { "dns.winsr.local_flag", "Local Flag", CL_V_BOOL, 0, 0, NULL },
		  { "dns.winsr.lookup_timeout", "Lookup timeout", CL_V_UINT, CL_DEC, 0, NULL },
		  { "dns.winsr.cache_timeout", "Cache timeout", CL_V_UINT, CL_DEC, 0, NULL } },
	};
	FIELD(f_number, "dns.wins.nb_wins_servers", "Number of WINS servers", CL_V_UINT, CL_DEC, CL_FD_FLAT,
	      NULL);
	FIELD(f_server, "dns.wins.wins_server", "WINS Server Address", CL_V_IP4, 0, 0, NULL);
	FIELD(f_domain, "dns.winsr.name_result_domain", "Name Result Domain", CL_V_TEXT, 0, 0, NULL);
	unsigned reverse = m->rr.type != TYPE_WINS;
	uint32_t flags = cl_cur_u32(c), lookup = cl_cur_u32(c), cache = cl_cur_u32(c);

	if (c->err != CL_OK)
		return;
	cl_put_uint(m->d, &f[reverse][0], (flags & WINS_LOCAL) != 0);
	cl_put_uint(m->d, &f[reverse][1], lookup);
	cl_put_uint(m->d, &f[reverse][2], cache);
	if (reverse) {
		cl_dns_put_name(m, c, CL_DNS_COMPRESSED, &f_domain);
		return;
	}
	uint32_t number = cl_cur_u32(c);
	if (c->err == CL_OK)
		cl_put_uint(m->d, &f_number, number);
	for (; number > 0 && c->err == CL_OK; number--)
		put_u32(m, c, &f_server);
}

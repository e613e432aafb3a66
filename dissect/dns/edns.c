/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EDNS options (RFC 6891): a row each, with the length that its definition allows, and a function where there
 * is more to say than octets. Codes and names: IANA, DNS EDNS0 Option Codes.
 */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

static void bad_value(struct cl_dns_msg *m)
{
	cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_VALUE);
}

static void put_octets(struct cl_dns_msg *m, struct cl_cur *c, uint32_t n, const struct cl_field *f)
{
	struct cl_span octets = cl_cur_take(c, n);

	if (octets.len > 0)
		cl_put_bytes(m->d, f, octets);
}

static void put_rest(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	put_octets(m, c, cl_cur_left(c), f);
}

static uint8_t put_u8(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	uint8_t v = cl_cur_u8(c);

	if (c->err == CL_OK)
		cl_put_uint(m->d, f, v);
	return v;
}

static uint16_t put_u16(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	uint16_t v = cl_cur_u16(c);

	if (c->err == CL_OK)
		cl_put_uint(m->d, f, v);
	return v;
}

static void put_u32(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	uint32_t v = cl_cur_u32(c);

	if (c->err == CL_OK)
		cl_put_uint(m->d, f, v);
}

static void read_llq(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_version, "dns.opt.llq.version", "Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_opcode, "dns.opt.llq.opcode", "Opcode", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_error, "dns.opt.llq.error", "Error", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_id, "dns.opt.llq.id", "Identifier", CL_V_UINT, CL_HEX64, 0, NULL);
	FIELD(f_lease, "dns.opt.llq.lease", "Lease in seconds", CL_V_UINT, CL_DEC, 0, NULL);

	put_u16(m, c, &f_version);
	put_u16(m, c, &f_opcode);
	put_u16(m, c, &f_error);
	uint64_t id = cl_cur_u64(c);
	if (c->err == CL_OK)
		cl_put_uint(m->d, &f_id, id);
	put_u32(m, c, &f_lease);
}

static void read_lease(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_lease, "dns.opt.ul.lease", "Lease in seconds", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_key, "dns.opt.ul.key_lease", "Key lease in seconds", CL_V_UINT, CL_DEC, 0, NULL);

	put_u32(m, c, &f_lease);
	if (cl_cur_left(c) > 0)
		put_u32(m, c, &f_key);
}

static void read_nsid(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_nsid, "dns.opt.nsid", "Name server identifier", CL_V_TEXT, 0, 0, NULL);

	put_rest(m, c, &f_nsid);
}

static void read_owner(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_version, "dns.opt.owner.version", "Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_sequence, "dns.opt.owner.sequence", "Sequence", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_primary, "dns.opt.owner.primary", "Primary MAC", CL_V_ETHER, 0, 0, NULL);
	FIELD(f_wakeup, "dns.opt.owner.wakeup", "Wakeup MAC", CL_V_ETHER, 0, 0, NULL);
	FIELD(f_password, "dns.opt.owner.password", "Password", CL_V_BYTES, 0, 0, NULL);

	put_u8(m, c, &f_version);
	put_u8(m, c, &f_sequence);
	put_octets(m, c, 6, &f_primary);
	if (cl_cur_left(c) >= 6)
		put_octets(m, c, 6, &f_wakeup);
	put_rest(m, c, &f_password);
}

static void read_u8_list(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	while (cl_cur_left(c) > 0)
		put_u8(m, c, f);
}

static void read_dau(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_dau, "dns.opt.dau", "DAU", CL_V_UINT, CL_DEC, 0, cl_dns_algorithm_text);

	read_u8_list(m, c, &f_dau);
}

static void read_dhu(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_dhu, "dns.opt.dhu", "DHU", CL_V_UINT, CL_DEC, 0, cl_dns_digest_text);

	read_u8_list(m, c, &f_dhu);
}

static void read_n3u(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_n3u, "dns.opt.n3u", "N3U", CL_V_UINT, CL_DEC, 0, NULL);

	read_u8_list(m, c, &f_n3u);
}

/* The rules of RFC 7871 sec. 6 and 7.1.1 on prefix, scope and address. */
static bool subnet_agrees(const struct cl_dns_msg *m, uint16_t family, uint8_t source, uint8_t scope,
			  struct cl_span address)
{
	uint32_t bits = family == 1 ? 32 : 128;

	if (family == 0) /* as dig sends for a subnet of nothing */
		return source == 0 && scope == 0 && address.len == 0;
	if (family > 2 || source > bits || scope > bits || address.len != (source + 7u) / 8)
		return false;
	if (!cl_dns_is_response(m) && scope != 0)
		return false;
	return source % 8 == 0 || (address.ptr[address.len - 1] & 0xffu >> source % 8) == 0;
}

static void put_subnet(struct cl_dns_msg *m, uint16_t family, struct cl_span address)
{
	FIELD(f_address, "dns.opt.client.addr", "Client Subnet", CL_V_BYTES, 0, 0, NULL);
	FIELD(f_ip4, "dns.opt.client.addr4", "Client Subnet", CL_V_IP4, 0, 0, NULL);
	FIELD(f_ip6, "dns.opt.client.addr6", "Client Subnet", CL_V_IP6, 0, 0, NULL);
	uint8_t full[16] = { 0 };

	for (uint32_t i = 0; i < address.len && i < sizeof full; i++)
		full[i] = address.ptr[i];
	if (family == 1)
		cl_put_uint(m->d, &f_ip4,
			    (uint32_t)full[0] << 24 | (uint32_t)full[1] << 16 | (uint32_t)full[2] << 8 |
				    full[3]);
	else if (family == 2)
		cl_put_bytes(m->d, &f_ip6, cl_detail_keep(m->d, full, sizeof full));
	else
		cl_put_bytes(m->d, &f_address, address);
}

static void read_subnet(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_family, "dns.opt.client.family", "Family", CL_V_UINT, CL_DEC, 0, cl_dns_family_text);
	FIELD(f_source, "dns.opt.client.netmask", "Source Netmask", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_scope, "dns.opt.client.scope", "Scope Netmask", CL_V_UINT, CL_DEC, 0, NULL);
	uint16_t family = put_u16(m, c, &f_family);
	uint8_t source = put_u8(m, c, &f_source), scope = put_u8(m, c, &f_scope);
	struct cl_span address = cl_cur_take(c, cl_cur_left(c));

	if (c->err != CL_OK)
		return;
	put_subnet(m, family, address);
	if (!subnet_agrees(m, family, source, scope, address))
		cl_dns_anomaly(m, CL_ANOM_DNS_ECS);
}

static void read_expire(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_expire, "dns.opt.expire", "Expire in seconds", CL_V_UINT, CL_DEC, 0, NULL);

	if (cl_cur_left(c) > 0)
		put_u32(m, c, &f_expire);
}

/* The server's part of 16 octets with a 1 first is of RFC 9018 sec. 4. */
static void put_server_cookie(struct cl_dns_msg *m, struct cl_cur c)
{
	FIELD(f_version, "dns.opt.cookie.server.version", "Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_time, "dns.opt.cookie.server.time", "Time", CL_V_TIME, 0, 0, NULL);
	FIELD(f_hash, "dns.opt.cookie.server.hash", "Hash", CL_V_BYTES, 0, 0, NULL);

	if (cl_cur_left(&c) != 16 || cl_cur_peek(&c) != 1)
		return;
	put_u8(m, &c, &f_version);
	cl_cur_skip(&c, 3);
	int64_t seconds = cl_cur_u32(&c);
	if (c.err == CL_OK)
		cl_put_int(m->d, &f_time, seconds * 1000000000);
	put_rest(m, &c, &f_hash);
}

static void read_cookie(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_client, "dns.opt.cookie.client", "Client Cookie", CL_V_BYTES, 0, 0, NULL);
	FIELD(f_server, "dns.opt.cookie.server", "Server Cookie", CL_V_BYTES, 0, 0, NULL);
	uint32_t length = cl_cur_left(c);

	m->cookie = true;
	put_octets(m, c, 8, &f_client);
	struct cl_cur server = *c;
	put_rest(m, c, &f_server);
	if (c->err == CL_OK)
		put_server_cookie(m, server);
	if (length > 8 && length < 16)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_LENGTH);
}

static void read_keepalive(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_timeout, "dns.opt.edns_tcp_keepalive.timeout", "Timeout in 100 ms", CL_V_UINT, CL_DEC, 0,
	      NULL);

	if (cl_cur_left(c) > 0)
		put_u16(m, c, &f_timeout);
}

static void read_padding(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_padding, "dns.opt.padding", "Padding", CL_V_BYTES, 0, 0, NULL);
	struct cl_cur octets = *c;
	uint8_t any = 0;

	put_rest(m, c, &f_padding);
	while (cl_cur_left(&octets) > 0)
		any |= cl_cur_u8(&octets);
	if (any != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_PADDING);
}

static void read_chain(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_name, "dns.opt.chain.fqdn", "Closest Trust Point", CL_V_TEXT, 0, 0, NULL);

	cl_dns_put_name(m, c, CL_DNS_PLAIN, &f_name);
}

static void read_key_tags(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_tag, "dns.opt.key_tag", "Key tag", CL_V_UINT, CL_DEC, 0, NULL);

	while (cl_cur_left(c) > 0)
		put_u16(m, c, &f_tag);
}

static void read_error(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_code, "dns.opt.ext_error.info_code", "Info Code", CL_V_UINT, CL_DEC, 0, cl_dns_ede_text);
	FIELD(f_text, "dns.opt.ext_error.extra_text", "Extra Text", CL_V_TEXT, 0, 0, NULL);

	put_u16(m, c, &f_code);
	put_rest(m, c, &f_text);
}

static void read_tag(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_tag, "dns.opt.tag", "Tag", CL_V_UINT, CL_DEC, 0, NULL);

	put_u16(m, c, &f_tag);
}

static void read_agent(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_agent, "dns.opt.report_channel", "Agent domain", CL_V_TEXT, 0, 0, NULL);

	cl_dns_put_name(m, c, CL_DNS_PLAIN, &f_agent);
}

static void read_zone_version(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_labels, "dns.opt.zoneversion.labels", "Label count", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_type, "dns.opt.zoneversion.type", "Type", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_serial, "dns.opt.zoneversion.serial", "SOA serial", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_version, "dns.opt.zoneversion.version", "Version", CL_V_BYTES, 0, 0, NULL);
	struct cl_cur type = *c;

	if (cl_cur_left(c) == 0)
		return;
	put_u8(m, c, &f_labels);
	type = *c;
	put_u8(m, c, &f_type);
	if (cl_cur_u8(&type) == 0 && type.err == CL_OK)
		put_u32(m, c, &f_serial); /* SOA-SERIAL */
	else
		put_rest(m, c, &f_version);
}

#define MQ_QUERY 20u

/* Data types, each once (RFC 10029 sec. 3). */
static void read_types(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_type, "dns.opt.mqtype", "Type", CL_V_UINT, CL_DEC, 0, cl_dns_type_text);
	uint16_t before[64];
	uint32_t n = 0;

	while (cl_cur_left(c) > 0) {
		uint16_t type = cl_cur_u16(c);

		if (c->err != CL_OK)
			return;
		cl_put_uint(m->d, &f_type, type);
		if (type == 41 || (type >= 128 && type <= 255))
			bad_value(m);
		for (uint32_t i = 0; i < n; i++)
			if (before[i] == type)
				bad_value(m);
		if (n < sizeof before / sizeof *before)
			before[n++] = type;
	}
	if ((m->seen & 1ull << MQ_QUERY) != 0 && (cl_dns_opcode(m) != 0 || m->count[0] == 0))
		bad_value(m);
}

static void read_text(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_text, "dns.opt.text", "Text", CL_V_TEXT, 0, 0, NULL);

	put_rest(m, c, &f_text);
}

static void read_mac(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_mac, "dns.opt.mac", "Client's MAC", CL_V_ETHER, 0, 0, NULL);

	if (cl_cur_left(c) == 6)
		put_rest(m, c, &f_mac);
	else
		cl_cur_skip(c, cl_cur_left(c));
}

/* Octets of the value of an Umbrella field; 0: not known. */
static uint32_t umbrella_length(uint16_t id)
{
	return id == 0x0040 ? 8 : id == 0x0020 ? 16 : id == 0x0004 || id == 0x0008 || id == 0x0010 ? 4 : 0;
}

static void put_umbrella(struct cl_dns_msg *m, struct cl_cur *c, uint16_t id)
{
	FIELD(f_asset, "dns.opt.umbrella.asset", "Asset", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_organisation, "dns.opt.umbrella.organisation", "Organisation", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_ip4, "dns.opt.umbrella.ipv4", "Client", CL_V_IP4, 0, 0, NULL);
	FIELD(f_ip6, "dns.opt.umbrella.ipv6", "Client", CL_V_IP6, 0, 0, NULL);
	FIELD(f_device, "dns.opt.umbrella.device", "Device", CL_V_BYTES, 0, 0, NULL);

	if (id == 0x0020 || id == 0x0040)
		put_octets(m, c, umbrella_length(id), id == 0x0020 ? &f_ip6 : &f_device);
	else
		put_u32(m, c, id == 0x0004 ? &f_asset : id == 0x0008 ? &f_organisation : &f_ip4);
}

/* Magic ODNS, version, flags, and fields of an identifier and a value. */
static void read_umbrella(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_version, "dns.opt.umbrella.version", "Version", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_flags, "dns.opt.umbrella.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL);

	if (cl_cur_u32(c) != 0x4f444e53 && c->err == CL_OK)
		bad_value(m);
	put_u8(m, c, &f_version);
	put_u8(m, c, &f_flags);
	while (cl_cur_left(c) > 0) { /* takes 2 octets or more a turn */
		uint16_t id = cl_cur_u16(c);

		if (umbrella_length(id) == 0)
			cl_cur_skip(c, cl_cur_left(c));
		else
			put_umbrella(m, c, id);
	}
}

/* clang-format off */
#define QUERY	 CL_DNS_O_QUERY
#define RESPONSE CL_DNS_O_RESPONSE
#define EMPTY	 CL_DNS_O_EMPTY
#define FILLED	 CL_DNS_O_FILLED
#define ANY	 0, 65535

const struct cl_dns_option cl_dns_options[] = {
	{ 0, 0, ANY, "Reserved", "RFC 6891 sec. 9", NULL },
	{ 1, 0, 18, 18, "LLQ", "RFC 8764 sec. 3.2", read_llq },
	{ 2, 0, 4, 8, "UL", "RFC 9664 sec. 4", read_lease },
	{ 3, EMPTY, ANY, "NSID", "RFC 5001 sec. 2", read_nsid },
	{ 4, 0, 8, 20, "Owner", "draft-cheshire-edns0-owner-option", read_owner },
	{ 5, QUERY, ANY, "DAU", "RFC 6975 sec. 3", read_dau },
	{ 6, QUERY, ANY, "DHU", "RFC 6975 sec. 3", read_dhu },
	{ 7, QUERY, ANY, "N3U", "RFC 6975 sec. 3", read_n3u },
	{ 8, 0, 4, 20, "edns-client-subnet", "RFC 7871 sec. 6", read_subnet },
	{ 9, EMPTY | FILLED, 0, 4, "EDNS EXPIRE", "RFC 7314 sec. 2", read_expire },
	{ 10, 0, 8, 40, "COOKIE", "RFC 7873 sec. 4", read_cookie },
	{ 11, EMPTY | FILLED | CL_DNS_O_TCP, 0, 2, "edns-tcp-keepalive", "RFC 7828 sec. 3", read_keepalive },
	{ 12, 0, ANY, "Padding", "RFC 7830 sec. 3", read_padding },
	{ 13, 0, 1, 255, "CHAIN", "RFC 7901 sec. 4", read_chain },
	{ 14, QUERY, 2, 65535, "edns-key-tag", "RFC 8145 sec. 4", read_key_tags },
	{ 15, RESPONSE, 2, 65535, "Extended DNS Error", "RFC 8914 sec. 2", read_error },
	{ 16, 0, 2, 2, "EDNS-Client-Tag", "draft-bellis-dnsop-edns-tags-01", read_tag },
	{ 17, 0, 2, 2, "EDNS-Server-Tag", "draft-bellis-dnsop-edns-tags-01", read_tag },
	{ 18, RESPONSE, 1, 255, "Report-Channel", "RFC 9567 sec. 5", read_agent },
	{ 19, EMPTY | FILLED, ANY, "ZONEVERSION", "RFC 9660 sec. 2", read_zone_version },
	{ 20, 0, 2, 65535, "MQTYPE-Query", "RFC 10029 sec. 3", read_types },
	{ 21, RESPONSE, ANY, "MQTYPE-Response", "RFC 10029 sec. 3", read_types },
	{ 22, 0, ANY, "EDE-EXTRA-TEXT-LANGUAGE", "draft-muks-dns-filtering", read_text },
	{ 23, 0, ANY, "FILTERING-CONTACT", "draft-muks-dns-filtering", read_text },
	{ 24, 0, ANY, "FILTERING-ORGANIZATION", "draft-muks-dns-filtering", read_text },
	{ 25, 0, ANY, "FILTERING-DB", "draft-muks-dns-filtering", read_text },
	{ 26, 0, ANY, "STRUCTURED-DNS-ERROR", "draft-ietf-dnsop-structured-dns-error", NULL },
	{ 20292, 0, 6, 65535, "Umbrella Ident", "IANA", read_umbrella },
	{ 20730, 0, 4, 20, "edns-client-subnet (old)", "draft-vandergaast-edns-client-subnet", read_subnet },
	{ 26946, 0, ANY, "DeviceID", "IANA", NULL },
	{ 65001, 0, ANY, "Client MAC", "dnsmasq", read_mac },
	{ 65073, 0, ANY, "Device id", "dnsmasq", read_text },
	{ 65074, 0, ANY, "CPE id", "dnsmasq", read_text },
	{ 65535, 0, ANY, "Reserved", "RFC 6891 sec. 9", NULL },
};
/* clang-format on */

const size_t cl_dns_options_count = sizeof cl_dns_options / sizeof *cl_dns_options;

static const struct cl_dns_option *find(uint16_t code)
{
	size_t from = 0, to = cl_dns_options_count;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (cl_dns_options[at].code == code)
			return &cl_dns_options[at];
		if (cl_dns_options[at].code < code)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

static const char *option_text(uint64_t code)
{
	const struct cl_dns_option *row = find((uint16_t)code);

	return row != NULL ? row->name : NULL;
}

/* Whether it may stand in this message. */
static void check_place(struct cl_dns_msg *m, const struct cl_dns_option *row, uint16_t length)
{
	bool response = cl_dns_is_response(m);

	if (length < row->least || length > row->most || (!response && (row->flags & EMPTY) && length > 0))
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_LENGTH);
	else if (response && (row->flags & FILLED) != 0 && length == 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_LENGTH);
	if ((row->flags & (response ? QUERY : RESPONSE)) != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_DIRECTION);
	if ((row->flags & CL_DNS_O_TCP) != 0 && m->p->connection == 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_TRANSPORT);
	if (row->code == MQ_QUERY && (m->seen & 1ull << MQ_QUERY) != 0)
		bad_value(m);
	if (row->code < 64)
		m->seen |= 1ull << row->code;
}

static void read_option(struct cl_dns_msg *m, struct cl_cur data, uint16_t code, uint16_t length)
{
	const struct cl_dns_option *row = find(code);
	bool fits = row != NULL && length >= row->least && length <= row->most;

	if (row == NULL)
		return;
	check_place(m, row, length);
	if (row->read == NULL)
		return;
	row->read(m, &data);
	if (fits && (data.err == CL_EMALF || cl_cur_left(&data) > 0))
		cl_dns_anomaly(m, CL_ANOM_DNS_OPTION_LENGTH);
}

static void check_opt(struct cl_dns_msg *m)
{
	if (m->options++ > 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPT_SEVERAL);
	if (m->rr.owner.octets > 1)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPT_OWNER);
	if (m->rr.section != CL_DNS_ADDITIONAL)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPT_SECTION);
}

void cl_dns_rr_opt(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_opt, "dns.opt", "Option", CL_V_OBJECT, 0, 0, NULL);
	FIELD(f_code, "dns.opt.code", "Option Code", CL_V_UINT, CL_DEC, 0, option_text);
	FIELD(f_length, "dns.opt.len", "Option Length", CL_V_UINT, CL_DEC, 0, NULL);
	FIELD(f_data, "dns.opt.data", "Option Data", CL_V_BYTES, 0, 0, NULL);

	check_opt(m);
	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t code = cl_cur_u16(c), length = cl_cur_u16(c);
		struct cl_cur data = *c;

		if (c->err == CL_EMALF)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_OPTION_PAST_END);
		if (c->err != CL_OK)
			return;
		cl_put_bytes(m->d, &f_opt, (struct cl_span){ NULL, 0 });
		cl_put_uint(m->d, &f_code, code);
		cl_put_uint(m->d, &f_length, length);
		struct cl_span octets = cl_cur_take(c, length);
		if (c->err == CL_EMALF)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_OPTION_PAST_END);
		cl_cur_narrow(&data, length);
		if (c->err == CL_OK)
			cl_put_bytes(m->d, &f_data, octets);
		if (c->err != CL_EMALF)
			read_option(m, data, code, length);
		cl_put_end(m->d);
	}
}

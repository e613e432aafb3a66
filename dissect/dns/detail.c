/* SPDX-License-Identifier: BSD-2-Clause */
/* All of a DNS message: header, questions, records (RFC 1035 sec. 4, RFC 2136 sec. 2, RFC 6762 sec. 18). */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"
#include "dissect/format.h"

#define TOP_BIT	      0x8000u /* of a class in multicast DNS: no part of it (RFC 6762 sec. 10.2, 5.4) */
#define TYPE_SRV      33u
#define TYPE_OPT      41u
#define TYPE_TSIG     250u
#define FLAG_QR	      0x8000u
#define FLAG_TC	      0x0200u
#define OPCODE_QUERY  0u
#define OPCODE_UPDATE 5u
#define OPCODE_DSO    6u

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

const struct cl_field cl_dns_resp_type = { "dns.resp.type", "Type",	CL_V_UINT,
					   CL_DEC,	    CL_FD_FLAT, cl_dns_type_text };
const struct cl_field cl_dns_data = { "dns.data", "Data", CL_V_BYTES, 0, CL_FD_FLAT, NULL };

FIELD(f_length, "dns.length", "Length", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_id, "dns.id", "Transaction ID", CL_V_UINT, CL_HEX16, 0, NULL);
FIELD(f_flags, "dns.flags", "Flags", CL_V_UINT, CL_HEX16, 0, NULL);
FIELD(f_rcode, "dns.rcode", "Reply code of 12 bits", CL_V_UINT, CL_DEC, CL_FD_GENERATED, cl_dns_rcode_text);

/* A bit or number of the flags, and where it is shown. */
enum { IN_QUERY = 1, IN_RESPONSE = 2, IF_SET = 4, NOT_LINK_LOCAL = 8, LINK_LOCAL = 16 };

struct flag_row {
	struct cl_field field;
	uint16_t mask;
	uint8_t where;
};

#define BIT(name, label, mask, where)                                                                        \
	{                                                                                                    \
		{ name, label, CL_V_BOOL, 0, 0, NULL }, mask, where                                          \
	}
#define BOTH (IN_QUERY | IN_RESPONSE)

/* RFC 1035 sec. 4.1.1, RFC 4035 sec. 3.1.6 and 3.2.2; link-local: RFC 4795 sec. 2.1.1. */
static const struct flag_row flag_rows[] = {
	BIT("dns.flags.response", "Response", 0x8000, BOTH),
	{ { "dns.flags.opcode", "Opcode", CL_V_UINT, CL_DEC, 0, cl_dns_opcode_text }, 0x7800, BOTH },
	BIT("dns.flags.authoritative", "Authoritative", 0x0400, IN_RESPONSE | NOT_LINK_LOCAL),
	BIT("dns.flags.conflict", "Conflict", 0x0400, BOTH | LINK_LOCAL),
	BIT("dns.flags.truncated", "Truncated", 0x0200, BOTH),
	BIT("dns.flags.recdesired", "Recursion desired", 0x0100, BOTH | NOT_LINK_LOCAL),
	BIT("dns.flags.tentative", "Tentative", 0x0100, BOTH | LINK_LOCAL),
	BIT("dns.flags.recavail", "Recursion available", 0x0080, IN_RESPONSE | NOT_LINK_LOCAL),
	BIT("dns.flags.z", "Z", 0x0040, BOTH | NOT_LINK_LOCAL),
	BIT("dns.flags.authenticated", "Authentic data", 0x0020, IN_RESPONSE | IF_SET | NOT_LINK_LOCAL),
	BIT("dns.flags.checkdisable", "Checking disabled", 0x0010, BOTH | NOT_LINK_LOCAL),
	{ { "dns.flags.rcode", "Reply code", CL_V_UINT, CL_DEC, 0, cl_dns_rcode_text }, 0x000f, IN_RESPONSE },
};

static bool flag_shown(const struct flag_row *r, uint32_t flags, bool link_local)
{
	if ((r->where & (link_local ? NOT_LINK_LOCAL : LINK_LOCAL)) != 0)
		return false;
	if ((r->where & IF_SET) != 0 && (flags & r->mask) != 0)
		return true;
	return (r->where & ((flags & FLAG_QR) != 0 ? IN_RESPONSE : IN_QUERY)) != 0;
}

/* Of the flags, with the code of 12 bits from FLAGS_RCODE on and whether it is a link-local message. */
#define FLAGS_RCODE	 16
#define FLAGS_LINK_LOCAL (UINT64_C(1) << 32)
static void put_flags(struct cl_detail *d, uint64_t all)
{
	uint32_t flags = all & 0xffff;

	cl_put_uint(d, &f_flags, flags);
	for (size_t i = 0; i < sizeof flag_rows / sizeof *flag_rows; i++)
		if (flag_shown(&flag_rows[i], flags, (all & FLAGS_LINK_LOCAL) != 0))
			cl_put_uint(d, &flag_rows[i].field,
				    (flags & flag_rows[i].mask) >> __builtin_ctz(flag_rows[i].mask));
	if ((flags & FLAG_QR) != 0)
		cl_put_uint(d, &f_rcode, all >> FLAGS_RCODE & 0xffff);
}
static const struct cl_bundle flags_bundle = CL_BUNDLE(put_flags);

/* Names of the four counts and sections; in updates the first three are others (RFC 2136 sec. 2.2). */
struct section_row {
	struct cl_field count, group;
	const char *name;
};

#define SECTION(field, label, title, name)                                                                   \
	{                                                                                                    \
		{ field, label, CL_V_UINT, CL_DEC, 0, NULL }, { NULL, title, CL_V_GROUP, 0, 0, NULL }, name  \
	}

static const struct section_row update_rows[] = {
	SECTION("dns.count.zones", "Zones", "Zone", "zone"),
	SECTION("dns.count.prerequisites", "Prerequisites", "Prerequisites", "prerequisite"),
	SECTION("dns.count.updates", "Updates", "Updates", "update"),
};
static const struct section_row query_rows[] = {
	SECTION("dns.count.queries", "Questions", "Questions", "question"),
	SECTION("dns.count.answers", "Answer RRs", "Answers", "answer"),
	SECTION("dns.count.auth_rr", "Authority RRs", "Authority records", "authority"),
	SECTION("dns.count.add_rr", "Additional RRs", "Additional records", "additional"),
};

static const struct section_row *section_row(const struct cl_dns_msg *m, unsigned i)
{
	return cl_dns_opcode(m) == OPCODE_UPDATE && i < 3 ? &update_rows[i] : &query_rows[i];
}

/* 16 bits each. */
static void put_query_counts(struct cl_detail *d, uint64_t counts)
{
	for (unsigned i = 0; i < 4; i++)
		cl_put_uint(d, &query_rows[i].count, counts >> (48 - 16 * i) & 0xffff);
}

static void put_update_counts(struct cl_detail *d, uint64_t counts)
{
	for (unsigned i = 0; i < 4; i++)
		cl_put_uint(d, i < 3 ? &update_rows[i].count : &query_rows[i].count,
			    counts >> (48 - 16 * i) & 0xffff);
}

static void put_counts(struct cl_dns_msg *m)
{
	static const struct cl_bundle query = CL_BUNDLE(put_query_counts),
				      update = CL_BUNDLE(put_update_counts);
	uint64_t counts = 0;

	for (unsigned i = 0; i < 4; i++)
		counts = counts << 16 | m->count[i];
	cl_put_bundle(m->d, cl_dns_opcode(m) == OPCODE_UPDATE ? &update : &query, counts);
}

static bool read_header(struct cl_dns_msg *m, struct cl_cur *c)
{
	m->id = cl_cur_u16(c);
	m->flags = cl_cur_u16(c);
	for (unsigned i = 0; i < 4; i++)
		m->count[i] = cl_cur_u16(c);
	if (c->err != CL_OK)
		return false;
	if (m->p->connection != 0)
		cl_put_uint(m->d, &f_length, m->whole.len);
	cl_put_uint(m->d, &f_id, m->id);
	cl_put_bundle(m->d, &flags_bundle,
		      m->flags | (uint64_t)m->rcode << FLAGS_RCODE |
			      (m->kind == CL_DNS_LINK_LOCAL ? FLAGS_LINK_LOCAL : 0));
	put_counts(m);
	if ((m->flags & 0x0040) != 0 && m->kind == CL_DNS_UNICAST)
		cl_dns_anomaly(m, CL_ANOM_DNS_Z_BIT);
	return true;
}

FIELD(f_question, NULL, "Question", CL_V_GROUP, 0, 0, NULL);
FIELD(f_qry_name, "dns.qry.name", "Name", CL_V_TEXT, 0, 0, NULL);
FIELD(f_qry_len, "dns.qry.name.len", "Name Length", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL);
FIELD(f_labels, "dns.count.labels", "Label Count", CL_V_UINT, CL_DEC, CL_FD_GENERATED, NULL);
FIELD(f_qry_type, "dns.qry.type", "Type", CL_V_UINT, CL_DEC, 0, cl_dns_type_text);
FIELD(f_qry_class, "dns.qry.class", "Class", CL_V_UINT, CL_HEX16, 0, cl_dns_class_text);
FIELD(f_qry_qu, "dns.qry.qu", "\"QU\" question", CL_V_BOOL, 0, 0, NULL);

#define TEXT_OF(span) (int)(span).len, (const char *)(span).ptr

/* A mnemonic, or a prefix and the number in `room`. */
static const char *word_or(const char *word, const char *prefix, unsigned number, char room[16])
{
	if (word != NULL)
		return word;
	(void)cl_format(room, 16, "%s%u", prefix, number);
	return room;
}

/* The line about a message says its first question; `name` is NULL if there is none. */
static void say(struct cl_dns_msg *m, const struct cl_dns_shown *name, uint16_t type)
{
	static const struct cl_dns_shown nothing = { .octets = 0 };
	unsigned opcode = cl_dns_opcode(m);
	char kind[16], code[16], class[16] = "";
	const char *asked = name != NULL ? word_or(cl_dns_type_name(type), "TYPE", type, kind) : "";
	const char *gap = name != NULL ? " " : "";

	if (name == NULL)
		name = &nothing;
	if (opcode != OPCODE_QUERY)
		(void)cl_format(class, sizeof class, "%s ",
				cl_dns_opcode_text(opcode) != NULL ? cl_dns_opcode_text(opcode) : "OPCODE?");
	if (cl_dns_is_response(m))
		cl_put_info(m->d, "%sresponse 0x%04x %s%s%s%s%s%.*s, %u answer%s", class, m->id,
			    word_or(cl_dns_rcode_name(m->rcode), "RCODE", m->rcode, code),
			    (m->flags & FLAG_TC) != 0 ? " TC" : "", gap, asked, gap, TEXT_OF(name->text),
			    (unsigned)m->count[1], m->count[1] == 1 ? "" : "s");
	else
		cl_put_info(m->d, "%squery 0x%04x%s%s%s%.*s", class, m->id, gap, asked, gap,
			    TEXT_OF(name->text));
}

static void put_info(struct cl_dns_msg *m, const struct cl_dns_shown *name, uint16_t type)
{
	if (m->d != NULL && !m->d->bundled)
		say(m, name, type);
}

/* A question or record that ends with the message, in its fixed part. */
static bool cut(struct cl_dns_msg *m, const struct cl_cur *c)
{
	if (c->err == CL_EMALF)
		cl_dns_anomaly(m, CL_ANOM_DNS_COUNTS);
	return false;
}

static void put_type_and_class(struct cl_detail *d, uint64_t both)
{
	cl_put_uint(d, &f_qry_type, both >> 16);
	cl_put_uint(d, &f_qry_class, both & 0xffff);
}

static void put_name_size(struct cl_detail *d, uint64_t both)
{
	cl_put_uint(d, &f_qry_len, both >> 16);
	cl_put_uint(d, &f_labels, both & 0xffff);
}

static bool read_question(struct cl_dns_msg *m, struct cl_cur *c, bool first)
{
	static const struct cl_bundle asked = CL_BUNDLE(put_type_and_class), size = CL_BUNDLE(put_name_size);
	struct cl_dns_shown name;

	if (!cl_dns_show_name(m, c, CL_DNS_COMPRESSED, &name)) {
		if (first)
			put_info(m, NULL, 0);
		return false;
	}
	uint16_t type = cl_cur_u16(c), class = cl_cur_u16(c);
	if (c->err != CL_OK) {
		if (first)
			put_info(m, NULL, 0);
		return cut(m, c);
	}
	cl_put_bytes(m->d, &f_question, name.text);
	if (name.octets > 0) {
		cl_put_bytes(m->d, &f_qry_name, name.text);
		cl_put_bundle(m->d, &size,
			      (uint64_t)(name.octets > 1 ? name.octets - 2u : 0) << 16 | name.labels);
	}
	cl_put_bundle(m->d, &asked,
		      (uint64_t)type << 16 | (m->kind == CL_DNS_MULTICAST ? class & ~TOP_BIT : class));
	if (m->kind == CL_DNS_MULTICAST)
		cl_put_uint(m->d, &f_qry_qu, class >> 15);
	cl_put_end(m->d);
	if (first)
		put_info(m, &name, type);
	return true;
}

FIELD(f_rr, "dns.rr", "Record", CL_V_OBJECT, 0, 0, NULL);
FIELD(f_rr_section, "dns.rr.section", "Section", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);
FIELD(f_rr_name, "dns.rr.name", "Name", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);
FIELD(f_rr_type, "dns.rr.type", "Type", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);
FIELD(f_rr_class, "dns.rr.class", "Class", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);
FIELD(f_rr_data, "dns.rr.data", "Data", CL_V_OBJECT, 0, 0, NULL);
FIELD(f_rr_rdata, "dns.rr.rdata", "Octets", CL_V_BYTES, 0, CL_FD_OBJECT, NULL);
FIELD(f_resp_name, "dns.resp.name", "Name", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
FIELD(f_resp_class, "dns.resp.class", "Class", CL_V_UINT, CL_HEX16, CL_FD_FLAT, cl_dns_class_text);
FIELD(f_resp_flush, "dns.resp.cache_flush", "Cache flush", CL_V_BOOL, 0, 0, NULL);
FIELD(f_resp_ttl, "dns.resp.ttl", "Time to live", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_resp_len, "dns.resp.len", "Data length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
FIELD(f_payload, "dns.rr.udp_payload_size", "UDP payload size", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_ext_rcode, "dns.resp.ext_rcode", "Higher bits in extended RCODE", CL_V_UINT, CL_HEX8, 0, NULL);
FIELD(f_version, "dns.resp.edns0_version", "EDNS0 version", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_z, "dns.resp.z", "Z", CL_V_UINT, CL_HEX16, 0, NULL);
FIELD(f_do, "dns.resp.z.do", "DO: DNSSEC records accepted", CL_V_BOOL, 0, 0, NULL);
FIELD(f_co, "dns.resp.z.co", "CO: compact answers accepted", CL_V_BOOL, 0, 0, NULL);
FIELD(f_de, "dns.resp.z.de", "DE: delegation extensions", CL_V_BOOL, 0, 0, NULL);
FIELD(f_reserved, "dns.resp.z.reserved", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL);
FIELD(f_service, "dns.srv.service", "Service", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
FIELD(f_proto, "dns.srv.proto", "Protocol", CL_V_TEXT, 0, CL_FD_FLAT, NULL);
FIELD(f_domain, "dns.srv.name", "Name", CL_V_TEXT, 0, CL_FD_FLAT, NULL);

/* The octets of the first label of a text of labels, its escapes whole. */
static uint32_t label_length(struct cl_span s)
{
	uint32_t i = 0;

	while (i < s.len && s.ptr[i] != '.')
		i += s.ptr[i] == '\\' && i + 1 < s.len ? 2 : 1;
	return i;
}

/* Takes a text's first label off. */
static struct cl_span take_label(struct cl_span *s)
{
	uint32_t n = label_length(*s), off = n < s->len ? n + 1 : n;
	struct cl_span label = { s->ptr, n };

	*s = (struct cl_span){ s->ptr + off, s->len - off };
	return label;
}

/* Whether the labels are instance._service._proto (RFC 6763 sec. 4.1). */
static bool has_instance(struct cl_span s)
{
	take_label(&s);
	bool second = s.len > 0 && s.ptr[0] == '_';
	take_label(&s);
	return second && s.len > 0 && s.ptr[0] == '_';
}

/* The owner of a SRV record is _service._proto.name (RFC 2782), which Wireshark shows instead of the name. */
static void put_service(struct cl_dns_msg *m, struct cl_span rest)
{
	FIELD(f_instance, "dns.srv.instance", "Instance", CL_V_TEXT, 0, CL_FD_FLAT, NULL);

	if (rest.ptr[0] != '_' && has_instance(rest)) {
		cl_put_bytes(m->d, &f_instance, take_label(&rest));
	} else if (rest.ptr[0] != '_') {
		cl_put_bytes(m->d, &f_resp_name, rest);
		return;
	}
	cl_put_bytes(m->d, &f_service, take_label(&rest));
	if (rest.len > 0)
		cl_put_bytes(m->d, &f_proto, take_label(&rest));
	if (rest.len > 0)
		cl_put_bytes(m->d, &f_domain, rest);
}

/* Whether mnemonics are wanted beside the numbers: for programs alone. */
static bool has_words(const struct cl_dns_msg *m)
{
	return m->d != NULL && !m->d->bundled;
}

static void put_owner(struct cl_dns_msg *m, const struct cl_dns_record *rr)
{
	cl_put_bytes(m->d, &f_rr_section, cl_dns_words(section_row(m, rr->section + 1u)->name));
	if (rr->owner.octets > 0) {
		cl_put_bytes(m->d, &f_rr_name, rr->owner.text);
		if (rr->type == TYPE_SRV && rr->owner.text.len > 0)
			put_service(m, rr->owner.text);
		else
			cl_put_bytes(m->d, &f_resp_name, rr->owner.text);
	}
	if (has_words(m))
		cl_dns_put_word(m->d, &f_rr_type, cl_dns_type_name(rr->type), "TYPE", rr->type);
	cl_put_uint(m->d, &cl_dns_resp_type, rr->type);
}

static void put_edns_bits(struct cl_detail *d, uint64_t ttl)
{
	cl_put_uint(d, &f_ext_rcode, ttl >> 24);
	cl_put_uint(d, &f_version, ttl >> 16 & 0xff);
	cl_put_uint(d, &f_z, ttl & 0xffff);
	cl_put_uint(d, &f_do, ttl >> 15 & 1); /* RFC 3225 */
	cl_put_uint(d, &f_co, ttl >> 14 & 1); /* RFC 9824 sec. 5 */
	cl_put_uint(d, &f_de, ttl >> 13 & 1); /* draft-ietf-deleg */
	cl_put_uint(d, &f_reserved, ttl & 0x7fff);
}

/* Class and TTL of an OPT record are something else (RFC 6891 sec. 6.1.2). */
static void put_edns(struct cl_dns_msg *m, const struct cl_dns_record *rr)
{
	static const struct cl_bundle bits = CL_BUNDLE(put_edns_bits);
	bool multicast = m->kind == CL_DNS_MULTICAST;

	cl_put_uint(m->d, &f_payload, multicast ? rr->class & ~TOP_BIT : rr->class);
	if (multicast)
		cl_put_uint(m->d, &f_resp_flush, rr->class >> 15);
	cl_put_bundle(m->d, &bits, rr->ttl);
	if ((rr->ttl & 0x1fff) != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_OPT_FLAGS);
}

static void put_class(struct cl_dns_msg *m, const struct cl_dns_record *rr)
{
	bool multicast = m->kind == CL_DNS_MULTICAST;
	uint32_t class = multicast ? rr->class & ~TOP_BIT : rr->class;

	if (has_words(m))
		cl_dns_put_word(m->d, &f_rr_class, cl_dns_class_text(class), "CLASS", class);
	cl_put_uint(m->d, &f_resp_class, class);
	if (multicast)
		cl_put_uint(m->d, &f_resp_flush, rr->class >> 15);
	cl_put_uint(m->d, &f_resp_ttl, rr->ttl);
	if (rr->ttl >> 31 != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_TTL);
}

static void put_raw(struct cl_dns_msg *m, struct cl_cur c)
{
	struct cl_span octets = cl_cur_take(&c, cl_cur_left(&c));

	if (octets.len == 0)
		return;
	cl_put_bytes(m->d, &cl_dns_data, octets);
	if (m->rr.row == NULL || (m->rr.row->parts_count == 0 && m->rr.row->more == NULL))
		cl_put_bytes(m->d, &f_rr_rdata, octets);
}

static void read_parts(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_dns_type *row)
{
	do /* a further turn took an octet or failed */
		cl_dns_read_parts(m, c, row->parts, row->parts_count);
	while ((row->flags & CL_DNS_T_REPEAT) != 0 && cl_cur_left(c) > 0);
	if (row->more != NULL && c->err == CL_OK)
		row->more(m, c);
}

static void read_data(struct cl_dns_msg *m)
{
	const struct cl_dns_type *row = m->rr.row;
	struct cl_cur c = m->rr.data;

	if (row == NULL || (row->flags & CL_DNS_T_RAW) != 0)
		put_raw(m, c);
	if (row == NULL || (m->rr.length == 0 && cl_dns_opcode(m) == OPCODE_UPDATE))
		return; /* updates name record sets by empty records (RFC 2136 sec. 2.4) */
	if (row->parts_count == 0 && row->more == NULL)
		return;
	read_parts(m, &c, row);
	if (c.err == CL_EMALF)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_RDATA_SHORT);
	else if (cl_cur_left(&c) > 0)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_RDATA_LONG);
}

static void put_record(struct cl_dns_msg *m)
{
	struct cl_dns_record *rr = &m->rr;

	cl_put_bytes(m->d, &f_rr, rr->owner.text);
	put_owner(m, rr);
	if (rr->type == TYPE_OPT)
		put_edns(m, rr);
	else
		put_class(m, rr);
	cl_put_uint(m->d, &f_resp_len, rr->length);
	if (rr->row != NULL && (rr->row->flags & CL_DNS_T_META) != 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_META_TYPE);
	cl_put_bytes(m->d, &f_rr_data, (struct cl_span){ NULL, 0 });
	read_data(m);
	cl_put_end(m->d);
	cl_put_end(m->d);
}

/* A record takes 11 octets or more. */
static bool read_record(struct cl_dns_msg *m, struct cl_cur *c, unsigned section)
{
	struct cl_dns_record *rr = &m->rr;

	if (!cl_dns_show_name(m, c, CL_DNS_COMPRESSED, &rr->owner))
		return false;
	rr->section = (uint8_t)section;
	rr->type = cl_cur_u16(c);
	rr->class = cl_cur_u16(c);
	rr->ttl = cl_cur_u32(c);
	rr->length = cl_cur_u16(c);
	if (c->err != CL_OK)
		return cut(m, c);
	rr->bad = false;
	rr->row = cl_dns_type_find(rr->type);
	rr->data = *c;
	if (rr->length > cl_cur_left(c))
		cl_dns_anomaly(m, CL_ANOM_DNS_RDLENGTH);
	cl_cur_skip(c, rr->length);
	if (c->err != CL_OK)
		return false; /* a record is shown whole or not at all */
	cl_cur_narrow(&rr->data, rr->length);
	put_record(m);
	return true;
}

/* TSIG is the last record of the last section (RFC 8945 sec. 5.1). */
static void check_place(struct cl_dns_msg *m, unsigned section, bool last)
{
	if (m->rr.type == TYPE_TSIG && (section != CL_DNS_ADDITIONAL || !last))
		cl_dns_anomaly(m, CL_ANOM_DNS_TSIG_PLACE);
}

static bool read_sections(struct cl_dns_msg *m, struct cl_cur *c)
{
	bool good = true;

	for (unsigned i = 0; i < 4 && good; i++) {
		if (m->count[i] == 0)
			continue;
		cl_put_group(m->d, &section_row(m, i)->group, NULL);
		for (uint32_t n = 0; n < m->count[i] && good; n++) {
			if (cl_cur_left(c) == 0) {
				cl_dns_anomaly(m, CL_ANOM_DNS_COUNTS);
				good = false;
			} else if (i == 0) {
				good = read_question(m, c, n == 0);
			} else {
				good = read_record(m, c, i - 1);
				if (good)
					check_place(m, i - 1, n + 1 == m->count[i]);
			}
		}
		cl_put_end(m->d);
	}
	return good;
}

/* What the counts and options of a whole message must agree with. */
static void check_message(struct cl_dns_msg *m)
{
	if (m->kind != CL_DNS_UNICAST || cl_dns_opcode(m) != OPCODE_QUERY)
		return;
	if (m->count[0] > 1)
		cl_dns_anomaly(m, CL_ANOM_DNS_QUESTIONS);
	if (m->count[0] == 0 && !cl_dns_is_response(m) && !m->cookie)
		cl_dns_anomaly(m, CL_ANOM_DNS_NO_QUESTION);
}

static void put_rest(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_extra, "dns.extraneous.data", "Extraneous Data Bytes", CL_V_BYTES, 0, 0, NULL);
	FIELD(f_extra_length, "dns.extraneous.length", "Extraneous Data Length", CL_V_INT, CL_DEC,
	      CL_FD_GENERATED, NULL);
	uint32_t left = cl_cur_left(c);

	if (left == 0)
		return;
	cl_dns_anomaly(m, CL_ANOM_DNS_TRAILING);
	struct cl_span octets = cl_cur_take(c, left);
	if (c->err != CL_OK)
		return;
	cl_put_bytes(m->d, &f_extra, octets);
	cl_put_int(m->d, &f_extra_length, left);
}

void cl_dns_detail(struct cl_pkt *p, enum cl_dns_kind kind, uint16_t rcode)
{
	static const struct cl_protocol protocols[] = {
		[CL_DNS_UNICAST] = { "dns", "Domain Name System" },
		[CL_DNS_MULTICAST] = { "mdns", "Multicast Domain Name System" },
		[CL_DNS_LINK_LOCAL] = { "llmnr", "Link-local Multicast Name Resolution" },
	};
	struct cl_dns_msg m;
	struct cl_cur c = cl_cur_make(p->cur.base + p->cur.pos, cl_cur_kept(&p->cur), cl_cur_left(&p->cur));

	memset(&m, 0, sizeof m);
	m.p = p;
	m.d = p->detail;
	m.whole = c;
	m.budget = CL_DNS_NAME_BUDGET;
	m.kind = kind;
	m.rcode = rcode;
	cl_pkt_layer(p, &protocols[kind]);
	if (!read_header(&m, &c))
		return;
	if (cl_dns_opcode(&m) == OPCODE_DSO && kind == CL_DNS_UNICAST) {
		cl_dns_read_dso(&m, &c);
		return;
	}
	if (m.count[0] == 0)
		put_info(&m, NULL, 0);
	if (!read_sections(&m, &c))
		return;
	check_message(&m);
	put_rest(&m, &c);
}

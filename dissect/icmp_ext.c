/* SPDX-License-Identifier: BSD-2-Clause */
/* What ICMPs share: fields at fixed places; the extension objects of RFC 4884, RFC 4950, RFC 5837, RFC 8335.
 */
#include "dissect/checksum.h"
#include "dissect/icmp.h"

static uint64_t read_number(struct cl_cur *c, unsigned width)
{
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | cl_cur_u8(c);
	return v;
}

static void put_row(struct cl_detail *d, struct cl_cur c, const struct cl_icmp_row *r)
{
	const struct cl_field *f = r->field;

	cl_cur_skip(&c, r->at);
	if (f->type == CL_V_BYTES || f->type == CL_V_IP6 || f->type == CL_V_ETHER) {
		struct cl_span s = cl_cur_take(&c, r->width != 0 ? r->width : cl_cur_kept(&c));

		if (c.err == CL_OK && s.len > 0)
			cl_put_bytes(d, f, s);
		return;
	}
	uint64_t v = read_number(&c, r->width);
	if (c.err != CL_OK)
		return;
	if (r->mask != 0)
		v = (v & r->mask) >> __builtin_ctz(r->mask);
	if (f->type == CL_V_INT)
		cl_put_int(d, f, (int32_t)v);
	else
		cl_put_uint(d, f, v);
}

void cl_icmp_put(struct cl_detail *d, struct cl_cur c, const struct cl_icmp_row *rows, size_t n)
{
	for (size_t i = 0; d != NULL && i < n; i++)
		put_row(d, c, &rows[i]);
}

const struct cl_icmp_kind *cl_icmp_kind_find(const struct cl_icmp_kind *kinds, size_t n, unsigned value)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t at = (from + to) / 2;

		if (kinds[at].value == value)
			return &kinds[at];
		if (kinds[at].value < value)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

void cl_icmp_put_meaning(struct cl_detail *d, const char *type, const char *code)
{
	static const struct cl_field meaning = { NULL, "Meaning", CL_V_TEXT, 0, CL_FD_GENERATED, NULL };

	if (code != NULL)
		cl_put_string(d, &meaning, code);
	if (code != NULL && type != NULL)
		cl_put_info(d, "%s (%s)", type, code);
	else
		cl_put_info(d, "%s", type != NULL ? type : "unknown type");
}

/* Extensions ------------------------------------------------------------------ */

#define OBJECTS_MAX 64u /* in one message; each takes 4 octets or more */

enum { CLASS_MPLS = 1, CLASS_INTERFACE = 2, CLASS_IDENTIFICATION = 3 };

static const char *class_name(uint64_t v)
{
	static const struct cl_name names[] = { { 1, "MPLS Stack Entry" },
						{ 2, "Interface Information" },
						{ 3, "Interface Identification" } };

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const char *role_name(uint64_t v)
{
	static const struct cl_name names[] = { { 0, "arrived there" },
						{ 1, "sub-IP component of where it arrived" },
						{ 2, "would have left there" },
						{ 3, "next hop" } };

	return cl_name_find(names, CL_COUNT_OF(names), v);
}

static const char *family_name(uint64_t v)
{
	return v == 1 ? "IPv4" : v == 2 ? "IPv6" : NULL;
}

static const struct
	cl_field
		object = { NULL, "Extension Object", CL_V_GROUP, 0, 0, NULL },
		version = { "icmp.ext.version", "Version", CL_V_UINT, CL_DEC, 0, NULL },
		ext_reserved = { "icmp.ext.res", "Reserved", CL_V_UINT, CL_HEX16, 0, NULL },
		checksum = { "icmp.ext.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL },
		checksum_status = { "icmp.ext.checksum.status",
				    "Checksum Status",
				    CL_V_UINT,
				    CL_DEC,
				    CL_FD_GENERATED,
				    cl_checksum_status_name },
		length = { "icmp.ext.length", "Length", CL_V_UINT, CL_DEC, 0, NULL },
		class = { "icmp.ext.class", "Class", CL_V_UINT, CL_DEC, 0, class_name },
		ctype = { "icmp.ext.ctype", "C-Type", CL_V_UINT, CL_DEC, 0, NULL },
		data = { "icmp.ext.data", "Data", CL_V_BYTES, 0, 0, NULL },
		label = { "icmp.mpls.label", "Label", CL_V_UINT, CL_DEC, 0, NULL },
		traffic = { "icmp.mpls.exp", "Experimental", CL_V_UINT, CL_DEC, 0, NULL },
		bottom = { "icmp.mpls.s", "Stack bit", CL_V_BOOL, 0, 0, NULL },
		ttl = { "icmp.mpls.ttl", "Time to live", CL_V_UINT, CL_DEC, 0, NULL },
		mpls_data = { "icmp.mpls.data", "Data", CL_V_BYTES, 0, 0, NULL },
		role = { "icmp.int_info.role", "Interface Role", CL_V_UINT, CL_DEC, 0, role_name },
		info_reserved = { "icmp.int_info.reserved", "Reserved", CL_V_UINT, CL_DEC, 0, NULL },
		has_index = { "icmp.int_info.ifindex", "ifIndex", CL_V_BOOL, 0, 0, NULL },
		has_address = { "icmp.int_info.ipaddr", "IP Address", CL_V_BOOL, 0, 0, NULL },
		has_name = { "icmp.int_info.name_present", "Interface Name", CL_V_BOOL, 0, 0, NULL },
		has_mtu = { "icmp.int_info.mtu_present", "MTU", CL_V_BOOL, 0, 0, NULL },
		info_index = { "icmp.int_info.index", "Interface Index", CL_V_UINT, CL_DEC, 0, NULL },
		info_family = { "icmp.int_info.afi", "Address Family Identifier", CL_V_UINT, CL_DEC, 0,
				family_name },
		reserved = { "icmp.reserved", "Reserved", CL_V_BYTES, 0, 0, NULL },
		info_ip4 = { "icmp.int_info.ipv4", "Address", CL_V_IP4, 0, 0, NULL },
		info_ip6 = { "icmp.int_info.ipv6", "Address", CL_V_IP6, 0, 0, NULL },
		info_address = { "icmp.int_info.ipunknown", "Address", CL_V_BYTES, 0, 0, NULL },
		info_name_length = { "icmp.int_info.name_length", "Name Length", CL_V_UINT, CL_DEC, 0, NULL },
		info_name = { "icmp.int_info.name", "Name", CL_V_TEXT, 0, 0, NULL },
		info_mtu = { "icmp.int_info.mtu", "Maximum Transmission Unit", CL_V_UINT, CL_DEC, 0, NULL },
		ident_name = { "icmp.int_ident.name", "Name", CL_V_TEXT, 0, 0, NULL },
		ident_index = { "icmp.int_ident.index", "Interface Index", CL_V_UINT, CL_DEC, 0, NULL },
		ident_family = { "icmp.int_ident.afi", "Address Family Identifier", CL_V_UINT, CL_DEC, 0,
				 family_name },
		ident_length = { "icmp.int_ident.addr_length", "Address Length", CL_V_UINT, CL_DEC, 0, NULL },
		ident_reserved = { "icmp.int_ident.reserved", "Reserved", CL_V_BYTES, 0, 0, NULL },
		ident_ip4 = { "icmp.int_ident.ipv4", "Address", CL_V_IP4, 0, 0, NULL },
		ident_ip6 = { "icmp.int_ident.ipv6", "Address", CL_V_IP6, 0, 0, NULL },
		ident_address = { "icmp.int_ident.address", "Address", CL_V_BYTES, 0, 0, NULL };

/* All that was kept. */
static struct cl_span all_of(struct cl_cur *c)
{
	return cl_cur_take(c, cl_cur_kept(c));
}

static void put_all(struct cl_detail *d, const struct cl_field *f, struct cl_cur *c)
{
	struct cl_span s = all_of(c);

	if (s.len > 0)
		cl_put_bytes(d, f, s);
}

/* RFC 4950: a stack of entries of 4 octets. */
static void put_mpls(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_icmp_row rows[] = {
		{ &label, 0, 3, 0xfffff0 }, { &traffic, 0, 3, 0xe }, { &bottom, 0, 3, 1 }, { &ttl, 3, 1, 0 }
	};

	while (cl_cur_left(&c) >= 4) {
		struct cl_cur entry = cl_cur_sub(&c, 4);

		cl_icmp_put(d, entry, rows, CL_COUNT_OF(rows));
	}
	put_all(d, &mpls_data, &c);
}

static void put_address(struct cl_detail *d, struct cl_cur *c, uint16_t family, const struct cl_field *ip4,
			const struct cl_field *ip6)
{
	if (family == 1) {
		uint32_t v = cl_cur_u32(c);

		if (c->err == CL_OK)
			cl_put_uint(d, ip4, v);
	} else {
		struct cl_span s = cl_cur_take(c, 16);

		if (c->err == CL_OK)
			cl_put_bytes(d, ip6, s);
	}
}

/* Text up to its first NUL. */
static void put_text(struct cl_detail *d, const struct cl_field *f, struct cl_span s)
{
	uint32_t n = 0;

	while (n < s.len && s.ptr[n] != 0)
		n++;
	cl_put_bytes(d, f, (struct cl_span){ s.ptr, n });
}

static void put_uint32(struct cl_detail *d, const struct cl_field *f, struct cl_cur *c)
{
	uint32_t v = cl_cur_u32(c);

	if (c->err == CL_OK)
		cl_put_uint(d, f, v);
}

/* RFC 5837 sec. 4: its parts in the order of the bits. False: it contradicts itself. */
static bool put_interface(struct cl_detail *d, struct cl_cur c, uint8_t bits)
{
	cl_put_uint(d, &role, bits >> 6);
	cl_put_uint(d, &info_reserved, bits >> 4 & 3);
	cl_put_uint(d, &has_index, bits >> 3 & 1);
	cl_put_uint(d, &has_address, bits >> 2 & 1);
	cl_put_uint(d, &has_name, bits >> 1 & 1);
	cl_put_uint(d, &has_mtu, bits & 1);
	if ((bits & 8) != 0)
		put_uint32(d, &info_index, &c);
	if ((bits & 4) != 0) {
		uint16_t family = cl_cur_u16(&c);
		struct cl_span zero = cl_cur_take(&c, 2);

		if (c.err == CL_OK) {
			cl_put_uint(d, &info_family, family);
			cl_put_bytes(d, &reserved, zero);
		}
		if (family == 1 || family == 2) {
			put_address(d, &c, family, &info_ip4, &info_ip6);
		} else if (c.err == CL_OK) { /* how long it is, nobody says */
			put_all(d, &info_address, &c);
			return true;
		}
	}
	if ((bits & 2) != 0) {
		uint8_t n = cl_cur_u8(&c);

		if (n == 0)
			return false;
		struct cl_cur name = cl_cur_sub(&c, n - 1u);
		if (c.err == CL_OK) {
			cl_put_uint(d, &info_name_length, n);
			put_text(d, &info_name, all_of(&name));
		}
	}
	if ((bits & 1) != 0)
		put_uint32(d, &info_mtu, &c);
	return c.err != CL_EMALF;
}

/* RFC 8335 sec. 2.1. */
static bool put_identification(struct cl_detail *d, struct cl_cur c, uint8_t by)
{
	if (by == 1) {
		put_text(d, &ident_name, all_of(&c));
	} else if (by == 2) {
		put_uint32(d, &ident_index, &c);
	} else if (by == 3) {
		uint16_t family = cl_cur_u16(&c);
		uint8_t n = cl_cur_u8(&c);
		struct cl_span zero = cl_cur_take(&c, 1);

		if (c.err != CL_OK)
			return c.err != CL_EMALF;
		cl_put_uint(d, &ident_family, family);
		cl_put_uint(d, &ident_length, n);
		cl_put_bytes(d, &ident_reserved, zero);
		if ((family == 1 && n == 4) || (family == 2 && n == 16))
			put_address(d, &c, family, &ident_ip4, &ident_ip6);
		else
			put_all(d, &ident_address, &c);
	}
	return c.err != CL_EMALF;
}

/* One object; false at the end or where it contradicts itself, which is said. */
static bool put_object(struct cl_pkt *p, struct cl_cur *c)
{
	struct cl_detail *d = p->detail;
	uint16_t n = cl_cur_u16(c);
	uint8_t kind = cl_cur_u8(c), sub = cl_cur_u8(c);
	bool good = true;

	if (c->err == CL_OK && n < 4)
		cl_pkt_anomaly(p, CL_ANOM_ICMP_BAD_EXTENSION);
	if (c->err != CL_OK || n < 4)
		return false;
	struct cl_cur body = cl_cur_sub(c, n - 4u);
	cl_put_group(d, &object, "%s", class_name(kind) != NULL ? class_name(kind) : "unknown");
	cl_put_uint(d, &length, n);
	cl_put_uint(d, &class, kind);
	cl_put_uint(d, &ctype, sub);
	if (kind == CLASS_MPLS && sub == 1)
		put_mpls(d, body);
	else if (kind == CLASS_INTERFACE)
		good = put_interface(d, body, sub);
	else if (kind == CLASS_IDENTIFICATION && sub >= 1 && sub <= 3)
		good = put_identification(d, body, sub);
	else if (n > 4)
		put_all(d, &data, &body);
	cl_put_end(d);
	if (!good || c->err == CL_EMALF)
		cl_pkt_anomaly(p, CL_ANOM_ICMP_BAD_EXTENSION);
	return c->err == CL_OK;
}

void cl_icmp_put_extensions(struct cl_pkt *p, struct cl_cur c)
{
	static const struct cl_icmp_row rows[] = { { &version, 0, 1, 0xf0 },
						   { &ext_reserved, 0, 2, 0xfff },
						   { &checksum, 2, 2, 0 } };
	struct cl_cur whole = c;

	if (p->detail == NULL || cl_cur_left(&c) < 4)
		return;
	cl_icmp_put(p->detail, c, rows, CL_COUNT_OF(rows));
	cl_cur_skip(&c, 4);
	struct cl_cur field = whole;
	cl_cur_skip(&field, 2);
	if (cl_cur_u16(&field) == 0 && field.err == CL_OK)
		cl_put_uint(p->detail, &checksum_status, cl_checksum_status(CL_SUM_NONE));
	else
		cl_put_uint(p->detail, &checksum_status,
			    cl_checksum_status(cl_checksum_plain(whole, cl_cur_left(&whole))));
	for (unsigned i = 0; i < OBJECTS_MAX && cl_cur_left(&c) > 0; i++)
		if (!put_object(p, &c))
			return;
}

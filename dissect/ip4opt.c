/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of IPv4 (RFC 791 sec. 3.1; IANA, "IP Option Numbers"). */
#include "dissect/ip.h"

#define OPTION_END   0u
#define OPTION_NOP   1u
#define LOOSE_ROUTE  131u
#define STRICT_ROUTE 137u
#define FIELD(var, name, label, type, base)                                                                  \
	static const struct cl_field var = { name, label, type, base, 0, NULL }

/* What a decoder of an option's body works on. */
struct option {
	struct cl_cur body;
	uint8_t type, length, ttl;
};

typedef void decode_fn(struct cl_pkt *p, struct option *o);

FIELD(type, "ip.opt.type", "Type", CL_V_UINT, CL_DEC);
FIELD(type_copy, "ip.opt.type.copy", "Copy on fragmentation", CL_V_BOOL, CL_DEC);
FIELD(type_class, "ip.opt.type.class", "Class", CL_V_UINT, CL_DEC);
FIELD(type_number, "ip.opt.type.number", "Number", CL_V_UINT, CL_DEC);
FIELD(length, "ip.opt.len", "Length", CL_V_UINT, CL_DEC);
FIELD(pointer, "ip.opt.ptr", "Pointer", CL_V_UINT, CL_DEC);
FIELD(option_data, "ip.opt.data", "Data", CL_V_BYTES, CL_DEC);

static void put_rest(struct cl_pkt *p, struct option *o)
{
	struct cl_span s = cl_cur_take(&o->body, cl_cur_kept(&o->body));

	if (s.len > 0)
		cl_put_bytes(p->detail, &option_data, s);
}

/* RFC 791: the pointer counts from 1 at the type, and addresses begin at 4. */
static void decode_route(struct cl_pkt *p, struct option *o)
{
	FIELD(recorded, "ip.rec_rt", "Recorded Route", CL_V_IP4, CL_DEC);
	FIELD(to_come, "ip.src_rt", "Source Route", CL_V_IP4, CL_DEC);
	FIELD(empty, "ip.empty_rt", "Empty Route", CL_V_IP4, CL_DEC);
	bool source = o->type == LOOSE_ROUTE || o->type == STRICT_ROUTE;
	uint32_t next = cl_cur_u8(&o->body);

	cl_put_uint(p->detail, &pointer, next);
	if (next < 4 || next % 4 != 0) {
		cl_pkt_anomaly(p, CL_ANOM_IP_BAD_OPTION);
		return;
	}
	for (uint32_t at = 4; cl_cur_left(&o->body) >= 4; at += 4) {
		uint32_t address = cl_cur_u32(&o->body);

		if (at < next)
			cl_put_uint(p->detail, &recorded, address);
		else if (!source)
			cl_put_uint(p->detail, &empty, address);
		else if (cl_cur_left(&o->body) >= 4) /* the last one is shown as the destination */
			cl_put_uint(p->detail, &to_come, address);
	}
}

static const char *timestamp_flag_name(uint64_t flag)
{
	static const struct cl_name names[] = { { 0, "Time stamps only" },
						{ 1, "Time stamp and address" },
						{ 3, "Time stamps for prespecified addresses" } };

	return cl_name_find(names, sizeof names / sizeof *names, flag);
}

static void decode_timestamp(struct cl_pkt *p, struct option *o)
{
	FIELD(overflow, "ip.opt.overflow", "Overflow", CL_V_UINT, CL_DEC);
	static const struct cl_field flag = { "ip.opt.flag", "Flag", CL_V_UINT,
					      CL_HEX8,	     0,	     timestamp_flag_name };
	FIELD(stamp, "ip.opt.time_stamp", "Time stamp", CL_V_UINT, CL_DEC);
	FIELD(address, "ip.opt.time_stamp_addr", "Address", CL_V_IP4, CL_DEC);

	cl_put_uint(p->detail, &pointer, cl_cur_u8(&o->body));
	uint8_t octet = cl_cur_u8(&o->body);
	cl_put_uint(p->detail, &overflow, octet >> 4);
	cl_put_uint(p->detail, &flag, octet & 15u);
	uint32_t each = (octet & 15) == 0 ? 4 : 8;
	while (cl_cur_left(&o->body) >= each) {
		if (each == 8)
			cl_put_uint(p->detail, &address, cl_cur_u32(&o->body));
		cl_put_uint(p->detail, &stamp, cl_cur_u32(&o->body));
	}
}

static const char *security_name(uint64_t level)
{
	static const struct cl_name names[] = {
		{ 0x0000, "Unclassified" }, { 0x135e, "Reserved" },   { 0x24bd, "Reserved" },
		{ 0x35e2, "Reserved" },	    { 0x4d78, "Reserved" },   { 0x5e26, "PROG" },
		{ 0x6bc5, "Top secret" },   { 0x789a, "EFTO" },	      { 0x89af, "Reserved" },
		{ 0x9af1, "Reserved" },	    { 0xaf13, "Restricted" }, { 0xbc4d, "MMMM" },
		{ 0xc4d6, "Reserved" },	    { 0xd788, "Secret" },     { 0xe26b, "Reserved" },
		{ 0xf135, "Confidential" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, level);
}

static void decode_security_791(struct cl_pkt *p, struct option *o)
{
	static const struct cl_field level = {
		"ip.opt.sec_rfc791_sec", "Security", CL_V_UINT, CL_HEX16, 0, security_name
	};
	FIELD(compartments, "ip.opt.sec_rfc791_comp", "Compartments", CL_V_UINT, CL_DEC);
	FIELD(handling, "ip.opt.sec_rfc791_hr", "Handling Restrictions", CL_V_TEXT, CL_DEC);
	FIELD(control, "ip.opt.sec_rfc791_tcc", "Transmission Control Code", CL_V_TEXT, CL_DEC);

	cl_put_uint(p->detail, &level, cl_cur_u16(&o->body));
	cl_put_uint(p->detail, &compartments, cl_cur_u16(&o->body));
	cl_put_bytes(p->detail, &handling, cl_cur_take(&o->body, 2));
	cl_put_bytes(p->detail, &control, cl_cur_take(&o->body, 3));
}

static const char *level_name(uint64_t level)
{
	static const struct cl_name names[] = {
		{ 0x01, "Reserved 4" }, { 0x3d, "Top Secret" },	  { 0x5a, "Secret" },
		{ 0x66, "Reserved 3" }, { 0x96, "Confidential" }, { 0xab, "Unclassified" },
		{ 0xcc, "Reserved 2" }, { 0xf1, "Reserved 1" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, level);
}

/* RFC 1108 sec. 2: octets of authorities, of which the last bit says that another follows. */
static void decode_security(struct cl_pkt *p, struct option *o)
{
	static const struct cl_header_row authority[] = {
		{ { "ip.opt.sec_prot_auth_flags", "Protection Authority Flags", CL_V_UINT, CL_HEX8, 0, NULL },
		  0,
		  1,
		  0 },
		{ { "ip.opt.sec_prot_auth_genser", "GENSER", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x80 },
		{ { "ip.opt.sec_prot_auth_siop_esi", "SIOP-ESI", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x40 },
		{ { "ip.opt.sec_prot_auth_sci", "SCI", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x20 },
		{ { "ip.opt.sec_prot_auth_nsa", "NSA", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x10 },
		{ { "ip.opt.sec_prot_auth_doe", "DOE", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x08 },
		{ { "ip.opt.sec_prot_auth_unassigned", "Unassigned", CL_V_UINT, CL_HEX8, 0, NULL },
		  0,
		  1,
		  0x06 },
		{ { "ip.opt.sec_prot_auth_fti", "Field Termination Indicator", CL_V_BOOL, CL_DEC, 0, NULL },
		  0,
		  1,
		  0x01 },
	};
	static const struct cl_field level = { "ip.opt.sec_cl", "Classification Level", CL_V_UINT, CL_HEX8, 0,
					       level_name };
	struct cl_cur c = o->body;

	if (o->length == 11 && security_name(cl_cur_u16(&c)) != NULL) {
		decode_security_791(p, o);
		return;
	}
	cl_put_uint(p->detail, &level, cl_cur_u8(&o->body));
	for (bool more = true; more && cl_cur_left(&o->body) > 0;) {
		CL_PUT_HEADER(p->detail, o->body, authority);
		more = (cl_cur_u8(&o->body) & 1) != 0;
	}
	if (cl_cur_left(&o->body) > 0)
		cl_pkt_anomaly(p, CL_ANOM_IP_BAD_OPTION);
}

static void decode_extended_security(struct cl_pkt *p, struct option *o)
{
	FIELD(format, "ip.opt.ext_sec_add_sec_info_format_code", "Additional Security Info Format Code",
	      CL_V_UINT, CL_HEX8);
	FIELD(info, "ip.opt.ext_sec_add_sec_info", "Additional Security Info", CL_V_BYTES, CL_DEC);

	cl_put_uint(p->detail, &format, cl_cur_u8(&o->body));
	if (cl_cur_left(&o->body) > 0)
		cl_put_bytes(p->detail, &info, cl_cur_take(&o->body, cl_cur_left(&o->body)));
}

/* FIPS 188: a domain and tags of type, length, body. */
static void decode_cipso(struct cl_pkt *p, struct option *o)
{
	FIELD(domain, "ip.cipso.doi", "DOI", CL_V_UINT, CL_DEC);
	FIELD(tag_type, "ip.cipso.tag_type", "Tag Type", CL_V_UINT, CL_DEC);
	FIELD(sensitivity, "ip.cipso.sensitivity_level", "Sensitivity Level", CL_V_UINT, CL_DEC);
	FIELD(tag_data, "ip.cipso.tag_data", "Tag data", CL_V_BYTES, CL_DEC);

	cl_put_uint(p->detail, &domain, cl_cur_u32(&o->body));
	while (cl_cur_left(&o->body) >= 2) {
		uint8_t tag = cl_cur_u8(&o->body), n = cl_cur_u8(&o->body);

		cl_put_uint(p->detail, &tag_type, tag);
		if (n < 2 || n - 2u > cl_cur_left(&o->body)) {
			cl_pkt_anomaly(p, CL_ANOM_IP_BAD_OPTION);
			return;
		}
		struct cl_cur body = cl_cur_sub(&o->body, n - 2u);
		if ((tag == 1 || tag == 2 || tag == 5) && n >= 4) {
			cl_cur_skip(&body, 1); /* alignment */
			cl_put_uint(p->detail, &sensitivity, cl_cur_u8(&body));
		} else if (cl_cur_left(&body) > 0) {
			cl_put_bytes(p->detail, &tag_data, cl_cur_take(&body, cl_cur_left(&body)));
		}
	}
}

static void decode_stream(struct cl_pkt *p, struct option *o)
{
	FIELD(stream, "ip.opt.sid", "Stream Identifier", CL_V_UINT, CL_DEC);

	cl_put_uint(p->detail, &stream, cl_cur_u16(&o->body));
}

static void decode_mtu(struct cl_pkt *p, struct option *o)
{
	FIELD(mtu, "ip.opt.mtu", "MTU", CL_V_UINT, CL_DEC);

	cl_put_uint(p->detail, &mtu, cl_cur_u16(&o->body));
}

/* RFC 1393 sec. 2.2. */
static void decode_traceroute(struct cl_pkt *p, struct option *o)
{
	static const struct cl_header_row trace[] = {
		{ { "ip.opt.id_number", "ID Number", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
		{ { "ip.opt.ohc", "Outbound Hop Count", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0 },
		{ { "ip.opt.rhc", "Return Hop Count", CL_V_UINT, CL_DEC, 0, NULL }, 4, 2, 0 },
		{ { "ip.opt.originator", "Originator IP Address", CL_V_IP4, CL_DEC, 0, NULL }, 6, 4, 0 },
	};

	CL_PUT_HEADER(p->detail, o->body, trace);
}

/* RFC 2113. */
static void decode_router_alert(struct cl_pkt *p, struct option *o)
{
	FIELD(alert, "ip.opt.ra", "Router Alert", CL_V_UINT, CL_DEC);

	cl_put_uint(p->detail, &alert, cl_cur_u16(&o->body));
}

static void decode_broadcast(struct cl_pkt *p, struct option *o)
{
	FIELD(address, "ip.opt.addr", "IP Address", CL_V_IP4, CL_DEC);

	while (cl_cur_left(&o->body) >= 4)
		cl_put_uint(p->detail, &address, cl_cur_u32(&o->body));
}

/* RFC 4782 sec. 3.1. */
static void decode_quick_start(struct cl_pkt *p, struct option *o)
{
	static const struct cl_header_row head[] = {
		{ { "ip.opt.qs_func", "Function", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0xf0 },
		{ { "ip.opt.qs_rate", "Rate", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x0f },
	};
	static const struct cl_header_row tail[] = {
		{ { "ip.opt.qs_nonce", "QS Nonce", CL_V_UINT, CL_HEX32, 0, NULL }, 2, 4, 0xfffffffc },
		{ { "ip.opt.qs_reserved", "Reserved", CL_V_UINT, CL_HEX32, 0, NULL }, 2, 4, 3 },
	};
	FIELD(ttl, "ip.opt.qs_ttl", "QS TTL", CL_V_UINT, CL_DEC);
	static const struct cl_field difference = { "ip.opt.qs_ttl_diff", "TTL Diff", CL_V_UINT, CL_DEC,
						    CL_FD_GENERATED,	  NULL };
	FIELD(unused, "ip.opt.qs_unused", "Not used", CL_V_UINT, CL_DEC);
	struct cl_cur c = o->body;
	uint8_t function = cl_cur_u8(&c) >> 4, second = cl_cur_u8(&c);

	CL_PUT_HEADER(p->detail, o->body, head);
	if (function == 0) {
		cl_put_uint(p->detail, &ttl, second);
		cl_put_uint(p->detail, &difference, (uint8_t)(o->ttl - second));
	} else if (function == 8) {
		cl_put_uint(p->detail, &unused, second);
	} else {
		return;
	}
	CL_PUT_HEADER(p->detail, o->body, tail);
}

/* By type; lengths are those of the whole option. */
static const struct {
	uint8_t type, least, most;
	const char *name, *reference;
	decode_fn *decode;
} options[] = {
	{ 0, 1, 1, "End of Options List", "RFC 791 sec. 3.1", NULL },
	{ 1, 1, 1, "No-Operation", "RFC 791 sec. 3.1", NULL },
	{ 7, 3, 255, "Record Route", "RFC 791 sec. 3.1", decode_route },
	{ 11, 4, 4, "MTU Probe", "RFC 1063 sec. 3", decode_mtu },
	{ 12, 4, 4, "MTU Reply", "RFC 1063 sec. 3", decode_mtu },
	{ 25, 8, 8, "Quick-Start", "RFC 4782 sec. 3.1", decode_quick_start },
	{ 30, 2, 255, "Experiment", "RFC 4727 sec. 2.2", put_rest },
	{ 68, 4, 40, "Time Stamp", "RFC 791 sec. 3.1", decode_timestamp },
	{ 82, 12, 12, "Traceroute", "RFC 1393 sec. 2.2", decode_traceroute },
	{ 94, 2, 255, "Experiment", "RFC 4727 sec. 2.2", put_rest },
	{ 130, 3, 255, "Security", "RFC 1108 sec. 2", decode_security },
	{ 131, 3, 255, "Loose Source Route", "RFC 791 sec. 3.1", decode_route },
	{ 133, 3, 255, "Extended Security", "RFC 1108 sec. 3", decode_extended_security },
	{ 134, 10, 40, "Commercial Security", "FIPS 188", decode_cipso },
	{ 136, 4, 4, "Stream Identifier", "RFC 791 sec. 3.1", decode_stream },
	{ 137, 3, 255, "Strict Source Route", "RFC 791 sec. 3.1", decode_route },
	{ 148, 4, 4, "Router Alert", "RFC 2113 sec. 2.1", decode_router_alert },
	{ 149, 6, 38, "Selective Directed Broadcast", "RFC 1770 sec. 2", decode_broadcast },
	{ 158, 2, 255, "Experiment", "RFC 4727 sec. 2.2", put_rest },
	{ 222, 2, 255, "Experiment", "RFC 4727 sec. 2.2", put_rest },
};

static void put_type(struct cl_detail *d, uint8_t t)
{
	cl_put_uint(d, &type, t);
	cl_put_uint(d, &type_copy, t >> 7);
	cl_put_uint(d, &type_class, t >> 5 & 3u);
	cl_put_uint(d, &type_number, t & 31u);
}

/* Takes one option; false when its length is wrong, and with it where the next begins. */
static bool put_option(struct cl_pkt *p, struct cl_cur *c, uint8_t t, uint8_t ttl)
{
	static const struct cl_field group = { NULL, "Option", CL_V_GROUP, CL_DEC, 0, NULL };
	struct option o = { .type = t, .ttl = ttl };
	size_t i = 0;

	while (i < sizeof options / sizeof *options && options[i].type != t)
		i++;
	bool known = i < sizeof options / sizeof *options;
	cl_put_group(p->detail, &group, "%s", known ? options[i].name : "unknown");
	put_type(p->detail, t);
	if (t == OPTION_END || t == OPTION_NOP)
		return true;
	o.length = cl_cur_u8(c);
	if (c->err == CL_ETRUNC)
		return false;
	cl_put_uint(p->detail, &length, o.length);
	if (o.length < 2 || o.length - 2u > cl_cur_left(c)) {
		cl_pkt_anomaly(p, CL_ANOM_IP_BAD_OPTION);
		return false;
	}
	o.body = cl_cur_sub(c, o.length - 2u);
	if (o.body.end < o.body.len)
		return false;
	if (!known)
		put_rest(p, &o);
	else if (o.length < options[i].least || o.length > options[i].most)
		cl_pkt_anomaly(p, CL_ANOM_IP_BAD_OPTION);
	else
		options[i].decode(p, &o);
	return true;
}

void cl_ip4_options(struct cl_pkt *p, struct cl_cur c, uint8_t ttl)
{
	while (c.err == CL_OK && cl_cur_left(&c) > 0) {
		uint8_t t = cl_cur_u8(&c);

		if (c.err != CL_OK)
			return;
		bool more = put_option(p, &c, t, ttl);
		cl_put_end(p->detail);
		if (!more || t == OPTION_END)
			return;
	}
}

/* The last address of the route in `body`, if the pointer is not behind it. */
static bool last_of_route(struct cl_cur body, uint8_t last[4])
{
	uint32_t next = cl_cur_u8(&body), n = cl_cur_left(&body) / 4;

	if (n == 0 || next < 4 || next > n * 4)
		return false;
	cl_cur_skip(&body, (n - 1) * 4);
	return cl_cur_copy(&body, last, 4);
}

bool cl_ip4_route(struct cl_cur c, uint8_t final[4])
{
	while (cl_cur_left(&c) > 0) {
		uint8_t t = cl_cur_u8(&c);

		if (t == OPTION_NOP)
			continue;
		if (t == OPTION_END)
			break;
		uint32_t n = cl_cur_u8(&c);
		if (n < 2 || n - 2 > cl_cur_left(&c))
			break;
		struct cl_cur body = cl_cur_sub(&c, n - 2);
		if (t == LOOSE_ROUTE || t == STRICT_ROUTE)
			return last_of_route(body, final);
	}
	return false;
}

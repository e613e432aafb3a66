/* SPDX-License-Identifier: BSD-2-Clause */
/* Service bindings and their parameters (RFC 9460), and delegations made of the same (draft-ietf-deleg). */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

FIELD(f_param, "dns.svcb.svcparam", "SvcParam", CL_V_OBJECT, 0, 0, NULL);
FIELD(f_key, "dns.svcb.svcparam.key", "SvcParamKey", CL_V_UINT, CL_DEC, 0, cl_dns_svc_text);
FIELD(f_length, "dns.svcb.svcparam.value.length", "SvcParamValue length", CL_V_UINT, CL_DEC, CL_FD_FLAT,
      NULL);
FIELD(f_value, "dns.svcb.svcparam.value", "SvcParamValue", CL_V_BYTES, 0, 0, NULL);
FIELD(f_mandatory, "dns.svcb.svcparam.mandatory.key", "Mandatory key", CL_V_UINT, CL_DEC, CL_FD_FLAT,
      cl_dns_svc_text);
FIELD(f_mandatory_key, "dns.svcb.svcparam.mandatory", "Mandatory key", CL_V_UINT, CL_DEC, CL_FD_OBJECT,
      cl_dns_svc_text);
FIELD(f_alpn_length, "dns.svcb.svcparam.alpn.length", "ALPN length", CL_V_UINT, CL_DEC, CL_FD_FLAT, NULL);
FIELD(f_alpn, "dns.svcb.svcparam.alpn", "ALPN", CL_V_TEXT, 0, 0, NULL);
FIELD(f_port, "dns.svcb.svcparam.port", "Port", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_ip4, "dns.svcb.svcparam.ipv4hint.ip", "IP", CL_V_IP4, 0, 0, NULL);
FIELD(f_ip6, "dns.svcb.svcparam.ipv6hint.ip", "IP", CL_V_IP6, 0, 0, NULL);
FIELD(f_ech, "dns.svcb.svcparam.echconfig", "ECHConfig", CL_V_BYTES, 0, 0, NULL);
FIELD(f_odoh, "dns.svcb.svcparam.odohconfig", "ODoHConfig", CL_V_BYTES, 0, 0, NULL);
FIELD(f_path, "dns.svcb.svcparam.dohpath", "DoH path", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);
FIELD(f_group, "dns.svcb.svcparam.tls_supported_groups", "TLS group", CL_V_UINT, CL_DEC, CL_FD_OBJECT, NULL);
FIELD(f_segment, "dns.svcb.svcparam.docpath", "Path segment", CL_V_TEXT, 0, CL_FD_OBJECT, NULL);

#define GROUPS_MAX 64u /* compared with each other; the registry has fewer */

/* What is known of a record's parameters. */
struct params {
	struct cl_dns_msg *m;
	uint64_t seen;	    /* keys below 64 */
	uint64_t mandatory; /* those that have to be there */
};

typedef void read_fn(struct params *p, struct cl_cur *c);

static void bad(struct params *p)
{
	cl_dns_bad_rdata(p->m, CL_ANOM_DNS_SVCB_VALUE);
}

static void put_raw(struct params *p, struct cl_cur *c, const struct cl_field *f)
{
	struct cl_span value = cl_cur_take(c, cl_cur_left(c));

	if (c->err == CL_OK)
		cl_put_bytes(p->m->d, f, value);
}

/* Keys in rising order, itself not among them. */
static void read_mandatory(struct params *p, struct cl_cur *c)
{
	int before = 0;

	if (cl_cur_left(c) == 0)
		bad(p);
	while (cl_cur_left(c) > 0) {
		uint16_t key = cl_cur_u16(c);

		if (c->err != CL_OK)
			return;
		cl_put_uint(p->m->d, &f_mandatory, key);
		cl_put_uint(p->m->d, &f_mandatory_key, key);
		if (key <= before)
			bad(p);
		before = key;
		if (key < 64)
			p->mandatory |= 1ull << key;
	}
}

/* Texts with an octet of length each, none of them empty. */
static void read_texts(struct params *p, struct cl_cur *c, const struct cl_field *length_field,
		       const struct cl_field *text_field)
{
	if (cl_cur_left(c) == 0)
		bad(p);
	while (cl_cur_left(c) > 0) {
		uint8_t length = cl_cur_u8(c);

		if (c->err == CL_OK && length_field != NULL)
			cl_put_uint(p->m->d, length_field, length);
		struct cl_span text = cl_cur_take(c, length);
		if (c->err != CL_OK)
			return;
		cl_put_bytes(p->m->d, text_field, text);
		if (length == 0)
			bad(p);
	}
}

static void read_alpn(struct params *p, struct cl_cur *c)
{
	read_texts(p, c, &f_alpn_length, &f_alpn);
}

static void read_docpath(struct params *p, struct cl_cur *c)
{
	if (cl_cur_left(c) > 0) /* the root may be meant */
		read_texts(p, c, NULL, &f_segment);
}

static void read_empty(struct params *p, struct cl_cur *c)
{
	if (cl_cur_left(c) > 0)
		bad(p);
	cl_cur_skip(c, cl_cur_left(c));
}

static void read_port(struct params *p, struct cl_cur *c)
{
	uint16_t port = cl_cur_u16(c);

	if (c->err == CL_OK)
		cl_put_uint(p->m->d, &f_port, port);
}

static void read_ip4(struct params *p, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0)
		bad(p);
	while (cl_cur_left(c) > 0) {
		uint32_t address = cl_cur_u32(c);

		if (c->err == CL_OK)
			cl_put_uint(p->m->d, &f_ip4, address);
	}
}

static void read_ip6(struct params *p, struct cl_cur *c)
{
	if (cl_cur_left(c) == 0)
		bad(p);
	while (cl_cur_left(c) > 0) {
		struct cl_span address = cl_cur_take(c, 16);

		if (c->err == CL_OK)
			cl_put_bytes(p->m->d, &f_ip6, address);
	}
}

static void read_ech(struct params *p, struct cl_cur *c)
{
	put_raw(p, c, &f_ech);
}

static void read_odoh(struct params *p, struct cl_cur *c)
{
	put_raw(p, c, &f_odoh);
}

static void read_dohpath(struct params *p, struct cl_cur *c)
{
	put_raw(p, c, &f_path);
}

/* No group twice. */
static void read_groups(struct params *p, struct cl_cur *c)
{
	struct cl_cur start = *c;

	if (cl_cur_left(c) == 0 || cl_cur_left(c) > 2 * GROUPS_MAX)
		bad(p);
	for (uint32_t i = 0; cl_cur_left(c) > 0; i++) {
		struct cl_cur before = start;
		uint16_t group = cl_cur_u16(c);

		if (c->err != CL_OK)
			return;
		cl_put_uint(p->m->d, &f_group, group);
		for (uint32_t k = 0; k < i && k < GROUPS_MAX; k++)
			if (cl_cur_u16(&before) == group)
				bad(p);
	}
}

/* A key of SvcParams; `flat`: Wireshark shows the value as octets. */
struct svc_row {
	uint16_t key;
	bool flat;
	read_fn *read;
	const char *reference;
};

/* Rising by key. */
static const struct svc_row rows[] = {
	{ 0, false, read_mandatory, "RFC 9460 sec. 8" },
	{ 1, false, read_alpn, "RFC 9460 sec. 7.1" },
	{ 2, false, read_empty, "RFC 9460 sec. 7.1" },
	{ 3, false, read_port, "RFC 9460 sec. 7.2" },
	{ 4, false, read_ip4, "RFC 9460 sec. 7.3" },
	{ 5, false, read_ech, "RFC 9848 sec. 3" },
	{ 6, false, read_ip6, "RFC 9460 sec. 7.3" },
	{ 7, true, read_dohpath, "RFC 9461 sec. 5" },
	{ 8, true, read_empty, "RFC 9540 sec. 4" },
	{ 9, true, read_groups, "draft-ietf-tls-key-share-prediction" },
	{ 10, true, read_docpath, "RFC 9953" },
	{ 11, true, read_empty, "draft-ietf-intarea-proxy-config" },
	{ 32769, false, read_odoh, "RFC 9230" },
};

static const struct svc_row *find(uint16_t key)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

/* The value of one key, in a cursor of its own. */
static void read_value(struct params *p, struct cl_cur value, uint16_t key)
{
	const struct svc_row *row = find(key);

	if (row == NULL || row->flat) {
		struct cl_cur all = value;

		if (cl_cur_left(&all) > 0)
			put_raw(p, &all, &f_value);
	}
	if (row == NULL)
		return;
	row->read(p, &value);
	if (value.err == CL_EMALF || cl_cur_left(&value) > 0)
		bad(p);
}

static void read_param(struct params *p, struct cl_cur *c, uint16_t key)
{
	uint16_t length = cl_cur_u16(c);

	if (c->err != CL_OK)
		return;
	struct cl_cur value = *c;
	cl_put_bytes(p->m->d, &f_param, (struct cl_span){ NULL, 0 });
	cl_put_uint(p->m->d, &f_key, key);
	cl_put_uint(p->m->d, &f_length, length);
	cl_cur_narrow(&value, length);
	if (value.err == CL_OK)
		read_value(p, value, key);
	cl_put_end(p->m->d);
	cl_cur_skip(c, length);
}

/* Keys are in strictly rising order; 65535 is none. */
void cl_dns_rr_svcb(struct cl_dns_msg *m, struct cl_cur *c)
{
	struct params p = { m, 0, 0 };
	int before = -1;

	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t key = cl_cur_u16(c);

		read_param(&p, c, key);
		if (c->err != CL_OK)
			return;
		if (key <= before)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_SVCB_ORDER);
		if (key == 65535)
			bad(&p);
		before = key;
		if (key < 64)
			p.seen |= 1ull << key;
	}
	if ((p.mandatory & ~p.seen) != 0 || ((p.seen & 4) != 0 && (p.seen & 2) == 0))
		cl_dns_bad_rdata(m, CL_ANOM_DNS_SVCB_MANDATORY);
}

static const struct cl_name deleg_keys[] = {
	{ 0, "mandatory" },   { 1, "server-ipv4" },	   { 2, "server-ipv6" },
	{ 3, "server-name" }, { 4, "include-delegparam" },
};

static const char *deleg_text(uint64_t key)
{
	return cl_name_find(deleg_keys, sizeof deleg_keys / sizeof *deleg_keys, key);
}

static void put_deleg_value(struct cl_dns_msg *m, struct cl_cur value, uint16_t key)
{
	FIELD(f_deleg_ip4, "dns.deleg.server_ipv4", "Server address", CL_V_IP4, 0, 0, NULL);
	FIELD(f_deleg_ip6, "dns.deleg.server_ipv6", "Server address", CL_V_IP6, 0, 0, NULL);
	FIELD(f_deleg_name, "dns.deleg.name", "Name", CL_V_TEXT, 0, 0, NULL);
	FIELD(f_deleg_value, "dns.deleg.value", "Value", CL_V_BYTES, 0, 0, NULL);

	while (cl_cur_left(&value) > 0) /* takes an octet or more a turn, or fails */
		if (key == 1) {
			uint32_t address = cl_cur_u32(&value);
			if (value.err == CL_OK)
				cl_put_uint(m->d, &f_deleg_ip4, address);
		} else if (key == 3 || key == 4) {
			cl_dns_put_name(m, &value, CL_DNS_PLAIN, &f_deleg_name);
		} else {
			struct cl_span octets = cl_cur_take(&value, key == 2 ? 16 : cl_cur_left(&value));
			if (value.err == CL_OK)
				cl_put_bytes(m->d, key == 2 ? &f_deleg_ip6 : &f_deleg_value, octets);
		}
	if (value.err == CL_EMALF)
		cl_dns_bad_rdata(m, CL_ANOM_DNS_SVCB_VALUE);
}

void cl_dns_rr_deleg(struct cl_dns_msg *m, struct cl_cur *c)
{
	FIELD(f_deleg, "dns.deleg.param", "Parameter", CL_V_OBJECT, 0, 0, NULL);
	FIELD(f_deleg_key, "dns.deleg.key", "Key", CL_V_UINT, CL_DEC, 0, deleg_text);
	int before = -1;

	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t key = cl_cur_u16(c), length = cl_cur_u16(c);
		struct cl_cur value = *c;

		cl_cur_skip(c, length);
		if (c->err != CL_OK)
			return;
		cl_put_bytes(m->d, &f_deleg, (struct cl_span){ NULL, 0 });
		cl_put_uint(m->d, &f_deleg_key, key);
		cl_cur_narrow(&value, length);
		put_deleg_value(m, value, key);
		cl_put_end(m->d);
		if (key <= before)
			cl_dns_bad_rdata(m, CL_ANOM_DNS_SVCB_ORDER);
		before = key;
	}
}

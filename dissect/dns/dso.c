/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS stateful operations (RFC 8490) and what push notifications add (RFC 8765). */
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"

#define FIELD(what, name, label, type, base, flags, text)                                                    \
	static const struct cl_field what = { name, label, type, base, flags, text }

enum { KEEPALIVE = 1, RETRY_DELAY = 2, PADDING = 3 };

FIELD(f_dso, NULL, "DNS Stateful Operation", CL_V_GROUP, 0, 0, NULL);
FIELD(f_tlv, "dns.dso.tlv", "DSO TLV", CL_V_OBJECT, 0, 0, NULL);
FIELD(f_type, "dns.dso.tlv.type", "Type", CL_V_UINT, CL_DEC, 0, cl_dns_dso_text);
FIELD(f_length, "dns.dso.tlv.length", "Length", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_data, "dns.dso.tlv.data", "Data", CL_V_BYTES, 0, 0, NULL);
FIELD(f_inactivity, "dns.dso.tlv.keepalive.inactivity", "Inactivity Timeout in ms", CL_V_UINT, CL_DEC, 0,
      NULL);
FIELD(f_interval, "dns.dso.tlv.keepalive.interval", "Keepalive Interval in ms", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_delay, "dns.dso.tlv.retrydelay.retrydelay", "Retry Delay in ms", CL_V_UINT, CL_DEC, 0, NULL);
FIELD(f_padding, "dns.dso.tlv.encpad.padding", "Padding", CL_V_BYTES, 0, 0, NULL);

static void put_octets(struct cl_dns_msg *m, struct cl_cur *c, const struct cl_field *f)
{
	struct cl_span octets = cl_cur_take(c, cl_cur_left(c));

	if (octets.len > 0)
		cl_put_bytes(m->d, f, octets);
}

static void put_value(struct cl_dns_msg *m, struct cl_cur c, uint16_t type)
{
	if (type == KEEPALIVE) {
		uint32_t inactivity = cl_cur_u32(&c), interval = cl_cur_u32(&c);
		if (c.err == CL_OK) {
			cl_put_uint(m->d, &f_inactivity, inactivity);
			cl_put_uint(m->d, &f_interval, interval);
		}
	} else if (type == RETRY_DELAY) {
		uint32_t delay = cl_cur_u32(&c);
		if (c.err == CL_OK)
			cl_put_uint(m->d, &f_delay, delay);
	} else {
		put_octets(m, &c, type == PADDING ? &f_padding : &f_data);
	}
	if (c.err == CL_EMALF || cl_cur_left(&c) > 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_DSO_TLV);
}

static void put_info(struct cl_dns_msg *m, uint16_t primary)
{
	const char *name = cl_dns_dso_text(primary);

	cl_put_info(m->d, "DSO %s 0x%04x %s", cl_dns_is_response(m) ? "response" : "request", m->id,
		    name != NULL ? name : "TLV");
}

void cl_dns_read_dso(struct cl_dns_msg *m, struct cl_cur *c)
{
	bool first = true;

	if ((m->count[0] | m->count[1] | m->count[2] | m->count[3]) != 0) {
		cl_dns_anomaly(m, CL_ANOM_DNS_DSO_COUNTS);
		return;
	}
	if (m->p->connection == 0)
		cl_dns_anomaly(m, CL_ANOM_DNS_DSO_TRANSPORT);
	if (cl_cur_left(c) == 0)
		return;
	cl_put_group(m->d, &f_dso, NULL);
	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t type = cl_cur_u16(c), length = cl_cur_u16(c);
		struct cl_cur value = *c;

		cl_cur_skip(c, length);
		if (c->err == CL_EMALF)
			cl_dns_anomaly(m, CL_ANOM_DNS_DSO_TLV);
		if (c->err != CL_OK)
			break;
		if (first)
			put_info(m, type);
		first = false;
		cl_put_bytes(m->d, &f_tlv, (struct cl_span){ NULL, 0 });
		cl_put_uint(m->d, &f_type, type);
		cl_put_uint(m->d, &f_length, length);
		cl_cur_narrow(&value, length);
		put_value(m, value, type);
		cl_put_end(m->d);
	}
	cl_put_end(m->d);
}

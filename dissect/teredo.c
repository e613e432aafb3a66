/* SPDX-License-Identifier: BSD-2-Clause */
/* Teredo: IPv6 in UDP (RFC 4380 sec. 5.1.1). */
#include "dissect/packet.h"

enum { ORIGIN = 0, AUTHENTICATION = 1, IP_NONE = 59 };

static void put_authentication(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_field
		group = { "teredo.auth", "Authentication", CL_V_NONE, 0, 0, NULL },
		id_length = { "teredo.auth.idlen", "Client identifier length", CL_V_UINT, 0, 0, NULL },
		value_length = { "teredo.auth.aulen", "Authentication value length", CL_V_UINT, 0, 0, NULL },
		id = { "teredo.auth.id", "Client identifier", CL_V_BYTES, 0, 0, NULL },
		value = { "teredo.auth.value", "Authentication value", CL_V_BYTES, 0, 0, NULL },
		nonce = { "teredo.auth.nonce", "Nonce", CL_V_BYTES, 0, 0, NULL },
		confirmation = { "teredo.auth.conf", "Confirmation", CL_V_BYTES, 0, 0, NULL };

	uint8_t ids = cl_cur_u8(&c), values = cl_cur_u8(&c);
	cl_put_none(d, &group);
	cl_put_uint(d, &id_length, ids);
	cl_put_uint(d, &value_length, values);
	if (ids > 0)
		cl_put_bytes(d, &id, cl_cur_take(&c, ids));
	if (values > 0)
		cl_put_bytes(d, &value, cl_cur_take(&c, values));
	cl_put_bytes(d, &nonce, cl_cur_take(&c, 8));
	cl_put_bytes(d, &confirmation, cl_cur_take(&c, 1));
}

static void put_origin(struct cl_detail *d, struct cl_cur c)
{
	static const struct cl_field group = { "teredo.orig", "Origin", CL_V_NONE, 0, 0, NULL },
				     port = { "teredo.orig.port", "Origin's port", CL_V_UINT, 0, 0, NULL },
				     address = {
					     "teredo.orig.addr", "Origin's address", CL_V_IP4, 0, 0, NULL
				     };

	cl_put_none(d, &group);
	cl_put_uint(d, &port, cl_cur_u16(&c) ^ 0xffffu); /* both are sent inverted: RFC 4380 sec. 5.1.1 */
	cl_put_uint(d, &address, cl_cur_u32(&c) ^ 0xffffffffu);
}

/* Passes over an authentication and then an origin header, if they are there; says them to `d` (NULL: no). */
static void headers(struct cl_cur *c, struct cl_detail *d)
{
	struct cl_cur type = *c;

	if (cl_cur_u16(&type) == AUTHENTICATION && type.err == CL_OK) {
		const struct cl_cur body = type;
		uint32_t ids = cl_cur_u8(&type), values = cl_cur_u8(&type);

		cl_cur_skip(&type, ids + values + 9);
		*c = type;
		if (d != NULL && type.err == CL_OK)
			put_authentication(d, body);
	}
	type = *c;
	if (cl_cur_u16(&type) == ORIGIN && type.err == CL_OK) {
		const struct cl_cur body = type;

		cl_cur_skip(&type, 6);
		*c = type;
		if (d != NULL && type.err == CL_OK)
			put_origin(d, body);
	}
}

/* A whole IPv6 header whose payload is there; trailers may follow (RFC 6081). */
static bool looks_ip6(struct cl_cur *c)
{
	uint8_t first = cl_cur_u8(c);

	cl_cur_skip(c, 3);
	uint32_t payload = cl_cur_u16(c);
	uint8_t next = cl_cur_u8(c);
	cl_cur_skip(c, 33);
	return c->err == CL_OK && first >> 4 == 6 && payload <= cl_cur_left(c) &&
	       (payload > 0 || next == IP_NONE);
}

enum cl_next cl_teredo(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "teredo", "Teredo" };
	struct cl_cur c = p->cur;

	headers(&c, NULL);
	struct cl_cur inner = c;
	if (!looks_ip6(&inner))
		return inner.err == CL_ETRUNC ? cl_pkt_failed(p, &inner) : cl_pkt_fate(p, CL_FATE_OTHER);
	cl_pkt_layer(p, &proto);
	headers(&p->cur, p->detail);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_TEREDO);
	return CL_NEXT_IP6;
}

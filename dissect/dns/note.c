/* SPDX-License-Identifier: BSD-2-Clause */
/* What a note has of a DNS message beside its event. */
#include "dissect/dns/note.h"

#include "dissect/dns/msg.h"
#include "dissect/dns/name.h"

void cl_dns_note_begin(struct cl_dns_noting *w, struct cl_pkt *p, const void *header)
{
	CL_HEAD(CL_DNS_HEADER) *h = header;
	struct cl_note *n = p->note;

	*w = (struct cl_dns_noting){ .note = n };
	cl_note_again(n, n); /* one before it in its segment may not have counted */
	n->length = cl_cur_left(&p->cur);
	n->flags = CL_HEAD_U16(h, 2);
	n->qdcount = CL_HEAD_U16(h, 4);
	n->ancount = CL_HEAD_U16(h, 6);
	n->nscount = CL_HEAD_U16(h, 8);
	n->arcount = CL_HEAD_U16(h, 10);
}

void cl_dns_note_opt(struct cl_dns_noting *w, uint16_t class, uint32_t ttl)
{
	w->note->udp_size = class;
	w->note->edns_version = (uint8_t)(ttl >> 16);
	w->note->edns_flags = (uint16_t)ttl;
}

/* RFC 7871 sec. 6: as many octets of the address as the source prefix needs. */
static void note_subnet(struct cl_note *n, struct cl_cur c)
{
	static const struct cl_addr mapped = { { [10] = 0xff, [11] = 0xff } };
	uint16_t family = cl_cur_u16(&c);
	uint8_t source = cl_cur_u8(&c), scope = cl_cur_u8(&c);
	uint32_t octets = cl_cur_left(&c), from = family == 1 ? 12 : 0;

	if (c.err != CL_OK || n->ecs_family != 0 || (family != 1 && family != 2) || octets > 16 - from)
		return;
	struct cl_addr a = family == 1 ? mapped : (struct cl_addr){ { 0 } };
	if (octets > 0 && !cl_cur_copy(&c, a.b + from, octets))
		return;
	n->ecs_family = (uint8_t)family;
	n->ecs_source = source;
	n->ecs_scope = scope;
	n->ecs_addr = a;
}

static void note_error(struct cl_dns_noting *w, struct cl_cur c)
{
	struct cl_note *n = w->note;
	uint16_t code = cl_cur_u16(&c);

	if (c.err != CL_OK)
		return;
	if (n->ede_count == 0) {
		n->ede = code;
		w->ede = cl_cur_take(&c, cl_cur_left(&c));
	}
	if (n->ede_count < UINT8_MAX)
		n->ede_count++;
}

void cl_dns_note_option(struct cl_dns_noting *w, uint16_t code, uint16_t length, struct cl_cur c)
{
	struct cl_note *n = w->note;
	struct cl_cur body = c;

	cl_cur_skip(&c, length);
	if (c.err != CL_OK)
		return;
	cl_cur_narrow(&body, length);
	if (n->fields < CL_NOTE_FIELDS_MAX)
		n->field[n->fields++] = (struct cl_note_field){ code, length };
	if (code == CL_DNS_OPTION_ECS)
		note_subnet(n, body);
	else if (code == CL_DNS_OPTION_COOKIE && w->cookie.ptr == NULL)
		w->cookie = cl_cur_take(&body, length);
	else if (code == CL_DNS_OPTION_NSID && w->nsid.ptr == NULL)
		w->nsid = cl_cur_take(&body, length);
	else if (code == CL_DNS_OPTION_EDE)
		note_error(w, body);
}

void cl_dns_note_end(struct cl_dns_noting *w)
{
	struct cl_note *n = w->note;
	struct cl_dns_name name;

	if (w->has_question && cl_dns_name_as_sent(&w->question, &name))
		cl_note_put(n, CL_PIECE_QNAME, name.wire, name.len);
	cl_note_put(n, CL_PIECE_COOKIE, w->cookie.ptr, w->cookie.len);
	cl_note_put(n, CL_PIECE_NSID, w->nsid.ptr, w->nsid.len);
	cl_note_put(n, CL_PIECE_EDE, w->ede.ptr, w->ede.len);
}

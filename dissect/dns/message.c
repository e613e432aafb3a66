/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS message as counting needs it: header, question, and what the OPT record says (RFC 1035, RFC 6891).
 */
#include "dissect/dns/msg.h"
#include "dissect/dns/name.h"
#include "dissect/dns/note.h"
#include "dissect/dns/transfer.h"
#include "dissect/dns/zone.h"
#include "dissect/emit.h"
#include "dissect/hash.h"
#include "dissect/packet.h"

#define TYPE_OPT 41u

#define OPCODE_DSO 6u /* RFC 8490 */

#define FLAG_QR 0x8000u
#define FLAG_TC 0x0200u
#define OPT_DO	0x8000u

struct counts {
	uint16_t questions, answers, authorities, additionals;
};

static inline void read_question(struct cl_cur *c, struct cl_dns *dns, uint64_t seed)
{
	uint64_t name;

	if (!cl_dns_name_hash(c, seed, &name))
		return;
	CL_HEAD(4) *h = cl_cur_head(c, sizeof *h, "\2\2");
	if (h == NULL)
		return;
	uint16_t type = CL_HEAD_U16(h, 0), class = CL_HEAD_U16(h, 2);
	dns->qtype = type;
	dns->qclass = class;
	dns->qhash = cl_mix(name, (uint64_t)type << 16 | class);
	dns->bits |= CL_DNS_QUESTION;
}

/* Family and source prefix length of a client subnet option (RFC 7871 sec. 6), at whose data `c` stands. */
static void read_subnet(struct cl_cur c, uint16_t length, struct cl_dns *dns)
{
	struct cl_cur data = cl_cur_sub(&c, length);
	uint16_t family = cl_cur_u16(&data);
	uint8_t source = cl_cur_u8(&data);

	if (data.err == CL_OK && family <= UINT8_MAX) {
		dns->ecs_family = (uint8_t)family;
		dns->ecs_source = source;
	}
}

static inline void read_options(struct cl_cur *c, struct cl_dns *dns, struct cl_dns_noting *note)
{
	while (cl_cur_left(c) > 0) { /* takes 4 octets or more a turn */
		uint16_t code = cl_cur_u16(c), length = cl_cur_u16(c);

		if (cl_rare(note != NULL))
			cl_dns_note_option(note, code, length, *c);
		if (code == CL_DNS_OPTION_ECS && (dns->bits & CL_DNS_ECS) == 0)
			read_subnet(*c, length, dns);
		cl_cur_skip(c, length);
		if (c->err == CL_EMALF)
			dns->bits |= CL_DNS_BROKEN;
		if (c->err != CL_OK)
			return;
		if (code == CL_DNS_OPTION_ECS)
			dns->bits |= CL_DNS_ECS;
		else if (code == CL_DNS_OPTION_COOKIE)
			dns->bits |= CL_DNS_COOKIE;
	}
}

/* One resource record; each takes 11 octets or more. */
static inline void read_record(struct cl_cur *c, struct cl_dns *dns, struct cl_dns_noting *note)
{
	cl_dns_name_skip(c);
	CL_HEAD(10) *h = cl_cur_head(c, sizeof *h, "\2\2\4\2");
	if (h == NULL)
		return;
	uint16_t type = CL_HEAD_U16(h, 0), length = CL_HEAD_U16(h, 8);
	uint32_t ttl = CL_HEAD_U32(h, 4); /* behind the class */
	struct cl_cur data = cl_cur_sub(c, length);
	if (type != TYPE_OPT || (dns->bits & CL_DNS_EDNS) != 0 || data.err != CL_OK)
		return;
	dns->bits |= CL_DNS_EDNS;
	dns->udp_size = CL_HEAD_U16(h, 2);
	dns->rcode |= (uint16_t)(ttl >> 24 << 4);
	if ((ttl & OPT_DO) != 0)
		dns->bits |= CL_DNS_DO;
	if (cl_rare(note != NULL))
		cl_dns_note_opt(note, CL_HEAD_U16(h, 2), ttl);
	read_options(&data, dns, note);
}

static inline void read_sections(struct cl_cur *c, struct cl_dns *dns, const struct counts *n, uint64_t seed,
				 struct cl_dns_noting *note)
{
	for (uint32_t i = 0; i < n->questions && c->err == CL_OK; i++) {
		if (i == 0) {
			if (cl_rare(note != NULL))
				cl_dns_note_question(note, *c);
			read_question(c, dns, seed);
		} else {
			cl_dns_name_skip(c);
			cl_cur_skip(c, 4);
		}
	}
	if ((dns->bits & CL_DNS_TCP) != 0)
		cl_dns_transfer(*c, n->answers, dns);
	if (n->additionals == 0)
		return; /* no OPT record (RFC 6891 sec. 6.1.1: only among the additional ones) */
	uint32_t before = (uint32_t)n->answers + n->authorities;
	for (uint32_t i = 0; i < before && c->err == CL_OK; i++) {
		cl_dns_name_skip(c);
		CL_HEAD(10) *h = cl_cur_head(c, sizeof *h, "\10\2");
		if (h != NULL)
			cl_cur_skip(c, CL_HEAD_U16(h, 8));
	}
	for (uint32_t i = 0; i < n->additionals && c->err == CL_OK; i++)
		read_record(c, dns, note);
}

/* The layer is there, if with no more than its name. */
static enum cl_next short_header(struct cl_pkt *p, struct cl_cur c)
{
	if (p->detail != NULL)
		cl_dns_detail(p, CL_DNS_UNICAST, 0);
	return cl_pkt_failed_by(p, &c, CL_ANOM_DNS_SHORT);
}

static __attribute__((noinline)) void read_noted(struct cl_pkt *p, struct cl_cur *c, const struct counts *n,
						 const void *header)
{
	struct cl_dns_noting noting;

	cl_dns_note_begin(&noting, p, header);
	read_sections(c, &p->ev->u.dns, n, p->limits->hash_seed, &noting);
	cl_dns_note_end(&noting);
}

enum cl_next cl_dns_message(struct cl_pkt *p)
{
	struct cl_cur c = cl_cur_make(p->cur.base + p->cur.pos, cl_cur_kept(&p->cur), cl_cur_left(&p->cur));
	struct cl_dns *dns = &p->ev->u.dns;
	CL_HEAD(CL_DNS_HEADER) *h = cl_cur_head(&c, sizeof *h, "\2\2\2\2\2\2");

	if (h == NULL)
		return short_header(p, c);
	uint16_t id = CL_HEAD_U16(h, 0), flags = CL_HEAD_U16(h, 2);
	struct counts n = { CL_HEAD_U16(h, 4), CL_HEAD_U16(h, 6), CL_HEAD_U16(h, 8), CL_HEAD_U16(h, 10) };
	uint32_t length = cl_cur_left(&p->cur);
	*dns = (struct cl_dns){ .id = id,
				.opcode = flags >> 11 & 15,
				.rcode = flags & 15,
				.flags = flags,
				.length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX };
	dns->first_ns = p->first_ns;
	dns->connection = p->connection;
	if (p->connection != 0)
		dns->bits |= CL_DNS_TCP;
	if ((flags & FLAG_TC) != 0)
		dns->bits |= CL_DNS_TC;
	if (cl_rare(p->note != NULL))
		read_noted(p, &c, &n, h);
	else
		read_sections(&c, dns, &n, p->limits->hash_seed, NULL);
	if (c.err == CL_EMALF)
		dns->bits |= CL_DNS_BROKEN;
	if (p->detail != NULL)
		cl_dns_detail(p, CL_DNS_UNICAST, dns->rcode);
	p->ev->role = (flags & FLAG_QR) != 0 ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST;
	if (dns->opcode == OPCODE_DSO && id == 0)
		p->ev->role = CL_ROLE_APART; /* expects no answer (RFC 8490 sec. 5.4) */
	if (cl_rare(p->zones != NULL) && cl_dns_tells_of_zone(p, dns))
		return cl_dns_zone_message(p);
	return cl_pkt_message(p, CL_EV_DNS);
}

static enum cl_next counted_apart(struct cl_pkt *p, enum cl_event_kind kind, enum cl_dns_kind which)
{
	struct cl_cur c = p->cur;

	if (p->note != NULL)
		p->note->length = cl_cur_left(&c);
	cl_cur_skip(&c, 2);
	uint16_t flags = cl_cur_u16(&c);
	cl_cur_skip(&c, CL_DNS_HEADER - 4);
	if (p->detail != NULL)
		cl_dns_detail(p, which, flags & 15);
	if (c.err != CL_OK)
		return cl_pkt_failed_by(p, &c, CL_ANOM_DNS_SHORT);
	p->ev->role = CL_ROLE_APART;
	return cl_pkt_message(p, kind);
}

enum cl_next cl_mdns(struct cl_pkt *p)
{
	return counted_apart(p, CL_EV_MDNS, CL_DNS_MULTICAST);
}

enum cl_next cl_llmnr(struct cl_pkt *p)
{
	return counted_apart(p, CL_EV_LLMNR, CL_DNS_LINK_LOCAL);
}

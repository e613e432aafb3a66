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
#include "dissect/inline.h"
#include "dissect/packet.h"

#define TYPE_OPT 41u

#define OPCODE_DSO 6u /* RFC 8490 */

#define FLAG_QR 0x8000u
#define FLAG_TC 0x0200u
#define OPT_DO	0x8000u

struct counts {
	uint16_t questions, answers, authorities, additionals;
};

/* What is read behind the header: a part of struct cl_dns, apart, that it stays in registers. */
struct found {
	uint64_t qhash;
	uint16_t qtype, qclass, rcode, udp_size;
	uint8_t bits, ecs_family, ecs_source;
};

CL_IN_LINE void read_question(struct cl_cur *c, struct found *dns, uint64_t seed)
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
CL_IN_LINE void read_subnet(struct cl_cur c, uint16_t length, struct found *dns)
{
	struct cl_cur data = cl_cur_sub(&c, length);
	uint16_t family = cl_cur_u16(&data);
	uint8_t source = cl_cur_u8(&data);

	if (data.err == CL_OK && family <= UINT8_MAX) {
		dns->ecs_family = (uint8_t)family;
		dns->ecs_source = source;
	}
}

CL_IN_LINE void read_options(struct cl_cur *c, struct found *dns, struct cl_dns_noting *note)
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
CL_IN_LINE void read_record(struct cl_cur *c, struct found *dns, struct cl_dns_noting *note)
{
	cl_dns_name_skip(c);
	CL_HEAD(10) *h = cl_cur_head(c, sizeof *h, "\2\2\4\2");
	if (h == NULL)
		return;
	uint16_t type = CL_HEAD_U16(h, 0), length = CL_HEAD_U16(h, 8);
	uint32_t ttl = CL_HEAD_U32(h, 4); /* behind the class */
	if (type != TYPE_OPT || (dns->bits & CL_DNS_EDNS) != 0) {
		cl_cur_skip(c, length);
		return;
	}
	struct cl_cur data = cl_cur_sub(c, length);
	if (data.err != CL_OK)
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

CL_IN_LINE void skip_records(struct cl_cur *c, uint32_t n)
{
	for (; n > 0 && c->err == CL_OK; n--) {
		cl_dns_name_skip(c);
		CL_HEAD(10) *h = cl_cur_head(c, sizeof *h, "\10\2");
		if (h != NULL)
			cl_cur_skip(c, CL_HEAD_U16(h, 8));
	}
}

CL_IN_LINE void read_questions(struct cl_cur *c, struct found *dns, uint32_t n, uint64_t seed,
			       struct cl_dns_noting *note)
{
	if (cl_rare(n == 0))
		return;
	if (cl_rare(note != NULL))
		cl_dns_note_question(note, *c);
	read_question(c, dns, seed);
	for (; cl_rare(n > 1) && c->err == CL_OK; n--) {
		cl_dns_name_skip(c);
		cl_cur_skip(c, 4);
	}
}

/* Behind the questions. */
CL_IN_LINE void read_sections(struct cl_cur *c, struct found *dns, const struct counts *n,
			      struct cl_dns_noting *note)
{
	if (n->additionals == 0)
		return; /* no OPT record (RFC 6891 sec. 6.1.1: only among the additional ones) */
	skip_records(c, (uint32_t)n->answers + n->authorities);
	for (uint32_t i = 0; i < n->additionals && c->err == CL_OK; i++)
		read_record(c, dns, note);
}

/* The layer is there, if with no more than its name. */
static __attribute__((noinline)) enum cl_next short_header(struct cl_pkt *p, struct cl_cur c)
{
	if (p->detail != NULL)
		cl_dns_detail(p, CL_DNS_UNICAST, 0);
	return cl_pkt_failed_by(p, &c, CL_ANOM_DNS_SHORT);
}

/* What is asked of a message over TCP, whose questions end at `answers`. */
static __attribute__((noinline)) void read_stream(struct cl_dns *dns, struct cl_cur c, uint32_t at,
						  uint32_t answers)
{
	dns->bits |= CL_DNS_TCP;
	cl_cur_skip(&c, at);
	cl_dns_transfer(c, answers, dns);
}

/* What is known before the questions: written at once, it takes no register. */
CL_IN_LINE void put_header(struct cl_pkt *p, uint16_t id, uint16_t flags, uint32_t length)
{
	struct cl_dns *dns = &p->ev->u.dns;

	dns->first_ns = p->first_ns;
	dns->id = id;
	dns->connection = p->connection;
	dns->opcode = flags >> 11 & 15;
	dns->transfer = 0;
	dns->soa_first = dns->soa_last = 0;
	dns->length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	dns->flags = flags;
	p->ev->role = (flags & FLAG_QR) != 0 ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST;
	if (cl_rare(dns->opcode == OPCODE_DSO) && id == 0)
		p->ev->role = CL_ROLE_APART; /* expects no answer (RFC 8490 sec. 5.4) */
}

/* A message at the start of `c`. `lean`: there is neither a detail nor a note. */
CL_IN_LINE enum cl_next take(struct cl_pkt *p, struct cl_cur c, const bool lean)
{
	const struct cl_cur whole = c;
	const uint32_t length = c.len;
	CL_HEAD(CL_DNS_HEADER) *h = cl_cur_head(&c, sizeof *h, "\2\2\2\2\2\2");

	if (cl_rare(h == NULL))
		return short_header(p, c);
	uint16_t id = CL_HEAD_U16(h, 0), flags = CL_HEAD_U16(h, 2);
	struct counts n = { CL_HEAD_U16(h, 4), CL_HEAD_U16(h, 6), CL_HEAD_U16(h, 8), CL_HEAD_U16(h, 10) };
	struct found found = { .rcode = flags & 15, .bits = (flags & FLAG_TC) != 0 ? CL_DNS_TC : 0 };
	put_header(p, id, flags, length);
	struct cl_dns_noting noting, *note = lean || p->note == NULL ? NULL : &noting;
	if (cl_rare(note != NULL))
		cl_dns_note_begin(note, p, h);
	read_questions(&c, &found, n.questions, p->limits->hash_seed, note);
	const uint32_t answers = c.pos;
	read_sections(&c, &found, &n, note);
	if (cl_rare(note != NULL))
		cl_dns_note_end(note);
	struct cl_dns *dns = &p->ev->u.dns;
	dns->qhash = found.qhash;
	dns->qtype = found.qtype;
	dns->qclass = found.qclass;
	dns->rcode = found.rcode;
	dns->bits = found.bits | (uint8_t)(c.err == CL_EMALF ? CL_DNS_BROKEN : 0);
	dns->udp_size = found.udp_size;
	dns->ecs_family = found.ecs_family;
	dns->ecs_source = found.ecs_source;
	if (cl_rare(p->connection != 0))
		read_stream(dns, whole, answers, n.answers);
	if (!lean && p->detail != NULL)
		cl_dns_detail(p, CL_DNS_UNICAST, found.rcode);
	if (cl_rare(p->zones != NULL) && cl_dns_tells_of_zone(p, dns)) {
		if (lean)
			p->cur = whole;
		return cl_dns_zone_message(p);
	}
	return cl_pkt_message(p, CL_EV_DNS);
}

enum cl_next cl_dns_lean(struct cl_pkt *p, const uint8_t *octets, uint32_t kept, uint32_t length)
{
	return take(p, cl_cur_make(octets, kept, length), true);
}

enum cl_next cl_dns_message(struct cl_pkt *p)
{
	return take(p, cl_cur_make(p->cur.base + p->cur.pos, cl_cur_kept(&p->cur), cl_cur_left(&p->cur)),
		    false);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* What messages say of zones and their serial numbers: NOTIFY, SOA records, zone transfers. */
#include "dissect/dns/zone.h"

#include <string.h>

#include "dissect/dns/msg.h"
#include "dissect/dns/name.h"
#include "dissect/dns/transfer.h"
#include "dissect/emit.h"
#include "dissect/zonenote.h"

#define FLAG_AA 0x0400u

enum { TYPE_SOA = 6, TYPE_AXFR = 252, CLASS_IN = 1, NXDOMAIN = 3 };

/* What was read of a message: its question, and the first SOA record. */
struct found {
	struct cl_dns_name question, owner;
	uint16_t qtype, qclass;
	bool asks, soa; /* the members above hold */
	uint32_t serial;
};

/* `name`: the first one is wanted. */
static void read_questions(struct cl_cur *c, uint32_t n, bool name, struct found *f)
{
	for (uint32_t i = 0; i < n && c->err == CL_OK; i++) { /* takes 5 octets or more a turn */
		if (i > 0 || !name) {
			cl_dns_name_skip(c);
			cl_cur_skip(c, 4);
			continue;
		}
		f->asks = cl_dns_name_read(c, &f->question);
		f->qtype = cl_cur_u16(c);
		f->qclass = cl_cur_u16(c);
		f->asks = f->asks && c->err == CL_OK;
	}
}

static void read_soa(struct cl_cur *c, uint32_t n, struct found *f)
{
	for (uint32_t i = 0; i < n && !f->soa; i++) { /* takes 11 octets or more a turn */
		struct cl_cur owner = *c;

		cl_dns_name_skip(c);
		CL_HEAD(10) *h = cl_cur_head(c, sizeof *h, "\2\2\4\2");
		if (h == NULL)
			return;
		struct cl_cur data = *c;
		cl_cur_skip(c, CL_HEAD_U16(h, 8));
		if (c->err != CL_OK)
			return;
		if (CL_HEAD_U16(h, 0) == TYPE_SOA && CL_HEAD_U16(h, 2) == CLASS_IN)
			f->soa = cl_dns_name_read(&owner, &f->owner) &&
				 cl_dns_soa_serial(data, CL_HEAD_U16(h, 8), &f->serial);
	}
}

/* The SOA among the answers; `authority`: or behind them. */
static void read_message(const struct cl_pkt *p, bool name, bool authority, struct found *f)
{
	struct cl_cur c = cl_cur_make(p->cur.base + p->cur.pos, cl_cur_kept(&p->cur), cl_cur_left(&p->cur));
	CL_HEAD(CL_DNS_HEADER) *h = cl_cur_head(&c, sizeof *h, "\2\2\2\2\2\2");

	f->asks = f->soa = false;
	f->owner.len = 0;
	f->serial = 0;
	if (h == NULL)
		return;
	read_questions(&c, CL_HEAD_U16(h, 4), name, f);
	read_soa(&c, CL_HEAD_U16(h, 6) + (authority ? (uint32_t)CL_HEAD_U16(h, 8) : 0), f);
}

static bool is_of_question(const struct found *f)
{
	return f->asks && f->soa && f->qclass == CLASS_IN && f->question.len == f->owner.len &&
	       memcmp(f->question.wire, f->owner.wire, f->owner.len) == 0;
}

static struct cl_zone_note note_of(const struct cl_pkt *p, enum cl_zone_what what, const struct found *f)
{
	const struct cl_event *ev = p->ev;

	return (struct cl_zone_note){ .time_ns = p->last_ns,
				      .src = ev->src,
				      .dst = ev->dst,
				      .zone = f->owner.wire,
				      .zone_octets = f->owner.len,
				      .serial = f->serial,
				      .octets = cl_cur_left(&p->cur),
				      .connection = p->connection,
				      .gaps = p->gaps,
				      .id = ev->u.dns.id,
				      .what = (uint8_t)what };
}

/* Whether the message may belong to a transfer: a further one need not repeat the question. */
static bool is_transfer(const struct cl_dns *dns)
{
	return dns->opcode == 0 && (dns->bits & CL_DNS_TCP) != 0 &&
	       ((dns->bits & CL_DNS_QUESTION) == 0 || dns->qtype == TYPE_AXFR);
}

static struct cl_zone_note note_transfer(const struct cl_pkt *p, const struct found *f)
{
	const struct cl_dns *dns = &p->ev->u.dns;
	struct cl_zone_note note = note_of(p, CL_ZONE_TRANSFER, f);

	note.transfer = dns->transfer;
	note.soa_first = dns->soa_first;
	note.soa_last = dns->soa_last;
	if (dns->rcode != 0 || (dns->transfer & CL_DNS_XFR_ANSWER) == 0)
		note.bits |= CL_ZONE_ENDS;
	if ((dns->transfer & CL_DNS_XFR_FIRST) != 0 && is_of_question(f))
		note.bits |= CL_ZONE_BEGINS;
	return note;
}

/* An answer with authority, and not a further message of one. */
static bool is_answer(const struct cl_pkt *p)
{
	const struct cl_dns *dns = &p->ev->u.dns;

	return *p->zones->answers && dns->opcode == 0 && (dns->bits & CL_DNS_QUESTION) != 0 &&
	       (dns->flags & FLAG_AA) != 0 && (dns->rcode == 0 || dns->rcode == NXDOMAIN);
}

enum cl_next cl_dns_zone_message(struct cl_pkt *p)
{
	const bool notify = p->ev->u.dns.opcode == CL_DNS_OPCODE_NOTIFY,
		   transfer = is_transfer(&p->ev->u.dns);
	struct cl_zone_note notes[2];
	struct found f;
	unsigned n = 0;

	read_message(p, notify || transfer, !notify, &f);
	if (notify && is_of_question(&f) && f.qtype == TYPE_SOA)
		notes[n++] = note_of(p, CL_ZONE_NOTIFY, &f);
	if (transfer)
		notes[n++] = note_transfer(p, &f);
	if (f.soa && is_answer(p))
		notes[n++] = note_of(p, CL_ZONE_ANSWER, &f);
	enum cl_next next = cl_pkt_message(p, CL_EV_DNS);
	for (unsigned i = 0; i < n && !cl_pkt_quoted(p) && p->fate == CL_FATE_COUNTED; i++)
		p->zones->fn(p->zones->ctx, &notes[i]);
	return next;
}

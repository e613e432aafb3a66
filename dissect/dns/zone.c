/* SPDX-License-Identifier: BSD-2-Clause */
/* What messages say of zones and their serial numbers: NOTIFY, SOA records, zone transfers. */
#include "dissect/dns/zone.h"

#include <string.h>

#include "dissect/dns/msg.h"
#include "dissect/dns/name.h"
#include "dissect/dns/transfer.h"
#include "dissect/emit.h"
#include "dissect/zonenote.h"

enum { TYPE_SOA = 6, TYPE_AXFR = 252, CLASS_IN = 1, NXDOMAIN = 3 };

/* What was read of a message: its question, and the first SOA record. */
struct found {
	struct cl_dns_name question, owner;
	uint16_t qtype, qclass;
	bool asks, soa; /* the members above hold */
	uint32_t serial;
};

static void read_questions(struct cl_cur *c, uint32_t n, struct found *f)
{
	for (uint32_t i = 0; i < n && c->err == CL_OK; i++) { /* takes 5 octets or more a turn */
		if (i > 0) {
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
static void read_message(const struct cl_pkt *p, bool authority, struct found *f)
{
	struct cl_cur c = cl_cur_make(p->cur.base + p->cur.pos, cl_cur_kept(&p->cur), cl_cur_left(&p->cur));
	CL_HEAD(CL_DNS_HEADER) *h = cl_cur_head(&c, sizeof *h, "\2\2\2\2\2\2");

	f->asks = f->soa = false;
	if (h == NULL)
		return;
	read_questions(&c, CL_HEAD_U16(h, 4), f);
	read_soa(&c, CL_HEAD_U16(h, 6) + (authority ? (uint32_t)CL_HEAD_U16(h, 8) : 0), f);
}

static bool is_of_question(const struct found *f)
{
	return f->asks && f->soa && f->qclass == CLASS_IN && f->question.len == f->owner.len &&
	       memcmp(f->question.wire, f->owner.wire, f->owner.len) == 0;
}

static void name_zone(struct cl_zone_note *note, const struct found *f)
{
	note->zone = f->owner.wire;
	note->zone_octets = f->owner.len;
	note->serial = f->serial;
}

/* Whether the message may belong to a transfer; a further one need not repeat the question. */
static bool note_transfer(const struct cl_pkt *p, const struct found *f, struct cl_zone_note *note)
{
	const struct cl_dns *dns = &p->ev->u.dns;
	const bool asks = (dns->bits & CL_DNS_QUESTION) != 0;

	if ((dns->bits & CL_DNS_TCP) == 0 || (asks && dns->qtype != TYPE_AXFR))
		return false;
	note->what = CL_ZONE_TRANSFER;
	note->transfer = dns->transfer;
	note->soa_first = dns->soa_first;
	note->soa_last = dns->soa_last;
	if (dns->rcode != 0 || (dns->transfer & CL_DNS_XFR_ANSWER) == 0)
		note->bits |= CL_ZONE_ENDS;
	if ((dns->transfer & CL_DNS_XFR_FIRST) != 0 && is_of_question(f)) {
		note->bits |= CL_ZONE_BEGINS;
		name_zone(note, f);
	}
	return true;
}

/* An answer, and not a further message of one. */
static bool note_answer(const struct cl_pkt *p, const struct found *f, struct cl_zone_note *note)
{
	const struct cl_dns *dns = &p->ev->u.dns;

	if (!f->asks || !f->soa || !*p->zones->answers || (dns->flags & 0x0400u) == 0 ||
	    (dns->rcode != 0 && dns->rcode != NXDOMAIN))
		return false;
	note->what = CL_ZONE_ANSWER;
	name_zone(note, f);
	return true;
}

static bool note_notify(const struct found *f, struct cl_zone_note *note)
{
	if (!is_of_question(f) || f->qtype != TYPE_SOA)
		return false;
	note->what = CL_ZONE_NOTIFY;
	name_zone(note, f);
	return true;
}

enum cl_next cl_dns_zone_message(struct cl_pkt *p)
{
	const struct cl_event *ev = p->ev;
	const struct cl_zone_note note = { .time_ns = p->last_ns,
					   .src = ev->src,
					   .dst = ev->dst,
					   .octets = cl_cur_left(&p->cur),
					   .connection = p->connection,
					   .gaps = p->gaps,
					   .id = ev->u.dns.id };
	struct cl_zone_note notes[2] = { note, note };
	struct found f;
	unsigned n = 0;

	read_message(p, ev->u.dns.opcode == 0, &f);
	if (ev->u.dns.opcode == CL_DNS_OPCODE_NOTIFY) {
		n += note_notify(&f, &notes[n]);
	} else {
		n += note_transfer(p, &f, &notes[n]);
		n += note_answer(p, &f, &notes[n]);
	}
	enum cl_next next = cl_pkt_message(p, CL_EV_DNS);
	for (unsigned i = 0; i < n && !cl_pkt_quoted(p) && p->fate == CL_FATE_COUNTED; i++)
		p->zones->fn(p->zones->ctx, &notes[i]);
	return next;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The packet that an ICMP error quotes (RFC 792, RFC 4443 sec. 3, RFC 4884), and what makes the error count.
 */
#include "dissect/hash.h"
#include "dissect/icmp.h"
#include "dissect/tunnelnotes.h"

/* A quote ends where its sender cut it, which is nobody's fault: its own headers say what it was. */
#define QUOTE_ANNOUNCED 0x01000000u
#define QUOTE_NOTED	48u /* octets of the quoted message that a note has */

bool cl_icmp_head(struct cl_pkt *p, struct cl_icmp_head *h)
{
	struct cl_cur *c = &p->cur;

	h->start = *c;
	h->type = cl_cur_u8(c);
	h->code = cl_cur_u8(c);
	h->checksum = cl_cur_u16(c);
	if (c->err != CL_OK) {
		cl_pkt_failed_by(p, c, CL_ANOM_ICMP_TOO_SHORT);
		return false;
	}
	struct cl_cur rest = *c;
	h->rest = cl_cur_u32(&rest);
	if (rest.err == CL_OK)
		*c = rest;
	if (p->tunnel_notes != NULL)
		cl_tunnel_note_icmp(p, h);
	return true;
}

/* The first octets of the message behind the quoted packet's UDP or TCP header, where the quote has them. */
static void note_message(struct cl_pkt *p, uint8_t proto)
{
	struct cl_cur c = p->cur;

	if (proto == 6) {
		cl_cur_skip(&c, 8); /* numbers; the ports have been read */
		uint32_t header = (cl_cur_u16(&c) >> 12) * 4u;
		if (header < 20)
			return;
		cl_cur_skip(&c, header - 14);
	}
	if (c.err != CL_OK)
		return;
	uint32_t kept = cl_cur_kept(&c);
	struct cl_span s = cl_cur_take(&c, kept < QUOTE_NOTED ? kept : QUOTE_NOTED);
	cl_note_put(p->note, CL_PIECE_QUOTE, s.ptr, s.len);
}

/* The packet's octets, moved to where a cursor begins. */
static struct cl_cur quote_of(const struct cl_cur *c, uint32_t length)
{
	uint32_t kept = cl_cur_kept(c);

	if (length != 0 && length < kept)
		kept = length;
	return cl_cur_make(c->base + c->pos, kept, QUOTE_ANNOUNCED);
}

enum cl_next cl_icmp_error(struct cl_pkt *p, const struct cl_icmp_head *h, uint32_t length, enum cl_next next)
{
	struct cl_cur *c = &p->cur;
	bool quoted = cl_pkt_quoted(p), cut = c->end < c->len;

	cl_cur_skip(c, 8 - (c->pos - h->start.pos));
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_ICMP_TOO_SHORT);
	if (quoted && p->detail == NULL) /* an error about an error counts for nothing */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (!quoted) {
		cl_pkt_fate(p, cut ? CL_FATE_TRUNCATED : CL_FATE_OTHER);
		p->quote = (struct cl_icmp){ .type = h->type,
					     .code = h->code,
					     .family = next == CL_NEXT_IP4 ? 4 : 6 };
		if (p->note != NULL)
			p->note->length = cl_cur_left(&h->start);
		p->sender = p->ev->src;
		p->asked = p->ev->dst;
		p->quotes = 0;
	}
	p->quotes++;
	p->layers++;
	p->flags = CL_LF_QUOTED; /* whether the quote is tunnelled, it says itself */
	p->cur = quote_of(c, length);
	return next;
}

enum cl_next cl_icmp_shown(struct cl_pkt *p, const struct cl_cur *quote, enum cl_next next)
{
	cl_pkt_fate(p, CL_FATE_OTHER);
	if (quote->err != CL_OK || cl_cur_kept(quote) == 0)
		return CL_NEXT_DONE;
	p->quotes = 2;
	p->layers++;
	p->flags = CL_LF_QUOTED;
	p->cur = quote_of(quote, 0);
	return next;
}

/* Which side of the quoted packet serves, where both ports are the service's: by what it says, else it came
 * from the server, as most that draw errors do. */
static bool is_response(const struct cl_pkt *p, bool dns)
{
	struct cl_cur c = p->cur;

	if (dns)
		cl_cur_skip(&c, 2);
	uint8_t octet = cl_cur_u8(&c);
	if (c.err != CL_OK)
		return true;
	return dns ? (octet & 0x80) != 0 : (octet & 7) != 1 && (octet & 7) != 3;
}

static enum cl_next service_of(const struct cl_pkt *p, uint16_t sport, uint16_t dport, uint8_t proto)
{
	if (proto == 17)
		return cl_udp_service(p->limits, sport, dport);
	return cl_tcp_is_dns(p->limits, sport, dport) ? CL_NEXT_DNS : CL_NEXT_DONE;
}

bool cl_icmp_quote(struct cl_pkt *p, uint16_t sport, uint16_t dport, uint8_t proto)
{
	struct cl_icmp *q = &p->quote;
	enum cl_next service = service_of(p, sport, dport, proto);
	bool dns = service == CL_NEXT_DNS;

	if (p->quotes != 1 || (!dns && service != CL_NEXT_NTP)) {
		cl_pkt_fate(p, CL_FATE_OTHER);
		return p->detail != NULL;
	}
	q->sport = sport;
	q->dport = dport;
	bool from = service_of(p, sport, 0, proto) == service, to = service_of(p, 0, dport, proto) == service;
	if (from && (!to || is_response(p, dns)))
		q->bits |= CL_ICMP_RESPONSE;
	if (dns)
		q->bits |= CL_ICMP_DNS;
	if (proto == 6)
		q->bits |= CL_ICMP_TCP;
	if (proto == 17) {
		q->quoted_len = cl_cur_kept(&p->cur);
		q->payload = cl_hash(p->cur.base + p->cur.pos, q->quoted_len, p->limits->hash_seed);
	}
	if (p->note != NULL)
		note_message(p, proto);
	cl_pkt_icmp_error(p);
	p->quotes++; /* once */
	return p->detail != NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The TCP header (RFC 9293 sec. 3.1). */
#include "dissect/tcp.h"

#include "dissect/tcp_state.h"
#include "dissect/tunnelnotes.h"

#define MIN_HEADER 20u

/* The header; the cursor is behind it and its options afterwards. False: it is not all there, or wrong; what
 * it tells may still be shown. */
static bool read_header(struct cl_pkt *p, struct cl_tcp_header *h)
{
	struct cl_cur *c = &p->cur;

	h->seq = cl_cur_u32(c);
	h->ack = cl_cur_u32(c);
	uint16_t word = cl_cur_u16(c);
	h->window = cl_cur_u16(c);
	cl_cur_skip(c, 4); /* checksum, urgent pointer */
	h->header = 0;
	h->flags = word & 0xfffu;
	if (c->err != CL_OK) {
		cl_pkt_failed_by(p, c, CL_ANOM_TCP_BAD_HEADER_LENGTH);
		return false;
	}
	h->header = (word >> 12) * 4u;
	if (h->header < MIN_HEADER || h->header - MIN_HEADER > cl_cur_left(c)) {
		cl_pkt_malformed(p, CL_ANOM_TCP_BAD_HEADER_LENGTH);
		return false;
	}
	if (h->header - MIN_HEADER > cl_cur_kept(c)) {
		cl_pkt_fate(p, CL_FATE_TRUNCATED);
		return false;
	}
	cl_cur_skip(c, h->header - MIN_HEADER);
	return true;
}

/* Numbers the conversation of a segment behind whose ports `c` stands. */
static void number(struct cl_pkt *p, struct cl_cur c)
{
	struct cl_tcp_header h = { 0 };

	h.seq = cl_cur_u32(&c);
	h.ack = cl_cur_u32(&c);
	h.flags = cl_cur_u16(&c) & 0xfffu;
	cl_tcp_number(p, &h);
}

/* Not ours: shown or numbered if somebody looks, and no more than that. */
static enum cl_next other(struct cl_pkt *p, struct cl_cur whole)
{
	struct cl_tcp_header h;

	if (p->detail != NULL) {
		read_header(p, &h);
		cl_tcp_put(p, whole, &h);
	} else if (p->note != NULL && !cl_pkt_quoted(p)) {
		number(p, p->cur);
	}
	return cl_pkt_fate(p, CL_FATE_OTHER);
}

enum cl_next cl_tcp(struct cl_pkt *p)
{
	const struct cl_cur whole = p->cur;
	uint16_t sport = cl_cur_u16(&p->cur), dport = cl_cur_u16(&p->cur);
	struct cl_tcp_header h;
	struct cl_tcp_kind kind;

	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_TCP_BAD_HEADER_LENGTH);
	p->ev->sport = sport;
	p->ev->dport = dport;
	if (cl_rare(p->tunnel_notes != NULL))
		cl_tunnel_note_tcp(p, whole);
	if (cl_pkt_quoted(p)) {
		if (p->note != NULL)
			cl_tcp_number_quoted(p);
		(void)cl_icmp_quote(p, sport, dport, 6);
		return other(p, whole);
	}
	if (!cl_tcp_kind_of(p, &kind))
		return other(p, whole);
	if (p->detail == NULL && p->note != NULL)
		number(p, p->cur);
	bool whole_header = read_header(p, &h);
	if (p->detail != NULL)
		cl_tcp_put(p, whole, &h);
	if (whole_header)
		cl_tcp_segment(p, &kind, &h);
	return CL_NEXT_DONE;
}

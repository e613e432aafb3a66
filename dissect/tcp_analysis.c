/* SPDX-License-Identifier: BSD-2-Clause */
/* What a segment says about those before it, as Wireshark's tcp.analysis fields name it, in one pass. */
#include <stdlib.h>

#include "dissect/tcp_state.h"

#define PSH 0x008u

#define FAST_NS		INT64_C(20000000) /* a retransmission so soon after duplicate ACKs is a fast one */
#define OUT_OF_ORDER_NS INT64_C(3000000)  /* without a round trip known: later, it is a retransmission */

#define FIELD(id, name, label, type, flags)                                                                  \
	static const struct cl_field id = { name, label, type, CL_DEC, flags, NULL }
#define FINDING(id, name, label) FIELD(id, "tcp.analysis." name, label, CL_V_NONE, CL_FD_GENERATED)

FIELD(f_analysis, "tcp.analysis", "SEQ/ACK analysis", CL_V_NONE, CL_FD_GENERATED);
FIELD(f_flags, "tcp.analysis.flags", "TCP Analysis Flags", CL_V_NONE, CL_FD_GENERATED);
FIELD(f_acks, "tcp.analysis.acks_frame", "This is an ACK to the segment in frame", CL_V_UINT,
      CL_FD_GENERATED);
FIELD(f_ack_rtt, "tcp.analysis.ack_rtt", "The RTT to ACK the segment was", CL_V_DURATION, CL_FD_GENERATED);
FIELD(f_rtt, "tcp.analysis.initial_rtt", "iRTT", CL_V_DURATION, CL_FD_GENERATED);
FIELD(f_flight, "tcp.analysis.bytes_in_flight", "Bytes in flight", CL_V_UINT, CL_FD_GENERATED);
FIELD(f_push, "tcp.analysis.push_bytes_sent", "Bytes sent since last PSH flag", CL_V_UINT, CL_FD_GENERATED);
FIELD(f_dup_num, "tcp.analysis.duplicate_ack_num", "Duplicate ACK #", CL_V_UINT, CL_FD_GENERATED);
FIELD(f_dup_frame, "tcp.analysis.duplicate_ack_frame", "Duplicate to the ACK in frame", CL_V_UINT,
      CL_FD_GENERATED);
FIELD(f_rto, "tcp.analysis.rto", "The RTO for this segment was", CL_V_DURATION, CL_FD_GENERATED);
FIELD(f_rto_frame, "tcp.analysis.rto_frame", "RTO based on delta from frame", CL_V_UINT, CL_FD_GENERATED);

/* Findings, in the order in which they are put. */
enum {
	REUSED,
	RETRANSMISSION,
	FAST,
	SPURIOUS,
	OUT_OF_ORDER,
	LOST,
	ACK_LOST,
	WINDOW_UPDATE,
	WINDOW_FULL,
	KEEP_ALIVE,
	KEEP_ALIVE_ACK,
	DUPLICATE_ACK,
	ZERO_PROBE,
	ZERO_WINDOW,
	ZERO_PROBE_ACK,
	FINDINGS
};

static const struct cl_field findings[FINDINGS] = {
	[REUSED] = { "tcp.analysis.reused_ports", "The ports of an earlier session are used again", CL_V_NONE,
		     0, CL_FD_GENERATED, NULL },
	[RETRANSMISSION] = { "tcp.analysis.retransmission", "This frame is a (suspected) retransmission",
			     CL_V_NONE, 0, CL_FD_GENERATED, NULL },
	[FAST] = { "tcp.analysis.fast_retransmission", "This frame is a (suspected) fast retransmission",
		   CL_V_NONE, 0, CL_FD_GENERATED, NULL },
	[SPURIOUS] = { "tcp.analysis.spurious_retransmission",
		       "This frame is a (suspected) spurious retransmission", CL_V_NONE, 0, CL_FD_GENERATED,
		       NULL },
	[OUT_OF_ORDER] = { "tcp.analysis.out_of_order", "This frame is a (suspected) out-of-order segment",
			   CL_V_NONE, 0, CL_FD_GENERATED, NULL },
	[LOST] = { "tcp.analysis.lost_segment", "Previous segments were not captured", CL_V_NONE, 0,
		   CL_FD_GENERATED, NULL },
	[ACK_LOST] = { "tcp.analysis.ack_lost_segment", "Acknowledged segment that was not captured",
		       CL_V_NONE, 0, CL_FD_GENERATED, NULL },
	[WINDOW_UPDATE] = { "tcp.analysis.window_update", "TCP window update", CL_V_NONE, 0, CL_FD_GENERATED,
			    NULL },
	[WINDOW_FULL] = { "tcp.analysis.window_full", "The receiver's window is now full", CL_V_NONE, 0,
			  CL_FD_GENERATED, NULL },
	[KEEP_ALIVE] = { "tcp.analysis.keep_alive", "TCP keep-alive segment", CL_V_NONE, 0, CL_FD_GENERATED,
			 NULL },
	[KEEP_ALIVE_ACK] = { "tcp.analysis.keep_alive_ack", "ACK to a TCP keep-alive segment", CL_V_NONE, 0,
			     CL_FD_GENERATED, NULL },
	[DUPLICATE_ACK] = { "tcp.analysis.duplicate_ack", "Duplicate ACK", CL_V_NONE, 0, CL_FD_GENERATED,
			    NULL },
	[ZERO_PROBE] = { "tcp.analysis.zero_window_probe", "TCP Zero Window Probe", CL_V_NONE, 0,
			 CL_FD_GENERATED, NULL },
	[ZERO_WINDOW] = { "tcp.analysis.zero_window", "TCP Zero Window segment", CL_V_NONE, 0,
			  CL_FD_GENERATED, NULL },
	[ZERO_PROBE_ACK] = { "tcp.analysis.zero_window_probe_ack", "ACK to a TCP Zero Window Probe",
			     CL_V_NONE, 0, CL_FD_GENERATED, NULL },
};

#define BIT(i)	(1u << (i))
#define CONTROL (CL_TCP_SYN | CL_TCP_FIN | CL_TCP_RST)

struct segment {
	const struct cl_tcp_header *h;
	uint32_t len, end; /* octets of payload; the number behind them, SYN and FIN counted */
	uint32_t window;
	int64_t now;
	uint64_t frame;
};

/* Findings of a segment that is no new data: probes, keep-alives, duplicates. `stop`: it is nothing else. */
static unsigned judge_window(const struct segment *g, const struct cl_flow *fwd, const struct cl_flow *rev,
			     bool *stop)
{
	bool plain = (g->h->flags & CONTROL) == 0;
	unsigned found = 0;

	*stop = true;
	if (g->len == 1 && fwd->has_next && g->h->seq == fwd->next && rev->has_ack && rev->window == 0)
		return BIT(ZERO_PROBE);
	if (g->window == 0 && plain)
		found |= BIT(ZERO_WINDOW);
	if (fwd->has_next && cl_tcp_after(g->h->seq, fwd->next) > 0 && (g->h->flags & CL_TCP_RST) == 0)
		found |= BIT(LOST);
	if (g->len <= 1 && fwd->has_next && g->h->seq == fwd->next - 1 && plain)
		found |= BIT(KEEP_ALIVE);
	bool again = g->len == 0 && fwd->has_next && g->h->seq == fwd->next && fwd->has_ack &&
		     g->h->ack == fwd->ack && plain;
	if (again && g->window != 0 && g->window != fwd->window)
		found |= BIT(WINDOW_UPDATE);
	if (g->len > 0 && rev->has_ack && rev->scale != -1 && plain && g->end == rev->ack + rev->window)
		found |= BIT(WINDOW_FULL);
	if (again && g->window != 0 && g->window == fwd->window && rev->keep_alive)
		return found | BIT(KEEP_ALIVE_ACK);
	if (again && g->window == 0 && fwd->window == 0 && rev->probe)
		return found | BIT(ZERO_PROBE_ACK);
	if (again && g->window == fwd->window && (found & BIT(ZERO_WINDOW)) == 0)
		found |= BIT(DUPLICATE_ACK);
	*stop = false;
	return found;
}

/* Findings of octets that were sent before. */
static unsigned judge_again(const struct segment *g, const struct cl_conversation *c,
			    const struct cl_flow *fwd, const struct cl_flow *rev)
{
	if (!fwd->has_next || cl_tcp_after(fwd->next, g->h->seq) <= 0)
		return 0;
	if (g->len == 0 && (g->h->flags & (CL_TCP_SYN | CL_TCP_FIN)) == 0)
		return 0;
	if (g->len > 0 && rev->has_ack && cl_tcp_after(g->h->seq + g->len, rev->ack) <= 0)
		return BIT(SPURIOUS);
	if (rev->dup_acks >= 2 && rev->ack == g->h->seq && cl_since(g->now, rev->ack_ns) < FAST_NS)
		return BIT(FAST) | BIT(RETRANSMISSION);
	int64_t limit = c->rtt_ns != 0 ? c->rtt_ns : OUT_OF_ORDER_NS;
	if (cl_since(g->now, fwd->next_ns) < limit && fwd->next != g->end)
		return BIT(OUT_OF_ORDER);
	return BIT(RETRANSMISSION);
}

/* Which of the other side's segments is acknowledged; those that are go. */
static struct cl_flow_segment acknowledge(struct cl_flow *rev, uint32_t ack)
{
	struct cl_flow_segment hit = { 0 };
	uint16_t kept = 0;

	for (uint16_t i = 0; i < rev->segments; i++) {
		if (rev->segment[i].end == ack && hit.frame == 0)
			hit = rev->segment[i];
		if (cl_tcp_after(rev->segment[i].end, ack) > 0)
			rev->segment[kept++] = rev->segment[i];
	}
	rev->segments = kept;
	rev->lossy = false;
	return hit;
}

/* What was sent and has not been acknowledged, by a selective acknowledgement (RFC 2018) either. */
static uint32_t in_flight(const struct cl_flow *f, uint32_t sacked)
{
	uint32_t first, last;

	if (f->segments == 0 || f->lossy)
		return 0;
	first = f->segment[0].seq;
	last = f->segment[0].end;
	for (uint16_t i = 1; i < f->segments; i++) {
		if (cl_tcp_after(first, f->segment[i].seq) > 0)
			first = f->segment[i].seq;
		if (cl_tcp_after(f->segment[i].end, last) > 0)
			last = f->segment[i].end;
	}
	return last - first > sacked ? last - first - sacked : 0;
}

static void put_findings(struct cl_detail *d, unsigned found, const struct cl_flow *fwd)
{
	if (found == 0)
		return;
	cl_put_none(d, &f_flags);
	for (unsigned i = 0; i < FINDINGS; i++)
		if ((found & BIT(i)) != 0)
			cl_put_none(d, &findings[i]);
	if ((found & BIT(DUPLICATE_ACK)) != 0) {
		cl_put_none(d, &findings[DUPLICATE_ACK]);
		cl_put_uint(d, &f_dup_num, fwd->dup_acks);
		cl_put_uint(d, &f_dup_frame, fwd->ack_frame);
	}
}

/* The handshake's round trip: from the SYN to its sender's first segment with ACK alone. */
static void time_handshake(struct cl_conversation *c, unsigned dir, const struct segment *g)
{
	unsigned flags = g->h->flags & (CL_TCP_SYN | CL_TCP_ACK);

	if (flags == CL_TCP_SYN) {
		c->syn_ns = g->now;
		c->opener = (uint8_t)dir;
	} else if (flags == CL_TCP_ACK && c->syn_ns != 0 && c->rtt_ns == 0 && c->opener == dir) {
		c->rtt_ns = cl_since(g->now, c->syn_ns);
	}
}

/* The first segment that began with this number and has not been acknowledged; else the last new one. */
static struct cl_flow_segment first_sent(const struct cl_flow *f, uint32_t seq)
{
	for (uint16_t i = 0; i < f->segments; i++)
		if (f->segment[i].seq == seq)
			return f->segment[i];
	return (struct cl_flow_segment){ seq, seq, f->next_frame, f->next_ns };
}

static void note_acknowledgement(const struct segment *g, struct cl_flow *fwd, bool duplicate)
{
	if ((g->h->flags & CL_TCP_ACK) == 0)
		return;
	if (duplicate) {
		fwd->dup_acks++;
	} else if (!fwd->has_ack || g->h->ack != fwd->ack) {
		fwd->dup_acks = 0;
		fwd->ack_frame = g->frame;
	}
	fwd->ack = g->h->ack;
	fwd->has_ack = true;
	fwd->ack_ns = g->now;
}

void cl_tcp_analyse(struct cl_pkt *p, struct cl_conversation *c, unsigned dir, const struct cl_tcp_header *h,
		    uint32_t len)
{
	struct cl_flow *fwd = &c->flow[dir], *rev = &c->flow[1 - dir];
	struct segment g = { h,
			     len,
			     h->seq + len + ((h->flags & (CL_TCP_SYN | CL_TCP_FIN)) != 0),
			     h->window,
			     p->frame->time_ns,
			     p->frame->number };
	bool stop;
	unsigned found;
	struct cl_flow_segment hit = { 0 };
	uint32_t flight = 0;

	if ((h->flags & CL_TCP_SYN) == 0 && fwd->scale > 0)
		g.window <<= fwd->scale;
	time_handshake(c, dir, &g);
	found = judge_window(&g, fwd, rev, &stop);
	found |= c->renewed ? BIT(REUSED) : 0;
	c->renewed = false;
	if ((h->flags & CL_TCP_ACK) != 0 && rev->has_next && cl_tcp_after(h->ack, rev->acked) > 0) {
		found |= BIT(ACK_LOST);
		rev->acked = rev->next;
	}
	if (!stop && (found & BIT(KEEP_ALIVE)) == 0)
		found |= judge_again(&g, c, fwd, rev);
	if ((found & BIT(LOST)) != 0)
		fwd->lossy = true;
	struct cl_flow_segment sent = { 0 };
	if ((found & BIT(RETRANSMISSION)) != 0)
		sent = first_sent(fwd, h->seq);
	note_acknowledgement(&g, fwd, (found & BIT(DUPLICATE_ACK)) != 0);
	fwd->window = g.window;
	fwd->keep_alive = (found & BIT(KEEP_ALIVE)) != 0;
	fwd->probe = (found & BIT(ZERO_PROBE)) != 0;
	if (!fwd->has_next || (cl_tcp_after(g.end, fwd->next) > 0 && !fwd->probe)) {
		if (!fwd->has_next)
			fwd->acked = h->seq;
		fwd->next = g.end;
		fwd->next_ns = g.now;
		fwd->next_frame = g.frame;
		fwd->has_next = true;
	}
	if (h->seq == fwd->acked && !fwd->probe)
		fwd->acked = fwd->next;
	if (g.end != h->seq && !fwd->keep_alive)
		cl_flow_add(cl_streams_conversations(p->streams), fwd,
			    &(struct cl_flow_segment){ h->seq, g.end, g.frame, g.now });
	if ((h->flags & CL_TCP_ACK) != 0)
		hit = acknowledge(rev, h->ack);
	if (len > 0)
		flight = in_flight(fwd, rev->sacked);
	if (flight > 0) /* SYN and FIN are no octets */
		flight -= (h->flags & (CL_TCP_SYN | CL_TCP_FIN)) != 0;

	if (hit.frame == 0 && flight == 0 && found == 0)
		return;
	cl_put_none(p->detail, &f_analysis);
	if (hit.frame != 0) {
		cl_put_uint(p->detail, &f_acks, hit.frame);
		if (g.now != hit.time_ns)
			cl_put_int(p->detail, &f_ack_rtt, cl_since(g.now, hit.time_ns));
	}
	if (c->rtt_ns != 0)
		cl_put_int(p->detail, &f_rtt, c->rtt_ns);
	if (flight > 0) {
		fwd->push_bytes = fwd->pushed ? len : fwd->push_bytes + len;
		fwd->pushed = (h->flags & PSH) != 0;
		cl_put_uint(p->detail, &f_flight, flight);
		cl_put_uint(p->detail, &f_push, fwd->push_bytes);
	}
	put_findings(p->detail, found, fwd);
	if (sent.frame != 0) {
		cl_put_int(p->detail, &f_rto, cl_since(g.now, sent.time_ns));
		cl_put_uint(p->detail, &f_rto_frame, sent.frame);
	}
}

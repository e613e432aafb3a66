/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes of packets in tunnels: each layer tells what it knows as it is read. */
#include "dissect/tunnelnote.h"

#include "dissect/icmp.h"
#include "dissect/ip.h"
#include "dissect/tcp_state.h"
#include "dissect/tunnelnotes.h"

_Static_assert(CL_FACT_TUNNEL_MPLS - CL_FACT_TUNNEL_6IN4 + 1 == CL_TUNNEL_KINDS, "a kind each");

#define IP4_DONT_FRAGMENT 0x4000u

void cl_tunnel_notes_flush(struct cl_tunnel_notes *t)
{
	for (unsigned i = 0; i < t->count; i++)
		t->fn(t->ctx, &t->open[i].note);
	t->count = 0;
	t->frame = NULL;
	t->fragment.frame = NULL;
	t->error.frame = NULL;
}

/* Notes of the frame at hand follow; those of the one before are done. */
static void at_frame(struct cl_tunnel_notes *t, const struct cl_pkt *p)
{
	if (t->frame == p->frame)
		return;
	cl_tunnel_notes_flush(t);
	t->frame = p->frame;
}

/* The innermost tunnel that the packet at hand is in; NULL: none. */
static struct cl_tunnel_open *innermost(const struct cl_pkt *p)
{
	struct cl_tunnel_notes *t = p->tunnel_notes;

	if (t->frame != p->frame || t->count == 0 || (p->flags & CL_LF_TUNNELLED) == 0 || cl_pkt_quoted(p))
		return NULL;
	return &t->open[t->count - 1];
}

/* What the IP header read last says of the tunnel. It is where the cursor still is. */
static struct cl_tunnel_note outer(const struct cl_pkt *p, enum cl_tunnel_what what, enum cl_fact kind)
{
	const struct cl_tunnel_notes *t = p->tunnel_notes;
	struct cl_tunnel_note note = { .time_ns = p->frame->time_ns,
				       .src = p->ev->src,
				       .dst = p->ev->dst,
				       .bytes = p->frame->wire_len,
				       .packets = 1,
				       .what = (uint8_t)what,
				       .kind = (uint8_t)(kind - CL_FACT_TUNNEL_6IN4),
				       .level = (uint8_t)(1 + t->count),
				       .ttl = p->ip_ttl };

	if (p->ip_version != 4)
		return note;
	struct cl_cur c = p->cur;
	c.pos = p->ip_at;
	cl_cur_skip(&c, 4);
	note.ip_id = cl_cur_u16(&c);
	if ((cl_cur_u16(&c) & IP4_DONT_FRAGMENT) != 0)
		note.bits |= CL_TUNNEL_DF;
	return note;
}

/* What the error's layer told, and the quoted header. Of a quote, the first tunnel. */
static void note_error(struct cl_pkt *p, enum cl_fact kind)
{
	struct cl_tunnel_notes *t = p->tunnel_notes;

	if (t->error.frame != p->frame || p->quotes != 1 || (p->flags & CL_LF_TUNNELLED) != 0)
		return;
	const struct cl_tunnel_note note = { .time_ns = p->frame->time_ns,
					     .src = p->ev->src,
					     .dst = p->ev->dst,
					     .inner_src = p->sender,
					     .inner_dst = p->asked,
					     .what = CL_TUNNEL_ERROR,
					     .kind = (uint8_t)(kind - CL_FACT_TUNNEL_6IN4),
					     .icmp_type = t->error.type,
					     .icmp_code = t->error.code,
					     .icmp_rest = t->error.rest,
					     .family = p->quote.family,
					     .bits = CL_TUNNEL_ICMP };
	t->fn(t->ctx, &note);
}

/* The outer packet was put together from fragments, which told of themselves if they showed the tunnel. */
static void take_fragments(struct cl_pkt *p, struct cl_tunnel_note *note, enum cl_fact kind)
{
	const struct cl_tunnel_note *last = &p->tunnel_notes->fragment.note;
	const bool told = kind <= CL_FACT_TUNNEL_6IN6;

	note->ttl = last->ttl;
	note->ip_id = last->ip_id;
	note->bits = (last->bits & CL_TUNNEL_DF) | CL_TUNNEL_FRAGMENTED;
	note->packets = told ? 0 : 1 + p->held;
	note->bytes = told ? 0 : p->wire_bytes;
}

void cl_tunnel_note_enter(struct cl_pkt *p, enum cl_fact kind)
{
	struct cl_tunnel_notes *t = p->tunnel_notes;
	bool fragmented;

	if (p->barred == CL_FATE_FILTERED)
		return;
	if (cl_pkt_quoted(p)) {
		note_error(p, kind);
		return;
	}
	at_frame(t, p);
	if (t->count == CL_TUNNELS_OPEN_MAX)
		return;
	if (t->count > 0)
		t->open[t->count - 1].note.carried = (uint8_t)(1 + kind - CL_FACT_TUNNEL_6IN4);
	fragmented = t->fragment.frame == p->frame && t->fragment.layers == p->layers;
	struct cl_tunnel_open *open = &t->open[t->count];
	open->base = fragmented ? NULL : p->cur.base;
	open->at = p->ip_at;
	if (fragmented) {
		open->note = t->fragment.note;
		open->note.what = CL_TUNNEL_PACKET;
		open->note.kind = (uint8_t)(kind - CL_FACT_TUNNEL_6IN4);
		take_fragments(p, &open->note, kind);
	} else {
		open->note = outer(p, CL_TUNNEL_PACKET, kind);
	}
	t->count++;
}

/* The header of the inner packet that was read last, once. */
static void see_inner(const struct cl_pkt *p, struct cl_tunnel_open *open)
{
	struct cl_tunnel_note *note = &open->note;

	if (note->inner_version == 0) {
		note->inner_version = p->ip_version;
		note->inner_src = p->ev->src;
		note->inner_dst = p->ev->dst;
		note->inner_octets = p->cur.len - p->ip_at;
		if (open->base == p->cur.base)
			note->overhead = p->ip_at - open->at;
	}
	note->inner_proto = (uint8_t)p->proto;
}

void cl_tunnel_note_fragment(struct cl_pkt *p)
{
	struct cl_tunnel_notes *t = p->tunnel_notes;
	struct cl_tunnel_open *open = innermost(p);
	const enum cl_fact kind = cl_tunnel_kind(p);

	if (cl_pkt_quoted(p) || p->barred == CL_FATE_FILTERED)
		return;
	at_frame(t, p);
	if (open != NULL) {
		see_inner(p, open);
		open->note.bits |= CL_TUNNEL_INNER_FRAGMENT;
	}
	t->fragment.frame = p->frame;
	t->fragment.layers = p->layers;
	t->fragment.note = outer(p, CL_TUNNEL_FRAGMENT, kind);
	t->fragment.note.bits |= CL_TUNNEL_FRAGMENTED;
	if (p->proto == IP_IPIP || p->proto == IP_IPV6)
		t->fn(t->ctx, &t->fragment.note);
}

void cl_tunnel_note_inner(struct cl_pkt *p)
{
	struct cl_tunnel_open *open = innermost(p);

	if (open == NULL)
		return;
	see_inner(p, open);
	if ((open->note.bits & CL_TUNNEL_INNER_FRAGMENT) != 0)
		open->note.bits |= CL_TUNNEL_INNER_WHOLE;
}

void cl_tunnel_note_udp(struct cl_pkt *p)
{
	struct cl_tunnel_open *open = innermost(p);
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;

	if (open == NULL || (p->fated && (p->fate == CL_FATE_MALFORMED || p->fate == CL_FATE_TRUNCATED)))
		return;
	const enum cl_next next = cl_udp_service(p->limits, sport, dport);
	open->note.sport = sport;
	open->note.dport = dport;
	open->note.bits |= CL_TUNNEL_PORTS;
	open->note.service = next == CL_NEXT_NTP   ? CL_TUNNEL_SERVICE_NTP
			     : next == CL_NEXT_DNS ? CL_TUNNEL_SERVICE_DNS
						   : CL_TUNNEL_SERVICE_NONE;
}

void cl_tunnel_note_tcp(struct cl_pkt *p, struct cl_cur header)
{
	struct cl_tunnel_open *open = innermost(p);

	if (open == NULL)
		return;
	open->note.sport = p->ev->sport;
	open->note.dport = p->ev->dport;
	open->note.bits |= CL_TUNNEL_PORTS;
	open->note.mss = cl_tcp_mss(header);
	if (cl_tcp_is_dns(p->limits, p->ev->sport, p->ev->dport))
		open->note.service = CL_TUNNEL_SERVICE_DNS;
}

void cl_tunnel_note_icmp(struct cl_pkt *p, const struct cl_icmp_head *h)
{
	struct cl_tunnel_notes *t = p->tunnel_notes;
	struct cl_tunnel_open *open = innermost(p);

	if (cl_pkt_quoted(p))
		return;
	at_frame(t, p);
	t->error.frame = p->frame;
	t->error.type = h->type;
	t->error.code = h->code;
	t->error.rest = h->rest;
	if (open == NULL)
		return;
	open->note.icmp_type = h->type;
	open->note.icmp_code = h->code;
	open->note.icmp_rest = h->rest;
	open->note.bits |= CL_TUNNEL_ICMP;
}

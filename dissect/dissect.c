/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dissect.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/packet.h"

#define EVENTS 64

struct cl_dissector {
	struct cl_limits limits;
	cl_events_fn emit;
	void *ctx;
	struct cl_ledger ledger;
	size_t pending;
	struct cl_event events[EVENTS];
};

typedef enum cl_next layer_fn(struct cl_pkt *p);

/* The layers by enum cl_next. */
static layer_fn *const layers[CL_NEXT_KINDS] = {
	[CL_NEXT_ETHERNET] = cl_ethernet, [CL_NEXT_SLL] = cl_sll,
	[CL_NEXT_SLL2] = cl_sll2,	  [CL_NEXT_NULL] = cl_null,
	[CL_NEXT_LOOP] = cl_loop,	  [CL_NEXT_PPP] = cl_ppp,
	[CL_NEXT_RAW] = cl_raw,		  [CL_NEXT_ETHERTYPE] = cl_ethertype,
	[CL_NEXT_IP4] = cl_ip4,		  [CL_NEXT_IP6] = cl_ip6,
	[CL_NEXT_IP_PROTO] = cl_ip_proto, [CL_NEXT_UDP] = cl_udp,
	[CL_NEXT_NTP] = cl_ntp_message,	  [CL_NEXT_DNS] = cl_dns_message,
	[CL_NEXT_MDNS] = cl_mdns,	  [CL_NEXT_LLMNR] = cl_llmnr,
};

struct cl_dissector *cl_dissector_new(const struct cl_limits *limits, cl_events_fn emit, void *ctx)
{
	struct cl_dissector *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->limits = *limits;
	d->emit = emit;
	d->ctx = ctx;
	return d;
}

void cl_dissector_free(struct cl_dissector *d)
{
	free(d);
}

void cl_dissector_filtered(struct cl_dissector *d, size_t n)
{
	d->ledger.fate[CL_FATE_FILTERED] += n;
}

const struct cl_ledger *cl_dissector_ledger(const struct cl_dissector *d)
{
	return &d->ledger;
}

enum cl_next cl_pkt_fate(struct cl_pkt *p, enum cl_fate fate)
{
	p->ledger->fate[fate]++;
	return CL_NEXT_DONE;
}

enum cl_next cl_pkt_undecoded(struct cl_pkt *p, enum cl_undecoded kind, uint32_t value)
{
	cl_ledger_undecoded(p->ledger, kind, value);
	return CL_NEXT_DONE;
}

enum cl_next cl_pkt_failed(struct cl_pkt *p, const struct cl_cur *c)
{
	return cl_pkt_fate(p, c->err == CL_ETRUNC ? CL_FATE_TRUNCATED : CL_FATE_MALFORMED);
}

static bool is_server(const struct cl_limits *l, const struct cl_addr *a)
{
	for (size_t i = 0; i < l->server_count; i++)
		if (memcmp(l->servers[i].b, a->b, sizeof a->b) == 0)
			return true;
	return false;
}

/* Whether the message is of one of the servers asked for; a symmetric peer or one apart counts on either
 * side. */
static bool is_wanted(const struct cl_pkt *p)
{
	const struct cl_event *ev = p->ev;
	bool either = ev->role == CL_ROLE_APART || (ev->kind == CL_EV_NTP && ev->u.ntp.mode == 1);

	if (p->limits->servers == NULL)
		return true;
	if ((ev->role == CL_ROLE_REQUEST || either) && is_server(p->limits, &ev->dst))
		return true;
	return (ev->role == CL_ROLE_RESPONSE || either) && is_server(p->limits, &ev->src);
}

enum cl_next cl_pkt_message(struct cl_pkt *p, enum cl_event_kind kind)
{
	const struct cl_frame *f = p->frame;

	p->ev->kind = (uint8_t)kind;
	if (!is_wanted(p))
		return cl_pkt_fate(p, CL_FATE_FILTERED);
	p->ev->time_ns = f->time_ns;
	p->ev->frame_no = f->number;
	p->ev->wire_len = f->wire_len;
	p->ev->file = f->file;
	p->ev->flags = f->flags & CL_FF_OUT_OF_ORDER ? CL_EVF_OUT_OF_ORDER : 0;
	p->event = true;
	return cl_pkt_fate(p, CL_FATE_COUNTED);
}

static void flush(struct cl_dissector *d)
{
	if (d->pending > 0)
		d->emit(d->ctx, d->events, d->pending);
	d->pending = 0;
}

/* A loop, not recursion: each layer says what follows it, within the budget. */
static void dissect_frame(struct cl_dissector *d, const struct cl_frame *f)
{
	struct cl_pkt p;

	p.cur = cl_cur_make(f->data, f->cap_len, f->wire_len);
	p.ev = &d->events[d->pending];
	p.frame = f;
	p.ledger = &d->ledger;
	p.limits = &d->limits;
	p.event = false;
	enum cl_next next = cl_link_start(&p);
	if (next == CL_NEXT_DONE) {
		cl_pkt_undecoded(&p, CL_UND_LINKTYPE, f->linktype);
		return;
	}
	for (unsigned steps = 0; next != CL_NEXT_DONE; steps++) {
		if (steps == 2 * CL_LAYERS_MAX) {
			cl_pkt_fate(&p, CL_FATE_MALFORMED);
			return;
		}
		next = layers[next](&p);
	}
	if (p.event && ++d->pending == EVENTS)
		flush(d);
}

void cl_dissector_feed(struct cl_dissector *d, const struct cl_frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i + 4 < n) /* the octets came from the page cache long ago: bring headers near */
			__builtin_prefetch(frames[i + 4].data);
		dissect_frame(d, &frames[i]);
	}
	flush(d);
}

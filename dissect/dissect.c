/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/dissect.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/frag.h"
#include "dissect/ntp/state.h"
#include "dissect/packet.h"
#include "dissect/tcp.h"
#include "dissect/tls/quic.h"

#define EVENTS 64

struct cl_dissector {
	struct cl_limits limits;
	cl_events_fn emit;
	void *ctx;
	cl_detail_fn show; /* NULL: nobody asked for all */
	void *show_ctx;
	struct cl_detail *detail;
	struct cl_frags *frags;
	struct cl_streams *streams;
	struct cl_ntp_state *ntp; /* NULL without detail */
	struct cl_quics *quics;
	struct cl_ledger ledger;
	struct cl_pkt pkt; /* the one at hand; what is the same for all is set once */
	size_t pending;
	struct cl_event events[EVENTS + 1]; /* the last: of a message to come */
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
	[CL_NEXT_TCP] = cl_tcp,		  [CL_NEXT_ICMP] = cl_icmp,
	[CL_NEXT_ICMP6] = cl_icmp6,	  [CL_NEXT_GRE] = cl_gre,
	[CL_NEXT_HDLC] = cl_hdlc,	  [CL_NEXT_NFLOG] = cl_nflog,
	[CL_NEXT_PPI] = cl_ppi,		  [CL_NEXT_RADIOTAP] = cl_radiotap,
	[CL_NEXT_WLAN] = cl_wlan,	  [CL_NEXT_LLC] = cl_llc,
	[CL_NEXT_MPLS] = cl_mpls,	  [CL_NEXT_PPPOE] = cl_pppoe,
	[CL_NEXT_ERSPAN] = cl_erspan,	  [CL_NEXT_TEREDO] = cl_teredo,
	[CL_NEXT_VXLAN] = cl_vxlan,	  [CL_NEXT_VXLAN_GPE] = cl_vxlan_gpe,
	[CL_NEXT_GENEVE] = cl_geneve,	  [CL_NEXT_L2TP] = cl_l2tp,
	[CL_NEXT_L2TP_IP] = cl_l2tp_ip,	  [CL_NEXT_MPLS_OVER] = cl_mpls_over,
	[CL_NEXT_QUIC] = cl_quic,
};

struct cl_dissector *cl_dissector_new(const struct cl_limits *limits, cl_events_fn emit, void *ctx)
{
	struct cl_dissector *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->limits = *limits;
	d->emit = emit;
	d->ctx = ctx;
	d->frags = cl_frags_new(limits);
	d->streams = cl_streams_new(limits);
	d->quics = cl_quics_new();
	if (d->frags == NULL || d->streams == NULL || d->quics == NULL) {
		cl_dissector_free(d);
		return NULL;
	}
	d->pkt.ledger = &d->ledger;
	d->pkt.limits = &d->limits;
	d->pkt.frags = d->frags;
	d->pkt.streams = d->streams;
	d->pkt.quics = d->quics;
	d->pkt.dissector = d;
	return d;
}

void cl_dissector_free(struct cl_dissector *d)
{
	if (d == NULL)
		return;
	cl_frags_free(d->frags);
	cl_streams_free(d->streams);
	cl_quics_free(d->quics);
	cl_detail_free(d->detail);
	cl_ntp_state_free(d->ntp);
	free(d);
}

bool cl_dissector_detail(struct cl_dissector *d, cl_detail_fn fn, void *ctx)
{
	if (d->detail == NULL)
		d->detail = cl_detail_new();
	if (d->ntp == NULL)
		d->ntp = cl_ntp_state_new(d->limits.hash_seed);
	d->show = fn;
	d->show_ctx = ctx;
	d->pkt.detail = d->detail;
	d->pkt.ntp = d->ntp;
	return d->detail != NULL && d->ntp != NULL;
}

void cl_dissector_filtered(struct cl_dissector *d, size_t n)
{
	d->ledger.fate[CL_FATE_FILTERED] += n;
}

const struct cl_ledger *cl_dissector_ledger(const struct cl_dissector *d)
{
	return &d->ledger;
}

struct cl_streams *cl_dissector_streams(struct cl_dissector *d)
{
	return d->streams;
}

enum cl_next cl_pkt_fate(struct cl_pkt *p, enum cl_fate fate)
{
	if (!cl_pkt_quoted(p)) {
		p->fated = true;
		p->fate = fate;
	} else if (p->fate == CL_FATE_TRUNCATED && fate != CL_FATE_TRUNCATED) {
		p->fate = CL_FATE_OTHER; /* an error that was cut, but behind all that it had to say */
	}
	return CL_NEXT_DONE;
}

enum cl_next cl_pkt_undecoded(struct cl_pkt *p, enum cl_undecoded kind, uint32_t value)
{
	p->undecoded = kind;
	p->undecoded_value = value;
	return cl_pkt_fate(p, CL_FATE_UNDECODED);
}

void cl_pkt_anomaly(struct cl_pkt *p, enum cl_anomaly id)
{
	if (!cl_pkt_quoted(p))
		p->ledger->anomaly[id]++;
	cl_put_finding(p->detail, id);
}

enum cl_next cl_pkt_malformed(struct cl_pkt *p, enum cl_anomaly why)
{
	cl_pkt_anomaly(p, why);
	return cl_pkt_fate(p, CL_FATE_MALFORMED);
}

enum cl_next cl_pkt_failed(struct cl_pkt *p, const struct cl_cur *c)
{
	return cl_pkt_fate(p, c->err == CL_ETRUNC ? CL_FATE_TRUNCATED : CL_FATE_MALFORMED);
}

enum cl_next cl_pkt_failed_by(struct cl_pkt *p, const struct cl_cur *c, enum cl_anomaly why)
{
	return c->err == CL_ETRUNC ? cl_pkt_fate(p, CL_FATE_TRUNCATED) : cl_pkt_malformed(p, why);
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

	if (p->limits->servers == NULL)
		return true;
	bool either = ev->role == CL_ROLE_APART || (ev->kind == CL_EV_NTP && ev->u.ntp.mode == 1);
	if (ev->kind == CL_EV_ICMP) {
		bool response = (ev->u.icmp.bits & CL_ICMP_RESPONSE) != 0;

		return is_server(p->limits, response ? &ev->u.icmp.src : &ev->u.icmp.dst);
	}
	if ((ev->role == CL_ROLE_REQUEST || either) && is_server(p->limits, &ev->dst))
		return true;
	return (ev->role == CL_ROLE_RESPONSE || either) && is_server(p->limits, &ev->src);
}

bool cl_pkt_wanted(const struct cl_pkt *p)
{
	return p->limits->servers == NULL || is_server(p->limits, &p->ev->src) ||
	       is_server(p->limits, &p->ev->dst);
}

static void flush(struct cl_dissector *d)
{
	if (d->pending > 0)
		d->emit(d->ctx, d->events, d->pending);
	d->pending = 0;
}

/* Room for the packet's next message; in a TCP segment more may follow, with the same addresses and ports. */
static void next_event(struct cl_pkt *p)
{
	struct cl_dissector *d = p->dissector;
	const struct cl_event *before = p->ev;

	p->ev++;
	d->pending++;
	if (p->connection != 0) {
		p->ev->src = before->src;
		p->ev->dst = before->dst;
		p->ev->sport = before->sport;
		p->ev->dport = before->dport;
	}
	if (d->pending == EVENTS) {
		flush(d);
		d->events[0] = *p->ev;
		p->ev = &d->events[0];
	}
}

/* Gives the event on; the fate that follows. */
static enum cl_fate emit(struct cl_pkt *p, enum cl_event_kind kind)
{
	const struct cl_frame *f = p->frame;

	p->ev->kind = (uint8_t)kind;
	if (p->barred != CL_FATES)
		return (enum cl_fate)p->barred;
	if (!is_wanted(p))
		return CL_FATE_FILTERED;
	p->ev->time_ns = p->last_ns;
	p->ev->frame_no = f->number;
	p->ev->wire_len = p->wire_bytes;
	p->wire_bytes = 0;
	p->ev->file = f->file;
	p->ev->flags = f->flags & CL_FF_OUT_OF_ORDER ? CL_EVF_OUT_OF_ORDER : 0;
	next_event(p);
	return CL_FATE_COUNTED;
}

enum cl_next cl_pkt_message(struct cl_pkt *p, enum cl_event_kind kind)
{
	if (cl_pkt_quoted(p))
		return CL_NEXT_DONE;
	return cl_pkt_fate(p, emit(p, kind));
}

enum cl_next cl_pkt_icmp_error(struct cl_pkt *p)
{
	const struct cl_addr src = p->ev->src, dst = p->ev->dst;
	const uint16_t sport = p->ev->sport, dport = p->ev->dport;

	p->ev->u.icmp = p->quote;
	p->ev->u.icmp.src = src;
	p->ev->u.icmp.dst = dst;
	p->ev->src = p->sender;
	p->ev->dst = p->asked;
	p->ev->sport = p->ev->dport = 0;
	p->ev->role = CL_ROLE_APART;
	p->fate = emit(p, CL_EV_ICMP);
	p->ev->src = src; /* the quote's decoding goes on */
	p->ev->dst = dst;
	p->ev->sport = sport;
	p->ev->dport = dport;
	return CL_NEXT_DONE;
}

/* A loop, not recursion: each layer says what follows it, within the budget. */
static void dissect_layers(struct cl_pkt *p)
{
	enum cl_next next = cl_link_start(p);

	if (next == CL_NEXT_DONE)
		cl_pkt_undecoded(p, CL_UND_LINKTYPE, p->frame->linktype);
	for (unsigned steps = 0; next != CL_NEXT_DONE; steps++) {
		if (steps == 8 * CL_LAYERS_MAX) {
			cl_pkt_malformed(p, CL_ANOM_LINK_TOO_DEEP);
			return;
		}
		next = layers[next](p);
	}
}

/* What the callback of the detail is given. */
static void show(struct cl_dissector *d, const struct cl_pkt *p)
{
	p->detail->fate = p->fated			  ? p->fate
			  : p->barred == CL_FATE_FILTERED ? CL_FATE_FILTERED
							  : CL_FATE_INCOMPLETE;
	p->detail->undecoded = p->undecoded;
	p->detail->undecoded_value = p->undecoded_value;
	d->show(d->show_ctx, p->frame, p->detail);
}

static void dissect_frame(struct cl_dissector *d, const struct cl_frame *f)
{
	struct cl_pkt *p = &d->pkt;

	p->cur = cl_cur_make(f->data, f->cap_len, f->wire_len);
	p->ev = &d->events[d->pending];
	p->frame = f;
	p->first_ns = p->last_ns = f->time_ns;
	p->wire_bytes = f->wire_len;
	p->held = p->connection = 0;
	p->flags = p->layers = 0;
	p->fated = p->fragmented = false;
	p->barred = f->flags & CL_FF_WIDENED ? CL_FATE_FILTERED : CL_FATES;
	p->within = 0;
	p->final_dst = NULL;
	p->tunnels = 0;
	if (p->detail != NULL)
		cl_detail_clear(p->detail);
	dissect_layers(p);
	if (p->barred != CL_FATES && p->fated)
		p->fate = (enum cl_fate)p->barred;
	if (p->fated && p->fate == CL_FATE_UNDECODED)
		cl_ledger_undecoded(&d->ledger, p->undecoded, p->undecoded_value, 1ull + p->held);
	else if (p->fated)
		d->ledger.fate[p->fate] += 1ull + p->held;
	if (p->detail != NULL)
		show(d, p);
	if ((p->flags & CL_LF_REASSEMBLED) != 0)
		cl_frags_release(d->frags, p);
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

void cl_dissector_finish(struct cl_dissector *d)
{
	cl_frags_finish(d->frags, &d->ledger);
	cl_streams_finish(d->streams, &d->ledger);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a frame to its fate: the loop that leads through all layers, and those that nearly every packet has,
 * Ethernet, IP and UDP. The costs of a packet are here, so they are in one file and in line.
 *
 * These layers are like any other, one step of the loop with both depths. But they take the cursor from their
 * caller: along the common path it stays in registers, and p->cur gets it where the path is left. A header is
 * taken by one check and read at constant places. What is rare, or is only shown, is in the file of the
 * protocol.
 */
#if defined __GNUC__ && !defined __clang__
/* A cursor's words, being neighbours, would be made one vector, kept up to date lane by lane. */
#pragma GCC optimize("no-tree-slp-vectorize")
#endif

#include "capture/linktype.h"
#include "dissect/conversation.h"
#include "dissect/datagram.h"
#include "dissect/frag.h"
#include "dissect/inline.h"
#include "dissect/ip.h"
#include "dissect/link.h"
#include "dissect/ntp/lean.h"
#include "dissect/ntp/state.h"
#include "dissect/tunnelnotes.h"
#include "dissect/udp.h"

/* Octets this far behind a frame's are brought near while it is dissected, two lines of the cache a frame: in
 * its block those that are cut next lie there, and while they waited for their time they left the near
 * caches. Asked for all at once, when they are cut, they have to be waited for. */
#define AHEAD	   24576u
#define CACHE_LINE 64u

/* IEEE 802.3: destination, source, type; then any stack of 802.1Q and 802.1ad tags. */
CL_IN_LINE enum cl_next ethernet(struct cl_pkt *p, struct cl_cur *c, const bool detail)
{
	if (detail)
		cl_ethernet_put(p, *c);
	CL_HEAD(CL_ETHERNET_HEADER) *h = cl_cur_head(c, sizeof *h, "\14\2");
	if (cl_rare(h == NULL))
		return cl_pkt_failed_by(p, c, CL_ANOM_LINK_BAD_HEADER);
	p->proto = CL_HEAD_U16(h, 12);
	return CL_NEXT_ETHERTYPE;
}

CL_IN_LINE enum cl_next ethertype(struct cl_pkt *p, struct cl_cur *c)
{
	if (p->proto == CL_ETHERTYPE_IP4)
		return CL_NEXT_IP4;
	if (p->proto == CL_ETHERTYPE_IP6)
		return CL_NEXT_IP6;
	p->cur = *c;
	enum cl_next next = cl_ethertype_other(p);
	*c = p->cur;
	return next;
}

/* What a note has of an IP header whose time to live was read, `tos` being its DSCP and ECN. In a quote the
 * first one's is of use. */
static void note_ip(struct cl_pkt *p, uint8_t tos)
{
	if (!cl_pkt_quoted(p)) {
		p->note->ip_ttl = p->ip_ttl;
		p->note->ip_tos = tos;
	} else if (p->quotes == 1 && (p->flags & CL_LF_TUNNELLED) == 0) {
		p->note->quoted_ttl = p->ip_ttl;
	}
}

CL_IN_LINE enum cl_next ip4(struct cl_pkt *p, struct cl_cur *c, const bool detail, const bool notes)
{
	const uint32_t start = c->pos;

	if (cl_rare((p->flags | p->layers) != 0) && !cl_ip_enter(p))
		return CL_NEXT_DONE;
	p->ip_version = 4;
	p->ip_at = start;
	if (detail)
		cl_ip4_put(p, *c);
	CL_HEAD(CL_IP4_HEADER) *h = cl_cur_head(c, sizeof *h, "\1\1\2\2\2\1\1\2\4\4");
	if (cl_rare(h == NULL))
		return cl_pkt_failed_by(p, c, CL_ANOM_IP_BAD_LENGTH);
	uint32_t version_ihl = CL_HEAD_U8(h, 0), total = CL_HEAD_U16(h, 2), header = CL_IP4_HEADER;
	uint32_t fragment = CL_HEAD_U16(h, 6);
	cl_ip4_addresses(p->ev, CL_HEAD_AT(h, 12, 8));
	p->ip_ttl = CL_HEAD_U8(h, 8);
	p->proto = CL_HEAD_U8(h, 9);
	if (notes)
		note_ip(p, CL_HEAD_U8(h, 1));
	if (cl_rare(total == 0)) /* segmentation left to the sender's hardware: the frame's length counts */
		total = c->len - start;
	if (cl_rare(version_ihl != 0x45)) {
		header = (version_ihl & 15u) * 4;
		if (version_ihl >> 4 != 4)
			return cl_pkt_malformed(p, CL_ANOM_IP_BAD_VERSION);
		if (header < CL_IP4_HEADER)
			return cl_pkt_malformed(p, CL_ANOM_IP_BAD_HEADER_LENGTH);
	}
	if (cl_rare(total < header))
		return cl_pkt_malformed(p, CL_ANOM_IP_BAD_HEADER_LENGTH);
	cl_cur_narrow(c, total - CL_IP4_HEADER);
	if (cl_rare(header > CL_IP4_HEADER))
		*c = cl_ip4_take_options(p, *c, header - CL_IP4_HEADER);
	if (cl_rare(c->err != CL_OK))
		return cl_pkt_failed_by(p, c, CL_ANOM_IP_BAD_LENGTH);
	if (cl_rare((fragment & CL_IP4_FRAGMENT) != 0)) {
		p->cur = *c;
		enum cl_next next = cl_ip4_fragment(p, CL_HEAD_U16(h, 4), fragment, header);
		*c = p->cur;
		return next;
	}
	return CL_NEXT_IP_PROTO;
}

CL_IN_LINE enum cl_next ip6(struct cl_pkt *p, struct cl_cur *c, const bool detail, const bool notes)
{
	struct cl_event *const ev = p->ev;

	if (cl_rare((p->flags | p->layers) != 0) && !cl_ip_enter(p))
		return CL_NEXT_DONE;
	p->ip_at = c->pos;
	if (detail)
		cl_ip6_put(p, *c);
	CL_HEAD(CL_IP6_HEADER) *h = cl_cur_head(c, sizeof *h, "\4\2\1\1\20\20");
	if (cl_rare(h == NULL))
		return cl_pkt_failed_by(p, c, CL_ANOM_IPV6_BAD_LENGTH);
	uint32_t payload = CL_HEAD_U16(h, 4);
	CL_HEAD_COPY(h, 8, ev->src.b);
	CL_HEAD_COPY(h, 24, ev->dst.b);
	p->ip_ttl = CL_HEAD_U8(h, 7);
	p->proto = CL_HEAD_U8(h, 6);
	if (notes)
		note_ip(p, (uint8_t)(CL_HEAD_U16(h, 0) >> 4));
	if (detail && p->ntp != NULL)
		cl_ntp_state_see(p->ntp, &ev->src, &ev->dst);
	if (cl_rare(CL_HEAD_U8(h, 0) >> 4 != 6))
		return cl_pkt_malformed(p, CL_ANOM_IPV6_BAD_VERSION);
	p->ip_version = 6;
	if (payload != 0) /* 0: a jumbogram (RFC 2675) or left to the sender's hardware */
		cl_cur_narrow(c, payload);
	if (cl_rare(c->err != CL_OK))
		return cl_pkt_failed_by(p, c, CL_ANOM_IPV6_BAD_LENGTH);
	return CL_NEXT_IP_PROTO;
}

CL_IN_LINE enum cl_next ip_proto(struct cl_pkt *p, struct cl_cur *c)
{
	if (p->proto == IP_UDP)
		return CL_NEXT_UDP;
	p->cur = *c;
	enum cl_next next = cl_ip_proto_other(p);
	*c = p->cur;
	return next;
}

/* What is asked of a datagram that is not simply a service's, behind its header: whether that says what comes
 * next, in *next and p->cur. */
static bool udp_odd(struct cl_pkt *p, enum cl_next *next)
{
	if (p->detail != NULL)
		cl_udp_put_sum(p);
	else if (p->note != NULL && p->limits->streams)
		cl_conversation_udp(p);
	bool done = (p->flags & CL_LF_REASSEMBLED) != 0 && cl_udp_is_spoilt(p);
	if (done)
		*next = CL_NEXT_DONE;
	else if (cl_pkt_quoted(p) || *next == CL_NEXT_DONE)
		*next = cl_udp_other(p, *next);
	else
		return false;
	return true;
}

CL_IN_LINE enum cl_next udp(struct cl_pkt *p, struct cl_cur *c, const bool detail, const bool notes)
{
	struct cl_event *const ev = p->ev;
	const uint32_t at = c->pos;

	if (detail)
		cl_udp_put(p, *c);
	CL_HEAD(CL_UDP_HEADER) *h = cl_cur_head(c, sizeof *h, "\2\2\2\2");
	if (cl_rare(h == NULL))
		return cl_pkt_failed_by(p, c, CL_ANOM_UDP_BAD_LENGTH);
	uint16_t sport = CL_HEAD_U16(h, 0), dport = CL_HEAD_U16(h, 2), sum = CL_HEAD_U16(h, 6);
	uint32_t length = CL_HEAD_U16(h, 4);
	if (cl_rare(length < CL_UDP_HEADER)) {
		if (length != 0 || p->ip_version != 6)
			return cl_pkt_malformed(p, CL_ANOM_UDP_BAD_LENGTH);
		length = c->len - c->pos + CL_UDP_HEADER; /* RFC 2675 sec. 4: as long as the IP payload */
	}
	ev->sport = sport;
	ev->dport = dport;
	if (cl_rare(sum == 0) && p->ip_version == 6)
		cl_pkt_anomaly(p, CL_ANOM_UDP_ZERO_CHECKSUM);
	enum cl_next next = cl_udp_service(p->limits, sport, dport);
	bool odd = detail || (notes && p->limits->streams) || next == CL_NEXT_DONE ||
		   (p->flags & (CL_LF_REASSEMBLED | CL_LF_QUOTED)) != 0;
	p->udp_at = at;
	p->udp_length = length;
	p->udp_sum = sum;
	if (cl_rare(odd)) {
		enum cl_next other = next;

		p->cur = *c;
		if (udp_odd(p, &other)) {
			*c = p->cur;
			return other;
		}
	}
	cl_cur_narrow(c, length - CL_UDP_HEADER);
	return c->err == CL_OK ? next : cl_pkt_failed_by(p, c, CL_ANOM_UDP_BAD_LENGTH);
}

/* Each as a step of its own, with the cursor where others look for it. */
#define STEP(name, call)                                                                                     \
	enum cl_next name(struct cl_pkt *p)                                                                  \
	{                                                                                                    \
		struct cl_cur c = p->cur;                                                                    \
		enum cl_next next = call;                                                                    \
		p->cur = c;                                                                                  \
		return next;                                                                                 \
	}
STEP(cl_ethernet, ethernet(p, &c, p->detail != NULL))
STEP(cl_ethertype, ethertype(p, &c))
STEP(cl_ip4, ip4(p, &c, p->detail != NULL, p->note != NULL))
STEP(cl_ip6, ip6(p, &c, p->detail != NULL, p->note != NULL))
STEP(cl_ntp_message, cl_ntp_take(p, &c, p->detail != NULL, p->note != NULL))

/* In a tunnel these are always met as steps. */
enum cl_next cl_ip_proto(struct cl_pkt *p)
{
	struct cl_cur c = p->cur;

	if (cl_rare(p->tunnel_notes != NULL))
		cl_tunnel_note_inner(p);
	enum cl_next next = ip_proto(p, &c);
	p->cur = c;
	return next;
}

enum cl_next cl_udp(struct cl_pkt *p)
{
	struct cl_cur c = p->cur;
	enum cl_next next = udp(p, &c, p->detail != NULL, p->note != NULL);

	p->cur = c;
	if (cl_rare(p->tunnel_notes != NULL))
		cl_tunnel_note_udp(p);
	return next;
}

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

/**
 * The first turns of the loop, as they mostly come: what follows them, with p->cur there. Adds their number
 * to *steps.
 */
CL_IN_LINE enum cl_next common_steps(struct cl_pkt *p, struct cl_cur *c, unsigned *steps, const bool detail,
				     const bool notes)
{
	enum cl_next next = ethernet(p, c, detail);

	++*steps;
	if (cl_rare(next != CL_NEXT_ETHERTYPE))
		return next;
	next = ethertype(p, c);
	++*steps;
	if (next == CL_NEXT_IP4)
		next = ip4(p, c, detail, notes);
	else if (next == CL_NEXT_IP6)
		next = ip6(p, c, detail, notes);
	else
		return next;
	++*steps;
	if (cl_rare(next != CL_NEXT_IP_PROTO))
		return next;
	next = ip_proto(p, c);
	++*steps;
	if (cl_rare(next != CL_NEXT_UDP))
		return next;
	++*steps;
	return udp(p, c, detail, notes);
}

/* A loop, not recursion: each layer says what follows it, within the budget. */
static void other_steps(struct cl_pkt *p, enum cl_next next, unsigned steps)
{
	for (; next != CL_NEXT_DONE; steps++) {
		if (steps == 8 * CL_LAYERS_MAX) {
			cl_pkt_malformed(p, CL_ANOM_LINK_TOO_DEEP);
			return;
		}
		next = layers[next](p);
	}
}

CL_IN_LINE void decode(struct cl_pkt *p, struct cl_cur c, const bool detail, const bool notes)
{
	enum cl_next next = CL_NEXT_DONE;
	unsigned steps = 0;

	if (p->frame->linktype != CL_LINKTYPE_ETHERNET) {
		if ((next = cl_link_start(p)) == CL_NEXT_DONE)
			cl_pkt_undecoded(p, CL_UND_LINKTYPE, p->frame->linktype);
	} else {
		if (!detail && !notes)
			next = cl_datagram_take(p, &c);
		if (next == CL_NEXT_DONE)
			next = common_steps(p, &c, &steps, detail, notes);
	}
	if (next == CL_NEXT_NTP)
		next = cl_ntp_take(p, &c, detail, notes);
	if (next == CL_NEXT_DONE)
		return;
	if (next == CL_NEXT_DNS && !detail && !notes) {
		cl_dns_lean(p, c.base + c.pos, c.end - c.pos, c.len - c.pos);
		return;
	}
	p->cur = c;
	if (next == CL_NEXT_DNS)
		cl_dns_message(p);
	else
		other_steps(p, next, steps);
}

/* Makes p ready for a frame. */
CL_IN_LINE void begin(struct cl_pkt *p, const struct cl_frame *f, const bool detail, const bool notes)
{
	p->frame = f;
	p->first_ns = f->time_ns;
	p->last_ns = f->time_ns;
	p->wire_bytes = f->wire_len;
	p->within = 0; /* from here on neighbours, in their order: the compiler makes few stores of them */
	p->final_dst = NULL;
	p->held = 0;
	p->connection = 0;
	p->tunnels = 0;
	p->flags = 0;
	p->layers = 0;
	p->fated = false;
	p->fragmented = false;
	p->barred = f->flags & CL_FF_WIDENED ? CL_FATE_FILTERED : CL_FATE_COUNTED;
	if (detail)
		cl_detail_clear(p->detail);
	if (notes)
		cl_pkt_note(p);
}

/* Books its fate. */
CL_IN_LINE void end(struct cl_pkt *p, const bool detail)
{
	if (cl_rare(p->barred != CL_FATE_COUNTED) && p->fated)
		p->fate = (enum cl_fate)p->barred;
	if (cl_rare(p->fate == CL_FATE_UNDECODED) && p->fated)
		cl_ledger_undecoded(p->ledger, p->undecoded, p->undecoded_value, 1ull + p->held);
	else if (p->fated)
		p->ledger->fate[p->fate] += 1ull + p->held;
	if (detail)
		cl_pkt_show(p);
	if (cl_rare((p->flags & CL_LF_REASSEMBLED) != 0))
		cl_frags_release(p->frags, p);
}

/* For each depth, and with notes, one: what is asked a dozen times for a packet is then asked once for many.
 */
CL_IN_LINE void frames(struct cl_pkt *p, const struct cl_frame *f, size_t n, const bool detail,
		       const bool notes)
{
	for (const struct cl_frame *end_of = f + n; f < end_of; f++) {
		__builtin_prefetch((const void *)((uintptr_t)f->data + AHEAD));
		__builtin_prefetch((const void *)((uintptr_t)f->data + AHEAD + CACHE_LINE));
		begin(p, f, detail, notes);
		decode(p, cl_cur_make(f->data, f->cap_len, f->wire_len), detail, notes);
		end(p, detail);
	}
}

void cl_pkt_frames(struct cl_pkt *p, const struct cl_frame *f, size_t n)
{
	if (p->detail != NULL)
		frames(p, f, n, true, p->note != NULL);
	else if (p->note != NULL)
		frames(p, f, n, false, true);
	else
		frames(p, f, n, false, false);
}

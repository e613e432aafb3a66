/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_PACKET_H
#define CL_DISSECT_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"
#include "dissect/attr.h"
#include "dissect/cursor.h"
#include "dissect/dissect.h"
#include "dissect/event.h"
#include "dissect/ledger.h"
#include "dissect/note.h"

/* A condition that is seldom true, where it matters. */
#define cl_rare(condition) __builtin_expect((condition), 0)

/* A frame holds at most so many layers; what is deeper is malformed. */
#define CL_LAYERS_MAX 16

/* What to decode next. CL_NEXT_DONE: the packet's fate is set. */
enum cl_next {
	CL_NEXT_DONE,
	CL_NEXT_ETHERNET,
	CL_NEXT_SLL,
	CL_NEXT_SLL2,
	CL_NEXT_NULL,
	CL_NEXT_LOOP,
	CL_NEXT_PPP,
	CL_NEXT_HDLC, /* PPP or Cisco's framing */
	CL_NEXT_RAW,
	CL_NEXT_NFLOG,
	CL_NEXT_PPI,
	CL_NEXT_RADIOTAP,
	CL_NEXT_WLAN,
	CL_NEXT_LLC,
	CL_NEXT_MPLS,
	CL_NEXT_PPPOE,
	CL_NEXT_ETHERTYPE, /* `proto` is the EtherType */
	CL_NEXT_IP4,
	CL_NEXT_IP6,
	CL_NEXT_IP_PROTO, /* `proto` is the IP protocol or next header */
	CL_NEXT_UDP,
	CL_NEXT_TCP,
	CL_NEXT_ICMP,
	CL_NEXT_ICMP6,
	CL_NEXT_GRE,
	CL_NEXT_ERSPAN, /* `proto` is GRE's protocol type */
	CL_NEXT_TEREDO,
	CL_NEXT_VXLAN,
	CL_NEXT_VXLAN_GPE,
	CL_NEXT_GENEVE,
	CL_NEXT_L2TP,
	CL_NEXT_L2TP_IP,   /* version 3 over IP */
	CL_NEXT_MPLS_OVER, /* MPLS in UDP or IP */
	CL_NEXT_NTP,
	CL_NEXT_DNS,
	CL_NEXT_MDNS,
	CL_NEXT_LLMNR,
	CL_NEXT_QUIC,
	CL_NEXT_KINDS
};

/* How a checksum stands (RFC 1071). */
enum cl_checksum {
	CL_SUM_NONE, /* UDP's zero: not computed; forbidden over IPv6 but for RFC 6936 */
	CL_SUM_GOOD,
	CL_SUM_BAD,
	CL_SUM_PARTIAL,	 /* holds the pseudo-header's sum alone: left to the sender's hardware */
	CL_SUM_UNCHECKED /* not all octets were captured, or a fragment */
};

struct cl_frags;
struct cl_ntp_state;
struct cl_streams;
struct cl_quics;
struct cl_tunnel_notes;
struct cl_tcp_history;

/* Who wants to be told of zones (zonenote.h). */
struct cl_zone_notes {
	cl_zone_fn fn;
	void *ctx;
	const bool *answers; /* whether of answers too, now */
};

/* A packet on its way through the layers. */
struct cl_pkt {
	struct cl_cur cur;	 /* over the current layer's body */
	struct cl_event *ev;	 /* the next message's: addresses and ports are filled as headers are read */
	struct cl_event *ev_end; /* behind the room for events */
	struct cl_note *note;	 /* the next message's; NULL: nobody asked for notes */
	const struct cl_frame *frame;
	struct cl_detail *detail; /* NULL: the lean pass */
	const struct cl_limits *limits;
	int64_t first_ns;    /* time of the first frame of what is being decoded */
	int64_t last_ns;     /* and of its last, which may be earlier than this one's */
	uint32_t wire_bytes; /* of the frames that it came in; 0 after the first message in them */
	uint32_t proto;	     /* see enum cl_next */
	uint32_t ip_at;	     /* position of the innermost IP header, in the octets that it was read from */
	uint32_t udp_at; /* position of the UDP header */
	uint32_t udp_length;
	uint16_t udp_sum;
	uint8_t ip_ttl;		  /* of that header: time to live or hop limit */
	uint8_t ip_version;	  /* of the innermost IP header: 4 or 6 */
	enum cl_fate fate;	  /* if `fated`; else the packet waits for others (fragments, segments) */
	uint64_t within;	  /* what encloses the innermost IP header: cl_pkt_within */
	const uint8_t *final_dst; /* if a routing header has one beyond the IP header's: final_addr */
	uint32_t held;		  /* earlier frames that share this one's fate */
	uint32_t connection;	  /* number of the TCP connection, from 1; 0: not TCP */
	uint32_t gaps;		  /* struct cl_tcp_side's, of a DNS message over TCP */
	uint16_t tunnels;	  /* kinds of tunnels counted so far */
	uint8_t flags;		  /* CL_LF_ of the layers from here on */
	uint8_t layers;		  /* tunnels entered so far */
	bool fated;
	bool choosy;	 /* not all messages are wanted: cl_emit_wanted. The same for all packets */
	bool fragmented; /* a fragment header has been met since the innermost IP header */
	uint8_t barred;	 /* CL_FATE_COUNTED: no; else the fate that nothing in it can better */
	enum cl_undecoded undecoded;
	uint32_t undecoded_value;
	struct cl_ledger *ledger;
	struct cl_dissector *dissector;
	struct cl_frags *frags;
	struct cl_streams *streams;
	struct cl_quics *quics;
	struct cl_tcp_history *history;	      /* while a TCP application takes octets; NULL: nobody asked */
	struct cl_tunnel_notes *tunnel_notes; /* NULL: nobody asked for them */
	const struct cl_zone_notes *zones;    /* NULL: nobody asked for them */
	struct cl_ntp_state *ntp;	      /* NULL in the lean pass */
	struct cl_icmp quote;	      /* within CL_LF_QUOTED: what the error says of the quoted packet */
	struct cl_addr sender, asked; /* there: the error's own addresses; those of `ev` are the quote's */
	uint8_t quotes;		      /* there: errors within errors, from 1 */
	uint8_t final_addr[16];
};

/*
 * Ends the packet; of several calls the last holds, and inside a quote none does. Each returns CL_NEXT_DONE.
 * A packet without a fate waits: whoever keeps its octets adds it to `held` of the packet that completes
 * them, or gives it up with cl_ledger_held.
 */
enum cl_next cl_pkt_fate(struct cl_pkt *p, enum cl_fate fate);
enum cl_next cl_pkt_undecoded(struct cl_pkt *p, enum cl_undecoded kind, uint32_t value);
/* By the cursor's error: truncated or malformed. */
enum cl_next cl_pkt_failed(struct cl_pkt *p, const struct cl_cur *c);
/* Malformed for this reason. */
enum cl_next cl_pkt_malformed(struct cl_pkt *p, enum cl_anomaly why);

/* By the cursor's error: truncated, or malformed for this reason. */
static inline enum cl_next cl_pkt_failed_by(struct cl_pkt *p, const struct cl_cur *c, enum cl_anomaly why)
{
	return c->err == CL_ETRUNC ? cl_pkt_fate(p, CL_FATE_TRUNCATED) : cl_pkt_malformed(p, why);
}

/* Counts an anomaly (but not of a quote) and, when asked for, says it of the current layer. */
void cl_pkt_anomaly(struct cl_pkt *p, enum cl_anomaly id);

/* Whether a packet is of one of the servers asked for, on either side; true if none was. */
bool cl_pkt_wanted(const struct cl_pkt *p);

/* Whether we are inside an ICMP error's copy, where nothing counts. */
static inline bool cl_pkt_quoted(const struct cl_pkt *p)
{
	return (p->flags & CL_LF_QUOTED) != 0;
}

/* Gives p->quote on as an ICMP error, from within it; like cl_pkt_message (dissect/emit.h). */
enum cl_next cl_pkt_icmp_error(struct cl_pkt *p);
/* Takes the addresses of the IP header around this one, and that it is tunnelled, into account:
 * cl_pkt_within. */
void cl_pkt_enclose(struct cl_pkt *p);

/* Keeps fragments apart that came in different enclosings: VLANs, tunnels' addresses, keys, networks. */
static inline void cl_pkt_within(struct cl_pkt *p, uint64_t v)
{
	p->within = (p->within ^ v) * 0x9e3779b97f4a7c15u;
	p->within ^= p->within >> 32;
}

/* Of a tunnelled packet, keeps the addresses of its outermost IP header, when the next one begins. */
void cl_pkt_note_outer(struct cl_pkt *p);

/* An IP header begins: what is known of one around it keeps fragments apart. False: one too many. */
static inline bool cl_ip_enter(struct cl_pkt *p)
{
	if (p->layers >= CL_LAYERS_MAX) {
		cl_pkt_malformed(p, CL_ANOM_LINK_TOO_DEEP);
		return false;
	}
	if (p->flags & CL_LF_TUNNELLED)
		cl_pkt_enclose(p);
	if (p->note != NULL)
		cl_pkt_note_outer(p);
	p->fragmented = false;
	p->final_dst = NULL;
	return true;
}

/* Nanoseconds from one time to another; captures can hold any times, so it ends at the type's limits. */
static inline int64_t cl_since(int64_t now, int64_t then)
{
	int64_t d;

	if (__builtin_sub_overflow(now, then, &d))
		return now > then ? INT64_MAX : INT64_MIN;
	return d;
}

/* Begins a layer of the detail, with the packet's flags; nothing in the lean pass. */
static inline void cl_pkt_layer(struct cl_pkt *p, const struct cl_protocol *proto)
{
	if (p->detail != NULL)
		cl_put_layer(p->detail, proto, p->flags);
}

/**
 * Decodes frames in their order, each into the events that p->ev and its successors have room for, and books
 * their fates. What is the same for all frames is set.
 */
void cl_pkt_frames(struct cl_pkt *p, const struct cl_frame *f, size_t n);

/* The room for events is full: gives them on and puts p->ev and p->ev_end to the next one. */
void cl_pkt_room(struct cl_pkt *p);

/* Makes p->note the one beside p->ev, of a message of which nothing is known yet. Only with notes. */
void cl_pkt_note(struct cl_pkt *p);

/* The same for one more message of a packet, of which `before` holds what is the packet's. */
void cl_pkt_note_more(struct cl_pkt *p, const struct cl_note *before);

/* Gives the detail of the packet to whoever asked for it. */
void cl_pkt_show(struct cl_pkt *p);

/* One function a layer; each reads its header and says what comes next. */
enum cl_next cl_link_start(const struct cl_pkt *p);
enum cl_next cl_ethernet(struct cl_pkt *p);
enum cl_next cl_sll(struct cl_pkt *p);
enum cl_next cl_sll2(struct cl_pkt *p);
enum cl_next cl_null(struct cl_pkt *p);
enum cl_next cl_loop(struct cl_pkt *p);
enum cl_next cl_ppp(struct cl_pkt *p);
enum cl_next cl_hdlc(struct cl_pkt *p);
enum cl_next cl_raw(struct cl_pkt *p);
enum cl_next cl_nflog(struct cl_pkt *p);
enum cl_next cl_ppi(struct cl_pkt *p);
enum cl_next cl_radiotap(struct cl_pkt *p);
enum cl_next cl_wlan(struct cl_pkt *p);
enum cl_next cl_llc(struct cl_pkt *p);
enum cl_next cl_mpls(struct cl_pkt *p);
enum cl_next cl_pppoe(struct cl_pkt *p);
enum cl_next cl_ethertype(struct cl_pkt *p);
enum cl_next cl_ip4(struct cl_pkt *p);
enum cl_next cl_ip6(struct cl_pkt *p);
enum cl_next cl_ip_proto(struct cl_pkt *p);

/* Walks IPv6 extension headers and AH from p->proto on. CL_NEXT_IP_PROTO: p->proto is what they carry. */
enum cl_next cl_ip6_extensions(struct cl_pkt *p);

enum cl_next cl_udp(struct cl_pkt *p);
enum cl_next cl_tcp(struct cl_pkt *p);
enum cl_next cl_icmp(struct cl_pkt *p);
enum cl_next cl_icmp6(struct cl_pkt *p);
enum cl_next cl_gre(struct cl_pkt *p);
enum cl_next cl_erspan(struct cl_pkt *p);
enum cl_next cl_teredo(struct cl_pkt *p);
enum cl_next cl_vxlan(struct cl_pkt *p);
enum cl_next cl_vxlan_gpe(struct cl_pkt *p);
enum cl_next cl_geneve(struct cl_pkt *p);
enum cl_next cl_l2tp(struct cl_pkt *p);
enum cl_next cl_l2tp_ip(struct cl_pkt *p);
enum cl_next cl_mpls_over(struct cl_pkt *p);
enum cl_next cl_ntp_message(struct cl_pkt *p);
enum cl_next cl_dns_message(struct cl_pkt *p);
/* The same without detail and notes, of a message that is not at p->cur: `kept` of its `length` octets. */
enum cl_next cl_dns_lean(struct cl_pkt *p, const uint8_t *octets, uint32_t kept, uint32_t length);
enum cl_next cl_mdns(struct cl_pkt *p);
enum cl_next cl_llmnr(struct cl_pkt *p);
enum cl_next cl_quic(struct cl_pkt *p);

/**
 * Tells the error around a quote which ports the quoted packet has, the cursor being over its payload
 * (`proto`: 6 or 17): then the error counts, if they are ours. Whether to go on with the quote's decoding;
 * fate and messages are not its matter in any case. Only where cl_pkt_quoted.
 */
bool cl_icmp_quote(struct cl_pkt *p, uint16_t sport, uint16_t dport, uint8_t proto);

/* IP in IP: `proto` is 4 or 41, in a header of `ip_version`. */
enum cl_next cl_ip_in_ip(struct cl_pkt *p);

/* Counts a packet that carries this kind of tunnel (a fact TUNNEL_), once, and not inside a quote. */
void cl_tunnel_seen(struct cl_pkt *p, enum cl_fact kind);

/* The same for a fragment, whose IP protocol is `proto`: IP in IP shows in each. */
void cl_tunnel_in_fragment(struct cl_pkt *p);

/* The same; what follows is inside it. */
void cl_tunnel_enter(struct cl_pkt *p, enum cl_fact kind);

/* The ports of what mostly comes. */
#define CL_PORT_NTP 123u
#define CL_PORT_DNS 53u

/* Which service or tunnel a UDP port belongs to; CL_NEXT_DONE for none. Either port tells; between two
 * services the order decides: these two, then cl_udp_service_other's table. */
enum cl_next cl_udp_service_other(const struct cl_limits *l, uint16_t sport, uint16_t dport);

/* Whether one of two ports is this one. Without a jump for each, which a compiler makes of `|` too: which of
 * the two it is, is not foreseen. */
static inline bool cl_port_either(uint16_t sport, uint16_t dport, uint32_t port)
{
	return (sport ^ port) * (dport ^ port) == 0;
}

static inline enum cl_next cl_udp_service(const struct cl_limits *l, uint16_t sport, uint16_t dport)
{
	if (cl_port_either(sport, dport, CL_PORT_NTP))
		return CL_NEXT_NTP;
	if (cl_port_either(sport, dport, CL_PORT_DNS))
		return CL_NEXT_DNS;
	return cl_udp_service_other(l, sport, dport);
}

/* Whether a TCP port is that of DNS. */
bool cl_tcp_is_dns(const struct cl_limits *l, uint16_t sport, uint16_t dport);

/* The state of the checksum of the datagram whose UDP header was read last. Reads the whole datagram. */
enum cl_checksum cl_udp_checksum(const struct cl_pkt *p);

#endif

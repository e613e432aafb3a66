/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TUNNELNOTE_H
#define CL_DISSECT_TUNNELNOTE_H

#include <stdint.h>

#include "dissect/addr.h"

/* What a note tells. */
enum cl_tunnel_what {
	CL_TUNNEL_PACKET, /* a packet in a tunnel, or the last fragment of one, with what is known of both */
	CL_TUNNEL_FRAGMENT, /* an IP fragment that carries a part of one; only of IP in IP, where each shows
			       it */
	CL_TUNNEL_ERROR	    /* an ICMP error that quotes a packet of a tunnel that is an IP protocol */
};

#define CL_TUNNEL_DF		 0x01u /* the outer IPv4 header forbids fragments */
#define CL_TUNNEL_FRAGMENTED	 0x02u /* the outer packet came in IP fragments */
#define CL_TUNNEL_INNER_FRAGMENT 0x04u /* the inner packet is a fragment */
#define CL_TUNNEL_INNER_WHOLE	 0x08u /* of which the others were there: what it makes is told of */
#define CL_TUNNEL_PORTS		 0x10u /* sport and dport hold */
#define CL_TUNNEL_ICMP		 0x20u /* the icmp_ members hold */

/* What the inner packet's ports are, by --dns-port and --ntp-port too. */
enum cl_tunnel_service { CL_TUNNEL_SERVICE_NONE, CL_TUNNEL_SERVICE_NTP, CL_TUNNEL_SERVICE_DNS };

/* All values are copies; numbers in host byte order. */
struct cl_tunnel_note {
	int64_t time_ns;
	struct cl_addr src, dst;	     /* of the tunnel's header; of an error: of the quoted one */
	struct cl_addr inner_src, inner_dst; /* if inner_version; of an error: who sent it to whom */
	uint64_t bytes;			     /* of `packets`, on the wire */
	uint32_t packets;      /* frames that it came in; 0 where its fragments were told one by one */
	uint32_t inner_octets; /* of the inner IP packet (or fragment), with its header, as announced */
	uint32_t overhead;     /* octets between the beginnings of both IP headers; 0: not known */
	uint32_t icmp_rest;    /* second word of the ICMP message: identifier and sequence, or an MTU */
	uint16_t ip_id;	       /* of the outer IPv4 header */
	uint16_t sport, dport; /* inner ones */
	uint16_t mss;	       /* of an inner TCP SYN (RFC 9293 sec. 3.7.1); 0: not said */
	uint8_t what, kind;    /* kind: place among the facts of tunnels (facts.def) */
	uint8_t level;	       /* 1: the outermost tunnel of the packet */
	uint8_t ttl;	       /* outer time to live or hop limit */
	uint8_t bits;
	uint8_t inner_version;	      /* 4 or 6; 0: it carries no IP packet, or none that was read */
	uint8_t inner_proto;	      /* behind extension headers */
	uint8_t carried;	      /* 1 + kind of the tunnel that the inner packet is; 0: none */
	uint8_t icmp_type, icmp_code; /* of the inner packet; of an error: its own */
	uint8_t family;		      /* of an error: 4 or 6 */
	uint8_t service;	      /* enum cl_tunnel_service */
};

/* Kinds of tunnels. */
#define CL_TUNNEL_KINDS 12u

/* Takes a note; borrowed until it returns. Those of a packet come outermost first, when it was decoded. */
typedef void (*cl_tunnel_fn)(void *ctx, const struct cl_tunnel_note *note);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_EVENT_H
#define CL_DISSECT_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/addr.h"

enum cl_event_kind {
	CL_EV_NTP,
	CL_EV_DNS,
	CL_EV_MDNS,  /* multicast DNS (RFC 6762): counted apart */
	CL_EV_LLMNR, /* RFC 4795: counted apart */
	CL_EV_ICMP,  /* an ICMP error that quotes an NTP or DNS packet */
	CL_EV_CONN,  /* a TCP connection on a port of ours has ended: from its client to its server; only with
		      * notes
		      */
	CL_EV_PART,  /* the first fragment of a DNS message whose others never came; only with notes. Of u.dns
		      * it has the ID */
	CL_EV_KINDS
};

/* What a message is to the client-server pair it belongs to (clientele(1), DEFINITIONS). */
enum cl_role {
	CL_ROLE_REQUEST,
	CL_ROLE_RESPONSE,
	CL_ROLE_APART /* nobody becomes a client by it: NTP modes 5, 6, 7 and the like */
};

/* Flags of an event. */
#define CL_EVF_OUT_OF_ORDER 0x01u /* its frame came too late to be sorted: totals, not series */
#define CL_EVF_CLIENT_LEFT  0x02u /* a request whose client nobody has counted: the engine does (askers.h) */

/* NTP facts (cl_ntp.flags). */
#define CL_NTP_MAC	0x01u /* a message authentication code follows (RFC 7822 sec. 3; not crypto-NAK) */
#define CL_NTP_NTS	0x02u /* field 0x0404, or 0x0204 beside 0x0104 (RFC 8915 sec. 5) */
#define CL_NTP_UID	0x04u /* a unique identifier field: its hash is in `uid` */
#define CL_NTP_KOD	0x08u /* modes 4 and 2 with stratum 0 (RFC 5905 sec. 7.4) */
#define CL_NTP_BAD_TAIL 0x10u /* what follows the header fits no rule */
#define CL_NTP_NAK	0x20u /* a crypto-NAK follows (RFC 5905 sec. 9.2) */

/* Lean fields of an NTP header (RFC 5905 sec. 7.3); stamps are raw 32.32 values. */
struct cl_ntp {
	uint64_t org, rec, xmt;
	uint64_t uid; /* hash of the NTS unique identifier's body, if CL_NTP_UID */
	uint8_t version, mode, stratum, poll;
	uint8_t flags;
	/* For counting alone, as below. */
	uint8_t leap;
	uint16_t length;
	uint32_t root_delay, root_dispersion; /* 16.16 seconds, as they are */
	uint32_t refid;
};

/* DNS facts (cl_dns.bits). */
#define CL_DNS_QUESTION 0x01u /* a question was read: qhash, qtype, qclass are set */
#define CL_DNS_TC	0x02u
#define CL_DNS_EDNS	0x04u /* an OPT record (RFC 6891) */
#define CL_DNS_DO	0x08u /* its DO bit (RFC 3225) */
#define CL_DNS_ECS	0x10u /* client subnet option (RFC 7871) */
#define CL_DNS_COOKIE	0x20u /* cookie option (RFC 7873) */
#define CL_DNS_TCP	0x40u /* came over TCP */
#define CL_DNS_BROKEN	0x80u /* malformed after its header: rcode and bits may be incomplete */

/* What a message over TCP may say of the zone transfer it is a part of (cl_dns.transfer; RFC 5936, RFC 1995).
 */
#define CL_DNS_XFR_ANSWER 0x01u /* it has answers; the rest holds then */
#define CL_DNS_XFR_FIRST  0x02u /* the first is an SOA, of serial soa_first */
#define CL_DNS_XFR_LAST	  0x04u /* the last is an SOA, of serial soa_last */
#define CL_DNS_XFR_ODD	  0x08u /* there is an odd number of SOAs */
#define CL_DNS_XFR_ONE	  0x10u /* there is one answer */
#define CL_DNS_XFR_CUT	  0x20u /* the first may be an SOA: the capture kept too little of it */

/* Lean fields of a DNS message (RFC 1035 sec. 4.1). */
struct cl_dns {
	uint64_t qhash;	  /* of the question's name (lower case), type and class */
	int64_t first_ns; /* time of the message's first packet; cl_event.time_ns is the last one's */
	uint16_t id, qtype, qclass;
	uint16_t rcode;	     /* 12 bits, with the OPT record's (RFC 6891 sec. 6.1.3) */
	uint32_t connection; /* number of its TCP connection, from 1; 0: UDP */
	uint8_t opcode, bits;
	uint8_t transfer;
	uint32_t soa_first, soa_last;
	/* For counting alone: exchanges that are read back have them in their notes. */
	uint16_t length;    /* of the message, without TCP's two octets; 65535: as many or more */
	uint16_t flags;	    /* second word of the header */
	uint16_t udp_size;  /* of the OPT record, if CL_DNS_EDNS */
	uint8_t ecs_family; /* of the client subnet option, if CL_DNS_ECS: 1 IPv4, 2 IPv6; 0: cut off */
	uint8_t ecs_source; /* its source prefix length */
};

/* What an ICMP error quotes (cl_icmp.bits). */
#define CL_ICMP_RESPONSE 0x01u /* the quoted packet was a response: it came from the service's port */
#define CL_ICMP_DNS	 0x02u /* of DNS; else of NTP */
#define CL_ICMP_TCP	 0x04u

/* An error (RFC 792, RFC 4443): event.src sent it to event.dst; of the quoted packet: */
struct cl_icmp {
	struct cl_addr src, dst;
	uint64_t payload; /* hash of what was quoted of its payload, quoted_len octets */
	uint32_t quoted_len;
	uint16_t sport, dport;
	uint8_t type, code, family; /* family: 4 or 6 */
	uint8_t bits;
};

/* One message, as counting needs it. All values are copies. Within two cache lines. */
struct cl_event {
	int64_t time_ns;
	uint64_t frame_no;	 /* in its file */
	struct cl_addr src, dst; /* of the innermost packet */
	uint32_t wire_len;	 /* of the frame */
	uint32_t file;
	uint16_t sport, dport;
	uint8_t kind, role, flags, reserved;
	union {
		struct cl_ntp ntp;
		struct cl_dns dns;
		struct cl_icmp icmp;
	} u;
};

/* Which messages are wanted, by the tunnels that they came in; the others are filtered. */
enum cl_only { CL_ONLY_ALL, CL_ONLY_INNER, CL_ONLY_OUTER };

struct cl_note;

/* Room for events, of whoever takes them; what it holds before is of no matter. */
struct cl_event_room {
	struct cl_event *events;
	size_t count;	       /* 1 or more */
	struct cl_note *notes; /* as many (dissect/note.h); NULL: nobody asked for them. All rooms that a
				  dissector is given have them, or none has */
};

#endif

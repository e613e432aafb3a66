/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_CONVERSATION_H
#define CL_DISSECT_CONVERSATION_H

#include "dissect/packet.h"

/*
 * All TCP and UDP conversations, numbered from 0 as Wireshark numbers its streams: by addresses and ports, in
 * the order of their first packets, those quoted in ICMP errors among them. Kept only when all of each packet
 * is decoded, or notes that number them are wanted (cl_limits.streams). Bounded: beyond 262,144 the one idle
 * longest is forgotten, and has another number if it goes on.
 */

/* Remembered per direction until they are acknowledged; the oldest go. Fewer when all flows have many. */
#define CL_FLOW_SEGMENTS 128u

/* A segment that was not acknowledged yet. */
struct cl_flow_segment {
	uint32_t seq, end; /* its first number, and the one behind it */
	uint64_t frame;
	int64_t time_ns;
};

/* One direction of a TCP conversation. Sequence numbers are raw. */
struct cl_flow {
	uint32_t base;	/* of the relative sequence numbers, if `has_base` */
	uint32_t next;	/* behind the highest number sent so far, if `has_next` */
	uint32_t ack;	/* what was acknowledged last, if `has_ack` */
	uint32_t acked; /* what the other side may acknowledge without having got more than we saw */
	uint32_t window, push_bytes, dup_acks;
	uint32_t sacked; /* octets that its last segment acknowledged selectively */
	int64_t next_ns, ack_ns;
	uint64_t next_frame;
	uint64_t ack_frame; /* the first with that acknowledgement */
	int16_t scale;	    /* of the window; -1: not known, -2: not used */
	bool has_base, has_next, has_ack;
	bool lossy; /* octets in flight are not known: some were not captured, and no acknowledgement since */
	bool pushed;		/* the segment before had PSH */
	bool keep_alive, probe; /* the segment before was one */
	uint16_t segments, segment_room;
	struct cl_flow_segment *segment; /* `segment_room` of them, or NULL */
};

/* Two cache lines, of which the first has all that finds it. */
struct cl_conversation {
	_Alignas(64) struct cl_conversation *same_hash;
	struct cl_addr addr[2];
	uint16_t port[2];
	uint32_t number;
	int64_t last_ns;
	uint8_t proto; /* IP protocol number */
	/* TCP */
	uint8_t completeness;	/* Wireshark's bits */
	bool renewed;		/* it has the ports of one before, and its first packet is being told */
	uint8_t opener;		/* who sent the SYN */
	bool closing;		/* a FIN was seen */
	uint8_t closer;		/* who sent the first */
	bool fast_open;		/* the SYN had octets */
	int64_t syn_ns, rtt_ns; /* of the SYN; of the handshake; 0: not known */
	struct cl_flow *flow;	/* two; of UDP, which is most of what is seen, NULL */

	int64_t first_ns;
	uint64_t packets; /* none that an ICMP error quotes */
	uint64_t used;	  /* larger for one that was used later; while all have room */
	struct cl_conversation *newer, *older;
};

struct cl_conversations;
struct cl_conversations *cl_conversations_new(void); /* NULL when memory is short */
void cl_conversations_free(struct cl_conversations *t);

/* It is going to be asked for with these ports: brings near where it is found. */
void cl_conversation_expect(struct cl_conversations *t, const struct cl_pkt *p, uint8_t proto, uint16_t sport,
			    uint16_t dport);

/* The conversation of the packet's innermost addresses and ports, made if it is not there; NULL when memory
 * is short. `dir` is set to which of its two sides sent the packet. */
struct cl_conversation *cl_conversation_find(struct cl_conversations *t, const struct cl_pkt *p,
					     uint8_t proto, unsigned *dir);

/* A new one with the same addresses and ports. */
void cl_conversation_renew(struct cl_conversations *t, struct cl_conversation *c, const struct cl_pkt *p);

/* Remembers a segment of one of their flows. */
void cl_flow_add(struct cl_conversations *t, struct cl_flow *f, const struct cl_flow_segment *one);

/* Puts udp.stream, and, unless the packet is quoted, the times since the conversation's first packet and its
 * last one; and tells its note. Ports and addresses have been read. Only with detail or notes. */
void cl_conversation_udp(struct cl_pkt *p);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_FRAG_H
#define CL_DISSECT_FRAG_H

#include "dissect/ledger.h"
#include "dissect/packet.h"

/**
 * Fragments that wait for the others of their datagram (RFC 791, RFC 8200 sec. 4.5). Bounded by cl_limits in
 * octets and in datagrams: the oldest is given up first, and counted. Aged on packet time: a datagram waits
 * for 60 s from its first fragment on (RFC 8200 sec. 4.5, RFC 1122 sec. 3.3.2), and as long is it
 * remembered once whole, so that duplicates of its fragments begin no other. Opaque.
 */
struct cl_frags *cl_frags_new(const struct cl_limits *limits);
void cl_frags_free(struct cl_frags *f);

/* A fragment whose payload is what is left at the packet's cursor. */
struct cl_fragment {
	uint32_t id;
	uint32_t from;	 /* octets of the datagram's payload before this one's */
	uint32_t header; /* octets that count towards its greatest length: IPv4 header, IPv6 extension headers
			  */
	uint8_t proto;	 /* what is in it: protocol or next header */
	bool more;	 /* fragments follow */
};

/**
 * Takes a fragment of the innermost IP header's datagram. CL_NEXT_DONE: it waits, or has its fate.
 * CL_NEXT_IP_PROTO: the packet's cursor is over the whole datagram's payload, borrowed until
 * cl_frags_release; or the datagram is quoted or was cut by the capture, and its first part is decoded.
 */
enum cl_next cl_frags_take(struct cl_pkt *p, const struct cl_fragment *g);

/* Ends the packet: frees what was put together for it and remembers what became of it. */
void cl_frags_release(struct cl_frags *f, const struct cl_pkt *p);

/* Ends the input, of which `p` was the last packet: what waits is incomplete. */
void cl_frags_finish(struct cl_frags *f, struct cl_pkt *p);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TUNNELNOTES_H
#define CL_DISSECT_TUNNELNOTES_H

/* How layers tell of tunnels (tunnelnote.h). Each call only where p->tunnel_notes is not NULL. */

#include "dissect/icmp.h"
#include "dissect/packet.h"
#include "dissect/tunnelnote.h"

/* Tunnels within tunnels; of deeper ones nothing is told. */
#define CL_TUNNELS_OPEN_MAX CL_LAYERS_MAX

/* A tunnel that the packet at hand is in. */
struct cl_tunnel_open {
	struct cl_tunnel_note note;
	const uint8_t *base; /* octets that its IP header is in; NULL: of fragments */
	uint32_t at;	     /* where */
};

/* Of one packet: nothing is given on before all of it was decoded. */
struct cl_tunnel_notes {
	cl_tunnel_fn fn;
	void *ctx;
	const struct cl_frame *frame; /* that the rest is of; NULL: none */
	unsigned count;
	struct cl_tunnel_open open[CL_TUNNELS_OPEN_MAX]; /* outermost first */
	struct {
		const struct cl_frame *frame;
		uint8_t layers;
		struct cl_tunnel_note note;
	} fragment; /* the IP fragment met last */
	struct {
		const struct cl_frame *frame;
		uint32_t rest;
		uint8_t type, code;
	} error; /* the ICMP message met last, which may quote a tunnel */
};

/* Gives on what is held. Before the frames' memory goes. */
void cl_tunnel_notes_flush(struct cl_tunnel_notes *t);

/* A tunnel's header ends; the IP header around it was read last. */
void cl_tunnel_note_enter(struct cl_pkt *p, enum cl_fact kind);

/* An IP fragment, whose protocol is p->proto. */
void cl_tunnel_note_fragment(struct cl_pkt *p);

/* An IP header, or an extension header, was read. */
void cl_tunnel_note_inner(struct cl_pkt *p);

/* A UDP header was read; a TCP header is about to be, but for its ports; an ICMP header was read. */
void cl_tunnel_note_udp(struct cl_pkt *p);
void cl_tunnel_note_tcp(struct cl_pkt *p, struct cl_cur header);
void cl_tunnel_note_icmp(struct cl_pkt *p, const struct cl_icmp_head *h);

/* The kind of IP in IP: p->proto in a header of p->ip_version. */
enum cl_fact cl_tunnel_kind(const struct cl_pkt *p);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LIVE_FILTER_H
#define CL_CAPTURE_LIVE_FILTER_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ports that messages of ours, or tunnels, have on one side or the other. */
struct cl_live_ports {
	const uint16_t *udp, *tcp;
	size_t udp_count, tcp_count;
};

/**
 * A BPF program for frames of this link type that keeps what may be ours: the ports, all fragments, ICMP and
 * ICMPv6, IP in IP, GRE, L2TP, MPLS and AH, IPv6 with extension headers, all these below VLAN tags, MPLS
 * labels and PPPoE; and what it cannot tell. Of what may be ours only what passes `then` (of the same link
 * type; may be NULL), but all fragments. False: there is none for the link type, or memory is short. Free
 * `out->bf_insns` with free.
 */
bool cl_live_program(struct bpf_program *out, uint16_t linktype, const struct cl_live_ports *ports,
		     const struct bpf_program *then);

#endif

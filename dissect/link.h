/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_LINK_H
#define CL_DISSECT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/packet.h"

#define CL_ETHERTYPE_IP4 0x0800u
#define CL_ETHERTYPE_IP6 0x86ddu

/* Below 0x600 an EtherType is none (IEEE 802.3 sec. 3.2.6). */
#define CL_ETHERTYPE_MIN 0x600u

/* Name of an EtherType (IANA, IEEE) or NULL. */
const char *cl_ethertype_name(uint64_t type);

/* Name of a PPP protocol (IANA) or NULL. */
const char *cl_ppp_name(uint64_t protocol);

/* Whether the two octets `at` octets from the cursor are an EtherType that carries IP, or ARP: tells Ethernet
 * where no header says what comes. */
bool cl_looks_ethernet(struct cl_cur c, uint32_t at);

static inline bool cl_vlan_is_tag(uint32_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

/* Reads a stack of tags, of which `p->proto` is the first's type; leaves there the type below them. False
 * when the packet has ended. */
bool cl_vlan_tags(struct cl_pkt *p);

/* Puts the layer of Ethernet, which begins at the cursor. Only with a detail. */
void cl_ethernet_put(struct cl_pkt *p, struct cl_cur c);

/* What follows an EtherType (`proto`): tags, tunnels, whatever is not plain IP. */
enum cl_next cl_ethertype_other(struct cl_pkt *p);

#endif

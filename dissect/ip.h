/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_IP_H
#define CL_DISSECT_IP_H

#include "dissect/packet.h"

/* Protocol numbers (IANA). */
enum {
	IP_HOPOPTS = 0,
	IP_ICMP = 1,
	IP_IPIP = 4,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_IPV6 = 41,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_GRE = 47,
	IP_AH = 51,
	IP_ICMP6 = 58,
	IP_DSTOPTS = 60,
	IP_MOBILITY = 135,
	IP_HIP = 139,
	IP_SHIM6 = 140
};

/* Whether it is an extension header of IPv6 (IANA, "IPv6 Extension Header Types"), AH among them. */
bool cl_ip6_is_extension(uint32_t proto);

/* The name of a protocol number. */
const char *cl_ip_proto_name(uint64_t proto);

#endif

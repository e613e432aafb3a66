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
	IP_L2TP = 115,
	IP_MOBILITY = 135,
	IP_MPLS = 137,
	IP_HIP = 139,
	IP_SHIM6 = 140
};

/* Octets of the headers without options. */
#define CL_IP4_HEADER 20u
#define CL_IP6_HEADER 40u

/* The word of an IPv4 header that says what fragment it is. */
#define CL_IP4_MORE	0x2000u
#define CL_IP4_OFFSET	0x1fffu /* in units of 8 octets */
#define CL_IP4_FRAGMENT (CL_IP4_MORE | CL_IP4_OFFSET)

/* Whether it is an extension header of IPv6 (IANA, "IPv6 Extension Header Types"), AH among them. */
bool cl_ip6_is_extension(uint32_t proto);

/* The names of a protocol number, a codepoint (RFC 2474) and congestion notification (RFC 3168). */
const char *cl_ip_proto_name(uint64_t proto);
const char *cl_ip_dscp_name(uint64_t dscp);
const char *cl_ip_ecn_name(uint64_t ecn);

/* ip.version, which stands in both layers. */
extern const struct cl_field cl_ip_version;

/* Puts a header; `header`: from its first octet on. What a source route leads to is shown as the destination.
 * Only with a detail. */
void cl_ip4_put(struct cl_pkt *p, struct cl_cur header);
void cl_ip6_put(struct cl_pkt *p, struct cl_cur header);

/* Takes the options of an IPv4 header, so many octets: the cursor behind them. */
struct cl_cur cl_ip4_take_options(struct cl_pkt *p, struct cl_cur c, uint32_t length);

/* Takes an IPv4 fragment: its identification, the word that says which one, octets of its header. */
enum cl_next cl_ip4_fragment(struct cl_pkt *p, uint32_t id, uint32_t fragment, uint32_t header);

/* What follows an IP header that is not UDP. */
enum cl_next cl_ip_proto_other(struct cl_pkt *p);

/* Puts the options of an IPv4 header (RFC 791 sec. 3.1). `ttl`: the header's. */
void cl_ip4_options(struct cl_pkt *p, struct cl_cur options, uint8_t ttl);

/* The last address of a source route that still has some to go to: 4 octets in `final`; false for none. */
bool cl_ip4_route(struct cl_cur options, uint8_t final[4]);

/* Puts the options of a hop-by-hop or destination options header (RFC 8200 sec. 4.2). */
void cl_ip6_options(struct cl_pkt *p, struct cl_cur options);

/* Rows of the two tables of options, for tests of them: false behind the last. */
bool cl_ip4_option_row(size_t i, uint8_t *type, const char **reference);
bool cl_ip6_option_row(size_t i, uint8_t *type, const char **reference);

/* Puts an extension header as a layer; `header` is over all of it. Fragment headers too. */
void cl_ip6_put_extension(struct cl_pkt *p, uint32_t proto, struct cl_cur header);

#endif

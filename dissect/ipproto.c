/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of protocol numbers (IANA, "Assigned Internet Protocol Numbers") and of the traffic class. */
#include "dissect/ip.h"

static const struct cl_name protocols[] = {
	{ 0, "IPv6 Hop-by-Hop Option" },
	{ 1, "ICMP" },
	{ 2, "IGMP" },
	{ 3, "GGP" },
	{ 4, "IPIP" },
	{ 5, "ST" },
	{ 6, "TCP" },
	{ 7, "CBT" },
	{ 8, "EGP" },
	{ 9, "IGP" },
	{ 17, "UDP" },
	{ 27, "RDP" },
	{ 33, "DCCP" },
	{ 41, "IPv6" },
	{ 43, "Routing Header for IPv6" },
	{ 44, "Fragment Header for IPv6" },
	{ 46, "RSVP" },
	{ 47, "GRE" },
	{ 50, "ESP" },
	{ 51, "AH" },
	{ 55, "MOBILE" },
	{ 58, "ICMPv6" },
	{ 59, "No Next Header for IPv6" },
	{ 60, "Destination Options for IPv6" },
	{ 88, "EIGRP" },
	{ 89, "OSPF" },
	{ 94, "IPIP" },
	{ 97, "EtherIP" },
	{ 98, "ENCAP" },
	{ 103, "PIM" },
	{ 108, "IPComp" },
	{ 112, "VRRP" },
	{ 115, "L2TP" },
	{ 124, "IS-IS over IPv4" },
	{ 132, "SCTP" },
	{ 133, "FC" },
	{ 135, "Mobility Header" },
	{ 136, "UDP-Lite" },
	{ 137, "MPLS-in-IP" },
	{ 138, "MANET" },
	{ 139, "HIP" },
	{ 140, "Shim6" },
	{ 141, "WESP" },
	{ 142, "ROHC" },
	{ 143, "Ethernet" },
	{ 144, "AGGFRAG" },
	{ 145, "NSH" },
	{ 253, "Experimental" },
	{ 254, "Experimental" },
	{ 255, "Reserved" },
};

const char *cl_ip_proto_name(uint64_t proto)
{
	return cl_name_find(protocols, sizeof protocols / sizeof *protocols, proto);
}

const char *cl_ip_dscp_name(uint64_t dscp)
{
	static const struct cl_name names[] = {
		{ 0, "Default" }, { 1, "LE" },	  { 8, "CS1" },	  { 10, "AF11" }, { 12, "AF12" },
		{ 14, "AF13" },	  { 16, "CS2" },  { 18, "AF21" }, { 20, "AF22" }, { 22, "AF23" },
		{ 24, "CS3" },	  { 26, "AF31" }, { 28, "AF32" }, { 30, "AF33" }, { 32, "CS4" },
		{ 34, "AF41" },	  { 36, "AF42" }, { 38, "AF43" }, { 40, "CS5" },  { 44, "VOICE-ADMIT" },
		{ 45, "NQB" },	  { 46, "EF" },	  { 48, "CS6" },  { 56, "CS7" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, dscp);
}

const char *cl_ip_ecn_name(uint64_t ecn)
{
	static const char *const names[] = { "Not-ECT", "ECT(1)", "ECT(0)", "CE" }; /* RFC 3168 sec. 5 */

	return ecn < sizeof names / sizeof *names ? names[ecn] : NULL;
}

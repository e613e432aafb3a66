/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LINKTYPE_H
#define CL_CAPTURE_LINKTYPE_H

#include <stdint.h>

/* LINKTYPE_ values of www.tcpdump.org/linktypes.html that the project knows by name. */
enum cl_linktype {
	CL_LINKTYPE_NULL = 0,
	CL_LINKTYPE_ETHERNET = 1,
	CL_LINKTYPE_PPP = 9,
	CL_LINKTYPE_PPP_HDLC = 50,
	CL_LINKTYPE_PPP_ETHER = 51,
	CL_LINKTYPE_RAW = 101,
	CL_LINKTYPE_C_HDLC = 104,
	CL_LINKTYPE_IEEE802_11 = 105,
	CL_LINKTYPE_LOOP = 108,
	CL_LINKTYPE_LINUX_SLL = 113,
	CL_LINKTYPE_IEEE802_11_RADIOTAP = 127,
	CL_LINKTYPE_PPI = 192,
	CL_LINKTYPE_MPLS = 219,
	CL_LINKTYPE_IPV4 = 228,
	CL_LINKTYPE_IPV6 = 229,
	CL_LINKTYPE_NFLOG = 239,
	CL_LINKTYPE_LINUX_SLL2 = 276
};

/**
 * The LINKTYPE_ value for a file's link type field: without the bits that tell of a frame check sequence,
 * and with the DLT_ values some systems wrote instead (12 and 14 for raw IP, 11 for RFC 1483) put right.
 */
uint16_t cl_linktype_of_file(uint32_t field);

/* libpcap's DLT_ value on this system. */
int cl_linktype_dlt(uint16_t linktype);

#endif

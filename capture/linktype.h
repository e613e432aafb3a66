/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_LINKTYPE_H
#define CL_CAPTURE_LINKTYPE_H

/* LINKTYPE_ values, as capture files carry them (www.tcpdump.org/linktypes.html). */
enum cl_linktype {
	CL_LINKTYPE_NULL = 0,
	CL_LINKTYPE_ETHERNET = 1,
	CL_LINKTYPE_PPP = 9,
	CL_LINKTYPE_PPP_HDLC = 50,
	CL_LINKTYPE_RAW = 101,
	CL_LINKTYPE_LOOP = 108,
	CL_LINKTYPE_LINUX_SLL = 113,
	CL_LINKTYPE_IPV4 = 228,
	CL_LINKTYPE_IPV6 = 229,
	CL_LINKTYPE_LINUX_SLL2 = 276
};
#endif

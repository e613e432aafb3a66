/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_WLAN_H
#define CL_DISSECT_WLAN_H

#include "dissect/packet.h"

/* What the capture's own header says of a frame. */
#define CL_WLAN_FCS	0x01u /* its check sequence follows */
#define CL_WLAN_PADDED	0x02u /* its header is padded to 4 octets */
#define CL_WLAN_DAMAGED 0x04u /* its check sequence was wrong */

/* Reads a frame that the rest of the packet is. */
enum cl_next cl_wlan_frame(struct cl_pkt *p, unsigned flags);

/* Little-endian, as all numbers of IEEE 802.11 are. */
static inline uint16_t cl_wlan_u16(struct cl_cur *c)
{
	return __builtin_bswap16(cl_cur_u16(c));
}

static inline uint32_t cl_wlan_u32(struct cl_cur *c)
{
	return __builtin_bswap32(cl_cur_u32(c));
}

#endif

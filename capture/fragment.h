/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_FRAGMENT_H
#define CL_CAPTURE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"

/**
 * Whether the frame's outermost IP header is that of a fragment (RFC 791, RFC 8200 sec. 4.5), behind any
 * stack of VLAN tags and MPLS labels: a filter that asks for ports passes the first one at best.
 */
bool cl_frame_is_fragment(const struct cl_frame *frame);

#define CL_UNFRAGMENT_ROOM 2048u

/**
 * A first or only IPv6 fragment without its fragment header, which hides the ports from libpcap: at most
 * CL_UNFRAGMENT_ROOM octets of it, in `room`. False, and `out` untouched, if it is none.
 */
bool cl_frame_unfragment(const struct cl_frame *frame, uint8_t room[CL_UNFRAGMENT_ROOM],
			 struct cl_frame *out);

#endif

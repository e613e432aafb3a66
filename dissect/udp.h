/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_UDP_H
#define CL_DISSECT_UDP_H

#include "dissect/packet.h"

#define CL_UDP_HEADER 8u

/* Puts the layer and its header, at which the cursor stands. Only with a detail. */
void cl_udp_put(struct cl_pkt *p, struct cl_cur header);

/* Puts how the checksum stands, and the conversation, once the header was read. Only with a detail. */
void cl_udp_put_sum(struct cl_pkt *p);

/* Of a reassembled datagram: whether its checksum says that it is spoilt, and nothing more is to be read. */
bool cl_udp_is_spoilt(struct cl_pkt *p);

/* What follows on ports that are no service's, and in a quote; `next`: what cl_udp_service says. */
enum cl_next cl_udp_other(struct cl_pkt *p, enum cl_next next);

#endif

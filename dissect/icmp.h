/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ICMP_H
#define CL_DISSECT_ICMP_H

#include "dissect/packet.h"

/* An ICMP message's beginning: type, code, checksum, and the four octets whose meaning the type gives. */
struct cl_icmp_head {
	struct cl_cur start; /* over the message */
	uint8_t type, code;
	uint16_t checksum;
	uint32_t rest;
};

/* Reads it; false when the packet is done for. The cursor is behind the eight octets then, or behind the
 * first four of a message that has no more. */
bool cl_icmp_head(struct cl_pkt *p, struct cl_icmp_head *h);

/**
 * Goes on with the packet that an error quotes. `length`: octets of the quote as RFC 4884 has them, 0 if the
 * error does not say and it fills the message; `next`: what it is.
 */
enum cl_next cl_icmp_error(struct cl_pkt *p, const struct cl_icmp_head *h, uint32_t length,
			   enum cl_next next);

#endif

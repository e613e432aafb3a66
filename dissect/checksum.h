/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_CHECKSUM_H
#define CL_DISSECT_CHECKSUM_H

#include "dissect/packet.h"

/* Sums 16-bit words in network order over the next n octets, an odd last one padded with zero (RFC 1071). */
uint64_t cl_checksum_add(struct cl_cur *c, uint32_t n);

/* Folds a sum of words to 16 bits, in one's complement. */
uint16_t cl_checksum_fold(uint64_t sum);

/* How a checksum of `length` octets from the cursor on stands, its field among them, with no pseudo-header
 * (IPv4 header, ICMP, GRE). */
enum cl_checksum cl_checksum_plain(struct cl_cur whole, uint32_t length);

/**
 * The same with the pseudo-header of the innermost IP header (RFC 9293 sec. 3.1, RFC 768, RFC 8200 sec. 8.1:
 * with a routing header the final destination). UDP's zero is CL_SUM_NONE.
 */
enum cl_checksum cl_checksum_l4(const struct cl_pkt *p, struct cl_cur whole, uint32_t length, uint8_t proto,
				uint16_t stored);

/* What the field should hold, of octets whose sum (see cl_checksum_add) holds `stored`. */
uint16_t cl_checksum_right(uint64_t sum, uint16_t stored);

/* The same for all of cl_checksum_l4's; only where that gave GOOD, BAD or PARTIAL. */
uint16_t cl_checksum_l4_right(const struct cl_pkt *p, struct cl_cur whole, uint32_t length, uint8_t proto,
			      uint16_t stored);

/* As Wireshark numbers them: 0 bad (or left to the sender's hardware), 1 good, 2 unverified, 3 absent, 4
 * illegal. */
uint64_t cl_checksum_status(enum cl_checksum sum);

/* The name of such a number. */
const char *cl_checksum_status_name(uint64_t status);

#endif

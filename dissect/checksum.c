/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum (RFC 1071) and the pseudo-headers of IPv4 and IPv6. */
#include "dissect/checksum.h"

#define PROTO_UDP 17u

/* Words of 32 bits come to the same when folded: 2^16 is 1 modulo 2^16 - 1. */
uint64_t cl_checksum_add(struct cl_cur *c, uint32_t n)
{
	struct cl_span s = cl_cur_take(c, n);
	uint64_t sum = 0, more = 0; /* two, so that one need not wait for the other */

	for (; s.len >= 8; s.ptr += 8, s.len -= 8) {
		sum += cl_be32(s.ptr);
		more += cl_be32(s.ptr + 4);
	}
	if (s.len >= 4) {
		sum += cl_be32(s.ptr);
		s.ptr += 4;
		s.len -= 4;
	}
	if (s.len >= 2) {
		more += cl_be16(s.ptr);
		s.ptr += 2;
		s.len -= 2;
	}
	if (s.len == 1)
		sum += (uint32_t)*s.ptr << 8;
	return sum + more;
}

uint16_t cl_checksum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t cl_checksum_right(uint64_t sum, uint16_t stored)
{
	return (uint16_t)~cl_checksum_fold(sum + (uint16_t)~stored);
}

static uint64_t address_words(const struct cl_pkt *p, const uint8_t octets[16])
{
	struct cl_cur c = cl_cur_make(octets, 16, 16);

	if (p->ip_version == 4)
		cl_cur_skip(&c, 12);
	return cl_checksum_add(&c, p->ip_version == 4 ? 4 : 16);
}

static uint16_t pseudo_header(const struct cl_pkt *p, uint32_t length, uint8_t proto)
{
	const uint8_t *dst = p->final_dst != NULL ? p->final_dst : p->ev->dst.b;

	return cl_checksum_fold(address_words(p, p->ev->src.b) + address_words(p, dst) + proto + length);
}

enum cl_checksum cl_checksum_plain(struct cl_cur whole, uint32_t length)
{
	if (whole.err != CL_OK || cl_cur_kept(&whole) < length)
		return CL_SUM_UNCHECKED;
	return cl_checksum_fold(cl_checksum_add(&whole, length)) == 0xffff ? CL_SUM_GOOD : CL_SUM_BAD;
}

enum cl_checksum cl_checksum_l4(const struct cl_pkt *p, struct cl_cur whole, uint32_t length, uint8_t proto,
				uint16_t stored)
{
	if (stored == 0 && proto == PROTO_UDP)
		return CL_SUM_NONE;
	if (whole.err != CL_OK || cl_cur_kept(&whole) < length)
		return CL_SUM_UNCHECKED;
	uint16_t pseudo = pseudo_header(p, length, proto);
	if (cl_checksum_fold(cl_checksum_add(&whole, length) + pseudo) == 0xffff)
		return CL_SUM_GOOD;
	return stored == pseudo ? CL_SUM_PARTIAL : CL_SUM_BAD;
}

uint16_t cl_checksum_l4_right(const struct cl_pkt *p, struct cl_cur whole, uint32_t length, uint8_t proto,
			      uint16_t stored)
{
	uint16_t right =
		cl_checksum_right(cl_checksum_add(&whole, length) + pseudo_header(p, length, proto), stored);

	return right == 0 && proto == PROTO_UDP ? 0xffff : right;
}

/* Wireshark's numbers, by enum cl_checksum. */
uint64_t cl_checksum_status(enum cl_checksum sum)
{
	static const uint8_t status[] = { [CL_SUM_NONE] = 3,
					  [CL_SUM_GOOD] = 1,
					  [CL_SUM_BAD] = 0,
					  [CL_SUM_PARTIAL] = 0,
					  [CL_SUM_UNCHECKED] = 2 };

	return status[sum];
}

const char *cl_checksum_status_name(uint64_t status)
{
	static const char *const names[] = { "Bad", "Good", "Unverified", "Not present", "Illegal" };

	return status < sizeof names / sizeof *names ? names[status] : NULL;
}

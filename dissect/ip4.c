/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791). */
#include "dissect/frag.h"
#include "dissect/packet.h"

#define IP4_MIN_HEADER	  20u
#define IP4_MORE	  0x2000u
#define IP4_OFFSET	  0x1fffu /* in units of 8 octets */
#define IP4_FRAGMENT_MASK (IP4_MORE | IP4_OFFSET)

static inline void map_address(struct cl_cur *c, struct cl_addr *a)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff }; /* RFC 4291 sec. 2.5.5.2 */

	uint8_t octets[4] = { 0 };

	cl_cur_copy(c, octets, sizeof octets);
	memcpy(a->b, prefix, sizeof prefix);
	memcpy(a->b + 12, octets, sizeof octets);
}

enum cl_next cl_ip4(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t start = c->pos;

	cl_ip_enter(p);
	uint8_t version_ihl = cl_cur_u8(c);

	cl_cur_skip(c, 1); /* DSCP, ECN */
	uint32_t total = cl_cur_u16(c), header = (version_ihl & 15u) * 4;
	uint32_t id = cl_cur_u16(c), fragment = cl_cur_u16(c);
	cl_cur_skip(c, 1); /* time to live */
	p->proto = cl_cur_u8(c);
	cl_cur_skip(c, 2); /* header checksum */
	map_address(c, &p->ev->src);
	map_address(c, &p->ev->dst);
	if (c->err != CL_OK)
		return cl_pkt_failed(p, c);
	if (total == 0) /* segmentation left to the sender's hardware: the frame's length counts */
		total = c->len - start;
	if (version_ihl >> 4 != 4)
		return cl_pkt_malformed(p, CL_ANOM_IP_BAD_VERSION);
	if (header < IP4_MIN_HEADER || total < header)
		return cl_pkt_malformed(p, CL_ANOM_IP_BAD_HEADER_LENGTH);
	p->ip_version = 4;
	cl_cur_narrow(c, total - IP4_MIN_HEADER);
	cl_cur_skip(c, header - IP4_MIN_HEADER); /* options */
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_IP_BAD_LENGTH);
	if ((fragment & IP4_FRAGMENT_MASK) != 0)
		return cl_frags_take(p, &(struct cl_fragment){ .id = id,
							       .from = (fragment & IP4_OFFSET) * 8,
							       .header = header,
							       .proto = (uint8_t)p->proto,
							       .more = (fragment & IP4_MORE) != 0 });
	return CL_NEXT_IP_PROTO;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791). */
#include "dissect/checksum.h"
#include "dissect/frag.h"
#include "dissect/ip.h"

#define IP4_MIN_HEADER	  20u
#define IP4_MORE	  0x2000u
#define IP4_OFFSET	  0x1fffu /* in units of 8 octets */
#define IP4_FRAGMENT_MASK (IP4_MORE | IP4_OFFSET)

static const struct cl_protocol ip4 = { "ip", "Internet Protocol Version 4" };

const struct cl_field cl_ip_version = { "ip.version", "Version", CL_V_UINT, CL_DEC, 0, NULL };

static const struct cl_header_row rows[] = {
	{ { "ip.dsfield", "Differentiated Services Field", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
	{ { "ip.dsfield.dscp", "Differentiated Services Codepoint", CL_V_UINT, CL_DEC, 0, cl_ip_dscp_name },
	  1,
	  1,
	  0xfc },
	{ { "ip.dsfield.ecn", "Explicit Congestion Notification", CL_V_UINT, CL_DEC, 0, cl_ip_ecn_name },
	  1,
	  1,
	  0x03 },
	{ { "ip.len", "Total Length", CL_V_UINT, CL_DEC, 0, NULL }, 2, 2, 0 },
	{ { "ip.id", "Identification", CL_V_UINT, CL_HEX16, 0, NULL }, 4, 2, 0 },
	{ { "ip.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 6, 1, 0xe0 },
	{ { "ip.flags.rb", "Reserved bit", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x80 },
	{ { "ip.flags.df", "Don't fragment", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x40 },
	{ { "ip.flags.mf", "More fragments", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x20 },
	{ { "ip.frag_offset", "Fragment Offset (in 8 octets)", CL_V_UINT, CL_DEC, 0, NULL }, 6, 2, 0x1fff },
	{ { "ip.ttl", "Time to Live", CL_V_UINT, CL_DEC, 0, NULL }, 8, 1, 0 },
	{ { "ip.proto", "Protocol", CL_V_UINT, CL_DEC, 0, cl_ip_proto_name }, 9, 1, 0 },
	{ { "ip.checksum", "Header Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 10, 2, 0 },
};

static const struct cl_field header_length = { "ip.hdr_len", "Header Length", CL_V_UINT, CL_DEC, 0, NULL };
static const struct cl_field src = { "ip.src", "Source Address", CL_V_IP4, CL_DEC, 0, NULL };
static const struct cl_field dst = { "ip.dst", "Destination Address", CL_V_IP4, CL_DEC, 0, NULL };
static const struct cl_field current = { "ip.cur_rt", "Current Route", CL_V_IP4, CL_DEC, 0, NULL };
static const struct cl_field status = { "ip.checksum.status", "Header checksum status", CL_V_UINT, CL_DEC,
					CL_FD_GENERATED,      cl_checksum_status_name };
static const struct cl_field calculated = {
	"ip.checksum_calculated", "Calculated Checksum", CL_V_UINT, CL_HEX16, CL_FD_GENERATED, NULL
};
static const struct cl_field offloaded = { "ip.checksum.offloaded",
					   "Header checksum left to the sender's hardware",
					   CL_V_BOOL,
					   CL_DEC,
					   CL_FD_GENERATED,
					   NULL };

static inline void map_address(struct cl_cur *c, struct cl_addr *a)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff }; /* RFC 4291 sec. 2.5.5.2 */

	uint8_t octets[4] = { 0 };

	cl_cur_copy(c, octets, sizeof octets);
	memcpy(a->b, prefix, sizeof prefix);
	memcpy(a->b + 12, octets, sizeof octets);
}

/* A sum of zero that is wrong was left to the sender's hardware. */
static void put_checksum(struct cl_pkt *p, struct cl_cur header, uint32_t length)
{
	enum cl_checksum sum = cl_pkt_quoted(p) ? CL_SUM_UNCHECKED : cl_checksum_plain(header, length);
	struct cl_cur c = header;

	cl_cur_skip(&c, 10);
	uint16_t stored = cl_cur_u16(&c);
	if (sum == CL_SUM_BAD && stored == 0)
		sum = CL_SUM_PARTIAL;
	cl_put_uint(p->detail, &status, cl_checksum_status(sum));
	if (sum == CL_SUM_PARTIAL)
		cl_put_uint(p->detail, &offloaded, 1);
	if (sum == CL_SUM_BAD)
		cl_pkt_anomaly(p, CL_ANOM_IP_BAD_CHECKSUM);
	if (sum != CL_SUM_UNCHECKED)
		cl_put_uint(p->detail, &calculated,
			    cl_checksum_right(cl_checksum_add(&header, length), stored));
}

/* `header`: from its first octet on. What a source route leads to is shown as the destination. */
static void put_header(struct cl_pkt *p, struct cl_cur header)
{
	struct cl_cur c = header;
	uint32_t first = cl_cur_peek(&c), length = (first & 15u) * 4;

	if (c.err != CL_OK)
		return;
	cl_pkt_layer(p, &ip4);
	cl_put_uint(p->detail, &cl_ip_version, first >> 4);
	if (first >> 4 != 4)
		return;
	cl_put_uint(p->detail, &header_length, length);
	if (length < IP4_MIN_HEADER)
		return;
	CL_PUT_HEADER(p->detail, header, rows);
	cl_cur_skip(&c, 8);
	uint8_t ttl = cl_cur_u8(&c);
	cl_cur_skip(&c, 3);
	uint32_t from = cl_cur_u32(&c), to = cl_cur_u32(&c);
	if (c.err != CL_OK)
		return;
	put_checksum(p, header, length);
	cl_put_uint(p->detail, &src, from);
	struct cl_cur options = c;
	uint8_t last[4];
	cl_cur_narrow(&options, length - IP4_MIN_HEADER);
	if (cl_ip4_route(options, last)) {
		cl_put_uint(p->detail, &current, to);
		to = (uint32_t)last[0] << 24 | (uint32_t)last[1] << 16 | (uint32_t)last[2] << 8 | last[3];
	}
	cl_put_uint(p->detail, &dst, to);
	cl_ip4_options(p, options, ttl);
}

/* The pseudo-header holds the last address of a source route (RFC 9293 sec. 3.1). */
static void keep_final(struct cl_pkt *p, struct cl_cur options)
{
	memset(p->final_addr, 0, sizeof p->final_addr);
	if (cl_ip4_route(options, p->final_addr + 12))
		p->final_dst = p->final_addr;
}

enum cl_next cl_ip4(struct cl_pkt *p)
{
	struct cl_cur *c = &p->cur;
	uint32_t start = c->pos;

	if (!cl_ip_enter(p))
		return CL_NEXT_DONE;
	p->ip_version = 4;
	if (p->detail != NULL)
		put_header(p, *c);
	uint8_t version_ihl = cl_cur_u8(c);
	cl_cur_skip(c, 1); /* DSCP, ECN */
	uint32_t total = cl_cur_u16(c), header = (version_ihl & 15u) * 4;
	uint32_t id = cl_cur_u16(c), fragment = cl_cur_u16(c);
	p->ip_ttl = cl_cur_u8(c);
	p->proto = cl_cur_u8(c);
	cl_cur_skip(c, 2); /* header checksum */
	map_address(c, &p->ev->src);
	map_address(c, &p->ev->dst);
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_IP_BAD_LENGTH);
	if (total == 0) /* segmentation left to the sender's hardware: the frame's length counts */
		total = c->len - start;
	if (version_ihl >> 4 != 4)
		return cl_pkt_malformed(p, CL_ANOM_IP_BAD_VERSION);
	if (header < IP4_MIN_HEADER || total < header)
		return cl_pkt_malformed(p, CL_ANOM_IP_BAD_HEADER_LENGTH);
	cl_cur_narrow(c, total - IP4_MIN_HEADER);
	if (header > IP4_MIN_HEADER) {
		struct cl_cur options = *c;

		cl_cur_narrow(&options, header - IP4_MIN_HEADER);
		keep_final(p, options);
		cl_cur_skip(c, header - IP4_MIN_HEADER);
	}
	if (c->err != CL_OK)
		return cl_pkt_failed_by(p, c, CL_ANOM_IP_BAD_LENGTH);
	if ((fragment & IP4_FRAGMENT_MASK) == 0)
		return CL_NEXT_IP_PROTO;
	cl_tunnel_in_fragment(p);
	return cl_frags_take(p, &(struct cl_fragment){ .id = id,
						       .from = (fragment & IP4_OFFSET) * 8,
						       .header = header,
						       .proto = (uint8_t)p->proto,
						       .more = (fragment & IP4_MORE) != 0 });
}

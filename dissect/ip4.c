/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791). */
#include "dissect/checksum.h"
#include "dissect/frag.h"
#include "dissect/ip.h"

static const struct cl_protocol ip4 = { "ip", "Internet Protocol Version 4" };

const struct cl_field cl_ip_version = { "ip.version", "Version", CL_V_UINT, CL_DEC, 0, NULL };

static const struct cl_header_row rows[] = {
	CL_ROWS(1, 1, 3),
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
	CL_ROWS(6, 2, 5),
	{ { "ip.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 6, 1, 0xe0 },
	{ { "ip.flags.rb", "Reserved bit", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x80 },
	{ { "ip.flags.df", "Don't fragment", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x40 },
	{ { "ip.flags.mf", "More fragments", CL_V_BOOL, CL_DEC, 0, NULL }, 6, 1, 0x20 },
	{ { "ip.frag_offset", "Fragment Offset (in 8 octets)", CL_V_UINT, CL_DEC, 0, NULL }, 6, 2, 0x1fff },
	CL_ROWS(8, 2, 2),
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
	if (sum == CL_SUM_GOOD && stored != 0xffff) /* which should be the other zero */
		cl_put_uint(p->detail, &calculated, stored);
	else if (sum != CL_SUM_UNCHECKED)
		cl_put_uint(p->detail, &calculated,
			    cl_checksum_right(cl_checksum_add(&header, length), stored));
}

static void put_first(struct cl_detail *d, uint64_t octet)
{
	cl_put_uint(d, &cl_ip_version, octet >> 4);
	if (octet >> 4 == 4)
		cl_put_uint(d, &header_length, (octet & 15u) * 4);
}
static const struct cl_bundle first_octet = CL_BUNDLE(put_first);

void cl_ip4_put(struct cl_pkt *p, struct cl_cur header)
{
	struct cl_cur c = header;
	uint32_t first = cl_cur_peek(&c), length = (first & 15u) * 4;

	if (c.err != CL_OK)
		return;
	cl_pkt_layer(p, &ip4);
	cl_put_bundle(p->detail, &first_octet, first);
	if (first >> 4 != 4 || length < CL_IP4_HEADER)
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
	cl_cur_narrow(&options, length - CL_IP4_HEADER);
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

struct cl_cur cl_ip4_take_options(struct cl_pkt *p, struct cl_cur c, uint32_t length)
{
	struct cl_cur options = c;

	cl_cur_narrow(&options, length);
	keep_final(p, options);
	cl_cur_skip(&c, length);
	return c;
}

enum cl_next cl_ip4_fragment(struct cl_pkt *p, uint32_t id, uint32_t fragment, uint32_t header)
{
	cl_tunnel_in_fragment(p);
	return cl_frags_take(p, &(struct cl_fragment){ .id = id,
						       .from = (fragment & CL_IP4_OFFSET) * 8,
						       .header = header,
						       .proto = (uint8_t)p->proto,
						       .more = (fragment & CL_IP4_MORE) != 0 });
}

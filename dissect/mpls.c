/* SPDX-License-Identifier: BSD-2-Clause */
/* MPLS label stacks (RFC 3032) and what is below them: IP or an Ethernet pseudowire (RFC 4385, RFC 4448). */
#include "dissect/link.h"

enum { IP_UDP = 17 };
enum { LABEL_GAL = 13, LABEL_OAM = 14 }; /* RFC 5586, RFC 3429 */

static const char *label_name(uint64_t v)
{
	static const struct cl_name names[] = {
		{ 0, "IPv4 explicit null" }, { 1, "router alert" },	 { 2, "IPv6 explicit null" },
		{ 3, "implicit null" },	     { 7, "entropy indicator" }, { 13, "generic associated channel" },
		{ 14, "OAM alert" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, v);
}

static void put_label(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "mpls", "MPLS label" };
	static const struct cl_header_row rows[] = {
		{ { "mpls.label", "Label", CL_V_UINT, 0, 0, label_name }, 0, 4, 0xfffff000 },
		{ { "mpls.exp", "Traffic class", CL_V_UINT, 0, 0, NULL }, 0, 4, 0xe00 },
		{ { "mpls.bottom", "Bottom of stack", CL_V_UINT, 0, 0, NULL }, 0, 4, 0x100 },
		{ { "mpls.ttl", "TTL", CL_V_UINT, 0, 0, NULL }, 0, 4, 0xff },
	};

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
}

/* Whether the cursor is at an IPv4 header that can be one, rather than at a MAC address that begins with 4.
 */
static bool looks_ip4(struct cl_cur c)
{
	uint32_t header = (cl_cur_u8(&c) & 15u) * 4;

	cl_cur_skip(&c, 1);
	uint32_t total = cl_cur_u16(&c);
	return c.err == CL_OK && header >= 20 && total >= header && total <= cl_cur_left(&c) + 4;
}

static bool looks_ip6(struct cl_cur c)
{
	cl_cur_skip(&c, 4);
	uint32_t payload = cl_cur_u16(&c);
	return c.err == CL_OK && payload <= cl_cur_left(&c);
}

static enum cl_next control_word(struct cl_pkt *p)
{
	static const struct cl_protocol proto = { "pwethcw", "Pseudowire control word" };
	static const struct cl_header_row rows[] = {
		{ { "pweth.cw.sequence_number", "Sequence number", CL_V_UINT, 0, 0, NULL }, 2, 2, 0 },
	};

	cl_pkt_layer(p, &proto);
	CL_PUT_HEADER(p->detail, p->cur, rows);
	cl_cur_skip(&p->cur, 4);
	return CL_NEXT_ETHERNET;
}

/* A MAC address may begin with any nibble: the type where Ethernet has it decides. */
static enum cl_next pseudowire(struct cl_pkt *p, uint8_t first)
{
	struct cl_cur c = p->cur;
	bool bare = cl_looks_ethernet(c, 12), behind = first >> 4 == 0 && cl_looks_ethernet(c, 16);
	bool zero = cl_cur_u32(&c) == 0;

	cl_cur_skip(&c, 14);
	if (c.err == CL_ETRUNC)
		return cl_pkt_failed(p, &c);
	if (behind && (zero || !bare))
		return control_word(p);
	if (bare)
		return CL_NEXT_ETHERNET;
	if (first >> 4 == 4)
		return CL_NEXT_IP4;
	if (first >> 4 == 6)
		return CL_NEXT_IP6;
	return cl_pkt_undecoded(p, CL_UND_MPLS, first);
}

static enum cl_next below(struct cl_pkt *p, uint32_t label)
{
	uint8_t first = cl_cur_peek(&p->cur);

	if (p->cur.err != CL_OK)
		return cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
	if (label == LABEL_GAL || label == LABEL_OAM ||
	    first >> 4 == 1) /* a channel, no data: RFC 4385 sec. 5 */
		return cl_pkt_fate(p, CL_FATE_OTHER);
	if (first >> 4 == 4 && looks_ip4(p->cur))
		return CL_NEXT_IP4;
	if (first >> 4 == 6 && looks_ip6(p->cur))
		return CL_NEXT_IP6;
	return pseudowire(p, first);
}

enum cl_next cl_mpls(struct cl_pkt *p)
{
	uint32_t entry;
	unsigned labels = 0;

	do {
		if (labels++ == CL_LAYERS_MAX)
			return cl_pkt_malformed(p, CL_ANOM_MPLS_TOO_DEEP);
		if (p->detail != NULL)
			put_label(p);
		entry = cl_cur_u32(&p->cur);
		if (p->cur.err != CL_OK)
			return cl_pkt_failed_by(p, &p->cur, CL_ANOM_LINK_BAD_HEADER);
	} while ((entry & 0x100) == 0);
	return below(p, entry >> 12);
}

/* Passes over a stack; whether it ends, with something below that can be. */
static bool looks_mpls(struct cl_cur *c)
{
	uint32_t entry = 0;

	for (unsigned labels = 0; labels < CL_LAYERS_MAX && (entry & 0x100) == 0 && c->err == CL_OK; labels++)
		entry = cl_cur_u32(c);
	uint8_t nibble = cl_cur_peek(c) >> 4;
	return c->err == CL_OK && (entry & 0x100) != 0 && (nibble == 4 || nibble == 6 || nibble <= 1);
}

/* In UDP (RFC 7510), where a port alone says little, or in IP (RFC 4023). */
enum cl_next cl_mpls_over(struct cl_pkt *p)
{
	struct cl_cur peek = p->cur;

	if (p->proto == IP_UDP && !looks_mpls(&peek))
		return peek.err == CL_ETRUNC ? cl_pkt_failed(p, &peek) : cl_pkt_fate(p, CL_FATE_OTHER);
	cl_tunnel_enter(p, CL_FACT_TUNNEL_MPLS);
	return CL_NEXT_MPLS;
}

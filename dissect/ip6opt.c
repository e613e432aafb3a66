/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of IPv6 (RFC 8200 sec. 4.2; IANA, "Destination Options and Hop-by-Hop Options"). */
#include "dissect/ip.h"

#define OPTION_PAD1 0u
#define FIELD(var, name, label, type, base)                                                                  \
	static const struct cl_field var = { name, label, type, base, 0, NULL }

typedef void decode_fn(struct cl_pkt *p, struct cl_cur *body);

static void decode_padding(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(padding, "ipv6.opt.padn", "PadN", CL_V_BYTES, CL_DEC);

	cl_put_bytes(p->detail, &padding, cl_cur_take(c, cl_cur_left(c)));
}

/* RFC 2473 sec. 4.1.1. */
static void decode_limit(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(limit, "ipv6.opt.tel", "Tunnel Encapsulation Limit", CL_V_UINT, CL_DEC);

	cl_put_uint(p->detail, &limit, cl_cur_u8(c));
}

static const char *alert_name(uint64_t value)
{
	static const struct cl_name names[] = { { 0, "MLD" }, { 1, "RSVP" }, { 2, "Active Networks" } };

	return cl_name_find(names, sizeof names / sizeof *names, value);
}

/* RFC 2711 sec. 2.1. */
static void decode_router_alert(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_field alert = {
		"ipv6.opt.router_alert", "Router Alert", CL_V_UINT, CL_DEC, 0, alert_name
	};

	cl_put_uint(p->detail, &alert, cl_cur_u16(c));
}

/* RFC 5570 sec. 5. */
static void decode_calipso(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row calipso[] = {
		{ { "ipv6.opt.calipso.doi", "Domain of Interpretation", CL_V_UINT, CL_DEC, 0, NULL },
		  0,
		  4,
		  0 },
		{ { "ipv6.opt.calipso.cmpt.length", "Compartment Length", CL_V_UINT, CL_DEC, 0, NULL },
		  4,
		  1,
		  0 },
		{ { "ipv6.opt.calipso.sens_level", "Sensitivity Level", CL_V_UINT, CL_DEC, 0, NULL },
		  5,
		  1,
		  0 },
		{ { "ipv6.opt.calipso.checksum", "Checksum", CL_V_UINT, CL_HEX16, 0, NULL }, 6, 2, 0 },
	};
	FIELD(bitmap, "ipv6.opt.calipso.cmpt_bitmap", "Compartment Bitmap", CL_V_BYTES, CL_DEC);

	CL_PUT_HEADER(p->detail, *c, calipso);
	cl_cur_skip(c, 8);
	if (cl_cur_left(c) > 0)
		cl_put_bytes(p->detail, &bitmap, cl_cur_take(c, cl_cur_left(c)));
}

/* RFC 6621 sec. 6.1.1: an identifier, or a value that makes the packet's hash another. */
static void decode_smf(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(hash_bit, "ipv6.opt.smf_dpd.hash_bit", "H-bit", CL_V_BOOL, CL_DEC);
	FIELD(kind, "ipv6.opt.smf_dpd.tid_type", "TaggerID Type", CL_V_UINT, CL_DEC);
	FIELD(tid_length, "ipv6.opt.smf_dpd.tid_len", "TaggerID Length", CL_V_UINT, CL_DEC);
	FIELD(tagger, "ipv6.opt.smf_dpd.tagger_id", "TaggerID", CL_V_BYTES, CL_DEC);
	FIELD(identifier, "ipv6.opt.smf_dpd.ident", "Identifier", CL_V_BYTES, CL_DEC);
	FIELD(assist, "ipv6.opt.smf_dpd.hav", "Hash Assist Value", CL_V_BYTES, CL_DEC);
	uint8_t head = cl_cur_peek(c);

	cl_put_uint(p->detail, &hash_bit, head >> 7);
	if (head >> 7 != 0) {
		cl_put_bytes(p->detail, &assist, cl_cur_take(c, cl_cur_left(c)));
		return;
	}
	cl_cur_skip(c, 1);
	cl_put_uint(p->detail, &kind, head >> 4 & 7u);
	cl_put_uint(p->detail, &tid_length, head & 15u);
	if ((head >> 4 & 7) != 0) {
		uint32_t n = (head & 15u) + 1;

		if (n > cl_cur_left(c)) {
			cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_OPTION);
			return;
		}
		cl_put_bytes(p->detail, &tagger, cl_cur_take(c, n));
	}
	if (cl_cur_left(c) > 0)
		cl_put_bytes(p->detail, &identifier, cl_cur_take(c, cl_cur_left(c)));
}

/* RFC 8250 sec. 3.3. */
static void decode_pdm(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row pdm[] = {
		{ { "ipv6.opt.pdm.scale_dtlr", "Scale DTLR", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0 },
		{ { "ipv6.opt.pdm.scale_dtls", "Scale DTLS", CL_V_UINT, CL_DEC, 0, NULL }, 1, 1, 0 },
		{ { "ipv6.opt.pdm.psn_this_pkt", "Packet Sequence Number This Packet", CL_V_UINT, CL_DEC, 0,
		    NULL },
		  2,
		  2,
		  0 },
		{ { "ipv6.opt.pdm.psn_last_recv", "Packet Sequence Number Last Received", CL_V_UINT, CL_DEC,
		    0, NULL },
		  4,
		  2,
		  0 },
		{ { "ipv6.opt.pdm.delta_last_recv", "Delta Time Last Received", CL_V_UINT, CL_DEC, 0, NULL },
		  6,
		  2,
		  0 },
		{ { "ipv6.opt.pdm.delta_last_sent", "Delta Time Last Sent", CL_V_UINT, CL_DEC, 0, NULL },
		  8,
		  2,
		  0 },
	};

	CL_PUT_HEADER(p->detail, *c, pdm);
}

/* RFC 4782 sec. 3.2. */
static void decode_quick_start(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row head[] = {
		{ { "ipv6.opt.qs_func", "Function", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0xf0 },
		{ { "ipv6.opt.qs_rate", "Rate", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0x0f },
	};
	static const struct cl_header_row tail[] = {
		{ { "ipv6.opt.qs_nonce", "QS Nonce", CL_V_UINT, CL_HEX32, 0, NULL }, 2, 4, 0xfffffffc },
		{ { "ipv6.opt.qs_reserved", "Reserved", CL_V_UINT, CL_HEX32, 0, NULL }, 2, 4, 3 },
	};
	FIELD(ttl, "ipv6.opt.qs_ttl", "QS TTL", CL_V_UINT, CL_DEC);
	static const struct cl_field difference = { "ipv6.opt.qs_ttl_diff", "TTL Diff", CL_V_UINT, CL_DEC,
						    CL_FD_GENERATED,	    NULL };
	FIELD(unused, "ipv6.opt.qs_unused", "Not Used", CL_V_UINT, CL_DEC);
	struct cl_cur at = *c;
	uint8_t function = cl_cur_u8(&at) >> 4, second = cl_cur_u8(&at);

	CL_PUT_HEADER(p->detail, *c, head);
	if (function == 0) {
		cl_put_uint(p->detail, &ttl, second);
		cl_put_uint(p->detail, &difference, (uint8_t)(p->ip_ttl - second));
	} else if (function == 8) {
		cl_put_uint(p->detail, &unused, second);
	} else {
		return;
	}
	CL_PUT_HEADER(p->detail, *c, tail);
}

/* RFC 9268 sec. 5: the lowest bit of the reported one is a flag. */
static void decode_pmtu(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(least, "ipv6.opt.pmtu.min", "Min-PMTU", CL_V_UINT, CL_DEC);
	FIELD(reported, "ipv6.opt.pmtu.rtn", "Rtn-PMTU", CL_V_UINT, CL_DEC);
	FIELD(flag, "ipv6.opt.pmtu.r_flag", "R-Flag", CL_V_BOOL, CL_DEC);

	cl_put_uint(p->detail, &least, cl_cur_u16(c));
	uint16_t second = cl_cur_u16(c);
	cl_put_uint(p->detail, &reported, second & 0xfffeu);
	cl_put_uint(p->detail, &flag, second & 1u);
}

/* RFC 9197 sec. 4, RFC 9486 sec. 3: the head; what nodes have added follows as it is. */
static void decode_ioam(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row trace[] = {
		{ { "ipv6.opt.ioam.trace.ns", "Namespace ID", CL_V_UINT, CL_DEC, 0, NULL }, 0, 2, 0 },
		{ { "ipv6.opt.ioam.trace.nodelen", "Node Length", CL_V_UINT, CL_DEC, 0, NULL }, 2, 1, 0xf8 },
		{ { "ipv6.opt.ioam.trace.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 2, 2, 0x0780 },
		{ { "ipv6.opt.ioam.trace.flag.o", "Overflow", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 0x0400 },
		{ { "ipv6.opt.ioam.trace.flag.l", "Loopback", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 0x0200 },
		{ { "ipv6.opt.ioam.trace.flag.a", "Active", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 0x0100 },
		{ { "ipv6.opt.ioam.trace.flag.rsv", "Reserved", CL_V_BOOL, CL_DEC, 0, NULL }, 2, 2, 0x0080 },
		{ { "ipv6.opt.ioam.trace.remlen", "Remaining Length", CL_V_UINT, CL_DEC, 0, NULL },
		  3,
		  1,
		  0x7f },
		{ { "ipv6.opt.ioam.trace.type", "Trace Type", CL_V_UINT, CL_HEX24, 0, NULL }, 4, 3, 0 },
		{ { "ipv6.opt.ioam.trace.rsv", "Reserved", CL_V_UINT, CL_DEC, 0, NULL }, 7, 1, 0 },
	};
	FIELD(reserved, "ipv6.opt.ioam.rsv", "Reserved", CL_V_UINT, CL_DEC);
	FIELD(kind, "ipv6.opt.ioam.opt_type", "Option-Type", CL_V_UINT, CL_DEC);
	FIELD(rest, "ipv6.opt.ioam.data", "Data", CL_V_BYTES, CL_DEC);

	cl_put_uint(p->detail, &reserved, cl_cur_u8(c));
	uint8_t type = cl_cur_u8(c);
	cl_put_uint(p->detail, &kind, type);
	if (type <= 1 && cl_cur_left(c) >= 8) {
		CL_PUT_HEADER(p->detail, *c, trace);
		cl_cur_skip(c, 8);
	}
	if (cl_cur_left(c) > 0)
		cl_put_bytes(p->detail, &rest, cl_cur_take(c, cl_cur_left(c)));
}

static void decode_experimental(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(experimental, "ipv6.opt.experimental", "Experimental", CL_V_BYTES, CL_DEC);

	cl_put_bytes(p->detail, &experimental, cl_cur_take(c, cl_cur_left(c)));
}

static void decode_unknown(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(unknown, "ipv6.opt.unknown", "Unknown Option Payload", CL_V_BYTES, CL_DEC);

	cl_put_bytes(p->detail, &unknown, cl_cur_take(c, cl_cur_left(c)));
}

static void decode_tpf(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(information, "ipv6.opt.tpf_information", "TPF Information", CL_V_UINT, CL_HEX32);

	cl_put_uint(p->detail, &information, cl_cur_u32(c));
}

/* RFC 6553 sec. 3. */
static void decode_rpl(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row rpl[] = {
		{ { "ipv6.opt.rpl.flag", "Flag", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "ipv6.opt.rpl.flag.o", "Down", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x80 },
		{ { "ipv6.opt.rpl.flag.r", "Rank-Error", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x40 },
		{ { "ipv6.opt.rpl.flag.f", "Forwarding-Error", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x20 },
		{ { "ipv6.opt.rpl.flag.rsv", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0x1f },
		{ { "ipv6.opt.rpl.instance_id", "RPLInstanceID", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
		{ { "ipv6.opt.rpl.sender_rank", "Sender Rank", CL_V_UINT, CL_HEX16, 0, NULL }, 2, 2, 0 },
	};

	CL_PUT_HEADER(p->detail, *c, rpl);
}

/* RFC 7731 sec. 6.1: the size of the seed identifier follows from S. */
static void decode_mpl(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row mpl[] = {
		{ { "ipv6.opt.mpl.flag", "Flag", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "ipv6.opt.mpl.flag.s", "Seed ID Length", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0xc0 },
		{ { "ipv6.opt.mpl.flag.m", "Last Sequence", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x20 },
		{ { "ipv6.opt.mpl.flag.v", "Version", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x10 },
		{ { "ipv6.opt.mpl.flag.rsv", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0x0f },
		{ { "ipv6.opt.mpl.sequence", "Sequence", CL_V_UINT, CL_HEX8, 0, NULL }, 1, 1, 0 },
	};
	FIELD(seed, "ipv6.opt.mpl.seed_id", "Seed ID", CL_V_BYTES, CL_DEC);
	static const uint8_t sizes[] = { 0, 2, 8, 16 };
	struct cl_cur at = *c;
	uint32_t n = sizes[cl_cur_u8(&at) >> 6];

	CL_PUT_HEADER(p->detail, *c, mpl);
	cl_cur_skip(c, 2);
	if (n > cl_cur_left(c))
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_OPTION);
	else if (n > 0)
		cl_put_bytes(p->detail, &seed, cl_cur_take(c, n));
}

/* RFC 6744 sec. 2. */
static void decode_nonce(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(nonce, "ipv6.opt.ilnp_nonce", "Nonce", CL_V_BYTES, CL_DEC);

	cl_put_bytes(p->detail, &nonce, cl_cur_take(c, cl_cur_left(c)));
}

/* RFC 6788 sec. 6. */
static void decode_line(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(line_length, "ipv6.opt.lio.length", "LineIDLen", CL_V_UINT, CL_DEC);
	FIELD(line, "ipv6.opt.lio.line_id", "Line ID", CL_V_TEXT, CL_DEC);
	uint8_t n = cl_cur_u8(c);

	cl_put_uint(p->detail, &line_length, n);
	if (n > cl_cur_left(c))
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_OPTION);
	else if (n > 0)
		cl_put_bytes(p->detail, &line, cl_cur_take(c, n));
}

/* RFC 2675 sec. 2. */
static void decode_jumbo(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(jumbo, "ipv6.opt.jumbo", "Payload Length", CL_V_UINT, CL_DEC);

	cl_put_uint(p->detail, &jumbo, cl_cur_u32(c));
}

/* RFC 6275 sec. 6.3. */
static void decode_home(struct cl_pkt *p, struct cl_cur *c)
{
	FIELD(home, "ipv6.opt.mipv6.home_address", "Home Address", CL_V_IP6, CL_DEC);

	cl_put_bytes(p->detail, &home, cl_cur_take(c, 16));
}

/* RFC 6971 sec. 8. */
static void decode_dff(struct cl_pkt *p, struct cl_cur *c)
{
	static const struct cl_header_row dff[] = {
		{ { "ipv6.opt.dff.flags", "Flags", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0 },
		{ { "ipv6.opt.dff.flag.ver", "Version", CL_V_UINT, CL_DEC, 0, NULL }, 0, 1, 0xc0 },
		{ { "ipv6.opt.dff.flag.dup", "Duplicate", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x20 },
		{ { "ipv6.opt.dff.flag.ret", "Return", CL_V_BOOL, CL_DEC, 0, NULL }, 0, 1, 0x10 },
		{ { "ipv6.opt.dff.flag.rsv", "Reserved", CL_V_UINT, CL_HEX8, 0, NULL }, 0, 1, 0x0f },
		{ { "ipv6.opt.dff.sequence_number", "Sequence Number", CL_V_UINT, CL_DEC, 0, NULL },
		  1,
		  2,
		  0 },
	};

	CL_PUT_HEADER(p->detail, *c, dff);
}

/* By type; lengths are those of the option's data. */
static const struct option {
	uint8_t type, least, most;
	const char *name, *reference;
	decode_fn *decode;
} options[] = {
	{ 0x00, 0, 0, "Pad1", "RFC 8200 sec. 4.2", NULL },
	{ 0x01, 0, 255, "PadN", "RFC 8200 sec. 4.2", decode_padding },
	{ 0x04, 1, 1, "Tunnel Encapsulation Limit", "RFC 2473 sec. 4.1.1", decode_limit },
	{ 0x05, 2, 2, "Router Alert", "RFC 2711 sec. 2.1", decode_router_alert },
	{ 0x07, 8, 252, "CALIPSO", "RFC 5570 sec. 5.1", decode_calipso },
	{ 0x08, 1, 255, "SMF_DPD", "RFC 6621 sec. 6.1.1", decode_smf },
	{ 0x0f, 10, 10, "Performance and Diagnostic Metrics", "RFC 8250 sec. 3.3", decode_pdm },
	{ 0x11, 2, 255, "IOAM", "RFC 9486 sec. 3", decode_ioam },
	{ 0x1e, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0x26, 6, 6, "Quick-Start", "RFC 4782 sec. 3.2", decode_quick_start },
	{ 0x30, 4, 4, "Path MTU", "RFC 9268 sec. 5", decode_pmtu },
	{ 0x31, 2, 255, "IOAM", "RFC 9486 sec. 3", decode_ioam },
	{ 0x3e, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0x41, 4, 4, "Tunnel Payload Forwarding", "IANA", decode_tpf },
	{ 0x5e, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0x63, 4, 255, "RPL", "RFC 6553 sec. 3", decode_rpl },
	{ 0x6d, 2, 255, "MPL", "RFC 7731 sec. 6.1", decode_mpl },
	{ 0x7e, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0x8a, 0, 255, "Endpoint Identification (deprecated)", "IANA", decode_unknown },
	{ 0x8b, 0, 255, "ILNP Nonce", "RFC 6744 sec. 2", decode_nonce },
	{ 0x8c, 1, 255, "Line-Identification", "RFC 6788 sec. 6", decode_line },
	{ 0x9e, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0xbe, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0xc2, 4, 4, "Jumbo Payload", "RFC 2675 sec. 2", decode_jumbo },
	{ 0xc9, 16, 16, "Home Address", "RFC 6275 sec. 6.3", decode_home },
	{ 0xde, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
	{ 0xee, 3, 3, "IP_DFF", "RFC 6971 sec. 8", decode_dff },
	{ 0xfe, 0, 255, "Experimental", "RFC 4727 sec. 3.2", decode_experimental },
};

static const struct option *find(uint8_t type)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].type == type)
			return &options[i];
	return NULL;
}

static const char *type_name(uint64_t type)
{
	const struct option *o = find((uint8_t)type);

	return o != NULL ? o->name : NULL;
}

/* RFC 8200 sec. 4.2: what a node does that does not know the type. */
static const char *action_name(uint64_t action)
{
	static const char *const names[] = { "skip", "discard", "discard and tell",
					     "discard and tell if unicast" };

	return action < sizeof names / sizeof *names ? names[action] : NULL;
}

static void put_type(struct cl_detail *d, uint8_t t)
{
	static const struct cl_field type = { "ipv6.opt.type", "Type", CL_V_UINT, CL_HEX8, 0, type_name };
	static const struct cl_field action = {
		"ipv6.opt.type.action", "Action", CL_V_UINT, CL_DEC, 0, action_name
	};
	FIELD(change, "ipv6.opt.type.change", "May Change", CL_V_BOOL, CL_DEC);
	FIELD(rest, "ipv6.opt.type.rest", "Low-Order Bits", CL_V_UINT, CL_HEX8);

	cl_put_uint(d, &type, t);
	if (t == OPTION_PAD1)
		return;
	cl_put_uint(d, &action, t >> 6);
	cl_put_uint(d, &change, t >> 5 & 1u);
	cl_put_uint(d, &rest, t & 31u);
}

/* Takes the option's length and data; false when the length is wrong. */
static bool put_data(struct cl_pkt *p, struct cl_cur *c, uint8_t type)
{
	FIELD(length, "ipv6.opt.length", "Length", CL_V_UINT, CL_DEC);
	const struct option *o = find(type);
	uint32_t n = cl_cur_u8(c);

	if (c->err != CL_OK)
		return false;
	cl_put_uint(p->detail, &length, n);
	if (n > cl_cur_left(c)) {
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_OPTION);
		return false;
	}
	struct cl_cur body = cl_cur_sub(c, n);
	if (body.end < body.len)
		return false;
	if (o == NULL) {
		decode_unknown(p, &body);
	} else if (n < o->least || n > o->most) {
		cl_pkt_anomaly(p, CL_ANOM_IPV6_BAD_OPTION);
		decode_unknown(p, &body);
	} else {
		o->decode(p, &body);
	}
	return true;
}

void cl_ip6_options(struct cl_pkt *p, struct cl_cur c)
{
	static const struct cl_field group = { NULL, "Option", CL_V_GROUP, CL_DEC, 0, NULL };
	FIELD(pad1, "ipv6.opt.pad1", "Pad1", CL_V_NONE, CL_DEC);
	bool more = true;

	while (more && c.err == CL_OK && cl_cur_left(&c) > 0) {
		uint8_t type = cl_cur_u8(&c);

		if (c.err != CL_OK)
			return;
		const struct option *o = find(type);
		cl_put_group(p->detail, &group, "%s", o != NULL ? o->name : "unknown");
		put_type(p->detail, type);
		if (type == OPTION_PAD1)
			cl_put_none(p->detail, &pad1);
		else
			more = put_data(p, &c, type);
		cl_put_end(p->detail);
	}
}

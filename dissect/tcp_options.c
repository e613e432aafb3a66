/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options (IANA, "TCP Option Kind Numbers"). */
#include "dissect/tcp_state.h"

#define END   0u
#define NOP   1u
#define MSS   2u
#define SCALE 3u
#define SACK  5u

#define FAST_OPEN_ID 0xf989u /* RFC 7413 app. A */

static const char *kind_name(uint64_t kind)
{
	static const struct cl_name names[] = {
		{ 0, "End of Option List" },
		{ 1, "No-Operation" },
		{ 2, "Maximum Segment Size" },
		{ 3, "Window Scale" },
		{ 4, "SACK Permitted" },
		{ 5, "SACK" },
		{ 6, "Echo" },
		{ 7, "Echo Reply" },
		{ 8, "Timestamps" },
		{ 11, "CC" },
		{ 12, "CC.NEW" },
		{ 13, "CC.ECHO" },
		{ 14, "Alternate Checksum Request" },
		{ 19, "MD5 Signature" },
		{ 20, "SCPS Capabilities" },
		{ 21, "Selective Negative Acknowledgements" },
		{ 27, "Quick-Start Response" },
		{ 28, "User Timeout" },
		{ 29, "TCP Authentication Option" },
		{ 30, "Multipath TCP" },
		{ 34, "Fast Open Cookie" },
		{ 69, "Encryption Negotiation" },
		{ 172, "Accurate ECN Order 0" },
		{ 174, "Accurate ECN Order 1" },
		{ 253, "Experiment 1" },
		{ 254, "Experiment 2" },
	};

	return cl_name_find(names, sizeof names / sizeof *names, kind);
}

#define FIELD(id, name, label, type, base, flags)                                                            \
	static const struct cl_field id = { name, label, type, base, flags, NULL }

FIELD(f_group, NULL, "TCP Option", CL_V_GROUP, 0, 0);
static const struct cl_field f_kind = { "tcp.option_kind", "Kind", CL_V_UINT, CL_DEC, 0, kind_name };
FIELD(f_len, "tcp.option_len", "Length", CL_V_UINT, CL_DEC, 0);
FIELD(f_mss, "tcp.options.mss_val", "MSS Value", CL_V_UINT, CL_DEC, 0);
FIELD(f_shift, "tcp.options.wscale.shift", "Shift count", CL_V_UINT, CL_DEC, 0);
FIELD(f_multiplier, "tcp.options.wscale.multiplier", "Multiplier", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_sack_left, "tcp.options.sack_le", "Left edge", CL_V_UINT, CL_DEC, 0);
FIELD(f_sack_right, "tcp.options.sack_re", "Right edge", CL_V_UINT, CL_DEC, 0);
FIELD(f_sack_count, "tcp.options.sack.count", "SACK Count", CL_V_UINT, CL_DEC, CL_FD_GENERATED);
FIELD(f_echo, "tcp.options.echo_value", "Echo", CL_V_UINT, CL_DEC, 0);
FIELD(f_tsval, "tcp.options.timestamp.tsval", "Timestamp value", CL_V_UINT, CL_DEC, 0);
FIELD(f_tsecr, "tcp.options.timestamp.tsecr", "Timestamp echo reply", CL_V_UINT, CL_DEC, 0);
FIELD(f_cc, "tcp.options.cc_value", "Connection count", CL_V_UINT, CL_DEC, 0);
FIELD(f_md5, "tcp.options.md5.digest", "MD5 digest", CL_V_BYTES, 0, 0);
FIELD(f_rate, "tcp.options.qs.rate", "Rate", CL_V_UINT, CL_DEC, 0);
FIELD(f_ttl_diff, "tcp.options.qs.ttl_diff", "TTL difference", CL_V_UINT, CL_DEC, 0);
FIELD(f_granularity, "tcp.options.user_to_granularity", "Granularity is minutes", CL_V_BOOL, 0, 0);
FIELD(f_timeout, "tcp.options.user_to_val", "User Timeout", CL_V_UINT, CL_DEC, 0);
FIELD(f_ao_key, "tcp.options.ao.keyid", "KeyID", CL_V_UINT, CL_DEC, 0);
FIELD(f_ao_next, "tcp.options.ao.rnextkeyid", "RNextKeyID", CL_V_UINT, CL_DEC, 0);
FIELD(f_ao_mac, "tcp.options.ao.mac", "MAC", CL_V_BYTES, 0, 0);
FIELD(f_tfo_request, "tcp.options.tfo.request", "Fast Open Cookie Request", CL_V_NONE, 0, 0);
FIELD(f_tfo_cookie, "tcp.options.tfo.cookie", "Fast Open Cookie", CL_V_BYTES, 0, 0);
FIELD(f_ee0b, "tcp.options.acc_ecn.ee0b", "ECT(0) octets", CL_V_UINT, CL_DEC, 0);
FIELD(f_eceb, "tcp.options.acc_ecn.eceb", "CE octets", CL_V_UINT, CL_DEC, 0);
FIELD(f_ee1b, "tcp.options.acc_ecn.ee1b", "ECT(1) octets", CL_V_UINT, CL_DEC, 0);
FIELD(f_experiment, "tcp.options.experimental.exid", "Experiment Identifier", CL_V_UINT, CL_HEX16, 0);
FIELD(f_data, "tcp.options.experimental.data", "Data", CL_V_BYTES, 0, 0);
FIELD(f_unknown, "tcp.options.unknown.payload", "Payload", CL_V_BYTES, 0, 0);

struct work {
	struct cl_detail *d;
	const struct cl_flow *receiver;
	unsigned kind;
	bool cookie; /* of Fast Open, not empty */
};

typedef void option_fn(struct cl_cur *body, struct work *w);

static void put_rest(struct cl_cur *c, const struct cl_field *f, struct cl_detail *d)
{
	uint32_t n = cl_cur_left(c);
	struct cl_span s = cl_cur_take(c, n);

	if (n > 0 && c->err == CL_OK)
		cl_put_bytes(d, f, s);
}

static void put_mss(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_mss, cl_cur_u16(c));
}

static void put_scale(struct cl_cur *c, struct work *w)
{
	uint8_t shift = cl_cur_u8(c);

	cl_put_uint(w->d, &f_shift, shift);
	cl_put_uint(w->d, &f_multiplier, 1u << (shift < 14 ? shift : 14)); /* RFC 7323 sec. 2.3 */
}

/* Edges are shown as sequence numbers are: relative to the other side's first. */
static void put_sack(struct cl_cur *c, struct work *w)
{
	uint32_t base = w->receiver != NULL && w->receiver->has_base ? w->receiver->base : 0;
	unsigned blocks = 0;

	for (; cl_cur_left(c) >= 8; blocks++) {
		cl_put_uint(w->d, &f_sack_left, cl_cur_u32(c) - base);
		cl_put_uint(w->d, &f_sack_right, cl_cur_u32(c) - base);
	}
	cl_put_uint(w->d, &f_sack_count, blocks);
}

static void put_echo(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_echo, cl_cur_u32(c));
}

static void put_timestamps(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_tsval, cl_cur_u32(c));
	cl_put_uint(w->d, &f_tsecr, cl_cur_u32(c));
}

static void put_count(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_cc, cl_cur_u32(c));
}

static void put_md5(struct cl_cur *c, struct work *w)
{
	put_rest(c, &f_md5, w->d);
}

static void put_quick_start(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_rate, cl_cur_u8(c) & 15u);
	cl_put_uint(w->d, &f_ttl_diff, cl_cur_u8(c));
	cl_cur_skip(c, 4); /* nonce */
}

static void put_timeout(struct cl_cur *c, struct work *w)
{
	uint16_t v = cl_cur_u16(c);

	cl_put_uint(w->d, &f_granularity, v >> 15);
	cl_put_uint(w->d, &f_timeout, v & 0x7fffu);
}

static void put_authentication(struct cl_cur *c, struct work *w)
{
	cl_put_uint(w->d, &f_ao_key, cl_cur_u8(c));
	cl_put_uint(w->d, &f_ao_next, cl_cur_u8(c));
	put_rest(c, &f_ao_mac, w->d);
}

static void put_fast_open(struct cl_cur *c, struct work *w)
{
	w->cookie = cl_cur_left(c) > 0;
	if (w->cookie)
		put_rest(c, &f_tfo_cookie, w->d);
	else
		cl_put_none(w->d, &f_tfo_request);
}

/* Three counters in either order, the last ones may be left out (RFC 9768 sec. 3.2.3). */
static void put_accurate_ecn(struct cl_cur *c, struct work *w)
{
	static const struct cl_field *const orders[2][3] = { { &f_ee0b, &f_eceb, &f_ee1b },
							     { &f_ee1b, &f_eceb, &f_ee0b } };

	for (unsigned i = 0; i < 3 && cl_cur_left(c) >= 3; i++) {
		uint32_t high = cl_cur_u16(c);

		cl_put_uint(w->d, orders[w->kind == 174][i], high << 8 | cl_cur_u8(c));
	}
}

static void put_experiment(struct cl_cur *c, struct work *w)
{
	if (cl_cur_left(c) < 2) {
		put_rest(c, &f_data, w->d);
		return;
	}
	uint16_t id = cl_cur_u16(c);
	cl_put_uint(w->d, &f_experiment, id);
	if (id == FAST_OPEN_ID)
		put_fast_open(c, w);
	else
		put_rest(c, &f_data, w->d);
}

/* Lengths are of the whole option. */
static const struct option {
	uint8_t kind, min, max, step;
	const char *ref;
	option_fn *put;
} options[] = {
	{ 2, 4, 4, 1, "RFC 9293 sec. 3.2", put_mss },
	{ 3, 3, 3, 1, "RFC 7323 sec. 2.2", put_scale },
	{ 4, 2, 2, 1, "RFC 2018 sec. 2", NULL },
	{ 5, 2, 255, 8, "RFC 2018 sec. 3", put_sack },
	{ 6, 6, 6, 1, "RFC 1072", put_echo },
	{ 7, 6, 6, 1, "RFC 1072", put_echo },
	{ 8, 10, 10, 1, "RFC 7323 sec. 3.2", put_timestamps },
	{ 11, 6, 6, 1, "RFC 1644", put_count },
	{ 12, 6, 6, 1, "RFC 1644", put_count },
	{ 13, 6, 6, 1, "RFC 1644", put_count },
	{ 19, 18, 18, 1, "RFC 2385 sec. 3.0", put_md5 },
	{ 27, 8, 8, 1, "RFC 4782 sec. 3.2", put_quick_start },
	{ 28, 4, 4, 1, "RFC 5482 sec. 3", put_timeout },
	{ 29, 4, 255, 1, "RFC 5925 sec. 2.2", put_authentication },
	{ 34, 2, 18, 1, "RFC 7413 sec. 2", put_fast_open },
	{ 172, 2, 11, 1, "RFC 9768 sec. 3.2.3", put_accurate_ecn },
	{ 174, 2, 11, 1, "RFC 9768 sec. 3.2.3", put_accurate_ecn },
	{ 253, 2, 255, 1, "RFC 6994", put_experiment },
	{ 254, 2, 255, 1, "RFC 6994", put_experiment },
};

static const struct option *find(unsigned kind)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].kind == kind)
			return &options[i];
	return NULL;
}

/* One option, whose kind has been read; takes one octet or more in all. */
static void put_option(struct cl_pkt *p, struct cl_cur *c, struct work *w)
{
	const struct option *o = find(w->kind);
	const char *name = kind_name(w->kind);
	uint8_t length = 0;

	cl_put_group(w->d, &f_group, "%s", name != NULL ? name : "Unknown");
	cl_put_uint(w->d, &f_kind, w->kind);
	if (w->kind != END && w->kind != NOP) {
		length = cl_cur_u8(c);
		if (c->err == CL_OK)
			cl_put_uint(w->d, &f_len, length);
		if (c->err == CL_OK && length < 2)
			cl_cur_fail(c, UINT32_MAX);
		struct cl_cur body = cl_cur_sub(c, length - 2u);
		bool fits =
			o == NULL || (length >= o->min && length <= o->max && (length - 2) % o->step == 0);
		if (c->err == CL_EMALF || (c->err == CL_OK && !fits))
			cl_pkt_anomaly(p, CL_ANOM_TCP_BAD_OPTION);
		if (body.err == CL_OK && c->err == CL_OK && o == NULL)
			put_rest(&body, &f_unknown, w->d);
		else if (c->err == CL_OK && fits && o->put != NULL)
			o->put(&body, w);
	}
	cl_put_end(w->d);
}

bool cl_tcp_put_options(struct cl_pkt *p, struct cl_cur c, const struct cl_flow *receiver)
{
	struct work w = { .d = p->detail, .receiver = receiver };

	while (cl_cur_left(&c) > 0) { /* takes an octet or more a turn */
		w.kind = cl_cur_u8(&c);
		if (c.err != CL_OK)
			break;
		put_option(p, &c, &w);
		if (w.kind == END && cl_cur_kept(&c) > 0 && cl_cur_peek(&c) != END)
			break; /* what is behind it but padding is nothing */
	}
	return w.cookie;
}

/* The body of the first option of this kind; what is wrong before it ends the search. */
static bool body_of(struct cl_cur c, unsigned kind, struct cl_cur *body)
{
	while (cl_cur_left(&c) > 0) { /* takes an octet or more a turn */
		uint8_t k = cl_cur_u8(&c);

		if (k == END)
			break;
		if (k == NOP)
			continue;
		uint8_t length = cl_cur_u8(&c);
		if (c.err != CL_OK || length < 2)
			break;
		*body = cl_cur_sub(&c, length - 2u);
		if (k == kind)
			return body->err == CL_OK;
	}
	return false;
}

int16_t cl_tcp_scale(struct cl_cur c)
{
	struct cl_cur body;

	if (!body_of(c, SCALE, &body) || cl_cur_left(&body) != 1)
		return -2;
	uint8_t shift = cl_cur_u8(&body);
	return body.err == CL_OK ? (int16_t)(shift < 14 ? shift : 14) : -1;
}

uint32_t cl_tcp_sacked(struct cl_cur c)
{
	struct cl_cur body;
	uint32_t octets = 0;

	if (!body_of(c, SACK, &body))
		return 0;
	while (cl_cur_left(&body) >= 8) {
		uint32_t left = cl_cur_u32(&body);

		octets += cl_cur_u32(&body) - left;
	}
	return body.err == CL_OK ? octets : 0;
}

uint16_t cl_tcp_mss(struct cl_cur header)
{
	enum { SYN = 0x02, FIXED = 20 };
	struct cl_cur c = header;

	cl_cur_skip(&c, 12);
	uint32_t word = cl_cur_u16(&c), length = (word >> 12) * 4;
	if (c.err != CL_OK || (word & SYN) == 0 || length <= FIXED)
		return 0;
	cl_cur_skip(&c, FIXED - 14);
	cl_cur_narrow(&c, length - FIXED);
	while (c.err == CL_OK && cl_cur_left(&c) > 0) {
		uint8_t kind = cl_cur_u8(&c);

		if (kind == END)
			return 0;
		if (kind == NOP)
			continue;
		uint8_t size = cl_cur_u8(&c);
		if (size < 2)
			return 0;
		if (kind == MSS && size == 4)
			return cl_cur_u16(&c);
		cl_cur_skip(&c, size - 2u);
	}
	return 0;
}

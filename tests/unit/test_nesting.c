/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/frames.h"

/* The layers of a frame: names, and which are below a tunnel's header. */
struct layers {
	unsigned n, tunnelled;
	const char *name[64];
};

static void take_layers(void *ctx, const struct cl_frame *f, const struct cl_detail *d)
{
	struct layers *l = ctx;

	(void)f;
	l->n = d->layers < 64 ? d->layers : 64;
	l->tunnelled = 0;
	for (unsigned i = 0; i < l->n; i++) {
		l->name[i] = d->layer[i].proto->name;
		l->tunnelled += (d->layer[i].flags & CL_LF_TUNNELLED) != 0;
	}
}

/* An IPv4 header of this protocol around `n` octets. */
static size_t wrap(uint8_t *out, uint8_t proto, const uint8_t *octets, size_t n)
{
	static const uint8_t head[20] = { 0x45, 0, 0,	0, 0,	2, 0,	0, 64,	0,
					  0,	0, 203, 0, 113, 1, 203, 0, 113, 2 };

	memmove(out + sizeof head, octets, n);
	memcpy(out, head, sizeof head);
	out[2] = (uint8_t)((n + sizeof head) >> 8);
	out[3] = (uint8_t)(n + sizeof head);
	out[9] = proto;
	uint32_t sum = 0;
	for (size_t i = 0; i < sizeof head; i += 2)
		sum += (uint32_t)out[i] << 8 | out[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	out[10] = (uint8_t)(sum >> 8);
	out[11] = (uint8_t)sum;
	return n + sizeof head;
}

/* IPv6 packets: NTP, a DNS query, an answer, one that is malformed, one that is not ours. */
static const char *const inner[] = {
	"600000000010114020010db800000000000000000000000120010db8000000000000000000000002c001007b0010c9b2"
	"1700032a00000000",
	"600000000038114020010db800000000000000000000000120010db80000000000000000000000029c40007b00382051"
	"e30003fa0001000000010000000000000000000000000000000000000000000000000000000000000000000000000000",
	"600000000025114020010db800000000000000000000000120010db80000000000000000000000029c40003500251dfa"
	"12340100000100000000000003777777076578616d706c650000010001",
	"600000000035114020010db800000000000000000000000220010db800000000000000000000000100359c4000354cd6"
	"12348180000100010000000003777777076578616d706c650000010001c00c000100010000003c0004c0000201",
	"60000000000a114020010db800000000000000000000000120010db80000000000000000000000029c400035000af5bb"
	"1234",
	"60000000000a114020010db800000000000000000000000120010db80000000000000000000000029c40270f000acee1"
	"1234",
	"6000000000083a4020010db800000000000000000000000120010db80000000000000000000000028000000000010001",
};

/* The same event and fate, and in detail the same layers below two more. */
static void a_6in4_wrap_adds_a_layer_and_nothing_else(void **state)
{
	static uint8_t octets[FRAME_ROOM];

	(void)state;
	for (size_t i = 0; i < COUNT(inner); i++) {
		struct layers plain_layers = { 0 }, wrapped_layers = { 0 };
		struct rig plain, wrapped;
		size_t n = unhex(inner[i], octets);

		rig_open(&plain, NULL, 0);
		rig_open(&wrapped, NULL, 0);
		assert_true(cl_dissector_detail(plain.d, take_layers, &plain_layers));
		assert_true(cl_dissector_detail(wrapped.d, take_layers, &wrapped_layers));
		enum cl_fate fate = rig_feed(&plain, LT(IPV6), octets, n, n);
		n = wrap(octets, 41, octets, n);
		assert_int_equal(rig_feed(&wrapped, LT(IPV4), octets, n, n), fate);
		assert_int_equal(plain.events, wrapped.events);
		wrapped.last.wire_len -= plain.events > 0 ? 20 : 0;
		assert_memory_equal(&plain.last, &wrapped.last, sizeof plain.last);
		assert_int_equal(plain_layers.tunnelled, 0);
		assert_int_equal(wrapped_layers.tunnelled, plain_layers.n);
		for (unsigned j = 1; j <= plain_layers.n && j <= wrapped_layers.n; j++)
			assert_string_equal(plain_layers.name[plain_layers.n - j],
					    wrapped_layers.name[wrapped_layers.n - j]);
		assert_int_equal(cl_dissector_ledger(wrapped.d)->fact[CL_FACT_TUNNEL_6IN4], 1);
		rig_close(&plain);
		rig_close(&wrapped);
	}
}

/* 16 IP headers are read, the 17th is too many; each kind counts once. */
static void nesting_is_bounded(void **state)
{
	static uint8_t octets[FRAME_ROOM];
	const uint8_t payload[8] = { 0x17, 0, 3, 0x2a };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	size_t n = wrap_udp(octets, 49153, 123, payload, sizeof payload);
	for (unsigned headers = 1; headers <= 40; headers++) {
		enum cl_fate fate = rig_feed(&r, LT(RAW), octets, n, n);

		assert_int_equal(fate, headers <= 16 ? CL_FATE_COUNTED : CL_FATE_MALFORMED);
		n = wrap(octets, 4, octets, n);
	}
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_LINK_TOO_DEEP], 24);
	assert_int_equal(cl_dissector_ledger(r.d)->fact[CL_FACT_TUNNEL_4IN4], 39);
	rig_close(&r);
}

/* Ethernet in MPLS in Ethernet in MPLS: no tunnel, but as deep. */
static void pseudowires_are_bounded(void **state)
{
	static uint8_t octets[FRAME_ROOM];
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t n = 0; n + 18 <= 18 * 1000; n += 18)
		unhex("0200c6336401 0200c0000201 8847 00064140", octets + n);
	assert_int_equal(rig_feed(&r, LT(ETHERNET), octets, 18 * 1000, 18 * 1000), CL_FATE_MALFORMED);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_LINK_TOO_DEEP], 1);
	rig_close(&r);
}

/* Fragments of IP in IP: each carries the outer header. */
static void fragments_count_as_tunnelled(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	r.waits = true;
	rig_hex(&r, LT(RAW),
		"45000044000120004029e28bcb007101cb007102600000000010114020010db80000000000000000000000012001"
		"0db8"
		"000000000000000000000002c001007b0010c9b2");
	assert_int_equal(cl_dissector_ledger(r.d)->fact[CL_FACT_TUNNEL_6IN4], 1);
	rig_hex(&r, LT(RAW), "4500001c00010006402902aecb007101cb0071021700032a00000000");
	assert_int_equal(cl_dissector_ledger(r.d)->fact[CL_FACT_TUNNEL_6IN4], 2);
	rig_hex(&r, LT(RAW),
		"6000000000182c4020010db800ff0000000000000000000120010db800ff00000000000000000002040000010000"
		"0007"
		"450000240001000040118e92c0000201");
	assert_int_equal(cl_dissector_ledger(r.d)->fact[CL_FACT_TUNNEL_4IN6], 1);
	rig_close(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_6in4_wrap_adds_a_layer_and_nothing_else),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(pseudowires_are_bounded),
		cmocka_unit_test(fragments_count_as_tunnelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

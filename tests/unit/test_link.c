/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vectors.h"

/* The shortest NTP message: a mode 7 request of 8 octets, from port 49153 to 123. */
#define UDP7	"c001 007b 0010 0000 1700032a 00000000"
#define IP4	"45000024 00010000 40110000 c0000201 c6336401 " UDP7
#define IP6	"60000000 00101140 20010db8000000000000000000000001 20010db8000000000000000000000002 " UDP7
#define MACS	"0200c0000201 0200c6336401 "
#define SLL	"0000 0001 0006 0200c00002010000 "
#define SLL2(p) p " 0000 00000002 0001 00 06 0200c00002010000 "
#define LT(x)	CL_LINKTYPE_##x

static const struct vector counted[] = {
	{ "Ethernet, IPv4", MACS "0800 " IP4, LT(ETHERNET), CL_FATE_COUNTED, { { 16, 2 }, { 38, 2 } } },
	{ "Ethernet, IPv6", MACS "86dd " IP6, LT(ETHERNET), CL_FATE_COUNTED, { { 18, 2 }, { 58, 2 } } },
	{ "802.1Q", MACS "8100 0064 0800 " IP4, LT(ETHERNET), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "802.1Q, priority alone", MACS "8100 e000 86dd " IP6, LT(ETHERNET), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "802.1ad over 802.1Q",
	  MACS "88a8 0001 8100 0064 0800 " IP4,
	  LT(ETHERNET),
	  CL_FATE_COUNTED,
	  { { 0, 0 } } },
	{ "old double tags",
	  MACS "9100 0001 9200 0002 9300 0003 0800 " IP4,
	  LT(ETHERNET),
	  CL_FATE_COUNTED,
	  { { 0, 0 } } },
	{ "padded Ethernet",
	  MACS "0800 " IP4 "deadbeefdeadbeefdead",
	  LT(ETHERNET),
	  CL_FATE_COUNTED,
	  { { 0, 0 } } },
	{ "SLL, IPv4", SLL "0800 " IP4, LT(LINUX_SLL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "SLL, IPv6", SLL "86dd " IP6, LT(LINUX_SLL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "SLL, tag", SLL "8100 0007 0800 " IP4, LT(LINUX_SLL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "SLL2, IPv4", SLL2("0800") IP4, LT(LINUX_SLL2), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "SLL2, IPv6", SLL2("86dd") IP6, LT(LINUX_SLL2), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, little-endian 2", "02000000" IP4, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, big-endian 2", "00000002" IP4, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, OpenBSD", "18000000" IP6, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, FreeBSD", "1c000000" IP6, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, Darwin", "1e000000" IP6, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "NULL, Darwin, big-endian", "0000001e" IP6, LT(NULL), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "LOOP, IPv4", "00000002" IP4, LT(LOOP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "LOOP, IPv6", "00000018" IP6, LT(LOOP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP, ff 03, IPv4", "ff03 0021 " IP4, LT(PPP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP, ff 03, IPv6", "ff03 0057 " IP6, LT(PPP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP, bare, IPv4", "0021 " IP4, LT(PPP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP, bare, one octet", "21 " IP4, LT(PPP), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP, ff 03, one octet", "ff03 57 " IP6, LT(PPP_HDLC), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "PPP in HDLC", "ff03 0021 " IP4, LT(PPP_HDLC), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "RAW, IPv4", IP4, LT(RAW), CL_FATE_COUNTED, { { 2, 2 }, { 24, 2 } } },
	{ "RAW, IPv6", IP6, LT(RAW), CL_FATE_COUNTED, { { 4, 2 }, { 44, 2 } } },
	{ "IPV4", IP4, LT(IPV4), CL_FATE_COUNTED, { { 0, 0 } } },
	{ "IPV6", IP6, LT(IPV6), CL_FATE_COUNTED, { { 0, 0 } } },
};

static void every_link_layer_leads_to_its_packet(void **state)
{
	static const uint8_t v4[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
			     v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(counted); i++) {
		bool is_v4 = strstr(counted[i].frame, IP4) != NULL;

		if (rig_hex(&r, counted[i].linktype, counted[i].frame) != CL_FATE_COUNTED)
			fail_msg("%s", counted[i].name);
		assert_int_equal(r.last.kind, CL_EV_NTP);
		assert_int_equal(r.last.u.ntp.mode, 7);
		assert_memory_equal(r.last.src.b, is_v4 ? v4 : v6, 16);
		assert_int_equal(r.last.sport, 49153);
		assert_int_equal(r.last.dport, 123);
	}
	rig_close(&r);
}

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	check_vectors(counted, COUNT(counted));
}

/* Understood, and not ours; or not understood, with the reason. */
static const struct {
	const char *frame;
	uint16_t linktype;
	enum cl_fate fate;
	enum cl_undecoded reason;
	uint32_t value;
} others[] = {
	{ MACS "0806 0001", LT(ETHERNET), CL_FATE_OTHER, 0, 0 },
	{ MACS "88cc 0207", LT(ETHERNET), CL_FATE_OTHER, 0, 0 },
	{ MACS "0026 4242 03", LT(ETHERNET), CL_FATE_OTHER, 0, 0 },
	{ MACS "05dc 4242 03", LT(ETHERNET), CL_FATE_OTHER, 0, 0 },
	{ MACS "8100 0001 0806", LT(ETHERNET), CL_FATE_OTHER, 0, 0 },
	{ MACS "05dd 4242 03", LT(ETHERNET), CL_FATE_UNDECODED, CL_UND_ETHERTYPE, 0x5dd },
	{ MACS "894f 0001", LT(ETHERNET), CL_FATE_UNDECODED, CL_UND_ETHERTYPE, 0x894f },
	{ MACS "8100 0001 1234 11", LT(ETHERNET), CL_FATE_UNDECODED, CL_UND_ETHERTYPE, 0x1234 },
	{ SLL "1234", LT(LINUX_SLL), CL_FATE_UNDECODED, CL_UND_ETHERTYPE, 0x1234 },
	{ SLL2("0806"), LT(LINUX_SLL2), CL_FATE_OTHER, 0, 0 },
	{ "00000010" IP4, LT(NULL), CL_FATE_UNDECODED, CL_UND_NULL_AF, 16 },
	{ "10000000" IP4, LT(NULL), CL_FATE_UNDECODED, CL_UND_NULL_AF, 16 },
	{ "02000000" IP4, LT(LOOP), CL_FATE_UNDECODED, CL_UND_NULL_AF, 0x02000000 },
	{ "ff03 c021 01", LT(PPP), CL_FATE_OTHER, 0, 0 },
	{ "ff03 8021 01", LT(PPP_HDLC), CL_FATE_OTHER, 0, 0 },
	{ "c023 01", LT(PPP), CL_FATE_OTHER, 0, 0 },
	{ "ff03 00fd 01", LT(PPP), CL_FATE_UNDECODED, CL_UND_PPP, 0xfd },
	{ "ff03 002d 01", LT(PPP), CL_FATE_UNDECODED, CL_UND_PPP, 0x2d },
	{ "ff21 01", LT(PPP), CL_FATE_UNDECODED, CL_UND_PPP, 0xff },
	{ "ff0301", LT(PPP), CL_FATE_UNDECODED, CL_UND_PPP, 1 },
	{ "50", LT(RAW), CL_FATE_MALFORMED, 0, 0 },
	{ "05", LT(RAW), CL_FATE_MALFORMED, 0, 0 },
	{ "", LT(RAW), CL_FATE_MALFORMED, 0, 0 },
	{ "", LT(ETHERNET), CL_FATE_MALFORMED, 0, 0 },
	{ MACS "08", LT(ETHERNET), CL_FATE_MALFORMED, 0, 0 },
	{ MACS "8100 0001 08", LT(ETHERNET), CL_FATE_MALFORMED, 0, 0 },
	{ MACS "8100", LT(ETHERNET), CL_FATE_MALFORMED, 0, 0 },
	{ "ff", LT(PPP), CL_FATE_MALFORMED, 0, 0 },
	{ "020000", LT(NULL), CL_FATE_MALFORMED, 0, 0 },
	{ "020000", LT(LOOP), CL_FATE_MALFORMED, 0, 0 },
	{ IP4, 147, CL_FATE_UNDECODED, CL_UND_LINKTYPE, 147 },
	{ "", 65535, CL_FATE_UNDECODED, CL_UND_LINKTYPE, 65535 },
	{ MACS "0800 " IP4, 138, CL_FATE_UNDECODED, CL_UND_LINKTYPE, 138 },
};

static void the_rest_has_a_fate_and_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct rig r;

		rig_open(&r, NULL, 0);
		enum cl_fate fate = rig_hex(&r, others[i].linktype, others[i].frame);
		if (fate != others[i].fate)
			fail_msg("%zu: %s", i, cl_fate_names[fate]);
		if (fate == CL_FATE_UNDECODED)
			assert_int_equal(rig_reason(&r, others[i].reason, others[i].value), 1);
		rig_close(&r);
	}
}

static void a_tower_of_tags_ends(void **state)
{
	static uint8_t frame[14 + 4 * 4096];
	struct rig r;

	(void)state;
	memset(frame, 0, sizeof(frame));
	for (size_t at = 12; at + 2 <= sizeof(frame); at += 4) {
		frame[at] = 0x81;
		frame[at + 1] = 0x00;
	}
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_feed(&r, LT(ETHERNET), frame, sizeof(frame), sizeof(frame)), CL_FATE_MALFORMED);
	for (size_t tags = 8; tags <= 32; tags += 24) { /* more than anybody stacks, and far more */
		size_t end = 12 + 4 * tags, n = unhex("0806", frame + end);

		assert_int_equal(rig_feed(&r, LT(ETHERNET), frame, end + n, end + n),
				 tags == 8 ? CL_FATE_OTHER : CL_FATE_MALFORMED);
		unhex("8100", frame + end);
	}
	assert_int_equal(rig_feed(&r, LT(ETHERNET), frame, 24, sizeof(frame)), CL_FATE_TRUNCATED);
	rig_close(&r);
}

/* More reasons than rows: the rest share one. */
static void reasons_are_bounded(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned round = 0; round < 2; round++)
		for (uint16_t linktype = 1000; linktype < 1000 + 200; linktype++) {
			assert_int_equal(rig_hex(&r, linktype, "00"), CL_FATE_UNDECODED);
			if (linktype == 1000 + CL_UNDECODED_MAX && round == 0)
				assert_int_equal(rig_reason(&r, CL_UND_REST, 0), 1);
		}
	assert_int_equal(cl_dissector_ledger(r.d)->reasons, CL_UNDECODED_MAX + 1);
	assert_int_equal(rig_reason(&r, CL_UND_LINKTYPE, 1000), 2);
	assert_int_equal(rig_reason(&r, CL_UND_LINKTYPE, 1000 + CL_UNDECODED_MAX - 1), 2);
	assert_int_equal(rig_reason(&r, CL_UND_REST, 0), 2 * (200 - CL_UNDECODED_MAX));
	cl_dissector_filtered(r.d, 3);
	r.frames += 3;
	assert_ledger(&r);
	assert_int_equal(cl_dissector_ledger(r.d)->fate[CL_FATE_FILTERED], 3);
	rig_close(&r);
}

static size_t batch_events;

/* Rooms of 1 to 7 events, each of them full but the last. */
static struct cl_event_room count_batch(void *ctx, size_t n)
{
	static struct cl_event *evs;
	static size_t room;
	int64_t *last = ctx;

	assert_true(n <= room);
	assert_true(n == room || batch_events + n == 300);
	for (size_t i = 0; i < n; i++) {
		assert_true(evs[i].time_ns > *last);
		*last = evs[i].time_ns;
		assert_int_equal(evs[i].wire_len, 50);
		assert_int_equal(evs[i].file, 3);
		assert_int_equal(evs[i].frame_no, evs[i].time_ns + 1000);
		assert_int_equal(evs[i].flags, evs[i].time_ns % 2 != 0 ? CL_EVF_OUT_OF_ORDER : 0);
	}
	batch_events += n;
	free(evs);
	room = room % 7 + 1;
	evs = batch_events < 300 ? calloc(room, sizeof(*evs)) : NULL;
	return (struct cl_event_room){ .events = evs, .count = room };
}

/* Large batches: all events come, in order, with what the frame says. */
static void events_come_in_order_before_feed_returns(void **state)
{
	static struct cl_frame frames[300];
	static uint8_t octets[FRAME_ROOM];
	struct cl_limits limits = { .hash_seed = 1 };
	int64_t last = INT64_MIN;
	struct cl_dissector *d = cl_dissector_new(&limits, count_batch, &last);
	size_t n = unhex(MACS "0800 " IP4, octets);

	(void)state;
	for (size_t i = 0; i < 300; i++)
		frames[i] = (struct cl_frame){ .time_ns = (int64_t)i - 150,
					       .number = 850 + i,
					       .data = octets,
					       .file = 3,
					       .cap_len = (uint32_t)n,
					       .wire_len = (uint32_t)n,
					       .linktype = 1,
					       .flags = i % 2 != 0 ? CL_FF_OUT_OF_ORDER : 0 };
	cl_dissector_feed(d, frames, 0);
	assert_int_equal(batch_events, 0);
	cl_dissector_feed(d, frames, 300);
	assert_int_equal(batch_events, 300);
	raised_free(d);
	raised_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_layer_leads_to_its_packet),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(the_rest_has_a_fate_and_a_reason),
		cmocka_unit_test(a_tower_of_tags_ends),
		cmocka_unit_test(reasons_are_bounded),
		cmocka_unit_test(events_come_in_order_before_feed_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void count_batch(void *ctx, const struct cl_event *evs, size_t n)
{
	int64_t *last = ctx;

	for (size_t i = 0; i < n; i++) {
		assert_true(evs[i].time_ns > *last);
		*last = evs[i].time_ns;
		assert_int_equal(evs[i].wire_len, 50);
		assert_int_equal(evs[i].file, 3);
		assert_int_equal(evs[i].frame_no, evs[i].time_ns + 1000);
		assert_int_equal(evs[i].flags, evs[i].time_ns % 2 != 0 ? CL_EVF_OUT_OF_ORDER : 0);
	}
	batch_events += n;
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
	cl_dissector_free(d);
	cl_dissector_free(NULL);
}

/* What each says of itself, in detail. */
static const struct {
	struct vector v;
	const char *shows[16];
} layers[] = {
	{ { "Ethernet",
	    "0200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000"
	    "0000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.dst=0200c6336401", "eth.dst.oui=131270", "eth.dst.lg=1", "eth.dst.ig=0",
	    "eth.src=0200c0000201", "eth.src.oui=131264", "eth.src.lg=1", "eth.src.ig=0", "eth.type=2048" } },
	{ { "Ethernet, padding",
	    "0200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000"
	    "000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.padding=00000000000000000000" } },
	{ { "Ethernet, padding and trailer",
	    "0200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000"
	    "000000000000000000000000aabbcc",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.padding=00000000000000000000", "eth.trailer=aabbcc" } },
	{ { "Ethernet, trailer that is no padding",
	    "0200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000"
	    "000000000000000000000001",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.trailer=00000000000000000001" } },
	{ { "tags",
	    "0200c63364010200c000020188a8a0c8810010640800450000240001000040118e92c0000201c6336401c001007b0010"
	    "38f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "ieee8021ad.priority=5", "ieee8021ad.dei=0", "ieee8021ad.id=200", "ieee8021ah.etype=33024",
	    "vlan.priority=0", "vlan.dei=1", "vlan.id=100", "vlan.etype=2048" } },
	{ { "tag, trailer",
	    "0200c63364010200c0000201810000640800450000240001000040118e92c0000201c6336401c001007b001038f11700"
	    "032a000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.padding=000000000000", "vlan.trailer=0000" } },
	{ { "tag, length",
	    "0200c63364010200c000020181000064002caaaa030000000800450000240001000040118e92c0000201c6336401c001"
	    "007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "vlan.len=44", "llc.type=2048" } },
	{ { "SNAP",
	    "0200c63364010200c0000201002caaaa030000000800450000240001000040118e92c0000201c6336401c001007b0010"
	    "38f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 12, 2 }, { 24, 2 } } },
	  { "eth.len=44", "llc.dsap=170", "llc.dsap.sap=85", "llc.dsap.ig=0", "llc.ssap=170",
	    "llc.ssap.sap=85", "llc.ssap.cr=0", "llc.control=3", "llc.control.u_modifier_cmd=0",
	    "llc.control.ftype=3", "llc.oui=0", "llc.type=2048" } },
	{ { "SNAP, padded",
	    "0200c63364010200c00002010010aaaa0300000c20000000000000000000000000000000000000000000000000000000"
	    "000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.oui=12", "llc.pid=8192",
	    "eth.padding=000000000000000000000000000000000000000000000000000000000000" } },
	{ { "SNAP, bridge tunnel",
	    "0200c63364010200c00002010040aaaa030000f886dd600000000010114020010db80000000000000000000000012001"
	    "0db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "llc.oui=248", "llc.type=34525" } },
	{ { "SNAP, bridged Ethernet with check sequence",
	    "0200c63364010200c0000201003eaaaa030080c200010200c63364010200c00002010800450000240001000040118e92"
	    "c0000201c6336401c001007b001038f11700032a0000000001020304",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "llc.pid=1" } },
	{ { "SNAP, bridged Ethernet",
	    "0200c63364010200c0000201003aaaaa030080c200070200c63364010200c00002010800450000240001000040118e92"
	    "c0000201c6336401c001007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "llc.pid=7" } },
	{ { "SNAP, other bridged",
	    "0200c63364010200c00002010012aaaa030080c2000200000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.pid=2" } },
	{ { "LLC, IP",
	    "0200c63364010200c00002010027060603450000240001000040118e92c0000201c6336401c001007b001038f1170003"
	    "2a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "llc.dsap.sap=3" } },
	{ { "LLC, spanning tree",
	    "0200c63364010200c0000201002642420300000000000000000000000000000000000000000000000000000000000000"
	    "00000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.dsap=66" } },
	{ { "LLC, response",
	    "0200c63364010200c00002010003f0f173",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.ssap.cr=1", "llc.control.u_modifier_resp=96" } },
	{ { "LLC, supervisory",
	    "0200c63364010200c00002010004f0f00101",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.dsap=240" } },
	{ { "Novell",
	    "0200c63364010200c0000201001effff001e0000000000000000000000000000000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "eth.len=30" } },
	{ { "MPLS, one label",
	    "0200c63364010200c0000201884703eeab2c450000240001000040118e92c0000201c6336401c001007b001038f11700"
	    "032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 20, 2 } } },
	  { "mpls.label=16106", "mpls.exp=5", "mpls.bottom=1", "mpls.ttl=44" } },
	{ { "MPLS, three labels, IPv6",
	    "0200c63364010200c00002018847000fe0400006304000002140600000000010114020010db800000000000000000000"
	    "000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "mpls.label=254", "mpls.label=99", "mpls.label=2", "mpls.bottom=0" } },
	{ { "MPLS, upstream",
	    "0200c63364010200c00002018848000fe140450000240001000040118e92c0000201c6336401c001007b001038f11700"
	    "032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "MPLS alone",
	    "00000140450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(MPLS),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "mpls.label=0" } },
	{ { "MPLS, pseudowire with control word",
	    "0200c63364010200c0000201884700064140000000070200c63364010200c00002010800450000240001000040118e92"
	    "c0000201c6336401c001007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "pweth.cw.sequence_number=7" } },
	{ { "MPLS, pseudowire without",
	    "0200c63364010200c00002018847000641400200c63364010200c000020186dd600000000010114020010db800000000"
	    "000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "MPLS, pseudowire to an address like IPv4",
	    "0200c63364010200c00002018847000641404500c63364010200c00002010800450000240001000040118e92c0000201"
	    "c6336401c001007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.dst=4500c6336401" } },
	{ { "MPLS, pseudowire to an address like IPv6",
	    "0200c63364010200c00002018847000641406000ffffffff0200c00002010800450000240001000040118e92c0000201"
	    "c6336401c001007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "eth.dst=6000ffffffff" } },
	{ { "MPLS, pseudowire to another address",
	    "0200c63364010200c0000201884700064140a200c63364010200c00002010800450000240001000040118e92c0000201"
	    "c6336401c001007b001038f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "MPLS, associated channel",
	    "0200c63364010200c00002018847000640400000d140100000070000000000000000000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "mpls.label=13" } },
	{ { "MPLS, channel of a pseudowire",
	    "0200c63364010200c0000201884700064140100000210000000000000000000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "MPLS, OAM",
	    "0200c63364010200c00002018847000640400000e1400100000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "MPLS, something",
	    "0200c63364010200c0000201884700064140999999999999999999999999999999999999999999999999999999999999"
	    "99999999999999999999",
	    LT(ETHERNET),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "PPPoE",
	    "0200c63364010200c000020188641100556a00260021450000240001000040118e92c0000201c6336401c001007b0010"
	    "38f11700032a00000000",
	    LT(ETHERNET),
	    CL_FATE_COUNTED,
	    { { 18, 2 } } },
	  { "pppoe.version=1", "pppoe.type=1", "pppoe.code=0", "pppoe.session_id=21866",
	    "pppoe.payload_length=38", "ppp.protocol=33" } },
	{ { "PPPoE, padded",
	    "0200c63364010200c0000201886411000001000ac0210901000800000000000000000000000000000000000000000000"
	    "000000000000000000000000",
	    LT(ETHERNET),
	    CL_FATE_OTHER,
	    { { 18, 2 } } },
	  { "ppp.protocol=49185" } },
	{ { "PPPoE alone",
	    "1100556a003a0057600000000010114020010db800000000000000000000000120010db8000000000000000000000002"
	    "c001007b0010c9b21700032a00000000",
	    LT(PPP_ETHER),
	    CL_FATE_COUNTED,
	    { { 4, 2 } } },
	  { "ppp.protocol=87" } },
	{ { "PPP",
	    "ff030021450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(PPP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "ppp.address=255", "ppp.control=3", "ppp.protocol=33" } },
	{ { "PPP, MPLS",
	    "ff03028100064140450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(PPP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "ppp.protocol=641", "mpls.label=100" } },
	{ { "Cisco HDLC",
	    "0f000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(PPP_HDLC),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "chdlc.address=15", "chdlc.control=0", "chdlc.protocol=2048" } },
	{ { "Cisco HDLC, multicast",
	    "8f0086dd600000000010114020010db800000000000000000000000120010db8000000000000000000000002c001007b"
	    "0010c9b21700032a00000000",
	    LT(C_HDLC),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "chdlc.address=143", "chdlc.protocol=34525" } },
	{ { "Cisco HDLC, keepalive",
	    "8f008035000000020000000100000001ffff",
	    LT(C_HDLC),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "chdlc.protocol=32821" } },
	{ { "Cisco HDLC, CDP", "8f00200001b4", LT(C_HDLC), CL_FATE_OTHER, { { 0, 0 } } }, { NULL } },
	{ { "SLL",
	    "0004000100060200c000020100000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a"
	    "00000000",
	    LT(LINUX_SLL),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "sll.pkttype=4", "sll.hatype=1", "sll.halen=6", "sll.src.eth=0200c0000201", "sll.unused=0000",
	    "sll.etype=2048" } },
	{ { "SLL, tunnel device",
	    "000003080004c0000201000000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a"
	    "00000000",
	    LT(LINUX_SLL),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "sll.hatype=776", "sll.src.ipv4=192.0.2.1", "sll.unused=00000000" } },
	{ { "SLL, GRE device",
	    "0000030a000000000000000000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a"
	    "00000000",
	    LT(LINUX_SLL),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "sll.hatype=778", "sll.gretype=2048" } },
	{ { "SLL, 802.2",
	    "0003000100060200c0000201000000044242030000000000000000000000000000000000000000000000000000000000"
	    "000000000000",
	    LT(LINUX_SLL),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "sll.ltype=4", "llc.dsap=66" } },
	{ { "SLL, long address",
	    "000000200008010203040506070886dd600000000010114020010db800000000000000000000000120010db800000000"
	    "0000000000000002c001007b0010c9b21700032a00000000",
	    LT(LINUX_SLL),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "sll.src.other=0102030405060708" } },
	{ { "SLL2",
	    "86dd000000000003000100060200c00002010000600000000010114020010db800000000000000000000000120010db8"
	    "000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(LINUX_SLL2),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "sll.etype=34525", "sll.ifindex=3", "sll.hatype=1", "sll.pkttype=0", "sll.halen=6",
	    "sll.src.eth=0200c0000201", "sll.unused=0000" } },
	{ { "NULL",
	    "1e000000600000000010114020010db800000000000000000000000120010db8000000000000000000000002c001007b"
	    "0010c9b21700032a00000000",
	    LT(NULL),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "null.family=30" } },
	{ { "LOOP",
	    "00000002450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(LOOP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "null.family=2" } },
	{ { "RAW",
	    "450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "NFLOG",
	    "02000014080001000800010005000a000000000028000900450000240001000040118e92c0000201c6336401c001007b"
	    "001038f11700032a00000000",
	    LT(NFLOG),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "nflog.family=2", "nflog.version=0", "nflog.res_id=20" } },
	{ { "NFLOG, big-endian, IPv6",
	    "0a0000140008000108000100003c0009600000000010114020010db800000000000000000000000120010db800000000"
	    "0000000000000002c001007b0010c9b21700032a00000000",
	    LT(NFLOG),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "nflog.family=10" } },
	{ { "NFLOG, of another family",
	    "070000143c000900600000000010114020010db800000000000000000000000120010db8000000000000000000000002"
	    "c001007b0010c9b21700032a00000000",
	    LT(NFLOG),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { NULL } },
	{ { "NFLOG, no packet",
	    "02000014080001000800010005000a0000",
	    LT(NFLOG),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { NULL } },
};

static void each_layer_says_what_it_holds(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(layers); i++) {
		enum cl_fate fate = rig_hex(&r, layers[i].v.linktype, layers[i].v.frame);

		if (fate != layers[i].v.fate)
			fail_msg("%s: %s\n%s", layers[i].v.name, cl_fate_names[fate], r.text->text);
		for (size_t j = 0; j < COUNT(layers[i].shows) && layers[i].shows[j] != NULL; j++)
			if (!detail_has(r.text, layers[i].shows[j]))
				fail_msg("%s: no %s in\n%s", layers[i].v.name, layers[i].shows[j],
					 r.text->text);
		if (fate != CL_FATE_MALFORMED)
			assert_null(strchr(r.text->text, '!'));
	}
	rig_close(&r);
}

static void each_layer_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(layers); i++)
		check_vectors(&layers[i].v, 1);
}

static const struct {
	const char *name, *frame;
	uint16_t linktype;
	enum cl_anomaly why;
} broken[] = {
	{ "Ethernet cut", "0200c63364010200c000020108", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "tag cut", "0200c63364010200c00002018100006408", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "LLC cut", "0200c63364010200c00002010002aaaa", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "SNAP cut", "0200c63364010200c00002010007aaaa0300000008", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "17 tags",
	  "0200c63364010200c0000201810000648100006481000064810000648100006481000064810000648100006481000064"
	  "810000648100006481000064810000648100006481000064810000648100006481000800450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_VLAN_TOO_DEEP },
	{ "MPLS cut", "0200c63364010200c00002018847000641", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "MPLS, nothing below", "0200c63364010200c0000201884700005140", LT(ETHERNET),
	  CL_ANOM_LINK_BAD_HEADER },
	{ "17 labels",
	  "0200c63364010200c0000201884700005040000050400000504000005040000050400000504000005040000050400000"
	  "504000005040000050400000504000005040000050400000504000005040000050400000514045000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_MPLS_TOO_DEEP },
	{ "PPPoE cut", "0200c63364010200c000020188641100000100", LT(ETHERNET), CL_ANOM_LINK_BAD_HEADER },
	{ "PPPoE version",
	  "0200c63364010200c000020188642100556a00260021450000240001000040118e92c0000201c6336401c001007b0010"
	  "38f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_PPPOE_BAD_HEADER },
	{ "PPPoE type",
	  "0200c63364010200c000020188641200556a00260021450000240001000040118e92c0000201c6336401c001007b0010"
	  "38f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_PPPOE_BAD_HEADER },
	{ "PPPoE code",
	  "0200c63364010200c000020188641109556a00260021450000240001000040118e92c0000201c6336401c001007b0010"
	  "38f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_PPPOE_BAD_HEADER },
	{ "PPPoE too long",
	  "0200c63364010200c000020188641100556a00270021450000240001000040118e92c0000201c6336401c001007b0010"
	  "38f11700032a00000000",
	  LT(ETHERNET), CL_ANOM_PPPOE_BAD_LENGTH },
	{ "PPP cut", "ff0300", LT(PPP), CL_ANOM_LINK_BAD_HEADER },
	{ "Cisco HDLC cut", "0f0008", LT(C_HDLC), CL_ANOM_LINK_BAD_HEADER },
	{ "SLL cut", "0004000100060200c0000201000008", LT(LINUX_SLL), CL_ANOM_LINK_BAD_HEADER },
	{ "SLL2 cut", "86dd0000000000030001", LT(LINUX_SLL2), CL_ANOM_LINK_BAD_HEADER },
	{ "NULL cut", "020000", LT(NULL), CL_ANOM_LINK_BAD_HEADER },
	{ "LOOP cut", "000000", LT(LOOP), CL_ANOM_LINK_BAD_HEADER },
	{ "RAW of version 5", "500000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(RAW), CL_ANOM_RAW_BAD_VERSION },
	{ "RAW of nothing", "", LT(RAW), CL_ANOM_LINK_BAD_HEADER },
	{ "NFLOG cut", "0200", LT(NFLOG), CL_ANOM_LINK_BAD_HEADER },
	{ "NFLOG, attribute of 3", "0200001403000100", LT(NFLOG), CL_ANOM_LINK_BAD_HEADER },
	{ "NFLOG, packet too long", "020000140900090045", LT(NFLOG), CL_ANOM_LINK_BAD_HEADER },
};

static void what_contradicts_itself_has_a_name(void **state)
{
	(void)state;
	for (int depth = 0; depth < 2; depth++)
		for (size_t i = 0; i < COUNT(broken); i++) {
			struct rig r;

			if (depth != 0)
				rig_open_detail(&r);
			else
				rig_open(&r, NULL, 0);
			if (rig_hex(&r, broken[i].linktype, broken[i].frame) != CL_FATE_MALFORMED)
				fail_msg("%s", broken[i].name);
			for (int a = 0; a < CL_ANOMALIES; a++)
				if (cl_dissector_ledger(r.d)->anomaly[a] != (a == (int)broken[i].why))
					fail_msg("%s: %s", broken[i].name, cl_anomalies[a].name);
			rig_close(&r);
		}
}

/* IEEE 802.3 sec. 3.2.6: said, and the rest of the frame is taken. */
static void a_length_over_the_frame_is_said(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	assert_int_equal(rig_hex(&r, LT(ETHERNET), MACS "0200 aaaa03 000000 0800 " IP4), CL_FATE_COUNTED);
	assert_shows(&r, "!eth.bad_length");
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_ETH_BAD_LENGTH], 1);
	rig_close(&r);
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
		cmocka_unit_test(each_layer_says_what_it_holds),
		cmocka_unit_test(each_layer_cut_flipped_and_lied),
		cmocka_unit_test(what_contradicts_itself_has_a_name),
		cmocka_unit_test(a_length_over_the_frame_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/frames.h"

/* Each that counts holds the same message of 8 octets, an NTP mode 7 request. */
static const struct shown frames[] = {
	{ { "to the DS",
	    "08012c000200000000aa0200000000bb0200000000cc1000aaaa030000000800450000240001000040118e92c0000201"
	    "c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.fc.type_subtype=32",
	    "wlan.fc=2049",
	    "wlan.fc.version=0",
	    "wlan.fc.type=2",
	    "wlan.fc.subtype=0",
	    "wlan.flags=1",
	    "wlan.fc.ds=1",
	    "wlan.fc.tods=1",
	    "wlan.fc.fromds=0",
	    "wlan.fc.frag=0",
	    "wlan.duration=44",
	    "wlan.ra=0200000000aa",
	    "wlan.ta=0200000000bb",
	    "wlan.da=0200000000cc",
	    "wlan.sa=0200000000bb",
	    "wlan.bssid=0200000000aa",
	    "wlan.staa=0200000000bb",
	    "wlan.frag=0",
	    "wlan.seq=1",
	    "llc.type=2048" },
	  0 },
	{ { "from the DS",
	    "08022c000200000000aa0200000000bb0200000000cc1000aaaa0300000086dd600000000010114020010db800000000"
	    "000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.da=0200000000aa", "wlan.sa=0200000000cc", "wlan.bssid=0200000000bb",
	    "wlan.staa=0200000000aa" },
	  0 },
	{ { "within a BSS",
	    "08002c000200000000aa0200000000bb0200000000cc1000aaaa030000000800450000240001000040118e92c0000201"
	    "c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.da=0200000000aa", "wlan.sa=0200000000bb", "wlan.bssid=0200000000cc" },
	  0 },
	{ { "four addresses",
	    "08032c000200000000aa0200000000bb0200000000cc10000200000000ddaaaa03000000080045000024000100004011"
	    "8e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.ra=0200000000aa", "wlan.ta=0200000000bb", "wlan.da=0200000000cc", "wlan.sa=0200000000dd" },
	  0 },
	{ { "QoS",
	    "88012c000200000000aa0200000000bb0200000000cc10003600aaaa030000000800450000240001000040118e92c000"
	    "0201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.fc.subtype=8", "wlan.qos=54", "wlan.qos.tid=6", "wlan.qos.priority=6", "wlan.qos.bit4=1",
	    "wlan.qos.ack=1", "wlan.qos.amsdupresent=0" },
	  0 },
	{ { "QoS from the DS",
	    "88022c000200000000aa0200000000bb0200000000cc10001000aaaa030000000800450000240001000040118e92c000"
	    "0201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.qos.eosp=1" },
	  0 },
	{ { "QoS, four addresses, HT control",
	    "88832c000200000000aa0200000000bb0200000000cc10000200000000dd000001020304aaaa0300000086dd60000000"
	    "0010114020010db800000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a"
	    "00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "wlan.fc.order=1" },
	  0 },
	{ { "aggregate of one",
	    "88012c000200000000aa0200000000bb0200000000cc100080000200000000dd0200000000ee002caaaa030000000800"
	    "450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11),
	    CL_FATE_COUNTED,
	    { { 38, 2 } } },
	  { "wlan.qos.amsdupresent=1", "wlan_aggregate.a_mdsu.length=44", "wlan.da=0200000000dd",
	    "wlan.sa=0200000000ee" },
	  0 },
	{ { "aggregate of two",
	    "88012c000200000000aa0200000000bb0200000000cc100080000200000000dd0200000000ee002caaaa030000000800"
	    "450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000000000000200000000dd02000000"
	    "00ee002caaaa030000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000000"
	    "0",
	    LT(IEEE802_11),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { NULL },
	  0 },
	{ { "encrypted",
	    "08412c000200000000aa0200000000bb0200000000cc1000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000",
	    LT(IEEE802_11),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { "wlan.fc.protected=1" },
	  0 },
	{ { "first fragment",
	    "08052c000200000000aa0200000000bb0200000000cc1000aaaa030000000800450000240001000040118e92",
	    LT(IEEE802_11),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { "wlan.fc.frag=1" },
	  0 },
	{ { "last fragment",
	    "08012c000200000000aa0200000000bb0200000000cc1100c0000201c6336401c001007b001038f11700032a0000000"
	    "0",
	    LT(IEEE802_11),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { "wlan.frag=1" },
	  0 },
	{ { "null",
	    "48012c000200000000aa0200000000bb0200000000cc1000",
	    LT(IEEE802_11),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "wlan.fc.subtype=4" },
	  0 },
	{ { "QoS null",
	    "c8012c000200000000aa0200000000bb0200000000cc10000000",
	    LT(IEEE802_11),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { NULL },
	  0 },
	{ { "beacon",
	    "80002c000200000000aa0200000000bb0200000000cc1000000000000000000000000000000000000000000000000000"
	    "000000000000",
	    LT(IEEE802_11),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "wlan.fc.type=0" },
	  0 },
	{ { "acknowledgment", "d40000000200000000aa", LT(IEEE802_11), CL_FATE_OTHER, { { 0, 0 } } },
	  { "wlan.fc.type=1", "wlan.fc.subtype=13" },
	  0 },
	{ { "spanning tree",
	    "08022c000200000000aa0200000000bb0200000000cc1000424203000000000000000000000000000000000000000000"
	    "0000000000000000000000000000",
	    LT(IEEE802_11),
	    CL_FATE_OTHER,
	    { { 0, 0 } } },
	  { "llc.dsap=66" },
	  0 },
	{ { "radiotap, nothing",
	    "000008000000000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	    "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.version=0", "radiotap.pad=0", "radiotap.length=8", "radiotap.present.word=0",
	    "radiotap.present.tsft=0" },
	  0 },
	{ { "radiotap, flags, check sequence",
	    "00000900020000001008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024000100"
	    "0040118e92c0000201c6336401c001007b001038f11700032a000000000312c6a7",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.flags=16", "radiotap.flags.fcs=1", "radiotap.flags.badfcs=0", "wlan.fcs=2814775811" },
	  0 },
	{ { "radiotap, time, flags",
	    "000017002f0000000102030405060708100ca4154001b688012c000200000000aa0200000000bb0200000000cc100006"
	    "00aaaa030000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000000000"
	    "00",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.mactime=578437695752307201", "radiotap.datarate=6", "radiotap.channel.freq=5540",
	    "radiotap.channel.flags=320", "radiotap.channel.flags.ofdm=1", "radiotap.channel.flags.5ghz=1",
	    "radiotap.channel.flags.2ghz=0", "radiotap.dbm_antsignal=-74", "radiotap.present.tsft=1",
	    "radiotap.present.flags=1" },
	  0 },
	{ { "radiotap, padded header",
	    "00000900020000002088012c000200000000aa0200000000bb0200000000cc100006000000aaaa030000000800450000"
	    "240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.flags.datapad=1" },
	  0 },
	{ { "radiotap, most fields",
	    "00002c00e03f1e00b6a36300010002000f0128290300000040010100a4156c001f010700010000000000000008012c00"
	    "0200000000aa0200000000bb0200000000cc1000aaaa030000000800450000240001000040118e92c0000201c6336401"
	    "c001007b001038f11700032a00000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.dbm_antsignal=-74", "radiotap.dbm_antnoise=-93", "radiotap.quality=99",
	    "radiotap.txpower=15", "radiotap.antenna=1", "radiotap.db_antsignal=40",
	    "radiotap.db_antnoise=41", "radiotap.data_retries=3", "radiotap.xchannel.flags=65856",
	    "radiotap.xchannel.freq=5540", "radiotap.xchannel.channel=108", "radiotap.mcs.index=7",
	    "radiotap.datarate=135", "radiotap.ampdu.reference=1" },
	  0 },
	{ { "radiotap, two antennas",
	    "00001000200000a020080000bab9010008012c000200000000aa0200000000bb0200000000cc1000aaaa030000000800"
	    "450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.dbm_antsignal=-70", "radiotap.dbm_antsignal=-71", "radiotap.antenna=1",
	    "radiotap.present.ext=1", "radiotap.present.rtap_ns=1" },
	  0 },
	{ { "radiotap, vendor between",
	    "00001d00200000c0010000a000080000ba00001122010400deadbeef0508012c000200000000aa0200000000bb020000"
	    "0000cc1000aaaa030000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a000000"
	    "00",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.dbm_antsignal=-70", "radiotap.antenna=5" },
	  0 },
	{ { "radiotap, damaged",
	    "00000900020000005008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024000100"
	    "0040118e92c0000201c6336401c001007b001038f11700032a0000000000000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_MALFORMED,
	    { { 0, 0 } } },
	  { "radiotap.flags.badfcs=1", "!wlan.bad_fcs" },
	  0 },
	{ { "radiotap, unknown field",
	    "00000900020000100008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024000100"
	    "0040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(IEEE802_11_RADIOTAP),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "radiotap.present.tlv=1" },
	  0 },
	{ { "PPI",
	    "000020006900000002001400050000000000000001000400a41540010000b6a308012c000200000000aa0200000000bb"
	    "0200000000cc1000aaaa030000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a"
	    "0000000000000000",
	    LT(PPI),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "ppi.version=0", "ppi.flags=0", "ppi.length=32", "ppi.dlt=105" },
	  0 },
	{ { "PPI, Ethernet",
	    "00000800010000000200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b0010"
	    "38f11700032a00000000",
	    LT(PPI),
	    CL_FATE_COUNTED,
	    { { 0, 0 } } },
	  { "ppi.dlt=1" },
	  0 },
	{ { "PPI, damaged",
	    "000020006900000002001400050000000000000005000400a41540010000b6a308012c000200000000aa0200000000bb"
	    "0200000000cc1000aaaa030000000800450000240001000040118e92c0000201c6336401c001007b001038f11700032a"
	    "0000000000000000",
	    LT(PPI),
	    CL_FATE_MALFORMED,
	    { { 0, 0 } } },
	  { "!wlan.bad_fcs" },
	  0 },
	{ { "PPI, another link",
	    "00000800e70300000200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b0010"
	    "38f11700032a00000000",
	    LT(PPI),
	    CL_FATE_UNDECODED,
	    { { 0, 0 } } },
	  { "ppi.dlt=999" },
	  0 },
};

static void each_frame_says_what_it_holds(void **state)
{
	(void)state;
	check_shown(frames, COUNT(frames));
}

static void each_frame_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++)
		check_vectors(&frames[i].v, 1);
}

static const struct broken broken[] = {
	{ "radiotap version",
	  "010008000000000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "radiotap length 7",
	  "000007000000000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "radiotap length over the frame",
	  "0000ff000000000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "radiotap words over its length",
	  "000008000000008008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "radiotap flags over its length",
	  "00000900030000000008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024000100"
	  "0040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "radiotap of three octets", "000008", LT(IEEE802_11_RADIOTAP), CL_ANOM_RADIOTAP_BAD_HEADER },
	{ "802.11 header cut", "08012c000200000000aa0200000000bb02000000", LT(IEEE802_11),
	  CL_ANOM_LINK_BAD_HEADER },
	{ "802.11 of one octet", "08", LT(IEEE802_11), CL_ANOM_LINK_BAD_HEADER },
	{ "QoS control missing", "88012c000200000000aa0200000000bb0200000000cc1000", LT(IEEE802_11),
	  CL_ANOM_LINK_BAD_HEADER },
	{ "aggregate too long",
	  "88012c000200000000aa0200000000bb0200000000cc100080000200000000dd0200000000ee002daaaa030000000800"
	  "450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(IEEE802_11), CL_ANOM_WLAN_BAD_SUBFRAME },
	{ "aggregate cut", "88012c000200000000aa0200000000bb0200000000cc100080000200000000dd0200000000",
	  LT(IEEE802_11), CL_ANOM_WLAN_BAD_SUBFRAME },
	{ "damaged",
	  "00000900020000005008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024000100"
	  "0040118e92c0000201c6336401c001007b001038f11700032a0000000000000000",
	  LT(IEEE802_11_RADIOTAP), CL_ANOM_WLAN_BAD_FCS },
	{ "PPI length 7",
	  "000007006900000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(PPI), CL_ANOM_LINK_BAD_HEADER },
	{ "PPI field too long",
	  "00000c00690000000200140008012c000200000000aa0200000000bb0200000000cc1000aaaa03000000080045000024"
	  "0001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(PPI), CL_ANOM_LINK_BAD_HEADER },
	{ "PPI field too short",
	  "0000100069000000020004000000000008012c000200000000aa0200000000bb0200000000cc1000aaaa030000000800"
	  "450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(PPI), CL_ANOM_LINK_BAD_HEADER },
	{ "PPI too long",
	  "00002c016900000008012c000200000000aa0200000000bb0200000000cc1000aaaa0300000008004500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  LT(PPI), CL_ANOM_LINK_BAD_HEADER },
};

static void what_contradicts_itself_has_a_name(void **state)
{
	(void)state;
	check_broken(broken, COUNT(broken));
}

/* Why frames of which only the header can be read are not: 1 encrypted, 2 fragments, 3 aggregates. */
static void what_is_not_read_has_a_reason(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(frames); i++)
		rig_hex(&r, frames[i].v.linktype, frames[i].v.frame);
	assert_int_equal(rig_reason(&r, CL_UND_WLAN, 1), 1);
	assert_int_equal(rig_reason(&r, CL_UND_WLAN, 2), 2);
	assert_int_equal(rig_reason(&r, CL_UND_WLAN, 3), 1);
	assert_int_equal(rig_reason(&r, CL_UND_LINKTYPE, 999), 1);
	rig_close(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_frame_says_what_it_holds),
		cmocka_unit_test(each_frame_cut_flipped_and_lied),
		cmocka_unit_test(what_contradicts_itself_has_a_name),
		cmocka_unit_test(what_is_not_read_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

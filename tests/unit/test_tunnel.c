/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/frames.h"

/* Each that counts holds the same message of 8 octets, an NTP mode 7 request from port 49153 to 123, over
 * IPv4 (192.0.2.1) or IPv6 (2001:db8::1). */
static const struct shown tunnels[] = {
	{ { "6in4",
	    "4500004c0001000040290284cb007101cb007102600000000010114020010db800000000000000000000000120010db8"
	    "000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 }, { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_6IN4 },
	{ { "4in4",
	    "4500003800010000400402bdcb007101cb007102450000240001000040118e92c0000201c6336401c001007b001038f1"
	    "1700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 }, { 22, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_4IN4 },
	{ { "4in6",
	    "600000000024044020010db800ff0000000000000000000120010db800ff000000000000000000024500002400010000"
	    "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 4, 2 }, { 42, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_4IN6 },
	{ { "6in6",
	    "600000000038294020010db800ff0000000000000000000120010db800ff000000000000000000026000000000101140"
	    "20010db800000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a0000000"
	    "0",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 4, 2 }, { 44, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_6IN6 },
	{ { "GRE, IPv4",
	    "4500003c00010000402f028ecb007101cb00710200000800450000240001000040118e92c0000201c6336401c001007b"
	    "001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "gre.flags_and_version=0", "gre.proto=2048", "gre.flags.version=0" },
	  CL_FACT_TUNNEL_GRE },
	{ { "GRE, all fields, IPv6",
	    "4500005c00010000402f026ecb007101cb007102b00086dd53e500000102030400000007600000000010114020010db8"
	    "00000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "gre.flags.checksum=1", "gre.flags.key=1", "gre.flags.sequence_number=1", "gre.checksum.status=1",
	    "gre.offset=0", "gre.key=16909060", "gre.sequence_number=7" },
	  CL_FACT_TUNNEL_GRE },
	{ { "GRE over IPv6",
	    "6000000000282f4020010db800ff0000000000000000000120010db800ff000000000000000000020000080045000024"
	    "0001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 4, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_GRE },
	{ { "GRE, odd checksum",
	    "4500004f00010000402f027bcb007101cb007102800065580ec800000200c63364010200c00002010800450000240001"
	    "000040118e92c0000201c6336401c001007b001038f11700032a0000000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "gre.checksum.status=1" },
	  CL_FACT_TUNNEL_GRE },
	{ { "NVGRE",
	    "4500004e00010000402f027ccb007101cb00710220006558001234010200c63364010200c00002010800450000240001"
	    "000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "gre.proto=25944", "eth.type=2048" },
	  CL_FACT_TUNNEL_GRE },
	{ { "GRE, MPLS",
	    "4500004000010000402f028acb007101cb0071020000884700064140450000240001000040118e92c0000201c6336401"
	    "c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "mpls.label=100" },
	  CL_FACT_TUNNEL_GRE },
	{ { "ERSPAN I",
	    "4500004a00010000402f0280cb007101cb007102000088be0200c63364010200c0000201080045000024000100004011"
	    "8e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "eth.type=2048" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "ERSPAN II",
	    "4500005600010000402f0274cb007101cb007102100088be0000000110641801000000050200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "erspan.version=1", "erspan.vlan=100", "erspan.cos=0", "erspan.encap=3", "erspan.truncated=0",
	    "erspan.spanid=1", "erspan.reserved=0", "erspan.index=5" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "ERSPAN III",
	    "4500006e00010000402f025ccb007101cb007102100022eb000000012064280201020304000780140200c63364010200"
	    "c000020186dd600000000010114020010db800000000000000000000000120010db8000000000000000000000002c001"
	    "007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "erspan.version=2", "erspan.cos=1", "erspan.bso=1", "erspan.truncated=0", "erspan.spanid=2",
	    "erspan.timestamp=16909060", "erspan.sgt=7", "erspan.p=1", "erspan.ft=0", "erspan.hw=1",
	    "erspan.direction=0", "erspan.gra=2", "erspan.o=0" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "ERSPAN III, subheader",
	    "4500006200010000402f0268cb007101cb007102100022eb000000012064000201020304000780010400000100000000"
	    "0200c63364010200c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000"
	    "0000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "erspan.o=1", "erspan.platid=1" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "ERSPAN III, IP alone",
	    "4500004c00010000402f027ecb007101cb007102100022eb000000012064000201020304000708004500002400010000"
	    "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "erspan.ft=2" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "ERSPAN II, cut by the mirror",
	    "4500005400010000402f0276cb007101cb007102100088be0000000110641c01000000050200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a0000",
	    LT(RAW),
	    CL_FATE_TRUNCATED,
	    { { 2, 2 } } },
	  { "erspan.truncated=1" },
	  CL_FACT_TUNNEL_ERSPAN },
	{ { "PPTP",
	    "4500004a00010000402f0280cb007101cb0071023081880b002600110000002200000011002145000024000100004011"
	    "8e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 }, { 24, 2 } } },
	  { "gre.flags.ack=1", "gre.flags.version=1", "gre.key.payload_length=38", "gre.key.call_id=17",
	    "gre.sequence_number=34", "gre.ack_number=17", "ppp.protocol=33" },
	  CL_FACT_TUNNEL_PPTP },
	{ { "PPTP, ff 03",
	    "4500005c00010000402f026ecb007101cb0071023001880b003c001100000022ff030057600000000010114020010db8"
	    "00000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 }, { 24, 2 } } },
	  { "gre.flags.ack=0", "ppp.address=255", "ppp.control=3", "ppp.protocol=87" },
	  CL_FACT_TUNNEL_PPTP },
	{ { "PPTP, acknowledges alone",
	    "4500002000010000402f02aacb007101cb0071022081880b0000001100000022",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 2, 2 }, { 24, 2 } } },
	  { "gre.ack_number=34" },
	  CL_FACT_TUNNEL_PPTP },
	{ { "GRE keepalive",
	    "4500001800010000402f02b2cb007101cb00710200000000",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 2, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_GRE },
	{ { "Teredo",
	    "450000540001000040110294cb007101cb0071020dd8c73800400000600000000010114020010db80000000000000000"
	    "0000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_TEREDO },
	{ { "Teredo, origin",
	    "4500005c000100004011028ccb007101cb0071020dd8c738004800000000f12ab9c82815600000000010114020010db8"
	    "00000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "teredo.orig.port=3797", "teredo.orig.addr=70.55.215.234" },
	  CL_FACT_TUNNEL_TEREDO },
	{ { "Teredo, authentication and origin",
	    "4500006f0001000040110279cb007101cb007102c7380dd8005b00000001040261626364aabb01020304050607080000"
	    "00f12ab9c82815600000000010114020010db800000000000000000000000120010db8000000000000000000000002c0"
	    "01007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "teredo.auth.idlen=4", "teredo.auth.aulen=2", "teredo.auth.id=61626364", "teredo.auth.value=aabb",
	    "teredo.auth.nonce=0102030405060708", "teredo.auth.conf=00" },
	  CL_FACT_TUNNEL_TEREDO },
	{ { "Teredo bubble",
	    "4500004400010000401102a4cb007101cb007102c7380dd8003000006000000000003b40200100000001000000000000"
	    "0000000120010000000100000000000000000002",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_TEREDO },
	{ { "VXLAN",
	    "450000560001000040110292cb007101cb007102c35012b50042000008000000001092000200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "vxlan.flags=2048", "vxlan.flag_i=1", "vxlan.flag_g=0", "vxlan.flag_d=0", "vxlan.flag_a=0",
	    "vxlan.flags_reserved=0", "vxlan.gbp=0", "vxlan.vni=4242", "vxlan.reserved8=0" },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN, Linux port, group policy, over IPv6",
	    "600000000056114020010db800ff0000000000000000000120010db800ff00000000000000000002c35021180056bac6"
	    "88480003001092000200c63364010200c000020186dd600000000010114020010db80000000000000000000000012001"
	    "0db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 44, 2 } } },
	  { "vxlan.flag_g=1", "vxlan.flag_d=1", "vxlan.flag_a=1", "vxlan.gbp=3" },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, IPv4",
	    "4500004800010000401102a0cb007101cb007102c35012b6003400000c00000100109200450000240001000040118e92"
	    "c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "vxlan.ver=0", "vxlan.i_bit=1", "vxlan.p_bit=1", "vxlan.o_bit=0", "vxlan.reserved_16=0",
	    "vxlan.next_proto=1", "vxlan.vni=4242" },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, IPv6",
	    "4500005c000100004011028ccb007101cb007102c35012b6004800000c00000200109200600000000010114020010db8"
	    "00000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "vxlan.next_proto=2" },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, Ethernet",
	    "450000560001000040110292cb007101cb007102c35012b6004200000c000003001092000200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, no protocol",
	    "450000560001000040110292cb007101cb007102c35012b60042000008000000001092000200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, MPLS",
	    "4500004c000100004011029ccb007101cb007102c35012b6003800000c00000500109200000641404500002400010000"
	    "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "mpls.label=100" },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "VXLAN-GPE, NSH",
	    "4500002800010000401102c0cb007101cb007102c35012b6001400000c0000040010920000064140",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 24, 2 } } },
	  { NULL },
	  CL_FACT_TUNNEL_VXLAN },
	{ { "Geneve, IPv4",
	    "4500004800010000401102a0cb007101cb007102c35017c1003400000000080000109200450000240001000040118e92"
	    "c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "geneve.version=0", "geneve.flags.oam=0", "geneve.flags.critical=0", "geneve.proto_type=2048",
	    "geneve.vni=4242", "geneve.option.length=0" },
	  CL_FACT_TUNNEL_GENEVE },
	{ { "Geneve, options, Ethernet",
	    "4500007e000100004011026acb007101cb007102c35017c1006a00000540655800109200010283021122334455667788"
	    "0103040199aabbcc0200c63364010200c000020186dd600000000010114020010db80000000000000000000000012001"
	    "0db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "geneve.option.length=20", "geneve.flags.critical=1",
	    "geneve.options=0102830211223344556677880103040199aabbcc", "geneve.option.class=258",
	    "geneve.option.type=131", "geneve.option.type.critical=1", "geneve.option.length=12",
	    "geneve.option.unknown.data=1122334455667788", "geneve.option.class=259", "geneve.option.type=4",
	    "geneve.option.type.critical=0", "geneve.option.length=8", "geneve.option=0103040199aabbcc",
	    "geneve.option.unknown.data=99aabbcc" },
	  CL_FACT_TUNNEL_GENEVE },
	{ { "L2TP, bare",
	    "4500004a000100004011029ecb007101cb00710206a506a5003600000002000a000bff03002145000024000100004011"
	    "8e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "l2tp.flags=2", "l2tp.type=0", "l2tp.length_bit=0", "l2tp.seq_bit=0", "l2tp.offset_bit=0",
	    "l2tp.priority=0", "l2tp.version=2", "l2tp.tunnel=10", "l2tp.session=11", "ppp.protocol=33" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TP, all fields",
	    "450000660001000040110282cb007101cb00710206a5c350005200004b02004a000a000b000100020002000000576000"
	    "00000010114020010db800000000000000000000000120010db8000000000000000000000002c001007b0010c9b21700"
	    "032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 }, { 30, 2 } } },
	  { "l2tp.length_bit=1", "l2tp.seq_bit=1", "l2tp.offset_bit=1", "l2tp.priority=1", "l2tp.length=74",
	    "l2tp.Ns=1", "l2tp.Nr=2", "l2tp.offset=2", "l2tp.offset_padding=0000", "ppp.protocol=87" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TP, control",
	    "4500002800010000401102c0cb007101cb00710206a506a500140000c802000c000a000000010002",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 24, 2 }, { 30, 2 } } },
	  { "l2tp.type=1", "l2tp.Ns=1", "l2tp.Nr=2" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TPv3 over UDP, control",
	    "4500002800010000401102c0cb007101cb00710206a506a500140000c803000c0000000a00010002",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 24, 2 } } },
	  { "l2tp.version=3", "l2tp.length=12", "l2tp.ccid=10", "l2tp.Ns=1", "l2tp.Nr=2",
	    "l2tp.zero_length_body_message=" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TPv3 over UDP, Ethernet",
	    "4500005a000100004011028ecb007101cb00710206a506a500460000000300000000000a000000000200c63364010200"
	    "c00002010800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "l2tp.sid=10" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TPv3 over IP, cookie",
	    "450000560001000040730230cb007101cb0071020000000a0102030405060708000000000200c63364010200c0000201"
	    "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "l2tp.sid=10" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TPv3 over IP, control",
	    "450000240001000040730262cb007101cb00710200000000c803000c0000000a00010002",
	    LT(RAW),
	    CL_FATE_OTHER,
	    { { 2, 2 } } },
	  { "l2tp.sid=0", "l2tp.ccid=10" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "L2TPv3 over IP, something",
	    "450000400001000040730246cb007101cb0071020000000a111111111111111111111111111111111111111111111111"
	    "11111111111111111111111111111111",
	    LT(RAW),
	    CL_FATE_UNDECODED,
	    { { 2, 2 } } },
	  { "l2tp.sid=10" },
	  CL_FACT_TUNNEL_L2TP },
	{ { "MPLS in IP",
	    "4500003c0001000040890234cb007101cb00710200064140450000240001000040118e92c0000201c6336401c001007b"
	    "001038f11700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 2, 2 } } },
	  { "mpls.label=100" },
	  CL_FACT_TUNNEL_MPLS },
	{ { "MPLS in UDP",
	    "450000580001000040110290cb007101cb007102c35019eb0044000000064140600000000010114020010db800000000"
	    "000000000000000120010db8000000000000000000000002c001007b0010c9b21700032a00000000",
	    LT(RAW),
	    CL_FATE_COUNTED,
	    { { 24, 2 } } },
	  { "mpls.label=100" },
	  CL_FACT_TUNNEL_MPLS },
};

static void each_tunnel_says_what_it_holds(void **state)
{
	(void)state;
	check_shown(tunnels, COUNT(tunnels));
}

static void each_tunnel_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tunnels); i++)
		check_vectors(&tunnels[i].v, 1);
}

static void each_leads_to_its_packet(void **state)
{
	static const uint8_t v4[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
			     v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(tunnels); i++) {
		if (rig_hex(&r, tunnels[i].v.linktype, tunnels[i].v.frame) != CL_FATE_COUNTED)
			continue;
		assert_int_equal(r.last.kind, CL_EV_NTP);
		assert_int_equal(r.last.u.ntp.mode, 7);
		assert_true(memcmp(r.last.src.b, v4, 16) == 0 || memcmp(r.last.src.b, v6, 16) == 0);
		assert_int_equal(r.last.sport, 49153);
		assert_int_equal(r.last.dport, 123);
	}
	assert_int_equal(r.events, 35);
	rig_close(&r);
}

static void each_counts_under_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tunnels); i++) {
		struct rig r;

		rig_open(&r, NULL, 0);
		rig_hex(&r, tunnels[i].v.linktype, tunnels[i].v.frame);
		for (int fact = CL_FACT_TUNNEL_6IN4; fact <= CL_FACT_TUNNEL_MPLS; fact++)
			if (cl_dissector_ledger(r.d)->fact[fact] != (fact == (int)tunnels[i].fact))
				fail_msg("%s: %s", tunnels[i].v.name, cl_fact_names[fact]);
		rig_close(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tunnel_says_what_it_holds),
		cmocka_unit_test(each_tunnel_cut_flipped_and_lied),
		cmocka_unit_test(each_leads_to_its_packet),
		cmocka_unit_test(each_counts_under_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vectors.h"

#define LT(x) CL_LINKTYPE_##x

/* Each holds the same message of 8 octets, an NTP mode 7 request from port 49153 to 123, over IPv4
 * (192.0.2.1) or IPv6 (2001:db8::1). */
static const struct tunnel {
	struct vector v;
	const char *shows[16];
	enum cl_fact fact;
} tunnels[] = {
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
	  { "erspan.o=1" },
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
	  { "teredo" },
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
	    "geneve.option.type.critical=0", "geneve.option.length=8",
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
	    "l2tp.Ns=1", "l2tp.Nr=2", "l2tp.offset=2", "ppp.protocol=87" },
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
	  { "l2tp.version=3" },
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
	  { "l2tp.sid=0" },
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

static void every_tunnel_leads_to_its_packet(void **state)
{
	static const uint8_t v4[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
			     v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(tunnels); i++) {
		enum cl_fate fate = rig_hex(&r, tunnels[i].v.linktype, tunnels[i].v.frame);

		if (fate != tunnels[i].v.fate)
			fail_msg("%s: %s\n%s", tunnels[i].v.name, cl_fate_names[fate], r.text->text);
		for (size_t j = 0; j < COUNT(tunnels[i].shows) && tunnels[i].shows[j] != NULL; j++)
			if (!detail_has(r.text, tunnels[i].shows[j]))
				fail_msg("%s: no %s in\n%s", tunnels[i].v.name, tunnels[i].shows[j],
					 r.text->text);
		assert_null(strchr(r.text->text, '!'));
		if (fate != CL_FATE_COUNTED)
			continue;
		assert_int_equal(r.last.kind, CL_EV_NTP);
		assert_int_equal(r.last.u.ntp.mode, 7);
		assert_true(memcmp(r.last.src.b, v4, 16) == 0 || memcmp(r.last.src.b, v6, 16) == 0);
		assert_int_equal(r.last.sport, 49153);
		assert_int_equal(r.last.dport, 123);
	}
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

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tunnels); i++)
		check_vectors(&tunnels[i].v, 1);
}

static const struct {
	const char *name, *frame;
	enum cl_anomaly why;
} broken[] = {
	{ "GRE version",
	  "4500003c00010000402f028ecb007101cb00710200020800450000240001000040118e92c0000201c6336401c001007b"
	  "001038f11700032a00000000",
	  CL_ANOM_GRE_BAD_VERSION },
	{ "GRE ends in its header", "4500001c00010000402f02aecb007101cb007102a000080000000000",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "GRE of two octets", "4500001600010000402f02b4cb007101cb0071020000", CL_ANOM_TUNNEL_BAD_HEADER },
	{ "PPTP without key",
	  "4500004600010000402f0284cb007101cb0071021001880b00000011000000220021450000240001000040118e92c000"
	  "0201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_GRE_BAD_PPTP },
	{ "PPTP of another protocol",
	  "4500004600010000402f0284cb007101cb0071023001080000260011000000220021450000240001000040118e92c000"
	  "0201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_GRE_BAD_PPTP },
	{ "PPTP longer than the packet",
	  "4500004600010000402f0284cb007101cb0071023001880b00270011000000220021450000240001000040118e92c000"
	  "0201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_GRE_BAD_PPTP },
	{ "PPTP without sequence number", "4500001c00010000402f02aecb007101cb0071023001880b00260011",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "ERSPAN II of version 2",
	  "4500005600010000402f0274cb007101cb007102100088be0000000120641801000000050200c63364010200c0000201"
	  "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_ERSPAN_BAD_VERSION },
	{ "ERSPAN III of version 1",
	  "4500006e00010000402f025ccb007101cb007102100022eb000000011064280201020304000780140200c63364010200"
	  "c000020186dd600000000010114020010db800000000000000000000000120010db8000000000000000000000002c001"
	  "007b0010c9b21700032a00000000",
	  CL_ANOM_ERSPAN_BAD_VERSION },
	{ "ERSPAN III ends in its header",
	  "4500002600010000402f02a4cb007101cb007102100022eb0000000120642802010203040007",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "VXLAN ends in its header", "4500002200010000401102c6cb007101cb007102c35012b5000e0000080000000010",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "VXLAN-GPE without number",
	  "450000560001000040110292cb007101cb007102c35012b6004200000c000000001092000200c63364010200c0000201"
	  "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_VXLAN_BAD_PROTOCOL },
	{ "Geneve option behind the options",
	  "4500004c000100004011029ccb007101cb007102c35017c1003800000100080000109200010283014500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_GENEVE_BAD_OPTION },
	{ "Geneve options behind the packet",
	  "4500004800010000401102a0cb007101cb007102c35017c1003400003f00080000109200450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "L2TP longer than the datagram",
	  "4500004a000100004011029ecb007101cb00710206a506a50036000040020100000a000b002145000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_L2TP_BAD_LENGTH },
	{ "L2TP shorter than its header",
	  "4500004a000100004011029ecb007101cb00710206a506a50036000040020003000a000b002145000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_L2TP_BAD_LENGTH },
	{ "L2TP offset behind the datagram",
	  "4500004a000100004011029ecb007101cb00710206a506a5003600000202000a000b0100002145000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_L2TP_BAD_LENGTH },
	{ "L2TPv3 without session", "450000160001000040730270cb007101cb0071020000",
	  CL_ANOM_TUNNEL_BAD_HEADER },
	{ "MPLS without bottom, in IP",
	  "4500007c00010000408901f4cb007101cb00710200064040000640400006404000064040000640400006404000064040"
	  "000640400006404000064040000640400006404000064040000640400006404000064040000640404500002400010000"
	  "40118e92c0000201c6336401c001007b001038f11700032a00000000",
	  CL_ANOM_MPLS_TOO_DEEP },
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
			if (rig_hex(&r, LT(RAW), broken[i].frame) != CL_FATE_MALFORMED)
				fail_msg("%s", broken[i].name);
			for (int a = 0; a < CL_ANOMALIES; a++)
				if (cl_dissector_ledger(r.d)->anomaly[a] != (a == (int)broken[i].why))
					fail_msg("%s: %s", broken[i].name, cl_anomalies[a].name);
			rig_close(&r);
		}
}

/* RFC 2784 sec. 2.5: said, and read on. */
static void a_wrong_checksum_is_said(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	assert_int_equal(rig_hex(&r, LT(RAW),
				 "4500004000010000402f028acb007101cb00710280000800655700004500002400010000401"
				 "18e92c0000201c6336401"
				 "c001007b001038f11700032a00000000"),
			 CL_FATE_COUNTED);
	assert_shows(&r, "gre.checksum.status=0");
	assert_shows(&r, "!gre.bad_checksum");
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_GRE_BAD_CHECKSUM], 1);
	rig_close(&r);
}

/* On a tunnel's port, and none. */
static const struct {
	const char *name, *frame;
} strangers[] = {
	{ "Teredo port, no IPv6",
	  "45000059000100004011028fcb007101cb007102c7380dd8004500004500000000000000000000000000000000000000"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000" },
	{ "Teredo port, IPv6 longer than the datagram",
	  "450000530001000040110295cb007101cb007102c7380dd8003f0000600000000010114020010db80000000000000000"
	  "0000000120010db8000000000000000000000002c001007b0010c9b21700032a000000" },
	{ "Teredo port, no payload and a next header",
	  "4500004400010000401102a4cb007101cb007102c7380dd8003000006000000000001140200100000001000000000000"
	  "0000000120010000000100000000000000000002" },
	{ "Teredo port, four octets", "4500002000010000401102c8cb007101cb007102c7380dd8000c000000010000" },
	{ "VXLAN port, no identifier",
	  "450000560001000040110292cb007101cb007102c35012b50042000000000000001092000200c63364010200c0000201"
	  "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000" },
	{ "VXLAN port, reserved flags",
	  "450000560001000040110292cb007101cb007102c35012b50042000009000000001092000200c63364010200c0000201"
	  "0800450000240001000040118e92c0000201c6336401c001007b001038f11700032a00000000" },
	{ "VXLAN port, one octet", "4500001d00010000401102cbcb007101cb007102c35012b50009000008" },
	{ "VXLAN-GPE port, version 1",
	  "4500004800010000401102a0cb007101cb007102c35012b6003400001c00000100109200450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000" },
	{ "Geneve port, version 1",
	  "4500004800010000401102a0cb007101cb007102c35017c1003400004000080000109200450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000" },
	{ "Geneve port, reserved bits",
	  "4500004800010000401102a0cb007101cb007102c35017c1003400000001080000109200450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000" },
	{ "Geneve port, no EtherType",
	  "4500004800010000401102a0cb007101cb007102c35017c1003400000000000100109200450000240001000040118e92"
	  "c0000201c6336401c001007b001038f11700032a00000000" },
	{ "L2TP port, version 1",
	  "4500004a000100004011029ecb007101cb00710206a506a5003600000001000a000bff03002145000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000" },
	{ "L2TP port, reserved bits",
	  "4500004a000100004011029ecb007101cb00710206a506a5003600002002000a000bff03002145000024000100004011"
	  "8e92c0000201c6336401c001007b001038f11700032a00000000" },
	{ "L2TP port, control without length",
	  "4500002600010000401102c2cb007101cb00710206a506a5001200008802000a000b00010002" },
	{ "L2TP port, one octet", "4500001d00010000401102cbcb007101cb00710206a506a50009000000" },
	{ "MPLS port, no bottom",
	  "4500006c000100004011027ccb007101cb007102c35019eb005800000006404000064040000640400006404000064040"
	  "000640400006404000064040000640400006404000064040000640400006404000064040000640400006404000064040"
	  "000640400006404000064040" },
	{ "MPLS port, nothing below",
	  "4500003400010000401102b4cb007101cb007102c35019eb002000000006414099999999999999999999999999999999"
	  "99999999" },
};

static void a_port_alone_is_not_believed(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(strangers); i++)
		if (rig_hex(&r, LT(RAW), strangers[i].frame) != CL_FATE_OTHER)
			fail_msg("%s", strangers[i].name);
	for (int fact = CL_FACT_TUNNEL_6IN4; fact <= CL_FACT_TUNNEL_MPLS; fact++)
		assert_int_equal(cl_dissector_ledger(r.d)->fact[fact], 0);
	for (int a = 0; a < CL_ANOMALIES; a++)
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[a], 0);
	rig_close(&r);
}

/* Not ours to read: RFC 1701's routing, unknown protocols. */
static void what_is_not_read_has_a_reason(void **state)
{
	static const struct {
		const char *frame;
		enum cl_undecoded kind;
		uint32_t value;
	} rows[] = {
		{ "4500004000010000402f028acb007101cb0071024000080000000000450000240001000040118e92c0000201c6"
		  "336401"
		  "c001007b001038f11700032a00000000",
		  CL_UND_IP_PROTO, 47 },
		{ "4500003c00010000402f028ecb007101cb0071020000883e450000240001000040118e92c0000201c6336401c0"
		  "01007b"
		  "001038f11700032a00000000",
		  CL_UND_ETHERTYPE, 0x883e },
		{ "4500003c00010000402f028ecb007101cb007102000000fe450000240001000040118e92c0000201c6336401c0"
		  "01007b"
		  "001038f11700032a00000000",
		  CL_UND_ETHERTYPE, 0xfe },
		{ "4500004800010000401102a0cb007101cb007102c35017c1003400000000894f00109200450000240001000040"
		  "118e92"
		  "c0000201c6336401c001007b001038f11700032a00000000",
		  CL_UND_ETHERTYPE, 0x894f },
	};
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(rig_hex(&r, LT(RAW), rows[i].frame), CL_FATE_UNDECODED);
		assert_int_equal(rig_reason(&r, rows[i].kind, rows[i].value), 1);
	}
	rig_close(&r);
}

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
		cmocka_unit_test(every_tunnel_leads_to_its_packet),
		cmocka_unit_test(each_counts_under_its_name),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(what_contradicts_itself_has_a_name),
		cmocka_unit_test(a_wrong_checksum_is_said),
		cmocka_unit_test(a_port_alone_is_not_believed),
		cmocka_unit_test(what_is_not_read_has_a_reason),
		cmocka_unit_test(a_6in4_wrap_adds_a_layer_and_nothing_else),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(pseudowires_are_bounded),
		cmocka_unit_test(fragments_count_as_tunnelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

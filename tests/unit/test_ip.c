/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ip.h"
#include "tests/unit/vectors.h"

/* The shortest NTP message: a mode 7 request of 8 octets, from port 49153 to 123. */
#define UDP7		 "c001 007b 0010 0000 1700032a 00000000"
#define V4_ADDRS	 "c0000201 c6336401 "
#define V6_ADDRS	 "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define V6(length, next) "60000000 " length next "40 " V6_ADDRS
#define HOPOPTS(next)	 next "00 01 04 00000000 "
#define DSTOPTS2(next)	 next "01 01 0c 000000000000000000000000 "
#define ROUTING(next)	 next "02 00 00 00000000 20010db8000000000000000000000002 "
#define ATOMIC(next)	 next "00 0000 12345678 "
#define AH(next)	 next "04 0000 00000100 00000001 000102030405060708090a0b "
#define RAW		 CL_LINKTYPE_RAW

/* 16 octets of UDP behind headers of IPv4 (RFC 791) and IPv6 (RFC 8200). */
static const struct vector counted[] = {
	{ "IPv4",
	  "45000024 00010000 40110000 " V4_ADDRS UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 0, 1 }, { 2, 2 }, { 24, 2 } } },
	{ "IPv4, do not fragment",
	  "45000024 00014000 40110000 " V4_ADDRS UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 } } },
	{ "IPv4, the evil bit",
	  "45000024 00018000 40110000 " V4_ADDRS UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 } } },
	{ "IPv4, router alert",
	  "46000028 00010000 40110000 " V4_ADDRS "94040000" UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 0, 1 }, { 2, 2 } } },
	{ "IPv4, 40 octets of options",
	  "4f00004c 00010000 40110000 " V4_ADDRS
	  "0727040000000000000000000000000000000000 0000000000000000000000000000000000000000" UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 0, 1 }, { 2, 2 } } },
	{ "IPv4, total length 0",
	  "45000000 00010000 40110000 " V4_ADDRS UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 } } },
	{ "IPv4, padded",
	  "45000024 00010000 40110000 " V4_ADDRS UDP7 "000000000000",
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 } } },
	{ "IPv4, AH",
	  "4500003c 00010000 40330000 " V4_ADDRS AH("11") UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 21, 1 } } },
	{ "IPv6", V6("0010", "11") UDP7, RAW, CL_FATE_COUNTED, { { 4, 2 }, { 44, 2 } } },
	{ "IPv6, flow label and class",
	  "6ff12345 00101140 " V6_ADDRS UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 } } },
	{ "IPv6, payload length 0", V6("0000", "11") UDP7, RAW, CL_FATE_COUNTED, { { 4, 2 } } },
	{ "IPv6, hop by hop",
	  V6("0018", "00") HOPOPTS("11") UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 }, { 41, 1 } } },
	{ "IPv6, destination options",
	  V6("0020", "3c") DSTOPTS2("11") UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 }, { 41, 1 } } },
	{ "IPv6, routing",
	  V6("0028", "2b") ROUTING("11") UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 }, { 41, 1 } } },
	{ "IPv6, atomic fragment", V6("0018", "2c") ATOMIC("11") UDP7, RAW, CL_FATE_COUNTED, { { 4, 2 } } },
	{ "IPv6, AH", V6("0028", "33") AH("11") UDP7, RAW, CL_FATE_COUNTED, { { 4, 2 }, { 41, 1 } } },
	{ "IPv6, mobility", V6("0018", "87") HOPOPTS("11") UDP7, RAW, CL_FATE_COUNTED, { { 41, 1 } } },
	{ "IPv6, HIP", V6("0018", "8b") HOPOPTS("11") UDP7, RAW, CL_FATE_COUNTED, { { 41, 1 } } },
	{ "IPv6, shim6", V6("0018", "8c") HOPOPTS("11") UDP7, RAW, CL_FATE_COUNTED, { { 41, 1 } } },
	{ "IPv6, all of them",
	  V6("0068", "00") HOPOPTS("3c") DSTOPTS2("2b") ROUTING("2c") ATOMIC("33") AH("3c") HOPOPTS("11")
		  UDP7,
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 }, { 41, 1 }, { 49, 1 } } },
};

static void headers_lead_to_their_datagram(void **state)
{
	static const uint8_t v4[2][16] = { { [10] = 0xff, 0xff, 192, 0, 2, 1 },
					   { [10] = 0xff, 0xff, 198, 51, 100, 1 } };
	static const uint8_t v6[2][16] = { { 0x20, 1, 0x0d, 0xb8, [15] = 1 },
					   { 0x20, 1, 0x0d, 0xb8, [15] = 2 } };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(counted); i++) {
		const uint8_t(*expected)[16] = counted[i].frame[0] == '4' ? v4 : v6;

		if (rig_hex(&r, RAW, counted[i].frame) != CL_FATE_COUNTED)
			fail_msg("%s", counted[i].name);
		assert_memory_equal(r.last.src.b, expected[0], 16);
		assert_memory_equal(r.last.dst.b, expected[1], 16);
		assert_int_equal(r.last.sport, 49153);
		assert_int_equal(r.last.u.ntp.version, 2);
	}
	rig_close(&r);
}

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	check_vectors(counted, COUNT(counted));
}

#define SIXTEEN "00112233445566778899aabbccddeeff"

static const struct {
	const char *name, *frame;
	enum cl_fate fate;
	enum cl_undecoded reason;
	uint32_t value;
} others[] = {
	{ "total length one too long", "45000025 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "total length below the header", "45000013 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0,
	  0 },
	{ "total length below the options", "46000017 00010000 40110000 " V4_ADDRS "94040000" UDP7,
	  CL_FATE_MALFORMED, 0, 0 },
	{ "length far below UDP's", V6("0008", "11") UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "payload of one octet", V6("0001", "11") UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "header of 16", "44000024 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "header of 0", "40000024 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "header longer than the packet", "4f000024 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0,
	  0 },
	{ "total length cuts UDP short", "45000023 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED, 0,
	  0 },
	{ "total length ends with the header", "45000014 00010000 40110000 " V4_ADDRS UDP7, CL_FATE_MALFORMED,
	  0, 0 },
	{ "IPv4 of 19 octets", "45000013 00010000 40110000 c0000201 c63364", CL_FATE_MALFORMED, 0, 0 },
	{ "IPv4, first fragment", "45000024 00012000 40110000 " V4_ADDRS UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv4, last fragment", "45000024 00010001 40110000 " V4_ADDRS UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv4, far fragment", "45000024 00011000 40110000 " V4_ADDRS UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv4, DF and offset", "45000024 000140b9 40110000 " V4_ADDRS UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv6, length one too long", V6("0011", "11") UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "IPv6, length cuts UDP short", V6("000f", "11") UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "IPv6 of 39 octets",
	  "60000000 0000 1140 20010db8000000000000000000000001 20010db80000000000000000000000",
	  CL_FATE_MALFORMED, 0, 0 },
	{ "IPv6, extension far past the end", V6("0018", "00") "11ff 0104 00000000" UDP7, CL_FATE_MALFORMED,
	  0, 0 },
	{ "IPv6, AH past the end", V6("0018", "33") "11ff 0000 00000000" UDP7, CL_FATE_MALFORMED, 0, 0 },
	{ "IPv6, extension of one octet", V6("0001", "00") "11", CL_FATE_MALFORMED, 0, 0 },
	{ "IPv6, no next header", V6("0000", "3b"), CL_FATE_OTHER, 0, 0 },
	{ "IPv6, no next header, but octets", V6("0010", "3b") UDP7, CL_FATE_OTHER, 0, 0 },
	{ "IPv6, options, no next header", V6("0008", "00") HOPOPTS("3b"), CL_FATE_OTHER, 0, 0 },
	{ "IPv6, first fragment", V6("0018", "2c") "1100 0001 12345678" UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv6, last fragment", V6("0018", "2c") "1100 0008 12345678" UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv6, far fragment", V6("0018", "2c") "1100 8000 12345678" UDP7, CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv6, fragment behind options", V6("0020", "00") HOPOPTS("2c") "1100 0001 12345678" UDP7,
	  CL_FATE_INCOMPLETE, 0, 0 },
	{ "IPv6, reserved bits of an atomic one", V6("0018", "2c") "11ff 0006 12345678" UDP7, CL_FATE_COUNTED,
	  0, 0 },
	{ "IPv6, cut fragment header", V6("0004", "2c") "1100 0000", CL_FATE_MALFORMED, 0, 0 },
	{ "ESP", V6("0010", "32") SIXTEEN, CL_FATE_OTHER, 0, 0 },
	{ "OSPF", "45000024 00010000 40590000 " V4_ADDRS SIXTEEN, CL_FATE_OTHER, 0, 0 },
	{ "TCP to 53", V6("0014", "06") "c0010035 00000001 00000000 50021000 00000000", CL_FATE_COUNTED, 0,
	  0 },
	{ "TCP from 53", V6("0014", "06") "0035c001 00000001 00000000 50121000 00000000", CL_FATE_COUNTED, 0,
	  0 },
	{ "TCP to 80", V6("0014", "06") "c0010050 00000001 00000000 50021000 00000000", CL_FATE_OTHER, 0, 0 },
	{ "TCP to 123", V6("0014", "06") "c001007b 00000001 00000000 50021000 00000000", CL_FATE_OTHER, 0,
	  0 },
	{ "TCP from 123 to 53", V6("0014", "06") "007b0035 00000001 00000000 50021000 00000000",
	  CL_FATE_COUNTED, 0, 0 },
	{ "TCP to 53, data offset 4", V6("0014", "06") "c0010035 00000001 00000000 40021000 00000000",
	  CL_FATE_MALFORMED, 0, 0 },
	{ "TCP to 53, header past the end", V6("0014", "06") "c0010035 00000001 00000000 60021000 00000000",
	  CL_FATE_MALFORMED, 0, 0 },
	{ "TCP of three octets", V6("0003", "06") "c00100", CL_FATE_MALFORMED, 0, 0 },
	{ "ICMP, empty", "45000014 00010000 40010000 " V4_ADDRS, CL_FATE_MALFORMED, 0, 0 },
};

static void the_rest_has_a_fate_and_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct rig r;

		rig_open(&r, NULL, 0);
		r.waits = others[i].fate == CL_FATE_COUNTED /* segments count without a message */ ||
			  others[i].fate == CL_FATE_INCOMPLETE;
		enum cl_fate fate = rig_hex(&r, RAW, others[i].frame);
		rig_finish(&r);
		if (r.waits && fate == CL_FATES && cl_dissector_ledger(r.d)->fate[CL_FATE_INCOMPLETE] == 1)
			fate = CL_FATE_INCOMPLETE;
		if (fate != others[i].fate)
			fail_msg("%s: %s", others[i].name, cl_fate_names[fate]);
		if (fate == CL_FATE_UNDECODED && rig_reason(&r, others[i].reason, others[i].value) != 1)
			fail_msg("%s: another reason", others[i].name);
		rig_close(&r);
	}
}

/* An extension header as long as the payload leaves nothing for UDP. */
static void an_extension_swallows_the_rest(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_hex(&r, RAW, V6("0018", "00") "1102 0114 00000000" UDP7), CL_FATE_MALFORMED);
	assert_int_equal(rig_hex(&r, RAW, V6("0018", "00") "3b02 0114 00000000" UDP7), CL_FATE_OTHER);
	rig_close(&r);
}

#define ETH(type) "0200c0000201 0200c6336401 " type

/* The header's version decides too, not the link layer alone. */
static void versions_must_agree(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_hex(&r, 1, ETH("0800") "65000024 00010000 40110000 " V4_ADDRS UDP7),
			 CL_FATE_MALFORMED);
	assert_int_equal(rig_hex(&r, 1, ETH("86dd") "40000000 00101140 " V6_ADDRS UDP7), CL_FATE_MALFORMED);
	assert_int_equal(rig_hex(&r, 1, ETH("0800") "45000000 00010000 40110000 " V4_ADDRS UDP7),
			 CL_FATE_COUNTED);
	rig_close(&r);
}

/* ICMP errors quote a packet; other types are understood, and not ours (clientele(1), ICMP error). */
static void icmp_errors_by_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++)
		for (unsigned version = 4; version <= 6; version += 2) {
			uint8_t frame[64];
			struct rig r;
			size_t n =
				unhex(version == 4 ? "4500001c 00010000 40010000 " V4_ADDRS "0000000000000000"
						   : V6("0008", "3a") "0000000000000000",
				      frame);
			bool error = version == 4
					     ? type == 3 || type == 4 || type == 5 || type == 11 || type == 12
					     : type >= 1 && type <= 4;

			frame[n - 8] = (uint8_t)type;
			rig_open(&r, NULL, 0);
			assert_int_equal(rig_feed(&r, RAW, frame, n, n),
					 CL_FATE_OTHER); /* what is quoted is nothing */
			assert_int_equal(rig_feed(&r, RAW, frame, n - 1, n),
					 error ? CL_FATE_TRUNCATED : CL_FATE_OTHER);
			rig_close(&r);
		}
}

/* A chain as long as a packet can hold ends. */
static void a_long_chain_ends(void **state)
{
	static uint8_t frame[40 + 65528];
	struct rig r;

	(void)state;
	memset(frame, 0, sizeof(frame));
	frame[0] = 0x60;
	frame[4] = 0xff;
	frame[5] = 0xf8;
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_feed(&r, RAW, frame, sizeof(frame), sizeof(frame)), CL_FATE_MALFORMED);
	assert_int_equal(rig_feed(&r, RAW, frame, 2000, sizeof(frame)), CL_FATE_TRUNCATED);
	rig_close(&r);
}

/* A header, and lines that it must show: by the RFC named, or typed from the octets. */
struct shown {
	const char *frame;
	const char *lines[24];
};

static void check_shown(const struct shown *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rig r;

		rig_open_detail(&r);
		r.waits = true;
		struct vector v = {
			rows[i].frame, rows[i].frame, RAW, rig_hex(&r, RAW, rows[i].frame), { { 0, 0 } }
		};
		for (size_t j = 0; j < COUNT(rows[i].lines) && rows[i].lines[j] != NULL; j++)
			assert_shows(&r, rows[i].lines[j]);
		rig_close(&r);
		check_vectors(&v, 1);
	}
}

/* RFC 791 with the header checksum of RFC 1071 (computed by hand: the sum of the other words, inverted). */
static void ipv4_headers_are_shown(void **state)
{
	static const struct shown rows[] = {
		{ "45b90024 abcd4000 4011a20c " V4_ADDRS UDP7,
		  { "ip",
		    "ip.version=4",
		    "ip.hdr_len=20",
		    "ip.dsfield=185",
		    "ip.dsfield.dscp=46",
		    "ip.dsfield.ecn=1",
		    "ip.len=36",
		    "ip.id=43981",
		    "ip.flags=2",
		    "ip.flags.rb=0",
		    "ip.flags.df=1",
		    "ip.flags.mf=0",
		    "ip.frag_offset=0",
		    "ip.ttl=64",
		    "ip.proto=17",
		    "ip.checksum=41484",
		    "ip.checksum.status=1",
		    "ip.checksum_calculated=41484",
		    "ip.src=192.0.2.1",
		    "ip.dst=198.51.100.1",
		    "udp" } },
		{ "45b90024 abcd4000 4011a20d " V4_ADDRS UDP7,
		  { "ip.checksum.status=0", "ip.checksum_calculated=41484", "!ip.bad_checksum" } },
		{ "45b90024 abcd4000 40110000 " V4_ADDRS UDP7,
		  { "ip.checksum.status=0", "ip.checksum.offloaded=1", "ip.checksum_calculated=41484" } },
		{ "65000024 00010000 40110000 " V4_ADDRS UDP7, { "ipv6.version=6" } },
		{ "44000024 00010000 40110000 " V4_ADDRS UDP7, { "ip.hdr_len=16", "!ip.bad_header_length" } },
		{ "45000025 00010000 40110000 " V4_ADDRS UDP7, { "ip.len=37", "!ip.bad_length" } },
	};

	(void)state;
	check_shown(rows, COUNT(rows));
}

#define V4_OPTIONS(ihl, total, options) ihl "0000" total " 00010000 40110000 " V4_ADDRS options " " UDP7

static void ipv4_options_are_shown(void **state)
{
	static const struct shown rows[] = {
		{ V4_OPTIONS("46", "28", "94040000"),
		  { "ip.opt.type=148", "ip.opt.type.copy=1", "ip.opt.type.class=0", "ip.opt.type.number=20",
		    "ip.opt.len=4", "ip.opt.ra=0" } },
		{ V4_OPTIONS("48", "30", "070b08 0a000001 0a000002 00"),
		  { "ip.opt.ptr=8", "ip.rec_rt=10.0.0.1", "ip.empty_rt=10.0.0.2", "ip.opt.type=0" } },
		{ V4_OPTIONS("48", "30", "830b04 0a000001 0a000002 00"),
		  { "ip.src_rt=10.0.0.1", "ip.cur_rt=198.51.100.1", "ip.dst=10.0.0.2" } },
		{ V4_OPTIONS("48", "30", "890b08 0a000001 0a000002 00"),
		  { "ip.rec_rt=10.0.0.1", "ip.dst=10.0.0.2", "ip.opt.type.number=9" } },
		{ V4_OPTIONS("48", "30", "830b0c 0a000001 0a000002 00"),
		  { "ip.rec_rt=10.0.0.2", "ip.dst=198.51.100.1" } },
		{ V4_OPTIONS("48", "30", "440c05 13 0a000001 00000007"),
		  { "ip.opt.overflow=1", "ip.opt.flag=3", "ip.opt.time_stamp_addr=10.0.0.1",
		    "ip.opt.time_stamp=7" } },
		{ V4_OPTIONS("48", "30", "440c05 00 00000005 00000007"),
		  { "ip.opt.flag=0", "ip.opt.time_stamp=5", "ip.opt.time_stamp=7" } },
		{ V4_OPTIONS("46", "28", "820496fe"),
		  { "ip.opt.sec_cl=150", "ip.opt.sec_prot_auth_flags=254", "ip.opt.sec_prot_auth_genser=1",
		    "ip.opt.sec_prot_auth_unassigned=3", "ip.opt.sec_prot_auth_fti=0" } },
		{ V4_OPTIONS("48", "30", "820b 6bc5 0001 4142 434445 00"),
		  { "ip.opt.sec_rfc791_sec=27589", "ip.opt.sec_rfc791_comp=1", "ip.opt.sec_rfc791_hr=AB",
		    "ip.opt.sec_rfc791_tcc=CDE" } },
		{ V4_OPTIONS("47", "2c", "850501aabb 000000"),
		  { "ip.opt.ext_sec_add_sec_info_format_code=1", "ip.opt.ext_sec_add_sec_info=aabb" } },
		{ V4_OPTIONS("48", "30", "860a00000001 01040005 0000"),
		  { "ip.cipso.doi=1", "ip.cipso.tag_type=1", "ip.cipso.sensitivity_level=5" } },
		{ V4_OPTIONS("46", "28", "88041234"), { "ip.opt.sid=4660" } },
		{ V4_OPTIONS("46", "28", "0b0405dc"), { "ip.opt.mtu=1500" } },
		{ V4_OPTIONS("46", "28", "0c0405dc"), { "ip.opt.type=12", "ip.opt.mtu=1500" } },
		{ V4_OPTIONS("48", "30", "520c12340001ffff0a000001"),
		  { "ip.opt.id_number=4660", "ip.opt.ohc=1", "ip.opt.rhc=65535",
		    "ip.opt.originator=10.0.0.1" } },
		{ V4_OPTIONS("48", "30", "950a 0a000001 0a000002 0000"),
		  { "ip.opt.addr=10.0.0.1", "ip.opt.addr=10.0.0.2" } },
		{ V4_OPTIONS("47", "2c", "1908023c12345678"),
		  { "ip.opt.qs_func=0", "ip.opt.qs_rate=2", "ip.opt.qs_ttl=60", "ip.opt.qs_ttl_diff=4",
		    "ip.opt.qs_nonce=76354974" } },
		{ V4_OPTIONS("47", "2c", "1908800012345679"),
		  { "ip.opt.qs_func=8", "ip.opt.qs_unused=0", "ip.opt.qs_reserved=1" } },
		{ V4_OPTIONS("46", "28", "9e04abcd"), { "ip.opt.type=158", "ip.opt.data=abcd" } },
		{ V4_OPTIONS("46", "28", "1e04abcd"), { "ip.opt.data=abcd" } },
		{ V4_OPTIONS("46", "28", "5e04abcd"), { "ip.opt.data=abcd" } },
		{ V4_OPTIONS("46", "28", "de04abcd"), { "ip.opt.data=abcd" } },
		{ V4_OPTIONS("46", "28", "c704abcd"), { "ip.opt.type=199", "ip.opt.data=abcd" } },
		{ V4_OPTIONS("46", "28", "01010100"), { "ip.opt.type=1", "ip.opt.type=0" } },
		{ V4_OPTIONS("46", "28", "07000400"), { "!ip.bad_option" } },
		{ V4_OPTIONS("46", "28", "070f0400"), { "!ip.bad_option" } },
		{ V4_OPTIONS("46", "28", "94030000"), { "!ip.bad_option" } },
		{ V4_OPTIONS("46", "28", "07030300"), { "!ip.bad_option" } },
	};

	(void)state;
	check_shown(rows, COUNT(rows));
}

static void ipv6_headers_are_shown(void **state)
{
	static const struct shown rows[] = {
		{ "6b912345 00101140 " V6_ADDRS UDP7,
		  { "ipv6", "ipv6.version=6", "ip.version=6", "ipv6.tclass=185", "ipv6.tclass.dscp=46",
		    "ipv6.tclass.ecn=1", "ipv6.flow=74565", "ipv6.plen=16", "ipv6.nxt=17", "ipv6.hlim=64",
		    "ipv6.src=20010db8000000000000000000000001", "ipv6.dst=20010db8000000000000000000000002",
		    "udp.checksum.status=4", "!udp.zero_checksum" } },
		/* RFC 4291 app. A; RFC 5214; RFC 3056; RFC 4380 sec. 4 (its own example's form); RFC 6052 */
		{ "60000000 00101140 fe80000000000000021122fffe334455 fe8000000000000000005efe0a000001" UDP7,
		  { "ipv6.src_slaac_mac=001122334455", "ipv6.dst_isatap_ipv4=10.0.0.1" } },
		{ "60000000 00101140 20020a00000100010000000000000001 200100004136e378800063bf3ffffdd2" UDP7,
		  { "ipv6.src_6to4_gw_ipv4=10.0.0.1", "ipv6.src_6to4_sla_id=1",
		    "ipv6.dst_ts_ipv4=65.54.227.120", "ipv6.dst_tc_port=40000",
		    "ipv6.dst_tc_ipv4=192.0.2.45" } },
		{ "60000000 00101140 0064ff9b00000000000000000a000001 20010db8000000000000000000000002" UDP7,
		  { "ipv6.src_embed_ipv4=10.0.0.1" } },
		{ "60000000 00111140 " V6_ADDRS UDP7, { "!ipv6.bad_length" } },
		{ V6("0018", "00") "11ff 0104 00000000" UDP7, { "!ipv6.bad_extension" } },
	};

	(void)state;
	check_shown(rows, COUNT(rows));
}

/* Hop-by-hop and destination options of 8 and 16 octets. */
#define HOP8(options)  V6("0018", "00") "1100" options UDP7
#define HOP16(options) V6("0020", "00") "1101" options UDP7
#define HOP24(options) V6("0028", "00") "1102" options UDP7
#define ADDR3	       "20010db8000000000000000000000003"

static void ipv6_options_are_shown(void **state)
{
	static const struct shown rows[] = {
		{ HOP8("0502 0000 0100"),
		  { "ipv6.hopopts", "ipv6.hopopts.nxt=17", "ipv6.hopopts.len=0", "ipv6.hopopts.len_oct=8",
		    "ipv6.opt.type=5", "ipv6.opt.type.action=0", "ipv6.opt.type.change=0",
		    "ipv6.opt.type.rest=5", "ipv6.opt.length=2", "ipv6.opt.router_alert=0",
		    "ipv6.opt.padn=" } },
		{ HOP8("000000000000"), { "ipv6.opt.pad1=" } },
		{ HOP8("c20400010000"), { "ipv6.opt.jumbo=65536", "ipv6.opt.type.action=3" } },
		{ HOP8("040105 010100"), { "ipv6.opt.tel=5" } },
		{ HOP24("0710 00000001 0205abcd 0102030405060708 01020000"),
		  { "ipv6.opt.calipso.doi=1", "ipv6.opt.calipso.cmpt.length=2",
		    "ipv6.opt.calipso.sens_level=5", "ipv6.opt.calipso.checksum=43981",
		    "ipv6.opt.calipso.cmpt_bitmap=0102030405060708" } },
		{ HOP8("080480112233"), { "ipv6.opt.smf_dpd.hash_bit=1", "ipv6.opt.smf_dpd.hav=80112233" } },
		{ HOP8("080411 aabb cc"),
		  { "ipv6.opt.smf_dpd.tid_type=1", "ipv6.opt.smf_dpd.tid_len=1",
		    "ipv6.opt.smf_dpd.tagger_id=aabb", "ipv6.opt.smf_dpd.ident=cc" } },
		{ HOP8("08041f aabb cc"), { "!ipv6.bad_option" } },
		{ HOP16("0f0a 01020003000400050006 0100"),
		  { "ipv6.opt.pdm.scale_dtlr=1", "ipv6.opt.pdm.scale_dtls=2", "ipv6.opt.pdm.psn_this_pkt=3",
		    "ipv6.opt.pdm.psn_last_recv=4", "ipv6.opt.pdm.delta_last_recv=5",
		    "ipv6.opt.pdm.delta_last_sent=6" } },
		{ HOP16("2606 083c12345678 0104 00000000"),
		  { "ipv6.opt.qs_func=0", "ipv6.opt.qs_rate=8", "ipv6.opt.qs_ttl=60",
		    "ipv6.opt.qs_ttl_diff=4", "ipv6.opt.qs_nonce=76354974", "ipv6.opt.qs_reserved=0" } },
		{ HOP16("2606 800012345678 0104 00000000"), { "ipv6.opt.qs_unused=0" } },
		{ HOP8("3004 05dc 0501"),
		  { "ipv6.opt.pmtu.min=1500", "ipv6.opt.pmtu.rtn=1280", "ipv6.opt.pmtu.r_flag=1" } },
		{ HOP16("310a 0000 0001 0a05 c00000 00 0100"),
		  { "ipv6.opt.ioam.opt_type=0", "ipv6.opt.ioam.trace.ns=1", "ipv6.opt.ioam.trace.nodelen=1",
		    "ipv6.opt.ioam.trace.flags=4", "ipv6.opt.ioam.trace.flag.l=1",
		    "ipv6.opt.ioam.trace.remlen=5", "ipv6.opt.ioam.trace.type=12582912" } },
		{ HOP8("1104 0003 0001"), { "ipv6.opt.ioam.opt_type=3", "ipv6.opt.ioam.data=0001" } },
		{ HOP8("1e0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("3e0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("5e0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("7e0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("9e0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("be0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("de0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("fe0401020304"), { "ipv6.opt.experimental=01020304" } },
		{ HOP8("410401020304"), { "ipv6.opt.tpf_information=16909060" } },
		{ HOP8("6304a0010203"),
		  { "ipv6.opt.rpl.flag=160", "ipv6.opt.rpl.flag.o=1", "ipv6.opt.rpl.flag.r=0",
		    "ipv6.opt.rpl.flag.f=1", "ipv6.opt.rpl.instance_id=1", "ipv6.opt.rpl.sender_rank=515" } },
		{ HOP8("6d0440050001"),
		  { "ipv6.opt.mpl.flag=64", "ipv6.opt.mpl.flag.s=1", "ipv6.opt.mpl.sequence=5",
		    "ipv6.opt.mpl.seed_id=0001" } },
		{ HOP8("6d0480050001"), { "!ipv6.bad_option" } },
		{ HOP8("8a0401020304"), { "ipv6.opt.unknown=01020304" } },
		{ HOP8("8b0401020304"), { "ipv6.opt.ilnp_nonce=01020304" } },
		{ HOP8("8c0403616263"), { "ipv6.opt.lio.length=3", "ipv6.opt.lio.line_id=abc" } },
		{ HOP8("8c0404616263"), { "!ipv6.bad_option" } },
		{ V6("0028", "3c") "1102 c910" ADDR3 "01020000" UDP7,
		  { "ipv6.dstopts", "ipv6.dstopts.len_oct=24", "ipv6.opt.mipv6.home_address=" ADDR3 } },
		{ HOP8("ee03601234 00"),
		  { "ipv6.opt.dff.flags=96", "ipv6.opt.dff.flag.ver=1", "ipv6.opt.dff.flag.dup=1",
		    "ipv6.opt.dff.sequence_number=4660" } },
		{ HOP8("770401020304"), { "ipv6.opt.type=119", "ipv6.opt.unknown=01020304" } },
		{ HOP8("017f00000000"), { "!ipv6.bad_option" } },
		{ HOP8("0501 00 000000"), { "!ipv6.bad_option" } },
	};

	(void)state;
	check_shown(rows, COUNT(rows));
}

static void ipv6_extension_headers_are_shown(void **state)
{
	static const struct shown rows[] = {
		{ V6("0028", "2b") "11020001 00000000" ADDR3 UDP7,
		  { "ipv6.routing", "ipv6.routing.nxt=17", "ipv6.routing.len=2", "ipv6.routing.len_oct=24",
		    "ipv6.routing.type=0", "ipv6.routing.segleft=1", "ipv6.routing.src.reserved=00000000",
		    "ipv6.routing.src.addr=" ADDR3 } },
		{ V6("0028", "2b") "11020201 00000000" ADDR3 UDP7,
		  { "ipv6.routing.mipv6.home_address=" ADDR3 } },
		{ V6("0020", "2b") "11010302 ee400000 0001 0003 00000000" UDP7,
		  { "ipv6.routing.rpl.cmprI=14", "ipv6.routing.rpl.cmprE=14", "ipv6.routing.rpl.pad=4",
		    "ipv6.routing.rpl.addr_count=2", "ipv6.routing.rpl.address=0001",
		    "ipv6.routing.rpl.full_address=" ADDR3 } },
		{ V6("0018", "2b") "11000302 00f00000" UDP7, { "!ipv6.bad_routing" } },
		{ V6("0028", "2b") "11020401 00800001" ADDR3 UDP7,
		  { "ipv6.routing.srh.last_entry=0", "ipv6.routing.srh.flags=128",
		    "ipv6.routing.srh.tag=0001", "ipv6.routing.srh.addr=" ADDR3 } },
		{ V6("0028", "2b") "11020401 01800001" ADDR3 UDP7, { "!ipv6.bad_routing" } },
		{ V6("0018", "2b") "11000501 00010002" UDP7,
		  { "ipv6.routing.crh16.current_sid=2", "ipv6.routing.crh16.sid=1" } },
		{ V6("0020", "2b") "11010601 00000001 00000002 00000003" UDP7,
		  { "ipv6.routing.crh32.current_sid=2", "ipv6.routing.crh32.sid=3" } },
		{ V6("0018", "2b") "1100fd00 01020304" UDP7, { "ipv6.routing.unknown_data=01020304" } },
		{ V6("0018", "2c") "11ff0006 12345678" UDP7,
		  { "ipv6.fraghdr", "ipv6.fraghdr.nxt=17", "ipv6.fraghdr.reserved_octet=255",
		    "ipv6.fraghdr.offset=0", "ipv6.fraghdr.reserved_bits=3", "ipv6.fraghdr.more=0",
		    "ipv6.fraghdr.ident=305419896" } },
		{ V6("0028", "33") AH("11") UDP7,
		  { "ah", "ah.next_header=17", "ah.length=4", "ah.reserved=0000", "ah.spi=256",
		    "ah.sequence=1", "ah.icv=000102030405060708090a0b" } },
		{ V6("0018", "87") "11000102 aabb0000" UDP7,
		  { "mipv6", "mip6.mhtype=1", "mip6.csum=43707" } },
		{ V6("0018", "8b") "11000104 aabb0000" UDP7, { "hip", "hip.packet_type=1" } },
		{ V6("0018", "8c") "11008004 00000000" UDP7, { "shim6", "shim6.p=1", "shim6.len_oct=8" } },
		{ V6("0020", "3c") "00000104 00000000" HOPOPTS("11") UDP7, { "!ipv6.late_hopopts" } },
	};

	(void)state;
	check_shown(rows, COUNT(rows));
}

typedef bool row_fn(size_t i, uint8_t *type, const char **reference);

/* Sorted, each type once, and each with its reference. */
static void tables_of_options_are_in_order(void **state)
{
	static row_fn *const tables[] = { cl_ip4_option_row, cl_ip6_option_row };

	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++) {
		const char *reference;
		uint8_t type, before = 0;
		size_t i;

		for (i = 0; tables[t](i, &type, &reference); i++) {
			assert_true(i == 0 || type > before);
			assert_true(strlen(reference) >= 4);
			before = type;
		}
		assert_true(i >= 20);
	}
}

/* What a layer below promised and the packet is not. */
static void lies_of_the_layer_below(void **state)
{
	static const struct {
		const char *frame, *shows;
		enum cl_anomaly id;
	} rows[] = {
		{ "020000000002 020000000001 0800 65000024 00010000 40110000 " V4_ADDRS UDP7,
		  "!ip.bad_version", CL_ANOM_IP_BAD_VERSION },
		{ "020000000002 020000000001 86dd 40000000 00101140 " V6_ADDRS UDP7, "!ipv6.bad_version",
		  CL_ANOM_IPV6_BAD_VERSION },
		{ "020000000002 020000000001 0800 45000024 00010000 40110000 " V4_ADDRS
		  "c0000035 0007 0000 0000000000000000",
		  "!udp.bad_length", CL_ANOM_UDP_BAD_LENGTH },
		{ "020000000002 020000000001 0800 45000024 00010000 40110000 " V4_ADDRS
		  "c0000035 0011 0000 0000000000000000",
		  "!udp.bad_length", CL_ANOM_UDP_BAD_LENGTH },
		{ "020000000002 020000000001 0800 4500001b 00010000 40110000 " V4_ADDRS "c0000035 0008 00",
		  "!udp.bad_length", CL_ANOM_UDP_BAD_LENGTH },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_open_detail(&r);
		assert_int_equal(rig_hex(&r, CL_LINKTYPE_ETHERNET, rows[i].frame), CL_FATE_MALFORMED);
		assert_shows(&r, rows[i].shows);
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[rows[i].id], 1);
		rig_close(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies_of_the_layer_below),
		cmocka_unit_test(headers_lead_to_their_datagram),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(the_rest_has_a_fate_and_a_reason),
		cmocka_unit_test(an_extension_swallows_the_rest),
		cmocka_unit_test(versions_must_agree),
		cmocka_unit_test(icmp_errors_by_type),
		cmocka_unit_test(a_long_chain_ends),
		cmocka_unit_test(ipv4_headers_are_shown),
		cmocka_unit_test(ipv4_options_are_shown),
		cmocka_unit_test(ipv6_headers_are_shown),
		cmocka_unit_test(ipv6_options_are_shown),
		cmocka_unit_test(ipv6_extension_headers_are_shown),
		cmocka_unit_test(tables_of_options_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

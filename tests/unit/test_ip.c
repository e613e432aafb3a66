/* SPDX-License-Identifier: BSD-2-Clause */
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
	{ "6in4", "45000024 00010000 40290000 " V4_ADDRS SIXTEEN, CL_FATE_UNDECODED, CL_UND_IP_PROTO, 41 },
	{ "IP in IP", "45000024 00010000 40040000 " V4_ADDRS SIXTEEN, CL_FATE_UNDECODED, CL_UND_IP_PROTO, 4 },
	{ "GRE", "45000024 00010000 402f0000 " V4_ADDRS SIXTEEN, CL_FATE_UNDECODED, CL_UND_IP_PROTO, 47 },
	{ "IPv6 in IPv6", V6("0010", "29") SIXTEEN, CL_FATE_UNDECODED, CL_UND_IP_PROTO, 41 },
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_lead_to_their_datagram),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(the_rest_has_a_fate_and_a_reason),
		cmocka_unit_test(an_extension_swallows_the_rest),
		cmocka_unit_test(versions_must_agree),
		cmocka_unit_test(icmp_errors_by_type),
		cmocka_unit_test(a_long_chain_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

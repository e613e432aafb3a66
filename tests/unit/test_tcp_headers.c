/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP headers: options, what a header says and what those before it make of it, segments of a message. */
#include "tests/unit/tcp_rig.h"

/* Each kind of option: typed from the RFC named in dissect/tcp_options.c. IPv4 and TCP lengths follow. */
static const struct {
	const char *name, *octets, *shows[4];
} options[] = {
	{ "MSS", "020405b4", { "tcp.option_kind=2", "tcp.option_len=4", "tcp.options.mss_val=1460" } },
	{ "window scale",
	  "03030e01",
	  { "tcp.options.wscale.shift=14", "tcp.options.wscale.multiplier=16384" } },
	{ "window scale over the most",
	  "0303ff01",
	  { "tcp.options.wscale.shift=255", "tcp.options.wscale.multiplier=16384" } },
	{ "SACK permitted", "04020101", { "tcp.option_kind=4", "tcp.option_len=2", "tcp.option_kind=1" } },
	{ "SACK",
	  "0101050a0000000500000009",
	  { "tcp.options.sack_le=5", "tcp.options.sack_re=9", "tcp.options.sack.count=1" } },
	{ "echo", "060611223344 0101", { "tcp.options.echo_value=287454020" } },
	{ "echo reply", "070600000001 0101", { "tcp.options.echo_value=1" } },
	{ "timestamps",
	  "0101080a0000000a00000014",
	  { "tcp.options.timestamp.tsval=10", "tcp.options.timestamp.tsecr=20" } },
	{ "CC", "0b0600000007 0101", { "tcp.option_kind=11", "tcp.options.cc_value=7" } },
	{ "CC.NEW", "0c0600000007 0101", { "tcp.option_kind=12", "tcp.options.cc_value=7" } },
	{ "CC.ECHO", "0d0600000007 0101", { "tcp.option_kind=13", "tcp.options.cc_value=7" } },
	{ "MD5",
	  "1312000102030405060708090a0b0c0d0e0f 0101",
	  { "tcp.options.md5.digest=000102030405060708090a0b0c0d0e0f" } },
	{ "quick start", "1b08050600000000", { "tcp.options.qs.rate=5", "tcp.options.qs.ttl_diff=6" } },
	{ "user timeout",
	  "1c048064",
	  { "tcp.options.user_to_granularity=1", "tcp.options.user_to_val=100" } },
	{ "authentication",
	  "1d10010200112233445566778899aabb",
	  { "tcp.options.ao.keyid=1", "tcp.options.ao.rnextkeyid=2",
	    "tcp.options.ao.mac=00112233445566778899aabb" } },
	{ "Fast Open, request", "22020101", { "tcp.options.tfo.request=" } },
	{ "Fast Open, cookie",
	  "220a0011223344556677 0101",
	  { "tcp.options.tfo.cookie=0011223344556677", "tcp.analysis.tfo_syn=" } },
	{ "accurate ECN, order 0",
	  "ac0b000001000002000003 01",
	  { "tcp.options.acc_ecn.ee0b=1", "tcp.options.acc_ecn.eceb=2", "tcp.options.acc_ecn.ee1b=3" } },
	{ "accurate ECN, order 1",
	  "ae0b000001000002000003 01",
	  { "tcp.options.acc_ecn.ee1b=1", "tcp.options.acc_ecn.eceb=2", "tcp.options.acc_ecn.ee0b=3" } },
	{ "experiment 1",
	  "fd0612347788 0101",
	  { "tcp.options.experimental.exid=4660", "tcp.options.experimental.data=7788" } },
	{ "experiment 2, Fast Open", "fe08f989aabbccdd", { "tcp.options.tfo.cookie=aabbccdd" } },
	{ "unknown", "d2040102", { "tcp.option_kind=210", "tcp.options.unknown.payload=0102" } },
	{ "end", "00000000", { "tcp.option_kind=0" } },
	{ "a length of 0", "02000000", { "tcp.option_len=0", "!tcp.bad_option" } },
	{ "a length of 1", "02010000", { "tcp.option_len=1", "!tcp.bad_option" } },
	{ "a length over the header", "02050000", { "tcp.option_len=5", "!tcp.bad_option" } },
	{ "an MSS of three octets", "02030501", { "tcp.option_len=3", "!tcp.bad_option" } },
	{ "SACK of seven octets", "0509000000000000 000001 00", { "tcp.option_len=9", "!tcp.bad_option" } },
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(options); i++) {
		uint8_t f[100] = { 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1 };
		size_t n = unhex(options[i].octets, f + 40);
		struct rig r;

		assert_int_equal(n % 4, 0);
		f[3] = (uint8_t)(40 + n);
		put16(f + 20, 40000);
		put16(f + 22, 53);
		f[27] = 9;
		f[32] = (uint8_t)((20 + n) / 4 << 4);
		f[33] = SYN;
		rig_open_detail(&r);
		r.waits = true;
		assert_int_equal(rig_feed(&r, CL_LINKTYPE_RAW, f, 40 + n, 40 + n), CL_FATE_COUNTED);
		for (size_t k = 0; k < COUNT(options[i].shows) && options[i].shows[k] != NULL; k++)
			assert_shows(&r, options[i].shows[k]);
		bool bad = detail_has(r.text, "!tcp.bad_option");
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_TCP_BAD_OPTION], bad);
		assert_int_equal(bad, options[i].shows[1] != NULL && options[i].shows[1][0] == '!');
		rig_close(&r);
	}
}

/* What a header says, and what those before it make of it: values by hand. */
static void test_header_and_analysis(void **state)
{
	static const char *const frames[] = {
		"4500002c 0001 0000 4006 0000 c0000201 c6336401 9c400035 ffffffff 00000000 6002fff0 0000 "
		"0000 "
		"020405b4",
		"4500002c 0001 0000 4006 0000 c6336401 c0000201 00359c40 00000009 00000000 6012fff0 0000 "
		"0000 "
		"020405b4",
		"45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5010fff0 0000 "
		"0000",
		"4500002a 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5018fff0 0000 "
		"0000 0030",
		"4500002a 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000000 0000000a 5018fff0 0000 "
		"0000 0030",
	};
	static const char *const shows[COUNT(frames)][16] = {
		{ "tcp.srcport=40000", "tcp.dstport=53", "tcp.stream=0", "tcp.completeness=0", "tcp.seq=0",
		  "tcp.seq_raw=4294967295", "tcp.nxtseq=1", "tcp.ack=0", "tcp.hdr_len=24", "tcp.flags=2",
		  "tcp.flags.syn=1", "tcp.flags.ack=0", "tcp.window_size=65520", "tcp.connection.syn=" },
		{ "tcp.stream=0", "tcp.completeness=1", "tcp.seq=0", "tcp.ack=1", "tcp.flags=18",
		  "tcp.connection.synack=", "tcp.analysis.acks_frame=1", "tcp.analysis.ack_rtt=1" },
		{ "tcp.completeness=3", "tcp.seq=1", "tcp.ack=1", "tcp.len=0", "tcp.time_relative=2",
		  "tcp.time_delta=1", "tcp.analysis.initial_rtt=2", "tcp.window_size_scalefactor=-2" },
		{ "tcp.completeness=7", "tcp.len=2", "tcp.nxtseq=3", "tcp.payload=0030",
		  "tcp.analysis.bytes_in_flight=2", "tcp.analysis.push_bytes_sent=2",
		  "tcp.flags.str=\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7"
		  "AP\xc2\xb7\xc2\xb7\xc2\xb7",
		  "tcp.segment_data=0030" },
		{ "tcp.analysis.flags=", "tcp.analysis.retransmission=", "tcp.analysis.rto_frame=4",
		  "tcp.analysis.rto=1" },
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	r.waits = true;
	for (size_t i = 0; i < COUNT(frames); i++) {
		rig_hex(&r, CL_LINKTYPE_RAW, frames[i]);
		for (size_t k = 0; k < COUNT(shows[i]) && shows[i][k] != NULL; k++)
			assert_shows(&r, shows[i][k]);
	}
	rig_finish(&r);
	rig_close(&r);
}

#define TO_SERVER "0001 0000 4006 0000 c0000201 c6336401 9c400050 "
#define TO_CLIENT "0001 0000 4006 0000 c6336401 c0000201 00509c40 "

/* Selective acknowledgements count (RFC 2018); what an ICMP error quotes is raw, and changes nothing. */
static void test_selective_and_quoted(void **state)
{
	static const struct {
		const char *frame, *shows[4], *hidden;
	} rows[] = {
		{ "4500002c " TO_SERVER "00000100 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=1", "tcp.analysis.bytes_in_flight=4" },
		  "tcp.analysis.initial_rtt" },
		{ "4500002c " TO_SERVER "00000104 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=5", "tcp.analysis.bytes_in_flight=8" },
		  "tcp.analysis.flags" },
		{ "45000034 " TO_CLIENT "00000200 00000100 80101000 0000 0000 0101050a 00000104 00000108",
		  { "tcp.ack=1", "tcp.options.sack_le=5", "tcp.options.sack_re=9" },
		  "tcp.analysis.duplicate_ack" },
		{ "4500002c " TO_SERVER "00000108 00000200 50101000 0000 0000 61626364",
		  { "tcp.seq=9", "tcp.analysis.bytes_in_flight=8" },
		  "tcp.analysis.flags" },
		{ "45000028 " TO_CLIENT "00000200 00000100 50101000 0000 0000",
		  { "tcp.analysis.duplicate_ack_num=1", "tcp.analysis.duplicate_ack_frame=3" },
		  "tcp.options" },
		{ "45000044 0001 0000 4001 0000 c6336401 c0000201 0303 0000 00000000"
		  "4500002c " TO_SERVER "00000900 00000200 50101000 0000 0000",
		  { "tcp.stream=0", "tcp.seq=2304", "tcp.ack=512", "tcp.window_size=4096" },
		  "tcp.len" },
		{ "4500002c " TO_SERVER "0000010c 00000200 50101000 0000 0000 61626364",
		  { "tcp.stream=0", "tcp.seq=13", "tcp.ack=1", "tcp.analysis.bytes_in_flight=16" },
		  "tcp.analysis.lost_segment" },
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		rig_hex(&r, CL_LINKTYPE_RAW, rows[i].frame);
		for (size_t k = 0; k < COUNT(rows[i].shows) && rows[i].shows[k] != NULL; k++)
			assert_shows(&r, rows[i].shows[k]);
		assert_null(strstr(r.text->text, rows[i].hidden));
	}
	rig_close(&r);
}

/* The round trip of a handshake ends with its opener's ACK, whatever the other side sends before. */
static void test_handshake_time(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_SERVER "00000001 00000000 50021000 0000 0000");
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_CLIENT "00000009 00000002 50121000 0000 0000");
	rig_hex(&r, CL_LINKTYPE_RAW, "4500002c " TO_CLIENT "0000000a 00000002 50101000 0000 0000 61626364");
	assert_null(strstr(r.text->text, "tcp.analysis.initial_rtt"));
	rig_hex(&r, CL_LINKTYPE_RAW, "45000028 " TO_SERVER "00000002 0000000e 50101000 0000 0000");
	assert_shows(&r, "tcp.analysis.initial_rtt=3");
	rig_close(&r);
}

/* Two segments of a message: which they were, and what this frame has of it. */
static void test_segments_are_shown(void **state)
{
	static const char *const frames[] = {
		"4500003c 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50120000 0000 "
		"0000 "
		"001d 1234 0100 0001 0000 0000 0000 0765 7861 6d70",
		"45000033 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000016 00000000 50100000 0000 "
		"0000 "
		"6c65 03636f6d 00 0001 0001",
	};
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	r.waits = true;
	rig_hex(&r, CL_LINKTYPE_RAW, frames[0]);
	assert_shows(&r, "tcp.segment_data=001d123401000001000000000000076578616d70");
	rig_hex(&r, CL_LINKTYPE_RAW, frames[1]);
	assert_int_equal(r.events, 1);
	assert_shows(&r, "tcp.pdu.size=31");
	assert_shows(&r, "tcp.segment=1");
	assert_shows(&r, "tcp.segment=2");
	assert_shows(&r, "tcp.segment.count=2");
	assert_shows(&r, "tcp.reassembled.length=31");
	assert_shows(&r, "tcp.segment_data=6c6503636f6d0000010001");
	rig_finish(&r);
	assert_int_equal(cl_dissector_ledger(r.d)->fate[CL_FATE_COUNTED], 2);
	rig_close(&r);
}

/* A header whose length is under 20 octets or over the packet, and a checksum that is wrong. */
static void test_anomalies_of_headers(void **state)
{
	static const struct {
		const char *frame, *shows;
		enum cl_anomaly id;
	} rows[] = {
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 40020000 "
		  "00000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 60020000 "
		  "00000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "4500002b 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 60020000 "
		  "00000000 010101",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000027 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50020000 000000",
		  "!tcp.bad_header_length", CL_ANOM_TCP_BAD_HEADER_LENGTH },
		{ "45000028 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50020000 "
		  "12340000",
		  "!tcp.bad_checksum", CL_ANOM_TCP_BAD_CHECKSUM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_open_detail(&r);
		r.waits = true;
		rig_hex(&r, CL_LINKTYPE_RAW, rows[i].frame);
		assert_shows(&r, rows[i].shows);
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[rows[i].id], 1);
		rig_finish(&r);
		rig_close(&r);
	}
}

/* For the checks of every prefix, octet and length. */
static const struct vector vectors[] = {
	{ "SYN",
	  "4500002800010000400600 00 c0000201 c6336401 9c400035 00000001 00000000 50021000 00000000",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 32, 1 } } },
	{ "a query without SYN",
	  "45000047 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 50101000 00000000 "
	  "001d 1234 0100 0001 0000 0000 0000 076578616d706c65 03636f6d 00 0001 0001",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 32, 1 }, { 40, 2 } } },
	{ "options: MSS, SACK permitted, timestamps, window scale",
	  "4500003c 0001 0000 4006 0000 c0000201 c6336401 9c400035 00000001 00000000 a0021000 00000000 "
	  "020405b4 0402 080a0000000100000000 01 030307",
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  {
		  { 2, 2 },
		  { 32, 1 },
		  { 41, 1 },
		  { 45, 1 },
	  } },
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		static uint8_t octets[FRAME_ROOM];
		size_t n = unhex(vectors[i].frame, octets);

		for (int depth = 0; depth < 2; depth++) {
			check_flips(&vectors[i], octets, n, depth != 0);
			check_lengths(&vectors[i], octets, n, depth != 0);
		}
		for (size_t cap = 0; cap <= n; cap++) {
			struct rig r;

			rig_open_detail(&r);
			r.waits = true;
			enum cl_fate f = rig_feed(&r, CL_LINKTYPE_RAW, octets, cap, n);
			assert_true(f == CL_FATE_TRUNCATED || f == vectors[i].fate || f == CL_FATES);
			rig_finish(&r);
			rig_close(&r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_header_and_analysis),
		cmocka_unit_test(test_selective_and_quoted),
		cmocka_unit_test(test_handshake_time),
		cmocka_unit_test(test_segments_are_shown),
		cmocka_unit_test(test_anomalies_of_headers),
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

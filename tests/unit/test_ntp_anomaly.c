/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet for each thing that an NTP message can have against it, and none said against good ones. */
#include "tests/unit/ntp_payload.h"

#define UID	"0104 0024" D16 D16
#define COOKIE	"0204 0024" D16 D16
#define HOLDER	"0304 0024" Z32
#define AUTH	"0404 0028 0010 0010" D16 D16
#define REQUEST HEAD("2300", Z4)
#define NTSN	HEAD("e400", "4e54534e")
#define V5	"2b 00 06 00" Z4 Z4 "00000000" Z8 D16 Z8
#define DRAFT	"f5ff 001b 64726166742d696574662d6e74702d6e747076352d3039 00"
/* Mode 6: flags, sequence 7, status 0x0618, association, offset, count. */
#define CONTROL(first, flags, count)	  first flags "0007 0618 0000 0000" count
#define PRIVATE(first, code, items, size) first "0003" code items size

/* Packets whose second half names what is against them. Several: all of them. */
static const struct {
	const char *name, *payload;
	bool malformed;
} bad[] = {
	{ "ntp.too_short", "2300 06ec", true },
	{ "ntp.too_short", "", true },
	{ "ntp.too_short", CONTROL("16", "02", "00"), true },
	{ "ntp.too_short", "1700032a 000000", true },
	{ "ntp.bad_version", HEAD("0302", "c0000207"), false },
	{ "ntp.bad_version", HEAD("3302", "c0000207"), false },
	{ "ntp.bad_version", HEAD("3b02", "c0000207"), false },
	{ "ntp.bad_mode", HEAD("2002", "c0000207"), false },
	{ "ntp.bad_stratum", HEAD("2411", "c0000207"), false },
	{ "ntp.bad_poll", "2402 12ec 00010000 00008000 c0000207" TIMES, false },
	{ "ntp.bad_poll", "2402 f8ec 00010000 00008000 c0000207" TIMES, false },
	{ "ntp.negative_delay", "1c02 06ec ffff0000 00008000 c0000207" TIMES, false },
	{ "ntp.reference_ahead", ROOT("2402", "c0000207") "e8fcb9e3 00000000" Z8 Z8 "e8fcb9e2 00000000",
	  false },
	{ "ntp.bad_refid", HEAD("2401", "01020304"), false },
	{ "ntp.bad_refid", HEAD("2400", "41004200"), false },
	{ "ntp.tail_length", SERVER "00", false },
	{ "ntp.tail_word", SERVER "00000001", false },
	{ "ntp.tail_runt", SERVER Z8, false },
	{ "ntp.tail_runt", SERVER Z16, false },
	{ "ntp.tail_authenticator", HEAD("1c02", "c0000207") Z8, false },
	{ "ntp.long_mac", SERVER "00000001" Z32, false },
	{ "ntp.long_mac", SERVER "00000001" Z32 Z16, false },
	{ "ntp.long_mac", SERVER "00000001" Z64, false },
	{ "ntp.ext_length", SERVER "0002 000c" Z8 Z16, false },
	{ "ntp.ext_length", SERVER "0002 0100" Z8 Z16, false },
	{ "ntp.ext_length", V5 DRAFT "f501 0003", false },
	{ "ntp.ext_size", SERVER "2005 0020" Z16 Z8 Z4, false },
	{ "ntp.ext_inside", SERVER "8202 001c 00000001 00000002 00000003 00000009 00000000 00000000", false },
	{ "ntp.ext_mode", HEAD("2502", "c0000207") UID, false },
	{ "ntp.complement_place", SERVER "2005 001c" Z16 Z8 "0002 001c" Z16 Z8, false },
	{ "ntp.complement_place", SERVER "2005 001c" Z16 Z8 "00000001" D16, false },
	{ "nts.uid_missing", REQUEST COOKIE AUTH, false },
	{ "nts.uid_twice", REQUEST UID UID COOKIE AUTH, false },
	{ "nts.uid_short", REQUEST "0104 0020" D16 "0000000000000000 00000000" COOKIE AUTH, false },
	{ "nts.cookie_missing", REQUEST UID AUTH, false },
	{ "nts.cookie_twice", REQUEST UID COOKIE COOKIE AUTH, false },
	{ "nts.cookie_clear", SERVER UID COOKIE AUTH, false },
	{ "nts.cookie_unauthenticated", REQUEST UID COOKIE, false },
	{ "nts.placeholder_cookie", REQUEST UID HOLDER, false },
	{ "nts.placeholder_size", REQUEST UID COOKIE "0304 0028" Z32 Z4 AUTH, false },
	{ "nts.placeholder_filled", REQUEST UID COOKIE "0304 0024" D16 Z16 AUTH, false },
	{ "nts.placeholder_many",
	  REQUEST UID COOKIE HOLDER HOLDER HOLDER HOLDER HOLDER HOLDER HOLDER HOLDER AUTH, false },
	{ "nts.placeholder_answer", SERVER UID HOLDER AUTH, false },
	{ "nts.auth_twice", REQUEST UID COOKIE AUTH AUTH, false },
	{ "nts.auth_lengths", REQUEST UID COOKIE "0404 0028 0010 0014" D16 D16, false },
	{ "nts.auth_padding", REQUEST UID COOKIE "0404 0020 0008 0010 0102030405060708" D16, false },
	{ "nts.after_auth", REQUEST UID COOKIE AUTH "0002 001c" Z16 Z8, false },
	{ "nts.nak_fields", NTSN UID AUTH, false },
	{ "nts.nak_uid", NTSN, false },
	{ "ntp5.flags", "2c 01 06 e7" Z4 Z4 "0000 0008" Z8 D16 Z8 DRAFT, false },
	{ "ntp5.mode", "29 01 06 e7" Z4 Z4 Z4 Z8 D16 Z8 DRAFT, false },
	{ "ntp5.timescale", "2c 01 06 e7" Z4 Z4 "0400 0001" Z8 D16 Z8 DRAFT, false },
	{ "ntp5.no_draft", V5, false },
	{ "ntp.control_count", CONTROL("16", "82", "0008") "613d31", false },
	{ "ntp.control_leap", CONTROL("56", "02", "0000"), false },
	{ "ntp.control_opcode", CONTROL("16", "0d", "0000"), false },
	{ "ntp.control_opcode", CONTROL("16", "00", "0000"), false },
	{ "ntp.control_request", CONTROL("16", "22", "0000"), false },
	{ "ntp.control_request", CONTROL("16", "42", "0000"), false },
	{ "ntp.private_items", PRIVATE("97", "09", "0002", "0010") D16 Z8, false },
	{ "ntp.private_size", PRIVATE("97", "09", "0001", "000c") "000102030405060708090a0b", false },
	{ "ntp.private_code", PRIVATE("17", "2e", "0000", "0000"), false },
	{ "ntp.private_reserved", PRIVATE("17", "2a", "0000", "1000"), false },
	{ "ntp.private_reserved", PRIVATE("17", "2a", "1000", "0000"), false },
};

/* Good ones. */
static const struct {
	const char *name, *payload;
} good[] = {
	{ "client", CLIENT },
	{ "server", SERVER },
	{ "server, poll 17", "2402 11ec 00010000 00008000 c0000207" TIMES },
	{ "server, poll -7", "2402 f9ec 00010000 00008000 c0000207" TIMES },
	{ "stratum 16", HEAD("e410", "494e4954") },
	{ "version 1, mode 0", HEAD("0802", "c0000207") },
	{ "version 4, root delay over 32767 s", "2402 06ec ffff0000 00008000 c0000207" TIMES },
	{ "kiss", HEAD("e400", "52415445") },
	{ "clock", HEAD("2401", "47505300") },
	{ "MD5", SERVER "00000014" D16 },
	{ "SHA-1", SERVER "00000018" D16 "11121314" },
	{ "crypto-NAK", SERVER Z4 },
	{ "version 3, SHA-512", HEAD("1c02", "c0000207") "00000001" Z64 },
	{ "checksum complement", SERVER "2005 001c" Z16 Z4 "0000abcd" },
	{ "NTS request", REQUEST UID COOKIE AUTH },
	{ "NTS request with seven placeholders",
	  REQUEST UID COOKIE HOLDER HOLDER HOLDER HOLDER HOLDER HOLDER HOLDER AUTH },
	{ "NTS request, field of another kind inside", REQUEST UID "0002 0010" Z8 Z4 COOKIE AUTH },
	{ "NTS answer", SERVER UID AUTH },
	{ "NTS NAK", NTSN UID },
	{ "identifier without NTS", REQUEST UID },
	{ "nonce of 12", REQUEST UID COOKIE "0404 0024 000c 0010 0102030405060708090a0b0c" D16 },
	{ "nonce of 8, padding of 8", REQUEST UID COOKIE "0404 0028 0008 0010 0102030405060708" D16 Z8 },
	{ "short nonce of an answer", SERVER UID "0404 0020 0008 0010 0102030405060708" D16 },
	{ "version 5 request", V5 DRAFT },
	{ "version 4's answer to version 5",
	  ROOT("2c02", "c0000207") "e8fcb9e0 00000000" Z8 "e8fcb9e2 00000000 e8fcb9e2 00400000" },
	{ "version 5 answer", "2c 01 06 e7" Z4 Z4 "0001 0003" Z8 D16 Z8 },
	{ "mode 6 request", CONTROL("16", "02", "0000") },
	{ "mode 6 answer", CONTROL("16", "82", "0003") "613d3100" },
	{ "mode 7 request", PRIVATE("17", "2a", "0000", "0000") Z32 Z8 },
	{ "mode 7 answer", PRIVATE("97", "09", "0001", "0010") D16 },
};

static enum cl_anomaly id_of(const char *name)
{
	for (unsigned i = 0; i < CL_ANOMALIES; i++)
		if (strcmp(cl_anomalies[i].name, name) == 0)
			return (enum cl_anomaly)i;
	fail_msg("no anomaly %s", name);
	return CL_ANOMALIES;
}

static void each_is_named_and_counted_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char line[64];
		struct rig r;

		rig_open_detail(&r);
		enum cl_fate fate = feed_payload(&r, bad[i].payload, is_answer(bad[i].payload));
		snprintf(line, sizeof(line), "!%s", bad[i].name);
		if (!detail_has(r.text, line) || strchr(strchr(r.text->text, '!') + 1, '!') != NULL)
			fail_msg("%s (%zu):\n%s", bad[i].name, i, r.text->text);
		if (fate != (bad[i].malformed ? CL_FATE_MALFORMED : CL_FATE_COUNTED))
			fail_msg("%s (%zu): %s", bad[i].name, i, cl_fate_names[fate]);
		assert_int_equal(cl_dissector_ledger(r.d)->anomaly[id_of(bad[i].name)], 1);
		rig_close(&r);
	}
}

static void nothing_against_good_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *payload = good[i].payload;
		struct rig r;

		rig_open_detail(&r);
		assert_int_equal(feed_payload(&r, payload, is_answer(payload)), CL_FATE_COUNTED);
		if (strchr(r.text->text, '!') != NULL)
			fail_msg("%s:\n%s", good[i].name, r.text->text);
		rig_close(&r);
	}
}

/* Those that are counted by the pass that everyone makes. */
static void the_lean_pass_counts_bad_tails(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	feed_payload(&r, SERVER "00000001" Z32, true);
	feed_payload(&r, SERVER Z8, true);
	feed_payload(&r, "2300", false);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_NTP_LONG_MAC], 1);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_NTP_TAIL_RUNT], 1);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_NTP_TOO_SHORT], 1);
	rig_close(&r);
}

/* An answer is held against its request by the unique identifier. */
static void answers_longer_than_their_requests(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_payload(&r, REQUEST UID COOKIE AUTH, false);
	feed_payload(&r, SERVER UID "0404 004c 0010 0034" D16 D16 D16 D16 "00000000", true);
	assert_null(strchr(r.text->text, '!'));
	feed_payload(&r, SERVER UID "0404 0050 0010 0034" D16 D16 D16 D16 "00000000 00000000", true);
	assert_shows(&r, "!nts.long_answer");
	feed_payload(&r,
		     SERVER "0104 0024" D16 "0102030405060708090a0b0c0d0e0f11"
			    "0404 0050 0010 0034" D16 D16 D16 D16 Z8,
		     true);
	assert_null(strchr(r.text->text, '!'));
	rig_close(&r);
}

/* These have vectors of several packets, or with keys. */
static void each_has_a_packet(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CL_ANOMALIES; i++) {
		bool found = i == CL_ANOM_NTP_MAC_WRONG || i == CL_ANOM_NTP_CONTROL_OVERLAP ||
			     i == CL_ANOM_NTS_LONG_ANSWER;

		if (strcmp(cl_anomalies[i].layer, "ntp") != 0)
			continue;
		assert_true(strlen(cl_anomalies[i].reference) > 3);
		for (size_t j = 0; j < COUNT(bad); j++)
			found |= strcmp(bad[j].name, cl_anomalies[i].name) == 0;
		if (!found)
			fail_msg("no packet for %s", cl_anomalies[i].name);
	}
}

static void cut_and_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!bad[i].malformed)
			check_payload(bad[i].name, bad[i].payload);
	for (size_t i = 0; i < COUNT(good); i++)
		check_payload(good[i].name, good[i].payload);
}

/* What the capture cut off is nothing against the packet. */
static void a_cut_packet_has_nothing_against_it(void **state)
{
	static uint8_t octets[2000];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *payload = good[i].payload;
		size_t n = unhex(payload, octets);

		for (size_t kept = 0; kept < n; kept++) {
			struct rig r;

			rig_open_detail(&r);
			rig_udp_cut(&r, is_answer(payload) ? 123 : 50000, is_answer(payload) ? 50000 : 123,
				    octets, n, kept);
			if (strchr(r.text->text, '!') != NULL)
				fail_msg("%s cut to %zu:\n%s", good[i].name, kept, r.text->text);
			rig_close(&r);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_named_and_counted_once),
		cmocka_unit_test(nothing_against_good_ones),
		cmocka_unit_test(the_lean_pass_counts_bad_tails),
		cmocka_unit_test(answers_longer_than_their_requests),
		cmocka_unit_test(each_has_a_packet),
		cmocka_unit_test(a_cut_packet_has_nothing_against_it),
		cmocka_unit_test(cut_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

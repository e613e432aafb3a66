/* SPDX-License-Identifier: BSD-2-Clause */
/* Mode 7: every request code and the items it has (ntp_request.h). */
#include "dissect/ntp/items.h"
#include "tests/unit/ntp_payload.h"
#include "tests/unit/ntp_private.h"

#define LINES(...)                                                                                           \
	{                                                                                                    \
		__VA_ARGS__, NULL                                                                            \
	}
#define ANSWER(code, items, size)  "97 05 03" code items size
#define REQUEST(code, items, size) "17 00 03" code items size
#define STAMP(n)		   "e8fcb9e2 000000" n

/* Where tshark misses a member, or has none. */
static const struct {
	const char *name, *payload;
	const char *lines[16];
} cases[] = {
	{ "header", "d7 85 03 2a 7005 0048",
	  LINES("ntp.flags=215", "ntp.priv.flags.r=1", "ntp.priv.flags.more=1", "ntp.flags.vn=2",
		"ntp.flags.mode=7", "ntp.priv.auth_seq=133", "ntp.priv.auth=1", "ntp.priv.seq=5",
		"ntp.priv.impl=3", "ntp.priv.reqcode=42", "ntp.priv.err=7", "ntp.priv.numitems=5",
		"ntp.priv.reserved=0", "ntp.priv.itemsize=72", "-ntp.flags.li") },
	{ "peer information: eight of the filter's delays, offsets and places",
	  ANSWER("02", "0001",
		 "0118") "c0000201 c6336401 007b 03 02 01 04 05 06 07 f8 09 0a 0b 0c 0d 0e 0f10 1112 "
			 "00000014 00000015 47505300 00000016 00000017 00000018" STAMP("01") STAMP(
				 "02") STAMP("03")
				 STAMP("04") "00000021 00000022 00000023 00000024 00000025 00000026 "
					     "00000027 fffffffe" STAMP("31") STAMP("32") STAMP("33")
						     STAMP("34") STAMP("35") STAMP("36") STAMP("37") STAMP(
							     "38") "41 42 43 44 45 46 47 48 00000051 "
								   "00000052" STAMP("53") "00000054" Z16 Z8 Z4
											  "00000061 00000001 "
											  "00000000" D16 D16,
	  LINES("ntp.priv.mode7.filtdelay=33", "ntp.priv.mode7.filtdelay=-2", "ntp.priv.mode7.order=65",
		"ntp.priv.mode7.order=72", "ntp.priv.mode7.delay=81", "ntp.priv.mode7.dispersion=82",
		"ntp.priv.mode7.selectdis=84", "ntp.priv.mode7.estbdelay=97", "ntp.priv.mode7.ipv6_flag=1",
		"ntp.priv.mode7.srcaddress6=" D16, "ntp.refid=47505300", "ntp.xmt=e8fcb9e200000004",
		"ntp.precision=248", "ntp.priv.mode7.flash2=3856", "ntp.priv.mode7.associd=4370") },
	{ "peer statistics: flags of 16 bits",
	  ANSWER("03", "0001",
		 "0050") "c0000201 c6336401 007b 0005 00000001 00000002 00000003 00000004 00000005" Z4
			 "00000006" Z4 "00000007 00000008 00000009" Z8 "0000000a 0000000b" Z4 "0c000000",
	  LINES("ntp.priv.mode7.peer.flags=5", "ntp.priv.mode7.peer.flags.config=1",
		"ntp.priv.mode7.peer.flags.burst=1", "ntp.priv.mode7.timereset=1",
		"ntp.priv.mode7.timereachable=4", "ntp.priv.mode7.sent=5", "ntp.priv.mode7.processed=6",
		"ntp.priv.mode7.badauth=7", "ntp.priv.mode7.oldpkt=9", "ntp.priv.mode7.seldisp=10",
		"ntp.priv.mode7.selbroken=11", "ntp.priv.mode7.candidate=12") },
	{ "system information has flags of its own",
	  ANSWER("04", "0001", "0038") "c0000201 03 00 02 ec 00000001 00000002 c0000207" STAMP(
		  "01") "00000006 62 000000 00000003 00000004" STAMP("05") "00000006",
	  LINES("ntp.priv.mode7.sys.flags8=98", "ntp.priv.mode7.sys.flags.auth=1",
		"ntp.priv.mode7.sys.flags.pps=1", "ntp.priv.mode7.sys.flags.monitor=1",
		"ntp.priv.mode7.sys.flags.filegen=0", "ntp.priv.mode7.sys.flags.cal=0",
		"ntp.priv.mode7.poll=6", "ntp.priv.mode7.freq=4", "ntp.priv.mode7.stability=6",
		"ntp.priv.mode7.pmode=3", "ntp.reftime=e8fcb9e200000001") },
	{ "system statistics of ntpd 4.2.8p9 and later",
	  ANSWER("05", "0001", "0034") Z32 Z8 "00000001 00000002 00000003",
	  LINES("ntp.priv.mode7.limitrejected=1", "ntp.priv.mode7.lamport=2", "ntp.priv.mode7.tsrounding=3",
		"-!") },
	{ "restriction, old", REQUEST("11", "0001", "000c") "c0000200 ffffff00 0003 0004",
	  LINES("ntp.priv.mode7.address=192.0.2.0", "ntp.priv.mode7.mask=255.255.255.0",
		"ntp.priv.mode7.restrict_flags=3", "ntp.priv.mode7.mflags=4",
		"-ntp.priv.mode7.ippeerlimit") },
	{ "restriction, with a limit of peers",
	  REQUEST("12", "0001", "0034") "c0000200 ffffff00 ffff 0003 0004 0000 00000001" D16 Z16,
	  LINES("ntp.priv.mode7.ippeerlimit=-1", "ntp.priv.mode7.restrict_flags=3", "ntp.priv.mode7.mflags=4",
		"ntp.priv.mode7.ipv6_flag=1", "ntp.priv.mode7.address6=" D16, "ntp.priv.mode7.mask6=" Z16) },
	{ "restriction lifted", REQUEST("13", "0001", "0010") "c0000200 ffffff00 0000 0003 0004 0000",
	  LINES("ntp.priv.mode7.restrict_flags=3") },
	{ "trusted keys", REQUEST("1a", "0002", "0004") "00000001 00000002",
	  LINES("ntp.priv.mode7.key=1", "ntp.priv.mode7.key=2") },
	{ "keys of 64 bits", REQUEST("1b", "0001", "0008") "0000000100000002",
	  LINES("ntp.priv.mode7.key=4294967298") },
	{ "host name", ANSWER("2b", "0001", "0020") "c0000207 0005 6e74702e6578616d706c6500" Z8 Z4 "0000",
	  LINES("ntp.priv.mode7.address=192.0.2.7", "ntp.priv.mode7.associd=5",
		"ntp.priv.mode7.hostname=ntp.example") },
	{ "the old implementation", "97 00 02 09 0001 0010 00000001 00000002 00000003 00000004",
	  LINES("ntp.priv.impl=2", "ntp.priv.mode7.alarms=2", "ntp.priv.mode7.xmtcalls=4") },
	{ "an item that is longer than is known",
	  ANSWER("09", "0001", "0014") "00000001 00000002 00000003 00000004 00000005",
	  LINES("ntp.priv.mode7.xmtcalls=4", "!ntp.private_size") },
	{ "an unknown code", ANSWER("3f", "0001", "0004") "01020304",
	  LINES("ntp.priv.mode7.octets=01020304", "!ntp.private_code") },
	{ "an authenticated request", "17 80 03 20 0001 0004 00000009" Z32 Z4 STAMP("01") "00000007" D16,
	  LINES("ntp.keyid=00000009", "ntp.priv.tstamp=e8fcb9e200000001", "ntp.keyid=00000007",
		"ntp.mac=" D16, "ntp.mac.status=0") },
	{ "an authenticated request, SHA-1",
	  "17 80 03 20 0001 0004 00000009" Z32 Z4 STAMP("01") "00000007" D16 "11121314",
	  LINES("ntp.priv.tstamp=e8fcb9e200000001", "ntp.mac=" D16 "11121314") },
	{ "an answer with an error has no items", "97 00 03 2a 4001 0048" Z64 Z8,
	  LINES("ntp.priv.err=4", "-ntp.priv.monlist") },
};

static void values_of_the_header_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rig r;

		rig_open_detail(&r);
		assert_int_equal(feed_payload(&r, cases[i].payload, is_answer(cases[i].payload)),
				 CL_FATE_COUNTED);
		assert_lines(&r, cases[i].name, cases[i].lines);
		rig_close(&r);
	}
}

static void values_of_tshark(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(by_tshark); i++) {
		struct rig r;

		rig_open_detail(&r);
		assert_int_equal(feed_payload(&r, by_tshark[i].payload, is_answer(by_tshark[i].payload)),
				 CL_FATE_COUNTED);
		assert_non_null(by_tshark[i].lines[0]);
		assert_lines(&r, by_tshark[i].name, by_tshark[i].lines);
		assert_lines(&r, by_tshark[i].name, (const char *const[]){ "-!", NULL });
		rig_close(&r);
	}
}

static void tables_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_ntp_item_count; i++) {
		const struct cl_ntp_item *it = &cl_ntp_items[i];

		if (i > 0)
			assert_true(cl_ntp_items[i - 1].code <= it->code);
		assert_true(it->count > 0 && it->size[0] > 0);
		for (size_t j = 0; j < it->count; j++) {
			assert_true(it->rows[j].width > 0);
			if (j > 0) /* a flag's row may stand at its word again */
				assert_true(it->rows[j].at >= it->rows[j - 1].at);
		}
	}
}

/* The members fill the largest item, flags aside, and no member goes past it. */
static void items_are_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_ntp_item_count; i++) {
		const struct cl_ntp_item *it = &cl_ntp_items[i];
		uint16_t largest = 0;
		unsigned end = 0;

		for (size_t j = 0; j < COUNT(it->size); j++)
			largest = it->size[j] > largest ? it->size[j] : largest;
		for (size_t j = 0; j < it->count; j++) {
			unsigned to = it->rows[j].at + it->rows[j].width;

			end = to > end ? to : end;
		}
		if (it->family != 4 ? end != largest : end > largest)
			fail_msg("code %u: %u of %u", it->code, end, largest);
	}
}

static void cut_and_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_payload(cases[i].name, cases[i].payload);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_the_header_file), cmocka_unit_test(values_of_tshark),
		cmocka_unit_test(tables_are_in_order),	     cmocka_unit_test(items_are_full),
		cmocka_unit_test(cut_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

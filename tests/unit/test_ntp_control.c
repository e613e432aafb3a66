/* SPDX-License-Identifier: BSD-2-Clause */
/* Mode 6: status words, lists, answers in several packets (RFC 9327). */
#include "dissect/ntp/answers.h"
#include "tests/unit/ntp_payload.h"

#define LINES(...)                                                                                           \
	{                                                                                                    \
		__VA_ARGS__, NULL                                                                            \
	}
/* flags, then sequence 0x44, status, association, offset, count */
#define MESSAGE(flags, status, association, offset, count) "16" flags "0044" status association offset count

static const struct {
	const char *name, *payload;
	const char *lines[20];
} cases[] = {
	{ "request", MESSAGE("02", "0000", "0000", "0000", "0000"),
	  LINES("ntp.flags.mode=6", "ntp.ctrl.flags2=2", "ntp.ctrl.flags2.r=0", "ntp.ctrl.flags2.opcode=2",
		"ntp.ctrl.sequence=68", "ntp.ctrl.status=0", "ntp.ctrl.associd=0", "ntp.ctrl.offset=0",
		"ntp.ctrl.count=0", "-ntp.ctrl.sys_status", "-ntp.ctrl.data") },
	{ "system status", MESSAGE("82", "c6f8", "0000", "0000", "0000"),
	  LINES("ntp.ctrl.sys_status.li=3", "ntp.ctrl.sys_status.clksrc=6", "ntp.ctrl.sys_status.count=15",
		"ntp.ctrl.sys_status.code=8", "-ntp.ctrl.peer_status") },
	{ "peer status", MESSAGE("82", "96a4", "0005", "0000", "0000"),
	  LINES("ntp.ctrl.peer_status.config=1", "ntp.ctrl.peer_status.authenable=0",
		"ntp.ctrl.peer_status.authentic=0", "ntp.ctrl.peer_status.reach=1",
		"ntp.ctrl.peer_status.bcast=0", "ntp.ctrl.peer_status.selection=6",
		"ntp.ctrl.peer_status.count=10", "ntp.ctrl.peer_status.code=4", "ntp.ctrl.associd=5",
		"-ntp.ctrl.sys_status") },
	{ "clock status: counter and code of four bits each", MESSAGE("84", "03d2", "0005", "0000", "0000"),
	  LINES("ntp.ctrl.clock_status.status=3", "ntp.ctrl.clock_status.count=13",
		"ntp.ctrl.clock_status.code=2") },
	{ "error", MESSAGE("c2", "0500", "0000", "0000", "0000"),
	  LINES("ntp.ctrl.flags2.error=1", "ntp.ctrl.err_status=5", "-ntp.ctrl.sys_status") },
	{ "associations", MESSAGE("81", "0618", "0000", "0000", "0008") "bebd 9614 bebc 8011",
	  LINES("ntp.ctrl.data{", "ntp.ctrl.item{", "ntp.ctrl.associd=48829", "ntp.ctrl.status=38420",
		"ntp.ctrl.associd=48828", "ntp.ctrl.status=32785", "ntp.ctrl.peer_status.selection=6",
		"ntp.ctrl.peer_status.selection=0", "-ntp.ctrl.variable") },
	/* version="a, b",x=1, y,\r\nz=0x1 */
	{ "variables",
	  MESSAGE("82", "0618", "0000", "0000",
		  "001d") "76657273696f6e3d22612c2062222c783d312c20792c0d0a7a3d307831 000000",
	  LINES("ntp.ctrl.variable.name=version", "ntp.ctrl.variable.value=a, b", "ntp.ctrl.variable.name=x",
		"ntp.ctrl.variable.value=1", "ntp.ctrl.variable.name=y", "ntp.ctrl.variable.name=z",
		"ntp.ctrl.variable.value=0x1", "-ntp.padding") },
	{ "variables of a clock", MESSAGE("84", "0000", "0001", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.variable.name=a", "ntp.ctrl.variable.value=1") },
	{ "variables of one association", MESSAGE("81", "9614", "0001", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.variable.name=a", "-ntp.ctrl.item") },
	{ "a quote that does not end", MESSAGE("82", "0618", "0000", "0000", "0006") "613d222c623d 0000",
	  LINES("ntp.ctrl.variable.name=a", "ntp.ctrl.variable.value=\",b=") },
	{ "empty values", MESSAGE("82", "0618", "0000", "0000", "0006") "613d2c2c2c3d 0000",
	  LINES("ntp.ctrl.variable.name=a", "ntp.ctrl.variable.value=", "ntp.ctrl.variable.name=") },
	{ "trap message", MESSAGE("87", "0618", "0000", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.trapmsg=a=1", "ntp.ctrl.variable.name=a") },
	{ "configuration", MESSAGE("08", "0000", "0000", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.configuration=a=1", "-ntp.ctrl.variable") },
	{ "configuration saved", MESSAGE("09", "0000", "0000", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.configuration=a=1") },
	{ "most recently used",
	  MESSAGE("8a", "0000", "0000", "0000", "000f") "616464722e303d3139322e302e322e31 00",
	  LINES("ntp.ctrl.mru=addr.0=192.0.2.", "ntp.ctrl.variable.name=addr.0",
		"ntp.ctrl.variable.value=192.0.2.") },
	{ "ordered list", MESSAGE("8b", "0000", "0000", "0000", "0003") "613d31 00",
	  LINES("ntp.ctrl.ordlist=a=1") },
	{ "nonce", MESSAGE("8c", "0000", "0000", "0000", "0008") "6e6f6e63653d6162",
	  LINES("ntp.ctrl.nonce=nonce=ab", "ntp.ctrl.variable.name=nonce", "ntp.ctrl.variable.value=ab") },
	{ "data of a trap", MESSAGE("06", "0000", "0000", "0000", "0004") "01020304",
	  LINES("ntp.ctrl.octets=01020304") },
	{ "MD5",
	  MESSAGE("03", "0000", "0000", "0000", "0003") "613d31 00"
							"00000007" D16,
	  LINES("ntp.padding=00", "ntp.key_type=0", "ntp.key_index=7", "ntp.key_signature=" D16,
		"ntp.mac.status=0") },
	{ "SHA-1 behind 8 octets",
	  MESSAGE("03", "0000", "0000", "0000", "0004") "613d3131"
							"00000007" D16 "11121314",
	  LINES("-ntp.padding", "ntp.key_type=1", "ntp.key_index=7", "ntp.key_signature=" D16 "11121314") },
	{ "MD5 behind ntpq's padding",
	  MESSAGE("03", "0000", "0000", "0000", "0008") "613d313131313131"
							"00000000"
							"00000007" D16,
	  LINES("ntp.padding=00000000", "ntp.key_type=0", "ntp.key_index=7") },
	{ "SHA-1 behind ntpq's padding",
	  MESSAGE("03", "0000", "0000", "0000", "0008") "613d313131313131"
							"00000000"
							"00000007" D16 "11121314",
	  LINES("ntp.padding=00000000", "ntp.key_type=1", "ntp.key_index=7") },
};

static void values(void **state)
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

static void cut_and_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_payload(cases[i].name, cases[i].payload);
}

#define PART_1 MESSAGE("a2", "0618", "0000", "0000", "0008") "6161613d2262622c"
#define PART_2 MESSAGE("a2", "0618", "0000", "0008", "0004") "6363222c"
#define PART_3 MESSAGE("82", "0618", "0000", "000c", "0004") "643d3565"

/* aaa="bb,cc",d=5e in three packets, in each order, with one that comes twice. */
static void an_answer_in_three_packets(void **state)
{
	static const char *const parts[] = { PART_1, PART_2, PART_3 };
	static const unsigned orders[][4] = {
		{ 0, 1, 2, 9 }, { 0, 2, 1, 9 }, { 1, 0, 2, 9 }, { 1, 2, 0, 9 },
		{ 2, 0, 1, 9 }, { 2, 1, 0, 9 }, { 0, 0, 1, 2 }, { 2, 2, 1, 0 }
	};
	static const char *const whole[] = { "ntp.ctrl.part=1",
					     "ntp.ctrl.reassembled.length=16",
					     "ntp.ctrl.variable.name=aaa",
					     "ntp.ctrl.variable.value=bb,cc",
					     "ntp.ctrl.variable.name=d",
					     "ntp.ctrl.variable.value=5e",
					     "-!",
					     NULL };
	static const char *const waits[] = { "ntp.ctrl.part=1", "-ntp.ctrl.variable", "-ntp.ctrl.reassembled",
					     "-!", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		unsigned n = orders[i][3] == 9 ? 3 : 4;
		struct rig r;

		rig_open_detail(&r);
		for (unsigned j = 0; j < n; j++) {
			feed_payload(&r, parts[orders[i][j]], true);
			assert_lines(&r, "a part", j == n - 1 ? whole : waits);
		}
		rig_close(&r);
	}
}

/* Sequence, association and ports keep answers apart. */
static void answers_do_not_mix(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_payload(&r, PART_1, true);
	feed_payload(&r, "1682 0045 0618 0000 0008 0004 643d3565", true);
	assert_lines(&r, "another sequence", (const char *const[]){ "-ntp.ctrl.variable", NULL });
	feed_payload(&r, "1682 0044 0618 0001 0008 0004 643d3565", true);
	assert_lines(&r, "another association", (const char *const[]){ "-ntp.ctrl.variable", NULL });
	feed_payload(&r, "1684 0044 0618 0000 0008 0004 643d3565", true);
	assert_lines(&r, "another opcode", (const char *const[]){ "-ntp.ctrl.variable", NULL });
	feed_payload(&r, "1682 0044 0618 0000 0008 0004 22643d35", true);
	assert_shows(&r, "ntp.ctrl.reassembled.length=12");
	rig_close(&r);
}

static void parts_that_differ(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_payload(&r, PART_1, true);
	feed_payload(&r, MESSAGE("a2", "0618", "0000", "0006", "0004") "62636363", true);
	assert_shows(&r, "!ntp.control_overlap");
	feed_payload(&r, MESSAGE("82", "0618", "0000", "0006", "0004") "622c2263", true);
	assert_shows(&r, "!ntp.control_overlap");
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_NTP_CONTROL_OVERLAP], 2);
	rig_close(&r);
}

static struct cl_ntp_answer_key key_of(uint16_t sequence)
{
	return (struct cl_ntp_answer_key){ .sequence = sequence, .sport = 123, .opcode = 2 };
}

/* Bounds: of answers, of parts, of time. */
static void answers_are_bounded(void **state)
{
	static const uint8_t octets[70000];
	struct cl_ntp_answers *a = cl_ntp_answers_new();
	struct cl_span whole, one = { octets, 1 };
	struct cl_ntp_answer_key key;
	bool differs;

	(void)state;
	assert_non_null(a);
	for (uint16_t i = 0; i < CL_NTP_ANSWERS + 5; i++) {
		key = key_of(i);
		assert_int_equal(cl_ntp_answers_add(a, &key, 1000 + i, 0, one, true, &whole, &differs),
				 CL_NTP_JOIN_WAITS);
	}
	assert_int_equal(cl_ntp_answers_lost(a), 5);
	key = key_of(4); /* was given up */
	assert_int_equal(cl_ntp_answers_add(a, &key, 2000, 1, one, false, &whole, &differs),
			 CL_NTP_JOIN_WAITS);
	key = key_of(6);
	assert_int_equal(cl_ntp_answers_add(a, &key, 2000, 1, one, false, &whole, &differs),
			 CL_NTP_JOIN_WHOLE);
	assert_int_equal(whole.len, 2);
	key = key_of(7);
	assert_int_equal(
		cl_ntp_answers_add(a, &key, 2000 + CL_NTP_ANSWER_WAIT, 1, one, false, &whole, &differs),
		CL_NTP_JOIN_WAITS);
	key = key_of(1000);
	for (uint16_t i = 0; i < CL_NTP_ANSWER_PARTS; i++)
		assert_int_equal(cl_ntp_answers_add(a, &key, 3 * CL_NTP_ANSWER_WAIT, (uint16_t)(2 * i), one,
						    true, &whole, &differs),
				 CL_NTP_JOIN_WAITS);
	assert_int_equal(cl_ntp_answers_add(a, &key, 3 * CL_NTP_ANSWER_WAIT, 2 * CL_NTP_ANSWER_PARTS, one,
					    true, &whole, &differs),
			 CL_NTP_JOIN_GIVEN_UP);
	assert_int_equal(cl_ntp_answers_add(a, &key, 0, 65535, (struct cl_span){ octets, 600 }, true, &whole,
					    &differs),
			 CL_NTP_JOIN_GIVEN_UP);
	assert_int_equal(cl_ntp_answers_add(a, &key, 0, 65535, one, true, &whole, &differs),
			 CL_NTP_JOIN_WAITS);
	assert_int_equal(
		cl_ntp_answers_add(a, &key, 0, 0, (struct cl_span){ octets, 0 }, true, &whole, &differs),
		CL_NTP_JOIN_GIVEN_UP);
	cl_ntp_answers_free(a);
	cl_ntp_answers_free(NULL);
}

/* Parts of random places and lengths, in any order, make the text again. */
static void any_order(void **state)
{
	uint64_t seed = 7;
	uint8_t text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)next_random(&seed);
	for (unsigned turn = 0; turn < 300; turn++) {
		struct cl_ntp_answers *a = cl_ntp_answers_new();
		struct cl_ntp_answer_key key = key_of(1);
		struct cl_span whole;
		bool differs, done = false;

		for (unsigned i = 0; i < 2000 && !done; i++) {
			uint16_t from = (uint16_t)(next_random(&seed) % sizeof(text));
			uint32_t n = (uint32_t)(next_random(&seed) % 60 + 1);

			if (from + n > sizeof(text))
				n = (uint32_t)sizeof(text) - from;
			enum cl_ntp_join j =
				cl_ntp_answers_add(a, &key, 0, from, (struct cl_span){ text + from, n },
						   from + n < sizeof(text), &whole, &differs);
			assert_false(differs);
			if (j == CL_NTP_JOIN_WHOLE) {
				assert_int_equal(whole.len, sizeof(text));
				assert_memory_equal(whole.ptr, text, sizeof(text));
				done = true;
			}
		}
		assert_true(done);
		cl_ntp_answers_free(a);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(an_answer_in_three_packets),
		cmocka_unit_test(answers_do_not_mix),
		cmocka_unit_test(parts_that_differ),
		cmocka_unit_test(answers_are_bounded),
		cmocka_unit_test(any_order),
		cmocka_unit_test(cut_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

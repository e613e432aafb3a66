/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of headers, reference identifiers, authenticators and extension fields. */
#include "dissect/ntp/extfields.h"
#include "tests/unit/ntp_payload.h"

#define LINES(...)                                                                                           \
	{                                                                                                    \
		__VA_ARGS__, NULL                                                                            \
	}

/* Fields where RFC 5905 sec. 7.3 has them; stamps: 0xe8fcb9e2 is 1699887970 s after 1970. */
static const struct {
	const char *name, *payload;
	const char *lines[16];
} cases[] = {
	{ "header",
	  "64030aec 0001c000 00028000 c0000207 e8fcb9e0 00000000 e8fcb9e1 11111111 e8fcb9e2 22222222 "
	  "e8fcb9e2 62222222",
	  LINES("ntp", "ntp.flags=100", "ntp.flags.li=1", "ntp.flags.vn=4", "ntp.flags.mode=4",
		"ntp.stratum=3", "ntp.ppoll=10", "ntp.precision=236", "ntp.rootdelay=114688",
		"ntp.rootdispersion=163840", "ntp.refid=c0000207", "ntp.reftime=e8fcb9e000000000",
		"ntp.org=e8fcb9e111111111", "ntp.rec=e8fcb9e222222222", "ntp.xmt=e8fcb9e262222222") },
	{ "derived",
	  "64030aec 0001c000 00028000 c0000207 e8fcb9e0 00000000 e8fcb9e1 11111111 e8fcb9e2 22222222 "
	  "e8fcb9e2 62222222",
	  LINES("ntp.ppoll_s=1024", "ntp.precision_s=9.53674316e-07", "ntp.rootdelay_s=1750000000",
		"ntp.rootdispersion_s=2500000000", "ntp.rootdistance_s=3375000000",
		"ntp.reference_age_s=2383333333", "ntp.turnaround_s=250000000", "ntp.refid.kind=4",
		"ntp.refid.ipv4=192.0.2.7") },
	{ "a client hides its precision",
	  "230006"
	  "20" Z8 Z4 Z8 Z8 Z8 "0123456789abcdef",
	  LINES("ntp.precision=32", "-ntp.precision_s", "-ntp.refid.kind", "-ntp.turnaround_s",
		"-ntp.capture_offset_s", "-ntp.rootdistance_s") },
	{ "a kiss code: nothing follows from its stamps", HEAD("e400", "52415445"),
	  LINES("ntp.refid.kind=2", "ntp.refid.code=RATE", "ntp.refid.meaning=RATE: rate exceeded",
		"-ntp.turnaround_s", "-ntp.reference_age_s", "-ntp.rootdistance_s") },
	{ "a client at its start sends no kiss", ROOT("e300", "494e4954") Z16 Z16,
	  LINES("ntp.refid.kind=3", "ntp.refid.code=INIT") },
	{ "unsynchronised: no turnaround", HEAD("e402", "c0000207"), LINES("-ntp.turnaround_s") },
	{ "interleaved: sent before it was received",
	  ROOT("2402", "c0000207") "e8fcb9e0 00000000" Z8 "e8fcb9e2 00000000 e8fcb9e1 00000000",
	  LINES("-ntp.turnaround_s", "ntp.reference_age_s=1000000000") },
	{ "version 3 has a signed root delay", "1c0206ec ffff8000 00008000 c0000207" TIMES,
	  LINES("ntp.rootdelay=4294934528", "ntp.rootdelay_s=-500000000", "!ntp.negative_delay") },
	{ "version 4 has not", "240206ec ffff8000 00008000 c0000207" TIMES,
	  LINES("ntp.rootdelay_s=65535500000000") },
	{ "version 0 (RFC 958)", "850200ec 00000102 00000304 c0000207" TIMES,
	  LINES("ntp.flags.vn=0", "ntp.v0.status=5", "ntp.v0.type=2", "ntp.v0.precision=236",
		"ntp.v0.error=258", "ntp.v0.drift=772", "ntp.refid=c0000207", "ntp.xmt=e8fcb9e200400000",
		"-ntp.rootdelay", "-ntp.stratum") },
	{ "clock", HEAD("2401", "47505300"),
	  LINES("ntp.refid.kind=1", "ntp.refid.code=GPS",
		"ntp.refid.meaning=GPS: Global Positioning System") },
	{ "clock of the field", HEAD("2401", "58594f57"),
	  LINES("ntp.refid.kind=1", "ntp.refid.code=XYOW", "ntp.refid.meaning=experimental") },
	{ "chronyd, local", HEAD("2401", "7f7f0101"), LINES("ntp.refid.kind=9") },
	{ "chronyd, smoothing", HEAD("2402", "7f7f01ff"), LINES("ntp.refid.kind=10") },
	{ "ntpd's reference clock", HEAD("2406", "7f7f1c02"),
	  LINES("ntp.refid.kind=8", "ntp.refid.refclock=28", "ntp.refid.unit=2") },
	{ "loopback", HEAD("2406", "7f000001"), LINES("ntp.refid.kind=7") },
	{ "leap smear", HEAD("2402", "fe400000"),
	  LINES("ntp.refid.kind=11", "ntp.refid.smear_s=1000000000") },
	{ "leap smear, behind", HEAD("2402", "fee00000"),
	  LINES("ntp.refid.kind=11", "ntp.refid.smear_s=-500000000") },
	{ "no address of a host", HEAD("2402", "e1020304"), LINES("ntp.refid.kind=5", "-ntp.refid.ipv4") },
	{ "asks for version 5", "230006ec" Z8 Z4 "4e54503544524654" Z8 Z8 Z8, LINES("ntp.v5.upgrade=1") },
	{ "version 5, newest layout",
	  "6c01067f 10000000 08000000 02010003 1011121314151617 0102030405060708 e8fcb9e200000000 "
	  "e8fcb9e200400000",
	  LINES("ntp.flags.vn=5", "ntp.v5.rootdelay=268435456", "ntp.rootdelay_s=1000000000",
		"ntp.v5.rootdispersion=134217728", "ntp.rootdispersion_s=500000000", "ntp.v5.timescale=2",
		"ntp.v5.era=1", "ntp.v5.flags=3", "ntp.v5.flags.synchronized=1", "ntp.v5.flags.interleaved=1",
		"ntp.v5.flags.auth_nak=0", "ntp.v5.server_cookie=1011121314151617",
		"ntp.v5.client_cookie=0102030405060708", "ntp.rec=e8fcb9e200000000", "-ntp.refid") },
	{ "version 5, second draft",
	  "6c01067f 02010005 10000000 08000000 1011121314151617 0102030405060708 e8fcb9e200000000 "
	  "e8fcb9e200400000"
	  "f5ff001b 64726166742d696574662d6e74702d6e747076352d3032 00",
	  LINES("ntp.v5.rootdelay=268435456", "ntp.v5.rootdispersion=134217728", "ntp.v5.timescale=2",
		"ntp.v5.era=1", "ntp.v5.flags=5", "ntp.v5.flags.unknown_leap=1", "ntp.v5.flags.auth_nak=1",
		"ntp.ext.v5.draft=draft-ietf-ntp-ntpv5-02", "-ntp.v5.flags.synchronized") },
	{ "version 4's answer to version 5",
	  ROOT("2c02", "c0000207") "e8fcb9e0 00000000" Z8 "e8fcb9e2 00000000 e8fcb9e2 00400000",
	  LINES("ntp.refid=c0000207", "ntp.rootdelay=65536", "-ntp.v5") },
	{ "MD5, key 20", SERVER "00000014" D16,
	  LINES("ntp.keyid=00000014", "ntp.keyid.number=20", "ntp.mac=" D16, "ntp.mac.kind=2",
		"ntp.mac.status=0", "-ntp.ext", "-ntp.keyid.autokey") },
	{ "SHA-1, key 24", SERVER "00000018" D16 "11121314",
	  LINES("ntp.keyid=00000018", "ntp.mac=" D16 "11121314", "ntp.mac.kind=3", "-ntp.ext") },
	{ "session key of Autokey", SERVER "00010000" D16,
	  LINES("ntp.keyid.number=65536", "ntp.keyid.autokey=1") },
	{ "crypto-NAK", SERVER Z4, LINES("ntp.keyid=00000000", "ntp.mac.kind=0", "-ntp.mac=") },
	{ "DES", HEAD("1402", "c0000207") "00000005 0102030405060708",
	  LINES("ntp.keyid=00000005", "ntp.mac=0102030405060708", "ntp.mac.kind=1") },
	{ "SHA-256, version 3", HEAD("1c02", "c0000207") "00000005" D16 D16, LINES("ntp.mac.kind=4") },
	{ "SHA-384, version 3", HEAD("1c02", "c0000207") "00000005" D16 D16 D16, LINES("ntp.mac.kind=5") },
	{ "SHA-512, version 3", HEAD("1c02", "c0000207") "00000005" D16 D16 D16 D16,
	  LINES("ntp.mac.kind=6") },
	{ "MS-SNTP, request", HEAD("1b00", Z4) "51040080" Z16,
	  LINES("ntp.keyid=51040080", "ntp.mac.kind=7", "ntp.mssntp.rid=1105", "ntp.mssntp.key_selector=1",
		"-ntp.mac.status") },
	{ "MS-SNTP's answer cannot be told", HEAD("1c02", "c0000207") "51040000" D16,
	  LINES("ntp.mac.kind=2", "-ntp.mssntp") },
	{ "MS-SNTP, extended", HEAD("1b00", Z4) "51040000 00010101" Z64,
	  LINES("ntp.mac.kind=8", "ntp.mssntp.rid=1105", "ntp.mssntp.flags=1", "ntp.mssntp.flags.old_key=1",
		"ntp.mssntp.client_hash_hints=1", "ntp.mssntp.signature_hash=1",
		"ntp.mssntp.checksum=" Z64) },
	{ "a digest of 32 octets in version 4", SERVER "00000005" D16 D16,
	  LINES("ntp.keyid=00000005", "ntp.mac.kind=4", "!ntp.long_mac") },
	{ "what fits no rule", SERVER "0102030405060708", LINES("ntp.tail=0102030405060708", "-ntp.keyid") },
	{ "identifier and authenticator",
	  SERVER "0104 0024" D16 D16 "0404 0030 000c 0010 0102030405060708090a0b0c" D16 Z8 Z4,
	  LINES("ntp.ext.type=260", "ntp.ext.length=36", "ntp.ext.value=" D16 D16, "ntp.nts.uid=" D16 D16,
		"ntp.ext.type=1028", "ntp.ext.length=48", "ntp.nts.nonce.length=12",
		"ntp.nts.ciphertext.length=16", "ntp.nts.nonce=0102030405060708090a0b0c",
		"ntp.nts.ciphertext=" D16, "ntp.nts.additional_padding=12") },
	{ "0x0204, NTS", HEAD("2300", Z4) "0104 0024" D16 D16 "0204 0014" D16 "0404 0028 0010 0010" D16 D16,
	  LINES("ntp.nts.cookie=" D16, "-ntp.ext.autokey") },
	{ "0x0204 without a MAC", HEAD("2300", Z4) "0204 001c" D16 Z8, LINES("ntp.nts.cookie=" D16 Z8) },
	{ "0x0204, Autokey",
	  HEAD("2300", Z4) "0204 0010 00000001 00000002 00000003"
			   "00012345" D16,
	  LINES("ntp.ext.autokey.code=4", "ntp.ext.autokey.association=1", "ntp.ext.autokey.timestamp=2",
		"ntp.ext.autokey.filestamp=3", "-ntp.nts", "-!nts") },
	{ "Autokey response",
	  SERVER "8202 0028 0000000a 0000000b 0000000c 00000005 0102030405000000 00000004 0a0b0c0d"
		 "00012345" D16,
	  LINES("ntp.ext.autokey.response=1", "ntp.ext.autokey.error=0", "ntp.ext.autokey.version=2",
		"ntp.ext.autokey.code=2", "ntp.ext.autokey.association=10",
		"ntp.ext.autokey.value=0102030405", "ntp.ext.autokey.signature=0a0b0c0d") },
	{ "Autokey error response", SERVER "c201 001c 0000000a" Z16 Z4,
	  LINES("ntp.ext.autokey.response=1", "ntp.ext.autokey.error=1", "ntp.ext.autokey.code=1") },
	{ "network correction", SERVER "010a 001c 0000000100000002" Z16,
	  LINES("ntp.ext.correction=4294967298") },
	{ "checksum complement", SERVER "2005 001c" Z16 Z4 "0000abcd", LINES("ntp.ext.complement=43981") },
	{ "chronyd's field", SERVER "f323 001c f5bedd9a 10000000 08000000 0000000100000002 00000007",
	  LINES("ntp.ext.chrony.magic=4122926490", "ntp.ext.chrony.rootdelay=268435456",
		"ntp.ext.chrony.rootdelay_s=1000000000", "ntp.ext.chrony.rootdispersion_s=500000000",
		"ntp.ext.chrony.monotonic=4294967298", "ntp.ext.chrony.epoch=7") },
	{ "another's field of its number",
	  SERVER "f323 001c 00000001 10000000 08000000 0000000100000002 00000007",
	  LINES("ntp.ext.type=62243", "-ntp.ext.chrony") },
	{ "unknown field", SERVER "1234 001c" D16 Z8,
	  LINES("ntp.ext.type=4660", "ntp.ext.length=28", "ntp.ext.value=" D16 Z8) },
	{ "version 5: MAC and reference identifiers",
	  "2c0106e7" Z4 Z4 "00000001" Z8 D16 Z8 "f502 0018 00000009" D16
	  "f503 000a 0102 000000000000 f504 000c 0102030405060708",
	  LINES("ntp.ext.v5.keyid=9", "ntp.ext.v5.mac=" D16, "ntp.ext.v5.refids_offset=258",
		"ntp.ext.v5.refids=0102030405060708") },
	{ "version 5: server information and correction",
	  "2c0106e7" Z4 Z4 "00000001" Z8 D16 Z8
	  "f505 0008 00180000 f506 001c 0000000100000002 0003 0000 0000000400000005 0006 0000",
	  LINES("ntp.ext.v5.versions=24", "ntp.ext.v5.origin_correction=4294967298",
		"ntp.ext.v5.origin_path=3", "ntp.ext.v5.delay_correction=17179869189",
		"ntp.ext.v5.delay_path=6") },
	{ "version 5: times",
	  "2c0106e7" Z4 Z4 "00000001" Z8 D16 Z8 "f507 000c e8fcb9e200000001 f508 0010 00000003 "
	  "0000000100000002 f509 0010 01 02 0000 e8fcb9e200000004",
	  LINES("ntp.ext.v5.reftime=e8fcb9e200000001", "ntp.ext.v5.monotonic_epoch=3",
		"ntp.ext.v5.monotonic=4294967298", "ntp.ext.v5.timescale=1", "ntp.ext.v5.era=2",
		"ntp.ext.v5.secondary=e8fcb9e200000004") },
};

static void values_as_the_standards_have_them(void **state)
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

/* The origin stamp is that of a request of MS-SNTP. */
static void an_answer_of_mssntp_by_its_request(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_payload(&r,
		     ROOT("1b00", Z4) Z8 Z8 Z8 "e8fcb9e1 00000000"
					       "51040080" Z16,
		     false);
	feed_payload(&r, HEAD("1c02", "c0000207") "51040000" D16, true);
	assert_lines(&r, "answer",
		     (const char *const[]){ "ntp.mac.kind=9", "ntp.mssntp.rid=1105",
					    "ntp.mssntp.key_selector=0", "-ntp.mac.status", NULL });
	feed_payload(
		&r,
		ROOT("1c02",
		     "c0000207") "e8fcb9e0 00000000 e8fcb9e1 00000001 e8fcb9e2 00000000 e8fcb9e2 00400000"
				 "51040000" D16,
		true);
	assert_lines(&r, "another's answer", (const char *const[]){ "ntp.mac.kind=2", "-ntp.mssntp", NULL });
	rig_close(&r);
}

static void cut_and_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_payload(cases[i].name, cases[i].payload);
}

static void fields_are_sorted_and_have_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_ntp_ext_count; i++) {
		const struct cl_ntp_ext *e = &cl_ntp_exts[i];

		if (i > 0)
			assert_true(cl_ntp_exts[i - 1].type < e->type);
		assert_true(strlen(e->name) > 3 && strlen(e->reference) > 3);
		assert_true(e->max == 0 || e->min <= e->max);
		assert_ptr_equal(cl_ntp_ext_find(e->type), e);
	}
	assert_null(cl_ntp_ext_find(0x1234));
}

/* Types and their names as IANA's table has them (RFC 9748): Autokey's are 0x0200 and the code. */
static void types_of_the_registry(void **state)
{
	static const struct {
		uint16_t type;
		const char *begins;
	} known[] = {
		{ 0x0002, "Reserved" },	      { 0x0102, "Reserved" },	 { 0x0104, "Unique" },
		{ 0x0200, "No-Operation" },   { 0x0201, "Association" }, { 0x0202, "Certificate" },
		{ 0x0203, "Cookie Message" }, { 0x0204, "NTS Cookie" },	 { 0x0304, "NTS Cookie P" },
		{ 0x0404, "NTS Auth" },	      { 0x0902, "Reserved" },	 { 0x2005, "Checksum" },
		{ 0x8202, "Certificate" },    { 0x8002, "Reserved" },	 { 0x8209, "MV" },
		{ 0xc202, "Certificate" },    { 0xc902, "Reserved" },	 { 0xf323, "chronyd" },
		{ 0xf5ff, "NTPv5 Draft" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		const struct cl_ntp_ext *e = cl_ntp_ext_find(known[i].type);

		assert_non_null(e);
		if (strncmp(e->name, known[i].begins, strlen(known[i].begins)) != 0)
			fail_msg("%#x: %s", known[i].type, e->name);
	}
}

/* A field of each type and of several lengths: its type is shown, its length is judged. */
static void a_field_of_each_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_ntp_ext_count; i++) {
		const struct cl_ntp_ext *e = &cl_ntp_exts[i];
		bool v5 = e->type >> 8 == 0xf5;

		for (uint8_t n = v5 ? 4 : 28; n <= 48; n = (uint8_t)(n + 4)) {
			uint8_t m[96] = { v5 ? 0x2b : 0x23, 0, 6, 0x20 };
			bool fits = n >= e->min && (e->max == 0 || n <= e->max);
			char line[40];
			struct rig r;

			m[48] = (uint8_t)(e->type >> 8);
			m[49] = (uint8_t)e->type;
			m[51] = n;
			rig_open_detail(&r);
			assert_int_equal(rig_udp(&r, 50000, 123, m, 48u + n), CL_FATE_COUNTED);
			snprintf(line, sizeof(line), "ntp.ext.type=%u", e->type);
			assert_shows(&r, line);
			if (detail_has(r.text, "!ntp.ext_size") == fits)
				fail_msg("%s of %u octets:\n%s", e->name, n, r.text->text);
			rig_close(&r);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_as_the_standards_have_them),
		cmocka_unit_test(an_answer_of_mssntp_by_its_request),
		cmocka_unit_test(fields_are_sorted_and_have_references),
		cmocka_unit_test(types_of_the_registry),
		cmocka_unit_test(a_field_of_each_type),
		cmocka_unit_test(cut_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

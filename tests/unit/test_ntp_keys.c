/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys files, and MACs made by the openssl program and by chronyd. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "dissect/ntp/keys.h"

#include "tests/unit/ntp_payload.h"

/* The message that the openssl program was given behind the key (dgst) or with it (mac -cipher ... CMAC). */
#define MESSAGE "23000620" Z32 Z4 "e8fcb9e200000001"

#define MD5_1	 "7217dba891eb876d280af7520228d219"
#define SHA1_2	 "0d6d4039598cd45f96613d0ff50710f6417c3628"
#define SHA256_3 "5876a42fb9f7d751966afbe5bb4e83255de54818cd2eaea5a8a15e8e701ac7a2"
#define SHA384_4                                                                                             \
	"0701577d8becbff8bf36c9005fa9d231dc5c1e4cbf81452c4f3cf3fa42383ceaabff029dfb932d72279d498ea2328bba"
#define SHA512_5                                                                                             \
	"546b16079bc0b1fe233d33257c8f1d9fba6464653296f66e1a8cf0c27bd470f7"                                   \
	"6f8ce565c4952a0650db3a8544a3ecb34373e37a7d0059041f15154a167fd376"

static const char file[] = "# a comment\n"
			   "1 MD5 HEX:00112233445566778899AABBCCDDEEFF\n"
			   "\n"
			   "2 sha1 HEX:00112233445566778899aabbccddeeff00112233 # and another\r\n"
			   "  3\tSHA256 HEX:00112233445566778899aabbccddeeff00112233\n"
			   "4 SHA384 HEX:00112233445566778899aabbccddeeff00112233\n"
			   "5 SHA512 HEX:00112233445566778899aabbccddeeff00112233\n"
			   "6 AES128 HEX:00112233445566778899aabbccddeeff\n"
			   "7 AES256 HEX:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
			   "8 AES128CMAC abc 192.0.2.0/24\n"
			   "9 AES-CMAC 00112233445566778899aabbccddeeff00112233\n"
			   "10 M secret\n"
			   "11 secret\n"
			   "12 MD5 0123456789abcdef0123456789abcdef\n"
			   "13 MD5 ASCII:secret\n"
			   "4294967295 MD5 secret";

static struct cl_ntp_keys *keys_of(const char *text)
{
	struct cl_ntp_keys_trouble t;
	struct cl_ntp_keys *k = cl_ntp_keys_parse(text, strlen(text), &t);

	assert_non_null(k);
	if (t.lines != 0)
		fail_msg("line %zu: %s", t.first, t.why);
	return k;
}

static enum cl_mac_status verify(const struct cl_ntp_keys *k, uint32_t id, const char *message,
				 const char *mac)
{
	uint8_t m[128], d[128];
	struct cl_span message_octets = { m, (uint32_t)unhex(message, m) };
	struct cl_span digest = { d, (uint32_t)unhex(mac, d) };

	return cl_ntp_keys_verify(k, id, message_octets, digest, NULL);
}

static const struct {
	uint32_t id;
	const char *mac;
	enum cl_mac_status status;
} cases[] = {
	{ 1, MD5_1, CL_MAC_GOOD },
	{ 1, "7217dba891eb876d280af7520228d218", CL_MAC_WRONG },
	{ 1, SHA1_2, CL_MAC_OTHER_TYPE },
	{ 2, SHA1_2, CL_MAC_GOOD },
	{ 2, "0d6d4039598cd45f96613d0ff50710f6417c3629", CL_MAC_WRONG },
	{ 2, MD5_1, CL_MAC_OTHER_TYPE },
	{ 3, SHA256_3, CL_MAC_GOOD },
	{ 3, "5876a42fb9f7d751966afbe5bb4e83255de54818", CL_MAC_GOOD }, /* cut to 20 octets in version 4 */
	{ 3, "5876a42fb9f7d751966afbe5bb4e8325", CL_MAC_OTHER_TYPE },
	{ 4, SHA384_4, CL_MAC_GOOD },
	{ 4, "0701577d8becbff8bf36c9005fa9d231dc5c1e4c", CL_MAC_GOOD },
	{ 5, SHA512_5, CL_MAC_GOOD },
	{ 5, SHA256_3, CL_MAC_OTHER_TYPE },
	{ 6, "040813515a91d3ed1d49454aa34f9c6a", CL_MAC_GOOD },
	{ 6, "140813515a91d3ed1d49454aa34f9c6a", CL_MAC_WRONG },
	{ 7, "3d09dd07d9dea2b40fab4c3ef01c466c", CL_MAC_GOOD },
	{ 8, "7183f07c8cce694de8c32fea84950408", CL_MAC_GOOD }, /* ntpd fills a short key with zeros */
	{ 9, "040813515a91d3ed1d49454aa34f9c6a", CL_MAC_GOOD }, /* and cuts a long one */
	{ 10, "416d3c873319284c0f196389bc25337c", CL_MAC_GOOD },
	{ 11, "416d3c873319284c0f196389bc25337c", CL_MAC_GOOD },
	{ 13, "416d3c873319284c0f196389bc25337c", CL_MAC_GOOD },
	{ UINT32_MAX, "416d3c873319284c0f196389bc25337c", CL_MAC_GOOD },
	{ 12, "1081e10573b218acfe8b97fbac69fc55", CL_MAC_GOOD }, /* over 20 characters: hexadecimal to ntpd */
	{ 12, "baab20d307766bf0779b9c251323661f", CL_MAC_GOOD }, /* as it is to chronyd */
	{ 12, "baab20d307766bf0779b9c251323661e", CL_MAC_WRONG },
	{ 14, MD5_1, CL_MAC_NO_KEY },
	{ 0, MD5_1, CL_MAC_NO_KEY },
};

static enum cl_mac_status expected(enum cl_mac_status s)
{
#ifndef HAVE_LIBCRYPTO
	if (s == CL_MAC_GOOD || s == CL_MAC_WRONG)
		return CL_MAC_UNVERIFIED;
#endif
	return s;
}

static void macs_as_openssl_makes_them(void **state)
{
	struct cl_ntp_keys *k = keys_of(file);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (verify(k, cases[i].id, MESSAGE, cases[i].mac) != expected(cases[i].status))
			fail_msg("case %zu, key %u", i, cases[i].id);
	cl_ntp_keys_free(k);
	cl_ntp_keys_free(NULL);
}

static void lines_that_cannot_be_read(void **state)
{
	static const struct {
		const char *text, *why;
		size_t lines, first, keys;
	} lines[] = {
		{ "", NULL, 0, 0, 0 },
		{ "\n\n# nothing\n", NULL, 0, 0, 0 },
		{ "x MD5 secret", "no key number", 1, 1, 0 },
		{ "0 MD5 secret", "no key number", 1, 1, 0 },
		{ "4294967296 MD5 secret", "no key number", 1, 1, 0 },
		{ "\n1\n2 MD5 secret\n", "no key", 1, 2, 1 },
		{ "1 MD6 secret\n2 MD4 secret", "unknown type", 2, 1, 0 },
		{ "1 MD5 HEX:001", "the key cannot be read", 1, 1, 0 },
		{ "1 MD5 HEX:0g", "the key cannot be read", 1, 1, 0 },
		{ "1 MD5 HEX:", "the key cannot be read", 1, 1, 0 },
		{ "1 MD5 ASCII:", "the key cannot be read", 1, 1, 0 },
		{ "1 AES128 short", "the key cannot be read", 1, 1, 0 }, /* chronyd's: 16 octets or none */
		{ "1 AES256 HEX:00112233445566778899aabbccddeeff", "the key cannot be read", 1, 1, 0 },
		{ "1 MD5 0123456789012345678901234567890123456789012345678901234567890123456789", NULL, 0, 0,
		  1 }, /* 70 digits */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct cl_ntp_keys_trouble t;
		struct cl_ntp_keys *k = cl_ntp_keys_parse(lines[i].text, strlen(lines[i].text), &t);

		assert_non_null(k);
		if (t.lines != lines[i].lines || t.first != lines[i].first ||
		    cl_ntp_keys_count(k) != lines[i].keys)
			fail_msg("%zu: %zu bad lines, %zu keys", i, t.lines, cl_ntp_keys_count(k));
		if (lines[i].why != NULL)
			assert_string_equal(t.why, lines[i].why);
		cl_ntp_keys_free(k);
	}
}

/* No octet past the text, whatever is in it. */
static void any_text(void **state)
{
	uint64_t seed = 1;
	size_t n = strlen(file);

	(void)state;
	for (unsigned turn = 0; turn < 3000; turn++) {
		size_t length = next_random(&seed) % n;
		char *text = malloc(length + 1);
		struct cl_ntp_keys_trouble t;

		memcpy(text, file, length);
		for (unsigned i = 0; i < 4 && length > 0; i++)
			text[next_random(&seed) % length] = (char)next_random(&seed);
		char *exact = malloc(length > 0 ? length : 1);
		memcpy(exact, text, length);
		cl_ntp_keys_free(cl_ntp_keys_parse(exact, length, &t));
		free(exact);
		free(text);
	}
}

/* Requests and answers of chronyd 4.3, with the keys it had (testdata/pcaps/ntp-chrony.pcap). */
static const struct {
	const char *payload;
	const char *status;
} recorded[] = {
	{ "23000020" Z32 Z4 "d5824cfa704fe041"
	  "00000001 724c1ca9d1b3e431ac4bfb1dd6406984",
	  "ntp.mac.status=1" },
	{ "240500e6 00000000 00000000 7f7f0101 eeae25c56ca0270d d5824cfa704fe041 eeae25c73b6ec247 "
	  "eeae25c73b756760"
	  "00000001 6b4925b88f73b2d6580b79f443d7cbd0",
	  "ntp.mac.status=1" },
	{ "23000020" Z32 Z4 "698eb95dd3d87be0"
	  "00000002 861cce745d2856583974f5dd649c4ba85bbfdad1",
	  "ntp.mac.status=1" },
	{ "240500e6 00000000 00000000 7f7f0101 eeae25c56ca0270d 698eb95dd3d87be0 eeae25c7553256ad "
	  "eeae25c755639f30"
	  "00000002 41e5ef0c8368ffde5430c35dd81fd6ce91bcac0b",
	  "ntp.mac.status=1" },
	{ "23000021" Z32 Z4 "d5824cfa704fe041"
	  "00000001 724c1ca9d1b3e431ac4bfb1dd6406984",
	  "ntp.mac.status=2" },
	{ "23000020" Z32 Z4 "d5824cfa704fe041"
	  "00000002 724c1ca9d1b3e431ac4bfb1dd6406984",
	  "ntp.mac.status=4" },
	{ "23000020" Z32 Z4 "d5824cfa704fe041"
	  "00000003 724c1ca9d1b3e431ac4bfb1dd6406984",
	  "ntp.mac.status=3" },
};

static void what_chronyd_sent(void **state)
{
	struct cl_ntp_keys *k = keys_of("1 MD5 HEX:00112233445566778899AABBCCDDEEFF\n"
					"2 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n");

	(void)state;
	for (size_t i = 0; i < COUNT(recorded); i++) {
		static uint8_t octets[200];
		struct cl_limits limits = { .ntp_keys = k };
		struct rig r;

		memset(&r, 0, sizeof(r));
		r.d = cl_dissector_new(&limits, rig_take, &r);
		r.text = calloc(1, sizeof(*r.text));
		assert_true(cl_dissector_detail(r.d, detail_take, r.text));
		size_t n = unhex(recorded[i].payload, octets);
		rig_udp(&r, 50000, 123, octets, n);
#ifdef HAVE_LIBCRYPTO
		assert_shows(&r, recorded[i].status);
		assert_int_equal(detail_has(r.text, "!ntp.mac_wrong"),
				 strcmp(recorded[i].status, "ntp.mac.status=2") == 0);
#endif
		rig_close(&r);
	}
	cl_ntp_keys_free(k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_as_openssl_makes_them),
		cmocka_unit_test(lines_that_cannot_be_read),
		cmocka_unit_test(any_text),
		cmocka_unit_test(what_chronyd_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

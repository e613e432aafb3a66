/* SPDX-License-Identifier: BSD-2-Clause */
#include "dissect/ntp/tail.h"

#include "tests/unit/vectors.h"

#define Z4  "00000000"
#define Z8  Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
#define Z64 Z32 Z32
/* Fields of 16, 24, 28 and 36 octets. */
#define EF16(type) type "0010" Z8 Z4
#define EF24(type) type "0018" Z16 Z4
#define EF28(type) type "001c" Z16 Z8
#define EF36(type) type "0024" Z32

enum { NONE = 0, MAC = 1, NAK = 2, BAD = 4, COOKIE = 8, AUTH = 16, UID = 32 };

/* The octets behind the header by the rules of RFC 7822 sec. 3 and RFC 5905 sec. 7.3. */
static const struct {
	const char *name;
	unsigned version;
	const char *tail;
	unsigned what, fields;
} cases[] = {
	{ "nothing", 4, "", NONE, 0 },
	{ "nothing, version 3", 3, "", NONE, 0 },
	{ "crypto-NAK", 4, Z4, NAK, 0 },
	{ "a word that is not 0", 4, "00000001", BAD, 0 },
	{ "crypto-NAK, version 3", 3, Z4, NAK, 0 },
	{ "a word that is not 0, version 3", 3, "01000000", BAD, 0 },
	{ "MD5", 4, "00000001" Z16, MAC, 0 },
	{ "MD5, key 20: no field of 20", 4, "00000014" Z16, MAC, 0 },
	{ "SHA-1", 4, "00000001" Z16 Z4, MAC, 0 },
	{ "SHA-1, key 24: no field of 24", 4, "00000018" Z16 Z4, MAC, 0 },
	{ "MD5, the key looks like a field", 4, "01040014" Z16, MAC, 0 },
	{ "runt of 8", 4, Z8, BAD, 0 },
	{ "runt of 12", 4, Z8 Z4, BAD, 0 },
	{ "runt of 16", 4, Z16, BAD, 0 },
	{ "runt of 16 that looks like a field", 4, EF16("0002"), BAD, 0 },
	{ "5 octets", 4, Z4 "00", BAD, 0 },
	{ "1 octet", 4, "00", BAD, 0 },
	{ "22 octets", 4, Z16 Z4 "0000", BAD, 0 },
	{ "30 octets", 4, EF28("0002") "0000", BAD, 0 },
	{ "one field", 4, EF28("0002"), NONE, 1 },
	{ "two fields", 4, EF16("0002") EF28("0002"), NONE, 2 },
	{ "three fields", 4, EF16("0002") EF24("0002") EF36("0002"), NONE, 3 },
	{ "field and MD5", 4, EF28("0002") "00000001" Z16, MAC, 1 },
	{ "short field and MD5", 4, EF16("0002") "00000001" Z16, MAC, 1 },
	{ "short field and SHA-1", 4, EF16("0002") "00000018" Z16 Z4, MAC, 1 },
	{ "field and crypto-NAK", 4, EF28("0002") Z4, NAK, 1 },
	{ "field and a word", 4, EF28("0002") "00000002", BAD, 1 },
	{ "field and a runt of 8", 4, EF28("0002") Z8, BAD, 1 },
	{ "field and a runt of 12", 4, EF28("0002") Z8 Z4, BAD, 1 },
	{ "last field of 16, no MAC", 4, EF28("0002") EF16("0002"), BAD, 1 },
	{ "last 20 octets are a MAC", 4, EF28("0002") "00020014" Z16, MAC, 1 },
	{ "last 24 octets are a MAC", 4, EF28("0002") EF24("0002"), MAC, 1 },
	{ "field of length 0", 4, "00020000" Z16 Z8, BAD, 0 },
	{ "field of length 12", 4, "0002000c" Z16 Z8, BAD, 0 },
	{ "field of length 17", 4, "00020011" Z16 Z8, BAD, 0 },
	{ "field of length 27", 4, "0002001b" Z16 Z8, BAD, 0 },
	{ "field past the end", 4, "00020020" Z16 Z8, BAD, 0 },
	{ "field of 65532", 4, "0002fffc" Z16 Z8, BAD, 0 },
	{ "second field past the end", 4, EF16("0002") "00020020" Z16 Z8, BAD, 1 },
	{ "key and SHA-256, version 4", 4, "00000001" Z32, BAD, 0 },
	{ "key and SHA-384, version 4", 4, "00000001" Z32 Z16, BAD, 0 },
	{ "key and SHA-512, version 4", 4, "00000001" Z64, BAD, 0 },
	{ "DES, version 2", 2, "00000001" Z8, MAC, 0 },
	{ "DES, version 3", 3, "00000001" Z8, MAC, 0 },
	{ "MD5, version 1", 1, "00000001" Z16, MAC, 0 },
	{ "MD5, version 3", 3, "00000001" Z16, MAC, 0 },
	{ "SHA-1, version 3", 3, "00000002" Z16 Z4, MAC, 0 },
	{ "SHA-256, version 3", 3, "00000001" Z32, MAC, 0 },
	{ "SHA-384, version 3", 3, "00000001" Z32 Z16, MAC, 0 },
	{ "SHA-512, version 3", 3, "00000001" Z64, MAC, 0 },
	{ "MS-SNTP, version 3", 3, "51040000 00010101" Z64, MAC, 0 },
	{ "8 octets, version 3", 3, Z8, BAD, 0 },
	{ "16 octets, version 3", 3, Z16, BAD, 0 },
	{ "28 octets, version 3: no fields", 3, EF28("0104"), BAD, 0 },
	{ "32 octets, version 3", 3, Z32, BAD, 0 },
	{ "21 octets, version 3", 3, Z16 Z4 "00", BAD, 0 },
	{ "NTS request", 4, EF36("0104") EF36("0204") EF36("0404"), UID | COOKIE | AUTH, 3 },
	{ "NTS without authenticator", 4, EF36("0104") EF36("0204"), UID | COOKIE, 2 },
	{ "identifier alone", 4, EF36("0104"), UID, 1 },
	{ "cookie alone", 4, EF36("0204"), COOKIE, 1 },
	{ "authenticator alone", 4, EF28("0404"), AUTH, 1 },
	{ "placeholder is no cookie", 4, EF36("0304"), NONE, 1 },
	{ "what came before a bad field is kept", 4, EF36("0104") "00000000" Z16 Z8, UID | BAD, 1 },
	{ "version 5: a field", 5, EF28("f5ff"), NONE, 1 },
	{ "version 5: draft identification, padded", 5, "f5ff001b" Z16 Z8, NONE, 1 },
	{ "version 5: two fields, the first padded", 5, "f5ff001b" Z16 Z8 "f5010005 0100 0000", NONE, 2 },
	{ "version 5: shortest field", 5, "f5010004", NONE, 1 },
	{ "version 5: 20 octets are a field", 5, "f5010014" Z16, NONE, 1 },
	{ "version 5: no MAC outside a field", 5, "00000001" Z16, BAD, 0 },
	{ "version 5: length of 3", 5, "f5010003", BAD, 0 },
	{ "version 5: no multiple of 4", 5, "f5010006 0000", BAD, 0 },
	{ "version 5: past the end", 5, "f5010009" Z4, BAD, 0 },
	{ "version 5: NTS", 5, EF36("0104") EF36("0204") EF36("0404"), UID | COOKIE | AUTH, 3 },
};

static unsigned what_of(const struct cl_ntp_tail *t)
{
	return (t->mac ? MAC : 0u) | (t->crypto_nak ? NAK : 0u) | (t->bad ? BAD : 0u) |
	       (t->nts_cookie ? COOKIE : 0u) | (t->nts_auth ? AUTH : 0u) | (t->uid.ptr != NULL ? UID : 0u);
}

static void tails_as_the_rfcs_have_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t octets[256];
		size_t n = unhex(cases[i].tail, octets);
		uint8_t *exact = malloc(n > 0 ? n : 1);

		memcpy(exact, octets, n);
		struct cl_cur c = cl_cur_make(exact, (uint32_t)n, (uint32_t)n);
		struct cl_ntp_tail t = cl_ntp_tail_read(&c, cases[i].version);
		if (what_of(&t) != cases[i].what || t.fields != cases[i].fields)
			fail_msg("%s: %#x, %u fields", cases[i].name, what_of(&t), t.fields);
		free(exact);
	}
}

/* A tail cut by the capture says less than the whole, and never that it is bad. */
static void a_cut_tail_is_not_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t octets[256];
		size_t n = unhex(cases[i].tail, octets);

		for (size_t kept = 0; kept < n; kept++) {
			uint8_t *exact = malloc(kept > 0 ? kept : 1);

			memcpy(exact, octets, kept);
			struct cl_cur c = cl_cur_make(exact, (uint32_t)kept, (uint32_t)n);
			struct cl_ntp_tail t = cl_ntp_tail_read(&c, cases[i].version);
			if ((what_of(&t) & ~cases[i].what) != 0 || t.fields > cases[i].fields)
				fail_msg("%s cut to %zu: %#x", cases[i].name, kept, what_of(&t));
			free(exact);
		}
	}
}

static void the_first_identifier_counts(void **state)
{
	uint8_t octets[128];
	size_t n =
		unhex("0104 0014 000102030405060708090a0b0c0d0e0f" EF28("0002") "0104 001c" Z16 Z8, octets);
	struct cl_cur c = cl_cur_make(octets, (uint32_t)n, (uint32_t)n);
	struct cl_ntp_tail t = cl_ntp_tail_read(&c, 4);

	(void)state;
	assert_ptr_equal(t.uid.ptr, octets + 4);
	assert_int_equal(t.uid.len, 16);
	assert_int_equal(t.fields, 3);
}

/* Every length of zeros: version 4 and below say MAC at RFC lengths alone. */
static void tails_of_zeros_by_length(void **state)
{
	static const uint8_t zeros[1024];

	(void)state;
	for (uint32_t n = 1; n <= sizeof(zeros); n++) {
		struct cl_cur c4 = cl_cur_make(zeros, n, n), c3 = c4;
		struct cl_ntp_tail t4 = cl_ntp_tail_read(&c4, 4), t3 = cl_ntp_tail_read(&c3, 3);
		bool mac3 = n == 12 || n == 20 || n == 24 || n == 36 || n == 52 || n == 68 || n == 72;

		assert_int_equal(t4.mac, n == 20 || n == 24);
		assert_int_equal(t3.mac, mac3);
		assert_int_equal(t4.crypto_nak, n == 4);
		assert_int_equal(t3.crypto_nak, n == 4);
		assert_int_equal(t4.bad, n != 4 && n != 20 && n != 24);
		assert_int_equal(t3.bad, n != 4 && !mac3);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_as_the_rfcs_have_them),
		cmocka_unit_test(a_cut_tail_is_not_bad),
		cmocka_unit_test(the_first_identifier_counts),
		cmocka_unit_test(tails_of_zeros_by_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

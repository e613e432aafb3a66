/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/softsign.h"
#include "stats/view/xmtclass.h"

#include <string.h>

#include "tests/unit/test_cmocka.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* 2017-10-05T06:32:42Z, as a capture has it, is 0xdd7f3a3a seconds after 1900. */
#define AT_NS	INT64_C(1506184954500000000)
#define SECONDS (UINT64_C(1506184954) + 2208988800u)

struct look_case {
	const char *what;
	uint64_t xmt;
	bool time;
	enum cl_xmt_seen seen;
};

/* Stamps of recorded programs, and the arithmetic of their sources by hand. */
static const struct look_case looks[] = {
	{ "macOS timed, lwIP", 0, false, CL_XMT_SEEN_ZERO },
	{ "chrony", 0x47acee1de48d02c7, false, CL_XMT_SEEN_RANDOM },
	{ "BusyBox, little-endian", 0x9169771b2791e655, false, CL_XMT_SEEN_RAND_LE },
	{ "BusyBox, both octets below 128", 0x0711bd731dcda907, false, CL_XMT_SEEN_RAND_BOTH },
	{ "rand() in network order", 0x123456f01a2b3cf0, false, CL_XMT_SEEN_RAND_BE },
	{ "systemd-timesyncd: 795240290 ns", 0xdd7bb72a2f966762, true, CL_XMT_SEEN_NS },
	{ "ntpd", 0xd944575531b4e978, true, CL_XMT_SEEN_NS },
	{ "ntpd, a fraction above 10^9", 0xe158296b5ce99661, true, CL_XMT_SEEN_CLOCK },
	{ "Android: 887 ms, the last octet random", 0xe1fcd68ee3126ecc, true, CL_XMT_SEEN_MS24 },
	{ "@hapi/sntp: 784 ms", 0xeeae9d92c8b43958, true, CL_XMT_SEEN_MS },
	{ "@hapi/sntp: 176 ms", 0xeeae9d952d0e5604, true, CL_XMT_SEEN_MS },
	{ "half a second", 0xeeae9d9280000000, true, CL_XMT_SEEN_DOUBLE },
	{ "no fraction", 0xeeae9d9200000000, true, CL_XMT_SEEN_SEC },
	{ "ntplib", 0xeeae9ca57c7f1800, true, CL_XMT_SEEN_DOUBLE },
	{ "ntpdig", 0xeeae25e190a98000, true, CL_XMT_SEEN_DOUBLE },
	{ "Net::NTP", 0xeeae9cab039ae854, true, CL_XMT_SEEN_DIGITS },
	{ "Net::NTP", 0xeeae9cac0322f8f8, true, CL_XMT_SEEN_DIGITS },
	{ "Net::NTP", 0xeeae9cae03317540, true, CL_XMT_SEEN_DIGITS },
	{ "1 us is 4294.967296 units, rounded down", 0xeeae9cae000010c6, true, CL_XMT_SEEN_US },
	{ "1 us, to the nearest", 0xeeae9cae000010c7, true, CL_XMT_SEEN_US },
	{ "half a microsecond is none", 0xeeae9cae00000863, true, CL_XMT_SEEN_NS },
	{ "check_ntp_time: 607556 us", 0xeeae9da69b88db05, true, CL_XMT_SEEN_US },
};

static void one_stamp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		enum cl_xmt_seen seen = cl_xmt_look(looks[i].xmt, looks[i].time);

		if (seen != looks[i].seen)
			fail_msg("%s: %d, not %d", looks[i].what, seen, looks[i].seen);
	}
}

static void offsets_wrap_with_eras(void **state)
{
	(void)state;
	assert_int_equal(cl_xmt_offset(SECONDS << 32, AT_NS), 0);
	assert_int_equal(cl_xmt_offset((SECONDS + 7) << 32 | 5, AT_NS), 7);
	assert_true(cl_xmt_near(cl_xmt_offset((SECONDS - 86399) << 32, AT_NS)));
	assert_false(cl_xmt_near(cl_xmt_offset((SECONDS - 86400) << 32, AT_NS)));
	/* 2036-02-07T06:28:16Z is 0 again (RFC 5905 sec. 6) */
	assert_int_equal(cl_xmt_offset(0, INT64_C(2085978496) * 1000000000), 0);
	assert_int_equal(cl_xmt_offset(UINT64_C(0xffffffff) << 32, INT64_C(2085978497) * 1000000000), -2);
}

struct fit_case {
	enum cl_xmt_class class;
	uint8_t n, hits;
	enum cl_xmt_seen hit, miss;
	enum cl_fit fit;
};

#define NS     CL_XMT_SEEN_NS
#define CLOCK  CL_XMT_SEEN_CLOCK
#define RANDOM CL_XMT_SEEN_RANDOM
#define LE     CL_XMT_SEEN_RAND_LE
#define BE     CL_XMT_SEEN_RAND_BE

static const struct fit_case fits[] = {
	{ CL_XMT_CLOCK_NS, 1, 1, NS, CLOCK, CL_FIT_NO }, /* 0.233 */
	{ CL_XMT_CLOCK_NS, 2, 2, NS, CLOCK, CL_FIT_POSSIBLE },
	{ CL_XMT_RAND63, 1, 1, LE, RANDOM, CL_FIT_NO }, /* 0.44 */
	{ CL_XMT_CLOCK_NS, 3, 3, NS, CLOCK, CL_FIT_POSSIBLE },
	{ CL_XMT_CLOCK_NS, 4, 4, NS, CLOCK, CL_FIT_PROVEN }, /* 0.003 */
	{ CL_XMT_CLOCK_NS, 4, 3, NS, CLOCK, CL_FIT_POSSIBLE },
	{ CL_XMT_CLOCK_NS, 16, 12, NS, CLOCK, CL_FIT_PROVEN }, /* a quarter may be odd */
	{ CL_XMT_CLOCK_NS, 16, 11, NS, CLOCK, CL_FIT_NO },
	{ CL_XMT_CLOCK_NS, 3, 2, NS, CLOCK, CL_FIT_NO },
	{ CL_XMT_CLOCK, 16, 16, NS, CLOCK, CL_FIT_PROVEN },
	{ CL_XMT_CLOCK, 1, 0, CLOCK, RANDOM, CL_FIT_NO },
	{ CL_XMT_RANDOM, 1, 1, RANDOM, CLOCK, CL_FIT_PROVEN },
	{ CL_XMT_RAND63, 3, 3, LE, RANDOM, CL_FIT_POSSIBLE },
	{ CL_XMT_RAND63, 16, 16, LE, RANDOM, CL_FIT_PROVEN },
	{ CL_XMT_RAND63, 16, 16, BE, RANDOM, CL_FIT_PROVEN },
	{ CL_XMT_RAND63, 16, 8, LE, BE, CL_FIT_NO }, /* one order or the other */
	{ CL_XMT_CONST, 1, 1, CL_XMT_SEEN_REPEAT, RANDOM, CL_FIT_POSSIBLE },
	{ CL_XMT_CONST, 2, 2, CL_XMT_SEEN_REPEAT, RANDOM, CL_FIT_PROVEN },
	{ CL_XMT_ZERO, 1, 1, CL_XMT_SEEN_ZERO, RANDOM, CL_FIT_PROVEN },
};

static void several_stamps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fits); i++) {
		const struct fit_case *c = &fits[i];
		uint8_t seen[CL_XMT_SEEN] = { 0 };

		seen[c->hit] = c->hits;
		seen[c->miss] = (uint8_t)(seen[c->miss] + c->n - c->hits);
		if (cl_xmt_fit(c->class, seen, c->n) != c->fit)
			fail_msg("case %zu: %d, not %d", i, cl_xmt_fit(c->class, seen, c->n), c->fit);
	}
}

static void the_most_special_class_wins(void **state)
{
	uint8_t seen[CL_XMT_SEEN] = { [CL_XMT_SEEN_NS] = 5 };

	(void)state;
	assert_int_equal(cl_xmt_vote(seen, 5), CL_XMT_CLOCK_NS);
	seen[CL_XMT_SEEN_CLOCK] = 11;
	assert_int_equal(cl_xmt_vote(seen, 16), CL_XMT_CLOCK);
	seen[CL_XMT_SEEN_RANDOM] = 16;
	assert_int_equal(cl_xmt_vote(seen, 32), CL_XMT_CLASSES);
}

/* Test vectors of the FNV reference code. */
static void names_of_unknown_ones_are_fnv(void **state)
{
	(void)state;
	assert_int_equal(cl_softsign_hash(""), 0x811c9dc5);
	assert_int_equal(cl_softsign_hash("a"), 0xe40c292c);
	assert_int_equal(cl_softsign_hash("foobar"), 0xbf9cf968);
}

struct sign_case {
	const char *text;
	uint8_t first, stratum, poll, precision;
	uint32_t delay, dispersion, refid;
	uint64_t ref, org, rec;
	uint16_t port;
	uint8_t tos;
	uint32_t length;
	uint8_t auth;
	enum cl_xmt_class class;
};

/* By hand from docs/signatures.md. */
static const struct sign_case signs[] = {
	{ "c4.00.p.20-000-zzz-R-e-t00-48", 0x23, 0, 6, 0x20, 0, 0, 0, 0, 0, 0, 40000, 0x03, 48, 0,
	  CL_XMT_RANDOM },
	{ "c4.30.p.fa-110-zzz-U-p-tb8-48", 0xe3, 0, 3, 0xfa, 0x10000, 0x10000, 0, 0, 0, 0, 123, 0xb8, 48, 0,
	  CL_XMT_CLOCK_US },
	{ "c3.1r.p.rr-rrr-sss-C-l-t00-68m", 0x5b, 2, 17, 0xed, 1, 2, 0x7f7f0101, 1, 1, 1, 1023, 0, 68,
	  CL_NTP_AUTH_MAC, CL_XMT_CLOCK },
	{ "s3.30.p.fa-0r0-zzz-X-p-t00-48", 0xd9, 0, 10, 0xfa, 0, 0x10290, 0, 0, 0, 0, 123, 0, 48, 0,
	  CL_XMT_CLASSES },
	{ "c4.30.p.rr-00a-zzz-Z-e-t00-48", 0xe3, 0, 6, 0xec, 0, 0, 0x314e3134, 0, 0, 0, 1337, 0, 48, 0,
	  CL_XMT_ZERO },
	{ "o1.0x.x.00-000-zzz-S-e-t00-nts", 0x08, 16, 0xff, 0, 0, 0, 0, 0, 0, 0, 1024, 0, 228,
	  CL_NTP_AUTH_NTS, CL_XMT_SEC },
};

static void signature_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signs); i++) {
		const struct sign_case *c = &signs[i];
		struct cl_event e;
		struct cl_note n;
		char text[CL_SOFTSIGN_LEN];

		memset(&e, 0, sizeof e);
		cl_note_clear(&n);
		e.sport = c->port;
		e.u.ntp = (struct cl_ntp){ .org = c->org,
					   .rec = c->rec,
					   .version = c->first >> 3 & 7,
					   .mode = c->first & 7,
					   .stratum = c->stratum,
					   .poll = c->poll };
		n.leap = c->first >> 6;
		n.precision = (int8_t)c->precision;
		n.root_delay = c->delay;
		n.root_dispersion = c->dispersion;
		n.refid = c->refid;
		n.ref = c->ref;
		n.ip_tos = c->tos;
		n.length = c->length;
		n.auth = c->auth;
		struct cl_softsign g = cl_softsign_of(&e, &n);
		assert_int_equal(cl_softsign_text(&g, c->class, text), strlen(c->text));
		assert_string_equal(text, c->text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_stamp),
		cmocka_unit_test(offsets_wrap_with_eras),
		cmocka_unit_test(several_stamps),
		cmocka_unit_test(the_most_special_class_wins),
		cmocka_unit_test(names_of_unknown_ones_are_fnv),
		cmocka_unit_test(signature_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "dissect/ntp/refid.h"

#include "tests/unit/ntp_payload.h"

static uint32_t code(const char *s)
{
	uint8_t o[4] = { 0 };

	memcpy(o, s, strlen(s));
	return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

static void assert_table(const struct cl_name *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char word[5] = { (char)(rows[i].value >> 24), (char)(rows[i].value >> 16 & 255),
				 (char)(rows[i].value >> 8 & 255), (char)(rows[i].value & 255), 0 };

		if (i > 0)
			assert_true(rows[i - 1].value < rows[i].value);
		/* the text begins with the code's letters */
		assert_memory_equal(rows[i].name, word, strlen(word));
		assert_memory_equal(rows[i].name + strlen(word), ": ", 2);
	}
}

/* RFC 5905 fig. 12 and 13, RFC 8915 sec. 5.7. */
static void codes_of_the_registry(void **state)
{
	static const char *const clocks[] = { "GOES", "GPS",  "GAL",  "PPS",  "IRIG", "WWVB", "DCF",
					      "HBG",  "MSF",  "JJY",  "LORC", "TDF",  "CHU",  "WWV",
					      "WWVH", "NIST", "ACTS", "USNO", "PTB",  "DFM" };
	static const char *const kisses[] = { "ACST", "AUTH", "AUTO", "BCST", "CRYP", "DENY", "DROP", "RSTR",
					      "INIT", "MCST", "NKEY", "NTSN", "RATE", "RMOT", "STEP" };

	(void)state;
	assert_table(cl_refid_clocks, cl_refid_clock_count);
	assert_table(cl_refid_kisses, cl_refid_kiss_count);
	assert_int_equal(cl_refid_kiss_count, COUNT(kisses));
	for (size_t i = 0; i < COUNT(clocks); i++)
		assert_non_null(cl_refid_clock(code(clocks[i])));
	for (size_t i = 0; i < COUNT(kisses); i++)
		assert_non_null(cl_refid_kiss(code(kisses[i])));
	assert_null(cl_refid_clock(code("RATE")));
	assert_null(cl_refid_kiss(code("GPS")));
}

static void kinds(void **state)
{
	static const struct {
		uint32_t refid;
		unsigned mode, stratum;
		enum cl_refid_kind kind;
	} cases[] = {
		{ 0, 3, 0, CL_REFID_NONE },
		{ 0, 4, 0, CL_REFID_NONE },
		{ 0x52415445, 4, 0, CL_REFID_KISS },
		{ 0x52415445, 2, 0, CL_REFID_KISS },
		{ 0x494e4954, 3, 0, CL_REFID_STATE },
		{ 0x494e4954, 1, 0, CL_REFID_STATE },
		{ 0x494e4954, 5, 0, CL_REFID_STATE },
		{ 0x494e4954, 4, 16, CL_REFID_STATE },
		{ 0x47505300, 4, 1, CL_REFID_CLOCK },
		{ 0x47505320, 4, 1, CL_REFID_CLOCK },
		{ 0x47005300, 4, 1, CL_REFID_OTHER },
		{ 0x00505300, 4, 1, CL_REFID_OTHER },
		{ 0x47505300, 4, 2, CL_REFID_UPSTREAM },
		{ 0xc0000201, 4, 2, CL_REFID_UPSTREAM },
		{ 0xc0000201, 4, 15, CL_REFID_UPSTREAM },
		{ 0x00000201, 4, 2, CL_REFID_HASH },
		{ 0x7f020201, 4, 2, CL_REFID_HASH },
		{ 0xe0000201, 4, 2, CL_REFID_HASH },
		{ 0xff000201, 4, 2, CL_REFID_HASH },
		{ 0xfe000201, 4, 2, CL_REFID_SMEAR },
		{ 0x7f7f0101, 4, 1, CL_REFID_CHRONY_LOCAL },
		{ 0x7f7f0101, 4, 10, CL_REFID_CHRONY_LOCAL },
		{ 0x7f7f01ff, 4, 3, CL_REFID_CHRONY_SMOOTHING },
		{ 0x7f7f1400, 4, 1, CL_REFID_REFCLOCK },
		{ 0x7f000001, 4, 3, CL_REFID_LOOPBACK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (cl_refid_kind(cases[i].refid, cases[i].mode, cases[i].stratum, NULL) != cases[i].kind)
			fail_msg("%#x in mode %u, stratum %u", cases[i].refid, cases[i].mode,
				 cases[i].stratum);
}

#ifdef HAVE_LIBCRYPTO
/* md5sum of the address. */
#define ONE_TEXT "20010db8000000000000000000000001"
#define ONE_HEX	 "39ab9b37"
#define ONE_HASH 0x39ab9b37u

static void addresses_seen(void **state)
{
	struct cl_refids *r = cl_refids_new(5);
	struct cl_addr a;
	uint32_t seen = 0;

	(void)state;
	assert_non_null(r);
	assert_int_equal(unhex(ONE_TEXT, a.b), 16);
	assert_null(cl_refids_find(r, ONE_HASH));
	cl_refids_see(r, &a);
	cl_refids_see(r, &a);
	assert_memory_equal(cl_refids_find(r, ONE_HASH)->b, a.b, 16);
	assert_int_equal(cl_refid_kind(ONE_HASH, 4, 2, r), CL_REFID_IPV6);
	assert_int_equal(cl_refid_kind(ONE_HASH, 4, 2, NULL) == CL_REFID_IPV6, 0);
	for (unsigned i = 0; i < CL_REFID_ADDRESSES + 10; i++) {
		a.b[8] = (uint8_t)(i >> 8);
		a.b[9] = (uint8_t)i;
		a.b[1] = 2;
		cl_refids_see(r, &a);
		seen++;
	}
	assert_int_equal(cl_refids_refused(r), seen + 1 - CL_REFID_ADDRESSES);
	cl_refids_free(r);
	cl_refids_free(NULL);
}

/* The server's upstream is seen as a packet of its own: IPv6, then an answer that names it. */
static void an_upstream_seen_before(void **state)
{
	static const char upstream[] =
		"60000000 0038 11 40 20010db8000000000000000000000001 20010db80000000000000000000000ff"
		"007b c350 0038 0000" SERVER;
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	assert_int_equal(rig_hex(&r, CL_LINKTYPE_RAW, upstream), CL_FATE_COUNTED);
	feed_payload(&r, ROOT("2403", ONE_HEX) TIMES, true);
	assert_shows(&r, "ntp.refid.kind=6");
	assert_shows(&r, "ntp.refid.ipv6=" ONE_TEXT);
	rig_close(&r);
}
#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_the_registry),
		cmocka_unit_test(kinds),
#ifdef HAVE_LIBCRYPTO
		cmocka_unit_test(addresses_seen),
		cmocka_unit_test(an_upstream_seen_before),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

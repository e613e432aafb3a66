/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/signatures.h"

#include <stdio.h>

#include "tests/unit/software_rig.h"

static size_t rows_of(const struct cl_signatures *s, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rows; i++)
		n += strcmp(s->row[i].name, name) == 0;
	return n;
}

/* Names that reference tables and Debian's packages have. */
static void the_table_is_built_in(void **state)
{
	static const char *const names[] = { "chrony",		"NTPsec ntpd",	     "OpenNTPD",
					     "BusyBox ntpd",	"systemd-timesyncd", "ntp.org ntpd",
					     "ntp.org ntpdate", "ntp.org sntp",	     "Windows time",
					     "Timeroast",	"monlist",	     "Arduino NTPClient" };
	struct cl_signatures *s = cl_signatures_new();

	(void)state;
	assert_non_null(s);
	assert_true(s->rows >= 50);
	for (size_t i = 0; i < COUNT(names); i++)
		if (rows_of(s, names[i]) == 0)
			fail_msg("no row for %s", names[i]);
	for (size_t i = 0; i < s->rows; i++) {
		assert_false(s->row[i].added);
		assert_true(s->row[i].terms > 0);
		if (s->row[i].kind == CL_SIG_CLIENT && s->row[i].apart)
			fail_msg("%s is a client by a mode that makes none", s->row[i].name);
	}
	cl_signatures_free(s);
	cl_signatures_free(NULL);
}

#define ROW(header, xmt, port, tos, length, family, behaviour)                                               \
	"client\tMine\t1.2\tM\t3\t" header "\t" xmt "\t" port "\t" tos "\t" length "\t" family               \
	"\t" behaviour "\tme"

struct row_case {
	const char *row, *wrong; /* wrong: NULL: it is right */
};

static const struct row_case rows[] = {
	{ ROW("mode=3", "*", "*", "*", "*", "*", "*"), NULL },
	{ ROW("*", "random", "kept", "b8", "48|68", "6", "gap=2..64>=50% rate>=3"), NULL },
	{ ROW("vn=3..4|!0 refid='GPS' rec=1/1 empty unstamped", "clock|zero", "123|1024..2000", "10|48", "*",
	      "4", "*"),
	  NULL },
	{ "client\tMine\t1\tM\t3\tmode=3\t*\t*\t*\t*\t*\t*", "fewer than 13 columns with tabs between" },
	{ "friend\tMine\t1\tM\t3\tmode=3\t*\t*\t*\t*\t*\t*\tme",
	  "the kind is not client, tool, scanner or attack" },
	{ "client\t\t1\tM\t3\tmode=3\t*\t*\t*\t*\t*\t*\tme", "no name" },
	{ "client\tMine\t1\tX\t3\tmode=3\t*\t*\t*\t*\t*\t*\tme", "the confidence is not H, M or L" },
	{ "client\tMine\t1\tM\t10\tmode=3\t*\t*\t*\t*\t*\t*\tme", "the rank is not a digit" },
	{ ROW("mode", "*", "*", "*", "*", "*", "*"), "a word of the header is not FIELD=VALUE" },
	{ ROW("mood=3", "*", "*", "*", "*", "*", "*"), "the header has no such field" },
	{ ROW("mode=three", "*", "*", "*", "*", "*", "*"),
	  "a value is neither a number nor four characters in quotes" },
	{ ROW("refid='TOOLONG'", "*", "*", "*", "*", "*", "*"),
	  "a value is neither a number nor four characters in quotes" },
	{ ROW("mode=4..3", "*", "*", "*", "*", "*", "*"), "a range ends before it begins" },
	{ ROW("mode=3", "often", "*", "*", "*", "*", "*"), "no such class of transmit timestamps" },
	{ ROW("mode=3", "*", "*", "*", "*", "*", "gap=3..4>=50%"),
	  "a gap is not LOW..HIGH>=SHARE%, of seconds 0, 1, 2, 4 to 2048" },
	{ ROW("mode=3", "*", "*", "*", "*", "*", "gap=4..2>=50%"),
	  "a gap is not LOW..HIGH>=SHARE%, of seconds 0, 1, 2, 4 to 2048" },
	{ ROW("mode=3", "*", "*", "*", "*", "*", "gap=1..2>=101%"),
	  "a gap is not LOW..HIGH>=SHARE%, of seconds 0, 1, 2, 4 to 2048" },
	{ ROW("mode=3", "*", "*", "*", "*", "*", "rate>=0"),
	  "a behaviour is neither gap=LOW..HIGH>=SHARE% nor rate>=N" },
	{ ROW("empty empty empty empty empty empty", "*", "*", "*", "*", "*", "*"),
	  "more terms than a row holds (32)" },
};

static void rows_are_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cl_signatures *s = cl_signatures_new();
		const size_t before = s->rows;
		const char *wrong = cl_signatures_add(s, rows[i].row);

		if (rows[i].wrong == NULL)
			assert_null(wrong);
		else
			assert_string_equal(wrong, rows[i].wrong);
		assert_int_equal(s->rows, before + (rows[i].wrong == NULL));
		cl_signatures_free(s);
	}
}

static void rows_of_users_replace_a_name(void **state)
{
	static const char row[] = "client\tchrony\t9\tM\t3\tmode=3\t*\t*\t*\t*\t*\t*\tme";
	struct cl_signatures *s = cl_signatures_new();
	const size_t before = s->rows, chrony = rows_of(s, "chrony");

	(void)state;
	assert_true(chrony > 2);
	assert_null(cl_signatures_add(s, row));
	assert_int_equal(s->rows, before - chrony + 1);
	assert_null(cl_signatures_add(s, row)); /* a second of the user's */
	assert_int_equal(rows_of(s, "chrony"), 2);
	while (s->rows < CL_SIG_ROWS_MAX)
		assert_null(cl_signatures_add(s, row));
	assert_string_equal(cl_signatures_add(s, row), "more than 256 rows of signatures");
	cl_signatures_free(s);
}

/* Whether a row fits, of which the header's tests are given. */
static bool fits(const struct ask *a, const char *columns)
{
	struct cl_signatures *s = cl_signatures_new();
	char row[512];

	snprintf(row, sizeof row, "client\tMine\t-\tM\t3\t%s\t*\tme", columns);
	assert_null(cl_signatures_add(s, row));
	struct cl_sig_bits bits = cl_signatures_match(s, &a->e, &a->n);
	bool fit = cl_sig_has(&bits, s->rows - 1);
	cl_signatures_free(s);
	return fit;
}

struct match_case {
	const char *columns; /* header to family */
	bool fits;
};

/* Against ntpd's request of 2011 (85.22.62.120): LI 0, version 4, stratum 2, poll 7, precision -21. */
static const struct match_case matches[] = {
	{ "mode=3\t*\t*\t*\t*\t*", true },
	{ "mode=1\t*\t*\t*\t*\t*", false },
	{ "mode=1|3\t*\t*\t*\t*\t*", true },
	{ "mode=!3\t*\t*\t*\t*\t*", false },
	{ "li=0 vn=4 stratum=2 poll=7 precision=0xeb\t*\t*\t*\t*\t*", true },
	{ "li=0 vn=4 stratum=2 poll=6 precision=0xeb\t*\t*\t*\t*\t*", false },
	{ "precision=0xe0..0xf8\t*\t*\t*\t*\t*", true },
	{ "precision=0xec..0xf8\t*\t*\t*\t*\t*", false },
	{ "rootdelay=0x450 rootdisp=0x3ab refid=0x83bc03df\t*\t*\t*\t*\t*", true },
	{ "ref=0xd94f51c33165b860 org=!0 rec=0xe978/0xffff\t*\t*\t*\t*\t*", true },
	{ "rec=1/1\t*\t*\t*\t*\t*", false },
	{ "rec=0/1\t*\t*\t*\t*\t*", true },
	{ "empty\t*\t*\t*\t*\t*", false },
	{ "mode=3\t*\t123\t*\t*\t*", true },
	{ "mode=3\t*\tephemeral\t*\t*\t*", false },
	{ "mode=3\t*\tnew\t*\t*\t*", false },
	{ "mode=3\t*\t*\tb8\t*\t*", true }, /* the two bits of ECN do not count */
	{ "mode=3\t*\t*\tb8|c0\t48\t4", true },
	{ "mode=3\t*\t*\t0\t48\t4", false },
	{ "mode=3\t*\t*\t*\t68\t*", false },
	{ "mode=3\t*\t*\t*\t*\t6", false },
	{ "opcode=0\t*\t*\t*\t*\t*", true },
	{ "mode=6\t*\t*\t*\t*\t*", false }, /* about messages apart */
};

static void tests_on_fields(void **state)
{
	struct ask a;

	(void)state;
	ask_header(&a,
		   "230207eb 00000450 000003ab 83bc03df d94f51c33165b860 d944575530336fd0 d944575531b4e978");
	a.e.sport = 123;
	a.n.ip_tos = 0xb9;
	for (size_t i = 0; i < COUNT(matches); i++)
		if (fits(&a, matches[i].columns) != matches[i].fits)
			fail_msg("%s", matches[i].columns);
	ask_header(&a,
		   "e30006e8 00000000 00000002 47505300 0000000000000000 0000000000000000 0000000000000000");
	assert_true(fits(&a, "refid='GPS'\t*\t*\t*\t*\t*"));
	assert_true(fits(&a, "refid='INIT'|'GPS'\t*\t*\t*\t*\t*"));
	assert_false(fits(&a, "refid='GP'\t*\t*\t*\t*\t*"));
	a.e.src = address("2001:db8::1");
	assert_true(fits(&a, "mode=3 unstamped\t*\t*\t*\t*\t6"));
}

/* Bounds are 2^(k + 1/2) s: 0.707, 1.414, 2.828, 5.657. */
static void buckets_of_gaps(void **state)
{
	(void)state;
	assert_int_equal(cl_gap_bucket(0), 0);
	assert_int_equal(cl_gap_bucket(707 * MS), 0);
	assert_int_equal(cl_gap_bucket(708 * MS), 1);
	assert_int_equal(cl_gap_bucket(SECOND), 1);
	assert_int_equal(cl_gap_bucket(2 * SECOND), 2);
	assert_int_equal(cl_gap_bucket(2829 * MS), 3);
	assert_int_equal(cl_gap_bucket(64 * SECOND), 7);
	assert_int_equal(cl_gap_bucket(1024 * SECOND), 11);
	assert_int_equal(cl_gap_bucket(2048 * SECOND), 12);
	assert_int_equal(cl_gap_bucket(INT64_MAX), 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_built_in),
		cmocka_unit_test(rows_are_read_or_refused),
		cmocka_unit_test(rows_of_users_replace_a_name),
		cmocka_unit_test(tests_on_fields),
		cmocka_unit_test(buckets_of_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

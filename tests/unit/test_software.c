/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/view/software.h"

#include <stdio.h>

#include "tests/unit/software_rig.h"

/* How the transmit timestamps of a client are made. */
enum stamp { ZERO, RANDOM, RAND31, TIME, TIME_NS, TIME_MS24, TIME_US, SAME, WRONG_TIME };

/* A client by what the reference table says of it (reference, section 3.8), with the name it must get. */
struct client_case {
	const char *name;
	const char *header; /* 40 octets */
	enum stamp stamp;
	uint16_t port; /* 0: another each time; 1: one ephemeral port */
	uint8_t tos;
	bool v6;
	uint8_t n;
	int gap_ms;
	uint8_t confidence;
};

#define Z	  "00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000"
#define UNSTAMPED "0000000000000000 0000000000000000 0000000000000000"
#define L	  CL_SIG_LOW
#define M	  CL_SIG_MEDIUM
#define H	  CL_SIG_HIGH

static const struct client_case clients[] = {
	{ "chrony", "23000620" Z, RANDOM, 0, 0, false, 16, 64000, H },
	{ "chrony", "23000620" Z, RANDOM, 0, 0, true, 1, 64000, M },
	{ "chrony", "1b000620" Z, RANDOM, 0, 0, false, 5, 64000, H },
	{ "chrony", "23000620 00000000 00000000 00000000 0000000000000000 eeae25cd87805f23 80e4f645a7924c92",
	  RANDOM, 0, 0, false, 5, 64000, H },
	{ "NTPsec ntpd", "23000020" Z, RANDOM, 123, 0xb8, false, 5, 64000, H },
	{ "Go beevik/ntp", "23000020" Z, RANDOM, 0, 0, false, 8, 60000, M },
	{ "chrony or Go beevik/ntp or NTP Pool monitor", "23000020" Z, RANDOM, 0, 0, false, 1, 0, L },
	{ "ntpd-rs", "23000600" Z, RANDOM, 0, 0, false, 8, 64000, M },
	{ "OpenNTPD", "23000000" Z, RANDOM, 1, 0x10, false, 8, 5000, H },
	{ "OpenNTPD", "23000000" Z, RANDOM, 1, 0, true, 8, 5000, M },
	{ "BusyBox ntpd", "23000000" Z, RAND31, 0, 0x48, false, 8, 32000, H },
	{ "BusyBox ntpd", "23000000" Z, RAND31, 0, 0, true, 8, 32000, M },
	{ "systemd-timesyncd", "23000000" Z, TIME_NS, 0, 0x10, false, 8, 32000, H },
	{ "systemd-timesyncd", "23000000" Z, RANDOM, 0, 0xb8, true, 8, 32000, H },
	{ "minimised-unknown", "23000000" Z, RANDOM, 0, 0, false, 8, 32000, L },
	{ "Android SntpClient", "1b000000" Z, TIME_MS24, 0, 0, false, 1, 0, M },
	{ "macOS timed", "23000000" Z, ZERO, 0, 0, false, 4, 1000, M },
	{ "lwIP SNTP", "23000000" Z, ZERO, 1, 0, false, 5, 15000, M },
	{ "macOS timed or lwIP SNTP", "23000000" Z, ZERO, 0, 0, false, 1, 0, L },
	{ "Arduino NTPClient", "e30006ec 00000000 00000000 314e3134" UNSTAMPED, ZERO, 1337, 0, false, 5,
	  60000, H },
	{ "ntp.org ntpd", "e30006e8 00000000 00000002 494e4954" UNSTAMPED, TIME, 123, 0xb8, true, 4, 64000,
	  H },
	{ "ntp.org ntpd",
	  "230207eb 00000450 000003ab 83bc03df d94f51c33165b860 d944575530336fd0 d944575531b4e978", TIME, 123,
	  0, false, 4, 64000, H },
	{ "ntp.org ntpdate", "e30003fa 00010000 00010000 00000000" UNSTAMPED, TIME, 0, 0, false, 4, 2000, H },
	{ "ntp.org sntp", "e3000800" Z, TIME, 0, 0, false, 4, 2000, M },
	{ "toybox sntp", "e3000800" Z, TIME, 0, 0, false, 4, 1, M },
	{ "ios-ntp", "230004fa 00010000 00010000 00000000" UNSTAMPED, TIME, 0, 0, false, 4, 2000, H },
	{ "Kronos", "1b0004fa 00010000 00010000 00000000" UNSTAMPED, TIME, 0, 0, false, 4, 2000, M },
	{ "RIPE Atlas probe or clock-unknown", "23000000" Z, TIME_US, 1, 0, false, 3, 30, L },
	{ "Windows time", "d9000afa 00000000 00010290 00000000" UNSTAMPED, TIME, 123, 0, false, 5, 1024000,
	  H },
	{ "Windows time",
	  "1b0306fa 00000200 000a0290 c0000201 eeae25cd87805f23 0000000000000000 0000000000000000", TIME, 123,
	  0, false, 5, 1024000, H },
	{ "Windows time",
	  "db0011e9 00000000 00010000 00000000 eeae25cd87805f23 0000000000000000 0000000000000000", TIME, 123,
	  0, false, 5, 1024000, M },
	{ "ntp.org ntpdate", "e30003fa 00010000 00010000 00000000" UNSTAMPED, WRONG_TIME, 0, 0, false, 4,
	  2000, H },
	{ "ntp.org ntpdate", "e30003fa 00010000 00010000 00000000" UNSTAMPED, WRONG_TIME, 0, 0, false, 2,
	  2000, H },
	{ "lwIP SNTP", "23000000" Z, ZERO, 1, 0, false, 3, 15000, L }, /* alone, but not proven */
	/* what timesyncd sends, but from one port */
	{ "minimised-unknown", "23000000" Z, RANDOM, 1, 0xb8, true, 8, 32000, L },
	/* nobody: FNV-1a of c4.00.0.00-100-zzz-R-e-t00-48 */
	{ "unknown:62588810", "23000000 00010000 00000000 00000000" UNSTAMPED, RANDOM, 0, 0, false, 4, 2000,
	  L },
};

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* 2^-32 s of a number of parts of a second. */
static uint32_t fraction(uint64_t part, uint64_t parts)
{
	return (uint32_t)((part << 32) / parts);
}

static uint64_t stamp_of(enum stamp stamp, int64_t time_ns, uint64_t *seed)
{
	const uint64_t seconds = (uint64_t)(time_ns / SECOND + NTP_1970) << 32;
	const uint64_t ns = next_random(seed) % 1000000000;

	switch (stamp) {
	case ZERO:
		return 0;
	case RANDOM:
		return next_random(seed);
	case RAND31: /* as stored on a little-endian machine */
		return next_random(seed) & 0xffffff7fffffff7f;
	case TIME:
		return seconds | fraction(ns, 1000000000);
	case TIME_NS:
		return seconds | ns;
	case TIME_MS24:
		return seconds | (fraction(ns / 1000000, 1000) & 0xffffff00) | (ns & 0xff);
	case TIME_US:
		return seconds | fraction(ns / 1000, 1000000);
	case SAME:
		return 0x1122334455667788;
	case WRONG_TIME: /* since 1970, and drifting */
		return ((uint64_t)(time_ns / SECOND - T0_S + NTP_1970) << 32) + fraction(ns / 3, 1000000000);
	}
	return 0;
}

/* The i-th request of a client. */
static struct ask request_of(const struct client_case *c, unsigned i, uint64_t *seed)
{
	struct ask a;

	ask_header(&a, c->header);
	if (c->v6)
		a.e.src = address("2001:db8::1");
	a.n.ip_tos = c->tos;
	a.e.sport = c->port > 1 ? c->port : (uint16_t)(40000 + (c->port == 0 ? 7 * i : 0));
	a.e.time_ns += (int64_t)i * c->gap_ms * MS;
	a.e.u.ntp.xmt = stamp_of(c->stamp, a.e.time_ns, seed);
	return a;
}

static void take_client(struct cl_software *s, const struct client_case *c)
{
	uint64_t seed = 88172645463325252u;

	for (unsigned i = 0; i < c->n; i++) {
		struct ask a = request_of(c, i, &seed);

		take_ask(s, &a);
	}
}

static struct cl_signatures *sigs;

static int load(void **state)
{
	(void)state;
	sigs = cl_signatures_new();
	return sigs == NULL;
}

static int unload(void **state)
{
	(void)state;
	cl_signatures_free(sigs);
	return 0;
}

static struct cl_software *begin(void)
{
	struct cl_software *s = cl_software_new(sigs, 5, NULL);

	assert_non_null(s);
	return s;
}

static void clients_of_the_table_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		struct cl_software *s = begin();
		struct cl_software_client c;

		take_client(s, &clients[i]);
		assert_true(cl_software_top(s, 10, 0, &c));
		if (strcmp(c.group->name, clients[i].name) != 0 || c.confidence != clients[i].confidence)
			fail_msg("case %zu: %s (%d), not %s (%d)", i, c.group->name, c.confidence,
				 clients[i].name, clients[i].confidence);
		assert_int_equal(c.requests, clients[i].n);
		assert_false(cl_software_top(s, 10, 1, &c));
		assert_non_null(cl_software_group(s, 0));
		assert_null(cl_software_group(s, 1));
		cl_software_free(s);
	}
}

static const struct client_case *client_named(const char *name)
{
	size_t i = 0;

	while (strcmp(clients[i].name, name) != 0)
		i++;
	return &clients[i];
}

static const char *name_of(struct cl_software *s)
{
	struct cl_addr a = address("198.51.100.1");

	return cl_software_of(s, &a);
}

/* One request of something else among eight, wherever it stands. */
static void one_odd_packet_changes_nothing(void **state)
{
	static const char *const names[] = { "chrony", "OpenNTPD", "BusyBox ntpd", "systemd-timesyncd" };

	(void)state;
	for (size_t k = 0; k < COUNT(names); k++) {
		for (unsigned odd = 0; odd < 8; odd++) {
			struct client_case c = *client_named(names[k]);
			struct cl_software *s = begin();
			uint64_t seed = 88172645463325252u;

			for (unsigned i = 0; i < 8; i++) {
				struct ask a =
					request_of(i == odd ? client_named("ntp.org ntpdate") : &c, i, &seed);

				a.e.time_ns = T0_S * SECOND + (int64_t)i * c.gap_ms * MS;
				take_ask(s, &a);
			}
			assert_string_equal(name_of(s), names[k]);
			cl_software_free(s);
		}
	}
}

/* Several programs behind one address, in turn. */
static void two_programs_are_both_named(void **state)
{
	struct cl_software *s = begin();
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		struct ask a = request_of(client_named(i % 3 == 0 ? "ntp.org ntpdate" : "chrony"), i, &seed);

		a.e.time_ns = T0_S * SECOND + (int64_t)i * 10 * SECOND;
		a.e.u.ntp.xmt = stamp_of(i % 3 == 0 ? TIME : RANDOM, a.e.time_ns, &seed);
		take_ask(s, &a);
	}
	assert_string_equal(name_of(s), "chrony and ntp.org ntpdate");
	assert_false(cl_software_group(s, 0)->ambiguous);
	assert_int_equal(cl_software_group(s, 0)->confidence[M], 1);
	cl_software_free(s);
}

/* Of equal rank: one has more requests than the other, but not all. */
static void two_programs_of_one_rank(void **state)
{
	struct cl_software *s = begin();
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct ask a = request_of(client_named(i % 8 < 5 ? "chrony" : "NTPsec ntpd"), i, &seed);

		take_ask(s, &a);
	}
	assert_string_equal(name_of(s), "chrony and NTPsec ntpd");
	cl_software_free(s);
}

/* What was asked long ago does not vote. */
static void the_last_sixteen_vote(void **state)
{
	struct cl_software *s = begin();
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct ask a = request_of(client_named(i < 84 ? "ntp.org ntpdate" : "chrony"), i, &seed);

		take_ask(s, &a);
	}
	assert_string_equal(name_of(s), "chrony");
	assert_int_equal(cl_software_group(s, 0)->requests, 100);
	cl_software_free(s);
}

/* A stamp that stays is a scanner's, also one that nobody knows; not the same stamp in a round of servers. */
static void constant_stamps_are_apart(void **state)
{
	struct client_case same = { "", "23000300" Z, SAME, 0, 0, false, 6, 2000, L };
	struct cl_software *s = begin();
	struct cl_software_totals t;

	(void)state;
	take_client(s, &same);
	cl_software_totals(s, &t);
	assert_int_equal(t.clients, 0);
	assert_int_equal(t.requests, 0);
	assert_null(cl_software_group(s, 0));
	assert_string_equal(cl_software_apart(s, 0)->name, "constant transmit stamp");
	assert_int_equal(cl_software_apart(s, 0)->packets, 6);
	assert_true(cl_software_apart(s, 0)->unweighed);
	cl_software_free(s);

	s = begin();
	for (unsigned i = 0; i < 7; i++) { /* Windows: seven servers within 5 ms */
		struct ask a = request_of(client_named("Windows time"), 0, &(uint64_t){ 3 });

		a.e.dst.b[15] = (uint8_t)i;
		a.e.time_ns += i * MS;
		take_ask(s, &a);
	}
	assert_string_equal(name_of(s), "Windows time");
	cl_software_free(s);
}

static const struct cl_software_apart *apart_named(struct cl_software *s, const char *name)
{
	const struct cl_software_apart *a;

	for (size_t i = 0; (a = cl_software_apart(s, i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	fail_msg("%s is not there", name);
	abort(); /* fail_msg does not come back */
}

/* Packets of nmap's and the Timeroast tools', as their sources have them. */
static void scanners_of_mode_3_are_apart(void **state)
{
	struct cl_software *s = begin();
	struct cl_software_totals t;
	struct ask a;

	(void)state;
	ask_header(&a, "e30004fa 00010000 00010000 00000000" UNSTAMPED);
	a.e.u.ntp.xmt = 0xc54f234b71b152f3;
	take_answered(s, &a, 48);
	ask_header(&a,
		   "db0011e9 00000000 00010000 00000000 e1b8407debc7e506 0000000000000000 0000000000000000");
	a.e.u.ntp.xmt = 0xe1b8428bffbfcd0a;
	a.n.length = 68;
	a.e.src = address("2001:db8::66");
	for (unsigned i = 0; i < 180; i++)
		take_answered(s, &a, 68);
	a.e.time_ns += SECOND;
	take_ask(s, &a);
	const struct cl_software_apart *nmap = apart_named(s, "nmap, zmap or Metasploit");
	assert_int_equal(nmap->kind, CL_SIG_SCANNER);
	assert_int_equal(nmap->sources4, 1);
	assert_int_equal(nmap->answered_octets, 48);
	const struct cl_software_apart *roast = apart_named(s, "Timeroast");
	assert_int_equal(roast->kind, CL_SIG_ATTACK);
	assert_int_equal(roast->sources, 1);
	assert_int_equal(roast->sources4, 0);
	assert_int_equal(roast->packets, 181);
	assert_int_equal(roast->octets, 181 * 68);
	assert_int_equal(roast->answers, 180);
	assert_int_equal(roast->peak, 180);
	assert_int_equal(roast->last_ns - roast->first_ns, SECOND);
	assert_ptr_equal(cl_software_apart(s, 0), roast); /* most packets first */
	cl_software_totals(s, &t);
	assert_int_equal(t.clients, 0);
	cl_software_free(s);
}

/* Two questions for all variables; nine and ten questions for the list of clients within a second. */
static void modes_6_and_7_are_apart(void **state)
{
	struct cl_software *s = begin();
	struct cl_software_totals t;
	struct ask a;

	(void)state;
	ask_control(&a, "1602000000000000", 12);
	take_ask(s, &a);
	a.e.src = address("198.51.100.2");
	take_ask(s, &a);
	ask_control(&a, "d602000200004567", 12); /* ntpq, of one association */
	a.e.src = address("198.51.100.3");
	take_ask(s, &a);
	ask_control(&a, "1700032a00000000", 8);
	a.e.src = address("198.51.100.4");
	for (unsigned i = 0; i < 9; i++)
		take_ask(s, &a);
	a.e.src = address("198.51.100.5");
	for (unsigned i = 0; i < 10; i++)
		take_ask(s, &a);
	ask_control(&a, "9700032a00050048", 368);
	a.e.src = address("192.0.2.1");
	a.e.dst = address("198.51.100.5");
	for (unsigned i = 0; i < 100; i++)
		take_ask(s, &a);
	a.e.dst = address("198.51.100.6"); /* who did not ask */
	take_ask(s, &a);
	assert_int_equal(apart_named(s, "mode 6 version scan")->sources, 2);
	assert_int_equal(apart_named(s, "mode 6 query")->kind, CL_SIG_TOOL);
	assert_int_equal(apart_named(s, "monlist")->kind, CL_SIG_SCANNER);
	assert_int_equal(apart_named(s, "monlist")->packets, 9);
	const struct cl_software_apart *flood = apart_named(s, "monlist flood");
	assert_int_equal(flood->kind, CL_SIG_ATTACK);
	assert_int_equal(flood->packets, 10);
	assert_int_equal(flood->octets, 80);
	assert_int_equal(flood->answers, 100);
	assert_int_equal(flood->answered_octets, 36800);
	cl_software_totals(s, &t);
	assert_int_equal(t.unasked, 1);
	assert_int_equal(t.clients, 0);
	cl_software_free(s);
}

static void shares_by_server(void **state)
{
	struct cl_software *s = begin();
	struct client_case c = *client_named("chrony");
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (unsigned i = 0; i < 12; i++) { /* three clients, the third asks both servers */
		struct ask a = request_of(&c, i, &seed);

		a.e.src.b[15] = (uint8_t)(i % 3);
		a.e.dst = address(i % 3 == 0 || (i % 3 == 2 && i > 6) ? "192.0.2.1" : "2001:db8::123");
		take_ask(s, &a);
	}
	const struct cl_software_share *one = cl_software_share(s, 0), *two = cl_software_share(s, 1);
	assert_null(cl_software_share(s, 2));
	assert_true(cl_addr_is_v4(&one->server));
	assert_int_equal(one->clients, 2);
	assert_int_equal(one->requests, 6);
	assert_int_equal(two->clients, 2);
	assert_int_equal(two->requests, 6);
	assert_string_equal(two->group->name, "chrony");
	assert_int_equal(cl_software_group(s, 0)->clients4, 3);
	assert_int_equal(cl_software_group(s, 0)->requests, 12);
	cl_software_free(s);
}

/* Clients beyond the limit are given up and counted; those who ask most come first, equals by address. */
static void limits_and_order(void **state)
{
	const struct cl_software_limits limits = { .clients = 50, .pairs = 60, .sources = 1 };
	struct cl_software *s = cl_software_new(sigs, 5, &limits);
	struct client_case c = *client_named("chrony");
	struct cl_software_totals t;
	struct cl_software_client top;
	uint64_t seed = 88172645463325252u, last = UINT64_MAX;
	struct ask a;

	(void)state;
	for (unsigned i = 0; i < 60 * 61 / 2; i++) {
		a = request_of(&c, i, &seed);
		a.e.src.b[15] = (uint8_t)(i % 60);
		for (unsigned k = 0; k <= i % 60 % 7; k++)
			take_ask(s, &a);
	}
	ask_control(&a, "1602000000000000", 12);
	take_ask(s, &a);
	a.e.src.b[15]++;
	take_ask(s, &a); /* no room for a second source */
	cl_software_totals(s, &t);
	assert_int_equal(t.clients, 50);
	assert_true(t.given_up > 1);
	assert_int_equal(cl_software_group(s, 0)->clients4, 50);
	for (size_t i = 0; i < 20; i++) {
		assert_true(cl_software_top(s, 20, i, &top));
		assert_true(top.requests <= last);
		last = top.requests;
	}
	assert_false(cl_software_top(s, 20, 20, &top));
	assert_true(cl_software_top(s, 1, 0, &top));
	assert_int_equal(top.addr.b[15], 6); /* of those with seven at once, the lowest address */
	assert_true(cl_software_top(s, 100, 49, &top));
	assert_false(cl_software_top(s, 100, 50, &top));
	struct cl_addr stranger = address("203.0.113.1");
	assert_null(cl_software_of(s, &stranger));
	cl_software_free(s);
	cl_software_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_of_the_table_are_named),
		cmocka_unit_test(one_odd_packet_changes_nothing),
		cmocka_unit_test(two_programs_are_both_named),
		cmocka_unit_test(two_programs_of_one_rank),
		cmocka_unit_test(the_last_sixteen_vote),
		cmocka_unit_test(constant_stamps_are_apart),
		cmocka_unit_test(scanners_of_mode_3_are_apart),
		cmocka_unit_test(modes_6_and_7_are_apart),
		cmocka_unit_test(shares_by_server),
		cmocka_unit_test(limits_and_order),
	};

	return cmocka_run_group_tests(tests, load, unload);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Serial numbers of zones from notes made by hand, and what of them stands in the store; names to and fro. */
#include "stats/engine/zones.h"

#include <stdio.h>
#include <string.h>

#include "dissect/event.h"
#include "stats/exchange/dnsname.h"
#include "stats/store/store.h"
#include "tests/unit/test_cmocka.h"

#define SECOND	 INT64_C(1000000000)
#define DAY	 INT64_C(86400000000000)
#define MIDNIGHT (20000 * DAY)

struct bench {
	struct cl_zones *z;
	struct cl_store *store;
};

static struct cl_addr addr(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

/* Of the root; from the primary to a server, or from the server. */
static struct cl_zone_note note(enum cl_zone_what what, int64_t time_ns, uint32_t serial)
{
	static const uint8_t root[] = { 0 };
	const bool notify = what == CL_ZONE_NOTIFY;

	return (struct cl_zone_note){ .time_ns = time_ns,
				      .src = addr(notify ? "198.51.100.9" : "2001:db8::1"),
				      .dst = addr(notify ? "2001:db8::1" : "198.51.100.9"),
				      .zone = root,
				      .zone_octets = 1,
				      .serial = serial,
				      .what = (uint8_t)what };
}

static struct cl_zone_note part(uint32_t connection, uint16_t id, uint8_t transfer, uint8_t bits)
{
	struct cl_zone_note n = note(CL_ZONE_TRANSFER, MIDNIGHT, 7);

	n.connection = connection;
	n.id = id;
	n.transfer = transfer | CL_DNS_XFR_ANSWER;
	n.bits = bits;
	n.soa_first = n.soa_last = 7;
	n.octets = 100;
	return n;
}

#define FIRST (CL_DNS_XFR_FIRST | CL_DNS_XFR_ODD)
#define LAST  (CL_DNS_XFR_LAST | CL_DNS_XFR_ODD)

static void open_bench(struct bench *b)
{
	const struct cl_store_config config = { .engine = { .timeout_ns = SECOND, .step_ns = SECOND } };

	b->z = cl_zones_new(7);
	b->store = cl_store_memory(&config);
	assert_non_null(b->z);
	assert_non_null(b->store);
	assert_true(cl_zones_load(b->z, b->store));
}

/* Writes what was counted, and begins anew from there: as if another capture followed. */
static void go_on(struct bench *b, int64_t last_ns)
{
	const struct cl_source_row source = { .first_ns = MIDNIGHT, .last_ns = last_ns, .packets = 1 };

	cl_store_source(b->store, &source);
	assert_true(cl_zones_write(b->z, b->store));
	assert_null(cl_store_error(b->store));
	cl_zones_free(b->z);
	b->z = cl_zones_new(8);
	assert_non_null(b->z);
	assert_true(cl_zones_load(b->z, b->store));
}

static void close_bench(struct bench *b)
{
	cl_zones_free(b->z);
	cl_store_close(b->store);
}

/* One number of the store. */
static void assert_number(struct bench *b, const char *sql, int64_t want)
{
	struct cl_query *q = cl_query_new(b->store, sql);

	assert_true(cl_query_row(q));
	assert_int_equal(cl_query_i64(q, 0), want);
	cl_query_free(q);
	assert_null(cl_store_error(b->store));
}

static void tell(struct bench *b, struct cl_zone_note n)
{
	cl_zones_note(b->z, &n);
}

static void first_times_hold_over_captures(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	assert_false(*cl_zones_answers(b.z));
	tell(&b, note(CL_ZONE_ANSWER, MIDNIGHT, 6)); /* nobody follows the zone yet */
	tell(&b, note(CL_ZONE_NOTIFY, MIDNIGHT + SECOND, 7));
	assert_true(*cl_zones_answers(b.z));
	tell(&b, note(CL_ZONE_ANSWER, MIDNIGHT + 3 * SECOND, 7));
	go_on(&b, MIDNIGHT + 4 * SECOND);
	assert_true(*cl_zones_answers(b.z));
	tell(&b, note(CL_ZONE_ANSWER, MIDNIGHT + 5 * SECOND, 7));
	tell(&b, note(CL_ZONE_NOTIFY, MIDNIGHT + 5 * SECOND, 7));
	/* so late that the row was not read back: it keeps its first times */
	go_on(&b, MIDNIGHT + (CL_ZONE_ROW_DAYS + 2) * DAY);
	assert_true(*cl_zones_answers(b.z));
	tell(&b, note(CL_ZONE_ANSWER, MIDNIGHT + (CL_ZONE_ROW_DAYS + 2) * DAY, 7));
	go_on(&b, MIDNIGHT + (CL_ZONE_DAYS + 2) * DAY);
	assert_false(*cl_zones_answers(b.z));
	assert_number(&b, "SELECT count(*) FROM zone_serial", 2);
	assert_number(&b, "SELECT day * 86400 * 1000000000 FROM zone_serial WHERE length(addr) = 16",
		      MIDNIGHT);
	assert_number(&b, "SELECT notified_ns FROM zone_serial WHERE length(addr) = 16", MIDNIGHT + SECOND);
	assert_number(&b, "SELECT sent_ns FROM zone_serial WHERE length(addr) = 4", MIDNIGHT + SECOND);
	assert_number(&b, "SELECT answered_ns FROM zone_serial WHERE length(addr) = 16",
		      MIDNIGHT + 3 * SECOND);
	assert_number(&b, "SELECT since_ns IS NULL AND lost = 0 FROM zone_watch", 1);
	close_bench(&b);
}

static void transfers_end_as_they_began(void **state)
{
	struct bench b;
	struct cl_zone_note n;

	(void)state;
	open_bench(&b);
	tell(&b, part(1, 1, CL_DNS_XFR_FIRST | CL_DNS_XFR_LAST, CL_ZONE_BEGINS)); /* one message */
	tell(&b, part(2, 1, FIRST | CL_DNS_XFR_LAST | CL_DNS_XFR_ONE, CL_ZONE_BEGINS));
	tell(&b, part(2, 2, 0, 0)); /* of another */
	tell(&b, part(2, 1, 0, 0));
	tell(&b, part(2, 1, FIRST | LAST | CL_DNS_XFR_ODD | CL_DNS_XFR_ONE, CL_ZONE_BEGINS));
	tell(&b, part(3, 1, FIRST, CL_ZONE_BEGINS));
	n = part(3, 1, LAST, 0);
	n.soa_last = 8; /* another serial */
	tell(&b, n);
	assert_true(cl_zones_write(b.z, b.store));
	assert_number(&b,
		      "SELECT transfers * 10000000 + octets * 10000 + octets_most * 10 + unfinished FROM "
		      "zone_serial",
		      2 * 10000000 + 100 * 10000 + 300 * 10 + 1);
	n = part(3, 1, LAST, 0);
	n.gaps = 1;
	tell(&b, n);
	tell(&b, part(3, 1, LAST, 0)); /* it was given up */
	assert_true(cl_zones_write(b.z, b.store));
	assert_number(&b, "SELECT transfers * 10 + unfinished FROM zone_serial", 21);
	close_bench(&b);
}

static void limits_are_counted(void **state)
{
	struct bench b;
	struct cl_zone_note n = note(CL_ZONE_NOTIFY, MIDNIGHT, 1);
	uint8_t wire[] = { 4, 'a', 'a', 'a', 'a', 0 };

	(void)state;
	open_bench(&b);
	for (uint32_t i = 0; i < CL_ZONE_TRANSFERS_OPEN + 3; i++)
		tell(&b, part(i + 1, 1, FIRST, CL_ZONE_BEGINS));
	tell(&b, part(3, 1, LAST, 0)); /* had to give way */
	tell(&b, part(4, 1, LAST, 0));
	n.zone = wire;
	n.zone_octets = sizeof wire;
	for (unsigned i = 0; i < CL_ZONES_MAX + 4; i++) {
		for (unsigned k = 0; k < 4; k++)
			wire[1 + k] = (uint8_t)('a' + (i >> 4 * k & 15));
		tell(&b, n);
	}
	assert_true(cl_zones_write(b.z, b.store));
	assert_null(cl_store_error(b.store));
	assert_number(&b, "SELECT transfers * 1000 + unfinished FROM zone_serial WHERE zone = '.'",
		      1000 + CL_ZONE_TRANSFERS_OPEN + 2);
	assert_number(&b, "SELECT count(DISTINCT zone) FROM zone_serial", CL_ZONES_MAX);
	assert_number(&b, "SELECT lost FROM zone_watch", 5);
	close_bench(&b);
}

static void names_to_and_fro(void **state)
{
	static const uint8_t odd[] = { 3, 'a', '.', '\\', 2, 0, ' ', 0 };
	static const char *const none[] = { "a..b", ".a", "a\\", "a\\25", "a\\256", "\\2x5" };
	char text[CL_NAME_TEXT], longest[256];
	uint8_t wire[CL_NAME_OCTETS];

	(void)state;
	cl_name_text(odd, sizeof odd, text);
	assert_string_equal(text, "a\\.\\\\.\\000\\032");
	assert_int_equal(cl_name_wire(text, wire), sizeof odd);
	assert_memory_equal(wire, odd, sizeof odd);
	assert_int_equal(cl_name_wire(".", wire), 1);
	assert_int_equal(cl_name_wire("", wire), 1);
	assert_int_equal(cl_name_wire("a.B.", wire), 5);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(cl_name_wire(none[i], wire), 0);
	memset(longest, 'x', sizeof longest);
	for (unsigned i = 1; i < 4; i++)
		longest[64 * i - 1] = '.';
	longest[253] = '\0'; /* 63, 63, 63 and 61: 255 octets */
	assert_int_equal(cl_name_wire(longest, wire), CL_NAME_OCTETS);
	longest[253] = 'x';
	longest[254] = '\0';
	assert_int_equal(cl_name_wire(longest, wire), 0);
	memset(longest, 'x', 64);
	assert_int_equal(cl_name_wire(longest, wire), 0); /* a label of 64 and more */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first_times_hold_over_captures),
					    cmocka_unit_test(transfers_end_as_they_began),
					    cmocka_unit_test(limits_are_counted),
					    cmocka_unit_test(names_to_and_fro) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

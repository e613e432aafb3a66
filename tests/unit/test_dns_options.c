/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An EDNS option of every kind, and what each definition forbids. Octets are typed from the RFC of the row;
 * values are tshark 4.0.17's where it decodes the option, by hand elsewhere.
 */
#include "dissect/dns/msg.h"
#include "tests/unit/dnsmsg.h"

#define Q 0 /* in a query */
#define R 1 /* in a response */

/* clang-format off */
static const struct {
	uint16_t code;
	int response;
	const char *data;
	const char *shows[10]; /* the first anomaly, if any, is the only one */
} rows[] = {
	{ 0, Q, "01", { "dns.opt.data=01" } },
	{ 1, Q, "0001 0001 0000 0123456789abcdef 00000e10",
	  { "dns.opt.llq.version=1", "dns.opt.llq.opcode=1", "dns.opt.llq.error=0",
	    "dns.opt.llq.id=81985529216486895", "dns.opt.llq.lease=3600" } },
	{ 1, Q, "0001 0001 0000 0123456789abcdef 00000e", { "!dns.option_length" } },
	{ 2, Q, "00000e10", { "dns.opt.ul.lease=3600" } },
	{ 2, Q, "00000e10 00001c20", { "dns.opt.ul.lease=3600", "dns.opt.ul.key_lease=7200" } },
	{ 2, Q, "00000e10 00", { "dns.opt.ul.lease=3600", "!dns.option_length" } },
	{ 3, Q, "", { "dns.opt.code=3", "dns.opt.len=0" } },
	{ 3, R, "6e7331", { "dns.opt.nsid=ns1", "dns.opt.data=6e7331" } },
	{ 3, Q, "6e7331", { "!dns.option_length" } },
	{ 4, Q, "00 01 001122334455",
	  { "dns.opt.owner.version=0", "dns.opt.owner.sequence=1", "dns.opt.owner.primary=001122334455" } },
	{ 4, Q, "00 01 001122334455 66778899aabb 01020304",
	  { "dns.opt.owner.wakeup=66778899aabb", "dns.opt.owner.password=01020304" } },
	{ 4, Q, "00 01 0011223344", { "!dns.option_length" } },
	{ 5, Q, "05080d", { "dns.opt.dau=5", "dns.opt.dau=8", "dns.opt.dau=13" } },
	{ 5, R, "05", { "!dns.option_direction" } },
	{ 6, Q, "0102", { "dns.opt.dhu=1", "dns.opt.dhu=2" } },
	{ 7, Q, "01", { "dns.opt.n3u=1" } },
	{ 8, Q, "0001 18 00 c00002",
	  { "dns.opt.client.family=1", "dns.opt.client.netmask=24", "dns.opt.client.scope=0",
	    "dns.opt.client.addr4=192.0.2.0" } },
	{ 8, R, "0002 38 30 20010db8000000",
	  { "dns.opt.client.scope=48", "dns.opt.client.addr6=20010db8000000000000000000000000" } },
	{ 8, Q, "0000 00 00", { "dns.opt.client.family=0" } },
	{ 8, Q, "0001 00 00", { "dns.opt.client.addr4=0.0.0.0" } },
	{ 8, Q, "0003 18 00 01", { "dns.opt.client.addr=01", "!dns.client_subnet" } },
	{ 8, Q, "0001 18 00 c000", { "dns.opt.client.addr4=192.0.0.0", "!dns.client_subnet" } },
	{ 8, Q, "0001 18 00 c0000201", { "!dns.client_subnet" } },
	{ 8, Q, "0001 18 18 c00002", { "!dns.client_subnet" } },
	{ 8, Q, "0001 17 00 c00003", { "!dns.client_subnet" } },
	{ 8, Q, "0001 21 00 c000020100", { "!dns.client_subnet" } },
	{ 8, R, "0001 18 21 c00002", { "!dns.client_subnet" } },
	{ 8, Q, "0001", { "dns.opt.client.family=1", "!dns.option_length" } },
	{ 9, Q, "", { "dns.opt.code=9" } },
	{ 9, R, "00093a80", { "dns.opt.expire=604800" } },
	{ 9, Q, "00093a80", { "!dns.option_length" } },
	{ 9, R, "", { "!dns.option_length" } },
	{ 9, R, "0009", { "!dns.option_length" } },
	{ 10, Q, "0102030405060708", { "dns.opt.cookie.client=0102030405060708" } },
	/* RFC 9018 app. A.1 */
	{ 10, R, "2464c4abcf10c957 010000005cf79f111f8130c3eee29480",
	  { "dns.opt.cookie.client=2464c4abcf10c957",
	    "dns.opt.cookie.server=010000005cf79f111f8130c3eee29480", "dns.opt.cookie.server.version=1",
	    "dns.opt.cookie.server.time=1559731985000000000",
	    "dns.opt.cookie.server.hash=1f8130c3eee29480" } },
	{ 10, Q, "01020304050607", { "!dns.option_length" } },
	{ 10, Q, "0102030405060708 09", { "!dns.option_length" } },
	{ 10, Q, "0102030405060708 09101112131415", { "!dns.option_length" } },
	{ 11, Q, "", { "dns.opt.len=0", "!dns.option_transport" } },
	{ 11, R, "0064", { "dns.opt.edns_tcp_keepalive.timeout=100", "!dns.option_transport" } },
	{ 12, Q, "0000000000", { "dns.opt.padding=0000000000" } },
	{ 12, Q, "0000010000", { "dns.opt.padding=0000010000", "!dns.padding" } },
	{ 13, Q, "0161 076578616d706c65 00", { "dns.opt.chain.fqdn=a.example" } },
	{ 13, Q, "0161 c00c", { "!dns.pointer_forbidden" } },
	{ 13, Q, "0161 00 00", { "dns.opt.chain.fqdn=a", "!dns.option_length" } },
	{ 14, Q, "4f66 4a5c", { "dns.opt.key_tag=20326", "dns.opt.key_tag=19036" } },
	{ 14, Q, "4f66 4a", { "!dns.option_length" } },
	{ 14, Q, "", { "!dns.option_length" } },
	{ 15, R, "0012 74657874",
	  { "dns.opt.ext_error.info_code=18", "dns.opt.ext_error.extra_text=text" } },
	{ 15, R, "0009", { "dns.opt.ext_error.info_code=9" } },
	{ 15, R, "00", { "!dns.option_length" } },
	{ 15, Q, "0009", { "!dns.option_direction" } },
	{ 16, Q, "0102", { "dns.opt.tag=258" } },
	{ 17, R, "0102", { "dns.opt.tag=258" } },
	{ 17, R, "01", { "!dns.option_length" } },
	{ 18, R, "056167656e74 076578616d706c65 00", { "dns.opt.report_channel=agent.example" } },
	{ 18, Q, "056167656e74 00", { "!dns.option_direction" } },
	{ 19, Q, "", { "dns.opt.code=19" } },
	{ 19, R, "02 00 78493020",
	  { "dns.opt.zoneversion.labels=2", "dns.opt.zoneversion.type=0",
	    "dns.opt.zoneversion.serial=2018062368" } },
	{ 19, R, "02 f6 0102", { "dns.opt.zoneversion.type=246", "dns.opt.zoneversion.version=0102" } },
	{ 19, R, "02 00 784930", { "!dns.option_length" } },
	{ 20, Q, "001c 0041", { "dns.opt.mqtype=28", "dns.opt.mqtype=65" } },
	{ 20, Q, "001c 001c", { "!dns.option_value" } },
	{ 20, Q, "00ff", { "!dns.option_value" } },
	{ 20, Q, "", { "!dns.option_length" } },
	{ 20, Q, "001c 00", { "!dns.option_length" } },
	{ 21, R, "001c", { "dns.opt.mqtype=28" } },
	{ 21, R, "", { "dns.opt.len=0" } },
	{ 21, Q, "001c", { "!dns.option_direction" } },
	{ 22, R, "656e", { "dns.opt.text=en" } },
	{ 23, R, "6d61696c746f3a61", { "dns.opt.text=mailto:a" } },
	{ 24, R, "61", { "dns.opt.text=a" } },
	{ 25, R, "61", { "dns.opt.text=a" } },
	{ 26, R, "7b7d", { "dns.opt.data=7b7d" } },
	{ 20292, Q, "4f444e53 01 00 0004 00000001 0008 00000002 0010 c0000201 0040 0102030405060708",
	  { "dns.opt.umbrella.version=1", "dns.opt.umbrella.flags=0", "dns.opt.umbrella.asset=1",
	    "dns.opt.umbrella.organisation=2", "dns.opt.umbrella.ipv4=192.0.2.1",
	    "dns.opt.umbrella.device=0102030405060708" } },
	{ 20292, Q, "4f444e53 01 00 0020 20010db8000000000000000000000001",
	  { "dns.opt.umbrella.ipv6=20010db8000000000000000000000001" } },
	{ 20292, Q, "4f444e54 01 00", { "!dns.option_value" } },
	{ 20730, Q, "0001 18 00 c00002", { "dns.opt.client.addr4=192.0.2.0" } },
	{ 26946, Q, "78", { "dns.opt.data=78" } },
	{ 65001, Q, "001122334455", { "dns.opt.mac=001122334455" } },
	{ 65001, Q, "01", { "dns.opt.data=01" } },
	{ 65073, Q, "4142434445464748", { "dns.opt.text=ABCDEFGH" } },
	{ 65074, Q, "637065", { "dns.opt.text=cpe" } },
	{ 65535, Q, "", { "dns.opt.code=65535" } },
	{ 4242, Q, "0102", { "dns.opt.code=4242", "dns.opt.len=2", "dns.opt.data=0102" } },
};
/* clang-format on */

static const char *message(size_t i)
{
	static uint8_t octets[1000];
	static char text[4000];
	unsigned n = (unsigned)unhex(rows[i].data, octets);

	snprintf(text, sizeof(text),
		 "1234 %s 0001 0000 0000 0001" EXAMPLE_A "00 0029 04d0 00000000 %04x %04x %04x %s",
		 rows[i].response ? "8180" : "0100", n + 4, (unsigned)rows[i].code, n, rows[i].data);
	return text;
}

static void values_are_shown(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char code[40];
		bool wrong = false;

		assert_int_equal(feed_dns(&r, message(i)), CL_FATE_COUNTED);
		snprintf(code, sizeof(code), "dns.opt.code=%u", (unsigned)rows[i].code);
		assert_shows(&r, code);
		for (size_t k = 0; k < COUNT(rows[i].shows) && rows[i].shows[k] != NULL; k++) {
			assert_shows(&r, rows[i].shows[k]);
			wrong = wrong || rows[i].shows[k][0] == '!';
		}
		const char *found = strstr(r.text->text, "\n!");
		if ((found != NULL && !wrong) || (found != NULL && strstr(found + 1, "\n!") != NULL))
			fail_msg("option %u, %s:%s", (unsigned)rows[i].code, rows[i].data, found);
	}
	rig_close(&r);
}

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_dns(message(i), 38);
}

/* Options of several kinds in one record, and their order. */
static void several_options_in_order(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	feed_dns(&r, "1234 0100 0001 0000 0000 0001" EXAMPLE_A "00 0029 04d0 00000000 0014"
		     "0003 0000 000a 0008 0102030405060708 000c 0000");
	assert_non_null(strstr(r.text->text, "dns.opt{\ndns.opt.code=3\ndns.opt.len=0\ndns.opt.data=\n}\n"
					     "dns.opt{\ndns.opt.code=10\ndns.opt.len=8\n"
					     "dns.opt.data=0102030405060708\n"
					     "dns.opt.cookie.client=0102030405060708\n}\n"
					     "dns.opt{\ndns.opt.code=12\ndns.opt.len=0\n"));
	rig_close(&r);
}

/* Rows rise, have a name and a reference, and a vector here; what has a limit has one beyond it. */
static void rows_rise_and_have_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < cl_dns_options_count; i++) {
		const struct cl_dns_option *o = &cl_dns_options[i];
		bool good = false;

		assert_true(i == 0 || o->code > cl_dns_options[i - 1].code);
		assert_true(o->name != NULL && o->name[0] != '\0');
		assert_true(o->reference != NULL && o->reference[0] != '\0');
		assert_true(o->least <= o->most);
		for (size_t k = 0; k < COUNT(rows); k++)
			good = good || (rows[k].code == o->code && rows[k].shows[0][0] != '!');
		if (!good)
			fail_msg("no vector of option %u", (unsigned)o->code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_shown),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(several_options_in_order),
		cmocka_unit_test(rows_rise_and_have_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

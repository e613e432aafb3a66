/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DNS messages as a whole, and every way in which one contradicts itself. Typed by hand from the RFCs that
 * dissect/anomaly.def names; header and question values as tshark 4.0.17 has them.
 */
#include "dissect/anomaly.h"
#include "dissect/dns/codes.h"
#include "dissect/dns/msg.h"
#include "tests/unit/dnsmsg.h"

#define QUERY	 "1234 0100 0001 0000 0000 0000 "
#define RESPONSE "1234 8180 0001 0001 0000 0000 "
#define ADDED	 "1234 8180 0001 0000 0000 0001 "
#define RR(type) "c00c " type " 0001 0000003c "
#define A	 RR("0001") "0004 c0000201 "
#define OPT	 "00 0029 04d0 00000000 "
#define TSIG	 "c00c 00fa 00ff 00000000 001d 0b686d61632d73686132353600 00006553f100 012c 0000 1234 0000 0000 "

/* clang-format off */
static const struct {
	uint16_t port; /* 0: DNS */
	const char *message;
	const char *shows[24]; /* all anomalies are among them */
} rows[] = {
	/* headers */
	{ 0, "1234 0000 0001 0000 0000 0000" EXAMPLE_A,
	  { "dns.id=4660", "dns.flags=0", "dns.flags.response=0", "dns.flags.opcode=0", "dns.flags.truncated=0",
	    "dns.flags.recdesired=0", "dns.flags.z=0", "dns.flags.checkdisable=0", "dns.count.queries=1",
	    "dns.count.answers=0", "dns.count.auth_rr=0", "dns.count.add_rr=0", "dns.qry.name=example.com",
	    "dns.qry.name.len=11", "dns.count.labels=2", "dns.qry.type=1", "dns.qry.class=1" } },
	{ 0, "1234 ffbf 0001 0000 0000 0000" EXAMPLE_A,
	  { "dns.flags=65471", "dns.flags.response=1", "dns.flags.opcode=15", "dns.flags.authoritative=1",
	    "dns.flags.truncated=1", "dns.flags.recdesired=1", "dns.flags.recavail=1", "dns.flags.z=0",
	    "dns.flags.authenticated=1", "dns.flags.checkdisable=1", "dns.flags.rcode=15", "dns.rcode=15" } },
	{ 0, "1234 0130 0001 0000 0000 0000" EXAMPLE_A,
	  { "dns.flags.authenticated=1", "dns.flags.checkdisable=1" } },
	/* RCODE 16 from two places */
	{ 0, ADDED EXAMPLE_A "00 0029 04d0 01008000 0000",
	  { "dns.flags.rcode=0", "dns.rcode=16", "dns.resp.ext_rcode=1", "dns.resp.z=32768", "dns.resp.z.do=1",
	    "dns.rr.udp_payload_size=1232", "dns.rr.section=additional", "dns.rr.name=.", "dns.resp.name=." } },
	{ 0, ADDED EXAMPLE_A "00 0029 04d0 00016000 0000",
	  { "dns.resp.edns0_version=1", "dns.resp.z.do=0", "dns.resp.z.co=1", "dns.resp.z.de=1",
	    "dns.resp.z.reserved=24576" } },
	/* a question of the root, and names with every kind of octet (RFC 1035 sec. 5.1) */
	{ 0, QUERY "00 0002 0001", { "dns.qry.name=.", "dns.qry.name.len=0", "dns.count.labels=0" } },
	{ 0, QUERY "05612e625c22 06000120c3a97a 00 0001 0001",
	  { "dns.qry.name=a\\.b\\\\\".\\000\\001\\032\\195\\169z", "dns.qry.name.len=12",
	    "dns.count.labels=2" } },
	{ 0, RESPONSE EXAMPLE "00ff 0003" "c00c 0010 0003 00000000 0005 0474657374",
	  { "dns.qry.type=255", "dns.qry.class=3", "dns.rr.class=CH", "dns.resp.class=3", "dns.txt=test",
	    "dns.rr.section=answer", "dns.rr.type=TXT", "dns.resp.ttl=0", "dns.resp.len=5" } },
	{ 0, RESPONSE EXAMPLE "0001 0003" "c00c 0001 0003 00000000 0004 c00c 0123",
	  { "dns.a.ch.domain=example.com", "dns.a.ch.address=291" } },
	{ 0, RESPONSE EXAMPLE_A "c00c 0001 1234 00000000 0004 c0000201", { "dns.rr.class=CLASS4660" } },
	/* a compressed name that starts in another, and one that was read before */
	{ 0, RESPONSE EXAMPLE_A "c014 000f 0001 0000003c 0009 000a 046d61696c c00c",
	  { "dns.resp.name=com", "dns.mx.preference=10", "dns.mx.mail_exchange=mail.example.com" } },
	/* a pointer to a place that is not remembered, where its slot holds another name */
	{ 0, "1234 8180 0001 0002 0000 0000" EXAMPLE_A RR("0002") "0006 02616201 6300"
		"c02c 0001 0001 0000003c 0004 c0000201",
	  { "dns.ns=ab.c", "dns.resp.name=example.com", "dns.resp.name=c" } },
	/* owners of SRV records (RFC 2782, RFC 6763 sec. 4.1) */
	{ 0, RESPONSE EXAMPLE_A "045f736970 045f746370 c00c 0021 0001 0000003c 0008 0001 0002 13c4 c00c",
	  { "dns.srv.service=_sip", "dns.srv.proto=_tcp", "dns.srv.name=example.com",
	    "dns.rr.name=_sip._tcp.example.com", "dns.srv.target=example.com", "dns.srv.port=5060" } },
	{ 0, RESPONSE EXAMPLE_A "03612e62 055f68747470 045f746370 c00c 0021 0001 0000003c 0008 000100020050c00c",
	  { "dns.srv.instance=a\\.b", "dns.srv.service=_http", "dns.srv.proto=_tcp",
	    "dns.srv.name=example.com" } },
	/* update (RFC 2136): delete a name's records, add one */
	{ 0, "1234 2800 0001 0001 0001 0000" EXAMPLE "0006 0001" "c00c 0001 00ff 00000000 0000" A,
	  { "dns.flags.opcode=5", "dns.count.zones=1", "dns.count.prerequisites=1", "dns.count.updates=1",
	    "dns.count.add_rr=0", "dns.rr.section=prerequisite", "dns.rr.class=ANY", "dns.rr.section=update",
	    "dns.a=192.0.2.1" } },
	/* notify, inverse query, and a query of nothing but a cookie (RFC 7873 sec. 5.4) */
	{ 0, "1234 2400 0001 0000 0000 0000" EXAMPLE "0006 0001", { "dns.flags.opcode=4", "dns.qry.type=6" } },
	{ 0, "1234 0800 0000 0001 0000 0000 00 0001 0001 00000000 0004 c0000201",
	  { "dns.flags.opcode=1", "dns.a=192.0.2.1" } },
	{ 0, "1234 0000 0000 0000 0000 0001" OPT "000c 000a 0008 0102030405060708", { "dns.count.queries=0" } },
	/* multicast: the top bit of a class is no part of it; names in NSEC are compressed */
	{ 5353, "0000 0000 0002 0000 0000 0000 0161056c6f63616c00 0001 8001 c00c 001c 0001",
	  { "mdns", "dns.qry.name=a.local", "dns.qry.class=1", "dns.qry.qu=1", "dns.qry.type=28",
	    "dns.qry.qu=0" } },
	{ 5353, "0000 8400 0000 0002 0000 0001 0161056c6f63616c00 0001 8001 00000078 0004 c0000201"
		"c00c 002f 8001 00000078 0008 c00c 0004 40000008 00 0029 9194 00000000 0000",
	  { "dns.resp.cache_flush=1", "dns.resp.class=1", "dns.nsec.next_domain_name=a.local",
	    "dns.resp.type=28", "dns.rr.types=A", "dns.rr.types=AAAA", "dns.rr.udp_payload_size=4500" } },
	{ 5355, "1234 0500 0001 0000 0000 0000 04686f737400 0001 0001",
	  { "llmnr", "dns.flags.conflict=1", "dns.flags.tentative=1", "dns.flags.truncated=0",
	    "dns.qry.name=host" } },
	/* what ends where it may not */
	{ 0, "1234 8180 0001 0001 0000", { "!dns.short", "dns" } },
	{ 0, "1234 0140 0001 0000 0000 0000" EXAMPLE_A, { "dns.flags.z=1", "!dns.z_bit" } },
	{ 0, "1234 0100 ffff 0000 0000 0000" EXAMPLE_A, { "dns.qry.name=example.com", "!dns.counts" } },
	{ 0, "1234 8180 0001 ffff 0000 0000" EXAMPLE_A A, { "dns.a=192.0.2.1", "!dns.counts" } },
	{ 0, QUERY EXAMPLE "0001 00", { "!dns.counts" } },
	{ 0, RESPONSE EXAMPLE_A "c00c 0001 0001 00", { "!dns.counts" } },
	{ 0, QUERY EXAMPLE_A "deadbeef",
	  { "dns.extraneous.data=deadbeef", "dns.extraneous.length=4", "!dns.trailing_octets" } },
	{ 0, "1234 0100 0002 0000 0000 0000" EXAMPLE_A "c00c 001c 0001",
	  { "dns.qry.type=28", "!dns.questions" } },
	{ 0, "1234 0100 0000 0000 0000 0001" OPT "0000", { "!dns.no_question" } },
	/* names */
	{ 0, QUERY "4161 00 0001 0001", { "!dns.label_type" } },
	{ 0, QUERY "0161 8061 00 0001 0001", { "!dns.label_type" } },
	{ 0, QUERY "076578616d706c65 03636f6d", { "!dns.name_no_end" } },
	{ 0, QUERY "076578616d", { "!dns.name_no_end" } },
	{ 0, QUERY "c00c 0001 0001", { "dns.qry.type=1", "!dns.pointer_self" } },
	{ 0, QUERY "0161 c00e 0001 0001", { "!dns.pointer_self" } },
	{ 0, QUERY "0161 c00c 0001 0001", { "dns.qry.type=1", "!dns.pointer_loop" } },
	{ 0, QUERY "0161 c012 0001 0001", { "!dns.pointer_forward" } },
	{ 0, QUERY "c00b 0001 0001", { "!dns.pointer_header" } },
	{ 0, QUERY "c012 0001 0001", { "!dns.pointer_past_end" } },
	{ 0, QUERY "ffff 0001 0001", { "!dns.pointer_past_end" } },
	/* two names that point to each other: the first forward, the second back into it */
	{ 0, "1234 0100 0002 0000 0000 0000 0161 c014 0001 0001 0162 c00c 0001 0001",
	  { "!dns.pointer_forward", "!dns.pointer_forward", "!dns.questions" } },
	{ 0, RESPONSE EXAMPLE_A RR("0027") "0004 0161 c00c", { "dns.resp.type=39", "!dns.pointer_forbidden" } },
	/* RDATA */
	{ 0, RESPONSE EXAMPLE_A RR("0001") "0005 c0000201", { "!dns.rdlength" } },
	{ 0, RESPONSE EXAMPLE_A RR("0001") "0003 c00002", { "!dns.rdata_short" } },
	{ 0, RESPONSE EXAMPLE_A RR("0001") "0005 c000020100", { "dns.a=192.0.2.1", "!dns.rdata_long" } },
	{ 0, RESPONSE EXAMPLE_A RR("0010") "0003 0361 62", { "dns.txt.length=3", "!dns.rdata_short" } },
	{ 0, RESPONSE EXAMPLE_A RR("00ff") "0000", { "dns.resp.type=255", "!dns.meta_type" } },
	{ 0, RESPONSE EXAMPLE_A "c00c 0001 0001 80000000 0004 c0000201",
	  { "dns.resp.ttl=2147483648", "!dns.ttl_top_bit" } },
	{ 0, RESPONSE EXAMPLE_A RR("002f") "0008 00 0001 40 0001 80 00", { "!dns.type_bitmap" } },
	{ 0, RESPONSE EXAMPLE_A RR("002f") "0005 00 0002 4000", { "dns.rr.types=A", "!dns.type_bitmap" } },
	{ 0, RESPONSE EXAMPLE_A RR("002f") "0003 00 0000", { "!dns.type_bitmap" } },
	{ 0, RESPONSE EXAMPLE_A RR("002b") "0006 1234 05 02 0102", { "dns.ds.digest=0102", "!dns.digest_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("002c") "0003 01 01 01", { "!dns.digest_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("0034") "0004 03 01 02 01", { "!dns.digest_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("003f") "0007 00000001 01 03 01", { "!dns.digest_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("002a") "0009 0001 21 05 c000020101", { "!dns.address_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("002a") "0006 0001 10 02 c000", { "!dns.address_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("0026") "0001 81", { "dns.a6.prefix_len=129", "!dns.address_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("0026") "0003 79 ff 00", { "!dns.address_length" } },
	{ 0, RESPONSE EXAMPLE_A RR("001d") "0010 00 a3 16 13 8917 2dd0 70be 15f0 0098 8d20", { "!dns.loc" } },
	{ 0, RESPONSE EXAMPLE_A RR("0101") "0004 00 01 2d 61", { "dns.caa.tag=-", "!dns.caa_tag" } },
	{ 0, RESPONSE EXAMPLE_A RR("0101") "0002 00 00", { "!dns.caa_tag" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0010 0001 00 0003 0002 01bb 0001 0003 026832",
	  { "dns.svcb.svcparam.port=443", "dns.svcb.svcparam.alpn=h2", "!dns.svcb_order" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0008 0001 00 0003 0001 01", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0008 0001 00 0001 0001 00", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0007 0001 00 0004 0000", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "000a 0001 00 0006 0003 200102", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0009 0001 00 0000 0002 0000", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0007 0001 00 ffff 0000", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0008 0001 00 0008 0001 00", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "000b 0001 00 0009 0004 001d 001d", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0008 0001 00 000a 0001 00", { "!dns.svcb_value" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0009 0001 00 0000 0002 0003",
	  { "dns.svcb.svcparam.mandatory=3", "!dns.svcb_mandatory" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0007 0001 00 0002 0000", { "!dns.svcb_mandatory" } },
	{ 0, RESPONSE EXAMPLE_A RR("0041") "0006 0001 00 000101", { "!dns.rdata_short" } },
	{ 0, RESPONSE EXAMPLE_A TSIG, { "dns.tsig.fudge=300", "!dns.tsig_place" } },
	{ 0, "1234 8180 0001 0000 0000 0002" EXAMPLE_A TSIG A, { "!dns.tsig_place" } },
	{ 0, ADDED EXAMPLE_A "c00c 00fa 0001 00000000 001d 0b686d61632d73686132353600 00006553f100 012c 0000"
		"1234 0000 0000", { "!dns.tsig_fields" } },
	/* EDNS */
	{ 0, "1234 8180 0001 0000 0000 0002" EXAMPLE_A OPT "0000" OPT "0000", { "!dns.opt_several" } },
	{ 0, ADDED EXAMPLE_A "c00c 0029 04d0 00000000 0000", { "dns.resp.name=example.com", "!dns.opt_owner" } },
	{ 0, RESPONSE EXAMPLE_A OPT "0000", { "!dns.opt_section" } },
	{ 0, ADDED EXAMPLE_A "00 0029 04d0 00000001 0000", { "dns.resp.z.reserved=1", "!dns.opt_flags" } },
	{ 0, ADDED EXAMPLE_A OPT "0005 000a 0008 01",
	  { "dns.opt.code=10", "dns.opt.len=8", "!dns.option_past_end" } },
	{ 0, ADDED EXAMPLE_A OPT "0002 000a", { "!dns.option_past_end" } },
	{ 0, ADDED EXAMPLE_A OPT "000b 000a 0007 01020304050607", { "!dns.option_length" } },
	{ 0, ADDED EXAMPLE_A OPT "0005 0005 0001 08", { "dns.opt.dau=8", "!dns.option_direction" } },
	{ 0, ADDED EXAMPLE_A OPT "0006 000b 0002 0001", { "!dns.option_transport" } },
	{ 0, ADDED EXAMPLE_A OPT "0006 0014 0002 00ff", { "!dns.option_value" } },
	{ 0, ADDED EXAMPLE_A OPT "000b 0008 0007 0001 21 00 c00002", { "!dns.client_subnet" } },
	{ 0, ADDED EXAMPLE_A OPT "0005 000c 0001 01", { "dns.opt.padding=01", "!dns.padding" } },
	/* stateful operations (RFC 8490): they are of TCP, so over UDP each is out of place */
	{ 0, "1234 3000 0000 0000 0000 0000 0001 0008 00001388 0000ea60 0003 0002 0000 f801 0001 ab",
	  { "dns.flags.opcode=6", "dns.dso.tlv.type=1", "dns.dso.tlv.length=8",
	    "dns.dso.tlv.keepalive.inactivity=5000", "dns.dso.tlv.keepalive.interval=60000",
	    "dns.dso.tlv.encpad.padding=0000", "dns.dso.tlv.data=ab", "!dns.dso_transport" } },
	{ 0, "0000 3000 0000 0000 0000 0000 0002 0004 00000064",
	  { "dns.dso.tlv.retrydelay.retrydelay=100", "!dns.dso_transport" } },
	{ 0, "1234 3000 0001 0000 0000 0000" EXAMPLE_A, { "!dns.dso_counts" } },
	{ 0, "1234 3000 0000 0000 0000 0000 0001 0007 00001388 0000ea",
	  { "!dns.dso_tlv", "!dns.dso_transport" } },
	{ 0, "1234 3000 0000 0000 0000 0000 0001 0009 00001388", { "!dns.dso_tlv", "!dns.dso_transport" } },
};
/* clang-format on */

static size_t findings(const struct rig *r)
{
	size_t n = 0;

	for (const char *at = r->text->text; (at = strstr(at, "\n!")) != NULL; at++)
		n++;
	return n;
}

static void feed(struct rig *r, size_t i)
{
	if (rows[i].port == 0)
		feed_dns(r, rows[i].message);
	else
		feed_port(r, rows[i].port, rows[i].message);
}

static void values_are_shown(void **state)
{
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t said = 0;

		feed(&r, i);
		for (size_t k = 0; k < COUNT(rows[i].shows) && rows[i].shows[k] != NULL; k++) {
			assert_shows(&r, rows[i].shows[k]);
			said += rows[i].shows[k][0] == '!';
		}
		if (findings(&r) != said)
			fail_msg("%s: %zu anomalies in\n%s", rows[i].message, findings(&r), r.text->text);
	}
	rig_close(&r);
}

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].port == 0 && strcmp(rows[i].shows[0], "!dns.short") != 0)
			check_dns(rows[i].message, 39);
}

/* A name of 255 octets is one, of 256 none (RFC 1035 sec. 2.3.4). */
static void names_end_at_255_octets(void **state)
{
	char message[1200] = QUERY;
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (int i = 0; i < 126; i++)
		strcat(message, "0161");
	strcat(message, "0161 00 0001 0001");
	feed_dns(&r, message);
	assert_shows(&r, "dns.qry.name.len=253");
	assert_shows(&r, "dns.count.labels=127");
	assert_int_equal(findings(&r), 0);
	char *at = strstr(message, "00 0001 0001");
	memcpy(at - 5, "026162 00 0001 0001", 20); /* 256 octets */
	feed_dns(&r, message);
	assert_shows(&r, "!dns.name_too_long");
	assert_int_equal(findings(&r), 1);
	/* by way of a pointer */
	memcpy(at - 5, "00 0001 0001", 13);
	strcat(message, " 026162 c00c 0001 0001");
	memcpy(message, "1234 0100 0002", 14);
	feed_dns(&r, message);
	assert_shows(&r, "!dns.name_too_long");
	rig_close(&r);
}

/* Thousands of records, each with a pointer into a long name that is not the name itself. */
static void expansion_is_bounded(void **state)
{
	static char message[3 * FRAME_ROOM];
	struct rig r;
	size_t used;

	(void)state;
	rig_open_detail(&r);
	used = (size_t)snprintf(message, sizeof(message), "12348180000111f800000000");
	for (int i = 0; i < 120; i++)
		used += (size_t)snprintf(message + used, sizeof(message) - used, "0161");
	used += (size_t)snprintf(message + used, sizeof(message) - used, "0000010001");
	for (int i = 0; i < 4600; i++) /* owner: b and the long name */
		used += (size_t)snprintf(message + used, sizeof(message) - used,
					 "0162c00c ff00 0001 00000000 0000");
	feed_dns(&r, message);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_DNS_NAME_BUDGET], 1);
	rig_close(&r);
}

/* A chain of pointers, each to the one before, and records whose owner is its end: jumps cost too. */
static void jumps_are_bounded(void **state)
{
	static char message[3 * FRAME_ROOM];
	struct rig r;
	size_t used;

	(void)state;
	rig_open_detail(&r);
	used = (size_t)snprintf(message, sizeof(message),
				"12348180000003e800000000 00 0010 0001 00000000 3a98");
	for (unsigned at = 23; at < 23 + 15000; at += 2)
		used += (size_t)snprintf(message + used, sizeof(message) - used, at == 23 ? "0000" : "%04x",
					 0xc000u | (at - 2));
	for (int i = 0; i < 999; i++)
		used += (size_t)snprintf(message + used, sizeof(message) - used,
					 "%04x 0001 0001 00000000 0000", 0xc000u | (23 + 14998));
	feed_dns(&r, message);
	assert_int_equal(cl_dissector_ledger(r.d)->anomaly[CL_ANOM_DNS_NAME_BUDGET], 1);
	rig_close(&r);
}

/* What a message is over TCP: a length of its own, and options and operations that are TCP's. */
static void messages_over_tcp(void **state)
{
	static uint8_t octets[200];
	static struct detail_text shown;
	static struct cl_ledger ledger;
	struct cl_pkt p = { .detail = cl_detail_new(), .ledger = &ledger, .connection = 1 };
	uint32_t n;

	(void)state;
	assert_non_null(p.detail);
	n = (uint32_t)unhex(ADDED EXAMPLE_A OPT "0006 000b 0002 0064", octets);
	p.cur = cl_cur_make(octets, n, n);
	cl_dns_detail(&p, CL_DNS_UNICAST, 0);
	detail_take(&shown, NULL, p.detail);
	assert_true(detail_has(&shown, "dns.length=46"));
	assert_true(detail_has(&shown, "dns.opt.edns_tcp_keepalive.timeout=100"));
	assert_null(strchr(shown.text, '!'));
	cl_detail_clear(p.detail);
	n = (uint32_t)unhex("1234 3000 0000 0000 0000 0000 0001 0008 00001388 0000ea60", octets);
	p.cur = cl_cur_make(octets, n, n);
	cl_dns_detail(&p, CL_DNS_UNICAST, 0);
	detail_take(&shown, NULL, p.detail);
	assert_true(detail_has(&shown, "dns.dso.tlv.keepalive.inactivity=5000"));
	assert_null(strchr(shown.text, '!'));
	assert_memory_equal(p.detail->info.ptr, "DSO request 0x1234 KeepAlive", p.detail->info.len);
	cl_detail_free(p.detail);
}

static void assert_line(const char *message, const char *line)
{
	static uint8_t octets[200];
	static struct cl_ledger ledger;
	struct cl_pkt p = { .detail = cl_detail_new(), .ledger = &ledger };
	uint32_t n = (uint32_t)unhex(message, octets);

	assert_non_null(p.detail);
	p.cur = cl_cur_make(octets, n, n);
	cl_dns_detail(&p, CL_DNS_UNICAST, (uint16_t)(octets[3] & 15));
	if (p.detail->info.len != strlen(line) || memcmp(p.detail->info.ptr, line, strlen(line)) != 0)
		fail_msg("%.*s", (int)p.detail->info.len, (const char *)p.detail->info.ptr);
	cl_detail_free(p.detail);
}

static void lines_say_the_question(void **state)
{
	(void)state;
	assert_line(QUERY EXAMPLE_A, "query 0x1234 A example.com");
	assert_line("1234 8183 0001 0000 0000 0000" EXAMPLE_A,
		    "response 0x1234 NXDOMAIN A example.com, 0 answers");
	assert_line("1234 838f 0001 0001 0000 0000 00 ff32 0001" A,
		    "response 0x1234 RCODE15 TC TYPE65330 ., 1 answer");
	assert_line("1234 8182 0000 0000 0000 0000", "response 0x1234 SERVFAIL, 0 answers");
	assert_line("1234 2800 0001 0000 0000 0000" EXAMPLE "0006 0001",
		    "UPDATE query 0x1234 SOA example.com");
}

/* Cut by the snap length is never an anomaly, wherever it is cut. */
static void cut_messages_are_not_wrong(void **state)
{
	static uint8_t octets[FRAME_ROOM];
	struct rig r;

	(void)state;
	rig_open_detail(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = unhex(rows[i].message, octets);
		bool clean = true;

		for (size_t k = 0; k < COUNT(rows[i].shows) && rows[i].shows[k] != NULL; k++)
			clean = clean && rows[i].shows[k][0] != '!';
		for (size_t kept = 0; clean && kept < n; kept++) {
			rig_udp_cut(&r, rows[i].port != 0 ? rows[i].port : 53,
				    rows[i].port != 0 ? rows[i].port : 40000, octets, n, kept);
			if (findings(&r) != 0)
				fail_msg("%s cut to %zu:\n%s", rows[i].message, kept, r.text->text);
		}
	}
	rig_close(&r);
}

/* Each anomaly of DNS was met in these tests. */
static void each_anomaly_has_a_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < CL_ANOMALIES; i++) {
		char line[80];
		bool met = strcmp(cl_anomalies[i].layer, "dns") != 0 ||
			   strcmp(cl_anomalies[i].name, "dns.name_too_long") == 0 ||
			   strcmp(cl_anomalies[i].name, "dns.name_budget") == 0;

		snprintf(line, sizeof(line), "!%s", cl_anomalies[i].name);
		for (size_t k = 0; k < COUNT(rows); k++)
			for (size_t j = 0; j < COUNT(rows[k].shows) && rows[k].shows[j] != NULL; j++)
				met = met || strcmp(rows[k].shows[j], line) == 0;
		if (!met)
			fail_msg("no packet with %s", cl_anomalies[i].name);
	}
}

static void values_have_names(void **state)
{
	(void)state;
	assert_string_equal(cl_dns_ede_text(0), "Other Error");
	assert_string_equal(cl_dns_ede_text(24), "Invalid Data");
	assert_string_equal(cl_dns_ede_text(35), "Blocked by Upstream DNS Server");
	assert_null(cl_dns_ede_text(36));
	assert_string_equal(cl_dns_rcode_text(16), "BADVERS");
	assert_string_equal(cl_dns_tsig_text(16), "BADSIG");
	assert_string_equal(cl_dns_tsig_text(18), "BADTIME");
	assert_string_equal(cl_dns_opcode_text(5), "UPDATE");
	assert_null(cl_dns_opcode_text(3));
	assert_string_equal(cl_dns_class_text(254), "NONE");
	assert_string_equal(cl_dns_algorithm_text(13), "ECDSAP256SHA256");
	assert_null(cl_dns_algorithm_text(4));
	assert_string_equal(cl_dns_digest_text(6), "SM3");
	assert_string_equal(cl_dns_cert_text(254), "OID");
	assert_string_equal(cl_dns_svc_text(32769), "odohconfig");
	assert_string_equal(cl_dns_svc_text(12), "oots");
	assert_string_equal(cl_dns_dso_text(0x43), "RECONFIRM");
	assert_string_equal(cl_dns_tlsa_text(255), "PrivCert");
	assert_string_equal(cl_dns_ssh_text(6), "Ed448");
	assert_string_equal(cl_dns_type_name(261), "RESINFO");
	assert_null(cl_dns_type_name(65281)); /* not IANA's */
	assert_string_equal(cl_dns_type_text(65281), "WINS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_shown),	     cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(names_end_at_255_octets),   cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(jumps_are_bounded),	     cmocka_unit_test(cut_messages_are_not_wrong),
		cmocka_unit_test(each_anomaly_has_a_packet), cmocka_unit_test(values_have_names),
		cmocka_unit_test(messages_over_tcp),	     cmocka_unit_test(lines_say_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP and ICMPv6: what errors about NTP and DNS count as, whatever of the packet they quote, and that the
 * quote itself counts for nothing; each message and option in detail, against values typed from the RFCs.
 */
#include "tests/unit/vectors.h"

#define RAW CL_LINKTYPE_RAW

/* 192.0.2.1 answers 198.51.100.1 from its NTP port: 48 octets of NTP, version 4, mode 4. */
#define ADDRS4	"c0000201 c6336401 "
#define ZERO40	"0000000000000000000000000000000000000000000000000000000000000000 0000000000000000 "
#define NTP48	"24020600 00000000 " ZERO40
#define UDP_NTP "007b04d2 00380000 " NTP48
#define QUOTE4	"4500004c 00010000 40110000 " ADDRS4 UDP_NTP
/* The error: from 198.51.100.1, or a router 203.0.113.9, to 192.0.2.1. */
#define ERROR4(length, head)  "4500" length "00010000 40010000 c6336401 c0000201 " head
#define ROUTER4(length, head) "4500" length "00010000 40010000 cb007109 c0000201 " head

#define S6		     "20010db8000000000000000000000001 "
#define C6		     "20010db800ff00000000000000000002 "
#define QUOTE6		     "60000000 00381140 " S6 C6 UDP_NTP
#define ERROR6(length, head) "60000000" length "3a40 " C6 S6 head

static struct cl_addr address(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

static void assert_address(const struct cl_addr *a, const char *text)
{
	struct cl_addr b = address(text);

	assert_memory_equal(a, &b, sizeof(b));
}

static struct cl_event error_of(const char *frame)
{
	struct rig r;

	rig_open(&r, NULL, 0);
	assert_int_equal(rig_hex(&r, RAW, frame), CL_FATE_COUNTED);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.last.kind, CL_EV_ICMP);
	struct cl_event ev = r.last;
	rig_close(&r);
	return ev;
}

static void an_error_about_a_response(void **state)
{
	struct cl_event ev = error_of(ERROR4("0068", "03030000 00000000 " QUOTE4));

	(void)state;
	assert_address(&ev.src, "198.51.100.1");
	assert_address(&ev.dst, "192.0.2.1");
	assert_address(&ev.u.icmp.src, "192.0.2.1");
	assert_address(&ev.u.icmp.dst, "198.51.100.1");
	assert_int_equal(ev.u.icmp.sport, 123);
	assert_int_equal(ev.u.icmp.dport, 1234);
	assert_int_equal(ev.u.icmp.type, 3);
	assert_int_equal(ev.u.icmp.code, 3);
	assert_int_equal(ev.u.icmp.family, 4);
	assert_int_equal(ev.u.icmp.bits, CL_ICMP_RESPONSE);
	assert_int_equal(ev.u.icmp.quoted_len, 48);
	ev = error_of(ERROR6("0068", "01040000 00000000 " QUOTE6));
	assert_address(&ev.u.icmp.dst, "2001:db8:ff::2");
	assert_int_equal(ev.u.icmp.family, 6);
	assert_int_equal(ev.u.icmp.code, 4);
	ev = error_of(ROUTER4("0068", "0b000000 00000000 " QUOTE4));
	assert_address(&ev.src, "203.0.113.9");
	assert_int_equal(ev.u.icmp.type, 11);
}

/* What a quote may be: frames that count, and what the event says. */
static void quotes_of_all_kinds(void **state)
{
	static const struct {
		const char *frame;
		unsigned bits;
		uint32_t quoted;
	} rows[] = {
		/* the least: header and eight octets (RFC 792) */
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b04d2 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		/* a request; DNS; TCP */
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "04d2007b 00380000"),
		  0, 0 },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "003504d2 00380000"),
		  CL_ICMP_RESPONSE | CL_ICMP_DNS, 0 },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40060000 " ADDRS4 "04d20035 00000001"),
		  CL_ICMP_DNS | CL_ICMP_TCP, 0 },
		/* both ports are the service's: the mode tells, without it a response */
		{ ERROR4("003c",
			 "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b007b 00380000 23020600"),
		  0, 4 },
		{ ERROR4("003c",
			 "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b007b 00380000 24020600"),
		  CL_ICMP_RESPONSE, 4 },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b007b 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		{ ERROR4("003c",
			 "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "00350035 00380000 abcd0100"),
		  CL_ICMP_DNS, 4 },
		/* an IPv4 header with options; a first fragment */
		{ ERROR4("003c",
			 "03030000 00000000 46000050 00010000 40110000 " ADDRS4 "01010101 007b04d2 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		{ ERROR4("0038", "03030000 00000000 4500004c 00012000 40110000 " ADDRS4 "007b04d2 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		/* extension headers; a first fragment */
		{ ERROR6("0040",
			 "01040000 00000000 60000000 00400040 " S6 C6 "11000000 00000000 007b04d2 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		{ ERROR6("0040",
			 "01040000 00000000 60000000 00402c40 " S6 C6 "11000001 00000007 007b04d2 00380000"),
		  CL_ICMP_RESPONSE, 0 },
		{ ERROR6("0068", "02000000 00000500 " QUOTE6), CL_ICMP_RESPONSE, 48 },
		/* the quote ends where its length says; behind it is an extension */
		{ ERROR4("0074", "0b000000 00130000 " QUOTE4 "2000dfff 00080101 00000000"), CL_ICMP_RESPONSE,
		  48 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cl_event ev = error_of(rows[i].frame);

		if (ev.u.icmp.bits != rows[i].bits || ev.u.icmp.quoted_len != rows[i].quoted)
			fail_msg("row %zu: bits %x, %u octets", i, ev.u.icmp.bits, ev.u.icmp.quoted_len);
	}
}

/* What is no error about us, and what cannot be known. */
static void quotes_that_count_for_nothing(void **state)
{
	static const struct {
		const char *frame;
		uint8_t cut; /* octets not kept */
		enum cl_fate fate;
	} rows[] = {
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "005004d2 00380000"),
		  0, CL_FATE_OTHER },
		/* a later fragment has no ports */
		{ ERROR4("0038", "03030000 00000000 4500004c 00010010 40110000 " ADDRS4 "007b04d2 00380000"),
		  0, CL_FATE_OTHER },
		/* too little is quoted; and nothing */
		{ ERROR4("0034", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b04d2"), 0,
		  CL_FATE_OTHER },
		{ ERROR4("001c", "03030000 00000000"), 0, CL_FATE_OTHER },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b04d2 00380000"),
		  1, CL_FATE_TRUNCATED },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "005004d2 00380000"),
		  1, CL_FATE_TRUNCATED },
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40320000 " ADDRS4 "005004d2 00380000"),
		  1, CL_FATE_OTHER },
		/* an error about an error */
		{ ERROR4("0054", "03030000 00000000 45000038 00010000 40010000 " ADDRS4
				 "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "007b04d2 00380000"),
		  0, CL_FATE_OTHER },
		/* mDNS is apart */
		{ ERROR4("0038", "03030000 00000000 4500004c 00010000 40110000 " ADDRS4 "14e914e9 00380000"),
		  0, CL_FATE_OTHER },
		{ ERROR4("0018", "03030000"), 0, CL_FATE_MALFORMED },
		{ ERROR4("0017", "080300"), 0, CL_FATE_MALFORMED },
	};

	(void)state;
	for (int depth = 0; depth < 2; depth++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			uint8_t octets[200];
			size_t n = unhex(rows[i].frame, octets);
			struct rig r;

			open_at(&r, depth != 0);
			enum cl_fate fate = rig_feed(&r, RAW, octets, n - rows[i].cut, n);
			if (fate != rows[i].fate)
				fail_msg("row %zu: %s", i, cl_fate_names[fate]);
			assert_int_equal(r.events, 0);
			rig_close(&r);
		}
}

/* --server: the quoted packet's. */
static void errors_of_servers_asked_for(void **state)
{
	struct cl_addr servers[] = { address("192.0.2.1") }, others[] = { address("198.51.100.1") };
	struct rig r;

	(void)state;
	rig_open(&r, servers, 1);
	assert_int_equal(rig_hex(&r, RAW, ERROR4("0068", "03030000 00000000 " QUOTE4)), CL_FATE_COUNTED);
	rig_close(&r);
	rig_open(&r, others, 1);
	assert_int_equal(rig_hex(&r, RAW, ERROR4("0068", "03030000 00000000 " QUOTE4)), CL_FATE_FILTERED);
	rig_close(&r);
}

static const struct vector vectors[] = {
	{ "port unreachable",
	  ERROR4("0068", "03030000 00000000 " QUOTE4),
	  RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 30, 2 } } },
	{ "ICMPv6 port unreachable",
	  ERROR6("0068", "01040000 00000000 " QUOTE6),
	  RAW,
	  CL_FATE_COUNTED,
	  { { 4, 2 } } },
	{ "an extension",
	  ERROR4("0074", "0b000000 00130000 " QUOTE4 "2000dfff 00080101 00000000"),
	  RAW,
	  CL_FATE_COUNTED,
	  { { 25, 1 }, { 108, 2 } } },
	{ "interface information",
	  ERROR4("008c", "0b000000 00130000 " QUOTE4
			 "20000000 0020024f 00000007 00010000 c0000209 0c65746830000000 00000000 000005dc"),
	  RAW,
	  CL_FATE_COUNTED,
	  { { 25, 1 }, { 108, 2 } } },
	{ "router advertisement with options",
	  ERROR6("00a0",
		 "86000000 40c80708 00000000 00000000 01010200c0000201 05010000000005dc "
		 "030440c0 00278d00 00093a80 00000000 20010db8000000000000000000000000 "
		 "19030000 000004b0 " S6
		 "1f040000 000004b0 076578616d706c6503636f6d00 0000000000000000000000 "
		 "1803 3008 00000e10 20010db8000100000000000000000000 2602 0708 0064ff9b0000000000000000"),
	  RAW,
	  CL_FATE_OTHER,
	  { { 4, 2 }, { 57, 1 } } },
	{ "MLDv2 report",
	  ERROR6("0034", "8f000000 00000002 04000000 " S6 "03010000 " C6 "61626364"),
	  RAW,
	  CL_FATE_OTHER,
	  { { 46, 2 } } },
	{ "redirect with the packet",
	  ERROR6("0090", "89000000 00000000 " S6 C6 "040d0000 00000000 " QUOTE6),
	  RAW,
	  CL_FATE_OTHER,
	  { { 81, 1 } } },
	{ "router advertisement with extensions of mobile IP",
	  ERROR4("0038", "09100000 01020708 c0000201 00000000 100a0005 0258ffff c0000203 00 130118 4d020909"),
	  RAW,
	  CL_FATE_OTHER,
	  { { 24, 1 } } },
};

static void vectors_cut_flipped_and_lied(void **state)
{
	(void)state;
	check_vectors(vectors, COUNT(vectors));
}

static void assert_lines(const char *frame, const char *const *lines)
{
	struct rig r;

	rig_open_detail(&r);
	rig_hex(&r, RAW, frame);
	for (; *lines != NULL; lines++)
		assert_shows(&r, *lines);
	rig_close(&r);
}

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void errors_in_detail(void **state)
{
	(void)state;
	assert_lines(vectors[0].frame, LINES("icmp", "icmp.type=3", "icmp.code=3", "icmp.unused=00000000"));
	assert_lines(ERROR4("0068", "03040000 00000500 " QUOTE4), LINES("icmp.unused=0000", "icmp.mtu=1280"));
	assert_lines(ERROR4("0068", "05010000 c00002fe " QUOTE4), LINES("icmp.redir_gw=192.0.2.254"));
	assert_lines(ERROR4("0068", "0c000000 14000000 " QUOTE4),
		     LINES("icmp.pointer=20", "icmp.unused=000000"));
	assert_lines(vectors[1].frame, LINES("icmpv6.type=1", "icmpv6.code=4", "icmpv6.reserved=00000000"));
	assert_lines(ERROR6("0068", "02000000 00000500 " QUOTE6), LINES("icmpv6.mtu=1280"));
	assert_lines(ERROR6("0068", "04010000 00000028 " QUOTE6), LINES("icmpv6.pointer=40"));
	assert_lines(vectors[2].frame,
		     LINES("icmp.length=19", "icmp.length.original_datagram=76", "icmp.ext.version=2",
			   "icmp.ext.length=8", "icmp.ext.class=1", "icmp.ext.ctype=1", "icmp.mpls.label=0",
			   "icmp.mpls.exp=0", "icmp.mpls.s=0", "icmp.mpls.ttl=0"));
	assert_lines(vectors[3].frame,
		     LINES("icmp.int_info.role=1", "icmp.int_info.ifindex=1", "icmp.int_info.index=7",
			   "icmp.int_info.afi=1", "icmp.int_info.ipv4=192.0.2.9",
			   "icmp.int_info.name_length=12", "icmp.int_info.name=eth0",
			   "icmp.int_info.mtu=1500", "icmp.ext.checksum.status=3"));
}

static void messages_in_detail(void **state)
{
	(void)state;
	assert_lines(ERROR4("0020", "08000000 12340007 61626364"),
		     LINES("icmp.ident=4660", "icmp.ident_le=13330", "icmp.seq=7", "icmp.seq_le=1792",
			   "icmp.checksum.status=0", "!icmp.bad_checksum"));
	assert_lines(ERROR4("0028", "0d000000 00010002 000003e8 000007d0 00000bb8"),
		     LINES("icmp.originate_timestamp=1000", "icmp.receive_timestamp=2000",
			   "icmp.transmit_timestamp=3000"));
	assert_lines(ERROR4("0020", "11000000 00010002 ffffff00"), LINES("icmp.address_mask=255.255.255.0"));
	assert_lines(vectors[7].frame,
		     LINES("icmp.num_addrs=1", "icmp.addr_entry_size=2", "icmp.lifetime=1800",
			   "icmp.router_address=192.0.2.1", "icmp.pref_level=0", "icmp.mip.type=16",
			   "icmp.mip.life=600", "icmp.mip.r=1", "icmp.mip.reserved=63",
			   "icmp.mip.coa=192.0.2.3", "icmp.mip.type=0", "icmp.mip.prefixlength=24",
			   "icmp.mip.type=77"));
	assert_lines(ERROR4("001c", "2b020000 12340747"),
		     LINES("icmp.ext.echo.seq=7", "icmp.ext.echo.rsp.state=2", "icmp.ext.echo.rsp.active=1",
			   "icmp.ext.echo.rsp.ipv4=1", "icmp.ext.echo.rsp.ipv6=1"));
	assert_lines(ERROR4("0028", "2a000000 12340701 20000000 00080302 00000004"),
		     LINES("icmp.ext.echo.req.local=1", "icmp.ext.class=3", "icmp.int_ident.index=4"));
}

static void messages_of_version_6_in_detail(void **state)
{
	(void)state;
	assert_lines(ERROR6("0008", "80000000 12340007"),
		     LINES("icmpv6.echo.identifier=4660", "icmpv6.echo.sequence_number=7"));
	assert_lines(
		vectors[4].frame,
		LINES("icmpv6.nd.ra.cur_hop_limit=64", "icmpv6.nd.ra.flag.m=1", "icmpv6.nd.ra.flag.prf=1",
		      "icmpv6.nd.ra.router_lifetime=1800", "icmpv6.opt.linkaddr=0200c0000201",
		      "icmpv6.opt.mtu=1500", "icmpv6.opt.src_linkaddr=0200c0000201",
		      "icmpv6.opt.prefix.length=64", "icmpv6.opt.prefix=20010db8000000000000000000000000",
		      "icmpv6.opt.prefix.valid_lifetime=2592000", "icmpv6.opt.rdnss.lifetime=1200",
		      "icmpv6.opt.rdnss=20010db8000000000000000000000001", "icmpv6.opt.dnssl=example.com",
		      "icmpv6.opt.prefix.length=48", "icmpv6.opt.route_info.flag.route_preference=1",
		      "icmpv6.opt.pref64.scaled_lifetime=225", "icmpv6.opt.pref64.plc=0",
		      "icmpv6.opt.pref64.prefix=0064ff9b000000000000000000000000"));
	assert_lines(ERROR6("0018", "85000000 00000000 0102 0000000000008000f12ab9c82815"),
		     LINES("icmpv6.opt.linkaddr=0000000000008000f12ab9c82815",
			   "icmpv6.opt.src_linkaddr=0000000000008000f12ab9c82815"));
	assert_lines(ERROR6("0018", "86000000 40000000 00000000 00000000 0501 abcd 000005dc"),
		     LINES("icmpv6.opt.reserved=abcd", "icmpv6.opt.mtu=1500"));
	assert_lines(vectors[5].frame,
		     LINES("icmpv6.mldr.nb_mcast_records=2", "icmpv6.mldr.mar.record_type=4",
			   "icmpv6.mldr.mar.record_type=3", "icmpv6.mldr.mar.auxiliary_data=61626364"));
	assert_lines(ERROR6("002c", "82000000 8fff0000 " S6 "0a7d0001 " C6),
		     LINES("icmpv6.mld.maximum_response_code=65528", "icmpv6.mld.flag.s=1",
			   "icmpv6.mld.flag.qrv=2", "icmpv6.mld.qqi=125", "icmpv6.mld.nb_sources=1",
			   "icmpv6.mld.source_address=20010db800ff00000000000000000002"));
	assert_lines(ERROR6("0018", "88000000 e0000000 " S6),
		     LINES("icmpv6.nd.na.flag.r=1", "icmpv6.nd.na.flag.s=1", "icmpv6.nd.na.flag.o=1"));
	assert_lines(vectors[6].frame,
		     LINES("icmpv6.rd.na.destination_address=20010db800ff00000000000000000002"));
}

/* Each anomaly has its packet. */
static void anomalies_by_name(void **state)
{
	(void)state;
	assert_lines(ERROR4("0018", "03030000"), LINES("!icmp.too_short"));
	assert_lines(ERROR4("0068", "0b000000 00ff0000 " QUOTE4), LINES("!icmp.bad_length"));
	assert_lines(ERROR4("0070", "0b000000 00130000 " QUOTE4 "20000000 00030101"),
		     LINES("!icmp.bad_extension"));
	assert_lines(ERROR4("0070", "0b000000 00130000 " QUOTE4 "20000000 00090101"),
		     LINES("!icmp.bad_extension"));
	assert_lines(ERROR6("0010", "85000000 00000000 0100000000000000"), LINES("!icmpv6.bad_option"));
	assert_lines(ERROR6("0010", "85000000 00000000 0102000000000000"), LINES("!icmpv6.bad_option"));
	assert_lines(ERROR6("0008", "80000000 12340007"), LINES("!icmpv6.bad_checksum"));
	assert_lines(ERROR6("001c", "8f000000 00000001 04000001 " S6), LINES("!icmpv6.bad_records"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_about_a_response),
		cmocka_unit_test(quotes_of_all_kinds),
		cmocka_unit_test(quotes_that_count_for_nothing),
		cmocka_unit_test(errors_of_servers_asked_for),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
		cmocka_unit_test(errors_in_detail),
		cmocka_unit_test(messages_in_detail),
		cmocka_unit_test(messages_of_version_6_in_detail),
		cmocka_unit_test(anomalies_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

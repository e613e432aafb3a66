/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnels counted from notes made by hand, and what of them stands in the store. */
#include "stats/engine/tunnels.h"

#include <stdio.h>

#include "stats/store/store.h"
#include "tests/unit/test_cmocka.h"

#define SECOND	 INT64_C(1000000000)
#define DAY	 INT64_C(86400000000000)
#define MIDNIGHT (20000 * DAY)

enum { SIXIN4 = 0, GRE = 4 };

static struct cl_addr addr(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

/* From B to A, the higher address sends; a TCP segment inside. */
static struct cl_tunnel_note note(int64_t time_ns)
{
	return (struct cl_tunnel_note){ .time_ns = time_ns,
					.src = addr("216.66.86.114"),
					.dst = addr("193.24.227.10"),
					.inner_src = addr("2001:db8:a:1::1"),
					.inner_dst = addr("2001:db8:b:2::1"),
					.bytes = 100,
					.packets = 1,
					.inner_octets = 66,
					.overhead = 20,
					.ttl = 60,
					.ip_id = 5,
					.level = 1,
					.kind = SIXIN4,
					.what = CL_TUNNEL_PACKET,
					.inner_version = 6,
					.inner_proto = 6 };
}

static void turn(struct cl_tunnel_note *n)
{
	const struct cl_addr src = n->src, inner = n->inner_src;

	n->src = n->dst;
	n->dst = src;
	n->inner_src = n->inner_dst;
	n->inner_dst = inner;
}

struct bench {
	struct cl_tunnels *t;
	struct cl_store *store;
};

static void open_bench(struct bench *b)
{
	const struct cl_store_config config = { .engine = { .timeout_ns = SECOND, .step_ns = SECOND } };

	b->t = cl_tunnels_new(7);
	b->store = cl_store_memory(&config);
	assert_non_null(b->t);
	assert_non_null(b->store);
}

/* Writes what was counted, and begins anew from there: as if another capture followed. */
static void go_on(struct bench *b, int64_t last_ns)
{
	const struct cl_source_row source = { .first_ns = MIDNIGHT, .last_ns = last_ns, .packets = 1 };

	cl_store_source(b->store, &source);
	assert_true(cl_tunnels_write(b->t, b->store));
	assert_null(cl_store_error(b->store));
	cl_tunnels_free(b->t);
	b->t = cl_tunnels_new(8);
	assert_non_null(b->t);
	assert_true(cl_tunnels_load(b->t, b->store));
}

static void close_bench(struct bench *b)
{
	cl_tunnels_free(b->t);
	cl_store_close(b->store);
}

/* The rows of a question, cells with | between, rows with ; behind. NULL cells are empty. */
static void assert_rows(struct bench *b, const char *sql, int columns, const char *want)
{
	struct cl_query *q = cl_query_new(b->store, sql);
	char got[1024] = "";
	size_t at = 0;

	while (cl_query_row(q))
		for (int i = 0; i < columns; i++) {
			const char *text = cl_query_text(q, i);

			at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%s", text != NULL ? text : "",
					       i + 1 < columns ? "|" : ";");
			assert_true(at < sizeof(got));
		}
	cl_query_free(q);
	assert_null(cl_store_error(b->store));
	assert_string_equal(got, want);
}

#define WAYS(columns) "SELECT way, " columns " FROM tunnel_way_day ORDER BY day, kind, hex(a), way"

static void the_lower_address_is_a(void **state)
{
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT + SECOND);

	(void)state;
	open_bench(&b);
	cl_tunnels_note(b.t, &n);
	cl_tunnels_note(b.t, &n);
	turn(&n);
	n.bytes = 70;
	n.time_ns = MIDNIGHT + 3 * SECOND;
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b,
		    "SELECT day, kind, hex(a), hex(b), first_ns - 20000 * 86400000000000, last_ns - 20000 "
		    "* 86400000000000 FROM tunnel_day",
		    6, "20000|6in4|C118E30A|D8425672|1000000000|3000000000;");
	assert_rows(&b, WAYS("packets, bytes, inner_max, overhead"), 5, "ab|1|70|66|20;ba|2|200|66|20;");
	close_bench(&b);
}

static void outer_headers_are_compared(void **state)
{
	static const uint8_t ttls[] = { 60, 60, 57, 60, 61 };
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT);

	(void)state;
	open_bench(&b);
	for (unsigned i = 0; i < sizeof(ttls); i++) {
		n.time_ns += SECOND;
		n.ttl = ttls[i];
		n.bits = i < 2 ? CL_TUNNEL_DF : 0;
		n.ip_id = i == 4;
		cl_tunnels_note(b.t, &n);
		if (i == 2)
			go_on(&b, n.time_ns);
	}
	n.what = CL_TUNNEL_FRAGMENT;
	n.bits = CL_TUNNEL_FRAGMENTED;
	cl_tunnels_note(b.t, &n);
	n.what = CL_TUNNEL_PACKET;
	n.packets = 0;
	n.bytes = 0;
	n.inner_octets = 1480;
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(
		&b,
		WAYS("packets, ttl_min, ttl_max, ttl_changes, dont_fragment, id_zero, fragments, inner_max"),
		9, "ab|0||0|0|0|0|0|0;ba|6|57|61|3|2|4|1|1480;");
	close_bench(&b);
}

static void networks_are_at_an_end(void **state)
{
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT);

	(void)state;
	open_bench(&b);
	cl_tunnels_note(b.t, &n); /* from a:1 at B to b:2 at A */
	turn(&n);
	cl_tunnels_note(b.t, &n);
	n.inner_src = addr("2001:db8:a:3::1"); /* both in one /48, a:3 at A and a:1 at B */
	cl_tunnels_note(b.t, &n);
	n.inner_version = 4;
	n.inner_src = addr("192.0.2.7");
	n.inner_dst = addr("192.0.2.8");
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b,
		    "SELECT hex(prefix), length, packets, at_a, at_b FROM tunnel_prefix_day ORDER BY "
		    "length, prefix",
		    5,
		    "C0000200|24|1|1|1;"
		    "20010DB8000A00000000000000000000|48|3|1|3;20010DB8000B00000000000000000000|48|2|2|0;"
		    "20010DB8000A00010000000000000000|64|3|0|3;20010DB8000A00030000000000000000|64|1|1|0;"
		    "20010DB8000B00020000000000000000|64|2|2|0;");
	close_bench(&b);
}

static void protocols_have_names(void **state)
{
	static const struct {
		uint8_t version, proto, bits, service, carried, icmp;
		uint16_t sport, dport;
		const char *name;
	} rows[] = {
		{ 6, 17, CL_TUNNEL_PORTS, CL_TUNNEL_SERVICE_NTP, 0, 0, 123, 123, "NTP" },
		{ 6, 17, CL_TUNNEL_PORTS, CL_TUNNEL_SERVICE_DNS, 0, 0, 4000, 53, "DNS/UDP" },
		{ 6, 6, CL_TUNNEL_PORTS, CL_TUNNEL_SERVICE_DNS, 0, 0, 4000, 53, "DNS/TCP" },
		{ 6, 6, CL_TUNNEL_PORTS, 0, 0, 0, 80, 4000, "HTTP" },
		{ 6, 6, CL_TUNNEL_PORTS, 0, 0, 0, 4000, 443, "TLS" },
		{ 6, 17, CL_TUNNEL_PORTS, 0, 0, 0, 4000, 443, "QUIC" },
		{ 6, 17, CL_TUNNEL_PORTS, 0, 0, 0, 514, 514, "syslog" },
		{ 6, 6, CL_TUNNEL_PORTS, 0, 0, 0, 993, 4000, "TCP/993" },
		{ 6, 17, CL_TUNNEL_PORTS, 0, 0, 0, 5000, 4000, "UDP" },
		{ 6, 17, CL_TUNNEL_INNER_FRAGMENT, 0, 0, 0, 0, 0, "fragment" },
		{ 6, 17, CL_TUNNEL_INNER_FRAGMENT | CL_TUNNEL_INNER_WHOLE | CL_TUNNEL_PORTS,
		  CL_TUNNEL_SERVICE_DNS, 0, 0, 53, 4000, "DNS/UDP" },
		{ 6, 58, CL_TUNNEL_ICMP, 0, 0, 128, 0, 0, "ICMPv6 echo" },
		{ 6, 58, CL_TUNNEL_ICMP, 0, 0, 129, 0, 0, "ICMPv6 echo" },
		{ 6, 58, CL_TUNNEL_ICMP, 0, 0, 8, 0, 0, "ICMPv6" },
		{ 6, 58, 0, 0, 0, 128, 0, 0, "ICMPv6" },
		{ 4, 1, CL_TUNNEL_ICMP, 0, 0, 0, 0, 0, "ICMP echo" },
		{ 4, 1, CL_TUNNEL_ICMP, 0, 0, 3, 0, 0, "ICMP" },
		{ 4, 41, 0, 0, 1 + SIXIN4, 0, 0, 0, "6in4" },
		{ 4, 89, 0, 0, 0, 0, 0, 0, "protocol 89" },
		{ 0, 0, 0, 0, 0, 0, 0, 0, "not IP" },
	};
	char text[CL_TUNNEL_PROTOCOL_LENGTH];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct cl_tunnel_note n = { .inner_version = rows[i].version,
						  .inner_proto = rows[i].proto,
						  .bits = rows[i].bits,
						  .service = rows[i].service,
						  .carried = rows[i].carried,
						  .icmp_type = rows[i].icmp,
						  .sport = rows[i].sport,
						  .dport = rows[i].dport };

		assert_string_equal(cl_tunnel_protocol_of(&n, text), rows[i].name);
	}
}

/* A request of A's side, an answer from B's. */
static void ping(struct bench *b, int64_t time_ns, bool request, uint32_t rest)
{
	struct cl_tunnel_note n = note(time_ns);

	n.inner_proto = 58;
	n.bits = CL_TUNNEL_ICMP;
	n.icmp_type = request ? 128 : 129;
	n.icmp_rest = rest;
	if (request)
		turn(&n);
	cl_tunnels_note(b->t, &n);
}

#define PINGS WAYS("echo_requests, echo_answered, rtt_min_ns, rtt_max_ns, rtt_sum_ns")

static void pings_have_a_round_trip(void **state)
{
	struct bench b;
	int64_t t = MIDNIGHT + SECOND;

	(void)state;
	open_bench(&b);
	ping(&b, t, true, 1);
	ping(&b, t + 30000000, false, 1);
	ping(&b, t + 31000000, false, 1); /* a duplicate answers nothing */
	ping(&b, t + SECOND, true, 2);
	go_on(&b, t + SECOND);
	ping(&b, t + SECOND + 10000000, false, 2); /* asked before the seam */
	ping(&b, t + SECOND, true, 3);
	ping(&b, t + SECOND + CL_TUNNEL_ECHO_NS + 1, false, 3); /* too late */
	ping(&b, t + 20 * SECOND, false, 4);			/* never asked */
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b, PINGS, 6, "ab|3|2|10000000|30000000|40000000;ba|0|0||0|0;");
	assert_rows(&b, "SELECT protocol, packets_ab, packets_ba, octets_ba FROM tunnel_protocol_day", 4,
		    "ICMPv6 echo|3|5|330;");
	close_bench(&b);
}

static void too_many_pings_give_way(void **state)
{
	struct bench b;
	uint32_t n = 3 * CL_TUNNEL_ECHOES, answered = 0;
	char want[128];

	(void)state;
	open_bench(&b);
	for (uint32_t i = 0; i < n; i++)
		ping(&b, MIDNIGHT + i, true, i);
	for (uint32_t i = 0; i < n; i++)
		ping(&b, MIDNIGHT + SECOND, false, i);
	assert_true(cl_tunnels_write(b.t, b.store));
	struct cl_query *q = cl_query_new(b.store, "SELECT sum(echo_answered) FROM tunnel_way_day");
	assert_true(cl_query_row(q));
	answered = (uint32_t)cl_query_u64(q, 0);
	cl_query_free(q);
	assert_true(answered > CL_TUNNEL_ECHOES / 2 && answered <= CL_TUNNEL_ECHOES);
	snprintf(want, sizeof(want), "%u;", n - answered); /* none is lost unsaid */
	assert_rows(&b, "SELECT echoes_lost FROM tunnel_day", 1, want);
	close_bench(&b);
}

static void sizes_are_held_against_the_tunnel(void **state)
{
	static const struct {
		uint16_t mss;
		uint8_t version;
	} syns[] = { { 1420, 6 }, { 1421, 6 }, { 1440, 4 }, { 1441, 4 }, { 536, 6 } };
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT);

	(void)state;
	open_bench(&b);
	for (size_t i = 0; i < sizeof(syns) / sizeof(*syns); i++) {
		n.mss = syns[i].mss;
		n.inner_version = syns[i].version;
		cl_tunnels_note(b.t, &n);
	}
	n.mss = 0;
	n.inner_proto = 58;
	n.bits = CL_TUNNEL_ICMP;
	n.icmp_type = 2;
	n.icmp_rest = 1480;
	cl_tunnels_note(b.t, &n);
	n.icmp_rest = 1280;
	cl_tunnels_note(b.t, &n);
	n.inner_proto = 1;
	n.icmp_type = 3;
	n.icmp_code = 4;
	n.icmp_rest = 0; /* says none */
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b, WAYS("syns, syns_over, mss_max, too_big, too_big_mtu"), 6,
		    "ab|0|0|0|0|;ba|5|2|1441|3|1280;");
	close_bench(&b);
}

static void errors_are_about_a_way(void **state)
{
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT);

	(void)state;
	open_bench(&b);
	n.what = CL_TUNNEL_ERROR;
	n.inner_src = addr("192.0.2.9");
	n.family = 4;
	n.icmp_type = 3;
	n.icmp_code = 4;
	n.icmp_rest = 1480;
	cl_tunnels_note(b.t, &n);
	go_on(&b, MIDNIGHT);
	n.icmp_rest = 1460;
	cl_tunnels_note(b.t, &n);
	n.icmp_code = 13;
	turn(&n);
	n.inner_src = addr("192.0.2.9");
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b, "SELECT way, family, type, code, hex(sender), errors, mtu FROM tunnel_error_day", 7,
		    "ab|4|3|13|C0000209|1|;ba|4|3|4|C0000209|2|1460;");
	assert_rows(&b, "SELECT first_ns, last_ns FROM tunnel_day", 2, "|;"); /* no packet was seen */
	close_bench(&b);
}

static void a_way_alone_is_timed(void **state)
{
	struct bench b;
	struct cl_tunnel_note there = note(0), back = note(0);

	(void)state;
	turn(&back);
	open_bench(&b);
	for (int s = 1; s <= 4; s++) { /* 3 s alone, then 6 s alone over the seam */
		there.time_ns = MIDNIGHT + s * SECOND;
		cl_tunnels_note(b.t, &there);
	}
	back.time_ns = MIDNIGHT + 5 * SECOND;
	cl_tunnels_note(b.t, &back);
	there.time_ns = MIDNIGHT + 6 * SECOND;
	cl_tunnels_note(b.t, &there);
	go_on(&b, there.time_ns);
	there.time_ns = MIDNIGHT + 12 * SECOND;
	cl_tunnels_note(b.t, &there);
	back.time_ns = MIDNIGHT + 20 * SECOND;
	cl_tunnels_note(b.t, &back);
	there.time_ns = MIDNIGHT + 40 * SECOND;
	cl_tunnels_note(b.t, &there);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b, WAYS("alone_ns, run_from_ns - 20000 * 86400000000000"), 3,
		    "ab|0|;ba|6000000000|40000000000;");
	close_bench(&b);
}

static void days_are_apart(void **state)
{
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT - 1);

	(void)state;
	open_bench(&b);
	cl_tunnels_note(b.t, &n);
	n.time_ns = MIDNIGHT;
	n.ttl = 50;
	cl_tunnels_note(b.t, &n);
	n.kind = GRE;
	n.level = 2;
	cl_tunnels_note(b.t, &n);
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b,
		    "SELECT day, kind, packets, ttl_changes, nested FROM tunnel_way_day WHERE way = 'ba' "
		    "ORDER BY day, kind",
		    5, "19999|6in4|1|0|0;20000|6in4|1|0|0;20000|gre|1|0|1;");
	close_bench(&b);
}

static void tunnels_beyond_the_limit_count_together(void **state)
{
	const uint32_t over = 100;
	struct bench b;
	struct cl_tunnel_note n = note(MIDNIGHT);

	(void)state;
	open_bench(&b);
	for (uint32_t i = 0; i < CL_TUNNELS_MAX + over; i++) {
		n.src.b[14] = (uint8_t)(i >> 8);
		n.src.b[15] = (uint8_t)i;
		n.src.b[13] = (uint8_t)(i >> 16);
		cl_tunnels_note(b.t, &n);
	}
	assert_true(cl_tunnels_write(b.t, b.store));
	assert_rows(&b,
		    "SELECT count(*), sum(packets) FROM tunnel_way_day WHERE length(a) = 0 AND packets > 0",
		    2, "1|100;");
	assert_rows(&b, "SELECT sum(packets) FROM tunnel_way_day", 1, "16484;");
	close_bench(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lower_address_is_a),
		cmocka_unit_test(outer_headers_are_compared),
		cmocka_unit_test(networks_are_at_an_end),
		cmocka_unit_test(protocols_have_names),
		cmocka_unit_test(pings_have_a_round_trip),
		cmocka_unit_test(too_many_pings_give_way),
		cmocka_unit_test(sizes_are_held_against_the_tunnel),
		cmocka_unit_test(errors_are_about_a_way),
		cmocka_unit_test(a_way_alone_is_timed),
		cmocka_unit_test(days_are_apart),
		cmocka_unit_test(tunnels_beyond_the_limit_count_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

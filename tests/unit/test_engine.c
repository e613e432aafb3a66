/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine over a store in memory, fed with events made by hand: DNS over TCP within its connections, zone
 * transfers, messages that expect no answer, ICMP errors. Figures are asked of the tables.
 */
#include "stats/engine/engine.h"
#include "stats/engine/tally.h"
#include "stats/store/store.h"

#include "tests/unit/vectors.h"

#define MS     1000000ll
#define SECOND 1000000000ll
#define START  (1788000000 * SECOND)

enum what { QUERY, ANSWER, DSO, ERROR };

enum { A = 1, SOA = 6, IXFR = 251, AXFR = 252 };
enum { TCP = CL_DNS_TCP, QUESTION = CL_DNS_QUESTION };

#define FIRST (CL_DNS_XFR_ANSWER | CL_DNS_XFR_FIRST | CL_DNS_XFR_ODD)
#define ALONE (FIRST | CL_DNS_XFR_LAST | CL_DNS_XFR_ONE)
#define PART  CL_DNS_XFR_ANSWER
#define LAST  (CL_DNS_XFR_ANSWER | CL_DNS_XFR_LAST | CL_DNS_XFR_ODD)
#define WHOLE (CL_DNS_XFR_ANSWER | CL_DNS_XFR_FIRST | CL_DNS_XFR_LAST)

/* A message, or an ICMP error: `id` is its code then, `qtype` its type, `connection` its sender. */
struct step {
	enum what what;
	int64_t at_ms;
	uint16_t id, qtype;
	uint32_t connection;
	unsigned bits, transfer;
	uint32_t first, last;
	uint16_t rcode;
};

struct want {
	const char *sql;
	int64_t value;
};

struct engine_case {
	const char *name;
	struct step steps[10];
	struct want wants[14];
};

#define DAY(column) "SELECT sum(" column ") FROM day JOIN service USING(service_id) WHERE kind = 'server'"
#define DELTA(kind, column)                                                                                  \
	"SELECT coalesce(sum(" column "), 0) FROM day_delta JOIN service USING(service_id) WHERE "           \
	"service.kind = 'server' AND day_delta.kind = " #kind
#define CLIENTS(of)                                                                                          \
	"SELECT sum(ipv4) FROM client_count JOIN service USING(service_id) WHERE kind = '" of                \
	"' AND proto = 'dns'"

static const struct engine_case cases[] = {
	{ "over TCP and UDP",
	  { { QUERY, 0, 7, A, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { QUERY, 1, 7, A, 0, QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 5, 7, A, 0, QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 8, 7, A, 1, TCP | QUESTION, 0, 0, 0, 3 } },
	  { { DAY("requests"), 2 },
	    { DAY("matched"), 2 },
	    { DAY("tcp_requests"), 1 },
	    { DAY("tcp_responses"), 1 },
	    { DELTA(0, "sum_ns"), 4 * MS },
	    { DELTA(1, "n"), 1 },
	    { DELTA(2, "sum_ns"), 8 * MS },
	    { DELTA(3, "sum_ns"), 7 * MS },
	    { CLIENTS("all"), 1 },
	    { CLIENTS("all udp"), 1 },
	    { CLIENTS("all tcp"), 1 },
	    { "SELECT sum(n) FROM day_code JOIN service USING(service_id) WHERE service.kind = 'server' AND "
	      "day_code.kind = 'rcode' AND code = 3",
	      1 } } },
	{ "the same ports again are another connection",
	  { { QUERY, 0, 7, A, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { QUERY, 100, 7, A, 2, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 105, 7, A, 2, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 300, 7, A, 3, TCP | QUESTION, 0, 0, 0, 0 } },
	  { { DAY("requests"), 2 },
	    { DAY("matched"), 1 },
	    { DAY("bogus"), 1 },
	    { DELTA(2, "sum_ns"), 5 * MS },
	    { "SELECT sum(requests) FROM open_at_end JOIN service USING(service_id) WHERE kind = 'server'",
	      1 } } },
	{ "answers in another order",
	  { { QUERY, 0, 7, A, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { QUERY, 1, 8, A, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 8, A, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 5, 7, A, 1, TCP | QUESTION, 0, 0, 0, 0 } },
	  { { DAY("matched"), 2 }, { DELTA(2, "sum_ns"), 6 * MS } } },
	{ "a transfer of three messages",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, FIRST, 99, 0, 0 },
	    { ANSWER, 3, 7, 0, 1, TCP, PART, 0, 0, 0 },
	    { ANSWER, 9, 7, 0, 1, TCP, LAST, 0, 99, 0 },
	    { ANSWER, 10, 7, 0, 1, TCP, PART, 0, 0, 0 } },
	  { { DAY("responses"), 2 },
	    { DAY("matched"), 1 },
	    { DAY("duplicates"), 1 },
	    { DAY("tcp_responses"), 2 },
	    { DELTA(2, "n"), 1 },
	    { DELTA(2, "sum_ns"), 9 * MS },
	    { DELTA(3, "n"), 1 },
	    { DELTA(3, "sum_ns"), 1 * MS } } },
	{ "a transfer in one message",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, WHOLE, 99, 99, 0 } },
	  { { DAY("matched"), 1 }, { DELTA(2, "sum_ns"), 2 * MS }, { DELTA(3, "n"), 1 } } },
	{ "a transfer of one record a message",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, ALONE, 99, 99, 0 },
	    { ANSWER, 3, 7, AXFR, 1, TCP | QUESTION, PART | CL_DNS_XFR_ONE, 0, 0, 0 },
	    { ANSWER, 4, 7, AXFR, 1, TCP | QUESTION, ALONE, 99, 99, 0 } },
	  { { DAY("responses"), 1 }, { DELTA(2, "sum_ns"), 4 * MS } } },
	{ "a transfer that is refused",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 5 } },
	  { { DAY("matched"), 1 }, { DELTA(2, "sum_ns"), 2 * MS } } },
	{ "a transfer that takes longer than the timeout",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, FIRST, 99, 0, 0 },
	    { ANSWER, 30000, 7, 0, 1, TCP, LAST, 0, 99, 0 } },
	  { { DAY("matched"), 1 }, { DAY("late"), 0 }, { DELTA(2, "sum_ns"), 30 * SECOND } } },
	{ "a transfer whose end is not seen",
	  { { QUERY, 0, 7, AXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, AXFR, 1, TCP | QUESTION, FIRST, 99, 0, 0 },
	    { ANSWER, 3, 7, 0, 1, TCP, PART, 0, 0, 0 } },
	  { { DAY("matched"), 1 },
	    { DELTA(2, "n"), 0 },
	    { DELTA(3, "n"), 1 },
	    { "SELECT sum(requests) FROM open_at_end", 0 } } },
	{ "up to date",
	  { { QUERY, 0, 7, IXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, IXFR, 1, TCP | QUESTION, ALONE, 99, 99, 0 },
	    { ANSWER, 3, 7, IXFR, 1, TCP | QUESTION, ALONE, 99, 99, 0 } },
	  { { DAY("matched"), 1 }, { DAY("duplicates"), 1 }, { DELTA(2, "sum_ns"), 2 * MS } } },
	/* new, old, ... | new (additions: odd) | ... new: the end at an even place */
	{ "an incremental transfer cut behind an SOA",
	  { { QUERY, 0, 7, IXFR, 1, TCP | QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, IXFR, 1, TCP | QUESTION, PART | CL_DNS_XFR_FIRST | CL_DNS_XFR_LAST, 99, 98, 0 },
	    { ANSWER, 3, 7, 0, 1, TCP, LAST, 0, 99, 0 },
	    { ANSWER, 9, 7, 0, 1, TCP, LAST, 0, 99, 0 } },
	  { { DAY("responses"), 1 }, { DELTA(2, "n"), 1 }, { DELTA(2, "sum_ns"), 9 * MS } } },
	{ "over UDP no transfer goes on",
	  { { QUERY, 0, 7, IXFR, 0, QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 2, 7, IXFR, 0, QUESTION, 0, 0, 0, 0 },
	    { ANSWER, 3, 7, IXFR, 0, QUESTION, 0, 0, 0, 0 } },
	  { { DAY("matched"), 1 }, { DAY("duplicates"), 1 } } },
	{ "what expects no answer",
	  { { DSO, 0, 0, 0, 1, TCP, 0, 0, 0, 0 } },
	  { { DAY("requests"), 0 },
	    { DAY("responses"), 0 },
	    { DAY("apart"), 1 },
	    { "SELECT count(*) FROM client_count WHERE ipv4 > 0", 0 },
	    { "SELECT sum(requests) FROM open_at_end", 0 } } },
	/* three errors of two senders about responses to one client, one of them the client; one about a
	   query */
	{ "ICMP errors",
	  { { ERROR, 0, 3, 3, 1, CL_ICMP_RESPONSE, 0, 0, 0, 0 },
	    { ERROR, 1, 3, 3, 1, CL_ICMP_RESPONSE, 0, 0, 0, 0 },
	    { ERROR, 2, 0, 11, 9, CL_ICMP_RESPONSE | CL_ICMP_DNS, 0, 0, 0, 0 },
	    { ERROR, 3, 1, 3, 9, 0, 0, 0, 0, 0 } },
	  { { "SELECT sum(errors) FROM icmp_day", 4 },
	    { "SELECT count(*) FROM icmp_day", 3 },
	    { "SELECT sum(responses) FROM icmp_day", 3 },
	    { "SELECT sum(from_client) FROM icmp_day", 2 },
	    { "SELECT count(DISTINCT addr) FROM icmp_address_day WHERE role = 'sender'", 2 },
	    { "SELECT count(DISTINCT addr) FROM icmp_address_day WHERE role = 'affected'", 1 },
	    { "SELECT errors FROM icmp_address_day WHERE role = 'affected' AND type = 3", 2 },
	    { "SELECT errors FROM icmp_day WHERE proto = 'dns' AND type = 11 AND family = 4 AND "
	      "length(server) = 4",
	      1 } } },
};

static struct cl_addr host(unsigned n)
{
	const uint8_t octets[4] = { 192, 0, 2, (uint8_t)n };

	return cl_addr_from_v4(octets);
}

enum { CLIENT = 1, SERVER = 53 };

static struct cl_event event_of(const struct step *s)
{
	bool back = s->what == ANSWER, error = s->what == ERROR;
	struct cl_event ev = { .time_ns = START + s->at_ms * MS, .frame_no = 1, .wire_len = 100 };

	ev.src = host(error ? s->connection : back ? SERVER : CLIENT);
	ev.dst = host(back ? CLIENT : SERVER);
	if (error) {
		bool response = (s->bits & CL_ICMP_RESPONSE) != 0;

		ev.kind = CL_EV_ICMP;
		ev.role = CL_ROLE_APART;
		ev.u.icmp = (struct cl_icmp){ .src = host(response ? SERVER : CLIENT),
					      .dst = host(response ? CLIENT : SERVER),
					      .type = (uint8_t)s->qtype,
					      .code = (uint8_t)s->id,
					      .family = 4,
					      .bits = (uint8_t)s->bits };
		return ev;
	}
	ev.kind = CL_EV_DNS;
	ev.role = (uint8_t)(back ? CL_ROLE_RESPONSE : s->what == DSO ? CL_ROLE_APART : CL_ROLE_REQUEST);
	ev.sport = back ? 53 : 50000;
	ev.dport = back ? 50000 : 53;
	ev.u.dns = (struct cl_dns){ .id = s->id,
				    .qtype = s->qtype,
				    .qhash = s->qtype,
				    .first_ns = ev.time_ns - MS,
				    .connection = s->connection,
				    .rcode = s->rcode,
				    .bits = (uint8_t)s->bits,
				    .transfer = (uint8_t)s->transfer,
				    .soa_first = s->first,
				    .soa_last = s->last };
	return ev;
}

static const struct cl_store_config config = { .engine = { .timeout_ns = 10 * SECOND,
							   .step_ns = 300 * SECOND,
							   .window_ns = { 300 * SECOND },
							   .windows = 1,
							   .seed = 42 } };

static int64_t ask(struct cl_store *store, const char *sql)
{
	struct cl_query *q = cl_query_new(store, sql);
	int64_t v = cl_query_row(q) ? cl_query_i64(q, 0) : INT64_MIN;

	cl_query_free(q);
	assert_null(cl_store_error(store));
	return v;
}

static void run_case(const struct engine_case *c, size_t batch)
{
	const struct cl_key_rule rule = { 42, CL_PAIRING_STANDARD, false };
	struct cl_store *store = cl_store_memory(&config);
	struct cl_event evs[COUNT(c->steps)];
	struct cl_prepared prepared[COUNT(c->steps)];
	size_t n = 0;

	assert_non_null(store);
	struct cl_engine *e = cl_engine_new(&config.engine, store);
	assert_non_null(e);
	for (; n < COUNT(evs) && (n == 0 || c->steps[n].bits != 0 || c->steps[n].at_ms != 0); n++)
		evs[n] = event_of(&c->steps[n]);
	cl_match_prepare(&rule, evs, n, prepared);
	for (size_t i = 0; i < n; i += batch)
		cl_engine_feed(e, evs + i, prepared + i, NULL, n - i < batch ? n - i : batch);
	cl_engine_finish(e);
	for (size_t i = 0; i < COUNT(c->wants) && c->wants[i].sql != NULL; i++) {
		int64_t v = ask(store, c->wants[i].sql);

		if (v != c->wants[i].value)
			fail_msg("%s: %s: %lld, not %lld", c->name, c->wants[i].sql, (long long)v,
				 (long long)c->wants[i].value);
	}
	cl_store_close(store);
	cl_engine_free(e);
}

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t batch = 1; batch <= COUNT(cases[i].steps); batch += 9)
			run_case(&cases[i], batch);
}

/* Of 200 QTYPEs the 192 that came first are named, whatever else the messages show. */
static void the_first_codes_are_named(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 8; flags++) {
		struct cl_tally t = { .lost = false };
		uint64_t rest = 0;

		for (unsigned i = 0; i < 400; i++) {
			struct cl_dns dns = { .qtype = (uint16_t)(7919 * (i % 200) % 60000),
					      .bits = CL_DNS_QUESTION,
					      .flags = (uint16_t)(flags * i << 4) };
			uint64_t key = cl_trait_query(&dns, 0);

			if (cl_traits_add(&t.traits, key))
				continue;
			if (!cl_traits_grow(&t.traits))
				cl_tally_fold_traits(&t);
			assert_true(cl_traits_add(&t.traits, key));
		}
		cl_tally_fold(&t);
		unsigned named = 0;
		for (uint32_t i = 0; i < t.codes.count; i++) {
			const struct cl_code *c = &t.codes.row[i];

			if (c->key >> 16 != CL_CODE_QTYPE)
				continue;
			if ((c->key & 0xffff) == CL_CODE_REST) {
				rest = c->n;
				continue;
			}
			assert_int_equal(c->key & 0xffff, 7919 * named % 60000);
			assert_int_equal(c->n, 2);
			named++;
		}
		assert_int_equal(named, 192);
		assert_int_equal(rest, 16);
		cl_tally_free(&t);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(the_first_codes_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vectors.h"

/* Header: identifier, flags, four counts. Question: example.com, A, IN. */
#define QUERY	    "beef 0100 0001 0000 0000 "
#define QNAME	    "076578616d706c65 03636f6d 00 "
#define QUESTION    QNAME "0001 0001 "
#define ANSWER	    "c00c 0001 0001 0000003c 0004 c0000201 "
#define NS	    "c00c 0002 0001 0000003c 0005 026e73 c00c "
#define OPT(ttl, n) "00 0029 04d0 " ttl n
#define ECS	    "0008 0007 0001 18 00 c00002 "
#define COOKIE	    "000a 0008 0123456789abcdef "
#define NSID	    "0003 0000 "
#define PADDING	    "000c 0004 00000000 "
#define Q	    CL_DNS_QUESTION
#define E	    CL_DNS_EDNS

static const struct {
	const char *name, *message;
	unsigned bits, rcode, opcode;
	enum cl_role role;
} cases[] = {
	{ "query", QUERY "0000 " QUESTION, Q, 0, 0, CL_ROLE_REQUEST },
	{ "response", "beef 8180 0001 0001 0000 0000 " QUESTION ANSWER, Q, 0, 0, CL_ROLE_RESPONSE },
	{ "NXDOMAIN", "beef 8183 0001 0000 0000 0000 " QUESTION, Q, 3, 0, CL_ROLE_RESPONSE },
	{ "RCODE 15", "beef 818f 0001 0000 0000 0000 " QUESTION, Q, 15, 0, CL_ROLE_RESPONSE },
	{ "TC", "beef 8380 0001 0000 0000 0000 " QUESTION, Q | CL_DNS_TC, 0, 0, CL_ROLE_RESPONSE },
	{ "TC in a query", "beef 0300 0001 0000 0000 0000 " QUESTION, Q | CL_DNS_TC, 0, 0, CL_ROLE_REQUEST },
	{ "header alone", "beef 0000 0000 0000 0000 0000", 0, 0, 0, CL_ROLE_REQUEST },
	{ "FORMERR, header alone", "beef 8001 0000 0000 0000 0000", 0, 1, 0, CL_ROLE_RESPONSE },
	{ "notify", "beef 2400 0001 0000 0000 0000 " QUESTION, Q, 0, 4, CL_ROLE_REQUEST },
	{ "update", "beef 2800 0001 0000 0000 0000 " QNAME "0006 0001 ", Q, 0, 5, CL_ROLE_REQUEST },
	{ "opcode 15", "beef f800 0001 0000 0000 0000 " QUESTION, Q, 0, 15, CL_ROLE_RESPONSE },
	{ "EDNS", QUERY "0001 " QUESTION OPT("00000000", "0000"), Q | E, 0, 0, CL_ROLE_REQUEST },
	{ "DO", QUERY "0001 " QUESTION OPT("00008000", "0000"), Q | E | CL_DNS_DO, 0, 0, CL_ROLE_REQUEST },
	{ "other EDNS flags and version", QUERY "0001 " QUESTION OPT("00ff7fff", "0000"), Q | E, 0, 0,
	  CL_ROLE_REQUEST },
	{ "ECS", QUERY "0001 " QUESTION OPT("00000000", "000b") ECS, Q | E | CL_DNS_ECS, 0, 0,
	  CL_ROLE_REQUEST },
	{ "cookie", QUERY "0001 " QUESTION OPT("00000000", "000c") COOKIE, Q | E | CL_DNS_COOKIE, 0, 0,
	  CL_ROLE_REQUEST },
	{ "all options", QUERY "0001 " QUESTION OPT("00008000", "0023") NSID COOKIE ECS PADDING,
	  Q | E | CL_DNS_DO | CL_DNS_ECS | CL_DNS_COOKIE, 0, 0, CL_ROLE_REQUEST },
	{ "other options", QUERY "0001 " QUESTION OPT("00000000", "000c") NSID PADDING, Q | E, 0, 0,
	  CL_ROLE_REQUEST },
	{ "BADVERS 16", "beef 8180 0001 0000 0000 0001 " QUESTION OPT("01000000", "0000"), Q | E, 16, 0,
	  CL_ROLE_RESPONSE },
	{ "BADCOOKIE 23", "beef 8187 0001 0000 0000 0001 " QUESTION OPT("01000000", "0000"), Q | E, 23, 0,
	  CL_ROLE_RESPONSE },
	{ "RCODE 4095", "beef 818f 0001 0000 0000 0001 " QUESTION OPT("ff000000", "0000"), Q | E, 4095, 0,
	  CL_ROLE_RESPONSE },
	{ "OPT without question", "beef 8181 0000 0000 0000 0001 " OPT("01000000", "0000"), E, 17, 0,
	  CL_ROLE_RESPONSE },
	{ "OPT behind answers",
	  "beef 8180 0001 0002 0001 0001 " QUESTION ANSWER ANSWER NS OPT("00008000", "0000"),
	  Q | E | CL_DNS_DO, 0, 0, CL_ROLE_RESPONSE },
	{ "OPT not last", QUERY "0002 " QUESTION OPT("00008000", "0000") ANSWER, Q | E | CL_DNS_DO, 0, 0,
	  CL_ROLE_REQUEST },
	{ "OPT second", QUERY "0002 " QUESTION ANSWER OPT("00008000", "000b") ECS,
	  Q | E | CL_DNS_DO | CL_DNS_ECS, 0, 0, CL_ROLE_REQUEST },
	{ "two OPTs: the first counts",
	  "beef 8181 0001 0000 0000 0002 " QUESTION OPT("01000000", "0000") OPT("02008000", "000b") ECS,
	  Q | E, 17, 0, CL_ROLE_RESPONSE },
	{ "OPT among the answers is none", "beef 8180 0001 0001 0000 0000 " QUESTION OPT("01008000", "0000"),
	  Q, 0, 0, CL_ROLE_RESPONSE },
	{ "pointer in the question",
	  "beef 0100 0002 0000 0000 0001 " QUESTION "c00c 001c 0001 " OPT("00000000", "0000"), Q | E, 0, 0,
	  CL_ROLE_REQUEST },
	{ "no question where one is said", QUERY "0000 ", CL_DNS_BROKEN, 0, 0, CL_ROLE_REQUEST },
	{ "question cut short", QUERY "0000 " QNAME "0001 00", CL_DNS_BROKEN, 0, 0, CL_ROLE_REQUEST },
	{ "question points to itself", QUERY "0000 c00c 0001 0001", CL_DNS_BROKEN, 0, 0, CL_ROLE_REQUEST },
	{ "two questions, one there", "beef 0100 0002 0000 0000 0000 " QUESTION, Q | CL_DNS_BROKEN, 0, 0,
	  CL_ROLE_REQUEST },
	{ "65535 questions", "beef 0100 ffff 0000 0000 0000 " QUESTION, Q | CL_DNS_BROKEN, 0, 0,
	  CL_ROLE_REQUEST },
	{ "no OPT where one is said", QUERY "0001 " QUESTION, Q | CL_DNS_BROKEN, 0, 0, CL_ROLE_REQUEST },
	{ "65535 additional", QUERY "ffff " QUESTION OPT("00000000", "0000"), Q | E | CL_DNS_BROKEN, 0, 0,
	  CL_ROLE_REQUEST },
	{ "answers that are not there",
	  "beef 8180 0001 ffff 0000 0001 " QUESTION ANSWER OPT("00000000", "0000"), Q | CL_DNS_BROKEN, 0, 0,
	  CL_ROLE_RESPONSE },
	{ "answer's length lies",
	  "beef 8180 0001 0001 0000 0001 " QUESTION
	  "c00c 0001 0001 0000003c 00ff c0000201 " OPT("00000000", "0000"),
	  Q | CL_DNS_BROKEN, 0, 0, CL_ROLE_RESPONSE },
	{ "OPT's length lies", QUERY "0001 " QUESTION OPT("00000000", "0001"), Q | CL_DNS_BROKEN, 0, 0,
	  CL_ROLE_REQUEST },
	{ "option's length lies",
	  QUERY "0001 " QUESTION OPT("00000000", "000b") "0008 0008 0001 18 00 c00002", Q | E | CL_DNS_BROKEN,
	  0, 0, CL_ROLE_REQUEST },
	{ "half an option", QUERY "0001 " QUESTION OPT("00000000", "0003") "000a 00", Q | E | CL_DNS_BROKEN,
	  0, 0, CL_ROLE_REQUEST },
	{ "octets behind the message", QUERY "0001 " QUESTION OPT("00000000", "0000") "deadbeef", Q | E, 0, 0,
	  CL_ROLE_REQUEST },
};

static void messages_say_what_they_say(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool query = cases[i].role == CL_ROLE_REQUEST;
		uint8_t m[512];
		size_t n = unhex(cases[i].message, m);

		assert_int_equal(rig_udp(&r, query ? 50000 : 53, query ? 53 : 50000, m, n), CL_FATE_COUNTED);
		const struct cl_dns *dns = &r.last.u.dns;
		if (dns->bits != cases[i].bits || dns->rcode != cases[i].rcode ||
		    dns->opcode != cases[i].opcode)
			fail_msg("%s: bits %#x, rcode %u, opcode %u", cases[i].name, dns->bits, dns->rcode,
				 dns->opcode);
		assert_int_equal(r.last.role, cases[i].role);
		assert_int_equal(dns->id, 0xbeef);
		if ((cases[i].bits & Q) != 0) /* of several questions, the first */
			assert_int_equal(dns->qtype, cases[i].opcode == 5 ? 6 : 1);
		assert_int_equal(dns->first_ns, r.last.time_ns);
	}
	rig_close(&r);
}

/* A message cut by the capture is counted from its header on, and its facts are a part of the whole's. */
static void cut_messages_are_not_broken(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t m[512];
		size_t n = unhex(cases[i].message, m);

		for (size_t kept = 0; kept < n; kept++) {
			enum cl_fate fate = rig_udp_cut(&r, 50000, 53, m, n, kept);

			assert_int_equal(fate, kept < 12 ? CL_FATE_TRUNCATED : CL_FATE_COUNTED);
			if (fate == CL_FATE_COUNTED && (r.last.u.dns.bits & ~cases[i].bits) != 0)
				fail_msg("%s cut to %zu: %#x", cases[i].name, kept, r.last.u.dns.bits);
		}
	}
	rig_close(&r);
}

/* A message with records of many forms before its OPT record. */
struct stack {
	uint8_t m[512];
	size_t n, opt; /* octets; where the OPT record ends */
};

static void put_stack(struct stack *s, unsigned answers, unsigned authorities, unsigned seed)
{
	static const char *const owners[] = { "c00c ", "c014 ",	   "c00c ",	"ffff ",
					      "00 ",   "0161 00 ", "0162 c00c " };

	memset(s, 0, sizeof *s);
	s->n = unhex("beef 8185 0001 0000 0000 0002 " QUESTION, s->m);
	s->m[7] = (uint8_t)answers;
	s->m[9] = (uint8_t)authorities;
	for (unsigned i = 0; i < answers + authorities; i++) {
		unsigned form = seed % (seed < 64 ? 4u : (unsigned)COUNT(owners)), octets = seed / 7 % 19;

		s->n += unhex(owners[form], s->m + s->n);
		s->n += unhex("0010 0001 0000003c 00", s->m + s->n);
		s->m[s->n++] = (uint8_t)octets;
		memset(s->m + s->n, 0xc0, octets);
		s->n += octets;
		seed = seed * 5 / 3 + 1;
	}
	s->n += unhex(OPT("01008000", "0000"), s->m + s->n);
	s->opt = s->n;
	s->n += unhex("c00c 0001 0001 0000003c 0000", s->m + s->n);
}

/* However many records there are, and where they end: what is there is read, what is not makes it broken, and
 * what was only not captured does not. */
static void records_of_any_number(void **state)
{
	const unsigned opt = E | CL_DNS_DO;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (unsigned round = 0; round < 128; round++) {
		struct stack s;

		put_stack(&s, round % 8, round / 8 % 3, round);
		for (size_t n = 29; n <= s.n; n++) {
			unsigned there = n >= s.opt ? Q | opt : Q;

			assert_int_equal(rig_udp(&r, 53, 50000, s.m, n), CL_FATE_COUNTED);
			assert_int_equal(r.last.u.dns.bits, n == s.n ? there : there | CL_DNS_BROKEN);
			assert_int_equal(r.last.u.dns.rcode, n >= s.opt ? 21 : 5);
			assert_int_equal(rig_udp_cut(&r, 53, 50000, s.m, s.n, n), CL_FATE_COUNTED);
			assert_int_equal(r.last.u.dns.bits, there);
		}
	}
	rig_close(&r);
}

static uint64_t hash_of(struct rig *r, const char *question)
{
	uint8_t m[512];
	size_t n = unhex(QUERY "0000 ", m);

	n += unhex(question, m + n);
	assert_int_equal(rig_udp(r, 50000, 53, m, n), CL_FATE_COUNTED);
	assert_int_equal(r->last.u.dns.bits & Q, Q);
	return r->last.u.dns.qhash;
}

/* Name without case, type and class make the question. */
static void questions_are_equal_without_case(void **state)
{
	static const char *const others[] = {
		QNAME "001c 0001",
		QNAME "0001 0003",
		QNAME "0000 0001",
		"00 0001 0001",
		"076578616d706c65 036e6574 00 0001 0001",
		"07657861ed706c65 03636f6d 00 0001 0001",
		"0b6578616d706c6503636f6d 00 0001 0001",
		QNAME "0101 0001",
	};
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	uint64_t hash = hash_of(&r, QUESTION);
	assert_int_equal(r.last.u.dns.qtype, 1);
	assert_int_equal(r.last.u.dns.qclass, 1);
	assert_true(hash_of(&r, "074558414d504c45 03434f4d 00 0001 0001") == hash);
	assert_true(hash_of(&r, "076558614d704c65 03634f6d 00 0001 0001") == hash);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_true(hash_of(&r, others[i]) != hash);
	hash_of(&r, QNAME "ff01 fffe");
	assert_int_equal(r.last.u.dns.qtype, 0xff01);
	assert_int_equal(r.last.u.dns.qclass, 0xfffe);
	rig_close(&r);
}

/* The question's name may point into the header: odd, and allowed by RFC 1035. */
static void a_question_that_points_backwards(void **state)
{
	uint8_t m[64];
	struct rig r;
	size_t n = unhex("0161 0000 0001 0000 0000 0000 c000 0001 0001",
			 m); /* id 0x0161: a label "a", then the root */

	(void)state;
	rig_open(&r, NULL, 0);
	assert_int_equal(rig_udp(&r, 50000, 53, m, n), CL_FATE_COUNTED);
	assert_int_equal(r.last.u.dns.bits, Q);
	uint64_t hash = r.last.u.dns.qhash;
	assert_true(hash_of(&r, "0141 00 0001 0001") == hash);
	rig_close(&r);
}

static void short_headers_are_malformed(void **state)
{
	uint8_t m[12] = { 0xbe, 0xef };
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 0);
	for (size_t n = 0; n <= 12; n++)
		assert_int_equal(rig_udp(&r, 50000, 53, m, n), n < 12 ? CL_FATE_MALFORMED : CL_FATE_COUNTED);
	rig_close(&r);
}

/* QR tells the role, so that our server's own questions upstream are not its answers. */
static void other_servers_are_filtered(void **state)
{
	static const uint8_t client[4] = { 192, 0, 2, 1 }, server[4] = { 198, 51, 100, 1 };
	struct cl_addr named[2] = { cl_addr_from_v4(server), cl_addr_from_v4(client) };
	uint8_t query[128], response[128];
	size_t n = unhex(QUERY "0000 " QUESTION, query), m = unhex(cases[1].message, response);
	struct rig r;

	(void)state;
	rig_open(&r, named, 1); /* a symmetric packet of NTP leaves nothing behind that counts for DNS */
	uint8_t ntp[48] = { 0x19 };
	assert_int_equal(rig_udp(&r, 123, 123, ntp, 48), CL_FATE_COUNTED);
	assert_int_equal(rig_udp(&r, 53, 50000, response, m), CL_FATE_FILTERED);
	rig_close(&r);
	rig_open(&r, named, 1); /* the destination of wrap_udp's datagrams */
	assert_int_equal(rig_udp(&r, 50000, 53, query, n), CL_FATE_COUNTED);
	assert_int_equal(rig_udp(&r, 53, 50000, response, m), CL_FATE_FILTERED);
	assert_int_equal(rig_udp(&r, 50000, 5353, query, n), CL_FATE_COUNTED);
	rig_close(&r);
	rig_open(&r, named + 1, 1); /* their source */
	assert_int_equal(rig_udp(&r, 50000, 53, query, n), CL_FATE_FILTERED);
	assert_int_equal(rig_udp(&r, 53, 50000, response, m), CL_FATE_COUNTED);
	rig_close(&r);
}

#define RAW4(total, udp) "4500" total "00010000 40110000 c0000201 c6336401 c3500035 " udp "0000 "

static const struct vector vectors[] = {
	{ "query",
	  RAW4("0039", "0025") QUERY "0000 " QUESTION,
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 2, 2 }, { 24, 2 }, { 32, 2 }, { 40, 1 } } },
	{ "options",
	  RAW4("005b", "0047") QUERY "0001 " QUESTION OPT("00008000", "0017") COOKIE ECS,
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 38, 2 }, { 66, 2 }, { 70, 2 } } },
	{ "answers",
	  RAW4("0065", "0051") "beef 8180 0001 0001 0001 0001 " QUESTION ANSWER NS OPT("01000000", "0000"),
	  CL_LINKTYPE_RAW,
	  CL_FATE_COUNTED,
	  { { 34, 2 }, { 36, 2 }, { 67, 2 } } },
};

static void vectors_cut_flipped_and_lied(void **state)
{
	uint8_t octets[512];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors);
	     i++) { /* the total length must be right for the rest to mean anything */
		size_t n = unhex(vectors[i].frame, octets);

		assert_int_equal(n, (size_t)octets[2] << 8 | octets[3]);
	}
	check_vectors(vectors, COUNT(vectors));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_say_what_they_say),
		cmocka_unit_test(cut_messages_are_not_broken),
		cmocka_unit_test(records_of_any_number),
		cmocka_unit_test(questions_are_equal_without_case),
		cmocka_unit_test(a_question_that_points_backwards),
		cmocka_unit_test(short_headers_are_malformed),
		cmocka_unit_test(other_servers_are_filtered),
		cmocka_unit_test(vectors_cut_flipped_and_lied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

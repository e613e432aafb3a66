/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/engine/match.h"

#include "tests/unit/vectors.h"

static struct cl_keys keys_of(const struct cl_matcher *m, const struct cl_event *ev)
{
	const struct cl_key_rule rule = { m->seed, m->pairing, false };

	struct cl_prepared p;

	cl_match_prepare(&rule, ev, 1, &p);
	return p.keys;
}

#define MS	1000000ll
#define SECOND	1000000000ll
#define TIMEOUT (10 * SECOND)

/* What a packet of a case is. `a` and `b` are the client (port 50000, or 123 in mode 1) and the server. */
enum packet { END, REQ, REQ_123, RESP, SYM_A, SYM_B, QUERY, ANSWER };

struct packet_case {
	enum packet what;
	int64_t at_ns;
	uint64_t org, rec, xmt, uid; /* NTP; DNS: identifier, question's hash (0: none), TCP */
	int outcome; /* of a response; of a request: 1 if it shows a response to be backwards */
	int request; /* which packet of the case it answers */
};

struct match_case {
	const char *name;
	struct packet_case packets[10];
};

#define M CL_OUT_MATCHED
#define D CL_OUT_DUPLICATE
#define L CL_OUT_LATE
#define W CL_OUT_BACKWARDS
#define B CL_OUT_BOGUS
#define I 0x100 /* matched as interleaved */
#define G 0x200 /* matched as a guess */

/* clientele(1), "NTP matching" and "DNS matching". */
static const struct match_case cases[] = {
	{ "origin equals transmit", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 7, 8, 9, 0, M, 0 } } },
	{ "another origin", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 6, 8, 9, 0, B, 0 } } },
	{ "no request", { { RESP, 5, 7, 8, 9, 0, B, 0 } } },
	{ "origin 0, transmit not", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 0, 8, 9, 0, B, 0 } } },
	{ "at one instant", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 0, 7, 8, 9, 0, M, 0 } } },
	{ "retransmission with another transmit",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { REQ, SECOND, 0, 0, 8, 0, 0, 0 },
	    { RESP, SECOND + 5, 7, 1, 1, 0, M, 0 },
	    { RESP, SECOND + 6, 8, 1, 1, 0, M, 1 } } },
	{ "the oldest open one first",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { REQ, 1, 0, 0, 7, 0, 0, 0 },
	    { REQ, 2, 0, 0, 7, 0, 0, 0 },
	    { RESP, 3, 7, 1, 1, 0, M, 0 },
	    { RESP, 4, 7, 1, 1, 0, M, 1 },
	    { RESP, 5, 7, 1, 1, 0, M, 2 },
	    { RESP, 6, 7, 1, 1, 0, D, 0 } } },
	{ "duplicate",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { RESP, 5, 7, 8, 9, 0, M, 0 },
	    { RESP, 6, 7, 8, 9, 0, D, 0 },
	    { RESP, SECOND, 7, 8, 9, 0, D, 0 } } },
	{ "duplicate of one without the identifier that was asked with",
	  { { REQ, 0, 0, 0, 7, 5, 0, 0 }, { RESP, 5, 7, 8, 9, 0, M, 0 }, { RESP, 6, 7, 8, 9, 0, D, 0 } } },
	{ "a new request after the duplicate",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { RESP, 5, 7, 8, 9, 0, M, 0 },
	    { RESP, 6, 7, 8, 9, 0, D, 0 },
	    { REQ, 7, 0, 0, 7, 0, 0, 0 },
	    { RESP, 8, 7, 8, 9, 0, M, 3 } } },
	{ "just in time", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, TIMEOUT, 7, 8, 9, 0, M, 0 } } },
	{ "late", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, TIMEOUT + 1, 7, 8, 9, 0, L, 0 } } },
	{ "late by five minutes",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 30 * TIMEOUT, 7, 8, 9, 0, L, 0 } } },
	{ "beyond the horizon",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 30 * TIMEOUT + 1, 7, 8, 9, 0, B, 0 } } },
	{ "an open one before a late one",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { REQ, 5 * SECOND, 0, 0, 7, 0, 0, 0 },
	    { RESP, 11 * SECOND, 7, 8, 9, 0, M, 1 },
	    { RESP, 12 * SECOND, 7, 8, 9, 0, L, 0 } } },
	{ "equal identifiers", { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 7, 8, 9, 55, M, 0 } } },
	{ "equal identifiers, another origin",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 6, 8, 9, 55, M, 0 } } },
	{ "equal identifiers, origin 0", { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 0, 8, 9, 55, M, 0 } } },
	{ "other identifiers, equal origin",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 7, 8, 9, 56, B, 0 } } },
	{ "identifier in the request alone",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 7, 8, 9, 0, M, 0 } } },
	{ "identifier in the response alone",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 7, 8, 9, 56, M, 0 } } },
	{ "identifiers pick among equal transmits",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 },
	    { REQ, 1, 0, 0, 7, 56, 0, 0 },
	    { RESP, 5, 7, 8, 9, 56, M, 1 },
	    { RESP, 6, 7, 8, 9, 55, M, 0 },
	    { RESP, 7, 7, 8, 9, 56, D, 0 } } },
	{ "identifier before origin",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { REQ, 1, 0, 0, 8, 0, 0, 0 }, { RESP, 5, 8, 8, 9, 55, M, 0 } } },
	{ "duplicate by identifier",
	  { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 7, 8, 9, 55, M, 0 }, { RESP, 6, 7, 8, 9, 55, D, 0 } } },
	{ "late by identifier", { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, TIMEOUT + 1, 1, 8, 9, 55, L, 0 } } },
	{ "zero with an identifier is no guess",
	  { { REQ, 0, 0, 0, 0, 55, 0, 0 }, { RESP, 5, 0, 8, 9, 55, M, 0 } } },
	{ "interleaved", { { REQ, 0, 3, 4, 7, 0, 0, 0 }, { RESP, 5, 4, 8, 9, 0, M | I, 0 } } },
	{ "interleaved request answered in basic mode",
	  { { REQ, 0, 3, 4, 7, 0, 0, 0 }, { RESP, 5, 7, 8, 9, 0, M, 0 } } },
	{ "interleaved, request origin 0", { { REQ, 0, 0, 4, 7, 0, 0, 0 }, { RESP, 5, 4, 8, 9, 0, B, 0 } } },
	{ "interleaved, receive 0", { { REQ, 0, 3, 0, 7, 0, 0, 0 }, { RESP, 5, 0, 8, 9, 0, B, 0 } } },
	{ "transmit equals receive: basic", { { REQ, 0, 3, 4, 4, 0, 0, 0 }, { RESP, 5, 4, 8, 9, 0, M, 0 } } },
	{ "interleaved request with an identifier answered in basic mode: its other keys go with it",
	  { { REQ, 0, 3, 4, 7, 55, 0, 0 },
	    { RESP, 5, 7, 8, 9, 0, M, 0 },
	    { RESP, 6, 4, 8, 9, 0, B, 0 },
	    { RESP, 7, 6, 8, 9, 55, B, 0 } } },
	{ "basic before interleaved",
	  {
		  { REQ, 0, 3, 4, 7, 0, 0, 0 },
		  { REQ, 1, 0, 0, 4, 0, 0, 0 },
		  { RESP, 5, 4, 8, 9, 0, M, 1 },
	  } },
	{ "interleaved, other identifiers",
	  { { REQ, 0, 3, 4, 7, 55, 0, 0 }, { RESP, 5, 4, 8, 9, 56, B, 0 } } },
	{ "interleaved and late", { { REQ, 0, 3, 4, 7, 0, 0, 0 }, { RESP, TIMEOUT + 1, 4, 8, 9, 0, L, 0 } } },
	{ "interleaved, answered twice",
	  { { REQ, 0, 3, 4, 7, 0, 0, 0 },
	    { RESP, 5, 4, 8, 9, 0, M | I, 0 },
	    { RESP, 6, 4, 8, 9, 0, D, 0 } } },
	{ "interleaved, transmit 0", { { REQ, 0, 3, 4, 0, 0, 0, 0 }, { RESP, 5, 4, 8, 9, 0, M | I, 0 } } },
	{ "two zeros are a guess", { { REQ, 0, 0, 0, 0, 0, 0, 0 }, { RESP, 5, 0, 8, 9, 0, M | G, 0 } } },
	{ "guess the oldest",
	  { { REQ, 0, 0, 0, 0, 0, 0, 0 },
	    { REQ, SECOND, 0, 0, 0, 0, 0, 0 },
	    { RESP, 2 * SECOND, 0, 8, 9, 0, M | G, 0 },
	    { RESP, 3 * SECOND, 0, 8, 9, 0, M | G, 1 } } },
	{ "transmit 0, origin not", { { REQ, 0, 0, 0, 0, 0, 0, 0 }, { RESP, 5, 7, 8, 9, 0, B, 0 } } },
	{ "backwards", { { RESP, 0, 7, 8, 9, 0, B, 0 }, { REQ, 5, 0, 0, 7, 0, 1, 0 } } },
	{ "backwards by 0.1 s", { { RESP, 0, 7, 8, 9, 0, B, 0 }, { REQ, 100 * MS, 0, 0, 7, 0, 1, 0 } } },
	{ "backwards by more", { { RESP, 0, 7, 8, 9, 0, B, 0 }, { REQ, 100 * MS + 1, 0, 0, 7, 0, 0, 0 } } },
	{ "backwards to one request only",
	  { { RESP, 0, 7, 8, 9, 0, B, 0 }, { REQ, 5, 0, 0, 7, 0, 1, 0 }, { REQ, 6, 0, 0, 7, 0, 0, 0 } } },
	{ "two backwards",
	  { { RESP, 0, 7, 8, 9, 0, B, 0 },
	    { RESP, 1, 7, 8, 9, 0, B, 0 },
	    { REQ, 5, 0, 0, 7, 0, 1, 0 },
	    { REQ, 6, 0, 0, 7, 0, 1, 0 } } },
	{ "its request can still be answered",
	  { { RESP, 0, 7, 8, 9, 0, B, 0 }, { REQ, 5, 0, 0, 7, 0, 1, 0 }, { RESP, 6, 7, 8, 9, 0, M, 1 } } },
	{ "backwards, another origin", { { RESP, 0, 6, 8, 9, 0, B, 0 }, { REQ, 5, 0, 0, 7, 0, 0, 0 } } },
	{ "backwards by identifier", { { RESP, 0, 6, 8, 9, 55, B, 0 }, { REQ, 5, 0, 0, 7, 55, 1, 0 } } },
	{ "backwards, other identifiers", { { RESP, 0, 7, 8, 9, 55, B, 0 }, { REQ, 5, 0, 0, 7, 56, 0, 0 } } },
	{ "backwards, interleaved", { { RESP, 0, 4, 8, 9, 0, B, 0 }, { REQ, 5, 3, 4, 7, 0, 1, 0 } } },
	{ "backwards, interleaved with request origin 0",
	  { { RESP, 0, 4, 8, 9, 0, B, 0 }, { REQ, 5, 0, 4, 7, 0, 0, 0 } } },
	{ "backwards, two zeros", { { RESP, 0, 0, 8, 9, 0, B, 0 }, { REQ, 5, 0, 0, 0, 0, 1, 0 } } },
	{ "a matched response is not backwards too",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 7, 8, 9, 0, M, 0 }, { REQ, 6, 0, 0, 7, 0, 0, 0 } } },
	{ "backwards when the packets came in time order",
	  { { REQ, 50 * MS, 0, 0, 7, 0, 0, 0 }, { RESP, 0, 7, 8, 9, 0, W, 0 } } },
	{ "too far ahead when the packets came in another order",
	  { { REQ, 200 * MS, 0, 0, 7, 0, 0, 0 }, { RESP, 99 * MS, 7, 8, 9, 0, B, 0 } } },
	{ "backwards, origin 0 is no receive of 0",
	  { { RESP, 0, 0, 8, 9, 0, B, 0 }, { REQ, 5, 3, 0, 7, 0, 0, 0 } } },
	{ "a mode 1 packet answers no mode 3",
	  { { REQ_123, 0, 0, 0, 7, 0, 0, 0 }, { SYM_B, 5, 7, 1, 8, 0, B, 0 } } },
	{ "symmetric", { { SYM_A, 0, 0, 0, 7, 0, B, 0 }, { SYM_B, 5, 7, 1, 8, 0, M, 0 } } },
	{ "symmetric, each answers the other",
	  { { SYM_A, 0, 0, 0, 7, 0, B, 0 },
	    { SYM_B, 5, 7, 1, 8, 0, M, 0 },
	    { SYM_A, SECOND, 8, 1, 9, 0, M, 1 } } },
	{ "symmetric, another origin", { { SYM_A, 0, 0, 0, 7, 0, B, 0 }, { SYM_B, 5, 6, 1, 8, 0, B, 0 } } },
	{ "symmetric, two zeros", { { SYM_A, 0, 0, 0, 0, 0, B, 0 }, { SYM_B, 5, 0, 1, 8, 0, B, 0 } } },
	{ "symmetric, its own echo", { { SYM_A, 0, 0, 0, 7, 0, B, 0 }, { SYM_A, 5, 7, 1, 8, 0, B, 0 } } },
	{ "symmetric, already answered",
	  { { SYM_A, 0, 0, 0, 7, 0, B, 0 },
	    { SYM_B, 5, 7, 1, 8, 0, M, 0 },
	    { SYM_B, 6, 7, 1, 9, 0, B, 0 } } },
	{ "symmetric, late", { { SYM_A, 0, 0, 0, 7, 0, B, 0 }, { SYM_B, TIMEOUT + 1, 7, 1, 8, 0, B, 0 } } },
	{ "DNS", { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 5, 1, 11, 0, 0, M, 0 } } },
	{ "DNS, another identifier", { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 5, 2, 11, 0, 0, B, 0 } } },
	{ "DNS, another question", { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 5, 1, 12, 0, 0, B, 0 } } },
	{ "DNS, no question in the answer",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 5, 1, 0, 0, 0, M, 0 } } },
	{ "DNS, no question in the query",
	  { { QUERY, 0, 1, 0, 0, 0, 0, 0 }, { ANSWER, 5, 1, 11, 0, 0, M, 0 } } },
	{ "DNS, questions pick among equal identifiers",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 },
	    { QUERY, 1, 1, 12, 0, 0, 0, 0 },
	    { ANSWER, 5, 1, 12, 0, 0, M, 1 },
	    { ANSWER, 6, 1, 11, 0, 0, M, 0 } } },
	{ "DNS, oldest first",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 },
	    { QUERY, 1, 1, 11, 0, 0, 0, 0 },
	    { ANSWER, 5, 1, 11, 0, 0, M, 0 },
	    { ANSWER, 6, 1, 11, 0, 0, M, 1 },
	    { ANSWER, 7, 1, 11, 0, 0, D, 0 } } },
	{ "DNS, UDP and TCP apart",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 },
	    { ANSWER, 5, 1, 11, 1, 0, B, 0 },
	    { QUERY, 6, 1, 11, 1, 0, 1, 0 },
	    { ANSWER, 7, 1, 11, 1, 0, M, 2 },
	    { ANSWER, 8, 1, 11, 0, 0, M, 0 } } },
	{ "DNS, late", { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, TIMEOUT + 1, 1, 11, 0, 0, L, 0 } } },
	{ "DNS, beyond the horizon",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 30 * TIMEOUT + 1, 1, 11, 0, 0, B, 0 } } },
	{ "DNS, backwards", { { ANSWER, 0, 1, 11, 0, 0, B, 0 }, { QUERY, 5, 1, 11, 0, 0, 1, 0 } } },
	{ "DNS, backwards, another question",
	  { { ANSWER, 0, 1, 11, 0, 0, B, 0 }, { QUERY, 5, 1, 12, 0, 0, 0, 0 } } },
	{ "DNS, backwards, no question",
	  { { ANSWER, 0, 1, 0, 0, 0, B, 0 }, { QUERY, 5, 1, 12, 0, 0, 1, 0 } } },
};

/* Wireshark pairs the latest mode 3 packet of the conversation and looks at no time stamp (ntp.md, W1 to W3).
 */
static const struct match_case wireshark[] = {
	{ "any origin", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 5, 6, 8, 9, 0, M, 0 } } },
	{ "the latest request",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { REQ, SECOND, 0, 0, 8, 0, 0, 0 },
	    { RESP, SECOND + 5, 7, 1, 1, 0, M, 1 },
	    { RESP, SECOND + 6, 8, 1, 1, 0, D, 0 } } },
	{ "any identifier", { { REQ, 0, 0, 0, 7, 55, 0, 0 }, { RESP, 5, 6, 8, 9, 56, M, 0 } } },
	{ "no time limit", { { REQ, 0, 0, 0, 7, 0, 0, 0 }, { RESP, 100 * TIMEOUT, 7, 8, 9, 0, M, 0 } } },
	{ "no request", { { RESP, 5, 6, 8, 9, 0, B, 0 }, { REQ, 6, 0, 0, 6, 0, 0, 0 } } },
	{ "again after an answer",
	  { { REQ, 0, 0, 0, 7, 0, 0, 0 },
	    { RESP, 5, 6, 8, 9, 0, M, 0 },
	    { REQ, 100 * TIMEOUT, 0, 0, 7, 0, 0, 0 },
	    { RESP, 100 * TIMEOUT + 5, 6, 8, 9, 0, M, 2 } } },
	{ "symmetric packets are not paired",
	  { { SYM_A, 0, 0, 0, 7, 0, B, 0 }, { SYM_B, 5, 7, 1, 8, 0, B, 0 } } },
	{ "DNS as ever", { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 5, 1, 11, 0, 0, M, 0 } } },
	{ "DNS as ever: late",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, TIMEOUT + 1, 1, 11, 0, 0, L, 0 } } },
	{ "DNS as ever: beyond the horizon",
	  { { QUERY, 0, 1, 11, 0, 0, 0, 0 }, { ANSWER, 30 * TIMEOUT + 1, 1, 11, 0, 0, B, 0 } } },
	{ "DNS as ever: backwards", { { ANSWER, 0, 1, 11, 0, 0, B, 0 }, { QUERY, 5, 1, 11, 0, 0, 1, 0 } } },
};

static bool is_dns(enum packet what)
{
	return what == QUERY || what == ANSWER;
}

static struct cl_event event_of(const struct packet_case *p, unsigned i)
{
	static const uint8_t a[4] = { 192, 0, 2, 1 }, b[4] = { 198, 51, 100, 1 };
	bool back = p->what == RESP || p->what == SYM_B || p->what == ANSWER;
	bool symmetric = p->what == SYM_A || p->what == SYM_B;
	uint16_t cport = symmetric || p->what == REQ_123 ? 123 : 50000, sport = is_dns(p->what) ? 53 : 123;
	struct cl_event ev = { .time_ns = p->at_ns, .frame_no = 100 + i, .file = 3 };

	ev.src = cl_addr_from_v4(back ? b : a);
	ev.dst = cl_addr_from_v4(back ? a : b);
	ev.sport = back ? sport : cport;
	ev.dport = back ? cport : sport;
	ev.role = (uint8_t)(back && !symmetric ? CL_ROLE_RESPONSE : CL_ROLE_REQUEST);
	if (is_dns(p->what)) {
		ev.kind = CL_EV_DNS;
		ev.u.dns =
			(struct cl_dns){ .id = (uint16_t)p->org, .qhash = p->rec, .first_ns = p->at_ns - 2 };
		ev.u.dns.bits =
			(uint8_t)((p->rec != 0 ? CL_DNS_QUESTION : 0u) | (p->xmt != 0 ? CL_DNS_TCP : 0u));
	} else {
		ev.kind = CL_EV_NTP;
		ev.u.ntp = (struct cl_ntp){
			.org = p->org, .rec = p->rec, .xmt = p->xmt, .uid = p->uid, .version = 4
		};
		ev.u.ntp.mode = symmetric ? 1 : back ? 4 : 3;
		ev.u.ntp.flags = p->uid != 0 ? CL_NTP_UID : 0;
	}
	return ev;
}

static void assert_verdict(const struct match_case *c, unsigned i, const struct cl_verdict *v)
{
	const struct packet_case *p = &c->packets[i];
	int64_t delta = p->at_ns - c->packets[p->request].at_ns;

	if (v->outcome != (enum cl_outcome)(p->outcome & 0xff))
		fail_msg("%s: packet %u: outcome %d, not %d", c->name, i, (int)v->outcome, p->outcome & 0xff);
	if (v->outcome == CL_OUT_MATCHED) {
		assert_int_equal(v->interleaved, (p->outcome & I) != 0);
		assert_int_equal(v->guessed, (p->outcome & G) != 0);
	}
	if (v->outcome != CL_OUT_MATCHED && v->outcome != CL_OUT_LATE)
		return;
	if (cl_req_frame(v->request_place) != 100u + (unsigned)p->request)
		fail_msg("%s: packet %u: request %d", c->name, i, (int)cl_req_frame(v->request_place) - 100);
	assert_int_equal(cl_req_file(v->request_place), 3);
	assert_int_equal(v->delta_ns, delta);
	assert_int_equal(v->delta_first_ns, is_dns(p->what) ? delta - 2 : delta);
}

/* One case, with or without dropping what is too old before each packet. */
static void run_case(const struct match_case *c, enum cl_pairing pairing, bool expire, int64_t base)
{
	struct cl_matcher m;
	int64_t now = INT64_MIN;

	assert_true(cl_matcher_init(&m, pairing, TIMEOUT, 42));
	for (unsigned i = 0; c->packets[i].what != END; i++) {
		const struct packet_case *p = &c->packets[i];
		struct cl_event ev = event_of(p, i);
		struct cl_verdict v = { .outcome = CL_OUT_BOGUS };

		ev.time_ns += base;
		ev.u.dns.first_ns += is_dns(p->what) ? base : 0;
		now = ev.time_ns > now ? ev.time_ns : now;
		if (expire)
			cl_openreq_expire(&m.open, now);
		struct cl_keys k = keys_of(&m, &ev);
		if (ev.role == CL_ROLE_RESPONSE) {
			v = cl_match_response(&m, &ev, &k, 6, now);
			assert_verdict(c, i, &v);
			continue;
		}
		if (p->what == SYM_A || p->what == SYM_B) {
			assert_int_equal(cl_match_symmetric(&m, &ev, now, &v), p->outcome == M);
			assert_verdict(c, i, &v);
		}
		bool backwards = cl_match_request(&m, &ev, &k, 6, now);
		if ((p->what == REQ || p->what == QUERY) && backwards != (p->outcome == 1))
			fail_msg("%s: packet %u: backwards %d", c->name, i, backwards);
	}
	cl_matcher_free(&m);
}

static void each_rule_of_the_interface(void **state)
{
	static const int64_t bases[] = { 0, -3 * SECOND, 1788000000 * SECOND };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t b = 0; b < COUNT(bases); b++) {
			run_case(&cases[i], CL_PAIRING_STANDARD, true, bases[b]);
			run_case(&cases[i], CL_PAIRING_STANDARD, false, bases[b]);
		}
}

static void wiresharks_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wireshark); i++) {
		run_case(&wireshark[i], CL_PAIRING_WIRESHARK, true, 1000);
		run_case(&wireshark[i], CL_PAIRING_WIRESHARK, false, 1000);
	}
}

/* Another address, port or side on one end is another conversation. */
static void conversations_are_apart(void **state)
{
	static const struct packet_case packets[] = { { REQ, 0, 0, 0, 7, 0, 0, 0 },
						      { RESP, 5, 7, 8, 9, 0, 0, 0 },
						      { QUERY, 0, 1, 11, 0, 0, 0, 0 },
						      { ANSWER, 5, 1, 11, 0, 0, 0, 0 } };
	struct cl_matcher m;

	(void)state;
	for (unsigned kind = 0; kind < 4; kind += 2)
		for (unsigned change = 0; change < 5; change++) {
			struct cl_event req = event_of(&packets[kind], 0),
					resp = event_of(&packets[kind + 1], 1);

			assert_true(cl_matcher_init(&m, CL_PAIRING_STANDARD, TIMEOUT, 42));
			struct cl_keys k = keys_of(&m, &req);
			cl_match_request(&m, &req, &k, 6, 0);
			resp.src.b[15] = (uint8_t)(resp.src.b[15] + (change == 1));
			resp.dst.b[0] = (uint8_t)(resp.dst.b[0] + (change == 2));
			resp.sport = (uint16_t)(resp.sport + (change == 3));
			resp.dport = (uint16_t)(resp.dport + (change == 4));
			k = keys_of(&m, &resp);
			struct cl_verdict v = cl_match_response(&m, &resp, &k, 6, 5);
			assert_int_equal(v.outcome, change == 0 ? CL_OUT_MATCHED : CL_OUT_BOGUS);
			cl_matcher_free(&m);
		}
}

static struct cl_addr addr_of(uint64_t hi, uint64_t lo)
{
	struct cl_addr a;

	for (unsigned i = 0; i < 8; i++) {
		a.b[i] = (uint8_t)(hi >> (56 - 8 * i));
		a.b[8 + i] = (uint8_t)(lo >> (56 - 8 * i));
	}
	return a;
}

/* The outcome of a response to client `b`, port `b_port`, with the origin `xmt`, when `a` asked with it. */
static enum cl_outcome answer_to_another(const struct cl_addr *a, uint16_t a_port, const struct cl_addr *b,
					 uint16_t b_port, uint64_t xmt)
{
	const struct packet_case request = { REQ, 0, 0, 0, xmt, 0, 0, 0 },
				 response = { RESP, 5, xmt, 8, 9, 0, 0, 0 };
	struct cl_event req = event_of(&request, 0), resp = event_of(&response, 1);
	struct cl_matcher m;

	assert_true(cl_matcher_init(&m, CL_PAIRING_STANDARD, TIMEOUT, 0x123456789abcdef0));
	req.src = *a;
	req.sport = a_port;
	resp.dst = *b;
	resp.dport = b_port;
	struct cl_keys k = keys_of(&m, &req);
	cl_match_request(&m, &req, &k, 6, 0);
	k = keys_of(&m, &resp);
	enum cl_outcome outcome = cl_match_response(&m, &resp, &k, 6, 5).outcome;
	cl_matcher_free(&m);
	return outcome;
}

/* Addresses, ports and stamps that a peer chooses, knowing this program but not the seed. */
static void chosen_values_do_not_make_conversations_meet(void **state)
{
	const uint64_t step = 0x9e3779b97f4a7c15u,
		       zero = 0xe7037ed1a0b428dbu; /* what dissect/hash.h mixes with */
	const uint64_t ports = (uint64_t)50000 << 16 | 123, net = 0x20010db800000000u;
	const uint64_t chosen[] = { zero, 0, UINT64_MAX, step, zero - ports * step, zero + ports * step };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(chosen); i++) { /* in either order of octets */
		uint64_t v = i % 2 == 0 ? chosen[i / 2] : __builtin_bswap64(chosen[i / 2]);
		struct cl_addr a = addr_of(net, v), b = addr_of(net + 1, v);
		struct cl_addr c = addr_of(
			net, i % 2 == 0 ? v - ((uint64_t)1 << 16) * step
					: __builtin_bswap64(chosen[i / 2] - ((uint64_t)1 << 16) * step));

		assert_int_equal(answer_to_another(&a, 50000, &a, 50000, 7), CL_OUT_MATCHED);
		assert_int_equal(answer_to_another(&a, 50000, &b, 50000, 7), CL_OUT_BOGUS);
		assert_int_equal(answer_to_another(&a, 50000, &c, 50001, 7), CL_OUT_BOGUS);
		if (v != 0)
			assert_int_equal(answer_to_another(&a, 50000, &b, 50000, v), CL_OUT_BOGUS);
		a = addr_of(v ^ step, 1);
		b = addr_of(v ^ step, 2);
		assert_int_equal(answer_to_another(&a, 50000, &b, 50000, 7), CL_OUT_BOGUS);
	}
}

/* Thousands of requests with one key: each answer takes the oldest open one. */
static void a_long_queue_is_answered_in_order(void **state)
{
	static const struct packet_case request = { REQ, 0, 0, 0, 0, 0, 0, 0 },
					response = { RESP, 0, 0, 8, 9, 0, 0, 0 };
	struct cl_matcher m;

	(void)state;
	assert_true(cl_matcher_init(&m, CL_PAIRING_STANDARD, TIMEOUT, 42));
	for (unsigned i = 0; i < 5000; i++) {
		struct cl_event ev = event_of(&request, i);
		struct cl_keys k = keys_of(&m, &ev);

		ev.time_ns = i;
		cl_match_request(&m, &ev, &k, 6, i);
	}
	for (unsigned i = 0; i < 5001; i++) {
		struct cl_event ev = event_of(&response, i);
		struct cl_keys k = keys_of(&m, &ev);

		ev.time_ns = 10000 + i;
		struct cl_verdict v = cl_match_response(&m, &ev, &k, 6, ev.time_ns);
		assert_int_equal(v.outcome, i < 5000 ? CL_OUT_MATCHED : CL_OUT_DUPLICATE);
		if (i < 5000)
			assert_int_equal(cl_req_frame(v.request_place), 100 + i);
	}
	assert_int_equal(m.gave_up, 0);
	cl_matcher_free(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_of_the_interface),
		cmocka_unit_test(wiresharks_rule),
		cmocka_unit_test(conversations_are_apart),
		cmocka_unit_test(chosen_values_do_not_make_conversations_meet),
		cmocka_unit_test(a_long_queue_is_answered_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

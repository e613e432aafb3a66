/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_SOFTWARE_RIG_H
#define CL_TESTS_UNIT_SOFTWARE_RIG_H

/* Exchanges made by hand, for the tests of signatures. */
#include <stdlib.h>
#include <string.h>

#include "stats/view/software.h"
#include "tests/unit/test_cmocka.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define MS	     INT64_C(1000000)
#define SECOND	     (1000 * MS)
#define T0_S	     INT64_C(1780315200) /* 2026-06-01T12:00:00Z */
#define NTP_1970     INT64_C(2208988800)

/* A message before it becomes an exchange. */
struct ask {
	struct cl_event e;
	struct cl_note n;
};

static inline struct cl_addr address(const char *text)
{
	struct cl_addr a;

	assert_true(cl_addr_parse(text, &a));
	return a;
}

static inline uint64_t hex(const char **text, unsigned octets)
{
	uint64_t v = 0;

	for (unsigned digits = 0; digits < 2 * octets; ++*text) {
		const char c = **text;

		assert_true(c != '\0');
		if (c == ' ')
			continue;
		v = v << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
		digits++;
	}
	return v;
}

/* The first 40 octets of a header as hexadecimal text; its transmit timestamp is set apart. */
static inline void ask_header(struct ask *a, const char *text)
{
	const uint64_t first = hex(&text, 1);

	memset(&a->e, 0, sizeof a->e);
	cl_note_clear(&a->n);
	a->e.kind = CL_EV_NTP;
	a->e.role = CL_ROLE_REQUEST;
	a->e.u.ntp.version = first >> 3 & 7;
	a->e.u.ntp.mode = first & 7;
	a->n.leap = (uint8_t)(first >> 6);
	a->e.u.ntp.stratum = (uint8_t)hex(&text, 1);
	a->e.u.ntp.poll = (uint8_t)hex(&text, 1);
	a->n.precision = (int8_t)(uint8_t)hex(&text, 1);
	a->n.root_delay = (uint32_t)hex(&text, 4);
	a->n.root_dispersion = (uint32_t)hex(&text, 4);
	a->n.refid = (uint32_t)hex(&text, 4);
	a->n.ref = hex(&text, 8);
	a->e.u.ntp.org = hex(&text, 8);
	a->e.u.ntp.rec = hex(&text, 8);
	a->n.length = 48;
	a->e.src = address("198.51.100.1");
	a->e.dst = address("192.0.2.1");
	a->e.sport = 40000;
	a->e.dport = 123;
	a->e.time_ns = T0_S * SECOND;
}

/* A message of mode 6 or 7 from its octets as text, 8 at least. */
static inline void ask_control(struct ask *a, const char *text, unsigned length)
{
	const uint64_t first = hex(&text, 1);

	memset(&a->e, 0, sizeof a->e);
	cl_note_clear(&a->n);
	a->e.kind = CL_EV_NTP;
	a->e.role = CL_ROLE_APART;
	a->e.u.ntp.version = first >> 3 & 7;
	a->e.u.ntp.mode = first & 7;
	a->n.leap = (uint8_t)(first >> 6);
	a->n.response = first & 0xc0;
	a->n.opcode = (uint8_t)hex(&text, 1);
	if (a->e.u.ntp.mode == 7) {
		a->n.implementation = (uint8_t)hex(&text, 1);
		a->n.opcode = (uint8_t)hex(&text, 1);
	} else {
		a->n.sequence = (uint16_t)hex(&text, 2);
		a->n.status = (uint16_t)hex(&text, 2);
		a->n.association = (uint16_t)hex(&text, 2);
	}
	a->n.length = length;
	a->e.src = address("198.51.100.1");
	a->e.dst = address("192.0.2.1");
	a->e.sport = 40000;
	a->e.dport = 123;
	a->e.time_ns = T0_S * SECOND;
}

/* A request that nobody answers. */
static inline void take_ask(struct cl_software *s, const struct ask *a)
{
	const struct cl_exchange x = { .kind = a->e.role == CL_ROLE_REQUEST ? CL_X_NTP : CL_X_CONTROL,
				       .request = { &a->e, &a->n } };

	cl_software_take(s, &x);
}

/* The same with an answer of `length` octets. */
static inline void take_answered(struct cl_software *s, const struct ask *a, unsigned length)
{
	struct ask answer = *a;

	answer.e.src = a->e.dst;
	answer.e.dst = a->e.src;
	answer.e.role = CL_ROLE_RESPONSE;
	answer.e.u.ntp.mode = 4;
	answer.n.length = length;
	const struct cl_exchange x = { .kind = CL_X_NTP,
				       .fortune = CL_FORTUNE_MATCHED,
				       .request = { &a->e, &a->n },
				       .response = { &answer.e, &answer.n } };

	cl_software_take(s, &x);
}

#endif

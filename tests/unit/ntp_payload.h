/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_NTP_PAYLOAD_H
#define CL_TESTS_UNIT_NTP_PAYLOAD_H

/* NTP messages typed as hexadecimal text, in UDP over IPv4. */
#include "tests/unit/vectors.h"

#define Z4  "00000000"
#define Z8  Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
#define Z64 Z32 Z32
/* 16 octets that are not zero. */
#define D16 "0102030405060708090a0b0c0d0e0f10"

/* Headers of 48 octets: `first` is two octets of flags and stratum; poll 6, precision -20. */
#define ROOT(first, refid) first "06ec 00010000 00008000" refid
#define TIMES		   "e8fcb9e0 00000000 e8fcb9e1 00000000 e8fcb9e2 00000000 e8fcb9e2 00400000"
#define CLIENT		   ROOT("2300", Z4) Z8 Z8 Z8 "e8fcb9e2 00000001"
#define SERVER		   ROOT("2402", "c0000207") TIMES
#define HEAD(first, refid) ROOT(first, refid) TIMES

/* Feeds a payload; from port 123 where it is an answer. */
static inline enum cl_fate feed_payload(struct rig *r, const char *payload, bool answer)
{
	static uint8_t octets[FRAME_ROOM];
	size_t n = unhex(payload, octets);

	return rig_udp(r, answer ? 123 : 50000, answer ? 50000 : 123, octets, n);
}

/* Whether the payload is an answer by its mode. */
static inline bool is_answer(const char *payload)
{
	static uint8_t octets[FRAME_ROOM];

	if (unhex(payload, octets) < 2)
		return false;
	switch (octets[0] & 7) {
	case 2:
	case 4:
	case 5:
		return true;
	case 6:
		return octets[1] >> 7 != 0;
	case 7:
		return octets[0] >> 7 != 0;
	default:
		return false;
	}
}

/* Each of the lines is there; a line "-NAME" says that no line begins with NAME. */
static inline void assert_lines(const struct rig *r, const char *name, const char *const *lines)
{
	for (; *lines != NULL; lines++) {
		if ((*lines)[0] != '-') {
			if (!detail_has(r->text, *lines))
				fail_msg("%s: no %s in\n%s", name, *lines, r->text->text);
			continue;
		}
		size_t n = strlen(*lines + 1);
		for (const char *at = r->text->text; (at = strstr(at, *lines + 1)) != NULL; at += n)
			if (at == r->text->text || at[-1] == '\n')
				fail_msg("%s: %s in\n%s", name, *lines + 1, r->text->text);
	}
}

/* The payload cut, flipped and lied about as check_vectors does. */
static inline void check_payload(const char *name, const char *payload)
{
	static uint8_t octets[2000], frame[2100];
	static char text[4300];
	size_t n = unhex(payload, octets);
	bool answer = is_answer(payload);
	struct vector v = { name, text, CL_LINKTYPE_RAW, CL_FATE_COUNTED, { { 24, 2 } } };

	assert_true(n < sizeof(octets));
	n = wrap_udp(frame, answer ? 123 : 50000, answer ? 50000 : 123, octets, n);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", frame[i]);
	check_vectors(&v, 1);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_DNSMSG_H
#define CL_TESTS_UNIT_DNSMSG_H

/* DNS messages typed as hexadecimal text, in datagrams. */
#include "tests/unit/vectors.h"

#define EXAMPLE	  " 076578616d706c65 03636f6d 00 "
#define EXAMPLE_A EXAMPLE "0001 0001 "

/* To port 53, or from it for a response. */
static inline enum cl_fate feed_dns(struct rig *r, const char *message)
{
	static uint8_t octets[FRAME_ROOM];
	size_t n = unhex(message, octets);
	bool response = n > 2 && (octets[2] & 0x80) != 0;

	return rig_udp(r, response ? 53 : 40000, response ? 40000 : 53, octets, n);
}

/* Multicast DNS (port 5353) or LLMNR (5355). */
static inline enum cl_fate feed_port(struct rig *r, uint16_t port, const char *message)
{
	static uint8_t octets[FRAME_ROOM];

	return rig_udp(r, port, port, octets, unhex(message, octets));
}

/* check_vectors of a message whose record has its RDLENGTH at `at` of the message. */
static inline void check_dns(const char *message, uint16_t at)
{
	static uint8_t octets[FRAME_ROOM], frame[FRAME_ROOM];
	static char text[2 * FRAME_ROOM];
	size_t n = unhex(message, octets);
	bool response = n > 2 && (octets[2] & 0x80) != 0;
	struct vector v = { message, text, CL_LINKTYPE_RAW, CL_FATE_COUNTED, { { 0, 0 } } };

	v.lengths[0].at = (uint16_t)(28 + at);
	v.lengths[0].octets = 2;
	n = wrap_udp(frame, response ? 53 : 40000, response ? 40000 : 53, octets, n);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", frame[i]);
	check_vectors(&v, 1);
}

#endif

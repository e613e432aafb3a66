/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_SPAN_H
#define CL_DISSECT_SPAN_H

#include <stdint.h>

/* Octets borrowed from a packet. */
struct cl_span {
	const uint8_t *ptr;
	uint32_t len;
};

#endif

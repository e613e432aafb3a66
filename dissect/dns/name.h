/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_NAME_H
#define CL_DISSECT_DNS_NAME_H

#include "dissect/cursor.h"

#define CL_DNS_NAME_MAX 255u /* octets of a name on the wire, expanded (RFC 1035 sec. 3.1) */

/* A name in wire form, ASCII letters folded to lower case (RFC 4343). */
struct cl_dns_name {
	uint8_t len; /* 1 (the root) to 255 */
	uint8_t wire[CL_DNS_NAME_MAX];
};

/**
 * Reads a name, following compression pointers (RFC 1035 sec. 4.1.4) that each land before every earlier one.
 * `c` runs from the start of the message, so that pointers count from its base, and ends behind the name.
 * False: the cursor's error says why; `out` is then undefined.
 */
bool cl_dns_name_read(struct cl_cur *c, struct cl_dns_name *out);

/* Moves past a name without expanding it. The cursor's error says if it could not. */
void cl_dns_name_skip(struct cl_cur *c);

#endif

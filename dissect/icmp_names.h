/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_ICMP_NAMES_H
#define CL_DISSECT_ICMP_NAMES_H

#include <stdint.h>

/* What a code of ICMP or ICMPv6 means, for people; the type's name where the code has none; NULL: neither is
 * known. */
const char *cl_icmp_meaning(uint8_t type, uint8_t code);
const char *cl_icmp6_meaning(uint8_t type, uint8_t code);

#endif

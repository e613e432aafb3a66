/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_ADDRKIND_H
#define CL_STATS_ADDRKIND_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/addr.h"

/**
 * How an IPv6 address was made, as far as its bits tell: the patterns of RFC 7707 section 4, the first that
 * fits. A guess: a random interface identifier can look like any other, with the chances beside them.
 */
enum cl_addr_kind {
	CL_ADDR_6TO4,	  /* 2002::/16 (RFC 3056) */
	CL_ADDR_TEREDO,	  /* 2001::/32 (RFC 4380) */
	CL_ADDR_ISATAP,	  /* identifier 0:5efe:a.b.c.d or 200:5efe:a.b.c.d (RFC 5214 section 6.1) */
	CL_ADDR_EUI64,	  /* of a MAC address: ff:fe in the middle (RFC 4291 appendix A); by chance 2^-16 */
	CL_ADDR_LOW_BYTE, /* the identifier is 0 but for its last 16 bits: set by hand, or by DHCPv6 */
	CL_ADDR_EMBEDDED_IPV4, /* ::a.b.c.d, ::a:b:c:d of decimal digits, or 64:ff9b::/96 (RFC 6052) */
	CL_ADDR_PATTERN,       /* four or more octets of the identifier are 0; by chance 2^-26 */
	CL_ADDR_RANDOM, /* privacy (RFC 8981), stable opaque (RFC 7217), DHCPv6: not to be told apart */
	CL_ADDR_KINDS
};

/* Names in the order of enum cl_addr_kind, for programs. */
extern const char *const cl_addr_kind_names[CL_ADDR_KINDS];

/* Of an IPv6 address. */
enum cl_addr_kind cl_addr_kind_of(const struct cl_addr *a);

/* The MAC address in an address of kind CL_ADDR_EUI64, as a number of 48 bits. */
uint64_t cl_addr_mac(const struct cl_addr *a);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_CODES_H
#define CL_DISSECT_DNS_CODES_H

#include <stdint.h>

/* Mnemonic of an RR type (IANA, Domain Name System Parameters), or NULL: then TYPE123 (RFC 3597). */
const char *cl_dns_type_name(uint32_t type);

/* Mnemonic of an extended RCODE of 12 bits (RFC 6895 sec. 2.3), or NULL. */
const char *cl_dns_rcode_name(uint32_t rcode);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_CODES_H
#define CL_DISSECT_DNS_CODES_H

#include <stdint.h>

/* Mnemonic of an RR type (IANA, Domain Name System Parameters), or NULL: then TYPE123 (RFC 3597). */
const char *cl_dns_type_name(uint32_t type);

/* Mnemonic of an extended RCODE of 12 bits (RFC 6895 sec. 2.3), or NULL. */
const char *cl_dns_rcode_name(uint32_t rcode);

/* Names of values, or NULL (IANA, and the RFCs in codes.c). */
const char *cl_dns_type_text(uint64_t type); /* also private ones that are in use */
const char *cl_dns_rcode_text(uint64_t rcode);
const char *cl_dns_class_text(uint64_t class);
const char *cl_dns_opcode_text(uint64_t opcode);
const char *cl_dns_tsig_text(uint64_t error); /* of TSIG and TKEY records */
const char *cl_dns_tkey_text(uint64_t mode);
const char *cl_dns_ede_text(uint64_t code);
const char *cl_dns_algorithm_text(uint64_t algorithm);
const char *cl_dns_digest_text(uint64_t type);
const char *cl_dns_cert_text(uint64_t type);
const char *cl_dns_ssh_text(uint64_t algorithm);
const char *cl_dns_tlsa_text(uint64_t usage);
const char *cl_dns_svc_text(uint64_t key);
const char *cl_dns_family_text(uint64_t family);
const char *cl_dns_protocol_text(uint64_t protocol);
const char *cl_dns_gateway_text(uint64_t type);
const char *cl_dns_dso_text(uint64_t type);

#endif

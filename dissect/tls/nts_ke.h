/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_NTS_KE_H
#define CL_DISSECT_TLS_NTS_KE_H

#include "dissect/packet.h"

/* One key establishment: a request and a response (RFC 8915 sec. 4). Opaque. */
struct cl_nts_ke;

/* NULL when memory is short. */
struct cl_nts_ke *cl_nts_ke_new(void);
void cl_nts_ke_free(struct cl_nts_ke *k);

/**
 * Takes the next octets of one direction (0: the request) out of the TLS records. Whole records are put in a
 * layer of the detail, which the packet must have; what is left waits, up to 65,539 octets. The octets must
 * live until the packet's callback returns.
 */
void cl_nts_ke_take(struct cl_nts_ke *k, struct cl_pkt *p, unsigned direction, struct cl_span octets);

/**
 * Estimates from the size of a response how many cookies are in it: a next protocol, an AEAD algorithm, an
 * end, and the rest cookies of one size between 60 and 256 octets, as many as fit up to 8. 0: none fits.
 */
unsigned cl_nts_ke_estimate(uint32_t octets);

/* The ends of NTS-KE records, as a registry for tests: the types with a row of their own. */
size_t cl_nts_ke_types(const uint16_t **types);

const char *cl_nts_ke_aead_name(uint64_t id);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_DNS_TRANSFER_H
#define CL_DISSECT_DNS_TRANSFER_H

#include "dissect/cursor.h"
#include "dissect/event.h"

/**
 * Says in `dns` where a response over TCP begins or ends a zone transfer (RFC 5936, RFC 1995), if its
 * question asks for one or it has none. The cursor is over the answers.
 */
void cl_dns_transfer(struct cl_cur c, uint32_t answers, struct cl_dns *dns);

/* The serial number of an SOA record's data of `length` octets (RFC 1035 sec. 3.3.13): behind two names. */
bool cl_dns_soa_serial(struct cl_cur data, uint16_t length, uint32_t *serial);

#endif

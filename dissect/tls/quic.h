/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_QUIC_H
#define CL_DISSECT_TLS_QUIC_H

#include "dissect/packet.h"

/* The clients whose QUIC connections were counted lately: a cache of fixed size, the newest wins. Opaque. */
struct cl_quics;

#define CL_QUIC_SLOTS 16384u

/* An Initial packet between the same addresses and ports so much later is of another connection. */
#define CL_QUIC_SILENCE_NS 60000000000

struct cl_quics *cl_quics_new(void);
void cl_quics_free(struct cl_quics *q);

/* Whether datagrams of these ports are looked at: 853 (RFC 9250) and 443, either side. */
bool cl_quic_port(uint16_t sport, uint16_t dport);

#endif

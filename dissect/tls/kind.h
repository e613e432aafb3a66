/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_KIND_H
#define CL_DISSECT_TLS_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "dissect/ledger.h"
#include "dissect/span.h"

/* What a TLS or QUIC connection is counted as (clientele(1), DEFINITIONS). */
enum cl_tls_kind { CL_TLS_OTHER, CL_TLS_NTS_KE, CL_TLS_DOT, CL_TLS_DOH, CL_TLS_DOQ, CL_TLS_KINDS };

extern const char *const cl_tls_kind_names[CL_TLS_KINDS];

/**
 * By the service's port and the ClientHello's ALPN list (without its length) and server name, either of which
 * may be empty. An ALPN identifier of ours tells before the port.
 */
enum cl_tls_kind cl_tls_kind_of(bool quic, uint16_t port, struct cl_span alpn, struct cl_span sni);

/* Counts a connection. */
void cl_tls_kind_count(struct cl_ledger *l, enum cl_tls_kind kind);

/* Whether an ALPN list has this protocol. */
bool cl_tls_alpn_has(struct cl_span list, const char *protocol);

/* Names of public DNS resolvers, sorted; a row is also for the names below it. */
extern const char *const cl_tls_resolvers[];
extern const size_t cl_tls_resolver_count;
bool cl_tls_is_resolver(struct cl_span name);

#endif

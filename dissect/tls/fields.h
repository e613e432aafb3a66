/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_FIELDS_H
#define CL_DISSECT_TLS_FIELDS_H

#include "dissect/attr.h"

/* The fields of TLS, by identifier: see fields.def. */
enum cl_tls_field {
#define X(id, name, label, type, base, flags, text) CL_TLS_F_##id,
#include "dissect/tls/fields.def"
#undef X
	CL_TLS_FIELDS
};

extern const struct cl_field cl_tls_fields[CL_TLS_FIELDS];
#define CL_TLS_F(id) (&cl_tls_fields[CL_TLS_F_##id])

/* Names of values (IANA's TLS parameters); NULL for none. */
const char *cl_tls_content_name(uint64_t v);
const char *cl_tls_version_name(uint64_t v);
const char *cl_tls_level_name(uint64_t v);
const char *cl_tls_alert_name(uint64_t v);
const char *cl_tls_handshake_name(uint64_t v);
const char *cl_tls_suite_name(uint64_t v);
const char *cl_tls_method_name(uint64_t v);
const char *cl_tls_extension_name(uint64_t v);
const char *cl_tls_name_type_name(uint64_t v);
const char *cl_tls_fragment_name(uint64_t v);
const char *cl_tls_status_name(uint64_t v);
const char *cl_tls_group_name(uint64_t v);
const char *cl_tls_format_name(uint64_t v);
const char *cl_tls_signature_name(uint64_t v);
const char *cl_tls_compress_name(uint64_t v);
const char *cl_tls_psk_mode_name(uint64_t v);
const char *cl_tls_update_name(uint64_t v);

/* Whether a code is one that means nothing, by RFC 8701. */
static inline bool cl_tls_is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_KEYLOG_H
#define CL_DISSECT_KEYLOG_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/span.h"

/* Secrets of TLS connections, as a key log has them (draft-ietf-tls-keylogfile). Opaque. */
struct cl_keylog;

enum cl_secret {
	CL_SECRET_CLIENT_HANDSHAKE, /* CLIENT_HANDSHAKE_TRAFFIC_SECRET */
	CL_SECRET_SERVER_HANDSHAKE,
	CL_SECRET_CLIENT_TRAFFIC, /* CLIENT_TRAFFIC_SECRET_0 */
	CL_SECRET_SERVER_TRAFFIC,
	CL_SECRET_EXPORTER,
	CL_SECRETS
};

/* Connections whose secrets are kept; those of more are left out. */
#define CL_KEYLOG_MAX 1000000u

/* NULL when memory is short. */
struct cl_keylog *cl_keylog_new(void);
void cl_keylog_free(struct cl_keylog *k);

/**
 * Takes lines `LABEL CLIENT_RANDOM SECRET`, the numbers in hexadecimal; a secret that is there already stays,
 * other lines are passed over. Returns the number of lines that were secrets of ours.
 */
size_t cl_keylog_add(struct cl_keylog *k, const void *text, size_t n);

/* Connections with secrets, and those left out for want of room or memory. */
size_t cl_keylog_count(const struct cl_keylog *k);
uint64_t cl_keylog_left_out(const struct cl_keylog *k);

/* A secret of the connection whose ClientHello had these 32 octets; {NULL, 0} if it is not known. */
struct cl_span cl_keylog_find(const struct cl_keylog *k, enum cl_secret which, const uint8_t *client_random);

#endif

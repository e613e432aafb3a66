/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_TLS_KEYS_H
#define CL_DISSECT_TLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/span.h"

/* The cryptography is libcrypto's. Without it every function here says no. */

#define CL_TLS_TAG                                                                                           \
	16u /* octets of a record's authentication tag, whatever the cipher of TLS 1.3 but CCM_8             \
	     */

/* The key of one direction of a TLS 1.3 connection (RFC 8446 sec. 7.3). */
struct cl_tls_key {
	uint16_t suite;
	uint8_t secret_len;
	uint8_t secret[48], key[32], iv[12];
};

/* Makes a key of a traffic secret. False: the cipher suite is none of TLS 1.3's, or the secret not its. */
bool cl_tls_key_set(struct cl_tls_key *k, uint16_t suite, struct cl_span secret);

/* Goes on to the next secret, as a KeyUpdate asks (RFC 8446 sec. 7.2). */
bool cl_tls_key_next(struct cl_tls_key *k);

/**
 * Opens a record: `header` its five octets, `sealed` its body, into `out`, which has room for as many octets
 * as `sealed`. Returns the number of octets inside (the content with its type and padding), or 0: the tag
 * does not fit.
 */
uint32_t cl_tls_key_open(const struct cl_tls_key *k, uint64_t sequence, struct cl_span header,
			 struct cl_span sealed, uint8_t *out);

/* HKDF-Expand-Label (RFC 8446 sec. 7.1) with no context, up to one block of SHA-256 or SHA-384. */
bool cl_tls_expand(struct cl_span secret, const char *label, uint8_t *out, uint8_t n);

/* HKDF-Extract with SHA-256 (RFC 5869 sec. 2.2): 32 octets. */
bool cl_tls_extract(struct cl_span salt, struct cl_span in, uint8_t *out);

/* One block of AES-128 (FIPS 197), for QUIC's header protection (RFC 9001 sec. 5.4.3). */
bool cl_tls_aes128(const uint8_t *key, const uint8_t *in, uint8_t *out);

/* AES-128-GCM without a tag check is none: opens as cl_tls_key_open, under a key and nonce at hand. */
bool cl_tls_aes128_gcm(const uint8_t *key, const uint8_t *nonce, struct cl_span header, struct cl_span sealed,
		       uint8_t *out);

bool cl_tls_md5(const void *octets, size_t n, uint8_t *out);

/* Whether records can be opened at all. */
bool cl_tls_can_open(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_KEYS_H
#define CL_DISSECT_NTP_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/span.h"

#define CL_NTP_KEY_MAX	64u	/* octets of a key */
#define CL_NTP_KEYS_MAX 100000u /* rows taken from a file */

/* Symmetric keys, as ntpd, NTPsec and chronyd have them in a file. Opaque. */
struct cl_ntp_keys;

/* Lines that could not be read. */
struct cl_ntp_keys_trouble {
	size_t lines, first; /* how many, and the first one's number from 1 */
	const char *why;     /* of the first */
};

/**
 * Reads the text of a keys file: lines `NUMBER TYPE KEY`, `#` begins a comment. TYPE is MD5 (or M), SHA1,
 * SHA256, SHA384, SHA512, AES128CMAC, AES-CMAC, AES128 or AES256; left out, it is MD5. KEY is `HEX:` or
 * `ASCII:` and a text (chronyd); without a prefix, up to 20 characters are taken as they are, and more as
 * hexadecimal by ntpd and as they are by chronyd: such a key is tried both ways. A line that cannot be read
 * is passed over. The text is not kept. NULL when memory is short; free with cl_ntp_keys_free.
 */
struct cl_ntp_keys *cl_ntp_keys_parse(const char *text, size_t n, struct cl_ntp_keys_trouble *trouble);
void cl_ntp_keys_free(struct cl_ntp_keys *k);
size_t cl_ntp_keys_count(const struct cl_ntp_keys *k);

enum cl_mac_status {
	CL_MAC_UNVERIFIED, /* no keys given, or not all octets were captured */
	CL_MAC_GOOD,
	CL_MAC_WRONG,
	CL_MAC_NO_KEY,	  /* none with this number */
	CL_MAC_OTHER_TYPE /* the key's type gives digests of another length */
};

/**
 * Holds a digest against the octets before it (RFC 5905 sec. 7.3, RFC 8573): the hash of key and message,
 * which may be cut to 20 octets, or their CMAC. Without libcrypto: unverified. `type` (may be NULL) becomes
 * the name of the key's type.
 */
enum cl_mac_status cl_ntp_keys_verify(const struct cl_ntp_keys *k, uint32_t id, struct cl_span message,
				      struct cl_span digest, const char **type);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_DNSNAME_H
#define CL_STATS_DNSNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names of the DNS in uncompressed wire form with their root label, as notes have them: copies that were
 * checked when they were read. What does not hold together is taken as far as it does. */

#define CL_NAME_OCTETS 255u  /* RFC 1035 sec. 2.3.4 */
#define CL_NAME_LABELS 128u  /* the root not counted */
#define CL_NAME_TEXT   1024u /* each octet may take four characters */

/* Presentation form (RFC 1035 sec. 5.1) without its last dot; "." is the root. Ended by a zero; the length.
 */
size_t cl_name_text(const uint8_t *wire, size_t n, char out[CL_NAME_TEXT]);

/* The wire form, with its root label, of a name in presentation form with or without its last dot; the
 * length, or 0: it is none. */
size_t cl_name_wire(const char *text, uint8_t wire[CL_NAME_OCTETS]);

/* With ASCII letters in lower case (RFC 4343). `out` has room for `n`; true if it differs. */
bool cl_name_fold(const uint8_t *wire, size_t n, uint8_t *out);

/* Where each label begins, the root not counted; at most CL_NAME_LABELS. How many there are. */
size_t cl_name_labels(const uint8_t *wire, size_t n, uint8_t at[CL_NAME_LABELS]);

/* Labels that two folded names have in common at their ends, the root not counted. */
size_t cl_name_common(const uint8_t *a, size_t na, const uint8_t *b, size_t nb);

#endif

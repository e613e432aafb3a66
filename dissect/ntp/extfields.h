/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_EXTFIELDS_H
#define CL_DISSECT_NTP_EXTFIELDS_H

#include <stddef.h>

#include "dissect/ntp/show.h"

/* A type of extension field. */
struct cl_ntp_ext {
	uint16_t type;
	const char *name, *reference;
	uint16_t min, max; /* of its length, the head of 4 octets included; max 0: any */
	void (*show)(struct cl_ntp_show *s, struct cl_cur body); /* NULL: octets */
};

/* Sorted by type (IANA ntp-parameters-3, RFC 9748, and what drafts and programs use). */
extern const struct cl_ntp_ext cl_ntp_exts[];
extern const size_t cl_ntp_ext_count;

/* NULL for a type that is not known. */
const struct cl_ntp_ext *cl_ntp_ext_find(uint16_t type);

#endif

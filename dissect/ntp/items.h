/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_ITEMS_H
#define CL_DISSECT_NTP_ITEMS_H

#include "dissect/attr.h"

/* A member of an item of mode 7: `width` octets at `at`; of a number the bits of `mask` (0: all). */
struct cl_ntp_item_row {
	const struct cl_field *field;
	uint16_t at, width;
	uint32_t mask;
};

/* What items a request code has, in requests or in responses. */
struct cl_ntp_item {
	uint8_t code;
	bool response;
	uint16_t v6_at;	  /* of the word that says whether it is of IPv6; 0: no such word */
	uint8_t family;	  /* 4, 6: only if that word says so; 0: either */
	uint16_t size[3]; /* octets, by the program's age; 0: no more */
	const struct cl_ntp_item_row *rows;
	size_t count;
};

/* By code (ntp_request.h of ntpd 4.2.8). */
extern const struct cl_ntp_item cl_ntp_items[];
extern const size_t cl_ntp_item_count;

#endif

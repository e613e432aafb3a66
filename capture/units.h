/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CAPTURE_UNITS_H
#define CL_CAPTURE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* How a pcapng interface counts time: if_tsresol and if_tsoffset. */
struct cl_units {
	uint64_t factor; /* nanoseconds of a unit, or units of a nanosecond if `divide` */
	int64_t offset_ns;
	uint64_t
		plain; /* stamps below this are `factor` ns each since 1970, and nothing else is to be done */
	uint8_t shift; /* unit is 2^-shift s, if `binary` */
	bool divide, binary;
};

/* From the octet of if_tsresol and the seconds of if_tsoffset. */
struct cl_units cl_units_of(uint8_t tsresol, int64_t tsoffset);

/* Times go no farther from 1970 than this (146 years), so that the difference of two always fits. */
#define CL_TIME_LIMIT_NS (((int64_t)1 << 62) - 1)

/* Nanoseconds since 1970 of a time stamp, rounded down, at CL_TIME_LIMIT_NS if they pass it. */
int64_t cl_units_ns(const struct cl_units *u, uint64_t stamp);

#endif

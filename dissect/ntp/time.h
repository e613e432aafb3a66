/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_DISSECT_NTP_TIME_H
#define CL_DISSECT_NTP_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds from the NTP epoch, 1900, to 1970 (RFC 5905 sec. 6). */
#define CL_NTP_UNIX 2208988800u

/**
 * The time of a raw 32.32 stamp, in nanoseconds since 1970, rounded down. A stamp has no era: it is taken as
 * the time within 2^31 seconds of `pivot_ns`, the packet's own (RFC 5905 sec. 6). False for 0, which is
 * "unknown", and where the time does not fit; *ns stays as it was.
 */
bool cl_ntp_time(uint64_t stamp, int64_t pivot_ns, int64_t *ns);

/* A difference of two stamps within 2^31 seconds, in nanoseconds rounded toward zero. */
int64_t cl_ntp_difference(uint64_t a, uint64_t b);

/* An unsigned fixed-point number with `bits` (at most 32) of fraction, in nanoseconds rounded down. */
int64_t cl_ntp_fixed_ns(uint32_t value, unsigned bits);

#endif

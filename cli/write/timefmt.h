/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_TIMEFMT_H
#define CL_CLI_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for each text of this header, its NUL included. */
#define CL_TIME_STRLEN 32

/**
 * Writes `ns` (nanoseconds since 1970, negative before) as RFC 3339 in UTC and returns its length. `digits`:
 * of the fraction, 0, 3, 6 or 9, what is finer is cut off; -1 is the fewest of these that lose nothing. All
 * of int64_t works.
 */
size_t cl_time_format(char out[CL_TIME_STRLEN], int64_t ns, int digits);

/**
 * Reads a whole string as an RFC 3339 date and time (Z or an offset, up to nine digits of fraction) or as a
 * date alone, which is its midnight in UTC. False for anything else, for leap seconds (:60), and for times
 * that int64_t nanoseconds cannot hold (before 1677, after 2262); `*ns` is then untouched.
 */
bool cl_time_parse(const char *text, int64_t *ns);

/* Writes a duration for people, with three significant digits, such as "27.1 us"; returns its length. */
size_t cl_duration_format(char out[CL_TIME_STRLEN], int64_t ns);

/* Writes a duration as an exact number of seconds such as "0.000027345" or "2"; returns its length. */
size_t cl_seconds_format(char out[CL_TIME_STRLEN], int64_t ns);

/* Reads a whole string of digits, at most nine after a point, as seconds. `*ns` is untouched on failure. */
bool cl_seconds_parse(const char *text, int64_t *ns);

#endif

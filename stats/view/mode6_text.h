/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_MODE6_TEXT_H
#define CL_STATS_MODE6_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What mode 6 messages say in words: lists of variables (RFC 9327 sec. 4), status words (sec. 3). */

/* A variable, as it stands in the list; borrowed. A quoted value is without its quotes. */
struct cl_mode6_item {
	const uint8_t *name, *value;
	size_t name_length, value_length;
	bool quoted;
};

/* The next `name=value` from `*at` on, which moves behind it; false at the end. Names alone are left out. */
bool cl_mode6_item(const uint8_t *octets, size_t n, size_t *at, struct cl_mode6_item *item);

/* A number: decimal, with a fraction and an exponent or without, or hexadecimal with 0x, up to 16 digits. No
 * addresses, timestamps (0x, and a point), lists. */
bool cl_mode6_number(const struct cl_mode6_item *item, double *out);

/* Which status word. */
enum cl_mode6_kind { CL_MODE6_SYSTEM, CL_MODE6_PEER, CL_MODE6_CLOCK, CL_MODE6_KINDS };

#define CL_MODE6_WORDS_MAX 96u

/**
 * A status word in ntpq's words. A clock's is 8 bits that are not used, 4 bits of a counter and 4 of its
 * condition, as ntpd sends it; other programs read the upper octet.
 */
void cl_mode6_words(enum cl_mode6_kind kind, uint16_t status, char out[CL_MODE6_WORDS_MAX]);

/* The condition of a clock: 0 nominal to 6 bad time; NULL: not known. */
const char *cl_mode6_clock(uint16_t status);

/* A state of refclock_states, as ntpd writes it: `*NOMINAL: 1d+00:43:00 (99.54%)`, several with ; between. */
struct cl_mode6_state {
	const uint8_t *name;
	size_t name_length;
	int64_t seconds; /* spent in it */
	double share;	 /* 0 to 1; negative: not said */
	bool current;
};

/* The next state from `*at` on, which moves behind it; false at the end. What does not read so is left out.
 */
bool cl_mode6_state(const uint8_t *octets, size_t n, size_t *at, struct cl_mode6_state *state);

#endif

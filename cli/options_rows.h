/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_OPTIONS_ROWS_H
#define CL_CLI_OPTIONS_ROWS_H

#include "cli/options.h"

/* All about an option. */
struct cl_option_row {
	uint64_t option; /* CL_OPT_ */
	char letter;	 /* or 0 */
	const char *name;
	const char *arg; /* or NULL */
	const char *help;
	/* Reads the value (NULL where there is none): NULL, or what it needs, "needs ...". NULL: ends the
	 * run. */
	const char *(*set)(struct cl_options *o, const char *value);
};

#define CL_OPTION_ROWS_MAX 64u

/* In the order of the help text. */
extern const struct cl_option_row cl_option_rows[];
extern const size_t cl_option_rows_count;

/* The place of the value among `names` (which NULL ends), or -1. */
int cl_option_choice(const char *value, const char *const *names);

/* Reads a whole string of digits, from 1 to `max`. */
bool cl_option_number(const char *text, uint32_t max, uint32_t *out);

/* Reads a number of octets with a letter K, M, G or T (of 1024) behind it or none. */
bool cl_option_octets(const char *text, uint64_t *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_SUFFIX_H
#define CL_STATS_SUFFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A list of public suffixes, in the format of publicsuffix.org: which part of a name was registered. */

#define CL_SUFFIXES_MAX 1000000u /* rules */

struct cl_suffixes; /* opaque */

/* NULL when memory is short. */
struct cl_suffixes *cl_suffixes_new(void);

/**
 * Adds a rule: labels with dots between, the first perhaps "*", all perhaps behind "!". Other than ASCII is
 * taken as UTF-8 and compared as A-labels (RFC 5890 sec. 2.3.2.1); it has to be in lower case and normalized,
 * as the list is. NULL, or what is wrong with it.
 */
const char *cl_suffixes_add(struct cl_suffixes *s, const char *rule);

/* Behind the last rule. */
void cl_suffixes_settle(struct cl_suffixes *s);

/**
 * Where in a folded name of wire form the registered domain begins: the public suffix and one label more, or
 * the suffix alone where the name is no longer. Without a rule that matches, the last label is the suffix.
 */
size_t cl_suffixes_domain(const struct cl_suffixes *s, const uint8_t *wire, size_t n);

void cl_suffixes_free(struct cl_suffixes *s); /* NULL is accepted */

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_NAMES_H
#define CL_CLI_NAMES_H

#include "dissect/addr.h"

/* Addresses that a file may name at most. */
#define CL_NAMES_MAX 1000000

/* Names of addresses from a file in hosts format. Opaque. */
struct cl_names;

/**
 * Reads lines `ADDRESS NAME...` (hosts(5)); only the first name of a line is kept, and of several lines for
 * one address the first. NULL after one line on standard error, with file and line. Free with cl_names_free.
 */
struct cl_names *cl_names_load(const char *path);

/* The address's name, owned by `names`, or NULL. `names` may be NULL: then there are none. */
const char *cl_names_find(const struct cl_names *names, const struct cl_addr *a);

/* NULL is accepted. */
void cl_names_free(struct cl_names *names);

#endif

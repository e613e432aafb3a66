/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_INTERFACES_H
#define CL_CLI_LIVE_INTERFACES_H

#include <stddef.h>

/* Writes a table of the interfaces to standard output. The exit status. */
int cl_interfaces_list(void);

/* Their names with commas between, as many as fit. */
void cl_interfaces_names(char *out, size_t size);

#endif

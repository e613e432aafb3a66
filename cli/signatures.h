/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SIGNATURES_H
#define CL_CLI_SIGNATURES_H

#include "stats/signatures.h"

/* The signatures that are built in and, unless `path` is NULL, those of a file. NULL after one line on
 * standard error, with file and line. Free with cl_signatures_free. */
struct cl_signatures *cl_signatures_load(const char *path);

#endif

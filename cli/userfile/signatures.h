/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SIGNATURES_H
#define CL_CLI_SIGNATURES_H

#include "cli/session.h"
#include "stats/view/software.h"

/* The signatures that are built in and, unless `path` is NULL, those of a file. NULL after one line on
 * standard error, with file and line. Free with cl_signatures_free. */
struct cl_signatures *cl_signatures_load(const char *path);

/* What views that name software keep, struct cl_software: `begin`, `take` and `end` of theirs. */
void *cl_signatures_begin(const struct cl_session *s);
void cl_signatures_take(void *kept, const struct cl_exchange *x);
void cl_signatures_end(void *kept);

#endif

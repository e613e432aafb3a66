/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SUFFIXFILE_H
#define CL_CLI_SUFFIXFILE_H

#include "stats/view/suffix.h"

/* Reads a list in the format of publicsuffix.org: a rule a line up to the first blank, comments behind "//".
 * NULL after one line on standard error, with file and line. Free with cl_suffixes_free. */
struct cl_suffixes *cl_suffixfile_read(const char *path);

#endif

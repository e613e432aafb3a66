/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PAGE_H
#define CL_CLI_PAGE_H

#include "cli/serve/reply.h"

/* The page of the last day: HTML with pictures in it, no script, nothing from elsewhere. Parameters: day,
 * server, refresh. The exit status as cl_reply_write. */
int cl_page_write(FILE *out, const struct cl_reply *a, const struct cl_options *o);

/* Its style sheet, in light and dark. */
void cl_page_style(FILE *out);

/* Its icon. */
void cl_page_icon(FILE *out);

#endif

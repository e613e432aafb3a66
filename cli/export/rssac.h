/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_RSSAC_H
#define CL_CLI_RSSAC_H

#include "cli/export/export.h"

/* Begins the file of a day and metric with its first lines. NULL after a line on standard error. */
FILE *cl_rssac_begin(struct cl_export *e, const struct cl_export_day *d, const char *metric);

/* load-time and zone-size of a day. False after a line on standard error. */
bool cl_rssac_zones(struct cl_export *e, const struct cl_export_day *d);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_SERVICE_H
#define CL_CLI_LIVE_SERVICE_H

#include "cli/live/capture_options.h"

/* Captures until a signal or the end of what is replayed. The exit status. */
int cl_service_run(const struct cl_capture_options *c, const struct cl_options *o);

#endif

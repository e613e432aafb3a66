/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_CAPTURE_PLAN_H
#define CL_CLI_LIVE_CAPTURE_PLAN_H

#include "cli/live/capture_options.h"
#include "cli/live/notify.h"
#include "cli/live/sandbox.h"

/* What `clientele capture` has left to do once it runs, for its sandbox. Texts are borrowed from both. */
struct cl_sandbox_plan cl_capture_plan(const struct cl_capture_options *c, const struct cl_options *o,
				       const struct cl_notify *n);

#endif

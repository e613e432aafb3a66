/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_COMMANDS_H
#define CL_CLI_COMMANDS_H

#include "cli/options.h"

/* Commands beside the views: each is a const struct cl_command cl_command_NAME in a file of its own. */
#define X(name) extern const struct cl_command cl_command_##name;
#include "cli/commands.def"
#undef X

#endif

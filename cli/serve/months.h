/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_MONTHS_H
#define CL_CLI_MONTHS_H

#include <stdbool.h>
#include <stddef.h>

#define CL_MONTHS_PATH 4096

/* The database that a path means now: itself, or, of DIR/NAME.db that is not there, the newest month's of
 * those that `capture --rotate month` made, DIR/NAME-YYYY-MM.db. `base` again if there is none. */
const char *cl_months_newest(const char *base, char path[CL_MONTHS_PATH]);

#endif

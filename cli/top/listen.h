/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_TOP_LISTEN_H
#define CL_CLI_TOP_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

/* A `clientele capture` of our own, into a database that is gone with it. */
struct cl_listen {
	pid_t pid; /* 0: none */
	char dir[64];
	char database[80];
};

/* Starts it on `interfaces` (as -i has them). False after a line on standard error. */
bool cl_listen_start(struct cl_listen *l, const char *interfaces);

/* Whether it still runs. */
bool cl_listen_runs(struct cl_listen *l);

/* Ends it, waits, and removes what it wrote. */
void cl_listen_end(struct cl_listen *l);

#endif

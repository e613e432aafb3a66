/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_METRICS_H
#define CL_CLI_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dissect/addr.h"

/* Servers that have figures of their own; the others' are together, as server="other". */
#define CL_METRICS_SERVERS 50u

struct cl_metrics_ask {
	const char *path;	       /* of the database */
	const struct cl_addr *servers; /* that get a label; none: those that the database met first */
	size_t nservers;
	bool open; /* OpenMetrics instead of Prometheus' text 0.0.4 */
};

/**
 * Writes a database's figures as metrics (clientele(1), serve). Counters of messages are of the last
 * month in UTC and begin anew with the next. False: a line on standard error says why, and what was written
 * is not whole.
 */
bool cl_metrics_write(FILE *out, const struct cl_metrics_ask *ask);

#endif

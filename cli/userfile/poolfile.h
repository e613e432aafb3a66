/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_POOLFILE_H
#define CL_CLI_POOLFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/view/poolmon.h"

/* Reads the NTP Pool's monitors, lines ADDRESS [NAME]. False after a line on standard error. */
bool cl_poolfile_monitors(struct cl_poolmon *p, const char *path);

struct cl_poolfile_counts {
	uint64_t rows;	   /* that were taken */
	uint64_t unlisted; /* of monitors that are not listed */
};

/**
 * Reads the pool's log of a server's scores, CSV with a heading of which ts_epoch, step and score are needed,
 * and offset, monitor_name, monitor_id and error are read. A row is of the monitors whose name in the list is
 * its monitor_name or monitor_id; with neither, of all together. False after a line on standard error.
 */
bool cl_poolfile_scores(struct cl_poolmon *p, const char *path, struct cl_poolfile_counts *counts);

#endif

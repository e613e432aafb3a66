/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_CELL_H
#define CL_CLI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/write/timefmt.h"
#include "cli/write/writer.h"

/* One value on its way from the writer's front to one of its two backs; texts are borrowed. */
struct cl_cell {
	enum cl_column_type type;
	bool null;
	union {
		const char *text;
		uint64_t count;
		int64_t ns;
		double share; /* or number */
	} v;
};

/* A value that is no text as people read it; "-" for null. */
void cl_cell_show(const struct cl_cell *c, char text[CL_TIME_STRLEN]);

/* Writes the value as a CSV field, after a comma unless it is the line's first. False: errno says why. */
bool cl_csv_cell(FILE *out, const struct cl_cell *c, bool first);

/* Writes the heading line of keys. */
bool cl_csv_heading(FILE *out, const struct cl_column *cols, size_t ncols);

#endif

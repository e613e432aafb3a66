/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PROGRESS_H
#define CL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line on standard error that says how far the work is; about 60 columns wide. */
struct cl_progress {
	bool enabled;
	unsigned calls;		   /* since the clock was looked at */
	int64_t begun_ns, last_ns; /* of the monotonic clock */
};

/* Begins; shows nothing at any time unless `wanted` and standard error is a terminal. */
void cl_progress_begin(struct cl_progress *p, bool wanted);

/**
 * Once a batch: cheap, as it looks at the clock at every 64th call only and draws at most five times a
 * second. `done` and `total` are octets of input; `total` is 0 where it is not known.
 */
void cl_progress_update(struct cl_progress *p, uint64_t done, uint64_t total, uint64_t packets);

/* Takes the line away. */
void cl_progress_end(struct cl_progress *p);

/* Room for the text of a progress line, whatever the numbers. */
#define CL_PROGRESS_STRLEN 128

/* The text alone, after `elapsed_ns` of work. */
void cl_progress_line(char out[CL_PROGRESS_STRLEN], uint64_t done, uint64_t total, uint64_t packets,
		      int64_t elapsed_ns);

#endif

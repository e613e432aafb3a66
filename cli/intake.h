/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_INTAKE_H
#define CL_CLI_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/filter.h"
#include "capture/input.h"
#include "cli/options.h"
#include "dissect/dissect.h"

/* What every command that reads captures does with frames before they are dissected, and with files behind
 * it. */

/* Which frames pass: -f, --from, --to. */
struct cl_intake {
	struct cl_filter *filter; /* NULL: all frames pass */
	bool ranged;
	int64_t from_ns, to_ns; /* if `ranged`: frames at from <= time < to pass */
};

/* `expression` may be empty or NULL. False after a line on standard error. */
bool cl_intake_open(struct cl_intake *in, const char *expression, const struct cl_options *o);
void cl_intake_close(struct cl_intake *in);

/**
 * Gives the frames that pass on to `d`, and counts the others there as filtered. A filter for ports sees them
 * in the first fragment of a datagram alone: other fragments are given on too, with CL_FF_WIDENED, to be
 * filtered or not with their datagram.
 */
void cl_intake_feed(const struct cl_intake *in, struct cl_dissector *d, const struct cl_frame *frames,
		    size_t n);

/**
 * Says on standard error what was wrong with the files; of one that was given twice that it is `not_again`
 * ("counted", "shown"). Raises `*status` from CL_EXIT_OK to CL_EXIT_PARTIAL if something is missing. Whether
 * any file could be read.
 */
bool cl_intake_report(const struct cl_intake *in, const struct cl_input *files, const char *not_again,
		      int *status);

/* The same of a capture of which nothing could be decoded: its figures are not worth the name. */
void cl_intake_check(const struct cl_ledger *l, int *status);

#endif

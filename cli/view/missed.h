/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_MISSED_H
#define CL_CLI_MISSED_H

#include "cli/view/view.h"

/* What a live capture missed: packets that were dropped, interfaces that were away, times between its runs.
 */

/* The tables that the others draw from; part of cl_view_prepare, behind `span`. */
void cl_missed_prepare(struct cl_session *s);

/* Drops of what was asked for: those of live captures by step, those that capture files tell of as a whole.
 */
struct cl_missed_drops {
	uint64_t kernel, interface;
};
struct cl_missed_drops cl_missed_drops(struct cl_session *s);

/* Members of `input`; the summary has there when packets were dropped. */
void cl_missed_json(struct cl_session *s, struct cl_json *j);

/* One line each for drops, interfaces that were away, and times without a capture. */
void cl_missed_say(struct cl_session *s, struct cl_tables *t);

/* Of the summary: interfaces, and when packets were dropped. */
void cl_missed_summary_tables(struct cl_session *s, struct cl_tables *t);

#endif

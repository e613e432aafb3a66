/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DAILY_H
#define CL_CLI_DAILY_H

#include "cli/session.h"

/*
 * What --keep software and --keep names put into a database by UTC day, from single messages as they come:
 * tables software, client_software_day and name_day. A day is written when the next one begins, and at the
 * end. Opaque.
 */
struct cl_daily;

/**
 * For the session's store, which is being written: what the options ask for, and what the store was told to
 * keep before. True with NULL: nothing. False after a line on standard error.
 */
bool cl_daily_new(struct cl_session *s, struct cl_daily **out);

/* CL_X_BIT of what it wants. */
unsigned cl_daily_kinds(const struct cl_daily *d);

void cl_daily_take(struct cl_daily *d, const struct cl_exchange *x);

/* Writes the day that is open. */
void cl_daily_finish(struct cl_daily *d);
void cl_daily_free(struct cl_daily *d); /* NULL is accepted */

#endif

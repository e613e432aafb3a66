/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SOFTWARE_DAYS_H
#define CL_CLI_SOFTWARE_DAYS_H

#include "cli/view/view.h"

/* The view `software` of a database that has no single messages, but software by day (read --keep software):
 * table client_software_day. */

/* Whether the database has any, and all servers are asked for: rows by day are of all. */
bool cl_software_days_kept(struct cl_session *s);

void cl_software_days_json(struct cl_session *s, struct cl_json *j);
void cl_software_days_tables(struct cl_session *s, struct cl_tables *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_DNS_DAYS_H
#define CL_CLI_DNS_DAYS_H

#include "cli/view/view.h"

/* Names of the view `dns` of a database that has no single messages, but names by day (read --keep names):
 * table name_day. */

/* Whether the database has any, and all servers are asked for: rows by day are of all. */
bool cl_dns_days_kept(struct cl_session *s);

/* Writes the member `names` of `sums`. */
void cl_dns_days_json(struct cl_session *s, struct cl_json *j);
void cl_dns_days_tables(struct cl_session *s, struct cl_tables *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_NTS_VIEW_H
#define CL_CLI_NTS_VIEW_H

#include "cli/view/view.h"
#include "stats/view/nts.h"

/* Kinds of authentication, by enum cl_ntp_auth. */
extern const char *const cl_nts_auth_names[CL_NTP_AUTHS];

/* Tables of the view nts. */
void cl_nts_tables(struct cl_session *s, struct cl_tables *t);

/* The name of a type of extension field; NULL: not known. */
const char *cl_nts_field_name(const struct cl_nts_field *f);

/* Connections without a ServerHello. */
static inline uint64_t cl_nts_ke_failed(const struct cl_nts_ke *k)
{
	return k->refused + k->silent + k->no_hello;
}

/* A part of a whole; not a number of nothing. */
static inline double cl_nts_part(uint64_t n, uint64_t of)
{
	return (double)n / (double)of;
}

#endif

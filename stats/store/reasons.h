/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_STATS_REASONS_H
#define CL_STATS_REASONS_H

#include "dissect/ledger.h"

#define CL_REASON_LEN 48

/* Why frames could not be decoded, in words such as "link type 147" or "IPv6 fragment". */
void cl_undecoded_text(const struct cl_undecoded_row *row, char out[CL_REASON_LEN]);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SUMMARY_H
#define CL_CLI_SUMMARY_H

#include <stdint.h>

#include "cli/view/view.h"

/**
 * A count as it may be shown. Of a few days one may be below 0: an answer first called bogus, and called
 * otherwise on the next day. A damaged file may say anything; sums of counts shall not overflow.
 */
int64_t cl_summary_count(int64_t n);

/* A code of day_code's `kind` as people write it: a mnemonic, or the number in `text`. */
const char *cl_summary_code_name(const char *kind, uint32_t code, char text[24]);

/* A row of dissect/facts.def, of whole sources as the ledger is; 0 if nothing was found. */
uint64_t cl_summary_fact(struct cl_session *s, const char *name);

/* What was found beside messages: tunnels, fragments, connections, what was given up, anomalies. */
void cl_summary_facts_json(struct cl_session *s, struct cl_json *j);
void cl_summary_facts_tables(struct cl_session *s, struct cl_tables *t);

#endif

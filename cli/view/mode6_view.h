/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_MODE6_VIEW_H
#define CL_CLI_MODE6_VIEW_H

#include "cli/view/view.h"
#include "stats/view/mode6.h"

extern const char *const cl_mode6_kind_names[CL_MODE6_KINDS];

/* Tables of the view mode6. */
void cl_mode6_tables(struct cl_session *s, struct cl_tables *t);

/* The name of an opcode of mode 6 or a request code of mode 7, as ntp_control.h and ntp_request.h have it, or
 * its number in `text`. */
const char *cl_mode6_operation_name(unsigned mode, unsigned opcode, char text[8]);

/* What a source wanted, by all that it asked. */
const char *cl_mode6_source_kind(const struct cl_mode6_source *source);

/* All sources that are neither among --server nor labelled. */
bool cl_mode6_is_stranger(const struct cl_session *s, const struct cl_addr *a);
struct cl_mode6_strangers {
	uint64_t sources;
	struct cl_mode6_count n;
};
struct cl_mode6_strangers cl_mode6_strangers(struct cl_session *s);

/* Modes 6 and 7 together. */
struct cl_mode6_count cl_mode6_both(const struct cl_mode6_count *a, const struct cl_mode6_count *b);

/* Octets answered for each asked; not a number where nothing was asked. */
double cl_mode6_amplification(const struct cl_mode6_count *n);

#endif

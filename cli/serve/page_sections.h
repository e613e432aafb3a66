/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_PAGE_SECTIONS_H
#define CL_CLI_PAGE_SECTIONS_H

#include "cli/plot/plot.h"
#include "cli/serve/recent.h"
#include "cli/userfile/names.h"

struct cl_options;

/* The page while it is written, shared by page.c and page_sections.c alone. */
struct cl_page {
	FILE *out;
	const struct cl_options *o;
	struct cl_recent r;
	struct cl_names *names;
	bool refresh;
	bool chosen; /* a day */
	int64_t day; /* since 1970 */
	bool by_server;
	struct cl_addr server;
	struct cl_points *points;
};

/* The last step's figures; there is a step. */
void cl_page_now(struct cl_page *p);

/* What is drawn: each plot beside its tables; there is a step. False: memory is short. */
bool cl_page_sections(struct cl_page *p);

#endif

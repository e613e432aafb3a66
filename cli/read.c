/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/commands.h"
#include "cli/view/view.h"

static int run(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	return cl_view_run(&cl_view_summary, o);
}

const struct cl_command cl_command_read = {
	.name = "read",
	.summary = "analyse captures and print the summary; with -o keep everything in a database",
	.usage = "[OPTION...] FILE...",
	.example = "  clientele read monday.pcap\n"
		   "  clientele read -o may.db 2026-05-*.pcap.gz\n",
	.takes = CL_OPTS_VIEW | CL_OPT_OUTPUT | CL_OPT_SENSOR | CL_OPT_KEEP | CL_OPT_SIGNATURES |
		 CL_OPT_SUFFIXES,
	.run = run,
};

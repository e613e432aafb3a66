/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "cli/options.h"
#include "cli/packet/dissect.h"
#include "cli/view/view.h"

static int run_view(const struct cl_command *c, const struct cl_options *o)
{
	return cl_view_run(c->of, o);
}

static int run_dissect(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	return cl_dissect_run(o);
}

static const struct cl_view *const views[] = {
#define X(name) &cl_view_##name,
#include "cli/view/views.def"
#undef X
};

#define VIEWS (sizeof views / sizeof *views)

static const struct cl_command others[] = {
	{ .name = "read",
	  .summary = "analyse captures and print the summary; with -o keep everything in a database",
	  .usage = "[OPTION...] FILE...",
	  .example = "  clientele read monday.pcap\n"
		     "  clientele read -o may.db 2026-05-*.pcap.gz\n",
	  .takes = CL_OPTS_VIEW | CL_OPT_OUTPUT | CL_OPT_SENSOR | CL_OPT_KEEP,
	  .run = run_view,
	  .of = &cl_view_summary },
	{ .name = "dissect",
	  .summary = "packet by packet: one line each, -V the full tree, --json one object a line",
	  .usage = "[OPTION...] FILE...",
	  .example = "  clientele dissect -f 'port 123' monday.pcap\n"
		     "  clientele dissect -V -c 1 monday.pcap\n"
		     "  clientele dissect --json monday.pcap\n",
	  .takes = CL_OPTS_COMMON | CL_OPT_FILTER | CL_OPT_SERVER | CL_OPT_FROM | CL_OPT_TO |
		   CL_OPT_DNS_PORT | CL_OPT_NTP_PORT | CL_OPT_TREE | CL_OPT_JSON | CL_OPT_COUNT |
		   CL_OPT_FATE | CL_OPT_KEYLOG | CL_OPT_KEYS,
	  .run = run_dissect },
};

#define OTHERS (sizeof others / sizeof *others)

static void make_commands(struct cl_command commands[OTHERS + VIEWS])
{
	memcpy(commands, others, sizeof others);
	for (size_t i = 0; i < VIEWS; i++)
		commands[OTHERS + i] = (struct cl_command){ .name = views[i]->name,
							    .summary = views[i]->summary,
							    .usage = "[OPTION...] INPUT...",
							    .example = views[i]->example,
							    .takes = CL_OPTS_VIEW | views[i]->takes,
							    .run = run_view,
							    .of = views[i] };
}

/* Help and version that could not be written are no result. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	if (status != CL_EXIT_FAILED)
		cl_error("standard output", "%s", strerror(errno));
	return CL_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct cl_command commands[OTHERS + VIEWS];
	struct cl_options options;
	int status;

	make_commands(commands);
	signal(SIGPIPE, SIG_DFL); /* death by a closed pipe is silent */
	const struct cl_command *command =
		cl_command_find(commands, sizeof commands / sizeof *commands, argc, argv, &status);
	if (command == NULL)
		return finish(status);
	status = cl_options_parse(command, argc - 1, argv + 1, &options);
	if (status == CL_GO_ON) {
		cl_log_set_level(options.quiet	   ? CL_LOG_QUIET
				 : options.verbose ? CL_LOG_VERBOSE
						   : CL_LOG_NORMAL);
		status = command->run(command, &options);
	}
	cl_options_free(&options);
	return finish(status);
}

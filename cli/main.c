/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/view/view.h"

static int run_view(const struct cl_command *c, const struct cl_options *o)
{
	return cl_view_run(c->of, o);
}

static const struct cl_view *const views[] = {
#define X(name) &cl_view_##name,
#include "cli/view/views.def"
#undef X
};

#define VIEWS (sizeof views / sizeof *views)

static const struct cl_command *const commands_beside[] = {
#define X(name) &cl_command_##name,
#include "cli/commands.def"
#undef X
};

#define BESIDE (sizeof commands_beside / sizeof *commands_beside)

static void make_commands(struct cl_command commands[BESIDE + VIEWS])
{
	for (size_t i = 0; i < BESIDE; i++)
		*commands++ = *commands_beside[i];
	for (size_t i = 0; i < VIEWS; i++)
		commands[i] = (struct cl_command){ .name = views[i]->name,
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

/* No file that is opened later takes the place of a standard input, output or error that is closed; using
 * these fails as before. */
static void fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	struct cl_command commands[BESIDE + VIEWS];
	struct cl_options options;
	int status;

	fill_standard();
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

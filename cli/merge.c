/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/input.h"
#include "cli/commands.h"
#include "cli/log.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "stats/store/merge.h"

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	stopped = signal_number;
}

/* What is half written is removed. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = stop };

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static bool tick(void *ctx, double part)
{
	struct cl_progress *p = ctx;
	char line[80];

	snprintf(line, sizeof line, "%3u%% merged", (unsigned)(part * 100));
	if (p->enabled)
		cl_log_status(line);
	return stopped == 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* What is there already is replaced if it is merged itself, and by nothing else. */
static bool may_write(const struct cl_options *o)
{
	struct stat st;

	if (o->output == NULL) {
		cl_error("merge", "needs -o DB, where to");
		return false;
	}
	if (stat(o->output, &st) != 0)
		return true;
	for (size_t i = 0; i < o->ninputs; i++)
		if (same_file(o->inputs[i], o->output))
			return true;
	cl_error(o->output, "is there already; name it among the databases to add to it");
	return false;
}

/* A name beside the output that is nobody's. To be freed; NULL: a line said why. */
static char *temporary_name(const char *out)
{
	static const char ending[] = ".XXXXXX";
	char *name = malloc(strlen(out) + sizeof ending);
	int fd = -1;

	if (name != NULL) {
		sprintf(name, "%s%s", out, ending);
		fd = mkstemp(name);
	}
	if (fd < 0) {
		cl_error(out, "%s", strerror(errno));
		free(name);
		return NULL;
	}
	mode_t mask = umask(0);
	(void)umask(mask);
	(void)fchmod(fd, 0666 & ~mask);
	close(fd);
	return name;
}

/* Whether each is a database that this version reads. */
static bool are_databases(const struct cl_options *o)
{
	for (size_t i = 0; i < o->ninputs; i++) {
		struct cl_store_config config;
		char err[CL_STORE_ERRLEN];
		struct cl_store *s = cl_store_read(o->inputs[i], &config, err);

		if (s == NULL) {
			cl_error(o->inputs[i], "%s", err);
			return false;
		}
		cl_store_close(s);
	}
	return true;
}

static void say_result(const struct cl_options *o, const struct cl_merge_result *r)
{
	if (r->repeated > 0)
		cl_info(o->output, "%zu sources were there more than once", r->repeated);
	if (r->less != NULL)
		cl_warn(r->less, "keeps less than the others (read --keep): single messages are left out");
	cl_info(o->output, "holds %zu sources of %zu sensors", r->sources, r->sensors);
}

static int merge(const struct cl_options *o, const char *temporary)
{
	struct cl_progress progress;
	struct cl_merge_result r;
	const struct cl_merge m = {
		.paths = o->inputs, .count = o->ninputs, .out = temporary, .tick = tick, .ctx = &progress
	};

	cl_progress_begin(&progress, !o->no_progress && !o->quiet);
	bool ok = cl_merge(&m, &r);
	cl_progress_end(&progress);
	if (!ok && stopped != 0)
		cl_error(o->output, "stopped; nothing was written");
	else if (!ok)
		cl_error(r.path == temporary || r.path == NULL ? o->output : r.path, "%s", r.error);
	else if (rename(temporary, o->output) != 0)
		cl_error(o->output, "%s", strerror(errno));
	else {
		say_result(o, &r);
		return CL_EXIT_OK;
	}
	(void)unlink(temporary);
	return CL_EXIT_FAILED;
}

static int run(const struct cl_command *c, const struct cl_options *o)
{
	(void)c;
	if (!may_write(o) || !are_databases(o))
		return CL_EXIT_FAILED;
	char *temporary = temporary_name(o->output);
	if (temporary == NULL)
		return CL_EXIT_FAILED;
	catch_signals();
	int status = merge(o, temporary);
	free(temporary);
	return status;
}

const struct cl_command cl_command_merge = {
	.name = "merge",
	.summary = "several sensors' or months' databases into one",
	.usage = "[OPTION...] -o DB DB...",
	.example = "  clientele merge -o 2026-05.db north.db south.db\n"
		   "  clientele merge -o 2026.db 2026-*.db\n",
	.takes = CL_OPTS_COMMON | CL_OPT_OUTPUT,
	.run = run,
};

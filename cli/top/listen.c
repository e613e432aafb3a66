/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/top/listen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/log.h"

static void become_capture(const struct cl_listen *l, const char *interfaces)
{
	const char *args[] = { "clientele", "capture",	 "-q",	     "-i", interfaces,
			       "-o",	    l->database, "--commit", "1",  NULL };

	signal(SIGINT, SIG_IGN); /* the screen's ^C is told by SIGTERM */
	setpgid(0, 0);
	union {
		const char **in;
		char *const *out;
	} argv = { .in = args };
	execv("/proc/self/exe", argv.out);
	_exit(127);
}

bool cl_listen_start(struct cl_listen *l, const char *interfaces)
{
	*l = (struct cl_listen){ .dir = "/tmp/clientele-top-XXXXXX" };
	if (mkdtemp(l->dir) == NULL) {
		cl_error("/tmp", "%s", strerror(errno));
		l->dir[0] = '\0';
		return false;
	}
	snprintf(l->database, sizeof l->database, "%s/live.db", l->dir);
	l->pid = fork();
	if (l->pid == 0)
		become_capture(l, interfaces);
	if (l->pid > 0)
		return true;
	cl_error("top", "%s", strerror(errno));
	l->pid = 0;
	cl_listen_end(l);
	return false;
}

bool cl_listen_runs(struct cl_listen *l)
{
	if (l->pid != 0 && waitpid(l->pid, NULL, WNOHANG) != 0)
		l->pid = 0;
	return l->pid != 0;
}

static void remove_files(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

void cl_listen_end(struct cl_listen *l)
{
	if (l->pid != 0) {
		kill(l->pid, SIGTERM);
		waitpid(l->pid, NULL, 0);
	}
	l->pid = 0;
	if (l->dir[0] != '\0')
		remove_files(l->dir);
	l->dir[0] = '\0';
}

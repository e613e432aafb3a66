/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command and writes what it took, with all the processes it started, also those it leaves behind, as
 * one line of FILE: wall seconds, processor seconds (user and system), peak KiB of the largest process, exit
 * status.
 *
 * usage: timeit FILE COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
	struct rusage used;
	double start = now(), wall;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		return 2;
	}
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid) {
		perror("waitpid");
		return 2;
	}
	wall = now() - start;
	while (wait(NULL) > 0)
		continue;
	getrusage(RUSAGE_CHILDREN, &used);
	f = fopen(argv[1], "w");
	if (f == NULL) {
		perror(argv[1]);
		return 2;
	}
	fprintf(f, "%.4f\t%.4f\t%ld\t%d\n", wall, seconds(used.ru_utime) + seconds(used.ru_stime),
		used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(f) != 0 ? 2 : 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command and writes its largest resident size, in KiB, to a file.
 *
 * usage: peak FILE COMMAND [ARGUMENT...]
 *
 * Exit status: that of the command; 126 if it did not end by itself, 127 if it did not begin.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	FILE *f;
	pid_t pid;

	if (argc < 3 || (pid = fork()) < 0)
		return 127;
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || (f = fopen(argv[1], "w")) == NULL)
		return 127;
	fprintf(f, "%ld\n", usage.ru_maxrss);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/serve/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/session.h"

#define NS_PER_S 1000000000
#define NICE	 10 /* below a capture beside it */

int64_t cl_job_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

#define ANSWER_MOST ((uint64_t)256 << 20)

struct cl_job_limits cl_job_limits(uint64_t max_memory)
{
	/* answers lie in memory too: as many as there are children, and as much again that waits to be taken
	 */
	const uint64_t answer = max_memory / 16;

	return (struct cl_job_limits){ .light = max_memory / 12,
				       .heavy = max_memory / 4,
				       .answer = max_memory == 0 || answer > ANSWER_MOST ? ANSWER_MOST
											 : answer };
}

/* Octets of address space that are taken already: the child's copy of the server's. */
static uint64_t taken_already(void)
{
	const uint64_t unknown = (uint64_t)512 << 20;
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	bool known = f != NULL && fscanf(f, "%llu", &pages) == 1;

	if (f != NULL)
		(void)fclose(f);
	return known ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : unknown;
}

/* A macro: what is limited has another type in each C library. */
#define LIMIT(what, most) ((void)setrlimit(what, &(const struct rlimit){ most, most }))

/* A sanitizer's address space is for itself. */
static void limit_memory(const struct cl_reply *answer, const struct cl_options *o)
{
	const struct cl_job_limits most = cl_job_limits(o->max_memory);
	const uint64_t memory = cl_reply_is_heavy(answer) ? most.heavy : most.light;

	LIMIT(RLIMIT_FSIZE, most.answer);
	if (memory > 0 && !CL_SANITIZED)
		LIMIT(RLIMIT_AS, taken_already() + memory);
}

/* The child: its own files alone, limits, and no handlers of the server's. */
static _Noreturn void work(const struct cl_job *j, pid_t server, const struct cl_reply *answer,
			   const struct cl_options *o)
{
	sigset_t nothing;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != server)
		_exit(CL_EXIT_FAILED);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* the server ends it */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&nothing);
	(void)sigprocmask(SIG_SETMASK, &nothing, NULL);
	if (dup2(j->body, STDOUT_FILENO) < 0 || dup2(j->words, STDERR_FILENO) < 0)
		_exit(CL_EXIT_FAILED);
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		(void)close(fd);
	limit_memory(answer, o);
	LIMIT(RLIMIT_CPU, CL_JOB_S);
	LIMIT(RLIMIT_CORE, 0);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	_exit(cl_reply_write(answer, o));
}

bool cl_job_begin(struct cl_job *j, const struct cl_reply *answer, const struct cl_options *o)
{
	pid_t server = getpid();

	*j = (struct cl_job){ .body = memfd_create("answer", MFD_CLOEXEC),
			      .words = memfd_create("words", MFD_CLOEXEC),
			      .until_ns = cl_job_clock_ns() + CL_JOB_S * (int64_t)NS_PER_S };
	if (j->body >= 0 && j->words >= 0)
		j->pid = fork();
	else
		j->pid = -1;
	if (j->pid == 0)
		work(j, server, answer, o);
	if (j->pid > 0)
		return true;
	int reason = errno;
	cl_job_free(j);
	errno = reason;
	return false;
}

static enum cl_job_end end_of(const struct cl_job *j, int status)
{
	if (j->overdue || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		return CL_JOB_OVERDUE;
	if (!WIFEXITED(status))
		return CL_JOB_BROKEN;
	switch (WEXITSTATUS(status)) {
	case CL_EXIT_OK:
	case CL_EXIT_PARTIAL:
		return CL_JOB_DONE;
	case CL_EXIT_ASKED:
		return CL_JOB_ASKED;
	case CL_EXIT_FAILED:
		return CL_JOB_FAILED;
	default:
		return CL_JOB_BROKEN;
	}
}

bool cl_job_ended(struct cl_job *j, enum cl_job_end *how)
{
	int status;

	if (!j->overdue && cl_job_clock_ns() >= j->until_ns) {
		j->overdue = true;
		(void)kill(j->pid, SIGKILL);
	}
	if (waitpid(j->pid, &status, WNOHANG) != j->pid)
		return false;
	j->pid = -1;
	*how = end_of(j, status);
	return true;
}

void cl_job_free(struct cl_job *j)
{
	if (j->pid > 0) {
		(void)kill(j->pid, SIGKILL);
		(void)waitpid(j->pid, NULL, 0);
	}
	if (j->body >= 0)
		(void)close(j->body);
	if (j->words >= 0)
		(void)close(j->words);
	*j = (struct cl_job){ .pid = -1, .body = -1, .words = -1 };
}

const char *cl_job_line(const struct cl_job *j, char text[512])
{
	static const char head[] = "clientele: ";
	ssize_t n = j->words >= 0 ? pread(j->words, text, 511, 0) : -1;

	if (n <= 0)
		return NULL;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return strncmp(text, head, sizeof head - 1) == 0 ? text + sizeof head - 1 : text;
}

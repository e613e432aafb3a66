/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/log.h"

#define WHAT "sandbox"

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

const char *cl_sandbox_set_user(void *kept, const char *value)
{
	((struct cl_sandbox_options *)kept)->user = value;
	return *value != '\0' ? NULL : "needs a user's name";
}

const char *cl_sandbox_set_off(void *kept, const char *value)
{
	(void)value;
	((struct cl_sandbox_options *)kept)->off = true;
	return NULL;
}

const char *cl_sandbox_set_no_seccomp(void *kept, const char *value)
{
	(void)value;
	((struct cl_sandbox_options *)kept)->no_seccomp = true;
	return NULL;
}

const char *cl_sandbox_set_no_landlock(void *kept, const char *value)
{
	(void)value;
	((struct cl_sandbox_options *)kept)->no_landlock = true;
	return NULL;
}

const char *cl_sandbox_set_no_reopen(void *kept, const char *value)
{
	(void)value;
	((struct cl_sandbox_options *)kept)->no_reopen = true;
	return NULL;
}

bool cl_sandbox_folder(char *folder, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	int n;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		n = snprintf(folder, size, "%s", path);
	else if (slash == NULL)
		n = snprintf(folder, size, ".");
	else
		n = snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return n >= 0 && (size_t)n < size;
}

/* Landlock and capabilities are a thread's own: those that ran before would keep theirs. */
static bool alone(void)
{
	DIR *d = opendir("/proc/self/task");
	unsigned tasks = 0;

	if (d == NULL)
		return true; /* no /proc: nobody can tell */
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		tasks += e->d_name[0] != '.';
	closedir(d);
	if (tasks > 1)
		cl_error(WHAT, "%u threads run already and would not be bound; --no-sandbox goes without",
			 tasks);
	return tasks <= 1;
}

/* A core dump or a debugger would show what packets were being read. */
static bool close_memory(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, CL_SANITIZED, 0, 0, 0) == 0)
		return true;
	cl_error(WHAT, "%s", strerror(errno));
	return false;
}

static bool limit_files(const struct cl_sandbox_plan *plan)
{
	int version, ruleset = cl_landlock_ruleset(plan, &version);
	bool fine;

	if (ruleset == -2)
		cl_warn(WHAT, "this kernel has no Landlock (Linux 5.13, lsm=landlock): files are guarded by "
			      "their permissions alone");
	if (ruleset < 0)
		return ruleset == -2;
	fine = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (!fine)
		cl_error("Landlock", "%s", strerror(errno));
	else
		cl_info("Landlock", "version %d limits the files that may be opened", version);
	close(ruleset);
	return fine;
}

static bool limit_calls(const struct cl_sandbox_plan *plan)
{
	int result = cl_seccomp_load(plan);

#ifdef HAVE_SECCOMP
	static const char *const without = "this kernel has no seccomp filters: system calls are not limited";
#else
	static const char *const without = "built without libseccomp: system calls are not limited";
#endif
	if (result == -2)
		cl_warn(WHAT, "%s", without);
	else if (result == 0)
		cl_info("seccomp", "limits the system calls%s",
			CL_SANITIZED ? "; this sanitizer build allows more of them" : "");
	return result != -1;
}

bool cl_sandbox_enter(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan)
{
	if (o->off)
		return true;
	return alone() && close_memory() && cl_sandbox_capabilities(CL_CAPS_RUNNING(plan, o)) &&
	       (o->no_landlock || limit_files(plan)) && (o->no_seccomp || limit_calls(plan));
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/log.h"

#define SERVICE_USER "clientele"

#define WHAT "privileges"

/* Someone to become. */
struct who {
	char name[64];
	uid_t uid;
	gid_t gid;
};

static void take(struct who *w, const struct passwd *p)
{
	snprintf(w->name, sizeof w->name, "%s", p->pw_name);
	w->uid = p->pw_uid;
	w->gid = p->pw_gid;
}

/* Whose the folder is; root if that is not to be found out. */
static void owner(struct who *w, const struct cl_sandbox_plan *plan)
{
	const struct passwd *p = NULL;
	char folder[4096];
	struct stat st;

	*w = (struct who){ .name = "root" };
	if (plan->nwrites > 0 && cl_sandbox_folder(folder, sizeof folder, plan->writes[0]) &&
	    stat(folder, &st) == 0)
		p = getpwuid(st.st_uid);
	if (p != NULL)
		take(w, p);
}

static bool choose(struct who *w, const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan)
{
	const char *name = o->user != NULL ? o->user : SERVICE_USER;
	const struct passwd *p;

	errno = 0;
	p = getpwnam(name);
	if (p != NULL) {
		take(w, p);
		return true;
	}
	if (o->user != NULL) {
		cl_error(o->user, "%s", errno != 0 ? strerror(errno) : "there is no such user");
		return false;
	}
	owner(w, plan);
	return true;
}

static bool set_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, sets) != 0)
		return false;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].permitted &= (uint32_t)(keep >> 32 * i);
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, sets) == 0;
}

/* Nothing that a program started from here could have; without the right to do so it is as it was. */
static void empty_bounds(void)
{
	for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
}

bool cl_sandbox_capabilities(uint64_t keep)
{
	empty_bounds();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!set_capabilities(keep)) {
		cl_error(WHAT, "capabilities could not be given up: %s", strerror(errno));
		return false;
	}
	return true;
}

static bool become(const struct who *w)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || initgroups(w->name, w->gid) != 0 ||
	    setresgid(w->gid, w->gid, w->gid) != 0 || setresuid(w->uid, w->uid, w->uid) != 0) {
		cl_error(w->name, "could not become this user: %s", strerror(errno));
		return false;
	}
	return true;
}

/* What is there already and another user's, SQLite could read but not go on with. */
static bool may_write(const struct who *w, const char *path)
{
	char folder[4096];

	if (!cl_sandbox_folder(folder, sizeof folder, path)) {
		cl_error(path, "is too long");
		return false;
	}
	const char *which = access(folder, W_OK | X_OK) != 0			 ? folder
			    : access(path, F_OK) == 0 && access(path, W_OK) != 0 ? path
										 : NULL;
	if (which == NULL || errno == ENOENT)
		return true; /* whoever opens it says it better */
	cl_error(which, "user %s cannot write there: chown -R %s %s, or name another user with --user",
		 w->name, w->name, which);
	return false;
}

static bool same_user(const struct cl_sandbox_options *o)
{
	const struct passwd *p = o->user != NULL ? getpwnam(o->user) : NULL;

	if (o->user == NULL || (p != NULL && p->pw_uid == geteuid()))
		return true;
	cl_error("--user", "only root can become another user");
	return false;
}

bool cl_sandbox_begin(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan)
{
	char folder[4096];
	struct who w;

	/* SQLite's own files for sorting go where files may be made */
	if (plan->nwrites > 0 && cl_sandbox_folder(folder, sizeof folder, plan->writes[0]))
		(void)setenv("SQLITE_TMPDIR", folder, 0);
	if (geteuid() != 0)
		return same_user(o);
	if (o->off && o->user == NULL)
		return true;
	if (!choose(&w, o, plan))
		return false;
	empty_bounds();
	if (w.uid != 0 && !become(&w))
		return false;
	if (w.uid == 0 && o->user == NULL)
		cl_warn(WHAT, "there is no user " SERVICE_USER
			      ": this goes on as root without root's capabilities; name a user with --user");
	if (!set_capabilities(CL_CAPS_OPENING(plan))) {
		cl_error(WHAT, "capabilities could not be given up: %s", strerror(errno));
		return false;
	}
	for (size_t i = 0; i < plan->nwrites; i++)
		if (!may_write(&w, plan->writes[i]))
			return false;
	cl_info(WHAT, "user %s", w.name);
	return true;
}

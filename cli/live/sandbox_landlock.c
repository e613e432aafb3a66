/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/log.h"

#define WHAT "Landlock"

/* Numbers of Linux' interface (uapi/linux/landlock.h), as headers may be older than the kernel. */
#define FS_EXECUTE     (1ull << 0)
#define FS_WRITE_FILE  (1ull << 1)
#define FS_READ_FILE   (1ull << 2)
#define FS_READ_DIR    (1ull << 3)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_REG    (1ull << 8)
#define FS_TRUNCATE    (1ull << 14)
#define FS_IOCTL_DEV   (1ull << 15)

#define VERSION_FLAG 1u
#define RULE_BENEATH 1

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#endif

struct ruleset {
	uint64_t fs;	 /* what is forbidden where no rule allows it */
	uint64_t net;	 /* the same of TCP ports: bind, connect (version 4) */
	uint64_t scoped; /* not to those outside: abstract sockets, signals (version 6) */
};

struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* Everything that a version of Landlock can forbid. */
static struct ruleset all_of(int version)
{
	static const unsigned last_fs[] = { 0, 13, 14, 15, 15, 16 };

	return (struct ruleset){
		.fs = (1ull << last_fs[version < 5 ? version : 5]) - 1,
		.net = version >= 4 ? 3 : 0,
		.scoped = version >= 6 ? 3 : 0,
	};
}

static size_t size_for(int version)
{
	return version >= 6   ? sizeof(struct ruleset)
	       : version >= 4 ? offsetof(struct ruleset, scoped)
			      : offsetof(struct ruleset, net);
}

/* What is not there now is not opened later either. */
static bool allow(int ruleset, const char *path, uint64_t rights, const struct ruleset *handled)
{
	struct beneath rule = { .allowed = rights & handled->fs };
	struct stat st;
	bool fine;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return errno == ENOENT || errno == EACCES;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
	fine = syscall(SYS_landlock_add_rule, ruleset, RULE_BENEATH, &rule, 0) == 0;
	close(rule.parent);
	return fine;
}

static bool allow_plan(int ruleset, const struct cl_sandbox_plan *plan, const struct ruleset *handled)
{
	/* what libpcap's counters are read from, and what SQLite and the C library look at */
	static const char *const always[] = { "/dev/urandom", "/sys/devices/system/cpu" };
	static const char *const of_devices[] = { "/sys/class/net", "/sys/devices" };
	char folder[4096];
	bool fine = true;

	for (size_t i = 0; i < plan->nwrites; i++)
		fine = fine && cl_sandbox_folder(folder, sizeof folder, plan->writes[i]) &&
		       allow(ruleset, folder,
			     FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG |
				     FS_REMOVE_FILE,
			     handled);
	for (size_t i = 0; i < plan->nreads; i++)
		fine = fine && allow(ruleset, plan->reads[i], FS_READ_FILE | FS_READ_DIR, handled);
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		fine = fine && allow(ruleset, always[i], FS_READ_FILE, handled);
	for (size_t i = 0; plan->devices && i < sizeof of_devices / sizeof *of_devices; i++)
		fine = fine && allow(ruleset, of_devices[i], FS_READ_FILE | FS_READ_DIR, handled);
	if (CL_SANITIZED) /* the leak check looks at its own threads and memory map */
		fine = fine && allow(ruleset, "/proc", FS_READ_FILE | FS_READ_DIR, handled);
	return fine;
}

int cl_landlock_ruleset(const struct cl_sandbox_plan *plan, int *version)
{
	*version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
	if (*version < 1)
		return -2;
	struct ruleset handled = all_of(*version);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, size_for(*version), 0);

	if (ruleset < 0) {
		cl_error(WHAT, "%s", strerror(errno));
		return -1;
	}
	if (!allow_plan(ruleset, plan, &handled)) {
		cl_error(WHAT, "a folder could not be allowed: %s", strerror(errno));
		close(ruleset);
		return -1;
	}
	return ruleset;
}

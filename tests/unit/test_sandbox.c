/* SPDX-License-Identifier: BSD-2-Clause */
/* What is forbidden is tried, in a process of its own each, and has to fail; the same without the sandbox has
 * to work, or the test proves nothing. What the service needs has to work within. */
#include "cli/live/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/log.h"
#include "tests/unit/redirect.h"
#include "tests/unit/sandbox_attempts.h"
#include "tests/unit/test_cmocka.h"

/* What a child's attempt came to: 0, an errno, or this and the signal that ended it. */
#define BY_SIGNAL   1000
#define NOT_ENTERED 200 /* cl_sandbox_begin or _enter said no */

static int status_fd; /* /proc/self/status of the child */

/* The rig ---------------------------------------------------------------------- */

enum how { WITHOUT, WITHIN };

static struct cl_sandbox_plan a_plan(bool devices)
{
	return (struct cl_sandbox_plan){ .writes = { sandbox_place.database },
					 .nwrites = 1,
					 .devices = devices };
}

static void child(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan,
		  int (*attempt)(void))
{
	status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (!cl_sandbox_begin(o, plan) || !cl_sandbox_enter(o, plan))
		_exit(NOT_ENTERED);
	errno = 0;
	_exit(attempt());
}

static int try_with(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan,
		    int (*attempt)(void))
{
	int status = 0;
	pid_t p;

	fflush(NULL);
	close(open(sandbox_place.beyond, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	cl_log_set_level(CL_LOG_QUIET);
	p = fork();
	if (p == 0)
		child(o, plan, attempt);
	assert_true(p > 0 && waitpid(p, &status, 0) == p);
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int try(enum how how, bool devices, int (*attempt)(void))
{
	const struct cl_sandbox_options o = { .off = how == WITHOUT };
	const struct cl_sandbox_plan plan = a_plan(devices);

	return try_with(&o, &plan, attempt);
}

static bool has_landlock(void)
{
	return syscall(444, NULL, 0, 1) >= 1;
}

static bool has_seccomp(void)
{
#ifdef HAVE_SECCOMP
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0;
#else
	return false;
#endif
}

/* Tests ------------------------------------------------------------------------ */

/* A layer that is not there cannot refuse; two layers stand in for each other. */
static bool can_refuse(const struct sandbox_attempt *f)
{
	unsigned there = (has_landlock() ? LANDLOCK : 0u) | (has_seccomp() ? SECCOMP : 0u);

	return (f->is & (LANDLOCK | SECCOMP)) == 0 || (f->is & there) != 0;
}

static void what_is_forbidden_is_stopped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sandbox_forbidden_count; i++) {
		const struct sandbox_attempt *f = &sandbox_forbidden[i];
		int without, within;

		if (!can_refuse(f) || (CL_SANITIZED && (f->is & PLAIN) != 0)) {
			left_out(f->name);
			continue;
		}
		if ((f->is & DEVICES) != 0 && (f->is & ROOT) != 0 && geteuid() != 0) {
			left_out(f->name);
			continue;
		}
		without = try(WITHOUT, (f->is & DEVICES) != 0, f->attempt);
		if (without == NO_SOCKET) {
			left_out(f->name);
			continue;
		}
		within = try(WITHIN, (f->is & DEVICES) != 0, f->attempt);
		if ((f->is & ALWAYS) != 0 && without != 0)
			fail_msg("%s does not work without the sandbox: %s", f->name, strerror(without));
		if (within == 0 || within == NOT_ENTERED || within == NO_SOCKET)
			fail_msg("%s worked: %d", f->name, within);
		if ((f->is & KILLED) != 0 && !CL_SANITIZED && within != BY_SIGNAL + SIGSYS)
			fail_msg("%s was answered %d", f->name, within);
	}
}

static void what_is_needed_works(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sandbox_needed_count; i++) {
		int within = try(WITHIN, i % 2 == 1, sandbox_needed[i / 2].attempt);

		if (within != 0)
			fail_msg("%s%s: %d %s", sandbox_needed[i / 2].name, i % 2 == 1 ? ", capturing" : "",
				 within, within < BY_SIGNAL ? strerror(within) : "");
	}
}

static void a_device_can_be_opened_anew(void **state)
{
	const struct cl_sandbox_options no_reopen = { .no_reopen = true };
	const struct cl_sandbox_plan plan = a_plan(true);

	(void)state;
	if (try(WITHOUT, true, use_device) != 0) {
		left_out("no right to capture on lo");
		return;
	}
	assert_int_equal(try(WITHIN, true, use_device), 0);
	assert_int_equal(try(WITHIN, true, read_counters), 0);
	assert_int_not_equal(try_with(&no_reopen, &plan, use_device), 0);
	assert_int_not_equal(try(WITHIN, false, use_device), 0);
}

static void each_layer_can_be_left_out(void **state)
{
	const struct cl_sandbox_options files = { .no_landlock = true }, calls = { .no_seccomp = true };
	const struct cl_sandbox_plan plan = a_plan(false);

	(void)state;
	assert_int_equal(try_with(&files, &plan, open_passwd), 0);
	assert_int_equal(try_with(&calls, &plan, inet_socket), 0);
	if (has_seccomp())
		assert_int_not_equal(try_with(&files, &plan, inet_socket), 0);
	if (has_landlock())
		assert_int_not_equal(try_with(&calls, &plan, open_passwd), 0);
}

/* A line of /proc/self/status, as a hexadecimal number. */
static unsigned long long of_status(const char *name)
{
	static char text[8192];
	ssize_t n = pread(status_fd, text, sizeof text - 1, 0);
	const char *line;

	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, name);
	return line != NULL ? strtoull(line + strlen(name), NULL, 16) : ~0ull;
}

#define NET_RAW (1ull << CAP_NET_RAW)

/* The one that opens devices, if whoever runs the tests has it. */
static unsigned long long may_open;

static int has_one_capability(void)
{
	return of_status("CapPrm:") == may_open && of_status("CapEff:") == may_open &&
			       of_status("CapInh:") == 0 && of_status("CapAmb:") == 0 &&
			       of_status("CapBnd:") == 0 && of_status("NoNewPrivs:") == 1
		       ? 0
		       : 1;
}

static int has_no_capability(void)
{
	return of_status("CapPrm:") == 0 && of_status("CapEff:") == 0 && of_status("CapBnd:") == 0 &&
			       of_status("NoNewPrivs:") == 1 && (!has_seccomp() || of_status("Seccomp:") == 2)
		       ? 0
		       : 1;
}

static int is_nobody(void)
{
	uid_t r, e, s;
	gid_t group, groups[64];
	const struct passwd *p = getpwnam("nobody");
	int n = getgroups(64, groups);

	if (p == NULL || getresuid(&r, &e, &s) != 0)
		return 1;
	group = p->pw_gid;
	for (int i = 0; i < n; i++)
		if (groups[i] != group)
			return 2;
	return r == p->pw_uid && e == r && s == r && getegid() == group ? 0 : 3;
}

static int nobody_writes(void)
{
	int err = use_sqlite();
	struct stat st;

	return err != 0 ? err : stat(sandbox_place.database, &st) == 0 && st.st_uid == geteuid() ? 0 : 2;
}

static void root_becomes_another_user(void **state)
{
	const struct cl_sandbox_options nobody = { .user = "nobody", .no_seccomp = true },
					all = { .user = "nobody" };
	const struct cl_sandbox_plan plan = a_plan(true), offline = a_plan(false);
	const struct passwd *p = getpwnam("nobody");

	(void)state;
	if (geteuid() != 0 || p == NULL) {
		left_out("not root");
		return;
	}
	status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	may_open = of_status("CapPrm:") & NET_RAW;
	close(status_fd);
	assert_int_equal(chown(sandbox_place.folder, p->pw_uid, p->pw_gid), 0);
	(void)unlink(sandbox_place.database);
	assert_int_equal(try_with(&nobody, &plan, is_nobody), 0);
	assert_int_equal(try_with(&all, &plan, has_one_capability), 0);
	assert_int_equal(try_with(&all, &offline, has_no_capability), 0);
	assert_int_equal(try_with(&all, &plan, nobody_writes), 0);
	assert_int_equal(try_with(&all, &plan, use_device), try_with(&nobody, &plan, use_device));
	(void)unlink(sandbox_place.database);
	assert_int_equal(chown(sandbox_place.folder, 0, 0), 0);
}

static int succeed(void)
{
	return 0;
}

/* What is said in a child's last words. */
static void refused_with(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan,
			 const char *words)
{
	static struct redirect r;
	const char *text;
	int was;

	redirect_begin(&r, stderr);
	was = try_with(o, plan, succeed);
	text = redirect_end(&r);
	assert_int_equal(was, NOT_ENTERED);
	assert_non_null(strstr(text, words));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void refusals_say_what_to_do(void **state)
{
	const struct cl_sandbox_options stranger = { .user = "no-such-user" }, nobody = { .user = "nobody" };
	const struct cl_sandbox_plan plan = a_plan(false);
	struct cl_sandbox_plan elsewhere = plan;

	(void)state;
	if (geteuid() != 0 || getpwnam("nobody") == NULL) {
		refused_with(&nobody, &plan, "clientele: --user: only root");
		left_out("not root");
		return;
	}
	refused_with(&stranger, &plan, "clientele: no-such-user: there is no such user");
	elsewhere.writes[0] = sandbox_place.beyond; /* a folder that is root's */
	refused_with(&nobody, &elsewhere, "chown -R nobody");
}

static void *wait_long(void *p)
{
	(void)pause();
	return p;
}

static void threads_come_after(void **state)
{
	const struct cl_sandbox_options o = { 0 };
	const struct cl_sandbox_plan plan = a_plan(false);
	static struct redirect r;
	pid_t p;
	int status;

	(void)state;
	redirect_begin(&r, stderr);
	p = fork();
	if (p == 0) {
		pthread_t t;

		if (pthread_create(&t, NULL, wait_long, NULL) != 0)
			_exit(1);
		child(&o, &plan, succeed);
	}
	assert_int_equal(waitpid(p, &status, 0), p);
	assert_non_null(strstr(redirect_end(&r), "threads run already"));
	assert_int_equal(WEXITSTATUS(status), NOT_ENTERED);
}

static void folders_of_paths(void **state)
{
	char f[64];

	(void)state;
	assert_true(cl_sandbox_folder(f, sizeof f, "/a/b.db"));
	assert_string_equal(f, "/a");
	assert_true(cl_sandbox_folder(f, sizeof f, "/b.db"));
	assert_string_equal(f, "/");
	assert_true(cl_sandbox_folder(f, sizeof f, "b.db"));
	assert_string_equal(f, ".");
	assert_true(cl_sandbox_folder(f, sizeof f, "/tmp"));
	assert_string_equal(f, "/tmp");
	assert_false(cl_sandbox_folder(f, 2, "/tmp"));
}

static int make_folders(void **state)
{
	char path[80];

	(void)state;
	if (mkdtemp(sandbox_place.folder) == NULL || mkdtemp(sandbox_place.outside) == NULL)
		return -1;
	snprintf(sandbox_place.database, sizeof sandbox_place.database, "%s/x.db", sandbox_place.folder);
	snprintf(sandbox_place.beyond, sizeof sandbox_place.beyond, "%s/file", sandbox_place.outside);
	snprintf(path, sizeof path, "%s/link", sandbox_place.folder);
	if (symlink("/etc/passwd", path) != 0)
		return -1;
	sandbox_place.victim = fork();
	if (sandbox_place.victim == 0) {
		(void)signal(SIGUSR1, SIG_IGN);
		(void)signal(SIGTERM, SIG_IGN);
		for (;;)
			(void)pause();
	}
	return sandbox_place.victim > 0 ? 0 : -1;
}

static int remove_folders(void **state)
{
	char command[128];

	(void)state;
	(void)kill(sandbox_place.victim, SIGKILL);
	(void)waitpid(sandbox_place.victim, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s %s", sandbox_place.folder, sandbox_place.outside);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_forbidden_is_stopped), cmocka_unit_test(what_is_needed_works),
		cmocka_unit_test(a_device_can_be_opened_anew),	cmocka_unit_test(each_layer_can_be_left_out),
		cmocka_unit_test(root_becomes_another_user),	cmocka_unit_test(refusals_say_what_to_do),
		cmocka_unit_test(threads_come_after),		cmocka_unit_test(folders_of_paths),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}

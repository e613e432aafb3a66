/* SPDX-License-Identifier: BSD-2-Clause */
/* What is forbidden is tried, in a process of its own each, and has to fail; the same without the sandbox has
 * to work, or the test proves nothing. What the service needs has to work within. */
#include "cli/live/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/live/sandbox_impl.h"
#include "cli/log.h"
#include "tests/unit/redirect.h"
#include "tests/unit/test_cmocka.h"

/* What a child's attempt came to: 0, an errno, or this and the signal that ended it. */
#define BY_SIGNAL   1000
#define NOT_ENTERED 200 /* cl_sandbox_begin or _enter said no */
#define NO_SOCKET   201 /* a packet socket cannot be opened, so nothing is shown */

static char folder[] = "/tmp/sandbox.XXXXXX", outside[] = "/tmp/outside.XXXXXX";
static char database[64], beyond[64];
static pid_t victim;  /* a process of the same user */
static int status_fd; /* /proc/self/status of the child */

/* Attempts --------------------------------------------------------------------- */

static int result(long n)
{
	return n >= 0 ? 0 : errno;
}

static int open_passwd(void)
{
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int open_proc(void)
{
	return result(open("/proc/self/environ", O_RDONLY | O_CLOEXEC));
}

static int list_root(void)
{
	return result(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int write_beyond(void)
{
	return result(open(beyond, O_WRONLY | O_CLOEXEC));
}

static int create_beyond(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/new", outside);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), err = errno;

	(void)unlink(path);
	return fd >= 0 ? 0 : err;
}

static int remove_beyond(void)
{
	return result(unlink(beyond));
}

/* Out of the folder by a symbolic link that lies in it. */
static int follow_link(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/link", folder);
	return result(open(path, O_RDONLY | O_CLOEXEC));
}

static int make_link(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/another", folder);
	int err = result(symlink("/etc/passwd", path));
	(void)unlink(path);
	return err;
}

static int start_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int fork_process(void)
{
	pid_t p = fork();

	if (p == 0)
		_exit(0);
	return result(p);
}

static int inet_socket(void)
{
	return result(socket(AF_INET, SOCK_DGRAM, 0));
}

static int inet6_socket(void)
{
	return result(socket(AF_INET6, SOCK_STREAM, 0));
}

static int connect_local(void)
{
	struct sockaddr to = { .sa_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)connect(fd, &to, sizeof to);
	return errno == ENOSYS || errno == EAFNOSUPPORT || errno == EBADF ? errno : 0;
}

static int trace_me(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int kill_other(void)
{
	return result(kill(victim, SIGTERM));
}

static int signal_other(void)
{
	return result(syscall(SYS_tgkill, victim, victim, SIGUSR1));
}

static int run_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? 0 : errno;
}

static int make_runnable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int become_root(void)
{
	return result(syscall(SYS_setuid, 0));
}

static int change_group(void)
{
	return result(syscall(SYS_setgid, getgid()));
}

static int limits_up(void)
{
	const struct rlimit more = { 1024, 1024 };

	return result(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &more, NULL));
}

static int new_namespace(void)
{
	return result(syscall(SYS_unshare, CLONE_NEWUSER));
}

static int memory_file(void)
{
	return result(syscall(SYS_memfd_create, "x", 0));
}

static int write_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	return result(write(ends[1], "x", 1));
}

static int dump(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? EPERM : errno == ENOSYS ? ENOSYS : 0;
}

/* Sends a frame by a packet socket of the loopback interface. */
static int send_frame(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("lo") };
	char frame[64] = { 0 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return NO_SOCKET;
	return result(sendto(fd, frame, sizeof frame, 0, (const struct sockaddr *)&to, sizeof to));
}

static int write_frame(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("lo") };
	char frame[64] = { 0 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return NO_SOCKET;
	return result(write(fd, frame, sizeof frame));
}

/* With a packet socket in the place of an output, to which may be written. */
static int write_frame_as_output(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("lo") };
	char frame[64] = { 0 };

	(void)close(STDOUT_FILENO);
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return NO_SOCKET;
	return result(write(fd, frame, sizeof frame));
}

static int take_output(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	return result(dup3(ends[1], STDOUT_FILENO, 0));
}

/* The kernel looks at the lower half alone. */
static int close_output_above(void)
{
	return result(syscall(SYS_close, (1ull << 32) + STDOUT_FILENO));
}

static int transmit_ring(void)
{
	struct tpacket_req ring = { 4096, 1, 2048, 2 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return NO_SOCKET;
	return result(setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &ring, sizeof ring));
}

/* What is needed ----------------------------------------------------------------- */

static bool sql(sqlite3 *db, const char *text)
{
	char *why = NULL;
	bool fine = sqlite3_exec(db, text, NULL, NULL, &why) == SQLITE_OK;

	if (!fine)
		fprintf(stderr, "# %s: %s\n", text, why != NULL ? why : "out of memory");
	sqlite3_free(why);
	return fine;
}

/* Commits with a write-ahead log, sorts in a file, rebuilds, and takes the log away again. */
static int use_sqlite(void)
{
	sqlite3 *db = NULL;
	bool fine = sqlite3_open(database, &db) == SQLITE_OK && sql(db, "PRAGMA journal_mode = WAL") &&
		    sql(db, "DROP TABLE IF EXISTS t; CREATE TABLE t(a, b)") &&
		    sql(db, "PRAGMA cache_size = 10; PRAGMA temp_store = FILE; BEGIN; WITH RECURSIVE n(i) AS "
			    "(SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) INSERT INTO t SELECT i, "
			    "hex(randomblob(16)) FROM n; COMMIT") &&
		    sql(db, "CREATE INDEX b ON t(b)") && sql(db, "PRAGMA wal_checkpoint(TRUNCATE)") &&
		    sql(db, "VACUUM") && sql(db, "PRAGMA journal_mode = DELETE");

	sqlite3_close(db);
	return fine ? 0 : 1;
}

static int use_files(void)
{
	char a[80], b[80];

	snprintf(a, sizeof a, "%s/a", folder);
	snprintf(b, sizeof b, "%s/b", folder);
	int fd = open(a, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && pwrite(fd, "xyz", 3, 0) == 3 && ftruncate(fd, 1) == 0 && fsync(fd) == 0 &&
		    rename(a, b) == 0 && unlink(b) == 0;

	return fine ? 0 : errno;
}

static void *nothing(void *p)
{
	return p;
}

static int use_threads(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, nothing, NULL);

	return err != 0 ? err : pthread_join(t, NULL);
}

static volatile sig_atomic_t heard;

static void hear(int s)
{
	heard = s;
}

static int use_signals(void)
{
	(void)signal(SIGUSR1, hear);
	(void)raise(SIGUSR1);
	(void)kill(getpid(), SIGUSR1);
	return heard == SIGUSR1 ? 0 : 1;
}

/* As an interface that came back is opened: with a filter, the kernel's ring, and the interface's counters.
 */
static int use_device(void)
{
	char why[PCAP_ERRBUF_SIZE];
	struct bpf_program b;
	struct pcap_stat counts;
	pcap_t *p = pcap_create("lo", why);
	bool fine = p != NULL && pcap_set_snaplen(p, 65535) == 0 && pcap_set_promisc(p, 1) == 0 &&
		    pcap_set_timeout(p, 100) == 0 && pcap_activate(p) >= 0 &&
		    pcap_compile(p, &b, "udp port 123", 1, PCAP_NETMASK_UNKNOWN) == 0 &&
		    pcap_setfilter(p, &b) == 0 && pcap_setnonblock(p, 1, why) == 0 &&
		    pcap_stats(p, &counts) == 0 && pcap_dispatch(p, 1, NULL, NULL) >= 0;

	if (!fine)
		fprintf(stderr, "# %s\n", p != NULL ? pcap_geterr(p) : why);
	return fine ? 0 : 1;
}

/* What libpcap tells an interface's drops from. */
static int read_counters(void)
{
	return result(open("/sys/class/net/lo/statistics/rx_missed_errors", O_RDONLY | O_CLOEXEC));
}

/* The rig ---------------------------------------------------------------------- */

enum how { WITHOUT, WITHIN };

static struct cl_sandbox_plan a_plan(bool devices)
{
	return (struct cl_sandbox_plan){ .writes = { database }, .nwrites = 1, .devices = devices };
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
	int status;
	pid_t p;

	fflush(NULL);
	close(open(beyond, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
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

#define LANDLOCK 1
#define SECCOMP	 2
#define KILLED	 4  /* by seccomp, unless in a sanitizer build */
#define ALWAYS	 8  /* has to work without the sandbox, whoever runs the tests */
#define ROOT	 16 /* needs root to work without */
#define PLAIN	 32 /* not in sanitizer builds, which need it themselves */
#define DEVICES	 64 /* tried with the plan of a capture */

static const struct forbidden {
	const char *name;
	int (*attempt)(void);
	unsigned is;
} forbidden[] = {
	{ "open /etc/passwd", open_passwd, LANDLOCK | ALWAYS },
	{ "open /proc/self/environ", open_proc, LANDLOCK | ALWAYS | PLAIN },
	{ "list /", list_root, LANDLOCK | ALWAYS },
	{ "write to a file elsewhere", write_beyond, LANDLOCK | ALWAYS },
	{ "make a file elsewhere", create_beyond, LANDLOCK | ALWAYS },
	{ "remove a file elsewhere", remove_beyond, LANDLOCK | ALWAYS },
	{ "follow a link out of the folder", follow_link, LANDLOCK | ALWAYS },
	{ "make a symbolic link", make_link, LANDLOCK | SECCOMP | ALWAYS },
	{ "start a program", start_program, SECCOMP | KILLED | ALWAYS },
	{ "fork", fork_process, SECCOMP | ALWAYS | PLAIN },
	{ "socket of IPv4", inet_socket, SECCOMP | ALWAYS },
	{ "socket of IPv6", inet6_socket, SECCOMP },
	{ "socket of IPv4, capturing", inet_socket, SECCOMP | ALWAYS | DEVICES },
	{ "connect to a local service", connect_local, SECCOMP | ALWAYS },
	{ "connect to a local service, capturing", connect_local, SECCOMP | ALWAYS | DEVICES },
	{ "ptrace", trace_me, SECCOMP | KILLED | ALWAYS | PLAIN },
	{ "kill another process", kill_other, SECCOMP | ALWAYS },
	{ "signal another process's thread", signal_other, SECCOMP | ALWAYS },
	{ "memory that is written and run", run_memory, SECCOMP | ALWAYS },
	{ "make memory runnable", make_runnable, SECCOMP | ALWAYS },
	{ "setuid(0)", become_root, SECCOMP | KILLED | ROOT },
	{ "setgid", change_group, SECCOMP | KILLED | ALWAYS },
	{ "set a limit", limits_up, SECCOMP },
	{ "a namespace of its own", new_namespace, SECCOMP | KILLED },
	{ "a file in memory", memory_file, SECCOMP | ALWAYS },
	{ "write to a pipe, capturing", write_pipe, SECCOMP | ALWAYS | PLAIN | DEVICES },
	{ "a core dump", dump, ALWAYS | PLAIN },
	{ "send a frame", send_frame, SECCOMP | ROOT | DEVICES },
	{ "write a frame", write_frame, SECCOMP | ROOT | PLAIN | DEVICES },
	{ "write a frame as an output", write_frame_as_output, SECCOMP | ROOT | PLAIN | DEVICES },
	{ "put something in an output's place", take_output, SECCOMP | ALWAYS | PLAIN | DEVICES },
	{ "close an output, by a larger number", close_output_above, SECCOMP | ALWAYS | PLAIN | DEVICES },
	{ "a ring to send from", transmit_ring, SECCOMP | ROOT | DEVICES },
};

/* A layer that is not there cannot refuse; two layers stand in for each other. */
static bool can_refuse(const struct forbidden *f)
{
	unsigned there = (has_landlock() ? LANDLOCK : 0u) | (has_seccomp() ? SECCOMP : 0u);

	return (f->is & (LANDLOCK | SECCOMP)) == 0 || (f->is & there) != 0;
}

static void what_is_forbidden_is_stopped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
		const struct forbidden *f = &forbidden[i];
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
	static const struct {
		const char *name;
		int (*attempt)(void);
	} needed[] = {
		{ "SQLite", use_sqlite },
		{ "files", use_files },
		{ "threads", use_threads },
		{ "signals", use_signals },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof needed / sizeof *needed; i++) {
		int within = try(WITHIN, i % 2 == 1, needed[i / 2].attempt);

		if (within != 0)
			fail_msg("%s%s: %d %s", needed[i / 2].name, i % 2 == 1 ? ", capturing" : "", within,
				 within < BY_SIGNAL ? strerror(within) : "");
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

	return err != 0 ? err : stat(database, &st) == 0 && st.st_uid == geteuid() ? 0 : 2;
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
	assert_int_equal(chown(folder, p->pw_uid, p->pw_gid), 0);
	(void)unlink(database);
	assert_int_equal(try_with(&nobody, &plan, is_nobody), 0);
	assert_int_equal(try_with(&all, &plan, has_one_capability), 0);
	assert_int_equal(try_with(&all, &offline, has_no_capability), 0);
	assert_int_equal(try_with(&all, &plan, nobody_writes), 0);
	assert_int_equal(try_with(&all, &plan, use_device), try_with(&nobody, &plan, use_device));
	(void)unlink(database);
	assert_int_equal(chown(folder, 0, 0), 0);
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
	elsewhere.writes[0] = beyond; /* a folder that is root's */
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
	if (mkdtemp(folder) == NULL || mkdtemp(outside) == NULL)
		return -1;
	snprintf(database, sizeof database, "%s/x.db", folder);
	snprintf(beyond, sizeof beyond, "%s/file", outside);
	snprintf(path, sizeof path, "%s/link", folder);
	if (symlink("/etc/passwd", path) != 0)
		return -1;
	victim = fork();
	if (victim == 0) {
		(void)signal(SIGUSR1, SIG_IGN);
		(void)signal(SIGTERM, SIG_IGN);
		for (;;)
			(void)pause();
	}
	return victim > 0 ? 0 : -1;
}

static int remove_folders(void **state)
{
	char command[128];

	(void)state;
	(void)kill(victim, SIGKILL);
	(void)waitpid(victim, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s %s", folder, outside);
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

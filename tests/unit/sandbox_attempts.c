/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sandbox_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sandbox_place sandbox_place = { .folder = "/tmp/sandbox.XXXXXX", .outside = "/tmp/outside.XXXXXX" };

/* What is forbidden --------------------------------------------------------------------- */

static int result(long n)
{
	return n >= 0 ? 0 : errno;
}

int open_passwd(void)
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
	return result(open(sandbox_place.beyond, O_WRONLY | O_CLOEXEC));
}

static int create_beyond(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/new", sandbox_place.outside);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), err = errno;

	(void)unlink(path);
	return fd >= 0 ? 0 : err;
}

static int remove_beyond(void)
{
	return result(unlink(sandbox_place.beyond));
}

/* Out of the folder by a symbolic link that lies in it. */
static int follow_link(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/link", sandbox_place.folder);
	return result(open(path, O_RDONLY | O_CLOEXEC));
}

static int make_link(void)
{
	char path[80];

	snprintf(path, sizeof path, "%s/another", sandbox_place.folder);
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

int inet_socket(void)
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
	return result(kill(sandbox_place.victim, SIGTERM));
}

static int signal_other(void)
{
	return result(syscall(SYS_tgkill, sandbox_place.victim, sandbox_place.victim, SIGUSR1));
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
int use_sqlite(void)
{
	sqlite3 *db = NULL;
	bool fine = sqlite3_open(sandbox_place.database, &db) == SQLITE_OK &&
		    sql(db, "PRAGMA journal_mode = WAL") &&
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

	snprintf(a, sizeof a, "%s/a", sandbox_place.folder);
	snprintf(b, sizeof b, "%s/b", sandbox_place.folder);
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
int use_device(void)
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
int read_counters(void)
{
	return result(open("/sys/class/net/lo/statistics/rx_missed_errors", O_RDONLY | O_CLOEXEC));
}

const struct sandbox_attempt sandbox_forbidden[] = {
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
const size_t sandbox_forbidden_count = sizeof sandbox_forbidden / sizeof *sandbox_forbidden;

const struct sandbox_attempt sandbox_needed[] = {
	{ "SQLite", use_sqlite, 0 },
	{ "files", use_files, 0 },
	{ "threads", use_threads, 0 },
	{ "signals", use_signals, 0 },
};
const size_t sandbox_needed_count = sizeof sandbox_needed / sizeof *sandbox_needed;

/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/sandbox_impl.h"

#ifndef HAVE_SECCOMP

int cl_seccomp_load(const struct cl_sandbox_plan *plan)
{
	(void)plan;
	return -2;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/log.h"

#define WHAT "seccomp"

/*
 * Three answers. What the service was seen to need (strace over its tests, decision 48) is allowed. What no
 * library calls by itself ends the process, so that an intruder leaves a trace. All else is answered as by a
 * kernel that does not have it (ENOSYS): a newer C library then falls back to an older call, and the service
 * lives on.
 */
static const char *const allowed[] = {
	/* files; where, Landlock and permissions say */
	"open", "openat", "close", "read", "readv", "pread64", "preadv", "pwrite64", "pwritev", "lseek",
	"_llseek", "fstat", "fstat64", "stat", "stat64", "lstat", "lstat64", "newfstatat", "fstatat64",
	"statx", "fstatfs", "fstatfs64", "statfs", "statfs64", "access", "faccessat", "faccessat2", "fcntl",
	"fcntl64", "ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync", "fadvise64", "fadvise64_64",
	"unlink", "unlinkat", "rename", "renameat", "renameat2", "getdents64", "readlink", "readlinkat",
	"getcwd", "fchmod", "fchown", "fchown32", "flock",
	/* memory; mmap and mprotect below */
	"brk", "munmap", "mremap", "madvise", "membarrier",
	/* threads and waiting; clone below */
	"futex", "futex_time64", "rseq", "set_robust_list", "get_robust_list", "set_tid_address", "exit",
	"exit_group", "sched_yield", "sched_getaffinity", "gettid", "getcpu", "restart_syscall", "poll",
	"ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "pipe2", "dup", "dup3", "timerfd_create",
	"timerfd_settime", "timerfd_gettime",
	/* signals to itself */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "rt_sigpending", "rt_sigsuspend", "sigaltstack", "signalfd4", "setitimer",
	"getitimer", "alarm", "pause",
	/* clocks, and what it is and uses itself */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "clock_nanosleep",
	"clock_nanosleep_time64", "nanosleep", "gettimeofday", "time", "times", "getrandom", "getrusage",
	"sysinfo", "uname", "getpid", "getppid", "getuid", "getuid32", "geteuid", "geteuid32", "getgid",
	"getgid32", "getegid", "getegid32", "getrlimit", "ugetrlimit", "capget"
};

static const char *const of_devices[] = { "bind",     "getsockopt", "getsockname",
					  "recvfrom", "recvmsg",    "recvmmsg" };

static const char *const of_serving[] = { "accept",	 "accept4",	"recvfrom",   "recvmsg",
					  "sendto",	 "sendmsg",	"getsockopt", "setsockopt",
					  "getsockname", "getpeername", "shutdown",   "sendfile",
					  "sendfile64" };

static const char *const fatal[] = { "execve",
				     "execveat",
				     "ptrace",
				     "process_vm_readv",
				     "process_vm_writev",
				     "process_madvise",
				     "pidfd_getfd",
				     "mount",
				     "umount2",
				     "pivot_root",
				     "chroot",
				     "unshare",
				     "setns",
				     "open_by_handle_at",
				     "init_module",
				     "finit_module",
				     "delete_module",
				     "kexec_load",
				     "kexec_file_load",
				     "reboot",
				     "bpf",
				     "perf_event_open",
				     "userfaultfd",
				     "io_uring_setup",
				     "add_key",
				     "request_key",
				     "keyctl",
				     "setuid",
				     "setuid32",
				     "setgid",
				     "setgid32",
				     "setreuid",
				     "setreuid32",
				     "setregid",
				     "setregid32",
				     "setresuid",
				     "setresuid32",
				     "setresgid",
				     "setresgid32",
				     "setgroups",
				     "setgroups32",
				     "capset",
				     "settimeofday",
				     "clock_settime",
				     "clock_settime64",
				     "clock_adjtime",
				     "adjtimex",
				     "swapon",
				     "personality",
				     "iopl",
				     "ioperm",
				     "modify_ldt" };

/* Sanitizer builds stop their threads to look for leaks, and start a program to name addresses. */
static const char *const of_sanitizers[] = { "ptrace", "clone",	   "wait4", "prctl",
					     "tkill",  "getdents", "write", "writev" };

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A call that this architecture does not have is none to rule. */
static int rule(scmp_filter_ctx f, uint32_t action, const char *name, unsigned n,
		const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int err = nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(f, action, nr, n, args);

	return err == -EEXIST ? 0 : err;
}

static int rules(scmp_filter_ctx f, uint32_t action, const char *const *names, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		err = rule(f, action, names[i], 0, NULL);
	return err;
}

/* Allows a call where one of its arguments, masked, is a value. */
static int allow_if(scmp_filter_ctx f, const char *name, unsigned arg, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp c = { .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value };

	return rule(f, SCMP_ACT_ALLOW, name, 1, &c);
}

#define WHOLE 0xffffffffull /* of an int */

/* No memory that can be both written and run; threads, but no processes; signals to itself. */
static int allow_process(scmp_filter_ctx f)
{
#ifdef __s390__
	const unsigned clone_flags = 1;
#else
	const unsigned clone_flags = 0;
#endif
	static const int named[] = { PR_SET_NAME, PR_GET_NAME, PR_SET_DUMPABLE, PR_CAPBSET_READ,
				     0x53564d41 /* PR_SET_VMA: a name for memory */ };
	uint64_t pid = (uint64_t)getpid();
	int err = allow_if(f, "mmap", 2, PROT_EXEC, 0);

	err = err != 0 ? err : allow_if(f, "mmap2", 2, PROT_EXEC, 0);
	err = err != 0 ? err : allow_if(f, "mprotect", 2, PROT_EXEC, 0);
	err = err != 0 ? err : allow_if(f, "clone", clone_flags, CLONE_THREAD, CLONE_THREAD);
	err = err != 0 ? err : allow_if(f, "tgkill", 0, WHOLE, pid);
	err = err != 0 ? err : allow_if(f, "kill", 0, WHOLE, pid);
	err = err != 0 ? err : allow_if(f, "prlimit64", 2, UINT64_MAX, 0); /* asking, not setting */
	for (size_t i = 0; i < COUNT(named) && err == 0; i++)
		err = allow_if(f, "prctl", 0, WHOLE, (uint64_t)named[i]);
	return err;
}

/* Octets of an eventfd's counter: shorter than any frame. */
#define COUNTER 8

/* To standard output and error, to what the plan names, and to any descriptor if no device is among them:
 * else a packet socket would take it for a frame. */
static int allow_writing(scmp_filter_ctx f, const struct cl_sandbox_plan *plan)
{
	static const char *const calls[] = { "write", "writev", "sendto", "sendmsg" };
	int err = 0;

	if (!plan->devices)
		return rules(f, SCMP_ACT_ALLOW, calls, 2);
	for (unsigned c = 0; c < COUNT(calls) && err == 0; c++) {
		for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && err == 0; fd++)
			err = allow_if(f, calls[c], 0, WHOLE, (uint64_t)fd);
		for (size_t i = 0; i < plan->nsends && err == 0; i++)
			if (plan->sends[i] >= 0)
				err = allow_if(f, calls[c], 0, WHOLE, (uint64_t)plan->sends[i]);
	}
	return err != 0 ? err : allow_if(f, "write", 2, UINT64_MAX, COUNTER);
}

static int allow_ioctls(scmp_filter_ctx f, const struct cl_sandbox_plan *plan)
{
	static const unsigned long any[] = { TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO };
	static const unsigned long of_device[] = { SIOCGIFINDEX,  SIOCGIFNAME, SIOCGIFHWADDR,
						   SIOCGIFFLAGS,  SIOCGIFMTU,  SIOCETHTOOL,
						   SIOCSHWTSTAMP, 0x8b01 /* SIOCGIWNAME: is it radio? */ };
	int err = 0;

	for (size_t i = 0; i < COUNT(any) && err == 0; i++)
		err = allow_if(f, "ioctl", 1, WHOLE, any[i]);
	for (size_t i = 0; plan->devices && i < COUNT(of_device) && err == 0; i++)
		err = allow_if(f, "ioctl", 1, WHOLE, of_device[i]);
	return err;
}

/* Packet sockets that receive; netlink tells of devices that come and go, a local one their numbers. */
static int allow_devices(scmp_filter_ctx f)
{
	static const int families[] = { AF_PACKET, AF_NETLINK, AF_UNIX };
	static const int options[] = { PACKET_ADD_MEMBERSHIP,
				       PACKET_DROP_MEMBERSHIP,
				       PACKET_RX_RING,
				       PACKET_AUXDATA,
				       PACKET_VERSION,
				       PACKET_RESERVE,
				       PACKET_TIMESTAMP,
				       PACKET_FANOUT,
				       PACKET_FANOUT_DATA,
				       PACKET_LOSS,
				       23 /* PACKET_IGNORE_OUTGOING */ };
	int err = rules(f, SCMP_ACT_ALLOW, of_devices, COUNT(of_devices));

	for (size_t i = 0; i < COUNT(families) && err == 0; i++)
		err = allow_if(f, "socket", 0, WHOLE, (uint64_t)families[i]);
	for (size_t i = 0; i < COUNT(options) && err == 0; i++)
		err = rule(f, SCMP_ACT_ALLOW, "setsockopt", 2,
			   (struct scmp_arg_cmp[]){
				   { .arg = 1, .op = SCMP_CMP_EQ, .datum_a = SOL_PACKET },
				   { .arg = 2, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)options[i] },
			   });
	return err != 0 ? err : allow_if(f, "setsockopt", 1, WHOLE, SOL_SOCKET);
}

/* Other families as where they are not built in. */
static int refuse_families(scmp_filter_ctx f, const struct cl_sandbox_plan *plan)
{
	static const int families[] = { AF_INET, AF_INET6, AF_PACKET, AF_NETLINK, AF_UNIX };
	int err = 0;

	for (size_t i = 0; i < (plan->devices ? 2 : COUNT(families)) && err == 0; i++)
		err = rule(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket", 1,
			   &(struct scmp_arg_cmp){ .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)families[i] });
	return err;
}

static int fill(scmp_filter_ctx f, const struct cl_sandbox_plan *plan)
{
	int err = rules(f, SCMP_ACT_ALLOW, allowed, COUNT(allowed));

	err = err != 0 ? err : allow_process(f);
	err = err != 0 ? err : allow_writing(f, plan);
	err = err != 0 ? err : allow_ioctls(f, plan);
	err = err != 0 ? err : refuse_families(f, plan);
	if (plan->devices)
		err = err != 0 ? err : allow_devices(f);
	if (plan->serves)
		err = err != 0 ? err : rules(f, SCMP_ACT_ALLOW, of_serving, COUNT(of_serving));
	if (CL_SANITIZED)
		return err != 0 ? err : rules(f, SCMP_ACT_ALLOW, of_sanitizers, COUNT(of_sanitizers));
	return err != 0 ? err : rules(f, SCMP_ACT_KILL_PROCESS, fatal, COUNT(fatal));
}

static int load(scmp_filter_ctx f, const struct cl_sandbox_plan *plan)
{
	int err = fill(f, plan);

	if (err != 0) {
		cl_error(WHAT, "the filter cannot be made: %s", strerror(-err));
		return -1;
	}
	(void)seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_LOG, 1);   /* what was refused, in the kernel's log */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1); /* all threads */
	err = seccomp_load(f);
	return err == 0 ? 0 : -2;
}

/* That a descriptor stays what it is: else a packet socket could take its place, and be written to. */
static int keep(scmp_filter_ctx f, int fd)
{
	const struct {
		const char *name;
		unsigned arg;
	} calls[] = { { "close", 0 }, { "dup2", 1 }, { "dup3", 1 } };
	int err = 0;

	for (size_t i = 0; i < COUNT(calls) && err == 0; i++)
		err = rule(f, SCMP_ACT_ERRNO(EPERM), calls[i].name, 1,
			   &(struct scmp_arg_cmp){ .arg = calls[i].arg,
						   .op = SCMP_CMP_MASKED_EQ,
						   .datum_a = WHOLE,
						   .datum_b = (scmp_datum_t)fd });
	return err;
}

/* A filter of its own beside the other, as a call is allowed there or with some arguments not, but not both.
 */
static int keep_outputs(const struct cl_sandbox_plan *plan)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int err = f != NULL ? 0 : -ENOMEM;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && err == 0; fd++)
		err = keep(f, fd);
	for (size_t i = 0; i < plan->nsends && err == 0; i++)
		if (plan->sends[i] >= 0)
			err = keep(f, plan->sends[i]);
	if (err != 0)
		cl_error(WHAT, "the filter cannot be made: %s", strerror(-err));
	else if (seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) != 0 || seccomp_load(f) != 0)
		err = -2;
	seccomp_release(f);
	return err == 0 || err == -2 ? err : -1;
}

int cl_seccomp_load(const struct cl_sandbox_plan *plan)
{
	int before = plan->devices && !CL_SANITIZED ? keep_outputs(plan) : 0;
	scmp_filter_ctx f = before == 0 ? seccomp_init(SCMP_ACT_ERRNO(ENOSYS)) : NULL;
	int result = f != NULL ? load(f, plan) : before != 0 ? before : -2;

	seccomp_release(f);
	return result;
}

#endif

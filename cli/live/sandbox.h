/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_SANDBOX_H
#define CL_CLI_LIVE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a process that reads packets from strangers may still do once it has opened what it needs: so that a
 * bug in a decoder finds nothing to steal. In two steps: cl_sandbox_begin before anything is opened (the
 * user; files that are made belong to it), cl_sandbox_enter when devices and files are open and while
 * there is one thread. There is no way back.
 */

/* Set by CL_SANDBOX_ROWS; all off or NULL by default. */
struct cl_sandbox_options {
	const char *user; /* whom to become; borrowed */
	bool off;	  /* none of the layers; `user` is obeyed all the same */
	bool no_seccomp, no_landlock;
	bool no_reopen; /* a network device that went away stays away: CAP_NET_RAW is given up too */
};

/**
 * Rows for a command's own options. What the command keeps (cl_command.kept) has to begin with a struct
 * cl_sandbox_options.
 */
#define CL_SANDBOX_ROWS                                                                                      \
	{ 0, "user", "NAME", "when started as root, become this user", cl_sandbox_set_user },                \
		{ 0, "no-sandbox", NULL, "no limits to what the process may do", cl_sandbox_set_off },       \
		{ 0, "no-seccomp", NULL, "no filter of system calls", cl_sandbox_set_no_seccomp },           \
	{                                                                                                    \
		0, "no-landlock", NULL, "no limits to the files that it may open",                           \
			cl_sandbox_set_no_landlock                                                           \
	}
/* Of a command that opens network devices. */
#define CL_SANDBOX_ROW_REOPEN                                                                                \
	{                                                                                                    \
		0, "no-reopen", NULL, "never reopen an interface that went away", cl_sandbox_set_no_reopen   \
	}

const char *cl_sandbox_set_user(void *kept, const char *value);
const char *cl_sandbox_set_off(void *kept, const char *value);
const char *cl_sandbox_set_no_seccomp(void *kept, const char *value);
const char *cl_sandbox_set_no_landlock(void *kept, const char *value);
const char *cl_sandbox_set_no_reopen(void *kept, const char *value);

/* Paths in a plan, each kind. */
#define CL_SANDBOX_PATHS 16

/* What a command has left to do. Texts are borrowed for the calls alone. */
struct cl_sandbox_plan {
	/* Folders in which it makes, writes and removes files; of a file, the folder that it lies in: SQLite
	 * makes its journals beside the database. */
	const char *writes[CL_SANDBOX_PATHS];
	size_t nwrites;
	/* Files, or folders with all that is in them, that it opens for reading later. */
	const char *reads[CL_SANDBOX_PATHS];
	size_t nreads;
	bool devices; /* it reads network devices, and opens them anew when they come back */
	bool serves;  /* it answers on TCP sockets that are bound before cl_sandbox_enter */
	/* Descriptors to which it may write beside files: sockets, pipes. With `devices` to no others: a
	 * packet that somebody else made up never leaves by the socket that packets come in by. */
	int sends[CL_SANDBOX_PATHS];
	size_t nsends;
};

/**
 * Becomes the user, with his groups, and keeps of the capabilities what opening network devices takes.
 * Started by root without --user: the user `clientele` if there is one, else the owner of the first folder of
 * `writes`; root itself, without its capabilities, if that is his. Checks that he may write there. Says on
 * standard error what is wrong; false: do not go on.
 */
bool cl_sandbox_begin(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan);

/**
 * Takes away what is not in the plan: capabilities, core dumps, files (Landlock), system calls (seccomp). A
 * layer that this kernel or this build lacks is said, once, and left out. False: what is there failed, or
 * there are threads already, which capabilities and Landlock would not bind; it was said.
 */
bool cl_sandbox_enter(const struct cl_sandbox_options *o, const struct cl_sandbox_plan *plan);

#endif

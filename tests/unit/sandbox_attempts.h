/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_TESTS_UNIT_SANDBOX_ATTEMPTS_H
#define CL_TESTS_UNIT_SANDBOX_ATTEMPTS_H

#include <stddef.h>
#include <sys/types.h>

/* What a process tries within the sandbox of `clientele capture`: 0 if it worked, or an errno. */

#define NO_SOCKET 201 /* instead: a packet socket cannot be opened, so nothing is shown */

/* Where, and at whom. */
struct sandbox_place {
	char folder[32], outside[32]; /* mkdtemp's */
	char database[64];	      /* in the folder */
	char beyond[64];	      /* a file outside */
	pid_t victim;		      /* a process of the same user */
};
extern struct sandbox_place sandbox_place;

#define LANDLOCK 1
#define SECCOMP	 2
#define KILLED	 4  /* by seccomp, unless in a sanitizer build */
#define ALWAYS	 8  /* has to work without the sandbox, whoever runs the tests */
#define ROOT	 16 /* needs root to work without */
#define PLAIN	 32 /* not in sanitizer builds, which need it themselves */
#define DEVICES	 64 /* tried with the plan of a capture */

struct sandbox_attempt {
	const char *name;
	int (*attempt)(void);
	unsigned is;
};
extern const struct sandbox_attempt sandbox_forbidden[], sandbox_needed[];
extern const size_t sandbox_forbidden_count, sandbox_needed_count;

/* Some of them, and as an interface that came back is opened: with its counters in /sys. */
int open_passwd(void);
int inet_socket(void);
int use_sqlite(void);
int use_device(void);
int read_counters(void);

#endif

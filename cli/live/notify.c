/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 1024

/* WATCHDOG_USEC, if it is meant for this process; in nanoseconds, or 0. */
static int64_t watchdog_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;
	long long us;

	if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	errno = 0;
	us = strtoll(usec, &end, 10);
	return errno == 0 && end != usec && *end == '\0' && us > 0 && us < INT64_MAX / 1000 ? us * 1000 : 0;
}

bool cl_notify_open(struct cl_notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path != NULL ? strlen(path) : 0;

	*n = (struct cl_notify){ .fd = -1 };
	if (len == 0)
		return true;
	errno = EINVAL;
	if ((path[0] != '/' && path[0] != '@') || len < 2 || len >= sizeof to.sun_path)
		return false;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* a name outside the file system, without a NUL at its end */
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd >= 0 &&
	    connect(n->fd, (const struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (path[0] == '/'))) != 0) {
		int reason = errno;

		cl_notify_close(n);
		errno = reason;
	}
	n->every_ns = n->fd >= 0 ? watchdog_ns() / 2 : 0;
	return n->fd >= 0;
}

void cl_notify(const struct cl_notify *n, const char *fmt, ...)
{
	char text[LONGEST];
	va_list ap;
	int len;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (len > 0)
		(void)send(n->fd, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1,
			   MSG_NOSIGNAL);
}

void cl_notify_reloading(const struct cl_notify *n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	cl_notify(n, "RELOADING=1\nMONOTONIC_USEC=%lld",
		  (long long)now.tv_sec * 1000000 + (long long)now.tv_nsec / 1000);
}

void cl_notify_alive(struct cl_notify *n, int64_t now_ns)
{
	if (n->every_ns == 0 || now_ns < n->next_ns)
		return;
	n->next_ns = now_ns + n->every_ns;
	cl_notify(n, "WATCHDOG=1");
}

void cl_notify_close(struct cl_notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

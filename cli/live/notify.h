/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_NOTIFY_H
#define CL_CLI_LIVE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Telling the service manager how it goes (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names.
 * Without one nothing happens.
 */
struct cl_notify {
	int fd;		  /* connected; -1: nobody wants to know */
	int64_t every_ns; /* how often the watchdog is to hear of us: half of what it waits; 0: it does not */
	int64_t next_ns;
};

/* Connects; call it before cl_sandbox_enter, whose plan has `fd` among its `sends`. False: a manager is named
 * that cannot be reached, errno says why; the service can go on. */
bool cl_notify_open(struct cl_notify *n);

/* Sends variables, one a line: "READY=1\nSTATUS=...". A line end in what is inserted must not be: the caller
 * sees to that. Never waits: what the manager does not take is lost. */
void cl_notify(const struct cl_notify *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* SIGHUP came: what was opened is opened anew; READY=1 ends it. */
void cl_notify_reloading(const struct cl_notify *n);

/* Says that the loop still turns, if it is due. `now_ns`: CLOCK_MONOTONIC. Costs a comparison if not. */
void cl_notify_alive(struct cl_notify *n, int64_t now_ns);

void cl_notify_close(struct cl_notify *n);

#endif

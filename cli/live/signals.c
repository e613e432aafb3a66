/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/live/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

static volatile sig_atomic_t any, stop, interrupted, reopen, status;

static void note(int signal)
{
	if (signal == SIGINT && interrupted)
		_exit(EXIT_INTERRUPTED);
	if (signal == SIGINT)
		interrupted = 1;
	if (signal == SIGINT || signal == SIGTERM)
		stop = 1;
	else if (signal == SIGHUP)
		reopen = 1;
	else
		status = 1;
	any = 1;
}

/* System calls that wait go on: what waits for packets waits a moment only. */
bool cl_signals_begin(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction how = { .sa_handler = note, .sa_flags = SA_RESTART };
	bool ok = true;

	sigemptyset(&how.sa_mask);
	for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
		ok = ok && sigaction(signals[i], &how, NULL) == 0;
	return ok;
}

bool cl_signals_any(void)
{
	return any != 0;
}

struct cl_signals cl_signals_take(void)
{
	any = 0;
	struct cl_signals s = { .stop = stop != 0, .reopen = reopen != 0, .status = status != 0 };
	reopen = status = 0;
	return s;
}

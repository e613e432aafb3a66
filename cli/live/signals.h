/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LIVE_SIGNALS_H
#define CL_CLI_LIVE_SIGNALS_H

#include <stdbool.h>

/* What signals asked for since it was last looked: a handler only notes it. */
struct cl_signals {
	bool stop;   /* SIGTERM, SIGINT; a second SIGINT leaves at once, with status 130 */
	bool reopen; /* SIGHUP */
	bool status; /* SIGUSR1 */
};

/* From now on signals are noted. False: errno says why. */
bool cl_signals_begin(void);

/* Whether anything was asked for; a look costs next to nothing. */
bool cl_signals_any(void);

/* Takes what was asked for. A stop stays. */
struct cl_signals cl_signals_take(void);

#endif

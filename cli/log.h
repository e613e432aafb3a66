/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LOG_H
#define CL_CLI_LOG_H

/*
 * The only writer to standard error. Each message is one line "clientele: WHAT: WHY": WHAT is the file,
 * option or address concerned. Characters that a terminal would obey are written as \xNN; a message longer
 * than 4 KiB is cut.
 */

enum cl_log_level {
	CL_LOG_QUIET,  /* errors only */
	CL_LOG_NORMAL, /* and warnings */
	CL_LOG_VERBOSE /* and what is being done */
};

/* For the whole process; normal until set. */
void cl_log_set_level(enum cl_log_level level);

/* No result, or not all of it. */
void cl_error(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Something the user should know, with a whole result. */
void cl_warn(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void cl_info(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Shows a line that stays below the messages until the next call replaces it; NULL takes it away. For
 * terminals only: the caller has looked. `line` is copied, cut at 200 octets, and written as it is.
 */
void cl_log_status(const char *line);

#endif

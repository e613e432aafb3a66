/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/write/text.h"

#define LONGEST	    4096
#define TO_LINE_END "\r\033[K" /* back to the first column, and erase what is there */

static enum cl_log_level current = CL_LOG_NORMAL;
static char status[200];

void cl_log_set_level(enum cl_log_level level)
{
	current = level;
}

/* One write for the message and the status line around it, so that lines of several writers do not mix. */
static void __attribute__((format(printf, 2, 0))) write_line(const char *what, const char *fmt, va_list ap)
{
	char plain[LONGEST], line[CL_TEXT_GROWTH * LONGEST + 1];
	const char *erase = status[0] != '\0' ? TO_LINE_END : "";
	int head, body;
	size_t len;

	head = snprintf(plain, sizeof(plain), "clientele: %s: ", what);
	if (head < 0)
		return;
	len = (size_t)head < sizeof(plain) ? (size_t)head : sizeof(plain) - 1;
	body = vsnprintf(plain + len, sizeof(plain) - len, fmt, ap);
	if (body > 0)
		len = strlen(plain);
	cl_text_escape(line, plain, len, NULL);
	fprintf(stderr, "%s%s\n%s", erase, line, status);
	fflush(stderr);
}

void cl_error(const char *what, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(what, fmt, ap);
	va_end(ap);
}

void cl_warn(const char *what, const char *fmt, ...)
{
	va_list ap;

	if (current < CL_LOG_NORMAL)
		return;
	va_start(ap, fmt);
	write_line(what, fmt, ap);
	va_end(ap);
}

void cl_info(const char *what, const char *fmt, ...)
{
	va_list ap;

	if (current < CL_LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	write_line(what, fmt, ap);
	va_end(ap);
}

void cl_log_status(const char *line)
{
	if (line == NULL)
		line = "";
	if (line[0] == '\0' && status[0] == '\0')
		return;
	snprintf(status, sizeof(status), "%s", line);
	fprintf(stderr, TO_LINE_END "%s", status);
	fflush(stderr);
}

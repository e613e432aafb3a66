/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/log.h"

#define CALLS_A_LOOK 64u
#define DRAW_NS	     200000000
#define BAR	     20 /* columns */
#define HOUR_S	     3600

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void cl_progress_begin(struct cl_progress *p, bool wanted)
{
	const char *term = getenv("TERM");

	memset(p, 0, sizeof(*p));
	p->enabled = wanted && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	if (p->enabled)
		p->begun_ns = p->last_ns = clock_ns();
}

/* "12.3 M": at most six columns up to 999 E. */
static void format_scaled(char *out, size_t size, double v)
{
	static const char prefixes[] = " kMGTPE";
	size_t i = 0;

	for (; v >= 999.5 && prefixes[i + 1] != '\0'; i++)
		v /= 1000;
	if (i == 0)
		snprintf(out, size, "%.0f", v);
	else
		snprintf(out, size, "%.3g %c", v, prefixes[i]);
}

/* "1:05 left" or "2:03:04 left"; nothing where it cannot be told. */
static void format_left(char *out, size_t size, double part, double elapsed_s)
{
	double left = part > 0 ? elapsed_s / part * (1 - part) : -1;
	unsigned s;

	out[0] = '\0';
	if (left < 0 || left > 1000.0 * HOUR_S)
		return;
	s = (unsigned)(left + 0.5);
	if (s >= HOUR_S)
		snprintf(out, size, "  %u:%02u:%02u left", s / HOUR_S, s / 60 % 60, s % 60);
	else
		snprintf(out, size, "  %u:%02u left", s / 60, s % 60);
}

void cl_progress_line(char out[CL_PROGRESS_STRLEN], uint64_t done, uint64_t total, uint64_t packets,
		      int64_t elapsed_ns)
{
	double elapsed_s = (double)elapsed_ns / 1e9, part;
	char count[16], rate[16], left[24], bar[BAR + 1];
	size_t filled;

	format_scaled(count, sizeof(count), (double)packets);
	format_scaled(rate, sizeof(rate), elapsed_s > 0 ? (double)packets / elapsed_s : 0);
	if (total == 0) {
		snprintf(out, CL_PROGRESS_STRLEN, "%s packets  %s/s", count, rate);
		return;
	}
	part = done < total ? (double)done / (double)total : 1;
	filled = (size_t)(part * BAR);
	memset(bar, '.', BAR);
	memset(bar, '#', filled);
	bar[BAR] = '\0';
	format_left(left, sizeof(left), part, elapsed_s);
	snprintf(out, CL_PROGRESS_STRLEN, "%3u%% [%s]  %s packets  %s/s%s", (unsigned)(part * 100), bar,
		 count, rate, left);
}

void cl_progress_update(struct cl_progress *p, uint64_t done, uint64_t total, uint64_t packets)
{
	char line[CL_PROGRESS_STRLEN];
	int64_t now;

	if (!p->enabled || ++p->calls < CALLS_A_LOOK)
		return;
	p->calls = 0;
	now = clock_ns();
	if (now - p->last_ns < DRAW_NS)
		return;
	p->last_ns = now;
	cl_progress_line(line, done, total, packets, now - p->begun_ns);
	cl_log_status(line);
}

void cl_progress_end(struct cl_progress *p)
{
	if (p->enabled)
		cl_log_status(NULL);
	p->enabled = false;
}

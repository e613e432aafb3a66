/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_SCREEN_H
#define CL_CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A terminal's whole screen, by the escapes that all terminals of today obey: the other screen buffer, the
 * cursor, bold and dim. It is as it was after cl_screen_leave, also when a signal ends the program in
 * between.
 */

/* Takes the screen of standard output and the keys of standard input. False: they are no terminals. */
bool cl_screen_enter(void);
void cl_screen_leave(void);

/* Columns and lines as they are now; 80 and 24 where the terminal does not say. */
void cl_screen_size(unsigned *columns, unsigned *lines);

enum cl_screen_event {
	CL_SCREEN_TIME, /* the time is over */
	CL_SCREEN_KEY,
	CL_SCREEN_SIZE, /* the size has changed, or the screen has to be drawn anew */
	CL_SCREEN_END	/* a signal asks to end */
};

/* Waits for one of these, at most `ms` milliseconds; *key is the octet of a key. */
enum cl_screen_event cl_screen_wait(int ms, char *key);

/* Draws: the lines of `text`, each cut at the screen's width, no more than fit. */
void cl_screen_draw(const char *text);

/* Writes to `out` what of a line fits into `columns`; escapes of ours (ESC [ ... m) take none. The columns
 * that it takes. */
unsigned cl_screen_cut(FILE *out, const char *line, size_t n, unsigned columns);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_LINES_H
#define CL_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of a line at most, its end not counted. */
#define CL_LINE_MAX 1022

/* Lines of a file at most, empty ones and comments included. */
#define CL_LINES_MAX 4000000

/**
 * Takes one line's first word and the rest behind it, both without blanks around them; `rest` may be empty.
 * Both may be changed and are valid during the call. Returns NULL, or what is wrong with the line (static
 * text).
 */
typedef const char *(*cl_line_fn)(void *ctx, unsigned long number, char *word, char *rest);

/**
 * Calls `row` for each line of the file at `path` that holds more than blanks and a comment (# at the start
 * of a word and what follows it). The first failure ends it and is told on standard error as FILE or
 * FILE:LINE; then false.
 */
bool cl_lines_read(const char *path, cl_line_fn row, void *ctx);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/log.h"

#define BLANKS " \t\r\v\f"

/* The next line without its end in `line`; its length, or -1 at the end of the file, -2 if it is too long. */
static int next_line(FILE *in, char line[CL_LINE_MAX + 2])
{
	int n = 0, c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (n == CL_LINE_MAX)
			return -2;
		line[n++] = (char)c;
	}
	line[n] = '\0';
	return c == EOF && n == 0 ? -1 : n;
}

/* Cuts a comment and the blanks before it off. */
static void cut(char *line)
{
	size_t len = strlen(line);

	for (char *p = line; (p = strchr(p, '#')) != NULL; p++) {
		if (p == line || strchr(BLANKS, p[-1]) != NULL) {
			len = (size_t)(p - line);
			break;
		}
	}
	while (len > 0 && strchr(BLANKS, line[len - 1]) != NULL)
		len--;
	line[len] = '\0';
}

/* What is wrong with the line, or NULL. */
static const char *take_line(char *line, int n, cl_line_fn row, void *ctx, unsigned long number)
{
	char *word, *rest;

	if (n == -2)
		return "the line is longer than 1022 octets";
	if (number > CL_LINES_MAX)
		return "the file has more than 4000000 lines";
	if (strlen(line) != (size_t)n)
		return "the line has a NUL octet: this is not a text file";
	cut(line);
	word = line + strspn(line, BLANKS);
	if (*word == '\0')
		return NULL;
	rest = word + strcspn(word, BLANKS);
	if (*rest != '\0')
		*rest++ = '\0';
	return row(ctx, number, word, rest + strspn(rest, BLANKS));
}

bool cl_lines_read(const char *path, cl_line_fn row, void *ctx)
{
	char line[CL_LINE_MAX + 2];
	unsigned long number = 0;
	const char *wrong = NULL;
	bool failed;
	FILE *in;
	int n;

	in = fopen(path, "r");
	if (in == NULL) {
		cl_error(path, "%s", strerror(errno));
		return false;
	}
	errno = 0;
	while (wrong == NULL && (n = next_line(in, line)) != -1)
		wrong = take_line(line, n, row, ctx, ++number);
	failed = ferror(in) != 0;
	if (failed) {
		cl_error(path, "%s", strerror(errno));
	} else if (wrong != NULL) {
		char where[4096];

		snprintf(where, sizeof(where), "%s:%lu", path, number);
		cl_error(where, "%s", wrong);
	}
	fclose(in);
	return !failed && wrong == NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/suffixfile.h"

#include <stdio.h>
#include <string.h>

#include "cli/log.h"
#include "cli/userfile/lines.h"

/* A cl_line_fn: one rule. */
static const char *add_rule(void *ctx, unsigned long number, char *word, char *rest)
{
	(void)number;
	(void)rest;
	return strncmp(word, "//", 2) == 0 ? NULL : cl_suffixes_add(ctx, word);
}

struct cl_suffixes *cl_suffixfile_read(const char *path)
{
	struct cl_suffixes *s = cl_suffixes_new();

	if (s == NULL) {
		cl_error(path, "not enough memory");
		return NULL;
	}
	if (!cl_lines_read(path, add_rule, s)) {
		cl_suffixes_free(s);
		return NULL;
	}
	cl_suffixes_settle(s);
	return s;
}

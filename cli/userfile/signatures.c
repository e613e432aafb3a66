/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/signatures.h"

#include <stdio.h>

#include "cli/log.h"
#include "cli/userfile/lines.h"

/* A cl_line_fn: the first column is a word, the others stand behind the tab after it. */
static const char *add_line(void *ctx, unsigned long number, char *word, char *rest)
{
	char row[CL_LINE_MAX + 2];

	(void)number;
	snprintf(row, sizeof row, "%s\t%s", word, rest);
	return cl_signatures_add(ctx, row);
}

struct cl_signatures *cl_signatures_load(const char *path)
{
	struct cl_signatures *s = cl_signatures_new();

	if (s == NULL) {
		cl_error("signatures", "not enough memory");
		return NULL;
	}
	if (path == NULL || cl_lines_read(path, add_line, s))
		return s;
	cl_signatures_free(s);
	return NULL;
}

void *cl_signatures_begin(const struct cl_session *s)
{
	return cl_software_new(s->signatures, cl_random_seed(), NULL);
}

void cl_signatures_take(void *kept, const struct cl_exchange *x)
{
	cl_software_take(kept, x);
}

void cl_signatures_end(void *kept)
{
	cl_software_free(kept);
}

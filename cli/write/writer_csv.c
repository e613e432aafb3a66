/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/write/cell.h"
#include "cli/write/text.h"
#include "cli/write/timefmt.h"

/* Quoted where RFC 4180 section 2 asks for it, where spaces could get lost, and where empty but not null. */
static bool put_field(FILE *out, const char *s)
{
	size_t len = strlen(s);
	bool quote = len == 0 || strpbrk(s, ",\"") != NULL || s[0] == ' ' || s[len - 1] == ' ';

	if (!quote)
		return fputs(s, out) >= 0;
	if (putc('"', out) == EOF)
		return false;
	for (; *s != '\0'; s++) {
		if (*s == '"' && putc('"', out) == EOF)
			return false;
		if (putc(*s, out) == EOF)
			return false;
	}
	return putc('"', out) != EOF;
}

static bool put_text(FILE *out, const char *s)
{
	size_t len = strlen(s);
	char *escaped = malloc(CL_TEXT_GROWTH * len + 1);
	bool ok;

	if (escaped == NULL)
		return false;
	cl_text_escape(escaped, s, len, NULL);
	ok = put_field(out, escaped);
	free(escaped);
	return ok;
}

bool cl_csv_cell(FILE *out, const struct cl_cell *c, bool first)
{
	char text[CL_TIME_STRLEN];

	if (!first && putc(',', out) == EOF)
		return false;
	if (c->null)
		return true;
	switch (c->type) {
	case CL_COL_TEXT:
		return put_text(out, c->v.text);
	case CL_COL_COUNT:
		return fprintf(out, "%" PRIu64, c->v.count) >= 0;
	case CL_COL_DURATION:
		cl_seconds_format(text, c->v.ns);
		return fputs(text, out) >= 0;
	case CL_COL_TIME:
		cl_time_format(text, c->v.ns, -1);
		return fputs(text, out) >= 0;
	case CL_COL_SHARE:
	case CL_COL_NUMBER:
		return fprintf(out, "%.10g", c->v.share) >= 0;
	}
	return true;
}

bool cl_csv_heading(FILE *out, const struct cl_column *cols, size_t ncols)
{
	for (size_t i = 0; i < ncols; i++) {
		struct cl_cell c = { CL_COL_TEXT, false, { .text = cols[i].key } };

		if (!cl_csv_cell(out, &c, i == 0))
			return false;
	}
	return putc('\n', out) != EOF;
}

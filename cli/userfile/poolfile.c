/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/userfile/poolfile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/userfile/lines.h"

#define FIELDS_MAX 32u
#define SECOND_MAX INT64_C(9000000000) /* what 64 bits of nanoseconds hold */

/* Monitors ------------------------------------------------------------------------------ */

static const char *add_monitor(void *ctx, unsigned long number, char *word, char *rest)
{
	struct cl_poolmon *p = ctx;
	struct cl_addr addr;

	(void)number;
	if (!cl_addr_parse(word, &addr))
		return "the line does not begin with an address";
	if (cl_poolmon_monitors(p) == CL_POOL_MONITORS_MAX)
		return "more than 4096 monitors";
	return cl_poolmon_monitor(p, &addr, rest[0] != '\0' ? rest : NULL) ? NULL : "not enough memory";
}

bool cl_poolfile_monitors(struct cl_poolmon *p, const char *path)
{
	return cl_lines_read(path, add_monitor, p);
}

/* The log --------------------------------------------------------------------------------- */

enum column { EPOCH, OFFSET, STEP, SCORE, MONITOR_ID, MONITOR_NAME, ERROR, COLUMNS };

static const char *const headings[COLUMNS] = { "ts_epoch",   "offset",	     "step", "score",
					       "monitor_id", "monitor_name", "error" };

struct reading {
	struct cl_poolmon *pool;
	struct cl_poolfile_counts *counts;
	bool begun;
	size_t at[COLUMNS]; /* where a column stands; FIELDS_MAX: nowhere */
};

/* Cuts a row into its fields (RFC 4180, within a line); how many they are. */
static size_t cut(char *line, char *field[FIELDS_MAX])
{
	size_t n = 0;

	for (char *p = line; p != NULL && n < FIELDS_MAX;) {
		char *to = p;
		bool quoted = *p == '"';

		field[n++] = to;
		for (p += quoted; *p != '\0' && (quoted || *p != ','); p++) {
			if (quoted && *p == '"') {
				if (p[1] != '"') {
					quoted = false;
					continue;
				}
				p++;
			}
			*to++ = *p;
		}
		p = *p == ',' ? p + 1 : NULL;
		*to = '\0';
	}
	return n;
}

static bool is_number(const char *text, double *out)
{
	char *end;

	if (text == NULL || *text == '\0')
		return false;
	*out = strtod(text, &end);
	return *end == '\0' && isfinite(*out);
}

static const char *take_heading(struct reading *r, char *const field[], size_t n)
{
	r->begun = true;
	for (size_t c = 0; c < COLUMNS; c++) {
		r->at[c] = FIELDS_MAX;
		for (size_t i = 0; i < n; i++)
			if (strcmp(field[i], headings[c]) == 0)
				r->at[c] = i;
	}
	if (r->at[EPOCH] == FIELDS_MAX || r->at[STEP] == FIELDS_MAX || r->at[SCORE] == FIELDS_MAX)
		return "the heading lacks ts_epoch, step or score";
	return NULL;
}

/* A field of a row; "" if it has none. */
static const char *text_of(const struct reading *r, char *const field[], size_t n, enum column c)
{
	return r->at[c] < n ? field[r->at[c]] : "";
}

static const char *take_row(struct reading *r, char *const field[], size_t n)
{
	struct cl_poolmon_row row = { .offset_s = NAN };
	const char *name = text_of(r, field, n, MONITOR_NAME), *id = text_of(r, field, n, MONITOR_ID);
	double epoch;
	int taken = 0;

	if (!is_number(text_of(r, field, n, EPOCH), &epoch) || fabs(epoch) > (double)SECOND_MAX)
		return "ts_epoch is no time";
	if (!is_number(text_of(r, field, n, SCORE), &row.score))
		return "score is no number";
	if (!is_number(text_of(r, field, n, STEP), &row.step))
		row.step = 0; /* of all monitors together there is none */
	if (!is_number(text_of(r, field, n, OFFSET), &row.offset_s))
		row.offset_s = NAN;
	row.time_ns = (int64_t)(epoch * 1e3) * 1000000;
	snprintf(row.error, sizeof row.error, "%s", text_of(r, field, n, ERROR));
	row.failed = row.error[0] != '\0' || row.step <= -5;
	if (*name == '\0' && *id == '\0')
		taken = cl_poolmon_log(r->pool, NULL, &row);
	if (*name != '\0')
		taken = cl_poolmon_log(r->pool, name, &row);
	if (taken == 0 && *id != '\0')
		taken = cl_poolmon_log(r->pool, id, &row);
	r->counts->rows += taken > 0;
	r->counts->unlisted += taken == 0;
	return taken < 0 ? "more than 4000000 rows, or not enough memory" : NULL;
}

/* A cl_line_fn: a time of day behind a blank has been cut off the first word. */
static const char *add_line(void *ctx, unsigned long number, char *word, char *rest)
{
	struct reading *r = ctx;
	char line[CL_LINE_MAX + 2], *field[FIELDS_MAX];

	(void)number;
	snprintf(line, sizeof line, "%s%s%s", word, rest[0] != '\0' ? " " : "", rest);
	size_t n = cut(line, field);
	return r->begun ? take_row(r, field, n) : take_heading(r, field, n);
}

bool cl_poolfile_scores(struct cl_poolmon *p, const char *path, struct cl_poolfile_counts *counts)
{
	struct reading r = { .pool = p, .counts = counts };

	return cl_lines_read(path, add_line, &r);
}

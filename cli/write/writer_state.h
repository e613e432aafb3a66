/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_WRITER_STATE_H
#define CL_CLI_WRITER_STATE_H

#include "cli/write/writer.h"

/* Columns of a terminal that a table tries to keep within, and the gap between two of its columns. */
#define LINE_WIDTH 100
#define GAP	   2

/* What a column of text is narrowed to at most, when the line would be too long: half an IPv6 address. */
#define NARROWEST 20

/* A cell as text: its place in the store of texts, and how it is shown. */
struct shown {
	size_t at, len, columns;
	bool right;
};

struct cl_tables {
	FILE *out;
	enum cl_format format;
	bool bold;
	int error;    /* errno of the first failure, or 0 */
	bool started; /* something stands above */
	bool silent;  /* the table above had no rows, and words of its own for that: its notes are left out */

	/* The table or list that is open. */
	const struct cl_column *cols; /* NULL in a list */
	size_t ncols, col;
	bool measured; /* widths are fixed and the heading is out */
	size_t widths[CL_COLUMNS_MAX];
	size_t gap;
	bool split;  /* headings take two lines */
	bool narrow; /* cells of text take several lines */
	char title_text[256];
	const char *title; /* not yet written; NULL: none, or it is */
	const char *empty; /* what stands there without rows; NULL: nothing, nor the title */
	uint32_t sparse;   /* columns that are left out without a value, a bit each */
	uint32_t filled;   /* columns with a value other than 0 */
	uint32_t left_out;

	/* Rows that wait to be written: `nshown` is a multiple of `ncols` between rows. */
	struct shown *shown;
	size_t nshown, room;
	char *texts;
	size_t used, size;
};

/* Notes what went wrong first, errno saying what. */
void cl_tables_check(struct cl_tables *t, bool ok);

void cl_tables_put(struct cl_tables *t, const char *s);

/* Words in lines, as many to a line as it holds. */
void cl_tables_put_words(struct cl_tables *t, const char *text);

/* The title of the table begun last, with an empty line before it. */
void cl_tables_put_title(struct cl_tables *t);

/* Writes the rows that wait, the first time after fixing the widths and with the headings before them. */
void cl_tables_put_rows(struct cl_tables *t);

#endif

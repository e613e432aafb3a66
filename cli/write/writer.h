/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_WRITER_H
#define CL_CLI_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What --format chooses. */
enum cl_format { CL_FORMAT_TABLE, CL_FORMAT_JSON, CL_FORMAT_CSV };

/*
 * JSON
 *
 * One value, written as it is told. Each call takes the member's key, which is NULL inside arrays and for the
 * outermost value. The members of the two outer levels and of cl_json_rows stand on lines of their own; all
 * that lies deeper is on one line. Write errors are kept until cl_json_close.
 */

/* Containers within containers; a deeper one is a bug of the caller. */
#define CL_JSON_DEPTH 32

struct cl_json;

/* Borrows `out` (a file, or open_memstream for a buffer). NULL only when memory is short. */
struct cl_json *cl_json_new(FILE *out);

void cl_json_object(struct cl_json *j, const char *key);
void cl_json_array(struct cl_json *j, const char *key);

/* An array with one member a line at any depth: series. */
void cl_json_rows(struct cl_json *j, const char *key);

/* Ends the container begun last. */
void cl_json_end(struct cl_json *j);

void cl_json_u64(struct cl_json *j, const char *key, uint64_t v);
void cl_json_i64(struct cl_json *j, const char *key, int64_t v);
void cl_json_bool(struct cl_json *j, const char *key, bool v);
void cl_json_null(struct cl_json *j, const char *key);

/* Ten significant digits; null for what is not finite. */
void cl_json_double(struct cl_json *j, const char *key, double v);

/* Octets that are not UTF-8 become U+FFFD. NULL gives null. */
void cl_json_str(struct cl_json *j, const char *key, const char *s);
void cl_json_strn(struct cl_json *j, const char *key, const char *s, size_t len);

/* A duration as an exact number of seconds. */
void cl_json_seconds(struct cl_json *j, const char *key, int64_t ns);

/* A time as RFC 3339 text with as many digits as it needs. */
void cl_json_time(struct cl_json *j, const char *key, int64_t ns);

/* Ends the text with a line feed, flushes and frees. 0, or -1 if not all was written (errno says why). */
int cl_json_close(struct cl_json *j);

/* Frees in the middle; what the stream still holds is left there. */
void cl_json_drop(struct cl_json *j);

/*
 * Tables for people and CSV for programs
 *
 * One writer, any number of tables and lists one after another. For people: a title, aligned columns, counts
 * with commas, durations with units, shares as percentages, "-" for null. As CSV (quoted as in RFC 4180,
 * lines end in a line feed): a heading of keys, plain integers, seconds, RFC 3339, fractions, nothing for
 * null; an empty line between tables. A table for people that is wider than 100 columns breaks its headings,
 * then its cells of text, at marks between their parts. In both, text is shown with \xNN for controls and for
 * what is not UTF-8. Write errors are kept until cl_tables_close.
 */

enum cl_column_type { CL_COL_TEXT, CL_COL_COUNT, CL_COL_DURATION, CL_COL_TIME, CL_COL_SHARE, CL_COL_NUMBER };

struct cl_column {
	const char *title; /* for people */
	const char *key;   /* for programs */
	enum cl_column_type type;
};

/* Columns of a table at most. */
#define CL_COLUMNS_MAX 32

/* Rows that are kept to measure the columns; later ones are written at once in the widths found. */
#define CL_TABLE_MEASURED 10000

struct cl_tables;

/* Borrows `out`. `format` is CL_FORMAT_TABLE or CL_FORMAT_CSV. NULL only when memory is short. */
struct cl_tables *cl_tables_new(FILE *out, enum cl_format format);

/* Begins a table. `cols` is borrowed until cl_table_end. `title` may be NULL. */
void cl_table_begin(struct cl_tables *t, const char *title, const struct cl_column *cols, size_t ncols);

/* For people, of the table just begun: what stands in it when it has no rows, instead of "(none)"; NULL
 * leaves the table out, with its title. Its notes are left out then. `words` is borrowed until cl_table_end.
 */
void cl_table_empty(struct cl_tables *t, const char *words);

/* For people, of the table just begun: of the columns with a bit set (1 << index), those are left out that
 * have nothing but nulls, empty texts and counts of 0. */
void cl_table_sparse(struct cl_tables *t, uint32_t columns);

/* The row's next cell, of its column's type. Cells left out at the end of a row are null. */
void cl_cell_text(struct cl_tables *t, const char *s); /* NULL is null */
void cl_cell_count(struct cl_tables *t, uint64_t n);
void cl_cell_duration(struct cl_tables *t, int64_t ns);
void cl_cell_time(struct cl_tables *t, int64_t ns);
void cl_cell_share(struct cl_tables *t, double part); /* 0 to 1; what is not finite is null */
void cl_cell_number(struct cl_tables *t,
		    double v); /* with a sign or a fraction; what is not finite is null */
void cl_cell_null(struct cl_tables *t);

void cl_table_row_end(struct cl_tables *t);
void cl_table_end(struct cl_tables *t);

/* One record as lines "label  value" or rows "key,value"; labels and keys are copied. */
void cl_list_begin(struct cl_tables *t, const char *title);
void cl_list_text(struct cl_tables *t, const char *label, const char *key, const char *s);
void cl_list_count(struct cl_tables *t, const char *label, const char *key, uint64_t n);
void cl_list_duration(struct cl_tables *t, const char *label, const char *key, int64_t ns);
void cl_list_time(struct cl_tables *t, const char *label, const char *key, int64_t ns);
void cl_list_share(struct cl_tables *t, const char *label, const char *key, double part);
void cl_list_null(struct cl_tables *t, const char *label, const char *key);
void cl_list_end(struct cl_tables *t);

/* Words below what was written last, in lines of 100 octets at most; for people only. */
void cl_tables_note(struct cl_tables *t, const char *text);

/* The same as a paragraph of its own, which is not about what stands above. */
void cl_tables_say(struct cl_tables *t, const char *text);

/* Flushes and frees. 0, or -1 if anything could not be written or memory was short (errno says why). */
int cl_tables_close(struct cl_tables *t);

/* Frees in the middle; what the stream still holds is left there. */
void cl_tables_drop(struct cl_tables *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_REPORT_DOC_H
#define CL_CLI_REPORT_DOC_H

#include "cli/plot/plot.h"
#include "cli/write/cell.h"

/*
 * A report as it is before it has a form: chapters of tables, lists, plots and words. Chapters fill it, four
 * writers draw it, so all forms have the same figures. Texts that are given are copied, but for titles and
 * keys of columns, which are borrowed. When memory is short, cl_doc_failed says so and the rest does nothing.
 */
struct cl_doc;
struct cl_doc_table;
struct cl_doc_plot;

struct cl_doc *cl_doc_new(void);
void cl_doc_free(struct cl_doc *d);
bool cl_doc_failed(const struct cl_doc *d);

/* The page's heading, and a line below it. */
void cl_doc_title(struct cl_doc *d, const char *title, const char *below);

/* A stretch of time (seconds since 1970) that plots shade, and why. */
void cl_doc_shade(struct cl_doc *d, double from, double until, const char *words);

/* Begins a chapter; `key` is its member of the JSON object. */
void cl_doc_chapter(struct cl_doc *d, const char *key, const char *title);

/* Words for people: a paragraph below what the chapter holds so far. */
void cl_doc_say(struct cl_doc *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tables ---------------------------------------------------------------------- */

enum cl_doc_place {
	CL_DOC_SHOWN,  /* wherever there are tables */
	CL_DOC_FOLDED, /* for people who unfold it, in HTML; not in text */
};

/* Begins a table of the chapter; `key` is its member there. `cols` is borrowed until the document is freed.
 */
struct cl_doc_table *cl_doc_table(struct cl_doc *d, const char *key, const char *title,
				  const struct cl_column *cols, size_t ncols, enum cl_doc_place place);

/* For people: what stands there when it has no rows. Without it, the table is left out. */
void cl_doc_table_empty(struct cl_doc_table *t, const char *words);

/* For people: of these columns (bits), those are left out that have nothing but nulls, empty texts and 0. */
void cl_doc_table_sparse(struct cl_doc_table *t, uint32_t columns);

/* The row's next cell; a row is as many as there are columns. */
void cl_doc_text(struct cl_doc_table *t, const char *s); /* NULL is null */
void cl_doc_count(struct cl_doc_table *t, uint64_t n);
void cl_doc_duration(struct cl_doc_table *t, int64_t ns);
void cl_doc_time(struct cl_doc_table *t, int64_t ns);
void cl_doc_share(struct cl_doc_table *t, double part); /* what is not finite is null */
void cl_doc_number(struct cl_doc_table *t, double v);
void cl_doc_null(struct cl_doc_table *t);

/* A list: one record, its items one below the other. */
struct cl_doc_table *cl_doc_list(struct cl_doc *d, const char *key, const char *title);
void cl_doc_item_text(struct cl_doc_table *t, const char *label, const char *key, const char *s);
void cl_doc_item_count(struct cl_doc_table *t, const char *label, const char *key, uint64_t n);
void cl_doc_item_time(struct cl_doc_table *t, const char *label, const char *key, int64_t ns);
void cl_doc_item_share(struct cl_doc_table *t, const char *label, const char *key, double part);

size_t cl_doc_rows(const struct cl_doc_table *t);

/* Plots ----------------------------------------------------------------------- */

/* How a plot lies over the rows of its table. */
struct cl_doc_plot_of {
	const char *title, *of; /* of: may be NULL */
	const char *x_label;
	unsigned x;		  /* column: a time, or texts for bars with names */
	double before_s, after_s; /* of a time: the stretch that a row is of */
	int where;		  /* column whose text has to be `is`; -1: all rows */
	const char *is;
	unsigned where_count; /* column whose count has to be `count`; 0: all rows */
	uint64_t count;
	size_t most; /* rows, of bars with names; 0: all */
};

/* A plot of rows of a table that is filled; NULL if there is nothing to draw it from. */
struct cl_doc_plot *cl_doc_plot(struct cl_doc *d, const struct cl_doc_table *t,
				const struct cl_doc_plot_of *of);

/* The next panel, and the next series in it: values of a column of numbers. Texts are borrowed. */
void cl_doc_panel(struct cl_doc_plot *p, const char *label, enum cl_unit unit, bool log);
void cl_doc_series(struct cl_doc_plot *p, const char *label, enum cl_shape shape, unsigned column,
		   enum cl_fold fold);

/* Writers --------------------------------------------------------------------- */

/* Each writes all of it; failures show in ferror(out), or memory was short (false). */
bool cl_doc_write_text(const struct cl_doc *d, FILE *out);
bool cl_doc_write_html(const struct cl_doc *d, FILE *out);
bool cl_doc_write_csv(const struct cl_doc *d, FILE *out);

/* The chapters, as members of the object that is open. */
void cl_doc_write_json(const struct cl_doc *d, struct cl_json *j);

#endif

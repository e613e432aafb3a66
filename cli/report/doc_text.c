/* SPDX-License-Identifier: BSD-2-Clause */
/* A report for the terminal, 100 columns wide: tables, and plots of blocks. */
#include <stdlib.h>
#include <string.h>

#include "cli/report/doc_state.h"

#define WIDTH 100u

static void put_cell(struct cl_tables *w, const struct cl_cell *c)
{
	if (c->null) {
		cl_cell_null(w);
		return;
	}
	switch (c->type) {
	case CL_COL_TEXT:
		cl_cell_text(w, c->v.text);
		break;
	case CL_COL_COUNT:
		cl_cell_count(w, c->v.count);
		break;
	case CL_COL_DURATION:
		cl_cell_duration(w, c->v.ns);
		break;
	case CL_COL_TIME:
		cl_cell_time(w, c->v.ns);
		break;
	case CL_COL_SHARE:
		cl_cell_share(w, c->v.share);
		break;
	case CL_COL_NUMBER:
		cl_cell_number(w, c->v.share);
		break;
	}
}

static void put_item(struct cl_tables *w, const char *label, const char *key, const struct cl_cell *c)
{
	if (c->null)
		cl_list_null(w, label, key);
	else if (c->type == CL_COL_TEXT)
		cl_list_text(w, label, key, c->v.text);
	else if (c->type == CL_COL_COUNT)
		cl_list_count(w, label, key, c->v.count);
	else if (c->type == CL_COL_SHARE)
		cl_list_share(w, label, key, c->v.share);
	else
		cl_list_time(w, label, key, c->v.ns);
}

static bool is_shown(const struct cl_doc_table *t)
{
	return t->place != CL_DOC_FOLDED && (t->cells > 0 || t->empty != NULL);
}

static void put_table(struct cl_tables *w, const struct cl_doc_table *t)
{
	if (t->cols == NULL) {
		cl_list_begin(w, t->title);
		for (size_t i = 0; i < t->cells; i++)
			put_item(w, t->label[i], t->item[i], &t->cell[i]);
		cl_list_end(w);
		return;
	}
	cl_table_begin(w, t->title, t->cols, t->ncols);
	cl_table_empty(w, t->empty);
	cl_table_sparse(w, t->sparse);
	for (size_t i = 0; i < t->cells; i++) {
		put_cell(w, &t->cell[i]);
		if (i % t->ncols == t->ncols - 1)
			cl_table_row_end(w);
	}
	cl_table_end(w);
}

static bool put_plot(FILE *out, const struct cl_doc_plot *p)
{
	struct cl_term term = cl_term_of(out);
	struct doc_drawn *d = malloc(sizeof *d);

	if (d == NULL)
		return false;
	term.width = WIDTH;
	if (cl_doc_draw(p, d)) {
		putc('\n', out);
		cl_plot_term(out, &d->plot, &term);
	}
	free(d);
	return true;
}

/* A title, underlined. */
static void put_heading(FILE *out, const char *title, char line)
{
	fprintf(out, "%s\n", title);
	for (size_t i = 0; i < strlen(title); i++)
		putc(line, out);
	putc('\n', out);
}

static bool put_chapter(const struct doc_chapter *c, FILE *out)
{
	bool ok = true;

	putc('\n', out);
	put_heading(out, c->title, '=');
	for (size_t i = 0; ok && i < c->blocks; i++) {
		const struct doc_block *b = &c->block[i];
		struct cl_tables *w;

		if (b->kind == DOC_TABLE && !is_shown(b->table))
			continue;
		if (b->kind == DOC_PLOT) {
			ok = put_plot(out, b->plot);
			continue;
		}
		if ((w = cl_tables_new(out, CL_FORMAT_TABLE)) == NULL)
			return false;
		if (b->kind == DOC_TABLE)
			putc('\n', out);
		if (b->kind == DOC_TABLE)
			put_table(w, b->table);
		else
			cl_tables_say(w, b->words);
		ok = cl_tables_close(w) == 0;
	}
	return ok;
}

bool cl_doc_write_text(const struct cl_doc *d, FILE *out)
{
	bool ok = true;

	put_heading(out, d->title, '=');
	fprintf(out, "%s\n", d->below);
	for (size_t i = 0; ok && i < d->chapters; i++)
		ok = put_chapter(&d->chapter[i], out);
	return ok;
}

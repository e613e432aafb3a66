/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report/doc_state.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Memory ---------------------------------------------------------------------- */

/* Zeroed memory that lives as long as the document; NULL when it is short. */
static void *keep(struct cl_doc *d, size_t size)
{
	struct doc_kept *k = d->failed ? NULL : calloc(1, sizeof *k + size);

	if (k == NULL) {
		d->failed = true;
		return NULL;
	}
	k->next = d->kept;
	d->kept = k;
	return k->at;
}

static const char *keep_text(struct cl_doc *d, const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = keep(d, size);

	return copy != NULL ? memcpy(copy, s, size) : "";
}

/* Room for one more of `size` octets in a list that doubles. */
static bool grow(struct cl_doc *d, void **list, size_t used, size_t *room, size_t size)
{
	if (used < *room)
		return !d->failed;
	size_t more = *room > 0 ? *room * 2 : 16;
	void *p = d->failed ? NULL : realloc(*list, more * size);
	if (p == NULL) {
		d->failed = true;
		return false;
	}
	*list = p;
	*room = more;
	return true;
}

struct cl_doc *cl_doc_new(void)
{
	struct cl_doc *d = calloc(1, sizeof *d);

	if (d != NULL)
		d->title = d->below = "";
	return d;
}

static void free_chapter(struct doc_chapter *c)
{
	for (size_t i = 0; i < c->blocks; i++)
		if (c->block[i].kind == DOC_TABLE) {
			struct cl_doc_table *t = c->block[i].table;

			free(t->cell);
			free(t->label);
			free(t->item);
		}
	free(c->block);
}

void cl_doc_free(struct cl_doc *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->chapters; i++)
		free_chapter(&d->chapter[i]);
	free(d->chapter);
	free(d->shade);
	while (d->kept != NULL) {
		struct doc_kept *next = d->kept->next;

		free(d->kept);
		d->kept = next;
	}
	free(d);
}

bool cl_doc_failed(const struct cl_doc *d)
{
	return d->failed;
}

/* Chapters -------------------------------------------------------------------- */

void cl_doc_title(struct cl_doc *d, const char *title, const char *below)
{
	d->title = keep_text(d, title);
	d->below = keep_text(d, below);
}

void cl_doc_shade(struct cl_doc *d, double from, double until, const char *words)
{
	if (grow(d, (void **)&d->shade, d->shades, &d->shades_room, sizeof *d->shade))
		d->shade[d->shades++] = (struct cl_plot_shade){ from, until, keep_text(d, words) };
}

void cl_doc_chapter(struct cl_doc *d, const char *key, const char *title)
{
	if (grow(d, (void **)&d->chapter, d->chapters, &d->chapters_room, sizeof *d->chapter))
		d->chapter[d->chapters++] =
			(struct doc_chapter){ .key = keep_text(d, key), .title = keep_text(d, title) };
}

static void add_block(struct cl_doc *d, struct doc_block b)
{
	struct doc_chapter *c = d->chapters > 0 ? &d->chapter[d->chapters - 1] : NULL;

	if (c != NULL && grow(d, (void **)&c->block, c->blocks, &c->room, sizeof *c->block))
		c->block[c->blocks++] = b;
}

void cl_doc_say(struct cl_doc *d, const char *format, ...)
{
	char words[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	add_block(d, (struct doc_block){ .kind = DOC_WORDS, .words = keep_text(d, words) });
}

/* Tables ---------------------------------------------------------------------- */

/* Where a table goes when memory is short: cells are not kept there. */
static struct cl_doc_table *new_table(struct cl_doc *d, const char *key, const char *title)
{
	static struct cl_doc_table nowhere;
	struct cl_doc_table *t = keep(d, sizeof *t);

	if (t == NULL)
		return &nowhere;
	*t = (struct cl_doc_table){
		.doc = d, .key = keep_text(d, key), .title = keep_text(d, title), .ncols = 1
	};
	add_block(d, (struct doc_block){ .kind = DOC_TABLE, .table = t });
	return t;
}

struct cl_doc_table *cl_doc_table(struct cl_doc *d, const char *key, const char *title,
				  const struct cl_column *cols, size_t ncols, enum cl_doc_place place)
{
	struct cl_doc_table *t = new_table(d, key, title);

	if (t->doc != NULL) {
		t->cols = cols;
		t->ncols = ncols;
		t->place = place;
	}
	return t;
}

struct cl_doc_table *cl_doc_list(struct cl_doc *d, const char *key, const char *title)
{
	return new_table(d, key, title);
}

void cl_doc_table_empty(struct cl_doc_table *t, const char *words)
{
	if (t->doc != NULL)
		t->empty = keep_text(t->doc, words);
}

void cl_doc_table_sparse(struct cl_doc_table *t, uint32_t columns)
{
	if (t->doc != NULL)
		t->sparse = columns;
}

static void add_cell(struct cl_doc_table *t, struct cl_cell c)
{
	if (t->doc != NULL && grow(t->doc, (void **)&t->cell, t->cells, &t->room, sizeof *t->cell))
		t->cell[t->cells++] = c;
}

static void add_column_cell(struct cl_doc_table *t, struct cl_cell c)
{
	assert(t->doc == NULL || (t->cols != NULL && t->cols[t->cells % t->ncols].type == c.type));
	add_cell(t, c);
}

static struct cl_cell text_cell(struct cl_doc_table *t, const char *s)
{
	return (struct cl_cell){ CL_COL_TEXT,
				 s == NULL,
				 { .text = s != NULL && t->doc != NULL ? keep_text(t->doc, s) : NULL } };
}

static struct cl_cell count_cell(uint64_t n)
{
	return (struct cl_cell){ CL_COL_COUNT, false, { .count = n } };
}

static struct cl_cell ns_cell(enum cl_column_type type, int64_t ns)
{
	return (struct cl_cell){ type, false, { .ns = ns } };
}

static struct cl_cell real_cell(enum cl_column_type type, double v)
{
	return (struct cl_cell){ type, !isfinite(v), { .share = v } };
}

void cl_doc_text(struct cl_doc_table *t, const char *s)
{
	add_column_cell(t, text_cell(t, s));
}

void cl_doc_count(struct cl_doc_table *t, uint64_t n)
{
	add_column_cell(t, count_cell(n));
}

void cl_doc_duration(struct cl_doc_table *t, int64_t ns)
{
	add_column_cell(t, ns_cell(CL_COL_DURATION, ns));
}

void cl_doc_time(struct cl_doc_table *t, int64_t ns)
{
	add_column_cell(t, ns_cell(CL_COL_TIME, ns));
}

void cl_doc_share(struct cl_doc_table *t, double part)
{
	add_column_cell(t, real_cell(CL_COL_SHARE, part));
}

void cl_doc_number(struct cl_doc_table *t, double v)
{
	add_column_cell(t, real_cell(CL_COL_NUMBER, v));
}

void cl_doc_null(struct cl_doc_table *t)
{
	if (t->doc != NULL)
		add_cell(t, (struct cl_cell){ .type = t->cols[t->cells % t->ncols].type, .null = true });
}

static void add_item(struct cl_doc_table *t, const char *label, const char *key, struct cl_cell c)
{
	size_t room = t->labels_room;

	if (t->doc == NULL || !grow(t->doc, (void **)&t->label, t->cells, &room, sizeof *t->label) ||
	    !grow(t->doc, (void **)&t->item, t->cells, &t->labels_room, sizeof *t->item))
		return;
	t->label[t->cells] = keep_text(t->doc, label);
	t->item[t->cells] = keep_text(t->doc, key);
	add_cell(t, c);
}

void cl_doc_item_text(struct cl_doc_table *t, const char *label, const char *key, const char *s)
{
	add_item(t, label, key, text_cell(t, s));
}

void cl_doc_item_count(struct cl_doc_table *t, const char *label, const char *key, uint64_t n)
{
	add_item(t, label, key, count_cell(n));
}

void cl_doc_item_time(struct cl_doc_table *t, const char *label, const char *key, int64_t ns)
{
	add_item(t, label, key, ns_cell(CL_COL_TIME, ns));
}

void cl_doc_item_share(struct cl_doc_table *t, const char *label, const char *key, double part)
{
	add_item(t, label, key, real_cell(CL_COL_SHARE, part));
}

size_t cl_doc_rows(const struct cl_doc_table *t)
{
	return t->ncols > 0 ? t->cells / t->ncols : 0;
}

static bool is_nothing(const struct cl_cell *c)
{
	if (c->null)
		return true;
	return c->type == CL_COL_TEXT ? c->v.text[0] == '\0' : c->type == CL_COL_COUNT && c->v.count == 0;
}

uint32_t cl_doc_visible(const struct cl_doc_table *t)
{
	uint32_t seen = ~t->sparse;

	for (size_t i = 0; i < t->cells; i++)
		if (!is_nothing(&t->cell[i]))
			seen |= UINT32_C(1) << i % t->ncols;
	return seen;
}

/* Plots ----------------------------------------------------------------------- */

static bool takes_part(const struct cl_doc_table *t, const struct cl_doc_plot_of *of, size_t row)
{
	const struct cl_cell *c = &t->cell[row * t->ncols];

	if (c[of->x].null)
		return false;
	if (of->where_count > 0 && c[of->where_count].v.count != of->count)
		return false;
	return of->where < 0 || (!c[of->where].null && strcmp(c[of->where].v.text, of->is) == 0);
}

struct cl_doc_plot *cl_doc_plot(struct cl_doc *d, const struct cl_doc_table *t,
				const struct cl_doc_plot_of *of)
{
	size_t rows = 0;

	for (size_t i = 0; t->doc != NULL && i < cl_doc_rows(t); i++)
		rows += takes_part(t, of, i);
	if (rows == 0)
		return NULL;
	struct cl_doc_plot *p = keep(d, sizeof *p);
	if (p == NULL)
		return NULL;
	*p = (struct cl_doc_plot){ .doc = d, .table = t, .of = *of };
	p->of.title = keep_text(d, of->title);
	p->of.of = of->of != NULL ? keep_text(d, of->of) : NULL;
	p->of.is = of->is != NULL ? keep_text(d, of->is) : NULL;
	add_block(d, (struct doc_block){ .kind = DOC_PLOT, .plot = p });
	return p;
}

void cl_doc_panel(struct cl_doc_plot *p, const char *label, enum cl_unit unit, bool log)
{
	if (p == NULL || p->panels == CL_PLOT_PANELS)
		return;
	p->panel[p->panels] = (struct cl_plot_panel){ label, unit, log, p->series[p->panels], 0 };
	p->panels++;
}

void cl_doc_series(struct cl_doc_plot *p, const char *label, enum cl_shape shape, unsigned column,
		   enum cl_fold fold)
{
	if (p == NULL || p->panels == 0 || p->columns == CL_PLOT_COLUMNS)
		return;
	struct cl_plot_panel *panel = &p->panel[p->panels - 1];
	if (panel->count == DOC_SERIES_MAX)
		return;
	p->series[p->panels - 1][panel->count++] =
		(struct cl_plot_series){ keep_text(p->doc, label), shape, (unsigned)p->columns, 0 };
	p->fold[p->columns] = fold;
	p->column[p->columns++] = column;
}

static double value_of(const struct cl_cell *c)
{
	if (c->null)
		return NAN;
	switch (c->type) {
	case CL_COL_COUNT:
		return (double)c->v.count;
	case CL_COL_DURATION:
	case CL_COL_TIME:
		return (double)c->v.ns / 1e9;
	case CL_COL_SHARE:
	case CL_COL_NUMBER:
		return c->v.share;
	case CL_COL_TEXT:
		break;
	}
	return NAN;
}

bool cl_doc_draw(const struct cl_doc_plot *p, struct doc_drawn *d)
{
	const struct cl_doc_table *t = p->table;
	bool named = t->cols[p->of.x].type == CL_COL_TEXT, any = false;

	memset(&d->points, 0, sizeof d->points);
	d->points.columns = p->columns;
	memcpy(d->points.fold, p->fold, sizeof d->points.fold);
	for (size_t i = 0; i < cl_doc_rows(t); i++) {
		const struct cl_cell *c = &t->cell[i * t->ncols];
		double value[CL_PLOT_COLUMNS], x = named ? (double)d->points.n : value_of(&c[p->of.x]);

		if (!takes_part(t, &p->of, i))
			continue;
		if (named && (d->points.n == CL_PLOT_POINTS || (p->of.most > 0 && d->points.n == p->of.most)))
			break;
		for (size_t k = 0; k < p->columns; k++) {
			value[k] = value_of(&c[p->column[k]]);
			any |= isfinite(value[k]) && value[k] != 0;
		}
		if (named)
			d->names[d->points.n] = c[p->of.x].v.text;
		cl_points_add(&d->points, named ? x : x - p->of.before_s, named ? x + 1 : x + p->of.after_s,
			      value);
	}
	d->plot = (struct cl_plot){ .title = p->of.title,
				    .of = p->of.of,
				    .x_label = p->of.x_label != NULL ? p->of.x_label : "",
				    .x_unit = named ? CL_UNIT_NUMBER : CL_UNIT_TIME,
				    .names = named ? d->names : NULL,
				    .points = &d->points,
				    .panels = p->panel,
				    .panel_count = p->panels,
				    .shades = named ? NULL : p->doc->shade,
				    .shade_count = named ? 0 : p->doc->shades };
	return any && (!named || d->points.n > 1); /* one bar alone says nothing */
}

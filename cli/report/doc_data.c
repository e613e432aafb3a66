/* SPDX-License-Identifier: BSD-2-Clause */
/* A report for programs: JSON, and CSV with a line for each value. */
#include "cli/report/doc_state.h"

static void put_member(struct cl_json *j, const char *key, const struct cl_cell *c)
{
	if (c->null) {
		cl_json_null(j, key);
		return;
	}
	switch (c->type) {
	case CL_COL_TEXT:
		cl_json_str(j, key, c->v.text);
		break;
	case CL_COL_COUNT:
		cl_json_u64(j, key, c->v.count);
		break;
	case CL_COL_DURATION:
		cl_json_seconds(j, key, c->v.ns);
		break;
	case CL_COL_TIME:
		cl_json_time(j, key, c->v.ns);
		break;
	case CL_COL_SHARE:
	case CL_COL_NUMBER:
		cl_json_double(j, key, c->v.share);
		break;
	}
}

static void json_table(struct cl_json *j, const struct cl_doc_table *t)
{
	if (t->cols == NULL) {
		cl_json_object(j, t->key);
		for (size_t i = 0; i < t->cells; i++)
			put_member(j, t->item[i], &t->cell[i]);
		cl_json_end(j);
		return;
	}
	cl_json_rows(j, t->key);
	for (size_t i = 0; i < t->cells; i++) {
		if (i % t->ncols == 0)
			cl_json_object(j, NULL);
		put_member(j, t->cols[i % t->ncols].key, &t->cell[i]);
		if (i % t->ncols == t->ncols - 1)
			cl_json_end(j);
	}
	cl_json_end(j);
}

void cl_doc_write_json(const struct cl_doc *d, struct cl_json *j)
{
	for (size_t i = 0; i < d->chapters; i++) {
		const struct doc_chapter *c = &d->chapter[i];

		cl_json_object(j, c->key);
		for (size_t k = 0; k < c->blocks; k++)
			if (c->block[k].kind == DOC_TABLE)
				json_table(j, c->block[k].table);
		cl_json_end(j);
	}
}

/* CSV ------------------------------------------------------------------------- */

/* chapter,table,row,key,value: rows count from 1; a list has one. */
static void csv_value(FILE *out, const struct doc_chapter *c, const struct cl_doc_table *t, size_t i)
{
	const struct cl_cell key = { CL_COL_TEXT,
				     false,
				     { .text = t->cols != NULL ? t->cols[i % t->ncols].key : t->item[i] } };

	fprintf(out, "%s,%s,%zu,", c->key, t->key, t->cols != NULL ? i / t->ncols + 1 : 1);
	cl_csv_cell(out, &key, true);
	cl_csv_cell(out, &t->cell[i], false);
	putc('\n', out);
}

bool cl_doc_write_csv(const struct cl_doc *d, FILE *out)
{
	fputs("chapter,table,row,key,value\n", out);
	for (size_t i = 0; i < d->chapters; i++) {
		const struct doc_chapter *c = &d->chapter[i];

		for (size_t k = 0; k < c->blocks; k++)
			for (size_t n = 0; c->block[k].kind == DOC_TABLE && n < c->block[k].table->cells; n++)
				csv_value(out, c, c->block[k].table, n);
	}
	return true;
}

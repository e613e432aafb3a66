/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CL_CLI_REPORT_DOC_STATE_H
#define CL_CLI_REPORT_DOC_STATE_H

/* What a document is made of, for doc.c and its writers alone. */
#include "cli/report/doc.h"

struct cl_doc_table {
	struct cl_doc *doc;
	const char *key, *title, *empty;
	const struct cl_column *cols; /* NULL: a list */
	size_t ncols;		      /* of a list 1 */
	enum cl_doc_place place;
	uint32_t sparse;
	struct cl_cell *cell;	    /* row by row */
	const char **label, **item; /* of a list, one a row */
	size_t cells, room, labels_room;
};

#define DOC_SERIES_MAX 6u

struct cl_doc_plot {
	struct cl_doc *doc;
	const struct cl_doc_table *table;
	struct cl_doc_plot_of of;
	struct cl_plot_panel panel[CL_PLOT_PANELS];
	struct cl_plot_series series[CL_PLOT_PANELS][DOC_SERIES_MAX];
	size_t panels, columns;
	unsigned column[CL_PLOT_COLUMNS]; /* of the table, by the plot's column */
	enum cl_fold fold[CL_PLOT_COLUMNS];
};

enum doc_block_kind { DOC_WORDS, DOC_TABLE, DOC_PLOT };

struct doc_block {
	enum doc_block_kind kind;
	union {
		const char *words;
		struct cl_doc_table *table;
		struct cl_doc_plot *plot;
	};
};

struct doc_chapter {
	const char *key, *title;
	struct doc_block *block;
	size_t blocks, room;
};

struct doc_kept {
	struct doc_kept *next;
	max_align_t at[];
};

struct cl_doc {
	const char *title, *below;
	struct doc_chapter *chapter;
	size_t chapters, chapters_room;
	struct cl_plot_shade *shade;
	size_t shades, shades_room;
	struct doc_kept *kept;
	bool failed;
};

/* A plot ready to be drawn. */
struct doc_drawn {
	struct cl_plot plot;
	struct cl_points points;
	const char *names[CL_PLOT_POINTS];
};

/* False: there is nothing to see in it. */
bool cl_doc_draw(const struct cl_doc_plot *p, struct doc_drawn *d);

/* Columns that people see: bits. */
uint32_t cl_doc_visible(const struct cl_doc_table *t);

#endif

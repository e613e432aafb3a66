/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/write/cell.h"
#include "cli/write/text.h"
#include "cli/write/timefmt.h"
#include "cli/write/writer_state.h"

static bool wants_bold(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(out);

	if (no_color != NULL && no_color[0] != '\0')
		return false;
	return term != NULL && strcmp(term, "dumb") != 0 && fd >= 0 && isatty(fd);
}

struct cl_tables *cl_tables_new(FILE *out, enum cl_format format)
{
	struct cl_tables *t = calloc(1, sizeof(*t));
	int saved = errno;

	if (t == NULL)
		return NULL;
	t->out = out;
	t->format = format;
	t->bold = wants_bold(out);
	errno = saved;
	return t;
}

/* Makes room for one more cell and `len` more octets of text. */
static bool reserve(struct cl_tables *t, size_t len)
{
	if (t->nshown == t->room) {
		size_t room = t->room > 0 ? t->room * 2 : 64;
		struct shown *p = realloc(t->shown, room * sizeof(*p));

		if (p == NULL)
			return false;
		t->shown = p;
		t->room = room;
	}
	if (len > t->size - t->used) {
		size_t size = t->size * 2 + len;
		char *p = realloc(t->texts, size);

		if (p == NULL)
			return false;
		t->texts = p;
		t->size = size;
	}
	return true;
}

/* Keeps a text as the row's next cell. */
static void keep(struct cl_tables *t, const char *s, bool right)
{
	size_t len = strlen(s);
	struct shown *c;

	if (t->error != 0)
		return;
	if (!reserve(t, CL_TEXT_GROWTH * len + 1)) {
		cl_tables_check(t, false);
		return;
	}
	c = &t->shown[t->nshown++];
	c->at = t->used;
	c->right = right;
	c->len = cl_text_escape(t->texts + t->used, s, len, &c->columns);
	t->used += c->len;
	if (!t->measured && (t->cols != NULL || right || t->col == 0) && c->columns > t->widths[t->col])
		t->widths[t->col] = c->columns;
}

/* A count with a comma between thousands. */
static void format_count(char out[CL_TIME_STRLEN], uint64_t n)
{
	char digits[CL_TIME_STRLEN];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		*out++ = digits[i];
		if (i + 1 < len && (len - 1 - i) % 3 == 0)
			*out++ = ',';
	}
	*out = '\0';
}

/* For three digits or more, and four behind the point at most. */
static int decimals_of(double v)
{
	return v >= 100 ? 0 : v >= 10 ? 1 : v >= 1 ? 2 : 4;
}

static void format_number(char out[CL_TIME_STRLEN], double v)
{
	double size = fabs(v);

	if (size > 0 && size < 0.00005) { /* not nothing */
		strcpy(out, v > 0 ? "<0.0001" : ">-0.0001");
		return;
	}
	if (size < 999.5 || size >= 1e15) {
		snprintf(out, CL_TIME_STRLEN, "%.*f", decimals_of(size), v);
		return;
	}
	if (v < 0)
		*out++ = '-';
	format_count(out, (uint64_t)(size + 0.5));
}

static bool is_nothing(const struct cl_cell *c)
{
	if (c->null)
		return true;
	return c->type == CL_COL_TEXT ? c->v.text[0] == '\0' : c->type == CL_COL_COUNT && c->v.count == 0;
}

void cl_cell_show(const struct cl_cell *c, char text[CL_TIME_STRLEN])
{
	strcpy(text, "-");
	if (c->null)
		return;
	switch (c->type) {
	case CL_COL_TEXT:
		break;
	case CL_COL_COUNT:
		format_count(text, c->v.count);
		break;
	case CL_COL_DURATION:
		cl_duration_format(text, c->v.ns);
		break;
	case CL_COL_TIME:
		cl_time_format(text, c->v.ns, -1);
		break;
	case CL_COL_SHARE:
		snprintf(text, CL_TIME_STRLEN, "%.2f%%", c->v.share * 100);
		break;
	case CL_COL_NUMBER:
		format_number(text, c->v.share);
		break;
	}
}

static void keep_cell(struct cl_tables *t, const struct cl_cell *c)
{
	bool right = c->type != CL_COL_TEXT && c->type != CL_COL_TIME;
	char text[CL_TIME_STRLEN];

	t->filled |= (uint32_t)!is_nothing(c) << t->col;
	if (!c->null && c->type == CL_COL_TEXT) {
		keep(t, c->v.text, right);
		return;
	}
	cl_cell_show(c, text);
	keep(t, text, right);
}

static void begin(struct cl_tables *t, const char *title, const struct cl_column *cols, size_t ncols)
{
	assert(t->ncols == 0 && ncols > 0 && ncols <= CL_COLUMNS_MAX);
	if (t->format == CL_FORMAT_CSV && t->started)
		cl_tables_put(t, "\n");
	if (t->format == CL_FORMAT_CSV)
		t->started = true;
	t->silent = false;
	t->title = title != NULL ? t->title_text : NULL; /* a caller may make it on the spot */
	snprintf(t->title_text, sizeof t->title_text, "%s", title != NULL ? title : "");
	t->empty = "(none)";
	t->narrow = false;
	t->sparse = t->filled = t->left_out = 0;
	t->cols = cols;
	t->ncols = ncols;
	t->col = 0;
	t->measured = false;
	memset(t->widths, 0, sizeof(t->widths));
}

void cl_table_empty(struct cl_tables *t, const char *words)
{
	assert(t->ncols > 0);
	t->empty = words;
	t->silent = true;
}

void cl_table_sparse(struct cl_tables *t, uint32_t columns)
{
	assert(t->cols != NULL);
	t->sparse = columns;
}

void cl_table_begin(struct cl_tables *t, const char *title, const struct cl_column *cols, size_t ncols)
{
	begin(t, title, cols, ncols);
	if (t->format == CL_FORMAT_CSV && t->error == 0)
		cl_tables_check(t, cl_csv_heading(t->out, cols, ncols));
}

static void add_cell(struct cl_tables *t, const struct cl_cell *c)
{
	assert(t->col < t->ncols);
	if (t->error == 0) {
		if (t->format == CL_FORMAT_CSV)
			cl_tables_check(t, cl_csv_cell(t->out, c, t->col == 0));
		else
			keep_cell(t, c);
	}
	t->col++;
}

static void add_typed(struct cl_tables *t, const struct cl_cell *c)
{
	assert(t->cols != NULL && t->col < t->ncols && t->cols[t->col].type == c->type);
	add_cell(t, c);
}

static struct cl_cell text_cell(const char *s)
{
	return (struct cl_cell){ CL_COL_TEXT, s == NULL, { .text = s } };
}

static struct cl_cell count_cell(uint64_t n)
{
	return (struct cl_cell){ CL_COL_COUNT, false, { .count = n } };
}

static struct cl_cell time_cell(enum cl_column_type type, int64_t ns)
{
	return (struct cl_cell){ type, false, { .ns = ns } };
}

static struct cl_cell share_cell(double part)
{
	return (struct cl_cell){ CL_COL_SHARE, !isfinite(part), { .share = part } };
}

void cl_cell_text(struct cl_tables *t, const char *s)
{
	struct cl_cell c = text_cell(s);

	add_typed(t, &c);
}

void cl_cell_count(struct cl_tables *t, uint64_t n)
{
	struct cl_cell c = count_cell(n);

	add_typed(t, &c);
}

void cl_cell_duration(struct cl_tables *t, int64_t ns)
{
	struct cl_cell c = time_cell(CL_COL_DURATION, ns);

	add_typed(t, &c);
}

void cl_cell_time(struct cl_tables *t, int64_t ns)
{
	struct cl_cell c = time_cell(CL_COL_TIME, ns);

	add_typed(t, &c);
}

void cl_cell_share(struct cl_tables *t, double part)
{
	struct cl_cell c = share_cell(part);

	add_typed(t, &c);
}

void cl_cell_number(struct cl_tables *t, double v)
{
	struct cl_cell c = { CL_COL_NUMBER, !isfinite(v), { .share = v } };

	add_typed(t, &c);
}

void cl_cell_null(struct cl_tables *t)
{
	struct cl_cell c = { .null = true };

	assert(t->cols != NULL && t->col < t->ncols);
	c.type = t->cols[t->col].type;
	add_cell(t, &c);
}

void cl_table_row_end(struct cl_tables *t)
{
	while (t->col < t->ncols)
		cl_cell_null(t);
	t->col = 0;
	if (t->format == CL_FORMAT_CSV)
		cl_tables_put(t, "\n");
	else if (t->measured || t->nshown >= CL_TABLE_MEASURED * t->ncols)
		cl_tables_put_rows(t);
}

void cl_table_end(struct cl_tables *t)
{
	assert(t->ncols > 0 && t->col == 0);
	if (t->format == CL_FORMAT_TABLE) {
		if (t->nshown > 0)
			cl_tables_put_rows(t);
		if (t->measured) {
			t->silent = false;
		} else if (t->empty != NULL) {
			cl_tables_put_title(t);
			cl_tables_put_words(t, t->empty);
		}
	}
	t->nshown = 0;
	t->used = 0;
	t->ncols = 0;
}

void cl_list_begin(struct cl_tables *t, const char *title)
{
	static const struct cl_column cols[2] = { { "", "key", CL_COL_TEXT }, { "", "value", CL_COL_TEXT } };

	begin(t, title, NULL, 2);
	if (t->format == CL_FORMAT_CSV && t->error == 0)
		cl_tables_check(t, cl_csv_heading(t->out, cols, 2));
}

static void add_item(struct cl_tables *t, const char *label, const char *key, struct cl_cell value)
{
	struct cl_cell name = text_cell(t->format == CL_FORMAT_CSV ? key : label);

	assert(t->cols == NULL);
	add_cell(t, &name);
	add_cell(t, &value);
	t->col = 0;
	if (t->format == CL_FORMAT_CSV)
		cl_tables_put(t, "\n");
}

void cl_list_text(struct cl_tables *t, const char *label, const char *key, const char *s)
{
	add_item(t, label, key, text_cell(s));
}

void cl_list_count(struct cl_tables *t, const char *label, const char *key, uint64_t n)
{
	add_item(t, label, key, count_cell(n));
}

void cl_list_duration(struct cl_tables *t, const char *label, const char *key, int64_t ns)
{
	add_item(t, label, key, time_cell(CL_COL_DURATION, ns));
}

void cl_list_time(struct cl_tables *t, const char *label, const char *key, int64_t ns)
{
	add_item(t, label, key, time_cell(CL_COL_TIME, ns));
}

void cl_list_share(struct cl_tables *t, const char *label, const char *key, double part)
{
	add_item(t, label, key, share_cell(part));
}

void cl_list_null(struct cl_tables *t, const char *label, const char *key)
{
	add_item(t, label, key, (struct cl_cell){ .type = CL_COL_COUNT, .null = true });
}

void cl_list_end(struct cl_tables *t)
{
	cl_table_end(t);
}

void cl_tables_note(struct cl_tables *t, const char *text)
{
	assert(t->ncols == 0);
	if (t->format != CL_FORMAT_TABLE || t->silent)
		return;
	t->started = true;
	cl_tables_put_words(t, text);
}

void cl_tables_say(struct cl_tables *t, const char *text)
{
	assert(t->ncols == 0);
	if (t->format != CL_FORMAT_TABLE)
		return;
	if (t->started)
		cl_tables_put(t, "\n");
	t->silent = false;
	cl_tables_note(t, text);
}

void cl_tables_drop(struct cl_tables *t)
{
	free(t->shown);
	free(t->texts);
	free(t);
}

int cl_tables_close(struct cl_tables *t)
{
	int error;

	assert(t->ncols == 0);
	if (t->error == 0)
		cl_tables_check(t, fflush(t->out) == 0);
	error = t->error;
	cl_tables_drop(t);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

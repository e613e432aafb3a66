/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cell.h"
#include "cli/text.h"
#include "cli/timefmt.h"
#include "cli/writer.h"

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
	bool split;	   /* headings take two lines */
	bool narrow;	   /* cells of text take several lines */
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

static void check(struct cl_tables *t, bool ok)
{
	if (!ok && t->error == 0)
		t->error = errno != 0 ? errno : EIO;
}

static void put(struct cl_tables *t, const char *s, size_t len)
{
	if (t->error == 0)
		check(t, fwrite(s, 1, len, t->out) == len);
}

static void put_str(struct cl_tables *t, const char *s)
{
	put(t, s, strlen(s));
}

static void put_spaces(struct cl_tables *t, size_t n)
{
	static const char spaces[] = "                                ";

	for (; n >= sizeof(spaces); n -= sizeof(spaces) - 1)
		put(t, spaces, sizeof(spaces) - 1);
	put(t, spaces, n);
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
		check(t, false);
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

static bool is_nothing(const struct cl_cell *c)
{
	if (c->null)
		return true;
	return c->type == CL_COL_TEXT ? c->v.text[0] == '\0' : c->type == CL_COL_COUNT && c->v.count == 0;
}

static void keep_cell(struct cl_tables *t, const struct cl_cell *c)
{
	bool right = c->type != CL_COL_TEXT && c->type != CL_COL_TIME;
	char text[CL_TIME_STRLEN] = "-";

	t->filled |= (uint32_t)!is_nothing(c) << t->col;
	if (!c->null) {
		switch (c->type) {
		case CL_COL_TEXT:
			keep(t, c->v.text, right);
			return;
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
			snprintf(text, sizeof(text), "%.2f%%", c->v.share * 100);
			break;
		case CL_COL_NUMBER:
			snprintf(text, sizeof(text), "%.*f", decimals_of(fabs(c->v.share)), c->v.share);
			break;
		}
	}
	keep(t, text, right);
}

/* Where a heading breaks into two lines with the shorter longest one; its length if it has no space. */
static size_t break_of(const char *title)
{
	size_t len = strlen(title), best = len, longest = len;

	for (size_t i = 0; i < len; i++) {
		size_t longer = i > len - i - 1 ? i : len - i - 1;

		if (title[i] == ' ' && longer < longest) {
			best = i;
			longest = longer;
		}
	}
	return best;
}

static size_t heading_width(const char *title, bool split)
{
	size_t len = strlen(title), first = split ? break_of(title) : len;
	size_t rest = first < len ? len - first - 1 : 0;

	return first > rest ? first : rest;
}

static void leave_out(struct cl_tables *t)
{
	t->left_out = t->sparse & ~t->filled;
}

static bool is_left_out(const struct cl_tables *t, size_t column)
{
	return t->left_out >> column & 1;
}

static size_t total_width(const struct cl_tables *t)
{
	size_t total = 0, shown = 0;

	for (size_t i = 0; i < t->ncols; i++)
		if (!is_left_out(t, i)) {
			total += t->widths[i];
			shown++;
		}
	return total + t->gap * (shown > 0 ? shown - 1 : 0);
}

/* Narrows the widest columns of text by turns until the line fits. False: it does not. */
static bool narrow_columns(struct cl_tables *t)
{
	for (size_t total = total_width(t); total > LINE_WIDTH; total--) {
		size_t widest = t->ncols;

		for (size_t i = 0; i < t->ncols; i++) {
			size_t least = heading_width(t->cols[i].title, t->split);

			if (t->cols[i].type != CL_COL_TEXT || is_left_out(t, i) ||
			    t->widths[i] <= NARROWEST || t->widths[i] <= least)
				continue;
			if (widest == t->ncols || t->widths[i] > t->widths[widest])
				widest = i;
		}
		if (widest == t->ncols)
			return false;
		t->widths[widest]--;
		t->narrow = true;
	}
	return true;
}

/* Widens the columns to their headings; where the line would be too long headings break, the gap shrinks, and
 * cells of text break. */
static void fix_widths(struct cl_tables *t)
{
	size_t cells[CL_COLUMNS_MAX], total, unbroken = 0;

	leave_out(t);
	memcpy(cells, t->widths, sizeof(cells));
	t->gap = GAP;
	for (t->split = false;; t->split = true) {
		for (size_t i = 0; i < t->ncols; i++) {
			size_t w = t->cols != NULL ? heading_width(t->cols[i].title, t->split) : 0;

			t->widths[i] = w > cells[i] ? w : cells[i];
		}
		total = total_width(t);
		if (total <= LINE_WIDTH || t->split)
			break;
		unbroken = total;
	}
	if (total == unbroken) /* it made no column narrower */
		t->split = false;
	if (total <= LINE_WIDTH || t->cols == NULL)
		return;
	t->gap = 1;
	if (total_width(t) <= LINE_WIDTH)
		return;
	t->gap = GAP;
	if (!narrow_columns(t)) {
		t->gap = 1;
		narrow_columns(t);
	}
}

/* Writes a text in its column; `*pad` are the spaces owed since the last one, so that no line ends in any. */
static void put_aligned(struct cl_tables *t, const char *s, size_t len, size_t columns, size_t width,
			bool right, size_t *pad)
{
	size_t fill = width > columns ? width - columns : 0;

	if (len > 0) {
		put_spaces(t, *pad + (right ? fill : 0));
		put(t, s, len);
		*pad = right ? 0 : fill;
	} else {
		*pad += width;
	}
	*pad += t->gap;
}

/* One line of headings: the parts before the break, or those after it. Headings stand on the lower line. */
static void put_heading_line(struct cl_tables *t, bool upper)
{
	size_t pad = 0;

	if (t->bold)
		put_str(t, "\033[1m");
	for (size_t i = 0; i < t->ncols; i++) {
		const struct cl_column *c = &t->cols[i];
		size_t len = strlen(c->title), first = t->split ? break_of(c->title) : len;
		size_t from = upper || first == len ? 0 : first + 1;
		size_t to = upper ? (first == len ? 0 : first) : len;

		if (!is_left_out(t, i))
			put_aligned(t, c->title + from, to - from, to - from, t->widths[i],
				    c->type != CL_COL_TEXT && c->type != CL_COL_TIME, &pad);
	}
	put_str(t, t->bold ? "\033[0m\n" : "\n");
}

/* How much of a text stands on a line of `width` columns: up to a mark between its parts, if it has one. */
static size_t line_of(const char *s, size_t len, size_t width)
{
	if (len <= width)
		return len;
	for (size_t n = width; n > 1; n--)
		if (strchr(" :./,;-", s[n - 1]) != NULL)
			return n;
	return width;
}

/* The next line of a row, `from` each cell's octets that stand above; whether more of it is left. */
static bool put_row_line(struct cl_tables *t, const struct shown *row, size_t from[CL_COLUMNS_MAX])
{
	bool more = false;
	size_t pad = 0;

	for (size_t k = 0; k < t->ncols; k++) {
		const struct shown *c = &row[k];
		const size_t left = c->len - from[k], indent = from[k] > 0;
		size_t take = left, columns = c->columns;

		if (is_left_out(t, k))
			continue;
		/* Only of ASCII is it known where a part ends. */
		if (t->narrow && t->cols[k].type == CL_COL_TEXT && c->len == c->columns) {
			take = line_of(t->texts + c->at + from[k], left, t->widths[k] - indent);
			columns = take;
		}
		pad += left > 0 ? indent : 0;
		put_aligned(t, t->texts + c->at + from[k], take, columns,
			    t->widths[k] - (left > 0 ? indent : 0), c->right, &pad);
		from[k] += take;
		more |= take < left;
	}
	put_str(t, "\n");
	return more;
}

static void put_title(struct cl_tables *t)
{
	if (t->format == CL_FORMAT_CSV)
		return;
	if (t->started)
		put_str(t, "\n");
	t->started = true;
	if (t->title != NULL) {
		put_str(t, t->title);
		put_str(t, "\n");
	}
}

/* Writes the rows that wait, the first time after fixing the widths and with the headings before them. */
static void flush_rows(struct cl_tables *t)
{
	if (!t->measured) {
		t->measured = true;
		fix_widths(t);
		put_title(t);
		if (t->cols != NULL) {
			if (t->split)
				put_heading_line(t, true);
			put_heading_line(t, false);
		}
	}
	for (size_t i = 0; i + t->ncols <= t->nshown; i += t->ncols) {
		size_t from[CL_COLUMNS_MAX] = { 0 };

		while (put_row_line(t, &t->shown[i], from))
			;
	}
	t->nshown = 0;
	t->used = 0;
}

static void begin(struct cl_tables *t, const char *title, const struct cl_column *cols, size_t ncols)
{
	assert(t->ncols == 0 && ncols > 0 && ncols <= CL_COLUMNS_MAX);
	if (t->format == CL_FORMAT_CSV && t->started)
		put_str(t, "\n");
	if (t->format == CL_FORMAT_CSV)
		t->started = true;
	t->silent = false;
	t->title = title;
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
		check(t, cl_csv_heading(t->out, cols, ncols));
}

static void add_cell(struct cl_tables *t, const struct cl_cell *c)
{
	assert(t->col < t->ncols);
	if (t->error == 0) {
		if (t->format == CL_FORMAT_CSV)
			check(t, cl_csv_cell(t->out, c, t->col == 0));
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
		put_str(t, "\n");
	else if (t->measured || t->nshown >= CL_TABLE_MEASURED * t->ncols)
		flush_rows(t);
}

void cl_table_end(struct cl_tables *t)
{
	assert(t->ncols > 0 && t->col == 0);
	if (t->format == CL_FORMAT_TABLE) {
		if (t->nshown > 0)
			flush_rows(t);
		if (t->measured) {
			t->silent = false;
		} else if (t->empty != NULL) {
			put_title(t);
			put_words(t, t->empty);
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
		check(t, cl_csv_heading(t->out, cols, 2));
}

static void add_item(struct cl_tables *t, const char *label, const char *key, struct cl_cell value)
{
	struct cl_cell name = text_cell(t->format == CL_FORMAT_CSV ? key : label);

	assert(t->cols == NULL);
	add_cell(t, &name);
	add_cell(t, &value);
	t->col = 0;
	if (t->format == CL_FORMAT_CSV)
		put_str(t, "\n");
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

/* Words in lines, as many to a line as it holds. */
static void put_words(struct cl_tables *t, const char *text)
{
	for (size_t len = strlen(text); len > LINE_WIDTH; len = strlen(text)) {
		size_t n = LINE_WIDTH;

		while (n > 0 && text[n] != ' ')
			n--;
		if (n == 0)
			break;
		put(t, text, n);
		put_str(t, "\n");
		text += n + 1;
	}
	put_str(t, text);
	put_str(t, "\n");
}

void cl_tables_note(struct cl_tables *t, const char *text)
{
	assert(t->ncols == 0);
	if (t->format != CL_FORMAT_TABLE || t->silent)
		return;
	t->started = true;
	put_words(t, text);
}

void cl_tables_say(struct cl_tables *t, const char *text)
{
	assert(t->ncols == 0);
	if (t->format != CL_FORMAT_TABLE)
		return;
	if (t->started)
		put_str(t, "\n");
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
		check(t, fflush(t->out) == 0);
	error = t->error;
	cl_tables_drop(t);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

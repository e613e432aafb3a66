/* SPDX-License-Identifier: BSD-2-Clause */
/* How tables for people are laid out: widths, headings, rows. */
#include <errno.h>
#include <string.h>

#include "cli/write/writer_state.h"

void cl_tables_check(struct cl_tables *t, bool ok)
{
	if (!ok && t->error == 0)
		t->error = errno != 0 ? errno : EIO;
}

static void put(struct cl_tables *t, const char *s, size_t len)
{
	if (t->error == 0)
		cl_tables_check(t, fwrite(s, 1, len, t->out) == len);
}

void cl_tables_put(struct cl_tables *t, const char *s)
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

void cl_tables_put_words(struct cl_tables *t, const char *text)
{
	for (size_t len = strlen(text); len > LINE_WIDTH; len = strlen(text)) {
		size_t n = LINE_WIDTH;

		while (n > 0 && text[n] != ' ')
			n--;
		if (n == 0)
			break;
		put(t, text, n);
		cl_tables_put(t, "\n");
		text += n + 1;
	}
	cl_tables_put(t, text);
	cl_tables_put(t, "\n");
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
		cl_tables_put(t, "\033[1m");
	for (size_t i = 0; i < t->ncols; i++) {
		const struct cl_column *c = &t->cols[i];
		size_t len = strlen(c->title), first = t->split ? break_of(c->title) : len;
		size_t from = upper || first == len ? 0 : first + 1;
		size_t to = upper ? (first == len ? 0 : first) : len;

		if (!is_left_out(t, i))
			put_aligned(t, c->title + from, to - from, to - from, t->widths[i],
				    c->type != CL_COL_TEXT && c->type != CL_COL_TIME, &pad);
	}
	cl_tables_put(t, t->bold ? "\033[0m\n" : "\n");
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
	cl_tables_put(t, "\n");
	return more;
}

void cl_tables_put_title(struct cl_tables *t)
{
	if (t->format == CL_FORMAT_CSV)
		return;
	if (t->started)
		cl_tables_put(t, "\n");
	t->started = true;
	if (t->title != NULL)
		cl_tables_put_words(t, t->title);
}

void cl_tables_put_rows(struct cl_tables *t)
{
	if (!t->measured) {
		t->measured = true;
		fix_widths(t);
		cl_tables_put_title(t);
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

/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/view/mode6_view.h"

#define COLUMNS(c) c, sizeof c / sizeof *c
#define NAME_WIDTH 22 /* columns of a variable's name, for people */

static void cells_count(struct cl_tables *t, const struct cl_mode6_count *n)
{
	cl_cell_count(t, n->requests);
	cl_cell_count(t, n->octets);
	cl_cell_count(t, n->responses);
	cl_cell_count(t, n->answered_octets);
	cl_cell_number(t, cl_mode6_amplification(n));
}

static bool csv(const struct cl_session *s)
{
	return s->options->format == CL_FORMAT_CSV;
}

static void table_totals(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Messages", "messages", CL_COL_TEXT },       { "Requests", "requests", CL_COL_COUNT },
		{ "Octets", "octets", CL_COL_COUNT },	       { "Responses", "responses", CL_COL_COUNT },
		{ "Octets", "answered_octets", CL_COL_COUNT }, { "Factor", "amplification", CL_COL_NUMBER },
		{ "Errors", "errors", CL_COL_COUNT },	       { "Sources", "sources", CL_COL_COUNT },
	};
	const struct cl_mode6_totals *all = cl_mode6_totals(s->kept);
	const struct cl_mode6_strangers strangers = cl_mode6_strangers(s);

	cl_table_begin(t, "Control messages", COLUMNS(columns));
	cl_cell_text(t, "mode 6");
	cells_count(t, &all->mode6);
	cl_cell_count(t, all->mode6.errors);
	cl_table_row_end(t);
	cl_cell_text(t, "mode 7");
	cells_count(t, &all->mode7);
	cl_cell_count(t, all->mode7.errors);
	cl_table_row_end(t);
	cl_cell_text(t, "of strangers");
	cells_count(t, &strangers.n);
	cl_cell_count(t, strangers.n.errors);
	cl_cell_count(t, strangers.sources);
	cl_table_row_end(t);
	cl_table_end(t);
	cl_tables_note(t,
		       "Octets of UDP payloads; Factor: answered for each asked. Strangers: neither --server "
		       "nor labelled.");
}

static void table_sources(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Source", "source", CL_COL_TEXT },	      { "Kind", "kind", CL_COL_TEXT },
		{ "Requests", "requests", CL_COL_COUNT },     { "Octets", "octets", CL_COL_COUNT },
		{ "Resp.", "responses", CL_COL_COUNT },	      { "Octets", "answered_octets", CL_COL_COUNT },
		{ "Factor", "amplification", CL_COL_NUMBER },
	};
	size_t n;
	const struct cl_mode6_source *source = cl_mode6_sources(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Who asks", COLUMNS(columns));
	cl_table_empty(t, "No control messages.");
	for (size_t i = 0; i < n && i < s->options->top; i++, source++) {
		const struct cl_mode6_count both = cl_mode6_both(&source->mode6, &source->mode7);

		cl_cell_text(t, cl_session_name(s, &source->addr, text));
		cl_cell_text(t, cl_mode6_source_kind(source));
		cells_count(t, &both);
		cl_table_row_end(t);
	}
	cl_table_end(t);
	cl_tables_note(t, "An address that asks may be forged: then the answers hit it.");
}

struct asked_rows {
	struct cl_session *s;
	struct cl_tables *t;
};

static void row_asked(void *rows, const struct cl_mode6_asked *one)
{
	const struct asked_rows *r = rows;
	char text[CL_ADDR_STRLEN], number[8];

	cl_cell_text(r->t, cl_session_name(r->s, &one->source, text));
	cl_cell_count(r->t, one->mode);
	cl_cell_text(r->t, cl_mode6_operation_name(one->mode, one->opcode, number));
	cells_count(r->t, &one->n);
	cl_table_row_end(r->t);
}

static void table_asked(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Source", "source", CL_COL_TEXT },	       { "Mode", "mode", CL_COL_COUNT },
		{ "Operation", "operation", CL_COL_TEXT },     { "Requests", "requests", CL_COL_COUNT },
		{ "Octets", "octets", CL_COL_COUNT },	       { "Resp.", "responses", CL_COL_COUNT },
		{ "Octets", "answered_octets", CL_COL_COUNT }, { "Factor", "amplification", CL_COL_NUMBER },
	};
	struct asked_rows rows = { s, t };
	size_t n;
	const struct cl_mode6_source *source = cl_mode6_sources(s->kept, &n);

	cl_table_begin(t, "What they ask", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n && i < s->options->top; i++)
		cl_mode6_asked(s->kept, &source[i].addr, row_asked, &rows);
	cl_table_end(t);
}

static void table_operations(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	       { "Mode", "mode", CL_COL_COUNT },
		{ "Operation", "operation", CL_COL_TEXT },     { "Requests", "requests", CL_COL_COUNT },
		{ "Octets", "octets", CL_COL_COUNT },	       { "Resp.", "responses", CL_COL_COUNT },
		{ "Octets", "answered_octets", CL_COL_COUNT }, { "Factor", "amplification", CL_COL_NUMBER },
	};
	size_t n;
	const struct cl_mode6_operation *o = cl_mode6_operations(s->kept, &n);
	char text[CL_ADDR_STRLEN], number[8];

	cl_table_begin(t, "What servers are asked", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n; i++, o++) {
		cl_cell_text(t, cl_session_name(s, &o->server, text));
		cl_cell_count(t, o->mode);
		cl_cell_text(t, cl_mode6_operation_name(o->mode, o->opcode, number));
		cells_count(t, &o->n);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

/* What answers tell -------------------------------------------------------------- */

/* Right-aligned for people. */
static void cell_id(struct cl_session *s, struct cl_tables *t, uint16_t association)
{
	char text[8];

	snprintf(text, sizeof text, csv(s) ? "%u" : "%5u", (unsigned)association);
	cl_cell_text(t, text);
}

/* So many octets of a text, as the table has room for. */
static void cell_cut(struct cl_session *s, struct cl_tables *t, const char *octets, size_t length,
		     size_t room)
{
	char text[CL_MODE6_TEXT_MAX + 1];

	if (length >= sizeof text)
		length = sizeof text - 1;
	if (!csv(s) && length > room)
		length = room;
	memcpy(text, octets, length);
	text[length] = '\0';
	cl_cell_text(t, length > 0 ? text : NULL);
}

static void cells_status(struct cl_tables *t, enum cl_mode6_kind kind, uint16_t status)
{
	char hex[8], words[CL_MODE6_WORDS_MAX];

	snprintf(hex, sizeof hex, "%04x", (unsigned)status);
	cl_mode6_words(kind, status, words);
	cl_cell_text(t, hex);
	cl_cell_text(t, words);
}

static void table_associations(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	{ "   Id", "associd", CL_COL_TEXT },
		{ "Kind", "kind", CL_COL_TEXT },	{ "Of", "source", CL_COL_TEXT },
		{ "Changes", "changes", CL_COL_COUNT }, { "Status", "status", CL_COL_TEXT },
	};
	size_t n;
	const struct cl_mode6_association *a = cl_mode6_associations(s->kept, &n);
	char text[CL_ADDR_STRLEN], hex[8];

	cl_table_begin(t, "Associations", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n; i++, a++) {
		cl_cell_text(t, cl_session_name(s, &a->server, text));
		cell_id(s, t, a->association);
		cl_cell_text(t, cl_mode6_kind_names[a->kind]);
		cell_cut(s, t, a->text, strlen(a->text), 24);
		cl_cell_count(t, a->changes);
		snprintf(hex, sizeof hex, "%04x", (unsigned)a->status);
		cl_cell_text(t, a->has_status ? hex : NULL);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_events(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Time", "t", CL_COL_TIME },
		{ "   Id", "associd", CL_COL_TEXT },
		{ "Status", "status", CL_COL_TEXT },
		{ "Which says", "words", CL_COL_TEXT },
	};
	static const struct cl_column all_columns[] = {
		{ "Server", "server", CL_COL_TEXT }, { "Kind", "kind", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },	     { "   Id", "associd", CL_COL_TEXT },
		{ "Status", "status", CL_COL_TEXT }, { "Which says", "words", CL_COL_TEXT },
	};
	size_t n;
	const struct cl_mode6_event *e = cl_mode6_events(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	if (csv(s))
		cl_table_begin(t, "Status words", COLUMNS(all_columns));
	else
		cl_table_begin(t, "Status words, as they change", COLUMNS(columns));
	cl_table_empty(t, NULL);
	for (size_t i = 0; i < n; i++, e++) {
		const struct cl_mode6_association *a = cl_mode6_association(s->kept, e->association);

		if (csv(s)) {
			cl_cell_text(t, cl_session_name(s, &a->server, text));
			cl_cell_text(t, cl_mode6_kind_names[a->kind]);
		}
		cl_cell_time(t, e->time_ns);
		cell_id(s, t, a->association);
		cells_status(t, a->kind, e->status);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static void table_states(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT },	  { "   Id", "associd", CL_COL_TEXT },
		{ "State", "state", CL_COL_TEXT },	  { "Now", "current", CL_COL_TEXT },
		{ "For", "duration_s", CL_COL_DURATION }, { "Share", "share", CL_COL_SHARE },
	};
	size_t n;
	const struct cl_mode6_clock_state *c = cl_mode6_states(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	if (n == 0)
		return;
	cl_table_begin(t, "Reference clocks' states", COLUMNS(columns));
	for (size_t i = 0; i < n; i++, c++) {
		cl_cell_text(t, cl_session_name(s, &c->server, text));
		cell_id(s, t, c->association);
		cell_cut(s, t, c->name, c->name_length, 20);
		cl_cell_text(t, c->current ? "yes" : NULL);
		if (c->seconds < INT64_MAX / 1000000000)
			cl_cell_duration(t, c->seconds * 1000000000);
		else
			cl_cell_null(t);
		if (c->share >= 0)
			cl_cell_share(t, c->share);
		cl_table_row_end(t);
	}
	cl_table_end(t);
}

static bool is_zero(double v)
{
	return fpclassify(v) == FP_ZERO;
}

/* For people, the association alone: its server is in the table of associations. */
static void table_variables(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT }, { "   Id", "associd", CL_COL_TEXT },
		{ "Kind", "kind", CL_COL_TEXT },     { "Variable", "variable", CL_COL_TEXT },
		{ "n", "n", CL_COL_COUNT },	     { "First", "first", CL_COL_NUMBER },
		{ "Last", "last", CL_COL_NUMBER },   { "Min", "min", CL_COL_NUMBER },
		{ "Mean", "mean", CL_COL_NUMBER },   { "Max", "max", CL_COL_NUMBER },
	};
	size_t n;
	const struct cl_mode6_series *v = cl_mode6_series(s->kept, &n), *before = NULL;
	char text[CL_ADDR_STRLEN];
	const size_t hidden = csv(s) ? 0 : 1; /* the server is the title */

	char title[CL_ADDR_STRLEN + 32]; /* borrowed by the table */
	uint64_t zeros = 0;

	for (size_t i = 0; i < n; i++) {
		if (hidden > 0 && v[i].n > 0 && is_zero(v[i].min) && is_zero(v[i].max)) {
			zeros++;
			continue;
		}
		if (before == NULL || (hidden > 0 && cl_addr_cmp(&before->server, &v[i].server) != 0)) {
			if (before != NULL)
				cl_table_end(t);
			snprintf(title, sizeof title, "Variables of %.46s",
				 cl_session_name(s, &v[i].server, text));
			cl_table_begin(t, title, columns + hidden, sizeof columns / sizeof *columns - hidden);
		}
		if (hidden == 0)
			cl_cell_text(t, cl_session_name(s, &v[i].server, text));
		cell_id(s, t, v[i].association);
		cl_cell_text(t, cl_mode6_kind_names[v[i].kind]);
		cell_cut(s, t, v[i].name, v[i].name_length, NAME_WIDTH);
		cl_cell_count(t, v[i].n);
		cl_cell_number(t, v[i].first);
		cl_cell_number(t, v[i].last);
		cl_cell_number(t, v[i].min);
		cl_cell_number(t, v[i].sum / (double)v[i].n);
		cl_cell_number(t, v[i].max);
		cl_table_row_end(t);
		before = &v[i];
	}
	if (before != NULL)
		cl_table_end(t);
	if (zeros > 0) {
		char note[80];

		snprintf(note, sizeof note, "Left out: %llu that were 0 each time (CSV and JSON have them).",
			 (unsigned long long)zeros);
		cl_tables_note(t, note);
	}
}

static void table_series(struct cl_session *s, struct cl_tables *t)
{
	static const struct cl_column columns[] = {
		{ "Server", "server", CL_COL_TEXT }, { "   Id", "associd", CL_COL_TEXT },
		{ "Kind", "kind", CL_COL_TEXT },     { "Variable", "variable", CL_COL_TEXT },
		{ "Time", "t", CL_COL_TIME },	     { "Value", "value", CL_COL_NUMBER },
	};
	size_t n;
	const struct cl_mode6_series *v = cl_mode6_series(s->kept, &n);
	char text[CL_ADDR_STRLEN];

	cl_table_begin(t, "Series", COLUMNS(columns));
	for (size_t i = 0; i < n; i++)
		for (const struct cl_mode6_sample *one = cl_mode6_sample(s->kept, v[i].head); one != NULL;
		     one = cl_mode6_sample(s->kept, one->next)) {
			cl_cell_text(t, cl_session_name(s, &v[i].server, text));
			cell_id(s, t, v[i].association);
			cl_cell_text(t, cl_mode6_kind_names[v[i].kind]);
			cell_cut(s, t, v[i].name, v[i].name_length, NAME_WIDTH);
			cl_cell_time(t, one->time_ns);
			cl_cell_number(t, one->value);
			cl_table_row_end(t);
		}
	cl_table_end(t);
}

static void list_rest(struct cl_session *s, struct cl_tables *t)
{
	const struct cl_mode6_totals *all = cl_mode6_totals(s->kept);
	const struct cl_mode6_refused r = cl_mode6_refused(s->kept);

	cl_list_begin(t, "Answers with variables");
	cl_list_count(t, "whole", "whole", all->messages);
	cl_list_count(t, "  fragments of them", "fragments", all->fragments);
	cl_list_count(t, "incomplete", "incomplete", all->incomplete);
	cl_list_count(t, "fragments that came again", "duplicates", all->duplicates);
	if (r.packets > 0)
		cl_list_count(t, "packets beyond the limits", "packets", r.packets);
	if (r.associations > 0)
		cl_list_count(t, "associations beyond the limits", "associations", r.associations);
	if (r.events > 0)
		cl_list_count(t, "status words beyond the limits", "events", r.events);
	if (r.series + r.states > 0)
		cl_list_count(t, "values of variables beyond the limits", "series", r.series + r.states);
	if (r.samples > 0)
		cl_list_count(t, "values not in series", "samples", r.samples);
	cl_list_end(t);
}

void cl_mode6_tables(struct cl_session *s, struct cl_tables *t)
{
	if (s->kept == NULL) {
		cl_view_not_kept(t);
		return;
	}
	table_totals(s, t);
	table_sources(s, t);
	table_asked(s, t);
	table_operations(s, t);
	list_rest(s, t);
	table_associations(s, t);
	table_events(s, t);
	table_states(s, t);
	table_variables(s, t);
	if (csv(s))
		table_series(s, t);
	cl_tables_say(t,
		      "Only what is read over the network is seen; values are in the server's units (offsets "
		      "and delays of ntpd: ms, frequency: ppm). Series: --format json or csv.");
}

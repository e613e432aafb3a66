/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing exchanges: a row each, behind the current source's last one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/exchange/dnsname.h"
#include "stats/store/store_exchange.h"
#include "stats/store/store_live.h"

static struct cl_exchanges *exchanges(struct cl_store *s)
{
	if (s->exchanges == NULL && (s->exchanges = calloc(1, sizeof *s->exchanges)) == NULL)
		cl_store_fail(s, CL_ENOMEM);
	return s->exchanges;
}

/* Whether they are kept -------------------------------------------------------- */

bool cl_store_keeps_exchanges(struct cl_store *s)
{
	struct cl_exchanges *x = s->path != NULL ? exchanges(s) : NULL;

	if (x != NULL && !x->known) {
		struct cl_query *q =
			cl_query_new(s, "SELECT 1 FROM meta WHERE key = 'keep' AND value = 'transactions'");

		x->keeps = cl_query_row(q);
		x->known = true;
		cl_query_free(q);
	}
	return x != NULL && x->keeps;
}

bool cl_store_keep_exchanges(struct cl_store *s)
{
	if (cl_store_keeps_exchanges(s))
		return true;
	if (s->path == NULL)
		return false;
	struct cl_query *q = cl_query_new(s, "SELECT 1 FROM file");
	bool begun = cl_query_row(q);

	cl_query_free(q);
	if (begun || !cl_store_exec(s, "INSERT OR REPLACE INTO meta VALUES('keep', 'transactions')"))
		return false;
	s->exchanges->keeps = true;
	return true;
}

int64_t cl_store_file_base(struct cl_store *s)
{
	struct cl_exchanges *x = s->path != NULL ? exchanges(s) : NULL;

	if (x == NULL)
		return 0;
	if (!x->based) {
		struct cl_query *q = cl_query_new(s, "SELECT coalesce(max(file_id), 0) FROM file");

		x->file_base = cl_query_row(q) ? cl_query_i64(q, 0) : 0;
		x->based = true;
		cl_query_free(q);
	}
	return x->file_base;
}

/* Binding ---------------------------------------------------------------------- */

static const struct cl_addr no_addr;

static void bind_octets(sqlite3_stmt *st, int at, const void *octets, size_t n)
{
	if (n > 0)
		sqlite3_bind_blob64(st, at, octets, n, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, at);
}

/* An address of no packet, all zero, is null. */
static void bind_addr(sqlite3_stmt *st, int at, const struct cl_addr *a)
{
	bool v4 = cl_addr_is_v4(a);

	if (memcmp(a, &no_addr, sizeof *a) == 0)
		sqlite3_bind_null(st, at);
	else
		sqlite3_bind_blob(st, at, a->b + (v4 ? 12 : 0), v4 ? 4 : 16, SQLITE_STATIC);
}

static void bind_member(sqlite3_stmt *st, int at, const struct cl_column *c, const void *whole)
{
	const uint8_t *p = (const uint8_t *)whole + c->at;
	int64_t v;
	uint32_t u32;
	uint16_t u16;

	switch ((enum cl_column_type)c->type) {
	case CL_COLUMN_ADDR:
		bind_addr(st, at, (const struct cl_addr *)p);
		return;
	case CL_COLUMN_U32:
		memcpy(&u32, p, sizeof u32);
		v = u32;
		break;
	case CL_COLUMN_U16:
		memcpy(&u16, p, sizeof u16);
		v = u16;
		break;
	case CL_COLUMN_U8:
		v = *p;
		break;
	case CL_COLUMN_I8:
		v = (int8_t)*p;
		break;
	case CL_COLUMN_64:
	default:
		memcpy(&v, p, sizeof v);
		break;
	}
	sqlite3_bind_int64(st, at, v);
}

static void bind_fields(sqlite3_stmt *st, int at, const struct cl_note *n, uint8_t *out)
{
	size_t count = n->fields < CL_NOTE_FIELDS_MAX ? n->fields : CL_NOTE_FIELDS_MAX;

	for (size_t i = 0; i < count; i++) {
		out[4 * i] = (uint8_t)(n->field[i].type >> 8);
		out[4 * i + 1] = (uint8_t)n->field[i].type;
		out[4 * i + 2] = (uint8_t)(n->field[i].length >> 8);
		out[4 * i + 3] = (uint8_t)n->field[i].length;
	}
	bind_octets(st, at, out, 4 * count);
}

static int bind_note(sqlite3_stmt *st, int at, enum cl_exchange_kind kind, const struct cl_note *n,
		     uint8_t *list)
{
	for (size_t i = 0; i < cl_note_column_count; i++)
		if (cl_exchange_has(kind, cl_note_columns[i].group))
			bind_member(st, at++, &cl_note_columns[i], n);
	bind_fields(st, at++, n, list);
	for (unsigned i = 0, octet = 0; i < CL_PIECES; octet += n->piece_length[i], i++)
		if (cl_exchange_has(kind, cl_piece_columns[i].group))
			bind_octets(st, at++, n->data + octet, n->piece_length[i]);
	return at;
}

/* What is bound by reference, until the row is written. */
struct bound {
	struct cl_event event;
	uint8_t list[4 * CL_NOTE_FIELDS_MAX];
};

static int bind_message(sqlite3_stmt *st, int at, enum cl_exchange_kind kind, const struct cl_message *m,
			int64_t file_base, struct bound *b)
{
	static const struct cl_note nothing;

	b->event = *m->event;
	b->event.file = (uint32_t)(file_base + 1 + m->event->file);
	for (size_t i = 0; i < cl_event_column_count; i++)
		if (cl_exchange_has(kind, cl_event_columns[i].group))
			bind_member(st, at++, &cl_event_columns[i], &b->event);
	return bind_note(st, at, kind, m->note != NULL ? m->note : &nothing, b->list);
}

static void bind_name(sqlite3_stmt *st, int at, const struct cl_exchange *x)
{
	const struct cl_note *note = cl_exchange_first(x)->note;
	size_t n = 0;
	const uint8_t *wire = note != NULL ? cl_note_piece(note, CL_PIECE_QNAME, &n) : NULL;
	char text[CL_NAME_TEXT];

	if (wire != NULL && n <= CL_NAME_OCTETS)
		sqlite3_bind_text64(st, at, text, cl_name_text(wire, n, text), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Rows -------------------------------------------------------------------------- */

static sqlite3_stmt *insertion(struct cl_store *s, struct cl_exchanges *x, enum cl_exchange_kind kind)
{
	if (s->error[0] != '\0' || x->insert[kind] != NULL)
		return s->error[0] == '\0' ? x->insert[kind] : NULL;
	char *columns = cl_exchange_column_list(kind, false);
	sqlite3_str *text = sqlite3_str_new(s->db);

	sqlite3_str_appendf(text, "INSERT INTO %s(%s) VALUES(?", cl_exchange_tables[kind].name, columns);
	for (int i = 1; i < cl_exchange_column_number(kind); i++)
		sqlite3_str_appendall(text, ", ?");
	sqlite3_str_appendall(text, ")");
	sqlite3_free(columns);
	char *sql = sqlite3_str_finish(text);

	if (sql == NULL || columns == NULL)
		cl_store_fail(s, CL_ENOMEM);
	else if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &x->insert[kind], NULL) !=
		 SQLITE_OK)
		cl_store_fail_sqlite(s);
	sqlite3_free(sql);
	return x->insert[kind];
}

static int64_t last_number(struct cl_store *s)
{
	int64_t last = 0;

	for (unsigned kind = 0; kind < CL_X_KINDS; kind++) {
		char *sql = sqlite3_mprintf("SELECT max(exchange_id) FROM %s WHERE exchange_id BETWEEN ?1 * "
					    "%lld AND ?1 * %lld + %lld",
					    cl_exchange_tables[kind].name, CL_EXCHANGES_PER_SOURCE,
					    CL_EXCHANGES_PER_SOURCE, CL_EXCHANGES_PER_SOURCE - 1);
		struct cl_query *q = sql != NULL ? cl_query_new(s, sql) : NULL;

		if (cl_query_row(q) && !cl_query_null(q, 0) &&
		    cl_query_i64(q, 0) - s->source_id * CL_EXCHANGES_PER_SOURCE > last)
			last = cl_query_i64(q, 0) - s->source_id * CL_EXCHANGES_PER_SOURCE;
		cl_query_free(q);
		sqlite3_free(sql);
	}
	return last;
}

int64_t cl_exchange_last(struct cl_store *s)
{
	struct cl_exchanges *x = s->exchanges;

	if (!x->numbered) {
		x->last = x->safe = x->shown = last_number(s);
		x->numbered = true;
	}
	return x->last;
}

static void bind_head(sqlite3_stmt *st, const struct cl_store *s, int64_t number)
{
	sqlite3_bind_int64(st, 1, s->source_id * CL_EXCHANGES_PER_SOURCE + number);
	sqlite3_bind_int64(st, 2, s->source_id);
	sqlite3_bind_int64(st, 3, number);
}

static int bind_pair(sqlite3_stmt *st, int at, const struct cl_exchange *x)
{
	sqlite3_bind_int64(st, at++, x->fortune);
	sqlite3_bind_int64(st, at++, x->interleaved);
	sqlite3_bind_int64(st, at++, x->guessed);
	sqlite3_bind_int64(st, at++, x->delta_ns);
	sqlite3_bind_int64(st, at++, x->delta_first_ns);
	return at;
}

/* Parameters that are not bound are null: a side that is not there. */
static int skip_message(enum cl_exchange_kind kind, int at)
{
	return at + (cl_exchange_column_number(kind) - at + 1) / 2;
}

static void write_row(struct cl_store *s, sqlite3_stmt *st, const struct cl_exchange *x, int64_t number)
{
	const struct cl_exchange_table *t = &cl_exchange_tables[x->kind];
	int64_t base = s->exchanges->file_base;
	struct bound request, response;
	int at = 4;

	sqlite3_clear_bindings(st);
	bind_head(st, s, number);
	if (t->pair)
		at = bind_pair(st, at, x);
	if (t->named)
		bind_name(st, at++, x);
	at = x->request.event != NULL ? bind_message(st, at, x->kind, &x->request, base, &request)
				      : skip_message(x->kind, at);
	if (t->pair && x->response.event != NULL)
		bind_message(st, at, x->kind, &x->response, base, &response);
	if (sqlite3_step(st) != SQLITE_DONE)
		cl_store_fail_sqlite(s);
	sqlite3_reset(st);
}

void cl_exchange_write(struct cl_store *s, const struct cl_exchange *x, int64_t number)
{
	sqlite3_stmt *st = insertion(s, s->exchanges, x->kind);

	if (st != NULL)
		write_row(s, st, x, number);
}

void cl_store_exchange(struct cl_store *s, const struct cl_exchange *x)
{
	if (s->error[0] != '\0' || !cl_store_keeps_exchanges(s))
		return;
	struct cl_exchanges *e = s->exchanges;

	(void)cl_store_file_base(s);
	if (cl_exchange_last(s) >= CL_EXCHANGES_PER_SOURCE - 1) {
		cl_store_fail(s, CL_ELIMIT);
		return;
	}
	if (cl_store_waits(s))
		cl_backlog_exchange(&s->live->backlog, x, ++e->last);
	else if (s->live != NULL)
		cl_exchange_write(s, x, ++e->shown);
	else
		cl_exchange_write(s, x, ++e->last);
}

/* As things stand ---------------------------------------------------------------- */

void cl_exchanges_begin(struct cl_store *s)
{
	struct cl_exchanges *x = s->exchanges;
	int64_t base = s->source_id * CL_EXCHANGES_PER_SOURCE;

	if (x == NULL || !x->keeps)
		return;
	for (unsigned kind = 0; kind < CL_X_KINDS; kind++) {
		char *sql = sqlite3_mprintf("DELETE FROM %s WHERE exchange_id BETWEEN %lld AND %lld",
					    cl_exchange_tables[kind].name, base + x->safe + 1,
					    base + CL_EXCHANGES_PER_SOURCE - 1);

		if (sql == NULL)
			cl_store_fail(s, CL_ENOMEM);
		else
			(void)cl_store_exec(s, sql);
		sqlite3_free(sql);
	}
}

void cl_exchanges_shown(struct cl_exchanges *x)
{
	if (x != NULL)
		x->shown = x->last;
}

void cl_exchanges_played(struct cl_exchanges *x)
{
	if (x != NULL && x->played > x->safe)
		x->safe = x->played;
}

void cl_exchanges_kept(struct cl_exchanges *x)
{
	if (x != NULL)
		x->safe = x->last;
}

/* The end ------------------------------------------------------------------------ */

void cl_exchanges_end(struct cl_exchanges *x)
{
	for (unsigned i = 0; x != NULL && i < CL_X_KINDS; i++) {
		sqlite3_finalize(x->insert[i]);
		x->insert[i] = NULL;
	}
}

void cl_exchanges_free(struct cl_exchanges *x)
{
	cl_exchanges_end(x);
	for (size_t i = 0; x != NULL && i < x->file_count; i++)
		free(x->files[i].path);
	if (x != NULL)
		free(x->files);
	free(x);
}
